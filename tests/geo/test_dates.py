"""Time expressions of the news of many regions, resolved to intervals. All sentences are our own."""

from __future__ import annotations

import time
from datetime import date, timedelta

import pytest

from geo import dates
from geo.model import DateMention, Sentence

MONDAY = date(2021, 6, 28)
"""A Monday: the day that most cases are published on."""


def read(text: str, published: date | None = MONDAY) -> tuple[DateMention, ...]:
    return dates.find(text, [Sentence(0, len(text), text, 0)], published)


def only(text: str, published: date | None = MONDAY) -> DateMention:
    found = read(text, published)
    assert len(found) == 1, [m.text for m in found]
    return found[0]


def days(words: str) -> tuple[date | None, date | None]:
    """ "2021-06-27" or "2021-06-27..2021-06-28" or "-" for open."""
    if words == "-":
        return None, None
    first, _, last = words.partition("..")
    return date.fromisoformat(first), date.fromisoformat(last or first)


# text | words found | days | precision
DAYS = """
The ministry signed the paper on June 27, 2021, in Kyiv. | June 27, 2021 | 2021-06-27 | 1
Shelling of Donetsk began on 24 February 2019 before dawn. | 24 February 2019 | 2019-02-24 | 1
Gunmen came on June 27 and left. | June 27 | 2021-06-27 | 1
The clash happened on the 27th of June near Gao. | 27th of June | 2021-06-27 | 1
The record of 2021-06-27 names no place. | 2021-06-27 | 2021-06-27 | 1
A convoy was hit on Jan. 3 outside the airport. | Jan. 3 | 2021-01-03 | 1
The rockets of Feb 15 killed a worker. | Feb 15 | 2021-02-15 | 1
Police in Guerrero found the car on Sept. 9. | Sept. 9 | 2020-09-09 | 1
On July 4 the village was burned. | July 4 | 2020-07-04 | 1
On 3rd March troops entered Mandalay. | 3rd March | 2021-03-03 | 1
On Sunday, June 27, jets struck the depot. | Sunday, June 27 | 2021-06-27 | 1
On Tuesday 15 June 2021 a mine went off. | Tuesday 15 June 2021 | 2021-06-15 | 1
A bomb exploded on May 5th, 2019 in Lahore. | May 5th, 2019 | 2019-05-05 | 1
The dam broke on Oct. 7 last year. | Oct. 7 last year | 2020-10-07 | 1
The raid of April 2 this year was the first. | April 2 this year | 2021-04-02 | 1
Report dated 13-May-2020 from Cox's Bazar. | 13-May-2020 | 2020-05-13 | 1
Displacement as of 22/01/2021 was low. | 22/01/2021 | 2021-01-22 | 1
The strike of 14.03.2020 hit Idlib. | 14.03.2020 | 2020-03-14 | 1
The envoy arrived on 1 June; nothing else moved. | 1 June | 2021-06-01 | 1
The fort fell on June 21, 1776, to the rebels. | June 21, 1776 | 1776-06-21 | 1
Fighting resumed on 31 December near Goma. | 31 December | 2020-12-31 | 1
The shelling on Monday wounded a farmer. | Monday | 2021-06-28 | 1
Two drones fell on Saturday. | Saturday | 2021-06-26 | 1
The governor said Sunday that the road was closed. | Sunday | 2021-06-27 | 1
A checkpoint was attacked early Saturday. | early Saturday | 2021-06-26 | 1
The jets came back late Sunday. | late Sunday | 2021-06-27 | 1
A market burned on Sunday night. | Sunday night | 2021-06-27 | 1
Friday’s attack was the third. | Friday’s | 2021-06-25 | 1
Thursday's raid lasted an hour. | Thursday's | 2021-06-24 | 1
It happened last Friday in Culiacan. | last Friday | 2021-06-25 | 1
The men were seized last Monday. | last Monday | 2021-06-21 | 1
The planes came early on Friday Middle Eastern time. | early on Friday | 2021-06-25 | 1
Tuesday morning a car bomb shook Kabul. | Tuesday morning | 2021-06-22 | 1
A teacher was shot this past Wednesday. | this past Wednesday | 2021-06-23 | 1
On Wednesday of last week a train derailed. | Wednesday of last week | 2021-06-23 | 1
Villagers fled on Friday last week. | Friday last week | 2021-06-25 | 1
The court sat two weeks ago on Thursday. | two weeks ago on Thursday | 2021-06-10 | 1
The ship was hit a week ago Thursday. | a week ago Thursday | 2021-06-17 | 1
Troops fired on the crowd today. | today | 2021-06-28 | 1
The blast was heard yesterday. | yesterday | 2021-06-27 | 1
The first shots fell yesterday evening. | yesterday evening | 2021-06-27 | 1
The curfew starts tonight. | tonight | 2021-06-28 | 1
A shell hit the clinic this morning. | this morning | 2021-06-28 | 1
U.S. jets struck earlier this evening. | earlier this evening | 2021-06-28 | 1
He spoke earlier today in Rome. | earlier today | 2021-06-28 | 1
They met the day before yesterday. | the day before yesterday | 2021-06-26 | 1
Two days ago a bus was stopped. | Two days ago | 2021-06-26 | 1
The prisoners left five days ago. | five days ago | 2021-06-23 | 1
"""

