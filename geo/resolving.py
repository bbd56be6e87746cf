"""Decide which place each mention means, with a probability, the reason and the runners-up. "None" is an answer.

Countries, first-order divisions and regions first: they rarely share a name and they say what the article is about.
Then the other names, each candidate weighed by how it fits the words (kind of place, "X, Country"), the article
(countries named, places near by) and the world (population), twice, so that the sure ones help the others. Last the
words without a name: borders, "the same air base". One name has one meaning in one article.
"""

from __future__ import annotations

import math
import re
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from geopy.distance import geodesic, great_circle
from shapely.geometry import Point

from gazetteer import names as spelling
from gazetteer.model import Candidate, NameKind, Place
from geo import placewords as words
from geo.model import Mention, MentionKind, Resolution

Known = Mapping[str, Sequence[Candidate]]

_AIR_WORD = re.compile(r"\b(?:air|airport|airbase|airfield|aerodrome|base|field)\b", re.IGNORECASE)

NO_ANSWER = 0.35
"""Below this probability a mention stays without a place."""


@dataclass(frozen=True, slots=True)
class Context:
    """What the whole article says about where it plays."""

    countries: Mapping[str, float]
    """Country code -> weight, summed over the names that speak for it."""
    votes: Mapping[str, Mapping[str, float]]
    """Search key -> what that name alone adds to `countries`: a name does not vote for itself."""
    divisions: Mapping[str, float]
    anchors: tuple[Place, ...]
    """Places that are already certain."""


def wanted_ids(mentions: Sequence[Mention], known: Known) -> set[str]:
    """Ids of parts of countries and of borders that `resolve` may need; the caller fetches them."""
    ids: set[str] = set()
    states: list[str] = []
    for mention in mentions:
        country = _country(mention.name, known)
        if country and country.country_code:
            states.append(country.country_code)
            if mention.kind is MentionKind.PART and mention.direction:
                ids.add(f"part:{country.country_code}:{mention.direction}")
        if mention.type_codes and mention.type_codes[0] == "ADM1":
            ids.update(
                f"admin1:{c.place.admin1_code}"
                for c in known.get(spelling.key(mention.name), ())[:5]
                if c.place.admin1_code
            )
    if any(m.kind is MentionKind.BORDER for m in mentions):
        codes = sorted({c for c, _ in Counter(states).most_common(8)})
        ids.update(f"border:{a}-{b}" for i, a in enumerate(codes) for b in codes[i + 1 :])
    return ids


def resolve(
    mentions: Sequence[Mention], known: Known, extra: Mapping[str, Place] | None = None
) -> tuple[Resolution, ...]:
    """A verdict for each mention, in order. `known`: candidates by search key; `extra`: parts and borders by id."""
    extra = extra or {}
    verdicts: dict[int, Resolution] = {}
    first = _context(mentions, known)
    for round_ in range(2):
        context = first if round_ == 0 else _with_anchors(first, verdicts)
        senses: dict[tuple[str, tuple[str, ...]], Resolution] = {}
        for i, mention in enumerate(mentions):
            if mention.kind in (MentionKind.DESCRIPTION, MentionKind.BORDER):
                continue
            verdict = _by_name(mention, i, mentions, known, context, extra)
            sense = (spelling.key(mention.name), mention.type_codes[:1])
            earlier = senses.get(sense)
            if earlier is None or earlier.place is None or verdict.probability > earlier.probability:
                senses[sense] = verdict
            verdicts[i] = verdict
        for i, mention in enumerate(mentions):  # one sense per discourse
            if i in verdicts and mention.kind in (MentionKind.NAME, MentionKind.GIVEN, MentionKind.FACILITY):
                best = senses[(spelling.key(mention.name), mention.type_codes[:1])]
                mine = verdicts[i]
                if (
                    best.place
                    and mine.place
                    and best.place.id != mine.place.id
                    and best.probability > mine.probability + 0.05
                ):
                    verdicts[i] = replace(
                        _placed(mention, best.place, best.probability, best.reason), runners_up=best.runners_up
                    )
    for i, mention in enumerate(mentions):
        if mention.kind is MentionKind.BORDER:
            verdicts[i] = _border(mention, i, mentions, known, extra, verdicts)
    for i, mention in enumerate(mentions):
        if mention.kind is MentionKind.DESCRIPTION:
            verdicts[i] = _description(mention, i, mentions, known, verdicts)
    return tuple(verdicts[i] for i in range(len(mentions)))


