"""What one sentence tells of events: its event words grouped, each group with its place, date, actors and weapon."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date

from geo import actors as acting
from geo import events, landmarks, scenes
from geo.actors import Actor
from geo.events import Trigger
from geo.model import Claim, DateMention, Resolution, Sentence
from geo.placewords import SPEECH


@dataclass(slots=True)
class When:
    """When an event happened, as one telling has it."""

    first: date
    last: date
    precision: int
    text: str | None
    rule: str
    weak: bool = False
    """The date of the statement, not surely of the event: "said Monday"."""

    def meets(self, other: When) -> bool:
        slack = 1 if max(self.precision, other.precision) == 2 else 0
        for said, told in ((self, other), (other, self)):
            if said.weak:  # told on that day: it happened then or in the days before
                return (told.first - said.last).days <= slack and (said.first - told.last).days <= 6
        return (self.first - other.last).days <= slack and (other.first - self.last).days <= slack


@dataclass(slots=True)
class Telling:
    """One sentence's words about one event."""

    sentence: Sentence
    triggers: list[Trigger]
    family: str
    scenes: list[Resolution] = field(default_factory=list)
    scene_text: str | None = None
    when: When | None = None
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
        return [s for s in self.scenes if not scenes.is_whole_country(s)]


MIXED = frozenset(
    frozenset(pair)
    for pair in (
        ("bomb", "suicide"), ("bomb", "shooting"), ("suicide", "shooting"), ("clash", "shooting"), ("takeover", "clash"), ("air", "bomb"),
        ("shelling", "bomb"), ("seizure", "shooting"), ("riot", "shooting"), ("riot", "clash"), ("grenade", "bomb"), ("abduction", "shooting"), ("seizure", "clash"),
    )
)  # fmt: skip
"""Kinds that one event can show together ("gunmen set off a bomb and opened fire")."""


def is_new(trigger: Trigger) -> bool:
    """ "a second blast", "a similar attack"; but "another 12 were wounded" belongs to what is told."""
    return trigger.new and trigger.family != "harm"


def finer(a: str, b: str) -> str:
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
        and events.in_one_clause(sentence.text, d.start - sentence.start, trigger.start - sentence.start)
        for d in dates
    )


def _own_end(end: int, last: Trigger, rivals: list[int], sentence: Sentence) -> int:
    """Where a telling's own words end in the sentence: at the next event word that is another's."""
    later = [start - sentence.start for start in rivals if start >= last.end]
    return min([end, *later])


def _same_telling(telling: Telling, trigger: Trigger, between: str) -> bool:
    """Do a sentence's earlier words and this trigger tell of one event?"""
    if is_new(trigger) or (trigger.answer and not telling.trigger.answer):
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
    return frozenset((telling.family, trigger.family)) in MIXED


_CONDEMNED = re.compile(
    r"\b(?:condemn|denounc|deplor|mourn|welcom|critici[sz]|lament|hail)\w*\b[^,;]{0,30}$", re.IGNORECASE
)


