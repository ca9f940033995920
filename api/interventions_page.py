"""Interventions: what was done where and when, and what changed with it."""

from __future__ import annotations

from typing import Any

from flask import Flask

from analytics.access.needs import needs
from analytics.access.roles import Permission
from analytics.services import Services

ADDRESS = "/interventions"


def register(server: Flask, services: Services) -> None:
    @server.get(ADDRESS)
    @needs(Permission.PAGES)
    def interventions() -> str:
        """What was recorded, and a form that records."""
        found: str = _answers().page(services)
        return found

    @server.post(ADDRESS)
    @needs(Permission.SHARE)
    def change_interventions() -> Any:
        """Record an intervention, or withdraw one."""
        return _answers().change(services)

    @server.get(f"{ADDRESS}/<int:intervention_id>")
    @needs(Permission.PAGES)
    def intervention(intervention_id: int) -> Any:
        """What changed with an intervention, for what the reader may see."""
        return _answers().evaluation(services, intervention_id)


def _answers() -> Any:
    from api import interventions_answers  # noqa: PLC0415 - a worker starts without what it loads

    return interventions_answers
