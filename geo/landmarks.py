"""Well-known events that news recalls in passing, without place or date: "the killing of ...", "the Bataclan attack".

A sentence that recalls one of them reports no new incident; it tells where and when the old one was although it names
neither. The events stand in `data/landmark_events.json`, written for this project from general knowledge; tolls are
what is generally reported, with the spread of the sources. Whoever uses a hit asks `compatible` whether the article's
own dates and places speak against it.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from importlib.resources import files
from typing import Any

from shapely.geometry import Point

from geo.model import Sentence


@dataclass(frozen=True, slots=True)
class LandmarkEvent:
    """A well-known event, with what is generally reported of it."""

    id: str
    labels: tuple[str, ...]
    """Whole wordings: "Easter Sunday bombings", "downing of MH17"."""
    names: tuple[str, ...]
    """Names that recall it together with one of `words`: "Bataclan" with "attack", "massacre at ..."."""
    words: tuple[str, ...]
    """The family of words that `names` need."""
    victims: tuple[str, ...]
    """Full names of persons whose killing it was."""
    surnames: tuple[str, ...]
    """Surnames rare enough to serve alone next to a word of killing."""
    sub_event_type: str
    """ACLED sub-event type."""
    date_start: date
    date_end: date
    place_name: str
    country_code: str | None
    """ISO 3166-1 alpha-2 of the scene; null at sea."""
    point: Point
    """Scene, x = longitude, y = latitude, EPSG:4326."""
    radius_km: float
    """Within which distance of `point` the scene lies."""
    killed_low: int
    killed_high: int
    known: str
    """How it is known, in one line."""


@dataclass(frozen=True, slots=True)
class Landmark:
    """A span of an article that recalls a well-known event. Offsets count characters of the article, half-open."""

    start: int
    end: int
    text: str
    event: LandmarkEvent


def compatible(
    event: LandmarkEvent,
    published: date | None,
    country_codes: set[str],
    interval: tuple[date, date] | None,
) -> bool:
    """True when nothing in the text contradicts that it speaks of `event`.

    `published`: the article's date; an article older than the event cannot recall it. `country_codes`: ISO codes of the
    countries that the clause names as scenes; empty when it names none. `interval`: first and last day that the clause
    gives for the event; null when it gives none. Dates are compared with a day to spare on both sides.
    """
    day = timedelta(days=1)
    if published is not None and published < event.date_start - day:
        return False
    if country_codes and event.country_code is not None and event.country_code not in country_codes:
        return False
    return interval is None or (interval[0] - day <= event.date_end and event.date_start - day <= interval[1])


def find(sentence: Sentence) -> tuple[Landmark, ...]:
    """The well-known events that `sentence` recalls, in order, each once, never overlapping. Linear in its length.

    By a label, by a name with a word of its family next to it, or by a victim's name with a word of killing. A surname
    alone is never enough, and a year beside the words must be the event's.
    """
    words = _words(sentence.text)
    hits = sorted(_hits(words), key=lambda hit: (hit[0], -hit[1], hit[2].date_start, hit[2].id))
    found: list[Landmark] = []
    known: set[str] = set()
    free = 0
    for first, end, event in hits:
        if first < free or event.id in known or not _year_fits(words, first, end, event):
            continue
        free = end
        known.add(event.id)
        a, b = words[first].start, words[end - 1].end
        found.append(Landmark(sentence.start + a, sentence.start + b, sentence.text[a:b], event))
    return tuple(found)


@cache
def events() -> tuple[LandmarkEvent, ...]:
    """All events, oldest first."""
    data: dict[str, Any] = json.loads((files("geo") / "data" / "landmark_events.json").read_text(encoding="utf-8"))
    return tuple(
        LandmarkEvent(
            id=row["id"],
            labels=tuple(row["labels"]),
            names=tuple(row["names"]),
            words=tuple(row["words"]),
            victims=tuple(row["victims"]),
            surnames=tuple(row["surnames"]),
            sub_event_type=row["sub_event_type"],
            date_start=date.fromisoformat(row["date_start"]),
            date_end=date.fromisoformat(row["date_end"]),
            place_name=row["place_name"],
            country_code=row["country_code"],
            point=Point(row["lon"], row["lat"]),
            radius_km=row["radius_km"],
            killed_low=row["killed_low"],
            killed_high=row["killed_high"],
            known=row["known"],
        )
        for row in data["events"]
    )


# --------------------------------------------------------------------------------------------------------------------
# Words
# --------------------------------------------------------------------------------------------------------------------

_WORD = re.compile(r"(?:[A-Za-z]\.){2,}|[^\W_]+(?:['’‘ʼʿ`][^\W_]+)*")
_MARKS = re.compile(r"['’‘ʼʿ`.]")


@dataclass(frozen=True, slots=True)
class _Word:
    start: int
    end: int
    key: str
    """Lower case, without accents, apostrophes and dots."""
    capital: bool
    possessive: bool
    gap: str
    """The mark between the word before and this one: blank, hyphen, or the first sign of punctuation."""


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


def _key(text: str) -> str:
    if text.isascii():
        return text.lower() if text.isalnum() else _MARKS.sub("", text).lower()
    plain = "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))
    # Letters that do not decompose: the strokes and the dotless i.
    return _MARKS.sub("", plain.translate({0xF8: "o", 0xD8: "O", 0x142: "l", 0x141: "L", 0x131: "i"})).casefold()


def _words(text: str) -> list[_Word]:
    words: list[_Word] = []
    last = 0
    for match in _WORD.finditer(text):
        start, end = match.span()
        word, possessive = match.group(), False
        if word[-2:] in ("'s", "’s", "'S", "’S"):
            word, end, possessive = word[:-2], end - 2, True
        elif word[-1] in "sS" and text[end : end + 1] in ("'", "’"):
            possessive = True
        # An apostrophe alone closes a plural possessive or opens a quotation: neither parts a name.
        between = text[last:start].strip("'’ \t\n\xa0")
        gap = between[0] if between else ("" if not words else " ")
        words.append(_Word(start, end, _key(word), word[0].isupper(), possessive, gap))
        last = match.end()
    return words


# --------------------------------------------------------------------------------------------------------------------
# The index: one tree of words for labels, names and victims
# --------------------------------------------------------------------------------------------------------------------

_LABEL, _NAME, _VICTIM, _SURNAME = "label", "name", "victim", "surname"


@dataclass(frozen=True, slots=True)
class _Entry:
    kind: str
    event: LandmarkEvent
    capitals: tuple[bool, ...]
    """Which words must begin with a capital; none for labels."""
    words: tuple[tuple[str, ...], ...] = ()
    """For names: the family of words, cut."""


class _Node:
    """A knot of the word tree."""

    __slots__ = ("entries", "next")

    def __init__(self) -> None:
        self.next: dict[str, _Node] = {}
        self.entries: list[_Entry] = []


@cache
def _index() -> _Node:
    root = _Node()
    for event in events():
        family = tuple(tuple(w.key for w in _words(word)) for word in event.words)
        forms = (
            *((_LABEL, text) for text in event.labels),
            *((_NAME, text) for text in event.names),
            *((_VICTIM, text) for text in event.victims),
            *((_SURNAME, text) for text in event.surnames),
        )
        for kind, text in forms:
            cut = _words(text)
            node = root
            for word in cut:
                node = node.next.setdefault(word.key, _Node())
            capitals = tuple(word.capital and kind != _LABEL for word in cut)
            node.entries.append(_Entry(kind, event, capitals, family if kind == _NAME else ()))
    return root


_INNER_GAPS = frozenset((" ", "-", "‐", "‑", "–", "/", ".", ",", '"', "“", "”"))


def _matches(words: list[_Word], at: int) -> Iterator[tuple[int, _Entry]]:
    """(word after the last, entry) of everything in the index that begins at word `at`."""
    node, i = _index(), at
    while i < len(words) and (i == at or words[i].gap in _INNER_GAPS):
        found = node.next.get(words[i].key)
        if found is None:
            return
        node, i = found, i + 1
        for entry in node.entries:
            if all(words[at + k].capital for k, wanted in enumerate(entry.capitals) if wanted):
                yield i, entry


# --------------------------------------------------------------------------------------------------------------------
# The rules
# --------------------------------------------------------------------------------------------------------------------

_KILLING_NOUNS = _set("killing assassination murder slaying death execution beheading poisoning shooting lynching")
_KILLING_VERBS = _set(
    "killed kill kills killing assassinated assassinate assassinating murdered murder murdering slain executed "
    "poisoned beheaded shot slew gunned"
)
_KILLED = _set("killed assassinated murdered slain executed poisoned beheaded shot gunned lynched hacked")
_BE = _set("was were been being is")
_AFTER_KILLED = _set("in by at near outside during on with along alongside")
_STOPS = _set(
    "by in at on for with from to after before when who said during near against since until under over like than "
    "about was were is has had but because while that which whose as says told where if into between without "
    "despite through"
)
_SAYING = _set("said says told announced added warned claimed wrote vowed insisted argued")
_NOT_QUITE = _set("nearly narrowly falsely not never almost")
_PLACING = _set("at in on of near outside inside")
_FILLERS = _set(
    "terror terrorist suicide mass school church mosque mosques nightclub theater theatre hotel mall market train "
    "bomb gun chemical deadly infamous militant islamist hamas led college elementary high university concert "
    "hall station festival airport truck car synagogue 2"
)
_TITLES = _set(
    "gen general maj major col colonel lt brig brigadier president prime minister commander leader chief mr mrs "
    "ms dr sheikh sheik mullah ayatollah senator sen journalist the and of killed kill kills killing assassinated "
    "when after adm archbishop sir father strongman dictator late slain cleric scientist founder critic writer "
    "columnist assassinate"
)
_MONTHS = _set("october oct september sept 7 11")


def _hits(words: list[_Word]) -> Iterator[tuple[int, int, LandmarkEvent]]:
    """(first word, word after the last, event), unsorted; victims' full names hide the surname inside them."""
    hidden = 0
    for i in range(len(words)):
        for end, entry in _matches(words, i):
            if entry.kind == _LABEL:
                yield i, end, entry.event
            elif entry.kind == _NAME:
                span = _with_word(words, i, end, entry)
                if span is not None:
                    yield *span, entry.event
            elif entry.kind == _VICTIM or (i >= hidden and _stands_alone(words, i)):
                hidden = max(hidden, end)
                span = _with_killing(words, i, end)
                if span is not None:
                    yield *span, entry.event


