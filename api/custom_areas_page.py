"""Custom areas: the reader's own and those shared with her roles."""

from __future__ import annotations

from typing import Any

from flask import Flask, Response

from analytics.access.needs import needs
from analytics.access.roles import Permission
from analytics.services import Services

ADDRESS = "/custom-areas"


def register(server: Flask, services: Services) -> None:
    @server.get(ADDRESS)
    @needs(Permission.PAGES)
    def custom_areas() -> str:
        """The areas, and a form that keeps the drawn area of the query."""
        found: str = _answers().page(services)
        return found

    @server.post(ADDRESS)
    @needs(Permission.PAGES)
    def change_custom_areas() -> Any:
        """Keep, rename, share or end areas."""
        return _answers().change(services)

    @server.get(f"{ADDRESS}.geojson")
    @needs(Permission.PAGES)
    def custom_area_shapes() -> Response:
        """The area of the query, or all that are offered."""
        found: Response = _answers().geojson(services)
        return found


def _answers() -> Any:
    from api import custom_areas_answers  # noqa: PLC0415 - a worker starts without what it loads

    return custom_areas_answers
