"""How many were killed and wounded, and who says so: the figures that one sentence claims.

A sentence is cut into tokens once. Counts ("at least 17 people", "dozens of troops", "a child") and cues of harm
("killed", "wounding", "death toll", "casualties") are found in it, and each cue takes the count that its grammar gives
it: a subject before a passive ("two civilians in the village were killed"), an object behind an active ("killing a
child and wounding three"), a head noun ("15 deaths"). What no cue takes is no figure: ranges of weapons, troop totals,
years, ages.

Every search looks at a bounded number of tokens, so the time is linear in the length of the sentence.

Pure. Figures are claims: contradiction is kept; `total` says what the rival claims together allow, never a sum or a
mean. "No casualties" is zero, silence is no claim.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from geo import numbers
from geo.model import Claim, Sentence

__all__ = ["INDIVIDUAL", "find", "speaker", "total"]

INDIVIDUAL = "individual"
"""Hedge of a claim about one described or named person ("the driver died"): a death, but no toll."""

_REACH = 28
"""How many tokens a cue looks back for its subject."""

# --- words ------------------------------------------------------------------------------------------------------------


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_CUE = re.compile(
    r"kill|died|dead|death|dies\b|wound|injur|casualt|hurt|\blives\b|\blife\b|fatal|slain|massacre|murder"
    r"|assassinat|execut|"
    r"behead|burns\b|bodies|\bbody\b|perish|martyr|\btoll\b|gunned|lynch|maim|slaughter|harmed|hospitali",
    re.I,
)

_TOKEN = re.compile(
    r"\d+(?:[,.\u00a0\u2009\u202f]\d+)*(?:-?[^\W\d_]+(?:-[^\W\d_]+)*)?|[^\W\d_]+(?:(?:[-'’&]|\.(?=[^\W\d_]))[^\W_]+)*|[^\w\s]|_"
)

_KILL_FINITE = _words(
    """killed murdered assassinated massacred executed beheaded slain slaughtered martyred lynched hanged"""
)
_KILL_ING = _words("""killing murdering assassinating massacring executing beheading slaughtering martyring lynching""")
_KILL_BASE = _words("kill kills execute executes")
_DIE = _words("died perished dies die")
_WOUND_FINITE = _words("wounded injured hurt maimed hospitalised hospitalized harmed")
_WOUND_ING = _words("wounding injuring hurting maiming hospitalizing hospitalising")
_WOUND_BASE = _words("wound wounds injure injures hurts")
_KILL_NOUNS = _words("deaths fatalities death fatality killings")
_KILLING_OF = _words("""assassination assassinations execution executions slaying slayings murder massacre beheading""")
"""Nouns that name their victims behind "of"."""
_WOUND_NOUNS = _words("injuries injury")
_BOTH_NOUNS = _words("casualties casualty")
_HARM_NOUNS = (_KILL_NOUNS | _WOUND_NOUNS | _BOTH_NOUNS) - {"death"}

_AUX_ONE = _words("was is has")
_AUX_MANY = _words("were are have")
_AUX_ANY = _words("had been be being got get getting")
_AUX = _AUX_ONE | _AUX_MANY | _AUX_ANY
_BETWEEN = _AUX | _words(
    """reportedly allegedly also later then all both confirmed reported feared believed thought said to instantly
    presumed initially already either seriously critically fatally severely slightly lightly badly gravely
    mortally shot stabbed burned burnt crushed found now since together still subsequently sadly tragically
    apparently further pronounced declared left known counted verified recorded suspected beaten hacked trampled
    drowned blown electrocuted on monday tuesday wednesday thursday friday saturday sunday not previously
    moderately only just accidentally deliberately recently probably likely officially"""
)
_ADVERBS = _words(
    """also reportedly allegedly instantly apparently mostly possibly probably altogether dead up seriously critically
    severely slightly lightly outright the his her their its all himself herself themselves"""
)
_MODAL = _words("could would might may can to will shall should cannot must never")
_SPEECH_STOP = _words("""said says told adding that when while but because if although though whether""")

_HEDGES: tuple[tuple[tuple[str, ...], str], ...] = tuple(
    sorted(
        (
            (tuple(words.split()), kind)
            for words, kind in {
                "at least": "at least",
                "no fewer than": "at least",
                "no less than": "at least",
                "not less than": "at least",
                "a minimum of": "at least",
                "more than": "more than",
                "over": "more than",
                "well over": "more than",
                "upwards of": "more than",
                "nearly": "nearly",
                "almost": "nearly",
                "close to": "nearly",
                "about": "about",
                "around": "about",
                "roughly": "about",
                "approximately": "about",
                "some": "about",
                "an estimated": "about",
                "estimated": "about",
                "up to": "up to",
                "as many as": "up to",
                "fewer than": "fewer than",
                "less than": "fewer than",
                "under": "fewer than",
                "a total of": "",
                "total of": "",
                "only": "",
                "just": "",
                "another": "",
                "the other": "",
                "an additional": "",
                "a further": "",
                "additional": "",
                "possibly": "possibly",
                "reportedly": "reportedly",
            }.items()
        ),
        key=lambda item: -len(item[0]),
    )
)

_HEDGES_BY_LAST = {
    last: [item for item in _HEDGES if item[0][-1] == last] for last in {item[0][-1] for item in _HEDGES}
}

_PERSON = _words(
    """person people civilian civilians soldier soldiers troop troops policeman policemen policewoman officer officers
    fighter fighters militant militants militiaman militiamen man men woman women child children boy boys girl
    girls student students worker workers refugee refugees migrant migrants resident residents villager
    villagers contractor contractors journalist journalists reporter photographer cameraman commander commanders
    general colonel major captain lieutenant sergeant private corporal marine marines sailor sailors pilot
    pilots crew crewman crewmen driver drivers passenger passengers guard guards gunman gunmen attacker
    attackers assailant assailants bomber bombers terrorist terrorists insurgent insurgents rebel rebels
    separatist separatists jihadist jihadists extremist extremists suspect suspects victim victims protester
    protesters protestor protestors demonstrator demonstrators activist activists leader leaders chief official
    officials minister president governor mayor lawmaker senator politician candidate councillor judge
    prosecutor lawyer doctor doctors nurse nurses medic medics paramedic paramedics teacher teachers pupil
    pupils baby babies infant infants toddler toddlers teenager teenagers teen teens youth youths adult adults
    parent parents mother mothers father fathers son sons daughter daughters wife wives husband husbands brother
    brothers sister sisters cousin uncle aunt grandmother grandfather grandson family families couple sibling
    siblings twins relative relatives neighbour neighbor farmer farmers fisherman fishermen herder herders
    trader traders shopkeeper businessman tourist tourists pilgrim pilgrims worshipper worshippers worshiper
    worshipers priest imam cleric monk nun pastor bishop ambassador diplomat diplomats envoy citizen citizens
    national nationals foreigner foreigners american americans member members personnel serviceman servicemen
    servicemember servicewoman recruit recruits conscript conscripts cadet cadets trooper troopers airman airmen
    operative operatives hostage hostages captive captives prisoner prisoners inmate inmates detainee detainees
    employee employees staff staffer volunteer volunteers engineer engineers miner miners peacekeeper
    peacekeepers paratrooper paratroopers ranger rangers agent agents constable constables deputy bystander
    bystanders pedestrian motorist motorcyclist cyclist rider shopper shoppers customer customers fan fans human
    humans being beings scientist singer actor artist player athlete coach professor scholar schoolgirl
    schoolgirls schoolboy schoolboys schoolchildren firefighter firefighters rescuer rescuers responder
    responders warrior aide adviser advisor bodyguard bodyguards guerrilla guerrillas hitman sniper rioter
    rioters settler settlers nomad pensioner patient patients minor minors gangster patrolman ringleader
    mastermind spokesman cop cops troopers deserter others other more settlers combatant combatants noncombatant
    noncombatants mercenary mercenaries individual individuals defender defenders vendor dissident dissidents
    executive chieftain elder elders strongman warlord warlords kingpin lord trafficker traffickers smuggler
    smugglers asylum-seeker evacuee returnee idp idps soul souls elderly hunter logger dweller bodyguard
    reservist reservists officer-in-charge supporter supporters follower followers loyalist loyalists delegate
    delegates voter voters sympathiser sympathisers passerby passersby passer-by passers-by jihadi jihadis nanny
    caregiver translator interpreter guide climber"""
)
_PERSON_ENDINGS = ("-year-old", "man", "woman", "men", "women", "ist", "ists")
_TITLES = _words(
    """gen gen. lt lt. col col. maj maj. capt capt. sgt sgt. general colonel major captain lieutenant sergeant
    brigadier brig adm admiral president minister sheikh shaykh mullah maulana mr mrs ms dr prof sir lord king
    prince commander leader cleric ayatollah imam strategist journalist rapper activist ambassador governor
    mayor lawmaker prosecutor"""
)
_NOT_PERSONS = _words(
    """year years day days hour hours minute minutes second seconds week weeks month months decade decades night nights
    morning evening time times percent per cent km kilometer kilometers kilometre kilometres mile miles metre
    metres meter meters foot feet inch inches yard yards ton tons tonne tonnes kg kilogram kilograms pound
    pounds litre litres gallon dollar dollars euro euros rupee rupees peso pesos ruble rubles hectare hectares
    acre acres degree degrees point points rocket rockets missile missiles drone drones bomb bombs shell shells
    mortar mortars mine mines grenade grenades airstrike airstrikes strike strikes attack attacks raid raids
    blast blasts explosion explosions round rounds bullet bullets shot shots gun guns rifle rifles weapon
    weapons tank tanks vehicle vehicles car cars truck trucks bus buses train trains plane planes aircraft
    helicopter helicopters jet jets boat boats ship ships vessel vessels motorcycle motorcycles house houses
    home homes building buildings village villages town towns city cities district districts province provinces
    state states region regions area areas site sites base bases school schools hospital hospitals mosque
    mosques church churches shop shops store stores market camp camps tent tents checkpoint bridge bridges
    country countries nation nations government party parties company companies bill bills proposal proposals
    amendment amendments deal deals project projects job jobs penalty penalties plan plans measure measures law
    laws program programs programme career season seasons game games match matches goal goals dog dogs cat cats
    cow cows goat goats sheep horse horses camel camels animal animals cattle livestock head pig pigs bird birds
    elephant elephants lion lions tiger tigers whale whales wolf wolves fish chicken chickens donkey donkeys
    crop crops tree trees case cases incident incidents event events report reports threat threats sentence
    sentences charge charges count counts article articles story stories reason reasons way ways dimension part
    parts series string spate number thing things lot bit piece kind sort type group groups wave waves front
    fronts issue question questions storm storms flood floods landslide landslides earthquake quake earthquakes
    fire fires outbreak virus operation operations clash clashes battle battles fight side sides test tests vote
    votes law election chance risk rate rates accident accidents crash crashes suicide homicide murders killings
    homicides ambush ambushes feud war wars conflict conflicts shooting shootings bombing bombings stabbing
    stabbings avalanche cyclone tornado typhoon hurricane collision collisions assault assaults ied ieds device
    devices land dollar penny flight flights lgas wards provinces states governorates locations camp"""
)
_GROUPS = _words(
    """hamas hezbollah isis isil taliban israel iran iraq russia ukraine syria daesh fatah eln farc nato idf pkk ypg
    sdf monday tuesday wednesday thursday friday saturday sunday january february march april may june july
    august september october november december covid-19 covid ebola i he she it they we you who this that the"""
)
_MONTHS = _words(
    """january february march april may june july august september october november december jan feb mar apr jun jul
    aug sep sept oct nov dec"""
)
_NP_STOPS = (
    _AUX
    | _SPEECH_STOP
    | _words(
        """in on at by with for after before during since near outside inside around as including among who whom which
    where into onto over under against between across along toward towards within without than through amid
    following until till upon off out is dead alive missing this last next early late later then subsequently
    yesterday today tonight overnight or so yet nor then escorting travelling traveling riding died dies die
    perished lost lose suffered sustained reportedly allegedly also remain remained remains became fell went
    came took ran fled gave lost won met saw would could will may might can should did do does had from there
    here him her them it he she they we apart aside trying attempting protesting attending walking working
    returning fleeing living suspected believed feared using taking making sleeping playing sheltering waiting
    praying sitting driving guarding hit struck attacked arrested detained captured abducted kidnapped rescued
    survived escaped trapped treated taken rushed buried displaced affected evacuated identified named confirmed
    shot stabbed burned burnt drowned crushed drown"""
    )
    | _KILL_FINITE
    | _KILL_ING
    | _KILL_BASE
    | _WOUND_FINITE
    | _WOUND_ING
    | _WOUND_BASE
)
_AFTER_ANOTHER = _words(", . and in as when while at who")
_VERBS_AFTER_NAMES = _words("led brought set came drew gave put sent shook began threw has remains")
_COMPANION_VERBS = _words(
    """shot stabbed beaten attacked hit robbed kidnapped abducted captured tortured ambushed trapped raped detained
    arrested bombed shelled burned run struck"""
)
"""Verbs that share a subject with the cue: "was shot and wounded"."""
_PARTITIVE_NOUNS = _words("dead wounded injured killed")
"""Adjectives that are nouns behind an article: "two of the dead"."""
_INDIVIDUAL_OBJECT_PRE = _words("the his her their its our my")
_PREPOSITIONS = _words(
    """of in on at by with for after before during since near outside inside around to into onto against between across
    among from toward towards within through than amid following until"""
)


@dataclass(frozen=True, slots=True)
class _Token:
    text: str
    low: str
    start: int
    end: int


@dataclass(slots=True)
class _Count:
    """A counted noun phrase: tokens [start, end)."""

    start: int
    end: int
    low: int | None
    best: int | None
    high: int | None
    hedge: str
    words: str
    who: str
    person: bool
    """The head noun is a person, a people, or left out."""
    article: bool
    head: str
    subset: bool = False
    used: bool = False


# --- tokens and counts ------------------------------------------------------------------------------------------------


def _tokens(text: str) -> list[_Token]:
    return [_Token(m.group(), m.group().lower(), m.start(), m.end()) for m in _TOKEN.finditer(text)]


def _value(tokens: list[_Token], at: int) -> tuple[int, int | None, int | None, str, int] | None:
    """(low, best, high, hedge, next index) of the number at `at`, or None."""
    token = tokens[at]
    low = token.low
    following = tokens[at + 1].low if at + 1 < len(tokens) else ""
    after = tokens[at + 2].low if at + 2 < len(tokens) else ""
    if low[0].isdigit():
        return _digits(tokens, at)
    if low in ("a", "an"):
        if following == "dozen":
            return 12, 12, 12, "", at + 2
        if following in ("few", "handful") or (following == "couple" and after == "of"):
            vague = numbers.VAGUE.get(following)
            end = at + 3 if after == "of" else at + 2
            return (2, 2, 2, "", end) if vague is None else (vague.low, vague.low, vague.high, "a " + following, end)
        if following == "pair" and after == "of":
            return 2, 2, 2, "", at + 3
        if following in ("hundred", "thousand", "million"):
            value = numbers.parse(following)
            return (value or 0, value, value, "", at + 2)
        if following in ("undisclosed", "unknown", "unspecified", "undetermined", "unconfirmed") and after == "number":
            return 1, None, None, following + " number", min(at + 4, len(tokens))
        if following in ("number", "large", "small", "significant") and "number" in (following, after):
            end = at + 3 if following == "number" else at + 4
            return 2, None, None, "a number", min(end, len(tokens))
        if (
            following in ("family", "group", "crew", "party", "team", "convoy")
            and after == "of"
            and at + 3 < len(tokens)
        ):
            inner = _value(tokens, at + 3)
            return inner if inner is not None and inner[0] > 1 else None
        return None
    if low == "between" and after == "and" and at + 3 < len(tokens):
        least = numbers.parse(following) if following[0].isalnum() else None
        most = numbers.parse(tokens[at + 3].low) if tokens[at + 3].low[0].isalnum() else None
        if least is not None and most is not None and least < most < 1900 and tokens[at + 3].low not in _MONTHS:
            return least, least, most, f"{least}-{most}", at + 4
        return None
    if low == "half" and following in ("a", "dozen") and (after == "dozen" or following == "dozen"):
        return 6, 6, 6, "", at + (3 if following == "a" else 2)
    if low == "half-dozen":
        return 6, 6, 6, "", at + 1
    if low in ("undisclosed", "unknown", "unspecified") and following == "number":
        return 1, None, None, low + " number", min(at + 3, len(tokens))
    if low == "both":
        return 2, 2, 2, "", at + 1
    vague = numbers.VAGUE.get(low)
    if vague is not None:
        if following in ("dozen", "hundred", "thousand") and low in ("several", "few", "many"):
            size = numbers.parse(following) or 1
            return vague.low * size, vague.low * size, (vague.high or 9) * size, f"{low} {following}", at + 2
        if low in ("tens", "hundreds") and following == "of" and after in ("thousands", "millions"):
            scale = 1_000 if after == "thousands" else 1_000_000
            base = 20 if low == "tens" else 200
            return base * scale, base * scale, None, f"{low} of {after}", at + (4 if _is(tokens, at + 3, "of") else 3)
        if low in ("few", "tens"):
            return None
        end = at + 2 if following == "of" else at + 1
        return vague.low, vague.low, vague.high, low, end
    first_part = low.split("-", 1)[0]
    if first_part not in numbers.NUMBER_WORDS or low == "dozen":
        return None
    end = at + 1
    words = [low]
    while end < len(tokens) and len(words) < 9:
        word = tokens[end].low
        if word in numbers.NUMBER_WORDS and numbers.parse(word) is not None and _extends(words[-1], word):
            words.append(word)
            end += 1
        elif (
            word == "and" and words[-1] in ("hundred", "thousand") and end + 1 < len(tokens)
            and numbers.parse(tokens[end + 1].low) is not None and tokens[end + 1].low.isalpha()
        ):  # fmt: skip
            words.append(word)
            end += 1
        else:
            break
    value = numbers.parse(" ".join(words))
    if value is None:
        return None
    return _range(tokens, value, end)


def _extends(before: str, word: str) -> bool:
    """Whether a number word goes on with another: "two dozen", "twenty five", not "one two"."""
    if word in ("hundred", "thousand", "million", "billion", "dozen"):
        return True
    if before in ("hundred", "thousand", "million", "and"):
        return True
    return before.endswith("ty") and word in ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine")


def _is(tokens: list[_Token], at: int, word: str) -> bool:
    return 0 <= at < len(tokens) and tokens[at].low == word


def _spaced_thousands(tokens: list[_Token], at: int) -> bool:
    """Whether a plain blank parts the thousands, as in tables of statistics ("164 623"): too unsure to count."""
    if at + 1 >= len(tokens) or tokens[at + 1].start != tokens[at].end + 1:
        return False
    one, two = tokens[at].text, tokens[at + 1].text
    return one.isdigit() and two.isdigit() and len(one) < 4 and len(two) == 3


def _digits(tokens: list[_Token], at: int) -> tuple[int, int | None, int | None, str, int] | None:
    text = tokens[at].text
    if (
        not re.fullmatch(r"\d{1,3}(?:[,\u00a0\u2009\u202f]\d{3}){1,3}|\d{1,7}|\d{1,4}\.\d{1,2}", text)
        or not text.isascii()
    ):
        plain = re.sub("[\u00a0\u2009\u202f]", "", text)
        if not (plain.isascii() and plain.isdigit() and len(plain) < 9):
            return None
        text = plain
    before = tokens[at - 1].low if at else ""
    following = tokens[at + 1].low if at + 1 < len(tokens) else ""
    if following.startswith(("year-old", "years-old")):
        return None
    if _spaced_thousands(tokens, at) or (at and _spaced_thousands(tokens, at - 1)):
        return None
    if before in ("$", "€", "£", "¥", "aged", "age", "ages", "no", "no.", "#", ":", "route", "article", "/", "chapter"):
        if not (before == "no" or before == ":") or (before == ":" and at > 1 and tokens[at - 2].low[0].isdigit()):
            return None
        if before == "no":
            return None
    if (
        following in ("%", "°", ":", "am", "pm", "a.m", "p.m", "percent", "per", "/", "years-old", "mm")
        or following in _MONTHS
    ):
        return None
    if before in _MONTHS or (following == "of" and at + 2 < len(tokens) and tokens[at + 2].low in _MONTHS):
        return None
    if following in ("million", "thousand", "billion", "hundred"):
        scale = {"hundred": 100, "thousand": 1_000, "million": 1_000_000, "billion": 1_000_000_000}[following]
        value = round(float(text.replace(",", "")) * scale)
        return value, value, value, "", at + 2
    if "." in text:
        return None
    value = int(re.sub(r"\D", "", text))
    year_like = len(text) == 4 and 1900 <= value <= 2049
    if year_like and (
        before in ("in", "since", "of", "the", "by", "from", "until", "to", "and", "-", "(", ",")
        or not following.isalpha()
    ):
        return None
    return _range(tokens, value, at + 1)


def _range(tokens: list[_Token], value: int, end: int) -> tuple[int, int | None, int | None, str, int]:
    """A number, or a range "10 to 15", "two or three", "10-15" that begins with it."""
    if end + 1 < len(tokens) and tokens[end].low in ("to", "or", "-", "–"):
        other = numbers.parse(tokens[end + 1].low) if tokens[end + 1].low[0].isalnum() else None
        if tokens[end].low == "to" and end >= 2 and tokens[end - 2].low == "from":
            other = None
        if other is not None and value < other <= value * 3 + 3 and other < 1900:
            return value, value, other, f"{value}-{other}", end + 2
    if _is(tokens, end, "+"):
        return value, value, None, "at least", end + 1
    if _is(tokens, end, "or") and _is(tokens, end + 1, "more"):
        return value, value, None, "at least", end + 2
    return value, value, value, "", end


def _hedge_before(tokens: list[_Token], at: int) -> tuple[str, int]:
    """The bound words in front of a number and the token they begin with."""
    kind, start = "", at
    for _ in range(3):
        for words, name in _HEDGES_BY_LAST.get(tokens[start - 1].low if start else "", ()):
            size = len(words)
            if start >= size and all(tokens[start - size + i].low == words[i] for i in range(size)):
                kind, start = kind or name, start - size
                break
        else:
            break
    return kind, start


def _bounds(low: int, best: int | None, high: int | None, hedge: str) -> tuple[int | None, int | None, int | None]:
    if hedge in ("at least", "more than"):
        return low, best if best is not None else low, None
    if hedge == "up to":
        return None, high, high
    if hedge == "fewer than":
        return None, None, max((high or low) - 1, 0)
    return low, best, high


def _noun_phrase(tokens: list[_Token], at: int) -> int:
    """Where the noun phrase that goes on at `at` ends (exclusive)."""
    end = at
    limit = min(len(tokens), at + 12)
    while end < limit:
        low = tokens[end].low
        if low == "(" and _is(tokens, end + 2, ")") and end + 3 < len(tokens) and tokens[end + 3].low in _PERSON:
            # A party with its short name in brackets: nine Labour Party (LP) supporters.
            end += 4
            continue
        if tokens[end].text == "IS":
            end += 1
            continue
        if low in ("’", "'") or (
            low == "." and end > at and tokens[end - 1].low in ("u.s", "gen", "lt", "col", "sgt", "mr", "maj", "capt")
        ):
            end += 1
            continue
        if not (low[0].isalpha()) and not re.match(r"\d+-", low):
            break
        if low in _NP_STOPS and not (low in _PARTITIVE_NOUNS and end > at and tokens[end - 1].low == "the"):
            break
        if low in ("and",):
            nxt = tokens[end + 1].low if end + 1 < len(tokens) else ""
            if (
                nxt in _PERSON
                and end > at
                and nxt not in ("others", "other", "more")
                and not _has_cue_after(tokens, end + 1)
            ):
                end += 2
                continue
            break
        if low in ("a", "an", "the", "another") and end > at and tokens[end - 1].low != "of":
            break
        number = (
            low[0].isdigit() or (low in numbers.NUMBER_WORDS and end > at) or low in ("dozens", "scores", "several")
        )
        if number and not re.match(r"\d+-", low):
            break
        if end > at and tokens[end - 1].low in _HARM_NOUNS and low != "of":
            break
        if low.endswith("ed") and "-" not in low and end > at and tokens[end - 1].low in _PERSON:
            break
        if low.endswith("ly") and low not in ("family", "elderly", "ally"):
            break
        end += 1
    return end


def _has_cue_after(tokens: list[_Token], at: int) -> bool:
    return at + 1 < len(tokens) and tokens[at + 1].low in _AUX_MANY


def _counts(tokens: list[_Token], text: str) -> list[_Count]:
    """All counted noun phrases of the sentence, from left to right, not overlapping."""
    found: list[_Count] = []
    at = 0
    size = len(tokens)
    while at < size:
        count = _count_at(tokens, at, text)
        if count is None:
            at += 1
            continue
        found.append(count)
        at = max(count.end, at + 1)
    _mark_subsets(tokens, found)
    return found


def _count_at(tokens: list[_Token], at: int, text: str) -> _Count | None:
    low = tokens[at].low
    value = _value(tokens, at)
    if value is not None:
        least, best, most, vague, after = value
        if at and tokens[at - 1].low in ("no", "any", "every", "each") and low == "one":
            return None
        hedge, start = _hedge_before(tokens, at)
        if tokens[at].low in ("a", "an") and after == at + 1:
            return None
        if after < len(tokens) and tokens[after].low == "of" and least > 0:
            after += 1
        partitive = after > at + 1 and tokens[after - 1].low == "of" and after < len(tokens) and tokens[after].low in (
            "them", "whom", "those", "the", "these",
        )  # fmt: skip
        end = _noun_phrase(tokens, after)
        if partitive and end == after:
            end = after + 1
        head, person = _head(tokens, after, end)
        if not person:
            return None
        bounds = _bounds(least, best, most, hedge)
        words = vague or str(best if best is not None else least)
        who = text[tokens[after].start : tokens[end - 1].end] if end > after else ""
        count = _Count(start, max(end, after), *bounds, hedge or vague, words, who, True, False, head)
        if partitive and tokens[after].low in ("them", "whom", "those", "these"):
            count.subset = True
        if partitive and head in (
            "dead",
            "wounded",
            "injured",
            "victims",
            "killed",
            "casualties",
            "fatalities",
            "deceased",
        ):
            count.subset = True
        return count
    if low == "another" and (at + 1 == len(tokens) or tokens[at + 1].low in _AFTER_ANOTHER):
        return _Count(at, at + 1, 1, 1, 1, "", "1", "", True, False, "")
    if low in ("a", "an", "another"):
        end = _noun_phrase(tokens, at + 1)
        head, person = _head(tokens, at + 1, end)
        named = head and head[0].isupper()
        if end > at + 1 and (
            head.lower() in _PERSON or head.lower().endswith(_PERSON_ENDINGS) or (named and person and end - at <= 3)
        ):
            if head.lower() in ("people", "more", "others", "troops", "family"):
                return None
            if head.endswith("s") and head.lower() in _PERSON and head.lower()[:-1] in _PERSON:
                return None
            who = text[tokens[at + 1].start : tokens[_apposition(tokens, end) - 1].end]
            return _Count(at, end, 1, 1, 1, "", "1", who, True, True, head)
    return None


def _apposition(tokens: list[_Token], end: int) -> int:
    """The end of a name that follows a described person behind a comma, or `end`."""
    if not _is(tokens, end, ","):
        return end
    stop = end + 1
    while stop < min(len(tokens), end + 6) and tokens[stop].text[0].isupper():
        stop += 1
    closed = stop == len(tokens) or tokens[stop].low in (",", ".", ";")
    return stop if closed and stop - end >= 3 else end


def _head(tokens: list[_Token], start: int, end: int) -> tuple[str, bool]:
    """The head noun of a phrase and whether it can be a victim; an empty phrase can."""
    if end <= start:
        return "", True
    head = ""
    for index in range(start, end):
        low = tokens[index].low
        if low == "of" and index > start:
            break
        if low in ("of", "the", "its", "his", "their", "them", "whom", "those", "these", "’", "'", "."):
            continue
        head = tokens[index].text
    low = head.lower()
    if low in _PERSON:
        return head, True
    if low in _NOT_PERSONS or low.endswith(("-day", "-hour", "-mile", "-year", "-month", "-week")):
        return head, False
    first = tokens[start].low
    return head, first not in _NOT_PERSONS or low in _PERSON


_SUBSET_OPENERS = frozenset({"including", "includes", "included"})


def _mark_subsets(tokens: list[_Token], counts: list[_Count]) -> None:
    """Parts of another figure: "including two children", "three of them women", "(two in A and two in B)"."""
    depth_at = [0] * (len(tokens) + 1)
    depth = 0
    for index, token in enumerate(tokens):
        depth = min(depth + 1, 3) if token.low == "(" else max(depth - 1, 0) if token.low == ")" else depth
        depth_at[index] = depth
    for position, count in enumerate(counts):
        before = [tokens[i].low for i in range(max(0, count.start - 3), count.start)]
        if (
            any(word in _SUBSET_OPENERS for word in before)
            or before[-2:] in (["among", "them"], ["among", "whom"], ["of", "which"])
            or before[-3:] in (["among", "the", "dead"], ["among", "those", "killed"])
            or (
                count.end < len(tokens) - 1
                and tokens[count.end].low == "of"
                and tokens[count.end + 1].low in ("whom", "them", "those")
            )
            or (
                position
                and counts[position - 1].subset
                and _joined(tokens, counts[position - 1].end, count.start)
                and not _cue_follows(tokens, count.end)
                and not _outgrows(counts, position)
            )
            or (position and depth_at[count.start] and not depth_at[counts[0].start])
            or (
                position
                and before[-1:] == [":"]
                and counts[position - 1].end == count.start - 1
                and counts[position - 1].head
            )
            or (position and before[-1:] in (["—"], ["–"]) and (count.best or 0) < (counts[position - 1].best or 0))
        ):
            count.subset = True


def _outgrows(counts: list[_Count], position: int) -> bool:
    """Whether a count is larger than the figure that it would be a part of."""
    whole = next((count for count in reversed(counts[:position]) if not count.subset), None)
    return whole is not None and (whole.best or 0) < (counts[position].best or 0)


def _cue_follows(tokens: list[_Token], at: int) -> bool:
    """Whether a phrase that ends before `at` is the subject of a cue of its own ("... were injured")."""
    for index in range(at, min(len(tokens), at + 6)):
        if _cue_kind(tokens[index].low) is not None:
            return True
        if not _skipped(tokens[index].low):
            return False
    return False


def _joined(tokens: list[_Token], start: int, end: int) -> bool:
    """Whether only list words stand between two phrases."""
    return 0 <= end - start <= 3 and all(
        tokens[i].low in (",", "and", "as", "well", "plus", "&") for i in range(start, end)
    )


# --- cues -------------------------------------------------------------------------------------------------------------

_KILLED, _WOUNDED, _BOTH = "killed", "wounded", "casualties"


def _cue_kind(low: str) -> tuple[str, str] | None:
    """(kind, form) of a cue word; forms: finite, ing, base, die, noun."""
    if low in _KILL_FINITE:
        return _KILLED, "finite"
    if low in _WOUND_FINITE:
        return _WOUNDED, "finite"
    if low in _KILL_ING:
        return _KILLED, "ing"
    if low in _WOUND_ING:
        return _WOUNDED, "ing"
    if low in _DIE:
        return _KILLED, "die"
    if low == "dead":
        return _KILLED, "dead"
    if low in _KILL_NOUNS or low in _KILLING_OF:
        return _KILLED, "noun"
    if low in _KILL_BASE:
        return _KILLED, "base"
    if low in _WOUND_BASE:
        return _WOUNDED, "base"
    if low in _WOUND_NOUNS:
        return _WOUNDED, "noun"
    if low in _BOTH_NOUNS:
        return _BOTH, "noun"
    return None


@dataclass(slots=True)
class _Found:
    kind: str
    counts: list[_Count]
    hedge: str = ""


def _skipped(low: str) -> bool:
    """Words that may stand between a subject and its verb of harm."""
    return low in _BETWEEN or (low.endswith("ly") and len(low) > 5 and low != "family")


def _is_description(name: str) -> bool:
    """Whether the words describe a person ("the mayor") and do not name one ("militia leader Karim Jabbar")."""
    last = name.split()[-1]
    return last[0].islower() and not last.startswith(("al-", "el-"))


class _Reader:
    """One sentence being read; gathers what each cue takes."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.tokens = _tokens(text)
        self.counts = _counts(self.tokens, text)
        self.by_start = {count.start: count for count in self.counts}
        self.by_end = {count.end: count for count in self.counts}
        self.found: list[_Found] = []
        self.cues = [(i, kind) for i, token in enumerate(self.tokens) if (kind := _cue_kind(token.low)) is not None]

    def low(self, at: int) -> str:
        return self.tokens[at].low if 0 <= at < len(self.tokens) else ""

    # reading

    def read(self) -> list[_Found]:
        zero = self._zero()
        taken: set[int] = set()
        for order, (at, (kind, form)) in enumerate(self.cues):
            if at in taken:
                continue
            if form == "noun":
                self._noun(at, kind)
                continue
            if self._hypothetical(at, form) or self._idiom(at):
                continue
            partner = self._partner(order, at)
            if partner is not None:
                taken.add(partner[0])
                if partner[1] != kind:
                    kind = _BOTH if self.low(partner[0] - 1) == "or" else "each"
            end = partner[0] if partner is not None else at
            if self._negated(at):
                continue
            self._verb(at, end, kind, form)
        self._toll()
        self._lives()
        self._bodies()
        self._treated()
        self._subsets()
        return self._with_zero(zero)

    def _partner(self, order: int, at: int) -> tuple[int, str] | None:
        """The second verb of "killed or wounded", "dead and injured", with its kind."""
        if order + 1 >= len(self.cues):
            return None
        other, (kind, form) = self.cues[order + 1]
        first_form = self.cues[order][1][1]
        joint = self.tokens[at + 1 : other]
        coupled = other - at <= 3 and joint and joint[0].low in ("and", "or", "/")
        alike = form == first_form or {form, first_form} <= {"finite", "dead"}
        if not coupled or not alike or form not in ("finite", "dead", "ing", "base"):
            return None
        return (other, kind) if all(t.low in ("and", "or", "/", "seriously", "badly") for t in joint) else None

    def _hypothetical(self, at: int, form: str) -> bool:
        before = [self.low(i) for i in range(max(0, at - 4), at)]
        if form in ("base", "die") and (not before or form == "base" or before[-1] in _MODAL):
            if any(word in _MODAL or word in ("don't", "not", "didn't") for word in before[-2:]):
                return True
            if form == "base" and self.low(at) in (
                "murder",
                "murders",
                "massacre",
                "massacres",
                "wounds",
                "wound",
                "hurts",
            ):
                return at + 1 not in self.by_start
        if any(word in ("could", "would", "might", "may", "should") for word in before):
            return True
        if before[-1:] == ["of"] and before[-2:-1] in (
            ["capable"],
            ["possibility"],
            ["risk"],
            ["hopes"],
            ["fear"],
            ["fears"],
        ):
            return True
        return any(
            word in ("threatened", "threatening", "vowed", "plotting", "if", "avoid", "unless") for word in before
        )

    def _idiom(self, at: int) -> bool:
        low, following, before = self.low(at), self.low(at + 1), self.low(at - 1)
        if before == "or" and self.low(at - 2).endswith(("ed", "ing")) and _cue_kind(self.low(at - 2)) is None:
            # "captured or killed 15": how many of them died is not said.
            return True
        if following in ("off", "switch", "down", "out", "away") and low not in ("dead",):
            return True
        if low == "dead" and following in (
            "end",
            "heat",
            "line",
            "sea",
            "weight",
            "body",
            "bodies",
            "zone",
            "letter",
            "man",
            "woman",
        ):
            return True
        return low == "dead" and before in ("the", "brain", "drop", "their", "our", "its", "his", "her")

    def _negated(self, at: int) -> bool:
        before = [self.low(i) for i in range(max(0, at - 3), at)]
        return any(
            word in ("not", "n't", "without", "never", "nobody", "none") or word.endswith(("n't", "n’t"))
            for word in before
        )

    # verbs

    def _group_from(self, start: int) -> list[_Count]:
        """The list of counts that begins at token `start`; without what a later cue claims for itself."""
        count = self.by_start.get(start)
        group: list[_Count] = []
        while count is not None and not count.used:
            if group and self._own_cue_after(count):
                break
            group.append(count)
            nxt = None
            if not count.subset:
                for gap in range(4):
                    candidate = self.by_start.get(count.end + gap)
                    if candidate is not None:
                        nxt = (
                            candidate
                            if gap and _joined(self.tokens, count.end, candidate.start) and not candidate.subset
                            else None
                        )
                        break
            count = nxt
        return group

    def _group_to(self, end: int) -> list[_Count]:
        """The list of counts that ends at token `end` (exclusive)."""
        count = self.by_end.get(end)
        group: list[_Count] = []
        while count is not None and not count.used:
            group.insert(0, count)
            before = None
            for gap in range(1, 4) if self.low(count.start - 1) not in _AUX else ():
                candidate = self.by_end.get(count.start - gap)
                if candidate is not None:
                    listed = (
                        _joined(self.tokens, candidate.end, count.start) and self.low(candidate.start - 1) not in _AUX
                    )
                    before = candidate if listed else None
                    break
            if before is not None and before.subset != count.subset:
                break
            count = before
        return group

    def _own_cue_after(self, count: _Count) -> bool:
        """Whether a passive of its own follows: "three children were wounded", "12 injured"."""
        at = count.end
        steps = 0
        while steps < 5 and _skipped(self.low(at)):
            at += 1
            steps += 1
        kind = _cue_kind(self.low(at))
        return (
            kind is not None
            and kind[1] in ("finite", "die", "dead")
            and not (at + 1 in self.by_start and self.low(at - 1) not in _AUX)
        )

    def _verb(self, at: int, end: int, kind: str, form: str) -> None:
        before = self.low(at - 1)
        passive = before in _AUX or (_skipped(before) and any(self.low(i) in _AUX for i in range(max(0, at - 5), at)))
        if form == "ing" and self.low(end + 1) == "of":
            self._take(kind, self._object(end + 2, kind, form))
            return
        if form != "die" and not (passive and form == "finite" and before != "had" and before not in ("has", "have")):
            objects = self._object(end + 1, kind, form)
            # "17 killed, 40 injured": the second count belongs to the second cue.
            headline = objects and form in ("finite", "dead") and self._own_cue_after(objects[0]) and at in self.by_end
            # "shot dead three men" has an object, "17 dead three days later" has none.
            takes = form != "dead" or before in ("shot", "gunned", "stabbed", "left", "found")
            if objects and not headline and takes:
                self._take(kind, objects)
                return
        if form in ("finite", "die", "dead"):
            self._take(kind, self._subject(at, form, passive))

    def _object(self, at: int, kind: str, form: str) -> list[_Count]:
        """What stands behind an active verb: a count, one person, a name."""
        for gap in range(4):
            if at + gap in self.by_start:
                group = self._group_from(at + gap)
                return [*group, *self._companion(group[-1].end)] if group else []
            if self.low(at + gap) == "and" and self.low(at + gap - 1) in ("himself", "herself", "themselves"):
                continue
            if self.low(at + gap) not in _ADVERBS:
                break
        if kind not in (_KILLED, "each"):
            return []
        return self._named(at, form)

    def _companion(self, at: int) -> list[_Count]:
        """ "and her bodyguard" behind a counted victim: one more."""
        if self.low(at) != "and" or self.low(at + 1) not in ("his", "her", "their"):
            return []
        end = _noun_phrase(self.tokens, at + 2)
        name = self._name(list(range(at + 1, end)))
        return [_Count(at + 1, end, 1, 1, 1, "", "1", name, True, False, name)] if name else []

    def _named(self, at: int, form: str) -> list[_Count]:
        """Victims by name or description: "the assassination of A and B outside", "killed the mayor"."""
        end = at
        limit = min(len(self.tokens), at + 24)
        names: list[str] = []
        part: list[int] = []
        closed = False
        while end <= limit and not closed:
            if self.low(end) == "," and self.low(end + 2) == "," and self.low(end + 1).isdigit():
                # An age between commas: "killed Ana Ruiz, 60, and ..."
                end += 3
                continue
            token = self.tokens[end] if end < len(self.tokens) else None
            low = token.low if token is not None else ""
            dotted = low == "." and part and (len(self.low(end - 1)) <= 4)
            if token is None or low in ("and", ",") or (low in _NP_STOPS and low not in ("dead",)) or (
                not low[0].isalnum() and not dotted and low not in ("’", "'")
            ):  # fmt: skip
                name = self._name(part, listed=bool(names))
                if name:
                    names.append(name)
                elif part and names:
                    break
                elif low != "," or not part:
                    closed = not (low == "," and part)
                if token is None or not (low == "and" or low == ","):
                    closed = True
                if not names:
                    closed = True
                part = []
                if low == ",":
                    # A comma behind a name mostly opens an apposition, not a list.
                    closed = True
            elif not dotted:
                part.append(end)
            end += 1
        if not names:
            return []
        who = " and ".join(names)
        count = len(names)
        described = all(_is_description(name) for name in names)
        hedge = INDIVIDUAL if described else ""
        return [
            _Count(at, end, count, count, None if described else count, hedge, str(count), who, True, False, names[-1])
        ]

    def _name(self, part: list[int], *, listed: bool = False) -> str:
        """The words if they name or describe one person, else nothing."""
        if not part:
            return ""
        for index in range(1, len(part)):
            # A name as subject of what follows: "the assassination of A and B led to ..."
            low = self.low(part[index])
            if self.tokens[part[index]].text.islower() and (low.endswith("ed") or low in _VERBS_AFTER_NAMES):
                part = part[:index]
                break
        words = [self.tokens[i].text for i in part]
        if words[0].lower() in numbers.NUMBER_WORDS or words[0][0].isdigit():
            return ""
        last = words[-1]
        text = self.text[self.tokens[part[0]].start : self.tokens[part[-1]].end]
        if last[0].isupper() or (last.lower().startswith(("al-", "el-", "bin-", "ibn")) and len(last) > 4):
            if last.lower() in _GROUPS or last.lower() in _MONTHS:
                return ""
            capitals = [w for w in words if w[0].isupper() or w.startswith(("al-", "el-"))]
            lower = [w.lower() for w in words]
            if len(words) == 1:
                # "Palestinians" is a people; behind a first name an ending in -s is a name.
                people = last.endswith("s") and len(last) > 5 and not listed
                return "" if people or last.isupper() else text
            if last.endswith(("ans", "ians", "ese", "is", "ists")) and not any(
                w.rstrip(".") in _TITLES for w in lower[:-1]
            ):
                return ""
            if any(w.rstrip(".") in _TITLES or w in _PERSON for w in lower[:-1]) or (
                len(capitals) >= 2 and lower[0] not in ("the",)
            ):
                return text
            return ""
        if words[0].lower() in _INDIVIDUAL_OBJECT_PRE or words[0].endswith(("'s", "’s")):
            plural = (last.lower().endswith("s") and last.lower()[:-1] in _PERSON) or last.lower() in (
                "men",
                "women",
                "children",
                "people",
                "troops",
                "policemen",
                "personnel",
                "others",
                "family",
                "families",
            )
            return "" if plural or last.lower() not in _PERSON else text
        return ""

    def _subject(self, at: int, form: str, passive: bool) -> list[_Count]:
        """What stands before a passive or "died": the nearest count that can be its subject."""
        back = at
        aux = ""
        while back > 0 and at - back < 12:
            if self.low(back - 1) == "and" and self.low(back - 2) in _COMPANION_VERBS:
                back -= 2
                continue
            if not _skipped(self.low(back - 1)):
                break
            back -= 1
            if not aux and self.low(back) in _AUX:
                aux = self.low(back)
            if self.low(back) in _AUX and self.low(back) not in ("been", "be", "being"):
                aux = self.low(back)
        first_aux = next((self.low(i) for i in range(back, at) if self.low(i) in _AUX), "")
        aux = first_aux or aux
        following = self.low(at + 1)
        named = at + 1 < len(self.tokens) and self.tokens[at + 1].text[0].isupper()
        named = named and not (following in _NP_STOPS or following in _BETWEEN or following in _MONTHS)
        if form == "finite" and not aux and (following in _INDIVIDUAL_OBJECT_PRE or following in _PERSON or named):
            # An active verb with an object that counts nobody: "a sniper wounded civilians".
            return []
        for end in (back, back - 1):
            if end == back - 1 and self.low(back - 1) not in (",", "who", "that", "-", ":"):
                break
            group = self._group_to(end)
            if group and not (end < back and group[-1].subset):
                return group if self._agrees(group, aux) else []
        if not aux and form not in ("die",) and back == at and form != "dead":
            # A bare participle takes only what touches it, or its count over a short of-phrase.
            closing = self.low(at - 1) == "," and (part := self.by_end.get(at - 1)) is not None and part.subset
            if closing:
                return self._reach(at, at - 1, aux, 14)
            return self._reach(at, back, aux, 6) if self.low(at - 1) not in (",", ";") else []
        if form == "dead" and not aux:
            return self._reach(at, back, aux, 8)
        if (
            back > 0
            and self.low(back - 1) in ("he", "she", "they", "it", "we", "i", "you", "nobody", "none", "one")
            and self.low(back - 2) not in ("no",)
        ):
            return []
        group = self._reach(at, back, aux, _REACH)
        if group:
            return group
        return self._individual(back, aux, form)

    def _reach(self, at: int, back: int, aux: str, reach: int) -> list[_Count]:
        """Over words between: "two people in the village of X were killed"."""
        index = back
        while index > max(0, back - reach):
            low = self.low(index - 1)
            if low in (
                ";",
                "“",
                "”",
                '"',
                "said",
                "says",
                "told",
                "that",
                "but",
                "if",
                "although",
                "while",
                "because",
                "when",
                "however",
            ):
                return []
            if low == ")":
                while index > 1 and self.low(index - 1) != "(" and back - index < reach:
                    index -= 1
            if _cue_kind(low) is not None and low not in _KILL_NOUNS and back - index > 0 and low not in ("dead",):
                return []
            if low in _AUX and back - index > 0 and self.low(index - 2) not in ("who", "which", "that"):
                return []
            count = self.by_end.get(index)
            if count is not None:
                prior = self.low(count.start - 1) if count.start else ""
                if count.subset:
                    index = count.start
                    continue
                if (prior in _PREPOSITIONS and prior != "from") or count.used:
                    index = count.start
                    continue
                group = self._group_to(count.end)
                if count.article and count.head.lower() in (
                    "gunman",
                    "attacker",
                    "bomber",
                    "official",
                    "spokesman",
                    "suspect",
                ):
                    return []
                return group if self._agrees(group, aux) else []
            index -= 1
        return []

    def _agrees(self, group: list[_Count], aux: str) -> bool:
        """Grammatical number: "was" takes one, "were" takes many."""
        many = len(group) > 1 or any(count.best is None or count.best > 1 for count in group)
        if aux == "was":
            return not many or self.low(group[0].start) in ("a", "an", "the")
        if aux == "were":
            return many or group[0].high is None
        return True

    def _individual(self, back: int, aux: str, form: str) -> list[_Count]:
        """ "the driver was killed", "Smith died": one person, no toll."""
        if aux not in ("was", "had", "has", "is", "") or (not aux and form != "die"):
            return []
        end = back - 1 if self.low(back - 1) == "who" else back
        if self.low(end - 1) == ",":
            end -= 1
        start = end
        while start > max(0, end - 7):
            low = self.low(start - 1)
            if not low or not low[0].isalpha() or low in _NP_STOPS or low in ("and", "of", "to"):
                break
            start -= 1
            if low in _INDIVIDUAL_OBJECT_PRE:
                break
        name = self._name(list(range(start, end)))
        if not name or self.low(start - 1) in _PREPOSITIONS:
            return []
        return [_Count(start, end, 1, 1, None, INDIVIDUAL, "1", name, True, False, name)]

    def _take(self, kind: str, group: list[_Count]) -> None:
        group = [count for count in group if not count.used]
        if not group:
            return
        for count in group:
            count.used = True
        self.found.append(_Found(kind, group))

    # nouns

    def _noun(self, at: int, kind: str) -> None:
        """ "15 deaths", "23 civilian fatalities", "scores of injuries", "one death": the count's own head noun."""
        if self.low(at + 1) in (
            "toll",
            "threats",
            "threat",
            "penalty",
            "row",
            "sentence",
            "rate",
            "rates",
            "squad",
            "squads",
            "certificate",
        ):
            return
        if self.low(at + 1) == "of" and self.low(at) not in ("killings", "casualties", "injuries", "injury"):
            if not self._hypothetical(at, "noun"):
                group = self._object(at + 2, kind, "ing")
                if not (self.low(at) == "death" and group and group[0].best != 1 and not group[0].head):
                    self._take(kind, group)
            return
        if self.low(at) in _KILLING_OF or self.low(at) == "killings":
            return
        for count in self.counts:
            if count.used or not count.start <= at < count.end:
                continue
            if count.head.lower() == self.low(at) or count.end == at + 1:
                if count.subset and not any(found.kind == kind for found in self.found):
                    # A part of something else ("356 cases, including 10 deaths"), or a part with a kind of its own
                    # ("40 casualties (30 injuries and 10 deaths)").
                    count.subset = False
                self._take(kind, [count])
            return

    def _toll(self) -> None:
        """ "the death toll rose to 41", "the number of dead has reached 17"."""
        for at, token in enumerate(self.tokens):
            opener = token.low == "toll" or (
                token.low in ("dead", "deaths", "killed", "casualties", "wounded", "injured", "fatalities", "injuries")
                and any(self.low(i) == "number" for i in range(max(0, at - 4), at))
            )
            if not opener:
                continue
            kind = _WOUNDED if token.low in ("wounded", "injured", "injuries") else _KILLED
            if token.low == "casualties":
                kind = _BOTH
            if token.low == "toll" and self.low(at - 1) not in (
                "death",
                "the",
                "casualty",
                "human",
                "overall",
                "official",
                "total",
                "a",
                "confirmed",
                "heavy",
            ):
                continue
            verbs = False
            for index in range(at + 1, min(len(self.tokens), at + 16)):
                low = self.low(index)
                if low in (";", '"', "”"):
                    break
                verbs = verbs or low in _TOLL_VERBS
                count = self.by_start.get(index)
                if count is None or not verbs or count.used or count.subset:
                    continue
                if self.low(index - 1) == "from" or (self.low(index - 1) == "by" and self.low(index - 2) != "stood"):
                    continue
                if count.head and count.head.lower() in _BOTH_NOUNS | _WOUND_NOUNS:
                    continue
                self._take(kind, [count])
                # "risen to 52 after three more people died": the increment is a part of the toll.
                for found in self.found[:-1]:
                    for part in found.counts:
                        part.subset = part.subset or (found.kind == kind and part.who.startswith("more"))
                break

    def _lives(self) -> None:
        """ "claimed the lives of 14 people", "claimed 14 lives", "lost their lives", "17 lives were lost"."""
        for at, token in enumerate(self.tokens):
            if token.low not in ("lives", "life"):
                continue
            if self.low(at + 1) == "of" and any(
                self.low(i) in ("claimed", "claiming", "took", "taken", "taking", "cost", "claims", "claim", "costing")
                for i in range(max(0, at - 3), at)
            ):
                self._take(_KILLED, self._object(at + 2, _KILLED, "finite"))
                continue
            counted = next((c for c in self.counts if c.start <= at < c.end and not c.used), None)
            if counted is not None and counted.head.lower() == "lives":
                around = [self.low(i) for i in range(max(0, counted.start - 3), min(len(self.tokens), counted.end + 4))]
                if any(
                    word in ("claimed", "claiming", "cost", "took", "taken", "lost", "costing", "claims")
                    for word in around
                ):
                    counted.who = ""
                    self._take(_KILLED, [counted])
                continue
            if self.low(at - 1) in ("their", "his", "her", "its") and self.low(at - 2) in ("lost", "losing", "lose"):
                verb = at - 2
                passive = self.low(verb - 1) in _AUX
                self._take(_KILLED, self._subject(verb, "die", passive))

    def _bodies(self) -> None:
        """ "the bodies of 12 people were found", "three bodies were recovered"."""
        for at, token in enumerate(self.tokens):
            if token.low not in ("bodies", "body", "remains"):
                continue
            window = [self.low(i) for i in range(max(0, at - 5), min(len(self.tokens), at + 14))]
            if not any(
                w in ("found", "recovered", "discovered", "retrieved", "pulled", "exhumed", "collected", "dumped")
                for w in window
            ):
                continue
            if self.low(at + 1) == "of":
                self._take(_KILLED, [c for c in self._group_from(at + 2) if not c.subset])
                continue
            counted = next((c for c in self.counts if c.start <= at < c.end and not c.used), None)
            if counted is not None:
                self._take(_KILLED, [counted])

    def _treated(self) -> None:
        """ "four officers were treated for injuries", "12 people suffered wounds"."""
        for at, token in enumerate(self.tokens):
            if token.low in ("treated", "suffered", "sustained", "suffering", "sustaining", "received"):
                ahead = [self.low(i) for i in range(at + 1, min(len(self.tokens), at + 7))]
                if not any(
                    w in ("injuries", "wounds", "injury", "wound", "burns", "concussion", "concussions", "bruises")
                    for w in ahead
                ):
                    continue
                if any(at < c.start < at + 7 and c.used for c in self.counts):
                    continue
                self._take(
                    _WOUNDED,
                    [
                        c
                        for c in self._subject(
                            at, "finite" if token.low == "treated" else "die", token.low == "treated"
                        )
                        if c.hedge != INDIVIDUAL
                    ],
                )

    def _subsets(self) -> None:
        """Give each open part of a figure the kind of the figure that it follows."""
        taken = sorted(
            ((count.start, found.kind) for found in self.found for count in found.counts), key=lambda item: item[0]
        )
        for count in self.counts:
            if count.used or not count.subset:
                continue
            kinds = [kind for start, kind in taken if start < count.start and count.start - start < 30]
            if not kinds:
                continue
            count.used = True
            self.found.append(_Found("wounded" if kinds[-1] == _BOTH else kinds[-1], [count]))

    # zero

    def _zero(self) -> list[tuple[str, str, str]]:
        """(kind, hedge, who) of what is said not to have happened."""
        zeros: list[tuple[str, str, str]] = []
        for match in _NO_NOUN.finditer(self.text):
            middle = (match["middle"] or "").lower()
            if re.search(r"\b(?:further|other|additional|more|new|word|information|details|clear)\b", middle):
                continue
            noun = match["noun"].lower()
            hedge = "no reports" if "report" in middle else "immediate" if "immediate" in middle else ""
            hedge = "no known" if "known" in middle else hedge
            if noun.startswith(("casualt", "injur", "wound", "losses")):
                zeros.append((_KILLED, hedge, ""))
                if "serious" not in middle and "major" not in middle:
                    zeros.append((_WOUNDED, hedge, ""))
            else:
                zeros.append((_KILLED, hedge, ""))
        for match in _NO_ONE.finditer(self.text):
            who = (match["who"] or "").strip()
            verb = match["verb"].lower()
            if who.lower() in ("people", "person", "casualties", "one"):
                who = ""
            if who.lower() in ("doubt", "idea"):
                continue
            harmless = not verb.startswith(("kill", "die"))
            kinds = (_KILLED, _WOUNDED) if harmless and not who else (_WOUNDED,) if harmless else (_KILLED,)
            if match["more"]:
                kinds = (_KILLED, _WOUNDED)
            zeros.extend((kind, "", who) for kind in kinds)
        if not zeros and _NOT_HURT.search(self.text):
            zeros = [(_KILLED, "", ""), (_WOUNDED, "", "")]
        return list(dict.fromkeys(zeros))

    def _with_zero(self, zeros: list[tuple[str, str, str]]) -> list[_Found]:
        positive = {found.kind for found in self.found}
        for kind, hedge, who in zeros:
            if kind in positive or "each" in positive or (kind == _KILLED and not who and _KILLED in positive):
                continue
            self.found.append(_Found(kind, [_Count(0, 0, 0, 0, 0, hedge, "0", who, True, False, "")]))
        return self.found


