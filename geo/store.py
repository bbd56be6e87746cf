"""All SQL of the house. Functions take a connection, and the caller decides what is one transaction.

What goes in comes out equal: articles, readings and reports are kept whole, as columns where one asks for them and as
JSON for the rest. The database's clock is the only clock, and it is read only when something changed.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, fields
from datetime import UTC, date, datetime
from enum import StrEnum
from typing import Any, Final, NamedTuple

import orjson
from geoalchemy2.shape import from_shape
from shapely.geometry import Point
from sqlalchemy import Connection, Engine, Select, Text, and_, cast, delete, func, or_, select, update
from sqlalchemy.dialects.postgresql import insert

from gazetteer.model import Candidate, NameKind, Place
from gazetteer.tables import gazetteer_load
from geo.errors import BadArticle, Busy
from geo.model import Article, Claim, DateMention, Incident, Mention, MentionKind, Report, Resolution, Sentence
from geo.reading import Reading
from geo.tables import alias, article, incident, incident_report, mention, quarantine, reading, report, run, tombstone
from maps.model import Feature

RUN_LOCK: Final = 0x696E636D6170  # "incmap"
LONGEST_ID: Final = 1000
"""Bytes. PostgreSQL cannot index much longer ones, and no address that anybody can use is as long."""

Quotes = dict[tuple[str, int, int], str]
"""(article id, start, end) -> the words there."""


# --- one run at a time -----------------------------------------------------------


@contextmanager
def run_lock(engine: Engine) -> Iterator[None]:
    """Hold the run lock of this database; it falls with the connection. Raises Busy at once if another run holds it."""
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as conn:
        if not conn.scalar(select(func.pg_try_advisory_lock(RUN_LOCK))):
            message = "another run is at work on this database"
            raise Busy(message, "wait until it is done; `incident-map status` shows when it began")
        try:
            yield
        finally:
            if not conn.invalidated and not conn.closed:
                conn.execute(select(func.pg_advisory_unlock(RUN_LOCK)))


def start_run(conn: Connection) -> int:
    """Note that a run begins; runs that never said how they ended were killed. The caller holds the run lock."""
    conn.execute(update(run).where(run.c.outcome == "running").values(outcome="killed", finished=func.now()))
    return int(conn.execute(insert(run).values(outcome="running", counts={}).returning(run.c.id)).scalar_one())


def finish_run(
    conn: Connection,
    run_id: int,
    outcome: str,
    exit_code: int,
    *,
    message: str | None = None,
    counts: Mapping[str, int] | None = None,
    input_sha256: str | None = None,
    generation: str | None = None,
) -> None:
    """Note how a run ended (outcome: done | failed), and what it published."""
    conn.execute(
        update(run)
        .where(run.c.id == run_id)
        .values(
            finished=func.clock_timestamp(),
            outcome=outcome,
            exit_code=exit_code,
            message=message,
            counts=dict(counts or {}),
            input_sha256=input_sha256,
            generation=generation,
        )
    )


def last_published(conn: Connection) -> tuple[str, str] | None:
    """(hash of the input, generation) of the newest run that published."""
    row = conn.execute(
        select(run.c.input_sha256, run.c.generation)
        .where(run.c.generation.is_not(None), run.c.input_sha256.is_not(None))
        .order_by(run.c.id.desc())
        .limit(1)
    ).one_or_none()
    return None if row is None else (row.input_sha256, row.generation)


def runs(conn: Connection, limit: int = 5) -> list[dict[str, Any]]:
    """The last runs, newest first."""
    chosen = select(run).order_by(run.c.id.desc()).limit(limit)
    return _rows(conn, chosen)


# --- articles -----------------------------------------------------------


class Saved(StrEnum):
    """What saving an article did."""

    NEW = "new"
    REVISED = "revised"
    UNCHANGED = "unchanged"
    COPY = "copy"
    """The same words are stored under another id, with all that is known of this one: it was not taken."""


def fingerprint(one: Article) -> str:
    """Hash of all of an article that its reading depends on, or that is published of it."""
    parts = [one.text, one.title, one.published, one.url, one.publisher, one.language]
    try:
        return hashlib.sha256(orjson.dumps(parts)).hexdigest()
    except orjson.JSONEncodeError as error:
        message = "the text holds characters that are no characters (lone surrogates)"
        raise BadArticle(message, "save the article again as UTF-8") from error


def save_article(conn: Connection, one: Article) -> Saved:
    """Take an article in. The same again changes nothing; other content under its id is a new revision.

    The same words under another id are a copy, unless publisher, address or day tell them apart: of a saved page and
    its row in a table, the one of which more is known stays.
    """
    if not one.id or len(one.id.encode("utf-8", "replace")) > LONGEST_ID:
        message = f"the article's id is empty or longer than {LONGEST_ID} bytes"
        raise BadArticle(message, "give it a short id")
    if "\0" in one.id + one.text + "".join(filter(None, (one.title, one.url, one.publisher))):
        message = "the text holds NUL characters"
        raise BadArticle(message, "is it really a text?")
    row = {**asdict(one), "sha256": fingerprint(one), "text_sha256": words_sha256(one.text)}
    stored = conn.scalar(select(article.c.sha256).where(article.c.id == one.id))
    if stored == row["sha256"]:
        return Saved.UNCHANGED
    if stored is None and _is_copy(conn, one, row["text_sha256"]):
        return Saved.COPY
    added = insert(article).values(**row)
    saved = conn.execute(
        added.on_conflict_do_update(
            index_elements=[article.c.id],
            set_={
                **{name: added.excluded[name] for name in row if name != "id"},
                "revision": article.c.revision + 1,
                "revised": func.now(),
            },
        ).returning(article.c.revision)
    ).scalar_one()
    return Saved.NEW if saved == 1 else Saved.REVISED


def words_sha256(words: str) -> str:
    """Hash of a text whatever its line ends and blanks."""
    return hashlib.sha256(" ".join(words.split()).encode("utf-8", "replace")).hexdigest()


def _is_copy(conn: Connection, one: Article, digest: str) -> bool:
    """Whether nothing is known of `one` that is not known of a stored article with its words. Stored articles of which
    less is known than of `one` give way to it."""
    columns = (article.c.id, article.c.url, article.c.publisher, article.c.published)
    mine = (one.url, one.publisher, one.published)
    poorer = []
    for row in conn.execute(select(*columns).where(article.c.text_sha256 == digest).order_by(article.c.id)):
        if all(known_here in (None, there) for known_here, there in zip(mine, row[1:], strict=True)):
            return True
        if all(there in (None, known_here) for known_here, there in zip(mine, row[1:], strict=True)):
            poorer.append(row.id)
    if poorer:
        conn.execute(delete(article).where(article.c.id == func.any(poorer)))
    return False


_ARTICLE = [article.c[field.name] for field in fields(Article)]


@dataclass(frozen=True, slots=True)
class Maker:
    """Who reads: a reading of another maker is out of date."""

    reader: str
    """Version of the reader."""
    gazetteer: str
    """Version of the gazetteer."""
    build: str = ""
    """Hash of the program's code: an article that could not be read is tried again by another build."""


