"""What the program says about itself: how an article was read, how things stand, what is wrong with this machine.

Every function gives plain values first (what `--json` prints), and has a sister that turns them into lines of text.
Everything told of an article comes from stored rows: it is what was published, not what would be read today.
"""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Mapping
from dataclasses import asdict
from datetime import UTC, date, datetime
from importlib import metadata
from pathlib import Path
from typing import Any

from shapely.geometry import Point
from sqlalchemy import Engine

from gazetteer import check as health
from gazetteer import lookup
from gazetteer.model import Candidate, Place
from gazetteer.opinion import SecondOpinion
from geo import pipeline, store
from geo.errors import InputMissing
from geo.model import Report, Resolution
from geo.settings import Settings
from maps import publish as publishing
from maps.words import DATE_PRECISION, GEO_PRECISION

Finding = tuple[bool, str, str]
"""(good, what was looked at and found, hint when it is not good)"""

SCHEMA_VERSION = 1


# --- one article, one incident -----------------------------------------------------------


def article_or_incident(engine: Engine, word: str) -> dict[str, Any]:
    """What `word` names, an article by id or address or an incident by id. Raises InputMissing if it is neither."""
    with engine.connect() as conn:
        known_article = store.find_article(conn, word) is not None
    return article(engine, word) if known_article else incident(engine, word)


def incident(engine: Engine, incident_id: str) -> dict[str, Any]:
    """The articles that report an incident, each with its reports of it. Former ids of an incident will do.

    Raises InputMissing if no article reports an incident of this id.
    """
    with engine.connect() as conn:
        heirs = {gone: heir for gone, _, _, heir in store.tombstones(conn) if heir is not None}

        def present(given: str) -> str:
            while given in heirs:
                given = heirs[given]
            return given

        wanted = present(incident_id)
        keys = {key for key, given in store.known(conn).items() if present(given) == wanted}
        articles = sorted({told.article_id for told in store.reports(conn) if told.key in keys})
    if not articles:
        message = f"There is no article with the id or address {incident_id}, and no incident with this id"
        raise InputMissing(
            message, "ids of articles are those of the input; a click on the map shows an incident's id."
        )
    told = []
    for article_id in articles:
        whole = article(engine, article_id)
        reports = [one for one in whole["reading"]["reports"] if one["key"] in keys]
        told.append({"article": whole["article"], "reports": reports})
    return {"schema_version": SCHEMA_VERSION, "incident_id": wanted, "articles": told}


def lines(told: Mapping[str, Any]) -> list[str]:
    """An article or an incident as lines of text."""
    return incident_lines(told) if "incident_id" in told else article_lines(told)


def incident_lines(told: Mapping[str, Any]) -> list[str]:
    """An incident as lines of text."""
    count = len(told["articles"])
    lines = [f"{told['incident_id']}: {count} article{'' if count == 1 else 's'}"]
    for one in told["articles"]:
        head = one["article"]
        lines += ["", *_head_lines(head)]
        for report in one["reports"]:
            lines += _report_lines(report)
    return [*lines, "", f"the whole reading: incident-map explain {told['articles'][0]['article']['id']}"]


def article(engine: Engine, id_or_url: str) -> dict[str, Any]:
    """How an article was read, every step of it. Raises InputMissing if there is no such article."""
    with engine.connect() as conn:
        found = store.find_article(conn, id_or_url)
        if found is None:
            message = f"There is no article with the id or address {id_or_url}"
            raise InputMissing(message, "`incident-map status` says how many there are; ids are those of the input.")
        kept = store.load_reading(conn, found)
    head = {
        "id": found.id,
        "title": found.title,
        "published": _day(found.published),
        "publisher": found.publisher,
        "url": found.url,
        "characters": len(found.text),
    }
    if kept is None:
        return {"schema_version": SCHEMA_VERSION, "article": head, "reading": None}
    read = kept.reading
    return {
        "schema_version": SCHEMA_VERSION,
        "article": head,
        "reading": {
            "reader": kept.reader,
            "gazetteer": kept.gazetteer,
            "read_at": _time(kept.read_at),
            "error": kept.error,
            "notes": list(read.notes),
            "sentences": [asdict(sentence) for sentence in read.sentences],
            "dates": [{**asdict(when), "first": _day(when.first), "last": _day(when.last)} for when in read.dates],
            "mentions": [_mention(one) for one in read.resolutions],
            "reports": [_report(told, found.text, kept.incident_ids.get(told.key)) for told in read.reports],
        },
    }


