# ruff: noqa: S608 -- what is put into statements are constants of this file; values are bound
"""The only SELECTs on places.

Every function asks on the connection that it is given, commits nothing, and orders its answers completely, so that the
same gazetteer gives the same answers. Points are (longitude, latitude) in EPSG:4326, distances metres on the ellipsoid.

`benchmarks/gazetteer.py` measures them; docs/gazetteer.md has the figures.
"""

from __future__ import annotations

import difflib
import math
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
import shapely
from geopy.distance import geodesic
from shapely.geometry import Point
from shapely.geometry.base import BaseGeometry
from sqlalchemy import Connection, Row, text

from gazetteer import names as spelling
from gazetteer.model import Candidate, NameKind, Place

SAME_SKELETON: Final = 0.75
"""Least similarity of two spellings with the same skeleton: vowels and transliteration differ, the consonants agree."""
TRIGRAM_THRESHOLD: Final = 0.5
"""Least trigram similarity that counts as nearly the same name."""
_SHORTEST_SKELETON: Final = 3
"""Letters; below it, far too many names share one."""

Box = tuple[float, float, float, float]
"""West, south, east, north in degrees."""

_Row = Row[*tuple[Any, ...]]

_COLUMNS: Final = """
    {0}.id, {0}.name, {0}.feature_class, {0}.feature_code, ST_X({0}.point), ST_Y({0}.point), {0}.country_code,
    {0}.admin1_code, {0}.population, {0}.precision_m, {0}.has_area, {0}.note, admin1.name, country.name"""
"""What `_Places.of` makes a place from, in its order; {0} is the alias of the place."""
_CONTEXT: Final = """
    LEFT JOIN gazetteer.place admin1 ON admin1.id = 'admin1:' || {0}.admin1_code AND admin1.serves
    LEFT JOIN gazetteer.place country ON country.id = 'country:' || {0}.country_code AND country.serves"""
_SHOWN: Final = "{0}.serves AND {0}.withdrawn IS NULL"
"""Of the rows with one id one serves; one that its source withdrew is found by its id only."""
_TRUST: Final = "array_position(ARRAY[" + ", ".join(f"'{kind.value}'" for kind in NameKind) + "], {0}.kind)"


@dataclass(frozen=True, slots=True)
class Ranked:
    """A place as an answer to a search, best first."""

    candidate: Candidate
    score: float
    """0-1, for ordering within one search only."""
    why: str


# --- by name ---------------------------------------------------------------------------------------------------------

_EXACT: Final = text(f"""
    SELECT asked.key, found.matched, found.kind, 1.0, {_COLUMNS.format("found")}
    FROM unnest(CAST(:keys AS text[])) AS asked(key)
    CROSS JOIN LATERAL (
        SELECT n.name AS matched, n.kind, p.*
        FROM gazetteer.place_name n JOIN gazetteer.place p ON p.no = n.place_no
        WHERE n.name_key = asked.key AND (:codes OR n.kind <> 'code') AND {_SHOWN.format("p")}
        ORDER BY p.prominence DESC, {_TRUST.format("n")}, p.id
        LIMIT :limit
    ) found
    {_CONTEXT.format("found")}
    ORDER BY asked.key, found.prominence DESC, {_TRUST.format("found")}, found.id""")

_NEARLY: Final = """
    SELECT asked.key, found.matched, found.kind, found.similarity, {columns}
    FROM unnest(CAST(:keys AS text[]), CAST(:skeletons AS text[])) AS asked(key, skeleton)
    CROSS JOIN LATERAL (
        SELECT *
        FROM (
            SELECT DISTINCT ON (p.no) n.name AS matched, n.kind, {similarity} AS similarity, p.*
            FROM gazetteer.place_name n JOIN gazetteer.place p ON p.no = n.place_no
            WHERE {condition} AND n.skeleton_key IS NOT NULL AND p.serves AND p.withdrawn IS NULL
            ORDER BY p.no, similarity DESC, {trust}, n.name_key
        ) best
        ORDER BY best.similarity + best.prominence / 30 DESC, best.id
        LIMIT :limit
    ) found
    {context}
    ORDER BY asked.key, found.similarity + found.prominence / 30 DESC, found.id"""

_BY_SKELETON: Final = text(
    _NEARLY.format(
        columns=_COLUMNS.format("found"),
        similarity=f"greatest(similarity(n.name_key, asked.key), {SAME_SKELETON})",
        condition="n.skeleton_key = asked.skeleton",
        trust=_TRUST.format("n"),
        context=_CONTEXT.format("found"),
    )
)
_BY_TRIGRAM: Final = text(
    _NEARLY.format(
        columns=_COLUMNS.format("found"),
        similarity="similarity(n.name_key, asked.key)",
        condition=f"n.name_key % asked.key AND similarity(n.name_key, asked.key) >= {TRIGRAM_THRESHOLD}",
        trust=_TRUST.format("n"),
        context=_CONTEXT.format("found"),
    )
)


def candidates(
    conn: Connection, names: Iterable[str], *, limit: int = 40, codes: bool = False
) -> dict[str, tuple[Candidate, ...]]:
    """Places called so, by `names.key(name)`; one query for all names. Names without candidates are absent.

    The most prominent first (`load.prominence`: countries, seas, capitals and large cities, first-order divisions,
    towns, spots), then by kind of name; at most `limit` a key. A place stands once in a key, with its most trusted
    name. Demonyms are among the names, codes (ISO, IATA, ICAO) only if `codes`.
    """
    keys = sorted({key for name in names if (key := spelling.key(name))})
    if not keys:
        return {}
    rows = conn.execute(_EXACT, {"keys": keys, "codes": codes, "limit": limit}).all()
    return _candidates_by_key(rows)


def fuzzy(
    conn: Connection, names: Iterable[str], *, limit: int = 10, trigrams: bool = True
) -> dict[str, tuple[Candidate, ...]]:
    """Places called nearly so, by `names.key(name)`: the second try for names that `candidates` misses.

    First spellings with the same `names.skeleton` (similarity at least `SAME_SKELETON`), and for names without any,
    those whose trigrams resemble it (at least `TRIGRAM_THRESHOLD`). Latin letters only. The best mix of similarity and
    prominence first; never codes. Skeletons take about 0.1 ms a name, trigrams 10 ms: leave these out
    (`trigrams=False`) for words that are hardly names.
    """
    keys = sorted({key for name in names if (key := spelling.key(name)) and key.isascii()})
    skeletons = {key: spelling.skeleton_of_key(key) for key in keys}
    found: dict[str, tuple[Candidate, ...]] = {}
    asked = [key for key in keys if len(skeletons[key]) >= _SHORTEST_SKELETON]
    if asked:
        values = {"keys": asked, "skeletons": [skeletons[key] for key in asked], "limit": limit}
        found |= _candidates_by_key(conn.execute(_BY_SKELETON, values).all())
    missed = [key for key in keys if key not in found] if trigrams else []
    if missed:
        conn.execute(
            text("SELECT set_config('pg_trgm.similarity_threshold', :threshold, true)"),
            {"threshold": str(TRIGRAM_THRESHOLD)},
        )
        values = {"keys": missed, "skeletons": missed, "limit": limit}
        found |= _candidates_by_key(conn.execute(_BY_TRIGRAM, values).all())
    return found


