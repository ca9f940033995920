"""Notices, errors and empty states of pages."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from dash import html
from dash.development.base_component import Component

from components.frame.attributes import action, removal


class ChipLike(Protocol):
    """One filter with its label."""

    @property
    def dimension(self) -> str: ...

    @property
    def label(self) -> str: ...


def no_matches(chips: Sequence[ChipLike]) -> html.Div:
    """Say that no incident matches, and offer to remove each filter."""
    offers: list[Component] = [
        html.Button(
            f"Remove {chip.label}",
            type="button",
            className="button",
            **removal(chip.dimension),
        )
        for chip in chips
    ]
    return html.Div(
        [html.Strong("No incidents match."), *offers], className="notice", role="status"
    )


def trouble(message: str) -> html.Div:
    """An error: what happened and what to do."""
    return html.Div(message, className="notice wrong", role="alert")


def notice(message: str) -> html.Div:
    """A notice that is not an error."""
    return html.Div(message, className="notice", role="status")


def dismissible(message: str) -> html.Div:
    """A notice that stays on every page until dismissed, since it changes the numbers."""
    return html.Div(
        [
            html.Span(message),
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
            html.P("Load your agency's export, or build the synthetic demo city:"),
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
