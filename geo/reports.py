"""One article's accounts of incidents: which events it tells, and where, when, by whom and with what toll.

The article is read in order, as a reader does. Each sentence gives tellings (`events` finds the words, this room binds place,
date, actors and figures to them). A telling joins an event told before unless something speaks against it: another date,
another place, another kind, or words such as "separately", "another", "earlier", "in response". What stays without a place
or without support is dropped: a missed incident is a gap, a wrong pin is a lie.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from gazetteer.model import Place
from geo import dates as timing
from geo import events, figures, landmarks, scenes
from geo.events import Trigger
from geo.model import Article, Claim, DateMention, MentionKind, Report, Resolution, Sentence
from geo.tellings import MIXED, Telling, When, finer, is_new
from geo.tellings import find as find_tellings

_ARMED = frozenset({"state force", "rebel", "militia", "extremist", "criminal", "police"})


@dataclass(slots=True)
class _Event:
    """One event of the article, from its tellings."""

    tellings: list[Telling]
    family: str
    when: When | None
    main: bool = False
    answers: _Event | None = None
    earlier: bool = False

    @property
    def fine(self) -> list[Resolution]:
        return [s for t in self.tellings for s in t.fine]

    @property
    def countries(self) -> set[str]:
        return {c for t in self.tellings for s in t.scenes if (c := scenes.country_of(s))}


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
        self.clock: When | None = None
        """The running time of the story: the last date told, also of something that is no incident."""

    # -- one sentence --------------------------------------------------------------------------------------------

    def sentence(self, sentence: Sentence) -> None:
        self.count += 1
        self.read.append(sentence)
        places = [r for r in self.resolutions if sentence.start <= r.mention.start < sentence.end]
        dates = [d for d in self.dates if sentence.start <= d.start < sentence.end]
        tellings = find_tellings(sentence, places, dates, self.article.published)
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
                self.clock = When(mention.first, mention.last, mention.precision, mention.text, mention.rule)

    # -- into the story ------------------------------------------------------------------------------------------

    def _place_in_story(self, telling: Telling) -> _Event | None:
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
                telling.when = When(first, last, precision, telling.offset.text, telling.offset.rule)
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
                telling.when = When(
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
            event.family = finer(event.family, telling.family)
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
                telling.scenes = [scenes.vicinity(self.focus.fine[0])]
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

    def _fits_landmark(self, telling: Telling) -> bool:
        mark = telling.landmark
        if mark is None:
            return False
        codes = {c for s in telling.scenes if (c := scenes.country_of(s))}
        interval = (telling.when.first, telling.when.last) if telling.when and not telling.when.weak else None
        return landmarks.compatible(mark.event, self.article.published, codes, interval)

    def _fit(self, telling: Telling, event: _Event) -> float | None:
        """How well a telling fits an event told before; None where something speaks against it."""
        trigger = telling.trigger
        if telling.family != "harm" and any(t.sentence is telling.sentence for t in event.tellings):
            return None  # the sentence itself tells them apart: "strikes in response to rocket attacks"
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
        if not same and "intercept" in (telling.family, event.family) and not (trigger.definite and trigger.noun):
            return None  # what was shot down is another thing than what struck
        if not same and telling.family not in events.OPEN and event.family not in events.OPEN:
            if frozenset((telling.family, event.family)) not in MIXED:
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
        if is_new(trigger) and not is_new(event.tellings[0].trigger):
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

    def _supported(self, telling: Telling) -> bool:
        """Is there enough to make an event of its own?"""
        trigger = telling.trigger
        words = [t for t in telling.triggers if t.text.casefold() not in ("attacked", "attacking")]
        harmed = any(t.family == "harm" for t in telling.triggers) or bool(figures.find(telling.sentence))
        armed = any(a is not None and a.type in _ARMED for a in (telling.doer, telling.target))
        strong = (
            any(t.strong for t in words)
            or telling.weapon is not None
            # "attacked", "struck", "a blast": words with other uses need harm, or somebody armed and a place, beside them
            or (harmed and any(t.family != "harm" for t in telling.triggers))
            or (armed and bool(telling.fine) and telling.when is not None)
        )
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
            people = {a.type for a in (telling.doer, telling.target) if a is not None}
            return bool(people & _ARMED) or len(telling.triggers) >= 2 or bool(figures.find(telling.sentence))
        if lede:
            return True
        if trigger.answer and self.focus is not None:
            return True
        if trigger.earlier and telling.when is None:
            return bool(telling.fine)
        if telling.when is not None and not telling.when.weak and telling.when.precision == 1:
            return True  # kept even without a place: later sentences may name it, and nothing else may take its answer
        return bool(telling.scenes) and (telling.when is not None or (bool(telling.fine) and not telling.background))

    def _another_scene(self, telling: Telling) -> bool:
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
            and (not self.focus.countries or scenes.country_of(scene) in self.focus.countries)
        )

    def _assign_claims(
        self, sentence: Sentence, tellings: list[Telling], claims: list[Claim], joined: list[_Event]
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
                    Telling(
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
            main.when = When(
                published - timedelta(1), published, 2, None, "no date in the text: publication day or the day before"
            )
        if main is not None and not any(t.scenes for t in main.tellings):
            self._place_from_around(main)
        made: list[tuple[_Event, Report]] = []
        for event in self.events:
            if event.when is None and not any(t.landmark for t in event.tellings):
                if event.earlier and published is not None:
                    until = _before(main.when.first if main and main.when else published, 3)
                    event.when = When(_before(until, 365), until, 5, None, "“earlier”: some time in the year before")
                elif main is not None and main.when is not None and event is not main:
                    event.when = When(
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
                and scenes.stands_in_place(s.text, r.mention.start - s.start)
            ]
            if found:
                best = min(found, key=lambda r: (scenes.coarseness(r), r.mention.start))
                telling.scenes = [
                    replace(
                        best,
                        probability=round(best.probability * 0.6, 3),
                        reason=f"{best.reason}; named near the event, not with it",
                    )
                ]
                return

    def _report(self, event: _Event) -> list[Report]:
        mark = next((t.landmark for t in event.tellings if t.landmark), None)
        reports = []
        separate: Sequence[tuple[Resolution | None, list[Telling]]] = _distinct_scenes(event) or [
            (None, event.tellings)
        ]
        for n, (scene, telling_it) in enumerate(separate):
            if n == 0:  # what names no scene of its own belongs to the first
                placeless = [
                    t
                    for t in event.tellings
                    if not any(scenes.country_of(s) or scenes.is_owned_by_none(s) for s in t.scenes)
                ]
                telling_it = [t for t in event.tellings if t in telling_it or t in placeless]
            report = self._one(event, scene, telling_it, mark)
            if report is not None:
                reports.append(report)
        return reports

    def _one(
        self, event: _Event, scene: Resolution | None, tellings: list[Telling], mark: landmarks.Landmark | None
    ) -> Report | None:
        family = event.family
        lead = next((t for t in tellings if scene is not None and scene in t.scenes), tellings[0])
        ordered = [lead] + [t for t in tellings if t is not lead]
        weapon = next((t.weapon for t in ordered if t.weapon), None)
        if family in events.OPEN:
            family = _by_weapon(weapon) or _by_context(self.article.text, event) or "attack"
        doer = next((t.doer for t in ordered if t.doer), None)
        armed = any(t.doer is not None and t.doer.type in _ARMED for t in ordered)
        if event.family == "harm" and weapon is None and not armed and _by_context(self.article.text, event) is None:
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
                when = When(
                    known.date_start,
                    known.date_end,
                    1 if known.date_start == known.date_end else 2,
                    when.text if when else None,
                    f"a well-known event: {_landmark_name(known)}",
                )
            if scene is None or scenes.is_whole_country(scene):
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
        code = scenes.country_of(scene) if scene is not None else None
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


def _before(day: date, days: int) -> date:
    """`days` earlier; at the calendar's end as far as it goes."""
    return date.fromordinal(max(1, day.toordinal() - days))


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


