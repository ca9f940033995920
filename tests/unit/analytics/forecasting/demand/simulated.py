"""A simulated city of areas, shifts and days, whose expected counts are known."""

from __future__ import annotations

from datetime import date

import numpy as np

from analytics.forecasting.demand.panel import DemandPanel
from analytics.statistics.arrays import Floats

FIRST = date(2014, 1, 1)
DAYS = 4 * 364
WEEK_SHAPE = np.array([0.8, 0.9, 1.0, 1.0, 1.1, 1.3, 0.9])


def rates(areas: int = 6, shifts: int = 3, days: int = DAYS, level: float = 8.0) -> Floats:
    """Expected counts (areas, shifts, days): a summer, weekends, and large and small areas."""
    day = np.arange(days)
    summer = np.exp(-0.25 * np.cos(2 * np.pi * (day + 0.5) / 365.25))
    area = level * np.linspace(0.4, 1.6, areas)[:, None, None]
    shift = np.linspace(0.6, 1.4, shifts)[:, None]
    return np.asarray(area * shift * WEEK_SHAPE[day % 7] * summer)


def panel_with(counts: Floats, country: str = "") -> DemandPanel:
    areas, shifts, _ = counts.shape
    names = tuple(f"{number:03d}" for number in range(1, areas + 1))
    return DemandPanel(
        names, ("Night", "Day", "Evening")[:shifts], FIRST, counts.astype(np.float64), country
    )


def poisson_panel(expected: Floats, seed: int = 1, country: str = "") -> DemandPanel:
    return panel_with(np.random.default_rng(seed).poisson(expected), country)
