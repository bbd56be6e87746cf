"""One article's accounts of incidents: which events it tells, and where, when, by whom and with what toll.

The article is read in order, as a reader does. Each sentence gives tellings (`events` finds the words, this room binds place,
date, actors and figures to them). A telling joins an event told before unless something speaks against it: another date,
another place, another kind, or words such as "separately", "another", "earlier", "in response". What stays without a place
or without support is dropped: a missed incident is a gap, a wrong pin is a lie.
"""

from __future__ import annotations

import hashlib
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from itertools import pairwise

from geopy.distance import geodesic, great_circle
from shapely.geometry import Point

from gazetteer.model import Place
from geo import actors as acting
from geo import dates as timing
from geo import events, figures, landmarks
from geo.actors import Actor
from geo.events import Trigger
from geo.model import Article, Claim, DateMention, MentionKind, Report, Resolution, Sentence
from geo.placewords import SPEECH

NEAR_KM = 30.0
"""Two exact places of one article this close can be one scene."""


@dataclass(slots=True)
class _When:
    first: date
    last: date
    precision: int
    text: str | None
    rule: str
    weak: bool = False
    """The date of the statement, not surely of the event: "said Monday"."""

    def meets(self, other: _When) -> bool:
        slack = timedelta(1 if max(self.precision, other.precision) == 2 else 0)
        for said, told in ((self, other), (other, self)):
            if said.weak:  # told on that day: it happened then or in the days before
                return told.first <= said.last + slack and told.last >= said.first - timedelta(6)
        return self.first - slack <= other.last and other.first - slack <= self.last


@dataclass(slots=True)
class _Telling:
    """One sentence's words about one event."""

    sentence: Sentence
    triggers: list[Trigger]
    family: str
    scenes: list[Resolution] = field(default_factory=list)
    scene_text: str | None = None
    when: _When | None = None
    offset: DateMention | None = None
    doer: Actor | None = None
    target: Actor | None = None
    weapon: str | None = None
    claims: list[Claim] = field(default_factory=list)
    landmark: landmarks.Landmark | None = None
    accident: bool = False
    background: bool = False

    @property
    def trigger(self) -> Trigger:
        return self.triggers[0]

    @property
    def fine(self) -> list[Resolution]:
        return [s for s in self.scenes if not _whole_country(s)]


@dataclass(slots=True)
class _Event:
    """One event of the article, from its tellings."""

    tellings: list[_Telling]
    family: str
    when: _When | None
    main: bool = False
    answers: _Event | None = None
    earlier: bool = False

    @property
    def fine(self) -> list[Resolution]:
        return [s for t in self.tellings for s in t.fine]

    @property
    def countries(self) -> set[str]:
        return {c for t in self.tellings for s in t.scenes if (c := _country_of(s))}


def extract(
    article: Article,
    sentences: Sequence[Sentence],
    resolutions: Sequence[Resolution],
    dates: Sequence[DateMention],
) -> tuple[Report, ...]:
    """The reports of one article, the main event first. Arguments as `sentences.split`, `resolving.resolve` and
    `dates.find` give them."""
    body = [s for s in sentences if s.role == "body"]
    if not body or _not_news_of_violence(body):
        return ()
    read = _Reader(article, resolutions, dates)
    for sentence in body:
        read.sentence(sentence)
    return read.reports()


