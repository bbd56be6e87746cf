# ruff: noqa: S608 -- what is put into statements are constants of this file; values are bound
"""Load sources into the gazetteer: stage, check, swap.

Everything happens in one transaction. The rows are copied into a second schema, checked, and indexed there; then

- the schema takes the place of the old one by its name (`swap`), or
- when the new rows are few beside what stays, they replace their source's rows in the old tables (`patch`).

Readers never wait and every statement of theirs sees one whole gazetteer, the old or the new; a load that is killed
leaves no trace. Two loads at once: the second waits, then finds its work done.

After a swap, rights that an administrator granted on the tables must be granted again, and views on them are gone.

Measured (2 shared cores, the default gazetteer of 252,600 places and 1.14 million names): 21 s for the large source on
a quiet machine, 33 s for all on a busy one (load 5), 220 MB of memory. Of the 21 s, making the places takes 6, keys and
COPY 9, each of the two B-trees 1, each of the two point indexes 0.5, the trigram index 2. That one covers the names in
Latin letters (750,000; 22 MB); all names would take 5 s and 50 MB, names of towns above 15,000 people 1.2 s and 13 MB.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, Final, NoReturn

import numpy as np
import psycopg
import shapely
from shapely.geometry.base import BaseGeometry
from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.schema import CreateTable, SetColumnComment, SetTableComment

from gazetteer import names, tables
from gazetteer.errors import DatabaseUnavailable, GazetteerError, SourceError
from gazetteer.model import NameKind, Place, PlaceName
from gazetteer.sources.base import Source

Progress = Callable[[str, int, int | None], None]
"""Called with (what is being done, how many so far, how many in all or None)."""

_LOAD_LOCK: Final = 0x67617A32
"""Advisory lock of those who load ("gaz2")."""

_STAGING: Final = f"{tables.SCHEMA}_new"
_REPLACED: Final = f"{tables.SCHEMA}_old"
"""Beginning of the name of a gazetteer that was replaced; the number of the replacing transaction follows."""
_BATCH: Final = 5_000
_SHOWN_FAULTS: Final = 20
_LONGEST_NAME: Final = 600
"""Characters; the key of a longer one would not fit into an index page."""
_PATCH_SHARE: Final = 0.2
"""Replaced in place when the new rows are at most this share of the rows that stay."""

_MACRO_REGION_M: Final = 100_000
"""Radius from which a region counts as one of the world's, not as a quarter or a valley."""

_TRUST: Final = {kind: rank for rank, kind in enumerate(NameKind)}


@dataclass(frozen=True, slots=True)
class LoadReport:
    """What a load did."""

    loaded: tuple[str, ...]
    """Names of the sources that were read and stored."""
    unchanged: tuple[str, ...]
    """Names of the sources that were there already in this version."""
    places: int
    """Places in the gazetteer now."""
    names: int
    version: str
    """As of `version`."""


def load(
    engine: Engine, sources: Sequence[Source], progress: Progress | None = None, *, force: bool = False
) -> LoadReport:
    """Bring `sources` into the gazetteer. Other sources that are loaded stay.

    A source whose version is loaded already is skipped, unless `force`. Raises `SourceError` that names all bad rows
    together (the first 20 in full), `DatabaseUnavailable` when the server goes away or its disk is full; then, as after
    any other failure, the old gazetteer keeps serving.
    """
    tell = progress or (lambda what, done, total: None)
    twice = sorted({source.name for source in sources if [other.name for other in sources].count(source.name) > 1})
    if twice:
        message = f"These sources are given twice: {', '.join(twice)}."
        raise SourceError(message, "Give each source once.")
    try:
        with engine.begin() as conn:
            conn.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOAD_LOCK})
            present = _loaded(conn)
            due = [source for source in sources if force or present.get(source.name) != (source.version, names.RULES)]
            if due:
                _Load(conn, tell).run(due)
    except (psycopg.Error, DBAPIError) as error:
        raise _not_stored(error) from error
    if due:
        _drop_replaced(engine)
    with engine.connect() as conn:
        row = conn.execute(text("SELECT sum(places), sum(names) FROM gazetteer.gazetteer_load")).one()
        return LoadReport(
            loaded=tuple(source.name for source in due),
            unchanged=tuple(source.name for source in sources if source not in due),
            places=int(row[0] or 0),
            names=int(row[1] or 0),
            version=version(conn),
        )


