"""Control chart of weekly counts: what was expected of each week, limits, and run rules.

The center and the limits of a week are what the rule of change expected of it from the weeks before
(`docs/change.md`), so season and trend are in them; a fixed mean would call each summer unusual.
Scores are the normal variables with the same tail probabilities as the counts.

References
----------
Western Electric (1956), Statistical quality control handbook: the four run rules.
Nelson (1984), The Shewhart control chart: tests for special causes, Journal of Quality
Technology 16.
Champ & Woodall (1987), Exact results for Shewhart control charts with supplementary runs rules,
Technometrics 29: with all four, a chart of known mean signals once in 91.75 points without cause.
Alwan & Roberts (1988), Time-series modeling for statistical process control, JBES 6: charts of what
a model of the series leaves.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum, unique

import numpy as np
import numpy.typing as npt
import polars as pl
from scipy.special import ndtr

from analytics.statistics.arrays import Floats, Ints
from analytics.statistics.expected_counts import CountedRows, forecasts_one_after_another
from analytics.statistics.negative_binomial import mid_interval, normal_score
from analytics.statistics.season_model import SeasonModel
from analytics.statistics.two_periods import Period

WEEK = 7
WEEKS = 104
"""Weeks of a chart at most."""
LIMIT = 3.0
FALSE_SIGNALS, FALSE_BEYOND = 0.013, 0.003
"""Shares of weeks in which a steady series signals by any rule, and by `BEYOND` alone.

Simulated: tests/unit/analytics/overview/test_control_chart.py.
"""


@unique
class RunRule(StrEnum):
    """Why a week signals."""

    BEYOND = "beyond_3"  # beyond three standard deviations
    TWO_OF_THREE = "two_of_three_beyond_2"
    FOUR_OF_FIVE = "four_of_five_beyond_1"
    EIGHT_IN_A_ROW = "eight_on_one_side"


RUNS = {
    RunRule.BEYOND: (1, 1, LIMIT),
    RunRule.TWO_OF_THREE: (2, 3, 2.0),
    RunRule.FOUR_OF_FIVE: (4, 5, 1.0),
    RunRule.EIGHT_IN_A_ROW: (8, 8, 0.0),
}
"""How many of how many weeks lie beyond how many standard deviations, on one side."""


@dataclass(frozen=True)
class ChartWeek:
    """One week.

    Attributes
    ----------
    expected, low, high : center and limits, at three standard deviations; None where nothing was
        expected
    score : standard deviations from the center; above 0 for more
    rules : those that the week completes
    """

    first: date
    last: date
    incidents: int
    expected: float | None
    low: int | None
    high: int | None
    score: float | None
    rules: tuple[RunRule, ...]


@dataclass(frozen=True)
class ControlChart:
    """The last weeks of a series, oldest first."""

    weeks: tuple[ChartWeek, ...] = field(repr=False)

    @property
    def signals(self) -> tuple[ChartWeek, ...]:
        """Weeks that complete a run rule."""
        return tuple(week for week in self.weeks if week.rules)

    @property
    def judged(self) -> int:
        """Weeks of which something was expected."""
        return sum(week.score is not None for week in self.weeks)


def control_chart(
    counts: Ints, citywide: Ints, first: date, last: date, country: str
) -> ControlChart:
    """Judge whole weeks, each from the days before it.

    Parameters
    ----------
    counts, citywide
        Incidents by day from `first` on, of the series and of the same kind in the whole city;
        shape (days,).
    last
        Last day of the last week; a complete one.
    country
        ISO code of the country whose holidays the season knows.
    """
    stop = (last - first).days + 1
    rows = CountedRows.of(counts[None, :stop], np.zeros(1, np.int64))
    seasons = SeasonModel(citywide[None, :stop], first, country)
    (mean,), (variance,) = forecasts_one_after_another(rows, seasons, stop, WEEK, WEEKS)
    if not len(mean):
        return ControlChart(())
    starts = stop - WEEK * np.arange(len(mean), 0, -1)
    happened = rows.between(starts, starts + WEEK)[0]
    low, high = mid_interval(mean, variance, 2 * float(ndtr(-LIMIT)))
    scores = normal_score(happened, mean, variance)
    rules = run_signals(scores)
    weeks = []
    for at, start in enumerate(starts.tolist()):
        known = not np.isnan(scores[at])
        begins = first + timedelta(days=start)
        weeks.append(
            ChartWeek(
                begins,
                begins + timedelta(days=WEEK - 1),
                int(happened[at]),
                float(mean[at]) if known else None,
                int(low[at]) if known else None,
                int(high[at]) if known else None,
                float(scores[at]) if known else None,
                tuple(rule for rule, found in rules.items() if found[at]),
            )
        )
    return ControlChart(tuple(weeks))


def by_day(days: pl.DataFrame, span: Period) -> Ints:
    """Incidents of each day of a span, of a frame of days; shape (days,)."""
    counts = np.zeros((span[1] - span[0]).days + 1, np.int64)
    inside = days.filter(pl.col("day").is_between(*span))
    at = (inside["day"] - span[0]).dt.total_days().to_numpy()
    counts[at] = inside["incidents"].to_numpy()
    return counts


def run_signals(scores: Floats) -> dict[RunRule, npt.NDArray[np.bool_]]:
    """Which points complete each rule; shape (points,). A point without a score is on no side."""
    return {rule: _runs(scores, *run) for rule, run in RUNS.items()}


def _runs(scores: Floats, least: int, window: int, limit: float) -> npt.NDArray[np.bool_]:
    """Points beyond the limit with which `least` of the last `window` are, on the same side."""
    found = np.zeros(len(scores), np.bool_)
    for side in (1, -1):
        beyond = side * np.nan_to_num(scores) > limit
        padded = np.concatenate([np.zeros(window - 1, np.int64), beyond])
        together = np.convolve(padded, np.ones(window, np.int64), mode="valid")
        found |= beyond & (together >= least)
    return found
