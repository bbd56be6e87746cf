"""Find the words of a sentence that tell of an event, and the words that say it did not happen, not yet, or not here.

The table `_TRIGGERS` maps the event language of news to ACLED event and sub-event types (names as in the ACLED codebook). A
trigger is not yet an incident: `reports` joins triggers, places, dates and figures, and throws away what stays bare.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from geo.model import Sentence

EXPLOSIONS, CIVILIANS, BATTLES = "Explosions/Remote violence", "Violence against civilians", "Battles"
STRATEGIC, RIOTS = "Strategic developments", "Riots"

TYPES: dict[str, tuple[str, str]] = {
    # family -> ACLED (event type, sub-event type)
    "air": (EXPLOSIONS, "Air/drone strike"),
    "shelling": (EXPLOSIONS, "Shelling/artillery/missile attack"),
    "bomb": (EXPLOSIONS, "Remote explosive/landmine/IED"),
    "suicide": (EXPLOSIONS, "Suicide bomb"),
    "grenade": (EXPLOSIONS, "Grenade"),
    "chemical": (EXPLOSIONS, "Chemical weapon"),
    "shooting": (CIVILIANS, "Attack"),
    "abduction": (CIVILIANS, "Abduction/forced disappearance"),
    "clash": (BATTLES, "Armed clash"),
    "takeover": (BATTLES, "Non-state actor overtakes territory"),
    "attack": (CIVILIANS, "Attack"),
    "intercept": (STRATEGIC, "Disrupted weapons use"),
    "seizure": (STRATEGIC, "Looting/property destruction"),
    "riot": (RIOTS, "Violent demonstration"),
    "harm": (CIVILIANS, "Attack"),
}
"""`attack` and `harm` ("killed") are open: the family of what they belong to is better."""

OPEN = frozenset({"attack", "harm"})
"""Families that any other family can make more precise."""


@dataclass(frozen=True, slots=True)
class Trigger:
    """Words that tell of an event. Offsets in the article."""

    start: int
    end: int
    text: str
    family: str
    strong: bool
    """Tells of an event by itself; a weak trigger needs a weapon, a figure or a place beside it."""
    noun: bool
    definite: bool
    """"the attack", "Friday's strikes": spoken of before."""
    plural: bool
    new: bool
    """"another", "a separate", "similar", "a second": not the one spoken of before."""
    earlier: bool
    """"earlier", "previous", "last month's": before the one spoken of."""
    answer: bool
    """"responded with", "retaliatory", "return fire": an answer to another event."""
    unreal: str | None
    """Why it is no incident of its own: "hypothetical", "negated", "summed up", "denied", "court case", ..."""


_TRIGGERS: tuple[tuple[str, bool, bool, str], ...] = (
    # (family, strong, noun, pattern); earlier rows win over later ones at the same place
    ("suicide", True, True, r"suicide (?:car |truck |vest )?(?:bomb(?:ing|er)?s?|attack(?:er)?s?|blasts?|explosions?|mission)"),
    ("suicide", True, False, r"blew (?:himself|herself|themselves) up|detonated (?:his|her|their|an?) (?:suicide |explosives?[- ]?(?:laden )?)?(?:vests?|belts?|explosives)"),
    ("chemical", True, True, r"(?:chemical|poison[- ]gas|sarin|chlorine|nerve[- ]agent) (?:weapons? )?attacks?"),
    ("intercept", True, False, r"shot down|shooting down|brought down|downed|intercept(?:ed|ing)|(?:were|was) destroyed in (?:flight|the air|mid-?air)|destroyed (?:\w+ ){0,3}(?:drones?|missiles?|rockets?|UAVs?)\b"),
    ("air", True, True, r"(?:air|drone|aerial|helicopter|bombing|UAV|kamikaze drone|quadcopter) ?-?(?:strikes?|raids?|attacks?|assaults?|bombings?|bombardments?|incursions?|barrages?|sorties)|airstrikes?|air ?strikes?|precision strikes?"),
    ("shelling", True, True, r"(?:rocket|missile|artillery|mortar|shell|howitzer|tank|ballistic[- ]missile|cruise[- ]missile|Grad|Katyusha|Scud) ?(?:-?propelled )?(?:attacks?|fire|strikes?|barrages?|salvos?|launch(?:es)?|assaults?|bombardments?|shelling|rounds?|volleys?)|shelling|cross-border fire|indirect fire|artillery|barrages? of (?:rockets?|missiles?|shells?)|bombardments?"),
    ("grenade", True, True, r"(?:hand )?grenade (?:attacks?|blasts?|explosions?)"),
    ("bomb", True, True, r"(?:roadside|car|truck|lorry|van|motorcycle|parcel|letter|pipe|time|nail|magnetic|sticky|twin|double|homemade|remote-controlled|vehicle) ?-?bomb(?:ing)?s?|(?:bomb|IED|landmine|land mine|mine) ?(?:attacks?|blasts?|explosions?)|improvised explosive devices?|IEDs?|bombings?|car bombs?|landmines?|land mines?"),
    ("bomb", False, True, r"explosions?|blasts?|detonations?|bombs?|explosive devices?"),
    ("bomb", True, False, r"bombed|detonat(?:ed|ing)|explod(?:ed|ing)|blew up|blown up|went off|ripped through|tore through|rocked"),
    ("shooting", True, True, r"(?:mass |school |drive-by |fatal |deadly )?shootings?|gun attacks?|gun rampage|massacres?|assassinations?|stabbings?|knife attacks?|stabbing attacks?|car[- ]ramming(?: attacks?)?|ramming attacks?|beheadings?|lynchings?|targeted killings?|killings? of|murders? of|summary executions?|hit squads?"),
    ("shooting", True, False, r"opened fire|open fire|shot dead|shot and killed|gunned down|shot and wounded|fired (?:indiscriminately|on|at|into) (?:the )?(?:\w+ ){0,2}(?:crowd|civilians?|protesters?|demonstrators?|worshippers?|people|villagers?|passengers?|students?|bus(?:es)?|car|vehicle|convoy|patrol)|massacred|assassinated|murdered|beheaded|executed|hacked to death|shot (?=(?:about|at least|nearly|around|some|more than|\d|an? |one|two|three|four|five|six|seven|eight|nine|ten|dozens|scores|him|her|them)\b)|stabbed(?: to death)?|rammed|mowed down|slaughtered|lynched"),
    ("clash", True, True, r"(?:armed |fierce |heavy |deadly |fresh |renewed |violent |border )?clash(?:es)?|gun ?battles?|gunfights?|fire ?fights?|shoot-?outs?|skirmish(?:es)?|exchanges? of (?:gun)?fire|(?:heavy |fierce |intense )?fighting|ground (?:assaults?|offensives?|incursions?)|ambush(?:es)?"),
    ("clash", True, False, r"clashed|ambushed|exchanged (?:gun)?fire|traded (?:gun)?fire|battled|repelled|repulsed"),
    ("takeover", True, False, r"(?:seized|captured|taken|retaken|recaptured|overrun)(?= (?:the (?:town|city|village|port|base) of )?(?-i:[A-Z])(?!\w*day\b))|overran|(?:seized|captured|took|taken|wrested|gained) control of|captured (?:the )?(?:town|city|village|base)|overrun"),
    ("abduction", True, True, r"(?:mass )?(?:abductions?|kidnappings?)|hostage[- ]taking|enforced disappearances?"),
    ("abduction", True, False, r"abduct(?:ed|ing)|kidnap(?:ped|ping)|took (?:\w+ ){0,3}hostage|taken hostage|snatched"),
    ("riot", True, True, r"riots?|rioting|mob violence|violent (?:protests?|demonstrations?)"),
    ("seizure", True, False, r"(?:seized|hijacked|boarded|commandeered|seizing|hijacking|boarding) (?:an? |the |two |three )?(?:[\w-]+ ){0,4}(?:ship|vessel|tanker|boat|freighter|carrier|plane|aircraft|dhow|trawler)s?"),
    ("seizure", True, False, r"looted|ransacked|torched|set (?:fire to|ablaze|on fire)|burned down|burnt down|razed"),
    ("shelling", True, False, r"shelled|mortared|fired (?:a |an |\w+ |at least |more than |about |nearly |some ){0,4}(?:ballistic |cruise |artillery |mortar |anti-ship |long-range |surface-to-surface |anti-tank )*(?:missiles?|rockets?|shells?|rounds?|mortars?|projectiles?)|launch(?:ed|ing) (?:a |an |\w+ |at least |more than |about ){0,4}(?:ballistic |cruise |anti-ship |long-range )*(?:missiles?|rockets?)|(?:rockets?|missiles?|shells?|mortars?|projectiles?) (?:\w+ ){0,3}?(?:hit|struck|landed|fell|slammed|crashed|targeted|rained|exploded|were fired|was fired|were launched|was launched)|came under (?:rocket |mortar |missile |artillery )(?:attack|fire)"),
    ("air", True, False, r"(?:drones?|UAVs?) (?:\w+ ){0,4}?(?:hit|struck|landed|attacked|bombed|crashed|slammed|targeted|exploded|fired|killed)|(?:warplanes?|fighter jets?|jets?|aircraft|helicopters?|gunships?) (?:\w+ ){0,4}?(?:hit|struck|attacked|bombed|targeted|fired|killed)|dropped (?:\w+ ){0,3}bombs?|launch(?:ed|ing) (?:a |an |\w+ |at least |more than |about ){0,4}(?:attack |explosive |kamikaze |suicide |armed )*drones?"),
    ("attack", True, True, r"(?:terror(?:ist)? |deadly |coordinated |armed |militant |jihadist |cross-border |arson |surprise |brazen |complex )*(?:attacks?|assaults?|raids?|offensives?|rampages?|incursions?|onslaughts?)|(?<!labor )(?<!labour )(?<!hunger )(?<!general )(?<!rail )(?<!union )(?<!on )strikes?(?! price)(?! action)(?! over (?:pay|wages|jobs|working))|acts? of terror(?:ism)?"),
    ("attack", True, False, r"attacked|attacking|stormed|storming|raided|assaulted|came under (?:fire|attack)|invaded|opened an attack"),
    ("shelling", False, True, r"(?:rockets?|missiles?|mortars?|shells)(?= (?:on|at|near|into|towards?|against)\b)"),
    ("attack", False, False, r"targeted|targeting|struck|hit|hitting|striking|slammed into|crashed into|ploughed into|plowed into|drove into|fired|fired on|destroyed|destroying|damaged|sank|sunk"),
    ("harm", False, False, r"killed|killing|kill|slain|dead|died|dying|deaths?|death toll|wounded|wounding|injured|injuring|casualties|perished|lost their lives|claimed the lives|hurt"),
)  # fmt: skip

_PATTERN = re.compile(
    "|".join(rf"(?P<t{i}>(?<![\w-])(?:{p})(?![\w]))" for i, (_, _, _, p) in enumerate(_TRIGGERS)), re.IGNORECASE
)

_DEFINITE = re.compile(
    r"(?:\b(?:the|this|these|those|its|their|his|such|both|said)|[’']s?)[  ](?:[\w.-]+[  ]){0,3}?$", re.IGNORECASE
)
_INDEFINITE = re.compile(
    r"\b(?:a|an|another|one|two|three|four|five|several|multiple|some|\d+)[  ](?:[\w.-]+[  ]){0,3}?$", re.IGNORECASE
)
_NEW = re.compile(
    r"\b(?:another|separate(?:ly)?|second|third|similar|different|other|additional|further|fresh|new|subsequent)\b(?:[  ][\w.-]+){0,3}[  ]?$",
    re.IGNORECASE,
)
_NEW_SITE = re.compile(
    r"(?:A|An|Two|Three|Several)[  ](?:[\w-]+[  ]){0,2}?(?:bases?|outposts?|camps?|villages?|towns?|hotels?|markets?|checkpoints?|convoys?|hospitals?|schools?|mosques?|churches)\b"
)
"""A sentence that opens with a site not spoken of before."""
_EARLIER = re.compile(
    r"\b(?:earlier|previous(?:ly)?|prior|past|preceding|last (?:week|month|year)[’']s|former)\b(?:[  ][\w.-]+){0,4}[  ]?$",
    re.IGNORECASE,
)
_ANSWER = re.compile(
    r"\b(?:retaliat(?:ed|ory|ing)|responded|responding|return(?:ed|ing)? fire|counter-?(?:attack|strike|fire)s?|reprisal)\b(?![ ](?:to|for|against)\b)",
    re.IGNORECASE,
)

_UNREAL_BEFORE = re.compile(
    r"\b(?:would|could|might|may|can|shall|should|will|won[’']t|cannot|can[’']t|"
    r"(?:to|and|or|would|will|could)[  ](?:deter|avoid|prevent|stop|halt|end|curb|disrupt|stem|thwart|repel|avert|cease|conduct|launch|carry out|stage|mount|strike|attack|bomb|target|respond|"
    r"hit|kill|retaliate|defend|punish|destroy|intercept|shoot)|"
    r"threat(?:s|ens|ened|ening)?(?: of| to)?|fears?(?: of| that)?|feared|risks?(?: of)?|possib(?:le|ility|ly)|potential(?:ly)?|future|imminent|planned|plans?|planning|plot(?:s|ted|ting)?|"
    r"vow(?:s|ed)?|pledg(?:e|es|ed)|warn(?:s|ed|ing)?(?: of| against| that)?|if|unless|whether|calls? for|called for|urged?|prepar(?:e|es|ed|ing) (?:for|to)|"
    r"simulat(?:e|ed|ing)|drills?|exercises?|rehears(?:e|ed|al)|any|against (?:any|further|future|more|new|another)|protect(?:ion)? (?:from|against)|capable of|ability to|able to|"
    r"designed to|used (?:for|to)|intended to|want(?:s|ed)? to|hop(?:e|es|ed|ing)|aim(?:s|ed)? (?:to|at)|attempts? to|decision to|authoriz\w+|ban(?:s|ned)? on|definition of|"
    r"rein(?:ing|ed)? in|worr(?:y|ies|ied)|concern(?:s|ed)? (?:about|over|that)|prone to|vulnerable to|amid)\b",
    re.IGNORECASE,
)
_UNREAL_WINDOW = 48

_THE_HURT = re.compile(r".*\bthe (?:wounded|injured|dead|dying)", re.IGNORECASE)
_NEGATED = re.compile(
    r"\b(?:no|not|never|without|nor|neither|denied|denies|denying|deny|rejected|refuted)[  ](?:[\w-]+[  ]){0,3}$|n[’']t[  ](?:[\w-]+[  ]){0,2}$",
    re.IGNORECASE,
)
_DENIED = re.compile(
    r"\b(?:den(?:ied|ies|y|ying)|reject(?:ed|s))\b.{0,40}\b(?:involvement|responsibility|role|being behind|carrying out|link|links|any)\b",
    re.IGNORECASE,
)
_SUMMED = re.compile(
    r"\b(?:(?:at least |more than |over |about |nearly |some )?(?:\d+|two|three|four|five|six|seven|eight|nine|ten|dozen|dozens of|a dozen|scores of|hundreds of|numerous|countless|many|most|all)(?: of)?(?: the)?"
    r"(?: [\w-]+){0,3}|growing|increasing(?:ly)?|mounting|continuing|continued|ongoing|frequent|regular|repeated|recent|rising|escalating|near-daily|daily|sporadic|persistent|deadly|sometimes deadly|"
    r"series of|wave of|string of|spate of|uptick in|surge in|rise in|increase in|cycle of|campaign of|number of|years of|months of|weeks of|decades of|history of|involvement in|responsible for|behind|including|every day|"
    r"kinds? of|types? of|such|brazen and sophisticated)[  ](?:[\w.-]+[  ]){0,4}?$",
    re.IGNORECASE,
)
_TIMES = re.compile(
    r"\b(?:on (?:several|many|multiple|numerous|various) occasions|many times|several times|repeatedly|regularly|frequently|often|routinely|increasingly|in the past)\b",
    re.IGNORECASE,
)
_HABIT = re.compile(
    r"\b(?:has|have) (?:(?:also|long|often|repeatedly|frequently|regularly|previously|been|also been)[  ])*(?:carried out|conducted|launched|staged|mounted|claimed|targeted|attacked|struck|hit|bombed|fired|killed)?[  ]?(?:[\w-]+[  ]){0,3}$",
    re.IGNORECASE,
)
_COURT = re.compile(
    r"\b(?:court|trial|tried|sentenc(?:e|ed|ing)|convict(?:ed|ion)|guilty|acquitted|prosecut(?:ed|ion)|indict(?:ed|ment)|jury|verdict|pleaded|charged with|life imprisonment|appeal(?:s|ed)?|tribunal|judges?|lawsuit|"
    r"parole|defendant|extradit(?:ed|ion)|testif(?:ied|y)|inquest|inquiry)\b",
    re.IGNORECASE,
)
_MEMORY = re.compile(
    r"\b(?:anniversar(?:y|ies)|commemorat\w+|memorials?|remembrance|mark(?:ed|ing|s)? (?:\w+ )?years?|years? (?:on|since|after)|decades? (?:on|since|after|ago)|tribute|vigil|museum|documentary|film|novel|book|series|exhibition)\b",
    re.IGNORECASE,
)
_GAME = re.compile(
    r"\b(?:goal(?:s|keeper)?|match(?:es)?|striker|midfielder|penalt(?:y|ies)|league|cup|tournament|quarterback|inning|playoffs?|coach|season|half-time|halftime|stoppage time|referee|scored?|championship|wicket|batsman|"
    r"knicks|tennis|semi-?finals?|grand slam|touchdown)\b",
    re.IGNORECASE,
)
_EXERCISE = re.compile(
    r"\b(?:military exercises?|drills?|war games?|exercise|maneuvers|manoeuvres|simulation|parade|rehearsal|live-fire|training)\b",
    re.IGNORECASE,
)
_NATURE = re.compile(
    r"\b(?:earthquakes?|quake|floods?|flooding|storms?|hurricane|typhoon|cyclone|tornado(?:es)?|wildfires?|landslides?|heat ?wave|avalanche|volcan\w+|tsunami|virus|covid|coronavirus|pandemic|outbreak|cholera|ebola|"
    r"car crash|road accident|traffic accident|bus crash|plane crash|train crash|derail\w+|capsized|stampede|heart attacks?|cancer|overdos\w+|shark attacks?|cyber ?-?attacks?|hack(?:ed|ers?|ing)|gas leak|mine collapse|"
    r"gorge|overturned|plunged|veered|collided|collision|derail\w+|pile-?up|(?:plane|jet|helicopter|bus|train|truck|car|lorry|ship|boat) crash(?:ed)?|building collapse|collapsed|ferry|boat (?:sank|capsized|sinking)|(?:fires?|blaze) (?:broke|swept|tore|raged|engulfed|at|in)\b|caught fire|smoke inhalation|food poisoning|elephant|tiger|drown\w+|lightning)\b",
    re.IGNORECASE,
)
_PASSING = re.compile(
    r"\b(?:heart|panic|asthma|shark|cyber|verbal|personal|scathing|political|hunger|labor|labour|rail|teachers?|general|lightning)[  ]-?$",
    re.IGNORECASE,
)


def find(sentence: Sentence) -> tuple[Trigger, ...]:
    """Triggers of a sentence in order. Those with `unreal` set are kept: they say what is spoken of, not what happened."""
    text = sentence.text
    found: list[Trigger] = []
    for match in _PATTERN.finditer(text):
        family, strong, noun, _ = _TRIGGERS[int(match.lastgroup[1:])] if match.lastgroup else _TRIGGERS[0]
        start, end = match.span()
        before = text[:start]
        if _PASSING.search(before[-16:]):
            continue
        clause_start = clause(text, start)[0]
        lead = text[max(clause_start, start - 120) : start]
        word = match.group().casefold()
        plural = noun and word.endswith("s") and not word.endswith("ss")
        definite = noun and bool(_DEFINITE.search(lead[-48:])) and not _INDEFINITE.search(lead[-48:])
        found.append(
            Trigger(
                sentence.start + start,
                sentence.start + end,
                match.group(),
                family,
                strong,
                noun,
                definite,
                plural,
                bool(_NEW.search(lead[-56:]))
                or bool(_NEW_SITE.match(text))
                or bool(re.match(r"In another\b|In a separate\b|Elsewhere\b|Meanwhile\b", text)),
                bool(_EARLIER.search(lead[-60:])),
                bool(
                    _ANSWER.search(lead[-50:] + match.group())
                    or (start < 70 and re.match(r"In (?:response|retaliation|reprisal|return)\b", text))
                    or re.match(r"[^.]{0,60}\bin (?:response|retaliation|reprisal|return)\b(?! to)", text[end:])
                ),
                _unreal(text, start, end, lead, noun, plural, definite),
            )
        )
    return tuple(found)


def _unreal(text: str, start: int, end: int, lead: str, noun: bool, plural: bool, definite: bool) -> str | None:
    """Why the trigger at `start` tells of nothing that happened; None where it does."""
    window = lead[-_UNREAL_WINDOW:]
    hit = last(_UNREAL_BEFORE.finditer(window))
    if hit is not None and not _reported_between(window[hit.end() :]):
        word = hit.group().casefold()
        if word in ("may",) and hit.group()[0] == "M":
            pass  # the month
        elif (
            word.startswith(
                (
                    "amid",
                    "threat",
                    "fear",
                    "warn",
                    "concern",
                    "risk",
                    "worr",
                    "if",
                    "any",
                    "possib",
                    "potential",
                    "future",
                    "imminent",
                    "plan",
                    "plot",
                    "vow",
                    "pledg",
                )
            )
            or len(window) - hit.end() <= 26
        ):
            return "hypothetical"
    if (
        not noun
        and _THE_HURT.fullmatch(text[max(0, start - 6) : end].strip().split("  ")[-1][-14:].lstrip())
        and not re.match(r"[ ](?:by|in|when|after|on)\b", text[end:])
    ):
        return "people, not an event"
    if (
        noun
        and not plural
        and re.search(r"\b(?:and|or|to|they|who|we|you|I|that|which|can|not|will|would|could|must|should)[  ]$", lead)
    ):
        return "a verb in the present"
    if noun and re.match(r"[  ](?:could|would|may|might|will|can)\b", text[end:]):
        return "hypothetical"
    if _NEGATED.search(lead[-40:]):
        return "negated"
    if re.match(r"[^,.;]{0,30}\b(?:was|were|has been|had been) (?:foiled|thwarted|averted|prevented)\b", text[end:]):
        return "foiled"
    if noun and plural and not definite and _SUMMED.search(lead[-50:]):
        return "summed up"
    if (
        not noun
        and re.search(r"\b(?:has|have)[ ](?:\w+[ ])?$", lead[-20:])
        and re.search(r"\b(?:since|for (?:years|months|decades)|over the (?:past|last)|times)\b", text)
    ):
        return "summed up"
    if noun and _HABIT.search(lead[-60:]) and plural:
        return "summed up"
    around = text[max(0, start - 90) : end + 70]
    if _TIMES.search(around) and not re.search(r"\b(?:on|last) (?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day\b", text):
        return "summed up"
    if _DENIED.search(text[max(0, start - 90) : start]):
        return "denied"
    if _EXERCISE.search(text):
        return "exercise"
    return None


def last(matches: Iterable[re.Match[str]]) -> re.Match[str] | None:
    """The last match, or None."""
    found = None
    for found in matches:  # noqa: B007 - the last one stays
        pass
    return found


def _reported_between(text: str) -> bool:
    """Does a new statement of fact begin between the hedge and the trigger?"""
    return bool(re.search(r"[,;:]| that | after | when | following ", text))


def is_court_case(text: str, position: int | None = None) -> bool:
    """Does the sentence speak of justice done about something older? With `position`: in the clause there, or before it."""
    if position is None:
        return bool(_COURT.search(text))
    return bool(_COURT.search(text[: clause(text, position)[1]]))


def is_memory(text: str, position: int | None = None) -> bool:
    """Does the sentence recall or tell a story of something older? With `position`: in the words before it."""
    return bool(_MEMORY.search(text if position is None else text[:position]))


def is_about_games(text: str) -> bool:
    """Two or more words of sport."""
    return len(_GAME.findall(text)) >= 2


def is_accident(text: str) -> bool:
    """Nature, illness, accident or hacking: deaths that are no incident here."""
    return bool(_NATURE.search(text))


_TOLL = re.compile(
    r"\b(?:death toll|toll|number of (?:the )?(?:dead|deaths|wounded)|reached|r(?:ose|isen|ising)|climbed|died (?:in|at) (?:the |a )?hospital|died of|succumbed|bodies)\b",
    re.IGNORECASE,
)


def is_toll(text: str) -> bool:
    """Does the sentence bring the count of the dead up to date? Its date is the count's."""
    return bool(_TOLL.search(text))


