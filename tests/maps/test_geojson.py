"""The feeds are RFC 7946, the same bytes every time, and other programs read them."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import os
import subprocess
import sys
from dataclasses import fields, replace
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import jsonschema
import pyogrio
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyproj import Geod
from shapely.geometry import LineString, MultiPolygon, Point, Polygon, shape

from maps import feeds, geojson, layout, site
from maps.model import Basemap, Credit, Feature
from maps.texts import clean, web_address

POSITION: dict[str, Any] = {
    "type": "array",
    "prefixItems": [
        {"type": "number", "minimum": -180, "maximum": 180},
        {"type": "number", "minimum": -90, "maximum": 90},
    ],
    "minItems": 2,
    "maxItems": 2,
}
RING = {"type": "array", "minItems": 4, "items": POSITION}
LINE = {"type": "array", "minItems": 2, "items": POSITION}


def geometry(kind: str, coordinates: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "object",
        "required": ["type", "coordinates"],
        "additionalProperties": False,
        "properties": {"type": {"const": kind}, "coordinates": coordinates},
    }


GEOMETRIES = {
    layout.ALL: geometry("Point", POSITION),
    layout.UNLOCATED: {"type": "null"},
    layout.AREAS: geometry("MultiPolygon", {"type": "array", "minItems": 1, "items": {"type": "array", "items": RING}}),
    layout.LINES: geometry("MultiLineString", {"type": "array", "minItems": 1, "items": LINE}),
}


def schema(geometry_schema: dict[str, Any]) -> dict[str, Any]:
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "type": "object",
        "required": ["type", "metadata", "features"],
        "additionalProperties": False,
        "properties": {
            "type": {"const": "FeatureCollection"},
            "metadata": {"type": "object", "required": ["title", "version", "data_updated", "attribution", "count"]},
            "bbox": {"type": "array", "minItems": 4, "maxItems": 4, "items": {"type": "number"}},
            "features": {
                "type": "array",
                "items": {
                    "type": "object",
                    "required": ["type", "id", "geometry", "properties"],
                    "additionalProperties": False,
                    "properties": {
                        "type": {"const": "Feature"},
                        "id": {"type": "string", "minLength": 1},
                        "geometry": geometry_schema,
                        "properties": {"type": "object", "required": list(geojson.PROPERTIES)},
                    },
                },
            },
        },
    }


@pytest.fixture
def files(features: tuple[Feature, ...], basemap: Basemap, credits: tuple[Credit, ...]) -> dict[str, bytes]:
    return site.build(features, basemap=basemap, credits=credits, title="Northland")


def test_every_feed_is_rfc_7946(files: dict[str, bytes]) -> None:
    seen = 0
    for path, data in files.items():
        if path.endswith(".geojson") and "/incident/" not in path:
            jsonschema.Draft202012Validator(schema(GEOMETRIES.get(path, GEOMETRIES[layout.ALL]))).validate(
                json.loads(data)
            )
            assert b"\r" not in data
            assert data.endswith(b"]}\n")
            seen += 1
    assert seen >= 8


def test_points_have_ids_order_and_five_decimals(files: dict[str, bytes], features: tuple[Feature, ...]) -> None:
    read = json.loads(files[layout.ALL])
    assert [row["id"] for row in read["features"]] == ["inc-0a1", "inc-0a2", "inc-0a3", "inc-0a4", "inc-0a5"]
    assert read["features"][0]["geometry"]["coordinates"] == [12.51235, 42.1]
    assert read["bbox"] == [7.8, 39.6, 18.2, 44.8]
    assert read["metadata"] | {"count": 5, "unlocated": 1, "data_updated": "2026-03-20T08:30:00Z"} == read["metadata"]
    for row in read["features"]:
        assert tuple(row["properties"]) == geojson.PROPERTIES
        assert row["properties"]["incident_id"] == row["id"]
    assert [row["id"] for row in json.loads(files[layout.UNLOCATED])["features"]] == ["inc-0a6"]


def test_properties_are_the_models_fields_in_the_models_order() -> None:
    names = [field.name for field in fields(Feature)]
    assert list(geojson.PROPERTIES) == names[: names.index("drawn_as") + 1]


def test_types_of_values(files: dict[str, bytes]) -> None:
    row = json.loads(files[layout.ALL])["features"][0]["properties"]
    assert row["date_start"] == "2026-03-14"
    assert row["updated_at"] == "2026-03-20T08:30:00Z"
    assert row["article_ids"] == ["a1", "a2"]
    assert row["confidence"] == 0.86
    assert row["killed_high"] == 7
    assert row["reviewed"] is False
    assert json.loads(files[layout.ALL])["features"][1]["properties"]["killed_best"] == 0
    assert json.loads(files[layout.ALL])["features"][2]["properties"]["killed_best"] is None


def test_one_feature_a_line(files: dict[str, bytes]) -> None:
    lines = files[layout.ALL].decode().split("\n")
    assert len(lines) == 5 + 3
    assert all(json.loads(line.rstrip(","))["type"] == "Feature" for line in lines[1:-2])


def test_areas_are_valid_counter_clockwise_and_where_they_should_be(files: dict[str, bytes]) -> None:
    rows = {row["id"]: row for row in json.loads(files[layout.AREAS])["features"]}
    assert {key: row["properties"]["area_kind"] for key, row in rows.items()} == {
        "inc-0a2": "circle",
        "inc-0a3": "region",
        "inc-0a5": "region",
    }
    for row in rows.values():
        multi = shape(row["geometry"])
        assert isinstance(multi, MultiPolygon)
        assert multi.is_valid
        assert all(polygon.exterior.is_ccw for polygon in multi.geoms)
    circle = shape(rows["inc-0a2"]["geometry"])
    geod = Geod(ellps="WGS84")
    for x, y in circle.geoms[0].exterior.coords:
        assert abs(geod.inv(18.2, 44.8, x, y)[2] - 25000) < 3
    assert [row["id"] for row in json.loads(files[layout.LINES])["features"]] == ["inc-0a4"]


@pytest.mark.parametrize(
    ("lon", "lat", "radius"),
    [(179.95, -17, 50_000), (-179.95, 66, 80_000), (30, 89.9, 60_000), (0, -90, 1000), (5, 0, 900_000)],
)
def test_circles_at_the_edges_of_the_world(lon: float, lat: float, radius: float) -> None:
    around = geojson.circle(Point(lon, lat), radius)
    assert around.is_valid
    west, south, east, north = around.bounds
    assert west >= -180 and east <= 180 and south >= -90 and north <= 90
    size, _ = Geod(ellps="WGS84").geometry_area_perimeter(around)
    if abs(lat) < 80:
        assert abs(size) == pytest.approx(3.14159 * radius**2, rel=0.02)


def test_bbox_across_the_antimeridian(features: tuple[Feature, ...]) -> None:
    base = features[0]
    pacific = [replace(base, point=Point(178, -17)), replace(base, incident_id="b", point=Point(-176, -20))]
    assert geojson.bounds_of(pacific) == (178, -20, -176, -17)
    both = [replace(base, incident_id="c", point=Point(10, 50)), replace(base, incident_id="d", point=Point(-10, 50))]
    assert geojson.bounds_of([*pacific, *both]) == (-176, -20, 178, 50)


@pytest.mark.parametrize("point", [Point(), Point(181, 0), Point(0, 91), Point(float("nan"), 1)])
def test_a_point_outside_the_world_is_no_point(features: tuple[Feature, ...], point: Point) -> None:
    read = json.loads(geojson.dumps([replace(features[0], point=point)], {}))
    assert read["features"][0]["geometry"] is None
    assert read["features"][0]["properties"]["drawn_as"] is None


def test_times_of_other_zones_are_written_in_utc(features: tuple[Feature, ...]) -> None:
    there = datetime(2026, 3, 1, 1, 30, 5, 99, tzinfo=timezone(timedelta(hours=3)))
    read = json.loads(geojson.dumps([replace(features[0], updated_at=there)], {}))
    assert read["features"][0]["properties"]["updated_at"] == "2026-02-28T22:30:05Z"


def test_what_is_no_number_is_null(features: tuple[Feature, ...]) -> None:
    read = json.loads(geojson.dumps([replace(features[0], confidence=float("nan"))], {}))
    assert read["features"][0]["properties"]["confidence"] is None


def test_incident_file_has_claims_sources_and_aliases(files: dict[str, bytes]) -> None:
    read = json.loads(files[layout.incident("inc-0a1")])
    assert read["type"] == "Feature" and read["id"] == "inc-0a1"
    assert read["geometry"] == {"type": "Point", "coordinates": [12.51235, 42.1]}
    assert read["properties"]["aliases"] == ["inc-0b9"]
    assert read["properties"]["rival_places"] == ["Tell Harbour"]
    assert [claim["speaker"] for claim in read["properties"]["claims"]] == ["the army", "a medic", "River Brigade"]
    assert read["properties"]["sources"][0]["quotes"] == ["A drone hit the air base outside Marrow on Saturday."]


def test_gdal_reads_the_same_incidents(files: dict[str, bytes], tmp_path: Path) -> None:
    for name, count, kind in (
        (layout.ALL, 5, "Point"),
        (layout.AREAS, 3, "MultiPolygon"),
        (layout.LINES, 1, "MultiLineString"),
    ):
        path = tmp_path / Path(name).name
        path.write_bytes(files[name])
        info = pyogrio.read_info(path)
        assert (info["features"], info["geometry_type"], info["crs"]) == (count, kind, "EPSG:4326")
    table = pyogrio.read_dataframe(tmp_path / "all.geojson")
    assert list(table["incident_id"]) == ["inc-0a1", "inc-0a2", "inc-0a3", "inc-0a4", "inc-0a5"]
    types = dict(zip(pyogrio.read_info(tmp_path / "all.geojson")["fields"], table.dtypes.astype(str), strict=False))
    assert types["date_start"].startswith("datetime64")
    assert types["killed_best"] in ("float64", "Int32", "int32")


def test_index_tells_the_truth(files: dict[str, bytes]) -> None:
    index = json.loads(files[layout.INDEX])
    assert index["incidents"] == 6
    listed = {row["path"]: row for row in index["files"]}
    assert set(listed) == {path for path in files if path.startswith("feeds/") and path != layout.INDEX}
    for path, row in listed.items():
        assert row["bytes"] == len(files[path])
        assert row["sha256"] == hashlib.sha256(files[path]).hexdigest()
        if path.endswith(".geojson") and "/incident/" not in path:
            assert row["count"] == len(json.loads(files[path])["features"])
    assert listed[layout.ALL]["bbox"] == [7.8, 39.6, 18.2, 44.8]
    assert listed[layout.ALL]["window"] == ["2025-12-09", "2026-03-14"]


def test_deleted_incidents_leave_a_stone(features: tuple[Feature, ...], basemap: Basemap) -> None:
    gone = [
        ("inc-1", date(2026, 1, 1), "retracted", None),
        ("inc-0", datetime(2026, 2, 1, 5, tzinfo=UTC), "merged", "inc-0a1"),
    ]
    read = json.loads(site.build(features, basemap=basemap, deleted=gone)[layout.DELETED])
    assert read["metadata"]["count"] == 2
    assert read["deleted"] == [
        {"incident_id": "inc-0", "deleted_at": "2026-02-01T05:00:00Z", "reason": "merged", "replaced_by": "inc-0a1"},
        {"incident_id": "inc-1", "deleted_at": "2026-01-01", "reason": "retracted", "replaced_by": None},
    ]


def test_table_runs_no_formula(features: tuple[Feature, ...]) -> None:
    starts = ["=1+1", "+1", "-1", "@SUM(A1)", "\tx", "＝1", "＋1", "－1", "＠x"]
    rows = [
        replace(features[0], incident_id=f"i{n}", title=text, publishers=(text, "b")) for n, text in enumerate(starts)
    ]
    read = list(csv.DictReader(io.StringIO(feeds.csv(rows).decode("utf-8-sig"))))
    assert {row["title"][0] for row in read} == {"'"}
    assert {row["publishers"][0] for row in read} == {"'"}
    assert read[0]["lon"] == "12.51235" and read[0]["killed_high"] == "7" and read[0]["reviewed"] == "false"


def test_one_changed_title_changes_only_the_files_that_hold_it(
    features: tuple[Feature, ...], basemap: Basemap, files: dict[str, bytes], credits: tuple[Credit, ...]
) -> None:
    changed = (replace(features[0], title="Another title"), *features[1:])
    new = site.build(changed, basemap=basemap, credits=credits, title="Northland")
    assert {path for path in files if new[path] != files[path]} == {
        "index.html",
        layout.ALL,
        layout.CSV,
        layout.INDEX,
        layout.country("NL"),
        layout.event_type("Explosions/Remote violence"),
        layout.month("2026-03"),
        layout.incident("inc-0a1"),
    }


def test_two_features_of_one_id_are_refused(features: tuple[Feature, ...], basemap: Basemap) -> None:
    with pytest.raises(ValueError, match="inc-0a1"):
        site.build([features[0], features[0]], basemap=basemap)


def test_no_incidents_at_all_still_make_a_site(basemap: Basemap) -> None:
    files = site.build([], basemap=basemap)
    assert json.loads(files[layout.ALL])["features"] == []
    assert b"</html>" in files[layout.INDEX_PAGE]
    assert site.build([], basemap=Basemap())[layout.INDEX_PAGE]


BUILD = """
import sys, hashlib
from datetime import date, datetime, UTC
from shapely.geometry import Point, box
from maps import site
from maps.model import Basemap, Claim, Credit, Feature, Source
rows = [Feature(f"i{n}", f"Title {n}", t, "s", date_start=date(2026, 1 + n % 3, 1), country=c,
                country_code=c[:2].upper(), point=Point(n, n), drawn_as="near", radius_m=9000, actor_1="A",
                updated_at=datetime(2026, 1, 1, tzinfo=UTC),
                claims=(Claim("killed", "2", "x"),), sources=(Source("a", "t", quotes=("q",)),))
        for n, (t, c) in enumerate([("Battles", "Iraq"), ("Riots", "Syria"), ("Zeal", "Iran"), ("Riots", "Iraq")] * 12)]
