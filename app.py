"""Composition root: `create_app(settings)`, and `server` for gunicorn."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from flask import Flask

import api
import callbacks
import security
from analytics import logs
from analytics.services import Services
from analytics.settings import Settings
from api import bundles, packed
from callbacks.frame.first_html import PageInHtml
from callbacks.frame.preparation import prepare_pages_in_background
from components.frame.half_imported import ignore_half_imported
from security import as_it_was, callback_bodies, headers
from security.identity import TOKEN_COOKIE

ASSETS = Path(__file__).parent / "assets"
TEMPLATES = Path(__file__).parent / "api" / "templates"


def create_app(settings: Settings) -> PageInHtml:
    """Create the app. Pages open the data later, since gunicorn's workers fork first."""
    logs.configure(settings)
    ignore_half_imported()
    services = Services(settings, web=True)
    server = Flask("patroliq", static_folder=None, template_folder=str(TEMPLATES))
    security.register(server, services)
    app = PageInHtml(
        services,
        server=server,
        title="PatrolIQ",
        update_title="",
        assets_folder=str(ASSETS),
        serve_locally=True,
        compress=True,
        add_log_handler=False,
        csrf_token_name=TOKEN_COOKIE,
        # Otherwise the layout function runs once at start, which would open the data.
        suppress_callback_exceptions=True,
    )
    callbacks.register_all(app, services)
    app.set_up()
    callback_bodies.register(server, app.callback_map)
    api.register(server, services)
    bundles.register(server, {one.address: one.content for one in app.bundles})
    as_it_was.register_marks(server, services)
    policy = headers.content_policy(
        app.csp_hashes(),
        settings.tile_url,
        strict=headers.strict_charts(ASSETS) is not None,
    )
    headers.register(server, policy, settings.hosts)
    packed.register(server)
    return app


def pack_files() -> None:
    """Compress all that pages load, once after an installation."""
    app = create_app(Settings())
    packed.pack_all(app.server, app.static_addresses())


def __getattr__(name: str) -> Any:
    """Create `app:server` when gunicorn asks for it, so that tests can import `create_app`."""
    if name == "server":
        app = create_app(Settings.from_environment())
        prepare_pages_in_background(app.services, app.server)
        return app.server
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
