"""Incidents and a basemap of an invented world, and a real browser that can reach nobody."""

from __future__ import annotations

import os
import shutil
import warnings
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from shapely.geometry import LineString, Point, Polygon, box

from maps.model import Basemap, Claim, Credit, Feature, Source

VARIABLE = "INCIDENT_MAP_TEST_CHROMIUM"
CHROMIUM = next(
    filter(
        None,
        (
            os.environ.get(VARIABLE),
            *map(shutil.which, ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")),
        ),
    ),
    None,
)
"""The browser of the tests: what the environment names, else the first that is installed; null: Playwright's own."""
FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]

NORTHLAND = Polygon([(10, 40), (14, 39.6), (20, 40.4), (20.5, 46), (15, 47), (10.4, 45)])
SOUTHLAND = Polygon([(10, 40), (9.5, 34), (16, 33), (20.8, 35), (20, 40.4), (14, 39.6)])
WEST_PROVINCE = Polygon([(10, 40), (14, 39.6), (14.5, 46.9), (10.4, 45)])
EAST_PROVINCE = Polygon([(14, 39.6), (20, 40.4), (20.5, 46), (15, 47), (14.5, 46.9)])
FRONTIER = LineString([(10, 40), (14, 39.6), (20, 40.4)])


@pytest.fixture
def basemap() -> Basemap:
    return Basemap(
        countries=(("NL", "Northland", NORTHLAND), ("SL", "Southland", SOUTHLAND)),
        divisions=(("NL.1", "West Province", WEST_PROVINCE), ("NL.2", "East Province", EAST_PROVINCE)),
        disputed=(LineString([(17, 40), (20, 40.4)]),),
        labels=(
            ("Northland", Point(15, 43.6), 3),
            ("Southland", Point(15, 36.5), 3),
            ("Marrow", Point(12.5, 42.2), 5),
            ("Tell Harbour", Point(18.2, 44.8), 6),
        ),
    )


@pytest.fixture
def credits() -> tuple[Credit, ...]:
    return (
        Credit("Invented Gazetteer", "CC BY 4.0", "https://gazetteer.example/", "Names changed."),
        Credit("Drawn by hand", "public domain"),
    )


