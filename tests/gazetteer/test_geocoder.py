"""geopy's interface to the gazetteer."""

from __future__ import annotations

import json
from collections.abc import Iterator

import geopy
import pytest
from geopy.geocoders.base import Geocoder
from shapely.geometry import Point
from sqlalchemy import Engine

from gazetteer import database as databases
from gazetteer import load
from gazetteer.geocoder import GazetteerGeocoder
from gazetteer.model import Place
from gazetteer.sources.base import Source

WORLD = (
    Place("country:WW", "Westland", "A", "PCLI", Point(5, 0), country_code="WW", population=5_000_000),
    Place("test:1", "Harbour", "P", "PPL", Point(2, 3), country_code="WW", population=800_000),
    Place("test:2", "Harbour", "P", "PPL", Point(12, 1), country_code="EE", population=3_000),
)


@pytest.fixture(scope="module")
def geocoder(server, template: str) -> Iterator[GazetteerGeocoder]:  # type: ignore[no-untyped-def]
    with server.clone(template) as url:
        engine: Engine = databases.engine(url)
        try:
            load.load(engine, [Source("world", "1", "", "", "", lambda: iter(WORLD))])
            yield GazetteerGeocoder(engine)
        finally:
            engine.dispose()


def test_a_name_becomes_a_location(geocoder: GazetteerGeocoder) -> None:
    assert isinstance(geocoder, Geocoder)
    location = geocoder.geocode("harbour")
    assert isinstance(location, geopy.Location)
    assert (location.latitude, location.longitude) == (3, 2)
    assert location.address == "Harbour, Westland"
    assert location.raw["id"] == "test:1"
    assert json.loads(json.dumps(location.raw)) == location.raw  # plain values only


def test_several_and_none(geocoder: GazetteerGeocoder) -> None:
    found = geocoder.geocode("Harbour", exactly_one=False)
    assert [location.raw["id"] for location in found] == ["test:1", "test:2"]
    assert len(geocoder.geocode("Harbour", exactly_one=False, limit=1)) == 1
    assert geocoder.geocode("Xyzzy") is None
    assert geocoder.geocode("Xyzzy", exactly_one=False) is None


@pytest.mark.parametrize("codes", ["EE", ["ee", "FJ"], ("EE",)])
def test_only_in_the_countries_asked_for(geocoder: GazetteerGeocoder, codes: str | list[str]) -> None:
    found = geocoder.geocode("Harbour", exactly_one=False, country_codes=codes)
    assert [location.raw["id"] for location in found] == ["test:2"]
    assert geocoder.geocode("Harbour", country_codes="FJ") is None


@pytest.mark.parametrize("point", [(3.01, 2.01), "3.01, 2.01", geopy.Point(3.01, 2.01)])
def test_a_point_becomes_the_nearest_place(geocoder: GazetteerGeocoder, point: object) -> None:
    location = geocoder.reverse(point)
    assert location.raw["id"] == "test:1"
    assert location.raw["distance_m"] == pytest.approx(1569, abs=10)
    assert geocoder.reverse(point, radius_m=100) is None
    assert len(geocoder.reverse(point, exactly_one=False, radius_m=3_000_000)) == 3


@pytest.mark.parametrize(
    ("point", "said"),
    [("36", "two numbers"), ("here, there", "could not convert"), ("1,2,3", "two numbers"), ("", "two")],
)
def test_a_text_that_is_no_point(geocoder: GazetteerGeocoder, point: str, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        geocoder.reverse(point)
