"""Dosage: a table of places with recorded and planned minutes, and the same as points of a map."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from dash import html
from dash.development.base_component import Component

from analytics.formats import moment, number
from analytics.patrol.dosage import Dosage, PlaceDosage, VisitNote
from components.frame.tables import table
from components.frame.theme import Theme, color

DOSAGE_NOTE = (
    "Places by planned minutes. Gray: no visit recorded. Light: fewer minutes than planned. Dark: "
    "as planned, or more."
)


def dosage_table(found: Dosage) -> list[Component]:
    """Sums in a sentence, then places in the order of the plan."""
    if not (found.visits or found.elsewhere_visits or found.outside_visits):
        return [
            html.P(
                [
                    "No visits recorded yet. Officers record them on their phone page, ",
                    html.A("/go", href="/go", target="_blank"),
                    "; visits of a dispatch system are imported with ",
                    html.Code("patroliq visits import"),
                    ".",
                ]
            )
        ]
    rows = [
        [
            one.place,
            ", ".join(map(str, one.units)),
            f"{number(one.visits)} of {number(one.planned_visits)}",
            f"{number(one.minutes)} of {number(one.planned_minutes)}",
        ]
        for one in found.places
    ]
    return [
        html.P(
            f"{number(found.minutes)} of {number(found.planned_minutes)} planned minutes, at "
            f"{number(found.places_visited)} of {number(len(found.places))} places. Elsewhere: "
            f"{number(found.elsewhere_visits)} visits, {number(found.elsewhere_minutes)} minutes. "
            f"{_not_summed(found)}It says where officers were, not what that achieved."
        ),
        table(("Place", "Units", "Visits", "Minutes"), rows),
        *_notes(found.notes),
    ]


def _not_summed(found: Dosage) -> str:
    """Recorded visits that are in no sum, if there are any."""
    outside, twice = found.outside_visits, found.recorded_twice
    words = ""
    if outside:
        minutes = number(found.outside_minutes)
        words += f"Outside the shift, not counted: {number(outside)} visits, {minutes} minutes. "
    if twice:
        words += f"Imported visits that a phone recorded too, counted once: {number(twice)}. "
    return words


def _notes(notes: Sequence[VisitNote]) -> list[Component]:
    if not notes:
        return []
    rows = [
        html.Li(
            [
                f"{one.place or 'No place'}, unit {one.unit}: {one.note} ",
                html.Span(
                    f"({one.person or 'nobody named'}, "
                    f"{moment(datetime.fromisoformat(one.started))})",
                    className="quiet",
                ),
            ]
        )
        for one in notes
    ]
    return [html.H3("Notes of officers"), html.Ul(rows, className="patrol-versions", role="list")]


def dosage_points(found: Dosage, unit: int | None, theme: Theme) -> dict[str, Any]:
    """A point for each place of the plan, or of one unit."""
    features = [
        {
            "type": "Feature",
            "geometry": {"type": "Point", "coordinates": [one.lon, one.lat]},
            "properties": {
                "id": one.place,
                "value": one.planned_minutes,
                "color": _color(one, theme),
                "tip": f"{one.place}: {number(one.minutes)} of {number(one.planned_minutes)} "
                f"planned minutes, {number(one.visits)} of {number(one.planned_visits)} visits",
            },
        }
        for one in found.places
        if unit is None or unit in one.units
    ]
    return {"type": "FeatureCollection", "features": features}


def _color(one: PlaceDosage, theme: Theme) -> str:
    if not one.visits:
        return color(theme, "unknown")
    return color(theme, "seq-5" if one.minutes >= one.planned_minutes else "seq-2")
