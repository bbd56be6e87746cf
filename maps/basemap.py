"""What the page draws the incidents on: land, borders, first-order divisions, labels, cut to where the incidents are.

Two sheets: the whole world, very coarse, and over it a detailed one of the data's surroundings. Each is simplified
until it fits its share of a budget in bytes. Neighbours stay neighbours: polygons are simplified as a coverage, and a
border is taken from the edges that two polygons share, so that it is drawn once and never as the edge of the cut.

Lines leave this module as flat lists of integers on a grid: `[x0, y0, dx, dy, dx, dy, ...]`, x = longitude,
y = latitude, in units of 1/`grid` degree.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

import numpy as np
import shapely
from shapely.geometry import LineString, MultiLineString, Point
from shapely.geometry.base import BaseGeometry

from maps.model import Basemap
from maps.texts import clean

Array = np.ndarray[Any, Any]
Box = tuple[float, float, float, float]
"""West, south, east, north in degrees."""
Label = tuple[str, Point, int]
"""Name, where, smallest zoom."""

WORLD: Box = (-180.0, -85.0, 180.0, 85.0)
"""As far as the map's projection goes."""

_WORLD_BYTES = 26_000
_LAND_SHARE, _DIVISIONS_SHARE, _DISPUTED_SHARE = 0.55, 0.33, 0.04
_MOST_LABELS = 420
_COUNTRY_SIZES = (4.0, 30.0, 150.0)
"""Square degrees; a country larger than each is named one zoom earlier."""
_WIDE = 120.0
_GRADES = (0.0, 0.1)
_FINEST = 0.002
"""Degrees: no boundary in use is finer."""


class _Coverage:
    """Polygons that meet, at several grades of detail, each made when it is first asked for."""

    def __init__(self, shapes: Sequence[BaseGeometry]) -> None:
        self._grades: dict[float, Array] = {0.0: np.array([shape for shape in shapes if not shape.is_empty], object)}

    def inside(self, box: Box, tolerance: float) -> Array:
        """The polygons that reach into the box, cut to it and simplified together."""
        shapes = self._grade(max(grade for grade in _GRADES if grade <= tolerance / 2 or grade == 0))
        if not len(shapes):
            return shapes
        west, south, east, north = shapely.bounds(shapes).T
        near = (west <= box[2]) & (east >= box[0]) & (south <= box[3]) & (north >= box[1])
        across = near & ((west < box[0]) | (east > box[2]) | (south < box[1]) | (north > box[3]))
        cut = shapes.copy()
        cut[across] = [_clip(shape, box) for shape in shapes[across]]
        kept = cut[near]
        kept = kept[~shapely.is_empty(kept)]
        return np.asarray(shapely.coverage_simplify(kept, tolerance)) if len(kept) else kept

    def _grade(self, grade: float) -> Array:
        if grade not in self._grades:
            finer = self._grade(_GRADES[_GRADES.index(grade) - 1])
            self._grades[grade] = np.asarray(shapely.coverage_simplify(finer, grade)) if len(finer) else finer
        return self._grades[grade]


@dataclass(frozen=True, slots=True)
class World:
    """A basemap made ready for cutting, so that many pages share the work."""

    source: Basemap
    sheet: dict[str, Any]
    """The coarse world."""
    countries: _Coverage
    divisions: _Coverage
    country_labels: Sequence[Label]
    cuts: dict[tuple[Box, int], dict[str, Any]] = field(default_factory=dict)
    """What was cut before: pages of wide data share the whole world."""


def prepare(basemap: Basemap) -> World:
    """The coarse sheet of the whole world, and the polygons in order."""
    countries = _Coverage([shape for _, _, shape in sorted(basemap.countries, key=lambda row: (row[0], row[1]))])
    divisions = _Coverage([shape for _, _, shape in sorted(basemap.divisions, key=lambda row: (row[0], row[1]))])
    sheet = _fitting(lambda tolerance: _land(countries, WORLD, tolerance), 0.08, _WORLD_BYTES)
    return World(basemap, sheet, countries, divisions, _country_labels(basemap))


def cut(world: World, bounds: Box | None, *, budget: int = 240_000) -> dict[str, Any]:
    """The sheets for a page that shows `bounds` (null: the whole world), about `budget` bytes of JSON at most.

    Returns {"world": sheet, "detail": sheet, "labels": [[name, x, y, zoom, is_country], ...]}; a sheet is {"box",
    "grid", "land": rings, "borders": lines}, the detailed one also has "divisions" and "disputed": {"grid", "lines"};
    labels are on a grid of 1/1000 degree. A budget too small for any sheet is exceeded rather than nothing drawn.
    """
    box = surroundings(bounds) if bounds else WORLD
    if (box, budget) not in world.cuts:
        world.cuts[box, budget] = _cut(world, box, budget)
    return world.cuts[box, budget]


