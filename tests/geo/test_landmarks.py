"""Well-known events recalled in passing, on sentences written for these tests."""

from __future__ import annotations

import json
from datetime import date
from importlib.resources import files

import pytest

from geo import landmarks
from geo.model import Sentence

SUB_EVENT_TYPES = {
    "Armed clash",
    "Air/drone strike",
    "Shelling/artillery/missile attack",
    "Remote explosive/landmine/IED",
    "Suicide bomb",
    "Chemical weapon",
    "Attack",
    "Abduction/forced disappearance",
    "Excessive force against protesters",
    "Violent demonstration",
    "Mob violence",
    "Looting/property destruction",
    "Other",
}


def sentence(text: str, start: int = 0) -> Sentence:
    return Sentence(start, start + len(text), text, 0)


def recalled(text: str) -> list[str]:
    return [hit.event.id for hit in landmarks.find(sentence(text))]


def event(key: str) -> landmarks.LandmarkEvent:
    return next(e for e in landmarks.events() if e.id == key)


@pytest.mark.parametrize(
    ("text", "key"),
    [
        # By the victim.
        ("Tehran vowed to avenge the killing of Gen. Qasem Soleimani.", "soleimani"),
        ("Tehran vowed to avenge the killing of its most powerful general, Qassem Soleimani.", "soleimani"),
        ("Crowds marked the anniversary of Soleimani's assassination.", "soleimani"),
        ("The drone that killed Soleimani was launched far away.", "soleimani"),
        ("Qasem Soleimani and Abu Mahdi al-Muhandis were killed outside the terminal.", "soleimani"),
        ("It was the order to assassinate Qasem Soleimani that split the cabinet.", "soleimani"),
        ("The murder in Istanbul of the columnist Jamal Khashoggi cost him allies.", "khashoggi"),
        ("Since the assassination of President Jovenel Moïse, Haiti has had no elections.", "moise"),
        ("Rafik Hariri, a billionaire and former prime minister, was assassinated.", "hariri"),
        ("Streets filled after the murder of George Floyd.", "george-floyd"),
        ("Shinzo Abe was fatally shot with a home-made gun.", "shinzo-abe"),
        ("She was in school when Benazir Bhutto was assassinated.", "bhutto"),
        ("Hassan Nasrallah killed in air raid, party confirms", "nasrallah"),
        ("The raid to kill Osama bin Laden took forty minutes.", "bin-laden"),
        ("He confessed to the killing of the reporter Daphne Caruana Galizia.", "daphne"),
        ("Islamic State never recovered from the death of Abu Bakr al-Baghdadi.", "baghdadi"),
        # By a label.
        ("Security was tightened after the September 11 attacks.", "september-11"),
        ("Security was tightened after the Sept. 11, 2001, attacks.", "september-11"),
        ("Her brother died on 9/11.", "september-11"),
        ("Five men were tried for the downing of MH17.", "mh17"),
        ("He lost a leg in the 2017 Las Vegas shooting.", "las-vegas-2017"),
        ("It was the worst day since the Beirut barracks bombing.", "beirut-barracks"),
        ("The Rwandan genocide began with a plane crash.", "rwanda-genocide"),
        ("Families of the Chibok girls met the president.", "chibok"),
        ("The storming of the U.S. Capitol was broadcast live.", "us-capitol"),
        # By a name and a word of its family, either way round.
        ("The October 7 attack changed everything.", "october-7"),
        ("The Oct. 7, 2023, attack changed everything.", "october-7"),
        ("The war followed the Hamas attack on southern Israel on October 7.", "october-7"),
        ("An inquiry into the Beirut port explosion stalled.", "beirut-port"),
        ("An inquiry into the explosion at the port of Beirut stalled.", "beirut-port"),
        ("She survived the Bataclan attack.", "bataclan"),
        ("She survived the 2015 massacre at the Bataclan concert hall.", "bataclan"),
        ("The Christchurch mosque shootings led to a ban on rifles.", "christchurch"),
        ("The Manchester Arena bombing killed children.", "manchester-arena"),
        ("The Abbey Gate bombing killed 13 Americans.", "abbey-gate"),
        ("The Chibok abductions drew a campaign.", "chibok"),
        ("The Westgate mall attack lasted four days.", "westgate"),
        ("The Rabaa massacre was never punished.", "rabaa"),
        ("The poison attack at Khan Sheikhoun brought cruise missiles.", "khan-sheikhoun"),
        ("The Uvalde school shooting exposed the police.", "uvalde"),
        ("Sweden remembers the shooting on Utøya.", "utoya"),
        ("Survivors of the siege of Beslan wept.", "beslan"),
        ("The massacre in Srebrenica was ruled a genocide.", "srebrenica"),
        ("THE LOCKERBIE BOMBING TRIAL WAS HELD ABROAD.", "lockerbie"),
    ],
)
def test_recalled_events_are_found(text: str, key: str) -> None:
    assert recalled(text) == [key]


