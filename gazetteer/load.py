# ruff: noqa: S608 -- what is put into statements are constants of this file; values are bound
"""Load sources into the gazetteer: stage, check, unite, swap.

Everything happens in one transaction. The rows are copied into a second schema, checked, and indexed there; then

- the schema takes the place of the old one by its name (`swap`), or
- when the rows that come and go are few beside what stays, they replace their source's rows in the old tables
  (`patch`).

On the way, of several sources that know one place, one is chosen to serve (`gazetteer.uniting`).

Readers never wait and every statement of theirs sees one whole gazetteer, the old or the new; a load that is killed
leaves no trace. Two loads at once: the second waits, then finds its work done.

After a swap, rights that an administrator granted on the tables must be granted again, and views on them are gone.
benchmarks/gazetteer.py measures all of it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, field, replace
from typing import Any, Final, NoReturn

import psycopg
from sqlalchemy import Connection, Engine, Index, Table, text
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.schema import CreateTable, SetColumnComment, SetTableComment

from gazetteer import names, rows, tables, uniting, workers
from gazetteer.errors import DatabaseUnavailable, GazetteerError, SourceError
from gazetteer.rows import prominence as prominence
from gazetteer.sources.base import Source

Progress = Callable[[str, int, int | None], None]
"""Called with (what is being done, how many so far, how many in all or None).

