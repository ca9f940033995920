"""The form for new zones: where parameters start, why, and the curve a proposal was read from."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import polars as pl
from dash.development.base_component import Component

from analytics.crossfilter.sentence import sentence
from analytics.hotspots.serving import HotSpots
from analytics.models.bundle import Bundle
from analytics.models.catalogue import CATALOGUE, PARAMETER_WORDS
from callbacks.hotspots_acts import parameters_of
from callbacks.hotspots_options import zones_offered
from callbacks.question import Question
from components.hotspots_train import Curve, Field, train_zones
from components.variables import number, share

ROWS = 10
Words = Callable[[float], str]


def _plain(value: float) -> str:
    return number(value, 0)


def _agreement(value: float) -> str:
    return f"{value:.2f}"


def _percent(value: float) -> str:
    return share(value, 0)


COLUMNS: Mapping[str, Mapping[str, tuple[str, Words]]] = {
    "k": {
        "k": ("Zones", _plain),
        "agreement": ("Adjusted Rand between seeds", _agreement),
        "inertia": ("Spread within zones", _percent),
    },
    "eps_m": {
        "share": ("Share of incidents", _percent),
        "distance_m": ("Have enough others within, m", _plain),
    },
    "min_samples": {
        "min_samples": ("Incidents within reach", _plain),
        "zones": ("Zones", _plain),
        "noise_share": ("In no zone", _percent),
        "largest_share": ("In the largest", _percent),
    },
    "zones": {"zones": ("Zones", _plain), "inertia": ("Spread within zones", _percent)},
}
"""Column of the curve → heading and how its values are written, by parameter."""


def curve_of(bundle: Bundle, parameter: str) -> Curve | None:
    """At most `ROWS` lines of the curve a proposal was read from; None where none was kept."""
    columns, name = COLUMNS.get(parameter), f"curve_{parameter}"
    if columns is None or name not in bundle.tables:
        return None
    frame = bundle.table(name)
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


def train_form(question: Question, spots: HotSpots, model: str) -> list[Component]:
    """The form of one kind of zones; proposals are those of its newest version."""
    newest = spots.newest(model)
    version = newest.version if newest else 0
    note, fields = spots.once(("train", model, version), lambda: _proposed(model, newest))
    offered, selection = zones_offered(), question.selection
    said = sentence(selection, question.manifest, question.names) if selection else ""
    return train_zones(
        model,
        {model: offered[model], **{k: v for k, v in offered.items() if k != model}},
        fields,
        said,
        note,
    )


def _proposed(model: str, newest: Bundle | None) -> tuple[str, list[Field]]:
    if newest is None or "proposals" not in newest.tables:
        return "", _fields(model, None)
    of = newest.selection or "all incidents"
    note = f"Proposals are from version {newest.version}, fitted on {of}."
    return note, _fields(model, newest)


def _fields(model: str, proposing: Bundle | None) -> list[Field]:
    rows = proposing.table("proposals").to_dicts() if proposing else []
    proposed = {row["parameter"]: row for row in rows}
    defaults, fields = CATALOGUE[model].defaults, []
    for key in parameters_of(model):
        found = proposed.get(key)
        fields.append(
            Field(
                key,
                PARAMETER_WORDS.get(key, key),
                found["value"] if found else defaults[key],
                found["reason"] if found else "",
                ("incidents", "harm") if key == "weight" else (),
                curve_of(proposing, key) if proposing and found else None,
            )
        )
    return fields
