"""Several sources may know one place: which row serves, who brought a name, how sources rank."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

SCHEMA = "gazetteer"


def upgrade() -> None:
    op.add_column(
        "place",
        sa.Column(
            "serves",
            sa.Boolean,
            nullable=False,
            server_default=sa.true(),
            comment="Of the rows with this id, the one that look-ups show",
        ),
        schema=SCHEMA,
    )
    op.alter_column("place", "serves", server_default=None, schema=SCHEMA)
    op.add_column(
        "place",
        sa.Column("withdrawn", sa.Date, comment="Its source deleted it that day; kept for those who hold its id"),
        schema=SCHEMA,
    )
    op.drop_index("place_id_key", "place", schema=SCHEMA)
    op.create_index("place_id_key", "place", ["id", "source"], unique=True, schema=SCHEMA)

    op.add_column(
        "place_name", sa.Column("own_no", sa.Integer, comment="place.no whose source brought it"), schema=SCHEMA
    )
    # Until now every name was shown by the row that brought it. Rewriting the table is quicker than an UPDATE, which
    # would touch every index for every name.
    op.alter_column(
        "place_name",
        "own_no",
        type_=sa.Integer,
        nullable=False,
        postgresql_using="place_no",
        schema=SCHEMA,
    )
    op.add_column(
        "place_name",
        sa.Column("alternate_ids", sa.ARRAY(sa.Integer), comment="GeoNames alternateNameIds that attest it"),
        schema=SCHEMA,
    )
    op.alter_column("place_name", "place_no", comment="place.no that shows it, if that row serves", schema=SCHEMA)

    # The rank is the default one; a source with another is read again by the next load.
    op.add_column(
        "gazetteer_load",
        sa.Column(
            "rank",
            sa.SmallInteger,
            nullable=False,
            server_default="50",
            comment="Of the rows with one id, that of the least rank serves",
        ),
        schema=SCHEMA,
    )
    op.alter_column("gazetteer_load", "rank", server_default=None, schema=SCHEMA)
    op.add_column(
        "gazetteer_load",
        sa.Column(
            "scope",
            sa.ARRAY(sa.Text),
            comment="ISO codes of the countries it covers wholly; null: the world, or no claim",
        ),
        schema=SCHEMA,
    )
    op.add_column(
        "gazetteer_load",
        sa.Column(
            "as_of",
            sa.Date,
            comment="Last day whose changes are in its rows; null: daily changes cannot go on from it",
        ),
        schema=SCHEMA,
    )


def downgrade() -> None:
    # Rows that do not serve cannot stay: an id stood once.
    op.execute("DELETE FROM gazetteer.place_area a USING gazetteer.place p WHERE p.no = a.place_no AND NOT p.serves")
    op.execute("DELETE FROM gazetteer.place_name n USING gazetteer.place p WHERE p.no = n.place_no AND NOT p.serves")
    op.execute("DELETE FROM gazetteer.place WHERE NOT serves")
    op.drop_index("place_id_key", "place", schema=SCHEMA)
    op.create_index("place_id_key", "place", ["id"], unique=True, schema=SCHEMA)
    for table, column in (
        ("gazetteer_load", "as_of"),
        ("gazetteer_load", "scope"),
        ("gazetteer_load", "rank"),
        ("place_name", "alternate_ids"),
        ("place_name", "own_no"),
        ("place", "withdrawn"),
        ("place", "serves"),
    ):
        op.drop_column(table, column, schema=SCHEMA)
    op.alter_column("place_name", "place_no", comment=None, schema=SCHEMA)
