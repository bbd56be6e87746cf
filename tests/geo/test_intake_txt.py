"""Plain text: front matter, headline, offsets."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from geo.intake import txt
from geo.intake.draft import complete

BODY = "Two shells hit the market of Exampleton on Monday. Nobody was hurt, the mayor of Exampleton said."


def test_front_matter_gives_the_fields() -> None:
    draft = txt.parse(
        "---\n"
        "Title: Shells hit market: nobody hurt\n"
        "published: 2026-01-31\n"
        "URL: https://news.example/shells?id=3\n"
        'publisher: "The Sample Post"\n'
        "id: sample-7\n"
        "language: en-GB\n"
        "---\n\n" + BODY
    )

    assert draft.title == "Shells hit market: nobody hurt"
    assert draft.published == "2026-01-31"
    assert draft.url == "https://news.example/shells?id=3"
    assert draft.publisher == "The Sample Post"
    assert draft.id == "sample-7"
    assert draft.language == "en-GB"
    assert draft.text == BODY


def test_a_colon_needs_a_blank_behind_it() -> None:
    text = f"---\ndate:2026-01-31\n---\n{BODY}"

    assert txt.parse(text).text == text


@pytest.mark.parametrize(
    "block",
    [
        "---\ndate: 2026-01-31\n---\n",
        "\ufeff---\r\nDATE:   2026-01-31  \r\n---\r\n",
        "\n\n---   \n# a comment\npublished: '2026-01-31'\ntags: [a, b]\nother_key: x\n...\n",
        "---\nauthor: Somebody\n  of somewhere\n\npublished: 2026-01-31\n---\n\n\n",
        "---\npublished: 2026-01-31\npublished: 1999-01-01\ntitle:\n---\n",
    ],
)
def test_front_matter_is_read_tolerantly(block: str) -> None:
    draft = txt.parse(block + BODY)

    assert draft.published == "2026-01-31"
    assert draft.text == BODY


def test_a_title_may_go_on_in_an_indented_line() -> None:
    assert txt.parse(f"---\ntitle: Shells hit market\n  in Exampleton\n---\n{BODY}").title == (
        "Shells hit market in Exampleton"
    )


@pytest.mark.parametrize(
    "text",
    [
        "---\n" + BODY,  # never closed
        "---\n" + BODY + "\n---\nMore.",  # a rule above and below
        "---\nnobody knows: this key\n---\n" + BODY,
        "---\n---\n" + BODY,
        "title: no marks around it\n\n" + BODY,
        "-----\ntitle: too many marks\n-----\n" + BODY,
        "---\n" + "x: y\n" * 100 + "title: far down\n---\n" + BODY,
    ],
)
def test_what_only_looks_like_front_matter_stays_text(text: str) -> None:
    assert txt.parse(text).text == text


def test_front_matter_is_never_interpreted() -> None:
    draft = txt.parse("---\ntitle: !!python/object:os.system {{7*7}} ${HOME} <b>\npublished: &a 1\n---\n" + BODY)

    assert draft.title == "!!python/object:os.system {{7*7}} ${HOME} <b>"


# --- headlines --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "above",
    ["", "green kettle\n\n", "The Sample PostNews That Tastes Good\n\n", "Menu\nWorld\n\n"],
)
def test_the_headline_is_found_below_the_name_of_the_site(above: str) -> None:
    text = f"{above}Shells hit market of Exampleton, mayor says\n\n{BODY}\n\nThe shells came from the north."

    draft = txt.parse(text)

    assert draft.title == "Shells hit market of Exampleton, mayor says"
    assert draft.text == text  # the headline stays where it is: offsets count in the whole text


def test_the_first_of_headline_and_subheading_is_taken() -> None:
    text = f"Shells hit market of Exampleton\nMayor says nobody was hurt on Monday\n\n{BODY}"

    assert txt.parse(text).title == "Shells hit market of Exampleton"


@pytest.mark.parametrize("text", [BODY, BODY + "\n\n" + BODY, "Fire.", "Short words\nand no more"])
def test_a_text_without_a_headline_gets_no_title(text: str) -> None:
    assert txt.parse(text).title is None


# --- properties -------------------------------------------------------------------------------------------------------

plain = st.text(st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\ufeff"), min_size=1, max_size=300)


@given(st.text(max_size=500))
@example("---\n:\n---")
@example("---\n title: x\n---\n")
@example("\x00---\x00\ntitle: \x00\n---\r\r")
def test_any_text_can_be_parsed_and_parsing_its_result_changes_nothing_more(content: str) -> None:
    draft = txt.parse(content)

    assert "\0" not in draft.text
    draft.text.encode()
    assert txt.tidy(draft.text) == draft.text


@given(title=plain, body=plain)
def test_a_title_and_a_text_come_back_as_they_went_in(title: str, body: str) -> None:
    value = " ".join(title.split())
    quoted = value.startswith(("'", '"'))
    if not value or quoted or value.lower() in ("null", "~") or not body.strip():
        return

    draft = txt.parse(f"---\ntitle: {value}\npublished: 2026-01-31\n---\n{body}")

    assert draft.title == value
    assert draft.published == "2026-01-31"
    assert draft.text == body.strip()


@given(plain)
def test_the_text_of_the_article_is_the_text_of_the_draft(body: str) -> None:
    draft = txt.parse("Fire in Exampleton " + body)

    article, _ = complete(draft, date(2026, 6, 1))

    assert article.text == draft.text
