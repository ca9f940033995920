"""`patroliq calls`: volume, waits, workload and staffing of calls for service."""

from __future__ import annotations

from typing import Any

import click

from analytics.cli.output import emit, json_option
from analytics.errors import InputError


@click.group("calls")
def command() -> None:
    """Summarize calls for service."""


@command.command("summary")
@click.option("--selection", default="", help='Which calls, such as "priority=A&weekday=5,6".')
@click.option("--level", default="", help="Area level of the workload, such as beat.")
@click.option("--call-share", type=float, help="Share of a unit's time on duty that goes to calls.")
@click.option("--officers-per-unit", type=float, help="Officers in a unit.")
@click.option("--officer-hours", type=float, help="Hours that an officer works in a year.")
@click.option("--most-waiting", type=float, help="Share of calls that may wait for a free unit.")
@json_option
def summarize(selection: str, level: str, as_json: bool, **given: float | None) -> None:
    """Volume, waits by priority, unit-hours by area and shift, and staffing by a stated formula.

    What each figure leaves out is counted beside it. docs/calls.md has the formulas; without unit
    time there is no staffing.
    """
    from analytics.calls.staffing import Assumptions
    from analytics.calls.summary import summary
    from analytics.services import Services
    from analytics.settings import Settings

    settings = Settings.from_environment()
    calls = Services(settings).pin_calls()
    if calls is None:
        raise InputError(
            f"No calls in {settings.home}; first run `patroliq ingest --kind calls FILE --source "
            "NAME`. Without calls nothing is said about workload or staffing."
        )
    assumptions = Assumptions(**{name: value for name, value in given.items() if value is not None})
    result = summary(calls, assumptions, calls.selection(selection), level)
    emit(result, as_json, lambda: _lines(result))


def _lines(result: dict[str, Any]) -> list[str]:
    volume = result["volume"]
    lines = [
        f"{volume['calls']:,} calls ({volume['on_view']:,} on view, {volume['canceled']:,} "
        f"canceled); left out: {volume['other_agency']:,} of other agencies, "
        f"{volume['duplicate']:,} duplicates.",
        f"Whole days: {result['whole_days']:,} within {result['first']} to {result['last']}.",
    ]
    lines += [_wait_line(row) for row in result["waits"]["rows"] if row["percentiles_s"]]
    time = result["workload"]["time"]
    lines.append(f"Unit time measured: {time['measured']:,} calls. Left out: {_counts(time)}.")
    lines += _staffing_lines(result["staffing"])
    return lines


def _counts(time: dict[str, Any]) -> str:
    return ", ".join(f"{why} {calls:,}" for why, calls in time["left_out"].items()) or "none"


def _wait_line(row: dict[str, Any]) -> str:
    parts = []
    for one in row["percentiles_s"]:
        value = "not reached" if one["value"] is None else f"{one['value'] / 60:.1f} min"
        parts.append(f"{one['share']:.0%}: {value}")
    who = "all" if row["priority"] is None else f"priority {row['priority']}"
    return (
        f"{row['wait']}, {who}: {', '.join(parts)} ({row['measured']:,} measured, "
        f"{row['open']:,} open)"
    )


def _staffing_lines(staffing: dict[str, Any] | None) -> list[str]:
    if staffing is None:
        return ["No unit time on a whole day, so no staffing."]
    lines = [
        f"{shift['shift']}: {shift['workload']['value']:.1f} unit-hours a day, "
        f"{shift['on_duty']} units on duty, {shift['officers']} officers"
        for shift in staffing["shifts"]
    ]
    if staffing["few_days"]:
        lines.append("WARNING: too few whole days for staffing; this only shows the calculation.")
    return [*lines, f"Assumptions: {staffing['assumptions']}"]
