"""Filters of calls: buttons that set the page's selection of calls.

Each button carries the whole text of the next selection, which Python has written; a click sets the
option `c_sel` of the page.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from dash import html
from dash.development.base_component import Component

from analytics.crossfilter.clauses import Choice, Clause, Hours, HourWeekdays, Weekdays
from analytics.crossfilter.dimensions import DIMENSIONS
from analytics.crossfilter.selection import Selection
from analytics.formats import hour_name, short_weekday
from components.calls.ids import SELECTION
from components.frame.attributes import aria
from components.frame.marks import data

MOST_WORDS = 3
LABELS = {
    "type": "Type", "priority": "Priority", "disposition": "Disposition", "origin": "Origin",
    "description": "Description", "district": "District", "beat": "Beat", "ward": "Ward",
    "area": "Area", "shift": "Shift",
}  # fmt: skip
ORIGINS = {"caller": "Public", "officer": "Officer-initiated (on-view)"}


@dataclass(frozen=True)
class PeriodOffer:
    """A period to choose: its words and the text of its clause; empty for all days."""

    label: str
    text: str
    selection: Selection


def sets(selection: Selection) -> dict[str, Any]:
    """Attributes of a button that sets the selection of calls."""
    return data(options=urlencode({SELECTION: selection.text}))


def dimension_label(name: str, labels: Mapping[str, str]) -> str:
    """Name of a dimension: of calls, of the source (`labels`), or as of incidents."""
    known = LABELS.get(name) or labels.get(name)
    return known or (DIMENSIONS[name].label if name in DIMENSIONS else name)


def key_label(dimension: str, key: str) -> str:
    """A value as it is shown."""
    return ORIGINS.get(key, key) if dimension == "origin" else key


def clause_words(name: str, clause: Clause) -> str:
    """`A, B` or `Fri 11 PM and 2 more`."""
    if not isinstance(clause, Choice):
        return clause.text
    words = [_key_words(name, clause, key) for key in clause.keys]
    if len(words) <= MOST_WORDS:
        return ", ".join(words)
    return f"{', '.join(words[:MOST_WORDS])} and {len(words) - MOST_WORDS} more"


def _key_words(name: str, clause: Choice, key: Any) -> str:
    if isinstance(clause, HourWeekdays) and None not in key:
        return f"{short_weekday(key[0])} {hour_name(key[1])}"
    if isinstance(clause, Weekdays) and key is not None:
        return short_weekday(key)
    if isinstance(clause, Hours) and key is not None:
        return hour_name(key)
    return key_label(name, "unknown" if key is None else str(key))


def filter_row(
    selection: Selection, labels: Mapping[str, str], periods: Sequence[PeriodOffer]
) -> list[Component]:
    """The chosen filters, each with a button that removes it, and periods to choose."""
    chips = [
        html.Button(
            f"{dimension_label(name, labels)}: {clause_words(name, clause)} ×",
            type="button",
            className="calls-chip",
            title="Remove this filter",
            **sets(selection.without({name})),
        )
        for name, clause in selection.items
    ]
    if len(chips) > 1:
        chips.append(
            html.Button("Remove all", type="button", className="calls-chip", **sets(Selection()))
        )
    said = [] if chips else [html.Span("No filters: all calls", className="quiet")]
    return [html.Div([*said, *chips], className="calls-chips"), _periods(selection, periods)]


def _periods(selection: Selection, periods: Sequence[PeriodOffer]) -> Component:
    chosen = selection.get("date")
    text = chosen.text if chosen else ""
    buttons = [
        html.Button(
            one.label,
            type="button",
            className="segment",
            **sets(one.selection),
            **aria(pressed="true" if one.text == text else "false"),
        )
        for one in periods
    ]
    return html.Div(buttons, className="presets", role="group", **aria(label="Period"))
