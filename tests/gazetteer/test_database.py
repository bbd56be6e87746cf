"""The engine for a URL, and the migrations."""

from __future__ import annotations

import logging
import os
import shutil
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from alembic import command
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, text

from gazetteer import database as databases
from gazetteer.errors import DatabaseUnavailable, GazetteerError

SECRET = "s3cret-w0rd"


@pytest.mark.parametrize(
    ("url", "said"),
    [
        (f"postgresql://analyst:{SECRET}@localhost:1/incidents", "does not answer"),
        (f"postgresql+psycopg://analyst:{SECRET}@/incidents?host=/nonexistent", "does not answer"),
        (f"mysql://analyst:{SECRET}@localhost/incidents", "not PostgreSQL"),
        (f"postgresql://analyst:{SECRET}@localhost:port/incidents", "cannot be read"),
        ("incidents.db", "cannot be read"),
        ("", "cannot be read"),
    ],
)
def test_a_database_that_is_not_there(url: str, said: str) -> None:
    with pytest.raises(DatabaseUnavailable, match=said) as caught:
        databases.engine(url, connect_timeout_s=2)
    assert caught.value.hint
    assert SECRET not in f"{caught.value} {caught.value.hint} {caught.value!r} {caught.value.__cause__!r}"


def test_a_missing_database_says_how_to_make_it(database: str) -> None:
    with pytest.raises(DatabaseUnavailable) as caught:
        databases.engine(database.replace("/suite_", "/not_suite_"))
    assert "createdb" in caught.value.hint


@pytest.mark.parametrize("scheme", ["postgresql://", "postgres://", "postgresql+psycopg://"])
def test_the_usual_ways_to_write_the_address(database: str, scheme: str) -> None:
    engine = databases.engine(database.replace("postgresql+psycopg://", scheme))
    with engine.connect() as conn:
        assert conn.scalar(text("SELECT 1")) == 1
    engine.dispose()


def test_values_do_not_show_in_errors(engine: Engine) -> None:
    with engine.connect() as conn, pytest.raises(Exception, match="division") as caught:
        conn.execute(text("SELECT 1 / 0, CAST(:value AS text)"), {"value": SECRET})
    assert SECRET not in str(caught.value)


def test_the_head_is_alembics_head(engine: Engine) -> None:
    with engine.connect() as conn:
        script = ScriptDirectory.from_config(databases.alembic_config(conn))
        assert databases.head() == script.get_current_head()
        assert databases.revision(conn) == databases.head()


def test_tables_and_migrations_agree(engine: Engine) -> None:
    with engine.begin() as conn:
        command.check(databases.alembic_config(conn))  # raises when they differ


def test_all_the_way_down_and_up_again(engine: Engine) -> None:
    with engine.begin() as conn:
        command.downgrade(databases.alembic_config(conn), "base")
        left = conn.execute(
            text("""
                SELECT relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
                WHERE relkind IN ('r', 'v', 'S') AND nspname IN ('public', 'gazetteer')
                AND NOT EXISTS (SELECT 1 FROM pg_depend d WHERE d.objid = c.oid AND d.deptype = 'e')""")
        ).scalars()
        assert set(left) <= {"alembic_version"}
    databases.migrate(engine)
    with engine.begin() as conn:
        command.check(databases.alembic_config(conn))


def test_with_nothing_to_do_it_is_quick_and_does_not_load_alembic(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    def never(*_: object) -> None:
        raise AssertionError

    monkeypatch.setattr(databases, "_upgrade", never)
    began = time.perf_counter()
    databases.migrate(engine)
    assert time.perf_counter() - began < 1  # about 2 ms; the bound is for a busy machine


def test_several_may_migrate_at_once(server, engine: Engine) -> None:  # type: ignore[no-untyped-def]
    url = server.create("suite_race")
    failures: list[Exception] = []

    def migrate() -> None:
        mine = databases.engine(url)
        try:
            databases.migrate(mine)
        except Exception as error:
            failures.append(error)
        finally:
            mine.dispose()

    threads = [threading.Thread(target=migrate) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    server.drop("suite_race")
    assert not failures


def test_an_installed_program_can_migrate(server, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    """As the wheel lays it out: the migrations inside the package, no repository around it."""
    repository = Path(__file__).parents[2]
    without = shutil.ignore_patterns("__pycache__")
    for package in ("gazetteer", "geo"):
        shutil.copytree(repository / package, tmp_path / package, ignore=without)
    shutil.copytree(repository / "migrations", tmp_path / "gazetteer" / "migrations", ignore=without)
    url = server.create("suite_installed")
    code = "import sys; from gazetteer import database as d; d.migrate(d.engine(sys.argv[1])); print(d.migrations())"
    packages = [path for path in sys.path if path.endswith("-packages")]
    done = subprocess.run(
        [sys.executable, "-P", "-c", code, url],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": os.pathsep.join([str(tmp_path), *packages])},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert Path(done.stdout.strip()) == tmp_path / "gazetteer" / "migrations"
    engine = databases.engine(url)
    with engine.connect() as conn:
        assert databases.revision(conn) == databases.head()
    engine.dispose()
    server.drop("suite_installed")


def test_a_database_of_a_newer_program_is_left_alone(engine: Engine) -> None:
    with engine.begin() as conn:
        conn.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(GazetteerError, match="newer version"):
        databases.migrate(engine)


def test_a_user_without_rights_is_told_whom_to_ask(server, engine: Engine) -> None:  # type: ignore[no-untyped-def]
    url = server.create("suite_rights")
    owner = databases.engine(url)
    with owner.begin() as conn:
        conn.execute(text("DROP ROLE IF EXISTS suite_guest"))
        conn.execute(text("CREATE ROLE suite_guest LOGIN"))
    owner.dispose()
    guest = databases.engine(url.replace("postgres@", "suite_guest@"))
    with pytest.raises(GazetteerError, match="permission denied") as caught:
        databases.migrate(guest)
    assert "CREATE EXTENSION" in caught.value.hint
    guest.dispose()
    server.drop("suite_rights")


def test_migrations_leave_logging_alone(engine: Engine) -> None:
    before = list(logging.getLogger().handlers)
    with engine.begin() as conn:
        command.current(databases.alembic_config(conn))
    assert logging.getLogger().handlers == before