def _mention(one: Resolution) -> dict[str, Any]:
    return {
        **asdict(one.mention),
        "kind": one.mention.kind.value,
        "place": _place(one.place),
        "probability": round(one.probability, 4),
        "reason": one.reason,
        "radius_m": one.radius_m,
        "geo_precision": one.geo_precision,
        "runners_up": [_candidate(other) for other in one.runners_up],
    }


def _candidate(one: Candidate) -> dict[str, Any]:
    return {"place": _place(one.place), "name": one.name, "kind": one.kind.value, "similarity": one.similarity}


def _place(place: Place | None) -> dict[str, Any] | None:
    if place is None:
        return None
    return {
        "id": place.id,
        "name": place.name,
        "lat": round(place.point.y, 5),
        "lon": round(place.point.x, 5),
        "feature_class": place.feature_class,
        "feature_code": place.feature_code,
        "admin1": place.admin1_name,
        "country": place.country_name,
        "country_code": place.country_code,
        "population": place.population,
        "note": place.note,
    }


def _report(told: Report, text: str, incident_id: str | None) -> dict[str, Any]:
    return {
        "key": told.key,
        "incident_id": incident_id,
        "title": told.title,
        "event_type": told.event_type,
        "sub_event_type": told.sub_event_type,
        "stage": told.stage,
        "status": told.status,
        "date_start": _day(told.date_start),
        "date_end": _day(told.date_end),
        "date_precision": told.date_precision,
        "date_text": told.date_text,
        "place": _place(told.place),
        "place_text": told.place_text,
        "geo_precision": told.geo_precision,
        "radius_m": told.radius_m,
        "geo_method": told.geo_method,
        "actor_1": told.actor_1,
        "actor_2": told.actor_2,
        "weapon": told.weapon,
        "claims": [asdict(claim) for claim in told.claims],
        "evidence": [{"start": start, "end": end, "text": text[start:end]} for start, end in told.evidence],
        "confidence": told.confidence,
        "response_to": told.response_to,
        "rival_places": list(told.rival_places),
    }


def article_lines(told: Mapping[str, Any]) -> list[str]:
    """The same as lines of text."""
    head, read = told["article"], told["reading"]
    lines = _head_lines(head)
    if read is None:
        return [*lines, "  not read yet: `incident-map run` will"]
    lines.append(f"  read {read['read_at']} by reader {read['reader']} with gazetteer {read['gazetteer']}")
    if read["error"]:
        lines.append(f"  failed: {read['error']}")
    lines += [f"  note: {note}" for note in read["notes"]]

    lines += ["", f"sentences ({len(read['sentences'])})"]
    for sentence in read["sentences"]:
        mark = "" if sentence["role"] == "body" else f" [{sentence['role']}]"
        lines.append(f"  {sentence['start']}-{sentence['end']}{mark} {_short(sentence['text'])}")
    lines += ["", f"dates ({len(read['dates'])})"]
    for when in read["dates"]:
        days = "open" if when["first"] is None else _span(when["first"], when["last"])
        lines.append(f"  {when['start']} {when['text']!r} -> {days} ({when['rule']}; {when['use']})")
    lines += ["", f"mentions ({len(read['mentions'])})"]
    for one in read["mentions"]:
        lines.append(f"  {one['start']} {one['text']!r} ({one['kind']}) -> {_place_words(one['place'])}")
        lines.append(f"      {one['probability']:.2f}: {one['reason']}")
        for other in one["runners_up"][:5]:
            fit = "" if other["similarity"] == 1 else f", name fits {other['similarity']:.2f}"
            lines.append(f"      or {_place_words(other['place'])}{fit}")
    lines += ["", f"reports ({len(read['reports'])})"]
    for report in read["reports"]:
        lines += _report_lines(report)
    return lines


