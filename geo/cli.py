"""The command line: one function per verb, thin; the story itself is in `pipeline`.

Data goes to stdout, talk and progress to stderr, progress only where stderr is a terminal. Everything heavy is imported
inside the commands, so that `--help` answers at once and `extract` loads no map making.
"""

from __future__ import annotations

import logging
import os
import re
import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, BinaryIO, NoReturn

import typer
from typer.core import TyperGroup

from geo import exits
from geo.errors import InputMissing, InputOutputError, UsageError

if TYPE_CHECKING:
    from rich.console import Console

    from gazetteer.load import LoadReport
    from geo.pipeline import Outcome, Progress
    from geo.settings import Settings

GLOBAL_VALUES = ("--home", "--site", "--database", "--config")
SHOWN_ROWS = 15
GLOBAL_FLAGS = ("--quiet", "-q", "--verbose", "-v", "-vv")

log = logging.getLogger("geo")


class AnywhereGroup(TyperGroup):
    """Takes the global options behind the command too: `incident-map run --site out` is what fingers type."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Move global options to the front; what follows `--` stays where it is."""
        front, rest = hoisted(args)
        return list(super().parse_args(ctx, front + rest))


def hoisted(args: Sequence[str]) -> tuple[list[str], list[str]]:
    """Split a command line into its global options and the rest, both in their order. Raises UsageError."""
    front: list[str] = []
    rest: list[str] = []
    words = iter(args)
    for word in words:
        if word == "--":
            rest += [word, *words]
        elif word in GLOBAL_VALUES:
            value = next(words, None)
            if value is None:
                message = f"The option {word} needs a value"
                raise UsageError(message, "see `incident-map --help`")
            front += [word, value]
        elif word in GLOBAL_FLAGS or word.split("=", 1)[0] in GLOBAL_VALUES:
            front.append(word)
        else:
            rest.append(word)
    return front, rest


app = typer.Typer(
    name="incident-map",
    cls=AnywhereGroup,
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
gazetteer_app = typer.Typer(rich_markup_mode=None, no_args_is_help=True)
schedule_app = typer.Typer(rich_markup_mode=None, no_args_is_help=True)
config_app = typer.Typer(rich_markup_mode=None, no_args_is_help=True)
cluster_app = typer.Typer(rich_markup_mode=None, no_args_is_help=True)
app.add_typer(gazetteer_app, name="gazetteer", help="Load the gazetteer and ask it.")
app.add_typer(schedule_app, name="schedule", help="Print what a timer needs.")
app.add_typer(config_app, name="config", help="Show the settings and where each comes from.")
app.add_typer(cluster_app, name="cluster", help="The private database server.")


@dataclass(frozen=True)
class Call:
    """What the global options said."""

    home: Path | None
    site: Path | None
    database: str | None
    config: Path | None
    quiet: bool
    verbose: int

    def settings(self) -> Settings:
        """The settings of this call: flag, environment, file, default, in this order."""
        from geo import settings

        found = settings.load(config=self.config, home=self.home, site=self.site, database=self.database)
        if not self.quiet and not self.verbose:
            _set_log_level(found.log_level.upper())
        return found


@app.callback()
def options(
    ctx: typer.Context,
    home: Annotated[
        Path | None, typer.Option("--home", metavar="DIR", help="Data folder; holds the private database server.")
    ] = None,
    site: Annotated[Path | None, typer.Option("--site", metavar="DIR", help="Where the site is published.")] = None,
    database: Annotated[
        str | None,
        typer.Option("--database", metavar="URL", help="A PostGIS server of your own: postgresql://user@host/name."),
    ] = None,
    config: Annotated[
        Path | None, typer.Option("--config", metavar="FILE", help="Settings file (default: incident-map.toml).")
    ] = None,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="No talk, no progress; errors only.")] = False,
    verbose: Annotated[
        int, typer.Option("--verbose", "-v", count=True, help="Say more; -vv adds tracebacks.", show_default=False)
    ] = 0,
) -> None:
    """Read news articles, find the incidents they report, publish maps and GeoJSON feeds.

    These options may stand before or after the command. A first map:

    \b
        incident-map run articles/
        xdg-open site/index.html
    """
    ctx.obj = Call(home, site, database, config, quiet, verbose)
    _set_up_logging(quiet, verbose)


# --- the story -----------------------------------------------------------

