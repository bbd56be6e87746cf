"""What one article is understood to report, read with the real gazetteer. All texts are our own."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from sqlalchemy import Engine

from geo import figures, reading
from geo.model import Article, Report

WEDNESDAY = date(2024, 6, 12)
Read = Callable[..., list[Report]]


@pytest.fixture(scope="module")
def read(default_gazetteer: Engine) -> Read:
    def reported(text: str, published: date | None = WEDNESDAY) -> list[Report]:
        with default_gazetteer.connect() as conn:
            [one] = reading.read(conn, [Article("a", text, None, published)])
        for report in one.reports:
            assert report.evidence
            assert all(0 <= a < b <= len(text) for a, b in report.evidence)
            assert 0 < report.confidence <= 0.95
            assert all(0 <= c.start < c.end <= len(text) for c in report.claims)
        assert len({r.key for r in one.reports}) == len(one.reports)
        return list(one.reports)

    return reported


def cases(table: str) -> list[Any]:
    """The lines of a table; those that begin with "?" are known gaps, and must be freed of the mark once they pass."""
    gap = pytest.mark.xfail(strict=True, reason="known gap")
    lines = table.strip().splitlines()
    return [pytest.param(x[2:], marks=gap, id=x) if x.startswith("? ") else pytest.param(x, id=x) for x in lines]


def short(report: Report) -> str:
    """ "Mosul 2024-06-10", "Mosul 2024-06-10..11", "- -" where place or date is unknown."""
    where = report.place.name if report.place else "-"
    if report.date_start is None or report.date_end is None:
        return f"{where} -"
    days = report.date_start.isoformat()
    return f"{where} {days}" if report.date_end == report.date_start else f"{where} {days}..{report.date_end}"


TOLD = """
A suicide bomber killed nine people at a market in Mosul on Monday, police said. | Mosul 2024-06-10
On Tuesday gunmen attacked a hotel in Mogadishu. | Mogadishu 2024-06-11
Rockets hit Kirkuk early Wednesday. | Kirkuk 2024-06-12
A drone struck a car near Tyre on June 3. | Tyre 2024-06-03
Gunmen killed four farmers near Maiduguri on 28 May 2024. | Maiduguri 2024-05-28
In April, a car bomb killed ten people in Jalalabad. | Jalālābād 2024-04-01..2024-04-30
A roadside bomb killed five soldiers near Ménaka in 2019. | Ménaka 2019-01-01..2019-12-31
Militants beheaded two men in Palma on Friday, Mozambican police said in Maputo. | Palma 2024-06-07
Three bombs exploded in Baghdad, Kirkuk and Erbil on Tuesday. | Baghdad 2024-06-11; Kirkuk 2024-06-11; Erbil 2024-06-11
Gunmen stormed a base in northern Benin on Monday. | northern Benin 2024-06-10
Gunmen attacked a border post on the Kenya-Somalia border on Sunday. | Kenya-Somalia border 2024-06-09
A drone hit the Ain al-Asad air base on Sunday night. | Ain al-Asad air base 2024-06-09
MOSUL, June 11 (Sample Desk) - A bomb killed two people in Kirkuk on Monday. | Kirkuk 2024-06-10
Gunmen kidnapped 40 pupils in Zamfara state on Thursday. | Zamfara 2024-06-06
Rockets fired from Lebanon hit Haifa on Sunday. | Haifa 2024-06-09
Police clashed with rioters in Dhaka on Monday. | Dhaka 2024-06-10
Russia shelled Kharkiv on Tuesday; Washington called it a crime. | Kharkiv 2024-06-11
An air strike killed six in Khartoum on Tuesday, a doctor told reporters in Cairo. | Khartoum 2024-06-11
Israel struck Damascus on Sunday. | Damascus 2024-06-09
? Pirates hijacked a tanker off Somalia on Sunday. | Somalia 2024-06-09
A bomb killed two people in Benghazi on Monday. | Benghazi 2024-06-10
"""


@pytest.mark.parametrize("case", cases(TOLD))
def test_where_and_when(case: str, read: Read) -> None:
    text, wanted = case.split(" | ")
    found = read(text)
    assert sorted(map(short, found)) == sorted(wanted.split("; "))
    if "Benghazi" in text:
        assert found[0].geo_precision == 1


SILENT = """
The president visited Rome on Monday and met the pope.
Mourners in Tehran prayed for the dead on Friday.
Troops paraded through Tehran on Friday to mark the army's founding.
The museum of the war opened in Sarajevo on Sunday.
Oil prices rose in London on Tuesday as traders feared an attack on tankers.
Voters in Accra went to the polls on Friday.
Soldiers simulated a missile attack on Gotland during an exercise on Tuesday.
A court in Paris sentenced three men for the 2015 attack on a theatre.
No attack took place in Kabul on Monday, police said.
There have been dozens of attacks in Helmand this year.
The group denied carrying out Sunday's bombing in Quetta.
An earthquake killed 40 people in Herat on Monday.
Forty people drowned off Tunis on Sunday when a boat capsized.
The striker scored twice as Real attacked, and the goalkeeper saved a penalty in Madrid.
Workers in Lagos went on strike on Monday over wages.
The minister attacked the opposition in a speech in Ankara on Monday.
Washington warned of attacks on ships in the Red Sea.
He was shot in a film that was made in Nairobi on Monday.
Prices hit a record in Buenos Aires on Monday.
Airstrikes could hit Aleppo next week, a minister warned.
Mourners marked the fifth anniversary of a bombing in Ankara on Sunday.
A vigil was held in Oslo on Sunday for those killed in the attack ten years ago.
"""


@pytest.mark.parametrize("text", cases(SILENT))
def test_what_is_no_incident(text: str, read: Read) -> None:
    assert [short(r) for r in read(text)] == []


KINDS = """
A suicide bomber struck a market in Mosul on Monday. | Suicide bomb
A car bomb exploded in Mosul on Monday. | Remote explosive/landmine/IED
Jets bombed Mosul on Monday. | Air/drone strike
Artillery fire hit Mosul on Monday. | Shelling/artillery/missile attack
Gunmen opened fire on a bus in Mosul on Monday. | Attack
Soldiers clashed with rebels in Mosul on Monday. | Armed clash
Gunmen abducted two doctors in Mosul on Monday. | Abduction/forced disappearance
A drone was shot down over Mosul on Monday. | Disrupted weapons use
"""


@pytest.mark.parametrize("case", cases(KINDS))
def test_kinds(case: str, read: Read) -> None:
    text, kind = case.split(" | ")
    assert [(short(r), r.sub_event_type) for r in read(text)] == [("Mosul 2024-06-10", kind)]


def test_an_intercepted_drone_is_said_to_be_so(read: Read) -> None:
    assert [r.stage for r in read("A drone was shot down over Kharkiv on Tuesday.")] == ["intercepted"]


def test_later_sentences_add_to_the_event(read: Read) -> None:
    [one] = read(
        "A car bomb exploded in Mosul on Monday. The blast killed six people, police said.\n"
        "The toll rose to nine on Tuesday, a doctor said. Twelve people were wounded."
    )
    assert short(one) == "Mosul 2024-06-10"
    low, _, high = figures.total(list(one.claims), "killed")
    assert (low, high) == (6, 9)
    assert figures.total(list(one.claims), "wounded") == (12, 12, 12)


def test_no_casualties_is_zero_and_silence_is_unknown(read: Read) -> None:
    [quiet] = read("Rockets hit Kirkuk on Monday. No one was hurt.")
    [silent] = read("Rockets hit Kirkuk on Monday. The sun shone.")
    assert figures.total(list(quiet.claims), "killed") == (0, 0, 0)
    assert figures.total(list(silent.claims), "killed") == (None, None, None)


def test_another_date_is_another_event(read: Read) -> None:
    found = read("Rockets hit Kirkuk on Monday, killing two. In February, a drone strike killed a guard in Kirkuk.")
    assert sorted(map(short, found)) == ["Kirkuk 2024-02-01..2024-02-29", "Kirkuk 2024-06-10"]
    by_day = {r.date_start: figures.total(list(r.claims), "killed")[0] for r in found}
    assert by_day == {date(2024, 2, 1): 1, date(2024, 6, 10): 2}


def test_another_place_is_another_event(read: Read) -> None:
    found = read(
        "Gunmen attacked a bus near Lahore on Sunday, killing four. "
        "In a separate attack, a roadside bomb killed two soldiers in Quetta on Sunday."
    )
    assert sorted(map(short, found)) == ["Lahore 2024-06-09", "Quetta 2024-06-09"]


def test_an_answer_is_told_apart_and_hangs_on_what_it_answers(read: Read) -> None:
    attack, answer = read(
        "Gunmen fired rockets at a base near Kirkuk on Sunday. "
        "The army responded with artillery fire on a village near Erbil on Monday."
    )
    assert (short(attack), short(answer)) == ("Kirkuk 2024-06-09", "Erbil 2024-06-10")
    assert answer.response_to == attack.key
    assert attack.response_to is None


def test_an_answer_that_opens_with_in_response(read: Read) -> None:
    attack, answer = read(
        "Gunmen opened fire on a bus near Lahore on Sunday. "
        "In response, the army shelled positions near Peshawar on Monday."
    )
    assert answer.response_to == attack.key


def test_hours_later_hangs_on_the_event_before(read: Read) -> None:
    found = read("A bomb killed two in Kirkuk on Sunday. A day later, a bomb killed three in Erbil.")
    assert sorted(map(short, found)) == ["Erbil 2024-06-10", "Kirkuk 2024-06-09"]


def test_the_next_day_is_counted_from_the_event_and_not_from_the_article(read: Read) -> None:
    found = read("On May 3, gunmen killed two in Kirkuk. The next day, a drone strike killed three near Erbil.")
    assert sorted(map(short, found)) == ["Erbil 2024-05-04", "Kirkuk 2024-05-03"]


def test_the_main_event_without_a_place_is_kept_without_a_pin(read: Read) -> None:
    [one] = read("A roadside bomb killed three soldiers on Monday, the army said.")
    assert short(one) == "- 2024-06-10"
    assert (one.geo_precision, one.radius_m, one.place_text) == (None, None, None)


def test_a_country_alone_is_no_pin(read: Read) -> None:
    [one] = read("A roadside bomb killed three soldiers in Mali on Monday.")
    assert (one.country_code, one.geo_precision) == ("ML", 6)


def test_a_place_the_gazetteer_lacks_is_not_the_nearest_town(read: Read) -> None:
    [one] = read("Gunmen attacked the village of Qarblunistan on Monday. People fled to Maiduguri.")
    assert one.place is None or one.place.name != "Maiduguri"


def test_without_publication_date_relative_days_stay_open(read: Read) -> None:
    [one] = read("A bomb killed two people in Mosul on Monday.", None)
    assert (one.date_start, one.date_end) == (None, None)
    [dated] = read("A bomb killed two people in Mosul on 3 May 2023.", None)
    assert short(dated) == "Mosul 2023-05-03"


def test_headline_and_caption_alone_make_no_report(read: Read) -> None:
    text = (
        "Bomb kills nine in Mosul market\n"
        "Photo: A bomb exploded in Aleppo on Sunday.\n"
        "The weather in the region was fine on Monday, the service said.\n"
        "Read more: Gunmen kill four in Kirkuk on Monday\n"
    )
    assert [short(r) for r in read(text)] == []


def test_a_teaser_behind_the_story_is_no_report(read: Read) -> None:
    text = (
        "A bomb killed two people in Mosul on Monday, police said.\n"
        "Related stories\n"
        "Gunmen killed four people in Kirkuk on Sunday.\n"
    )
    assert [short(r) for r in read(text)] == ["Mosul 2024-06-10"]


def test_the_claim_of_responsibility_is_kept(read: Read) -> None:
    [one] = read("Al-Shabaab claimed responsibility for an attack on a hotel in Mogadishu on Saturday.")
    assert one.status == "claimed"
    assert "responsibility" in {c.kind for c in one.claims}


def test_nobody_claiming_is_not_claimed(read: Read) -> None:
    [one] = read("A bomb killed two in Quetta on Monday. No one claimed responsibility for the attack.")
    assert one.status != "claimed"


def test_doer_target_and_weapon(read: Read) -> None:
    [one] = read("Gunmen opened fire on a bus near Lahore on Sunday, killing four passengers.")
    assert (one.actor_1, one.actor_2) == ("gunmen", "passengers")
    [bomb] = read("A car bomb killed two soldiers in Mosul on Monday.")
    assert (bomb.actor_2, bomb.weapon) == ("soldiers", "car bomb")


def test_key_is_stable_and_depends_on_the_article(default_gazetteer: Engine) -> None:
    text = "A bomb killed two people in Mosul on Monday."
    with default_gazetteer.connect() as conn:
        first, again, other = (
            reading.read(conn, [Article(key, text, None, WEDNESDAY)])[0].reports for key in ("a", "a", "b")
        )
    assert first == again
    assert first[0].key != other[0].key


def test_notes_say_what_is_missing(default_gazetteer: Engine) -> None:
    with default_gazetteer.connect() as conn:
        [dateless, foreign] = reading.read(
            conn, [Article("a", "Nothing."), Article("b", "Rien.", None, WEDNESDAY, language="fr")]
        )
    assert dateless.notes == ("no publication date: relative dates stay open",)
    assert "fr" in foreign.notes[0]
