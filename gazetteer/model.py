"""The nouns of the gazetteer. Coordinates are shapely geometries: x = longitude, y = latitude, EPSG:4326."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from shapely.geometry import Point
from shapely.geometry.base import BaseGeometry


class NameKind(StrEnum):
    """How a name belongs to its place; the order of listing is the order of trust."""

    PRIMARY = "primary"
    CURATED = "curated"
    ALTERNATE = "alternate"
    DEMONYM = "demonym"
    """An adjective or people's name ("Iraqi", "Syrians"): names the country only by association."""
    HISTORIC = "historic"
    """A former name that an older text may still use."""
    VARIANT = "variant"
    """A spelling that was generated, not attested."""
    CODE = "code"
    """ISO, IATA, ICAO and other codes: found when asked for, never evidence in running text."""


@dataclass(frozen=True, slots=True)
class PlaceName:
    """One attested or generated name of a place."""

    name: str
    kind: NameKind = NameKind.ALTERNATE
    language: str | None = None
    """BCP 47 or GeoNames `isolanguage`, null where the source does not say."""
    alternate_id: int | None = None
    """GeoNames `alternateNameId`, by which daily changes name it; null for all other names."""


@dataclass(frozen=True, slots=True)
class Place:
    """A row of the gazetteer.

    Ids are `source:key` and stable over loads: `geonames:95446`, `airport:ORER`, `country:IQ`, `admin1:IQ.11`,
    `curated:al-omar-oil-field`, `region:sahel`, and two derived families: `part:SY:E` (a country's part: N, NE, E, SE,
    S, SW, W, NW, C) and `border:IQ-SY` (the line two countries share, ISO codes in alphabetical order).
    """

    id: str
    name: str
    feature_class: str
    """GeoNames feature class: A country/division, H water, L area, P populated place, S spot/building, T relief."""
    feature_code: str
    """GeoNames feature code, for example PPLC, ADM1, PCLI, AIRB, OILF, PSTB, SEA, RGN."""
    point: Point
    """The place itself, or a representative point on an area or line (`has_area`)."""
    country_code: str | None = None
    """ISO 3166-1 alpha-2; null at sea, in macro-regions and on borders."""
    admin1_code: str | None = None
    """GeoNames first-order code with its country: `IQ.11`."""
    population: int | None = None
    """Inhabitants; null where unknown (GeoNames writes 0 for unknown)."""
    precision_m: int = 1000
    """How far from `point` the named thing may lie, in metres. For areas: the radius of the circle around `point`
    that covers the area."""
    has_area: bool = False
    """True when `geometry` (a polygon, or a line for borders) is kept in the gazetteer."""
    geometry: BaseGeometry | None = None
    """The area or line. Loaded on demand: look-ups leave it null, see `lookup.geometries`."""
    note: str = ""
    """How the coordinate is known, rival coordinates, or a neutral remark on a disputed status."""
    admin1_name: str | None = None
    """Everyday name of the first-order division (filled by look-ups)."""
    country_name: str | None = None
    """Everyday name of the country (filled by look-ups)."""
    names: tuple[PlaceName, ...] = ()
    """All names (filled by sources for loading; look-ups leave it empty)."""

    @property
    def source(self) -> str:
        """The family of the id: `geonames`, `airport`, `country`, ..."""
        return self.id.split(":", 1)[0]


@dataclass(frozen=True, slots=True)
class Candidate:
    """A place that a name could mean, with how the name fits."""

    place: Place
    name: str
    """The gazetteer's name that matched."""
    kind: NameKind
    similarity: float = 1.0
    """1.0 for an equal search key, the trigram similarity (0-1) for a fuzzy match."""
