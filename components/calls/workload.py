"""Unit-hours by area and shift, and the staffing that they need, as tables."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from math import isfinite

from dash import dcc, html
from dash.development.base_component import Component

from analytics.calls.staffing import LIMITS, Assumptions, ShiftStaffing, Staffing
from analytics.calls.workload import Mean, Workload
from analytics.crossfilter.selection import Selection
from analytics.formats import hour_name, number, percent, short_weekday
from analytics.incidents.model import UNKNOWN
from components.calls.filters import sets
from components.calls.volume import shade
from components.frame.attributes import aria
from components.frame.intervals import with_interval
from components.frame.tables import Row, table

Toggled = Callable[[str, str], Selection]
"""The selection after a click on a key of a dimension."""
FIELDS = {
    "c_share": ("call_share", "Share of time for calls"),
    "c_crew": ("officers_per_unit", "Officers in a unit"),
    "c_hours": ("officer_hours", "Hours an officer works in a year"),
    "c_most": ("most_waiting", "Share of calls that may wait"),
}
"""By option of the page: assumption and label."""


def workload_table(
    work: Workload,
    shifts: Sequence[str],
    chosen: Mapping[str, frozenset[str]],
    toggled: Toggled,
) -> Component:
    """Mean unit-hours per day; areas in rows, most first, and shifts in columns."""
    means = work.means("area", "shift")
    if not means:
        return html.P("No unit time on a whole day.", className="quiet")
    totals: dict[str, float] = {}
    for (area, _), mean in means.items():
        totals[str(area)] = totals.get(str(area), 0.0) + mean.value
    most = max(mean.value for mean in means.values())
    head: list[Component | str] = [
        work.level.capitalize(),
        *(_choose(shift, "shift", shift, chosen, toggled) for shift in shifts),
        "All",
    ]
    rows: list[Row] = []
    for area in sorted(totals, key=lambda name: (name == UNKNOWN, -totals[name], name)):
        cells = [_cell(means.get((area, shift)), most) for shift in shifts]
        name = html.Th(_choose(area, work.level, area, chosen, toggled), scope="row")
        rows.append(html.Tr([name, *cells, html.Td(number(totals[area], 1))]))
    of_shift = {str(shift): mean for (shift,), mean in work.means("shift").items()}
    sums = [_words(of_shift[shift]) if shift in of_shift else "0" for shift in shifts]
    rows.append(["All", *sums, number(sum(totals.values()), 1)])
    return table(head, rows, caption="Unit-hours per day by area and shift")


def _choose(
    words: str,
    dimension: str,
    key: str,
    chosen: Mapping[str, frozenset[str]],
    toggled: Toggled,
) -> Component:
    pressed = key in chosen.get(dimension, frozenset())
    return html.Button(
        words,
        type="button",
        className="key-button",
        **sets(toggled(dimension, key)),
        **aria(pressed="true" if pressed else "false"),
    )


def _cell(mean: Mean | None, most: float) -> html.Td:
    if mean is None:
        return html.Td("0", className=shade(0, most))
    return html.Td(_words(mean), className=shade(mean.value, most))


def _words(mean: Mean) -> str:
    return with_interval(mean.value, mean.low, mean.high, 1)


def assumption_fields(assumptions: Assumptions) -> list[Component]:
    """Fields of the assumptions; assets/pages/calls.js sets the page's options from them."""
    return [
        html.Label(
            [
                html.Span(label),
                dcc.Input(
                    id=f"calls-{option}",
                    name=option,
                    type="number",
                    min=LIMITS[name][0],
                    max=LIMITS[name][1],
                    step="any",
                    value=f"{getattr(assumptions, name):g}",
                    className="written",
                ),
            ],
            htmlFor=f"calls-{option}",
        )
        for option, (name, label) in FIELDS.items()
    ]


def staffing_table(found: Staffing) -> html.Table:
    """Units and officers, and how calls would wait for a free unit; shifts in columns."""
    most = percent(found.assumptions.most_waiting, None)
    lines: dict[str, Callable[[ShiftStaffing], str]] = {
        "Unit-hours of calls a day": lambda shift: _words(shift.workload),
        "Units needed": lambda shift: _words(shift.units),
        "Units on duty": lambda shift: number(shift.on_duty),
        "Officers to employ": lambda shift: number(shift.officers),
        "Calls that wait for a unit": lambda shift: percent(shift.waiting, 0),
        "Mean wait, min": lambda shift: _wait(shift.wait_s),
        "Busiest hour": lambda shift: (
            f"{short_weekday(shift.busiest[0])} {hour_name(shift.busiest[1])}"
        ),
        "Units busy in that hour": lambda shift: number(shift.busiest_load, 1),
        "Calls that wait in that hour": lambda shift: percent(shift.busiest_waiting, 0),
        "Mean wait in that hour, min": lambda shift: _wait(shift.busiest_wait_s),
        f"Units for {most} to wait then": lambda shift: number(shift.for_waiting),
    }
    sums = {"Officers to employ": number(found.officers)}
    rows: list[Row] = [
        [name, *(words(shift) for shift in found.shifts), sums.get(name, "")]
        for name, words in lines.items()
    ]
    head = ("Shift", *(f"{shift.shift}, {shift.hours} h" for shift in found.shifts), "All")
    return table(head, rows, caption="Staffing by shift")


def _wait(seconds: float) -> str:
    """Minutes, or that the queue grows forever."""
    if not isfinite(seconds):
        return "grows"
    return "under 0.1" if 0 < seconds < 3 else number(seconds / 60, 1)
