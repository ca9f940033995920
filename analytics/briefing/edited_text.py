"""Which numbers of an edited text are still those of its draft, and which a person wrote.

Each sentence is compared with the sentence of the draft that it is most like; a sentence that is
not changed may stand anywhere. What is cited keeps its source if it is unchanged there, between the
same two words. Any other number was written by hand.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rapidfuzz.distance import LCSseq

from analytics.briefing.cited_text import CitedText, NumberSource

LEAST_ALIKE = 0.5
"""Share of words that a sentence has in common with one of the draft to be a changed one of it."""
NUMBER_WORD = re.compile(
    r"""zero|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|\w+teen(th)?|
    (twen|thir|for|fif|six|seven|eigh|nine)t(y|ies|ieth)(-?\w+)?|(hundred|thousand|dozen)(s|th)?|
    \w+illions?|\w+fold|half|halves|halv\w+|thirds?|quarters?|doubl\w+|tripl\w+|twice|thrice|
    couple|first|second|(four|fif|six|seven|eigh|nin|ten|eleven|twelf)th""",
    re.IGNORECASE | re.VERBOSE,
)
"""Without `one`, which is rarely a number."""
_SENTENCE = re.compile(r"\S.*?(?:[.!?](?=\s)|$)", re.MULTILINE)
_OPENING, _CLOSING = "([{\"'“‘", ")]}\"'”’.,;:!?"


@dataclass(frozen=True)
class TextSpan:
    """A part of an edited text.

    Attributes
    ----------
    source : of what is cited from the draft
    by_hand : whether it is a number that the draft does not have there
    """

    text: str
    source: NumberSource | None = None
    by_hand: bool = False


@dataclass(frozen=True)
class _Word:
    """A run without blanks, without the signs around it."""

    text: str
    start: int
    end: int

    @property
    def is_number(self) -> bool:
        parts = (self.text, *self.text.split("-"))
        return any(mark.isnumeric() for mark in self.text) or any(
            NUMBER_WORD.fullmatch(part) for part in parts
        )


Sentence = tuple[_Word, ...]


def spans_of(draft: CitedText, text: str) -> list[TextSpan]:
    """The whole text in parts: what is still cited, numbers by hand, and the words between."""
    marked: list[tuple[int, int, NumberSource | None]] = []
    known = _Draft(draft)
    for sentence in _sentences(text):
        cited = known.kept(sentence)
        within = {at for first, end, _ in cited for at in range(first, end)}
        marked += [(sentence[a].start, sentence[b - 1].end, source) for a, b, source in cited]
        marked += [
            (one.start, one.end, None)
            for at, one in enumerate(sentence)
            if at not in within and one.is_number
        ]
    found: list[TextSpan] = []
    at = 0
    for start, end, source in sorted(marked, key=lambda one: one[0]):
        if at < start:
            found.append(TextSpan(text[at:start]))
        found.append(TextSpan(text[start:end], source, by_hand=source is None))
        at = end
    return [*found, TextSpan(text[at:])] if at < len(text) else found


def numbers_by_hand(draft: CitedText, text: str) -> list[str]:
    """Numbers of a text that have no source, in order."""
    return [one.text for one in spans_of(draft, text) if one.by_hand]


@dataclass(frozen=True)
class _Cited:
    """Words from first to before end of a sentence of the draft."""

    first: int
    end: int
    source: NumberSource


class _Draft:
    """The draft by its sentences, each with what it cites."""

    def __init__(self, draft: CitedText) -> None:
        self._sentences = [
            (sentence, _texts(sentence), list(_cited_in(sentence, draft)))
            for sentence in _sentences(draft.text)
        ]

    def kept(self, sentence: Sentence) -> list[tuple[int, int, NumberSource]]:
        """Words of a sentence that keep a source: first, end and the source."""
        texts = _texts(sentence)
        same = next((cited for _, known, cited in self._sentences if known == texts), None)
        if same is not None:
            return [(one.first, one.end, one.source) for one in same]
        alike = [
            (LCSseq.normalized_similarity(known, texts), known, cited)
            for _, known, cited in self._sentences
        ]
        likeness, known, cited = max(alike, key=lambda one: one[0], default=(0.0, [], []))
        return list(_unchanged(known, texts, cited)) if likeness >= LEAST_ALIKE else []


def _unchanged(
    known: Sequence[str], texts: Sequence[str], cited: Sequence[_Cited]
) -> Iterator[tuple[int, int, NumberSource]]:
    """What is cited and stands between the same two words, or at the same end of the sentence."""
    before, after = ["", *known, ""], ["", *texts, ""]
    runs = [run for run in LCSseq.opcodes(before, after) if run.tag == "equal"]
    for one in cited:
        first, last = one.first, one.end + 1  # with the words beside it
        for run in runs:
            if run.src_start <= first and last < run.src_end:
                moved = run.dest_start - run.src_start
                yield one.first + moved, one.end + moved, one.source


def _cited_in(sentence: Sentence, draft: CitedText) -> Iterator[_Cited]:
    for one in draft.citations:
        words = [
            at for at, word in enumerate(sentence) if one.start < word.end and word.start < one.end
        ]
        if words:
            yield _Cited(words[0], words[-1] + 1, one.source)


def _texts(sentence: Sentence) -> list[str]:
    return [one.text for one in sentence]


def _sentences(text: str) -> list[Sentence]:
    """Sentences of a text; a line ends one."""
    return [tuple(_words(text, found.start(), found.end())) for found in _SENTENCE.finditer(text)]


def _words(text: str, start: int, end: int) -> Iterator[_Word]:
    for found in re.finditer(r"\S+", text[start:end]):
        run = found.group()
        left = len(run) - len(run.lstrip(_OPENING))
        inner = run[left:].rstrip(_CLOSING)
        if not inner:  # signs alone
            left, inner = 0, run
        at = start + found.start() + left
        yield _Word(inner, at, at + len(inner))
