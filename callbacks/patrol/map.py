"""The map of a plan: routes and stops by unit, in their order."""

from __future__ import annotations

from typing import Any

from analytics.areas.place_frame import around
from analytics.formats import language_tag
from analytics.patrol.plan_content import PlannedUnit
from analytics.patrol.stored_plans import PlanVersion
from callbacks.frame.framing import city_corners
from callbacks.patrol.measures import PatrolMeasures
from components.frame.theme import color
from components.patrol.dosage import DOSAGE_NOTE, dosage_points
from components.patrol.unit_marks import left_out_points, route_lines, stop_marks, unit_marks

PAD = 0.004
"""Degrees around a stop that are framed: a single stop would fill the map."""


def map_answer(measures: PatrolMeasures) -> dict[str, Any]:
    """All units, or one of them with its stops numbered in order."""
    plan, unit = measures.plan, measures.unit
    if plan is None:
        return {}
    question = measures.question
    theme, outlined = question.theme, question.pinned.snapshot.outline("district") is not None
    units = plan.content.units
    shown = [unit] if unit else [one for one in units if one.visits]
    marks = stop_marks(unit, plan.request.rules.radius_m) if unit else unit_marks(units)
    layers: dict[str, Any] = {
        "shapes": route_lines(shown, units, theme),
        "points": left_out_points(plan.edits.left_out, theme),
        "marks": marks,
    }
    if measures.options.dosage and measures.dosage:
        layers = {"points": dosage_points(measures.dosage, unit.unit if unit else None, theme)}
    return {
        "map": {
            "layer": "points",
            "classes": [],
            "values": [],
            "selected": [],
            "locale": language_tag(),
            "unit": "",
            "colors": [],
            "sizedBy": 1,
            "option": "" if unit or measures.options.dosage else "p_unit",
            "selectedColor": color(theme, "selected"),
            "outlineColor": color(theme, "outline"),
            "markColor": color(theme, "mark"),
            "outlinesUrl": f"/geometry/{question.pinned.id}/outlines-district.geojson"
            if outlined
            else None,
            **layers,
            "frame": _frame(measures, plan, shown),
        },
        "map_note": DOSAGE_NOTE if measures.options.dosage else _note(unit),
    }


def _frame(measures: PatrolMeasures, plan: PlanVersion, shown: list[PlannedUnit]) -> dict[str, Any]:
    """What the map frames: the stops shown."""
    boxes = [
        [[one.lat - PAD, one.lon - PAD], [one.lat + PAD, one.lon + PAD]]
        for unit in shown
        for one in unit.visits
    ]
    corners = around(boxes) if boxes else city_corners(measures.question.pinned)
    unit = measures.unit.unit if measures.unit else 0
    return {"key": f"plan {plan.plan} {plan.version} {unit}", "corners": corners}


def _note(unit: PlannedUnit | None) -> str:
    if unit is None:
        return (
            "A mark is a unit at its first stop; its line joins its stops in order. Click a mark "
            "to see one unit. Lines are straight: they are not the streets that it drives."
        )
    return (
        "Numbers are the order of stops. Press and hold, or right-click, to put a position into "
        "the form under Changes."
    )