def _cut(world: World, box: Box, budget: int) -> dict[str, Any]:
    rest = budget - len(_packed(world.sheet)) - _MOST_LABELS * 30
    span = max(box[2] - box[0], box[3] - box[1])
    start = max(_FINEST, span * max(1.0, span / 100) / 6000)  # near what will fit, so that few tries are needed
    detail = _fitting(lambda t: _land(world.countries, box, t), start, int(rest * _LAND_SHARE))
    divisions = _fitting(lambda t: _inner_lines(world.divisions, box, t), start, int(rest * _DIVISIONS_SHARE))
    disputed = _fitting(lambda t: _plain_lines(world.source.disputed, box, t), start, int(rest * _DISPUTED_SHARE))
    return {
        "world": world.sheet,
        "detail": {**detail, "divisions": divisions, "disputed": disputed},
        "labels": _labels(world, box),
    }


def surroundings(bounds: Box) -> Box:
    """The box with a margin around it: a third of its size, two degrees at least. What goes round a third of the
    world, or over the antimeridian, gets the whole world."""
    west, south, east, north = bounds
    if west > east or east - west > _WIDE:
        return WORLD
    margin_x, margin_y = max(2.0, (east - west) / 3), max(2.0, (north - south) / 3)
    return (
        max(WORLD[0], float(np.floor(west - margin_x))),
        max(WORLD[1], float(np.floor(south - margin_y))),
        min(WORLD[2], float(np.ceil(east + margin_x))),
        min(WORLD[3], float(np.ceil(north + margin_y))),
    )


def pack(geometry: BaseGeometry, grid: int) -> list[list[int]]:
    """The rings or lines of a geometry on the grid, holes among them: the page fills by the even-odd rule."""
    outlines = geometry.boundary if geometry.geom_type.endswith("Polygon") else geometry
    return _pack_lines(shapely.get_parts(outlines), grid)


def _pack_lines(lines: Array, grid: int) -> list[list[int]]:
    if not len(lines):
        return []
    coordinates, owner = shapely.get_coordinates(lines, return_index=True)
    points = np.rint(coordinates * grid).astype(np.int64)
    starts = np.append(True, owner[1:] != owner[:-1])
    kept = starts | np.append(True, (np.diff(points, axis=0) != 0).any(axis=1))
    points, starts = points[kept], starts[kept]
    steps = np.where(starts[:, None], points, np.diff(points, axis=0, prepend=points[:1]))
    numbers = steps.ravel().tolist()
    ends = [*(2 * np.flatnonzero(starts)).tolist(), len(numbers)]
    return [numbers[first:last] for first, last in pairwise(ends) if last - first >= 4]


def _fitting(make: Callable[[float], dict[str, Any]], tolerance: float, budget: int) -> dict[str, Any]:
    """What `make` gives with the smallest tolerance (degrees) whose JSON fits the budget."""
    while True:
        made = make(tolerance)
        size = len(_packed(made))
        if size <= budget or tolerance > 10:
            return made
        tolerance *= min(4.0, max(1.2, (size / budget) ** 1.2))


