"""The answer of the card that compares methods, and the job that makes a comparison."""

from __future__ import annotations

from typing import Any

from analytics.access.needs import needs
from analytics.access.roles import Permission
from analytics.artifacts.catalog import ALL, model_of
from analytics.artifacts.index import read_index
from analytics.artifacts.method_comparison import comparison_state, read_comparison
from analytics.errors import PatrolIQError
from callbacks.frame.question import Question
from callbacks.frame.work import open_evaluations, queue
from components.frame.states import trouble
from components.hotspots.methods import ShownComparison, comparison_content


def methods_answer(question: Question) -> dict[str, Any]:
    """The newest comparison of the target that the selection names, or why there is none."""
    services, home = question.services, question.services.settings.home
    target = question.pinned.targets_of(question.selection)[0]
    in_progress = bool(open_evaluations(services, "methods", target.name).jobs)
    try:
        found = question.results.get_or_compute(
            ("comparison", target.name, comparison_state(home, target.name)),
            lambda: read_comparison(home, target.name),
        )
    except PatrolIQError as error:
        return {"methods_compared": [trouble(services.for_readers(error))]}
    models = frozenset(model_of(row["name"]) for row in read_index(home)["versions"])
    current = found is not None and found.snapshot == question.pinned.id
    shown = ShownComparison(target, found, current, in_progress, models)
    return {"methods_compared": comparison_content(shown)}


@needs(Permission.TRAIN)
def compare(question: Question) -> str:
    """Queue the comparison of the target that the form names; returns the notice."""
    target = question.values.get("target", ALL)
    question.pinned.targets.find(target)
    of = [] if target == ALL else [f"--target={target}"]
    return queue(question, ["evaluate", "methods", *of])
