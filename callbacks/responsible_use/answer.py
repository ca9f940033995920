"""The answer of the page Responsible use; a comparison is queued for the worker."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from functools import cached_property
from typing import Any

from dash import html
from dash.development.base_component import Component

from analytics.access.needs import needs
from analytics.access.roles import Permission
from analytics.access.stored_results import COUNTS_WITHHELD
from analytics.errors import DamagedError
from analytics.fairness.stored_evaluation import (
    EvaluationAge,
    FairnessEvaluation,
    is_evaluation_seen,
    read_evaluation,
)
from analytics.formats import moment, number, percent
from analytics.responsible_answers import ResponsibleAnswers
from analytics.services import Pinned, Services
from callbacks.frame.question import Question
from callbacks.frame.redraws import Answers, draw
from callbacks.frame.trained_on import trained_on
from callbacks.frame.work import Action, Work, open_evaluations, perform, queue
from callbacks.responsible_use.redraws import REDRAWS
from components.frame.commands import with_commands
from components.frame.jobs import job_list
from components.frame.states import notice, trouble
from components.frame.tables import table
from components.responsible_use.feedback import feedback_rows
from components.responsible_use.figures import frontier_figure, frontier_points, trend_figure
from components.responsible_use.gaps import gaps_table
from components.responsible_use.ids import ResponsibleUseIds
from components.responsible_use.layout import EVALUATE, evaluate_form, responsible_use
from components.responsible_use.models import ShownCard, model_cards
from components.responsible_use.sentences import (
    OTHER_DATA,
    feedback_words,
    frontier_words,
    highest_area,
    no_population_words,
    not_compared_words,
    population_words,
    price_words,
    proactive_words,
    summary_words,
    trend_words,
    unplaced_words,
)
from components.responsible_use.shares import area_shares, group_shares

CAPTIONS = dict.fromkeys(card for card in ResponsibleUseIds if card.value.endswith("-card"))
"""No card shows the selection's incidents."""
NO_PLAN = "No plan of the whole city is stored yet. Make one on the Patrol page to compare it."
COMPARE = "Compare the newest plan"
COMPARE_AGAIN = "Compare again"


def layout(services: Services, _: Pinned) -> Component:
    """The page before its first answer; without a comparison it has no cards of a plan."""
    try:
        found = read_evaluation(services.settings.home)
    except DamagedError:
        found = None
    return responsible_use(missing=found is None or found.plan is None)


def answer(question: Question) -> dict[str, Any]:
    """Outputs by name of the parts that the gesture redraws, after what it asks to be done."""
    said = perform(question, ACTIONS)
    work = open_evaluations(question.services, "fairness")
    parts = question.parts(REDRAWS, ended=work.settled)
    measures = ResponsibleMeasures(question, work)
    return draw(parts, ANSWERS, measures) | {"notices": said, "captions": CAPTIONS}


class ResponsibleMeasures:
    """The stored results of one question, each read once."""

    def __init__(self, question: Question, work: Work) -> None:
        self.question = question
        self.work = work
        self.answers = ResponsibleAnswers(question.services, question.pinned)
        self.damage = ""

    @cached_property
    def evaluation(self) -> FairnessEvaluation | None:
        """The newest evaluation; None where there is none or it is damaged, which is kept."""
        try:
            return self.answers.evaluation()
        except DamagedError as error:
            self.damage = self.question.services.for_readers(error)
            return None

    @cached_property
    def age(self) -> EvaluationAge | None:
        """What has come since the evaluation; None without one."""
        found = self.evaluation
        return None if found is None else self.answers.age(found)

    @cached_property
    def names(self) -> dict[str, str]:
        """Names of the areas of the evaluation; `district 011` where outlines have none."""
        found = self.evaluation
        if found is None or found.comparison is None:
            return {}
        known = self.question.pinned.area_names.get(found.level, {})
        return {
            one.area: known.get(one.area, f"{found.level.capitalize()} {one.area}")
            for one in found.comparison.areas
        }


