"""Charts of the Overview: incidents a week, and hours of the day."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import plotly.graph_objects as go
import polars as pl

from analytics.formats import hour_name, number, short_date
from analytics.statistics.two_periods import Period
from components.frame.coverage import reservations
from components.frame.figures.axes import hour_ticks
from components.frame.figures.interventions import InterventionMark, mark_interventions
from components.frame.theme import Theme, color, template
from components.frame.variables import quantity

MIDDLE = timedelta(days=3)


@dataclass(frozen=True)
class Shaded:
    """A shaded period; `counted` for the one that the page counts."""

    period: Period
    label: str
    counted: bool = False


def weeks_figure(
    weeks: pl.DataFrame,
    shaded: Sequence[Shaded],
    theme: Theme,
    marks: Sequence[InterventionMark] = (),
) -> go.Figure:
    """Bars of weeks with their moving average.

    Parameters
    ----------
    weeks
        As `analytics.temporal.series.Series.frame`, of weeks.
    shaded
        Periods to mark.
    marks
        Interventions to mark.
    """
    rows = weeks.to_dicts()
    middles = [(row["start"] + MIDDLE).isoformat() for row in rows]
    highest = max((row["incidents"] for row in rows), default=0)
    figure = go.Figure(
        [
            go.Bar(
                x=middles,
                y=[row["incidents"] for row in rows],
                width=6.2 * 86_400_000,
                marker={
                    "color": [
                        color(theme, "mark" if _counted(row, shaded) else "mark-muted")
                        for row in rows
                    ],
                    "pattern": {
                        "shape": ["/" if row["provisional"] else "" for row in rows],
                        "size": 5,
                        "solidity": 0.3,
                        "fgcolor": color(theme, "surface"),
                    },
                },
                hovertext=[_week_hover(row) for row in rows],
                hoverinfo="text",
            ),
            go.Scatter(
                x=middles,
                y=[None if row["provisional"] else row["average"] for row in rows],
                mode="lines",
                line={"color": color(theme, "line"), "width": 1.4},
                hoverinfo="skip",
            ),
        ],
        layout=_layout(theme),
    )
    figure.update_layout(
        shapes=[_shade(one, theme) for one in shaded],
        annotations=[_name(one, weeks, theme) for one in shaded if one.label],
    )
    if rows:
        mark_interventions(figure, marks, (rows[0]["start"], rows[-1]["end"]), theme)
    figure.update_xaxes(type="date")
    figure.update_yaxes(range=[0, max(highest, 1) * 1.16], nticks=5, tickformat=",d")
    return figure


def hours_figure(now: Sequence[float], before: Sequence[float] | None, theme: Theme) -> go.Figure:
    """Bars of incidents a day by hour, and a line for the year before."""
    hours = list(range(24))
    hover = [
        f"{hour_name(hour)}: {number(now[hour], 2)} a day"
        + (f", {number(before[hour], 2)} in the year before" if before else "")
        for hour in hours
    ]
    figure = go.Figure(
        go.Bar(
            x=hours,
            y=list(now),
            width=0.8,
            marker={"color": color(theme, "mark")},
            hovertext=hover,
            hoverinfo="text",
        ),
        layout=_layout(theme),
    )
    if before:
        figure.add_scatter(
            x=hours,
            y=list(before),
            mode="lines",
            line={"color": color(theme, "line"), "width": 1.4, "shape": "hvh"},
            hoverinfo="skip",
        )
    highest = max([*now, *(before or ())], default=0)
    figure.update_xaxes(range=[-0.6, 23.6], **hour_ticks())
    figure.update_yaxes(range=[0, max(highest, 0.001) * 1.08], nticks=4)
    return figure


def _layout(theme: Theme) -> dict[str, Any]:
    return {
        "template": template(theme),
        "margin": {"l": 40, "r": 8, "t": 4, "b": 22},
        "dragmode": False,
        "hovermode": "closest",
        "bargap": 0,
        "xaxis": {"fixedrange": True, "showgrid": False},
        "yaxis": {"fixedrange": True, "rangemode": "tozero"},
    }


def _counted(row: dict[str, Any], shaded: Sequence[Shaded]) -> bool:
    """Whether most days of a week are in the period that the page counts."""
    middle = row["start"] + MIDDLE
    return any(one.counted and one.period[0] <= middle <= one.period[1] for one in shaded)


def _week_hover(row: dict[str, Any]) -> str:
    text = f"{short_date(row['start'])} to {short_date(row['end'])}: {quantity(row['incidents'])}"
    days = None if row["complete"] else row["days"]
    return text + reservations(days, provisional=row["provisional"])


def _shade(one: Shaded, theme: Theme) -> dict[str, Any]:
    first, last = one.period
    return {
        "type": "rect",
        "xref": "x",
        "yref": "paper",
        "x0": first.isoformat(),
        "x1": (last + timedelta(days=1)).isoformat(),
        "y0": 0,
        "y1": 1,
        "layer": "below",
        "line": {"width": 0},
        "fillcolor": color(theme, "seq-1" if one.counted else "grid"),
    }


def _name(one: Shaded, weeks: pl.DataFrame, theme: Theme) -> dict[str, Any]:
    first, last = one.period
    middle = first + (last - first) / 2
    late = middle > weeks["start"][-1 - min(4, weeks.height - 1)]  # no room on its right
    return {
        "text": one.label,
        "x": (last if late else middle).isoformat(),
        "xanchor": "right" if late else "center",
        "y": 1,
        "xref": "x",
        "yref": "paper",
        "yanchor": "top",
        "showarrow": False,
        "font": {"size": 11, "color": color(theme, "text-muted")},
    }
