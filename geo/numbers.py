"""How news writes small counts: "17", "1,600", "twenty-five", "two dozen", "a couple", "dozens".

Pure and small; shared by the rooms that read dates and figures. Nothing here knows what is being counted.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_UNITS = {
    word: value
    for value, word in enumerate(
        (
            "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen "
            "seventeen eighteen nineteen"
        ).split()
    )
}
_TENS = {
    word: value * 10
    for value, word in enumerate("twenty thirty forty fifty sixty seventy eighty ninety".split(), start=2)
}
_SCALES = {"hundred": 100, "thousand": 1_000, "million": 1_000_000, "billion": 1_000_000_000}

NUMBER_WORDS: frozenset[str] = frozenset(_UNITS) | frozenset(_TENS) | frozenset(_SCALES) | {"dozen"}
"""Words that are or open a written number."""

_ONES = "|".join(sorted(_UNITS, key=len, reverse=True))
_TEN_WORDS = "|".join(_TENS)
_SMALL = rf"(?:(?:{_TEN_WORDS})(?:[- ](?:{_ONES}))?|{_ONES})"

WORDS_PATTERN = rf"{_SMALL}(?:[- ](?:hundred|thousand)(?:(?: and)? {_SMALL})?)?"
"""A number written in words, up to the thousands; no groups, lower case (compile with IGNORECASE)."""

DIGITS_PATTERN = r"(?:\d{1,3}(?:[,\u00a0\u2009\u202f]\d{3}){1,3}|\d{1,9})"
"""A whole number in digits; thousands may be set off by a comma or a thin or fixed space; no groups."""


_DIGITS = re.compile(rf"{DIGITS_PATTERN}\Z")
_SPLIT = re.compile(r"[\s-]+")

_ORDINALS = {
    word: value
    for value, word in enumerate(
        (
            "first second third fourth fifth sixth seventh eighth ninth tenth "
            "eleventh twelfth thirteenth fourteenth fifteenth sixteenth seventeenth eighteenth nineteenth twentieth"
        ).split(),
        start=1,
    )
} | {"thirtieth": 30, "fortieth": 40, "fiftieth": 50, "hundredth": 100, "centenary": 100}

ORDINAL_PATTERN = rf"(?:\d{{1,3}}(?:st|nd|rd|th)|{'|'.join(_ORDINALS)})"


@dataclass(frozen=True, slots=True)
class Vague:
    """What a vague count word means: at least `low`, at most `high` (None = open)."""

    low: int
    high: int | None


VAGUE: dict[str, Vague] = {
    "dozens": Vague(24, 99),
    "scores": Vague(40, 100),
    "hundreds": Vague(200, 999),
    "thousands": Vague(2_000, 9_999),
    "tens": Vague(20, 99),
    "several": Vague(3, 9),
    "few": Vague(2, 6),
    "handful": Vague(3, 6),
    "multiple": Vague(2, None),
    "many": Vague(3, None),
    "numerous": Vague(3, None),
}
"""Vague count words and the range each stands for (notes: marked as read from a word by their hedge)."""


def parse(words: str) -> int | None:
    """The value of a number in digits or English words ("1,600", "twenty-five", "two hundred and six"), or None.

    Never raises; a text of more than 60 characters is not a number.
    """
    words = words.strip().lower()
    if not words or len(words) > 60:
        return None
    if words[0].isdigit():
        return int(re.sub(r"\D", "", words)) if words.isascii() and _DIGITS.match(words) else _spaced(words)
    total = part = 0
    seen = False
    for word in _SPLIT.split(words):
        if word in _UNITS:
            part += _UNITS[word]
        elif word in _TENS:
            part += _TENS[word]
        elif word == "dozen":
            part = (part or 1) * 12
        elif word == "hundred":
            part = (part or 1) * 100
        elif word in _SCALES:
            total += (part or 1) * _SCALES[word]
            part = 0
        elif (word in ("a", "an") and not seen) or (word == "and" and seen):
            continue
        else:
            return None
        seen = True
    return total + part if seen else None


def ordinal(words: str) -> int | None:
    """The value of an ordinal ("5th", "fifth"), or None."""
    words = words.strip().lower()
    if words[:1].isdigit():
        digits = words.rstrip("stndrh")
        return int(digits) if digits.isascii() and digits.isdigit() and len(digits) < 5 else None
    return _ORDINALS.get(words)


def _spaced(words: str) -> int | None:
    digits = re.sub("[\u00a0\u2009\u202f]", "", words)
    return int(digits) if digits.isascii() and digits.isdigit() and len(digits) < 13 else None
