"""Stops by unit: when, where, and why there."""

from __future__ import annotations

from collections.abc import Sequence

from dash import html
from dash.development.base_component import Component

from analytics.formats import number
from analytics.patrol.plan_content import PlannedUnit, PlannedVisit
from analytics.patrol.why_here import arrival_time, why_here
from components.frame.attributes import aria
from components.frame.marks import data, options
from components.frame.tables import Cell, table
from components.patrol.sentences import NO_STOPS
from components.patrol.unit_marks import hue

HEAD = ("Stop", "Arrive", "Place", "Min", "Expected", "Why here")


def unit_sections(
    units: Sequence[PlannedUnit], sheets: str, radius_m: float, *, harm: bool
) -> list[Component]:
    """A section for each unit.

    Parameters
    ----------
    sheets
        Address of printable sheets, to which `&unit=` is added.
    """
    return [_section(unit, f"{sheets}&unit={unit.unit}", radius_m, harm=harm) for unit in units]


def _section(unit: PlannedUnit, sheet: str, radius_m: float, *, harm: bool) -> html.Section:
    name = f"Unit {unit.unit}"
    head = html.H3(
        [
            html.Span(str(unit.unit), className=f"rank-mark unit-chip hue-{hue(unit)}"),
            html.Button(
                f"{name}, area {unit.area}",
                type="button",
                className="key-button",
                **options(p_unit=str(unit.unit)),
            ),
            html.Span(
                f"{number(unit.expected, 2)} expected {'days of harm' if harm else 'incidents'}",
                className="quiet",
            ),
            html.A("Sheet", href=sheet, target="_blank", **aria(label=f"Sheet of {name}")),
        ]
    )
    rows = [_row(at, one, radius_m) for at, one in enumerate(unit.visits, 1)]
    stops = table(HEAD, rows, caption=f"Stops of {name}", class_name="stops")
    none = html.P(NO_STOPS)
    return html.Section(
        [head, html.Div(stops, className="scroll") if rows else none], className="patrol-unit"
    )


def _row(at: int, visit: PlannedVisit, radius_m: float) -> list[Cell]:
    place = html.Button(
        visit.place,
        type="button",
        className="key-button",
        title="Put this place into the form under Changes",
        **data(place=visit.place),
    )
    return [
        str(at),
        arrival_time(visit.arrive),
        place,
        str(visit.minutes),
        number(visit.expected, 3),
        why_here(visit, radius_m),
    ]
