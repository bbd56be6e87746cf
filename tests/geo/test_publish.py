"""The door out: what is drawn as what, what is quoted, what is hashed."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest
from shapely.geometry import LineString, Point, box
from shapely.geometry.base import BaseGeometry

from gazetteer.model import Place
from geo import merging, publish
from geo.model import Article, Claim, Incident, Mention, MentionKind, Report, Resolution
from geo.reading import Reading
from maps import geojson
from maps.model import Feature

TEXT = "A drone hit the Rumaila field on Monday. Nobody was hurt, the ministry said."
FIELD = Place("curated:rumaila", "Rumaila oil field", "S", "OILF", Point(47.2, 30.1), "IQ", country_name="Iraq")
PROVINCE = Place("admin1:IQ.02", "Basra", "A", "ADM1", Point(47.5, 30.4), "IQ", "IQ.02", has_area=True)
BORDER = Place("border:IQ-SY", "the Iraq-Syria border", "A", "BDRY", Point(41.0, 34.4), has_area=True)
GULF = Place("region:persian-gulf", "Persian Gulf", "H", "GULF", Point(51.5, 27.0), has_area=True)
COUNTRY = Place("country:IQ", "Iraq", "A", "PCLI", Point(43.7, 33.0), "IQ", has_area=True)
GEOMETRIES: dict[str, BaseGeometry] = {
    PROVINCE.id: box(46.5, 29.9, 48.6, 31.3),
    BORDER.id: LineString([(41.2, 34.8), (41.0, 34.4)]),
    GULF.id: box(48, 24, 56, 30),
    COUNTRY.id: box(38.8, 29, 48.6, 37.4),
}


def a_report(place: Place | None = FIELD, geo_precision: int | None = 1, **changes: Any) -> Report:
    plain = Report(
        key="r1", article_id="a1", title="Drone strike on the Rumaila oil field",
        event_type="Explosions/Remote violence", sub_event_type="Air/drone strike", stage="done", status="attributed",
        date_start=date(2024, 3, 4), date_end=date(2024, 3, 4), date_precision=1, date_text="Monday",
        place=place, place_text="the Rumaila field", geo_precision=geo_precision, radius_m=3000, geo_method="named",
        actor_1=None, actor_2=None, weapon="drone",
        claims=(Claim("killed", "nobody hurt", 41, 76, "the ministry", "said", None, 0, 0, 0),),
        evidence=((0, 40), (41, 76)), confidence=0.71234, country_code="IQ",
    )  # fmt: skip
    return replace(plain, **changes)


def an_article(id: str = "a1", **changes: Any) -> Article:
    plain = Article(id, TEXT, "Drone hits field", date(2024, 3, 5), f"https://news.example/{id}", "Example News")
    return replace(plain, **changes)


def a_feature(*reports: Report, articles: tuple[Article, ...] = (an_article(),)) -> Feature:
    told = reports or (a_report(),)
    quotes = {(a.id, s, e): a.text[s:e] for a in articles for r in told for s, e in r.evidence}
    return publish.feature(
        Incident("IM-1", told), {a.id: a for a in articles}, quotes, geometries=GEOMETRIES, countries={"IQ": "Iraq"}
    )


@pytest.mark.parametrize(
    ("place", "geo_precision", "drawn", "shape"),
    [
        (FIELD, 1, "pin", None),
        (FIELD, 2, "near", None),
        (PROVINCE, 3, "area", "Polygon"),
        (PROVINCE, 4, "area", "Polygon"),
        (PROVINCE, 5, "area", "Polygon"),
        (FIELD, 5, "area", None),
        (BORDER, 5, "line", "LineString"),
        (GULF, 7, "sea", "Polygon"),
        (COUNTRY, 6, None, None),
        (None, None, None, None),
        (None, 1, None, None),
        (FIELD, None, None, None),
    ],
)
def test_what_is_drawn_as_what(
    place: Place | None, geo_precision: int | None, drawn: str | None, shape: str | None
) -> None:
    one = a_feature(a_report(place, geo_precision))
    assert one.drawn_as == drawn
    assert (one.point is None) == (drawn is None)
    assert (one.area.geom_type if one.area else None) == shape


def test_a_border_without_its_line_at_hand_is_still_a_line() -> None:
    assert publish.drawn_as(BORDER, 5, None) == "line"


def test_a_country_keeps_its_name_though_it_has_no_point() -> None:
    one = a_feature(a_report(COUNTRY, 6))
    assert (one.place_name, one.country, one.country_code, one.radius_m) == ("Iraq", "Iraq", "IQ", None)


def test_the_country_of_a_border_incident_comes_from_the_report() -> None:
    assert a_feature(a_report(BORDER, 5)).country == "Iraq"


def test_quotes_are_the_sentences_as_printed() -> None:
    one = a_feature()
    assert one.place_text == "the Rumaila field"
    assert one.sources[0].quotes == (TEXT[:40], TEXT[41:76])
    assert one.claims[0].quote == TEXT[41:76]
    assert TEXT[one.claims[0].start : one.claims[0].end] == one.claims[0].quote
    assert (one.killed_low, one.killed_best, one.killed_high) == (0, 0, 0)


def test_sources_come_earliest_first_and_publishers_count_once() -> None:
    second = a_report(key="r2", article_id="a2")
    third = a_report(key="r3", article_id="a3")
    articles = (
        an_article(published=None),
        an_article("a2", published=date(2024, 3, 4)),
        an_article("a3", publisher="Other", published=date(2024, 3, 6)),
    )
    one = a_feature(a_report(), second, third, articles=articles)
    assert one.article_ids == ("a2", "a3", "a1")
    assert one.first_reported == date(2024, 3, 4)
    assert (one.article_count, one.publisher_count, one.publishers) == (3, 2, ("Example News", "Other"))


@pytest.mark.parametrize("url", ["javascript:alert(1)", "file:///etc/passwd", "data:text/html,x", "http://[", ""])
def test_only_web_addresses_go_out(url: str) -> None:
    one = a_feature(articles=(an_article(url=url),))
    assert one.source_urls == ()
    assert one.sources[0].url is None


def test_the_content_hash_sees_content_and_nothing_else() -> None:
    one = a_feature()
    same = publish.content_sha256(one)
    assert publish.content_sha256(replace(one, updated_at=datetime(2030, 1, 1, tzinfo=UTC))) == same
    assert publish.content_sha256(replace(one, title="other")) != same
    assert publish.content_sha256(replace(one, point=Point(1, 2))) != same
    assert publish.content_sha256(replace(one, aliases=("IM-0",))) != same


def test_properties_are_those_of_the_feed() -> None:
    one = a_feature()
    assert publish.PROPERTIES == geojson.PROPERTIES
    assert publish.properties(one)["date_start"] == "2024-03-04"


def test_credits_name_each_origin_once() -> None:
    rows = [("GeoNames", "CC BY 4.0", "u"), ("GeoNames", "CC BY 4.0", "u"), ("Airports", "MIT", "v")]
    assert [credit.name for credit in publish.credits_of(rows)] == ["Airports", "GeoNames"]


# --- contracts ---


def a_reading(*reports: Report) -> Reading:
    mention = Mention(16, 29, "Rumaila field", MentionKind.FACILITY, "Rumaila", ("OILF",))
    resolutions = (
        Resolution(mention, FIELD, 0.912345, "the only oil field of this name"),
        Resolution(replace(mention, start=0, end=1), None, 0.1, "no place is meant"),
    )
    return Reading(an_article(), (), resolutions, (), reports or (a_report(),))


def test_a_geoparse_record_keeps_the_contract() -> None:
    record = publish.geoparse_record(7, a_reading().resolutions)
    assert record == {
        "id": 7,
        "mentions": [
            {
                "start": 16, "end": 29, "text": "Rumaila field", "kind": "facility", "probability": 0.9123,
                "reason": "the only oil field of this name",
                "place": {
                    "id": "curated:rumaila", "name": "Rumaila oil field", "lat": 30.1, "lon": 47.2,
                    "country_code": "IQ", "feature_class": "S", "feature_code": "OILF",
                },
            },
            {
                "start": 0, "end": 1, "text": "Rumaila field", "kind": "facility", "probability": 0.1,
                "reason": "no place is meant", "place": None,
            },
        ],
    }  # fmt: skip


def test_an_extract_record_keeps_the_contract() -> None:
    record = publish.extract_record("x", a_reading(), {"IQ": "Iraq"})
    assert set(record) == {"id", "published", "incidents"}
    [one] = record["incidents"]
    assert set(one) == set(publish.PROPERTIES) - {"updated_at"} | {"lat", "lon", "rival_places", "claims", "evidence"}
    assert (one["lat"], one["lon"], one["drawn_as"]) == (30.1, 47.2, "pin")
    assert one["evidence"] == [
        {"start": 0, "end": 40, "text": TEXT[:40]},
        {"start": 41, "end": 76, "text": TEXT[41:76]},
    ]
    assert one["claims"][0]["quote"] == TEXT[41:76]


def test_an_extracted_incident_without_a_point_has_neither_lat_nor_lon() -> None:
    [one] = publish.extract_record("x", a_reading(a_report(COUNTRY, 6)), {})["incidents"]
    assert (one["lat"], one["lon"], one["drawn_as"]) == (None, None, None)


def test_extract_and_feed_agree() -> None:
    reading = a_reading()
    [incident] = merging.merge(reading.reports, {}, {})
    quotes = {("a1", start, end): TEXT[start:end] for start, end in ((0, 40), (41, 76))}
    one = publish.feature(incident, {"a1": an_article()}, quotes, geometries=GEOMETRIES, countries={})
    [record] = publish.extract_record("x", reading, {})["incidents"]
    for name, value in json.loads(geojson.line(one))["properties"].items():
        if name not in ("updated_at", "lat", "lon"):
            extracted = record[name]
            if isinstance(extracted, date):
                extracted = extracted.isoformat()
            assert (list(extracted) if isinstance(extracted, tuple) else extracted) == value, name
