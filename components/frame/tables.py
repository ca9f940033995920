"""Tables of a figure's numbers, with buttons that choose what the figure's marks choose."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import polars as pl
from dash import html
from dash.development.base_component import Component

from analytics.formats import hour_name, number, short_weekday, week, weekday_name
from components.frame.attributes import aria, choice
from components.frame.figures.hours import HoursSelected, cell_counts
from components.frame.variables import month_name, sentence_case

MOST_ROWS = 500
COUNTED = ("Incidents", "Arrests", "Harm days")
Cell = Component | str
Row = html.Tr | Sequence[Cell]


def key_button(
    text: str, dimension: str, key: str, *, chosen: bool = False, label: str = ""
) -> html.Button:
    """A button that chooses `key` through the page's gesture listener."""
    named = aria(label=label) if label else {}
    return html.Button(
        text,
        type="button",
        className="key-button",
        **choice(dimension, key, chosen=chosen),
        **named,
    )


def hours_table(hour_weekday: pl.DataFrame, selected: HoursSelected | None = None) -> html.Table:
    """Hours in rows, weekdays in columns; headers and cells can be chosen."""
    selected = selected or HoursSelected()
    cells = cell_counts(hour_weekday)
    head: list[Cell] = ["Hour"]
    for day in week():
        chosen = str(day) in selected.weekdays
        name, label = short_weekday(day), weekday_name(day)
        head.append(key_button(name, "weekday", str(day), chosen=chosen, label=label))
    rows: list[Row] = [
        [
            key_button(hour_name(at), "hour", str(at), chosen=str(at) in selected.hours),
            *(_cell_button(day, at, cells, selected) for day in week()),
        ]
        for at in range(24)
    ]
    return table(head, rows, caption="Incidents by hour and weekday")


def _cell_button(
    day: int, at: int, cells: dict[tuple[int, int], int], selected: HoursSelected
) -> html.Button:
    count = number(cells[day, at])
    return key_button(
        count,
        "hour_weekday",
        f"{day}-{at}",
        chosen=f"{day}-{at}" in selected.cells,
        label=f"{weekday_name(day)} {hour_name(at)}: {count}",
    )


def months_table(
    days: pl.DataFrame, dimension: str = "date", selected: frozenset[str] = frozenset()
) -> html.Table:
    """Sums by month, newest first; a month can be chosen.

    `days` has columns `day`, `incidents`, `arrests` and `harm`.
    """
    months = (
        days.drop_nulls("day")
        .group_by(pl.col("day").dt.strftime("%Y-%m").alias("month"))
        .agg(pl.col("incidents", "arrests", "harm").sum())
        .sort("month", descending=True)
    )
    rows: list[Row] = [
        [
            key_button(month_name(month), dimension, month, chosen=month in selected),
            *map(number, values),
        ]
        for month, *values in months.iter_rows()
    ]
    return table(("Month", *COUNTED), rows, caption="Incidents by month")


def bins_table(
    frame: pl.DataFrame,
    dimension: str,
    selected: frozenset[str] = frozenset(),
    labels: dict[str, str] | None = None,
    limit: int = MOST_ROWS,
) -> html.Table:
    """Incidents, arrests and harm by value of one dimension, such as a map's cells or areas."""
    column = dimension if dimension in frame.columns else frame.columns[0]
    ordered = frame.sort("incidents", descending=True).head(limit)
    rows: list[Row] = [
        [
            key_button(
                (labels or {}).get(str(row[column]), str(row[column])),
                dimension,
                str(row[column]),
                chosen=str(row[column]) in selected,
            ),
            *(number(row[name]) for name in ("incidents", "arrests", "harm")),
        ]
        for row in ordered.iter_rows(named=True)
    ]
    title = "Place" if dimension == "near" else sentence_case(dimension.replace("_", " "))
    caption = f"Incidents by {title.lower()}"
    if frame.height > limit:
        caption += f", the {number(limit)} largest of {number(frame.height)}"
    return table((title, *COUNTED), rows, caption=caption)


def table(
    head: Sequence[Cell],
    rows: Iterable[Row],
    *,
    caption: str = "",
    foot: Component | None = None,
    class_name: str = "numbers",
) -> html.Table:
    """A table; the first column names the row.

    Parameters
    ----------
    head
        Words, or whole cells.
    rows
        Cells by column, or whole rows.
    caption
        Name for screen readers; by default that of the first column.
    class_name
        `numbers` aligns all but the first column to the right.
    """
    titles = [cell if isinstance(cell, html.Th) else html.Th(cell, scope="col") for cell in head]
    body = [row if isinstance(row, html.Tr) else _row(*row) for row in rows]
    parts = [
        html.Caption(caption, className="visually-hidden") if caption else None,
        html.Thead(html.Tr(titles)),
        html.Tbody(body),
        foot,
    ]
    first = head[0] if not caption and isinstance(head[0], str) else ""
    return html.Table(
        [part for part in parts if part is not None],
        className=class_name or None,
        **(aria(label=first) if first else {}),
    )


def _row(first: Cell, *rest: Cell) -> html.Tr:
    name = first if isinstance(first, html.Th) else html.Th(first, scope="row")
    return html.Tr([name, *(html.Td(cell) for cell in rest)])
