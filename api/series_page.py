"""The Series page: candidate series and confirmed ones, and each with its incidents."""

from __future__ import annotations

from typing import Any

from flask import Flask

from analytics.access.needs import needs
from analytics.access.roles import Permission
from analytics.services import Services

ADDRESS = "/series"


def register(server: Flask, services: Services) -> None:
    @server.get(ADDRESS)
    @needs(Permission.PAGES)
    def series_list() -> str:
        """Series by state and kind."""
        found: str = _answers().page(services)
        return found

    @server.post(ADDRESS)
    @needs(Permission.ALERTS)
    def make_series() -> Any:
        """Make a series of the incidents of a chain."""
        return _answers().make(services)

    @server.get(f"{ADDRESS}/<int:series_id>")
    @needs(Permission.PAGES)
    def one_series(series_id: int) -> Any:
        """One series: its incidents, why they are linked, and where the next one is likely."""
        return _answers().series_page(services, series_id)

    @server.post(f"{ADDRESS}/<int:series_id>")
    @needs(Permission.ALERTS)
    def change_series(series_id: int) -> Any:
        """Confirm, name or reject a series, or change its incidents."""
        return _answers().change(services, series_id)

    @server.post(f"{ADDRESS}/<int:series_id>/bulletin")
    @needs(Permission.BRIEFINGS)
    def series_bulletin(series_id: int) -> Any:
        """Make a bulletin of a series."""
        return _answers().make_bulletin(services, series_id)


def _answers() -> Any:
    from api import series_answers  # noqa: PLC0415 - a worker starts without what it loads

    return series_answers
