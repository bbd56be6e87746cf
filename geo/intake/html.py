"""Saved web pages: the article without navigation, teasers and comments, and the metadata that the page states."""

from __future__ import annotations

import logging
import re

from geo.errors import BadArticle
from geo.intake.decoding import tidy
from geo.intake.draft import Draft

MAX_ELEMENTS = 50_000
"""A large news page has 10,000. Pages made of hundreds of thousands take half a minute to read and hold no article."""

_TAG = re.compile("<[A-Za-z]")
_STATED_DATES_ONLY = {
    # an extensive search invents 2021-01-01 from "Copyright 2021"
    "extensive_search": False,
    "original_date": True,
    # htmldate would drop a date in the future without a word; the completion of the draft says so
    "max_date": "2999-12-31",
}


def parse(markup: str) -> Draft:
    """The draft of a page. Paragraphs are separated by line ends. Raises BadArticle if there is no article in it."""
    if (count := sum(1 for _ in _TAG.finditer(markup))) > MAX_ELEMENTS:
        reason = f"the page has {count:,} elements; at most {MAX_ELEMENTS:,} are read"
        raise BadArticle(reason)
    from trafilatura import bare_extraction  # takes a third of a second to import, which other commands need not wait

    for name in ("trafilatura", "htmldate"):
        logging.getLogger(name).setLevel(logging.CRITICAL)  # what goes wrong is said here, in our words
    try:
        page = bare_extraction(
            markup.replace("\x00", ""),
            include_comments=False,
            include_tables=False,
            with_metadata=True,
            date_extraction_params=_STATED_DATES_ONLY,
        )
    except Exception as problem:  # whatever a parser of hostile pages may raise is this page's fault, not the run's
        reason = f"the page cannot be parsed ({type(problem).__name__})"
        raise BadArticle(reason) from problem
    if page is None or isinstance(page, dict) or not page.text or not page.text.strip():
        reason = "no article found in the page"
        raise BadArticle(reason)
    return Draft(
        text=tidy(page.text),
        title=page.title,
        published=page.date,
        url=page.url,
        publisher=page.sitename,
        language=page.language,
    )
