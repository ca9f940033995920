"""PAI of a champion over time: forecasts it was judged by before, and the weeks since."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

import plotly.graph_objects as go

from analytics.formats import number, numbers, short_date
from components.frame.theme import Theme, color, template

DAY = timedelta(days=1)


@dataclass(frozen=True)
class Week:
    """One forecast: its first and last day, PAI with its 95% interval, and incidents."""

    first: date
    last: date
    pai: float
    low: float
    high: float
    incidents: float
    since: bool  # after the champion was fitted

    @property
    def middle(self) -> str:
        """The moment half of it has passed, ISO 8601."""
        half = (self.last - self.first + DAY) / 2
        return (datetime.combine(self.first, time()) + half).isoformat()


def accuracy_figure(
    own: Sequence[Week],
    simple: Sequence[Week],
    theme: Theme,
    *,
    expected: tuple[float, float, float] | None = None,
    baseline: str = "",
    fitted: date | None = None,
) -> go.Figure:
    """PAI by week, with intervals, against the best simple forecaster.

    Parameters
    ----------
    expected
        PAI at training with its interval, a band behind the weeks.
    fitted
        First day after those the champion was fitted on, a line.
    """
    figure = go.Figure(layout=_layout(theme))
    if expected:
        figure.add_hrect(
            y0=expected[1], y1=expected[2], fillcolor=color(theme, "seq-0"), line_width=0,
            layer="below",
        )  # fmt: skip
    if fitted and own:
        figure.add_vline(
            x=fitted.isoformat(),
            line={"color": color(theme, "outline"), "dash": "dot", "width": 1},
        )
    figure.add_trace(_line(simple, theme, baseline))
    for since in (False, True):
        weeks = [week for week in own if week.since == since]
        figure.add_trace(_dots(weeks, theme, since))
    return figure


def _line(weeks: Sequence[Week], theme: Theme, baseline: str) -> go.Scatter:
    return go.Scatter(
        x=[week.middle for week in weeks],
        y=[week.pai for week in weeks],
        mode="lines+markers",
        line={"color": color(theme, "unknown"), "width": 1.2},
        marker={"size": 4, "symbol": "square"},
        hovertext=[_fact(week, baseline) for week in weeks],
        hoverinfo="text",
    )


def _dots(weeks: Sequence[Week], theme: Theme, since: bool) -> go.Scatter:
    shade = color(theme, "selected" if since else "mark")
    return go.Scatter(
        x=[week.middle for week in weeks],
        y=[week.pai for week in weeks],
        error_y={
            "type": "data",
            "symmetric": False,
            "array": [week.high - week.pai for week in weeks],
            "arrayminus": [week.pai - week.low for week in weeks],
            "thickness": 1,
            "width": 0,
            "color": shade,
        },
        mode="markers",
        marker={"color": shade, "size": 7, "symbol": "diamond" if since else "circle"},
        hovertext=[_fact(week, "this version") for week in weeks],
        hoverinfo="text",
    )


def _fact(week: Week, who: str) -> str:
    return (
        f"{short_date(week.first)} to {short_date(week.last)}, {who}: PAI {number(week.pai, 2)} "
        f"({numbers(week.low, week.high, 2)}) on {number(week.incidents)} incidents"
    )


def _layout(theme: Theme) -> dict[str, object]:
    return {
        "template": template(theme),
        "margin": {"l": 34, "r": 8, "t": 6, "b": 34},
        "hovermode": "closest",
        "dragmode": False,
        "xaxis": {"type": "date", "fixedrange": True, "showgrid": False},
        "yaxis": {"fixedrange": True, "rangemode": "tozero", "nticks": 5, "title": "PAI"},
    }
