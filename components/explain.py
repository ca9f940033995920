"""The Explain page: a model, its version and zone, and a card for each thing known of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from dash import html
from dash.development.base_component import Component

from components.marks import data
from components.models_ids import ExplainIds


def explain() -> Component:
    """The page before its first answer."""
    return html.Main(
        [
            html.H1("Explain", className="visually-hidden"),
            html.Div(id=ExplainIds.CHOICES, className="choices explain-choices"),
            html.P(id=ExplainIds.SAID, className="explain-said", role="status"),
            html.Div(id=ExplainIds.CARDS, className="explain-cards"),
        ],
        className="explain",
        id="content",
        tabIndex=-1,
    )


def choices(selects: Sequence[tuple[str, str, Mapping[str, str], str]]) -> list[Component]:
    """Selects of the page: option's name, label, value → words, chosen value."""
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
                    key=f"{name}-{'-'.join(values)}",
                    **data(option=name),
                ),
            ]
        )
        for name, label, values, chosen in selects
    ]