def _candidates_by_key(rows: Sequence[_Row]) -> dict[str, tuple[Candidate, ...]]:
    places = _places(rows, first_column=4)
    by_key: dict[str, list[Candidate]] = {}
    for row, place in zip(rows, places, strict=True):
        key, matched, kind, similarity = row[0], row[1], row[2], row[3]
        by_key.setdefault(key, []).append(Candidate(place, matched, _KINDS[kind], float(similarity)))
    return {key: tuple(found) for key, found in by_key.items()}


_KINDS: Final = {kind.value: kind for kind in NameKind}


def _places(rows: Sequence[_Row], first_column: int = 0) -> list[Place]:
    """Places of rows whose columns from `first_column` on are `_COLUMNS`."""
    if not rows:
        return []
    c = first_column
    points = shapely.points([row[c + 4] for row in rows], [row[c + 5] for row in rows])
    return [
        Place(
            id=row[c],
            name=row[c + 1],
            feature_class=row[c + 2],
            feature_code=row[c + 3],
            point=point,
            country_code=row[c + 6],
            admin1_code=row[c + 7],
            population=row[c + 8],
            precision_m=row[c + 9],
            has_area=row[c + 10],
            note=row[c + 11],
            admin1_name=row[c + 12],
            country_name=row[c + 13],
        )
        for row, point in zip(rows, points, strict=True)
    ]


# --- by id -----------------------------------------------------------------------------------------------------------

_BY_ID: Final = text(f"""
    SELECT {_COLUMNS.format("p")} FROM gazetteer.place p {_CONTEXT.format("p")}
    WHERE p.id = ANY(:ids) AND p.serves ORDER BY p.id""")


def places(conn: Connection, ids: Iterable[str]) -> dict[str, Place]:
    """Places by id, ordered by id; unknown ids are absent."""
    wanted = sorted(set(ids))
    if not wanted:
        return {}
    return {place.id: place for place in _places(conn.execute(_BY_ID, {"ids": wanted}).all())}


def geometries(conn: Connection, ids: Iterable[str]) -> dict[str, BaseGeometry]:
    """Areas and lines by place id, ordered by id; ids without one are absent."""
    statement = text("""
        SELECT p.id, ST_AsBinary(a.geom)
        FROM gazetteer.place p JOIN gazetteer.place_area a ON a.place_no = p.no
        WHERE p.id = ANY(:ids) AND p.serves ORDER BY p.id""")
    wanted = sorted(set(ids))
    if not wanted:
        return {}
    return {row[0]: shapely.from_wkb(bytes(row[1])) for row in conn.execute(statement, {"ids": wanted})}


def largest(conn: Connection, limit: int = 6000) -> list[Place]:
    """The populated places with most inhabitants, the largest first."""
    statement = text(f"""
        SELECT {_COLUMNS.format("p")}
        FROM (
            SELECT * FROM gazetteer.place p
            WHERE feature_class = 'P' AND population > 0 AND {_SHOWN.format("p")}
            ORDER BY population DESC, id LIMIT :limit
        ) p {_CONTEXT.format("p")}
        ORDER BY p.population DESC, p.id""")
    return _places(conn.execute(statement, {"limit": limit}).all())


def areas(conn: Connection, family: str, boxes: Iterable[Box] | None = None) -> list[tuple[str, str, BaseGeometry]]:
    """(id, name, polygon) of a family of places (`country`, `admin1`), ordered by id; those without one are absent.

    With `boxes` (west, south, east, north in degrees) only those whose own box meets one of them.
    """
    edges = np.array(sorted(boxes) if boxes is not None else [(-180, -90, 180, 90)], dtype=float).reshape(-1, 4)
    statement = text("""
        SELECT p.id, p.name, ST_AsBinary(a.geom)
        FROM gazetteer.place p JOIN gazetteer.place_area a ON a.place_no = p.no
        WHERE p.id LIKE :family AND p.serves AND p.withdrawn IS NULL AND ST_Dimension(a.geom) = 2 AND EXISTS (
            SELECT FROM unnest(CAST(:west AS float[]), CAST(:south AS float[]), CAST(:east AS float[]),
                               CAST(:north AS float[])) AS box(west, south, east, north)
            WHERE a.geom && ST_MakeEnvelope(box.west, box.south, box.east, box.north, 4326))
        ORDER BY p.id""")
    values = dict(zip(("west", "south", "east", "north"), edges.T.tolist(), strict=True))
    rows = conn.execute(statement, {"family": f"{family}:%", **values}).all()
    shapes = shapely.from_wkb([bytes(row[2]) for row in rows])
    return [(row[0], row[1], shape) for row, shape in zip(rows, shapes, strict=True)]


def border_between(conn: Connection, a: str, b: str) -> Place | None:
    """The line that two countries (ISO codes, in any order) share; None where they share none."""
    first, second = sorted((a.upper(), b.upper()))
    wanted = f"border:{first}-{second}"
    return places(conn, [wanted]).get(wanted)


def part_of(conn: Connection, country_code: str, direction: str) -> Place | None:
    """A country's part: direction N, NE, E, SE, S, SW, W, NW or C."""
    wanted = f"part:{country_code.upper()}:{direction.upper()}"
    return places(conn, [wanted]).get(wanted)


# --- by place --------------------------------------------------------------------------------------------------------

_CODES: Final = """
    (cardinality(CAST(:codes AS text[])) = 0 OR EXISTS (
        SELECT FROM unnest(CAST(:codes AS text[])) AS wanted(code)
        WHERE CASE WHEN length(code) = 1 THEN p.feature_class = code ELSE starts_with(p.feature_code, code) END))"""

