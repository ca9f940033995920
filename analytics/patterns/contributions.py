"""Scores of incidents: sums of what each of their codes adds."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from analytics.patterns.features import Codes
from analytics.statistics.arrays import Floats


def sum_contributions(contributions: list[Floats], codes: Codes) -> npt.NDArray[np.float32]:
    """Scores of incidents from the contributions of their codes, shape (incidents, axes)."""
    found = np.zeros((len(codes), contributions[0].shape[1]))
    for number, table in enumerate(contributions):
        found += table[codes[:, number]]
    return found.astype(np.float32)
