"""Whole walks: articles in, a site out, on a real PostGIS with the default gazetteer."""

from __future__ import annotations

import json
import os
import shutil
from typing import Any

import pytest
from sqlalchemy import Engine

from geo import store
from maps import publish as publishing


def test_a_first_run_publishes_and_a_second_changes_no_byte(program: Any, five: Any) -> None:
    done = program.outside("run", program.articles)
    assert done.returncode == 0, done.stderr
    assert done.stdout == ""  # talk goes to stderr
    assert f"open {program.site}/index.html" in done.stderr
    assert "5 articles (5 new" in done.stderr
    found = program.incidents()
    told = " ".join(str(one["place_text"]) for one in found.values())
    assert all(city in told for city in ("Mosul", "Aleppo", "Kirkuk", "Raqqa", "Homs")), told
    assert {article["id"] for article in five} == {key for one in found.values() for key in one["article_ids"]}

    before, status = program.tree(), (program.site / "status.json").read_bytes()
    code, _, said = program("run", program.articles)
    assert code == 0
    assert "nothing new to publish" in said
    assert program.tree() == before
    assert (program.site / "status.json").read_bytes() == status, "no byte of the site, its status included"


def test_a_site_that_was_damaged_is_mended_though_nothing_is_new(program: Any, five: Any) -> None:
    program("run", program.articles)
    before = program.tree()
    page = program.site / "about.html"
    page.chmod(0o644)
    page.write_text("defaced")
    assert program("check")[0] == 65
    assert program("run", program.articles)[0] == 0
    assert {path: digest for path, (digest, _) in program.tree().items() if path} == {
        path: digest for path, (digest, _) in before.items() if path
    }
    assert program("check")[0] == 0


def test_the_site_says_how_the_last_run_went_and_no_generation_changes(program: Any, five: Any) -> None:
    program("run", program.articles)
    generation = (program.site / ".").resolve()
    before = {path: path.lstat().st_mtime_ns for path in (generation, *generation.rglob("*"))}
    first = json.loads((program.site / "status.json").read_bytes())
    assert first["outcome"] == "done"
    assert first["did"]["new"] == 5
    assert (first["articles"], first["unread"], first["set_aside"]) == (5, 0, 0)
    assert first["incidents"] == len(program.incidents())
    assert first["generation"] == generation.name
    assert first["finished"].endswith("Z")

    (program.articles / "empty.txt").write_bytes(b"")
    assert program("run", program.articles)[0] == 3
    second = json.loads((program.site / "status.json").read_bytes())
    assert second["run"] == first["run"] + 1
    assert (second["exit_code"], second["set_aside"]) == (3, 1)
    assert second["finished"] > first["finished"]
    assert second["generation"] == first["generation"]
    assert {path: path.lstat().st_mtime_ns for path in (generation, *generation.rglob("*"))} == before
    assert program("check")[0] == 0

    elsewhere = program.folder / "copy"
    shutil.copytree(program.site, elsewhere)
    assert json.loads((elsewhere / "status.json").read_bytes()) == second


def test_incidents_keep_their_ids_when_articles_come_and_change(program: Any, five: Any, stored: Engine) -> None:
    program("run", program.articles)
    first = program.incidents()

    # the same attack in another paper joins its incident; the others stay as they are
    again = program.article(0, id="again", publisher="Other paper", url="https://other.example/1")
    again["text"] = "Four people were killed when a car bomb exploded in Mosul on Monday, a security official said."
    program.write("again.jsonl", again)
    assert program("run", program.articles)[0] == 0
    second = program.incidents()
    assert program.incidents_of("again") == program.incidents_of("story-0")
    [mosul] = program.incidents_of("story-0")
    assert second[mosul]["publisher_count"] == 2
    assert set(second) == set(first)
    for key in set(first) - {mosul}:
        assert second[key] == first[key], "untouched incidents do not move"

    # a corrected toll is a new revision of the same incident
    mended = program.article(0)
    mended["text"] = mended["text"].replace("killing four people", "killing five people")
    program.write("five.jsonl", mended, *five[1:])
    assert program("run", program.articles)[0] == 0
    third = program.incidents()
    assert program.incidents_of("story-0") == {mosul}
    assert set(third) == set(first)
    assert third[mosul]["killed_high"] == 5

    # what no article reports any more leaves a tombstone
    program.write("five.jsonl", program.article(0, text="Nothing happened in the market. " * 3), *five[1:])
    program.write("again.jsonl", {**again, "text": "A correction: there was no attack. The paper regrets the error."})
    assert program("run", program.articles)[0] == 0
    assert mosul not in program.incidents()
    with stored.connect() as conn:
        assert [row[0] for row in store.tombstones(conn)] == [mosul]
    gone = json.loads((program.site / "feeds/v1/deleted.json").read_bytes())
    assert mosul in json.dumps(gone)


