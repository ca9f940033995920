"""Other rules that say whether a count is more than usual, for comparison with the expected counts.

A rule scores counts of a window with what was known before it; a score is standard normal where
nothing changed, as far as the rule's assumptions hold.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
from scipy.special import ndtri

from analytics.statistics.arrays import Floats, Ints
from analytics.statistics.expected_counts import CountedRows, ExpectedCounts
from analytics.statistics.negative_binomial import normal_score
from analytics.statistics.two_periods import judge

Score = Callable[[Ints], Floats]
"""Scores of counts by row; NaN where the rule cannot tell."""
YEAR_DAYS = 364
EARS_BASE, EARS_GAP = 7, 2
FARRINGTON_YEARS, FARRINGTON_HALF_WIDTH = 3, 1


@dataclass(frozen=True, eq=False)
class Situation:
    """A window, the rows as they were counted, and what the engine expects of them."""

    rows: CountedRows = field(repr=False)
    start: int
    days: int
    expected: ExpectedCounts = field(repr=False)

    def window(self, back: int, lag: int = 0) -> Ints | None:
        """Counts of the window `back` windows and `lag` days before; None where not all is past."""
        start = self.start - back * self.days - lag
        if start < 0 or start + self.days > self.start:
            return None
        return self.rows.between(start, start + self.days)

    def windows(self, first: int, last: int) -> Floats | None:
        """Windows from `first` to `last` back, shape (rows, windows)."""
        return _stacked([self.window(back) for back in range(first, last + 1)])


def expectation(here: Situation) -> Score:
    """The engine itself."""
    found = here.expected
    return lambda counts: normal_score(counts, found.expected, found.variance)


def known_mean(here: Situation) -> Score:
    """What no rule can beat: a Poisson count whose mean is known."""
    mean = here.expected.expected
    return lambda counts: normal_score(counts, mean, mean)


def before(here: Situation) -> Score:
    """√2(√now − √before) over the variation of past pairs: the window before."""
    return _square_roots(here, here.days)


def last_year(here: Situation) -> Score:
    """The same 364 days earlier."""
    return _square_roots(here, YEAR_DAYS)


def _square_roots(here: Situation, lag: int) -> Score:
    then = here.window(0, lag)
    if then is None:
        return _silent
    back = range(1, (here.start - lag) // here.days + 1)
    later, earlier = (_stacked([here.window(one, far) for one in back]) for far in (0, lag))
    if later is None or earlier is None:
        return _silent
    pairs = np.sqrt(2) * (np.sqrt(later) - np.sqrt(earlier))

    def score(counts: Ints) -> Floats:
        z = np.sqrt(2) * (np.sqrt(counts) - np.sqrt(then))
        tested = judge(z, counts + then, pairs)
        return np.asarray(-np.sign(z) * ndtri(tested.p / 2))

    return score


def wheeler(here: Situation) -> Score:
    """2(√now − √mean) with the mean of the same days of three years (Wheeler 2016)."""
    past = _stacked([here.window(0, year * YEAR_DAYS) for year in (1, 2, 3)])
    if past is None:
        return _silent
    mean = past.mean(axis=1)
    return lambda counts: np.asarray(2 * (np.sqrt(counts) - np.sqrt(mean)))


def control_chart(here: Situation) -> Score:
    """(now − mean) / standard deviation of the windows of 52 weeks (Shewhart 1931)."""
    return _standardized(here.windows(1, max(round(YEAR_DAYS / here.days), 2)))


def ears_c2(here: Situation) -> Score:
    """The same of seven windows, after a gap of two (Hutwagner et al. 2003)."""
    return _standardized(here.windows(EARS_GAP + 1, EARS_GAP + EARS_BASE))


def _standardized(past: Floats | None) -> Score:
    if past is None:
        return _silent
    mean, spread = past.mean(axis=1), past.std(axis=1, ddof=1)
    return lambda counts: np.divide(
        counts - mean, spread, out=np.full(len(mean), np.nan), where=spread > 0
    )


def farrington(here: Situation) -> Score:
    """Quasi-Poisson on neighboring windows of three years, on the 2/3-power scale.

    Farrington et al. (1996), without the trend and the weights for past outbreaks.
    """
    around = range(-FARRINGTON_HALF_WIDTH, FARRINGTON_HALF_WIDTH + 1)
    years = range(1, FARRINGTON_YEARS + 1)
    past = _stacked([here.window(near, year * YEAR_DAYS) for year in years for near in around])
    if past is None:
        return _silent
    mean, number = past.mean(axis=1), past.shape[1]
    with np.errstate(divide="ignore", invalid="ignore"):
        pearson = ((past - mean[:, None]) ** 2).sum(axis=1) / mean / (number - 1)
        spread = np.sqrt(4 / 9 * mean ** (1 / 3) * np.maximum(pearson, 1.0) * (1 + 1 / number))

    def score(counts: Ints) -> Floats:
        off = counts ** (2 / 3) - mean ** (2 / 3)
        return np.divide(off, spread, out=np.full(len(mean), np.nan), where=spread > 0)

    return score


def _stacked(windows: list[Ints | None]) -> Floats | None:
    known = [one for one in windows if one is not None]
    whole = known and len(known) == len(windows)
    return np.stack(known, axis=1).astype(np.float64) if whole else None


def _silent(counts: Ints) -> Floats:
    return np.full(len(counts), np.nan)


ENGINE, LIMIT = "expected_counts", "known_mean"
RULES: dict[str, Callable[[Situation], Score]] = {
    ENGINE: expectation,
    LIMIT: known_mean,
    "before": before,
    "last_year": last_year,
    "wheeler_3_years": wheeler,
    "control_chart_52_weeks": control_chart,
    "ears_c2": ears_c2,
    "farrington": farrington,
}