def _unread_by(maker: Maker) -> Any:
    same = and_(
        reading.c.article_id == article.c.id,
        reading.c.reader == maker.reader,
        or_(reading.c.error.is_(None), reading.c.build == maker.build),
        reading.c.gazetteer == maker.gazetteer,
        reading.c.sha256 == article.c.sha256,
    )
    return ~select(reading.c.article_id).where(same).exists()


def unread(conn: Connection, maker: Maker, *, after: str = "", limit: int = 100) -> list[Article]:
    """Articles that this reader has not read with this gazetteer, or that changed since; by id, from after `after`."""
    chosen = select(*_ARTICLE).where(article.c.id > after, _unread_by(maker))
    return [Article(**row) for row in conn.execute(chosen.order_by(article.c.id).limit(limit)).mappings()]


def count_unread(conn: Connection, maker: Maker) -> int:
    """How many articles `unread` will give in all."""
    return int(conn.scalar(select(func.count()).select_from(article).where(_unread_by(maker))) or 0)


def find_article(conn: Connection, id_or_url: str) -> Article | None:
    """The article with this id, or else the first with this address."""
    chosen = select(*_ARTICLE).where(or_(article.c.id == id_or_url, article.c.url == id_or_url))
    row = conn.execute(chosen.order_by((article.c.id == id_or_url).desc(), article.c.id).limit(1)).mappings().first()
    return None if row is None else Article(**row)


