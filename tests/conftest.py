"""Real parts for all tests: a private PostGIS of the suite's own, databases cloned from templates, the gazetteer."""

from __future__ import annotations

import itertools
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import Engine, make_url

from gazetteer import cluster, load
from gazetteer import database as databases

_EMPTY_TEMPLATE = "suite_empty"
_LOADED_TEMPLATE = "suite_loaded"
_numbers = itertools.count(1)


class Server:
    """The suite's server: makes, clones and drops databases. Nobody stays connected to a template."""

    def __init__(self, url: str) -> None:
        self.url = url

    def url_of(self, database: str) -> str:
        return make_url(self.url).set(database=database).render_as_string(hide_password=False)

    def forget_safety(self) -> None:
        """Nothing here must outlive a power cut; without fsync, making and dropping databases is quick."""
        self._run("ALTER SYSTEM SET fsync = off")
        self._run("SELECT pg_reload_conf()")

    def create(self, database: str, template: str = "template0") -> str:
        # Copying files is quicker for large databases; for small ones PostgreSQL's own way is.
        how = "STRATEGY file_copy" if template == _LOADED_TEMPLATE and self._major() >= 15 else ""
        self._run(f"CREATE DATABASE {database} TEMPLATE {template} {how}")
        return self.url_of(database)

    def drop(self, database: str) -> None:
        self._run(f"DROP DATABASE IF EXISTS {database} WITH (FORCE)")

    @contextmanager
    def clone(self, template: str) -> Iterator[str]:
        """A database of its own while inside; yields its URL."""
        name = f"suite_{next(_numbers)}"
        try:
            yield self.create(name, template)
        finally:
            self.drop(name)

    def _run(self, statement: str) -> None:
        with self._connect() as conn:
            conn.execute(statement)

    def _major(self) -> int:
        with self._connect() as conn:
            return conn.info.server_version // 10_000

    def _connect(self) -> psycopg.Connection:
        address = make_url(self.url)
        host, user = str(address.query["host"]), address.username
        return psycopg.connect(host=host, port=5432, user=user, dbname="postgres", autocommit=True)


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    """A private cluster of the suite's own."""
    home = Path(tempfile.mkdtemp(prefix="incident-map-tests-"))
    home.chmod(0o755)  # as root the server runs as another account, which must get in
    try:
        with cluster.running(home) as url:
            result = Server(url)
            result.forget_safety()
            yield result
    finally:
        shutil.rmtree(home, ignore_errors=True)


@pytest.fixture(scope="session")
def template(server: Server) -> str:
    """Name of a migrated, empty database to clone; do not connect to it."""
    engine = databases.engine(server.create(_EMPTY_TEMPLATE))
    databases.migrate(engine)
    engine.dispose()
    return _EMPTY_TEMPLATE


@pytest.fixture
def database(server: Server, template: str) -> Iterator[str]:
    """URL of a migrated, empty database of the test's own."""
    with server.clone(template) as url:
        yield url


@pytest.fixture
def engine(database: str) -> Iterator[Engine]:
    """Engine on `database`."""
    result = databases.engine(database)
    yield result
    result.dispose()


@pytest.fixture(scope="session")
def loaded_template(server: Server, template: str) -> str:
    """Name of a database with the default gazetteer to clone; do not connect to it."""
    from gazetteer.sources import DEFAULT

    engine = databases.engine(server.create(_LOADED_TEMPLATE, template))
    load.load(engine, DEFAULT)
    engine.dispose()
    return _LOADED_TEMPLATE


@pytest.fixture(scope="session")
def default_gazetteer(server: Server, loaded_template: str) -> Iterator[Engine]:
    """Engine on a database with the default gazetteer, shared by all tests: read only."""
    with server.clone(loaded_template) as url:
        engine = databases.engine(url)
        yield engine
        engine.dispose()


@pytest.fixture
def loaded_database(server: Server, loaded_template: str) -> Iterator[str]:
    """URL of a database with the default gazetteer, of the test's own."""
    with server.clone(loaded_template) as url:
        yield url


@pytest.fixture(scope="session")
def shared() -> Path:
    """Material beside the repository (`../shared`); the test is skipped where it is absent."""
    folder = Path(__file__).parents[2] / "shared"
    if not folder.is_dir():
        pytest.skip("there is no ../shared beside the repository")
    return folder
