"""Merge the reports of one incident, from however many articles, and say what they say together.

Pairs of reports are scored, the best links are taken first, and some links are forbidden: two reports of one article
(the article told them apart), an attack and the answer to it, two countries, two exact places far from each other. The
result depends on the set of reports alone, not on their order. Ids are for life: see `merge`.
"""

from __future__ import annotations

import base64
import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from gazetteer.model import Place
from geo import figures
from geo.model import Claim, Incident, Report
from geo.scenes import can_be_one_place

LINK = 1.9
"""Score from which two reports can be one incident."""
LINK_VAGUE = 1.6
"""The same where one of them knows only a month or a year; `_vague_between` guards it."""

_KINDS: dict[str, str] = {
    "Air/drone strike": "air",
    "Shelling/artillery/missile attack": "shelling",
    "Remote explosive/landmine/IED": "bomb",
    "Suicide bomb": "bomb",
    "Grenade": "bomb",
    "Disrupted weapons use": "intercept",
    "Abduction/forced disappearance": "abduction",
    "Armed clash": "armed",
    "Attack": "armed",
    "Non-state actor overtakes territory": "armed",
    "Looting/property destruction": "seizure",
    "Violent demonstration": "riot",
}
_MIXED = frozenset(
    frozenset(p) for p in (("bomb", "armed"), ("air", "intercept"), ("shelling", "intercept"), ("riot", "armed"))
)


@dataclass(frozen=True, slots=True)
class Summary:
    """What all reports of an incident say together: the finest supported place and date, all claims."""

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
    country_code: str | None
    actor_1: str | None
    actor_2: str | None
    weapon: str | None
    killed: tuple[int | None, int | None, int | None]
    """low, best, high: least and most that any claim gives, never a sum; null where nobody gives a figure."""
    wounded: tuple[int | None, int | None, int | None]
    claims: tuple[tuple[str, Claim], ...]
    """(article id, claim), article by article."""
    confidence: float
    rival_places: tuple[str, ...]


def merge(
    reports: Iterable[Report], known: Mapping[str, str], publishers: Mapping[str, str | None]
) -> tuple[Incident, ...]:
    """Incidents from reports. `known`: report key -> incident id given before, oldest first; `publishers`: article id
    -> publisher. A new incident is named after its first report. An incident keeps the oldest id among its reports; the
    others become aliases. Where an incident falls apart, the part with most of its reports keeps the id.
    """
    ordered = sorted(reports, key=lambda r: r.key)
    clusters = _clusters(ordered)
    ids = _ids(clusters, known)
    of_report = {r.key: incident for members, (incident, _) in zip(clusters, ids, strict=True) for r in members}
    incidents = []
    for members, (incident, aliases) in zip(clusters, ids, strict=True):
        answers = {of_report[r.response_to] for r in members if r.response_to in of_report} - {incident}
        incidents.append(Incident(incident, tuple(_lead_first(members)), aliases, tuple(sorted(answers))))
    return tuple(sorted(incidents, key=lambda i: i.id))


def summary(incident: Incident) -> Summary:
    """The merged view of an incident."""
    reports = incident.reports
    lead = reports[0]
    dated = min(reports, key=lambda r: (r.date_start is None, r.date_precision or 9, r.date_text is None, r.key))
    claims = tuple((r.article_id, c) for r in reports for c in r.claims)
    figure_claims = [c for _, c in claims]
    kind = Counter(r.sub_event_type for r in reports if r.sub_event_type != "Attack").most_common()
    typed = next((r for r in reports if kind and r.sub_event_type == min(kind, key=lambda k: (-k[1], k[0]))[0]), lead)
    statuses = {r.status for r in reports}
    rivals = sorted(
        {r.place.name for r in reports if r.place and lead.place and not _agree(r, lead)}
        | {p for r in reports for p in r.rival_places}
    )
    doubt = 1.0
    for r in reports:
        doubt *= 1.0 - r.confidence
    return Summary(
        title=lead.title
        if typed is lead or lead.title.find(lead.sub_event_type)
        else typed.sub_event_type + lead.title[len(lead.sub_event_type) :],
        event_type=typed.event_type,
        sub_event_type=typed.sub_event_type,
        stage=lead.stage,
        status="contested"
        if rivals
        else next((s for s in ("confirmed", "claimed", "denied") if s in statuses), "attributed"),
        date_start=dated.date_start,
        date_end=dated.date_end,
        date_precision=dated.date_precision,
        date_text=dated.date_text,
        place=lead.place,
        place_text=lead.place_text,
        geo_precision=lead.geo_precision,
        radius_m=lead.radius_m,
        geo_method=lead.geo_method,
        country_code=lead.country_code,
        actor_1=next((r.actor_1 for r in reports if r.actor_1), None),
        actor_2=next((r.actor_2 for r in reports if r.actor_2), None),
        weapon=next((r.weapon for r in reports if r.weapon), None),
        killed=figures.total(figure_claims, "killed"),
        wounded=figures.total(figure_claims, "wounded"),
        claims=claims,
        confidence=round(min(0.99, 1.0 - doubt), 2) if len(reports) > 1 else lead.confidence,
        rival_places=tuple(rivals),
    )


