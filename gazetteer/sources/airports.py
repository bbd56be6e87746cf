"""Airports, air bases and airfields from the package airportsdata.

Left out: the landing strips of farms and clubs. They are two thirds of the package, no article names them, and their
names ("Baghdad Airport" is one in Arizona) draw readers away from the place that is meant.
"""

from __future__ import annotations

import difflib
import importlib.metadata
import json
import re
from collections.abc import Iterator
from functools import cache

import airportsdata
from shapely.geometry import Point

from gazetteer.model import NameKind, Place, PlaceName
from gazetteer.sources import boundaries
from gazetteer.sources.base import Source, aliases, data_bytes, data_version

CODE_REVISION = 1

_MILITARY = re.compile(
    r"\bair ?base\b|\bair force\b|\bA\.?F\.?B\b|\barmy\b|\bnaval\b|\bnavy\b|\bmilitary\b|\bNAS\b|\bRAF\b|\bMCAS\b"
    r"|\bmarine corps\b|\bair station\b|\bair reserve\b|\bjoint base\b|\bair national guard\b",
    re.IGNORECASE,
)
_CIVIL_WORD = re.compile(r"\bflying club\b|\bmemorial\b", re.IGNORECASE)
_FIELD = re.compile(r"\bair ?field\b|\bair ?strip\b|\blanding\b|\baerodrome\b", re.IGNORECASE)
_TAIL = re.compile(
    r"\s+(?:(?:international|regional|municipal|domestic|national|county|civil|joint)\s+)*"
    r"(?:airport|air port|aerodrome|air ?base|air force base|a\.?f\.?b|(?:army )?air ?field|airstrip)$",
    re.IGNORECASE,
)
_STRIP_COUNTRIES_LIST = (
    "AR AU BO BR BW CA CD CL CO CR CZ DE EC ES FR GB GT HN IT KE MX NA NI NZ PA PE PG PY SE US UY VE ZA ZM ZW"
)
_STRIP_COUNTRIES = frozenset(_STRIP_COUNTRIES_LIST.split())
"""Countries whose every private strip has a row. Elsewhere few fields are listed, and those matter."""


def places() -> Iterator[Place]:
    """Airports and air bases in the order of their codes, without those that the curated file describes itself."""
    adopted = {row.get("airport") for row in json.loads(data_bytes("curated.json"))}
    table = [row for code, row in sorted(_table().items()) if code not in adopted and _is_wanted(row)]
    points = [Point(row["lon"], row["lat"]) for row in table]
    divisions = boundaries.divisions_at(points, [row["country"] for row in table])
    for row, point, division in zip(table, points, divisions, strict=True):
        yield _place(row, point, division)


def names_of(icao: str) -> list[PlaceName]:
    """All names of one airport, the primary one first."""
    return list(_place(_table()[icao], Point(), None).names)


def point_of(icao: str) -> Point:
    """Where one airport is."""
    row = _table()[icao]
    return Point(row["lon"], row["lat"])


def is_military(name: str) -> bool:
    """Whether an airport's name says that it is a base."""
    return bool(_MILITARY.search(name)) and not _CIVIL_WORD.search(name)


@cache
def _table() -> dict[str, airportsdata.Airport]:
    return airportsdata.load("ICAO")


def _is_wanted(row: airportsdata.Airport) -> bool:
    return bool(row["iata"]) or is_military(row["name"]) or not _is_strip(row)


def _is_strip(row: airportsdata.Airport) -> bool:
    return row["country"] in _STRIP_COUNTRIES and not re.search(r"\binternational\b", row["name"], re.IGNORECASE)


def _names_its_town(bare: str, city: str) -> bool:
    """Whether an airport's name without its last word is a town's name, or too short to say which airport it is."""
    return len(bare) < 5 or difflib.SequenceMatcher(None, bare.casefold(), city.casefold()).ratio() > 0.6


def _place(row: airportsdata.Airport, point: Point, division: str | None) -> Place:
    name, city = row["name"].strip(), row["city"].strip()
    if is_military(name):
        feature_code = "AIRB"
    elif _FIELD.search(name) and not row["iata"]:
        feature_code = "AIRF"
    else:
        feature_code = "AIRP"
    return Place(
        id=f"airport:{row['icao']}",
        name=name,
        feature_class="S",
        feature_code=feature_code,
        point=point,
        country_code=row["country"] or None,
        admin1_code=division,
        precision_m=3000,
        names=tuple(_names(name, city, row["icao"], row["iata"], feature_code)),
    )


def _names(name: str, city: str, icao: str, iata: str, feature_code: str) -> list[PlaceName]:
    kinds: dict[str, NameKind] = {name: NameKind.PRIMARY}
    for alias in aliases("airport").get(icao, ()):
        kinds.setdefault(alias, NameKind.CURATED)
    bare = _TAIL.sub("", name)
    generated: list[str] = []
    if bare != name:
        if feature_code == "AIRB":
            generated += [f"{bare} air base", f"{bare} airbase"]
        else:
            generated += [f"{bare} airport"]
        if not _names_its_town(bare, city):
            kinds.setdefault(bare, NameKind.VARIANT)
    if city and feature_code == "AIRP":
        generated.append(f"{city} airport")
        if "international" in name.casefold():
            generated.append(f"{city} international airport")
    known = {known_name.casefold() for known_name in kinds}
    for spelling in generated:
        if spelling.casefold() not in known:
            known.add(spelling.casefold())
            kinds[spelling] = NameKind.ALTERNATE
    for code in (icao, iata):
        if code:
            kinds.setdefault(code, NameKind.CODE)
    return [PlaceName(text, kind) for text, kind in kinds.items()]


_FILES = ("aliases.json", "curated.json", "boundaries.topo.json.gz")

SOURCE = Source(
    name="airports",
    version=f"{importlib.metadata.version('airportsdata')}-{CODE_REVISION}-{data_version(*_FILES)}",
    credit_name="airportsdata",
    licence="MIT",
    url="https://github.com/mborsetti/airportsdata",
    places=places,
)
