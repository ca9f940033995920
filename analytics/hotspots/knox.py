"""Near-repeat: whether risk rises near a recent crime, how far and for how long.

Two nulls. Dates permuted among all incidents keep no drift, so a place whose season or level
differs from the city's looks like near-repeat. Dates permuted within about four weeks keep it.

References
----------
Knox (1964), The detection of space-time interactions, Applied Statistics 13.
Johnson et al. (2007), Space-time patterns of risk: a cross national assessment of residential
burglary victimization, Journal of Quantitative Criminology 23.
Johnson, Bowers, Birks & Pease (2009), Predictive mapping of crime by ProMap.
Amarasingham, Harrison, Hatsopoulos & Geman (2012), Conditional modeling and the jitter method of
spike resampling, Journal of Neurophysiology 107.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
from scipy.spatial import cKDTree

from analytics.errors import InputError
from analytics.formats import distance_text, number
from analytics.hotspots.neighborhoods import neighbor_counts, pairs_within
from analytics.statistics.arrays import Floats, Ints

Dates = npt.NDArray[np.integer]
PERMUTATIONS = 199
DISTANCES_M = (0.0, 100.0, 200.0, 300.0, 400.0)
DAYS = (7, 14, 28)
JITTER_DAYS = 28
SAME_PLACE_M = 0.5
MAX_PAIRS = 30_000_000


@dataclass(frozen=True, eq=False)
class NearRepeatNull:
    """Pairs of incidents compared with those of permuted dates; arrays of shape (distances, lags).

    Attributes
    ----------
    expected : mean over permutations
    ratio : observed over expected; NaN where none are expected
    p : one-sided, (1 + permutations with at least as many pairs) / (1 + permutations)
    """

    expected: Floats = field(repr=False)
    ratio: Floats = field(repr=False)
    p: Floats = field(repr=False)


@dataclass(frozen=True, eq=False)
class NearRepeat:
    """Pairs of incidents by distance and lag.

    Attributes
    ----------
    distances_m : upper ends of the distance bands; a first one of 0 is the same place
    days : upper ends of the bands of days between two incidents
    observed : int array of shape (distances, lags)
    usual : NearRepeatNull
        Dates permuted among all incidents.
    local : NearRepeatNull
        Dates permuted within about `JITTER_DAYS`.
    permutations, incidents : int
    """

    distances_m: tuple[float, ...]
    days: tuple[int, ...]
    observed: Ints = field(repr=False)
    usual: NearRepeatNull
    local: NearRepeatNull
    permutations: int
    incidents: int

    def excess(self, level: float = 0.05) -> Floats:
        """Local ratio − 1 of bands where it is significantly above 1, else 0; (distances, lags)."""
        raised = np.nan_to_num(self.local.ratio - 1.0)
        return np.where((self.local.p <= level) & (raised > 0), raised, 0.0)


def fit_near_repeat(
    xy: Floats,
    day: npt.ArrayLike,
    *,
    block: npt.ArrayLike | None = None,
    distances_m: Sequence[float] = DISTANCES_M,
    days: Sequence[int] = DAYS,
    permutations: int = PERMUTATIONS,
    seed: int = 0,
) -> NearRepeat:
    """Knox test with dates permuted among all incidents, and within about four weeks.

    Permutations keep the distribution of dates and that of places, and remove their interaction.

    Parameters
    ----------
    xy : array of shape (incidents, 2)
        Local meters, one row per incident.
    day : array of shape (incidents,)
        Whole days since any date.
    block : int array of shape (incidents,)
        Code of the block of each incident, -1 where it has none; None where no incident has one.
    distances_m : sequence of float
        Upper ends, ascending; a first one of 0 is the same place: the same block, or within half a
        meter where either incident has no block.
    days : sequence of int
        Upper ends, ascending: 7, 14 are the bands 0 to 7 and 8 to 14 days apart.

    Raises
    ------
    InputError
        Bands do not ascend, there is no permutation, or there are fewer than two incidents or more
        than `MAX_PAIRS` pairs within the largest distance.
    """
    _check_bands(distances_m, days)
    if permutations < 1:
        raise InputError("Near-repeat needs one permutation or more.")
    pairs, dates = _paired(xy, day, block if distances_m[0] == 0 else None, distances_m)
    observed, in_order = pairs.table(dates, days), np.sort(dates)
    random = np.random.default_rng(seed)

    def null(permuted: Callable[[], Dates]) -> NearRepeatNull:
        tables = (pairs.table(permuted(), days) for _ in range(permutations))
        return _compared(observed, tables, permutations)

    return NearRepeat(
        distances_m=tuple(distances_m),
        days=tuple(days),
        observed=observed,
        usual=null(lambda: random.permutation(dates)),
        local=null(lambda: jittered(dates, in_order, random)),
        permutations=permutations,
        incidents=len(dates),
    )


def _paired(
    xy: Floats, day: npt.ArrayLike, block: npt.ArrayLike | None, distances_m: Sequence[float]
) -> tuple[_Pairs, Dates]:
    """Pairs of incidents within the largest distance, and days from the first one."""
    places, dates = np.asarray(xy, dtype=np.float64), np.asarray(day, dtype=np.int64)
    blocks = np.asarray(np.full(len(dates), -1) if block is None else block, dtype=np.int64)
    if not len(places) == len(blocks) == len(dates) or len(dates) < 2:
        raise InputError("Near-repeat needs two incidents or more, each with a place and a day.")
    _check_pairs(places, blocks, distances_m)
    # Lags of a few decades fit 16 bits, which makes a permutation four times as fast.
    shortest = np.int16 if np.ptp(dates) < 2**15 else np.int64
    pairs = _Pairs.within(places, blocks, distances_m)
    return pairs, (dates - dates.min()).astype(shortest)


def jittered(
    dates: Dates, in_order: Dates, random: np.random.Generator, days: float = JITTER_DAYS
) -> Dates:
    """The same dates, given to the incidents in the order of dates moved by some days.

    Parameters
    ----------
    dates, in_order : int arrays of shape (incidents,)
        Days of the incidents, and the same sorted.
    days
        Most days that a date is moved by.

    Each date is moved by a uniform shift either way, so seasons and levels of places that change
    over months stay. Repeats within those weeks are mixed too: a local ratio is nearer to 1 than
    the usual one of the same repeats (Amarasingham et al. 2012).
    """
    moved = np.empty_like(dates)
    moved[np.argsort(dates + random.uniform(-days, days, len(dates)))] = in_order
    return moved


def _compared(observed: Ints, tables: Iterable[Ints], permutations: int) -> NearRepeatNull:
    """Observed pairs beside those of permuted dates."""
    total = np.zeros(observed.shape)
    at_least = np.zeros(observed.shape, dtype=np.int64)
    for table in tables:
        total += table
        at_least += table >= observed
    expected = total / permutations
    ratio = np.full(expected.shape, np.nan)
    np.divide(observed, expected, out=ratio, where=expected > 0)
    return NearRepeatNull(expected, ratio, (1 + at_least) / (1 + permutations))


def near_repeat_surface(
    targets: Floats,
    xy: Floats,
    age_days: npt.ArrayLike,
    fitted: NearRepeat,
    *,
    level: float = 0.05,
    blocks: tuple[npt.ArrayLike, npt.ArrayLike] | None = None,
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
        Fitted on incidents before that day. Bands with a local p above `level` add nothing.
    blocks : int arrays of shapes (targets,) and (incidents,)
        Codes of their blocks, -1 for none. What the same place is, `fit_near_repeat` says.

    Returns
    -------
    array of shape (targets,)
        Σ (local ratio − 1) over incidents in reach. The usual risk times 1 plus this is the
        forecast of the next days. Distances are from the cell's center.

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
    excess = np.pad(fitted.excess(level), ((0, 1), (0, 1)))
    lag = np.searchsorted(fitted.days, age)
    recent = lag < len(fitted.days)
    places, lag = np.asarray(xy, dtype=np.float64)[recent], lag[recent]
    none = np.full(len(targets), -1), np.full(len(age), -1)
    at, of = (np.asarray(codes, dtype=np.int64) for codes in blocks or none)
    of = of[recent]
    risk = np.zeros(len(targets))
    for target, incident, distance in pairs_within(targets, places, _reach(fitted.distances_m)):
        band = _bands(distance, at[target], of[incident], fitted.distances_m)
        risk += np.bincount(target, excess[band, lag[incident]], minlength=len(targets))
    return risk


def _check_bands(*all_bands: Sequence[float]) -> None:
    for bands in all_bands:
        if not len(bands) or (np.diff(bands) <= 0).any() or bands[0] < 0:
            raise InputError(f"Bands {list(bands)} are not valid; they must ascend from 0 or more.")


def _reach(distances_m: Sequence[float]) -> float:
    return max(*distances_m, SAME_PLACE_M)


def _bands(distance: Floats, own: Ints, other: Ints, distances_m: Sequence[float]) -> Ints:
    """Band of each pair by its distance (m) and blocks (-1 for none); past the last for none."""
    band = np.searchsorted(np.maximum(distances_m, SAME_PLACE_M), distance)
    if distances_m[0] == 0:
        known = (own >= 0) & (other >= 0)
        # At one point, but on two blocks: the nearest band that is not the same place.
        band[(band == 0) & known] = 1
        band[known & (own == other)] = 0
    return np.asarray(band, dtype=np.int64)


def _check_pairs(places: Floats, blocks: Ints, distances_m: Sequence[float]) -> None:
    reach = _reach(distances_m)
    pairs = int(neighbor_counts(cKDTree(places), places, reach).sum() - len(places)) // 2
    on_block = np.bincount(blocks[blocks >= 0])
    pairs = max(pairs, int((on_block * (on_block - 1)).sum()) // 2)
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
    def within(cls, places: Floats, blocks: Ints, distances_m: Sequence[float]) -> _Pairs:
        """Pairs of the same block in the first band, whatever their distance, then by distance."""
        parts = [_same_block(blocks)]
        for own, other, distance in pairs_within(places, places, _reach(distances_m)):
            band = _bands(distance, blocks[own], blocks[other], distances_m).astype(np.int8)
            same_block = (blocks[own] >= 0) & (blocks[own] == blocks[other])
            once = (own < other) & ~same_block & (band < len(distances_m))
            parts.append((own[once].astype(np.int32), other[once].astype(np.int32), band[once]))
        own, other, band = (np.concatenate(column) for column in zip(*parts, strict=True))
        order = np.argsort(band, kind="stable")
        return cls(own[order], other[order], np.bincount(band, minlength=len(distances_m)).cumsum())

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


def _same_block(
    blocks: Ints,
) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.int32], npt.NDArray[np.int8]]:
    """Own, other and band (the first) of all pairs of incidents of the same block."""
    order = np.argsort(blocks, kind="stable")
    order = order[blocks[order] >= 0]
    ends = np.searchsorted(blocks[order], blocks[order], side="right")
    after = ends - np.arange(len(order)) - 1
    own = np.repeat(np.arange(len(order)), after)
    other = own + 1 + np.arange(len(own)) - np.repeat(np.cumsum(after) - after, after)
    return (
        order[own].astype(np.int32),
        order[other].astype(np.int32),
        np.zeros(len(own), dtype=np.int8),
    )
