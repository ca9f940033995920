"""Routes of the Forecast page; their slow imports are loaded with the first request."""

from __future__ import annotations

from importlib import import_module

from flask import Flask, Response

from analytics.access.needs import needs
from analytics.access.roles import Permission
from analytics.services import Services


def register(server: Flask, services: Services) -> None:
    @server.get("/export/demand.<any(csv, geojson):ending>")
    @needs(Permission.EXPORT)
    def demand(ending: str) -> Response:
        """Expected counts by area and period."""
        files = import_module("api.demand_files")
        found: Response = getattr(files, f"demand_{ending}")(services)
        return found
