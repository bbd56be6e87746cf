"""The only door out: incidents become features, readings become the records of `geoparse` and `extract`.

What is drawn as what is decided here, and in no other place: a pin is drawn for a place that was named, an area for a
region, a line for a border, and nothing at all for a whole country.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, fields, replace
from datetime import date, datetime
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

import orjson
from shapely.geometry import Point
from shapely.geometry.base import BaseGeometry

from gazetteer.model import Place
from geo import merging
from geo.merging import Summary
from geo.model import Article, Incident, Report, Resolution
from geo.reading import Reading
from maps.model import Basemap, Claim, Credit, Feature, Source

Quotes = Mapping[tuple[str, int, int], str]
"""(article id, start, end) -> the words there."""
Area = tuple[str, str, BaseGeometry]
"""(place id, name, polygon)"""

_BESIDE_PROPERTIES: Final = {"point", "area", "aliases", "claims", "sources", "rival_places"}
PROPERTIES: Final = tuple(field.name for field in fields(Feature) if field.name not in _BESIDE_PROPERTIES)

_LABELS: Final = ((5_000_000, 3), (2_000_000, 4), (700_000, 5), (250_000, 6), (100_000, 7), (0, 8))
"""(inhabitants, smallest zoom at which a place of so many is labelled)"""


# --- incidents to features ---------------------------------------------------------------


def features(
    incidents: Iterable[Incident],
    articles: Mapping[str, Article],
    quotes: Quotes,
    *,
    geometries: Mapping[str, BaseGeometry],
    countries: Mapping[str, str],
) -> list[Feature]:
    """What is published of each incident, in the order given; `updated_at` is left null.

    `articles` by id (their texts are not used), `geometries` by place id, `countries`: name by ISO code.
    """
    return [feature(one, articles, quotes, geometries=geometries, countries=countries) for one in incidents]


def feature(
    incident: Incident,
    articles: Mapping[str, Article],
    quotes: Quotes,
    *,
    geometries: Mapping[str, BaseGeometry],
    countries: Mapping[str, str],
) -> Feature:
    """What is published of one incident."""
    told = merging.summary(incident)
    place = told.place
    area = geometries.get(place.id) if place else None
    drawn = drawn_as(place, told.geo_precision, area)
    country_code = told.country_code or (place.country_code if place else None)
    killed_low, killed_best, killed_high = told.killed
    wounded_low, wounded_best, wounded_high = told.wounded
    sources = _sources(incident, articles, quotes)
    publishers = tuple(sorted({source.publisher for source in sources if source.publisher}))
    urls = dict.fromkeys(source.url for source in sources if source.url)
    days = [source.published for source in sources if source.published]
    return Feature(
        incident_id=incident.id,
        title=told.title,
        event_type=told.event_type,
        sub_event_type=told.sub_event_type,
        stage=told.stage,
        status=told.status,
        date_start=told.date_start,
        date_end=told.date_end,
        date_precision=told.date_precision,
        date_text=told.date_text,
        place_name=place.name if place else None,
        place_text=told.place_text,
        place_id=place.id if place else None,
        admin1=place.admin1_name if place else None,
        country=_country(place, country_code, countries),
        country_code=country_code,
        geo_precision=told.geo_precision,
        radius_m=told.radius_m if drawn else None,
        geo_method=_method(told.geo_method),
        actor_1=told.actor_1,
        actor_2=told.actor_2,
        weapon=told.weapon,
        killed_low=killed_low,
        killed_best=killed_best,
        killed_high=killed_high,
        wounded_low=wounded_low,
        wounded_best=wounded_best,
        wounded_high=wounded_high,
        article_count=len(sources),
        publisher_count=len(publishers),
        article_ids=tuple(source.article_id for source in sources),
        source_urls=tuple(urls),
        publishers=publishers,
        confidence=round(told.confidence, 3),
        first_reported=min(days, default=None),
        drawn_as=drawn,
        point=place.point if place and drawn else None,
        area=area if drawn in ("area", "line", "sea") else None,
        aliases=incident.aliases,
        claims=_claims(told, quotes),
        sources=sources,
        rival_places=told.rival_places,
    )


def drawn_as(place: Place | None, geo_precision: int | None, area: BaseGeometry | None) -> str | None:
    """pin | near | area | line | sea, or null: a whole country and no place at all are not drawn.

    `geo_precision` is UCDP where_prec.
    """
    if place is None or geo_precision is None:
        return None
    if geo_precision in (3, 4, 5):
        line = place.source == "border" or (area is not None and area.geom_type in ("LineString", "MultiLineString"))
        return "line" if line else "area"
    return {1: "pin", 2: "near", 7: "sea"}.get(geo_precision)


def place_ids(incidents: Iterable[Incident]) -> set[str]:
    """Ids of the places whose areas `features` wants."""
    return {told.place.id for one in incidents for told in one.reports if told.place is not None}


def country_codes(reports: Iterable[Report]) -> set[str]:
    """Codes of the countries whose names `features` wants."""
    found = {told.country_code for told in reports} | {told.place.country_code for told in reports if told.place}
    return {code for code in found if code}


def _country(place: Place | None, code: str | None, countries: Mapping[str, str]) -> str | None:
    if code is None:
        return None
    if place is not None and place.country_code == code and place.country_name:
        return place.country_name
    return countries.get(code)


_METHODS: Final = {
    "name": "found by its name",
    "facility": "found by its name and what it is",
    "description": "described, not named",
    "border": "a border",
    "demonym": "known by its people's name",
}


def _method(reasons: str | None) -> str | None:
    """How the point was reached, for readers: "name: a; b" becomes "found by its name: a, b"."""
    if reasons is None:
        return None
    kind, colon, rest = reasons.partition(": ")
    return f"{_METHODS[kind]}{colon}{rest}" if kind in _METHODS else reasons


def _sources(incident: Incident, articles: Mapping[str, Article], quotes: Quotes) -> tuple[Source, ...]:
    """The articles that report it, earliest first; those without a date behind the others."""
    spans: dict[str, dict[tuple[int, int], None]] = {}
    for told in incident.reports:
        spans.setdefault(told.article_id, {}).update(dict.fromkeys(told.evidence))
    found = []
    for article_id, evidence in spans.items():
        article = articles[article_id]
        found.append(
            Source(
                article_id=article_id,
                title=article.title,
                publisher=article.publisher,
                published=article.published,
                url=_web(article.url),
                quotes=tuple(
                    dict.fromkeys(
                        words for start, end in evidence if (words := quotes.get((article_id, start, end), "").strip())
                    )
                ),
            )
        )
    return tuple(sorted(found, key=lambda source: (source.published or date.max, source.article_id)))


def _claims(told: Summary, quotes: Quotes) -> tuple[Claim, ...]:
    return tuple(
        Claim(
            kind=claim.kind,
            text=claim.text,
            speaker=claim.speaker,
            verb=claim.verb,
            low=claim.low,
            high=claim.high,
            who=claim.who,
            quote=quotes.get((article_id, claim.start, claim.end), "").strip(),
            article_id=article_id,
            start=claim.start,
            end=claim.end,
        )
        for article_id, claim in told.claims
    )


def _web(url: str | None) -> str | None:
    """An address that a reader may follow: http and https, nothing else."""
    try:
        return url if url and urlsplit(url).scheme.lower() in ("http", "https") else None
    except ValueError:
        return None


def content_sha256(one: Feature) -> str:
    """Hash of what is published of an incident, `updated_at` apart. The area goes in by the id of its place."""
    bare = replace(one, area=None, updated_at=None)
    return hashlib.sha256(orjson.dumps(bare, default=_plain)).hexdigest()


def properties(one: Feature) -> dict[str, Any]:
    """The properties of the feed, as JSON values."""
    plain: dict[str, Any] = orjson.loads(
        orjson.dumps({name: getattr(one, name) for name in PROPERTIES}, option=orjson.OPT_UTC_Z)
    )
    return plain


def _plain(value: object) -> object:
    if isinstance(value, Point):
        return [value.x, value.y]
    message = f"{type(value).__name__} has no place in what is published"
    raise TypeError(message)


def dated(rows: Iterable[Feature], updated: Mapping[str, datetime]) -> list[Feature]:
    """The features with the time of their newest change."""
    return [replace(one, updated_at=updated[one.incident_id]) for one in rows]


# --- what stands around them -------------------------------------------------------------


def credits_of(loaded: Iterable[tuple[str, str, str]]) -> tuple[Credit, ...]:
    """Whom to name: each (name, licence, address) of the loaded sources once."""
    return tuple(Credit(name=name, licence=licence, url=url) for name, licence, url in sorted(set(loaded)))


def basemap(countries: Iterable[Area], divisions: Iterable[Area], largest: Iterable[Place]) -> Basemap:
    """What the map is drawn on: areas of the gazetteer, disputed lines, and the largest places as labels."""
    from gazetteer.sources import boundaries  # only when a site is built

    return Basemap(
        countries=tuple((key.removeprefix("country:"), name, shape) for key, name, shape in countries),
        divisions=tuple((key.removeprefix("admin1:"), name, shape) for key, name, shape in divisions),
        disputed=tuple(line for _, line in boundaries.disputed_lines()),
        labels=tuple((place.name, place.point, _zoom(place.population or 0)) for place in largest),
    )


def _zoom(population: int) -> int:
    return next(zoom for inhabitants, zoom in _LABELS if population >= inhabitants)


def status(run: Mapping[str, Any], *, counts: Mapping[str, int], unread: int, gazetteer: str, generation: str) -> bytes:
    """`status.json`: how the last run (a row of `store.runs`) ended and what stands now.

    For everybody who reads the site, so without messages: these may name folders and machines.
    """
    told = {
        "schema_version": 1,
        "run": run["id"],
        "started": run["started"],
        "finished": run["finished"],
        "outcome": run["outcome"],
        "exit_code": run["exit_code"],
        "did": run["counts"],
        "generation": generation,
        "gazetteer": gazetteer,
        "articles": counts["article"],
        "unread": unread,
        "incidents": counts["incident"],
        "set_aside": counts["quarantine"],
    }
    return orjson.dumps(told, option=orjson.OPT_INDENT_2 | orjson.OPT_UTC_Z | orjson.OPT_APPEND_NEWLINE)


_OF_THE_RUN = frozenset({"run", "started", "finished", "did"})
"""What differs from run to run even when nothing happened."""


def is_news(told: bytes, site: Path) -> bool:
    """Does `status` say anything that the site does not show yet? A run that finds nothing new changes no byte."""
    try:
        shown = orjson.loads((site / "status.json").read_bytes())
    except (OSError, orjson.JSONDecodeError):
        return True
    new = orjson.loads(told)
    return any(new.get(key) != shown.get(key) for key in (new.keys() | shown.keys()) - _OF_THE_RUN)


# --- contracts: one record an article ----------------------------------------------------


def geoparse_record(given_id: object, resolutions: Sequence[Resolution]) -> dict[str, Any]:
    """One line of `geoparse`; `given_id` is the id as the input had it."""
    return {"id": given_id, "mentions": [_mention_record(one) for one in resolutions]}


def _mention_record(one: Resolution) -> dict[str, Any]:
    place = one.place
    return {
        "start": one.mention.start,
        "end": one.mention.end,
        "text": one.mention.text,
        "kind": one.mention.kind.value,
        "probability": round(one.probability, 4),
        "reason": one.reason,
        "place": None
        if place is None
        else {
            "id": place.id,
            "name": place.name,
            "lat": round(place.point.y, 5),
            "lon": round(place.point.x, 5),
            "country_code": place.country_code,
            "feature_class": place.feature_class,
            "feature_code": place.feature_code,
        },
    }


def extract_record(given_id: object, reading: Reading, countries: Mapping[str, str]) -> dict[str, Any]:
    """One line of `extract`: the incidents of one article by itself."""
    article = reading.article
    merged = merging.merge(reading.reports, {}, {article.id: article.publisher})
    return {
        "id": given_id,
        "published": article.published,
        "incidents": [_incident_record(one, article, countries) for one in merged],
    }


def _incident_record(incident: Incident, article: Article, countries: Mapping[str, str]) -> dict[str, Any]:
    told = merging.summary(incident)
    spans = {(c.start, c.end) for _, c in told.claims} | {span for one in incident.reports for span in one.evidence}
    quotes = {(article.id, start, end): article.text[start:end] for start, end in spans}
    one = feature(incident, {article.id: article}, quotes, geometries={}, countries=countries)
    evidence = dict.fromkeys(span for report in incident.reports for span in report.evidence)
    return {
        **{name: getattr(one, name) for name in PROPERTIES if name != "updated_at"},
        "lat": round(one.point.y, 5) if one.point else None,
        "lon": round(one.point.x, 5) if one.point else None,
        "rival_places": one.rival_places,
        "claims": [asdict(claim) for claim in one.claims],
        "evidence": [{"start": start, "end": end, "text": article.text[start:end]} for start, end in evidence],
    }
