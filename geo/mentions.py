"""Find the words of an article that name or describe a place.

Two steps, both pure, around one look-up that the caller makes: `names` gives every run of words that could be a name, the
gazetteer says which of them it knows, and `find` decides which of those are mentions here. A known name is not yet a
mention: people, newspapers and armies are called after places, so a name must fill its whole run of capitalised words
(apart from words that announce a kind of place), and weak names need a preposition of place before them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from gazetteer import names as spelling
from gazetteer.model import Candidate, NameKind
from geo import placewords as words
from geo.model import Mention, MentionKind, Sentence

Known = Mapping[str, Sequence[Candidate]]
"""Search key (`gazetteer.names.key`) -> candidates."""

LONGEST_NAME = 6
"""Words in the longest name looked for."""

_LETTERS = r"[^\W_](?:[^\W_]|[\u0300-\u036f])*"
_TOKEN = re.compile(rf"(?:[^\W\d_]\.){{2,}}|{_LETTERS}(?:['’ʼ‘`]{_LETTERS})*")
_POSSESSIVE = re.compile(r"['’]s?$|['’]S$")
_STOPPED = frozenset({"st", "mt", "ft", "ste", "pt"})

STRONG_POPULATION = 100_000
"""A town of this size is believed without a preposition before it."""


@dataclass(frozen=True, slots=True)
class _Token:
    start: int
    end: int
    text: str
    """Without a possessive ending."""
    capital: bool
    first: bool
    """Stands first in its sentence (or quotation): its capital says nothing."""
    glued: bool
    """Joined to the word before it by a hyphen or an apostrophe."""

    @property
    def low(self) -> str:
        return self.text.casefold().rstrip(".")


def names(sentences: Iterable[Sentence]) -> set[str]:
    """Every run of words in `sentences` that could be a place's name, as written."""
    found: set[str] = set()
    for sentence in sentences:
        if sentence.role == "noise":
            continue
        for run in _runs(_tokens(sentence), sentence):
            for i, j in _spans(run):
                found.add(_slice(sentence, run[i], run[j - 1]))
            found.update(_typed_names(sentence, run))
        found.update(name for _, name in _capitals(sentence))
    return found


def unknown(sentences: Iterable[Sentence], known: Known) -> set[str]:
    """Runs that the gazetteer does not know as written although they stand where places stand ("in", "the village
    of"): worth a second look-up by sound."""
    found: set[str] = set()
    for sentence in sentences:
        if sentence.role == "noise" or sentence.text.isupper():
            continue
        tokens = _tokens(sentence)
        order = {t.start: i for i, t in enumerate(tokens)}
        for run in _runs(tokens, sentence):
            core = run[1:] if run[0].first and run[0].low in words.FUNCTION_WORDS else run
            if not core or _matches(core, sentence, known) or len(core) > 3:
                continue
            at = order[core[0].start]
            previous = tokens[at - 1] if at else None
            name = _slice(sentence, core[0], core[-1])
            plain = name.casefold() not in words.CALENDAR and not words.is_person(core[-1].text)
            if plain and len(name) >= 5 and previous is not None and previous.low in words.LOCATIVES - {"by", "to"}:
                found.add(name)
    return found


def find(sentences: Sequence[Sentence], known: Known) -> tuple[Mention, ...]:
    """The mentions of an article in order of position, never overlapping. `known`: what the gazetteer answered to
    `names(sentences)`."""
    readable = [s for s in sentences if s.role != "noise"]
    persons = _persons(readable, known)
    found: list[Mention] = []
    for sentence in readable:
        mentions = _in_sentence(sentence, known, persons)
        mentions += _borders(sentence, mentions, known)
        capitals = _capital_mentions(sentence, known)
        mentions += capitals
        mentions += _indefinite(sentence)
        mentions += [d for d in _descriptions(sentence) if all(d.end != c.end for c in capitals)]
        found.extend(_without_overlap(mentions))
    return tuple(found)


def given(text: str, spans: Iterable[tuple[int, int]]) -> tuple[Mention, ...]:
    """Exactly the spans that the caller gave, as mentions to resolve."""
    return tuple(Mention(a, b, text[a:b], MentionKind.GIVEN, text[a:b]) for a, b in spans)


# --- words and runs -------------------------------------------------------------------------------------------------


