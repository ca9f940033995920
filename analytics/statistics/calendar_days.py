"""Days of a calendar that change counts by themselves: public holidays and firsts of a month."""

from __future__ import annotations

from datetime import date, timedelta
from functools import lru_cache

import numpy as np

from analytics.statistics.arrays import Floats

FIRST_OF_MONTH = "first of a month"
"""Dates that are not known are often recorded as the first of a month."""
ESTIMATED = " (estimated)"
"""What the holidays package adds to the name where it computed the day of a lunar calendar."""


@lru_cache(maxsize=16)
def public_holidays(country: str, first_year: int, last_year: int) -> dict[str, frozenset[date]]:
    """Public holidays of a country by name, on the day itself; empty where it is not known.

    A holiday of the lunar calendar is the same one whether its day is confirmed or estimated.

    Parameters
    ----------
    country : ISO 3166-1 alpha-2 code, such as US
    """
    import holidays  # noqa: PLC0415 - only pages and commands that compare periods need it

    years = range(first_year, last_year + 1)
    try:
        found = holidays.country_holidays(country, years=years, observed=False)
    except NotImplementedError:  # a country without holidays there; listing them all takes 0.1 s
        return {}
    names: dict[str, set[date]] = {}
    for day in found:
        for name in found.get_list(day):
            names.setdefault(name.removesuffix(ESTIMATED), set()).add(day)
    return {name: frozenset(days) for name, days in sorted(names.items())}


def calendar_days(country: str, first: date, days: int) -> tuple[list[str], Floats]:
    """Names of the kinds of day, and which days are of each kind: 0 or 1, shape (days, kinds).

    The first kind is `FIRST_OF_MONTH`, the others are the country's holidays.
    """
    span = [first + timedelta(days=at) for at in range(days)]
    kinds = public_holidays(country, span[0].year, span[-1].year)
    columns = [[day.day == 1 for day in span]]
    columns += [[day in dates for day in span] for dates in kinds.values()]
    return [FIRST_OF_MONTH, *kinds], np.array(columns, dtype=np.float64).T
