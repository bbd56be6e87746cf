"""Who's On First: records in their real layout become places, once each, with the ids that the gazetteer knows."""

from __future__ import annotations

import io
import pickle
import re
import tarfile
import zipfile
from pathlib import Path
from typing import Any

import orjson
import pytest
from sqlalchemy import Engine

from gazetteer import load, lookup
from gazetteer.errors import SourceError
from gazetteer.model import NameKind, Place
from gazetteer.sources import whosonfirst
from gazetteer.sources.base import BadRow

REPOSITORY = Path(__file__).parents[1] / "data" / "whosonfirst"
"""A small repository, laid out as the real ones are. Its places are made up, but for what joins known ones."""


def record(number: int, name: str, placetype: str = "locality", **properties: Any) -> dict[str, Any]:
    """A record near Erbil; further properties by their name with `__` for `:`."""
    given = {key.replace("__", ":"): value for key, value in properties.items()}
    geometry = given.pop("geometry", {"type": "Point", "coordinates": [44.2, 36.3]})
    return {
        "id": number,
        "type": "Feature",
        "properties": {
            "wof:id": number,
            "wof:name": name,
            "wof:placetype": placetype,
            "geom:latitude": 36.3,
            "geom:longitude": 44.2,
            "iso:country": "IQ",
            "mz:is_current": 1,
            "edtf:deprecated": "uuuu",
            "edtf:superseded": "",
            "edtf:cessation": "uuuu",
            "wof:superseded_by": [],
            "wof:concordances": {},
            "wof:hierarchy": [],
            **given,
        },
        "geometry": geometry,
    }


def write(folder: Path, *documents: dict[str, Any]) -> Path:
    """Records at data/123/456/7/1234567.geojson."""
    for document in documents:
        number = str(document["id"])
        path = folder.joinpath("data", *re.findall(".{1,3}", number), f"{number}.geojson")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(orjson.dumps(document))
    return folder


def places(*paths: Path) -> list[Place]:
    rows = list(whosonfirst.source(paths).places())
    assert [row for row in rows if isinstance(row, BadRow)] == []
    return [row for row in rows if isinstance(row, Place)]


def only(folder: Path, *documents: dict[str, Any]) -> Place:
    (place,) = places(write(folder, *documents))
    return place


def bad(*paths: Path) -> list[BadRow]:
    return [row for row in whosonfirst.source(paths).places() if isinstance(row, BadRow)]


def names(place: Place, *kinds: NameKind) -> list[str]:
    return [name.name for name in place.names if not kinds or name.kind in kinds]


# -- the small repository --------------------------------------------------------------------------------------------


def test_the_small_repository() -> None:
    found = {place.id: place for place in places(REPOSITORY)}
    assert sorted(found) == [
        "admin1:IQ.11", "country:IQ", "geonames:95446", "wof:900000113", "wof:900000121", "wof:900000147",
    ]  # fmt: skip
    county = found["wof:900000113"]
    assert (county.feature_class, county.feature_code, county.has_area) == ("A", "ADM2", True)
    assert (county.country_code, county.admin1_code) == ("IQ", "IQ.11")
    assert found["wof:900000121"].feature_code == "PPLX"
    assert "Pebblegate" in names(found["geonames:95446"]), "a second record of one GeoNames id lends its names"
    assert not found["admin1:IQ.11"].has_area, "the gazetteer has the outline already"


def test_it_loads_and_answers(engine: Engine) -> None:
    load.load(engine, [whosonfirst.source([REPOSITORY])])
    with engine.connect() as conn:
        (candidate,) = lookup.candidates(conn, ["Pebblegate"])["pebblegate"]
        assert candidate.place.id == "geonames:95446"
        inside = lookup.containing(conn, candidate.place.point)
        assert [place.name for place in inside] == ["Exampleford District"]


def test_parts_give_the_same_rows_as_places() -> None:
    source = whosonfirst.source([REPOSITORY])
    assert source.parts is not None
    parts = pickle.loads(pickle.dumps(list(source.parts.split())))  # noqa: S301 -- our own
    read = pickle.loads(pickle.dumps(source.parts.read))  # noqa: S301
    assert [row for part in parts for row in read(part)] == list(source.places())


def test_many_places_come_in_parts_of_limited_size(tmp_path: Path) -> None:
    write(tmp_path, *[record(800000000 + index, f"Village {index}") for index in range(1_500)])
    source = whosonfirst.source([tmp_path])
    assert source.parts is not None
    sizes = [len(source.parts.read(part)) for part in source.parts.split()]
    assert sizes == [1_000, 500]
    assert max(sizes) <= source.parts.places_at_most


