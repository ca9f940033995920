"""Axes and gestures that several charts share."""

from __future__ import annotations

from typing import Any

from analytics.formats import hour_name, short_weekday, week
from components.frame.theme import Theme, color

BARE = {"fixedrange": True, "showgrid": False, "showline": False, "ticks": ""}
"""An axis of names alone."""


def hour_ticks(every: int = 3) -> dict[str, Any]:
    """Names of some hours of the day at 0 to 23."""
    hours = list(range(0, 24, every))
    return {"tickvals": hours, "ticktext": [hour_name(hour) for hour in hours]}


def weekday_rows() -> dict[str, Any]:
    """A row for each weekday at 1 to 7, the first of the week on top."""
    names = [short_weekday(day) for day in week()]
    return {**BARE, "range": [7.5, 0.5], "tickvals": list(range(1, 8)), "ticktext": names}


def brush(theme: Theme, direction: str) -> dict[str, Any]:
    """Drawing a box filters: `h` sideways, `d` freely, `any` either."""
    line = {"color": color(theme, "selected"), "width": 1.5}
    return {"dragmode": "select", "selectdirection": direction, "newselection": {"line": line}}
