"""One spelling for loading and for looking up.

Three forms of a name, each looser than the one before; they take any text, also a broken one:

- `fold`: no marks, no case, no signs; what remains is letters and digits with single spaces ("Dayr az-Zawr" -> "dayr
  az zawr"). Other scripts are kept.
- `key`: the one search key, of names when they are loaded and of words when they are looked up: folded, without the
  Arabic article ("al-Qa'im" -> "qaim"), without a leading "the", and without what stands for ayn, hamza or a soft
  sign ("Marib" is "Ma'rib"). Articles fall on both sides alike, so "Los Angeles", "El Paso" and "An Najaf" meet
  themselves.
- `skeleton`: the second try: what the ways of writing Arabic, Persian, Kurdish, Russian and Ukrainian names in Latin
  letters make of one sound is one letter, and spaces are gone ("Qamishli" and "al-Kamishly", "Dayr az-Zawr" and "Deir
  ez-Zor", "Kharkiv" and "Kharkov" meet, "Erbil" and "Arbil" still do not).

A rule stands here because it was measured: `benchmarks/names.py` prints what each one finds and how many strangers it
brings, also those that were tried and left out. Names that no rule can know to be one ("Kobani" and "Ayn al-Arab",
"Albukamal" and "Abu Kamal") are the business of other names, not of spelling.

A key may be empty (a name of signs only): such a name is never stored and never found.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final

RULES: Final = 2
"""Number of these rules. Keys are stored with the names: a change of rules makes loaded gazetteers stale. Raise it."""

ARTICLES: Final = frozenset({"al", "el", "ad", "as", "ash", "ar", "az", "at", "an", "ez", "ul"})
"""The Arabic article with its assimilated forms, as a word of its own."""

# --- fold and key ----------------------------------------------------------------------------------------------------

_UNMARKED: Final = {
    "ø": "o", "ł": "l", "đ": "d", "ħ": "h", "ı": "i", "ŋ": "n", "æ": "ae", "œ": "oe", "ð": "d", "þ": "th", "ŧ": "t",
    "ə": "a",
}  # fmt: skip
"""Letters that Unicode does not decompose, written as news in English writes them."""

_APOSTROPHES: Final = frozenset("'‘’‛`´ꞌ") | frozenset(map(chr, range(0x2B0, 0x300)))
"""What is written for ayn, hamza and soft signs. Some are letters to Unicode, none are to those who write names."""


class _Signs(dict[int, str]):
    """Table for `str.translate`, filled as characters come, each with all that becomes of it: letters and digits lose
    case and marks, other marks vanish, apostrophes become `apostrophe`, all else a space."""

    def __init__(self, apostrophe: str) -> None:
        super().__init__()
        self._apostrophe = apostrophe

    def __missing__(self, code: int) -> str:
        character = chr(code)
        if character in _APOSTROPHES:
            replacement = self._apostrophe
        else:
            # Decomposed again after the case folding, which composes a few letters.
            plain = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", character).casefold())
            replacement = "".join(map(self._of_plain, plain))
        self[code] = replacement
        return replacement

    def _of_plain(self, character: str) -> str:
        category = unicodedata.category(character)
        if unicodedata.combining(character) or category == "Cf" or character == "\N{ARABIC TATWEEL}":
            return ""
        if character in _APOSTROPHES:
            return self._apostrophe
        return _UNMARKED.get(character, character) if category[0] in "LNM" else " "


_FOLDED: Final = _Signs(apostrophe=" ")
_SPELT: Final = _Signs(apostrophe="'")
_ARTICLE_APOSTROPHE: Final = re.compile(r"\b([ae]l)'+(?=\w)")
"""An apostrophe in place of the hyphen: "al'Arab"."""


def fold(text: str) -> str:
    """Without marks, case and signs, single spaces between words. Scripts other than Latin are kept."""
    if text.isascii() and (lowered := text.lower()).isalnum():
        return lowered
    folded = " ".join(text.translate(_FOLDED).split())
    return folded if folded.isascii() else unicodedata.normalize("NFC", folded)  # composed for Hangul


def words(text: str) -> list[str]:
    """The words of a text as keys are made of them: folded, an apostrophe inside a word leaving no trace."""
    if text.isascii() and (lowered := text.lower()).isalnum():
        return [lowered]
    spelt = text.translate(_SPELT)
    if "'" in spelt:
        spelt = _ARTICLE_APOSTROPHE.sub(r"\1 ", spelt).replace("'", "")
    return (spelt if spelt.isascii() else unicodedata.normalize("NFC", spelt)).split()


def key(text: str) -> str:
    """The search key. Two spellings of one key are the same name to the gazetteer; empty for a name of signs only."""
    all_words = words(text)
    if len(all_words) < 2:
        return all_words[0] if all_words else ""
    kept = [word for word in all_words if word not in ARTICLES]
    if len(kept) > 1 and kept[0] == "the":
        del kept[0]
    return " ".join(kept or all_words)


# --- skeleton --------------------------------------------------------------------------------------------------------

_SHORT_FOR: Final = {
    "st": "saint", "ste": "saint", "sankt": "saint", "sainte": "saint", "sint": "saint", "ft": "fort", "mt": "mount",
}  # fmt: skip
"""Words that stand before another, and what they are short for or say in another language."""

_ASSIMILATED: Final = frozenset({"dd", "nn", "rr", "ss", "tt", "zz"})
"""How a word goes on after its first vowel if the article is part of it: "Ezzor"."""

_ENDINGS: Final = {
    **{  # Ukrainian -iv, Russian -ov and -ev, with what may follow: "Kharkiv", "Makiivka", "Chernivtsi"
        family + after: "ov" + after for family in ("yiv", "iv", "ev", "ov") for after in ("", "a", "k", "ka", "tsi")
    },
    **{  # "Khromove", "Khromovo"
        family + neuter: "ova" for family in ("ev", "ov") for neuter in ("e", "o")
    },
    **{  # "Krasne", "Krasnoye"
        letter + neuter: letter + "a" for letter in "nv" for neuter in ("oye", "oie", "oe", "o")
    },
}
"""Endings after two letters or more, and what they count as: Ukrainian and Russian endings of one name are one."""
_LONGEST_ENDING: Final = max(map(len, _ENDINGS))


def _with_merged_ending(word: str) -> str:
    last = word[-1]
    if last in "eo" or "v" in word[-_LONGEST_ENDING:]:  # no other word has one of the endings
        for length in range(min(_LONGEST_ENDING, len(word) - 2), 1, -1):
            if (merged := _ENDINGS.get(word[-length:])) is not None:
                return word[:-length] + merged
    # Arabic and Persian -ah, -eh, -e. As vowels are merged, this settles -iyah, -iyya, -iyeh and -ie too.
    if last == "e" and word[-2:] != "ee":
        return word[:-1] + "a"
    if last == "h" and len(word) > 2 and word[-2] in "ae":
        return word[:-2] + "a"
    return word


# What the rules below make is what they leave alone, so that the skeleton of a skeleton is itself. Therefore it holds
# no c, e, o, q, v, w, x or y, and each step leaves nothing that an earlier one would change.
_MERGED: Final = bytes.maketrans(b"qcxwvyeo", b"kkhuuiiu")
_K_OF_KH: Final = re.compile("k+(?=h)")
_H_OF_DIGRAPH: Final = re.compile("(?<=[gd])h+")
_PH: Final = re.compile("p+h+")
_ZH: Final = re.compile("z+h+")
_D_OF_DJ: Final = re.compile("d+(?=j)")
_A_OF_DIPHTHONG: Final = re.compile("a+(?=[iu])")
_DOUBLED: Final = re.compile(r"(.)(?=\1)")


def skeleton(text: str) -> str:
    """The looser key, for names in Latin letters; of other scripts the key without spaces."""
    return skeleton_of_key(key(text))


def skeleton_of_key(search_key: str) -> str:
    """`skeleton` for a name whose `key` is already known."""
    if not search_key.isascii():
        return search_key.replace(" ", "")
    if " " not in search_key:
        return _merged(_with_merged_ending(search_key)) if search_key else ""
    parts = search_key.split(" ")
    if not _SHORT_FOR.keys().isdisjoint(parts):
        parts[:-1] = [_SHORT_FOR.get(word, word) for word in parts[:-1]]
    for at, word in enumerate(parts):
        if at and word[0] in "aeu" and word[1:3] in _ASSIMILATED:
            word = word[1:]
        parts[at] = _with_merged_ending(word)
    return _merged("".join(parts))


def _merged(joined: str) -> str:
    """One letter for each sound that is written in several ways."""
    loose = joined
    if "c" in loose:
        if "ch" in loose:
            loose = loose.replace("ch", "sh").replace("ssh", "sh").replace("tsh", "sh")
        loose = loose.replace("ce", "tse").replace("ci", "tsi").replace("cy", "tsy")
    if "qu" in loose:
        loose = loose.replace("que", "ke").replace("qui", "ki")
    if "ue" in loose or "oe" in loose:
        loose = loose.replace("gue", "ge").replace("oe", "o").replace("ue", "u")
    loose = loose.encode().translate(_MERGED).decode()  # three times as fast as with str
    if "h" in loose:
        if "kh" in loose:
            loose = _K_OF_KH.sub("", loose)
        loose = _H_OF_DIGRAPH.sub("", loose)
        if "ph" in loose:
            loose = _PH.sub("f", loose)
        if "zh" in loose:
            loose = _ZH.sub("j", loose)
    if "dj" in loose:
        loose = _D_OF_DJ.sub("", loose)
    if "ai" in loose or "au" in loose:
        loose = _A_OF_DIPHTHONG.sub("", loose)
    loose = _DOUBLED.sub("", loose.replace("mb", "nb").replace("mp", "np"))
    return loose[:-1] if loose.endswith("ah") and len(loose) > 2 else loose