# --- the article ----------------------------------------------------------------------------------------------------


def _country(name: str, known: Known) -> Place | None:
    """The country that a name or demonym means, where it means one before all else."""
    if not name:
        return None
    for candidate in known.get(spelling.key(name), ()):
        if candidate.place.feature_code.startswith("PCL") and candidate.kind is not NameKind.CODE:
            return candidate.place
    return None


def _context(mentions: Sequence[Mention], known: Known) -> Context:
    votes: dict[str, defaultdict[str, float]] = {}
    divisions: Counter[str] = Counter()
    for mention in mentions:
        key = spelling.key(mention.name)
        first = key not in votes
        mine = votes.setdefault(key, defaultdict(float))
        country = _country(mention.name, known)
        if country is not None and country.country_code:
            mine[country.country_code] += 1.0 if first else 0.5
            continue
        if not first:
            continue
        candidates = [c for c in known.get(key, ()) if c.kind is not NameKind.CODE]
        codes = {c.place.country_code for c in candidates}
        if len(codes) == 1 and candidates and candidates[0].place.country_code:
            mine[candidates[0].place.country_code] += 0.7  # only one country has a place of this name
        top = max(candidates, key=lambda c: c.place.population or 0, default=None)
        if top is not None and (top.place.population or 0) >= 500_000 and top.place.country_code:
            mine[top.place.country_code] += 0.4
        if candidates and candidates[0].place.feature_code == "ADM1" and candidates[0].place.admin1_code:
            divisions[candidates[0].place.admin1_code] += 1
    total: dict[str, float] = defaultdict(float)
    for counts in votes.values():
        for code, weight in counts.items():
            total[code] += weight
    return Context(dict(sorted(total.items())), votes, dict.fromkeys(sorted(divisions), 1.0), ())


def _with_anchors(context: Context, verdicts: Mapping[int, Resolution]) -> Context:
    anchors = {
        r.place.id: r.place
        for r in verdicts.values()
        if r.place is not None
        and r.probability >= 0.75
        and not r.place.feature_code.startswith("PCL")
        and r.place.feature_class in "PSA"
    }
    return Context(context.countries, context.votes, context.divisions, tuple(anchors[k] for k in sorted(anchors)))


# --- names ----------------------------------------------------------------------------------------------------------


def _by_name(
    mention: Mention, i: int, mentions: Sequence[Mention], known: Known, context: Context, extra: Mapping[str, Place]
) -> Resolution:
    whole = known.get(spelling.key(mention.text), ()) if mention.kind is MentionKind.FACILITY else ()
    whole = [c for c in whole if c.kind is not NameKind.CODE]
    candidates = whole or list(known.get(spelling.key(mention.name), ()))
    if mention.kind is MentionKind.PART and mention.direction:
        country = _country(mention.name, known)
        part = extra.get(f"part:{country.country_code}:{mention.direction}") if country else None
        if part is not None:
            return _placed(mention, part, 0.9, "a part of the country, by its polygon")
    if not candidates:
        return Resolution(mention, None, 0.0, "no place of this name in the gazetteer")
    if mention.kind is MentionKind.DEMONYM:
        country = next((c.place for c in candidates if c.kind is NameKind.DEMONYM), candidates[0].place)
        return _placed(mention, country, 0.9, "the country, by its people's name")
    scored = sorted(
        ((_score(c, mention, i, mentions, known, context), c) for c in candidates),
        key=lambda pair: (-pair[0][0], pair[1].place.id),
    )
    (top, reasons), best = scored[0]
    rivals = [math.exp(min(0.0, 1.6 * (s[0] - top))) for s, c in scored if not _same_spot(c.place, best.place)]
    share = 1.0 / (1.0 + sum(rivals))
    evidence = 1.0 / (1.0 + math.exp(-(top - 1.0) * 0.9))
    probability = round(max(0.02, min(0.99, share * evidence)), 3)
    runners = tuple(c for _, c in scored[1:4])
    unresolved = (
        bool(whole) is False
        and mention.kind is MentionKind.FACILITY
        and mention.type_codes
        and not _fits_type(best.place, mention.type_codes)
    )
    division = (
        extra.get(f"admin1:{best.place.admin1_code}")
        if mention.type_codes[:1] == ("ADM1",) and best.place.feature_class == "P"
        else None
    )
    if division is not None and spelling.skeleton(division.name) == spelling.skeleton(best.place.name):
        return replace(
            _placed(mention, division, probability, f"the division called after {best.place.name}"), runners_up=runners
        )
    if unresolved and (probability < NO_ANSWER or _weight(context, mention, best.place.country_code) <= 0.05):
        return Resolution(mention, None, probability, "nothing of this kind and name where the text plays", runners)
    if unresolved and mention.type_codes[0] in ("ADM2", "ADM1", "ADM3") and best.place.feature_class != "A":
        reason = f"the town that the {mention.text[len(mention.name) :].strip().casefold()} is called after"
        verdict = _placed(mention, best.place, probability * 0.9, reason)
        return replace(verdict, radius_m=max(25_000, verdict.radius_m or 0), geo_precision=3, runners_up=runners)
    if unresolved and best.place.feature_class == "A":
        return Resolution(
            mention,
            None,
            0.1,
            f"no {mention.text[len(mention.name) :].strip().casefold()} of this name in the gazetteer",
            runners,
        )
    if (
        mention.kind is MentionKind.FACILITY
        and not mention.type_codes
        and not whole
        and _weight(context, mention, best.place.country_code) <= 0.05
    ):
        return Resolution(mention, None, 0.1, "a site called so; nothing else points to the town of this name", runners)
    if unresolved:
        kind = mention.text[len(mention.name) :].strip().casefold() or "facility"
        verdict = _placed(
            mention, best.place, probability * 0.9, f"the gazetteer lacks this {kind}; it is called after the town"
        )
        near = 2 if (verdict.geo_precision or 9) <= 2 else verdict.geo_precision
        return replace(verdict, radius_m=max(25_000, verdict.radius_m or 0), geo_precision=near, runners_up=runners)
    if probability < NO_ANSWER:
        return Resolution(
            mention, None, probability, "several places fit equally badly", tuple(c for _, c in scored[:4])
        )
    return replace(
        _placed(mention, best.place, probability, "; ".join(reasons) or "the best known place of this name"),
        runners_up=runners,
    )


