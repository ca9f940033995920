"""The season of counts: how a city's incidents of one kind go through the year.

A Poisson regression of weekly counts: a level that bends once a year, two annual harmonics, the
number of firsts of a month, and the country's public holidays. Only the season is used, never the
level: it keeps the trend out of the season.

References
----------
McCullagh & Nelder (1989), Generalized linear models, chapter 6.
Held & Paul (2012), Modeling seasonality in space-time infectious disease surveillance data,
Biometrical Journal 54: harmonics in a log-linear model of weekly counts.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta

import numpy as np
import numpy.typing as npt

from analytics.statistics.arrays import Floats
from analytics.statistics.calendar_days import calendar_days

WEEK = 7
YEAR_WEEKS = 52
MOST_WEEKS = 4 * YEAR_WEEKS
FEWEST_WEEKS = 2 * YEAR_WEEKS
"""Under two years no season is fitted: one summer cannot be told from a trend."""
HARMONICS = 2
YEAR_DAYS = 365.25
SPREAD = 0.3
"""Standard deviation of an effect's normal prior, log scale: it holds rare kinds near no season."""
LEVEL_SPREAD = 5.0
"""The same of the level around the mean: it keeps a year without incidents finite."""
FEWEST_OCCASIONS = 2
"""Weeks in which a holiday fell before it has an effect."""
STEPS, CLOSE, LONGEST_STEP = 30, 1e-5, 2.0
"""Newton's method: its error after a step is about the square of the step."""


@dataclass(frozen=True, eq=False)
class Season:
    """Effects by series, on the log scale; all 0 where the history is too short.

    Attributes
    ----------
    harmonics : shape (series, 2 × HARMONICS), sine and cosine of each
    calendar : shape (series, kinds of calendar day), per day of that kind in a week
    weekdays : shape (series, 7), mean 1; the first is the weekday of the data's first day
    fitted : whether there are two years of whole weeks
    """

    harmonics: Floats = field(repr=False)
    calendar: Floats = field(repr=False)
    weekdays: Floats = field(repr=False)
    fitted: bool


