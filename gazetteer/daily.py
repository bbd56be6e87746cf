"""GeoNames's files of daily changes, read and checked: what was added, changed or deleted on one day.

    modifications-2026-11-20.txt                rows as in the dump, as they are now
    deletes-2026-11-20.txt                      geonameid, name, comment
    alternateNamesModifications-2026-11-20.txt  rows as in alternateNamesV2, as they are now
    alternateNamesDeletes-2026-11-20.txt        alternateNameId, geonameid, name, comment

Each may be packed in a zip archive. They are small; a day's are read whole.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Final, NamedTuple

from gazetteer.errors import SourceError
from gazetteer.sources import tabbed
from gazetteer.sources.base import BadRow
from gazetteer.sources.geonames_rows import (
    ALTERNATE_COLUMNS,
    NOT_UTF8,
    Column,
    Part,
    checked,
    day_of,
    dump_blocks,
    is_number,
    text_fault,
    wrong_columns,
)

KINDS: Final = ("modifications", "deletes", "alternateNamesModifications", "alternateNamesDeletes")
"""The kinds of files, in the order in which a day's are applied."""

_FILE_NAME: Final = re.compile(rf"({'|'.join(KINDS)})-([0-9-]{{10}})", re.IGNORECASE)
_BLOCK_LINES: Final = 5_000


@dataclass(frozen=True, slots=True)
class DailyFile:
    """A file of changes, known by its name."""

    path: Path
    kind: str
    """One of `KINDS`."""
    day: date
    sha256: str
    """Of its data, packed or not."""

    @property
    def name(self) -> str:
        """Its name, for people."""
        return self.path.name


class Alternate(NamedTuple):
    """A row of alternate names."""

    number: int
    """alternateNameId"""
    geonameid: int
    language: str
    text: str
    is_historic: bool


@dataclass(frozen=True, slots=True)
class Changes:
    """What the files of one day say."""

    rows: tuple[tuple[str, ...], ...] = ()
    """Rows of the dump's 19 columns, one a geonameid."""
    deleted: tuple[int, ...] = ()
    """geonameids"""
    alternates: tuple[Alternate, ...] = ()
    alternates_deleted: tuple[tuple[int, int], ...] = ()
    """(alternateNameId, geonameid)"""


def find(paths: Iterable[Path]) -> list[DailyFile]:
    """The files of daily changes among `paths` by day and kind; of a folder those that are named so.

    Raises `SourceError` for files that are named otherwise, cannot be read, or stand for the same changes.
    """
    found: dict[tuple[date, str], DailyFile] = {}
    for path in paths:
        named = [path] if not path.is_dir() else [file for file in sorted(path.iterdir()) if _kind_and_day(file)]
        for file in named:
            kind_and_day = _kind_and_day(file)
            if kind_and_day is None:
                message = f"{file.name} is not named like a file of daily changes."
                raise SourceError(message, f"They are called {KINDS[0]}-2026-11-20.txt, {KINDS[1]}-2026-11-20.txt ...")
            kind, day = kind_and_day
            daily = DailyFile(file, kind, day, tabbed.sha256(file))
            before = found.setdefault((day, kind), daily)
            if before.sha256 != daily.sha256:
                message = f"{before.name} and {daily.name} stand for the same changes and differ."
                raise SourceError(message, "Leave one of them out.")
    return [found[key] for key in sorted(found, key=lambda key: (key[0], KINDS.index(key[1])))]


def _kind_and_day(path: Path) -> tuple[str, date] | None:
    match = _FILE_NAME.fullmatch(path.stem)
    day = day_of(match[2]) if match else None
    if match is None or day is None or path.suffix.lower() not in (".txt", ".zip"):
        return None
    return next(kind for kind in KINDS if kind.lower() == match[1].lower()), day


def read(files: Sequence[DailyFile]) -> tuple[Changes, list[BadRow]]:
    """The changes in the files of one day, and all their bad rows."""
    bad: list[BadRow] = []
    by_kind = {file.kind: file.path for file in files}
    rows: dict[str, tuple[str, ...]] = {}
    for fields in _modified(by_kind.get(KINDS[0]), bad):
        rows[fields[Column.ID]] = tuple(fields)
    deleted = dict.fromkeys(number for number, *_ in _numbered(by_kind.get(KINDS[1]), 1, (2, 3), bad))
    alternates = {row.number: row for row in _alternates(by_kind.get(KINDS[2]), bad)}
    gone = dict.fromkeys((first, second) for first, second in _numbered(by_kind.get(KINDS[3]), 2, (3, 4), bad))
    return Changes(tuple(rows.values()), tuple(deleted), tuple(alternates.values()), tuple(gone)), bad


def _modified(path: Path | None, bad: list[BadRow]) -> Iterator[list[str]]:
    if path is None:
        return
    for block in dump_blocks(path, _BLOCK_LINES):
        rows, _, faults = checked(Part(path.name, block.first_line, block.data))
        bad += faults
        yield from rows


def _alternates(path: Path | None, bad: list[BadRow]) -> Iterator[Alternate]:
    for fields, tell in _lines(path, (ALTERNATE_COLUMNS,), bad):
        number, geonameid, language, text, _, _, _, is_historic, _, _ = fields
        fault = text_fault("alternate name", text) or text_fault("language", language)
        if not (is_number(number) and is_number(geonameid)):
            fault = "alternateNameId or geonameid is no number of GeoNames"
        if fault:
            tell(fault)
        else:
            yield Alternate(int(number), int(geonameid), language, text.strip(), is_historic == "1")


def _numbered(
    path: Path | None, numbers: int, columns: tuple[int, ...], bad: list[BadRow]
) -> Iterator[tuple[int, ...]]:
    """The first columns of the rows, which are numbers of GeoNames."""
    for fields, tell in _lines(path, columns, bad):
        if all(map(is_number, fields[:numbers])):
            yield tuple(map(int, fields[:numbers]))
        else:
            tell("it does not begin with a number of GeoNames")


def _lines(
    path: Path | None, columns: tuple[int, ...], bad: list[BadRow]
) -> Iterator[tuple[list[str], Callable[[str], None]]]:
    """(fields, a function that tells what is wrong with them) of the lines with one of these numbers of columns."""
    if path is None:
        return
    for block in tabbed.blocks(path, columns[-1], _BLOCK_LINES):
        for line, raw in enumerate(block.data.split(b"\n")[:-1], start=block.first_line):

            def tell(what: str, line: int = line) -> None:
                bad.append(BadRow(f"{path.name}, line {line:,}", what))

            try:
                fields = raw.decode().split("\t")
            except UnicodeDecodeError:
                tell(NOT_UTF8)
                continue
            if len(fields) in columns:
                yield fields, tell
            else:
                tell(wrong_columns(len(fields), columns[-1]))
