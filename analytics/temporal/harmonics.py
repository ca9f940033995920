"""Harmonics of the year, the season of series that are fitted by least squares."""

from __future__ import annotations

import numpy as np

from analytics.statistics.arrays import Floats

HARMONICS = 3


def yearly_harmonics(steps: int, cycle: float) -> Floats:
    """Three orthonormal waves of a year of `cycle` steps without a constant, (steps, waves)."""
    angles = 2 * np.pi * np.arange(steps)[:, None] * np.arange(1, HARMONICS + 1) / cycle
    columns = np.column_stack([np.ones(steps), np.cos(angles), np.sin(angles)])
    return np.asarray(np.linalg.qr(columns)[0][:, 1:])