_CLAUSE = re.compile(
    r"[;—]|\s[–-]\s|,?\s(?:after|before|while|when|whereas|although|though|because|but|following|hours after|days after|weeks after|in response to|in retaliation for|referring to)\s|"
    r",\s(?:which|who|where|and|as|only|in what|saying|adding|according|in an|in a)\s|\s(?:that|where)\s(?=(?:\w+\s)?(?:had|has|have|was|were|been)\b)|\sas\s(?=[A-Z]|the\b|he\b|they\b)|\ssince\s(?=\w+ing\b)|:\s|[“”]",
    re.IGNORECASE,
)


@lru_cache(maxsize=64)
def clauses(text: str) -> list[tuple[int, int]]:
    """The sentence cut at conjunctions and marks: [start, end) in the sentence."""
    cuts = [0]
    for match in _CLAUSE.finditer(text):
        if match.start() - cuts[-1] >= 12:
            cuts.append(match.start())
    cuts.append(len(text))
    return list(pairwise(cuts))


def clause(text: str, position: int) -> tuple[int, int]:
    """The clause that holds `position`."""
    for start, end in clauses(text):
        if start <= position < end:
            return start, end
    return 0, len(text)


def in_one_clause(text: str, a: int, b: int) -> bool:
    """Do two positions of the sentence stand in one clause?"""
    start, end = clause(text, a)
    return start <= b < end