_TOLL_VERBS = _words(
    """rose risen rises rising climbed climbs climbing stands stood standing reached reaches reaching was is at to of
    hit hits increased jumped passed exceeded topped surpassed surged grew put puts bringing brought now"""
)
_NO_NOUN = re.compile(
    r"\b(?:no|zero|without|(?:not|n['’]t|nor)\s+(?:\w{2,10}\s+){1,2}?any)\s+"
    r"(?P<middle>(?:(?:immediate|reported|further|other|additional|more|new|civilian|military|human|American"
    r"|Israeli|U\.S\.|US|serious|major|"
    r"confirmed|known|fatal|reports?|of|any|word|on|injuries|casualties|deaths|or|and|causing|details"
    r"|information|friendly|coalition|personnel|initial|early|clear)\s+){0,6})"
    r"(?P<noun>casualty|casualties|injuries|injury|wounded|deaths?|fatalities|fatality|dead|loss\s+of\s+life|losses)\b",
    re.I,
)
_NO_ONE = re.compile(
    r"\b(?:no\s?-?one|nobody|none(?:\s+of\s+(?:them|the\s+\w{2,15}))?|no\s+(?P<who>"
    r"(?:[\w.'’-]{2,15}\s+){0,2}?[\w’'-]{3,15}))\s+"
    r"(?:(?:was|were|is|are|has\s+been|have\s+been|had\s+been|been|being)\s+)?"
    r"(?:(?:\w{3,12}ly|reported|believed|thought|to\s+have\s+been|to\s+be)\s+){0,4}"
    r"(?P<verb>killed|hurt|injured|wounded|harmed|died)(?P<more>\s+(?:or|nor|and)\s+(?:\w{3,9}ly\s+)?(?:injured"
    r"|wounded|hurt|killed|harmed))?\b",
    re.I,
)
_NOT_HURT = re.compile(
    r"\bwithout\s+(?:killing|injuring|hurting|harming|wounding)(?:\s+or\s+(?:injuring|wounding|hurting))?\s+anyone\b|"
    r"\b(?:did\s+not|didn['’]t)\s+(?:kill|injure|hurt|harm|wound)(?:\s+or\s+(?:injure|wound|hurt))?\s+anyone\b",
    re.I,
)

