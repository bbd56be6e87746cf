"""All that this wing takes in. Whoever can fill a `Feature` can have the map and the feeds.

Texts are taken as they come, from outside and hostile: nothing in this package interprets them.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from shapely.geometry import Point
from shapely.geometry.base import BaseGeometry


@dataclass(frozen=True, slots=True)
class Claim:
    """One statement with its speaker."""

    kind: str
    """killed | wounded | responsibility | denial | status | place"""
    text: str
    """The statement in a few words: "4 killed", "no casualties", "denied involvement"."""
    speaker: str | None = None
    """Who says so, as named in the article; null when the article itself does."""
    verb: str | None = None
    low: int | None = None
    high: int | None = None
    who: str | None = None
    """Of whom: "militiamen", "a child"."""
    quote: str = ""
    """The sentence that says so, as printed."""
    article_id: str = ""
    start: int | None = None
    end: int | None = None
    """Span of the quote in the article's text, in characters, half-open."""


@dataclass(frozen=True, slots=True)
class Source:
    """One article that reports the incident."""

    article_id: str
    title: str | None = None
    publisher: str | None = None
    published: date | None = None
    url: str | None = None
    quotes: tuple[str, ...] = ()
    """The sentences that report the incident, as printed."""


@dataclass(frozen=True, slots=True)
class Feature:
    """One incident as published. The fields up to `updated_at` are the feed's properties, in the feed's order;
    null means unknown. Codes: ACLED event and sub-event types, UCDP where_prec (1-7) and date_prec (1-5)."""

    incident_id: str
    title: str
    event_type: str
    sub_event_type: str
    stage: str = "done"
    """done | intercepted | failed | threatened"""
    status: str = "attributed"
    """confirmed | attributed | claimed | denied | contested | retracted"""
    date_start: date | None = None
    date_end: date | None = None
    date_precision: int | None = None
    date_text: str | None = None
    place_name: str | None = None
    place_text: str | None = None
    place_id: str | None = None
    admin1: str | None = None
    country: str | None = None
    country_code: str | None = None
    geo_precision: int | None = None
    radius_m: int | None = None
    geo_method: str | None = None
    actor_1: str | None = None
    actor_2: str | None = None
    weapon: str | None = None
    killed_low: int | None = None
    killed_best: int | None = None
    killed_high: int | None = None
    wounded_low: int | None = None
    wounded_best: int | None = None
    wounded_high: int | None = None
    article_count: int = 0
    publisher_count: int = 0
    article_ids: tuple[str, ...] = ()
    source_urls: tuple[str, ...] = ()
    publishers: tuple[str, ...] = ()
    confidence: float | None = None
    reviewed: bool = False
    first_reported: date | None = None
    updated_at: datetime | None = None
    """UTC; the newest change of the content, never the time of the build."""
    drawn_as: str | None = None
    """pin | near | area | line | sea; null when there is no point (a whole country, or no place at all)"""

    # Not properties of the summary feeds:
    point: Point | None = None
    """x = longitude, y = latitude, EPSG:4326; null where `drawn_as` is null."""
    area: BaseGeometry | None = None
    """The region, border segment or sea that `point` stands for (polygon or line), where there is one. A circle of
    uncertainty is not an area: it follows from `point` and `radius_m`."""
    aliases: tuple[str, ...] = ()
    """Ids that this incident had before it was merged."""
    claims: tuple[Claim, ...] = ()
    sources: tuple[Source, ...] = ()
    rival_places: tuple[str, ...] = ()
    """Places that other reports give, in words, where they contradict."""


@dataclass(frozen=True, slots=True)
class Credit:
    """One line of the sources and licences that `about.html` and the feeds' metadata name."""

    name: str
    licence: str
    url: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Basemap:
    """The polygons the map is drawn on, world-wide; the page cuts out what it needs."""

    countries: tuple[tuple[str, str, BaseGeometry], ...] = ()
    """(ISO code, name, polygon)"""
    divisions: tuple[tuple[str, str, BaseGeometry], ...] = ()
    """First-order divisions: (code, name, polygon)"""
    disputed: tuple[BaseGeometry, ...] = ()
    """Disputed boundary lines, drawn dashed."""
    labels: tuple[tuple[str, Point, int], ...] = ()
    """(name, point, smallest zoom at which it is shown)"""
