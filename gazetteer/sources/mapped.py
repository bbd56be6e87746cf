"""A table that a user has - GeoPackage, GeoJSON or CSV - and a mapping file that says which column is what.

    name = "checkpoints"                    short name of the source, and of its ids: checkpoints:17
    credit = "The Example Desk"             whom to credit; `licence` and `url` go with it
    licence = "CC BY 4.0"
    url = "https://desk.example/places"     optional
    file = "checkpoints.csv"                beside the mapping or below it
    precedence = "under"                    or "over": before the default gazetteer where both know a place
    layer = "sites"                         GeoPackage with several layers
    crs = "EPSG:32638"                      where the file does not say it; degrees (EPSG:4326) if nobody does
    delimiter = ";"                         CSV; found by itself if it is one of , ; and tab

    [columns]
    id = "no"                               or with the ids of another source: "geonames:{gn_id}"
    name = "name"                           or { column = "name", language = "en" }
    other_names = ["arabic", { column = "aka", separator = ";", language = "en", kind = "historic" }]
    language = "lang"                       language of names that say none: a column, or { value = "en" }
    country = { value = "IQ" }              or a column of ISO codes or English names; found by the map if it is empty
    admin1 = "province"                     GeoNames code (IQ.11) or name; found by the map if it is empty
    type = { column = "kind", codes = { checkpoint = "S.PSTP" }, otherwise = "S.BLDG" }     or { value = "S.PSTP" }
    population = "people"
    precision_m = { value = 500 }           or a column
    note = "remark"
    lat = "lat"                             CSV; or x and y in the units of `crs`. Other files have geometries.
    lon = "lon"

A string names a column. Cells are text and nothing else: no formula, expression or markup is ever read out of them.
The file must lie in the mapping's folder or below it: mappings are passed around together with their data, and one that
comes from elsewhere must not be able to name any other file of this machine.

GeoPackages and lines of GeoJSON are read in batches, CSV row by row. A GeoJSON file is one JSON value and is read as a
whole, so it may not exceed 256 MB.
"""

from __future__ import annotations

import csv
import difflib
import hashlib
import re
import tomllib
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache, partial
from itertools import islice
from pathlib import Path
from typing import Any, Final, Literal

import numpy as np
import orjson
import pyogrio
import pyproj
import shapely
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator
from shapely.geometry import MultiPolygon, Point, Polygon
from shapely.geometry.base import BaseGeometry

from gazetteer import names as spelling
from gazetteer.errors import SourceError
from gazetteer.model import NameKind, Place, PlaceName
from gazetteer.sources import boundaries, geonamescache
from gazetteer.sources.base import BadRow, Source, country_names

CODE_REVISION = 1
"""Raise when this file reads the same data into other rows."""

RANK_OVER: Final = 20
"""Before everything but outlines of countries and divisions, which look-ups need."""
RANK_UNDER: Final = 60
"""Behind the default gazetteer, before Who's On First."""

_BATCH: Final = 2_000
_LARGEST_MAPPING: Final = 1 << 20
_LARGEST_DOCUMENT: Final = 256 << 20
_LARGEST_LINE: Final = 64 << 20
"""Bytes of one line of a GeoJSON text sequence."""
_LONGEST_TEXT: Final = 600
_LONGEST_CELL: Final = 100_000
_DEFAULT_PRECISION_M: Final = 1_000
_FAR_DEGREES: Final = 5.0
"""Further from its country than this no place lies: the coordinates are another's, or swapped."""

_FAMILIES: Final = ("geonames", "country", "admin1", "admin2", "airport", "region", "curated", "wof")
"""Families of ids that a mapping may lend names to."""
_TAKEN: Final = frozenset(
    {*_FAMILIES, "part", "border", "airports", "boundaries", "derived", "geonamescache", "regions", "whosonfirst"}
)
"""Names of sources and families that are somebody else's."""
_FEATURE: Final = re.compile(r"[AHLPRSTUV]\.[A-Z][A-Z0-9]{1,4}")
_PLACEHOLDER: Final = re.compile(r"\{([^{}]+)\}")
_LANGUAGE: Final = re.compile(r"[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*")
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")


# -- the mapping file ------------------------------------------------------------------------------------------------


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class _Cell(_Table):
    """A column, or one value for all rows."""

    column: str | None = None
    value: str | None = None

    @model_validator(mode="before")
    @classmethod
    def _plain(cls, given: Any) -> Any:
        return {"column": given} if isinstance(given, str) else given

    @field_validator("value", mode="before")
    @classmethod
    def _text(cls, given: Any) -> Any:
        return str(given) if isinstance(given, int | float) and not isinstance(given, bool) else given

    @model_validator(mode="after")
    def _one(self) -> _Cell:
        if (self.column is None) == (self.value is None):
            message = 'give either a column, as in "name" or { column = "name" }, or { value = "..." } for all rows'
            raise ValueError(message)
        return self


