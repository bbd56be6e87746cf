"""Daily changes: in order, once, and with the end that a load of that day's dump would have."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable, Iterable
from datetime import date
from pathlib import Path

import pytest
from shapely.geometry import Point
from sqlalchemy import Engine, text

from gazetteer import database as databases
from gazetteer import load, lookup, update
from gazetteer.errors import SourceError
from gazetteer.model import NameKind, Place, PlaceName
from gazetteer.sources import geonames
from gazetteer.sources.base import Source

REPOSITORY = Path(__file__).parents[2]
DATA = REPOSITORY / "tests" / "data" / "geonames"
DUMPS = [DATA / "IQ.txt", DATA / "SY.txt"]
ALTERNATES = DATA / "alternateNamesV2.txt"

MODIFICATIONS, DELETES, ALTERNATES_MODIFIED, ALTERNATES_DELETED = (
    "modifications",
    "deletes",
    "alternateNamesModifications",
    "alternateNamesDeletes",
)

NEIGHBOUR = Source(
    "neighbour",
    "1",
    "",
    "",
    "",
    lambda: iter(
        [
            Place(
                "geonames:170063",
                "Aleppo",
                "P",
                "PPL",
                Point(37.16, 36.2),
                "SY",
                names=(PlaceName("Haleb"), PlaceName("Alep")),
            ),
            Place("geonames:163808", "Palmyra", "P", "PPL", Point(38.28, 34.56), "SY", names=(PlaceName("Palmyra"),)),
        ]
    ),
)
"""Another source that knows two of the dump's places."""


@pytest.fixture
def loaded(engine: Engine) -> Engine:
    """A database with the dump of 1 November."""
    load.load(engine, [geonames.source(DUMPS, alternate_names=[ALTERNATES]), NEIGHBOUR])
    return engine


@pytest.fixture
def daily(tmp_path: Path) -> Callable[..., Path]:
    """Writes a file of daily changes: kind, day of November, rows."""

    def write(kind: str, day: int, *rows: str) -> Path:
        path = tmp_path / f"{kind}-2026-11-{day:02d}.txt"
        path.write_text("".join(f"{row}\n" for row in rows), "utf-8")
        return path

    return write


def row(number: int, day: int, **changes: str) -> str:
    """The dump's row of this geonameid as it is after a change on a day of November, or a new one."""
    lines = [line for path in DUMPS for line in path.read_text("utf-8").split("\n")]
    found = [line for line in lines if line.startswith(f"{number}\t")]
    fields = found[0].split("\t") if found else [str(number), *[""] * 18]
    positions = {"name": 1, "ascii": 2, "others": 3, "lat": 4, "lon": 5, "cls": 6, "code": 7, "country": 8,
                 "admin1": 10, "admin2": 11, "population": 14}  # fmt: skip
    for column, value in changes.items():
        fields[positions[column]] = value
    fields[18] = f"2026-11-{day:02d}"
    return "\t".join(fields)


NEW_TOWN = {"name": "Şūr", "ascii": "Sur", "lat": "33.5", "lon": "44.1", "cls": "P", "code": "PPL", "country": "IQ",
            "admin1": "07", "population": "0"}  # fmt: skip


def alternate(number: int, geonameid: int, language: str, name: str, historic: str = "") -> str:
    return f"{number}\t{geonameid}\t{language}\t{name}\t\t\t\t{historic}\t\t"


def content(engine: Engine) -> dict[str, list[tuple[object, ...]]]:
    """All that a reader can see of places and names, whatever their numbers."""
    with engine.connect() as conn:
        places = conn.execute(
            text("""
                SELECT id, source, name, feature_class, feature_code, country_code, admin1_code, population,
                       precision_m, prominence, ST_AsText(point), serves, withdrawn
                FROM gazetteer.place ORDER BY id, source""")
        )
        names = conn.execute(
            text("""
                SELECT shown.id, shown.source, own.source, n.name_key, n.skeleton_key, n.name, n.kind, n.language,
                       n.alternate_ids
                FROM gazetteer.place_name n
                JOIN gazetteer.place shown ON shown.no = n.place_no
                JOIN gazetteer.place own ON own.no = n.own_no
                ORDER BY 1, 2, 3, 4""")
        )
        return {"places": [tuple(row) for row in places], "names": [tuple(row) for row in names]}