SPANS = """
An overnight raid killed two men. | overnight | 2021-06-27..2021-06-28 | 2
Rockets landed overnight in Sderot. | overnight | 2021-06-27..2021-06-28 | 2
Shells fell last night on Avdiivka. | last night | 2021-06-27..2021-06-28 | 2
The town was bombed overnight from Saturday to Sunday. | overnight from Saturday to Sunday | 2021-06-26..2021-06-27 | 2
Fighting went on from Friday to Sunday. | from Friday to Sunday | 2021-06-25..2021-06-27 | 2
Clashes between 5 and 8 May emptied the town. | between 5 and 8 May | 2021-05-05..2021-05-08 | 2
The offensive of May 5-8 failed. | May 5-8 | 2021-05-05..2021-05-08 | 2
Floods came on 13 and 14 February in Java. | 13 and 14 February | 2021-02-13..2021-02-14 | 2
From 28 April to 3 May 2020 the camp was sealed. | From 28 April to 3 May 2020 | 2020-04-28..2020-05-03 | 2
Bombs fell from December 30 to January 2. | from December 30 to January 2 | 2020-12-30..2021-01-02 | 2
Works run from April 15, 2018 to March 31, 2019. | from April 15, 2018 to March 31, 2019 | 2018-04-15..2019-03-31 | 5
The night of 25-26 April was loud. | 25-26 April | 2021-04-25..2021-04-26 | 2
In June 2021 the front was quiet. | June 2021 | 2021-06-01..2021-06-28 | 4
In June 2020, troops withdrew. | June 2020 | 2020-06-01..2020-06-30 | 4
In April, a boat hit the pier. | April | 2021-04-01..2021-04-30 | 4
An April raid on the port worried them. | April | 2021-04-01..2021-04-30 | 4
A second fire in May raised fears. | May | 2021-05-01..2021-05-31 | 4
In November a bishop was taken. | November | 2020-11-01..2020-11-30 | 4
The ambush last April was worse. | last April | 2021-04-01..2021-04-30 | 4
The raid last June was worse. | last June | 2020-06-01..2020-06-30 | 4
In early March rebels took the mine. | early March | 2021-03-01..2021-03-10 | 4
Rains began in mid-November across Honduras. | mid-November | 2020-11-11..2020-11-20 | 4
In late December 2020 thousands fled. | late December 2020 | 2020-12-21..2020-12-31 | 4
By the end of August 2020 it was over. | end of August 2020 | 2020-08-21..2020-08-31 | 4
In the first week of April 2020 cases rose. | first week of April 2020 | 2020-04-01..2020-04-07 | 3
A plane was lost in March last year. | March last year | 2020-03-01..2020-03-31 | 4
The truce held from March to June. | from March to June | 2021-03-01..2021-06-28 | 5
From October 2020 to January 2021 nobody moved. | From October 2020 to January 2021 | 2020-10-01..2021-01-31 | 5
The group split in mid-2019. | mid-2019 | 2019-05-01..2019-08-31 | 5
The pact was signed in late 2017. | late 2017 | 2017-09-01..2017-12-31 | 5
He left the army in 2020. | 2020 | 2020-01-01..2020-12-31 | 5
In 2021 the war widened. | 2021 | 2021-01-01..2021-06-28 | 5
The first half of 2019 was calm. | first half of 2019 | 2019-01-01..2019-06-30 | 5
They fought between 2010 and 2014. | between 2010 and 2014 | 2010-01-01..2014-12-31 | 5
The 2015 nuclear deal is dead. | 2015 | 2015-01-01..2015-12-31 | 5
It recalled a 2020 missile strike. | 2020 | 2020-01-01..2020-12-31 | 5
He led the 2012 coup in Bamako. | 2012 | 2012-01-01..2012-12-31 | 5
A parade was held last year. | last year | 2020-01-01..2020-12-31 | 5
The commander toured the base last month. | last month | 2021-05-01..2021-05-31 | 4
Three villages were attacked last week. | last week | 2021-06-21..2021-06-27 | 3
Five drones were shot down this month. | this month | 2021-06-01..2021-06-28 | 4
The army shelled Sagaing earlier this month. | earlier this month | 2021-06-01..2021-06-28 | 4
Two bases were hit earlier this year. | earlier this year | 2021-01-01..2021-06-28 | 5
Monks marched over the weekend. | over the weekend | 2021-06-26..2021-06-27 | 2
The fire last weekend spread. | last weekend | 2021-06-26..2021-06-27 | 2
Ten people vanished last summer. | last summer | 2020-06-01..2020-08-31 | 5
The bridge fell in the spring of 2019. | the spring of 2019 | 2019-03-01..2019-05-31 | 5
He was freed three months ago. | three months ago | 2021-03-13..2021-04-12 | 4
The village fell two weeks ago. | two weeks ago | 2021-06-11..2021-06-17 | 3
The talks broke down more than a year ago. | more than a year ago | 2019-06-28..2020-06-28 | 5
A few days ago the well dried up. | A few days ago | 2021-06-21..2021-06-27 | 2
The gangs ruled here in the 1990s. | the 1990s | 1990-01-01..1999-12-31 | 5
Refugees came in the late 1980s. | the late 1980s | 1987-01-01..1989-12-31 | 5
The report of 03/02/2021 is unclear. | 03/02/2021 | 2021-02-03..2021-03-02 | 4
"""