Paths = Annotated[
    list[Path] | None,
    typer.Argument(
        metavar="PATH",
        help="Folders or files: .txt, .html, .jsonl. Default: those of the settings.",
        readable=False,  # looked at by `_paths`, whose words are better
    ),
]
LineFile = Annotated[Path, typer.Argument(metavar="FILE", help="JSON lines; - reads standard input.", readable=False)]
Force = Annotated[bool, typer.Option("--force", help="Publish even if much fewer incidents than before are left.")]
Json = Annotated[bool, typer.Option("--json", help="One JSON object on standard output.")]


@app.command()
def run(ctx: typer.Context, paths: Paths = None, force: Force = False) -> None:
    """Do all of it, once: ingest, read, merge, publish. What a timer calls.

    A run that finds nothing new changes no byte of the site. Exit code 3 says that it is published, but some inputs
    were set aside (see `incident-map status`).

    \b
    Example:
        incident-map run articles/ --site site
    """
    call = _call(ctx)
    settings = call.settings()
    named = _paths(paths, settings)  # before the heavy imports: a slip of the finger is answered at once
    from geo import pipeline

    with _progress(call) as progress:
        outcome = pipeline.run(settings, named, progress, force=force)
    _report(call, outcome)
    raise typer.Exit(outcome.exit_code)


@app.command()
def ingest(ctx: typer.Context, paths: Paths = None) -> None:
    """Take articles into the store without reading them yet. Taking the same ones again changes nothing.

    \b
    Example:
        incident-map ingest articles/ more/february.jsonl
    """
    call = _call(ctx)
    settings = call.settings()
    named = _paths(paths, settings)
    from geo import pipeline

    with _progress(call) as progress:
        outcome = pipeline.ingest(settings, named, progress)
    _report(call, outcome)
    raise typer.Exit(outcome.exit_code)


@app.command()
def publish(ctx: typer.Context, force: Force = False) -> None:
    """Read what is unread, merge, build the site and swap it in, without taking new articles.

    \b
    Example:
        incident-map publish --site /srv/www/incidents
    """
    from geo import pipeline

    call = _call(ctx)
    with _progress(call) as progress:
        outcome = pipeline.publish_site(call.settings(), progress, force=force)
    _report(call, outcome)
    raise typer.Exit(outcome.exit_code)


@app.command()
def build(
    ctx: typer.Context,
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="A folder that is not there yet, or is empty.")],
) -> None:
    """Build the site into a folder to look at, and publish nothing.

    \b
    Example:
        incident-map build preview/
    """
    from geo import pipeline

    call = _call(ctx)
    with _progress(call) as progress:
        outcome = pipeline.build(call.settings(), folder, progress)
    _report(call, outcome)
    raise typer.Exit(outcome.exit_code)


@app.command()
def rollback(ctx: typer.Context) -> None:
    """Put the generation before the current one back. The store stays as it is.

    \b
    Example:
        incident-map rollback --site site
    """
    from geo import pipeline

    call = _call(ctx)
    name = pipeline.rollback(call.settings())
    _say(call, f"now published: {name}")


# --- contracts that other programs rely on -----------------------------------------------------------


@app.command()
def geoparse(ctx: typer.Context, file: LineFile = Path("-")) -> None:
    """Find and resolve the places of articles: JSON lines in, JSON lines out, nothing stored.

    \b
    In:  {"id", "text", "title"?, "published"?, "url"?, "publisher"?, "spans"?: [[start, end], ...]}
    Out: {"id", "mentions": [{"start", "end", "text", "kind", "probability", "reason",
          "place": {"id", "name", "lat", "lon", "country_code", "feature_class", "feature_code"} | null}]}

    With "spans", exactly those are resolved and no others. Offsets count characters of "text". The order of the
    lines is kept. A bad line gets {"id", "error"}, and the exit code is 3.

    \b
    Example:
        echo '{"id": "1", "text": "A blast hit Mosul."}' | incident-map geoparse
    """
    from geo import pipeline

    _lines_through(ctx, file, pipeline.geoparse)


@app.command()
def extract(ctx: typer.Context, file: LineFile = Path("-")) -> None:
    """Find the incidents that articles report: JSON lines in, JSON lines out, nothing stored.

    \b
    In:  as for geoparse
    Out: {"id", "published", "incidents": [{properties of the feed, "lat", "lon",
          "claims": [...], "evidence": [{"start", "end", "text"}]}]}

    "lat" and "lon" are null where no point would be honest: a whole country, or no place. The order of the lines is
    kept. A bad line gets {"id", "error"}, and the exit code is 3.

    \b
    Example:
        incident-map extract articles.jsonl > incidents.jsonl
    """
    from geo import pipeline

    _lines_through(ctx, file, pipeline.extract)