def _score(
    candidate: Candidate, mention: Mention, i: int, mentions: Sequence[Mention], known: Known, context: Context
) -> tuple[float, list[str]]:
    place = candidate.place
    score, reasons = 0.0, []
    code = place.feature_code
    population = place.population
    if code.startswith("PCL"):
        score += 8.0
        reasons.append("a country")
    elif code == "ADM1":
        score += 3.4
        reasons.append("a first-order division")
    elif code == "CONT":
        score += 5.0
    elif place.source in ("curated", "region"):
        score += 3.8
    elif place.feature_class == "P":
        score += 0.7 * math.log10(max(population or 300, 300)) - 1.2
        if code == "PPLC":
            score += 1.8
            reasons.append("a capital")
        elif (population or 0) >= 1_000_000:
            score += 0.8
    elif place.source == "airport":
        score += 0.2
    else:
        score += 0.8
    score += {
        NameKind.PRIMARY: 1.1,
        NameKind.CURATED: 0.9,
        NameKind.ALTERNATE: -0.2,
        NameKind.HISTORIC: -0.9,
        NameKind.VARIANT: -0.9,
        NameKind.CODE: -2.5,
        NameKind.DEMONYM: -1.5,
    }[candidate.kind]
    bare = not mention.type_codes and mention.kind in (MentionKind.NAME, MentionKind.GIVEN)
    if code == "ADM1" and (bare or mention.distance_m is not None) and _town_of_same_name(place, mention, known):
        score -= 3.2  # "in Kandahar" is the town, "Kandahar province" is not
    if code == "ADM1" and _follows_town_of(place, i, mentions, known):
        score += 6.0
        reasons.insert(0, "the town before it lies there")
    if candidate.similarity < 1.0:
        # A name that only sounds alike needs the article's main country to be believed.
        main = max((_weight(context, mention, c) for c in context.countries), default=0.0)
        score -= 3.0 * (1.0 - candidate.similarity)
        score -= 0.0 if _weight(context, mention, place.country_code) > max(0.05, main / 2) else 3.5
    if mention.type_codes:
        if _fits_type(place, mention.type_codes):
            score += 1.2 if place.feature_class == "P" else 3.0
            reasons.append("the kind of place that the words announce")
        elif (
            mention.kind is MentionKind.FACILITY
            and place.feature_class == "A"
            and mention.type_codes[0] not in ("ADM1", "ADM2")
        ):
            score -= 2.5
        else:
            score -= 0.8
    elif place.source == "airport":
        # "Baghdad Airport" says what it is; a bare "Kirkuk" is the town.
        score += 2.0 if _AIR_WORD.search(mention.text) else -3.0
    most = max((_weight(context, mention, c) for c in context.countries), default=0.0)
    weight = _weight(context, mention, place.country_code)
    if not code.startswith("PCL") and place.country_code:
        if weight > 0.05:
            score += 0.5 + 1.6 * weight / max(most, 1.0)
            reasons.append(f"{place.country_name or place.country_code} is named in the text")
        elif most >= 1.0 and (population or 0) < 1_000_000:
            # a namesake in a country that the text does not speak of
            score -= 3.2 if (population or 0) < 100_000 else 0.7 if candidate.kind is NameKind.PRIMARY else 2.2
    if place.admin1_code and place.admin1_code in context.divisions and code != "ADM1":
        score += 1.2
        reasons.append("its province is named in the text")
    qualifier, tight = _qualifier(mention, i, mentions)
    if qualifier is not None and _country(mention.name, known) and _country(qualifier.name, known):
        qualifier = None  # "China, Mexico and Canada" is a list of countries, not a town in Mexico
    if qualifier is not None:
        fit = _contains(qualifier, place, known, mention.kind is MentionKind.FACILITY)
        if fit is True:
            score += 5.0 if tight else 2.5
            reasons.insert(0, f"“{mention.text}, {qualifier.name}”")
        elif fit is False and tight:
            score -= 4.0 if mention.kind is MentionKind.FACILITY else 1.5
    if context.anchors and not code.startswith("PCL"):
        others = [a for a in context.anchors if a.id != place.id and a.name != place.name]
        if others:
            nearest = min(_kilometres(place, a) for a in others[:40])
            if nearest <= 150:
                score += 1.3
                reasons.append("near other places of the article")
            elif nearest <= 500:
                score += 0.6
    return score, reasons


