"""The words around place names: what kind of place they announce, and what other things they give away.

Lists of general English; a name of a particular place never stands here (names belong to the gazetteer).
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

TYPE_CODES: dict[str, tuple[str, ...]] = {
    # phrase after or before a name -> GeoNames feature codes it asks for, most fitting first
    "air base": ("AIRB", "AIRF", "AIRP", "INSM", "MILB"),
    "airbase": ("AIRB", "AIRF", "AIRP", "INSM", "MILB"),
    "air force base": ("AIRB", "AIRF", "INSM", "MILB"),
    "airfield": ("AIRF", "AIRB", "AIRP"),
    "military airport": ("AIRB", "AIRP", "AIRF"),
    "international airport": ("AIRP", "AIRB"),
    "airport": ("AIRP", "AIRB", "AIRF"),
    "military base": ("INSM", "MILB", "AIRB", "NVB", "FT"),
    "army base": ("INSM", "MILB", "FT"),
    "naval base": ("NVB", "INSM", "MILB"),
    "base": ("INSM", "AIRB", "MILB", "NVB", "FT"),
    "garrison": ("INSM", "MILB", "FT"),
    "barracks": ("BRKS", "INSM", "MILB"),
    "outpost": ("INSM", "MILB"),
    "camp": ("CMPRF", "INSM", "MILB", "CMP", "PPL", "PPLX", "CMPO"),
    "refugee camp": ("CMPRF", "PPL", "PPLX"),
    "oil field": ("OILF",),
    "oilfield": ("OILF",),
    "gas field": ("GASF", "OILF"),
    "gas plant": ("GASF", "OILR", "GOSP"),
    "field": ("OILF", "GASF", "AIRF"),
    "oil refinery": ("OILR",),
    "refinery": ("OILR",),
    "oil terminal": ("TRMO", "PRT"),
    "terminal": ("TRMO", "PRT"),
    "border crossing": ("PSTB", "PSTC", "PSTP"),
    "crossing": ("PSTB", "PSTC", "PSTP"),
    "border post": ("PSTB", "PSTC"),
    "checkpoint": ("PSTB", "PSTP", "PP"),
    "dam": ("DAM",),
    "bridge": ("BDG",),
    "port": ("PRT", "PPL"),
    "seaport": ("PRT",),
    "harbor": ("PRT", "HBR"),
    "harbour": ("PRT", "HBR"),
    "prison": ("PRN",),
    "jail": ("PRN",),
    "nuclear plant": ("PS", "PSN"),
    "nuclear power plant": ("PS", "PSN"),
    "power plant": ("PS",),
    "power station": ("PS",),
    "province": ("ADM1", "ADM2", "ADM3"),
    "governorate": ("ADM1", "ADM2"),
    "state": ("ADM1", "RGN"),
    "region": ("ADM1", "RGN", "ADM2"),
    "oblast": ("ADM1",),
    "prefecture": ("ADM1", "ADM2"),
    "department": ("ADM1", "ADM2"),
    "county": ("ADM2", "ADM1"),
    "district": ("ADM2", "ADM3", "PPLX"),
    "municipality": ("ADM2", "ADM3", "PPL"),
    "emirate": ("ADM1",),
    "canton": ("ADM1",),
    "neighborhood": ("PPLX", "PPL"),
    "neighbourhood": ("PPLX", "PPL"),
    "suburb": ("PPLX", "PPL"),
    "quarter": ("PPLX",),
    "city": ("PPLC", "PPLA", "PPL", "PPLX"),
    "town": ("PPL", "PPLA", "PPLX"),
    "village": ("PPL", "PPLX"),
    "capital": ("PPLC", "PPLA"),
    "island": ("ISL", "ISLS", "ADM1", "PCLI"),
    "islands": ("ISLS", "ISL"),
    "peninsula": ("PEN", "RGN", "ADM1"),
    "valley": ("VAL", "ADM1", "RGN"),
    "desert": ("DSRT", "RGN"),
    "embassy": ("DIP",),
    "consulate": ("DIP",),
    "mosque": ("MSQE",),
    "hospital": ("HSP",),
}
"""Phrase -> feature codes. Look at the longest phrase first."""

SITE_WORDS = frozenset(
    "hospital university mosque church school market square street bridge station theatre theater stadium hotel "
    "mall cathedral synagogue temple museum prison jail court courthouse parliament palace barracks headquarters "
    "road highway avenue boulevard park college institute academy tower building church shrine cathedral plant "
    "cafe restaurant nightclub club resort zoo clinic cemetery monastery checkpoint depot factory warehouse "
    "stadium arena".split()
)
"""Buildings and sites that no gazetteer of ours lists one by one: "Mosul University" is a spot inside Mosul."""

PREFIX_TYPES = frozenset(
    "city town village province governorate state region district county port island islands capital suburb "
    "neighborhood neighbourhood municipality department prefecture oblast emirate area peninsula valley hamlet "
    "commune quarter outskirts".split()
)
"""Words that stand before "of NAME"."""

DIRECTIONS: dict[str, str] = {
    f"{stem}{ending}": code
    for stem, code in {
        "north": "N", "south": "S", "east": "E", "west": "W",
        "northeast": "NE", "north-east": "NE", "northwest": "NW", "north-west": "NW",
        "southeast": "SE", "south-east": "SE", "southwest": "SW", "south-west": "SW",
    }.items()
    for ending in ("", "ern")
} | {"central": "C", "middle": "C"}  # fmt: skip

BEARINGS: dict[str, float] = {"N": 0, "NE": 45, "E": 90, "SE": 135, "S": 180, "SW": 225, "W": 270, "NW": 315}
"""Degrees clockwise from north."""

LOCATIVES = frozenset(
    "in at near outside inside around across along throughout within into on over by off toward towards to from "
    "of between beyond through opposite via".split()
)

FUNCTION_WORDS = LOCATIVES | frozenset(
    "the a an this that these those after before when while as but and or if for by with since during until about "
    "against among amid despite two three four five six seven eight nine ten some many several most all both each "
    "no not he she it they we his her its their another other last next early late once also however meanwhile "
    "then there here".split()
)
"""Words whose capital at the start of a sentence says nothing."""

ORGANISATION_WORDS = frozenset(
    "post times herald tribune gazette journal news daily today television tv radio agency press university "
    "college institute party ministry army forces force police council court bank club fc united rovers wanderers "
    "athletic company corp corporation inc ltd group association federation union league brigade brigades "
    "battalion regiment division command fleet movement front organisation organization foundation committee "
    "commission airlines airways air motors energy oil gas petroleum investments capital partners department "
    "bureau office service services authority administration government parliament congress senate assembly "
    "republic kings rangers lakers rockets knicks giants jets patriots eagles bears bulls cowboys dolphins "
    "yankees dodgers red sox accord accords agreement treaty conference summit declaration convention protocol "
    "marathon open cup games olympics festival film orchestra stock exchange observatory monitor watch resistance "
    "hezbollah state".split()
)
"""After a place name they make it part of an organisation's, a newspaper's, a club's or a treaty's name."""

PAPER_WORDS = frozenset(
    "post times herald tribune gazette journal star globe mail mirror sun news daily fc united rovers tech".split()
)
"""After a country's or division's name they make a newspaper, a club or a school."""

TITLES = frozenset(
    "mr mrs ms dr prof professor gen general col colonel lt lieutenant sgt sergeant maj major capt captain cmdr "
    "commander adm admiral brig brigadier sen senator rep representative gov governor pres president premier "
    "prime minister secretary chancellor king queen prince princess sheikh sheik imam ayatollah pope bishop "
    "archbishop cardinal rabbi judge justice ambassador envoy spokesman spokeswoman spokesperson chief director "
    "chairman chairwoman leader sultan emir mullah mufti sir lord lady dame rev father sister saint mayor "
    "congressman congresswoman correspondent analyst editor coach".split()
)

CALENDAR = frozenset(
    "monday tuesday wednesday thursday friday saturday sunday january february march april may june july august "
    "september october november december ramadan christmas easter".split()
)

CONNECTORS = frozenset(
    "de del la las los el al ez az ash ar ad es et ul of the and y e du des le les da do dos das di della van von "
    "der den im bei sur en upon bin ibn abu und na ko sous au aux l d".split()
)
ARTICLES = frozenset("al el ez az ash as ar ad at an es ed ul l".split())
"""The Arabic article and its assimilated spellings, before a hyphen."""

SPEECH = frozenset(
    "said says told tells reported reports announced announces claimed claims confirmed confirms stated states "
    "added adds denied denies alleged alleges wrote writes tweeted acknowledged acknowledges condemned condemns "
    "warned warns vowed vows described noted notes insisted insists argued argues explained declared urged called "
    "blamed accused".split()
)


@cache
def _words() -> dict[str, frozenset[str]]:
    path = Path(__file__).with_name("data") / "words.json"
    return {name: frozenset(words) for name, words in json.loads(path.read_text(encoding="utf-8")).items()}


def is_common(word: str) -> bool:
    """Does news write this word in lower case at least as often as capitalised?"""
    return word.casefold() in _words()["common"]


def is_person(word: str) -> bool:
    """Does this capitalised word mostly name persons?"""
    return word in _words()["persons"]


def is_first_name(word: str) -> bool:
    """Does this capitalised word often stand first in a person's name?"""
    return word in _words()["first_names"]


def is_organisation(word: str) -> bool:
    """Does this capitalised word mostly belong to an organisation's name?"""
    return word in _words()["organisations"]
