"""The same numbers as a table: each figure's twin, with buttons that choose like its marks do."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import polars as pl
from dash import html
from dash.development.base_component import Component

from analytics.formats import hour_name, number, short_weekday, week, weekday_name
from components.frame.attributes import aria, choice
from components.frame.figures.hours import HoursSelected, cell_counts
from components.frame.variables import month_name, sentence_case

MOST_ROWS = 500


def key_button(
    text: str, dimension: str, key: str, *, chosen: bool = False, label: str = ""
) -> html.Button:
    """A button that chooses `key`; the page's gesture listener hears it."""
    named = aria(label=label) if label else {}
    return html.Button(
        text,
        type="button",
        className="key-button",
        **choice(dimension, key, chosen=chosen),
        **named,
    )


def hours_table(hour_weekday: pl.DataFrame, selected: HoursSelected | None = None) -> html.Table:
    """Hours down, weekdays across; heads and cells can be chosen."""
    selected = selected or HoursSelected()
    cells = cell_counts(hour_weekday)
    head = html.Tr(
        [
            html.Th("Hour", scope="col"),
            *(
                html.Th(
                    key_button(
                        short_weekday(day),
                        "weekday",
                        str(day),
                        chosen=str(day) in selected.weekdays,
                        label=weekday_name(day),
                    ),
                    scope="col",
                )
                for day in week()
            ),
        ]
    )
    body = [
        html.Tr(
            [
                html.Th(
                    key_button(hour_name(at), "hour", str(at), chosen=str(at) in selected.hours),
                    scope="row",
                ),
                *(html.Td(_cell_button(day, at, cells, selected)) for day in week()),
            ]
        )
        for at in range(24)
    ]
    return _table("Incidents by hour and weekday", head, body)


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
    """The timeline's days summed by month, newest first; a month can be chosen.

    `days` has columns `day`, `incidents`, `arrests` and `harm`.
    """
    months = (
        days.drop_nulls("day")
        .group_by(pl.col("day").dt.strftime("%Y-%m").alias("month"))
        .agg(pl.col("incidents", "arrests", "harm").sum())
        .sort("month", descending=True)
    )
    head = _head("Month", "Incidents", "Arrests", "Harm days")
    body = [
        html.Tr(
            [
                html.Th(
                    key_button(month_name(month), dimension, month, chosen=month in selected),
                    scope="row",
                ),
                *(html.Td(number(value)) for value in values),
            ]
        )
        for month, *values in months.iter_rows()
    ]
    return _table("Incidents by month", head, body)


def bins_table(
    frame: pl.DataFrame,
    dimension: str,
    selected: frozenset[str] = frozenset(),
    labels: dict[str, str] | None = None,
    limit: int = MOST_ROWS,
) -> html.Table:
    """Incidents, arrests and harm of each value of one dimension, as of a map's cells or areas."""
    column = dimension if dimension in frame.columns else frame.columns[0]
    ordered = frame.sort("incidents", descending=True).head(limit)
    body = [
        html.Tr(
            [
                html.Th(
                    key_button(
                        (labels or {}).get(str(row[column]), str(row[column])),
                        dimension,
                        str(row[column]),
                        chosen=str(row[column]) in selected,
                    ),
                    scope="row",
                ),
                *(html.Td(number(row[name])) for name in ("incidents", "arrests", "harm")),
            ]
        )
        for row in ordered.iter_rows(named=True)
    ]
    title = "Place" if dimension == "near" else sentence_case(dimension.replace("_", " "))
    caption = f"Incidents by {title.lower()}"
    if frame.height > limit:
        caption += f", the {number(limit)} largest of {number(frame.height)}"
    return _table(caption, _head(title, "Incidents", "Arrests", "Harm days"), body)


def numbers_table(head: list[str], rows: list[list[Any]]) -> html.Table:
    """A figure's numbers: words first, the rest right-aligned."""
    return html.Table(
        [
            html.Thead(html.Tr([html.Th(one, scope="col") for one in head])),
            html.Tbody(
                [
                    html.Tr([html.Th(row[0], scope="row"), *(html.Td(one) for one in row[1:])])
                    for row in rows
                ]
            ),
        ],
        className="numbers",
        **aria(label=head[0]),
    )


def _head(*names: str) -> html.Tr:
    return html.Tr([html.Th(name, scope="col") for name in names])


def _table(caption: str, head: html.Tr, body: Sequence[Component]) -> html.Table:
    return html.Table(
        [html.Caption(caption, className="visually-hidden"), html.Thead(head), html.Tbody(body)],
        className="numbers",
    )
