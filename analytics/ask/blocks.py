"""Blocks and intersections of the data, by the words of an address.

Agencies write a block as `004XX W MADISON ST`, `400 BLOCK OF W MADISON ST` or two crossing streets.
An address such as "412 West Madison Street" is on the block of its hundred.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from math import cos, hypot, radians

import polars as pl

from analytics.areas.place_frame import METERS_PER_DEGREE
from analytics.ask.tokens import singular, words_in
from analytics.crossfilter.clauses import Near

HUNDRED = 100
CROSSING_M = 250
"""Streets whose blocks come nearer than this cross, as far as blocks can tell."""
CROSSING_RADIUS_M = 150
MOST_PAIRS = 250_000
_WORD = re.compile(r"[0-9]+x*|[^\W\d_]+")
_SHORT = {
    "street": "st",
    "avenue": "ave",
    "av": "ave",
    "boulevard": "blvd",
    "road": "rd",
    "drive": "dr",
    "place": "pl",
    "court": "ct",
    "parkway": "pkwy",
    "lane": "ln",
    "terrace": "ter",
    "highway": "hwy",
    "square": "sq",
    "plaza": "plz",
    "north": "n",
    "south": "s",
    "east": "e",
    "west": "w",
    "northeast": "ne",
    "northwest": "nw",
    "southeast": "se",
    "southwest": "sw",
    "saint": "st",
}
SUFFIXES = frozenset(words_in("st ave blvd rd dr pl ct pkwy ln ter hwy sq plz way expy"))
DIRECTIONS = frozenset(words_in("n s e w ne nw se sw"))
_LINKS = frozenset(words_in("block of the at near corner in on and"))
_CROSSING = re.compile(r"\s*(?:&|@|/|\\|\band\b|\bat\b)\s*", re.IGNORECASE)

AddressWords = tuple[str, ...]


@dataclass(frozen=True)
class Block:
    """A block with its incidents; `spellings` are those of the data, which the filter has."""

    name: str
    spellings: tuple[str, ...]
    incidents: int


@dataclass(frozen=True)
class Crossing:
    """Where two streets cross, as far as their blocks can tell."""

    name: str
    near: Near


class Blocks:
    """The blocks of a snapshot, found by the beginnings of their words."""

    def __init__(self, rows: pl.DataFrame) -> None:
        """`rows` are those of ask/blocks.sql, the most frequent first."""
        self._rows = rows = _with_spellings(rows)
        by_word: dict[str, list[int]] = {}
        streets: set[AddressWords] = set()
        for at, name in enumerate(rows["block"]):
            words = address_words(name)
            for word in set(words):
                by_word.setdefault(word, []).append(at)
            streets.add(_street(words))
        self._streets = frozenset(streets)
        self._words = sorted(by_word)
        self._blocks = [by_word[word] for word in self._words]

    def find(self, text: str, most: int) -> list[Block]:
        """Blocks whose words begin with those of a text, the most frequent first."""
        words = address_words(text)
        if all(word.isdecimal() for word in words):
            return []
        found: set[int] | None = None
        for word in words:
            fitting = self._fitting(word)
            found = fitting if found is None else found & fitting
            if not found:
                return []
        return [self._block(at) for at in sorted(found or ())[:most]]

    def has_street(self, name: str) -> bool:
        """Whether blocks are on a street of this name, without its direction and kind."""
        words = address_words(name)
        return bool(words) and _street(words) in self._streets

    def crossing(self, text: str) -> Crossing | None:
        """Where two streets cross, such as `Madison and Pulaski`, by their nearest blocks."""
        names = crossing_names(text)
        if not names:
            return None
        one, other = (self._of_street(name) for name in names)
        if not one or not other or len(one) * len(other) > MOST_PAIRS:
            return None
        return self._nearest(one, other, f"{names[0]} and {names[1]}")

    def _fitting(self, word: str) -> set[int]:
        if word.isdecimal():
            keys = {word, str(int(word) // HUNDRED * HUNDRED)} if len(word) < 9 else {word}
            return {at for key in keys for at in self._exactly(key)}
        first = bisect_left(self._words, word)
        found: set[int] = set()
        for place in range(first, len(self._words)):
            if not self._words[place].startswith(word):
                break
            found.update(self._blocks[place])
        return found

    def _exactly(self, word: str) -> list[int]:
        place = bisect_left(self._words, word)
        known = place < len(self._words) and self._words[place] == word
        return self._blocks[place] if known else []

    def _of_street(self, name: str) -> list[int]:
        """Blocks of a street that its words name, with a place."""
        words = [word for word in address_words(name) if not word.isdecimal()]
        fitting = [set(self._exactly(word)) for word in words]
        found = set.intersection(*fitting) if fitting else set()
        return [at for at in found if self._rows["lat"][at] is not None]

    def _nearest(self, one: Iterable[int], other: Iterable[int], name: str) -> Crossing | None:
        lats, lons = self._rows["lat"].to_list(), self._rows["lon"].to_list()
        ends = list(other)
        pairs = ((_apart(lats[a], lons[a], lats[b], lons[b]), a, b) for a in one for b in ends)
        apart, a, b = min((pair for pair in pairs if pair[1] != pair[2]), default=(1e9, 0, 0))
        if apart > CROSSING_M:
            return None
        near = Near((lats[a] + lats[b]) / 2, (lons[a] + lons[b]) / 2, CROSSING_RADIUS_M)
        return Crossing(name, near)

    def _block(self, at: int) -> Block:
        name, spellings, incidents, *_ = self._rows.row(at)
        return Block(name, tuple(spellings), incidents)


def _with_spellings(rows: pl.DataFrame) -> pl.DataFrame:
    """One row for the spellings of a block that differ in capital letters only."""
    placed = pl.col("lat").is_not_null()
    return (
        rows.group_by(pl.col("block").str.to_uppercase().alias("form"), maintain_order=True)
        .agg(
            pl.col("block").first(),
            pl.col("block").sort().alias("spellings"),
            pl.col("incidents").sum(),
            pl.col("lat").filter(placed).first(),
            pl.col("lon").filter(placed).first(),
        )
        .drop("form")
        .sort("incidents", descending=True, maintain_order=True)
    )


def crossing_names(text: str) -> tuple[str, str] | None:
    """The two streets of a text such as `Madison & Pulaski`."""
    names = [name.strip() for name in _CROSSING.split(text) if name.strip()]
    return (names[0], names[1]) if len(names) == 2 else None


def address_words(text: str) -> AddressWords:
    """Words of an address in short form: `004XX West Madison Street` → 400, w, madison, st."""
    words = (_short(word) for word in _WORD.findall(text.lower().replace("'", "")))
    return tuple(word for word in words if word not in _LINKS)


@cache
def _short(word: str) -> str:
    if word[0].isdecimal():
        digits = word.replace("x", "0")
        return str(int(digits)) if digits.isdecimal() else word
    return _SHORT.get(word) or _SHORT.get(singular(word)) or singular(word)


def is_kind(word: str) -> bool:
    """Whether a word is the kind of a street, such as Avenue."""
    return _SHORT.get(word, word) in SUFFIXES


def is_name(word: str) -> bool:
    """Whether a word can be part of a street's name."""
    return not word.isdecimal() and word not in _LINKS


def is_direction(word: str) -> bool:
    """Whether a word is a direction of a street, such as N or West."""
    return _SHORT.get(word, word) in DIRECTIONS


def _street(words: AddressWords) -> AddressWords:
    """The words of a street without the house number, direction and kind, if any are left."""
    name = tuple(word for word in words if not word.isdecimal())
    bare = tuple(word for word in name if word not in DIRECTIONS and word not in SUFFIXES)
    return bare or name


def _apart(lat: float, lon: float, other_lat: float, other_lon: float) -> float:
    """Meters between two places of a city."""
    across = (lon - other_lon) * cos(radians(lat))
    return METERS_PER_DEGREE * hypot(lat - other_lat, across)