A source's name with its places, of as many as it had when it was loaded before; then "uniting" with the rows of places
that several sources know, where there are any; then "indexes"."""

_LOAD_LOCK: Final = 0x67617A32
"""Advisory lock of those who load ("gaz2")."""

_STAGING: Final = f"{tables.SCHEMA}_new"
_REPLACED: Final = f"{tables.SCHEMA}_old"
"""Beginning of the name of a gazetteer that was replaced; the number of the replacing transaction follows."""
_PATCH_SHARE: Final = 0.2
"""Replaced in place when the rows that come or go are at most this share of the rows that stay."""
_TRUNCATED_SHARE: Final = 0.8
"""A source that gives less than this share of the places it gave before is probably cut off."""
_COMPARED_AT_MOST: Final = 2_000_000
"""Places of a source, before and now, up to which they are compared one by one for the report."""
_MANY_NAMES: Final = 3_000_000
"""Names from which their indexes get more memory."""
_LATE_KEYS: Final = (tables.place, tables.place_area)
"""Their primary keys are made after the rows are in, which takes a third of the time."""


@dataclass(frozen=True, slots=True)
class SourceReport:
    """What a load did to one source."""

    source: str
    places: int
    """Now."""
    names: int
    places_before: int | None
    """None: it was not loaded before."""
    added: int | None = None
    """Places that it did not have before; None where it was not compared, because it is large or new."""
    changed: int | None = None
    """Places with another name, kind, country, division, population or point than before."""
    gone: int | None = None
    notes: tuple[str, ...] = ()
    """What its reading brought to light, whole sentences."""


@dataclass(frozen=True, slots=True)
class LoadReport:
    """What a load did."""

    loaded: tuple[str, ...]
    """Names of the sources that were read and stored."""
    unchanged: tuple[str, ...]
    """Names of the sources that were there already in this version."""
    places: int
    """Places in the gazetteer now; one that several sources know counts for each."""
    names: int
    version: str
    """As of `version`."""
    sources: tuple[SourceReport, ...] = ()
    """What became of each of `loaded`."""
    removed: tuple[str, ...] = ()
    """Names of the sources that were taken out."""


def load(
    engine: Engine,
    sources: Sequence[Source],
    progress: Progress | None = None,
    *,
    force: bool = False,
    processes: int | None = None,
) -> LoadReport:
    """Bring `sources` into the gazetteer. Other sources that are loaded stay, but for those that the program retired.

    A source whose version is loaded already is skipped, unless `force`. One that has shrunk by a fifth and more is
    taken for truncated and refused, unless `force`. Large sources are read in as many `processes` as there are cores.
    Raises `SourceError` that names all bad rows together (the first 20 in full), `DatabaseUnavailable` when the server
    goes away or its disk is full; then, as after any other failure, the old gazetteer keeps serving.
    """
    from gazetteer.sources import DEFAULT, RETIRED  # asked for here only: those modules import this package's data

    twice = sorted({source.name for source in sources if [other.name for other in sources].count(source.name) > 1})
    if twice:
        message = f"These sources are given twice: {', '.join(twice)}."
        raise SourceError(message, "Give each source once.")
    tell = progress or _tell_nobody
    given = {source.name for source in sources}
    reports: tuple[SourceReport, ...] = ()
    try:
        with engine.begin() as conn:
            lock(conn)
            present = _loaded(conn)
            due = [source for source in sources if force or present.get(source.name) != _state(source)]
            gone = sorted(name for name in RETIRED if name in present and name not in given)
            if due or gone:
                work = _Load(conn, tell, processes)
                # Files of packages come whole; between two versions of the program they may shrink.
                trusted = {source.name for source in DEFAULT}
                reports = work.run(due, gone, may_shrink={source.name for source in due} if force else trusted)
    except (psycopg.Error, DBAPIError) as error:
        raise not_stored(error) from error
    unchanged = tuple(source.name for source in sources if source not in due)
    return _report(engine, reports, unchanged, tuple(gone))


def remove(engine: Engine, source: str, progress: Progress | None = None) -> LoadReport:
    """Take a source out of the gazetteer, by its name; what it lent to others goes with it.

    Raises `GazetteerError` when it is not loaded. The old gazetteer serves until the new one is complete.
    """
    try:
        with engine.begin() as conn:
            lock(conn)
            present = _loaded(conn)
            if source not in present:
                message = f"The gazetteer has no source {source!r}."
                hint = f"Loaded are: {', '.join(sorted(present))}." if present else "Nothing is loaded."
                raise GazetteerError(message, hint)
            _Load(conn, progress or _tell_nobody, None).run([], [source], may_shrink=set())
    except (psycopg.Error, DBAPIError) as error:
        raise not_stored(error) from error
    return _report(engine, (), (), (source,))


def lock(conn: Connection) -> None:
    """Wait until nobody else changes the gazetteer, and keep others waiting until the transaction ends."""
    conn.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOAD_LOCK})


def _tell_nobody(what: str, done: int, total: int | None) -> None:
    pass


def _report(
    engine: Engine, reports: tuple[SourceReport, ...], unchanged: tuple[str, ...], removed: tuple[str, ...]
) -> LoadReport:
    if reports or removed:
        _drop_replaced(engine)
    with engine.connect() as conn:
        row = conn.execute(text("SELECT sum(places), sum(names) FROM gazetteer.gazetteer_load")).one()
        return LoadReport(
            loaded=tuple(report.source for report in reports),
            unchanged=unchanged,
            places=int(row[0] or 0),
            names=int(row[1] or 0),
            version=version(conn),
            sources=reports,
            removed=removed,
        )


def default_is_loaded(conn: Connection) -> bool:
    """Whether every source of the default gazetteer is loaded in its present version, and none that was retired."""
    from gazetteer.sources import DEFAULT, RETIRED  # see `load`

    present = _loaded(conn)
    complete = all(present.get(source.name) == _state(source) for source in DEFAULT)
    return complete and not any(name in present for name in RETIRED)


def version(conn: Connection) -> str:
    """Twelve characters that change when, and only when, the content changes. Empty when nothing is loaded."""
    loaded = conn.execute(
        text("SELECT source, version, rules, content_sha256, rank FROM gazetteer.gazetteer_load ORDER BY source")
    ).all()
    if not loaded:
        return ""
    return hashlib.sha256(repr([tuple(row) for row in loaded]).encode()).hexdigest()[:12]


_State = tuple[str, int, int]
"""Version, rules of the keys, rank: with the same three a source need not be read again."""


def _state(source: Source) -> _State:
    return source.version, names.RULES, source.rank


def _loaded(conn: Connection) -> dict[str, _State]:
    found = conn.execute(text("SELECT source, version, rules, rank FROM gazetteer.gazetteer_load"))
    return {row.source: (row.version, row.rules, row.rank) for row in found}


def not_stored(error: psycopg.Error | DBAPIError) -> GazetteerError:
    """What to tell of an error of the database that ended a change of the gazetteer."""
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


@dataclass(slots=True)
class _Counts:
    places: int = 0
    names: int = 0
    content: Any = field(default_factory=hashlib.sha256)


class _Load:
    """One load inside its transaction."""

    def __init__(self, conn: Connection, tell: Progress, processes: int | None) -> None:
        self.conn = conn
        self.tell = tell
        self.processes = processes
        driver = conn.connection.driver_connection
        assert isinstance(driver, psycopg.Connection)  # noqa: S101  # database.engine makes no others
        self.cursor = driver.cursor()
        self.faults: list[str] = []
        self.fault_count = 0
        self.number = 0
        """The highest number of a staged place."""
        self.counts: dict[str, _Counts] = {}
        self.notes: dict[str, tuple[str, ...]] = {}
        self.before: dict[str, int] = {
            row.source: row.places for row in conn.execute(text("SELECT source, places FROM gazetteer.gazetteer_load"))
        }
        # The server stores one batch while we make the next; never more than one thread uses the connection.
        self.writer = ThreadPoolExecutor(max_workers=1, thread_name_prefix="gazetteer-load")
        self.writing: Future[None] | None = None

    def run(self, due: Sequence[Source], gone: Sequence[str], may_shrink: set[str]) -> tuple[SourceReport, ...]:
        """Load `due` and take `gone` out; what became of each of `due`."""
        self._sql("SET LOCAL maintenance_work_mem = '256MB'")
        self._sql("SET LOCAL work_mem = '64MB'")
        self._sql(f"CREATE SCHEMA {_STAGING}")
        self._create_tables()
        with self.writer:
            for source in due:
                self._stage(source)
        if self.fault_count:
            self._refuse()
        self._refuse_truncated(due, may_shrink)
        replaced = [*(source.name for source in due), *gone]
        reports = tuple(self._compared(source) for source in due)
        stay = sum(places for name, places in self.before.items() if name not in replaced)
        go = sum(self.before.get(name, 0) for name in replaced)
        come = sum(counts.places for counts in self.counts.values())
        if max(come, go) <= stay * _PATCH_SHARE and self._numbers_suffice():
            self._patch(replaced)
        else:
            self._swap(replaced, stay)
        return reports

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
        for table in _LATE_KEYS:
            self._sql(f"ALTER TABLE {_STAGING}.{table.name} DROP CONSTRAINT {table.name}_pkey")

    def _untranslated(self) -> None:
        self.conn.execution_options(schema_translate_map={})

    def _stage(self, source: Source) -> None:
        started = self._scalar("SELECT clock_timestamp()")
        counts = self.counts[source.name] = _Counts()
        expected = self.before.get(source.name)
        faults_before = self.fault_count
        self.tell(source.name, 0, expected)
        with closing(workers.batches(source, self.number + 1, self.processes)) as batches:
            for batch in batches:
                self.number = batch.last
                self._stage_batch(source, batch.encoded, counts)
                self.tell(source.name, counts.places, expected if counts.places < (expected or 0) else None)
        self._settle()
        if not counts.places and self.fault_count == faults_before:
            self._fault(source, "it is empty")
        findings = source.findings()
        self.notes[source.name] = findings.notes
        self.conn.execute(
            text(
                f"INSERT INTO {_STAGING}.gazetteer_load ({', '.join(_LOAD_COLUMNS)}) "
                f"VALUES ({', '.join(f':{column}' for column in _LOAD_COLUMNS)})"
            ),
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
                "finished": self._scalar("SELECT clock_timestamp()"),
                "rank": source.rank,
                "scope": list(source.scope) if source.scope is not None else None,
                "as_of": findings.as_of,
            },
        )

    def _stage_batch(self, source: Source, batch: rows.Encoded, counts: _Counts) -> None:
        counts.places += batch.places
        counts.names += batch.names
        counts.content.update(batch.digest)
        for fault in batch.faults:
            self._fault(source, fault)
        self.fault_count += batch.fault_count - len(batch.faults)
        if self.fault_count:
            return  # the load is lost; the rest is only looked through
        self._settle()
        self.writing = self.writer.submit(self._copy_all, batch)

    def _settle(self) -> None:
        """Wait for the batch that is being written; from here on the connection is ours again."""
        if self.writing is not None:
            self.writing.result()
            self.writing = None

    def _copy_all(self, batch: rows.Encoded) -> None:
        self._copy("place", rows.PLACE_COLUMNS, batch.place_rows)
        self._copy("place_name", rows.NAME_COLUMNS, batch.name_rows)
        self._copy("place_area", rows.AREA_COLUMNS, batch.area_rows)

    def _copy(self, table: str, columns: Sequence[str], copied: bytes) -> None:
        if not copied:
            return
        # FREEZE: visible to everyone at once; allowed because this transaction made the table.
        statement = f"COPY {_STAGING}.{table} ({', '.join(columns)}) FROM STDIN (FORMAT binary, FREEZE)"
        with self.cursor.copy(statement) as copy:
            for piece in (rows.COPY_HEADER, copied, rows.COPY_TRAILER):
                copy.write(piece)

    # --- checks ------------------------------------------------------------------------------------------------------

    def _fault(self, source: Source, what: str) -> None:
        self.fault_count += 1
        if len(self.faults) < rows.SHOWN_FAULTS:
            self.faults.append(f"{source.name}: {what}")

    def _refuse(self) -> NoReturn:
        more = self.fault_count - len(self.faults)
        listed = "\n".join(f"  {fault}" for fault in self.faults)
        if more:
            listed += f"\n  and {more:,} more"
        bad = "1 row is bad" if self.fault_count == 1 else f"{self.fault_count:,} rows are bad"
        message = f"The gazetteer is not changed, because {bad}:\n{listed}"
        raise SourceError(message, "Mend or leave out these rows, then load again.")

    def _refuse_duplicates(self, error: DBAPIError, among: str) -> NoReturn:
        if getattr(error.orig, "sqlstate", None) != "23505":
            raise error
        twice = self.conn.execute(
            text(
                f"SELECT id, source, count(*) AS n FROM ({among}) AS e GROUP BY 1, 2 HAVING count(*) > 1 ORDER BY 1, 2"
            ),
        ).all()
        self.fault_count = len(twice)
        self.faults = [f"{row.source}: {row.id}: stands {row.n} times" for row in twice[: rows.SHOWN_FAULTS]]
        self._refuse()

    def _refuse_truncated(self, due: Sequence[Source], may_shrink: set[str]) -> None:
        shrunk = [
            f"  {source.name}: {now:,} places, where {self.before[source.name]:,} were loaded before"
            for source in due
            if source.name not in may_shrink
            and (now := self.counts[source.name].places) < self.before.get(source.name, 0) * _TRUNCATED_SHARE
        ]
        if shrunk:
            message = "The gazetteer is not changed, because a source is probably truncated:\n" + "\n".join(shrunk)
            raise SourceError(message, "Fetch the file again; if it is right so, load it with --force.")

    def _compared(self, source: Source) -> SourceReport:
        now, before = self.counts[source.name], self.before.get(source.name)
        report = SourceReport(source.name, now.places, now.names, before, notes=self.notes[source.name])
        if before is None or before + now.places > _COMPARED_AT_MOST:
            return report
        compared = ("name", "feature_class", "feature_code", "country_code", "admin1_code", "population")
        then_and_now = [f"({', '.join(f'{side}.{column}' for column in compared)})" for side in ("old", "new")]
        counted = self.conn.execute(
            text(f"""
                SELECT count(*) FILTER (WHERE old.id IS NULL) AS added,
                       count(*) FILTER (WHERE new.id IS NULL) AS gone,
                       count(*) FILTER (WHERE old.id = new.id AND (NOT old.point ~= new.point
                                        OR {then_and_now[0]} IS DISTINCT FROM {then_and_now[1]})) AS changed
                FROM (SELECT * FROM gazetteer.place WHERE source = :source AND withdrawn IS NULL) old
                FULL JOIN (SELECT * FROM {_STAGING}.place WHERE source = :source) new USING (id)"""),
            {"source": source.name},
        ).one()
        return replace(report, added=counted.added, changed=counted.changed, gone=counted.gone)

    # --- into place --------------------------------------------------------------------------------------------------

    def _swap(self, replaced: Sequence[str], kept: int) -> None:
        if kept:
            self._keep_others(replaced)
        stored = int(self._scalar(f"SELECT sum(names) FROM {_STAGING}.gazetteer_load") or 0)
        if stored > _MANY_NAMES:
            self._sql("SET LOCAL maintenance_work_mem = '1GB'")
        every = [index for table in tables.metadata.sorted_tables for index in table.indexes]
        # The ids first: by them it is seen which places several sources know, and it is the quicker the fewer indexes
        # are there when rows change.
        every.sort(key=lambda index: (index.name != "place_id_key", str(index.name)))
        steps: list[Index | Table] = [*every, *_LATE_KEYS]
        self.tell("indexes", 0, len(steps))
        for done, step in enumerate(steps, start=1):
            if isinstance(step, Table):
                keys = ", ".join(column.name for column in step.primary_key)
                self._sql(f"ALTER TABLE {_STAGING}.{step.name} ADD CONSTRAINT {step.name}_pkey PRIMARY KEY ({keys})")
            else:
                self._create_index(step)
            if step is every[0]:
                self._unite_all()
            self.tell("indexes", done, len(steps))
        for table in tables.metadata.sorted_tables:
            self._sql(f"ANALYZE {_STAGING}.{table.name}")
        # Renaming locks no table: readers go on in the old one and look the new one up by its name.
        self._sql(f"ALTER SCHEMA {tables.SCHEMA} RENAME TO {_REPLACED}_{self._scalar('SELECT txid_current()')}")
        self._sql(f"ALTER SCHEMA {_STAGING} RENAME TO {tables.SCHEMA}")

    def _create_index(self, index: Index) -> None:
        conn = self._staged()
        try:
            with conn.begin_nested():
                index.create(conn)
        except DBAPIError as error:
            self._untranslated()
            self._refuse_duplicates(error, f"SELECT id, source FROM {_STAGING}.place")
        self._untranslated()

    def _unite_all(self) -> None:
        if self._scalar(f"SELECT count(*) FROM {_STAGING}.gazetteer_load") > 1:
            united = uniting.unite_in(self.conn, _STAGING, uniting.SHARED)
            if united:
                self.tell("uniting", united, united)

    def _keep_others(self, replaced: Sequence[str]) -> None:
        """Copy the other sources' rows behind the new ones, renumbered as a block, each name with its own place."""
        first = self.conn.scalar(
            text("SELECT min(no) FROM gazetteer.place WHERE source <> ALL(:replaced)"), {"replaced": list(replaced)}
        )
        values = {"replaced": list(replaced), "shift": self.number + 1 - first}
        place = _columns(rows.PLACE_COLUMNS, "p", no="p.no + :shift", serves="true")
        name = _columns(rows.NAME_COLUMNS, "n", place_no="n.own_no + :shift", own_no="n.own_no + :shift")
        area = _columns(rows.AREA_COLUMNS, "a", place_no="a.place_no + :shift")
        kept = "p.source <> ALL(:replaced)"
        for table, columns, selected, origin in (
            ("place", rows.PLACE_COLUMNS, place, f"gazetteer.place p WHERE {kept}"),
            (
                "place_name",
                rows.NAME_COLUMNS,
                name,
                f"gazetteer.place_name n JOIN gazetteer.place p ON p.no = n.own_no WHERE {kept}",
            ),
            (
                "place_area",
                rows.AREA_COLUMNS,
                area,
                f"gazetteer.place_area a JOIN gazetteer.place p ON p.no = a.place_no WHERE {kept}",
            ),
            ("gazetteer_load", _LOAD_COLUMNS, _columns(_LOAD_COLUMNS, "p"), f"gazetteer.gazetteer_load p WHERE {kept}"),
            (
                "gazetteer_update",
                _UPDATE_COLUMNS,
                _columns(_UPDATE_COLUMNS, "p"),
                f"gazetteer.gazetteer_update p WHERE {kept}",
            ),
        ):
            statement = f"INSERT INTO {_STAGING}.{table} ({', '.join(columns)}) SELECT {selected} FROM {origin}"
            self.conn.execute(text(statement), values)

    def _numbers_suffice(self) -> bool:
        """Whether the staged places can be numbered on behind those that are there."""
        return self._last_number() + self.number <= rows.HIGHEST_NUMBER

    def _last_number(self) -> int:
        return int(self._scalar("SELECT coalesce(max(no), 0) FROM gazetteer.place"))

    def _patch(self, replaced: Sequence[str]) -> None:
        """Replace the sources' rows in the tables that serve."""
        values = {"replaced": list(replaced), "shift": self._last_number()}
        concerned = f"{_STAGING}.concerned"
        theirs = "USING gazetteer.place p WHERE p.no = {} AND p.source = ANY(:replaced)"
        place = _columns(rows.PLACE_COLUMNS, "staged", no="staged.no + :shift")
        name = _columns(rows.NAME_COLUMNS, "staged", place_no="place_no + :shift", own_no="own_no + :shift")
        area = _columns(rows.AREA_COLUMNS, "staged", place_no="place_no + :shift")
        for statement in (
            f"CREATE TABLE {concerned} AS SELECT id FROM gazetteer.place WHERE source = ANY(:replaced) "
            f"UNION SELECT id FROM {_STAGING}.place",
            f"ANALYZE {concerned}",
            f"DELETE FROM gazetteer.place_name {theirs.format('own_no')}",
            f"DELETE FROM gazetteer.place_area {theirs.format('place_no')}",
            "DELETE FROM gazetteer.place WHERE source = ANY(:replaced)",
            "DELETE FROM gazetteer.gazetteer_load WHERE source = ANY(:replaced)",
            "DELETE FROM gazetteer.gazetteer_update WHERE source = ANY(:replaced)",
            f"INSERT INTO gazetteer.place_name ({', '.join(rows.NAME_COLUMNS)}) SELECT {name} "
            f"FROM {_STAGING}.place_name staged",
            f"INSERT INTO gazetteer.place_area ({', '.join(rows.AREA_COLUMNS)}) SELECT {area} "
            f"FROM {_STAGING}.place_area staged",
            f"INSERT INTO gazetteer.gazetteer_load ({', '.join(_LOAD_COLUMNS)}) "
            f"SELECT {', '.join(_LOAD_COLUMNS)} FROM {_STAGING}.gazetteer_load",
        ):
            self.conn.execute(text(statement), values)
        try:
            with self.conn.begin_nested():
                self.conn.execute(
                    text(
                        f"INSERT INTO gazetteer.place ({', '.join(rows.PLACE_COLUMNS)}) SELECT {place} "
                        f"FROM {_STAGING}.place staged"
                    ),
                    values,
                )
        except DBAPIError as error:
            self._refuse_duplicates(error, f"SELECT id, source FROM {_STAGING}.place")
        united = uniting.unite_in(self.conn, tables.SCHEMA, f"SELECT id FROM {concerned}")
        self.tell("uniting", united, united)
        self._sql(f"DROP SCHEMA {_STAGING} CASCADE")
        for changed in tables.metadata.sorted_tables:
            self._sql(f"ANALYZE {tables.SCHEMA}.{changed.name}")

    # --- SQL ---------------------------------------------------------------------------------------------------------

    def _sql(self, statement: str) -> None:
        self.conn.exec_driver_sql(statement)

    def _scalar(self, statement: str) -> Any:
        return self.conn.scalar(text(statement))


_LOAD_COLUMNS: Final = tuple(column.name for column in tables.gazetteer_load.columns)
_UPDATE_COLUMNS: Final = tuple(column.name for column in tables.gazetteer_update.columns)


def _columns(wanted: Sequence[str], table: str, **instead: str) -> str:
    """A select list: the columns of `table` in this order, some of them replaced."""
    return ", ".join(instead.get(column, f"{table}.{column}") for column in wanted)