# --- links ----------------------------------------------------------------------------------------------------------


def _clusters(reports: Sequence[Report]) -> list[list[Report]]:
    links = []
    for i, j in _neighbours(reports):
        score = link(reports[i], reports[j])
        vague = max(reports[i].date_precision or 5, reports[j].date_precision or 5) >= 4
        if score is not None and score >= (LINK_VAGUE if vague else LINK):
            links.append((-score, reports[i].key, reports[j].key, i, j))
    links.sort()
    owner = list(range(len(reports)))
    members: dict[int, list[int]] = {i: [i] for i in range(len(reports))}
    for _, _, _, i, j in links:
        a, b = owner[i], owner[j]
        if a == b:
            continue
        if any(_forbidden(reports[x], reports[y]) for x in members[a] for y in members[b]):
            continue
        if _vague_between(reports, links, i, j, owner):
            continue
        for x in members[b]:
            owner[x] = a
        members[a].extend(members.pop(b))
    return [[reports[i] for i in sorted(group)] for _, group in sorted(members.items())]


def _neighbours(reports: Sequence[Report]) -> Iterable[tuple[int, int]]:
    """Pairs that can meet: a sweep over their dates; reports without a date meet nobody."""
    order = sorted((r.date_start, i) for i, r in enumerate(reports) if r.date_start is not None)
    open_: list[tuple[date, int]] = []
    for start, i in order:
        open_ = [(end, j) for end, j in open_ if end + timedelta(1) >= start]
        for _, j in open_:
            yield (i, j) if i < j else (j, i)
        end = reports[i].date_end or start
        open_.append((end, i))


def _vague_between(
    reports: Sequence[Report], links: Sequence[tuple[float, str, str, int, int]], i: int, j: int, owner: Sequence[int]
) -> bool:
    """A report that knows only a month or a year joins a dated incident only where no second one fits as well."""
    for vague, exact in ((i, j), (j, i)):
        if (reports[vague].date_precision or 9) < 4 or (reports[exact].date_precision or 9) >= 4:
            continue
        fits: dict[int, float] = defaultdict(float)
        for negative, _, _, a, b in links:
            if vague in (a, b):
                other = b if a == vague else a
                if (reports[other].date_precision or 9) < 4 and owner[other] != owner[vague]:
                    fits[owner[other]] = max(fits[owner[other]], -negative)
        best = sorted(fits.values(), reverse=True)
        if len(best) > 1 and best[0] - best[1] < 0.4:
            days = {(reports[x].date_start, reports[x].date_end) for x in range(len(reports)) if owner[x] in fits}
            if len(days) > 1:
                return True
    return False


def _forbidden(a: Report, b: Report) -> bool:
    if a.article_id == b.article_id:
        return True
    if a.response_to == b.key or b.response_to == a.key:
        return True
    if a.country_code and b.country_code and a.country_code != b.country_code:
        return True
    return link(a, b) is None


