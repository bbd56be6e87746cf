"""`about.html`: how the incidents were found, what the codes mean, where everything comes from, what it cannot do."""

from __future__ import annotations

import html
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date

from maps import feeds, geojson, layout, leaflet, words
from maps.model import Credit, Feature
from maps.texts import clean, web_address

_MONTHS = "January February March April May June July August September October November December".split()


def page(features: Sequence[Feature], credits: Sequence[Credit], *, title: str) -> bytes:
    """The page as one HTML file without scripts. Every text is escaped."""
    style = leaflet.style_of("about.css")
    head = (
        leaflet.policy(styles=(style,))
        + f"<title>About: {_text(title)}</title>"
        + '<meta name="color-scheme" content="light dark"><meta name="referrer" content="no-referrer">'
        + f"<style>{style}</style>"
    )
    return leaflet.fill_shell({"head": head, "body": _body(features, credits, title)})


def _body(features: Sequence[Feature], credits: Sequence[Credit], title: str) -> str:
    unlocated = sum(geojson.point_of(feature) is None for feature in features)
    articles = {article for feature in features for article in feature.article_ids}
    window = feeds.window_of(features)
    updated = max((geojson.utc(f.updated_at) for f in features if f.updated_at is not None), default="")[:10]
    types = Counter(feature.event_type for feature in features)
    marks = Counter(f.drawn_as or "" for f in features if geojson.point_of(f) is not None)
    order = [*words.DRAWN_AS, *sorted(marks.keys() - words.DRAWN_AS.keys())]
    drawn = [(words.DRAWN_AS.get(name, name), str(marks[name])) for name in order if marks[name]]
    return f"""
<main>
<p class="back"><a href="{layout.INDEX_PAGE}">← Back to the map</a></p>
<h1>About: {_text(title)}</h1>
<p class="lead">A program read news articles, worked out which incidents they report, and looked up the places in a
gazetteer. Every incident keeps the sentences that report it, so that you can check it yourself.</p>
<dl class="numbers">
{_number(len(features), "incidents")}{_number(len(articles), "articles")}
{_number(unlocated, "listed without a place on the map")}
</dl>
{_paragraph(f"Incidents from {_day(window[0])} to {_day(window[1])}." if window else "")}
{_paragraph(f"Last change of the content: {_day(updated)}." if updated else "")}

<h2>How it is made</h2>
<ol>
<li>Words of an article that name or describe a place are found and matched with a gazetteer. Each match has a reason;
where the article does not say enough, there is no match.</li>
<li>What is said to have happened is read from the sentences: kind of event, date, place, actors, figures, and who says
so. Dates such as “Monday” are counted from the day of publication.</li>
<li>Reports of the same incident are merged. Its id never changes; if two incidents turn out to be one, the older id
stays and the other becomes an alias.</li>
<li>Figures are claims. Where sources differ, the lowest, the best supported and the highest are kept, each with its
speaker; they are not averaged. “No casualties” is zero; silence is left empty.</li>
</ol>

<h2>How exactly a place is known</h2>
<p>An incident is drawn as a filled mark only where the place itself is known. A hollow mark stands near a place;
a region is drawn as its area, a border as its line. Incidents for which only the country is known are listed, not
drawn.</p>
{_table(("Code", "Place (UCDP where_prec)"), [(str(code), text) for code, text in words.GEO_PRECISION.items()])}
{_table(("Code", "Date (UCDP date_prec)"), [(str(code), text) for code, text in words.DATE_PRECISION.items()])}
{_table(("Status", "Meaning"), list(words.STATUS.items()))}

<h2>What is on the map</h2>
{_table(("Type of event (ACLED)", "Incidents"), [(name, str(count)) for name, count in sorted(types.items())])}
{_table(("Drawn as", "Incidents"), drawn)}

<h2>Sources and licences</h2>
<ul>{_credits(credits)}</ul>
<p>The map is drawn with Leaflet (BSD 2-Clause licence, © Vladimir Agafonkin, CloudMade). Borders are drawn as the named
sources draw them; that is no statement on their status. Disputed lines are broken.</p>

<h2>Limits</h2>
<ul>
<li>A program makes mistakes that people would not make. Check the quoted sentences before you use an incident.</li>
<li>It knows only the articles that it was given: what is not here may have happened all the same.</li>
<li>A place name can mean several places; the runners-up are kept, and an incident can be wrong by a country.</li>
<li>Published incidents change when articles are corrected or new ones come. Cite the incident's id and the date of the
last change.</li>
</ul>

<h2>Data</h2>
<p><a href="{layout.ALL}">All incidents with a point (GeoJSON)</a>,
<a href="{layout.AREAS}">areas</a>, <a href="{layout.LINES}">lines</a>,
<a href="{layout.UNLOCATED}">incidents without a point</a>, <a href="{layout.CSV}">table (CSV)</a>,
<a href="{layout.INDEX}">index of all files</a>. Longitude before latitude, WGS 84, times in UTC.</p>
</main>
"""


def _text(text: str) -> str:
    return html.escape(clean(text), quote=True)


def _paragraph(text: str) -> str:
    return f"<p>{_text(text)}</p>" if text else ""


def _day(day: date | str) -> str:
    """In words: "3 March 2026"; months in English, whatever the machine speaks."""
    moment = date.fromisoformat(day) if isinstance(day, str) else day
    return f"{moment.day} {_MONTHS[moment.month - 1]} {moment.year}"


def _number(value: int, what: str) -> str:
    return f"<div><dt>{_text(what)}</dt><dd>{value:,}</dd></div>"


def _table(heads: tuple[str, str], rows: Iterable[tuple[str, str]]) -> str:
    head = "".join(f'<th scope="col">{_text(name)}</th>' for name in heads)
    body = "".join(f"<tr><td>{_text(first)}</td><td>{_text(second)}</td></tr>" for first, second in rows)
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>" if body else ""


def _credits(credits: Sequence[Credit]) -> str:
    items = []
    for credit in credits:
        address = web_address(credit.url)
        name = _text(credit.name)
        if address:
            name = f'<a href="{_text(address)}" rel="noopener noreferrer nofollow">{name}</a>'
        note = f". {_text(credit.note)}" if credit.note else ""
        items.append(f"<li>{name}: {_text(credit.licence)}{note}</li>")
    return "".join(items)