class _Feature(_Cell):
    """What kind of place it is."""

    codes: dict[str, str] = Field(default_factory=dict)
    otherwise: str | None = None

    @model_validator(mode="after")
    def _codes(self) -> _Feature:
        for code in (*self.codes.values(), self.otherwise, self.value):
            if code is not None and not _FEATURE.fullmatch(code):
                message = f'"{code}" is not a GeoNames class and code such as S.PSTB or P.PPL'
                raise ValueError(message)
        if self.value is not None and (self.codes or self.otherwise):
            message = "codes and otherwise go with a column"
            raise ValueError(message)
        return self


class _Names(_Table):
    """A column of names."""

    column: str
    separator: str | None = Field(default=None, min_length=1)
    language: str | None = Field(default=None, pattern=f"^{_LANGUAGE.pattern}$")
    kind: Literal["alternate", "historic", "code"] = "alternate"

    @model_validator(mode="before")
    @classmethod
    def _plain(cls, given: Any) -> Any:
        return {"column": given} if isinstance(given, str) else given


class _Columns(_Table):
    id: str = Field(min_length=1)
    name: _Names
    other_names: tuple[_Names, ...] = ()
    language: _Cell | None = None
    country: _Cell | None = None
    admin1: _Cell | None = None
    type: _Feature
    population: _Cell | None = None
    precision_m: _Cell | None = None
    note: _Cell | None = None
    lat: str | None = None
    lon: str | None = None
    x: str | None = None
    y: str | None = None

    @field_validator("other_names", mode="before")
    @classmethod
    def _several(cls, given: Any) -> Any:
        return given if isinstance(given, list | tuple) else [given]

    @field_validator("id")
    @classmethod
    def _known_family(cls, given: str) -> str:
        family, colon, _ = given.partition(":")
        if "{" in given and colon and "{" not in family and family not in _FAMILIES:
            message = f'ids of "{family}" are not known; known are {", ".join(_FAMILIES)}'
            raise ValueError(message)
        return given

    @model_validator(mode="after")
    def _pairs(self) -> _Columns:
        if (self.lat is None) != (self.lon is None) or (self.x is None) != (self.y is None):
            message = "lat and lon, or x and y, go together"
            raise ValueError(message)
        if self.lat is not None and self.x is not None:
            message = "give lat and lon, or x and y, not both"
            raise ValueError(message)
        return self

    def used(self) -> dict[str, str]:
        """Columns that must be there, each with the key that asks for it."""
        asked = {"columns.name": self.name.column}
        ids = _PLACEHOLDER.findall(self.id) if "{" in self.id else [self.id]
        asked |= {f"columns.id ({column})" if len(ids) > 1 else "columns.id": column for column in ids}
        for number, names in enumerate(self.other_names, start=1):
            asked[f"columns.other_names ({number})"] = names.column
        for key in ("language", "country", "admin1", "type", "population", "precision_m", "note"):
            cell = getattr(self, key)
            if cell is not None and cell.column is not None:
                asked[f"columns.{key}"] = cell.column
        for key in ("lat", "lon", "x", "y"):
            column = getattr(self, key)
            if column is not None:
                asked[f"columns.{key}"] = column
        return asked


class _Mapping(_Table):
    name: str = Field(pattern=r"^[a-z][a-z0-9-]{1,39}$")
    credit: str = Field(min_length=1, max_length=200)
    licence: str = Field(min_length=1, max_length=200)
    url: str = Field(default="", pattern=r"^(https?://\S+)?$")
    file: str = Field(min_length=1)
    precedence: Literal["under", "over"] = "under"
    layer: str | None = None
    crs: str | None = None
    delimiter: Literal[",", ";", "\t"] | None = None
    columns: _Columns

    @field_validator("name")
    @classmethod
    def _own_name(cls, given: str) -> str:
        if given in _TAKEN:
            message = f'"{given}" is a name of the gazetteer itself; choose another'
            raise ValueError(message)
        return given

    @field_validator("crs")
    @classmethod
    def _known_crs(cls, given: str | None) -> str | None:
        if given is not None:
            _crs(given)
        return given


def _crs(given: str) -> pyproj.CRS:
    """Of a code like EPSG:32638 only: longer forms can name files."""
    try:
        if re.fullmatch(r"[A-Za-z]+:[0-9A-Za-z]+", given):
            return pyproj.CRS.from_user_input(given.upper())
    except pyproj.exceptions.CRSError:
        pass
    message = f'"{given}" is not a known reference system; give its code, as in "EPSG:32638"'
    raise ValueError(message)


def source(mapping: Path) -> Source:
    """The source that a mapping file describes. Rows that cannot become places are `BadRow`s in its stream.

    Raises `SourceError` that names everything wrong with the mapping together: keys, columns, the file.
    """
    settings, data = _read_mapping(mapping)
    path = _data_file(mapping, settings)
    table = _open(path, settings)
    _check_columns(mapping, settings, table)
    digest = hashlib.sha256(data)
    with path.open("rb") as stream:
        digest.update(hashlib.file_digest(stream, "sha256").digest())
    return Source(
        name=settings.name,
        version=f"{CODE_REVISION}-{digest.hexdigest()[:12]}-{boundaries.SOURCE.version}",
        credit_name=settings.credit,
        licence=settings.licence,
        url=settings.url,
        places=partial(_places, settings, table),
        rank=RANK_OVER if settings.precedence == "over" else RANK_UNDER,
    )


