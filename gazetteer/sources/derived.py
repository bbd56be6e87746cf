"""Places that follow from the boundaries: the nine parts of every country, and the lines that two countries share.

Both are fetched by id (`part:SY:E`, `border:IQ-SY`), which a reader builds from "eastern Syria" or "the Iraqi-Syrian
border". Parts have no names, so that no look-up of a name finds them.

How a country is parted: its main land is quartered and cut in three by area, along meridians and along parallels.
The east is the eastern third, the north-east what lies east of the middle meridian and north of the middle parallel,
the centre the middle half both ways. Parts overlap, as they do in speech. Cutting by area and not by extent keeps a
panhandle such as the Wakhan corridor from being all of "eastern Afghanistan".
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from itertools import pairwise

import shapely
from shapely.geometry import LineString, MultiLineString, MultiPolygon, Point, Polygon
from shapely.geometry.base import BaseGeometry

from gazetteer.model import NameKind, Place, PlaceName
from gazetteer.sources import boundaries
from gazetteer.sources.base import Source, country_names, data_version

CODE_REVISION = 1

PART_WORDS = {
    "N": "northern",
    "NE": "northeastern",
    "E": "eastern",
    "SE": "southeastern",
    "S": "southern",
    "SW": "southwestern",
    "W": "western",
    "NW": "northwestern",
    "C": "central",
}

_QUARTER, _THIRD, _HALF, _TWO_THIRDS, _THREE_QUARTERS = range(5)


def places() -> Iterator[Place]:
    """The parts of every country by code, then the borders by their pair of codes."""
    for code, area in boundaries.country_areas().items():
        if code != "AQ":  # every part of Antarctica is its north
            yield from _parts(code, area)
    for (first, second), line in boundaries.borders().items():
        yield _border(first, second, line)


def _parts(code: str, area: boundaries.Area) -> Iterator[Place]:
    name = country_names()[code]["name"]
    main = _main_land(code, area)
    for part, word in PART_WORDS.items():
        clip = shapely.make_valid(shapely.clip_by_rect(main, *_window(part, area)))
        polygons = [piece for piece in shapely.get_parts(clip) if isinstance(piece, Polygon)]
        if not polygons:
            continue
        geometry = MultiPolygon(polygons)
        point = _middle(geometry)
        yield Place(
            id=f"part:{code}:{part}",
            name=f"{word} {name}",
            feature_class="L",
            feature_code="RGN",
            point=point,
            country_code=code,
            precision_m=boundaries.radius_around(point, geometry),
            has_area=True,
            geometry=geometry,
        )


def _main_land(code: str, area: boundaries.Area) -> MultiPolygon:
    """The country without what lies across an ocean."""
    if code == "US":  # Alaska and Hawaii are called by their names
        return MultiPolygon([polygon for polygon in area.polygon.geoms if _is_contiguous_us(polygon)])
    return area.polygon


def _is_contiguous_us(polygon: Polygon) -> bool:
    west, south, _, north = polygon.bounds
    return west > -130 and south > 24 and north < 50


def _window(part: str, area: boundaries.Area) -> tuple[float, float, float, float]:
    """(west, south, east, north) of a part."""
    west, south, east, north = -181.0, -91.0, 181.0, 91.0
    x, y = area.cuts_x, area.cuts_y
    corner = len(part) == 2
    if "W" in part:
        east = x[_HALF if corner else _THIRD]
    if "E" in part:
        west = x[_HALF if corner else _TWO_THIRDS]
    if "S" in part:
        north = y[_HALF if corner else _THIRD]
    if "N" in part:
        south = y[_HALF if corner else _TWO_THIRDS]
    if part == "C":
        west, east, south, north = x[_QUARTER], x[_THREE_QUARTERS], y[_QUARTER], y[_THREE_QUARTERS]
    return west, south, east, north


def _middle(geometry: MultiPolygon) -> Point:
    """A point inside, near the middle: the centroid where it lies on land, else the middle of the largest piece."""
    centroid = geometry.centroid
    if geometry.contains(centroid):
        return centroid
    largest = max(geometry.geoms, key=lambda polygon: polygon.area)
    inside = Point(shapely.maximum_inscribed_circle(largest, tolerance=0.05).coords[0])
    return inside if largest.contains(inside) else largest.representative_point()


def _border(first: str, second: str, line: MultiLineString) -> Place:
    names = {code: country_names()[code]["name"] for code in (first, second)}
    longest = max(line.geoms, key=metric_length)
    demonyms = {code: country_names()[code]["demonyms"][0] for code in (first, second)}
    generated = [
        f"{one[a]}-{one[b]} border" for one in (names, demonyms) for a, b in ((first, second), (second, first))
    ]
    name, *others = dict.fromkeys(generated)
    return Place(
        id=f"border:{first}-{second}",
        name=name,
        feature_class="L",
        feature_code="BDRY",
        point=_middle_of_line(longest),
        precision_m=max(1000, math.ceil(sum(metric_length(part) for part in line.geoms) / 2)),
        has_area=True,
        geometry=line,
        names=(
            PlaceName(name, NameKind.PRIMARY),
            *(PlaceName(other, NameKind.VARIANT) for other in others),
        ),
    )


def metric_length(line: BaseGeometry) -> float:
    """The length of a line in metres on the sphere."""
    lon, lat = zip(*(map(math.radians, xy) for xy in shapely.get_coordinates(line)), strict=True)
    total = 0.0
    for i in range(1, len(lon)):
        half = (
            math.sin((lat[i] - lat[i - 1]) / 2) ** 2
            + math.cos(lat[i]) * math.cos(lat[i - 1]) * math.sin((lon[i] - lon[i - 1]) / 2) ** 2
        )
        total += 2 * 6_371_009 * math.asin(math.sqrt(half))
    return total


def _middle_of_line(line: LineString) -> Point:
    """The point half-way along, by metres."""
    rest = metric_length(line) / 2
    coords = list(line.coords)
    for a, b in pairwise(coords):
        step = metric_length(LineString([a, b]))
        if step >= rest and step > 0:
            share = rest / step
            return Point(a[0] + (b[0] - a[0]) * share, a[1] + (b[1] - a[1]) * share)
        rest -= step
    return Point(coords[-1])


SOURCE = Source(
    name="derived",
    version=f"{CODE_REVISION}-{data_version('boundaries.topo.json.gz', 'countries.json')}",
    credit_name="Natural Earth",
    licence="public domain",
    url="https://www.naturalearthdata.com/",
    places=places,
)
