"""Dash callbacks; `register_all` registers them."""

from __future__ import annotations

from dash import Dash
from dash.development.base_component import Component

from analytics.errors import PatrolIQError
from analytics.services import Services
from callbacks.explore import wiring as explore
from callbacks.frame import navigation, selection
from callbacks.frame.pages import PAGES
from callbacks.hotspots import wiring as hotspots
from components.frame.shell import shell


def layout(services: Services) -> Component:
    """The frame as first sent to a browser."""
    try:
        pinned = services.pin()
    except PatrolIQError:  # `navigation.page_content` shows the message
        pinned = None
    if pinned is None:
        return shell(None)
    return shell(pinned.snapshot.manifest, damage=pinned.warning)


def register_all(app: Dash, services: Services) -> None:
    """Register every callback."""
    navigation.register(app, services)
    for page in PAGES:
        selection.register(app, services, page)
    selection.register_answered(app)
    explore.register(app)
    hotspots.register(app)
