"""Opening a page by its address; selection and history stay as they are."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dash import Dash, Input, Output, dcc, html
from dash.development.base_component import Component

from analytics.access.needs import needs
from analytics.access.roles import Permission
from analytics.errors import PatrolIQError
from analytics.services import Services
from callbacks.frame.pages import page_at
from components.frame.ids import ShellIds
from components.frame.marks import data
from components.frame.shell import gesture_store
from components.frame.states import empty_warehouse, no_such_page, trouble


def register(app: Dash, services: Services) -> None:
    @app.callback(
        Output(ShellIds.PAGE, "children"),
        Input(ShellIds.PATH, "data"),
        prevent_initial_call=True,
    )
    @needs(Permission.PAGES)
    def open_page(path: str | None) -> list[Component]:
        wanted = path if isinstance(path, str) and path else "/"
        return page_content(services, wanted, app.callback_map)


def page_content(
    services: Services, path: str, callbacks: Mapping[str, Mapping[str, Any]]
) -> list[Component]:
    """The page at an address with its gesture store, before its first answer.

    `callbacks` are Dash's, by output; a page that is drawn by the browser names its own.
    """
    wired = page_at(path)
    if wired is None:
        return [no_such_page(path)]
    try:
        pinned = services.pin()
        if pinned is None:
            return [empty_warehouse()]
        content = wired.layout(services, pinned)
    except PatrolIQError as error:
        said = trouble(services.for_readers(error))
        return [html.Main(said, className="empty-page", id="content", tabIndex=-1)]
    page = wired.page
    marks: dict[str, Any] = {"data-page": page.key, "data-path": page.path, "data-title": page.name}
    if wired.drawn:
        marks |= data(asks=_asked(callbacks, gesture_store(page)))
    return [
        dcc.Store(id=gesture_store(page)),
        html.Div(content, className="arrived", **marks),
    ]


def _asked(callbacks: Mapping[str, Mapping[str, Any]], store: str) -> str:
    """Output of the callback that a gesture store triggers, as Dash names it."""
    return next(
        output
        for output, callback in callbacks.items()
        if any(one["id"] == store for one in callback["inputs"])
    )
