"""From places to the bytes that PostgreSQL's COPY reads: the part of a load that works hard and knows no database.

A batch of places becomes three runs of binary COPY rows (places, names, areas) and a fingerprint of their content.
The numbers of the places are given from outside, so that several processes can make batches of one source.
"""

from __future__ import annotations

import hashlib
import math
import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import shapely
from shapely.geometry.base import BaseGeometry

from gazetteer import names as spelling
from gazetteer.model import NameKind, Place
from gazetteer.sources.base import BadRow

HIGHEST_NUMBER: Final = 2**31 - 1
"""Of a place within one gazetteer; the tables keep four bytes."""
SHOWN_FAULTS: Final = 20
"""Bad rows that are described in full; the others are counted."""
LONGEST_TEXT: Final = 600
"""Characters; the key of a longer name would not fit into an index page."""

PLACE_COLUMNS: Final = (
    "no", "id", "source", "name", "feature_class", "feature_code", "country_code", "admin1_code", "population",
    "precision_m", "prominence", "has_area", "note", "point", "serves", "withdrawn",
)  # fmt: skip
NAME_COLUMNS: Final = (
    "place_no", "name_key", "skeleton_key", "name", "kind", "language", "own_no", "alternate_ids",
)  # fmt: skip
AREA_COLUMNS: Final = ("place_no", "geom")

COPY_HEADER: Final = b"PGCOPY\n\xff\r\n\0" + struct.pack(">ii", 0, 0)
COPY_TRAILER: Final = struct.pack(">h", -1)

_MACRO_REGION_M: Final = 100_000
"""Radius from which a region counts as one of the world's, not as a quarter or a valley."""


@dataclass(frozen=True, slots=True)
class Encoded:
    """A batch of places, ready to be stored."""

    places: int
    names: int
    place_rows: bytes
    """Binary COPY rows of `PLACE_COLUMNS`, without header and trailer."""
    name_rows: bytes
    area_rows: bytes
    digest: bytes
    """SHA-256 of the content; the numbers of the places are no part of it."""
    faults: tuple[str, ...] = ()
    """What is wrong, the first `SHOWN_FAULTS`; with any, nothing is encoded."""
    fault_count: int = 0


def encode(batch: Sequence[Place | BadRow], source: str, first: int) -> Encoded:
    """`batch` of the source called `source` as rows, its places numbered from `first` on."""
    places = [row for row in batch if isinstance(row, Place)]
    faults = [f"{row.where}: {row.what}" for row in batch if isinstance(row, BadRow)]
    # As arrays: asking one point after the other takes longer than all else together.
    located = np.array([place.point for place in places], dtype=object)
    is_point = (shapely.get_type_id(located) == 0) & ~shapely.is_empty(located)
    xs, ys = np.full((2, len(places)), np.nan)
    xs[is_point], ys[is_point] = shapely.get_x(located[is_point]), shapely.get_y(located[is_point])
    faults += [f"{place.id or place.name or '(no id)'}: {what}" for place, what in _faults(places, is_point, xs, ys)]
    if not faults:
        try:
            return _encoded(places, source, first, _points(xs, ys))
        except (_UnfitError, UnicodeEncodeError, struct.error):
            faults = [f"{place.id}: {what}" for place in places for what in _unfit(place)]
    return Encoded(len(places), 0, b"", b"", b"", b"", tuple(faults[:SHOWN_FAULTS]), len(faults))


def prominence(place: Place) -> float:
    """How likely a reader thinks of this place first when several bear the name; comparable over all kinds of places.

    The decimal logarithm of the inhabitants, and for what has none a number in its place: a country 10 and more, a sea
    or macro-region 6.5, a first-order division 5 (more than a town of 100,000, less than a large city of the same
    name), a curated spot 4.5, other spots 3. A second-order division comes after a town of the same name, a town that
    is no more after all others.
    """
    inhabitants = math.log10(place.population + 1) if place.population else 0.0
    code = place.feature_code
    if place.feature_class == "P":
        if code in _NO_MORE:
            return 1.0
        return inhabitants + 1 if code == "PPLC" else max(inhabitants, 2.0)
    family = place.id.partition(":")[0]
    if code.startswith("PCL") and not code.endswith("H"):
        return 10 + inhabitants / 2
    if family in ("part", "border"):
        return 5.5
    if code in ("CONT", "OCN", "SEA", "GULF", "STRT") or (code == "RGN" and place.precision_m >= _MACRO_REGION_M):
        return 6.5
    if code == "ADM1":
        return 5.0
    if code == "ADM2":
        return max(inhabitants - 1, 1.9)
    if place.feature_class == "A":
        return max(inhabitants, 2.0)
    return 4.5 if family == "curated" else 3.0


_NO_MORE: Final = frozenset({"PPLH", "PPLCH", "PPLQ", "PPLW"})
"""Historical, abandoned and destroyed places."""


# --- bytes -----------------------------------------------------------------------------------------------------------

