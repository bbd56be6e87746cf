"""The compiled names that recognisers share: one file that answers by name without the database.

The file holds every name and place that look-ups show, in arrays that are mapped into memory: processes that read it
share its pages, opening it takes no time that grows with their number, and it is never changed once it is there. Its
name carries the gazetteer's version, the rules of spelling and the format; another gazetteer is another file. The
answers are those of `lookup`.

**How names are found.** Search keys are cut into words. The words are numbered by their checksums (CRC-32, then text),
and the keys form a tree over these numbers: node n < words is the word n alone, further nodes are numbered level by
level, so that the children of a node stand side by side, sorted by their word. A look-up is one bisection a word, and a
reader of text stops at the first word that leads nowhere. A node that is a whole name is called an entry; its places
stand side by side too, best first. Entries that only codes have (ISO, IATA, ICAO) count as no names unless asked for.

**How it is made.** One process compiles while others wait (`names.lock`), into a file of another name that is synced
and renamed; what a killed one leaves is swept up by the next. `open` reads the file once against its checksum and
throws it away if it is damaged. Files of other versions go when nobody has opened them for a day.

Equal gazetteers give equal bytes. Text is UTF-8, numbers are in the byte order of the machine.

Measured (2 shared cores, load average 6; 291,000 places with 1.22 million names, in brackets ten times as many):
compiled in 7 s of the processor and 11-20 s of the clock (88 and 228), with 380 MB of memory (1.7 GB), into a file of
92 MB (812); opened in 41 ms (0.7 s). 1,000 names take 21-27 ms the first time (75) and 2.1 ms again (3.3), 1,000 names
that are none 1.8 ms (2.2), the names that begin with a capital in 500 words with their candidates 0.09 ms (0.10). A
process holds 5 MB (8) of its own and maps the pages of the file that it has touched, up to all of them.
benchmarks/snapshot.py prints all of it.
"""

from __future__ import annotations

import errno
import fcntl
import json
import mmap
import os
import re
import struct
import sys
import time
import zlib
from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Generic, TypeVar

import numpy as np
import psycopg
import shapely
from numpy.typing import NDArray
from shapely.geometry import Point
from sqlalchemy import Connection, Engine, text

from gazetteer import load, lookup
from gazetteer import names as spelling
from gazetteer.errors import GazetteerError
from gazetteer.model import Candidate, NameKind, Place

_Numbers = NDArray[Any]

FORMAT: Final = 1
"""Number of the file's format. Raise it with every change of what the bytes mean."""

_MAGIC: Final = b"IMNAMES\n"
_LAYOUT: Final = struct.Struct("<QQ")
"""Where the table of contents begins, and the size of the file."""
_SEAL: Final = struct.Struct("<I8s")
"""CRC-32 of all before it, magic. Layout and seal are the last bytes of the file."""
_PLACE: Final = struct.Struct("=QHHHqiIIII?")
"""A place: where its texts begin, length of id, name and note, population (-1: unknown), precision in metres, numbers
of feature class, feature code, country and division, has_area. One row is read at once, from one page."""
_BLOCK: Final = 1 << 20
_ALIGNMENT: Final = 8
_UNOPENED_FOR_S: Final = 86_400
_ATTEMPTS: Final = 5
_SHORTEST_SKELETON: Final = 3
"""Letters, as in `lookup.fuzzy`."""
_KEPT: Final = 40_000
"""Places, candidates and words of each that are kept as objects: some 60 MB at most."""
_TOLD_EVERY: Final = 100_000

Progress = load.Progress


# --- opening ---------------------------------------------------------------------------------------------------------


def open(engine: Engine, folder: Path, progress: Progress | None = None) -> Snapshot:
    """The names of the gazetteer as it is now, compiled into `folder` unless they are there. Close it after use.

    Any number of processes may call it at once: one compiles, the others wait. A file that is damaged is replaced.
    Raises `GazetteerError` with a hint when the folder cannot be written or the disk is full.
    """
    tell = progress or (lambda what, done, total: None)
    for _ in range(_ATTEMPTS):
        with engine.connect() as conn:
            version = load.version(conn)
        path = folder / _file_name(version)
        found = _intact(path, version)
        if found is None:
            with _refused(folder), _alone(folder, tell):
                found = _intact(path, version) or _made(engine, folder, version, tell)
        if found is not None:
            with suppress(OSError):  # a folder that is only read is fine
                os.utime(path)
            return found
    message = "The gazetteer changed again and again while its names were compiled."
    raise GazetteerError(message, "Wait until the loading is done, then try again.")


def read(path: Path) -> Snapshot:
    """A compiled file, without a database. Raises `GazetteerError` when it is missing or damaged."""
    try:
        return _mapped(path)
    except (OSError, _Damaged) as error:
        message = f"The compiled names {path} cannot be read: {_reason(error)}"
        raise GazetteerError(message, "They are compiled anew by the next command that reads articles.") from error


