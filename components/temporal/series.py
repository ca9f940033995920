"""Figure of a series by week or month with average, trend, levels and season."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import plotly.graph_objects as go
import polars as pl

from analytics.formats import month_year, number, short_date
from analytics.statistics.two_periods import Period
from components.frame.coverage import reservations
from components.frame.figures.axes import brush
from components.frame.figures.interventions import InterventionMark, mark_interventions
from components.frame.theme import Theme, color, template

DAY_MS = 86_400_000


@dataclass(frozen=True)
class ChangeMark:
    """A change of level: its day, the interval of the day, and its hover text."""

    day: date
    earliest: date
    latest: date
    hover: str


@dataclass(frozen=True)
class SeriesLines:
    """Lines over the settled steps: first days, and the values of each line."""

    starts: Sequence[date]
    trend: Sequence[float] = ()
    season: Sequence[float] = ()
    levels: Sequence[float] = ()
    changes: Sequence[ChangeMark] = ()
    interventions: Sequence[InterventionMark] = ()


def series_figure(
    frame: pl.DataFrame,
    step: str,
    parts: SeriesLines,
    theme: Theme,
    *,
    chosen: Period | None,
    per_day: bool = True,
) -> go.Figure:
    """Bars that filter by their week or month, lines over them, and the season in a strip below.

    Parameters
    ----------
    frame
        `analytics.temporal.series.IncidentSeries.frame`.
    step
        `week` or `month`.
    per_day
        Whether months are shown as incidents per day.
    """
    figure = go.Figure(layout=_layout(theme, frame, bool(parts.season)))
    figure.add_traces([_bars(frame, step, theme, chosen, per_day), _average(frame, theme)])
    if parts.trend:
        figure.add_trace(_line(parts.starts, parts.trend, step, color(theme, "more"), 2))
    if parts.changes:
        levels = _line(parts.starts, parts.levels, step, color(theme, "accent"), 2)
        levels.line.update(shape="hvh", dash="dash")
        figure.add_trace(levels)
        _mark_changes(figure, parts.changes, frame, theme)
    if frame.height:
        shown = frame["start"][0], frame["end"][-1]
        mark_interventions(figure, parts.interventions, shown, theme)
    if parts.season:
        season = _line(parts.starts, parts.season, step, color(theme, "mark"), 1.4)
        season.update(yaxis="y2", fill="tozeroy", fillcolor=color(theme, "seq-1"))
        figure.add_trace(season)
    return figure


def _bars(
    frame: pl.DataFrame,
    step: str,
    theme: Theme,
    chosen: Period | None,
    per_day: bool,
) -> go.Bar:
    rows = frame.to_dicts()
    daily = step == "month" and per_day
    rates = [row["incidents"] / (row["days"] if daily else 1) for row in rows]
    widths = [((row["end"] - row["start"]).days + 1) * DAY_MS * 0.86 for row in rows]
    return go.Bar(
        x=[_middle(row["start"], row["end"]) for row in rows],
        y=rates,
        width=widths,
        marker={
            "color": [_shade(row, chosen, theme) for row in rows],
            "line": {"width": 0},
            "opacity": [0.75 if row["complete"] else 0.3 for row in rows],
            "pattern": {
                "shape": ["/" if row["provisional"] else "" for row in rows],
                "size": 4,
                "solidity": 0.45,
                "fillmode": "replace",
            },
        },
        customdata=[f"{row['start'].isoformat()}..{row['end'].isoformat()}" for row in rows],
        hovertext=[_hover(row, rate, step, daily) for row, rate in zip(rows, rates, strict=True)],
        hoverinfo="text",
        meta="date",
    )


def _shade(row: dict[str, Any], chosen: Period | None, theme: Theme) -> str:
    if chosen is None:
        return color(theme, "mark-muted")
    inside = row["start"] <= chosen[1] and row["end"] >= chosen[0]
    return color(theme, "selected" if inside else "mark-muted")


def _average(frame: pl.DataFrame, theme: Theme) -> go.Scatter:
    return go.Scatter(
        x=[_middle(*pair) for pair in frame.select("start", "end").iter_rows()],
        y=frame["average"].to_list(),
        mode="lines",
        line={"color": color(theme, "line"), "width": 1.4},
        hoverinfo="skip",
    )


def _line(
    starts: Sequence[date], values: Sequence[float], step: str, shade: str, width: float
) -> go.Scatter:
    half = timedelta(days=3 if step == "week" else 15)
    return go.Scatter(
        x=[(start + half).isoformat() for start in starts],
        y=list(values),
        mode="lines",
        line={"color": shade, "width": width},
        hoverinfo="skip",
    )


def _mark_changes(
    figure: go.Figure, changes: Sequence[ChangeMark], frame: pl.DataFrame, theme: Theme
) -> None:
    highest = float(frame["value"].max() or 1)  # type: ignore[arg-type]
    for change in changes:
        figure.add_shape(
            type="rect",
            x0=change.earliest.isoformat(),
            x1=change.latest.isoformat(),
            y0=0,
            y1=1,
            yref="y domain",
            fillcolor=color(theme, "accent"),
            opacity=0.09,
            line_width=0,
            layer="below",
        )
    figure.add_trace(
        go.Scatter(
            x=[change.day.isoformat() for change in changes],
            y=[highest * 1.05] * len(changes),
            mode="markers",
            marker={"symbol": "triangle-down", "size": 11, "color": color(theme, "accent")},
            hovertext=[change.hover for change in changes],
            hoverinfo="text",
        )
    )


def _middle(start: date, end: date) -> str:
    return (start + (end - start) / 2).isoformat()


def _hover(row: dict[str, Any], rate: float, step: str, daily: bool) -> str:
    name = f"Week from {short_date(row['start'])}" if step == "week" else month_year(row["start"])
    fact = f"{name}: {number(row['incidents'])} incidents"
    if daily:
        fact += f", {number(rate, 1)} a day"
    days = None if row["complete"] else row["days"]
    return fact + reservations(days, provisional=row["provisional"])


def _layout(theme: Theme, frame: pl.DataFrame, season: bool) -> dict[str, Any]:
    edge = timedelta(days=2)
    layout: dict[str, Any] = {
        "template": template(theme),
        "margin": {"l": 46, "r": 8, "t": 6, "b": 22},
        **brush(theme, "h"),
        "hovermode": "closest",
        "bargap": 0,
        "xaxis": {
            "type": "date",
            "fixedrange": True,
            "showgrid": False,
            "range": [
                (frame["start"][0] - edge).isoformat(),
                (frame["end"][-1] + edge).isoformat(),
            ]
            if frame.height
            else None,
        },
        "yaxis": {
            "fixedrange": True,
            "nticks": 5,
            "tickformat": ",~r",
            "rangemode": "tozero",
            "domain": [0.3 if season else 0, 1],
        },
    }
    if season:
        layout["yaxis2"] = {
            "fixedrange": True,
            "nticks": 3,
            "domain": [0, 0.22],
            "anchor": "x",
            "zeroline": True,
            "zerolinecolor": color(theme, "border"),
        }
    return layout
