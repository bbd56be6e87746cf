"""Whatever happens, readers see one whole generation, and the next run needs no help."""

from __future__ import annotations

import hashlib
import inspect
import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from maps import layout, publish
from maps.errors import PublishBusy, PublishFailed, PublishRefused


def site_files(number: int, incidents: int = 4) -> dict[str, bytes]:
    """A small site whose every file names its generation."""
    rows = [{"type": "Feature", "id": f"{n}", "geometry": None, "properties": {"of": number}} for n in range(incidents)]
    data = json.dumps({"type": "FeatureCollection", "metadata": {"count": incidents}, "features": rows}).encode()
    listed = {"path": layout.ALL, "bytes": len(data), "sha256": hashlib.sha256(data).hexdigest(), "count": incidents}
    return {
        layout.INDEX_PAGE: f"<html>{number}</html>".encode(),
        layout.ALL: data,
        layout.INDEX: json.dumps({"metadata": {"of": number}, "incidents": incidents, "files": [listed]}).encode(),
        "constant.txt": b"the same in every generation",
    }


def shown(site: Path) -> int:
    """The number of the generation that a reader sees; fails when it is a mixture."""
    folder = site.resolve()  # what a reader holds when it opens the folder
    page = (folder / "index.html").read_text()
    number = int(page.removeprefix("<html>").removesuffix("</html>"))
    assert {row["properties"]["of"] for row in json.loads((folder / layout.ALL).read_bytes())["features"]} == {number}
    assert json.loads((folder / layout.INDEX).read_bytes())["metadata"]["of"] == number
    return number


@pytest.fixture
def site(tmp_path: Path) -> Path:
    return tmp_path / "site"


def test_first_second_and_unchanged(site: Path) -> None:
    first = publish.write(site, site_files(1), run="r1")
    assert first.changed and shown(site) == 1
    again = publish.write(site, site_files(1), run="r2")
    assert again == publish.Published(first.generation, changed=False)
    second = publish.write(site, site_files(2), run="r3")
    assert second.changed and second.generation != first.generation and shown(site) == 2
    manifest = publish.current(site)
    assert manifest is not None
    assert (manifest.generation, manifest.incidents, len(manifest.files)) == (second.generation, 4, 4)
    assert publish.check(site) == []


def test_status_stands_beside_the_generations(site: Path) -> None:
    with pytest.raises(PublishRefused):
        publish.write_status(site, b"{}")
    first = publish.write(site, site_files(1), run="r1")
    assert not (site / publish.STATUS).exists(), "nothing was said yet"
    assert publish.check(site) == []
    publish.write_status(site, b'{"run": 1}')
    made = (site / "index.html").resolve().parent.stat().st_mtime_ns
    publish.write_status(site, b'{"run": 2}')
    assert (site / publish.STATUS).read_bytes() == b'{"run": 2}'
    assert (site / "index.html").resolve().parent.stat().st_mtime_ns == made
    assert publish.write(site, site_files(1), run="r2") == publish.Published(first.generation, changed=False)
    publish.write(site, site_files(2), run="r3")
    assert (site / publish.STATUS).read_bytes() == b'{"run": 2}'
    assert publish.check(site) == []
    publish.rollback(site)
    assert shown(site) == 1
    assert (site / publish.STATUS).read_bytes() == b'{"run": 2}'
    with pytest.raises(PublishRefused):
        publish.write(site, site_files(3) | {publish.STATUS: b"{}"}, run="r4")


def test_unchanged_files_keep_their_time_of_change(site: Path) -> None:
    publish.write(site, site_files(1), run="r1")
    os.utime(site / "constant.txt", (1_700_000_000, 1_700_000_000))
    publish.write(site, site_files(2), run="r2")
    assert (site / "constant.txt").stat().st_mtime == 1_700_000_000
    assert (site / "index.html").stat().st_mtime > 1_700_000_000


def test_rollback_and_back(site: Path) -> None:
    publish.write(site, site_files(1), run="r1")
    with pytest.raises(PublishRefused):
        publish.rollback(site)
    publish.write(site, site_files(2), run="r2")
    assert publish.rollback(site).changed and shown(site) == 1
    assert publish.rollback(site).changed and shown(site) == 2


