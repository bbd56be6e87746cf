"""GeoNames's own files: every row a place or a bad row with its line, nothing else opened, nothing half read."""

from __future__ import annotations

import random
import zipfile
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import Engine

from gazetteer import load, lookup
from gazetteer.errors import SourceError
from gazetteer.model import NameKind, Place
from gazetteer.sources import geonames, tabbed
from gazetteer.sources.base import RANK_DUMP, BadRow, Source

DATA = Path(__file__).parents[1] / "data" / "geonames"
IQ, SY, WORLD = DATA / "IQ.txt", DATA / "SY.txt", DATA / "allCountries.txt"
ALTERNATES = DATA / "alternateNamesV2.txt"

COLUMNS = (
    "id name ascii others lat lon class code country cc2 admin1 admin2 admin3 admin4 population elevation dem timezone"
    " modified"
).split()
TOWN = dict.fromkeys(COLUMNS, "") | {
    "id": "1", "name": "Town", "ascii": "Town", "lat": "33.5", "lon": "44.1", "class": "P", "code": "PPL",
    "country": "IQ", "admin1": "07", "population": "0", "dem": "34", "timezone": "Asia/Baghdad",
    "modified": "2026-11-01",
}  # fmt: skip


def line(**changes: str) -> str:
    return "\t".join((TOWN | changes)[column] for column in COLUMNS)


def dump(folder: Path, *lines: str, name: str = "IQ.txt") -> Path:
    path = folder / name
    path.write_bytes("".join(f"{text}\n" for text in lines).encode("utf-8", "surrogateescape"))
    return path


def places_of(source: Source) -> dict[str, Place]:
    found = {}
    for row in source.places():
        assert isinstance(row, Place), row
        found[row.id] = row
    return found


def bad_rows(source: Source) -> list[tuple[str, str]]:
    return [(row.where, row.what) for row in source.places() if isinstance(row, BadRow)]


def kinds(place: Place) -> dict[str, NameKind]:
    return {name.name: name.kind for name in place.names}


# --- rows to places --------------------------------------------------------------------------------------------------


def test_rows_become_places() -> None:
    places = places_of(geonames.source([IQ, SY]))
    assert len(places) == 19
    umm_qasr = places["geonames:89341"]
    assert (umm_qasr.name, umm_qasr.feature_class, umm_qasr.feature_code) == ("Umm Qaşr", "P", "PPL")
    assert (umm_qasr.point.x, umm_qasr.point.y) == (47.91951, 30.03624)
    assert (umm_qasr.country_code, umm_qasr.admin1_code, umm_qasr.population) == ("IQ", "IQ.02", 107620)
    assert kinds(umm_qasr) == {
        "Umm Qaşr": NameKind.PRIMARY,
        "Umm Qasr": NameKind.ALTERNATE,
        "Oumm Qasr": NameKind.ALTERNATE,
        "UQR": NameKind.CODE,
        "am qsr": NameKind.ALTERNATE,
        "أم قصر": NameKind.ALTERNATE,
    }


def test_quotes_are_characters_like_any_other(tmp_path: Path) -> None:
    path = dump(
        tmp_path, line(name='"Abū', others='"a,b"'), line(id="2", name='Zāhir"'), line(id="3", name="x\u2028y\x85z")
    )
    places = places_of(geonames.source([path]))
    assert [place.name for place in places.values()] == ['"Abū', 'Zāhir"', "x\u2028y\x85z"]
    assert set(kinds(places["geonames:1"])) == {'"Abū', "Town", '"a', 'b"'}
    assert places_of(geonames.source([IQ]))["geonames:100001"].name == 'Tall "Abū Z̧āhir" al ‘Atīq'


def test_what_is_missing_is_null_not_a_guess() -> None:
    places = places_of(geonames.source([IQ, SY]))
    hill, well = places["geonames:100001"], places["geonames:100002"]
    assert hill.admin1_code is None  # 00
    assert well.admin1_code is None  # empty
    assert hill.population is None  # 0
    unspecified = places["geonames:100005"]
    assert (unspecified.feature_class, unspecified.feature_code) == ("L", "LCTY")


def test_namibia_and_the_open_sea() -> None:
    places = places_of(geonames.source([WORLD]))
    assert places["country:NA"].country_code == "NA"
    assert places["geonames:3352136"].admin1_code == "NA.21"
    assert places["geonames:3370751"].country_code is None
    assert {"Null", "NULL", "None", "nan"} <= set(kinds(places["geonames:3360000"]))
    assert places["geonames:3360000"].point.x == -0.00001