@lru_cache(maxsize=1024)
def _tokens(sentence: Sentence) -> list[_Token]:
    """The words of a sentence. Kept for a while: every step over an article asks for them; nobody changes the list."""
    tokens: list[_Token] = []
    text = sentence.text
    for match in _TOKEN.finditer(text):
        word = match.group()
        bare = _POSSESSIVE.sub("", word) if word[-2:-1] in "'’" or word[-1] in "'’" else word
        if not bare:
            continue
        head = bare[0]
        capital = (
            head.isupper()
            or (len(bare) > 2 and head in "dl" and bare[1] in "'’" and bare[2].isupper())
            or (head.isalpha() and not head.islower())
        )
        before = text[: match.start()].rstrip(" ")
        first = not before or (before[-1] in '“"‘(:•—–-' and (len(before) == 1 or before[-1] in '“"‘•:'))
        glued = bool(before) and match.start() == len(before) and before[-1] in "-‐‑–’'"
        tokens.append(_Token(match.start(), match.start() + len(bare), bare, capital, first, glued))
    return tokens


def _runs(tokens: list[_Token], sentence: Sentence) -> list[list[_Token]]:
    """Maximal runs of capitalised words, with lower-case connectors only between them ("Rio de Janeiro") and an Arabic
    article with its hyphen before ("al-Omar")."""
    runs: list[list[_Token]] = []
    text = sentence.text
    i = 0
    while i < len(tokens):
        if not (tokens[i].capital or _article(tokens, i, text)):
            i += 1
            continue
        run = [tokens[i]]
        j = i + 1
        while j < len(tokens) and _joined(tokens[j - 1], tokens[j], text):
            if tokens[j].capital or _article(tokens, j, text):
                run.append(tokens[j])
                j += 1
                continue
            k = j
            while (
                k < len(tokens)
                and k - j < 3
                and not tokens[k].capital
                and tokens[k].low in words.CONNECTORS
                and _joined(tokens[k - 1], tokens[k], text)
            ):
                k += 1
            if k > j and k < len(tokens) and tokens[k].capital and _joined(tokens[k - 1], tokens[k], text):
                run.extend(tokens[j : k + 1])
                j = k + 1
                continue
            break
        runs.append(run)
        i = j
    return runs


def _article(tokens: list[_Token], i: int, text: str) -> bool:
    token = tokens[i]
    return (
        token.low in words.ARTICLES
        and i + 1 < len(tokens)
        and tokens[i + 1].capital
        and text[token.end : tokens[i + 1].start] in ("-", "‐", "‑", "–", "’", "'")
    )


def _joined(left: _Token, right: _Token, text: str) -> bool:
    gap = text[left.end : right.start]
    if gap in (" ", " ", "-", "‐", "‑"):
        return True
    return gap == ". " and left.low in _STOPPED


def _spans(run: list[_Token]) -> Iterable[tuple[int, int]]:
    """(i, j) of every part of the run that could be a name."""
    for i in range(len(run)):
        if _can_begin(run, i):
            for j in range(i + 1, min(len(run), i + LONGEST_NAME) + 1):
                if _can_end(run[j - 1]):
                    yield i, j


def _can_begin(run: list[_Token], i: int) -> bool:
    token = run[i]
    if token.first and token.low in words.FUNCTION_WORDS:
        return token.low == "the"
    # An article before a hyphen or an apostrophe belongs to the name ("al-Omar"), before a blank it is a word of the sentence.
    return token.capital or (
        token.low in words.ARTICLES and i + 1 < len(run) and run[i + 1].start - token.end == 1 and run[i + 1].glued
    )


def _can_end(token: _Token) -> bool:
    return token.capital and token.low not in words.ARTICLES


def _slice(sentence: Sentence, first: _Token, last: _Token) -> str:
    return sentence.text[first.start : last.end]


_TYPE_AFTER = re.compile(
    r"[  ](?P<type>" + "|".join(sorted((re.escape(p) for p in words.TYPE_CODES), key=len, reverse=True)) + r")\b",
    re.IGNORECASE,
)
_TYPE_BEFORE = re.compile(
    r"\b(?P<type>"
    + "|".join(sorted((re.escape(p) for p in words.TYPE_CODES), key=len, reverse=True))
    + r")[  ](?:of|at|in|called|named)?[  ]?(?:the )?$",
    re.IGNORECASE,
)
_CLASS_OF = re.compile(
    r"\b(?P<type>(?:refugee |military |displacement |border |port |oil |mining |coastal |eastern |western |northern |southern )*(?:"
    + "|".join(sorted(words.PREFIX_TYPES | {"camp", "crossing", "port", "base", "field"}))
    + r"))[  ]of[  ]$",
    re.IGNORECASE,
)


