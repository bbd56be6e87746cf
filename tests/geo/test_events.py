"""Words that tell of events, and words that say nothing happened. All sentences are our own."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest

from geo import events
from geo.model import Sentence


def find(text: str) -> list[events.Trigger]:
    found = list(events.find(Sentence(7, 7 + len(text), text, 0)))
    assert all(text[t.start - 7 : t.end - 7] == t.text for t in found)
    return found


def real(text: str) -> list[str]:
    """Families of what is told as having happened, in order."""
    return [t.family for t in find(text) if t.unreal is None]


def cases(table: str) -> list[Any]:
    """The lines of a table; those that begin with "?" are known gaps, and must be freed of the mark once they pass."""
    gap = pytest.mark.xfail(strict=True, reason="known gap")
    lines = table.strip().splitlines()
    return [pytest.param(x[2:], marks=gap, id=x) if x.startswith("? ") else pytest.param(x, id=x) for x in lines]


TYPES = """
An airstrike hit a farm. | air
Warplanes bombed the village of Sarmin. | air
A drone struck a car on the coastal road. | air
Helicopters fired on a convoy. | air
Two rockets landed beside the runway. | shelling
Artillery fire hit the town. | shelling
The army shelled the hills. | shelling
They fired three ballistic missiles at the port. | shelling
A car bomb went off outside the court. | bomb
A roadside bomb hit a bus. | bomb
A landmine exploded under a cart. | bomb
An improvised explosive device was set off. | bomb
A suicide bomber struck a checkpoint. | suicide
A man blew himself up in a mosque. | suicide
A hand grenade attack wounded two. | grenade
A chlorine attack was reported. | chemical
Gunmen opened fire on worshippers. | shooting
Four farmers were shot dead. | shooting
A stabbing attack left two dead. | shooting
The mayor was assassinated. | shooting
Soldiers clashed with rebels. | clash
A patrol was ambushed. | clash
Heavy fighting broke out in the hills. | clash
The rebels seized control of the airfield. | takeover
Bandits kidnapped forty pupils. | abduction
Two aid workers were taken hostage. | abduction
A riot broke out in the prison. | riot
The crew said pirates hijacked the tanker. | seizure
The men looted three shops. | seizure
Air defences intercepted a missile. | intercept
A jet was shot down. | intercept
Militants attacked a village. | attack
"""


@pytest.mark.parametrize("case", cases(TYPES))
def test_families(case: str) -> None:
    text, family = case.split(" | ")
    assert family in real(text)
    assert real(text)[0] == family or real(text)[0] in events.OPEN


def test_every_family_has_its_acled_type() -> None:
    told = {t.family for case in TYPES.strip().splitlines() for t in find(case.split(" | ")[0])}
    assert told <= events.TYPES.keys()


UNREAL = """
The minister warned of an attack on the port. | hypothetical
The group threatened to bomb the dam. | hypothetical
They feared an airstrike. | hypothetical
A future drone strike would be answered. | hypothetical
He vowed to attack the city. | hypothetical
The plan to bomb the bridge leaked. | hypothetical
If rockets hit the city, they will leave. | hypothetical
They called for airstrikes. | hypothetical
Airstrikes could hit the city next week. | hypothetical
Missiles may strike the port within days. | hypothetical
The army said it would attack at dawn. | hypothetical
There was no attack on Monday. | negated
Nobody denied airstrikes. | negated
Police did not report explosions. | negated
The bombing was foiled by guards. | foiled
An attack on the mall was thwarted. | foiled
There have been dozens of attacks this year. | summed up
A wave of bombings shook the country. | summed up
Near-daily airstrikes go on. | summed up
The group has carried out many kidnappings. | summed up
The group has repeatedly attacked the town. | summed up
He denied involvement in the bombing. | negated
The militia denies carrying out the attack. | negated
The militia denied that it had any role in the latest roadside bombings. | hypothetical
Troops practised a missile attack in a drill. | exercise
"""


@pytest.mark.parametrize("case", cases(UNREAL))
def test_what_did_not_happen_says_why(case: str) -> None:
    text, why = case.split(" | ")
    found = find(text)
    assert found
    assert all(t.unreal for t in found)
    assert why in {t.unreal for t in found}


HAPPENED = """
Gunmen killed nine people in May.
He warned the town, then attacked it.
Officials feared the worst after an airstrike killed two.
The strike killed nobody.
Rockets hit the base after threats were made.
Police said a bomb exploded at noon.
No one was hurt when shells hit the school.
? Three attacks were reported on Monday.
"""


@pytest.mark.parametrize("text", cases(HAPPENED))
def test_what_happened_is_not_thrown_away(text: str) -> None:
    assert real(text)


@pytest.mark.parametrize(
    "text",
    [
        "He suffered a heart attack.",
        "A cyber attack closed the bank.",
        "Shark attacks are rare.",
        "Teachers went on a general strike.",
        "Nurses began a hunger strike.",
        "The talks failed again.",
        "The price rose by a third.",
        "The prime minister met the king in the palace.",
    ],
)
def test_other_attacks_and_strikes_are_none(text: str) -> None:
    assert real(text) == []


ROLES = """
The attack was the worst in years. | definite
Sunday's airstrike killed four. | definite
Another bombing followed. | new
A separate airstrike hit a farm. | new
In another village, gunmen opened fire. | new
An earlier bombing had killed nine. | earlier
The army responded with artillery fire. | answer
A retaliatory airstrike hit the camp. | answer
The army shelled the hills in response. | answer
In response, the army shelled the hills. | answer
In retaliation, jets bombed the port. | answer
"""


@pytest.mark.parametrize("case", cases(ROLES))
def test_how_the_event_stands_to_the_others(case: str) -> None:
    text, role = case.split(" | ")
    assert any(getattr(t, role) for t in find(text))


@pytest.mark.parametrize("text", ["An attack was reported.", "Gunmen opened fire.", "Two rockets hit a house."])
def test_a_plain_telling_is_none_of_these(text: str) -> None:
    assert not any(t.definite or t.new or t.earlier or t.answer for t in find(text))


def test_court_cases() -> None:
    assert events.is_court_case("A court sentenced three men for the bombing.")
    assert events.is_court_case("He was charged with murder after the attack.")
    assert not events.is_court_case("Gunmen attacked the town.")


def test_a_court_named_after_the_event_is_no_case_before_it() -> None:
    text = "Gunmen shot two guards; the judges were not hurt."
    assert not events.is_court_case(text, text.index("shot"))
    assert events.is_court_case("The judges heard how gunmen shot two guards.", 30)


@pytest.mark.parametrize(
    "text",
    ["They marked the tenth anniversary of the raid.", "A memorial for the dead was opened.", "A vigil was held."],
)
def test_memory(text: str) -> None:
    assert events.is_memory(text)


def test_games() -> None:
    assert events.is_about_games("The striker scored from a penalty in the final of the cup.")
    assert not events.is_about_games("The strike hit the league's offices.")


@pytest.mark.parametrize("text", ["A quake killed nine.", "A bus crash killed nine.", "Floods left nine dead."])
def test_accidents(text: str) -> None:
    assert events.is_accident(text)


def test_tolls() -> None:
    assert events.is_toll("The death toll rose to nine.")
    assert events.is_toll("A third man died in hospital on Friday.")
    assert not events.is_toll("A bomb killed nine.")


@pytest.mark.parametrize(
    "text", ["", "One clause alone", "It burned, after shells hit the depot; nobody came — that is all, he said."]
)
def test_clauses_cover_the_sentence(text: str) -> None:
    cuts = events.clauses(text)
    assert cuts[0][0] == 0
    assert cuts[-1][1] == len(text)
    assert all(a[1] == b[0] for a, b in pairwise(cuts))
    assert all(events.clause(text, i)[0] <= i < events.clause(text, i)[1] for i in range(len(text)))
