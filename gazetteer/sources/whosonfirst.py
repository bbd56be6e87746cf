"""Who's On First: GeoJSON records that a user has, as folders of the project's repositories or as archives of them.

The records lie at `data/123/456/7/1234567.geojson`, one a file; files with `-alt-` in their name hold further shapes of
a record and are skipped. What is read of a record: `wof:id`, `wof:name`, `wof:placetype`, names
(`name:eng_x_preferred`: language, kind), `lbl:` before `geom:` coordinates, `geom:bbox`, populations, `iso:country`,
`wof:hierarchy`, `wof:concordances`, and what says that a record is no longer good.

Left out, because no reader should be sent there:

- superseded, deprecated and ceased records, and those that say they are not current (unknown is kept);
- records without coordinates (Who's On First writes 0, 0);
- kinds that are no places of news: postal codes, constituencies, time zones, addresses, venues.

Records of one GeoNames id become one place: the one with most names (of those the lowest id) keeps its point, and the
names of all are kept, and so is that of a locality without a GeoNames id that stands beside one that has its name.
Countries, divisions and airports that the default gazetteer knows get its ids, so that they lend it their names.

Every file is read once, by one process, into a temporary file that holds what is needed; only then is known which
records are one place. The places are made from there, in several processes if the load wants that.

Measured (2 shared cores, busy, 33,600 records of two countries): reading 5 s of one core, which is 6,000 files a
second, and 10 s by the clock; making the places 2 s; 250 MB of memory. Packed as .tar.bz2, 16 s and 26 s.
"""

from __future__ import annotations

import hashlib
import os
import re
import tarfile
import tempfile
import weakref
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache
from lzma import LZMAError
from pathlib import Path
from typing import Any, Final

import orjson
import shapely
from shapely.geometry import MultiPolygon, Point, Polygon, box
from shapely.geometry.base import BaseGeometry

from gazetteer import names as spelling
from gazetteer.errors import SourceError
from gazetteer.model import NameKind, Place, PlaceName
from gazetteer.sources import airports, boundaries, curated, divisions
from gazetteer.sources.base import RANK_FURTHER, BadRow, Parts, Source, country_names
from gazetteer.sources.geonamescache import radius_of_settlement

CODE_REVISION = 1
"""Raise when this file reads the same data into other rows."""

_PART_PLACES: Final = 1_000
_LARGEST_RECORD: Final = 256 << 20
"""Bytes. The greatest outlines of countries are below; what is above is no record."""

_KINDS: Final = {
    "continent": ("L", "CONT"), "ocean": ("H", "OCN"), "marinearea": ("H", "SEA"),
    "country": ("A", "PCLI"), "dependency": ("A", "PCLD"), "disputed": ("L", "RGN"), "macroregion": ("L", "RGN"),
    "region": ("A", "ADM1"), "macrocounty": ("A", "ADMD"), "county": ("A", "ADM2"), "localadmin": ("A", "ADM3"),
    "locality": ("P", "PPL"), "borough": ("P", "PPLX"), "macrohood": ("P", "PPLX"), "neighbourhood": ("P", "PPLX"),
    "microhood": ("P", "PPLX"), "campus": ("S", "FCL"),
}  # fmt: skip
"""GeoNames class and code by placetype. Other placetypes are left out."""

_WITH_OUTLINE: Final = frozenset({"country", "dependency", "region", "county", "localadmin", "campus"})
_RADIUS_M: Final = {
    "CONT": 3_000_000, "OCN": 3_000_000, "SEA": 500_000, "PCLI": 500_000, "PCLD": 50_000, "RGN": 200_000,
    "ADM1": 100_000, "ADMD": 50_000, "ADM2": 25_000, "ADM3": 10_000, "PPLX": 1_500,
}  # fmt: skip
"""Where the record has no extent."""
_CAMPUS_RADIUS_M: Final = 3_000
_SAME_TOWN_DEGREES: Final = 0.05
"""About 5 km: two records of one town lie as far apart as its ends."""

_CAMPUS_WORDS: Final = (
    (re.compile(r"\bair(?:port|\s?field)s?\b", re.IGNORECASE), "AIRP"),
    (re.compile(r"\buniversit|\bcollege\b", re.IGNORECASE), "UNIV"),
    (re.compile(r"\bhospital\b", re.IGNORECASE), "HSP"),
    (re.compile(r"\bprison\b|\bjail\b", re.IGNORECASE), "PRN"),
)

