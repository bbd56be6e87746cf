"""build(features) -> {path: bytes}: the whole site in memory, the same bytes for the same features."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from maps import about, feeds, geojson, layout, leaflet
from maps import basemap as basemaps
from maps.feeds import FeedFile, Tombstone
from maps.model import Basemap, Credit, Feature
from maps.texts import clean

COUNTRY_PAGE_FROM = 10
"""A country with so many incidents gets a map of its own, where there is more than one country."""

_BASEMAP, _LARGE_BASEMAP, _MANY = 240_000, 600_000, 200
"""Bytes of basemap in a page, and in one of so many incidents or more, which can afford a better map."""


def build(
    features: Sequence[Feature],
    *,
    basemap: Basemap,
    credits: Sequence[Credit] = (),
    title: str = "Incident map",
    deleted: Sequence[Tombstone | tuple[str, datetime | date, str, str | None]] = (),
) -> dict[str, bytes]:
    """The files of the site: {path relative to the site: content}, sorted by path.

    Every text may be hostile; none is interpreted. No clock, no randomness: `data_updated` is the newest `updated_at`.
    Raises ValueError when two features have one id.
    """
    rows = geojson.in_order(features)
    _check_ids(rows)
    metadata = _metadata(rows, credits, title)
    files = _feeds(rows, metadata, [Tombstone(*row) for row in deleted])
    contents = {file.path: file.data for file in files}
    contents[layout.INDEX] = feeds.index(files, incidents=len(rows), metadata=metadata)
    contents |= _pages(rows, basemap, credits, title)
    return dict(sorted(contents.items()))


def _check_ids(features: Sequence[Feature]) -> None:
    seen: set[str] = set()
    for feature in features:
        published_id = clean(feature.incident_id)
        if published_id in seen:
            message = f"two incidents have the id {published_id!r}"
            raise ValueError(message)
        seen.add(published_id)


def _metadata(features: Sequence[Feature], credits: Sequence[Credit], title: str) -> dict[str, Any]:
    return {
        "title": title,
        "version": "1",
        "data_updated": _newest_change(features),
        "attribution": [
            {"name": credit.name, "licence": credit.licence, "url": credit.url, "note": credit.note}
            for credit in credits
        ],
    }


def _newest_change(features: Sequence[Feature]) -> datetime | None:
    return max((f.updated_at for f in features if f.updated_at is not None), key=geojson.utc, default=None)


# --- feeds ------------------------------------------------------------------------------------------------------------


def _feeds(features: Sequence[Feature], metadata: dict[str, Any], deleted: Sequence[Tombstone]) -> list[FeedFile]:
    located = [f for f in features if geojson.point_of(f) is not None]
    unlocated = [f for f in features if geojson.point_of(f) is None]
    files = [
        _summary(layout.ALL, located, {**metadata, "unlocated": len(unlocated)}),
        _summary(layout.UNLOCATED, unlocated, metadata),
        _feed(layout.AREAS, geojson.areas(features, metadata)),
        _feed(layout.LINES, geojson.lines(features, metadata)),
        FeedFile(layout.DELETED, feeds.deleted(deleted, metadata), count=len(deleted)),
        FeedFile(
            layout.CSV,
            feeds.csv(features),
            count=len(features),
            bbox=geojson.bounds_of(features),
            window=feeds.window_of(features),
        ),
    ]
    groups: dict[str, list[Feature]] = defaultdict(list)
    for feature in located:
        groups[layout.event_type(feature.event_type)].append(feature)
        if feature.country_code:
            groups[layout.country(feature.country_code)].append(feature)
        if feature.date_start:
            groups[layout.month(f"{feature.date_start:%Y-%m}")].append(feature)
    files += [_summary(path, rows, metadata) for path, rows in sorted(groups.items())]
    # The incident's own file changes when the incident does, not with every change elsewhere.
    own = {"version": metadata["version"], "attribution": metadata["attribution"]}
    files += [
        FeedFile(
            layout.incident(feature.incident_id),
            geojson.incident(feature, own),
            count=1,
            bbox=geojson.bounds_of([feature]),
            window=feeds.window_of([feature]),
        )
        for feature in features
    ]
    return files


def _summary(path: str, features: Sequence[Feature], metadata: dict[str, Any]) -> FeedFile:
    """A feed that changes only when an incident in it does."""
    return _feed(path, geojson.dumps(features, {**metadata, "data_updated": _newest_change(features)}), features)


def _feed(path: str, data: bytes, features: Sequence[Feature] = ()) -> FeedFile:
    count, bbox = geojson.head(data)
    return FeedFile(path, data, count=count, bbox=bbox, window=feeds.window_of(features))


# --- pages ------------------------------------------------------------------------------------------------------------


def windows(features: Sequence[Feature]) -> tuple[basemaps.Box, ...]:
    """The boxes that some page shows in detail: first-order divisions elsewhere are of no use to `build`."""
    return tuple(sorted({box for rows in (features, *_by_country(features).values()) for box in _windows(rows)}))


def _pages(features: Sequence[Feature], basemap: Basemap, credits: Sequence[Credit], title: str) -> dict[str, bytes]:
    world = basemaps.prepare(basemap)
    # "GeoNames" and "Natural Earth, GeoNames" are two sources with two names between them.
    credit = ", ".join(dict.fromkeys(name for credit in credits for name in credit.name.split(", ")))

    def page(rows: Sequence[Feature], name: str, home: str) -> bytes:
        cut = basemaps.cut(world, _windows(rows), budget=_BASEMAP if len(rows) < _MANY else _LARGE_BASEMAP)
        return leaflet.page(rows, cut, title=name, credit=credit, home=home)

    pages = {
        layout.INDEX_PAGE: page(features, title, ""),
        layout.ABOUT_PAGE: about.page(features, credits, title=title),
    }
    for code, rows in _by_country(features).items():
        name = next((row.country for row in rows if row.country), code)
        pages[layout.country_page(code, name)] = page(rows, f"{title}: {name}", "../")
    return pages


def _by_country(features: Sequence[Feature]) -> dict[str, list[Feature]]:
    """The incidents of each country that gets a page of its own, by its code."""
    countries: dict[str, list[Feature]] = defaultdict(list)
    for feature in features:
        if feature.country_code:
            countries[feature.country_code].append(feature)
    if len(countries) < 2:  # it would be the index page again
        return {}
    return {code: rows for code, rows in sorted(countries.items()) if len(rows) >= COUNTRY_PAGE_FROM}


def _windows(features: Sequence[Feature]) -> tuple[basemaps.Box, ...]:
    boxes = [bounds for f in features if (bounds := geojson.bounds_of([f])) is not None]
    boxes += [f.area.bounds for f in features if f.area is not None and not f.area.is_empty]
    return basemaps.windows(boxes)
