"""Concentration of crime at places, and in space and time together."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.spatial import cKDTree

KNOX_DAYS = 7
KNOX_BANDS_M = (("same", 0.0), ("to_100_m", 100.0), ("to_200_m", 200.0))
SAME_PLACE_M = 0.5


def half_share(counts: npt.NDArray[np.int64], places: int) -> float:
    """Share of `places` that holds half of the incidents.

    Parameters
    ----------
    counts : incidents per place, shape (k,), zeros allowed or left out
    places : number of all places, including crime-free ones

    References
    ----------
    Weisburd, D. (2015). The law of crime concentration. Criminology 53.
    """
    ranked = np.sort(counts)[::-1].cumsum()
    return float(np.searchsorted(ranked, ranked[-1] / 2) + 1) / places


def gini(counts: npt.NDArray[np.int64], places: int) -> float:
    """Gini coefficient of incidents over `places`, including crime-free ones."""
    ranked = np.zeros(places)
    ranked[places - len(counts) :] = np.sort(counts)
    lorenz = ranked.cumsum() / ranked.sum()
    return float((places + 1 - 2 * lorenz.sum()) / places)


@dataclass(frozen=True)
class Knox:
    """Pairs close in space and time, and pairs expected by chance."""

    observed: dict[str, int]
    expected: dict[str, float]

    @property
    def ratios(self) -> dict[str, float]:
        return {band: self.observed[band] / self.expected[band] for band in self.observed}


def pairs_by_band(tree: cKDTree) -> dict[str, int]:
    """Unordered pairs of points in each distance band, at any time."""
    radii = [SAME_PLACE_M, *(upper for _, upper in KNOX_BANDS_M[1:])]
    within = (tree.count_neighbors(tree, radii) - tree.n) // 2
    counts = np.diff(within, prepend=0)
    return {name: int(count) for (name, _), count in zip(KNOX_BANDS_M, counts, strict=True)}


def close_in_time_share(days: npt.NDArray[np.int64]) -> float:
    """Share of all pairs at most `KNOX_DAYS` apart."""
    per_day = np.bincount(days - days.min()).astype(float)
    pairs = float((per_day * (per_day - 1)).sum() / 2)
    for lag in range(1, KNOX_DAYS + 1):
        pairs += float((per_day[lag:] * per_day[:-lag]).sum())
    return pairs / (len(days) * (len(days) - 1) / 2)


def knox(meters: npt.NDArray[np.float64], days: npt.NDArray[np.int64]) -> Knox:
    """Close pairs within 7 days by distance band, compared with independent space and time.

    Parameters
    ----------
    meters : projected coordinates, shape (n, 2), in meters
    days : day numbers, shape (n,)

    References
    ----------
    Knox, G. (1964). Epidemiology of childhood leukaemia. Johnson, S. D. et al. (2007). Space-time
    patterns of risk.
    """
    tree = cKDTree(meters)
    share = close_in_time_share(days)
    expected = {band: pairs * share for band, pairs in pairs_by_band(tree).items()}
    pairs = tree.query_pairs(KNOX_BANDS_M[-1][1], output_type="ndarray")
    pairs = pairs[np.abs(days[pairs[:, 0]] - days[pairs[:, 1]]) <= KNOX_DAYS]
    distance = np.hypot(*(meters[pairs[:, 0]] - meters[pairs[:, 1]]).T)
    edges = [-1.0, SAME_PLACE_M, *(upper for _, upper in KNOX_BANDS_M[1:])]
    observed = np.histogram(distance, edges)[0]
    names = [name for name, _ in KNOX_BANDS_M]
    return Knox(dict(zip(names, map(int, observed), strict=True)), expected)