SINCE = """
Six attacks since April used drones. | since April | 2021-04-01..2021-06-28
Since late 2019 the bases have been shelled. | Since late 2019 | 2019-09-01..2021-06-28
The police shrank since the start of last year. | since the start of last year | 2020-01-01..2021-06-28
The road is shut since Friday. | since Friday | 2021-06-25..2021-06-28
Since 2013 he has served in Ankara. | Since 2013 | 2013-01-01..2021-06-28
The port is closed since 18 May. | since 18 May | 2021-05-18..2021-06-28
Ten journalists died since the 2011 uprising. | since the 2011 | 2011-01-01..2021-06-28
Rockets fell daily in recent weeks. | in recent weeks | 2021-05-17..2021-06-28
Clashes grew in recent days. | in recent days | 2021-06-23..2021-06-28
Prices doubled over the past year. | over the past year | 2020-06-28..2021-06-28
Forty shells fell in the last 24 hours. | in the last 24 hours | 2021-06-27..2021-06-28
Violence rose during the past three months. | during the past three months | 2021-03-28..2021-06-28
The past two weeks were hard. | The past two weeks | 2021-06-14..2021-06-28
Nine drones came down so far this year. | so far this year | 2021-01-01..2021-06-28
"""

# text | words | offset | precision
HANGING = """
The shots fired a night earlier were answered. | a night earlier | -1,0 | 2
The night before, two men had crossed the river. | The night before | -1,0 | 2
The day before, a bridge was blown up. | The day before | -1,-1 | 1
Hours earlier, drones had landed nearby. | Hours earlier | -1,0 | 2
Hours later the army answered. | Hours later | 0,1 | 2
Troops came hours after the raid. | hours after | 0,1 | 2
Two days later a second bomb went off. | Two days later | 2,2 | 1
He died three days after the crash. | three days after | 3,3 | 1
The day after, the market reopened. | The day after | 1,1 | 1
The following day a second boat sank. | The following day | 1,1 | 1
The next morning soldiers arrived. | The next morning | 1,1 | 1
On the same day a priest was taken. | the same day | 0,0 | 1
A drone was shot down the same day. | the same day | 0,0 | 1
That night the fort was stormed. | That night | 0,1 | 2
A week after the vote they struck again. | A week after | 4,10 | 3
Rockets followed in the days after. | in the days after | 1,6 | 2
He had resigned the previous day. | the previous day | -1,-1 | 1
The truck was stolen five days before the bombing. | five days before | -5,-5 | 1
Minutes later a second shell hit. | Minutes later | 0,0 | 1
The town fell 48 hours later. | 48 hours later | 2,2 | 2
"""

