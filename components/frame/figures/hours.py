"""Hour × weekday heatmap with marginal bars.

Axes are fixed and bars are shares of the largest, so that a patch changes only leaf arrays: a new
figure or axis range would make the chart drop its brush.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import plotly.graph_objects as go
import polars as pl
from dash import Patch, html
from dash.development.base_component import Component

from analytics.formats import hour_name, number, percent, short_weekday, week
from analytics.incidents.model import UNKNOWN
from components.frame.attributes import choice
from components.frame.figures.axes import BARE, brush, hour_ticks, weekday_rows
from components.frame.theme import Theme, color, colorscale, template
from components.frame.variables import quantity

UNMEASURED = {"ticklabeloverflow": "allow"}
"""For labels that fit: to hide others, Plotly has the browser lay out the page at each redraw."""
HEAT, VEIL, CASING, OUTLINE, CELLS, HOURS, WEEKDAY_BARS = range(7)


@dataclass(frozen=True)
class HoursSelected:
    """Chosen keys of the three dimensions of this figure.

    `late` are chosen hours after midnight that belong to the evening of the weekday before.
    """

    cells: frozenset[str] = frozenset()
    hours: frozenset[str] = frozenset()
    weekdays: frozenset[str] = frozenset()
    late: frozenset[int] = frozenset()

    def __bool__(self) -> bool:
        return bool(self.cells or self.hours or self.weekdays)

    def has(self, weekday: int, hour: int) -> bool:
        """Whether a cell passes every filter."""
        evening = (weekday + 5) % 7 + 1 if hour in self.late else weekday
        return (
            (not self.cells or f"{weekday}-{hour}" in self.cells)
            and (not self.hours or str(hour) in self.hours)
            and (not self.weekdays or str(evening) in self.weekdays)
        )


def cell_keys() -> list[str]:
    """Words of the cells, row by row in the order in which the week is shown."""
    return [f"{weekday}-{hour}" for weekday in week() for hour in range(24)]


def hours_figure(theme: Theme) -> go.Figure:
    """The empty figure; `hours_patch` fills it."""
    figure = go.Figure(layout=_layout(theme))
    hours, days = list(range(24)), list(range(1, 8))
    empty: list[list[float | None]] = [[None] * 24 for _ in days]
    grid = {"x": hours, "y": days, "xgap": 1, "ygap": 1, "hoverinfo": "skip", "showscale": False}
    veil = [(0, color(theme, "surface")), (1, color(theme, "surface"))]
    kept = {"marker": {"opacity": 1}}
    line = {"mode": "lines", "hoverinfo": "skip", "x": [], "y": []}
    plain = {"color": color(theme, "mark")}
    bar = {"hoverinfo": "text", "marker": plain, "selected": kept, "unselected": kept}
    figure.add_traces(
        [
            go.Heatmap(z=empty, zmin=0, zmax=1, colorscale=colorscale(theme), **grid),
            go.Heatmap(z=empty, zmin=0, zmax=1, colorscale=veil, opacity=0.62, **grid),
            go.Scatter(line={"color": color(theme, "casing"), "width": 4}, **line),
            go.Scatter(line={"color": color(theme, "selected"), "width": 2}, **line),
            go.Scatter(
                x=[hour for _ in days for hour in hours],
                y=[day for day in days for _ in hours],
                mode="lines",
                line={"width": 0},  # one path for the pointer instead of a mark per cell
                customdata=cell_keys(),
                hovertext=[""] * (7 * 24),
                hoverinfo="text",
                meta="hour_weekday",
            ),
            go.Bar(
                x=hours,
                y=[0] * 24,
                customdata=[str(hour) for hour in hours],
                hovertext=[""] * 24,
                yaxis="y2",
                meta="hour",
                **bar,
            ),
            go.Bar(
                x=[0] * 7,
                y=days,
                customdata=[str(day) for day in week()],
                hovertext=[""] * 7,
                text=[""] * 7,
                orientation="h",
                xaxis="x2",
                meta="weekday",
                textposition="none",
                **bar,
            ),
        ]
    )
    return figure


def _layout(theme: Theme) -> dict[str, Any]:
    return {
        "template": template(theme),
        "margin": {"l": 34, "r": 4, "t": 2, "b": 20},
        **brush(theme, "d"),
        "hovermode": "closest",
        "hoverdistance": 30,
        "bargap": 0.16,
        "barmode": "overlay",
        "uirevision": "hours",
        "xaxis": {
            **BARE,
            "domain": [0, 0.87],
            "range": [-0.5, 23.5],
            **hour_ticks(),
            **UNMEASURED,
            "ticklabelstandoff": 2,
        },
        "yaxis": {**weekday_rows(), **UNMEASURED, "domain": [0, 0.74]},
        "yaxis2": {
            **BARE,
            "domain": [0.77, 1],
            "range": [0, 1.02],
            "showticklabels": False,
            "anchor": "x",
        },
        "xaxis2": {
            **BARE,
            "domain": [0.885, 1],
            "range": [0, 1.02],
            "showticklabels": False,
            "anchor": "y",
        },
    }


def hours_patch(
    hour_weekday: pl.DataFrame,
    hour: pl.DataFrame,
    weekday: pl.DataFrame,
    selected: HoursSelected,
    theme: Theme,
) -> Patch:
    """Numbers and marks of `hours_figure`.

    Parameters
    ----------
    hour_weekday, hour, weekday
        The views of these names: columns `weekday` (1-7), `hour` (0-23) and `incidents`. Unknown
        is null and is left to `hours_note`.
    selected
        Chosen cells; the others are muted.
    theme
        The same as for `hours_figure`.
    """
    cells = cell_counts(hour_weekday)
    patch = Patch()
    data = patch["data"]
    highest = max(cells.values(), default=0) or 1
    data[HEAT]["z"] = [[cells[day, at] / highest for at in range(24)] for day in week()]
    data[VEIL]["z"] = _veil(selected)
    xs, ys = _outline(selected)
    for trace in (CASING, OUTLINE):
        data[trace]["x"], data[trace]["y"] = xs, ys
    data[CELLS]["hovertext"] = cell_hover_texts(cells)
    _patch_bars(
        data[HOURS],
        _counts(hour, "hour", range(24)),
        "y",
        selected.hours,
        theme=theme,
        dimension="hour",
    )
    _patch_bars(
        data[WEEKDAY_BARS],
        _counts(weekday, "weekday", week()),
        "x",
        selected.weekdays,
        theme=theme,
        dimension="weekday",
    )
    return patch


def cell_counts(hour_weekday: pl.DataFrame) -> dict[tuple[int, int], int]:
    """(weekday, hour) → incidents for all 168 cells; missing ones are 0."""
    cells = {(day, at): 0 for day in week() for at in range(24)}
    for row in hour_weekday.iter_rows(named=True):
        if row["weekday"] is not None and row["hour"] is not None:
            cells[row["weekday"], row["hour"]] = row["incidents"]
    return cells


def _counts(frame: pl.DataFrame, column: str, keys: Sequence[int]) -> dict[int, int]:
    known = {
        row[column]: row["incidents"]
        for row in frame.iter_rows(named=True)
        if row[column] is not None
    }
    return {key: known.get(key, 0) for key in keys}


def _patch_bars(
    trace: Any,
    counts: dict[int, int],
    length: str,
    selected: frozenset[str],
    *,
    theme: Theme,
    dimension: str,
) -> None:
    highest = max(counts.values(), default=0) or 1
    total = sum(counts.values())
    plain = color(theme, "mark-muted" if selected else "mark")
    trace[length] = [count / highest for count in counts.values()]
    trace["marker"]["color"] = [
        color(theme, "selected") if str(key) in selected else plain for key in counts
    ]
    trace["hovertext"] = [
        bar_hover_text(dimension, key, count, total) for key, count in counts.items()
    ]


def bar_hover_text(dimension: str, key: int, count: int, total: int) -> str:
    """`Fri: 12,040 incidents, 14.9%`."""
    name = hour_name(key) if dimension == "hour" else short_weekday(key)
    part = f", {percent(count / total)}" if total else ""
    return f"{name}: {quantity(count)}{part}"


def cell_hover_texts(cells: dict[tuple[int, int], int]) -> list[str]:
    """Hover text of each cell, in the order of `cell_keys`."""
    total = sum(cells.values())
    order = sorted(cells.values(), reverse=True)
    rank = {count: place for place, count in reversed(list(enumerate(order, start=1)))}
    texts = []
    for (day, at), count in cells.items():
        text = f"{short_weekday(day)} {hour_name(at)}: {quantity(count)}"
        if total:
            times = count * len(cells) / total
            text += (
                f", {number(times, 1)} times the average hour, rank {rank[count]} of {len(cells)}"
            )
        texts.append(text)
    return texts


def _veil(selected: HoursSelected) -> list[list[float | None]]:
    if not selected:
        return [[None] * 24 for _ in range(7)]
    return [[None if selected.has(day, at) else 1 for at in range(24)] for day in week()]


def _outline(selected: HoursSelected) -> tuple[list[float | None], list[float | None]]:
    """Line segments around the chosen cells, separated by None."""
    xs: list[float | None] = []
    ys: list[float | None] = []
    if not selected:
        return xs, ys
    rows = list(enumerate(week(), start=1))
    chosen = {(row, at) for row, day in rows for at in range(24) if selected.has(day, at)}
    for row, at in sorted(chosen):
        left, right, top, bottom = at - 0.5, at + 0.5, row - 0.5, row + 0.5
        sides = {
            (row, at - 1): ((left, left), (top, bottom)),
            (row, at + 1): ((right, right), (top, bottom)),
            (row - 1, at): ((left, right), (top, top)),
            (row + 1, at): ((left, right), (bottom, bottom)),
        }
        for neighbor, (x, y) in sides.items():
            if neighbor not in chosen:
                xs += [*x, None]
                ys += [*y, None]
    return xs, ys


def hours_note(
    hour_weekday: pl.DataFrame,
    hour: pl.DataFrame,
    selected: HoursSelected,
    *,
    discovered: bool = False,
) -> list[Component]:
    """The range of the color scale, and incidents of unknown hour as a button.

    `discovered` warns that the times may be those of discovery.
    """
    highest = max(cell_counts(hour_weekday).values(), default=0)
    note: list[Component] = [
        html.Span(f"0 to {number(highest)} per hour of the week", className="scale-note")
    ]
    if discovered:
        note.append(
            html.Span(
                "Peaks may be the time of discovery",
                className="warning-note",
                title="The source gives only one time. Such incidents are often reported when "
                "people return, so mornings and evenings are overstated.",
            )
        )
    unknown = sum(row["incidents"] for row in hour.iter_rows(named=True) if row["hour"] is None)
    chosen = UNKNOWN in selected.hours
    if unknown or chosen:
        note.append(
            html.Button(
                f"Hour unknown: {number(unknown)}",
                type="button",
                className="chip-button unknown",
                **choice("hour", UNKNOWN, chosen=chosen),
            )
        )
    return note
