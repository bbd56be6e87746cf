"""Second-order divisions: counties, districts, raions, cercles, woredas ... with a point and a radius, no outline.

Each is one line of `data/admin2.tsv.gz`, which `scripts/derive_divisions.py` derives from the names and towns of
GeoNames and the outlines of the counties of the United States. Where no outline is known, the point is the middle of
the division's towns, or the town that it is called after, and the note says so.

Names are those of GeoNames, which tell the kind in fifty languages ("Powiat słupecki", "Caza de Tyr", "Dzhankoyskiy
rayon"). What news in English makes of them ("Tyr district", "Dzhankoi raion") is generated here and marked as variants.
The bare name ("Tyr") belongs to the town wherever there is one.
"""

from __future__ import annotations

import gzip
import re
from collections.abc import Iterator, Sequence
from functools import cache
from typing import Final, NamedTuple

from shapely.geometry import Point

from gazetteer import names as spelling
from gazetteer.model import NameKind, Place, PlaceName
from gazetteer.sources.base import Source, aliases, data_bytes, data_version

CODE_REVISION = 1

FILE: Final = "admin2.tsv.gz"
COLUMNS: Final = ("code", "name", "lon", "lat", "radius_m", "basis", "inhabitants", "bare_is_free",
                          "seat", "seat_id")  # fmt: skip


class Row(NamedTuple):
    """A line of `data/admin2.tsv.gz`."""

    code: str
    """GeoNames codes joined: `US.CA.037`."""
    name: str
    point: Point
    radius_m: int
    basis: str
    """How the point is known: a key of `BASES`."""
    inhabitants: int | None
    """Of its known towns together; null where none is known, or where a town of the same name must come first."""
    bare_is_free: bool
    """No town of the country is called as the division without the word for its kind."""
    seat: str
    """The town that it is called after, if by another name: "Valday" for "Valdayskiy Rayon"; else empty."""
    seat_id: str
    """The GeoNames id of the town that it is called after; empty where there is none."""


BASES: Final = {
    "outline": "Point and radius are those of its outline, inhabitants those of its known towns.",
    "towns": "No boundary known: point, radius and inhabitants are those of its known towns.",
    "seat": "No boundary known: the point is that of the town it is called after, the radius a guess.",
}


@cache
def rows() -> tuple[Row, ...]:
    """All lines, by code."""
    _, *lines = gzip.decompress(data_bytes(FILE)).decode().splitlines()
    return tuple(_row(line.split("\t")) for line in lines)


def _row(cells: list[str]) -> Row:
    code, name, lon, lat, radius, basis, inhabitants, bare_is_free, seat, seat_id = cells
    known = int(inhabitants) if inhabitants else None
    return Row(code, name, Point(float(lon), float(lat)), int(radius), basis, known, bare_is_free == "1", seat, seat_id)


def places() -> Iterator[Place]:
    """All second-order divisions by code."""
    extra, of_towns = aliases("admin2"), aliases("geonames")
    for row in rows():
        country, admin1, _ = row.code.split(".", 2)
        yield Place(
            id=f"admin2:{row.code}",
            name=row.name,
            feature_class="A",
            feature_code="ADM2",
            point=row.point,
            country_code=country,
            admin1_code=f"{country}.{admin1}",
            population=row.inhabitants,
            precision_m=row.radius_m,
            note=BASES[row.basis],
            names=tuple(_names(row, extra.get(row.code, []), of_towns.get(row.seat_id, []))),
        )


def _names(row: Row, curated: list[str], of_seat: list[str]) -> list[PlaceName]:
    """GeoNames' name, curated names, then the generated ones; one for each search key."""
    seats = [row.seat, *of_seat] if row.seat else of_seat
    found: dict[str, PlaceName] = {spelling.key(row.name): PlaceName(row.name, NameKind.PRIMARY)}
    for name in curated:
        found.setdefault(spelling.key(name), PlaceName(name, NameKind.CURATED))
    for name in variants(row.code, row.name, seats, row.bare_is_free):
        found.setdefault(spelling.key(name), PlaceName(name, NameKind.VARIANT))
    return list(found.values())


