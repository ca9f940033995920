"""Expected incidents of zones in the next days, with intervals from past forecasts.

The forecaster expects a count in each cell. A cell's count is divided among zones in proportion to
its incidents in each, so a zone smaller than a cell gets its part of the cell. All cells are scaled
to what the season and the last weeks of the whole city lead to expect. The zone's own level says
how its incidents of the last weeks compare with such forecasts. The interval comes from past
forecasts, each with the level known before it: their errors by zone, and the error that all zones
share in a week. Older past forecasts count less, by days: the next one may begin months after them.
Added zones overlap the fitted ones and change none of them.

References
----------
West & Harrison (1997), Bayesian forecasting and dynamic models, 2nd ed., section 10.8: the
discounted Poisson level.
Tashman (2000), Out-of-sample tests of forecasting accuracy, International Journal of Forecasting
16: rolling origins.
Hilbe (2011), Negative binomial regression, 2nd ed.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from functools import cached_property

import numpy as np
import polars as pl
from scipy import sparse
from scipy.spatial import cKDTree

from analytics.statistics.arrays import Floats, Ints
from analytics.statistics.expected_counts import HALF_LIFE_WEEKS, WEEK, few_windows
from analytics.statistics.level import LEVEL
from analytics.statistics.negative_binomial import mid_interval

FEWEST_FOLDS = 5
WARM_UP = 2
"""Past forecasts from which the first level comes."""
PRIOR_INCIDENTS = 10.0
"""Expected incidents that a zone's level takes from that of all zones."""
LEAST_KNOWN = 1e-9


@dataclass(frozen=True, eq=False)
class CellForecast:
    """A forecast by cell, and past forecasts of the same forecaster.

    Attributes
    ----------
    cells : pl.DataFrame
        col, row and expected incidents of the next days.
    tested : pl.DataFrame
        cutoff, col, row and expected incidents of past forecasts; cells with 0 may be missing.
    size_m : side of a cell, meters
    first : first day of the forecast
    days : number of days
    """

    cells: pl.DataFrame = field(repr=False)
    tested: pl.DataFrame = field(repr=False)
    size_m: int
    first: date
    days: int

    @cached_property
    def centers(self) -> Floats:
        """Centers of all cells of both tables in local meters, in the order of `numbers`."""
        return np.asarray((self.numbers.to_numpy() + 0.5) * self.size_m, dtype=np.float64)

    @cached_property
    def numbers(self) -> pl.DataFrame:
        """col, row of all cells of both tables, sorted."""
        both = [frame.select("col", "row") for frame in (self.cells, self.tested)]
        return pl.concat(both).unique().sort("col", "row")

    def expected(self) -> Floats:
        """Expected incidents of the next days, in the order of `numbers`."""
        joined = self.numbers.join(self.cells, on=["col", "row"], how="left", maintain_order="left")
        return joined["expected"].fill_null(0.0).to_numpy().astype(np.float64)

    @cached_property
    def cutoffs(self) -> list[date]:
        """First days of past forecasts."""
        return self.tested["cutoff"].unique().sort().to_list()

    @cached_property
    def past(self) -> sparse.csr_array:
        """Expected incidents of past forecasts, cells × folds, by `numbers` and `cutoffs`."""
        numbers = self.numbers.with_row_index("cell")
        cutoffs = pl.DataFrame({"cutoff": self.cutoffs}).with_row_index("fold")
        joined = self.tested.join(numbers, on=["col", "row"]).join(cutoffs, on="cutoff")
        entries = (joined["cell"].to_numpy(), joined["fold"].to_numpy())
        shape = (len(numbers), len(cutoffs))
        return sparse.csr_array((joined["expected"].to_numpy().astype(np.float64), entries), shape)


@dataclass(frozen=True)
class Calibration:
    """How past forecasts of zones compare with the incidents that followed.

    Attributes
    ----------
    shared : relative error that all zones share, its standard deviation
    coverage : share of counts by zone and fold inside the interval from the folds before
    folds : number of past forecasts behind the coverage
    """

    shared: float
    coverage: float
    folds: int


@dataclass(frozen=True, eq=False)
class ZoneForecasts:
    """Expected incidents of each zone with a 95% prediction interval; arrays of shape (zones,)."""

    expected: Floats = field(repr=False)
    low: Floats = field(repr=False)
    high: Floats = field(repr=False)
    variance: Floats = field(repr=False)
    calibration: Calibration


def membership(zone: Ints, zones: int) -> sparse.csr_array:
    """Zones × cells, 1 where the cell is in the zone; `zone` is -1 for cells in no zone."""
    cell = np.flatnonzero(zone >= 0)
    entries = (np.ones(len(cell)), (zone[cell], cell))
    return sparse.csr_array(entries, shape=(zones, len(zone)))


