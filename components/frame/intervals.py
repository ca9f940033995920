"""Estimates as rows: a dot, a bar for the interval, and the numbers beside them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import log

from dash import html
from dash.development.base_component import Component

from analytics.formats import DASH, number, percent, percents
from components.frame.attributes import aria
from components.frame.glossary import info_text


@dataclass(frozen=True)
class Estimate:
    """One row; `text` holds its formatted numbers, `mark` is `strong`, `baseline` or empty."""

    label: str
    value: float | None
    low: float | None
    high: float | None
    text: str
    mark: str = ""
    note: str = ""

    @property
    def ends(self) -> list[float]:
        """Values that the scale must hold."""
        return [one for one in (self.value, self.low, self.high) if one is not None]


@dataclass(frozen=True)
class Scale:
    """The common scale of all rows; may be logarithmic where both ends are above 0."""

    low: float
    high: float
    logarithmic: bool = False

    def place(self, value: float) -> float:
        """Position of a value in percent; values beyond an end are at the end."""
        if self.logarithmic:
            floor = min(max(value, self.low), self.high)
            share = log(floor / self.low) / log(self.high / self.low)
        else:
            share = (value - self.low) / (self.high - self.low)
        return round(100 * min(max(share, 0.0), 1.0), 2)


def scale_of(
    rows: Sequence[Estimate], *, low: float | None = None, high: float | None = None
) -> Scale:
    """A scale that holds all rows and the given ends."""
    ends = [end for row in rows for end in row.ends]
    least = min([*ends, *([] if low is None else [low])], default=0.0)
    most = max([*ends, *([] if high is None else [high])], default=1.0)
    return Scale(least, most if most > least else least + 1)


def interval_rows(
    rows: Sequence[Estimate],
    scale: Scale,
    *,
    label: str,
    reference: float | None = None,
) -> html.Ul:
    """Rows on one scale; `reference` is a line through all of them, such as "no difference"."""
    return html.Ul(
        [_row(row, scale, reference) for row in rows], className="intervals", **aria(label=label)
    )


def with_interval(
    value: float | None, low: float | None, high: float | None, decimals: int = 2, unit: str = ""
) -> str:
    """`2.66 (2.43 to 2.93)`; only the value where there is no interval."""
    if value is None:
        return DASH
    texts = [number(one, decimals) for one in (value, low, high) if one is not None]
    if len(texts) < 3:
        return texts[0] + unit
    return f"{texts[0]}{unit} ({texts[1]} to {texts[2]}{unit})"


def percent_with_interval(value: float | None, low: float | None, high: float | None) -> str:
    """`63% (57 to 68%)`; with as many decimals as it takes to tell the ends apart."""
    if value is None:
        return DASH
    if low is None or high is None:
        return percent(value, 0)
    decimals = sum(high - low < width for width in (0.02, 0.002))
    return f"{percent(value, decimals)} ({percents(low, high, decimals)})"


def _row(row: Estimate, scale: Scale, reference: float | None) -> html.Li:
    marks: list[Component] = []
    if reference is not None:
        marks.append(html.Span(className="interval-reference", style=_left(scale, reference)))
    if row.low is not None and row.high is not None:
        start, end = scale.place(row.low), scale.place(row.high)
        marks.append(
            html.Span(
                className="interval-bar", style={"left": f"{start}%", "width": f"{end - start}%"}
            )
        )
    if row.value is not None:
        marks.append(html.Span(className="interval-dot", style=_left(scale, row.value)))
    return html.Li(
        [
            html.Span(row.label, className="interval-label", title=_title(row.label)),
            html.Span(marks, className="interval-track", **aria(hidden="true")),
            html.Span(row.text, className="interval-text"),
            html.Span(row.note, className="interval-note") if row.note else None,
        ],
        className=f"interval-row {row.mark}".strip(),
    )


def _title(label: str) -> str:
    """The label, which may be cut off, and the info texts of its terms."""
    return "\n".join(filter(None, (label, info_text(label))))


def _left(scale: Scale, value: float) -> dict[str, str]:
    return {"left": f"{scale.place(value)}%"}