# --- looking in -----------------------------------------------------------


@app.command()
def status(ctx: typer.Context, json: Json = False) -> None:
    """Say what the store holds, how the last runs went, and what was set aside.

    \b
    Example:
        incident-map status --json
    """
    from geo import explain as explaining
    from geo import pipeline

    call = _call(ctx)
    settings = call.settings()
    with pipeline.house(settings) as engine:
        found = explaining.status(engine, settings.site)
    _out(found if json else explaining.status_lines(found))


@app.command()
def explain(
    ctx: typer.Context,
    article: Annotated[
        str, typer.Argument(metavar="ARTICLE", help="The id or address of an article, or the id of an incident.")
    ],
    json: Json = False,
) -> None:
    """Show how an article was read: mentions, candidates, reasons, dates, reports with their sentences.

    Of an incident, it shows every article's report with the words and the reasons that put it where it is.

    \b
    Example:
        incident-map explain https://news.example/2024/03/strike
        incident-map explain IM-7Q2K4MZB
    """
    from geo import explain as explaining
    from geo import pipeline

    call = _call(ctx)
    with pipeline.house(call.settings()) as engine:
        found = explaining.article_or_incident(engine, article)
    _out(found if json else explaining.lines(found))


@app.command()
def check(ctx: typer.Context) -> None:
    """Check the published site file by file, the store and the gazetteer. Exit code 65 if something is wrong.

    \b
    Example:
        incident-map check && rsync -a site/ host:/srv/www/
    """
    from geo import explain as explaining
    from geo import pipeline

    call = _call(ctx)
    settings = call.settings()
    with pipeline.house(settings) as engine:
        findings = explaining.checks(engine, settings.site)
    _findings(findings)


@app.command()
def doctor(ctx: typer.Context) -> None:
    """Look at this machine and say what is missing, with the cure beside it.

    \b
    Example:
        incident-map doctor
    """
    from geo import explain as explaining

    _findings(explaining.machine(_call(ctx).settings()))


# --- gazetteer -----------------------------------------------------------


@gazetteer_app.command("load")
def gazetteer_load(
    ctx: typer.Context,
    geonames: Annotated[
        list[Path] | None,
        typer.Option(metavar="FILE", help="A GeoNames file: a dump, alternate names, codes; or a folder of them."),
    ] = None,
    whosonfirst: Annotated[
        list[Path] | None,
        typer.Option(metavar="FOLDER", help="A Who's On First repository, or an archive of it."),
    ] = None,
    mapping: Annotated[
        list[Path] | None,
        typer.Option(metavar="FILE", help="A mapping file (TOML) beside a CSV, GeoPackage or GeoJSON of your own."),
    ] = None,
    as_of: Annotated[
        datetime | None,
        typer.Option(
            formats=["%Y-%m-%d"],
            metavar="DATE",
            help="The day the GeoNames dump was made, for `update`; without it, its newest row's.",
        ),
    ] = None,
    force: Annotated[
        bool, typer.Option("--force", help="Load anew what is up to date, and accept a source that has shrunk.")
    ] = False,
) -> None:
    """Load the default gazetteer, or bring it up to date; and on top of it what you bring.

    What was loaded before stays. The old gazetteer serves until the new one is complete. docs/gazetteer.md tells more.

    \b
    Example:
        incident-map gazetteer load
        incident-map gazetteer load --geonames IQ.zip --geonames alternateNamesV2.zip
        incident-map gazetteer load --mapping checkpoints.toml
    """
    from geo import pipeline

    call = _call(ctx)
    with _progress(call) as progress:
        report = pipeline.load_sources(
            call.settings(),
            progress,
            geonames_files=geonames or (),
            whosonfirst_folders=whosonfirst or (),
            mappings=mapping or (),
            as_of=as_of.date() if as_of else None,
            force=force,
        )
    _loaded(call, report)


