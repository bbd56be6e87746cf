"""GeoJSON (RFC 7946) that is the same, byte for byte, for the same incidents.

Longitude before latitude, WGS 84, five decimals, LF, UTF-8, one Feature a line. Own `json.dumps` instead of GDAL's
writer, which adds members of its own, pads numbers and knows no `metadata`. One geometry type a file, because GIS
programs show only the first type of a mixed one: points (or none) in the summary feeds, MultiPolygon in `areas`,
MultiLineString in `lines`.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, fields
from datetime import UTC, date, datetime
from typing import Any

import numpy as np
import shapely
from pyproj import Geod
from shapely.affinity import translate
from shapely.geometry import MultiLineString, MultiPolygon, Point, Polygon, box
from shapely.geometry.base import BaseGeometry

from maps.model import Feature
from maps.texts import clean

DECIMALS = 5
"""About a metre: finer than any place named in the news."""

Metadata = Mapping[str, Any]
Bounds = tuple[float, float, float, float]
"""West, south, east, north in degrees; west > east where the box spans the antimeridian (RFC 7946, 5.2)."""

_NOT_PROPERTIES = {"point", "area", "aliases", "claims", "sources", "rival_places"}
PROPERTIES: tuple[str, ...] = tuple(f.name for f in fields(Feature) if f.name not in _NOT_PROPERTIES)
"""The properties of every summary feed, in this order."""

_GEOD = Geod(ellps="WGS84")
_CIRCLE_CORNERS = 36


def in_order(features: Iterable[Feature]) -> list[Feature]:
    """Newest first (by `date_start`, undated last), then by id: the order of every feed and list."""
    return sorted(features, key=lambda f: (-(f.date_start.toordinal() if f.date_start else 0), f.incident_id))


def point_of(feature: Feature) -> Point | None:
    """Where the incident stands on the map (x = longitude, y = latitude, on the grid of the feeds); null when it is
    only listed. A point outside the world counts as none."""
    point = feature.point
    if point is None or point.is_empty or feature.drawn_as is None:
        return None
    if not (abs(point.x) <= 180 and abs(point.y) <= 90):
        return None
    return Point(_round(point.x), _round(point.y))


def dumps(features: Iterable[Feature], metadata: Metadata) -> bytes:
    """A summary feed: Feature `id` = `incident_id`, the properties of `PROPERTIES`, and as geometry a Point, or null
    where the incident has none.

    `metadata` gets `count` added and stands before the features; its texts are cleaned like all others.
    """
    rows = in_order(features)
    return _collection([(line(row), _point_bounds(row)) for row in rows], metadata)


def areas(features: Iterable[Feature], metadata: Metadata) -> bytes:
    """The areas that incidents without an exact point stand for, all MultiPolygon: the region or sea itself
    (`area_kind` = "region"), else the geodesic circle of `radius_m` around the point ("circle"). A pin has no area."""

    def geometry(feature: Feature) -> tuple[MultiPolygon | MultiLineString, str] | None:
        polygons = _polygons(feature.area)
        if polygons is not None:
            return polygons, "region"
        point = point_of(feature)
        if point is None or feature.drawn_as == "pin" or _lines(feature.area) is not None:
            return None
        around = _polygons(circle(point, feature.radius_m)) if feature.radius_m and feature.radius_m > 0 else None
        return (around, "circle") if around is not None else None

    return _shapes(features, geometry, metadata)


def lines(features: Iterable[Feature], metadata: Metadata) -> bytes:
    """The lines (border segments) that incidents lie along, all MultiLineString."""

    def geometry(feature: Feature) -> tuple[MultiPolygon | MultiLineString, str] | None:
        found = _lines(feature.area)
        return (found, "line") if found is not None else None

    return _shapes(features, geometry, metadata)


def incident(feature: Feature, metadata: Metadata) -> bytes:
    """One incident as a Feature: the properties of the summary feed, then `aliases`, `rival_places`, `claims` and
    `sources` with their quotes."""
    properties = properties_of(feature)
    properties["aliases"] = list(feature.aliases)
    properties["rival_places"] = list(feature.rival_places)
    properties["claims"] = [asdict(claim) for claim in feature.claims]
    properties["sources"] = [asdict(source) for source in feature.sources]
    whole: dict[str, Any] = {"type": "Feature", "id": feature.incident_id}
    bounds = _point_bounds(feature)
    if bounds:
        whole["bbox"] = list(bounds)
    whole |= {"geometry": _point(feature), "properties": properties, "metadata": dict(metadata)}
    return (_json(whole, indent=1) + "\n").encode()


def line(feature: Feature) -> str:
    """One Feature of a summary feed as one line of JSON."""
    return _json(
        {
            "type": "Feature",
            "id": feature.incident_id,
            "geometry": _point(feature),
            "properties": properties_of(feature),
        }
    )


def head(data: bytes) -> tuple[int, Bounds | None]:
    """Number of features and bbox of a feed that this module wrote, read from its first line alone."""
    first = json.loads(data[: data.index(b"\n")] + b"]}")
    bbox = first.get("bbox")
    return first["metadata"]["count"], tuple(bbox) if bbox else None


def bounds_of(features: Iterable[Feature]) -> Bounds | None:
    """The smallest box around the located incidents; null when there are none."""
    return _join([b for f in features if (b := _point_bounds(f)) is not None])


def circle(centre: Point, radius_m: float) -> BaseGeometry:
    """The geodesic circle as a polygon of EPSG:4326, cut at the antimeridian (then a MultiPolygon) and closed over the
    pole where it holds one."""
    azimuths = np.linspace(0, 360, _CIRCLE_CORNERS, endpoint=False)
    count = len(azimuths)
    lon, lat, _ = _GEOD.fwd(np.full(count, centre.x), np.full(count, centre.y), azimuths, np.full(count, radius_m))
    lon, lat = np.asarray(lon), np.asarray(lat)
    pole = math.copysign(90.0, centre.y)
    _, _, to_pole = _GEOD.inv(centre.x, centre.y, centre.x, pole)
    if to_pole <= radius_m:
        rim = sorted(zip(lon.tolist(), lat.tolist(), strict=True))
        return Polygon([(-180.0, rim[0][1]), *rim, (180.0, rim[-1][1]), (180.0, pole), (-180.0, pole)])
    # Longitudes without a jump, then cut where they leave the world.
    lon = centre.x + (lon - centre.x + 180) % 360 - 180
    whole = Polygon(np.column_stack([lon, lat]))
    if lon.min() >= -180 and lon.max() <= 180:
        return whole
    inside = whole.intersection(box(-180, -90, 180, 90))
    west = translate(whole.intersection(box(180, -90, 540, 90)), xoff=-360)
    east = translate(whole.intersection(box(-540, -90, -180, 90)), xoff=360)
    return shapely.union_all([inside, west, east])


def properties_of(feature: Feature) -> dict[str, Any]:
    """The properties of the summary feeds, in their order, in Python's types."""
    properties = {name: getattr(feature, name) for name in PROPERTIES}
    if point_of(feature) is None:
        properties["drawn_as"] = None
    return properties