def _like(telling: Telling, event: _Event) -> float:
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


def _place_fit(telling: Telling, event: _Event) -> float | None:
    """None where the places contradict, else how much they speak for one event."""
    if not telling.scenes or not any(t.scenes for t in event.tellings):
        return 0.3 if not telling.scenes else 0.5
    codes = {c for s in telling.scenes if (c := scenes.country_of(s))}
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
                and scenes.can_be_one_place(scene.place, other.place, scene.radius_m or 0, other.radius_m or 0)
            ):
                exact = scene.place.id == other.place.id
                return 1.6 if exact else 1.1
    return None


def _distinct_scenes(event: _Event) -> list[tuple[Resolution, list[Telling]]]:
    """The event's separate scenes, each with the finest words for it and the tellings that name it."""
    groups: list[tuple[Resolution, list[Telling]]] = []
    pairs = [(s, t) for t in event.tellings for s in t.scenes]
    pairs.sort(key=lambda p: (scenes.coarseness(p[0]),))
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
            if scenes.can_be_one_place(
                known.place, scene.place, known.radius_m or 0, scene.radius_m or 0
            ) or scenes.place_inside(known.place, scene.place):
                tellings.append(telling)
                if both and known.place.country_code is None and sides[0] is not None:
                    groups[i] = (scene, tellings)
                break
        else:
            groups.append((scene, [telling]))
    return _sides(groups, event)


