"""Actors, their roles and weapons, on sentences written for these tests."""

from __future__ import annotations

import json
from importlib.resources import files
from itertools import pairwise

import pytest

from geo import actors
from geo.model import Sentence

TYPES = {
    "state force",
    "rebel",
    "militia",
    "extremist",
    "criminal",
    "civilians",
    "police",
    "international",
    "private",
    "unknown",
}


def sentence(text: str, start: int = 0) -> Sentence:
    return Sentence(start, start + len(text), text, 0)


def named(text: str) -> list[tuple[str, str, str | None]]:
    return [(a.name, a.type, a.country_code) for a in actors.find(sentence(text))]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        # Groups and their spellings.
        ("Kata'ib Hizballah threatened more.", [("Kataib Hezbollah", "militia", "IQ")]),
        ("Kataib Hezbollah threatened more.", [("Kataib Hezbollah", "militia", "IQ")]),
        ("Kata’ib Hezbollah threatened more.", [("Kataib Hezbollah", "militia", "IQ")]),
        ("Daesh lost the town.", [("Islamic State", "extremist", None)]),
        ("ISIL lost the town.", [("Islamic State", "extremist", None)]),
        ("Isis lost the town.", [("Islamic State", "extremist", None)]),
        ("The so-called Islamic State lost the town.", [("Islamic State", "extremist", None)]),
        ("ISIS-K lost a commander.", [("Islamic State Khorasan Province", "extremist", "AF")]),
        ("ISWAP overran a barracks.", [("Islamic State West Africa Province", "extremist", "NG")]),
        ("Al-Shabaab took the road.", [("Al-Shabab", "extremist", "SO")]),
        ("al Shabab took the road.", [("Al-Shabab", "extremist", "SO")]),
        ("Houthi rebels boarded a tanker.", [("Houthis", "rebel", "YE")]),
        ("Ansar Allah boarded a tanker.", [("Houthis", "rebel", "YE")]),
        ("Islamic State militants fled.", [("Islamic State", "extremist", None)]),
        ("The RSF shelled a camp.", [("Rapid Support Forces", "rebel", "SD")]),
        ("Wagner mercenaries dug in.", [("Wagner Group", "private", "RU")]),
        ("Lashkar-e-Tayyiba denied it.", [("Lashkar-e-Taiba", "extremist", "PK")]),
        ("The TTP ended its truce.", [("Tehrik-i-Taliban Pakistan", "extremist", "PK")]),
        ("The Pakistani Taliban ended its truce.", [("Tehrik-i-Taliban Pakistan", "extremist", "PK")]),
        ("M23 rebels crossed the ridge.", [("M23", "rebel", "CD")]),
        ("The Jalisco New Generation Cartel burned buses.", [("Jalisco New Generation Cartel", "criminal", "MX")]),
        ("Maoist rebels mined the track.", [("Naxalites", "rebel", "IN")]),
        ("The New People's Army ambushed a patrol.", [("New People's Army", "rebel", "PH")]),
        ("Maï-Maï fighters burned huts.", [("Mai-Mai", "militia", "CD")]),
        ("Farc dissidents laid mines.", [("FARC dissidents", "rebel", "CO")]),
        ("UN peacekeepers withdrew.", [("United Nations", "international", None)]),
        ("The IDF moved north.", [("Israeli forces", "state force", "IL")]),
        # The Arakan Army's short name is two common letters: only among words of conflict.
        ("AA fighters seized a base.", [("Arakan Army", "rebel", "MM")]),
        # Nationality and a word for forces or people.
        ("U.S. forces left.", [("United States forces", "state force", "US")]),
        ("US troops left.", [("United States forces", "state force", "US")]),
        ("American soldiers left.", [("United States forces", "state force", "US")]),
        ("United States Marines left.", [("United States forces", "state force", "US")]),
        ("The Israeli military left.", [("Israeli forces", "state force", "IL")]),
        ("Israel’s army left.", [("Israeli forces", "state force", "IL")]),
        ("The Ukrainian air force left.", [("Ukrainian forces", "state force", "UA")]),
        ("Syrian government forces left.", [("Syrian forces", "state force", "SY")]),
        ("The Syrian government protested.", [("Syrian government", "state force", "SY")]),
        ("Burkinabè soldiers left.", [("Burkinabe forces", "state force", "BF")]),
        ("South Sudanese troops left.", [("South Sudanese forces", "state force", "SS")]),
        ("Iraqi police left.", [("Iraqi police", "police", "IQ")]),
        ("Kenyan riot police left.", [("Kenyan police", "police", "KE")]),
        ("Iraqi militiamen left.", [("Iraqi militias", "militia", "IQ")]),
        ("Syrian rebel fighters left.", [("Syrian rebels", "rebel", "SY")]),
        ("Kurdish fighters left.", [("Kurdish fighters", "rebel", None)]),
        ("Palestinian protesters left.", [("Palestinian protesters", "civilians", "PS")]),
        ("Three Palestinians died.", [("Palestinians", "civilians", "PS")]),
        ("An Israeli was stabbed.", [("Israeli civilians", "civilians", "IL")]),
        # Sponsors: the country is not the actor's own.
        ("Iran-backed militias left.", [("Iran-backed militias", "militia", None)]),
        ("Iranian-aligned militia groups left.", [("Iran-backed militias", "militia", None)]),
        ("Groups backed by Iran left.", [("Iran-backed militias", "militia", None)]),
        ("Iranian proxies left.", [("Iran-backed militias", "militia", None)]),
        ("Turkish-backed rebels left.", [("Turkey-backed rebels", "rebel", None)]),
        ("Pro-Russian separatists left.", [("pro-Russian separatists", "rebel", None)]),
        ("The U.S.-led coalition left.", [("US-led coalition", "international", "US")]),
        ("Saudi-led coalition warplanes left.", [("Saudi-led coalition", "international", "SA")]),
        ("Pro-government militiamen left.", [("pro-government militias", "militia", None)]),
        ("Anti-government protesters left.", [("anti-government protesters", "civilians", None)]),
        # Words alone.
        ("Unidentified gunmen fled.", [("gunmen", "unknown", None)]),
        ("A suicide bomber fled.", [("suicide bombers", "extremist", None)]),
        ("Suspected bandits fled.", [("bandits", "criminal", None)]),
        ("Islamist insurgents fled.", [("islamist insurgents", "extremist", None)]),
        ("Riot police fled.", [("police", "police", None)]),
        ("Security forces fled.", [("security forces", "state force", None)]),
        ("Worshippers and a shopkeeper fled.", [("worshippers", "civilians", None)]),
        ("Aid workers fled.", [("aid workers", "civilians", None)]),
        ("Two schoolgirls fled.", [("schoolgirls", "civilians", None)]),
        ("Armed men fled.", [("armed men", "unknown", None)]),
        ("Peacekeepers fled.", [("peacekeepers", "international", None)]),
        ("A private contractor fled.", [("private contractors", "private", None)]),
    ],
)
def test_actors_are_found(text: str, expected: list[tuple[str, str, str | None]]) -> None:
    assert named(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "The Hamas-run health ministry published a toll.",
        "The Houthi-controlled port reopened.",
        "An Iranian-made drone was shown to visitors' guides.",
        "Russian-occupied Crimea has a long coast.",
        "A police spokesman declined to comment.",
        "U.S. officials declined to comment.",
        "Iraqi military officials declined to comment.",
        "This is what it is, and that was that.",
        "AA sells batteries and KIA sells cars.",
        "Richard Wagner wrote long operas.",
        "Rain forces closure of roads.",
        "The local government approved the budget.",
        "An anti-aircraft gun stood in the museum.",
        "A civilian flight path crosses the bay.",
        "Turkey exports hazelnuts.",
        "In the sea of Azov fish are scarce.",
        "",
        "...",
    ],
)
def test_no_actor(text: str) -> None:
    assert actors.find(sentence(text)) == ()


