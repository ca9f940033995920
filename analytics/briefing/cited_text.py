"""A text of sentences in which each number has the source that it was taken from."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass(frozen=True)
class NumberSource:
    """Where a number comes from.

    Attributes
    ----------
    label : what it is, in words, such as `Stops by unit, plan 3 version 1`
    shown_in : name of the part of a page that shows it, such as `stops`
    address : of a page that shows it, if it is another one
    """

    label: str
    shown_in: str = ""
    address: str = ""


@dataclass(frozen=True)
class Sourced:
    """Words with a number, which a source answers for; places and dates are such words too."""

    text: str
    source: NumberSource


@dataclass(frozen=True)
class Citation:
    """From where to where a text is sourced, in characters, and by what."""

    start: int
    end: int
    source: NumberSource


@dataclass(frozen=True)
class CitedText:
    """A text, and its citations in order."""

    text: str
    citations: tuple[Citation, ...] = field(repr=False)

    @property
    def digest(self) -> str:
        """Tells this text with its sources from any other."""
        raw = json.dumps(self.as_json(), sort_keys=True).encode()
        return hashlib.sha256(raw).hexdigest()[:16]

    def as_json(self) -> dict[str, Any]:
        """As plain values."""
        return {"text": self.text, "citations": [asdict(one) for one in self.citations]}

    @classmethod
    def from_json(cls, raw: Mapping[str, Any]) -> CitedText:
        """The inverse of `as_json`."""
        return cls(
            raw["text"],
            tuple(
                Citation(one["start"], one["end"], NumberSource(**one["source"]))
                for one in raw["citations"]
            ),
        )


Piece = str | Sourced
PARAGRAPH = "\n\n"


def cited_text(paragraphs: Iterable[Sequence[Piece]]) -> CitedText:
    """Paragraphs of pieces as one text."""
    words: list[str] = []
    citations: list[Citation] = []
    at = 0
    for number, pieces in enumerate(paragraphs):
        for piece in [PARAGRAPH, *pieces] if number else pieces:
            text = piece if isinstance(piece, str) else piece.text
            if isinstance(piece, Sourced):
                citations.append(Citation(at, at + len(text), piece.source))
            words.append(text)
            at += len(text)
    return CitedText("".join(words), tuple(citations))
