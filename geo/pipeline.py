"""The story, from articles to a published site: `run` reads from top to bottom.

Every step can be cut off at any moment. Articles are taken in and read one by one, each in a transaction of its own;
incidents are merged from all of them in one; the site is swapped in as a whole. Whatever a killed run left out, the
next one does.
"""

from __future__ import annotations

import fcntl
import hashlib
import logging
import os
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

import orjson
from shapely.geometry.base import BaseGeometry
from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError

from gazetteer import cluster, database, load, lookup
from geo import exits, intake, merging, publish, reading, store
from geo.errors import BadArticle, Busy, CannotCreate, ConfigurationError
from geo.intake import jsonl
from geo.model import Article, Incident
from geo.settings import Settings
from maps.model import Feature

if TYPE_CHECKING:
    from gazetteer.opinion import SecondOpinion

log = logging.getLogger(__name__)

Progress = Callable[[str, int, int | None], None]
"""Called with (what is being done, how much so far, how much in all or None)."""

BATCH = 50
"""Articles that share one look-up in the gazetteer."""


def silent(what: str, done: int, total: int | None) -> None:
    """A Progress that says nothing."""


@dataclass(frozen=True)
class Outcome:
    """What a command did, for the last lines on the terminal and for the exit code."""

    new: int = 0
    revised: int = 0
    unchanged: int = 0
    copies: int = 0
    read: int = 0
    set_aside: tuple[str, ...] = ()
    """"name, line n: reason" of every input that was not taken or could not be read this time."""
    incidents: int | None = None
    """How many incidents there are; null where the command did not ask."""
    rows: tuple[tuple[str, str, str, str, str, str], ...] = ()
    """Newest incidents: type, date, place, precision, killed, articles."""
    changed: bool | None = None
    """Whether readers see something new; null where nothing was to be published."""
    generation: str | None = None
    open_this: Path | None = None
    seconds: float = 0.0

    @property
    def exit_code(self) -> int:
        """0, or 3 when inputs were set aside."""
        return 3 if self.set_aside else 0

    @property
    def counts(self) -> dict[str, int]:
        """The numbers, for the record of the run."""
        taken = {"new": self.new, "revised": self.revised, "unchanged": self.unchanged, "copies": self.copies}
        return {**taken, "read": self.read, "set_aside": len(self.set_aside), "incidents": self.incidents or 0}

    @property
    def sentence(self) -> str:
        """All of it in one line."""
        articles = self.new + self.revised + self.unchanged
        parts = [f"{articles} articles ({self.new} new, {self.revised} revised), {self.read} read"]
        if self.copies:
            parts.append(f"{self.copies} copies")
        if self.set_aside:
            parts.append(f"{len(self.set_aside)} set aside")
        if self.incidents is not None:
            parts.append(f"{self.incidents} incidents")
        if self.changed is not None:
            parts.append("published" if self.changed else "nothing new to publish")
        return ", ".join(parts) + f" ({self.seconds:.1f} s)"


# --- the story ---------------------------------------------------------------------------


def run(settings: Settings, paths: Sequence[Path], progress: Progress = silent, *, force: bool = False) -> Outcome:
    """Everything, once: take articles in, read what is unread, merge, publish. Raises Busy when another run is on."""

    def steps(engine: Engine) -> Outcome:
        taken = _ingested(engine, paths, progress)
        read = _read(engine, progress, taken)
        return _published(engine, settings, progress, read, force=force)

    return _recorded(settings, progress, steps)


def ingest(settings: Settings, paths: Sequence[Path], progress: Progress = silent) -> Outcome:
    """Take articles in, and leave the reading to the next run."""
    return _recorded(settings, progress, lambda engine: _ingested(engine, paths, progress))


def publish_site(settings: Settings, progress: Progress = silent, *, force: bool = False) -> Outcome:
    """Read what is unread, merge and publish, without new articles."""

    def steps(engine: Engine) -> Outcome:
        read = _read(engine, progress, Outcome())
        return _published(engine, settings, progress, read, force=force)

    return _recorded(settings, progress, steps)


