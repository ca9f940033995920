"""Response times by priority: a row for each percentile with its interval, and their table."""

from __future__ import annotations

from collections.abc import Sequence
from math import isfinite

from dash import html
from dash.development.base_component import Component

from analytics.calls.waits import PriorityWait, Waits
from analytics.formats import number, percent
from analytics.statistics.survival import Percentile
from components.calls.layout import WAITS
from components.frame.intervals import Estimate, Scale, interval_rows
from components.frame.tables import Row, table

MINUTE = 60
LEAST_MINUTES = 0.5
NOT_REACHED = "not reached"
NAMES = {0.5: "median", 0.8: "80%", 0.9: "90%"}


def minutes(seconds: float) -> str:
    """`8.4`; above two hours whole minutes; infinite ones are not reached."""
    if not isfinite(seconds):
        return NOT_REACHED
    return number(seconds / MINUTE, 1 if seconds < 120 * MINUTE else 0)


def percentile_words(one: Percentile) -> str:
    """`8.4 (7.9 to 9.1)`."""
    if not isfinite(one.value):
        return NOT_REACHED
    high = minutes(one.high) if isfinite(one.high) else "?"
    return f"{minutes(one.value)} ({minutes(one.low)} to {high})"


def priority_name(row: PriorityWait) -> str:
    return "All" if row.priority is None else row.priority


def wait_rows(rows: Sequence[PriorityWait]) -> Component:
    """Percentiles of one step on a logarithmic scale."""
    estimates = [
        Estimate(
            f"{priority_name(row)}, {NAMES[one.share]}",
            _minutes(one.value),
            _minutes(one.low),
            _minutes(one.high),
            percentile_words(one),
            "strong" if one.share == 0.5 else "",
        )
        for row in rows
        for one in row.percentiles
    ]
    if not estimates:
        return html.P("No priority has 20 calls with this step measured.", className="quiet")
    ends = [end for one in estimates for end in one.ends]
    scale = Scale(max(LEAST_MINUTES, min(ends)), max(*ends, 1.0) * 1.02, logarithmic=True)
    return interval_rows(estimates, scale, label="Minutes by priority")


def _minutes(seconds: float) -> float | None:
    return seconds / MINUTE if isfinite(seconds) else None


def waits_table(waits: Waits) -> html.Table:
    """One step: percentiles in minutes, measured and open calls."""
    rows: list[Row] = []
    for row in waits.rows:
        found = {one.share: percentile_words(one) for one in row.percentiles}
        rows.append(
            [
                priority_name(row),
                *(found.get(share, "too few") for share in NAMES),
                number(row.measured),
                number(row.open),
            ]
        )
    head = ("Priority", *(_head(share) for share in NAMES), "Measured", "Open")
    return table(head, rows, caption=f"{WAITS[waits.wait.value]} in minutes by priority")


def _head(share: float) -> str:
    return "Median" if share == 0.5 else percent(share, 0)
