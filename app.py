"""Composition root: `create_app(settings)`, and `server` for gunicorn."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from dash import Dash, html
from flask import Flask

import api
import callbacks
from analytics import logs
from analytics.services import Services
from analytics.settings import Settings
from api.vendor import BOOTSTRAP
from components.frame import stylesheets
from components.frame.half_imported import ignore_half_imported
from security import body_limit, headers, request_id

ASSETS = Path(__file__).parent / "assets"
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


def create_app(settings: Settings) -> Dash:
    """Create the app. Pages open the data later, since gunicorn's workers fork first."""
    logs.configure(settings)
    ignore_half_imported()
    services = Services(settings, web=True)
    server = Flask("patroliq", static_folder=None)
    server.config["COMPRESS_MIMETYPES"] = list(COMPRESSED)
    request_id.register(server)
    body_limit.register(server)
    app = Dash(
        "patroliq",
        server=server,
        title="PatrolIQ",
        update_title="",
        assets_folder=str(ASSETS),
        external_stylesheets=[BOOTSTRAP, *stylesheets.addresses()],
        assets_ignore=stylesheets.LOADED_BY_NAME,
        serve_locally=True,
        compress=True,
        add_log_handler=False,
        # Otherwise the layout function runs once at start, which would open the data.
        suppress_callback_exceptions=True,
    )
    app.index_string = app.index_string.replace("<html>", '<html lang="en">')
    callbacks.register_all(app, services)
    # Dash does this at the first request, where threads race and a failing page leaves the worker
    # without scripts. So it is done here, with a page that cannot fail.
    app.layout = html.Div()
    app._setup_server()
    app.layout = lambda: callbacks.layout(services)
    api.register(server, services)
    policy = headers.content_policy(
        app.csp_hashes(),
        settings.tile_url,
        strict=headers.strict_bundle(ASSETS) is not None,
    )
    headers.register(server, policy, settings.hosts)
    return app


def __getattr__(name: str) -> Any:
    """Create `app:server` when gunicorn asks for it, so that tests can import `create_app`."""
    if name == "server":
        return create_app(Settings.from_environment()).server
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