# -- words for kinds of divisions ------------------------------------------------------------------------------------


def variants(code: str, name: str, seats: Sequence[str] = (), bare_is_free: bool = False) -> list[str]:
    """How news in English may call the division: "Tyr district", and the bare "Tyr" if it is free.

    `seats` are names of the town that it is called after: "Tyre district".
    """
    bare, kind = without_kind(code, name)
    country = code.split(".")[0]
    if country in _KIND_NEVER_DROPPED:
        return [f"County {bare}"] if country == "IE" else []
    generated = [bare] if kind and bare_is_free and country not in _BARE_NEVER_SAID else []
    in_english = kind if kind in _ENGLISH_KINDS else _WORD_OF_KIND.get((country, kind))
    words = in_english or _WORDS.get(country, _USUAL_WORD)
    for stem in seats if seats and country in _ADJECTIVE_FOREIGN else (bare, *seats):
        if not _ENDS_WITH_WORD.search(stem):
            generated += [f"{stem} {word}" for word in words.split(",")]
    return generated


def without_kind(code: str, name: str) -> tuple[str, str]:
    """`name` without the words for its kind, and these words, folded: ("Tyr", "caza") for "Caza de Tyr".

    The name as it is, and "", where it has no such words or nothing would be left that is a name.
    """
    country = code.split(".")[0]
    words = name.split()
    kinds: list[str] = []
    while len(words) > 1:
        kind = _leading_kind(country, words) or _trailing_kind(country, words)
        if not kind:
            break
        kinds.append(kind)
    bare = " ".join(words).strip(" ()")
    if country in _HYPHENATED and not kinds and (match := _HYPHENATED_KIND.fullmatch(bare)):
        bare, kind = match["bare"], match["kind"].casefold()
        kinds = [kind]
    folded = spelling.fold(bare)
    if not kinds or len(folded) < 3 or folded in _NO_NAMES or _NUMBERED.search(bare):
        return name, ""
    return bare, kinds[0]


def _leading_kind(country: str, words: list[str]) -> str:
    """Takes the words for the kind, and "of the" behind them, from the beginning of `words`; "" if there are none."""
    for length in (3, 2, 1):
        kind = spelling.fold(" ".join(words[:length]))
        known = kind in _PREFIXES or kind in _PREFIXES_HERE.get(country, ())
        if len(words) > length and known:
            del words[:length]
            while len(words) > 1 and words[0] in _LINKS:
                del words[0]
            if match := _ELIDED.match(words[0]):
                words[0] = words[0][match.end() :]
            return kind
    return ""


def _trailing_kind(country: str, words: list[str]) -> str:
    for length in (3, 2, 1):
        kind = spelling.fold(" ".join(words[-length:]))
        known = kind in _SUFFIXES or kind in _SUFFIXES_HERE.get(country, ())
        if len(words) > length and known:
            del words[-length:]
            return kind
    return ""


def _list(text: str) -> frozenset[str]:
    return frozenset(word.strip() for word in text.split(","))


_PREFIXES: Final = _list(
    "provincia,provincie,province,department,departement,departamento,distrito,district,partido,municipio,municipiul,"
    "comuna,commune,comune,cercle,caza,qada,qeza i,liwa,markaz,mudiriyat,al mudiriyah,mu tamadiyat,mutusarrifiyat,"
    "shahrestan e,powiat,okres,obshtina,bashkia,komuna,opstina,opcina,gemeente,kabupaten,regierungsbezirk,"
    "politischer bezirk,bezirk,wahlkreis,canton,daira,delegation,srok,amphoe,huyen,thi xa,thanh pho,mukim,daerah,"
    "bahagian,arrondissement,circunscricao,concelho,cidade,nefat,nohiyai,nohiya i,nomos,nomarchia,ward,rayon,raion,"
    "city and borough,borough,city,royal borough,county,degmada,ville,inkhundla,landkreis,kreis,gorodskoy okrug,"
    "administrative zone,ressort,sveitarfelagid,metropolitan city,citta metropolitana,qasabat"
)
_PREFIXES_HERE: Final = {
    "ID": _list("kota"),
    "KH": _list("khan,krong"),
    "LA": _list("muang"),
    "VN": _list("quan"),
    "HR": _list("grad"),
    "RO": _list("oras"),
    "BY": _list("horad"),
}
"""Words that are parts of names elsewhere: Khan Yunis, Kota Kinabalu."""