def found(engine: Engine, name: str) -> set[str]:
    with engine.connect() as conn:
        answers = lookup.candidates(conn, [name], codes=True)
        return {candidate.place.id for candidates in answers.values() for candidate in candidates}


def version(engine: Engine) -> str:
    with engine.connect() as conn:
        return load.version(conn)


def names_of(engine: Engine, place_id: str) -> dict[str, tuple[str, str | None, list[int] | None]]:
    with engine.connect() as conn:
        rows = conn.execute(
            text("""
                SELECT n.name, n.kind, n.language, n.alternate_ids
                FROM gazetteer.place_name n JOIN gazetteer.place p ON p.no = n.own_no
                WHERE p.id = :id AND p.source = 'geonames'"""),
            {"id": place_id},
        )
        return {row[0]: (row[1], row[2], row[3]) for row in rows}


def test_a_day_ends_as_a_load_of_its_dump_would(
    loaded: Engine, daily: Callable[..., Path], tmp_path: Path, server: object, template: str
) -> None:
    modified = [
        row(89341, 2, lat="30.1", population="0"),  # moved, inhabitants unknown
        row(100003, 2, code="PPL", name="Qaryat al ‘Ajūzah"),  # lived in again, renamed
        row(99237, 2, population="46000000"),  # the country
        row(99169, 2, others="Makhmur,Makhmoor"),  # a division
        row(200001, 2, **NEW_TOWN),
        row(95446, 2, others="Arbela,Hewler,Irbil,arbyl,Irbil City"),
        row(163808, 2, others="Tadmor,Haleb"),  # "Palmyra" is from now on a name that only the neighbour knows
        row(170063, 2, others="ALP,Haleb,hlb"),  # and "Haleb" one that it is not alone to know
    ]
    alternates = [
        alternate(104, 98182, "", "Bagdád"),  # another spelling
        alternate(204, 95446, "en", "Arbela"),  # not former any more
        alternate(213, 95445, "ku", "پارێزگای هەولێر"),  # of a division
        alternate(501, 200001, "ar", "سور"),  # of a new place
        alternate(303, 170063, "link", "https://example.org/aleppo"),  # no name any more
    ]
    update.update(
        loaded,
        [
            daily(MODIFICATIONS, 2, *modified),
            daily(DELETES, 2, "100002\tBi’r al Ḩamrā’\tno such well"),
            daily(ALTERNATES_MODIFIED, 2, *alternates),
            daily(ALTERNATES_DELETED, 2, "402\t99237\tThe Cradle\tcolloquial", "105\t98182\tBagdad\tduplicate"),
        ],
    )
    dump_of_the_day = [tmp_path / "IQ.txt", tmp_path / "SY.txt"]
    changed = {line.split("\t")[0]: line for line in modified}
    for before, after in zip(DUMPS, dump_of_the_day, strict=True):
        lines = [line for line in before.read_text("utf-8").split("\n")[:-1] if not line.startswith("100002\t")]
        lines = [changed.pop(line.split("\t")[0], line) for line in lines]
        after.write_text("".join(f"{line}\n" for line in lines), "utf-8")
    with dump_of_the_day[0].open("a", encoding="utf-8") as stream:
        stream.writelines(f"{line}\n" for line in changed.values())
    gone = ("104\t", "105\t", "204\t", "303\t", "402\t")
    kept = [line for line in ALTERNATES.read_text("utf-8").split("\n")[:-1] if not line.startswith(gone)]
    alternates_of_the_day = tmp_path / "alternateNamesV2.txt"
    alternates_of_the_day.write_text("".join(f"{line}\n" for line in [*kept, *alternates]), "utf-8")
    updated = content(loaded)
    withdrawn = [place for place in updated["places"] if place[-1] is not None]
    assert [(place[0], place[-1]) for place in withdrawn] == [("geonames:100002", date(2026, 11, 2))]
    with server.clone(template) as url:  # type: ignore[attr-defined]
        fresh = databases.engine(url)
        load.load(fresh, [geonames.source(dump_of_the_day, alternate_names=[alternates_of_the_day]), NEIGHBOUR])
        loaded_anew = content(fresh)
        with fresh.connect() as conn:
            counted = conn.execute(text("SELECT source, names, as_of FROM gazetteer.gazetteer_load ORDER BY 1")).all()
        fresh.dispose()
    assert loaded_anew["places"] == [place for place in updated["places"] if place not in withdrawn]
    assert loaded_anew["names"] == updated["names"]
    with loaded.connect() as conn:
        statement = text("SELECT source, names, as_of FROM gazetteer.gazetteer_load ORDER BY 1")
        assert conn.execute(statement).all() == counted


