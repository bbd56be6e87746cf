"""The id of an article: the same article keeps its id, whichever door it comes through."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from urllib.parse import parse_qsl, urlencode, urlsplit

MAX_ID = 200
MAX_URL = 2000

_TRACKING = re.compile(
    r"(utm_.*|fbclid|gclid|dclid|msclkid|mc_cid|mc_eid|igshid|yclid|cmpid|ocid|smid|at_medium)", re.I
)
_AMP_QUERY = {("amp", ""), ("amp", "1"), ("amp", "true"), ("outputtype", "amp"), ("platform", "amp")}
_AMP_CACHE = re.compile(r"/(?:c|v|i)/(?:s/)?([^/]+\.[^/]+)(/.*)?", re.S)


def web_address(url: str | None) -> str | None:
    """`url` if it is an http(s) address with a host, else None (also for `javascript:` and the like)."""
    if url is None:
        return None
    url = url.strip()
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError:
        return None
    printable = url.isprintable() and " " not in url and not set(url) & set('<>"\\^`{|}')
    return url if parts.scheme.lower() in ("http", "https") and host and printable and len(url) <= MAX_URL else None


def canonical(url: str) -> str:
    """One spelling for the addresses of one article: no scheme, host in lower case without "www." and "amp.", no
    fragment, no tracking parameters, no trailing slash, no AMP form; parameters sorted. For comparing only, not for
    opening."""
    parts = urlsplit(url)
    host, path = (parts.hostname or "").rstrip("."), parts.path
    if host == "cdn.ampproject.org" or host.endswith(".cdn.ampproject.org"):
        wrapped = _AMP_CACHE.fullmatch(path)
        if wrapped:
            host, path = wrapped[1].lower(), wrapped[2] or ""
    host = re.sub(r"^(www\.)?(amp\.)?", "", host)
    port = f":{parts.port}" if parts.port not in (None, 80, 443) else ""
    path = re.sub(r"/+", "/", path)
    path = re.sub(r"^/amp(?=/.)|(/amp|\.amp|/index\.html?)?/?$", "", path)
    query = sorted(
        (key, value)
        for key, value in parse_qsl(parts.query, keep_blank_values=True)
        if not _TRACKING.fullmatch(key) and (key.lower(), value.lower()) not in _AMP_QUERY
    )
    return f"{host}{port}{path}" + (f"?{urlencode(query)}" if query else "")


def article_id(given: str | None, url: str | None, text: str) -> str:
    """The given id; else from the canonical address; else from the text (blanks and Unicode forms do not count)."""
    if given:
        return given
    source = canonical(url) if url else " ".join(unicodedata.normalize("NFKC", text).split())
    return "a" + hashlib.sha256(source.encode()).hexdigest()[:12]
