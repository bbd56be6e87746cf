"""Figures of killed and wounded as the news of many regions words them. All sentences are our own."""

from __future__ import annotations

import re
import time

import pytest

from geo import figures, numbers
from geo.model import Claim, Sentence


def sentence(text: str, start: int = 0) -> Sentence:
    return Sentence(start, start + len(text), text, 0)


def bound(value: int | None) -> str:
    return "-" if value is None else str(value)


def short(claim: Claim) -> str:
    """ "killed 4", "killed 24-99", "killed 17+" (open above), "killed <30", "(killed 2)" for a part."""
    if claim.low is None:
        words = f"<{bound(claim.high)}"
    elif claim.high is None:
        words = f"{claim.low}+"
    elif claim.low == claim.high:
        words = str(claim.low)
    else:
        words = f"{claim.low}-{claim.high}"
    words = f"{claim.kind} {words}"
    return f"({words})" if claim.subset else words


def read(text: str) -> list[str]:
    return sorted(short(claim) for claim in figures.find(sentence(text)))


CASES = """
The army killed four people and wounded 12. | killed 4; wounded 12
Six of its gunmen were killed in the raid. | killed 6
Shells hit a bakery, killing a woman and wounding two neighbours. | killed 1; wounded 2
The blast left 17 dead and 40 injured. | killed 17; wounded 40
The death toll rose to 41 on Friday. | killed 41
The death toll rose from 17 to 41 after the quake. | killed 41
The fire claimed the lives of 14 miners in Shanxi. | killed 14
The flood claimed at least 22 lives in Assam. | killed 22+
A missile struck the market, injuring dozens. | wounded 24-99
Three were hurt when the tram was hit. | wounded 3
Nine soldiers lost their lives near Kidal. | killed 9
The quake injured dozens of sailors, including 31 who lost a limb. | wounded 24-99; (wounded 31)
There were no casualties. | killed 0; wounded 0
No casualties were reported in Odesa. | killed 0; wounded 0
Nobody was hurt. | killed 0; wounded 0
No one was injured in the drone attack. | killed 0; wounded 0
The rocket fell in a field without causing casualties. | killed 0; wounded 0
The shelling did not result in any casualties. | killed 0; wounded 0
The strike caused no injuries. | killed 0; wounded 0
There were no immediate reports of casualties. | killed 0; wounded 0
The stampede brought scores of injuries but no deaths. | killed 0; wounded 40-100
No deaths were reported. | killed 0
No one was killed. | killed 0
No one was killed or injured in the blast. | killed 0; wounded 0
An undisclosed number of fighters were killed. | killed 1+
The February strikes killed an undisclosed number of rebels. | killed 1+
A contractor died in the rocket attack. | killed 1
A Danish engineer died when the camp was shelled. | killed 1
At least 23 villagers had been killed, herders said. | killed 23+
The mine killed at least one driver and wounded four more. | killed 1+; wounded 4
The shells killed at least two sailors and wounded several more. | killed 2+; wounded 3-9
As many as 30 rebels were killed. | killed <30
Up to 200 people may still be trapped, and 12 people were killed. | killed 12
More than 60 villagers were massacred in Solhan. | killed 60+
Nearly 100 people were wounded. | wounded 100
About 20 people died when the ferry sank. | killed 20
Some 15 soldiers were killed near Tillaberi. | killed 15
Fewer than ten people were injured. | wounded <9
Dozens were killed when the bridge was bombed. | killed 24-99
Hundreds of people were killed in the quake. | killed 200-999
Several civilians were wounded by mortar fire. | wounded 3-9
A couple of guards were hurt. | wounded 2
A dozen prisoners were executed at dawn. | killed 12
Two dozen students were injured. | wounded 24
Half a dozen farmers were killed in Borno. | killed 6
Twenty-five recruits were killed. | killed 25
One hundred and twenty people were wounded. | wounded 120
The siege has killed more than 1,900 townspeople and wounded thousands. | killed 1900+; wounded 2000-9999
A family of five was killed when a shell hit their car. | killed 5
Three nurses were killed and at least six injured in the fire. | killed 3; wounded 6+
Two civilians in the village of Kordan were reportedly killed and eight others wounded. | killed 2; wounded 8
One farmer was killed and five girls wounded in Marjah. | killed 1; wounded 5
Five police officers escorting a convoy were killed in an ambush. | killed 5
10 farmers, 12 rebels and 21 conscripts have been killed since Easter. | killed 43
The bomb killed two soldiers and three civilians. | killed 5
Gunmen killed one person, wounding another and taking a third. | killed 1; wounded 1
Two people, including a child, were killed in Marib. | killed 2; (killed 1)
The strike killed 11 people, including two children and a nurse. | killed 11; (killed 1); (killed 2)
Seven people died, three of them women. | killed 7; (killed 3)
1,310 patients have died, at least 40 of whom were nurses. | killed 1310; (killed 40+)
The clinic saw 15 injured and six dead (four in Sirte, two in Brega). | killed 6; wounded 15; (killed 4); (killed 2)
At least 31 fatalities were recorded and another 60 dockers were injured. | killed 31+; wounded 60
Two deaths and one injury marred the vote. | killed 2; wounded 1
The monitors logged nine civilian deaths, including three infants. | killed 9; (killed 3)
The shelling caused 40 casualties. | killed <40; wounded <40
A total of 27 miners were killed and 51 injured. | killed 27; wounded 51
Ukraine: 12 killed, 30 wounded as missile hits Dnipro | killed 12; wounded 30
Airstrikes kill 12 in Gaza, wound 30 | killed 12; wounded 30
Car bomb kills two in Mogadishu | killed 2
Suicide attack leaves 8 soldiers dead in Yobe | killed 8
Divers found two bodies in the harbour. | killed 2
The bodies of 12 people were found in Tamaulipas. | killed 12
Three bodies were recovered from a well in Veracruz. | killed 3
The toll stands at 56. | killed 56
Rescuers put the death toll at 150. | killed 150
The quake brought the death toll to 2,300. | killed 2300
The number of dead has risen to 19. | killed 19
The number of wounded climbed to 80. | wounded 80
Soldiers shot dead three protesters in Mandalay. | killed 3
Three protesters were shot dead in Yangon. | killed 3
A teenager was shot and wounded in Nablus. | wounded 1
A Palestinian was killed by army fire near Jenin. | killed 1
Gunmen killed a journalist in Tijuana. | killed 1
The junta's soldiers killed eleven villagers, burning their bodies. | killed 11
Militants beheaded two hostages. | killed 2
Cartel gunmen murdered six members of one family. | killed 6
Six firemen were treated for light injuries. | wounded 6
Twelve passengers suffered burns when the bus was hit. | wounded 12
An explosion injured two workers and killed a guard. | killed 1; wounded 2
The gunman killed himself after killing three pupils. | killed 3
The clashes left between 10 and 15 fighters dead. | killed 10-15
Two or three guards were killed. | killed 2-3
At least 1.5 million people died in the war. | killed 1500000+
A 12-year-old boy was killed by a mine. | killed 1
A 23-year-old was wounded in the leg. | wounded 1
Two of the wounded later died. | (killed 2)
The accident killed both pilots. | killed 2
Seven more bodies were found on Tuesday in Bucha. | killed 7
Nine were killed, four wounded and two are missing. | killed 9; wounded 4
An IED killed an aid worker outside Baidoa. | killed 1
One policeman and two passers-by were wounded. | wounded 3
On 3 October, six weavers were reportedly killed as a shell struck the mill. | killed 6
Thirteen people died and 40 others were hospitalised. | killed 13; wounded 40
A bomber detonated his vest, killing himself and five commuters. | killed 5
No fewer than nine traders were on Tuesday killed in Kaduna. | killed 9+
Over 70 recruits were purportedly killed. | killed 70+
A passer-by was also killed. | killed 1
The raid killed nine Labour Party (LP) supporters. | killed 9
The flood caused the death of six herders. | killed 6
Infections have reached 412, including 15 deaths. | killed 15
Six porters were killed of which one was a boy and another 20 were injured. | killed 6; wounded 20; (killed 1)
At least 12 people died, including a boy, and more than a dozen were hurt. | killed 12+; wounded 12+; (killed 1)
The shelling caused 40 casualties (30 injuries and 10 deaths). | killed 10; killed <40; wounded 30; wounded <40
The strike killed 20+ fighters. | killed 20+
Of 191 nurses tested, 40 fell ill and two died. | killed 2
The toll has risen to 52 after three more people died overnight. | killed 52; (killed 3)
Gunmen shot and killed a nun and her driver. | killed 2
It saw six deaths, including a boy, and 30 men, including 9 boys, hurt. | killed 6; wounded 30; (killed 1); (wounded 9)
At least one guard from the port was killed and two more hurt. | killed 1+; wounded 2
They rescued 12 people, but five had died. | killed 5
"""