_SUFFIXES: Final = _list(
    "county,district,raion,rayon,rayonu,rajon,rajonas,municipality,department,prefecture,sub prefecture,province,"
    "governorate,zone,woreda,subregion,cercle,division,kommune,kommun,vald,linn,pagasts,ilcesi,tumani,shahri,audany,"
    "qalasy,jaras,community,sector,constituency,agency,locality,parish,okrug,urban district,urban okrug,"
    "municipal district,autonomous district,barrio,barrio pueblo,regional unit,unit,misto,mis krada,miskrada,kanton,"
    "district municipality,metropolitan municipality,metropolitan district,gorodskoy okrug,"
    "gorodskaya administratsiya,administratsiya,"
    "census area,etrap,etraby,opstina,local municipality,regional council,inkhundla,rural council,nohiyasi,location"
)
_SUFFIXES_HERE: Final = {
    "CN": _list("shi,diqu,zizhizhou,zangzu zizhizhou,county,meng,xian,qu"),
    "JP": _list("shi,gun"),
    "GB": _list("city"),
    "NZ": _list("city"),
    "BY": _list("city"),
    "CD": _list("city"),
    "MN": _list("sum"),
    "TZ": _list("town,urban,rural"),
    "DE": _list("region"),
    "BA": _list("kanton"),
    "CH": _list("region"),
}
_HYPHENATED: Final = frozenset(("JP", "KR", "KP"))
_HYPHENATED_KIND: Final = re.compile(r"(?P<bare>.+)-(?P<kind>shi|gun|kun|si|gu|ku)", re.IGNORECASE)

_LINKS: Final = frozenset(("de", "du", "des", "of", "di", "do", "da", "del", "della", "e", "la", "le", "les", "el"))
"""Between the word for the kind and the name, in small letters: "Province de la Comoé", "Provincia di La Spezia"."""
_ELIDED: Final = re.compile(r"[ld]['’](?=\w)")

_NO_NAMES: Final = _list(
    "north,south,east,west,central,centre,center,northern,southern,eastern,western,north east,north west,south east,"
    "south west,northeast,northwest,southeast,southwest,upper,lower,middle,urban,rural,city,town,capital,"
    "ash shamaliyah,nord,sud,est,ouest,norte,sur,este,oeste,red sea,blue nile,white nile,municipal,metropolitan,the"
)
_NUMBERED: Final = re.compile(r"\d|^[IVX]+$")
_ENDS_WITH_WORD: Final = re.compile(
    r"\b(district|county|province|municipality|zone|city|region|state|division|department|raion|council|community"
    r"|prefecture|governorate|island|islands|area|locality)$",
    re.IGNORECASE,
)

ADJECTIVE_COUNTRIES: Final = frozenset(("BY", "HU", "KG", "KZ", "MD", "PL", "RU", "TJ", "UA"))
"""Where divisions are called by the adjective of their seat: nobody calls one "Valdayskiy"."""
_ADJECTIVE_FOREIGN: Final = frozenset(("HU", "PL"))
"""Where news in English does not use the adjective at all: "Słupca county" for "Powiat słupecki"."""

_BARE_NEVER_SAID: Final = ADJECTIVE_COUNTRIES | frozenset(
    "AR BO BR CL CO CR CU DO EC GT HN JP MX NI PA PE PY SV UY VE".split()
)
"""And where divisions bear the names of persons, which would be found in every text: "Municipio Silva"."""

