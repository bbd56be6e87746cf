# ruff: noqa: S608 -- what is put into statements are constants of this file; values are bound
"""The only SELECTs on places.

Every function asks on the connection that it is given, commits nothing, and orders its answers completely, so that the
same gazetteer gives the same answers. Points are (longitude, latitude) in EPSG:4326, distances metres on the ellipsoid.

Measured (2 shared cores, 250,000 places, 1.13 million names, warm): 1,000 names looked up exactly 28 ms, 1,000 misses
10 ms; near 2-12 ms (175 ms with a radius of 3,000 km); containing 2-10 ms; within a division 3 ms, within the United
States 0.6 s.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import shapely
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
    LEFT JOIN gazetteer.place admin1 ON admin1.id = 'admin1:' || {0}.admin1_code
    LEFT JOIN gazetteer.place country ON country.id = 'country:' || {0}.country_code"""
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
        WHERE n.name_key = asked.key AND (:codes OR n.kind <> 'code')
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
            WHERE {condition} AND n.skeleton_key IS NOT NULL
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
    WHERE p.id = ANY(:ids) ORDER BY p.id""")


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
        WHERE p.id = ANY(:ids) ORDER BY p.id""")
    wanted = sorted(set(ids))
    if not wanted:
        return {}
    return {row[0]: shapely.from_wkb(bytes(row[1])) for row in conn.execute(statement, {"ids": wanted})}


def largest(conn: Connection, limit: int = 6000) -> list[Place]:
    """The populated places with most inhabitants, the largest first."""
    statement = text(f"""
        SELECT {_COLUMNS.format("p")}
        FROM (
            SELECT * FROM gazetteer.place WHERE feature_class = 'P' AND population > 0
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
        WHERE p.id LIKE :family AND ST_Dimension(a.geom) = 2 AND EXISTS (
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

_CODES: Final = "(cardinality(CAST(:codes AS text[])) = 0 OR p.feature_code = ANY(:codes))"

_NEAR: Final = text(f"""
    SELECT ST_Distance(p.point::geography, CAST(:point AS geography)) AS distance_m, {_COLUMNS.format("p")}
    FROM (
        SELECT * FROM gazetteer.place p
        WHERE ST_DWithin(p.point::geography, CAST(:point AS geography), :radius_m) AND {_CODES}
        ORDER BY p.point::geography <-> CAST(:point AS geography), p.id
        LIMIT :limit
    ) p {_CONTEXT.format("p")}
    ORDER BY distance_m, p.id""")

_WITHIN: Final = text(f"""
    SELECT {_COLUMNS.format("p")}
    FROM gazetteer.place area
    JOIN gazetteer.place_area a ON a.place_no = area.no AND ST_Dimension(a.geom) = 2
    JOIN gazetteer.place p ON ST_Covers(a.geom, p.point) AND p.no <> area.no
    {_CONTEXT.format("p")}
    WHERE area.id = :area_id AND {_CODES}
    ORDER BY p.prominence DESC, p.id
    LIMIT :limit""")

_CONTAINING: Final = text(f"""
    SELECT {_COLUMNS.format("p")}
    FROM gazetteer.place_area a JOIN gazetteer.place p ON p.no = a.place_no
    {_CONTEXT.format("p")}
    WHERE ST_Dimension(a.geom) = 2 AND ST_Covers(a.geom, CAST(:point AS geometry))
    ORDER BY ST_Area(a.geom), p.id""")


def near(
    conn: Connection, point: Point, radius_m: float, feature_codes: Sequence[str] = (), limit: int = 20
) -> list[tuple[Place, float]]:
    """Places whose point lies within `radius_m` of `point`, nearest first, with the distance in metres.

    Right across the date line and at the poles. `feature_codes` empty: all kinds.
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
    "city": ("P",), "town": ("P",), "village": ("P",), "place": ("P",), "capital": ("PPLC",),
    "country": ("PCL",),
    "province": ("ADM1",), "governorate": ("ADM1",), "state": ("ADM1",), "region": ("ADM1", "RGN"),
    "district": ("ADM2",), "border": ("BDRY",),
    "airport": ("AIRP", "AIRB"), "air base": ("AIRB", "AIRF", "AIRP"), "airbase": ("AIRB", "AIRF", "AIRP"),
    "airfield": ("AIRF", "AIRB", "AIRP"), "base": ("INSM", "MILB", "AIRB"), "military base": ("INSM", "MILB", "AIRB"),
    "oil field": ("OILF",), "oilfield": ("OILF",), "gas field": ("GASF",), "refinery": ("OILR",),
    "crossing": ("PSTB",), "border crossing": ("PSTB",), "border post": ("PSTB",),
    "camp": ("CMPRF", "INSM"), "port": ("PRT", "HBR"), "dam": ("DAM",), "island": ("ISL", "ISLS"),
    "sea": ("SEA", "GULF", "OCN"), "gulf": ("GULF",), "strait": ("STRT",), "river": ("STM",),
}  # fmt: skip
"""Words for types, as GeoNames feature classes (one letter) and beginnings of feature codes."""

