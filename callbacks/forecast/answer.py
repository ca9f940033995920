"""The Forecast page's answer to a gesture; training is queued for the worker."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dash.development.base_component import Component

from analytics.access.needs import needs
from analytics.access.roles import Permission
from analytics.access.stored_results import whole_city_note
from analytics.artifacts.bundle import champion_version
from analytics.artifacts.catalog import ALL, DEMAND, pair_name
from analytics.artifacts.gates import refused_by
from analytics.services import Pinned, Services
from callbacks.forecast.accuracy import calibration_answer, skill_answer
from callbacks.forecast.measures import ForecastMeasures
from callbacks.forecast.redraws import REDRAWS
from callbacks.forecast.sums import areas_answer, fan_answer, incidents_of, shift_words
from callbacks.forecast.terrain import evaluate_terrain, terrain_answer
from callbacks.frame.question import Question
from callbacks.frame.redraws import Answers, draw
from callbacks.frame.work import Action, open_trainings, perform, queue
from components.forecast.ids import ForecastIds
from components.forecast.layout import (
    LEVELS,
    MEASURES,
    STEPS,
    TRAIN,
    forecast,
    no_forecast,
    plan_links,
)
from components.forecast.sentences import about_words, cannot_follow_words, other_target_words
from components.forecast.terrain import EVALUATE_TERRAIN
from components.frame.choices import choices
from components.frame.jobs import job_list
from components.frame.metrics import refusal_words
from components.frame.states import notice
from components.frame.target import target_name

CAPTIONS = dict.fromkeys(
    (
        ForecastIds.AREAS_CARD,
        ForecastIds.FAN_CARD,
        ForecastIds.CALIBRATION_CARD,
        ForecastIds.SKILL_CARD,
        ForecastIds.TERRAIN_CARD,
    )
)
"""No card shows the selection's incidents; each says itself whose forecast it shows."""


def layout(services: Services, _: Pinned) -> Component:
    """The page before its first answer; without any forecast it has no cards."""
    return forecast(missing=champion_version(services.settings.home, DEMAND) is None)


def answer(question: Question) -> dict[str, Any]:
    """Outputs by name of the parts that the gesture redraws, after what it asks to be done."""
    said = perform(question, ACTIONS)
    jobs = open_trainings(question.services, DEMAND)
    measures = ForecastMeasures(question)
    parts = question.parts(REDRAWS, ended=jobs.settled)
    return draw(parts, ANSWERS, measures) | {"notices": said, "captions": CAPTIONS}


def _controls(measures: ForecastMeasures) -> dict[str, Any]:
    found, options = measures.forecast, measures.options
    targets = {"": "As selected", **measures.answers.targets}
    selects = [("f_target", "Incidents", targets, options.target)]
    if found is not None:
        levels = {name: LEVELS[name] for name in measures.answers.versions}
        shifts = {"": "As selected"} | {name: name for name in found.shifts}
        selects.append(("f_level", "Areas", levels, found.level))
        if len(found.shifts) > 1:
            selects.append(("f_shift", "Shift", shifts, options.shift))
        if len(found.measures) > 1:
            selects.append(("f_measure", "Measure", MEASURES, measures.measure.value))
        selects.append(("f_step", "Sum by", STEPS, options.step.value))
    return {"controls": choices(selects)}


def _about(measures: ForecastMeasures) -> dict[str, Any]:
    found, answers = measures.forecast, measures.answers
    if found is None:
        return {"about": ""}
    of = f"{incidents_of(measures)}{shift_words(measures)}"
    ends = found.days[0], found.days[-1]
    words = [about_words(of, found.bundle.version, ends, found.until, champion=found.is_champion)]
    if answers.named != answers.target:
        words.insert(0, other_target_words(target_name(answers.named), target_name(answers.target)))
    if measures.not_followed:
        words.append(cannot_follow_words(measures.not_followed))
    return {"about": " ".join(filter(None, (*words, whole_city_note())))}


def _plan(measures: ForecastMeasures) -> dict[str, Any]:
    """Links to a plan for each shift that is shown: of the first forecast day after the data.

    Where the data reaches beyond the forecast, of its last day.
    """
    found, last = measures.forecast, measures.question.manifest.last_day
    if found is None:
        return {"plan": []}
    day = next((one for one in found.days if last and one > last), found.days[-1])
    target = measures.answers.target.name
    return {"plan": plan_links(day, measures.shifts, target, measures.measure.value)}


def _missing(measures: ForecastMeasures) -> dict[str, Any]:
    """Jobs in progress, and the button that trains the target of the selection."""
    question, answers = measures.question, measures.answers
    named = answers.named
    work = open_trainings(question.services, DEMAND, named.name)
    parts: list[Component] = []
    if work.jobs:
        parts.append(job_list(work.jobs, no_worker=work.no_worker))
    if not answers.has(named):
        pair = pair_name(DEMAND, named.name)
        newest = next((row for row in answers.trained if row["name"] == pair), None)
        refused = [refusal_words(one, pair) for one in refused_by(newest)] if newest else []
        parts.append(
            no_forecast(target_name(named), refused, target=named.name, waiting=bool(work.jobs))
        )
    if measures.forecast is None and whole_city_note():
        parts.append(notice(NONE_INSIDE))
    return {"missing": parts, "cards_hidden": measures.forecast is None}


@needs(Permission.TRAIN)
def _train(question: Question) -> str:
    target = question.pinned.targets.find(question.values.get("target") or ALL)
    of = [] if target.name == ALL else [f"--target={target.name}"]
    return queue(question, ["train", DEMAND, *of, "--promote-first"])


NONE_INSIDE = "No forecast has areas that are wholly in yours."
ACTIONS: Mapping[str, Action] = {TRAIN: _train, EVALUATE_TERRAIN: evaluate_terrain}
ANSWERS: Answers = {
    "controls": _controls,
    "about": _about,
    "plan": _plan,
    "missing": _missing,
    "areas": areas_answer,
    "fan": fan_answer,
    "calibration": calibration_answer,
    "skill": skill_answer,
    "terrain": terrain_answer,
}
