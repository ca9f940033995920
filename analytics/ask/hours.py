"""Hours in a phrase: ranges of the clock, and parts of the day."""

from __future__ import annotations

from dataclasses import dataclass

from analytics.ask.tokens import Phrase, Token, starts_with
from analytics.ask.words_around_filters import RANGE_WORDS

_NIGHT = (*range(22, 24), *range(6))
PARTS = {
    ("early", "hour"): range(6),
    ("small", "hour"): range(6),
    ("morning",): range(6, 12),
    ("afternoon",): range(12, 18),
    ("evening",): range(18, 22),
    ("late", "night"): _NIGHT,
    ("late", "at", "night"): _NIGHT,
    ("during", "the", "night"): _NIGHT,
    ("overnight",): _NIGHT,
    ("night", "time"): _NIGHT,
    ("nighttime",): _NIGHT,
    ("night",): _NIGHT,
    ("during", "the", "day"): range(6, 18),
    ("in", "the", "daytime"): range(6, 18),
    ("day", "time"): range(6, 18),
    ("daytime",): range(6, 18),
    ("after", "midnight"): range(6),
    ("after", "dark"): (*range(18, 24), *range(6)),
}
"""Hours of each part of the day; the night ends at 6 AM."""
_NAMED = {
    "noon": 12, "midday": 12, "midnight": 0, "dawn": 6, "sunrise": 6, "dusk": 18, "sunset": 18
}  # fmt: skip
"""Dawn and dusk are those of March and September in any season: the sentence shows the hours."""


@dataclass(frozen=True)
class FoundHours:
    """Hours up to token `end`; none if they are not whole hours or could be morning or evening."""

    end: int
    hours: tuple[int, ...] = ()


@dataclass(frozen=True)
class _Clock:
    end: int
    hour: int
    minute: int = 0
    meridiem: str = ""
    exact: bool = False  # written as a time, such as 22:00, 2200 or noon


def hours_at(phrase: Phrase, start: int) -> FoundHours | None:
    """The range of hours, hour or part of the day at a token."""
    words = [token.word for token in phrase.tokens]
    found = _range(phrase, start) or _bounded(phrase, start) or _single(phrase, start)
    if found is not None:
        return found
    for part, hours in PARTS.items():
        if starts_with(words, start, part):
            return FoundHours(start + len(part), tuple(hours))
    return None


def _range(phrase: Phrase, start: int) -> FoundHours | None:
    tokens = phrase.tokens
    lead = tokens[start].word if tokens[start].word in ("from", "between") else ""
    one = _clock(tokens, start + bool(lead))
    if one is None or one.end >= len(tokens):
        return None
    joint = tokens[one.end]
    if joint.word in RANGE_WORDS or (lead == "between" and joint.word == "and"):
        other = _clock(tokens, one.end + 1)
    elif joint.before == "-":
        other = _clock(tokens, one.end)
    else:
        return None
    if other is None:
        return None
    timed = [clock.exact or bool(clock.meridiem) for clock in (one, other)]
    if not any(timed):
        return FoundHours(other.end) if lead and max(one.hour, other.hour) <= 12 else None
    return FoundHours(other.end, _hours_between(one, other))


def _hours_between(one: _Clock, other: _Clock) -> tuple[int, ...]:
    """Whole hours from one time to another; an end such as 02:59 includes its hour."""
    if one.minute or other.minute not in (0, 59):
        return ()
    first, last = _of_day(one), _of_day(other)
    if not one.meridiem and not one.exact and other.meridiem and one.hour <= 12:
        first = _of_day(_Clock(0, one.hour, 0, other.meridiem))
        if first >= last and other.hour != 12:
            first = _of_day(_Clock(0, one.hour, 0, "am" if other.meridiem == "pm" else "pm"))
    elif not other.meridiem and not other.exact and one.meridiem and other.hour <= 12:
        return ()  # 10pm-2 could end in the night or in the afternoon
    count = (last - first + (other.minute == 59)) % 24
    return tuple((first + step) % 24 for step in range(count))