# Of all kinds, no place farther than the last of the nearest ones can be among them, however wide the radius is.
_NEAR: Final = text(f"""
    SELECT ST_Distance(p.point::geography, CAST(:point AS geography)) AS distance_m, {_COLUMNS.format("p")}
    FROM (
        SELECT * FROM gazetteer.place p
        WHERE ST_DWithin(
            p.point::geography, CAST(:point AS geography),
            least(CAST(:radius_m AS float), CASE WHEN cardinality(CAST(:codes AS text[])) = 0 THEN (
                SELECT max(ST_Distance(nearest.point::geography, CAST(:point AS geography))) + 1
                FROM (
                    SELECT p.point FROM gazetteer.place p WHERE {_SHOWN.format("p")}
                    ORDER BY p.point::geography <-> CAST(:point AS geography) LIMIT :limit
                ) nearest
            ) END)
        )
        AND {_CODES} AND {_SHOWN.format("p")}
        ORDER BY p.point::geography <-> CAST(:point AS geography), p.id
        LIMIT :limit
    ) p {_CONTEXT.format("p")}
    ORDER BY distance_m, p.id""")

# The area is found first and cut into pieces, and the places in each are found by their index: the boxes of whole
# countries hold half the world. What lies on the border of two pieces is found twice.
_WITHIN: Final = text(f"""
    SELECT {_COLUMNS.format("p")}
    FROM (
        SELECT area.no, a.geom
        FROM gazetteer.place area JOIN gazetteer.place_area a ON a.place_no = area.no
        WHERE area.id = :area_id AND area.serves AND ST_Dimension(a.geom) = 2
        OFFSET 0
    ) area
    CROSS JOIN LATERAL (
        SELECT * FROM (
            SELECT DISTINCT ON (p.no) p.*
            FROM ST_Subdivide(area.geom, 200) AS piece
            CROSS JOIN LATERAL (
                SELECT * FROM gazetteer.place p
                WHERE ST_Covers(piece, p.point) AND {_CODES} AND {_SHOWN.format("p")}
                OFFSET 0
            ) p
            WHERE p.no <> area.no
            ORDER BY p.no
        ) p
        ORDER BY p.prominence DESC, p.id
        LIMIT :limit
    ) p
    {_CONTEXT.format("p")}
    ORDER BY p.prominence DESC, p.id""")

_CONTAINING: Final = text(f"""
    SELECT {_COLUMNS.format("p")}
    FROM gazetteer.place_area a JOIN gazetteer.place p ON p.no = a.place_no
    {_CONTEXT.format("p")}
    WHERE ST_Dimension(a.geom) = 2 AND ST_Covers(a.geom, CAST(:point AS geometry)) AND {_SHOWN.format("p")}
    ORDER BY ST_Area(a.geom), p.id""")


def near(
    conn: Connection, point: Point, radius_m: float, feature_codes: Sequence[str] = (), limit: int = 20
) -> list[tuple[Place, float]]:
    """Places whose point lies within `radius_m` of `point`, nearest first, with the distance in metres.

    Right across the date line and at the poles. `feature_codes`: codes, their beginnings or classes, as
    `codes_of_type` gives them for words; empty: all kinds.
    """
    values = {"point": _ewkt(point), "radius_m": radius_m, "codes": list(feature_codes), "limit": limit}
    rows = conn.execute(_NEAR, values).all()
    return [(place, float(row[0])) for place, row in zip(_places(rows, first_column=1), rows, strict=True)]


def within(conn: Connection, area_id: str, feature_codes: Sequence[str] = (), limit: int = 1000) -> list[Place]:
    """Places whose point lies in the area, most prominent first; none for an unknown area or a line."""
    return _places(conn.execute(_WITHIN, {"area_id": area_id, "codes": list(feature_codes), "limit": limit}).all())


def containing(conn: Connection, point: Point) -> list[Place]:
    """Areas that contain the point (divisions, parts, countries, regions, seas), smallest first."""
    return _places(conn.execute(_CONTAINING, {"point": _ewkt(point)}).all())


def _ewkt(point: Point) -> str:
    return f"SRID=4326;POINT({point.x!r} {point.y!r})"


# --- as a person would -----------------------------------------------------------------------------------------------

