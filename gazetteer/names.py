"""One spelling for loading and for looking up.

Three forms of a name, each looser than the one before; they take any text, also a broken one:

- `fold`: no marks, no case, no signs; what remains is letters and digits with single spaces ("Dayr az-Zawr" -> "dayr
  az zawr"). Other scripts are kept.
- `key`: the one search key, of names when they are loaded and of words when they are looked up: folded, without the
  Arabic article ("al-Qa'im" -> "qa im") and without a leading "the". Articles fall on both sides alike, so "Los
  Angeles", "El Paso" and "An Najaf" meet themselves.
- `skeleton`: the second try: vowels merged, digraphs of transliteration undone, no spaces ("Qamishli" and
  "al-Kamishly" meet, "Dayr az-Zawr" and "Deir ez-Zor" still do not).

A key may be empty (a name of signs only): such a name is never stored and never found.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final

RULES: Final = 1
"""Number of these rules. Keys are stored with the names: a change of rules makes loaded gazetteers stale. Raise it."""

ARTICLES: Final = frozenset({"al", "el", "ad", "as", "ash", "ar", "az", "at", "an", "ez", "ul"})
"""The Arabic article with its assimilated forms, as a word of its own."""

_UNMARKED: Final = {
    "ø": "o", "ł": "l", "đ": "d", "ħ": "h", "ı": "i", "ŋ": "n", "æ": "ae", "œ": "oe", "ð": "d", "þ": "th", "ŧ": "t",
    "ə": "a",
}  # fmt: skip
"""Letters that Unicode does not decompose, written as news in English writes them."""


class _Signs(dict[int, str]):
    """Table for `str.translate`, filled as characters come: letters and digits stay, marks vanish, else a space."""

    def __missing__(self, code: int) -> str:
        character = chr(code)
        category = unicodedata.category(character)
        if unicodedata.combining(character) or category == "Cf" or character == "\N{ARABIC TATWEEL}":
            replacement = ""
        elif "\u02b0" <= character <= "\u02ff" or character == "\N{LATIN SMALL LETTER SALTILLO}":
            replacement = " "  # ayn, hamza and the like: letters to Unicode, apostrophes to those who write names
        elif category[0] in "LNM":
            replacement = _UNMARKED.get(character, character)
        else:
            replacement = " "
        self[code] = replacement
        return replacement


_SIGNS: Final = _Signs()


def fold(text: str) -> str:
    """Without marks, case and signs, single spaces between words. Scripts other than Latin are kept."""
    if text.isascii():
        lowered = text.lower()
        return lowered if lowered.isalnum() else " ".join(lowered.translate(_SIGNS).split())
    # Decomposed again after the case folding, which composes a few letters; composed at the end for Hangul.
    decomposed = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
    return unicodedata.normalize("NFC", " ".join(decomposed.translate(_SIGNS).split()))


def key(text: str) -> str:
    """The search key. Two spellings of one key are the same name to the gazetteer; empty for a name of signs only."""
    folded = fold(text)
    if " " not in folded:
        return folded
    words = folded.split(" ")
    kept = [word for word in words if word not in ARTICLES]
    if len(kept) > 1 and kept[0] == "the":
        del kept[0]
    return " ".join(kept) if kept else folded


_LOOSER: Final = (
    (" ", ""), ("oo", "u"), ("ou", "u"), ("ee", "i"), ("kh", "h"), ("gh", "g"), ("dh", "d"), ("th", "t"), ("sh", "s"),
)  # fmt: skip
_MERGED: Final = str.maketrans("qwyeo", "kuiiu")
_DOUBLED: Final = re.compile(r"(.)(?=\1)")


def skeleton(text: str) -> str:
    """The looser key, for names in Latin letters; of other scripts the key without spaces."""
    return skeleton_of_key(key(text))


def skeleton_of_key(search_key: str) -> str:
    """`skeleton` for a name whose `key` is already known."""
    if not search_key.isascii():
        return search_key.replace(" ", "")
    loose = search_key
    for digraph, replacement in _LOOSER:
        loose = loose.replace(digraph, replacement)
    loose = _DOUBLED.sub("", loose.translate(_MERGED))
    return loose.removesuffix("h") or loose
