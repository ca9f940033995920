"""Kept snapshots, to open one as it was and to return."""

from __future__ import annotations

from typing import Any

from flask import Flask

from analytics.access.needs import needs
from analytics.access.roles import Permission
from analytics.services import Services
from security.as_it_was import ADDRESS


def register(server: Flask, services: Services) -> None:
    @server.get(ADDRESS)
    @needs(Permission.AS_IT_WAS)
    def as_it_was() -> str:
        """The kept snapshots; while one is open, what is shown of it."""
        found: str = _answers().page(services)
        return found

    @server.post(ADDRESS)
    @needs(Permission.AS_IT_WAS)
    def open_as_it_was() -> Any:
        """Open a kept snapshot in this browser."""
        return _answers().open_snapshot(services)

    @server.post(f"{ADDRESS}/return")
    @needs(Permission.AS_IT_WAS)
    def return_to_today() -> Any:
        """Close the snapshot that is open in this browser."""
        return _answers().return_to_today()


def _answers() -> Any:
    from api import as_it_was_answers  # noqa: PLC0415 - a worker starts without what it loads

    return as_it_was_answers
