"""Health checks find what is wrong, and say what to do."""

from __future__ import annotations

from shapely.geometry import Point, box
from sqlalchemy import Engine, text

from gazetteer import check, load
from gazetteer import database as databases
from gazetteer.model import Place
from gazetteer.sources.base import Source


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


def test_misplaced_points_are_found(engine: Engine) -> None:
    load.load(engine, [world(misplaced=30)])
    assert "30 of 100" in failing(engine)["countries"].message
