"""One period in a phrase: a day, week, month, quarter, season, year or holiday, as it is written.

"Today" is the last day of the data. A day, month, quarter or holiday without a year is the latest
one that has begun.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta

from analytics.ask.calendar import (
    HOLIDAYS,
    MONTHS,
    MOST_HOLIDAY_WORDS,
    SEASONS,
    Days,
    OfYear,
    day_in,
    month_in,
    months_in,
    season_in,
)
from analytics.ask.numbers import count_at, ordinal_at
from analytics.ask.tokens import Phrase, starts_with
from analytics.ask.weekdays import WEEKDAYS
from analytics.crossfilter.clauses import Period, month_of
from analytics.crossfilter.relative_dates import DataDays

YEARS = range(1900, 2101)
LONGEST_DAYS = 36_600
_UNIT_DAYS = {"day": 1, "week": 7, "fortnight": 14}
_UNIT_MONTHS = {"month": 1, "quarter": 3, "year": 12}
_TO_DATE = (
    (("ytd",), "ytd"),
    (("year", "to", "date"), "ytd"),
    (("so", "far", "this", "year"), "ytd"),
    (("this", "year", "so", "far"), "ytd"),
    (("this", "year", "to", "date"), "ytd"),
    (("this", "year"), "ytd"),
    (("mtd",), "mtd"),
    (("month", "to", "date"), "mtd"),
    (("so", "far", "this", "month"), "mtd"),
    (("this", "month"), "mtd"),
)
_LAST = ("last", "past", "previous", "prior", "trailing", "rolling")
_BEFORE = ("last", "past", "previous", "prior")


@dataclass(frozen=True)
class Today:
    """The day at which a phrase is read, and how its dates are written.

    Attributes
    ----------
    first, last : days of the data
    month_first : whether 3/4/2017 is March 4
    week_start : 1 is Monday, 7 Sunday
    """

    first: date
    last: date
    month_first: bool = True
    week_start: int = 1

    @property
    def data(self) -> DataDays:
        """The days of the data, all of which count as complete."""
        return DataDays(self.first, self.last, self.last)


@dataclass(frozen=True)
class Dated:
    """A period as written: fixed days, or days of a year that is not named."""

    end: int
    days: Days | None = None
    of_year: OfYear | None = None
    relative: str = ""
    ambiguous: tuple[Days, ...] = ()  # readings that fit equally
    recurring: bool = False  # such as a season without a year, which could be any
    is_day: bool = False  # of a month, such as May 3, which may begin `May 3-12`


class PhrasePeriods:
    """Reads single periods of one phrase."""

    def __init__(self, phrase: Phrase, today: Today) -> None:
        self.tokens = phrase.tokens
        self.words = [token.word for token in phrase.tokens]
        self.today = today

    def days(self, one: Dated) -> Days:
        """First and last day of a period; the latest that has begun if it names no year.

        Raises
        ------
        ValueError
            There is no such day.
        """
        if one.days is not None:
            return one.days
        if one.relative:
            return Period(relative=one.relative).days(self.today.data)
        if one.of_year is None:
            raise ValueError("has no days")
        return self._latest(one.of_year)

    def _latest(self, of_year: OfYear) -> Days:
        """The latest that has begun."""
        for year in range(self.today.last.year + 1, self.today.last.year - 9, -1):
            try:
                days = of_year(year)
            except ValueError:  # February 29
                continue
            if days[0] <= self.today.last:
                return days
        raise ValueError("no such day")

    def one(self, at: int) -> Dated | None:
        """The period that starts at a token, if one does."""
        if at >= len(self.words):
            return None
        if self.words[at] == "the":
            at += 1
        for read in (
            self._to_date,
            self._fixed,
            self._iso,
            self._slashed,
            self._bank_holiday,
            self._holiday,
            self._last_holiday,
            self._week_of,
            self._counted,
            self._unit,
            self._season,
            self._part_of_year,
            self._month_and_day,
            self._day_and_month,
            self._year_first,
            self._bare_year,
        ):
            found = read(at) if at < len(self.words) else None
            if found is not None:
                return found
        return None

    def _to_date(self, at: int) -> Dated | None:
        """`ytd` or `this year`; `ytd 2017` ends on the same day of that year."""
        for words, relative in _TO_DATE:
            if starts_with(self.words, at, words):
                end = at + len(words)
                year, after = self.year(end)
                if year is None or relative == "mtd":
                    return Dated(end, relative=relative)
                last = self.today.last
                return Dated(after, (date(year, 1, 1), date(year, last.month, last.day)))
        return None

    def _fixed(self, at: int) -> Dated | None:
        for word, back in (("today", 0), ("yesterday", 1)):
            if self.words[at] == word:
                day = self.today.last - timedelta(days=back)
                return Dated(at + 1, (day, day))
        if self.words[at] == "last" and self.word(at + 1) in ("night", "evening"):
            day = self.today.last - timedelta(days=1)
            return Dated(at + 1, (day, day))
        number = count_at(self.tokens, at)
        if number and starts_with(self.words, number[0], ("day", "ago")):
            day = self.today.last - timedelta(days=number[1])
            return Dated(number[0] + 2, (day, day))
        return self._beside(at) or self._last_weekday(at)

    def _beside(self, at: int) -> Dated | None:
        """`the day after Thanksgiving`."""
        for words, step in ((("day", "after"), 1), (("day", "before"), -1)):
            if starts_with(self.words, at, words) and (one := self.one(at + 2)):
                days = self.days(one)
                day = days[0] + timedelta(days=step)
                return Dated(one.end, (day, day)) if days[0] == days[1] else None
        return None

    def _week_of(self, at: int) -> Dated | None:
        """`week of June 4`, `weekend of June 9`."""
        if self.words[at] not in ("week", "weekend") or self.word(at + 1) != "of":
            return None
        one = self.one(at + 2)
        days = self.days(one) if one and not one.recurring and not one.ambiguous else None
        if one is None or days is None or days[0] != days[1]:
            return None
        if self.words[at] == "week":
            return Dated(one.end, self._unit_around("week", days[0]))
        saturday = days[0] + timedelta(days=6 - days[0].isoweekday())
        return Dated(one.end, (saturday, saturday + timedelta(days=1)))

    def _last_weekday(self, at: int) -> Dated | None:
        """`last Friday`, `last weekend`."""
        if self.words[at] in ("last", "this", "past") and self.word(at + 1) in WEEKDAYS:
            day = self.today.last - timedelta(days=1)
            day -= timedelta(days=(day.isoweekday() - WEEKDAYS[self.words[at + 1]]) % 7)
            return Dated(at + 2, (day, day))
        if self.words[at] in ("last", "past") and self.word(at + 1) == "weekend":
            sunday = self.today.last - timedelta(days=self.today.last.isoweekday() % 7)
            sunday -= timedelta(days=7 * (self.today.last.isoweekday() == 7))
            return Dated(at + 2, (sunday - timedelta(days=1), sunday))
        return None

    def _iso(self, at: int) -> Dated | None:
        """`2017-03-05` or `2017-03`."""
        if not self._is_year(at) or len(self.tokens) <= at + 1:
            return None
        tokens = self.tokens
        if tokens[at + 1].before not in ("-", "/") or not tokens[at + 1].is_number:
            return None
        if len(tokens[at + 1].word) != 2 or not 1 <= int(tokens[at + 1].word) <= 12:
            return None
        year, month = int(tokens[at].word), int(tokens[at + 1].word)
        day = tokens[at + 2] if len(tokens) > at + 2 else None
        if day and day.is_number and day.before == tokens[at + 1].before and len(day.word) == 2:
            found = date(year, month, int(day.word))
            return Dated(at + 3, (found, found))
        return Dated(at + 2, month_of(date(year, month, 1)))

    def _slashed(self, at: int) -> Dated | None:
        """`12/25/2017`, or day first where that is the custom; dotted dates have the day first."""
        three = self.tokens[at : at + 3]
        if len(three) < 3 or not all(token.is_number for token in three):
            return None
        sign = three[1].before
        if sign not in ("/", ".", "-") or three[2].before != sign or len(three[0].word) > 2:
            return None
        one, two, year = (int(token.word) for token in three)
        if len(three[2].word) == 2:
            year += 2000
        if year not in YEARS or len(three[1].word) > 2 or len(three[2].word) not in (2, 4):
            return None
        month_first = self.today.month_first and sign != "."
        month, day = (one, two) if month_first else (two, one)
        if month > 12:
            month, day = day, month
        found = date(year, month, day)
        return Dated(at + 3, (found, found))

    def _holiday(self, at: int) -> Dated | None:
        for length in range(min(MOST_HOLIDAY_WORDS, len(self.words) - at), 0, -1):
            of_year = HOLIDAYS.get(tuple(self.words[at : at + length]))
            if of_year is None:
                continue
            end = at + length
            weekend = self.word(end) == "weekend"
            if weekend and of_year(2018)[0].isoweekday() == of_year(2017)[0].isoweekday() == 1:
                return self._with_year(end + 1, _from_saturday(of_year))
            if weekend:  # of a day that may fall on any weekday
                return Dated(end + 1, recurring=True)
            return self._with_year(end, of_year)
        return None

    def _bank_holiday(self, at: int) -> Dated | None:
        """`August bank holiday`: which days those are is not known."""
        end = at + (self.words[at] in (*MONTHS, *SEASONS))
        if not starts_with(self.words, end, ("bank", "holiday")):
            return None
        return Dated(end + 2 + (self.word(end + 2) == "weekend"), recurring=True)

    def _last_holiday(self, at: int) -> Dated | None:
        """`last Thanksgiving`."""
        if self.words[at] not in _BEFORE or at + 1 >= len(self.words):
            return None
        found = self._holiday(at + 1)
        if found is None or found.of_year is None or found.days is not None:
            return None
        return Dated(found.end, self._before(found.of_year))

    def _counted(self, at: int) -> Dated | None:
        """`last 28 days`, `past 2 weeks`, `last 3 months`, `last 48 hours`."""
        if self.words[at] not in _LAST:
            return None
        number = count_at(self.tokens, at + 1)
        if number is None or number[0] >= len(self.words) or number[1] < 1:
            return None
        end, count = number
        unit = self.words[end]
        if unit in ("hour", "hr") and count % 24 == 0:
            unit, count = "day", count // 24
        if unit in _UNIT_DAYS and count * _UNIT_DAYS[unit] <= LONGEST_DAYS:
            return Dated(end + 1, relative=f"last{count * _UNIT_DAYS[unit]}d")
        if unit in _UNIT_MONTHS and count * _UNIT_MONTHS[unit] <= 1_200:
            return Dated(end + 1, self._months_back(count * _UNIT_MONTHS[unit]))
        return None

    def _months_back(self, months: int) -> Days:
        last = self.today.last
        at = last.year * 12 + last.month - 1 - months
        first_of_month = date(at // 12, at % 12 + 1, 1)
        day = min(last.day, month_of(first_of_month)[1].day)
        return first_of_month.replace(day=day) + timedelta(days=1), last

    def _unit(self, at: int) -> Dated | None:
        """`last week`, `previous month`, `past year`, `this quarter`."""
        word, unit = self.words[at], self.word(at + 1)
        if word == "past":
            return self._past(at + 2, unit)
        if word not in ("this", *_BEFORE):
            return None
        back = word != "this"
        if unit in MONTHS:
            of_year = month_in(MONTHS[unit])
            return Dated(at + 2, self._before(of_year)) if back else Dated(at + 2, of_year=of_year)
        days = self._unit_before(unit) if back else self._unit_around(unit, self.today.last)
        return Dated(at + 2, days) if days else None

    def _past(self, end: int, unit: str) -> Dated | None:
        if unit in _UNIT_DAYS:
            return Dated(end, relative=f"last{_UNIT_DAYS[unit]}d")
        months = _UNIT_MONTHS.get(unit)
        return Dated(end, self._months_back(months)) if months else None

    def _unit_before(self, unit: str) -> Days | None:
        """The week, month, quarter or year before the present one."""
        if unit == "fortnight":
            return Period(relative="last14d").days(self.today.data)
        around = self._unit_around(unit, self.today.last)
        return self._unit_around(unit, around[0] - timedelta(days=1)) if around else None

    def _unit_around(self, unit: str, day: date) -> Days | None:
        """The week, month, quarter or year with a day in it."""
        if unit == "week":
            first = day - timedelta(days=(day.isoweekday() - self.today.week_start) % 7)
            return first, first + timedelta(days=6)
        months = _UNIT_MONTHS.get(unit)
        if months is None:
            return None
        month = (day.month - 1) // months * months + 1
        return months_in(month, month + months - 1)(day.year)

    def _before(self, of_year: OfYear) -> Days:
        """The latest that is over."""
        for year in range(self.today.last.year + 1, self.today.last.year - 3, -1):
            if (days := of_year(year))[1] < self.today.last:
                return days
        raise ValueError("no such period")

    def _season(self, at: int) -> Dated | None:
        """`last summer`, `summer of 2016`, `winter 2016/17`."""
        word = self.words[at]
        if word in SEASONS:
            return self._season_of_year(at, word)
        season = self.word(at + 1)
        if word not in ("this", *_BEFORE) or season not in SEASONS:
            return None
        of_year = season_in(season)
        return Dated(at + 2, self._latest(of_year) if word == "this" else self._before(of_year))

    def _season_of_year(self, at: int, season: str) -> Dated:
        year, end = self.year(at + 1 + (self.word(at + 1) in ("of", "in")))
        if year is None:
            return Dated(at + 1, recurring=True)
        if season != "winter":
            return Dated(end, season_in(season)(year))
        second = self.tokens[end] if end < len(self.tokens) else None
        both_years = second and second.is_number and second.before in ("/", "-")
        if both_years and second and int(second.word) % 100 == (year + 1) % 100:
            return Dated(end + 1, season_in(season)(year + 1))
        return Dated(end, ambiguous=(season_in(season)(year), season_in(season)(year + 1)))

    def _part_of_year(self, at: int) -> Dated | None:
        """`q2 2017`, `second quarter of 2017`, `first half of 2017`."""
        word, after = self.words[at], self.word(at + 1)
        if word in ("q", "h") and after.isdecimal() and self.tokens[at + 1].joined:
            return self._nth_part(at + 2, int(after), 4 if word == "q" else 2)
        number = ordinal_at(self.tokens, at)
        if number is None:
            return None
        end, count = number
        if self.word(end) in ("quarter", "half"):
            parts = 4 if self.words[end] == "quarter" else 2
            return self._nth_part(end + 1, count, parts)
        return None

    def _nth_part(self, end: int, count: int, parts: int) -> Dated | None:
        if not 1 <= count <= parts:
            return None
        months = 12 // parts
        return self._with_year(end, months_in((count - 1) * months + 1, count * months))

    def _month_and_day(self, at: int) -> Dated | None:
        """`June 12, 2017`, `June 2017` or `June`."""
        month = MONTHS.get(self.words[at])
        if month is None:
            return None
        year, end = self.year(at + 1 + (self.word(at + 1) == "of"))
        if year is not None:
            return Dated(end, month_in(month)(year), month_in(month))
        number = ordinal_at(self.tokens, at + 1)
        if number is not None and 1 <= number[1] <= 31 and not self._is_clock(number[0]):
            found = self._with_year(number[0], day_in(month, number[1]))
            return replace(found, is_day=True)
        return Dated(at + 1, of_year=month_in(month))

    def _day_and_month(self, at: int) -> Dated | None:
        """`12 June 2017`, `3rd of May`."""
        number = ordinal_at(self.tokens, at)
        if number is None:
            return None
        end, day = number
        end += self.word(end) == "of"
        month = MONTHS.get(self.word(end))
        if month is None or not 1 <= day <= 31:
            return None
        return self._with_year(end + 1, day_in(month, day))

    def _year_first(self, at: int) -> Dated | None:
        """`2016 summer`, `2017 June`, `2017 Christmas`."""
        year, end = self.year(at)
        if year is None or end >= len(self.words):
            return None
        if (season := self.words[end]) in SEASONS:
            of_year = season_in(season)
            if season == "winter":
                return Dated(end + 1, ambiguous=(of_year(year), of_year(year + 1)))
            return Dated(end + 1, of_year(year))
        found = self._holiday(end) or self._month_and_day(end) or self._part_of_year(end)
        if found is None or found.of_year is None or found.days is not None:
            return None
        return replace(found, days=found.of_year(year))

    def _bare_year(self, at: int) -> Dated | None:
        year, end = self.year(at)
        return None if year is None else Dated(end, months_in(1, 12)(year))

    def _with_year(self, end: int, of_year: OfYear) -> Dated:
        year, after = self.year(end + (self.word(end) in ("of", "in")))
        if year is None and starts_with(self.words, end, ("last", "year")):
            year, after = self.today.last.year - 1, end + 2
        if year is None:
            return Dated(end, of_year=of_year)
        return Dated(after, of_year(year), of_year)

    def year(self, at: int) -> tuple[int | None, int]:
        """A year at a token, and the token after it."""
        if self._is_year(at):
            return int(self.words[at]), at + 1
        token = self.tokens[at] if at < len(self.tokens) else None
        if token and token.is_number and len(token.word) == 2 and token.before == "'":
            return 2000 + int(token.word), at + 1
        return None, at

    def _is_year(self, at: int) -> bool:
        if at >= len(self.tokens) or len(self.words[at]) != 4 or not self.tokens[at].is_number:
            return False
        after = self.tokens[at + 1] if at + 1 < len(self.tokens) else None
        return int(self.words[at]) in YEARS and not (after and after.joined)  # as in 1990s

    def _is_clock(self, end: int) -> bool:
        """Whether the number before is an hour, such as the 10 of `May 10 pm`."""
        return self.word(end) in ("am", "pm") or (
            end < len(self.tokens) and self.tokens[end].before == ":"
        )

    def word(self, at: int) -> str:
        """The word at a token; empty after the last."""
        return self.words[at] if at < len(self.words) else ""


def _from_saturday(monday: OfYear) -> OfYear:
    def days(year: int) -> Days:
        last = monday(year)[1]
        return last - timedelta(days=2), last

    return days
