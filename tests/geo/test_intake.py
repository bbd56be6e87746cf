"""Files and folders through the door: what becomes an article, what is set aside, and with which words."""

from __future__ import annotations

import hashlib
import os
import re
import tempfile
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from geo.errors import InputMissing, InputOutputError
from geo.intake import Rejected, Remark, read_path
from geo.intake.decoding import MAX_BYTES, MAX_CHARACTERS
from geo.model import Article

DATA = Path(__file__).parents[1] / "data" / "intake"
TODAY = date(2026, 6, 1)
STORY = "Two shells hit the market of Exampleton on Monday. Nobody was hurt."


def outcome(path: Path) -> tuple[list[Article], list[Rejected], list[Remark]]:
    remarks: list[Remark] = []
    found = list(read_path(path, remark=remarks.append, today=TODAY))
    articles = [item for item in found if isinstance(item, Article)]
    return articles, [item for item in found if isinstance(item, Rejected)], remarks


def rejected(path: Path) -> Rejected:
    articles, refused, _ = outcome(path)
    assert not articles
    (only,) = refused
    assert only.name == str(path)
    assert re.fullmatch("[0-9a-f]{64}", only.sha256)
    return only


def article(path: Path) -> Article:
    articles, refused, _ = outcome(path)
    assert not refused
    (only,) = articles
    return only


def written(path: Path, content: bytes | str) -> Path:
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


@pytest.fixture
def as_ordinary_user() -> Iterator[None]:
    """Permissions mean nothing to root: be somebody else for a while."""
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(0)


# --- what is set aside ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("empty.txt", b"", "the file is empty"),
        ("empty.jsonl", b"", "the file is empty"),
        ("empty.html", b"", "the file is empty"),
        ("blank.txt", b" \n\t\r\n\n", "there is no text in it"),
        ("only-nul.txt", b"\0\0\0", "there is no text in it"),
        ("front.txt", b"---\ntitle: Nothing below\n---\n", "there is no text in it"),
        ("digits.txt", b"12 34 --- 56!\n", "there is not one word in it"),
        ("noise.txt", bytes(range(256)) * 40, "a binary file, not text"),
        ("noise.jsonl", bytes(range(256)) * 40, "a binary file, not text"),
        ("nul.txt", b"\0" * 5000, "a binary file, not text"),
        ("paper.txt", b"%PDF-1.7 \n all letters", "looks like a PDF, not like text"),
        ("office.txt", b"PK\x03\x04word", "looks like a ZIP archive or an office document"),
        ("latin.txt", "Über Samplé".encode("latin-1"), "not valid UTF-8 (byte 0); save it as UTF-8"),
        ("cut.txt", "Samplé".encode()[:-1], "not valid UTF-8 (byte 5); save it as UTF-8"),
        ("cut16.txt", b"\xff\xfea", "not valid utf-16-le, the encoding it claims to have"),
        ("long-line.txt", b"a" * 5_000_000, "the file has 5.0 MB; an article has at most 4 MB"),
        ("long.txt", b"word " * 50_000, "the text has 249,999 characters; at most 200,000 are read as one article"),
        ("long-line.html", b"a" * 5_000_000, "the file has 5.0 MB; an article has at most 4 MB"),
        ("none.html", b"<html><body><nav><a href=/></a></nav></body></html>", "no article found in the page"),
        ("claims.html", b'<meta charset="utf-8"><p>\xff\xff', "not valid utf-8, the encoding it claims to have"),
        ("unknown.html", b"<meta charset=rot13><p>\xff", "not valid rot13, the encoding it claims to have"),
        ("bare.html", b"<p>\xff", "not valid UTF-8 (byte 3); it declares no other charset either"),
        ("elements.html", b"<b>a</b>" * 60_000, "the page has 60,000 elements; at most 50,000 are read"),
    ],
)
def test_what_cannot_be_read_is_set_aside_in_plain_words(
    tmp_path: Path, name: str, content: bytes, reason: str
) -> None:
    path = written(tmp_path / name, content)

    found = rejected(path)

    assert found.reason.startswith(reason)
    assert found.line is None


def test_the_digest_is_of_the_bytes_so_that_the_same_file_is_recognised(tmp_path: Path) -> None:
    content = b"%PDF-1.4"

    assert rejected(written(tmp_path / "a.txt", content)).sha256 == hashlib.sha256(content).hexdigest()


def test_a_huge_file_is_refused_without_reading_it(tmp_path: Path) -> None:
    path = tmp_path / "huge.txt"
    with path.open("wb") as stream:
        stream.truncate(1 << 40)  # sparse: a terabyte that nobody could read

    assert "the file has 1099511.6 MB" in rejected(path).reason


def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    path = tmp_path / "pipe.txt"
    os.mkfifo(path)

    assert rejected(path).reason == "not an ordinary file"


def test_a_file_without_permission_is_set_aside(tmp_path: Path, as_ordinary_user: None) -> None:
    del as_ordinary_user
    folder = Path(tempfile.mkdtemp())  # tmp_path belongs to the account of the test run
    path = written(folder / "closed.txt", STORY)
    closed = folder / "sub"
    try:
        path.chmod(0)
        closed.mkdir(mode=0)
        written(folder / "open.txt", STORY)

        articles, refused, _ = outcome(folder)

        assert [a.text for a in articles] == [STORY]
        assert [(r.name, r.reason) for r in refused] == [
            (str(closed), "no permission to read it"),
            (str(path), "no permission to read it"),
        ]
        with pytest.raises(InputOutputError, match="cannot be listed"):
            list(read_path(closed))
    finally:
        closed.rmdir()
        for file in folder.iterdir():
            file.unlink()
        folder.rmdir()