def _town_of_same_name(division: Place, mention: Mention, known: Known) -> bool:
    return any(
        c.place.feature_class == "P"
        and c.place.admin1_code == division.admin1_code
        and (c.place.population or 0) >= 10_000
        for c in known.get(spelling.key(mention.name), ())
    )


def _follows_town_of(division: Place, i: int, mentions: Sequence[Mention], known: Known) -> bool:
    """ "Atlanta, Georgia": does the mention right before name a town of the division?"""
    if i == 0 or not 0 < mentions[i].start - mentions[i - 1].end <= 2:
        return False
    return any(
        c.place.feature_class == "P" and c.place.admin1_code == division.admin1_code and c.kind is not NameKind.CODE
        for c in known.get(spelling.key(mentions[i - 1].name), ())
    )


def _weight(context: Context, mention: Mention, country_code: str | None) -> float:
    """How much the other names of the article speak for a country."""
    if country_code is None:
        return 0.0
    own = context.votes.get(spelling.key(mention.name), {})
    return context.countries.get(country_code, 0.0) - own.get(country_code, 0.0)


def _qualifier(mention: Mention, i: int, mentions: Sequence[Mention]) -> tuple[Mention | None, bool]:
    """The mention right behind this one that says where it lies, and whether it says so tightly: "Mosul, Iraq",
    "the Medina district of Mogadishu"; loosely: "Mosul in Iraq"."""
    if i + 1 < len(mentions):
        following = mentions[i + 1]
        gap = following.start - mention.end
        if following.kind in (MentionKind.NAME, MentionKind.FACILITY, MentionKind.GIVEN, MentionKind.PART):
            if 0 < gap <= 2 or (gap == 4 and mention.kind is MentionKind.FACILITY):
                return following, True
            if gap <= 9:
                return following, False
    return None, False


def _contains(qualifier: Mention, place: Place, known: Known, tight: bool = False) -> bool | None:
    """Does the place lie in what the qualifier names? None where the qualifier could not contain anything."""
    holders = [c.place for c in known.get(spelling.key(qualifier.name), ()) if c.kind is not NameKind.DEMONYM]
    areas = [h for h in holders if h.feature_code.startswith("PCL") or h.feature_code == "ADM1"]
    for area in areas:
        if (
            area.feature_code.startswith("PCL")
            and area.country_code == place.country_code
            and not place.feature_code.startswith("PCL")
        ):
            return True
        if (
            area.feature_code == "ADM1"
            and area.admin1_code
            and area.admin1_code == place.admin1_code
            and area.id != place.id
        ):
            return True
    towns = [h for h in holders if h.feature_class == "P" and (h.population or 0) >= 100_000 and h.id != place.id]
    if any(_kilometres(h, place) <= 60 for h in towns):
        return True
    # A list ("Erbil, Baghdad and Basra") is no containment: only a qualifier that can contain speaks against.
    return False if (areas and not towns) or (tight and (areas or towns)) else None