def test_it_counts_what_it_did(loaded: Engine, daily: Callable[..., Path]) -> None:
    report = update.update(
        loaded,
        [
            daily(
                MODIFICATIONS,
                2,
                row(89341, 2, lat="30.1"),
                row(100003, 2, code="PPL"),
                row(170063, 2, country="TR"),
                row(200001, 2, **NEW_TOWN),
                row(100001, 2),  # nothing that we keep
                row(99999, 2, **(NEW_TOWN | {"country": "IR"})),  # of a country that is not loaded
            ),
            daily(DELETES, 2, "100002\tBi’r al Ḩamrā’\t", "777777\tNobody\t"),
            daily(ALTERNATES_MODIFIED, 2, alternate(601, 98182, "fi", "Bagdadi"), alternate(602, 777777, "", "Nobody")),
            daily(ALTERNATES_DELETED, 2),
        ],
    )
    (day,) = report.days
    assert (day.added, day.changed, day.moved, day.changed_class, day.changed_country) == (1, 3, 1, 1, 1)
    assert (day.withdrawn, day.restored, day.renamed) == (1, 0, 1)
    assert report.as_of == day.day == date(2026, 11, 2)
    assert report.version == version(loaded)
    with loaded.connect() as conn:
        assert not lookup.places(conn, ["geonames:99999"])


def test_the_same_files_again_change_nothing(loaded: Engine, daily: Callable[..., Path]) -> None:
    before = version(loaded)
    files = [
        daily(MODIFICATIONS, 2, row(89341, 2, name="Umm Qasr Port"), row(200001, 2, **NEW_TOWN)),
        daily(DELETES, 2, "100002\tBi’r al Ḩamrā’\t"),
        daily(ALTERNATES_MODIFIED, 2, alternate(601, 98182, "fi", "Bagdadi")),
        daily(ALTERNATES_DELETED, 2, "402\t99237\tThe Cradle\t"),
    ]
    first = update.update(loaded, files)
    assert first.version not in ("", before)
    once = content(loaded)
    again = update.update(loaded, files)
    assert again.days == ()
    assert sorted(again.unchanged) == sorted(path.name for path in files)
    assert again.version == first.version
    assert content(loaded) == once


def test_a_day_without_effect_leaves_the_version(loaded: Engine, daily: Callable[..., Path]) -> None:
    before = version(loaded)
    report = update.update(loaded, [daily(MODIFICATIONS, 2, row(89341, 2)), daily(DELETES, 2)])
    assert [day.changed for day in report.days] == [0]
    assert report.as_of == date(2026, 11, 2)
    assert report.version == before


def test_a_deleted_place_is_found_by_its_id_only(loaded: Engine, daily: Callable[..., Path]) -> None:
    assert found(loaded, "Tadmor") == {"geonames:163808"}
    update.update(loaded, [daily(DELETES, 2, "163808\tTadmur\tduplicate", "100001\tTall\tduplicate")])
    with loaded.connect() as conn:
        assert set(lookup.places(conn, ["geonames:163808", "geonames:100001"])) == {
            "geonames:163808",
            "geonames:100001",
        }
        near = lookup.near(conn, Point(43.2, 35.1), 100)
        assert "geonames:100001" not in {place.id for place, _ in near}
    assert found(loaded, "Tadmor") == set()
    assert found(loaded, 'Tall "Abū Z̧āhir" al ‘Atīq') == set()
    assert found(loaded, "Palmyra") == {"geonames:163808"}  # the other source still knows it
    report = update.update(loaded, [daily(DELETES, 3), daily(MODIFICATIONS, 3, row(163808, 3))], force=True)
    assert [day.restored for day in report.days] == [1]
    assert found(loaded, "Tadmor") == {"geonames:163808"}


