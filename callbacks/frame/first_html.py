"""The app whose first HTML already shows the page that is opened: the frame and its empty cards."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from dash import Dash, html
from dash.development.base_component import Component
from flask import request

from analytics.access.reader import current_reader
from analytics.access.roles import Permission
from analytics.alert_answers import number_new
from analytics.errors import PatrolIQError
from analytics.services import Services
from callbacks.frame.late_feed import late_feed
from callbacks.frame.navigation import page_content
from components.frame.shell import shell
from components.frame.skeleton import skeleton
from components.frame.stylesheets import scripts

COMPRESSED = (
    "text/html",
    "text/css",
    "text/plain",
    "text/javascript",
    "application/javascript",
    "application/json",
    "application/geo+json",
    "image/svg+xml",
)


PLAIN = '<html lang="en">'


class PageInHtml(Dash):
    """The app of an agency's services."""

    def __init__(self, services: Services, **options: Any) -> None:
        self.services = services
        options["server"].config["COMPRESS_MIMETYPES"] = list(COMPRESSED)
        super().__init__("patroliq", **options)
        head = scripts(Path(self.config.assets_folder))
        self.index_string = self.index_string.replace("<html>", PLAIN).replace(
            "{%css%}", head + "{%css%}"
        )

    def set_up(self) -> None:
        """Prepare the first request, after the callbacks are registered.

        Dash does so at that request, where threads race and a failing page leaves the worker
        without scripts; here it is done with a page that cannot fail.
        """
        self.layout = html.Div()
        self._setup_server()
        self.layout = self.opened_page

    def interpolate_index(self, *_: Any, **parts: Any) -> Any:
        """The HTML of an address."""
        page = skeleton(layout(self.services, request.path, self.callback_map))
        parts["app_entry"] = f'<div id="react-entry-point">{page}</div>'
        document: str = super().interpolate_index(**parts)
        return document.replace(PLAIN, f"{PLAIN[:-1]}{self._person()}>", 1)

    def _person(self) -> str:
        """Attributes of the document's element: who reads, and what that person may do."""
        reader = current_reader()
        marks = " ".join(f"may-{one}" for one in Permission if reader.may(one))
        who = ""
        if reader.is_person:
            idle = self.services.settings.idle_minutes
            who = f' data-person="{escape(reader.name)}" data-idle-minutes="{idle}"'
        return f' class="{marks}"{who}'

    def opened_page(self) -> Component:
        """The layout, with the page at the address that asks for it."""
        path = urlsplit(request.referrer or "/").path
        return layout(self.services, path, self.callback_map)


def layout(services: Services, path: str, callbacks: Mapping[str, Mapping[str, Any]]) -> Component:
    """The frame with the page at an address, before the page's first answer.

    `callbacks` are Dash's, by output.
    """
    try:
        pinned = services.pin()
    except PatrolIQError:  # `page_content` shows the message
        pinned = None
    page = page_content(services, path, callbacks)
    if pinned is None:
        return shell(None, page, reader=current_reader())
    manifest = pinned.snapshot.manifest
    alerts = number_new(services, pinned)
    return shell(
        manifest,
        page,
        damage=pinned.warning,
        late=late_feed(services, pinned),
        reader=current_reader(),
        alerts=alerts,
    )
