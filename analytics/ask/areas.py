"""Areas in a phrase by number: `districts 7-9`, `11th district`, `d11`."""

from __future__ import annotations

from dataclasses import dataclass

from analytics.ask.calendar import MONTHS
from analytics.ask.lexicon import Lexicon
from analytics.ask.numbers import COUNTS, count_at, is_ordinal, ordinal_at
from analytics.ask.reading import WordMeaning
from analytics.ask.tokens import Phrase

MOST_OF_RANGE = 400
_JOINTS = ("and", "or")
_RANGE_WORDS = ("to", "through")
_AFTER_TIMES = (*MONTHS, "am", "pm", "day", "week", "month", "year", "of")
_SHORT = {"d": "district", "b": "beat", "w": "ward"}


@dataclass(frozen=True)
class FoundAreas:
    """Areas of one level up to token `end`.

    Attributes
    ----------
    missing : stretches of the phrase that name areas that the data lacks
    candidates : where no level is named, the areas that a number could be
    """

    end: int
    level: str = ""
    keys: tuple[str, ...] = ()
    missing: tuple[tuple[int, int], ...] = ()
    candidates: tuple[WordMeaning, ...] = ()


def noun_at(lexicon: Lexicon, words: list[str], at: int) -> tuple[int, str] | None:
    """A noun of a level at a word, as the word after it and the level."""
    for length in (3, 2, 1):
        level = lexicon.nouns.get(tuple(words[at : at + length]))
        if level and at + length <= len(words):
            return at + length, level
    return None


def areas_at(phrase: Phrase, start: int, lexicon: Lexicon) -> FoundAreas | None:
    """The numbered areas at a token."""
    words = [token.word for token in phrase.tokens]
    noun = noun_at(lexicon, words, start)
    short = _SHORT.get(words[start])
    if noun is None and short and start + 1 < len(words) and phrase.tokens[start + 1].is_number:
        noun = (start + 1, short) if lexicon.has(short) else None
    if noun is not None:
        at = noun[0]
        if words[at : at + 1] in (["number"], ["no"], ["of"]):
            at += 1
        return _numbers(phrase, start, at, noun[1], lexicon)
    return _before_noun(phrase, start, lexicon) or _bare(phrase, start, lexicon)


def _numbers(
    phrase: Phrase, start: int, at: int, level: str, lexicon: Lexicon
) -> FoundAreas | None:
    """A list of numbers after their noun."""
    tokens, keys, missing = phrase.tokens, [], []
    first, end = at, at
    while (number := _number(phrase, at, level, lexicon)) is not None:
        text, end = number
        last = _range_end(phrase, end, level, lexicon)
        if last is not None and text.isdecimal() and last[0].isdecimal():
            numbers = range(int(text), int(last[0]) + 1)[:MOST_OF_RANGE]
            found = [key for one in numbers if (key := lexicon.key_of(level, str(one)))]
            end = last[1]
        else:
            key = lexicon.key_of(level, text)
            found = [key] if key else []
        keys += found
        if not found:
            missing.append((start if at == first else at, end))
        at = end
        if at < len(tokens) and tokens[at].word in _JOINTS:
            at += 1
        elif not (at < len(tokens) and tokens[at].before == ","):
            break
        if at < len(tokens) and tokens[at].word in _SHORT and tokens[at].word == tokens[start].word:
            at += 1
    if end == first:
        return None
    return FoundAreas(end, level, tuple(dict.fromkeys(keys)), tuple(missing))


def _number(phrase: Phrase, at: int, level: str, lexicon: Lexicon) -> tuple[str, int] | None:
    """The text of an area's number at a token, and the token after it."""
    tokens = phrase.tokens
    if at >= len(tokens):
        return None
    token = tokens[at]
    end = at + 1
    text = token.word
    if token.word in COUNTS:
        text = str(COUNTS[token.word])
    elif not token.is_number:
        return None
    elif is_ordinal(tokens, at):
        end = at + 2
    is_year = len(text) == 4 and text[:2] in ("19", "20")
    if is_year and lexicon.key_of(level, text) is None:
        return None
    return None if _is_time(phrase, end) else (text, end)


def _is_time(phrase: Phrase, end: int) -> bool:
    """Whether the number before a token is a day or an hour."""
    if end >= len(phrase.tokens):
        return False
    after = phrase.tokens[end]
    return after.word in _AFTER_TIMES or (after.before in (":", "/") and after.is_number)


def _range_end(phrase: Phrase, at: int, level: str, lexicon: Lexicon) -> tuple[str, int] | None:
    tokens = phrase.tokens
    if at >= len(tokens):
        return None
    if tokens[at].word in _RANGE_WORDS:
        return _number(phrase, at + 1, level, lexicon)
    if tokens[at].before == "-":
        return _number(phrase, at, level, lexicon)
    return None


def _before_noun(phrase: Phrase, start: int, lexicon: Lexicon) -> FoundAreas | None:
    """`11th district`, `10th and 11th districts`, `first district`."""
    tokens = phrase.tokens
    words = [token.word for token in tokens]
    numbers: list[tuple[str, int, int]] = []
    at = start
    while (found := ordinal_at(tokens, at)) is not None:
        numbers.append((str(found[1]), at, found[0]))
        noun = noun_at(lexicon, words, found[0])
        if noun is not None and is_ordinal(tokens, at):
            keys = [lexicon.key_of(noun[1], text) for text, _, _ in numbers]
            missing = [
                (first, noun[0] if last == found[0] else last)
                for key, (_, first, last) in zip(keys, numbers, strict=True)
                if key is None
            ]
            known = tuple(key for key in keys if key is not None)
            return FoundAreas(noun[0], noun[1], known, tuple(missing))
        at = found[0]
        if at < len(words) and words[at] in _JOINTS:
            at += 1
        elif not (at < len(words) and tokens[at].before == ","):
            return None
    return None


def _bare(phrase: Phrase, start: int, lexicon: Lexicon) -> FoundAreas | None:
    """A number, or several joined by `and`, of which no word says what they are."""
    tokens = phrase.tokens
    levels: set[str] | None = None
    keys: list[str] = []
    at = end = start
    while (found := count_at(tokens, at)) is not None and tokens[at].is_number:
        fits = {level for level in lexicon.nouns.values() if lexicon.key_of(level, tokens[at].word)}
        if not fits or is_ordinal(tokens, at):
            break
        levels = fits if levels is None else levels & fits
        keys.append(tokens[at].word)
        end = at = found[0]
        if at < len(tokens) and tokens[at].word in _JOINTS:
            at += 1
        elif not (at < len(tokens) and tokens[at].before in (",", "-")):
            break
    if not levels:
        return None
    meanings = tuple(
        WordMeaning(level, tuple(key for text in keys if (key := lexicon.key_of(level, text))))
        for level in ("district", "beat", "ward", "area")
        if level in levels
    )
    if len(meanings) == 1:
        return FoundAreas(end, meanings[0].dimension, meanings[0].keys)
    return FoundAreas(end, candidates=meanings)