def zone_shares(
    forecast: CellForecast,
    counts: pl.DataFrame,
    centers_in: sparse.csr_array,
    *,
    fitted: int,
    whole: bool,
) -> sparse.csr_array:
    """Share of each cell's incidents in each zone; zones × cells, in the order of `numbers`.

    Parameters
    ----------
    counts : pl.DataFrame
        zone (-1 for no fitted zone), col, row, count.
    centers_in : sparse array of shape (zones, cells)
        1 where the center of a cell is in a zone: the share of a cell without incidents.
    fitted : int
        Number of fitted zones, which do not overlap; the zones after them are added and may.
    whole : bool
        Whether the fitted zones partition the city: then incidents in none of them are ignored, and
        a cell in none goes to the zone of the nearest cell.
    """
    numbers = forecast.numbers.with_row_index("cell")
    located = counts.join(numbers, on=["col", "row"])
    zone, cell = located["zone"].to_numpy(), located["cell"].to_numpy().astype(np.int64)
    count = located["count"].to_numpy().astype(np.float64)
    counted = (zone < fitted) & ((zone >= 0) | (not whole))
    total = np.bincount(cell[counted], count[counted], minlength=len(numbers))
    share = np.minimum(count / np.maximum(total[cell], 1.0), 1.0)
    held = (zone >= 0) & (total[cell] > 0)
    found = sparse.csr_array((share[held], (zone[held], cell[held])), shape=centers_in.shape)
    found = sparse.csr_array(
        found + centers_in @ sparse.diags_array((total == 0).astype(np.float64))
    )
    if not whole:
        return found
    inside = np.asarray(found[:fitted].sum(axis=0)).ravel() > 0
    if inside.all() or not inside.any():
        return found
    source, known = np.arange(len(numbers)), np.flatnonzero(inside)
    nearest = cKDTree(forecast.centers[known]).query(forecast.centers[~inside])[1]
    source[~inside] = known[nearest]
    return sparse.csr_array(sparse.vstack([found[:fitted].tocsc()[:, source], found[fitted:]]))


def zone_forecasts(
    forecast: CellForecast,
    shares: sparse.csr_array,
    shares_before: sparse.csr_array,
    happened: Floats,
    folds: Ints,
    *,
    fitted: int,
    city: Floats,
) -> ZoneForecasts | None:
    """Expected incidents of each zone; None with fewer than five past forecasts.

    The forecaster's cells say where; `city` says how many in all.

    Parameters
    ----------
    shares, shares_before : sparse arrays of shape (zones, cells)
        From `zone_shares`, of all incidents for the next days, and of those before the past
        forecasts for these, which must not know their own days; zones may overlap.
    happened : array of shape (zones, all folds)
        Incidents of each zone in the days of each past forecast.
    folds : int array
        Positions of the past forecasts whose days are all in the data, in order.
    fitted : int
        Number of fitted zones. Only these give what zones share: incidents of added ones would
        count twice.
    city : array of shape (all folds + 1,)
        Expected incidents of the whole city in each past forecast and the next one; where NaN, the
        sum of the cells stays.
    """
    past = (shares_before @ forecast.past).toarray()[:, folds]
    if len(folds) < FEWEST_FOLDS or not past[:fitted].sum() > 0:
        return None
    expected = np.column_stack([past, shares @ forecast.expected()])
    cells = np.append(np.asarray(forecast.past.sum(axis=0))[folds], forecast.expected().sum())
    in_all = city[[*folds, -1]]
    known = np.isfinite(in_all) & (cells > 0)
    expected *= np.divide(in_all, cells, out=np.ones(len(cells)), where=known)
    firsts = [*(forecast.cutoffs[fold] for fold in folds), forecast.first]
    starts = np.array([first.toordinal() for first in firsts])
    rolling = RollingForecasts.of(expected, happened[:, folds], fitted, starts)
    last = len(folds)
    variance = rolling.variance(last)
    low, high = interval(rolling.mean(last), variance)
    judged = rolling.judged
    calibration = Calibration(rolling.shared(last), rolling.coverage(), len(judged))
    return ZoneForecasts(rolling.mean(last), low, high, variance, calibration)