# --- speakers ---------------------------------------------------------------------------------------------------------

_VERBS = (
    r"said|says|told|reported|(?:reports|claims|estimates|states)(?=\s{1,2}that\b)|claimed|denied|denies"
    r"|announced|announces|confirmed|confirms|added|stated|"
    r"warned|insisted|alleged|acknowledged|admitted|tweeted|wrote|estimated(?=\s{1,2}(?:that|the|at)\b)|noted"
    r"|declared|accused(?!\s{1,2}of)|blamed|revealed|"
    r"recorded|documented|counted|verified"
)
_SAID = re.compile(rf"\b(?P<verb>{_VERBS})\b", re.I)
_ACCORDING = re.compile(
    r"\b(?P<verb>according\s{1,2}to|citing)\s{1,2}(?P<who>[^,;()“”\"]{2,120}?)(?=\s{0,2}(?:[,;()“”\"]|[.!?]\s"
    r"|[.!?]?\Z|\b(?:said|told|who|which|killed|and\s{1,2}(?:wounded|injured))\b))",
    re.I,
)
_DOUBT = re.compile(
    r"\b(?:without\s{1,2}(?:providing|giving|offering|citing|presenting)\s{1,2}(?:any\s{1,2}|further\s{1,2})?"
    r"(?:evidence|proof|details)|"
    r"(?:could|can|has|have|had)\s{0,1}(?:not|n['’]t)\s{1,2}(?:immediately\s{1,2}|independently\s{1,2})?(?:be"
    r"|been)\s{1,2}(?:immediately\s{1,2}|independently\s{1,2})?(?:confirmed|verified)|"
    r"cannot\s{1,2}be\s{1,2}(?:independently\s{1,2})?(?:confirmed|verified)|not\s{1,2}(?:been\s{1,2})?"
    r"(?:independently\s{1,2})?(?:confirmed|verified)|"
    r"gave\s{1,2}no\s{1,2}(?:further\s{1,2})?(?:details|evidence)|unable\s{1,2}to\s{1,2}"
    r"(?:independently\s{1,2})?(?:verify|confirm)|"
    r"unconfirmed|unverified|reportedly|allegedly|purportedly|feared|believed\s{1,2}to\s{1,2}have"
    r"|appeared?\s{1,2}to\s{1,2}have)\b",
    re.I,
)
_LEAD_IN = re.compile(
    r"\A(?:(?:but|and|however|separately|meanwhile|earlier|later|also|still|yet|though|although|while|as"
    r"|on\s{1,2}\w{3,9}day|in\s{1,2}a\s{1,2}statement|"
    r"what|who|that|which|where|when|because|since|so|then)\s{1,3},?\s{0,2})+",
    re.I,
)
_DAY_TAIL = re.compile(
    r"\s{1,2}(?:also|later|earlier|has|have|had|on\s{1,2}\w{3,9}day|\w{3,9}day|then|previously|now)\Z", re.I
)
_INVERTED = re.compile(
    r"\s{1,2}(?!(?:on|in|at|that|it|the\s{1,2}\w{1,15}\s{1,2}(?:had|was|were)|\w{3,9}day|to|by|there|no|its|they"
    r"|he|she|at|more|of)\b)"
    r"(?P<who>(?:an?\s|the\s)?[\w.'’ -]{3,90}?)(?=\s{0,2}(?:[,;“”\"]|[.!?]\s|[.!?]?\Z)|\s{1,2}(?:on\s{1,2})?"
    r"(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day|\s{1,2}(?:in|at)\s{1,2}a\b)"
)
_SUBJECT_WINDOW = 220


