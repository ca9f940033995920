"""The API for other programs of the agency, `/api/v1`: one table of routes describes it too."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Any

from flask import Flask, Response

from analytics.access.needs import Open, needs
from analytics.services import Services
from api.v1 import json_errors
from api.v1.api_route import BASE, ApiRoute
from api.v1.given_options import require_described
from api.v1.json_answers import json_response
from api.v1.openapi import document
from api.v1.routes import ROUTES

DESCRIPTION = f"{BASE}/openapi.json"


def register(server: Flask, services: Services) -> None:
    """Add the routes of the table, and have every error of theirs be JSON."""
    json_errors.register(server)
    for route in ROUTES:
        server.add_url_rule(
            route.rule, route.endpoint, _view(services, route), methods=[route.method]
        )

    @server.get(DESCRIPTION)
    @needs(Open.ANYONE)
    def api_description() -> Response:
        """What the API answers, as OpenAPI: it has nothing of the data."""
        return json_response(document(ROUTES))


def _view(services: Services, route: ApiRoute) -> Callable[..., Response]:
    @needs(route.need)
    def view(**path: Any) -> Response:
        require_described(services, route)
        # Imported when asked first: a worker starts without what answers need.
        answers = import_module(f"api.v1.{route.module}")
        found: Response = answers.answer(services, **path)
        return found

    return view
