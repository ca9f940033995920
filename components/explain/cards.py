"""Parts of the Explain page's cards: sentence, figure, numbers."""

from __future__ import annotations

from typing import Any

from dash import dcc, html
from dash.development.base_component import Component

from components.frame.attributes import aria
from components.frame.card import graph_config


def said(meaning: str, caveat: str) -> html.P:
    """How to read a card, and what it does not show."""
    return html.P([meaning, " ", html.Em(caveat)], className="card-said")


def scrolls(body: Component, label: str) -> html.Div:
    """A container that scrolls, also by keyboard."""
    return html.Div(body, className="scrolls", tabIndex=0, role="group", **aria(label=label))


def graph(figure: Any, label: str) -> html.Div:
    """A figure with a label for screen readers."""
    drawn = dcc.Graph(figure=figure, config=graph_config(), responsive=True, className="graph")
    return html.Div(drawn, className="graph-box", role="img", **aria(label=label))


def numbers(rows: Component) -> html.Details:
    """The numbers of a figure, folded."""
    return html.Details(
        [html.Summary("The same numbers as a table"), scrolls(rows, "The same numbers")],
        className="numbers-below",
    )