_NAME_PROPERTY: Final = re.compile(r"(name|abrv):([a-z]{3})(?:_[a-z0-9]+)*_x_([a-z]+)")
_NAME_KINDS: Final = {"historical": NameKind.HISTORIC, "abbreviation": NameKind.CODE}
"""Kinds of names by Who's On First's word; all others are alternates."""

_NOT_SAID: Final = frozenset({"", "-", "u", "uuuu", "..", "open"})
"""How the records write that a date does not exist or is not known, in either edition of EDTF."""

_TWO_LETTERS_LIST = (
    "aar:aa abk:ab afr:af aka:ak amh:am ara:ar arg:an asm:as ava:av aym:ay aze:az bak:ba bam:bm bel:be ben:bn bis:bi"
    " bod:bo bos:bs bre:br bul:bg cat:ca ces:cs cha:ch che:ce chv:cv cor:kw cos:co cym:cy dan:da deu:de div:dv dzo:dz"
    " ell:el eng:en epo:eo est:et eus:eu ewe:ee fao:fo fas:fa fij:fj fin:fi fra:fr fry:fy ful:ff gla:gd gle:ga glg:gl"
    " glv:gv grn:gn guj:gu hat:ht hau:ha hbs:sh heb:he hin:hi hrv:hr hun:hu hye:hy ibo:ig iii:ii iku:iu ile:ie ina:ia"
    " ind:id isl:is ita:it jav:jv jpn:ja kal:kl kan:kn kas:ks kat:ka kaz:kk khm:km kik:ki kin:rw kir:ky kom:kv kon:kg"
    " kor:ko kur:ku lao:lo lat:la lav:lv lim:li lin:ln lit:lt ltz:lb lug:lg mal:ml mar:mr mkd:mk mlg:mg mlt:mt mon:mn"
    " mri:mi msa:ms mya:my nau:na nav:nv nde:nd ndo:ng nep:ne nld:nl nno:nn nob:nb nor:no nya:ny oci:oc ori:or orm:om"
    " oss:os pan:pa pol:pl por:pt pus:ps que:qu roh:rm ron:ro run:rn rus:ru sag:sg san:sa sin:si slk:sk slv:sl sme:se"
    " smo:sm sna:sn snd:sd som:so sot:st spa:es sqi:sq srd:sc srp:sr ssw:ss sun:su swa:sw swe:sv tah:ty tam:ta tat:tt"
    " tel:te tgk:tg tgl:tl tha:th tir:ti ton:to tsn:tn tso:ts tuk:tk tur:tr twi:tw uig:ug ukr:uk urd:ur uzb:uz ven:ve"
    " vie:vi vol:vo wln:wa wol:wo xho:xh yid:yi yor:yo zha:za zho:zh zul:zu"
)
_LANGUAGES: Final[dict[str, str | None]] = {
    "und": None, "unk": None, "mul": None, **dict(pair.split(":") for pair in _TWO_LETTERS_LIST.split()),
}  # fmt: skip
"""ISO 639-3 -> the shortest code, as BCP 47 asks."""


def source(folders: Sequence[Path]) -> Source:
    """The records in folders, .zip and .tar (.gz, .bz2, .xz) files as one source `whosonfirst`, in the order given.

    Everything is read here, once, into a temporary file; its fingerprint makes the version. Raises `SourceError` for a
    path that is not there, a folder without records, and an archive that is damaged. Records that cannot be read are
    `BadRow`s.
    """
    if not folders:
        message = "No folder of Who's On First was named."
        raise SourceError(message, "Name the folder of a repository such as whosonfirst-data-admin-iq.")
    index = _Index()
    for path in folders:
        index.read(_Origin(path, len(folders) > 1))
    index.settle()
    return Source(
        name="whosonfirst",
        version=f"{CODE_REVISION}-{index.content.hexdigest()[:12]}-{_known_version()}",
        credit_name="Who's On First",
        licence="CC BY 4.0, and the licences of its sources",
        url="https://whosonfirst.org/docs/licenses/",
        places=index.places,
        rank=RANK_FURTHER,
        parts=Parts(split=index.split, read=read_part, places_at_most=_PART_PLACES),
    )


def _known_version() -> str:
    """A fingerprint of the sources whose ids records are given."""
    known = (boundaries.SOURCE, divisions.SOURCE, airports.SOURCE, curated.SOURCE)
    return hashlib.sha256(" ".join(source.version for source in known).encode()).hexdigest()[:6]


# -- files -----------------------------------------------------------------------------------------------------------