def _head_lines(head: Mapping[str, Any]) -> list[str]:
    byline = ", ".join(filter(None, (head["publisher"], head["published"] or "no date", head["url"])))
    return [f"{head['id']}: {head['title'] or '(no title)'}", f"  {byline}; {head['characters']} characters"]


def _report_lines(report: Mapping[str, Any]) -> list[str]:
    dates = "date unknown" if report["date_start"] is None else _span(report["date_start"], report["date_end"])
    precise = DATE_PRECISION.get(report["date_precision"], "")
    people = " -> ".join(filter(None, (report["actor_1"], report["actor_2"])))
    lines = [
        f"  {report['title']}",
        f"      incident {report['incident_id'] or '(not merged yet)'}, report {report['key']}",
        f"      {report['event_type']} / {report['sub_event_type']}, {report['stage']}, {report['status']}, "
        f"confidence {report['confidence']:.2f}",
        f"      when: {dates}" + (f" ({precise}; said as {report['date_text']!r})" if report["date_text"] else ""),
        f"      where: {_place_words(report['place'])}"
        + (f", said as {report['place_text']!r}" if report["place_text"] else ""),
        f"      precision: {GEO_PRECISION.get(report['geo_precision'], 'unknown')}"
        + (f", within {report['radius_m']} m" if report["radius_m"] else "")
        + (f"; {report['geo_method']}" if report["geo_method"] else ""),
    ]
    if people or report["weapon"]:
        lines.append(f"      who: {people or 'unknown'}" + (f", with {report['weapon']}" if report["weapon"] else ""))
    for claim in report["claims"]:
        lines += [f"      claim: {claim['kind']}: {claim['text']} ({claim['speaker'] or 'the article itself'})"]
    for evidence in report["evidence"]:
        lines += [f"      {evidence['start']}-{evidence['end']} {_short(evidence['text'])}"]
    return lines


# --- how things stand --------------------------------------------------------------------


def status(engine: Engine, site: Path) -> dict[str, Any]:
    """Counts, the last runs, what was set aside, what is published."""
    with engine.connect() as conn:
        maker = pipeline.maker_now(conn)
        found = {
            "schema_version": SCHEMA_VERSION,
            "counts": store.counts(conn),
            "unread": store.count_unread(conn, maker),
            "reader": maker.reader,
            "gazetteer": maker.gazetteer,
            "runs": [_timed(row) for row in store.runs(conn)],
            "set_aside": [_timed(row) for row in store.quarantined(conn)],
        }
    shown = publishing.current(site)
    return {
        **found,
        "site": str(site),
        "generation": shown.generation if shown else None,
        "published_incidents": shown.incidents if shown else None,
        "published_files": len(shown.files) if shown else None,
    }


_DID = (("new", "new"), ("revised", "revised"), ("read", "read"), ("set_aside", "set aside"))


def status_lines(found: Mapping[str, Any]) -> list[str]:
    """The same as lines of text."""
    counts = found["counts"]
    lines = [
        f"articles {counts['article']}, read {counts['reading']}, unread {found['unread']}, "
        f"failed {counts['failed_reading']}",
        f"reports {counts['report']}, incidents {counts['incident']}, deleted {counts['tombstone']}",
        f"gazetteer {found['gazetteer'] or 'not loaded'}, reader {found['reader']}",
        f"site {found['site']}: "
        + (
            f"{found['generation']}, {found['published_incidents']} incidents, {found['published_files']} files"
            if found["generation"]
            else "nothing published yet"
        ),
    ]
    lines += ["", "last runs"]
    for row in found["runs"]:
        end = f"exit {row['exit_code']}" if row["exit_code"] is not None else ""
        did = [f"{row['counts'][name]} {words}" for name, words in _DID if (row["counts"] or {}).get(name)]
        said = ", ".join(filter(None, (row["outcome"], end, (row["message"] or "").rstrip(": "), *did)))
        lines.append(f"  {row['id']}: {row['started']} {said}")
    if found["set_aside"]:
        lines += ["", f"set aside ({counts['quarantine']})"]
        for row in found["set_aside"]:
            line = f", line {row['line']}" if row["line"] is not None else ""
            lines.append(f"  {row['name']}{line}: {row['reason']} (last seen {row['last_seen']})")
    return lines


