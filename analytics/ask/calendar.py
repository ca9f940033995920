"""Days that have a name: months, seasons, quarters and holidays of a year."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

from analytics.crossfilter.clauses import month_of

Days = tuple[date, date]
OfYear = Callable[[int], Days]
"""First and last day in a year."""

MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "january jan",
            "february feb febuary",
            "march mar",
            "april apr",
            "may",
            "june jun",
            "july jul",
            "august aug",
            "september sep sept",
            "october oct",
            "november nov",
            "december dec",
        ),
        start=1,
    )
    for name in names.split()
}
SEASONS = {"winter": 12, "spring": 3, "summer": 6, "autumn": 9, "fall": 9}
"""First month; winter begins in December of the year before, as in the data's seasons."""

_MONDAY, _THURSDAY = 0, 3


def month_in(month: int) -> OfYear:
    return lambda year: month_of(date(year, month, 1))


def day_in(month: int, day: int) -> OfYear:
    """Raises ValueError in a year that lacks the day."""
    return lambda year: (date(year, month, day), date(year, month, day))


def season_in(name: str) -> OfYear:
    """A season by the year in which it ends: winter 2018 began in December 2017."""
    month = SEASONS[name]

    def days(year: int) -> Days:
        first = date(year - (month == 12), month, 1)
        return first, month_of(first + timedelta(days=70))[1]

    return days


def months_in(first: int, last: int) -> OfYear:
    return lambda year: (date(year, first, 1), month_of(date(year, last, 1))[1])


def _nth(month: int, weekday: int, number: int) -> OfYear:
    """The first (1), second … or last (-1) weekday of a month."""

    def days(year: int) -> Days:
        first, last = month_of(date(year, month, 1))
        if number > 0:
            day = first + timedelta(days=(weekday - first.weekday()) % 7 + 7 * (number - 1))
        else:
            day = last - timedelta(days=(last.weekday() - weekday) % 7)
        return day, day

    return days


HOLIDAYS: dict[tuple[str, ...], OfYear] = {
    tuple(name.split()): days
    for names, days in (
        ("new year day|new year|newyear day|new years day|new years", day_in(1, 1)),
        ("new year eve|new years eve|nye", day_in(12, 31)),
        ("martin luther king day|mlk day", _nth(1, _MONDAY, 3)),
        ("valentine|valentine day|valentines day|valentines", day_in(2, 14)),
        ("presidents day|president day", _nth(2, _MONDAY, 3)),
        ("st patrick day|st patricks day|saint patrick day|saint patricks day", day_in(3, 17)),
        ("cinco de mayo", day_in(5, 5)),
        ("memorial day", _nth(5, _MONDAY, -1)),
        ("juneteenth", day_in(6, 19)),
        ("independence day|fourth of july|4 th of july|july fourth", day_in(7, 4)),
        ("labor day|labour day", _nth(9, _MONDAY, 1)),
        ("columbus day", _nth(10, _MONDAY, 2)),
        ("halloween", day_in(10, 31)),
        ("guy fawke night|bonfire night", day_in(11, 5)),
        ("veteran day|veterans day", day_in(11, 11)),
        ("thanksgiving|thanksgiving day", _nth(11, _THURSDAY, 4)),
        ("christmas eve|xmas eve", day_in(12, 24)),
        ("christmas|christmas day|xmas|xmas day", day_in(12, 25)),
        ("boxing day", day_in(12, 26)),
    )
    for name in names.split("|")
}
MOST_HOLIDAY_WORDS = max(len(name) for name in HOLIDAYS)