def _typed_names(sentence: Sentence, run: list[_Token]) -> Iterable[str]:
    """Names that go on into lower-case words: "al-Omar oil field"."""
    match = _TYPE_AFTER.match(sentence.text, run[-1].end)
    if match is None:
        return
    for i, token in enumerate(run):
        if len(run) - i <= LONGEST_NAME and (token.capital or token.low in words.ARTICLES):
            yield sentence.text[token.start : match.end("type")]


# --- persons --------------------------------------------------------------------------------------------------------


def _persons(sentences: Sequence[Sentence], known: Known) -> frozenset[str]:
    """Last names of people whom the article names in full or with a title, folded. "Marotto said" later is no place."""
    found: set[str] = set()
    for sentence in sentences:
        if sentence.text.isupper():
            continue
        tokens = _tokens(sentence)
        for run in _runs(tokens, sentence):
            position = next(i for i, t in enumerate(tokens) if t.start == run[0].start)
            titled = False
            core = list(run)
            while core and core[0].low in words.TITLES:
                titled = True
                core.pop(0)
            if not titled and position > 0 and tokens[position - 1].low in words.TITLES and len(core) >= 2:
                titled = sentence.text[tokens[position - 1].end : run[0].start] in (" ", ". ")
            core = [t for t in core if t.capital]
            if len(core) >= 2 and not _whole(core, sentence, known):
                if titled or words.is_first_name(core[0].text):
                    found.add(spelling.fold(core[-1].text))
            elif titled and len(core) == 1:
                found.add(spelling.fold(core[0].text))
    return frozenset(found)


def _whole(run: list[_Token], sentence: Sentence, known: Known) -> bool:
    return bool(known.get(spelling.key(_slice(sentence, run[0], run[-1]))))


# --- names in a sentence --------------------------------------------------------------------------------------------


def _in_sentence(sentence: Sentence, known: Known, persons: frozenset[str]) -> list[Mention]:
    found: list[Mention] = []
    shouting = sentence.text.isupper() or _headline_case(sentence)
    tokens = _tokens(sentence)
    order = {t.start: i for i, t in enumerate(tokens)}
    for run in _runs(tokens, sentence):
        for i, j in _matches(run, sentence, known):
            mention = _mention(sentence, tokens, order, run, i, j, known, persons, shouting)
            if mention is not None:
                found.append(mention)
    return found


def _headline_case(sentence: Sentence) -> bool:
    if sentence.role != "headline":
        return False
    long_words = [w for w in sentence.text.split() if len(w) > 3 and w[0].isalpha()]
    return len(long_words) >= 4 and sum(w[0].isupper() for w in long_words) > 0.8 * len(long_words)


def _matches(run: list[_Token], sentence: Sentence, known: Known) -> list[tuple[int, int]]:
    """Known names in the run, longest first from the left."""
    found: list[tuple[int, int]] = []
    i = 0
    while i < len(run):
        best = 0
        if _can_begin(run, i):
            for j in range(min(len(run), i + LONGEST_NAME), i, -1):
                if _can_end(run[j - 1]) and known.get(spelling.key(_slice(sentence, run[i], run[j - 1]))):
                    best = j
                    break
        if best > i + 1 and run[i].low == "the" and not _official_the(_slice(sentence, run[i], run[best - 1]), known):
            i += 1
        if best:
            found.append((i, best))
            i = best
        else:
            i += 1
    return found


def _official_the(name: str, known: Known) -> bool:
    """Does the article belong to the name ("The Hague")?"""
    return any(c.name.startswith(("The ", "the ")) for c in known[spelling.key(name)] if c.kind is NameKind.PRIMARY)