def checks(engine: Engine, site: Path) -> list[Finding]:
    """The published site file by file, the store, the gazetteer."""
    faults = publishing.check(site)
    shown = publishing.current(site)
    hint = "Publish again: `incident-map publish --force`."
    findings: list[Finding] = [(False, f"site: {fault}", hint) for fault in faults]
    if not faults:
        files = f"{len(shown.files)} files of {shown.generation} are as published" if shown else "nothing published yet"
        findings.append((True, f"site: {files}", ""))
    with engine.connect() as conn:
        inner = store.faults(conn)
    findings += [(False, f"store: {fault}", "`incident-map run` mends it.") for fault in inner]
    if not inner:
        findings.append((True, "store: reports and incidents fit together", ""))
    return findings + gazetteer(engine)


def gazetteer(engine: Engine) -> list[Finding]:
    """The gazetteer's own health checks."""
    return [(one.ok, f"gazetteer: {one.name}: {one.message}", one.hint) for one in health.run(engine)]


def machine(settings: Settings) -> list[Finding]:
    """What this machine has and lacks; starts and changes nothing."""
    findings: list[Finding] = []
    version = ".".join(map(str, sys.version_info[:3]))
    findings.append((sys.version_info >= (3, 11), f"Python {version}", "Python 3.11 or newer is needed."))
    for package in ("sqlalchemy", "geoalchemy2", "psycopg", "shapely", "geopandas", "folium", "xstatic-leaflet"):
        try:
            findings.append((True, f"{package} {metadata.version(package)}", ""))
        except metadata.PackageNotFoundError:
            findings.append((False, f"{package} is not installed", "Install the program again with its dependencies."))
    for what, folder in (("data folder", settings.home), ("folder of the site", settings.site.absolute().parent)):
        findings += _folder(what, folder)
    return [*findings, *_server(settings)]


def _folder(what: str, folder: Path) -> list[Finding]:
    standing = next(parent for parent in (folder.absolute(), *folder.absolute().parents) if os.path.exists(parent))  # noqa: PTH110 -- Path.exists raises below a closed folder
    writable = standing.is_dir() and os.access(standing, os.W_OK | os.X_OK)
    free = shutil.disk_usage(standing).free
    return [
        (writable, f"{what} {folder} is {'' if writable else 'not '}writable", f"Give this account {standing}."),
        (free > 1 << 30, f"{what}: {free / 1e9:.1f} GB free", "The gazetteer and two generations need about 1 GB."),
    ]


def _server(settings: Settings) -> list[Finding]:
    from gazetteer import cluster, database
    from gazetteer.errors import GazetteerError

    try:
        if settings.database_url:
            engine = database.engine(settings.database_url)
            try:
                return [(one.ok, f"database: {one.message}", one.hint) for one in health.server(engine)]
            finally:
                engine.dispose()
        with cluster.running(settings.home):
            return [(True, f"the private database server runs from {cluster.status(settings.home).folder}", "")]
    except GazetteerError as error:
        return [(False, str(error), error.hint)]


def settings(found: Settings) -> list[dict[str, str]]:
    """Every setting with its value and where it came from; secrets are masked."""
    return [asdict(origin) for origin in found.origins]


