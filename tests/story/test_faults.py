"""What a scheduled run must survive: kills, two at once, no database, no permission, a full disk."""

from __future__ import annotations

import fcntl
import importlib
import os
import random
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, text

from gazetteer import database as databases
from geo import store
from maps import publish as publishing

KILLS = 30


def wait(child: int) -> int:
    """Exit code of a child; minus the signal that ended it."""
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def one_run(program: Any, after_s: float | None = None) -> tuple[int, float]:
    """A run in a child, killed after so many seconds; (exit code or -9, how long it took)."""
    began = time.monotonic()
    child = program.forked(lambda: None, "run", program.articles)
    if after_s is not None:
        time.sleep(after_s)
        os.kill(child, signal.SIGKILL)
    return wait(child), time.monotonic() - began


def test_a_run_killed_at_any_moment_leaves_a_whole_site_and_loses_nothing(
    program: Any, loaded_template: str, server: Any, tmp_path: Path
) -> None:
    importlib.import_module("maps.site")  # loaded here, so that the children spend their time on the run itself
    program.write("0.jsonl", program.article(0))
    code, usual = one_run(program)
    assert code == 0
    dice = random.Random(20240305)
    killed, number, generations, seen = 0, 0, set(), set(program.incidents())
    while killed < KILLS and number < 4 * KILLS:
        number += 1
        program.write(f"{number}.jsonl", program.article(number))
        code, took = one_run(program, dice.uniform(0.0, 1.2 * usual))
        assert code in (-signal.SIGKILL, 0)
        killed += code != 0
        usual = took if code == 0 else usual
        shown = publishing.current(program.site)
        assert shown is not None
        assert publishing.check(program.site) == []
        assert len(program.incidents()) == shown.incidents
        generations.add(shown.generation)
        seen |= set(program.incidents())
    assert killed == KILLS, "the kills came too late to test anything"
    assert len(generations) >= 3, "too few runs came through in between"
    assert one_run(program)[0] == 0
    assert not list(program.site.parent.glob(".site-generations/.tmp-*"))

    # the same articles in one go, elsewhere: the same incidents, no report lost or doubled
    with server.clone(loaded_template) as url:
        clean = type(program)(url, tmp_path / "clean", program.capsys)
        (_made(clean.folder) / "articles").symlink_to(program.articles)
        assert one_run(clean)[0] == 0
        assert _reports(program.database) == _reports(url)
        assert {tuple(one["article_ids"]) for one in clean.incidents().values()} == {
            tuple(one["article_ids"]) for one in program.incidents().values()
        }
    engine = databases.engine(program.database)
    with engine.connect() as conn:
        assert store.faults(conn) == []
        gone = {row[0] for row in store.tombstones(conn)}
        outcomes = [row["outcome"] for row in store.runs(conn, 100)]
    engine.dispose()
    assert seen <= set(program.incidents()) | gone, "an id that was published once is never just forgotten"
    assert "killed" in outcomes
    assert "running" not in outcomes


def _made(folder: Path) -> Path:
    folder.mkdir(parents=True)
    return folder


def _reports(database: str) -> list[tuple[str, str]]:
    engine = databases.engine(database)
    with engine.connect() as conn:
        found = [(told.key, told.article_id) for told in store.reports(conn)]
    engine.dispose()
    return found


def test_a_terminated_run_says_so_and_leaves_no_lock(program: Any, five: Any, stored: Engine) -> None:
    def slowly() -> None:
        from geo import reading

        honest = reading.read
        reading.read = lambda *given: (time.sleep(30), honest(*given))[1]

    child = program.forked(slowly, "run", program.articles)
    _until(lambda: _outcomes(stored)[:1] == ["running"])
    os.kill(child, signal.SIGTERM)
    assert wait(child) == 143
    assert _outcomes(stored) == ["failed"]
    assert program("run", program.articles)[0] == 0


def test_the_second_of_two_runs_leaves_at_once_and_touches_nothing(program: Any, five: Any, stored: Engine) -> None:
    program("run", program.articles)
    before, runs = program.tree(), _outcomes(stored)
    program.write("six.jsonl", program.article(5))
    with store.run_lock(stored):
        began = time.monotonic()
        code, _, said = program("run", program.articles)
        assert time.monotonic() - began < 2
    assert code == 75
    assert "error: " in said
    assert program.tree() == before
    assert _outcomes(stored) == runs
    assert program("run", program.articles)[0] == 0


def test_runs_of_one_data_folder_exclude_each_other_before_the_server_starts(tmp_path: Path, program: Any) -> None:
    home = _made(tmp_path / "own")
    lock = os.open(home / "run.lock", os.O_RDWR | os.O_CREAT)
    fcntl.flock(lock, fcntl.LOCK_EX)
    program.write("one.jsonl", program.article(0))
    try:
        from geo import cli

        program.capsys.readouterr()
        assert cli.main(["--home", str(home), "--site", str(program.site), "run", str(program.articles)]) == 75
        assert "error: Another run" in program.capsys.readouterr().err
        assert [path.name for path in home.iterdir()] == ["run.lock"]
    finally:
        os.close(lock)


def _outcomes(engine: Engine) -> list[str]:
    with engine.connect() as conn:
        return [row["outcome"] for row in store.runs(conn, 100)]


def _until(condition: Any, seconds: float = 20) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not come to that"
        time.sleep(0.02)


