"""Which daily changes were applied to a source."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

SCHEMA = "gazetteer"


def bytes_text() -> sa.Text:
    return sa.Text(collation="C")


def upgrade() -> None:
    op.create_table(
        "gazetteer_update",
        sa.Column("source", bytes_text(), comment="gazetteer_load.source"),
        sa.Column("day", sa.Date),
        sa.Column("kind", bytes_text(), comment="Kind of file, see gazetteer.daily"),
        sa.Column("sha256", sa.Text, nullable=False, comment="Of the file's data"),
        sa.Column("applied", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("source", "day", "kind", name="gazetteer_update_pkey"),
        schema=SCHEMA,
    )


def downgrade() -> None:
    op.drop_table("gazetteer_update", schema=SCHEMA)