def _mention(
    sentence: Sentence,
    tokens: list[_Token],
    order: dict[int, int],
    run: list[_Token],
    i: int,
    j: int,
    known: Known,
    persons: frozenset[str],
    shouting: bool,
) -> Mention | None:
    text, base = sentence.text, sentence.start
    first, last = run[i], run[j - 1]
    name = _slice(sentence, first, last)
    candidates = known[spelling.key(name)]
    demonym = all(c.kind is NameKind.DEMONYM for c in candidates)
    literal = [c for c in candidates if c.kind is not NameKind.DEMONYM]
    low = name.casefold()
    if low in words.CALENDAR or low in words.DIRECTIONS or (low.rstrip(".") in words.TITLES and j - i == 1):
        return None
    if len(name) == 1 or (j - i == 1 and name.isdigit()):
        return None
    if j - i == 1 and len(low) <= 3 and low.isalpha() and not name.isupper() and words.is_common(low):
        return None
    if name in ("US", "U.S", "U.S.") or (name.isupper() and len(name) == 2 and not shouting):
        literal = [c for c in literal if c.place.feature_code.startswith("PCL")]
        if not literal and not demonym:
            return None
    at = order[first.start]
    previous = tokens[at - 1] if at > 0 else None
    gap_before = text[previous.end : first.start] if previous else ""
    close_before = previous is not None and gap_before in (" ", " ", ". ", "-")
    after_index = order[last.start] + 1
    following = tokens[after_index] if after_index < len(tokens) else None
    close_after = following is not None and text[last.end : following.start] in (" ", " ")

    if demonym or (candidates[0].kind is NameKind.DEMONYM and not _locative(previous, close_before)):
        if j - i == 1 and spelling.fold(name) in persons:
            return None
        return Mention(base + first.start, base + last.end, name, MentionKind.DEMONYM, name)

    best = _best(literal)
    country = any(c.place.feature_code.startswith("PCL") and c.kind is not NameKind.CODE for c in literal)
    locative = _locative(previous, close_before)
    # "U.S. Department of Justice", "Kentucky State Police": the area is meant along with what is called after it.
    area = country or (best.place.feature_code == "ADM1" and not _towns(literal))

    # A type behind the name: inside the run ("Erbil International Airport"), or lower-case after it ("al-Omar oil field").
    type_match = _TYPE_AFTER.match(text, last.end)
    codes: tuple[str, ...] = ()
    end = last.end
    kind = MentionKind.NAME
    if type_match and not (shouting and type_match["type"].casefold() == "state"):
        phrase = type_match["type"].casefold()
        after_type = text[type_match.end() : type_match.end() + 1]
        if not _continues_as_organisation(text, type_match.end()) and after_type != "-":
            typed_known = known.get(spelling.key(text[first.start : type_match.end("type")]))
            codes = words.TYPE_CODES[phrase]
            if _type_applies(phrase, literal, country, bool(typed_known)):
                end, kind = type_match.end("type"), MentionKind.FACILITY
            else:
                codes = ()
    # A site without a row of its own: "Mosul University", "the Mosul hospital" are spots inside Mosul, if Mosul is meant at all.
    near = False
    site = re.match(r"[  ]([a-z]+)\b", text[last.end : last.end + 14])
    if kind is MentionKind.NAME and site and site[1] in words.SITE_WORDS and _towns(literal):
        end, kind = last.end + site.end(), MentionKind.FACILITY
    if kind is MentionKind.NAME and close_after and following is not None and following.capital and j < len(run):
        low_following = following.low
        if low_following in words.SITE_WORDS and _towns(literal):
            end, kind, near = following.end, MentionKind.FACILITY, False
        elif low_following in words.CALENDAR or (shouting and not words.is_person(following.text)):
            pass
        elif not shouting and j - i == 1 and name.isalpha() and words.is_person(following.text):
            return None  # "Chad Smith"
        elif (
            not shouting
            and (low_following in words.PAPER_WORDS or not area)
            and (low_following in words.ORGANISATION_WORDS or not _begins_area(run, j, sentence, known))
        ):
            return None
    # Capitalised words before it, in the same run: part of a person's or an organisation's name, unless they announce.
    if i > 0 and not shouting and not _announced(run, i, sentence, known, country):
        return None
    if j - i == 1 and not country and spelling.fold(name) in persons and kind is MentionKind.NAME:
        return None
    if (
        previous is not None
        and close_before
        and gap_before != "-"
        and previous.low in words.TITLES
        and not previous.first
        and kind is MentionKind.NAME
        and not country
    ):
        return None
    if (
        following is not None
        and close_after
        and following.low in words.SPEECH
        and not country
        and not _famous(literal)
        and not locative
    ):
        return None

    before = _TYPE_BEFORE.search(text, max(0, first.start - 40), first.start) if kind is MentionKind.NAME else None
    class_of = _CLASS_OF.search(text, max(0, first.start - 40), first.start) if kind is MentionKind.NAME else None
    if class_of:
        noun = class_of["type"].casefold().split()[-1]
        codes = words.TYPE_CODES.get(noun, ())
    elif before and before["type"].casefold() in (
        "city",
        "town",
        "village",
        "district",
        "suburb",
        "neighborhood",
        "neighbourhood",
        "province",
        "island",
    ):
        codes = words.TYPE_CODES[before["type"].casefold()]

    pair = (
        previous is not None
        and previous.low in ("and", "or")
        and at >= 2
        and tokens[at - 2].capital
        and bool(known.get(spelling.key(tokens[at - 2].text)))
    )  # "in Gondar and Lalibela"
    if (
        kind is MentionKind.NAME
        and not class_of
        and not pair
        and _too_weak(name, first, literal, best, locative, shouting, j - i, text, last.end)
    ):
        return None

    near = near or _near(text, first.start)
    start = first.start
    direction = _direction(text, first.start, tokens, at)
    if (
        direction
        and kind is not MentionKind.FACILITY
        and (country or best.place.feature_code in ("RGN", "ADM1", "CONT"))
    ):
        word_start, code = direction
        return Mention(
            base + word_start, base + end, text[word_start:end], MentionKind.PART, name, codes, code, near=near
        )
    distance = _distance(text, first.start)
    if distance:
        meters, bearing = distance
        return Mention(base + start, base + end, text[start:end], kind, name, codes, bearing, meters, near)
    return Mention(base + start, base + end, text[start:end], kind, name, codes, near=near)