def _bounded(phrase: Phrase, start: int) -> FoundHours | None:
    """`after 10 pm`, `before 6am`, `since`-like bounds on one day."""
    word = phrase.tokens[start].word
    if word not in ("after", "before", "until", "till"):
        return None
    clock = _clock(phrase.tokens, start + 1)
    if clock is None or not (clock.meridiem or clock.exact):
        return None
    hour = _of_day(clock)
    if clock.minute:
        return FoundHours(clock.end)
    if word == "after":
        return FoundHours(clock.end, tuple(range(hour, 24 if hour else 6)))
    return FoundHours(clock.end, tuple(range(hour or 24)) if hour else ())


def _single(phrase: Phrase, start: int) -> FoundHours | None:
    clock = _clock(phrase.tokens, start)
    if clock is None or not (clock.meridiem or clock.exact):
        return None
    return FoundHours(clock.end, () if clock.minute else (_of_day(clock),))


def _clock(tokens: tuple[Token, ...], at: int) -> _Clock | None:
    word = tokens[at].word if at < len(tokens) else ""
    if word in _NAMED:
        return _Clock(at + 1, _NAMED[word], exact=True)
    if not word.isdecimal():
        return None
    if len(word) == 4:
        return _military(tokens, at)
    return _of_clock(tokens, at) if len(word) < 3 else None


def _of_clock(tokens: tuple[Token, ...], at: int) -> _Clock | None:
    """`10`, `10 pm`, `22:00`, `10.30 pm`, `22 h`."""
    hour, minute, end, exact = int(tokens[at].word), 0, at + 1, False
    following = tokens[end] if end < len(tokens) else None
    if following and following.is_number and len(following.word) == 2:
        colon = following.before == ":"
        if colon or (following.before == "." and _meridiem(tokens, end + 1)):
            minute, end, exact = int(following.word), end + 1, colon
    meridiem = _meridiem(tokens, end)
    unit = 0 if meridiem else _unit(tokens, end)
    if minute > 59 or hour > (12 if meridiem else 24) or (meridiem and hour == 0):
        return None
    end = unit or end + bool(meridiem)
    return _Clock(end, hour % 24, minute, meridiem, exact or bool(unit))


def _military(tokens: tuple[Token, ...], at: int) -> _Clock | None:
    """`2200` or `0800 hrs`; without a unit only beside another such time, one with 0 or 1 first."""
    word = tokens[at].word
    end = _unit(tokens, at + 1)
    if not _is_time(word):
        return None
    if not end:
        beside = [one for one in _beside(tokens, at) if _is_time(one)]
        if not any(one[0] in "01" or word[0] in "01" or one[2:] == "59" for one in beside):
            return None
    return _Clock(end or at + 1, int(word[:2]), int(word[2:]), exact=True)


def _is_time(word: str) -> bool:
    whole = len(word) == 4 and word.isdecimal() and word[2:] in ("00", "30", "59")
    return whole and int(word[:2]) < 24


def _beside(tokens: tuple[Token, ...], at: int) -> list[str]:
    """The other end of a range of which a token is one end."""
    found = []
    for other, joint in ((at + 1, at + 1), (at - 1, at), (at + 2, at + 1), (at - 2, at - 1)):
        if min(other, joint) >= 0 and max(other, joint) < len(tokens):
            dashed = abs(other - at) == 1 and tokens[joint].before == "-"
            if dashed or (abs(other - at) == 2 and tokens[joint].word in RANGE_WORDS):
                found.append(tokens[other].word)
    return found


def _meridiem(tokens: tuple[Token, ...], at: int) -> str:
    word = tokens[at].word if at < len(tokens) else ""
    return word if word in ("am", "pm") else ""


def _unit(tokens: tuple[Token, ...], at: int) -> int:
    """The token after `hrs`, `h` or `o'clock`; 0 without one."""
    word = tokens[at].word if at < len(tokens) else ""
    if word in ("hr", "h", "oclock"):
        return at + 1
    return 0


def _of_day(clock: _Clock) -> int:
    if clock.meridiem:
        return clock.hour % 12 + (12 if clock.meridiem == "pm" else 0)
    return clock.hour