def _read_mapping(path: Path) -> tuple[_Mapping, bytes]:
    try:
        with path.open("rb") as stream:
            data = stream.read(_LARGEST_MAPPING + 1)
        if len(data) > _LARGEST_MAPPING:
            message = f"{path.name} is larger than 1 MB; that is no mapping file."
            raise SourceError(message, "Give the mapping file (.toml), not the data.")
        document = tomllib.loads(data.decode("utf-8-sig"))
    except OSError as error:
        message = f"The mapping file {path} cannot be read: {error.strerror}."
        raise SourceError(message, "Check the spelling of the path.") from error
    except (UnicodeDecodeError, tomllib.TOMLDecodeError, RecursionError) as error:
        message = f"{path.name} is not a TOML file: {error}."
        raise SourceError(message, "docs/gazetteer.md has an example of a mapping.") from error
    try:
        return _Mapping.model_validate(document), data
    except ValidationError as error:
        listed = "\n".join(f"  {_plain_fault(fault)}" for fault in error.errors(include_url=False))
        message = f"{path.name} cannot be used:\n{listed}"
        raise SourceError(message, "docs/gazetteer.md lists the keys of a mapping.") from error


_TABLES: Final[dict[str, type[BaseModel]]] = {
    "": _Mapping, "columns": _Columns, "name": _Names, "other_names": _Names, "type": _Feature,
}  # fmt: skip


def _plain_fault(fault: Any) -> str:
    """One fault of a mapping in plain words, with its key."""
    steps = [f"number {step + 1}" if isinstance(step, int) else str(step) for step in fault["loc"]]
    key = ".".join(steps) or "the mapping"
    kind, message = fault["type"], str(fault["msg"])
    if kind == "missing":
        return f"{key} is missing"
    if kind == "extra_forbidden":
        parents = [step for step in fault["loc"][:-1] if isinstance(step, str)]
        table = _TABLES.get(parents[-1] if parents else "", _Cell)
        return f"{key} is not a known key{_meant(str(fault['loc'][-1]), table.model_fields)}"
    if kind == "value_error":
        return f"{key}: {message.removeprefix('Value error, ')}"
    if kind == "literal_error":
        return f"{key} must be one of {fault['ctx']['expected']}"
    if kind == "string_pattern_mismatch":
        wanted = {
            "name": "small letters, digits and hyphens, as in border-posts",
            "url": "an address that begins with https://",
            "language": "a language code such as ar or ckb",
        }
        return f"{key} must be {wanted.get(steps[-1], fault['ctx']['pattern'])}"
    return f"{key}: {message[:1].lower()}{message[1:]}"


def _meant(word: str, known: Any) -> str:
    """ " (did you mean ...?)", or nothing."""
    by_case = {str(other).casefold(): str(other) for other in known}
    near = difflib.get_close_matches(word.casefold(), by_case, n=1, cutoff=0.6)
    return f' (did you mean "{by_case[near[0]]}"?)' if near else ""


def _data_file(mapping: Path, settings: _Mapping) -> Path:
    folder = mapping.resolve().parent
    path = Path(settings.file)
    if path.is_absolute() or not (folder / path).resolve().is_relative_to(folder):
        message = f"{mapping.name} names the file {settings.file}, which does not lie beside it or below."
        raise SourceError(message, "Put the mapping into the folder of its data, and name the file from there.")
    if not (folder / path).is_file():
        beside = sorted(entry.name for entry in folder.iterdir() if entry.suffix.lower() in _READERS)
        message = f"{mapping.name} names the file {settings.file}, which is not there{_meant(settings.file, beside)}."
        raise SourceError(message, "The name counts from the folder of the mapping.")
    return folder / path


def _check_columns(mapping: Path, settings: _Mapping, table: _Data) -> None:
    faults = []
    for key, column in settings.columns.used().items():
        count = table.columns.count(column)
        if count == 0:
            faults.append(f'{key}: there is no column "{column}"{_meant(column, table.columns)}')
        elif count > 1:
            faults.append(f'{key}: the column "{column}" stands {count} times')
    located = settings.columns.lat is not None or settings.columns.x is not None
    if not table.has_geometry and not located:
        faults.append("columns.lat and columns.lon are missing, and the file has no geometries")
    if settings.columns.x is not None and settings.crs is None:
        faults.append("crs is missing: without it nobody knows what x and y count from")
    if faults:
        listed = "\n".join(f"  {fault}" for fault in faults)
        columns = ", ".join(table.columns) or "none"
        message = f"{mapping.name} and {settings.file} do not fit together:\n{listed}"
        raise SourceError(message, f"The columns of the file are: {columns[:1000]}")


# -- files -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Row:
    where: str
    cells: dict[str, Any]
    geometry: BaseGeometry | None = None