def build(settings: Settings, folder: Path, progress: Progress = silent) -> Outcome:
    """Write the site into `folder` (new or empty), and publish nothing."""
    _claim(folder)

    def steps(engine: Engine) -> Outcome:
        read = _read(engine, progress, Outcome())
        features = _merged(engine, progress)
        for path, content in _built(engine, settings, features, progress).items():
            target = folder / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(content)
        return _with_incidents(engine, replace(read, open_this=folder / "index.html"))

    return _recorded(settings, progress, steps)


def rollback(settings: Settings) -> str:
    """Show the generation before the current one; it stays until something new is published. Returns its name."""
    from maps import publish as publishing

    with house(settings, load_gazetteer=False) as engine, store.run_lock(engine):
        with engine.begin() as conn:
            last = store.last_published(conn)
            run_id = store.start_run(conn)
        published = publishing.rollback(settings.site)
        with engine.begin() as conn:
            store.finish_run(
                conn,
                run_id,
                "done",
                0,
                message="rolled back",
                input_sha256=last[0] if last else None,
                generation=published.generation,
            )
        _tell(engine, settings)
    return published.generation


def _recorded(settings: Settings, progress: Progress, steps: Callable[[Engine], Outcome]) -> Outcome:
    """Do `steps` as one run: locked against others, and noted with its end, good or bad."""
    began = time.monotonic()
    with alone(settings), house(settings, progress) as engine, store.run_lock(engine):
        with engine.begin() as conn:
            run_id = store.start_run(conn)
        try:
            outcome = steps(engine)
        except BaseException as error:
            _note_failure(engine, run_id, error)
            _tell(engine, settings)
            raise
        with engine.begin() as conn:
            store.finish_run(
                conn,
                run_id,
                "done",
                outcome.exit_code,
                counts=outcome.counts,
                input_sha256=_input_sha256(conn, settings) if outcome.generation else None,
                generation=outcome.generation,
            )
        _tell(engine, settings)
        return replace(outcome, seconds=time.monotonic() - began)


def _note_failure(engine: Engine, run_id: int, error: BaseException) -> None:
    """Best effort: the database may be the very thing that failed; then the next run notes "killed"."""
    code = exits.verdict(error)[0]
    try:
        with engine.begin() as conn:
            store.finish_run(conn, run_id, "failed", code, message=f"{type(error).__name__}: {error}"[:500])
    except Exception:
        log.info("the end of the run could not be noted", exc_info=True)


def _tell(engine: Engine, settings: Settings) -> None:
    """Show how the run ended beside the published site, where there is one and where this is news. Best effort: the
    site itself stands."""
    from maps import publish as publishing

    try:
        if (shown := publishing.current(settings.site)) is None:
            return
        with engine.connect() as conn:
            told = publish.status(
                store.runs(conn, 1)[0],
                counts=store.counts(conn),
                unread=store.count_unread(conn, maker_now(conn)),
                gazetteer=load.version(conn),
                generation=shown.generation,
            )
        if publish.is_news(told, settings.site):
            publishing.write_status(settings.site, told)
    except Exception:
        log.info("the status of the site could not be written", exc_info=True)


# --- the house ---------------------------------------------------------------------------


@contextmanager
def house(settings: Settings, progress: Progress = silent, *, load_gazetteer: bool = True) -> Iterator[Engine]:
    """The database, ready for use: private server or the one of the settings, migrated, gazetteer loaded."""
    url = settings.database_url
    with nullcontext(url) if url else cluster.running(settings.home) as address:
        engine = database.engine(address)
        try:
            database.migrate(engine)
            if load_gazetteer:
                _load_default(engine, progress)
            yield engine
        finally:
            engine.dispose()


def load_gazetteer(settings: Settings, progress: Progress = silent) -> str:
    """Bring the default gazetteer up to date; returns the version that is loaded now."""
    with house(settings, progress) as engine, engine.connect() as conn:
        return load.version(conn)


