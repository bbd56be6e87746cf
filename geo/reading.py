"""One article read from top to bottom: sentences, mentions, places, dates, reports. The thinking is in the pure rooms;
this one asks the gazetteer once for many articles."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from gazetteer import lookup
from geo import dates as timing
from geo import mentions as finding
from geo import reports as reporting
from geo import resolving
from geo import sentences as cutting
from geo.model import Article, DateMention, Report, Resolution, Sentence

READER = "5"
"""Version of the reader: articles read by another version are read again."""


@dataclass(frozen=True, slots=True)
class Reading:
    """All that was understood of one article."""

    article: Article
    sentences: tuple[Sentence, ...]
    resolutions: tuple[Resolution, ...]
    dates: tuple[DateMention, ...]
    reports: tuple[Report, ...]
    notes: tuple[str, ...] = ()
    """Remarks for the user: "no publication date: relative dates stay open"."""


def read(
    conn: Connection,
    articles: Sequence[Article],
    spans: Sequence[Sequence[tuple[int, int]] | None] | None = None,
) -> list[Reading]:
    """Read `articles` with one look-up query for all of them. `spans`: per article the spans to resolve and no
    others, or None to find the mentions."""
    asked = list(spans) if spans is not None else [None] * len(articles)
    cut = [cutting.split(a.text, a.title) for a in articles]
    wanted: set[str] = set()
    for article, sentences, given in zip(articles, cut, asked, strict=True):
        wanted |= finding.names(sentences) if given is None else {article.text[a:b] for a, b in given}
    known = lookup.candidates(conn, wanted)
    unknown: set[str] = set()
    for sentences, given in zip(cut, asked, strict=True):
        if given is None:
            unknown |= finding.unknown(sentences, known)
    if unknown:
        known = lookup.fuzzy(conn, unknown, limit=8, trigrams=False) | known
    found = [
        finding.find(sentences, known) if given is None else finding.given(article.text, given)
        for article, sentences, given in zip(articles, cut, asked, strict=True)
    ]
    ids: set[str] = set()
    for mentions in found:
        ids |= resolving.wanted_ids(mentions, known)
    extra = lookup.places(conn, ids) if ids else {}
    readings = []
    for article, sentences, mentions in zip(articles, cut, found, strict=True):
        resolutions = resolving.resolve(mentions, known, extra)
        dates = timing.find(article.text, sentences, article.published)
        reports = reporting.extract(article, sentences, resolutions, dates)
        readings.append(Reading(article, sentences, resolutions, dates, reports, _notes(article)))
    return readings


def _notes(article: Article) -> tuple[str, ...]:
    notes = []
    if article.published is None:
        notes.append("no publication date: relative dates stay open")
    if article.language.split("-")[0] != "en":
        notes.append(f"no model for the language {article.language!r}: read with names alone")
    return tuple(notes)
