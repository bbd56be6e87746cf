"""Alembic's entry. The program hands over an open connection (gazetteer.database); a developer gives an address:

alembic -c migrations/alembic.ini -x database=postgresql://... check
"""

from __future__ import annotations

from typing import Any

from alembic import context
from geoalchemy2 import alembic_helpers
from sqlalchemy import Connection, MetaData

import gazetteer.tables
from gazetteer import database

target_metadata: list[MetaData] = [gazetteer.tables.metadata]
try:
    import geo.tables
except ModuleNotFoundError as error:
    if error.name not in ("geo", "geo.tables"):
        raise
else:
    target_metadata.append(geo.tables.metadata)


def include_name(name: str | None, type_: str, parent_names: Any) -> bool:
    """Only our own schemas: a database may hold others."""
    return type_ != "schema" or name in (None, gazetteer.tables.SCHEMA)


def migrate(connection: Connection) -> None:
    context.configure(
        connection=connection,
        target_metadata=target_metadata,
        include_schemas=True,
        include_name=include_name,
        include_object=alembic_helpers.include_object,
        process_revision_directives=alembic_helpers.writer,
        render_item=alembic_helpers.render_item,
    )
    with context.begin_transaction():
        context.run_migrations()


given = context.config.attributes.get("connection")
if given is not None:
    migrate(given)
else:
    with database.engine(context.get_x_argument(as_dictionary=True)["database"]).begin() as connection:
        migrate(connection)
