"""Who acts and who is hit: armed groups, state forces and people in a sentence, their parts in an event, the weapon.

Three sources, all in `data/actors.json`: named groups with their spellings ("Kata'ib Hizballah"), a nationality with a
word for people or forces ("U.S. troops", "Iran-backed militias"), and such words alone ("gunmen", "villagers").

A sentence is cut into words once; every step walks over them a bounded number of times. Rules, not a parser: where the
sentence does not show who did it, nobody is named.
"""

from __future__ import annotations

import json
import re
import unicodedata
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from importlib.resources import files
from typing import Any

from geo.model import Sentence


@dataclass(frozen=True, slots=True)
class Actor:
    """A span that names somebody who can act or be hit. Offsets count characters of the article, half-open."""

    start: int
    end: int
    text: str
    name: str
    """One name for all spellings: "Islamic State", "United States forces", "Iran-backed militias", "gunmen"."""
    type: str
    """state force | rebel | militia | extremist | criminal | civilians | police | international | private | unknown."""
    country_code: str | None = None
    """ISO 3166-1 alpha-2 of the actor's own country; null where the words name none or only a sponsor."""


# --------------------------------------------------------------------------------------------------------------------
# Words
# --------------------------------------------------------------------------------------------------------------------

_WORD = re.compile(r"(?:[A-Za-z]\.){2,}|[^\W_]+(?:['’‘ʼʿ`][^\W_]+)*")
_APOSTROPHES = re.compile(r"['’‘ʼʿ`.]")
_POSSESSIVE = re.compile(r"['’]s$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class _Word:
    start: int
    end: int
    key: str
    """Lower case, without accents, apostrophes and dots."""
    upper: bool
    """All letters are capitals."""
    capital: bool
    """The first letter is a capital."""
    possessive: bool
    text: str
    gap: str
    """What stands between the word before and this one, reduced to " ", "-" or the first mark of punctuation."""


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


def _key(text: str) -> str:
    if not text.isascii():
        text = "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))
    return _APOSTROPHES.sub("", text).casefold()


_cached_key = lru_cache(maxsize=16_384)(_key)


def _gap(text: str) -> str:
    stripped = text.strip()
    if not stripped:
        return " "
    if stripped in "-‐‑–" and text == stripped:
        return "-"
    # A closing apostrophe belongs to the word before ("militants' attack"), other quotes are marks.
    return " " if stripped in ("'", "’") and text[0] in "'’" else next(iter(stripped))


def _words(text: str) -> list[_Word]:
    words: list[_Word] = []
    last = 0
    for match in _WORD.finditer(text):
        start, end = match.span()
        word = match.group()
        possessive = False
        if _POSSESSIVE.search(word):
            word, end, possessive = word[:-2], end - 2, True
        elif word[-1] in "sS" and text[end : end + 1] in ("'", "’") and text[end + 1 : end + 2].isspace():
            possessive = True
        gap = text[last:start]
        words.append(
            _Word(
                start,
                end,
                _cached_key(word),
                word.isupper(),
                word[0].isupper(),
                possessive,
                word,
                " " if gap == " " else "-" if gap == "-" else _gap(gap) if words else "",
            )
        )
        last = match.end()
    return words


# --------------------------------------------------------------------------------------------------------------------
# Lexicon
# --------------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Group:
    name: str
    type: str
    country_code: str | None


@dataclass(frozen=True, slots=True)
class _Nation:
    """A country or a people as a modifier."""

    name: str
    adjective: str
    country_code: str | None
    kind: str
    """adjective | name | short (an abbreviation, which serves as both) | people (a plural that stands alone)."""
    is_country: bool = True


@dataclass(frozen=True, slots=True)
class _Entry:
    words: tuple[str, ...]
    """As written in the lexicon, to compare capitals."""
    value: _Group | _Nation
    doubtful: bool = False
    alone: bool = False


class _Node:
    """A knot of the word tree."""

    __slots__ = ("entries", "next")

    def __init__(self) -> None:
        self.next: dict[str, _Node] = {}
        self.entries: list[_Entry] = []


@dataclass(frozen=True, slots=True)
class _Lexicon:
    groups: _Node
    nations: _Node
    heads: dict[str, tuple[str, str]]
    """Word -> (type, plural)."""
    modifiers: frozenset[str]
    not_alone: frozenset[str]
    adjectives: dict[str, str]
    """Country code -> adjective for "... forces"."""


def _plant(root: _Node, alias: str, value: _Group | _Nation, *, doubtful: bool = False, alone: bool = False) -> None:
    words = _words(alias)
    node = root
    for word in words:
        node = node.next.setdefault(word.key, _Node())
    node.entries.append(_Entry(tuple(w.text for w in words), value, doubtful, alone))


@cache
def _data() -> dict[str, Any]:
    data: dict[str, Any] = json.loads((files("geo") / "data" / "actors.json").read_text(encoding="utf-8"))
    return data


@cache
def _lexicon() -> _Lexicon:
    data = _data()
    groups, nations = _Node(), _Node()
    for item in data["groups"]:
        group = _Group(item["name"], item["type"], item["country_code"])
        for alias in item["aliases"]:
            doubtful = alias in item.get("doubtful", ())
            _plant(groups, alias, group, doubtful=doubtful, alone=alias in item.get("alone", ()))
    adjectives: dict[str, str] = {}
    for item in data["countries"]:
        code, name, adjective = item["code"], item["name"], item["adjective"]
        adjectives.setdefault(code, adjective)
        if name != adjective:
            _plant(nations, name, _Nation(name, adjective, code, "name"))
        for other in item["names"]:
            kind = "short" if _is_acronym(other) else "name"
            _plant(nations, other, _Nation(name, adjective, code, kind))
        for word in (adjective, *item["adjectives"]):
            _plant(nations, word, _Nation(name, adjective, code, "short" if word == name else "adjective"))
        for word in item["people"]:
            _plant(nations, word, _Nation(word, adjective, code, "people"))
    for item in data["peoples"]:
        name, code = item["name"], item["country_code"]
        _plant(nations, name, _Nation(name, name, code, "adjective", is_country=False))
        for word in item["people"]:
            _plant(nations, word, _Nation(word, name, code, "people", is_country=False))
    words = data["words"]
    heads = {form: (kind, plural) for kind, forms in words["heads"].items() for form, plural in forms.items()}
    return _Lexicon(groups, nations, heads, frozenset(words["modifiers"]), frozenset(words["not_alone"]), adjectives)


def _is_acronym(text: str) -> bool:
    letters = text.replace(".", "").replace("-", "")
    return letters.isupper() and len(letters) > 1


def _written_like(entry: _Entry, words: list[_Word], at: int, shouting: bool) -> bool:
    """Capitals decide between a name and common words: "IS" is a group, "is" is not."""
    if shouting:
        # Upper-case text tells nothing: what is also a common word is left out.
        return not entry.doubtful and entry.words != ("IS",)
    for offset, wanted in enumerate(entry.words):
        word = words[at + offset]
        if wanted.isupper() and len(wanted) > 1:
            # Newspapers write long acronyms as words ("Isis", "Farc"), short ones never.
            if not word.upper and (len(wanted) < 4 or entry.doubtful or not word.capital):
                return False
        elif wanted[0].isupper():
            if not word.capital:
                return False
            # "LeT", "JeM": mixed capitals inside a short name count.
            if entry.doubtful and len(entry.words) == 1 and word.text != wanted:
                return False
    return True


def _longest(root: _Node, words: list[_Word], at: int, shouting: bool) -> tuple[int, _Entry] | None:
    node, i, best = root, at, None
    while i < len(words):
        word = words[i]
        if i > at and (word.gap not in (" ", "-", "(", "/") or (words[i - 1].possessive and word.gap == "-")):
            break
        found = node.next.get(word.key)
        if found is None:
            break
        node, i = found, i + 1
        for entry in node.entries:
            if _written_like(entry, words, at, shouting):
                best = (i, entry)
                break
    return best


# --------------------------------------------------------------------------------------------------------------------
# Finding
# --------------------------------------------------------------------------------------------------------------------

_SPONSORED = _set("backed supported aligned linked sponsored allied funded trained affiliated armed equipped")
_LED = frozenset(["led"])
_OWNED = _set(
    "run controlled held ruled occupied administered dominated based made built manufactured supplied governed "
    "besieged owned imposed speaking born registered flagged style era brokered mediated produced designed"
)
"""After a hyphen these make a place or a thing of the name before: "Hamas-run", "Russian-made"."""
_SPEAKERS = _set(
    "spokesman spokeswoman spokesperson spokespeople statement statements source sources media television tv news "
    "radio agency website outlet newspaper official officials minister ministry ministers embassy president foreign "
    "parliament lawmaker lawmakers senator ambassador"
)
_MEMBERS = _set(
    "commander commanders leader leaders chief chiefs member members operative operatives affiliate affiliates "
    "group groups movement organization organisation network faction factions cell wing gunmen gunman official "
    "officials bombers"
)
_DETERMINERS = _set("the a an this that these those its their his her our some any all both each every no another")
_NUMBERS = _set(
    "one two three four five six seven eight nine ten eleven twelve dozen dozens scores hundreds thousands several "
    "many few multiple numerous"
)
_CIVILIAN_THINGS = _set(
    "flight flights aircraft plane planes airliner infrastructure area areas target targets object objects vehicle "
    "vehicles government leader leaders rule life court building buildings home homes harm facilities airport"
)
_COMMON_STARTS = _set(
    "the a an as in on at by for from to with and but or when while after before since although however members "
    "suspected some many most several both all if that this these those about against of"
)
_DROPPED = _set(
    "suspected alleged unidentified unknown small several young elderly off duty lone heavily rival rogue male female"
)
_MILITARY_HEADS = _set(
    "forces force army armies military troops troop trooper troopers soldiers soldier servicemen serviceman "
    "servicewomen conscripts conscript reservists reservist infantry infantrymen navy sailors sailor warships "
    "warship gunboats frigate destroyer tanks tank marines marine paratroopers paratrooper commandos commando "
    "rangers warplanes warplane jets jet aircraft bombers bomber helicopters helicopter gunships gunship planes "
    "personnel servicemembers guardsmen guards guard members fleet airforce"
)
_RULERS = _set("government regime junta authorities")
_IRREGULAR = _set("rebel separatist insurgent guerrilla opposition militia paramilitary militant dissident proxy")
_AFTER_A_PERSON = _set("was were who and has had have in at near after by on")
_CONFLICT = _set(
    "fighters forces rebels attack attacks attacked killed kill killing killings clashes clashed fighting troops "
    "soldiers captured seized launched insurgents militants ambush ambushed strike strikes struck raid raided bomb "
    "bombing army guerrillas armed rebel group militia wounded offensive battle battles kidnapped separatists "
    "gunmen drone drones airstrike airstrikes shelling shelled rockets missiles police civilians claimed "
    "responsibility junta ceasefire"
)

_Span = tuple[int, int, Actor]
"""First word, word after the last, actor with offsets in the sentence."""


@dataclass(frozen=True, slots=True)
class _View:
    """A sentence cut into words, with its actors and its nationalities."""

    words: list[_Word]
    actors: tuple[_Span, ...]
    nations: dict[int, tuple[int, _Nation]]
    """First word -> (word after the last, nation), also inside actors."""


def find(sentence: Sentence) -> tuple[Actor, ...]:
    """The actors of `sentence` in order, the longest match first, never overlapping. Linear in its length."""
    shift = sentence.start
    return tuple(replace(a, start=a.start + shift, end=a.end + shift) for _, _, a in _view(sentence.text).actors)


@lru_cache(maxsize=256)
def _view(text: str) -> _View:
    words = _words(text)
    lexicon = _lexicon()
    shouting = len(text) > 12 and text.isupper()
    conflict: bool | None = None
    nations: dict[int, tuple[int, _Nation]] = {}
    actors: list[_Span] = []
    i = 0
    while i < len(words):
        word = words[i]
        best: tuple[int, str, str, str | None] | None = None
        hit = _longest(lexicon.groups, words, i, shouting) if word.key in lexicon.groups.next else None
        if hit is not None and hit[1].doubtful:
            if conflict is None:
                conflict = any(w.key in _CONFLICT for w in words)
            hit = hit if conflict else None
        if hit is not None and hit[1].alone and _beside_a_name(words, i, hit[0]):
            hit = None
        nation_hit = _longest(lexicon.nations, words, i, shouting) if word.key in lexicon.nations.next else None
        if nation_hit is not None:
            nation = nation_hit[1].value
            assert isinstance(nation, _Nation)  # noqa: S101
            nations[i] = (nation_hit[0], nation)
            best = _by_nation(lexicon, words, i, nation_hit[0], nation)
        if hit is not None:
            group = hit[1].value
            assert isinstance(group, _Group)  # noqa: S101
            named = _by_group(lexicon, words, hit[0], group)
            if named is None:
                i = hit[0]
                continue
            if best is None or named[0] >= best[0]:
                best = named
        if best is None and nation_hit is None:
            best = _by_stance(lexicon, words, i, shouting) or _by_word(lexicon, words, i)
        if best is None:
            i = nation_hit[0] if nation_hit is not None else i + 1
            continue
        end, name, kind, code = best
        start_at, end_at = word.start, words[end - 1].end
        actors.append((i, end, Actor(start_at, end_at, text[start_at:end_at], name, kind, code)))
        # Nationalities inside an actor are still wanted by `roles`, but only the first one can stand there.
        i = max(end, i + 1)
    return _View(words, tuple(actors), nations)


def _joined(words: list[_Word], at: int, gaps: tuple[str, ...] = (" ", "-")) -> bool:
    return at < len(words) and words[at].gap in gaps


def _beside_a_name(words: list[_Word], start: int, end: int) -> bool:
    """True for "Richard Wagner": a capitalised common name right before (or after) belongs to a person."""
    previous = words[start - 1] if start else None
    before = (
        previous is not None
        and words[start].gap == " "
        and previous.capital
        and not previous.possessive
        and previous.key not in _COMMON_STARTS
        and previous.key not in _lexicon().modifiers
        and previous.key not in _lexicon().nations.next
    )
    after = (
        _joined(words, end, (" ",))
        and words[end].capital
        and not words[end].upper
        and not words[end - 1].possessive
        and words[end].key not in _MEMBERS | {"forces", "militia", "cartel", "group"}
    )
    return before or after


def _tail(lexicon: _Lexicon, words: list[_Word], at: int, *, fresh: bool = False) -> int:
    """End of the longest run of modifiers and heads from `at` that ends in a head; `at` when there is none. `fresh`:
    the run starts the actor, otherwise it must be joined to the word before."""
    i, end = at, at
    while i < len(words) and i < at + 7 and ((fresh and i == at) or words[i].gap in (" ", "-")):
        key = words[i].key
        if key in lexicon.heads:
            end = i + 1
            # "militia fighters" goes on, "militia's fighters" does not; "civilians" ends a group of words.
            if words[i].possessive or lexicon.heads[key][0] == "civilians":
                nxt = i + 1
                if not (_joined(words, nxt) and words[nxt].key in lexicon.heads) or words[i].possessive:
                    break
        elif key not in lexicon.modifiers:
            break
        i += 1
    return end


def _speaks(words: list[_Word], end: int) -> bool:
    """The next word makes the span a speaker or an office: "police spokesman", "U.S. military officials"."""
    return _joined(words, end, (" ",)) and words[end].key in _SPEAKERS and not words[end - 1].possessive


def _by_group(
    lexicon: _Lexicon, words: list[_Word], end: int, group: _Group
) -> tuple[int, str, str, str | None] | None:
    if _joined(words, end, ("-",)):
        key = words[end].key
        if key in _OWNED:
            return None
        if key in _SPONSORED | _LED:
            tail = _tail(lexicon, words, end + 1)
            if tail == end + 1 or lexicon.heads[words[tail - 1].key][0] == "civilians":
                return None
            kind, plural = lexicon.heads[words[tail - 1].key]
            return tail, f"{group.name}-{key} {plural}", kind, None
    if _joined(words, end, (" ",)) and words[end].key in {"run", "controlled", "held"} and not words[end].capital:
        return None
    tail = _tail(lexicon, words, end)
    if tail > end and lexicon.heads[words[tail - 1].key][0] != "civilians" and not words[end - 1].possessive:
        end = tail
    if _joined(words, end) and words[end].key in _MEMBERS and not words[end - 1].possessive:
        end += 1
    elif _speaks(words, end) and words[end].key not in ("official", "officials"):
        return None
    return end, group.name, group.type, group.country_code


def _short(nation: _Nation) -> str:
    return {"US": "U.S.", "GB": "U.K.", "AE": "UAE"}.get(nation.country_code or "", nation.name)


def _by_nation(
    lexicon: _Lexicon, words: list[_Word], start: int, end: int, nation: _Nation
) -> tuple[int, str, str, str | None] | None:
    heads = lexicon.heads
    if nation.kind == "people":
        return None if _speaks(words, end) else (end, nation.name, "civilians", nation.country_code)
    if _joined(words, end, ("-",)):
        key = words[end].key
        if key in _OWNED:
            return None
        if key in _SPONSORED or key in _LED:
            tail = _tail(lexicon, words, end + 1)
            if tail == end + 1:
                return None
            name, kind = _sponsored(heads, words, end + 1, tail, _short(nation), "led" if key in _LED else "backed")
            return (
                None if name is None else (tail, name, kind, nation.country_code if kind == "international" else None)
            )
    tail = _tail(lexicon, words, end)
    if tail == end:
        return _by_adjective_alone(words, start, end, nation)
    if _speaks(words, tail):
        return None
    run = [w.key for w in words[end:tail]]
    kind, plural = heads[run[-1]]
    if nation.kind == "name" and not words[end - 1].possessive and kind == "civilians":
        return None
    adjective, code = nation.adjective, nation.country_code
    if run[-1] in ("proxy", "proxies") or "proxy" in run:
        return tail, f"{_short(nation)}-backed militias", "militia", None
    irregular = next((k for k in run if k in _IRREGULAR), None)
    if "police" in run or (kind == "police" and "army" not in run and "military" not in run):
        return tail, f"{adjective} police", "police", code
    if run[-1] in _MILITARY_HEADS or kind == "police":
        if irregular:
            kind = "militia" if irregular in ("militia", "paramilitary", "proxy") else "rebel"
            return tail, f"{adjective} {'militias' if kind == 'militia' else 'rebels'}", kind, code
        if kind == "private":
            return tail, f"{adjective} forces", "state force", code
        return tail, f"{adjective} forces", "state force" if nation.is_country else "militia", code
    if run[-1] in _RULERS:
        return tail, f"{adjective} government", "state force", code
    if run[-1] == "coalition":
        return tail, f"{adjective} coalition", "international", code
    if (
        irregular
        and kind in ("rebel", "militia")
        and run[-1] in ("groups", "group", "faction", "factions", "fighter", "fighters")
    ):
        plural = {"militia": "militias", "paramilitary": "militias", "opposition": "rebels", "rebel": "rebels"}.get(
            irregular, heads.get(irregular, (kind, plural))[1]
        )
        kind = heads.get(irregular, (kind, ""))[0]
    elif run[-1] in ("groups", "group", "faction", "factions"):
        if len(run) == 1:
            return None
        plural = " ".join([*run[:-1], plural])
    return tail, f"{adjective} {plural}", kind, code


def _by_adjective_alone(
    words: list[_Word], start: int, end: int, nation: _Nation
) -> tuple[int, str, str, str | None] | None:
    """ "An Israeli was killed": an adjective that stands for a person."""
    if nation.kind != "adjective" or start == 0 or words[end - 1].possessive:
        return None
    if words[start - 1].key not in _NUMBERS and words[start - 1].key not in ("a", "an", "another"):
        return None
    ends = end == len(words) or words[end].gap not in (" ", "-")
    if ends or words[end].key in _AFTER_A_PERSON:
        return end, f"{nation.adjective} civilians", "civilians", nation.country_code
    return None


def _sponsored(
    heads: dict[str, tuple[str, str]], words: list[_Word], start: int, end: int, sponsor: str, how: str
) -> tuple[str | None, str]:
    run = [w.key for w in words[start:end]]
    kind, plural = heads[run[-1]]
    if how == "led":
        if run[-1] in ("coalition", "forces", "force", "troops", "personnel", "warplanes", "jets", "aircraft"):
            return f"{'US' if sponsor == 'U.S.' else sponsor}-led coalition", "international"
        return f"{sponsor}-led {plural}", kind if kind != "civilians" else "unknown"
    if kind == "civilians" or run[-1] in _RULERS:
        return None, kind
    if run[-1] in _MILITARY_HEADS and not set(run) & _IRREGULAR:
        official = set(run) & {"government", "army", "military", "regime"}
        return f"{sponsor}-backed forces", "state force" if official else "militia"
    if kind == "rebel" and run[-1] not in ("fighter", "fighters", "militant", "militants"):
        return f"{sponsor}-backed rebels", "rebel"
    if kind in ("militia", "rebel", "extremist", "unknown", "state force"):
        rebels = "rebel" in run or "opposition" in run
        return (f"{sponsor}-backed rebels", "rebel") if rebels else (f"{sponsor}-backed militias", "militia")
    return f"{sponsor}-backed {plural}", kind


def _by_stance(
    lexicon: _Lexicon, words: list[_Word], at: int, shouting: bool
) -> tuple[int, str, str, str | None] | None:
    """ "Pro-Russian separatists", "anti-government protesters"."""
    if words[at].key not in ("pro", "anti") or not _joined(words, at + 1, ("-",)):
        return None
    middle, label = at + 2, words[at + 1].text
    nation = _longest(lexicon.nations, words, at + 1, shouting)
    if nation is not None and isinstance(nation[1].value, _Nation):
        middle = nation[0]
        label = "American" if nation[1].value.country_code == "US" else nation[1].value.adjective
    tail = _tail(lexicon, words, middle)
    if words[at + 1].key in ("aircraft", "tank", "personnel", "ship"):
        # "anti-aircraft fire", "anti-tank missile"
        return None
    if tail == middle or _speaks(words, tail):
        return None
    run = [w.key for w in words[middle:tail]]
    kind, plural = lexicon.heads[run[-1]]
    if kind == "state force":
        own_side = words[at].key == "pro" and label.casefold() in ("government", "regime")
        kind = "state force" if own_side else "rebel" if set(run) & _IRREGULAR else "militia"
    return tail, f"{words[at].key}-{label} {plural}", kind, None


_REFINED = (
    ("state force", _set("militia paramilitary proxy"), "militia"),
    ("state force", _IRREGULAR, "rebel"),
    ("state force", _set("peacekeeping multinational international coalition"), "international"),
    ("rebel", _set("islamist jihadist extremist terrorist terror"), "extremist"),
    ("unknown", _set("suicide"), "extremist"),
    ("unknown", _set("gang cartel"), "criminal"),
    ("private", _set("border coast presidential republican royal national"), "state force"),
)
"""(type by the last word, words before it, type they make of it), the first that fits."""


def _by_word(lexicon: _Lexicon, words: list[_Word], at: int) -> tuple[int, str, str, str | None] | None:
    """Words for people and forces alone: "gunmen", "riot police", "suspected Islamist insurgents"."""
    key = words[at].key
    if key not in lexicon.heads and key not in lexicon.modifiers:
        return None
    if key in ("anti", "pro", "counter") and _joined(words, at + 1, ("-",)):
        return None
    end = _tail(lexicon, words, at, fresh=True)
    if end == at:
        return None
    run = [w.key for w in words[at:end]]
    head = run[-1]
    kind, plural = lexicon.heads[head]
    backed = _backed_by(words, end)
    if len(run) == 1 and backed is None:
        if head in lexicon.not_alone and not (
            head in ("military", "coalition") and at > 0 and words[at - 1].key in ("the", "its", "their")
        ):
            return None
    elif len(run) > 1 and head in lexicon.not_alone:
        vague = all(k in lexicon.not_alone | _DROPPED for k in run[:-1])
        # "Regime forces" and "coalition troops" are somebody, "a group of guards" is not.
        if vague and not (head in _MILITARY_HEADS and set(run) & (_RULERS | {"coalition"})):
            return None
    judged = run == ["terrorist"] and _joined(words, end, (" ",)) and not words[end].capital
    if judged and words[end].key not in _AFTER_A_PERSON:
        # "Terrorist attacks", "a terrorist plot": a judgement, no actor.
        return None
    if _speaks(words, end) or (_joined(words, end, (" ",)) and words[end].key == "unrest"):
        return None
    if head in _RULERS and "military" not in run:
        return None
    if kind == "civilians" and at > 0 and words[at].capital and _joined(words, end, (" ",)) and words[end].capital:
        # "Imam Ali", "Doctors Without", "Bishop Gerardi": a title or a name.
        return None
    if run[-1] == "civilian" and _joined(words, end, (" ",)) and words[end].key in _CIVILIAN_THINGS:
        return None
    if _joined(words, end, ("-",)) and words[end].key in _OWNED | _SPONSORED | _LED:
        return None
    if backed is not None and kind in ("militia", "rebel", "extremist"):
        nation = _longest(lexicon.nations, words, backed, False)
        if nation is not None and isinstance(nation[1].value, _Nation):
            return nation[0], f"{_short(nation[1].value)}-backed militias", "militia", None
    if head in ("groups", "group", "factions", "faction"):
        base = next((k for k in reversed(run[:-1]) if k in lexicon.heads), None)
        if base is None and not set(run) & {"armed", "islamist", "jihadist", "communist", "vigilante", "dissident"}:
            return None
        kind = lexicon.heads[base][0] if base else "militia"
    elif "police" in run or kind == "police":
        return end, "police", "police", None
    else:
        kind = next((new for old, marks, new in _REFINED if old == kind and marks & set(run)), kind)
    if head in ("peacekeepers", "peacekeeper"):
        kind = "international"
    if head in ("military", "army") and len(run) == 1:
        plural = head
    kept = [k for k in run[:-1] if k not in _DROPPED]
    return end, " ".join([*kept, plural]), kind, None


def _backed_by(words: list[_Word], at: int) -> int | None:
    """The word after "backed by" (also "supported by")."""
    if (
        at + 2 < len(words)
        and words[at].key in ("backed", "supported", "sponsored", "funded")
        and words[at + 1].key == "by"
    ):
        return at + 2
    return None


# --------------------------------------------------------------------------------------------------------------------
# Roles
# --------------------------------------------------------------------------------------------------------------------

_AUXILIARIES = _set(
    "has have had will would may might could can should must did does do is are was were be been being am got get "
    "gets also then not reportedly allegedly apparently later again just already once twice since only even to "
    "never still both all simultaneously too recently previously subsequently"
)
_BE = _set("is are was were be been being got get gets gotten")
_MODALS = _set("to will would may might could can should must did didnt")
_PREPOSITIONS = _set(
    "in on at near from with by for of against to into onto after before during across over under between outside "
    "inside amid since towards toward around through throughout along behind within upon off following via per "
    "despite among amongst about like including without until because targeting hitting"
)
_BOUNDARIES = _set("after before when while because as if although though until since where but whereas and or so than")
_RELATIVES = frozenset(["who", "which", "that"])
_PRONOUNS = frozenset(["they", "it", "them"])
_SAYING = _set(
    "said says say saying told announced reported reports added confirmed claimed claims denied warned stated "
    "according acknowledged admitted insisted believes believe believed alleged accused blamed accuses blames vowed "
    "tweeted wrote described condemned denounced declared suggested estimated noted explained argued"
)
_VERBS_OF_EVENTS = _set(
    "killed kill kills wounded wound wounds injured injure injures attacked attack attacks struck strike strikes "
    "hit hits bombed bomb bombs shelled shell shells raided raid raids stormed storm storms ambushed ambush "
    "ambushes shot shoot shoots fired fire fires opened launched launch launches carried carry carries targeted "
    "target targets destroyed destroy destroys kidnapped kidnap kidnaps abducted abduct abducts seized seize seizes "
    "captured capture captures murdered murder murders assassinated assassinate massacred massacre stabbed stab "
    "stabs beheaded behead executed execute burned burnt burn torched torch torches clashed clash clashes fought "
    "fight fights detonated detonate detonates exploded explode explodes blew blow blows rammed ram rams crashed "
    "crash crashes intercepted intercept downed down detained detain arrested arrest looted loot invaded invade "
    "invades entered enter overran overrun took take taken conducted conduct conducts staged mounted dropped drop "
    "drops pounded pound pounds slew slain slaughtered assaulted assault retaliated responded blasted dispersed "
    "beat beaten battled battle came went sent ordered began left surrounded besieged repelled planted threw throw "
    "hurled lobbed unleashed sprayed gunned mowed claimed set tortured raped tried forced planned pushed advanced "
    "withdrew arrived broke crossed held used drove"
)
_EVENT_NOUNS = _set(
    "attack attacks strike strikes airstrike airstrikes raid raids bombing bombings bombardment bombardments "
    "shelling shellings shooting shootings explosion explosions blast blasts ambush ambushes assault assaults "
    "killing killings murder murders massacre massacres assassination assassinations offensive offensives incursion "
    "incursions clash clashes fighting battle battles gunfight gunfights firefight firefights shootout shootouts "
    "gunfire fire barrage barrages salvo salvos operation operations kidnapping kidnappings abduction abductions "
    "stabbing stabbings siege crackdown invasion beheading execution executions violence rocket rockets missile "
    "missiles drone drones shell shells mortar mortars bomb bombs artillery volley bullet bullets grenade grenades "
    "landmine mine projectiles projectile air-raid counterattack retaliation response sniper-fire engagement "
    "skirmish skirmishes bloodshed slaying slayings riot riots protest protests demonstration demonstrations "
    "seizure arrest arrests torching arson ramming rampage hijacking"
)
_WEAPON_NOUNS = _set(
    "rocket rockets missile missiles drone drones shell shells mortar mortars bomb bombs artillery bullet bullets "
    "grenade grenades landmine mine projectiles projectile fire gunfire response retaliation"
)
"""Event nouns that may only be the means of another event: "an attack with rockets on"."""
_OF_NOUNS = _set(
    "killing killings murder murders massacre massacres assassination bombing bombings bombardment shelling "
    "shooting shootings kidnapping kidnappings abduction abductions slaying execution executions beheading "
    "slaughter downing siege stabbing seizure arrest arrests assassinations invasion detention capture rape torture "
    "death deaths disappearance storming torching ramming burning"
)
_JOINT_NOUNS = _set(
    "clash clashes clashed clashing fighting fought battle battles battled gunfight gunfights firefight firefights "
    "shootout shootouts skirmish skirmishes fight fights hostilities exchange confrontation confrontations war "
    "combat"
)
_AMBIGUOUS = _set(
    "attack attacks strike strikes raid raids bomb bombs ambush ambushes shell shells fire fires target targets "
    "clash clashes battle battles fight fights murder murders massacre massacres hit hits shot shots blast blasts "
    "assault assaults storm storms riot riots protest protests arrest arrests loot rape torture burn siege kidnap "
    "rocket rockets assassinate seize seizes kill kills abduct detain shoot stab behead execute destroy explode "
    "explodes detonate injure wound wounds capture captures invade ram rams torch launch launches torches lynch "
    "lynches airstrike airstrikes crash crashes blow blows overrun intercept"
)
_PLAIN_VERBS = _set(
    "kidnap assassinate seize seizes kill kills abduct abducts detain detains shoot shoots stab stabs behead "
    "execute destroy destroys explode explodes detonate detonates injure injures invade invades overrun intercept "
    "intercepts lynch"
)
_IRREGULAR_PAST = _set(
    "struck hit shot blew fought slew slain beat beaten burnt rammed overran took taken threw thrown set held hung "
    "downed broke led caught came went fell"
)
_INTRANSITIVE = _set(
    "clashed fired exploded detonated blew fought landed opened erupted responded retaliated came went rioted "
    "protested marched died fell battled"
)
_LIGHT_DOING = _set(
    "carried carry carries carrying conducted conduct conducts conducting launched launch launches launching staged "
    "stages staging mounted mount mounts mounting executed perpetrated began unleashed unleash unleashing made "
    "opened opens open fired fire fires firing committed waged intensified resumed directed planned claimed claim "
    "claims led started continued dropped used detonated triggered"
)
_LIGHT_SUFFERING = _set(
    "came come comes coming suffered faced repelled repulsed survived thwarted foiled endured withstood escaped met "
    "weathered sustained"
)
_LIGHT_WITH = _set("responded retaliated attacked struck hit answered replied reacted followed")
_QUANTITIES = _set(
    "faction factions wing branch unit cell series wave waves spate round rounds string barrage barrages number "
    "dozens scores hundreds thousands volley salvo couple group groups members member mob crowd crowds convoy dozen "
    "handful band gang team column pair majority most one two three some several many all bodies families relatives "
    "lives trio busload truckload"
)
_TIMES = _set(
    "today yesterday tonight overnight monday tuesday wednesday thursday friday saturday sunday january february "
    "march april may june july august september october november december dawn night midnight noon dusk daybreak "
    "day days week weeks month months year years morning evening afternoon weekend hour hours least most first "
    "sunrise sunset christmas easter record"
)
_USED_BY = _set(
    "used backed controlled run held owned operated frequented manned guarded occupied led supported inhabited "
    "followed caused described condemned housed populated sponsored trained hosted protected besieged funded armed "
    "contributed attended approved seen"
)
_PLACE_EVENTS = _set(
    "shooting shootings massacre massacres killing killings kidnapping kidnappings abduction abductions protest "
    "protests riot riots stabbing stabbings explosion explosions blast blasts clash clashes bombing bombings murder "
    "murders violence gunfight fighting battle battles"
)
"""Events that a nationality before them places rather than attributes: "the Norwegian massacre"."""
_PLACE_KINDS = _set("suicide car terror terrorist school mosque church knife gun mob gang mass hotel embassy market")
_SITES = _set("embassy consulate school airport capital city town base province village port border")
_TOWARDS = _set("at on into against toward towards upon with of between among targeting hitting")
_HITTING = _set(
    "killed killing kills kill wounded wounding wounds injured injuring hit hits hitting struck targeted targets "
    "targeting destroyed"
)
_HARMING = _set("killing wounding injuring abducting kidnapping shooting")
_HARMED = _set("killed wounded injured shot hurt kidnapped abducted martyred slain hit struck targeted destroyed")
_CAPITALS = {
    "washington": "US", "moscow": "RU", "kyiv": "UA", "kiev": "UA", "tehran": "IR", "ankara": "TR", "riyadh": "SA",
    "pyongyang": "KP", "islamabad": "PK", "asmara": "ER", "kremlin": "RU",
}  # fmt: skip
"""Capitals that stand for their forces as the subject of an attack; others are scenes far more often."""


def roles(
    sentence: Sentence, trigger_start: int, trigger_end: int, actors: tuple[Actor, ...]
) -> tuple[Actor | None, Actor | None]:
    """(doer, target) of the event whose word or words stand at that span (offsets in the article).

    `actors` are those of the same sentence, as `find` gives them. A nationality or a country that acts ("Israeli
    shelling", "Russia launched") becomes an actor of its own. Who only speaks of the event is never its doer.
    """
    view = _view(sentence.text)
    shift = sentence.start
    wanted = {(a.start - shift, a.end - shift) for a in actors}
    known = tuple(span for span in view.actors if (span[2].start, span[2].end) in wanted)
    clause = _Clause(view.words, known, view.nations)
    first = next((i for i, w in enumerate(view.words) if w.end > trigger_start - shift), None)
    if first is None:
        return None, None
    last = first
    while last + 1 < len(view.words) and view.words[last + 1].start < trigger_end - shift:
        last += 1
    doer, target = clause.parts(first, last)
    if doer is not None and target is not None and doer.start == target.start:
        target = None

    def placed(actor: Actor | None) -> Actor | None:
        if actor is None:
            return None
        start, end = actor.start, actor.end
        return replace(actor, start=start + shift, end=end + shift, text=sentence.text[start:end])

    return placed(doer), placed(target)


class _Clause:
    """Questions about who does what around a word of one sentence. Word numbers throughout."""

    _DEPTH = 6
    """How often one question may lead to the next ("the strike that followed the attack by ..."): keeps it linear."""

    def __init__(self, words: list[_Word], actors: tuple[_Span, ...], nations: dict[int, tuple[int, _Nation]]) -> None:
        self.words = words
        self.nations = nations
        self.at: dict[int, _Span] = {}
        self.ending: dict[int, _Span] = {}
        for span in actors:
            for i in range(span[0], span[1]):
                self.at[i] = span
            self.ending[span[1] - 1] = span
        self.inside = {i for start, (end, _) in nations.items() for i in range(start, end)}

    # -- what a word is

    def key(self, i: int) -> str:
        return self.words[i].key if 0 <= i < len(self.words) else ""

    def joined(self, i: int) -> bool:
        """The word follows the one before without punctuation."""
        return 0 < i < len(self.words) and self.words[i].gap in (" ", "-")

    def forces(self, i: int) -> Actor | None:
        """The forces of the nation named from word `i`."""
        end, nation = self.nations[i]
        if nation.kind == "people" or not nation.is_country:
            return None
        a, b = self.words[i].start, self.words[end - 1].end
        return Actor(a, b, "", f"{nation.adjective} forces", "state force", nation.country_code)

    def nation_name(self, i: int) -> bool:
        return i in self.nations and self.nations[i][1].kind in ("name", "short")

    def kind(self, first: int, last: int) -> str:
        """noun | active | passive"""
        key = (
            self.key(last)
            if self.key(first) not in ("opened", "carried", "came", "blew", "gunned", "set")
            else self.key(first)
        )
        left = first - 1
        while (
            left >= 0
            and self.joined(left + 1)
            and (self.key(left).endswith("ly") or self.key(left) in ("also", "then"))
        ):
            left -= 1
        before = self.key(left) if left >= 0 and self.joined(first) else ""
        after = self.key(last + 1) if self.joined(last + 1) else ""
        if key.endswith("ing") and key not in ("ring", "king"):
            if key not in _EVENT_NOUNS and before in _BE:
                return "active"
            if after == "of" or before in _DETERMINERS or (key in _EVENT_NOUNS and left in self.inside):
                return "noun"
            if key in _EVENT_NOUNS and (after in _PREPOSITIONS | _BE | {"that", "which"} or not after):
                return "noun"
            return "active"
        if key in _AMBIGUOUS and not (key in ("hit", "shot") and before not in _DETERMINERS | {"direct"}):
            return self._ambiguous(key, left, before, after, last)
        if key.endswith("ed") or key in _IRREGULAR_PAST:
            if key in ("armed", "backed"):
                return "noun"
            passive = before in _BE or (after == "by" and key not in _INTRANSITIVE)
            if passive and not (before in ("been", "was", "were") and key in ("came",)):
                return "passive"
            if key in _INTRANSITIVE or before in _RELATIVES | {"has", "have", "had"}:
                return "active"
            if after == "at" and self.key(last + 2) in ("least", "most"):
                return "active"
            bare = after in {"in", "at", "when", "after", "as", "while", "during", "near", "outside", "dead"} or (
                not after and key not in ("struck",)
            )
            return "passive" if bare else "active"
        return "noun"

    def _ambiguous(self, key: str, left: int, before: str, after: str, last: int) -> str:
        if key in _PLAIN_VERBS:
            return "passive" if before in _BE else "active"
        if before in _MODALS:
            return "active" if before != "to" or not key.endswith("s") else "noun"
        if before in _PRONOUNS | {"who", "we", "i", "he", "she"}:
            return "active"
        if not before or before in _DETERMINERS or before in _PREPOSITIONS or before in _NUMBERS:
            return "noun"
        if self.words[left].possessive:
            return "noun"
        subject = left in self.ending or (
            left in self.inside and any(self.nation_name(i) and end == left + 1 for i, (end, _) in self.nations.items())
        )
        if subject:
            obj = last + 1
            if self.joined(obj) and (
                after in _DETERMINERS
                or after in _NUMBERS
                or after.isdigit()
                or self.words[obj].capital
                or obj in self.at
                or after in ("at", "back", "out")
            ):
                return "active"
        return "noun"

    # -- the parts

    def parts(self, first: int, last: int, depth: int = 0) -> tuple[Actor | None, Actor | None]:
        """(doer, target) of the event word from `first` to `last`."""
        kind = self.kind(first, last)
        if self.key(first) in ("came", "come") and self.key(first + 1) == "under":
            return self.by(last + 1), self.subject(first, depth)
        if kind == "noun":
            return self._noun(first, last, depth)
        joint = self.key(first) in _JOINT_NOUNS
        if kind == "active":
            subject = self.subject(first, depth)
            if joint:
                other = self.after(last + 1, ("with", "against"))
                return subject, other or self._second(first)
            return subject, self.object(last + 1)
        doer = self.by(last + 1)
        if doer is None:
            event = self._event_after(last + 1)
            if event is not None and depth < self._DEPTH:
                doer = self._noun(event, event, depth + 1)[0]
                if doer is None and self.key(event) in _JOINT_NOUNS:
                    # "killed in clashes with": the other side did it.
                    doer = self.after(event + 1, ("with", "against"))
        return doer, self._passive_subject(first, depth)

    def _second(self, first: int) -> Actor | None:
        """ "Soldiers and rebels clashed": the second half of a double subject."""
        i = first - 1
        while i >= 0 and self.key(i) in _AUXILIARIES:
            i -= 1
        span = self.ending.get(i)
        if span is not None and self.key(span[0] - 1) in ("and", "with"):
            return span[2]
        return None

    def _passive_subject(self, first: int, depth: int) -> Actor | None:
        left = first - 1
        if left >= 0 and self.joined(first) and left in self.ending:
            return self.ending[left][2]
        return self.subject(first, depth, patient=True)

    def _noun_start(self, first: int) -> int:
        """First word of the noun phrase whose head is `first`."""
        i = first
        while i > 0 and self.joined(i) and first - i < 9:
            key = self.key(i - 1)
            if key in _DETERMINERS and i - 1 not in self.at:
                return i - 1
            if (
                key in _PREPOSITIONS
                or key in _BOUNDARIES
                or key in _AUXILIARIES
                or key in _SAYING
                or key in _RELATIVES
                or key in _PRONOUNS
            ) and i - 1 not in self.at:
                break
            if key in _LIGHT_DOING | _LIGHT_SUFFERING and i - 1 not in self.at and not self._adjectival(i - 1):
                break
            if key in _VERBS_OF_EVENTS and key not in _EVENT_NOUNS and i - 1 not in self.at:
                break
            i -= 1
        # "a series of airstrikes"
        if i > 2 and self.key(i - 1) == "of" and self.key(i - 2) in _QUANTITIES:
            i -= 2
            while (
                i > 0
                and self.joined(i)
                and (self.key(i - 1) in _DETERMINERS or self.key(i - 1) in ("new", "fresh", "deadly"))
            ):
                i -= 1
        return i

    def _adjectival(self, i: int) -> bool:
        """A past participle between a determiner and its noun ("the planned attack")."""
        return self.key(i - 1) in _DETERMINERS and self.joined(i)

    def _noun(self, first: int, last: int, depth: int) -> tuple[Actor | None, Actor | None]:
        start = self._noun_start(first)
        doer: Actor | None = None
        target: Actor | None = None
        if any(self.key(i) in _JOINT_NOUNS for i in range(first, last + 1)):
            pair = self._between(last + 1)
            if pair is not None:
                return pair
            target = self.after(last + 1, ("with", "against"))
        inside = [self.at[i] for i in range(start, first) if i in self.at]
        if inside:
            actor = inside[-1][2]
            people = actor.type == "civilians" and not self.words[inside[-1][1] - 1].possessive
            if people and not {"protest", "protests", "riot", "riots", "demonstration"} & {
                self.key(first),
                self.key(last),
            }:
                target = target or actor
            else:
                doer = actor
        else:
            doer = self._nation_before(start, first, last)
        doer = doer or self.by(last + 1)
        subject_of, suffering = self._light(start, depth)
        if doer is None:
            doer = subject_of
        elif subject_of is not None and target is None and subject_of.type != "civilians":
            # "Militants launched drone attacks": the phrase itself named the doer.
            suffering = suffering or None
        target = target or self._target_after(last + 1, {self.key(i) for i in range(first, last + 1)}) or suffering
        if doer is not None and target is not None and (doer.start, doer.end) == (target.start, target.end):
            target = None
        return doer, target

    def _nation_before(self, start: int, first: int, last: int) -> Actor | None:
        keys = {self.key(i) for i in range(start, last + 1)}
        for i in range(start, first):
            if i not in self.nations or i in self.at:
                continue
            end, nation = self.nations[i]
            owner = self.words[end - 1].possessive
            hyphen = end < len(self.words) and self.words[end].gap == "-"
            if nation.kind == "people" or (nation.kind == "name" and not owner) or hyphen:
                continue
            if self.key(end) in _SITES:
                continue
            placed = {self.key(first), self.key(last)} & _PLACE_EVENTS or keys & _PLACE_KINDS
            if placed and not keys & {"air", "drone", "missile", "artillery", "aerial"}:
                continue
            return self.forces(i)
        return None

    def _light(self, start: int, depth: int) -> tuple[Actor | None, Actor | None]:
        """The subject of the verb that carries the noun: the doer of "carried out", the target of "came under"."""
        i = start - 1
        if i < 0 or not self.joined(start) or depth >= self._DEPTH:
            return None, None
        if self.key(i) in ("with", "by") and self.key(i - 1) in _LIGHT_WITH:
            return self.subject(i - 1, depth + 1), None
        if self.key(i) in ("in", "during", "by", "from") and self.key(i - 1) in _HARMED:
            return None, self._passive_subject(i - 1, depth + 1)
        if self.key(i) == "for" and self.key(i - 1) == "responsibility":
            i -= 1
            while i > 0 and self.key(i) not in ("claimed", "claims", "claim", "took", "claiming"):
                if start - i > 4:
                    return None, None
                i -= 1
            return self.subject(i, depth + 1), None
        while (
            i > 0
            and self.joined(i)
            and (
                self.key(i) in ("out", "under", "off", "up", "back", "from", "more", "new", "this", "early", "late")
                or self.key(i) in _TIMES
                or self.key(i).endswith("ly")
            )
        ):
            i -= 1
        key = self.key(i)
        if key in _LIGHT_DOING and self.key(i - 1) not in _BE:
            return self.subject(i, depth + 1), None
        if key in _LIGHT_SUFFERING:
            return None, self.subject(i, depth + 1)
        return None, None

    def _between(self, i: int) -> tuple[Actor | None, Actor | None] | None:
        for j in range(i, min(i + 8, len(self.words))):
            if self.key(j) == "between":
                found: list[Actor] = []
                k = j + 1
                while k < min(j + 25, len(self.words)) and len(found) < 2:
                    if k in self.at:
                        found.append(self.at[k][2])
                        k = self.at[k][1]
                        continue
                    if k in self.nations and self.forces(k) is not None:
                        actor = self.forces(k)
                        if actor is not None:
                            found.append(actor)
                        k = self.nations[k][0]
                        continue
                    k += 1
                if found:
                    return found[0], found[1] if len(found) > 1 else None
        return None

    # -- left: subjects

    def subject(self, verb: int, depth: int = 0, *, patient: bool = False) -> Actor | None:
        """The subject of the verb at word `verb`; `patient`: of a passive, so events and countries are no answer."""
        if depth > self._DEPTH:
            return None
        i = verb - 1
        while (
            i >= 0
            and self.joined(i + 1)
            and i not in self.at
            and (self.key(i) in _AUXILIARIES or self.key(i).endswith("ly"))
        ):
            i -= 1
        if i < 0:
            return None
        key = self.key(i)
        if key in _RELATIVES and i not in self.at:
            return self._antecedent(i - 1, depth, patient)
        if key in _PRONOUNS:
            return self._referent(i, depth)
        return self._first_subject(verb, depth, patient)

    def _antecedent(self, i: int, depth: int, patient: bool) -> Actor | None:
        """Who the words up to `i` name, before a relative clause."""
        if i < 0:
            return None
        if i in self.at:
            span = self.at[i]
            # "an attack by gunmen that killed": the gunmen all the same.
            return span[2]
        for j in range(i, max(i - 8, -1), -1):
            if j in self.at and self.key(j + 1) in ("in", "from", "on", "with", "near", "at"):
                return self.at[j][2]
            if self.key(j) in _EVENT_NOUNS and not patient:
                return self._noun(j, j, depth + 1)[0]
            if self.key(j) in _SAYING or (j < i and not self.joined(j + 1)):
                return None
        return None

    def _referent(self, pronoun: int, depth: int) -> Actor | None:
        """Who "they" or "it" is: the subject of the clause before."""
        for j in range(pronoun - 1, -1, -1):
            if self.key(j) in _SAYING:
                return self._first_subject(j, depth + 1, False)
        for j in range(pronoun):
            if j in self.at and self.key(self.at[j][0] - 1) not in _PREPOSITIONS:
                return self.at[j][2]
        return None

    def _region(self, verb: int) -> int:
        """First word of the clause that the verb stands in."""
        i = verb
        while i > 0:
            word = self.words[i]
            if word.gap not in (" ", "-", ",", "(", ")", "/"):
                return i
            previous = i - 1
            key = self.key(previous)
            if previous not in self.at:
                if key in _BOUNDARIES and key not in ("and", "or"):
                    return i
                if key in _RELATIVES and i < verb:
                    return i
                if key in _SAYING and key != "according":
                    return i
            i -= 1
        return 0

    def _first_subject(self, verb: int, depth: int, patient: bool) -> Actor | None:
        start = self._region(verb)
        under_preposition = False
        i = start
        while i < verb:
            word = self.words[i]
            if i > start and word.gap == ",":
                under_preposition = False
            key = word.key
            span = self.at.get(i)
            if span is not None and i == span[0]:
                end = span[1]
                if not under_preposition and end <= verb:
                    if self.words[end - 1].possessive and self.joined(end):
                        # "Hamas's fighters", "the army's attack": the possessor acts unless an actor follows.
                        if end in self.at:
                            i = end
                            continue
                        return None if patient else self._owned(end, verb, span[2], depth)
                    if self.key(end) in _EVENT_NOUNS and self.joined(end) and end < verb:
                        return None if patient else self._noun(end, end, depth + 1)[0]
                    if self._compound_event(end, verb) is not None:
                        event = self._compound_event(end, verb)
                        return None if patient or event is None else self._noun(event, event, depth + 1)[0]
                    if self.key(end) == "in" and self.key(i - 1) == "of" and patient:
                        return span[2]
                    its = self.key(i - 1) in ("its", "their") and i - 1 >= 0
                    if its and span[2].country_code is None and depth < self._DEPTH:
                        owner = self._referent(i - 1, depth + 1)
                        return owner or span[2]
                    return span[2]
                i = end
                continue
            if span is None and i in self.nations:
                end, nation = self.nations[i]
                if not under_preposition and end <= verb and nation.kind != "people":
                    event = self._compound_event(end, verb)
                    if event is not None:
                        return None if patient else self._noun(event, event, depth + 1)[0]
                    if nation.kind in ("name", "short") and not patient and self._acts(end, verb):
                        return self.forces(i)
                    if nation.kind in ("name", "short") and not self.words[end - 1].possessive:
                        nxt = self.key(end)
                        if nxt in _VERBS_OF_EVENTS and nxt not in _EVENT_NOUNS and not patient:
                            return self.forces(i)
                i = end
                continue
            if key in _CAPITALS and word.capital and not under_preposition and not patient and self._acts(i + 1, verb):
                a = _lexicon().adjectives[_CAPITALS[key]]
                return Actor(word.start, word.end, "", f"{a} forces", "state force", _CAPITALS[key])
            if key == "of" and (self.key(i - 1) in _QUANTITIES | _NUMBERS or self.key(i - 1).isdigit()):
                under_preposition = False
            elif key in _PREPOSITIONS and not self._measures(i):
                under_preposition = True
            elif key in _EVENT_NOUNS and not under_preposition and not patient and word.gap != "-":
                follows = self.joined(i + 1) and self.key(i + 1) in _EVENT_NOUNS and i + 1 < verb
                if not follows:
                    return self._noun(i, i, depth + 1)[0] if depth < self._DEPTH else None
            elif key in _VERBS_OF_EVENTS and key not in _EVENT_NOUNS and not self._adjectival(i):
                # A finite verb before any actor: its subject, which is ours too, was nobody we know.
                return None
            i += 1
        return None

    def _measures(self, i: int) -> bool:
        """A preposition that only bounds a number: "at least", "about 20", "up to 30"."""
        following = self.key(i + 1)
        return (following in ("least", "most", "a") and self.key(i) in ("at", "about")) or (
            self.key(i) in ("about", "around", "over", "under", "to", "between", "near")
            and (following in _NUMBERS or following.isdigit() or following == "than")
        )

    def _compound_event(self, i: int, verb: int) -> int | None:
        """The event noun that the words from `i` lead up to: "[Israeli] overnight air strikes"."""
        for j in range(i, min(i + 5, verb)):
            if not self.joined(j) or j in self.at:
                return None
            key = self.key(j)
            if (
                key in _PREPOSITIONS
                or key in _AUXILIARIES
                or key in _BOUNDARIES
                or key in _DETERMINERS
                or key in _SAYING
            ):
                return None
            if key in _EVENT_NOUNS and not (self.joined(j + 1) and self.key(j + 1) in _EVENT_NOUNS and j + 1 < verb):
                return j
        return None

    def _owned(self, i: int, verb: int, owner: Actor, depth: int) -> Actor | None:
        event = self._compound_event(i, verb)
        if event is not None and depth < self._DEPTH:
            return self._noun(event, event, depth + 1)[0]
        return None

    def _acts(self, i: int, verb: int) -> bool:
        """From word `i` to the verb only auxiliaries, adverbs and times."""
        return (
            all(
                self.key(j) in _AUXILIARIES
                or self.key(j).endswith("ly")
                or self.key(j) in _TIMES
                or self.key(j) in ("on", "early", "late", "and")
                for j in range(i, verb)
            )
            and not self.words[i - 1].possessive
        )

    # -- right: objects, "by", "against"

    def _actor_from(self, i: int, *, limit: int = 12, nation: bool = False) -> Actor | None:
        """The first actor of the noun phrase from word `i`. `nation`: a country or its weapon will do ("by Russian
        shelling", "by Israel")."""
        for j in range(i, min(i + limit, len(self.words))):
            if j > i and not self.joined(j) and self.words[j].gap not in ("(", '"', "“", "‘"):
                return None
            if j in self.at:
                return self.at[j][2]
            if nation and j in self.nations:
                end, found = self.nations[j]
                event = self._compound_event(end, min(end + 5, len(self.words)))
                if event is not None and (found.kind != "name" or self.words[end - 1].possessive):
                    return self.forces(j)
                if (
                    found.kind in ("name", "short")
                    and j == i
                    and not self.words[end - 1].possessive
                    and self.words[end : end + 1]
                    and (
                        not self.joined(end)
                        or self.key(end) in _PREPOSITIONS | _BOUNDARIES | {"early", "late"} | _TIMES
                    )
                ):
                    return self.forces(j)
                if found.kind in ("name", "short") and j == i and end == len(self.words):
                    return self.forces(j)
            key = self.key(j)
            if key in _PREPOSITIONS and not (key == "of" or (key == "by" and self.key(j - 1) in _USED_BY)):
                return None
            if key in _BOUNDARIES - {"and", "or"} or key in _RELATIVES or key in _SAYING or key in _BE:
                return None
        return None

    def by(self, i: int) -> Actor | None:
        """The actor of the first "by" that tells who did it."""
        for j in range(i, min(i + 18, len(self.words))):
            if self.words[j].gap in (";", ".", ":", "—") or (j > i and self.key(j) in _SAYING - {"claimed"}):
                return None
            if (
                self.key(j) in ("when", "while", "but", "that", "which", "killing", "after", "before")
                and j not in self.at
            ):
                later = self.key(j) in ("that", "which") and self.key(j + 1) in ("was", "were")
                if not later:
                    return None
            if self._another_event(j) and j > i:
                return None
            if self.key(j) == "by" and self.key(j - 1) not in _USED_BY:
                actor = self._actor_from(j + 1, limit=9, nation=True)
                if actor is not None:
                    return actor
                event = self._event_after(j + 1, limit=6)
                if event is not None:
                    return self.by(event + 1) if event + 1 < len(self.words) else None
        return None

    def _another_event(self, i: int) -> bool:
        """An event noun that is not merely the means of the one before: its actors are its own."""
        return self.key(i) in _EVENT_NOUNS - _WEAPON_NOUNS and i not in self.at

    def after(self, i: int, prepositions: tuple[str, ...]) -> Actor | None:
        """The actor after the first of the prepositions, within the clause."""
        for j in range(i, min(i + 12, len(self.words))):
            if self.words[j].gap in (";", ".", ":", "—") or self.key(j) in _SAYING:
                return None
            if self.key(j) in prepositions and self.key(j + 1) not in _TIMES:
                actor = self._actor_from(j + 1, nation=True)
                if actor is not None:
                    return actor
        return None

    def _event_after(self, i: int, limit: int = 14) -> int | None:
        """The event that a passive hangs on: "killed in an Israeli strike"."""
        for j in range(i, min(i + limit, len(self.words))):
            if (
                self.words[j].gap in (";", ".", ":", "—", ",")
                or self.key(j) in _SAYING
                or self.key(j) in ("and", "but", "while")
            ):
                return None
            follows = self.joined(j + 1) and self.key(j + 1) in _EVENT_NOUNS
            if self.key(j) in _EVENT_NOUNS and not follows and j not in self.at:
                return j
        return None

    def object(self, i: int) -> Actor | None:
        """The object of an active verb that ends before word `i`."""
        passed = False
        for j in range(i, min(i + 16, len(self.words))):
            if not self.joined(j) and self.words[j].gap not in ("(", '"', "“", "‘"):
                break
            if j in self.at:
                return self.at[j][2]
            key = self.key(j)
            if key in _TOWARDS:
                if self.key(j + 1) in ("least", "most"):
                    continue
                if self.key(j + 1) in _TIMES or self.key(j + 1).isdigit():
                    break
                continue
            if key == "by" and self.key(j - 1) in _USED_BY:
                continue
            if key in _PREPOSITIONS or key in _BOUNDARIES - {"and"} or key in _RELATIVES or key in _SAYING:
                passed = True
                break
            if key == "and" and self.key(j + 1) in _VERBS_OF_EVENTS:
                break
        # "stormed the town, killing nine villagers", "... and shot four worshippers"
        for j in range(i, min(i + 22, len(self.words))):
            if self.words[j].gap in (";", ".", "—") or self.key(j) in _SAYING:
                return None
            further = self.key(j) in _HARMED and self.key(j - 1) == "and" and self.key(j + 1) not in _PREPOSITIONS
            if (self.key(j) in _HARMING and self.key(j + 1) != "of") or further:
                return self._actor_from(j + 1, limit=7)
            if passed and self.key(j) in _RELATIVES:
                return None
        return None

    def _target_after(self, i: int, nouns: set[str]) -> Actor | None:
        """The target that the words after an event noun name."""
        preferred: Actor | None = None
        for j in range(i, min(i + 22, len(self.words))):
            if self.words[j].gap in (";", ".", ":", "—") or (self.key(j) in _SAYING and j not in self.at):
                break
            key = self.key(j)
            if self._another_event(j) and key not in _HITTING:
                break
            if key in ("against", "on", "targeting", "at", "upon", "hitting") and j - i < 12:
                if self.key(j + 1) in _TIMES or self.key(j + 1).isdigit():
                    continue
                preferred = self._actor_from(j + 1)
                if preferred is not None:
                    return preferred
            elif key == "of" and j == i and nouns & _OF_NOUNS:
                return self._actor_from(j + 1)
            elif key in _HITTING and self.key(j - 1) not in _BE:
                found = self._actor_from(j + 1, limit=9)
                if found is not None:
                    return found
            elif key in ("when", "while", "but", "before"):
                break
        return preferred


# --------------------------------------------------------------------------------------------------------------------
# Weapons
# --------------------------------------------------------------------------------------------------------------------


@cache
def _weapons() -> tuple[tuple[str, re.Pattern[str]], ...]:
    patterns: dict[str, list[str]] = _data()["weapons"]
    return tuple((name, re.compile(rf"\b(?:{'|'.join(forms)})\b", re.IGNORECASE)) for name, forms in patterns.items())


_GENERIC_BOMB = re.compile(r"\b(?:bombs?|explosives?|explosive charges?|bombings?|bombed)\b", re.IGNORECASE)


def weapon(text: str) -> str | None:
    """The weapon that a clause names, in one word for all spellings; the most telling one where it names several.

    car bomb | suicide bomb | drone | ballistic missile | missile | rocket | grenade | mortar | artillery | landmine |
    roadside bomb | airstrike | chemical | arson | vehicle | knife | firearm | bomb
    """
    for name, pattern in _weapons():
        if pattern.search(text):
            return name
    return "bomb" if _GENERIC_BOMB.search(text) else None