ANNIVERSARIES = """
Monday marked the anniversary of the strike. | the anniversary of
Two years after the killing of the general, rockets fell. | Two years after
They lit candles on the fifth anniversary of the fire. | the fifth anniversary of
Ten years after the bombing the street was quiet. | Ten years after
The march recalled the one-year anniversary of the coup. | the one-year anniversary of
"""

FUTURE = """
The council will meet on Tuesday. | Tuesday | 2021-06-29
On Thursday the court will rule. | Thursday | 2021-07-01
A vote is due on Sunday. | Sunday | 2021-07-04
Leaders meet next Monday in Geneva. | next Monday | 2021-07-05
Talks are set to resume on July 10. | July 10 | 2021-07-10
The truce ends tomorrow. | tomorrow | 2021-06-29
Elections will be held in October. | October | 2021-10-01..2021-10-31
The troops leave next month. | next month | 2021-07-01..2021-07-31
A deal may come in the coming weeks. | in the coming weeks | 2021-06-28..2021-08-09
The base will close in 2025. | 2025 | 2025-01-01..2025-12-31
"""

NOTHING = """
The rebels may march on the capital.
They march daily past the fort.
April told reporters that the road was safe.
June Park and her son August fled.
May they rest in peace.
The mission has 2,500 troops there.
More than 2000 people marched through Minsk.
The second wave of attackers was stopped.
The sun rose over the trench.
Black Friday sales rose.
He reads the Sunday Times.
The market opens every Friday.
Prayers are held on Fridays.
Nobody knows the number of the fallen.
The missile flew 1,980 kilometres.
The 12-year-old boy was wounded.
A five-day march ended.
Some 1990 homes burned.
They live in the July 14 Bridge district.
He will autumn there.
It costs $2000 today's traders say.
In today's world no one is safe.
"""


def cases(table: str) -> list[tuple[str, ...]]:
    return [tuple(cell.strip() for cell in line.split(" | ")) for line in table.splitlines() if line]


@pytest.mark.parametrize(("text", "words", "when", "precision"), cases(DAYS + SPANS))
def test_an_expression_is_resolved_from_the_publication_date(text: str, words: str, when: str, precision: str) -> None:
    mention = only(text)
    assert mention.text == words
    assert (mention.first, mention.last) == days(when)
    assert mention.precision == int(precision)
    assert mention.use == "point"
    assert text[mention.start : mention.end] == mention.text
    assert mention.rule


@pytest.mark.parametrize(("text", "words", "when"), cases(SINCE))
def test_the_start_of_a_period(text: str, words: str, when: str) -> None:
    mention = only(text)
    assert mention.text == words
    assert mention.use == "since"
    assert (mention.first, mention.last) == days(when)


