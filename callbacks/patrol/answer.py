"""The Patrol page's answer to a gesture; plans are made and changed by the worker."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from dash import html
from dash.development.base_component import Component

from analytics.artifacts.catalog import ALL
from analytics.crossfilter.nights import DayClock
from analytics.formats import number, short_date
from analytics.patrol.stored_plans import StoredPlans
from analytics.services import Pinned, Services
from callbacks.frame.framing import city_corners
from callbacks.frame.notes import notes_about
from callbacks.frame.options import one_of
from callbacks.frame.question import Question
from callbacks.frame.redraws import Answers, draw
from callbacks.frame.work import perform, plan_jobs
from callbacks.patrol.actions import ACTIONS
from callbacks.patrol.map import map_answer
from callbacks.patrol.measures import PatrolMeasures
from callbacks.patrol.redraws import REDRAWS
from components.frame.choices import choices
from components.frame.jobs import job_list
from components.frame.notes import note_form, note_list
from components.frame.tables import table
from components.patrol.briefing import briefing
from components.patrol.dosage import dosage_table
from components.patrol.figures import curve_figure
from components.patrol.forms import WEIGHTS, PlanOffers, PlanStart, edit_form, make_form
from components.patrol.ids import PatrolIds
from components.patrol.layout import export_links, no_plan, patrol
from components.patrol.plan_list import (
    changes_in_force,
    figures,
    left_out_demand,
    plan_table,
    version_list,
)
from components.patrol.sentences import LEVELS, about_words
from components.patrol.stops import unit_sections

CAPTIONS = dict.fromkeys(one for one in PatrolIds if one.value.endswith("-card"))
"""No card shows the selection's incidents; each says itself which plan it shows."""


def layout(services: Services, pinned: Pinned) -> Component:
    """The page before its first answer; without any plan it has no cards of one."""
    return patrol(services.settings, city_corners(pinned), missing=_has_no_plan(services))


def answer(question: Question) -> dict[str, Any]:
    """Outputs by name of the parts that the gesture redraws, after what it asks to be done."""
    said = perform(question, ACTIONS)
    work = plan_jobs(question.services)
    parts = question.parts(REDRAWS, ended=work.settled)
    found = draw(parts, ANSWERS, PatrolMeasures(question, work))
    return found | {"notices": said, "captions": CAPTIONS}


def _has_no_plan(services: Services) -> bool:
    if services.state_trouble:
        return True
    return not StoredPlans(services.state, services.settings).newest(1)


def _work(measures: PatrolMeasures) -> dict[str, Any]:
    work = measures.work
    return {"work": [job_list(work.jobs, no_worker=work.no_worker)] if work.jobs else []}


def _controls(measures: PatrolMeasures) -> dict[str, Any]:
    plan = measures.plan
    if plan is None:
        return {"controls": []}
    plans = {
        str(one.plan): f"{one.plan}: {short_date(one.day)}, {one.shift}" for one in measures.plans
    }
    plans.setdefault(str(plan.plan), str(plan.plan))
    versions = {str(one.version): str(one.version) for one in measures.versions}
    units = {"": "All units"} | {
        str(one.unit): f"Unit {one.unit}, area {one.area}" for one in plan.content.units
    }
    unit = str(measures.unit.unit) if measures.unit else ""
    selects = [
        ("p_plan", "Plan", plans, str(plan.plan)),
        ("p_version", "Version", versions, str(plan.version)),
        ("p_unit", "Unit", units, unit),
    ]
    query = f"plan={plan.plan}&version={plan.version}" + (f"&unit={unit}" if unit else "")
    return {"controls": [*choices(selects), export_links(query)]}


def _about(measures: PatrolMeasures) -> dict[str, Any]:
    plan = measures.plan
    words = about_words(plan, measures.question.pinned.id) if plan else []
    return {"about": html.P(" ".join(words)) if words else []}


def _missing(measures: PatrolMeasures) -> dict[str, Any]:
    missing = measures.plan is None
    return {"missing": no_plan() if missing else [], "cards_hidden": missing}


