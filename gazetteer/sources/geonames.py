"""Places from GeoNames's own files: country files (`IQ.zip`), `allCountries`, `no-country`, `cities500` and the like.

The other files of GeoNames help where they are given, text or zip (`discover` knows them by what is in them):

- `alternateNamesV2`, or the files of single countries: every name with its language, and which are former names,
  abbreviations or airport codes. Without them the names come from the dump's own column, which has no languages.
- `admin1CodesASCII` and `admin2Codes`: which row is the division that bears a code, where several could be, and further
  names of it.
- `hierarchy`: the first-order division of rows that have no code of one.
- `featureCodes_en`: feature codes that it does not know are counted (`Source.findings`). Nothing else needs it.

Countries and first-order divisions get the ids of the default gazetteer (`country:IQ`, `admin1:IQ.11`) where it knows
their codes, second-order divisions `admin2:IQ.11.52`, so that they unite with what other sources know of them. All else
is `geonames:<geonameid>`. Of several rows that could bear such an id one does, the others keep their number.

The dump is read twice: once for what concerns all of it (which rows are divisions, which alternate names are wanted,
how new it is), then in parts, which may be read in several processes. The wanted alternate names lie in memory as the
bytes of the file, about 70 bytes each with their index: 1 GB for the whole world.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from itertools import islice
from pathlib import Path
from typing import Final, TypeVar

from gazetteer.errors import SourceError
from gazetteer.model import Place
from gazetteer.sources import tabbed
from gazetteer.sources.base import RANK_DUMP, BadRow, Findings, Parts, Source, data_version
from gazetteer.sources.geonames_files import Files, discover
from gazetteer.sources.geonames_rows import NAME, Part, dump_blocks, read
from gazetteer.sources.geonames_scan import Scan

__all__ = ["NAME", "Files", "discover", "read", "source", "source_of"]

CODE_REVISION: Final = 1
"""Raise when the same files are read into other rows."""

_PART_LINES: Final = 5_000

_WORLD: Final = re.compile(r"allCountries", re.IGNORECASE)
_COUNTRY_FILE: Final = re.compile(r"[A-Z]{2}", re.IGNORECASE)
_NO_COUNTRY: Final = re.compile(r"no-country|null", re.IGNORECASE)


def source(
    dumps: Sequence[Path],
    *,
    alternate_names: Sequence[Path] = (),
    admin1_codes: Path | None = None,
    admin2_codes: Path | None = None,
    hierarchy: Path | None = None,
    feature_codes: Path | None = None,
    as_of: date | None = None,
) -> Source:
    """One source of all the dumps together, with what the other files know of their places.

    `as_of` is the last day whose changes are in the dumps, from which daily changes go on; without it, the latest day
    that a row of theirs was modified. Raises `SourceError` for files that cannot be read or overlap; bad rows are found
    when the rows are read.
    """
    files = Files(
        tuple(sorted(dumps, key=_by_name)),
        tuple(sorted(alternate_names, key=_by_name)),
        admin1_codes,
        admin2_codes,
        hierarchy,
        feature_codes,
    )
    return source_of(files, as_of=as_of)


def source_of(files: Files, *, as_of: date | None = None) -> Source:
    """As `source`, of what `discover` found."""
    _refuse_overlaps(files.dumps)
    scope, is_whole = _scope(files.dumps)
    if as_of is not None and not is_whole:
        message = "Daily changes cannot be applied to an extract, so no day can be given for it."
        raise SourceError(message, _NAMED_AS_PUBLISHED)
    digest = hashlib.sha256()
    for what, path in files.all():
        digest.update(f"{what} {path.stem} {tabbed.sha256(path)}\n".encode())
    reading = _Reading(files, as_of if as_of or not is_whole else None, is_whole)
    own = data_version("admin1.json", "aliases.json", "countries.json")
    return Source(
        name=NAME,
        version=f"{CODE_REVISION}-{digest.hexdigest()[:16]}-{own}",
        credit_name="GeoNames",
        licence="CC BY 4.0",
        url="https://www.geonames.org/",
        places=reading.places,
        rank=RANK_DUMP,
        scope=scope,
        parts=Parts(split=reading.parts, read=read, places_at_most=_PART_LINES),
        findings=reading.findings,
    )


_NAMED_AS_PUBLISHED: Final = "Load country files or allCountries, named as GeoNames names them (IQ.zip, IQ.txt)."


def _by_name(path: Path) -> tuple[str, str]:
    return path.name, str(path)


def _refuse_overlaps(dumps: Sequence[Path]) -> None:
    if not dumps:
        message = "No dump of GeoNames is given."
        raise SourceError(message, "Give country files such as IQ.zip, or allCountries.zip.")
    stems = [path.stem.upper() for path in dumps]
    for path, stem in zip(dumps, stems, strict=True):
        same = [other.name for other, others in zip(dumps, stems, strict=True) if others == stem]
        if len(same) > 1:
            message = f"The same dump is given {len(same)} times: {', '.join(same)}."
            raise SourceError(message, "Leave one of them out.")
        if len(dumps) > 1 and _WORLD.fullmatch(stem):
            others = ", ".join(other.name for other in dumps if other != path)
            message = f"{path.name} holds the places of {others} too."
            raise SourceError(message, f"Load {path.name} alone, or only the others.")


def _scope(dumps: Sequence[Path]) -> tuple[tuple[str, ...] | None, bool]:
    """(the countries that the dumps cover wholly, whether all is whole that they cover at all), by the files' names."""
    countries = sorted(path.stem.upper() for path in dumps if _COUNTRY_FILE.fullmatch(path.stem))
    rest = [path.stem for path in dumps if not _COUNTRY_FILE.fullmatch(path.stem)]
    if all(_NO_COUNTRY.fullmatch(stem) for stem in rest) and countries:
        return tuple(countries), True
    return None, bool(_WORLD.fullmatch(dumps[0].stem))


class _Reading:
    """The reading of some files: what concerns all of them is found out once, the rows as often as they are asked."""

    def __init__(self, files: Files, as_of: date | None, is_whole: bool) -> None:
        self.files = files
        self.as_of = as_of
        self.is_whole = is_whole
        self._scanned: Scan | None = None

    def places(self) -> Iterator[Place | BadRow]:
        for part in self.parts():
            yield from read(part)

    def parts(self) -> Iterator[Part]:
        scan = self._scan()
        for bad in _chunks(scan.bad, _PART_LINES):
            yield Part("", 1, b"", bad=bad)
        for path in self.files.dumps:
            for block in dump_blocks(path, _PART_LINES):
                yield scan.part(path.name, block)

    def findings(self) -> Findings:
        scan = self._scan()
        as_of = self.as_of or (scan.last_modified if self.is_whole else None)
        return Findings(as_of=as_of, notes=scan.notes())

    def _scan(self) -> Scan:
        if self._scanned is None:
            self._scanned = Scan(self.files)
        return self._scanned


_Item = TypeVar("_Item")


def _chunks(items: Iterable[_Item], size: int) -> Iterator[tuple[_Item, ...]]:
    rest = iter(items)
    while chunk := tuple(islice(rest, size)):
        yield chunk