# -- folders and archives --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("ending", [".zip", ".tar", ".tar.gz", ".tar.bz2"])
def test_an_archive_gives_what_the_folder_gives(ending: str, tmp_path: Path) -> None:
    archive = tmp_path / f"records{ending}"
    if ending == ".zip":
        with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as zipped:
            for path in sorted(REPOSITORY.rglob("*.geojson")):
                zipped.write(path, path.relative_to(REPOSITORY))
    else:
        with tarfile.open(archive, f"w:{ending.rpartition('.')[2]}".replace(":tar", "")) as packed:
            for path in sorted(REPOSITORY.rglob("*.geojson")):
                packed.add(path, path.relative_to(REPOSITORY))
    by_id = {place.id: place for place in places(REPOSITORY)}
    assert {place.id: place for place in places(archive)} == by_id
    assert list(tmp_path.iterdir()) == [archive], "nothing was extracted"


@pytest.mark.parametrize("ending", [".zip", ".tar", ".tar.gz", ".tar.bz2"])
def test_a_truncated_archive_is_refused(ending: str, tmp_path: Path) -> None:
    whole = io.BytesIO()
    documents = [orjson.dumps(record(800000000 + index, f"Village {index}")) for index in range(60)]
    if ending == ".zip":
        with zipfile.ZipFile(whole, "w") as zipped:
            for index, data in enumerate(documents):
                zipped.writestr(f"{index}.geojson", data)
    else:
        with tarfile.open(fileobj=whole, mode=f"w:{ending.rpartition('.')[2]}".replace(":tar", "")) as packed:
            for index, data in enumerate(documents):
                info = tarfile.TarInfo(f"{index}.geojson")
                info.size = len(data)
                packed.addfile(info, io.BytesIO(data))
    cut = tmp_path / f"cut{ending}"
    # Not on a member's border: a plain tar that ends there cannot be told from a whole one.
    cut.write_bytes(whole.getvalue()[: len(whole.getvalue()) * 2 // 3 + 100])
    with pytest.raises(SourceError, match=r"cut\."):
        list(whosonfirst.source([cut]).places())


def test_hidden_folders_alternative_shapes_and_links_are_not_read(tmp_path: Path) -> None:
    repository = write(tmp_path / "repository", record(800000001, "Kept"))
    elsewhere = write(tmp_path / "elsewhere", record(800000002, "Elsewhere"))
    write(repository / ".git", record(800000003, "Hidden"))
    folder = repository / "data/800/000/001"
    (folder / "800000001-alt-quattroshapes.geojson").write_bytes(orjson.dumps(record(800000004, "Shape")))
    (folder / "linked.geojson").symlink_to(elsewhere / "data/800/000/002/800000002.geojson")
    (folder / "linked").symlink_to(elsewhere)
    (folder / "README.md").write_text("no record")
    assert [place.name for place in places(repository)] == ["Kept"]


def test_paths_that_hold_no_records_are_refused(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("no archive")
    (tmp_path / "empty").mkdir()
    for path in (tmp_path / "notes.txt", tmp_path / "empty", tmp_path / "missing"):
        with pytest.raises(SourceError, match=path.name) as refusal:
            whosonfirst.source([path])
        assert refusal.value.hint
    with pytest.raises(SourceError, match="No folder"):
        whosonfirst.source([])


def test_the_version_is_that_of_the_content(tmp_path: Path) -> None:
    one = write(tmp_path / "one", record(800000001, "Same"))
    two = write(tmp_path / "two", record(800000001, "Same"))
    assert whosonfirst.source([one]).version == whosonfirst.source([two]).version
    write(two, record(800000001, "Other"))
    assert whosonfirst.source([one]).version != whosonfirst.source([two]).version


# -- what is left out ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "properties",
    [
        {"mz__is_current": 0},
        {"wof__superseded_by": [800000009]},
        {"edtf__deprecated": "2019-05-01"},
        {"edtf__superseded": "2019-05-01"},
        {"mz__is_current": -1, "edtf__cessation": "2019-05-01"},
        {"wof__placetype": "postalcode"},
        {"geom__latitude": 0, "geom__longitude": 0},
    ],
)
def test_left_out(properties: dict[str, Any], tmp_path: Path) -> None:
    write(tmp_path, record(800000001, "Gone", **properties), record(800000002, "Kept"))
    assert [place.name for place in places(tmp_path)] == ["Kept"]


@pytest.mark.parametrize(
    "properties",
    [
        {"mz__is_current": -1},
        {"mz__is_current": 1, "edtf__cessation": "2019-05-01"},
        {"edtf__deprecated": "", "edtf__superseded": "uuuu", "edtf__cessation": ".."},
        {"edtf__deprecated": "-", "edtf__superseded": None},
    ],
)
def test_unknown_is_kept(properties: dict[str, Any], tmp_path: Path) -> None:
    assert only(tmp_path, record(800000001, "Kept", **properties)).name == "Kept"


@pytest.mark.parametrize(
    ("data", "what"),
    [
        (b"", "empty"),
        (b'{"type": "Feature", "prop', "not JSON"),
        (b"[]", "no properties"),
        (b"[" * 100_000, "not JSON"),
        (orjson.dumps({**record(1, "x"), "properties": {}}), "wof:id"),
        (orjson.dumps(record(800000001, "")), "no name"),
        (orjson.dumps(record(800000001, "x", wof__placetype=None)), "wof:placetype"),
        (orjson.dumps(record(800000001, "x", geom__latitude=91)), "not on the globe"),
        (orjson.dumps(record(800000001, "x", geom__latitude="north")), "not numbers"),
        (
            orjson.dumps(record(800000001, "x", "county", geometry={"type": "Polygon", "coordinates": [[[1]]]})),
            "geometry is broken",
        ),
    ],
)
def test_bad_records_are_named_by_their_path(data: bytes, what: str, tmp_path: Path) -> None:
    write(tmp_path, record(800000002, "Kept"))
    (tmp_path / "data/800/bad.geojson").write_bytes(data)
    (row,) = bad(tmp_path)
    assert row.where == "data/800/bad.geojson"
    assert what in row.what


# -- ids -------------------------------------------------------------------------------------------------------------


def test_of_one_geonames_id_most_names_win_then_the_lowest_number(tmp_path: Path) -> None:
    concordance = {"gn:id": 700001}
    place = only(
        tmp_path,
        record(800000003, "Third", wof__concordances=concordance, lbl__latitude=36.4, lbl__longitude=44.4),
        record(800000001, "First", wof__concordances=concordance),
        record(800000002, "Rich", wof__concordances=concordance, name__eng_x_variant=["One", "Two"]),
    )
    assert place.id == "geonames:700001"
    assert place.name == "Rich"
    assert names(place) == ["Rich", "One", "Two", "First", "Third"]
    assert names(place, NameKind.PRIMARY) == ["Rich"]


def test_a_town_and_its_district_with_one_geonames_id_stay_two_places(tmp_path: Path) -> None:
    concordance = {"gn:id": 700001}
    write(
        tmp_path,
        record(800000001, "Exampleford", wof__concordances=concordance),
        record(800000002, "Exampleford Example District", "county", wof__concordances=concordance),
    )
    assert {place.id: place.feature_code for place in places(tmp_path)} == {
        "geonames:700001": "PPL",
        "wof:800000002": "ADM2",
    }


@pytest.mark.parametrize(("latitude", "united"), [(36.33, True), (36.5, False)])
def test_a_town_that_stands_there_twice(latitude: float, united: bool, tmp_path: Path) -> None:
    write(
        tmp_path,
        record(800000001, "Kafr Example", wof__concordances={"gn:id": 700001}, name__und_x_variant=["Kafr Exampel"]),
        record(800000002, "Kafr Exampel", geom__latitude=latitude, name__ara_x_preferred=["كفر مثال"]),
    )
    found = {place.id: names(place) for place in places(tmp_path)}
    if united:
        assert found == {"geonames:700001": ["Kafr Example", "Kafr Exampel", "كفر مثال"]}
    else:
        assert sorted(found) == ["geonames:700001", "wof:800000002"]


def test_regions_join_where_two_of_name_outline_and_code_agree(tmp_path: Path) -> None:
    write(
        tmp_path,
        record(800000001, "Arbil", "region", name__eng_x_preferred=["Erbil"]),
        record(800000002, "Anbar", "region", geom__latitude=33.05, geom__longitude=41.66),
        record(800000003, "Misspelt", "region", wof__concordances={"fips:code": "IZ14"}, geom__latitude=32.07,
               geom__longitude=46.87),
        record(800000004, "Neutral Example Zone", "region"),
        record(800000005, "Halabja", "region", geom__latitude=35.24, geom__longitude=45.86),
    )  # fmt: skip
    joined = {place.name: (place.id, place.admin1_code) for place in places(tmp_path)}
    assert joined == {
        "Erbil": ("admin1:IQ.11", "IQ.11"),
        "Anbar": ("admin1:IQ.01", "IQ.01"),
        "Misspelt": ("admin1:IQ.14", "IQ.14"),
        "Neutral Example Zone": ("wof:800000004", None),
        "Halabja": ("admin1:IQ.19", "IQ.19"),
    }


def test_counties_join_the_division_of_their_name_close_by(tmp_path: Path) -> None:
    austin = {"iso__country": "US", "geom__latitude": 30.33, "geom__longitude": -97.78}
    houston = {"iso__country": "US", "geom__latitude": 29.76, "geom__longitude": -95.37}
    write(
        tmp_path,
        record(800000001, "Travis", "county", **austin),
        record(800000002, "Not Travis", "county", **austin),
        record(800000003, "Travis", "county", **houston),
        record(800000004, "By its number", "county", wof__concordances={"gn:id": 95444}),
    )
    assert {place.id: place.admin1_code for place in places(tmp_path)} == {
        "admin2:US.TX.453": "US.TX",
        "wof:800000002": "US.TX",
        "wof:800000003": "US.TX",
        "admin2:IQ.11.95444": "IQ.11",
    }


def test_the_division_of_a_town_is_that_of_its_region_then_that_of_the_map(tmp_path: Path) -> None:
    halabja = {"region_id": 800000005}
    write(
        tmp_path,
        record(800000005, "Halabja", "region", geom__latitude=35.24, geom__longitude=45.86),
        record(800000006, "By its region", geom__latitude=35.2, geom__longitude=45.9, wof__hierarchy=[halabja]),
        record(800000007, "By the map", wof__hierarchy=[{"region_id": -1}]),
        record(800000008, "Disputed", wof__hierarchy=[halabja, {"region_id": 800000099}]),
    )
    codes = {place.name: place.admin1_code for place in places(tmp_path)}
    assert codes == {"Halabja": "IQ.19", "By its region": "IQ.19", "By the map": "IQ.11", "Disputed": "IQ.11"}


def test_countries_join_by_code_and_name(tmp_path: Path) -> None:
    write(
        tmp_path,
        record(800000001, "العراق", "country", name__eng_x_preferred=["Iraq"]),
        record(800000002, "Far Example Islands", "dependency", iso__country="US"),
        record(800000003, "Nowhere", "country", iso__country="-99", wof__country="XX"),
    )
    found = {place.id: (place.name, place.country_code) for place in places(tmp_path)}
    assert found == {
        "country:IQ": ("Iraq", "IQ"),
        "wof:800000002": ("Far Example Islands", "US"),
        "wof:800000003": ("Nowhere", None),
    }


def test_airports_join_by_their_code(tmp_path: Path) -> None:
    write(
        tmp_path,
        record(800000001, "Example Field", "campus", wof__concordances={"icao:code": "OSDZ"}),
        record(800000002, "Air Base Example", "campus"),
        record(800000003, "University of Example", "campus"),
    )
    found = {place.id: (place.feature_class, place.feature_code) for place in places(tmp_path)}
    (joined,) = found.keys() - {"wof:800000002", "wof:800000003"}
    assert joined.startswith(("airport:", "curated:"))
    assert found["wof:800000002"] == ("S", "AIRB")
    assert found["wof:800000003"] == ("S", "UNIV")


# -- names -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("own", "properties", "primary"),
    [
        (
            "دير المثال",
            {"name__eng_x_preferred": ["Deir al-Mithal"], "name__fra_x_preferred": ["Deir"]},
            "Deir al-Mithal",
        ),
        ("Dayr al Mithāl", {"name__ara_x_preferred": ["دير المثال"]}, "Dayr al Mithāl"),
        (
            "دير المثال",
            {"name__deu_x_preferred": ["Deir Mital"], "name__fra_x_preferred": ["Deir Mithal"],
             "name__ita_x_preferred": ["Deir Mithal"]},
            "Deir Mithal",
        ),
        ("دير المثال", {"name__eng_x_preferred": ["دير"]}, "دير المثال"),
        ("", {"name__ara_x_preferred": ["دير المثال"]}, "دير المثال"),
    ],
)  # fmt: skip
def test_the_primary_name(own: str, properties: dict[str, Any], primary: str, tmp_path: Path) -> None:
    place = only(tmp_path, record(800000001, own, **properties))
    assert place.name == primary
    assert names(place, NameKind.PRIMARY) == [primary]
    assert set(names(place)) >= {name for values in properties.values() for name in values}


def test_kinds_and_languages_of_names(tmp_path: Path) -> None:
    place = only(
        tmp_path,
        record(
            800000001,
            "Exampleford",
            name__eng_x_preferred=["Exampleford"],
            name__ara_x_preferred=["مثال", "  ", 7],
            name__eng_x_historical=["Old Exampleford"],
            name__por_br_x_colloquial="Ex",
            name__kmr_x_variant=["Mînak"],
            name__und_x_variant=["Exampelford"],
            abrv__eng_x_preferred=["EXF"],
            name__eng_x_preferred_longname=["not a name of ours"],
        ),
    )
    assert {(name.name, name.kind.value, name.language) for name in place.names} == {
        ("Exampleford", "primary", "en"),
        ("مثال", "alternate", "ar"),
        ("Old Exampleford", "historic", "en"),
        ("Ex", "alternate", "pt"),
        ("Mînak", "alternate", "kmr"),
        ("Exampelford", "alternate", None),
        ("EXF", "code", "en"),
    }


# -- points, outlines, figures ---------------------------------------------------------------------------------------

BOWTIE = [[[44.1, 36.1], [44.3, 36.3], [44.3, 36.1], [44.1, 36.3], [44.1, 36.1]]]
SQUARE = [[[44.1, 36.1], [44.3, 36.1], [44.3, 36.3], [44.1, 36.3], [44.1, 36.1]]]


def test_the_label_comes_before_the_centroid(tmp_path: Path) -> None:
    place = only(tmp_path, record(800000001, "x", lbl__latitude=36.25, lbl__longitude=44.15))
    assert (place.point.x, place.point.y) == (44.15, 36.25)


@pytest.mark.parametrize(
    ("placetype", "geometry", "has_area"),
    [
        ("county", {"type": "Polygon", "coordinates": SQUARE}, True),
        ("county", {"type": "MultiPolygon", "coordinates": [SQUARE]}, True),
        ("county", {"type": "Polygon", "coordinates": BOWTIE}, True),
        ("county", {"type": "Polygon", "coordinates": [[[44, 36], [45, 36], [44, 36], [44, 36]]]}, False),
        ("county", {"type": "Polygon", "coordinates": [[[170, 0], [190, 0], [190, 9], [170, 0]]]}, False),
        ("county", {"type": "Point", "coordinates": [44.2, 36.2]}, False),
        ("locality", {"type": "Polygon", "coordinates": SQUARE}, False),
    ],
)
def test_outlines(placetype: str, geometry: dict[str, Any], has_area: bool, tmp_path: Path) -> None:
    place = only(tmp_path, record(800000001, "Made up", placetype, geometry=geometry))
    assert place.has_area is has_area
    assert (place.geometry is not None) is has_area
    if place.geometry is not None:
        assert place.geometry.is_valid
        assert place.geometry.area > 0
        assert 10_000 < place.precision_m < 40_000


def test_the_radius_is_that_of_the_extent_where_there_is_no_outline(tmp_path: Path) -> None:
    write(
        tmp_path,
        record(800000001, "Wide", "county", geom__bbox="44.1,36.2,44.3,36.4"),
        record(800000002, "Point", "county", geom__bbox="44.2,36.3,44.2,36.3"),
        record(800000003, "Broken", "county", geom__bbox="a,b"),
    )
    radii = {place.name: place.precision_m for place in places(tmp_path)}
    assert 14_000 < radii["Wide"] < 15_000
    assert radii["Point"] == radii["Broken"] == 25_000


@pytest.mark.parametrize(
    ("properties", "population"),
    [
        ({"wof__population": 0, "gn__population": 1200}, 1200),
        ({"wof__population": 3000, "gn__population": 1200}, 3000),
        ({"wof__population": 0, "gn__population": 0}, None),
        ({"wof__population": -5}, None),
        ({}, None),
    ],
)
def test_population_nought_means_unknown(properties: dict[str, Any], population: int | None, tmp_path: Path) -> None:
    assert only(tmp_path, record(800000001, "x", **properties)).population == population
