"""The gazetteer: places, their names and areas, and what was loaded."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from geoalchemy2 import Geometry

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

SCHEMA = "gazetteer"


def bytes_text() -> sa.Text:
    return sa.Text(collation="C")


def upgrade() -> None:
    op.execute("CREATE EXTENSION IF NOT EXISTS postgis")
    op.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")
    op.execute(f"CREATE SCHEMA {SCHEMA}")

    op.create_table(
        "place",
        sa.Column("no", sa.Integer, autoincrement=False, comment="Number within this gazetteer only"),
        sa.Column("id", bytes_text(), nullable=False, comment="source:key, for life"),
        sa.Column("source", bytes_text(), nullable=False, comment="gazetteer_load.source that brought it"),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("feature_class", bytes_text(), nullable=False),
        sa.Column("feature_code", bytes_text(), nullable=False),
        sa.Column("country_code", bytes_text()),
        sa.Column("admin1_code", bytes_text()),
        sa.Column("population", sa.BigInteger),
        sa.Column("precision_m", sa.Integer, nullable=False),
        sa.Column(
            "prominence", sa.REAL, nullable=False, comment="How likely a reader thinks of it first; see load.prominence"
        ),
        sa.Column("has_area", sa.Boolean, nullable=False),
        sa.Column("note", sa.Text, nullable=False),
        sa.Column("point", Geometry("POINT", srid=4326, spatial_index=False), nullable=False),
        sa.PrimaryKeyConstraint("no", name="place_pkey"),
        schema=SCHEMA,
    )
    op.create_index("place_id_key", "place", ["id"], unique=True, schema=SCHEMA)
    op.create_index("place_point_gist", "place", ["point"], postgresql_using="gist", schema=SCHEMA)
    op.create_index(
        "place_geography_gist", "place", [sa.text("(point::geography)")], postgresql_using="gist", schema=SCHEMA
    )

    op.create_table(
        "place_name",
        sa.Column("place_no", sa.Integer, nullable=False),
        sa.Column("name_key", bytes_text(), nullable=False),
        sa.Column("skeleton_key", bytes_text(), comment="Null for codes and for other scripts"),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("kind", bytes_text(), nullable=False),
        sa.Column("language", bytes_text()),
        schema=SCHEMA,
    )
    op.create_index("place_name_key", "place_name", ["name_key"], schema=SCHEMA)
    op.create_index("place_name_skeleton", "place_name", ["skeleton_key"], schema=SCHEMA)
    op.create_index(
        "place_name_trigram",
        "place_name",
        ["name_key"],
        postgresql_using="gin",
        postgresql_ops={"name_key": "gin_trgm_ops"},
        postgresql_where=sa.text("skeleton_key IS NOT NULL"),
        schema=SCHEMA,
    )

    op.create_table(
        "place_area",
        sa.Column("place_no", sa.Integer, autoincrement=False),
        sa.Column("geom", Geometry("GEOMETRY", srid=4326, spatial_index=False), nullable=False),
        sa.PrimaryKeyConstraint("place_no", name="place_area_pkey"),
        schema=SCHEMA,
    )
    op.create_index("place_area_gist", "place_area", ["geom"], postgresql_using="gist", schema=SCHEMA)

    op.create_table(
        "gazetteer_load",
        sa.Column("source", bytes_text()),
        sa.Column("version", sa.Text, nullable=False),
        sa.Column("rules", sa.SmallInteger, nullable=False, comment="names.RULES under which its keys were made"),
        sa.Column("credit_name", sa.Text, nullable=False),
        sa.Column("licence", sa.Text, nullable=False),
        sa.Column("url", sa.Text, nullable=False),
        sa.Column("places", sa.Integer, nullable=False),
        sa.Column("names", sa.Integer, nullable=False),
        sa.Column("content_sha256", sa.Text, nullable=False),
        sa.Column("started", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("source", name="gazetteer_load_pkey"),
        schema=SCHEMA,
    )


def downgrade() -> None:
    # The extensions stay: other tables of the database may use them.
    for table in ("gazetteer_load", "place_area", "place_name", "place"):
        op.drop_table(table, schema=SCHEMA)
    op.execute(f"DROP SCHEMA {SCHEMA}")
