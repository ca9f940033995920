"""The page for auditors, and the audit log as a file.

SQLAlchemy loads with the first request for it, as a worker must start without it.
"""

from __future__ import annotations

from typing import Any

from flask import Flask, Response

from analytics.access.needs import needs
from analytics.access.roles import Permission
from analytics.services import Services


def register(server: Flask, services: Services) -> None:
    @server.get("/audit")
    @needs(Permission.AUDIT)
    def audit_page() -> str:
        """Entries that match the query, the newest first, and whether the log is intact."""
        return _answers().page(services)

    @server.get("/export/audit.csv")
    @needs(Permission.AUDIT)
    def audit_csv() -> Response:
        """Entries that match the query, as a table."""
        return _answers().csv_file(services)

    @server.get("/export/audit.jsonl")
    @needs(Permission.AUDIT)
    def audit_jsonl() -> Response:
        """The same, one JSON object on each line, from which hashes can be computed again."""
        return _answers().jsonl_file(services)


def _answers() -> Any:
    from api import audit_answers  # noqa: PLC0415

    return audit_answers