def load_sources(
    settings: Settings,
    progress: Progress = silent,
    *,
    geonames_files: Sequence[Path] = (),
    whosonfirst_folders: Sequence[Path] = (),
    mappings: Sequence[Path] = (),
    as_of: date | None = None,
    force: bool = False,
) -> load.LoadReport:
    """Bring the default gazetteer up to date, and load on top of it what a user brings. The files are looked at first,
    so that a wrong one is told before the database is started."""
    from gazetteer.sources import DEFAULT, geonames, mapped, whosonfirst

    sources = list(DEFAULT)
    if geonames_files:
        sources.append(geonames.source_of(geonames.discover(geonames_files), as_of=as_of))
    if whosonfirst_folders:
        sources.append(whosonfirst.source(whosonfirst_folders))
    sources += [mapped.source(mapping) for mapping in mappings]
    with house(settings, progress, load_gazetteer=False) as engine:
        return load.load(engine, sources, progress, force=force)


def second_opinion(settings: Settings) -> SecondOpinion:
    """The other geocoder of the settings. Raises ConfigurationError when they name none."""
    from gazetteer import opinion

    chosen = settings.second_opinion
    if chosen is None:
        message = "The settings name no other geocoder"
        hint = 'Put into incident-map.toml: second_opinion = { service = "nominatim", user_agent = "YOUR ADDRESS" }'
        raise ConfigurationError(message, hint)
    options = {key: value for key, value in chosen.items() if key != "service"}
    return opinion.service(str(chosen["service"]), settings.home / "opinions.sqlite", options)


def _load_default(engine: Engine, progress: Progress) -> None:
    with engine.connect() as conn:
        if load.default_is_loaded(conn):
            return
    from gazetteer.sources import DEFAULT  # its data is read only when it is loaded

    load.load(engine, DEFAULT, progress)


