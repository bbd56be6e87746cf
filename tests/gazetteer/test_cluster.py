"""The private server: every way to start, share, lose and stop it. Each test has a cluster of its own."""

from __future__ import annotations

import contextlib
import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import textwrap
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import make_url

from gazetteer import cluster
from gazetteer import database as databases
from gazetteer.errors import ClusterError

needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another account")
REPOSITORY = Path(__file__).parents[2]


@pytest.fixture
def home() -> Iterator[Path]:
    yield from new_home()


@pytest.fixture(scope="module")
def made_home() -> Iterator[Path]:
    """A cluster that exists already: tests that only start it need not make it."""
    for folder in new_home():
        with cluster.running(folder):
            pass
        yield folder


def new_home() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="incident-map-cluster-"))
    folder.chmod(0o755)  # as root the server runs as another account, which must get in
    yield folder
    with contextlib.suppress(ClusterError):
        cluster.stop(folder)
    shutil.rmtree(folder)


def connect(url: str) -> psycopg.Connection:
    address = make_url(url)
    return psycopg.connect(host=str(address.query["host"]), port=5432, user=address.username, dbname=address.database)


def ask(url: str, question: str = "SELECT 1") -> object:
    with connect(url) as conn:
        row = conn.execute(question).fetchone()
        assert row is not None
        return row[0]


def server_pid(home: Path) -> int:
    return int((cluster.status(home).folder / "data" / "postmaster.pid").read_text().splitlines()[0])


def start_child(home: Path, body: str) -> subprocess.Popen[str]:
    """Another process that uses the cluster; `url` is known to its code."""
    code = "from pathlib import Path\nimport os, sys, time\nfrom gazetteer import cluster\n"
    code += f"with cluster.running(Path({str(home)!r})) as url:\n{textwrap.indent(textwrap.dedent(body), '    ')}\n"
    return subprocess.Popen(
        [sys.executable, "-c", code], cwd=REPOSITORY, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )


def test_it_starts_on_demand_and_stops_after_use(home: Path) -> None:
    assert cluster.status(home).major is None
    with cluster.running(home) as url:
        assert ask(url, "SELECT current_database()") == "incident_map"
        assert ask(url, "SELECT PostGIS_Lib_Version() IS NOT NULL") is True
        assert ask(url, "SELECT similarity('الرقة', 'رقة') > 0") is True  # needs the UTF-8 locale
        assert ask(url, "SHOW listen_addresses") == ""
        assert cluster.status(home).running
    assert not cluster.status(home).running
    assert cluster.status(home).major is not None
    assert not cluster.stop(home)


def test_what_is_stored_stays(made_home: Path) -> None:
    with cluster.running(made_home) as url, connect(url) as conn:
        conn.execute("CREATE TABLE kept AS SELECT 42 AS answer")
    with cluster.running(made_home) as url:
        assert ask(url, "SELECT answer FROM kept") == 42


