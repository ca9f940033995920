"""Incidents that the whole city expects in the days of past forecasts and of the next one.

The same rule as in tables of change: the season, times the level of the last weeks.
"""

from __future__ import annotations

from datetime import timedelta

import numpy as np

from analytics.crossfilter.scope import EVERYTHING
from analytics.crossfilter.selection import Selection
from analytics.formats import country_of
from analytics.hotspots.inputs import incidents_where
from analytics.incidents.reader import SnapshotReader
from analytics.statistics.arrays import Floats
from analytics.statistics.expected_counts import CountedRows, expected_on
from analytics.statistics.season_model import SeasonModel
from analytics.zones.expected import CellForecast
from sql import load


def expected_in_city(reader: SnapshotReader, target: Selection, forecast: CellForecast) -> Floats:
    """Expected incidents with a place, each as known on the first day of the forecast.

    Parameters
    ----------
    target : selection that is forecast, without dates

    Returns
    -------
    array of shape (past forecasts + 1,)
        In the order of `forecast.cutoffs`, then that of the next days; NaN before there is data.
    """
    manifest = reader.snapshot.manifest
    starts = [*forecast.cutoffs, forecast.first]
    if manifest.first_day is None or manifest.last_day is None:
        return np.full(len(starts), np.nan)
    where = incidents_where(reader, EVERYTHING, target)
    statement = load("hotspots/located_daily_counts", conditions=where.sql)
    daily = reader.frame(statement, where.params)
    last = max(manifest.last_day, max(starts) + timedelta(days=forecast.days - 1))
    days = (last - manifest.first_day).days + 1
    at = (daily["day"] - manifest.first_day).dt.total_days().to_numpy()
    inside = (at >= 0) & (at < days)
    counts = np.bincount(at[inside], daily["count"].to_numpy()[inside], days).astype(np.int64)
    seasons = SeasonModel(counts, manifest.first_day, country_of(manifest.source.timezone))
    origins = np.array([(start - manifest.first_day).days for start in starts])
    return expected_on(CountedRows.of(counts, [0]), seasons, origins, forecast.days)[0]
