"""Scores what was read of the articles in tests/data/news against their truth files. Used by test_news.py and by
benchmarks/reading.py.

A pin is right when it lies within `radius_km` of one of the incident's places and its dates, widened by a day, meet the
true ones. Pins and true incidents are paired one to one, the right kind of event first, then the closest. What has no
point is no pin: neither right nor wrong.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from geopy.distance import great_circle

from geo.model import Article

NEWS = Path(__file__).parents[1] / "data" / "news"

KINDS: dict[str, frozenset[str]] = {
    "air": frozenset({"Air/drone strike"}),
    "shelling": frozenset({"Shelling/artillery/missile attack"}),
    "bomb": frozenset({"Remote explosive/landmine/IED", "Suicide bomb", "Grenade"}),
    "shooting": frozenset({"Armed clash", "Attack"}),
    "abduction": frozenset({"Abduction/forced disappearance"}),
    "raid": frozenset(
        {"Arrests", "Looting/property destruction", "Armed clash", "Attack", "Disrupted weapons use", "Other"}
    ),
}
"""Families of the truth files -> ACLED sub-event types that are right for them."""

LEVELS = ("must", "should", "stretch")


@dataclass(slots=True)
class Score:
    """Totals over articles."""

    found: dict[str, int] = field(default_factory=lambda: dict.fromkeys(LEVELS, 0))
    wanted: dict[str, int] = field(default_factory=lambda: dict.fromkeys(LEVELS, 0))
    pins: int = 0
    right: int = 0
    kinds: tuple[int, int] = (0, 0)
    """(right, asked) kinds of event among the right pins."""
    tolls: tuple[int, int] = (0, 0)
    missed: list[str] = field(default_factory=list)
    """Must incidents without a pin."""
    wrong: list[str] = field(default_factory=list)
    """Pins without a true incident."""

    def recall(self, level: str) -> float:
        """Share of the incidents of `level` that have a pin."""
        return self.found[level] / max(1, self.wanted[level])

    @property
    def precision(self) -> float:
        """Share of the pins that are right."""
        return self.right / max(1, self.pins)

    def __str__(self) -> str:
        levels = ", ".join(f"{name} {self.found[name]}/{self.wanted[name]}" for name in LEVELS)
        return (
            f"{levels}; pins right {self.right}/{self.pins} = {self.precision:.2f}; "
            f"kind {self.kinds[0]}/{self.kinds[1]}; toll {self.tolls[0]}/{self.tolls[1]}"
        )


def articles(half: str) -> list[Article]:
    """The articles of `dev` or `held`, by id."""
    return [_article(path) for path in sorted((NEWS / half).glob("*.txt"))]


def truth(half: str) -> dict[str, Any]:
    """The answers to them."""
    found: dict[str, Any] = json.loads((NEWS / f"truth_{half}.json").read_text(encoding="utf-8"))
    return found


def _article(path: Path) -> Article:
    _, head, text = path.read_text(encoding="utf-8").split("---\n", 2)
    known = dict(line.split(": ", 1) for line in head.splitlines())
    return Article(
        path.stem, text, known["title"], date.fromisoformat(known["published"]), known["url"], known["publisher"]
    )


def by_article(answers: Mapping[str, Sequence[Mapping[str, Any]]], half: str) -> Score:
    """`answers`: article id -> incidents as `extract` gives them."""
    asked, total = truth(half), Score()
    for key in asked["articles"]:
        _add(total, key, answers.get(key, ()), [one for one in asked["incidents"] if key in one["articles"]])
    return total


def together(features: Sequence[Mapping[str, Any]], half: str) -> tuple[Score, tuple[int, int], list[str]]:
    """After merging: (score, (incidents of several articles that are one, all of them), pairs that were fused).
    `features`: the properties of the feed with `lat` and `lon`."""
    asked, total = truth(half), Score()
    pairs = _add(total, "merged", features, asked["incidents"])
    owner = {asked["incidents"][j]["id"]: features[i] for i, j in pairs}
    several = [one for one in asked["incidents"] if len(one["articles"]) > 1 and one["id"] in owner]
    whole = sum(set(one["articles"]) <= set(owner[one["id"]]["article_ids"]) for one in several)
    by_id = {one["id"]: one for one in asked["incidents"]}
    fused = [
        f"{a} holds {b}"
        for pair in asked["must_not_merge"]
        for a, b in (pair, pair[::-1])
        if a in owner
        and b not in owner
        and _fit(owner[a], by_id[b]) is not None
        and _holds(owner[a], by_id[a], by_id[b])
    ]
    return total, (whole, len(several)), fused


def _holds(feature: Mapping[str, Any], one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """Only an incident that also took in articles of the other can have swallowed it."""
    return bool(set(feature["article_ids"]) & (set(other["articles"]) - set(one["articles"])))


def _add(
    total: Score, label: str, told: Sequence[Mapping[str, Any]], wanted: Sequence[Mapping[str, Any]]
) -> list[tuple[int, int]]:
    pins = [i for i, one in enumerate(told) if one["lat"] is not None and one["lon"] is not None]
    pairs = _paired(told, wanted)
    found = {j for _, j in pairs}
    for j, one in enumerate(wanted):
        total.wanted[one["level"]] += 1
        total.found[one["level"]] += j in found
        if one["level"] == "must" and j not in found:
            total.missed.append(f"{label}: {one['id']}")
    total.pins += len(pins)
    total.right += len(pairs)
    matched = {i for i, _ in pairs}
    total.wrong += [f"{label}: {told[i]['title']} ({told[i]['date_start']})" for i in pins if i not in matched]
    for i, j in pairs:
        total.kinds = _counted(total.kinds, _kind_is_right(told[i], wanted[j]))
        total.tolls = _counted(total.tolls, _toll_is_right(told[i], wanted[j]))
    return pairs


def _counted(so_far: tuple[int, int], verdict: bool | None) -> tuple[int, int]:
    return so_far if verdict is None else (so_far[0] + verdict, so_far[1] + 1)


def _paired(told: Sequence[Mapping[str, Any]], wanted: Sequence[Mapping[str, Any]]) -> list[tuple[int, int]]:
    fits: Iterable[tuple[tuple[bool, float], int, int]] = (
        (fit, i, j) for i, a in enumerate(told) for j, b in enumerate(wanted) if (fit := _fit(a, b)) is not None
    )
    pairs: list[tuple[int, int]] = []
    for _, i, j in sorted(fits, key=lambda one: one[0]):
        if all(i != a and j != b for a, b in pairs):
            pairs.append((i, j))
    return pairs


def _fit(told: Mapping[str, Any], wanted: Mapping[str, Any]) -> tuple[bool, float] | None:
    """(the kind is wrong or unknown, share of the radius used), smaller is better; None when it is another event."""
    if told["lat"] is None or told["lon"] is None or told["date_start"] is None:
        return None
    first, last = _day(told["date_start"]), _day(told["date_end"] or told["date_start"])
    begin, end = _day(wanted["date_from"]), _day(wanted["date_to"])
    if first - timedelta(1) > end or last + timedelta(1) < begin:
        return None
    here = (told["lat"], told["lon"])
    share = min(great_circle(here, (p["lat"], p["lon"])).km / p["radius_km"] for p in wanted["places"])
    return None if share > 1 else (_kind_is_right(told, wanted) is not True, share)


def _day(value: str | date) -> date:
    return value if isinstance(value, date) else date.fromisoformat(value)


def _kind_is_right(told: Mapping[str, Any], wanted: Mapping[str, Any]) -> bool | None:
    """None where the truth leaves the kind open."""
    return None if wanted["family"] is None else told["sub_event_type"] in KINDS[wanted["family"]]


def _toll_is_right(told: Mapping[str, Any], wanted: Mapping[str, Any]) -> bool | None:
    """Do the two spans of the killed meet? None where the truth gives none, or both say nothing."""
    span = wanted["killed"]
    if span is None:
        return None
    bounds = [told[name] for name in ("killed_low", "killed_high") if told[name] is not None]
    if not bounds:
        return False if span["low"] else None
    return bool(min(bounds) <= span["high"] and max(bounds) >= span["low"])
