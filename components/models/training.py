"""The form that trains a version of one model, or checks the champions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from dash import dcc, html
from dash.development.base_component import Component

from analytics.artifacts.catalog import PARAMETER_CHOICES
from components.frame.marks import data
from components.frame.parameters import field_label, field_text

INCIDENTS = "of"
"""Option of the Models page: which incidents the form is for."""


def train_form(
    name: str,
    title: str,
    values: Mapping[str, Any],
    words: Mapping[str, str],
    *,
    selected: str,
    incidents: str,
    remarks: Sequence[str] = (),
) -> html.Form:
    """Parameters of one model, and which incidents.

    Parameters
    ----------
    values
        Where each parameter starts; None where the worker reads it from the data.
    words
        Where this model calls a parameter something else than others.
    selected
        The selection that stands, in words; empty where nothing is chosen.
    incidents
        `all` or `selected`: which ones the parameters are for.
    remarks
        Where the values are from.
    """
    fields = [_field(name, key, value, words.get(key, "")) for key, value in values.items()]
    return html.Form(
        [
            html.P(title, className="card-said"),
            html.Div(fields, className="fields"),
            *(html.P(text, className="quiet") for text in remarks if text),
            _incidents(name, selected, incidents),
            html.Div(
                [
                    html.Button(
                        "Train", type="submit", name="model", value=name, className="button"
                    ),
                    html.Button(
                        "Check champions on the newest weeks",
                        type="submit",
                        name="check",
                        value="all",
                        className="button",
                    ),
                ],
                className="buttons",
            ),
        ],
        key=f"{name}-{selected}-{incidents}",
        **data(act="train"),
    )


def _field(model: str, key: str, value: Any, words: str) -> html.Div:
    id = f"train-{model}-{key}"
    if choices := PARAMETER_CHOICES.get(key):
        entry: Component = html.Select(
            [html.Option(text, value=one) for one, text in choices.items()],
            id=id,
            name=f"set-{key}",
            className="form-select small-select",
        )
    else:
        entry = dcc.Input(
            id=id,
            name=f"set-{key}",
            type="text",
            inputMode="latin" if isinstance(value, str) else "numeric",
            value=field_text(key, value),
            placeholder="read from the data" if value is None else "",
            className="written",
        )
    return html.Div([html.Label(field_label(key, words), htmlFor=id), entry], className="field")


def _incidents(model: str, selected: str, incidents: str) -> html.Div:
    id = f"train-{model}-incidents"
    choices = [html.Option("All incidents", value="all")]
    if selected:
        choices.append(html.Option(f"Selected: {selected}", value="selected"))
    if incidents == "selected":
        choices.reverse()  # the first one is shown
    return html.Div(
        [
            html.Label("Incidents", htmlFor=id),
            html.Select(
                choices, id=id, name="incidents", className="form-select small-select",
                key=selected, **data(option=INCIDENTS),
            ),
        ],
        className="field wide",
    )  # fmt: skip
