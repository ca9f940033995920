"""Routes of the officer's phone page `/go`: its shell, plans of the day, visits that phones send.

The shell has no data, so that the browser may keep it; everything else is fetched. A visit has an
id of the phone, so that it may be sent again until an answer arrives. SQLAlchemy loads with the
first request for data, as a worker must start without it.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from flask import Flask, Response, request

from analytics.access.needs import Open, needs
from analytics.access.roles import Permission
from analytics.services import Services

ALONE = Path(__file__).parent.parent / "assets" / "alone"
SCOPE = "/go"


def register(server: Flask, services: Services) -> None:
    @server.get(SCOPE)
    @needs(Open.ANYONE)
    def go() -> Response:
        """The page without data."""
        return _file("officer.html", "text/html")

    @server.get(f"{SCOPE}/worker.js")
    @needs(Open.ANYONE)
    def worker() -> Response:
        """The service worker, which may answer for the page itself."""
        response = _file("officer_worker.js", "text/javascript")
        response.headers["Service-Worker-Allowed"] = SCOPE
        return response

    @server.get(f"{SCOPE}/manifest.webmanifest")
    @needs(Open.ANYONE)
    def manifest() -> Response:
        """What a phone needs to install the page."""
        return _file("officer.webmanifest", "application/manifest+json")

    @server.get(f"{SCOPE}/plans.json")
    @needs(Permission.PHONE)
    def plans() -> dict[str, Any]:
        """Plans of a day, and of the day before."""
        from api.officer_answers import plans_of_day  # noqa: PLC0415

        return plans_of_day(services)

    @server.get(f"{SCOPE}/plan.json")
    @needs(Permission.PHONE)
    def plan() -> dict[str, Any]:
        """Units and stops of a plan."""
        from api.officer_answers import plan_on_phone  # noqa: PLC0415

        return plan_on_phone(services)

    @server.post(f"{SCOPE}/visits")
    @needs(Permission.PHONE)
    def visits() -> dict[str, Any]:
        """Store visits."""
        from api.officer_answers import store_visits  # noqa: PLC0415

        return store_visits(services)


def _file(name: str, content_type: str) -> Response:
    response = Response(
        (ALONE / name).read_text(encoding="utf-8"), content_type=f"{content_type}; charset=utf-8"
    )
    response.headers["Cache-Control"] = "no-cache"
    response.add_etag()
    response.make_conditional(request)
    return response