def _best(candidates: Sequence[Candidate]) -> Candidate:
    return max(
        candidates, key=lambda c: (c.kind is not NameKind.CODE, c.place.feature_class in "ALH", c.place.population or 0)
    )


def _famous(candidates: Sequence[Candidate]) -> bool:
    return any(c.place.feature_code == "PPLC" or (c.place.population or 0) >= 1_000_000 for c in candidates)


def _towns(candidates: Sequence[Candidate]) -> bool:
    return any(c.place.feature_class == "P" for c in candidates)


def _locative(previous: _Token | None, close: bool) -> bool:
    return previous is not None and close and previous.low in words.LOCATIVES


_FOREIGN_SITES = frozenset(
    "embassy consulate hospital mosque prison jail checkpoint crossing outpost garrison barracks".split()
)
"""After a country's name they say whose it is, not where: "the U.S. embassy"."""


def _type_applies(phrase: str, candidates: Sequence[Candidate], country: bool, typed_known: bool) -> bool:
    """Does "NAME phrase" mean a place of that kind, rather than the phrase starting something else?"""
    if typed_known:
        return True
    if phrase in (
        "state",
        "region",
        "city",
        "capital",
        "village",
        "town",
        "camp",
        "field",
        "base",
        "port",
        "bridge",
        "terminal",
        "island",
        "quarter",
        "department",
    ):
        wanted = set(words.TYPE_CODES[phrase])
        settled = "PPL" in wanted
        return any(
            c.place.feature_code in wanted or (settled and c.place.feature_code.startswith("PPL")) for c in candidates
        ) or (not country and phrase in ("city", "camp", "base", "field", "port", "bridge"))
    return not (country and phrase in _FOREIGN_SITES)


def _continues_as_organisation(text: str, end: int) -> bool:
    match = _TOKEN.match(text, end + 1) if text[end : end + 1] == " " else None
    return bool(match and match.group()[0].isupper() and match.group().casefold() in words.ORGANISATION_WORDS)


def _begins_area(run: list[_Token], j: int, sentence: Sentence, known: Known) -> bool:
    """Is what follows in the run a country or division ("Baghdad Iraq"), a connector, or joined by a hyphen?"""
    if not run[j].capital:
        return True
    for stop in range(min(len(run), j + LONGEST_NAME), j, -1):
        candidates = known.get(spelling.key(_slice(sentence, run[j], run[stop - 1]))) if run[stop - 1].capital else None
        if candidates:
            return any(c.place.feature_class == "A" for c in candidates)
    return sentence.text[run[j - 1].end : run[j].start] in ("-", "‐", "‑")


def _announced(run: list[_Token], i: int, sentence: Sentence, known: Known, country: bool) -> bool:
    """May the capitalised words before position `i` of the run stand before a place's name?"""
    left = run[i - 1]
    gap = sentence.text[left.end : run[i].start]
    low = left.low
    if not left.capital:
        # "University of Baghdad", "Bank of Iraq": named after the place; still a mention of the place.
        return True
    if gap in ("-", "‐", "‑"):
        return bool(known.get(spelling.key(left.text)))
    if low in words.DIRECTIONS or low in words.PREFIX_TYPES or low in words.CALENDAR:
        return True
    if left.first and i == 1 and (words.is_common(low) or low in words.LOCATIVES):
        return True
    for start in range(max(0, i - LONGEST_NAME), i):
        candidates = known.get(spelling.key(_slice(sentence, run[start], left)))
        if candidates and (candidates[0].kind is NameKind.DEMONYM or country):
            return True
    return False


