"""A geopy geocoder over the gazetteer, for programs that know geopy's interface.

The one place beside the map where coordinates are (latitude, longitude), because geopy's are.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from geopy.geocoders.base import DEFAULT_SENTINEL, Geocoder
from geopy.location import Location
from geopy.point import Point as GeopyPoint
from shapely.geometry import Point
from sqlalchemy import Engine

from gazetteer import lookup
from gazetteer.model import Place
from gazetteer.opinion import Opinion, SecondOpinion


class GazetteerGeocoder(Geocoder):  # type: ignore[misc]
    """geopy's interface: `geocode` and `reverse` return `Location`s, whose `raw` is a plain dict of plain values.

    Answers come from the gazetteer's database, never from the network; `timeout` is taken and not needed. It may be
    used from several threads, by geopy's `RateLimiter` (there is nothing to limit) and from pandas:

        frame["place"] = frame["name"].apply(GazetteerGeocoder(engine).geocode)

    With a `second_opinion`, which does ask the network, each best answer says in `raw["second_opinion"]` what the other
    geocoder answers and how far away that is (`distance_m`), or null where it knows nothing; and a name that the
    gazetteer lacks is answered by the other alone, with `raw["id"]` null.
    """

    def __init__(self, engine: Engine, second_opinion: SecondOpinion | None = None) -> None:
        super().__init__()
        self.engine = engine
        self.second_opinion = second_opinion

    def geocode(
        self,
        query: str,
        exactly_one: bool = True,
        timeout: Any = DEFAULT_SENTINEL,
        *,
        country_codes: str | Sequence[str] | None = None,
        feature_type: str | None = None,
        limit: int = 10,
    ) -> Location | list[Location] | None:
        """The place a person would think of first (or up to `limit` in that order); None when there is none.

        `country_codes` (ISO, one or several) leaves out all other countries; `feature_type` is as in `lookup.search`.
        Raises `gazetteer.errors.OpinionError` when a second opinion is wanted and not to be had.
        """
        given = [country_codes] if isinstance(country_codes, str) else country_codes or ()
        wanted: list[str | None] = [code.upper() for code in given]
        with self.engine.connect() as conn:
            answers = [
                answer
                for country in wanted or [None]
                for answer in lookup.search(conn, query, country=country, type=feature_type, limit=limit)
                if not wanted or answer.candidate.place.country_code == country
            ]
        answers.sort(key=lambda answer: (-answer.score, answer.candidate.place.id))
        locations = [
            _location(answer.candidate.place, matched=answer.candidate.name, score=answer.score, why=answer.why)
            for answer in answers[:limit]
        ]
        if self.second_opinion is not None:
            locations = _compared(locations, self.second_opinion.ask(query, [code for code in wanted if code]))
        return _as_asked(locations, exactly_one)

    def reverse(
        self,
        query: Any,
        exactly_one: bool = True,
        timeout: Any = DEFAULT_SENTINEL,
        *,
        limit: int = 10,
        radius_m: float = 50_000,
    ) -> Location | list[Location] | None:
        """The nearest place (or up to `limit`) to a geopy Point, a (latitude, longitude) pair or a text of the two.

        None when there is no place within `radius_m`.
        """
        latitude, longitude = _latitude_longitude(query)
        with self.engine.connect() as conn:
            found = lookup.near(conn, Point(longitude, latitude), radius_m, limit=1 if exactly_one else limit)
        locations = [_location(place, distance_m=round(distance)) for place, distance in found]
        return _as_asked(locations, exactly_one)


def _latitude_longitude(query: Any) -> tuple[float, float]:
    if isinstance(query, str):
        # Split by hand: geopy's own parser of point texts is made for people, and slow on hostile texts.
        parts = query.split(",")
        if len(parts) != 2:
            message = "A point is written as two numbers, latitude and longitude: 36.19, 44.01"
            raise ValueError(message)
        query = (float(parts[0]), float(parts[1]))
    point = query if isinstance(query, GeopyPoint) else GeopyPoint(*query)
    return point.latitude, point.longitude


def _location(place: Place, **more: Any) -> Location:
    address = ", ".join(part for part in (place.name, place.admin1_name, place.country_name) if part)
    raw = {
        "id": place.id,
        "name": place.name,
        "lat": place.point.y,
        "lon": place.point.x,
        "feature_class": place.feature_class,
        "feature_code": place.feature_code,
        "country_code": place.country_code,
        "country": place.country_name,
        "admin1_code": place.admin1_code,
        "admin1": place.admin1_name,
        "population": place.population,
        "precision_m": place.precision_m,
        "note": place.note,
        **more,
    }
    return Location(address, (place.point.y, place.point.x), raw)


def _compared(locations: list[Location], opinion: Opinion | None) -> list[Location]:
    if not locations:
        if opinion is None:
            return []
        raw: dict[str, Any] = {
            "id": None,
            "name": opinion.address,
            "lat": opinion.lat,
            "lon": opinion.lon,
            "service": opinion.service,
        }
        return [Location(opinion.address, (opinion.lat, opinion.lon), raw)]
    best = locations[0]
    told: dict[str, Any] | None = None
    if opinion is not None:
        told = {**asdict(opinion), "distance_m": opinion.metres_from(best.latitude, best.longitude)}
    raw = {**best.raw, "second_opinion": told}
    return [Location(best.address, (best.latitude, best.longitude), raw), *locations[1:]]


def _as_asked(locations: list[Location], exactly_one: bool) -> Location | list[Location] | None:
    if not locations:
        return None
    return locations[0] if exactly_one else locations