class _Reader:
    """Reads the sentences in order and keeps the events told so far."""

    def __init__(self, article: Article, resolutions: Sequence[Resolution], dates: Sequence[DateMention]) -> None:
        self.article = article
        self.resolutions = resolutions
        self.dates = dates
        self.events: list[_Event] = []
        self.focus: _Event | None = None
        self.count = 0
        self.read: list[Sentence] = []
        self.clock: _When | None = None
        """The running time of the story: the last date told, also of something that is no incident."""

    # -- one sentence --------------------------------------------------------------------------------------------

    def sentence(self, sentence: Sentence) -> None:
        self.count += 1
        self.read.append(sentence)
        places = [r for r in self.resolutions if sentence.start <= r.mention.start < sentence.end]
        dates = [d for d in self.dates if sentence.start <= d.start < sentence.end]
        tellings = self._tellings(sentence, places, dates)
        claims = list(figures.find(sentence))
        joined: list[_Event] = []
        for telling in tellings:
            event = self._place_in_story(telling)
            if event is not None:
                joined.append(event)
                self.focus = event  # what else the sentence tells hangs on it
        if joined:
            self.focus = joined[0]
        self._assign_claims(sentence, tellings, claims, joined)
        for mention in dates:
            if mention.first and mention.last and mention.use == "point" and mention.precision <= 2:
                self.clock = _When(mention.first, mention.last, mention.precision, mention.text, mention.rule)

    def _tellings(self, sentence: Sentence, places: list[Resolution], dates: list[DateMention]) -> list[_Telling]:
        text = sentence.text
        memory = events.is_memory(text) or any(d.use == "anniversary" for d in dates)
        if events.is_about_games(text):
            return []
        found = list(events.find(sentence))
        real = [t for t in found if t.unreal is None or (t.unreal == "summed up" and _dated(t, dates, sentence))]
        marks = landmarks.find(sentence)
        tellings: list[_Telling] = []
        cuts = events.clauses(text)

        def clause_of(position: int) -> int:
            return next((i for i, (a, b) in enumerate(cuts) if a <= position - sentence.start < b), 0)

        for trigger in real:
            home = None
            for telling in reversed(tellings):
                if _same_telling(
                    telling,
                    trigger,
                    clause_of,
                    text[telling.triggers[-1].end - sentence.start : trigger.start - sentence.start],
                ):
                    home = telling
                    break
            if home is None:
                tellings.append(_Telling(sentence, [trigger], trigger.family))
            else:
                home.triggers.append(trigger)
                home.family = _finer(home.family, trigger.family)
        people = acting.find(sentence)
        for telling in tellings:
            first, last = telling.triggers[0], telling.triggers[-1]
            others = [t for t in tellings if t is not telling]
            rivals = [t.start for o in others for t in o.triggers] + [t.start for t in found if t.unreal]
            telling.scenes = _scenes(telling, places, sentence, rivals)
            opening = events.clause(text, first.start - sentence.start)[0]
            if first.definite and _CONDEMNED.search(text[opening : first.start - sentence.start]):
                telling.scenes = []  # "condemned the shelling in the capital": where it was said
            if telling.scenes:
                telling.scene_text = _quote(sentence, telling.scenes)
            telling.when, telling.offset = _when(telling, dates, sentence, clause_of, others)
            telling.doer, telling.target = acting.roles(sentence, first.start, first.end, people)
            for trigger in telling.triggers[1:]:
                if telling.doer is None or telling.target is None:
                    doer, target = acting.roles(sentence, trigger.start, trigger.end, people)
                    telling.doer, telling.target = telling.doer or doer, telling.target or target
            if (
                telling.family == "bomb"
                and any(t.text.casefold() == "bombed" for t in telling.triggers)
                and telling.doer
                and telling.doer.type == "state force"
            ):
                telling.family = "air"
            if all(t.family == "harm" for t in telling.triggers) and events.is_toll(text):
                telling.when, telling.offset = None, None
            a, _ = events.clause(text, first.start - sentence.start)
            b = events.clause(text, last.start - sentence.start)[1]
            named = (acting.weapon(t.text) for t in telling.triggers)
            telling.weapon = next((w for w in named if w), None) or acting.weapon(text[a:b])
            telling.accident = events.is_accident(text)
            # "had" tells of something older, unless it is only what somebody said had happened.
            telling.background = (
                telling.when is None
                and bool(re.search(r"\bhad\b(?! (?:been )?(?:reported|said|confirmed))", text[a:b]))
                and not _SPOKEN.search(text[: first.start - sentence.start])
            )
            for mark in marks:
                if clause_of(mark.start) == clause_of(first.start) or len(tellings) == 1:
                    telling.landmark = mark
        # What a court or an anniversary recalls is told only where it is well known, or still news.
        return [
            t
            for t in tellings
            if t.landmark is not None
            or not (events.is_court_case(text, t.trigger.start - sentence.start) or memory)
            or (
                memory
                and not events.is_court_case(text, t.trigger.start - sentence.start)
                and t.when is not None
                and not t.when.weak
                and _recent(t.when, self.article.published)
            )
        ]

    # -- into the story ------------------------------------------------------------------------------------------

    def _place_in_story(self, telling: _Telling) -> _Event | None:
        trigger = telling.trigger
        if telling.accident and telling.family in events.OPEN and not any(t.strong for t in telling.triggers):
            return None
        if telling.when is None and telling.offset is not None:
            base = self.focus.when if self.focus and self.focus.when else None
            if (self.clock is not None and base is None) or (
                self.clock is not None and re.match(r"hours|the same|that", telling.offset.text, re.IGNORECASE)
            ):
                base = self.clock
            if base is not None:
                first, last, precision = timing.combine((base.first, base.last), telling.offset)
                telling.when = _When(first, last, precision, telling.offset.text, telling.offset.rule)
        if telling.landmark is not None and not self._fits_landmark(telling):
            telling.landmark = None
        if (
            telling.when is None
            and telling.landmark is None
            and self.focus is not None
            and self.focus.tellings[-1].sentence is telling.sentence
        ):
            known = next((t.landmark.event for t in self.focus.tellings if t.landmark), None)
            if known is not None:  # "the killing of X prompted missile attacks": soon after it
                telling.when = _When(
                    known.date_end,
                    known.date_end + timedelta(13),
                    3,
                    None,
                    "soon after the well-known event it answers",
                )
        best: tuple[float, int] | None = None
        for i, event in enumerate(self.events):
            score = self._fit(telling, event)
            if score is not None and (best is None or score > best[0]):
                best = (score, i)
        if best is not None and best[0] >= 1.0:
            event = self.events[best[1]]
            event.tellings.append(telling)
            event.family = _finer(event.family, telling.family)
            if telling.when is not None and (
                event.when is None
                or (event.when.weak and not telling.when.weak)
                or (not telling.when.weak and telling.when.precision < event.when.precision)
            ):
                event.when = telling.when
            return event
        if not self._supported(telling):
            return None
        event = _Event([telling], telling.family, telling.when, main=not self.events and self.count <= 6)
        if trigger.answer and self.focus is not None:
            event.answers = self.focus
            here = telling.sentence.paragraph - self.focus.tellings[-1].sentence.paragraph <= 1 and telling.when is None
            if not telling.scenes and self.focus.fine and here and telling.family not in events.OPEN:
                telling.scenes = [_vicinity(self.focus.fine[0])]
                telling.scene_text = None
            if event.when is None:
                event.when = self.focus.when
        event.earlier = trigger.earlier and telling.when is None
        if self.focus is not None and event.when is None and self._another_scene(telling):
            event.when = self.focus.when
            if event.family in events.OPEN:
                event.family = self.focus.family
        self.events.append(event)
        return event

    def _fits_landmark(self, telling: _Telling) -> bool:
        mark = telling.landmark
        if mark is None:
            return False
        codes = {c for s in telling.scenes if (c := _country_of(s))}
        interval = (telling.when.first, telling.when.last) if telling.when and not telling.when.weak else None
        return landmarks.compatible(mark.event, self.article.published, codes, interval)

    def _fit(self, telling: _Telling, event: _Event) -> float | None:
        """How well a telling fits an event told before; None where something speaks against it."""
        trigger = telling.trigger
        mine = {t.landmark.event.id for t in event.tellings if t.landmark}
        if telling.landmark is not None:
            return 5.0 if telling.landmark.event.id in mine else None
        if mine:
            return None
        published = self.article.published
        undated = event.main and event.when is None
        if undated and telling.when is not None and published is not None and (published - telling.when.last).days > 14:
            return None  # the main event is news; this is older
        score = 0.0
        same = telling.family == event.family
        if not same and telling.family not in events.OPEN and event.family not in events.OPEN:
            if frozenset((telling.family, event.family)) not in _MIXED:
                return None
        elif same and telling.family not in events.OPEN:
            score += 1.0
        else:
            score += 0.5
        if trigger.answer and telling.family not in events.OPEN and not same:
            return None
        if trigger.answer and event.answers is None and not trigger.definite:
            return None
        if telling.when is not None and event.when is not None:
            if not telling.when.meets(event.when):
                return None
            score += 0.5 if telling.when.weak or event.when.precision >= 4 else 1.5
        elif telling.when is not None and event.when is None and (event.earlier or trigger.earlier):
            return None
        if trigger.earlier and telling.when is None:
            if not event.earlier:
                return None
            score += 1.0
        elif event.earlier and telling.when is None:
            score -= 0.5
        fit = _place_fit(telling, event)
        if fit is None:
            return None
        score += fit
        if _is_new(trigger) and not _is_new(event.tellings[0].trigger):
            return None
        if trigger.definite:
            score += 0.8
        score += _like(telling, event)
        if event is self.focus:
            score += 0.7
        if event.main:
            score += 0.3
        if telling.background and telling.when is None and not trigger.definite and telling.fine and fit < 1.0:
            score -= 1.0
        return score

    def _supported(self, telling: _Telling) -> bool:
        """Is there enough to make an event of its own?"""
        trigger = telling.trigger
        strong = any(t.strong for t in telling.triggers) or (telling.weapon is not None and len(telling.triggers) >= 1)
        if telling.landmark is not None:
            return True
        told = {t.sentence.start for e in self.events for t in e.tellings}
        lede = self.count <= 6 and told <= {telling.sentence.start}
        if self._another_scene(telling):
            return True
        if telling.family == "harm" and not any(t.family != "harm" for t in telling.triggers):
            # Deaths alone: only the lede's, or with a place and a date of their own.
            if lede and telling.fine:
                return True
            if telling.weapon is None and not (
                telling.fine and telling.when and not telling.when.weak and telling.when.precision <= 4
            ):
                return False
        elif not strong:
            return False
        if trigger.definite and not telling.when and not lede and not telling.scenes:
            return False
        if lede and telling.family in events.OPEN and not telling.scenes and telling.weapon is None:
            # "attacked the government over power cuts": words, unless somebody armed or hurt stands beside them.
            armed = {"state force", "rebel", "militia", "extremist", "criminal", "police"}
            people = {a.type for a in (telling.doer, telling.target) if a is not None}
            return bool(people & armed) or len(telling.triggers) >= 2 or bool(figures.find(telling.sentence))
        if lede:
            return True
        if trigger.answer and self.focus is not None:
            return True
        if trigger.earlier and telling.when is None:
            return bool(telling.fine)
        if telling.when is not None and not telling.when.weak and telling.when.precision == 1:
            return True  # kept even without a place: later sentences may name it, and nothing else may take its answer
        return bool(telling.scenes) and (telling.when is not None or (bool(telling.fine) and not telling.background))

    def _another_scene(self, telling: _Telling) -> bool:
        """ "In X, 27 were killed": the next scene of an event told as several."""
        if self.focus is None or not telling.fine or telling.when is not None or telling.background:
            return False
        recent = self.focus.tellings[-1].sentence
        scene = telling.fine[0]
        opening = telling.sentence.text[: scene.mention.start - telling.sentence.start]
        return (
            telling.sentence.paragraph - recent.paragraph <= 1
            and bool(
                re.fullmatch(
                    r"(?:And |But |Meanwhile, )?(?:In|At|Near|Outside|Around)[  ](?:the[  ])?(?:[\w-]+[  ]){0,3}",
                    opening,
                )
            )
            and not re.search(r"\b(?:in|at|to)[  ](?:\w+[  ])?hospitals?\b", telling.sentence.text)
            and (not self.focus.countries or _country_of(scene) in self.focus.countries)
        )

    def _assign_claims(
        self, sentence: Sentence, tellings: list[_Telling], claims: list[Claim], joined: list[_Event]
    ) -> None:
        if not claims:
            return
        own = [t for t in tellings if any(t in e.tellings for e in joined)]
        if own:
            for claim in claims:
                harm = [t for t in own if any(x.family in ("harm", "shooting", "suicide", "bomb") for x in t.triggers)]
                (harm or own)[0].claims.append(claim)
            return
        if self.focus is None or tellings:
            return
        unreal = [t for t in events.find(sentence) if t.unreal not in (None, "negated")]
        if (
            unreal
            or events.is_court_case(sentence.text)
            or events.is_accident(sentence.text)
            or events.is_memory(sentence.text)
        ):
            return
        recent = self.focus.tellings[-1]
        if sentence.paragraph - recent.sentence.paragraph <= 3:
            recent.claims.extend(claims)
            if all(recent.sentence.start != s.start for s in (sentence,)):
                self.focus.tellings.append(
                    _Telling(
                        sentence,
                        [
                            Trigger(
                                sentence.start,
                                sentence.start,
                                "",
                                "harm",
                                False,
                                False,
                                True,
                                False,
                                False,
                                False,
                                False,
                                None,
                            )
                        ],
                        self.focus.family,
                    )
                )

    # -- out of the story ----------------------------------------------------------------------------------------

    def reports(self) -> tuple[Report, ...]:
        published = self.article.published
        main = next((e for e in self.events if e.main), None)
        if main is not None and main.when is None and published is not None:
            main.when = _When(
                published - timedelta(1), published, 2, None, "no date in the text: publication day or the day before"
            )
        if main is not None and not any(t.scenes for t in main.tellings):
            self._place_from_around(main)
        made: list[tuple[_Event, Report]] = []
        for event in self.events:
            if event.when is None and not any(t.landmark for t in event.tellings):
                if event.earlier and published is not None:
                    until = (main.when.first if main and main.when else published) - timedelta(3)
                    event.when = _When(
                        until - timedelta(365), until, 5, None, "“earlier”: some time in the year before"
                    )
                elif main is not None and main.when is not None and event is not main:
                    event.when = _When(
                        main.when.first,
                        main.when.last,
                        max(2, main.when.precision),
                        None,
                        "no date of its own: as the main event",
                    )
            made.extend((event, report) for report in self._report(event))
        keys = {id(event): report.key for event, report in reversed(made)}
        return tuple(
            report
            if event.answers is None or id(event.answers) not in keys
            else _answering(report, keys[id(event.answers)])
            for event, report in made
        )

    def _place_from_around(self, event: _Event) -> None:
        """The main event named no place in its own sentences: take the finest that the next few name, less surely."""
        taken = {t.sentence.start for e in self.events if e is not event for t in e.tellings}
        # Where the text names a place that the gazetteer lacks, another town is not it; the area around may be.
        unknown = any(
            r.place is None and t.sentence.start <= r.mention.start < t.sentence.end
            for t in event.tellings
            for r in self.resolutions
            if r.mention.kind in (MentionKind.NAME, MentionKind.FACILITY)
        )
        wanted = (3, 4) if unknown else (1, 2, 3, 4)
        for telling in event.tellings[:2]:
            if any(
                r.place is not None and (r.geo_precision or 6) <= 5 and r.mention.kind is not MentionKind.DEMONYM
                for r in self.resolutions
                if telling.sentence.start <= r.mention.start < telling.sentence.end
            ):
                return  # its own sentence names places, and none of them is the scene
            at = self.read.index(telling.sentence)
            around = [
                s
                for s in self.read[at : at + 4]
                if s.start not in taken and s.paragraph - telling.sentence.paragraph <= 1
            ]
            found = [
                r
                for s in around
                for r in self.resolutions
                if s.start <= r.mention.start < s.end
                and r.place is not None
                and (r.geo_precision or 6) in wanted
                and r.mention.kind in (MentionKind.NAME, MentionKind.FACILITY)
                and _stands_in_place(s.text, r.mention.start - s.start)
            ]
            if found:
                best = min(found, key=lambda r: (_coarseness(r), r.mention.start))
                telling.scenes = [
                    replace(
                        best,
                        probability=round(best.probability * 0.6, 3),
                        reason=f"{best.reason}; named near the event, not with it",
                    )
                ]
                return

    def _report(self, event: _Event) -> list[Report]:
        scenes = _distinct_scenes(event)
        mark = next((t.landmark for t in event.tellings if t.landmark), None)
        reports = []
        for n, (scene, tellings) in enumerate(scenes or [(None, event.tellings)]):
            if n == 0:
                placeless = [
                    t
                    for t in event.tellings
                    if not any(_country_of(s) or _is_fine_without_country(s) for s in t.scenes)
                ]
                tellings = [t for t in event.tellings if t in tellings or t in placeless]
            report = self._one(event, scene, tellings, mark)
            if report is not None:
                reports.append(report)
        return reports

    def _one(
        self, event: _Event, scene: Resolution | None, tellings: list[_Telling], mark: landmarks.Landmark | None
    ) -> Report | None:
        family = event.family
        lead = next((t for t in tellings if scene is not None and scene in t.scenes), tellings[0])
        ordered = [lead] + [t for t in tellings if t is not lead]
        weapon = next((t.weapon for t in ordered if t.weapon), None)
        if family in events.OPEN:
            family = _by_weapon(weapon) or _by_context(self.article.text, event) or "attack"
        doer = next((t.doer for t in ordered if t.doer), None)
        if event.family == "harm" and weapon is None and doer is None:
            return None  # deaths, and nothing that says somebody was attacked
        target = next((t.target for t in ordered if t.target), None)
        if (
            family == "attack"
            and doer
            and target
            and {doer.type, target.type}
            <= {"state force", "rebel", "militia", "extremist", "police", "criminal", "international"}
        ):
            family = "clash"
        event_type, sub_type = events.TYPES[family]
        place, text, precision, radius, method = _where(scene, lead)
        when = event.when
        confidence = (
            0.5 + 0.2 * any(t.strong for x in tellings for t in x.triggers) + 0.1 * (when is not None and not when.weak)
        )
        if mark is not None:
            known = mark.event
            sub_type = known.sub_event_type
            event_type = next((a for a, b in events.TYPES.values() if b == sub_type), event_type)
            if when is None or when.precision >= 3 or when.weak:
                when = _When(
                    known.date_start,
                    known.date_end,
                    1 if known.date_start == known.date_end else 2,
                    when.text if when else None,
                    f"a well-known event: {_landmark_name(known)}",
                )
            if scene is None or _whole_country(scene):
                place, precision, radius = (
                    _landmark_place(known),
                    (1 if known.radius_km <= 5 else 2),
                    int(known.radius_km * 1000),
                )
                text, method = (
                    text,
                    f"a well-known event: {_landmark_name(known)}; the text itself names no finer place",
                )
        if place is None and not event.main:
            return None
        if when is None and not event.main:
            return None
        claims = tuple(c for t in ordered for c in t.claims)
        if mark is not None:
            claims += (_known_toll(mark, lead.sentence),)
        stage = "intercepted" if family == "intercept" else "done"
        code = _country_of(scene) if scene is not None else None
        if place is not None and code is None:
            code = place.country_code
        evidence = tuple(dict.fromkeys((t.sentence.start, t.sentence.end) for t in ordered))
        digest = hashlib.sha256(
            "\0".join((self.article.id, lead.sentence.text, sub_type, place.id if place else "", code or "")).encode(
                "utf-8", "surrogatepass"
            )
        )
        if scene is not None:
            confidence *= 0.5 + 0.5 * scene.probability
        return Report(
            key=digest.hexdigest()[:16],
            article_id=self.article.id,
            title=_title(sub_type, stage, place, scene, code),
            event_type=event_type,
            sub_event_type=sub_type,
            stage=stage,
            status=_status(ordered),
            date_start=when.first if when else None,
            date_end=when.last if when else None,
            date_precision=when.precision if when else None,
            date_text=when.text if when else None,
            place=place,
            place_text=text,
            geo_precision=precision,
            radius_m=radius,
            geo_method=method,
            actor_1=doer.name if doer else None,
            actor_2=target.name if target else None,
            weapon=weapon,
            claims=claims + _statements(ordered),
            evidence=evidence,
            confidence=round(min(0.95, confidence), 2),
            country_code=code,
            known_event=mark.event.id if mark is not None else None,
        )


