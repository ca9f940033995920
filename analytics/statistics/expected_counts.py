"""What is expected of counts, and which counts differ from it by more than chance.

The expected count of a row is the season of its kind, known citywide, times the row's own level:
its incidents of the weeks before over their season, discounted with a half-life of eight weeks. How
far such forecasts were off in the row's past, each made from what was known then, gives its
dispersion.

References
----------
West & Harrison (1997), Bayesian forecasting and dynamic models, 2nd ed., section 10.8: the
discounted Poisson level, whose predictive distribution is negative binomial.
Brown (1959), Statistical forecasting for inventory control: exponential discounting.
McCullagh & Nelder (1989), Generalized linear models, section 4.5: dispersion by moments.
Lancaster (1961), Significance tests in discrete distributions, JASA 56: the mid-p value.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum, unique

import numpy as np
import numpy.typing as npt

from analytics.statistics.arrays import Floats, Ints
from analytics.statistics.level import LEVEL
from analytics.statistics.negative_binomial import mid_interval, mid_p
from analytics.statistics.season_model import MOST_WEEKS, Season, SeasonModel

WEEK = 7
HALF_LIFE_WEEKS = 8
MEMORY_WEEKS = 104
"""Weeks before a window that count for the level: 13 half-lives."""
WINDOWS, WEEKLY_WINDOWS = 26, 52
"""Past windows that give the dispersion; so many of windows up to a week."""
FEWEST_INCIDENTS = 1.0
"""Discounted past incidents without which a row has no level: two in silent years say nothing."""
FEWEST_WINDOWS, SURE_WINDOWS = 5, 13
"""Windows without which nothing is expected, and under which the dispersion is itself uncertain."""
LONG_DAYS = 28
"""Longer windows overlap in the past: a few years have few of them one after another."""
LONG_WINDOWS, FEWEST_LONG = 52, 2.0
"""Past long windows at most, and how many one after another they must at least stand for."""
WARM_UP_WEEKS = 13
"""Weeks of history before a past window counts for the dispersion."""
ROUNDING = 9
"""Decimals of a level: differences of sums are not quite 0 where there was no incident."""
REFIT_DAYS = 28
"""How far apart the seasons are that past windows know."""


@unique
class NoExpectation(StrEnum):
    """Why nothing is expected of a row."""

    TOO_SHORT = "too_little_history"
    TOO_FEW = "too_few_incidents"


@unique
class SeasonBasis(StrEnum):
    """Whether the season is known."""

    FITTED = "fitted"
    UNDER_TWO_YEARS = "under_two_years"


@dataclass(frozen=True, eq=False)
class ExpectedCounts:
    """Counts of a window and what was expected; arrays of shape (rows,), NaN where nothing was.

    Attributes
    ----------
    counts : incidents of the window
    expected, low, high : the expected count and its 95% prediction interval
    variance : of the count around the expected one
    dispersion : φ, at least 1
    p : two-sided mid-p value
    windows : past forecasts behind the dispersion
    is_known : whether these are enough to expect anything
    """

    counts: Ints = field(repr=False)
    expected: Floats = field(repr=False)
    low: Floats = field(repr=False)
    high: Floats = field(repr=False)
    variance: Floats = field(repr=False)
    dispersion: Floats = field(repr=False)
    p: Floats = field(repr=False)
    windows: int
    is_known: bool
    season: SeasonBasis

    @property
    def excess(self) -> Floats:
        """Incidents beyond the expected ones; below 0 where there were fewer."""
        return np.asarray(self.counts - self.expected)

    def missing(self, row: int) -> NoExpectation | None:
        """Why nothing is expected of a row; None where something is."""
        if not self.is_known:
            return NoExpectation.TOO_SHORT
        return NoExpectation.TOO_FEW if np.isnan(self.p[row]) else None


@dataclass(frozen=True, eq=False)
class CountForecast:
    """Mean, variance and dispersion of the counts of a window; as in `ExpectedCounts`."""

    mean: Floats = field(repr=False)
    variance: Floats = field(repr=False)
    dispersion: Floats = field(repr=False)
    windows: int
    is_known: bool
    season: SeasonBasis


@dataclass(frozen=True, eq=False)
class CountedRows:
    """Rows to expect counts of.

    Attributes
    ----------
    sums : shape (rows, days + 1), cumulative incidents by day; of harm not whole
    kind : shape (rows,), which series of the season model each row follows
    """

    sums: Ints | Floats = field(repr=False)
    kind: Ints = field(repr=False)

    @classmethod
    def of(cls, counts: npt.ArrayLike, kind: npt.ArrayLike) -> CountedRows:
        """Of incidents by day, shape (rows, days)."""
        values = np.atleast_2d(np.asarray(counts, dtype=np.int64))
        sums = np.zeros((len(values), values.shape[1] + 1), np.int64)
        np.cumsum(values, axis=1, out=sums[:, 1:])
        return cls(sums, np.asarray(kind, dtype=np.int64))

    def between(self, start: int | Ints, stop: int | Ints) -> Ints:
        return np.asarray(self.sums[:, stop] - self.sums[:, start])


def expected_counts(
    rows: CountedRows, seasons: SeasonModel, start: int, days: int
) -> ExpectedCounts:
    """Expect the counts of a window, and compare them with what was counted.

    Parameters
    ----------
    seasons
        Of the same days as the rows.
    start, days
        Column of the window's first day, and its length.

    Notes
    -----
    With y and s the incidents and the season of past weeks k (1 is the newest),
    a = Σ ½^(k/8) y, b = Σ ½^(k/8) s, μ = (a/b) Σ s over the window, and
    φ = max(1, mean (y − μ)² / (μ + μ²/a)) over the last 26 windows (52 of up to a week), where each
    μ is as it was forecast then. The count is negative binomial, mean μ, variance φ(μ + μ²/a).

    Windows of more than four weeks are a quarter of their length apart in the past (whole weeks, 28
    days at least), 52 at most, and each follows the season that is known today. They stand for n
    windows one after another, n being the days they cover over the length of one: φ is multiplied
    by (t/z)² with n degrees of freedom below 13.
    """
    found = forecast(rows, seasons, start, days)
    counts = rows.between(start, start + days)
    low, high = mid_interval(found.mean, found.variance, LEVEL)
    return ExpectedCounts(
        counts,
        found.mean,
        low,
        high,
        found.variance,
        found.dispersion,
        mid_p(counts, found.mean, found.variance),
        found.windows,
        found.is_known,
        found.season,
    )


def forecast(rows: CountedRows, seasons: SeasonModel, start: int, days: int) -> CountForecast:
    """Mean and variance of what is expected of a window, as in `expected_counts`."""
    past = PastWindows.of(start, days)
    fitted = seasons.known_on(start).fitted
    season = SeasonBasis.FITTED if fitted else SeasonBasis.UNDER_TWO_YEARS
    windows = len(past.origins)
    if not past.are_enough:
        nothing = np.full(len(rows.sums), np.nan)
        return CountForecast(nothing, nothing, nothing, windows, False, season)
    origins = [start, *past.origins]
    today = seasons.known_on(start) if days > LONG_DAYS else None
    means, levels = _forecasts(rows, seasons, origins, origins, days, today=today)
    dispersion = _dispersion(rows, origins, days, means, levels) * few_windows(past.independent)
    mean, level = means[:, 0], levels[:, 0]
    variance = dispersion * mean * (1 + _ratio(mean, level))
    mean, variance = np.where(level >= FEWEST_INCIDENTS, [mean, variance], np.nan)
    return CountForecast(mean, variance, dispersion, windows, True, season)


def expected_on(
    rows: CountedRows, seasons: SeasonModel, origins: Ints, days: int, known: Ints | None = None
) -> Floats:
    """Expected counts of windows, each from the days known before it; shape (rows, windows).

    Parameters
    ----------
    origins : columns of the first days
    days : length of the windows
    known : for each window the first column whose count is not known, or incomplete; at most its
        first day, and that by default. NaN before `WARM_UP_WEEKS` and under `FEWEST_INCIDENTS`.
    """
    known = origins if known is None else known
    expected = np.full((len(rows.sums), len(origins)), np.nan)
    enough = np.flatnonzero(known >= WARM_UP_WEEKS * WEEK)
    if len(enough):
        newest_first = enough[np.argsort(-known[enough])]
        starts, until = origins[newest_first].tolist(), known[newest_first].tolist()
        means, levels = _forecasts(rows, seasons, starts, until, days)
        expected[:, newest_first] = np.where(levels >= FEWEST_INCIDENTS, means, np.nan)
    return expected


def forecasts_one_after_another(
    rows: CountedRows, seasons: SeasonModel, stop: int, days: int, windows: int
) -> tuple[Floats, Floats]:
    """Mean and variance of windows that end before a column, oldest first; (rows, windows).

    Each is as `expected_counts` gives it from the days before it, with a season that is at most
    `REFIT_DAYS` older. There are fewer windows where the history is shorter; NaN where nothing is
    expected.

    Parameters
    ----------
    stop
        First column after the last window.
    days
        Length of a window, 28 at most.
    """
    first = WARM_UP_WEEKS * WEEK
    wanted = windows + _most_windows(days)
    starts = list(range(stop - days, first - 1, -days))[:wanted]
    nothing = np.full((len(rows.sums), min(windows, len(starts))), np.nan)
    if not starts:
        return nothing, nothing
    means, levels = (one[:, ::-1] for one in _forecasts(rows, seasons, starts, starts, days))
    at = np.array(starts[::-1])
    spread = means * (1 + _ratio(means, levels))
    errors = _ratio((rows.between(at, at + days) - means) ** 2, spread)
    variances = np.full_like(means, np.nan)
    for number in range(FEWEST_WINDOWS, len(at)):
        past = errors[:, max(number - _most_windows(days), 0) : number]
        dispersion = np.maximum(1.0, past.mean(axis=1)) * few_windows(past.shape[1])
        variances[:, number] = dispersion * spread[:, number]
    known = (levels >= FEWEST_INCIDENTS) & ~np.isnan(variances)
    means, variances = np.where(known, [means, variances], np.nan)
    return means[:, -windows:], variances[:, -windows:]


@dataclass(frozen=True)
class PastWindows:
    """Windows before one, whose forecasts are compared with what happened.

    Attributes
    ----------
    origins : columns of their first days, newest first
    independent : how many windows one after another they stand for
    """

    origins: tuple[int, ...]
    independent: float
    are_enough: bool

    @classmethod
    def of(cls, start: int, days: int) -> PastWindows:
        """Of a window of some days from column `start` on."""
        first = WARM_UP_WEEKS * WEEK
        origins = tuple(range(start - days, first - 1, -_step(days))[: _most_windows(days)])
        if days <= LONG_DAYS or not origins:
            return cls(origins, len(origins), len(origins) >= FEWEST_WINDOWS)
        independent = (origins[0] + days - origins[-1]) / days
        return cls(origins, independent, independent >= FEWEST_LONG)


def reach_days(days: int) -> int:
    """Days up to the end of a window that have an effect on what is expected of it.

    The seasons that past windows know, or the weeks that give their level, begin with the first.
    """
    windows = days + _most_windows(days) * _step(days)
    return windows + REFIT_DAYS + WEEK * max(MOST_WEEKS, MEMORY_WEEKS)


def _step(days: int) -> int:
    """Days between the starts of past windows; of long ones whole weeks, about a quarter of it."""
    return days if days <= LONG_DAYS else max(LONG_DAYS, days // (4 * WEEK) * WEEK)


def _most_windows(days: int) -> int:
    if days > LONG_DAYS:
        return LONG_WINDOWS
    return WEEKLY_WINDOWS if days <= WEEK else WINDOWS


def _dispersion(
    rows: CountedRows, origins: list[int], days: int, means: Floats, levels: Floats
) -> Floats:
    """φ of the windows after the first one, before what few of them add."""
    starts = np.array(origins[1:])
    mean, level = means[:, 1:], levels[:, 1:]
    off = rows.between(starts, starts + days) - mean
    errors = _ratio(off**2, mean * (1 + _ratio(mean, level))).mean(axis=1)
    return np.asarray(np.maximum(1.0, errors))


def few_windows(windows: float) -> float:
    """(t / z)² of the interval's quantiles: what Student's t adds to a variance of few windows."""
    from scipy.special import ndtri, stdtrit  # noqa: PLC0415 - SciPy takes 0.1 s at a start

    upper = 1 - LEVEL / 2
    return 1.0 if windows >= SURE_WINDOWS else float((stdtrit(windows, upper) / ndtri(upper)) ** 2)


def _forecasts(
    rows: CountedRows,
    seasons: SeasonModel,
    origins: list[int],
    known: list[int],
    days: int,
    *,
    today: Season | None = None,
) -> tuple[Floats, Floats]:
    """μ and a of windows that begin on days, from what was before `known`; (rows, windows).

    The season is `today`, or as it was known then.
    """
    weights = np.zeros((rows.sums.shape[1], len(origins)))
    scales = np.zeros((seasons.series, len(origins)))
    for at, (origin, until) in enumerate(zip(origins, known, strict=True)):
        weeks = min(MEMORY_WEEKS, until // WEEK)
        edges = until - WEEK * np.arange(weeks + 1)
        discount = 0.5 ** (np.arange(1, weeks + 1) / HALF_LIFE_WEEKS)
        weights[edges[:-1], at] += discount
        weights[edges[1:], at] -= discount
        season = today or _season(seasons, until, known[0])
        past = seasons.by_day(season, until, edges[-1], until)
        past = past.reshape(len(past), weeks, WEEK).sum(axis=2)[:, ::-1]
        ahead = seasons.by_day(season, origin, origin, origin + days).sum(axis=1)
        scales[:, at] = ahead / (past @ discount)
    levels = np.maximum(rows.sums @ weights, 0.0).round(ROUNDING)
    return levels * scales[rows.kind], levels


def _season(seasons: SeasonModel, day: int, start: int) -> Season:
    """The season that was known on a day, of those `REFIT_DAYS` apart back from `start`."""
    return seasons.known_on(start - REFIT_DAYS * -(-(start - day) // REFIT_DAYS))


def _ratio(above: Floats, below: Floats) -> Floats:
    return np.divide(above, below, out=np.zeros_like(above), where=below > 0)
