"""Emerging hot spots: how the significance of each cell developed over time.

A space-time cube holds counts by cell and period. Gi* is computed within each period, so that a
season that lifts the whole city lifts no cell; Mann-Kendall tests the trend of each cell's scores,
with the variance that their autocorrelation gives it.
Names and definitions of the patterns are those of Esri's Emerging Hot Spot Analysis, for hot and
cold spots.

References
----------
Esri, How Emerging Hot Spot Analysis works, ArcGIS Pro documentation.
Ord & Getis (1995), Geographical Analysis 27.
Mann (1945), Econometrica 13; Kendall & Gibbons (1990), Rank correlation methods.
Hamed & Rao (1998), A modified Mann-Kendall trend test for autocorrelated data, Journal of Hydrology
204.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
from scipy import sparse
from scipy.special import ndtr
from scipy.stats import rankdata

from analytics.errors import InputError
from analytics.hotspots.getis_ord import star_p, star_scores
from analytics.hotspots.inputs import DailyCells, Weight
from analytics.statistics.arrays import Floats
from analytics.statistics.false_discovery import benjamini_hochberg
from analytics.statistics.level import LEVEL

MOSTLY = 0.9
"""Share of periods from which a cell counts as hot nearly all the time."""
MIN_PERIODS = 10
LARGEST_LAG_ONE = 0.99
ROUNDING = 9
"""Decimals of a score's distance from its line."""
PATTERNS = (
    "new",
    "consecutive",
    "intensifying",
    "persistent",
    "diminishing",
    "sporadic",
    "oscillating",
    "historical",
)
"""The eight patterns, defined in docs/methods.md; each exists as a hot and as a cold spot."""
NO_PATTERN = "no_pattern"
EMERGING_CLASSES = (
    *(f"{name}_hot" for name in PATTERNS),
    *(f"{name}_cold" for name in PATTERNS),
    NO_PATTERN,
)

Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class EmergingHotSpots:
    """Pattern of each cell.

    Attributes
    ----------
    pattern : str array of shape (cells,)
        One of `EMERGING_CLASSES`, such as `new_hot`.
    z : array of shape (cells, periods)
        Gi* of each cell in each period.
    q : array of shape (cells, periods)
        Two-sided p-values over all conditional permutations, adjusted within each period.
    trend_z, trend_p : arrays of shape (cells,)
        Mann-Kendall of the scores, allowing for their autocorrelation.
    """

    pattern: npt.NDArray[np.str_] = field(repr=False)
    z: Floats = field(repr=False)
    q: Floats = field(repr=False)
    trend_z: Floats = field(repr=False)
    trend_p: Floats = field(repr=False)


def space_time_cube(daily: DailyCells, period_days: int, weight: Weight = "incidents") -> Floats:
    """Counts of cells by whole periods, back from the last day; days left over are dropped.

    Raises
    ------
    InputError
        The period is not positive.
    """
    if period_days < 1:
        raise InputError(f"A period of {period_days} days is not valid; choose 1 or more.")
    periods = daily.days // period_days
    skipped = daily.days - periods * period_days
    days = daily.matrix(weight)[skipped:]
    numbers = np.repeat(np.arange(periods), period_days)
    into = sparse.csr_array(
        (np.ones(len(numbers)), (numbers, np.arange(len(numbers)))),
        shape=(periods, len(numbers)),
    )
    return np.asarray((into @ days).toarray().T)


def fit_emerging(
    cube: Floats, weights: sparse.csr_array, *, level: float = LEVEL
) -> EmergingHotSpots:
    """Classify every cell.

    Parameters
    ----------
    cube : array of shape (cells, periods)
        Counts or harm, oldest period first, crime-free cells included.
    weights : sparse array of shape (cells, cells)
        Neighbors, the cell itself among them.
    level : float
        False discovery rate within a period, and level of the trend test.

    Raises
    ------
    InputError
        There are fewer than `MIN_PERIODS` periods.
    """
    if cube.shape[1] < MIN_PERIODS:
        raise InputError(
            f"{cube.shape[1]} periods are too few for a history: {MIN_PERIODS} are needed. Choose "
            "shorter ones, or more days."
        )
    z = star_scores(cube, weights)
    p = star_p(cube, z, weights)
    q = np.column_stack([benjamini_hochberg(column) for column in p.T])
    with np.errstate(invalid="ignore"):
        hot, cold = (z > 0) & (q <= level), (z < 0) & (q <= level)
    trend_z, trend_p = mann_kendall(np.nan_to_num(z))
    pattern = classify(hot, cold, trend_z, trend_p, level=level)
    return EmergingHotSpots(pattern, z, q, trend_z, trend_p)


