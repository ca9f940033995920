"""Initial parameters of a new version, for all or for the selected incidents."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import polars as pl

from analytics.artifacts.bundle import Bundle, version_folder
from analytics.artifacts.catalog import ALL, CATALOG, PROPOSED, model_of, target_of
from analytics.artifacts.index import read_index
from analytics.artifacts.parameters import read_parameter
from analytics.artifacts.stored_proposals import read_proposals
from analytics.crossfilter.clauses import Period
from analytics.crossfilter.scope import EVERYTHING
from analytics.crossfilter.selection import Selection
from analytics.crossfilter.views import view
from analytics.errors import InputError, PatrolIQError
from analytics.formats import number
from callbacks.frame.question import Question
from components.frame.parameters import field_text
from components.frame.proposals import proposal_words

SELECTED = "selected"
QUICK = "zones_dbscan"
MOST_INCIDENTS = 5_000
"""Up to so many, proposing within a request takes 0.3 s; with more, the worker proposes."""
WHEN_TRAINED = "Chosen from these incidents during training, unless you enter a value."


@dataclass(frozen=True)
class TrainingStart:
    """Initial values by parameter; None where the worker will choose one from the data.

    `reasons` and `curves` belong to proposed values; `note` says from which incidents.
    `can_propose` tells whether the worker can propose the missing values before the training.
    """

    values: Mapping[str, float | str | None]
    reasons: Mapping[str, str] = field(default_factory=dict)
    curves: Mapping[str, pl.DataFrame] = field(default_factory=dict)
    note: str = ""
    can_propose: bool = False


def training_incidents(question: Question, option: str) -> str:
    """`selected` if requested and something is selected, else `all`."""
    return SELECTED if question.raw.get(option) == SELECTED and question.selection else ALL


def training_start(question: Question, name: str, incidents: str) -> TrainingStart:
    """Defaults with proposals beside them for all incidents; proposals for a part of them.

    Parameters
    ----------
    name
        Name of the model with its target, see `pair_name`.
    incidents
        `all` of the target, or `selected`.

    Raises
    ------
    InputError
        The data or the table does not offer the target.
    """
    model = model_of(name)
    defaults, chosen = CATALOG[model].defaults, _chosen(question, name, incidents)
    stored = _stored(question, name, chosen)
    if not chosen:
        return replace(stored, values=defaults) if stored else TrainingStart(defaults)
    if not PROPOSED.get(model):
        return TrainingStart(defaults)
    found = stored or _proposed(question, name, chosen) or _quick(question, model, chosen)
    if found is not None:
        return replace(found, values={**defaults, **found.values})
    later = PROPOSED[model]
    return TrainingStart(
        {**defaults, **dict.fromkeys(later)},
        dict.fromkeys(later, WHEN_TRAINED),
        can_propose=True,
    )


def _chosen(question: Question, name: str, incidents: str) -> Selection:
    """The incidents of a training; those of the target alone if the selection is not within it."""
    target = question.pinned.targets.find(target_of(name))
    if incidents == ALL:
        return target.selection
    try:
        return target.part(question.selection)
    except InputError:
        return target.selection


def train_command(question: Question, name: str, keys: Collection[str]) -> list[str]:
    """The `train` command of a form: its target, its changed values, and the selection.

    A value left as shown is not sent: the worker proposes it from the data again. Beside a changed
    value it would propose others than those shown, so then the shown ones are sent as well.

    Raises
    ------
    InputError
        A value cannot be read, or is out of range, or the selection is not within the target.
    """
    sent, model, target = question.values, model_of(name), target_of(name)
    of_selected = sent.get("incidents") == SELECTED and bool(question.selection)
    if of_selected:
        question.pinned.targets.find(target).part(question.selection)
    shown = training_start(question, name, SELECTED if of_selected else ALL).values
    values: dict[str, Any] = {}
    for key in keys:
        text = sent.get(f"set-{key}", "").strip()
        unchanged = text in ("", field_text(key, shown[key]))
        values[key] = shown[key] if unchanged else read_parameter(model, key, text, local=True)
    given = {key for key in keys if values[key] != shown[key]}
    read = {key for key in PROPOSED.get(model, ()) if values.get(key) is not None}
    if (of_selected or target != ALL) and given & read:
        given |= read
    command = [
        "train",
        model,
        *([f"--target={target}"] if target != ALL else []),
        *(f"--set={key}={_plain(values[key])}" for key in keys if key in given),
    ]
    return [*command, f"--selection={question.selection.text}"] if of_selected else command


def propose_command(question: Question, name: str, incidents: str) -> list[str]:
    """The command that proposes the parameters of a model from the chosen incidents.

    Raises
    ------
    InputError
        The selection is not within the target.
    """
    target = target_of(name)
    command = ["train", model_of(name), *([f"--target={target}"] if target != ALL else [])]
    if incidents == SELECTED and question.selection:
        question.pinned.targets.find(target).part(question.selection)
        command.append(f"--selection={question.selection.text}")
    return [*command, "--propose"]


def _plain(value: Any) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)


def _stored(question: Question, name: str, selection: Selection) -> TrainingStart | None:
    """Proposals of the newest version trained on these incidents, if any."""
    dates = selection.get("date")
    if isinstance(dates, Period) and dates.relative:
        return None  # a relative period meant other days then
    home = question.services.settings.home
    versions = [
        row["version"]
        for row in read_index(home)["versions"]
        if row["name"] == name and row["selection"] == selection.text
    ]
    if not versions:
        return None
    folder = version_folder(home, name, max(versions))
    try:
        bundle = question.results.get_or_compute(("bundle", folder), lambda: Bundle.load(folder))
    except PatrolIQError:
        return None  # pages that use the version report its damaged files
    if "proposals" not in bundle.tables:
        return None
    rows = bundle.table("proposals").to_dicts()
    note = f"Proposals are from version {bundle.version}, trained on "
    return TrainingStart(
        {row["parameter"]: row["value"] for row in rows},
        {row["parameter"]: _reason(row) for row in rows},
        {
            row["parameter"]: bundle.table(f"curve_{row['parameter']}")
            for row in rows
            if f"curve_{row['parameter']}" in bundle.tables
        },
        note + ("these incidents." if selection else "all incidents."),
    )


def _proposed(question: Question, name: str, chosen: Selection) -> TrainingStart | None:
    """Proposals that the worker made from these incidents, if any."""
    home = question.services.settings.home
    found = read_proposals(home, name, chosen.text, question.pinned.id)
    if found is None:
        return None
    return TrainingStart(
        {row["parameter"]: row["value"] for row in found.rows},
        {
            row["parameter"]: proposal_words(row["parameter"], row["value"], row["evidence"])
            for row in found.rows
        },
        found.curves,
        "Proposed from these incidents.",
    )


def _reason(row: Mapping[str, Any]) -> str:
    return proposal_words(row["parameter"], row["value"], json.loads(row["evidence"]))


def _quick(question: Question, model: str, chosen: Selection) -> TrainingStart | None:
    """Proposals read here and now, from few incidents by a method that is quick."""
    total = question.pinned.crossfilter.counts(EVERYTHING, chosen, [view("total")])
    if model != QUICK or total["total"]["incidents"].sum() > MOST_INCIDENTS:
        return None
    return question.results.get_or_compute(
        ("start", model, chosen.text), lambda: _propose(question, chosen)
    )


def _propose(question: Question, chosen: Selection) -> TrainingStart | None:
    # SciPy loads with the first proposal.
    from analytics.hotspots.inputs import weighted_points  # noqa: PLC0415
    from analytics.hotspots.proposals import propose_density  # noqa: PLC0415

    points = weighted_points(question.pinned.reader, EVERYTHING, chosen)
    share = CATALOG[QUICK].defaults["dense_share"]
    try:
        found = propose_density(points.xy, points.weights, dense_share=share)
    except InputError:
        return None  # too few incidents; the worker's message says how many are needed
    return TrainingStart(
        {name: one.value for name, one in found.items()},
        {name: proposal_words(name, one.value, one.evidence) for name, one in found.items()},
        {name: one.curve for name, one in found.items()},
        f"Proposed from the {number(points.incidents)} incidents with coordinates.",
    )
