"""Saved views: the reader's own and those shared with her roles."""

from __future__ import annotations

from typing import Any

from flask import Flask

from analytics.access.needs import needs
from analytics.access.roles import Permission
from analytics.services import Services

ADDRESS = "/views"


def register(server: Flask, services: Services) -> None:
    @server.get(ADDRESS)
    @needs(Permission.PAGES)
    def views() -> str:
        """The views, and a form that saves the page whose address is given."""
        found: str = _answers().page(services)
        return found

    @server.post(ADDRESS)
    @needs(Permission.PAGES)
    def change_views() -> Any:
        """Save, rename, share or remove a view."""
        return _answers().change(services)


def _answers() -> Any:
    from api import views_answers  # noqa: PLC0415 - a worker starts without what it loads

    return views_answers
