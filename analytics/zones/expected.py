"""Expected incidents of zones in the next days, with intervals from past forecasts.

The forecaster expects a count in each cell. A cell's count is divided among zones in proportion to
its incidents in each. So zones that partition the city sum to its forecast, times one scale for
all, and a zone smaller than a cell gets its part of the cell. Scale and interval come from the
errors of the fitted zones in past forecasts. Added zones overlap the fitted ones and change
neither.

References
----------
Hilbe (2011), Negative binomial regression, 2nd ed.: variance μ + α μ² (NB2).
Cameron & Trivedi (1998), Regression analysis of count data, section 3.3: α by moments.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from functools import cached_property

import numpy as np
import numpy.typing as npt
import polars as pl
from scipy import sparse
from scipy.spatial import cKDTree
from scipy.stats import nbinom, poisson

from analytics.statistics.arrays import Floats, Ints

CONFIDENCE = 0.95
FEWEST_FOLDS = 5


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
    scale : actual over expected incidents
    dispersion : α of the negative binomial, 0 for Poisson
    coverage : share of counts by zone and fold inside the interval from the other folds
    folds : number of past forecasts
    """

    scale: float
    dispersion: float
    coverage: float
    folds: int


@dataclass(frozen=True, eq=False)
class ZoneForecasts:
    """Expected incidents of each zone with a 95% prediction interval; arrays of shape (zones,)."""

    expected: Floats = field(repr=False)
    low: Floats = field(repr=False)
    high: Floats = field(repr=False)
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
    forecast: CellForecast, shares: sparse.csr_array, happened: Floats, folds: Ints, *, fitted: int
) -> ZoneForecasts | None:
    """Expected incidents of each zone; None with fewer than five past forecasts.

    Parameters
    ----------
    shares : sparse array of shape (zones, cells)
        From `zone_shares`; zones may overlap.
    happened : array of shape (zones, all folds)
        Incidents of each zone in the days of each past forecast.
    folds : int array
        Positions of the past forecasts whose days are all in the data.
    fitted : int
        Number of fitted zones. Only these calibrate: incidents of added ones would count twice.

    Notes
    -----
    μ = scale · Σ share · expected, scale = Σ happened / Σ expected over fitted zones and folds. The
    interval is that of the negative binomial with variance μ + α μ², from its 2.5% to its 97.5%
    point. α = Σ ((y − μ)² − μ) / Σ μ² over the same zones and folds, at least 0; busy zones
    determine it, and in quiet ones it hardly matters. The interval does not include the uncertainty
    of scale, α and shares; `Calibration.coverage` measures the effect.
    """
    expected = (shares[:fitted] @ forecast.past).toarray()[:, folds]
    happened = happened[:fitted, folds]
    if len(folds) < FEWEST_FOLDS or not expected.sum() > 0:
        return None
    scale, dispersion = estimate(expected, happened)
    ahead = scale * (shares @ forecast.expected())
    low, high = interval(ahead, dispersion)
    calibration = Calibration(scale, dispersion, coverage(expected, happened), len(folds))
    return ZoneForecasts(ahead, low, high, calibration)


def estimate(expected: Floats, happened: Floats) -> tuple[float, float]:
    """Scale and dispersion α from expected and actual counts, arrays of the same shape."""
    scale = float(happened.sum() / expected.sum())
    mean = scale * expected
    squares = float((mean**2).sum())
    if not squares > 0:
        return scale, 0.0
    return scale, max(float(((happened - mean) ** 2 - mean).sum()) / squares, 0.0)


def interval(mean: Floats, dispersion: float, level: float = CONFIDENCE) -> tuple[Floats, Floats]:
    """Lowest and highest count of a prediction interval; whole numbers, shape of `mean`.

    Where the mean is above 0, the highest is at least 1: that nothing will happen is never certain.
    """
    ends = []
    for point in ((1 - level) / 2, (1 + level) / 2):
        if dispersion > 0:
            size = 1 / dispersion
            found = nbinom.ppf(point, size, size / (size + np.maximum(mean, 1e-12)))
        else:
            found = poisson.ppf(point, mean)
        ends.append(np.maximum(np.asarray(found, dtype=np.float64), 0.0))
    return ends[0], np.maximum(ends[1], mean > 0)


def coverage(expected: Floats, happened: Floats) -> float:
    """Share of counts inside the interval from the other folds; shapes (zones, folds)."""
    inside: list[npt.NDArray[np.bool_]] = []
    for fold in range(expected.shape[1]):
        others = np.arange(expected.shape[1]) != fold
        if not expected[:, others].sum() > 0:
            continue
        scale, dispersion = estimate(expected[:, others], happened[:, others])
        low, high = interval(scale * expected[:, fold], dispersion)
        inside.append((happened[:, fold] >= low) & (happened[:, fold] <= high))
    return float(np.concatenate(inside).mean()) if inside else float("nan")