@pytest.fixture
def features() -> tuple[Feature, ...]:
    """One incident of every way to be drawn, with contradicting figures in the first."""
    updated = datetime(2026, 3, 20, 8, 30, tzinfo=UTC)
    return (
        Feature(
            "inc-0a1",
            "Drone strike on Marrow air base",
            "Explosions/Remote violence",
            "Air/drone strike",
            date_start=date(2026, 3, 14),
            date_end=date(2026, 3, 14),
            date_precision=1,
            date_text="on Saturday",
            place_name="Marrow air base",
            place_text="the air base outside Marrow",
            admin1="West Province",
            country="Northland",
            country_code="NL",
            geo_precision=1,
            radius_m=900,
            geo_method="the only air base of this name",
            actor_1="River Brigade",
            actor_2="Northland Army",
            weapon="drone",
            killed_low=4,
            killed_best=4,
            killed_high=7,
            wounded_low=12,
            wounded_best=12,
            wounded_high=12,
            article_count=2,
            publisher_count=2,
            article_ids=("a1", "a2"),
            source_urls=("https://daily.example/marrow", "https://herald.example/raid"),
            publishers=("The Daily Example", "Herald of Examples"),
            confidence=0.86,
            first_reported=date(2026, 3, 14),
            updated_at=updated,
            status="contested",
            drawn_as="pin",
            point=Point(12.51234567, 42.1),
            aliases=("inc-0b9",),
            claims=(
                Claim("killed", "4 killed", "the army", "said", 4, 4, "soldiers", "The army said four soldiers died."),
                Claim("killed", "7 killed", "a medic", "told", 7, 7, None, "A medic counted seven dead at the gate."),
                Claim("responsibility", "claimed the strike", "River Brigade", "announced", quote="We struck Marrow."),
            ),
            sources=(
                Source(
                    "a1",
                    "Four die in Marrow raid",
                    "The Daily Example",
                    date(2026, 3, 14),
                    "https://daily.example/marrow",
                    ("A drone hit the air base outside Marrow on Saturday.",),
                ),
                Source(
                    "a2", "Raid on base", "Herald of Examples", None, "https://herald.example/raid", ("Seven died.",)
                ),
            ),
            rival_places=("Tell Harbour",),
        ),
        Feature(
            "inc-0a2",
            "Shelling near Tell Harbour",
            "Explosions/Remote violence",
            "Shelling/artillery/missile attack",
            date_start=date(2026, 3, 2),
            date_end=date(2026, 3, 5),
            date_precision=2,
            place_name="Tell Harbour",
            place_text="near Tell Harbour",
            country="Northland",
            country_code="NL",
            geo_precision=2,
            radius_m=25000,
            killed_low=0,
            killed_best=0,
            killed_high=0,
            updated_at=updated,
            drawn_as="near",
            point=Point(18.2, 44.8),
        ),
        Feature(
            "inc-0a3",
            "Clashes in West Province",
            "Battles",
            "Armed clash",
            date_start=date(2026, 2, 1),
            date_end=date(2026, 2, 28),
            date_precision=4,
            place_name="West Province",
            place_text="in the west",
            country="Northland",
            country_code="NL",
            geo_precision=4,
            radius_m=260000,
            updated_at=updated,
            drawn_as="area",
            point=Point(12.1, 43.4),
            area=WEST_PROVINCE,
        ),
        Feature(
            "inc-0a4",
            "Patrol attacked on the frontier",
            "Battles",
            "Armed clash",
            date_start=date(2026, 1, 20),
            date_end=date(2026, 1, 20),
            date_precision=1,
            place_name="border of Northland and Southland",
            place_text="on the frontier",
            geo_precision=5,
            radius_m=430000,
            updated_at=updated,
            drawn_as="line",
            point=Point(14, 39.6),
            area=FRONTIER,
        ),
        Feature(
            "inc-0a5",
            "Tanker boarded off the western coast",
            "Strategic developments",
            "Other",
            date_start=date(2025, 12, 9),
            place_name="Example Sea",
            geo_precision=7,
            radius_m=90000,
            updated_at=updated,
            drawn_as="sea",
            point=Point(7.8, 41.5),
            area=box(6.5, 40, 9, 43),
        ),
        Feature(
            "inc-0a6",
            "Southland reports arrests",
            "Violence against civilians",
            "Abduction/forced disappearance",
            place_name="Southland",
            place_text="across Southland",
            country="Southland",
            country_code="SL",
            geo_precision=6,
            updated_at=updated,
        ),
    )


@pytest.fixture(
    scope="module"
)  # one at a time: the walks in tests/story borrow it, and Playwright has one loop a thread
def chromium() -> Iterator[Any]:
    playwright = pytest.importorskip("playwright.sync_api")
    with playwright.sync_playwright() as driver:
        path = CHROMIUM or driver.chromium.executable_path
        if not os.access(path, os.X_OK):
            why = f"NO CHROMIUM at {path}: nothing that readers see is tested; install it or name it in {VARIABLE}"
            warnings.warn(pytest.PytestWarning(why), stacklevel=1)
            pytest.skip(why)
        browser = driver.chromium.launch(executable_path=path, args=FLAGS)
        yield browser
        browser.close()


class Opened:
    """A page opened from disk, and everything it asked for or complained about."""

    def __init__(self, page: Any, requests: list[str], complaints: list[str], failures: list[tuple[str, str]]) -> None:
        self.page = page
        self.requests = requests
        self.complaints = complaints
        self.failures = failures


@pytest.fixture
def visit(chromium: Any) -> Iterator[Callable[..., Opened]]:
    """visit(path, fragment="", **context options) -> Opened, ready to use. The network is closed."""
    contexts = []

    def open_page(path: Path, fragment: str = "", **options: Any) -> Opened:
        context = chromium.new_context(**{"viewport": {"width": 1280, "height": 800}, **options})
        contexts.append(context)
        context.set_default_timeout(15_000)
        page = context.new_page()
        requests: list[str] = []
        complaints: list[str] = []
        failures: list[tuple[str, str]] = []
        page.on("requestfailed", lambda request: failures.append((request.url, request.failure)))
        page.on("request", lambda request: requests.append(request.url))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("console", lambda said: complaints.append(said.text) if said.type in ("error", "warning") else 0)
        page.route("**/*", lambda route: route.continue_() if route.request.url.startswith("file:") else route.abort())
        page.goto(path.as_uri() + fragment)
        page.wait_for_selector("html[data-ready]", state="attached")
        return Opened(page, requests, complaints, failures)

    yield open_page
    for context in contexts:
        context.close()
