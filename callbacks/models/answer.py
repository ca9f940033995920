"""The Models page's answer, and the jobs it queues for the worker."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property, partial
from typing import Any

from dash.development.base_component import Component

from analytics.access.needs import needs
from analytics.access.roles import Permission
from analytics.artifacts.catalog import (
    ALL,
    CATALOG,
    model_of,
    model_title,
    pair_name,
    target_of,
    version_title,
)
from analytics.artifacts.index import read_index
from analytics.crossfilter.sentence import sentence
from analytics.errors import InputError
from analytics.one_line import reason_of
from analytics.services import Pinned, Services
from callbacks.frame.question import Question
from callbacks.frame.redraws import Answers, draw
from callbacks.frame.target import TARGET, chosen_target, targets_offered
from callbacks.frame.trained_on import trained_on
from callbacks.frame.training_start import (
    SELECTED,
    propose_command,
    train_command,
    training_incidents,
    training_start,
)
from callbacks.frame.work import Action, Work, model_jobs, perform, queue
from callbacks.models.cards import ModelRecords, accuracy_history
from callbacks.models.redraws import REDRAWS
from components.frame.choices import choices
from components.frame.jobs import job_list
from components.frame.zone_methods import zones_title
from components.models.accuracy import accuracy_figure, accuracy_words
from components.models.champions import overview
from components.models.comparison import Compared, compare_choices, side_by_side
from components.models.decisions import decisions
from components.models.ids import ModelsIds
from components.models.layout import models, weeks_table
from components.models.training import INCIDENTS, no_training_form, train_form
from components.models.versions import version_list

CAPTIONS = {ModelsIds.TIME_CARD: None}
"""The figure is about a version, whatever is selected."""
ZONES = "zones_"
"""Prefix of the models that make zones, which are measured alike."""
OWN_WORDS = {
    "temporal_kmeans": {"k": "Number of temporal profiles (0: choose automatically by stability)"}
}
"""Parameters that mean something else than in other models."""


def layout(services: Services, _pinned: Pinned) -> Component:
    """The page before its first answer."""
    versions = read_index(services.settings.home)["versions"]
    trained = len(CATALOG.keys() & {row["name"] for row in versions})
    return models(trained, len(CATALOG) - trained)


def answer(question: Question) -> dict[str, Any]:
    """Outputs by name of the parts that the gesture redraws; jobs are queued first."""
    said = perform(question, ACTIONS)
    work = model_jobs(question.services)
    parts = question.parts(REDRAWS, ended=work.settled)
    return draw(parts, ANSWERS, ModelsMeasures(question, work)) | {
        "notices": said,
        "captions": CAPTIONS,
    }


@dataclass(frozen=True)
class ModelsMeasures:
    """What the parts of the page are made of, read where one of them needs it."""

    question: Question
    work: Work

    @cached_property
    def records(self) -> ModelRecords:
        question = self.question
        return ModelRecords.read(question.services, partial(trained_on, question.pinned))

    @cached_property
    def targets(self) -> dict[str, str]:
        """Target → title, of those that can be chosen."""
        return targets_offered(self.question.pinned, self.records.versions)

    @cached_property
    def target(self) -> str:
        """The chosen target."""
        return chosen_target(self.question, self.records.versions)

    @cached_property
    def name(self) -> str:
        """The chosen model for the chosen target."""
        return chosen_model(self.question, self.records, self.target)


def chosen_model(question: Question, records: ModelRecords, target: str) -> str:
    """The model in the address, else the first with a champion, else the first."""
    asked, names = str(question.raw.get("model") or ""), [pair_name(one, target) for one in CATALOG]
    if asked in CATALOG:
        return pair_name(asked, target)
    return next((name for name in names if records.champion(name)), names[0])


def _work(measures: ModelsMeasures) -> dict[str, Any]:
    return {"work": job_list(measures.work.jobs, no_worker=measures.work.no_worker)}


def _overview(measures: ModelsMeasures) -> dict[str, Any]:
    models_of = [measures.records.model(pair_name(one, measures.target)) for one in CATALOG]
    return {"overview": overview(models_of, measures.name)}


def _targets(measures: ModelsMeasures) -> dict[str, Any]:
    return {"targets": choices([(TARGET, "Target", measures.targets, measures.target)])}


def _versions(measures: ModelsMeasures) -> dict[str, Any]:
    records, name = measures.records, measures.name
    versions = [records.version(row) for row in records.of_model(name)]
    return {
        "versions": version_list(versions, records.model(name).before),
        "versions_note": f"of {model_title(name)}",
    }


def _time(measures: ModelsMeasures) -> dict[str, Any]:
    history = accuracy_history(measures.question.services, measures.records, measures.name)
    return {
        "time": accuracy_figure(history, measures.question.theme),
        "time_off": not history.own,
        "time_words": accuracy_words(history),
        "time_numbers": weeks_table(history),
    }


def _decisions(measures: ModelsMeasures) -> dict[str, Any]:
    return {"decisions": decisions(measures.records.decisions())}


def _train_form(measures: ModelsMeasures) -> dict[str, Any]:
    question, name = measures.question, measures.name
    selection, incidents = question.selection, training_incidents(question, INCIDENTS)
    try:
        start = training_start(question, name, incidents)
    except InputError as error:  # a target that has versions, but not in this data
        why = question.services.for_readers(error)
        return {"train": no_training_form(name, model_title(name), why)}
    said = sentence(selection, question.manifest, question.pinned.vocabulary.names)
    remarks = [start.note, *dict.fromkeys(start.reasons.values())]
    form = train_form(
        name,
        model_title(name),
        start.values,
        OWN_WORDS.get(model_of(name), {}),
        whole=measures.targets[measures.target],
        selected=said if selection else "",
        incidents=incidents,
        remarks=remarks if incidents == SELECTED else [],
        can_propose=start.can_propose,
    )
    return {"train": form}


def _compared(measures: ModelsMeasures) -> dict[str, Any]:
    """Two versions of the model, or of two methods that make the same thing for the target."""
    question, records = measures.question, measures.records
    rows = _comparable(records, measures.name, measures.target)
    one = _chosen(question.raw.get("one"), rows, measures.name, next(iter(rows), None))
    rest = next((key for key in rows if key != one), None)
    other = _chosen(question.raw.get("other"), rows, measures.name, rest)
    keys = [key for key in dict.fromkeys((one, other)) if key is not None]
    of_one_model = len({rows[key]["name"] for key in keys}) == 1
    shown = [_as_compared(rows[key], alone=of_one_model) for key in keys]
    models = {model_of(rows[key]["name"]) for key in keys}
    decisive = [gate.metric for gate in records.gates if gate.model in models]
    labels = {key: _label(row) for key, row in rows.items()}
    return {
        "choices": compare_choices(labels, one, other) if len(rows) > 1 else [],
        "compare": side_by_side(shown, decisive),
    }


def _comparable(records: ModelRecords, name: str, target: str) -> dict[str, Mapping[str, Any]]:
    """Versions by `name:version`: of the model, the champion first; then of the other methods.

    Zones of all methods are measured alike; other models only compare with themselves.
    """
    others = [pair_name(one, target) for one in CATALOG if one.startswith(ZONES)]
    names = [name, *others] if model_of(name).startswith(ZONES) else [name]
    rows = [row for one in dict.fromkeys(names) for row in records.of_model(one)]
    ordered = sorted(rows, key=lambda row: (row["name"] != name, not row["champion"]))
    return {f"{row['name']}:{row['version']}": row for row in ordered}


def _as_compared(row: Mapping[str, Any], *, alone: bool) -> Compared:
    name = row["name"]
    label = f"Version {row['version']}" if alone else _title(row)
    return Compared(label, name, row["metrics"], _parameters(name, row["parameters"]))


def _label(row: Mapping[str, Any]) -> str:
    return f"{_title(row)}, champion" if row["champion"] else _title(row)


def _title(row: Mapping[str, Any]) -> str:
    """The method and the version, without the target, which is the same for all."""
    model = model_of(row["name"])
    if model.startswith(ZONES):
        return f"{zones_title(model)}, version {row['version']}"
    return version_title(model, row["version"])


def _parameters(name: str, given: Mapping[str, str]) -> dict[str, str]:
    wanted = (*CATALOG[model_of(name)].defaults, "seed")
    return {key: str(given[key]) for key in wanted if key in given}


def _chosen(asked: object, rows: Mapping[str, Any], name: str, default: str | None) -> str | None:
    """The version in the address, by key, or by number if it is of the chosen model."""
    text = str(asked or "")
    found = (key for key in (text, f"{name}:{text}") if key in rows)
    return next(found, default)


@needs(Permission.TRAIN)
def _train(question: Question) -> str:
    values = question.values
    if "check" in values:
        return queue(question, ("models", "check"))
    name = values.get("model") or values.get("propose", "")
    if model_of(name) not in CATALOG:
        raise InputError(f"Model not found: {name[:40]!r}.")
    if "propose" in values:
        return queue(question, propose_command(question, name, values.get("incidents", ALL)))
    return queue(question, train_command(question, name, CATALOG[model_of(name)].defaults))


@needs(Permission.PROMOTE)
def _promote(question: Question) -> str:
    name, _, number = question.values.get("subject", "").partition(" ")
    return queue(question, ("models", "promote", model_of(name), number, *_why(question, name)))


@needs(Permission.PROMOTE)
def _roll_back(question: Question) -> str:
    name = question.values.get("subject", "")
    return queue(question, ("models", "rollback", model_of(name), *_why(question, name)))


def _why(question: Question, name: str) -> tuple[str, ...]:
    """The target, if that is not all incidents, and the reason."""
    target = target_of(name)
    of = () if target == ALL else (f"--target={target}",)
    return (*of, f"--reason={reason_of(question.values.get('reason', ''))}")


ACTIONS: Mapping[str, Action] = {"train": _train, "promote": _promote, "rollback": _roll_back}
ANSWERS: Answers = {
    "work": _work,
    "targets": _targets,
    "overview": _overview,
    "versions": _versions,
    "train": _train_form,
    "time": _time,
    "decisions": _decisions,
    "compare": _compared,
}