_INT: Final = struct.Struct(">i").pack
_HEAD: Final = struct.Struct(">hii").pack
"""Number of columns, length and value of the first, an integer."""
_OWN: Final = struct.Struct(">ii").pack
_MEASURES: Final = struct.Struct(">iqiiifib").pack
_MEASURES_UNPEOPLED: Final = struct.Struct(">iiiifib").pack
_NULL: Final = _INT(-1)
_TRUE: Final = _INT(1) + b"\1"
_LENGTHS: Final = [_INT(length) for length in range(4 * LONGEST_TEXT + 1)]
"""Of texts in UTF-8, as COPY writes them in front."""
_INT4_OID: Final = 23
_POINT: Final = np.dtype(
    [("length", ">i4"), ("order", "u1"), ("type", "<u4"), ("srid", "<u4"), ("x", "<f8"), ("y", "<f8")]
)
"""A point as extended well-known binary, behind its length."""

_TRUST: Final = {kind.value: rank for rank, kind in enumerate(NameKind)}
_PRIMARY: Final = NameKind.PRIMARY.value
_CODE: Final = NameKind.CODE.value

_Spelt = tuple[str, bytes]
"""The search key of a name, and the columns `name_key`, `skeleton_key` and `name`."""


class _UnfitError(Exception):
    """A text that cannot be stored; `_unfit` says which."""


def _text(value: str) -> bytes:
    if len(value) > LONGEST_TEXT or "\0" in value:
        raise _UnfitError
    encoded = value.encode()
    return _LENGTHS[len(encoded)] + encoded


def _nullable(value: str | None) -> bytes:
    return _NULL if value is None else _text(value)


def _points(xs: npt.NDArray[np.float64], ys: npt.NDArray[np.float64]) -> bytes:
    points = np.empty(len(xs), dtype=_POINT)
    points["length"] = _POINT.itemsize - 4
    points["order"] = 1
    points["type"] = 0x20000001  # a point, with a reference system
    points["srid"] = 4326
    points["x"] = xs
    points["y"] = ys
    return points.tobytes()


def _ewkb(geometry: BaseGeometry) -> bytes:
    result: bytes = shapely.to_wkb(shapely.set_srid(geometry, 4326), include_srid=True)
    return result


def _encoded(places: list[Place], source: str, first: int, points: bytes) -> Encoded:
    place_rows: list[bytes] = []
    name_rows: list[bytes] = []
    area_rows: list[bytes] = []
    content: list[bytes] = []
    count = 0
    source_column = _text(source)
    kinds_of_place: dict[tuple[str, str, str | None, str | None], bytes] = {}
    kinds_of_name: dict[tuple[str, str | None], bytes] = {}
    spellings: dict[str, _Spelt] = {}
    size = _POINT.itemsize
    for offset, place in enumerate(places):
        number = first + offset
        described = (place.feature_class, place.feature_code, place.country_code, place.admin1_code)
        kind_of_place = kinds_of_place.get(described)
        if kind_of_place is None:
            kind_of_place = kinds_of_place[described] = b"".join(map(_nullable, described))
        row = b"".join(
            (
                _text(place.id),
                source_column,
                _text(place.name),
                kind_of_place,
                _measures(place),
                _text(place.note),
                points[offset * size : (offset + 1) * size],
                _TRUE,
                _NULL,
            )
        )
        place_rows += (_HEAD(16, 4, number), row)
        content.append(row)

        best, attested = _best_names(place, spellings)
        head, own = _HEAD(8, 4, number), _OWN(4, number)
        own_unattested = own + _NULL
        for search_key, (kind, language, spelt) in best.items():
            kind_of_name = kinds_of_name.get((kind, language))
            if kind_of_name is None:
                kind_of_name = kinds_of_name[kind, language] = _text(kind) + _nullable(language)
            columns = spelt if kind != _CODE else _without_skeleton(search_key, spelt)
            if search_key in attested:
                ids = _integers(attested[search_key])
                name_rows += (head, columns, kind_of_name, own, ids)
                content += (columns, kind_of_name, ids)
            else:
                name_rows += (head, columns, kind_of_name, own_unattested)
                content += (columns, kind_of_name)
        count += len(best)

        if place.geometry is not None:
            area = _ewkb(place.geometry)
            area_rows += (_HEAD(2, 4, number), _INT(len(area)), area)
            content.append(area)
    return Encoded(
        places=len(places),
        names=count,
        place_rows=b"".join(place_rows),
        name_rows=b"".join(name_rows),
        area_rows=b"".join(area_rows),
        digest=hashlib.sha256(b"".join(content)).digest(),
    )


def _measures(place: Place) -> bytes:
    """The columns `population`, `precision_m`, `prominence` and `has_area`."""
    rest = (4, place.precision_m, 4, prominence(place), 1, place.geometry is not None)
    if place.population is None:
        return _MEASURES_UNPEOPLED(-1, *rest)
    return _MEASURES(8, place.population, *rest)


