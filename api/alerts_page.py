"""The Alerts page: what fired and why, what is done about it, and the watch lists."""

from __future__ import annotations

from typing import Any

from flask import Flask, Response

from analytics.access.needs import needs
from analytics.access.roles import Permission
from analytics.services import Services

ADDRESS = "/alerts"


def register(server: Flask, services: Services) -> None:
    @server.get(ADDRESS)
    @needs(Permission.PAGES)
    def alerts() -> str:
        """Alerts by state and watch list, and the watch lists."""
        found: str = _answers().page(services)
        return found

    @server.post(ADDRESS)
    @needs(Permission.ALERTS)
    def change_watch_lists() -> Any:
        """Add, mute or end a watch list, or change until when it is checked."""
        return _answers().change(services)

    @server.get(f"{ADDRESS}/count")
    @needs(Permission.PAGES)
    def alerts_count() -> Response:
        """How many alerts are new."""
        found: Response = _answers().count(services)
        return found

    @server.get(f"{ADDRESS}.rss")
    @needs(Permission.PAGES)
    def alerts_feed() -> Response:
        """The newest alerts as a feed (RSS 2.0)."""
        found: Response = _answers().feed(services)
        return found

    @server.get(f"{ADDRESS}/<int:alert_id>")
    @needs(Permission.PAGES)
    def alert(alert_id: int) -> Any:
        """One alert: why it fired, its evidence, and what was done."""
        return _answers().alert_page(services, alert_id)

    @server.post(f"{ADDRESS}/<int:alert_id>")
    @needs(Permission.ALERTS)
    def change_alert(alert_id: int) -> Any:
        """Say what is done about an alert."""
        return _answers().change_alert(services, alert_id)


def _answers() -> Any:
    from api import alerts_answers  # noqa: PLC0415 - a worker starts without what it loads

    return alerts_answers