@dataclass(frozen=True, slots=True)
class _Data:
    """A file that was looked at: its columns, and how to read its rows."""

    columns: list[str]
    rows: Callable[[], Iterator[_Row | BadRow]]
    has_geometry: bool
    crs: pyproj.CRS | None = None
    """What the file says of itself."""


def _open(path: Path, settings: _Mapping) -> _Data:
    reader = _READERS.get(path.suffix.lower())
    if reader is None:
        message = f"{path.name} is a kind of file that is not read."
        raise SourceError(message, f"Read are {', '.join(_READERS)}.")
    return reader(path, settings)


def _unreadable(path: Path, error: object) -> SourceError:
    message = f"{path.name} cannot be read: {' '.join(str(error).split())}."
    return SourceError(message, "It may be damaged or cut off; open it in the program that wrote it.")


def _open_csv(path: Path, settings: _Mapping) -> _Data:
    with path.open("rb") as raw:
        start = raw.read(4)
    if start[:2] in (b"\xff\xfe", b"\xfe\xff") or b"\0" in start:
        message = f"{path.name} is not in UTF-8."
        raise SourceError(message, 'Save it as "CSV UTF-8".')
    with path.open(encoding="utf-8-sig", errors="surrogateescape", newline="") as stream:
        header = stream.readline(_LONGEST_CELL)
        commonest = max([",", ";", "\t"], key=header.count)
        delimiter: str = settings.delimiter or commonest
        stream.seek(0)
        try:
            columns = [cell.strip() for cell in next(csv.reader(stream, delimiter=delimiter, strict=True), [])]
        except csv.Error as error:
            raise _unreadable(path, error) from error
    if not all(column.isprintable() for column in columns):
        message = f"The first line of {path.name} holds signs that cannot be printed: it is not in UTF-8, or no CSV."
        raise SourceError(message, 'Save it as "CSV UTF-8".')
    if not columns:
        message = f"{path.name} is empty."
        raise SourceError(message, "The first line must name the columns.")
    return _Data(columns, partial(_csv_rows, path, delimiter, columns), has_geometry=False)


def _csv_rows(path: Path, delimiter: str, columns: list[str]) -> Iterator[_Row | BadRow]:
    with path.open(encoding="utf-8-sig", errors="surrogateescape", newline="") as stream:
        reader = csv.reader(stream, delimiter=delimiter, strict=True)
        line = 1
        try:
            for number, cells in enumerate(reader):
                where, line = f"{path.name}, line {line}", reader.line_num + 1
                if number == 0 or not any(cell.strip() for cell in cells):
                    continue
                if len(cells) != len(columns):
                    yield BadRow(where, f"it has {len(cells)} cells, the header {len(columns)}")
                else:
                    yield _Row(where, dict(zip(columns, cells, strict=True)))
        except csv.Error as error:
            yield BadRow(f"{path.name}, line {line}", f"from here on it cannot be read as CSV: {error}")


def _open_geojson(path: Path, settings: _Mapping) -> _Data:
    if path.stat().st_size > _LARGEST_DOCUMENT:
        message = f"{path.name} is larger than {_LARGEST_DOCUMENT >> 20} MB."
        raise SourceError(message, "Save it as a GeoPackage, or as GeoJSON with one feature a line (.geojsonl).")
    features, crs = _features(path)
    columns: dict[str, None] = {}
    for feature in features:
        properties = feature.get("properties") if isinstance(feature, dict) else None
        columns.update(dict.fromkeys(properties if isinstance(properties, dict) else ()))
    return _Data(list(columns), partial(_geojson_rows, path), has_geometry=True, crs=crs)


def _features(path: Path) -> tuple[list[Any], pyproj.CRS | None]:
    try:
        document = orjson.loads(path.read_bytes().removeprefix(b"\xef\xbb\xbf"))
    except orjson.JSONDecodeError as error:
        raise _unreadable(path, error) from error
    features = document.get("features") if isinstance(document, dict) else None
    if not isinstance(features, list):
        message = f"{path.name} is not a GeoJSON FeatureCollection."
        raise SourceError(message, "Save the layer as GeoJSON from QGIS or another program for maps.")
    return features, _old_crs(path, document.get("crs"))


def _old_crs(path: Path, member: Any) -> pyproj.CRS | None:
    """GeoJSON of before 2016 could say its reference system: urn:ogc:def:crs:EPSG::32638."""
    properties = member.get("properties") if isinstance(member, dict) else None
    name = properties.get("name") if isinstance(properties, dict) else None
    if not isinstance(name, str):
        return None
    urn = re.fullmatch(r"urn:ogc:def:crs:([A-Za-z]+):[0-9.]*:([0-9A-Za-z]+)", name)
    try:
        return _crs(f"{urn[1]}:{urn[2]}" if urn else name)
    except ValueError as error:
        raise _unreadable(path, error) from error


def _geojson_rows(path: Path) -> Iterator[_Row | BadRow]:
    for number, feature in enumerate(_features(path)[0], start=1):
        yield _feature_row(f"{path.name}, feature {number}", feature)