def test_a_missing_path_is_an_error_that_names_it(tmp_path: Path) -> None:
    with pytest.raises(InputMissing, match=r"no file or folder .*nowhere") as caught:
        list(read_path(tmp_path / "nowhere"))

    assert caught.value.exit_code == 66
    assert caught.value.hint


def test_a_link_to_nothing_is_set_aside(tmp_path: Path) -> None:
    (tmp_path / "link.txt").symlink_to(tmp_path / "gone.txt")

    (only,) = outcome(tmp_path)[1]

    assert "No such file" in only.reason


# --- what is read all the same ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32"])
def test_text_with_a_byte_order_mark_is_read(tmp_path: Path, encoding: str) -> None:
    text = "Explosions were heard in Samplé and Тестово, “quite near”, a mayor said."

    assert article(written(tmp_path / "a.txt", text.encode(encoding))).text == text


def test_nul_bytes_are_stripped_and_line_ends_unified(tmp_path: Path) -> None:
    path = written(tmp_path / "a.txt", b"Two shells\0 hit.\r\n\r\nNobody\rwas \x07hurt.\n")

    assert article(path).text == "Two shells hit.\n\nNobody\nwas  hurt."


def test_a_text_of_the_longest_length_is_read(tmp_path: Path) -> None:
    text = ("word " * (MAX_CHARACTERS // 5))[:-1] + "s"

    assert len(article(written(tmp_path / "a.txt", text)).text) == MAX_CHARACTERS


def test_a_date_in_the_far_future_is_dropped_and_said(tmp_path: Path) -> None:
    path = written(tmp_path / "a.txt", f"---\npublished: 2199-01-01\n---\n{STORY}")

    articles, refused, remarks = outcome(path)

    assert not refused
    assert articles[0].published is None
    assert articles[0].text == STORY
    (said,) = remarks
    assert said.name == str(path)
    assert "2199-01-01' lies in the future" in said.text
    assert not said.minor


def test_an_address_that_is_none_is_dropped_and_said(tmp_path: Path) -> None:
    path = written(tmp_path / "a.txt", f"---\nurl: javascript:alert(1)\n---\n{STORY}")

    articles, _, remarks = outcome(path)

    assert articles[0].url is None
    assert "no http or https address" in remarks[0].text


# --- folders ----------------------------------------------------------------------------------------------------------


def test_a_folder_is_read_sorted_with_its_folders_and_without_hidden_and_other_files(tmp_path: Path) -> None:
    for name in ("b.txt", "a.HTM", "sub/c.txt", ".hidden.txt", ".git/d.txt", "sub/.e.txt", "README.md", "f.pdf"):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        written(
            path, f"<p>The file {name} tells that a storm hit Exampleton on Monday and that nobody was hurt.</p>" * 3
        )

    articles, refused, remarks = outcome(tmp_path)

    assert [re.findall(r"file (\S+)", a.text)[0] for a in articles] == ["a.HTM", "b.txt", "sub/c.txt"]
    assert not refused
    (said,) = remarks
    assert said == Remark(
        str(tmp_path), None, "2 files skipped, of other kinds than .txt .html .htm .jsonl", minor=True
    )


def test_bad_files_among_good_ones_stop_nobody(tmp_path: Path) -> None:
    written(tmp_path / "1.txt", STORY)
    written(tmp_path / "2.txt", b"\x89PNG\r\n")
    written(tmp_path / "3.jsonl", b'{"id":"x","text":"A mine killed a farmer."}\n{broken\n{"id":"y","text":"Fire."}\n')
    written(tmp_path / "4.txt", b"")
    written(tmp_path / "5.txt", STORY + " Later.")

    articles, refused, _ = outcome(tmp_path)

    assert [a.id for a in articles if len(a.id) == 1] == ["x", "y"]
    assert len(articles) == 4
    assert [(Path(r.name).name, r.line) for r in refused] == [("2.txt", None), ("3.jsonl", 2), ("4.txt", None)]


def test_a_file_name_that_is_no_utf8_can_be_shown(tmp_path: Path) -> None:
    path = Path(os.fsdecode(os.fsencode(tmp_path) + b"/\xff.txt"))
    path.write_bytes(b"")

    (only,) = outcome(tmp_path)[1]

    assert only.name == f"{tmp_path}/\ufffd.txt"


def test_reading_twice_gives_the_same(tmp_path: Path) -> None:
    written(tmp_path / "a.txt", STORY)
    written(tmp_path / "b.html", (DATA / "page.html").read_bytes())
    written(tmp_path / "c.txt", b"\0" * 9000)

    assert outcome(tmp_path) == outcome(tmp_path)


def test_a_line_of_jsonl_is_capped_while_it_is_read(tmp_path: Path) -> None:
    path = written(tmp_path / "a.jsonl", b'{"text": "' + b"a" * MAX_BYTES + b'"}\n{"id": "z", "text": "Fire."}')

    articles, refused, _ = outcome(path)

    assert [a.id for a in articles] == ["z"]
    assert [(r.line, r.reason) for r in refused] == [(1, "the line is longer than 4 MB")]