def default_is_loaded(conn: Connection) -> bool:
    """Whether every source of the default gazetteer is loaded in its present version."""
    from gazetteer.sources import DEFAULT  # asked for here only: the sources' packages take a while to import

    present = _loaded(conn)
    return all(present.get(source.name) == (source.version, names.RULES) for source in DEFAULT)


def version(conn: Connection) -> str:
    """Twelve characters that change when, and only when, the content changes. Empty when nothing is loaded."""
    rows = conn.execute(
        text("SELECT source, version, rules, content_sha256 FROM gazetteer.gazetteer_load ORDER BY source")
    ).all()
    if not rows:
        return ""
    return hashlib.sha256(repr([tuple(row) for row in rows]).encode()).hexdigest()[:12]


def prominence(place: Place) -> float:
    """How likely a reader thinks of this place first when several bear the name; comparable over all kinds of places.

    The decimal logarithm of the inhabitants, and for what has none a number in its place: a country 10 and more, a sea
    or macro-region 6.5, a first-order division 5 (more than a town of 100,000, less than a large city of the same
    name), a curated spot 4.5, other spots 3.
    """
    inhabitants = math.log10(place.population + 1) if place.population else 0.0
    code, family = place.feature_code, place.id.partition(":")[0]
    if code.startswith("PCL") and not code.endswith("H"):
        return 10 + inhabitants / 2
    if family in ("part", "border"):
        return 5.5
    if code in ("CONT", "OCN", "SEA", "GULF", "STRT") or (code == "RGN" and place.precision_m >= _MACRO_REGION_M):
        return 6.5
    if code == "ADM1":
        return 5.0
    if code == "PPLC":
        return inhabitants + 1
    if place.feature_class in ("P", "A"):
        return max(inhabitants, 2.0)
    return 4.5 if family == "curated" else 3.0


def _loaded(conn: Connection) -> dict[str, tuple[str, int]]:
    rows = conn.execute(text("SELECT source, version, rules FROM gazetteer.gazetteer_load"))
    return {row.source: (row.version, row.rules) for row in rows}


def _not_stored(error: psycopg.Error | DBAPIError) -> GazetteerError:
    cause = error.orig if isinstance(error, DBAPIError) else error
    if isinstance(cause, psycopg.errors.DiskFull):
        message = f"The disk of the database has no room for the gazetteer: {cause.diag.message_primary}"
        return DatabaseUnavailable(
            message, "The gazetteer is as it was. Make room there (about 1 GB), then load again."
        )
    said = " ".join(str(cause).split())
    message = f"The gazetteer is not changed, because the database refused it: {said}"
    if isinstance(cause, psycopg.OperationalError):
        return DatabaseUnavailable(message, "Check that the server runs, then load again.")
    return GazetteerError(message, "Run: incident-map doctor")


def _drop_replaced(engine: Engine) -> None:
    """Remove gazetteers that were replaced. What a reader still holds is left to the next load."""
    with engine.connect() as conn:
        pattern = f"^{_REPLACED}_[0-9]+$"
        found = (
            conn.execute(text("SELECT nspname FROM pg_namespace WHERE nspname ~ :p"), {"p": pattern}).scalars().all()
        )
    for schema in found:
        try:
            with engine.begin() as conn:
                conn.execute(text("SET LOCAL lock_timeout = '1s'"))
                conn.execute(text(f"DROP SCHEMA IF EXISTS {schema} CASCADE"))
        except OperationalError:
            continue