@contextmanager
def alone(settings: Settings) -> Iterator[None]:
    """Hold the lock of the data folder, before the private server is even started. Raises Busy at once.

    Who uses a server of their own has the lock of the database alone, for runs may come from several machines.
    """
    if settings.database_url:
        yield
        return
    try:
        settings.home.mkdir(parents=True, exist_ok=True)
        lock = os.open(settings.home / "run.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    except OSError as error:
        message = f"The data folder {settings.home} cannot be used: {error.strerror}"
        raise CannotCreate(
            message, "Name another one with --home, or give this account the right to write there."
        ) from error
    try:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            message = "Another run is at work in this data folder"
            raise Busy(message, "Wait until it is done; `incident-map status` shows when it began.") from None
        yield
    finally:
        os.close(lock)


# --- taking in ---------------------------------------------------------------------------


def _ingested(engine: Engine, paths: Sequence[Path], progress: Progress) -> Outcome:
    """Save every article of the paths; what cannot be one is set aside with its reason."""
    tally = dict.fromkeys(store.Saved, 0)
    set_aside: list[str] = []
    seen: dict[str, str] = {}
    inputs = (one for path in paths for one in intake.read_path(path))
    count = 0
    while batch := list(islice(inputs, BATCH)):
        with engine.begin() as conn:
            for one in batch:
                rejected = one if isinstance(one, intake.Rejected) else _save(conn, one, seen, tally)
                if rejected is not None:
                    set_aside.append(_in_words(rejected))
                    store.set_aside(
                        conn, name=rejected.name, line=rejected.line, reason=rejected.reason, sha256=rejected.sha256
                    )
        count += len(batch)
        progress("taking articles in", count, None)
    return Outcome(
        new=tally[store.Saved.NEW],
        revised=tally[store.Saved.REVISED],
        unchanged=tally[store.Saved.UNCHANGED],
        copies=tally[store.Saved.COPY],
        set_aside=tuple(set_aside),
    )


def _save(
    conn: Connection, article: Article, seen: dict[str, str], tally: dict[store.Saved, int]
) -> intake.Rejected | None:
    """Save one article in a SAVEPOINT; what the database will not have is set aside. The first of one id wins."""
    digest = ""
    try:
        digest = store.fingerprint(article)
        if seen.setdefault(article.id, digest) != digest:
            message = "another article of this run has the same id and other content"
            raise BadArticle(message)
        with conn.begin_nested():
            tally[store.save_article(conn, article)] += 1
    except BadArticle as error:
        return intake.Rejected(article.id, None, str(error), digest)
    except DBAPIError as error:
        if error.connection_invalidated:
            raise
        return intake.Rejected(article.id, None, f"the database refused it: {_first_line(error)}", digest)
    return None


def _in_words(rejected: intake.Rejected) -> str:
    line = f", line {rejected.line}" if rejected.line is not None else ""
    return f"{rejected.name}{line}: {rejected.reason}"


def _first_line(error: DBAPIError) -> str:
    return str(error.orig).strip().split("\n", 1)[0]


# --- reading -----------------------------------------------------------------------------


def _read(engine: Engine, progress: Progress, so_far: Outcome) -> Outcome:
    """Read every article that this reader has not read with this gazetteer."""
    with engine.connect() as conn:
        maker = maker_now(conn)
        total = store.count_unread(conn, maker)
    done, failed, after = 0, [], ""
    while done < total:
        with engine.connect() as conn:
            batch = store.unread(conn, maker, after=after, limit=BATCH)
            if not batch:
                break
            outcomes = _read_batch(conn, batch)
        for article, understood in zip(batch, outcomes, strict=True):
            if (reason := _keep(engine, article, understood, maker)) is not None:
                failed.append(f"{article.id}: {reason}")
        after = batch[-1].id
        done += len(batch)
        progress("reading articles", done, total)
    return replace(so_far, read=done - len(failed), set_aside=(*so_far.set_aside, *failed))


def maker_now(conn: Connection) -> store.Maker:
    """Who would read an article now."""
    return store.Maker(reading.READER, load.version(conn), _code_sha256())


def _read_batch(conn: Connection, batch: Sequence[Article]) -> list[reading.Reading | Exception]:
    """Read articles together; if that fails, one by one, so that the one at fault stands alone."""
    try:
        return list(reading.read(conn, batch))
    except Exception as error:
        if len(batch) == 1:
            return [_only_its_own(error)]
        log.info("a batch failed, reading its articles one by one", exc_info=True)
    conn.rollback()
    found: list[reading.Reading | Exception] = []
    for article in batch:
        try:
            found += reading.read(conn, [article])
        except Exception as error:
            conn.rollback() if not conn.invalidated else None
            found.append(_only_its_own(error))
    return found


def _only_its_own(error: Exception) -> Exception:
    """Raise what is not the article's fault: a lost database, a full disk, no memory."""
    if isinstance(error, MemoryError | OSError) or (isinstance(error, DBAPIError) and _is_lost(error)):
        raise error
    return error


def _is_lost(error: DBAPIError) -> bool:
    import psycopg

    return error.connection_invalidated or isinstance(error.orig, psycopg.OperationalError)


def _keep(engine: Engine, article: Article, understood: reading.Reading | Exception, maker: store.Maker) -> str | None:
    """Save a reading, or that there is none; returns the reason in the latter case."""
    reason = None
    if isinstance(understood, reading.Reading):
        try:
            with engine.begin() as conn:
                store.save_reading(conn, understood, maker)
        except DBAPIError as error:
            _only_its_own(error)
            reason = f"the database refused its reading: {_first_line(error)}"
    else:
        log.debug("article %r could not be read", article.id, exc_info=understood)
        reason = f"it could not be read ({type(understood).__name__}: {understood})"[:500]
    if reason is not None:
        with engine.begin() as conn:
            store.save_failure(conn, article, reason, maker)
    return reason


# --- merging and publishing --------------------------------------------------------------


def _published(engine: Engine, settings: Settings, progress: Progress, so_far: Outcome, *, force: bool) -> Outcome:
    """Merge and publish, unless nothing changed since what readers see was published."""
    from maps import publish as publishing

    open_this = settings.site / "index.html"
    with engine.connect() as conn:
        last = store.last_published(conn)
        same_input = last is not None and last[0] == _input_sha256(conn, settings)
    if same_input and not force and last is not None and _is_intact(settings.site, last[1]):
        return _with_incidents(engine, replace(so_far, changed=False, generation=last[1], open_this=open_this))

    features = _merged(engine, progress)
    files = _built(engine, settings, features, progress)
    progress("publishing", 0, 1)
    name = hashlib.sha256(orjson.dumps([os.getpid(), time.time_ns()])).hexdigest()[:12]  # of temporary names only
    published = publishing.write(settings.site, files, run=name, force=force)
    progress("publishing", 1, 1)
    return _with_incidents(
        engine, replace(so_far, changed=published.changed, generation=published.generation, open_this=open_this)
    )


def _is_intact(site: Path, generation: str) -> bool:
    from maps import publish as publishing

    try:
        shown = publishing.current(site)
        return shown is not None and shown.generation == generation and not publishing.check(site)
    except (OSError, ValueError):
        return False


def _merged(engine: Engine, progress: Progress) -> list[Feature]:
    """Merge all reports into incidents and keep them; returns what is published of each."""
    progress("merging reports", 0, 1)
    with engine.begin() as conn:
        reports = store.reports(conn)
        incidents = merging.merge(reports, store.known(conn), store.publishers(conn))
        rows = publish.features(
            incidents,
            store.article_heads(conn, {told.article_id for told in reports}),
            store.quotes(conn),
            geometries=_geometries(conn, incidents),
            countries=country_names(conn, publish.country_codes(reports)),
        )
        updated = store.save_incidents(
            conn,
            [
                store.Outgoing(incident, row, publish.content_sha256(row), publish.properties(row))
                for incident, row in zip(incidents, rows, strict=True)
            ],
        )
    progress("merging reports", 1, 1)
    return publish.dated(rows, updated)


def _geometries(conn: Connection, incidents: Iterable[Incident]) -> dict[str, BaseGeometry]:
    return lookup.geometries(conn, publish.place_ids(incidents))


def country_names(conn: Connection, codes: Iterable[str]) -> dict[str, str]:
    """Everyday names by ISO code."""
    found = lookup.places(conn, sorted(f"country:{code}" for code in codes))
    return {key.removeprefix("country:"): place.name for key, place in found.items()}


def _built(engine: Engine, settings: Settings, features: Sequence[Feature], progress: Progress) -> Mapping[str, bytes]:
    """The files of the site."""
    from maps import site

    progress("building the site", 0, 1)
    with engine.connect() as conn:
        basemap = publish.basemap(
            countries=lookup.areas(conn, "country"),
            divisions=lookup.areas(conn, "admin1", site.windows(features)),
            largest=lookup.largest(conn),
        )
        thanks = publish.credits_of(store.gazetteer_credits(conn))
        deleted = store.tombstones(conn)
    files = site.build(features, basemap=basemap, credits=thanks, title=settings.title, deleted=deleted)
    progress("building the site", 1, 1)
    return files


def _with_incidents(engine: Engine, outcome: Outcome) -> Outcome:
    with engine.connect() as conn:
        newest = store.newest_incidents(conn)
        return replace(outcome, incidents=store.counts(conn)["incident"], rows=tuple(_row(one) for one in newest))


def _row(one: Mapping[str, Any]) -> tuple[str, str, str, str, str, str]:
    from maps.words import DRAWN_AS

    first, last = one["date_start"], one["date_end"]
    dates = first if first == last or not last else f"{first} to {last}"
    low, high = one["killed_low"], one["killed_high"]
    killed = one["killed_best"] if low == high or high is None else f"{low}-{high}"
    place = one["place_name"] or one["place_text"] or one["country"] or "unknown"
    return (
        one["sub_event_type"],
        dates or "unknown",
        place if not one["country"] or one["country"] == place else f"{place}, {one['country']}",
        DRAWN_AS[one["drawn_as"]] if one["drawn_as"] else "country" if one["geo_precision"] == 6 else "unknown",
        "" if killed is None else str(killed),
        str(one["article_count"]),
    )


def _input_sha256(conn: Connection, settings: Settings) -> str:
    """Hash of all that the site is made from: readings, gazetteer, title, and the code that makes it."""
    parts = [store.state(conn), load.version(conn), settings.title, _code_sha256()]
    return hashlib.sha256(orjson.dumps(parts)).hexdigest()


def _code_sha256() -> str:
    """Hash of the code and constants that shape the site; a new version of the program builds it anew."""
    import maps

    folders = [Path(str(maps.__file__)).parent, Path(__file__).parent]
    digest = hashlib.sha256()
    for file in sorted(path for folder in folders for path in folder.rglob("*")):
        if file.is_file() and "__pycache__" not in file.parts:
            digest.update(file.name.encode() + b"\0" + file.read_bytes())
    return digest.hexdigest()


def _claim(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if any(folder.iterdir()):
            message = f"The folder {folder} is not empty"
            raise CannotCreate(message, "Name a new folder.")
    except OSError as error:
        message = f"The folder {folder} cannot be made: {error.strerror}"
        raise CannotCreate(message, "Name another one.") from error


# --- contracts that other programs rely on -----------------------------------------------


def geoparse(settings: Settings, lines: BinaryIO, progress: Progress = silent) -> Iterator[tuple[bytes, bool]]:
    """(a line of JSON, whether it is an answer and no error) for each line of `lines`, in order; nothing is stored."""

    def answer(line: jsonl.Line, understood: reading.Reading, conn: Connection) -> dict[str, Any]:
        return publish.geoparse_record(_given_id(line), understood.resolutions)

    yield from _answered(settings, lines, progress, answer)


def extract(settings: Settings, lines: BinaryIO, progress: Progress = silent) -> Iterator[tuple[bytes, bool]]:
    """As `geoparse`, but the answer is the incidents of the article."""
    names: dict[str, str] = {}

    def answer(line: jsonl.Line, understood: reading.Reading, conn: Connection) -> dict[str, Any]:
        missing = publish.country_codes(understood.reports) - names.keys()
        if missing:
            names.update(dict.fromkeys(missing, "") | country_names(conn, missing))
        return publish.extract_record(_given_id(line), understood, {code: name for code, name in names.items() if name})

    yield from _answered(settings, lines, progress, answer)


def _answered(
    settings: Settings,
    lines: BinaryIO,
    progress: Progress,
    answer: Callable[[jsonl.Line, reading.Reading, Connection], dict[str, Any]],
) -> Iterator[tuple[bytes, bool]]:
    with house(settings, progress) as engine, engine.connect() as conn:
        rows = jsonl.read_lines(lines, _today())
        done = 0
        while batch := list(islice(rows, BATCH)):
            good = [line for line in batch if isinstance(line, jsonl.Line)]
            understood = iter(_understood(conn, good))
            for line in batch:
                if isinstance(line, jsonl.BadLine):
                    yield _dumped({"id": line.id, "error": line.reason}), False
                    continue
                one = next(understood)
                if isinstance(one, Exception):
                    log.debug("line %s could not be read", line.number, exc_info=one)
                    reason = f"it could not be read ({type(one).__name__}: {one})"
                    yield _dumped({"id": _given_id(line), "error": reason}), False
                else:
                    for remark in line.remarks:
                        log.warning("line %s: %s", line.number, remark)
                    yield _dumped(answer(line, one, conn)), True
            done += len(batch)
            progress("reading articles", done, None)
            conn.rollback()  # no transaction stays open while the next lines are awaited


def _understood(conn: Connection, lines: Sequence[jsonl.Line]) -> list[reading.Reading | Exception]:
    articles, spans = [line.article for line in lines], [line.spans for line in lines]
    if not articles:
        return []
    try:
        return list(reading.read(conn, articles, spans))
    except Exception as error:
        if len(articles) == 1:
            return [_only_its_own(error)]
        conn.rollback()
        return [one for line in lines for one in _understood(conn, [line])]


def _given_id(line: jsonl.Line) -> str | int:
    return line.article.id if line.id is None else line.id


def _dumped(record: dict[str, Any]) -> bytes:
    return orjson.dumps(record, option=orjson.OPT_APPEND_NEWLINE)


def _today() -> date:
    return datetime.now(UTC).date()