def test_the_environment_of_the_user_does_not_matter(made_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    nonsense = {
        "PGHOST": "nowhere.invalid",
        "PGPORT": "1",
        "PGUSER": "stranger",
        "PGDATABASE": "elsewhere",
        "PGPASSWORD": "wrong",
        "PGOPTIONS": "-c no_such_setting=1",
        "PGSSLMODE": "require",
        "PGCHANNELBINDING": "require",
        "PGDATA": "/nonexistent",
    }
    for name, value in nonsense.items():
        monkeypatch.setenv(name, value)
    with cluster.running(made_home) as url:
        engine = databases.engine(url)
        with engine.connect() as conn:
            assert conn.exec_driver_sql("SELECT current_database()").scalar() == "incident_map"
        engine.dispose()


def test_processes_that_start_at_once_share_one_server(home: Path) -> None:
    children = [start_child(home, "print('up', flush=True)\ninput()") for _ in range(4)]
    assert [child.stdout.readline().strip() for child in children if child.stdout] == ["up"] * 4
    pid = server_pid(home)
    assert cluster.status(home).running
    for leaving, child in enumerate(children, start=1):
        child.communicate("\n")
        assert child.returncode == 0
        if leaving < len(children):
            assert server_pid(home) == pid  # still the same: others use it
    assert not cluster.status(home).running  # the last one stopped it


def test_users_may_be_nested_in_one_process(made_home: Path) -> None:
    with cluster.running(made_home) as outer:
        with cluster.running(made_home) as inner:
            assert inner == outer
        assert ask(outer) == 1
    assert not cluster.status(made_home).running


def test_a_killed_user_leaves_a_server_that_the_next_one_uses_and_stops(made_home: Path) -> None:
    child = start_child(made_home, "print('up', flush=True)\ntime.sleep(60)")
    assert child.stdout
    assert child.stdout.readline()
    pid = server_pid(made_home)
    child.kill()
    child.communicate()
    assert cluster.status(made_home).running
    with cluster.running(made_home):
        assert server_pid(made_home) == pid
    assert not cluster.status(made_home).running


@pytest.mark.parametrize("wait_s", [0.0, 0.3])
def test_it_starts_again_after_kill_9_of_everything(made_home: Path, wait_s: float) -> None:
    child = start_child(made_home, "print('up', flush=True)\ntime.sleep(60)")
    assert child.stdout
    assert child.stdout.readline()
    pid = server_pid(made_home)
    workers = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    child.kill()
    for process in (pid, *map(int, workers)):
        with contextlib.suppress(ProcessLookupError):
            os.kill(process, signal.SIGKILL)
    child.communicate()
    time.sleep(wait_s)
    with cluster.running(made_home) as url:
        assert ask(url) == 1
        assert server_pid(made_home) != pid


def test_a_pid_file_of_another_life_does_not_matter(made_home: Path) -> None:
    data = cluster.status(made_home).folder / "data"
    owner = data.stat()
    stale = data / "postmaster.pid"
    stale.write_text(f"{os.getpid()}\n{data}\n1600000000\n5432\n{data.parent / 'socket'}\n\n")
    os.chown(stale, owner.st_uid, owner.st_gid)
    with cluster.running(made_home) as url:
        assert ask(url) == 1


def test_an_interrupted_making_is_done_again(home: Path) -> None:
    account = cluster.status(home).folder
    (account / "data.new" / "base").mkdir(parents=True)
    (account / "data").mkdir()
    with cluster.running(home) as url:
        assert ask(url) == 1
    assert not (account / "data.new").exists()


def test_it_is_removed_only_when_nobody_uses_it(home: Path) -> None:
    assert cluster.remove(home) is None
    with cluster.running(home):
        with pytest.raises(ClusterError, match="in use"):
            cluster.remove(home)
        [folder] = cluster.folders(home)
    assert (folder / "data").is_dir()
    assert cluster.remove(home) == folder
    assert not folder.exists()
    with cluster.running(home) as url:
        assert ask(url) == 1, "and is made anew"


def test_a_long_path_gets_a_short_socket(home: Path) -> None:
    deep = home / ("long folder's name " * 4) / ("and longer " * 3)
    with cluster.running(deep) as url:
        assert ask(url) == 1
        socket = Path(str(make_url(url).query["host"]))
        assert deep not in socket.parents
        assert socket.stat().st_mode & 0o777 == 0o700
        assert socket in cluster.folders(deep)
    cluster.remove(deep)
    assert not socket.exists()


def test_missing_programs_are_named_with_their_package(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cluster, "_BINARY_FOLDERS", ())
    monkeypatch.setenv("PATH", "/usr/bin:/bin" if not shutil.which("pg_ctl") else "/nonexistent")
    with pytest.raises(ClusterError, match="not installed") as caught, cluster.running(home):
        pass
    assert "-postgis-3" in caught.value.hint
    assert "--database postgresql://" in caught.value.hint


def test_a_data_folder_of_another_version_says_which_one_is_needed(home: Path) -> None:
    data = cluster.status(home).folder / "data"
    data.mkdir(parents=True)
    (data / "PG_VERSION").write_text("9\n")
    with pytest.raises(ClusterError, match="made by PostgreSQL 9") as caught, cluster.running(home):
        pass
    assert "postgresql-9-postgis-3" in caught.value.hint


def test_a_folder_that_cannot_be_made_is_a_clear_error(home: Path) -> None:
    (home / "file").write_text("in the way")
    with pytest.raises(ClusterError, match="cannot be made"), cluster.running(home / "file" / "below"):
        pass


@needs_root
def test_root_with_a_home_that_is_closed_to_others(home: Path) -> None:
    closed = home / "closed"
    closed.mkdir(mode=0o700)
    with cluster.running(closed / "data") as url:
        assert ask(url) == 1
        folder = cluster.status(closed / "data").folder
        assert folder.is_relative_to("/var/lib/incident-map")
    assert not any(closed.iterdir())
    shutil.rmtree(folder)


@needs_root
def test_root_with_a_strict_umask(home: Path) -> None:
    before = os.umask(0o077)
    try:
        with cluster.running(home / "new" / "data") as url:
            assert ask(url) == 1
            assert cluster.status(home / "new" / "data").folder.is_relative_to(home)
    finally:
        os.umask(before)


@needs_root
def test_an_ordinary_user(home: Path) -> None:
    nobody = pwd.getpwnam("nobody")
    python, paths = interpreter_for_everybody()
    os.chown(home, nobody.pw_uid, nobody.pw_gid)
    code = f"""
from pathlib import Path
from gazetteer import cluster, database
with cluster.running(Path({str(home)!r})) as url:
    engine = database.engine(url)
    database.migrate(engine)
    print(database.revision(engine.connect()))
"""
    done = subprocess.run(
        [python, "-c", code],
        cwd=REPOSITORY,
        env={
            "PYTHONPATH": os.pathsep.join([str(REPOSITORY), *paths]),
            "PATH": os.environ["PATH"],
            "HOME": "/nonexistent",
        },
        user=nobody.pw_uid,
        group=nobody.pw_gid,
        extra_groups=[],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == databases.head()
    assert (home / "postgres" / "data").stat().st_uid == nobody.pw_uid


def interpreter_for_everybody() -> tuple[str, list[str]]:
    """A Python that an ordinary account may run: ours, or the system's of the same version with our packages."""
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    for python in (sys.executable, f"/usr/bin/{version}"):
        nobody = pwd.getpwnam("nobody")
        with contextlib.suppress(PermissionError, FileNotFoundError):
            subprocess.run(
                [python, "-c", ""], user=nobody.pw_uid, group=nobody.pw_gid, extra_groups=[], cwd="/", check=True
            )
            packages = [path for path in sys.path if path.endswith("-packages")]
            return python, packages
    pytest.skip("no Python here that an ordinary account may run")