def speaker(sentence: Sentence) -> tuple[str | None, str | None, str | None]:
    """(speaker, verb, hedge): who says what the sentence says, with which verb, and which doubt is expressed.

    The speaker is given in the words of the sentence ("Syrian state media", "a U.S. official", "She"): a pronoun is
    left to the caller to resolve. All None where the paper speaks itself.
    """
    text = sentence.text
    doubt = _DOUBT.search(text)
    hedge = re.sub(r"\s+", " ", doubt.group()).lower() if doubt is not None else None
    according = _ACCORDING.search(text)
    quoted = _quoted(text)
    tries = 0
    for match in _SAID.finditer(text):
        tries += 1
        if tries > 12:
            break
        if match["verb"][0].isupper() or any(start < match.start() < end for start, end in quoted):
            continue
        before = text[max(0, match.start() - 24) : match.start()].lower()
        if re.search(r"\b(?:was|were|been|be|is|are|being)\s{1,2}(?:\w{3,12}ly\s{1,2})?\Z", before):
            continue
        verb = match["verb"].lower()
        inverted = _INVERTED.match(text, match.end(), match.end() + 110)
        lead = text[max(0, match.start() - 3) : match.start()].rstrip()
        if lead.endswith((",", "”", '"', "’")) and inverted is not None and not _appositive_before(text, match.start()):
            who = _clean(inverted["who"])
            if who:
                return who, verb, hedge
        who = _subject_of(text, match.start())
        if who:
            if (
                according is not None
                and according["verb"][0] in "aA"
                and according.start() < match.start()
                and verb in ("recorded", "reported", "counted")
            ):
                break
            return who, verb, hedge
    if according is not None:
        who = _clean(according["who"])
        if who:
            return who, re.sub(r"\s+", " ", according["verb"]).lower(), hedge
    return None, None, hedge


