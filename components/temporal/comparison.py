"""Figure that compares two periods or selections by hour and weekday, with intervals."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import plotly.graph_objects as go

from analytics.formats import hour_name, number, numbers, percent, percents
from components.frame.theme import Theme, color, template
from components.frame.variables import WEEKDAYS

OFFSET = 0.14


@dataclass(frozen=True)
class ComparisonSeries:
    """Estimates of bins in order, with their intervals; None if unknown."""

    name: str
    values: Sequence[float | None]
    low: Sequence[float | None]
    high: Sequence[float | None]


def comparison_figure(
    hours: tuple[ComparisonSeries, ComparisonSeries | None],
    weekdays: tuple[ComparisonSeries, ComparisonSeries | None],
    theme: Theme,
    *,
    shares: bool,
) -> go.Figure:
    """Dots with intervals: the selection as circles, its comparison as diamonds.

    Parameters
    ----------
    hours, weekdays
        Of the selection and its comparison; 24 and 7 bins.
    shares
        Whether values are shares, else incidents per week.
    """
    figure = go.Figure(layout=_layout(theme, shares))
    for axis, pair in (("", hours), ("2", weekdays)):
        for series, side in zip(pair, (-1, 1), strict=True):
            if series is not None:
                figure.add_traces(_traces(series, (side, axis), theme, shares=shares))
    return figure


def _traces(
    series: ComparisonSeries, where: tuple[int, str], theme: Theme, *, shares: bool
) -> list[go.Scatter]:
    side, axis = where
    own = side < 0
    bins = _bins(axis)
    shade = color(theme, "mark" if own else "more")
    at = [one + side * OFFSET for one in bins]
    xs: list[float | None] = []
    ys: list[float | None] = []
    for place, low, high in zip(at, series.low, series.high, strict=True):
        if low is not None and high is not None:
            xs += [place, place, None]
            ys += [low, high, None]
    on = {"xaxis": f"x{axis}", "yaxis": f"y{axis}"}
    dimension = "hour" if axis == "" else "weekday"
    return [
        go.Scatter(
            x=xs, y=ys, mode="lines", line={"color": shade, "width": 1.6}, hoverinfo="skip", **on
        ),
        go.Scatter(
            x=at,
            y=list(series.values),
            mode="lines+markers",
            line={"color": shade, "width": 1, "dash": "solid" if own else "dot"},
            marker={"size": 6, "color": shade, "symbol": "circle" if own else "diamond"},
            customdata=[str(one) for one in bins],
            hovertext=_hovers(series, bins, axis, shares),
            hoverinfo="text",
            meta=dimension,
            **on,
        ),
    ]


def _bins(axis: str) -> list[int]:
    return list(range(24)) if axis == "" else list(range(1, 8))


def _hovers(series: ComparisonSeries, bins: Sequence[int], axis: str, shares: bool) -> list[str]:
    hovers = []
    for one, value, low, high in zip(bins, series.values, series.low, series.high, strict=True):
        name = hour_name(one) if axis == "" else WEEKDAYS[one - 1]
        text = percent(value) if shares else f"{number(value, 1)} a week"
        if low is not None and high is not None:
            ends = percents(low, high) if shares else numbers(low, high, 1)
            text += f" ({ends})"
        hovers.append(f"{name}: {text}, {series.name}")
    return hovers


def _layout(theme: Theme, shares: bool) -> dict[str, Any]:
    fixed = {"fixedrange": True, "showgrid": False}
    scale = {
        "fixedrange": True,
        "nticks": 5,
        "rangemode": "tozero",
        "tickformat": ".0%" if shares else ",.3~g",
    }
    return {
        "template": template(theme),
        "margin": {"l": 44, "r": 8, "t": 6, "b": 22},
        "dragmode": False,
        "hovermode": "closest",
        "xaxis": {
            **fixed,
            "domain": [0, 0.66],
            "range": [-0.6, 23.6],
            "tickvals": [0, 6, 12, 18],
            "ticktext": [hour_name(hour) for hour in (0, 6, 12, 18)],
        },
        "xaxis2": {
            **fixed,
            "domain": [0.73, 1],
            "range": [0.4, 7.6],
            "tickvals": list(range(1, 8)),
            "ticktext": [day[0] for day in WEEKDAYS],  # no room for more on a phone
            "tickangle": 0,
            "anchor": "y2",
        },
        "yaxis": scale,
        "yaxis2": {**scale, "anchor": "x2"},
    }
