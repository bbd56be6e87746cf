"""The incidents as compact columns for the page: what the viewer reads, and nothing that anybody interprets.

Columns of few distinct values are coded; dates are days since 1970; places are integers of 1/100000 degree with
x = longitude and y = latitude; areas are shared by the incidents that lie in them. Claims, sources and quotes stand
apart, one line of JSON an incident, so that the page parses them only when somebody opens one.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from datetime import date
from typing import Any

import shapely
from shapely.geometry.base import BaseGeometry

from maps import basemap, geojson, layout, words
from maps.model import Feature
from maps.texts import web_address

_COLUMNS = (
    "incident_id",
    "title",
    "event_type",
    "sub_event_type",
    "stage",
    "status",
    "date_start",
    "date_end",
    "date_precision",
    "place_name",
    "place_text",
    "admin1",
    "country",
    "geo_precision",
    "radius_m",
    "actor_1",
    "actor_2",
    "killed_low",
    "killed_best",
    "killed_high",
    "wounded_low",
    "wounded_best",
    "wounded_high",
    "drawn_as",
)
_EPOCH = date(1970, 1, 1).toordinal()
_CORNERS_OF_A_SHAPE = 300


def columns(features: Sequence[Feature]) -> dict[str, Any]:
    """The island without basemap and view: {"count", "words", "columns", "x", "y", "shapes"}; in the given order."""
    shapes, numbers = _shapes(features)
    points = [geojson.point_of(feature) for feature in features]
    named = {name: [_value(getattr(f, name)) for f in features] for name in _COLUMNS}
    named["drawn_as"] = [f.drawn_as if point else None for f, point in zip(features, points, strict=True)]
    return {
        "count": len(features),
        "words": {
            "geo": {str(code): text for code, text in words.GEO_PRECISION.items()},
            "date": {str(code): text for code, text in words.DATE_PRECISION.items()},
            "drawn": words.DRAWN_AS,
            "status": words.STATUS,
            "stage": words.STAGE,
        },
        "columns": {name: _coded(values) for name, values in named.items()} | {"shape": numbers},
        "x": [None if point is None else round(point.x * 1e5) for point in points],
        "y": [None if point is None else round(point.y * 1e5) for point in points],
        "shapes": shapes,
    }


def details(features: Sequence[Feature]) -> str:
    """One line of JSON for each feature, in the same order: what the page shows of an incident that is opened."""
    return "\n".join(dumps(_detail(feature)) for feature in features)


def dumps(value: Any) -> str:
    """JSON that cannot end its script element, cannot start a comment and holds no line end of its own."""
    text = json.dumps(geojson.plain(value), ensure_ascii=False, allow_nan=False, sort_keys=True, separators=(",", ":"))
    for character in "&<>\u2028\u2029":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return text


def _detail(feature: Feature) -> dict[str, Any]:
    return {
        "date_text": feature.date_text,
        "geo_method": feature.geo_method,
        "weapon": feature.weapon,
        "confidence": feature.confidence,
        "reviewed": feature.reviewed,
        "first_reported": feature.first_reported,
        "updated_at": feature.updated_at,
        "aliases": feature.aliases,
        "rival_places": feature.rival_places,
        "file": layout.incident(feature.incident_id),
        "claims": [
            {key: value for key, value in asdict(claim).items() if key not in ("article_id", "start", "end")}
            for claim in feature.claims
        ],
        "sources": [asdict(source) | {"url": web_address(source.url)} for source in feature.sources],
    }


def _value(value: Any) -> Any:
    return value.toordinal() - _EPOCH if isinstance(value, date) else geojson.plain(value)


def _coded(values: list[Any]) -> list[Any] | dict[str, list[Any]]:
    """The values, or where they repeat, the distinct ones and which of them each row has (null stays null)."""
    distinct = sorted({value for value in values if value is not None}, key=lambda value: (str(type(value)), value))
    if not any(isinstance(value, str) for value in distinct) or len(distinct) * 2 > len(values) + 2:
        return values
    code = {value: number for number, value in enumerate(distinct)}
    return {"values": distinct, "index": [None if value is None else code[value] for value in values]}


def _shapes(features: Sequence[Feature]) -> tuple[list[dict[str, Any]], list[int | None]]:
    """The distinct areas and lines, and for each feature the number of its own or null."""
    shapes: list[dict[str, Any]] = []
    numbers: dict[bytes, int | None] = {}
    row: list[int | None] = []
    for feature in features:
        area = feature.area
        if area is None or area.is_empty or geojson.point_of(feature) is None:
            row.append(None)
            continue
        key = area.wkb + (b"sea" if feature.drawn_as == "sea" else b"")
        if key not in numbers:
            shape = _shape(area, at_sea=feature.drawn_as == "sea")
            numbers[key] = None if shape is None else len(shapes)
            if shape is not None:
                shapes.append(shape)
        row.append(numbers[key])
    return shapes, row


def _shape(area: BaseGeometry, *, at_sea: bool) -> dict[str, Any] | None:
    west, south, east, north = area.bounds
    tolerance = max(0.001, max(east - west, north - south) / _CORNERS_OF_A_SHAPE)
    simple = shapely.force_2d(area.simplify(tolerance))
    parts = shapely.get_parts(shapely.get_parts(simple))
    polygons = [part for part in parts if part.geom_type == "Polygon"]
    chosen = polygons or [part for part in parts if part.geom_type == "LineString"]
    grid = max(10, min(2000, round(3 / tolerance)))
    lines = [line for part in chosen for line in basemap.pack(part, grid)]
    kind = "line" if not polygons else "sea" if at_sea else "area"
    return {"kind": kind, "grid": grid, "lines": lines} if lines else None
