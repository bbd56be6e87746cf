"""The tables of the house: articles, how they were read, incidents, runs. All SQL on them is in `store`.

- `article` -> `reading` -> `mention`, `report`: what one version of the reader understood of one article; replaced as a
  whole.
- `incident`: merged from all reports, recomputed and never edited. `incident_report` remembers which id a report was
  given, for life, also when the report is gone; `alias` and `tombstone` say what became of ids that are no incident any
  more.
- `quarantine`, `run`: what was set aside, and how the runs went.
- `correction`: analysts' decisions, append-only.

Places are kept as snapshots, without foreign keys to the gazetteer: a new gazetteer replaces its tables as a whole, and
articles that it concerns are read again.
"""

from __future__ import annotations

from geoalchemy2 import Geometry
from sqlalchemy import (
    BigInteger,
    Column,
    Date,
    DateTime,
    Double,
    ForeignKey,
    Identity,
    Index,
    Integer,
    MetaData,
    SmallInteger,
    Table,
    Text,
    Uuid,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

metadata = MetaData(
    naming_convention={
        "pk": "%(table_name)s_pkey",
        "uq": "%(table_name)s_%(column_0_N_name)s_key",
        "fk": "%(table_name)s_%(column_0_name)s_fkey",
        "ix": "%(table_name)s_%(column_0_name)s_idx",
    }
)


def _id() -> Text:
    """Ids are compared and sorted by bytes, the same on every server."""
    return Text(collation="C")


def _when(name: str, *, nullable: bool = False) -> Column[object]:
    return Column(name, DateTime(timezone=True), nullable=nullable, server_default=None if nullable else func.now())


article = Table(
    "article",
    metadata,
    Column("id", _id(), primary_key=True),
    Column("sha256", _id(), nullable=False, comment="Of all that the reader sees"),
    Column("text_sha256", _id(), nullable=False, comment="Of the words alone, to know copies"),
    Column("revision", Integer, nullable=False, server_default=text("1"), comment="Counts changes of the content"),
    Column("text", Text, nullable=False),
    Column("title", Text),
    Column("published", Date),
    Column("url", Text),
    Column("publisher", Text),
    Column("language", Text, nullable=False),
    _when("first_seen"),
    _when("revised"),
    Index("article_url_idx", "url", postgresql_using="hash"),
    Index(None, "text_sha256"),
)

reading = Table(
    "reading",
    metadata,
    Column("article_id", _id(), ForeignKey("article.id", ondelete="CASCADE"), primary_key=True),
    Column("reader", Text, nullable=False, comment="Version of the program that read it"),
    Column("build", Text, nullable=False, comment="Hash of the program's code"),
    Column("gazetteer", Text, nullable=False, comment="Version of the gazetteer that was asked"),
    Column("sha256", _id(), nullable=False, comment="article.sha256 that was read"),
    _when("read_at"),
    Column("error", Text, comment="Why it could not be read; null when it was"),
    Column("sentences", JSONB, nullable=False),
    Column("dates", JSONB, nullable=False),
    Column("notes", JSONB, nullable=False),
)

mention = Table(
    "mention",
    metadata,
    Column("article_id", _id(), ForeignKey("reading.article_id", ondelete="CASCADE"), primary_key=True),
    Column("ordinal", Integer, primary_key=True, autoincrement=False),
    Column("place_id", _id(), comment="Null: no place was found or chosen"),
    Column("probability", Double, nullable=False),
    Column("reason", Text, nullable=False),
    Column("body", JSONB, nullable=False, comment="Mention, place and radius as they were"),
    Column("runners_up", JSONB, nullable=False),
    Index(None, "place_id"),
)

report = Table(
    "report",
    metadata,
    Column("key", _id(), primary_key=True),
    Column("article_id", _id(), ForeignKey("reading.article_id", ondelete="CASCADE"), nullable=False),
    Column("ordinal", Integer, nullable=False),
    Column("event_type", Text, nullable=False),
    Column("sub_event_type", Text, nullable=False),
    Column("date_start", Date),
    Column("date_end", Date),
    Column("place_id", _id()),
    Column("country_code", _id()),
    Column("geo_precision", SmallInteger),
    Column("point", Geometry("POINT", srid=4326, spatial_index=False)),
    Column("confidence", Double, nullable=False),
    Column("body", JSONB, nullable=False, comment="The report as it was, place included"),
    Column("quotes", JSONB, nullable=False, comment="[start, end, words] of the sentences it stands on"),
    Index(None, "article_id"),
    Index(None, "date_start"),
    Index(None, "place_id"),
    Index("report_point_gist", "point", postgresql_using="gist"),
)

incident = Table(
    "incident",
    metadata,
    Column("id", _id(), primary_key=True),
    Column("ordinal", BigInteger, Identity(), nullable=False, comment="Order of first appearance"),
    Column("sha256", _id(), nullable=False, comment="Of the content as published"),
    _when("first_saved"),
    _when("updated_at"),
    Column("title", Text, nullable=False),
    Column("event_type", Text, nullable=False),
    Column("sub_event_type", Text, nullable=False),
    Column("date_start", Date),
    Column("date_end", Date),
    Column("country_code", _id()),
    Column("geo_precision", SmallInteger),
    Column("point", Geometry("POINT", srid=4326, spatial_index=False)),
    Column("body", JSONB, nullable=False, comment="The properties of the feed"),
    Index("incident_point_gist", "point", postgresql_using="gist"),
)

incident_report = Table(
    "incident_report",
    metadata,
    Column("report_key", _id(), primary_key=True),
    Column("incident_id", _id(), nullable=False, comment="Given once; may be an alias by now"),
    Column("ordinal", BigInteger, Identity(), nullable=False, comment="Order in which ids were given"),
    Index(None, "incident_id"),
)

alias = Table(
    "alias",
    metadata,
    Column("alias", _id(), primary_key=True),
    Column("incident_id", _id(), ForeignKey("incident.id", ondelete="CASCADE"), nullable=False),
    _when("since"),
    Index(None, "incident_id"),
)

tombstone = Table(
    "tombstone",
    metadata,
    Column("incident_id", _id(), primary_key=True),
    _when("deleted_at"),
    Column("reason", Text, nullable=False),
    Column("replaced_by", _id()),
)

quarantine = Table(
    "quarantine",
    metadata,
    Column("key", _id(), primary_key=True, comment="Hash of name, line and content: the same input is one row"),
    Column("name", Text, nullable=False, comment="File, address or article id"),
    Column("line", Integer, comment="Null: the whole of it"),
    Column("sha256", _id(), nullable=False, comment="Of the content"),
    Column("reason", Text, nullable=False),
    _when("first_seen"),
    _when("last_seen"),
)

run = Table(
    "run",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    _when("started"),
    _when("finished", nullable=True),
    Column("outcome", Text, nullable=False, comment="running | done | failed | killed"),
    Column("exit_code", SmallInteger),
    Column("message", Text),
    Column("counts", JSONB, nullable=False),
    Column("input_sha256", _id(), comment="Of all that the site was built from"),
    Column("generation", _id(), comment="The published generation"),
)

correction = Table(
    "correction",
    metadata,
    Column("id", Uuid, primary_key=True),
    _when("at"),
    Column("author", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("action", Text, nullable=False),
    Column("target", JSONB, nullable=False, comment="Incident id, or article and quoted words; never a row number"),
    Column("value", JSONB),
    Column("supersedes", Uuid, ForeignKey("correction.id")),
)
