"""Demand by gradient boosted trees (LightGBM): a candidate beside the rule.

One model of all cells: the ratio of a day's count to the cell's half-year level, from levels of
several lengths, the same weekdays before, and the calendar. It is fitted again every 13 weeks, on
forecasts of the two years before whose days had all passed.

References
----------
Ke et al. (2017), LightGBM: a highly efficient gradient boosting decision tree, NeurIPS 30.
Montero-Manso & Hyndman (2021), Principles and algorithms for forecasting groups of time series,
International Journal of Forecasting 37: one model for many series.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from analytics.forecasting.demand.area_shares import of_larger_areas
from analytics.forecasting.demand.panel import DemandPanel
from analytics.forecasting.demand.seasonal_level import MOST_DAYS, WARM_UP_DAYS
from analytics.statistics.arrays import Floats
from analytics.statistics.daily_season import DailySeasons
from analytics.statistics.expected_counts import REFIT_DAYS
from analytics.statistics.season_model import WEEK

REFIT_WEEKS = 13
TRAINING_DAYS, TRAINING_STEP = 728, 14
HALF_LIVES = (2, 8, 26, 104)
BASE = HALF_LIVES.index(26)
TREES = 200
SETTINGS = {
    "objective": "poisson",
    "learning_rate": 0.04,
    "num_leaves": 31,
    "min_data_in_leaf": 400,
    "feature_fraction": 0.8,
    "lambda_l2": 10.0,
    "seed": 20_080,
    "deterministic": True,
    "force_row_wise": True,
    "num_threads": 1,
    "verbosity": -1,
}
LEAST_LEVEL = 1e-3
"""Incidents a day below which a level is not told from none."""


def boosted_trees(panel: DemandPanel, origins: Sequence[int], horizon: int) -> Floats:
    """Expected counts, (origins, areas, shifts, horizon), as of `seasonal_level`."""
    if panel.parent is not None:
        return of_larger_areas(panel, origins, boosted_trees(panel.parent, origins, horizon))
    made = _Features(panel, horizon)
    last, step = max(origins), REFIT_WEEKS * WEEK
    models: dict[int, Any] = {}
    forecasts = []
    for origin in origins:
        known = max(last - step * -(-(last - origin) // step), min(origins))
        if known not in models:
            models[known] = made.fit(known)
        forecasts.append(made.forecast(models[known], origin))
    return np.stack(forecasts)


class _Features:
    """Features of the cells and days of a forecast, from the days before its origin."""

    def __init__(self, panel: DemandPanel, horizon: int) -> None:
        self._panel, self._horizon = panel, horizon
        counts = panel.counts.sum(axis=0)
        self._seasons = DailySeasons(counts, panel.first, panel.country, MOST_DAYS)

    def fit(self, known: int) -> Any:
        """A model of the forecasts before a day; None where there is none to learn from."""
        import lightgbm  # noqa: PLC0415 - takes seconds, and only a candidate needs it

        first = max(known - TRAINING_DAYS, WARM_UP_DAYS)
        starts = range(known - MOST_DAYS, first - 1, -TRAINING_STEP)
        if not starts:
            return None
        parts = [self._of(start, MOST_DAYS) for start in starts]
        happened = [self._panel.counts[:, :, start : start + MOST_DAYS].ravel() for start in starts]
        data = lightgbm.Dataset(
            np.concatenate([features for features, _ in parts]),
            np.concatenate(happened),
            init_score=np.log(np.concatenate([level for _, level in parts])),
        )
        return lightgbm.train(SETTINGS, data, TREES)

    def forecast(self, model: Any, origin: int) -> Floats:
        features, level = self._of(origin, self._horizon)
        ratio = np.exp(model.predict(features, raw_score=True)) if model is not None else 1.0
        areas, shifts, _ = self._panel.counts.shape
        return np.asarray((level * ratio).reshape(areas, shifts, self._horizon))

    def _of(self, origin: int, days: int) -> tuple[Floats, Floats]:
        """Features (cells × days ahead, columns), and the level that their ratios are to."""
        counts = self._panel.counts[:, :, :origin]
        areas, shifts, _ = counts.shape
        past, ahead = np.arange(origin), origin + np.arange(days)
        weeks_ago = (origin - 1 - past) // WEEK + 1
        season = self._seasons.known_on(origin // REFIT_DAYS * REFIT_DAYS)
        usual = self._seasons.factors(season, 0, origin + days)
        weights = 0.5 ** (weeks_ago[:, None] / np.array(HALF_LIVES))
        levels = (counts @ weights) / (usual[:, :origin] @ weights)  # areas, shifts, half-lives
        level = np.maximum(levels, LEAST_LEVEL)
        base = level[..., BASE : BASE + 1]
        city = levels.sum(axis=0) / np.maximum(levels[..., BASE].sum(axis=0)[:, None], LEAST_LEVEL)
        area = levels.sum(axis=1) / np.maximum(levels[..., BASE].sum(axis=1)[:, None], LEAST_LEVEL)
        same = np.stack(
            [counts[:, :, origin - WEEK * back + (ahead - origin) % WEEK] for back in (1, 2, 3, 4)]
        )
        weekday = self._weekdays(counts, past, ahead, weeks_ago) / base
        shape = areas, shifts, days
        columns = [
            *np.moveaxis(np.log(level / base), -1, 0)[..., None],
            np.log(base),
            *np.moveaxis(np.broadcast_to(city, (areas, *city.shape)), -1, 0)[..., None],
            *np.moveaxis(np.broadcast_to(area[:, None], levels.shape), -1, 0)[..., None],
            weekday,
            same[0] / base,
            same.mean(axis=0) / base,
            np.log(usual[:, origin:]),
            np.arange(shifts)[:, None],
            ahead % WEEK,
            ahead - origin,
        ]
        features = np.stack([np.broadcast_to(column, shape).ravel() for column in columns], axis=1)
        return features, np.broadcast_to(base * usual[:, origin:], shape).ravel()

    @staticmethod
    def _weekdays(counts: Floats, past: Any, ahead: Any, weeks_ago: Any) -> Floats:
        """Mean count of the day's weekday, with a half-life of 26 weeks."""
        weights = np.eye(WEEK)[past % WEEK] * (0.5 ** (weeks_ago / HALF_LIVES[BASE]))[:, None]
        mean = (counts @ weights) / np.maximum(weights.sum(axis=0), LEAST_LEVEL)
        return np.asarray(mean[:, :, ahead % WEEK])