def _stops(measures: PatrolMeasures) -> dict[str, Any]:
    plan = measures.plan
    if plan is None:
        return {}
    units = [measures.unit] if measures.unit else plan.content.units
    sheets = f"/patrol/sheet?plan={plan.plan}&version={plan.version}"
    radius_m = plan.request.rules.radius_m
    return {"stops": unit_sections(units, sheets, radius_m, harm=plan.request.harm)}


def _figures(measures: PatrolMeasures) -> dict[str, Any]:
    return {"figures": figures(measures.plan)} if measures.plan else {}


def _curve(measures: PatrolMeasures) -> dict[str, Any]:
    plan = measures.plan
    if plan is None:
        return {}
    steps, more = plan.content.curve, plan.content.one_more
    rows = [[str(at), one.area, number(one.adds, 3)] for at, one in enumerate(steps, 1)]
    note = ""
    if more is not None:
        rows.append(["One more", more.area, number(more.adds, 3)])
        note = f"One more unit would add {number(more.adds, 3)}, in area {more.area}."
    return {
        "curve": curve_figure(steps, more, measures.question.theme),
        "curve_note": note,
        "curve_numbers": table(("Unit", "Area", "Adds"), rows),
    }


def _excluded(measures: PatrolMeasures) -> dict[str, Any]:
    plan = measures.plan
    return {"excluded": left_out_demand(plan.content.left_out, plan.request)} if plan else {}


def _briefing(measures: PatrolMeasures) -> dict[str, Any]:
    shown = measures.briefing
    return {"briefing": briefing(shown, measures.unsaved_text)} if shown else {}


def _dosage(measures: PatrolMeasures) -> dict[str, Any]:
    found = measures.dosage
    return {"dosage": dosage_table(found)} if found else {}


def _changes(measures: PatrolMeasures) -> dict[str, Any]:
    plan = measures.plan
    if plan is None:
        return {}
    newest = measures.versions[0].version
    form: Component = (
        edit_form(plan)
        if plan.version == newest
        else html.P(f"Version {newest} is the newest: changes are made to that one.")
    )
    shown = version_list(measures.versions, plan.version)
    return {"changes": [shown, changes_in_force(plan.edits), form]}


def _notes(measures: PatrolMeasures) -> dict[str, Any]:
    plan = measures.plan
    if plan is None:
        return {}
    key = str(plan.plan)
    found = notes_about(measures.question, "plan", [key]).get(key, [])
    shown = note_list(found) if found else html.P("None.", className="quiet")
    return {"notes": [shown, note_form("plan", key, f"plan {key}")]}


def _plans(measures: PatrolMeasures) -> dict[str, Any]:
    plan = measures.plan
    return {"plans": plan_table(measures.plans, plan.plan)} if plan else {}


def _make(measures: PatrolMeasures) -> dict[str, Any]:
    """The form for a plan: of the day after the data, unless the address asks for another."""
    question, options = measures.question, measures.options
    pinned, manifest = question.pinned, question.manifest
    offers = PlanOffers(
        tuple(DayClock.of(manifest).shifts),
        {one.name: one.title for one in pinned.targets.offered.values()},
        tuple(level for level in LEVELS if level not in manifest.views_off),
    )
    named = next((one.name for one in pinned.targets_of(question.selection)), ALL)
    next_day = (manifest.last_day or date.today()) + timedelta(days=1)
    start = PlanStart(
        options.day or next_day,
        options.shift if options.shift in offers.shifts else next(iter(offers.shifts), ""),
        options.target if options.target in offers.targets else named,
        one_of(options.weight, WEIGHTS),
        is_asked=options.day is not None,
    )
    return {"make": make_form(offers, start)}


ANSWERS: Answers = {
    "controls": _controls,
    "about": _about,
    "missing": _missing,
    "map": map_answer,
    "stops": _stops,
    "figures": _figures,
    "curve": _curve,
    "excluded": _excluded,
    "briefing": _briefing,
    "dosage": _dosage,
    "changes": _changes,
    "notes": _notes,
    "plans": _plans,
    "make": _make,
    "work": _work,
}