def article_heads(conn: Connection, ids: Iterable[str]) -> dict[str, Article]:
    """Articles by id without their texts (`text` is empty)."""
    wanted = sorted(set(ids))
    columns = [c for c in _ARTICLE if c.name != "text"]
    rows = conn.execute(select(*columns).where(article.c.id == func.any(wanted))).mappings()
    return {row["id"]: Article(text="", **row) for row in rows}


def publishers(conn: Connection) -> dict[str, str | None]:
    """Publisher of every article that was read, by article id."""
    rows = conn.execute(select(article.c.id, article.c.publisher).join(reading))
    return {row.id: row.publisher for row in rows}


# --- readings -----------------------------------------------------------


def save_reading(conn: Connection, one: Reading, maker: Maker) -> None:
    """Keep how an article was read, in place of any reading before; the caller makes it one transaction.

    Reports that tell what a report of the reading before told, in other words or with another key, inherit its incident
    id.
    """
    former = _reports_of(conn, one.article.id)
    _replace_reading(
        conn,
        one.article,
        maker,
        error=None,
        sentences=[asdict(sentence) for sentence in one.sentences],
        dates=[_date_mention_out(when) for when in one.dates],
        notes=list(one.notes),
    )
    if one.resolutions:
        conn.execute(insert(mention), [_mention_row(one.article.id, n, r) for n, r in enumerate(one.resolutions)])
    if one.reports:
        conn.execute(insert(report), [_report_row(one.article, n, r) for n, r in enumerate(one.reports)])
    inherited = heirs(former, one.reports)
    if inherited:
        given = known(conn, inherited.values())
        rows = [{"report_key": new, "incident_id": given[old]} for new, old in inherited.items() if old in given]
        if rows:
            conn.execute(insert(incident_report).on_conflict_do_nothing(), rows)


def save_failure(conn: Connection, one: Article, reason: str, maker: Maker) -> None:
    """Keep that an article could not be read: it is not tried again until it, the program or the gazetteer change."""
    _replace_reading(conn, one, maker, error=reason, sentences=[], dates=[], notes=[])
    set_aside(conn, name=one.id, line=None, reason=reason, sha256=fingerprint(one))


def _replace_reading(conn: Connection, one: Article, maker: Maker, **row: Any) -> None:
    conn.execute(delete(reading).where(reading.c.article_id == one.id))
    conn.execute(insert(reading).values(article_id=one.id, sha256=fingerprint(one), **asdict(maker), **row))


def heirs(former: Sequence[Report], now: Sequence[Report]) -> dict[str, str]:
    """{key of a new report: key of the vanished report whose place it takes}, best matches first, one to one.

    A new version of the reader, or an edited sentence, gives a report another key; its incident keeps its id all the
    same where type, place and date leave no doubt.
    """
    vanished = {r.key: r for r in former if r.key not in {n.key for n in now}}
    fresh = {r.key: r for r in now if r.key not in {f.key for f in former}}
    pairs = sorted(
        (-likeness, new.key, old.key)
        for new in fresh.values()
        for old in vanished.values()
        if (likeness := _likeness(old, new)) >= 4
    )
    found: dict[str, str] = {}
    for _, new_key, old_key in pairs:
        if new_key not in found and old_key not in found.values():
            found[new_key] = old_key
    return found


def _likeness(old: Report, new: Report) -> int:
    """0-8: type, place and date count most, equal evidence breaks ties."""
    same_place = (old.place.id if old.place else None) == (new.place.id if new.place else None)
    return (
        2 * (old.sub_event_type == new.sub_event_type)
        + 2 * same_place
        + 2 * ((old.date_start, old.date_end) == (new.date_start, new.date_end))
        + (old.place_text == new.place_text)
        + (old.evidence[:1] == new.evidence[:1])
    )


