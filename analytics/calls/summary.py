"""Everything about the calls of a selection as JSON values; times in seconds, shares 0 to 1."""

from __future__ import annotations

from dataclasses import asdict
from math import isfinite
from typing import Any

from analytics.calls.answers import Calls
from analytics.calls.staffing import Assumptions, Staffing
from analytics.calls.waits import Wait
from analytics.calls.workload import Mean, Workload
from analytics.crossfilter.selection import EMPTY, Selection


def summary(
    calls: Calls,
    assumptions: Assumptions,
    selection: Selection = EMPTY,
    level: str = "",
) -> dict[str, Any]:
    """Volume, waits, workload and staffing of a selection, with what each leaves out.

    `staffing` is None where no unit time is measured: without it nothing is said about staffing.

    Raises
    ------
    InputError
        The calls have no such area level.
    """
    work = calls.workload(selection, level)
    found = calls.staffing(assumptions, selection, level)
    days = calls.days()
    return _finite(
        {
            "snapshot": calls.manifest.id,
            "source": calls.manifest.source.name,
            "synthetic": calls.manifest.source.synthetic,
            "selection": selection.text,
            "first": days.first.isoformat() if days else None,
            "last": days.last.isoformat() if days else None,
            "calls_outside": days.outside if days else 0,
            "whole_days": len(days.whole) if days else 0,
            "lacking_times": list(calls.lacking_times),
            "volume": {
                **asdict(calls.totals(selection)),
                "by_hour_of_week": calls.by_hour_of_week(selection).to_dicts(),
            },
            "waits": _waits(calls, selection),
            "workload": _workload(work),
            "staffing": _staffing(found) if found else None,
        }
    )


def _waits(calls: Calls, selection: Selection) -> dict[str, Any]:
    found = [calls.waits(wait, selection) for wait in Wait]
    return {
        "rows": [
            {
                "wait": row.wait.value,
                "priority": row.priority,
                "measured": row.measured,
                "open": row.open,
                "percentiles_s": [asdict(one) for one in row.percentiles],
            }
            for step in found
            for row in step.rows
        ],
        "left_out": {step.wait.value: dict(step.left_out) for step in found},
    }


def _workload(work: Workload) -> dict[str, Any]:
    return {
        "level": work.level,
        "days": len(work.days),
        "days_resampled_together": work.block,
        "time": asdict(work.time),
        "on_view_hours": work.on_view_hours,
        "by_area_and_shift": _means(work, "area", "shift"),
        "by_area_shift_and_weekday": _means(work, "area", "shift", "weekday"),
        "by_weekday_and_hour": _means(work, "weekday", "hour"),
    }


def _means(work: Workload, *keys: str) -> list[dict[str, Any]]:
    """Mean unit-hours per day by keys."""
    return [
        {**dict(zip(keys, bins, strict=True)), **_mean("unit_hours", mean)}
        for bins, mean in work.means(*keys).items()
    ]


def _mean(name: str, mean: Mean) -> dict[str, Any]:
    return {name: mean.value, "low": mean.low, "high": mean.high}


def _staffing(found: Staffing) -> dict[str, Any]:
    return {
        "assumptions": asdict(found.assumptions),
        "few_days": found.few_days,
        "officers": found.officers,
        "shifts": [asdict(shift) for shift in found.shifts],
    }


def _finite(value: Any) -> Any:
    """The same with null for numbers that are not finite, which JSON does not have."""
    if isinstance(value, dict):
        return {key: _finite(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(item) for item in value]
    if isinstance(value, float) and not isfinite(value):
        return None
    return value