_KIND_FAME: Final = {
    NameKind.PRIMARY: 0.0, NameKind.CURATED: 0.0, NameKind.ALTERNATE: -1.5, NameKind.DEMONYM: -3.0,
    NameKind.VARIANT: -1.5, NameKind.CODE: -2.0,
}  # fmt: skip
"""What a kind of name takes from a place's fame, in powers of ten of inhabitants."""
_RESPELT: Final = -0.3
"""The same for another spelling of the primary name ("Raqqa" for "Ar Raqqah")."""
_HINT_MISSED: Final = 0.1


def search(
    conn: Connection, name: str, country: str | None = None, type: str | None = None, limit: int = 10
) -> list[Ranked]:
    """Places for a name as a person would rank them: the famous one first, unless the hints decide.

    `country` is an ISO code or a country's name; `type` a feature code ("AIRB"), a feature class ("P") or a word ("air
    base"). Places that miss a hint come after all that meet it. Spellings that are only similar are tried when no exact
    one fits. Codes (ISO, IATA, ICAO) are found too.
    """
    key = spelling.key(name)
    found = list(candidates(conn, [name], limit=200, codes=True).get(key, ()))
    wanted_country = _country_code(conn, country) if country else None
    wanted_types = _type_codes(type) if type else ()
    if not any(_meets(candidate.place, wanted_country, wanted_types) for candidate in found):
        known = {candidate.place.id for candidate in found}
        found += [near for near in fuzzy(conn, [name], limit=40).get(key, ()) if near.place.id not in known]
    fame = _fame(conn, [candidate.place for candidate in found])
    ranked = [_rank(candidate, fame[candidate.place.id], wanted_country, wanted_types) for candidate in found]
    ranked.sort(key=lambda answer: (-answer.score, answer.candidate.place.id))
    return ranked[:limit]


def _country_code(conn: Connection, country: str) -> str:
    if len(country.strip()) == 2:
        return country.strip().upper()
    named = candidates(conn, [country]).get(spelling.key(country), ())
    codes = (found.place.country_code for found in named if found.place.feature_code.startswith("PCL"))
    return next((code for code in codes if code), country)


def _type_codes(type_words: str) -> tuple[str, ...]:
    return _TYPES.get(" ".join(type_words.lower().split()), (type_words.strip().upper(),))


def _is_of_type(place: Place, wanted: tuple[str, ...]) -> bool:
    return any(
        place.feature_class == code if len(code) == 1 else place.feature_code.startswith(code) for code in wanted
    )


def _meets(place: Place, country: str | None, types: tuple[str, ...]) -> bool:
    return (country is None or place.country_code == country) and (not types or _is_of_type(place, types))


def _fame(conn: Connection, found: Sequence[Place]) -> dict[str, float]:
    statement = text("SELECT id, prominence FROM gazetteer.place WHERE id = ANY(:ids)")
    rows = conn.execute(statement, {"ids": sorted({place.id for place in found})})
    return {row[0]: float(row[1]) for row in rows}


def _rank(candidate: Candidate, fame: float, country: str | None, types: tuple[str, ...]) -> Ranked:
    place = candidate.place
    respelt = spelling.skeleton(candidate.name) == spelling.skeleton(place.name)
    fame += max(_KIND_FAME[candidate.kind], _RESPELT if respelt else -10.0)
    score = candidate.similarity**2 * min(1.0, max(0.05, (fame + 1) / 16))
    reasons = [_described(place)]
    if candidate.similarity < 1:
        reasons.append(f"spelt {candidate.name!r} ({candidate.similarity:.2f} alike)")
    elif candidate.kind is not NameKind.PRIMARY:
        reasons.append(f"by its {candidate.kind.value} name {candidate.name!r}")
    if country is not None:
        met = place.country_code == country
        score *= 1.0 if met else _HINT_MISSED
        reasons.append("in the country asked for" if met else "in another country")
    if types:
        met = _is_of_type(place, types)
        score *= 1.0 if met else _HINT_MISSED
        reasons.append("of the type asked for" if met else "of another type")
    return Ranked(candidate, round(score, 4), ", ".join(reasons))


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