_TYPES: Final[dict[str, tuple[str, ...]]] = {
    "city": ("P",), "town": ("P",), "village": ("P",), "place": ("P",), "capital": ("PPLC",), "settlement": ("P",),
    "kibbutz": ("P",), "country": ("PCL",),
    "province": ("ADM1",), "governorate": ("ADM1",), "state": ("ADM1",), "oblast": ("ADM1",), "krai": ("ADM1",),
    "republic": ("ADM1", "PCL"), "prefecture": ("ADM1",), "department": ("ADM1",), "county": ("ADM1", "ADM2"),
    "region": ("ADM1", "RGN"), "muhafazat": ("ADM1",), "muhafazah": ("ADM1",), "muhafaza": ("ADM1",),
    "wilayat": ("ADM1",), "wilaya": ("ADM1",), "wilayah": ("ADM1",), "vilayet": ("ADM1",), "ostan": ("ADM1",),
    "district": ("ADM2", "ADM1", "PPLX"), "raion": ("ADM2",), "subdistrict": ("ADM2", "P"), "border": ("BDRY",),
    "neighborhood": ("PPLX",), "neighbourhood": ("PPLX",), "quarter": ("PPLX",), "suburb": ("PPLX", "PPL"),
    "airport": ("AIRP", "AIRB", "AIRF"), "international airport": ("AIRP", "AIRB"),
    "air base": ("AIRB", "AIRF", "AIRP", "MILB"), "airbase": ("AIRB", "AIRF", "AIRP", "MILB"),
    "air force base": ("AIRB", "AIRF", "AIRP"), "military airport": ("AIRB", "AIRF", "AIRP", "AIRH"),
    "military airbase": ("AIRB", "AIRF", "AIRP"), "military air base": ("AIRB", "AIRF", "AIRP"),
    "military airfield": ("AIRB", "AIRF", "AIRP"), "air station": ("AIRB", "AIRF", "AIRP"),
    "airfield": ("AIRF", "AIRB", "AIRP"), "airstrip": ("AIRF", "AIRB", "AIRP"), "aerodrome": ("AIRP", "AIRB", "AIRF"),
    "base": ("INSM", "MILB", "AIRB", "NVB", "AIRF"), "military base": ("INSM", "MILB", "AIRB", "NVB"),
    "army base": ("INSM", "MILB"), "garrison": ("INSM", "MILB", "AIRB"), "barracks": ("BRKS", "INSM", "MILB"),
    "military installation": ("INSM", "MILB", "AIRB", "NVB"), "naval base": ("NVB", "MILB", "PRT"),
    "naval station": ("NVB", "MILB"), "military camp": ("MILB", "INSM", "BRKS"), "headquarters": ("MILB", "ADMF"),
    "oil field": ("OILF",), "oilfield": ("OILF",), "gas field": ("GASF",), "gasfield": ("GASF",),
    "field": ("OILF", "GASF", "AIRF", "AIRB"), "oil and gas field": ("OILF", "GASF"),
    "oil fields": ("OILF",), "oilfields": ("OILF",), "gas plant": ("GASF", "GOSP", "TRMO", "PMPO"),
    "gas complex": ("GASF", "GOSP", "TRMO", "PMPO"), "refinery": ("OILR",), "oil refinery": ("OILR",),
    "pumping station": ("PMPO",), "oil terminal": ("OILT", "TRMO", "PRT", "OILR"),
    "terminal": ("OILT", "TRMO", "PRT", "AIRP"), "oil port": ("OILT", "TRMO", "PRT"), "lng plant": ("TRMO", "GOSP"),
    "lng terminal": ("TRMO", "GOSP"), "lng": ("TRMO", "GOSP"), "pipeline": ("OILP",),
    "crossing": ("PSTB", "BDG"), "border crossing": ("PSTB",), "border post": ("PSTB",), "border gate": ("PSTB",),
    "border point": ("PSTB",), "checkpoint": ("PSTP", "PSTB", "GATE"), "port of entry": ("PSTB",),
    "gate": ("PSTB", "GATE"),
    "camp": ("CMPRF", "MILB", "INSM", "AIRB"), "refugee camp": ("CMPRF",), "displacement camp": ("CMPRF",),
    "idp camp": ("CMPRF",), "displaced camp": ("CMPRF",), "refugee complex": ("CMPRF",),
    "port": ("PRT", "HBR", "OILT", "TRMO", "NVB"), "harbor": ("PRT", "HBR"), "harbour": ("PRT", "HBR"),
    "seaport": ("PRT", "HBR"), "dam": ("DAM",), "barrage": ("DAM",), "hydroelectric dam": ("DAM",),
    "hydroelectric power plant": ("DAM", "PS"), "bridge": ("BDG",), "tunnel": ("TNL",),
    "nuclear power plant": ("PSN",), "nuclear power station": ("PSN",), "nuclear plant": ("PSN", "ITTR"),
    "nuclear station": ("PSN",), "npp": ("PSN",), "nuclear site": ("ITTR", "PSN", "RNGA", "MFG"),
    "nuclear facility": ("ITTR", "PSN", "MFG"), "nuclear complex": ("ITTR", "PSN", "MFG"),
    "nuclear reactor": ("ITTR", "PSN"), "reactor": ("ITTR", "PSN"), "enrichment plant": ("ITTR", "MFG"),
    "nuclear": ("ITTR", "PSN", "RNGA", "MFG"), "nuclear test site": ("RNGA",), "test site": ("RNGA", "MILB"),
    "power plant": ("PS", "PSN", "DAM"), "power station": ("PS", "PSN", "DAM"),
    "thermal power plant": ("PS",), "prison": ("PRN",), "jail": ("PRN",), "central prison": ("PRN",),
    "detention center": ("PRN",), "detention centre": ("PRN",), "detention camp": ("PRN", "CMPRF"),
    "detention facility": ("PRN",), "penal colony": ("PRN",), "military prison": ("PRN",),
    "embassy": ("DIP",), "consulate": ("DIP",), "consulate general": ("DIP",), "hospital": ("HSP",),
    "mosque": ("MSQE",), "church": ("CH",), "monastery": ("MSTY",), "university": ("UNIV", "SCH"), "mine": ("MN",),
    "square": ("SQR",), "market": ("MKT",), "island": ("ISL", "ISLS"), "islands": ("ISLS", "ISL"),
    "mountain": ("MT", "MTS"), "mountains": ("MTS", "MT"), "pass": ("PASS",), "valley": ("VAL", "RGN"),
    "peninsula": ("PEN", "RGN"), "desert": ("DSRT", "RGN"), "forest": ("FRST", "RGN", "PRK"),
    "sea": ("SEA", "GULF", "OCN"), "gulf": ("GULF",), "strait": ("STRT",), "straits": ("STRT",),
    "river": ("STM",), "lake": ("LK",),
    "countryside": (), "outskirts": (), "suburbs": (), "area": (), "city center": (), "city centre": (),
}  # fmt: skip
"""Words for types, as GeoNames feature classes (one letter) and beginnings of feature codes, the likeliest first."""

_LEADING_TYPES: Final = frozenset({"camp", "base", "port", "muhafazat", "muhafazah", "muhafaza", "wilayat", "wilaya",
                                   "wilayah", "ostan", "kibbutz"})  # fmt: skip
"""Words for types that stand in front of the name without "of"."""
_LONGEST_QUERY: Final = 120
"""Characters; what is longer is no misspelt name, and comparing it with all names takes long."""
_MOST_TAILS: Final = 3
"""Parts after a comma that are looked up."""
_LONGEST_TYPE: Final = max(len(words.split()) for words in _TYPES)
_PLACE_INSIDE: Final = re.compile(r"(.+)\s(?:in|near|outside|at)\s(.+)", re.IGNORECASE)
"""Greedy, so that the last of these words counts."""
_MISSION: Final = re.compile(r"\s(?:embassy|consulate|mission)\b", re.IGNORECASE)

