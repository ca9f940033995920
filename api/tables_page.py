"""The tables that the data is read with: groups, harm, default addresses, targets of models."""

from __future__ import annotations

from typing import Any

from flask import Flask

from analytics.access.needs import needs
from analytics.access.roles import Permission
from analytics.services import Services

ADDRESS = "/data/tables"


def register(server: Flask, services: Services) -> None:
    @server.get(ADDRESS)
    @needs(Permission.DATA)
    def tables() -> str:
        """A table as it is now."""
        found: str = _answers().page(services)
        return found

    @server.post(ADDRESS)
    @needs(Permission.DATA)
    def change_table() -> Any:
        """Show what another text of a table would change, or keep it."""
        return _answers().change(services)


def _answers() -> Any:
    from api import tables_answers  # noqa: PLC0415 - a worker starts without what it loads

    return tables_answers
