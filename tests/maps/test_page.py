"""The pages in a real Chromium, opened from disk with the network closed."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable
from dataclasses import fields, replace
from math import asinh, pi, radians, tan
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import shapely
from shapely import affinity
from shapely.geometry import Point, Polygon, box

from maps import about, island, layout, leaflet, site
from maps import basemap as basemaps
from maps.model import Basemap, Claim, Credit, Feature, Source
from maps.texts import clean

pytestmark = pytest.mark.browser

HOSTILE: list[str] = json.loads((Path(__file__).parents[1] / "data" / "hostile.json").read_text(encoding="utf-8"))
LEAFLET_SHA256 = "5819285cec137b229c94e1ee5ad73e8b6b84345a4367d60f75fe477fe0fb7b03"


@pytest.fixture
def publish(tmp_path: Path, basemap: Basemap, credits: tuple[Credit, ...]) -> Callable[..., Path]:
    """publish(features, title="...") -> path of index.html in a written site."""

    def write(features: tuple[Feature, ...], title: str = "Northland incidents") -> Path:
        for path, data in site.build(features, basemap=basemap, credits=credits, title=title).items():
            target = tmp_path / "site" / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(data)
        return tmp_path / "site" / layout.INDEX_PAGE

    return write


@pytest.fixture
def index(publish: Callable[..., Path], features: tuple[Feature, ...]) -> Path:
    return publish(features)


def titles(page: Any) -> list[str]:
    return list(page.locator("#list .item-title").all_text_contents())


def test_opens_from_disk_and_asks_nobody(index: Path, visit: Callable[..., Any]) -> None:
    opened = visit(index)
    assert opened.page.title() == "Northland incidents"
    assert opened.page.locator("html").get_attribute("lang") == "en"
    assert "user-scalable" not in opened.page.content() and "maximum-scale" not in opened.page.content()
    assert opened.page.locator("#count").text_content() == "6 of 6 incidents"
    assert opened.page.evaluate("document.characterSet") == "UTF-8"
    assert opened.requests == [index.as_uri()]
    assert opened.complaints == []


def pixels(page: Any, pane: str) -> int:
    """How many pixels of a canvas are painted."""
    script = """(pane) => {
        const canvas = document.querySelector(`.leaflet-${pane}-pane canvas`);
        const data = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data;
        let count = 0;
        for (let k = 3; k < data.length; k += 4) if (data[k]) count += 1;
        return count;
    }"""
    return int(page.evaluate(script, pane))


def test_map_is_drawn(index: Path, visit: Callable[..., Any]) -> None:
    page = visit(index).page
    assert pixels(page, "basemap") > 500_000
    everything = pixels(page, "incidents")
    assert everything > 5_000
    page.locator("#types input").first.uncheck()
    assert 0 < pixels(page, "incidents") < everything


def test_every_incident_is_reached_and_left_by_keyboard(
    index: Path, visit: Callable[..., Any], features: tuple[Feature, ...]
) -> None:
    opened = visit(index)
    page = opened.page
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.id") == "skip"
    page.keyboard.press("Enter")
    reached = []
    for _ in features:
        focused = page.locator(":focus")
        title = focused.locator(".item-title").text_content()
        assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
        page.keyboard.press("Enter")
        assert page.locator("#detail h2").text_content() == title
        assert page.evaluate("document.activeElement.id") == "detail-title"
        located = next(f for f in features if f.title == title).point is not None
        page.wait_for_function("(n) => document.querySelectorAll('.leaflet-popup').length === n", arg=int(located))
        if located:
            assert page.locator(".leaflet-popup h2").text_content() == title
        page.keyboard.press("Escape")
        page.wait_for_function("() => document.querySelectorAll('.leaflet-popup').length === 0")
        assert page.locator(":focus .item-title").text_content() == title
        reached.append(title)
        page.keyboard.press("Tab")
    assert sorted(reached) == sorted(feature.title for feature in features)
    assert opened.complaints == []


def test_detail_says_everything(index: Path, visit: Callable[..., Any]) -> None:
    page = visit(index).page
    page.get_by_role("button", name="Drone strike on Marrow air base").click()
    text = page.locator("#detail").inner_text()
    for part in (
        "14 March 2026",
        "the day is known",
        "Marrow air base, West Province, Northland",
        "the place itself (within about 900 m)",
        "In the text: “the air base outside Marrow”",
        "the only air base of this name",
        "Other reports say: Tell Harbour",
        "River Brigade",
        "Northland Army",
        "With: drone",
        "4 killed (reports say 4–7)",
        "12 wounded",
        "The figures differ",
        "the army",
        "a medic",
        "A medic counted seven dead at the gate.",
        "River Brigade announced: claimed the strike",
        "accounts contradict each other",
        "2 sources",
        "The Daily Example · 14 March 2026",
        "A drone hit the air base outside Marrow on Saturday.",
        "inc-0a1",
        "Formerly inc-0b9",
        "confidence 86 %",
    ):
        assert part in text, part
    link = page.locator("#detail .source-title a").first
    assert link.get_attribute("href") == "https://daily.example/marrow"
    assert link.get_attribute("rel") == "noopener noreferrer nofollow"
    file = page.locator("#detail .record a").get_attribute("href")
    assert (index.parent / file).exists()
    page.get_by_role("button", name="Copy").click()
    assert page.evaluate("getSelection().toString()") == "inc-0a1"
    assert "no one killed" in page.locator("#list").text_content()


def test_filters_search_and_reset(index: Path, visit: Callable[..., Any]) -> None:
    page = visit(index).page
    count = page.locator("#count")
    page.get_by_label("Battles").uncheck()
    assert count.text_content() == "4 of 6 incidents"
    assert "Clashes in West Province" not in titles(page)
    page.get_by_label("From", exact=True).fill("2026-03-04")
    page.get_by_label("From", exact=True).dispatch_event("change")
    assert titles(page) == ["Drone strike on Marrow air base", "Shelling near Tell Harbour"]
    page.get_by_label("To", exact=True).fill("2026-03-10")
    page.get_by_label("To", exact=True).dispatch_event("change")
    assert titles(page) == ["Shelling near Tell Harbour"]
    page.get_by_role("button", name="Reset").click()
    assert count.text_content() == "6 of 6 incidents"
    assert page.locator("#reset").is_disabled()
    page.get_by_label("Search").fill("  HÁRBOUR shelling ")
    page.wait_for_function("() => document.querySelector('#count').textContent === '1 of 6 incidents'")
    page.get_by_label("Search").fill("nothing like this (.*")
    page.wait_for_function("() => document.querySelector('#count').textContent === '0 of 6 incidents'")
    assert page.locator("#empty").is_visible()


def test_list_follows_the_map_and_keeps_what_has_no_place(index: Path, visit: Callable[..., Any]) -> None:
    page = visit(index, "#map=9/44.8/18.2").page
    assert titles(page) == ["Shelling near Tell Harbour", "Southland reports arrests"]
    assert page.locator("#elsewhere").text_content() == "4 outside the view"
    page.get_by_label("Only what the map shows").uncheck()
    assert len(titles(page)) == 6
    page.get_by_label("Only what the map shows").check()
    page.get_by_role("button", name="Show all incidents").click()
    page.wait_for_function("() => document.querySelectorAll('#list li').length === 6")


def test_permalink_brings_back_view_filters_and_incident(index: Path, visit: Callable[..., Any]) -> None:
    page = visit(index).page
    page.get_by_label("Battles").uncheck()
    page.get_by_label("From", exact=True).fill("2026-01-01")
    page.get_by_label("From", exact=True).dispatch_event("change")
    page.get_by_role("button", name="Shelling near Tell Harbour").click()
    page.wait_for_timeout(500)  # the popup may move the map
    fragment = page.evaluate("location.hash")
    listed = titles(page)
    again = visit(index, fragment)
    assert again.page.locator("#detail h2").text_content() == "Shelling near Tell Harbour"
    assert again.page.locator(".leaflet-popup h2").text_content() == "Shelling near Tell Harbour"
    assert not again.page.get_by_label("Battles").is_checked()
    assert again.page.locator("#from").input_value() == "2026-01-01"
    assert titles(again.page) == listed
    assert again.page.evaluate("location.hash") == fragment
    assert again.complaints == []


@pytest.mark.parametrize(
    "fragment", ["#map=NaN/x/%00&type=<img src=x>&from=yes&id=__proto__", "#map=9999/1e9/-1e9", "#%%%", "#q=%E0%A4%A"]
)
def test_a_broken_address_breaks_nothing(fragment: str, index: Path, visit: Callable[..., Any]) -> None:
    opened = visit(index, fragment)
    assert opened.complaints == []
    assert opened.page.locator("#types input").count() == 4


def test_click_on_the_map_opens_an_incident_and_a_cluster_opens_up(
    publish: Callable[..., Path], visit: Callable[..., Any], features: tuple[Feature, ...]
) -> None:
    twins = tuple(
        replace(features[1], incident_id=f"twin-{n}", title=f"Twin {n}", point=Point(18.2, 44.8)) for n in range(3)
    )
    index = publish((features[0], *twins))
    page = visit(index, "#map=6/43.5/15.3").page
    box = page.locator("#map").bounding_box()

    def click(lon: float, lat: float, zoom: int, centre: tuple[float, float]) -> None:
        here, middle = mercator(lon, lat, zoom), mercator(*centre, zoom)
        page.mouse.click(
            box["x"] + box["width"] / 2 + here[0] - middle[0], box["y"] + box["height"] / 2 + here[1] - middle[1]
        )

    click(12.51235, 42.1, 6, (15.3, 43.5))
    assert page.locator("#detail h2").text_content() == "Drone strike on Marrow air base"
    page.keyboard.press("Escape")
    # Three incidents at one point: no zoom parts them, so the popup lists them.
    page = visit(index, "#map=16/44.8/18.2").page
    click(18.2, 44.8, 16, (18.2, 44.8))
    assert page.locator(".leaflet-popup h2").text_content() == "3 incidents here"
    page.locator(".leaflet-popup").get_by_role("button", name="Twin 2").click()
    assert page.locator("#detail h2").text_content() == "Twin 2"


def mercator(lon: float, lat: float, zoom: int) -> tuple[float, float]:
    """Pixels of the world, written down a second time."""
    scale = 256 * 2**zoom
    return scale * (lon / 360 + 0.5), scale * (0.5 - asinh(tan(radians(lat))) / (2 * pi))


# --- hostile text -----------------------------------------------------------------------------------------------------


def infected(text: str, number: int) -> Feature:
    """An incident with the text in every field that holds text."""
    by_type = {"str": text, "str | None": text, "tuple[str, ...]": (text,)}
    kept = {"incident_id", "drawn_as"}
    given = {f.name: by_type[str(f.type)] for f in fields(Feature) if str(f.type) in by_type and f.name not in kept}
    claims = tuple(
        Claim(kind, text, text, text, 1, 2, text, text, text) for kind in ("killed", "wounded", "denial", text)
    )
    source = Source(text, text, text, None, text, (text, text))
    return Feature(
        **given,
        incident_id=f"{text}#{number}",
        drawn_as="pin",
        point=Point(11 + number / 4, 41),
        claims=claims,
        sources=(source,),
        killed_best=1,
    )


def test_hostile_text_in_every_field_is_shown_literally(
    tmp_path: Path, visit: Callable[..., Any], publish: Callable[..., Path]
) -> None:
    rows = tuple(infected(text, number) for number, text in enumerate(HOSTILE))
    opened = visit(publish(rows, title=f"Title {HOSTILE[7]} {HOSTILE[0]}"))
    page = opened.page
    assert page.locator("h1").text_content() == f"Title {HOSTILE[7]} {HOSTILE[0]}"
    assert page.title() == f"Title {HOSTILE[7]} {HOSTILE[0]}"
    assert sorted(page.locator("#types .type-name").all_text_contents()) == sorted(HOSTILE)
    for number, text in enumerate(HOSTILE):
        place = page.evaluate(
            "(t) => [...document.querySelectorAll('#list .item-title')].findIndex((n) => n.textContent === t)", text
        )
        assert place >= 0, text
        meta = page.locator("#list .item").nth(place).locator(".item-meta").first.text_content()
        assert text in meta
        page.locator("#list .item").nth(place).click()
        assert page.locator(".leaflet-popup h2").text_content() == text
        assert text in page.locator(".leaflet-popup p").nth(1).text_content()
        assert page.locator("#detail h2").text_content() == text
        shown = page.locator("#detail").evaluate("(node) => node.textContent")
        assert shown.count(text) >= 20, text
        assert page.locator("#detail blockquote").first.text_content() == text
        assert page.locator("#detail code").text_content() == f"{text}#{number}"
        for address in page.locator("#detail a").evaluate_all("(links) => links.map((a) => a.getAttribute('href'))"):
            assert address.startswith(("feeds/v1/incident/", "https://", "http://"))
        page.keyboard.press("Escape")
    assert page.evaluate("window.marker") is None
    assert page.evaluate("Object.prototype.polluted ?? Object.keys(Object.prototype).length") == 0
    assert page.locator("img, svg, iframe, object, embed, textarea").count() == 0
    assert opened.requests == [opened.page.url.split("#")[0]]
    assert opened.complaints == []
    page.get_by_label("Search").fill(HOSTILE[0])
    page.wait_for_function("() => document.querySelectorAll('#list li').length < 5")
    assert HOSTILE[0] in titles(page)


def test_bidirectional_controls_are_not_shown(
    publish: Callable[..., Path], visit: Callable[..., Any], features: tuple[Feature, ...]
) -> None:
    opened = visit(publish((replace(features[0], title="safe\u202egnp.exe\u2066 \ud800 \x00end"),)))
    assert titles(opened.page) == ["safegnp.exe \ufffd end"]


def test_policy_stops_a_planted_injection(index: Path, visit: Callable[..., Any]) -> None:
    planted = (
        "<script>window.marker=1</script><img src=x onerror='window.marker=2'>"
        "<a id=trap href='javascript:window.marker=3'>trap</a><iframe src='https://tracker.example/'></iframe>"
        "<link rel=stylesheet href='https://tracker.example/x.css'><form action='https://tracker.example/'></form>"
    )
    text = index.read_text(encoding="utf-8")
    assert text.count('<main class="panel"') == 1
    index.write_text(text.replace('<main class="panel"', planted + '<main class="panel"'), encoding="utf-8")
    opened = visit(index)
    opened.page.evaluate("document.getElementById('trap').click()")
    opened.page.wait_for_timeout(300)
    assert opened.page.evaluate("window.marker") is None
    assert opened.page.locator("#count").text_content() == "6 of 6 incidents"
    assert any("Content Security Policy" in text or "Content-Security-Policy" in text for text in opened.complaints)
    # Chromium tells of the style sheet's request, and that the policy ended it before it left.
    assert [why for url, why in opened.failures if "tracker" in url] == ["csp"]
    # The same page without the policy runs it, so the test can tell.
    bare = re.sub(r'<meta http-equiv="Content-Security-Policy"[^>]*>', "", index.read_text(encoding="utf-8"))
    index.write_text(bare, encoding="utf-8")
    assert visit(index).page.evaluate("window.marker") is not None


def test_policy_has_no_unsafe_word(index: Path) -> None:
    text = index.read_text(encoding="utf-8")
    policy = re.findall(r'<meta http-equiv="Content-Security-Policy" content="([^"]*)">', text)
    assert len(policy) == 1
    assert "unsafe" not in policy[0]
    assert policy[0].startswith("default-src 'none'; script-src 'sha256-")
    head = text.split("Content-Security-Policy")[0]
    assert "<script" not in head and "<style" not in head and "<link" not in head


def test_island_is_inert_and_reads_back() -> None:
    for text in HOSTILE:
        written = island.dumps({"a": text, text: 1})
        assert not re.search("[&<>\u2028\u2029\n]", written)
        assert json.loads(written)["a"] == clean(text)


# --- looks ------------------------------------------------------------------------------------------------------------


def test_phone_has_map_and_list_without_sideways_scrolling(index: Path, visit: Callable[..., Any]) -> None:
    page = visit(index, viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True).page
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    first = page.locator("#list .item").first
    assert page.locator("#map").bounding_box()["height"] > 300
    assert first.bounding_box()["y"] < 800
    assert first.bounding_box()["height"] >= 44
    first.tap()
    assert page.locator("#detail h2").is_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.get_by_role("button", name="← All incidents").tap()
    assert page.locator("#list .item").count() == 6


def test_dark_is_dark(index: Path, visit: Callable[..., Any]) -> None:
    def middle(page: Any) -> list[int]:
        script = """() => { const c = document.querySelector('.leaflet-basemap-pane canvas');
            return [...c.getContext('2d').getImageData(4, 4, 1, 1).data]; }"""
        return list(page.evaluate(script))

    light, dark = visit(index).page, visit(index, color_scheme="dark").page
    assert min(middle(light)[:3]) > 200
    assert max(middle(dark)[:3]) < 60
    dark.emulate_media(color_scheme="light")
    dark.wait_for_timeout(100)
    assert middle(dark) == middle(light)


def test_print_shows_map_and_whole_list(index: Path, visit: Callable[..., Any]) -> None:
    page = visit(index).page
    page.emulate_media(media="print")
    assert not page.locator("#filters").is_visible()
    assert page.locator("#list .item").last.is_visible()
    assert page.evaluate("getComputedStyle(document.querySelector('#panel')).overflowY") == "visible"


def test_about_page(index: Path, chromium: Any) -> None:
    page = chromium.new_page()
    complaints: list[str] = []
    page.on("console", lambda said: complaints.append(said.text))
    page.goto((index.parent / layout.ABOUT_PAGE).as_uri())
    text = page.locator("main").inner_text()
    assert "Invented Gazetteer: CC BY 4.0. Names changed." in text
    assert "somewhere in the province" in text
    for address in page.locator("main a").evaluate_all("(links) => links.map((a) => a.getAttribute('href'))"):
        assert address.startswith("https://") or (index.parent / address).exists(), address
    assert complaints == []
    page.close()
    for hostile in HOSTILE:
        credit = Credit(hostile, hostile, hostile, hostile)
        html = about.page([infected(hostile, 1)], [credit], title=hostile).decode()
        assert "<script" not in html and "<img" not in html and "<svg" not in html
        assert 'href="javascript:' not in html and 'href="data:' not in html


# --- the parts --------------------------------------------------------------------------------------------------------


def test_leaflet_is_the_file_that_was_looked_at() -> None:
    raw = leaflet._leaflet_file("leaflet.js").read_bytes()
    assert hashlib.sha256(raw).hexdigest() == LEAFLET_SHA256
    script = leaflet._leaflet_script()
    assert "sourceMappingURL" not in script
    assert "Leaflet 1.9.3" in script[:200]
    assert "url(images" not in leaflet._style()


def test_viewer_writes_no_html() -> None:
    script = leaflet._viewer_script()
    for word in ("innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", "new Function", "fetch("):
        assert word not in script, word
    for name in (path.name for path in (Path(leaflet.__file__).parent / "viewer").iterdir()):
        assert name in (*leaflet.VIEWER_SCRIPTS, "page.css", "about.css")


def test_a_placeholder_in_a_part_stays_what_it_is() -> None:
    html = leaflet.fill_shell({"head": "<title>@@body@@</title>", "body": "<p>@@head@@ \\1 \\g<0></p>"}).decode()
    assert "<title>@@body@@</title>" in html
    assert "<p>@@head@@ \\1 \\g<0></p>" in html


def test_basemap_fits_its_budget_and_shares_borders(basemap: Basemap) -> None:
    world = basemaps.prepare(basemap)
    windows = basemaps.windows([(10.5, 38.5, 15.5, 43.5)])
    assert windows == ((8.0, 36.0, 18.0, 46.0),)
    cut = basemaps.cut(world, windows)
    [detail] = cut["details"]
    assert detail["box"] == [8.0, 36.0, 18.0, 46.0]
    assert len(json.dumps(cut, separators=(",", ":"))) < 240_000

    def points(line: list[int], grid: int) -> list[tuple[float, float]]:
        x = y = 0
        found = []
        for dx, dy in zip(line[::2], line[1::2], strict=True):
            x, y = x + dx, y + dy
            found.append((x / grid, y / grid))
        return found

    border = [point for line in detail["borders"] for point in points(line, detail["grid"])]
    assert (14, 39.6) in border
    assert all(8 <= x <= 18 and 36 <= y <= 46 for x, y in border)
    for ring in detail["land"]:
        assert sum(ring[2::2]) == 0 and sum(ring[3::2]) == 0, "rings are closed"
    inner = [point for line in detail["divisions"]["lines"] for point in points(line, detail["divisions"]["grid"])]
    assert inner and all(13.9 <= x <= 14.6 for x, _ in inner)
    assert ["Marrow", 12500, 42200, 5, 0] in cut["labels"]
    assert cut["labels"][0] == ["Northland", 15000, 43600, 3, 1]


def test_a_wide_basemap_is_coarser() -> None:
    rough = Point(0, 0).buffer(1, quad_segs=400)
    many = Basemap(
        countries=tuple((f"C{x}", "", affinity.translate(rough, x * 2.5 - 170, 0)) for x in range(130)),
    )
    world = basemaps.prepare(many)
    narrow, wide, everything = (-4.0, -1.0, 4.0, 1.0), (-170.0, -1.0, 150.0, 1.0), basemaps.WORLD
    for boxes in ((), (narrow,), (wide,), (everything,), (narrow, (20.0, -1.0, 24.0, 1.0))):
        cut = basemaps.cut(world, boxes)
        assert [tuple(sheet["box"]) for sheet in cut["details"]] == list(boxes)
        assert len(json.dumps(cut, separators=(",", ":"))) < 240_000
    grids = [basemaps.cut(world, (box,))["details"][0]["grid"] for box in (narrow, everything)]
    assert grids[0] > grids[1]


def area(rings: list[list[int]], grid: int) -> float:
    """Square degrees that the even-odd rule fills."""
    whole = Polygon()
    for ring in rings:
        corners = np.cumsum(np.array(ring).reshape(-1, 2), axis=0) / grid
        whole = whole.symmetric_difference(Polygon(corners).buffer(0))
    return float(whole.area)


def test_the_land_of_a_window_is_the_land_there(basemap: Basemap) -> None:
    both = shapely.union_all([shape for _, _, shape in basemap.countries])
    world = basemaps.prepare(basemap)
    for window in ((8.0, 32.0, 22.0, 48.0), (12.0, 38.0, 16.0, 42.0), (10.0, 44.0, 12.0, 46.0)):
        [sheet] = basemaps.cut(world, (window,))["details"]
        assert area(sheet["land"], sheet["grid"]) == pytest.approx(both.intersection(box(*window)).area, rel=0.01)


def test_windows_are_apart_and_few() -> None:
    assert basemaps.windows([]) == ()
    [one] = basemaps.windows([(43.0, 36.0, 43.0, 36.0), (44.1, 36.2, 44.1, 36.2)])
    assert one == (40.0, 32.0, 48.0, 40.0)
    [at_the_edge] = basemaps.windows([(179.9, -84.0, 179.9, -84.0)])
    assert at_the_edge[2] == 180.0 and at_the_edge[1] == -85.0
    assert basemaps.windows([(-120.0, -10.0, 120.0, 10.0)]) == (), "the coarse world does for so wide an area"
    far = [(float(x), 10.0 * (x % 3), float(x), 10.0 * (x % 3)) for x in range(-170, 171, 17)]
    found = basemaps.windows(far)
    assert 1 < len(found) <= 12
    for first in found:
        assert not any(box(*first).overlaps(box(*other)) for other in found)
    for x, y, _, _ in far:
        assert any(west < x < east and south < y < north for west, south, east, north in found)
    everywhere = [(float(x), float(y), float(x), float(y)) for x in range(-180, 181, 4) for y in range(-80, 81, 4)]
    assert basemaps.windows(everywhere) == (basemaps.WORLD,)
