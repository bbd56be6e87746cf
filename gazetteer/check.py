# ruff: noqa: S608 -- what is put into statements are constants of this file
"""Health checks of the gazetteer and its database, each with a hint: what `doctor` shows."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Final

from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import DBAPIError

from gazetteer import database, load, names, tables
from gazetteer.errors import GazetteerError

_SAMPLE: Final = 2000
"""Places whose country is looked at."""
_STRAYS_ALLOWED: Final = 0.05
"""Share of points that may lie outside their country's outline, which is drawn coarsely along coasts and borders."""
_LOAD: Final = "Run: incident-map gazetteer load"


@dataclass(frozen=True, slots=True)
class Check:
    """One finding."""

    name: str
    ok: bool
    message: str
    hint: str = ""
    """What to do about it; empty when all is well."""


def run(engine: Engine) -> list[Check]:
    """All checks, in reading order; a failing one never stops the others.

    Reads only; half a second on the default gazetteer.
    """
    found: list[Check] = []
    for check in (_server, _extensions, _migrations, _loads, _indexes, _orphans, _countries):
        found.extend(_kept_going(engine, check))
    return [replace(finding, hint="") if finding.ok else finding for finding in found]


def server(engine: Engine) -> list[Check]:
    """Whether a database that nothing was made in yet can become a gazetteer's; reads only."""
    return [finding for check in (_server, _available) for finding in _kept_going(engine, check)]


def _kept_going(engine: Engine, check: Callable[[Connection], Iterator[Check]]) -> list[Check]:
    name = check.__name__.strip("_")
    try:
        with engine.connect() as conn:
            return list(check(conn))
    except DBAPIError as error:
        said = " ".join(str(error.orig).split())
        return [Check(name, False, f"cannot be checked: {said}", "See the checks above.")]
    except GazetteerError as error:
        return [Check(name, False, str(error), error.hint)]


def _server(conn: Connection) -> Iterator[Check]:
    server = conn.scalar(text("SHOW server_version"))
    encoding = conn.scalar(text("SHOW server_encoding"))
    locale = conn.scalar(text("SELECT datctype FROM pg_database WHERE datname = current_database()"))
    yield Check(
        "server",
        encoding == "UTF8" and locale not in ("C", "POSIX"),
        f"PostgreSQL {server}, encoding {encoding}, locale {locale}",
        "Make the database with --template=template0 --encoding=UTF8 --locale=C.UTF-8: names in other scripts need it.",
    )


def _available(conn: Connection) -> Iterator[Check]:
    there = {row[0]: row[1] for row in conn.execute(text("SELECT name, default_version FROM pg_available_extensions"))}
    for extension, package in (("postgis", "postgresql-N-postgis-3"), ("pg_trgm", "postgresql-contrib")):
        message = f"{extension} {there.get(extension, 'is not installed on the database server')}"
        hint = f"Install it there (Debian: {package})."
        yield Check(f"extension {extension}", extension in there, message, hint)


def _extensions(conn: Connection) -> Iterator[Check]:
    present = {row[0]: row[1] for row in conn.execute(text("SELECT extname, extversion FROM pg_extension"))}
    for extension in ("postgis", "pg_trgm"):
        if extension in present:
            yield Check(f"extension {extension}", True, f"{extension} {present[extension]}")
        else:
            hint = "Run: incident-map gazetteer load; if that is refused, an administrator must create the extension."
            yield Check(f"extension {extension}", False, f"{extension} is missing", hint)


def _migrations(conn: Connection) -> Iterator[Check]:
    present, wanted = database.revision(conn), database.head()
    message = f"tables are at {present or 'nothing'}, the program needs {wanted}"
    yield Check("migrations", present == wanted, message, _LOAD)


def _loads(conn: Connection) -> Iterator[Check]:
    rows = conn.execute(text("SELECT * FROM gazetteer.gazetteer_load ORDER BY source")).all()
    if not rows:
        yield Check("gazetteer", False, "nothing is loaded", _LOAD)
        return
    counts = conn.execute(text("SELECT source, count(*) FROM gazetteer.place GROUP BY source")).all()
    stored = {row[0]: row[1] for row in counts}
    for row in rows:
        there = stored.get(row.source, 0)
        message = f"{there:,} places, {row.names:,} names, version {row.version}, {row.credit_name} ({row.licence})"
        if row.rules != names.RULES:
            yield Check(f"source {row.source}", False, f"{message}: its search keys are outdated", _LOAD)
        else:
            hint = f"{row.places:,} places were loaded. Run: incident-map gazetteer load --force"
            yield Check(f"source {row.source}", there == row.places, message, hint)
    current = load.default_is_loaded(conn)
    message = "the default gazetteer is complete" if current else "the default gazetteer is not complete or outdated"
    yield Check("default gazetteer", current, message, _LOAD)


def _indexes(conn: Connection) -> Iterator[Check]:
    wanted = {str(index.name) for table in tables.metadata.sorted_tables for index in table.indexes}
    statement = text("""
        SELECT c.relname FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
        WHERE c.relnamespace = CAST(:schema AS regnamespace) AND i.indisvalid""")
    present = {row[0] for row in conn.execute(statement, {"schema": tables.SCHEMA})}
    missing = sorted(wanted - present)
    message = f"missing: {', '.join(missing)}" if missing else f"all {len(wanted)} are there"
    yield Check("indexes", not missing, message, "Run: incident-map gazetteer load --force")


def _orphans(conn: Connection) -> Iterator[Check]:
    for table in ("place_name", "place_area"):
        orphans = conn.scalar(
            text(f"""
                SELECT count(*) FROM gazetteer.{table} x
                WHERE NOT EXISTS (SELECT 1 FROM gazetteer.place p WHERE p.no = x.place_no)""")
        )
        message = f"{orphans:,} rows of {table} belong to no place"
        yield Check(f"orphans in {table}", orphans == 0, message, "Run: incident-map gazetteer load --force")


def _countries(conn: Connection) -> Iterator[Check]:
    """Points outside their country: a sample of populated places, spread evenly over the table."""
    row = conn.execute(
        text("""
            WITH sample AS (
                SELECT p.point, p.country_code
                FROM gazetteer.place p
                WHERE p.feature_class = 'P'
                AND p.no % greatest(1, (SELECT max(no) FROM gazetteer.place) / :size) = 0
                LIMIT :size
            )
            SELECT count(*) AS looked_at,
                   count(*) FILTER (WHERE NOT ST_DWithin(a.geom, s.point, 0.05)) AS strays
            FROM sample s
            JOIN gazetteer.place country ON country.id = 'country:' || s.country_code
            JOIN gazetteer.place_area a ON a.place_no = country.no"""),
        {"size": _SAMPLE},
    ).one()
    if not row.looked_at:
        yield Check("countries", True, "no country outlines are loaded; points were not compared with them")
        return
    message = f"{row.strays} of {row.looked_at:,} sampled places lie outside their country"
    ok = row.strays <= row.looked_at * _STRAYS_ALLOWED
    yield Check("countries", ok, message, "A source has wrong coordinates or country codes; see its rows.")
