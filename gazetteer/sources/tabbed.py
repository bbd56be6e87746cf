"""Files of lines with tabs between the columns, as GeoNames publishes them: plain text, or packed in a zip archive.

There is no quoting and no escaping in them: a quote is a character like any other, only a tab ends a column and only a
line feed ends a line. Archives are read as a stream and never extracted; of their members only the one with the data is
opened. Large files pass by in blocks of whole lines, whose columns numpy can look at without making a Python object of
every field.
"""

from __future__ import annotations

import hashlib
import re
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO, Final

import numpy as np
import numpy.typing as npt

from gazetteer.errors import SourceError

Integers = npt.NDArray[np.int64]

_ZIP_MARKS: Final = (b"PK\x03\x04", b"PK\x05\x06")
_BYTE_ORDER_MARK: Final = b"\xef\xbb\xbf"
_CHUNK_BYTES: Final = 1 << 20
_LONGEST_LINE: Final = 1 << 18
"""Bytes. GeoNames's longest lines have about 40,000."""
_MOST_PACKED: Final = 100
"""A member may be this many times its packed size; tables of places pack to a quarter or a tenth."""
_SMALL: Final = 1 << 24
"""Bytes up to which the ratio does not matter."""
_NOT_DATA: Final = frozenset({"readme.txt", "iso-languagecodes.txt"})

_CUT_SHORT: Final = "The file is cut short or damaged: download it again."


@dataclass(frozen=True, slots=True)
class Block:
    """Some whole lines of a file."""

    first_line: int
    """Number of the first of them, from 1."""
    data: bytes
    """Each line ends in a line feed."""


@contextmanager
def opened(path: Path) -> Iterator[IO[bytes]]:
    """The bytes of a text file, or of the one member with data of a zip archive; which of them it is, its content says.

    Raises `SourceError` for a file that cannot be read, also while it is being read inside the `with`.
    """
    try:
        with path.open("rb") as raw:
            if raw.read(4) not in _ZIP_MARKS:
                raw.seek(0)
                yield raw
                return
            with zipfile.ZipFile(raw) as archive, archive.open(_member(archive, path)) as stream:
                yield stream
    except (zipfile.BadZipFile, zlib.error, EOFError) as error:
        message = f"{path.name} is not a whole zip archive: {error}"
        raise SourceError(message, _CUT_SHORT) from error
    except NotImplementedError as error:
        message = f"{path.name} is packed in a way that this program cannot read: {error}"
        raise SourceError(message, "Pack it again as an ordinary zip archive, or give the text file.") from error
    except OSError as error:
        message = f"{path.name} cannot be read: {error.strerror or error}"
        raise SourceError(message, "Check that the file is there and may be read.") from error


def _member(archive: zipfile.ZipFile, path: Path) -> zipfile.ZipInfo:
    """The member with the data: the one named like the archive, else the only one that is no reading matter."""
    members = [member for member in archive.infolist() if not member.is_dir()]
    data = [member for member in members if PurePosixPath(member.filename).name.lower() not in _NOT_DATA]
    named = [member for member in data if PurePosixPath(member.filename).name.lower() == f"{path.stem}.txt".lower()]
    found = named or data
    if len(found) != 1:
        listed = ", ".join(sorted(repr(member.filename[:40]) for member in found)[:5]) or "none"
        message = f"{path.name} should hold one file of data; it holds {len(found)}: {listed}."
        raise SourceError(message, f"Give an archive with {path.stem}.txt in it, or the text file.")
    (member,) = found
    if member.flag_bits & 1:
        message = f"{path.name} is encrypted."
        raise SourceError(message, "Unpack it, then give the text file.")
    if member.file_size > max(_SMALL, _MOST_PACKED * member.compress_size):
        message = (
            f"{path.name} would unpack to {member.file_size:,} bytes, {_MOST_PACKED} times its size and more: "
            "that is no table of places."
        )
        raise SourceError(message, "Download it again from where it came.")
    return member


def sha256(path: Path) -> str:
    """The fingerprint of the data, the same for the text file and for any archive of it."""
    digest = hashlib.sha256()
    with opened(path) as stream:
        while chunk := stream.read(_CHUNK_BYTES):
            digest.update(chunk)
    return digest.hexdigest()


def head(path: Path) -> list[str]:
    """The first lines (those that the first 64 KiB hold whole) without their line feeds, bad bytes replaced."""
    with opened(path) as stream:
        start = stream.read(1 << 16).removeprefix(_BYTE_ORDER_MARK).replace(b"\r\n", b"\n")
    lines = start.decode(errors="replace").split("\n")
    return lines[:-1] or [line for line in lines if line]


