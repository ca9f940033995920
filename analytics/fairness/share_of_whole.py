"""Shares of a whole, and how far two sets of shares are apart."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from analytics.statistics.arrays import Floats


def of_whole(counts: Floats) -> Floats:
    """Shares of the sum of each row; NaN where that is 0."""
    whole = counts.sum(axis=1, keepdims=True)
    return np.divide(counts, whole, out=np.full_like(counts, np.nan), where=whole > 0)


def share_to_move(shares: npt.ArrayLike, target: npt.ArrayLike) -> Floats:
    """Share that would have to move to match the target: half the sum of the differences.

    Parameters
    ----------
    shares, target : arrays of shape (..., areas); a share that is not known (NaN) counts as 0
    """
    apart = np.nan_to_num(np.asarray(shares)) - np.nan_to_num(np.asarray(target))
    return np.asarray(np.abs(apart).sum(axis=-1) / 2)


def known_share(share: float) -> float | None:
    """The share; None where it is not known (NaN)."""
    return None if np.isnan(share) else float(share)
