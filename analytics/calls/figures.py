"""The numbers of a figure of calls as a frame, for exports. Times are in seconds."""

from __future__ import annotations

from dataclasses import dataclass
from math import isfinite

import polars as pl

from analytics.calls.answers import Calls
from analytics.calls.filters import bars
from analytics.calls.staffing import Assumptions
from analytics.calls.waits import SHARES, Wait
from analytics.crossfilter.selection import Selection
from analytics.errors import InputError


@dataclass(frozen=True)
class FigureOptions:
    """What a figure is asked with; empty texts are its defaults."""

    level: str = ""
    by: str = ""
    wait: Wait = Wait.RESPONSE
    assumptions: Assumptions = Assumptions()


def figure_frame(
    calls: Calls, figure: str, selection: Selection, options: FigureOptions
) -> pl.DataFrame:
    """The rows of a figure: week, values, waits, workload or staffing.

    Raises
    ------
    InputError
        There is no such figure, level or dimension, or the data has no times for it.
    """
    if figure == "week":
        return calls.by_hour_of_week(selection)
    if figure == "values":
        by = options.by or calls.listed[0]
        if by not in calls.listed:
            raise InputError(f"by={by[:40]} is not valid; choose one of {', '.join(calls.listed)}.")
        return calls.by_value(bars(by), selection).rename({"key": by})
    if figure == "waits":
        return _waits(calls, selection, options.wait)
    if figure == "workload":
        return _workload(calls, selection, options.level)
    if figure == "staffing":
        return _staffing(calls, selection, options)
    known = "week, values, waits, workload, staffing"
    raise InputError(f"figure={figure[:40]} is not valid; choose one of {known}.")


def _waits(calls: Calls, selection: Selection, wait: Wait) -> pl.DataFrame:
    rows = []
    for row in calls.waits(wait, selection).rows:
        found = {one.share: one for one in row.percentiles}
        cells: dict[str, str | int | float | None] = {
            "step": wait.value,
            "priority": row.priority or "all",
            "measured": row.measured,
            "open": row.open,
        }
        for share in SHARES:
            one = found.get(share)
            for name in ("value", "low", "high"):
                end = "" if name == "value" else f"_{name}"
                value = getattr(one, name) if one else None
                cells[f"p{share * 100:.0f}_s{end}"] = (
                    value if value is not None and isfinite(value) else None
                )
        rows.append(cells)
    return pl.DataFrame(rows, infer_schema_length=None)


def _workload(calls: Calls, selection: Selection, level: str) -> pl.DataFrame:
    work = calls.workload(selection, level)
    rows = [
        (area, shift, weekday, mean.value, mean.low, mean.high, len(work.days))
        for (area, shift, weekday), mean in work.means("area", "shift", "weekday").items()
    ]
    if not rows:
        raise InputError("No unit time is measured on a whole day, so there are no unit-hours.")
    schema = {
        work.level: pl.String, "shift": pl.String, "weekday": pl.Int64,
        "unit_hours_per_day": pl.Float64, "low": pl.Float64, "high": pl.Float64,
        "whole_days": pl.Int64,
    }  # fmt: skip
    return pl.DataFrame(rows, schema=schema, orient="row")


def _staffing(calls: Calls, selection: Selection, options: FigureOptions) -> pl.DataFrame:
    found = calls.staffing(options.assumptions, selection, options.level)
    if found is None:
        raise InputError("No unit time is measured on a whole day, so there is no staffing.")
    chosen = found.assumptions
    return pl.DataFrame(
        [
            {
                "shift": shift.shift,
                "shift_hours": shift.hours,
                "unit_hours_per_day": shift.workload.value,
                "units_needed": shift.units.value,
                "units_needed_low": shift.units.low,
                "units_needed_high": shift.units.high,
                "units_on_duty": shift.on_duty,
                "officers_to_employ": shift.officers,
                "share_waiting": shift.waiting,
                "busiest_weekday": shift.busiest[0],
                "busiest_hour": shift.busiest[1],
                "busiest_load": shift.busiest_load,
                "busiest_share_waiting": shift.busiest_waiting,
                "units_for_most_waiting": shift.for_waiting,
                "call_share": chosen.call_share,
                "officers_per_unit": chosen.officers_per_unit,
                "officer_hours": chosen.officer_hours,
                "most_waiting": chosen.most_waiting,
            }
            for shift in found.shifts
        ],
        infer_schema_length=None,
    )
