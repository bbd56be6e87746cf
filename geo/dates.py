"""When things happened: time expressions of an article, each resolved to an interval of local days.

An interval resolver of our own. News writes "Monday", "early Saturday", "a night earlier", "since late 2019"; general
date parsers answer with one invented day or nothing. Here every expression keeps its words, the rule that read it, the
interval it allows and how precise that is (UCDP date_prec 1-5).

How it works: the words of a sentence say which families of patterns can apply at all (months, weekdays, units of time,
years, single words); only those run, inside the sentence. All repetitions in the patterns are bounded, so the time is
linear in the length of the text, whatever the text. Overlaps are settled in favour of the longer expression.

Pure: no clock. What is relative to publication stays open (first = last = None) where the publication date is unknown;
it is never replaced by today's date.
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from geo import numbers
from geo.model import DateMention, Sentence

__all__ = ["combine", "find"]

# --- the alphabet of the patterns -------------------------------------------------------------------------------------

_S = r"\s{1,3}"
_END = r"(?!\w)"

_MONTH_NAMES = tuple(name.lower() for name in calendar.month_name[1:])
_MONTHS = {name[:3]: number for number, name in enumerate(_MONTH_NAMES, start=1)}
_MONTH = (
    r"(?:Jan(?:uary|\.)?|Feb(?:ruary|\.)?|Mar(?:ch|\.)?|Apr(?:il|\.)?|May|June?|July?|Aug(?:ust|\.)?|"
    r"Sep(?:t(?:ember|\.)?|\.)?|Oct(?:ober|\.)?|Nov(?:ember|\.)?|Dec(?:ember|\.)?)(?!\w)"
)
_FULL_MONTH = r"(?:January|February|March|April|May|June|July|August|Sept(?:ember|\.)|October|November|December)(?!\w)"
_DAY = r"(?:0?[1-9]|[12]\d|3[01])(?:st|nd|rd|th)?(?![:.,]?\d)(?!\w)"
_YEAR = r"(?:19|20)\d\d(?![\w,]?\d)(?!\w)"

_WEEKDAYS = {"mon": 0, "tue": 1, "wed": 2, "thu": 3, "fri": 4, "sat": 5, "sun": 6}
_WEEKDAY = r"(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day"
_WEEKDAY_LEAD = (
    rf"(?:(?<!\w)(?:{_WEEKDAY}|(?:Mon|Tues?|Wed|Thurs?|Thu|Fri|Sat|Sun)\.?)(?:,{_S}|{_S}|{_S}?\({_S}?)(?:the{_S})?)?"
)

_TO = rf"(?:{_S}(?:to|and|through|until|till){_S}(?:the{_S})?|\s{{0,2}}[-–—]\s{{0,2}})"
_YEAR_TAIL = (
    rf"(?:(?:,?{_S}|,|,?{_S}of{_S}|-)(?P<y>{_YEAR}|1[5-8]\d\d(?!\w))|"
    rf",?{_S}(?:of{_S})?(?P<yr>last|this|next|that|the{_S}same){_S}year\b)?"
)

_COUNT = (
    rf"(?:(?:a{_S})?(?:few|couple(?:{_S}of)?|several|many|{numbers.WORDS_PATTERN}|\d{{1,4}}(?!\d)|dozen)"
    rf"(?:{_S}and{_S}a{_S}half)?|an?|half{_S}an?|dozens{_S}of|scores{_S}of)"
)
_UNIT = (
    r"(?:seconds?|minutes?|moments?|hours?|days?|nights?|weeks?|weekends?|fortnights?|months?|years?|decades?|"
    r"centur(?:y|ies)|generations?)(?!\w)"
)
_HEDGE = (
    r"(?:more\s{1,2}than|over|nearly|almost|about|around|some|roughly|just|less\s{1,2}than|at\s{1,2}least|only|barely|"
    r"approximately|fewer\s{1,2}than|well\s{1,2}over|up\s{1,2}to)"
)

# Nouns that show that a number before them counts something: "In June 27 people died" names no day.
_COUNTED = (
    r"(?:people|persons?|civilians?|soldiers?|troops|police|policemen|officers|fighters?|militants?|militiamen"
    r"|men|women|"
    r"children|boys|girls|students|workers|refugees|migrants|families|households|others|cases|deaths|homes|houses|"
    r"villages|percent|per{1}\s{1,2}cent|million|billion|thousand|hundred|dozen|kilomet\w{1,4}|km|miles|met(?:er|re)s|"
    r"feet|tons|tonnes|dollars|euros|rockets|missiles|drones|hectares|acres|attacks|incidents|times|prisoners|"
    r"hostages|passengers|victims|vehicles|rounds|shells|more|of)\b"
)
# A day or month that opens a name: "July 15 Martyrs Bridge", "17 November Group".
_NAMED_AFTER = (
    r"(?:Bridge|Street|Square|Avenue|Road|Brigades?|Movement|Stadium|Hospital|Airport|Mosque|School|Revolution|Group|"
    r"University|Boulevard|Battalion|Axis|Camp|District|Column|Front|Organi[sz]ation)\b"
)

_UNIT_DAYS = {"hour": 0, "day": 1, "night": 1, "week": 7, "fortnight": 14}
_PARTS = {
    **dict.fromkeys(("early", "beginning", "start"), (0, 1)),
    **dict.fromkeys(("mid", "middle"), (1, 2)),
    **dict.fromkeys(("late", "end"), (2, 3)),
}
"""Which thirds of a month or year a word means: (from, to)."""
_SEASONS = {"spring": 3, "summer": 6, "autumn": 9, "fall": 9, "winter": 12}


@dataclass(frozen=True, slots=True)
class _Context:
    """What a rule may look at: the text, its sentence, the publication date."""

    text: str
    start: int
    end: int
    published: date | None


_Rule = Callable[[re.Match[str], _Context], DateMention | None]


# --- days -------------------------------------------------------------------------------------------------------------


def _shift(day: date, days: int) -> date:
    """`day` moved by `days`, held inside what a date can be."""
    return date.fromordinal(min(max(day.toordinal() + days, 1), date.max.toordinal()))


def _day(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _month_end(year: int, month: int) -> date:
    return date(year, month, calendar.monthrange(year, month)[1])


def _months_back(day: date, months: int) -> date:
    index = max(day.year * 12 + day.month - 1 - months, 12)
    year, month = divmod(index, 12)
    year = min(year, 9999)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def _breadth(first: date, last: date) -> int:
    """The UCDP precision that fits an interval of this length."""
    days = (last - first).days + 1
    if days <= 1:
        return 1
    if days <= 6:
        return 2
    if days <= 8:
        return 3
    return 4 if days <= 31 else 5


def _part_of_month(year: int, month: int, part: str) -> tuple[date, date]:
    """Thirds of a month: days 1-10, 11-20, 21 to the end."""
    last = _month_end(year, month)
    third = _PARTS.get(part)
    if third is None:
        return date(year, month, 1), last
    return date(year, month, third[0] * 10 + 1), last if third[1] == 3 else date(year, month, third[1] * 10)


def _part_of_year(year: int, part: str) -> tuple[date, date]:
    """Thirds of a year: January-April, May-August, September-December; the start is January-March."""
    if part in ("start", "beginning"):
        return date(year, 1, 1), date(year, 3, 31)
    if part == "end":
        return date(year, 10, 1), date(year, 12, 31)
    third = _PARTS.get(part)
    if third is None:
        return date(year, 1, 1), date(year, 12, 31)
    return date(year, third[0] * 4 + 1, 1), _month_end(year, third[1] * 4)


def _month_number(word: str) -> int:
    return _MONTHS[word[:3].lower()]


def _day_number(word: str) -> int:
    return int(word.rstrip("stndrhSTNDRH"))


def _weekday_number(word: str) -> int:
    return _WEEKDAYS[word[:3].lower()]


# --- making mentions --------------------------------------------------------------------------------------------------


def _mention(
    ctx: _Context,
    start: int,
    end: int,
    interval: tuple[date, date] | None,
    precision: int,
    rule: str,
    *,
    anchor: str = "publication",
    offset: tuple[int, int] | None = None,
    use: str = "point",
) -> DateMention:
    first, last = interval if interval is not None else (None, None)
    return DateMention(start, end, ctx.text[start:end], first, last, precision, rule, anchor, offset, use)


def _past(ctx: _Context, interval: tuple[date, date]) -> tuple[date, date]:
    """The interval without its days after publication: what is told has happened."""
    first, last = interval
    if ctx.published is not None and first <= ctx.published < last:
        return first, ctx.published
    return interval


def _since(
    ctx: _Context, start: int, end: int, opening: tuple[date, date] | None, precision: int, rule: str, anchor: str
) -> DateMention:
    """A period from the beginning of `opening` up to publication."""
    interval = opening
    if opening is not None and ctx.published is not None and opening[0] <= ctx.published:
        interval = (opening[0], ctx.published)
        precision = max(precision, _breadth(*interval))
    return _mention(ctx, start, end, interval, precision, "period since: " + rule, anchor=anchor, use="since")


_SAYING = re.compile(
    r"\b(?:said|says|told|announced|reported|confirmed|added|stated|tweeted|wrote|declared|warned|denied|claimed)"
    r"(?:\s{1,3}[\w'’.]{1,20}){0,2}\s{1,3}(?:(?:late|early)\s{1,3})?(?:on\s{1,3})?(?:(?:late|early)\s{1,3})?\Z",
    re.I,
)
_COMING_BEFORE = re.compile(
    r"\b(?:will|shall|(?:is|are|was|were)\s(?:to|due|set|expected|scheduled|slated|planned|supposed|likely)|due"
    r"(?!\sto\b)|"
    r"scheduled|slated|plan(?:s|ned|ning)?|upcoming|expected|ahead\sof|intends?|hopes?)\b",
    re.I,
)
_DONE_BEFORE = re.compile(
    r"\b(?:said|says|told|killed|died|happened|took\splace|occurred|was|were|had|struck|hit|attacked|announced"
    r"|after)\b",
    re.I,
)
_COMING_AFTER = re.compile(
    r"\s{0,3},?\s{0,3}(?:(?:is|are)\s(?:to|due|set|expected|scheduled)|will|shall|deadline|['’]s\s(?:vote"
    r"|election|planned))\b",
    re.I,
)
_COMING_LATER = re.compile(
    r",?(?:\s{1,3}(?!said|says|told|was|were|had|announced)[\w'’-]{1,20}){1,4}\s{1,3}(?:will|(?:is|are)\s(?:to"
    r"|due|set|expected))\b",
    re.I,
)


def _coming(ctx: _Context, start: int, end: int) -> bool:
    """Whether the words around say that the day lies ahead ("will meet on Tuesday", "on Monday will")."""
    before = ctx.text[max(ctx.start, start - 90) : start]
    if _SAYING.search(before):
        return False
    if _COMING_AFTER.match(ctx.text, end, min(ctx.end, end + 40)):
        return True
    if start - ctx.start < 6 and _COMING_LATER.match(ctx.text, end, min(ctx.end, end + 60)):
        return True
    before = re.split(r"[;:“”\"]", before)[-1]
    cues = list(_COMING_BEFORE.finditer(before))
    return bool(cues) and _DONE_BEFORE.search(before, cues[-1].end()) is None


# --- months and days of months ----------------------------------------------------------------------------------------


def _is_month(word: str, *, with_day: bool = True) -> bool:
    """Whether a word is written as a month: "may", "march", "mar", "dec" in small letters are other words."""
    if word[0].isupper():
        return True
    return with_day and len(word) > 3 and word.lower() != "march"


def _resolved_year(
    ctx: _Context, match: re.Match[str], month: int, day: int | None, *, coming: bool
) -> tuple[int | None, str]:
    """The year of a date and how it was reached; None when it cannot be known."""
    groups = match.groupdict()
    if groups.get("y"):
        return int(groups["y"]), "date in full"
    published = ctx.published
    tail = groups.get("yr")
    if tail:
        word = tail.lower()
        if published is None or word not in ("last", "this", "next"):
            return None, f"{word} year"
        return published.year + {"last": -1, "this": 0, "next": 1}[word], f"{word} year"
    if published is None:
        return None, "no year, publication date unknown"
    if coming:
        ahead = _day(published.year, month, day or 28)
        return (published.year if ahead is None or ahead >= published else published.year + 1), "next after publication"
    # A day just after publication is a newspaper's clock, not last year's: time zones, late updates.
    candidate = _day(published.year, month, day or 1) or _day(published.year, month, 28)
    if candidate is not None and candidate <= _shift(published, 1 if day else 0):
        return published.year, "latest not after publication"
    return published.year - 1, "latest not after publication"


def _single_day(match: re.Match[str], ctx: _Context) -> DateMention | None:
    word = match["m"]
    if not _is_month(word):
        return None
    tail = ctx.text[match.end() : match.end() + 24]
    full = match.groupdict().get("y") or match.groupdict().get("yr")
    month, number = _month_number(word), _day_number(match["d"])
    if not full:
        if _FOLLOWED_BY_COUNTED.match(tail) and match.start("d") > match.start("m"):
            return None
        if _FOLLOWED_BY_NAMED.match(tail) or (word.lower() == "may" and _MAY_VERB.match(tail)):
            return None
    start, end = match.span()
    coming = not full and _coming(ctx, start, end)
    year, how = _resolved_year(ctx, match, month, number, coming=coming)
    if year is None:
        if _day(2024, month, number) is None:
            return None
        return _mention(ctx, start, end, None, 1, "day and month, " + how)
    day = _day(year, month, number)
    if day is None:
        # 29 February of a year without one: the latest leap year was meant, or nothing.
        day = _day(year - year % 4, month, number) if not full and year > 4 else None
        if day is None:
            return None
    anchor = "absolute" if match.groupdict().get("y") else "publication"
    ahead = coming or (ctx.published is not None and day > _shift(ctx.published, 1))
    pre = match.groupdict().get("pre")
    if pre and pre.lower().startswith("since") and not ahead:
        return _since(ctx, start, end, (day, day), 1, how, anchor)
    rule = "date in full" if anchor == "absolute" else f"day and month, {how}"
    return _mention(ctx, start, end, (day, day), 1, rule, anchor=anchor, use="future" if ahead else "point")


_FOLLOWED_BY_COUNTED = re.compile(rf"{_S}{_COUNTED}", re.I)
_FOLLOWED_BY_NAMED = re.compile(rf"(?:{_S}[A-Z][\w'’]{{1,14}})?{_S}{_NAMED_AFTER}")
_MAY_VERB = re.compile(
    rf"{_S}(?:have|be|not|also|never|soon|still|well|only|yet|need|seek|face|take|lose|become)\b", re.I
)


def _day_range(match: re.Match[str], ctx: _Context) -> DateMention | None:
    """ "5-8 May", "May 5-8", "from 28 April to 3 May 2020", "April 15, 2018 to March 31, 2023"."""
    word2 = match["m2"] or match["m1"]
    word1 = match["m1"] or match["m2"]
    if not (_is_month(word1) and _is_month(word2)):
        return None
    between = match[0][:7].lower() == "between"
    if match["m1"] and match["m2"] and not between and _BARE_AND.search(match[0]):
        return None
    month1, month2 = _month_number(word1), _month_number(word2)
    day1, day2 = _day_number(match["d1"]), _day_number(match["d2"])
    year2 = int(match["y2"]) if match["y2"] else None
    year1 = int(match["y1"]) if match["y1"] else None
    how = "range of days"
    if year2 is None and year1 is not None:
        year2 = year1 + (month2 < month1)
    if year2 is None:
        if ctx.published is None:
            return _mention(ctx, *match.span(), None, 2, how + ", year unknown")
        coming = _coming(ctx, *match.span())
        last = _day(ctx.published.year, month2, day2)
        year2 = ctx.published.year
        first = _day(year2 - (month1 > month2), month1, day1)
        # A range that ends a little after publication is running; one that ends much later was last year's.
        if not coming and last is not None and (last > _shift(ctx.published, 14) or (first or last) > ctx.published):
            year2 -= 1
    if year1 is None:
        year1 = year2 - (month1 > month2)
    first, last = _day(year1, month1, day1), _day(year2, month2, day2)
    if first is None or last is None or first > last:
        return None
    anchor = "absolute" if match["y2"] or match["y1"] else "publication"
    ahead = ctx.published is not None and first > ctx.published
    return _mention(
        ctx, *match.span(), (first, last), _breadth(first, last), how, anchor=anchor, use="future" if ahead else "point"
    )


_BARE_AND = re.compile(r"\sand\s", re.I)


def _month_range(match: re.Match[str], ctx: _Context) -> DateMention | None:
    if not (match["m1"][0].isupper() and match["m2"][0].isupper()):
        return None
    month1, month2 = _month_number(match["m1"]), _month_number(match["m2"])
    year1 = int(match["y1"]) if match["y1"] else None
    year2 = int(match["y2"]) if match["y2"] else None
    anchor = "absolute" if year2 or year1 else "publication"
    if year2 is None:
        if year1 is not None:
            year2 = year1 + (month2 < month1)
        elif ctx.published is None:
            return _mention(ctx, *match.span(), None, 5, "range of months, year unknown")
        else:
            year2 = (
                ctx.published.year if date(ctx.published.year, month2, 1) <= ctx.published else ctx.published.year - 1
            )
    if year1 is None:
        year1 = year2 - (month1 > month2)
    first, last = date(year1, month1, 1), _month_end(year2, month2)
    if first > last:
        return None
    interval = _past(ctx, (first, last))
    ahead = ctx.published is not None and first > ctx.published
    return _mention(
        ctx, *match.span(), interval, max(4, _breadth(*interval)), "range of months", anchor=anchor,
        use="future" if ahead else "point",
    )  # fmt: skip


_NAMES_OF_PEOPLE = frozenset({"april", "may", "june", "august", "march", "january", "sept."})
_BARE_AFTER = re.compile(rf"{_S}(?:(?:was|is){_S}the|saw|marked|brought)\b")
_CAPITAL_AFTER = re.compile(r"\s{1,3}[A-Z][a-z]")
_ARTICLE_BEFORE = re.compile(r"(?<!\w)(?:an?|the|that|this|its|their|his|her|our)\s{1,3}\Z", re.I)
_SMALL_AFTER = re.compile(r"\s{1,3}(?:\d{1,2}\s{1,3})?[a-z]{3,}")
_DAY_BEFORE = re.compile(r"(?<!\d)\d{1,2}(?:st|nd|rd|th)?\s{1,3}\Z")
_DAY_AFTER = re.compile(r"\s{1,3}\d{1,2}(?!\d)")
_DAY_AFTER_COUNTED = re.compile(rf"{_S}\d{{1,2}}{_S}{_COUNTED}", re.I)
_WEEK_IN = {"first": 0, "second": 1, "third": 2, "fourth": 3, "last": -1, "final": -1}


def _month(match: re.Match[str], ctx: _Context) -> DateMention | None:
    """A month with or without part, preposition and year: "in early March", "since April", "mid-November 2020"."""
    groups = match.groupdict()
    word = match["m"]
    start, end = match.span()
    pre = re.sub(r"\s+", " ", (groups.get("pre") or "")).lower()
    part = re.sub(r"\s+", " ", (groups.get("part") or "")).lower().rstrip("-")
    has_year = bool(groups.get("y") or groups.get("yr"))
    if not _is_month(word, with_day=False):
        return None
    if not (has_year or part) and not _bare_month_is_a_date(match, ctx, pre):
        return None
    if word.isupper() and word == "MAY" and not (pre or part or has_year):
        return None
    if pre in ("in", "on", "during", "for", "of", "from", "by", "until", "till", "before", "after", "throughout",
               "through", "back in", "as of", "around", "to", "into"):  # fmt: skip
        start = match.start("part") if part else match.start("m")
    month = _month_number(word)
    weekish = None
    if part.startswith("the "):
        part = part[4:]
    if part.endswith((" week", " half")):
        weekish, part = part.split()[0], part.split()[1]
    if pre.startswith("since"):
        coming = False
    elif pre in ("last", "next", "this", "this past", "this coming", "the previous"):
        coming = pre in ("next", "this coming")
    else:
        coming = not has_year and _coming(ctx, start, end)
    year, how = _resolved_year(ctx, match, month, None, coming=coming)
    anchor = "absolute" if groups.get("y") else "publication"
    base = 3 if part == "week" else 4
    if year is None:
        use = "since" if pre.startswith("since") else "point"
        return _mention(ctx, start, end, None, base, "month, " + how, use=use)
    if not has_year and ctx.published is not None:
        year = _bare_month_year(ctx.published, month, pre, year, coming)
    if not 1 <= year <= 9999:
        return None
    interval = _part_of_month(year, month, part)
    if weekish and part == "week":
        index = _WEEK_IN.get(weekish, 0)
        first = date(year, month, 1 + 7 * index) if index >= 0 else _shift(_month_end(year, month), -6)
        interval = (first, _shift(first, 6))
    elif weekish:
        middle = date(year, month, 15)
        interval = (
            (date(year, month, 1), middle) if weekish == "first" else (_shift(middle, 1), _month_end(year, month))
        )
    rule = f"month, {how}" if not part else f"part of a month, {how}"
    if pre.startswith("since"):
        return _since(ctx, start, end, interval, base, rule, anchor)
    ahead = coming or (ctx.published is not None and interval[0] > ctx.published)
    return _mention(
        ctx, start, end, interval if ahead else _past(ctx, interval), base, rule, anchor=anchor,
        use="future" if ahead else "point",
    )  # fmt: skip


def _bare_month_year(published: date, month: int, pre: str, year: int, coming: bool) -> int:
    if pre == "last" and month == published.month:
        return published.year - 1
    if pre == "this" and not coming:
        return published.year
    if coming:
        return (
            published.year
            if month > published.month or (month == published.month and pre != "next")
            else published.year + 1
        )
    return year


def _bare_month_is_a_date(match: re.Match[str], ctx: _Context, pre: str) -> bool:
    """Whether a month without day, year or part is a date and no verb and no person ("April told reporters")."""
    word = match["m"]
    end = match.end()
    if _DAY_BEFORE.search(ctx.text, max(ctx.start, match.start("m") - 6), match.start("m")):
        return False
    if _DAY_AFTER.match(ctx.text, end, end + 6) and not _DAY_AFTER_COUNTED.match(ctx.text, end, end + 30):
        return False
    after_capital = _CAPITAL_AFTER.match(ctx.text, end, end + 8)
    if _FOLLOWED_BY_NAMED.match(ctx.text[end : end + 40]):
        return False
    if pre:
        strong = pre in (
            "in",
            "since",
            "last",
            "during",
            "until",
            "till",
            "by",
            "back in",
            "as of",
            "throughout",
            "next",
        )
        if word.lower() in _NAMES_OF_PEOPLE and after_capital:
            return strong and word.lower() != "march"
        if (
            word.lower() in ("may", "march")
            and pre in ("to", "for", "this", "of")
            and _SMALL_AFTER.match(ctx.text, end, end + 30)
        ):
            return pre == "of"
        return (
            pre not in ("to", "into", "for", "from", "around", "before", "after", "of")
            or word.lower() not in ("april", "june", "august")
            or not after_capital
        )
    article = _ARTICLE_BEFORE.search(ctx.text, max(ctx.start, match.start() - 8), match.start())
    if article and _SMALL_AFTER.match(ctx.text, end, end + 30):
        return word.lower() != "march" or bool(_EVENT_NOUN.match(ctx.text, end, end + 40))
    if word.lower() in _NAMES_OF_PEOPLE:
        return bool(_BARE_AFTER.match(ctx.text, end, end + 20))
    return not after_capital or word.lower() in ("july", "november", "february")


_EVENT_WORDS = (
    r"(?:air)?(?:attacks?|strikes?|airstrikes?|bombings?|blasts?|explosions?|raids?|deals?|accords?|agreements?"
    r"|elections?|"
    r"war|invasion|uprising|coup|massacre|protests?|crisis|earthquake|census|budget|killings?|assassinations?"
    r"|shootings?|"
    r"clash(?:es)?|offensives?|ceasefire|truce|revolution|conflict|referendum|genocide|siege|operation|report"
    r"|missile|drone|"
    r"rocket|nuclear|peace|presidential|parliamentary|terrorist|retaliatory|suicide|mass|military|bomb|car"
    r"|floods?|outbreak|"
    r"epidemic|pandemic|constitution|treaty|pact|talks|summit|annexation|intervention|campaign|revolt|battle"
    r"|kidnapping|"
    r"murder|ambush|incident|assault|takeover|withdrawal|hijacking|downing|sinking|fire|crash|disaster|tsunami|"
    r"hurricane|cyclone|drought|World|Summer|Winter|Olympic)"
)
_EVENT_NOUN = re.compile(rf"{_S}(?:[a-z-]{{2,16}}{_S})?{_EVENT_WORDS}\b")


# --- weekdays ---------------------------------------------------------------------------------------------------------

_FEASTS = re.compile(
    r"(?:Black|Good|Easter|Bloody|Palm|Super|Holy|Maundy|Ash|Cyber|Whit|Sheffield|Ruby|Giving|Fat|Freaky)\s{1,2}\Z"
)
_PAPERS = re.compile(
    r"\s{1,2}(?:Times|Telegraph|Mirror|Express|Mail|Herald|Night\s{1,2}(?:Live|Football)|School|Service|Best)\b"
)
_POINTING = re.compile(r"\b(?:on|of|by)\s{1,2}\Z", re.I)


def _last_weekday(published: date, weekday: int) -> date:
    """The last such day on or before publication."""
    return _shift(published, -((published.weekday() - weekday) % 7))


def _weekday(match: re.Match[str], ctx: _Context) -> DateMention | None:
    word = match["w"]
    if not word[0].isupper() or match["s"] or (match["rel"] or "").lower() in ("every", "each"):
        return None
    if _FEASTS.search(ctx.text, max(ctx.start, match.start("w") - 12), match.start("w")):
        return None
    end = match.end()
    if _PAPERS.match(ctx.text, match.end("w"), match.end("w") + 20):
        return None
    start = match.start()
    pre = (match["pre"] or "").lower()
    if pre in ("by", "until", "till", "on", "before", "after"):
        start = match.end("pre") + len(re.match(r"\s*", ctx.text[match.end("pre") : match.end("pre") + 4])[0])  # type: ignore[index]
    rel = re.sub(r"\s+", " ", (match["rel"] or "")).lower()
    week = re.sub(r"\s+", " ", (match["week"] or "")).lower()
    if rel == "that" and not _POINTING.search(ctx.text, max(ctx.start, start - 4), start):
        # "said that Monday ...": a conjunction.
        rel, start = "", match.start("w")
    overnight = "overnight" in ((match["q"] or "").lower(), (match["part"] or "").lower())
    weekday = _weekday_number(word)
    published = ctx.published
    if rel in ("the following", "following", "the next", "that", "the previous") and not (
        rel == "the previous" and not week
    ):
        return _mention(ctx, start, end, None, 1, "weekday, hangs on another event", anchor="event", use="point")
    ahead = rel in ("next", "coming", "this coming") or week.endswith("next week")
    ahead = ahead or (
        rel not in ("last", "past", "this past", "previous", "the previous") and not week and _coming(ctx, start, end)
    )
    use = "future" if ahead else "point"
    if published is None:
        use = "since" if pre == "since" else use
        return _mention(ctx, start, end, None, 2 if overnight else 1, "weekday, publication date unknown", use=use)
    day = _last_weekday(published, weekday)
    rule = "weekday before publication" if day != published else "weekday of publication"
    if week:
        monday = _shift(published, -published.weekday())
        day = _shift(monday, weekday + (-7 if "last" in week else 7 if "next" in week else 0))
        rule = "weekday of " + week.removeprefix("of ").removeprefix("in ")
    elif ahead:
        day = _shift(published, (weekday - published.weekday()) % 7)
        if rel and day == published:
            day = _shift(day, 7)
        rule = "weekday after publication"
    elif rel and rel != "this" and day == published:
        day = _shift(day, -7)
        rule = "last such weekday before publication"
    if pre == "since" and not ahead:
        return _since(ctx, start, end, (day, day), 1, rule, "publication")
    if overnight:
        before = (match["q"] or "").lower() == "overnight"
        rule += ", overnight: two calendar days"
        interval = (_shift(day, -1), day) if before else (day, _shift(day, 1))
        if day == published and not ahead:
            interval = (_shift(day, -1), day)
        return _mention(ctx, start, end, interval, 2, rule, use=use)
    return _mention(ctx, start, end, (day, day), 1, rule, use=use)


def _weekday_range(match: re.Match[str], ctx: _Context) -> DateMention | None:
    one, two = match["w1"], match["w2"]
    if not (one[0].isupper() and two[0].isupper()):
        return None
    joint = match["join"].strip().lower()
    if joint == "and" and (match["pre"] or "").lower() not in ("between", "the night between"):
        return None
    if ctx.published is None:
        return _mention(ctx, *match.span(), None, 2, "range of weekdays, publication date unknown")
    last = _last_weekday(ctx.published, _weekday_number(two))
    ahead = _coming(ctx, *match.span())
    if ahead:
        last = _shift(last, 7)
    first = _shift(last, -((_weekday_number(two) - _weekday_number(one)) % 7))
    return _mention(
        ctx,
        *match.span(),
        (first, last),
        max(2, _breadth(first, last)),
        "range of weekdays",
        use="future" if ahead else "point",
    )


def _weekday_weeks_ago(match: re.Match[str], ctx: _Context) -> DateMention | None:
    count = _count(match["n"])
    if count is None or not match["w"][0].isupper():
        return None
    if ctx.published is None:
        return _mention(ctx, *match.span(), None, 1, "weekday some weeks ago, publication date unknown")
    day = _shift(_last_weekday(ctx.published, _weekday_number(match["w"])), -7 * count[0])
    return _mention(ctx, *match.span(), (day, day), 1, "weekday some weeks before publication")


# --- units: ago, later, last, this, past, for -------------------------------------------------------------------------

_VAGUE_COUNTS = {"few": (2, 6), "several": (3, 9), "many": (5, 20), "dozens": (24, 60), "scores": (40, 100)}


def _count(words: str | None) -> tuple[int, int] | None:
    """Least and most that a count before a unit can mean; None for no number at all."""
    if words is None:
        return (2, 9)
    words = re.sub(r"\s+", " ", words.lower()).removesuffix(" and a half").removesuffix(" of")
    if words.startswith("half a"):
        return (0, 1)
    bare = words.removeprefix("a ").strip()
    if bare in _VAGUE_COUNTS:
        return _VAGUE_COUNTS[bare]
    if bare == "couple":
        return (2, 2)
    if words in ("a", "an"):
        return (1, 1)
    value = numbers.parse(bare)
    return None if value is None or value > 5_000 else (value, value)


def _unit_word(word: str) -> str:
    word = word.lower()
    return "century" if word.startswith("centur") else word.removesuffix("s")


def _span_of_days(count: tuple[int, int], unit: str, hedge: str) -> tuple[int, int]:
    """How many days `count` units are: the exact days for days, a spread that grows with the unit for the rest."""
    low, high = count
    exact = low == high
    if unit in ("second", "minute", "moment"):
        return (0, 0)
    if unit == "hour":
        if low == high and low <= 4:
            return (0, 1)
        return (low // 24, -(-high // 24))
    if unit in ("day", "night"):
        spread = 0 if exact and low < 10 else 1
        days = (low - spread, high + spread)
    elif unit in ("week", "fortnight", "weekend"):
        size = 14 if unit == "fortnight" else 7
        days = (low * size - 3, high * size + 3)
    elif unit == "month":
        days = (low * 30 - 15, high * 31 + 15)
    else:
        size = {"year": 365, "decade": 3652, "century": 36525, "generation": 9131}[unit]
        half = 183 if unit == "year" else size // 2
        days = (low * size - half, high * size + size // 365 // 4 + half)
    if hedge in ("more than", "over", "well over", "at least"):
        days = ((days[0] + days[1]) // 2, days[1] + (days[1] - days[0]) // 2)
    elif hedge in ("less than", "fewer than", "nearly", "almost", "up to"):
        days = (days[0], (days[0] + days[1]) // 2)
    return max(days[0], 0), max(days[1], 0)


_UNIT_SIZE = {
    **dict.fromkeys(("second", "minute", "moment"), 0),
    **dict.fromkeys(("day", "night"), 1),
    **dict.fromkeys(("week", "weekend"), 7),
    "fortnight": 14,
    "year": 365,
    "decade": 3652,
    "generation": 9131,
    "century": 36525,
}
"""Days of a unit; hours and months are counted apart."""
_UNIT_PRECISION = {"second": 1, "minute": 1, "moment": 1, "hour": 2, "day": 1, "night": 2, "week": 3, "fortnight": 3,
                   "weekend": 2, "month": 4, "year": 5, "decade": 5, "century": 5, "generation": 5}  # fmt: skip


def _precision(unit: str, count: tuple[int, int]) -> int:
    precision = _UNIT_PRECISION[unit]
    if unit == "day" and (count[0] != count[1] or count[0] >= 10):
        return 2
    if count[0] == count[1]:
        return precision
    return min(5, precision + 1) if unit in ("week", "month") else precision


def _ago(match: re.Match[str], ctx: _Context) -> DateMention | None:
    unit = _unit_word(match["u"])
    count = _count(match["n"])
    if count is None or (match["n"] is None and not match["u"].lower().endswith("s")):
        return None
    hedge = re.sub(r"\s+", " ", (match["hedge"] or "")).lower()
    precision = _precision(unit, count)
    if ctx.published is None:
        return _mention(ctx, *match.span(), None, precision, "time ago, publication date unknown")
    near, far = _span_of_days(count, unit, hedge)
    interval = (_shift(ctx.published, -far), _shift(ctx.published, -near))
    if unit == "month" and count[0] == count[1] and not hedge:
        middle = _months_back(ctx.published, count[0])
        interval = (_shift(middle, -15), _shift(middle, 15))
    return _mention(ctx, *match.span(), interval, precision, "time before publication")


_ANNIVERSARY_OF = re.compile(
    rf"{_S}(?:the|a|an|his|her|its|their|that)?{_S}?(?:[\w.'’-]{{1,20}}{_S}){{0,3}}?"
    r"(?:killings?|attacks?|bombings?|deaths?|murders?|assassinations?|invasion|war|coup|massacre|uprising|revolution|"
    r"shooting|disaster|earthquake|genocide|tsunami|outbreak|annexation|start|beginning|outbreak|fall|collapse"
    r"|explosion|"
    r"blast|crash|strike|airstrike|genocide|siege)\b",
    re.I,
)


def _later(match: re.Match[str], ctx: _Context) -> DateMention | None:
    """ "two days later", "a night earlier", "hours after": hangs on another event."""
    unit = _unit_word(match["u"])
    if match["n"] is None and not match["u"].lower().endswith("s"):
        return None
    count = _count(match["n"])
    if count is None:
        return None
    direction = match["dir"].lower()
    back = direction.startswith(("earlier", "before", "prior", "previous"))
    hedge = re.sub(r"\s+", " ", (match["hedge"] or "")).lower()
    low, high = _span_of_days(count, unit, hedge)
    precision = _precision(unit, count)
    if unit == "hour":
        low, precision = (0, 2) if match["n"] is None else (low, 2)
        high = 1 if match["n"] is None else max(high, 1)
    if unit == "night":
        low, high = (low - 1, high) if back else (low, high)
    if unit in ("day", "week") and match["n"] is None:
        low, high = (2, 6) if unit == "day" else (7, 42)
    if (
        unit == "year"
        and direction == "after"
        and match["n"] is not None
        and _ANNIVERSARY_OF.match(ctx.text, match.end(), match.end() + 90)
    ):
        interval = None
        if ctx.published is not None:
            interval = (_shift(ctx.published, -high), _shift(ctx.published, -low))
        return _mention(ctx, *match.span(), interval, 5, "years after an older event", use="anniversary")
    offset = (-high, -low) if back else (low, high)
    rule = f"{'before' if back else 'after'} another event"
    return _mention(ctx, *match.span(), None, precision, rule, anchor="event", offset=offset)


_THE_UNIT_OFFSETS: dict[str, dict[str, tuple[int, int]]] = {
    "same": {"day": (0, 0), "night": (0, 1), "week": (-6, 6), "month": (-30, 30), "year": (-365, 365)},
    "next": {"day": (1, 1), "night": (1, 2), "week": (1, 13), "month": (1, 61), "year": (1, 730)},
    "previous": {"day": (-1, -1), "night": (-1, 0), "week": (-13, -1), "month": (-61, -1), "year": (-730, -1)},
}


def _the_unit(match: re.Match[str], ctx: _Context) -> DateMention | None:
    """ "the night before", "the following day", "the same day", "later that night"."""
    groups = match.groupdict()
    relation = re.sub(r"\s+", " ", groups.get("rel") or groups.get("rel2") or "").lower()
    unit = match["u"].lower()
    part = unit if unit in ("morning", "afternoon", "evening", "dawn") else None
    table_unit = "day" if part else "night" if unit == "night" else unit
    key = {"following": "next", "next": "next", "after": "next", "previous": "previous", "before": "previous",
           "preceding": "previous", "prior": "previous", "earlier": "previous"}.get(relation, "same")  # fmt: skip
    offset = _THE_UNIT_OFFSETS[key][table_unit]
    if key == "previous" and unit == "evening":
        offset = (-1, -1)
    if relation in ("before", "after") and table_unit == "week":
        offset = (-13, -1) if relation == "before" else (1, 13)
    precision = {"day": 1, "night": 2 if offset[0] != offset[1] else 1, "week": 3, "month": 4, "year": 5}[table_unit]
    rule = {"next": "after another event", "previous": "before another event", "same": "same time as another event"}[
        key
    ]
    return _mention(ctx, *match.span(), None, precision, rule, anchor="event", offset=offset)


def _next_unit(match: re.Match[str], ctx: _Context) -> DateMention | None:
    """ "the next day", "the next week"; without the article "next week" is counted from publication, elsewhere."""
    if (
        match["rel"].lower() == "next"
        and match["u"].lower() in ("week", "month", "year")
        and match[0][:3].lower() != "the"
    ):
        return None
    return _the_unit(match, ctx)


def _days_around(match: re.Match[str], ctx: _Context) -> DateMention | None:
    """ "in the days after", "the weeks before": a stretch next to another event."""
    unit = _unit_word(match["u"])
    most = {"hour": 1, "day": 6, "week": 42, "month": 183, "year": 1826}.get(unit)
    if most is None:
        return None
    back = match["dir"].lower().startswith(("before", "lead", "prior", "preced", "up"))
    least = 0 if unit == "hour" else 1
    offset = (-most, -least) if back else (least, most)
    precision = {"hour": 2, "day": 2, "week": 4, "month": 5, "year": 5}[unit]
    return _mention(
        ctx,
        *match.span(),
        None,
        precision,
        f"stretch {'before' if back else 'after'} another event",
        anchor="event",
        offset=offset,
    )


def _part_of_day(published: date, word: str, relation: str) -> tuple[tuple[date, date], int]:
    if relation == "last" or relation == "past":
        if word == "night":
            return (_shift(published, -1), published), 2
        return (_shift(published, -1), _shift(published, -1)), 1
    return (published, published), 1


def _relative_unit(match: re.Match[str], ctx: _Context) -> DateMention | None:
    """ "last month", "this week", "earlier this year", "the start of last year", "next week", "last summer"."""
    relation = re.sub(r"\s+", " ", match["rel"]).lower().removeprefix("the ")
    unit = match["u"].lower()
    start, end = match.span()
    if relation in ("past", "last", "next") and re.match(rf"{_S}of\b", ctx.text[end : end + 6]):
        return None
    quarter = (match["q"] or match["part"] or "").lower()
    quarter = {"earlier": "before", "later": "after"}.get(quarter, quarter)
    pre = re.sub(r"\s+", " ", (match["pre"] or "")).lower()
    since = pre in ("since", "so far")
    if not since and pre:
        start = next(match.start(g) for g in ("part_all", "q", "rel") if match[g] is not None)
    ahead = relation in ("next", "coming") or quarter == "after"
    daytime = unit in ("night", "evening", "morning", "afternoon")
    precision = {"week": 3, "weekend": 2, "month": 4}.get(unit, 5)
    if daytime:
        if relation in ("next", "coming"):
            return None
        precision = 2 if relation in ("last", "past") and unit == "night" else 1
    use = "since" if since else "future" if ahead else "point"
    rule = f"{relation} {unit}"
    if ctx.published is None:
        return _mention(ctx, start, end, None, precision, rule + ", publication date unknown", use=use)
    published = ctx.published
    if daytime:
        interval, precision = _part_of_day(published, unit, relation)
        return _mention(ctx, start, end, interval, precision, rule, use="point")
    step = {"last": -1, "past": -1, "previous": -1, "next": 1, "coming": 1}.get(relation, 0)
    if relation == "this past":
        step = -1
    whole = _unit_interval(published, unit, step)
    if whole is None:
        return None
    interval, first = whole, whole[0]
    if unit == "year" and quarter in _PARTS:
        interval = _part_of_year(first.year, quarter)
    elif unit == "month" and quarter in _PARTS:
        interval = _part_of_month(first.year, first.month, quarter)
    elif unit == "week" and quarter in ("early", "beginning", "start"):
        interval, precision = (first, _shift(first, 2)), 2
    elif unit == "week" and quarter in ("late", "end"):
        interval, precision = (_shift(first, 3), _shift(first, 6)), 2
    elif quarter == "after" and step == 0:
        interval = (published, interval[1])
    first, last = interval
    if step == 0 and not ahead and not since and first <= published and _coming(ctx, start, end):
        return _mention(ctx, start, end, (published, max(last, published)), precision, rule + ", ahead", use="future")
    if since:
        return _since(ctx, start, end, interval, precision, rule, "publication")
    if first > published:
        use = "future"
    return _mention(ctx, start, end, interval if use == "future" else _past(ctx, interval), precision, rule, use=use)


def _unit_interval(published: date, unit: str, step: int) -> tuple[date, date] | None:
    year = published.year + step
    if not 10 < year < 9990:
        return None
    if unit == "week":
        monday = _shift(published, -published.weekday() + 7 * step)
        return monday, _shift(monday, 6)
    if unit == "weekend":
        saturday = _last_weekday(published, 5)
        if step > 0:
            saturday = _shift(saturday, 7)
        elif step < 0 and published.weekday() >= 5:
            saturday = _shift(saturday, -7)
        return saturday, _shift(saturday, 1)
    if unit == "month":
        back = _months_back(date(published.year, published.month, 1), -step)
        return back, _month_end(back.year, back.month)
    if unit == "year":
        return date(year, 1, 1), date(year, 12, 31)
    if unit == "decade":
        decade = (published.year // 10 + step) * 10
        return date(decade, 1, 1), date(decade + 9, 12, 31)
    if unit == "century":
        century = (published.year // 100 + step) * 100
        return date(max(century, 1), 1, 1), date(century + 99, 12, 31)
    if unit == "quarter":
        index = published.year * 4 + (published.month - 1) // 3 + step
        return date(index // 4, index % 4 * 3 + 1, 1), _month_end(index // 4, index % 4 * 3 + 3)
    month = _SEASONS.get(unit)
    if month is None:
        return None
    first, last = _season(published.year, month)
    if step < 0:
        while last >= published:
            first, last = _season(first.year - 1, month)
    elif step > 0:
        while first <= published:
            first, last = _season(first.year + 1, month)
    elif first > published and unit == "winter":
        first, last = _season(published.year - 1, month)
    return first, last


def _season(year: int, month: int) -> tuple[date, date]:
    """The season (northern half of the earth) that begins in `month` of `year`."""
    if month == 12:
        return date(year, 12, 1), _month_end(year + 1, 2)
    return date(year, month, 1), _month_end(year, month + 2)


def _season_of_year(match: re.Match[str], ctx: _Context) -> DateMention | None:
    first, last = _season(int(match["y"]), _SEASONS[match["season"].lower()])
    return _mention(ctx, *match.span(), (first, last), 5, "season of a year (northern hemisphere)", anchor="absolute")


def _past_units(match: re.Match[str], ctx: _Context) -> DateMention | None:
    """ "over the past year", "in the last two weeks", "in recent days", "in the coming weeks"."""
    relation = match["rel"].lower()
    unit = _unit_word(match["u"])
    start, end = match.span()
    if relation in ("last", "next") and match["n"] is None and not re.search(r"\b(?:the|these)\s", match[0], re.I):
        return None
    plural = match["u"].lower().endswith("s")
    if match["n"] is None and not plural and relation in ("next", "coming", "following", "recent"):
        return None
    if re.match(rf"{_S}of\b", ctx.text[end : end + 6]) and relation in ("last", "next", "final") and match["n"] is None:
        return None
    count = _count(match["n"]) if match["n"] or plural else (1, 1)
    if count is None:
        return None
    if match["n"] is None and plural:
        count = {
            "day": (5, 5),
            "week": (6, 6),
            "month": (6, 6),
            "year": (5, 5),
            "decade": (3, 3),
            "hour": (24, 24),
        }.get(unit, count)
    ahead = relation in ("next", "coming", "upcoming", "following")
    most = count[1]
    # Months are counted in the calendar, below.
    days = 0 if unit == "month" else -(-most // 24) if unit == "hour" else most * _UNIT_SIZE[unit]
    precision = (
        4
        if unit == "month" and most == 1
        else 5
        if unit == "month"
        else _breadth(date(2000, 1, 1), _shift(date(2000, 1, 1), days))
    )
    use = "future" if ahead else "since"
    if ctx.published is None:
        return _mention(ctx, start, end, None, precision, f"{relation} {unit}s, publication date unknown", use=use)
    if unit == "month":
        edge = _months_back(ctx.published, -most if ahead else most)
    else:
        edge = _shift(ctx.published, days if ahead else -days)
    interval = (ctx.published, edge) if ahead else (edge, ctx.published)
    return _mention(
        ctx,
        start,
        end,
        interval,
        precision,
        f"{'coming' if ahead else 'past'} {unit}s up to publication" if not ahead else f"coming {unit}s",
        use=use,
    )


def _duration(match: re.Match[str], ctx: _Context) -> DateMention | None:
    if match[0][:3].lower() != "for" and not re.match(rf"{_S}of\b", ctx.text[match.end() : match.end() + 5]):
        # "after three months of attacks", not "after three months".
        return None
    unit = _unit_word(match["u"])
    count = _count(match["n"])
    if count is None or (match["n"] is None and not match["u"].lower().endswith("s")):
        return None
    high = _span_of_days(count, unit, "")[1]
    precision = 1 if high <= 1 else 2 if high <= 6 else 3 if high <= 10 else 4 if high <= 46 else 5
    return _mention(ctx, *match.span(), None, precision, "duration", anchor="event", use="duration")


def _anniversary(match: re.Match[str], ctx: _Context) -> DateMention | None:
    words = match["n"] or match["years"]
    count = numbers.ordinal(words) or numbers.parse(words) if words else None
    if count is None and words:
        count = 1 if words.lower() in ("a", "one") else None
    if ctx.published is None or count is None or count > 500:
        return _mention(ctx, *match.span(), None, 5, "anniversary of an older event", use="anniversary")
    year = ctx.published.year - count
    if year < 1:
        return None
    middle = _day(year, ctx.published.month, ctx.published.day) or date(year, 2, 28)
    # Marked on the day or in the days around it: three days on either side make a week.
    return _mention(
        ctx,
        *match.span(),
        (_shift(middle, -3), _shift(middle, 3)),
        3,
        f"anniversary: {count} years before publication",
        use="anniversary",
    )


# --- single words -----------------------------------------------------------------------------------------------------

_NOT_TONIGHT = re.compile(
    r"\s{1,2}(?:curfews?|stays?|flights?|deliver\w{1,3}|trains?|bus(?:es)?|success|lows?|temperatures?"
    r"|accommodation)\b",
    re.I,
)
_STAY = re.compile(r"\b(?:stay|stays|stayed|staying|sleep|slept|camp|camped|remain|remained)\s{1,2}\Z", re.I)


def _word(match: re.Match[str], ctx: _Context) -> DateMention | None:
    start, end = match.span()
    word = re.sub(r"\s+", " ", match["word"]).lower()
    if word == "today" and ctx.text[end : end + 2] in ("'s", "’s"):
        return None
    if word == "overnight":
        if _NOT_TONIGHT.match(ctx.text, end, end + 24) or _STAY.search(ctx.text, max(ctx.start, start - 12), start):
            return None
        interval = None if ctx.published is None else (_shift(ctx.published, -1), ctx.published)
        return _mention(ctx, start, end, interval, 2, "overnight: the night to the day of publication")
    days = {
        "today": 0,
        "tonight": 0,
        "yesterday": -1,
        "tomorrow": 1,
        "day before yesterday": -2,
        "day after tomorrow": 2,
    }[word.removeprefix("the ")]
    use = "future" if days > 0 else "point"
    if ctx.published is None:
        return _mention(ctx, start, end, None, 1, f"{word}, publication date unknown", use=use)
    if days == -1 and (match["part"] or "").lower() == "night":
        return _mention(ctx, start, end, (_shift(ctx.published, -1), ctx.published), 2, "the night before publication")
    day = _shift(ctx.published, days)
    return _mention(ctx, start, end, (day, day), 1, f"{word}, from publication", use=use)


# --- years, decades, numbers ------------------------------------------------------------------------------------------


def _year_adjective(match: re.Match[str], ctx: _Context) -> DateMention | None:
    if _FOLLOWED_BY_COUNTED.match(ctx.text[match.end("y") : match.end("y") + 20]):
        return None
    year = int(match["y"])
    start, end = match.span("y")
    interval = (date(year, 1, 1), date(year, 12, 31))
    if (match["pre"] or "").lower().startswith("since"):
        return _since(ctx, match.start("pre"), end, interval, 5, "year as adjective", "absolute")
    ahead = ctx.published is not None and interval[0] > ctx.published
    return _mention(
        ctx,
        start,
        end,
        interval if ahead else _past(ctx, interval),
        5,
        "year as adjective",
        anchor="absolute",
        use="future" if ahead else "point",
    )


def _year(match: re.Match[str], ctx: _Context) -> DateMention | None:
    """ "in 2020", "since late 2019", "mid-2019", "the end of 2018", "by 2030"."""
    counted = _FOLLOWED_BY_COUNTED.match(ctx.text[match.end("y") : match.end("y") + 20])
    if counted and (match["pre"] or "").lower() not in ("in", "since", "during"):
        return None
    year = int(match["y"])
    pre = re.sub(r"\s+", " ", (match["pre"] or "")).lower()
    part = re.sub(r"\s+", " ", (match["part"] or "")).lower().rstrip("-").removeprefix("the ")
    if not pre and not part:
        return None
    start = match.start("part") if part else match.start("y")
    interval = _part_of_year(year, part)
    if part.endswith("half"):
        interval = (
            (date(year, 1, 1), date(year, 6, 30))
            if part.startswith("first")
            else (date(year, 7, 1), date(year, 12, 31))
        )
    elif part.endswith("quarter"):
        index = {"first": 0, "second": 1, "third": 2, "fourth": 3, "last": 3, "final": 3}[part.split()[0]]
        interval = (date(year, 3 * index + 1, 1), _month_end(year, 3 * index + 3))
    rule = "part of a year" if part else "year"
    if pre.startswith("since"):
        return _since(ctx, match.start("pre"), match.end(), interval, 5, rule, "absolute")
    ahead = ctx.published is not None and interval[0] > ctx.published
    return _mention(
        ctx,
        start,
        match.end(),
        interval if ahead else _past(ctx, interval),
        5,
        rule,
        anchor="absolute",
        use="future" if ahead else "point",
    )


def _year_range(match: re.Match[str], ctx: _Context) -> DateMention | None:
    year1 = int(match["y1"])
    tail = match["y2"]
    year2 = int(tail) if len(tail) == 4 else year1 - year1 % 100 + int(tail)
    if not year1 < year2 <= year1 + 150:
        return None
    if not match["pre"] and (
        match["join"].strip() == "and" or match["join"].strip() in ("to", "until", "till", "through")
    ):
        return None
    interval = _past(ctx, (date(year1, 1, 1), date(year2, 12, 31)))
    return _mention(ctx, *match.span(), interval, 5, "range of years", anchor="absolute")


def _decade(match: re.Match[str], ctx: _Context) -> DateMention | None:
    first = int(match["y"])
    if first % 10:
        return None
    part = (match["part"] or "").lower().rstrip("-")
    years = {"early": (0, 3), "mid": (4, 6), "late": (7, 9)}.get(part, (0, 9))
    interval = _past(ctx, (date(first + years[0], 1, 1), date(first + years[1], 12, 31)))
    if (match["pre"] or "").lower() == "since":
        return _since(ctx, *match.span(), interval, 5, "decade", "absolute")
    start = match.start() + (3 if match[0][:3].lower() == "in " else 0)
    return _mention(ctx, start, match.end(), interval, 5, "decade", anchor="absolute")


def _iso(match: re.Match[str], ctx: _Context) -> DateMention | None:
    day = _day(int(match["y"]), int(match["mo"]), int(match["d"]))
    if day is None:
        return None
    ahead = ctx.published is not None and day > _shift(ctx.published, 1)
    return _mention(
        ctx, *match.span(), (day, day), 1, "date in full", anchor="absolute", use="future" if ahead else "point"
    )


def _slashed(match: re.Match[str], ctx: _Context) -> DateMention | None:
    one, two, year = int(match["a"]), int(match["b"]), int(match["y"])
    readings = [d for d in (_day(year, two, one), _day(year, one, two)) if d is not None]
    if not readings:
        return None
    first, last = min(readings), max(readings)
    if first == last or match["sep"] == ".":
        day = readings[0]
        return _mention(ctx, *match.span(), (day, day), 1, "date in full", anchor="absolute")
    rule = "day/month or month/day: both readings kept"
    return _mention(ctx, *match.span(), (first, last), _breadth(first, last), rule, anchor="absolute")


# --- the families -----------------------------------------------------------------------------------------------------


def _compile(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.IGNORECASE)


_PRE_MONTH = (
    r"since(?:\s{1,2}at\s{1,2}least)?|by|until|till|before|after|through|throughout|in|on|during|last|next|this"
    r"(?:\s{1,2}past)?|"
    r"of|from|for|back\s{1,2}in|as\s{1,2}of|around|to|into|the\s{1,2}previous"
)
_PART_OF_MONTH = (
    rf"(?:(?:early|mid|late)(?:\s{{1,2}}in)?(?:{_S}|-)|(?:the{_S})?(?:beginning|start|end|middle){_S}of{_S}|"
    rf"(?:the{_S})?(?:first|second|third|fourth|last|final){_S}(?:week|half){_S}(?:of|in){_S})"
)
_PART_GROUP = (
    rf"(?:(?:the{_S})?(?P<part>(?:early|mid|late|beginning|start|end|middle|"
    rf"(?:first|second|third|fourth|last|final){_S}(?:week|half)))(?:{_S}(?:of|in))?(?:{_S}|-))"
)
_AND_DAY_ENDS = (
    r"(?=\s{0,2}(?:[,.;:)\]”\"’]|\Z)|"
    r"\s{1,3}(?:in|at|near|when|but|after|before|while|by|against|were|was|which|that|of|and)\b)"
)
_SEASON = r"(?:spring|summer|autumn|fall|winter)"


def _day_range_month_first(match: re.Match[str], ctx: _Context) -> DateMention | None:
    """The same as `_day_range` where the second day may come without its month."""
    if match["d2"] is not None:
        return _day_range(match, ctx)
    rebuilt = _ONE_MONTH_RANGE.match(ctx.text, match.start(), match.end())
    return _day_range(rebuilt, ctx) if rebuilt is not None else None


_ONE_MONTH_RANGE = _compile(
    rf"(?:(?:between|from){_S})?(?P<m1>{_MONTH}){_S}(?P<d1>{_DAY})(?:,?{_S}(?P<y1>{_YEAR}))?{_TO}(?P<d2>{_DAY})"
    rf"(?P<m2>(?!))?(?:,?{_S}(?P<y2>{_YEAR}))?"
)


def _month_if_full(match: re.Match[str], ctx: _Context) -> DateMention | None:
    """Short month names ("Jan", "Mar") stand for a month only beside a year."""
    full = match["y"] or match["yr"] or len(match["m"].rstrip(".")) > 3 or match["m"].lower() == "may"
    return _month(match, ctx) if full else None


_FAMILIES: dict[str, tuple[tuple[re.Pattern[str], _Rule], ...]] = {
    "month": (
        (
            _compile(
                rf"(?<![\w.,-])(?:(?:between|from){_S}(?:the{_S})?)?(?P<d1>{_DAY})(?:{_S}(?:of{_S})?"
                rf"(?P<m1>{_MONTH})(?:,?{_S}(?P<y1>{_YEAR}))?)?"
                rf"{_TO}(?P<d2>{_DAY})(?:{_S}|-)(?:of{_S})?(?P<m2>{_MONTH})(?:,?{_S}(?P<y2>{_YEAR}))?"
            ),
            _day_range,
        ),
        (
            _compile(
                rf"(?<!\w)(?:(?:between|from){_S})?(?P<m1>{_MONTH}){_S}(?P<d1>{_DAY})(?:,?{_S}(?P<y1>{_YEAR}))?"
                rf"(?:{_TO}(?P<m2>{_MONTH}){_S}(?P<d2>{_DAY})|\s{{0,2}}[-–—]\s{{0,2}}{_DAY}(?!-?\w)"
                rf"|{_TO}{_DAY}{_AND_DAY_ENDS})(?:,?{_S}(?P<y2>{_YEAR}))?"
            ),
            _day_range_month_first,
        ),
        (
            _compile(
                rf"(?<![\w.,-])(?:(?P<pre>since){_S})?{_WEEKDAY_LEAD}(?P<d>{_DAY})(?:{_S}(?:day{_S})?(?:of{_S})?"
                rf"|-)(?P<m>{_MONTH}){_YEAR_TAIL}"
            ),
            _single_day,
        ),
        (
            _compile(
                rf"(?<!\w)(?:(?P<pre>since){_S})?{_WEEKDAY_LEAD}(?P<m>{_MONTH}){_S}(?:the{_S})?(?P<d>{_DAY}){_YEAR_TAIL}"
            ),
            _single_day,
        ),
        (
            _compile(
                rf"(?<!\w)(?:(?:between|from){_S})?(?P<m1>{_FULL_MONTH})(?:,?{_S}(?P<y1>{_YEAR}))?{_TO}"
                rf"(?P<m2>{_FULL_MONTH})(?:,?{_S}(?P<y2>{_YEAR}))?"
                rf"(?!{_S}\d{{1,2}}(?!\d))"
            ),
            _month_range,
        ),
        (_compile(rf"(?<!\w)(?:(?P<pre>{_PRE_MONTH}){_S})?{_PART_GROUP}(?P<m>{_FULL_MONTH}){_YEAR_TAIL}"), _month),
        (_compile(rf"(?<!\w)(?:(?P<pre>{_PRE_MONTH}){_S})?(?P<m>{_MONTH}){_YEAR_TAIL}"), _month_if_full),
    ),
    "weekday": (
        (
            _compile(
                rf"(?<!\w)(?:(?P<pre>between|from|overnight(?:{_S}(?:from|on))?|the{_S}night{_S}(?:of|from"
                rf"|between)){_S})?(?P<w1>{_WEEKDAY})"
                rf"(?:{_S}(?:night|evening|morning))?(?P<join>{_S}(?:to|and|through|into|until){_S}"
                rf"|\s{{0,2}}[-–—]\s{{0,2}})(?:early{_S})?"
                rf"(?P<w2>{_WEEKDAY})(?:{_S}(?:night|evening|morning))?{_END}"
            ),
            _weekday_range,
        ),
        (
            _compile(
                rf"(?<!\w)(?P<n>an?|{numbers.WORDS_PATTERN}){_S}weeks?{_S}ago,?{_S}(?:on{_S})?(?P<w>{_WEEKDAY}){_END}"
            ),
            _weekday_weeks_ago,
        ),
        (
            _compile(
                rf"(?<!\w)(?:(?P<pre>since|by|until|till){_S})?(?:(?P<q>early|late|overnight)(?:{_S}(?:on"
                rf"|in{_S}the{_S}day{_S}on))?{_S})?"
                rf"(?:(?P<rel>last|next|this(?:{_S}(?:past|coming))?|the{_S}(?:previous|following|next)|that"
                rf"|every|each|past|previous|following|coming){_S})?"
                rf"(?P<w>{_WEEKDAY})(?P<s>s(?!\w))?{_END}(?:['’]s{_END})?(?:{_S}(?P<part>morning|afternoon"
                rf"|evening|night|overnight){_END})?"
                rf"(?:,?{_S}(?P<week>(?:of{_S}|in{_S})?(?:last|this|next){_S}week){_END})?"
            ),
            _weekday,
        ),
    ),
    "unit": (
        (_compile(rf"(?<![\w-])(?:(?P<hedge>{_HEDGE}){_S})?(?:(?P<n>{_COUNT}){_S})?(?P<u>{_UNIT}){_S}ago{_END}"), _ago),
        (
            _compile(
                rf"(?<![\w-])(?:(?P<hedge>{_HEDGE}){_S})?(?:(?P<n>{_COUNT}){_S})?(?P<u>{_UNIT}){_S}"
                rf"(?P<dir>later|earlier|after(?:wards?)?|before(?:hand)?|prior|previously){_END}"
            ),
            _later,
        ),
        (
            _compile(
                rf"(?<!\w)(?:(?:earlier|later|late|early){_S})?(?:the{_S}|that{_S}(?!same))?(?P<rel>next"
                rf"|following|previous|preceding|prior|same){_S}"
                rf"(?P<u>day|night|morning|afternoon|evening|week|month|year){_END}"
            ),
            _next_unit,
        ),
        (
            _compile(
                rf"(?<!\w)the{_S}(?:very{_S})?(?P<u>day|night|morning|evening|week|month|year){_S}"
                rf"(?P<rel>before|after|earlier){_END}"
            ),
            _the_unit,
        ),
        (
            _compile(
                rf"(?<!\w)(?:(?:earlier|later|late|early)(?:{_S}on)?{_S})?that{_S}(?:same{_S}|very{_S})?"
                rf"(?P<u>day|night|morning|afternoon|evening|week|month|year)(?P<rel>){_END}"
            ),
            _the_unit,
        ),
        (
            _compile(rf"(?<!\w)(?:earlier|later)(?:{_S}on)?{_S}in{_S}the{_S}(?P<u>day|night|evening)(?P<rel>){_END}"),
            _the_unit,
        ),
        (
            _compile(
                rf"(?<!\w)in{_S}the{_S}(?P<u>hours|days|weeks|months|years){_S}(?P<dir>after|before|following"
                rf"|that{_S}followed|since|leading{_S}up|prior|preceding|up{_S}to){_END}"
            ),
            _days_around,
        ),
        (
            _compile(
                rf"(?<!\w)(?:(?P<pre>since|so{_S}far|by|until|till|in|during|over|before){_S})?(?P<part_all>"
                rf"(?:the{_S})?(?P<part>beginning|start|end|middle){_S}of{_S})?"
                rf"(?:(?P<q>early|earlier|late|later|mid)(?:{_S}(?:in{_S})?|-))?(?P<rel>last|this(?:{_S}past)?"
                rf"|next|past|coming){_S}"
                rf"(?P<u>night|evening|morning|afternoon|week|weekend|month|year|decade|century|quarter|spring"
                rf"|summer|autumn|fall|winter){_END}"
            ),
            _relative_unit,
        ),
        (
            _compile(
                rf"(?<!\w)(?P<q>earlier|later|late|early){_S}in{_S}(?P<rel>the){_S}(?P<u>week|month|year)"
                rf"(?P<pre>)(?P<part>)(?P<part_all>){_END}"
            ),
            _relative_unit,
        ),
        (
            _compile(
                rf"(?<!\w)(?P<pre>)(?P<part>)(?P<part_all>)(?P<q>)(?:over|at){_S}(?P<rel>the){_S}(?P<u>weekend){_END}"
            ),
            _relative_unit,
        ),
        (
            _compile(
                rf"(?<!\w)(?:over|in|during|within|for|throughout|from){_S}(?:the{_S}|these{_S})?(?P<rel>past"
                rf"|last|previous|recent|next|coming|upcoming|following){_S}"
                rf"(?:(?P<n>{_COUNT}){_S})?(?P<u>{_UNIT})"
            ),
            _past_units,
        ),
        (
            _compile(
                rf"(?<!\w)(?:the{_S})?(?P<rel>past|last|recent|next|coming|upcoming){_S}(?:(?P<n>(?:a{_S})?"
                rf"(?:few|couple{_S}of|several|{numbers.WORDS_PATTERN}|\d{{1,3}})){_S})"
                rf"(?P<u>{_UNIT})"
            ),
            _past_units,
        ),
        (
            _compile(
                rf"(?<!\w)(?:for|after|during|amid|following|despite){_S}(?:(?P<hedge>{_HEDGE}){_S})?(?:"
                rf"(?P<n>{_COUNT}){_S})?(?P<u>{_UNIT})"
                rf"(?!{_S}(?:ago|later|earlier|after|before|old))"
            ),
            _duration,
        ),
        (
            _compile(
                rf"(?<!\w)(?:(?:the|its|a|their|her|his){_S})?(?:(?P<n>{numbers.ORDINAL_PATTERN}|"
                rf"(?P<years>{numbers.WORDS_PATTERN}|\d{{1,3}})[- ]years?){_S})?"
                rf"(?:grim{_S}|bleak{_S}|sombre{_S})?anniversary(?:{_S}of)?{_END}"
            ),
            _anniversary,
        ),
        (
            _compile(
                rf"(?<!\w)(?:(?:early|mid|late)[- ])?(?:the{_S})?(?P<season>{_SEASON})(?:{_S}of)?{_S}(?P<y>{_YEAR})"
            ),
            _season_of_year,
        ),
    ),
    "word": (
        (
            _compile(
                rf"(?<!\w)(?:(?:earlier|later|late|early){_S})?(?P<word>(?:the{_S})?day{_S}"
                rf"(?:before{_S}yesterday|after{_S}tomorrow)|today|yesterday|tonight|tomorrow|overnight){_END}"
                rf"(?:{_S}(?P<part>morning|afternoon|evening|night){_END})?"
            ),
            _word,
        ),
    ),
    "year": (
        (
            _compile(
                r"(?<![\w./-])(?P<y>(?:19|20)\d\d)[-/.](?P<mo>0?[1-9]|1[0-2])[-/.](?P<d>0?[1-9]|[12]\d|3[01])(?![\w/-])"
            ),
            _iso,
        ),
        (
            _compile(
                r"(?<![\w./-])(?P<a>0?[1-9]|[12]\d|3[01])(?P<sep>[/.-])(?P<b>0?[1-9]|[12]\d|3[01])(?P=sep)"
                r"(?P<y>(?:19|20)\d\d)(?![\w/-])"
            ),
            _slashed,
        ),
        (
            _compile(
                rf"(?<![\w$€£.,/-])(?:(?P<pre>between|from){_S})?(?P<y1>(?:19|20)\d\d)(?P<join>{_S}(?:to|and"
                rf"|until|till|through){_S}|\s{{0,2}}[-–—/]\s{{0,2}})(?P<y2>(?:19|20)\d\d|\d\d)(?![\w/-])"
            ),
            _year_range,
        ),
        (
            _compile(
                rf"(?<!\w)(?:(?P<pre>since){_S}(?:the{_S})?)?(?:the{_S}|in{_S}the{_S})?"
                rf"(?:(?P<part>early|mid|late)[- ])?(?P<y>(?:19|20)\d0)['’]?s{_END}"
            ),
            _decade,
        ),
        (
            _compile(
                rf"(?<![\w$€£])(?:(?P<pre>in|since|by|until|till|before|after|from|during|of|throughout|around"
                rf"|back{_S}in|to|through|year|early{_S}in|late{_S}in){_S})?(?:the{_S})?"
                rf"(?:(?P<part>early|mid|late|beginning|start|end|middle|(?:first|second){_S}half|(?:first"
                rf"|second|third|fourth|last|final){_S}quarter)(?:{_S}(?:of|in))?(?:{_S}|-))?"
                rf"(?P<y>{_YEAR})(?![-/.%]\w)"
            ),
            _year,
        ),
        (
            _compile(
                rf"(?<!\w)(?:(?P<pre>since){_S})?(?:the|an?|its|his|her|their|our|this|that|['’]s|s['’]){_S}"
                rf"(?P<y>{_YEAR})(?={_S}(?!{_COUNTED})[a-z])"
            ),
            _year_adjective,
        ),
        (
            _compile(rf"(?<![\w$€£.,])(?P<pre>)(?P<y>{_YEAR})(?={_S}(?:[a-z-]{{2,16}}{_S})?{_EVENT_WORDS}\b)"),
            _year_adjective,
        ),
    ),
}

_UNIT_NAMES = (
    "second minute moment hour day night week weekend fortnight month year decade generation century morning afternoon "
    "evening spring summer autumn fall winter quarter anniversary"
)
# Which family a word of the sentence calls for.
_CALLS: dict[str, str] = {
    **dict.fromkeys((*_MONTH_NAMES, *_MONTHS, "sept"), "month"),
    **dict.fromkeys((name.lower() for name in calendar.day_name), "weekday"),
    **dict.fromkeys((name + ending for name in _UNIT_NAMES.split() for ending in ("", "s")), "unit"),
    "centuries": "unit",
    **dict.fromkeys(("today", "yesterday", "tonight", "tomorrow", "overnight"), "word"),
}
_WORDS = re.compile(r"[a-z]{3,12}|(?<!\d)(?:19|20)\d\d(?!\d)")


def _families(lowered: str) -> set[str]:
    called = {_CALLS.get(word, "year" if word[0] in "12" else "") for word in _WORDS.findall(lowered)}
    called.discard("")
    return called


def _without_overlaps(found: list[DateMention]) -> Iterable[DateMention]:
    """Of expressions that overlap the longer one; input and output in order of position."""
    kept: list[DateMention] = []
    for mention in found:
        if kept and mention.start < kept[-1].end:
            if mention.end - mention.start > kept[-1].end - kept[-1].start:
                kept[-1] = mention
            continue
        kept.append(mention)
    return kept


def find(text: str, sentences: Sequence[Sentence], published: date | None) -> tuple[DateMention, ...]:
    """The time expressions of `text` inside `sentences` (offsets into `text`), in order of position.

    `published`: the article's publication date; None leaves everything relative open (first = last = None) and
    keeps what carries its own year. Expressions that hang on another event carry `anchor` "event" and, where the words
    give it, an `offset` in days: see `combine`. Never raises on any text; time is linear in its length.
    """
    result: list[DateMention] = []
    for sentence in sentences:
        families = _families(text[sentence.start : sentence.end].lower())
        if not families:
            continue
        ctx = _Context(text, sentence.start, sentence.end, published)
        found = [
            mention
            for family, rules in _FAMILIES.items()
            if family in families
            for pattern, rule in rules
            for match in pattern.finditer(text, sentence.start, sentence.end)
            if (mention := rule(match, ctx)) is not None
        ]
        found.sort(key=lambda mention: (mention.start, mention.start - mention.end))
        result.extend(_without_overlaps(found))
    return tuple(result)


def combine(event_date: tuple[date, date], mention: DateMention) -> tuple[date, date, int]:
    """The days that a mention with `anchor` "event" means, given the days of the event it hangs on.

    `event_date`: first and last possible day of that event. Returns (first, last, UCDP precision 1-5). A mention that
    has days of its own keeps them; one without an offset ("that time") stands for the event's own days.
    """
    if mention.first is not None and mention.last is not None:
        return mention.first, mention.last, mention.precision
    low, high = mention.offset if mention.offset is not None else (0, 0)
    first, last = _shift(event_date[0], low), _shift(event_date[1], high)
    return first, last, max(_breadth(first, last), 1)
