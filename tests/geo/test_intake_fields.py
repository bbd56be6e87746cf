"""Ids and publication dates: the judgement that all doors share."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.intake.draft import Draft, complete
from geo.intake.identity import article_id, canonical, web_address
from geo.intake.publication import day

TODAY = date(2026, 6, 1)
TEXT = "Two shells hit the market of Exampleton."


# --- ids --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "url",
    [
        "http://news.example/world/shells",
        "https://NEWS.Example/world/shells/",
        "https://www.news.example/world/shells#comments",
        "https://news.example:443/world/shells?utm_source=x&utm_campaign=y&fbclid=z",
        "https://news.example/world/shells/amp/",
        "https://news.example/world/shells.amp",
        "https://news.example/amp/world/shells",
        "https://amp.news.example/world/shells",
        "https://news.example/world/shells?amp=1",
        "https://news.example/world/shells?outputType=amp",
        "https://news.example//world/shells?",
        "https://news-example.cdn.ampproject.org/c/s/news.example/world/shells",
    ],
)
def test_spellings_of_one_address_are_one_article(url: str) -> None:
    assert canonical(url) == "news.example/world/shells"
    assert article_id(None, url, "any text") == article_id(None, "https://news.example/world/shells", TEXT)


@pytest.mark.parametrize(
    "url",
    [
        "https://news.example/world/shells-2",
        "https://news.example/World/Shells",  # paths tell capitals apart
        "https://news.example/world/shells?id=2",
        "https://news.example:8080/world/shells",
        "https://other.example/world/shells",
        "https://news.example/world/champ",
    ],
)
def test_other_addresses_are_other_articles(url: str) -> None:
    assert canonical(url) != "news.example/world/shells"


def test_the_order_of_parameters_does_not_matter() -> None:
    assert canonical("https://a.example/?b=2&a=1") == canonical("https://a.example?a=1&utm_id=4&b=2")


def test_without_an_address_the_words_make_the_id() -> None:
    again = TEXT.replace(" ", " \n\u00a0")

    assert article_id(None, None, TEXT) == article_id(None, None, again)
    assert article_id(None, None, TEXT) != article_id(None, None, TEXT + " Again.")


def test_ids_stay_what_they_are_for_ever() -> None:
    # a change here gives every article in every store a new id
    assert article_id(None, "https://news.example/world/shells", "") == "a1a1e159bf14c"
    assert article_id(None, None, TEXT) == "a369cff735a22"


def test_a_given_id_wins() -> None:
    assert article_id("s-1", "https://news.example/a", TEXT) == "s-1"


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)",
        "ftp://news.example/a",
        "news.example/a",
        "https:///a",
        "https://",
        "http://[::1",
        "http://a.example:99999/",
        "https://a.example/<script>",
        "https://a.example/a b",
        'https://a.example/"',
        "https://a.example/\u202e",
        "https://a.example/" + "a" * 2000,
        "",
        None,
    ],
)
def test_what_is_no_web_address_is_left_out(url: str | None) -> None:
    assert web_address(url) is None


@given(st.text(max_size=100))
def test_any_text_can_be_judged_as_an_address(text: str) -> None:
    for url in (text, f"https://{text}", f"https://news.example/{text}"):
        if (address := web_address(url)) is not None:
            assert article_id(None, address, "x").startswith("a")


def test_a_strange_language_is_taken_for_english_and_said() -> None:
    article, remarks = complete(Draft(TEXT, language="<b>"), TODAY)

    assert article.language == "en"
    assert "no language code" in remarks[0]


# --- dates ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "stated",
    [
        "2026-01-31",
        "20260131",
        "2026-01-31T23:59:59Z",
        "2026-01-31T23:59:59-11:00",  # the day is the one printed, though it was February in UTC
        "2026-01-31T00:10:00+14:00",
        "2026-01-31 12:00",
        "2026-01-31T12:00:00.123456+00:00",
        "2026/01/31",
        "2026.1.31",
        "Sat, 31 Jan 2026 23:10:00 -0800",
        "31 Jan 2026 23:10 GMT",
        "31 January 2026",
        "January 31, 2026",
        "Jan. 31, 2026",
        "Saturday, January 31, 2026",
        "  31   Jan  2026 ",
    ],
)
def test_a_date_is_read_as_printed(stated: str) -> None:
    assert day(stated, TODAY) == (date(2026, 1, 31), None)


@pytest.mark.parametrize(
    "stated",
    [
        "02/03/2021",
        "2.3.2021",
        "02-03-21",
        "yesterday",
        "January 2026",
        "2026-13-01",
        "2026-02-30",
        "31",
        "1769817600",
        "Sat, 99 Jan 2026 10:00:00 +0000",
        "\x00",
        "{{7*7}}",
    ],
)
def test_nothing_is_guessed(stated: str) -> None:
    found, problem = day(stated, TODAY)

    assert found is None
    assert problem is not None
    assert "cannot be read without guessing" in problem


def test_tomorrow_is_believed_because_it_is_tomorrow_somewhere() -> None:
    assert day("2026-06-02", TODAY) == (date(2026, 6, 2), None)


@pytest.mark.parametrize(
    ("stated", "word"),
    [("2026-06-03", "future"), ("9999-12-31", "future"), ("1899-12-31", "1900"), ("0001-01-01", "1900")],
)
def test_dates_that_cannot_be_are_not_believed(stated: str, word: str) -> None:
    found, problem = day(stated, TODAY)

    assert found is None
    assert problem is not None
    assert word in problem
    assert stated in problem


@given(st.text(max_size=60))
def test_any_text_can_be_judged_as_a_date(stated: str) -> None:
    found, problem = day(stated, TODAY)

    assert (found is None) == (problem is not None)


@given(st.dates(min_value=date(1900, 1, 1), max_value=TODAY))
def test_every_day_is_read_in_iso_form(stated: date) -> None:
    assert day(stated.isoformat(), TODAY) == (stated, None)
