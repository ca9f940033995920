"""Whether the largest of many counts is larger than the tail of the others explains."""

from __future__ import annotations

from typing import Any

import numpy as np

TAIL = 200
"""Largest counts from which the tail is estimated."""
TRIMMED = 10
"""Largest counts left out of the estimate, so that outliers do not hide each other."""
LEAST = 50
"""Fewest counts of a tail that can be estimated."""
Floats = np.ndarray[Any, np.dtype[np.float64]]


def expected_above(counts: Floats) -> Floats:
    """How many counts at least this large the tail would have; `inf` below the tail.

    The tail is a power law fitted by the trimmed Hill estimator. If x(1) >= x(2) >= … are the
    counts in order, i log(x(i) / x(i + 1)) are independent exponential variables with mean xi, of
    which those from `TRIMMED` on are averaged; then k (u / x)^(1 / xi) counts of at least x are
    expected, where u is the largest count below the tail.

    Parameters
    ----------
    counts
        Positive counts in any order; shape (n,).

    References
    ----------
    Hill (1975), A simple general approach to inference about the tail of a distribution.
    Bhattacharya, Kallitsis & Stoev (2019), Data-adaptive trimming of the Hill estimator.
    """
    ordered = np.sort(np.asarray(counts, np.float64))[::-1]
    size = min(TAIL, len(ordered) // 5)
    expected = np.full(len(counts), np.inf)
    if size < LEAST:
        return expected
    rank = np.arange(TRIMMED + 1, size + 1)
    xi = float(np.mean(rank * np.log(ordered[rank - 1] / ordered[rank])))
    if xi <= 0:  # all the same
        return expected
    least = ordered[size]
    tail = counts > least
    expected[tail] = size * (least / counts[tail]) ** (1 / xi)
    return expected