@gazetteer_app.command("remove")
def gazetteer_remove(
    ctx: typer.Context,
    source: Annotated[str, typer.Argument(metavar="SOURCE", help="Its name, as `gazetteer status` shows it.")],
) -> None:
    """Take a source out of the gazetteer, with all that it lent to others.

    \b
    Example:
        incident-map gazetteer remove checkpoints
    """
    from gazetteer import load
    from geo import pipeline

    call = _call(ctx)
    with _progress(call) as progress, pipeline.house(call.settings(), progress, load_gazetteer=False) as engine:
        report = load.remove(engine, source, progress)
    _loaded(call, report)


def _loaded(call: Call, report: LoadReport) -> None:
    for source in report.sources:
        changes = ""
        if source.places_before is not None:
            changes = f" (before: {source.places_before:,})"
        _say(call, f"{source.source}: {source.places:,} places, {source.names:,} names{changes}")
        for note in source.notes:
            _say(call, f"  {note}")
    for name in report.removed:
        _say(call, f"{name} is taken out")
    _say(call, f"gazetteer {report.version} is loaded")


@gazetteer_app.command("update")
def gazetteer_update(
    ctx: typer.Context,
    files: Annotated[
        list[Path], typer.Argument(metavar="FILE...", help="Daily files of GeoNames, in any order, or their folder.")
    ],
    force: Annotated[bool, typer.Option("--force", help="Go on although days are missing.")] = False,
) -> None:
    """Apply GeoNames' daily changes to the dump that is loaded. The same files twice change nothing.

    \b
    Example:
        incident-map gazetteer update modifications-2026-11-19.txt deletes-2026-11-19.txt
    """
    from gazetteer import update
    from geo import pipeline

    call = _call(ctx)
    with _progress(call) as progress, pipeline.house(call.settings(), progress, load_gazetteer=False) as engine:
        report = update.update(engine, files, progress, force=force)
    for day in report.days:
        _say(
            call,
            f"{day.day}: {day.added} added, {day.changed} changed, {day.moved} moved, {day.withdrawn} withdrawn, "
            f"{day.renamed} renamed",
        )
    if not report.days:
        _say(call, "nothing new in these files")
    _say(call, f"gazetteer {report.version} is as of {report.as_of}")


Type = Annotated[
    str | None,
    typer.Option("--type", metavar="T", help='Words for a kind ("air base", "province") or a GeoNames code.'),
]


@gazetteer_app.command("search")
def gazetteer_search(
    ctx: typer.Context,
    name: Annotated[str, typer.Argument(metavar="NAME", help="A name in any spelling.")],
    country: Annotated[str | None, typer.Option(metavar="CC", help="Only this country (ISO code).")] = None,
    type_: Type = None,
    limit: Annotated[int, typer.Option(min=1, max=1000, help="At most so many places.")] = 10,
    second_opinion: Annotated[
        bool, typer.Option("--second-opinion", help="Ask the other geocoder of the settings too.")
    ] = False,
    json: Json = False,
) -> None:
    """Find places by name, also misspelt ones; the likeliest first, and why.

    \b
    Example:
        incident-map gazetteer search "Deir Ezzor"
        incident-map gazetteer search Paris --country US
        incident-map gazetteer search Balad --type "air base"
    """
    from geo import explain as explaining
    from geo import pipeline

    call = _call(ctx)
    if country is not None and not re.fullmatch("[A-Za-z]{2}", country):
        message = f"{_plain(country)!r} is no country code"
        raise UsageError(message, "two letters (ISO 3166-1), such as IQ or US")
    settings = call.settings()
    other = pipeline.second_opinion(settings) if second_opinion else None
    with pipeline.house(settings) as engine:
        found = explaining.search(engine, name, country=country, type=type_, limit=limit)
    asked = explaining.second_opinion(other, name, country, found) if other else None
    if json:
        _out(found if asked is None else {"found": found, "second_opinion": asked})
        return
    _out(explaining.place_lines(found))
    if asked is not None:
        _out(explaining.opinion_lines(asked))


# unknown options go through, for "-33.87" looks like one
@gazetteer_app.command("near", context_settings={"ignore_unknown_options": True})
def gazetteer_near(
    ctx: typer.Context,
    point: Annotated[list[str], typer.Argument(metavar="LAT LON", help="Degrees, latitude first, as maps print them.")],
    type_: Type = None,
    within: Annotated[float, typer.Option(min=0, metavar="METRES", help="Not farther than this.")] = 25_000,
    limit: Annotated[int, typer.Option(min=1, max=1000, help="At most so many places.")] = 10,
    json: Json = False,
) -> None:
    """List the places around a point, nearest first.

    \b
    Example:
        incident-map gazetteer near 36.19 44.01 --within 10000
        incident-map gazetteer near 34.45 40.95 --type "border crossing" --within 100000
        incident-map gazetteer near "-33.87, 151.21"
    """
    from geo import explain as explaining
    from geo import pipeline

    call = _call(ctx)
    lat, lon = _latitude_and_longitude(point)
    with pipeline.house(call.settings()) as engine:
        found = explaining.near(engine, lat=lat, lon=lon, within_m=within, type=type_, limit=limit)
    _out(found if json else explaining.place_lines(found))