def test_offsets_count_in_the_article_and_actors_do_not_overlap() -> None:
    text = "Café: U.S. forces struck Iran-backed militias and Kata'ib Hizballah fighters near Islamic State positions."
    found = actors.find(sentence(text, 1_000))
    assert [text[a.start - 1_000 : a.end - 1_000] for a in found] == [a.text for a in found]
    assert [a.text for a in found] == [
        "U.S. forces",
        "Iran-backed militias",
        "Kata'ib Hizballah fighters",
        "Islamic State",
    ]
    assert all(a.end <= b.start for a, b in pairwise(found))


def test_longest_match_wins() -> None:
    assert named("Islamic State in the Greater Sahara fighters fled.") == [
        ("Islamic State Sahel Province", "extremist", "ML")
    ]
    assert named("The Iraqi Counter Terrorism Service fled.") == [("Iraqi forces", "state force", "IQ")]


def test_upper_case_text_gives_no_short_doubtful_names() -> None:
    assert named("IT IS CLEAR THAT THE FMLN AND US TROOPS FACT SHEET IS OUT.") == [
        ("Farabundo Marti National Liberation Front", "rebel", "SV"),
        ("United States forces", "state force", "US"),
    ]


def test_every_alias_of_the_lexicon_is_found_under_its_name() -> None:
    data = json.loads((files("geo") / "data" / "actors.json").read_text(encoding="utf-8"))
    missed = []
    for group in data["groups"]:
        assert group["type"] in TYPES
        for alias in group["aliases"]:
            found = named(f"Near the river {alias} launched attacks.")
            if group["name"] not in {name for name, _, _ in found}:
                missed.append((alias, found))
    assert missed == []


