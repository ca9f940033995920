"""Figure of the months of the year compared with their year."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import plotly.graph_objects as go

from analytics.formats import short_month
from components.frame.theme import Theme, color, template


@dataclass(frozen=True)
class MonthMark:
    """One month; `index` is relative to the mean of its year, which is 1."""

    month: int
    index: float
    low: float | None
    high: float | None
    hover: str
    significant: bool


def seasons_figure(months: Sequence[MonthMark], theme: Theme) -> go.Figure:
    """A dot with its interval for each month, and a line at the mean of the year."""
    shades = [
        color(theme, "more" if one.index > 1 else "less")
        if one.significant
        else color(theme, "text-muted")
        for one in months
    ]
    known = [one for one in months if one.low is not None and one.high is not None]
    bars: list[float | str | None] = []
    ends: list[float | None] = []
    for one in known:
        bars += [short_month(one.month), short_month(one.month), None]
        ends += [one.low, one.high, None]
    figure = go.Figure(
        [
            go.Scatter(
                x=bars,
                y=ends,
                mode="lines",
                line={"color": color(theme, "text-muted"), "width": 1.6},
                hoverinfo="skip",
            ),
            go.Scatter(
                x=[short_month(one.month) for one in months],
                y=[one.index for one in months],
                mode="markers",
                marker={"size": 9, "color": shades},
                hovertext=[one.hover for one in months],
                hoverinfo="text",
            ),
        ]
    )
    names = [short_month(month) for month in range(1, 13)]
    figure.update_layout(
        template=template(theme),
        margin={"l": 46, "r": 8, "t": 6, "b": 22},
        dragmode=False,
        hovermode="closest",
        xaxis={"fixedrange": True, "categoryarray": names, "categoryorder": "array"},
        yaxis={"fixedrange": True, "nticks": 6, "tickformat": ".2f"},
    )
    figure.update_xaxes(type="category", showgrid=False, range=[-0.6, 11.6])
    figure.add_hline(y=1, line={"color": color(theme, "border"), "width": 1})
    return figure
