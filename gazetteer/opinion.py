"""A second opinion: what another geocoder answers to the same name. Off unless a caller makes one.

Any geopy geocoder will do. Every question goes to it once: answers, also empty ones, are kept in a file, and questions
are at least `pause_s` apart, as the rules of public services ask. Nothing but the name and the country codes leaves
the machine.
"""

from __future__ import annotations

import inspect
import json
import sqlite3
import threading
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

from geopy.distance import geodesic
from geopy.exc import ConfigurationError, GeocoderNotFound, GeopyError
from geopy.extra.rate_limiter import RateLimiter
from geopy.geocoders import get_geocoder_for_service
from geopy.geocoders.base import Geocoder

from gazetteer.errors import OpinionError

PUBLIC_SERVICE_PAUSE_S: Final = 1.0
"""Seconds between two questions. Nominatim's usage policy allows one a second at most."""
_LOCKED_S: Final = 30


@dataclass(frozen=True, slots=True)
class Opinion:
    """Another geocoder's best answer."""

    service: str
    address: str
    lat: float
    lon: float

    def metres_from(self, lat: float, lon: float) -> int:
        """How far it is from another answer, on the ellipsoid."""
        return round(float(geodesic((lat, lon), (self.lat, self.lon)).meters))


class SecondOpinion:
    """Asks another geocoder, remembers its answers, and never hurries it. One object may serve several threads."""

    def __init__(
        self, geocoder: Geocoder, memory: Path, *, service: str = "", pause_s: float = PUBLIC_SERVICE_PAUSE_S
    ) -> None:
        """`memory` is the file that keeps the answers; it is made when missing, and several processes may share it.

        Raises `OpinionError` when that file cannot be used.
        """
        self.service = service or type(geocoder).__name__.lower()
        self._memory = memory
        self._takes_countries = "country_codes" in inspect.signature(geocoder.geocode).parameters
        self._asking = threading.Lock()
        # geopy's retries are for the service's hiccups; what still fails is the caller's to know
        self._ask = RateLimiter(
            geocoder.geocode, min_delay_seconds=pause_s, max_retries=1, error_wait_seconds=2 * pause_s,
            swallow_exceptions=False,
        )  # fmt: skip
        try:
            memory.parent.mkdir(parents=True, exist_ok=True)
            with closing(self._opened()) as kept, kept:
                kept.execute(
                    "CREATE TABLE IF NOT EXISTS answer "
                    "(service TEXT, query TEXT, countries TEXT, found TEXT, PRIMARY KEY (service, query, countries))"
                )
        except (OSError, sqlite3.Error) as problem:
            raise _unusable(memory, problem) from problem

    def ask(self, query: str, country_codes: Sequence[str] = ()) -> Opinion | None:
        """The other geocoder's answer, from memory where it was asked before; None when it knows none.

        Raises `OpinionError` when it does not answer; that is not remembered.
        """
        countries = " ".join(sorted({code.upper() for code in country_codes}))
        question = (self.service, query.strip(), countries)
        with self._asking:
            known, found = self._remembered(question)
            if not known:
                found = self._asked(question[1], countries)
                self._remember(question, found)
        return found

    def _asked(self, query: str, countries: str) -> Opinion | None:
        options = {"country_codes": countries.lower().split()} if countries and self._takes_countries else {}
        try:
            location = self._ask(query, **options)
        except (GeopyError, ValueError) as problem:
            said = " ".join(str(problem).split()) or type(problem).__name__
            message = f"{self.service} gives no second opinion: {said}"
            raise OpinionError(message, "Try later, or leave the second opinion out.") from problem
        if location is None:
            return None
        return Opinion(self.service, str(location.address), float(location.latitude), float(location.longitude))

    def _opened(self) -> sqlite3.Connection:
        return sqlite3.connect(self._memory, timeout=_LOCKED_S)

    def _remembered(self, question: tuple[str, str, str]) -> tuple[bool, Opinion | None]:
        statement = "SELECT found FROM answer WHERE service = ? AND query = ? AND countries = ?"
        try:
            with closing(self._opened()) as kept:
                row = kept.execute(statement, question).fetchone()
        except sqlite3.Error as problem:
            raise _unusable(self._memory, problem) from problem
        if row is None:
            return False, None
        stored: dict[str, Any] | None = json.loads(row[0])
        return True, None if stored is None else Opinion(**stored)

    def _remember(self, question: tuple[str, str, str], found: Opinion | None) -> None:
        answer = json.dumps(None if found is None else asdict(found))
        try:
            with closing(self._opened()) as kept, kept:
                kept.execute("INSERT OR REPLACE INTO answer VALUES (?, ?, ?, ?)", (*question, answer))
        except sqlite3.Error as problem:
            raise _unusable(self._memory, problem) from problem


def service(name: str, memory: Path, options: Mapping[str, Any] | None = None) -> SecondOpinion:
    """A second opinion from one of geopy's services by its name ("nominatim", "photon", ...).

    `options` go to geopy's class (`user_agent`, `api_key`, `domain`, ...). Raises `OpinionError` when geopy knows no
    such service or refuses the options.
    """
    try:
        geocoder = get_geocoder_for_service(name)(**dict(options or {}))
    except GeocoderNotFound as problem:
        message = f"geopy knows no geocoder {name!a}."
        raise OpinionError(message, "For example: nominatim, photon, geonames, googlev3.") from problem
    except (ConfigurationError, TypeError, ValueError) as problem:
        message = f"{name} cannot be used: {' '.join(str(problem).split())}"
        raise OpinionError(message, "Public services want a user_agent that says who asks; others a key.") from problem
    return SecondOpinion(geocoder, memory, service=name.lower())


def _unusable(memory: Path, problem: Exception) -> OpinionError:
    message = f"The memory of second opinions, {memory}, cannot be used: {problem}"
    return OpinionError(message, "Remove that file, or make its folder writable.")