def _stands_alone(words: list[_Word], at: int) -> bool:
    """False when a first name that we do not know stands before the surname: another person."""
    if at == 0 or words[at].gap not in (" ", "-"):
        return True
    before = words[at - 1]
    return words[at].gap == " " and (not before.capital or before.possessive or before.key in _TITLES or at == 1)


def _is_year(word: _Word) -> bool:
    return len(word.key) == 4 and word.key.isdigit() and word.key[:2] in ("19", "20")


def _year_fits(words: list[_Word], first: int, end: int, event: LandmarkEvent) -> bool:
    """A year inside the words, right before them ("the 2015 Paris attacks") or after a preposition behind them ("in
    2015") must be one of the event's."""
    years = [w.key for w in words[first:end] if _is_year(w)]
    years += [w.key for w in words[max(0, first - 1) : first] if _is_year(w)]
    if end < len(words) and _is_year(words[end]) and words[end].gap in (" ", ","):
        years.append(words[end].key)
    if end + 1 < len(words) and words[end].key in ("in", "of", "on") and words[end].gap == " ":
        years += [w.key for w in words[end + 1 : end + 5] if _is_year(w)][:1]
    return all(event.date_start.year <= int(year) <= event.date_end.year for year in years)


def _family_at(words: list[_Word], at: int, family: tuple[tuple[str, ...], ...]) -> int | None:
    """Word after the longest family word that begins at `at`."""
    best: int | None = None
    for form in family:
        stop = at + len(form)
        if stop <= len(words) and all(words[at + k].key == key for k, key in enumerate(form)):
            best = max(best or 0, stop)
    return best