@pytest.mark.parametrize(("text", "words", "offset", "precision"), cases(HANGING))
def test_what_hangs_on_another_event_has_an_offset_and_no_days(
    text: str, words: str, offset: str, precision: str
) -> None:
    mention = only(text)
    assert mention.text == words
    assert mention.anchor == "event"
    assert (mention.first, mention.last) == (None, None)
    assert mention.offset == tuple(int(part) for part in offset.split(","))
    assert mention.precision == int(precision)


@pytest.mark.parametrize(("text", "words"), cases(ANNIVERSARIES))
def test_an_anniversary_points_at_the_old_event(text: str, words: str) -> None:
    found = [m for m in read(text) if m.use == "anniversary"]
    assert [m.text for m in found] == [words]
    assert found[0].last is None or found[0].last < MONDAY - timedelta(days=180)


@pytest.mark.parametrize(("text", "words", "when"), cases(FUTURE))
def test_what_lies_ahead_is_marked(text: str, words: str, when: str) -> None:
    mention = only(text)
    assert mention.text == words
    assert mention.use == "future"
    assert (mention.first, mention.last) == days(when)


@pytest.mark.parametrize("text", NOTHING.strip().splitlines())
def test_words_that_are_no_dates(text: str) -> None:
    assert [m.text for m in read(text)] == []


@pytest.mark.parametrize(
    ("text", "precision"),
    [
        ("The blast on Monday was heard far away.", 1),
        ("It happened last week.", 3),
        ("It happened in April.", 4),
        ("Rockets fell overnight.", 2),
        ("He was killed on June 27.", 1),
        ("He was killed three months ago.", 4),
        ("The base was hit yesterday.", 1),
        ("The base was hit last year.", 5),
        ("Clashes took place between 5 and 8 May.", 2),
    ],
)
def test_without_a_publication_date_the_relative_stays_open(text: str, precision: int) -> None:
    mention = only(text, None)
    assert (mention.first, mention.last, mention.precision) == (None, None, precision)


@pytest.mark.parametrize(
    ("text", "when"),
    [
        ("The deal of 14 July 2015 was praised.", "2015-07-14"),
        ("In May 2019 the dam broke.", "2019-05-01..2019-05-31"),
        ("In 2018 he left the deal.", "2018-01-01..2018-12-31"),
        ("The 2011 uprising began here.", "2011-01-01..2011-12-31"),
        ("In the 1990s the gangs ruled.", "1990-01-01..1999-12-31"),
    ],
)
def test_without_a_publication_date_the_absolute_stays(text: str, when: str) -> None:
    mention = only(text, None)
    assert (mention.first, mention.last) == days(when)
    assert mention.anchor == "absolute"


def test_the_weekday_of_publication_means_that_day_and_last_means_the_week_before() -> None:
    friday = date(2021, 2, 26)
    assert only("The raids began early on Friday.", friday).first == friday
    assert only("The raids began last Friday.", friday).first == date(2021, 2, 19)


def test_every_weekday_is_the_last_on_or_before_every_publication_day() -> None:
    for offset in range(14):
        published = MONDAY + timedelta(days=offset)
        for number, name in enumerate(("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")):
            day = only(f"A mine exploded on {name}.", published).first
            assert day is not None
            assert day.weekday() == number
            assert timedelta(0) <= published - day < timedelta(days=7)


def test_a_saying_in_the_future_tense_keeps_its_own_day_in_the_past() -> None:
    found = read("The minister said Saturday that troops will leave on Wednesday.")
    assert [(m.text, m.first, m.use) for m in found] == [
        ("Saturday", date(2021, 6, 26), "point"),
        ("Wednesday", date(2021, 6, 30), "future"),
    ]


def test_two_dates_joined_by_and_are_two_dates() -> None:
    assert [m.text for m in read("They wrote on March 13 and March 21.")] == ["March 13", "March 21"]


