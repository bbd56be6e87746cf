"""What comes out of a door besides articles: inputs set aside with their reason, and remarks on what was dropped."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Rejected:
    """An input that cannot be read as an article. The others go on."""

    name: str
    """The file, as the user would find it."""
    line: int | None
    """Line of a JSONL file, from 1; None when the whole file is meant."""
    reason: str
    """One plain sentence without a full stop."""
    sha256: str
    """Of the bytes in question, so that the same bad input is recognised again. Of a file too large to read, or one
    that cannot be read at all: of its name and size."""


@dataclass(frozen=True, slots=True)
class Remark:
    """Something about an input that was read all the same: a date that cannot be true, files of other kinds."""

    name: str
    line: int | None
    text: str
    """One plain sentence without a full stop."""
    minor: bool = False
    """True for what is no fault of the input: files of other kinds in a folder."""