def test_bad_inputs_are_set_aside_and_the_others_published(program: Any, five: Any) -> None:
    (program.articles / "empty.txt").write_bytes(b"")
    (program.articles / "binary.txt").write_bytes(bytes(range(256)) * 20)
    (program.articles / "bom.txt").write_bytes(b"\xff\xfe\x00")
    (program.articles / "nul.txt").write_bytes(b"A bomb went off in Basra on Monday.\0\0 Two people died.")
    (program.articles / "latin.txt").write_bytes("Une bombe a explosé à Mossoul.".encode("latin-1"))
    (program.articles / "long.txt").write_text("word " * 1_000_000)
    lines = [
        json.dumps(program.article(5)),
        '{"id": "broken", "text": ',
        '{"id": "surrogate", "text": "A blast hit Tikrit on Monday, killing two \\ud800 people."}',
        '{"id": "future", "text": "A blast hit Ramadi on Monday, killing two.", "published": "2999-01-01"}',
        "[1, 2, 3]",
        json.dumps(program.article(5, text="Another text under the same id.")),
    ]
    (program.articles / "mixed.jsonl").write_text("\n".join(lines))
    code, _, said = program("run", program.articles)
    assert code == 3
    for name in ("empty.txt", "binary.txt", "mixed.jsonl, line 2", "mixed.jsonl, line 5", "story-5"):
        assert f"{name}: " in said, name
    assert {"story-0", "story-5"} <= {key for one in program.incidents().values() for key in one["article_ids"]}

    before = program.tree()
    code, _, said = program("run", program.articles)
    assert code == 3, "the same inputs, the same answer"
    assert "nothing new to publish" in said
    assert program.tree() == before
    code, shown, said = program("status", "--json")
    assert code == 0, said
    noted = [row["name"] for row in json.loads(shown)["set_aside"]]
    assert len([name for name in noted if "empty.txt" in name]) == 1, "one row, however often it is seen"


