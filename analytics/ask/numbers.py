"""Numbers in a phrase: digits, words and ordinals."""

from __future__ import annotations

from collections.abc import Sequence

from analytics.ask.tokens import Token, words_in

COUNTS = {
    word: number
    for number, word in enumerate(
        words_in(
            "one two three four five six seven eight nine ten eleven twelve thirteen fourteen "
            "fifteen sixteen seventeen eighteen nineteen twenty"
        ),
        start=1,
    )
}
ORDINALS = {
    word: number
    for number, word in enumerate(
        words_in(
            "first second third fourth fifth sixth seventh eighth ninth tenth eleventh "
            "twelfth thirteenth fourteenth fifteenth sixteenth seventeenth eighteenth "
            "nineteenth twentieth"
        ),
        start=1,
    )
}
_ENDINGS = ("st", "nd", "rd", "th")
LONGEST = 9
"""Most digits of a number that is read."""


def count_at(tokens: Sequence[Token], at: int) -> tuple[int, int] | None:
    """A number at a token, as the token after it and its value."""
    if at >= len(tokens):
        return None
    word = tokens[at].word
    if tokens[at].is_number and len(word) <= LONGEST:
        return at + 1, int(word)
    return (at + 1, COUNTS[word]) if word in COUNTS else None


def is_ordinal(tokens: Sequence[Token], at: int) -> bool:
    """Whether a number is written as `11th` or `eleventh`."""
    if at >= len(tokens):
        return False
    if tokens[at].word in ORDINALS:
        return True
    follows = at + 1 < len(tokens) and tokens[at + 1].word in _ENDINGS
    return tokens[at].is_number and follows and tokens[at + 1].joined


def ordinal_at(tokens: Sequence[Token], at: int) -> tuple[int, int] | None:
    """A number or ordinal at a token, as the token after it and its value."""
    if at >= len(tokens):
        return None
    if tokens[at].word in ORDINALS:
        return at + 1, ORDINALS[tokens[at].word]
    found = count_at(tokens, at)
    if found is not None and is_ordinal(tokens, at):
        return at + 2, found[1]
    return found
