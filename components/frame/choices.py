"""Selects whose options and value come with the page's answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from dash import html
from dash.development.base_component import Component

from components.frame.marks import data

Select = tuple[str, str, Mapping[str, str], str]
"""Name of the option, label, value → text, chosen value."""


def choices(selects: Sequence[Select]) -> list[Component]:
    """Labeled selects of page options."""
    return [
        html.Label(
            [
                html.Span(label),
                html.Select(
                    [
                        html.Option(words, value=value, selected=value == chosen)
                        for value, words in values.items()
                    ],
                    className="form-select small-select",
                    key=f"{name}-{'-'.join(values)}-{chosen}",
                    **data(option=name),
                ),
            ]
        )
        for name, label, values, chosen in selects
    ]