def test_check_finds_what_was_touched(site: Path) -> None:
    assert publish.check(site) == [f"nothing is published at {site}"]
    publish.write(site, site_files(1), run="r1")
    (site / "constant.txt").write_bytes(b"edited by somebody")
    (site / "extra.txt").write_bytes(b"")
    assert publish.check(site) == ["constant.txt is not what was published", "extra.txt was not published"]
    assert publish.current(site) is not None


def test_a_damaged_generation_is_published_anew(site: Path) -> None:
    files = site_files(1)
    publish.write(site, files, run="r1")
    (site / "index.html").unlink()
    assert publish.write(site, files, run="r2").changed
    assert shown(site) == 1
    assert publish.check(site) == []


def test_a_great_loss_is_refused_without_force(site: Path) -> None:
    publish.write(site, site_files(1, incidents=10), run="r1")
    with pytest.raises(PublishRefused, match="4 incidents where the published one has 10") as refused:
        publish.write(site, site_files(2, incidents=4), run="r2")
    assert "--force" in refused.value.hint
    assert shown(site) == 1
    assert publish.write(site, site_files(3, incidents=5), run="r3").changed
    assert publish.write(site, site_files(4, incidents=1), run="r4", force=True).changed
    assert shown(site) == 4


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"feeds/v1/all.geojson": b'{"type":'}, "not valid JSON"),
        ({"feeds/v1/x.geojson": b'{"metadata":{"count":2},"features":[]}'}, "says that it has 2"),
        ({"feeds/v1/all.geojson": b'{"type":"FeatureCollection","features":[]}'}, "does not fit"),
        ({"index.html": b"<html>half"}, "not complete"),
        ({"../outside": b""}, "not a path"),
        ({"/etc/x": b""}, "not a path"),
        ({"a//b": b""}, "not a path"),
        ({"manifest.json": b"{}"}, "not a path"),
        ({"a\x00b": b""}, "cannot be a file name"),
        ({"n" * 300: b""}, "cannot be a file name"),
    ],
)
def test_what_looks_wrong_is_refused(site: Path, change: dict[str, bytes], message: str) -> None:
    publish.write(site, site_files(1), run="r1")
    with pytest.raises(PublishRefused, match=message) as refused:
        publish.write(site, site_files(2) | change, run="r2")
    assert refused.value.hint
    assert shown(site) == 1


def test_a_folder_of_somebody_else_is_left_alone(site: Path, tmp_path: Path) -> None:
    site.mkdir()
    (site / "thesis.txt").write_text("ten years of work")
    with pytest.raises(PublishRefused) as refused:
        publish.write(site, site_files(1), run="r1", force=True)
    assert "another place" in refused.value.hint
    assert [entry.name for entry in tmp_path.iterdir()] == ["site"]
    link = tmp_path / "link"
    link.symlink_to(site)
    with pytest.raises(PublishRefused):
        publish.write(link, site_files(1), run="r1")
    assert publish.current(link) is None


def test_an_empty_folder_is_taken(site: Path) -> None:
    site.mkdir()
    publish.write(site, site_files(1), run="r1")
    assert shown(site) == 1


def test_the_whole_can_be_moved_and_copied(site: Path, tmp_path: Path) -> None:
    inner = tmp_path / "a"
    inner.mkdir()
    publish.write(inner / "site", site_files(1), run="r1")
    inner.rename(tmp_path / "b")
    assert shown(tmp_path / "b" / "site") == 1
    assert publish.write(tmp_path / "b" / "site", site_files(2), run="r2").changed


def test_old_generations_go_after_a_day_and_three_stay(site: Path) -> None:
    for number in range(1, 8):
        publish.write(site, site_files(number), run=f"r{number}")
    house = site.parent / ".site-generations"
    assert len(list(house.glob("gen-*"))) == 7
    days_ago = time.time() - 3 * 86400
    for age, folder in enumerate(sorted(house.glob("gen-*"), key=lambda f: f.stat().st_mtime)):
        if folder.stat().st_mtime:
            os.utime(folder, (days_ago + age, days_ago + age))
    publish.write(site, site_files(8), run="r8")
    left = {json.loads((folder / layout.INDEX).read_bytes())["metadata"]["of"] for folder in house.glob("gen-*")}
    assert left == {8, 7, 6, 5}
    assert not list(house.glob(".tmp-*"))


