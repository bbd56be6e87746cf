"""Write a generation, check it, swap it in, prune: readers see one whole site or the next, never a mixture.

    PARENT/site                     -> .site-generations/gen-<hash>    a relative link, swapped in one step
    PARENT/.site-generations/       beside the site, on the same file system
        lock                        held while somebody publishes; dies with its process
        status.json                 when who ran last, and with what outcome: `write_status`
        gen-<hash>/                 one complete site, named by the hash of its content, with its `manifest.json`
            status.json             -> ../status.json
        .tmp-*                      litter of a run that was killed; the next one sweeps it

`site` is an ordinary folder to whoever opens it: `site/index.html` opens by double click, the pages' links are relative
and stay inside it, and `cp -rL site elsewhere` makes a copy that works anywhere (with the status as it was then).
PARENT moves as a whole.

The status tells of runs, so it changes with every one of them and is no part of what was published: it lies beside the
generations, outside the manifest, and a generation only links to it. A run that changes nothing leaves every generation
as it is.

The link is the commit point. A kill, a full disk or a refusal before it leaves the old generation; after it the
new one is complete on disk. Files that did not change are hard-linked from the generation before, so that they keep
their time of change and servers their ETag.

A generation's folder carries, as its time of change, when it ceased to be shown (0 while that has not happened):
what pruning and rolling back need to know survives a kill without a file of its own.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import hashlib
import json
import os
import re
import shutil
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from maps import layout
from maps.errors import PublishBusy, PublishFailed, PublishRefused

MANIFEST = "manifest.json"
STATUS = "status.json"
KEEP_SECONDS = 24 * 3600
"""So long an open page may go on loading files of the generation it came from."""

_NEVER_SUPERSEDED = 0
_SPARE_BYTES = 1 << 18
_BLOCK = 4096
_GENERATION = re.compile(r"gen-[0-9a-f]{16}(\.\d+)?")


@dataclass(frozen=True, slots=True)
class Published:
    """The outcome of `write` and `rollback`."""

    generation: str
    """The one that readers see now."""
    changed: bool
    """False when it was the current one already."""


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a generation holds."""

    generation: str
    incidents: int
    files: Mapping[str, str]
    """Path relative to the site -> sha256."""


def write(site: Path, files: Mapping[str, bytes], *, run: str, force: bool = False, keep: int = 3) -> Published:
    """Publish `files` ({path relative to the site: content}) as what `site` shows.

    `run` names the run (in temporary names only). Nothing changed: no new generation. At least `keep` older generations
    stay, and all that were shown within the last 24 hours.

    Raises PublishBusy (another process publishes here), PublishRefused (`site` is not ours, a path leaves the site, a
    file does not parse, or more than half of the incidents would vanish and not `force`), PublishFailed (disk full, no
    permission). In each case the old generation stays.
    """
    _check_paths(files)
    _check_contents(files)
    manifest = _manifest_bytes(files)
    with _failing_softly(site), _locked(site) as house:
        old = _shown(site)
        _sweep(house)
        if not force:
            _sanity(current(site), _incidents(files))
        name, stands = _name_for(house, manifest, files)
        if stands and name == old:
            return Published(name, changed=False)
        if not stands:
            _write_generation(house, name, files, manifest, old, run)
        _show(site, house, name, old)
        _prune(house, name, keep)
        return Published(name, changed=True)