def _quoted(text: str) -> list[tuple[int, int]]:
    spans = [(m.start(), m.end()) for m in re.finditer(r"“[^”]{0,2000}”", text)]
    return spans or [(m.start(), m.end()) for m in re.finditer(r'"[^"]{0,2000}"', text)]


def _appositive_before(text: str, at: int) -> bool:
    """Whether the comma before a verb closes an apposition: "The mayor, an old soldier, said"."""
    before = text[max(0, at - _SUBJECT_WINDOW) : at].rstrip()
    return before.endswith(",") and "," in before[:-1] and not before[:-1].rstrip().endswith(("”", '"'))


def _subject_of(text: str, at: int) -> str | None:
    """The noun phrase in front of a verb of saying."""
    low = max(0, at - _SUBJECT_WINDOW)
    before = text[low:at].rstrip()
    for _ in range(2):
        before = _DAY_TAIL.sub("", before)
    cut = max(before.rfind(mark) for mark in ("“", "”", '"', ";", ":", "—", "–", "("))
    before = before[cut + 1 :]
    if before.endswith(","):
        parts = before[:-1].split(",")
        # Subject, apposition, verb. Without an apposition the comma belongs to something else.
        if len(parts) < 2:
            return None
        subject, apposition = parts[-2], parts[-1]
        lead = parts[-3] if len(parts) > 2 else ""
        if (
            re.match(r"\s*(?:who|which|a|an|the|both|speaking|himself|herself|head|chief|one)\b", subject)
            and lead.strip()
        ):
            subject = lead
        if re.match(r"\s*(?:[A-Z][\w.'’-]+\s?){2,6}\Z", apposition):
            subject = f"{subject},{apposition}"
        return _clean(subject)
    subject = before.split(",")[-1]
    for word in (" that ", " where ", " which ", " because ", " after ", " when ", " while ", " but "):
        subject = subject.rsplit(word, 1)[-1]
    if subject.strip().lower() in ("and", "but", "also", "who", "which", "it", ""):
        return None
    return _clean(subject)


