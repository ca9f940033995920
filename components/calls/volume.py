"""Calls by hour of the week and by value, as buttons that filter."""

from __future__ import annotations

from collections.abc import Callable

import polars as pl
from dash import html
from dash.development.base_component import Component

from analytics.crossfilter.selection import Selection
from analytics.formats import hour_name, number, percent, short_weekday, week, weekday_name
from analytics.incidents.model import UNKNOWN
from components.calls.filters import key_label, sets
from components.calls.sentences import calls_words
from components.frame.attributes import aria, shown_as, value_of

SHADES = 5
"""Shades of a table's cells, the lightest for none."""
MOST_BARS = 40
Toggled = Callable[[str], Selection]
"""The selection after a click on a key."""


def shade(value: float, most: float) -> str:
    """Class of a cell by its share of the largest."""
    step = 0 if value <= 0 or most <= 0 else min(SHADES, 1 + int(SHADES * value / most))
    return f"calls-shade-{step}"


def week_table(counts: pl.DataFrame, chosen: frozenset[str], toggled: Toggled) -> html.Table:
    """Hours in rows, weekdays in columns; a cell filters by its hour of the week.

    Parameters
    ----------
    counts : frame with weekday, hour and calls
    chosen : keys of chosen cells, such as `5-23`
    """
    cells = {(day, hour): calls for day, hour, calls in counts.select(
        "weekday", "hour", "calls"
    ).iter_rows()}  # fmt: skip
    most = max(cells.values(), default=0)
    head = [html.Th("Hour", scope="col"), *(
        html.Th(short_weekday(day), scope="col") for day in week()
    )]  # fmt: skip
    rows = []
    for hour in range(24):
        row: list[Component] = [html.Th(hour_name(hour), scope="row")]
        for day in week():
            calls, key = cells.get((day, hour), 0), f"{day}-{hour}"
            button = html.Button(
                number(calls),
                type="button",
                **sets(toggled(key)),
                **aria(
                    pressed="true" if key in chosen else "false",
                    label=f"{weekday_name(day)} {hour_name(hour)}: {calls_words(calls)}",
                ),
            )
            row.append(html.Td(button, className=shade(calls, most)))
        rows.append(html.Tr(row))
    caption = html.Caption("Calls by hour and weekday", className="visually-hidden")
    return html.Table(
        [caption, html.Thead(html.Tr(head)), html.Tbody(rows)], className="calls-week"
    )


def bar_rows(
    frame: pl.DataFrame, dimension: str, chosen: frozenset[str], toggled: Toggled
) -> list[Component]:
    """Values of a dimension, most calls first; a click filters by one.

    Parameters
    ----------
    frame : frame with key and calls
    """
    if frame.is_empty():
        return [html.P("No calls here.", className="quiet")]
    longest, total = max(frame["calls"].to_list()), sum(frame["calls"].to_list())
    rows: list[Component] = []
    hidden: list[int] = []
    for place, (key, calls) in enumerate(frame.select("key", "calls").iter_rows()):
        if place >= MOST_BARS and key not in chosen:
            hidden.append(calls)
            continue
        state = "selected" if key in chosen else "muted" if chosen else "plain"
        label = key_label(dimension, key)
        rows.append(
            html.Button(
                html.Span(label, className="bar-label"),
                style={"--bar": f"{100 * calls / longest:.1f}%"},
                type="button",
                className=f"bar-row {state}{' unknown' if key == UNKNOWN else ''}",
                title=f"{label}: {calls_words(calls)}, {percent(calls / total)}",
                **sets(toggled(key)),
                **aria(pressed="true" if key in chosen else "false"),
                **value_of(calls),
                **shown_as(number(calls)),
            )
        )
    if hidden:
        rest = f"{number(len(hidden))} smaller ones, {calls_words(sum(hidden))} in total"
        rows.append(html.P(rest, className="bar-rest"))
    return rows
