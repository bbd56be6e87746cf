"""Loading: whole or not at all, and readers never notice."""

from __future__ import annotations

import importlib
import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
import shapely
from alembic import command
from shapely.geometry import LineString, Point, box
from sqlalchemy import Engine, text

from gazetteer import database as databases
from gazetteer import load, lookup, names, uniting
from gazetteer.errors import DatabaseUnavailable, GazetteerError, SourceError
from gazetteer.model import NameKind, Place, PlaceName
from gazetteer.sources.base import BadRow, Findings, Parts, Source

REPOSITORY = Path(__file__).parents[2]


def town(number: int, name: str = "", **changes: object) -> Place:
    place = Place(
        id=f"test:{number}",
        name=name or f"Town {number}",
        feature_class="P",
        feature_code="PPL",
        point=Point(40 + number % 10, 30 + number % 7),
        country_code="SY",
        population=1000 + number,
    )
    return replace(place, **changes)  # type: ignore[arg-type]


def source(name: str, places: Iterable[Place], version: str = "1") -> Source:
    rows = list(places)
    return Source(name, version, credit_name=f"Makers of {name}", licence="MIT", url="", places=lambda: iter(rows))


def stored(engine: Engine, question: str) -> list[tuple[object, ...]]:
    with engine.connect() as conn:
        return [tuple(row) for row in conn.execute(text(question))]


def ids(engine: Engine) -> list[object]:
    return [row[0] for row in stored(engine, "SELECT id FROM gazetteer.place ORDER BY id")]


def test_a_place_comes_back_as_it_was(engine: Engine) -> None:
    place = town(
        1,
        "Ḩalab",
        feature_code="ADM1",
        feature_class="A",
        admin1_code="SY.09",
        population=None,
        precision_m=60_000,
        note="as 'drawn' by \\ hand\t%s :x",
        has_area=True,
        geometry=box(36, 35, 38, 37),
        names=(PlaceName("Aleppo", NameKind.ALTERNATE, "en"),),
    )
    report = load.load(engine, [source("towns", [place])])
    assert report.places == 1
    assert report.loaded == ("towns",)
    with engine.connect() as conn:
        found = lookup.places(conn, [place.id])[place.id]
        assert found == replace(place, geometry=None, names=())
        assert lookup.geometries(conn, [place.id])[place.id].equals(place.geometry)
        (aleppo,) = lookup.candidates(conn, ["ALEPPO"])["aleppo"]
        assert (aleppo.name, aleppo.kind, aleppo.similarity) == ("Aleppo", NameKind.ALTERNATE, 1.0)
        assert lookup.candidates(conn, ["Halab"])["halab"][0].kind is NameKind.PRIMARY


def test_of_names_with_one_key_the_most_trusted_is_kept(engine: Engine) -> None:
    spellings = (
        PlaceName("raqqa", NameKind.CODE),
        PlaceName("RAQQA", NameKind.ALTERNATE),
        PlaceName("Ar-Raqqa", NameKind.CURATED),
        PlaceName("Raqqā", NameKind.ALTERNATE),
        PlaceName("…", NameKind.ALTERNATE),
        PlaceName("الرقة", NameKind.ALTERNATE, "ar"),
    )
    load.load(engine, [source("towns", [town(1, "Rakka", names=spellings)])])
    rows = stored(engine, "SELECT name_key, skeleton_key, name, kind, language FROM gazetteer.place_name ORDER BY 1")
    assert rows == [
        ("rakka", names.skeleton("Rakka"), "Rakka", "primary", None),
        ("raqqa", names.skeleton("Raqqa"), "Ar-Raqqa", "curated", None),
        ("الرقة", None, "الرقة", "alternate", "ar"),
    ]


def test_the_same_version_is_not_read_again(engine: Engine) -> None:
    reads = 0

    def places() -> Iterator[Place]:
        nonlocal reads
        reads += 1
        yield town(1)

    towns = Source("towns", "1", "", "", "", places)
    first = load.load(engine, [towns])
    again = load.load(engine, [towns])
    assert (again.loaded, again.unchanged, again.version) == ((), ("towns",), first.version)
    assert reads == 1
    forced = load.load(engine, [towns], force=True)
    assert forced.loaded == ("towns",)
    assert forced.version == first.version  # same content
    assert reads == 2


