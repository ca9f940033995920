"""Conditional permutation for local statistics: how unusual the sum of a cell's neighbors is.

A cell keeps its value; the values of its k neighbors are drawn from all other cells, none twice.
The p-value over all such draws is computed, not estimated from a sample: 999 draws resolve p to
0.002, too coarse to correct for thousands of cells.

References
----------
Anselin (1995), Local indicators of spatial association: LISA, Geographical Analysis 27: conditional
permutation.
Macdonald (1995), Symmetric functions and Hall polynomials, I (2.11): Newton's identities.
Bernstein's inequality for draws without replacement: Hoeffding (1963), JASA 58, section 6.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
from scipy import sparse
from scipy.fft import fft, irfft, next_fast_len

from analytics.statistics.arrays import Floats, Ints

SMALLEST_P = 1e-12
"""The smallest tail reported; smaller ones are lost in rounding."""
_NEGLIGIBLE = 1e-18
_LOG_OUTSIDE = np.log(1e14)
_FEWEST_STEPS, _MOST_STEPS = 2**12, 2**16
_OPERATIONS = 12_000_000


def permutation_tails(values: Floats, others: sparse.csr_array) -> tuple[Floats, Floats]:
    """Probability of a neighbors' sum at most, and at least, as large as each cell's.

    Parameters
    ----------
    values : array of shape (cells,)
    others : sparse array of shape (cells, cells)
        Neighbors without the cell itself, entries 1.

    Returns
    -------
    below, above : arrays of shape (cells,)
        P(S ≤ s) and P(S ≥ s), both 1 for a cell without neighbors.

    Notes
    -----
    The number of ways to draw k of n values with sum s is the coefficient of tᵏ xˢ in ∏ (1 + t xᵛ).
    Its Fourier transform over s follows for each k from those of smaller k by Newton's identities;
    the cell's own value v is taken out by ways(k, s) − ways without v(k − 1, s − v). Sums are exact
    for whole values whose sums span no more than some 65,000 (fewer with hundreds of neighbors);
    values with a wider span or with fractions are first rounded to a lattice, and the test is exact
    for the rounded ones.
    """
    cells = len(values)
    drawn, mirrored = _draws(np.diff(others.indptr).astype(np.int64))
    below, above = np.ones(cells), np.ones(cells)
    if not drawn.any() or np.ptp(values) == 0:
        return below, above
    steps = _lattice(values, int(drawn.max()))
    sums = np.asarray(others @ steps).astype(np.int64)
    sums = np.where(mirrored, steps.sum() - steps - sums, sums)
    for k, laws in _laws(steps, int(drawn.max())):
        here = np.flatnonzero(drawn == k)
        if len(here):
            below[here] = _without_own(laws, k, cells, sums[here], steps[here])
            above[here] = 1 - _without_own(laws, k, cells, sums[here] - 1, steps[here])
    below, above = np.where(mirrored, above, below), np.where(mirrored, below, above)
    return np.clip(below, SMALLEST_P, 1.0), np.clip(above, SMALLEST_P, 1.0)


def rounding_step(values: Floats, neighbors: Ints) -> float:
    """Step to which `permutation_tails` rounds the values of cells with so many neighbors."""
    drawn, _ = _draws(neighbors)
    if not drawn.any() or np.ptp(values) == 0:
        return 0.0
    moved = np.asarray(values, dtype=np.float64) - np.min(values)
    return 1 / _scale(moved, int(drawn.max()))


def _draws(neighbors: Ints) -> tuple[Ints, npt.NDArray[np.bool_]]:
    """How many values are drawn for each cell, and whether they are those that are not neighbors.

    The sum of k of the others and the sum of the rest have the same distribution, mirrored.
    """
    rest = len(neighbors) - 1
    mirrored = neighbors > rest // 2
    return np.where(mirrored, rest - neighbors, neighbors), mirrored


@dataclass(frozen=True, eq=False)
class _Law:
    """Cumulative distribution of the sum of k values drawn from all cells, from `least` on."""

    least: int
    cumulative: Floats = field(repr=False)

    def at_most(self, sums: Ints) -> Floats:
        place = np.minimum(sums - self.least, len(self.cumulative) - 1)
        return np.where(place < 0, 0.0, self.cumulative[np.maximum(place, 0)])


def _without_own(laws: deque[_Law], k: int, cells: int, sums: Ints, own: Ints) -> Floats:
    """P(S ≤ s) of k draws from the other cells; `laws` are those of k, k − 1, … draws."""
    total, factor = np.zeros(len(sums)), 1.0
    for fewer, law in enumerate(laws):
        total += factor * cells / (cells - k + fewer) * law.at_most(sums - fewer * own)
        factor *= -(k - fewer) / (cells - k + fewer)
    return total


def _terms(cells: int, most: int) -> int:
    """How many smaller numbers of draws matter: each weighs k / (n − k) of the one before."""
    ratio = most / (cells - most)
    return most if ratio >= 1 else min(most, int(np.log(_NEGLIGIBLE) / np.log(ratio)) + 2)


def _laws(steps: Ints, most: int) -> Iterator[tuple[int, deque[_Law]]]:
    """For 0, 1, … `most` draws, the number and the distributions for it and for fewer draws."""
    cells, terms = len(steps), _terms(len(steps), most)
    least, largest = _span(steps, most)
    period = next_fast_len(int((largest - least).max()) + 1, real=True)
    transform = fft(np.bincount(steps % period, minlength=period).astype(np.float64))
    frequency = np.arange(period // 2 + 1)
    # Row m − 1: Σ over cells of x^(m v), with its sign in Newton's identities.
    powers = np.stack([transform[m * frequency % period] for m in range(1, terms + 1)])
    powers[1::2] *= -1
    recent = np.zeros((terms, len(frequency)), dtype=np.complex128)
    recent[0] = 1.0
    laws: deque[_Law] = deque([_Law(0, np.ones(1))], maxlen=terms + 1)
    yield 0, laws
    for k in range(1, most + 1):
        some = min(k, terms)
        back = np.arange(some)
        weights = np.cumprod((k - back) / (cells - k + 1 + back)) / k
        drawn = np.einsum("m,mj,mj->j", weights, powers[:some], recent[:some])
        recent[1:] = recent[:-1]
        recent[0] = drawn
        chance = np.roll(irfft(drawn, period), -int(least[k] % period))
        laws.appendleft(_Law(int(least[k]), np.cumsum(np.maximum(chance, 0.0))))
        yield k, laws


def _span(values: npt.NDArray[np.generic], most: int) -> tuple[Ints, Ints]:
    """Least and largest sum of 0 … `most` draws; at most 1e-14 lies beyond (Bernstein)."""
    ordered = np.sort(np.asarray(values, dtype=np.float64))
    k = np.arange(most + 1)
    bottom = np.concatenate([[0.0], np.cumsum(ordered[:most])])
    top = np.concatenate([[0.0], np.cumsum(ordered[::-1][:most])])
    mean, variance = ordered.mean(), ordered.var()

    def reach(farthest: float) -> Floats:
        third = _LOG_OUTSIDE * farthest / 3
        return third + np.sqrt(third**2 + 2 * _LOG_OUTSIDE * k * variance)

    least = np.maximum(bottom, k * mean - reach(float(mean - ordered[0])))
    largest = np.minimum(top, k * mean + reach(float(ordered[-1] - mean)))
    return np.floor(least).astype(np.int64), np.ceil(largest).astype(np.int64)


def _lattice(values: Floats, most: int) -> Ints:
    """Values as whole steps from the smallest: exact if whole and narrow, else rounded."""
    moved = np.asarray(values, dtype=np.float64) - np.min(values)
    return np.rint(moved * _scale(moved, most)).astype(np.int64)


def _scale(moved: Floats, most: int) -> float:
    """Steps of the lattice per unit of the values."""
    allowed = 2 * _OPERATIONS // max(most * _terms(len(moved), most), 1)
    steps = min(max(allowed, _FEWEST_STEPS), _MOST_STEPS)
    whole = bool((moved == np.rint(moved)).all())
    scale = 1.0 if whole else steps / float(moved.max())
    least, largest = _span(moved * scale, most)
    return scale * min(1.0, steps / float((largest - least).max()))
