"""Figure that compares two periods or selections by hour and weekday, with intervals."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import plotly.graph_objects as go

from analytics.formats import (
    hour_name,
    number,
    numbers,
    percent,
    percents,
    short_weekday,
    week,
)
from components.frame.figures.axes import hour_ticks, share_ticks
from components.frame.theme import Theme, color, template

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
        Of the selection and its comparison; 24 bins, and 7 in the order of the week.
    shares
        Whether values are shares, else incidents per week.
    """
    hours_scale, weekdays_scale = (_scale(pair, shares) for pair in (hours, weekdays))
    figure = go.Figure(layout=_layout(theme, hours_scale, weekdays_scale))
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
    keys = list(range(24)) if axis == "" else list(week())
    bins = range(24) if axis == "" else range(1, 8)
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
            customdata=[str(key) for key in keys],
            hovertext=_hovers(series, keys, axis, shares),
            hoverinfo="text",
            meta=dimension,
            **on,
        ),
    ]


def _hovers(series: ComparisonSeries, keys: Sequence[int], axis: str, shares: bool) -> list[str]:
    hovers = []
    for key, value, low, high in zip(keys, series.values, series.low, series.high, strict=True):
        name = hour_name(key) if axis == "" else short_weekday(key)
        text = percent(value) if shares else f"{number(value, 1)} a week"
        if low is not None and high is not None:
            ends = percents(low, high) if shares else numbers(low, high, 1)
            text += f" ({ends})"
        hovers.append(f"{name}: {text}, {series.name}")
    return hovers


def _scale(pair: tuple[ComparisonSeries, ComparisonSeries | None], shares: bool) -> dict[str, Any]:
    scale = {"fixedrange": True, "rangemode": "tozero"}
    if not shares:
        return {**scale, "nticks": 5, "tickformat": ",.3~g"}
    drawn = [ends for series in pair if series for ends in (*series.values, *series.high)]
    return {**scale, **share_ticks(max((end for end in drawn if end is not None), default=0))}


def _layout(
    theme: Theme, hours_scale: dict[str, Any], weekdays_scale: dict[str, Any]
) -> dict[str, Any]:
    fixed = {"fixedrange": True, "showgrid": False}
    return {
        "template": template(theme),
        "margin": {"l": 44, "r": 8, "t": 6, "b": 22},
        "dragmode": False,
        "hovermode": "closest",
        "xaxis": {
            **fixed,
            "domain": [0, 0.66],
            "range": [-0.6, 23.6],
            **hour_ticks(6),
        },
        "xaxis2": {
            **fixed,
            "domain": [0.73, 1],
            "range": [0.4, 7.6],
            "tickvals": list(range(1, 8)),
            "ticktext": [short_weekday(day)[0] for day in week()],  # no room for more on a phone
            "tickangle": 0,
            "anchor": "y2",
        },
        "yaxis": hours_scale,
        "yaxis2": {**weekdays_scale, "anchor": "x2"},
    }
