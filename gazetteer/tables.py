"""The tables of the gazetteer. They live in a schema of their own, `gazetteer`, which a load replaces as a whole.

- `place`: one row a place and source, light: its area or line stands in `place_area`. Of the rows with one id
  one serves, the others lend it their names.
- `place_name`: one row for each search key of a row of `place`; of several spellings with one key the most trusted is
  kept. It is shown by the row of `place_no`, if that serves.
- `gazetteer_load`: one row a loaded source, written last; its credit and licence are shown wherever its data shows.
- `gazetteer_update`: one row a file of daily changes that was applied to a source since it was loaded.

There are no foreign keys between them: a load writes them together or not at all, and `check.run` counts orphans.
Text that is compared is COLLATE "C": equality and order by bytes, the same on every server.
"""

from __future__ import annotations

from typing import Final

from geoalchemy2 import Geometry
from sqlalchemy import (
    ARRAY,
    REAL,
    BigInteger,
    Boolean,
    Column,
    Date,
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
    Column("serves", Boolean, nullable=False, comment="Of the rows with this id, the one that look-ups show"),
    Column("withdrawn", Date, comment="Its source deleted it that day; kept for those who hold its id"),
    Index("place_id_key", "id", "source", unique=True),
    Index("place_point_gist", "point", postgresql_using="gist"),
    Index("place_geography_gist", text("(point::geography)"), postgresql_using="gist"),
)

place_name = Table(
    "place_name",
    metadata,
    Column("place_no", Integer, nullable=False, comment="place.no that shows it, if that row serves"),
    Column("name_key", _bytes_text(), nullable=False),
    Column("skeleton_key", _bytes_text(), comment="Null for codes and for other scripts"),
    Column("name", Text, nullable=False),
    Column("kind", _bytes_text(), nullable=False),
    Column("language", _bytes_text()),
    Column("own_no", Integer, nullable=False, comment="place.no whose source brought it"),
    Column("alternate_ids", ARRAY(Integer), comment="GeoNames alternateNameIds that attest it"),
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
    Column("rank", SmallInteger, nullable=False, comment="Of the rows with one id, that of the least rank serves"),
    Column("scope", ARRAY(Text), comment="ISO codes of the countries it covers wholly; null: the world, or no claim"),
    Column("as_of", Date, comment="Last day whose changes are in its rows; null: daily changes cannot go on from it"),
)

gazetteer_update = Table(
    "gazetteer_update",
    metadata,
    Column("source", _bytes_text(), primary_key=True, comment="gazetteer_load.source"),
    Column("day", Date, primary_key=True),
    Column("kind", _bytes_text(), primary_key=True, comment="Kind of file, see gazetteer.daily"),
    Column("sha256", Text, nullable=False, comment="Of the file's data"),
    Column("applied", DateTime(timezone=True), nullable=False),
)
