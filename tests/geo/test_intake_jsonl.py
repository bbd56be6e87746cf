"""JSON lines: the contract of `geoparse` and `extract`."""

from __future__ import annotations

import io
import json
from datetime import date
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from geo.intake.decoding import MAX_CHARACTERS
from geo.intake.jsonl import BadLine, Line, read_lines

TODAY = date(2026, 6, 1)
TEXT = "Two shells hit the market of Exampleton."


def read(content: bytes) -> list[Line | BadLine]:
    return list(read_lines(io.BytesIO(content), TODAY))


def one(row: Any) -> Line | BadLine:
    (found,) = read(json.dumps(row).encode())
    return found


def good(row: Any) -> Line:
    found = one(row)
    assert isinstance(found, Line), found
    return found


def bad(row: Any) -> str:
    found = one(row)
    assert isinstance(found, BadLine), found
    return found.reason


def test_a_full_line_is_read() -> None:
    line = good(
        {
            "id": "s-1",
            "text": TEXT,
            "title": "Shells hit\nmarket",
            "published": "2026-01-31T22:00:00-05:00",
            "url": "https://news.example/a",
            "publisher": "The Sample Post",
            "language": "EN",
            "spans": [[0, 3], [29, 39]],
            "anything": {"else": 1},
        }
    )

    assert line.id == "s-1"
    assert line.number == 1
    assert line.spans == ((0, 3), (29, 39))
    article = line.article
    assert (article.id, article.text, article.title) == ("s-1", TEXT, "Shells hit market")
    assert (article.published, article.url) == (date(2026, 1, 31), "https://news.example/a")
    assert (article.publisher, article.language) == ("The Sample Post", "en")
    assert line.remarks == ()


def test_only_the_text_is_needed() -> None:
    line = good({"text": TEXT, "title": None, "published": None, "url": None, "publisher": None, "spans": None})

    assert line.id is None
    assert line.spans is None
    assert line.article.id.startswith("a")
    assert line.article.published is None


def test_an_empty_list_of_spans_is_not_the_same_as_none() -> None:
    assert good({"text": TEXT, "spans": []}).spans == ()


def test_a_whole_number_is_an_id_and_comes_back_as_one() -> None:
    line = good({"id": 17, "text": TEXT})

    assert line.id == 17
    assert line.article.id == "17"


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ({"id": "x"}, '"text" is missing'),
        ({"text": None}, '"text" is missing'),
        ({"text": 5}, '"text" must be a string'),
        ({"text": ""}, "there is no text in it"),
        ({"text": " \n "}, "there is no text in it"),
        ({"text": "a" * (MAX_CHARACTERS + 1)}, "the text has 200,001 characters"),
        ({"text": TEXT, "title": ["x"]}, '"title" must be a string'),
        ({"text": TEXT, "published": 1769817600}, '"published" must be a string'),
        ({"text": TEXT, "id": True}, '"id" must be a string'),
        ({"text": TEXT, "id": 1.5}, '"id" must be a string'),
        ({"text": TEXT, "id": ["x"]}, '"id" must be a string'),
        ({"text": TEXT, "id": "x" * 201}, "the id is longer than 200 characters"),
        ({"text": TEXT, "spans": {"a": 1}}, '"spans" must be a list of [start, end] with 0 <= start < end <= 40'),
        ({"text": TEXT, "spans": [[0, 41]]}, '"spans" must be'),
        ({"text": TEXT, "spans": [[-1, 4]]}, '"spans" must be'),
        ({"text": TEXT, "spans": [[4, 4]]}, '"spans" must be'),
        ({"text": TEXT, "spans": [[0, 1, 2]]}, '"spans" must be'),
        ({"text": TEXT, "spans": [[False, True]]}, '"spans" must be'),
        ({"text": TEXT, "spans": [[0.0, 3.0]]}, '"spans" must be'),
        ([1], "not a JSON object"),
        (None, "not a JSON object"),
        ("text", "not a JSON object"),
    ],
)
def test_a_wrong_line_is_refused_with_the_rule(row: Any, reason: str) -> None:
    assert bad(row).startswith(reason)


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (b"{broken", "not valid JSON (expecting property name"),
        (b'{"text": "a"', "not valid JSON ("),
        (b'{"text": "a"} {"text": "b"}', "not valid JSON (extra data at character 15)"),
        (b'{"text": "\xff"}', "not valid UTF-8"),
        (b'{"text": "a", "n": ' + b"9" * 10_000 + b"}", "not valid JSON (a number too long"),
        (b"[" * 100_000, "not valid JSON (a number too long, or nested too deep)"),
        ("{}".encode("utf-16"), "not valid UTF-8"),
    ],
)
def test_a_line_that_is_no_json_is_refused(raw: bytes, reason: str) -> None:
    (found,) = read(raw)

    assert isinstance(found, BadLine)
    assert found.reason.startswith(reason)
    assert found.id is None


