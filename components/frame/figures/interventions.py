"""Lines at the first days of interventions, in every timeline."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import plotly.graph_objects as go

from analytics.statistics.two_periods import Period
from components.frame.theme import Theme, color

MOST, MOST_NAME = 12, 28
TOP = 0.86  # above it stand other names


@dataclass(frozen=True)
class InterventionMark:
    """An intervention in a timeline."""

    day: date
    name: str


def mark_interventions(
    figure: go.Figure, marks: Sequence[InterventionMark], shown: Period, theme: Theme
) -> None:
    """Add a dotted line with a name for the newest interventions that began in the days shown."""
    inside = sorted((one for one in marks if shown[0] <= one.day <= shown[1]), key=_day)
    for at, one in enumerate(inside[-MOST:]):
        name = one.name if len(one.name) <= MOST_NAME else f"{one.name[: MOST_NAME - 1]}…"
        late = (one.day - shown[0]) > 0.8 * (shown[1] - shown[0])  # no room on its right
        figure.add_shape(
            type="line",
            x0=one.day.isoformat(),
            x1=one.day.isoformat(),
            y0=0,
            y1=1,
            yref="y domain",
            line={"color": color(theme, "text-muted"), "width": 1, "dash": "dot"},
        )
        figure.add_annotation(
            text=name.replace("<", "&lt;"),
            x=one.day.isoformat(),
            y=TOP - 0.14 * (at % 3),
            yref="y domain",
            xanchor="right" if late else "left",
            yanchor="top",
            showarrow=False,
            font={"size": 10, "color": color(theme, "text-muted")},
        )


def _day(mark: InterventionMark) -> date:
    return mark.day
