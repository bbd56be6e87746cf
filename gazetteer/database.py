"""The way to the database: an engine for a URL, and the migrations that bring a database up to date."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

from sqlalchemy import URL, Connection, Engine, create_engine, make_url, text
from sqlalchemy.exc import ArgumentError, DBAPIError, OperationalError

from gazetteer.errors import DatabaseUnavailable, GazetteerError

if TYPE_CHECKING:
    from alembic.config import Config

_MIGRATION_LOCK: Final = 0x67617A31
"""Advisory lock of those who migrate ("gaz1")."""

_DIALECTS: Final = ("postgresql", "postgres", "postgresql+psycopg")


def engine(url: str, *, connect_timeout_s: int = 10) -> Engine:
    """An engine for a PostgreSQL URL (`postgresql://...`), proven by one connection.

    Bound values never appear in its errors, and the password in none. Raises `DatabaseUnavailable` when the URL is not
    one of PostgreSQL or nobody answers there.
    """
    address = _address(url)
    result = create_engine(
        address,
        pool_pre_ping=True,
        hide_parameters=True,
        connect_args={"connect_timeout": connect_timeout_s},
    )
    try:
        result.connect().close()
    except DBAPIError as error:
        result.dispose()
        raise _unavailable(address, error) from None
    return result


def _address(url: str) -> URL:
    try:
        address = make_url(url)
    except (ArgumentError, ValueError):
        message = "The database address cannot be read."
        raise DatabaseUnavailable(message, _URL_HINT) from None
    if address.drivername not in _DIALECTS:
        message = f"The database address begins with {address.drivername}://, which is not PostgreSQL."
        raise DatabaseUnavailable(message, _URL_HINT)
    return address.set(drivername="postgresql+psycopg")


_URL_HINT: Final = "Write it as postgresql://USER:PASSWORD@HOST:5432/DATABASE; percent-encode @ : / in the password."


def _unavailable(address: URL, error: DBAPIError) -> DatabaseUnavailable:
    """What the driver says, without the password, and what the user can do about it."""
    said = " ".join(str(error.orig).split()) or type(error.orig).__name__
    if address.password:
        said = said.replace(str(address.password), "***")
    host = address.query.get("host") or address.host or "the local server"
    if "does not exist" in said and "database" in said:
        hint = f"Create the database: createdb --template=template0 --encoding=UTF8 {address.database}"
    elif "password" in said or "authentication" in said or "role" in said:
        hint = "Check user and password of the database address (or the file that PGPASSFILE names)."
    elif "too many" in said or "remaining connection slots" in said:
        hint = "The server has no free connection: try again later, or raise its max_connections."
    else:
        hint = "Check the address and that the server runs, or leave out --database to use the private server."
    message = f"The database at {host} does not answer: {said}"
    return DatabaseUnavailable(message, hint)


def migrate(engine: Engine) -> None:
    """Bring the database's tables up to the program's version; quick when they are.

    Several processes may call it at once: one migrates, the others wait. All steps are one transaction.
    Raises `GazetteerError` when the database is of a newer program or its user may not create what is needed.
    """
    with engine.connect() as conn:
        if revision(conn) == head():
            return
    try:
        with engine.begin() as conn:
            conn.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _MIGRATION_LOCK})
            present = revision(conn)
            if present == head():
                return
            if present is not None and present not in _revisions():
                message = f"The database is of a newer version of this program (revision {present})."
                raise GazetteerError(message, "Update the program, or use another database.")
            _upgrade(conn)
    except OperationalError as error:
        raise _unavailable(engine.url, error) from None
    except DBAPIError as error:
        said = " ".join(str(error.orig).split())
        message = f"The tables cannot be brought up to date: {said}"
        raise GazetteerError(message, _hint_on_migration(said)) from error


def _hint_on_migration(said: str) -> str:
    if "permission denied" in said:
        return (
            "Let an administrator run, once, in this database: CREATE EXTENSION postgis; CREATE EXTENSION pg_trgm; "
            "and grant the user CREATE on it."
        )
    if "is not available" in said or "could not open extension control file" in said:
        return "Install PostGIS and the contrib modules on the database server (Debian: postgresql-N-postgis-3)."
    return "Nothing was changed. Report this with the message."


def _upgrade(conn: Connection) -> None:
    from alembic import command  # alembic takes a while to import and is needed once in a database's life

    command.upgrade(alembic_config(conn), "head")


def alembic_config(conn: Connection) -> Config:
    """Alembic's configuration for an open connection; the caller commits."""
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(migrations()).replace("%", "%%"))
    config.attributes["connection"] = conn
    return config


def revision(conn: Connection) -> str | None:
    """The migration the database is at; None for an empty one."""
    if conn.scalar(text("SELECT to_regclass('alembic_version')")) is None:
        return None
    found: str | None = conn.scalar(text("SELECT version_num FROM alembic_version"))
    return found


def head() -> str:
    """The migration that this program needs."""
    return _revisions()[-1]


@cache
def _revisions() -> tuple[str, ...]:
    """Ids of all migrations, oldest first. A file is named by its id, `0001_gazetteer.py`, and they form one line; so
    the names of the files are enough, and Alembic need not be imported to see that there is nothing to do."""
    found = (re.match(r"(\d{4})_", path.name) for path in (migrations() / "versions").iterdir())
    return tuple(sorted(match[1] for match in found if match))


def migrations() -> Path:
    """The folder of the migrations: inside the package when installed, beside it in a checkout."""
    package = Path(__file__).parent
    for folder in (package / "migrations", package.parent / "migrations"):
        if (folder / "env.py").is_file():
            return folder
    message = "The migrations are missing from this installation."
    raise GazetteerError(message, "Install the program again.")
