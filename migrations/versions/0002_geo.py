"""The house: articles and how they were read, incidents, runs, what was set aside."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from geoalchemy2 import Geometry
from sqlalchemy.dialects.postgresql import JSONB

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def bytes_text() -> sa.Text:
    return sa.Text(collation="C")


def upgrade() -> None:
    op.create_table(
        "article",
        sa.Column("id", bytes_text(), nullable=False),
        sa.Column("sha256", bytes_text(), nullable=False, comment="Of all that the reader sees"),
        sa.Column("text_sha256", bytes_text(), nullable=False, comment="Of the words alone, to know copies"),
        sa.Column(
            "revision", sa.Integer, server_default=sa.text("1"), nullable=False, comment="Counts changes of the content"
        ),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("title", sa.Text),
        sa.Column("published", sa.Date),
        sa.Column("url", sa.Text),
        sa.Column("publisher", sa.Text),
        sa.Column("language", sa.Text, nullable=False),
        sa.Column("first_seen", sa.DateTime(timezone=True), server_default=sa.func.now(), nullable=False),
        sa.Column("revised", sa.DateTime(timezone=True), server_default=sa.func.now(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="article_pkey"),
    )
    op.create_index("article_text_sha256_idx", "article", ["text_sha256"])
    op.create_index("article_url_idx", "article", ["url"], postgresql_using="hash")
    op.create_table(
        "correction",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.func.now(), nullable=False),
        sa.Column("author", sa.Text, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("action", sa.Text, nullable=False),
        sa.Column(
            "target", JSONB, nullable=False, comment="Incident id, or article and quoted words; never a row number"
        ),
        sa.Column("value", JSONB),
        sa.Column("supersedes", sa.Uuid),
        sa.ForeignKeyConstraint(["supersedes"], ["correction.id"], name="correction_supersedes_fkey"),
        sa.PrimaryKeyConstraint("id", name="correction_pkey"),
    )
    op.create_table(
        "incident",
        sa.Column("id", bytes_text(), nullable=False),
        sa.Column("ordinal", sa.BigInteger, sa.Identity(), nullable=False, comment="Order of first appearance"),
        sa.Column("sha256", bytes_text(), nullable=False, comment="Of the content as published"),
        sa.Column("first_saved", sa.DateTime(timezone=True), server_default=sa.func.now(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.func.now(), nullable=False),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("event_type", sa.Text, nullable=False),
        sa.Column("sub_event_type", sa.Text, nullable=False),
        sa.Column("date_start", sa.Date),
        sa.Column("date_end", sa.Date),
        sa.Column("country_code", bytes_text()),
        sa.Column("geo_precision", sa.SmallInteger),
        sa.Column("point", Geometry("POINT", srid=4326, spatial_index=False)),
        sa.Column("body", JSONB, nullable=False, comment="The properties of the feed"),
        sa.PrimaryKeyConstraint("id", name="incident_pkey"),
    )
    op.create_index("incident_point_gist", "incident", ["point"], postgresql_using="gist")
    op.create_table(
        "incident_report",
        sa.Column("report_key", bytes_text(), nullable=False),
        sa.Column("incident_id", bytes_text(), nullable=False, comment="Given once; may be an alias by now"),
        sa.Column("ordinal", sa.BigInteger, sa.Identity(), nullable=False, comment="Order in which ids were given"),
        sa.PrimaryKeyConstraint("report_key", name="incident_report_pkey"),
    )
    op.create_index("incident_report_incident_id_idx", "incident_report", ["incident_id"])
    op.create_table(
        "quarantine",
        sa.Column(
            "key", bytes_text(), nullable=False, comment="Hash of name, line and content: the same input is one row"
        ),
        sa.Column("name", sa.Text, nullable=False, comment="File, address or article id"),
        sa.Column("line", sa.Integer, comment="Null: the whole of it"),
        sa.Column("sha256", bytes_text(), nullable=False, comment="Of the content"),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("first_seen", sa.DateTime(timezone=True), server_default=sa.func.now(), nullable=False),
        sa.Column("last_seen", sa.DateTime(timezone=True), server_default=sa.func.now(), nullable=False),
        sa.PrimaryKeyConstraint("key", name="quarantine_pkey"),
    )
    op.create_table(
        "run",
        sa.Column("id", sa.BigInteger, sa.Identity(), nullable=False),
        sa.Column("started", sa.DateTime(timezone=True), server_default=sa.func.now(), nullable=False),
        sa.Column("finished", sa.DateTime(timezone=True)),
        sa.Column("outcome", sa.Text, nullable=False, comment="running | done | failed | killed"),
        sa.Column("exit_code", sa.SmallInteger),
        sa.Column("message", sa.Text),
        sa.Column("counts", JSONB, nullable=False),
        sa.Column("input_sha256", bytes_text(), comment="Of all that the site was built from"),
        sa.Column("generation", bytes_text(), comment="The published generation"),
        sa.PrimaryKeyConstraint("id", name="run_pkey"),
    )
    op.create_table(
        "tombstone",
        sa.Column("incident_id", bytes_text(), nullable=False),
        sa.Column("deleted_at", sa.DateTime(timezone=True), server_default=sa.func.now(), nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("replaced_by", bytes_text()),
        sa.PrimaryKeyConstraint("incident_id", name="tombstone_pkey"),
    )
    op.create_table(
        "alias",
        sa.Column("alias", bytes_text(), nullable=False),
        sa.Column("incident_id", bytes_text(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), server_default=sa.func.now(), nullable=False),
        sa.ForeignKeyConstraint(["incident_id"], ["incident.id"], name="alias_incident_id_fkey", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("alias", name="alias_pkey"),
    )
    op.create_index("alias_incident_id_idx", "alias", ["incident_id"])
    op.create_table(
        "reading",
        sa.Column("article_id", bytes_text(), nullable=False),
        sa.Column("reader", sa.Text, nullable=False, comment="Version of the program that read it"),
        sa.Column("build", sa.Text, nullable=False, comment="Hash of the program's code"),
        sa.Column("gazetteer", sa.Text, nullable=False, comment="Version of the gazetteer that was asked"),
        sa.Column("sha256", bytes_text(), nullable=False, comment="article.sha256 that was read"),
        sa.Column("read_at", sa.DateTime(timezone=True), server_default=sa.func.now(), nullable=False),
        sa.Column("error", sa.Text, comment="Why it could not be read; null when it was"),
        sa.Column("sentences", JSONB, nullable=False),
        sa.Column("dates", JSONB, nullable=False),
        sa.Column("notes", JSONB, nullable=False),
        sa.ForeignKeyConstraint(["article_id"], ["article.id"], name="reading_article_id_fkey", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("article_id", name="reading_pkey"),
    )
    op.create_table(
        "mention",
        sa.Column("article_id", bytes_text(), nullable=False),
        sa.Column("ordinal", sa.Integer, autoincrement=False, nullable=False),
        sa.Column("place_id", bytes_text(), comment="Null: no place was found or chosen"),
        sa.Column("probability", sa.Double, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("body", JSONB, nullable=False, comment="Mention, place and radius as they were"),
        sa.Column("runners_up", JSONB, nullable=False),
        sa.ForeignKeyConstraint(
            ["article_id"], ["reading.article_id"], name="mention_article_id_fkey", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("article_id", "ordinal", name="mention_pkey"),
    )
    op.create_index("mention_place_id_idx", "mention", ["place_id"])
    op.create_table(
        "report",
        sa.Column("key", bytes_text(), nullable=False),
        sa.Column("article_id", bytes_text(), nullable=False),
        sa.Column("ordinal", sa.Integer, nullable=False),
        sa.Column("event_type", sa.Text, nullable=False),
        sa.Column("sub_event_type", sa.Text, nullable=False),
        sa.Column("date_start", sa.Date),
        sa.Column("date_end", sa.Date),
        sa.Column("place_id", bytes_text()),
        sa.Column("country_code", bytes_text()),
        sa.Column("geo_precision", sa.SmallInteger),
        sa.Column("point", Geometry("POINT", srid=4326, spatial_index=False)),
        sa.Column("confidence", sa.Double, nullable=False),
        sa.Column("body", JSONB, nullable=False, comment="The report as it was, place included"),
        sa.Column("quotes", JSONB, nullable=False, comment="[start, end, words] of the sentences it stands on"),
        sa.ForeignKeyConstraint(
            ["article_id"], ["reading.article_id"], name="report_article_id_fkey", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("key", name="report_pkey"),
    )
    op.create_index("report_article_id_idx", "report", ["article_id"])
    op.create_index("report_date_start_idx", "report", ["date_start"])
    op.create_index("report_place_id_idx", "report", ["place_id"])
    op.create_index("report_point_gist", "report", ["point"], postgresql_using="gist")


def downgrade() -> None:
    for table in (
        "report",
        "mention",
        "reading",
        "alias",
        "tombstone",
        "run",
        "quarantine",
        "incident_report",
        "incident",
        "correction",
        "article",
    ):
        op.drop_table(table)
