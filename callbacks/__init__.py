"""Wiring: each module here has `register(app, services)`; nothing else happens in them."""

from __future__ import annotations

from dash import Dash, html
from dash.development.base_component import Component

from analytics.crossfilter.extent import extent
from analytics.errors import PatrolIQError
from analytics.services import Services
from callbacks import map_view, selection
from components.explore import explore
from components.shell import shell
from components.states import empty_warehouse, trouble


def layout(services: Services) -> Component:
    """The page as a browser first gets it."""
    try:
        pinned = services.pin()
    except PatrolIQError as error:
        return shell(None, html.Main(trouble(str(error)), className="empty-page"))
    if pinned is None:
        return shell(None, empty_warehouse(str(services.settings.home)))
    manifest = pinned.snapshot.manifest
    return shell(manifest, explore(manifest, services.settings, bounds=extent(pinned.reader)))


def register_all(app: Dash, services: Services) -> None:
    """Register every callback, in the order in which they are listed here."""
    selection.register(app, services)
    map_view.register(app)
