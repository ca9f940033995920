"""Figure and words of the control chart of weeks."""

from __future__ import annotations

from collections.abc import Sequence

import plotly.graph_objects as go

from analytics.formats import DASH, date_range, number, percent, short_date, signed_number
from analytics.overview.control_chart import (
    FALSE_BEYOND,
    FALSE_SIGNALS,
    ChartWeek,
    ControlChart,
    RunRule,
)
from components.frame.figures.axes import brush
from components.frame.figures.interventions import InterventionMark, mark_interventions
from components.frame.theme import Theme, color, template

RULES = {
    RunRule.BEYOND: "beyond three standard deviations",
    RunRule.TWO_OF_THREE: "two of three weeks beyond two standard deviations",
    RunRule.FOUR_OF_FIVE: "four of five weeks beyond one standard deviation",
    RunRule.EIGHT_IN_A_ROW: "eight weeks in a row on one side",
}
MOST_SIGNALS = 5


def control_figure(
    chart: ControlChart, theme: Theme, interventions: Sequence[InterventionMark] = ()
) -> go.Figure:
    """Weeks as dots over the center and the band of three standard deviations."""
    weeks = [week for week in chart.weeks if week.score is not None]
    days = [_middle(week) for week in weeks]
    figure = go.Figure(
        [
            _line(days, [week.low for week in weeks], theme),
            _line(days, [week.high for week in weeks], theme, fill=True),
            go.Scatter(
                x=days,
                y=[week.expected for week in weeks],
                mode="lines",
                line={"color": color(theme, "line"), "width": 1.4},
                hoverinfo="skip",
            ),
            go.Scatter(
                x=days,
                y=[week.incidents for week in weeks],
                mode="lines+markers",
                line={"color": color(theme, "mark-muted"), "width": 1},
                marker={
                    "size": [9 if week.rules else 5 for week in weeks],
                    "symbol": [_symbol(week) for week in weeks],
                    "color": [color(theme, _shade(week)) for week in weeks],
                },
                customdata=[f"{week.first}..{week.last}" for week in weeks],
                hovertext=[week_words(week) for week in weeks],
                hoverinfo="text",
                meta="date",
            ),
        ]
    )
    figure.update_layout(
        template=template(theme),
        margin={"l": 46, "r": 8, "t": 6, "b": 22},
        **brush(theme, "h"),
        hovermode="closest",
        showlegend=False,
        xaxis={"type": "date", "fixedrange": True, "showgrid": False},
        yaxis={"fixedrange": True, "nticks": 5, "tickformat": ",~r", "rangemode": "tozero"},
    )
    if weeks:
        mark_interventions(figure, interventions, (weeks[0].first, weeks[-1].last), theme)
    return figure


def control_sentences(chart: ControlChart) -> list[str]:
    """What signals, newest first, and how often steady series do."""
    if not chart.judged:
        return ["A control chart needs 18 weeks of data with some incidents."]
    signals = chart.signals
    steady = (
        f"Steady series signal in about {percent(FALSE_SIGNALS)} of weeks "
        f"({percent(FALSE_BEYOND)} beyond the band): {number(FALSE_SIGNALS * chart.judged, 1)} of "
        f"these {chart.judged}. Where weeks depend on each other, runs are more frequent."
    )
    if not signals:
        return [f"No signal in {chart.judged} weeks.", steady]
    newest = [week_words(week) for week in signals[: -MOST_SIGNALS - 1 : -1]]
    count = f"{len(signals)} of {chart.judged} weeks signal"
    head = f"{count}, the newest:" if len(signals) > MOST_SIGNALS else f"{count}:"
    return [head, *newest, steady]


def week_words(week: ChartWeek) -> str:
    """A week with its limits, and the rules that it completes."""
    text = f"{date_range(week.first, week.last)}: {number(week.incidents)} incidents"
    if week.score is None:
        return f"{text}, nothing expected"
    limits = f"{number(week.low)}{DASH}{number(week.high)}"
    text += f", expected {number(week.expected, 1)} (limits {limits})"
    side = "more" if week.score > 0 else "fewer"
    rules = "; ".join(RULES[rule] for rule in week.rules)
    return f"{text}. Signals {side}: {rules}" if rules else text


def control_rows(chart: ControlChart) -> list[tuple[str, ...]]:
    """The same numbers for a table."""
    return [
        (
            short_date(week.first),
            number(week.incidents),
            number(week.expected, 1),
            number(week.low),
            number(week.high),
            DASH if week.score is None else signed_number(week.score, 2),
            "; ".join(RULES[rule] for rule in week.rules),
        )
        for week in chart.weeks
    ]


CONTROL_HEAD = ("Week from", "Incidents", "Expected", "Low", "High", "Score", "Signals")


def _line(
    days: Sequence[str], ends: Sequence[float | None], theme: Theme, *, fill: bool = False
) -> go.Scatter:
    return go.Scatter(
        x=list(days),
        y=list(ends),
        mode="lines",
        line={"color": color(theme, "seq-2"), "width": 1, "shape": "hvh"},
        fill="tonexty" if fill else None,
        fillcolor=color(theme, "seq-0"),
        hoverinfo="skip",
    )


def _middle(week: ChartWeek) -> str:
    return (week.first + (week.last - week.first) / 2).isoformat()


def _shade(week: ChartWeek) -> str:
    if not week.rules or week.score is None:
        return "mark"
    return "more" if week.score > 0 else "less"


def _symbol(week: ChartWeek) -> str:
    if not week.rules or week.score is None:
        return "circle"
    return "triangle-up" if week.score > 0 else "triangle-down"
