"""What each more unit adds, as bars."""

from __future__ import annotations

from collections.abc import Sequence

import plotly.graph_objects as go

from analytics.formats import number
from analytics.patrol.plan_content import UnitStep
from components.frame.theme import Theme, color, template


def curve_figure(steps: Sequence[UnitStep], more: UnitStep | None, theme: Theme) -> go.Figure:
    """Bars of the units in the order given, and of one more unit."""
    figure = go.Figure(
        layout={
            "template": template(theme),
            "margin": {"l": 48, "r": 8, "t": 6, "b": 38},
            "dragmode": False,
            "hovermode": "closest",
            "bargap": 0.15,
            "xaxis": {"fixedrange": True, "showgrid": False, "title": {"text": "Unit"}},
            "yaxis": {"fixedrange": True, "rangemode": "tozero", "nticks": 5},
        }
    )
    shown = [*steps, *([more] if more else [])]
    figure.add_trace(
        go.Bar(
            x=list(range(1, len(shown) + 1)),
            y=[one.adds for one in shown],
            marker={
                "color": [color(theme, "mark")] * len(steps) + [color(theme, "surface")],
                "line": {"color": color(theme, "mark"), "width": 1},
            },
            hovertext=[_hover(at, one, len(steps)) for at, one in enumerate(shown, 1)],
            hoverinfo="text",
        )
    )
    return figure


def _hover(at: int, step: UnitStep, units: int) -> str:
    who = f"Unit {at}" if at <= units else "One more unit"
    return f"{who}, area {step.area}: {number(step.adds, 3)} more expected within reach"
