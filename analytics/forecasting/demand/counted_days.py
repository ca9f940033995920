"""What was counted of the incidents that a demand forecast is of, by area, shift and day."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import polars as pl

from analytics.crossfilter.conditions import conditions_of
from analytics.crossfilter.scope import EVERYTHING
from analytics.crossfilter.selection import Selection
from analytics.forecasting.demand.panel import ALL_DAY
from analytics.forecasting.demand.period_forecast import DemandMeasure, ForecastPeriod
from analytics.incidents.model import require_area_level
from analytics.incidents.reader import SnapshotReader
from analytics.incidents.row_ranges import added_up

STATEMENTS = {
    DemandMeasure.COUNT: "forecasting/demand_counts",
    DemandMeasure.HARM: "forecasting/demand_harm",
}


def counted_days(
    reader: SnapshotReader,
    selection: Selection,
    level: str,
    between: ForecastPeriod,
    measure: DemandMeasure = DemandMeasure.COUNT,
) -> pl.DataFrame:
    """Counts of some days, complete or not: day, area, shift, count; filters on the date left out.

    Parameters
    ----------
    level : of the areas, such as district
    measure : with harm, `count` has its days
    """
    require_area_level(level)
    where = conditions_of(reader).where(EVERYTHING, selection.without({"date"}))
    params = {"first": between.first, "last": between.last, **where.params}
    found = added_up(reader, STATEMENTS[measure], where.sql, params, area=f'"{level}"')
    if measure is DemandMeasure.HARM:
        found = found.group_by("day", "area", "shift").agg(count=pl.col("count").dot("weight"))
    if "shift" in reader.snapshot.manifest.views_off:
        return found.with_columns(shift=pl.lit(ALL_DAY))
    return found


def counted_in(
    counts: pl.DataFrame,
    areas: Collection[str],
    shifts: Collection[str],
    periods: Sequence[ForecastPeriod],
) -> list[int]:
    """Sums of `counted_days` over some areas and shifts, by period."""
    chosen = counts.filter(pl.col("area").is_in(list(areas)), pl.col("shift").is_in(list(shifts)))
    days = dict(chosen.group_by("day").agg(pl.col("count").sum()).iter_rows())
    return [
        sum(count for day, count in days.items() if one.first <= day <= one.last) for one in periods
    ]
