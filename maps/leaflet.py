"""The page: folium builds its shell from constants, and everything else goes into the finished text.

branca compiles rendered text as a template again, therefore no text from outside ever passes through folium or Jinja:
the shell has placeholders, filled once by a function, and the incidents stand in script elements of a type that no
browser runs. The Content Security Policy names the two scripts and the one style sheet by their hashes, and allows
nothing else, no request to anybody among it.

Leaflet is read from the installed package XStatic-Leaflet. This module and the viewer are the only ones of this wing
that know Leaflet's order (latitude, longitude).
"""

from __future__ import annotations

import base64
import hashlib
import html
import re
from collections.abc import Mapping, Sequence
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

import folium
import xstatic.pkg.leaflet
from branca.element import Element
from folium.template import Template

from maps import geojson, island, layout, words
from maps.model import Feature
from maps.texts import clean

VIEWER_SCRIPTS = ("dom.js", "data.js", "words.js", "sheets.js", "marks.js", "filters.js", "panel.js", "main.js")
"""In this order, in one scope."""

_PLACEHOLDER = re.compile(r"@@(head|body)@@")


class _Shell(folium.Map):
    """A folium map that links to nothing and prints nothing of its own."""

    default_js: list[tuple[str, str]] = []  # noqa: RUF012
    default_css: list[tuple[str, str]] = []  # noqa: RUF012
    _template = Template(
        "{% macro header(this, kwargs) %}"
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        "{% endmacro %}{% macro html(this, kwargs) %}{% endmacro %}{% macro script(this, kwargs) %}{% endmacro %}"
    )


def page(
    features: Sequence[Feature],
    basemap: Mapping[str, Any],
    *,
    title: str,
    credit: str = "",
    home: str = "",
    language: str = "en",
) -> bytes:
    """A map of the features as one HTML file that asks nobody for anything.

    `basemap` is what `maps.basemap.cut` returns. `home` leads from the page to the site's root ("" or "../"). Features
    are listed in the order of the feeds, whatever order they come in.
    """
    rows = geojson.in_order(features)
    data = island.columns(rows) | {"basemap": basemap, "home": home, "view": _view(rows)}
    leaflet_script, style = _leaflet_script(), _style()
    viewer_script = _viewer_script()
    scripts = (leaflet_script, viewer_script)
    head = (
        policy(scripts=scripts, styles=(style,))
        + f"<title>{_escaped(title)}</title>"
        + '<meta name="color-scheme" content="light dark"><meta name="referrer" content="no-referrer">'
        + f"<style>{style}</style>"
    )
    body = (
        _body(title=title, credit=credit, home=home)
        + f'<script type="application/json" id="data">{island.dumps(data)}</script>\n'
        + f'<script type="text/plain" id="details">{island.details(rows)}</script>\n'
        + "".join(f"<script>{script}</script>\n" for script in scripts)
    )
    return fill_shell({"head": head, "body": body}, language)


def policy(*, scripts: Sequence[str] = (), styles: Sequence[str] = ()) -> str:
    """The Content Security Policy as a meta element: exactly these inline scripts and style sheets, pictures from data
    addresses, nothing else."""

    def source(texts: Sequence[str]) -> str:
        hashes = [base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() for text in texts]
        return " ".join(f"'sha256-{value}'" for value in hashes) or "'none'"

    content = (
        f"default-src 'none'; script-src {source(scripts)}; style-src {source(styles)}; img-src data:; "
        "connect-src 'none'; base-uri 'none'; form-action 'none'"
    )
    return f'<meta http-equiv="Content-Security-Policy" content="{content}">'


def fill_shell(parts: Mapping[str, str], language: str = "en") -> bytes:
    """The finished parts in folium's shell. One pass, by a function: a placeholder inside a part stays what it is."""
    figure: Any = _Shell([0, 0], tiles=None).get_root()
    figure.header.add_child(Element("@@head@@"), name="head")
    figure.html.add_child(Element("@@body@@"), name="body")
    shell = re.sub(r"<script>\s*</script>", "", figure.render())
    shell = shell.replace("<html>", f'<html lang="{_escaped(language)}">', 1)
    # The policy holds for what follows it, so the head's part goes first; only the encoding stands before it.
    shell = shell.replace("@@head@@", "", 1).replace("<head>", '<head>\n<meta charset="utf-8">\n@@head@@', 1)
    shell = re.sub(r'\s*<meta http-equiv="content-type"[^>]*>', "", shell)
    if (
        sorted(_PLACEHOLDER.findall(shell)) != ["body", "head"]
        or "<script" in shell
        or "http:" in shell
        or "https:" in shell
    ):
        message = "folium's page is not the one this program was made for"
        raise RuntimeError(message)
    lines = (line.rstrip() for line in shell.splitlines())
    tidy = "\n".join(line for line in lines if line) + "\n"
    return _PLACEHOLDER.sub(lambda match: parts[match[1]], tidy).encode()


