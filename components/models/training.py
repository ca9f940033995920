"""Form that trains a version of one model, or checks the champions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from dash import html

from components.frame.marks import data
from components.frame.parameters import (
    field_label,
    incidents_field,
    parameter_entry,
    propose_button,
)

INCIDENTS = "of"
"""Option of the Models page: which incidents to train on."""


def train_form(
    name: str,
    title: str,
    values: Mapping[str, Any],
    words: Mapping[str, str],
    *,
    whole: str,
    selected: str,
    incidents: str,
    remarks: Sequence[str] = (),
    can_propose: bool = False,
) -> html.Form:
    """Parameters of one model, and which incidents.

    Parameters
    ----------
    values
        Initial value of each parameter; None if the worker proposes it from the data.
    words
        Names of the parameters that mean something else in this model than in others.
    whole
        Title of the target.
    selected
        The current selection in words; empty if there is none.
    incidents
        `all` or `selected`.
    remarks
        Where the values come from.
    can_propose
        Whether a button offers to propose the missing values before the training.
    """
    fields = [_field(name, key, value, words.get(key, "")) for key, value in values.items()]
    return html.Form(
        [
            html.P(title, className="card-said"),
            html.Div(fields, className="fields"),
            *(html.P(text, className="quiet") for text in remarks if text),
            incidents_field(
                f"train-{name}-incidents",
                INCIDENTS,
                selected,
                incidents,
                whole=whole,
                class_name="field wide",
            ),
            html.Div(
                [
                    html.Button(
                        "Train", type="submit", name="model", value=name, className="button"
                    ),
                    propose_button(name) if can_propose else None,
                    _check(),
                ],
                className="buttons",
            ),
        ],
        key=f"{name}-{selected}-{incidents}",
        **data(act="train"),
    )


def no_training_form(name: str, title: str, why: str) -> html.Form:
    """A form that only checks the champions, and says why no version can be trained.

    Parameters
    ----------
    why
        Why the target is not available.
    """
    return html.Form(
        [
            html.P(title, className="card-said"),
            html.P(f"No version can be trained. {why}", className="warned"),
            html.Div(_check(), className="buttons"),
        ],
        key=f"{name}-none",
        **data(act="train"),
    )


def _check() -> html.Button:
    return html.Button(
        "Check champions on the newest weeks",
        type="submit",
        name="check",
        value="all",
        className="button",
    )


def _field(model: str, key: str, value: Any, words: str) -> html.Div:
    id = f"train-{model}-{key}"
    label = html.Label(field_label(key, words), htmlFor=id)
    return html.Div([label, parameter_entry(id, key, value)], className="field")