_Rows = list[tuple[Any, ...]]


@dataclass(slots=True)
class _Counts:
    places: int = 0
    names: int = 0
    content: Any = field(default_factory=hashlib.sha256)


class _Load:
    """One load inside its transaction."""

    def __init__(self, conn: Connection, tell: Progress) -> None:
        self.conn = conn
        self.tell = tell
        driver = conn.connection.driver_connection
        assert isinstance(driver, psycopg.Connection)  # noqa: S101  # database.engine makes no others
        self.cursor = driver.cursor()
        self.faults: list[str] = []
        self.fault_count = 0
        self.number = 0
        # The server stores one batch while we make the next; never more than one thread uses the connection.
        self.writer = ThreadPoolExecutor(max_workers=1, thread_name_prefix="gazetteer-load")
        self.writing: Future[None] | None = None

    def run(self, due: Sequence[Source]) -> None:
        self._sql("SET LOCAL maintenance_work_mem = '256MB'")
        self._sql("SET LOCAL work_mem = '64MB'")
        self._sql(f"CREATE SCHEMA {_STAGING}")
        self._create_tables()
        with self.writer:
            for source in due:
                self._stage(source)
        kept = self._scalar("SELECT count(*) FROM gazetteer.place WHERE source <> ALL(:due)", due)
        if self.fault_count:
            self._refuse()
        if self.number <= kept * _PATCH_SHARE:
            self._patch(due)
        else:
            self._swap(due, kept)

    # --- staging -----------------------------------------------------------------------------------------------------

    def _staged(self) -> Connection:
        return self.conn.execution_options(schema_translate_map={tables.SCHEMA: _STAGING})

    def _create_tables(self) -> None:
        conn = self._staged()
        for table in tables.metadata.sorted_tables:
            conn.execute(CreateTable(table))
            if table.comment:
                conn.execute(SetTableComment(table))
            for column in table.columns:
                if column.comment:
                    conn.execute(SetColumnComment(column))
        self._untranslated()

    def _untranslated(self) -> None:
        self.conn.execution_options(schema_translate_map={})

    def _stage(self, source: Source) -> None:
        started = self._scalar("SELECT clock_timestamp()")
        counts = _Counts()
        rows = source.places()
        self.tell(source.name, 0, None)
        while batch := list(islice(rows, _BATCH)):
            self._stage_batch(source, batch, counts)
            self.tell(source.name, counts.places, None)
        self._settle()
        if not counts.places:
            self._fault(source, "it is empty")
        self.conn.execute(
            text(f"""
                INSERT INTO {_STAGING}.gazetteer_load
                VALUES (:source, :version, :rules, :credit_name, :licence, :url, :places, :names, :content_sha256,
                        :started, clock_timestamp())"""),
            {
                "source": source.name,
                "version": source.version,
                "rules": names.RULES,
                "credit_name": source.credit_name,
                "licence": source.licence,
                "url": source.url,
                "places": counts.places,
                "names": counts.names,
                "content_sha256": counts.content.hexdigest(),
                "started": started,
            },
        )

    def _stage_batch(self, source: Source, batch: list[Place], counts: _Counts) -> None:
        faults_before = self.fault_count
        for place, what in _faults(batch):
            self._fault(source, f"{place.id or place.name or '(no id)'}: {what}")
        counts.places += len(batch)
        if self.fault_count > faults_before:
            return  # the load is lost; the rest is only looked through
        points = shapely.to_wkb(
            shapely.set_srid(np.array([place.point for place in batch], dtype=object), 4326), include_srid=True
        )
        place_rows: _Rows = []
        name_rows: _Rows = []
        area_rows: _Rows = []
        for place, point in zip(batch, points, strict=True):
            self.number += 1
            place_rows.append(_place_row(self.number, source.name, place, point))
            name_rows.extend(_name_rows(self.number, place))
            if place.geometry is not None:
                area_rows.append((self.number, _ewkb(place.geometry)))
        counts.names += len(name_rows)
        counts.content.update(repr([row[1:] for row in place_rows]).encode())
        counts.content.update("\0".join([f"{row[1]}\0{row[3]}\0{row[4]}" for row in name_rows]).encode())
        counts.content.update(b"".join(geometry for _, geometry in area_rows))
        self._settle()
        self.writing = self.writer.submit(self._copy_all, place_rows, name_rows, area_rows)

    def _settle(self) -> None:
        """Wait for the batch that is being written; from here on the connection is ours again."""
        if self.writing is not None:
            self.writing.result()
            self.writing = None

    def _copy_all(self, place_rows: _Rows, name_rows: _Rows, area_rows: _Rows) -> None:
        self._copy("place", _PLACE_TYPES, place_rows)
        self._copy("place_name", _NAME_TYPES, name_rows)
        self._copy("place_area", _AREA_TYPES, area_rows)

    def _copy(self, table: str, types: Sequence[str], rows: _Rows) -> None:
        if not rows:
            return
        # FREEZE: visible to everyone at once; allowed because this transaction made the table.
        statement = f"COPY {_STAGING}.{table} FROM STDIN (FORMAT binary, FREEZE)"
        with self.cursor.copy(statement) as copy:
            copy.set_types(types)
            for row in rows:
                copy.write_row(row)

    # --- checks ------------------------------------------------------------------------------------------------------

    def _fault(self, source: Source, what: str) -> None:
        self.fault_count += 1
        if len(self.faults) < _SHOWN_FAULTS:
            self.faults.append(f"{source.name}: {what}")

    def _refuse(self) -> NoReturn:
        more = self.fault_count - len(self.faults)
        listed = "\n".join(f"  {fault}" for fault in self.faults)
        if more:
            listed += f"\n  and {more:,} more"
        rows = "1 row is bad" if self.fault_count == 1 else f"{self.fault_count:,} rows are bad"
        message = f"The gazetteer is not changed, because {rows}:\n{listed}"
        raise SourceError(message, "Mend or leave out these rows, then load again.")

    def _refuse_duplicates(self, error: DBAPIError, schema: str, among: str) -> NoReturn:
        if getattr(error.orig, "sqlstate", None) != "23505":
            raise error
        rows = self.conn.execute(
            text(f"""
                SELECT id, string_agg(DISTINCT source, ', ' ORDER BY source) AS sources, count(*) AS n
                FROM ({among}) AS everything GROUP BY id HAVING count(*) > 1 ORDER BY id"""),
        ).all()
        self.fault_count = len(rows)
        self.faults = [f"{row.sources}: {row.id}: stands {row.n} times" for row in rows[:_SHOWN_FAULTS]]
        self._refuse()

    # --- into place --------------------------------------------------------------------------------------------------

    def _swap(self, due: Sequence[Source], kept: int) -> None:
        if kept:
            self._keep_others(due)
        conn = self._staged()
        every = [index for table in tables.metadata.sorted_tables for index in table.indexes]
        indexes = sorted(every, key=lambda index: str(index.name))
        self.tell("indexes", 0, len(indexes))
        for done, index in enumerate(indexes, start=1):
            try:
                with conn.begin_nested():
                    index.create(conn)
            except DBAPIError as error:
                self._untranslated()
                self._refuse_duplicates(error, _STAGING, f"SELECT id, source FROM {_STAGING}.place")
            self.tell("indexes", done, len(indexes))
        self._untranslated()
        for table in tables.metadata.sorted_tables:
            self._sql(f"ANALYZE {_STAGING}.{table.name}")
        # Renaming locks no table: readers go on in the old one and look the new one up by its name.
        self._sql(f"ALTER SCHEMA {tables.SCHEMA} RENAME TO {_REPLACED}_{self._scalar('SELECT txid_current()')}")
        self._sql(f"ALTER SCHEMA {_STAGING} RENAME TO {tables.SCHEMA}")

    def _keep_others(self, due: Sequence[Source]) -> None:
        """Copy the other sources' rows behind the new ones, renumbered as a block."""
        first = self._scalar("SELECT min(no) FROM gazetteer.place WHERE source <> ALL(:due)", due)
        values = {"due": [source.name for source in due], "shift": self.number + 1 - first}
        place_columns = ", ".join(f'p."{column.name}"' for column in list(tables.place.columns)[1:])
        name_columns = ", ".join(f'n."{column.name}"' for column in list(tables.place_name.columns)[1:])
        for statement in (
            f"INSERT INTO {_STAGING}.place SELECT p.no + :shift, {place_columns} FROM gazetteer.place p "
            "WHERE p.source <> ALL(:due)",
            f"INSERT INTO {_STAGING}.place_name SELECT n.place_no + :shift, {name_columns} FROM gazetteer.place_name n "
            "JOIN gazetteer.place p ON p.no = n.place_no WHERE p.source <> ALL(:due)",
            f"INSERT INTO {_STAGING}.place_area SELECT a.place_no + :shift, a.geom FROM gazetteer.place_area a "
            "JOIN gazetteer.place p ON p.no = a.place_no WHERE p.source <> ALL(:due)",
            f"INSERT INTO {_STAGING}.gazetteer_load SELECT * FROM gazetteer.gazetteer_load l "
            "WHERE l.source <> ALL(:due)",
        ):
            self.conn.execute(text(statement), values)

    def _patch(self, due: Sequence[Source]) -> None:
        """Replace the sources' rows in the tables that serve."""
        shift = self._scalar("SELECT coalesce(max(no), 0) FROM gazetteer.place")
        values = {"due": [source.name for source in due]}
        theirs = "USING gazetteer.place p WHERE p.no = place_no AND p.source = ANY(:due)"
        for statement in (
            f"DELETE FROM gazetteer.place_name {theirs}",
            f"DELETE FROM gazetteer.place_area {theirs}",
            "DELETE FROM gazetteer.place WHERE source = ANY(:due)",
            "DELETE FROM gazetteer.gazetteer_load WHERE source = ANY(:due)",
        ):
            self.conn.execute(text(statement), values)
        for table, number in (("place", "no"), ("place_name", "place_no"), ("place_area", "place_no")):
            self._sql(f"UPDATE {_STAGING}.{table} SET {number} = {number} + {shift}")
        try:
            with self.conn.begin_nested():
                self._sql(f"INSERT INTO gazetteer.place SELECT * FROM {_STAGING}.place")
        except DBAPIError as error:
            everything = f"SELECT id, source FROM gazetteer.place UNION ALL SELECT id, source FROM {_STAGING}.place"
            self._refuse_duplicates(error, tables.SCHEMA, everything)
        for others in ("place_name", "place_area", "gazetteer_load"):
            self._sql(f"INSERT INTO gazetteer.{others} SELECT * FROM {_STAGING}.{others}")
        self._sql(f"DROP SCHEMA {_STAGING} CASCADE")
        for changed in tables.metadata.sorted_tables:
            self._sql(f"ANALYZE {tables.SCHEMA}.{changed.name}")

    # --- SQL ---------------------------------------------------------------------------------------------------------

    def _sql(self, statement: str) -> None:
        self.conn.exec_driver_sql(statement)

    def _scalar(self, statement: str, due: Sequence[Source] = ()) -> Any:
        values = {"due": [source.name for source in due]} if ":due" in statement else {}
        return self.conn.scalar(text(statement), values)