def test_lexicon_covers_the_world() -> None:
    data = json.loads((files("geo") / "data" / "actors.json").read_text(encoding="utf-8"))
    assert len(data["groups"]) >= 350
    codes = {country["code"] for country in data["countries"]}
    assert len(codes) >= 195
    assert {group["country_code"] for group in data["groups"]} - {None} <= codes
    for country in data["countries"]:
        text = f"Yesterday {country['adjective']} troops marched."
        assert (f"{country['adjective']} forces", "state force", country["code"]) in named(text), country


# --------------------------------------------------------------------------------------------------------------------
# Roles. The event word stands in brackets.
# --------------------------------------------------------------------------------------------------------------------


def parts(marked: str) -> tuple[str | None, str | None]:
    first, last = marked.index("["), marked.index("]")
    text = marked[:first] + marked[first + 1 : last] + marked[last + 1 :]
    whole = sentence(text, 50)
    doer, target = actors.roles(whole, 50 + first, 50 + last - 1, actors.find(whole))
    for actor in (doer, target):
        assert actor is None or text[actor.start - 50 : actor.end - 50] == actor.text
    return doer.name if doer else None, target.name if target else None


@pytest.mark.parametrize(
    ("marked", "doer", "target"),
    [
        # Subject before an active verb.
        ("U.S. forces [struck] two militia depots.", "United States forces", "militias"),
        ("Gunmen on motorcycles [killed] nine villagers.", "gunmen", "villagers"),
        ("Suspected bandits have [kidnapped] at least 40 students.", "bandits", "students"),
        ("Police said gunmen [stormed] a church and shot four worshippers.", "gunmen", "worshippers"),
        ("Militants attacked a base and [killed] twelve soldiers.", "militants", "soldiers"),
        ("Militants attacked a base, [killing] twelve soldiers.", "militants", "soldiers"),
        ("Rebels who [ambushed] the convoy fled.", "rebels", None),
        ("Members of Boko Haram [burned] a school.", "Boko Haram", None),
        ("A suicide bomber [detonated] a vest among worshippers.", "suicide bombers", "worshippers"),
        ("Turkish warplanes [bombed] PKK camps.", "Turkish forces", "Kurdistan Workers' Party"),
        ("In the Gaza Strip, Israeli tanks [shelled] a hospital.", "Israeli forces", None),
        ("According to police, the gunmen [opened fire] on worshippers.", "gunmen", "worshippers"),
        ("Gunmen [kill] 12 villagers in Plateau", "gunmen", "villagers"),
        ("Police [fired] tear gas at protesters.", "police", "protesters"),
        ("Dozens of Hamas gunmen [attacked] the village.", "Hamas", None),
        # Countries and capitals that act.
        ("Israel [struck] targets in Lebanon overnight.", "Israeli forces", None),
        ("Israel [strikes] Hezbollah targets in southern Lebanon", "Israeli forces", "Hezbollah"),
        ("Russia [launched] dozens of drones at Kyiv.", "Russian forces", None),
        ("Moscow [launched] missiles at Kharkiv overnight.", "Russian forces", None),
        # "By" after passives and nouns.
        ("Nine villagers were [killed] by gunmen.", "gunmen", "villagers"),
        ("The town was [bombed] by Saudi-led coalition jets.", "Saudi-led coalition", None),
        ("Two soldiers were [shot] dead by rebels in Manipur.", "rebels", "soldiers"),
        ("An [attack] by al-Shabab on a hotel killed six civilians.", "Al-Shabab", "civilians"),
        ("The [attack] was carried out by the Islamic State.", "Islamic State", None),
        ("Rockets fired by Hezbollah [hit] a factory.", "Hezbollah", None),
        ("Six people were [killed] by Russian shelling.", "Russian forces", "people"),
        ("The [killing] of six Palestinians by Israeli troops sparked anger.", "Israeli forces", "Palestinians"),
        # Possessives and adjectives.
        ("U.S. [airstrikes] destroyed a depot.", "United States forces", None),
        ("A Russian drone [attack] on Odesa wounded five people.", "Russian forces", "people"),
        ("Russian [shelling] killed three civilians.", "Russian forces", "civilians"),
        ("Russian shelling [killed] three civilians.", "Russian forces", "civilians"),
        ("Houthi [attacks] on ships continued.", "Houthis", None),
        ("Hamas's [attack] on Israeli civilians was filmed.", "Hamas", "Israeli civilians"),
        ("Four fighters were [killed] in an Israeli strike.", "Israeli forces", "fighters"),
        ("Israel's overnight [strike] killed a Hezbollah commander.", "Israeli forces", "Hezbollah"),
        # Light verbs.
        (
            "Kenyan troops said they carried out [raids] against al-Shabab.",
            "Kenyan forces",
            "Al-Shabab",
        ),
        ("The Houthis claimed responsibility for the [attack] on the tanker.", "Houthis", None),
        ("A convoy of Malian soldiers came under [attack] near Gao.", None, "Malian forces"),
        ("Thai troops answered with mortar [fire] across the river.", "Thai forces", None),
        ("Three people were injured in a knife [attack] in Munich.", None, "people"),
        # Targets.
        ("Mortars [hit] a school sheltering Sudanese soldiers.", None, "Sudanese forces"),
        ("Strikes [targeted] bunkers used by Hezbollah.", None, "Hezbollah"),
        ("The ministry condemned the [attack] on worshippers.", None, "worshippers"),
        ("A roadside [bomb] killed two Turkish soldiers.", None, "Turkish forces"),
        # Both sides of a fight.
        ("[Clashes] between the army and the Rapid Support Forces went on.", "army", "Rapid Support Forces"),
        ("Sudanese soldiers [clashed] with RSF fighters.", "Sudanese forces", "Rapid Support Forces"),
        # Numbers with bounds are no prepositional phrases.
        ("At least nine Hamas gunmen were [killed] on Sunday.", None, "Hamas"),
        ("Up to 30 people were [killed] in a Russian airstrike.", "Russian forces", "people"),
        ("About 20 soldiers were [killed] in clashes with Arakan Army fighters.", "Arakan Army", "soldiers"),
        ("Coalition troops [killed] at least seven shepherds.", "coalition troops", "shepherds"),
        (
            "Chadian soldiers, helped by herders, mounted yesterday an [assault] on Boko Haram.",
            "Chadian forces",
            "Boko Haram",
        ),
        ("A faction of the Pakistani Taliban claimed the [attack].", "Tehrik-i-Taliban Pakistan", None),
        ("Nobody slept because of [shelling] by regime forces.", "regime forces", None),
        ("The worst terrorist [attack] in years shook the city.", None, None),
        # The words of another event are not this one's.
        ("The U.S. [strikes] followed raids by Turkish-backed rebels on soldiers.", "United States forces", None),
        ("The strike was meant to stop [attacks] by militias on U.S. troops.", "militias", "United States forces"),
    ],
)
def test_roles(marked: str, doer: str | None, target: str | None) -> None:
    assert parts(marked) == (doer, target)


