"""The command line: what needs no database. Whole walks are in tests/story."""

from __future__ import annotations

import errno
import logging
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
import sqlalchemy.exc
import typer
from typer.main import get_command

from gazetteer import cluster
from gazetteer.errors import ClusterError, DatabaseUnavailable, SourceError
from geo import cli, exits
from geo.errors import BadArticle, Busy, CannotCreate, ConfigurationError, InputMissing, InputOutputError
from maps.errors import PublishBusy, PublishFailed, PublishRefused

ROOT = Path(__file__).parents[2]
DOCUMENT = ROOT / "docs" / "command-line.md"
MARK = "<!-- made from --help by tests/geo/test_cli.py; UPDATE_DOCS=1 writes it anew -->\n"


def commands() -> Iterator[tuple[str, ...]]:
    def walk(command: object, path: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
        for name, inner in getattr(command, "commands", {}).items():
            yield (*path, name)
            yield from walk(inner, (*path, name))

    yield ()
    yield from walk(get_command(cli.app), ())


def help_of(command: tuple[str, ...], capsys: pytest.CaptureFixture[str]) -> str:
    assert cli.main([*command, "--help"]) == 0
    return capsys.readouterr().out


# --- help and document ---


@pytest.mark.parametrize("command", list(commands()), ids=" ".join)
def test_every_command_teaches_by_example(command: tuple[str, ...], capsys: pytest.CaptureFixture[str]) -> None:
    told = help_of(command, capsys)
    if command in {("gazetteer",), ("schedule",), ("config",), ("cluster",)}:
        return
    examples = [line for line in told.splitlines() if "incident-map " in line and not line.startswith("Usage:")]
    assert any(" ".join(("incident-map", *command)) in line for line in examples)


def test_the_document_says_what_the_help_says(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "100")
    parts = []
    for command in commands():
        title = " ".join(("incident-map", *command))
        parts.append(f"### `{title}`\n\n```text\n{help_of(command, capsys)}```\n")
    made = "\n" + "\n".join(parts)
    head, _, stands = DOCUMENT.read_text(encoding="utf-8").partition(MARK)
    if os.environ.get("UPDATE_DOCS"):
        DOCUMENT.write_text(head + MARK + made, encoding="utf-8")
        return
    assert stands == made, "run UPDATE_DOCS=1 pytest tests/geo/test_cli.py"


def test_the_document_lists_every_exit_code() -> None:
    table = DOCUMENT.read_text(encoding="utf-8")
    for code in (0, 3, 64, 65, 66, 69, 70, 73, 74, 75, 78):
        assert re.search(rf"^\| {code} \|", table, re.MULTILINE), code


def test_help_needs_nothing_heavy() -> None:
    code = (
        "import sys; from geo import cli; cli.main(['--help'])\n"
        "heavy = {'sqlalchemy', 'shapely', 'folium', 'geopandas', 'pandas', 'psycopg', 'pydantic', 'trafilatura'}\n"
        "sys.exit(repr(heavy & sys.modules.keys()) if heavy & sys.modules.keys() else 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=False)
    assert done.returncode == 0, done.stderr


def test_extract_loads_no_map_making() -> None:
    code = (
        "import sys; from geo import pipeline, publish\n"
        "heavy = {'folium', 'geopandas', 'pandas', 'branca', 'trafilatura', 'alembic', 'maps.site'}\n"
        "sys.exit(repr(heavy & sys.modules.keys()) if heavy & sys.modules.keys() else 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=False)
    assert done.returncode == 0, done.stderr


# --- calls that make no sense ---


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["--bogus"], 64, "No such option: --bogus"),
        (["frobnicate"], 64, "frobnicate"),
        (["explain"], 64, "ARTICLE"),
        (["gazetteer", "near", "91", "0"], 64, "latitude 91"),
        (["gazetteer", "near", "36.19"], 64, "latitude and longitude"),
        (["gazetteer", "near", "36.19", "north"], 64, "latitude and longitude"),
        (["gazetteer", "near", "nan", "0"], 64, "latitude nan"),
        (["gazetteer", "near", "36.19", "44", "--limti", "3"], 64, "--limti"),
        (["gazetteer", "search", "Paris", "--country", "USA"], 64, "USA"),
        (["run", "no/such/folder"], 66, "no/such/folder"),
        (["extract", "no-such-file.jsonl"], 66, "no-such-file.jsonl"),
        (["extract", "."], 66, "is a folder"),
        (["--config", "no-such.toml", "config", "show"], 78, "no-such.toml"),
        (["--database", "mysql://host/db", "status"], 78, "database"),
    ],
)
def test_a_wrong_call_gets_a_sentence_a_hint_and_its_code(
    words: list[str], code: int, said: str, capsys: pytest.CaptureFixture[str], tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.chdir(tmp_path)
    assert cli.main(words) == code
    shown = capsys.readouterr()
    assert shown.out == ""
    assert shown.err.startswith("error: ")
    assert said in shown.err
    assert "Traceback" not in shown.err


@pytest.mark.parametrize("words", [["-33.87", "151.21"], ["-33.87,151.21"], ["-33.87,", "151.21"], ["-33.87 151.21"]])
def test_a_point_is_taken_as_it_is_pasted(words: list[str]) -> None:
    assert cli._latitude_and_longitude(words) == (-33.87, 151.21)


def test_no_words_at_all_get_the_help(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main([]) == 0
    assert capsys.readouterr().out.startswith("Usage: incident-map")


def test_a_run_without_articles_says_what_to_name(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert cli.main(["run"]) == 64
    assert "incident-map.toml" in capsys.readouterr().err


def test_global_options_may_stand_anywhere() -> None:
    words = ["run", "--site", "out", "folder", "--home=h", "-q", "--force", "--", "--site", "-v"]
    assert cli.hoisted(words) == (
        ["--site", "out", "--home=h", "-q"],
        ["run", "folder", "--force", "--", "--site", "-v"],
    )


def test_a_global_option_without_value_is_a_wrong_call(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["run", "--site"]) == 64
    assert "--site" in capsys.readouterr().err


def test_settings_show_where_they_come_from_and_no_password(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("INCIDENT_MAP_DATABASE", "postgresql://me:s3cret@host/db")
    assert cli.main(["config", "show", "--site", "elsewhere"]) == 0
    shown = capsys.readouterr().out
    assert "elsewhere  (flag --site)" in shown
    assert "environment INCIDENT_MAP_DATABASE" in shown
    assert "s3cret" not in shown


# --- errors become exit codes ---


def driver_error(kind: type[psycopg.Error], said: str) -> sqlalchemy.exc.OperationalError:
    return sqlalchemy.exc.OperationalError("SELECT 1", {}, kind(said))


def caused(error: Exception, cause: Exception) -> Exception:
    error.__cause__ = cause
    return error


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (BadArticle("x"), 65),
        (InputMissing("x"), 66),
        (CannotCreate("x"), 73),
        (InputOutputError("x"), 74),
        (Busy("x"), 75),
        (ConfigurationError("x"), 78),
        (DatabaseUnavailable("x"), 69),
        (ClusterError("x"), 69),
        (caused(ClusterError("x"), OSError(errno.ENOSPC, "No space left on device")), 74),
        (caused(ClusterError("x"), PermissionError(errno.EACCES, "Permission denied")), 73),
        (caused(DatabaseUnavailable("x"), psycopg.errors.DiskFull("could not extend file")), 74),
        (SourceError("x"), 65),
        (PublishBusy("x"), 75),
        (PublishRefused("x"), 65),
        (PublishFailed("x"), 74),
        (OSError(errno.ENOSPC, "No space left on device", "/x"), 74),
        (OSError(errno.EIO, "Input/output error", "/x"), 74),
        (PermissionError(errno.EACCES, "Permission denied", "/x"), 73),
        (OSError(errno.EROFS, "Read-only file system", "/x"), 73),
        (driver_error(psycopg.OperationalError, "server closed the connection"), 69),
        (driver_error(psycopg.errors.DiskFull, "could not extend file"), 74),
        (sqlalchemy.exc.ProgrammingError("x", {}, psycopg.errors.UndefinedTable("no such table")), 70),
        (MemoryError(), 70),
        (KeyboardInterrupt(), 130),
        (typer.Abort(), 130),
        (exits.Terminated(), 143),
        (RuntimeError("a bug"), 70),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, BaseException) else str(value),
)
def test_every_error_has_its_code(error: BaseException, code: int) -> None:
    found, message, _ = cli.verdict(error)
    assert found == code
    assert message


def test_values_of_rows_stay_out_of_database_messages() -> None:
    said = 'duplicate key value violates unique constraint "x"\nDETAIL:  Key (url)=(https://secret) already exists.'
    error = sqlalchemy.exc.IntegrityError("INSERT", {}, psycopg.errors.UniqueViolation(said))
    assert "secret" not in "".join(map(str, cli.verdict(error)))


def test_text_from_outside_cannot_steer_the_terminal() -> None:
    assert cli._plain("a\x1b[31mb\u202ec\ud800d\te") == "a\ufffd[31mb\ufffdc\ufffdd\te"


def test_passwords_stay_out_of_the_log(capsys: pytest.CaptureFixture[str]) -> None:
    cli._set_up_logging(False, 2)
    try:
        logging.getLogger("geo.test").warning("cannot reach %s", "postgresql://me:s3cret@host/db")
    finally:
        logging.getLogger().handlers.clear()
    shown = capsys.readouterr().err
    assert "me:***@host" in shown
    assert "s3cret" not in shown


def test_a_closed_pipe_is_no_error() -> None:
    code = "import sys; from geo import cli; sys.exit(cli.main(['--help']))"
    reading, writing = os.pipe()
    os.close(reading)
    done = subprocess.run(
        [sys.executable, "-c", code], stdout=writing, stderr=subprocess.PIPE, text=True, cwd=ROOT, check=False
    )
    os.close(writing)
    assert done.returncode == 141
    assert done.stderr == ""


def test_ctrl_c_is_said_in_a_sentence(tmp_path: Path) -> None:
    child = subprocess.Popen(
        [sys.executable, "-m", "geo", "--home", tmp_path / "home", "run", tmp_path],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=ROOT, start_new_session=True,
    )  # fmt: skip
    end = time.monotonic() + 20
    while not (tmp_path / "home" / "run.lock").exists() and time.monotonic() < end:
        time.sleep(0.01)
    os.killpg(child.pid, signal.SIGINT)
    shown, said = child.communicate(timeout=30)
    assert child.returncode == 130
    assert said.startswith("error: interrupted\n")
    assert shown == ""
    cluster.remove(tmp_path / "home")


def test_rich_markup_in_articles_is_only_text(capsys: pytest.CaptureFixture[str]) -> None:
    from geo.pipeline import Outcome

    row = ("[bold]x[/bold]", "2024", "[link=file:///etc]y[/link]", "p", "", "1")
    outcome = Outcome(incidents=1, rows=(row,), set_aside=("[red]bad[/red]: no",), changed=True)
    cli._report(cli.Call(None, None, None, None, False, 0), outcome)
    shown = capsys.readouterr().err
    assert "[bold]x[/bold]" in shown
    assert "[link=file:///etc]y[/link]" in shown
    assert "[red]bad[/red]" in shown
