"""Routes of what is made of a stored plan: printable sheets, the briefing, GeoJSON, a calendar.

SQLAlchemy loads with the first of them, as a worker must start without it.
"""

from __future__ import annotations

from flask import Flask, Response

from analytics.access.needs import needs
from analytics.access.programs import ProgramPermission
from analytics.access.roles import Permission
from analytics.services import Services


def register(server: Flask, services: Services) -> None:
    @server.get("/patrol/sheet")
    @needs(Permission.PAGES)
    def sheet() -> Response:
        """Printable sheets of a plan's units, or of the one that `unit` names."""
        from api.plan_files import sheets  # noqa: PLC0415

        return sheets(services)

    @server.get("/patrol/briefing")
    @needs(Permission.PAGES)
    def briefing() -> Response:
        """Printable briefing of a plan, with its sources."""
        from api.plan_files import briefing  # noqa: PLC0415

        return briefing(services)

    @server.get("/export/plan.geojson")
    @needs(Permission.EXPORT)
    def plan_geojson() -> Response:
        """Stops and routes of a plan's units, and the places that analysts left out."""
        from api.plan_files import geojson  # noqa: PLC0415

        return geojson(services)

    @server.get("/feeds/plans.ics")
    @needs(ProgramPermission.FEED_PLANS)
    def plans_feed() -> Response:
        """The newest plans as a calendar; `token` is one that may do nothing else."""
        from api.plan_files import feed  # noqa: PLC0415

        return feed(services)

    @server.get("/export/plan.ics")
    @needs(Permission.EXPORT)
    def plan_ics() -> Response:
        """Stops as events of a calendar."""
        from api.plan_files import calendar  # noqa: PLC0415

        return calendar(services)
