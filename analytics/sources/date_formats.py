"""Date and time formats that a source may use, and those that `--suggest` tries."""

from __future__ import annotations

import itertools
import re

_CODE = re.compile(r"%-?(.)", re.DOTALL)
_PLAIN = re.compile(r"(?:%-?[a-zA-Z%]|[^%'\"\\;])+")
_ZONE = re.compile(r" ?(?:%z|%Z|(?<![A-Za-z])Z|UTC|GMT)$")
_DIGITS, _LETTERS = re.compile(r"\d+"), re.compile("[A-Za-z]+")
_WHOLE = re.compile(r"^(\d+)\.0+$")
_KNOWN = "YymdbBjaAHIpMSf%"
_CLOCK = set("HIpMSf")
_DAYS = set("YymdbBjaA")

_NUMERIC_DATES = tuple(
    order.replace("/", separator)
    for separator in "/-."
    for order in ("%m/%d/%Y", "%d/%m/%Y", "%m/%d/%y", "%d/%m/%y")
)
_OTHER_DATES = (
    "%Y-%m-%d", "%Y/%m/%d", "%Y.%m.%d", "%d-%b-%Y", "%d-%b-%y", "%d %b %Y", "%d %B %Y",
    "%b %d %Y", "%b %d, %Y", "%B %d, %Y", "%a %b %d %Y", "%A, %B %d, %Y", "%Y年%m月%d日", "%Y%m%d",
)  # fmt: skip
_TIMES = ("%H:%M:%S", "%H:%M", "%H:%M:%S.%f", "%I:%M:%S %p", "%I:%M %p", "%I:%M:%S%p", "%I:%M%p")
_OTHER_TIMES = ("%H.%M", "%Hh%M", "%H時%M分")

MONTHS = "%Y-%m"
DATE_FORMATS = (
    *(*_NUMERIC_DATES, *_OTHER_DATES),
    *(f"{day} {clock}" for day, clock in itertools.product(_NUMERIC_DATES + _OTHER_DATES, _TIMES)),
    *(f"{day}  {clock}" for day, clock in itertools.product(_NUMERIC_DATES, _TIMES)),
    *(f"{day}, {clock}" for day, clock in itertools.product(_NUMERIC_DATES, _TIMES)),
    *(f"{day} {clock}" for day, clock in itertools.product(_NUMERIC_DATES, _OTHER_TIMES)),
    *(f"{day} %H%M" for day in _NUMERIC_DATES),
    *(f"%Y-%m-%dT{clock}" for clock in _TIMES[:3]),
    *("%Y%m%d%H%M%S", "%Y%m%d%H%M", "%Y%m%dT%H%M%S", "%a %b %d %H:%M:%S %Y"),
    MONTHS,
)
TIME_FORMATS = (*_TIMES, *_OTHER_TIMES)
HOURS, MILITARY = "%H", "%H%M"
EXCEL, UNIX, UNIX_MS = "excel", "unix", "unix_ms"
"""Numbers for a time: days since 1899-12-30, and seconds or milliseconds since 1970 in UTC."""
SERIALS = (EXCEL, UNIX, UNIX_MS)


def without_zone(name: str) -> str:
    """The format without a time zone at its end, since zones are read with any format."""
    return _ZONE.sub("", name)


def date_problem(name: str, *, months: bool) -> str | None:
    """What is wrong with a date format, if anything. `months`: the source has only months."""
    if name in SERIALS:
        return None
    codes, problem = _codes(name)
    if problem:
        return problem
    if not codes & {"Y", "y"}:
        return "has no year (%Y or %y); a date without one would fall in 1900"
    if "j" not in codes and not codes & {"m", "b", "B"}:
        return "has no month (%m, %b or %B)"
    if "j" not in codes and "d" not in codes and not months:
        return 'has no day (%d); if only the month is known, set precision = "month"'
    return _clock_problem(codes) if codes & _CLOCK else None


def time_problem(name: str) -> str | None:
    """What is wrong with the format of a time of day, if anything."""
    if name == EXCEL:
        return None
    codes, problem = _codes(name)
    if problem:
        return problem
    if codes & _DAYS:
        return "is a date; time formats have hours, minutes and seconds"
    return _clock_problem(codes)


def _codes(name: str) -> tuple[set[str], str | None]:
    if not _PLAIN.fullmatch(name) or "%" not in name:
        return set(), "is not a date format, such as %m/%d/%Y %H:%M"
    codes = set(_CODE.findall(name))
    for code in sorted(codes):
        if code in "zZ":
            return codes, f"has %{code} before its end; a time zone must come last"
        if code not in _KNOWN:
            return codes, f"has %{code}, which is not a known code"
    return codes, None


def _clock_problem(codes: set[str]) -> str | None:
    if not codes & {"H", "I"}:
        return "has no hour (%H or %I)"
    if "I" in codes and "p" not in codes:
        return "has %I without %p; use %H for 24-hour times"
    return None


def has_two_digit_year(name: str) -> bool:
    return "%y" in name or "%-y" in name


def shape(text: str) -> str:
    """Replace each run of digits with 9 and each run of letters with A."""
    return _LETTERS.sub("A", _DIGITS.sub("9", _WHOLE.sub(r"\1", text)))


def shape_of_format(name: str) -> str:
    """The shape of texts that a format reads."""
    return shape(_CODE.sub(lambda code: "A" if code[1] in "bBaAp" else "0", name))


def day_first(name: str) -> bool | None:
    """Whether the day comes before the month; None if the order is unambiguous."""
    found = re.match(r"%([md])[/.-]%([md])[/.-]%[Yy]", name)
    return None if found is None else found[1] == "d"


def swapped(name: str) -> str:
    """The format with day and month exchanged."""
    return name.replace("%m", "%\0").replace("%d", "%m").replace("%\0", "%d")