def test_countries_and_divisions_bear_the_ids_of_the_default_gazetteer() -> None:
    places = places_of(geonames.source([IQ, SY]))
    assert places["country:IQ"].name == "Republic of Iraq"
    assert places["admin1:IQ.11"].name == "Erbil Governorate"
    assert places["admin2:IQ.11.1107"].name == "Makhmūr District"
    assert places["geonames:98184"].feature_code == "ADM1H"  # a former one is not the one of today
    assert kinds(places["country:IQ"])["geonames:99237"] is NameKind.CODE


def test_one_row_bears_the_id_of_a_division(tmp_path: Path) -> None:
    rows = [
        line(id="7", name="Old", **{"class": "A"}, code="ADM1", admin1="11", population="5"),
        line(id="8", name="New", **{"class": "A"}, code="ADM1", admin1="11", population="3"),
        line(id="9", name="Unknown", **{"class": "A"}, code="ADM1", admin1="ZZ"),
        line(id="99237", name="Iraq", **{"class": "A"}, code="PCLI", admin1="00"),
        line(id="10", name="Iraq too", **{"class": "A"}, code="PCLI", admin1="00", population="99"),
    ]
    path = dump(tmp_path, *rows)
    places = places_of(geonames.source([path]))
    assert {place.id: place.name for place in places.values()} == {
        "admin1:IQ.11": "Old",
        "geonames:8": "New",
        "geonames:9": "Unknown",
        "country:IQ": "Iraq",
        "geonames:10": "Iraq too",
    }
    codes = dump(tmp_path, "IQ.11\tNew Governorate\tNew Governorate\t8", name="admin1CodesASCII.txt")
    places = places_of(geonames.source([path], admin1_codes=codes))
    assert places["admin1:IQ.11"].name == "New"
    assert "New Governorate" in kinds(places["admin1:IQ.11"])


def test_former_and_abandoned_places_are_kept_but_nobody_lives_there(engine: Engine) -> None:
    source = geonames.source([IQ])
    assert places_of(source)["geonames:100006"].population is None  # Babylon, of 200,000 people
    load.load(engine, [source])
    with engine.connect() as conn:
        assert lookup.places(conn, ["geonames:100006", "geonames:100003"]).keys() == {
            "geonames:100006",
            "geonames:100003",
        }


def test_capitals_and_curated_names() -> None:
    places = places_of(geonames.source([IQ, SY]))
    assert kinds(places["geonames:98182"])["capital of Iraq"] is NameKind.VARIANT
    assert kinds(places["geonames:170654"])["Syrian capital"] is NameKind.VARIANT
    assert "Syrian capital" not in kinds(places["geonames:170063"])
    assert kinds(places["geonames:92138"])["al-Qaim"] is NameKind.CURATED


def test_extents_fit_the_kind() -> None:
    places = places_of(geonames.source([IQ, SY]))
    radii = {place.feature_code: place.precision_m for place in places.values()}
    assert radii["WLL"] < radii["OILF"] < radii["STM"] <= radii["ADM2"] < radii["ADM1"] < radii["PCLI"]
    assert radii["PPLQ"] < radii["PPLC"]
    assert radii["ADM1H"] == radii["ADM1"]


# --- alternate names -------------------------------------------------------------------------------------------------


def test_alternate_names_have_language_kind_and_number() -> None:
    places = places_of(geonames.source([IQ, SY], alternate_names=[ALTERNATES]))
    erbil = {(name.name, name.kind, name.language, name.alternate_id) for name in places["geonames:95446"].names}
    assert {
        ("Erbil", NameKind.ALTERNATE, "en", 201),
        ("هەولێر", NameKind.ALTERNATE, "ku", 202),
        ("Hewlêr", NameKind.ALTERNATE, "ku-Latn", 203),
        ("Arbela", NameKind.HISTORIC, "en", 204),
        ("EBL", NameKind.CODE, "iata", 205),
        ("ORER", NameKind.CODE, "icao", 206),
    } <= erbil
    assert not any(name.startswith("IQEBL") for name, *_ in erbil)  # unlc
    baghdad = kinds(places["geonames:98182"])
    assert not {"Q1530", "10001"} & set(baghdad)  # wkdt, post
    assert not any("wikipedia" in name for name in baghdad)
    aleppo = {(name.name, name.kind, name.language) for name in places["geonames:170063"].names}
    assert ("Commune-d'Alep", NameKind.HISTORIC, "fr_1793") in aleppo
    assert ("LPX", NameKind.CODE, "faac") in aleppo
    assert ("阿勒頗", NameKind.ALTERNATE, "zh-Hant") in aleppo
    assert ("ARB", NameKind.CODE) in {(name.name, name.kind) for name in places["admin1:IQ.11"].names}