class _Origin:
    """A folder or archive of records."""

    def __init__(self, path: Path, one_of_several: bool) -> None:
        self.path = path
        if path.is_dir():
            self.kind = "folder"
        elif not path.is_file():
            message = f"There is no folder or file {path}."
            raise SourceError(message, "Check the spelling of the path.")
        elif zipfile.is_zipfile(path):
            self.kind = "zip"
        elif _is_tar(path):
            self.kind = "tar"
        else:
            message = f"{path.name} is not a folder, nor a zip or tar file of Who's On First records, or it is cut off."
            raise SourceError(message, "Name the folder of the repository, or load the archive again from its origin.")
        self.prefix = "" if self.kind == "folder" and not one_of_several else f"{path.name}/"
        if self.kind == "folder" and next(self._paths(), None) is None:
            message = f"{path} holds no .geojson files."
            raise SourceError(message, "Name the folder of a repository, whose records lie in data/123/456/7/.")

    def records(self) -> Iterator[tuple[str, bytes]]:
        """(where it stands, bytes) of all records: of folders by path, of archives in their order."""
        walk = {"folder": self._from_folder, "zip": self._from_zip, "tar": self._from_tar}[self.kind]
        try:
            for name, data in walk():
                yield self.prefix + name, data
        except (OSError, EOFError, RuntimeError, NotImplementedError, zlib.error, LZMAError) as error:
            raise self._unreadable(error) from error
        except (zipfile.BadZipFile, tarfile.TarError) as error:
            raise self._unreadable(error) from error

    def _unreadable(self, error: Exception) -> SourceError:
        message = f"{self.path} cannot be read to its end: {error or type(error).__name__}."
        return SourceError(message, "It may be damaged or cut off: fetch it again from its origin, then load again.")

    def _paths(self) -> Iterator[str]:
        """Files of a folder by name, then its folders; links are not followed, for who wrote them knows not this
        machine."""
        folders = [str(self.path)]
        while folders:
            with os.scandir(folders.pop()) as listing:
                entries = sorted(listing, key=lambda entry: entry.name)
            for entry in entries:
                if _is_record(entry.name) and entry.is_file(follow_symlinks=False):
                    yield entry.path
            folders.extend(
                entry.path
                for entry in reversed(entries)
                if not entry.name.startswith(".") and entry.is_dir(follow_symlinks=False)
            )

    def _from_folder(self) -> Iterator[tuple[str, bytes]]:
        before = len(str(self.path)) + 1
        for path in self._paths():
            with open(path, "rb", buffering=0) as stream:  # noqa: PTH123 -- some 100,000 of them
                yield path[before:], stream.read(_LARGEST_RECORD + 1)

    def _from_zip(self) -> Iterator[tuple[str, bytes]]:
        with zipfile.ZipFile(self.path) as archive:
            for entry in archive.infolist():
                if not entry.is_dir() and _is_record(entry.filename):
                    with archive.open(entry) as stream:
                        yield entry.filename, stream.read(_LARGEST_RECORD + 1)

    def _from_tar(self) -> Iterator[tuple[str, bytes]]:
        with tarfile.open(self.path, "r|*") as archive:
            for member in archive:
                stream = archive.extractfile(member) if member.isreg() and _is_record(member.name) else None
                if stream is not None:
                    yield member.name, stream.read(_LARGEST_RECORD + 1)


def _is_tar(path: Path) -> bool:
    try:
        return tarfile.is_tarfile(path)
    except (OSError, EOFError, zlib.error, LZMAError):
        return False


def _is_record(name: str) -> bool:
    last = name.rpartition("/")[2]
    return last.endswith(".geojson") and "-alt-" not in last and not last.startswith(".")


# -- one record ------------------------------------------------------------------------------------------------------

_Record = dict[str, Any]
"""What is kept of a record, as JSON: see `_kept`."""


class _Unfit(ValueError):
    """The record cannot become a place; the text says why."""


def _read(where: str, data: bytes) -> _Record | BadRow | None:
    """What is kept of a file; None for a record that is left out."""
    if len(data) > _LARGEST_RECORD:
        return BadRow(where, f"the file is larger than {_LARGEST_RECORD >> 20} MB")
    try:
        document = orjson.loads(data)
    except orjson.JSONDecodeError as error:
        return BadRow(where, f"not JSON: {error}" if data.strip() else "the file is empty")
    try:
        return _kept(where, document)
    except _Unfit as unfit:
        return BadRow(where, str(unfit))