def _when(
    telling: Telling, dates: list[DateMention], sentence: Sentence, others: list[Telling]
) -> tuple[When | None, DateMention | None]:
    """The date expression bound to the telling, or one that hangs on another event."""
    text, base = sentence.text, sentence.start
    best: tuple[float, DateMention, bool] | None = None
    for mention in dates:
        if mention.use != "point":
            continue
        a = mention.start - base
        score = 0.0
        if scenes.same_clause(text, a, telling.triggers, base):
            score += 1.5
        elif telling.trigger.earlier:
            continue
        mine = min(abs(t.start - mention.start) for t in telling.triggers)
        rivals = [abs(t.start - mention.start) for o in others for t in o.triggers]
        if rivals and min(rivals) < mine:
            if telling.trigger.definite:
                continue  # "the strikes followed an attack on Saturday": the attack's date
            score -= 1.2
        if re.match(r",?[  ]?(?:since|until)\b", text[events.clause(text, a)[0] :]) and not scenes.same_clause(
            text, a, telling.triggers, base
        ):
            continue
        spoken = events.last(_SAID.finditer(text[max(0, a - 60) : a]))
        weak = spoken is not None and not any(
            max(0, a - 60) + spoken.start() < t.start - base < a for t in telling.triggers
        )
        cause = text[events.clause(text, telling.trigger.start - base)[0] :][:24]
        if (
            not weak
            and not scenes.same_clause(text, a, telling.triggers, base)
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
    return When(mention.first, mention.last, mention.precision, mention.text, mention.rule, weak), None


_SAID = re.compile(r"\b(?:" + "|".join(sorted(SPEECH)) + r")\b(?: [\w’'.-]+){0,5}?(?: on)?[  ]$")
"""A verb of speech with a few words before a date: the date is that of the statement."""


def find(
    sentence: Sentence, places: list[Resolution], dates: list[DateMention], published: date | None
) -> list[Telling]:
    """The tellings of a sentence in order. `places` and `dates`: those of this sentence."""
    text = sentence.text
    if events.is_about_games(text):
        return []
    found = list(events.find(sentence))
    real = [t for t in found if t.unreal is None or (t.unreal == "summed up" and _dated(t, dates, sentence))]
    marks = landmarks.find(sentence)
    tellings: list[Telling] = []
    cuts = events.clauses(text)

    def clause_of(position: int) -> int:
        return next((i for i, (a, b) in enumerate(cuts) if a <= position - sentence.start < b), 0)

    for trigger in real:
        home = None
        for telling in reversed(tellings):
            if _same_telling(
                telling,
                trigger,
                text[telling.triggers[-1].end - sentence.start : trigger.start - sentence.start],
            ):
                home = telling
                break
        if home is None:
            tellings.append(Telling(sentence, [trigger], trigger.family))
        else:
            home.triggers.append(trigger)
            home.family = finer(home.family, trigger.family)
    people = acting.find(sentence)
    for telling in tellings:
        first, last = telling.triggers[0], telling.triggers[-1]
        others = [t for t in tellings if t is not telling]
        rivals = [t.start for o in others for t in o.triggers] + [t.start for t in found if t.unreal]
        telling.scenes = scenes.find(telling.triggers, places, sentence, rivals)
        opening = events.clause(text, first.start - sentence.start)[0]
        if first.definite and _CONDEMNED.search(text[opening : first.start - sentence.start]):
            telling.scenes = []  # "condemned the shelling in the capital": where it was said
        if telling.scenes:
            telling.scene_text = scenes.quote(sentence, telling.scenes)
        telling.when, telling.offset = _when(telling, dates, sentence, others)
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
        telling.weapon = next((w for w in named if w), None) or acting.weapon(
            text[a : _own_end(b, last, rivals, sentence)]
        )
        telling.accident = events.is_accident(text)
        # "had" tells of something older, unless it is only what somebody said had happened.
        telling.background = (
            telling.when is None
            and bool(re.search(r"\bhad\b(?! (?:been )?(?:reported|said|confirmed))", text[a:b]))
            and not scenes.SPOKEN.search(text[: first.start - sentence.start])
        )
    for mark in marks:  # the telling whose event word stands nearest recalls it; a strike it led to does not
        nearest = min(
            tellings,
            key=lambda t: min(abs(x.start - mark.start) + abs(x.end - mark.end) for x in t.triggers),
            default=None,
        )
        if nearest is not None and (
            len(tellings) == 1
            or clause_of(mark.start) == clause_of(nearest.trigger.start)
            or mark.start <= nearest.trigger.start < mark.end
        ):
            nearest.landmark = mark
    # What a court or an anniversary recalls is told only where it is well known.
    return [
        t
        for t in tellings
        if t.landmark is not None
        or not (
            events.is_court_case(text, t.trigger.start - sentence.start)
            or events.is_memory(text, t.trigger.start - sentence.start)
            or any(d.use == "anniversary" and d.start < t.trigger.start for d in dates)
        )
    ]