def compile(engine: Engine, path: Path, progress: Progress | None = None) -> str:
    """Compile the gazetteer's names into the file `path`, which appears whole or not at all; returns the version.

    Raises `GazetteerError` with a hint when it cannot be written.
    """
    with _refused(path.parent):
        unfinished = _unfinished(path)
        try:
            version = _compile(engine, unfinished, progress or (lambda what, done, total: None))
            _settle(unfinished, path)
        finally:
            unfinished.unlink(missing_ok=True)
    return version


def _file_name(version: str) -> str:
    return f"names-{version or 'empty'}-{spelling.RULES}-{FORMAT}.bin"


def _unfinished(path: Path) -> Path:
    return path.with_name(f"{path.name}.{os.getpid()}.tmp")


def _intact(path: Path, version: str) -> Snapshot | None:
    """The snapshot in `path`; None when it is missing or damaged."""
    try:
        found = _mapped(path)
    except (FileNotFoundError, NotADirectoryError, _Damaged):
        return None
    except OSError as error:
        if error.errno == errno.EIO:  # the disk has lost it
            return None
        raise _unusable(path.parent, error) from error
    if found.version != version:  # somebody renamed it
        found.close()
        return None
    return found


def _made(engine: Engine, folder: Path, version: str, tell: Progress) -> Snapshot | None:
    """Compile while nobody else does; None when the gazetteer is no longer `version`."""
    for left_over in folder.glob("names-*.tmp"):
        left_over.unlink(missing_ok=True)
    path = folder / _file_name(version)
    unfinished = _unfinished(path)
    try:
        compiled = _compile(engine, unfinished, tell)
        path = folder / _file_name(compiled)
        _settle(unfinished, path)
    finally:
        unfinished.unlink(missing_ok=True)
    _prune(folder, path)
    return read(path) if compiled == version else None


def _settle(unfinished: Path, path: Path) -> None:
    """Give a complete file its name, for good even if the power fails."""
    unfinished.replace(path)
    descriptor = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _prune(folder: Path, keep: Path) -> None:
    """Remove files of other versions that nobody has opened for a day; `open` renews their time."""
    long_ago = time.time() - _UNOPENED_FOR_S
    for path in folder.glob("names-*.bin"):
        with suppress(OSError):
            if path != keep and path.stat().st_mtime < long_ago:
                path.unlink()


