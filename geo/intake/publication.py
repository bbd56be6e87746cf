"""The publication date as printed: read where it is written without ambiguity, never guessed."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta
from email.utils import parsedate_to_datetime

EARLIEST = date(1900, 1, 1)

_WITH_MONTH_NAME = ("%d %B %Y", "%d %b %Y", "%B %d %Y", "%b %d %Y")
_RFC_2822 = re.compile(r"(?:[A-Za-z]{3},\s*)?\d{1,2}\s+[A-Za-z]{3}\s+\d{4}\s+\d{1,2}:\d{2}.*")
_YEAR_FIRST = re.compile(r"(\d{4})([-/.])(\d{1,2})\2(\d{1,2})")


def day(stated: str, today: date) -> tuple[date | None, str | None]:
    """The local day of `stated` and None, or None and what is wrong with it.

    Read: ISO 8601 dates and times, RFC 2822 (as in feeds), year-first dates, and days with a month's English name. A
    time zone does not move the day: what counts is the date that the publisher printed. Dates more than a day after
    `today` (somewhere it is tomorrow already) and before 1900 are not believed.
    """
    stated = " ".join(stated.split())
    found = _read(stated)
    shown = ascii(stated[:60])
    if found is None:
        return None, f"the publication date {shown} cannot be read without guessing; write it as 2026-01-31"
    if found > today + timedelta(days=1):
        return None, f"the publication date {shown} lies in the future; the article is read as one without a date"
    if found < EARLIEST:
        return None, f"the publication date {shown} lies before 1900; the article is read as one without a date"
    return found, None


def _read(stated: str) -> date | None:
    try:
        return datetime.fromisoformat(stated).date()
    except ValueError:
        pass
    try:
        if match := _YEAR_FIRST.fullmatch(stated):
            return date(int(match[1]), int(match[3]), int(match[4]))
        if _RFC_2822.fullmatch(stated):
            return parsedate_to_datetime(stated).date()
    except (ValueError, OverflowError):
        return None
    plain = stated.replace(",", " ").replace(".", " ").split()
    if plain and re.fullmatch(r"(?i)(mon|tues?|wed(nes)?|thu(rs)?|fri|sat(ur)?|sun)(day)?", plain[0]):
        plain = plain[1:]
    for form in _WITH_MONTH_NAME:
        try:
            return datetime.strptime(" ".join(plain), form).date()  # noqa: DTZ007 - a day has no time zone
        except ValueError:
            continue
    return None