def test_with_alternate_names_only_transliterations_come_from_the_column() -> None:
    places = places_of(geonames.source([IQ, SY], alternate_names=[ALTERNATES]))
    erbil = places["geonames:95446"]
    unnumbered = [name.name for name in erbil.names if name.alternate_id is None]
    assert unnumbered == ["Erbil", "Arbil", "Hewler", "Irbil", "arbyl", "hwlyr"]
    assert kinds(places["geonames:170063"])["Beroea"] is NameKind.HISTORIC
    assert [name.name for name in places["geonames:98182"].names].count("Bagdad") == 2  # two numbers, one name
    # A place without alternate names keeps its column.
    assert "تدمر" in kinds(places["geonames:163808"])


def test_alternate_names_find_their_rows_in_any_order(tmp_path: Path) -> None:
    lines = ALTERNATES.read_text("utf-8").split("\n")[:-1]
    random.Random(7).shuffle(lines)
    half = len(lines) // 2
    shuffled = [dump(tmp_path, *lines[:half], name="a.txt"), dump(tmp_path, *lines[half:], name="b.txt")]
    straight = places_of(geonames.source([IQ, SY], alternate_names=[ALTERNATES]))
    crooked = places_of(geonames.source([IQ, SY], alternate_names=shuffled))
    assert straight.keys() == crooked.keys()
    for place_id, place in straight.items():
        assert set(place.names) == set(crooked[place_id].names)


def test_alternate_names_and_rows_of_many_parts_belong_together(tmp_path: Path) -> None:
    path = dump(tmp_path, *(line(id=str(number), name=f"Town {number}") for number in range(1, 12_001)))
    rows = [f"{number}\t{number}\ten\tName {number}\t\t\t\t\t\t" for number in range(12_000, 0, -3)]
    alternates = dump(tmp_path, *rows, name="alternateNamesV2.txt")
    source = geonames.source([path], alternate_names=[alternates])
    assert source.parts is not None
    parts = list(source.parts.split())
    assert len(parts) == 3
    read = [row for part in parts for row in source.parts.read(part)]
    assert read == list(source.places())
    assert len(read) == 12_000
    for place in read:
        assert isinstance(place, Place)
        number = int(place.id.partition(":")[2])
        attested = [name.name for name in place.names if name.alternate_id is not None]
        assert attested == ([f"Name {number}"] if number % 3 == 0 else [])


def test_a_column_that_geonames_cut_off_loses_its_last_name(tmp_path: Path) -> None:
    others = ",".join(f"Name{number:06d}" for number in range(999)) + ",Cut"
    (place,) = places_of(geonames.source([dump(tmp_path, line(others=others))])).values()
    assert "Name000998" in kinds(place)
    assert "Cut" not in kinds(place)


# --- the other files -------------------------------------------------------------------------------------------------


def test_the_hierarchy_tells_divisions_that_rows_lack() -> None:
    places = places_of(geonames.source([IQ], hierarchy=DATA / "hierarchy.txt"))
    assert places["geonames:100003"].admin1_code == "IQ.11"  # by way of its district
    assert places["geonames:100002"].admin1_code is None  # directly below the country
    assert places["geonames:100001"].admin1_code is None  # another relation than that of divisions
    assert places["geonames:100005"].admin1_code == "IQ.10"  # what the row says counts more
    without = places_of(geonames.source([IQ]))
    assert without["geonames:100003"].admin1_code is None


def test_unknown_feature_codes_are_counted() -> None:
    source = geonames.source([IQ, SY], feature_codes=DATA / "featureCodes_en.txt")
    places_of(source)
    (note,) = source.findings().notes
    assert "1 (P.PPLH)" in note
    assert geonames.source([IQ]).findings().notes == ()


def test_it_knows_the_day_and_the_countries(tmp_path: Path) -> None:
    source = geonames.source([SY, IQ])
    assert (source.name, source.rank, source.scope) == ("geonames", RANK_DUMP, ("IQ", "SY"))
    assert source.findings().as_of == date(2026, 11, 1)
    assert geonames.source([IQ], as_of=date(2026, 11, 9)).findings().as_of == date(2026, 11, 9)
    assert geonames.source([WORLD]).scope is None
    assert geonames.source([WORLD]).findings().as_of == date(2026, 10, 2)
    extract = dump(tmp_path, line(), name="cities500.txt")
    assert geonames.source([extract]).findings().as_of is None
    with pytest.raises(SourceError):
        geonames.source([extract], as_of=date(2026, 11, 9))


