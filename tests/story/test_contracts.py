"""`geoparse` and `extract`: what other programs rely on."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, text

ROOT = Path(__file__).parents[2]


def lines(shown: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in shown.splitlines()]


def test_geoparse_answers_line_by_line_in_order(program: Any) -> None:
    emoji = "🚀🚀 Rockets hit Mosul and Kirkuk."
    path = program.write(
        "in.jsonl",
        {"id": "b", "text": emoji},
        {"id": 7, "text": "Nothing happened anywhere at all."},
        {"id": "a", "text": "Mosul and Mosul again, then Kirkuk.", "spans": [[10, 15]]},
        {"id": "none", "text": "Mosul", "spans": []},
    )
    code, shown, said = program("geoparse", path)
    assert (code, said) == (0, "")
    found = lines(shown)
    assert [one["id"] for one in found] == ["b", 7, "a", "none"]
    assert [emoji[one["start"] : one["end"]] for one in found[0]["mentions"]] == ["Mosul", "Kirkuk"]
    for one in found[0]["mentions"]:
        assert set(one) == {"start", "end", "text", "kind", "probability", "reason", "place"}
        assert set(one["place"]) == {"id", "name", "lat", "lon", "country_code", "feature_class", "feature_code"}
    assert found[1]["mentions"] == []
    [given] = found[2]["mentions"]
    assert (given["start"], given["end"], given["text"], given["place"]["id"]) == (10, 15, "Mosul", "geonames:99072")
    assert found[3]["mentions"] == []


def test_bad_lines_are_answered_in_their_place_and_the_exit_code_is_3(program: Any) -> None:
    path = program.write("in.jsonl", program.article(0))
    bad = ['{"id": "x"}', "{", '{"id": "y", "text": "Mosul", "spans": [[3, 99]]}', '{"id": [], "text": "Mosul"}']
    path.write_text("\n".join([*bad, json.dumps(program.article(1)), "", json.dumps({"text": "Mosul burns."})]))
    for command, key in (("geoparse", "mentions"), ("extract", "incidents")):
        code, shown, _ = program(command, path)
        assert code == 3
        found = lines(shown)
        assert [one["id"] for one in found[:5]] == ["x", None, "y", None, "story-1"]
        assert all(set(one) == {"id", "error"} and one["error"] for one in found[:4])
        assert key in found[4]
        assert found[5]["id"], "an article without an id gets one"


def test_extract_gives_incidents_with_claims_and_evidence(program: Any) -> None:
    article = program.article(0)
    code, shown, _ = program("extract", program.write("in.jsonl", article))
    assert code == 0
    [found] = lines(shown)
    assert (found["id"], found["published"]) == ("story-0", "2024-01-02")
    [one] = found["incidents"]
    assert (one["place_name"], one["country_code"], one["date_start"]) == ("Mosul", "IQ", "2024-01-01")
    assert abs(one["lat"] - 36.34) < 0.1
    assert abs(one["lon"] - 43.12) < 0.1
    assert (one["killed_low"], one["killed_high"]) == (4, 4)
    for part in one["evidence"]:
        assert article["text"][part["start"] : part["end"]] == part["text"]
    for claim in one["claims"]:
        assert article["text"][claim["start"] : claim["end"]] == claim["quote"]


def test_extract_agrees_with_what_is_published(program: Any, five: Any) -> None:
    program("run", program.articles)
    published = {tuple(one["article_ids"]): one for one in program.incidents().values()}
    for line in lines(program("extract", program.articles / "five.jsonl")[1]):
        for one in line["incidents"]:
            shown = published[tuple(one["article_ids"])]
            for name in set(shown) - {"updated_at"}:
                assert one[name] == shown[name], name


def test_an_incident_is_explained_by_the_articles_that_report_it(program: Any, five: Any) -> None:
    program("run", program.articles)
    for key, shown in program.incidents().items():
        code, text_shown, _ = program("explain", key)
        assert code == 0
        for article in shown["article_ids"]:
            assert article in text_shown
        told = json.loads(program("explain", key, "--json")[1])
        assert [one["article"]["id"] for one in told["articles"]] == sorted(shown["article_ids"])
        assert {report["incident_id"] for one in told["articles"] for report in one["reports"]} == {key}
    code, shown, said = program("explain", "IM-NOTTHERE")
    assert (code, shown) == (66, "")
    assert "IM-NOTTHERE" in said


def test_a_search_keeps_to_the_country_that_was_asked_for(program: Any) -> None:
    for country, there in (("IQ", True), ("iq", True), ("FR", False)):
        code, shown, _ = program("gazetteer", "search", "Mosul", "--country", country)
        assert code == 0
        assert ("Mosul, Nineveh, Iraq" in shown) == there


def test_nothing_is_stored(program: Any, five: Any, stored: Engine) -> None:
    program("extract", program.articles / "five.jsonl")
    program("geoparse", program.articles / "five.jsonl")
    with stored.connect() as conn:
        for table in ("article", "reading", "report", "incident", "run", "quarantine"):
            assert conn.scalar(text(f"SELECT count(*) FROM {table}")) == 0, table  # noqa: S608 -- names from above


def test_standard_input_is_streamed_and_a_closed_output_is_no_error(program: Any) -> None:
    call = [sys.executable, "-m", "geo", *program.options, "geoparse", "-"]
    line = (json.dumps(program.article(0)) + "\n").encode()
    done = subprocess.run(call, input=line * 120, capture_output=True, cwd=ROOT, check=False, timeout=120)
    assert done.returncode == 0, done.stderr
    assert len(done.stdout.splitlines()) == 120

    reading, writing = os.pipe()
    os.close(reading)
    try:
        gone = subprocess.run(
            call, input=line, stdout=writing, stderr=subprocess.PIPE, cwd=ROOT, check=False, timeout=120
        )
    finally:
        os.close(writing)
    assert gone.returncode == 141
    assert gone.stderr == b""
