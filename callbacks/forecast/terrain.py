"""The Forecast page's answer on the risk terrain of the target; evaluating it is queued."""

from __future__ import annotations

from typing import Any

from dash.development.base_component import Component

from analytics.access.needs import needs
from analytics.access.roles import Permission
from analytics.artifacts.catalog import ALL
from analytics.errors import DamagedError
from analytics.forecasting.terrain.stored_terrain import read_terrain
from analytics.layers.kinds import LayerKind
from analytics.layers.layer_store import LayerStore
from callbacks.forecast.measures import ForecastMeasures
from callbacks.frame.question import Question
from callbacks.frame.work import open_evaluations, queue
from components.forecast.terrain import evaluate_form, no_places, no_terrain, terrain_parts
from components.frame.jobs import job_list
from components.frame.states import trouble
from components.frame.target import target_name

RISK_TERRAIN = "risk-terrain"


def terrain_answer(measures: ForecastMeasures) -> dict[str, Any]:
    """The stored terrain and the evaluation in progress, or how to make one."""
    services, named = measures.question.services, measures.answers.named
    home, of = services.settings.home, target_name(named)
    damage = ""
    try:
        found = read_terrain(home, named.name)
        has_places = bool(LayerStore(home).of_kind(LayerKind.PLACES))
    except DamagedError as error:
        found, has_places, damage = None, True, services.for_readers(error)
    parts: list[Component] = [trouble(damage)] if damage else []
    if found is not None:
        current = found.snapshot == measures.question.pinned.id
        parts += terrain_parts(found, of, current=current)
    elif not damage:
        parts.append(no_terrain(of) if has_places else no_places(of))
    work = open_evaluations(services, RISK_TERRAIN, named.name)
    if work.jobs:
        parts.append(job_list(work.jobs, no_worker=work.no_worker))
    elif has_places:
        parts.append(evaluate_form(named.name, again=found is not None))
    return {"terrain": parts}


@needs(Permission.TRAIN)
def evaluate_terrain(question: Question) -> str:
    """Queue the evaluation of the form's target; returns the notice."""
    target = question.pinned.targets.find(question.values.get("target") or ALL)
    of = [] if target.name == ALL else [f"--target={target.name}"]
    return queue(question, ["evaluate", RISK_TERRAIN, *of, "--save"])