def _open_lines(path: Path, settings: _Mapping) -> _Data:
    columns: dict[str, None] = {}
    for row in _line_rows(path):
        if isinstance(row, _Row):
            columns.update(dict.fromkeys(row.cells))
    return _Data(list(columns), partial(_line_rows, path), has_geometry=True)


def _line_rows(path: Path) -> Iterator[_Row | BadRow]:
    with path.open("rb") as stream:
        number = 0
        while line := stream.readline(_LARGEST_LINE):
            number += 1
            where = f"{path.name}, line {number}"
            if len(line) == _LARGEST_LINE:
                yield BadRow(where, f"the line is longer than {_LARGEST_LINE >> 20} MB; the rest was not read")
                return
            line = line.strip(b"\x1e\xef\xbb\xbf \t\r\n")
            if not line:
                continue
            try:
                yield _feature_row(where, orjson.loads(line))
            except orjson.JSONDecodeError as error:
                yield BadRow(where, f"not JSON: {error}")


def _feature_row(where: str, feature: Any) -> _Row | BadRow:
    if not isinstance(feature, dict) or feature.get("type") != "Feature":
        return BadRow(where, "it is not a GeoJSON feature")
    properties = feature.get("properties") or {}
    if not isinstance(properties, dict):
        return BadRow(where, "its properties are not an object")
    geometry = feature.get("geometry")
    try:
        shape = None if geometry is None else shapely.from_geojson(orjson.dumps(geometry))
    except shapely.errors.ShapelyError as error:
        return BadRow(where, f"its geometry is broken: {' '.join(str(error).split())}")
    return _Row(where, properties, shape)


def _open_gpkg(path: Path, settings: _Mapping) -> _Data:
    with path.open("rb") as stream:
        head = stream.read(72)
    # The marks are looked at here because the library below goes by contents, and some of its other kinds of
    # files name further files.
    if not head.startswith(b"SQLite format 3\0") or head[68:72] not in (b"GPKG", b"GP10", b"GP11"):
        message = f"{path.name} is not a GeoPackage."
        raise SourceError(message, "Save the layer as GeoPackage from QGIS or another program for maps.")
    try:
        with _quietly():
            listed = pyogrio.list_layers(path)
        located = settings.columns.lat is not None or settings.columns.x is not None
        layers = [str(name) for name, kind in listed if kind is not None or located]
        if settings.layer is not None and settings.layer not in layers:
            message = f'{path.name} has no layer "{settings.layer}"{_meant(settings.layer, layers)}.'
            raise SourceError(message, f"Its layers are: {', '.join(layers)}")
        if settings.layer is None and len(layers) != 1:
            message = f"{path.name} has {len(layers)} layers, and the mapping does not say which to read."
            raise SourceError(message, f"Add layer = ... with one of: {', '.join(layers)}")
        layer = settings.layer or layers[0]
        with _quietly():
            about = pyogrio.read_info(path, layer=layer)
        crs = pyproj.CRS.from_user_input(about["crs"]) if about["crs"] else None
    except (pyogrio.errors.DataSourceError, pyogrio.errors.DataLayerError, pyproj.exceptions.CRSError) as error:
        raise _unreadable(path, error) from error
    columns = [str(name) for name in about["fields"]]
    wanted = sorted(set(settings.columns.used().values()) & set(columns))
    return _Data(columns, partial(_gpkg_rows, path, layer, wanted), has_geometry=True, crs=crs)


