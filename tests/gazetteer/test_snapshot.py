"""The compiled names: the same answers as the database gives, and a file that survives what happens to files."""

from __future__ import annotations

import json
import os
import pickle
import random
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from shapely.geometry import Point
from sqlalchemy import Connection, Engine, text

from gazetteer import database as databases
from gazetteer import load, lookup, names, snapshot
from gazetteer.errors import GazetteerError
from gazetteer.model import NameKind, Place, PlaceName
from gazetteer.sources.base import Source


def place(id_: str, name: str, *others: PlaceName | str, code: str = "PPL", population: int | None = None) -> Place:
    return Place(
        id_,
        name,
        "A" if code in ("PCLI", "ADM1") else "P",
        code,
        Point(len(id_) / 7, -len(name) / 3),
        country_code="WW",
        admin1_code="WW.1" if code != "PCLI" else None,
        population=population,
        note="seen from afar" if population else "",
        names=tuple(PlaceName(other) if isinstance(other, str) else other for other in others),
    )


# An invented country whose names try what can go wrong in cutting names into words.
WORLD = (
    place("country:WW", "Westland", PlaceName("Westish", NameKind.DEMONYM), PlaceName("WW", NameKind.CODE),
          code="PCLI"),
    place("admin1:WW.1", "Upper Westland", "Tariq", code="ADM1"),
    place("test:tariq", "Tall al-Tāriq", "Tell Tareq", "تل طارق", population=70_000),
    place("test:tariq-2", "at-Tariq", PlaceName("Tariq City", NameKind.VARIANT), population=70_000),
    place("test:tariq-3", "Tariq", PlaceName("TRQ", NameKind.CODE), population=900),
    place("test:the", "The", PlaceName("WW", NameKind.ALTERNATE)),
    place("test:the-2", "The The Port", "Port of the Sea"),
    place("test:port", "The Port", "Port", "Port Tall", PlaceName("New Port", NameKind.HISTORIC), population=5),
    place("test:article", "Al", "As Al", "Port al As Sea"),
    place("test:long", "port " * 30 + "end"),
    place("test:signs", "100% _ \\ Town", "Back\\slash\tTab", "北京", "Ǆungla", "Ma'rib"),
)  # fmt: skip


def source(version: str = "1", world: tuple[Place, ...] = WORLD) -> Source:
    return Source("world", version, "", "", "", lambda: iter(world))


@pytest.fixture(scope="module")
def world(server, template: str) -> Iterator[Engine]:  # type: ignore[no-untyped-def]
    """The small gazetteer; read only."""
    with server.clone(template) as url:
        engine = databases.engine(url)
        load.load(engine, [source()])
        yield engine
        engine.dispose()


@pytest.fixture(scope="module")
def names_of_world(world: Engine, tmp_path_factory: pytest.TempPathFactory) -> Iterator[snapshot.Snapshot]:
    with snapshot.open(world, tmp_path_factory.mktemp("world")) as found:
        yield found


_OPEN = """
import json, resource, sys
from pathlib import Path
from gazetteer import database, snapshot

url, folder, largest = sys.argv[1:]
if largest:
    resource.setrlimit(resource.RLIMIT_FSIZE, (int(largest), int(largest)))
told = []
engine = database.engine(url)
print("ready", flush=True)
sys.stdin.readline()
try:
    with snapshot.open(engine, Path(folder), lambda *what: told.append(what)) as found:
        print(json.dumps({"version": found.version, "told": told, "erbil": len(found.candidates(["Erbil"]))}))
except Exception as error:
    print(json.dumps({"error": type(error).__name__, "message": str(error), "hint": getattr(error, "hint", "")}))
"""


