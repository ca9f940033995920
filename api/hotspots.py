"""Routes of the Hot spots page; their slow imports are loaded with the first request."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from flask import Flask, Response

from analytics.access.needs import needs
from analytics.access.roles import Permission
from analytics.services import Services

FILES = {
    "/export/zones.csv": "hotspot_files.zones_csv",
    "/export/zones.geojson": "hotspot_files.zones_geojson",
    "/export/surface.csv": "hotspot_files.surface_csv",
    "/export/surface.geojson": "hotspot_files.surface_geojson",
    "/export/forecast.csv": "forecast_files.forecast_csv",
    "/export/forecast.geojson": "forecast_files.forecast_geojson",
}
"""Address → module and function of `api`."""


def register(server: Flask, services: Services) -> None:
    for address, name in FILES.items():
        server.add_url_rule(address, f"hotspots-{name.partition('.')[2]}", _answer(services, name))

    @server.get("/geometry/zones/<model>/<int:version>.geojson")
    @needs(Permission.PAGES)
    def zone_outlines(model: str, version: int) -> Response:
        """Outlines of a version's zones."""
        return _answer(services, "hotspot_files.zone_outlines")(model, version)

    @server.get("/geometry/<snapshot_id>/forecast-<name>.geojson")
    @needs(Permission.PAGES)
    def forecast_units(snapshot_id: str, name: str) -> Response:
        """Cells or blocks that a map of the forecast shows."""
        return _answer(services, "forecast_files.forecast_units")(snapshot_id, name)


def _answer(services: Services, name: str) -> Any:
    @needs(Permission.EXPORT)
    def answer(*parts: Any) -> Response:
        module, function = name.split(".")
        response: Response = getattr(import_module(f"api.{module}"), function)(services, *parts)
        return response

    return answer
