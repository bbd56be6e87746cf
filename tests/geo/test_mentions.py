"""Which words are mentions of places, read with the real gazetteer. All sentences are our own."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import pytest
from sqlalchemy import Engine

from gazetteer import lookup
from geo import mentions, sentences
from geo.model import Mention, MentionKind

Find = Callable[[str], list[Mention]]


@pytest.fixture(scope="module")
def find(default_gazetteer: Engine) -> Find:
    def found(text: str) -> list[Mention]:
        cut = sentences.split(text)
        with default_gazetteer.connect() as conn:
            known = lookup.candidates(conn, mentions.names(cut))
        result = list(mentions.find(cut, known))
        assert all(text[m.start : m.end] == m.text for m in result)
        assert all(a.end <= b.start for a, b in pairwise(result))
        return result

    return found


def cases(table: str) -> list[Any]:
    """The lines of a table; those that begin with "?" are known gaps, and must be freed of the mark once they pass."""
    gap = pytest.mark.xfail(strict=True, reason="known gap")
    lines = table.strip().splitlines()
    return [pytest.param(x[2:], marks=gap, id=x) if x.startswith("? ") else pytest.param(x, id=x) for x in lines]


NAMED = """
Shells fell on Mosul on Monday, residents said. | Mosul
Fighting was reported in Sirte, Misrata, Benghazi and Tobruk. | Sirte; Misrata; Benghazi; Tobruk
He flew from Lagos to Nairobi via Addis Ababa. | Lagos; Nairobi; Addis Ababa
Peshawar's markets and Karachi’s port stayed open. | Peshawar; Karachi
Rio de Janeiro, São Paulo and Bogotá were calm. | Rio de Janeiro; São Paulo; Bogotá
Police in Paris, Texas, compared notes with Paris, France. | Paris; Texas; Paris; France
Al-Hasakah and Ar-Raqqah were quiet, al-Bukamal was not. | Al-Hasakah; Ar-Raqqah; al-Bukamal
Deir ez-Zor and Port-au-Prince lie far apart. | Deir ez-Zor; Port-au-Prince
KABUL, June 3 (Sample Desk) - Police searched houses in Herat. | KABUL; Herat
BEIRUT (Sample Desk) — Jets flew over Tyre and Sidon. | BEIRUT; Tyre; Sidon
TROY, N.C. (Sample Desk) -- A store in Greensboro burned. | TROY; N.C.; Greensboro
She grew up near Lake Victoria and swam in the Red Sea. | Lake Victoria; Red Sea
They went to the USA, to the U.S. and to the United Kingdom. | USA; U.S.; United Kingdom
Jordan said it had closed its embassy in Chad. | Jordan; Chad
Two trucks burned in The Hague on Friday. | The Hague
Villages in Burkina Faso and Côte d'Ivoire were burned. | Burkina Faso; Côte d'Ivoire
The University of Mosul reopened. | Mosul
Rockets hit Kirkuk-based traders. | Kirkuk
In Nairobi, the talks failed. | Nairobi
The convoy left Niger for Nigeria. | Niger; Nigeria
"""

NOT_NAMED = """
? Paris Hilton and Jordan Peele sang all night. |
Mr Aleppo said he would appeal. |
General Abdel Fattah al-Burhan spoke to Chad Smith. |
Sydney Sweeney met Austin Butler and Brooklyn Beckham. |
Colonel Kandahar was promoted. |
The Washington Post reported the deal on Friday. |
The New York Times and the Jerusalem Post had the story. |
Chelsea beat Arsenal on Saturday. |
? Manchester United lost to Sheffield Wednesday. |
The Boston Red Sox and the Dallas Cowboys won. |
In March and in May the offices were closed. |
On Sunday, in August, April Jones retired. |
Kataib Hezbollah and Hamas said nothing. |
Boko Haram and Al-Shabaab freed them. |
? The Red Cross and Amnesty International asked for access. |
Reading and writing are taught here. |
Nice weather is expected. |
The Geneva Conventions and the Oslo Accords were cited. |
He got his M.S. in May. |
Most of them asked a friend for help. |
"""


@pytest.mark.parametrize("case", cases(NAMED))
def test_places_are_found(case: str, find: Find) -> None:
    text, wanted = case.split(" | ")
    assert [m.text for m in find(text)] == wanted.split("; ")


@pytest.mark.parametrize("case", cases(NOT_NAMED))
def test_people_papers_clubs_groups_and_months_are_no_places(case: str, find: Find) -> None:
    assert [m.text for m in find(case.removesuffix(" |"))] == []


TYPED = """
A drone hit the Ain al-Asad air base. | Ain al-Asad air base | Ain al-Asad | AIRB
Workers left the al-Omar oil field. | al-Omar oil field | al-Omar | OILF
Troops hold Al-Tanf garrison. | Al-Tanf garrison | Al-Tanf | INSM
Erbil airport was closed. | Erbil airport | Erbil | AIRP
Shells fell in Diyala province. | Diyala province | Diyala | ADM1
Children live in Dadaab refugee camp. | Dadaab refugee camp | Dadaab | CMPRF
Trucks wait at the Rafah crossing. | Rafah crossing | Rafah | PSTB
A fire broke out in Borno state. | Borno state | Borno | ADM1
A strike hit Mosul University. | Mosul University | Mosul | -
A mortar hit a Kharkiv hospital. | Kharkiv hospital | Kharkiv | HSP
"""


@pytest.mark.parametrize("case", cases(TYPED))
def test_facilities_are_one_mention_with_their_type(case: str, find: Find) -> None:
    text, words, name, code = case.split(" | ")
    facility = next(m for m in find(text) if m.kind is MentionKind.FACILITY)
    assert (facility.text, facility.name, (*facility.type_codes, "-")[0]) == (words, name, code)


def test_an_embassy_of_a_country_is_not_in_it(find: Find) -> None:
    assert [m.kind for m in find("The French embassy in Niamey was shut.")] == [MentionKind.DEMONYM, MentionKind.NAME]


PARTS = """
Villages in northeastern Nigeria were burned. | northeastern Nigeria | NE
Troops left north-western Syria. | north-western Syria | NW
Rain fell on southern Lebanon. | southern Lebanon | S
A road in central Somalia was mined. | central Somalia | C
Clashes went on in eastern Congo. | eastern Congo | E
He fled to western Iraq. | western Iraq | W
"""


@pytest.mark.parametrize("case", cases(PARTS))
def test_parts_of_countries(case: str, find: Find) -> None:
    text, words, direction = case.split(" | ")
    [part] = find(text)
    assert (part.kind, part.text, part.direction) == (MentionKind.PART, words, direction)


def test_a_country_that_begins_with_a_direction_is_whole(find: Find) -> None:
    assert [(m.text, m.kind) for m in find("Aid came from South Sudan and North Korea.")] == [
        ("South Sudan", MentionKind.NAME),
        ("North Korea", MentionKind.NAME),
    ]


DISTANCES = """
The patrol was ambushed 30 km north of Timbuktu. | Timbuktu | 30000 | N
A village 12 miles southeast of Kandahar was hit. | Kandahar | 19312 | SE
It lies about five kilometres west of Goma. | Goma | 5000 | W
The tanker burned 60 nautical miles south of Aden. | Aden | 111120 | S
The camp is 20 km from Gao. | Gao | 20000 | -
The post stands 8 km (5 miles) east of Kirkuk. | Kirkuk | 8000 | E
A blast was heard 3 kilometers away from Sanaa. | Sanaa | 3000 | -
"""


@pytest.mark.parametrize("case", cases(DISTANCES))
def test_distances_and_bearings(case: str, find: Find) -> None:
    text, name, metres, bearing = case.split(" | ")
    [place] = [m for m in find(text) if m.distance_m is not None]
    assert (place.name, round(place.distance_m or 0), place.direction or "-") == (name, int(metres), bearing)


@pytest.mark.parametrize(
    "words", ["near Aleppo", "outside Aleppo", "on the outskirts of Aleppo", "in the vicinity of Aleppo", "off Aleppo"]
)
def test_near_is_kept(words: str, find: Find) -> None:
    assert [m.near for m in find(f"A shell fell {words} at dawn.") if m.name == "Aleppo"] == [True]


def test_in_is_not_near(find: Find) -> None:
    assert [m.near for m in find("A shell fell in Aleppo near the river.")] == [False]


BORDERS = """
Smugglers crossed the Iraq-Syria border. | Iraq | Syria | -
Smugglers crossed the Iraqi–Syrian border. | Iraqi | Syrian | -
Trucks queued at the Turkish-Syrian border crossing. | Turkish | Syrian | -
The border between Iran and Pakistan was closed. | Iran | Pakistan | -
Troops gathered along Lebanon's border with Israel. | Lebanon | Israel | -
? Troops gathered along Lebanon’s southern border with Israel. | Lebanon | Israel | -
The frontier between Chad and Sudan is long. | Chad | Sudan | -
Guards on the Colombian side of the border with Venezuela fired. | Venezuela | - | Colombian
He was caught near the Syrian border. | Syrian | - | -
They fled to the border with Niger. | Niger | - | -
They fled to the border. | - | - | -
"""


@pytest.mark.parametrize("case", cases(BORDERS))
def test_borders_in_all_wordings(case: str, find: Find) -> None:
    text, *wanted = case.split(" | ")
    [border] = [m for m in find(text) if m.kind is MentionKind.BORDER]
    assert [border.name or "-", border.other_name or "-", border.side or "-"] == wanted


@pytest.mark.parametrize("words", ["Border guards in Libya", "The border police of Libya", "Cross-border fire"])
def test_border_guards_are_no_border(words: str, find: Find) -> None:
    assert not [m for m in find(f"{words} were blamed.") if m.kind is MentionKind.BORDER]


CAPITALS = """
A bomb went off in the Somali capital. | Somali capital
The blast shook Yemen's capital. | capital of Yemen
They met in the capital of Kenya. | capital of Kenya
"""


@pytest.mark.parametrize("case", cases(CAPITALS))
def test_capitals_named_by_their_country(case: str, find: Find) -> None:
    text, name = case.split(" | ")
    assert [m.name for m in find(text) if m.kind is MentionKind.DESCRIPTION] == [name]


DESCRIBED = """
Rockets hit the same air base again. | the same air base
The city was quiet; so was that village. | The city; that village
The besieged town had no water. | The besieged town
The town council met. |
The base of the tower broke. |
"""


@pytest.mark.parametrize("case", cases(DESCRIBED))
def test_places_without_a_name(case: str, find: Find) -> None:
    text, wanted = case.rstrip().removesuffix(" |").partition(" | ")[::2]
    assert [m.text for m in find(text.removesuffix(" |"))] == [w for w in wanted.split("; ") if w]


DEMONYMS = """
Iraqi and Syrian officials met Turks. | Iraqi; Syrian; Turks
Saudi-led planes and a Nigerian doctor. | Saudi; Nigerian
Colombians voted, the Dutch did not. | Colombians; Dutch
"""


@pytest.mark.parametrize("case", cases(DEMONYMS))
def test_demonyms_are_countries_by_association(case: str, find: Find) -> None:
    text, wanted = case.split(" | ")
    found = find(text)
    assert [m.text for m in found] == wanted.split("; ")
    assert {m.kind for m in found} == {MentionKind.DEMONYM}


def test_backed_and_led_keep_the_country(find: Find) -> None:
    assert [m.text for m in find("Iran-backed fighters and U.S.-led troops left.")] == ["Iran", "U.S."]


def test_decomposed_accents_are_found_where_they_stand(find: Find) -> None:
    text = unicodedata.normalize("NFD", "Protests in Cúcuta and Medellín went on.")
    assert [unicodedata.normalize("NFC", m.text) for m in find(text)] == ["Cúcuta", "Medellín"]


def test_shouted_headlines_name_their_cities(find: Find) -> None:
    assert [m.name for m in find("BOMB KILLS NINE IN MOSUL MARKET\nPolice said so on Monday.")] == ["MOSUL"]


def test_noise_is_not_read(find: Find) -> None:
    assert find("It was quiet.\nRead more: a night in Aleppo\nLeave a comment\nI was in Mosul.") == []


def test_given_spans_are_taken_as_they_are() -> None:
    [one] = mentions.given("Mosul is far.", [(0, 5)])
    assert (one.start, one.end, one.text, one.name, one.kind) == (0, 5, "Mosul", "Mosul", MentionKind.GIVEN)


def test_names_asks_for_every_run_and_typed_name() -> None:
    asked = mentions.names(sentences.split("Guards left the al-Omar oil field and New York City."))
    assert {"al-Omar", "al-Omar oil field", "Omar", "New York", "New York City", "York"} <= asked
    assert "field" not in asked
