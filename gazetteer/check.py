# ruff: noqa: S608 -- what is put into statements are constants of this file
"""Health checks of the gazetteer and its database, each with a hint: what `doctor` shows."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Final

from geopy.distance import geodesic
from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import DBAPIError

from gazetteer import database, load, lookup, names, tables
from gazetteer.errors import GazetteerError
from gazetteer.sources import DEFAULT

_SAMPLE: Final = 2000
"""Places whose country is looked at."""
_STRAYS_ALLOWED: Final = 0.05
"""Share of points that may lie outside their country's outline, which is drawn coarsely along coasts and borders."""
_LOAD: Final = "Run: incident-map gazetteer load"
_AGAIN: Final = "Run: incident-map gazetteer load --force"
_OLD_DAYS: Final = 400
"""Days from which the data of a source that the user brought are worth a remark."""


@dataclass(frozen=True, slots=True)
class _Canary:
    """A name that the default gazetteer must know: what the first answer to it is, and where."""

    name: str
    code: str
    """Beginning of its feature code."""
    lon: float
    lat: float
    km: float


_CANARIES: Final = (
    _Canary("al-Omar oil field", "OILF", 40.6, 35.1, 30),
    _Canary("Ain al-Asad", "AIRB", 42.44, 33.79, 10),
    _Canary("Deir ez-Zor", "PPL", 40.14, 35.34, 20),
    _Canary("Red Sea", "SEA", 38.5, 20.5, 400),
    _Canary("Middle East", "RGN", 44.0, 29.0, 1000),
    _Canary("Anbar", "ADM1", 41.6, 33.0, 150),
    _Canary("Hasakah", "PPL", 40.75, 36.5, 20),
    _Canary("al-Qa'im", "PPL", 40.99, 34.39, 20),
    _Canary("Kurdistan Region", "RGN", 44.5, 36.1, 150),
    _Canary("Strait of Hormuz", "STRT", 56.5, 26.5, 100),
    _Canary("al-Tanf", "", 38.64, 33.49, 20),
    _Canary("Hodeidah", "PPL", 42.95, 14.8, 20),
    _Canary("Iraq", "PCLI", 44.0, 33.0, 200),
)


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

    Reads only; a second on the default gazetteer, half a minute with the places of the whole world.
    """
    found: list[Check] = []
    for check in (
        _server, _extensions, _migrations, _loads, _indexes, _orphans, _serving, _countries, _canaries,
    ):  # fmt: skip
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
    rows = conn.execute(
        text("""
            SELECT *, CAST(finished AS date) AS loaded_on,
                   current_date - coalesce(as_of, CAST(finished AS date)) AS days
            FROM gazetteer.gazetteer_load ORDER BY source""")
    ).all()
    if not rows:
        yield Check("gazetteer", False, "nothing is loaded", _LOAD)
        return
    counts = conn.execute(text("SELECT source, count(*) FROM gazetteer.place GROUP BY source")).all()
    stored = {row[0]: row[1] for row in counts}
    of_the_program = {source.name for source in DEFAULT}
    for row in rows:
        there = stored.get(row.source, 0)
        message = f"{there:,} places, {row.names:,} names, version {row.version}, loaded {row.loaded_on}"
        if row.as_of:
            message += f" as of {row.as_of}"
        message += f", {row.credit_name} ({row.licence})"
        if row.source not in of_the_program and row.days > _OLD_DAYS:
            message += f"; its data are {row.days} days old, a newer edition may be had"
        if row.rules != names.RULES:
            hint = (
                _LOAD
                if row.source in of_the_program
                else "Load its files again; see: incident-map gazetteer load --help"
            )
            yield Check(f"source {row.source}", False, f"{message}: its search keys are outdated", hint)
        else:
            hint = f"{row.places:,} places were loaded. {_AGAIN}"
            yield Check(f"source {row.source}", there == row.places, message, hint)
    strays = sorted(set(stored) - {row.source for row in rows})
    if strays:
        message = f"places of sources that were never loaded: {', '.join(strays)}"
        yield Check("sources", False, message, _AGAIN)
    current = load.default_is_loaded(conn)
    message = "the default gazetteer is complete" if current else "the default gazetteer is not complete or outdated"
    yield Check("default gazetteer", current, message, _LOAD)


def _indexes(conn: Connection) -> Iterator[Check]:
    every = tables.metadata.sorted_tables
    wanted = {str(index.name) for table in every for index in table.indexes}
    wanted |= {f"{table.name}_pkey" for table in every if table.primary_key.columns}
    statement = text("""
        SELECT c.relname FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
        WHERE c.relnamespace = CAST(:schema AS regnamespace) AND i.indisvalid""")
    present = {row[0] for row in conn.execute(statement, {"schema": tables.SCHEMA})}
    missing = sorted(wanted - present)
    message = f"missing: {', '.join(missing)}" if missing else f"all {len(wanted)} are there"
    yield Check("indexes", not missing, message, _AGAIN)


def _orphans(conn: Connection) -> Iterator[Check]:
    for table, columns in (("place_name", ("place_no", "own_no")), ("place_area", ("place_no",))):
        joins = " ".join(f"LEFT JOIN gazetteer.place {column} ON {column}.no = x.{column}" for column in columns)
        lost = " OR ".join(f"{column}.no IS NULL" for column in columns)
        orphans = conn.scalar(text(f"SELECT count(*) FROM gazetteer.{table} x {joins} WHERE {lost}"))
        message = f"{orphans:,} rows of {table} belong to no place"
        yield Check(f"orphans in {table}", orphans == 0, message, _AGAIN)


def _serving(conn: Connection) -> Iterator[Check]:
    """Of the rows with one id exactly one must serve, or the place is not found, or found twice."""
    wrong = conn.scalar(
        text("""
            SELECT count(*) FROM (
                SELECT FROM gazetteer.place GROUP BY id HAVING count(*) FILTER (WHERE serves) <> 1
            ) wrong""")
    )
    several = conn.scalar(text("SELECT count(*) FROM gazetteer.place WHERE NOT serves"))
    message = (
        f"{wrong:,} ids have no row that serves, or several; {several:,} rows lend their names to another source's"
    )
    yield Check("serving rows", wrong == 0, message, _AGAIN)


def _countries(conn: Connection) -> Iterator[Check]:
    """Points outside their country: a sample of populated places, spread evenly over the table."""
    row = conn.execute(
        text("""
            WITH sample AS (
                SELECT p.point, p.country_code
                FROM gazetteer.place p
                WHERE p.feature_class = 'P' AND p.serves AND p.withdrawn IS NULL
                AND p.no % greatest(1, (SELECT max(no) FROM gazetteer.place) / :size) = 0
                LIMIT :size
            )
            SELECT count(*) AS looked_at,
                   count(*) FILTER (WHERE NOT ST_DWithin(a.geom, s.point, 0.05)) AS strays
            FROM sample s
            JOIN gazetteer.place country ON country.id = 'country:' || s.country_code AND country.serves
            JOIN gazetteer.place_area a ON a.place_no = country.no"""),
        {"size": _SAMPLE},
    ).one()
    if not row.looked_at:
        yield Check("countries", True, "no country outlines are loaded; points were not compared with them")
        return
    message = f"{row.strays} of {row.looked_at:,} sampled places lie outside their country"
    ok = row.strays <= row.looked_at * _STRAYS_ALLOWED
    yield Check("countries", ok, message, "A source has wrong coordinates or country codes; see its rows.")


def _canaries(conn: Connection) -> Iterator[Check]:
    """Names whose answers are known, and of which some were wrong in many a gazetteer."""
    if not load.default_is_loaded(conn):
        return
    dead = []
    for canary in _CANARIES:
        answers = lookup.search(conn, canary.name, limit=1)
        place = answers[0].candidate.place if answers else None
        if place is None:
            dead.append(f"{canary.name} is not found")
        elif (
            not place.feature_code.startswith(canary.code)
            or geodesic((place.point.y, place.point.x), (canary.lat, canary.lon)).km > canary.km
        ):
            dead.append(f"{canary.name} is taken for {place.name} ({place.id})")
    message = "; ".join(dead) if dead else f"{len(_CANARIES)} names have the answers they should"
    hint = "A source that was loaded on top may be in the way; remove it, or run: incident-map gazetteer load --force"
    yield Check("known names", not dead, message, hint)