def _landmark_name(known: landmarks.LandmarkEvent) -> str:
    return known.labels[0] if known.labels else f"the killing of {known.victims[0]}" if known.victims else known.id


def _known_toll(mark: landmarks.Landmark, sentence: Sentence) -> Claim:
    known = mark.event
    low, high = known.killed_low, known.killed_high
    text = f"{low} killed" if low == high else f"{low} to {high} killed"
    return Claim(
        "killed",
        text,
        sentence.start,
        sentence.end,
        "generally reported of this well-known event",
        None,
        None,
        low,
        low,
        high,
    )


def _landmark_place(known: landmarks.LandmarkEvent) -> Place:
    return Place(
        id=f"landmark:{known.id}",
        name=known.place_name,
        feature_class="S",
        feature_code="HSTS",
        point=known.point,
        country_code=known.country_code,
        precision_m=int(known.radius_km * 1000),
        note=known.known,
    )


# --- tellings -------------------------------------------------------------------------------------------------------

_MIXED = frozenset(
    frozenset(pair)
    for pair in (
        ("bomb", "suicide"), ("bomb", "shooting"), ("suicide", "shooting"), ("clash", "shooting"), ("takeover", "clash"), ("air", "bomb"),
        ("shelling", "bomb"), ("seizure", "shooting"), ("riot", "shooting"), ("riot", "clash"), ("grenade", "bomb"), ("abduction", "shooting"), ("seizure", "clash"),
    )
)  # fmt: skip
"""Kinds that one event can show together ("gunmen set off a bomb and opened fire")."""