def test_a_place_that_is_changed_and_deleted_on_one_day_is_deleted(loaded: Engine, daily: Callable[..., Path]) -> None:
    report = update.update(
        loaded,
        [
            daily(MODIFICATIONS, 2, row(163808, 2, name="Tadmur City"), row(200001, 2, **NEW_TOWN)),
            daily(DELETES, 2, "163808\tTadmur City\t", "200001\tŞūr\t"),
            daily(ALTERNATES_MODIFIED, 2, alternate(601, 163808, "fi", "Tadmuri")),
        ],
    )
    assert [(day.added, day.changed, day.withdrawn) for day in report.days] == [(0, 0, 1)]
    assert found(loaded, "Tadmur City") == found(loaded, "Tadmuri") == found(loaded, "Şūr") == set()


def test_alternate_names_are_known_by_their_numbers(loaded: Engine, daily: Callable[..., Path]) -> None:
    assert names_of(loaded, "geonames:98182")["Bagdad"] == ("alternate", None, [104, 105])
    update.update(
        loaded,
        [
            daily(
                ALTERNATES_MODIFIED,
                2,
                alternate(108, 98182, "en", "City of Peace"),
                alternate(700, 99237, "de", "Irak"),
            ),
            daily(ALTERNATES_DELETED, 2, "105\t98182\tBagdad\t", "103\t98182\tBGW\t"),
        ],
    )
    baghdad = names_of(loaded, "geonames:98182")
    assert baghdad["Bagdad"] == ("alternate", None, [104])
    assert baghdad["City of Peace"] == ("alternate", "en", [108])
    assert "Round City" not in baghdad
    assert "BGW" not in baghdad
    assert names_of(loaded, "country:IQ")["Irak"] == ("alternate", "de", [700])


def test_days_are_applied_in_order(loaded: Engine, daily: Callable[..., Path]) -> None:
    files = [
        daily(MODIFICATIONS, 3, row(89341, 3, name="Third Name")),
        daily(DELETES, 2, "100004\tḨaql al Aḩdab\t"),
        daily(MODIFICATIONS, 2, row(89341, 2, name="Second Name")),
        daily(DELETES, 3),
    ]
    seen: list[tuple[str, int, int | None]] = []
    report = update.update(loaded, files, progress=lambda *step: seen.append(step))
    assert [day.day.day for day in report.days] == [2, 3]
    assert seen == [("daily changes", 0, 2), ("daily changes", 1, 2), ("daily changes", 2, 2)]
    with loaded.connect() as conn:
        assert lookup.places(conn, ["geonames:89341"])["geonames:89341"].name == "Third Name"


def test_a_gap_is_refused_and_says_which_files_are_missing(loaded: Engine, daily: Callable[..., Path]) -> None:
    files = [daily(MODIFICATIONS, 4, row(89341, 4, name="Fourth Name")), daily(DELETES, 4)]
    before = content(loaded)
    with pytest.raises(SourceError) as refused:
        update.update(loaded, files)
    for name in ("modifications-2026-11-02.txt", "deletes-2026-11-02.txt", "modifications-2026-11-03.txt"):
        assert name in str(refused.value)
    assert "load" in refused.value.hint
    assert content(loaded) == before
    assert [day.day.day for day in update.update(loaded, files, force=True).days] == [4]