def test_an_article_that_breaks_the_reader_does_not_stop_the_others(
    program: Any, five: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from geo import reading

    honest = reading.read

    def breaks(conn: Any, articles: Any, spans: Any = None) -> Any:
        if any(one.id == "story-2" for one in articles):
            message = "a fault of the reader"
            raise RuntimeError(message)
        return honest(conn, articles, spans)

    monkeypatch.setattr(reading, "read", breaks)
    code, _, said = program("run", program.articles)
    assert code == 3
    assert "story-2: it could not be read (RuntimeError: a fault of the reader)" in said
    assert program.incidents_of("story-1")
    assert not program.incidents_of("story-2")

    code, _, said = program("run", program.articles)
    assert code == 0, "it is not tried again by the same program"
    monkeypatch.undo()
    monkeypatch.setattr("geo.pipeline._code_sha256", lambda: "a mended program")
    assert program("run", program.articles)[0] == 0
    assert program.incidents_of("story-2")


def test_hostile_texts_come_out_as_they_are(program: Any) -> None:
    nasty = "{{7*7}} {% if x %} {# c #} ${1} ` </script><img src=x onerror=alert(1)> '; DROP TABLE article; --"
    text = program.article(0)["text"] + f"\n\nA note at the scene read: {nasty} \u2028 and no more."
    program.write("nasty.jsonl", program.article(0, title=nasty, publisher=nasty, id=nasty, text=text))
    assert program("run", program.articles)[0] == 0
    [one] = program.incidents().values()
    assert one["article_ids"] == [nasty]
    assert one["publishers"] == [nasty]
    assert "<img src=x onerror" not in (program.site / "index.html").read_text(encoding="utf-8")
    assert program("explain", nasty)[0] == 0


def test_rollback_stays_until_something_is_new(program: Any, five: Any) -> None:
    program("run", program.articles)
    first = program.tree()
    program.write("six.jsonl", program.article(5))
    program("run", program.articles)
    second = program.tree()
    assert second[""] != first[""]
    code, _, said = program("rollback")
    assert code == 0
    assert first[""][0] in said
    assert program.tree() == first
    assert program("run", program.articles)[0] == 0
    assert program.tree() == first
    program.write("seven.jsonl", program.article(6))
    assert program("run", program.articles)[0] == 0
    assert program.incidents_of("story-5") | program.incidents_of("story-6")


def test_a_site_that_would_lose_most_incidents_is_not_published(program: Any, five: Any) -> None:
    program("run", program.articles)
    before = program.tree()
    calm = "The city council met and agreed on a budget for its parks."
    program.write("five.jsonl", *({**one, "text": f"{calm} {one['id']}"} for one in five))
    code, _, said = program("run", program.articles)
    assert code == 65
    assert said.startswith("error: ") or "\nerror: " in said
    assert program.tree() == before
    assert program("run", program.articles)[0] == 65, "not forgotten"
    assert program("run", program.articles, "--force")[0] == 0
    assert program.incidents() == {}


def test_build_writes_what_would_be_published(program: Any, five: Any) -> None:
    assert program("ingest", program.articles)[0] == 0
    preview = program.folder / "preview"
    assert program("build", preview)[0] == 0
    assert not program.site.exists()
    assert program("publish")[0] == 0
    for path in sorted(preview.rglob("*")):
        if path.is_file():
            assert path.read_bytes() == (program.site / path.relative_to(preview)).read_bytes(), path
    assert program("build", preview)[0] == 73, "never over something that is there"


def test_two_builds_are_the_same_to_the_byte(program: Any, five: Any) -> None:
    program("ingest", program.articles)
    for name, seed in (("one", "1"), ("two", "2")):
        assert (
            program.outside("build", program.folder / name, env={**os.environ, "PYTHONHASHSEED": seed}).returncode == 0
        )
    one, two = program.folder / "one", program.folder / "two"
    files = sorted(path.relative_to(one) for path in one.rglob("*") if path.is_file())
    assert files == sorted(path.relative_to(two) for path in two.rglob("*") if path.is_file())
    assert all((one / path).read_bytes() == (two / path).read_bytes() for path in files)


def test_explain_tells_every_step_from_stored_rows(program: Any, five: Any) -> None:
    assert program("explain", "story-0")[0] == 66, "not ingested yet"
    program("ingest", program.articles)
    assert "not read yet" in program("explain", "story-0")[1]
    program("run", program.articles)
    code, shown, _ = program("explain", "https://news.example/0")
    assert code == 0
    for words in ("story-0: Attack in Mosul", "'Monday' -> 2024-01-01", "'Mosul'", "reports (1)", "killing four"):
        assert words in shown, words
    told = json.loads(program("explain", "story-0", "--json")[1])
    [report] = told["reading"]["reports"]
    assert report["incident_id"] in program.incidents()
    text = five[0]["text"]
    assert all(text[one["start"] : one["end"]] == one["text"] for one in report["evidence"])
    assert all(text[one["start"] : one["end"]] == one["text"] for one in told["reading"]["mentions"])


def test_status_and_check_tell_how_things_stand(program: Any, five: Any) -> None:
    program("run", program.articles)
    found = json.loads(program("status", "--json")[1])
    assert found["counts"]["article"] == 5
    assert found["unread"] == 0
    assert found["generation"] == publishing.current(program.site).generation  # type: ignore[union-attr]
    assert [row["outcome"] for row in found["runs"]] == ["done"]
    assert "articles 5, read 5, unread 0" in program("status")[1]
    code, shown, _ = program("check")
    assert code == 0, shown
    assert "BAD" not in shown


def test_the_gazetteer_can_be_asked(program: Any) -> None:
    found = json.loads(program("gazetteer", "search", "Mosul", "--country", "iq", "--json")[1])
    assert found[0]["id"] == "geonames:99072"
    shown = program("gazetteer", "near", "36.19", "44.01", "--within", "3000")[1]
    assert "Erbil" in shown.splitlines()[0]
    assert program("gazetteer", "search", "Xqzzyqk")[1] == "no place found\n"
    assert program("gazetteer", "status")[0] == 0