def _is_new(trigger: Trigger) -> bool:
    """ "a second blast", "a similar attack"; but "another 12 were wounded" belongs to what is told."""
    return trigger.new and trigger.family != "harm"


def _like(telling: _Telling, event: _Event) -> float:
    """Same doer, same weapon, same word for it."""
    score = 0.0
    doers = {t.doer.name for t in event.tellings if t.doer}
    if telling.doer and doers:
        score += 0.8 if telling.doer.name in doers else -0.8
    weapons = {t.weapon for t in event.tellings if t.weapon}
    if telling.weapon and weapons:
        score += 0.4 if telling.weapon in weapons else -0.8
    nouns = {_stem(x.text) for t in event.tellings for x in t.triggers if x.noun}
    if any(x.noun and _stem(x.text) in nouns for x in telling.triggers):
        score += 0.6
    return score


def _stem(word: str) -> str:
    return word.casefold().replace(" ", "").replace("-", "").rstrip("s")


def _finer(a: str, b: str) -> str:
    """The more telling of two families: open ones give way, the first firm one stays."""
    if a in events.OPEN and b in events.OPEN:
        return "attack" if "attack" in (a, b) else a
    if a in events.OPEN:
        return b
    if {a, b} == {"bomb", "suicide"}:
        return "suicide"
    if b in ("air", "shelling") and a == "bomb":
        return b
    return a


def _dated(trigger: Trigger, dates: list[DateMention], sentence: Sentence) -> bool:
    """ "Six explosions on Sunday morning": a sum that happened on one day is an event."""
    return any(
        d.precision == 1
        and d.use == "point"
        and _in_one_clause(sentence.text, d.start - sentence.start, trigger.start - sentence.start)
        for d in dates
    )


def _in_one_clause(text: str, a: int, b: int) -> bool:
    start, end = events.clause(text, a)
    return start <= b < end


def _same_telling(telling: _Telling, trigger: Trigger, clause_of: object, between: str) -> bool:
    """Do a sentence's earlier words and this trigger tell of one event?"""
    if _is_new(trigger) or (trigger.answer and not telling.trigger.answer):
        return False
    if not re.fullmatch(r"[  ]came as[  ](?:[\w-]+[  ]){0,2}", between) and re.search(
        r"\b(?:after|before|hours after|days after|weeks after|following|in response to|in retaliation for|follow(?:s|ed)|prompted|referring to|a day after|came as|response to|separately)\b",
        between,
        re.IGNORECASE,
    ):
        # "wounded after a bomb exploded": the harm follows from what comes next.
        return (
            telling.family == "harm"
            and trigger.family != "harm"
            and bool(re.search(r"\b(?:after|when)\b", between))
            and not re.search(
                r"\b(?:hours|days|weeks|months|years) after|followed|before|prompted|response to", between
            )
        )
    if telling.family in events.OPEN or trigger.family in events.OPEN or telling.family == trigger.family:
        return True
    return frozenset((telling.family, trigger.family)) in _MIXED


# --- places ---------------------------------------------------------------------------------------------------------

_PREPOSITION = re.compile(
    r"\b(?P<prep>in|at|near|on|outside|inside|along|off|across|around|within|throughout|over|into|onto|from|to|towards?|by|with|of|between|against|via|through|via|for|about|opposite|where)\b[  ](?:the[  ]|a[  ]|an[  ])?(?:[\w’'.-]+[  ,]{1,2}){0,4}?$",
    re.IGNORECASE,
)
_GOOD = frozenset(
    [
        "in",
        "at",
        "near",
        "on",
        "outside",
        "inside",
        "along",
        "off",
        "across",
        "around",
        "within",
        "throughout",
        "over",
        "into",
        "onto",
        "opposite",
        "where",
    ]
)
_ORIGIN = frozenset(["from", "to", "toward", "towards", "by", "with", "via", "for", "about"])
_SOIL = re.compile(r"[  ](?:soil|territory|waters|airspace|side|mainland|coast|capital|border)\b")
_DATELINE = re.compile(
    r"^[^a-z]{2,40}(?:\([A-Za-z ]{2,20}\))?[  ]*[–—-]+[  ]|^[A-Z][\w .,’'-]{2,40}\((?:AP|AFP|Reuters|CNN|BBC|[A-Z]{2,8})\)[  ]*[–—-]*"
)
_SPOKEN = re.compile(r"\b(?:" + "|".join(sorted(SPEECH)) + r")\b")
_ORIGIN_OF = re.compile(
    r"\b(?:fired|launched|flown|flew|came|originat\w+|took off|travel\w+|trip|visit|arriv\w+|born|based in|reported|speaking|spoke|statement|reporters|headquarter\w+|operate\w*|fled|flee|hospitali[sz]ed|hospitals?|taken|evacuated|airlifted|rushed|transferred)\b[^,;]{0,25}$",
    re.IGNORECASE,
)
_KEEPERS = re.compile(
    r"\b(?:troops|forces|soldiers|coalition|mission|presence|embassy staff|government|officials?|leaders?|groups?|network|militias?|officers?|ministry|police|spokes\w+|commander|general|ambassador|residents?|families|people)[  ](?:stationed[  ]|deployed[  ]|based[  ]|still[  ]|remaining[  ]|largely[  ])*in[  ](?:the[  ])?(?:[\w-]+[  ])?$",
    re.IGNORECASE,
)


