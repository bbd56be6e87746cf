"""Which file each thing is. All paths are relative to the site, with forward slashes.

Names that come from outside (incident ids, event types, countries) never become a path as they are: see `slug`.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata

INDEX_PAGE = "index.html"
ABOUT_PAGE = "about.html"

FEEDS = "feeds/v1"
ALL = f"{FEEDS}/all.geojson"
AREAS = f"{FEEDS}/areas.geojson"
LINES = f"{FEEDS}/lines.geojson"
UNLOCATED = f"{FEEDS}/unlocated.geojson"
DELETED = f"{FEEDS}/deleted.json"
CSV = f"{FEEDS}/incidents.csv"
INDEX = f"{FEEDS}/index.json"

# What Windows cannot create, with or without an extension.
_RESERVED = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)")
_PLAIN = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,62}[a-z0-9])?")


def slug(text: str) -> str:
    """A file name for any text: at most 69 characters of `[a-z0-9-]`. Different texts get different names, also where
    nothing but the hash at the end tells them apart."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    plain = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:60].strip("-")
    return f"{plain or 'x'}-{hashlib.sha256(text.encode('utf-8', 'surrogatepass')).hexdigest()[:8]}"


def _name(text: str) -> str:
    """The text itself where it is a plain, portable file name, else its slug."""
    if _PLAIN.fullmatch(text) and not _RESERVED.fullmatch(text):
        return text
    return slug(text)


def incident(incident_id: str) -> str:
    """The file of one incident with its claims and quotes."""
    return f"{FEEDS}/incident/{_name(incident_id)}.geojson"


def country(code: str) -> str:
    """The feed of one country (ISO 3166-1 alpha-2)."""
    name = code if re.fullmatch(r"[A-Z]{2}", code) else slug(code)
    return f"{FEEDS}/country/{name}.geojson"


def event_type(name: str) -> str:
    """The feed of one event type."""
    return f"{FEEDS}/type/{slug(name)}.geojson"


def month(year_month: str) -> str:
    """The feed of one month, given as `YYYY-MM`: the incidents that began in it."""
    name = year_month if re.fullmatch(r"\d{4}-\d{2}", year_month) else slug(year_month)
    return f"{FEEDS}/month/{name}.geojson"


def country_page(code: str, name: str) -> str:
    """The map of one country. The code stands in front, so that two countries of one name keep two maps."""
    return f"maps/{slug(f'{code} {name}')}.html"
