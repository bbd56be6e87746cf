"""Health checks find what is wrong, and say what to do."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date

import pytest
from shapely.geometry import Point, box
from sqlalchemy import Engine, text

from gazetteer import check, load
from gazetteer import database as databases
from gazetteer.model import Place, PlaceName
from gazetteer.sources.base import Findings, Source


def world(misplaced: int = 0) -> Source:
    towns = [
        Place(f"test:{n}", f"Town {n}", "P", "PPL", Point(60 if n < misplaced else 5, n / 100), country_code="WW")
        for n in range(100)
    ]
    country = Place(
        "country:WW", "Westland", "A", "PCLI", Point(5, 0), country_code="WW", has_area=True, geometry=box(0, -5, 10, 5)
    )
    return Source("world", str(misplaced), "Makers", "MIT", "", lambda: iter([country, *towns]))


def failing(engine: Engine) -> dict[str, check.Check]:
    found = check.run(engine)
    assert all(finding.ok != bool(finding.hint) for finding in found)
    return {finding.name: finding for finding in found if not finding.ok}


def test_all_is_well_with_the_default_gazetteer(default_gazetteer: Engine) -> None:
    assert failing(default_gazetteer) == {}


def test_an_empty_database(engine: Engine) -> None:
    assert list(failing(engine)) == ["gazetteer"]


def test_a_database_without_tables(server) -> None:  # type: ignore[no-untyped-def]
    engine = databases.engine(server.create("suite_bare"))
    found = failing(engine)
    assert {"extension postgis", "extension pg_trgm", "migrations", "loads"} <= set(found)
    assert "does not exist" in found["loads"].message
    engine.dispose()
    server.drop("suite_bare")


def test_damage_is_found(engine: Engine) -> None:
    load.load(engine, [world()])
    assert list(failing(engine)) == ["default gazetteer"]
    with engine.begin() as conn:
        conn.execute(text("DELETE FROM gazetteer.place WHERE id = 'test:1'"))
        conn.execute(text("DROP INDEX gazetteer.place_name_trigram"))
    found = failing(engine)
    assert "100 places" in found["source world"].message
    assert "101" in found["source world"].hint
    assert "place_name_trigram" in found["indexes"].message
    assert found["orphans in place_name"].message.startswith("1 rows")


def test_places_that_serve_twice_or_never_and_names_of_lost_rows_are_found(engine: Engine) -> None:
    load.load(engine, [world(), replace(world(), name="other", rank=10)])
    assert list(failing(engine)) == ["default gazetteer"]
    with engine.begin() as conn:
        conn.execute(text("UPDATE gazetteer.place SET serves = true WHERE id = 'test:1'"))
        conn.execute(text("UPDATE gazetteer.place SET serves = false WHERE id IN ('test:2', 'test:3')"))
        conn.execute(text("UPDATE gazetteer.place_name SET own_no = -1 WHERE name = 'Town 4'"))
        conn.execute(text("DELETE FROM gazetteer.gazetteer_load WHERE source = 'world'"))
        conn.execute(text("ALTER TABLE gazetteer.place_area DROP CONSTRAINT place_area_pkey"))
    found = failing(engine)
    assert found["serving rows"].message.startswith("3 ids")
    assert found["orphans in place_name"].message.startswith("2 rows")
    assert "world" in found["sources"].message
    assert found["indexes"].message == "missing: place_area_pkey"


def test_old_data_are_remarked_but_no_failure(engine: Engine) -> None:
    load.load(engine, [replace(world(), findings=lambda: Findings(as_of=date(2001, 2, 3)))])
    (remark,) = [finding for finding in check.run(engine) if finding.name == "source world"]
    assert remark.ok
    assert "as of 2001-02-03" in remark.message
    assert "a newer edition" in remark.message


@pytest.fixture
def default_engine(loaded_database: str) -> Iterator[Engine]:
    """Engine on a default gazetteer of the test's own."""
    engine = databases.engine(loaded_database)
    yield engine
    engine.dispose()


def test_known_names_that_are_hidden_or_lost_are_noticed(default_engine: Engine) -> None:
    names = (PlaceName("Middle East"), PlaceName("Ain al-Asad"))
    hiding = Place("test:1", "Red Sea", "A", "PCLI", Point(0, 0), population=10**9, names=names)
    load.load(default_engine, [Source("hiding", "1", "", "", "", lambda: iter([hiding]))])
    with default_engine.begin() as conn:
        conn.execute(
            text("""
                DELETE FROM gazetteer.place_name n USING gazetteer.place p
                WHERE p.no = n.place_no AND p.id = 'curated:al-omar-oil-field'""")
        )
    found = failing(default_engine)["known names"]
    assert "Red Sea is taken for Red Sea (test:1)" in found.message
    assert "al-Omar oil field is" in found.message
    assert "Deir ez-Zor" not in found.message


def test_misplaced_points_are_found(engine: Engine) -> None:
    load.load(engine, [world(misplaced=30)])
    assert "30 of 100" in failing(engine)["countries"].message
