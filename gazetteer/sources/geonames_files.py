"""Which of GeoNames's files is which: told by what is in them, since a country's dump and its alternate names are both
called `IQ.zip`.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from gazetteer.errors import SourceError
from gazetteer.sources import tabbed
from gazetteer.sources.geonames_rows import ALTERNATE_COLUMNS, DUMP_COLUMNS


@dataclass(frozen=True, slots=True)
class Files:
    """GeoNames's files by what they are."""

    dumps: tuple[Path, ...]
    alternate_names: tuple[Path, ...] = ()
    admin1_codes: Path | None = None
    admin2_codes: Path | None = None
    hierarchy: Path | None = None
    feature_codes: Path | None = None

    def all(self) -> list[tuple[str, Path]]:
        """(what it is, file) of every file."""
        single = (
            ("admin1 codes", self.admin1_codes),
            ("admin2 codes", self.admin2_codes),
            ("hierarchy", self.hierarchy),
            ("feature codes", self.feature_codes),
        )
        several = [("dump", path) for path in self.dumps] + [("alternate names", path) for path in self.alternate_names]
        return several + [(what, path) for what, path in single if path is not None]


_NOT_NEEDED: Final = re.compile(
    r"readme|countryInfo|iso-languagecodes|timeZones|userTags|adminCode5|shapes_.*|featureCodes_(?!en$).*",
    re.IGNORECASE,
)
"""Files of GeoNames that nothing here needs; featureCodes is there in several languages."""
_DAILY: Final = re.compile(r"(alternateNames)?(modifications|deletes)-\d{4}-\d{2}-\d{2}", re.IGNORECASE)


def discover(paths: Iterable[Path]) -> Files:
    """The files of GeoNames among `paths`, known by what is in them; of a folder all files in it and below.

    Files of GeoNames that nothing here needs are passed over. Raises `SourceError` that names all files that are
    something else, that stand for the same thing twice, or when there is no dump among them.
    """
    kinds: dict[str, list[Path]] = {}
    unknown = []
    for path in _below(paths):
        if _NOT_NEEDED.fullmatch(path.stem):
            continue
        kind, why = _kind(path)
        if kind:
            kinds.setdefault(kind, []).append(path)
        else:
            unknown.append(f"{path.name}: {why}")
    if unknown:
        listed = "\n".join(f"  {line}" for line in unknown[:20])
        message = f"These are no files of GeoNames that can be loaded:\n{listed}"
        raise SourceError(message, "Give country files or allCountries, and alternateNamesV2 and the like beside them.")
    for kind, found in kinds.items():
        if kind not in ("dump", "alternate names") and len(found) > 1:
            message = f"Two files are the {kind}: {' and '.join(path.name for path in found[:2])}."
            raise SourceError(message, "Leave one of them out.")
    if "dump" not in kinds:
        message = "There is no dump of GeoNames among the files, such as IQ.zip or allCountries.zip."
        raise SourceError(message, "Download one from https://download.geonames.org/export/dump/.")

    def one(kind: str) -> Path | None:
        return kinds[kind][0] if kind in kinds else None

    return Files(
        dumps=tuple(kinds["dump"]),
        alternate_names=tuple(kinds.get("alternate names", ())),
        admin1_codes=one("admin1 codes"),
        admin2_codes=one("admin2 codes"),
        hierarchy=one("hierarchy"),
        feature_codes=one("feature codes"),
    )


def _below(paths: Iterable[Path]) -> list[Path]:
    found: dict[Path, None] = {}
    for path in paths:
        if path.is_dir():
            inside = sorted(file for file in path.rglob("*") if file.is_file() and not file.name.startswith("."))
            found.update(dict.fromkeys(inside))
        else:
            found[path] = None
    return list(found)


def _kind(path: Path) -> tuple[str, str]:
    """(what kind of file it is, "") or ("", why it is none)."""
    if _DAILY.fullmatch(path.stem):
        return "", "daily changes, for: gazetteer update"
    lines = tabbed.head(path)
    if not lines:
        return "", "it is empty"
    columns = [line.split("\t") for line in lines]
    number = Counter(map(len, columns)).most_common(1)[0][0]
    first = next(fields for fields in columns if len(fields) == number)
    if number == DUMP_COLUMNS:
        return "dump", ""
    if number == ALTERNATE_COLUMNS:
        return "alternate names", ""
    if number == ALTERNATE_COLUMNS - 2 and first[0].isdigit() and first[1].isdigit():
        return "", "the old file of alternate names; GeoNames has alternateNamesV2 in its place"
    if number == 4 and first[3].isdigit():
        levels = first[0].count(".")
        if levels in (1, 2):
            return f"admin{levels} codes", ""
    if number in (2, 3) and first[0].isdigit() and first[1].isdigit():
        return "hierarchy", ""
    if number == 3 and re.fullmatch(r"[A-Z]\.[A-Z0-9]+|null", first[0]):
        return "feature codes", ""
    return "", "it has 1 column" if number == 1 else f"it has {number} columns between tabs"
