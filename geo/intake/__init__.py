"""The doors of the house: .txt, .html and .jsonl, files or folders, end here as articles or set aside with a reason."""

from __future__ import annotations

import hashlib
import logging
import os
import stat
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from pathlib import Path

from geo.errors import BadArticle, InputMissing, InputOutputError
from geo.intake import html, jsonl, txt
from geo.intake.decoding import MAX_BYTES, decode, refuse_binary
from geo.intake.draft import complete
from geo.intake.outcome import Rejected, Remark
from geo.model import Article

__all__ = ["Rejected", "Remark", "read_path"]

SUFFIXES = (".txt", ".html", ".htm", ".jsonl")

_log = logging.getLogger(__name__)


def log_remark(remark: Remark) -> None:
    """Write a remark to the log: as a warning, or as information if it is minor."""
    place = remark.name if remark.line is None else f"{remark.name}, line {remark.line}"
    _log.log(logging.INFO if remark.minor else logging.WARNING, "%s: %s", place, remark.text)


def read_path(
    path: Path, *, remark: Callable[[Remark], None] = log_remark, today: date | None = None
) -> Iterator[Article | Rejected]:
    """The articles of a file or of a folder, and what could not be read, in a fixed order.

    A folder is walked with all its folders, sorted by path; names that begin with a dot are skipped, files of other
    kinds than .txt .html .htm .jsonl are counted in one remark. One file at a time is in memory, of JSONL one line.
    `remark` is told what was dropped of articles that are read all the same: a publication date in the future
    (later than the day after `today`, by default this UTC day), an address that is none. Raises InputMissing if
    `path` does not exist, InputOutputError if a folder may not be listed; whatever is wrong with one file is yielded as
    Rejected.
    """
    today = today or datetime.now(UTC).date()
    try:
        mode = path.stat().st_mode
    except (FileNotFoundError, NotADirectoryError):
        message = f"There is no file or folder {path}"
        raise InputMissing(message, "Check the spelling, or make the folder and put articles into it.") from None
    except OSError as problem:
        message = f"{path} cannot be reached: {problem.strerror}"
        raise InputOutputError(message, "Give this account the right to read it.") from None
    if stat.S_ISDIR(mode):
        yield from _read_folder(path, remark, today)
    else:
        yield from _read_file(path, remark, today)


def _read_folder(folder: Path, remark: Callable[[Remark], None], today: date) -> Iterator[Article | Rejected]:
    closed: list[OSError] = []
    files: list[Path] = []
    others = 0
    for parent, folders, names in os.walk(folder, onerror=closed.append):
        folders[:] = [name for name in folders if not name.startswith(".")]
        for name in names:
            if name.startswith("."):
                continue
            if name.lower().endswith(SUFFIXES):
                files.append(Path(parent, name))
            else:
                others += 1
    for problem in closed:
        if problem.filename == str(folder):
            message = f"The folder {folder} cannot be listed: {problem.strerror}"
            raise InputOutputError(message, "Give this account the right to read it.")
        yield _unreadable(Path(problem.filename), problem)
    if not files:
        text = f"no articles in it: no file ends in {' '.join(SUFFIXES)}"
        remark(Remark(_shown(folder), None, text))
    elif others:
        counted = "1 file" if others == 1 else f"{others} files"
        text = f"{counted} skipped, of other kinds than {' '.join(SUFFIXES)}"
        remark(Remark(_shown(folder), None, text, minor=True))
    for file in sorted(files):
        yield from _read_file(file, remark, today)


def _read_file(path: Path, remark: Callable[[Remark], None], today: date) -> Iterator[Article | Rejected]:
    """Everything that one file holds. Nothing that is wrong with it is raised."""
    name = _shown(path)
    try:
        state = path.stat()
        if not stat.S_ISREG(state.st_mode):
            yield Rejected(name, None, "not an ordinary file", _digest(name, state.st_size))
        elif state.st_size == 0:
            yield Rejected(name, None, "the file is empty", hashlib.sha256(b"").hexdigest())
        elif path.suffix.lower() == ".jsonl":
            yield from _read_jsonl(path, name, remark, today)
        elif state.st_size > MAX_BYTES:
            reason = f"the file has {state.st_size / 1e6:.1f} MB; an article has at most {MAX_BYTES >> 20} MB"
            yield Rejected(name, None, reason, _digest(name, state.st_size))
        else:
            yield _read_one(path, name, remark, today)
    except OSError as problem:
        yield _unreadable(path, problem)


def _read_one(path: Path, name: str, remark: Callable[[Remark], None], today: date) -> Article | Rejected:
    with path.open("rb") as stream:
        data = stream.read(MAX_BYTES)  # capped again: the file may have grown
    try:
        plain = path.suffix.lower() == ".txt"
        draft = txt.parse(decode(data)) if plain else html.parse(decode(data, html=True))
        article, remarks = complete(draft, today)
    except BadArticle as problem:
        return Rejected(name, None, str(problem), hashlib.sha256(data).hexdigest())
    for text in remarks:
        remark(Remark(name, None, text))
    return article


def _read_jsonl(path: Path, name: str, remark: Callable[[Remark], None], today: date) -> Iterator[Article | Rejected]:
    with path.open("rb") as stream:
        head = stream.read(8192)
        try:
            refuse_binary(head)  # else each "line" of a renamed archive would be set aside by itself
        except BadArticle as problem:
            yield Rejected(name, None, str(problem), hashlib.sha256(head).hexdigest())
            return
        stream.seek(0)
        for line in jsonl.read_lines(stream, today):
            if isinstance(line, jsonl.BadLine):
                yield Rejected(name, line.number, line.reason, line.sha256)
                continue
            for text in line.remarks:
                remark(Remark(name, line.number, text))
            yield line.article


def _unreadable(path: Path, problem: OSError) -> Rejected:
    name = _shown(path)
    forbidden = isinstance(problem, PermissionError)
    reason = "no permission to read it" if forbidden else f"cannot be read: {problem.strerror}"
    return Rejected(name, None, reason, _digest(name, 0))


def _shown(path: Path) -> str:
    """The path for people: bytes of a file name that are no UTF-8 become U+FFFD."""
    return os.fsencode(path).decode("utf-8", "replace")


def _digest(name: str, size: int) -> str:
    return hashlib.sha256(f"{name}\n{size}".encode()).hexdigest()