_KIND_FAME: Final = {
    NameKind.PRIMARY: 0.0, NameKind.CURATED: 0.0, NameKind.ALTERNATE: -1.5, NameKind.DEMONYM: -3.0,
    NameKind.HISTORIC: -2.0, NameKind.VARIANT: -2.0, NameKind.CODE: -2.0,
}  # fmt: skip
"""What a kind of name takes from a place's fame, in powers of ten of inhabitants."""
_MEANT_BY_NEWS: Final = 1.0
"""What a curated name adds to a town of another source: somebody knows that news mean this one by it."""
_FAME_OF_SEATS: Final = {"PPLC": 5.5, "PPLA": 4.7, "PPLA2": 4.2, "PPLA3": 3.7, "PPLA4": 3.2}
"""Of towns whose inhabitants nobody counted, but that are the seat of a division."""
_DISTRICT_FAME: Final = 3.3
"""Highest fame of divisions of the second order and below; people mean the town of the name."""
_RESPELT: Final = -0.3
"""The same for another spelling of the primary name ("Raqqa" for "Ar Raqqah")."""
_VAST_DIVISION_M: Final = 400_000
"""Radius from which a first-order division is as famous as a city of a million (`_VAST_FAME` more than others)."""
_VAST_FAME: Final = 1.5
_SEAT_INHABITANTS: Final = 8_000
"""Least inhabitants of a town that is meant rather than the division that has its name from it."""
_SEAT_FAME: Final = 0.2
"""By how much such a town is more famous than its division."""
_DIVISIONS_WITH_SEATS: Final = 3
_LARGEST_TOWNS: Final = 4
_SEAT_ALIKE: Final = 0.7
"""How far the spelling asked for and the seat's own must agree (`difflib` ratio)."""
_HINT_MISSED: Final = 0.1
_LESS_LIKED_TYPE: Final = 0.04
"""What each step along the types of a word takes: an "air base" is rather an AIRB than an AIRP."""
_LONGER_NAME: Final = 0.9
"""Similarity of a name that goes on after the words asked for."""
_SAME_CONSONANTS: Final = 0.6
"""Similarity of spellings that differ in vowels only."""
_VAGUE_TRIGRAMS: Final = 0.3
"""Least trigram similarity of such spellings."""
_ALIKE_WITH_HINTS: Final = 0.4
"""Least trigram similarity where hints leave few places to choose from."""
_FEWEST_CONSONANTS: Final = 3
_NEARBY_M: Final = 60_000
"""How far from a town a facility may lie that is called by the town's name."""
_OF_TWO_COUNTRIES: Final = frozenset({"PSTB", "BDG", "BDRY", "DAM"})
_ONLY_TOUCHES: Final = 0.9
"""What a region of several countries takes where one country is asked for."""
_COASTAL_DEGREES: Final = 1.0
"""How near to a country its seas, shoals and regions without a country lie."""
_BESIDE_BORDER_DEGREES: Final = 0.08
"""A crossing belongs to both countries; its point lies in one of them, this near to the other."""
_BEGINNING: Final = text(f"""
    SELECT found.name_key, found.matched, found.kind, {_LONGER_NAME}, {_COLUMNS.format("found")}
    FROM (
        SELECT DISTINCT ON (p.no) n.name_key, n.name AS matched, n.kind, p.*
        FROM gazetteer.place_name n JOIN gazetteer.place p ON p.no = n.place_no
        WHERE n.name_key >= :first AND n.name_key < :after AND n.kind NOT IN ('code', 'demonym', 'variant')
        AND {_SHOWN.format("p")}
        ORDER BY p.no, {_TRUST.format("n")}, length(n.name_key), n.name_key
    ) found
    {_CONTEXT.format("found")}
    ORDER BY found.prominence DESC, found.id
    LIMIT 200""")

_VAGUELY: Final = text(
    _NEARLY.format(
        columns=_COLUMNS.format("found"),
        similarity="similarity(n.name_key, asked.key)",
        condition="n.name_key % asked.key AND abs(length(n.name_key) - length(asked.key)) <= 3",
        trust=_TRUST.format("n"),
        context=_CONTEXT.format("found"),
    )
)


_TOUCHES: Final = text("""
    SELECT EXISTS (
        SELECT FROM gazetteer.place p LEFT JOIN gazetteer.place_area own ON own.place_no = p.no
        JOIN gazetteer.place c ON c.id = ANY(:countries) AND c.serves
        JOIN gazetteer.place_area a ON a.place_no = c.no
        WHERE p.id = :id AND p.serves AND ST_DWithin(a.geom, coalesce(own.geom, p.point), :degrees))""")


@dataclass(frozen=True, slots=True)
class _Where:
    """Where a place should lie: in one of these countries, divisions or areas, or close to one of these towns."""

    words: str
    countries: frozenset[str] = frozenset()
    divisions: frozenset[str] = frozenset()
    areas: tuple[BaseGeometry, ...] = ()
    towns: tuple[Place, ...] = ()

    def holds(self, place: Place) -> bool:
        if place.country_code in self.countries or place.admin1_code in self.divisions:
            return True
        if any(area.covers(place.point) for area in self.areas):
            return True
        return any(_metres(town.point, place.point) <= _NEARBY_M for town in self.towns)


@dataclass(frozen=True, slots=True)
class _Reading:
    """One way to understand what was asked: these words name a place, of one of these types, in all these areas."""

    words: str
    wheres: tuple[_Where, ...] = ()
    types: tuple[str, ...] = ()
    how: str = ""
    """Why it is read so, for `Ranked.why`; empty for the words as they were asked."""


def search(
    conn: Connection, name: str, country: str | None = None, type: str | None = None, limit: int = 10
) -> list[Ranked]:
    """Places for a name as a person would rank them: the famous one first, unless the hints decide.

    `country` is an ISO code, or the name of a country, of its people, of a first-order division or of a region;
    `type` a feature code ("AIRB"), a feature class ("P") or a word ("air base"). Codes (ISO, IATA, ICAO) are names too.

    Where nothing has the name and meets the hints, the words are read again, in this order: what follows a comma or
    "in" says where ("Paris, Texas"); a word for a type says what ("Tabqa air base" is the air base called Tabqa); names
    that begin so, or are spelt alike; the facility of that type next to the town of that name ("Derna port"); that
    town. The first that finds something decides, and `Ranked.why` names it. Places that miss a hint come after all that
    meet it.
    """
    wheres = (_where_country(conn, country),) if country else ()
    asked = _Reading(name, wheres, codes_of_type(type) if type else ())
    exact = _Answers(conn, _called(conn, name))
    found = exact.meeting(asked)
    if not found and len(name) <= _LONGEST_QUERY:
        readings = _readings(conn, asked)
        steps = [_by_reading, _by_code, _by_spelling, _by_neighbourhood, _by_what_remains]
        if not exact:  # else a place of that very name elsewhere is likelier than one that is only similar here
            steps.append(_by_likeness)
        found = next((answers for step in steps if (answers := step(conn, asked, readings))), [])
    known = {answer.candidate.place.id for answer in found}
    missing = [answer for answer in exact.missing(asked) if answer.candidate.place.id not in known]
    return _in_order(found, missing)[:limit]


def _in_order(found: list[Ranked], missing: list[Ranked]) -> list[Ranked]:
    """The best first; those that miss a hint after all that meet it, with scores that fall."""
    ordered: list[Ranked] = []
    for answers in (found, missing):
        for answer in sorted(answers, key=lambda answer: (-answer.score, answer.candidate.place.id)):
            ceiling = ordered[-1].score if ordered else 1.0
            ordered.append(replace(answer, score=min(answer.score, ceiling)))
    return ordered


# What was asked.