@pytest.mark.parametrize(
    "marked",
    [
        "Police said a bus was [attacked] near the river.",
        "The army announced that two towns were [shelled].",
        "The Iraqi government condemned the [airstrike].",
        "Rebels blamed a [bombing] on nobody in particular.",
        "Nobody claimed responsibility for the [bombing].",
        "Multiple rockets [targeted] the airport, the coalition said.",
        "Residents told journalists that shells [hit] the market.",
        "A deadly Norwegian [massacre] was remembered.",
        "The attack in the village, police said, [killed] nobody.",
    ],
)
def test_who_only_speaks_is_no_doer(marked: str) -> None:
    assert parts(marked)[0] is None


def test_the_speaker_is_the_doer_when_it_is_the_subject_too() -> None:
    assert parts("The army said it [killed] ten militants.") == ("army", "militants")
    assert parts("Hamas said its fighters [attacked] two tanks.")[0] == "Hamas"
    assert parts("Hezbollah said that four of its fighters were [killed].") == (None, "Hezbollah")


def test_an_actor_made_from_a_nationality_has_its_country() -> None:
    whole = sentence("Israeli shelling continued.")
    doer, _ = actors.roles(whole, 8, 16, ())
    assert doer == actors.Actor(0, 7, "Israeli", "Israeli forces", "state force", "IL")