_PLACE_TYPES: Final = (
    "int4", "text", "text", "text", "text", "text", "text", "text", "int8", "int4", "float4", "bool", "text", "bytea",
)  # fmt: skip
_NAME_TYPES: Final = ("int4", "text", "text", "text", "text", "text")
_AREA_TYPES: Final = ("int4", "bytea")


def _place_row(number: int, source: str, place: Place, point: bytes) -> tuple[Any, ...]:
    return (
        number,
        place.id,
        source,
        place.name,
        place.feature_class,
        place.feature_code,
        place.country_code,
        place.admin1_code,
        place.population,
        place.precision_m,
        prominence(place),
        place.geometry is not None,
        place.note,
        point,
    )


def _name_rows(number: int, place: Place) -> list[tuple[Any, ...]]:
    """One row a search key; of names with the same key the most trusted, of those the first."""
    best: dict[str, PlaceName] = {names.key(place.name): PlaceName(place.name, NameKind.PRIMARY)}
    for name in place.names:
        search_key = names.key(name.name)
        known = best.get(search_key)
        if known is None or _TRUST[name.kind] < _TRUST[known.kind]:
            best[search_key] = name
    best.pop("", None)
    rows = []
    for search_key, name in best.items():
        latin = name.kind is not NameKind.CODE and search_key.isascii()
        skeleton_key = names.skeleton_of_key(search_key) if latin else None
        rows.append((number, search_key, skeleton_key, name.name, name.kind._value_, name.language))
    return rows