def reports(conn: Connection) -> list[Report]:
    """All reports, by key."""
    return [_report_in(body) for body in conn.scalars(select(report.c.body).order_by(report.c.key))]


def quotes(conn: Connection) -> Quotes:
    """The words of every span that a report stands on."""
    rows = conn.execute(select(report.c.article_id, report.c.quotes))
    return {(row.article_id, start, end): words for row in rows for start, end, words in row.quotes}


def _reports_of(conn: Connection, article_id: str) -> list[Report]:
    chosen = select(report.c.body).where(report.c.article_id == article_id).order_by(report.c.ordinal)
    return [_report_in(body) for body in conn.scalars(chosen)]


@dataclass(frozen=True, slots=True)
class StoredReading:
    """A reading as it was kept, with its maker."""

    reading: Reading
    reader: str
    gazetteer: str
    read_at: datetime
    error: str | None
    incident_ids: Mapping[str, str]
    """Report key -> id of the incident that it belongs to now."""


def load_reading(conn: Connection, one: Article) -> StoredReading | None:
    """How `one` was read; null when it was not read yet."""
    row = conn.execute(select(reading).where(reading.c.article_id == one.id)).mappings().one_or_none()
    if row is None:
        return None
    mentions = conn.execute(
        select(mention).where(mention.c.article_id == one.id).order_by(mention.c.ordinal)
    ).mappings()
    told = _reports_of(conn, one.id)
    return StoredReading(
        Reading(
            article=one,
            sentences=tuple(Sentence(**sentence) for sentence in row["sentences"]),
            resolutions=tuple(_resolution_in(found) for found in mentions),
            dates=tuple(_date_mention_in(when) for when in row["dates"]),
            reports=tuple(told),
            notes=tuple(row["notes"]),
        ),
        reader=row["reader"],
        gazetteer=row["gazetteer"],
        read_at=row["read_at"].astimezone(UTC),
        error=row["error"],
        incident_ids=_present_ids(conn, known(conn, [r.key for r in told])),
    )


def _present_ids(conn: Connection, given: Mapping[str, str]) -> dict[str, str]:
    chosen = select(alias.c.alias, alias.c.incident_id).where(alias.c.alias == func.any(sorted(set(given.values()))))
    now = {row.alias: row.incident_id for row in conn.execute(chosen)}
    return {key: now.get(old, old) for key, old in given.items()}


# --- incidents -----------------------------------------------------------


def known(conn: Connection, keys: Iterable[str] | None = None) -> dict[str, str]:
    """Report key -> the incident id it was given, in the order in which ids were given (oldest first)."""
    chosen = select(incident_report.c.report_key, incident_report.c.incident_id).order_by(incident_report.c.ordinal)
    if keys is not None:
        chosen = chosen.where(incident_report.c.report_key == func.any(sorted(set(keys))))
    return {row.report_key: row.incident_id for row in conn.execute(chosen)}


class Outgoing(NamedTuple):
    """An incident and what is published of it."""

    incident: Incident
    feature: Feature
    sha256: str
    """Of the content."""
    properties: dict[str, Any]
    """Of the feed."""


def save_incidents(conn: Connection, merged: Sequence[Outgoing]) -> dict[str, datetime]:
    """Keep what merging gave. Returns {incident id: updated_at}.

    Only what changed is written, so that `updated_at` moves when the published content does and at no other time. Ids
    that are no incident any more leave a tombstone; those that were merged are an alias of the incident they went into.
    """
    before = {
        row.id: (row.sha256, row.updated_at.astimezone(UTC))
        for row in conn.execute(select(incident.c.id, incident.c.sha256, incident.c.updated_at))
    }
    now: datetime = conn.execute(select(func.date_trunc("second", func.now()))).scalar_one().astimezone(UTC)
    present = {one.incident.id for one in merged}
    into = {old: one.incident.id for one in merged for old in one.incident.aliases if old not in present}

    changed = [_incident_row(one, now) for one in merged if before.get(one.incident.id, ("",))[0] != one.sha256]
    if changed:
        added = insert(incident)
        settled = {"id", "first_saved"}
        conn.execute(
            added.on_conflict_do_update(
                index_elements=[incident.c.id],
                set_={name: added.excluded[name] for name in changed[0] if name not in settled},
            ),
            changed,
        )
    _save_report_ids(conn, [one.incident for one in merged])
    _save_aliases(conn, into)
    _save_tombstones(conn, set(before) - present, present, into)
    fresh = {row["id"] for row in changed}
    return {key: now if key in fresh else before[key][1] for key in sorted(present)}


