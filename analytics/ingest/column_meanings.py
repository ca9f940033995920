"""What the names of columns and the words in them mean, in several languages.

The tables are in data/columns: `words.csv` gives each word its meanings, `fields.csv` says which
meanings together name a field and how strongly, `values.csv` holds words that stand in values.
"""

from __future__ import annotations

import csv
import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

FOLDER = Path(__file__).resolve().parents[2] / "data" / "columns"

NEUTRAL = frozenset({
    "geo", "police", "flag", "number", "id", "name", "code", "description", "date", "time",
    "datetime", "incident", "offense", "ucr", "fbi",
})  # fmt: skip
"""Meanings that a name may have beside those of a field, at little loss."""
FOREIGN = frozenset({
    "person", "weapon", "vehicle", "census", "count", "reason", "mercator", "week", "cross", "sub",
    "domestic",
})  # fmt: skip
"""Meanings that make a column another thing, such as the age of a victim."""
_LOSS = {"neutral": 0.95, "known": 0.8, "unknown": 0.85, "tech": 0.6, "owner": 0.4, "foreign": 0.3}
_LINK = "link"
_GENERAL = (NEUTRAL - {"offense", "incident"}) | {"type", "category"}
_WORD = re.compile(r"[^\W\d_]+|\d+")
_EAST_ASIAN = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
_SHORTEST_PART = 3
_LETTERS = str.maketrans({"ø": "o", "ł": "l", "æ": "ae"})


@cache
def value_words(kind: str) -> frozenset[str]:
    """Words of a kind in values.csv, such as `offense`."""
    return _value_words().get(kind, frozenset())


@cache
def value_kinds(prefix: str) -> Mapping[str, frozenset[str]]:
    """Words of each kind whose name starts with a prefix, such as `shift_`."""
    return {kind: words for kind, words in _value_words().items() if kind.startswith(prefix)}


def words_of(text: str) -> list[str]:
    """The words of a text, in lower case and without accents; East Asian text is one word."""
    return [word for word in _WORD.findall(plain(text)) if word]


def meanings(name: str) -> list[frozenset[str]]:
    """The meanings of each word of a column's name; empty sets are unknown words."""
    found: list[frozenset[str]] = []
    for word in _name_words(name):
        known = _vocabulary().get(word)
        if known is not None:
            found += [known - {_LINK}] if known != {_LINK} else []
        elif not word.isdigit():
            found += _parts(word) or [frozenset()]
    return found


@cache
def name_scores(name: str) -> Mapping[str, float]:
    """How well a column's name names each field, 0 to 1."""
    words = meanings(name)
    scores: dict[str, float] = defaultdict(float)
    for rule in _rules():
        score = rule.score(words)
        scores[rule.field] = max(scores[rule.field], score)
    return {field: score for field, score in scores.items() if score > 0}


def means(name: str, meaning: str) -> bool:
    """Whether a word of a name has a meaning."""
    return any(meaning in word for word in meanings(name))


def is_english(names: Iterable[str]) -> bool:
    """Whether the known words of some names are mostly English."""
    words = [word for name in names for word in _name_words(name) if word in _vocabulary()]
    return 2 * sum(word in _english() for word in words) >= len(words)


@dataclass(frozen=True)
class _Rule:
    """Meanings that together name a field."""

    field: str
    strength: float
    needed: tuple[str, ...]

    def score(self, words: Sequence[frozenset[str]]) -> float:
        left = list(words)
        for meaning in self.needed:
            found = next((word for word in left if meaning in word), None)
            if found is None:
                return 0.0
            left.remove(found)
        score = self.strength
        for word in left:
            score *= _loss(word, frozenset(self.needed))
        return score


def _loss(word: frozenset[str], needed: frozenset[str]) -> float:
    """What is left of a score for a further word; beside one such as code it says whose."""
    if not word:
        return _LOSS["unknown"]
    if word & NEUTRAL or word & needed:
        return _LOSS["neutral"]
    if needed <= _GENERAL:
        return _LOSS["owner"]
    if "tech" in word:
        return _LOSS["tech"]
    return _LOSS["foreign" if word <= FOREIGN else "known"]


def plain(text: str) -> str:
    """A text in lower case and without accents."""
    small = text.casefold().translate(_LETTERS)  # ß becomes ss
    kept = (
        sign for sign in unicodedata.normalize("NFKD", small) if not unicodedata.combining(sign)
    )
    return unicodedata.normalize("NFC", "".join(kept))


def _name_words(name: str) -> list[str]:
    spaced = re.sub(r"([a-z])([A-Z])", r"\1 \2", name)
    spaced = re.sub(r"([A-Z]+)([A-Z][a-z])", r"\1 \2", spaced)
    return words_of(spaced)


@cache
def _parts(word: str) -> list[frozenset[str]]:
    """Meanings of the words that a compound is made of; none if some of it is unknown.

    East Asian names need not be known whole.
    """
    loose = _EAST_ASIAN.search(word) is not None
    best: list[tuple[int, list[frozenset[str]]] | None] = [None] * (len(word) + 1)
    best[0] = (0, [])
    for start in range(len(word)):
        here = best[start]
        if here is None:
            continue
        cost, found = here
        for end in range(start + 1, len(word) + 1):
            part = word[start:end]
            known = _vocabulary().get(part)
            if known is not None and _LINK not in known and (loose or len(part) >= _SHORTEST_PART):
                _keep(best, end, cost + 1, [*found, known])
        for link in ("s", "es", "n", "en"):
            if found and word.startswith(link, start):
                _keep(best, start + len(link), cost + 1, found)
        if loose:
            _keep(best, start + 1, cost + 2, found or [frozenset()])
    last = best[-1]
    return last[1] if last is not None else []


def _keep(
    best: list[tuple[int, list[frozenset[str]]] | None],
    at: int,
    cost: int,
    found: list[frozenset[str]],
) -> None:
    there = best[at]
    if there is None or cost < there[0]:
        best[at] = (cost, found)


def _table(name: str) -> Iterator[dict[str, str]]:
    with (FOLDER / name).open(encoding="utf-8", newline="") as handle:
        yield from csv.DictReader(handle)


@cache
def _vocabulary() -> dict[str, frozenset[str]]:
    found: dict[str, set[str]] = defaultdict(set)
    for row in _table("words.csv"):
        for word in row["words"].split():
            found[plain(word)].add(row["concept"])
    return {word: frozenset(concepts) for word, concepts in found.items()}


@cache
def _english() -> frozenset[str]:
    rows = (row["words"].split() for row in _table("words.csv") if row["language"] == "en")
    return frozenset(word for words in rows for word in words)


@cache
def _rules() -> tuple[_Rule, ...]:
    return tuple(
        _Rule(row["field"], float(row["strength"]), tuple(row["concepts"].split()))
        for row in _table("fields.csv")
    )


@cache
def _value_words() -> dict[str, frozenset[str]]:
    found: dict[str, set[str]] = defaultdict(set)
    for row in _table("values.csv"):
        found[row["kind"]] |= {plain(word) for word in row["words"].split()}
    return {kind: frozenset(words) for kind, words in found.items()}