def _ewkb(geometry: BaseGeometry) -> bytes:
    result: bytes = shapely.to_wkb(shapely.set_srid(geometry, 4326), include_srid=True)
    return result


def _faults(batch: list[Place]) -> Iterator[tuple[Place, str]]:
    """What is wrong with rows, in row order. Whole columns are looked at first; most batches have no fault."""
    suspicious = not _texts_are_fine(batch)
    for place in batch:
        if not place.id or ":" not in place.id:
            yield place, "the id is not of the form source:key"
        if not place.name.strip():
            yield place, "the name is empty"
        if not place.feature_class or not place.feature_code:
            yield place, "feature class or code is missing"
        if place.population is not None and not 0 <= place.population < 2**63:
            yield place, f"the population is {place.population}"
        if not 0 <= place.precision_m < 2**31:
            yield place, f"the precision is {place.precision_m} m"
        point = place.point
        if point is None or point.geom_type != "Point" or point.is_empty:
            yield place, "the point is missing"
        elif not (-180 <= point.x <= 180 and -90 <= point.y <= 90):  # also false for NaN
            yield place, f"longitude {point.x}, latitude {point.y} is not on the globe"
        if place.geometry is not None or place.has_area:
            fault = _area_fault(place)
            if fault:
                yield place, fault
        if suspicious:
            for value in (place.id, place.name, place.note, *(name.name for name in place.names)):
                if not _text_is_fine(value):
                    yield (
                        place,
                        f"the text {value[:40]!r} is longer than {_LONGEST_NAME} characters or cannot be stored",
                    )


def _area_fault(place: Place) -> str:
    geometry = place.geometry
    if geometry is None or geometry.is_empty or not place.has_area:
        return "has_area and geometry do not agree"
    west, south, east, north = geometry.bounds
    if not (-180 <= west <= east <= 180 and -90 <= south <= north <= 90):
        return "the area reaches beyond the globe"
    return "" if geometry.is_valid else f"the area is not valid: {shapely.is_valid_reason(geometry)}"


def _texts_are_fine(batch: list[Place]) -> bool:
    texts = [value for place in batch for value in (place.id, place.name, place.note)]
    texts += [name.name for place in batch for name in place.names]
    try:
        "".join(texts).encode()
    except UnicodeEncodeError:
        return False
    return all(len(value) <= _LONGEST_NAME for value in texts) and "\0" not in "".join(texts)


def _text_is_fine(value: str) -> bool:
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return len(value) <= _LONGEST_NAME and "\0" not in value