def _kept(where: str, document: Any) -> _Record | None:
    properties = document.get("properties") if isinstance(document, dict) else None
    if not isinstance(properties, dict):
        message = "not a GeoJSON feature: it has no properties"
        raise _Unfit(message)
    number = _whole(properties.get("wof:id"))
    if number is None or number <= 0:
        message = "wof:id is missing or not a whole number"
        raise _Unfit(message)
    placetype = properties.get("wof:placetype")
    if not isinstance(placetype, str):
        message = "wof:placetype is missing"
        raise _Unfit(message)
    if placetype not in _KINDS or _is_gone(properties):
        return None
    position = _position(properties)
    if position is None:
        return None
    names = _names(properties)
    if not names:
        message = "it has no name"
        raise _Unfit(message)
    concordances = properties.get("wof:concordances")
    if not isinstance(concordances, dict):
        concordances = {}
    geometry = document.get("geometry") if placetype in _WITH_OUTLINE else None
    has_outline = isinstance(geometry, dict) and geometry.get("type") in ("Polygon", "MultiPolygon")
    return {
        "where": where,
        "wof": number,
        "placetype": placetype,
        "name": names[0][0],
        "names": names,
        "lon": position[0],
        "lat": position[1],
        "country": _country(properties),
        "region": _region(properties),
        "population": next(
            (count for key in ("wof:population", "gn:population") if (count := _whole(properties.get(key)) or 0) > 0),
            None,
        ),
        "box": _box(properties.get("geom:bbox")),
        "geometry": geometry if has_outline else None,
        "geonames": _whole(concordances.get("gn:id")) or None,
        "icao": _code(concordances.get("icao:code")),
        "fips": _code(concordances.get("fips:code")),
    }


def _is_gone(properties: dict[str, Any]) -> bool:
    """Superseded, deprecated, or not current; as Who's On First's own tools see it."""
    current = _whole(properties.get("mz:is_current"))
    if current == 0 or properties.get("wof:superseded_by"):
        return True
    ends = ["edtf:deprecated", "edtf:superseded"]
    if current != 1:
        ends.append("edtf:cessation")
    return any(str(properties.get(key) or "").strip() not in _NOT_SAID for key in ends)


def _position(properties: dict[str, Any]) -> tuple[float, float] | None:
    """Longitude and latitude; None where the record has none."""
    for family in ("lbl", "geom"):
        given = [properties.get(f"{family}:{axis}") for axis in ("longitude", "latitude")]
        if None in given or "" in given:
            continue
        numbers = [_number(value) for value in given]
        if None in numbers:
            message = f"{family}:longitude and {family}:latitude are not numbers: {given[0]!r:.40}, {given[1]!r:.40}"
            raise _Unfit(message)
        lon, lat = numbers[0] or 0.0, numbers[1] or 0.0
        if lon == 0 and lat == 0:
            continue
        if not (-180 <= lon <= 180 and -90 <= lat <= 90):
            message = f"longitude {lon}, latitude {lat} is not on the globe"
            raise _Unfit(message)
        return lon, lat
    return None


_Given = tuple[str, NameKind, str, str]
"""A name with its kind, its language in ISO 639-3, and Who's On First's word for its kind."""


def _names(properties: dict[str, Any]) -> list[tuple[str, str, str | None]]:
    """(name, kind, language) without doubles; the primary name first, then English ones, then the file's order."""
    found: list[_Given] = []
    for key, value in properties.items():
        match = _NAME_PROPERTY.fullmatch(key) if key[:5] in ("name:", "abrv:") else None
        if match:
            family, language, word = match.groups()
            kind = NameKind.CODE if family == "abrv" else _NAME_KINDS.get(word, NameKind.ALTERNATE)
            found.extend((name, kind, language, word) for name in _texts(value))
    own = next(iter(_texts(properties.get("wof:name"))), None)
    primary = _primary(found, own)
    if primary is None:
        return []
    kinds: dict[str, tuple[str, str | None]] = {primary: (NameKind.PRIMARY.value, None)}
    found.sort(key=lambda entry: entry[2] != "eng")
    for name, kind, given, _ in found:
        language = _LANGUAGES.get(given, given)
        if name == primary and kinds[name][1] is None:
            kinds[name] = (NameKind.PRIMARY.value, language)
        kinds.setdefault(name, (kind.value, language))
    if own:
        kinds.setdefault(own, (NameKind.ALTERNATE.value, None))
    return [(name, kind_word, language) for name, (kind_word, language) in kinds.items()]