_UNFINISHED = re.compile(r"\b(?:of|the|a|an|for|with|in|and|or|other|more|total|new|as|by)\Z", re.I)
_FINITE_INSIDE = re.compile(
    r"\b(?:was|were|is|are|killed|wounded|injured|died|had|hit|struck|will|would|and\s{1,2}(?:also|later))\b"
)


def _clean(words: str) -> str | None:
    """A speaker without lead-in words; None for what cannot be one."""
    words = re.sub(r"\s+", " ", words).strip(" ,.;:-–—'’")
    words = _LEAD_IN.sub("", words).strip(" ,")
    if re.match(r"(?:to|by|of|in|at|on|from)\b", words, re.I) and " " in words:
        return None
    if not words or len(words) > 120 or not words[0].isalpha():
        return None
    if words.lower() in ("it", "who", "which", "also", "and", "but", "no one", "there", "has", "have"):
        return None
    if _FINITE_INSIDE.search(words) or _UNFINISHED.search(words):
        return None
    return words


# --- claims -----------------------------------------------------------------------------------------------------------


def _display(count: _Count) -> str:
    hedge = count.hedge
    if hedge == INDIVIDUAL:
        return count.who
    if not hedge or hedge == count.words:
        return count.words
    if hedge in ("no reports", "immediate", "no known"):
        return "0"
    return f"{hedge} {count.words}"


