"""Incidents by day of each type, each area, and each type in each area.

In place of types, rows may be of offense groups, or of named selections such as targets of models,
which may share incidents; in place of areas, of shifts.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Any

import numpy as np
import polars as pl

from analytics.crossfilter.codes import BLOCK
from analytics.crossfilter.conditions import conditions_of
from analytics.crossfilter.dimensions import PLACE
from analytics.crossfilter.scope import Scope
from analytics.crossfilter.selection import Selection
from analytics.errors import InputError
from analytics.incidents.model import AREA_LEVELS, UNKNOWN
from analytics.incidents.reader import SnapshotReader
from analytics.statistics.arrays import Ints
from analytics.statistics.two_periods import Period
from sql import load

EVERY = ""
"""Stands for all types, or all areas."""
LEVELS = ("district", "area", "ward", "beat")
"""Levels of areas, the one first that tables are by unless another is requested."""
WHERE = frozenset({*PLACE, *AREA_LEVELS, BLOCK})
"""Dimensions that say where an incident happened."""
Name = tuple[str, str]
"""Type and area."""
TYPE, GROUP = "type", "group"
Kinds = str | Mapping[str, Selection]
"""What rows are of: the column `type` or `group`, or selections by name."""
SHIFT = "shift"
DIVISIONS = (*AREA_LEVELS, SHIFT)
"""What divides the incidents of a kind: a level of areas, or the shifts."""


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
    kinds: Kinds = TYPE,
    step_days: int = 1,
) -> DailyRows:
    """Count every day of a span; filters on the date are left out, those on places citywide.

    Parameters
    ----------
    area : level of the areas, such as district, or shift
    step_days : days that are counted together, on the last of them; the span ends with one

    Raises
    ------
    InputError
        There is no such level.
    """
    found = rows_of(
        counted_days(reader, scope, selection, area, span, kinds=kinds, step_days=step_days), span
    )
    wide = citywide(selection)
    if wide == selection:
        return found
    everywhere = counted_days(reader, scope, wide, None, span, kinds=kinds, step_days=step_days)
    return found.following(rows_of(everywhere, span))


def citywide(selection: Selection) -> Selection:
    """The same incidents wherever they happened: what a season is learned from."""
    return selection.without(WHERE)


def counted_days(
    reader: SnapshotReader,
    scope: Scope,
    selection: Selection,
    area: str | None,
    span: Period,
    *,
    kinds: Kinds = TYPE,
    step_days: int = 1,
) -> pl.DataFrame:
    """Different days, types and areas; without a level the types alone.

    Columns are day, type, area, incidents, arrests, arrest_known (incidents known to have or lack
    one), harm (days) and squares (the sum of squared harm).

    Raises
    ------
    InputError
        There is no such level.
    """
    require_division(area or SHIFT)
    conditions = conditions_of(reader)
    where = conditions.where(scope, selection.without({"date"}))
    days = {"first": span[0], "last": span[1], "step": step_days}
    column = f'"{area}"' if area else "NULL"
    if isinstance(kinds, str):
        if kinds not in (TYPE, GROUP):
            raise InputError(f"{kinds[:60]!r} is not a valid kind of rows; choose type or group.")
        statement = load(
            "overview/daily_rows", kind=f'"{kinds}"', area=column, conditions=where.sql
        )
        return reader.frame(statement, {**days, **where.params})
    cases, params = ["''"], dict[str, Any]()
    for number, (name, chosen) in enumerate(kinds.items()):
        parts = [conditions.of(*item, f"kind_{number}_{item[0]}") for item in chosen.items]
        test = " AND ".join(part.sql for part in parts) or "true"
        cases.append(f"CASE WHEN {test} THEN $kind_{number} END")
        params |= {f"kind_{number}": name}
        params |= {key: value for part in parts for key, value in part.params.items()}
    statement = load(
        "overview/daily_rows_of_selections",
        kinds=", ".join(cases), area=column, conditions=where.sql,
    )  # fmt: skip
    return reader.frame(statement, {**days, **where.params, **params})


def require_division(area: str) -> None:
    """Raise an InputError unless incidents can be divided by it."""
    if area not in DIVISIONS:
        known = ", ".join(DIVISIONS)
        raise InputError(f"{area[:60]!r} is not a valid area level; choose one of {known}.")


def rows_of(found: pl.DataFrame, span: Period, values: str = "incidents") -> DailyRows:
    """Rows of a frame of different days, types and areas; unknown ones count in the sums only.

    Incidents under the type `EVERY`, if there are any, are those of all types, which may then share
    incidents.
    """
    days = (span[1] - span[0] + timedelta(days=1)).days
    types, type_ = _numbered(found["type"])
    areas, area = _numbered(found["area"])
    cube = np.zeros((len(types) + 1, len(areas) + 1, days), np.int64)
    at = (found["day"] - span[0]).dt.total_days().to_numpy()
    cube[type_, area, at] = found[values].to_numpy()
    if not (type_ == 0).any():
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
    """Names in order, and the place of each value among them, from 1 on; 0 for `EVERY`."""
    names = [name for name in values.unique().sort() if name != EVERY]
    places = values.replace_strict(
        [EVERY, *names], pl.int_range(len(names) + 1, eager=True), return_dtype=pl.Int64
    )
    return names, places.to_numpy()