def _scenes(telling: _Telling, places: list[Resolution], sentence: Sentence, others: list[int]) -> list[Resolution]:
    """The mentions that say where the telling's event happened: none, one, or several joined by "and"."""
    text, base = sentence.text, sentence.start
    silent = _speaker_spans(sentence, telling)
    dateline = _DATELINE.match(text)
    ranked: list[tuple[float, int, Resolution]] = []
    for n, resolution in enumerate(places):
        mention = resolution.mention
        if resolution.place is None or resolution.geo_precision is None:
            continue
        a, b = mention.start - base, mention.end - base
        if dateline and b <= dateline.end():
            continue
        if any(x <= a < y for x, y in silent):
            continue
        if mention.kind is MentionKind.DEMONYM and not _SOIL.match(text, b):
            continue
        if resolution.geo_precision == 6 and mention.kind is not MentionKind.DEMONYM and _modifier(text, a, b):
            continue
        score = _scene_score(resolution, text, a, b, telling, base)
        if telling.trigger.definite and not _same_clause(text, a, telling, base):
            continue
        told_there = [start for start in others if _in_one_clause(text, a, start - base)]
        if told_there and not _same_clause(text, a, telling, base):
            continue  # the place of what that clause tells
        rivals = [abs(start - mention.start) for start in others]
        mine = min(abs(t.start - mention.start) for t in telling.triggers)
        if (
            rivals
            and min(rivals) < mine
            and not (
                _same_clause(text, a, telling, base)
                and all(start < telling.trigger.start or start > mention.start for start in others)
            )
        ):
            score -= 4.0
        if score > 0.4:
            ranked.append((score, -n, resolution))
    if not ranked:
        return []
    ranked.sort(key=lambda r: (-r[0], -r[1]))
    best = ranked[0][2]
    if _whole_country(best) or (best.geo_precision or 0) >= 4:
        best = next((r for _, _, r in ranked if r is not best and _finer_than(r, best)), best)
    scenes = [best]
    chosen = {id(r) for _, _, r in ranked}
    ordered = [
        r
        for r in places
        if r is best
        or id(r) in chosen
        or (
            r.place is not None
            and r.geo_precision == 6
            and r.mention.kind is not MentionKind.DEMONYM
            and _whole_country(best)
        )
    ]
    for step in (1, -1):
        i = ordered.index(best)
        while 0 <= i + step < len(ordered):
            left, right = (ordered[i], ordered[i + step]) if step == 1 else (ordered[i + step], ordered[i])
            gap = text[left.mention.end - base : right.mention.start - base]
            other = ordered[i + step]
            if not re.fullmatch(
                r",? (?:and|or|as well as) (?:in |near |at |on |outside |the |[\w-]+ ){0,3}|, (?:in |the )?|/| and one in | along with one in |(?: \w+){0,3}, along with one in ",
                gap,
            ):
                break
            if _inside(left, right) or _inside(right, left) or (right.mention.near and "and" not in gap):
                i += step
                continue
            if left.mention.kind is MentionKind.BORDER or right.mention.kind is MentionKind.BORDER:
                break
            scenes.append(other)
            i += step
    scenes.sort(key=lambda r: r.mention.start)
    return _between(scenes, places, text, base) or scenes


_ROUTE = re.compile(
    r"\b(?:between|(?:road|highway|railway|route|line|train|bus|convoy|motorway|track|coach|ferry|journey|travel\w+)\b[^.,;]{0,40}?\b(?:between|from|linking|connecting))[  ](?:the[  ])?$",
    re.IGNORECASE,
)


def _between(scenes: list[Resolution], places: list[Resolution], text: str, base: int) -> list[Resolution] | None:
    """ "the road from A to B", "between A and B": one scene half way, as uncertain as half the distance."""
    chosen = {id(s) for s in scenes}
    located = [r for r in places if r.place is not None and r.geo_precision in (1, 2)]
    for left, right in pairwise(located):
        if not chosen & {id(left), id(right)} or left.place is None or right.place is None:
            continue
        if not re.fullmatch(
            r"[  ](?:and|to|with)[  ](?:the[  ])?", text[left.mention.end - base : right.mention.start - base]
        ):
            continue
        if not _ROUTE.search(text[max(0, left.mention.start - base - 70) : left.mention.start - base]):
            continue
        apart = _km(left.place, right.place)
        if apart > 600:
            return None
        a, b = left.place, right.place
        middle = geodesic(kilometers=apart / 2).destination((a.point.y, a.point.x), _bearing(a, b))
        place = replace(
            a,
            id=f"between:{a.id}|{b.id}",
            name=f"between {a.name} and {b.name}",
            point=Point(round(middle.longitude, 5), round(middle.latitude, 5)),
            precision_m=int(apart * 500) + 5_000,
            feature_class="R",
            feature_code="RD",
            population=None,
            admin1_code=a.admin1_code if a.admin1_code == b.admin1_code else None,
        )
        return [
            replace(
                left,
                place=place,
                geo_precision=5 if apart > 50 else 2,
                radius_m=place.precision_m,
                probability=min(left.probability, right.probability),
                reason="half way between the two places that the words name",
            )
        ]
    return None


def _bearing(a: Place, b: Place) -> float:
    """Initial bearing from a to b in degrees, on the sphere."""
    y1, y2, dx = math.radians(a.point.y), math.radians(b.point.y), math.radians(b.point.x - a.point.x)
    return math.degrees(
        math.atan2(
            math.sin(dx) * math.cos(y2), math.cos(y1) * math.sin(y2) - math.sin(y1) * math.cos(y2) * math.cos(dx)
        )
    )


_BEFORE_COUNTRY = re.compile(
    r"\b(?:in|inside|across|within|throughout|into|on|over|at|near|outside|hit|struck|rocked|bombed|attacked|invaded|of|both|neighbou?ring|[’']s)[  ,]+"
    r"(?:the[  ]|war-torn[  ]|neighbou?ring[  ]|[\w]+ern[  ]|central[  ]|nearby[  ])*$|,[  ]$|^$",
    re.IGNORECASE,
)
_AFTER_COUNTRY = re.compile(
    r"$|[.,;:!?)”\"’–—]|[  ](?:and|or|in|on|at|after|before|when|while|as|that|which|who|where|by|to|with|since|for|from|of|over|was|were|is|are|has|have|had|"
    r"during|early|late|last|this|near|amid|but|because|killed|left|leaving|overnight|\w+day|\w+ed)\b|[  ][(A-Z–—-]"
)


