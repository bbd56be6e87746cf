"""Names as news write them, from general knowledge, and where the place is that a reader means.

`tests/data/probes.tsv`: query, hints as `lookup.search` takes them, the expected point with a tolerance, the expected
country (empty: none, or disputed). Towns of conflict in five spellings each, facilities of every kind, divisions,
regions and waters, and names that many places bear.
"""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from geopy.distance import geodesic
from sqlalchemy import Connection, Engine

from gazetteer import lookup

_FILE = Path(__file__).parents[1] / "data" / "probes.tsv"


@dataclass(frozen=True)
class Probe:
    """A row of the file."""

    query: str
    country_hint: str | None
    type_hint: str | None
    latitude: float
    longitude: float
    tolerance_km: float
    country: str | None
    kind: str

    def __str__(self) -> str:
        return "-".join(part for part in (self.query, self.country_hint, self.type_hint) if part)


def _read() -> list[Probe]:
    with _FILE.open(encoding="utf-8", newline="") as stream:
        return [
            Probe(
                query=row["query"],
                country_hint=row["country_hint"] or None,
                type_hint=row["type_hint"] or None,
                latitude=float(row["lat"]),
                longitude=float(row["lon"]),
                tolerance_km=float(row["tolerance_km"]),
                country=row["country"] or None,
                kind=row["kind"],
            )
            for row in csv.DictReader(stream, delimiter="\t", quoting=csv.QUOTE_NONE)
        ]


PROBES = _read()


@pytest.fixture(scope="module")
def conn(default_gazetteer: Engine) -> Iterator[Connection]:
    with default_gazetteer.connect() as connection:
        yield connection


def test_there_are_enough_probes_of_every_kind() -> None:
    kinds = Counter(probe.kind for probe in PROBES)
    assert len(PROBES) >= 600
    assert kinds["town"] >= 200
    assert min(kinds.values()) >= 10
    assert len(set(map(str, PROBES))) == len(PROBES)


@pytest.mark.parametrize("probe", PROBES, ids=str)
def test_the_first_answer_is_the_place_that_is_meant(conn: Connection, probe: Probe) -> None:
    answers = lookup.search(conn, probe.query, country=probe.country_hint, type=probe.type_hint)
    assert answers, "nothing found"
    place = answers[0].candidate.place
    off = geodesic((probe.latitude, probe.longitude), (place.point.y, place.point.x)).km
    assert off <= probe.tolerance_km, f"{place.id} ({place.name}, {place.country_name}): {answers[0].why}"
    if probe.country:
        assert place.country_code in (probe.country, None)
    if probe.kind == "division":
        assert place.feature_class in ("A", "L"), place.id


@pytest.mark.parametrize(
    ("query", "hints", "reason"),
    [
        ("Tabqa air base", {}, "AIRB"),
        ("Paris, Texas", {}, "in Texas"),
        ("Zawiya oil refinery", {}, "read as zawiya + oil refinery"),
        ("French embassy in Niamey", {}, "nothing of that type is known there"),
        ("Tripoli", {"country": "North Africa"}, "where asked for"),
        ("Tripoli", {"country": "Libyan"}, "in the country asked for"),
        ("Ramadi", {"type": "barrage"}, "of the type asked for"),
        ("Adlib", {}, "alike"),
    ],
)
def test_answers_say_why(conn: Connection, query: str, hints: dict[str, str], reason: str) -> None:
    found = lookup.search(conn, query, country=hints.get("country"), type=hints.get("type"))
    assert reason in found[0].why


@pytest.mark.parametrize(
    ("query", "hints", "code"),
    [
        ("Homs", {}, "P"),  # the town, though its division has the same name
        ("Homs Governorate", {}, "A"),
        ("Muhafazat Homs", {}, "A"),
        ("Homs", {"type": "province"}, "A"),
        ("Timbuktu", {}, "P"),
        ("Anbar", {}, "A"),
        ("Idlib countryside", {}, "P"),
        ("Erbil", {"type": "airport"}, "S"),
    ],
)
def test_towns_before_divisions_unless_the_words_say_otherwise(
    conn: Connection, query: str, hints: dict[str, str], code: str
) -> None:
    found = lookup.search(conn, query, type=hints.get("type"))
    assert found[0].candidate.place.feature_class == code


def test_a_crossing_belongs_to_both_countries(conn: Connection) -> None:
    found = {hint: lookup.search(conn, "Bab al-Hawa", country=hint)[0] for hint in ("SY", "TR")}
    assert len({answer.candidate.place.id for answer in found.values()}) == 1
    assert all("in the country asked for" in answer.why for answer in found.values())


def test_codes_are_found_in_any_letters_but_after_names(conn: Connection) -> None:
    assert lookup.search(conn, "orbi")[0].candidate.place.id == "airport:ORBI"
    assert lookup.search(conn, "ORBI")[0].candidate.place.id == "airport:ORBI"
    assert lookup.search(conn, "Waw", country="South Sudan")[0].candidate.place.country_code == "SS"


@pytest.mark.parametrize(
    ("query", "country", "id_"),
    [
        ("Red Sea", "EG", "region:red-sea"),
        ("Euphrates", "Syria", "region:euphrates"),
        ("Snake Island", "UA", "region:snake-island"),
    ],
)
def test_regions_and_waters_belong_to_all_countries_they_touch(
    conn: Connection, query: str, country: str, id_: str
) -> None:
    best = lookup.search(conn, query, country=country)[0]
    assert best.candidate.place.id == id_
    assert "in the country asked for" in best.why


def test_the_very_name_elsewhere_comes_before_what_is_only_similar_here(conn: Connection) -> None:
    best = lookup.search(conn, "Sevastopol", country="RU")[0]
    assert best.candidate.place.id == "geonames:694423"
    assert "in another country" in best.why
