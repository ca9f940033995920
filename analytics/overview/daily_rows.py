"""Incidents by day of each type, each area, and each type in each area."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date, timedelta

import numpy as np
import polars as pl

from analytics.crossfilter.conditions import conditions_of
from analytics.crossfilter.dimensions import PLACE
from analytics.crossfilter.scope import Scope
from analytics.crossfilter.selection import Selection
from analytics.incidents.model import AREA_LEVELS, UNKNOWN, require_area_level
from analytics.incidents.reader import SnapshotReader
from analytics.statistics.arrays import Ints
from analytics.statistics.two_periods import Period
from sql import load

EVERY = ""
"""Stands for all types, or all areas."""
Name = tuple[str, str]
"""Type and area."""


@dataclass(frozen=True, eq=False)
class DailyRows:
    """Rows by name, the first of which is the whole; days from `first` on.

    Attributes
    ----------
    kinds : names of the rows of `citywide`: everything, and each type
    counts : shape (rows, days)
    kind : shape (rows,), the row of `citywide` with the same type
    citywide : shape (kinds, days), areas not known included
    """

    names: list[Name]
    kinds: list[str]
    first: date
    counts: Ints = field(repr=False)
    kind: Ints = field(repr=False)
    citywide: Ints = field(repr=False)

    @property
    def days(self) -> int:
        return self.counts.shape[1]

    def column(self, day: date) -> int:
        return (day - self.first).days

    def following(self, wide: DailyRows) -> DailyRows:
        """The same rows, following the season of a wider area that has all their types."""
        place = {name: number for number, name in enumerate(wide.kinds)}
        kind = np.array([place[name] for name, _ in self.names], dtype=np.int64)
        return replace(self, kinds=wide.kinds, kind=kind, citywide=wide.citywide)


def daily_rows(
    reader: SnapshotReader,
    scope: Scope,
    selection: Selection,
    area: str,
    span: Period,
    *,
    step_days: int = 1,
) -> DailyRows:
    """Count every day of a span; filters on the date are left out, those on places citywide.

    Parameters
    ----------
    area : level of the areas, such as district
    step_days : days that are counted together, on the last of them; the span ends with one

    Raises
    ------
    InputError
        There is no such level.
    """
    require_area_level(area)
    found = _counted(reader, scope, selection, area, span, step_days=step_days)
    wide = citywide(selection)
    if wide == selection:
        return found
    return found.following(_counted(reader, scope, wide, None, span, step_days=step_days))


def citywide(selection: Selection) -> Selection:
    """The same incidents wherever they happened: what a season is learned from."""
    return selection.without({*PLACE, *AREA_LEVELS})


def _counted(
    reader: SnapshotReader,
    scope: Scope,
    selection: Selection,
    area: str | None,
    span: Period,
    *,
    step_days: int,
) -> DailyRows:
    """Rows of each area of a level, or without one of the types alone."""
    where = conditions_of(reader).where(scope, selection.without({"date"}))
    statement = load(
        "overview/daily_rows", area=f'"{area}"' if area else "NULL", conditions=where.sql
    )
    days = {"first": span[0], "last": span[1], "step": step_days}
    frame = reader.frame(statement, {**days, **where.params})
    return rows_of(frame, span)


def rows_of(found: pl.DataFrame, span: Period) -> DailyRows:
    """Rows of a frame of different days, types and areas; unknown ones count in the sums only."""
    days = (span[1] - span[0] + timedelta(days=1)).days
    types, type_ = _numbered(found["type"])
    areas, area = _numbered(found["area"])
    cube = np.zeros((len(types) + 1, len(areas) + 1, days), np.int64)
    at = (found["day"] - span[0]).dt.total_days().to_numpy()
    cube[type_, area, at] = found["incidents"].to_numpy()
    cube[0] = cube[1:].sum(axis=0)
    cube[:, 0] = cube[:, 1:].sum(axis=1)
    names = [(one, other) for one in [EVERY, *types] for other in [EVERY, *areas]]
    counts = cube.reshape(-1, days)
    kept = np.flatnonzero(counts.any(axis=1) & np.array([UNKNOWN not in name for name in names]))
    kind = np.arange(len(names)) // (len(areas) + 1)
    kinds = [EVERY, *types]
    return DailyRows(
        [names[row] for row in kept], kinds, span[0], counts[kept], kind[kept], cube[:, 0].copy()
    )


def _numbered(values: pl.Series) -> tuple[list[str], Ints]:
    """Names in order, and the place of each value among them, from 1 on."""
    names = values.unique().sort()
    places = values.replace_strict(names, pl.int_range(1, len(names) + 1, eager=True))
    return names.to_list(), places.to_numpy().astype(np.int64)
