"""The map that incidents are drawn on, from the default gazetteer in a real PostGIS."""

from __future__ import annotations

import pytest
import shapely
from shapely.geometry import Point, box
from sqlalchemy import Engine

from gazetteer import lookup
from gazetteer.sources import boundaries
from geo import publish
from maps import basemap as basemaps

IRAQ = (38.0, 28.0, 50.0, 38.0)


def test_areas_come_by_family_and_window(default_gazetteer: Engine) -> None:
    with default_gazetteer.connect() as conn:
        countries = lookup.areas(conn, "country")
        inside = lookup.areas(conn, "admin1", [IRAQ])
        assert lookup.areas(conn, "admin1", []) == []
    assert len(countries) > 200
    assert [key for key, _, _ in countries] == sorted(key for key, _, _ in countries)
    [iraq] = [(name, shape) for key, name, shape in countries if key == "country:IQ"]
    assert iraq[0] == "Iraq"
    assert iraq[1].contains(Point(44.4, 33.3))
    assert all(key.startswith("admin1:") and shape.intersects(box(*IRAQ).buffer(8)) for key, _, shape in inside)
    codes = {key.removeprefix("admin1:").split(".")[0] for key, _, _ in inside}
    assert {"IQ", "SY", "IR"} <= codes
    assert "FR" not in codes


def test_the_largest_places_come_first(default_gazetteer: Engine) -> None:
    with default_gazetteer.connect() as conn:
        found = lookup.largest(conn, 50)
    numbers = [place.population or 0 for place in found]
    assert numbers == sorted(numbers, reverse=True)
    assert len(found) == 50
    assert min(numbers) > 3_000_000
    assert all(place.feature_class == "P" for place in found)


def test_a_real_basemap_fits_and_is_the_same_twice(default_gazetteer: Engine) -> None:
    with default_gazetteer.connect() as conn:
        whole = publish.basemap(
            lookup.areas(conn, "country"), lookup.areas(conn, "admin1", [IRAQ]), lookup.largest(conn)
        )
    world = basemaps.prepare(whole)
    cut = basemaps.cut(world, (IRAQ,))
    assert cut == basemaps.cut(basemaps.prepare(whole), (IRAQ,))
    assert len(basemaps._packed(cut)) < 240_000
    [sheet] = cut["details"]
    assert sheet["borders"] and sheet["divisions"]["lines"]
    assert sheet["grid"] > 100 > world.sheet["grid"]
    names = {label[0] for label in cut["labels"]}
    assert {"Iraq", "Baghdad", "Syria"} <= names


@pytest.mark.parametrize(
    ("what", "place"),
    [
        ("Kordofan", Point(27.5, 13.0)),
        ("Katanga", Point(26.3, -7.9)),
        ("Orientale", Point(24.4, 1.9)),
        ("the coast of Kenya", Point(39.0, -2.0)),
        ("Telangana", Point(78.0, 16.5)),
        ("western New Guinea", Point(140.9, -6.0)),
        ("the Bekaa", Point(36.2, 34.2)),
        ("Antofagasta", Point(-69.0, -23.83)),
    ],
)
def test_divisions_of_old_are_no_disputed_boundaries(what: str, place: Point) -> None:
    lines = shapely.MultiLineString([line for _, line in boundaries.disputed_lines()])
    assert lines.distance(place) > 0.3, what


@pytest.mark.parametrize(
    ("what", "place"),
    [
        ("Perekop", Point(33.6, 46.1)),
        ("the Golan", Point(35.6, 33.0)),
        ("the green line of Cyprus", Point(33.4, 35.15)),
        ("the line of control in Kashmir", Point(74.0, 34.6)),
        ("Abyei", Point(28.4, 10.0)),
        ("Ilemi", Point(35.0, 4.8)),
        ("Transnistria", Point(29.3, 47.2)),
        ("Abkhazia", Point(41.8, 42.7)),
        ("the berm of Western Sahara", Point(-12.7, 24.6)),
        ("Essequibo", Point(-58.5, 6.0)),
    ],
)
def test_disputed_boundaries_are_there(what: str, place: Point) -> None:
    assert min(line.distance(place) for _, line in boundaries.disputed_lines()) < 0.6, what
