"""The commands that make the gazetteer know more, as a user types them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
CHECKPOINTS = ROOT / "docs" / "examples" / "checkpoints.toml"
GEONAMES = ROOT / "tests" / "data" / "geonames"


def test_a_list_of_ones_own_is_loaded_found_and_taken_out(program: Any) -> None:
    code, _, said = program("gazetteer", "load", "--mapping", CHECKPOINTS)
    assert code == 0, said
    assert "checkpoints: 3 places" in said
    code, found, _ = program("gazetteer", "search", "Alder crossing", "--json")
    assert code == 0
    assert json.loads(found)[0]["id"] == "checkpoints:1"
    code, found, said = program(
        "gazetteer", "near", "36.33", "42.99", "--type", "checkpoint", "--within", "5000", "--json"
    )
    assert code == 0, said
    assert [row["id"] for row in json.loads(found)] == ["checkpoints:1"]
    code, _, said = program("gazetteer", "remove", "checkpoints")
    assert code == 0, said
    assert "checkpoints is taken out" in said
    _, found, _ = program("gazetteer", "search", "Alder Bridge checkpoint", "--json")
    assert "checkpoints:1" not in [row["id"] for row in json.loads(found)]


def test_a_dump_and_its_daily_changes(program: Any, tmp_path: Path) -> None:
    code, _, said = program("gazetteer", "load", "--geonames", GEONAMES / "IQ.txt", "--as-of", "2026-11-18")
    assert code == 0, said
    rows = [line.split("\t") for line in (GEONAMES / "IQ.txt").read_text(encoding="utf-8").splitlines()]
    changed = next(row for row in rows if row[6:8] == ["P", "PPL"])
    changed[1] = changed[2] = "Quite Another Name"
    modified = tmp_path / "modifications-2026-11-19.txt"
    modified.write_text("\t".join(changed) + "\n", encoding="utf-8")
    deleted = tmp_path / "deletes-2026-11-19.txt"
    deleted.write_text("", encoding="utf-8")
    code, _, said = program("gazetteer", "update", modified, deleted)
    assert code == 0, said
    assert "2026-11-19: 0 added, 1 changed" in said
    _, found, _ = program("gazetteer", "search", "Quite Another Name", "--json")
    assert json.loads(found)[0]["id"] == f"geonames:{changed[0]}"
    code, _, said = program("gazetteer", "update", modified, deleted)
    assert (code, "nothing new in these files" in said) == (0, True)
    code, _, said = program("gazetteer", "update", modified.rename(tmp_path / "modifications-2026-11-22.txt"))
    assert code == 65
    assert "2026-11-20" in said


def test_what_cannot_be_done_is_said_with_a_hint(program: Any, tmp_path: Path) -> None:
    code, _, said = program("gazetteer", "update", tmp_path / "modifications-2026-11-19.txt")
    assert code == 65
    assert "hint" in said.lower() or "load" in said
    code, _, said = program("gazetteer", "remove", "nothing-of-the-kind")
    assert code != 0
    assert "has no source" in said
    code, _, said = program("gazetteer", "load", "--mapping", tmp_path / "no.toml")
    assert code in (65, 66)
    code, _, said = program("gazetteer", "search", "Mosul", "--second-opinion")
    assert code == 78
    assert "second_opinion" in said
