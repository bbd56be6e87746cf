"""Reading as a whole on texts that no editor wrote: it never crashes, and every offset stays true."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import Connection, Engine

from geo import reading
from geo.model import Article
from geo.reading import Reading

ROOT = Path(__file__).parents[2]
TEXTS = [
    path.read_text(encoding="utf-8").split("---\n", 2)[2]
    for folder in (ROOT / "articles", ROOT / "tests" / "data" / "news" / "dev")
    for path in sorted(folder.glob("*.txt"))
]
PIECES = (
    "border", "Iraq", "–", "killed", "“", "”", "’s", "30 km", "of", "the capital", "al-", "Mosul, Iraq", "((", "))",
    "\u200f", "\u202e", "\ufeff", "\u00ad", "\x00", "\ud800", "\x0b", "\x85", "\u2028", "\r", "e\u0301", "İ", "ß", "ǅ",
    "😀", "１２", "٣", "²", "½", "ª", "{{7*7}}", "%s", "<b>", "\\", "a" * 300, "1," * 50, "A." * 80, "Feb 30, 2023",
    "31 June", "in 9999", "99999999 days earlier", "999999 years ago", "January 1, 0000", "24 February 0001",
    "9" * 30 + " people were killed", "-5 killed", "123456 km north of Mosul", "1.2.3 km south of Homs",
    "30,5,1 km north of Paris", "½ km north of Aleppo", "٣ km north of Mosul", "5000 weeks later",
)  # fmt: skip

Read = Callable[[str], Reading]


def check(conn: Connection, text: str, published: date | None = date(2024, 6, 12), title: str | None = None) -> Reading:
    [one] = reading.read(conn, [Article("a", text, title, published)])
    for sentence in one.sentences:
        assert text[sentence.start : sentence.end] == sentence.text
    for mention in [r.mention for r in one.resolutions]:
        assert text[mention.start : mention.end] == mention.text
    for when in one.dates:
        assert text[when.start : when.end] == when.text
        assert when.first is None or when.last is None or when.first <= when.last
    for report in one.reports:
        assert all(0 <= a < b <= len(text) for a, b in report.evidence)
        assert all(0 <= claim.start < claim.end <= len(text) for claim in report.claims)
        assert report.date_start is None or report.date_end is None or report.date_start <= report.date_end
        assert report.place is None or (-180 <= report.place.point.x <= 180 and -90 <= report.place.point.y <= 90)
    return one


def mutated(chance: random.Random) -> str:
    """One of our own articles, with pieces cut, doubled, flipped, joined with another's, or strange ones put in."""
    letters = list(chance.choice(TEXTS))
    for _ in range(chance.randrange(1, 12)):
        at = chance.randrange(len(letters) + 1)
        match chance.randrange(7):
            case 0:
                letters[at : at + 1] = chr(chance.choice([chance.randrange(32, 127), chance.randrange(0xD7FF)]))
            case 1:
                del letters[at : at + chance.randrange(1, 400)]
            case 2:
                letters[at:at] = letters[at : at + chance.randrange(1, 2_000)]
            case 3:
                letters[at:at] = f" {chance.choice(PIECES)} "
            case 4:
                other, start = chance.choice(TEXTS), chance.randrange(1_000)
                letters[at:at] = other[start : start + chance.randrange(1, 600)]
            case 5:
                data = bytearray("".join(letters).encode("utf-8", "surrogatepass"))
                data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
                letters = list(data.decode("utf-8", chance.choice(["replace", "surrogateescape", "ignore"])))
            case _:
                if chance.random() < 0.2:
                    old, new = chance.choice([" ", ". ", "\n", "the "]), chance.choice(["", " ", "\n", "\u00a0", ". "])
                    letters = list("".join(letters).replace(old, new))
    return "".join(letters) or "x"


@pytest.mark.parametrize("start", range(0, 400, 100))
def test_mutated_articles(start: int, default_gazetteer: Engine) -> None:
    with default_gazetteer.connect() as conn:
        for seed in range(start, start + 100):
            chance = random.Random(seed)
            text = mutated(chance)
            published = chance.choice([None, date(2024, 6, 12), date(2024, 2, 29)])
            check(conn, text, published, chance.choice([None, text[:60]]))


@pytest.mark.parametrize(
    ("published", "text"),
    [
        pytest.param(date.min, "A bomb killed two in Mosul.", marks=pytest.mark.xfail(strict=True, reason="known gap")),
        (date.min, "A bomb killed two in Mosul on Monday, a year ago."),
        (date(1, 1, 5), "A bomb killed two in Mosul."),
        (date.max, "A bomb killed two in Mosul."),
        (date.max, "A bomb killed two in Mosul on Monday, a year ago."),
    ],
)
def test_the_ends_of_the_calendar(published: date, text: str, default_gazetteer: Engine) -> None:
    with default_gazetteer.connect() as conn:
        check(conn, text, published)


LENGTH = 200_000
RUNS = {
    "one letter": "a",
    "brackets": "(",
    "figures": "1,",
    "stops": ".",
    "quotes": '"',
    "hyphens": "x-",
    "capitals": "Ab ",
    "mixed scripts": "Аа中اe\u0301",
    "lines": ".\n",
    "sentences": "Xx. ",
    "dates": "on Monday, ",
    "deaths": "two killed ",
    "distances": "30 km north of ",
}


@pytest.mark.timeout(60)  # these take some seconds at most; what grows with the square of the text takes hours
@pytest.mark.parametrize("name", RUNS)
def test_200_000_hostile_characters(name: str, default_gazetteer: Engine) -> None:
    run = RUNS[name]
    with default_gazetteer.connect() as conn:
        check(conn, (run * (LENGTH // len(run) + 1))[:LENGTH])


@pytest.mark.timeout(60)
def test_a_very_long_article(default_gazetteer: Engine) -> None:
    with default_gazetteer.connect() as conn:
        one = check(conn, "\n\n".join(TEXTS * 4))
    assert len(one.reports) > 20


@pytest.mark.parametrize("text", ["", " ", "\n\n", "\x00", "\ud800", ".", "Mosul", "MOSUL", "“", "1", "\u0301"])
def test_next_to_nothing(text: str, default_gazetteer: Engine) -> None:
    with default_gazetteer.connect() as conn:
        assert check(conn, text).reports == ()


def test_reading_is_the_same_every_time(default_gazetteer: Engine) -> None:
    articles = [Article(str(n), text, None, date(2024, 6, 12)) for n, text in enumerate(TEXTS)]
    with default_gazetteer.connect() as conn:
        assert reading.read(conn, articles) == reading.read(conn, articles)
