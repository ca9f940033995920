"""Corrections of misspelled words to those of the grammar and the data."""

from __future__ import annotations

from collections.abc import Iterable

from rapidfuzz import process
from rapidfuzz.distance import OSA

from analytics.ask.tokens import words_in

SHORTEST = 5
LONG = 9
"""From this length on, two typing errors are corrected; in shorter words one."""
PLAIN = frozenset(
    words_in(
        "after again being below black bright broke brown clear close could every fight "
        "first found front great green group house large later light local makes maker "
        "males might month never night other party place plate point price reach right "
        "round seven sheet shift shirt short sight since sleep small smell snack south "
        "space spent split sport stage stand start state still stone story style table "
        "taken taxes teens thing think third those three tight total touch tower track "
        "trade trail trend trial trick truth under until upper usual value visit voice "
        "water where which white whole women world worse worst would write wrong young "
        "counts counted country county manner matter market mother father brother sister "
        "person senior officer minute second random resident station special reason "
        "report reports midway gang deadly female victim suspect offender teenager "
        "increase decrease average"
    )
)
"""Words that are spelled right and that the data may lack."""


class Speller:
    """Corrects words of phrases; a word with several corrections stays as it is."""

    def __init__(self, known: Iterable[str], keywords: Iterable[str]) -> None:
        """`known` words stay as they are; others are corrected to `keywords`."""
        self._known = frozenset(known)
        self._targets = sorted(
            word for word in set(keywords) if len(word) >= SHORTEST - 1 and word.isalpha()
        )

    def correct(self, word: str) -> str:
        """The nearest known word; the word itself if it is known or nothing is near."""
        if len(word) < SHORTEST or word in self._known or word in PLAIN or not word.isalpha():
            return word
        most = 2 if len(word) >= LONG else 1
        found = process.extract(
            word, self._targets, scorer=OSA.distance, score_cutoff=most, limit=None
        )
        near = [(target, errors) for target, errors, _ in found if _same_start(word, target)]
        if not near:
            return word
        best = min(errors for _, errors in near)
        nearest = [target for target, errors in near if errors == best]
        return nearest[0] if len(nearest) == 1 else word


def _same_start(word: str, target: str) -> bool:
    """Typing errors rarely change the first letter, apart from a swap with the second."""
    return word[0] == target[0] or word[:2] == target[1::-1]