def _claim(
    sentence: Sentence, kind: str, group: list[_Count], said: tuple[str | None, str | None, str | None]
) -> Claim:
    who = " and ".join(count.who for count in group if count.who) or None
    if len(group) > 1:
        lows = [count.low for count in group]
        bests = [count.best for count in group]
        highs = [count.high for count in group]
        low = sum(value for value in lows if value is not None) if any(value is not None for value in lows) else None
        best = sum(value for value in bests if value is not None) if any(value is not None for value in bests) else None
        high = sum(value for value in highs if value is not None) if all(value is not None for value in highs) else None
        words = " and ".join(_display(count) + (f" {count.who}" if count.who else "") for count in group)
    else:
        low, best, high = group[0].low, group[0].best, group[0].high
        words = _display(group[0])
    hedges = list(dict.fromkeys(hedge for hedge in (*(count.hedge for count in group), said[2]) if hedge))
    return Claim(
        kind=kind,
        text=f"{words} {kind}",
        start=sentence.start,
        end=sentence.end,
        speaker=said[0],
        verb=said[1],
        hedge="; ".join(hedges) or None,
        low=low,
        best=best,
        high=high,
        who=who,
        subset=any(count.subset for count in group),
    )


def find(sentence: Sentence) -> tuple[Claim, ...]:
    """The figures of killed and wounded that a sentence claims, in the order of their cues; () for none.

    `start`, `end` are the sentence's span in the article; `text` is a short statement ("at least 17 killed"). Parts of
    another figure carry `subset`; one person described or named ("the driver died") carries the hedge `INDIVIDUAL`.
    "N casualties" gives the same `high` to killed and wounded and nothing else. Never raises on any text.
    """
    if _CUE.search(sentence.text) is None:
        return ()
    found = _Reader(sentence.text).read()
    if not found:
        return ()
    said = speaker(sentence)
    claims: list[Claim] = []
    for item in found:
        if item.kind in (_BOTH, "each"):
            for kind in (_KILLED, _WOUNDED):
                claim = _claim(sentence, kind, item.counts, said)
                if claim.high is not None:
                    claims.append(replace(claim, low=None, best=None))
        else:
            claims.append(_claim(sentence, item.kind, item.counts, said))
    return tuple(claims)


