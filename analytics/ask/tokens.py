"""Tokens of a phrase: words and numbers in small letters, with the signs between them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from analytics.errors import InputError

LONGEST_PHRASE = 300
"""Most characters that are read; a longer phrase is refused."""

Stems = tuple[str, ...]
"""Normal forms of the words of a text."""

_DASHES = str.maketrans(dict.fromkeys("‐‑‒–—−", "-") | dict.fromkeys("’‘`´", "'"))
_MERIDIEM = re.compile(r"\b([ap])\.\s?m\b\.?")
_APOSTROPHE = re.compile(r"(?<=[^\W\d_])'(?=[^\W\d_])")
_WORD = re.compile(r"[^\W\d_]+|[0-9]+")
_SPELLED = {
    "offence": "offense",
    "licence": "license",
    "neighbourhood": "neighborhood",
    "theatre": "theater",
    "centre": "center",
    "robber": "robbery",
    "burglar": "burglary",
    "ins": "in",
    "ups": "up",
    "nite": "night",
    "lst": "last",
    "wk": "week",
    "wek": "week",
    "weke": "week",
    "dya": "day",
    "yera": "year",
    "yaer": "year",
    "wkend": "weekend",
    "wkday": "weekday",
    "wknd": "weekend",
    "mth": "month",
    "mo": "month",
    "mos": "month",
    "yr": "year",
    "burg": "burglary",
    "nr": "near",
    "crim": "criminal",
    "agg": "aggravated",
    "asslt": "assault",
    "veh": "vehicle",
    "dept": "department",
    "poss": "possession",
    "attempted": "attempt",
    "att": "attempt",
    "thru": "through",
}
_AS_THEY_ARE = frozenset({"christmas", "xmas", "texas", "always", "previous"})
_SIBILANT = ("ches", "shes", "sses", "xes", "zes", "buses")
_NO_PLURAL = ("ss", "us", "is")


@dataclass(frozen=True)
class Token:
    """A word or a number; `before` are the signs between it and the previous one.

    Attributes
    ----------
    word : normal form: small letters, singular, American spelling
    start, end : place in the phrase as typed
    """

    word: str
    before: str
    start: int
    end: int

    @property
    def joined(self) -> bool:
        """Whether it follows the previous token without a space or sign, like pm in 10pm."""
        return not self.before

    @property
    def is_number(self) -> bool:
        return self.word.isdecimal()


@dataclass(frozen=True)
class Phrase:
    """A phrase with its tokens."""

    text: str
    tokens: tuple[Token, ...]

    def typed(self, start: int, end: int) -> str:
        """The phrase from one token up to another, which is not included."""
        if start >= end:
            return ""
        return " ".join(self.text[self.tokens[start].start : self.tokens[end - 1].end].split())


def read_phrase(text: str) -> Phrase:
    """Split a phrase into tokens."""
    folded = unicodedata.normalize("NFKC", text).translate(_DASHES).lower()
    folded = _APOSTROPHE.sub("", _MERIDIEM.sub(lambda found: f"{found[1]}m", folded))
    tokens, end = [], 0
    for found in _WORD.finditer(folded):
        before = folded[end : found.start()]
        sign = before.strip() or (" " if before else "")
        if not sign.strip("&+") and sign.strip():
            tokens.append(Token("and", " ", found.start() - 1, found.start()))
            sign = " "
        tokens.append(Token(singular(found[0]), sign if tokens else " ", *found.span()))
        end = found.end()
    return Phrase(folded, tuple(tokens))


def read_typed(text: str) -> Phrase:
    """Split what somebody typed into tokens; raises InputError if it is too long."""
    if len(text) > LONGEST_PHRASE:
        raise InputError(f"At most {LONGEST_PHRASE} characters are read, not {len(text):,}.")
    return read_phrase(text)


def words_in(text: str) -> tuple[str, ...]:
    """The words of a list in the code, separated by spaces."""
    return tuple(text.split())


def stems(text: str) -> Stems:
    """Normal forms of the words of a text."""
    return tuple(token.word for token in read_phrase(text).tokens)


@lru_cache(maxsize=20_000)
def singular(word: str) -> str:
    """Normal form of a word in small letters."""
    if word in _AS_THEY_ARE:
        return word
    if len(word) > 4 and word.endswith("ies"):
        word = f"{word[:-3]}y"
    elif word.endswith(_SIBILANT):
        word = word[:-2]
    elif len(word) > 3 and word.endswith("s") and not word.endswith(_NO_PLURAL):
        word = word[:-1]
    return _SPELLED.get(word, word)


def starts_with(words: Sequence[str], start: int, sought: Sequence[str]) -> bool:
    """Whether a sequence of words continues with others from a place on."""
    return tuple(words[start : start + len(sought)]) == tuple(sought)
