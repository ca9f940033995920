"""The form for new zones: initial values, reasons, and the curves of proposals."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import polars as pl
from dash.development.base_component import Component

from analytics.artifacts.catalog import model_of
from analytics.artifacts.targets import ModelTarget
from analytics.crossfilter.sentence import sentence
from analytics.formats import distance_text, number, percent
from callbacks.frame.question import Question
from callbacks.frame.training_start import TrainingStart, training_incidents, training_start
from callbacks.hotspots.actions import parameters_of
from callbacks.hotspots.options import zones_offered
from components.hotspots.training import INCIDENTS, Curve, Field, train_zones

ROWS = 10
Words = Callable[[float], str]


def _plain(value: float) -> str:
    return number(value, 0)


def _agreement(value: float) -> str:
    return number(value, 2)


def _percent(value: float) -> str:
    return percent(value, 0)


COLUMNS: Mapping[str, Mapping[str, tuple[str, Words]]] = {
    "k": {
        "k": ("Zones", _plain),
        "agreement": ("Adjusted Rand between seeds", _agreement),
        "inertia": ("Spread within zones", _percent),
    },
    "eps_m": {
        "share": ("Share of incidents", _percent),
        "distance_m": ("Distance with min_samples", distance_text),
    },
    "min_samples": {
        "min_samples": ("Incidents within eps", _plain),
        "zones": ("Zones", _plain),
        "noise_share": ("Noise", _percent),
        "largest_share": ("Share of largest zone", _percent),
    },
    "zones": {"zones": ("Zones", _plain), "inertia": ("Spread within zones", _percent)},
}
"""By parameter: column of the curve → heading and format of its values."""


def shown_curve(parameter: str, frame: pl.DataFrame) -> Curve | None:
    """At most `ROWS` points of the curve of a proposal; None if it has none to show."""
    columns = COLUMNS.get(parameter)
    if columns is None:
        return None
    if "inertia" in frame.columns:
        frame = frame.with_columns(pl.col("inertia") / pl.col("inertia").max())
    step = max(len(frame) - 1, 1) / max(min(ROWS, len(frame)) - 1, 1)
    picked = frame[[round(place * step) for place in range(min(ROWS, len(frame)))]]
    writes = [write for _, write in columns.values()]
    rows = [
        tuple(write(value) for write, value in zip(writes, row, strict=True))
        for row in picked.select(*columns).iter_rows()
    ]
    return Curve(tuple(heading for heading, _ in columns.values()), tuple(rows))


def train_form(question: Question, name: str, target: ModelTarget) -> list[Component]:
    """The form for one kind of zones, for all incidents of a target or the selected ones."""
    incidents = training_incidents(question, INCIDENTS)
    start, model = training_start(question, name, incidents), model_of(name)
    offered, selection = zones_offered(), question.selection
    said = sentence(selection, question.manifest, question.names) if selection else ""
    return train_zones(
        name,
        {model: offered[model], **{k: v for k, v in offered.items() if k != model}},
        [_field(start, key) for key in parameters_of(model)],
        whole=target.title,
        selected=said,
        note=start.note,
        incidents=incidents,
        can_propose=start.can_propose,
    )


def _field(start: TrainingStart, key: str) -> Field:
    curve = start.curves.get(key)
    return Field(
        key,
        start.values[key],
        start.reasons.get(key, ""),
        None if curve is None else shown_curve(key, curve),
    )