@dataclass(frozen=True, eq=False)
class RollingForecasts:
    """Forecasts of zones in each fold as they would have been made then, and in the next one.

    Attributes
    ----------
    means : array of shape (zones, folds + 1 - WARM_UP)
        Expected incidents by the level known before each fold, from fold `WARM_UP` on.
    known : array of the same shape
        Discounted incidents behind each level, with those of the prior.
    happened : array of shape (zones, folds)
    fitted : number of fitted zones

    Notes
    -----
    The expected e of a zone is multiplied by the zone's own level (a + κ c) / (b + κ), where a
    and b are discounted sums of y and e over the folds before (half-life as in `expected_counts`),
    c is Σ a / Σ b over the fitted zones and κ = `PRIOR_INCIDENTS`. With μ the result,
    v = μ + μ² / (a + κ c), F the incidents of all fitted zones over their μ in each fold before,
    σ² = max(0, mean (F − 1)² − mean 1 / Σ μ), what all zones share, and
    φ = max(1, mean (y − F μ)² / v), the mean of the zone's own and that of all fitted zones,
    the count is negative binomial with mean μ and variance φ v + σ² μ².
    """

    means: Floats = field(repr=False)
    known: Floats = field(repr=False)
    happened: Floats = field(repr=False)
    fitted: int

    @classmethod
    def of(cls, expected: Floats, happened: Floats, fitted: int, starts: Ints) -> RollingForecasts:
        """From expected incidents (zones, folds + 1), the last to come, and actual ones.

        `starts` are the first days of the folds and of the one to come, counted from any day.
        """
        means, known = [], []
        for fold in range(WARM_UP, expected.shape[1]):
            weeks = (starts[fold] - starts[:fold]) / WEEK
            discount = 0.5 ** (weeks / HALF_LIFE_WEEKS)
            actual, forecast = happened[:, :fold] @ discount, expected[:, :fold] @ discount
            total = float(forecast[:fitted].sum())
            common = float(actual[:fitted].sum()) / total if total > 0 else 1.0
            behind = actual + PRIOR_INCIDENTS * common
            level = behind / (forecast + PRIOR_INCIDENTS)
            means.append(level * expected[:, fold])
            known.append(np.maximum(behind, LEAST_KNOWN))
        return cls(np.column_stack(means), np.column_stack(known), happened, fitted)

    def mean(self, fold: int) -> Floats:
        """Expected incidents of a fold, shape (zones,)."""
        return np.asarray(self.means[:, fold - WARM_UP])

    def shared(self, fold: int) -> float:
        """σ, the relative error that all zones shared in the folds before one."""
        mean, actual = self._before(fold)
        total = mean[: self.fitted].sum(axis=0)
        if not (total > 0).all():
            return 0.0
        error = actual[: self.fitted].sum(axis=0) / total - 1
        return float(np.sqrt(max((error**2).mean() - (1 / total).mean(), 0.0)))

    def variance(self, fold: int) -> Floats:
        """Of the counts of a fold around their means, shape (zones,)."""
        mean, actual = self._before(fold)
        total = mean[: self.fitted].sum(axis=0)
        common = np.divide(
            actual[: self.fitted].sum(axis=0), total, out=np.ones(len(total)), where=total > 0
        )
        own = self._own(slice(0, fold - WARM_UP))
        square = np.divide((actual - common * mean) ** 2, own, out=np.ones_like(own), where=own > 0)
        pooled = max(float(square[: self.fitted].mean()), 1.0)
        dispersion = (np.maximum(square.mean(axis=1), 1.0) + pooled) / 2
        own_ahead = self._own(slice(fold - WARM_UP, fold - WARM_UP + 1))[:, 0]
        spread = dispersion * own_ahead + (self.shared(fold) * self.mean(fold)) ** 2
        return np.asarray(spread * few_windows(mean.shape[1]))

    @property
    def judged(self) -> range:
        """The later half of the folds, whose intervals come from enough earlier ones."""
        folds = self.happened.shape[1]
        return range(max(WARM_UP + 2, folds // 2), folds)

    def coverage(self) -> float:
        """Share of counts of fitted zones in `judged` inside the interval from the folds before."""
        inside = []
        for fold in self.judged:
            low, high = interval(self.mean(fold), self.variance(fold))
            inside.append((low <= self.happened[:, fold]) & (self.happened[:, fold] <= high))
        return float(np.mean(np.array(inside)[:, : self.fitted]))

    def _before(self, fold: int) -> tuple[Floats, Floats]:
        """Means and incidents of the folds before one, from `WARM_UP` on."""
        return self.means[:, : fold - WARM_UP], self.happened[:, WARM_UP:fold]

    def _own(self, columns: slice) -> Floats:
        """v, the variance of a zone's count by chance and by the error of its level."""
        mean = self.means[:, columns]
        return np.asarray(mean * (1 + mean / self.known[:, columns]))


def interval(mean: Floats, variance: Floats) -> tuple[Floats, Floats]:
    """Lowest and highest count of the 95% prediction interval; whole numbers, shape of `mean`.

    Where the mean is above 0, the highest is at least 1: that nothing will happen is never certain.
    """
    low, high = np.nan_to_num(mid_interval(mean, variance, LEVEL))
    return low, np.maximum(high, mean > 0)
