"""Notes about incidents, places, zones and plans."""

from __future__ import annotations

from typing import Any

from flask import Flask

from analytics.access.needs import needs
from analytics.access.roles import Permission
from analytics.services import Services

ADDRESS = "/notes"


def register(server: Flask, services: Services) -> None:
    @server.get(ADDRESS)
    @needs(Permission.PAGES)
    def notes() -> str:
        """Notes, of one thing if the query names it, with a form to write another."""
        found: str = _answers().page(services)
        return found

    @server.post(ADDRESS)
    @needs(Permission.SHARE)
    def change_notes() -> Any:
        """Write a note, or withdraw one's own."""
        return _answers().change(services)


def _answers() -> Any:
    from api import notes_answers  # noqa: PLC0415 - a worker starts without what it loads

    return notes_answers
