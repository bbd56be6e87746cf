"""Asking the gazetteer: a small one made for these tests, and the default one for what a person expects."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from geopy.distance import geodesic
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from shapely.geometry import LineString, Point, box
from sqlalchemy import Connection, Engine, text

from gazetteer import database as databases
from gazetteer import load, lookup, names
from gazetteer.model import NameKind, Place, PlaceName
from gazetteer.sources.base import Source


def place(
    id_: str,
    name: str,
    code: str,
    lon: float,
    lat: float,
    *others: PlaceName | str,
    country: str | None = None,
    admin1: str | None = None,
    population: int | None = None,
    geometry: object = None,
) -> Place:
    classes = {"PPL": "P", "PPLC": "P", "ADM1": "A", "PCLI": "A", "RGN": "L", "AIRB": "S", "OILF": "L", "BDRY": "L"}
    return Place(
        id_,
        name,
        classes[code],
        code,
        Point(lon, lat),
        country_code=country,
        admin1_code=admin1,
        population=population,
        has_area=geometry is not None,
        geometry=geometry,  # type: ignore[arg-type]
        names=tuple(PlaceName(other) if isinstance(other, str) else other for other in others),
    )


# An invented world: two countries side by side on the equator, Westland (0-10 E) and Eastland (10-20 E).
WORLD = (
    place("country:WW", "Westland", "PCLI", 5, 0, PlaceName("Westish", NameKind.DEMONYM),
          PlaceName("WW", NameKind.CODE), country="WW", population=5_000_000, geometry=box(0, -5, 10, 5)),
    place("country:EE", "Eastland", "PCLI", 15, 0, country="EE", population=900_000, geometry=box(10, -5, 20, 5)),
    place("admin1:WW.1", "Upper Westland", "ADM1", 5, 2.5, country="WW", admin1="WW.1", geometry=box(0, 0, 10, 5)),
    place("part:WW:N", "northern Westland", "RGN", 5, 3, country="WW", geometry=box(0, 2, 10, 5)),
    place("border:EE-WW", "border of Eastland and Westland", "BDRY", 10, 0, geometry=LineString([(10, -5), (10, 5)])),
    place("test:harbour-1", "Harbour", "PPL", 2, 3, country="WW", admin1="WW.1", population=800_000),
    place("test:harbour-2", "Harbour", "PPL", 12, 1, country="EE", population=3_000),
    place("test:harbour-3", "Porto", "PPL", 13, 1, PlaceName("Harbour"), country="EE", population=40_000),
    place("test:tariq", "Tall al-Tāriq", "PPL", 3, 3, "Tell Tareq", "تل طارق", country="WW", admin1="WW.1"),
    place("airport:TTTT", "Tariq Air Base", "AIRB", 3.1, 3.05, PlaceName("TTTT", NameKind.CODE), country="WW",
          admin1="WW.1"),
    place("curated:tariq-field", "Tariq oil field", "OILF", 3.5, 3, PlaceName("Tariq", NameKind.CURATED), country="WW"),
    place("test:date-line-1", "Morning", "PPL", 179.95, -17, country="FJ"),
    place("test:date-line-2", "Evening", "PPL", -179.95, -17, country="FJ"),
    place("test:percent", "100% _ \\ Town", "PPL", 19, -4, country="EE"),
)  # fmt: skip


@pytest.fixture(scope="module")
def conn(server, template: str) -> Iterator[Connection]:  # type: ignore[no-untyped-def]
    with server.clone(template) as url:
        engine = databases.engine(url)
        load.load(engine, [Source("world", "1", "", "", "", lambda: iter(WORLD))])
        try:
            with engine.connect() as conn:
                yield conn
        finally:
            engine.dispose()


def ids(found: object) -> list[str]:
    return [candidate.place.id for candidate in found]  # type: ignore[attr-defined]


def test_candidates_for_many_names_by_key(conn: Connection) -> None:
    found = lookup.candidates(conn, ["HARBOUR", "the Westland", "al-Harbour", "Nowhere", "…", ""])
    assert sorted(found) == ["harbour", "westland"]
    assert ids(found["harbour"]) == ["test:harbour-1", "test:harbour-3", "test:harbour-2"]  # the most prominent first
    kinds = [candidate.kind for candidate in found["harbour"]]
    assert kinds == [NameKind.PRIMARY, NameKind.ALTERNATE, NameKind.PRIMARY]


def test_candidates_bring_their_context(conn: Connection) -> None:
    first = lookup.candidates(conn, ["Harbour"])["harbour"][0].place
    assert (first.admin1_name, first.country_name) == ("Upper Westland", "Westland")
    assert first.point.equals(Point(2, 3))
    stray = lookup.candidates(conn, ["Morning"])["morning"][0].place
    assert (stray.country_code, stray.country_name, stray.admin1_name) == ("FJ", None, None)


def test_candidates_are_limited_for_each_key(conn: Connection) -> None:
    found = lookup.candidates(conn, ["Harbour", "Westland"], limit=2)
    assert {key: len(candidates) for key, candidates in found.items()} == {"harbour": 2, "westland": 1}


def test_demonyms_count_and_codes_only_if_asked_for(conn: Connection) -> None:
    assert lookup.candidates(conn, ["Westish"])["westish"][0].kind is NameKind.DEMONYM
    assert lookup.candidates(conn, ["WW", "TTTT"]) == {}
    assert sorted(lookup.candidates(conn, ["WW", "TTTT"], codes=True)) == ["tttt", "ww"]


def test_other_scripts(conn: Connection) -> None:
    assert ids(lookup.candidates(conn, ["تل طارق"])["تل طارق"]) == ["test:tariq"]


def test_without_names_nothing_is_asked(conn: Connection) -> None:
    assert lookup.candidates(conn, []) == {}
    assert lookup.fuzzy(conn, []) == {}
    assert lookup.places(conn, []) == {}
    assert lookup.geometries(conn, []) == {}


@pytest.mark.parametrize("name", ["Tell Tarik", "Tal Tarreq", "Tell al-Tareeq"])
def test_other_spellings_of_one_skeleton(conn: Connection, name: str) -> None:
    assert lookup.candidates(conn, [name]) == {}
    ((key, found),) = lookup.fuzzy(conn, [name]).items()
    assert key == names.key(name)
    assert ids(found)[0] == "test:tariq"
    assert lookup.SAME_SKELETON <= found[0].similarity < 1


def test_misspelt_names_by_their_trigrams(conn: Connection) -> None:
    (found,) = lookup.fuzzy(conn, ["Uper Wetland"]).values()
    assert ids(found) == ["admin1:WW.1"]
    assert lookup.TRIGRAM_THRESHOLD <= found[0].similarity < lookup.SAME_SKELETON
    assert lookup.fuzzy(conn, ["Uper Wetland"], trigrams=False) == {}


def test_what_resembles_nothing_is_absent(conn: Connection) -> None:
    assert lookup.fuzzy(conn, ["Xyzzy Plugh", "ab", "تل", "…"]) == {}


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.text(alphabet=st.characters(exclude_categories=()), max_size=30), max_size=5))
def test_any_text_may_be_asked(conn: Connection, texts: list[str]) -> None:
    keys = {names.key(text) for text in texts}
    assert set(lookup.candidates(conn, texts, codes=True)) <= keys
    assert set(lookup.fuzzy(conn, texts)) <= keys


@pytest.mark.parametrize(
    "text", ["100% _ \\ Town", "'; DROP TABLE gazetteer.place; --", "%", "_", ":name", "{x}", "$1"]
)
def test_text_is_never_part_of_a_statement(conn: Connection, text: str) -> None:
    lookup.fuzzy(conn, [text])
    lookup.search(conn, text, country=text, type=text)
    assert bool(lookup.candidates(conn, [text])) == text.startswith("100")
    assert len(lookup.places(conn, [row.id for row in WORLD])) == len(WORLD)


def test_places_and_geometries_by_id(conn: Connection) -> None:
    found = lookup.places(conn, ["test:tariq", "country:WW", "test:unknown"])
    assert list(found) == ["country:WW", "test:tariq"]
    assert found["country:WW"].has_area
    assert found["country:WW"].geometry is None
    shapes = lookup.geometries(conn, ["country:WW", "test:tariq", "border:EE-WW"])
    assert list(shapes) == ["border:EE-WW", "country:WW"]
    assert shapes["country:WW"].equals(box(0, -5, 10, 5))


def test_near_is_sorted_and_measured_on_the_ellipsoid(conn: Connection) -> None:
    found = lookup.near(conn, Point(3, 3), 60_000)
    assert [row.id for row, _ in found] == ["test:tariq", "airport:TTTT", "curated:tariq-field"]
    assert found[1][1] == pytest.approx(geodesic((3, 3), (3.05, 3.1)).m, abs=1)
    assert [row.id for row, _ in lookup.near(conn, Point(3, 3), 60_000, ["OILF"])] == ["curated:tariq-field"]
    assert len(lookup.near(conn, Point(3, 3), 60_000, limit=1)) == 1
    assert lookup.near(conn, Point(-60, 60), 1000) == []


def test_near_looks_across_the_date_line(conn: Connection) -> None:
    found = [row.id for row, _ in lookup.near(conn, Point(179.99, -17), 20_000)]
    assert found == ["test:date-line-1", "test:date-line-2"]


def test_within_an_area(conn: Connection) -> None:
    found = [row.id for row in lookup.within(conn, "admin1:WW.1", ["PPL", "AIRB"])]
    assert found == ["test:harbour-1", "airport:TTTT", "test:tariq"]
    assert "admin1:WW.1" not in [row.id for row in lookup.within(conn, "admin1:WW.1")]
    assert lookup.within(conn, "border:EE-WW") == []
    assert lookup.within(conn, "country:XX") == []


def test_areas_that_contain_a_point_smallest_first(conn: Connection) -> None:
    assert [row.id for row in lookup.containing(conn, Point(3, 3))] == ["part:WW:N", "admin1:WW.1", "country:WW"]
    assert [row.id for row in lookup.containing(conn, Point(15, 0))] == ["country:EE"]
    assert lookup.containing(conn, Point(50, 50)) == []


def test_borders_and_parts(conn: Connection) -> None:
    border = lookup.border_between(conn, "ww", "EE")
    assert border is not None
    assert border.id == "border:EE-WW"
    assert lookup.border_between(conn, "WW", "FJ") is None
    part = lookup.part_of(conn, "WW", "n")
    assert part is not None
    assert part.id == "part:WW:N"
    assert lookup.part_of(conn, "WW", "S") is None


def test_search_by_name_alone_the_famous_one_first(conn: Connection) -> None:
    assert ids_ranked(lookup.search(conn, "Harbour")) == ["test:harbour-1", "test:harbour-2", "test:harbour-3"]


@pytest.mark.parametrize("country", ["EE", "ee", "Eastland", "the EASTLAND"])
def test_search_with_a_country(conn: Connection, country: str) -> None:
    found = lookup.search(conn, "Harbour", country=country)
    assert ids_ranked(found) == ["test:harbour-2", "test:harbour-3", "test:harbour-1"]
    assert "in the country asked for" in found[0].why
    assert "in another country" in found[-1].why


@pytest.mark.parametrize(
    ("name", "type_", "best"),
    [
        ("Tariq", "oil field", "curated:tariq-field"),
        ("Tariq", "OILF", "curated:tariq-field"),
        ("Tarik air base", "Air  base", "airport:TTTT"),
        ("Tell Tarik", "P", "test:tariq"),
    ],
)
def test_search_with_a_type(conn: Connection, name: str, type_: str, best: str) -> None:
    found = lookup.search(conn, name, type=type_)
    assert ids_ranked(found)[0] == best
    assert "of the type asked for" in found[0].why


def test_search_finds_codes_and_other_spellings_and_says_so(conn: Connection) -> None:
    assert "by its code name 'TTTT'" in lookup.search(conn, "TTTT")[0].why
    assert "alike" in lookup.search(conn, "Tell Tarik")[0].why
    assert lookup.search(conn, "Xyzzy Plugh") == []
    assert lookup.search(conn, "") == []


def ids_ranked(found: list[lookup.Ranked]) -> list[str]:
    assert [answer.score for answer in found] == sorted((answer.score for answer in found), reverse=True)
    return [answer.candidate.place.id for answer in found]


# --- the default gazetteer -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "hints", "best"),
    [
        ("Paris", {}, "geonames:2988507"),
        ("Rome", {}, "geonames:3169070"),
        ("Tripoli", {}, "geonames:2210247"),
        ("Tripoli", {"country": "Lebanon"}, "geonames:266826"),
        ("London", {"country": "CA"}, "geonames:6058560"),
        ("Baghdad", {}, "geonames:98182"),
        ("Baghdad", {"type": "province"}, "admin1:IQ.07"),
        ("Raqqa", {}, "geonames:172955"),
        ("Kiev", {}, "geonames:703448"),
        ("Irbil", {}, "geonames:95446"),
        ("Georgia", {}, "country:GE"),
        ("Georgia", {"country": "US"}, "admin1:US.GA"),
        ("Iraqi", {}, "country:IQ"),
        ("Diyala", {}, "admin1:IQ.10"),
        ("ORBI", {}, "airport:ORBI"),
        ("Bagdhad", {"country": "Iraq"}, "geonames:98182"),
    ],
)
def test_what_a_person_expects(default_gazetteer: Engine, name: str, hints: dict[str, str], best: str) -> None:
    with default_gazetteer.connect() as conn:
        assert lookup.search(conn, name, **hints)[0].candidate.place.id == best


def test_a_point_in_its_areas(default_gazetteer: Engine) -> None:
    with default_gazetteer.connect() as conn:
        found = [row.id for row in lookup.containing(conn, Point(44.01, 36.19))]
        assert found.index("admin1:IQ.11") < found.index("country:IQ")


# --- what is not shown -----------------------------------------------------------------------------------------------


def test_rows_that_do_not_serve_and_withdrawn_places_are_not_shown(engine: Engine) -> None:
    """Rows of another source for the same ids change no answer; withdrawn ones are found by their id only."""
    other = replace(Source("other", "1", "", "", "", lambda: iter(WORLD)), rank=90)
    load.load(engine, [Source("world", "1", "", "", "", lambda: iter(WORLD)), other])

    def answers(conn: Connection) -> list[list[str]]:
        return [
            ids(lookup.candidates(conn, ["Harbour"])["harbour"]),
            [candidate.place.country_name or "" for candidate in lookup.candidates(conn, ["Harbour"])["harbour"]],
            [id_ for found in lookup.fuzzy(conn, ["Tell Tarik", "Uper Wetland"]).values() for id_ in ids(found)],
            list(lookup.places(conn, ["test:tariq", "country:WW"])),
            list(lookup.geometries(conn, ["country:WW"])),
            [row.id for row in lookup.largest(conn, 3)],
            [row[0] for row in lookup.areas(conn, "country")],
            [row.id for row, _ in lookup.near(conn, Point(3, 3), 60_000)],
            [row.id for row in lookup.within(conn, "admin1:WW.1")],
            [row.id for row in lookup.containing(conn, Point(3, 3))],
            ids_ranked(lookup.search(conn, "Harbour", country="WW")),
        ]

    with engine.begin() as conn:
        before = answers(conn)
        assert all(len(answer) == len(set(answer)) for answer in (before[0], *before[2:]))
        conn.execute(
            text("UPDATE gazetteer.place SET withdrawn = '2026-01-31' WHERE id IN ('test:tariq', 'country:WW')")
        )
        after = answers(conn)
    for index, (then, now) in enumerate(zip(before, after, strict=True)):
        by_id = index in (1, 3, 4)
        assert now == (then if by_id else [id_ for id_ in then if id_ not in ("test:tariq", "country:WW")])
