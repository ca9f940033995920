"""Types of arrays that methods take and return, and sums over them."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


def sums_by_label(labels: Ints, weights: Floats, size: int) -> Floats:
    """Sum of the weights of each label from 0, shape (size,); label -1 is none."""
    inside = labels >= 0
    return np.bincount(labels[inside], weights[inside], minlength=size).astype(np.float64)
