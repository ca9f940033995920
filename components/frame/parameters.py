"""Parameters of training as forms and comparisons show them: lengths in the reader's units."""

from __future__ import annotations

from typing import Any

from analytics.artifacts.catalog import PARAMETER_CHOICES, PARAMETER_WORDS
from analytics.artifacts.parameters import is_length
from analytics.formats import DASH, distance_text, length_unit, length_unit_m


def parameter_name(key: str) -> str:
    """`Cell size`."""
    return PARAMETER_WORDS.get(key, key.replace("_", " "))


def field_label(key: str, name: str = "") -> str:
    """`Cell size, feet`; `name` is what a model calls the parameter itself."""
    name = name or parameter_name(key)
    return f"{name}, {length_unit()}" if is_length(key) else name


def field_text(key: str, value: float | str | None) -> str:
    """What a form's field holds; `read_parameter` reads it, told that it is `local`."""
    if value is None or isinstance(value, str):
        return value or ""
    if is_length(key) and length_unit_m() != 1:
        value = round(value / length_unit_m())
    return f"{value:g}"


def parameter_text(key: str, value: Any) -> str:
    """A stored value: `820 ft` of 250."""
    text = str(value)
    if is_length(key) and text:
        return distance_text(float(text))
    return PARAMETER_CHOICES.get(key, {}).get(text, text) or DASH


def brief_parameter(key: str, value: str) -> str:
    """`eps 330 ft`, as a version's line lists it."""
    text = parameter_text(key, value) if is_length(key) else value
    return f"{key.removesuffix('_m').replace('_', ' ')} {text}"