@gazetteer_app.command("status")
def gazetteer_status(ctx: typer.Context) -> None:
    """Say what is loaded and whether it is healthy.

    \b
    Example:
        incident-map gazetteer status
    """
    from geo import explain as explaining
    from geo import pipeline

    call = _call(ctx)
    with pipeline.house(call.settings(), load_gazetteer=False) as engine:
        findings = explaining.gazetteer(engine)
    _findings(findings)


# --- schedule, settings, server -----------------------------------------------------------


@schedule_app.command("systemd")
def schedule_systemd(ctx: typer.Context) -> None:
    """Print a systemd service and timer that run every quarter of an hour.

    \b
    Example:
        incident-map schedule systemd
    """
    from geo import schedule

    _out(schedule.systemd(_call(ctx).settings()))


@schedule_app.command("cron")
def schedule_cron(ctx: typer.Context) -> None:
    """Print a crontab line that runs every quarter of an hour.

    \b
    Example:
        (crontab -l; incident-map schedule cron) | crontab -
    """
    from geo import schedule

    _out(schedule.cron(_call(ctx).settings()))


@config_app.command("show")
def config_show(ctx: typer.Context, json: Json = False) -> None:
    """Show every setting, its value, and where the value comes from. Passwords are masked.

    \b
    Example:
        INCIDENT_MAP_SITE=/srv/www incident-map config show
    """
    from geo import explain as explaining

    found = explaining.settings(_call(ctx).settings())
    _out(found if json else explaining.settings_lines(found))


@cluster_app.command("stop")
def cluster_stop(ctx: typer.Context) -> None:
    """Stop the private database server of the data folder, should it still be running.

    \b
    Example:
        incident-map cluster stop
    """
    from gazetteer import cluster

    call = _call(ctx)
    cluster.stop(call.settings().home)
    _say(call, "the private database server is stopped")


@cluster_app.command("remove")
def cluster_remove(
    ctx: typer.Context,
    yes: Annotated[bool, typer.Option("--yes", help="Really: articles, incidents and gazetteer go with it.")] = False,
) -> None:
    """Delete the private database server of the data folder with all that it holds. The published site stays.

    \b
    Example:
        incident-map cluster remove --yes
    """
    from gazetteer import cluster

    call = _call(ctx)
    home = call.settings().home
    if not yes:
        message = f"this deletes the database of {_plain(str(home))} with all articles and incidents"
        raise UsageError(message, "if you mean it, add --yes")
    gone = cluster.remove(home)
    _say(call, f"{gone} is deleted" if gone else "there is no private database server")


# --- talk -----------------------------------------------------------


def _call(ctx: typer.Context) -> Call:
    call = ctx.obj
    assert isinstance(call, Call)  # noqa: S101 -- set by `options`, which typer always calls first
    return call


def _latitude_and_longitude(words: Sequence[str]) -> tuple[float, float]:
    """Two numbers as people paste them: `36.19 44.01`, `36.19, 44.01` or `36.19,44.01`."""
    unknown = [word for word in words if re.match("-[-a-zA-Z]", word)]
    if unknown:
        message = f"No such option: {_plain(unknown[0])}"
        raise UsageError(message, "see `incident-map gazetteer near --help`")
    try:
        lat, lon = (float(part) for part in " ".join(words).replace(",", " ").split())
    except ValueError:
        message = f"{_plain(' '.join(words))!r} is no latitude and longitude"
        raise UsageError(message, "two numbers in degrees, such as 36.19 44.01; south and west are negative") from None
    if not (-90 <= lat <= 90 and -180 <= lon <= 180):
        message = f"There is no place at latitude {lat:g}, longitude {lon:g}"
        raise UsageError(message, "latitude, from -90 to 90, comes first; then longitude, from -180 to 180")
    return lat, lon