def test_a_change_of_key_rules_makes_what_is_loaded_stale(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    load.load(engine, [source("towns", [town(1)])])
    monkeypatch.setattr(names, "RULES", names.RULES + 1)
    assert load.load(engine, [source("towns", [town(1)])]).loaded == ("towns",)


@pytest.mark.parametrize("others", [3, 400])  # few others: the whole is swapped; many: the source is patched in place
def test_a_new_version_replaces_its_source_and_no_other(engine: Engine, others: int) -> None:
    areas = [town(5000 + n, has_area=True, geometry=box(n, 0, n + 1, 1)) for n in range(2)]
    load.load(engine, [source("many", [*(town(n) for n in range(1000, 1000 + others)), *areas])])
    first = load.load(engine, [source("few", [town(1, "Old"), town(2, "Kept")])])
    second = load.load(
        engine, [source("few", [town(2, "Kept"), town(3, "New", has_area=True, geometry=box(5, 5, 6, 6))], "2")]
    )
    assert second.version != first.version
    assert second.places == others + 4
    with engine.connect() as conn:
        found = lookup.candidates(conn, ["Old", "Kept", "New", "Town 1001"])
        assert sorted(found) == ["kept", "new", "town 1001"]
        assert list(lookup.geometries(conn, ["test:3", "test:5001"])) == ["test:3", "test:5001"]
        assert lookup.geometries(conn, ["test:5001"])["test:5001"].equals(box(1, 0, 2, 1))
    orphans = "SELECT count(*) FROM gazetteer.place_name WHERE place_no NOT IN (SELECT no FROM gazetteer.place)"
    assert stored(engine, orphans) == [(0,)]
    assert stored(engine, "SELECT source, version FROM gazetteer.gazetteer_load ORDER BY 1") == [
        ("few", "2"),
        ("many", "1"),
    ]


def test_it_leaves_the_tables_as_the_migrations_made_them(engine: Engine) -> None:
    load.load(engine, [source("towns", [town(1)])])
    load.load(engine, [source("towns", [town(1), town(2)], "2")])
    with engine.begin() as conn:
        command.check(databases.alembic_config(conn))
        schemas = conn.execute(text("SELECT nspname FROM pg_namespace WHERE nspname LIKE 'gazetteer%'")).scalars().all()
    assert schemas == ["gazetteer"]


@pytest.mark.parametrize(
    ("bad", "said"),
    [
        (town(7, id=""), "source:key"),
        (town(7, id="no-colon"), "source:key"),
        (replace(town(7), name="  "), "name is empty"),
        (town(7, point=Point(181, 0)), "not on the globe"),
        (town(7, point=Point(0, -90.5)), "not on the globe"),
        (town(7, point=Point(float("nan"), 1)), "point is missing|not on the globe"),
        (town(7, point=Point()), "point is missing"),
        (town(7, feature_code=""), "feature class or code"),
        (town(7, population=-1), "population"),
        (town(7, precision_m=2**31), "precision"),
        (town(7, has_area=True), "do not agree"),
        (town(7, has_area=True, geometry=shapely.from_wkt("POLYGON((0 0, 1 1, 1 0, 0 1, 0 0))")), "not valid"),
        (town(7, has_area=True, geometry=LineString([(179, 0), (181, 0)])), "beyond the globe"),
        (town(7, names=(PlaceName("nul\0"),)), "cannot be stored"),
        (town(7, names=(PlaceName("lone \ud800"),)), "cannot be stored"),
        (town(7, names=(PlaceName("long" * 200),)), "longer than"),
    ],
)
def test_a_bad_row_is_named_and_nothing_changes(engine: Engine, bad: Place, said: str) -> None:
    load.load(engine, [source("towns", [town(1)])])
    with pytest.raises(SourceError, match=said) as caught:
        load.load(engine, [source("towns", [town(1), bad, town(2)], "2")])
    assert "1 row is bad" in str(caught.value)
    assert ids(engine) == ["test:1"]


def test_all_bad_rows_are_reported_together(engine: Engine) -> None:
    bad = [replace(town(n), name=" ") for n in range(30)]
    with pytest.raises(SourceError) as caught:
        load.load(engine, [source("towns", [*bad, town(100, point=Point(0, 91))]), source("empty", [])])
    message = str(caught.value)
    assert "32 rows are bad" in message
    assert "towns: test:3: the name is empty" in message
    assert "and 12 more" in message
    assert ids(engine) == []


@pytest.mark.parametrize("others", [0, 400])
def test_ids_that_stand_twice_in_a_source_are_all_named(engine: Engine, others: int) -> None:
    if others:
        load.load(engine, [source("many", [town(n) for n in range(1000, 1000 + others)])])
    with pytest.raises(SourceError) as caught:
        load.load(
            engine,
            [source("a", [town(1), town(2), town(1)]), source("b", [town(2), town(1000), *[town(3)] * 3])],
        )
    message = str(caught.value)
    assert "2 rows are bad" in message
    assert "a: test:1: stands 2 times" in message
    assert "b: test:3: stands 3 times" in message
    assert len(ids(engine)) == others


def test_bad_rows_of_the_reader_are_reported_with_the_others(engine: Engine) -> None:
    rows: list[Place | BadRow] = [
        town(1),
        BadRow("towns.txt, line 2", "the latitude is missing"),
        replace(town(3), name=" "),
    ]
    more = [BadRow(f"towns.txt, line {n}", "it has 3 columns") for n in range(4, 40)]
    with pytest.raises(SourceError) as caught:
        load.load(engine, [Source("towns", "1", "", "", "", lambda: iter([*rows, *more]))])
    lines = str(caught.value).splitlines()
    assert "38 rows are bad" in lines[0]
    assert "  towns: towns.txt, line 2: the latitude is missing" in lines
    assert lines[-1] == "  and 18 more"
    only_bad = Source("towns", "1", "", "", "", lambda: iter(rows[1:2]))
    with pytest.raises(SourceError, match="1 row is bad"):
        load.load(engine, [only_bad])
    assert ids(engine) == []


def test_a_source_that_shrinks_is_taken_for_truncated(engine: Engine, tmp_path: Path) -> None:
    file = tmp_path / "towns.txt"
    file.write_text("".join(f"{n}\n" for n in range(1000, 2000)))

    def towns(version: str) -> Source:
        def places() -> Iterator[Place]:
            with file.open() as lines:
                yield from (town(int(line)) for line in lines)

        return Source("towns", version, "", "", "", places)

    load.load(engine, [towns("1"), source("few", [town(1)])])
    os.truncate(file, 3500)
    with pytest.raises(SourceError, match=r"truncated:\n  towns: 700 places, where 1,000") as caught:
        load.load(engine, [towns("2")])
    assert "--force" in caught.value.hint
    assert len(ids(engine)) == 1001
    report = load.load(engine, [towns("2")], force=True)
    assert report.places == 701
    os.truncate(file, 3000)
    assert load.load(engine, [towns("3")]).places == 601  # a little less is a new edition


def test_the_report_says_what_became_of_each_source(engine: Engine) -> None:
    first = load.load(engine, [source("towns", [town(n) for n in range(10)])])
    assert first.sources == (load.SourceReport("towns", 10, 10, None),)
    moved = [town(0, point=Point(1, 1)), town(1, "Renamed"), *(town(n) for n in range(2, 8)), town(20)]
    findings = Findings(as_of=date(2026, 1, 31), notes=("A note.",))
    again = replace(source("towns", moved, "2"), scope=("SY", "IQ"), rank=7, findings=lambda: findings)
    (report,) = load.load(engine, [again]).sources
    assert report == load.SourceReport("towns", 9, 9, 10, added=1, changed=2, gone=2, notes=("A note.",))
    stored_row = stored(engine, "SELECT rank, scope, as_of FROM gazetteer.gazetteer_load")
    assert stored_row == [(7, ["SY", "IQ"], date(2026, 1, 31))]
    assert load.load(engine, [replace(again, rank=8)]).loaded == ("towns",)  # another rank is another gazetteer


def test_a_source_that_fails_midway_leaves_the_old_gazetteer(engine: Engine) -> None:
    load.load(engine, [source("towns", [town(1)])])

    def broken() -> Iterator[Place]:
        yield from (town(n) for n in range(12_000))
        message = "the file ends here"
        raise OSError(message)

    with pytest.raises(OSError, match="ends here"):
        load.load(engine, [Source("towns", "2", "", "", "", broken)])
    assert ids(engine) == ["test:1"]
    assert load.load(engine, [source("towns", [town(2)], "2")]).places == 1


def test_a_source_given_twice_is_refused(engine: Engine) -> None:
    with pytest.raises(SourceError, match="twice"):
        load.load(engine, [source("towns", [town(1)]), source("towns", [town(2)])])


LOADS_TO_KILL = """
import os, random, signal, sys, time
from gazetteer import database, load
from gazetteer.model import Place, PlaceName
from gazetteer.sources.base import BadRow, Findings, Parts, Source
from shapely.geometry import Point

def places():
    for n in range(5_000):
        yield Place(f"new:{n}", f"Village {n}", "P", "PPL", Point(n % 180, n % 90), names=(PlaceName(f"Hamlet {n}"),))

def run(version):
    began = time.monotonic()
    load.load(database.engine(sys.argv[1]), [Source("towns", version, "", "", "", places)])
    return time.monotonic() - began

moments = random.Random(20)
whole = float(sys.argv[2])
for line in sys.stdin:
    child = os.fork()
    if not child:
        run("2")
        os._exit(0)
    time.sleep(moments.uniform(0, whole))
    os.kill(child, signal.SIGKILL)
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
"""


def test_a_load_killed_at_any_moment_leaves_the_old_gazetteer_and_no_litter(database: str, engine: Engine) -> None:
    """Twenty loads, each killed at a moment of its own; of one that was too quick the whole is there."""
    old = [town(n, names=(PlaceName("Old name"),)) for n in range(4_000)]
    load.load(engine, [source("towns", old)])
    load.load(engine, [source("rest", [town(-1)])])
    began = time.monotonic()
    load.load(engine, [source("towns", old)], force=True)
    whole = time.monotonic() - began
    script = [sys.executable, "-c", LOADS_TO_KILL, database, str(1.5 * whole)]
    killer = subprocess.Popen(script, cwd=REPOSITORY, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert killer.stdin
    assert killer.stdout
    interrupted = 0
    for _ in range(20):
        killer.stdin.write("\n")
        killer.stdin.flush()
        killed = int(killer.stdout.readline()) == -signal.SIGKILL
        interrupted += killed
        with engine.connect() as conn:
            found = lookup.candidates(conn, ["Old name", "Hamlet 7"], limit=20_000)
        counts = {key: len(candidates) for key, candidates in found.items()}
        # Killed after the commit, with only the litter left to remove, it is done.
        assert counts in ({"old name": 4_000}, {"hamlet 7": 1})
        if "hamlet 7" in counts:
            load.load(engine, [source("towns", old, "1")])
    killer.communicate()
    assert interrupted >= 10
    assert load.load(engine, [source("towns", old, "3")]).places == 4_001  # and the next load works
    assert stored(engine, "SELECT nspname FROM pg_namespace WHERE nspname LIKE 'gazetteer%'") == [("gazetteer",)]


@contextmanager
def small_disk(tmp_path: Path, engine: Engine, megabytes: int) -> Iterator[None]:
    """Whatever the database makes from now on lies on a disk of this size."""
    folder = tmp_path / "small-disk"
    folder.mkdir()
    mounting = ["mount", "-t", "tmpfs", "-o", f"size={megabytes}m", "tmpfs", str(folder)]
    done = subprocess.run(mounting, capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.skip(f"a full disk cannot be tried: mounting is not allowed here ({done.stderr.strip()})")
    try:
        (owner,) = stored(engine, "SELECT setting FROM pg_settings WHERE name = 'data_directory'")
        inside = folder / "tablespace"
        inside.mkdir()
        status = Path(str(owner[0])).stat()
        for made in (folder, inside):
            os.chown(made, status.st_uid, status.st_gid)
        for parent in inside.parents:
            if parent.is_relative_to(tmp_path.parents[1]):
                parent.chmod(0o755)  # the server's account must get in
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as conn:
            name = conn.scalar(text("SELECT current_database()"))
            conn.execute(text(f"CREATE TABLESPACE small_disk LOCATION '{inside}'"))
            conn.execute(text(f"ALTER DATABASE {name} SET default_tablespace = 'small_disk'"))
        engine.dispose()  # new connections make their tables there
        yield
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as conn:
            conn.execute(text(f"ALTER DATABASE {name} RESET default_tablespace"))
            conn.execute(text("DROP SCHEMA gazetteer CASCADE"))
            conn.execute(text("DROP TABLESPACE small_disk"))
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


def test_a_full_disk_leaves_the_old_gazetteer(engine: Engine, tmp_path: Path) -> None:
    load.load(engine, [source("towns", [town(1)])])
    with small_disk(tmp_path, engine, megabytes=6):
        many = source("towns", [town(n, names=(PlaceName(f"Other {n}"),)) for n in range(30_000)], "2")
        with pytest.raises(DatabaseUnavailable, match="no room") as caught:
            load.load(engine, [many])
        assert "Make room" in caught.value.hint
        assert ids(engine) == ["test:1"]
        assert load.load(engine, [source("towns", [town(1), town(2)], "3")]).places == 2


@pytest.mark.parametrize("others", [0, 2000])  # swapped, patched
def test_readers_see_one_whole_gazetteer_while_it_changes(database: str, engine: Engine, others: int) -> None:
    """Every answer is of one version, none fails, none waits for the load."""
    versions = {version: [town(n, f"Version {version}") for n in range(200)] for version in "abcdef"}
    if others:
        load.load(engine, [source("others", [town(n) for n in range(1000, 1000 + others)])])
    load.load(engine, [source("towns", versions["a"], "a")])
    stop, seen, failures = threading.Event(), set[frozenset[str]](), list[Exception]()

    def read() -> None:
        mine = databases.engine(database)
        try:
            while not stop.is_set():
                with mine.connect() as conn:
                    rows = conn.execute(text("SELECT name FROM gazetteer.place WHERE source = 'towns'")).scalars().all()
                assert len(rows) == 200
                seen.add(frozenset(rows))
        except Exception as error:
            failures.append(error)
        finally:
            mine.dispose()

    readers = [threading.Thread(target=read) for _ in range(3)]
    for reader in readers:
        reader.start()
    for version, places in versions.items():
        load.load(engine, [source("towns", places, version)])
    stop.set()
    for reader in readers:
        reader.join()
    assert not failures
    assert seen <= {frozenset({f"Version {version}"}) for version in versions}
    assert len(seen) > 1


def test_a_reader_in_a_long_transaction_does_not_hold_up_a_load(engine: Engine) -> None:
    """Each of its statements sees a whole gazetteer; what it still holds is removed by a later load."""
    load.load(engine, [source("towns", [town(1)])])
    with engine.connect() as reader:
        assert reader.execute(text("SELECT id FROM gazetteer.place")).scalars().all() == ["test:1"]
        load.load(engine, [source("towns", [town(2)], "2")])
        load.load(engine, [source("towns", [town(3)], "3")])
        assert reader.execute(text("SELECT id FROM gazetteer.place")).scalars().all() == ["test:3"]
    load.load(engine, [source("towns", [town(4)], "4")])
    assert stored(engine, "SELECT nspname FROM pg_namespace WHERE nspname LIKE 'gazetteer%'") == [("gazetteer",)]


def test_a_server_that_goes_away_midway(database: str, engine: Engine) -> None:
    load.load(engine, [source("towns", [town(1)])])
    mine = databases.engine(database)

    def tell(what: str, done: int, total: int | None) -> None:
        if done == 10_000:
            stored(
                engine,
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE pid <> pg_backend_pid() AND datname = current_database() AND state <> 'idle'",
            )

    with pytest.raises(DatabaseUnavailable, match="not changed"):
        load.load(mine, [source("towns", [town(n) for n in range(20_000)], "2")], tell)
    mine.dispose()
    assert ids(engine) == ["test:1"]


def test_two_loads_at_once_end_with_one(database: str, engine: Engine) -> None:
    reads: list[int] = []

    def places() -> Iterator[Place]:
        reads.append(1)
        time.sleep(0.3)
        yield town(1)

    def run() -> None:
        mine = databases.engine(database)
        load.load(mine, [Source("towns", "1", "", "", "", places)])
        mine.dispose()

    threads = [threading.Thread(target=run) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(reads) == 1
    assert ids(engine) == ["test:1"]


def test_progress_is_told(engine: Engine) -> None:
    told: list[tuple[str, int, int | None]] = []
    tell: Callable[[str, int, int | None], None] = lambda what, done, total: told.append((what, done, total))  # noqa: E731
    load.load(engine, [source("towns", [town(n) for n in range(7000)])], tell)
    assert told[0] == ("towns", 0, None)
    assert ("towns", 7000, None) in told
    assert told[-1][0] == "indexes"
    assert told[-1][1] == told[-1][2]


def test_versions_before_and_after(engine: Engine) -> None:
    with engine.connect() as conn:
        assert load.version(conn) == ""
        assert not load.default_is_loaded(conn)
    report = load.load(engine, [source("towns", [town(1)])])
    with engine.connect() as conn:
        assert load.version(conn) == report.version
        assert not load.default_is_loaded(conn)
    other = load.load(engine, [source("towns", [town(1, population=5)], "1")], force=True)
    assert other.version != report.version  # the content counts, not only what the source says


@pytest.mark.parametrize(
    ("famous", "other"),
    [
        (town(1, feature_class="A", feature_code="PCLI", population=4_000_000), town(2, population=20_000_000)),
        (town(1, feature_code="PPLC", population=700_000), town(2, population=2_000_000)),
        (town(1, feature_class="A", feature_code="ADM1", population=None), town(2, population=20_000)),
        (town(1, population=900_000), town(2, feature_class="A", feature_code="ADM1", population=None)),
        (town(1, feature_class="H", feature_code="SEA", population=None), town(2, population=900_000)),
        (
            town(1, feature_class="L", feature_code="RGN", population=None, precision_m=300_000),
            town(2, feature_class="L", feature_code="RGN", population=None, precision_m=3_000),
        ),
        (town(1, id="curated:x", feature_class="L", feature_code="OILF", population=None), town(2, population=3_000)),
        (town(1, population=20_000), town(2, population=None)),
    ],
)
def test_prominence(famous: Place, other: Place) -> None:
    assert load.prominence(famous) > load.prominence(other)


# --- several sources that know one place -----------------------------------------------------------------------------


def shown(engine: Engine) -> list[tuple[object, ...]]:
    """(id, serving source, key, name, kind, source that brought it) of all that look-ups show."""
    return stored(
        engine,
        """SELECT p.id, p.source, n.name_key, n.name, n.kind, own.source
        FROM gazetteer.place p LEFT JOIN gazetteer.place_name n ON n.place_no = p.no
        LEFT JOIN gazetteer.place own ON own.no = n.own_no
        WHERE p.serves ORDER BY 1, 2, 3""",
    )


def test_the_source_of_least_rank_serves_and_the_others_lend_their_names(engine: Engine) -> None:
    best = town(1, "Rakka", names=(PlaceName("Raka"), PlaceName("RQA", NameKind.CODE)))
    second = town(1, "Raqqa", names=(PlaceName("Raka"), PlaceName("Nikephorion", NameKind.HISTORIC)))
    third = town(
        1, "Ar-Raqqah", names=(PlaceName("Raqqa"), PlaceName("Raka", NameKind.CURATED), PlaceName("Nikephorion"))
    )
    ranked = [
        replace(source(name, [place]), rank=rank)
        for name, place, rank in (("c", third, 50), ("a", second, 50), ("b", best, 10))
    ]
    load.load(engine, ranked)
    assert shown(engine) == [
        ("test:1", "b", "nikephorion", "Nikephorion", "alternate", "c"),
        ("test:1", "b", "raka", "Raka", "curated", "c"),
        ("test:1", "b", "rakka", "Rakka", "primary", "b"),
        ("test:1", "b", "raqqa", "Raqqa", "primary", "a"),
        ("test:1", "b", "raqqah", "Ar-Raqqah", "primary", "c"),
        ("test:1", "b", "rqa", "RQA", "code", "b"),
    ]
    with engine.connect() as conn:
        for name in ("Raqqa", "Raka", "Nikephorion"):
            ((key, found),) = lookup.candidates(conn, [name]).items()
            assert [candidate.place.name for candidate in found] == ["Rakka"], key
        assert lookup.places(conn, ["test:1"])["test:1"].name == "Rakka"
        assert len(lookup.near(conn, best.point, 10)) == 1
    load.remove(engine, "b")
    assert {row[1] for row in shown(engine)} == {"a"}


def test_rows_far_from_the_one_that_serves_lend_no_names(engine: Engine) -> None:
    here = source("a", [town(1, "Here", point=Point(10, 10)), town(2, "Land", point=Point(10, 10))])
    area = box(10, 10, 14, 14)
    there = [
        town(1, "There", point=Point(11, 10)),
        town(2, "Country", point=Point(12, 12), has_area=True, geometry=area),
    ]
    load.load(engine, [here, source("b", there)])
    assert [row[3] for row in shown(engine)] == ["Here", "Country", "Land"]


def random_source(name: str, rank: int, rng: random.Random) -> Source:
    spellings = ["Alba", "Alva", "Halba", "Berg", "Burg", "Barg"]
    kinds = [NameKind.ALTERNATE, NameKind.CURATED, NameKind.HISTORIC, NameKind.CODE]
    rows = [
        town(
            number,
            rng.choice(spellings),
            point=Point(rng.choice([10, 10.1, 40]), 5),
            names=tuple(PlaceName(rng.choice(spellings), rng.choice(kinds)) for _ in range(rng.randrange(4))),
        )
        for number in rng.sample(range(8), rng.randrange(1, 7))
    ]
    return replace(source(name, rows, str(rng.random())), rank=rank)


@pytest.mark.parametrize("seed", range(4))
def test_the_order_of_loading_and_removing_leaves_no_trace(server, template: str, engine: Engine, seed: int) -> None:  # type: ignore[no-untyped-def]
    """Whatever came and went: what is shown is what a fresh load of the remaining sources shows."""
    rng = random.Random(seed)
    # With many others around, the small sources are patched in; without, all is swapped.
    around = [source("many", [town(n) for n in range(100, 160)])] if seed % 2 else []
    if around:
        load.load(engine, around)
    present: dict[str, Source] = {}
    ranks = {"a": 50, "b": 50, "c": 10}
    for _ in range(7):
        name = rng.choice("abc")
        if name in present and rng.random() < 0.4:
            load.remove(engine, name)
            del present[name]
        else:
            present[name] = random_source(name, ranks[name], rng)
            load.load(engine, [present[name]], force=True)
    with server.clone(template) as url:
        fresh = databases.engine(url)
        load.load(fresh, [*present.values(), *around])
        assert shown(engine) == shown(fresh)
        every = "SELECT id, source, serves FROM gazetteer.place ORDER BY 1, 2"
        assert stored(engine, every) == stored(fresh, every)
        with engine.connect() as conn, fresh.connect() as other:
            assert load.version(conn) == load.version(other)
        fresh.dispose()
    twice = """SELECT p.id FROM gazetteer.place_name n JOIN gazetteer.place p ON p.no = n.place_no AND p.serves
        GROUP BY p.id, n.name_key HAVING count(*) > 1"""
    lost = "SELECT 1 FROM gazetteer.place_name WHERE own_no NOT IN (SELECT no FROM gazetteer.place)"
    assert stored(engine, twice) == []
    assert stored(engine, lost) == []


def test_rows_that_were_changed_one_by_one_are_united_anew(engine: Engine) -> None:
    load.load(engine, [replace(source("a", [town(1, "Alba")]), rank=1), source("b", [town(1, "Berg"), town(2)])])
    with engine.begin() as conn:
        load.lock(conn)
        conn.execute(text("UPDATE gazetteer.place SET withdrawn = '2026-01-31' WHERE source = 'a'"))
        conn.execute(text("DELETE FROM gazetteer.place_name WHERE name = 'Alba'"))
        uniting.unite(conn, ["test:1", "test:unknown"])
    assert [row[:4] for row in shown(engine)] == [
        ("test:1", "b", "berg", "Berg"),
        ("test:2", "b", "town 2", "Town 2"),
    ]
    with engine.begin() as conn:
        conn.execute(text("UPDATE gazetteer.place SET withdrawn = '2026-01-31' WHERE source = 'b'"))
        uniting.unite(conn, ["test:1"])
        assert lookup.places(conn, ["test:1"])["test:1"].name == "Alba"  # its id is found for ever
        assert lookup.near(conn, town(1).point, 10) == []


def test_a_source_is_removed(engine: Engine) -> None:
    load.load(engine, [source("a", [town(1)]), source("b", [town(2)])])
    with pytest.raises(GazetteerError, match="no source 'c'") as caught:
        load.remove(engine, "c")
    assert caught.value.hint == "Loaded are: a, b."
    assert load.remove(engine, "a").removed == ("a",)
    assert ids(engine) == ["test:2"]
    assert load.remove(engine, "b").places == 0
    assert stored(engine, "SELECT * FROM gazetteer.place_name") == []


def test_sources_that_the_program_retired_go_with_the_next_load(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    load.load(engine, [source("villages", [town(1)]), source("towns", [town(2)])])
    monkeypatch.setattr("gazetteer.sources.RETIRED", ("villages",))
    report = load.load(engine, [source("towns", [town(2)])])
    assert (report.loaded, report.unchanged, report.removed) == ((), ("towns",), ("villages",))
    assert ids(engine) == ["test:2"]


def test_the_migration_brings_an_old_gazetteer_along(engine: Engine) -> None:
    load.load(engine, [source("towns", [town(1, names=(PlaceName("Other"),)), town(2)])])
    before = shown(engine)
    with engine.begin() as conn:
        command.downgrade(databases.alembic_config(conn), "0002")
    databases.migrate(engine)
    assert shown(engine) == before
    assert stored(engine, "SELECT rank FROM gazetteer.gazetteer_load") == [(50,)]


# --- several processes -----------------------------------------------------------------------------------------------

PARTS = """
import os, signal, time
from gazetteer.errors import SourceError
from gazetteer.model import Place, PlaceName
from gazetteer.sources.base import BadRow
from shapely.geometry import Point, box

def split():
    return iter(range(12))

def read(part):
    return [
        Place(f"t:{n}", f"Town {n}", "P", "PPL", Point(n % 90, n % 50), has_area=n % 7 == 0,
              geometry=box(n % 90, 0, n % 90 + 1, 1) if n % 7 == 0 else None,
              names=(PlaceName(f"Other {n}", alternate_id=n),))
        for n in range(part * 10, part * 10 + part)
    ]

def dies(part):
    if part == 5:
        os.kill(os.getpid(), signal.SIGKILL)
    return read(part)

def fails(part):
    if part == 5:
        raise SourceError("the file ends here", "Fetch it again.")
    return read(part)

def finds_faults(part):
    return [*read(part), BadRow(f"towns.txt, line {part}", "it is odd")]

def promises_less(part):
    return read(11) * 2

def is_slow(part):
    time.sleep(60)
    return read(part)
"""


@pytest.fixture
def parts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], Source]]:
    """A source in twelve parts that are read by the function so called."""
    (tmp_path / "parts_of_a_source.py").write_text(PARTS)
    monkeypatch.syspath_prepend(tmp_path)
    module = importlib.import_module("parts_of_a_source")

    def made(read: str) -> Source:
        pieces = Parts(module.split, getattr(module, read), places_at_most=11)
        every = lambda: (row for part in module.split() for row in pieces.read(part))  # noqa: E731
        return Source("parts", "1", "", "", "", every, parts=pieces)

    yield made
    del sys.modules["parts_of_a_source"]


def test_the_number_of_processes_changes_nothing(  # type: ignore[no-untyped-def]
    server, template: str, engine: Engine, parts: Callable[[str], Source]
) -> None:
    every = (
        "SELECT no, id, name, ST_AsEWKT(point) FROM gazetteer.place ORDER BY 1",
        "SELECT place_no, name_key, skeleton_key, name, own_no, alternate_ids FROM gazetteer.place_name ORDER BY 1, 2",
        "SELECT place_no, ST_AsEWKB(geom) FROM gazetteer.place_area ORDER BY 1",
    )
    load.load(engine, [parts("read")], processes=1)
    assert len(ids(engine)) == sum(range(12))
    assert stored(engine, every[1])[0][-1] == [10]
    with server.clone(template) as url:
        other = databases.engine(url)
        load.load(other, [parts("read")], processes=3)
        for question in every:
            assert stored(other, question) == stored(engine, question)
        with engine.connect() as conn, other.connect() as elsewhere:
            assert load.version(conn) == load.version(elsewhere)
        other.dispose()


@pytest.mark.parametrize("processes", [1, 2])
@pytest.mark.parametrize(
    ("read", "error", "said"),
    [
        ("fails", SourceError, "the file ends here"),
        ("finds_faults", SourceError, "12 rows are bad:\n  parts: towns.txt, line 0: it is odd"),
        ("promises_less", SourceError, "more than the 11 it promised"),
    ],
)
def test_what_is_wrong_in_a_part_is_said(
    engine: Engine, parts: Callable[[str], Source], read: str, error: type[Exception], said: str, processes: int
) -> None:
    with pytest.raises(error, match=said):
        load.load(engine, [parts(read)], processes=processes)
    assert ids(engine) == []


def test_a_process_that_dies_is_named(engine: Engine, parts: Callable[[str], Source]) -> None:
    with pytest.raises(GazetteerError, match=r"process that read parts was killed \(SIGKILL\)") as caught:
        load.load(engine, [parts("dies")], processes=2)
    assert "memory" in caught.value.hint
    assert ids(engine) == []


INTERRUPTED = """
import sys
sys.path.insert(0, sys.argv[2])
import parts_of_a_source as made
from gazetteer import database, load
from gazetteer.sources.base import Parts, Source

source = Source("parts", "1", "", "", "", iter, parts=Parts(made.split, made.is_slow, 11))
load.load(database.engine(sys.argv[1]), [source], lambda *told: print(*told, flush=True), processes=2)
"""


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL])
def test_no_process_outlives_the_load(
    database: str, engine: Engine, tmp_path: Path, parts: Callable[[str], Source], number: int
) -> None:
    loading = subprocess.Popen(
        [sys.executable, "-c", INTERRUPTED, database, str(tmp_path)],
        cwd=REPOSITORY,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    children = Path(f"/proc/{loading.pid}/task/{loading.pid}/children")
    while len(workers := children.read_text().split()) < 2:
        assert loading.poll() is None
        time.sleep(0.02)
    began = time.monotonic()
    loading.send_signal(number)
    _, said = loading.communicate()
    assert ("KeyboardInterrupt" in said) == (number == signal.SIGINT)
    while any(is_running(int(worker)) for worker in workers):
        assert time.monotonic() - began < 30  # they would sleep for a minute
        time.sleep(0.02)
    assert ids(engine) == []


def is_running(process: int) -> bool:
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False