def _best_names(
    place: Place, spellings: dict[str, _Spelt]
) -> tuple[dict[str, tuple[str, str | None, bytes]], dict[str, list[int]]]:
    """By search key: of the names with it the most trusted, of those the first, as (kind, language, columns); and the
    GeoNames ids of all that attest it."""
    spelt = spellings.get(place.name)
    if spelt is None:
        spelt = spellings[place.name] = _spelt(place.name)
    best: dict[str, tuple[str, str | None, bytes]] = {spelt[0]: (_PRIMARY, None, spelt[1])}
    attested: dict[str, list[int]] = {}
    for name in place.names:
        text = name.name
        spelt = spellings.get(text)
        if spelt is None:
            spelt = spellings[text] = _spelt(text)
        search_key = spelt[0]
        kind: str = name.kind._value_  # the public property takes five times as long
        known = best.get(search_key)
        if known is None or _TRUST[kind] < _TRUST[known[0]]:
            best[search_key] = (kind, name.language, spelt[1])
        if name.alternate_id is not None:
            attested.setdefault(search_key, []).append(name.alternate_id)
    best.pop("", None)
    return best, attested


def _spelt(text: str) -> _Spelt:
    if len(text) > LONGEST_TEXT or "\0" in text:
        raise _UnfitError
    search_key = spelling.key(text)
    key_bytes, name_bytes = search_key.encode(), text.encode()
    if len(key_bytes) >= len(_LENGTHS):  # a few letters stand for whole words, which its key writes out
        raise _UnfitError
    if not search_key.isascii():
        parts = (_LENGTHS[len(key_bytes)], key_bytes, _NULL, _LENGTHS[len(name_bytes)], name_bytes)
        return search_key, b"".join(parts)
    skeleton = spelling.skeleton_of_key(search_key).encode()
    return search_key, b"".join(
        (
            _LENGTHS[len(key_bytes)],
            key_bytes,
            _LENGTHS[len(skeleton)],
            skeleton,
            _LENGTHS[len(name_bytes)],
            name_bytes,
        )
    )


def _without_skeleton(search_key: str, columns: bytes) -> bytes:
    """The columns of a name that is a code."""
    key_column = _text(search_key)
    rest = columns[len(key_column) :]
    length = struct.unpack_from(">i", rest)[0]
    return key_column + _NULL + rest[4 + max(length, 0) :]


def _integers(values: list[int]) -> bytes:
    """An `int4[]` column, sorted, each value once."""
    distinct = sorted(set(values))
    array = struct.pack(">iiiii", 1, 0, _INT4_OID, len(distinct), 1)
    array += b"".join([struct.pack(">ii", 4, value) for value in distinct])
    return _INT(len(array)) + array


# --- checks ----------------------------------------------------------------------------------------------------------


def _faults(
    places: list[Place],
    is_point: npt.NDArray[np.bool_],
    xs: npt.NDArray[np.float64],
    ys: npt.NDArray[np.float64],
) -> Iterator[tuple[Place, str]]:
    """What is wrong with rows, in row order, but for texts that cannot be stored (`_unfit`)."""
    on_globe = (xs >= -180) & (xs <= 180) & (ys >= -90) & (ys <= 90)  # also false for NaN
    for index, place in enumerate(places):
        if ":" not in place.id:
            yield place, "the id is not of the form source:key"
        if not place.name or place.name.isspace():
            yield place, "the name is empty"
        if not place.feature_class or not place.feature_code:
            yield place, "feature class or code is missing"
        if place.population is not None and not 0 <= place.population < 2**63:
            yield place, f"the population is {place.population}"
        if not 0 <= place.precision_m < 2**31:
            yield place, f"the precision is {place.precision_m} m"
        if not on_globe[index]:
            where = f"longitude {xs[index]}, latitude {ys[index]} is not on the globe"
            yield place, where if is_point[index] else "the point is missing"
        if place.has_area or place.geometry is not None:
            fault = _area_fault(place)
            if fault:
                yield place, fault


def _area_fault(place: Place) -> str:
    geometry = place.geometry
    if geometry is None or geometry.is_empty or not place.has_area:
        return "has_area and geometry do not agree"
    west, south, east, north = geometry.bounds
    if not (-180 <= west <= east <= 180 and -90 <= south <= north <= 90):
        return "the area reaches beyond the globe"
    return "" if geometry.is_valid else f"the area is not valid: {shapely.is_valid_reason(geometry)}"


def _unfit(place: Place) -> Iterator[str]:
    """What cannot be stored of a place whose numbers are right."""
    texts = [place.id, place.name, place.note, place.feature_class, place.feature_code]
    texts += [place.country_code or "", place.admin1_code or ""]
    texts += [text for name in place.names for text in (name.name, name.language or "")]
    for text in texts:
        if not _fits(text):
            yield f"the text {text[:40]!r} is longer than {LONGEST_TEXT} characters or cannot be stored"
    for name in place.names:
        if name.alternate_id is not None and not 0 <= name.alternate_id <= HIGHEST_NUMBER:
            yield f"the alternate name id {name.alternate_id} is not one of GeoNames"


def _fits(text: str) -> bool:
    try:
        _spelt(text)
    except (_UnfitError, UnicodeEncodeError):
        return False
    return True
