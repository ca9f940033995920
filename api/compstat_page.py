"""The CompStat page: a table to print, and the same numbers as files."""

from __future__ import annotations

from typing import Any

from flask import Flask, Response

from analytics.access.needs import needs
from analytics.access.roles import Permission
from analytics.services import Services


def register(server: Flask, services: Services) -> None:
    @server.get("/compstat")
    @needs(Permission.PAGES)
    def compstat() -> Any:
        """The table of a selection."""
        return _answers().page(services)

    @server.get("/export/compstat.csv")
    @needs(Permission.EXPORT)
    def compstat_csv() -> Response:
        """The table, a line for each row."""
        found: Response = _answers().csv_file(services)
        return found

    @server.get("/export/compstat.json")
    @needs(Permission.EXPORT)
    def compstat_json() -> Response:
        """The table as `patroliq compstat --json` prints it."""
        found: Response = _answers().json_file(services)
        return found


def _answers() -> Any:
    from api import compstat_table  # noqa: PLC0415 - a worker starts without what it loads

    return compstat_table
