"""Parameters of training as forms and comparisons show them: lengths in the reader's units."""

from __future__ import annotations

from typing import Any

from dash import dcc, html
from dash.development.base_component import Component

from analytics.artifacts.catalog import PARAMETER_CHOICES, PARAMETER_WORDS
from analytics.artifacts.extras import is_available
from analytics.artifacts.parameters import is_length
from analytics.formats import DASH, distance_text, length_unit, length_unit_m
from components.frame.choices import select
from components.frame.marks import data


def parameter_name(key: str) -> str:
    """`Cell size`."""
    return PARAMETER_WORDS.get(key, key.replace("_", " "))


def field_label(key: str, name: str = "") -> str:
    """`Cell size, feet`; `name` if the model has its own for the parameter."""
    name = name or parameter_name(key)
    return f"{name}, {length_unit()}" if is_length(key) else name


def field_text(key: str, value: float | str | None) -> str:
    """Value of a form's field; `read_parameter` reads it as `local`."""
    if value is None or isinstance(value, str):
        return value or ""
    if is_length(key) and length_unit_m() != 1:
        value = round(value / length_unit_m())
    return f"{value:g}"


def parameter_entry(id: str, key: str, value: float | str | None) -> Component:
    """A form's field for a parameter; empty if the worker proposes it from the data."""
    if values := PARAMETER_CHOICES.get(key):
        available = {value: words for value, words in values.items() if is_available(value)}
        return select(available, id=id, name=f"set-{key}")
    return dcc.Input(
        id=id,
        name=f"set-{key}",
        type="text",
        inputMode="latin" if isinstance(value, str) else "numeric",
        value=field_text(key, value),
        placeholder="read from the data" if value is None else "",
        className="written",
    )


def propose_button(name: str) -> html.Button:
    """A button of a training's form that only proposes parameters; `name` is model and target."""
    return html.Button(
        "Propose values first", type="submit", name="propose", value=name, className="button"
    )


def incidents_field(
    id: str, option: str, selected: str, incidents: str, *, whole: str, class_name: str = "field"
) -> html.Div:
    """A select of the incidents to train on: all of a target, or the selected ones.

    Parameters
    ----------
    option
        Option of the page that it sets.
    selected
        The selection in words; empty where nothing is selected.
    incidents
        `all` or `selected`, the entry that is shown.
    whole
        Title of the target, such as `All incidents`.
    """
    values = {"all": whole}
    if selected:
        values["selected"] = f"Selected: {selected}"
    if incidents == "selected":
        values = dict(reversed(values.items()))  # the first is the default
    entry = select(values, id=id, name="incidents", key=selected, **data(option=option))
    return html.Div([html.Label("Incidents", htmlFor=id), entry], className=class_name)


def parameter_text(key: str, value: Any) -> str:
    """A stored value in words: `820 ft` for 250, `483` for 483.0."""
    text = str(value).removesuffix(".0")
    if is_length(key) and text:
        return distance_text(float(text))
    return PARAMETER_CHOICES.get(key, {}).get(text, text) or DASH


def brief_parameter(key: str, value: str) -> str:
    """Short form for lists: `eps 330 ft`, `algorithm Mini-batch K-means`."""
    name = parameter_name(key).lower() if key in PARAMETER_CHOICES else key.removesuffix("_m")
    return f"{name.replace('_', ' ')} {parameter_text(key, value)}"
