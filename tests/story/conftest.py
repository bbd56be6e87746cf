"""What the walks share: articles of our own, and the program called as a user calls it."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine

from gazetteer import database as databases
from geo import cli

ROOT = Path(__file__).parents[2]

STORIES = (
    ("Mosul", "A car bomb exploded near a market in Mosul on Monday, killing four people, police said."),
    (
        "Aleppo",
        "Shells hit a district of Aleppo on Sunday. At least two people were killed, a doctor said.",
    ),
    ("Kirkuk", "Gunmen attacked a police checkpoint in Kirkuk on Saturday and wounded three officers."),
    ("Raqqa", "A roadside bomb hit a convoy in Raqqa on Friday, killing one soldier, the army said."),
    ("Homs", "A drone struck a depot in Homs on Thursday. No one was hurt, state media reported."),
    ("Fallujah", "Two rockets landed in Fallujah on Wednesday, wounding five people, a hospital said."),
)
"""(city, text): one incident each, in the week before the publication of `Program.article`."""

Article = dict[str, Any]


@dataclass
class Program:
    """The command line on a database and a folder of the test's own."""

    database: str
    folder: Path
    capsys: pytest.CaptureFixture[str]

    @property
    def site(self) -> Path:
        return self.folder / "site"

    @property
    def articles(self) -> Path:
        return self.folder / "articles"

    @property
    def options(self) -> list[str]:
        return ["--home", str(self.folder / "home"), "--site", str(self.site), "--database", self.database]

    def __call__(self, *words: str | Path) -> tuple[int, str, str]:
        """Run in this process; (exit code, stdout, stderr)."""
        self.capsys.readouterr()
        code = cli.main([*self.options, *map(str, words)])
        shown = self.capsys.readouterr()
        return code, shown.out, shown.err

    def outside(self, *words: str | Path, **more: Any) -> subprocess.CompletedProcess[str]:
        """Run as a process of its own."""
        return subprocess.run(
            [sys.executable, "-m", "geo", *self.options, *map(str, words)],
            capture_output=True, text=True, cwd=ROOT, check=False, timeout=120, **more,
        )  # fmt: skip

    def forked(self, prepare: Callable[[], object], *words: str | Path) -> int:
        """Start in a child of this process, which has all modules loaded; returns its process id."""
        child = os.fork()
        if child:
            return child
        code = 70
        try:
            sink = os.open(os.devnull, os.O_WRONLY)
            os.dup2(sink, 1)
            os.dup2(sink, 2)
            prepare()
            code = cli.main([*self.options, *map(str, words)])
        finally:
            os._exit(code)

    def article(self, number: int, **more: Any) -> Article:
        """Article `number`: the stories in turn, each round a week later and with its own words."""
        turn, story = divmod(number, len(STORIES))
        city, text = STORIES[story]
        return {
            "id": f"story-{number}",
            "title": f"Attack in {city}",
            "published": f"2024-{1 + turn // 4:02d}-{2 + 7 * (turn % 4):02d}",
            "publisher": f"Paper {number % 3}",
            "url": f"https://news.example/{number}",
            "text": f"{text} It was attack number {number} of the season, residents said.",
            **more,
        }

    def write(self, name: str, *articles: Article) -> Path:
        """Articles as a file of JSON lines in the folder of articles."""
        path = self.articles / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("".join(json.dumps(one) + "\n" for one in articles), encoding="utf-8")
        return path

    def tree(self) -> dict[str, tuple[str, int]]:
        """{path: (hash, time of change)} of all that was published, and the generation it is. The status is no part."""
        return {
            str(path.relative_to(self.site)): (hashlib.sha256(path.read_bytes()).hexdigest(), path.stat().st_mtime_ns)
            for path in sorted(self.site.rglob("*"))
            if path.is_file() and path.name != "status.json"
        } | {"": (self.site.readlink().name, 0)}

    def feed(self, name: str = "all") -> list[dict[str, Any]]:
        """The features of a published feed."""
        found: list[dict[str, Any]] = json.loads((self.site / f"feeds/v1/{name}.geojson").read_bytes())["features"]
        return found

    def incidents(self) -> dict[str, dict[str, Any]]:
        """Properties of all published incidents by id, with a point and without."""
        return {one["id"]: one["properties"] for one in self.feed() + self.feed("unlocated")}

    def incidents_of(self, article_id: str) -> set[str]:
        """Ids of the published incidents that an article reports."""
        return {key for key, one in self.incidents().items() if article_id in one["article_ids"]}


@pytest.fixture
def program(loaded_database: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Program:
    """The program on a database with the default gazetteer."""
    return Program(loaded_database, tmp_path, capsys)


@pytest.fixture
def stored(program: Program) -> Iterator[Engine]:
    """Engine on the program's database."""
    engine = databases.engine(program.database)
    yield engine
    engine.dispose()


@pytest.fixture
def five(program: Program) -> Sequence[Article]:
    """Five articles in the folder of articles."""
    articles = [program.article(number) for number in range(5)]
    program.write("five.jsonl", *articles)
    return articles