def test_a_bad_line_keeps_its_id_where_that_can_be_read() -> None:
    found = one({"id": "s-9", "text": 5})

    assert isinstance(found, BadLine)
    assert found.id == "s-9"


def test_only_the_bad_line_is_lost_and_the_order_is_kept() -> None:
    content = b'\xef\xbb\xbf{"id":"1","text":"Fire."}\r\n\n{oops\n   \n{"id":"2","text":"Flood."}'

    found = read(content)

    assert [(type(line).__name__, line.number, line.id) for line in found] == [
        ("Line", 1, "1"),
        ("BadLine", 3, None),
        ("Line", 5, "2"),
    ]


def test_lines_are_read_one_by_one() -> None:
    class Endless(io.RawIOBase):
        """Gives lines for ever: whoever wants them all never comes back."""

        def readable(self) -> bool:
            return True

        def readinto(self, buffer: Any) -> int:
            line = b'{"text": "Fire."}\n'
            buffer[: len(line)] = line
            return len(line)

    lines = read_lines(io.BufferedReader(Endless(), 64), TODAY)

    assert [next(lines).number for _ in range(3)] == [1, 2, 3]


def test_a_date_that_cannot_be_is_a_remark_and_no_error() -> None:
    line = good({"text": TEXT, "published": "2199-01-01"})

    assert line.article.published is None
    assert "lies in the future" in line.remarks[0]


# --- offsets ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        " \n Exampleton \r\n\t",
        "a\x00b Exampleton",
        "\ud800 Exampleton \udfff",
        "𝔼 é e\u0301 Exampleton",
        "\ufeffExampleton",
    ],
)
def test_offsets_count_in_the_text_as_given(text: str) -> None:
    line = good({"text": text})

    assert len(line.article.text) == len(text)
    start = text.index("Exampleton")
    assert line.article.text[start : start + 10] == "Exampleton"


def test_nul_and_lone_surrogates_become_replacement_characters() -> None:
    (line,) = read(b'{"id": "\\u0000\\ud800", "text": "a\\u0000b\\ud83dc\x00d \\ud83d\\ude00"}')

    assert isinstance(line, Line)
    assert line.article.text == "a\ufffdb\ufffdc\ufffdd \U0001f600"
    assert line.id == "\ufffd\ufffd"


anything = st.text(st.characters(codec=None), max_size=200)


@given(anything)
@example("a\r\nb\u2028c\x85d\x0be")
def test_the_text_comes_through_character_by_character(text: str) -> None:
    found = one({"text": "x" + text})

    assert isinstance(found, Line)
    for given_letter, kept in zip("x" + text, found.article.text, strict=True):
        unstorable = given_letter == "\0" or "\ud800" <= given_letter <= "\udfff"
        assert kept == ("\ufffd" if unstorable else given_letter)
    assert found.article.text.encode()


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | anything,
    lambda children: st.lists(children, max_size=3) | st.dictionaries(anything, children, max_size=3),
    max_leaves=8,
)
FIELDS = ["id", "text", "title", "published", "url", "publisher", "language", "spans"]


@given(st.lists(st.dictionaries(st.sampled_from(FIELDS), json_values) | json_values, max_size=4))
def test_whatever_the_values_there_is_one_answer_a_line(rows: list[Any]) -> None:
    found = read("\n".join(json.dumps(row) for row in rows).encode())

    assert [line.number for line in found] == list(range(1, len(rows) + 1))
    for line in found:
        assert json.dumps(line.id)
        if isinstance(line, Line):
            assert 1 <= len(line.article.id) <= 200
            assert line.article.id.encode()


@given(st.binary(max_size=300))
def test_no_bytes_raise_anything(content: bytes) -> None:
    read(content)
