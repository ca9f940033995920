"""Demand by level, weekday shape and season: the rule whose forecasts are served.

The expected count of an area and shift on a day is its level, times the shape of its week, times
the season of its shift in the city, holidays included. The level is nested: what the cell (area and
shift) has been over half a year, corrected by what its area has been over two months, and by what
the city's shift has been over two weeks. So a break of the whole city is followed within weeks,
while a cell keeps a level that its few incidents cannot blur.

References
----------
Brown (1959), Statistical forecasting for inventory control: exponential discounting.
Bühlmann & Gisler (2005), A course in credibility theory: shrinking by exposure.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from analytics.forecasting.demand.area_shares import of_larger_areas
from analytics.forecasting.demand.panel import DemandPanel
from analytics.statistics.arrays import Floats
from analytics.statistics.daily_season import DailySeason, DailySeasons
from analytics.statistics.expected_counts import REFIT_DAYS
from analytics.statistics.season_model import MOST_WEEKS, WEEK

CELL_WEEKS, AREA_WEEKS, CITY_WEEKS = 26, 8, 2
"""Half-lives of the nested levels."""
SHAPE_WEEKS = 104
"""Half-life of the weekday shape."""
SHAPE_INCIDENTS = 30
"""Incidents on each weekday with the city's shape that are added to the cell's own."""
LEVEL_INCIDENTS = 10
"""Incidents as expected that are added to those that correct a level."""
WARM_UP_DAYS = 13 * WEEK
"""History without which nothing is forecast."""
MOST_DAYS = 28
"""Days ahead that are forecast at most. Candidates learn from forecasts of so many, whatever the
horizon: shorter ones that start weeks apart have only some weekdays."""


def seasonal_level(panel: DemandPanel, origins: Sequence[int], horizon: int) -> Floats:
    """Expected counts of the days from each origin on, from the days before it.

    Parameters
    ----------
    origins : columns of the first forecast days, at least `WARM_UP_DAYS`; the last may be the day
        after the panel
    horizon : days ahead

    Returns
    -------
    array of shape (origins, areas, shifts, horizon)

    Notes
    -----
    Areas that are parts of larger ones get their shares of these forecasts (`area_shares`).
    """
    if panel.parent is not None:
        return of_larger_areas(panel, origins, seasonal_level(panel.parent, origins, horizon))
    seasons = DailySeasons(panel.counts.sum(axis=0), panel.first, panel.country, horizon)
    last = max(origins)
    forecasts = []
    for origin in origins:
        # Seasons are fitted every 28 days, back from the last origin.
        known = last - REFIT_DAYS * -(-(last - origin) // REFIT_DAYS)
        season = seasons.known_on(max(known, 0))
        forecasts.append(_forecast(panel, seasons, season, origin, horizon))
    return np.stack(forecasts)


def _forecast(
    panel: DemandPanel, seasons: DailySeasons, season: DailySeason, origin: int, horizon: int
) -> Floats:
    days = min(origin, MOST_WEEKS * WEEK)
    past = np.arange(origin - days, origin)
    counts = panel.counts[:, :, origin - days : origin]
    weekday = np.eye(WEEK)[past % WEEK]
    usual = seasons.factors(season, origin - days, origin)
    weeks_ago = (origin - 1 - past) // WEEK + 1

    def discounted(half_life: int) -> tuple[Floats, Floats]:
        """Counts (areas, shifts, 7) and season (shifts, 7) by weekday."""
        weights = weekday * (0.5 ** (weeks_ago / half_life))[:, None]
        return counts @ weights, usual @ weights

    shape = weekday_shapes(*discounted(SHAPE_WEEKS))
    level = nested_level(shape, *(discounted(weeks) for weeks in _HALF_LIVES))
    ahead = np.arange(origin, origin + horizon)
    factors = seasons.factors(season, origin, origin + horizon)
    return np.asarray(level[:, :, None] * shape[:, :, ahead % WEEK] * factors)


_HALF_LIVES = (CELL_WEEKS, AREA_WEEKS, CITY_WEEKS)


def weekday_shapes(counts: Floats, season: Floats) -> Floats:
    """Relative counts by weekday, mean 1, shrunk to the shape of the shift in the city.

    Parameters
    ----------
    counts : array of shape (areas, shifts, 7), discounted incidents
    season : array of shape (shifts, 7), the season of the same days

    Returns
    -------
    array of shape (areas, shifts, 7)

    Notes
    -----
    s = c (y + κ) / (λ c e + κ), with the city's shape c, the season e, and the level λ that makes
    Σ λ c e = Σ y.
    """
    city = _mean_one(ratio(counts.sum(axis=0), season))
    usual = city * season
    expected = usual * ratio(counts.sum(axis=2), usual.sum(axis=1))[:, :, None]
    return _mean_one(city * (counts + SHAPE_INCIDENTS) / (expected + SHAPE_INCIDENTS))


def nested_level(
    shape: Floats,
    cell: tuple[Floats, Floats],
    area: tuple[Floats, Floats],
    city: tuple[Floats, Floats],
) -> Floats:
    """Level of each area and shift, shape (areas, shifts).

    Parameters
    ----------
    shape : array of shape (areas, shifts, 7)
    cell, area, city : counts (areas, shifts, 7) and season (shifts, 7) with each half-life
    """

    def exposure(season: Floats) -> Floats:
        return np.asarray((shape * season).sum(axis=2))

    counted, usual = cell[0].sum(axis=2), exposure(cell[1])
    level = ratio(counted, usual)
    expected = level * exposure(area[1])
    level = level * _correction(area[0].sum(axis=(1, 2)), expected.sum(axis=1))[:, None]
    expected = level * exposure(city[1])
    return np.asarray(level * _correction(city[0].sum(axis=(0, 2)), expected.sum(axis=0)))


def ratio(above: Floats, below: Floats) -> Floats:
    """Element by element; 0 where there is nothing below."""
    above, below = np.broadcast_arrays(above, below)
    return np.divide(above, below, out=np.zeros(above.shape), where=below > 0)


def _correction(counted: Floats, expected: Floats) -> Floats:
    return (counted + LEVEL_INCIDENTS) / (expected + LEVEL_INCIDENTS)


def _mean_one(shape: Floats) -> Floats:
    mean = shape.mean(axis=-1, keepdims=True)
    return np.divide(shape, mean, out=np.ones(shape.shape), where=mean > 0)
