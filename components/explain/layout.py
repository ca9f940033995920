"""Layout of the Explain page."""

from __future__ import annotations

from collections.abc import Sequence

from dash import html
from dash.development.base_component import Component

from components.explain.ids import ExplainIds
from components.frame.states import notice

NO_VERSION = "No version to explain yet. Train one on the Models page, or run patroliq train."
OF_ZONES = ("short", "lifts", "lifts", "hours", "rules", "map", "stability", "silhouettes")
OF_A_FORECAST = ("short", "importance-group", "importance-feature", "dependence")


def explain(awaited: Sequence[str]) -> Component:
    """The page before its first answer.

    Parameters
    ----------
    awaited
        Which cards the version will have, `OF_ZONES` or `OF_A_FORECAST`; empty without a version.
    """
    cards = [html.Section(className=f"card explain-{one}") for one in awaited]
    return html.Main(
        [
            html.H1("Explain", className="visually-hidden"),
            html.Div(id=ExplainIds.CHOICES, className="choices explain-choices"),
            html.P(id=ExplainIds.SAID, className="explain-said", role="status"),
            html.Div(cards or notice(NO_VERSION), id=ExplainIds.CARDS, className="explain-cards"),
        ],
        className="explain",
        id="content",
        tabIndex=-1,
    )
