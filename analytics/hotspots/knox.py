"""Near-repeat: whether risk rises near a recent crime, how far and for how long.

References
----------
Knox (1964), The detection of space-time interactions, Applied Statistics 13.
Johnson et al. (2007), Space-time patterns of risk: a cross national assessment of residential
burglary victimization, Journal of Quantitative Criminology 23.
Johnson, Bowers, Birks & Pease (2009), Predictive mapping of crime by ProMap.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
from scipy.spatial import cKDTree

from analytics.errors import InputError
from analytics.formats import distance_text, number
from analytics.hotspots.neighborhoods import neighbor_counts, pairs_within
from analytics.statistics.arrays import Floats, Ints

PERMUTATIONS = 199
DISTANCES_M = (0.0, 100.0, 200.0, 300.0, 400.0)
DAYS = (7, 14, 28)
SAME_PLACE_M = 0.5
MAX_PAIRS = 30_000_000


@dataclass(frozen=True, eq=False)
class NearRepeat:
    """Pairs of incidents by distance and lag.

    Attributes
    ----------
    distances_m : upper ends of the distance bands; a first one of 0 is the same place
    days : upper ends of the bands of days between two incidents
    observed : int array of shape (distances, lags)
    expected : array of shape (distances, lags)
        Mean over permutations of the dates.
    p : array of shape (distances, lags)
        One-sided: (1 + permutations with at least as many pairs) / (1 + permutations).
    permutations, incidents : int
    """

    distances_m: tuple[float, ...]
    days: tuple[int, ...]
    observed: Ints = field(repr=False)
    expected: Floats = field(repr=False)
    p: Floats = field(repr=False)
    permutations: int
    incidents: int

    @property
    def ratio(self) -> Floats:
        """Observed over expected; NaN where none are expected."""
        return np.divide(
            self.observed,
            self.expected,
            out=np.full(self.expected.shape, np.nan),
            where=self.expected > 0,
        )

    def excess(self, level: float = 0.05) -> Floats:
        """Ratio − 1 of bands with significantly more pairs, else 0; shape (distances, lags)."""
        raised = np.nan_to_num(self.ratio - 1.0)
        return np.where((self.p <= level) & (raised > 0), raised, 0.0)


def fit_near_repeat(
    xy: Floats,
    day: npt.ArrayLike,
    *,
    distances_m: Sequence[float] = DISTANCES_M,
    days: Sequence[int] = DAYS,
    permutations: int = PERMUTATIONS,
    seed: int = 0,
) -> NearRepeat:
    """Knox test with dates permuted among the incidents.

    Parameters
    ----------
    xy : array of shape (incidents, 2)
        Local meters, one row per incident.
    day : array of shape (incidents,)
        Whole days since any date.
    distances_m : sequence of float
        Upper ends, ascending; a first one of 0 is the same place (within half a meter).
    days : sequence of int
        Upper ends, ascending: 7, 14 are the bands 0 to 7 and 8 to 14 days apart.

    Raises
    ------
    InputError
        Bands do not ascend, or there are fewer than two incidents or more than `MAX_PAIRS` pairs
        within the largest distance.

    Notes
    -----
    Permutations keep the distribution of dates and that of places, and remove their interaction.
    In long periods, risk that moves over years looks like near-repeat; use about a year. In data
    that is snapped to blocks, "same place" is the same block.

    References
    ----------
    Knox (1964); Johnson et al. (2007).
    """
    places, dates = np.asarray(xy, dtype=np.float64), np.asarray(day, dtype=np.int64)
    _check(places, dates, distances_m, days, permutations)
    pairs = _Pairs.within(places, distances_m)
    # Lags of a few decades fit 16 bits, which makes a permutation four times as fast.
    dates = (dates - dates.min()).astype(np.int16 if np.ptp(dates) < 2**15 else np.int64)
    observed = pairs.table(dates, days)
    random = np.random.default_rng(seed)
    total = np.zeros(observed.shape)
    at_least = np.zeros(observed.shape, dtype=np.int64)
    for _ in range(permutations):
        permuted = pairs.table(random.permutation(dates), days)
        total += permuted
        at_least += permuted >= observed
    return NearRepeat(
        distances_m=tuple(distances_m),
        days=tuple(days),
        observed=observed,
        expected=total / permutations,
        p=(1 + at_least) / (1 + permutations),
        permutations=permutations,
        incidents=len(dates),
    )


def near_repeat_surface(
    targets: Floats, xy: Floats, age_days: npt.ArrayLike, fitted: NearRepeat, *, level: float = 0.05
) -> Floats:
    """Added risk at the targets from recent incidents, in times the usual risk.

    Parameters
    ----------
    targets : array of shape (targets, 2)
        Centers of cells, local meters.
    xy : array of shape (incidents, 2)
        Local meters.
    age_days : array of shape (incidents,)
        Days from each incident to the day of the surface; incidents older than the last band add
        nothing.
    fitted : NearRepeat
        Fitted on incidents before that day. Bands with p above `level` add nothing.

    Returns
    -------
    array of shape (targets,)
        Σ (ratio − 1) over incidents in reach. The usual risk times 1 plus this is the forecast of
        the next days. Distances are from the cell's center.

    Raises
    ------
    InputError
        An incident is later than the day of the surface.

    References
    ----------
    Johnson et al. (2007); Johnson et al. (2009).
    """
    age = np.asarray(age_days, dtype=np.int64)
    if (age < 0).any():
        raise InputError("An incident is later than the day of the surface.")
    excess = np.column_stack([fitted.excess(level), np.zeros(len(fitted.distances_m))])
    lag = np.searchsorted(fitted.days, age)
    recent = lag < len(fitted.days)
    places, lag = np.asarray(xy, dtype=np.float64)[recent], lag[recent]
    risk = np.zeros(len(targets))
    reach = max(fitted.distances_m)
    for target, incident, distance in pairs_within(targets, places, reach):
        band = np.searchsorted(fitted.distances_m, distance)
        risk += np.bincount(target, excess[band, lag[incident]], minlength=len(targets))
    return risk


def _check(
    places: Floats, dates: Ints, distances_m: Sequence[float], days: Sequence[int], draws: int
) -> None:
    for bands in (distances_m, days):
        if not len(bands) or (np.diff(bands) <= 0).any() or bands[0] < 0:
            raise InputError(f"Bands {list(bands)} are not valid; they must ascend from 0 or more.")
    if len(places) != len(dates) or len(dates) < 2 or draws < 1:
        raise InputError("Near-repeat needs two incidents or more, each with a place and a day.")
    reach = max(*distances_m, SAME_PLACE_M) if len(distances_m) > 1 else SAME_PLACE_M
    pairs = int(neighbor_counts(cKDTree(places), places, reach).sum() - len(places)) // 2
    if pairs > MAX_PAIRS:
        raise InputError(
            f"{number(len(places))} incidents make {number(pairs)} pairs within "
            f"{distance_text(reach)}, more than {number(MAX_PAIRS)}; choose a shorter period, one "
            "crime type or shorter distances."
        )


@dataclass(frozen=True, eq=False)
class _Pairs:
    """Pairs of incidents by band of distance; `ends` has the end of each band's pairs."""

    own: npt.NDArray[np.integer]
    other: npt.NDArray[np.integer]
    ends: Ints

    @classmethod
    def within(cls, places: Floats, distances_m: Sequence[float]) -> _Pairs:
        limits = np.maximum(np.asarray(distances_m, dtype=np.float64), SAME_PLACE_M)
        parts = []
        for own, other, distance in pairs_within(places, places, float(limits[-1])):
            once = own < other
            band = np.searchsorted(limits, distance[once]).astype(np.int8)
            parts.append((own[once].astype(np.int32), other[once].astype(np.int32), band))
        own, other, band = (np.concatenate(column) for column in zip(*parts, strict=True))
        order = np.argsort(band, kind="stable")
        return cls(own[order], other[order], np.bincount(band, minlength=len(limits)).cumsum())

    def table(self, dates: npt.NDArray[np.integer], days: Sequence[int]) -> Ints:
        """Number of pairs by band of distance and band of days."""
        lag = np.abs(dates[self.own] - dates[self.other])
        starts = np.r_[0, self.ends[:-1]]
        up_to = [
            [int(np.count_nonzero(lag[start:end] <= last)) for last in days]
            for start, end in zip(starts, self.ends, strict=True)
        ]
        counts: Ints = np.array(up_to, dtype=np.int64)
        counts[:, 1:] -= counts[:, :-1].copy()
        return counts