@pytest.mark.parametrize(
    "text",
    [
        # A name alone.
        "Soleimani was a general.",
        "A portrait of Qasem Soleimani hung in the hall.",
        "The Bataclan reopened with a concert.",
        "George Floyd Square was repaved.",
        "Beirut's port handles grain.",
        "He was born on October 7.",
        # Not the victim.
        "Soleimani killed many, the exile said.",
        "Muammar Gaddafi's forces killed dozens.",
        "An air raid killed a son of Anwar al-Awlaki.",
        "The killing of the nephew of Rafik Hariri was denied.",
        "The killing of Hariri's driver was denied.",
        "Men killed by Osama bin Laden were mourned.",
        "The killing of protesters, Gaddafi said, was staged.",
        "Anna Politkovskaya was nearly poisoned on a flight.",
        "The killing of Reza Soleimani, a baker, shocked his street.",
        # The surname is not a name without its capital.
        "The killing of rabin was a typing error.",
        # Other years.
        "The 1995 Paris attacks were the work of another group.",
        "The October 7, 2021, attack hit a mosque.",
        "The murder of Jamal Khashoggi in 1998 is fiction.",
        # Other events at the place.
        "A gunman attacked a bank in Christchurch.",
        "A fire broke out at the Westgate mall.",
        "Protesters marched past Tiananmen Square.",
        "",
    ],
)
def test_nothing_recalled(text: str) -> None:
    assert recalled(text) == []


def test_offsets_count_in_the_article() -> None:
    text = "Years after the killing of Gen. Qasem Soleimani, tension remains."
    (hit,) = landmarks.find(sentence(text, 700))
    assert hit.text == "killing of Gen. Qasem Soleimani"
    assert text[hit.start - 700 : hit.end - 700] == hit.text


def test_two_events_in_one_sentence_and_each_once() -> None:
    text = "The Bataclan attack, the Brussels bombings and again the massacre at the Bataclan were planned in one flat."
    assert recalled(text) == ["bataclan", "brussels-2016"]


def test_compatible_with_nothing_known() -> None:
    assert landmarks.compatible(event("soleimani"), None, set(), None)


@pytest.mark.parametrize(
    ("published", "codes", "interval", "expected"),
    [
        (date(2021, 6, 28), set(), None, True),
        (date(2019, 6, 28), set(), None, False),
        (date(2020, 1, 3), {"IQ"}, (date(2020, 1, 3), date(2020, 1, 3)), True),
        (date(2021, 6, 28), {"IQ", "US"}, None, True),
        (date(2021, 6, 28), {"SY"}, None, False),
        (date(2021, 6, 28), set(), (date(2020, 1, 1), date(2020, 12, 31)), True),
        (date(2021, 6, 28), set(), (date(2020, 1, 4), date(2020, 1, 4)), True),
        (date(2021, 6, 28), set(), (date(2020, 1, 5), date(2020, 1, 9)), False),
        (date(2021, 6, 28), set(), (date(2019, 1, 1), date(2019, 12, 31)), False),
    ],
)
def test_compatible(published: date, codes: set[str], interval: tuple[date, date] | None, expected: bool) -> None:
    assert landmarks.compatible(event("soleimani"), published, codes, interval) is expected


def test_an_event_at_sea_contradicts_no_country() -> None:
    assert landmarks.compatible(event("moskva"), date(2022, 5, 1), {"UA"}, None)


def test_the_events_are_sound() -> None:
    events = landmarks.events()
    assert len(events) >= 200
    assert len({e.id for e in events}) == len(events)
    assert [e.date_start for e in events] == sorted(e.date_start for e in events)
    for e in events:
        assert date(1979, 1, 1) <= e.date_start <= e.date_end <= date(2025, 12, 31), e.id
        assert e.sub_event_type in SUB_EVENT_TYPES, e.id
        assert -180 <= e.point.x <= 180 and -90 <= e.point.y <= 90 and e.radius_km > 0, e.id
        assert 0 <= e.killed_low <= e.killed_high, e.id
        assert e.known and e.place_name, e.id
        assert e.country_code is None or (len(e.country_code) == 2 and e.country_code.isupper()), e.id
        assert e.labels or e.victims or (e.names and e.words), e.id
    continents = {"ZA", "NG", "BR", "CO", "US", "MX", "IN", "PH", "FR", "GB", "IQ", "AU", "NZ", "RU"}
    assert continents <= {e.country_code for e in events}


def test_no_wording_names_two_events() -> None:
    owners: dict[str, set[str]] = {}
    for e in landmarks.events():
        for wording in (*e.labels, *e.victims, *e.surnames):
            owners.setdefault(wording.casefold(), set()).add(e.id)
    assert {w: ids for w, ids in owners.items() if len(ids) > 1} == {}


def test_every_label_and_every_victim_is_found() -> None:
    lost = []
    for e in landmarks.events():
        lost += [label for label in e.labels if not recalled(f"It recalled the {label} again.")]
        lost += [v for v in e.victims if e.id not in recalled(f"It recalled the killing of {v} again.")]
        lost += [s for s in e.surnames if e.id not in recalled(f"It recalled the killing of {s} again.")]
    assert lost == []


def test_the_file_says_what_its_numbers_mean() -> None:
    data = json.loads((files("geo") / "data" / "landmark_events.json").read_text(encoding="utf-8"))
    assert "WGS 84" in data["about"]


@pytest.mark.timeout(60)
@pytest.mark.parametrize("unit", ["killing of and ", "Soleimani ", "October 7 of the ", "attack on ", "Gen. "])
def test_endless_text_comes_to_an_end(unit: str) -> None:
    # A step that grows with the square of the length would not finish within the limit.
    assert recalled(unit * (500_000 // len(unit)) + "; the Bataclan attack") == ["bataclan"]