def _too_weak(
    name: str,
    first: _Token,
    literal: Sequence[Candidate],
    best: Candidate,
    locative: bool,
    shouting: bool,
    length: int,
    text: str,
    end: int,
) -> bool:
    """Is this name too weak to be believed here?"""
    place = best.place
    strong = (
        place.feature_class in "AHL"
        or place.source in ("curated", "region", "country", "admin1", "airport")
        or (place.population or 0) >= STRONG_POPULATION
    )
    only_codes = all(c.kind is NameKind.CODE for c in literal)
    if only_codes:
        return not _after_place_comma(text, first.start)
    if shouting:
        return not strong or (length == 1 and words.is_common(name)) or words.is_person(name)
    in_list = (
        _after_place_comma(text, first.start)
        or re.match(r",? (?:and|or) [A-Z]|, [A-Z]", text[end : end + 8]) is not None
    )
    if (
        length == 1
        and (first.first or not locative)
        and words.is_common(name)
        and not place.feature_code.startswith("PCL")
    ):
        return True
    if (
        length == 1
        and not locative
        and (words.is_person(name) or words.is_organisation(name))
        and not place.feature_code.startswith("PCL")
    ):
        return True
    if length == 1 and words.is_first_name(name) and not strong:
        return True
    if strong:
        return False
    possessed = re.search(r"[’']s?[  ]$", text[max(0, first.start - 3) : first.start]) is not None  # "Syria's Idlib"
    return not (locative or possessed or in_list or _end_of_place(text, end))


def _after_place_comma(text: str, start: int) -> bool:
    before = text[max(0, start - 2) : start]
    return (
        before in (", ", " (")
        and start > 3
        and bool(re.search(r"[^\W\d_][’'\w-]*(, | \()$", text[max(0, start - 30) : start]))
    )


def _end_of_place(text: str, end: int) -> bool:
    """ "Mayfield, Kentucky": a comma and a capitalised word after it."""
    return re.match(r", [A-Z]", text[end : end + 3]) is not None


_NEAR = re.compile(
    r"\b(?:near|outside|around|close to|outskirts of|vicinity of|not far from|just (?:off|outside)|next to|off|toward|towards|beyond)\s+(?:of\s+)?(?:the\s+)?(?:\w+\s+){0,3}?$",
    re.IGNORECASE,
)


def _near(text: str, start: int) -> bool:
    before = text[max(0, start - 45) : start]
    match = _NEAR.search(before)
    return bool(match) and not re.search(r"\b(?:in|at|from)\b", before[match.start() + 4 :] if match else "")


_DIRECTION_BEFORE = re.compile(
    r"(?<![\w-])(" + "|".join(sorted(words.DIRECTIONS, key=len, reverse=True)) + r")[  ]$", re.IGNORECASE
)
_COMPOUND = re.compile(r"(?<![\w])(north|south)[- ](east|west)(?:ern)?[  ]$", re.IGNORECASE)


def _direction(text: str, start: int, tokens: list[_Token], at: int) -> tuple[int, str] | None:
    window = text[max(0, start - 16) : start]
    compound = _COMPOUND.search(window)
    match = compound or _DIRECTION_BEFORE.search(window)
    if match is None:
        return None
    word = match.group().strip().casefold().replace(" ", "-")
    code = words.DIRECTIONS.get(word) or words.DIRECTIONS.get(word.replace("-", ""))
    if code is None:
        return None
    return max(0, start - 16) + match.start(), code


_DISTANCE = re.compile(
    r"\b(?P<number>\d{1,4}(?:[.,]\d+)?|a|one|two|three|four|five|six|seven|eight|nine|ten|twelve|fifteen|twenty|thirty|forty|fifty|dozens of|several|a few)[  -]?"
    r"(?P<unit>km|kms|kilomet(?:er|re)s?|miles?|mi|met(?:er|re)s?|m|nautical miles?)\b(?:[  ]\([^)]{1,20}\))?[  ]"
    r"(?:to the[  ])?(?P<bearing>north|south|east|west|north-?[ ]?east|north-?[ ]?west|south-?[ ]?east|south-?[ ]?west|outside|from|away from|off|inside|of|northeast|northwest|southeast|southwest)"
    r"(?:[  ](?:of|from))?[  ](?:the[  ])?(?:[\w-]+[  ]){0,4}?$",
    re.IGNORECASE,
)
_NUMBERS = {
    "a": 1, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10, "twelve": 12,
    "fifteen": 15, "twenty": 20, "thirty": 30, "forty": 40, "fifty": 50, "dozens of": 36, "several": 5, "a few": 4,
}  # fmt: skip


