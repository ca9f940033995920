"""PAI of a champion over time: its test forecasts, and the weeks since training."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

import plotly.graph_objects as go

from analytics.artifacts.champion_checks import ChampionCheck
from analytics.formats import number, numbers, short_date
from components.frame.drift import drift_sentence
from components.frame.theme import Theme, color, template

DAY = timedelta(days=1)


@dataclass(frozen=True)
class AccuracyWeek:
    """One forecast: its first and last day, PAI with its 95% interval, and incidents."""

    first: date
    last: date
    pai: float
    low: float
    high: float
    incidents: float
    since: bool  # after the training data of the champion

    @property
    def middle(self) -> str:
        """Its middle, ISO 8601."""
        half = (self.last - self.first + DAY) / 2
        return (datetime.combine(self.first, time()) + half).isoformat()


@dataclass(frozen=True)
class AccuracyHistory:
    """Accuracy of a champion week by week, and of its best baseline.

    Attributes
    ----------
    expected
        PAI at training with its interval.
    first_day
        First day after the training data.
    check
        The newest check on the weeks since.
    """

    own: Sequence[AccuracyWeek] = ()
    simple: Sequence[AccuracyWeek] = ()
    expected: tuple[float, ...] | None = None
    baseline: str = ""
    first_day: date | None = None
    check: ChampionCheck | None = field(default=None, repr=False)
    has_champion: bool = True


def accuracy_words(history: AccuracyHistory) -> str:
    """How the champion has done since training."""
    if not history.has_champion:
        return "This model has no champion."
    said = (
        drift_sentence(history.check)
        if history.check
        else "Not checked on later weeks yet; the worker does this after each load."
    )
    return f"{said} Gray: {history.baseline}." if history.own else said


def accuracy_figure(history: AccuracyHistory, theme: Theme) -> go.Figure:
    """PAI by week with intervals, and that of the best baseline.

    A band shows the PAI expected at training, a line the end of the training data.
    """
    figure = go.Figure(layout=_layout(theme))
    own, expected = history.own, history.expected
    if expected:
        figure.add_hrect(
            y0=expected[1], y1=expected[2], fillcolor=color(theme, "seq-0"), line_width=0,
            layer="below",
        )  # fmt: skip
    if history.first_day and own:
        figure.add_vline(
            x=history.first_day.isoformat(),
            line={"color": color(theme, "outline"), "dash": "dot", "width": 1},
        )
    figure.add_trace(_line(history.simple, theme, history.baseline))
    for since in (False, True):
        weeks = [week for week in own if week.since == since]
        figure.add_trace(_dots(weeks, theme, since))
    return figure


def _line(weeks: Sequence[AccuracyWeek], theme: Theme, baseline: str) -> go.Scatter:
    return go.Scatter(
        x=[week.middle for week in weeks],
        y=[week.pai for week in weeks],
        mode="lines+markers",
        line={"color": color(theme, "unknown"), "width": 1.2},
        marker={"size": 4, "symbol": "square"},
        hovertext=[_fact(week, baseline) for week in weeks],
        hoverinfo="text",
    )


def _dots(weeks: Sequence[AccuracyWeek], theme: Theme, since: bool) -> go.Scatter:
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


def _fact(week: AccuracyWeek, who: str) -> str:
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