def _primary(found: list[_Given], own: str | None) -> str | None:
    """English and preferred, else `wof:name` in Latin letters, else the commonest Latin name, else `wof:name`."""
    for name, _, language, word in found:
        if language == "eng" and word == "preferred" and _is_latin(name):
            return name
    if own and _is_latin(own):
        return own
    counts: dict[str, int] = {}
    first: dict[str, str] = {}
    for name, kind, _, _ in sorted(found, key=lambda entry: entry[2] != "eng"):
        if kind is NameKind.ALTERNATE and _is_latin(name):
            search_key = spelling.key(name)
            counts[search_key] = counts.get(search_key, 0) + 1
            first.setdefault(search_key, name)
    if counts:
        return first[max(counts, key=lambda search_key: counts[search_key])]  # of equals the first
    return own or (found[0][0] if found else None)


def _is_latin(name: str) -> bool:
    """Whether all letters are Latin (or the half-rings that stand for ayn and hamza), and there is one."""
    letters = [letter for letter in name if letter.isalpha()]
    return bool(letters) and all(
        letter < "\u0300" or "\u1d00" <= letter <= "\u1eff" or letter == "\N{LATIN SMALL LETTER SALTILLO}"
        for letter in letters
    )


def _texts(value: Any) -> list[str]:
    values = value if isinstance(value, list) else [value]
    return [" ".join(text.split()) for text in values if isinstance(text, str) and text.strip()]


def _country(properties: dict[str, Any]) -> str | None:
    for key in ("iso:country", "wof:country"):
        code = properties.get(key)
        if isinstance(code, str) and code.upper() in country_names():
            return code.upper()
    return None


def _region(properties: dict[str, Any]) -> int | None:
    """The record of the first-order division; None also where several are claimed."""
    hierarchy = properties.get("wof:hierarchy")
    branches = hierarchy if isinstance(hierarchy, list) else []
    regions = {_whole(branch.get("region_id")) for branch in branches if isinstance(branch, dict)} - {None}
    number = regions.pop() if len(regions) == 1 else None
    return number if number is not None and number > 0 else None


def _box(value: Any) -> list[float] | None:
    """West, south, east, north; None for a point's and for a broken one."""
    parts = value.split(",") if isinstance(value, str) else []
    numbers = [number for part in parts if (number := _number(part)) is not None]
    if len(numbers) != 4 or len(parts) != 4:
        return None
    west, south, east, north = numbers
    fits = -180 <= west < east <= 180 and -90 <= south < north <= 90
    return numbers if fits else None


def _code(value: Any) -> str | None:
    return value.strip().upper() if isinstance(value, str) and value.strip() else None


def _whole(value: Any) -> int | None:
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        return value
    if isinstance(value, float):
        return int(value) if value.is_integer() else None
    text = value.strip() if isinstance(value, str) else ""
    return int(text) if re.fullmatch(r"-?[0-9]{1,18}", text, re.ASCII) else None


def _number(value: Any) -> float | None:
    if isinstance(value, int | float) and not isinstance(value, bool):
        return float(value)
    try:
        return float(value) if isinstance(value, str) else None
    except ValueError:
        return None


# -- which records are one place -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Entry:
    """Where a record lies in the temporary file, and what decides about it."""

    start: int
    length: int
    id: str
    feature_class: str
    """A town and its district are two places, even where the records of both give one GeoNames id."""
    names: int
    wof: int


@dataclass(frozen=True, slots=True)
class Part:
    """Some hundred places to be made, and bad rows."""

    groups: tuple[tuple[str, tuple[bytes, ...]], ...]
    """Of each place its id and all its records, first the one that is shown."""
    divisions: dict[int, str]
    """First-order codes by the record of the region."""
    bad: tuple[BadRow, ...]