def _paths(paths: list[Path] | None, settings: Settings) -> list[Path]:
    """The paths that were named, or those of the settings; at least one, and all of them there."""
    named = list(paths or settings.articles)
    if not named:
        message = "no articles are named"
        raise UsageError(message, "name folders or files, or set `articles` in incident-map.toml")
    for path in named:
        try:
            path.stat()
        except (FileNotFoundError, NotADirectoryError):
            message = f"there is no file or folder {_plain(str(path))}"
            raise InputMissing(message, "check the spelling; relative paths start at the current folder") from None
        except OSError as problem:
            raise _unreadable(path, problem) from None
    return named


def _lines_through(
    ctx: typer.Context,
    file: Path,
    verb: Callable[[Settings, BinaryIO, Progress], Iterator[tuple[bytes, bool]]],
) -> NoReturn:
    """Pipe lines through a verb that yields (answer, went well); the exit code is 3 if any went badly."""
    call = _call(ctx)
    all_well = True
    with _opened(file) as lines, _progress(call) as progress:
        for answer, well in verb(call.settings(), lines, progress):
            sys.stdout.buffer.write(answer)
            all_well = all_well and well
        sys.stdout.buffer.flush()
    raise typer.Exit(0 if all_well else 3)


def _unreadable(path: Path, problem: OSError) -> InputOutputError:
    message = f"{_plain(str(path))} cannot be read: {problem.strerror}"
    return InputOutputError(message, "give this account the right to read it")


@contextmanager
def _opened(file: Path) -> Iterator[BinaryIO]:
    if str(file) == "-":
        yield sys.stdin.buffer
        return
    if os.path.isdir(file):  # noqa: PTH112 -- Path.is_dir raises below a closed folder
        message = f"{_plain(str(file))} is a folder, not a file of JSON lines"
        raise InputMissing(message, "name one file, or pipe them in: cat FOLDER/*.jsonl | incident-map extract")
    try:
        lines = file.open("rb")
    except (FileNotFoundError, NotADirectoryError):
        message = f"there is no file {_plain(str(file))}"
        raise InputMissing(message, "give a file of JSON lines, or - for standard input") from None
    except OSError as problem:
        raise _unreadable(file, problem) from None
    with lines:
        yield lines


@contextmanager
def _progress(call: Call) -> Iterator[Progress]:
    """A function (what, done, total or None) that draws bars on a terminal and is silent elsewhere."""
    if call.quiet or not sys.stderr.isatty():
        yield lambda what, done, total: log.debug("%s: %s of %s", what, done, "?" if total is None else total)
        return
    from rich import progress as bars

    tasks: dict[str, bars.TaskID] = {}
    columns = (
        bars.TextColumn("{task.description}", markup=False),
        bars.BarColumn(),
        bars.MofNCompleteColumn(),
        bars.TimeElapsedColumn(),
    )
    with bars.Progress(*columns, console=_console(), transient=True) as drawn:

        def show(what: str, done: int, total: int | None) -> None:
            if what not in tasks:
                tasks[what] = drawn.add_task(what, total=total)
            drawn.update(tasks[what], completed=done, total=total)

        yield show


def _console() -> Console:
    from rich.console import Console

    width = None if sys.stderr.isatty() else 120
    return Console(stderr=True, width=width, highlight=False)  # rich itself honours NO_COLOR


def _say(call: Call, text: str) -> None:
    if not call.quiet:
        sys.stderr.write(_plain(text) + "\n")


def _out(found: object) -> None:
    """Data to standard output: text as it is, lines of text, or anything else, an empty list too, as JSON."""
    if isinstance(found, str):
        text = found if found.endswith("\n") else found + "\n"
    elif isinstance(found, list) and found and all(isinstance(line, str) for line in found):
        text = "".join(_plain(line) + "\n" for line in found)
    else:
        import orjson

        text = orjson.dumps(found, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE).decode()
    sys.stdout.write(text)
    sys.stdout.flush()


def _findings(findings: Sequence[tuple[bool, str, str]]) -> NoReturn:
    """Print (good, what, hint) line by line; exit code 65 if one is not good."""
    lines = []
    for good, what, hint in findings:
        lines.append(f"{'ok  ' if good else 'BAD '} {what}")
        if not good and hint:
            lines.append(f"     hint: {hint}")
    _out(lines)
    raise typer.Exit(0 if all(good for good, _, _ in findings) else 65)