def test_a_day_needs_the_kinds_of_files_of_the_day_before(loaded: Engine, daily: Callable[..., Path]) -> None:
    update.update(loaded, [daily(MODIFICATIONS, 2), daily(DELETES, 2)])
    with pytest.raises(SourceError, match=r"missing: deletes-2026-11-03\.txt"):
        update.update(loaded, [daily(MODIFICATIONS, 3)])
    with pytest.raises(SourceError, match=r"alternateNamesDeletes-2026-11-03\.txt is given, but"):
        update.update(loaded, [daily(MODIFICATIONS, 3), daily(DELETES, 3), daily(ALTERNATES_DELETED, 3)])


def test_the_files_of_the_first_day_may_come_one_by_one(loaded: Engine, daily: Callable[..., Path]) -> None:
    update.update(loaded, [daily(MODIFICATIONS, 2)])
    report = update.update(loaded, [daily(DELETES, 2, "100004\tḨaql al Aḩdab\t")])
    assert [day.withdrawn for day in report.days] == [1]


def test_what_the_dump_holds_already_is_passed_over(loaded: Engine, daily: Callable[..., Path]) -> None:
    older = daily(MODIFICATIONS, 1, row(89341, 1, name="Yesterday").replace("2026-11-01", "2026-10-31"))
    oldest = tuple(
        path.rename(path.with_name(path.name.replace("2026-11", "2026-10"))) for path in [daily(MODIFICATIONS, 20)]
    )
    report = update.update(loaded, [older, *oldest])
    assert report.unchanged == ("modifications-2026-10-20.txt",)
    assert [(day.day, day.changed) for day in report.days] == [(date(2026, 11, 1), 0)]


def test_another_file_for_an_applied_day_is_refused(loaded: Engine, daily: Callable[..., Path]) -> None:
    update.update(loaded, [daily(MODIFICATIONS, 2, row(89341, 2, name="First"))])
    with pytest.raises(SourceError, match="differs from the file that was applied"):
        update.update(loaded, [daily(MODIFICATIONS, 2, row(89341, 2, name="Second"))])


def test_all_bad_rows_are_named_and_nothing_is_applied(loaded: Engine, daily: Callable[..., Path]) -> None:
    before = content(loaded)
    files = [
        daily(MODIFICATIONS, 2, row(89341, 2, name="Good"), row(92138, 2, lat="133.2"), "89341\tshort"),
        daily(DELETES, 2, "nothing"),
        daily(ALTERNATES_MODIFIED, 2, alternate(1, 2, "en", "x" * 700)),
        daily(ALTERNATES_DELETED, 2, "x\t1\tname\t"),
        daily(MODIFICATIONS, 3, row(92138, 3, lon="x")),
        daily(DELETES, 3),
        daily(ALTERNATES_MODIFIED, 3),
        daily(ALTERNATES_DELETED, 3),
    ]
    with pytest.raises(SourceError) as refused:
        update.update(loaded, files)
    for line in (
        "6 rows are bad",
        "modifications-2026-11-02.txt, line 2: latitude 133.2 is not on the globe",
        "modifications-2026-11-02.txt, line 3: it has 2 columns instead of 19",
        "deletes-2026-11-02.txt, line 1: it has 1 column instead of 3",
        "alternateNamesModifications-2026-11-02.txt, line 1: the alternate name",
        "alternateNamesDeletes-2026-11-02.txt, line 1: it does not begin with a number",
        "modifications-2026-11-03.txt, line 1: longitude 'x' is no number",
    ):
        assert line in str(refused.value)
    assert content(loaded) == before


def test_it_needs_a_whole_dump(engine: Engine, daily: Callable[..., Path], tmp_path: Path) -> None:
    files = [daily(MODIFICATIONS, 2, row(89341, 2))]
    with pytest.raises(SourceError, match="No dump of GeoNames is loaded") as refused:
        update.update(engine, files)
    assert "gazetteer load" in refused.value.hint
    extract = tmp_path / "cities500.txt"
    extract.write_bytes(DUMPS[0].read_bytes())
    load.load(engine, [geonames.source([extract])])
    with pytest.raises(SourceError, match="an extract, or renamed"):
        update.update(engine, files)


