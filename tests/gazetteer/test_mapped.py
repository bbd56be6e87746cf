"""A user's own table: the mapping says which column is what, and everything wrong is told in plain words."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pyogrio
import pytest
import shapely
from shapely.geometry import LineString, MultiPoint, MultiPolygon, Point, Polygon, box
from shapely.geometry.base import BaseGeometry
from sqlalchemy import Engine

from gazetteer import load, lookup
from gazetteer.errors import SourceError
from gazetteer.model import NameKind, Place, PlaceName
from gazetteer.sources import mapped
from gazetteer.sources.base import RANK_DEFAULT, RANK_DUMP, RANK_FURTHER, RANK_OUTLINES, BadRow, Source

EXAMPLES = Path(__file__).parents[2] / "docs" / "examples"

HEAD = """
name = "posts"
credit = "Example Desk"
licence = "CC BY 4.0"
file = "{file}"
"""
COLUMNS = """
[columns]
id = "no"
name = "name"
type = { value = "S.PSTB" }
"""
POINT = 'lat = "lat"\nlon = "lon"\n'


def mapping(folder: Path, text: str, file: str, data: str | bytes | None = None, head: str = "") -> Path:
    """A mapping file with the data beside it; `head` holds further keys above the columns."""
    if data is not None:
        (folder / file).write_bytes(data.encode() if isinstance(data, str) else data)
    path = folder / "posts.toml"
    path.write_text(HEAD.replace("{file}", file) + head + text, "utf-8")
    return path


def csv_source(folder: Path, data: str | bytes, columns: str = COLUMNS + POINT, head: str = "") -> Source:
    return mapped.source(mapping(folder, columns, "posts.csv", data, head))


def places(source: Source) -> list[Place]:
    rows = list(source.places())
    assert [row for row in rows if isinstance(row, BadRow)] == []
    return [row for row in rows if isinstance(row, Place)]


def bad(source: Source) -> list[tuple[str, str]]:
    return [(row.where, row.what) for row in source.places() if isinstance(row, BadRow)]


def refusal(path: Path) -> str:
    """What is said when a mapping is refused; there is always a hint."""
    with pytest.raises(SourceError) as caught:
        mapped.source(path)
    assert caught.value.hint
    return str(caught.value)


def geojson(*features: tuple[dict[str, Any], BaseGeometry | None], **members: Any) -> str:
    return json.dumps(
        {
            "type": "FeatureCollection",
            "features": [
                {
                    "type": "Feature",
                    "properties": properties,
                    "geometry": None if shape is None else json.loads(shapely.to_geojson(shape)),
                }
                for properties, shape in features
            ],
            **members,
        }
    )


def gpkg(path: Path, layer: str, fields: dict[str, list[Any]], shapes: list[BaseGeometry | None], crs: str) -> None:
    pyogrio.raw.write(
        path,
        np.array([None if shape is None else shapely.to_wkb(shape) for shape in shapes], dtype=object),
        [np.array(values, dtype=object) for values in fields.values()],
        list(fields),
        layer=layer,
        driver="GPKG",
        geometry_type="Unknown",
        crs=crs,
        append=path.exists(),
    )


# -- the example of the documentation --------------------------------------------------------------------------------


def test_the_example_of_the_documentation() -> None:
    bridge, camp, depot = places(mapped.source(EXAMPLES / "checkpoints.toml"))
    assert bridge.id == "checkpoints:1"
    assert (bridge.feature_class, bridge.feature_code) == ("S", "PSTP")
    assert (bridge.point.x, bridge.point.y) == (42.995, 36.3312)
    assert (bridge.country_code, bridge.admin1_code, bridge.precision_m) == ("IQ", "IQ.15", 300)
    assert bridge.names == (
        PlaceName("Alder Bridge checkpoint", NameKind.PRIMARY, "en"),
        PlaceName("حاجز جسر الحور", NameKind.ALTERNATE, "ar"),
        PlaceName("Alder crossing", NameKind.ALTERNATE, "en"),
        PlaceName("Bridge post 4", NameKind.ALTERNATE, "en"),
    )
    assert (camp.feature_code, camp.admin1_code) == ("CMPRF", "IQ.11")
    assert (depot.feature_code, depot.admin1_code, depot.precision_m) == ("BLDG", "IQ.13", 1000)
    assert depot.note == "Invented for this example; near the ring road"


@pytest.mark.parametrize("file", ["checkpoints.csv", "checkpoints.toml"])
def test_the_documentation_shows_the_example_as_it_is(file: str) -> None:
    page = (EXAMPLES.parent / "gazetteer.md").read_text("utf-8")
    assert (EXAMPLES / file).read_text("utf-8") in page


def test_the_documentation_names_every_key_and_no_other() -> None:
    page = (EXAMPLES.parent / "gazetteer.md").read_text("utf-8")
    tables = page.partition("### The keys of a mapping")[2].partition("Useful types")[0]
    cells = [line.split("|")[1] for line in tables.splitlines() if line.startswith("| `")]
    named = {word.strip(" `") for cell in cells for word in cell.split(",")}
    assert named == (set(mapped._Mapping.model_fields) - {"columns"}) | set(mapped._Columns.model_fields)


def test_the_example_loads_answers_and_lends_its_names(engine: Engine) -> None:
    known = Place(
        id="geonames:95446",
        name="Erbil",
        feature_class="P",
        feature_code="PPLA",
        point=Point(44.0106, 36.1926),
        country_code="IQ",
        population=900_000,
        names=(PlaceName("Erbil", NameKind.PRIMARY),),
    )
    towns = Source("towns", "1", "Towns", "none", "", lambda: iter([known]))
    own = [mapped.source(EXAMPLES / f"{name}.toml") for name in ("checkpoints", "desk-names")]
    load.load(engine, [towns, *own])
    with engine.connect() as conn:
        found = lookup.candidates(conn, ["Alder crossing", "Erbil Example-Citadel"])
    (checkpoint,) = found["alder crossing"]
    assert checkpoint.place.name == "Alder Bridge checkpoint"
    (town,) = found["erbil example citadel"]
    assert (town.place.id, town.place.feature_code, town.place.population) == ("geonames:95446", "PPLA", 900_000)


# -- CSV -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_csv_with_any_delimiter_with_and_without_a_byte_order_mark(delimiter: str, mark: str, tmp_path: Path) -> None:
    lines = [["no", "name", "lat", "lon"], ["1", "Post A", "36.3", "44.2"]]
    text = mark + "\r\n".join(delimiter.join(cells) for cells in lines) + "\r\n"
    (place,) = places(csv_source(tmp_path, text))
    assert (place.id, place.name, place.point) == ("posts:1", "Post A", Point(44.2, 36.3))


def test_a_delimiter_that_the_mapping_names_counts(tmp_path: Path) -> None:
    text = "no;name;a,b,c,d,e,f;lat;lon\n1;Post A;;36.3;44.2\n"
    (place,) = places(csv_source(tmp_path, text, head='delimiter = ";"\n'))
    assert place.name == "Post A"


def test_cells_are_text_and_nothing_else(tmp_path: Path) -> None:
    names = ['=HYPERLINK("http://x","y")', "{{ 7*7 }} post", "<b>post</b>", "'; DROP TABLE place; -- a", "@SUM(A1)"]
    lines = [f'{number},"{name.replace(chr(34), chr(34) * 2)}",36.3,44.2' for number, name in enumerate(names)]
    found = places(csv_source(tmp_path, "no,name,lat,lon\n" + "\n".join(lines)))
    assert [place.name for place in found] == names


def test_bad_rows_are_told_with_their_lines(tmp_path: Path) -> None:
    text = (
        "no,name,lat,lon,people,country,province,lang\n"
        '1,"Two\nlines",36.3,44.2,,,,\n'
        "2,,36.3,44.2,,,,\n"
        "3,Three,36.3,,,,,\n"
        "\n"
        "4,Four,north,44.2,,,,\n"
        "5,Five,95,44.2,,,,\n"
        "6,Six,36.3,144.2,,Iraq,,\n"
        "7,Seven,36.3,44.2,many,,,\n"
        "8,Eight,36.3,44.2,,Irak,,\n"
        "9,Nine,36.3,44.2,,IQ,Arbill,\n"
        "1,Ten,36.3,44.2,,,,\n"
        ",Eleven,36.3,44.2,,,,\n"
        "12,Twelve,36.3\n"
        "13,***,36.3,44.2,,,,\n"
        "14,Fourteen,36.3,44.2,-1,,,\n"
        "15,Fifteen,36.3,44.2,,,,not a code\n"
        f"16,{'x' * 601},36.3,44.2,,,,\n"
        "17,Good,36.3,44.2,,IRQ,Erbil,ar\n"
    )
    columns = COLUMNS + POINT + 'population = "people"\ncountry = "country"\nadmin1 = "province"\nlanguage = "lang"\n'
    source = csv_source(tmp_path, text, columns)
    assert bad(source) == [
        ("posts.csv, line 4", "the name is empty"),
        ("posts.csv, line 5", "the longitude is empty"),
        ("posts.csv, line 7", 'the latitude "north" is not a number'),
        ("posts.csv, line 8", "longitude 44.2, latitude 95 is not on the globe; are the two swapped?"),
        ("posts.csv, line 9", "longitude 144.2000, latitude 36.3000 lies far from Iraq; are the two swapped?"),
        ("posts.csv, line 10", 'the population "many" is not a number'),
        ("posts.csv, line 11", 'the country "Irak" is not known (did you mean "Iraq"?)'),
        ("posts.csv, line 12", 'the division "Arbill" is not known (did you mean "Erbil"?)'),
        ("posts.csv, line 13", 'the id "posts:1" stands already in line 2'),
        ("posts.csv, line 14", "the id is empty"),
        ("posts.csv, line 15", "it has 3 cells, the header 8"),
        ("posts.csv, line 16", 'the name "***" has no letter or digit'),
        ("posts.csv, line 17", "the population is -1"),
        ("posts.csv, line 18", '"not a code" is not a language code such as ar or ckb'),
        ("posts.csv, line 19", f"the name '{'x' * 40}'... is longer than 600 characters"),
    ]
    good = [row.name for row in source.places() if isinstance(row, Place)]
    assert good == ["Two lines", "Good"]


def test_a_quote_that_is_never_closed_is_told(tmp_path: Path) -> None:
    ((where, what),) = bad(csv_source(tmp_path, 'no,name,lat,lon\n1,A,36.3,44.2\n2,"B,36.3,44.2\n'))
    assert where == "posts.csv, line 3"
    assert "cannot be read as CSV" in what


def test_cells_that_are_not_utf8_are_told(tmp_path: Path) -> None:
    data = "no,name,lat,lon\n1,Café,36.3,44.2\n".encode("latin-1")
    assert bad(csv_source(tmp_path, data)) == [
        ("posts.csv, line 2", 'the cell "name" cannot be stored: it is not UTF-8')
    ]


@pytest.mark.parametrize(
    "data", ["no,name,lat,lon\n".encode("utf-16"), b"", "no,n\u00e4me,lat,lon\n".encode("latin-1")]
)
def test_a_csv_that_is_none_is_refused(data: bytes, tmp_path: Path) -> None:
    assert "posts.csv" in refusal(mapping(tmp_path, COLUMNS + POINT, "posts.csv", data))


@pytest.mark.parametrize(
    ("people", "population"),
    [("1234", 1234), ("1,234", 1234), ("1.234.567", 1_234_567), ("1 234", 1234), ("12.0", 12), ("0", None), ("", None)],
)
def test_population(people: str, population: int | None, tmp_path: Path) -> None:
    columns = COLUMNS + POINT + 'population = "people"\n'
    (place,) = places(csv_source(tmp_path, f'no,name,lat,lon,people\n1,A,36.3,44.2,"{people}"\n', columns))
    assert place.population == population


def test_points_in_another_reference_system(tmp_path: Path) -> None:
    columns = COLUMNS + 'x = "east"\ny = "north"\n'
    source = csv_source(tmp_path, "no,name,east,north\n1,A,428106,4005607\n", columns, head='crs = "EPSG:32638"\n')
    (place,) = places(source)
    assert place.point.distance(Point(44.2, 36.19)) < 0.01
    assert place.country_code == "IQ"


def test_decimal_commas(tmp_path: Path) -> None:
    (place,) = places(csv_source(tmp_path, "no;name;lat;lon\n1;A;36,3;-44,25\n", head='delimiter = ";"\n'))
    assert place.point == Point(-44.25, 36.3)


# -- GeoJSON and GeoPackage ------------------------------------------------------------------------------------------

SHAPES: dict[str, tuple[BaseGeometry, bool]] = {
    "point": (Point(44.2, 36.3), False),
    "points": (MultiPoint([(44.2, 36.3), (44.4, 36.3)]), False),
    "line": (LineString([(44.2, 36.3), (44.3, 36.4), (44.4, 36.3)]), False),
    "polygon": (box(44.2, 36.2, 44.4, 36.4), True),
    "polygons": (MultiPolygon([box(44.2, 36.2, 44.3, 36.3), box(44.4, 36.2, 44.5, 36.3)]), True),
    "bow tie": (Polygon([(44.2, 36.2), (44.4, 36.4), (44.4, 36.2), (44.2, 36.4)]), True),
}


@pytest.fixture(params=[".geojson", ".geojsonl", ".gpkg"])
def shapes_mapping(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Path]:
    """All kinds of shapes, and a row without one at the end, in each kind of file."""
    numbers = list(range(1, len(SHAPES) + 2))
    names = [*SHAPES, "nowhere"]
    shapes: list[BaseGeometry | None] = [*(shape for shape, _ in SHAPES.values()), None]
    file = f"posts{request.param}"
    if request.param == ".gpkg":
        gpkg(tmp_path / file, "posts", {"no": numbers, "name": names}, shapes, "EPSG:4326")
    else:
        rows = [({"no": no, "name": name}, shape) for no, name, shape in zip(numbers, names, shapes, strict=True)]
        text = geojson(*rows)
        if request.param == ".geojsonl":
            text = "\n".join(json.dumps(feature) for feature in json.loads(text)["features"])
        (tmp_path / file).write_text(text)
    yield mapping(tmp_path, COLUMNS, file)


def test_all_kinds_of_shapes(shapes_mapping: Path) -> None:
    source = mapped.source(shapes_mapping)
    found = {row.name: row for row in source.places() if isinstance(row, Place)}
    assert {name: place.has_area for name, place in found.items()} == {name: area for name, (_, area) in SHAPES.items()}
    for name, place in found.items():
        shape = SHAPES[name][0]
        assert shapely.dwithin(shapely.make_valid(shape), place.point, 1e-9), name
        assert place.country_code == "IQ"
        if place.geometry is not None:
            assert place.geometry.is_valid
            assert place.geometry.area == pytest.approx(shapely.make_valid(shape).area)
    assert found["point"].precision_m == 1_000
    assert 8_000 < found["line"].precision_m < 20_000, "the radius covers the line"
    ((where, what),) = bad(source)
    assert what == "it has no geometry"
    assert where.endswith(("feature 7", "line 7", "row 7"))


def test_geopackage_in_batches_layers_and_reference_systems(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mapped, "_BATCH", 10)
    path = tmp_path / "posts.gpkg"
    numbers: list[Any] = [*range(1, 25), None]
    shapes: list[BaseGeometry | None] = [Point(428106 + number, 4005607) for number in range(25)]
    fields = {"no": [f"n{number}" for number in range(25)], "name": ["Post"] * 25, "people": numbers, "x": ["x"] * 25}
    gpkg(path, "sites", fields, shapes, "EPSG:32638")
    gpkg(path, "other", {"no": ["1"]}, [Point(0, 0)], "EPSG:4326")
    columns = COLUMNS + 'population = "people"\n'
    assert "2 layers" in refusal(mapping(tmp_path, columns, "posts.gpkg"))
    said = refusal(mapping(tmp_path, columns, "posts.gpkg", head='layer = "site"\n'))
    assert 'did you mean "sites"?' in said
    found = places(mapped.source(mapping(tmp_path, columns, "posts.gpkg", head='layer = "sites"\n')))
    assert [place.id for place in found] == [f"posts:n{number}" for number in range(25)]
    assert [place.population for place in found] == numbers
    assert found[0].point.distance(Point(44.2, 36.19)) < 0.01


def test_ids_of_numbers_with_gaps_stay_whole(tmp_path: Path) -> None:
    path = tmp_path / "posts.gpkg"
    fields = {"no": ["a", "b"], "name": ["A", "B"], "gn": [95446, None]}
    gpkg(path, "posts", fields, [Point(44.2, 36.3)] * 2, "EPSG:4326")
    columns = COLUMNS.replace('"no"', '"geonames:{gn}"')
    source = mapped.source(mapping(tmp_path, columns, "posts.gpkg"))
    assert [row.id for row in source.places() if isinstance(row, Place)] == ["geonames:95446"]
    assert [what for _, what in bad(source)] == ["the id is empty"]


def test_old_geojson_in_another_reference_system(tmp_path: Path) -> None:
    crs = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::32638"}}
    text = geojson(({"no": 1, "name": "A"}, Point(428106, 4005607)), crs=crs)
    (place,) = places(mapped.source(mapping(tmp_path, COLUMNS, "posts.geojson", text)))
    assert place.point.distance(Point(44.2, 36.19)) < 0.01


def test_metres_taken_for_degrees_are_told(tmp_path: Path) -> None:
    text = geojson(({"no": 1, "name": "A"}, Point(428106, 4005607)), ({"no": 2, "name": "B"}, box(1e5, 1e6, 2e5, 2e6)))
    found = bad(mapped.source(mapping(tmp_path, COLUMNS, "posts.geojson", text)))
    assert found[0][1].endswith("is it in degrees?")
    assert found[1][1].endswith("does the mapping need crs?")


def test_lists_of_names_in_geojson(tmp_path: Path) -> None:
    text = geojson(({"no": 1, "name": "A", "aka": ["B", "C ", "", "B"]}, Point(44.2, 36.3)))
    columns = COLUMNS + 'other_names = { column = "aka", language = "en", kind = "historic" }\n'
    (place,) = places(mapped.source(mapping(tmp_path, columns, "posts.geojson", text)))
    assert place.names[1:] == (
        PlaceName("B", NameKind.HISTORIC, "en"),
        PlaceName("C", NameKind.HISTORIC, "en"),
    )


@pytest.mark.parametrize(
    ("file", "data"),
    [
        ("posts.geojson", b'{"type": "FeatureCollection", "features": [{"type"'),
        ("posts.geojson", b'{"type": "Topology"}'),
        ("posts.geojson", b"<OGRVRTDataSource/>"),
        ("posts.gpkg", b"<OGRVRTDataSource/>" + b" " * 100),
        ("posts.gpkg", b"SQLite format 3\0" + b"\0" * 52 + b"GPKG" + b"\0" * 500),
        ("posts.xlsx", b"PK"),
    ],
)
def test_files_of_another_kind_are_refused(file: str, data: bytes, tmp_path: Path) -> None:
    assert file in refusal(mapping(tmp_path, COLUMNS, file, data))


def test_broken_features_are_told(tmp_path: Path) -> None:
    features = [
        {"type": "Feature", "properties": {"no": 1, "name": {"en": "A"}}, "geometry": None},
        {"type": "Feature", "properties": {"no": 2, "name": "B"}, "geometry": {"type": "Point", "coordinates": "x"}},
        {"type": "Point"},
        {"type": "Feature", "properties": [], "geometry": None},
        {"type": "Feature", "properties": ["a"], "geometry": None},
    ]
    text = json.dumps({"type": "FeatureCollection", "features": features})
    found = bad(mapped.source(mapping(tmp_path, COLUMNS, "posts.geojson", text)))
    assert [where for where, _ in found] == [f"posts.geojson, feature {number}" for number in range(1, 6)]
    assert found[0][1] == 'the cell "name" holds no plain text or number'
    assert found[1][1].startswith("its geometry is broken")


# -- types, countries, divisions, ids --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("spec", "word", "code"),
    [
        ('{ column = "kind", codes = { Checkpoint = "S.PSTP" } }', " checkpoint ", "S.PSTP"),
        ('{ column = "kind", codes = { Checkpoint = "S.PSTP" }, otherwise = "S.BLDG" }', "depot", "S.BLDG"),
        ('"kind"', "P.PPL", "P.PPL"),
        ('"kind"', "s.airb", "S.AIRB"),
    ],
)
def test_types(spec: str, word: str, code: str, tmp_path: Path) -> None:
    columns = COLUMNS.replace('{ value = "S.PSTB" }', spec) + POINT
    (place,) = places(csv_source(tmp_path, f"no,name,lat,lon,kind\n1,A,36.3,44.2,{word}\n", columns))
    assert f"{place.feature_class}.{place.feature_code}" == code


@pytest.mark.parametrize(
    ("spec", "word", "what"),
    [
        ('{ column = "kind", codes = { checkpoint = "S.PSTP" } }', "chekpoint",
         'the type "chekpoint" is not among columns.type.codes (did you mean "checkpoint"?)'),
        ('"kind"', "airport", 'the type "airport" is not a GeoNames class and code such as S.PSTB'),
    ],
)  # fmt: skip
def test_unknown_types_are_told(spec: str, word: str, what: str, tmp_path: Path) -> None:
    columns = COLUMNS.replace('{ value = "S.PSTB" }', spec) + POINT
    assert bad(csv_source(tmp_path, f"no,name,lat,lon,kind\n1,A,36.3,44.2,{word}\n", columns)) == [
        ("posts.csv, line 2", what)
    ]


@pytest.mark.parametrize("word", ["IQ", "iq", "IRQ", "Iraq", "IRAQ", "Republic of Iraq", ""])
def test_countries(word: str, tmp_path: Path) -> None:
    columns = COLUMNS + POINT + 'country = "land"\n'
    (place,) = places(csv_source(tmp_path, f"no,name,lat,lon,land\n1,A,36.3,44.2,{word}\n", columns))
    assert (place.country_code, place.admin1_code) == ("IQ", "IQ.11")


def test_a_place_at_sea_has_no_country(tmp_path: Path) -> None:
    (place,) = places(csv_source(tmp_path, "no,name,lat,lon\n1,Rig,20,-40\n"))
    assert (place.country_code, place.admin1_code) == (None, None)


@pytest.mark.parametrize("word", ["IQ.01", "01", "Anbar", "al-Anbar", "Anbar Governorate"])
def test_divisions_by_code_and_name(word: str, tmp_path: Path) -> None:
    columns = COLUMNS + POINT + 'country = { value = "IQ" }\nadmin1 = "province"\n'
    (place,) = places(csv_source(tmp_path, f"no,name,lat,lon,province\n1,A,36.3,44.2,{word}\n", columns))
    assert place.admin1_code == "IQ.01"


def test_ids_made_of_several_columns(tmp_path: Path) -> None:
    columns = COLUMNS.replace('"no"', '"{province}-{no}"') + POINT
    (place,) = places(csv_source(tmp_path, "no,province,name,lat,lon\n1,AN,A,36.3,44.2\n", columns))
    assert place.id == "posts:AN-1"


def test_precedence() -> None:
    assert RANK_OUTLINES < mapped.RANK_OVER < RANK_DUMP
    assert RANK_DEFAULT < mapped.RANK_UNDER < RANK_FURTHER


@pytest.mark.parametrize(("head", "rank"), [("", mapped.RANK_UNDER), ('precedence = "over"\n', mapped.RANK_OVER)])
def test_precedence_is_a_rank(head: str, rank: int, tmp_path: Path) -> None:
    assert csv_source(tmp_path, "no,name,lat,lon\n", head=head).rank == rank


# -- the mapping -----------------------------------------------------------------------------------------------------


def test_everything_wrong_with_a_mapping_is_told_together(tmp_path: Path) -> None:
    text = """