def settings_lines(found: list[dict[str, str]]) -> list[str]:
    """The same as lines of text."""
    width = max(len(row["key"]) for row in found)
    return [f"{row['key']:<{width}}  {row['value'] or '-'}  ({row['source']})" for row in found]


# --- places ------------------------------------------------------------------------------


def search(
    engine: Engine, name: str, *, country: str | None = None, type: str | None = None, limit: int = 10
) -> list[dict[str, Any]]:
    """Places by name, as a person would rank them; with `country` (ISO code) of this country alone."""
    wanted = country.upper() if country else None
    with engine.connect() as conn:
        found = lookup.search(conn, name, country=wanted, type=type, limit=limit)
    return [
        {**(_place(one.candidate.place) or {}), "matched": one.candidate.name, "score": one.score, "why": one.why}
        for one in found
        if wanted in (None, one.candidate.place.country_code)  # the look-up only prefers it
    ]


def near(
    engine: Engine, *, lat: float, lon: float, within_m: float, type: str | None = None, limit: int = 10
) -> list[dict[str, Any]]:
    """Places around a point, nearest first; `type` as in `lookup.search`."""
    codes = lookup.codes_of_type(type) if type else ()
    with engine.connect() as conn:
        found = lookup.near(conn, Point(lon, lat), within_m, codes, limit=limit)
    return [{**(_place(place) or {}), "distance_m": round(distance)} for place, distance in found]


def second_opinion(other: SecondOpinion, name: str, country: str | None, found: list[dict[str, Any]]) -> dict[str, Any]:
    """What another geocoder answers to the same question, and how far that is from the first place found."""
    answer = other.ask(name, [country] if country else [])
    told: dict[str, Any] = {"service": other.service, "address": None, "lat": None, "lon": None, "distance_m": None}
    if answer is not None:
        told |= {"address": answer.address, "lat": answer.lat, "lon": answer.lon}
        if found:
            told["distance_m"] = answer.metres_from(found[0]["lat"], found[0]["lon"])
    return told


def opinion_lines(told: Mapping[str, Any]) -> list[str]:
    """The same as lines of text."""
    if told["address"] is None:
        return [f"{told['service']} knows no such place"]
    apart = "" if told["distance_m"] is None else f", {told['distance_m'] / 1000:.1f} km from the first above"
    return [f"{told['service']}: {told['address']} ({told['lat']:.4f}, {told['lon']:.4f}){apart}"]


def place_lines(found: list[dict[str, Any]]) -> list[str]:
    """The same as lines of text, in columns: name, latitude and longitude, id, reason or distance."""
    if not found:
        return ["no place found"]
    cells = [
        (
            _region(row),
            f"{row['lat']:.4f}, {row['lon']:.4f}",
            row["id"],
            f"{row['distance_m'] / 1000:.1f} km, {row['feature_code']}" if "distance_m" in row else row["why"],
        )
        for row in found
    ]
    widths = [max(len(cell) for cell in column) for column in zip(*cells, strict=True)]
    return ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in cells]


def _region(place: Mapping[str, Any]) -> str:
    return ", ".join(dict.fromkeys(part for part in (place["name"], place["admin1"], place["country"]) if part))


def _place_words(place: Mapping[str, Any] | None) -> str:
    if place is None:
        return "no place"
    north, east = "N" if place["lat"] >= 0 else "S", "E" if place["lon"] >= 0 else "W"
    return f"{_region(place)} ({place['feature_code']}, {abs(place['lat']):.4f} {north} {abs(place['lon']):.4f} {east})"


def _short(text: str, limit: int = 160) -> str:
    words = " ".join(text.split())
    return words if len(words) <= limit else words[: limit - 3] + "..."


def _span(first: str, last: str | None) -> str:
    return first if last in (None, first) else f"{first} to {last}"


def _day(day: date | None) -> str | None:
    return None if day is None else day.isoformat()


def _time(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _timed(row: Mapping[str, Any]) -> dict[str, Any]:
    return {name: _time(value) if isinstance(value, datetime) else value for name, value in row.items()}