_KIND_NEVER_DROPPED: Final = frozenset(("US", "PR", "JM", "LC", "VI", "GU", "MP", "CA", "GB", "IE", "FR"))
"""Who says "Orange" for Orange County, or "Yvelines district"? Here GeoNames' names are what news writes."""

_USUAL_WORD: Final = "district"
_ENGLISH_KINDS: Final = _list(
    "county,district,province,municipality,department,prefecture,governorate,zone,woreda,subregion,division,sector,"
    "constituency,agency,locality,parish,city,commune,canton,arrondissement,regional unit,borough,region"
)
"""Kinds that stay when they go behind the name: "Gourma province" for "Province du Gourma"."""
_WORDS: Final = {
    "AL": "municipality", "AM": "municipality", "AO": "municipality", "AR": "department", "AU": "shire",
    "AZ": "district,rayon", "BA": "canton,municipality", "BE": "province", "BF": "province", "BG": "municipality",
    "BI": "commune", "BJ": "commune", "BO": "province", "BR": "municipality", "BY": "district,raion",
    "CD": "territory", "CF": "sub-prefecture", "CI": "region", "CL": "province", "CM": "department,division",
    "CN": "prefecture", "CO": "municipality", "CR": "canton", "CU": "municipality", "CV": "municipality",
    "CY": "municipality", "DE": "region", "DK": "municipality", "DO": "municipality", "DZ": "district",
    "EC": "canton", "EE": "municipality", "ER": "subregion", "ES": "province", "ET": "zone,woreda",
    "FI": "sub-region", "FJ": "province", "GA": "department", "GE": "municipality,district", "GN": "prefecture",
    "GR": "regional unit", "GT": "municipality", "GW": "sector", "HN": "municipality", "HR": "municipality",
    "HT": "arrondissement", "ID": "regency", "IL": "subdistrict", "IR": "county,district", "IS": "municipality",
    "IT": "province", "KG": "district,raion", "KP": "county", "KR": "county", "KZ": "district",
    "LT": "municipality", "LU": "commune", "LV": "parish", "MA": "province", "MD": "district,raion",
    "MK": "municipality", "ML": "cercle,district", "MN": "district,soum", "MX": "municipality",
    "NE": "department", "NG": "local government area,LGA", "NI": "municipality", "NL": "municipality",
    "NO": "municipality", "OM": "wilayat,province", "PE": "province", "PH": "province", "PL": "county",
    "PS": "governorate", "PT": "municipality", "RO": "commune", "RS": "district", "RU": "district,raion",
    "SA": "governorate", "SD": "locality,district", "SE": "municipality", "SN": "department", "SS": "county",
    "SV": "municipality", "TD": "department", "TG": "prefecture", "TN": "delegation", "UA": "district,raion",
    "UY": "municipality", "UZ": "district", "VE": "municipality", "XK": "municipality", "ZA": "municipality",
}  # fmt: skip
"""The words that news in English puts behind the bare name, by country; elsewhere `_USUAL_WORD`."""
_WORD_OF_KIND: Final = {
    ("ID", "kota"): "city",
    ("CN", "shi"): "city,prefecture",
    ("JP", "shi"): "city",
    ("JP", "gun"): "district",
    ("JP", "ku"): "ward",
    ("KR", "si"): "city",
    ("KR", "gu"): "district",
    ("RO", "municipiul"): "municipality",
    ("RO", "oras"): "town",
    ("UZ", "shahri"): "city",
    ("AR", "partido"): "partido",
    ("UA", "miskrada"): "municipality",
    ("UA", "mis krada"): "municipality",
}

SOURCE = Source(
    name="divisions",
    version=f"{CODE_REVISION}-{data_version(FILE, 'aliases.json')}",
    credit_name="GeoNames",
    licence="CC BY 4.0 (GeoNames), public domain (United States Census Bureau)",
    url="https://www.geonames.org/",
    places=places,
)
