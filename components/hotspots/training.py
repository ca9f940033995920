"""The form that trains new zones: initial values with their reasons, all free to change."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from dash import dcc, html
from dash.development.base_component import Component

from components.frame.attributes import aria
from components.frame.marks import data
from components.hotspots.layout import option_select

INCIDENTS = "h_of"
"""Option of the page: the incidents to train on."""


@dataclass(frozen=True)
class Curve:
    """The curve of a proposal: headings and rows of text."""

    headings: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class Field:
    """One parameter: label, initial value, the reason for it, and the curve behind it."""

    key: str
    label: str
    value: float | str | None  # None: the worker proposes it from the incidents
    reason: str = ""
    choices: Mapping[str, str] = field(default_factory=dict)
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
    """The form: kind of zones, parameters, and incidents.

    Parameters
    ----------
    models
        Model → title, this one first.
    selected
        The selection in words; empty without one.
    note
        Which incidents the proposals are from.
    incidents
        `all` or `selected`: the incidents that the parameters are for.
    """
    return [
        html.Div(
            [html.Span("Zones", className="setting-name"), option_select("h_fit", models, "Zones")],
            className="setting",
        ),
        html.Form(
            [
                *(_field(model, field) for field in fields),
                _incidents(selected, incidents),
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
    entry: Component = (
        html.Select(
            [html.Option(text, value=one) for one, text in field.choices.items()],
            id=id,
            name=f"set-{field.key}",
            className="form-select form-select-sm small-select",
        )
        if field.choices
        else dcc.Input(
            id=id,
            name=f"set-{field.key}",
            type="text",
            value=_plain(field.value),
            placeholder="read from the data" if field.value is None else "",
            className="written",
        )
    )
    return html.Div(
        [
            html.Label(field.label, htmlFor=id),
            entry,
            html.Span(field.reason, className="quiet") if field.reason else None,
            _curve(field.label, field.curve) if field.curve else None,
        ],
        className="field",
    )


def _curve(label: str, curve: Curve) -> html.Details:
    return html.Details(
        [
            html.Summary("Values tried", **aria(label=f"{label}: values tried")),
            html.Table(
                [
                    html.Thead(html.Tr([html.Th(one, scope="col") for one in curve.headings])),
                    html.Tbody([html.Tr([html.Td(one) for one in row]) for row in curve.rows]),
                ]
            ),
        ],
        className="curve",
    )


def _incidents(selected: str, incidents: str) -> html.Div:
    choices: list[Any] = [html.Option("All incidents", value="all")]
    if selected:
        choices.append(html.Option(f"Selected: {selected}", value="selected"))
    if incidents == "selected":
        choices.reverse()  # the first is the default
    return html.Div(
        [
            html.Label("Incidents", htmlFor="hotspots-train-incidents"),
            html.Select(
                choices,
                id="hotspots-train-incidents",
                name="incidents",
                className="form-select form-select-sm small-select",
                **data(option=INCIDENTS),
            ),
        ],
        className="field",
    )


def _plain(value: float | str | None) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else f"{value:g}"