def _packed(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"))


def _grid(tolerance: float) -> int:
    """Units per degree, a few to the tolerance."""
    return max(10, min(2000, round(3 / tolerance)))


def _rings(coverage: _Coverage, box: Box, tolerance: float, grid: int) -> list[list[int]]:
    """The rings of a coverage inside the box; parts smaller than the tolerance are left out."""
    parts = shapely.get_parts(shapely.get_parts(coverage.inside(box, tolerance)))
    large = parts[shapely.area(parts) >= tolerance * tolerance]
    return _pack_lines(shapely.get_parts(shapely.boundary(large)), grid)


def _clip(shape: BaseGeometry, box: Box) -> BaseGeometry:
    clipped = shapely.clip_by_rect(shape, *box)
    return clipped if clipped.is_valid else shapely.make_valid(clipped)


def _land(countries: _Coverage, box: Box, tolerance: float) -> dict[str, Any]:
    grid = _grid(tolerance)
    rings = _rings(countries, box, tolerance, grid)
    return {"box": list(box), "grid": grid, "land": _outlines(rings), "borders": _shared(rings)}


def _inner_lines(divisions: _Coverage, box: Box, tolerance: float) -> dict[str, Any]:
    grid = _grid(tolerance)
    return {"grid": grid, "lines": _shared(_rings(divisions, box, tolerance, grid))}


def _plain_lines(lines: Sequence[BaseGeometry], box: Box, tolerance: float) -> dict[str, Any]:
    grid = _grid(tolerance)
    packed = [part for line in lines for part in pack(shapely.clip_by_rect(line, *box).simplify(tolerance), grid)]
    return {"grid": grid, "lines": sorted(packed)}


def _segments(rings: Sequence[list[int]]) -> tuple[Array, Array]:
    """The distinct segments (x0, y0, x1, y1) of the rings and how many rings share each."""
    pieces = []
    for ring in rings:
        points = np.cumsum(np.array(ring, dtype=np.int64).reshape(-1, 2), axis=0)
        pieces.append(np.hstack([points[:-1], points[1:]]))
    if not pieces:
        return np.empty((0, 4), dtype=np.int64), np.empty(0, dtype=np.int64)
    segments = np.vstack(pieces)
    backwards = (segments[:, 0] > segments[:, 2]) | (
        (segments[:, 0] == segments[:, 2]) & (segments[:, 1] > segments[:, 3])
    )
    segments[backwards] = segments[backwards][:, [2, 3, 0, 1]]
    return np.unique(segments, axis=0, return_counts=True)


def _shared(rings: Sequence[list[int]]) -> list[list[int]]:
    """The lines along which two polygons meet."""
    segments, counts = _segments(rings)
    return _joined(segments[counts >= 2])


def _outlines(rings: Sequence[list[int]]) -> list[list[int]]:
    """The rings around all polygons together: coasts, and the edge of the cut."""
    segments, counts = _segments(rings)
    return _loops(_joined(segments[counts % 2 == 1]))


def _joined(segments: Array) -> list[list[int]]:
    if not len(segments):
        return []
    lines: Any = shapely.linestrings(segments.reshape(-1, 2, 2).astype(float))
    return sorted(pack(shapely.line_merge(MultiLineString(list(lines))), 1))


def _loops(lines: Sequence[list[int]]) -> list[list[int]]:
    """Lines of which an even number ends at every point, chained to closed rings. Which line goes on where four meet
    does not matter: the even-odd rule fills the same."""
    paths = [np.cumsum(np.array(line).reshape(-1, 2), axis=0).tolist() for line in lines]
    at: dict[tuple[int, int], list[int]] = {}
    for number, path in enumerate(paths):
        for end in (path[0], path[-1]):
            at.setdefault((end[0], end[1]), []).append(number)
    used: set[int] = set()
    rings = []
    for number, path in enumerate(paths):
        if number in used:
            continue
        used.add(number)
        ring = list(path)
        while ring[-1] != ring[0]:
            following = next((n for n in at[ring[-1][0], ring[-1][1]] if n not in used), None)
            if following is None:
                break
            used.add(following)
            part = paths[following] if paths[following][0] == ring[-1] else paths[following][::-1]
            ring += part[1:]
        rings += pack(LineString(ring), 1)
    return rings


def _country_labels(basemap: Basemap) -> list[Label]:
    """The names of the countries on their largest parts, large ones at a smaller zoom; where the basemap brings a label
    of that name, its point and zoom."""
    given = {name: (point, zoom) for name, point, zoom in reversed(basemap.labels)}
    rows = []
    for _, name, shape in basemap.countries:
        if name in given:
            point, zoom = given[name]
        elif shape.is_empty or not name:
            continue
        else:
            largest = max(shapely.get_parts(shape), key=lambda part: float(part.area))
            point, zoom = largest.representative_point(), 5
            zoom -= sum(shape.area > limit for limit in _COUNTRY_SIZES)
        rows.append((name, point, zoom))
    return rows


def _labels(world: World, box: Box) -> list[list[Any]]:
    """The labels inside the box and, of the rest of the world, those of small scale; the most important first,
    countries before places."""
    west, south, east, north = box
    countries = {name for name, _, _ in world.country_labels}
    places = [label for label in world.source.labels if label[0] not in countries]
    rows = []
    for labels, is_country in ((world.country_labels, 1), (places, 0)):
        for name, point, zoom in labels:
            inside = west <= point.x <= east and south <= point.y <= north
            if inside or zoom <= 4:
                where = round(point.x * 1000), round(point.y * 1000)
                rows.append((int(zoom), not inside, -is_country, clean(name), *where, is_country))
    return [[name, x, y, zoom, kind] for zoom, _, _, name, x, y, kind in sorted(rows)[:_MOST_LABELS]]