@contextmanager
def _quietly() -> Iterator[None]:
    """The library's warnings are about forms of the file that do no harm; what does harm is an error."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        yield


def _gpkg_rows(path: Path, layer: str, columns: list[str]) -> Iterator[_Row | BadRow]:
    done = 0
    while True:
        try:
            with _quietly():
                about, fids, shapes, fields = pyogrio.raw.read(
                    path,
                    layer=layer,
                    columns=columns,
                    force_2d=True,
                    return_fids=True,
                    skip_features=done,
                    max_features=_BATCH,
                    datetime_as_string=True,
                )
        except pyogrio.errors.DataSourceError as error:
            raise _unreadable(path, error) from error
        except (pyogrio.errors.FeatureError, pyogrio.errors.GeometryError) as error:
            raise _unreadable(path, f"row {done + 1} or one of the {_BATCH:,} after it: {error}") from error
        binary = [None] * len(fids) if shapes is None else list(shapes)
        geometries: Any = shapely.from_wkb(binary, on_invalid="ignore") if binary else []
        for index, fid in enumerate(fids):
            cells = {str(name): field[index] for name, field in zip(about["fields"], fields, strict=True)}
            where = f"{path.name}, row {fid}"
            if geometries[index] is None and binary[index] is not None:
                yield BadRow(where, "its geometry is broken")
            else:
                yield _Row(where, cells, geometries[index])
        done += len(fids)
        if len(fids) < _BATCH:
            return


_READERS: Final[dict[str, Callable[[Path, _Mapping], _Data]]] = {
    ".csv": _open_csv, ".tsv": _open_csv, ".txt": _open_csv, ".geojson": _open_geojson, ".json": _open_geojson,
    ".geojsonl": _open_lines, ".geojsons": _open_lines, ".gpkg": _open_gpkg,
}  # fmt: skip


# -- rows ------------------------------------------------------------------------------------------------------------


class _Unfit(ValueError):
    """The row cannot become a place; the text says why."""


@dataclass(slots=True)
class _Draft:
    """A row on its way to a place."""

    row: _Row
    id: str
    names: dict[str, PlaceName]
    feature: str
    shape: BaseGeometry
    country: str | None
    admin1: str
    population: int | None
    precision_m: int | None
    note: str


def _places(settings: _Mapping, table: _Data) -> Iterator[Place | BadRow]:
    crs = _crs(settings.crs) if settings.crs is not None else table.crs
    degrees = pyproj.CRS.from_epsg(4326)
    if settings.columns.lat is not None or crs is None or crs.equals(degrees, ignore_axis_order=True):
        transformer = None
    else:
        transformer = pyproj.Transformer.from_crs(crs, degrees, always_xy=True)
    seen: dict[str, str] = {}
    rows = table.rows()
    while batch := list(islice(rows, _BATCH)):
        yield from _finished(
            [row if isinstance(row, BadRow) else _draft(settings, row, transformer, seen) for row in batch]
        )


def _draft(
    settings: _Mapping, row: _Row, transformer: pyproj.Transformer | None, seen: dict[str, str]
) -> _Draft | BadRow:
    columns = settings.columns
    try:
        place_id = _id(settings, row)
        draft = _Draft(
            row=row,
            id=place_id,
            names=_names(columns, row),
            feature=_feature(columns.type, row),
            shape=_shape(columns, row, transformer),
            country=_country(_text(columns.country, row)),
            admin1=_text(columns.admin1, row),
            population=_whole("the population", columns.population, row) or None,
            precision_m=_whole("the precision", columns.precision_m, row),
            note=_note(columns.note, row),
        )
    except _Unfit as unfit:
        return BadRow(row.where, str(unfit))
    if place_id in seen:
        return BadRow(row.where, f'the id "{place_id}" stands already in {seen[place_id]}')
    seen[place_id] = row.where.rpartition(", ")[2]
    return draft


def _finished(drafts: Sequence[_Draft | BadRow]) -> Iterator[Place | BadRow]:
    """The places of a batch, with countries and divisions that the map knows."""
    good = [draft for draft in drafts if isinstance(draft, _Draft)]
    points = [_point(draft.shape) for draft in good]
    for draft, code in zip(good, _countries_at(points), strict=True):
        if draft.country is None:
            draft.country = code
    codes = boundaries.divisions_at(points, [draft.country for draft in good]) if good else []
    located = iter(zip(points, codes, strict=True))
    for entry in drafts:
        if isinstance(entry, BadRow):
            yield entry
            continue
        point, code = next(located)
        try:
            yield _place(entry, point, code)
        except _Unfit as unfit:
            yield BadRow(entry.row.where, str(unfit))


def _place(draft: _Draft, point: Point, division: str | None) -> Place:
    if draft.country is not None:
        outline = boundaries.country_areas().get(draft.country)
        if outline is not None and not shapely.dwithin(point, outline.polygon, _FAR_DEGREES):
            name = country_names()[draft.country]["name"]
            message = f"longitude {point.x:.4f}, latitude {point.y:.4f} lies far from {name}; are the two swapped?"
            raise _Unfit(message)
    if draft.admin1:
        division = _division(draft.admin1, draft.country)
    feature_class, _, feature_code = draft.feature.partition(".")
    area = _area(draft.shape)
    if area is not None or not isinstance(draft.shape, Point):
        precision_m = max(boundaries.radius_around(point, draft.shape), draft.precision_m or 0, 100)
    elif draft.precision_m is not None:
        precision_m = draft.precision_m
    elif feature_class == "P":
        precision_m = geonamescache.radius_of_settlement(draft.population)
    else:
        precision_m = _DEFAULT_PRECISION_M
    return Place(
        id=draft.id,
        name=next(iter(draft.names)),
        feature_class=feature_class,
        feature_code=feature_code,
        point=point,
        country_code=draft.country,
        admin1_code=division,
        population=draft.population,
        precision_m=precision_m,
        has_area=area is not None,
        geometry=area,
        note=draft.note,
        names=tuple(draft.names.values()),
    )


# -- cells -----------------------------------------------------------------------------------------------------------


def _value(column: str, row: _Row) -> str:
    """A cell as text, empty for none. Whole numbers that came as fractions (95446.0) are whole again."""
    value = row.cells.get(column)
    if value is None or (isinstance(value, float | np.floating) and np.isnan(value)):
        return ""
    if isinstance(value, float | np.floating) and float(value).is_integer():
        value = int(value)
    if isinstance(value, dict | list | bytes):
        message = f'the cell "{column}" holds no plain text or number'
        raise _Unfit(message)
    text = " ".join(str(value).split())
    if len(text) > _LONGEST_CELL:
        message = f'the cell "{column}" is longer than {_LONGEST_CELL:,} characters'
        raise _Unfit(message)
    if _CONTROL.search(text):
        hint = "it is not UTF-8" if re.search("[\udc80-\udcff]", text) else "it has control characters"
        message = f'the cell "{column}" cannot be stored: {hint}'
        raise _Unfit(message)
    return text


def _text(cell: _Cell | None, row: _Row) -> str:
    if cell is None:
        return ""
    return cell.value if cell.value is not None else _value(cell.column or "", row)


def _id(settings: _Mapping, row: _Row) -> str:
    pattern = settings.columns.id
    if "{" not in pattern:
        pattern = f"{{{pattern}}}"
    parts = {column: _value(column, row) for column in _PLACEHOLDER.findall(pattern)}
    if not all(parts.values()):
        message = "the id is empty"
        raise _Unfit(message)
    text = _PLACEHOLDER.sub(lambda match: parts[match[1]], pattern)
    family = pattern.partition(":")[0]
    whole = text if family in _FAMILIES else f"{settings.name}:{text}"
    if len(whole) > 200:
        message = "the id is longer than 200 characters"
        raise _Unfit(message)
    return whole


def _names(columns: _Columns, row: _Row) -> dict[str, PlaceName]:
    """Names by their text, the primary one first."""
    language = _text(columns.language, row) or None
    if language is not None and not _LANGUAGE.fullmatch(language):
        message = f'"{language[:40]}" is not a language code such as ar or ckb'
        raise _Unfit(message)
    found: dict[str, PlaceName] = {}
    for names in (columns.name, *columns.other_names):
        is_primary = names is columns.name
        kind = NameKind.PRIMARY if is_primary else NameKind(names.kind)
        for text in _split(names, row):
            if len(text) > _LONGEST_TEXT:
                message = f"the name {text[:40]!r}... is longer than {_LONGEST_TEXT} characters"
                raise _Unfit(message)
            if not spelling.key(text):
                message = f'the name "{text}" has no letter or digit'
                raise _Unfit(message)
            known_as = kind if not found or not is_primary else NameKind.ALTERNATE
            found.setdefault(text, PlaceName(text, known_as, names.language or language))
        if is_primary and not found:
            message = "the name is empty"
            raise _Unfit(message)
    return found


def _split(names: _Names, row: _Row) -> list[str]:
    value = row.cells.get(names.column)
    if isinstance(value, list | np.ndarray):
        texts = [_value(names.column, _Row(row.where, {names.column: item})) for item in value]
    else:
        texts = [_value(names.column, row)]
    if names.separator is not None:
        # Blanks were squeezed above, so that a tab or line break that separates is a blank by now.
        mark = names.separator.strip() or " "
        texts = [part.strip() for text in texts for part in text.split(mark)]
    return [text for text in texts if text]


def _feature(cell: _Feature, row: _Row) -> str:
    if cell.value is not None:
        return cell.value
    word = _text(cell, row)
    codes = {" ".join(known.split()).casefold(): code for known, code in cell.codes.items()}
    code = codes.get(word.casefold()) or cell.otherwise
    if code is not None:
        return code
    if not cell.codes and _FEATURE.fullmatch(word.upper()):
        return word.upper()
    if cell.codes:
        message = f'the type "{word}" is not among columns.type.codes{_meant(word, cell.codes)}'
    else:
        message = f'the type "{word}" is not a GeoNames class and code such as S.PSTB'
    raise _Unfit(message)


def _note(cell: _Cell | None, row: _Row) -> str:
    text = _text(cell, row)
    if len(text) > _LONGEST_TEXT:
        message = f"the note is longer than {_LONGEST_TEXT} characters"
        raise _Unfit(message)
    return text


_THOUSANDS: Final = re.compile(r"[0-9]{1,3}(?:[ .,'\u2019][0-9]{3})+")


def _whole(what: str, cell: _Cell | None, row: _Row) -> int | None:
    """A count or a length. As text, "1,234", "1.234" and "1 234" are 1234: nobody counts people in fractions."""
    text = _text(cell, row)
    if not text:
        return None
    written = cell is None or cell.value is not None or isinstance(row.cells.get(cell.column or ""), str)
    grouped = written and _THOUSANDS.fullmatch(text)
    number = float(re.sub(r"[^0-9]", "", text)) if grouped else _number(what, text)
    if not 0 <= number < 2**31:
        message = f"{what} is {text[:40]}"
        raise _Unfit(message)
    return round(number)


_NUMBER: Final = re.compile(r"[+-]?(?:[0-9]+[.,]?[0-9]*|[.,][0-9]+)(?:[eE][+-]?[0-9]{1,2})?")


def _number(what: str, text: str) -> float:
    """A number with a decimal point or comma."""
    if not text:
        message = f"{what} is empty"
        raise _Unfit(message)
    if not _NUMBER.fullmatch(text) or len(text) > 60:
        message = f'{what} "{text[:40]}" is not a number'
        raise _Unfit(message)
    return float(text.replace(",", "."))


# -- where it is -----------------------------------------------------------------------------------------------------


def _shape(columns: _Columns, row: _Row, transformer: pyproj.Transformer | None) -> BaseGeometry:
    if columns.lat is not None and columns.lon is not None:
        lat, lon = _number("the latitude", _value(columns.lat, row)), _number("the longitude", _value(columns.lon, row))
        shape: BaseGeometry = Point(lon, lat)
    elif columns.x is not None and columns.y is not None:
        shape = Point(_number("x", _value(columns.x, row)), _number("y", _value(columns.y, row)))
    elif row.geometry is None or row.geometry.is_empty:
        message = "it has no geometry"
        raise _Unfit(message)
    else:
        shape = shapely.force_2d(row.geometry)
    if transformer is not None:
        shape = shapely.transform(shape, partial(_transformed, transformer))
    west, south, east, north = shape.bounds
    if not (-180 <= west <= east <= 180 and -90 <= south <= north <= 90):
        if not isinstance(shape, Point):
            message = "it reaches beyond the globe; does the mapping need crs?"
        elif abs(shape.x) <= 90 and abs(shape.y) <= 180:
            message = f"longitude {shape.x:g}, latitude {shape.y:g} is not on the globe; are the two swapped?"
        else:
            message = f"longitude {shape.x:g}, latitude {shape.y:g} is not on the globe; is it in degrees?"
        raise _Unfit(message)
    if not shape.is_valid:
        shape = shapely.make_valid(shape)
    return shape


def _transformed(transformer: pyproj.Transformer, coordinates: Any) -> Any:
    return np.column_stack(transformer.transform(coordinates[:, 0], coordinates[:, 1]))


def _point(shape: BaseGeometry) -> Point:
    if isinstance(shape, Point):
        return shape
    area = _area(shape)
    return (shape if area is None else area).representative_point()


def _area(shape: BaseGeometry) -> BaseGeometry | None:
    """The polygons of a shape."""
    polygons = [part for part in _parts(shape) if isinstance(part, Polygon) and not part.is_empty]
    if not polygons:
        return None
    return polygons[0] if len(polygons) == 1 else MultiPolygon(polygons)


def _parts(shape: BaseGeometry) -> Iterator[BaseGeometry]:
    if hasattr(shape, "geoms"):
        for part in shape.geoms:
            yield from _parts(part)
    else:
        yield shape


@cache
def _country_tree() -> tuple[list[str], shapely.STRtree]:
    areas = boundaries.country_areas()
    return list(areas), shapely.STRtree([area.polygon for area in areas.values()])


def _countries_at(points: list[Point]) -> list[str | None]:
    """The country that each point lies in; none at sea."""
    if not points:
        return []
    codes, tree = _country_tree()
    found: list[str | None] = [None] * len(points)
    for index, country in zip(*tree.query(points, predicate="within"), strict=True):
        found[index] = codes[country]
    return found


@cache
def _country_codes() -> dict[str, str]:
    """ISO codes by two letters, three letters and English names, folded."""
    table: dict[str, str] = {}
    for code, row in geonamescache.countries().items():
        for word in (row["name"], row["iso3"], code):
            table[spelling.key(word)] = code
    for code, row in country_names().items():
        for word in (*row["names"], row["name"], code):
            table[spelling.key(word)] = code
    return table


def _country(text: str) -> str | None:
    if not text:
        return None
    code = _country_codes().get(spelling.key(text))
    if code is None or code not in country_names():
        names = [row["name"] for row in country_names().values()]
        message = f'the country "{text}" is not known{_meant(text, names)}'
        raise _Unfit(message)
    return code


@cache
def _division_names() -> dict[str, str]:
    """Everyday names of first-order divisions by code."""
    return {place.id.removeprefix("admin1:"): place.name for place in boundaries.places() if _is_division(place)}


def _is_division(place: Place) -> bool:
    return place.id.startswith("admin1:")


@cache
def _division_codes() -> dict[tuple[str, str], set[str]]:
    """Codes of first-order divisions by country and folded name."""
    table: dict[tuple[str, str], set[str]] = {}
    for place in boundaries.places():
        if _is_division(place) and place.admin1_code is not None:
            country = place.admin1_code.split(".")[0]
            for word in (place.admin1_code, place.admin1_code.split(".")[1], *(name.name for name in place.names)):
                table.setdefault((country, spelling.key(word)), set()).add(place.admin1_code)
    return table


def _division(text: str, country: str | None) -> str:
    country = country or text.partition(".")[0].upper()
    codes = _division_codes().get((country, spelling.key(text)), set())
    if len(codes) != 1:
        known = [name for code, name in _division_names().items() if code.startswith(f"{country}.")]
        message = f'the division "{text}" is not known{_meant(text, known)}'
        if codes:
            message = f'the division "{text}" could be {" or ".join(sorted(codes))}'
        raise _Unfit(message)
    return next(iter(codes))