def _distance(text: str, start: int) -> tuple[float, str | None] | None:
    """(metres, direction code or None) of "30 km north of" right before `start`."""
    match = _DISTANCE.search(text, max(0, start - 70), start)
    if match is None:
        return None
    number = match["number"].casefold()
    value = _NUMBERS.get(number) or float(number.replace(",", ""))
    unit = match["unit"].casefold()
    metres = value * (
        1852 if unit.startswith("naut") else 1609.344 if unit.startswith("mi") else 1000 if unit.startswith("k") else 1
    )
    bearing = words.DIRECTIONS.get(match["bearing"].casefold().replace(" ", "-"))
    return (metres, bearing) if metres <= 1_000_000 else None


# --- borders --------------------------------------------------------------------------------------------------------

_BORDER = re.compile(
    r"\b(?:border|frontier)s?\b(?:[  -](?:region|area|areas|zone|strip|town|towns|city|line|crossing|control point|post))?",
    re.IGNORECASE,
)
_NOT_A_PLACE = re.compile(
    r"[  ](?:control policy|policy|patrol|agent|agents|security|guards?|police|forces|officials|talks|dispute|tensions|agency)\b",
    re.IGNORECASE,
)
_SIDE_OF = re.compile(r"\b(?P<side>[A-Z][\w.]*)[  ]side[  ]of[  ]the[  ]?$")
_WITH = re.compile(r"[  ](?:with|shared with|between)[  ](?:the[  ]|neighbou?ring[  ])?$")


def _borders(sentence: Sentence, mentions: list[Mention], known: Known) -> list[Mention]:
    """Borders and their sides, from the word "border" and the countries named around it."""
    text, base = sentence.text, sentence.start
    found: list[Mention] = []
    states = sorted((m for m in mentions if _is_state(m, known)), key=lambda m: m.start)
    for match in _BORDER.finditer(text):
        if _NOT_A_PLACE.match(text, match.end()) or text[match.start() - 1 : match.start()] == "-":
            continue
        before = [m for m in states if m.end - base <= match.start()]
        adjoining: list[Mention] = []
        cursor = match.start()
        for mention in reversed(before):
            gap = text[mention.end - base : cursor]
            if (
                len(adjoining) < 2
                and re.fullmatch(r"[  ]|[-‐‑–—/]|[’']s?[  ]|[  ]?and[  ]", gap)
                and (adjoining or not re.search(r"and", gap))
            ):
                adjoining.insert(0, mention)
                cursor = mention.start - base
            else:
                break
        after: list[Mention] = []
        tail = match.end()
        for mention in states:
            if mention.start - base >= match.end():
                gap = text[tail : mention.start - base]
                if (
                    not after
                    and re.fullmatch(
                        r"[  ](?:with|between|separating|dividing)[  ](?:the[  ]|neighbou?ring[  ]|northern[  ]|southern[  ])?",
                        gap,
                    )
                ) or (after and re.fullmatch(r"[  ]and[  ](?:the[  ]|neighbou?ring[  ])?", gap)):
                    after.append(mention)
                    tail = mention.end - base
                else:
                    break
        start = adjoining[0].start - base if adjoining else match.start()
        parties = [m.name for m in (*adjoining, *after)]
        side = _SIDE_OF.search(text, max(0, start - 40), start)
        side_name = side["side"] if side else None
        # The span is the word "border" alone: the countries beside it stay mentions of their own.
        found.append(
            Mention(
                base + match.start(),
                base + match.end(),
                match.group(),
                MentionKind.BORDER,
                parties[0] if parties else "",
                near=True,
                other_name=parties[1] if len(parties) > 1 else None,
                side=side_name,
            )
        )
    return found


def _is_state(mention: Mention, known: Known) -> bool:
    if mention.kind not in (MentionKind.NAME, MentionKind.DEMONYM):
        return False
    return any(
        c.place.feature_code.startswith("PCL") or c.place.feature_code == "RGN"
        for c in known.get(spelling.key(mention.name), ())
    )


# --- descriptions ---------------------------------------------------------------------------------------------------

