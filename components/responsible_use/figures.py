"""Figures of the page Responsible use: the frontier of plans, and the trend over plans."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import plotly.graph_objects as go

from analytics.fairness.frontier import FrontierPlan
from analytics.fairness.stored_evaluation import PlanFrontier, PlanPoint
from analytics.formats import month_day, number, percent, short_date
from components.frame.theme import Theme, color, template

MOST_TICKS = 6


@dataclass(frozen=True)
class FrontierPoint:
    """A plan of finite ratio: its ratio, its capture, and that as a share of the most."""

    ratio: float
    captured: float
    share: float
    moved: float


def frontier_points(found: PlanFrontier) -> tuple[list[FrontierPoint], FrontierPoint | None]:
    """Plans of the frontier and the compared one; those of no finite ratio are left out."""
    most = found.plans[0].captured

    def point(one: FrontierPlan) -> FrontierPoint | None:
        if one.disparity is None or most <= 0:
            return None
        return FrontierPoint(one.disparity, one.captured, one.captured / most, one.moved)

    points = [shown for one in found.plans if (shown := point(one)) is not None]
    return points, point(found.chosen)


def frontier_figure(found: PlanFrontier, theme: Theme) -> go.Figure:
    """Capture by the highest ratio of an area; the compared plan is marked."""
    points, chosen = frontier_points(found)
    figure = go.Figure(layout=_layout(theme, "Highest ratio of patrol time to reported harm"))
    figure.update_yaxes(title={"text": "Capture, % of no limit"}, ticksuffix="%", nticks=6)
    figure.add_trace(
        go.Scatter(
            x=[one.ratio for one in points],
            y=[100 * one.share for one in points],
            mode="lines+markers",
            line={"color": color(theme, "mark"), "width": 2},
            marker={"size": 7, "color": color(theme, "mark")},
            hovertext=[_hover(one) for one in points],
            hoverinfo="text",
        )
    )
    if chosen is not None:
        figure.add_trace(
            go.Scatter(
                x=[chosen.ratio],
                y=[100 * chosen.share],
                mode="markers+text",
                marker={"size": 12, "color": color(theme, "selected"), "symbol": "diamond"},
                text=["This plan"],
                textposition="bottom right",
                textfont={"color": color(theme, "selected")},
                hovertext=[f"This plan. {_hover(chosen)}"],
                hoverinfo="text",
            )
        )
    return figure


def _hover(one: FrontierPoint) -> str:
    return (
        f"Highest ratio {number(one.ratio, 2)}: {number(one.captured, 2)} within reach, "
        f"{percent(one.share)} of no limit; {percent(one.moved)} of patrol time to move"
    )


def trend_figure(points: Sequence[PlanPoint], names: dict[str, str], theme: Theme) -> go.Figure:
    """The highest ratio of each plan, in the order of their days."""
    figure = go.Figure(layout=_layout(theme, ""))
    figure.update_yaxes(rangemode="tozero", nticks=6)
    places = list(range(len(points)))
    every = max(1, -(-len(points) // MOST_TICKS))
    figure.update_xaxes(
        range=[-0.5, max(len(points) - 0.5, 0.5)],
        tickvals=places[::every],
        ticktext=[month_day(one.day) for one in points[::every]],
    )
    figure.add_hline(y=1.0, line={"color": color(theme, "text-muted"), "width": 1, "dash": "dot"})
    figure.add_trace(
        go.Scatter(
            x=places,
            y=[one.highest for one in points],
            mode="lines+markers",
            line={"color": color(theme, "mark"), "width": 2},
            marker={"size": 7},
            hovertext=[
                f"Plan {one.plan}, {one.shift} of {short_date(one.day)}: "
                f"{names.get(one.area, one.area)} {number(one.highest, 2)}; "
                f"{percent(one.moved)} of patrol time to move"
                for one in points
            ],
            hoverinfo="text",
        )
    )
    return figure


def _layout(theme: Theme, title: str) -> dict[str, Any]:
    return {
        "template": template(theme),
        "margin": {"l": 56, "r": 12, "t": 8, "b": 42 if title else 26},
        "dragmode": False,
        "hovermode": "closest",
        "showlegend": False,
        "xaxis": {"fixedrange": True, "title": {"text": title}, "nticks": 7},
        "yaxis": {"fixedrange": True},
    }