NOTHING = """
The rocket flies 300 km and could kill thousands.
The force was cut to 2,500 troops after the killing of prisoners.
Senators killed the bill.
The studio killed off two characters.
The race ended in a dead heat.
The sniper wounded the mood of the town.
An unknown man shot and wounded Mayor Petrov.
India counted deaths of 164 623 people.
Police arrested or killed 15 smugglers.
The 50 year-old was found near the dead animals.
It is a killer app for 20 million users.
They threatened to kill ten hostages.
The bomb would have killed dozens.
Militants plotted to kill three judges.
The general, aged 62, knew of the dead.
Both sides buried their dead.
In 2015 the war killed hope.
Two death threats reached the mayor.
The hospital saves lives.
Five people were arrested over the murder.
The death penalty was asked for two men.
The storm killed 300 cows and 20 horses.
It is not clear whether there were casualties.
The defeat hurt the team.
He was wounded in his pride.
Talks between the two sides are dead.
He fired 75 rounds a minute at the wounded animal.
Four rockets were fired but none exploded, killing hopes.
The Hindus burn their dead within 24 hours.
There was no immediate word on casualties.
Ten thousand people marched against the killings.
"""


def cases(table: str) -> list[tuple[str, ...]]:
    return [tuple(cell.strip() for cell in line.split(" | ")) for line in table.splitlines() if line]


