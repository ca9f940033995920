"""The form that asks for new zones: proposals with their reasons, all of them free to change."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from dash import html
from dash.development.base_component import Component

from components.frame.attributes import aria
from components.frame.choices import option_select
from components.frame.marks import data
from components.frame.parameters import field_label, incidents_field, parameter_entry
from components.frame.tables import table

INCIDENTS = "h_of"
"""Option of the page: which incidents the form is for."""


@dataclass(frozen=True)
class Curve:
    """What a proposal was read from: headings, and lines of words."""

    headings: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class Field:
    """One parameter: where it starts, why, and the curve behind it."""

    key: str
    value: float | str | None  # None: the worker reads it from the incidents
    reason: str = ""
    curve: Curve | None = None


def train_zones(
    model: str,
    models: Mapping[str, str],
    fields: Sequence[Field],
    *,
    selected: str,
    note: str,
    incidents: str,
) -> list[Component]:
    """Which zones, their parameters, and which incidents.

    Parameters
    ----------
    models
        Model → words, the one shown first.
    selected
        The selection in words; empty where nothing is chosen.
    note
        What the proposals are from.
    incidents
        `all` or `selected`: which ones the parameters are for.
    """
    return [
        html.Div(
            [
                html.Span("Zones", className="setting-name"),
                option_select("h_fit", models, "Zones", id="hotspots-h-fit"),
            ],
            className="setting",
        ),
        html.Form(
            [
                *(_field(model, field) for field in fields),
                incidents_field("hotspots-train-incidents", INCIDENTS, selected, incidents),
                html.P(note, className="quiet") if note else None,
                html.Button("Train", type="submit", name="model", value=model, className="button"),
            ],
            key=f"{model}-{selected}-{incidents}",
            className="train-zones",
            **data(act="train"),
        ),
    ]


def _field(model: str, field: Field) -> html.Div:
    id = f"hotspots-train-{model}-{field.key}".replace("_", "-")
    return html.Div(
        [
            html.Label(field_label(field.key), htmlFor=id),
            parameter_entry(id, field.key, field.value),
            html.Span(field.reason, className="quiet") if field.reason else None,
            _curve(field_label(field.key), field.curve) if field.curve else None,
        ],
        className="field",
    )


def _curve(label: str, curve: Curve) -> html.Details:
    return html.Details(
        [
            html.Summary("What was tried", **aria(label=f"{label}: what was tried")),
            table(curve.headings, curve.rows, class_name=""),
        ],
        className="curve",
    )
