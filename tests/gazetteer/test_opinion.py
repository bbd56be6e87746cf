"""A second opinion from another geocoder: asked once, remembered, never hurried. The other one is a real server."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from geopy.geocoders import Nominatim
from sqlalchemy import Engine

from gazetteer import load, opinion
from gazetteer.errors import OpinionError
from gazetteer.geocoder import GazetteerGeocoder
from gazetteer.opinion import Opinion, SecondOpinion
from gazetteer.sources.base import Source
from tests.gazetteer.test_geocoder import WORLD


class Service(BaseHTTPRequestHandler):
    """Answers as Nominatim does: a harbour one degree off, nothing for other names, an error for "broken"."""

    asked: list[dict[str, list[str]]]
    times: list[float]

    def do_GET(self) -> None:
        query = parse_qs(urlsplit(self.path).query)
        self.asked.append(query)
        self.times.append(time.monotonic())
        name = query["q"][0]
        if name == "broken":
            self.send_error(500)
            return
        rows = (
            [{"display_name": "Harbour, Elsewhere", "lat": "4", "lon": "2"}]
            if "arbour" in name or name == "Farhaven"
            else []
        )
        body = json.dumps(rows).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        """Quiet."""


@pytest.fixture
def nominatim() -> Iterator[tuple[Nominatim, type[Service]]]:
    handler = type("ThisService", (Service,), {"asked": [], "times": []})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            address = f"127.0.0.1:{server.server_port}"
            yield Nominatim(user_agent="incident-map tests", domain=address, scheme="http"), handler
        finally:
            server.shutdown()
            thread.join()


def test_a_question_is_asked_once_and_remembered_over_restarts(nominatim: Any, tmp_path: Path) -> None:
    geocoder, server = nominatim
    memory = tmp_path / "cache" / "opinions.sqlite"
    first = SecondOpinion(geocoder, memory, pause_s=0)
    assert first.ask("Harbour") == Opinion("nominatim", "Harbour, Elsewhere", 4.0, 2.0)
    assert first.ask("Nowhere at all") is None
    again = SecondOpinion(geocoder, memory, pause_s=0)
    assert again.ask(" Harbour ") == first.ask("Harbour")
    assert again.ask("Nowhere at all") is None
    assert len(server.asked) == 2
    assert again.ask("Harbour", ["ww"]) is not None
    assert server.asked[-1]["countrycodes"] == ["ww"]


def test_questions_keep_their_distance(nominatim: Any, tmp_path: Path) -> None:
    geocoder, server = nominatim
    second = SecondOpinion(geocoder, tmp_path / "opinions.sqlite", pause_s=0.3)
    threads = [threading.Thread(target=second.ask, args=(f"Harbour {number}",)) for number in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    gaps = [later - earlier for earlier, later in zip(server.times, server.times[1:], strict=False)]
    assert len(gaps) == 2
    assert min(gaps) >= 0.25


def test_an_error_is_told_and_not_remembered(nominatim: Any, tmp_path: Path) -> None:
    geocoder, server = nominatim
    second = SecondOpinion(geocoder, tmp_path / "opinions.sqlite", pause_s=0)
    for _ in range(2):
        asked_before = len(server.asked)
        with pytest.raises(OpinionError, match="no second opinion") as told:
            second.ask("broken")
        assert told.value.hint
        assert len(server.asked) > asked_before


def test_a_damaged_memory_is_told(nominatim: Any, tmp_path: Path) -> None:
    memory = tmp_path / "opinions.sqlite"
    memory.write_bytes(b"no database at all, whatever its name may say" * 100)
    with pytest.raises(OpinionError, match="memory of second opinions"):
        SecondOpinion(nominatim[0], memory)


@pytest.mark.parametrize(
    ("name", "options", "said"),
    [("no-such-service", {}, "knows no geocoder"), ("nominatim", {"surprise": 1}, "cannot be used")],
)
def test_a_service_that_cannot_be_had(name: str, options: dict[str, Any], said: str, tmp_path: Path) -> None:
    with pytest.raises(OpinionError, match=said):
        opinion.service(name, tmp_path / "opinions.sqlite", options)


def test_geopys_services_are_known_by_name(tmp_path: Path) -> None:
    made = opinion.service("Nominatim", tmp_path / "opinions.sqlite", {"user_agent": "a newsroom"})
    assert made.service == "nominatim"


def test_the_gazetteer_and_the_other_side_by_side(nominatim: Any, engine: Engine, tmp_path: Path) -> None:
    geocoder, server = nominatim
    load.load(engine, [Source("world", "1", "", "", "", lambda: iter(WORLD))])
    alone = GazetteerGeocoder(engine)
    assert "second_opinion" not in alone.geocode("Harbour").raw
    assert server.asked == []
    both = GazetteerGeocoder(engine, SecondOpinion(geocoder, tmp_path / "opinions.sqlite", pause_s=0))
    best = both.geocode("Harbour")
    assert best.raw["id"] == "test:1"
    assert best.raw["second_opinion"]["service"] == "nominatim"
    assert best.raw["second_opinion"]["distance_m"] == pytest.approx(110_600, abs=500)
    assert json.loads(json.dumps(best.raw)) == best.raw
    assert both.geocode("Westland").raw["second_opinion"] is None
    only_theirs = both.geocode("Farhaven")
    assert (only_theirs.latitude, only_theirs.longitude, only_theirs.raw["id"]) == (4, 2, None)
    assert both.geocode("Xyzzy") is None
