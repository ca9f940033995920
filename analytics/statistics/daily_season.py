"""The season of daily counts: how the days of a year and its holidays change them.

A Poisson regression of several series by day, such as a city's incidents by shift: a level that
bends once a year, two annual harmonics, weekdays, firsts of a month and the country's public
holidays. Only the harmonics and the days of the calendar are used. `SeasonModel` is the same of
weekly counts, for windows of whole weeks.

References
----------
McCullagh & Nelder (1989), Generalized linear models, chapter 6.
Hoerl & Kennard (1970), Ridge regression, Technometrics 12.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

import numpy as np
import numpy.typing as npt

from analytics.statistics.arrays import Floats
from analytics.statistics.calendar_days import calendar_days
from analytics.statistics.season_model import (
    FEWEST_OCCASIONS,
    FEWEST_WEEKS,
    HARMONICS,
    MOST_WEEKS,
    WEEK,
    YEAR_WEEKS,
    fit_poisson,
    level_knots,
    year_phases,
)


@dataclass(frozen=True, eq=False)
class DailySeason:
    """Effects by series on the log scale; all 0 where there are under two years of days.

    Attributes
    ----------
    harmonics : shape (series, 2 × HARMONICS)
    calendar : shape (series, kinds of calendar day)
    """

    harmonics: Floats = field(repr=False)
    calendar: Floats = field(repr=False)
    fitted: bool


class DailySeasons:
    """Seasons of several series, each as it was known on a day: fitted to the days before it.

    Parameters
    ----------
    counts : array of shape (series, days)
    first : day of the first column
    country : ISO code whose holidays count, such as US; empty for none
    ahead : days after the last column for which factors are asked
    """

    def __init__(self, counts: npt.ArrayLike, first: date, country: str, ahead: int) -> None:
        self._counts = np.atleast_2d(np.asarray(counts, dtype=np.float64))
        days = self._counts.shape[1] + ahead
        self._phases = year_phases(first, np.arange(days) + 0.5)
        _, self._kinds = calendar_days(country, first, days)
        self._weekdays = np.eye(WEEK)[np.arange(days) % WEEK][:, 1:]
        self._known: dict[int, DailySeason] = {}

    def known_on(self, day: int) -> DailySeason:
        """The season as the days before a day give it; fitted once."""
        if day not in self._known:
            self._known[day] = self._fit(day)
        return self._known[day]

    def factors(self, season: DailySeason, start: int, stop: int) -> Floats:
        """Relative counts of the days from `start` to before `stop`, weekdays apart.

        Returns
        -------
        array of shape (series, days)
        """
        log_year = season.harmonics @ self._phases[start:stop].T
        return np.asarray(np.exp(log_year + season.calendar @ self._kinds[start:stop].T))

    def _fit(self, day: int) -> DailySeason:
        days = min(day // WEEK, MOST_WEEKS) * WEEK
        series, kinds = len(self._counts), self._kinds.shape[1]
        harmonics, calendar = np.zeros((series, 2 * HARMONICS)), np.zeros((series, kinds))
        if days < FEWEST_WEEKS * WEEK:
            return DailySeason(harmonics, calendar, False)
        past = slice(day - days, day)
        used = self._kinds[past].sum(axis=0) >= FEWEST_OCCASIONS
        columns = [self._phases[past], self._kinds[past][:, used], self._weekdays[past]]
        levels = level_knots(days, YEAR_WEEKS * WEEK)
        found = fit_poisson(self._counts[:, past], np.concatenate(columns, axis=1), levels)
        calendar[:, used] = found[:, 2 * HARMONICS : 2 * HARMONICS + used.sum()]
        return DailySeason(found[:, : 2 * HARMONICS], calendar, True)