def test_the_version_is_that_of_the_data(tmp_path: Path) -> None:
    before = geonames.source([IQ, SY]).version
    assert geonames.source([SY, IQ]).version == before
    assert geonames.source([IQ, SY], alternate_names=[ALTERNATES]).version != before
    packed = tmp_path / "IQ.zip"
    with zipfile.ZipFile(packed, "w") as archive:
        archive.write(IQ, "IQ.txt")
    assert geonames.source([packed, SY]).version == before
    changed = dump(tmp_path, *IQ.read_text("utf-8").replace("Umm Qaşr", "Umm Qasr").split("\n")[:-1])
    assert geonames.source([changed, SY]).version != before


def test_a_dump_loads_and_is_found(engine: Engine) -> None:
    load.load(engine, [geonames.source([IQ, SY], alternate_names=[ALTERNATES])])
    with engine.connect() as conn:
        assert [c.place.id for c in lookup.candidates(conn, ["بغداد"])["بغداد"]] == ["geonames:98182"]
        assert lookup.candidates(conn, ["Round City"])["round city"][0].kind is NameKind.HISTORIC
        assert "ebl" not in lookup.candidates(conn, ["EBL"])
        assert lookup.candidates(conn, ["EBL"], codes=True)["ebl"][0].place.id == "geonames:95446"


# --- bad rows --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "what"),
    [
        ({"lat": "133.2"}, "latitude 133.2 is not on the globe"),
        ({"lat": "nan"}, "latitude 'nan' is no number"),
        ({"lon": ""}, "longitude '' is no number"),
        ({"lon": "4_4"}, "longitude '4_4' is no number"),
        ({"lon": "-180.1"}, "longitude -180.1 is not on the globe"),
        ({"name": " "}, "the name is empty"),
        ({"name": "x" * 601}, "is longer than 600 characters"),
        ({"ascii": "x" * 601}, "is longer than 600 characters"),
        ({"others": "short," + "x" * 601}, "is longer than 600 characters"),
        ({"name": "a\0b"}, "cannot be stored"),
        ({"others": "a\0b"}, "cannot be stored"),
        ({"id": "x"}, "'x' is no geonameid"),
        ({"id": "0"}, "'0' is no geonameid"),
        ({"id": "99999999999"}, "'99999999999' is no geonameid"),
        ({"class": "Q"}, "'Q' is no feature class"),
        ({"code": "p p"}, "'p p' is no feature code"),
        ({"country": "IRQ"}, "'IRQ' is no country code"),
        ({"admin1": "x" * 81}, "is no code of a division"),
        ({"population": "-1"}, "population '-1' is no number of people"),
        ({"population": "1.5"}, "population '1.5' is no number of people"),
        ({"modified": "2026-02-30"}, "modification date '2026-02-30' is no day"),
        ({"modified": ""}, "modification date '' is no day"),
        ({"name": "a\tb"}, "it has 20 columns instead of 19"),
        ({"name": "\udcff"}, "it is not UTF-8"),
    ],
)
def test_a_bad_row_is_told_with_its_line(tmp_path: Path, changes: dict[str, str], what: str) -> None:
    path = dump(tmp_path, line(), line(**{"id": "2", **changes}), line(id="3"))
    source = geonames.source([path])
    ((where, said),) = bad_rows(source)
    assert where == "IQ.txt, line 2"
    assert what in said
    assert sum(isinstance(row, Place) for row in source.places()) == 2