_CONDEMNED = re.compile(
    r"\b(?:condemn|denounc|deplor|mourn|welcom|critici[sz]|lament|hail)\w*\b[^,;]{0,30}$", re.IGNORECASE
)
_PEOPLE_IN = re.compile(
    r"\b(?:analysts?|officials?|spokes\w+|experts?|researchers?|diplomats?|traders?|observers?|reporters?|correspondents?|journalists?|sources?)[  ]in[  ](?:the[  ])?$",
    re.IGNORECASE,
)


def _stands_in_place(text: str, at: int) -> bool:
    """Does a preposition of place stand before `at`, and no word of speech or travel?"""
    match = events.last(_PREPOSITION.finditer(text[max(0, at - 60) : at]))
    lead = text[max(0, at - 60) : at]
    return (
        match is not None
        and match["prep"].casefold() in _GOOD
        and not _ORIGIN_OF.search(lead)
        and not _SPOKEN.search(lead)
    )


def _modifier(text: str, a: int, b: int) -> bool:
    """Is a country's name only part of somebody's name ("U.S. forces"), not the scene ("in Syria")?"""
    return not (_BEFORE_COUNTRY.search(text[max(0, a - 40) : a]) and _AFTER_COUNTRY.match(text, b))


_BESIDE = re.compile(
    r"(?P<inside>\b(?:in|on|across|over)[  ]the[  ](?:far[  ])?)?\b(?:north|south|east|west)(?:-?(?:east|west))?(?:ern part)?[  ]of[  ](?:the[  ])?$",
    re.IGNORECASE,
)
_CLASS_BEFORE = re.compile(
    r"\b(?:province|region|state|district|governorate|county|department|prefecture|oblast|city|town|village|port|suburb|neighbou?rhood|outskirts|island|area|municipality|hamlet|quarter|centre|center|capital)[  ]of[  ](?:the[  ])?$",
    re.IGNORECASE,
)


def _scene_score(resolution: Resolution, text: str, a: int, b: int, telling: _Telling, base: int) -> float:
    mention = resolution.mention
    before = text[max(0, a - 60) : a]
    classed = _CLASS_BEFORE.search(before)
    if classed:
        before = before[: classed.start()]  # "from the area of X": what counts is "from"
    match = events.last(_PREPOSITION.finditer(before))
    prep = match["prep"].casefold() if match else None
    score = 0.0
    if mention.near or mention.kind is MentionKind.BORDER:
        score += 1.5
    if prep in _GOOD:
        score += 1.8
    elif prep == "of":
        score += 0.8
    elif prep in _ORIGIN:
        score -= 2.0
        if prep == "from" and re.search(r"\bfrom[  ]where\b", text[max(0, a - 12) : b + 8]):
            score += 2
    elif prep == "against" or classed:
        score -= 0.2
    elif prep is None and mention.kind is not MentionKind.DEMONYM:
        score -= 2.2  # unless the event word governs it, see below
    if match and prep in _GOOD and re.search(r"\b(?:officials?|spokes\w+|analysts?|reporters?)\b", match.group()):
        score -= 2
    if _ORIGIN_OF.search(text[max(0, a - 60) : a]):
        score -= 2.2
    beside = _BESIDE.search(text[max(0, a - 40) : a])
    if beside:
        score += 1.0 if beside["inside"] else -3.0  # "in the west of X" lies in X, "west of X" does not
    if _KEEPERS.search(text[max(0, a - 70) : a]) and resolution.geo_precision == 6:
        score -= 0.9
    first, last = telling.triggers[0].start - base, telling.triggers[-1].end - base
    score += 1.0 if _same_clause(text, a, telling, base) else -0.5
    if a >= first:
        score += 0.5
    for trigger in telling.triggers:
        gap = text[trigger.end - base : a] if a >= trigger.end - base else None
        if gap is not None and re.fullmatch(
            r"[  ](?:on |in |at |near |against |targeting |inside |outside |of )"
            + ("" if trigger.noun else "?")
            + r"(?:the |an? )?(?:[\w’'-]+[  ]){0,"
            + ("4}" if trigger.noun else "8}"),
            gap,
        ):
            score += 1.0
            if not trigger.noun and prep is None:
                score += 1.2  # "bombed Idlib"
        lead = text[b : trigger.start - base] if b <= trigger.start - base else None
        if lead is not None and re.match(
            r"[  ](?:was|is|were|became|has been|had been)[  ](?:also[  ])?the[  ](?:site|scene|target|focus)[  ]of\b",
            lead,
        ):
            score += 3.0  # "the base was the site of an attack"
        if (
            lead is not None
            and lead == " "
            and trigger.noun
            and mention.kind in (MentionKind.NAME, MentionKind.FACILITY)
            and resolution.geo_precision != 6
        ):
            score += 2.2  # "the Kabul bombing"
        if (
            lead is not None
            and re.fullmatch(r"[  ](?:was|were|has been|had been|came under)[  ](?:\w+[  ])?", lead)
            and not trigger.noun
            and resolution.geo_precision != 6
        ):
            score += 2.0  # "Kharkiv was hit"
    distance = min(abs(a - first), abs(a - last))
    score -= 0.004 * distance
    score += {1: 0.8, 2: 0.8, 3: 0.5, 4: 0.4, 5: 0.4, 6: 0.0, 7: 0.4}.get(resolution.geo_precision or 6, 0.0)
    if mention.kind is MentionKind.FACILITY:
        score += 0.4
    if mention.kind is MentionKind.DESCRIPTION:
        score -= 0.3
    if resolution.probability < 0.5:
        score -= 0.6
    if text[b : b + 1] in ("’", "'") and resolution.geo_precision == 6:
        score -= 1.0  # "Iraq's parliament"
    if re.match(r"-(?:based|backed|born|led|linked|run|held|controlled|made|style|area)\b", text[b:]):
        score -= 2.5
    return score


def _same_clause(text: str, position: int, telling: _Telling, base: int) -> bool:
    span = events.clause(text, position)
    return any(span[0] <= t.start - base < span[1] for t in telling.triggers)


def _speaker_spans(sentence: Sentence, telling: _Telling) -> list[tuple[int, int]]:
    """Parts of the sentence that only say who speaks, and where from."""
    text, base = sentence.text, sentence.start
    spans: list[tuple[int, int]] = []
    first = telling.triggers[0].start - base
    last = telling.triggers[-1].end - base
    for verb in _SPOKEN.finditer(text):
        if verb.end() <= first:
            that = re.match(r"[^.;]{0,80}?\bthat\b", text[verb.end() : first])
            spans.append((0, verb.end() + (that.end() if that else 0)))
        elif verb.start() >= last:
            comma = text.rfind(",", last, verb.start())
            quote = max(text.rfind("”", last, verb.start()), text.rfind('"', last, verb.start()))
            cut = max(comma, quote)
            if cut >= 0:
                spans.append((cut, len(text)))
    according = re.search(r",? according to\b", text)
    if according:
        end = text.find(",", according.end())
        if according.start() > first:
            spans.append((according.start(), len(text)))
        else:
            spans.append((according.start(), end if end > 0 else according.end()))
    return spans


def _quote(sentence: Sentence, scenes: list[Resolution]) -> str:
    """The place words as printed, with the preposition before them and a border's countries."""
    text, base = sentence.text, sentence.start
    a, b = scenes[0].mention.start - base, scenes[-1].mention.end - base
    border = re.search(r"(?:\b(?:both sides|[A-Z]\w+ side) of )?(?:the )?(?:[A-Z][\w.]+[-– ]){0,3}$", text[:a])
    if scenes[0].mention.kind is MentionKind.BORDER and border:
        a = border.start()
        after = re.match(r" (?:with|between) (?:the )?[A-Z]\w+(?: and [A-Z]\w+)?", text[b:])
        b += after.end() if after else 0
    near = re.search(
        r"\b(?:near|outside|around|close to|on the outskirts of|off)\s+(?:the\s+)?(?:[\w’'.-]+\s+){0,3}$", text[:a]
    )
    if near and len(near.group()) < 45:
        a = near.start()
    return text[a:b].strip()


