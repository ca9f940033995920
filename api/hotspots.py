"""Routes of the Hot spots page; their slow imports are loaded with the first request."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from flask import Flask, Response

from analytics.services import Services

FILES = {
    "/export/zones.csv": "zones_csv",
    "/export/zones.geojson": "zones_geojson",
    "/export/surface.csv": "surface_csv",
    "/export/surface.geojson": "surface_geojson",
}
"""Address → function of `api.hotspot_files`."""


def register(server: Flask, services: Services) -> None:
    for address, name in FILES.items():
        server.add_url_rule(address, f"hotspots-{name}", _answer(services, name))

    @server.get("/geometry/zones/<model>/<int:version>.geojson")
    def zone_outlines(model: str, version: int) -> Response:
        """Outlines of a version's zones."""
        return _answer(services, "zone_outlines")(model, version)


def _answer(services: Services, name: str) -> Any:
    def answer(*parts: Any) -> Response:
        response: Response = getattr(import_module("api.hotspot_files"), name)(services, *parts)
        return response

    return answer
