"""Places that news of conflict names and tables of towns lack: bases, fields, crossings, camps, plants, quarters.

`data/curated.json` holds one place a line:

    id, name, names    the slug in `curated:<id>`, the everyday name, other names and spellings
    country            ISO alpha-2, null at sea
    code               GeoNames feature class and code, `S.AIRB`
    lat, lon           from common knowledge, in degrees; `precision_m` says how far the place may lie from there
    near               optional check: [town, km] - a place of that name lies within so many kilometres
    border             optional check: the crossing lies on the border of these two countries
    airport            optional: the ICAO code of the row of airportsdata that is the same place; its names are kept
    offshore           optional: true for what lies at sea or on an island too small for the map
    note               optional: rival coordinates, status. How the coordinate is known is added to it
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cache
from typing import Any

from shapely.geometry import Point

from gazetteer.model import NameKind, Place, PlaceName
from gazetteer.sources import airports, boundaries
from gazetteer.sources.base import Source, data_bytes, data_version

CODE_REVISION = 2


def places() -> Iterator[Place]:
    """All curated places in the order of the file."""
    table = rows()
    points = [Point(row["lon"], row["lat"]) for row in table]
    divisions = boundaries.divisions_at(points, [row["country"] for row in table])
    for row, point, division in zip(table, points, divisions, strict=True):
        feature_class, _, feature_code = row["code"].partition(".")
        yield Place(
            id=f"curated:{row['id']}",
            name=row["name"],
            feature_class=feature_class,
            feature_code=feature_code,
            point=point,
            country_code=row["country"],
            admin1_code=division,
            precision_m=row["precision_m"],
            note=_note(row, point),
            names=tuple(_names(row)),
        )


@cache
def rows() -> list[dict[str, Any]]:
    """The lines of `data/curated.json`."""
    table: list[dict[str, Any]] = json.loads(data_bytes("curated.json"))
    return table


def _note(row: dict[str, Any], point: Point) -> str:
    """What the file remarks, and how the coordinate is known and was checked."""
    airport = row.get("airport")
    if airport and airports.point_of(airport).distance(point) < _SAME_POINT_DEGREES:
        known = f"The point is that of {airport} in airportsdata"
    else:
        known = f"The point is from common knowledge, good to {row['precision_m'] / 1000:g} km"
    if "border" in row:
        known += f", checked against the border {row['border']}"
    elif "near" in row:
        known += f", checked to lie within {row['near'][1]:g} km of {row['near'][0]}"
    elif row["country"] and not row.get("offshore"):
        known += ", checked against the outline of its country"
    return " ".join(filter(None, (row.get("note", ""), f"{known}.")))


_SAME_POINT_DEGREES = 0.005
"""About half a kilometre."""


def _names(row: dict[str, Any]) -> Iterator[PlaceName]:
    kinds: dict[str, NameKind] = {row["name"]: NameKind.PRIMARY}
    for name in row["names"]:
        kinds.setdefault(name, NameKind.CURATED)
    if "airport" in row:
        for known in airports.names_of(row["airport"]):
            kinds.setdefault(known.name, NameKind.ALTERNATE if known.kind is NameKind.PRIMARY else known.kind)
    for name, kind in kinds.items():
        yield PlaceName(name, kind)


SOURCE = Source(
    name="curated",
    version=f"{CODE_REVISION}-{data_version('curated.json', 'boundaries.topo.json.gz')}-{airports.SOURCE.version}",
    credit_name="incident-map",
    licence="MIT",
    url="https://www.geonames.org/export/codes.html",
    places=places,
)
