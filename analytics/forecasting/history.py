"""Space-time counts, cut off at any day: what a forecaster may know."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta

import numpy as np
import polars as pl

from analytics.crossfilter.conditions import Condition
from analytics.crossfilter.scope import EVERYTHING, Scope
from analytics.crossfilter.selection import EMPTY, Selection
from analytics.errors import InputError
from analytics.forecasting.streets import Streets
from analytics.forecasting.units import Units, unit_columns, unit_positions
from analytics.hotspots.fishnet import fishnet
from analytics.hotspots.inputs import incidents_where
from analytics.incidents.reader import SnapshotReader
from analytics.incidents.row_ranges import added_up
from analytics.statistics.arrays import Floats, Ints, sums_by_label
from sql import load

TARGET = "target"
ALL = "all incidents"
HOURS = ("hours 00-06", "hours 06-12", "hours 12-18", "hours 18-24")
"""Names of the target's series by hour of the day."""
QUARTERS = tuple(hour // 6 for hour in range(24))
CONTEXT_TYPES = 8


@dataclass(frozen=True)
class Target:
    """The incidents that are forecast: a selection without its dates, narrowed by codes."""

    selection: Selection = EMPTY
    codes: tuple[str, ...] = ()
    fbi_codes: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """One line that names the target."""
        parts = [self.selection.without({"date"}).text]
        parts += ["code=" + ",".join(self.codes)] if self.codes else []
        parts += ["fbi=" + ",".join(self.fbi_codes)] if self.fbi_codes else []
        return "&".join(part for part in parts if part)

    def where(self, reader: SnapshotReader, scope: Scope) -> Condition:
        """The condition of the target, without default addresses, on all dates."""
        base = incidents_where(reader, scope, self.selection.without({"date"}))
        parts, params = [f"({base.sql})"], dict(base.params)
        for column, values in (("code", self.codes), ("fbi_code", self.fbi_codes)):
            if values:
                parts.append(f"list_contains($target_{column}, {column})")
                params[f"target_{column}"] = list(values)
        return Condition(" AND ".join(parts), params)


@dataclass(frozen=True, eq=False)
class CellSeries:
    """Counts by day and cell of one kind of incident, sorted by day.

    `days` counts from the history's first day; all arrays have shape (entries,).
    """

    days: Ints = field(repr=False)
    cells: Ints = field(repr=False)
    counts: Floats = field(repr=False)

    def until(self, day: int) -> CellSeries:
        end = int(np.searchsorted(self.days, day))
        return CellSeries(self.days[:end], self.cells[:end], self.counts[:end])


@dataclass(frozen=True, eq=False)
class History:
    """All days of [first, end) in cells of a fishnet, or on blocks of street.

    Attributes
    ----------
    grid : the cells or blocks, called cells below
    series : the target and its context
    by_band : the target with a known hour, by band of the day; empty unless bands are forecast
    band_hours : hours of each band
    """

    grid: Units
    first: date
    end: date
    series: Mapping[str, CellSeries] = field(repr=False)
    by_band: tuple[CellSeries, ...] = field(default=(), repr=False)
    band_hours: tuple[int, ...] = ()

    @property
    def days(self) -> int:
        return (self.end - self.first).days

    def until(self, cutoff: date) -> History:
        """The history before `cutoff`: what was known that morning."""
        if cutoff >= self.end:
            return self
        day = (cutoff - self.first).days
        cut = {name: series.until(day) for name, series in self.series.items()}
        bands = tuple(series.until(day) for series in self.by_band)
        end = max(cutoff, self.first)
        return History(self.grid, self.first, end, cut, bands, self.band_hours)

    def counts(self, start: date, end: date, name: str = TARGET) -> Floats:
        """Incidents of [start, end) in each cell, shape (cells,)."""
        return self._counts(self.series[name], start, end)

    def band_counts(self, start: date, end: date) -> Floats:
        """Incidents of [start, end) by band, shape (cells, bands)."""
        return np.column_stack([self._counts(one, start, end) for one in self.by_band])

    def _counts(self, series: CellSeries, start: date, end: date) -> Floats:
        low, high = ((day - self.first).days for day in (start, end))
        chosen = slice(*np.searchsorted(series.days, [low, high]))
        return sums_by_label(series.cells[chosen], series.counts[chosen], len(self.grid))

    def recent(self, days: int | None, name: str = TARGET) -> tuple[Floats, int]:
        """Counts of the last `days` (all for None), and the number of these days, at least 1."""
        span = max(self.days if days is None else min(days, self.days), 1)
        return self.counts(self.end - timedelta(days=span), self.end, name), span


def read_history(
    reader: SnapshotReader,
    target: Target,
    size_m: int,
    *,
    scope: Scope = EVERYTHING,
    context_before: date | None = None,
    band_of_hour: Sequence[int] | None = None,
    streets: Streets | None = None,
) -> History:
    """Read space-time counts of a target on the cells that touch the study area.

    Parameters
    ----------
    size_m : int
        Side of a cell, meters.
    context_before : date, optional
        Also read the target by hours of the day, all incidents, and the types that were most
        frequent before this day, for forecasters that use more than the target.
    band_of_hour : sequence of 24 int, optional
        Also read the target by these bands of the day, from 0.
    streets : Streets, optional
        Count on the blocks whose middle is in one of the cells, instead of in the cells.

    Raises
    ------
    InputError
        The target has no incident with a place, or with an hour where bands are needed; or there
        are too many cells.
    """
    manifest = reader.snapshot.manifest
    if manifest.covered is None:
        raise InputError("The snapshot has no incidents.")
    if manifest.months_only:
        raise InputError("This source gives the month only; a forecast needs days.")
    cells = fishnet(reader, size_m, scope, target.selection)
    grid = cells if streets is None else streets.within(cells)
    where = target.where(reader, scope)
    unit, params = unit_columns(grid)
    found = added_up(
        reader, "forecasting/daily_counts", where.sql, {**where.params, **params}, unit=unit
    )
    first, last = manifest.covered
    series = {TARGET: _series(found, grid, first)}
    if not len(series[TARGET].days):
        raise InputError(f"No incident of {target.text or 'the snapshot'} has a place in the area.")
    if context_before is not None:
        quarters = _by_hours(reader, where, grid, first, QUARTERS)
        series.update(zip(HOURS, quarters, strict=False))
        series.update(_context(reader, scope, grid, first, context_before))
    history = History(grid, first, last + timedelta(days=1), series)
    if band_of_hour is None:
        return history
    return with_bands(reader, target, history, band_of_hour, scope=scope)


def with_bands(
    reader: SnapshotReader,
    target: Target,
    history: History,
    band_of_hour: Sequence[int],
    *,
    scope: Scope = EVERYTHING,
) -> History:
    """The same history with the target by bands of the day.

    Raises
    ------
    InputError
        No incident has a known hour.
    """
    where = target.where(reader, scope)
    by_band = _by_hours(reader, where, history.grid, history.first, band_of_hour)
    if not by_band:
        raise InputError("No incident has a known hour, so bands cannot be forecast.")
    hours = tuple(list(band_of_hour).count(band) for band in range(len(by_band)))
    return replace(history, by_band=by_band, band_hours=hours)


def _by_hours(
    reader: SnapshotReader, where: Condition, grid: Units, first: date, of_hour: Sequence[int]
) -> tuple[CellSeries, ...]:
    """The target by band of the day; empty if the source has no hours."""
    unit, params = unit_columns(grid)
    found = added_up(
        reader,
        "forecasting/daily_counts_by_hours",
        where.sql,
        {**where.params, **params, "bands": list(of_hour)},
        unit=unit,
    )
    if found.is_empty():
        return ()
    return tuple(
        _series(found.filter(pl.col("band") == band), grid, first)
        for band in range(max(of_hour) + 1)
    )


def _context(
    reader: SnapshotReader, scope: Scope, grid: Units, first: date, before: date
) -> dict[str, CellSeries]:
    where = incidents_where(reader, scope, EMPTY)
    types = reader.frame(
        load("forecasting/frequent_types", conditions=where.sql),
        {**where.params, "before": before, "limit": CONTEXT_TYPES},
    )["type"].to_list()
    unit, params = unit_columns(grid)
    found = added_up(
        reader,
        "forecasting/daily_counts_by_type",
        where.sql,
        {**where.params, **params, "types": types},
        unit=unit,
    )
    total = found.group_by(pl.exclude("type", "count")).agg(pl.col("count").sum())
    named = {f"type {name}": found.filter(pl.col("type") == name) for name in types}
    return {name: _series(frame, grid, first) for name, frame in {ALL: total, **named}.items()}


def _series(found: pl.DataFrame, grid: Units, first: date) -> CellSeries:
    cells = unit_positions(grid, found)
    days = (found["day"] - first).dt.total_days().to_numpy()
    kept = np.flatnonzero((cells >= 0) & (days >= 0))
    kept = kept[np.lexsort((cells[kept], days[kept]))]
    counts = found["count"].to_numpy().astype(np.float64)
    return CellSeries(days[kept].astype(np.int64), cells[kept], counts[kept])
