"""What a page says when there is nothing to show, or something went wrong."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from dash import html
from dash.development.base_component import Component

from components.frame.attributes import action, removal


class ChipLike(Protocol):
    """One clause as a person reads it."""

    @property
    def dimension(self) -> str: ...

    @property
    def label(self) -> str: ...


def no_matches(chips: Sequence[ChipLike]) -> html.Div:
    """No incident meets the selection: each clause can be taken away from here."""
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
    """Something the analyst should know: words that say what happened and what to do."""
    return html.Div(message, className="notice wrong", role="alert")


def notice(message: str) -> html.Div:
    """Something worth knowing that is not an error."""
    return html.Div(message, className="notice", role="status")


def until_dismissed(message: str) -> html.Div:
    """What changes the numbers on every page that follows: it stays until it was read."""
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
    """Nothing has this address."""
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


def empty_warehouse(home: str) -> html.Main:
    """No snapshot yet: how to get one."""
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
                    "The last line proposes a mapping for a file of unknown shape. "
                    "This server reads the warehouse ",
                    html.Code(home),
                    "; set PATROLIQ_HOME to use another. Reload this page afterwards.",
                ]
            ),
        ],
        className="empty-page",
        id="content",
        tabIndex=-1,
    )
