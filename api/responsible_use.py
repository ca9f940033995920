"""Downloads of the page Responsible use; its slow imports are loaded with the first request."""

from __future__ import annotations

from importlib import import_module

from flask import Flask, Response

from analytics.access.needs import needs
from analytics.access.roles import Permission
from analytics.services import Services


def register(server: Flask, services: Services) -> None:
    @server.get("/export/responsible-use.csv")
    @needs(Permission.EXPORT)
    def responsible_use() -> Response:
        """One card of the page as a table; `part` names it."""
        found: Response = import_module("api.responsible_files").part_csv(services)
        return found