@pytest.mark.parametrize(
    ("names", "said"),
    [
        (["IQ.txt"], "not named like a file of daily changes"),
        (["modifications-2026-13-40.txt"], "not named like a file of daily changes"),
        ([], "no files of daily changes"),
    ],
)
def test_other_files_are_refused(loaded: Engine, tmp_path: Path, names: Iterable[str], said: str) -> None:
    files = [tmp_path / name for name in names]
    for path in files:
        path.write_text("")
    with pytest.raises(SourceError, match=said):
        update.update(loaded, files)


def test_files_may_be_packed_and_lie_in_a_folder(loaded: Engine, daily: Callable[..., Path], tmp_path: Path) -> None:
    plain = daily(MODIFICATIONS, 2, row(89341, 2, name="Packed"))
    with zipfile.ZipFile(plain.with_suffix(".zip"), "w", zipfile.ZIP_DEFLATED) as archive:
        archive.write(plain, plain.name)
    (tmp_path / "IQ.txt").write_text("not looked at")
    report = update.update(loaded, [plain.with_suffix(".zip")])
    assert [day.changed for day in report.days] == [1]
    assert update.update(loaded, [tmp_path]).days == ()  # the same data, packed or not


def test_loads_keep_what_was_applied_to_other_sources(loaded: Engine, daily: Callable[..., Path]) -> None:
    files = [daily(MODIFICATIONS, 2, row(89341, 2, name="Kept"))]
    update.update(loaded, files)
    many = Source("many", "1", "", "", "", lambda: iter([_town(number) for number in range(200)]))
    few = Source("few", "1", "", "", "", lambda: iter([_town(1000)]))
    for other in (many, few):  # one swaps the tables, the other patches them
        load.load(loaded, [other])
        assert update.update(loaded, files).days == ()
    load.load(loaded, [geonames.source(DUMPS, alternate_names=[ALTERNATES])], force=True)
    assert [day.changed for day in update.update(loaded, files).days] == [1]


def _town(number: int) -> Place:
    return Place(f"test:{number}", f"Town {number}", "P", "PPL", Point(1, 1), "XX", names=())


_SCRIPT = """
import sys
from pathlib import Path
from gazetteer import database, update
update.update(database.engine(sys.argv[1]), [Path(name) for name in sys.argv[2:]])
"""


def test_a_killed_update_leaves_no_half_day(database: str, loaded: Engine, daily: Callable[..., Path]) -> None:
    files = [
        daily(MODIFICATIONS, 2, row(89341, 2, name="Half"), row(200001, 2, **NEW_TOWN)),
        daily(DELETES, 2, "100002\tBi’r al Ḩamrā’\t"),
    ]
    before = content(loaded)
    with loaded.begin() as conn:
        # The last statement of a day waits for us: all others are done then.
        conn.execute(text("LOCK TABLE gazetteer.gazetteer_update IN SHARE MODE"))
        process = subprocess.Popen(
            [sys.executable, "-c", _SCRIPT, database, *map(str, files)], cwd=REPOSITORY, stderr=subprocess.DEVNULL
        )
        waits = text("SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE '%update%'")
        deadline = time.monotonic() + 60
        with loaded.connect() as watching:
            while not watching.scalar(waits) and time.monotonic() < deadline and process.poll() is None:
                watching.rollback()
                time.sleep(0.05)
            assert watching.scalar(waits)
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
    assert content(loaded) == before
    assert [day.added for day in update.update(loaded, files).days] == [1]


def test_kinds_of_names_that_the_changes_may_bring(loaded: Engine, daily: Callable[..., Path]) -> None:
    update.update(
        loaded,
        [
            daily(
                ALTERNATES_MODIFIED,
                2,
                alternate(801, 95446, "en", "Adiabene", historic="1"),
                alternate(802, 95446, "iata", "EBX"),
                alternate(803, 95446, "wkdt", "Q1234567"),
            )
        ],
    )
    names = names_of(loaded, "geonames:95446")
    assert names["Adiabene"] == (NameKind.HISTORIC, "en", [801])
    assert names["EBX"] == (NameKind.CODE, "iata", [802])
    assert "Q1234567" not in names
