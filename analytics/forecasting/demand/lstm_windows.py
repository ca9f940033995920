"""What the network of `lstm` reads: the weeks before an origin and the days ahead, by cell."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from analytics.forecasting.demand.panel import DemandPanel
from analytics.forecasting.demand.seasonal_level import MOST_DAYS
from analytics.statistics.arrays import Floats, Ints
from analytics.statistics.calendar_days import calendar_days
from analytics.statistics.daily_season import DailySeason, DailySeasons
from analytics.statistics.season_model import WEEK, year_phases

WEEKS = 26
"""Weeks before an origin that are read."""
LEVEL_WEEKS = 26
"""Half-life of the level."""
LEAST_LEVEL = 1e-3
"""Incidents a day below which a level is not told from none."""
DAY_INCIDENTS, CELL_INCIDENTS, LARGE_INCIDENTS = 1.0, 3.0, 10.0
"""Incidents as expected that are added to those of a cell's day and week, and of larger sums."""


@dataclass(frozen=True, eq=False)
class SeriesWindows:
    """What is known of series at some origins, and of the days ahead of them.

    Attributes
    ----------
    weeks : shape (windows, weeks, features), the oldest week first
    series : shape (windows,), number of the series
    days : shape (windows, days, features)
    levels : shape (windows, days), the counts that the network's ratios are to
    """

    weeks: npt.NDArray[np.float32] = field(repr=False)
    series: Ints = field(repr=False)
    days: npt.NDArray[np.float32] = field(repr=False)
    levels: Floats = field(repr=False)

    @classmethod
    def joined(cls, parts: Sequence[SeriesWindows]) -> SeriesWindows:
        return cls(
            np.concatenate([one.weeks for one in parts]),
            np.concatenate([one.series for one in parts]),
            np.concatenate([one.days for one in parts]),
            np.concatenate([one.levels for one in parts]),
        )


class CellWindows:
    """Windows of all cells of a panel at an origin, from the days before it.

    Parameters
    ----------
    horizon : most days ahead of an origin
    """

    def __init__(self, panel: DemandPanel, horizon: int) -> None:
        self._panel = panel
        counts, days = panel.counts.sum(axis=0), panel.days + horizon
        self._seasons = DailySeasons(counts, panel.first, panel.country, horizon)
        _, kinds = calendar_days(panel.country, panel.first, days)
        self._calendar = np.concatenate(
            [
                np.eye(WEEK)[np.arange(days) % WEEK],
                year_phases(panel.first, np.arange(days) + 0.5),
                np.stack([kinds[:, 0], kinds[:, 1:].any(axis=1)], axis=1),
            ],
            axis=1,
        )

    def at(self, origin: int, horizon: int, known: int) -> SeriesWindows:
        """Of all cells at an origin, with the season as the days before `known` give it."""
        areas, shifts, _ = self._panel.counts.shape
        season = self._seasons.known_on(known)
        level = self._level(origin, season)
        usual = self._seasons.factors(season, origin, origin + horizon)
        ahead = np.arange(origin, origin + horizon)
        columns = [
            *self._calendar[ahead].T,
            *np.eye(shifts)[:, :, None],
            (ahead - origin) / MOST_DAYS,
            np.log(usual),
        ]
        shape = areas, shifts, horizon
        days = np.stack([np.broadcast_to(column, shape) for column in columns], axis=-1)
        return SeriesWindows(
            self._weeks(origin, season, level),
            np.arange(areas * shifts),
            days.reshape(areas * shifts, horizon, -1).astype(np.float32),
            (level[..., None] * usual).reshape(-1, horizon),
        )

    def _level(self, origin: int, season: DailySeason) -> Floats:
        """Incidents a day without season, (areas, shifts)."""
        weeks_ago = np.arange(origin - 1, -1, -1) // WEEK + 1
        weights = 0.5 ** (weeks_ago / LEVEL_WEEKS)
        usual = self._seasons.factors(season, 0, origin) @ weights
        return np.maximum(self._panel.counts[:, :, :origin] @ weights / usual, LEAST_LEVEL)

    def _weeks(self, origin: int, season: DailySeason, level: Floats) -> np.ndarray:
        """Features of the weeks before, (cells, weeks, features); 0 for weeks before the data."""
        areas, shifts, _ = self._panel.counts.shape
        weeks = min(WEEKS, origin // WEEK)
        start = origin - weeks * WEEK
        counts = self._panel.counts[:, :, start:origin].reshape(areas, shifts, weeks, WEEK)
        usual = self._seasons.factors(season, start, origin).reshape(shifts, weeks, WEEK)
        expected = level[..., None, None] * usual
        by_day = np.roll(_log_ratio(counts, expected, DAY_INCIDENTS), origin % WEEK, axis=-1)
        counted, expected = counts.sum(axis=-1), expected.sum(axis=-1)
        columns = [
            *np.moveaxis(by_day, -1, 0),
            _log_ratio(counted, expected, CELL_INCIDENTS),
            *(
                _log_ratio(counted.sum(over, keepdims=True), expected.sum(over, keepdims=True))
                for over in ((1,), (0,), (0, 1))  # the area, the city's shift, the city
            ),
            np.log(level)[..., None],
        ]
        shape = areas, shifts, weeks
        found = np.stack([np.broadcast_to(column, shape) for column in columns], axis=-1)
        missing = ((0, 0), (WEEKS - weeks, 0), (0, 0))
        return np.pad(found.reshape(areas * shifts, weeks, -1), missing).astype(np.float32)


def _log_ratio(counted: Floats, expected: Floats, added: float = LARGE_INCIDENTS) -> Floats:
    return np.asarray(np.log((counted + added) / (expected + added)))