def _report(call: Call, outcome: Outcome) -> None:
    """The short table at the end of a run, and the file to open."""
    if call.quiet:
        return
    from rich.table import Table
    from rich.text import Text

    console = _console()
    for line in outcome.set_aside[:10]:
        console.print(Text(_plain(f"set aside: {line}")))
    if len(outcome.set_aside) > 10:
        console.print(Text(f"... and {len(outcome.set_aside) - 10} more, see `incident-map status`"))
    console.print(Text(_plain(outcome.sentence)))
    if outcome.rows:
        table = Table(box=None, pad_edge=False)
        for heading in ("type", "date", "place", "precision", "killed", "articles"):
            table.add_column(heading, no_wrap=heading != "place", overflow="fold")  # so that only places are squeezed
        for row in outcome.rows[:SHOWN_ROWS]:
            table.add_row(*(Text(_plain(cell)) for cell in row))
        console.print(table)
        if len(outcome.rows) > SHOWN_ROWS:
            console.print(Text(f"... and {(outcome.incidents or 0) - SHOWN_ROWS} more"))
    if outcome.open_this is not None:
        console.print(Text(f"open {_plain(str(outcome.open_this))}"), soft_wrap=True)


_UNPRINTABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


def _plain(text: str) -> str:
    """Text from outside, safe to print: no escape sequences, no direction marks, no lone surrogates."""
    return _UNPRINTABLE.sub("\ufffd", text)


# --- errors become exit codes -----------------------------------------------------------


class _Redacted(logging.Filter):
    """Passwords in database addresses never reach the log."""

    _password = re.compile(r"(://[^:/@\s]*:)[^@\s]*(@)")

    def filter(self, record: logging.LogRecord) -> bool:
        record.msg, record.args = self._password.sub(r"\1***\2", record.getMessage()), ()
        return True


class _Lines(logging.Formatter):
    """As the lines of errors are: `warning: ...`; and names from outside cannot steer the terminal."""

    def format(self, record: logging.LogRecord) -> str:
        record.levelname = record.levelname.lower()
        return _plain(super().format(record))


def _set_up_logging(quiet: bool, verbose: int) -> None:
    level = "ERROR" if quiet else ("WARNING", "INFO", "DEBUG")[min(verbose, 2)]
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        _Lines("%(levelname)s: %(message)s" if verbose < 2 else "%(levelname)s: %(name)s: %(message)s")
    )
    handler.addFilter(_Redacted())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
    _set_log_level(level)


def _set_log_level(level: str) -> None:
    for name in ("geo", "gazetteer", "maps"):
        logging.getLogger(name).setLevel(level)


def verdict(error: BaseException) -> tuple[int, str, str]:
    """`exits.verdict`, and what only the command line can do wrong."""
    if isinstance(error, typer.Abort):
        error = KeyboardInterrupt()
    if isinstance(error, typer.TyperException):
        context = getattr(error, "ctx", None)
        hint = f"see `{context.command_path} --help`" if context is not None else ""
        return 64, str(getattr(error, "format_message", lambda: error)()), hint
    return exits.verdict(error)


def main(args: Sequence[str] | None = None) -> int:
    """Run the command line; returns the exit code (docs/command-line.md lists them)."""

    def terminate(number: int, frame: object) -> NoReturn:
        raise exits.Terminated

    words = list(sys.argv[1:] if args is None else args)
    with suppress(ValueError):  # not in the main thread: a caller's own business
        signal.signal(signal.SIGTERM, terminate)
    try:
        code = int(app(args=words or ["--help"], prog_name="incident-map", standalone_mode=False) or 0)
        if code == 130:  # typer makes this of Ctrl-C, without a word
            raise KeyboardInterrupt
        return code
    except BaseException as error:
        if isinstance(error, BrokenPipeError) or isinstance(error.__context__, BrokenPipeError):
            # whoever read our output left, as `head` does: no message, and no second one when Python flushes at exit
            os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
            return 141
        if isinstance(error, SystemExit | GeneratorExit):
            raise
        code, message, hint = verdict(error)
        if type(error).__name__ == "NoArgsIsHelpError":  # `incident-map gazetteer`: its help is the whole answer
            sys.stderr.write(message + "\n")
            return code
        if "-vv" in words or log.isEnabledFor(logging.DEBUG):
            log.error("traceback", exc_info=error)
        sys.stderr.write(f"error: {_plain(message)}\n" + (f"hint: {_plain(hint)}\n" if hint else ""))
        return code
