"""Bytes to text: which encodings are believed, what is recognised as no text at all, what no database can hold."""

from __future__ import annotations

import codecs
import re

from geo.errors import BadArticle

MAX_BYTES = 4 << 20
"""Largest .txt or .html file, and longest JSONL line, that is read at all."""
MAX_CHARACTERS = 200_000
"""Longest text of one article; a long news feature has 40,000."""

_BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # before UTF-16: its mark begins with the one of UTF-16
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_MAGIC = (
    (b"%PDF-", "a PDF"),
    (b"PK\x03\x04", "a ZIP archive or an office document"),
    (b"\xd0\xcf\x11\xe0", "an old office document"),
    (b"{\\rtf", "a rich text document"),
    (b"\x89PNG", "a picture"),
    (b"GIF8", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
    (b"\x1f\x8b", "a compressed file"),
    (b"BZh", "a compressed file"),
    (b"\xfd7zXZ", "a compressed file"),
    (b"\x7fELF", "a program"),
    (b"SQLite format 3", "a database"),
)
_CONTROLS = bytes(set(range(32)) - set(b"\t\n\v\f\r\x1b")) + b"\x7f"
_BINARY_SHARE = 0.02
"""A text may hold a stray NUL or two; more control characters than this share of the first 8 kB is no text."""
_DECLARED = re.compile(
    rb"""<(?:meta|\?xml)[^>]{0,200}?(?:charset|encoding)\s*=\s*["']?\s*([A-Za-z0-9_.:-]{1,40})""", re.I
)
_LATIN = ("iso-8859-1", "iso8859-1", "latin1", "latin-1", "ascii", "us-ascii")
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


def decode(data: bytes, *, html: bool = False) -> str:
    """The text of a file. A byte order mark is believed, then UTF-8, then (with `html`) the charset that the page
    declares. Raises BadArticle for anything else: guessing an encoding would quietly misspell names."""
    for mark, encoding in _BYTE_ORDER_MARKS:
        if data.startswith(mark):
            return _strictly(data[len(mark) :], encoding)
    refuse_binary(data)
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as problem:
        declared = _DECLARED.search(data[:4096]) if html else None
        if declared is None:
            hint = "save it as UTF-8" if not html else "it declares no other charset either"
            reason = f"not valid UTF-8 (byte {problem.start}); {hint}"
            raise BadArticle(reason) from None
        return _strictly(data, declared[1].decode("ascii"))


def _strictly(data: bytes, encoding: str) -> str:
    try:
        # browsers read these as Windows-1252, whose curly quotes and dashes such pages do hold
        return data.decode("cp1252" if encoding.lower() in _LATIN else encoding)
    except (LookupError, UnicodeError):  # LookupError also for codecs that are none for text, such as rot13
        reason = f"not valid {encoding}, the encoding it claims to have"
        raise BadArticle(reason) from None


def refuse_binary(data: bytes) -> None:
    """Raise BadArticle if the beginning of a file is no text in an ASCII-like encoding."""
    for magic, kind in _MAGIC:
        if data.startswith(magic):
            reason = f"looks like {kind}, not like text; save the article as .txt, .html or .jsonl"
            raise BadArticle(reason)
    head = data[:8192]
    if len(head) - len(head.translate(None, _CONTROLS)) > max(4, _BINARY_SHARE * len(head)):
        reason = "a binary file, not text"
        raise BadArticle(reason)


def storable(text: str) -> str:
    """`text` with NUL characters and lone surrogates, which no database and no UTF-8 file can hold, replaced one for
    one by U+FFFD: offsets stay what they are."""
    return _UNSTORABLE.sub("\ufffd", text)


def tidy(text: str) -> str:
    """`text` for reading: without NUL, line ends as LF, other control characters as blanks, no blank lines around it.
    Offsets count in what this returns."""
    text = text.replace("\x00", "").replace("\r\n", "\n").replace("\r", "\n").replace("\ufeff", "")
    return storable(re.sub("[\x01-\x08\x0b\x0c\x0e-\x1f\x7f]", " ", text)).strip()


def one_line(text: str | None, longest: int = 500) -> str | None:
    """A title or a name: one line, blanks squeezed, cut to `longest`; None if nothing is left."""
    return (" ".join(tidy(text).split())[:longest].rstrip() or None) if text else None