@pytest.mark.parametrize(("text", "expected"), cases(CASES))
def test_the_figures_of_a_sentence(text: str, expected: str) -> None:
    assert read(text) == sorted(re.split(r"; ", expected))


@pytest.mark.parametrize("text", NOTHING.strip().splitlines())
def test_sentences_without_a_figure(text: str) -> None:
    assert read(text) == []


@pytest.mark.parametrize(
    ("text", "count", "who"),
    [
        (
            "The killing of General Omar Haddad and the cleric Abu Sami al-Masri outside the airport shook the region.",
            2,
            "General Omar Haddad and the cleric Abu Sami al-Masri",
        ),
        ("The assassination of Haddad and Masri led to missile attacks.", 2, "Haddad and Masri"),
        ("The assassination of Haddad and Muhannadis drew crowds.", 2, "Haddad and Muhannadis"),
        ("The raid that killed Haddad was months in the making.", 1, "Haddad"),
        ("The rebels killed Samir al-Badri, an imam from the port.", 1, "Samir al-Badri"),
        ("The strike killed militia leader Karim Jabbar in his car.", 1, "militia leader Karim Jabbar"),
    ],
)
def test_a_killing_by_name_counts_the_names(text: str, count: int, who: str) -> None:
    (claim,) = figures.find(sentence(text))
    assert (claim.kind, claim.low, claim.best, claim.high, claim.who) == ("killed", count, count, count, who)


