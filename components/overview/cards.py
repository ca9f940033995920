"""Content of the Overview's cards: tables of changes, lists, sentences."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import log2

from dash import html
from dash.development.base_component import Component

from analytics.formats import number
from analytics.overview.changes import RowChange
from components.frame.attributes import aria
from components.frame.marks import data
from components.overview.layout import goto
from components.overview.sentences import change_detail, change_short

REACH = 1.0
"""Doublings that the track of a change spans on either side."""


@dataclass(frozen=True)
class ChangeRow:
    """A row of a table of changes; None where there is nothing to compare with."""

    key: str
    label: str
    href: str
    now: int
    before: RowChange | None
    year: RowChange | None


def change_table(
    rows: Sequence[ChangeRow], what: str, then: tuple[str, str], *, left: int = 0
) -> Component:
    """A table of names, incidents and two changes with their intervals.

    Parameters
    ----------
    what
        Heading of the first column.
    then
        What both changes are compared with.
    left
        Rows with incidents that are not shown.
    """
    if not rows:
        return html.P("No incidents in this period.", className="quiet")
    return html.Table(
        [
            html.Thead(
                html.Tr(
                    [
                        html.Th(what, scope="col"),
                        html.Th("Incidents", scope="col"),
                        html.Th("vs. the days before", scope="col", colSpan=2),
                        html.Th("vs. a year earlier", scope="col", colSpan=2),
                    ]
                )
            ),
            html.Tbody([_row(row, then) for row in rows]),
            html.Tfoot(_left(left)) if left else None,
        ],
        className="changes",
    )


def _left(left: int) -> html.Tr:
    text = "1 more with incidents is" if left == 1 else f"{number(left)} more with incidents are"
    return html.Tr(html.Td(f"{text} not listed.", colSpan=6, className="quiet"))


def _row(row: ChangeRow, then: tuple[str, str]) -> html.Tr:
    return html.Tr(
        [
            html.Th(goto(row.label, row.href), scope="row", title=row.label),
            html.Td(number(row.now), className="count", **data(key=row.key, value=str(row.now))),
            *_change(row.before, then[0], "vs. the days before"),
            *_change(row.year, then[1], "vs. a year earlier"),
        ]
    )


def _change(change: RowChange | None, then: str, when: str) -> list[html.Td]:
    """The track and the text of a change; `when` labels it where the heading is hidden."""
    shown = data(when=when)
    if change is None:
        return [
            html.Td("", className="track-cell"),
            html.Td("no data", className="change", **shown),
        ]
    title, mark = change_detail(change, then), direction(change)
    return [
        html.Td(_track(change), className=f"track-cell {mark}".strip(), title=title),
        html.Td(change_short(change), className=f"change {mark}".strip(), title=title, **shown),
    ]


def direction(change: RowChange) -> str:
    """`more` or `less` where the change is significant, else empty."""
    if not change.is_significant or change.change == 0:
        return ""
    return "more" if change.now > change.before else "less"


def _track(change: RowChange) -> Component | None:
    if change.change is None or change.low is None:
        return None
    start, end = (
        track_position(1 + change.low),
        track_position(1 + change.high) if change.high is not None else 100.0,
    )
    return html.Span(
        [
            html.Span(className="track-zero"),
            html.Span(
                className="track-bar", style={"left": f"{start}%", "width": f"{end - start:.1f}%"}
            ),
            html.Span(
                className="track-dot", style={"left": f"{track_position(1 + change.change)}%"}
            ),
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
    return [html.P(words, className=class_name) for words in sentences if words]


def note(words: str) -> Component | None:
    """A remark below a table."""
    return html.P(words, className="card-said") if words else None


def numbers(head: Sequence[str], rows: Sequence[Sequence[str]]) -> html.Table:
    """The numbers of a chart as a table."""
    return html.Table(
        [
            html.Thead(html.Tr([html.Th(text, scope="col") for text in head])),
            html.Tbody(
                [
                    html.Tr([html.Th(first, scope="row"), *(html.Td(text) for text in rest)])
                    for first, *rest in rows
                ]
            ),
        ],
        className="numbers",
    )


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
