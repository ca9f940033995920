"""Counts of zones for a forecast: by cell, and in the days of past forecasts.

The incidents of a fitted zone are those whose places have its label, as everywhere; those of an
added zone are inside its outline.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

import numpy as np
import polars as pl

from analytics.crossfilter.clauses import Period, Polygon
from analytics.crossfilter.scope import EVERYTHING
from analytics.crossfilter.selection import Selection
from analytics.hotspots.inputs import dated_incidents, incidents_where
from analytics.incidents.reader import SnapshotReader
from analytics.statistics.arrays import Floats
from sql import load

NO_ZONE = -1


@dataclass(frozen=True)
class Zones:
    """Zones to count: the `fitted` zones of a version, then the outlines of `added` ones."""

    model: str
    version: int
    fitted: int
    added: Sequence[Polygon] = ()

    @property
    def labeled(self) -> dict[str, str | int]:
        return {"model": self.model, "version": self.version}


@dataclass(frozen=True)
class Folds:
    """Past forecasts, each for `days` days from its cutoff."""

    cutoffs: tuple[date, ...]
    days: int

    def within(self, first: date | None, last: date | None) -> tuple[int, ...]:
        """Positions of the forecasts whose days are all between two days."""
        if first is None or last is None:
            return ()
        ends = (cutoff + timedelta(days=self.days - 1) for cutoff in self.cutoffs)
        pairs = enumerate(zip(self.cutoffs, ends, strict=True))
        return tuple(at for at, (start, end) in pairs if first <= start and end <= last)


@dataclass(frozen=True, eq=False)
class ZoneCounts:
    """Incidents of zones by cell and by past forecast.

    Attributes
    ----------
    cells, before : pl.DataFrame
        zone (`NO_ZONE` for incidents in no fitted zone), col, row, count; of all days, and of those
        before the first past forecast.
    happened : array of shape (zones, folds)
    """

    cells: pl.DataFrame = field(repr=False)
    before: pl.DataFrame = field(repr=False)
    happened: Floats = field(repr=False)


def zone_counts(
    reader: SnapshotReader, target: Selection, zones: Zones, size_m: int, folds: Folds
) -> ZoneCounts:
    """Count the incidents of a forecast's target.

    Parameters
    ----------
    target : selection that is forecast, without dates
    size_m : side of the forecast's cells, meters
    """
    when = target.replace("date", _all_days(folds))
    known = target.replace("date", Period(last=min(folds.cutoffs) - timedelta(days=1)))
    days = [_fitted_days(reader, when, zones)]
    for zone, outline in enumerate(zones.added, zones.fitted):
        dated = dated_incidents(reader, EVERYTHING, when.replace("polygon", outline))
        daily = dated.group_by("day").agg(pl.len().cast(pl.Int64).alias("count"))
        days.append(daily.select(pl.lit(zone, pl.Int64).alias("zone"), "day", "count"))
    happened = _by_fold(pl.concat(days), zones.fitted + len(zones.added), folds)
    cells, before = (_cells(reader, chosen, zones, size_m) for chosen in (target, known))
    return ZoneCounts(cells, before, happened)


def _cells(reader: SnapshotReader, target: Selection, zones: Zones, size_m: int) -> pl.DataFrame:
    where = incidents_where(reader, EVERYTHING, target)
    statement = load("hotspots/zone_cell_counts", conditions=where.sql)
    found = reader.frame(statement, {**zones.labeled, "size": size_m, **where.params})
    cells = [found.with_columns(pl.col("zone").fill_null(NO_ZONE))]
    for zone, outline in enumerate(zones.added, zones.fitted):
        inside = incidents_where(reader, EVERYTHING, target.replace("polygon", outline))
        statement = load("hotspots/cell_counts", conditions=inside.sql)
        found = reader.frame(statement, {"size": size_m, **inside.params})
        cells.append(found.select(pl.lit(zone, pl.Int64).alias("zone"), "col", "row", "count"))
    return pl.concat(cells)


def _fitted_days(reader: SnapshotReader, when: Selection, zones: Zones) -> pl.DataFrame:
    where = incidents_where(reader, EVERYTHING, when)
    statement = load("hotspots/zone_daily_counts", conditions=where.sql)
    return reader.frame(statement, {**zones.labeled, **where.params})


def _all_days(folds: Folds) -> Period:
    last = max(folds.cutoffs) + timedelta(days=folds.days - 1)
    return Period(min(folds.cutoffs), last)


def _by_fold(daily: pl.DataFrame, zones: int, folds: Folds) -> Floats:
    happened = np.zeros((zones, len(folds.cutoffs)))
    for place, cutoff in enumerate(folds.cutoffs):
        days = pl.col("day").is_between(cutoff, cutoff + timedelta(days=folds.days - 1))
        part = daily.filter(days).group_by("zone").agg(pl.col("count").sum())
        happened[part["zone"].to_numpy(), place] = part["count"].to_numpy()
    return happened
