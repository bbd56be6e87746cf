"""The border where texts from outside enter the wing. Nothing here interprets them; what no reader can see, and what no
file can hold, goes."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

# Lone surrogates cannot be written as UTF-8. NUL and the other control characters break readers (GDAL, XML, databases).
# Bidirectional overrides and isolates (U+202A-E, U+2066-9) make a text read differently from what it is.
_LONE_SURROGATE = re.compile("[\ud800-\udfff]")
_UNSEEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


def clean(text: str) -> str:
    """The text as it may be published: lone surrogates become U+FFFD; control characters other than tab and line ends,
    and bidirectional controls, are dropped. Everything else stays as it is."""
    return _UNSEEN.sub("", _LONE_SURROGATE.sub("\ufffd", text))


def web_address(text: str | None) -> str | None:
    """The address if it may be offered as a link: `http` or `https` with a host; else null."""
    if not text:
        return None
    address = clean(text).strip()
    try:
        parts = urlsplit(address)
        has_host = bool(parts.hostname)
    except ValueError:
        return None
    if parts.scheme.lower() not in ("http", "https") or not has_host or re.search(r"\s", address):
        return None
    return address