def current(site: Path) -> Manifest | None:
    """What `site` shows now; null when nothing (or nothing of ours) is published there."""
    try:
        raw = orjson.loads((site / MANIFEST).read_bytes())
        return Manifest(site.readlink().name, int(raw["incidents"]), dict(raw["files"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None


def rollback(site: Path) -> Published:
    """Show the generation that was shown before. Calling it twice comes back.

    Raises PublishRefused when there is none that is whole, PublishBusy, PublishFailed.
    """
    with _failing_softly(site), _locked(site) as house:
        old = _shown(site)
        for folder in _generations(house):
            superseded = folder.stat().st_mtime
            if folder.name != old and superseded != _NEVER_SUPERSEDED and not _faults(folder):
                _show(site, house, folder.name, old)
                return Published(folder.name, changed=True)
    message = f"there is no earlier generation of {site} to go back to"
    raise PublishRefused(message, "Generations are kept for 24 hours, and at least the last three.")


def check(site: Path) -> list[str]:
    """Hash every file of the current generation again: one sentence for each fault, an empty list when all is well."""
    if not site.is_symlink():
        return [f"nothing is published at {site}"]
    return _faults(site)


def write_status(site: Path, status: bytes) -> None:
    """Make `status` (JSON) what `site/status.json` shows, without touching any generation; whole or not at all.

    Raises PublishRefused when nothing is published at `site`, PublishBusy, PublishFailed.
    """
    with _failing_softly(site), _locked(site) as house:
        if _shown(site) is None:
            message = f"nothing is published at {site}"
            raise PublishRefused(message, "The status stands beside a published site; publish first.")
        draft = house / ".tmp-status"
        draft.unlink(missing_ok=True)
        _write_new(draft, status)
        draft.replace(house / STATUS)
        _sync_folder(house)


# --- before anything is written ---------------------------------------------------------------------------------------


def _check_paths(files: Mapping[str, bytes]) -> None:
    for path in files:
        parts = path.split("/")
        if (
            path in (MANIFEST, STATUS)
            or any(p in ("", ".", "..") or p.startswith(".tmp-") for p in parts)
            or "\\" in path
        ):
            message = f"{path!r} is not a path inside the site"
            raise PublishRefused(message, "Paths are relative, with forward slashes; maps.layout makes them.")
        if not path.isprintable() or any(len(p.encode("utf-8", "surrogatepass")) > 200 for p in parts):
            message = f"{path!r} cannot be a file name everywhere"
            raise PublishRefused(message, "maps.layout.slug makes a file name of any text.")


def _check_contents(files: Mapping[str, bytes]) -> None:
    """Every JSON file parses, every feed has as many features as it says, and the index tells the truth."""
    counts: dict[str, int] = {}
    for path, data in files.items():
        if path.endswith((".json", ".geojson")):
            counts[path] = _count(path, _parse(path, data))
        elif path.endswith(".html") and not data.rstrip().endswith(b"</html>"):
            raise _refused(f"the page {path} is not complete")
    if layout.INDEX not in files:
        return
    for row in orjson.loads(files[layout.INDEX])["files"]:
        path = row["path"]
        if path not in files:
            raise _refused(f"the index names {path}, which is not there")
        data = files[path]
        if row["bytes"] != len(data) or row["sha256"] != _sha256(data):
            raise _refused(f"the index does not fit the content of {path}")
        if path in counts and row["count"] != counts[path]:
            raise _refused(f"the index counts {row['count']} incidents in {path}, the file has {counts[path]}")


def _parse(path: str, data: bytes) -> Any:
    try:
        return orjson.loads(data)
    except orjson.JSONDecodeError as problem:
        raise _refused(f"{path} is not valid JSON: {problem}") from problem


def _count(path: str, value: Any) -> int:
    if not isinstance(value, dict):
        return 0
    for name in ("features", "deleted"):
        if isinstance(rows := value.get(name), list):
            said = (value.get("metadata") or {}).get("count", len(rows))
            if said != len(rows):
                raise _refused(f"{path} says that it has {said} entries and has {len(rows)}")
            return len(rows)
    return 1 if value.get("type") == "Feature" else 0


def _refused(message: str) -> PublishRefused:
    return PublishRefused(message, "This is a fault of the program, please report it; the published site is unchanged.")


def _incidents(files: Mapping[str, bytes]) -> int:
    return int(orjson.loads(files[layout.INDEX])["incidents"]) if layout.INDEX in files else 0


def _sanity(before: Manifest | None, incidents: int) -> None:
    if before is not None and incidents * 2 < before.incidents:
        message = f"the new site has {incidents} incidents where the published one has {before.incidents}"
        raise PublishRefused(message, "If more than half of them are really meant to go, publish with --force.")


def _manifest_bytes(files: Mapping[str, bytes]) -> bytes:
    hashes = {path: _sha256(files[path]) for path in sorted(files)}
    text = json.dumps({"incidents": _incidents(files), "files": hashes}, ensure_ascii=False, indent=0)
    return f"{text}\n".encode()


# --- one process at a time --------------------------------------------------------------------------------------------


def _house(site: Path) -> Path:
    return site.parent / f".{site.name}-generations"


@contextlib.contextmanager
def _locked(site: Path) -> Iterator[Path]:
    if not site.name or site.name in (".", ".."):
        message = f"{str(site)!r} does not name a folder"
        raise PublishRefused(message, "Give the site's folder by name, for example ./site.")
    _shown(site)  # refuse a foreign folder before making anything beside it
    house = _house(site)
    house.mkdir(parents=True, exist_ok=True)
    lock = os.open(house / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    try:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as problem:
            message = f"another process is publishing to {site}"
            raise PublishBusy(message, "Wait until it has finished; nothing was touched.") from problem
        yield house
    finally:
        os.close(lock)


@contextlib.contextmanager
def _failing_softly(site: Path) -> Iterator[None]:
    """What the file system refuses becomes PublishFailed, in words."""
    try:
        yield
    except (PublishBusy, PublishRefused, PublishFailed):
        raise
    except OSError as problem:
        hint = "The published site is unchanged. Check the folder and its permissions, then run again."
        if problem.errno in (errno.ENOSPC, errno.EDQUOT):
            hint = "The published site is unchanged. Make room on the disk, then run again."
        message = f"the site could not be written to {site}: {problem.strerror or problem}"
        raise PublishFailed(message, hint) from problem


def _shown(site: Path) -> str | None:
    """The name of the generation that `site` links to; null when there is none yet."""
    if site.is_symlink():
        target = site.readlink()
        if target.parent.as_posix() == _house(site).name and _GENERATION.fullmatch(target.name):
            return target.name
        message = f"{site} is a link to {target}, which incident-map did not make"
        raise PublishRefused(message, "Choose another place for the site, or remove the link.")
    if not site.exists() or (site.is_dir() and not any(site.iterdir())):
        return None
    message = f"{site} exists and was not made by incident-map"
    raise PublishRefused(message, "Choose another place for the site, or move that folder away; nothing was touched.")


# --- writing ----------------------------------------------------------------------------------------------------------


def _sweep(house: Path) -> None:
    for entry in house.glob(".tmp-*"):
        if entry.is_symlink() or entry.is_file():
            entry.unlink()
        else:
            shutil.rmtree(entry)


def _name_for(house: Path, manifest: bytes, files: Mapping[str, bytes]) -> tuple[str, bool]:
    """The generation for this content, and whether it stands on disk already. A damaged one is left to its readers
    and gets a successor of the next name."""
    base = f"gen-{_sha256(manifest)[:16]}"
    name, number = base, 0
    while (house / name).exists():
        if _stands(house / name, manifest, files):
            return name, True
        number += 1
        name = f"{base}.{number}"
    return name, False


def _stands(folder: Path, manifest: bytes, files: Mapping[str, bytes]) -> bool:
    try:
        if (folder / MANIFEST).read_bytes() != manifest:
            return False
        return all((folder / path).stat().st_size == len(data) for path, data in files.items())
    except OSError:
        return False


def _write_generation(
    house: Path, name: str, files: Mapping[str, bytes], manifest: bytes, old: str | None, run: str
) -> None:
    before = house / old if old else None
    kept = [path for path, data in files.items() if before and _same(before / path, data)]
    _check_room(house, [data for path, data in files.items() if path not in set(kept)])
    folder = house / f".tmp-gen-{layout.slug(run)}"
    folder.mkdir()
    try:
        for parent in sorted({(folder / path).parent for path in files}):
            parent.mkdir(parents=True, exist_ok=True)
        linked = {path for path in kept if before and _link(before / path, folder / path)}
        for path, data in files.items():
            if path not in linked:
                _write_new(folder / path, data)
        _write_new(folder / MANIFEST, manifest)
        (folder / STATUS).symlink_to(f"../{STATUS}")
        if faults := _faults(folder):
            message = f"the written site does not read back: {faults[0]}"
            raise PublishFailed(message, "Check the disk; the published site is unchanged.")
        for inner in [folder, *(entry for entry in folder.rglob("*") if entry.is_dir())]:
            _sync_folder(inner)
        os.utime(folder, (_NEVER_SUPERSEDED, _NEVER_SUPERSEDED))
        folder.rename(house / name)
        _sync_folder(house)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise


def _same(path: Path, data: bytes) -> bool:
    try:
        return path.stat().st_size == len(data) and path.read_bytes() == data
    except OSError:
        return False


def _link(source: Path, target: Path) -> bool:
    try:
        target.hardlink_to(source)
    except OSError:  # a file system without hard links, or too many of them
        return False
    return True


def _check_room(house: Path, contents: list[bytes]) -> None:
    needed = sum(-(-len(data) // _BLOCK) * _BLOCK for data in contents) + _SPARE_BYTES
    state = os.statvfs(house)
    room = state.f_bavail * state.f_frsize
    if room < needed:
        message = f"not enough room for the site: it needs {needed / 1e6:.1f} MB, the disk has {room / 1e6:.1f} MB left"
        raise PublishFailed(message, "The published site is unchanged. Make room on the disk, then run again.")


def _write_new(path: Path, data: bytes) -> None:
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o644)
    try:
        rest = memoryview(data)
        while rest:
            rest = rest[os.write(handle, rest) :]
        os.fsync(handle)
    finally:
        os.close(handle)


def _sync_folder(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _show(site: Path, house: Path, name: str, old: str | None) -> None:
    """The commit: `site` shows `name` from here on."""
    if old and (house / old).is_dir():
        os.utime(house / old)  # before the swap: a kill in between must not lose when it ceased to be shown
    link = house / ".tmp-link"
    link.unlink(missing_ok=True)
    link.symlink_to(f"{house.name}/{name}")
    if site.is_dir() and not site.is_symlink():
        site.rmdir()  # an empty folder that the user had made for it
    link.replace(site)
    _sync_folder(site.parent)


def _generations(house: Path) -> list[Path]:
    """Newest first, by when they ceased to be shown."""
    folders = [entry for entry in house.iterdir() if _GENERATION.fullmatch(entry.name) and entry.is_dir()]
    return sorted(folders, key=lambda folder: (-folder.stat().st_mtime, folder.name))


def _prune(house: Path, shown: str, keep: int) -> None:
    older = [folder for folder in _generations(house) if folder.name != shown]
    now = time.time()
    for folder in older[keep:]:
        if now - folder.stat().st_mtime > KEEP_SECONDS:
            gone = folder.rename(house / f".tmp-old-{folder.name}")  # so that a kill leaves no half generation
            shutil.rmtree(gone, ignore_errors=True)


def _faults(folder: Path) -> list[str]:
    try:
        raw = orjson.loads((folder / MANIFEST).read_bytes())
        listed = dict(raw["files"])
    except (OSError, ValueError, KeyError, TypeError) as problem:
        return [f"the manifest cannot be read: {problem}"]
    faults = []
    for path, sha256 in listed.items():
        try:
            data = (folder / path).read_bytes()
        except OSError as problem:
            faults.append(f"{path} cannot be read: {problem.strerror}")
            continue
        if _sha256(data) != sha256:
            faults.append(f"{path} is not what was published")
    there = {p.relative_to(folder).as_posix() for p in folder.rglob("*") if not p.is_dir()}
    faults += [f"{path} was not published" for path in sorted(there - set(listed) - {MANIFEST, STATUS})]
    return faults


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
