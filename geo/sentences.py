"""Cut an article into sentences, and tell the story from the page around it.

Pages bring captions, bylines, teasers of other stories, comment forms and cookie notices along. They stay in the text (all
offsets count from it) but get a `role`, so that nobody takes a teaser for the news.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

from geo.model import Sentence

LONGEST = 2_000
"""Characters after which a sentence without an end is cut at a blank: keeps every later step linear on hostile text."""

_LINE = re.compile(r"[^\n\r\u2028\u2029]+")

_BLOCK = re.compile(r"[^\n\r](?:[^\n\r]|\r?\n(?![ \t]*\r?\n))*")
"""Text up to a blank line."""

_END = re.compile(r"[.!?…。！？؟।]+[\"”’')\]»]*")

# Words that end in a full stop without ending a sentence.
_TITLES = frozenset(
    "mr mrs ms dr prof gen col lt sgt maj capt cmdr cpl pvt adm brig sen rep gov pres rev hon st fr sr jr messrs "
    "det insp supt amb atty pfc spc cdr rear vice vs no nos fig approx est dept assn mt ft".split()
)
_ABBREVIATIONS = frozenset(
    "jan feb mar apr jun jul aug sep sept oct nov dec ala ariz ark calif colo conn del fla ga ill ind kan ky la "
    "md mass mich minn miss mo mont neb nev okla ore pa tenn tex va vt wash wis wyo inc ltd co corp etc al cf e.g "
    "i.e a.m p.m u.s u.k u.n e.u d.c u.a.e mon tue wed thu fri sat sun".split()
)
_STARTERS = frozenset(
    "the a an in on at he she it they we i but and this that these those there his her its their as after when "
    "while however meanwhile two three four several many some no one another police officials".split()
)

_LAST_WORD = re.compile(r"([^\s(\[\"“”‘’']+)$")
_NEXT_WORD = re.compile(r"\s*[\"“”‘’'(\[«]*([^\s.,;:!?]+)")

# Lines after which nothing belongs to the story.
_TAIL = re.compile(
    r"(leave a (reply|comment)|check also|related( (posts?|articles?|stories|news|topics|content|coverage))?|you (may|might) also like|"
    r"(read|see|watch) (also|next)|also read|more (from|on this|stories|news)\b.*|most (read|popular)|trending( now)?|recommended( for you)?|"
    r"comments?( \(\d+\))?|\d+ comments?|post a comment|join the (conversation|discussion)|about the author|tags?:.*|filed under:?.*|"
    r"share this( article| story)?:?|newsletter|sign up (for|to)\b.*|subscribe( (now|to)\b.*)?|what to read next|"
    r"up next|editors?[’'] picks|sponsored( content)?|around the web|fill in your details below.*)\s*:?\s*",
    re.IGNORECASE,
)
# Single lines of page furniture, wherever they stand.
_FURNITURE = re.compile(
    r"(advertisement|ads?|sponsored|(continue|keep) reading.*|read (more|also|full story)\b.*|related:.*|also read:.*|see also:.*|watch:.*|listen:.*|"
    r"(click|tap) here\b.*|follow us\b.*|share( on)? (facebook|twitter|x|whatsapp)\b.*|(facebook|twitter|whatsapp|email|print|share|menu|search|home|log ?in)|"
    r"copyright\b.*|©.*|all rights reserved.*|.*\ball rights reserved\.?|(we|this (web)?site) uses? cookies.*|.*\bcookies?\b.*\b(accept|consent|policy|preferences)\b.*|"
    r"accept (all )?cookies|privacy policy.*|terms of (use|service).*|sign up\b.*|subscribe\b.*|download our app.*|get the latest .*|"
    r"skip to (main )?content|\d+ min(ute)?s? read|breaking news alerts.*|your email address will not be published.*|"
    r"(last )?(updated|published|posted)( on| at)?:? .{0,60}|listen to this article.*|.*\blog in to\b.*|you are commenting using .*|connecting to .*)",
    re.IGNORECASE,
)
_CAPTION = re.compile(
    r"((file )?(photo|picture|image|video|map|graphic|caption)s?\s*[:|(–-].*|.*\((file )?(photo|video|image|picture|graphic|map|source|credit)s?\s*(by)?\s*[:/]?.{0,80}\)\s*|"
    r".*\[(photo|file|image|reuters|afp|ap)\b[^\]]{0,60}\]\s*|(file|handout|archive) (photo|image|picture)\b.*|"
    r".{0,300}\(?(AP Photo|Getty Images|AFP via Getty|Reuters/[A-Z]|EPA-EFE|Handout|Anadolu)\b.{0,80})",
    re.IGNORECASE,
)
_BYLINE = re.compile(
    r"([Bb][Yy] [A-Z]\S+( [A-Z]\S+){0,4}( and [A-Z].{0,60})?(,.{0,60})?|[Ss]ources?:\s.{0,80}|([Rr]eporting|[Ww]riting|[Ee]diting|[Aa]dditional reporting) by\b.*|"
    r".{0,400}\bcontributed to this (report|article|story)\b.*|.{0,200}\breported from\b [A-Z][^.]{0,60}\.?.{0,200}|"
    r"([Ww]ith )?([Rr]eporting|[Ff]iles) (from|by) .{0,80}|[A-Z][\w.]+( [A-Z][\w.]+){1,3},? (is|are) (a|an|the) .{0,60}(correspondent|reporter|editor)s?\b.*)"
)
_SENTENCE_END = re.compile(r"[.!?…。！？؟।:;,][\"”’')\]»]*\s*$|[\"”’]\s*$")


def split(text: str, title: str | None = None) -> tuple[Sentence, ...]:
    """All sentences of `text` in order, each with its paragraph and role. `title`, where known, marks its own line as
    the headline."""
    lines = [(m.start(), m.end()) for m in _LINE.finditer(text) if m.group().strip()]
    if _is_wrapped(text, lines):
        lines = [(m.start(), m.end()) for m in _BLOCK.finditer(text) if m.group().strip()]
    roles = _roles([text[a:b] for a, b in lines], title)
    sentences: list[Sentence] = []
    for paragraph, ((start, end), role) in enumerate(zip(lines, roles, strict=True)):
        sentences.extend(Sentence(a, b, text[a:b], paragraph, role) for a, b in _cut(text, start, end))
    return tuple(sentences)


def _is_wrapped(text: str, lines: list[tuple[int, int]]) -> bool:
    """Are the lines cut at a fixed width, so that only blank lines part paragraphs? Seen by lines that go on in lower
    case right after the line end."""
    going_on = sum(
        text[b:c].count("\n") == 1 and text[c:d].lstrip()[:1].islower() for (_, b), (c, d) in pairwise(lines)
    )
    return len(lines) >= 4 and going_on > 0.25 * len(lines)


def _roles(lines: list[str], title: str | None) -> list[str]:
    roles: list[str] = []
    body_seen, tail = False, False
    wanted = _plain(title) if title else None
    for line in lines:
        stripped = line.strip()
        plain = _plain(stripped)
        if not tail and body_seen and len(stripped) < 60 and _TAIL.fullmatch(stripped):
            tail = True
        if tail:
            roles.append("noise")
        elif wanted and plain == wanted:
            roles.append("headline")
        elif len(stripped) < 400 and _CAPTION.fullmatch(stripped):
            roles.append("caption")
        elif len(stripped) < 200 and _FURNITURE.fullmatch(stripped):
            roles.append("noise")
        elif len(stripped) < 700 and _BYLINE.fullmatch(stripped):
            roles.append("byline")
        elif not _SENTENCE_END.search(stripped):
            words = len(stripped.split())
            if body_seen:
                # A line without a full stop between paragraphs is a link to another story or a sub-heading.
                roles.append("noise" if len(stripped) < 200 else "body")
            elif words >= 4:
                roles.append("headline")
            else:
                roles.append("noise")
            body_seen = body_seen or len(stripped) >= 200
        else:
            roles.append("body")
            body_seen = True
    if not body_seen:  # a text of one line without a full stop is all the story there is
        return [
            "body" if r in ("headline", "noise") and not _FURNITURE.fullmatch(x.strip()) else r
            for r, x in zip(roles, lines, strict=True)
        ]
    return roles


def _plain(text: str) -> str:
    return re.sub(r"\W+", " ", text).strip().casefold()


def _cut(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    first = start
    for match in _END.finditer(text, start, end):
        stop = match.end()
        if stop >= end or not _ends(text, first, match.start(), stop, end):
            continue
        yield from _trimmed(text, first, stop)
        first = stop
    yield from _trimmed(text, first, end)


def _ends(text: str, first: int, mark: int, stop: int, end: int) -> bool:
    sign = text[mark]
    if sign in "。！？؟।":
        return True
    if not text[stop].isspace():
        return False
    following = _NEXT_WORD.match(text, stop, min(end, stop + 80))
    if following is None:
        return True
    word = following.group(1)
    if word[0].islower():
        return False
    if sign != "." or stop - mark > 1:
        return True
    before = _LAST_WORD.search(text, max(first, mark - 40), mark)
    last = before.group(1).casefold() if before else ""
    if last in _TITLES:
        return False
    if len(last) == 1 and last.isalpha():  # an initial: "John F. Kennedy"
        return word.casefold() in _STARTERS and last not in "abcdefghijklmnopqrstuvwxyz"
    if last in _ABBREVIATIONS or re.fullmatch(r"(?:[a-z]\.)+[a-z]", last):
        return word.casefold() in _STARTERS
    return True


def _trimmed(text: str, a: int, b: int) -> Iterator[tuple[int, int]]:
    while a < b and text[a].isspace():
        a += 1
    while b > a and text[b - 1].isspace():
        b -= 1
    while b - a > LONGEST:
        cut = text.rfind(" ", a + LONGEST // 2, a + LONGEST)
        cut = cut if cut > 0 else a + LONGEST
        yield a, cut
        a = cut
        while a < b and text[a].isspace():
            a += 1
    if a < b:
        yield a, b
