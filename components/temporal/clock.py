"""Clock of 24 hours with circular mean and standard deviation."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go

from analytics.formats import hour_name
from components.frame.theme import Theme, color, template

DEGREES = 15.0  # an hour
ARC = 1.07  # radius of the arc, relative to the longest bar


def clock_figure(
    counts: Sequence[float],
    hovers: Sequence[str],
    theme: Theme,
    *,
    chosen: frozenset[str] = frozenset(),
    others: Sequence[float] | None = None,
    mean_h: float | None = None,
    sd_h: float = 0.0,
) -> go.Figure:
    """Bars of 24 hours, midnight on top and clockwise.

    Parameters
    ----------
    counts, hovers : of length 24
    others : of length 24, optional
        Counts of the comparison, drawn as an outline scaled to the same total.
    mean_h, sd_h
        Mean direction and circular standard deviation, hours; None for neither.
    """
    plain = color(theme, "mark-muted" if chosen else "mark")
    longest = max(counts, default=0) or 1
    figure = go.Figure(
        go.Barpolar(
            r=list(counts),
            theta=[(hour + 0.5) * DEGREES for hour in range(24)],
            width=[DEGREES * 0.9] * 24,
            marker={
                "color": [
                    color(theme, "selected") if str(hour) in chosen else plain for hour in range(24)
                ],
                "line": {"width": 0},
            },
            customdata=[str(hour) for hour in range(24)],
            hovertext=list(hovers),
            hoverinfo="text",
            meta="hour",
        ),
        _layout(theme, longest),
    )
    whole = float(np.sum(others)) if others is not None else 0.0
    if others is not None and whole:
        scaled = [value / whole * float(np.sum(counts)) for value in others]
        figure.add_trace(_outline(scaled, theme))
    if mean_h is not None:
        figure.add_traces(_mean(mean_h, sd_h, longest, theme))
    return figure


def _outline(values: Sequence[float], theme: Theme) -> go.Scatterpolar:
    return go.Scatterpolar(
        r=[value for value in values for _ in range(2)] + [values[0]],
        theta=[edge * DEGREES for hour in range(24) for edge in (hour, hour + 1)] + [0],
        mode="lines",
        line={"color": color(theme, "text-muted"), "width": 1.2, "dash": "dot"},
        hoverinfo="skip",
    )


def _mean(mean_h: float, sd_h: float, longest: float, theme: Theme) -> list[go.Scatterpolar]:
    reach = min(sd_h, 12.0)
    arc = np.linspace(mean_h - reach, mean_h + reach, 60) * DEGREES
    line: dict[str, Any] = {"mode": "lines", "hoverinfo": "skip"}
    return [
        go.Scatterpolar(
            r=[ARC * longest] * 60,
            theta=arc.tolist(),
            line={"color": color(theme, "line"), "width": 2},
            **line,
        ),
        go.Scatterpolar(
            r=[0, ARC * longest],
            theta=[mean_h * DEGREES] * 2,
            line={"color": color(theme, "line"), "width": 2.4},
            **line,
        ),
    ]


def _layout(theme: Theme, longest: float) -> dict[str, Any]:
    return {
        "template": template(theme),
        "margin": {"l": 26, "r": 26, "t": 22, "b": 22},
        "dragmode": False,
        "polar": {
            "bgcolor": "rgba(0,0,0,0)",
            "angularaxis": {
                "rotation": 90,
                "direction": "clockwise",
                "tickvals": [hour * DEGREES for hour in range(0, 24, 3)],
                "ticktext": [hour_name(hour) for hour in range(0, 24, 3)],
                "gridcolor": color(theme, "grid"),
                "linecolor": color(theme, "border"),
                "tickfont": {"color": color(theme, "text-muted"), "size": 11},
                "ticks": "",
            },
            "radialaxis": {
                "range": [0, 1.1 * longest],
                "showticklabels": False,
                "ticks": "",
                "showline": False,
                "nticks": 4,
                "gridcolor": color(theme, "grid"),
            },
        },
    }
