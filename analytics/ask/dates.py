"""Dates in a phrase: a period, a bound such as `since March`, or a range such as `May 3-12`."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import pairwise

from analytics.ask.calendar import MONTHS, Days, day_in
from analytics.ask.numbers import ordinal_at
from analytics.ask.periods import Dated, PhrasePeriods, Today
from analytics.ask.tokens import Phrase
from analytics.ask.words_around_filters import RANGE_WORDS
from analytics.crossfilter.clauses import Period

_UNTIL = tuple(word for word in RANGE_WORDS if word != "to")


@dataclass(frozen=True)
class FoundDate:
    """A period in a phrase up to token `end`; `period` is None if it cannot be one."""

    end: int
    period: Period | None
    ambiguous: tuple[Days, ...] = ()
    year_only: bool = False


def date_at(phrase: Phrase, start: int, today: Today) -> FoundDate | None:
    """The period that starts at a token, if one does."""
    try:
        return _Dates(phrase, today).at(start)
    except (ValueError, OverflowError):  # no such day, such as February 30
        return None


class _Dates:
    def __init__(self, phrase: Phrase, today: Today) -> None:
        self.tokens = phrase.tokens
        self.words = [token.word for token in phrase.tokens]
        self._periods = PhrasePeriods(phrase, today)

    def at(self, start: int) -> FoundDate | None:
        found = self._bounded(start) or self._range(start)
        if found is not None:
            return found
        one = self._periods.one(start)
        if one is None:
            return None
        year_only = one.end == start + 1 and self.tokens[start].is_number
        return replace(self._found(one), year_only=year_only)

    def _found(self, one: Dated) -> FoundDate:
        if one.ambiguous or one.recurring:
            return FoundDate(one.end, None, one.ambiguous)
        if one.relative:
            return FoundDate(one.end, Period(relative=one.relative))
        first, last = self._periods.days(one)
        return FoundDate(one.end, Period(first, last))

    def _bounded(self, start: int) -> FoundDate | None:
        """`since March`, `until June 2016`, `before …`, `after …`."""
        word, at = self.words[start], start + 1
        if word == "up" and self._periods.word(at) == "to":
            word, at = "until", at + 1
        if word not in ("since", "before", "after", *_UNTIL):
            return None
        one = self._periods.one(at)
        if one is None or one.ambiguous or one.recurring:
            return None
        first, last = self._periods.days(one)
        period = {
            "since": lambda: Period(first=first),
            "before": lambda: Period(last=first - timedelta(days=1)),
            "after": lambda: Period(first=last + timedelta(days=1)),
        }.get(word, lambda: Period(last=last))()
        return FoundDate(one.end, period)

    def _range(self, start: int) -> FoundDate | None:
        """`from A to B`, `between A and B`, `A - B`, and months or years joined by `and`."""
        lead = self.words[start] if self.words[start] in ("from", "between") else ""
        at = start + bool(lead)
        one = self._periods.one(at) or self._day_before_month(at, between=lead == "between")
        if one is None or one.ambiguous or one.relative:
            return None
        joint = self._joint(one.end, between=lead == "between")
        if joint is None:
            if lead == "from" and not one.recurring:
                return FoundDate(one.end, Period(first=self._periods.days(one)[0]))
            return self._listed(one) if not lead else None
        other = self._periods.one(joint) or self._day_of_month(joint, one)
        if other is None or other.ambiguous or other.relative:
            return None
        first, last = self._span(one, other)
        return FoundDate(other.end, Period(first, last) if first <= last else None)

    def _joint(self, at: int, *, between: bool) -> int | None:
        if at >= len(self.words):
            return None
        if self.words[at] in RANGE_WORDS or (between and self.words[at] == "and"):
            return at + 1
        return at if self.tokens[at].before in ("-", "..", "...") else None

    def _span(self, one: Dated, other: Dated) -> Days:
        """From one period to another; a year that one of them lacks follows from the other."""
        if other.days is None and one.days is not None and other.of_year is not None:
            year = one.days[0].year
            last = other.of_year(year)[1]
            return one.days[0], last if last >= one.days[0] else other.of_year(year + 1)[1]
        last = self._periods.days(other)[1]
        if one.days is not None:
            return one.days[0], last
        if one.of_year is None:
            raise ValueError("has no days")
        first = one.of_year(last.year)[0]
        return (first if first <= last else one.of_year(last.year - 1)[0]), last

    def _day_of_month(self, at: int, one: Dated) -> Dated | None:
        """The 12 of `May 3-12`."""
        number = ordinal_at(self.tokens, at)
        if number is None or not one.is_day:
            return None
        end, day = number
        year, end = self._periods.year(end)
        days = self._periods.days(one)
        if year is not None:
            days = one.of_year(year) if one.of_year else days
        last = days[0].replace(day=day)
        return Dated(end, (last, last))

    def _day_before_month(self, at: int, *, between: bool) -> Dated | None:
        """The 3 of `3 to 12 June`."""
        number = ordinal_at(self.tokens, at)
        joint = self._joint(number[0], between=between) if number else None
        second = ordinal_at(self.tokens, joint) if joint is not None else None
        if number is None or second is None or not 1 <= number[1] <= 31:
            return None
        month = MONTHS.get(self._periods.word(second[0] + (self._periods.word(second[0]) == "of")))
        return Dated(number[0], of_year=day_in(month, number[1])) if month else None

    def _listed(self, one: Dated) -> FoundDate | None:
        """`June and July 2017`: several periods, which must follow each other without a gap."""
        listed = [one]
        while True:
            end = listed[-1].end
            joined = end < len(self.words) and (
                self.words[end] in ("and", "or") or self.tokens[end].before == ","
            )
            at = end + (joined and self.words[end] in ("and", "or"))
            other = self._periods.one(at) if joined else None
            if other is None or other.ambiguous or other.relative or other.recurring:
                break
            listed.append(other)
        if len(listed) == 1:
            return None
        days: list[Days] = [self._periods.days(listed[-1])]
        for earlier in reversed(listed[:-1]):
            of_year = earlier.of_year
            named = earlier.days or (
                of_year(days[0][0].year) if of_year else self._periods.days(earlier)
            )
            days.insert(0, named)
        ordered = sorted(days)
        gap = any(one[1] + timedelta(days=1) < other[0] for one, other in pairwise(ordered))
        if gap:
            return FoundDate(listed[-1].end, None)
        return FoundDate(listed[-1].end, Period(ordered[0][0], max(last for _, last in ordered)))