class SeasonModel:
    """Seasons of several series, each as it was known on a day: fitted to the weeks before it.

    Parameters
    ----------
    counts : array of shape (series, days)
        Citywide incidents by day.
    first : day of the first column
    country : ISO code whose holidays count, such as US; empty for none
    """

    def __init__(self, counts: npt.ArrayLike, first: date, country: str) -> None:
        values = np.atleast_2d(np.asarray(counts, dtype=np.float64))
        zero = np.zeros((len(values), 1))
        self.series, self.days = values.shape
        self._sums = np.concatenate([zero, values.cumsum(axis=1)], axis=1)
        self._first = first
        _, kinds = calendar_days(country, first, self.days)
        zeros = np.zeros((1, kinds.shape[1]))
        self._kinds = np.concatenate([zeros, kinds.cumsum(axis=0)])
        self._known: dict[int, Season] = {}

    def known_on(self, day: int) -> Season:
        """The season as the weeks before a day give it; fitted once."""
        if day not in self._known:
            self._known[day] = self._fit(day)
        return self._known[day]

    def by_day(self, season: Season, anchor: int, start: int, stop: int) -> Floats:
        """Relative counts of the days from `start` to before `stop`, shape (series, days).

        Parameters
        ----------
        anchor
            Weeks are counted from this day, forward and back.

        Notes
        -----
        A whole week is what the regression gives, shared out by weekday. The last piece may be
        shorter: a holiday then has its effect on the piece that holds it.
        """
        days = np.arange(start, stop)
        piece = (days - anchor) // WEEK
        starts = anchor + WEEK * np.arange(piece[0], piece[-1] + 1)
        ends = np.minimum(starts + WEEK, max(stop, anchor))
        log_year = season.harmonics @ self._phases((starts + ends) / 2).T
        special = season.calendar @ (self._kinds[ends] - self._kinds[np.maximum(starts, 0)]).T
        special = 1 + WEEK / (ends - starts) * np.expm1(special)
        weeks = np.exp(log_year) * np.maximum(special, 0.05)
        return np.asarray(weeks[:, piece - piece[0]] * season.weekdays[:, days % WEEK])

    def _fit(self, day: int) -> Season:
        weeks = min(day // WEEK, MOST_WEEKS)
        kinds = self._kinds.shape[1]
        weekdays = self._weekdays(day, min(weeks, YEAR_WEEKS))
        if weeks < FEWEST_WEEKS:
            shape = self.series, 2 * HARMONICS
            return Season(np.zeros(shape), np.zeros((self.series, kinds)), weekdays, False)
        edges = day - WEEK * np.arange(weeks, -1, -1)
        counts = np.diff(self._sums[:, edges], axis=1)
        harmonics = self._phases((edges[1:] + edges[:-1]) / 2)
        special = np.diff(self._kinds[edges], axis=0)
        used = (special > 0).sum(axis=0) >= FEWEST_OCCASIONS
        effects = np.concatenate([harmonics, special[:, used]], axis=1)
        found = fit_poisson(counts, effects, level_knots(weeks))
        calendar = np.zeros((self.series, kinds))
        calendar[:, used] = found[:, harmonics.shape[1] :]
        return Season(found[:, : harmonics.shape[1]], calendar, weekdays, True)

    def _phases(self, days: Floats) -> Floats:
        return year_phases(self._first, days)

    def _weekdays(self, day: int, weeks: int) -> Floats:
        """Share of each weekday times 7 over the weeks before a day, with one incident for each."""
        before = day - WEEK * weeks
        edges = before + np.arange(WEEK * weeks + 1)
        counts = np.diff(self._sums[:, edges], axis=1).reshape(self.series, weeks, WEEK)
        found = counts.sum(axis=1) + 1.0
        return np.roll(found / found.mean(axis=1, keepdims=True), before % WEEK, axis=1)


def year_phases(first: date, days: npt.ArrayLike) -> Floats:
    """Sine and cosine of the time of the year, days after `first`; (days, 2 × HARMONICS)."""
    start = (first - date(first.year, 1, 1)) / timedelta(days=1)
    turns = 2 * np.pi * (start + np.asarray(days, np.float64)) / YEAR_DAYS
    waves = [wave(n * turns) for n in range(1, HARMONICS + 1) for wave in (np.sin, np.cos)]
    return np.stack(waves, axis=1)


def level_knots(steps: int, year: int = YEAR_WEEKS) -> Floats:
    """A level that bends about once a year, as columns of weeks; shape (steps, knots).

    Steps instead of bends would leave a trend within a year to the season: the rest of a fall would
    look like a rise at every new year of the window.

    Parameters
    ----------
    year : steps of a year, 52 for weeks
    """
    years = round(steps / year)
    knots = np.linspace(0, steps, years + 1)
    middles = np.arange(steps) + 0.5
    return np.stack([np.interp(middles, knots, knot) for knot in np.eye(years + 1)], axis=1)


def fit_poisson(counts: Floats, effects: Floats, levels: Floats) -> Floats:
    """Effects of a log-linear Poisson regression of several series, shape (series, effects).

    Parameters
    ----------
    counts : array of shape (series, weeks)
    effects, levels : arrays of shape (weeks, columns)
        Effects have a normal prior with standard deviation `SPREAD`, levels (around the log of the
        series' mean) with `LEVEL_SPREAD`: a ridge that hundreds of incidents outweigh.

    Notes
    -----
    Newton's method on all series at once, from means around each knot.
    """
    design = np.concatenate([levels, effects], axis=1)
    weeks, columns = design.shape
    spread = np.repeat([LEVEL_SPREAD, SPREAD], [levels.shape[1], effects.shape[1]])
    ridge = spread**-2.0
    products = (design[:, :, None] * design[:, None, :]).reshape(weeks, -1)
    mean = np.maximum(counts.mean(axis=1, keepdims=True), 1e-6)
    found = np.zeros((len(counts), columns))
    around = counts @ levels / np.maximum(levels.sum(axis=0), 1)
    found[:, : levels.shape[1]] = np.log(np.maximum(around, 0.1 * mean) / mean)
    for _ in range(STEPS):
        fitted = mean * np.exp(found @ design.T)
        slope = (counts - fitted) @ design - ridge * found
        curve = (fitted @ products).reshape(-1, columns, columns) + np.diag(ridge)
        step = np.linalg.solve(curve, slope[:, :, None])[:, :, 0]
        found += np.clip(step, -LONGEST_STEP, LONGEST_STEP)
        if np.abs(step).max(initial=0.0) < CLOSE:
            break
    return np.asarray(found[:, levels.shape[1] :])
