"""Plain text, pasted or saved by a person: an optional block of front matter, then the article with its headline."""

from __future__ import annotations

import re

from geo.intake.decoding import tidy
from geo.intake.draft import Draft

_FIELDS = {
    "title": "title",
    "headline": "title",
    "published": "published",
    "date": "published",
    "url": "url",
    "link": "url",
    "publisher": "publisher",
    "id": "id",
    "language": "language",
    "lang": "language",
}
_KEY = re.compile(r"([A-Za-z][A-Za-z _-]{0,30}?)[ \t]*:(?:[ \t]+(.*)|)", re.S)
_LONGEST_BLOCK = 60
_SENTENCE_END = re.compile(r"""[.!?…:;,]["'”’»)\]]*$""")
_WORDS = re.compile(r"[^\W\d_]{4,}")


def parse(content: str) -> Draft:
    """The draft of a text file. Front matter stands between two `---` lines at the very beginning, one `Key: value` a
    line (keys in any case; title, published or date, url, publisher, id, language; others are skipped). Without a title
    there, the headline is looked for among the first lines. Offsets count in the text after the front matter."""
    fields, body = front_matter(tidy(content))
    text = tidy(body)
    return Draft(text=text, title=fields.pop("title", "") or headline(text), **fields)


def front_matter(content: str) -> tuple[dict[str, str], str]:
    """The known fields and the rest. A block that is not closed, or holds anything but `Key: value` lines, indented
    continuations and `#` comments, or no key that we know, is no front matter: it stays text."""
    lines = content.split("\n")
    if lines[0].rstrip() != "---":
        return {}, content
    fields: dict[str, str] = {}
    field = ""
    for number, line in enumerate(lines[1 : _LONGEST_BLOCK + 2], start=1):
        if line.rstrip() in ("---", "..."):
            return (fields, "\n".join(lines[number + 1 :])) if fields else ({}, content)
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        if line[0] in " \t":
            if field in fields:
                fields[field] = f"{fields[field]} {line.strip()}".strip()
            continue
        match = _KEY.fullmatch(line)
        if match is None:
            return {}, content
        field = _FIELDS.get(match[1].lower(), "")
        value = _unquoted((match[2] or "").strip())
        if field and field not in fields and value.lower() not in ("null", "~"):
            fields[field] = value
    return {}, content


def _unquoted(value: str) -> str:
    quoted = len(value) >= 2 and value[0] == value[-1] and value[0] in "\"'"
    return value[1:-1].strip() if quoted else value


def headline(text: str) -> str | None:
    """The headline of a pasted page: among the short lines before the first paragraph, the first one whose words the
    article takes up again (a site's name and slogan come back less). None if there is none."""
    lines = [line.strip() for line in text.split("\n")]
    lines = [line for line in lines if line][:40]
    candidates: list[tuple[int, str]] = []
    for number, line in enumerate(lines[:6]):
        if len(line) > 220 or (len(line) > 60 and _SENTENCE_END.search(line)):
            break
        if not _SENTENCE_END.search(line) and len(line.split()) >= 3:
            candidates.append((number, line))
    best: tuple[float, str] | None = None
    for number, line in candidates:
        words = {word.lower() for word in _WORDS.findall(line)}
        rest = {word.lower() for other in lines[number + 1 :] for word in _WORDS.findall(other)}
        taken_up = len(words & rest) / len(words) if words else 0.0
        if taken_up >= 0.4 and (best is None or taken_up > best[0] + 0.25):
            best = (taken_up, line)
    return best[1] if best else None
