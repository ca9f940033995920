"""Category bars as a list of buttons, which keyboards reach and whose titles give the numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import polars as pl
from dash import html
from dash.development.base_component import Component

from analytics.formats import number, percent
from analytics.incidents.model import UNKNOWN
from components.frame.attributes import choice, shown_as, value_of
from components.frame.variables import dimension_label, quantity, value_label


@dataclass(frozen=True)
class Bar:
    key: str
    label: str
    value: float
    incidents: int


def bar_list(
    frame: pl.DataFrame,
    dimension: str,
    *,
    selected: frozenset[str],
    labels: Mapping[str, str] | None = None,
    measure: str = "incidents",
    limit: int | None = None,
) -> list[Component]:
    """Rows of one view, largest first.

    Parameters
    ----------
    frame
        Column `dimension` (or the view's only bin column) and `incidents`, `arrests`, `harm`.
    dimension
        Dimension that the rows filter; goes to `data-dimension`.
    selected
        Chosen keys; those without incidents are shown with zero.
    labels
        Key → label where the key alone is not clear.
    measure
        `incidents`, `harm`, `arrests` or `arrest_share` (arrests over incidents).
    limit
        Most rows; a last line, which cannot be chosen, sums up the smaller ones. Chosen rows are
        always shown.
    """
    bars = _bars(frame, dimension, selected, labels or {}, measure)
    shown, cut = _cut(bars, selected, limit)
    if not shown:
        return [html.P("No incidents here.", className="quiet")]
    longest = max((bar.value for bar in shown), default=0)
    total = sum(bar.incidents for bar in bars)
    rows: list[Component] = [
        _row(bar, dimension, selected, longest=longest, total=total, measure=measure)
        for bar in shown
    ]
    if cut:
        rows.append(_rest(cut))
    return rows


def _bars(
    frame: pl.DataFrame,
    dimension: str,
    selected: frozenset[str],
    labels: Mapping[str, str],
    measure: str,
) -> list[Bar]:
    column = dimension if dimension in frame.columns else frame.columns[0]
    bars = [
        Bar(str(row[column]), "", _value(row, measure), row["incidents"])
        for row in frame.iter_rows(named=True)
    ]
    missing = selected - {bar.key for bar in bars}
    bars += [Bar(key, "", 0, 0) for key in missing]
    bars = [
        Bar(bar.key, value_label(dimension, bar.key, labels), bar.value, bar.incidents)
        for bar in bars
    ]
    return sorted(bars, key=lambda bar: (-bar.value, bar.label))


def _value(row: Mapping[str, int], measure: str) -> float:
    if measure == "arrest_share":
        return row["arrests"] / row["incidents"] if row["incidents"] else 0
    return row[measure]


def _cut(
    bars: Sequence[Bar], selected: frozenset[str], limit: int | None
) -> tuple[list[Bar], list[Bar]]:
    if limit is None or len(bars) <= limit:
        return list(bars), []
    shown = [bar for place, bar in enumerate(bars) if place < limit or bar.key in selected]
    kept = {bar.key for bar in shown}
    return shown, [bar for bar in bars if bar.key not in kept]


def _row(
    bar: Bar,
    dimension: str,
    selected: frozenset[str],
    *,
    longest: float,
    total: int,
    measure: str,
) -> html.Button:
    chosen = bar.key in selected
    state = "selected" if chosen else "muted" if selected else "plain"
    if bar.key == UNKNOWN:
        state += " unknown"
    width = 100 * bar.value / longest if longest else 0
    # The stylesheet draws track and value: an answer has dozens of rows, and each component costs
    # time on the server and in the browser.
    return html.Button(
        html.Span(bar.label, className="bar-label"),
        style={"--bar": f"{width:.1f}%"},
        type="button",
        className=f"bar-row {state}",
        title=_hover_text(bar, dimension, total, measure),
        **choice(dimension, bar.key, chosen=chosen),
        **value_of(bar.value),
        **shown_as(_shown(bar.value, measure)),
    )


def _shown(value: float, measure: str) -> str:
    return percent(value) if measure == "arrest_share" else number(value)


def _hover_text(bar: Bar, dimension: str, total: int, measure: str) -> str:
    label = bar.label
    if bar.key == UNKNOWN:
        label = f"{dimension_label(dimension)} unknown"
    elif bar.label == bar.key:
        label = f"{dimension_label(dimension)} {bar.key}"
    part = f", {percent(bar.incidents / total)} of {number(total)}" if total else ""
    more = "" if measure == "incidents" else f"{quantity(bar.value, measure)}, "
    return f"{label}: {more}{quantity(bar.incidents)}{part}"


def _rest(cut: Sequence[Bar]) -> html.P:
    incidents = sum(bar.incidents for bar in cut)
    return html.P(
        f"{number(len(cut))} smaller ones, {quantity(incidents)} in total", className="bar-rest"
    )