class _Index:
    """All records, in a temporary file; in memory only what tells which of them are one place."""

    def __init__(self) -> None:
        self.content = hashlib.sha256()
        self.spool = tempfile.TemporaryFile(prefix="incident-map-wof-")  # noqa: SIM115 -- closed with this object
        weakref.finalize(self, self.spool.close)
        self.length = 0
        self.entries: list[_Entry] = []
        self.bad: list[BadRow] = []
        self.regions: list[int] = []
        self.counties: list[int] = []
        self.towns: dict[int, tuple[float, float]] = {}
        """Points of localities by the number of their entry."""
        self.divisions: dict[int, str] = {}

    def read(self, origin: _Origin) -> None:
        """Add all records of a folder or archive."""
        for where, data in origin.records():
            self.content.update(f"{where}\0{len(data)}\0".encode(errors="surrogateescape"))
            self.content.update(data)
            record = _read(where, data)
            if isinstance(record, BadRow):
                self.bad.append(record)
            elif record is not None:
                self._add(record)

    def _add(self, record: _Record) -> None:
        if record["placetype"] == "region":
            self.regions.append(len(self.entries))
        elif record["placetype"] == "county":
            self.counties.append(len(self.entries))
        elif record["placetype"] == "locality":
            self.towns[len(self.entries)] = record["lon"], record["lat"]
        line = orjson.dumps(record)
        self.spool.write(line)
        feature_class = _KINDS[record["placetype"]][0]
        self.entries.append(
            _Entry(self.length, len(line), _id(record), feature_class, len(record["names"]), record["wof"])
        )
        self.length += len(line)

    def settle(self) -> None:
        """Once all is read: find the divisions of the regions, and the towns that stand there twice."""
        self.spool.flush()
        records = self._without_outlines(self.regions)
        for number, record, code in zip(self.regions, records, _first_codes(records), strict=True):
            if code is not None:
                self.divisions[record["wof"]] = code
                self.entries[number] = replace(self.entries[number], id=f"admin1:{code}")
        records = self._without_outlines(self.counties)
        for number, code in zip(self.counties, _second_codes(records, self.divisions), strict=True):
            if code is not None:
                self.entries[number] = replace(self.entries[number], id=f"admin2:{code}")
        self._unite_towns()

    def _without_outlines(self, numbers: list[int]) -> list[_Record]:
        return [{**orjson.loads(self._bytes(self.entries[number])), "geometry": None} for number in numbers]

    def _unite_towns(self) -> None:
        """A locality without a GeoNames id is the one with such an id that bears its name close by, if one alone does.

        Imports from other gazetteers brought the larger towns a second time.
        """
        lone = [number for number in self.towns if self.entries[number].id.startswith("wof:")]
        known = [number for number in self.towns if self.entries[number].id.startswith("geonames:")]
        if not lone or not known:
            return
        tree = shapely.STRtree(shapely.points([self.towns[number] for number in known]))
        for number in lone:
            around = tree.query(Point(self.towns[number]), predicate="dwithin", distance=_SAME_TOWN_DEGREES)
            record = orjson.loads(self._bytes(self.entries[number]))
            wanted = spelling.skeleton(record["name"])
            same = {
                self.entries[known[index]].id
                for index in around
                for other in [orjson.loads(self._bytes(self.entries[known[index]]))]
                if other["country"] == record["country"]
                and any(spelling.skeleton(name) == wanted for name, _, _ in other["names"])
            }
            if len(same) == 1:
                self.entries[number] = replace(self.entries[number], id=same.pop())

    def places(self) -> Iterator[Place | BadRow]:
        """All rows."""
        for part in self.split():
            yield from read_part(part)

    def split(self) -> Iterator[Part]:
        """All rows, to be made elsewhere: bad ones first, then places in the order of their first record."""
        for first in range(0, len(self.bad), _PART_PLACES):
            yield Part((), {}, tuple(self.bad[first : first + _PART_PLACES]))
        groups: dict[tuple[str, str], list[_Entry]] = {}
        for entry in self.entries:
            groups.setdefault((entry.id, entry.feature_class), []).append(entry)
        taken: set[str] = set()
        gathered: list[tuple[str, tuple[bytes, ...]]] = []
        for (place_id, _), group in groups.items():
            ranked = sorted(group, key=lambda entry: (-entry.names, entry.wof))
            own_id = f"wof:{ranked[0].wof}" if place_id in taken else place_id
            taken.add(own_id)
            gathered.append((own_id, tuple(map(self._bytes, ranked))))
            if len(gathered) == _PART_PLACES:
                yield Part(tuple(gathered), self.divisions, ())
                gathered = []
        if gathered:
            yield Part(tuple(gathered), self.divisions, ())

    def _bytes(self, entry: _Entry) -> bytes:
        return os.pread(self.spool.fileno(), entry.length, entry.start)


def _id(record: _Record) -> str:
    """The id of a record that is no known division."""
    if record["placetype"] in ("country", "dependency") and _names_country(record):
        return f"country:{record['country']}"
    if record["placetype"] == "campus" and record["icao"] in _airport_ids():
        return _airport_ids()[record["icao"]]
    if record["geonames"] is not None and record["geonames"] > 0:
        return f"geonames:{record['geonames']}"
    return f"wof:{record['wof']}"