@contextmanager
def _alone(folder: Path, tell: Progress) -> Iterator[None]:
    """Hold the folder's lock, which dies with its process."""
    folder.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(folder / "names.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            tell("waiting for another process that compiles the names", 0, None)
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


@contextmanager
def _refused(folder: Path) -> Iterator[None]:
    """Say what the operating system refuses in words."""
    try:
        yield
    except GazetteerError:  # some of them are OSErrors too
        raise
    except OSError as error:
        raise _unusable(folder, error) from error


def _unusable(folder: Path, error: OSError) -> GazetteerError:
    message = f"The compiled names cannot be kept in {folder}: {error.strerror or error}."
    if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
        return GazetteerError(message, "Make room there; they need about 80 bytes for each name.")
    return GazetteerError(message, "Use a data folder that you may write.")


class _Damaged(Exception):
    """The file is not what was once written."""


def _reason(error: Exception) -> str:
    return (error.strerror if isinstance(error, OSError) else None) or str(error)


def _meaning() -> dict[str, Any]:
    """What must be equal where a file is written and where it is read."""
    kinds = [kind.value for kind in NameKind]
    return {"format": FORMAT, "rules": spelling.RULES, "kinds": kinds, "order": sys.byteorder}


def _mapped(path: Path) -> Snapshot:
    """Read the whole file against its checksum, then map it: neither a torn nor a flipped byte reaches a look-up, and
    no look-up needs to doubt what it reads."""
    with path.open("rb", buffering=0) as file:
        size = os.fstat(file.fileno()).st_size
        if size < _LAYOUT.size + _SEAL.size:
            message = "it is too short"
            raise _Damaged(message)
        checksum, left = 0, size - _SEAL.size
        block = memoryview(bytearray(_BLOCK))
        while left:
            got = file.readinto(block[: min(left, _BLOCK)])
            if not got:
                message = "it was cut while it was read"
                raise _Damaged(message)
            checksum = zlib.crc32(block[:got], checksum)
            left -= got
        if file.read() != _SEAL.pack(checksum, _MAGIC):
            message = "its checksum is wrong"
            raise _Damaged(message)
        mapped = mmap.mmap(file.fileno(), size, access=mmap.ACCESS_READ)
    contents_end = size - _LAYOUT.size - _SEAL.size
    contents_at, _ = _LAYOUT.unpack_from(mapped, contents_end)
    contents = json.loads(mapped[contents_at:contents_end])
    if any(contents[what] != value for what, value in _meaning().items()):
        mapped.close()
        message = "another version of the program or another machine made it"
        raise _Damaged(message)
    return Snapshot(path, mapped, contents)


# --- asking ----------------------------------------------------------------------------------------------------------

_Key = TypeVar("_Key")
_Value = TypeVar("_Value")


class _Recent(Generic[_Key, _Value]):
    """The values asked for lately, within `room`: a young half, and an old one that is forgotten when that is full."""

    def __init__(self, room: int) -> None:
        self.half = room // 2
        self.young: dict[_Key, _Value] = {}
        self.old: dict[_Key, _Value] = {}
        self.weight = 0

    def get(self, key: _Key, weigh: Callable[[_Value], int] | None = None) -> _Value | None:
        value = self.young.get(key)
        if value is None:
            value = self.old.get(key)
            if value is not None:
                self.put(key, value, weigh(value) if weigh else 1)
        return value

    def put(self, key: _Key, value: _Value, weight: int = 1) -> None:
        if self.weight + weight > self.half:
            self.old, self.young, self.weight = self.young, {}, 0
        self.young[key] = value
        self.weight += weight


_Found = tuple[Candidate, ...]


def _weight(found: _Found) -> int:
    return len(found) + 1


class Snapshot:
    """The names and places of one version of the gazetteer. A context manager; of no use after `close`.

    Made by `open` or `read`. May be used by several threads and after a fork; a pickled one opens its file again.
    """

    def __init__(self, path: Path, mapped: mmap.mmap, contents: dict[str, Any]) -> None:
        self.path = path
        self.version: str = contents["version"]
        """As of `load.version`."""
        self.places_count: int = contents["places"]
        self.names_count: int = contents["names"]
        self._map = mapped
        self._views: list[memoryview] = []

        def section(name: str) -> Any:
            code, start, size = contents["sections"][name]
            if not size:
                return array(code)  # a view on nothing cannot be cast
            view = memoryview(mapped)[start : start + size]
            numbers = view.cast(code)
            self._views += (numbers, view)
            return numbers

        self._kinds = tuple(NameKind(kind) for kind in contents["kinds"])
        self._classes: list[str] = contents["classes"]
        self._codes: list[str] = contents["codes"]
        self._countries: list[tuple[str | None, str | None]] = contents["countries"]
        self._divisions: list[tuple[str | None, str | None]] = contents["divisions"]
        self._longest_word: int = contents["longest_word"]
        self._plain: int = contents["plain_postings"]
        self._word_crc: Sequence[int] = section("word_crc")
        self._word_end: Sequence[int] = section("word_end")
        self._word_text = section("word_text")
        self._node_word: Sequence[int] = section("node_word")
        self._node_child: Sequence[int] = section("node_child")
        self._node_posting: Sequence[int] = section("node_posting")
        self._posting_place: Sequence[int] = section("posting_place")
        self._posting_kind: Sequence[int] = section("posting_kind")
        self._posting_end: Sequence[int] = section("posting_end")
        self._posting_text = section("posting_text")
        self._code_node: Sequence[int] = section("code_node")
        self._skeleton_crc: Sequence[int] = section("skeleton_crc")
        self._skeleton_node: Sequence[int] = section("skeleton_node")
        self._place_text = section("place_text")
        self._place_row = section("place_row")
        self._place_prominence: Sequence[float] = section("place_prominence")
        self._place_point: _Numbers = np.asarray(section("place_point"), np.float64).reshape(-1, 2)

        self._words: _Recent[str, int] = _Recent(_KEPT)
        self._places: _Recent[int, Place] = _Recent(_KEPT)
        self._called: _Recent[tuple[int, int, bool], _Found] = _Recent(_KEPT)
        self._nearly: _Recent[tuple[str, int], _Found] = _Recent(_KEPT // 4)

    def close(self) -> None:
        """Let the file go. Places and candidates that were given out stay good."""
        self._place_point = np.zeros((0, 2))
        for view in self._views:
            view.release()
        self._views.clear()
        self._map.close()

    def __enter__(self) -> Snapshot:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def __reduce__(self) -> tuple[Callable[[Path], Snapshot], tuple[Path]]:
        return read, (self.path,)

    # --- by name -----------------------------------------------------------------------------------------------------

    def candidates(self, names: Iterable[str], *, limit: int = 40, codes: bool = False) -> dict[str, _Found]:
        """As `lookup.candidates`: places called so, by `names.key(name)`, the most prominent first."""
        entries = {key: self._entry(key) for key in sorted({spelling.key(name) for name in names})}
        found = self.called((entry for entry in entries.values() if entry >= 0), limit=limit, codes=codes)
        return {key: found[entry] for key, entry in entries.items() if entry in found}

    def called(self, entries: Iterable[int], *, limit: int = 40, codes: bool = False) -> dict[int, _Found]:
        """The candidates of entries that `spans` gave, by entry, as `candidates` orders them. Quickest for many."""
        found: dict[int, _Found] = {}
        unseen: dict[int, Sequence[int]] = {}
        for entry in entries:
            known = self._called.get((entry, limit, codes), _weight)
            if known is not None:
                found[entry] = known
            elif postings := self._postings(entry, codes)[:limit]:
                unseen[entry] = postings
        places = self._placed(self._posting_place[posting] for postings in unseen.values() for posting in postings)
        for entry, postings in unseen.items():
            made = tuple(self._candidate(posting, places, 1.0) for posting in postings)
            self._called.put((entry, limit, codes), made, _weight(made))
            found[entry] = made
        return found

    def has(self, key: str, *, codes: bool = False) -> bool:
        """Whether a place is called so; `key` is a search key."""
        entry = self._entry(key)
        return entry >= 0 and bool(self._postings(entry, codes))

    def spans(self, words: Sequence[str], starts: Iterable[int] | None = None) -> list[tuple[int, int, int]]:
        """All names in a run of words: (start, end, entry), the words from start to before end being called `entry`.

        `words` are words as `names.words` gives them. A span is a name exactly as `names.key` would have it: an article
        ("al") anywhere and a leading "the" do not count, so they may begin a span, but an article never ends one.
        `starts`: the positions where a name may begin; without it, all. Ordered by start, then end; spans overlap.
        """
        child, word_of, posting = self._node_child, self._node_word, self._node_posting
        articles = spelling.ARTICLES
        count = len(words)
        numbers: list[Any] = list(map(self._words.young.get, words))
        if None in numbers:
            numbers = [
                self._number(word) if number is None else number for word, number in zip(words, numbers, strict=True)
            ]
        following = list(range(count + 1))  # the first position from here on that is no article
        for at in range(count - 1, -1, -1):
            if words[at] in articles:
                following[at] = following[at + 1]
        found: list[tuple[int, int, int]] = []
        for start in range(count) if starts is None else starts:
            at = following[start]
            if at == count:
                continue
            if words[at] == "the":
                node = numbers[at]
                if node >= 0 and posting[node] < posting[node + 1]:
                    found.append((start, at + 1, node))
                at = following[at + 1]
                if at == count:
                    continue
            node = numbers[at]
            if node < 0:
                continue
            while True:
                if posting[node] < posting[node + 1]:
                    found.append((start, at + 1, node))
                low, high = child[node], child[node + 1]
                at = following[at + 1]
                if low == high or at == count:
                    break
                number = numbers[at]
                if number < 0:
                    break
                node = bisect_left(word_of, number, low, high)
                if node == high or word_of[node] != number:
                    break
        return found

    def key(self, entry: int) -> str:
        """The search key of an entry."""
        words = []
        while True:
            words.append(self._word(self._node_word[entry]))
            if entry < len(self._word_crc):
                return " ".join(reversed(words))
            entry = bisect_right(self._node_child, entry) - 1

    def fuzzy(self, names: Iterable[str], *, limit: int = 10) -> dict[str, _Found]:
        """As `lookup.fuzzy` without trigrams: places whose names have the same `names.skeleton`, by `names.key(name)`;
        the second try for names that `candidates` misses."""
        found: dict[str, _Found] = {}
        for key in sorted({spelling.key(name) for name in names}):
            if key and key.isascii() and (places := self._sounding(key, limit)):
                found[key] = places
        return found

    def _number(self, word: str) -> int:
        """The number of a word; -1 when no name has it."""
        number = self._words.get(word)
        if number is None:
            number = -1
            if len(word) <= self._longest_word:
                letters = word.encode(errors="surrogatepass")
                crc = zlib.crc32(letters)
                at = bisect_left(self._word_crc, crc)
                while at < len(self._word_crc) and self._word_crc[at] == crc:
                    if self._word_text[self._word_end[at] : self._word_end[at + 1]] == letters:
                        number = at
                        break
                    at += 1
                self._words.put(word, number)
        return number

    def _word(self, number: int) -> str:
        return str(self._word_text[self._word_end[number] : self._word_end[number + 1]], "utf-8")

    def _entry(self, key: str) -> int:
        """The node of a search key, which need not be a name; -1 when there is none."""
        first, *others = key.split(" ")
        node = self._number(first)
        for word in others:
            number = self._number(word)
            if node < 0 or number < 0:
                return -1
            low, high = self._node_child[node], self._node_child[node + 1]
            node = bisect_left(self._node_word, number, low, high)
            if node == high or self._node_word[node] != number:
                return -1
        return node

    def _postings(self, entry: int, codes: bool) -> Sequence[int]:
        """What a node calls, best first; nothing for a node that is no entry."""
        postings = range(self._node_posting[entry], self._node_posting[entry + 1])
        if not codes:
            return postings
        low, high = bisect_left(self._code_node, entry), bisect_right(self._code_node, entry)
        return sorted([*postings, *range(self._plain + low, self._plain + high)], key=self._rank)

    def _rank(self, posting: int) -> tuple[float, int, int]:
        place = self._posting_place[posting]
        return -self._place_prominence[place], self._posting_kind[posting], place

    def _candidate(self, posting: int, places: dict[int, Place], similarity: float) -> Candidate:
        name = str(self._posting_text[self._posting_end[posting] : self._posting_end[posting + 1]], "utf-8")
        place = places[self._posting_place[posting]]
        if name == place.name:
            name = place.name  # one text in memory
        return Candidate(place, name, self._kinds[self._posting_kind[posting]], similarity)

    def _sounding(self, key: str, limit: int) -> _Found:
        skeleton = spelling.skeleton_of_key(key)
        if len(skeleton) < _SHORTEST_SKELETON:
            return ()
        found = self._nearly.get((key, limit), _weight)
        if found is None:
            best = self._best_sounding(key, skeleton)[:limit]
            places = self._placed(self._posting_place[posting] for posting, _ in best)
            found = tuple(self._candidate(posting, places, float(str(similarity))) for posting, similarity in best)
            if len(key) <= self._longest_word:
                self._nearly.put((key, limit), found, _weight(found))
        return found

    def _best_sounding(self, key: str, skeleton: str) -> list[tuple[int, np.float32]]:
        """(posting, similarity) of each place with a name of this skeleton, the best mix with prominence first."""
        crc = zlib.crc32(skeleton.encode())
        best: dict[int, tuple[np.float32, int, str, int]] = {}
        at = bisect_left(self._skeleton_crc, crc)
        while at < len(self._skeleton_crc) and self._skeleton_crc[at] == crc:
            entry = self._skeleton_node[at]
            at += 1
            other = self.key(entry)
            if spelling.skeleton_of_key(other) != skeleton:
                continue
            similarity = max(_alike(key, other), np.float32(lookup.SAME_SKELETON))
            for posting in range(self._node_posting[entry], self._node_posting[entry + 1]):
                place = self._posting_place[posting]
                mine = (-similarity, self._posting_kind[posting], other, posting)
                if place not in best or mine < best[place]:
                    best[place] = mine
        # As PostgreSQL computes it: both numbers are single, the sum is double.
        ranked = sorted(
            (float(minus) - self._place_prominence[place] / 30, place, -minus, posting)
            for place, (minus, _, _, posting) in best.items()
        )
        return [(posting, similarity) for _, _, similarity, posting in ranked]

    # --- by id -------------------------------------------------------------------------------------------------------

    def places(self, ids: Iterable[str]) -> dict[str, Place]:
        """As `lookup.places`: places by id, ordered by id; unknown ids are absent."""
        numbers: dict[str, int] = {}
        for id_ in sorted(set(ids)):
            number = bisect_left(range(self.places_count), id_, key=self._id)
            if number < self.places_count and self._id(number) == id_:
                numbers[id_] = number
        places = self._placed(numbers.values())
        return {id_: places[number] for id_, number in numbers.items()}

    def _id(self, number: int) -> str:
        start, length, *_ = _PLACE.unpack_from(self._place_row, number * _PLACE.size)
        return str(self._place_text[start : start + length], "utf-8")

    def _placed(self, numbers: Iterable[int]) -> dict[int, Place]:
        """Places by number."""
        places: dict[int, Place] = {}
        unseen: list[int] = []
        for number in dict.fromkeys(numbers):
            known = self._places.get(number)
            if known is None:
                unseen.append(number)
            else:
                places[number] = known
        if unseen:
            # Points are made together: one at a time, each costs more than all the rest of its place.
            points: Any = shapely.points(self._place_point[unseen])
            for number, point in zip(unseen, points, strict=True):
                places[number] = place = self._place(number, point)
                self._places.put(number, place)
        return places

    def _place(self, number: int, point: Point) -> Place:
        row = _PLACE.unpack_from(self._place_row, number * _PLACE.size)
        id_at, id_size, name_size, note_size, population, precision_m, class_, code, country, division, has_area = row
        name_at = id_at + id_size
        note_at = name_at + name_size
        country_code, country_name = self._countries[country]
        admin1_code, admin1_name = self._divisions[division]
        return Place(
            id=str(self._place_text[id_at:name_at], "utf-8"),
            name=str(self._place_text[name_at:note_at], "utf-8"),
            feature_class=self._classes[class_],
            feature_code=self._codes[code],
            point=point,
            country_code=country_code,
            admin1_code=admin1_code,
            population=None if population < 0 else population,
            precision_m=precision_m,
            has_area=has_area,
            note=str(self._place_text[note_at : note_at + note_size], "utf-8"),
            admin1_name=admin1_name,
            country_name=country_name,
        )


def _alike(key: str, other: str) -> np.float32:
    """`similarity` of pg_trgm for search keys in Latin letters."""
    mine, theirs = _trigrams(key), _trigrams(other)
    common = len(mine & theirs)
    return np.float32(common) / np.float32(len(mine) + len(theirs) - common)


def _trigrams(key: str) -> set[str]:
    padded = (f"  {word} " for word in key.split(" "))
    return {word[at : at + 3] for word in padded for at in range(len(word) - 2)}


# --- compiling -------------------------------------------------------------------------------------------------------


def _compile(engine: Engine, path: Path, tell: Progress) -> str:
    """Write the file and sync it; returns the version that it holds."""
    for _ in range(_ATTEMPTS):
        with engine.connect() as conn:
            before = _state(conn)
            with path.open("wb") as file:
                writer = _Writer(file)
                places = _Places(conn)
                places.write(writer)
                _Names(conn, places, tell).write(writer)
                writer.finish(before[0])
                file.flush()
                os.fsync(file.fileno())
            # Each statement sees one whole gazetteer, but a load may have come between two of them.
            conn.rollback()
            if _state(conn) == before:
                return before[0]
    message = "The gazetteer changed again and again while its names were compiled."
    raise GazetteerError(message, "Wait until the loading is done, then try again.")


def _state(conn: Connection) -> tuple[str, str]:
    """The version, and what changes also when the same content is loaded anew under other numbers."""
    finished = conn.scalar(text("SELECT max(finished) FROM gazetteer.gazetteer_load"))
    return load.version(conn), repr(finished)


def _driver(conn: Connection) -> psycopg.Connection[Any]:
    driver = conn.connection.driver_connection
    assert isinstance(driver, psycopg.Connection)  # noqa: S101  # database.engine makes no others
    return driver


class _Writer:
    """Writes sections one behind the other, then the table of contents."""

    def __init__(self, file: Any) -> None:
        self.file = file
        self.at = 0
        self.crc = 0
        self.sections: dict[str, tuple[str, int, int]] = {}
        self.contents: dict[str, Any] = {}

    def add(self, name: str, numbers: _Numbers | bytes | bytearray) -> None:
        """Numbers as they are, or text."""
        if isinstance(numbers, bytes | bytearray):
            self.pieces(name, (numbers,))
        else:
            self.pieces(name, (np.ascontiguousarray(numbers).data.cast("B"),), numbers.dtype.char)

    def pieces(self, name: str, content: Iterable[bytes | bytearray | memoryview], code: str = "B") -> None:
        self._write(bytes(-self.at % _ALIGNMENT))
        start = self.at
        for piece in content:
            self._write(piece)
        self.sections[name] = (code, start, self.at - start)

    def count(self, name: str, numbers: _Numbers) -> None:
        """Numbers from 0 on, in the narrowest type that holds them."""
        widest = int(numbers.max()) if numbers.size else 0
        self.add(name, numbers.astype(next(code for code in "BHIQ" if widest < 1 << 8 * np.dtype(code).itemsize)))

    def finish(self, version: str) -> None:
        contents = {
            **self.contents,
            **_meaning(),
            "version": version,
            "sections": self.sections,
        }
        contents_at = self.at
        self._write(json.dumps(contents, sort_keys=True, separators=(",", ":")).encode())
        self._write(_LAYOUT.pack(contents_at, self.at + _LAYOUT.size + _SEAL.size))
        self._write(_SEAL.pack(self.crc, _MAGIC))

    def _write(self, content: bytes | bytearray | memoryview) -> None:
        self.file.write(content)
        self.crc = zlib.crc32(content, self.crc)
        self.at += len(content)


def _ends(lengths: _Numbers) -> _Numbers:
    """Where texts of these lengths end that stand one behind the other, with the beginning of the first."""
    return np.concatenate([np.zeros(1, np.int64), np.cumsum(lengths, dtype=np.int64)])


class _Table:
    """Values by number, in order of their first appearance."""

    def __init__(self, *first: Any) -> None:
        self.numbers: dict[Any, int] = {value: number for number, value in enumerate(first)}

    def number(self, value: Any) -> int:
        return self.numbers.setdefault(value, len(self.numbers))


class _Places:
    """The places that serve, numbered by their ids."""

    _ROWS: Final = """
        SELECT no, id, name, note, feature_class, feature_code, ST_X(point), ST_Y(point), country_code, admin1_code,
               coalesce(population, -1), precision_m, prominence, has_area
        FROM gazetteer.place WHERE serves ORDER BY id"""

    def __init__(self, conn: Connection) -> None:
        self.text, self.rows = bytearray(), bytearray()
        points, prominence, numbers = array("d"), array("f"), array("i")
        classes, codes, countries, divisions = _Table(), _Table(), _Table(None), _Table(None)
        areas: dict[str, str] = {}
        with _driver(conn).cursor(name="places", binary=True) as cursor:
            cursor.itersize = 2_000
            cursor.execute(self._ROWS)
            for no, id_, name, note, class_, code, lon, lat, country, admin1, people, precision, fame, area in cursor:
                texts = id_.encode(), name.encode(), note.encode()
                self.rows += _PLACE.pack(
                    len(self.text), *map(len, texts), people, precision, classes.number(class_), codes.number(code),
                    countries.number(country), divisions.number(admin1), area,
                )  # fmt: skip
                self.text += b"".join(texts)
                numbers.append(no)
                points.extend((lon, lat))
                prominence.append(fame)
                if id_.startswith(("country:", "admin1:")):
                    areas[id_] = name
        self.points = np.frombuffer(points, np.float64)
        self.prominence = np.frombuffer(prominence, np.float32)
        self.contents = {
            "places": len(numbers),
            "classes": list(classes.numbers),
            "codes": list(codes.numbers),
            "countries": [(code, areas.get(f"country:{code}")) for code in countries.numbers],
            "divisions": [(code, areas.get(f"admin1:{code}")) for code in divisions.numbers],
        }
        unsorted = np.frombuffer(numbers, np.int32)
        self._order = np.argsort(unsorted)
        self._numbers = unsorted[self._order]

    def of(self, numbers: _Numbers) -> _Numbers:
        """The numbers here for the table's numbers, all of which must be known."""
        at = np.searchsorted(self._numbers, numbers)
        if numbers.size and (at.max() >= self._numbers.size or not np.array_equal(self._numbers[at], numbers)):
            return np.zeros(numbers.size, np.int64)  # a load came between; `_compile` sees it and begins again
        found: _Numbers = self._order[at]
        return found

    def write(self, writer: _Writer) -> None:
        writer.contents |= self.contents
        writer.add("place_row", self.rows)
        writer.add("place_text", self.text)
        writer.add("place_point", self.points)
        writer.add("place_prominence", self.prominence)
        self.rows, self.text, self.points = bytearray(), bytearray(), np.zeros(0)  # is not needed any more


class _Numbered(dict[bytes, int]):
    """Words by number, in order of their first appearance."""

    def __missing__(self, word: bytes) -> int:
        number = self[word] = len(self)
        return number


_ESCAPED: Final = re.compile(rb"\\(.)", re.DOTALL)
_ESCAPES: Final = {b"b": b"\b", b"f": b"\f", b"n": b"\n", b"r": b"\r", b"t": b"\t", b"v": b"\v"}


class _Names:
    """The names that are shown: words, the tree of keys, what each key calls."""

    # The text format of COPY brings the rows as bytes, which is what is needed; rows come in any order.
    _ROWS: Final = """
        COPY (
            SELECT n.place_no, n.kind, n.name_key, n.skeleton_key, n.name
            FROM gazetteer.place_name n JOIN gazetteer.place p ON p.no = n.place_no
            WHERE p.serves AND p.withdrawn IS NULL
        ) TO STDOUT (ENCODING 'UTF8')"""

    def __init__(self, conn: Connection, places: _Places, tell: Progress) -> None:
        total = int(conn.scalar(text("SELECT coalesce(sum(names), 0) FROM gazetteer.gazetteer_load")) or 0)
        trust = {kind.value.encode(): rank for rank, kind in enumerate(NameKind)}
        words = _Numbered()
        rows, kinds, flat, counts = array("i"), array("B"), array("I"), array("B")
        skeletons = array("q")
        self.text, ends = bytearray(), array("Q", [0])
        with _driver(conn).cursor() as cursor, cursor.copy(self._ROWS) as copy:
            for done, row in enumerate(copy):
                no, kind, key, skeleton, name = bytes(row)[:-1].split(b"\t")
                if b"\\" in name:
                    name = _ESCAPED.sub(lambda found: _ESCAPES.get(found[1], found[1]), name)
                key_words = key.split(b" ")
                rows.append(int(no))
                kinds.append(trust[kind])
                flat.extend(map(words.__getitem__, key_words))
                counts.append(len(key_words))
                skeletons.append(-1 if skeleton == rb"\N" else zlib.crc32(skeleton))
                self.text += name
                ends.append(len(self.text))
                if done % _TOLD_EVERY == 0:
                    tell("compiling names", done, total)
        tell("compiling names", len(rows), total)
        self.place = places.of(np.frombuffer(rows, np.int32))
        self.prominence = places.prominence
        self.kind = np.frombuffer(kinds, np.uint8)
        self.skeleton = np.frombuffer(skeletons, np.int64)
        self.ends = np.frombuffer(ends, np.uint64)
        self._number_words(words, np.frombuffer(flat, np.uint32), np.frombuffer(counts, np.uint8))

    def _number_words(self, words: _Numbered, flat: _Numbers, counts: _Numbers) -> None:
        """Number the words by checksum and text, and the keys' beginnings level by level."""
        self.words = list(words)
        words.clear()
        crc = np.fromiter(map(zlib.crc32, self.words), np.uint32, len(self.words))
        self.word_order = _by_crc(crc, self.words)
        self.word_crc = crc[self.word_order]
        final = np.empty(len(crc), np.int64)
        final[self.word_order] = np.arange(len(crc))
        first = _ends(counts)[:-1]
        node = final[flat[first]]
        levels, parents = [np.arange(len(final))], [np.zeros(0, np.int64)]
        rows, depth, made = np.flatnonzero(counts > 1), 1, len(final)
        while rows.size:
            step = node[rows] << 32 | final[flat[first[rows] + depth]]
            distinct, which = np.unique(step, return_inverse=True)
            node[rows] = made + which
            parents.append(distinct >> 32)
            levels.append(distinct & 0xFFFFFFFF)
            made, depth = made + distinct.size, depth + 1
            rows = rows[counts[rows] > depth]
        self.node = node
        self.node_word = np.concatenate(levels)
        self.node_child = len(final) + np.searchsorted(np.concatenate(parents), np.arange(made + 1))

    def write(self, writer: _Writer) -> None:
        lengths = np.fromiter(map(len, self.words), np.int64, len(self.words))[self.word_order]
        writer.contents |= {"names": len(self.node), "longest_word": int(lengths.max()) if lengths.size else 0}
        writer.add("word_crc", self.word_crc)
        writer.count("word_end", _ends(lengths))
        writer.add("word_text", b"".join([self.words[number] for number in self.word_order.tolist()]))
        self.words.clear()
        writer.count("node_word", self.node_word)
        writer.count("node_child", self.node_child)
        self._write_skeletons(writer)
        self._write_postings(writer)

    def _write_skeletons(self, writer: _Writer) -> None:
        looser = np.flatnonzero(self.skeleton >= 0)
        # Shifted without a sign, or the checksums from 2**31 on would come first.
        pairs = np.unique(self.skeleton[looser].astype(np.uint64) << 32 | self.node[looser].astype(np.uint64))
        writer.add("skeleton_crc", (pairs >> 32).astype(np.uint32))
        writer.count("skeleton_node", pairs & 0xFFFFFFFF)

    def _write_postings(self, writer: _Writer) -> None:
        """What each entry calls, best first; codes behind all others."""
        is_code = self.kind == list(NameKind).index(NameKind.CODE)
        by = (self.place, self.kind, -self.prominence[self.place], self.node, is_code)
        order = np.lexsort(by)
        node, place = self.node[order], self.place[order]
        twice = np.flatnonzero((node[1:] == node[:-1]) & (place[1:] == place[:-1]))
        if twice.size:  # a place has the name in two spellings: let the order be that of their texts
            spelt = np.zeros(len(order), np.int64)
            tied = np.union1d(order[twice], order[twice + 1])
            spelt[tied] = [zlib.crc32(name) for name in self._texts(tied)]
            order = np.lexsort((spelt, *by))
        plain = len(order) - int(is_code.sum())
        writer.contents["plain_postings"] = plain
        writer.count("node_posting", np.searchsorted(node[:plain], np.arange(len(self.node_word) + 1)))
        writer.count("code_node", node[plain:])
        writer.count("posting_place", place)
        writer.add("posting_kind", self.kind[order])
        writer.count("posting_end", _ends(np.diff(self.ends)[order]))
        writer.pieces("posting_text", (b"".join(self._texts(part)) for part in np.array_split(order, 50)))

    def _texts(self, rows: _Numbers) -> Iterator[bytearray]:
        starts, ends = self.ends[rows].tolist(), self.ends[rows + 1].tolist()
        return (self.text[start:end] for start, end in zip(starts, ends, strict=True))


def _by_crc(crc: _Numbers, words: Sequence[bytes]) -> _Numbers:
    """The order of words by checksum, then text."""
    order = np.argsort(crc, kind="stable")
    same = np.flatnonzero(np.diff(crc[order]) == 0)
    for group in np.split(same, np.flatnonzero(np.diff(same) > 1) + 1) if same.size else ():
        first, last = group[0], group[-1] + 2
        order[first:last] = sorted(order[first:last], key=lambda number: words[number])
    return order
