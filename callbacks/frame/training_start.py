"""Where the parameters of a new version start, for all incidents or for those selected."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import polars as pl

from analytics.artifacts.bundle import Bundle, version_folder
from analytics.artifacts.catalog import CATALOG, PROPOSED
from analytics.artifacts.index import read_index
from analytics.artifacts.parameters import read_parameter
from analytics.crossfilter.clauses import Period
from analytics.crossfilter.scope import EVERYTHING
from analytics.crossfilter.views import view
from analytics.errors import InputError, PatrolIQError
from analytics.formats import number
from callbacks.frame.question import Question
from components.frame.parameters import field_text

ALL, SELECTED = "all", "selected"
QUICK = "zones_dbscan"
MOST_INCIDENTS = 5_000
"""Proposed from within a request, which takes 0.3 s; of more the worker proposes."""
WHEN_TRAINED = "Read from the selected incidents when they are trained, unless you write a value."


@dataclass(frozen=True)
class Start:
    """Values by parameter, None where the worker reads it read from the data.

    `reasons` and `curves` are of what was proposed; `note` says from which incidents.
    """

    values: Mapping[str, float | str | None]
    reasons: Mapping[str, str] = field(default_factory=dict)
    curves: Mapping[str, pl.DataFrame] = field(default_factory=dict)
    note: str = ""


def incidents_of(question: Question, option: str) -> str:
    """`selected` where that is asked for and something is selected, else `all`."""
    return SELECTED if question.raw.get(option) == SELECTED and question.selection else ALL


def start_of(question: Question, model: str, incidents: str) -> Start:
    """Defaults for all incidents, with proposals beside them; proposals for those selected."""
    defaults = CATALOG[model].defaults
    stored = _stored(question, model, question.selection.text if incidents == SELECTED else "")
    if incidents == ALL:
        return replace(stored, values=defaults) if stored else Start(defaults)
    if not PROPOSED.get(model):
        return Start(defaults)
    found = stored or _quick(question, model)
    if found is not None:
        return replace(found, values={**defaults, **found.values})
    later = PROPOSED[model]
    return Start({**defaults, **dict.fromkeys(later)}, dict.fromkeys(later, WHEN_TRAINED))


def command_of(question: Question, model: str, keys: Collection[str]) -> list[str]:
    """`train` with what a form sent: options that differ from what it showed, and the selection.

    What is left as it was shown is read from the data, so the worker reads it from them again;
    but beside a changed one it would read others than those shown, so these are sent as well.

    Raises
    ------
    InputError
        A value cannot be read, or is out of its range.
    """
    sent = question.values
    of_selected = sent.get("incidents") == SELECTED and bool(question.selection)
    shown = start_of(question, model, SELECTED if of_selected else ALL).values
    values: dict[str, Any] = {}
    for key in keys:
        text = sent.get(f"set-{key}", "").strip()
        unchanged = text in ("", field_text(key, shown[key]))
        values[key] = shown[key] if unchanged else read_parameter(model, key, text, local=True)
    given = {key for key in keys if values[key] != shown[key]}
    read = {key for key in PROPOSED.get(model, ()) if values.get(key) is not None}
    if of_selected and given & read:
        given |= read
    command = [
        "train",
        model,
        *(f"--set={key}={_plain(values[key])}" for key in keys if key in given),
    ]
    return [*command, f"--selection={question.selection.text}"] if of_selected else command


def _plain(value: Any) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)


def _stored(question: Question, model: str, selection: str) -> Start | None:
    """Proposals of the newest version fitted on these incidents; None where there are none."""
    dates = question.selection.get("date")
    if selection and isinstance(dates, Period) and dates.relative:
        return None  # they were other days then
    home = question.services.settings.home
    versions = [
        row["version"]
        for row in read_index(home)["versions"]
        if row["name"] == model and row["selection"] == selection
    ]
    if not versions:
        return None
    folder = version_folder(home, model, max(versions))
    try:
        bundle = question.results.get_or_compute(("bundle", folder), lambda: Bundle.load(folder))
    except PatrolIQError:
        return None  # damaged files are told of where the version is used
    if "proposals" not in bundle.tables:
        return None
    rows = bundle.table("proposals").to_dicts()
    note = f"Proposals are from version {bundle.version}, fitted on "
    return Start(
        {row["parameter"]: row["value"] for row in rows},
        {row["parameter"]: row["reason"] for row in rows},
        {
            row["parameter"]: bundle.table(f"curve_{row['parameter']}")
            for row in rows
            if f"curve_{row['parameter']}" in bundle.tables
        },
        note + ("the incidents selected." if selection else "all incidents."),
    )


def _quick(question: Question, model: str) -> Start | None:
    """Proposals read here and now, from few incidents by a method that is quick."""
    total = question.pinned.crossfilter.counts(EVERYTHING, question.selection, [view("total")])
    if model != QUICK or total["total"]["incidents"].sum() > MOST_INCIDENTS:
        return None
    return question.results.get_or_compute(
        ("start", model, question.selection.text), lambda: _read(question)
    )


def _read(question: Question) -> Start | None:
    # SciPy loads with the first proposal.
    from analytics.hotspots.inputs import weighted_points  # noqa: PLC0415
    from analytics.hotspots.proposals import propose_density  # noqa: PLC0415

    points = weighted_points(question.pinned.reader, EVERYTHING, question.selection)
    share = CATALOG[QUICK].defaults["dense_share"]
    try:
        found = propose_density(points.xy, points.weights, dense_share=share)
    except InputError:
        return None  # too few: the worker says what is needed
    return Start(
        {name: one.value for name, one in found.items()},
        {name: one.reason for name, one in found.items()},
        {name: one.curve for name, one in found.items()},
        f"Proposed from the {number(points.incidents)} selected incidents that have a place.",
    )