def test_bad_rows_of_all_files_are_reported_together(engine: Engine, tmp_path: Path) -> None:
    far = [line(id=str(number)) for number in range(1, 6_001)]
    path = dump(tmp_path, *far, line(id="7000", lat="x", lon="y"), line(id="17"), "", name="IQ.txt")
    alternates = dump(
        tmp_path,
        "1\t1\ten\tfine\t\t\t\t\t\t",
        "2\t1\ten\tshort",
        "x\t1\ten\tnumber\t\t\t\t\t\t",
        f"4\t2\ten\t{'x' * 601}\t\t\t\t\t\t",
        "5\t2\ten\t\udcff\t\t\t\t\t\t",
        "6\t777777\ten\t\udcff of nobody\t\t\t\t\t\t",
        name="alternateNamesV2.txt",
    )
    codes = dump(tmp_path, "IQ\tno level\tno level\t7", name="admin1CodesASCII.txt")
    hierarchy = dump(tmp_path, "x\t7\tADM", name="hierarchy.txt")
    features = dump(tmp_path, "PPL\tno class\t", name="featureCodes_en.txt")
    source = geonames.source(
        [path], alternate_names=[alternates], admin1_codes=codes, hierarchy=hierarchy, feature_codes=features
    )
    with pytest.raises(SourceError) as refused:
        load.load(engine, [source])
    for told in (
        "10 rows are bad",
        "IQ.txt, line 6,001: latitude 'x' is no number; longitude 'y' is no number",
        "IQ.txt, line 6,002: geonameid 17 stands in IQ.txt, line 17 already",
        "IQ.txt, line 6,003: it has 1 column instead of 19",
        "alternateNamesV2.txt, line 2: it has 4 columns instead of 10",
        "alternateNamesV2.txt, line 3: alternateNameId or geonameid is no number",
        "alternateNamesV2.txt, line 4: the alternate name",
        "alternateNamesV2.txt, line 5: it is not UTF-8",
        "admin1CodesASCII.txt, line 1: 'IQ' is no code of a division",
        "hierarchy.txt, line 1: parent or child is no geonameid",
        "featureCodes_en.txt, line 1: 'PPL' is no feature code",
    ):
        assert told in str(refused.value)
    with engine.connect() as conn:
        assert load.version(conn) == ""


def test_the_quick_check_of_many_rows_agrees_with_the_slow_one(tmp_path: Path) -> None:
    """Rows that the quick look at columns lets pass must have no fault, so both ways give the same rows."""
    good = [
        line(id=str(number), lon=lon) for number, lon in enumerate(("+4", "4.", ".5", "1E1", "-1.0E-5", "0"), start=1)
    ]
    quick = bad_rows(geonames.source([dump(tmp_path, *good)]))
    slow = bad_rows(geonames.source([dump(tmp_path, *good, line(id="99", lat="x"))]))
    assert quick == []
    assert [where for where, _ in slow] == ["IQ.txt, line 7"]


# --- files -----------------------------------------------------------------------------------------------------------


