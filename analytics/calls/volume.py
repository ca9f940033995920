"""How many calls there are, by hour of the week and by any dimension."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from analytics.calls.filters import CallQuestion, CallView
from analytics.incidents.model import UNKNOWN

COUNTED = ("calls", "on_view", "canceled")


@dataclass(frozen=True)
class CallTotals:
    """Calls of a selection that count, parts of them, and calls left out.

    Calls of other agencies and duplicates do not count; on-view and canceled ones do.
    """

    calls: int
    on_view: int
    canceled: int
    other_agency: int
    duplicate: int
    without_hour: int
    without_area: int


def hours(question: CallQuestion, view: CallView, level: str) -> pl.DataFrame:
    """Calls by weekday and hour, of which `totals` and `by_hour_of_week` are made.

    Parameters
    ----------
    level : area level whose missing values are counted
    """
    return question.frame("hours", view, level=level)


def totals(of_hours: pl.DataFrame) -> CallTotals:
    """Calls of a selection, from its hours."""
    sums = of_hours.select(pl.sum(*COUNTED, "without_area", "other_agency", "duplicate"))
    without = of_hours.filter(pl.col("hour").is_null())["calls"].sum()
    return CallTotals(**sums.row(0, named=True), without_hour=int(without))


def by_hour_of_week(of_hours: pl.DataFrame) -> pl.DataFrame:
    """Calls by weekday (1 = Monday) and hour; columns weekday, hour, calls, on_view, canceled."""
    counted = of_hours.filter(pl.col("hour").is_not_null() & (pl.col("calls") > 0))
    return counted.select(pl.col("weekday", "hour").cast(pl.Int64), *COUNTED)


def by_value(question: CallQuestion, view: CallView) -> pl.DataFrame:
    """Calls by the values of one dimension, most first; columns key, calls, on_view, canceled."""
    column = question.conditions.column(view.name)
    named = question.frame("counts", view, keys=column).rename({column.strip('"'): "key"})
    return (
        named.with_columns(pl.col("key").cast(pl.String).fill_null(UNKNOWN))
        .group_by("key")
        .agg(pl.sum(*COUNTED))
        .sort("calls", "key", descending=[True, False])
    )
