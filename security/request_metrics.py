"""Counts each request when it is answered, where `/metrics` may be read."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from flask import Flask, Response, g, request

from analytics.access_notes import current_origin
from analytics.settings import Settings
from security.access_trail import ACCESS

if TYPE_CHECKING:
    from security.request_counters import RequestCounters

COUNTERS = "patroliq_request_counters"
"""Key of the extension that counts."""
UNKNOWN = "unknown"
CALLBACK = "/_dash-update-component"
GESTURE = "gesture-"
"""Ids of what sends the gestures of a page begin with it, and end with the page."""
ROWS = "X-PatrolIQ-Rows"


def register(server: Flask, settings: Settings) -> None:
    """Count requests from now on. Register it early: what is registered first sees the answer."""
    if not settings.metrics_token:
        return
    from security.request_counters import FOLDER, RequestCounters  # noqa: PLC0415 - only if read

    shared = os.environ.get(FOLDER)
    counters = RequestCounters(Path(shared) if shared else None)
    server.extensions[COUNTERS] = counters

    @server.after_request
    def count(response: Response) -> Response:
        _count(counters, response)
        return response


def counters_of(server: Flask) -> RequestCounters | None:
    """What counts the requests of a server; None where `/metrics` may not be read."""
    found: RequestCounters | None = server.extensions.get(COUNTERS)
    return found


def _count(counters: RequestCounters, response: Response) -> None:
    route = UNKNOWN if request.url_rule is None else request.url_rule.rule
    counters.requests.labels(route, str(response.status_code)).inc()
    if "request_started" in g:  # else it was refused before it began
        seconds = time.perf_counter() - g.request_started
        counters.request_seconds.labels(route).observe(seconds)
        if route == CALLBACK and response.status_code < 300 and (page := _page()):
            counters.callback_seconds.labels(page).observe(seconds)
    rows = response.headers.get(ROWS, "")
    if response.status_code < 300 and rows.isdecimal():
        counters.exported_rows.inc(int(rows))
    origin = current_origin()
    for entry in origin.notes if origin else ():
        if entry.event.startswith(ACCESS) and entry.outcome == "refused":
            counters.sign_in_failures.labels(entry.event.removeprefix(ACCESS)).inc()


def _page() -> str:
    """The page whose gesture was answered: of a body that was checked to ask one callback."""
    body: Any = request.get_json(silent=True)
    asked = body["inputs"] or [{}]
    first = asked[0] if isinstance(asked, list) else asked
    id = str(first.get("id", ""))
    return id.removeprefix(GESTURE) if id.startswith(GESTURE) else ""