def _whole_country(resolution: Resolution) -> bool:
    return resolution.geo_precision == 6


def _country_of(resolution: Resolution) -> str | None:
    return resolution.place.country_code if resolution.place is not None else None


def _is_fine_without_country(resolution: Resolution) -> bool:
    """A sea or region that no country owns; a border whose side is open does not count."""
    return resolution.place is not None and not resolution.place.id.startswith("border:")


def _inside(inner: Resolution, outer: Resolution) -> bool:
    """Does the inner place lie in the outer one?"""
    a, b = inner.place, outer.place
    if a is None or b is None or a.id == b.id:
        return False
    return _place_inside(a, b)


def _finer_than(inner: Resolution, outer: Resolution) -> bool:
    """Inside the other, or a town said to lie on a border."""
    if outer.place is not None and inner.place is not None and outer.place.id.startswith("border:"):
        return inner.geo_precision in (1, 2) and inner.place.country_code in outer.place.id[7:].split("-")
    return _inside(inner, outer)


def _place_inside(a: Place, b: Place) -> bool:
    if b.id.startswith("border:"):
        return False
    if a.id.startswith("border:"):
        return b.feature_code.startswith("PCL") and (b.country_code or "") in a.id[7:].split("-")
    if b.feature_code.startswith("PCL"):
        return a.country_code == b.country_code and not a.feature_code.startswith("PCL")
    if b.feature_code == "ADM1":
        if a.feature_code.startswith("PCL"):
            return False
        return a.admin1_code is not None and a.admin1_code == b.admin1_code and a.feature_code != "ADM1"
    if b.id.startswith("part:") or b.feature_code in ("RGN", "CONT") or b.has_area:
        if a.feature_code.startswith("PCL") or a.precision_m >= b.precision_m:
            return False
        return _km(a, b) * 1000 <= b.precision_m and (
            b.country_code is None or a.country_code is None or a.country_code == b.country_code
        )
    return False


def _km(a: Place, b: Place) -> float:
    return float(great_circle((a.point.y, a.point.x), (b.point.y, b.point.x)).km)


def can_be_one_place(a: Place, b: Place, radius_a: int, radius_b: int) -> bool:
    """Can two places of two tellings be one scene: the same, one inside the other, or close for what they are?"""
    if a.id == b.id or _place_inside(a, b) or _place_inside(b, a):
        return True
    if a.feature_code.startswith("PCL") or b.feature_code.startswith("PCL"):
        return False
    if a.feature_code == "ADM1" and b.feature_code == "ADM1":
        return False
    for border, other in ((a, b), (b, a)):
        if border.id.startswith("border:"):
            # Without the line's geometry, its middle has to do: near it, and in one of the two countries.
            sides = border.id[7:].split("-")
            if other.id.startswith("part:"):
                return other.country_code in sides
            return (
                other.feature_code != "ADM1"
                and other.country_code in sides
                and _km(a, b) <= min(120.0, border.precision_m / 1000)
            )
    reach = NEAR_KM if max(radius_a, radius_b) <= 30_000 else (radius_a + radius_b) / 1000
    return _km(a, b) <= reach


def _place_fit(telling: _Telling, event: _Event) -> float | None:
    """None where the places contradict, else how much they speak for one event."""
    if not telling.scenes or not any(t.scenes for t in event.tellings):
        return 0.3 if not telling.scenes else 0.5
    codes = {c for s in telling.scenes if (c := _country_of(s))}
    known = event.countries
    if codes and known and not codes & known:
        return None
    fine, told = telling.fine, event.fine
    if not fine or not told:
        return 0.7
    for scene in fine:
        for other in told:
            if (
                scene.place
                and other.place
                and can_be_one_place(scene.place, other.place, scene.radius_m or 0, other.radius_m or 0)
            ):
                exact = scene.place.id == other.place.id
                return 1.6 if exact else 1.1
    return None


def _vicinity(resolution: Resolution) -> Resolution:
    """The same place, less exactly: where an answer to an attack struck."""
    radius = max(20_000, (resolution.radius_m or 0) * 2)
    return replace(
        resolution,
        geo_precision=max(2, resolution.geo_precision or 2),
        radius_m=radius,
        probability=round(resolution.probability * 0.8, 3),
        reason="where the event it answers happened; the text names no place",
    )


def _distinct_scenes(event: _Event) -> list[tuple[Resolution, list[_Telling]]]:
    """The event's separate scenes, each with the finest words for it and the tellings that name it."""
    groups: list[tuple[Resolution, list[_Telling]]] = []
    pairs = [(s, t) for t in event.tellings for s in t.scenes]
    pairs.sort(key=lambda p: (_coarseness(p[0]),))
    for scene, telling in pairs:
        if scene.place is None:
            continue
        for i, (known, tellings) in enumerate(groups):
            if known.place is None:
                continue
            both = scene.place.id.startswith("border:") and known.place.id.startswith("border:")
            sides = (scene.place.country_code, known.place.country_code)
            if both and None not in sides and sides[0] != sides[1]:
                continue
            if can_be_one_place(known.place, scene.place, known.radius_m or 0, scene.radius_m or 0) or _place_inside(
                known.place, scene.place
            ):
                tellings.append(telling)
                if both and known.place.country_code is None and sides[0] is not None:
                    groups[i] = (scene, tellings)
                break
        else:
            groups.append((scene, [telling]))
    return _sides(groups, event)


def _coarseness(scene: Resolution) -> int:
    if scene.place is not None and scene.place.id.startswith("border:"):
        return 3  # finer than the part of the country it runs through
    return {1: 0, 2: 1, 3: 2, 4: 3, 7: 3, 5: 4, 6: 9}.get(scene.geo_precision or 9, 9)


def _sides(groups: list[tuple[Resolution, list[_Telling]]], event: _Event) -> list[tuple[Resolution, list[_Telling]]]:
    """ "in Syria and Iraq", and "near the border": one scene on each side of the border the two share."""
    border = next((s for t in event.tellings for s in t.scenes if s.place and s.place.id.startswith("border:")), None)
    if border is None or border.place is None:
        return groups
    pair = border.place.id[7:].split("-")
    named = [c for t in event.tellings for s in t.scenes if _whole_country(s) and (c := _country_of(s)) in pair]
    named += [
        c
        for t in event.tellings
        for s in t.scenes
        if s.place and s.place.id == border.place.id and (c := s.place.country_code)
    ]
    named = list(dict.fromkeys(named))
    both = any(re.search(r"\bboth sides of the\b", t.sentence.text) for t in event.tellings)
    if both:
        named = list(dict.fromkeys([*named, *pair]))
    if len(named) < 2:
        if len(named) == 1:
            return [
                (
                    _sided(s, named[0])
                    if s.place and s.place.id == border.place.id and s.place.country_code is None
                    else s,
                    t,
                )
                for s, t in groups
                if not (_whole_country(s) and len(groups) > 1)
            ]
        return groups
    rest = [
        (s, t)
        for s, t in groups
        if not (s.place and (s.place.id == border.place.id or (_whole_country(s) and _country_of(s) in pair)))
    ]
    sides = []
    for code in named:
        tellings = [t for t in event.tellings if any(_country_of(s) == code for s in t.scenes)]
        own = next(
            (
                s
                for t in tellings
                for s in t.scenes
                if s.place and s.place.id == border.place.id and s.place.country_code == code
            ),
            None,
        )
        sides.append(
            (
                own or _sided(replace(border, reason=border.reason + "; one scene on each side"), code),
                tellings or list(event.tellings[:1]),
            )
        )
    return sides + rest


