"""The Models page's answer, and the jobs it queues for the worker."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from dash.development.base_component import Component

from analytics.artifacts.catalog import CATALOG
from analytics.crossfilter.sentence import sentence
from analytics.errors import InputError
from analytics.services import Pinned, Services
from callbacks.frame.question import Question
from callbacks.frame.trained_on import trained_on
from callbacks.frame.training_start import (
    SELECTED,
    train_command,
    training_incidents,
    training_start,
)
from callbacks.frame.work import POLLED, Action, model_jobs, perform, queue
from callbacks.models.cards import ModelRecords, accuracy_history
from components.frame.jobs import job_list
from components.models.accuracy import accuracy_figure, accuracy_words
from components.models.champions import overview
from components.models.comparison import compare_choices, side_by_side
from components.models.decisions import decisions
from components.models.ids import ModelsIds
from components.models.layout import models, weeks_table
from components.models.training import INCIDENTS, train_form
from components.models.versions import version_list

CAPTIONS = {ModelsIds.TIME_CARD: None}
"""The figure is about a version, whatever is selected."""
COMPARED = frozenset({"one", "other"})
MOST_REASON = 500
OWN_WORDS = {
    "temporal_kmeans": {"k": "Number of temporal profiles (0: choose automatically by stability)"}
}
"""Parameters that mean something else than in other models."""


def layout(_services: Services, _pinned: Pinned) -> Component:
    """The page before its first answer."""
    return models()


def answer(question: Question) -> dict[str, Any]:
    """Outputs by name of what the gesture changes; jobs are queued first."""
    return _changed(question) | {"captions": CAPTIONS}


def _changed(question: Question) -> dict[str, Any]:
    said = perform(question, ACTIONS)
    work = model_jobs(question.services)
    outputs: dict[str, Any] = {
        "work": job_list(work.jobs, no_worker=work.no_worker),
        "notices": said,
    }
    if question.act or (question.changed == POLLED and not work.settled):
        return outputs
    records = ModelRecords.read(question.services, partial(trained_on, question.pinned))
    name = chosen_model(question, records)
    if question.changed == {INCIDENTS}:
        return outputs | {"train": _train_form(question, name)}
    if question.changed and question.changed <= COMPARED:
        return outputs | _compared(question, records, name)
    return outputs | _page(question, records, name)


def chosen_model(question: Question, records: ModelRecords) -> str:
    """The model in the address, else the first with a champion, else the first."""
    asked = str(question.raw.get("model") or "")
    if asked in CATALOG:
        return asked
    return next((name for name in CATALOG if records.champion(name)), next(iter(CATALOG)))


def _page(question: Question, records: ModelRecords, name: str) -> dict[str, Any]:
    model = records.model(name)
    versions = [records.version(row) for row in records.of_model(name)]
    history = accuracy_history(question.services, records, name)
    theme = question.theme
    entry = CATALOG[name]
    return {
        "overview": overview([records.model(one) for one in CATALOG], name),
        "versions": version_list(versions, model.before),
        "versions_note": f"of {entry.title}",
        "train": _train_form(question, name),
        "time": accuracy_figure(history, theme),
        "time_off": not history.own,
        "time_words": accuracy_words(history),
        "time_numbers": weeks_table(history),
        "decisions": decisions(records.decisions()),
        **_compared(question, records, name),
    }


def _train_form(question: Question, name: str) -> Component:
    selection, incidents = question.selection, training_incidents(question, INCIDENTS)
    start = training_start(question, name, incidents)
    said = sentence(selection, question.manifest, question.pinned.vocabulary.names)
    remarks = [start.note, *dict.fromkeys(start.reasons.values())]
    return train_form(
        name,
        CATALOG[name].title,
        start.values,
        OWN_WORDS.get(name, {}),
        selected=said if selection else "",
        incidents=incidents,
        remarks=remarks if incidents == SELECTED else [],
    )


def _compared(question: Question, records: ModelRecords, name: str) -> dict[str, Any]:
    rows = {int(row["version"]): row for row in records.of_model(name)}
    numbers = sorted(rows, reverse=True)
    champion = records.champion(name)
    first = int(champion["version"]) if champion else next(iter(numbers), None)
    one = _version(question.raw.get("one"), numbers, first)
    rest = [number for number in numbers if number != one]
    other = _version(question.raw.get("other"), numbers, next(iter(rest), None))
    shown = [rows[number] for number in dict.fromkeys((one, other)) if number is not None]
    decisive = [gate.metric for gate in records.gates if gate.model == name]
    compared = [
        (int(row["version"]), row["metrics"], _parameters(name, row["parameters"])) for row in shown
    ]
    return {
        "choices": compare_choices(numbers, one, other) if len(numbers) > 1 else [],
        "compare": side_by_side(name, compared, decisive),
    }


def _parameters(name: str, given: Mapping[str, str]) -> dict[str, str]:
    wanted = (*CATALOG[name].defaults, "seed")
    return {key: str(given[key]) for key in wanted if key in given}


def _version(asked: object, numbers: list[int], default: int | None) -> int | None:
    text = str(asked or "")
    return int(text) if text.isdigit() and int(text) in numbers else default


def _train(question: Question) -> str:
    values = question.values
    if "check" in values:
        return queue(question, ("models", "check"))
    name = values.get("model", "")
    if name not in CATALOG:
        raise InputError(f"Model not found: {name[:40]!r}.")
    return queue(question, train_command(question, name, CATALOG[name].defaults))


def _promote(question: Question) -> str:
    name, _, number = question.values.get("subject", "").partition(" ")
    return queue(question, ("models", "promote", name, number, f"--reason={_reason(question)}"))


def _roll_back(question: Question) -> str:
    name = question.values.get("subject", "")
    return queue(question, ("models", "rollback", name, f"--reason={_reason(question)}"))


def _reason(question: Question) -> str:
    reason = " ".join(question.values.get("reason", "").split())
    if not reason:
        raise InputError("Give a reason: it goes to the audit log.")
    return reason[:MOST_REASON]


ACTIONS: Mapping[str, Action] = {"train": _train, "promote": _promote, "rollback": _roll_back}
