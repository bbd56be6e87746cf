"""Count how news uses words, for the recogniser of place names: geo/data/words.json.

    python scripts/derive_word_statistics.py CORPORA_FOLDER

CORPORA_FOLDER holds `ner/gmb.txt` (Groningen Meaning Bank, CDLA-Sharing: token TAB tag) and JSONL corpora with `text`.
Only lists of single words with enough counts are written, no text:

common          words that news writes in lower case at least as often as capitalised ("reading", "mobile", "nice")
persons         capitalised words that name a person at least seven times out of ten ("Kirby", "Chelsea")
first_names     the same, standing first in a person's name
organisations   capitalised words that belong to an organisation's name at least seven times out of ten ("Post")
"""

from __future__ import annotations

import json
import re
import sys
from collections import Counter
from pathlib import Path

OUT = Path(__file__).resolve().parents[1] / "geo" / "data" / "words.json"
TEXTS = ("trnews.jsonl", "geowebnews.jsonl", "humset.jsonl")


def main(folder: Path) -> None:
    """Count the corpora in `folder` and write the lists."""
    lower: Counter[str] = Counter()
    capital: Counter[str] = Counter()
    tags: dict[str, Counter[str]] = {"person": Counter(), "organisation": Counter(), "place": Counter()}
    first: Counter[str] = Counter()
    at_start = True
    for line in (folder / "ner" / "gmb.txt").read_text(encoding="utf-8").splitlines():
        token, _, tag = line.partition("\t")
        if not tag:
            at_start = True
            continue
        if token.islower():
            lower[token] += 1
        elif token[:1].isupper() and not (at_start and tag == "O"):
            capital[token.casefold()] += 1
            kind = {"person": "person", "organisation": "organisation", "location": "place", "gpe": "place"}.get(
                tag[2:]
            )
            if kind:
                tags[kind][token] += 1
            if tag == "B-person":
                first[token] += 1
        at_start = token in frozenset(".!?\"'`")
    for name in TEXTS:
        for line in (folder / name).read_text(encoding="utf-8").splitlines():
            lower.update(re.findall(r"(?<![\w-])[a-z]{2,}(?![\w-])", json.loads(line)["text"]))
    seen = {t for counts in tags.values() for t in counts}

    def mostly(kind: str) -> list[str]:
        total = {t: sum(counts[t] for counts in tags.values()) for t in seen}
        return sorted(t for t in seen if tags[kind][t] >= 2 and tags[kind][t] >= 0.7 * total[t])

    persons = set(mostly("person"))
    words = {
        "common": sorted(w for w, n in lower.items() if n >= 3 and n >= capital[w] and w.isascii()),
        "persons": sorted(persons),
        "first_names": sorted(t for t in persons if first[t] >= 2),
        "organisations": mostly("organisation"),
    }
    OUT.write_text(json.dumps(words, ensure_ascii=False, indent=0, sort_keys=True) + "\n", encoding="utf-8")
    print({k: len(v) for k, v in words.items()}, OUT.stat().st_size)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