def _readings(conn: Connection, asked: _Reading) -> list[_Reading]:
    """Other ways to understand the words, the likeliest first."""
    shorter = _reading_with_where(conn, asked)
    located = [shorter] if shorter else []
    typed = [bare for reading in (*located, asked) if (bare := _reading_with_type(reading))]
    return [*located, *typed]


def _reading_with_where(conn: Connection, asked: _Reading) -> _Reading | None:
    """ "Paris, Texas", "Tripoli (Lebanon)", "Karrada district in Baghdad"."""
    head, *tails = [part for part in map(str.strip, re.split(r"[,()]", asked.words)) if part] or [""]
    if not tails and (inside := _PLACE_INSIDE.fullmatch(head)):
        head, tails = inside[1], [inside[2]]
    known = [where for tail in tails[:_MOST_TAILS] if (where := _where(conn, tail))]
    if not known:
        return None
    return replace(asked, words=head, wheres=(*asked.wheres, *known), how=f"in {known[0].words}")


def _reading_with_type(asked: _Reading) -> _Reading | None:
    """ "Erbil airport", "Port of Haifa", "Muhafazat Diyala"."""
    words = spelling.fold(asked.words).split()
    for length in range(min(_LONGEST_TYPE, len(words)), 0, -1):
        last, first = " ".join(words[-length:]), " ".join(words[:length])
        if last in _TYPES:
            phrase, rest = last, words[:-length]
        elif first in _TYPES and (words[length : length + 1] == ["of"] or first in _LEADING_TYPES):
            phrase, rest = first, words[length:]
            rest = rest[1:] if rest[:1] == ["of"] else rest
        else:
            continue
        if not rest and not asked.how:
            return None
        how = ", ".join(part for part in (asked.how, f"read as {' '.join(rest) or 'any'} + {phrase}") if part)
        return replace(asked, words=" ".join(rest), types=asked.types or _TYPES[phrase], how=how)
    return None


def _where_country(conn: Connection, words: str) -> _Where:
    """A hint that somebody gave; one that nothing is called holds nowhere."""
    code = words.strip().upper()
    if len(code) == 2 and code.isascii() and code.isalpha() and f"country:{code}" in places(conn, [f"country:{code}"]):
        return _Where(code, frozenset({code}))
    where = _where(conn, words)
    if where is None:
        return _Where(words)
    return _Where(where.words, where.countries) if where.countries else where


def _where(conn: Connection, words: str) -> _Where | None:
    """What the words that say where may mean, or None."""
    if len(words) > _LONGEST_QUERY:
        return None
    key = spelling.key(words)
    named = candidates(conn, [words], codes=True).get(key, ())
    alike: Sequence[Candidate] = () if named else fuzzy(conn, [words]).get(key, ())
    known = [found.place for found in (*named, *alike)]
    countries = {place.country_code for place in known if place.feature_code.startswith("PCL") and place.country_code}
    divisions = {place.admin1_code for place in known if place.feature_code == "ADM1" and place.admin1_code}
    regions = [place.id for place in known if place.feature_class == "L" and place.has_area]
    if countries or divisions or regions:
        areas = tuple(shape for shape in geometries(conn, regions).values() if shape.area)
        return _Where(words, frozenset(countries), frozenset(divisions), areas)
    towns = [place for place in known if place.feature_class == "P"]
    return _Where(words, towns=tuple(towns[:3])) if towns else None


def codes_of_type(type_words: str) -> tuple[str, ...]:
    """What words for a type mean ("air base", "provinces"): GeoNames feature codes, their beginnings, or classes (one
    letter). Words that nobody knows are taken for a code."""
    words = spelling.fold(type_words[:_LONGEST_QUERY]).split()
    for length in range(len(words), 0, -1):
        for phrase in (" ".join(words[-length:]), " ".join(words[:length])):
            for form in (phrase, phrase.removesuffix("s"), phrase.removesuffix("es"), phrase.removesuffix("ies") + "y"):
                if form in _TYPES:
                    return _TYPES[form]
    code = "".join(character for character in type_words.upper().rpartition(".")[2] if character.isalnum())
    return (code,) if code else ("?",)


# Steps: each gives the answers of one way of looking, none if it finds nothing that meets the hints.


def _by_reading(conn: Connection, asked: _Reading, readings: list[_Reading]) -> list[Ranked]:
    """By exact names, and the beginnings of names of the right type."""
    for reading in readings:
        key = spelling.key(reading.words)
        named = _called(conn, reading.words)
        if reading.types:
            named += _beginning(conn, key)
        if found := _Answers(conn, named).meeting(reading):
            return _by_fame_of_town(found, named) if reading.types else found
    if asked.types:
        return _Answers(conn, _beginning(conn, spelling.key(asked.words))).meeting(asked)
    return []


def _by_code(conn: Connection, asked: _Reading, readings: list[_Reading]) -> list[Ranked]:
    """By codes in small letters ("orbi")."""
    return _Answers(conn, candidates(conn, [asked.words], codes=True).get(spelling.key(asked.words), ())).meeting(asked)


def _by_fame_of_town(answers: list[Ranked], named: Sequence[Candidate]) -> list[Ranked]:
    """Of several facilities of one name, that of the largest town of the name is meant."""
    towns = [found.place for found in named if found.place.feature_class == "P"]

    def bonus(place: Place) -> float:
        close = [town.population or 0 for town in towns if _metres(town.point, place.point) <= _NEARBY_M]
        return math.log10(max(close, default=0) + 1) / 100

    return [replace(answer, score=answer.score + bonus(answer.candidate.place)) for answer in answers]


def _by_spelling(conn: Connection, asked: _Reading, readings: list[_Reading]) -> list[Ranked]:
    """By spellings with the same skeleton, and by the beginnings of names."""
    found: list[Ranked] = []
    for reading in (asked, *readings):
        key = spelling.key(reading.words)
        same = fuzzy(conn, [reading.words], limit=40, trigrams=False).get(key, ())
        alike = [candidate for candidate in same if candidate.kind is not NameKind.DEMONYM]
        # "Conoco" may be the field; what towns are called in full depends on where one is.
        longer = [found for found in _beginning(conn, key) if reading.wheres or found.place.feature_class != "P"]
        found += _Answers(conn, [*alike, *longer]).meeting(reading)
    return _best_of_each(found)


