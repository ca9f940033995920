"""Layout of the Explain page."""

from __future__ import annotations

from dash import html
from dash.development.base_component import Component

from components.explain.ids import ExplainIds


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