CHILD = """
import hashlib, json, pathlib
from maps import layout, publish
{site_files}
site = pathlib.Path({site!r})
print("go", flush=True)
for number in range({first}, {first} + 2000):
    publish.write(site, site_files(number), run=f"r{{number}}")
    print(number, flush=True)
"""


def child(site: Path, first: int) -> subprocess.Popen[str]:
    script = CHILD.format(site_files=inspect.getsource(site_files), site=str(site), first=first)
    root = Path(__file__).parents[2]
    return subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True, cwd=root)


def test_kill_at_thirty_random_moments(site: Path) -> None:
    chance = random.Random(20261120)
    publish.write(site, site_files(1), run="start")
    first = 100
    for _ in range(30):
        process = child(site, first)
        assert process.stdout is not None
        assert process.stdout.readline() == "go\n"
        time.sleep(chance.uniform(0, 0.06))
        process.send_signal(signal.SIGKILL)
        said = process.stdout.read().split()
        process.wait()
        process.stdout.close()
        number = shown(site)
        # What was reported as published is shown; at most one more was on its way.
        assert number in ({int(said[-1]), int(said[-1]) + 1} if said else {number, first})
        assert publish.check(site) == []
        first += 2000
    assert publish.write(site, site_files(7), run="after").changed
    assert not list((site.parent / ".site-generations").glob(".tmp-*"))


def test_two_at_once_the_second_leaves(site: Path) -> None:
    publish.write(site, site_files(1), run="start")
    with publish._locked(site):
        started = time.monotonic()
        with pytest.raises(PublishBusy) as busy:
            publish.write(site, site_files(2), run="second")
        assert time.monotonic() - started < 1
        assert busy.value.hint
        with pytest.raises(PublishBusy):
            publish.rollback(site)
    assert shown(site) == 1
    assert publish.write(site, site_files(2), run="second").changed


def test_a_reader_never_sees_a_mixture(site: Path) -> None:
    publish.write(site, site_files(1), run="start")
    process = child(site, 10)
    try:
        seen = set()
        end = time.monotonic() + 1.5
        while time.monotonic() < end:
            seen.add(shown(site))
    finally:
        process.kill()
        process.communicate()
    assert len(seen) > 3


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    if os.geteuid() != 0:
        pytest.skip("needs root to mount a small file system")
    place = tmp_path / "disk"
    place.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=600k", "tmpfs", str(place)], capture_output=True)
    if mounted.returncode:
        pytest.skip("may not mount a file system here")
    yield place
    subprocess.run(["umount", "-l", str(place)], check=True)


def test_a_full_disk_leaves_the_old_site(small_disk: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    site = small_disk / "site"
    publish.write(site, site_files(1), run="r1")
    large = site_files(2) | {"large.bin": b"x" * 700_000}
    with pytest.raises(PublishFailed, match="not enough room") as failed:
        publish.write(site, large, run="r2")
    assert "room" in failed.value.hint
    # And when the disk fills up while writing, after the room had been looked at:
    monkeypatch.setattr(publish, "_check_room", lambda *_: None)
    with pytest.raises(PublishFailed, match="No space left") as failed:
        publish.write(site, large, run="r3")
    assert "Make room" in failed.value.hint
    assert shown(site) == 1
    assert publish.check(site) == []
    assert not list((small_disk / ".site-generations").glob(".tmp-*"))
    assert publish.write(site, site_files(4), run="r4").changed


def test_no_permission_is_said_in_words(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("")
    with pytest.raises(PublishFailed) as failed:
        publish.write(blocked / "site", site_files(1), run="r1")
    assert failed.value.hint
    with pytest.raises(PublishRefused):
        publish.write(Path("/"), site_files(1), run="r1")