def _point(feature: Feature) -> dict[str, Any] | None:
    point = point_of(feature)
    return None if point is None else {"type": "Point", "coordinates": [point.x, point.y]}


def _point_bounds(feature: Feature) -> Bounds | None:
    point = point_of(feature)
    return None if point is None else (point.x, point.y, point.x, point.y)


def _round(number: float) -> float:
    return round(float(number), DECIMALS) + 0.0  # + 0.0 turns -0.0 into 0.0


def _polygons(geometry: BaseGeometry | None) -> MultiPolygon | None:
    """The polygons of a geometry on the grid of the feed, outer rings counter-clockwise; null when it holds none."""
    parts = _parts(geometry, "Polygon")
    return shapely.orient_polygons(MultiPolygon(parts), exterior_cw=False) if parts else None


def _lines(geometry: BaseGeometry | None) -> MultiLineString | None:
    parts = _parts(geometry, "LineString") if _parts(geometry, "Polygon") == [] else []
    return MultiLineString(parts) if parts else None


def _parts(geometry: BaseGeometry | None, kind: str) -> list[Any]:
    if geometry is None or geometry.is_empty:
        return []
    # set_precision rounds without making rings cross themselves; what is smaller than the grid goes.
    rounded = shapely.set_precision(shapely.force_2d(geometry), 10.0**-DECIMALS)
    parts = [part for part in shapely.get_parts(shapely.get_parts(rounded)) if part.geom_type == kind]
    return sorted((part.normalize() for part in parts if not part.is_empty), key=lambda part: part.wkb)