def _kilometres(a: Place, b: Place) -> float:
    return _great_circle_km(a.point.x, a.point.y, b.point.x, b.point.y)


@lru_cache(maxsize=65_536)
def _great_circle_km(lon_a: float, lat_a: float, lon_b: float, lat_b: float) -> float:
    """On the sphere: good to half a percent, which is enough to tell near from far."""
    return float(great_circle((lat_a, lon_a), (lat_b, lon_b)).km)


def _fits_type(place: Place, codes: Sequence[str]) -> bool:
    if place.feature_code in codes:
        return True
    settled = "PPL" in codes or codes[0].startswith("PPL")
    return (settled and place.feature_code.startswith("PPL")) or (codes[0] == "ADM1" and place.feature_code == "RGN")


def _same_spot(a: Place, b: Place) -> bool:
    return a.id == b.id or (a.country_code == b.country_code and _kilometres(a, b) <= 25)


# --- how precise ----------------------------------------------------------------------------------------------------


def _placed(mention: Mention, place: Place, probability: float, reason: str) -> Resolution:
    """The verdict for `place`, with UCDP where_prec and radius as the words leave them."""
    if mention.distance_m is not None and place.feature_class in "PSLT" and not place.has_area:
        return _offset(mention, place, probability, reason)
    precision, radius = precision_of(place)
    if mention.near and precision == 1:
        precision, radius = 2, max(radius, 15_000)
    if mention.kind is MentionKind.PART and precision not in (5, 6, 7):
        precision = max(precision, 4) if precision >= 4 else 2
    elif mention.kind is MentionKind.PART and precision == 6:
        precision = 5
    return Resolution(mention, place, round(probability, 3), reason, (), radius, precision)


def precision_of(place: Place) -> tuple[int, int]:
    """(UCDP where_prec, radius in metres) of a place named without more."""
    code = place.feature_code
    if code.startswith("PCL") or code == "CONT":
        return 6, place.precision_m
    if code == "ADM1":
        return 4, place.precision_m
    if code in ("ADM2", "ADM3"):
        return 3, place.precision_m
    if place.id.startswith(("part:", "border:")):
        return 5, place.precision_m
    if place.feature_class == "H":
        return 7, place.precision_m
    if place.has_area or code == "RGN":
        return 5, place.precision_m
    return 1, max(1_000, place.precision_m)


def _offset(mention: Mention, place: Place, probability: float, reason: str) -> Resolution:
    """ "30 km north of Mosul": a point of its own, uncertain by a quarter of the way and the town's size."""
    metres = mention.distance_m or 0.0
    _, radius = precision_of(place)
    bearing = words.BEARINGS.get(mention.direction or "")
    if bearing is None:
        wide = int(metres + radius)
        return Resolution(
            mention, place, probability, f"{reason}; within {metres / 1000:.0f} km", (), wide, 1 if wide <= 5_000 else 2
        )
    target = geodesic(meters=metres).destination((place.point.y, place.point.x), bearing)
    moved = replace(
        place,
        id=f"{place.id}+{metres:.0f}m{mention.direction}",
        name=f"{metres / 1000:.0f} km {mention.direction} of {place.name}",
        point=Point(round(target.longitude, 5), round(target.latitude, 5)),
        has_area=False,
        population=None,
    )
    return Resolution(
        mention,
        moved,
        probability,
        f"{reason}; {metres / 1000:.0f} km {mention.direction} of it on the ellipsoid",
        (),
        int(radius + metres / 4),
        2,
    )


# --- borders and descriptions ---------------------------------------------------------------------------------------