def _save_report_ids(conn: Connection, incidents: Sequence[Incident]) -> None:
    """A report keeps the id that it was given, unless a split gave that id to others."""
    given = known(conn)
    fresh, moved = [], []
    for one in incidents:
        own = {one.id, *one.aliases}
        for told in one.reports:
            row = {"report_key": told.key, "incident_id": one.id}
            if told.key not in given:
                fresh.append(row)
            elif given[told.key] not in own:
                moved.append(row)
    if fresh:
        conn.execute(insert(incident_report), fresh)
    if moved:
        added = insert(incident_report)
        conn.execute(
            added.on_conflict_do_update(
                index_elements=[incident_report.c.report_key], set_={"incident_id": added.excluded.incident_id}
            ),
            moved,
        )


def _save_aliases(conn: Connection, into: Mapping[str, str]) -> None:
    before = {row.alias: row.incident_id for row in conn.execute(select(alias.c.alias, alias.c.incident_id))}
    gone = sorted(set(before) - set(into))
    if gone:
        conn.execute(delete(alias).where(alias.c.alias == func.any(gone)))
    rows = [{"alias": old, "incident_id": new} for old, new in sorted(into.items()) if before.get(old) != new]
    if rows:
        added = insert(alias)
        conn.execute(
            added.on_conflict_do_update(
                index_elements=[alias.c.alias], set_={"incident_id": added.excluded.incident_id, "since": func.now()}
            ),
            rows,
        )


def _save_tombstones(conn: Connection, gone: set[str], present: set[str], into: Mapping[str, str]) -> None:
    if gone:
        conn.execute(delete(incident).where(incident.c.id == func.any(sorted(gone))))
        rows = [
            {
                "incident_id": old,
                "reason": "merged into another incident" if old in into else "no article reports it any more",
                "replaced_by": into.get(old),
                "deleted_at": func.date_trunc("second", func.now()),
            }
            for old in sorted(gone)
        ]
        for row in rows:
            added = insert(tombstone).values(**row)
            settled = {name: added.excluded[name] for name in row if name != "incident_id"}
            conn.execute(added.on_conflict_do_update(index_elements=[tombstone.c.incident_id], set_=settled))
    # what came back has no tombstone
    back = select(incident.c.id).where(incident.c.id == tombstone.c.incident_id).exists()
    conn.execute(delete(tombstone).where(back))


def tombstones(conn: Connection) -> list[tuple[str, datetime, str, str | None]]:
    """(incident id, when it went, why, the incident it went into), by id."""
    rows = conn.execute(select(tombstone).order_by(tombstone.c.incident_id))
    return [(row.incident_id, row.deleted_at.astimezone(UTC), row.reason, row.replaced_by) for row in rows]


def newest_incidents(conn: Connection, limit: int = 20) -> list[dict[str, Any]]:
    """The properties of the incidents that began last; those without a date at the end."""
    chosen = select(incident.c.body).order_by(incident.c.date_start.desc().nulls_last(), incident.c.id).limit(limit)
    return list(conn.scalars(chosen))


# --- set aside -----------------------------------------------------------


def set_aside(conn: Connection, *, name: str, line: int | None, reason: str, sha256: str) -> bool:
    """Note an input that could not be taken; True when it was not noted before."""
    name, reason = _storable(name), _storable(reason)
    key = hashlib.sha256(orjson.dumps([name, line, sha256])).hexdigest()
    added = insert(quarantine).values(key=key, name=name, line=line, reason=reason, sha256=sha256)
    seen = conn.execute(
        added.on_conflict_do_update(
            index_elements=[quarantine.c.key], set_={"last_seen": func.now(), "reason": added.excluded.reason}
        ).returning(quarantine.c.first_seen == quarantine.c.last_seen)
    )
    return bool(seen.scalar_one())