def _status(measures: ResponsibleMeasures) -> dict[str, Any]:
    """What was compared when, whether a newer plan was not, jobs, and the buttons."""
    found, work = measures.evaluation, measures.work
    parts: list[Component] = [trouble(measures.damage)] if measures.damage else []
    if not is_evaluation_seen():
        return {"status": [notice(COUNTS_WITHHELD)], "cards_hidden": True}
    newest, age = measures.answers.newest_plan, measures.age
    compared = found is not None and found.plan is not None
    if found is not None and compared:
        highest = highest_area(found.comparison.areas) if found.comparison else None
        name = measures.names.get(highest.area, highest.area) if highest else ""
        parts += [
            html.P(summary_words(found, name), className="responsible-summary"),
            html.P(
                f"{unplaced_words(found)} Compared {moment(datetime.fromisoformat(found.made))} by "
                f"{found.person}; snapshot {found.snapshot}.",
                className="card-said",
            ),
        ]
    if newest is None:
        parts.append(notice(NO_PLAN))
    elif age is None or age.plan is not None:
        parts.append(html.P(not_compared_words(newest)))
    if compared and age is not None and age.data:
        parts.append(html.P(OTHER_DATA))
    if work.jobs:
        parts.append(job_list(work.jobs, no_worker=work.no_worker))
    if newest is not None:
        parts.append(evaluate_form(COMPARE_AGAIN if compared else COMPARE))
    return {"status": parts, "cards_hidden": not compared}


def _areas(measures: ResponsibleMeasures) -> dict[str, Any]:
    found = measures.evaluation
    if found is None or found.comparison is None:
        return {"areas": []}
    return {"areas": area_shares(found.comparison.areas, measures.names)}


def _groups(measures: ResponsibleMeasures) -> dict[str, Any]:
    found = measures.evaluation
    if found is None or found.comparison is None:
        return {"groups": []}
    if not found.comparison.groups:
        return {
            "groups": [html.P(with_commands(no_population_words(found.level)), className="quiet")]
        }
    without = found.comparison.without_population
    said = html.P(population_words(found, without), className="card-said")
    return {"groups": [*group_shares(found.comparison.groups), said]}


def _frontier(measures: ResponsibleMeasures) -> dict[str, Any]:
    found, age = measures.evaluation, measures.age
    if found is None or age is None or found.frontier is None or found.plan is None:
        return {
            "frontier_note": "The frontier needs the data and forecast of the plan; one is gone."
        }
    points, _ = frontier_points(found.frontier)
    rows = [
        [number(one.ratio, 2), number(one.captured, 2), percent(one.share), percent(one.moved)]
        for one in points
    ]
    heads = ["Highest ratio", "Within reach", "Of no limit", "Patrol time to move"]
    words = [
        frontier_words(found.plan, age),
        price_words(found.plan, found.frontier),
        proactive_words(found.frontier, found.plan.units, measures.names),
    ]
    return {
        "frontier": frontier_figure(found.frontier, measures.question.theme),
        "frontier_note": " ".join(words),
        "frontier_numbers": table(heads, rows),
    }


def _trend(measures: ResponsibleMeasures) -> dict[str, Any]:
    found, age = measures.evaluation, measures.age
    if found is None or age is None or not found.trend:
        return {}
    names = measures.names
    rows = [
        [
            f"Plan {one.plan}, {one.shift}, {one.day.isoformat()}",
            names.get(one.area, one.area),
            number(one.highest, 2),
            percent(one.moved),
        ]
        for one in found.trend
    ]
    return {
        "trend": trend_figure(found.trend, names, measures.question.theme),
        "trend_note": trend_words(len(found.trend), found.trend_left_out, age),
        "trend_numbers": table(["Plan", "Area", "Highest ratio", "Patrol time to move"], rows),
    }


def _feedback(measures: ResponsibleMeasures) -> dict[str, Any]:
    found = measures.evaluation
    if found is None or not found.feedback:
        return {"feedback": []}
    said = html.P(feedback_words(found), className="card-said")
    return {"feedback": [*feedback_rows(found.feedback), said]}


def _gaps(measures: ResponsibleMeasures) -> dict[str, Any]:
    level = measures.evaluation.level if measures.evaluation else ""
    return {"gaps": gaps_table(measures.answers.gaps(level), measures.question.manifest)}


def _models(measures: ResponsibleMeasures) -> dict[str, Any]:
    pinned = measures.question.pinned
    cards = [
        ShownCard(one.card, trained_on(pinned, one.card.selection), one.manifest)
        for one in measures.answers.cards()
    ]
    return {"models": model_cards(cards)}


@needs(Permission.TRAIN)
def _evaluate(question: Question) -> str:
    return queue(question, ("evaluate", "fairness", "--save"))


ACTIONS: Mapping[str, Action] = {EVALUATE: _evaluate}
ANSWERS: Answers = {
    "status": _status,
    "areas": _areas,
    "groups": _groups,
    "frontier": _frontier,
    "trend": _trend,
    "feedback": _feedback,
    "gaps": _gaps,
    "models": _models,
}