def _shapes(
    features: Iterable[Feature],
    geometry: Callable[[Feature], tuple[MultiPolygon | MultiLineString, str] | None],
    metadata: Metadata,
) -> bytes:
    rows: list[tuple[str, Bounds | None]] = []
    for feature in in_order(features):
        found = geometry(feature)
        if found is None:
            continue
        shape, kind = found
        west, south, east, north = (_round(edge) for edge in shape.bounds)
        text = _json(
            {
                "type": "Feature",
                "id": feature.incident_id,
                "geometry": {"type": shape.geom_type, "coordinates": _coordinates(shape)},
                "properties": properties_of(feature) | {"area_kind": kind},
            }
        )
        rows.append((text, (west, south, east, north)))
    return _collection(rows, metadata)


def _coordinates(shape: MultiPolygon | MultiLineString) -> list[Any]:
    def ring(line: BaseGeometry) -> list[list[float]]:
        return [[_round(x), _round(y)] for x, y in shapely.get_coordinates(line).tolist()]

    if isinstance(shape, MultiLineString):
        return [ring(part) for part in shape.geoms]
    return [[ring(part.exterior), *(ring(hole) for hole in part.interiors)] for part in shape.geoms]


def _collection(rows: Sequence[tuple[str, Bounds | None]], metadata: Metadata) -> bytes:
    head: dict[str, Any] = {"type": "FeatureCollection", "metadata": {**metadata, "count": len(rows)}}
    bounds = _join([b for _, b in rows if b is not None])
    if bounds:
        head["bbox"] = list(bounds)
    features = ",\n".join(text for text, _ in rows)
    opening = _json(head)[:-1]
    return f'{opening},"features":[\n{features}\n]}}\n'.encode()


def _join(all_bounds: Sequence[Bounds]) -> Bounds | None:
    """The box around boxes. Data on both sides of the antimeridian and nowhere else gets the narrow box across it."""
    if not all_bounds:
        return None
    south, north = min(b[1] for b in all_bounds), max(b[3] for b in all_bounds)
    west, east = min(b[0] for b in all_bounds), max(b[2] for b in all_bounds)
    if east - west > 180:
        pacific_west = min((b[0] for b in all_bounds if b[0] > 0), default=west)
        pacific_east = max((b[2] for b in all_bounds if b[2] < 0), default=east)
        no_one_astride = all(b[0] > 0 or b[2] < 0 for b in all_bounds)
        if no_one_astride and pacific_east + 360 - pacific_west < 180:
            return pacific_west, south, pacific_east, north
    return west, south, east, north


def _json(value: Any, indent: int | None = None) -> str:
    separators = (",", ":") if indent is None else (",", ": ")
    return json.dumps(plain(value), ensure_ascii=False, allow_nan=False, separators=separators, indent=indent)


def plain(value: Any) -> Any:
    """The value in JSON's types: texts cleaned, dates in ISO 8601, times in UTC with `Z`, what is no number null."""
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, bool) or value is None or isinstance(value, int):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, datetime):
        return utc(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {clean(str(key)): plain(inner) for key, inner in value.items()}
    if isinstance(value, Sequence):
        return [plain(inner) for inner in value]
    message = f"a {type(value).__name__} cannot be written to a feed"
    raise TypeError(message)


def utc(moment: datetime) -> str:
    """`2026-11-01T10:00:00Z`. A time without a zone is taken as UTC: GIS programs lose any other offset silently."""
    aware = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    return aware.replace(microsecond=0, tzinfo=None).isoformat() + "Z"
