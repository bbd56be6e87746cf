"""The articles with answers in tests/data/news must be well formed, or the figures measured on them mean nothing."""

from __future__ import annotations

import json
import re
from datetime import date
from pathlib import Path
from typing import Any

import pytest

NEWS = Path(__file__).parents[1] / "data" / "news"
SAMPLES = Path(__file__).parents[2] / "articles"
HALVES = ("dev", "held")
FAMILIES = {"air", "shelling", "bomb", "shooting", "abduction", "raid", None}
FRONT_MATTER_KEYS = ["title", "published", "publisher", "url"]


def read_truth(half: str) -> dict[str, Any]:
    truth: dict[str, Any] = json.loads((NEWS / f"truth_{half}.json").read_text(encoding="utf-8"))
    return truth


def read_article(path: Path) -> tuple[dict[str, str], str]:
    """Front matter and text of one article file."""
    opening, head, text = path.read_text(encoding="utf-8").split("---\n", 2)
    assert opening == "", f"{path.name} does not start with front matter"
    return dict(line.split(": ", 1) for line in head.splitlines()), text


def article_files() -> list[Path]:
    return [*sorted(SAMPLES.glob("*.txt")), *(p for half in HALVES for p in sorted((NEWS / half).glob("*.txt")))]


@pytest.mark.parametrize("path", article_files(), ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_article_has_front_matter_and_news_length(path: Path) -> None:
    head, text = read_article(path)
    assert list(head) == FRONT_MATTER_KEYS
    assert date.fromisoformat(head["published"]) <= date(2026, 12, 31)
    assert head["url"].startswith("https://example.org/")
    assert 120 <= len(text.split()) <= 450


def test_there_are_enough_sample_articles() -> None:
    assert len(list(SAMPLES.glob("*.txt"))) >= 14


@pytest.mark.parametrize("half", HALVES)
def test_listed_articles_are_the_files(half: str) -> None:
    listed = read_truth(half)["articles"]
    files = {path.stem: read_article(path)[0] for path in (NEWS / half).glob("*.txt")}
    assert len(files) == 20
    assert {key: (value["title"], value["published"]) for key, value in listed.items()} == {
        key: (head["title"], head["published"]) for key, head in files.items()
    }


def test_halves_share_no_article_and_no_incident() -> None:
    dev, held = (read_truth(half) for half in HALVES)
    assert not dev["articles"].keys() & held["articles"].keys()
    assert not {i["id"] for i in dev["incidents"]} & {i["id"] for i in held["incidents"]}


@pytest.mark.parametrize("half", HALVES)
def test_incidents_are_well_formed(half: str) -> None:
    truth = read_truth(half)
    ids = [incident["id"] for incident in truth["incidents"]]
    assert len(ids) == len(set(ids))
    for incident in truth["incidents"]:
        assert re.fullmatch(r"[A-Z0-9-]+", incident["id"])
        assert incident["level"] in {"must", "should", "stretch"}, incident["id"]
        assert incident["family"] in FAMILIES, incident["id"]
        assert incident["what"]
        assert incident["articles"]
        assert set(incident["articles"]) <= truth["articles"].keys(), incident["id"]
        published = min(truth["articles"][key]["published"] for key in incident["articles"])
        first, last = date.fromisoformat(incident["date_from"]), date.fromisoformat(incident["date_to"])
        assert first <= last, incident["id"]
        assert first <= date.fromisoformat(published), f"{incident['id']} happens after it is reported"


@pytest.mark.parametrize("half", HALVES)
def test_places_and_tolls_are_sane(half: str) -> None:
    for incident in read_truth(half)["incidents"]:
        assert incident["places"], incident["id"]
        for place in incident["places"]:
            assert -90 <= place["lat"] <= 90, incident["id"]
            assert -180 <= place["lon"] <= 180, incident["id"]
            widest = 500 if incident["level"] == "stretch" else 250
            assert 5 <= place["radius_km"] <= widest, incident["id"]
        killed = incident["killed"]
        if killed is not None:
            assert 0 <= killed["low"] <= killed["high"], incident["id"]


@pytest.mark.parametrize("half", HALVES)
def test_pairs_that_must_stay_apart_exist(half: str) -> None:
    truth = read_truth(half)
    ids = {incident["id"] for incident in truth["incidents"]}
    assert truth["must_not_merge"]
    for first, second in truth["must_not_merge"]:
        assert first != second
        assert {first, second} <= ids


@pytest.mark.parametrize("half", HALVES)
def test_each_half_tests_merging_and_silence(half: str) -> None:
    truth = read_truth(half)
    told = {key for incident in truth["incidents"] for key in incident["articles"]}
    silent = truth["articles"].keys() - told
    shared = [incident for incident in truth["incidents"] if len(incident["articles"]) > 1]
    assert len(silent) >= 3
    assert len(shared) >= 3