def test_a_conjunction_before_a_weekday_does_not_point_at_another_event() -> None:
    found = read("He said that Friday marked the end, and that on that Friday all fell silent.")
    assert [(m.text, m.anchor) for m in found] == [("Friday", "publication"), ("that Friday", "event")]


def test_who_uses_something_since_a_month_does_not_speak_of_the_future() -> None:
    mention = only("Bases used by the force in Iraq since April were shelled.")
    assert (mention.first, mention.use) == (date(2021, 4, 1), "since")


def test_several_expressions_come_in_order() -> None:
    text = "On Friday two men died, a day earlier three, and in March 2019 none."
    assert [m.text for m in read(text)] == ["Friday", "a day earlier", "March 2019"]


def test_offsets_count_in_the_article_not_in_the_sentence() -> None:
    text = "Nothing here.\n\nA shell fell on Tuesday."
    start = text.index("A shell")
    found = dates.find(text, [Sentence(0, 13, text[:13], 0), Sentence(start, len(text), text[start:], 1)], MONDAY)
    assert [(m.start, m.text) for m in found] == [(text.index("Tuesday"), "Tuesday")]


def test_a_leap_day_without_a_year_is_the_last_one() -> None:
    assert only("The ferry sank on February 29.").first == date(2020, 2, 29)


def test_an_impossible_day_is_no_date() -> None:
    assert read("Flight of February 31 was made up.") == ()


def test_a_day_after_publication_by_the_clock_of_another_zone_stays_in_this_year() -> None:
    assert only("The strike came on June 29.").first == date(2021, 6, 29)


@pytest.mark.parametrize(
    ("event", "offset", "expected"),
    [
        (("2021-06-27", "2021-06-27"), (-1, 0), ("2021-06-26", "2021-06-27", 2)),
        (("2021-06-27", "2021-06-27"), (2, 2), ("2021-06-29", "2021-06-29", 1)),
        (("2021-06-27", "2021-06-28"), (-1, -1), ("2021-06-26", "2021-06-27", 2)),
        (("2021-02-15", "2021-02-15"), (1, 6), ("2021-02-16", "2021-02-21", 2)),
        (("2021-04-01", "2021-04-30"), (1, 1), ("2021-04-02", "2021-05-01", 4)),
        (("2021-06-27", "2021-06-27"), None, ("2021-06-27", "2021-06-27", 1)),
    ],
)
def test_combine_moves_the_event(
    event: tuple[str, str], offset: tuple[int, int] | None, expected: tuple[str, str, int]
) -> None:
    mention = DateMention(0, 1, "x", None, None, 1, "test", "event", offset)
    days_of = (date.fromisoformat(event[0]), date.fromisoformat(event[1]))
    first, last, precision = dates.combine(days_of, mention)
    assert (first.isoformat(), last.isoformat(), precision) == expected


def test_combine_keeps_days_of_its_own() -> None:
    mention = only("A mine exploded on Friday.")
    assert dates.combine((date(2000, 1, 1), date(2000, 1, 1)), mention) == (date(2021, 6, 25), date(2021, 6, 25), 1)


@pytest.mark.parametrize("edge", [date.min, date.max])
def test_the_edges_of_the_calendar_raise_nothing(edge: date) -> None:
    text = "Last year, two decades ago, in April, next month, the past 400 years, on Friday, a week later, yesterday."
    assert read(text, edge)


@pytest.mark.parametrize(
    "text",
    [
        "Monday " * 30_000,
        "May 5 to " * 22_000,
        "early the " * 20_000,
        "more than two hundred and two " * 7_000,
        "1" * 200_000,
        "2020-" * 40_000,
        " " * 200_000 + "May",
        "in the first week of " * 10_000,
        "said on " * 25_000 + "Monday",
        "A" * 100_000 + " years " + "a" * 100_000,
    ],
    ids=lambda text: text[:12],
)
def test_hostile_text_is_read_in_linear_time(text: str) -> None:
    started = time.process_time()
    read(text)
    assert time.process_time() - started < 10