@pytest.mark.parametrize(
    ("text", "who"),
    [
        ("The driver was killed on the spot.", "The driver"),
        ("Haddad was killed in 2020.", "Haddad"),
        ("Gunmen killed the mayor in his office.", "the mayor"),
    ],
)
def test_one_described_person_is_a_death_but_no_toll(text: str, who: str) -> None:
    (claim,) = figures.find(sentence(text))
    assert claim.hedge == figures.INDIVIDUAL
    assert (claim.low, claim.best, claim.high, claim.who) == (1, 1, None, who)


@pytest.mark.parametrize(
    ("text", "statement", "hedge"),
    [
        ("At least 17 people were killed.", "at least 17 killed", "at least"),
        ("Four people were killed.", "4 killed", None),
        ("Dozens were wounded.", "dozens wounded", "dozens"),
        ("About 20 people died.", "about 20 killed", "about"),
        ("There were no casualties.", "0 killed", None),
    ],
)
def test_the_statement_is_short(text: str, statement: str, hedge: str | None) -> None:
    claim = figures.find(sentence(text))[0]
    assert (claim.text, claim.hedge) == (statement, hedge)


def test_a_claim_lies_on_the_span_of_its_sentence() -> None:
    text = "Two guards were killed."
    (claim,) = figures.find(sentence(text, 40))
    assert (claim.start, claim.end) == (40, 40 + len(text))


@pytest.mark.parametrize(
    ("text", "who", "verb"),
    [
        ("Police said two men were killed.", "Police", "said"),
        ("Two men were killed, police said.", "police", "said"),
        ("Two men were killed, the governor told reporters.", "the governor", "told"),
        ("Two men were killed, said Colonel Adam Bako.", "Colonel Adam Bako", "said"),
        ("According to the Syrian Observatory, nine fighters died.", "the Syrian Observatory", "according to"),
        ("Nine fighters died, according to two medical sources.", "two medical sources", "according to"),
        ("State television said on Monday that a child was killed.", "State television", "said"),
        ("The Brigades, a small group from the south, said that nine of its men were killed.", "The Brigades", "said"),
        (
            "A police spokesman, Major Idris Musa, said Monday that nine men died.",
            "A police spokesman, Major Idris Musa",
            "said",
        ),
        ("Two shepherds and one medic in the east said at least 17 people had been killed.",
         "Two shepherds and one medic in the east", "said"),
        ("A U.S. official with knowledge of the raid said that three died.",
         "A U.S. official with knowledge of the raid", "said"),
        ("Separately, state media said, without giving evidence, that a child was killed.", "state media", "said"),
        ("The army denied that civilians were killed.", "The army", "denied"),
        ("The junta confirmed three deaths.", "The junta", "confirmed"),
        ("“They killed three of us,” said Maria Lopez, a teacher.", "Maria Lopez", "said"),
        ("Three people died.", None, None),
        ("Two people were reported killed.", None, None),
        ("Two bank officers, both speaking on condition of anonymity, told reporters that four men were killed.",
         "Two bank officers", "told"),
        ("The ministry, citing hospitals, reported 30 deaths.", "The ministry", "reported"),
    ],
)  # fmt: skip
def test_who_says_it(text: str, who: str | None, verb: str | None) -> None:
    assert figures.speaker(sentence(text))[:2] == (who, verb)


@pytest.mark.parametrize(
    ("text", "hedge"),
    [
        ("State media said, without providing evidence, that a child was killed.", "without providing evidence"),
        ("Two people were reportedly killed.", "reportedly"),
        ("This number could not be confirmed.", "could not be confirmed"),
        ("The soldiers allegedly shot three men.", "allegedly"),
        ("Two people were killed.", None),
        ("The figure could not be independently verified.", "could not be independently verified"),
    ],
)
def test_doubt_is_a_hedge(text: str, hedge: str | None) -> None:
    assert figures.speaker(sentence(text))[2] == hedge