def _names_country(record: _Record) -> bool:
    """Whether the record is the country that its code says, not a part of it with the same code."""
    row = country_names().get(record["country"] or "")
    if row is None:
        return False
    known = {spelling.key(name) for name in (row["name"], *row["names"])}
    return any(spelling.key(name) in known for name, _, _ in record["names"])


@cache
def _airport_ids() -> dict[str, str]:
    """Ids of the default gazetteer by ICAO code."""
    ids = {place.id.partition(":")[2]: place.id for place in airports.places()}
    return ids | {row["airport"]: f"curated:{row['id']}" for row in curated.rows() if "airport" in row}


@dataclass(frozen=True, slots=True)
class _Division:
    """A division of the default gazetteer."""

    code: str
    point: Point
    radius_m: int
    has_outline: bool

    def is_near(self, point: Point) -> bool:
        degrees = max(self.radius_m, 50_000) / 111_000
        return bool(shapely.dwithin(point, self.point, degrees))


_ByName = dict[tuple[str, str], list[_Division]]
"""By what they are a part of (a country for first-order divisions) and the skeleton of a name."""


@cache
def _first_order() -> tuple[dict[str, _Division], _ByName]:
    known = {place.id.removeprefix("admin1:"): place for place in boundaries.places() if place.id.startswith("admin1:")}
    by_name: _ByName = {}
    result = {}
    for code, place in known.items():
        result[code] = _Division(code, place.point, place.precision_m, place.has_area)
        texts = [name.name for name in place.names if name.kind is not NameKind.CODE]
        for skeleton in dict.fromkeys(map(spelling.skeleton, texts)):
            by_name.setdefault((code.split(".")[0], skeleton), []).append(result[code])
    return result, by_name


@cache
def _second_order() -> tuple[_ByName, frozenset[str]]:
    by_name: _ByName = {}
    for place in divisions.places():
        code = place.id.removeprefix("admin2:")
        division = _Division(code, place.point, place.precision_m, place.has_area)
        texts = [name.name for name in place.names if name.kind is not NameKind.CODE]
        texts.append(divisions.without_kind(code, place.name)[0])
        for skeleton in dict.fromkeys(map(spelling.skeleton, texts)):
            by_name.setdefault((place.admin1_code or "", skeleton), []).append(division)
    return by_name, frozenset(row.code for row in divisions.rows())


def _named(record: _Record, part_of: str, by_name: _ByName) -> Counter[_Division]:
    """The divisions that have a name of the record, and how many of its names are theirs."""
    return Counter(
        division
        for name, kind, _ in record["names"]
        if kind != NameKind.CODE.value
        for division in by_name.get((part_of, spelling.skeleton(name)), ())
    )


def _first_codes(records: list[_Record]) -> list[str | None]:
    """The first-order code of each region record, where two of three agree: outline, name, FIPS code.

    GeoNames's codes are FIPS codes in most countries, not in all; outlines are drawn roughly; and neighbours share
    names. A division whose outline is not known is found by its name near its point.
    """
    if not records:
        return []
    known, by_name = _first_order()
    points = [Point(record["lon"], record["lat"]) for record in records]
    inside = boundaries.divisions_at(points, [record["country"] for record in records])
    result: list[str | None] = []
    for record, point, by_outline in zip(records, points, inside, strict=True):
        country = record["country"] or ""
        named = {division.code: count for division, count in _named(record, country, by_name).items()}
        fips = f"{country}.{(record['fips'] or '')[2:]}"
        agreed = [code for code in known if (code in named) + (code == by_outline) + (code == fips) >= 2]
        # A name of its own is worth more than an outline around it: Halabja lies in what was Sulaymaniyah.
        best = max(named.values(), default=0)
        without_outline = [code for code in named if named[code] == best and not known[code].has_outline]
        choices = [code for code in without_outline if known[code].is_near(point)] or agreed
        result.append(choices[0] if len(choices) == 1 else by_outline if by_outline in choices else None)
    return result


def _second_codes(records: list[_Record], by_region: dict[int, str]) -> list[str | None]:
    """The second-order code of each county record: the one division of that name, in its first-order one, near by.

    In many countries GeoNames's code of a division is its number, which the record may know.
    """
    if not records:
        return []
    by_name, codes = _second_order()
    points = [Point(record["lon"], record["lat"]) for record in records]
    inside = boundaries.divisions_at(points, [record["country"] for record in records])
    result: list[str | None] = []
    for record, point, by_outline in zip(records, points, inside, strict=True):
        part_of = by_region.get(record["region"], by_outline) or ""
        near = [division.code for division in _named(record, part_of, by_name) if division.is_near(point)]
        by_number = f"{part_of}.{record['geonames']}"
        result.append(by_number if by_number in codes else near[0] if len(near) == 1 else None)
    return result