def classify(
    hot: Bools, cold: Bools, trend_z: Floats, trend_p: Floats, *, level: float = LEVEL
) -> npt.NDArray[np.str_]:
    """Pattern of each cell from when it was significant; see `PATTERNS`.

    Parameters
    ----------
    hot, cold : bool arrays of shape (cells, periods), oldest first
    trend_z, trend_p : arrays of shape (cells,)
        A rising score makes a hot spot intensify; a cold spot intensifies as its score falls.
    """
    pattern = np.full(len(hot), NO_PATTERN, dtype="<U24")
    trend = np.where(trend_p <= level, np.sign(trend_z), 0.0)
    hot_patterns, cold_patterns = _patterns(hot, cold, trend), _patterns(cold, hot, -trend)
    # Historical first, so that a pattern of the last period overrides it.
    for name in reversed(PATTERNS):
        pattern[hot_patterns[name]] = f"{name}_hot"
        pattern[cold_patterns[name]] = f"{name}_cold"
    return pattern


def _patterns(own: Bools, other: Bools, trend: Floats) -> dict[str, Bools]:
    """Mask of the cells of each pattern, hot or cold; no cell is in two."""
    times = own.sum(axis=1)
    last = own[:, -1]
    mostly = times >= MOSTLY * own.shape[1]
    run = np.cumprod(own[:, ::-1], axis=1).sum(axis=1)
    only_at_the_end = last & (times == run)
    new = only_at_the_end & (run == 1)
    consecutive = only_at_the_end & (run > 1) & ~mostly
    # By the published definitions a cell that was cold before its first hot period is both new and
    # oscillating; here it is oscillating.
    crossed = other.any(axis=1)
    oscillating = last & ~mostly & crossed
    rest = last & ~mostly & ~crossed & ~only_at_the_end
    return {
        "new": new & ~crossed,
        "consecutive": consecutive & ~crossed,
        "intensifying": last & mostly & (trend > 0),
        "persistent": last & mostly & (trend == 0),
        "diminishing": last & mostly & (trend < 0),
        "sporadic": rest,
        "oscillating": oscillating,
        "historical": ~last & mostly,
    }


def mann_kendall(series: Floats) -> tuple[Floats, Floats]:
    """Trend of each row, allowing for autocorrelation: z, corrected for ties, and two-sided p.

    Parameters
    ----------
    series : array of shape (rows, times)

    Notes
    -----
    z = (S − sign S) / √(V · f). S counts rising pairs less falling ones; V is its variance for
    independent values; f = `variance_factor` is what autocorrelation adds.

    References
    ----------
    Mann (1945); Kendall & Gibbons (1990) for ties; Hamed & Rao (1998).
    """
    rows, times = series.shape
    s = np.zeros(rows)
    tied = np.zeros(rows)
    for lag in range(1, times):
        s += np.sign(series[:, lag:] - series[:, :-lag]).sum(axis=1)
    # Σ t (t − 1) (2t + 5) over groups of ties, as a sum over the members of each group.
    for time in range(times):
        group = (series == series[:, [time]]).sum(axis=1)
        tied += (group - 1) * (2 * group + 5)
    variance = (times * (times - 1) * (2 * times + 5) - tied) / 18
    z = np.zeros(rows)
    varies = variance > 0
    variance[varies] *= variance_factor(lag_one(series[varies]), times)
    z[varies] = ((s - np.sign(s))[varies]) / np.sqrt(variance[varies])
    return z, np.asarray(2 * ndtr(-np.abs(z)))


def lag_one(series: Floats) -> Floats:
    """Lag-one autocorrelation of the ranks of each row about its straight line, shape (rows,).

    Corrected for its bias: taking a line out of few values makes them look less alike than they
    are, by (2 + 4ρ) / times.

    References
    ----------
    van Giersbergen (2005), On the effect of deterministic terms on the bias in stable AR models,
    Economics Letters 89.
    """
    times = series.shape[1]
    centered = np.arange(times) - (times - 1) / 2
    slope = series @ centered / (centered @ centered)
    # Rounded, as values on a line would else be ranked by the error of floating point.
    rest = np.round(series - slope[:, None] * centered, ROUNDING)
    ranks = rankdata(rest, axis=1) - (times + 1) / 2
    squares = (ranks**2).sum(axis=1)
    products = (ranks[:, 1:] * ranks[:, :-1]).sum(axis=1)
    found = np.divide(products, squares, out=np.zeros(len(series)), where=squares > 0)
    corrected = np.clip((times * found + 2) / (times - 4), 0.0, LARGEST_LAG_ONE)
    return np.asarray(np.where(squares > 0, corrected, 0.0))


def variance_factor(lag_one: Floats, times: int) -> Floats:
    """What autocorrelation ρ, ρ², ρ³ … at lags 1, 2, 3 … multiplies the variance of S by.

    References
    ----------
    Hamed & Rao (1998): 1 + 2 / (n (n − 1) (n − 2)) Σ (n − i) (n − i − 1) (n − i − 2)
    ρ(i). They sum the sample autocorrelations of the ranks that are significant one by one; in
    series as short as these that hardly lowers the false alarms (docs/methods.md).
    """
    lags = np.arange(1, times)
    weights = (times - lags) * (times - lags - 1) * (times - lags - 2)
    autocorrelations = lag_one[:, None] ** lags
    share = autocorrelations @ weights / (times * (times - 1) * (times - 2))
    return np.asarray(1 + 2 * share)