_DESCRIBED = (
    "air base|airbase|airfield|military base|naval base|base|airport|refugee camp|camp|crossing|oil field|gas field|field|refinery|"
    "port|city|town|village|province|governorate|district|neighbou?rhood|island|embassy|consulate|prison|dam|bridge|hospital|mosque|church|capital|"
    "provincial capital|regional capital|coastal city|port city|strait"
)
_DESCRIPTION = re.compile(
    rf"\b(?P<article>the|this|that)[  ](?P<same>same[  ]|very[  ]|nearby[  ]|besieged[  ]|embattled[  ]|contested[  ]|northern[  ]|southern[  ]|eastern[  ]|western[  ]|coastal[  ]|"
    rf"central[  ]|ancient[  ])?(?P<type>{_DESCRIBED})\b(?![  ](?:of|council|hall|police|centre|center|official|officials|mayor|where|said|government|state|forces|commander|leader)\b)(?![-’'])",
    re.IGNORECASE,
)


def _descriptions(sentence: Sentence) -> list[Mention]:
    """ "the same air base", "the provincial capital": a place by its kind alone. The Iraqi capital: name = "Iraqi"."""
    if sentence.role == "headline":
        return []
    found = []
    for match in _DESCRIPTION.finditer(sentence.text):
        kind = match["type"].casefold()
        adjective = (match["same"] or "").strip()
        capital_letter = adjective[:1].isupper() and adjective.casefold() not in words.DIRECTIONS
        codes = words.TYPE_CODES.get(kind) or words.TYPE_CODES.get(kind.split()[-1], ())
        if kind.endswith("capital"):
            codes = ("PPLA",) if kind != "capital" else ("PPLC",)
        found.append(
            Mention(
                sentence.start + match.start(),
                sentence.start + match.end(),
                match.group(),
                MentionKind.DESCRIPTION,
                adjective if capital_letter else "",
                codes,
            )
        )
    return found


_INDEFINITE = re.compile(
    rf"\b(?:an?|another|two|three|several)[  ](?P<whose>(?:[A-Z][\w’'.-]*[  ]){{0,2}})(?:(?:military|major|key|large|small|northern|southern|eastern|western|joint)[  ])*"
    rf"(?P<type>{_DESCRIBED})s?\b(?![  ](?:of|called|named|council|hall|police|officials?)\b)(?![-’'])"
)


def _indefinite(sentence: Sentence) -> list[Mention]:
    """ "an Iraqi air base": a place that the text does not name, somewhere in the country. Kept so that "the same air base" finds it."""
    found = []
    for match in _INDEFINITE.finditer(sentence.text):
        kind = match["type"].casefold()
        codes = words.TYPE_CODES.get(kind) or words.TYPE_CODES.get(kind.split()[-1], ())
        start = sentence.start + match.start("type")
        found.append(
            Mention(
                start,
                sentence.start + match.end(),
                sentence.text[match.start("type") : match.end()],
                MentionKind.DESCRIPTION,
                match["whose"].strip() or "an",
                codes,
                near=False,
                side="unnamed",
            )
        )
    return found


_CAPITAL = re.compile(
    r"\b(?:(?P<whose>[A-Z][\w.]*(?:[  ][A-Z][\w.]*){0,2})[’']s?[  ]capital|the[  ](?P<adjective>(?:[A-Z][\w]*[  ]){1,2}?)capital|capital[  ]of[  ](?P<of>[A-Z][\w.]*(?:[  ][A-Z][\w.]*){0,2}))\b"
    r"(?![  ](?:punishment|markets?|city of)\b)"
)


def _capitals(sentence: Sentence) -> Iterable[tuple[re.Match[str], str]]:
    """ "Somalia's capital", "the Iraqi capital": (match, the name under which the gazetteer keeps the capital)."""
    for match in _CAPITAL.finditer(sentence.text):
        adjective = (match["adjective"] or "").strip()
        yield match, f"{adjective} capital" if adjective else f"capital of {match['whose'] or match['of']}"


def _capital_mentions(sentence: Sentence, known: Known) -> list[Mention]:
    return [
        # The span is the word alone: the country beside it stays a mention of its own.
        Mention(sentence.start + at, sentence.start + at + 7, "capital", MentionKind.DESCRIPTION, name, ("PPLC",))
        for m, name in _capitals(sentence)
        if known.get(spelling.key(name)) and (at := sentence.text.index("capital", m.start())) >= 0
    ]


def _without_overlap(mentions: list[Mention]) -> list[Mention]:
    """Longer spans win over what lies inside them."""
    kept: list[Mention] = []
    for mention in sorted(mentions, key=lambda m: (-(m.end - m.start), m.start)):
        if all(mention.end <= k.start or mention.start >= k.end for k in kept):
            kept.append(mention)
    return sorted(kept, key=lambda m: m.start)
