"""The app whose first HTML already shows the page that is opened: the frame and its empty cards."""

from __future__ import annotations

import re
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
from components.frame import bundles
from components.frame.shell import shell
from components.frame.skeleton import skeleton
from components.frame.stylesheets import ASSETS

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
GRID = "/dash_ag_grid."
UNUSED = "/dash_table/"
"""The script of Dash's own table, which no page has."""
ICON = "alone/officer.svg"
NEVER_LOADED = re.compile(r"enterprise|mathjax|plotly|dash_table|highlight|proptypes|dev\.js")
"""Scripts that packages bring, and no page loads."""
GRID_CLASS = "incident-grid"
CHARTS = "vendor/charts.js"
CHUNK = re.compile(r'from"\./(by-content/[\w-]+\.js)"')
"""What the charts' script needs at once."""


class PageInHtml(Dash):
    """The app of an agency's services."""

    def __init__(self, services: Services, **options: Any) -> None:
        self.services = services
        self.bundles = (bundles.head(), bundles.styles(), bundles.scripts())
        head, styles, scripts = (bundle.address for bundle in self.bundles)
        self._grid = self._scripts = ""
        self._head = head
        options["server"].config["COMPRESS_MIMETYPES"] = list(COMPRESSED)
        super().__init__(
            "patroliq", external_stylesheets=[styles], include_assets_files=False, **options
        )
        self.scripts.append_script({"external_url": scripts, "external_only": True})
        icon = ASSETS / ICON
        self._icon = f"/assets/{ICON}?m={icon.stat().st_mtime}"

    def set_up(self) -> None:
        """Prepare the first request, after the callbacks are registered.

        Dash does so at that request, where threads race and a failing page leaves the worker
        without scripts; here it is done with a page that cannot fail.
        """
        self.layout = html.Div()
        self._setup_server()
        self._scripts = super()._generate_scripts_html()
        self.index_string = self.index_string.replace("<html>", PLAIN).replace(
            "{%css%}", self._in_head() + "{%css%}"
        )
        self.layout = self.opened_page

    def _generate_scripts_html(self) -> str:
        """Made once: Dash looks at every file again for each page."""
        return self._scripts or str(super()._generate_scripts_html())

    def _collect_and_register_resources(self, *given: Any, **named: Any) -> list[Any]:
        """Scripts that every page loads: without unused ones, and the grid's, which comes later."""
        found: list[Any] = super()._collect_and_register_resources(*given, **named)
        self._grid = next((str(one) for one in found if GRID in str(one)), self._grid)
        return [one for one in found if not any(part in str(one) for part in (GRID, UNUSED))]

    def _in_head(self) -> str:
        """HTML that starts to load the charts' script, if `make vendor` has built it."""
        charts = Path(self.config.assets_folder) / CHARTS
        if not charts.is_file():
            return f'<script src="{self._head}" data-grid="{self._grid}"></script>'
        source = f"/assets/{CHARTS}?m={charts.stat().st_mtime}"
        chunks = CHUNK.findall(charts.read_text(encoding="utf-8"))
        early = [source, *(f"/assets/vendor/{chunk}" for chunk in chunks)]
        links = "".join(
            f'<link rel="modulepreload" fetchpriority="low" href="{one}">' for one in early
        )
        of_head = f'src="{self._head}" data-grid="{self._grid}" data-charts="{source}"'
        return f"<script {of_head}></script>{links}"

    def static_addresses(self) -> list[str]:
        """Addresses of all scripts and stylesheets that pages may load."""
        assets = Path(self.config.assets_folder)
        return [
            *(bundle.address for bundle in self.bundles),
            *(
                f"/assets/{path.relative_to(assets)}"
                for ending in ("js", "css", "svg")
                for path in sorted(assets.rglob(f"*.{ending}"))
            ),
            *(
                f"/_dash-component-suites/{package}/{path}"
                for package, paths in self.registered_paths.items()
                for path in sorted(paths)
                if path.endswith(".js") and not NEVER_LOADED.search(path)
            ),
        ]

    def interpolate_index(self, *_: Any, **parts: Any) -> Any:
        """The HTML of an address."""
        page = skeleton(layout(self.services, request.path, self.callback_map))
        parts["app_entry"] = f'<div id="react-entry-point">{page}</div>'
        parts["favicon"] = f'<link rel="icon" type="image/svg+xml" href="{self._icon}">'
        if GRID_CLASS in page:
            parts["scripts"] += "".join(
                f'<link rel="preload" as="script" fetchpriority="low" href="{one}">'
                for one in (self._grid, f"{self._grid.rpartition('/')[0]}/async-community.js")
            )
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
        failing=services.failing_feeds,
        reader=current_reader(),
        alerts=alerts,
    )