def _sides(groups: list[tuple[Resolution, list[Telling]]], event: _Event) -> list[tuple[Resolution, list[Telling]]]:
    """ "in Syria and Iraq", and "near the border": one scene on each side of the border the two share."""
    border = next((s for t in event.tellings for s in t.scenes if s.place and s.place.id.startswith("border:")), None)
    if border is None or border.place is None:
        return groups
    pair = border.place.id[7:].split("-")
    named = [
        c
        for t in event.tellings
        for s in t.scenes
        if scenes.is_whole_country(s) and (c := scenes.country_of(s)) in pair
    ]
    named += [
        c
        for t in event.tellings
        for s in t.scenes
        if s.place and s.place.id == border.place.id and (c := s.place.country_code)
    ]
    named = list(dict.fromkeys(named))
    names = {
        s.place.country_code: s.place.country_name or s.place.name
        for t in event.tellings
        for s in t.scenes
        if s.place is not None and scenes.is_whole_country(s)
    }
    both = any(re.search(r"\bboth sides of the\b", t.sentence.text) for t in event.tellings)
    if both:
        named = list(dict.fromkeys([*named, *pair]))
    if len(named) < 2:
        if len(named) == 1:
            return [
                (
                    scenes.sided(s, named[0], names.get(named[0]))
                    if s.place and s.place.id == border.place.id and s.place.country_code is None
                    else s,
                    t,
                )
                for s, t in groups
                if not (scenes.is_whole_country(s) and len(groups) > 1)
            ]
        return groups
    rest = [
        (s, t)
        for s, t in groups
        if not (
            s.place and (s.place.id == border.place.id or (scenes.is_whole_country(s) and scenes.country_of(s) in pair))
        )
    ]
    sides = []
    for code in named:
        tellings = [t for t in event.tellings if any(scenes.country_of(s) == code for s in t.scenes)]
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
                own
                or scenes.sided(
                    replace(border, reason=border.reason + "; one scene on each side"), code, names.get(code)
                ),
                tellings or list(event.tellings[:1]),
            )
        )
    return sides + rest


def _where(
    scene: Resolution | None, lead: Telling
) -> tuple[Place | None, str | None, int | None, int | None, str | None]:
    if scene is None or scene.place is None:
        return None, None, None, None, None
    text = lead.scene_text if scene in lead.scenes and len(lead.scenes) == 1 else scene.mention.text
    return scene.place, text, scene.geo_precision, scene.radius_m, f"{scene.mention.kind.value}: {scene.reason}"


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


def _status(tellings: list[Telling]) -> str:
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


def _statements(tellings: list[Telling]) -> tuple[Claim, ...]:
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
