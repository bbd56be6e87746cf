"""Codes in words a reader understands: the one place where they are written, for page, method text and feeds."""

from __future__ import annotations

GEO_PRECISION: dict[int, str] = {
    1: "the place itself",
    2: "near the place, within about 25 km",
    3: "somewhere in the district",
    4: "somewhere in the province",
    5: "along a line or in a loosely named area, such as a border or a part of a country",
    6: "somewhere in the country",
    7: "at sea, in the air, or no known place",
}
"""UCDP `where_prec`."""

DATE_PRECISION: dict[int, str] = {
    1: "the day is known",
    2: "within two to six days",
    3: "within a week",
    4: "within a month",
    5: "within a year or longer",
}
"""UCDP `date_prec`."""

DRAWN_AS: dict[str, str] = {
    "pin": "named place",
    "near": "near a named place",
    "area": "somewhere in an area",
    "line": "along a border or line",
    "sea": "at sea",
}

STATUS: dict[str, str] = {
    "confirmed": "confirmed by more than one side",
    "attributed": "reported and attributed to a source",
    "claimed": "claimed by one side",
    "denied": "denied by one side",
    "contested": "accounts contradict each other",
    "retracted": "retracted by its source",
}

STAGE: dict[str, str] = {
    "done": "took place",
    "intercepted": "intercepted",
    "failed": "failed",
    "threatened": "threatened, not carried out",
}
