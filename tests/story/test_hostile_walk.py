"""Hostile texts on the whole way: from a file that somebody was sent to a page that somebody opens."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from maps.texts import clean
from tests.maps.conftest import chromium, visit  # noqa: F401 -- fixtures

pytestmark = pytest.mark.browser

HOSTILE: list[str] = json.loads((Path(__file__).parents[1] / "data" / "hostile.json").read_text(encoding="utf-8"))
TOWNS = (
    "Mosul", "Aleppo", "Kirkuk", "Raqqa", "Homs", "Fallujah", "Kharkiv", "Kherson", "Maiduguri", "Mogadishu",
    "Kandahar", "Quetta", "Peshawar", "Khartoum", "Nyala", "Goma", "Bukavu", "Gao", "Timbuktu", "Benghazi",
    "Misrata", "Aden", "Taiz", "Hodeidah", "Idlib", "Kabul", "Tikrit",
)  # fmt: skip


def shown_as(text: str) -> str:
    """What a reader is to see of the text: intake makes one space of any white space, as for every article."""
    return " ".join(clean(text).split())


def telling(number: int, text: str) -> str:
    """The sentence that reports an attack of its own, with the text in it on one line: a line's end would end it."""
    remark = " ".join(text.split())
    return f"A car bomb ({remark}) exploded in {TOWNS[number]} on Monday, killing {number + 2} people, police said."


def article(number: int, text: str) -> dict[str, Any]:
    return {
        "id": f"hostile-{number}",
        "title": f"Title {number}: {text}",
        "publisher": f"Publisher {number}: {text}",
        "url": f"https://news.example/{number}?{text}",
        "published": (date(2024, 1, 2) + timedelta(weeks=number)).isoformat(),
        "text": f"{telling(number, text)} It was the first attack in {TOWNS[number]} this year.",
    }


def front_matter(number: int, text: str) -> str:
    """The same article as a text file, every value on one line."""
    one = article(number, " ".join(text.split()))
    head = "".join(f"{key}: {one[key]}\n" for key in ("title", "publisher", "url", "published"))
    return f"---\n{head}---\n\n{one['text']}\n"


@pytest.mark.parametrize("door", ["jsonl", "txt"])
def test_hostile_articles_reach_the_reader_as_they_are(
    door: str,
    program: Any,
    visit: Callable[..., Any],  # noqa: F811
) -> None:
    if door == "jsonl":
        program.write("hostile.jsonl", *(article(number, text) for number, text in enumerate(HOSTILE)))
    else:
        program.articles.mkdir()
        for number, text in enumerate(HOSTILE):
            (program.articles / f"{number}.txt").write_text(front_matter(number, text), encoding="utf-8")
    code, _, said = program("run", program.articles)
    assert code == 0, said
    found = {one["publishers"][0]: one for one in program.incidents().values() if one["publishers"]}

    opened = visit(program.site / "index.html")
    page = opened.page
    page.get_by_label("Only what the map shows").uncheck()
    titles = page.locator("#list .item-title")
    listed = titles.count()
    assert listed == len(program.incidents())
    for number, text in enumerate(HOSTILE):
        publisher = f"Publisher {number}: {shown_as(text)}"
        assert publisher in found, f"{text!r} lost its incident"
        one = found[publisher]
        place = page.evaluate(
            "(t) => [...document.querySelectorAll('#list .item-title')].findIndex((n) => n.textContent === t)",
            one["title"],
        )
        assert place >= 0, one["title"]
        page.locator("#list .item").nth(place).click()
        if one["drawn_as"]:
            assert page.locator(".leaflet-popup h2").text_content() == one["title"]
            assert one["place_name"] in page.locator(".leaflet-popup .brief").text_content()
        detail = " ".join(page.locator("#detail").evaluate("(node) => node.textContent").split())
        assert f"Title {number}: {shown_as(text)}" in detail, text
        assert publisher in detail, text
        assert shown_as(telling(number, text)) in detail, text
        for address in page.locator("#detail a").evaluate_all("(links) => links.map((a) => a.getAttribute('href'))"):
            assert address.startswith(("feeds/v1/incident/", "https://news.example/"))
        page.keyboard.press("Escape")
    assert page.evaluate("window.marker") is None
    assert page.evaluate("Object.keys(Object.prototype).length") == 0
    assert page.locator("img, svg, iframe, object, embed, textarea, svg").count() == 0
    assert opened.requests == [page.url.split("#")[0]]
    assert opened.complaints == []
    assert (program.site / "status.json").is_file()