def _with_word(words: list[_Word], first: int, end: int, entry: _Entry) -> tuple[int, int] | None:
    """The span of a name and its word: "Bataclan concert hall attack", "the attack on the Bataclan"."""
    for i in range(end, min(end + 5, len(words))):
        if words[i].gap not in _INNER_GAPS or words[i].gap in ('"', "“", "."):
            break
        stop = _family_at(words, i, entry.words)
        if stop is not None:
            return first, stop
        if words[i].key not in _FILLERS and not _is_year(words[i]):
            break
    dated = words[first].key in _MONTHS
    i, steps = first - 1, 0
    while i >= 0 and steps < (9 if dated else 5) and words[i + 1].gap in (" ", "-", ","):
        if words[i].key in _PLACING:
            for start in range(i - 1, max(i - 4, -1), -1):
                stop = _family_at(words, start, entry.words)
                if stop == i:
                    return start, end
            if not dated:
                return None
        elif words[i].key in _STOPS:
            return None
        i, steps = i - 1, steps + 1
    return None


def _with_killing(words: list[_Word], first: int, end: int) -> tuple[int, int] | None:
    """The span of a victim's name and the word of killing that goes with it."""
    if words[end - 1].possessive:
        # "Soleimani's killing"
        for i in range(end, min(end + 3, len(words))):
            if words[i].gap != " ":
                return None
            if words[i].key in _KILLING_NOUNS:
                return first, i + 1
        return None
    return _killing_before(words, first, end) or _killed_after(words, first, end)


