"""The briefings: their list, one to read or edit, and its files."""

from __future__ import annotations

from typing import Any

from flask import Flask, Response

from analytics.access.needs import needs
from analytics.access.roles import Permission
from analytics.services import Services

ADDRESS = "/briefings"


def register(server: Flask, services: Services) -> None:
    @server.get(ADDRESS)
    @needs(Permission.PAGES)
    def briefings() -> str:
        """The briefings that the reader sees."""
        found: str = _answers().list_page(services)
        return found

    @server.get(f"{ADDRESS}/new")
    @needs(Permission.BRIEFINGS)
    def new_briefing() -> str:
        """The form of a new one; the query fills it in."""
        found: str = _answers().new_page(services)
        return found

    @server.post(f"{ADDRESS}/new")
    @needs(Permission.BRIEFINGS)
    def make_briefing() -> Any:
        """Draft a briefing and keep it."""
        return _answers().make(services)

    @server.get(f"{ADDRESS}/add")
    @needs(Permission.BRIEFINGS)
    def briefing_addition() -> str:
        """The form that adds a card of a page."""
        found: str = _additions().addition_page(services)
        return found

    @server.post(f"{ADDRESS}/add")
    @needs(Permission.BRIEFINGS)
    def add_to_briefing() -> Any:
        """Add a card of a page to a briefing."""
        return _additions().add(services)

    @server.post(ADDRESS)
    @needs(Permission.BRIEFINGS)
    def schedule_briefing() -> Any:
        """Have a briefing made by the clock, or no more."""
        return _answers().change_schedules(services)

    @server.get(f"{ADDRESS}/<int:briefing_id>")
    @needs(Permission.PAGES)
    def kept_briefing(briefing_id: int) -> str:
        """A briefing; who may edit it gets the forms."""
        found: str = _answers().briefing_page(services, briefing_id)
        return found

    @server.post(f"{ADDRESS}/<int:briefing_id>")
    @needs(Permission.BRIEFINGS)
    def change_briefing(briefing_id: int) -> Any:
        """Change a briefing, share it, draft it again, or remove it."""
        return _answers().change(services, briefing_id)

    @server.get("/export/briefing-<int:briefing_id>.<ending>")
    @needs(Permission.EXPORT)
    def briefing_file(briefing_id: int, ending: str) -> Response:
        """A briefing as PDF, HTML, Word or PowerPoint."""
        found: Response = _answers().file(services, briefing_id, ending)
        return found


def _answers() -> Any:
    from api import briefings_answers  # noqa: PLC0415 - a worker starts without what it loads

    return briefings_answers


def _additions() -> Any:
    from api import briefing_additions  # noqa: PLC0415 - a worker starts without what it loads

    return briefing_additions
