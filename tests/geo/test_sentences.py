"""Sentences and the roles of lines. All texts are our own."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo import sentences


def cases(table: str) -> list[Any]:
    """The lines of a table; those that begin with "?" are known gaps, and must be freed of the mark once they pass."""
    gap = pytest.mark.xfail(strict=True, reason="known gap")
    lines = table.strip().splitlines()
    return [pytest.param(x[2:], marks=gap, id=x) if x.startswith("? ") else pytest.param(x, id=x) for x in lines]


CUT = """
The army left. Villagers came back. | The army left. // Villagers came back.
The U.S. Army left Mosul. It was late. | The U.S. Army left Mosul. // It was late.
Troops of the U.S. The bridge fell. | Troops of the U.S. // The bridge fell.
He left the U.K. on Sunday. | He left the U.K. on Sunday.
Lt. Gen. Amos Reed spoke. Maj. Lee did not. | Lt. Gen. Amos Reed spoke. // Maj. Lee did not.
John F. Morris and J. R. Cole agreed. So did I. | John F. Morris and J. R. Cole agreed. // So did I.
Gunmen came at 5 p.m. Monday. | Gunmen came at 5 p.m. Monday.
It began at 6 a.m. The road was shut. | It began at 6 a.m. // The road was shut.
Police said so on Jan. 5. Nobody answered. | Police said so on Jan. 5. // Nobody answered.
In Oct. 2021 it rained. | In Oct. 2021 it rained.
The firm, Foo Co. Ltd., closed. | The firm, Foo Co. Ltd., closed.
He lives near St. Louis. She does not. | He lives near St. Louis. // She does not.
About 3.5 tons burned. Prices rose 2.1 percent. | About 3.5 tons burned. // Prices rose 2.1 percent.
Did they flee? They did! Then silence… Nobody came. | Did they flee? // They did! // Then silence… // Nobody came.
“We ran. It burned.” He wept. | “We ran. // It burned.” // He wept.
She said, “Go!” and left. | She said, “Go!” and left.
"It was a drone," he said. "It fell." | "It was a drone," he said. // "It fell."
(They came at night.) Nobody slept. | (They came at night.) // Nobody slept.
No. 5 Company left. | No. 5 Company left.
Gov. Ana Ruiz of Tex. was there. | Gov. Ana Ruiz of Tex. was there.
Visit example.org for more. Thanks. | Visit example.org for more. // Thanks.
部队离开了。村民回来了。 | 部队离开了。 // 村民回来了。
"""


@pytest.mark.parametrize("case", cases(CUT))
def test_sentences_end_where_they_end(case: str) -> None:
    text, wanted = case.split(" | ")
    assert [s.text for s in sentences.split(text)] == wanted.split(" // ")


def roles(text: str, title: str | None = None) -> list[str]:
    return [s.role for s in sentences.split(text, title)]


BODY = "The shells fell on the old town, residents said."
LINES = """
By Anna Lind | byline
By Anna Lind and Omar Saleh | byline
BY ANNA LIND | byline
Source: Sample Agency | byline
Reporting by Anna Lind; editing by Jon Ek | byline
Anna Lind contributed to this report. | byline
Photo: A street after the attack | caption
FILE PHOTO: Soldiers stand near a bridge. | caption
A man walks past a burnt car. (Photo: Jane Roe) | caption
A man walks past a burnt car. (Photo by Jane Roe/Sample Images) | caption
Video: the moment of the blast | caption
Smoke rises over the port. Jane Roe/Getty Images | caption
Read more: Bomb kills nine elsewhere | noise
Also read: Bomb kills nine elsewhere | noise
RELATED: Bomb kills nine elsewhere | noise
Bomb kills nine elsewhere | noise
Advertisement | noise
We use cookies to make this page better. | noise
Accept all cookies | noise
Sign up for our morning letter. | noise
Your email address will not be published. | noise
Follow us on every channel | noise
© 2024 Sample Desk. | noise
Updated: June 3, 2024 at 10:15 | noise
3 min read | noise
Police found a second device. | body
Where were the guards? | body
He said: | body
“Nobody told us.” | body
"""


@pytest.mark.parametrize("case", cases(LINES))
def test_lines_between_paragraphs_have_their_role(case: str) -> None:
    line, wanted = case.split(" | ")
    text = f"{BODY}\n{line}\nThe fire burned until noon, he said."
    assert {s.role for s in sentences.split(text) if s.paragraph == 1} == {wanted}


def test_byline_above_the_story_is_no_headline() -> None:
    assert roles(f"Shells hit the old town again\nBy Anna Lind and Omar Saleh\n{BODY}") == [
        "headline",
        "byline",
        "body",
    ]


def test_title_marks_its_own_line_as_headline() -> None:
    assert roles(f"It burned.\n{BODY}", "It burned") == ["headline", "body"]


@pytest.mark.parametrize(
    "heading",
    ["Leave a comment", "Related stories", "Most read", "Tags: war, peace", "Comments (3)", "You may also like"],
)
def test_nothing_after_the_tail_belongs_to_the_story(heading: str) -> None:
    text = f"{BODY}\n{heading}\nA bomb killed nine people in another city, officials said."
    assert roles(text) == ["body", "noise", "noise"]


def test_a_tail_before_any_story_is_only_a_line() -> None:
    assert roles(f"Related stories\n{BODY}")[-1] == "body"


def test_comment_form_is_noise() -> None:
    text = f"{BODY}\nLeave a Reply\nYour email address will not be published.\nName\nEmail\nWebsite\nPost Comment"
    assert roles(text) == ["body"] + ["noise"] * 6


@pytest.mark.parametrize(
    "line",
    [
        "A bomb killed three people in a market on Monday",
        pytest.param(
            "A bomb killed three people in a market on Monday, and a second one, set off as the first ambulances came "
            "in from the north of the city, killed two nurses and wounded the driver of a van that stood at the gate "
            "of the school next to it [+1200 chars]",
            marks=pytest.mark.xfail(strict=True, reason="known gap"),
        ),
    ],
)
def test_a_text_of_one_line_without_an_end_is_the_story(line: str) -> None:
    assert set(roles(line)) == {"body"}


def test_paragraphs_are_numbered_without_empty_lines() -> None:
    found = sentences.split("One went. Two came.\n\n \r\nThree stayed.\u2028Four left.")
    assert [s.paragraph for s in found] == [0, 0, 1, 2]


def test_an_endless_sentence_is_cut_at_blanks() -> None:
    found = sentences.split("word " * 2_000 + ".")
    assert max(len(s.text) for s in found) <= sentences.LONGEST
    assert "".join(s.text for s in found).replace(" ", "") == "word" * 2_000 + "."


@given(st.text(alphabet=st.sampled_from('aZ. \n\t"”’!?…。\u0301\ud800\u200fé9(-'), max_size=300))
def test_offsets_are_exact_and_nothing_is_lost(text: str) -> None:
    found = sentences.split(text)
    assert all(text[s.start : s.end] == s.text for s in found)
    assert all(a.end <= b.start and a.paragraph <= b.paragraph for a, b in pairwise(found))
    covered = {i for s in found for i in range(s.start, s.end)}
    assert all(i in covered or c.isspace() or c in "\n\r\u2028\u2029" for i, c in enumerate(text))