def link(a: Report, b: Report) -> float | None:
    """How much speaks for one incident; None where something forbids it."""
    if a.article_id == b.article_id or (a.country_code and b.country_code and a.country_code != b.country_code):
        return None
    if a.known_event or b.known_event:
        return 9.0 if a.known_event == b.known_event else None
    kind_a, kind_b = _KINDS.get(a.sub_event_type, a.sub_event_type), _KINDS.get(b.sub_event_type, b.sub_event_type)
    score = 0.3
    if kind_a != kind_b:
        loose = "Attack" in (a.sub_event_type, b.sub_event_type)
        if not loose and frozenset((kind_a, kind_b)) not in _MIXED:
            return None
        score = -0.2
    if a.date_start is None or b.date_start is None:
        return None
    end_a, end_b = a.date_end or a.date_start, b.date_end or b.date_start
    worst = max(a.date_precision or 5, b.date_precision or 5)
    slack = timedelta(1 if worst <= 2 else 0)
    if a.date_start - slack > end_b or b.date_start - slack > end_a:
        return None
    if worst <= 2:
        score += 1.6 if a.date_start <= end_b and b.date_start <= end_a else 0.9
    else:
        score += {3: 1.1, 4: 0.8}.get(worst, 0.4)
    if a.place is not None and b.place is not None:
        if a.place.id == b.place.id:
            score += 0.3 if a.geo_precision == 6 else 1.6
        elif can_be_one_place(a.place, b.place, a.radius_m or 0, b.radius_m or 0):
            score += 0.6 if 6 in (a.geo_precision, b.geo_precision) else 1.1
        else:
            return None
    elif a.country_code and a.country_code == b.country_code:
        score += 0.2
    if a.actor_1 and b.actor_1:
        if a.actor_1 == b.actor_1:
            score += 0.7
        elif a.actor_1 == b.actor_2 and a.actor_2 == b.actor_1:
            return None  # the other direction: an attack and its answer
        else:
            score -= 0.3
    if a.actor_2 and a.actor_2 == b.actor_2:
        score += 0.3
    victims_a = {c.who for c in a.claims if c.who and c.kind == "killed" and c.who[:1].isupper()}
    victims_b = {c.who for c in b.claims if c.who and c.kind == "killed" and c.who[:1].isupper()}
    if victims_a and victims_b:
        score += 1.2 if _last_names(victims_a) & _last_names(victims_b) else 0.0
    low_a, _, high_a = figures.total(list(a.claims), "killed")
    low_b, _, high_b = figures.total(list(b.claims), "killed")
    if low_a and low_b and high_a and high_b:
        score += 0.3 if low_a <= high_b and low_b <= high_a else -0.2
    if a.weapon and a.weapon == b.weapon:
        score += 0.2
    return score


def _last_names(victims: Iterable[str]) -> set[str]:
    return {
        word.casefold()
        for who in victims
        for word in who.replace(",", " ").split()
        if len(word) > 4 and word[0].isupper()
    }


def _agree(a: Report, b: Report) -> bool:
    if a.place is None or b.place is None:
        return True
    return can_be_one_place(a.place, b.place, a.radius_m or 0, b.radius_m or 0)


def _lead_first(members: Sequence[Report]) -> list[Report]:
    """The report with the finest place and date leads."""
    return sorted(
        members,
        key=lambda r: (
            r.place is None,
            {1: 0, 2: 1, 3: 2, 7: 3, 4: 3, 5: 4, 6: 9}.get(r.geo_precision or 9, 9),
            r.date_precision or 9,
            -r.confidence,
            r.key,
        ),
    )


# --- ids ------------------------------------------------------------------------------------------------------------


def new_id(report_key: str, taken: set[str]) -> str:
    """An id that can be spoken: "IM-" and eight letters and digits, made from the first report's key."""
    for salt in range(1000):
        digest = hashlib.sha256(f"{report_key}:{salt}".encode()).digest()
        made = "IM-" + base64.b32encode(digest)[:8].decode()
        if made not in taken:
            return made
    raise AssertionError("a thousand collisions in forty bits")


def _ids(clusters: Sequence[Sequence[Report]], known: Mapping[str, str]) -> list[tuple[str, tuple[str, ...]]]:
    age: dict[str, int] = {}
    for incident in known.values():
        age.setdefault(incident, len(age))
    votes: dict[str, Counter[int]] = defaultdict(Counter)
    for n, members in enumerate(clusters):
        for report in members:
            if report.key in known:
                votes[known[report.key]][n] += 1
    owner = {
        incident: min(counts, key=lambda n: (-counts[n], clusters[n][0].key)) for incident, counts in votes.items()
    }
    taken = set(age)
    result = []
    for n, members in enumerate(clusters):
        mine = sorted((i for i, cluster in owner.items() if cluster == n), key=lambda i: age[i])
        if mine:
            result.append((mine[0], tuple(mine[1:])))
        else:
            made = new_id(members[0].key, taken)
            taken.add(made)
            result.append((made, ()))
    return result
