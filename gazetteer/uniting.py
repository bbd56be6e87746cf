# ruff: noqa: S608 -- what is put into statements are constants of this file and of its callers; values are bound
"""One place, several sources: which row of an id serves, and whose names it shows.

Of the rows with one id the one of the source with the least rank serves. It shows its own names, and those of the
others whose key it lacks or which are more trusted; one name a key. A row far from the one that serves lends no names:
some concordance is wrong. All of it follows from the rows alone, so it can be worked out anew whenever rows come or go.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from sqlalchemy import Connection, text

from gazetteer import tables
from gazetteer.model import NameKind

FAR_M: Final = 100_000
"""Two points of one id farther apart are taken for two places, unless one of them stands for an area."""

_TRUST: Final = "array_position(ARRAY[" + ", ".join(f"'{kind.value}'" for kind in NameKind) + "], n.kind)"

SHARED: Final = "SELECT id FROM {schema}.place GROUP BY id HAVING count(*) > 1"
"""The ids of a gazetteer that several sources know."""


def unite(conn: Connection, ids: Iterable[str]) -> None:
    """Work out anew which rows serve and which names they show, for these ids. The caller commits, and holds the lock
    of those who load (`load.lock`)."""
    conn.execute(text("DROP TABLE IF EXISTS pg_temp.gazetteer_concerned"))
    conn.execute(
        text("""
            CREATE TEMP TABLE gazetteer_concerned ON COMMIT DROP AS
            SELECT DISTINCT id COLLATE "C" AS id FROM unnest(CAST(:ids AS text[])) AS given(id)"""),
        {"ids": sorted(set(ids))},
    )
    conn.execute(text("ANALYZE pg_temp.gazetteer_concerned"))
    unite_in(conn, tables.SCHEMA, "SELECT id FROM pg_temp.gazetteer_concerned")


def unite_in(conn: Connection, schema: str, concerned: str) -> int:
    """The same in the gazetteer of `schema` for the ids that the statement `concerned` gives; how many rows they are.

    With hundreds of thousands of ids the tables are read once each, whole: their indexes are of no use.
    """
    conn.execute(text("DROP TABLE IF EXISTS pg_temp.gazetteer_rival, pg_temp.gazetteer_shown"))
    rows = conn.execute(
        text(f"""
            CREATE TEMP TABLE gazetteer_rival ON COMMIT DROP AS
            WITH ranked AS MATERIALIZED (
                SELECT p.no, p.id, p.point, p.has_area, p.serves, l.rank, p.source,
                       row_number() OVER (
                           PARTITION BY p.id ORDER BY p.withdrawn IS NOT NULL, l.rank, p.source
                       ) AS standing
                FROM {schema}.place p JOIN {schema}.gazetteer_load l ON l.source = p.source
                WHERE p.id IN ({concerned.format(schema=schema)})
            )
            SELECT r.no, first.no AS shown_by, r.serves, r.rank, r.source,
                   r.has_area OR first.has_area OR ST_DistanceSphere(r.point, first.point) <= {FAR_M} AS lends
            FROM ranked r JOIN ranked first ON first.id = r.id AND first.standing = 1""")
    ).rowcount
    if not rows:
        return 0
    conn.execute(text("ANALYZE pg_temp.gazetteer_rival"))
    conn.execute(
        text(f"""
            UPDATE {schema}.place p SET serves = NOT p.serves
            FROM pg_temp.gazetteer_rival r WHERE p.no = r.no AND r.serves <> (r.no = r.shown_by)""")
    )
    # A name that gives way to a more trusted one of the same key goes where that one came from: a row that shows
    # nothing, because it does not serve.
    conn.execute(
        text(f"""
            CREATE TEMP TABLE gazetteer_shown ON COMMIT DROP AS
            SELECT * FROM (
                SELECT n.ctid AS spot, n.place_no,
                       CASE
                           WHEN NOT r.lends THEN n.own_no
                           WHEN row_number() OVER line = 1 THEN r.shown_by
                           WHEN n.own_no = r.shown_by THEN first_value(n.own_no) OVER line
                           ELSE n.own_no
                       END AS wanted
                FROM {schema}.place_name n JOIN pg_temp.gazetteer_rival r ON r.no = n.own_no
                WINDOW line AS (PARTITION BY r.shown_by, r.lends, n.name_key ORDER BY {_TRUST}, r.rank, r.source)
            ) shown
            WHERE place_no <> wanted""")
    )
    conn.execute(text("ANALYZE pg_temp.gazetteer_shown"))
    conn.execute(
        text(f"""
            UPDATE {schema}.place_name n SET place_no = s.wanted
            FROM pg_temp.gazetteer_shown s WHERE n.ctid = s.spot""")
    )
    return rows