@pytest.mark.parametrize(
    "address",
    [
        "postgresql://me:s3cret@127.0.0.1:1/nowhere",
        "postgresql:///nowhere?host=/nonexistent",
    ],
)
def test_an_unreachable_database_is_said_in_a_sentence_without_the_password(
    program: Any, five: Any, address: str
) -> None:
    for words in (["run", str(program.articles)], ["status"], ["extract", str(program.articles / "five.jsonl")]):
        program.database = address
        code, shown, said = program(*words)
        assert code == 69
        assert shown == ""
        assert said.startswith("error: ")
        assert "hint: " in said
        assert "s3cret" not in said
        assert "Traceback" not in said
    assert not program.site.exists()


def test_a_database_that_goes_away_in_the_middle_loses_nothing(program: Any, five: Any, stored: Engine) -> None:
    from geo import reading

    honest = reading.read

    def cut(conn: Any, articles: Any, spans: Any = None) -> Any:
        with stored.begin() as other:
            other.execute(
                text("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()"
                     " AND datname = current_database()")
            )  # fmt: skip
        return honest(conn, articles, spans)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(reading, "read", cut)
        code, _, said = program("run", program.articles)
    assert code == 69, said
    assert program("run", program.articles)[0] == 0
    assert {key for one in program.incidents().values() for key in one["article_ids"]} == {one["id"] for one in five}


@contextmanager
def _small_disk(folder: Path) -> Iterator[None]:
    """A small disk of its own. Permissions do not bind root; a mount that is read-only, or full, does."""
    _made(folder)
    if os.geteuid() != 0 or subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=6m,mode=755", "tmpfs", folder], capture_output=True, check=False
    ).returncode:  # fmt: skip
        pytest.skip("mounting a small disk needs root")
    try:
        yield
    finally:
        subprocess.run(["umount", folder], check=True)


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A folder on a small disk."""
    with _small_disk(tmp_path / "disk"):
        yield tmp_path / "disk"


def test_a_full_disk_keeps_the_old_site_and_says_so(program: Any, five: Any, disk: Path) -> None:
    program.folder = disk
    (disk / "articles").symlink_to(_articles_elsewhere(program, five))
    assert program("run", program.articles)[0] == 0
    before = program.tree()
    program.write("more.jsonl", *(program.article(number) for number in range(5, 12)))
    with pytest.raises(OSError, match="No space left"), (disk / "ballast").open("wb", buffering=0) as ballast:
        while True:
            ballast.write(b"x" * 4096)
    code, _, said = program("run", program.articles)
    assert code == 74, said
    assert "hint: " in said
    assert program.tree() == before
    assert publishing.check(program.site) == []
    (disk / "ballast").unlink()
    assert program("run", program.articles)[0] == 0
    assert program.incidents_of("story-11")


def _articles_elsewhere(program: Any, five: Any) -> Path:
    folder = _made(program.folder.parent / "articles-elsewhere")
    keep, program.folder = program.folder, folder
    program.write("five.jsonl", *five)
    program.folder = keep
    return folder / "articles"


@pytest.fixture
def reachable() -> Iterator[Path]:
    """A data folder that the account of the server can reach, unlike those below pytest's own folders."""
    from gazetteer import cluster

    folder = Path(tempfile.mkdtemp(prefix="incident-map-tests-"))
    folder.chmod(0o755)
    yield folder / "home"
    cluster.remove(folder / "home")
    shutil.rmtree(folder)


def test_a_disk_too_small_for_the_private_server_is_said_to_be_full(
    reachable: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from geo import cli

    home = reachable
    with _small_disk(home):
        assert cli.main(["--home", str(home), "gazetteer", "status"]) == 74
        said = capsys.readouterr().err
        assert said.startswith("error: There is no room left on the disk")
        assert "hint: " in said
        assert not list(home.rglob("data.new"))


def test_a_folder_that_may_not_be_written_is_said_to_be(program: Any, five: Any, disk: Path) -> None:
    articles = program.articles
    subprocess.run(["mount", "-o", "remount,ro", disk], check=True)
    program.folder = disk
    code, _, said = program("run", articles)
    assert code == 73, said
    assert str(disk) in said
    assert "Traceback" not in said


def test_a_data_folder_that_cannot_be_made_is_said_to_be(tmp_path: Path, program: Any) -> None:
    from geo import cli

    program.write("one.jsonl", program.article(0))
    (tmp_path / "file").write_text("in the way")
    program.capsys.readouterr()
    code = cli.main(["--home", str(tmp_path / "file"), "--site", str(program.site), "run", str(program.articles)])
    assert code == 73
    assert str(tmp_path / "file") in program.capsys.readouterr().err


def test_a_site_that_is_somebody_elses_folder_is_left_alone(program: Any, five: Any) -> None:
    program.site.mkdir()
    (program.site / "thesis.txt").write_text("three years of work")
    code, _, said = program("run", program.articles)
    assert code in (65, 73), said
    assert (program.site / "thesis.txt").read_text() == "three years of work"


def test_a_fresh_data_folder_gets_a_server_and_tables(reachable: Path, capsys: pytest.CaptureFixture[str]) -> None:
    from geo import cli

    home = reachable
    assert cli.main(["--home", str(home), "gazetteer", "status"]) == 65, "an empty gazetteer is not healthy"
    shown = capsys.readouterr().out
    assert "BAD " in shown
    assert "hint: " in shown
    assert cli.main(["--home", str(home), "cluster", "stop"]) == 0
    assert cli.main(["--home", str(home), "cluster", "remove"]) == 64, "not without being asked twice"
    assert (home / "postgres" / "data").exists()
    assert cli.main(["--home", str(home), "cluster", "remove", "--yes"]) == 0
    assert not (home / "postgres").exists()