def _sided(border: Resolution, code: str) -> Resolution:
    return replace(border, place=replace(border.place, country_code=code)) if border.place else border


def _where(
    scene: Resolution | None, lead: _Telling
) -> tuple[Place | None, str | None, int | None, int | None, str | None]:
    if scene is None or scene.place is None:
        return None, None, None, None, None
    text = lead.scene_text if scene in lead.scenes and len(lead.scenes) == 1 else scene.mention.text
    return scene.place, text, scene.geo_precision, scene.radius_m, f"{scene.mention.kind.value}: {scene.reason}"


# --- time -----------------------------------------------------------------------------------------------------------


def _when(
    telling: _Telling, dates: list[DateMention], sentence: Sentence, clause_of: object, others: list[_Telling]
) -> tuple[_When | None, DateMention | None]:
    """The date expression bound to the telling, or one that hangs on another event."""
    text, base = sentence.text, sentence.start
    best: tuple[float, DateMention, bool] | None = None
    for mention in dates:
        if mention.use != "point":
            continue
        a = mention.start - base
        score = 0.0
        if _same_clause(text, a, telling, base):
            score += 1.5
        elif telling.trigger.earlier:
            continue
        mine = min(abs(t.start - mention.start) for t in telling.triggers)
        rivals = [abs(t.start - mention.start) for o in others for t in o.triggers]
        if rivals and min(rivals) < mine:
            if telling.trigger.definite:
                continue  # "the strikes followed an attack on Saturday": the attack's date
            score -= 1.2
        if re.match(r",?[  ]?(?:since|until)\b", text[events.clause(text, a)[0] :]) and not _same_clause(
            text, a, telling, base
        ):
            continue
        weak = bool(
            re.search(
                r"\b(?:" + "|".join(sorted(SPEECH)) + r")(?: (?:in a statement|reporters|late|early))?(?: on)?[  ]$",
                text[max(0, a - 40) : a],
            )
        )
        cause = text[events.clause(text, telling.trigger.start - base)[0] :][:24]
        if (
            not weak
            and not _same_clause(text, a, telling, base)
            and re.match(r",?[  ]?(?:after|following|since|in response to)\b", cause)
        ):
            weak = True  # "on Sunday ... after an attack": on that day or before
        if weak:
            score -= 0.8
        score -= 0.004 * mine
        if mention.precision >= 5 and mention.rule == "year as adjective":
            following = mention.end
            if not any(0 <= t.start - following <= 30 for t in telling.triggers):
                continue
        usable = mention.anchor == "event" or (mention.first is not None and mention.last is not None)
        if usable and (best is None or score > best[0]):
            best = (score, mention, weak)
    if best is None or best[0] < -1.6:
        return None, None
    _, mention, weak = best
    if mention.anchor == "event" and mention.first is None:
        return None, mention
    if mention.first is None or mention.last is None:
        return None, None
    return _When(mention.first, mention.last, mention.precision, mention.text, mention.rule, weak), None


def _recent(when: _When, published: date | None) -> bool:
    return published is None or (published - when.last).days <= 10


# --- the rest of a report -------------------------------------------------------------------------------------------


def _by_weapon(weapon: str | None) -> str | None:
    if weapon is None:
        return None
    return {
        "drone": "air", "airstrike": "air", "rocket": "shelling", "missile": "shelling", "ballistic missile": "shelling", "artillery": "shelling",
        "mortar": "shelling", "car bomb": "bomb", "suicide vest": "suicide", "suicide bomber": "suicide", "roadside bomb": "bomb", "landmine": "bomb", "grenade": "grenade",
        "firearm": "shooting", "knife": "shooting", "vehicle": "shooting", "chemical": "chemical",
    }.get(weapon)  # fmt: skip


def _by_context(text: str, event: _Event) -> str | None:
    """The kind that the paragraph before speaks of, for "the most serious incident"."""
    first = event.tellings[0].sentence.start
    window = text[max(0, first - 700) : event.tellings[0].triggers[-1].end]
    last = None
    for match in re.finditer(
        r"\b(rockets?|missiles?|mortars?|artillery|air ?strikes?|drones?|strikes|bomb(?:ing)?s?|gunmen|shooting)\b",
        window,
        re.IGNORECASE,
    ):
        last = match.group().casefold()
    if last is None:
        return None
    if last.startswith(("rocket", "missile", "mortar", "artillery")):
        return "shelling"
    if last.startswith(("air", "drone", "strikes")):
        return "air"
    return "bomb" if last.startswith("bomb") else "shooting"


def _status(tellings: list[_Telling]) -> str:
    text = " ".join(t.sentence.text for t in tellings)
    if re.search(
        r"(?<!no one )(?<!no group )(?<!nobody has )\bclaimed (?:the )?responsibility|\bclaimed the (?:attack|bombing)|took responsibility|said it (?:was behind|carried out|had carried out)",
        text,
        re.IGNORECASE,
    ):
        return "claimed"
    speakers = [figures.speaker(t.sentence)[0] for t in tellings]
    doers = [t.doer for t in tellings if t.doer]
    for speaker in speakers:
        if speaker and any(d.text.casefold() in speaker.casefold() for d in doers):
            return "confirmed"
    return "attributed"


_STATEMENT = re.compile(
    r"\b(?P<resp>claimed responsibility|claimed (?:the )?(?:attack|bombing|responsibility)|took responsibility)\b|\b(?P<deny>den(?:ied|ies) (?:any )?(?:involvement|responsibility|carrying out|being behind))\b",
    re.IGNORECASE,
)


def _statements(tellings: list[_Telling]) -> tuple[Claim, ...]:
    found = []
    for telling in tellings:
        sentence = telling.sentence
        for match in _STATEMENT.finditer(sentence.text):
            nobody = re.search(r"\bno (?:one|group|party)\b[^.]{0,40}$", sentence.text[: match.start()], re.IGNORECASE)
            who, verb, hedge = figures.speaker(sentence)
            kind = "responsibility" if match["resp"] else "denial"
            text = "no one claimed responsibility" if nobody else match.group()
            found.append(Claim(kind, text, sentence.start, sentence.end, who, verb, hedge))
    return tuple(found)


def _title(sub_type: str, stage: str, place: Place | None, scene: Resolution | None, code: str | None) -> str:
    """In our own words, from the coded facts: never a headline of somebody else's."""
    what = sub_type if stage == "done" else f"{sub_type} ({stage})"
    if place is None:
        return what
    if place.id.startswith("border:"):
        country = scene.place.country_name if scene and scene.place else None
        return f"{what} at the {place.name}" + (f", {country} side" if country and code else "")
    near = "near" if scene is not None and scene.geo_precision == 2 else "in"
    if place.feature_class in "SL" and near == "in" and not place.has_area:
        near = "at"
    if place.feature_class == "H":
        near = "on the"
    where = f"{what} {near} {place.name}"
    if place.country_name and place.country_name != place.name:
        where += f", {place.country_name}"
    return where


def _answering(report: Report, key: str) -> Report:
    return replace(report, response_to=key)


def _not_news_of_violence(body: Sequence[Sentence]) -> bool:
    """Sport pages speak of strikes, shots and attacks."""
    head = " ".join(s.text for s in body[:6])
    return events.is_about_games(head) and not re.search(r"\b(?:killed|wounded|gunm[ae]n|bomb|police said)\b", head)
