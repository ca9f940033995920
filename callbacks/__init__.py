"""Dash callbacks; `register_all` registers them."""

from __future__ import annotations

from dash import Dash
from dash.exceptions import DependencyException

from analytics.services import Services
from callbacks.frame import ask, navigation, selection
from callbacks.frame.pages import PAGES
from callbacks.hotspots import wiring as hotspots
from callbacks.patrol import wiring as patrol


def register_all(app: Dash, services: Services) -> None:
    """Register every callback, and answer 404 for scripts that Dash does not have."""
    app.server.register_error_handler(DependencyException, lambda _error: ("Not found\n", 404))
    navigation.register(app, services)
    ask.register(app, services)
    for page in PAGES:
        selection.register(app, services, page)
    selection.register_answered(app)
    hotspots.register(app)
    patrol.register(app)
