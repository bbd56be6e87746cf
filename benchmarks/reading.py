"""How fast and how well articles are read: `python benchmarks/reading.py --help`.

Prints articles and megabytes a second with the share of each stage, memory, the scores of the articles in
tests/data/news, and, where ../shared lies beside the repository, of the corpora there. docs/accuracy.md keeps
the table.

The held articles (`--held`) are there to judge what was tuned on the others: only their totals are printed, and nobody
looks at single verdicts on them while rules or weights change.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import math
import resource
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import cycle, islice
from types import ModuleType
from typing import Any, TypeVar

from geopy.distance import great_circle
from private import ROOT, default_gazetteer
from sqlalchemy import Connection

from gazetteer import lookup
from geo import dates, mentions, merging, publish, reading, reports, resolving, sentences
from geo.model import Article

CORPORA = ROOT.parent / "shared" / "corpora"
BATCH = 50
"""Articles that share one look-up, as in geo/pipeline.py."""
T = TypeVar("T")
RIGHT_KM = 161.0
"""100 miles: the distance within which a toponym is right, by the custom of the field."""


def main(words: Sequence[str] | None = None) -> None:
    """Measure and print."""
    asked = _options().parse_args(words)
    scoring = _scoring()
    with default_gazetteer(asked.database) as engine, engine.connect() as conn:
        if asked.hostile:
            _hostile(conn)
            return
        articles = scoring.articles("dev")
        _speed(conn, [replace(a, id=f"{a.id}-{n}") for n, a in enumerate(islice(cycle(articles), asked.articles))])
        print()
        _incidents(conn, scoring, "dev")
        if asked.held:
            _incidents(conn, scoring, "held")
        if not asked.no_corpora:
            _corpora(conn)
        print(f"peak memory of this process {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB")


def _options() -> argparse.ArgumentParser:
    options = argparse.ArgumentParser(description="Measure how articles are read.")
    options.add_argument("--articles", type=int, default=1000, help="how many to read for the speed (repeated)")
    options.add_argument("--held", action="store_true", help="also the totals of the held articles")
    options.add_argument("--no-corpora", action="store_true", help="leave the corpora in ../shared out")
    options.add_argument("--hostile", action="store_true", help="only: does the time double where the input doubles?")
    options.add_argument("--database", help="PostGIS with the default gazetteer; without it a private one is made")
    return options


def _scoring() -> ModuleType:
    """The scorer of the tests; tests are no package, so it is loaded by path."""
    spec = importlib.util.spec_from_file_location("news_scoring", ROOT / "tests" / "geo" / "scoring.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


# --- speed ------------------------------------------------------------------------------------------------------------


@dataclass
class _Clock:
    seconds: dict[str, float] = field(default_factory=dict)

    def __call__(self, stage: str, work: Callable[[], T]) -> T:
        begun = time.perf_counter()
        result = work()
        self.seconds[stage] = self.seconds.get(stage, 0.0) + time.perf_counter() - begun
        return result


def _read(conn: Connection, batch: Sequence[Article], clock: _Clock) -> None:
    """As `geo.reading.read`, with a clock at every stage."""
    cut = clock("sentences", lambda: [sentences.split(a.text, a.title) for a in batch])
    wanted = clock("names", lambda: {name for one in cut for name in mentions.names(one)})
    known = clock("look-up", lambda: lookup.candidates(conn, wanted))
    found = clock("find", lambda: [mentions.find(one, known) for one in cut])
    ids = clock("resolve", lambda: {i for one in found for i in resolving.wanted_ids(one, known)})
    extra = clock("look-up", lambda: lookup.places(conn, ids) if ids else {})
    resolved = clock("resolve", lambda: [resolving.resolve(one, known, extra) for one in found])
    timed = clock("dates", lambda: [dates.find(a.text, one, a.published) for a, one in zip(batch, cut, strict=True)])
    clock("reports", lambda: [reports.extract(*parts) for parts in zip(batch, cut, resolved, timed, strict=True)])


def _batches(articles: Sequence[Article]) -> Iterator[Sequence[Article]]:
    return (articles[i : i + BATCH] for i in range(0, len(articles), BATCH))


def _speed(conn: Connection, articles: Sequence[Article]) -> None:
    reading.read(conn, articles[:BATCH])  # tables of words are read once
    clock = _Clock()
    for batch in _batches(articles):
        _read(conn, batch, clock)
    total, size = sum(clock.seconds.values()), sum(len(a.text.encode()) for a in articles)
    print(
        f"{len(articles)} articles of {size / len(articles):.0f} bytes on average, {BATCH} at a time, one process: "
        f"{len(articles) / total:.0f} articles/s, {size / total / 1e6:.2f} MB/s"
    )
    for stage, seconds in clock.seconds.items():
        print(f"  {stage:10} {100 * seconds / total:5.1f} %  {1000 * seconds / len(articles):6.2f} ms an article")


# --- incidents --------------------------------------------------------------------------------------------------------


def _incidents(conn: Connection, scoring: ModuleType, half: str) -> None:
    articles = scoring.articles(half)
    readings = reading.read(conn, articles)
    alone = {r.article.id: publish.extract_record(r.article.id, r, {})["incidents"] for r in readings}
    print(f"{half}, each article by itself: {scoring.by_article(alone, half)}")
    merged = merging.merge([told for r in readings for told in r.reports], {}, {})
    features = publish.features(merged, {a.id: a for a in articles}, {}, geometries={}, countries={})
    flat = [
        {**publish.properties(f), "lat": f.point.y if f.point else None, "lon": f.point.x if f.point else None}
        for f in features
    ]
    score, (whole, several), fused = scoring.together(flat, half)
    print(f"{half}, merged: {score}; of several articles and one {whole}/{several}; fused {len(fused)}")


# --- toponyms ---------------------------------------------------------------------------------------------------------


def _corpora(conn: Connection) -> None:
    for name in ("trnews", "geowebnews", "humset"):
        path = CORPORA / f"{name}.jsonl"
        if not path.is_file():
            print(f"{name}: not here")
            continue
        with path.open(encoding="utf-8") as lines:
            gold = [json.loads(line) for line in lines if line.strip()]
        told: list[dict[str, Any]] = []
        begun = time.perf_counter()
        for batch in _batches([Article(str(n), one["text"]) for n, one in enumerate(gold)]):
            told += [publish.geoparse_record(r.article.id, r.resolutions) for r in reading.read(conn, batch)]
        seconds = time.perf_counter() - begun
        print(f"{name}: {_toponyms(gold, told)}; {len(gold) / seconds:.0f} documents/s")


def _toponyms(gold: Sequence[dict[str, Any]], told: Sequence[dict[str, Any]]) -> str:
    """Exact, overlap and end-to-end precision, recall and F1, summed over all documents.

    End to end: a mention with a point is right when it lies within 161 km of the toponym that it overlaps (that with
    the same start before others, then the same end, then the nearest), once for each toponym. Mentions over nothing
    but toponyms without coordinates do not count.
    """
    exact, overlap = [0, 0, 0, 0], [0, 0, 0, 0]  # right mentions, mentions, found toponyms, toponyms
    right = pins = located = 0
    errors: dict[str, list[float]] = {"countries": [], "divisions": [], "towns": [], "others": []}
    for document, answer in zip(gold, told, strict=True):
        wanted = {(t["start"], t["end"]) for t in document["toponyms"]}
        found = {(m["start"], m["end"]) for m in answer["mentions"]}
        _add(exact, len(found & wanted), len(found), len(found & wanted), len(wanted))
        _add(
            overlap,
            sum(any(_meet(f, w) for w in wanted) for f in found),
            len(found),
            sum(any(_meet(f, w) for f in found) for w in wanted),
            len(wanted),
        )
        with_point = [t for t in document["toponyms"] if t.get("lat") is not None]
        located += len(with_point)
        taken: set[int] = set()
        for mention in answer["mentions"]:
            if mention["place"] is None:
                continue
            span = (mention["start"], mention["end"])
            met = [i for i, t in enumerate(with_point) if _meet(span, (t["start"], t["end"]))]
            if not met and any(_meet(span, w) for w in wanted):
                continue
            pins += 1
            if not met:
                continue
            best = min(met, key=lambda i: _distance_of_spans(span, with_point[i]))
            if best in taken:
                continue
            taken.add(best)
            place, true = mention["place"], with_point[best]
            error = great_circle((place["lat"], place["lon"]), (true["lat"], true["lon"])).km
            errors[_sort_of(place)].append(error)
            right += error <= RIGHT_KM
    if not located:
        return f"exact {_prf(*exact)}, overlap {_prf(*overlap)}; it gives no coordinates"
    answered = sum(map(len, errors.values()))
    sorts = ", ".join(f"{name} {sum(e <= RIGHT_KM for e in some)}/{len(some)}" for name, some in errors.items())
    return (
        f"exact {_prf(*exact)}, overlap {_prf(*overlap)}, end to end {_prf(right, pins, right, located)}, "
        f"within 161 km {right / max(1, answered):.3f} of those found and answered ({sorts})"
    )


def _sort_of(place: dict[str, Any]) -> str:
    code = place["feature_code"]
    if code.startswith("PCL"):
        return "countries"
    return "divisions" if code == "ADM1" else "towns" if place["feature_class"] == "P" else "others"


def _add(sums: list[int], *more: int) -> None:
    for i, number in enumerate(more):
        sums[i] += number


def _meet(a: tuple[int, int], b: tuple[int, int]) -> bool:
    return a[0] < b[1] and b[0] < a[1]


def _distance_of_spans(span: tuple[int, int], toponym: dict[str, Any]) -> tuple[bool, bool, int]:
    start, end = toponym["start"], toponym["end"]
    return span[0] != start, span[1] != end, abs(span[0] - start)


def _prf(right_found: int, found: int, right_wanted: int, wanted: int) -> str:
    precision, recall = right_found / max(1, found), right_wanted / max(1, wanted)
    both = precision + recall
    return f"P {precision:.3f} R {recall:.3f} F1 {2 * precision * recall / both if both else 0.0:.3f}"


# --- hostile texts ----------------------------------------------------------------------------------------------------

_RUNS = (
    "a", "(", "1,", ".", '"', "A.", "A ", "Ab. ", "al-", "x\n", ".\n", "9-", "\u0627\u0628 ", "e\u0301",
    "killed ", "two killed ", "fired a ", "on Monday, ", "near ", "30 km north of ", "said ", "(photo ",
    "Mosul ", "Mosul, ", "Mosul. ", "Iraq border ", "San Jose, ", "U.S. ", "Iraq\u2019s capital ",
    "Gunmen attacked Aleppo on Sunday, police said.\n",
)  # fmt: skip
_LENGTH = 25_000


def _hostile(conn: Connection) -> None:
    """Repeats what regular expressions and loops dislike; the time should double where the input does."""
    print(f"{'repeated':50} {_LENGTH:>8} {2 * _LENGTH:>8}  factor  slowest stage")
    for run in _RUNS:
        clocks = [_Clock(), _Clock()]
        for clock, length in zip(clocks, (_LENGTH, 2 * _LENGTH), strict=True):
            text = (run * math.ceil(length / len(run)))[:length] + "."
            _read(conn, [Article("hostile", text, None, None)], clock)
        once, twice = (sum(c.seconds.values()) for c in clocks)
        stage = max(clocks[1].seconds, key=lambda name: clocks[1].seconds[name])
        print(f"{run!r:50} {once:7.2f}s {twice:7.2f}s {twice / max(once, 1e-3):6.1f}  {stage}", flush=True)


if __name__ == "__main__":
    main()
