"""The list of the hottest blocks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dash import html
from dash.development.base_component import Component

from analytics.crossfilter.block_list import LISTED, BlockList
from analytics.formats import number
from analytics.incidents.model import UNKNOWN
from components.frame.attributes import value_of
from components.frame.marks import options
from components.frame.tables import key_button, table

HEADS = {
    "block": ("Block", "The block, intersection or address as the source publishes it"),
    "incidents": ("All", "Incidents of the selection"),
    "last_28": ("28 d", "In the last 28 days of the data, whatever period is selected"),
    "year_to_date": ("YTD", "In the year to date, whatever period is selected"),
    "harm": ("Harm", "Days of sentence for the incidents of the selection"),
    "days_since": (
        "Since",
        "Days from the last incident to the last day of the data, whatever period is selected",
    ),
}
"""Column → its head and what it counts."""
_NUMBERS = tuple(HEADS)[1:]
WORDS = {
    "incidents": "most incidents",
    "last_28": "most in the last 28 days",
    "year_to_date": "most in the year to date",
    "harm": "most harm",
    "days_since": "the latest incident",
    "block": "the first names",
}


def block_table(
    found: BlockList, sort: str, selected: frozenset[str], most: int = LISTED
) -> list[Component]:
    """At most `most` blocks as a table: a head sorts, a block's name chooses it."""
    listed = found.rows.head(most)
    if listed.is_empty():
        return [html.P("No incidents here.", className="quiet")]
    head = [_head(name, chosen=name == sort) for name in HEADS]
    rows = [_row(row, selected) for row in listed.iter_rows(named=True)]
    shown = listed.height
    rest = (
        f"The {number(shown)} with {WORDS[sort]}, of {number(found.blocks)}."
        if shown < found.blocks
        else f"{number(shown)} blocks."
    )
    return [
        table(head, rows, caption="Incidents by block", class_name="numbers blocks"),
        html.P(rest, className="bar-rest"),
    ]


def _row(row: Mapping[str, Any], selected: frozenset[str]) -> html.Tr:
    block = row["block"]
    name = "Unknown" if block == UNKNOWN else block
    button = key_button(name, "block", block, chosen=block in selected)
    cells = [html.Td(number(row[column]), **value_of(row[column] or 0)) for column in _NUMBERS]
    return html.Tr([html.Th(button, scope="row"), *cells])


def _head(name: str, *, chosen: bool) -> html.Th:
    text, about = HEADS[name]
    sort = "ascending" if name in ("days_since", "block") else "descending"
    button = html.Button(
        text, type="button", className="key-button", title=about, **options(block_sort=name)
    )
    marked: dict[str, Any] = {"aria-sort": sort} if chosen else {}
    return html.Th(button, scope="col", **marked)
