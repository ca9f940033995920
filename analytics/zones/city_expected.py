"""Incidents that the whole city expects in the days of past forecasts and of the next one.

The same rule as in tables of change: the season, times the level of the last complete weeks.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

import numpy as np
import polars as pl

from analytics.crossfilter.scope import EVERYTHING
from analytics.crossfilter.selection import Selection
from analytics.formats import country_of
from analytics.hotspots.inputs import incidents_where
from analytics.incidents.manifest import Manifest
from analytics.incidents.reader import SnapshotReader
from analytics.statistics.arrays import Floats
from analytics.statistics.expected_counts import CountedRows, expected_on
from analytics.statistics.season_model import SeasonModel
from analytics.zones.expected import CellForecast
from sql import load


def expected_in_city(reader: SnapshotReader, target: Selection, forecast: CellForecast) -> Floats:
    """Expected incidents with a place, each from the complete days before the forecast.

    Parameters
    ----------
    target : selection that is forecast, without dates

    Returns
    -------
    array of shape (past forecasts + 1,)
        In the order of `forecast.cutoffs`, then that of the next days; NaN before there is data.
    """
    where = incidents_where(reader, EVERYTHING, target)
    statement = load("forecasting/daily_counts", unit="0 AS city", conditions=where.sql)
    daily = reader.frame(statement, where.params)
    starts = [*forecast.cutoffs, forecast.first]
    return expected_from(daily, reader.snapshot.manifest, starts, forecast.days)


def expected_from(
    daily: pl.DataFrame, manifest: Manifest, starts: Sequence[date], days: int
) -> Floats:
    """Expected counts of `days` days from each start.

    Parameters
    ----------
    daily : pl.DataFrame
        day, count; days without incidents may be missing.
    manifest : says which days the data has, and from when on they are incomplete

    Returns
    -------
    array of shape (starts,)
    """
    if manifest.first_day is None or manifest.last_day is None:
        return np.full(len(starts), np.nan)
    last = max(manifest.last_day, max(starts) + timedelta(days=days - 1))
    width = (last - manifest.first_day).days + 1
    at = (daily["day"] - manifest.first_day).dt.total_days().to_numpy()
    inside = (at >= 0) & (at < width)
    counts = np.bincount(at[inside], daily["count"].to_numpy()[inside], width).astype(np.int64)
    seasons = SeasonModel(counts, manifest.first_day, country_of(manifest.source.timezone))
    origins = np.array([(start - manifest.first_day).days for start in starts])
    complete = ((manifest.provisional_day or last) - manifest.first_day).days
    known = np.minimum(origins, complete)
    return expected_on(CountedRows.of(counts, [0]), seasons, origins, days, known)[0]
