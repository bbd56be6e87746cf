"""What stands around the GeoJSON feeds: the index of all files, the list of what was deleted, the CSV table."""

from __future__ import annotations

import csv as csv_format
import hashlib
import io
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple

from maps import geojson
from maps.model import Feature
from maps.texts import clean

# A spreadsheet takes a cell that starts with one of these for a formula.
_FORMULA_STARTS = frozenset("=+-@\t\r\n＝＋－＠")


class Tombstone(NamedTuple):
    """An incident that is no longer published. Its id is never used again."""

    incident_id: str
    deleted_at: datetime | date
    reason: str
    replaced_by: str | None = None
    """The incident it was merged into, where that is why."""


@dataclass(frozen=True, slots=True)
class FeedFile:
    """One file of the feeds and what the index says about it."""

    path: str
    """Relative to the site."""
    data: bytes
    count: int
    """Incidents in it, with a point or without."""
    bbox: geojson.Bounds | None = None
    window: tuple[date, date] | None = None
    """First and last day of `date_start` of its incidents."""


def window_of(features: Iterable[Feature]) -> tuple[date, date] | None:
    """First and last day on which the incidents began; null when no date is known."""
    days = [f.date_start for f in features if f.date_start is not None]
    return (min(days), max(days)) if days else None


def index(files: Iterable[FeedFile], *, incidents: int, metadata: Mapping[str, Any]) -> bytes:
    """`index.json`: the files sorted by path, each with its size, sha256, number of incidents, box and window.

    `incidents` counts the incidents of the whole site, those without a point included.
    """
    rows = [
        {
            "path": file.path,
            "bytes": len(file.data),
            "sha256": hashlib.sha256(file.data).hexdigest(),
            "count": file.count,
            "bbox": list(file.bbox) if file.bbox else None,
            "window": [day.isoformat() for day in file.window] if file.window else None,
        }
        for file in sorted(files, key=lambda file: file.path)
    ]
    head = json.dumps(
        geojson.plain({"metadata": metadata, "incidents": incidents}), ensure_ascii=False, allow_nan=False
    )
    lines = ",\n".join(json.dumps(row, ensure_ascii=False, separators=(",", ":")) for row in rows)
    return f'{head[:-1]}, "files": [\n{lines}\n]}}\n'.encode()


def deleted(tombstones: Iterable[Tombstone], metadata: Mapping[str, Any]) -> bytes:
    """`deleted.json`: newest first, then by id."""
    rows = sorted(tombstones, key=lambda row: row.incident_id)
    rows.sort(key=lambda row: _stamp(row.deleted_at), reverse=True)
    text = json.dumps(
        geojson.plain({"metadata": {**metadata, "count": len(rows)}, "deleted": [row._asdict() for row in rows]}),
        ensure_ascii=False,
        allow_nan=False,
        indent=1,
    )
    return f"{text}\n".encode()


def csv(features: Iterable[Feature]) -> bytes:
    """All incidents as a table with `lon` and `lat` (empty without a point), UTF-8 with a byte order mark for
    spreadsheets. Texts that a spreadsheet would run as a formula get an apostrophe in front; lists are joined by " | ".
    """
    out = io.StringIO()
    writer = csv_format.writer(out, lineterminator="\r\n")
    writer.writerow([*geojson.PROPERTIES, "lon", "lat"])
    for feature in geojson.in_order(features):
        point = geojson.point_of(feature)
        place = ["", ""] if point is None else [repr(point.x), repr(point.y)]
        writer.writerow([*(_cell(value) for value in geojson.properties_of(feature).values()), *place])
    return b"\xef\xbb\xbf" + out.getvalue().encode()


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return str(geojson.plain(value))
    if isinstance(value, Sequence) and not isinstance(value, str):
        return _harmless(" | ".join(clean(str(item)) for item in value))
    return _harmless(str(geojson.plain(value)))


def _harmless(text: str) -> str:
    return "'" + text if text[:1] in _FORMULA_STARTS else text


def _stamp(moment: datetime | date) -> str:
    return geojson.utc(moment) if isinstance(moment, datetime) else moment.isoformat()