def _view(features: Sequence[Feature]) -> list[list[float]] | None:
    """The corners [[south, west], [north, east]] of what the page shows first, in Leaflet's order."""
    boxes = [point.bounds for f in features if (point := geojson.point_of(f)) is not None]
    boxes += [f.area.bounds for f in features if f.area is not None and not f.area.is_empty and geojson.point_of(f)]
    if not boxes:
        return None
    west, south = min(box[0] for box in boxes), min(box[1] for box in boxes)
    east, north = max(box[2] for box in boxes), max(box[3] for box in boxes)
    return [[round(south, 4), round(west, 4)], [round(north, 4), round(east, 4)]]


def _escaped(text: str) -> str:
    return html.escape(clean(text), quote=True)


def _body(*, title: str, credit: str, home: str) -> str:
    precision = "".join(
        f"<li>{mark}{_escaped(words.DRAWN_AS[name])}</li>"
        for name, mark in (
            ("pin", '<canvas class="glyph" width="40" height="40" data-look="0" data-drawn="pin"></canvas>'),
            ("near", '<canvas class="glyph" width="40" height="40" data-look="0" data-drawn="near"></canvas>'),
            ("area", '<span class="swatch"></span>'),
            ("line", '<span class="swatch line"></span>'),
        )
    )
    return f"""
<a id="skip" href="#list">Skip to the list of incidents</a>
<header class="top">
<h1>{_escaped(title)}</h1>
<nav aria-label="Site"><a href="{home}{layout.ABOUT_PAGE}">About this map</a>
<a href="{home}{layout.ALL}">GeoJSON</a>
<a href="{home}{layout.CSV}">Table (CSV)</a></nav>
</header>
<main class="panel" id="panel">
<form id="filters" role="search" aria-label="Filters">
<label class="search"><span>Search titles, places and actors</span>
<input type="search" id="search" autocomplete="off"></label>
<details id="more-filters" class="fold" open><summary>Filters</summary>
<div class="dates"><label><span>From</span><input type="date" id="from"></label>
<label><span>To</span><input type="date" id="to"></label></div>
<fieldset><legend>Type of event</legend><div id="types"></div></fieldset>
</details>
<details class="fold"><summary>How exactly a place is known</summary><ul>{precision}</ul></details>
</form>
<div class="tally"><div class="row"><p id="count" role="status" aria-live="polite"></p>
<button type="button" class="plain small" id="reset" disabled>Reset</button></div>
<div class="row"><label><input type="checkbox" id="follow" checked>Only what the map shows</label>
<span class="quiet" id="elsewhere"></span></div></div>
<ol id="list" aria-label="Incidents"></ol>
<p id="empty" hidden>No incident passes these filters in this part of the map.</p>
<button type="button" class="plain" id="more" hidden>Show more</button>
<section id="detail" aria-labelledby="detail-title" hidden>
<button type="button" class="plain" id="back">← All incidents</button>
<div id="detail-body"></div>
</section>
<noscript>The map needs JavaScript. The same incidents are in the <a href="{home}{layout.ALL}">GeoJSON feed</a>
and in the <a href="{home}{layout.CSV}">table</a>.</noscript>
</main>
<section class="stage" aria-label="Map">
<div id="map" role="application" aria-label="Map of the incidents; the list beside it has them all" tabindex="0"></div>
<button type="button" id="whole" title="Show all incidents" aria-label="Show all incidents">⤢</button>
<div id="tip" hidden></div>
<p class="credit">{_escaped(credit)}</p>
</section>
"""


@cache
def _leaflet_script() -> str:
    text = _leaflet_file("leaflet.js").read_text(encoding="utf-8").replace("\r\n", "\n")
    return _script(re.sub(r"\n?//# sourceMappingURL=.*", "", text))


@cache
def _viewer_script() -> str:
    texts = [_viewer_file(name) for name in VIEWER_SCRIPTS]
    return _script('(() => {\n"use strict";\n' + "\n".join(texts) + "})();\n")


@cache
def _style() -> str:
    """Leaflet's style sheet with its pictures inside, then the page's own."""

    def picture(match: re.Match[str]) -> str:
        path = _leaflet_file(match[1])
        return f"url(data:image/png;base64,{base64.b64encode(path.read_bytes()).decode()})"

    leaflet = _leaflet_file("leaflet.css").read_text(encoding="utf-8").replace("\r\n", "\n")
    leaflet = re.sub(r"url\((images/[\w-]+\.png)\)", picture, leaflet)
    return leaflet + "\n" + _viewer_file("page.css")


def style_of(name: str) -> str:
    """A style sheet of the viewer as text."""
    return _viewer_file(name)


def _leaflet_file(name: str) -> Path:
    return Path(xstatic.pkg.leaflet.BASE_DIR) / name


def _viewer_file(name: str) -> str:
    return resources.files("maps").joinpath("viewer", name).read_text(encoding="utf-8").replace("\r\n", "\n")


def _script(text: str) -> str:
    if "</script" in text.lower() or "<!--" in text:
        message = "a script of the page would end its own element"
        raise RuntimeError(message)
    return text
