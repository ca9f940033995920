"""Flask routes besides the app: health, geometry, exports, vendored files."""

from __future__ import annotations

from typing import NoReturn

import duckdb
from flask import Flask, Response, abort, render_template, request

from analytics.access.needs import Open, needs
from analytics.access.programs import TokenRefusedError
from analytics.access.reader import reader_now
from analytics.errors import (
    BusyError,
    InputError,
    IntegrityError,
    NotAllowedError,
    NotPublisherError,
    NotSignedInError,
    OutsideScopeError,
    PatrolIQError,
    SnapshotGoneError,
    TokenNeededError,
    UnavailableError,
    UnchangeableError,
)
from analytics.inbox.inbox import InboxFullError
from analytics.services import Services
from api import (
    alerts_page,
    as_it_was_page,
    audit_page,
    briefings_page,
    calls,
    compstat_page,
    custom_areas_page,
    data_page,
    demand,
    exports,
    geometry,
    health,
    hotspots,
    interventions_page,
    layers,
    metrics,
    notes_page,
    officer,
    people,
    plans,
    records,
    responsible_use,
    series_page,
    tables_page,
    v1,
    views_page,
)

STATUS: tuple[tuple[type[PatrolIQError], int], ...] = (
    (OutsideScopeError, 403),
    (SnapshotGoneError, 410),
    (UnchangeableError, 409),
    (NotPublisherError, 409),
    (InputError, 400),
    (NotSignedInError, 401),
    (TokenNeededError, 401),
    (TokenRefusedError, 401),
    (NotAllowedError, 403),
    (BusyError, 503),
    (UnavailableError, 503),
    (IntegrityError, 503),
    (InboxFullError, 507),
    (PatrolIQError, 500),
)


def register(server: Flask, services: Services) -> None:
    """Add the routes, and answer expected errors with their message."""
    server.register_error_handler(PatrolIQError, lambda error: _expected(services, error))
    server.register_error_handler(duckdb.Error, lambda error: _unreadable(services, error))
    health.register(server, services)
    metrics.register(server, services)
    geometry.register(server, services)
    layers.register(server, services)
    exports.register(server, services)
    records.register(server, services)
    hotspots.register(server, services)
    calls.register(server, services)
    demand.register(server, services)
    plans.register(server, services)
    officer.register(server, services)
    people.register(server, services)
    responsible_use.register(server, services)
    audit_page.register(server, services)
    as_it_was_page.register(server, services)
    data_page.register(server, services)
    tables_page.register(server, services)
    alerts_page.register(server, services)
    series_page.register(server, services)
    compstat_page.register(server, services)
    briefings_page.register(server, services)
    v1.register(server, services)
    views_page.register(server, services)
    custom_areas_page.register(server, services)
    interventions_page.register(server, services)
    notes_page.register(server, services)
    for folder in ("api", "data", "export", "feeds", "geometry", "go", "layers", "bundles"):
        # Otherwise Dash would answer every unknown address with its page.
        server.add_url_rule(f"/{folder}/<path:_rest>", f"no-{folder}", _not_found)


@needs(Open.ANYONE)
def _not_found(_rest: str) -> NoReturn:
    abort(404)


def _unreadable(services: Services, error: duckdb.Error) -> Response:
    detail = services.for_readers(error).splitlines()[0][:200]
    body = f"The snapshot cannot be read ({detail}). Run `patroliq doctor` for details.\n"
    return Response(body, status=503, content_type="text/plain; charset=utf-8")


def _expected(services: Services, error: PatrolIQError) -> Response:
    status = next(code for kind, code in STATUS if isinstance(error, kind))
    said = services.for_readers(error)
    template = _template(error) if "text/html" in request.headers.get("Accept", "") else None
    if template is not None:
        page = render_template(template, trouble=said)
        return Response(page, status=status, content_type="text/html; charset=utf-8")
    body = f"{said}\n"
    return Response(body, status=status, content_type="text/plain; charset=utf-8")


def _template(error: PatrolIQError) -> str | None:
    """Of the document that tells a person why a page is not shown."""
    if isinstance(error, UnchangeableError):
        return "past_refused.html"
    if isinstance(error, InputError) and reader_now() is not None:
        return "not_shown.html"
    return None
