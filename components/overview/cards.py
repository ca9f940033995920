"""Content of the Overview's cards: tables of counts, lists, sentences."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import log2

from dash import html
from dash.development.base_component import Component

from analytics.formats import number
from analytics.overview.expectations import CountEstimate, RowExpectation
from analytics.statistics.two_periods import NotComparable
from components.frame.attributes import aria
from components.frame.commands import with_commands
from components.frame.marks import data
from components.frame.significance import incomparable_short
from components.frame.tables import Cell, table
from components.overview.layout import goto
from components.overview.sentences import (
    estimate_detail,
    estimate_short,
    missing_short,
    relative_short,
)

REACH = 1.0
"""Doublings that the track of a count spans on either side of the expected one."""


@dataclass(frozen=True)
class CountRow:
    """A row of a table of counts, and what was expected of it."""

    key: str
    label: str
    href: str
    now: int
    found: RowExpectation | NotComparable


def count_table(rows: Sequence[CountRow], what: str, *, left: int = 0) -> Component:
    """A table of names, incidents, expected counts with their intervals, and earlier counts.

    Parameters
    ----------
    what
        Heading of the first column.
    left
        Rows with incidents that are not shown.
    """
    if not rows:
        return html.P("No incidents in this period.", className="quiet")
    head: list[Cell] = [
        what,
        "Incidents",
        html.Th("Expected", scope="col", colSpan=2),
        BEFORE,
        YEAR,
    ]
    foot = html.Tfoot(_left(left)) if left else None
    return table(head, [_row(row) for row in rows], foot=foot, class_name="changes")


BEFORE, YEAR = "vs. the days before", "vs. a year earlier"


def _left(left: int) -> html.Tr:
    text = "1 more with incidents is" if left == 1 else f"{number(left)} more with incidents are"
    return html.Tr(html.Td(f"{text} not listed.", colSpan=6, className="quiet"))


def _row(row: CountRow) -> html.Tr:
    return html.Tr(
        [
            html.Th(goto(row.label, row.href), scope="row", title=row.label),
            html.Td(number(row.now), className="count", **data(key=row.key, value=str(row.now))),
            *_expected(row.found),
            *_earlier(row.found),
        ]
    )


def _expected(found: RowExpectation | NotComparable) -> list[html.Td]:
    """The track and the numbers of the expected count."""
    shown = data(when="Expected")
    if isinstance(found, NotComparable) or not isinstance(found.estimate, CountEstimate):
        words = (
            incomparable_short(found)
            if isinstance(found, NotComparable)
            else missing_short(found.estimate)
        )
        return [
            html.Td("", className="track-cell"),
            html.Td(words, className="change", **shown),
        ]
    estimate = found.estimate
    title, mark = estimate_detail(estimate), direction(estimate)
    return [
        html.Td(_track(estimate), className=f"track-cell {mark}".strip(), title=title),
        html.Td(
            estimate_short(estimate, found.now),
            className=f"change {mark}".strip(),
            title=title,
            **shown,
        ),
    ]


def _earlier(found: RowExpectation | NotComparable) -> list[html.Td]:
    """Changes in percent, which are description; `when` labels them where headings are hidden."""
    if isinstance(found, NotComparable):
        then: tuple[int | None, int | None] = (None, None)
        now = 0
    else:
        now, then = found.now, (found.before, found.year)
    return [
        html.Td(relative_short(now, count), className="earlier", **data(when=when))
        for count, when in zip(then, (BEFORE, YEAR), strict=True)
    ]


def direction(estimate: CountEstimate) -> str:
    """`more` or `less` for a count that stands out, else empty."""
    if not estimate.stands_out:
        return ""
    return "more" if estimate.more else "less"


def _track(estimate: CountEstimate) -> Component | None:
    if not estimate.expected:
        return None
    start, end, here = (
        track_position(value / estimate.expected)
        for value in (estimate.low, estimate.high, estimate.counted)
    )
    return html.Span(
        [
            html.Span(className="track-zero"),
            html.Span(
                className="track-bar", style={"left": f"{start}%", "width": f"{end - start:.1f}%"}
            ),
            html.Span(className="track-dot", style={"left": f"{here}%"}),
        ],
        className="track",
        **aria(hidden="true"),
    )


def track_position(ratio: float) -> float:
    """Position of a ratio on a track from half to double, 0 to 100%."""
    if ratio <= 0:
        return 0.0
    return round(50 * (1 + min(max(log2(ratio) / REACH, -1.0), 1.0)), 1)


def brief(sentences: Sequence[tuple[str, str, str]]) -> list[Component]:
    """Sentences, each with the name and the address of the page that explains it."""
    return [
        html.Li(
            [html.Span(words), " ", goto(page, href, label=f"{page}: {words}") if page else None]
        )
        for words, page, href in sentences
        if words
    ]


def paragraphs(sentences: Sequence[str], class_name: str = "said") -> list[Component]:
    return [html.P(with_commands(words), className=class_name) for words in sentences if words]


def note(words: str) -> Component | None:
    """A remark below a table."""
    return html.P(words, className="card-said") if words else None


@dataclass(frozen=True)
class Line:
    """A row of a list: name, address, remarks, amount."""

    name: str
    href: str
    remarks: tuple[str, ...]
    amount: str = ""
    detail: str = ""
    mark: str = ""  # `more` or `less`


def lines(found: Sequence[Line]) -> Component:
    """A list whose names link to the pages that explain them."""
    return html.Ol(
        [
            html.Li(
                [
                    html.Div(
                        [goto(line.name, line.href), html.Span(line.amount, className="amount")],
                        className=f"line-head {line.mark}".strip(),
                    ),
                    *(html.P(text, className="said") for text in line.remarks if text),
                ],
                title=line.detail or None,
            )
            for line in found
        ],
        className="overview-lines",
        role="list",
    )


def waiting() -> Component:
    """A mark where the second answer is missing; assets/pages/overview.js asks for it."""
    return html.Span(className="later", **data(later=""))