def test_roles_use_only_the_actors_given() -> None:
    whole = sentence("Gunmen killed nine villagers.")
    found = actors.find(whole)
    assert actors.roles(whole, 7, 13, found[1:]) == (None, found[1])


def test_a_trigger_outside_the_sentence_has_no_parts() -> None:
    whole = sentence("Gunmen fled.")
    assert actors.roles(whole, 400, 410, actors.find(whole)) == (None, None)


# --------------------------------------------------------------------------------------------------------------------
# Weapons
# --------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("clause", "weapon"),
    [
        ("three explosive-laden drones crashed into a depot", "drone"),
        ("an unmanned aerial vehicle was seen", "drone"),
        ("rockets landed near the embassy", "rocket"),
        ("Katyushas were fired from a truck", "rocket"),
        ("cruise missiles hit the port", "missile"),
        ("a ballistic missile barrage", "ballistic missile"),
        ("the army answered with artillery", "artillery"),
        ("shelling of the old town", "artillery"),
        ("mortar rounds fell on a school", "mortar"),
        ("warplanes bombed a convoy", "airstrike"),
        ("an air strike on a tunnel", "airstrike"),
        ("barrel bombs fell on the market", "airstrike"),
        ("a car bomb went off", "car bomb"),
        ("a truck packed with explosives blew up", "car bomb"),
        ("a bomber blew himself up at the gate", "suicide bomb"),
        ("a man in a suicide vest", "suicide bomb"),
        ("a roadside bomb hit the patrol", "roadside bomb"),
        ("an improvised explosive device hit the patrol", "roadside bomb"),
        ("an IED hit the patrol", "roadside bomb"),
        ("the bus ran over a landmine", "landmine"),
        ("hand grenades were thrown into a bar", "grenade"),
        ("a rocket-propelled grenade hit the gate", "grenade"),
        ("he opened fire on shoppers", "firearm"),
        ("she was shot dead at home", "firearm"),
        ("a man armed with a knife", "knife"),
        ("villagers were hacked to death with machetes", "knife"),
        ("a van was driven into a crowd", "vehicle"),
        ("he rammed his car into pedestrians", "vehicle"),
        ("raiders set houses on fire", "arson"),
        ("huts were torched", "arson"),
        ("sarin was used", "chemical"),
        ("chlorine gas filled the shelter", "chemical"),
        ("a bomb exploded in the hall", "bomb"),
        ("the peace talks were adjourned", None),
        ("a shell company was registered", None),
        ("", None),
    ],
)
def test_weapon(clause: str, weapon: str | None) -> None:
    assert actors.weapon(clause) == weapon


# --------------------------------------------------------------------------------------------------------------------
# Hostile text
# --------------------------------------------------------------------------------------------------------------------


@pytest.mark.timeout(60)
@pytest.mark.parametrize(
    "unit", ["U.S. forces attacked militants ", "said that it ", "of the attack by ", "'s ", "jets "]
)
def test_endless_text_comes_to_an_end(unit: str) -> None:
    # A step that grows with the square of the length would not finish within the limit.
    text = unit * (300_000 // len(unit)) + "; gunmen killed nine villagers."
    whole = sentence(text)
    at = text.index("killed nine")
    found = actors.find(whole)
    doer, target = actors.roles(whole, at, at + len("killed"), found)
    assert doer is not None
    assert target is not None
    assert (doer.name, target.name) == ("gunmen", "villagers")
    assert actors.weapon(text) in ("airstrike", "firearm")