def _by_neighbourhood(conn: Connection, asked: _Reading, readings: list[_Reading]) -> list[Ranked]:
    """By type, close to the town of that name."""
    for reading in (*readings, asked):
        codes = [code for code in reading.types if len(code) > 1 and not code.startswith(("PCL", "ADM", "PPLC"))]
        if not codes:
            continue
        towns, nation = _towns_of(conn, reading)
        whose = _nations(conn, nation) if nation else set()
        for town in towns[:1]:
            answers = []
            for place, distance_m in near(conn, town.point, _NEARBY_M, codes, limit=30):
                elsewhere = not all(where.holds(place) for where in reading.wheres)
                if elsewhere or place.id == town.id or (nation and not whose & _nations(conn, place.name)):
                    continue
                closeness = 0.5 * (1 - distance_m / (2 * _NEARBY_M))
                why = [_described(place), f"{distance_m / 1000:.0f} km from {town.name}", *_hints_met(reading, place)]
                candidate = Candidate(place, place.name, NameKind.PRIMARY, closeness)
                answers.append(Ranked(candidate, round(closeness, 4), ", ".join(why)))
            if answers:
                return answers
    return []


def _towns_of(conn: Connection, reading: _Reading) -> tuple[list[Place], str]:
    """The towns that a facility is called by, the likeliest first; and whose it is ("French embassy in Y")."""
    bare = replace(reading, types=())
    if reading.words:
        key = spelling.key(reading.words)
        named = candidates(conn, [reading.words], limit=200).get(key) or fuzzy(conn, [reading.words]).get(key, ())
        towns = [found for found in named if found.place.feature_class == "P"]
        answers = sorted(_Answers(conn, towns).meeting(bare), key=lambda answer: -answer.score)
        if answers and not any(where.towns for where in reading.wheres) and reading.types != _TYPES["embassy"]:
            return [answer.candidate.place for answer in answers], ""
    last = reading.wheres[-1] if reading.wheres else None
    if last is None:
        return [], ""
    named = candidates(conn, [last.words], limit=200).get(spelling.key(last.words), ())
    towns = [found for found in named if found.place.feature_class == "P"]
    answers = sorted(_Answers(conn, towns).meeting(_Reading(last.words)), key=lambda answer: -answer.score)
    return [answer.candidate.place for answer in answers], spelling.key(reading.words)


def _nations(conn: Connection, mission: str) -> set[str]:
    """Whose mission it is by its name ("U.S. Embassy in Baghdad"): ISO codes."""
    words = _MISSION.split(mission, maxsplit=1)[0]
    named = candidates(conn, [words]).get(spelling.key(words), ())
    return {found.place.country_code or "" for found in named if found.place.feature_code.startswith("PCL")}


def _by_what_remains(conn: Connection, asked: _Reading, readings: list[_Reading]) -> list[Ranked]:
    """By the name without the word for a type, whatever it is; without a name, the town that it is said to be in."""
    for reading in readings:
        bare = replace(reading, types=asked.types, how=f"{reading.how}, nothing of that type is known there")
        key = spelling.key(bare.words)
        named = candidates(conn, [bare.words], limit=200).get(key) or fuzzy(conn, [bare.words], trigrams=False).get(key)
        if found := _Answers(conn, named or ()).meeting(bare):
            return found
    for reading in readings:
        if reading.types == _TYPES["embassy"] or not reading.words:
            towns, _ = _towns_of(conn, reading)
            named = tuple(Candidate(town, town.name, NameKind.PRIMARY, 0.5) for town in towns[:1])
            return _Answers(conn, named).meeting(
                _Reading("", how=f"{reading.how}, nothing of that type is known there")
            )
    return []


def _by_likeness(conn: Connection, asked: _Reading, readings: list[_Reading]) -> list[Ranked]:
    """By the same consonants, and by trigrams: of what remains without the word for a type, if there is one."""
    for reading in (*readings, asked):
        key = spelling.key(reading.words)
        least = _ALIKE_WITH_HINTS if reading.wheres or reading.types else 1.0
        alike = [*_vaguely_alike(conn, key, least), *fuzzy(conn, [reading.words], limit=40).get(key, ())]
        if found := _Answers(conn, alike).meeting(reading):
            return _best_of_each(found)
    return []


def _called(conn: Connection, name: str) -> list[Candidate]:
    """Places with exactly this name; codes only if it is written in capitals, as codes are."""
    return list(candidates(conn, [name], limit=200, codes=name.isupper()).get(spelling.key(name), ()))


def _beginning(conn: Connection, key: str) -> list[Candidate]:
    """Places with a name that goes on after these words ("Conoco" -> "Conoco gas field")."""
    if len(key) < _SHORTEST_SKELETON:
        return []
    rows = conn.execute(_BEGINNING, {"first": f"{key} ", "after": f"{key}!"}).all()
    return [found for several in _candidates_by_key(rows).values() for found in several]


def _vaguely_alike(conn: Connection, key: str, least: float) -> list[Candidate]:
    """Places whose names differ in vowels only ("Adlib" -> "Idlib"), or whose trigrams are as similar as `least`."""
    wanted = _consonants(key)
    if not key.isascii():
        return []
    conn.execute(
        text("SELECT set_config('pg_trgm.similarity_threshold', :threshold, true)"), {"threshold": str(_VAGUE_TRIGRAMS)}
    )
    rows = conn.execute(_VAGUELY, {"keys": [key], "skeletons": [key], "limit": 400}).all()
    found: list[Candidate] = []
    for candidate in _candidates_by_key(rows).get(key, ()):
        known = spelling.key(candidate.name)
        if len(wanted) >= _FEWEST_CONSONANTS and _consonants(known) == wanted:
            found.append(replace(candidate, similarity=max(_SAME_CONSONANTS, candidate.similarity)))
        elif candidate.similarity >= least:
            found.append(candidate)
    return found


_VOWELS: Final = str.maketrans("gvpc", "kbbk", "aiuh")


def _consonants(key: str) -> str:
    return re.sub(r"(.)\1+", r"\1", spelling.skeleton_of_key(key).translate(_VOWELS))


def _best_of_each(answers: list[Ranked]) -> list[Ranked]:
    """Each place once, with its best score."""
    best: dict[str, Ranked] = {}
    for answer in answers:
        known = best.get(answer.candidate.place.id)
        if known is None or answer.score > known.score:
            best[answer.candidate.place.id] = answer
    return list(best.values())


# Ranking.