def _border(
    mention: Mention,
    i: int,
    mentions: Sequence[Mention],
    known: Known,
    extra: Mapping[str, Place],
    verdicts: Mapping[int, Resolution],
) -> Resolution:
    named = [c for n in (mention.name, mention.other_name) if n and (c := _country(n, known))]
    codes = [c.country_code for c in named if c.country_code]
    side = _country(mention.side, known) if mention.side else None
    if side is not None and side.country_code and side.country_code not in codes and len(codes) < 2:
        codes.append(side.country_code)
    seen_from = codes[0] if len(codes) == 1 else None
    if len(codes) == 2:
        place = extra.get("border:" + "-".join(sorted(codes)))
        if place is not None:
            return _on_side(mention, place, side, 0.93, "the line that the two countries share")
        return Resolution(mention, None, 0.2, "these countries share no border")
    # "the border": the one the article named before, else one between the countries it is about.
    for j in range(i - 1, -1, -1):
        earlier = verdicts.get(j)
        if (
            earlier
            and mentions[j].kind is MentionKind.BORDER
            and earlier.place
            and (not codes or codes[0] in earlier.place.id)
        ):
            return _on_side(mention, earlier.place, side, 0.85, "the border named before")
    nearby: list[str] = []
    window = range(max(0, i - 60), min(len(mentions), i + 60))
    order = sorted(window, key=lambda j: (abs(mentions[j].start - mention.start), j))
    for j in order:
        country = _country(mentions[j].name, known)
        if (
            country is None
            or mentions[j].kind is MentionKind.BORDER
            or not country.country_code
            or country.country_code in nearby
        ):
            continue
        nearby.append(country.country_code)
        pairs = [(codes[0], country.country_code)] if codes else [(a, country.country_code) for a in nearby[:-1]]
        for a, b in pairs:
            place = extra.get("border:" + "-".join(sorted((a, b))))
            if place is not None:
                # "near the Syrian border" is said from the other side of it.
                return _on_side(
                    mention,
                    place,
                    side or (country if seen_from else None),
                    0.7,
                    "the border between the countries named around it",
                )
    return Resolution(mention, None, 0.1, "the text does not say which border")


def _on_side(mention: Mention, border: Place, side: Place | None, probability: float, reason: str) -> Resolution:
    if side is not None:
        border = replace(border, country_code=side.country_code, country_name=side.name)
        reason += f", on {side.name}'s side"
    return Resolution(mention, border, probability, reason, (), border.precision_m, 5)


def _description(
    mention: Mention, i: int, mentions: Sequence[Mention], known: Known, verdicts: Mapping[int, Resolution]
) -> Resolution:
    codes = mention.type_codes
    if mention.side == "unnamed":
        country = _country(mention.name, known)
        if country is None:
            return Resolution(mention, None, 0.1, "the text does not name it")
        return _placed(mention, country, 0.6, f"not named; somewhere in {country.name}")
    if mention.name:
        for candidate in known.get(spelling.key(mention.name), ()):
            if candidate.place.feature_code in ("PPLC", "PPLG"):
                return _placed(mention, candidate.place, 0.9, f"the capital of {candidate.place.country_name}")
        return Resolution(mention, None, 0.1, "the gazetteer names no such capital")
    before = verdicts.get(i - 1)
    if before is not None and before.place is not None and mention.start - mentions[i - 1].end <= 2:
        return replace(before, mention=mention, reason=f"said of “{mentions[i - 1].text}”", runners_up=())
    wanted = set(codes)
    capital = bool(codes) and codes[0] in ("PPLC", "PPLA")
    for j in range(i - 1, -1, -1):
        if (
            mentions[j].side == "unnamed"
            and set(mentions[j].type_codes[:1]) & wanted
            and mention.start - mentions[j].start <= 4_000
        ):
            unnamed = verdicts[j]
            return replace(
                unnamed,
                mention=mention,
                probability=round(unnamed.probability * 0.85, 3),
                reason=f"the {mentions[j].text} before, which the text does not name",
                runners_up=(),
            )
        earlier = verdicts.get(j)
        if earlier is None or earlier.place is None or mentions[j].kind in (MentionKind.DEMONYM, MentionKind.BORDER):
            continue
        place = earlier.place
        fits = (
            place.feature_code in (("PPLC", "PPLG") if codes[0] == "PPLC" else ("PPLA", "PPLC"))
            if capital
            else place.feature_code in wanted
            or (place.feature_class == "P" and wanted & {"PPL", "PPLC", "PPLA", "PPLX"})
        )
        if not fits and mentions[j].kind is MentionKind.FACILITY and set(mentions[j].type_codes) & wanted:
            fits = True
        if fits and mention.start - mentions[j].start <= 4_000:
            return replace(
                earlier,
                mention=mention,
                probability=round(earlier.probability * 0.85, 3),
                reason=f"the same as “{mentions[j].text}” before",
                runners_up=(),
            )
    return Resolution(mention, None, 0.1, "no place of this kind is named before it")
