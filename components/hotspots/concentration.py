"""The concentration card: how few blocks hold how much of the selection's crime."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import plotly.graph_objects as go
from dash import html
from dash.development.base_component import Component

from analytics.formats import number, percent
from analytics.hotspots.concentration import Concentration
from components.frame.card import IMAGES, Menu, card, graph
from components.frame.figures.axes import share_ticks
from components.frame.tables import table
from components.frame.theme import Theme, color, template
from components.frame.variables import quantity
from components.hotspots.ids import HotspotIds


@dataclass(frozen=True)
class PlaceUnit:
    """What places are called, one and several."""

    one: str
    many: str

    @property
    def title(self) -> str:
        return self.many[:1].upper() + self.many[1:]


PLACES = {True: PlaceUnit("block", "blocks"), False: PlaceUnit("point", "points")}
"""By whether the source names blocks; otherwise each recorded point is a place."""
PARTS = (0.01, 0.02, 0.05, 0.1, 0.25, 0.5)
"""Shares of places in the table."""
ABOUT = (
    "Blocks are ranked by their incidents of the current selection, busiest first; the curve shows "
    "the share of the incidents that they hold together. The dotted line is the most even spread "
    "possible. Blocks count if this data has an incident of any kind on them, inside the selected "
    "areas and places, even without an incident of the selection; streets that never had a "
    "recorded incident are unknown. Where the source names no blocks, each point is a place. "
    "Incidents without coordinates, and by default those recorded at stations, courts and "
    "hospitals, are left out. The generalized Gini is 0 for the "
    "most even spread and 1 if one block holds everything; unlike the plain Gini it does not "
    "rise only because there are fewer incidents than blocks."
)


def concentration_card() -> Component:
    """The card before its first answer."""
    return card(
        "Concentration",
        [
            graph(HotspotIds.CONCENTRATION, class_name="concentration-curve"),
            html.Div(id=HotspotIds.CONCENTRATION_WORDS, className="concentration-words"),
        ],
        id=HotspotIds.CONCENTRATION_CARD,
        unit="share of incidents by share of blocks",
        menu=Menu(IMAGES, HotspotIds.CONCENTRATION_NUMBERS, ABOUT),
        class_name="card-concentration",
    )


def lorenz_figure(found: Concentration | None, theme: Theme, unit: PlaceUnit) -> go.Figure:
    """Lorenz curve, busiest blocks first, with the blocks that hold half; may be empty."""
    fixed = {"fixedrange": True, **share_ticks(1)}
    # As one dictionary: Plotly validates a figure again for every call that changes it.
    return go.Figure(
        {
            "data": _curves(found, theme, unit) if found else [],
            "layout": {
                "template": template(theme),
                "dragmode": False,
                "xaxis": {
                    **fixed,
                    "range": [0, 1.005],
                    "title": {"text": f"{unit.title}, busiest first"},
                },
                "yaxis": {**fixed, "range": [0, 1.02], "title": {"text": "Incidents"}},
                "margin": {"l": 52, "r": 22, "t": 6, "b": 38},
                "hovermode": "closest",
            },
        }
    )


def _curves(found: Concentration, theme: Theme, unit: PlaceUnit) -> list[dict[str, Any]]:
    """The most even spread, the curve, and the blocks that hold half."""
    even = min(found.incidents / found.places, 1.0)
    return [
        {
            "type": "scatter",
            "x": [0, even, 1],
            "y": [0, 1, 1],
            "mode": "lines",
            "line": {"color": color(theme, "outline"), "width": 1, "dash": "dot"},
            "hoverinfo": "skip",
        },
        {
            "type": "scatter",
            "x": found.curve[:, 0].tolist(),
            "y": found.curve[:, 1].tolist(),
            "mode": "lines",
            "line": {"color": color(theme, "mark"), "width": 2},
            "hovertext": [
                f"{percent(x)} of {unit.many}: {percent(y)} of incidents" for x, y in found.curve
            ],
            "hoverinfo": "text",
        },
        {
            "type": "scatter",
            "x": [found.half_share],
            "y": [0.5],
            "mode": "markers",
            "marker": {"color": color(theme, "line"), "size": 8},
            "hovertext": [f"{percent(found.half_share)} of {unit.many} hold half"],
            "hoverinfo": "text",
        },
    ]


def concentration_words(found: Concentration, whose: str, unit: PlaceUnit) -> list[Component]:
    """The places that hold half of the incidents (`whose`), the Gini, and what was counted."""
    half = round(found.half_share * found.places)
    return [
        html.P(
            [
                f"Half of {whose} is on ",
                html.Strong(f"{percent(found.half_share)} of {unit.many}"),
                f": {number(half)} of {number(found.places)}.",
            ]
        ),
        html.P(f"Generalized Gini {number(found.generalized_gini, 2)}."),
        html.P(
            f"{quantity(found.incidents)} on the {number(found.places)} {unit.many} with an "
            "incident of any kind in this data; others are unknown.",
            className="quiet",
        ),
    ]


def concentration_table(found: Concentration, unit: PlaceUnit) -> html.Table:
    """The same numbers as a table: shares of the busiest places, and both coefficients."""
    rows = [
        [f"Busiest {percent(part, 0)} of {unit.many}", percent(found.held_by(part))]
        for part in PARTS
    ]
    return table(
        ["Concentration", "Value"],
        [
            *rows,
            [f"{unit.title} that hold half", percent(found.half_share)],
            ["Generalized Gini", number(found.generalized_gini, 3)],
            ["Gini", number(found.gini, 3)],
            [unit.title, number(found.places)],
            ["Incidents", number(found.incidents)],
        ],
    )
