"""The nouns of the house. All frozen; offsets count characters (Python `str` indices) of the article's text."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from gazetteer.model import Candidate, Place


@dataclass(frozen=True, slots=True)
class Article:
    """One text with what is known of it."""

    id: str
    """Given by the input, or made from the canonical address, or else from the text: the same article keeps its id."""
    text: str
    title: str | None = None
    published: date | None = None
    url: str | None = None
    publisher: str | None = None
    language: str = "en"


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence of an article. Headlines, captions, bylines and page noise are sentences with a `role`."""

    start: int
    end: int
    text: str
    paragraph: int
    """Ordinal of the paragraph (block of text between line ends) it stands in, from 0."""
    role: str = "body"
    """body | headline | caption | byline | noise (comment forms, teasers, source lines): only body and headline are
    narrative."""


@dataclass(frozen=True, slots=True)
class DateMention:
    """A time expression, resolved to an interval of local days."""

    start: int
    end: int
    text: str
    first: date | None
    last: date | None
    """Both null when the expression hangs on another event (`anchor` = "event") or the publication date is unknown."""
    precision: int
    """UCDP date_prec: 1 day, 2 range of 2-6 days, 3 week, 4 month, 5 year (or longer)."""
    rule: str
    """Which rule read it, in words a reader understands: "weekday before publication"."""
    anchor: str = "publication"
    """absolute | publication | event"""
    offset: tuple[int, int] | None = None
    """For anchor "event": days (from, to) relative to the event it hangs on ("a night earlier" = (-1, 0), "two days
    later" = (2, 2), "hours later" = (0, 1))."""
    use: str = "point"
    """point | since (start of a period: "since April", "in recent weeks") | anniversary | future | duration"""


@dataclass(frozen=True, slots=True)
class Claim:
    """One statement in a report with its speaker."""

    kind: str
    """killed | wounded | responsibility | denial | status | place"""
    text: str
    start: int
    end: int
    """Span of the sentence that says so."""
    speaker: str | None = None
    verb: str | None = None
    hedge: str | None = None
    """"at least", "about", "up to", "dozens"."""
    low: int | None = None
    best: int | None = None
    high: int | None = None
    who: str | None = None
    """Of whom the figure speaks: "militiamen", "a child"."""
    subset: bool = False
    """True for a part of another figure ("including two children"): shown, never counted."""


class MentionKind(StrEnum):
    """What sort of words name the place."""

    NAME = "name"
    """A name alone: "Irbil"."""
    FACILITY = "facility"
    """A name with its type: "al-Omar oil field", "Diyala province"."""
    PART = "part"
    """A part of a country: "eastern Syria"."""
    BORDER = "border"
    """A border or one side of it: "the Iraq-Syria border"."""
    DESCRIPTION = "description"
    """Words without a name: "the same air base", resolved inside the article."""
    DEMONYM = "demonym"
    """"Iraqi", "Syrians": a country by association; never a scene on its own."""
    GIVEN = "given"
    """A span that the caller gave."""


@dataclass(frozen=True, slots=True)
class Mention:
    """A span of an article that names or describes a place."""

    start: int
    end: int
    text: str
    kind: MentionKind
    name: str
    """The bare name to look up ("al-Omar" of "al-Omar oil field"); empty for descriptions."""
    type_codes: tuple[str, ...] = ()
    """GeoNames feature codes that the words ask for ("oil field" -> OILF), most fitting first."""
    direction: str | None = None
    """For parts: N NE E SE S SW W NW C. For relative places: the direction from the name."""
    distance_m: float | None = None
    """For "30 km north of Mosul"."""
    near: bool = False
    """The words say near, outside, around, on the outskirts of."""
    other_name: str | None = None
    """For borders: the other country's name."""
    side: str | None = None
    """For borders: the country on whose side it lies, as named."""


@dataclass(frozen=True, slots=True)
class Resolution:
    """The verdict on a mention."""

    mention: Mention
    place: Place | None
    probability: float
    reason: str
    """In words a reader understands: "the only oil field of this name", "country named in the text"."""
    runners_up: tuple[Candidate, ...] = ()
    radius_m: int | None = None
    """How far from the place's point the described spot may lie; null when there is no place."""
    geo_precision: int | None = None
    """UCDP where_prec of the described spot, 1-7."""


@dataclass(frozen=True, slots=True)
class Report:
    """One article's account of one incident."""

    key: str
    """Stable for the same article and words: made from the article's id and the telling sentence."""
    article_id: str
    title: str
    event_type: str
    sub_event_type: str
    stage: str
    status: str
    date_start: date | None
    date_end: date | None
    date_precision: int | None
    date_text: str | None
    place: Place | None
    place_text: str | None
    geo_precision: int | None
    radius_m: int | None
    geo_method: str | None
    actor_1: str | None
    actor_2: str | None
    weapon: str | None
    claims: tuple[Claim, ...]
    evidence: tuple[tuple[int, int], ...]
    """Spans of the sentences that report it, the telling one first."""
    confidence: float
    response_to: str | None = None
    """Key of the report in the same article that this one answers ("responded with artillery fire"): never merged."""
    country_code: str | None = None
    """The country of the scene, also where `place` is a border or unknown."""
    rival_places: tuple[str, ...] = ()
    known_event: str | None = None
    """Id of the well-known event that the words recall (`landmarks`): reports of one are one incident."""


@dataclass(frozen=True, slots=True)
class Incident:
    """One event in the world, merged from its reports."""

    id: str
    reports: tuple[Report, ...]
    """The leading report (finest place and date) first, the others by key."""
    aliases: tuple[str, ...] = ()
    related: tuple[str, ...] = ()
    """Ids of incidents that this one answers."""
