"""Demand by a recurrent network (LSTM): a candidate beside the rule, of the extra `lstm`.

One network of all cells. It reads the 26 weeks before an origin, each as ratios of counts to the
cell's half-year level and season, and gives the ratio of every day ahead to them. It is fitted
again every 13 weeks, on forecasts of the three years before whose days had all passed, by the
likelihood of negative-binomial counts.

References
----------
Salinas, Flunkert, Gasthaus & Januschowski (2020), DeepAR: probabilistic forecasting with
autoregressive recurrent networks, International Journal of Forecasting 36: one network for many
series of counts, each scaled by its own level.
Smyl (2020), A hybrid method of exponential smoothing and recurrent neural networks for time series
forecasting, International Journal of Forecasting 36: a discounted level and season, and a network
of what is left.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from analytics.artifacts.extras import require_extra
from analytics.forecasting.demand.area_shares import of_larger_areas
from analytics.forecasting.demand.lstm_windows import CellWindows, SeriesWindows
from analytics.forecasting.demand.panel import DemandPanel
from analytics.forecasting.demand.seasonal_level import MOST_DAYS, WARM_UP_DAYS
from analytics.statistics.arrays import Floats
from analytics.statistics.season_model import WEEK

if TYPE_CHECKING:
    from analytics.forecasting.demand.lstm_network import CountNetwork

LSTM = "lstm"
"""Name of the candidate, and of the extra that it needs."""
REFIT_WEEKS = 13
TRAINING_DAYS, TRAINING_STEP = 1092, 7
"""History that is learned from, and days between its forecasts."""


def lstm(panel: DemandPanel, origins: Sequence[int], horizon: int) -> Floats:
    """Expected counts, (origins, areas, shifts, horizon), as of `seasonal_level`.

    Raises
    ------
    InputError
        The extra is not installed.
    """
    require_extra(LSTM)
    from analytics.forecasting.demand import lstm_network  # noqa: PLC0415 - torch is an extra

    if panel.parent is not None:
        return of_larger_areas(panel, origins, lstm(panel.parent, origins, horizon))
    cells = CellWindows(panel, MOST_DAYS)
    last, step = max(origins), REFIT_WEEKS * WEEK
    networks: dict[int, CountNetwork | None] = {}
    forecasts = []
    for origin in origins:
        known = max(last - step * -(-(last - origin) // step), min(origins))
        if known not in networks:
            learned = _learned_from(panel, cells, known)
            networks[known] = lstm_network.fit_network(*learned) if learned else None
        windows, network = cells.at(origin, horizon, known), networks[known]
        expected = lstm_network.expected_by(network, windows) if network else windows.levels
        forecasts.append(expected.reshape(*panel.counts.shape[:2], horizon))
    return np.stack(forecasts)


def _learned_from(
    panel: DemandPanel, cells: CellWindows, known: int
) -> tuple[SeriesWindows, Floats] | None:
    """Windows and counts of the forecasts before a day; None where there are none."""
    first = max(known - TRAINING_DAYS, WARM_UP_DAYS)
    starts = range(known - MOST_DAYS, first - 1, -TRAINING_STEP)
    if not starts:
        return None
    happened = [
        panel.counts[:, :, start : start + MOST_DAYS].reshape(-1, MOST_DAYS) for start in starts
    ]
    windows = [cells.at(start, MOST_DAYS, known) for start in starts]
    return SeriesWindows.joined(windows), np.concatenate(happened)
