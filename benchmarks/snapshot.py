# ruff: noqa: S608 -- what is put into statements are constants of this file
"""How quickly the compiled names are made and asked: `python benchmarks/snapshot.py --help`.

Compiles the names of the default gazetteer, opens them in a fresh process, and asks for names and for all names in
running text (the articles of tests/data/news/dev), the first time (pages and objects come in) and again. `--tenfold`
does the same for a gazetteer of ten times the size: nine copies of every place beside it, with other letters in their
names, half of them new words. Times are of the processor, but where it says otherwise.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import random
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from private import ROOT, default_gazetteer
from sqlalchemy import Engine, text

from gazetteer import database, names, snapshot

ASKED = 1000
"""Names in one look-up."""
LENGTH = 500
"""Words in one text."""
ROUNDS = 10
"""Times that what is asked again is asked; the quickest counts."""


def main(words: Sequence[str] | None = None) -> None:
    """Measure and print."""
    options = argparse.ArgumentParser(description="Measure how quickly the compiled names are made and asked.")
    options.add_argument("--database", help="PostGIS with the default gazetteer; without it a private one is made")
    options.add_argument(
        "--tenfold", action="store_true", help="also a gazetteer of ten times the size (minutes, 6 GB)"
    )
    asked = options.parse_args(words)
    if asked.tenfold and asked.database:
        options.error("--tenfold changes the gazetteer: it wants a private one")
    print(f"load average {os.getloadavg()[0]:.1f}")
    with (
        default_gazetteer(asked.database) as engine,
        tempfile.TemporaryDirectory(prefix="incident-map-benchmark-") as folder,
    ):
        wanted = _wanted(engine)
        _compile_and_ask(engine, Path(folder), wanted)
        if asked.tenfold:
            print("\ntenfold")
            _multiply(engine)
            _compile_and_ask(engine, Path(folder), wanted)


def _multiply(engine: Engine) -> None:
    """Nine more copies of every place and name. There are no indexes then: nothing can be looked up in the database."""
    with engine.begin() as conn:
        for index in conn.execute(
            text("SELECT indexname FROM pg_indexes WHERE schemaname = 'gazetteer' AND indexname !~ 'pkey$'")
        ).scalars():
            conn.execute(text(f"DROP INDEX gazetteer.{index}"))
        columns = conn.execute(
            text("""
                SELECT column_name FROM information_schema.columns
                WHERE table_schema = 'gazetteer' AND table_name = 'place' ORDER BY ordinal_position""")
        ).scalars()
        vowels = ("aeiou", "eioua", "iouae", "ouaei", "uaeio")
        shift = int(conn.scalar(text("SELECT max(no) FROM gazetteer.place")) or 0)
        values = {"shift": shift}
        copied = list(columns)
        for copy in range(1, 10):

            def respelt(
                column: str, letters: str = vowels[copy % 5], others: str = "lnrst" if copy < 5 else "nrstl"
            ) -> str:
                return f"translate(translate({column}, 'aeiou', '{letters}'), 'lnrst', '{others}')"

            changed = {"no": f"no + {copy} * :shift", "id": f"'copy{copy}:' || id", "name": respelt("name")}
            selected = ", ".join(changed.get(column, column) for column in copied)
            for statement in (
                f"INSERT INTO gazetteer.place SELECT {selected} FROM gazetteer.place WHERE no <= :shift",
                f"""INSERT INTO gazetteer.place_name (place_no, name_key, skeleton_key, name, kind, language, own_no)
                    SELECT place_no + {copy} * :shift, {respelt("name_key")}, {respelt("skeleton_key")},
                           {respelt("name")}, kind, language, own_no + {copy} * :shift
                    FROM gazetteer.place_name WHERE place_no <= :shift""",
            ):
                conn.execute(text(statement), values)
        conn.execute(text("UPDATE gazetteer.gazetteer_load SET names = names * 10, content_sha256 = 'tenfold'"))


def _compile_and_ask(engine: Engine, folder: Path, wanted: list[str]) -> None:
    """Each in a process of its own, so that their memory can be told apart."""
    url = engine.url.render_as_string(hide_password=False)
    processes = multiprocessing.get_context("spawn")
    with processes.Pool(1) as pool:
        path = pool.apply(_compile, (url, folder))
    with processes.Pool(1) as pool:
        pool.apply(_ask, (path, wanted))


def _compile(url: str, folder: Path) -> Path:
    engine = database.engine(url)
    begun, at_work = time.perf_counter(), time.process_time()
    with snapshot.open(engine, folder) as found:
        print(f"{found.places_count:,} places, {found.names_count:,} names")
        path = found.path
    wall, work = time.perf_counter() - begun, time.process_time() - at_work
    peak = _status()["VmHWM"]  # not ru_maxrss, which begins with the size of the process that started this one
    print(f"compile                    {wall:8.1f} s of the clock, {work:.1f} s here, peak {peak:.0f} MB")
    print(f"file                       {path.stat().st_size / 1e6:8.1f} MB")
    return path


def _ask(path: Path, wanted: list[str]) -> None:
    before = _memory()
    begun = time.perf_counter()
    with snapshot.read(path) as found:
        print(f"open                       {(time.perf_counter() - begun) * 1e3:8.1f} ms of the clock")
        missed = [name[::-1] + "x" for name in wanted]
        misspelt = [name.replace("a", "e", 1) + "h" for name in wanted]
        _line(f"candidates of {ASKED:,} names", lambda: found.candidates(wanted))
        _line(f"{ASKED:,} names that are none", lambda: found.candidates(missed))
        _line(f"fuzzy, {ASKED:,} names", lambda: found.fuzzy(misspelt))
        runs = _texts()
        _line(f"spans of {LENGTH} words", lambda: [found.spans(run) for run, _ in runs], len(runs))
        _line("  from capitals only", lambda: [found.spans(run, capitals) for run, capitals in runs], len(runs))
        _line(
            "  with their candidates",
            lambda: [found.called(entry for *_, entry in found.spans(run, capitals)) for run, capitals in runs],
            len(runs),
        )
        own, shared = (after - earlier for after, earlier in zip(_memory(), before, strict=True))
        print(
            f"memory                     {own:8.0f} MB of its own, {shared:.0f} MB of the file, which processes share"
        )


def _line(what: str, work: Callable[[], Any], parts: int = 1) -> None:
    def once() -> float:
        begun = time.process_time()
        work()
        return (time.process_time() - begun) / parts * 1e3

    first = once()
    print(f"{what:26} {first:8.2f} ms the first time, {min(once() for _ in range(ROUNDS)):.2f} ms again")


def _memory() -> tuple[float, float]:
    """Megabytes of this process: its own, and of files."""
    sizes = _status()
    return sizes["RssAnon"], sizes["RssFile"]


def _status() -> dict[str, float]:
    """What the kernel says of this process, in megabytes."""
    lines = [line.split() for line in Path("/proc/self/status").read_text().splitlines()]
    return {line[0].rstrip(":"): int(line[1]) / 1024 for line in lines if line[-1] == "kB"}


def _wanted(engine: Engine) -> list[str]:
    with engine.connect() as conn:
        rows = conn.execute(text("SELECT name FROM gazetteer.place_name WHERE kind <> 'code' ORDER BY name, place_no"))
        return random.Random(1).sample(rows.scalars().all(), ASKED)


def _texts() -> list[tuple[list[str], list[int]]]:
    """Articles as runs of `LENGTH` words, and where a word begins with a capital."""
    words: list[str] = []
    capitals: list[bool] = []
    for path in sorted((ROOT / "tests" / "data" / "news" / "dev").glob("*.txt")):
        for written in path.read_text(encoding="utf-8").split():
            cut = names.words(written)
            words += cut
            capitals += [part == 0 and written.strip("(“\"'")[:1].isupper() for part in range(len(cut))]
    return [
        (words[at : at + LENGTH], [here for here in range(LENGTH) if capitals[at + here]])
        for at in range(0, len(words) - LENGTH, LENGTH)
    ]


if __name__ == "__main__":
    main()
