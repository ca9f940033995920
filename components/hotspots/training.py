"""The form that trains new zones: initial values with their reasons, all free to change."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from dash import html
from dash.development.base_component import Component

from analytics.artifacts.catalog import model_of
from components.frame.attributes import aria
from components.frame.choices import option_select
from components.frame.marks import data
from components.frame.parameters import (
    field_label,
    incidents_field,
    parameter_entry,
    propose_button,
)
from components.frame.tables import table

INCIDENTS = "h_of"
"""Option of the page: the incidents to train on."""


@dataclass(frozen=True)
class Curve:
    """The curve of a proposal: headings and rows of text."""

    headings: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class Field:
    """One parameter: initial value, the reason for it, and the curve behind it."""

    key: str
    value: float | str | None  # None: the worker proposes it from the incidents
    reason: str = ""
    curve: Curve | None = None


def train_zones(
    name: str,
    models: Mapping[str, str],
    fields: Sequence[Field],
    *,
    whole: str,
    selected: str,
    note: str,
    incidents: str,
    can_propose: bool = False,
) -> list[Component]:
    """The form: kind of zones, parameters, and incidents.

    Parameters
    ----------
    name
        Name of the model with its target, see `pair_name`.
    models
        Model → title, this one first.
    whole
        Title of the target.
    selected
        The selection in words; empty without one.
    note
        Which incidents the proposals are from.
    incidents
        `all` or `selected`: the incidents that the parameters are for.
    can_propose
        Whether a button offers to propose the missing values before the training.
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
                *(_field(model_of(name), field) for field in fields),
                incidents_field(
                    "hotspots-train-incidents", INCIDENTS, selected, incidents, whole=whole
                ),
                html.P(note, className="quiet") if note else None,
                html.Div(
                    [
                        html.Button(
                            "Train", type="submit", name="model", value=name, className="button"
                        ),
                        propose_button(name) if can_propose else None,
                    ],
                    className="buttons",
                ),
            ],
            key=f"{name}-{selected}-{incidents}",
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
            html.Summary("Values tried", **aria(label=f"{label}: values tried")),
            table(curve.headings, curve.rows, class_name=""),
        ],
        className="curve",
    )