def test_speaker_verb_and_doubt_are_on_the_claim() -> None:
    text = "State media said, without providing evidence, that jets killed a child and wounded three residents."
    killed, wounded = figures.find(sentence(text))
    assert (killed.speaker, killed.verb, killed.hedge) == ("State media", "said", "without providing evidence")
    assert (killed.who, wounded.who) == ("child", "residents")


def claims(*texts: str) -> list[Claim]:
    return [claim for text in texts for claim in figures.find(sentence(text))]


@pytest.mark.parametrize(
    ("texts", "expected"),
    [
        ((), (None, None, None)),
        (("Police said four people were killed.",), (4, 4, 4)),
        (("At least 17 people were killed.",), (17, 17, None)),
        (
            (
                "The raid killed at least one gunman.",
                "Witnesses said at least 17 men had died, but gave no further details.",
            ),
            (1, 1, 17),
        ),
        (("Police said 17 people died.", "Police said 41 people died."), (41, 41, 41)),
        (("Police said 17 people died.", "The rebels said 41 people died."), (17, 17, 41)),
        (
            ("The rebels said 41 people died.", "The UN mission said 30 people died.", "Police said 17 people died."),
            (17, 30, 41),
        ),
        (("The army said there were no casualties.", "Residents said nine people were killed."), (0, 0, 9)),
        (("The bomb killed 11 people, including two children.",), (11, 11, 11)),
        (("Four men were killed.", "The driver was killed."), (4, 4, 4)),
        (("The driver was killed.",), (1, 1, None)),
        (("As many as 30 rebels were killed.",), (None, 30, 30)),
        (("Four militiamen were killed.", "No Americans were killed."), (4, 4, 4)),
        (("No Americans were killed.",), (0, 0, 0)),
        (("The shelling caused 40 casualties.",), (None, None, 40)),
    ],
)
def test_the_total_of_rival_claims(texts: tuple[str, ...], expected: tuple[int | None, int | None, int | None]) -> None:
    assert figures.total(claims(*texts), "killed") == expected


def test_the_total_never_adds_claims() -> None:
    low, _, high = figures.total(claims("Nine men were killed.", "Police said ten men were killed."), "killed")
    assert (low, high) == (9, 10)


def test_the_total_of_one_kind_ignores_the_other() -> None:
    assert figures.total(claims("The blast killed two men and wounded 30."), "wounded") == (30, 30, 30)


@pytest.mark.parametrize(
    ("words", "value"),
    [
        ("17", 17), ("1,600", 1600), ("twenty-five", 25), ("two hundred and six", 206), ("a dozen", 12),
        ("two dozen", 24), ("three thousand", 3000), ("nine thousand five hundred", 9500),
        ("", None), ("and", None), ("cat", None),
        ("x" * 100, None), ("٣", None), ("1\u00a0200", 1200),
    ],
)  # fmt: skip
def test_numbers_in_digits_and_words(words: str, value: int | None) -> None:
    assert numbers.parse(words) == value


@pytest.mark.parametrize(
    "text",
    [
        "killed " * 28_000,
        "two people and " * 13_000 + "were killed",
        "killed 1," * 22_000,
        "no " * 60_000 + "casualties",
        "said, " * 33_000 + "killed",
        "a" * 200_000 + " killed",
        "killing of A B and " * 10_000,
        "(" * 100_000 + "2 dead" + ")" * 100_000,
        "1" * 199_000 + " killed",
        "-".join("1" for _ in range(100_000)) + " killed",
        "“" * 100_000 + "killed said",
        "at least " * 22_000 + "killed",
    ],
    ids=lambda text: text[:12],
)
def test_hostile_text_is_read_in_linear_time(text: str) -> None:
    started = time.process_time()
    figures.find(sentence(text))
    figures.speaker(sentence(text))
    assert time.process_time() - started < 10
