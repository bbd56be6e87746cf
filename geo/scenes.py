"""Which of a sentence's places is the scene of its event, and which places can be one scene.

A toponym is not an event's place. What counts is how the words stand together: the preposition before the name, the
clause it shares with the event word, whether it belongs to a speaker, a dateline, somebody's army or a journey. Of one
article's twenty places two are scenes, and many event words have none in their sentence: "none" is an answer.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

from geopy.distance import geodesic, great_circle
from shapely.geometry import Point

from gazetteer.model import Place
from geo import events
from geo.events import Trigger
from geo.model import MentionKind, Resolution, Sentence
from geo.placewords import SPEECH

NEAR_KM = 30.0
"""Two exact places of one article this close can be one scene."""
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
SPOKEN = re.compile(r"\b(?:" + "|".join(sorted(SPEECH)) + r")\b")
_ORIGIN_OF = re.compile(
    r"\b(?:fired|launched|flown|flew|came|originat\w+|took off|travel\w+|trip|visit|arriv\w+|born|based in|reported|speaking|spoke|statement|reporters|headquarter\w+|operate\w*|fled|flee|hospitali[sz]ed|hospitals?|taken|evacuated|airlifted|rushed|transferred)\b[^,;]{0,25}$",
    re.IGNORECASE,
)
_KEEPERS = re.compile(
    r"\b(?:troops|forces|soldiers|coalition|mission|presence|embassy staff|government|officials?|leaders?|groups?|network|militias?|officers?|ministry|police|spokes\w+|commander|general|ambassador|residents?|families|people)[  ](?:stationed[  ]|deployed[  ]|based[  ]|still[  ]|remaining[  ]|largely[  ])*in[  ](?:the[  ])?(?:[\w-]+[  ])?$",
    re.IGNORECASE,
)


def find(
    triggers: Sequence[Trigger], places: Sequence[Resolution], sentence: Sentence, others: Sequence[int]
) -> list[Resolution]:
    """The mentions that say where the event of `triggers` happened: none, one, or several joined by "and"."""
    text, base = sentence.text, sentence.start
    silent = _speaker_spans(sentence, triggers)
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
        score = _scene_score(resolution, text, a, b, triggers, base)
        if triggers[0].definite and not same_clause(text, a, triggers, base):
            continue
        told_there = [start for start in others if events.in_one_clause(text, a, start - base)]
        if told_there and not same_clause(text, a, triggers, base):
            continue  # the place of what that clause tells
        rivals = [abs(start - mention.start) for start in others]
        mine = min(abs(t.start - mention.start) for t in triggers)
        if (
            rivals
            and min(rivals) < mine
            and not (
                same_clause(text, a, triggers, base)
                and all(start < triggers[0].start or start > mention.start for start in others)
            )
        ):
            score -= 4.0
        if score > 0.4:
            ranked.append((score, -n, resolution))
    if not ranked:
        return []
    ranked.sort(key=lambda r: (-r[0], -r[1]))
    best = ranked[0][2]
    if is_whole_country(best) or (best.geo_precision or 0) >= 4:
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
            and is_whole_country(best)
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
            if inside(left, right) or inside(right, left) or (right.mention.near and "and" not in gap):
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


def _between(scenes: list[Resolution], places: Sequence[Resolution], text: str, base: int) -> list[Resolution] | None:
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
_PEOPLE_IN = re.compile(
    r"\b(?:analysts?|officials?|spokes\w+|experts?|researchers?|diplomats?|traders?|observers?|reporters?|correspondents?|journalists?|sources?)[  ]in[  ](?:the[  ])?$",
    re.IGNORECASE,
)


def stands_in_place(text: str, at: int) -> bool:
    """Does a preposition of place stand before `at`, and no word of speech or travel?"""
    match = events.last(_PREPOSITION.finditer(text[max(0, at - 60) : at]))
    lead = text[max(0, at - 60) : at]
    return (
        match is not None
        and match["prep"].casefold() in _GOOD
        and not _ORIGIN_OF.search(lead)
        and not SPOKEN.search(lead)
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


def _scene_score(resolution: Resolution, text: str, a: int, b: int, triggers: Sequence[Trigger], base: int) -> float:
    mention = resolution.mention
    before = text[max(0, a - 60) : a]
    classed = _CLASS_BEFORE.search(before)
    if classed:
        before = before[: classed.start()]  # "from the area of X": what counts is "from"
    match = events.last(_PREPOSITION.finditer(before))
    shift = max(0, a - 60)
    told_between = [t.end - base for t in triggers if t.end - base <= a]
    if match and any(shift + match.start() < end for end in told_between):
        match = None  # "rockets from X hit Y": the preposition belongs to what stands before the event word
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
    origin = _ORIGIN_OF.search(text[max(0, a - 60) : a])
    if origin and not any(shift + origin.start() < end for end in told_between):
        score -= 2.2
    beside = _BESIDE.search(text[max(0, a - 40) : a])
    if beside:
        score += 1.0 if beside["inside"] else -3.0  # "in the west of X" lies in X, "west of X" does not
    if _KEEPERS.search(text[max(0, a - 70) : a]) and resolution.geo_precision == 6:
        score -= 0.9
    first, last = triggers[0].start - base, triggers[-1].end - base
    score += 1.0 if same_clause(text, a, triggers, base) else -0.5
    if a >= first:
        score += 0.5
    for trigger in triggers:
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


def same_clause(text: str, position: int, triggers: Sequence[Trigger], base: int) -> bool:
    """Does the position in the sentence share a clause with one of the event words?"""
    span = events.clause(text, position)
    return any(span[0] <= t.start - base < span[1] for t in triggers)


def _speaker_spans(sentence: Sentence, triggers: Sequence[Trigger]) -> list[tuple[int, int]]:
    """Parts of the sentence that only say who speaks, and where from."""
    text, base = sentence.text, sentence.start
    spans: list[tuple[int, int]] = []
    first = triggers[0].start - base
    last = triggers[-1].end - base
    for verb in SPOKEN.finditer(text):
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


def quote(sentence: Sentence, scenes: list[Resolution]) -> str:
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


def is_whole_country(resolution: Resolution) -> bool:
    """No finer than a country: listed, never drawn."""
    return resolution.geo_precision == 6


def country_of(resolution: Resolution) -> str | None:
    """ISO code of the country the place lies in, where one owns it."""
    return resolution.place.country_code if resolution.place is not None else None


def is_owned_by_none(resolution: Resolution) -> bool:
    """A sea or region that no country owns; a border whose side is open does not count."""
    return resolution.place is not None and not resolution.place.id.startswith("border:")


def inside(inner: Resolution, outer: Resolution) -> bool:
    """Does the inner place lie in the outer one?"""
    a, b = inner.place, outer.place
    if a is None or b is None or a.id == b.id:
        return False
    return place_inside(a, b)


def _finer_than(inner: Resolution, outer: Resolution) -> bool:
    """Inside the other, or a town said to lie on a border."""
    if outer.place is not None and inner.place is not None and outer.place.id.startswith("border:"):
        return inner.geo_precision in (1, 2) and inner.place.country_code in outer.place.id[7:].split("-")
    return inside(inner, outer)


def place_inside(a: Place, b: Place) -> bool:
    """Does place `a` lie in place `b`, as far as codes and distances tell?"""
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
    if a.id == b.id or place_inside(a, b) or place_inside(b, a):
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


def vicinity(resolution: Resolution) -> Resolution:
    """The same place, less exactly: where an answer to an attack struck."""
    radius = max(20_000, (resolution.radius_m or 0) * 2)
    return replace(
        resolution,
        geo_precision=max(2, resolution.geo_precision or 2),
        radius_m=radius,
        probability=round(resolution.probability * 0.8, 3),
        reason="where the event it answers happened; the text names no place",
    )


def coarseness(scene: Resolution) -> int:
    """For sorting: the finest first."""
    if scene.place is not None and scene.place.id.startswith("border:"):
        return 3  # finer than the part of the country it runs through
    return {1: 0, 2: 1, 3: 2, 4: 3, 7: 3, 5: 4, 6: 9}.get(scene.geo_precision or 9, 9)


def sided(border: Resolution, code: str, name: str | None) -> Resolution:
    """The border, seen from the side of one country."""
    if border.place is None:
        return border
    return replace(border, place=replace(border.place, country_code=code, country_name=name))
