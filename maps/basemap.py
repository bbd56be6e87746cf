"""What the page draws the incidents on: land, borders, first-order divisions, labels, cut to where the incidents are.

Two layers: the whole world, very coarse, and over it windows of detail around the incidents. A page pays for what it
shows: what lies in no window is cut away before anything is simplified, and the coarse world is made once for all
pages. Each layer is simplified until it fits its share of a budget in bytes, every try going on from the one before.
Neighbours stay neighbours: polygons are simplified as a coverage, and a border is taken from the edges that two of them
share, so that it is drawn once and never as the edge of the cut.

Lines leave this module as flat lists of integers on a grid: `[x0, y0, dx, dy, dx, dy, ...]`, x = longitude,
y = latitude, in units of 1/`grid` degree.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

import numpy as np
import shapely
from shapely.geometry import Point
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

_WORLD_BYTES, _WORLD_TOLERANCE = 90_000, 0.16
_LAND_SHARE, _DIVISIONS_SHARE, _DISPUTED_SHARE = 0.55, 0.38, 0.05
_MOST_LABELS = 420
_COUNTRY_SIZES = (4.0, 30.0, 150.0)
"""Square degrees; a country larger than each is named one zoom earlier."""
_FINEST = 0.002
"""Degrees: no boundary in use is finer."""

_COARSEST_LINES = 0.15
"""Degrees: three pixels at the zoom from which divisions are drawn."""

_MARGIN = 2.5
"""Degrees around an incident that its window shows at least."""
_WIDEST = 40.0
"""Degrees: what is wider gets no window for the whole of it; the coarse world does for areas of that size."""
_STEP = 2.0
"""Windows begin and end at multiples of it, so that the incidents of one region share one."""
_MOST_WINDOWS = 12
_REGION = 75.0
"""Degrees: incidents that lie no farther apart, margins included, are one region and share one window."""
_WHOLE_WORLD_FROM = 0.35
"""Windows that take so much of the world are taken as the whole of it."""
_SPAN = 1 << 32
"""Two numbers of 32 bits in one of 64: first * _SPAN + second."""


@dataclass(frozen=True, slots=True)
class World:
    """A basemap made ready for cutting, so that many pages share the work."""

    source: Basemap
    sheet: dict[str, Any]
    """The coarse world."""
    countries: Array
    divisions: Array
    country_labels: Sequence[Label]
    cuts: dict[tuple[tuple[Box, ...], int], dict[str, Any]] = field(default_factory=dict)
    """What was cut before: pages of wide data share the whole world."""


def prepare(basemap: Basemap) -> World:
    """The coarse sheet of the whole world, and the polygons in order."""
    countries = _polygons(basemap.countries)
    [sheet] = _land(countries, [WORLD], _WORLD_TOLERANCE, _WORLD_BYTES)
    return World(basemap, sheet, countries, _polygons(basemap.divisions), _country_labels(basemap))


def cut(world: World, boxes: Sequence[Box], *, budget: int = 240_000) -> dict[str, Any]:
    """The sheets for a page with these windows (see `windows`), about `budget` bytes of JSON at most.

    Returns {"world": sheet, "details": [sheet, ...], "labels": [[name, x, y, zoom, is_country], ...]}; a sheet is
    {"box", "grid", "land": rings, "borders": lines}, a detailed one, of which there is one a window, also has
    "divisions" and "disputed": {"grid", "lines"}; labels are on a grid of 1/1000 degree. A budget too small for any
    sheet is exceeded rather than nothing drawn.
    """
    key = tuple(boxes), budget
    if key not in world.cuts:
        world.cuts[key] = _cut(world, key[0], budget)
    return world.cuts[key]


def _cut(world: World, boxes: tuple[Box, ...], budget: int) -> dict[str, Any]:
    rest = budget - len(_packed(world.sheet)) - _MOST_LABELS * 30
    size = sum((east - west) * (north - south) for west, south, east, north in boxes) ** 0.5
    start = max(_FINEST, size * max(1.0, size / 100) / 10_000)  # finer than what fits, but not by much
    land = _land(world.countries, boxes, start, int(rest * _LAND_SHARE))
    divisions = _inner_lines(world.divisions, boxes, start, int(rest * _DIVISIONS_SHARE))
    disputed = _plain_lines(world.source.disputed, boxes, start, int(rest * _DISPUTED_SHARE))
    details = [
        {**sheet, "divisions": inner, "disputed": lines}
        for sheet, inner, lines in zip(land, divisions, disputed, strict=True)
    ]
    return {"world": world.sheet, "details": details, "labels": _labels(world, boxes)}


def windows(extents: Iterable[Box]) -> tuple[Box, ...]:
    """The boxes that a page shows in detail, for the extents of its points and areas.

    Incidents of one region get one window that takes in what a screen shows around them. Else each gets a margin of a
    third of its size, a few degrees at least; those that meet become one, and at most a dozen are left, in order.
    """
    given = np.array(sorted(set(extents)), dtype=float).reshape(-1, 4)
    west, south, east, north = given.T
    given = given[(west <= east) & (east - west <= _WIDEST) & (north - south <= _WIDEST)]
    if not len(given):
        return ()
    region = np.concatenate([given[:, :2].min(axis=0), given[:, 2:].max(axis=0)])
    # A screen is as wide as high, or wider, whatever the shape of the region.
    half = np.maximum((region[2:] - region[:2]).max() * np.array([0.85, 0.65]), _MARGIN)
    middle = (region[2:] + region[:2]) / 2
    if 2 * half[0] <= _REGION:
        boxes = _on_steps(np.concatenate([middle - half, middle + half])[None, :])
    else:
        margin = np.maximum(_MARGIN, (given[:, 2:] - given[:, :2]) / 3)
        boxes = _on_steps(np.hstack([given[:, :2] - margin, given[:, 2:] + margin]))
    boxes = _apart(boxes)
    while len(boxes) > _MOST_WINDOWS:
        boxes = _apart(_nearest_joined(boxes))
    area = float(((boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1])).sum())
    if area >= _WHOLE_WORLD_FROM * (WORLD[2] - WORLD[0]) * (WORLD[3] - WORLD[1]):
        return (WORLD,)
    return tuple((float(w), float(s), float(e), float(n)) for w, s, e, n in boxes)


def _on_steps(boxes: Array) -> Array:
    """The boxes grown to the next steps, inside the world; each once, in order."""
    grown = np.hstack([np.floor(boxes[:, :2] / _STEP), np.ceil(boxes[:, 2:] / _STEP)]) * _STEP
    return np.unique(np.clip(grown, WORLD[:2] * 2, WORLD[2:] * 2), axis=0)


def _apart(boxes: Array) -> Array:
    """Boxes around those that overlap, until none do; sorted."""
    while True:
        merged: Any = shapely.union_all(shapely.box(*boxes.T))
        joined = np.unique(shapely.bounds(shapely.get_parts(merged)), axis=0)
        if len(joined) == len(boxes):
            return joined
        boxes = joined


def _nearest_joined(boxes: Array) -> Array:
    """One box less: the two whose common box adds least to what they cover."""
    lower = np.minimum(boxes[:, None, :2], boxes[None, :, :2])
    upper = np.maximum(boxes[:, None, 2:], boxes[None, :, 2:])
    own = (boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1])
    added = (upper - lower).prod(axis=2) - own[:, None] - own[None, :]
    added[np.tril_indices(len(boxes))] = np.inf
    first, second = np.unravel_index(int(np.argmin(added)), added.shape)
    joined = np.concatenate([lower[first, second], upper[first, second]])
    return np.vstack([np.delete(boxes, [first, second], axis=0), joined])


def pack(geometry: BaseGeometry, grid: int) -> list[list[int]]:
    """The rings or lines of a geometry on the grid, holes among them: the page fills by the even-odd rule."""
    outlines = geometry.boundary if geometry.geom_type.endswith("Polygon") else geometry
    return _lines(shapely.get_parts(outlines), grid)


# --- sheets -----------------------------------------------------------------------------------------------------------


def _polygons(rows: Sequence[tuple[str, str, BaseGeometry]]) -> Array:
    return np.array([shape for _, _, shape in sorted(rows, key=lambda row: row[:2]) if not shape.is_empty], object)


def _land(countries: Array, boxes: Sequence[Box], tolerance: float, budget: int) -> list[dict[str, Any]]:
    """One sheet a box: the outlines of all countries together, and the borders between them."""
    arcs = [_arcs(_inside(countries, box), tolerance) for box in boxes]
    coasts, borders = [coast for coast, _ in arcs], [border for _, border in arcs]
    while True:
        grid = _grid(tolerance)
        coasts, borders = _simplified(coasts, tolerance), _simplified(borders, tolerance)
        sheets = [
            {"box": list(box), "grid": grid, "land": _rings(coast, grid, tolerance), "borders": _lines(border, grid)}
            for box, coast, border in zip(boxes, coasts, borders, strict=True)
        ]
        if _fits(sheets, tolerance, budget):
            return sheets
        tolerance = _coarser(tolerance, sheets, budget)


def _inner_lines(divisions: Array, boxes: Sequence[Box], tolerance: float, budget: int) -> list[dict[str, Any]]:
    """One sheet a box: the lines between divisions."""
    return _line_sheets([_arcs(_inside(divisions, box), tolerance)[1] for box in boxes], tolerance, budget)


def _plain_lines(
    lines: Sequence[BaseGeometry], boxes: Sequence[Box], tolerance: float, budget: int
) -> list[dict[str, Any]]:
    """One sheet a box: the lines inside it."""
    clipped: list[Array] = [shapely.get_parts(shapely.clip_by_rect(np.array(lines, object), *box)) for box in boxes]
    return _line_sheets(clipped, tolerance, budget)


def _line_sheets(lines: list[Array], tolerance: float, budget: int) -> list[dict[str, Any]]:
    """One sheet for each of `lines`; no lines at all where only a caricature of them would fit."""
    while True:
        grid, lines = _grid(tolerance), _simplified(lines, tolerance)
        sheets: list[dict[str, Any]] = [{"grid": grid, "lines": _lines(some, grid)} for some in lines]
        if _fits(sheets, tolerance, budget):
            return sheets
        if tolerance > _COARSEST_LINES:
            return [{"grid": grid, "lines": []} for _ in lines]
        tolerance = _coarser(tolerance, sheets, budget)


def _fits(sheets: Sequence[dict[str, Any]], tolerance: float, budget: int) -> bool:
    return len(_packed(sheets)) <= budget or tolerance > 10


def _coarser(tolerance: float, sheets: Sequence[dict[str, Any]], budget: int) -> float:
    return tolerance * float(min(4.0, max(1.15, len(_packed(sheets)) / max(budget, 1))))


def _packed(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"))


def _grid(tolerance: float) -> int:
    """Units per degree, a few to the tolerance."""
    return max(10, min(2000, round(3 / tolerance)))


def _inside(shapes: Array, box: Box) -> Array:
    """The polygons that reach into the box, cut to it."""
    if not len(shapes):
        return shapes
    west, south, east, north = shapely.bounds(shapes).T
    near = (west <= box[2]) & (east >= box[0]) & (south <= box[3]) & (north >= box[1])
    across = (west < box[0]) | (east > box[2]) | (south < box[1]) | (north > box[3])
    inside = shapes.copy()
    inside[near & across] = shapely.clip_by_rect(shapes[near & across], *box)
    return np.asarray(inside[near & ~shapely.is_empty(inside)])


# --- from polygons to lines -------------------------------------------------------------------------------------------


def _arcs(shapes: Array, tolerance: float) -> tuple[Array, Array]:
    """The edges of polygons that meet as LineStrings from node to node: (those of one polygon alone, which are coasts
    and the edge of the cut; those that two share, each once). A node is where other than two edges meet.

    Corners are put on a grid a good deal finer than the tolerance, on which neighbours have the same corners.
    """
    grid = min(10_000, round(8 / tolerance))
    # Clipping can leave collections of collections.
    parts, shape_of = shapely.get_parts(shapes, return_index=True)
    polygons, part_of = shapely.get_parts(parts, return_index=True)
    areal = shapely.get_type_id(polygons) == shapely.GeometryType.POLYGON
    rings, polygon_of = shapely.get_rings(polygons[areal], return_index=True)
    points, ring = _on_grid(rings, grid)
    owner = shape_of[part_of][areal][polygon_of][ring]
    begin = np.flatnonzero(ring[1:] == ring[:-1])  # edge k leads from point begin[k] to the next one of its ring
    if not len(begin):
        return np.empty(0, object), np.empty(0, object)

    _, corner = np.unique(points[:, 0] * _SPAN + points[:, 1], return_inverse=True)
    ends = np.sort(np.column_stack([corner[begin], corner[begin + 1]]), axis=1).astype(np.int64)
    edges, first, same, times = np.unique(
        ends[:, 0] * _SPAN + ends[:, 1], return_index=True, return_inverse=True, return_counts=True
    )
    of_another = owner[begin] != owner[begin][first][same]
    is_coast, is_border = times % 2 == 1, np.bincount(same, weights=of_another, minlength=len(edges)) > 0

    def lines(chosen: Array) -> Array:
        ends_chosen = np.concatenate([edges[chosen] // _SPAN, edges[chosen] % _SPAN])
        is_node = np.bincount(ends_chosen, minlength=len(corner)) != 2
        wanted = np.flatnonzero(chosen[same] & (first[same] == np.arange(len(begin))))
        if not len(wanted):
            return np.empty(0, object)
        # A line goes on while the next edge follows in the same ring and the corner between them is no node.
        starts = np.append(True, np.diff(begin[wanted]) != 1) | is_node[corner[begin[wanted]]]
        line_of = np.cumsum(starts) - 1
        last = np.append(starts[1:], True)
        # Each edge gives its first corner, the last edge of a line its second one too.
        where = np.sort(np.concatenate([2 * np.arange(len(wanted)), 2 * np.flatnonzero(last) + 1]))
        corners = points[begin[wanted][where // 2] + where % 2]
        found: Any = shapely.linestrings(corners / grid, indices=line_of[where // 2])
        return np.asarray(found)

    return lines(is_coast), lines(is_border)


def _simplified(lines: list[Array], tolerance: float) -> list[Array]:
    """The lines with fewer corners; their ends stay, so that what met still meets."""
    return [np.asarray(shapely.simplify(some, tolerance, preserve_topology=False)) for some in lines]


def _lines(lines: Array, grid: int) -> list[list[int]]:
    points, owner = _on_grid(lines, grid)
    return _written(points, owner)


def _rings(coasts: Array, grid: int, tolerance: float) -> list[list[int]]:
    """The coasts chained to rings; islands and lakes too small to be seen are left out."""
    points, owner = _on_grid(coasts, grid)
    if not len(points):
        return []
    paths = np.split(points, np.flatnonzero(np.diff(owner)) + 1)
    rings = [np.array(ring) for ring in _chained([path.tolist() for path in paths])]
    least = (tolerance * grid) ** 2
    kept = [ring for ring in rings if len(ring) > 3 and abs(_area(ring)) >= least]
    if not kept:
        return []
    return _written(np.vstack(kept), np.repeat(np.arange(len(kept)), [len(ring) for ring in kept]))


def _area(ring: Array) -> float:
    x, y = (ring - ring[0]).T
    return float(x[:-1] @ y[1:] - x[1:] @ y[:-1]) / 2


def _on_grid(lines: Any, grid: int) -> tuple[Array, Array]:
    """The corners of the lines on the grid, repeated ones left out, and the number of the line that each belongs to."""
    coordinates, owner = shapely.get_coordinates(lines, return_index=True)
    points = np.rint(coordinates * grid).astype(np.int64)
    kept = np.ones(len(points), dtype=bool)
    kept[1:] = (owner[1:] != owner[:-1]) | (points[1:] != points[:-1]).any(axis=1)
    return points[kept], owner[kept]


def _written(points: Array, owner: Array) -> list[list[int]]:
    """The lines as steps; what has shrunk to one point is left out."""
    if not len(points):
        return []
    starts = np.append(True, owner[1:] != owner[:-1])
    steps = np.where(starts[:, None], points, np.diff(points, axis=0, prepend=points[:1]))
    numbers = steps.ravel().tolist()
    ends = [*(2 * np.flatnonzero(starts)).tolist(), len(numbers)]
    return [numbers[first:last] for first, last in pairwise(ends) if last - first >= 4]


def _chained(paths: Sequence[list[list[int]]]) -> list[list[list[int]]]:
    """Lines of which an even number ends at every point, chained to closed rings. Which line goes on where four meet
    does not matter: the even-odd rule fills the same."""
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
        rings.append(ring)
    return rings


# --- labels -----------------------------------------------------------------------------------------------------------


def _country_labels(basemap: Basemap) -> list[Label]:
    """The names of the countries on their largest parts, large ones at a smaller zoom; where the basemap brings a label
    of that name, its point and zoom."""
    given = {name: (point, zoom) for name, point, zoom in reversed(basemap.labels)}
    shapes = np.array([shape for _, _, shape in basemap.countries], object)
    parts, owner = shapely.get_parts(shapes, return_index=True)
    areas = shapely.area(parts)
    order = np.lexsort([areas, owner])
    largest = dict(zip(owner[order].tolist(), order.tolist(), strict=True))  # the last of each country stays
    rows: list[Label] = []
    for number, ((_, name, _), area) in enumerate(zip(basemap.countries, shapely.area(shapes).tolist(), strict=True)):
        if name in given:
            rows.append((name, given[name][0], given[name][1]))
        elif name and number in largest:
            point: Any = shapely.point_on_surface(parts[largest[number]])
            rows.append((name, point, 5 - sum(area > limit for limit in _COUNTRY_SIZES)))
    return rows


def _labels(world: World, boxes: Sequence[Box]) -> list[list[Any]]:
    """The labels inside the windows and, of the rest of the world, those of small scale; the most important first,
    countries before places."""
    countries = {name for name, _, _ in world.country_labels}
    places = [label for label in world.source.labels if label[0] not in countries]
    rows = []
    for labels, is_country in ((world.country_labels, 1), (places, 0)):
        for name, point, zoom in labels:
            x, y = point.x, point.y
            inside = any(west <= x <= east and south <= y <= north for west, south, east, north in boxes)
            if inside or zoom <= 4:
                rows.append((int(zoom), not inside, -is_country, clean(name), round(x * 1000), round(y * 1000)))
    rows = sorted(rows)[:_MOST_LABELS]
    return [[name, x, y, zoom, -kind] for zoom, _, kind, name, x, y in rows]
