"""Stratified samples of incidents."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt


def stratified(strata: npt.NDArray[np.integer], size: int, seed: int) -> npt.NDArray[np.int64]:
    """Positions of a sample in which each stratum has its share, at least one incident.

    Parameters
    ----------
    strata : integer array of shape (incidents,)
    size : int
        Incidents of the sample; all of them if there are no more.

    Returns
    -------
    int64 array, sorted
    """
    if len(strata) <= size:
        return np.arange(len(strata), dtype=np.int64)
    random = np.random.default_rng(seed)
    _, codes, counts = np.unique(strata, return_inverse=True, return_counts=True)
    takes = shares(counts, size)
    order = np.lexsort((random.random(len(codes)), codes))
    starts = np.concatenate([[0], np.cumsum(counts)[:-1]])
    chosen = [order[start : start + take] for start, take in zip(starts, takes, strict=True)]
    return np.sort(np.concatenate(chosen)).astype(np.int64)


def shares(counts: npt.NDArray[np.integer], size: int) -> npt.NDArray[np.int64]:
    """Split `size` in proportion to counts (largest remainders), at least one each."""
    exact = np.maximum(size * counts / counts.sum(), 1.0)
    taken = np.floor(exact).astype(np.int64)
    missing = size - int(taken.sum())
    if missing > 0:
        taken[np.argsort(taken - exact, kind="stable")[:missing]] += 1
    while taken.sum() > size:  # the minimum of one for rare strata comes from the largest
        taken[np.argmax(taken)] -= 1
    return np.minimum(taken, counts)