_INDEPENDENT = re.compile(
    r"\b(?:observatory|monitor\w*|united nations|u\.?n\.?|red (?:cross|crescent)|human rights|hospital|medics?"
    r"|medical|doctors?|coroner|"
    r"morgue|rescue\w*|amnesty|watchdog|ambulance|paramedics?|health|civil defen[cs]e|airwars|acled|ngo|msf)\b",
    re.I,
)
_OFFICIAL = re.compile(
    r"\b(?:police|officials?|ministry|minister|governor|mayor|spokes(?:man|woman|person)|government|president"
    r"|prosecutor|army|military|"
    r"pentagon|command|authorit(?:y|ies)|officers?|defen[cs]e|coalition|agency|department|sheriff)\b",
    re.I,
)
_PARTY = re.compile(
    r"\b(?:militia\w*|group|rebels?|insurgents?|militants?|state (?:media|television|tv)|taliban|hamas|hezbollah"
    r"|junta|statement)\b",
    re.I,
)
_LOOSE = re.compile(
    r"\b(?:sources?|residents?|locals?|witness\w*|villagers?|social media|activists?|reports|media)\b", re.I
)
_DOUBTED = re.compile(
    r"without|not |n't|n’t|unconfirmed|unverified|cannot|unable|gave no|allegedly|feared|appear|believed"
)


def _grade(claim: Claim) -> float:
    """How much a claim weighs: independent > own losses admitted > official, the paper itself > a party > unsourced."""
    who = claim.speaker or ""
    if _INDEPENDENT.search(who):
        grade = 5.0
    elif claim.who and re.search(r"\b(?:its|our|their)\b", claim.who) and who:
        grade = 4.0
    elif _PARTY.search(who) or (claim.verb or "").startswith("claim"):
        grade = 2.0
    elif _OFFICIAL.search(who) or not who:
        grade = 3.0
    elif _LOOSE.search(who):
        grade = 1.0
    else:
        grade = 2.5
    return grade - 3.0 if claim.hedge and _DOUBTED.search(claim.hedge) else grade


def total(claims: Sequence[Claim], kind: str) -> tuple[int | None, int | None, int | None]:
    """(low, best, high) that rival claims of one kind ("killed", "wounded") allow; all None without a figure.

    low is the smallest total that any claim gives, high the largest, best that of the best-graded claim; never a sum or
    a mean. Parts of a figure do not count; a later, not smaller toll of the same speaker replaces the earlier one; one
    described person or "no Americans were hurt" counts only where nobody gives a toll. A lone "at least n" leaves high
    open (None).
    """
    figures = [
        claim
        for claim in claims
        if claim.kind == kind and not claim.subset and (claim.low, claim.best, claim.high) != (None, None, None)
    ]
    tolls = [
        claim
        for claim in figures
        if not (claim.hedge or "").startswith(INDIVIDUAL) and not (claim.best == 0 and claim.who)
    ]
    figures = tolls or figures
    if not figures:
        return None, None, None
    latest: list[Claim] = []
    for claim in figures:
        if claim.speaker is not None:
            latest = [
                old
                for old in latest
                if not (
                    old.speaker == claim.speaker
                    and old.best is not None
                    and claim.best is not None
                    and 0 < old.best <= claim.best
                )
            ]
        latest.append(claim)
    lows = [value for claim in latest if (value := claim.low if claim.low is not None else None) is not None]
    most = [max(value for value in (claim.low, claim.best, claim.high) if value is not None) for claim in latest]
    low = min(lows) if lows else None
    open_above = all(claim.high is None for claim in latest) and len(set(most)) == 1
    high = None if open_above else max(most)
    graded = [(index, claim) for index, claim in enumerate(latest) if claim.best is not None]
    best = None
    if graded:
        best = max(graded, key=lambda item: (_grade(item[1]), item[1].high is not None, item[0]))[1].best
    return low, best, high