def quarantined(conn: Connection, limit: int = 20) -> list[dict[str, Any]]:
    """What was set aside, last seen first."""
    chosen = select(quarantine).order_by(quarantine.c.last_seen.desc(), quarantine.c.name, quarantine.c.line)
    return _rows(conn, chosen.limit(limit))


def _rows(conn: Connection, chosen: Select[Any]) -> list[dict[str, Any]]:
    """Rows as dictionaries with plain strings as keys; those of SQLAlchemy are of a class of their own."""
    return [{str(name): value for name, value in row.items()} for row in conn.execute(chosen).mappings()]


def _storable(words: str) -> str:
    """File names may hold bytes that are no text; PostgreSQL takes neither those nor NUL."""
    return words.replace("\0", "\ufffd").encode("utf-8", "replace").decode()


# --- counting -----------------------------------------------------------


def state(conn: Connection) -> str:
    """A hash over all readings: equal exactly as long as no article was read, read again or removed."""
    one = func.hashtextextended(reading.c.article_id + cast(reading.c.read_at, Text), 0)
    row = conn.execute(select(func.count(), func.coalesce(func.sum(one), 0)).select_from(reading)).one()
    return f"{row[0]}:{row[1]}"


def counts(conn: Connection) -> dict[str, int]:
    """How much there is of everything."""
    tables = (article, reading, mention, report, incident, alias, tombstone, quarantine)
    found = {str(t.name): int(conn.scalar(select(func.count()).select_from(t)) or 0) for t in tables}
    failed = select(func.count()).select_from(reading).where(reading.c.error.is_not(None))
    return {**found, "failed_reading": int(conn.scalar(failed) or 0)}


def faults(conn: Connection) -> list[str]:
    """Sentences on what must never be: a report without incident, an alias that is an incident."""
    ownerless = (
        select(func.count())
        .select_from(report)
        .where(~select(incident_report.c.report_key).where(incident_report.c.report_key == report.c.key).exists())
    )
    twofold = (
        select(func.count())
        .select_from(alias)
        .where(select(incident.c.id).where(incident.c.id == alias.c.alias).exists())
    )
    found = []
    if number := conn.scalar(ownerless):
        found.append(f"{number} reports belong to no incident yet")
    if number := conn.scalar(twofold):
        found.append(f"{number} aliases are incidents at the same time")
    return found


# --- what the map asks of the gazetteer ---------------------------------------------------


def gazetteer_credits(conn: Connection) -> list[tuple[str, str, str]]:
    """(whom to credit, licence, address) of every loaded source."""
    loaded = gazetteer_load.c
    rows = conn.execute(select(loaded.credit_name, loaded.licence, loaded.url).order_by(loaded.source))
    return [(row.credit_name, row.licence, row.url) for row in rows]


# --- nouns to rows and back -----------------------------------------------------------


def _mention_row(article_id: str, ordinal: int, found: Resolution) -> dict[str, Any]:
    body = {
        **asdict(found.mention),
        "place": _place_out(found.place),
        "radius_m": found.radius_m,
        "geo_precision": found.geo_precision,
    }
    return {
        "article_id": article_id,
        "ordinal": ordinal,
        "place_id": found.place.id if found.place else None,
        "probability": found.probability,
        "reason": found.reason,
        "body": body,
        "runners_up": [_candidate_out(other) for other in found.runners_up],
    }


def _resolution_in(row: Mapping[Any, Any]) -> Resolution:
    body = dict(row["body"])
    place, radius_m, geo_precision = _place_in(body.pop("place")), body.pop("radius_m"), body.pop("geo_precision")
    body["kind"] = MentionKind(body["kind"])
    body["type_codes"] = tuple(body["type_codes"])
    return Resolution(
        mention=Mention(**body),
        place=place,
        probability=row["probability"],
        reason=row["reason"],
        runners_up=tuple(_candidate_in(other) for other in row["runners_up"]),
        radius_m=radius_m,
        geo_precision=geo_precision,
    )