# -- places ----------------------------------------------------------------------------------------------------------


def read_part(part: Part) -> list[Place | BadRow]:
    """The places of a part, in its order, and its bad rows."""
    rows: list[Place | BadRow] = list(part.bad)
    groups = [(place_id, [orjson.loads(data) for data in lines]) for place_id, lines in part.groups]
    shown = [records[0] for _, records in groups]
    points = [Point(record["lon"], record["lat"]) for record in shown]
    codes = [part.divisions.get(record["region"]) for record in shown]
    open_ones = [index for index, code in enumerate(codes) if code is None and shown[index]["country"]]
    if open_ones:
        where = [points[index] for index in open_ones], [shown[index]["country"] for index in open_ones]
        for index, code in zip(open_ones, boundaries.divisions_at(*where), strict=True):
            codes[index] = code
    for (place_id, records), point, code in zip(groups, points, codes, strict=True):
        try:
            rows.append(_place(place_id, records, point, code))
        except _Unfit as unfit:
            rows.append(BadRow(records[0]["where"], str(unfit)))
    return rows


def _place(place_id: str, records: list[_Record], point: Point, division: str | None) -> Place:
    record = records[0]
    feature_class, feature_code = _KINDS[record["placetype"]]
    if feature_code == "FCL":
        feature_code = _campus_code(record)
    lends_only = place_id.startswith(("country:", "admin1:", "admin2:"))
    outline = None if lends_only or record["geometry"] is None else _outline(record["geometry"])
    if feature_code in ("PCLI", "PCLD", "RGN", "CONT", "OCN", "SEA"):
        division = None
    elif feature_code == "ADM1":
        division = place_id.removeprefix("admin1:") if lends_only else None
    names: dict[str, PlaceName] = {}
    for other in records:
        for text, kind, language in other["names"]:
            mere = NameKind.ALTERNATE if other is not record and kind == NameKind.PRIMARY.value else NameKind(kind)
            names.setdefault(text, PlaceName(text, mere, language))
    population = record["population"]
    if outline is not None:
        radius = boundaries.radius_around(point, outline)
    elif feature_class == "P" and feature_code == "PPL":
        radius = radius_of_settlement(population)
    elif record["box"] is not None:
        radius = boundaries.radius_around(point, box(*record["box"]))
    else:
        radius = _RADIUS_M.get(feature_code, _CAMPUS_RADIUS_M)
    return Place(
        id=place_id,
        name=record["name"],
        feature_class=feature_class,
        feature_code=feature_code,
        point=point,
        country_code=record["country"],
        admin1_code=division,
        population=population,
        precision_m=max(radius, 100),
        has_area=outline is not None,
        geometry=outline,
        names=tuple(names.values()),
    )


def _campus_code(record: _Record) -> str:
    for name, _, _ in record["names"]:
        if airports.is_military(name):
            return "AIRB" if re.search(r"\bair", name, re.IGNORECASE) else "INSM"
    for name, _, _ in record["names"]:
        for words, code in _CAMPUS_WORDS:
            if words.search(name):
                return code
    return "AIRP" if record["icao"] else "FCL"


def _outline(geometry: dict[str, Any]) -> BaseGeometry | None:
    """The polygon, mended where it crosses itself; None where nothing valid on the globe is left of it."""
    try:
        shape = shapely.from_geojson(orjson.dumps(geometry))
    except shapely.errors.ShapelyError as error:
        message = f"its geometry is broken: {error}"
        raise _Unfit(message) from error
    if not shape.is_valid:
        shape = shapely.make_valid(shape)
    polygons = [part for part in _parts(shape) if isinstance(part, Polygon) and not part.is_empty]
    if not polygons:
        return None
    whole = MultiPolygon(polygons)
    west, south, east, north = whole.bounds
    on_globe = -180 <= west <= east <= 180 and -90 <= south <= north <= 90
    return whole if on_globe and whole.is_valid else None


def _parts(shape: BaseGeometry) -> Iterator[BaseGeometry]:
    if hasattr(shape, "geoms"):
        for part in shape.geoms:
            yield from _parts(part)
    else:
        yield shape