def blocks(path: Path, columns: int, lines: int, ending: re.Pattern[bytes] | None = None) -> Iterator[Block]:
    """The file in blocks of `lines` lines, the last one shorter.

    Raises `SourceError` for a file that cannot be read or that ends within a line. A last line without a line feed is
    taken for whole if it has all `columns` and `ending` is found in it.
    """
    number = 1
    rest = b""
    with opened(path) as stream:
        while chunk := stream.read(_CHUNK_BYTES):
            if number == 1 and not rest:
                chunk = chunk.removeprefix(_BYTE_ORDER_MARK)
            rest += chunk
            ends = np.flatnonzero(np.frombuffer(rest, np.uint8) == 10)
            used = 0
            for end in ends[lines - 1 :: lines].tolist():
                cut = end + 1
                yield _block(number, rest[used:cut])
                number, used = number + lines, cut
            rest = rest[used:]
            if len(rest) - (int(ends[-1]) + 1 - used if len(ends) else 0) > _LONGEST_LINE:
                message = f"{path.name} has a line of more than {_LONGEST_LINE:,} bytes."
                raise SourceError(message, "It is not a table of GeoNames: give another file.")
    if rest and not rest.endswith(b"\n"):
        last_line = rest[rest.rfind(b"\n") + 1 :]
        if last_line.count(b"\t") != columns - 1 or (ending and not ending.search(last_line)):
            message = f"{path.name} ends in the middle of line {number + rest.count(10):,}."
            raise SourceError(message, _CUT_SHORT)
        rest += b"\n"
    if rest:
        yield _block(number, rest)


def _block(number: int, data: bytes) -> Block:
    return Block(number, data.replace(b"\r\n", b"\n") if b"\r" in data else data)


class Lines:
    """The lines of a block that have the right number of columns, as arrays of positions in its bytes."""

    def __init__(self, block: Block, columns: int) -> None:
        self.data = np.frombuffer(block.data, np.uint8)
        ends = np.flatnonzero(self.data == 10)
        starts = np.concatenate([[0], ends[:-1] + 1])
        tabs = np.flatnonzero(self.data == 9)
        self.total = len(ends)
        """All lines, also those of other numbers of columns."""
        self.number: Integers = block.first_line + np.arange(len(ends))
        """Numbers of the lines in the file."""
        self.irregular: list[tuple[int, int]] = []
        """(number, columns) of the lines that have more columns or fewer; they stand in none of the arrays."""
        counts = np.diff(np.searchsorted(tabs, ends), prepend=0)
        if (counts != columns - 1).any():
            regular = counts == columns - 1
            odd = np.flatnonzero(~regular)
            self.irregular = list(zip(self.number[odd].tolist(), (counts[odd] + 1).tolist(), strict=True))
            tabs = tabs[np.repeat(regular, counts)]
            starts, ends, self.number = starts[regular], ends[regular], self.number[regular]
        table = tabs.reshape(-1, columns - 1)
        self._begins: Integers = np.column_stack([starts, table + 1])
        self._ends: Integers = np.column_stack([table, ends])
        self._raw = block.data

    def __len__(self) -> int:
        return len(self.number)

    def length(self, column: int) -> Integers:
        """Bytes of a column's fields."""
        length: Integers = self._ends[:, column] - self._begins[:, column]
        return length

    def field(self, line: int, column: int) -> str:
        """One field; what is not UTF-8 is replaced."""
        return self.raw_field(line, column).decode(errors="replace")

    def raw_field(self, line: int, column: int) -> bytes:
        """One field as it stands in the file."""
        return self._raw[self._begins[line, column] : self._ends[line, column]]

    def integers(self, column: int) -> Integers:
        """A column of numbers between 1 and 2^31 - 1; 0 for any other text."""
        begins, length = self._begins[:, column], self.length(column)
        value: Integers = np.zeros(len(begins), np.int64)
        fine = (length > 0) & (length <= 10)
        last = len(self.data) - 1
        for place in range(min(10, int(length.max(initial=0)))):
            digit = self.data[np.minimum(begins + place, last)].astype(np.int64) - 48
            within = place < length
            fine &= ~within | ((digit >= 0) & (digit <= 9))
            value = np.where(within, value * 10 + digit, value)
        return np.where(fine & (value < 2**31), value, 0)

    def packed(self, column: int) -> Integers:
        """A column of short texts as numbers, by `pack`; -1 for texts of more than seven bytes."""
        begins, length = self._begins[:, column], self.length(column)
        value: Integers = np.zeros(len(begins), np.int64)
        last = len(self.data) - 1
        for place in range(min(7, int(length.max(initial=0)))):
            byte = self.data[np.minimum(begins + place, last)].astype(np.int64)
            value = np.where(place < length, value * 256 + byte, value)
        return np.where(length <= 7, value, -1)

    def days(self, column: int) -> Integers:
        """A column of days (2026-11-20) as numbers (20261120); 0 for any other text."""
        begins, last = self._begins[:, column], len(self.data) - 1
        fine = self.length(column) == 10
        value: Integers = np.zeros(len(begins), np.int64)
        for place in range(10):
            byte = self.data[np.minimum(begins + place, last)].astype(np.int64)
            if place in (4, 7):
                fine &= byte == ord("-")
            else:
                fine &= (byte >= 48) & (byte <= 57)
                value = value * 10 + byte - 48
        return np.where(fine, value, 0)

    def kept(self, keep: npt.NDArray[np.bool_]) -> tuple[bytes, Integers]:
        """The bytes of the lines where `keep` holds, one after the other, and where in them each begins."""
        begins, ends = self._begins[keep, 0], self._ends[keep, -1] + 1
        lengths = ends - begins
        firsts = np.cumsum(lengths) - lengths
        positions = np.repeat(begins - firsts, lengths) + np.arange(int(lengths.sum()))
        return self.data[positions].tobytes(), firsts


def pack(text: str) -> int:
    """The number that `Lines.packed` makes of a text of up to seven ASCII characters."""
    return int.from_bytes(text.encode("ascii"))
