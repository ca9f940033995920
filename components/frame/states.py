"""Notices, errors and empty states of pages."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from dash import html
from dash.development.base_component import Component

from analytics.formats import number
from components.frame.attributes import action, removal
from components.frame.commands import with_commands

EMPTY_CARD = "No incidents match these filters."


@dataclass(frozen=True)
class Removal:
    """A filter with its label, the incidents that match without it, and those that match it."""

    dimension: str
    label: str
    without: int
    alone: int


class ChipLike(Protocol):
    """One filter with its label."""

    @property
    def dimension(self) -> str: ...

    @property
    def label(self) -> str: ...


def no_matches(filters: Sequence[Removal]) -> html.Div:
    """Say that no incident matches and why, and offer to remove each filter."""
    several = len(filters) > 1
    impossible = [one.label for one in filters if several and not one.alone]
    why = f"The data has none of: {'; '.join(impossible)}." if impossible else ""
    offers: list[Component] = [
        html.Button(
            [f"Remove {one.label}", html.Span(f" ({_left(one.without)})", className="quiet")],
            type="button",
            className="button",
            **removal(one.dimension),
        )
        for one in filters
    ]
    if several:
        offers.append(
            html.Button("Remove all filters", type="button", className="button", **action("reset"))
        )
    return html.Div(
        [html.Strong("No incidents match."), html.Span(why) if why else None, *offers],
        className="notice",
        role="status",
    )


def _left(incidents: int) -> str:
    return f"{number(incidents)} match" if incidents != 1 else "1 matches"


def trouble(message: str) -> html.Div:
    """An error: what happened and what to do."""
    return html.Div(with_commands(message), className="notice wrong", role="alert")


def notice(message: str) -> html.Div:
    """A notice that is not an error."""
    return html.Div(with_commands(message), className="notice", role="status")


def dismissible(message: str) -> html.Div:
    """A notice that stays on every page until dismissed, since it changes the numbers."""
    return html.Div(
        [
            html.Span(with_commands(message)),
            html.Button(
                "Dismiss",
                type="button",
                className="button",
                **action("dismiss", key=message),
            ),
        ],
        className="notice wrong",
        role="alert",
    )


def no_such_page(path: str) -> html.Main:
    """The page for an unknown address."""
    return html.Main(
        [
            html.H1("Page not found"),
            html.P(["No page has the address ", html.Code(path), "."]),
            html.A("Go to Overview", href="/", className="button"),
        ],
        className="empty-page",
        id="content",
        tabIndex=-1,
    )


def empty_warehouse() -> html.Main:
    """The page of an empty warehouse: how to load data."""
    return html.Main(
        [
            html.H1("No incidents loaded yet"),
            html.P(
                [
                    html.A("Send your agency's file", href="/data", className="button"),
                    " and see what is understood of it before it is loaded. Or load it on the "
                    "server, or build the synthetic demo city:",
                ]
            ),
            html.Pre(
                "patroliq ingest incidents.csv --source chicago\n"
                "patroliq demo\n"
                "patroliq ingest --suggest incidents.csv",
                tabIndex=0,
            ),
            html.P(
                [
                    "The last line proposes a mapping for a file with unknown columns. ",
                    html.Code("patroliq doctor"),
                    " says which folder is read; set PATROLIQ_HOME to use another. Then reload "
                    "this page.",
                ]
            ),
        ],
        className="empty-page",
        id="content",
        tabIndex=-1,
    )
