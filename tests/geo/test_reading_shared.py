"""The five real articles beside the repository, read by the code of `incident-map extract`, scored with the tool there.

Nothing of them stands here: texts, answers and the scoring tool are read from `../shared`.
"""

from __future__ import annotations

import importlib.util
import json
from datetime import date
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from shapely.geometry import Point
from sqlalchemy import Engine

from gazetteer import lookup
from geo import merging, pipeline, publish, reading
from geo.model import Article
from geo.settings import Settings
from maps.model import Feature

pytestmark = pytest.mark.shared

FALSE_PINS_ALLOWED = 1
NO_SCENES = {
    "Rome": Point(12.48, 41.89),
    "Tehran": Point(51.42, 35.69),
    "Jerusalem": Point(35.22, 31.77),
    "Washington": Point(-77.04, 38.90),
    "Diyala": Point(44.93, 33.87),
}
"""Places that the articles name and where nothing of what they tell happened."""


@pytest.fixture(scope="module")
def scoring(shared: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location("score_incidents", shared / "tools" / "score_incidents.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def truth(shared: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((shared / "truth" / "seeds_000_002.json").read_text(encoding="utf-8"))
    return found


@pytest.fixture(scope="module")
def articles(shared: Path) -> list[Article]:
    lines = (shared / "articles" / "articles.jsonl").read_text(encoding="utf-8").splitlines()
    return [
        Article(
            str(one["id"]),
            one["text"],
            one.get("title"),
            date.fromisoformat(one["published"]) if one.get("published") else None,
            one.get("url"),
            one.get("publisher"),
        )
        for one in map(json.loads, filter(None, lines))
    ]


@pytest.fixture(scope="module")
def merged(default_gazetteer: Engine, articles: list[Article]) -> list[Feature]:
    """What the feed shows of all five."""
    with default_gazetteer.connect() as conn:
        readings = reading.read(conn, articles)
        incidents = merging.merge([r for one in readings for r in one.reports], {}, {})
        geometries = lookup.geometries(conn, publish.place_ids(incidents))
    return publish.features(incidents, {a.id: a for a in articles}, {}, geometries=geometries, countries={})


def test_each_article_by_itself(
    shared: Path, loaded_database: str, tmp_path: Path, scoring: ModuleType, truth: dict[str, Any]
) -> None:
    settings = Settings(home=tmp_path / "home", database=loaded_database)  # type: ignore[arg-type]
    with (shared / "articles" / "articles.jsonl").open("rb") as lines:
        answers = list(pipeline.extract(settings, lines))
    assert all(good for _, good in answers)
    path = tmp_path / "extract.jsonl"
    path.write_bytes(b"".join(line for line, _ in answers))
    total = scoring.by_article(truth, path)
    assert total["missed"] == []
    assert len(total["false"]) <= FALSE_PINS_ALLOWED, total["false"]


def test_all_articles_merged(
    tmp_path: Path, scoring: ModuleType, truth: dict[str, Any], merged: list[Feature], articles: list[Article]
) -> None:
    path = tmp_path / "all.geojson"
    told = [f for f in merged if f.point is not None and set(f.article_ids) & truth["articles"].keys()]
    features = [
        {
            "properties": {**publish.properties(f)},
            "geometry": {"coordinates": [f.point.x, f.point.y]} if f.point else None,
        }
        for f in told
    ]
    path.write_text(json.dumps({"features": features}), encoding="utf-8")
    total = scoring.by_feed(truth, path)
    assert total["missed"] == []
    whole, several = total["merged_whole"]
    assert several >= 2
    assert whole == several
    assert total["fused_suspects"] == 0


@pytest.mark.parametrize("name", NO_SCENES)
def test_places_of_visits_and_words_get_no_pin(name: str, merged: list[Feature]) -> None:
    close = [f for f in merged if f.point is not None and f.point.distance(NO_SCENES[name]) < 0.3]
    assert [f.title for f in close] == []


def test_nothing_is_pinned_in_the_middle_of_a_country(merged: list[Feature]) -> None:
    assert [f.title for f in merged if f.geo_precision == 6 and f.point is not None] == []
