"""What a phrase was read as: its selection, and what was not understood."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum, unique
from urllib.parse import quote_plus

from analytics.crossfilter.clauses import Clause
from analytics.crossfilter.selection import EMPTY, Selection


@unique
class Why(StrEnum):
    """Why words were not understood."""

    UNKNOWN = "unknown"  # neither the grammar nor the data has them
    AMBIGUOUS = "ambiguous"  # they fit several things equally
    PART_OF_NAME = "part of a name"  # one word of a longer name, which tells too little
    NOT_IN_DATA = "not in data"  # understood, but the data has no such thing
    NOT_A_FILTER = "not a filter"  # no selection can express it


@dataclass(frozen=True)
class WordMeaning:
    """Values of one dimension that words stand for."""

    dimension: str
    keys: tuple[str, ...]

    @property
    def text(self) -> str:
        """The keys as a selection writes them."""
        return ",".join(quote_plus(key) for key in self.keys)


@dataclass(frozen=True)
class NotUnderstood:
    """Words that are not in the selection; `candidates` are what they could mean."""

    words: str
    why: Why = Why.UNKNOWN
    candidates: tuple[WordMeaning, ...] = ()


@dataclass(frozen=True)
class Respelled:
    """A word that was read as another one."""

    typed: str
    read: str


@dataclass(frozen=True)
class PhraseReading:
    """A phrase as a selection, with what is not in it."""

    selection: Selection = EMPTY
    not_understood: tuple[NotUnderstood, ...] = ()
    respelled: tuple[Respelled, ...] = ()


@dataclass(frozen=True)
class Part:
    """A filter that a stretch of a phrase stands for.

    Attributes
    ----------
    clause : the filter; None if the words were not understood, and `lack` says so
    alternatives : other filters that mean the same, such as a group for a type
    """

    start: int
    end: int
    dimension: str = ""
    clause: Clause | None = None
    alternatives: tuple[WordMeaning, ...] = ()
    lack: NotUnderstood | None = None
    negated: bool = False
    weekend: bool = False  # weekdays named so, whose nights begin on Friday
    joined: bool = False  # to the part before, by "and", "or" or a comma
