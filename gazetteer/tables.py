"""The tables of the gazetteer. They live in a schema of their own, `gazetteer`, which a load replaces as a whole.

- `place`: one row a place, light: its area or line stands in `place_area`.
- `place_name`: one row for each search key of a place; of several spellings with one key the most trusted is kept.
- `gazetteer_load`: one row a loaded source, written last; its credit and licence are shown wherever its data shows.

There are no foreign keys between them: a load writes them together or not at all, and `check.run` counts orphans.
Text that is compared is COLLATE "C": equality and order by bytes, the same on every server.
"""

from __future__ import annotations

from typing import Final

from geoalchemy2 import Geometry
from sqlalchemy import (
    REAL,
    BigInteger,
    Boolean,
    Column,
    DateTime,
    Index,
    Integer,
    MetaData,
    SmallInteger,
    Table,
    Text,
    text,
)

SCHEMA: Final = "gazetteer"

metadata = MetaData(
    schema=SCHEMA,
    naming_convention={"pk": "%(table_name)s_pkey", "uq": "%(table_name)s_%(column_0_name)s_key"},
)


def _bytes_text() -> Text:
    return Text(collation="C")


place = Table(
    "place",
    metadata,
    Column("no", Integer, primary_key=True, autoincrement=False, comment="Number within this gazetteer only"),
    Column("id", _bytes_text(), nullable=False, comment="source:key, for life"),
    Column("source", _bytes_text(), nullable=False, comment="gazetteer_load.source that brought it"),
    Column("name", Text, nullable=False),
    Column("feature_class", _bytes_text(), nullable=False),
    Column("feature_code", _bytes_text(), nullable=False),
    Column("country_code", _bytes_text()),
    Column("admin1_code", _bytes_text()),
    Column("population", BigInteger),
    Column("precision_m", Integer, nullable=False),
    Column("prominence", REAL, nullable=False, comment="How likely a reader thinks of it first; see load.prominence"),
    Column("has_area", Boolean, nullable=False),
    Column("note", Text, nullable=False),
    Column("point", Geometry("POINT", srid=4326, spatial_index=False), nullable=False),
    Index("place_id_key", "id", unique=True),
    Index("place_point_gist", "point", postgresql_using="gist"),
    Index("place_geography_gist", text("(point::geography)"), postgresql_using="gist"),
)

place_name = Table(
    "place_name",
    metadata,
    Column("place_no", Integer, nullable=False),
    Column("name_key", _bytes_text(), nullable=False),
    Column("skeleton_key", _bytes_text(), comment="Null for codes and for other scripts"),
    Column("name", Text, nullable=False),
    Column("kind", _bytes_text(), nullable=False),
    Column("language", _bytes_text()),
    Index("place_name_key", "name_key"),
    Index("place_name_skeleton", "skeleton_key"),
    Index(
        "place_name_trigram",
        "name_key",
        postgresql_using="gin",
        postgresql_ops={"name_key": "gin_trgm_ops"},
        postgresql_where=text("skeleton_key IS NOT NULL"),
    ),
)

place_area = Table(
    "place_area",
    metadata,
    Column("place_no", Integer, primary_key=True, autoincrement=False),
    Column("geom", Geometry("GEOMETRY", srid=4326, spatial_index=False), nullable=False),
    Index("place_area_gist", "geom", postgresql_using="gist"),
)

gazetteer_load = Table(
    "gazetteer_load",
    metadata,
    Column("source", _bytes_text(), primary_key=True),
    Column("version", Text, nullable=False),
    Column("rules", SmallInteger, nullable=False, comment="names.RULES under which its keys were made"),
    Column("credit_name", Text, nullable=False),
    Column("licence", Text, nullable=False),
    Column("url", Text, nullable=False),
    Column("places", Integer, nullable=False),
    Column("names", Integer, nullable=False),
    Column("content_sha256", Text, nullable=False),
    Column("started", DateTime(timezone=True), nullable=False),
    Column("finished", DateTime(timezone=True), nullable=False),
)
