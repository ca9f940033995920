"""Weekdays in a phrase."""

from __future__ import annotations

from dataclasses import dataclass

from analytics.ask.tokens import Phrase
from analytics.ask.words_around_filters import RANGE_WORDS

WEEKDAYS = {
    name: number
    for number, names in enumerate(
        (
            "monday mon",
            "tuesday tue tues tusday teusday",
            "wednesday wed wensday wendsday wednsday",
            "thursday thu thur thurs thrusday thirsday",
            "friday fri firday",
            "saturday sat saterday",
            "sunday sun",
        ),
        start=1,
    )
    for name in names.split()
}


@dataclass(frozen=True)
class FoundWeekdays:
    """Weekdays up to token `end`; `weekend` if they were named so."""

    end: int
    days: tuple[int, ...]
    weekend: bool = False


def weekdays_at(phrase: Phrase, start: int) -> FoundWeekdays | None:
    """The weekday, range of weekdays, weekdays or weekends at a token."""
    words = [token.word for token in phrase.tokens]
    word = words[start]
    if word in ("weekday", "workday"):
        return FoundWeekdays(start + 1, (1, 2, 3, 4, 5))
    if word == "weekend":
        return FoundWeekdays(start + 1, (6, 7), weekend=True)
    first = WEEKDAYS.get(word)
    if first is None:
        return None
    at = start + 1
    dashed = at < len(words) and phrase.tokens[at].before == "-"
    if at < len(words) and words[at] in RANGE_WORDS:
        at, dashed = at + 1, True
    last = WEEKDAYS.get(words[at]) if dashed and at < len(words) else None
    if last is None:
        return FoundWeekdays(start + 1, (first,))
    days = tuple((first - 1 + step) % 7 + 1 for step in range((last - first) % 7 + 1))
    return FoundWeekdays(at + 1, days)