def pack(path: Path, members: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return path


def test_archives_are_read_as_they_come_from_geonames(tmp_path: Path) -> None:
    packed = pack(tmp_path / "IQ.zip", {"readme.txt": b"not data\n", "IQ.txt": IQ.read_bytes()})
    assert places_of(geonames.source([packed])) == places_of(geonames.source([IQ]))
    names = pack(
        tmp_path / "alternateNamesV2.zip",
        {"iso-languagecodes.txt": b"x\n", "alternateNamesV2.txt": ALTERNATES.read_bytes()},
    )
    assert geonames.discover([packed, names]).alternate_names == (names,)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["IQ.zip", "alternateNamesV2.zip"]  # nothing extracted


def test_an_archive_may_be_named_like_text_and_text_like_an_archive(tmp_path: Path) -> None:
    disguised = pack(tmp_path / "IQ.txt", {"IQ.txt": IQ.read_bytes()})
    plain = tmp_path / "SY.zip"
    plain.write_bytes(SY.read_bytes())
    assert len(places_of(geonames.source([disguised, plain]))) == 19


@pytest.mark.parametrize(
    ("members", "said"),
    [
        ({"a.txt": b"x\n", "b.txt": b"y\n"}, "should hold one file of data; it holds 2"),
        ({"readme.txt": b"x\n"}, "should hold one file of data; it holds 0"),
        ({"IQ.txt": bytes(40_000_000)}, "that is no table of places"),
    ],
)
def test_odd_archives_are_refused(tmp_path: Path, members: dict[str, bytes], said: str) -> None:
    with pytest.raises(SourceError, match=said) as refused:
        geonames.source([pack(tmp_path / "IQ.zip", members)])
    assert refused.value.hint


def test_cut_files_are_refused(tmp_path: Path) -> None:
    data = IQ.read_bytes()
    packed = pack(tmp_path / "IQ.zip", {"IQ.txt": data}).read_bytes()
    text, archive = tmp_path / "SY.txt", tmp_path / "IQ.zip"
    for length in (len(data) - 3, len(data) - 40, data.rindex(b"\n", 0, -1) + 5):
        text.write_bytes(data[:length])
        with pytest.raises(SourceError, match=r"SY\.txt ends in the middle of line 14") as refused:
            list(geonames.source([text]).places())
        assert "download" in refused.value.hint
    text.write_bytes(data[:-1])  # all is there but the last line feed
    assert len(places_of(geonames.source([text]))) == 14
    for damaged in (packed[: len(packed) // 2], packed[:200] + bytes(50) + packed[250:]):
        archive.write_bytes(damaged)
        with pytest.raises(SourceError, match=r"IQ\.zip is not a whole zip archive"):
            list(geonames.source([archive]).places())


def test_files_of_other_systems_are_understood(tmp_path: Path) -> None:
    path = tmp_path / "IQ.txt"
    path.write_bytes(b"\xef\xbb\xbf" + IQ.read_bytes().replace(b"\n", b"\r\n"))
    assert places_of(geonames.source([path])) == places_of(geonames.source([IQ]))


def test_a_file_without_line_feeds_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "IQ.txt"
    path.write_bytes(b"x" * 3_000_000)
    with pytest.raises(SourceError, match="has a line of more than"):
        list(geonames.source([path]).places())


def test_blocks_are_the_same_lines_whatever_their_size() -> None:
    data = IQ.read_bytes()
    for lines in (1, 3, 13, 14, 15):
        found = list(tabbed.blocks(IQ, 19, lines))
        assert b"".join(block.data for block in found) == data
        assert [block.first_line for block in found] == list(range(1, 15, lines))


def test_a_missing_file_is_told() -> None:
    with pytest.raises(SourceError, match=r"XX\.txt cannot be read"):
        geonames.source([DATA / "XX.txt"])


def test_files_are_known_by_their_content(tmp_path: Path) -> None:
    folder = tmp_path / "geonames"
    (folder / "alternatenames").mkdir(parents=True)
    for path in DATA.iterdir():
        if path != WORLD:
            (folder / path.name).write_bytes(path.read_bytes())
    # GeoNames gives the alternate names of a country the same name as its dump.
    (folder / "alternatenames" / "IQ.txt").write_bytes(ALTERNATES.read_bytes())
    (folder / "alternateNamesV2.txt").unlink()
    (folder / "readme.txt").write_text("about the files")
    (folder / "countryInfo.txt").write_text("#ISO\tISO3\n")
    (folder / ".hidden").write_text("x")
    files = geonames.discover([folder])
    assert files == geonames.Files(
        dumps=(folder / "IQ.txt", folder / "SY.txt"),
        alternate_names=(folder / "alternatenames" / "IQ.txt",),
        admin1_codes=folder / "admin1CodesASCII.txt",
        admin2_codes=folder / "admin2Codes.txt",
        hierarchy=folder / "hierarchy.txt",
        feature_codes=folder / "featureCodes_en.txt",
    )
    assert geonames.discover([folder / "IQ.txt"]) == geonames.Files((folder / "IQ.txt",))
    assert len(places_of(geonames.source_of(files))) == 19


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("places.csv", "name,lat,lon\nErbil,36.19,44.01\n", "places.csv: it has 1 column"),
        ("empty.txt", "", "empty.txt: it is empty"),
        ("wide.txt", "\t" * 30 + "\n", "wide.txt: it has 31 columns"),
        ("alternateNames.txt", "1\t2\ten\tOld\t\t\t\t\n", "alternateNames.txt: the old file of alternate names"),
        ("modifications-2026-11-02.txt", "", "modifications-2026-11-02.txt: daily changes"),
    ],
)
def test_files_that_are_something_else_are_named(tmp_path: Path, name: str, text: str, said: str) -> None:
    (tmp_path / name).write_text(text)
    with pytest.raises(SourceError) as refused:
        geonames.discover([IQ, tmp_path / name])
    assert said in str(refused.value)


def test_files_that_overlap_are_refused(tmp_path: Path) -> None:
    packed = pack(tmp_path / "IQ.zip", {"IQ.txt": IQ.read_bytes()})
    with pytest.raises(SourceError, match="The same dump is given 2 times"):
        geonames.source([IQ, packed])
    with pytest.raises(SourceError, match=r"allCountries\.txt holds the places of IQ\.txt too"):
        geonames.source([IQ, WORLD])
    with pytest.raises(SourceError, match="There is no dump of GeoNames among the files"):
        geonames.discover([ALTERNATES])
    again = tmp_path / "hierarchy-again.txt"
    again.write_bytes((DATA / "hierarchy.txt").read_bytes())
    with pytest.raises(SourceError, match="Two files are the hierarchy"):
        geonames.discover([IQ, DATA / "hierarchy.txt", again])