[columns]
id = "villages:{no}"
name = "name"
othername = "aka"
type = { value = "checkpoint" }
note = { colum = "remark" }
lat = "lat"
"""
    path = mapping(tmp_path, text, "posts.csv", "no\n", head='licens = "x"\ncrs = "EPSG:1"\nprecedence = "above"\n')
    path.write_text(
        path.read_text().replace('name = "posts"', 'name = "My Posts"').replace('credit = "Example Desk"\n', "")
    )
    said = refusal(path)
    for part in (
        "credit is missing",
        'licens is not a known key (did you mean "licence"?)',
        "name must be small letters, digits and hyphens",
        '"EPSG:1" is not a known reference system',
        "precedence must be one of 'under' or 'over'",
        'columns.othername is not a known key (did you mean "other_names"?)',
        'columns.note.colum is not a known key (did you mean "column"?)',
        'columns.type: "checkpoint" is not a GeoNames class and code',
        'ids of "villages" are not known',
    ):
        assert part in said


def test_columns_that_are_not_there_are_told_together(tmp_path: Path) -> None:
    columns = COLUMNS + POINT + 'other_names = ["arabic", "aka"]\nprecision_m = { value = 50 }\n'
    said = refusal(mapping(tmp_path, columns, "posts.csv", "no,Name,lat,lat,lng,arabic\n"))
    assert 'columns.name: there is no column "name" (did you mean "Name"?)' in said
    assert 'columns.other_names (2): there is no column "aka"' in said
    assert 'columns.lon: there is no column "lon" (did you mean "lng"?)' in said
    assert 'columns.lat: the column "lat" stands 2 times' in said


def test_a_csv_needs_coordinates(tmp_path: Path) -> None:
    assert "columns.lat and columns.lon are missing" in refusal(mapping(tmp_path, COLUMNS, "posts.csv", "no,name\n"))
    columns = COLUMNS + 'x = "x"\ny = "y"\n'
    assert "crs is missing" in refusal(mapping(tmp_path, columns, "posts.csv", "no,name,x,y\n"))
    columns = COLUMNS + 'lat = "lat"\n'
    assert "go together" in refusal(mapping(tmp_path, columns, "posts.csv", "no,name,lat\n"))


@pytest.mark.parametrize("name", ["geonames", "curated", "whosonfirst", "boundaries"])
def test_names_of_the_gazetteer_itself_are_taken(name: str, tmp_path: Path) -> None:
    path = mapping(tmp_path, COLUMNS + POINT, "posts.csv", "no,name,lat,lon\n")
    path.write_text(path.read_text().replace('name = "posts"', f'name = "{name}"'))
    assert "a name of the gazetteer itself" in refusal(path)


def test_a_mapping_reaches_no_file_elsewhere(tmp_path: Path) -> None:
    folder = tmp_path / "inner"
    folder.mkdir()
    (tmp_path / "secret.csv").write_text("no,name,lat,lon\n1,Secret,36.3,44.2\n")
    (folder / "link.csv").symlink_to(tmp_path / "secret.csv")
    for file in ("../secret.csv", str(tmp_path / "secret.csv"), "link.csv", "/vsicurl/http://x.example/a.gpkg"):
        assert "does not lie beside it or below" in refusal(mapping(folder, COLUMNS + POINT, file))


def test_a_missing_file_is_told_with_what_is_there(tmp_path: Path) -> None:
    (tmp_path / "posts-2026.csv").write_text("")
    said = refusal(mapping(tmp_path, COLUMNS + POINT, "posts_2026.csv"))
    assert 'did you mean "posts-2026.csv"?' in said


@pytest.mark.parametrize("data", [b"name = ", b"\xff\xfe", b"x" * (2 << 20), b"a = " + b"[" * 100_000])
def test_what_is_no_mapping_is_refused(data: bytes, tmp_path: Path) -> None:
    path = tmp_path / "posts.toml"
    path.write_bytes(data)
    assert "posts.toml" in refusal(path)
    assert "missing.toml" in refusal(tmp_path / "missing.toml")


def test_the_version_is_that_of_mapping_and_data(tmp_path: Path) -> None:
    data = "no,name,lat,lon\n1,A,36.3,44.2\n"
    first = csv_source(tmp_path, data).version
    assert csv_source(tmp_path, data).version == first
    assert csv_source(tmp_path, data.replace("A", "B")).version != first
    assert csv_source(tmp_path, data, head='delimiter = ","\n').version != first
