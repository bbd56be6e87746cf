"""Loading: whole or not at all, and readers never notice."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import shapely
from alembic import command
from shapely.geometry import LineString, Point, box
from sqlalchemy import Engine, text

from gazetteer import database as databases
from gazetteer import load, lookup, names
from gazetteer.errors import DatabaseUnavailable, SourceError
from gazetteer.model import NameKind, Place, PlaceName
from gazetteer.sources.base import Source

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
def test_ids_that_stand_twice_are_all_named(engine: Engine, others: int) -> None:
    if others:
        load.load(engine, [source("many", [town(n) for n in range(1000, 1000 + others)])])
    with pytest.raises(SourceError) as caught:
        load.load(engine, [source("a", [town(1), town(2), town(1)]), source("b", [town(2), town(1000)])])
    message = str(caught.value)
    assert "test:1: stands 2 times" in message
    assert "a, b: test:2: stands 2 times" in message
    assert ("test:1000" in message) == bool(others)
    assert len(ids(engine)) == others


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


KILLED = """
import sys
from gazetteer import database, load
from gazetteer.model import Place
from gazetteer.sources.base import Source
from shapely.geometry import Point

def places():
    for n in range(40_000):
        yield Place(f"new:{n}", f"Village {n}", "P", "PPL", Point(n % 180, n % 90))

def tell(what, done, total):
    print(what, done, flush=True)

load.load(database.engine(sys.argv[1]), [Source("towns", "2", "", "", "", places)], tell)
"""


@pytest.mark.parametrize("moment", ["towns 0", "towns 20000", "indexes 0", "indexes 3"])
def test_a_killed_load_leaves_the_old_gazetteer_and_no_litter(database: str, engine: Engine, moment: str) -> None:
    load.load(engine, [source("towns", [town(1)])])
    child = subprocess.Popen(
        [sys.executable, "-c", KILLED, database], cwd=REPOSITORY, stdout=subprocess.PIPE, text=True
    )
    assert child.stdout
    for line in child.stdout:
        if line.strip() == moment:
            os.kill(child.pid, signal.SIGKILL)
            break
    child.communicate()
    assert child.returncode == -signal.SIGKILL
    assert ids(engine) == ["test:1"]
    assert load.load(engine, [source("towns", [town(1), town(2)], "3")]).places == 2  # and the next load works
    assert stored(engine, "SELECT nspname FROM pg_namespace WHERE nspname LIKE 'gazetteer%'") == [("gazetteer",)]


def test_readers_see_one_whole_gazetteer_while_it_is_swapped(database: str, engine: Engine) -> None:
    """Every answer is of one version, none fails, none waits for the load."""
    versions = {version: [town(n, f"Version {version}") for n in range(200)] for version in "abcdef"}
    load.load(engine, [source("towns", versions["a"], "a")])
    stop, seen, failures = threading.Event(), set[frozenset[str]](), list[Exception]()

    def read() -> None:
        mine = databases.engine(database)
        try:
            while not stop.is_set():
                with mine.connect() as conn:
                    rows = conn.execute(text("SELECT name FROM gazetteer.place")).scalars().all()
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
