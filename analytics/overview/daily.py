"""Incidents and harm of a selection by day, in total and by offense group, type and area."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta

import numpy as np
import polars as pl

from analytics.crossfilter.conditions import conditions_of
from analytics.crossfilter.scope import Scope
from analytics.crossfilter.selection import Selection
from analytics.incidents.model import require_area_level
from analytics.incidents.reader import SnapshotReader
from analytics.overview.harm import DailyHarm
from analytics.statistics.arrays import Ints
from analytics.statistics.two_periods import Period
from sql import load

TOTAL, GROUP, TYPE, AREA = range(4)
"""Numbers of the tables in the result of the statement."""


@dataclass(frozen=True, eq=False)
class Table:
    """Incidents and harm by row and day; arrays of shape (rows, days)."""

    keys: list[str]
    counts: Ints = field(repr=False)
    harm: Ints = field(repr=False)
    first: date

    def incidents(self, period: Period) -> dict[str, int]:
        """Incidents in a period by key, most first."""
        return self._sums(self.counts, period)

    def harm_days(self, period: Period) -> dict[str, int]:
        return self._sums(self.harm, period)

    def frame(self) -> pl.DataFrame:
        """Incidents of all rows together: day, incidents."""
        days = [self.first + timedelta(days=at) for at in range(self.counts.shape[1])]
        return pl.DataFrame({"day": days, "incidents": self.counts.sum(axis=0)})

    def _sums(self, values: Ints, period: Period) -> dict[str, int]:
        start, end = ((day - self.first).days for day in period)
        found = values[:, max(start, 0) : max(end + 1, 0)].sum(axis=1).tolist()
        return dict(sorted(zip(self.keys, found, strict=True), key=lambda row: (-row[1], row[0])))


@dataclass(frozen=True, eq=False)
class Daily:
    """All tables of one selection, over all days of the data."""

    total: Table
    groups: Table
    types: Table
    areas: Table
    harm: DailyHarm


def daily(
    reader: SnapshotReader, scope: Scope, selection: Selection, area: str, covered: Period
) -> Daily:
    """Count every day of the data; the filter on the date is ignored.

    Parameters
    ----------
    area
        Level of the areas, such as `district`.
    covered
        First and last day of the data.

    Raises
    ------
    InputError
        The level does not exist.
    """
    require_area_level(area)
    where = conditions_of(reader).where(scope, selection.without({"date"}))
    statement = load("overview/daily", area=f'"{area}"', conditions=where.sql)
    found = reader.frame(statement, where.params)
    place = (found["day"] - covered[0]).dt.total_days().alias("at")
    found = found.with_columns(place).filter(pl.col("at").is_between(0, _length(covered) - 1))
    total, groups, types, areas = (_table(found, rows, covered) for rows in range(4))
    return Daily(total, groups, types, areas, _harm(found, covered))


def _length(covered: Period) -> int:
    return (covered[1] - covered[0]).days + 1


def _table(found: pl.DataFrame, rows: int, covered: Period) -> Table:
    part = found.filter(pl.col("set_") == rows)
    keys = part["key"].unique().sort().to_list()
    place = {key: number for number, key in enumerate(keys)}
    row = np.array([place[key] for key in part["key"]], dtype=np.int64)
    shape = (len(keys), _length(covered))
    counts, harm = np.zeros(shape, np.int64), np.zeros(shape, np.int64)
    at = (row, part["at"].to_numpy())
    counts[at], harm[at] = part["incidents"].to_numpy(), part["harm"].to_numpy()
    return Table(keys, counts, harm, covered[0])


def _harm(found: pl.DataFrame, covered: Period) -> DailyHarm:
    part = found.filter(pl.col("set_") == TOTAL)
    columns = []
    for name in ("harm", "squares", "weighted"):
        values = np.zeros(_length(covered))
        values[part["at"].to_numpy()] = part[name].to_numpy()
        columns.append(values)
    return DailyHarm(covered[0], *columns)
