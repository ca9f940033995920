"""Space-time permutation scan: circles of cells that have more in the last days than before.

A cylinder is a circle around a cell and the last days. What it is expected to have follows from its
circle's share of all incidents and its days' share of all incidents: a place that is always busy
does not stand out, and neither does a busy week of the whole city. Its strength is the log
likelihood ratio of what it has. How strong cylinders are by chance comes from the same incidents
with their dates permuted.

References
----------
Kulldorff, Heffernan, Hartman, Assunção & Mostashari (2005), A space-time permutation scan statistic
for disease outbreak detection, PLoS Medicine 2.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
from scipy import sparse
from scipy.special import xlogy

from analytics.hotspots.fishnet import Fishnet
from analytics.hotspots.neighbors import distance_band
from analytics.statistics.arrays import Floats, Ints
from analytics.statistics.level import LEVEL

WINDOWS_DAYS = (7, 14, 28)
"""Last days that are scanned: whole weeks, since weekdays differ by place."""
RADII_M = (750, 1_100, 1_600)
"""Between centers of cells, besides each cell alone."""
FEWEST = 5
"""Incidents of a cylinder: fewer are watched as chains of near repeats."""
PERMUTATIONS = 199


@dataclass(frozen=True, eq=False)
class SpaceTimeCluster:
    """A circle with significantly more in the last days.

    Attributes
    ----------
    cells : positions in the fishnet
    days : length of its period, which ends with the last day
    p : share of permutations with a cylinder as strong anywhere
    """

    cells: Ints = field(repr=False)
    days: int
    count: int
    expected: float
    strength: float
    p: float


@dataclass(frozen=True, eq=False)
class _Circles:
    """Circles × cells, entries 1."""

    matrix: sparse.csr_array

    @classmethod
    def of(cls, grid: Fishnet) -> _Circles:
        alone = sparse.eye_array(len(grid), format="csr")
        around = [distance_band(grid, radius, self_included=True) for radius in RADII_M]
        return cls(sparse.vstack([alone, *around], format="csr"))

    def cells(self, circle: int) -> Ints:
        start, stop = self.matrix.indptr[circle : circle + 2]
        return np.asarray(self.matrix.indices[start:stop], dtype=np.int64)


def scan_clusters(
    daily: sparse.csr_array, grid: Fishnet, *, permutations: int = PERMUTATIONS, seed: int = 0
) -> tuple[SpaceTimeCluster, ...]:
    """Clusters of the last days, the strongest first; they share no cell.

    Parameters
    ----------
    daily : sparse array of shape (days, cells)
        Incidents of each day, oldest first; of more days than the longest window.

    Notes
    -----
    Each is compared with the strongest cylinder of each permutation, so that at most `LEVEL` of
    cities without clusters have one.
    """
    circles = _Circles.of(grid)
    windows = [np.asarray(daily[-days:].sum(axis=0)).ravel() for days in WINDOWS_DAYS]
    of_cells = np.asarray(daily.sum(axis=0)).ravel()
    if windows[-1].sum() < FEWEST:
        return ()
    scan = _Scan(circles.matrix, of_cells, [float(one.sum()) for one in windows])
    observed = scan.strengths(windows)
    random = np.random.default_rng(seed)
    strongest = np.array(
        [scan.strengths(permuted).max() for permuted in scan.permuted(permutations, random)]
    )
    found, taken = [], np.zeros(len(grid), dtype=bool)
    for place in np.argsort(-observed, axis=None, kind="stable").tolist():
        window, circle = divmod(place, observed.shape[1])
        strength = float(observed[window, circle])
        p = (1 + int((strongest >= strength).sum())) / (1 + permutations)
        if p > LEVEL or strength <= 0:
            break
        cells = circles.cells(circle)
        if taken[cells].any():
            continue
        taken[cells] = True
        count, expected = int(windows[window][cells].sum()), scan.expected(window, circle)
        days = WINDOWS_DAYS[window]
        found.append(SpaceTimeCluster(cells, days, count, expected, strength, p))
    return tuple(found)


class _Scan:
    """Strengths of all cylinders of one history.

    Parameters
    ----------
    circles : circles × cells
    of_cells : incidents of each cell in the whole history
    totals : incidents of each window in the whole city
    """

    def __init__(
        self, circles: sparse.csr_array, of_cells: Floats, totals: Sequence[float]
    ) -> None:
        self._circles, self._of_cells, self._totals = circles, of_cells, totals
        self._all = float(of_cells.sum())
        shares = (circles @ of_cells) / self._all
        self._expected = np.outer(totals, shares)

    def expected(self, window: int, circle: int) -> float:
        return float(self._expected[window, circle])

    def strengths(self, windows: Sequence[Floats]) -> Floats:
        """Log likelihood ratio of each cylinder that has more than expected; windows × circles."""
        counts = np.stack([self._circles @ one for one in windows])
        return strength_of(counts, self._expected, self._all)

    def permuted(self, permutations: int, random: np.random.Generator) -> Iterator[list[Floats]]:
        """Incidents of the cells in each window, with dates permuted among all incidents."""
        cells = np.repeat(np.arange(len(self._of_cells)), self._of_cells.astype(np.int64))
        longest = int(self._totals[-1])
        for _ in range(permutations):
            chosen = random.choice(cells, longest, replace=False)
            yield [
                np.bincount(chosen[: int(total)], minlength=len(self._of_cells)).astype(np.float64)
                for total in self._totals
            ]


def strength_of(counts: Floats, expected: Floats, total: float) -> Floats:
    """Log likelihood ratio of counts of `total` incidents; 0 for few, or for no more than expected.

    c log(c / μ) + (N − c) log((N − c) / (N − μ)), equation 2 of Kulldorff et al. (2005).
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = xlogy(counts, counts / expected) + xlogy(
            total - counts, (total - counts) / (total - expected)
        )
    return np.where((counts > expected) & (counts >= FEWEST), ratio, 0.0)
