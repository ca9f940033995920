"""The Models page's answer, and what is asked of the worker there."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from dash.development.base_component import Component

from analytics.artifacts.catalog import CATALOG
from analytics.crossfilter.sentence import sentence
from analytics.errors import InputError
from analytics.formats import number
from analytics.services import Pinned, Services
from callbacks.frame.question import Question
from callbacks.frame.trained_on import trained_on
from callbacks.frame.training_start import SELECTED, command_of, incidents_of, start_of
from callbacks.frame.work import POLLED, Act, acted, queue, work_on_models
from callbacks.models.cards import Shelf, Times, times_of
from components.frame.intervals import with_interval
from components.frame.jobs import work_list
from components.frame.theme import as_theme
from components.models.accuracy import accuracy_figure
from components.models.champions import overview
from components.models.comparison import compare_choices, side_by_side
from components.models.decisions import decisions
from components.models.ids import ModelsIds
from components.models.layout import models, weeks_table
from components.models.training import INCIDENTS, train_form
from components.models.versions import version_list

DRAWN = {ModelsIds.TIME_CARD: None}
"""Its picture is of a version, whatever is selected."""
COMPARED = frozenset({"one", "other"})
MOST_REASON = 500
OWN_WORDS = {
    "temporal_kmeans": {"k": "Number of temporal profiles (0: choose automatically by stability)"}
}
"""Where a parameter means something else than in other models."""


def layout(_services: Services, _pinned: Pinned) -> Component:
    """The page before its first answer."""
    return models()


def answer(question: Question) -> dict[str, Any]:
    """Outputs by name of what the gesture changes; an act is queued for the worker first."""
    return _changed(question) | {"drawn": DRAWN}


def _changed(question: Question) -> dict[str, Any]:
    said = acted(question, ACTS)
    work = work_on_models(question.services)
    outputs: dict[str, Any] = {"work": work_list(work.jobs, nobody=work.nobody), "said": said}
    if question.act or (question.changed == POLLED and not work.settled):
        return outputs
    shelf = Shelf.of(question.services, partial(trained_on, question.pinned))
    name = chosen_model(question, shelf)
    if question.changed == {INCIDENTS}:
        return outputs | {"train": _train_form(question, name)}
    if question.changed and question.changed <= COMPARED:
        return outputs | _compared(question, shelf, name)
    return outputs | _page(question, shelf, name)


def chosen_model(question: Question, shelf: Shelf) -> str:
    """The one named in the address, else the first with a champion, else the first."""
    asked = str(question.raw.get("model") or "")
    if asked in CATALOG:
        return asked
    return next((name for name in CATALOG if shelf.champion(name)), next(iter(CATALOG)))


def _page(question: Question, shelf: Shelf, name: str) -> dict[str, Any]:
    model = shelf.model(name)
    versions = [shelf.version(row) for row in shelf.of_model(name)]
    times = times_of(question.services, shelf, name)
    theme = as_theme(question.raw.get("theme"))
    entry = CATALOG[name]
    return {
        "overview": overview([shelf.model(one) for one in CATALOG], name),
        "versions": version_list(versions, model.before),
        "versions_note": f"of {entry.title}",
        "train": _train_form(question, name),
        "time": accuracy_figure(
            times.own, times.simple, theme,
            expected=times.expected, baseline=times.baseline, fitted=times.fitted,
        ),
        "time_off": not times.own,
        "time_words": times.words + (f" Gray: {times.baseline}." if times.own else ""),
        "time_numbers": weeks_table(_weeks(times)),
        "decisions": decisions(shelf.decisions()),
        **_compared(question, shelf, name),
    }  # fmt: skip


def _train_form(question: Question, name: str) -> Component:
    selection, incidents = question.selection, incidents_of(question, INCIDENTS)
    start = start_of(question, name, incidents)
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


def _compared(question: Question, shelf: Shelf, name: str) -> dict[str, Any]:
    rows = {int(row["version"]): row for row in shelf.of_model(name)}
    numbers = sorted(rows, reverse=True)
    champion = shelf.champion(name)
    first = int(champion["version"]) if champion else next(iter(numbers), None)
    one = _version(question.raw.get("one"), numbers, first)
    rest = [number for number in numbers if number != one]
    other = _version(question.raw.get("other"), numbers, next(iter(rest), None))
    shown = [rows[number] for number in dict.fromkeys((one, other)) if number is not None]
    decisive = [gate.metric for gate in shelf.gates if gate.model == name]
    facts = [
        (int(row["version"]), row["metrics"], _parameters(name, row["parameters"])) for row in shown
    ]
    return {
        "choices": compare_choices(numbers, one, other) if len(numbers) > 1 else [],
        "compare": side_by_side(name, facts, decisive),
    }


def _parameters(name: str, given: Mapping[str, str]) -> dict[str, str]:
    wanted = (*CATALOG[name].defaults, "seed")
    return {key: str(given[key]) for key in wanted if key in given}


def _version(asked: object, numbers: list[int], default: int | None) -> int | None:
    text = str(asked or "")
    return int(text) if text.isdigit() and int(text) in numbers else default


def _weeks(times: Times) -> list[dict[str, Any]]:
    simple = {week.first: week for week in times.simple}
    rows = []
    for week in times.own:
        other = simple.get(week.first)
        rows.append(
            {
                "first": week.first,
                "last": week.last,
                "own": with_interval(week.pai, week.low, week.high),
                "simple": with_interval(other.pai, other.low, other.high) if other else "–",
                "incidents": number(week.incidents),
            }
        )
    return rows


def _train(question: Question) -> str:
    values = question.values
    if "check" in values:
        return queue(question, ("models", "check"))
    name = values.get("model", "")
    if name not in CATALOG:
        raise InputError(f"Model not found: {name[:40]!r}.")
    return queue(question, command_of(question, name, CATALOG[name].defaults))


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


ACTS: Mapping[str, Act] = {"train": _train, "promote": _promote, "rollback": _roll_back}
