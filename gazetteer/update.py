# ruff: noqa: S608 -- what is put into statements are constants of this file; values are bound
"""Keep a loaded GeoNames dump up to date with the files of changes that GeoNames publishes every day.

Days are applied in order, none left out, each in one transaction: readers see the gazetteer before or after a day, and
an update that is killed leaves no half day behind. What was applied is kept (`gazetteer.gazetteer_update`), so that the
same files may be given again and nothing happens.

A day ends as a load of that day's dump would, but for what the changes do not tell or the gazetteer does not keep:

- a name with one search key in several spellings keeps the spelling it had when one of these is deleted;
- names and codes from `admin1CodesASCII`, `admin2Codes` and `hierarchy` are gone from rows that were modified;
- a place keeps its id when it becomes, or ceases to be, the division of a code.

The next load of a dump mends these. A deleted place stays in the gazetteer as withdrawn: it has no names and is near
nothing, but who holds its id finds it.

Measured (2 shared cores, busy; 300,000 places, 960,000 names): 0.8-1 s for a day of 2,000 modified and 50 deleted
places. Half of that is two looks through all names, which have no index by place; it grows with the gazetteer.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from itertools import islice
from pathlib import Path
from typing import Any, Final

import psycopg
import shapely
from sqlalchemy import Connection, Engine, Row, text
from sqlalchemy.exc import DBAPIError

from gazetteer import daily, load, names, rows, uniting
from gazetteer.daily import Alternate, Changes, DailyFile
from gazetteer.errors import SourceError
from gazetteer.model import NameKind, Place, PlaceName
from gazetteer.sources import geonames
from gazetteer.sources.base import BadRow
from gazetteer.sources.geonames_rows import LEFT_OUT, Column, Part, kind_of_language, number_as_name
from gazetteer.sources.geonames_scan import Division, claim_of

_PART_ROWS: Final = 5_000


@dataclass(frozen=True, slots=True)
class DayReport:
    """What one day changed. A place that moved and changed class counts in both, and once in `changed`."""

    day: date
    added: int = 0
    changed: int = 0
    """Places that have another name, kind, country, division, population or point than before."""
    moved: int = 0
    changed_class: int = 0
    """Another feature class or code."""
    changed_country: int = 0
    withdrawn: int = 0
    restored: int = 0
    """Places that had been withdrawn and are there again."""
    renamed: int = 0
    """Places that were there and have other names now, the first one or others."""


@dataclass(frozen=True, slots=True)
class UpdateReport:
    """What an update did."""

    days: tuple[DayReport, ...]
    """The days that were applied now, in order."""
    unchanged: tuple[str, ...]
    """Names of the files that were applied before, or whose changes the dump holds already."""
    as_of: date
    """The last day whose changes are in the gazetteer."""
    version: str
    """As of `load.version`: another one only if something changed."""


def update(
    engine: Engine, files: Sequence[Path], progress: load.Progress | None = None, force: bool = False
) -> UpdateReport:
    """Apply the files of daily changes among `files` (see `gazetteer.daily`), or in a folder, to the loaded dump.

    Only the countries of the dump are concerned. The first day must be the one after the dump's last, or that one
    itself, and each further day the next; with `force` days may be missing. A day must have the same kinds of files as
    the one before. Raises `SourceError` when no dump is loaded, when days or files are missing, when a file differs
    from the one that was applied for its day, and for bad rows, which are named together (the first 20 in full); then
    nothing is applied. Raises `DatabaseUnavailable` when the server goes away; the days before are applied then.
    """
    found = daily.find(files)
    if not found:
        message = "There are no files of daily changes among the files."
        raise SourceError(message, f"They are called {daily.KINDS[0]}-2026-11-20.txt, {daily.KINDS[1]}-2026-11-20.txt.")
    tell = progress or (lambda what, done, total: None)
    try:
        with engine.connect() as conn:
            plan = _plan(_state(conn), found, force)
        changes = _read(plan.due)
        reports = []
        for done, (day, of_day) in enumerate(plan.due.items()):
            tell("daily changes", done, len(plan.due))
            with engine.begin() as conn:
                load.lock(conn)
                # Somebody else may have applied it, or loaded another dump, while we waited.
                now = _plan(_state(conn), of_day, force)
                if now.due:
                    reports.append(_Day(conn, day, of_day, changes[day]).apply())
        tell("daily changes", len(plan.due), len(plan.due))
        with engine.connect() as conn:
            return UpdateReport(tuple(reports), plan.unchanged, _state(conn).as_of, load.version(conn))
    except (psycopg.Error, DBAPIError) as error:
        raise load.not_stored(error) from error


# --- what is due -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _State:
    """How far the loaded dump is."""

    as_of: date
    applied: dict[date, dict[str, str]]
    """The fingerprints of the files that were applied, by day and kind."""


@dataclass(frozen=True, slots=True)
class _Plan:
    due: dict[date, list[DailyFile]]
    unchanged: tuple[str, ...]


_LOAD_DUMP: Final = "Load a dump of today first: incident-map gazetteer load --geonames FILE"


def _state(conn: Connection) -> _State:
    row = conn.execute(
        text("SELECT as_of, rules FROM gazetteer.gazetteer_load WHERE source = :source"), {"source": geonames.NAME}
    ).one_or_none()
    if row is None:
        message = "No dump of GeoNames is loaded, so there is nothing that daily changes could be applied to."
        raise SourceError(
            message, "Load one first: incident-map gazetteer load --geonames IQ.zip --geonames alternateNamesV2.zip"
        )
    if row.as_of is None:
        message = "Daily changes cannot go on from the dump that is loaded: it is an extract, or renamed."
        raise SourceError(message, "Load country files or allCountries, named as GeoNames names them (IQ.zip, IQ.txt).")
    if row.rules != names.RULES:
        message = "The search keys of the dump that is loaded are those of another version of this program."
        raise SourceError(message, _LOAD_DUMP)
    applied: dict[date, dict[str, str]] = {}
    for entry in conn.execute(
        text("SELECT day, kind, sha256 FROM gazetteer.gazetteer_update WHERE source = :source"),
        {"source": geonames.NAME},
    ):
        applied.setdefault(entry.day, {})[entry.kind] = entry.sha256
    return _State(row.as_of, applied)


def _plan(state: _State, files: Sequence[DailyFile], force: bool) -> _Plan:
    """Which files are to be applied now. Raises `SourceError` where the days would not be one unbroken line."""
    due: dict[date, list[DailyFile]] = {}
    unchanged = []
    first, last = min(state.applied, default=None), max(state.applied, default=None)
    for file in files:
        if first is None or last is None:
            is_contained = file.day < state.as_of
        else:
            is_contained = file.day < first
            known = state.applied.get(file.day, {}).get(file.kind)
            if known == file.sha256:
                is_contained = True
            elif known:
                message = f"{file.name} differs from the file that was applied for that day."
                raise SourceError(message, f"Give the file of that time, or start anew. {_LOAD_DUMP}")
            elif first <= file.day < last:
                message = f"{file.name} comes too late: later days are applied already."
                raise SourceError(message, f"Give all files of a day together. {_LOAD_DUMP}")
        if is_contained:
            unchanged.append(file.name)
        else:
            due.setdefault(file.day, []).append(file)
    if not force:
        _refuse_gaps(state, due)
    return _Plan(due, tuple(unchanged))


def _refuse_gaps(state: _State, due: dict[date, list[DailyFile]]) -> None:
    kinds_before = set(state.applied.get(state.as_of, {})) if state.applied else set()
    kinds_before |= {file.kind for file in due.get(state.as_of, [])}
    if not kinds_before:
        kinds_before = {file.kind for files in due.values() for file in files}
    wanted = state.as_of + timedelta(days=1)
    missing: list[str] = []
    for day in sorted(due):
        if day == state.as_of:
            _refuse_unheard(state.applied.get(day - timedelta(days=1)), due[day])
            continue
        while wanted < day and len(missing) < 20:
            missing += [_file_name(kind, wanted) for kind in daily.KINDS if kind in kinds_before]
            wanted += timedelta(days=1)
        kinds = {file.kind for file in due[day]}
        missing += [_file_name(kind, day) for kind in daily.KINDS if kind in kinds_before - kinds]
        if not missing:
            _refuse_unheard(kinds_before, due[day])
        wanted = day + timedelta(days=1)
    if missing:
        listed = ", ".join(missing[:6]) + (" ..." if len(missing) > 6 else "")
        message = f"The gazetteer has the changes up to {state.as_of}; missing: {listed}."
        raise SourceError(message, f"Give these files too. GeoNames keeps them for a few days only: else {_LOAD_DUMP}")


def _refuse_unheard(kinds_before: Collection[str] | None, files: Sequence[DailyFile]) -> None:
    """Refuse files of a kind that the day before lacked; None: there was no day before."""
    unheard = [file.name for file in files if kinds_before is not None and file.kind not in kinds_before]
    if unheard:
        message = f"{unheard[0]} is given, but the file of that kind for the day before was not."
        raise SourceError(message, f"Leave out the files of that kind, or start anew. {_LOAD_DUMP}")


def _file_name(kind: str, day: date) -> str:
    return f"{kind}-{day}.txt"


def _read(due: dict[date, list[DailyFile]]) -> dict[date, Changes]:
    """The changes of every day. Raises `SourceError` that names all bad rows of all files."""
    changes: dict[date, Changes] = {}
    bad: list[BadRow] = []
    for day, files in due.items():
        changes[day], faults = daily.read(files)
        bad += faults
    if bad:
        listed = "\n".join(f"  {row.where}: {row.what}" for row in bad[: rows.SHOWN_FAULTS])
        if len(bad) > rows.SHOWN_FAULTS:
            listed += f"\n  and {len(bad) - rows.SHOWN_FAULTS:,} more"
        count = "1 row is bad" if len(bad) == 1 else f"{len(bad):,} rows are bad"
        message = f"The gazetteer is not changed, because {count}:\n{listed}"
        raise SourceError(message, "Download the files again; if they are so, load a dump instead.")
    return changes


# --- one day ---------------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Known:
    """A place of the dump that a day concerns, with the names that it has."""

    id: str
    withdrawn: bool
    place: Place
    own: list[PlaceName] = field(default_factory=list)
    """Names that no row of alternate names attests."""
    attested: dict[int, Alternate] = field(default_factory=dict)
    """By alternateNameId."""


class _Day:
    """The changes of one day inside their transaction."""

    def __init__(self, conn: Connection, day: date, files: Sequence[DailyFile], changes: Changes) -> None:
        self.conn = conn
        self.day = day
        self.files = files
        self.changes = changes
        self.load = conn.execute(
            text("SELECT as_of, scope, content_sha256 FROM gazetteer.gazetteer_load WHERE source = :source"),
            {"source": geonames.NAME},
        ).one()
        driver = conn.connection.driver_connection
        assert isinstance(driver, psycopg.Connection)  # noqa: S101  # database.engine makes no others
        self.cursor = driver.cursor()
        self.more_names = 0
        """Rows of names that came, less those that went."""

    def apply(self) -> DayReport:
        """Change what is to be changed, and write down that it is done."""
        known = self._known()
        modified = self._modified(known)
        self._amend(known)
        places = self._modified_places(modified, known)
        self._stage(places + self._renamed_places(modified, known))
        report = self._store([place.id for place in places])
        withdrawn = self._withdraw(known)
        report = replace(report, withdrawn=len(withdrawn))
        concerned = sorted({*self._touched(), *withdrawn})
        if concerned:
            uniting.unite(self.conn, concerned)
        self._write_down(report, bool(concerned))
        return report

    # --- what is there

    def _known(self) -> dict[int, _Known]:
        """The places that the day concerns and the dump has, by geonameid."""
        numbers = {int(fields[Column.ID]) for fields in self.changes.rows}
        numbers |= set(self.changes.deleted)
        numbers |= {row.geonameid for row in self.changes.alternates}
        numbers |= {geonameid for _, geonameid in self.changes.alternates_deleted}
        listed = sorted(numbers)
        self.conn.execute(
            text("""
                CREATE TEMP TABLE update_known ON COMMIT DROP AS
                SELECT w.number, p.*
                FROM unnest(CAST(:numbers AS int[]), CAST(:ids AS text[])) AS w(number, id)
                JOIN gazetteer.place p ON p.id = w.id COLLATE "C" AND p.source = :source
                UNION ALL
                SELECT w.number, p.*
                FROM unnest(CAST(:numbers AS int[]), CAST(:keys AS text[])) AS w(number, key)
                JOIN gazetteer.place_name n ON n.name_key = w.key COLLATE "C" AND n.kind = 'code'
                JOIN gazetteer.place p ON p.no = n.own_no AND p.source = :source"""),
            {
                "numbers": listed,
                "ids": [f"{geonames.NAME}:{number}" for number in listed],
                "keys": [names.key(number_as_name(number)) for number in listed],
                "source": geonames.NAME,
            },
        )
        # One look through the names: they have no index by place, which only this would need.
        self.conn.execute(
            text("""
                CREATE TEMP TABLE update_names ON COMMIT DROP AS
                SELECT k.id, k.number, n.ctid AS spot, n.name_key, n.skeleton_key, n.name, n.kind, n.language,
                       n.alternate_ids
                FROM gazetteer.place_name n JOIN update_known k ON k.no = n.own_no""")
        )
        found = self.conn.execute(
            text("SELECT *, ST_X(point) AS lon, ST_Y(point) AS lat FROM update_known ORDER BY number")
        ).all()
        known = {row.number: _known_of(row) for row in found}
        stored = text("SELECT number, name, kind, language, alternate_ids FROM update_names ORDER BY number, name_key")
        for row in self.conn.execute(stored):
            _add_name(known[row.number], row)
        return known

    # --- what shall be there

    def _modified(self, known: dict[int, _Known]) -> list[tuple[str, ...]]:
        """The rows that concern the dump."""
        scope = None if self.load.scope is None else set(self.load.scope)
        # On its last day the dump is newer than any row of the day before that a file of this day may bring.
        earliest = str(self.load.as_of) if self.day == self.load.as_of and not self._is_going_on() else ""
        deleted = set(self.changes.deleted)
        return [
            fields
            for fields in self.changes.rows
            if int(fields[Column.ID]) not in deleted
            and (scope is None or fields[Column.COUNTRY] in scope or int(fields[Column.ID]) in known)
            and fields[Column.MODIFIED] >= earliest
        ]

    def _is_going_on(self) -> bool:
        statement = text("SELECT count(*) FROM gazetteer.gazetteer_update WHERE source = :source")
        return bool(self.conn.scalar(statement, {"source": geonames.NAME}))

    def _amend(self, known: dict[int, _Known]) -> None:
        """Bring the alternate names of known places up to date."""
        for row in self.changes.alternates:
            place = known.get(row.geonameid)
            if place is None:
                continue
            place.attested.pop(row.number, None)
            if row.language not in LEFT_OUT and row.text:
                place.attested[row.number] = row
        for number, geonameid in self.changes.alternates_deleted:
            if geonameid in known:
                known[geonameid].attested.pop(number, None)

    def _modified_places(self, modified: Sequence[tuple[str, ...]], known: dict[int, _Known]) -> list[Place]:
        """The places of rows, as a load makes them of the same rows with these alternate names."""
        ids = self._ids(modified, known)
        fresh: dict[int, dict[int, Alternate]] = {}
        for row in self.changes.alternates:
            if row.geonameid not in known and row.language not in LEFT_OUT and row.text:
                fresh.setdefault(row.geonameid, {})[row.number] = row
        for number, geonameid in self.changes.alternates_deleted:
            fresh.get(geonameid, {}).pop(number, None)
        places: list[Place] = []
        every = iter(modified)
        while chunk := list(islice(every, _PART_ROWS)):
            numbers = [int(fields[Column.ID]) for fields in chunk]
            entries = [
                [_line(row) for _, row in sorted((known[n].attested if n in known else fresh.get(n, {})).items())]
                for n in numbers
            ]
            part = Part(
                file=f"{daily.KINDS[0]}-{self.day}",
                first_line=1,
                data="".join("\t".join(fields) + "\n" for fields in chunk).encode(),
                ids={number: ids[number] for number in numbers if number in ids},
                alternates="".join(line for lines in entries for line in lines).encode(),
                counts=tuple(map(len, entries)),
            )
            for place in geonames.read(part):
                assert isinstance(place, Place)  # noqa: S101  # bad rows were refused before
                places.append(place)
        return places

    def _ids(self, modified: Sequence[tuple[str, ...]], known: dict[int, _Known]) -> dict[int, str]:
        """Ids of the rows that are not `geonames:<geonameid>`: of divisions, and of such as become one now."""
        ids = {number: place.id for number, place in known.items() if place.id != f"{geonames.NAME}:{number}"}
        claims: dict[str, int] = {}
        for fields in modified:
            number = int(fields[Column.ID])
            if number in known or fields[Column.CLASS] != "A":
                continue
            codes = (fields[Column.COUNTRY], fields[Column.ADMIN1].strip(), fields[Column.ADMIN2].strip())
            claim = claim_of(Division(number, fields[Column.CODE], *codes, population=0))
            if claim:
                claims.setdefault(claim, number)
        taken = self.conn.scalars(
            text("""
                SELECT id FROM gazetteer.place
                WHERE source = :source AND id = ANY(:claims) AND withdrawn IS NULL"""),
            {"source": geonames.NAME, "claims": sorted(claims)},
        )
        for claim in taken:
            del claims[claim]
        return ids | {number: claim for claim, number in claims.items()}

    def _renamed_places(self, modified: Sequence[tuple[str, ...]], known: dict[int, _Known]) -> list[Place]:
        """The places of which only alternate names changed."""
        changed = {row.geonameid for row in self.changes.alternates}
        changed |= {geonameid for _, geonameid in self.changes.alternates_deleted}
        changed -= {int(fields[Column.ID]) for fields in modified} | set(self.changes.deleted)
        return [_with_names(known[n]) for n in sorted(changed) if n in known and not known[n].withdrawn]

    # --- how it comes there

    def _stage(self, places: Sequence[Place]) -> None:
        for table in ("place", "place_name"):
            statement = f"CREATE TEMP TABLE update_{table} (LIKE gazetteer.{table}) ON COMMIT DROP"
            self.conn.exec_driver_sql(statement)
        encoded = rows.encode(places, geonames.NAME, 1)
        if encoded.fault_count:
            listed = "\n".join(f"  {fault}" for fault in encoded.faults)
            message = f"The changes of {self.day} are not applied, because they cannot be stored:\n{listed}"
            raise SourceError(message, _LOAD_DUMP)
        self._copy("update_place", rows.PLACE_COLUMNS, encoded.place_rows)
        self._copy("update_place_name", rows.NAME_COLUMNS, encoded.name_rows)

    def _copy(self, table: str, columns: Sequence[str], copied: bytes) -> None:
        statement = f"COPY {table} ({', '.join(columns)}) FROM STDIN (FORMAT binary)"
        with self.cursor.copy(statement) as copy:
            for piece in (rows.COPY_HEADER, copied, rows.COPY_TRAILER):
                copy.write(piece)

    def _store(self, modified: Sequence[str]) -> DayReport:
        """Bring the staged places and names into the gazetteer; of places only those `modified`."""
        values = {"source": geonames.NAME, "modified": list(modified)}
        new, old = (", ".join(f"{side}.{column}" for column in _ATTRIBUTES) for side in ("s", "o"))
        for statement in (
            f"""
            CREATE TEMP TABLE update_differing ON COMMIT DROP AS
            SELECT s.no AS staged_no, s.id, o.no, o.no IS NULL AS is_new, o.withdrawn IS NOT NULL AS is_restored,
                   s.point::bytea <> o.point::bytea AS has_moved,
                   (s.feature_class, s.feature_code) IS DISTINCT FROM (o.feature_class, o.feature_code) AS of_new_class,
                   s.country_code IS DISTINCT FROM o.country_code AS in_new_country
            FROM update_place s LEFT JOIN gazetteer.place o ON o.id = s.id AND o.source = :source
            WHERE s.id = ANY(:modified)
            AND (o.no IS NULL OR o.withdrawn IS NOT NULL
                 OR ({new}, s.point::bytea) IS DISTINCT FROM ({old}, o.point::bytea))""",
            f"""
            UPDATE gazetteer.place o
            SET {", ".join(f"{column} = s.{column}" for column in (*_ATTRIBUTES, "point"))}, withdrawn = NULL
            FROM update_differing d JOIN update_place s ON s.no = d.staged_no
            WHERE o.no = d.no""",
            f"""
            INSERT INTO gazetteer.place ({", ".join(rows.PLACE_COLUMNS)})
            SELECT (SELECT coalesce(max(no), 0) FROM gazetteer.place) + row_number() OVER (ORDER BY s.no),
                   {", ".join(f"s.{column}" for column in rows.PLACE_COLUMNS if column != "no")}
            FROM update_differing d JOIN update_place s ON s.no = d.staged_no
            WHERE d.is_new""",
        ):
            self._sql(statement, values)
        counts = self.conn.execute(
            text("""
                SELECT count(*) FILTER (WHERE is_new) AS added, count(*) FILTER (WHERE known) AS changed,
                       count(*) FILTER (WHERE has_moved) AS moved,
                       count(*) FILTER (WHERE known AND of_new_class) AS changed_class,
                       count(*) FILTER (WHERE known AND in_new_country) AS changed_country,
                       count(*) FILTER (WHERE is_restored) AS restored
                FROM (SELECT *, NOT is_new AND NOT is_restored AS known FROM update_differing) AS d""")
        ).one()
        return DayReport(self.day, **counts._asdict(), renamed=self._store_names())

    def _store_names(self) -> int:
        """Bring the staged names into the gazetteer; how many places have others now that were there before."""
        values = {"source": geonames.NAME}
        for statement in (
            """
            CREATE TEMP TABLE update_number ON COMMIT DROP AS
            SELECT s.no AS staged_no, s.id, p.no
            FROM update_place s JOIN gazetteer.place p ON p.id = s.id AND p.source = :source""",
            f"""
            CREATE TEMP TABLE update_renamed ON COMMIT DROP AS
            WITH now AS (
                SELECT m.id, {_NAME_CONTENT} FROM update_place_name n JOIN update_number m ON m.staged_no = n.own_no
            ), before AS (
                SELECT k.id, {_NAME_CONTENT} FROM update_names k WHERE k.id IN (SELECT id FROM update_number)
            )
            SELECT DISTINCT id
            FROM ((SELECT * FROM now EXCEPT SELECT * FROM before)
                  UNION ALL (SELECT * FROM before EXCEPT SELECT * FROM now)) AS differing""",
        ):
            self._sql(statement, values)
        self.more_names -= self._sql("""
            DELETE FROM gazetteer.place_name n USING update_names k
            WHERE n.ctid = k.spot AND k.id IN (SELECT id FROM update_renamed)""")
        self.more_names += self._sql(f"""
            INSERT INTO gazetteer.place_name (place_no, own_no, {_NAME_CONTENT})
            SELECT m.no, m.no, {_NAME_CONTENT}
            FROM update_place_name n JOIN update_number m ON m.staged_no = n.own_no
            WHERE m.id IN (SELECT id FROM update_renamed)""")
        renamed = self.conn.scalar(
            text("""
                SELECT count(*) FROM update_renamed
                WHERE id NOT IN (SELECT id FROM update_differing WHERE is_new OR is_restored)""")
        )
        return int(renamed or 0)

    def _touched(self) -> list[str]:
        found = text("SELECT id FROM update_differing UNION SELECT id FROM update_renamed ORDER BY id")
        return list(self.conn.scalars(found))

    def _withdraw(self, known: dict[int, _Known]) -> list[str]:
        """Withdraw the places that were deleted; their ids."""
        gone = [known[number].id for number in self.changes.deleted if number in known and not known[number].withdrawn]
        values = {"source": geonames.NAME, "gone": gone, "day": self.day}
        self._sql("UPDATE gazetteer.place SET withdrawn = :day WHERE id = ANY(:gone) AND source = :source", values)
        self.more_names -= self._sql(
            "DELETE FROM gazetteer.place_name n USING update_names k WHERE n.ctid = k.spot AND k.id = ANY(:gone)",
            values,
        )
        return gone

    def _write_down(self, report: DayReport, has_changed: bool) -> None:
        """Keep what was applied, and that the gazetteer has another content now."""
        content = self.load.content_sha256
        if has_changed:
            said = " ".join(file.sha256 for file in self.files)
            content = hashlib.sha256(f"{content} {self.day} {said}".encode()).hexdigest()
        self._sql(
            """
            UPDATE gazetteer.gazetteer_load
            SET as_of = greatest(as_of, :day), places = places + :added, content_sha256 = :content,
                names = names + :more_names
            WHERE source = :source""",
            {
                "source": geonames.NAME,
                "day": self.day,
                "added": report.added,
                "content": content,
                "more_names": self.more_names,
            },
        )
        for file in self.files:
            self._sql(
                """
                INSERT INTO gazetteer.gazetteer_update (source, day, kind, sha256, applied)
                VALUES (:source, :day, :kind, :sha256, clock_timestamp())""",
                {"source": geonames.NAME, "day": self.day, "kind": file.kind, "sha256": file.sha256},
            )

    def _sql(self, statement: str, values: dict[str, Any] | None = None) -> int:
        """How many rows it concerned."""
        return self.conn.execute(text(statement), values).rowcount


_ATTRIBUTES: Final = tuple(
    column for column in rows.PLACE_COLUMNS if column not in ("no", "id", "source", "point", "serves", "withdrawn")
)
_NAME_CONTENT: Final = ", ".join(column for column in rows.NAME_COLUMNS if column not in ("place_no", "own_no"))


def _known_of(row: Row[Any]) -> _Known:
    place = Place(
        id=row.id,
        name=row.name,
        feature_class=row.feature_class,
        feature_code=row.feature_code,
        point=shapely.Point(row.lon, row.lat),
        country_code=row.country_code,
        admin1_code=row.admin1_code,
        population=row.population,
        precision_m=row.precision_m,
        note=row.note,
    )
    return _Known(row.id, row.withdrawn is not None, place)


def _add_name(place: _Known, row: Row[Any]) -> None:
    """A stored name as what it was made of. Which of several attested it under which kind is not kept."""
    kind = NameKind(row.kind)
    is_of_alternates = kind in (NameKind.ALTERNATE, NameKind.HISTORIC, NameKind.CODE)
    if row.alternate_ids is None or not is_of_alternates:
        place.own.append(PlaceName(row.name, kind, row.language))
    for number in row.alternate_ids or ():
        is_historic = kind is NameKind.HISTORIC
        place.attested[number] = Alternate(number, row.number, row.language or "", row.name, is_historic)


def _with_names(known: _Known) -> Place:
    """The place with the names that it has after its alternate names were amended."""
    attested = [
        PlaceName(row.text, _kind(row), row.language or None, number) for number, row in sorted(known.attested.items())
    ]
    # A transliteration stays only as long as it is not that of a former name or a code.
    hidden = {names.key(name.name) for name in attested if name.kind is not NameKind.ALTERNATE}
    trusted = [name for name in known.own if name.kind in (NameKind.PRIMARY, NameKind.CURATED)]
    others = [
        name
        for name in known.own
        if name.kind not in (NameKind.PRIMARY, NameKind.CURATED) and names.key(name.name) not in hidden
    ]
    return replace(known.place, names=(*trusted, *attested, *others))


def _kind(row: Alternate) -> NameKind:
    kind = kind_of_language(row.language)
    return NameKind.HISTORIC if row.is_historic and kind is NameKind.ALTERNATE else kind


def _line(row: Alternate) -> str:
    """As it would stand in alternateNamesV2."""
    historic = "1" if row.is_historic else ""
    return f"{row.number}\t{row.geonameid}\t{row.language}\t{row.text}\t\t\t\t{historic}\t\t\n"
