"""What the cards of the Overview are filled with."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import log2

from dash import html
from dash.development.base_component import Component

from analytics.formats import number
from analytics.overview.changes import Change
from components.frame.attributes import aria
from components.frame.marks import data
from components.frame.tables import Cell, table
from components.overview.layout import goto
from components.overview.sentences import change_detail, change_short

REACH = 1.0
"""Doublings the track of a change spans on either side."""


@dataclass(frozen=True)
class ChangeRow:
    """A row of a table of changes; None where a period has nothing to be compared with."""

    key: str
    label: str
    href: str
    now: int
    before: Change | None
    year: Change | None


def change_table(
    rows: Sequence[ChangeRow], what: str, then: tuple[str, str], *, left: int = 0
) -> Component:
    """Names, incidents and two changes, each with its interval.

    Parameters
    ----------
    what
        Head of the first column.
    then
        What both changes are against, in words.
    left
        Rows with incidents that are not shown.
    """
    if not rows:
        return html.P("No incidents in this period.", className="quiet")
    head: list[Cell] = [
        what,
        "Incidents",
        html.Th("vs. the days before", scope="col", colSpan=2),
        html.Th("vs. a year earlier", scope="col", colSpan=2),
    ]
    foot = html.Tfoot(_left(left)) if left else None
    return table(head, [_row(row, then) for row in rows], foot=foot, class_name="changes")


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


def _change(change: Change | None, then: str, when: str) -> list[html.Td]:
    """The track and the words of a change; `when` stands beside it where the head is hidden."""
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


def direction(change: Change) -> str:
    """`more` or `less` where the change is significant, else empty."""
    if not change.unlikely or change.change == 0:
        return ""
    return "more" if change.now > change.before else "less"


def _track(change: Change) -> Component | None:
    if change.change is None or change.low is None:
        return None
    start, end = place(1 + change.low), place(1 + change.high) if change.high is not None else 100.0
    return html.Span(
        [
            html.Span(className="track-zero"),
            html.Span(
                className="track-bar", style={"left": f"{start}%", "width": f"{end - start:.1f}%"}
            ),
            html.Span(className="track-dot", style={"left": f"{place(1 + change.change)}%"}),
        ],
        className="track",
        **aria(hidden="true"),
    )


def place(ratio: float) -> float:
    """Where a ratio lies on a track from half to double, in percent; beyond its ends at the end."""
    if ratio <= 0:
        return 0.0
    return round(50 * (1 + min(max(log2(ratio) / REACH, -1.0), 1.0)), 1)


def brief(sentences: Sequence[tuple[str, str, str]]) -> list[Component]:
    """Sentences, each with the page that explains it: words, page's name and address."""
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


@dataclass(frozen=True)
class Line:
    """A line of a list: what, its facts, and where it leads."""

    name: str
    href: str
    facts: tuple[str, ...]
    amount: str = ""
    detail: str = ""
    mark: str = ""  # `more` or `less`


def lines(found: Sequence[Line]) -> Component:
    """A list whose names lead to the page that explains them."""
    return html.Ol(
        [
            html.Li(
                [
                    html.Div(
                        [goto(line.name, line.href), html.Span(line.amount, className="amount")],
                        className=f"line-head {line.mark}".strip(),
                    ),
                    *(html.P(fact, className="said") for fact in line.facts if fact),
                ],
                title=line.detail or None,
            )
            for line in found
        ],
        className="overview-lines",
        role="list",
    )


def waiting() -> Component:
    """Stands until the rest has come; assets/pages/overview.js asks for it."""
    return html.Span(className="later", **data(later=""))
