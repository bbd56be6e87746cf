"""Saved web pages: the article and what the page states about it, without the page around it."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from geo.errors import BadArticle
from geo.intake import html, read_path
from geo.intake.decoding import decode
from geo.intake.draft import complete
from geo.model import Article

DATA = Path(__file__).parents[1] / "data" / "intake"
TODAY = date(2026, 6, 1)
PARAGRAPHS = "".join(
    f"<p>Paragraph {number} says that a patrol crossed the Sample river before dawn and that nobody was hurt.</p>"
    for number in range(4)
)


def page(name: str) -> Article:
    (article,) = read_path(DATA / name, today=TODAY)
    assert isinstance(article, Article)
    return article


def test_an_article_is_read_with_what_its_page_states() -> None:
    article = page("page.html")

    assert article.title == "Ferry hits pier in Port Example, eleven hurt"
    assert article.publisher == "The Harbour Gazette"
    assert article.url == "https://harbour-gazette.example/2024/03/ferry-hits-pier"
    assert article.published == date(2024, 3, 9)  # as printed there, not the day it was in UTC


def test_every_paragraph_is_kept_on_a_line_of_its_own() -> None:
    lines = page("page.html").text.split("\n")

    assert any(line.startswith("A passenger ferry rammed") and line.endswith("master said.") for line in lines)
    assert any(line.startswith("The vessel had left the island of Samplé") for line in lines)
    assert any(line.startswith("Rescue workers") and line.endswith("on the quay.") for line in lines)


@pytest.mark.parametrize(
    "noise", ["Subscribe", "recipes", "Faraway", "nonsense", "Copyright", "Cookie", "tracker", "Read more"]
)
def test_what_stands_around_the_article_is_left_out(noise: str) -> None:
    assert noise not in page("page.html").text


def test_no_date_is_made_up_from_a_copyright_line() -> None:
    article = page("undated.html")

    assert article.published is None
    assert "Copyright" not in article.text
    assert "the ford near Teststead" in article.text


def test_a_date_in_the_future_is_said() -> None:
    markup = (
        f'<head><meta property="article:published_time" content="2199-05-05"></head><article>{PARAGRAPHS}</article>'
    )

    article, remarks = complete(html.parse(markup), TODAY)

    assert article.published is None
    assert len(remarks) == 1
    assert "lies in the future" in remarks[0]


@pytest.mark.parametrize(
    ("declaration", "encoding"),
    [
        ('<meta charset="windows-1251">', "cp1251"),
        ("<meta http-equiv=Content-Type content='text/html; charset=koi8-r'>", "koi8-r"),
        ("<?xml version='1.0' encoding='ISO-8859-5'?>", "iso-8859-5"),
    ],
)
def test_the_charset_that_a_page_declares_is_believed_where_utf8_fails(declaration: str, encoding: str) -> None:
    markup = f"{declaration}<html><body><article>{PARAGRAPHS}<p>Тестово</p></article></body></html>"

    assert "Тестово" in decode(markup.encode(encoding), html=True)


def test_latin_1_means_windows_1252_as_in_browsers() -> None:
    assert decode(b"<meta charset=iso-8859-1>\x93caf\xe9\x94", html=True).endswith("“café”")


def test_characters_that_no_database_holds_do_not_come_through() -> None:
    text = html.parse(f"<article>{PARAGRAPHS}<p>odd &#0; &#xD800; \x00 end</p></article>").text

    assert "odd" in text
    assert not any(letter == "\0" or "\ud800" <= letter <= "\udfff" for letter in text)


@pytest.mark.parametrize(
    "markup",
    [
        "",
        "<",
        "<![x[<!DOCTYPE<!--",
        "<!--" * 10_000,
        "<div>" * 20_000 + "x",
        "<table><tr><td>" * 10_000,
        "<p " + "a=b " * 100_000 + ">",
        "\x00<p>\x00",
        "&" * 100_000,
        "<svg><script>" * 5_000,
        "plain words without any tag",
    ],
)
def test_odd_pages_are_refused_and_nothing_else_happens(markup: str) -> None:
    with pytest.raises(BadArticle, match=r"no article|cannot be parsed"):
        html.parse(markup)