land = Basemap(countries=tuple((c, c, box(x, -20, x + 10, 30)) for x, c in zip((0, 10, 20), "ABC")),
               labels=(("L", Point(1, 1), 3),))
files = site.build(rows, basemap=land, credits=(Credit("a", "b"),))
sys.stdout.write("".join(f"{p} {hashlib.sha256(d).hexdigest()}\\n" for p, d in files.items()))
"""


def test_two_processes_write_the_same_bytes() -> None:
    outputs = [
        subprocess.run(
            [sys.executable, "-c", BUILD],
            check=True,
            capture_output=True,
            text=True,
            cwd=Path(__file__).parents[2],
            env={**os.environ, "PYTHONHASHSEED": seed},
        ).stdout
        for seed in ("1", "4711")
    ]
    assert outputs[0] == outputs[1]
    assert outputs[0].count("\n") > 30
    assert "maps/" in outputs[0]


HOSTILE: list[str] = json.loads((Path(__file__).parents[1] / "data" / "hostile.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("text", [*HOSTILE, "a\ud800b", "a\x00b", "a\u202eb\u2066c", ""])
def test_texts_arrive_as_they_are_or_cleaned(text: str, features: tuple[Feature, ...]) -> None:
    read = json.loads(geojson.incident(replace(features[0], title=text, aliases=(text,)), {"note": text}))
    assert read["properties"]["title"] == clean(text) == read["properties"]["aliases"][0] == read["metadata"]["note"]
    assert text in HOSTILE or not text or clean(text) != text


@given(st.text())
def test_clean_leaves_text_that_any_file_can_hold(text: str) -> None:
    cleaned = clean(text)
    cleaned.encode("utf-8")
    assert "\x00" not in cleaned
    assert clean(cleaned) == cleaned


@given(st.text())
def test_slugs_are_safe_names(text: str) -> None:
    path = layout.incident(text)
    name = path.removeprefix("feeds/v1/incident/").removesuffix(".geojson")
    assert name
    assert set(name) <= set("abcdefghijklmnopqrstuvwxyz0123456789-")
    assert len(name) <= 80


def test_slugs_of_odd_names_differ() -> None:
    odd = ["../x", "CON", "con", ".htaccess", "", "a\x00b", "a" * 300, "a" * 301, "Ирак", "Иран", "\ud800", "x", "X"]
    paths = [layout.incident(text) for text in odd]
    assert len({path.lower() for path in paths}) == len(odd)
    assert all(len(path) < 120 for path in paths)


def test_only_web_addresses_become_links() -> None:
    assert web_address("https://a.example/b?c=d#e") == "https://a.example/b?c=d#e"
    for text in (
        None,
        "",
        "javascript:alert(1)",
        "JaVaScRiPt://a.example/%0aalert(1)",
        "data:text/html,x",
        "//a.example",
        "http://",
    ):
        assert web_address(text) is None


def test_an_area_smaller_than_the_grid_falls_back_to_the_circle(features: tuple[Feature, ...]) -> None:
    speck = Polygon([(18.2, 44.8), (18.2000001, 44.8), (18.2, 44.8000001)])
    read = json.loads(geojson.areas([replace(features[1], area=speck)], {}))
    assert read["features"][0]["properties"]["area_kind"] == "circle"
    flat = replace(features[1], area=LineString([(1, 1), (2, 2)]))
    assert json.loads(geojson.areas([flat], {}))["features"] == []
