"""JSON lines, the contract that other programs rely on: one article a line, read as a stream, offsets as given.

Fields: `id` (string or whole number), `text`, and optionally `title`, `published`, `url`, `publisher`, `language`
(strings or null) and `spans` ([[start, end], ...], Python string indices of `text`, half-open). Others are skipped.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any, BinaryIO

from geo.errors import BadArticle
from geo.intake.decoding import MAX_BYTES, storable
from geo.intake.draft import Draft, complete
from geo.model import Article

Id = str | int | None


@dataclass(frozen=True, slots=True)
class Line:
    """A line that holds an article."""

    number: int
    """From 1."""
    id: Id
    """As given; None if the line has none (the article has one in any case)."""
    article: Article
    """Its text is the line's, character for character, except that NUL and lone surrogates have become U+FFFD."""
    spans: tuple[tuple[int, int], ...] | None
    """The spans to resolve and no others; None when the line names none."""
    remarks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class BadLine:
    """A line that cannot be read. The others go on."""

    number: int
    id: Id
    """As given, where the line could be understood that far."""
    reason: str
    sha256: str


def read_lines(stream: BinaryIO, today: date) -> Iterator[Line | BadLine]:
    """One result for each line of `stream` that is not blank, in order; never more than one line in memory.

    `today` judges publication dates that lie in the future.
    """
    number = 0
    while raw := stream.readline(MAX_BYTES + 1):
        number += 1
        if len(raw) > MAX_BYTES:
            digest = hashlib.sha256(raw)
            while not raw.endswith(b"\n") and (raw := stream.readline(MAX_BYTES)):
                digest.update(raw)
            yield BadLine(number, None, f"the line is longer than {MAX_BYTES >> 20} MB", digest.hexdigest())
            continue
        if number == 1:
            raw = raw.removeprefix(b"\xef\xbb\xbf")
        if raw.strip():
            yield _read(number, raw, today)


def _read(number: int, raw: bytes, today: date) -> Line | BadLine:
    given: Id = None
    try:
        row = _parse(raw)
        given = _id(row)
        draft = Draft(
            text=storable(_string(row, "text") or ""),
            title=_string(row, "title"),
            published=_string(row, "published"),
            url=_string(row, "url"),
            publisher=_string(row, "publisher"),
            id=None if given is None else str(given),
            language=_string(row, "language"),
        )
        article, remarks = complete(draft, today)
        return Line(number, given, article, _spans(row, len(article.text)), remarks)
    except BadArticle as problem:
        return BadLine(number, given, str(problem), hashlib.sha256(raw).hexdigest())


def _parse(raw: bytes) -> dict[str, Any]:
    try:
        row = json.loads(raw.decode("utf-8"), strict=False)  # not strict: a raw tab in a text is no reason to refuse it
    except UnicodeDecodeError:
        reason = "not valid UTF-8"
        raise BadArticle(reason) from None
    except json.JSONDecodeError as problem:
        reason = f"not valid JSON ({problem.msg.lower()} at character {problem.pos + 1})"
        raise BadArticle(reason) from None
    except (ValueError, RecursionError):
        reason = "not valid JSON (a number too long, or nested too deep)"
        raise BadArticle(reason) from None
    if not isinstance(row, dict):
        reason = "not a JSON object"
        raise BadArticle(reason)
    return row


def _id(row: dict[str, Any]) -> Id:
    value = row.get("id")
    if isinstance(value, bool) or not isinstance(value, str | int | None):
        reason = '"id" must be a string'
        raise BadArticle(reason)
    return storable(value) if isinstance(value, str) else value


def _string(row: dict[str, Any], key: str) -> str | None:
    value = row.get(key)
    if value is None and key == "text":
        reason = '"text" is missing'
        raise BadArticle(reason)
    if not isinstance(value, str | None):
        reason = f'"{key}" must be a string'
        raise BadArticle(reason)
    return value


def _spans(row: dict[str, Any], length: int) -> tuple[tuple[int, int], ...] | None:
    given = row.get("spans")
    if given is None:
        return None
    rule = f'"spans" must be a list of [start, end] with 0 <= start < end <= {length}, the length of the text'
    if not isinstance(given, list):
        raise BadArticle(rule)
    spans = []
    for span in given:
        whole = isinstance(span, list) and len(span) == 2 and all(type(bound) is int for bound in span)
        if not whole or not 0 <= span[0] < span[1] <= length:
            raise BadArticle(rule)
        spans.append((span[0], span[1]))
    return tuple(spans)
