"""The baselines of demand: the same weekday of the weeks before."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from analytics.forecasting.demand.panel import DemandPanel
from analytics.statistics.arrays import Floats
from analytics.statistics.season_model import WEEK, YEAR_WEEKS

FLOOR = 0.25
"""Least forecast as a share of the cell's mean of a year: a silent week is not certainty."""


def last_week(panel: DemandPanel, origins: Sequence[int], horizon: int) -> Floats:
    """The count of the same weekday of the last week; (origins, areas, shifts, horizon)."""
    return _mean_of_weeks(panel, origins, horizon, 1)


def four_weekdays(panel: DemandPanel, origins: Sequence[int], horizon: int) -> Floats:
    """The mean of the last four same weekdays; (origins, areas, shifts, horizon)."""
    return _mean_of_weeks(panel, origins, horizon, 4)


def _mean_of_weeks(panel: DemandPanel, origins: Sequence[int], horizon: int, weeks: int) -> Floats:
    weekday = np.arange(horizon) % WEEK
    forecasts = []
    for origin in origins:
        before = [panel.counts[:, :, origin - WEEK * k + weekday] for k in range(1, weeks + 1)]
        year = panel.counts[:, :, max(origin - YEAR_WEEKS * WEEK, 0) : origin]
        floor = FLOOR * year.mean(axis=2, keepdims=True)
        forecasts.append(np.maximum(np.mean(before, axis=0), floor))
    return np.stack(forecasts)