class _Answers:
    """Candidates with their fame, to be ranked under a reading."""

    def __init__(self, conn: Connection, found: Iterable[Candidate]) -> None:
        self._conn = conn
        self._found = list(found)
        self._fame = _fame(conn, [candidate.place for candidate in self._found])
        self._add_seats()

    def __bool__(self) -> bool:
        return bool(self._found)

    def meeting(self, reading: _Reading) -> list[Ranked]:
        """Those that meet all hints."""
        return [self._ranked(candidate, reading) for candidate in self._found if self._meets(candidate.place, reading)]

    def missing(self, reading: _Reading) -> list[Ranked]:
        """Those that miss one."""
        return [
            self._ranked(candidate, reading) for candidate in self._found if not self._meets(candidate.place, reading)
        ]

    def _meets(self, place: Place, reading: _Reading) -> bool:
        of_type = not reading.types or _is_of_type(place, reading.types)
        return of_type and all(self._lies(place, where) for where in reading.wheres)

    def _lies(self, place: Place, where: _Where) -> bool:
        if where.holds(place):
            return True
        if not where.countries or not (place.country_code is None or place.feature_code in _OF_TWO_COUNTRIES):
            return False
        degrees = _COASTAL_DEGREES if place.country_code is None else _BESIDE_BORDER_DEGREES
        values = {"id": place.id, "countries": [f"country:{code}" for code in sorted(where.countries)]}
        return bool(self._conn.execute(_TOUCHES, values | {"degrees": degrees}).scalar())

    def _ranked(self, candidate: Candidate, reading: _Reading) -> Ranked:
        place = candidate.place
        fame = self._fame[place.id]
        respelt = spelling.skeleton(candidate.name) == spelling.skeleton(place.name)
        fame += max(_KIND_FAME[candidate.kind], _RESPELT if respelt else -10.0)
        if candidate.kind is NameKind.CURATED and place.feature_class == "P" and place.source != "curated":
            fame += _MEANT_BY_NEWS
        score = candidate.similarity**2 * min(1.0, max(0.05, (fame + 1) / 16))
        reasons = [_described(place)]
        if candidate.similarity < 1:
            reasons.append(f"spelt {candidate.name!r} ({candidate.similarity:.2f} alike)")
        elif candidate.kind is not NameKind.PRIMARY:
            reasons.append(f"by its {candidate.kind.value} name {candidate.name!r}")
        if reading.how:
            reasons.append(reading.how)
        reasons += _hints_met(reading, place, self._lies)
        missed = sum(not self._lies(place, where) for where in reading.wheres)
        if place.country_code is None and any(where.countries for where in reading.wheres):
            score *= _ONLY_TOUCHES
        if reading.types:
            liked = [index for index, code in enumerate(reading.types) if _is_of_type(place, (code,))]
            missed += not liked
            score *= 1 - _LESS_LIKED_TYPE * min(liked, default=0)
        return Ranked(candidate, round(score * _HINT_MISSED**missed, 4), ", ".join(reasons))

    def _add_seats(self) -> None:
        """The town that gave its name to the division around it is what people mean by the name."""
        divisions = [found for found in self._found if found.place.feature_code == "ADM1"]
        for division in divisions[:_DIVISIONS_WITH_SEATS]:
            if _reading_with_type(_Reading(division.name)):
                continue  # called "Homs Governorate": the division is meant
            seat = self._seat_among_found(division.place) or self._seat_within(division)
            if seat is None:
                continue
            kind = min(seat.kind, division.kind, key=lambda kind: -_KIND_FAME[kind])
            self._found = [found for found in self._found if found.place.id != seat.place.id]
            self._found.append(replace(seat, kind=kind, similarity=max(seat.similarity, division.similarity)))
            fame = self._fame.get(seat.place.id, 0.0)
            self._fame[seat.place.id] = max(fame, self._fame[division.place.id] + _SEAT_FAME)

    def _seat_among_found(self, division: Place) -> Candidate | None:
        towns = [
            found
            for found in self._found
            if found.place.feature_class == "P"
            and found.place.admin1_code == division.admin1_code
            and (found.place.population or 0) >= _SEAT_INHABITANTS
        ]
        return max(towns, key=lambda found: found.place.population or 0, default=None)

    def _seat_within(self, division: Candidate) -> Candidate | None:
        """One of the largest towns there, if its name and the division's are spellings of one."""
        for place in within(self._conn, division.place.id, limit=_LARGEST_TOWNS):
            if place.feature_class == "P" and any(
                _agree(place.name, name) for name in (division.name, division.place.name)
            ):
                return Candidate(place, place.name, division.kind, division.similarity)
        return None


def _agree(asked: str, matched: str) -> bool:
    """Whether two names are spellings of one."""
    return difflib.SequenceMatcher(None, spelling.key(asked), spelling.key(matched)).ratio() >= _SEAT_ALIKE


def _fame(conn: Connection, found: Sequence[Place]) -> dict[str, float]:
    """How famous places are, by id: their prominence, put right where it says too little of what people think of."""
    statement = text("SELECT id, prominence FROM gazetteer.place WHERE id = ANY(:ids) AND serves")
    rows = conn.execute(statement, {"ids": sorted({place.id for place in found})})
    fame = {row[0]: float(row[1]) for row in rows}
    adjusted = {}
    for place in found:
        value = fame[place.id]
        if place.feature_class == "P" and place.population is None:
            value = max(value, _FAME_OF_SEATS.get(place.feature_code, 0.0))
        elif place.feature_code == "ADM1" and place.precision_m >= _VAST_DIVISION_M:
            value += _VAST_FAME
        elif place.feature_code.startswith("ADM") and place.feature_code != "ADM1":
            value = min(value, _DISTRICT_FAME)
        adjusted[place.id] = value
    return adjusted


def _is_of_type(place: Place, wanted: tuple[str, ...]) -> bool:
    return any(
        place.feature_class == code if len(code) == 1 else place.feature_code.startswith(code) for code in wanted
    )


def _hints_met(reading: _Reading, place: Place, lies: Callable[[Place, _Where], bool] | None = None) -> Iterator[str]:
    for where in reading.wheres:
        held = lies(place, where) if lies else where.holds(place)
        yield (
            "in the country asked for"
            if held and where.countries
            else "where asked for"
            if held
            else ("in another country" if where.countries else "elsewhere")
        )
    if reading.types:
        yield "of the type asked for" if _is_of_type(place, reading.types) else "of another type"


def _metres(a: Point, b: Point) -> float:
    return float(geodesic((a.y, a.x), (b.y, b.x)).meters)


def _described(place: Place) -> str:
    if place.feature_code == "PPLC":
        what = "capital"
    elif place.feature_code.startswith("PCL"):
        what = "country"
    elif place.feature_code == "ADM1":
        what = "first-order division"
    else:
        what = place.feature_code
    return f"{what}, {place.population:,} inhabitants" if place.population else what
