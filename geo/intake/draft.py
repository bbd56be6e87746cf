"""An article as a door found it, and its completion: the one place where the fields of all doors are judged."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

from geo.errors import BadArticle
from geo.intake import publication
from geo.intake.decoding import MAX_CHARACTERS, one_line, storable
from geo.intake.identity import MAX_ID, article_id, web_address
from geo.model import Article

_LANGUAGE = re.compile(r"[A-Za-z]{2,3}([-_][A-Za-z0-9]{1,8})*")
_WORD = re.compile(r"[^\W\d_]")


@dataclass(frozen=True, slots=True)
class Draft:
    """Fields as written in the input. `text` is final: whoever makes a draft has cleaned it."""

    text: str
    title: str | None = None
    published: str | None = None
    url: str | None = None
    publisher: str | None = None
    id: str | None = None
    language: str | None = None


def complete(draft: Draft, today: date) -> tuple[Article, tuple[str, ...]]:
    """The article and what was dropped of it, in words. The text is kept character for character.

    Raises BadArticle for a text that is empty, without a single letter or longer than MAX_CHARACTERS, and for an id
    that is too long.
    """
    if len(draft.text) > MAX_CHARACTERS:
        reason = f"the text has {len(draft.text):,} characters; at most {MAX_CHARACTERS:,} are read as one article"
        raise BadArticle(reason)
    if not draft.text.strip():
        reason = "there is no text in it"
        raise BadArticle(reason)
    if not _WORD.search(draft.text):
        reason = "there is not one word in it"
        raise BadArticle(reason)
    given = one_line(draft.id, MAX_ID + 1)
    if given and len(given) > MAX_ID:
        reason = f"the id is longer than {MAX_ID} characters"
        raise BadArticle(reason)

    remarks = []
    published = None
    if draft.published and draft.published.strip():
        published, problem = publication.day(storable(draft.published), today)
        if problem:
            remarks.append(problem)
    url = web_address(draft.url)
    if draft.url and draft.url.strip() and url is None:
        remarks.append(f"the address {draft.url[:60]!a} is no http or https address and is left out")
    language = (draft.language or "en").strip()
    if not _LANGUAGE.fullmatch(language):
        remarks.append(f"the language {language[:20]!a} is no language code such as en; read as en")
        language = "en"
    article = Article(
        id=article_id(given, url, draft.text),
        text=draft.text,
        title=one_line(draft.title),
        published=published,
        url=url,
        publisher=one_line(draft.publisher, 200),
        language=language.replace("_", "-").lower(),
    )
    return article, tuple(remarks)
