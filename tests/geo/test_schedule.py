"""What `schedule` prints: judged by systemd itself and by a real shell, with names that want to break out."""

from __future__ import annotations

import configparser
import os
import re
import shlex
import shutil
import subprocess
from pathlib import Path

import pytest

from gazetteer import cluster
from geo import schedule
from geo.settings import Settings, load

NASTY = """a b %u 100% $HOME ;x 'q' "d" \\ é"""


@pytest.fixture(autouse=True)
def _empty_world(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in [name for name in os.environ if name.startswith("INCIDENT_MAP_")]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def program(tmp_path: Path) -> Path:
    """A program in a folder with a nasty name, that writes its arguments down."""
    folder = tmp_path / NASTY
    folder.mkdir()
    path = folder / "program"
    path.write_text(f"#!/bin/sh\nprintf '%s\\n' \"$@\" >{shlex.quote(str(tmp_path / 'said'))}\n")
    path.chmod(0o755)
    return path


def settings(folder: Path) -> Settings:
    return load(home=folder / NASTY / "home", site=folder / NASTY / "site", articles=[folder / NASTY])


def values(unit: str) -> dict[str, str]:
    parser = configparser.ConfigParser(interpolation=None, delimiters="=", comment_prefixes="#")
    parser.optionxform = str  # type: ignore[assignment, method-assign]
    parser.read_string(unit)
    return {key: value for section in parser.sections() for key, value in parser[section].items()}


def verify(*units: Path) -> subprocess.CompletedProcess[str]:
    if shutil.which("systemd-analyze") is None:
        pytest.skip("systemd-analyze is not installed (package systemd)")
    call = ["systemd-analyze", "verify", "--man=no", *(str(unit) for unit in units)]
    return subprocess.run(call, capture_output=True, text=True, timeout=60, check=False)


def test_the_printed_units_pass_the_verification_of_systemd(tmp_path: Path, program: Path) -> None:
    service, timer = tmp_path / "incident-map.service", tmp_path / "incident-map.timer"
    service.write_text(schedule.service(settings(tmp_path), [str(program), "run", NASTY]))
    timer.write_text(schedule.timer())

    done = verify(service, timer)

    assert done.returncode == 0, done.stderr
    assert done.stderr == ""


def test_both_units_in_one_file_can_be_verified_as_printed(tmp_path: Path) -> None:
    unit = tmp_path / "printed.service"
    unit.write_text(schedule.systemd(settings(tmp_path)))

    assert verify(unit).returncode == 0


def test_the_verification_would_notice_a_program_name_that_is_not_escaped(tmp_path: Path) -> None:
    folder = tmp_path / "a b %u"
    folder.mkdir()
    program = folder / "program"
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    good = schedule.service(settings(tmp_path), [str(program)])
    unit = tmp_path / "incident-map.service"

    unit.write_text(good)
    assert verify(unit).returncode == 0

    unit.write_text(good.replace("%%", "%"))
    assert verify(unit).returncode != 0


def test_the_service_is_caged_and_knows_the_exit_codes(tmp_path: Path) -> None:
    chosen = load(home=tmp_path / "home", site=tmp_path / "www" / "site", database="postgresql://host/name")
    found = values(schedule.service(chosen, ["/bin/true"]))

    assert found["Type"] == "oneshot"
    assert found["ProtectSystem"] == "strict"
    assert found["NoNewPrivileges"] == "true"
    assert "3" in found["SuccessExitStatus"].split()
    assert found["MemoryMax"]
    assert found["TimeoutStartSec"]
    # the site is a link that is swapped: its folder must be writable, not only what it points to
    assert found["ReadWritePaths"] == f"{tmp_path}/home {tmp_path}/www /tmp"


def test_the_service_may_write_where_the_private_server_lies(tmp_path: Path) -> None:
    home = tmp_path / "home"
    for folder in (home, home / ("long " * 30)):
        unit = schedule.service(load(home=folder, site=tmp_path / "www" / "site"), ["/bin/true"])
        writable = [Path(one) for one in shlex.split(values(unit)["ReadWritePaths"])]
        for needed in cluster.folders(folder):
            assert any(needed.is_relative_to(one) for one in writable), (needed, writable)


def test_the_timer_runs_every_quarter_of_an_hour_and_makes_up_for_lost_time() -> None:
    found = values(schedule.timer())

    assert found["OnCalendar"] == "*:0/15"
    assert found["Persistent"] == "true"
    assert found["RandomizedDelaySec"]
    assert found["WantedBy"] == "timers.target"


def test_names_are_escaped_by_the_rules_of_systemd(tmp_path: Path) -> None:
    home = tmp_path / NASTY

    chosen = load(home=home, site=tmp_path / "site", database="postgresql://host/name")
    found = values(schedule.service(chosen, ["/bin/echo", NASTY, "plain", ""]))

    escaped = """"a b %%u 100%% $HOME ;x 'q' \\"d\\" \\\\ é\""""
    assert found["ExecStart"] == f'/bin/echo {escaped.replace("$", "$$")} plain ""'
    assert found["ReadWritePaths"] == f'"{tmp_path}/{escaped[1:]} {tmp_path} /tmp'


def test_a_line_end_in_a_name_starts_no_new_setting(tmp_path: Path) -> None:
    evil = tmp_path / "x\nExecStartPost=/bin/evil\ny"

    text = schedule.systemd(load(home=evil, site=evil / "site", articles=[evil]), user="a\nb")

    assert not re.search("^(ExecStartPost|y|b)", text, re.M)
    assert len([line for line in schedule.cron(load(home=evil, site=evil)).splitlines() if line[:1] != "#"]) == 1


def test_the_call_has_absolute_paths_and_the_settings_file(tmp_path: Path) -> None:
    (tmp_path / "my.toml").write_text('site = "www/site"\narticles = ["news", "-odd"]\n')

    call = schedule.run_command(load(config=Path("my.toml"), home=Path("data")))

    at = call.index("--config")
    assert Path(call[0]).is_absolute()
    assert call[at:] == (
        *("--config", f"{tmp_path}/my.toml", "--home", f"{tmp_path}/data", "--site", f"{tmp_path}/www/site"),
        *("--quiet", "run", "--", f"{tmp_path}/news", f"{tmp_path}/-odd"),
    )


@pytest.mark.parametrize("printed", [schedule.systemd, schedule.cron])
def test_the_password_of_the_database_is_not_printed(printed: object) -> None:
    assert callable(printed)

    text = printed(load(database="postgresql://analyst:s3cr3t@db.example/incidents"))

    assert "s3cr3t" not in text
    assert "INCIDENT_MAP_DATABASE" in text


@pytest.mark.parametrize("printed", [schedule.systemd, schedule.cron])
def test_a_timer_without_articles_says_so(printed: object) -> None:
    assert callable(printed)

    assert "No articles are named yet" in printed(load())
    assert "No articles are named yet" not in printed(load(articles=["news"]))


# --- cron -------------------------------------------------------------------------------------------------------------


def job(crontab: str) -> str:
    """The command as cron would hand it to the shell: up to the first bare %, and \\% taken as %."""
    (line,) = (line for line in crontab.splitlines() if not line.startswith("#"))
    assert line.startswith("*/15 * * * * ")
    command = re.split(r"(?<!\\)%", line.removeprefix("*/15 * * * * "))[0]
    return command.replace(r"\%", "%")


def test_the_crontab_line_calls_the_program_with_exactly_these_words(tmp_path: Path, program: Path) -> None:
    crontab = schedule.cron(settings(tmp_path), [str(program), NASTY, "run"])

    subprocess.run(["/bin/sh", "-c", job(crontab)], check=True, timeout=30)

    assert (tmp_path / "said").read_text() == f"{NASTY}\nrun\n"
    assert (tmp_path / NASTY / "home" / "timer.lock").exists()


def test_a_second_run_of_cron_leaves_at_once(tmp_path: Path, program: Path) -> None:
    crontab = schedule.cron(settings(tmp_path), [str(program), "run"])
    home = tmp_path / NASTY / "home"
    home.mkdir()

    with subprocess.Popen(
        ["flock", str(home / "timer.lock"), "sh", "-c", "echo held; read _"], stdin=-1, stdout=-1
    ) as one:
        assert one.stdout is not None
        assert one.stdin is not None
        one.stdout.readline()
        second = subprocess.run(["/bin/sh", "-c", job(crontab)], check=False, timeout=30)
        one.stdin.write(b"\n")

    assert second.returncode == 75
    assert not (tmp_path / "said").exists()
