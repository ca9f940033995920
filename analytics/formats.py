"""Formats of numbers, dates, weeks, hours and distances for people, by locale (Babel).

A process serves one agency, so the style is global: `use` sets it when a snapshot is pinned.
Exports do not use this module: they stay ISO and metric.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from functools import cache, lru_cache
from itertools import pairwise
from typing import Any

DEFAULT = "en_US"
DASH = "–"
MINUS = "−"
FOOT_M = 0.3048
MILE_M = 5280 * FOOT_M
MILE_KM2 = (MILE_M / 1000) ** 2
HOURS_PER_DAY = 24
_NO_COUNTRY = ("ZZ", "001")  # unknown and the world, such as for Etc/UTC
_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


@dataclass(frozen=True)
class Style:
    """A locale, `us` (feet and miles) or `metric` distances, and where weeks start (1: Monday)."""

    locale: str = DEFAULT
    units: str = "us"
    first_weekday: int = 1


_style = Style()


def use(locale: str, units: str, timezone: str, week_start: str = "monday") -> None:
    """Set the style; what the settings leave empty follows the country of the time zone."""
    global _style  # noqa: PLW0603 -- one agency per process
    chosen = locale or _locale_of(timezone)
    units = units or ("us" if chosen.endswith("_US") else "metric")
    _style = Style(chosen, units, _WEEKDAYS.index(week_start.capitalize()) + 1)


@cache
def country_of(timezone: str) -> str:
    """ISO 3166-1 code of the country a time zone lies in, such as `US`; empty for one of none."""
    from babel.core import get_global

    territory = str(get_global("zone_territories").get(timezone, ""))
    return "" if territory in _NO_COUNTRY else territory


@cache
def _locale_of(timezone: str) -> str:
    from babel.localedata import exists

    found = f"en_{country_of(timezone)}"
    return found if exists(found) else DEFAULT


def number(value: float | None, decimals: int = 0) -> str:
    """`1,234` or `12.3`; a dash for None."""
    if value is None:
        return DASH
    rounded = round(value, decimals) + 0.0  # never −0
    return _localized(f"{rounded:,.{decimals}f}").replace("-", MINUS)


def amount(value: float) -> str:
    """`12.31`, `0.077`: one more decimal where two would hide what differs."""
    return number(value, 2 if value >= 1 else 3)


def signed_number(value: float, decimals: int = 0) -> str:
    """`+0.50`, `−0.50`."""
    text = number(value, decimals)
    return text if text.startswith(MINUS) else f"+{text}"


def numbers(low: float | None, high: float | None, decimals: int = 0) -> str:
    """`2.43 to 2.93`."""
    return f"{number(low, decimals)} to {number(high, decimals)}"


def percent(part: float | None, decimals: int | None = 1) -> str:
    """`12.3%` for a share of 0.123. If `decimals` is None: one below 10%, else none."""
    if part is None:
        return DASH
    return number(100 * part, _decimals(part, decimals)) + percent_suffix()


def percent_suffix() -> str:
    """What follows the number of a percentage: `%`, with a space in some locales."""
    return _symbols(_style.locale).percent


def percents(low: float, high: float, decimals: int | None = 1) -> str:
    """`57 to 68%`."""
    return f"{number(100 * low, _decimals(low, decimals))} to {percent(high, decimals)}"


def signed_percent(change: float) -> str:
    """`+18%`, `−4%`."""
    rounded = round(100 * change)
    sign = "+" if rounded > 0 else MINUS if rounded < 0 else ""
    return f"{sign}{percent(abs(rounded) / 100, 0)}"


def signed_percents(low: float, high: float) -> str:
    """`−9 to +4%`."""
    return f"{signed_percent(low).removesuffix(percent_suffix())} to {signed_percent(high)}"


def short_date(day: date) -> str:
    """`Jun 1, 2017`."""
    return _date(day, _style.locale)


def is_month_first() -> bool:
    """Whether a date is written as month/day, as in the United States."""
    from babel.dates import get_date_format

    pattern = get_date_format("short", _style.locale).pattern
    return pattern.lower().index("m") < pattern.index("d")


def date_range(first: date, last: date) -> str:
    """`Jun 1 to Jul 3, 2017`; a shared year is written once."""
    return short_date(first) if first == last else _interval(first, last, _style.locale)


def month_year(month: date) -> str:
    """`Jun 2017`."""
    return _date(month, _style.locale, "yMMM")


def month_day(day: date) -> str:
    """`Jun 1`."""
    return _date(day, _style.locale, "MMMd")


def short_month(month: int) -> str:
    """6 → `Jun`."""
    return _date(date(2018, month, 1), _style.locale, "MMM")


def week() -> tuple[int, ...]:
    """Weekdays (1 is Monday, 7 Sunday) in the order in which a week is shown."""
    first = _style.first_weekday
    return (*range(first, 8), *range(1, first))


def in_week_order(weekdays: Iterable[int]) -> list[int]:
    """Weekdays in the order in which a week is shown."""
    return sorted(weekdays, key=week().index)


def weekday_run(weekdays: Iterable[int]) -> tuple[int, int] | None:
    """First and last of three or more weekdays in a row, such as (5, 7); None for any others."""
    days = set(weekdays)
    orders = sorted(days), in_week_order(days)
    runs = [run for run in orders if all(then == day % 7 + 1 for day, then in pairwise(run))]
    return (runs[0][0], runs[0][-1]) if runs and len(days) > 2 else None


def days_into_week(day: date) -> int:
    """0 on the first day of a week, 6 on the last."""
    return (day.isoweekday() - _style.first_weekday) % 7


def weekday_name(weekday: int) -> str:
    """`Friday` for 5, for sentences: in the language of the pages."""
    return _WEEKDAYS[weekday - 1]


def short_weekday(weekday: int) -> str:
    """`Fri` for 5, for axes and dates: by locale."""
    return _short_weekdays(_style.locale)[weekday - 1]


def weekday_date(day: date) -> str:
    """`Fri Jun 1, 2018`."""
    return f"{short_weekday(day.isoweekday())} {short_date(day)}"


def moment(when: datetime) -> str:
    """`Nov 21, 2026, 2:58 PM UTC`."""
    return f"{short_date(when.date())}, {clock_time(when.hour + when.minute / 60)} UTC"


def day_time(when: datetime) -> str:
    """`11/12/2018 11:59 PM`, for tables."""
    day = _date(when.date(), _style.locale, "yMd")
    return f"{day} {clock_time(when.hour + when.minute / 60)}"


def hour_name(at: int) -> str:
    """22 → `10 PM`."""
    return _hour_names(_style.locale)[at % HOURS_PER_DAY]


def hour_range(first: int, end: int) -> str:
    """20 and 24 → `8 PM–midnight`; 18 and 20 → `6–8 PM`."""
    names = _hour_names(_style.locale)
    begins, ends = names[first % HOURS_PER_DAY], names[end % HOURS_PER_DAY]
    if first % HOURS_PER_DAY == end % HOURS_PER_DAY:
        return "all day"
    if not _has_halves(_style.locale):
        return f"{begins}–{'24:00' if end % HOURS_PER_DAY == 0 else ends}"
    special = {0: "midnight", 12: "noon"}
    begins = special.get(first % HOURS_PER_DAY, begins)
    ends = special.get(end % HOURS_PER_DAY, ends)
    start, _, half = begins.partition(" ")
    if half and half == ends.partition(" ")[2]:
        begins = start
    return f"{begins}–{ends}"


def clock_time(hours_of_day: float) -> str:
    """20.47 → `8:28 PM`."""
    minutes = round(hours_of_day * 60) % (HOURS_PER_DAY * 60)
    return _clock(minutes // 60, minutes % 60, _style.locale)


def distance_text(meters: float) -> str:
    """`820 ft`, `1.2 mi`; `250 m`, `12 km` where units are metric."""
    if not is_metric():
        if meters >= MILE_M / 2:
            return f"{number(meters / MILE_M, 1)} mi"
        feet = meters / FOOT_M
        return f"{number(round(feet, -1) if feet >= 100 else feet)} ft"
    if meters >= 10_000:
        return f"{number(meters / 1000, 1)} km"
    return f"{number(meters)} m"


def length_unit() -> str:
    """`feet` or `meters`: the unit of lengths in form fields."""
    return "meters" if is_metric() else "feet"


def length_unit_m() -> float:
    """Meters in one unit of lengths in form fields."""
    return 1.0 if is_metric() else FOOT_M


def area_text(km2: float) -> str:
    """`0.25 sq mi`; `0.65 km²` where units are metric."""
    return f"{number(km2 / area_unit_km2(), 2)} {area_unit()}"


def is_metric() -> bool:
    """Whether distances are in meters."""
    return _style.units == "metric"


def language_tag() -> str:
    """The locale as browsers name it, `en-US`."""
    return _style.locale.replace("_", "-")


def separators() -> str:
    """The separators of decimals and of thousands: `.,`."""
    symbols = _symbols(_style.locale)
    return symbols.decimal + symbols.group


def date_patterns() -> Mapping[str, Any]:
    """Names of days and months and strftime patterns of dates, by the keys of Plotly's locales.

    Empty for the United States, which Plotly knows.
    """
    return {} if _style.locale == DEFAULT else _date_patterns(_style.locale)


def area_unit() -> str:
    """`sq mi` or `km²`."""
    return "km²" if is_metric() else "sq mi"


def area_unit_km2() -> float:
    """Square kilometers in one unit of area."""
    return 1.0 if is_metric() else MILE_KM2


@dataclass(frozen=True)
class _Symbols:
    group: str
    decimal: str
    percent: str  # suffix of a percentage


@cache
def _symbols(locale: str) -> _Symbols:
    from babel import Locale
    from babel.numbers import get_decimal_symbol, get_group_symbol

    percent_pattern = Locale.parse(locale).percent_formats[None].pattern
    return _Symbols(
        get_group_symbol(locale), get_decimal_symbol(locale), percent_pattern.partition("0")[2]
    )


def _localized(text: str) -> str:
    """Translate a number from Python's US format to the locale's."""
    if _style.locale == DEFAULT:
        return text
    symbols = _symbols(_style.locale)
    return text.translate(str.maketrans(",.", symbols.group + symbols.decimal))


def _decimals(part: float, decimals: int | None) -> int:
    return decimals if decimals is not None else int(abs(part) < 0.0995)


@lru_cache(20_000)
def _date(day: date, locale: str, skeleton: str = "yMMMd") -> str:
    from babel.dates import format_skeleton

    return str(format_skeleton(skeleton, day, locale=locale))


@cache
def _short_weekdays(locale: str) -> tuple[str, ...]:
    from babel.dates import get_day_names

    names = get_day_names("abbreviated", "stand-alone", locale)
    return tuple(names[day] for day in range(7))


@cache
def _date_patterns(locale: str) -> Mapping[str, Any]:
    from babel import Locale
    from babel.dates import get_day_names, get_month_names

    def names(of: Any, width: str, order: Iterable[int]) -> list[str]:
        found = of(width, "stand-alone", locale)
        return [found[number] for number in order]

    skeletons = Locale.parse(locale).datetime_skeletons
    parts = {"month": "yMMM", "dayMonth": "MMMd", "dayMonthYear": "yMMMd", "date": "yMd"}
    days = (6, 0, 1, 2, 3, 4, 5)  # Babel counts from Monday
    return {
        "days": names(get_day_names, "wide", days),
        "shortDays": names(get_day_names, "abbreviated", days),
        "months": names(get_month_names, "wide", range(1, 13)),
        "shortMonths": names(get_month_names, "abbreviated", range(1, 13)),
        "year": "%Y",
        **{name: _strftime(skeletons[part].pattern) for name, part in parts.items()},
    }


_STRFTIME = {"d": "%-d", "dd": "%d", "M": "%-m", "MM": "%m", "MMM": "%b", "MMMM": "%B"}


def _strftime(pattern: str) -> str:
    """`%-d. %b %Y` of Babel's `d. MMM y`; text in quotes is written as it is."""

    def one(part: re.Match[str]) -> str:
        text = part[0]
        quoted = text.strip("'") if text[0] == "'" else "%Y"
        return _STRFTIME.get(text.replace("L", "M"), quoted)

    return re.sub(r"'[^']*'|y+|[ML]+|d+", one, pattern)


@lru_cache(1_000)
def _interval(first: date, last: date, locale: str) -> str:
    from babel.dates import format_interval

    return re.sub(r"\s*–\s*", " to ", format_interval(first, last, "yMMMd", locale=locale))


@cache
def _has_halves(locale: str) -> bool:
    """Whether the locale uses a 12-hour clock."""
    from babel.dates import get_time_format

    return "a" in get_time_format("short", locale=locale).pattern


@cache
def _hour_names(locale: str) -> tuple[str, ...]:
    from babel.dates import format_time

    pattern = "h a" if _has_halves(locale) else "HH:mm"
    return tuple(format_time(time(at), pattern, locale=locale) for at in range(HOURS_PER_DAY))


@lru_cache(HOURS_PER_DAY * 60)
def _clock(at: int, minute: int, locale: str) -> str:
    from babel.dates import format_time

    return re.sub(r"\s", " ", format_time(time(at, minute), "short", locale=locale))
