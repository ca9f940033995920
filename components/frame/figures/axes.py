"""Axes and gestures that several charts share."""

from __future__ import annotations

from math import floor, log10
from typing import Any

from analytics.formats import hour_name, percent, short_weekday, week
from components.frame.theme import Theme, color

BARE = {"fixedrange": True, "showgrid": False, "showline": False, "ticks": ""}
"""An axis of names alone."""


def hour_ticks(every: int = 3) -> dict[str, Any]:
    """Names of some hours of the day at 0 to 23."""
    hours = list(range(0, 24, every))
    return {"tickvals": hours, "ticktext": [hour_name(hour) for hour in hours]}


def share_ticks(highest: float, most: int = 5) -> dict[str, Any]:
    """Round ticks from 0 to a highest share, as percentages by locale; `most` is about as many.

    Plotly's own percentages know no locale.
    """
    at_least = max(highest, 0.001) / most
    power = 10.0 ** floor(log10(at_least))
    step = next(power * times for times in (1, 2, 2.5, 5, 10) if power * times >= at_least)
    decimals = 0 if step >= 0.01 else 1 if step >= 0.001 else 2
    ticks = [step * number for number in range(floor(highest / step + 1e-9) + 1)]
    return {"tickvals": ticks, "ticktext": [percent(tick, decimals) for tick in ticks]}


def weekday_rows() -> dict[str, Any]:
    """A row for each weekday at 1 to 7, the first of the week on top."""
    names = [short_weekday(day) for day in week()]
    return {**BARE, "range": [7.5, 0.5], "tickvals": list(range(1, 8)), "ticktext": names}


def brush(theme: Theme, direction: str) -> dict[str, Any]:
    """Drawing a box filters: `h` sideways, `d` freely, `any` either."""
    line = {"color": color(theme, "selected"), "width": 1.5}
    return {"dragmode": "select", "selectdirection": direction, "newselection": {"line": line}}