class Other:
    """Another process that opens the names in a folder when it is told to go."""

    def __init__(self, engine: Engine, folder: Path, largest: str = "") -> None:
        url = engine.url.render_as_string(hide_password=False)
        self.process = subprocess.Popen(
            [sys.executable, "-c", _OPEN, url, str(folder), largest],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self.process.stdout is not None
        assert self.process.stdout.readline() == "ready\n"

    def go(self) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write("go\n")
        self.process.stdin.flush()

    def answer(self) -> dict[str, object]:
        out, _ = self.process.communicate(timeout=200)
        answered: dict[str, object] = json.loads(out)
        return answered

    def kill(self) -> None:
        self.process.kill()
        self.process.communicate()


@pytest.fixture(scope="module")
def at_once(
    default_gazetteer: Engine, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, list[dict[str, object]]]:
    """(folder, answers) of two processes that open the names of the default gazetteer at once."""
    folder = tmp_path_factory.mktemp("default")
    others = [Other(default_gazetteer, folder) for _ in range(2)]
    for other in others:
        other.go()
    return folder, [other.answer() for other in others]


@pytest.fixture(scope="module")
def compiled(default_gazetteer: Engine, at_once: tuple[Path, object]) -> Iterator[snapshot.Snapshot]:
    """The names of the default gazetteer."""
    with snapshot.open(default_gazetteer, at_once[0]) as found:
        yield found


@pytest.fixture(scope="module")
def conn(default_gazetteer: Engine) -> Iterator[Connection]:
    with default_gazetteer.connect() as conn:
        yield conn


@pytest.fixture(scope="module")
def many_names(conn: Connection) -> list[str]:
    """Thousands of names of all kinds and scripts, the most ambiguous ones among them, and words that are none."""
    rows = conn.execute(
        text("SELECT DISTINCT name FROM gazetteer.place_name WHERE hashtext(name_key) % 250 = 0 ORDER BY name")
    )
    ambiguous = conn.execute(
        text("SELECT name_key FROM gazetteer.place_name GROUP BY 1 ORDER BY count(*) DESC, name_key LIMIT 400")
    )
    rare = conn.execute(
        text("SELECT min(name) FROM gazetteer.place_name WHERE kind NOT IN ('primary', 'alternate') GROUP BY name_key")
    )
    found = [*rows.scalars(), *ambiguous.scalars(), *rare.scalars().fetchmany(2_000)]
    found += [name[::-1] for name in found[::20]]
    assert len(found) > 5_000
    return found


# --- the same answers ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("codes", [False, True])
@pytest.mark.parametrize("limit", [40, 2])
def test_candidates_are_those_of_the_database(
    compiled: snapshot.Snapshot, conn: Connection, many_names: list[str], codes: bool, limit: int
) -> None:
    expected = lookup.candidates(conn, many_names, codes=codes, limit=limit)
    assert len(expected) > 4_000
    assert compiled.candidates(many_names, codes=codes, limit=limit) == expected
    assert list(compiled.candidates(many_names[:50])) == sorted(compiled.candidates(many_names[:50]))


def test_fuzzy_answers_are_those_of_the_database(
    compiled: snapshot.Snapshot, conn: Connection, many_names: list[str]
) -> None:
    chance = random.Random(7)
    spelt = [
        chance.choice((n.replace("q", "k"), n.replace("e", "i"), n + "h", n.replace("a", "aa"))) for n in many_names
    ]
    spelt += ["Kamishly", "Deir Ezzour", "de", "", "القامشلي"]
    for limit in (10, 3):
        expected = lookup.fuzzy(conn, spelt, limit=limit, trigrams=False)
        assert len(expected) > 2_000
        assert compiled.fuzzy(spelt, limit=limit) == expected


def test_places_by_id_are_those_of_the_database(compiled: snapshot.Snapshot, conn: Connection) -> None:
    ids = list(conn.execute(text("SELECT id FROM gazetteer.place WHERE no % 50 = 0")).scalars())
    wanted = [*ids, "country:IQ", "border:IQ-SY", "nothing:1", "", "\U0010ffff"]
    assert len(ids) > 3_000
    assert compiled.places(wanted) == lookup.places(conn, wanted)


def test_what_does_not_serve_or_is_withdrawn_is_shown_as_in_the_database(database: str, tmp_path: Path) -> None:
    engine = databases.engine(database)
    load.load(engine, [source()])
    everything = [name.name for one in WORLD for name in (PlaceName(one.name), *one.names)]
    ids = [one.id for one in WORLD]
    with engine.begin() as conn:
        conn.execute(text("UPDATE gazetteer.place SET serves = false WHERE id = 'test:tariq'"))
        conn.execute(text("UPDATE gazetteer.place SET withdrawn = '2026-01-01' WHERE id = 'test:port'"))
    with engine.connect() as conn, snapshot.open(engine, tmp_path) as found:
        called = found.candidates(everything)
        assert called == lookup.candidates(conn, everything)
        assert found.fuzzy(everything) == lookup.fuzzy(conn, everything, trigrams=False)
        assert found.places(ids) == lookup.places(conn, ids)
        assert {"test:tariq", "test:port"}.isdisjoint(c.place.id for named in called.values() for c in named)
        assert "test:port" in found.places(ids)
        assert "test:tariq" not in found.places(ids)
    engine.dispose()


def test_names_of_an_invented_world(world: Engine, names_of_world: snapshot.Snapshot) -> None:
    everything = [name.name for one in WORLD for name in (PlaceName(one.name), *one.names)]
    with world.connect() as conn:
        for codes in (False, True):
            expected = lookup.candidates(conn, everything, codes=codes)
            assert names_of_world.candidates(everything, codes=codes) == expected
    assert names_of_world.version == load_version(world)
    assert not names_of_world.has("trq")
    assert names_of_world.has("trq", codes=True)
    assert not names_of_world.has("")
    assert not names_of_world.has("port port")  # the beginning of a name is none
    assert names_of_world.candidates(["", "\ud800", "x" * 100_000, "port " * 5_000]) == {}
    assert names_of_world.candidates(["Back\\slash\tTab"])["back slash tab"][0].name == "Back\\slash\tTab"


def load_version(engine: Engine) -> str:
    with engine.connect() as conn:
        return load.version(conn)


def test_an_empty_gazetteer_has_no_names(engine: Engine, tmp_path: Path) -> None:
    with snapshot.open(engine, tmp_path) as found:
        assert found.version == ""
        assert found.candidates(["Erbil"]) == {}
        assert found.fuzzy(["Erbil"]) == {}
        assert found.places(["country:IQ"]) == {}
        assert found.spans(["erbil", "al", "the"]) == []


def test_what_is_forgotten_is_found_again(names_of_world: snapshot.Snapshot, monkeypatch: pytest.MonkeyPatch) -> None:
    everything = [name.name for one in WORLD for name in (PlaceName(one.name), *one.names)]
    expected = names_of_world.candidates(everything)
    monkeypatch.setattr(snapshot, "_KEPT", 8)
    with snapshot.read(names_of_world.path) as found:
        for _ in range(3):
            assert {key: one for name in everything for key, one in found.candidates([name]).items()} == expected
            assert found.fuzzy(everything) == names_of_world.fuzzy(everything)
            run = [word for name in everything for word in names.words(name)]
            assert found.spans(run) == names_of_world.spans(run)


# --- names in running text -------------------------------------------------------------------------------------------

_VOCABULARY = sorted(
    {word for one in WORLD for name in (PlaceName(one.name), *one.names) for word in names.words(name.name)}
    | {"the", "al", "as", "el", "nothing"}
)


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(words=st.lists(st.sampled_from(_VOCABULARY), max_size=9), some=st.sets(st.integers(0, 8)))
def test_spans_are_all_names_in_a_run_of_words(
    names_of_world: snapshot.Snapshot, words: list[str], some: set[int]
) -> None:
    expected = [
        (start, end, key)
        for start in range(len(words))
        for end in range(start + 1, len(words) + 1)
        if words[end - 1] not in names.ARTICLES and names_of_world.has(key := names.key(" ".join(words[start:end])))
    ]
    found = [(start, end, names_of_world.key(entry)) for start, end, entry in names_of_world.spans(words)]
    assert found == expected
    starts = sorted(at for at in some if at < len(words))
    only = [(start, end, names_of_world.key(entry)) for start, end, entry in names_of_world.spans(words, starts)]
    assert only == [one for one in expected if one[0] in starts]


def test_entries_of_spans_lead_to_their_candidates(compiled: snapshot.Snapshot) -> None:
    words = names.words("Rockets fell on the Ain al-Asad air base and on Deir ez-Zor, New York reports")
    spans = compiled.spans(words)
    keys = {" ".join(words[start:end]): compiled.key(entry) for start, end, entry in spans}
    assert keys["deir ez zor"] == "deir zor"
    assert keys["new york"] == "new york"
    entries = [entry for *_, entry in spans]
    assert compiled.called(entries) == {
        entry: compiled.candidates([compiled.key(entry)])[compiled.key(entry)] for entry in entries
    }


def test_long_runs_of_articles_and_repeated_words_take_no_longer_than_their_length(
    compiled: snapshot.Snapshot,
) -> None:
    for words in (["al"] * 20_000 + ["erbil"], ["san"] * 20_000, ["deir", *["al"] * 20_000, "zor"], ["the"] * 20_000):
        begun = time.process_time()
        compiled.spans(words)
        assert time.process_time() - begun < 20  # a quadratic search would take minutes


# --- the file --------------------------------------------------------------------------------------------------------


def test_of_two_processes_at_once_one_compiles(at_once: tuple[Path, list[dict[str, object]]]) -> None:
    folder, answers = at_once
    assert [answer.get("erbil") for answer in answers] == [1, 1]
    assert answers[0]["version"] == answers[1]["version"]
    compiling = [any(told[0] == "compiling names" for told in answer["told"]) for answer in answers]  # type: ignore[attr-defined]
    assert sorted(compiling) == [False, True]
    assert len(list(folder.glob("*.bin"))) == 1
    assert not list(folder.glob("*.tmp"))


def test_the_compiled_names_stay_small(compiled: snapshot.Snapshot, many_names: list[str], tmp_path: Path) -> None:
    """In memory of its own a process holds what it asked for, not the gazetteer."""
    asked = tmp_path / "asked.json"
    asked.write_text(json.dumps(many_names))
    script = """
import json, sys
from pathlib import Path
from gazetteer import snapshot
def own() -> int:
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("RssAnon"))
asked = json.loads(Path(sys.argv[2]).read_text())
before = own()
with snapshot.read(Path(sys.argv[1])) as found:
    opened = own()
    found.candidates(asked), found.fuzzy(asked)
    print(opened - before, own() - before)
"""
    command = [sys.executable, "-c", script, str(compiled.path), str(asked)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    opened_kb, asked_kb = map(int, done.stdout.split())
    assert opened_kb < 10_000
    assert asked_kb < 80_000
    assert compiled.path.stat().st_size < 100 * compiled.names_count


def test_equal_gazetteers_give_equal_bytes(database: str, tmp_path: Path) -> None:
    engine = databases.engine(database)
    load.load(engine, [source()])
    with engine.begin() as conn:  # nothing forbids two spellings with one key
        conn.execute(text("INSERT INTO gazetteer.place_name SELECT * FROM gazetteer.place_name"))
        conn.execute(
            text(
                "UPDATE gazetteer.place_name SET name = name || '!' WHERE ctid IN ("
                "SELECT max(ctid) FROM gazetteer.place_name GROUP BY place_no, name_key)"
            )
        )
    first = snapshot.compile(engine, tmp_path / "first")
    with engine.begin() as conn:  # the same rows in another order on the disk
        conn.execute(text("UPDATE gazetteer.place_name SET name = name WHERE name NOT LIKE '%!'"))
        conn.execute(text("UPDATE gazetteer.place SET name = name WHERE no % 3 = 0"))
    assert snapshot.compile(engine, tmp_path / "second") == first
    assert (tmp_path / "second").read_bytes() == (tmp_path / "first").read_bytes()
    engine.dispose()


def _cut(path: Path) -> None:
    os.truncate(path, path.stat().st_size // 2)


def _cut_a_little(path: Path) -> None:
    os.truncate(path, path.stat().st_size - 1)


def _empty(path: Path) -> None:
    os.truncate(path, 0)


def _grow(path: Path) -> None:
    path.write_bytes(path.read_bytes() + b"\0")


def _garbage(path: Path) -> None:
    path.write_bytes(random.Random(1).randbytes(path.stat().st_size))


@pytest.mark.parametrize("damage", [_cut, _cut_a_little, _empty, _grow, _garbage, Path.unlink])
def test_a_damaged_file_is_compiled_anew(world: Engine, tmp_path: Path, damage) -> None:  # type: ignore[no-untyped-def]
    with snapshot.open(world, tmp_path) as found:
        path = found.path
    whole = path.read_bytes()
    damage(path)
    with pytest.raises(GazetteerError) as caught:
        snapshot.read(path)
    assert caught.value.hint
    with snapshot.open(world, tmp_path) as found:
        assert found.candidates(["Tariq"])
    assert path.read_bytes() == whole


def test_no_flipped_byte_is_overlooked(world: Engine, tmp_path: Path) -> None:
    with snapshot.open(world, tmp_path) as found:
        path = found.path
    whole = path.read_bytes()
    for at in [*range(0, len(whole), 101), *range(len(whole) - 40, len(whole))]:
        flipped = bytearray(whole)
        flipped[at] ^= 1 << at % 8
        path.write_bytes(flipped)
        with pytest.raises(GazetteerError):
            snapshot.read(path)


def test_names_of_another_gazetteer_are_not_taken_for_these(world: Engine, database: str, tmp_path: Path) -> None:
    engine = databases.engine(database)
    load.load(engine, [source("2", WORLD[:3])])
    with snapshot.open(world, tmp_path) as found:
        path = found.path
    with snapshot.open(engine, tmp_path) as other:
        path.write_bytes(other.path.read_bytes())
        assert not other.has("port")
    with snapshot.open(world, tmp_path) as found:
        assert found.has("port")
    engine.dispose()


@pytest.mark.parametrize("megabytes", [0, 25])
def test_a_process_killed_while_compiling_leaves_nothing_half(
    default_gazetteer: Engine, world: Engine, tmp_path: Path, megabytes: int
) -> None:
    other = Other(default_gazetteer, tmp_path)
    other.go()
    while not any(path.stat().st_size >= megabytes * 1_000_000 for path in tmp_path.glob("*.tmp")):
        assert other.process.poll() is None, "it ended before it could be killed"
        time.sleep(0.001)
    other.kill()
    assert not list(tmp_path.glob("*.bin"))
    left_over = list(tmp_path.glob("*.tmp"))
    assert left_over
    with snapshot.open(world, tmp_path) as found:
        assert found.candidates(["Tariq"])
    assert not list(tmp_path.glob("*.tmp"))


def test_a_folder_that_cannot_be_written_is_named_with_a_hint(world: Engine, tmp_path: Path) -> None:
    in_the_way = tmp_path / "file"
    in_the_way.touch()
    with pytest.raises(GazetteerError, match="file") as caught:
        snapshot.open(world, in_the_way)
    assert "folder" in caught.value.hint
    assert isinstance(caught.value.__cause__, OSError)
    with pytest.raises(GazetteerError):
        snapshot.compile(world, in_the_way / "names")


def test_a_full_disk_is_named_with_a_hint_and_leaves_nothing(world: Engine, tmp_path: Path) -> None:
    other = Other(world, tmp_path, largest="1000")
    other.go()
    answer = other.answer()
    assert answer["error"] == "GazetteerError"
    assert "room" in str(answer["hint"])
    assert [path.name for path in tmp_path.iterdir()] == ["names.lock"]


def test_a_gazetteer_that_changes_while_it_is_compiled_is_compiled_again(database: str, tmp_path: Path) -> None:
    engine = databases.engine(database)
    load.load(engine, [source()])
    bigger = (*WORLD, place("test:new", "Newtown"))
    loads = 0

    def change(what: str, done: int, total: int | None) -> None:
        nonlocal loads
        if not loads:  # places have been read, names are being read
            loads += 1
            load.load(engine, [source("2", bigger)])

    with snapshot.open(engine, tmp_path, change) as found:
        assert found.version == load_version(engine)
        assert found.candidates(["Newtown"])["newtown"][0].place.id == "test:new"
    assert loads == 1
    assert len(list(tmp_path.glob("*.bin"))) == 1
    engine.dispose()


def test_older_files_go_when_nobody_opened_them_for_a_day(database: str, tmp_path: Path) -> None:
    engine = databases.engine(database)
    paths = []
    for version in ("1", "2"):
        load.load(engine, [source(version, tuple(replace(one, note=version) for one in WORLD))])
        with snapshot.open(engine, tmp_path) as found:
            paths.append(found.path)
    assert paths[0].exists()  # somebody may be reading it
    os.utime(paths[0], (1, 1))
    snapshot.read(paths[0]).close()
    os.utime(paths[1], (1, 1))
    with snapshot.open(engine, tmp_path):
        pass
    assert paths[1].stat().st_mtime > 1  # opening counts
    load.load(engine, [source("3", tuple(replace(one, note="3") for one in WORLD))])
    with snapshot.open(engine, tmp_path):
        assert [path.exists() for path in paths] == [False, True]
    engine.dispose()


def test_a_removed_file_serves_those_who_have_it_open(world: Engine, tmp_path: Path) -> None:
    with snapshot.open(world, tmp_path) as found:
        found.path.unlink()
        assert found.candidates(["Tariq"])


def test_a_snapshot_travels_to_other_processes(names_of_world: snapshot.Snapshot) -> None:
    with pickle.loads(pickle.dumps(names_of_world)) as copy:  # noqa: S301 -- our own
        assert copy.candidates(["Tariq"]) == names_of_world.candidates(["Tariq"])


def test_what_was_given_out_outlives_the_snapshot(world: Engine, tmp_path: Path) -> None:
    with snapshot.open(world, tmp_path) as found:
        tariq = found.candidates(["Tariq"])
    found.close()
    assert tariq["tariq"][0].place.point.x > 0
    with pytest.raises(ValueError, match="released"):
        found.candidates(["Port"])