def _killing_before(words: list[_Word], first: int, end: int) -> tuple[int, int] | None:
    """ "The killing of [titles] NAME", "a strike that killed [titles] NAME"."""
    speaks = end < len(words) and words[end].key in _SAYING
    comma = False
    for i in range(first - 1, max(first - 12, -1), -1):
        gap = words[i + 1].gap
        if gap not in _INNER_GAPS or gap == "/":
            return None
        comma = comma or gap == ","
        if comma and speaks:
            return None
        key = words[i].key
        if key == "of":
            killing = _killing_of(words, i)
            if killing is not None:
                return killing, end
            if i == first - 1:
                # "killed a son of NAME"
                return None
        elif key in _KILLING_VERBS and not (i > 0 and words[i - 1].key in _BE):
            return i, end
        elif key in _STOPS:
            return None
    return None


def _killing_of(words: list[_Word], of: int) -> int | None:
    """The word of killing that this "of" belongs to: "killing of", "killing in January of", "killing by a drone of"."""
    if of > 0 and words[of - 1].key in _KILLING_NOUNS:
        return of - 1
    for i in range(of - 2, max(of - 7, -1), -1):
        if words[i].key == "of":
            return None
        if words[i].key in _KILLING_NOUNS:
            return i if words[i + 1].key in ("in", "by", "at", "near", "last", "on", "this") else None
    return None


def _killed_after(words: list[_Word], first: int, end: int) -> tuple[int, int] | None:
    """ "NAME was killed", "NAME, the general, was assassinated", "NAME and others were killed", "NAME killed in"."""
    if (
        end + 1 < len(words)
        and words[end].gap == " "
        and words[end].key in _KILLED
        and words[end + 1].key in _AFTER_KILLED
    ):
        return first, end + 1
    apposition = end < len(words) and words[end].gap == ","
    others = end < len(words) and words[end].key in ("and", "who")
    for i in range(end, min(end + (12 if apposition else 7 if others else 2), len(words))):
        if words[i].gap not in _INNER_GAPS or words[i].key in ("whose", "where", "which", "that"):
            return None
        if words[i].key in _BE:
            at = i + 1
            while at < len(words) and (words[at].key in _BE or words[at].key.endswith("ly")):
                if words[at].key in _NOT_QUITE:
                    return None
                at += 1
            if at < len(words) and words[at].key in _KILLED:
                return first, at + 1
            return None
    return None
