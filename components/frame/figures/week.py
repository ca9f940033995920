"""Hour × weekday heatmap of counts, rates or deviations, whose cells can be chosen."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import plotly.graph_objects as go

from analytics.formats import week
from components.frame.figures.axes import BARE, brush, hour_ticks, weekday_rows
from components.frame.figures.hours import HoursSelected, cell_keys
from components.frame.theme import Theme, color, colorscale, template

WIDEST = 1.5
"""Base-2 logarithm of the deviation with the full color: 2^1.5 is 2.8 times."""


def week_figure(
    values: npt.NDArray[np.float64],
    hover_texts: Sequence[str],
    selected: HoursSelected,
    theme: Theme,
    *,
    diverging: bool = False,
) -> go.Figure:
    """A heatmap whose cells choose hours of the week.

    Parameters
    ----------
    values : array of shape (7, 24)
        Monday first, also where weeks start on Sunday; NaN is blank. If `diverging`, ratios: 1 is
        no difference.
    hover_texts : sequence of 168 texts
        Hover text of each cell, Monday first, row by row.
    """
    order = [day - 1 for day in week()]
    scale: dict[str, Any] = {"colorscale": colorscale(theme), "zmin": 0}
    shown = values
    if diverging:
        shown = np.clip(np.log2(values), -WIDEST, WIDEST)
        scale = {"colorscale": diverging_scale(theme), "zmin": -WIDEST, "zmax": WIDEST}
    hours, days = list(range(24)), list(range(1, 8))
    chosen = [
        color(theme, "selected") if selected and selected.has(day, hour) else "rgba(0,0,0,0)"
        for day in week()
        for hour in hours
    ]
    kept = {"marker": {"opacity": 1}}
    heat = go.Heatmap(
        x=hours,
        y=days,
        z=_blank(shown[order]),
        xgap=1,
        ygap=1,
        hoverinfo="skip",
        showscale=False,
        **scale,
    )
    cells = go.Scatter(
        x=hours * 7,
        y=[day for day in days for _ in hours],
        mode="markers",
        marker={
            "symbol": "square",
            "size": 15,
            "color": "rgba(0,0,0,0)",
            "line": {"width": 2, "color": chosen},
        },
        customdata=cell_keys(),
        hovertext=[hover_texts[24 * day + hour] for day in order for hour in hours],
        hoverinfo="text",
        selected=kept,
        unselected=kept,
        meta="hour_weekday",
    )
    return go.Figure([heat, cells], _layout(theme))


def diverging_scale(theme: Theme) -> list[tuple[float, str]]:
    """Purple for less, orange for more, the surface between."""
    ends = (color(theme, "less"), color(theme, "raised"), color(theme, "more"))
    return list(zip((0.0, 0.5, 1.0), ends, strict=True))


def _blank(values: npt.NDArray[np.float64]) -> list[list[float | None]]:
    return [[None if np.isnan(one) else float(one) for one in row] for row in values]


def _layout(theme: Theme) -> dict[str, Any]:
    return {
        "template": template(theme),
        "margin": {"l": 36, "r": 6, "t": 4, "b": 22},
        **brush(theme, "any"),
        "hovermode": "closest",
        "hoverdistance": 30,
        "xaxis": {**BARE, "range": [-0.5, 23.5], **hour_ticks()},
        "yaxis": weekday_rows(),
    }