def _report_row(one: Article, ordinal: int, told: Report) -> dict[str, Any]:
    spans = dict.fromkeys([*told.evidence, *((claim.start, claim.end) for claim in told.claims)])
    return {
        "key": told.key,
        "article_id": one.id,
        "ordinal": ordinal,
        "event_type": told.event_type,
        "sub_event_type": told.sub_event_type,
        "date_start": told.date_start,
        "date_end": told.date_end,
        "place_id": told.place.id if told.place else None,
        "country_code": told.country_code,
        "geo_precision": told.geo_precision,
        "point": from_shape(told.place.point, srid=4326) if told.place else None,
        "confidence": told.confidence,
        "body": _report_out(told),
        "quotes": [[start, end, one.text[start:end]] for start, end in spans],
    }


def _report_out(told: Report) -> dict[str, Any]:
    body = {field.name: getattr(told, field.name) for field in fields(Report)}
    body["date_start"], body["date_end"] = _day_out(told.date_start), _day_out(told.date_end)
    body["place"] = _place_out(told.place)
    body["claims"] = [asdict(claim) for claim in told.claims]
    return body


def _report_in(body: Mapping[str, Any]) -> Report:
    return Report(
        **{
            **body,
            "date_start": _day_in(body["date_start"]),
            "date_end": _day_in(body["date_end"]),
            "place": _place_in(body["place"]),
            "claims": tuple(Claim(**claim) for claim in body["claims"]),
            "evidence": tuple((start, end) for start, end in body["evidence"]),
            "rival_places": tuple(body["rival_places"]),
        }
    )


_NOT_IN_SNAPSHOTS = {"point", "geometry", "names"}


def _place_out(place: Place | None) -> dict[str, Any] | None:
    """A place as JSON, without its area and its names: those stay in the gazetteer."""
    if place is None:
        return None
    body = {field.name: getattr(place, field.name) for field in fields(Place) if field.name not in _NOT_IN_SNAPSHOTS}
    return {**body, "lon": place.point.x, "lat": place.point.y}


def _place_in(body: Mapping[str, Any] | None) -> Place | None:
    if body is None:
        return None
    rest = dict(body)
    return Place(point=Point(rest.pop("lon"), rest.pop("lat")), **rest)


def _candidate_out(one: Candidate) -> dict[str, Any]:
    return {"place": _place_out(one.place), "name": one.name, "kind": one.kind, "similarity": one.similarity}


def _candidate_in(body: Mapping[str, Any]) -> Candidate:
    place = _place_in(body["place"])
    assert place is not None  # noqa: S101 -- a candidate is a candidate place
    return Candidate(place=place, name=body["name"], kind=NameKind(body["kind"]), similarity=body["similarity"])


def _date_mention_out(when: DateMention) -> dict[str, Any]:
    return {**asdict(when), "first": _day_out(when.first), "last": _day_out(when.last)}


def _date_mention_in(body: Mapping[str, Any]) -> DateMention:
    offset = body["offset"]
    return DateMention(
        **{
            **body,
            "first": _day_in(body["first"]),
            "last": _day_in(body["last"]),
            "offset": None if offset is None else (offset[0], offset[1]),
        }
    )


def _day_out(day: date | None) -> str | None:
    return None if day is None else day.isoformat()


def _day_in(words: str | None) -> date | None:
    return None if words is None else date.fromisoformat(words)


def _incident_row(one: Outgoing, now: datetime) -> dict[str, Any]:
    feature = one.feature
    return {
        "id": feature.incident_id,
        "sha256": one.sha256,
        "first_saved": now,
        "updated_at": now,
        "title": feature.title,
        "event_type": feature.event_type,
        "sub_event_type": feature.sub_event_type,
        "date_start": feature.date_start,
        "date_end": feature.date_end,
        "country_code": feature.country_code,
        "geo_precision": feature.geo_precision,
        "point": from_shape(feature.point, srid=4326) if feature.point is not None else None,
        "body": one.properties,
    }
