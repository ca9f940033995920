"""Coverage of central intervals from a stored calibration table."""

from __future__ import annotations

import numpy as np
import polars as pl


def central_coverage(calibration: pl.DataFrame) -> tuple[list[float], list[float]]:
    """Stated and observed coverage of central intervals, the narrowest first.

    Parameters
    ----------
    calibration
        `above` and `share`: share of counts by their place in the forecast distribution (their
        randomized probability integral transform), in an even number of equal bins.

    Returns
    -------
    stated, observed
        For each pair of bins around the middle, such as 0.1, 0.2, …, 1 of 20 bins.

    References
    ----------
    Czado, Gneiting & Held (2009), Predictive model assessment for count data, Biometrics 65.
    """
    shares = calibration.sort("above")["share"].to_numpy()
    half = len(shares) // 2
    pairs = shares[:half][::-1] + shares[half:]
    stated = [2 * (number + 1) / len(shares) for number in range(half)]
    return stated, np.cumsum(pairs).tolist()
