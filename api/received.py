"""Records that other systems send: kept in the inbox before the answer says that they are.

The worker loads them; see `analytics.sync`.
"""

from __future__ import annotations

from flask import Flask, Response, jsonify, request

from analytics.access.needs import needs
from analytics.access.programs import ProgramPermission
from analytics.access_notes import note
from analytics.errors import InputError
from analytics.inbox.inbox import Inbox
from analytics.services import Services
from analytics.sources.record_kinds import CALLS, INCIDENTS, RecordKind
from analytics.sync.feed_sources import source_of_feeds

RECEIVED = "records.received"
MOST_REASONS = 100
"""Refused lines that an answer tells of; all are kept."""


def register(server: Flask, services: Services) -> None:
    @server.post("/api/v1/incidents")
    @needs(ProgramPermission.WRITE_INCIDENTS)
    def receive_incidents() -> tuple[Response, int]:
        """Take incidents: JSON lines with the source's columns."""
        return _receive(services, INCIDENTS), 202

    @server.post("/api/v1/calls")
    @needs(ProgramPermission.WRITE_CALLS)
    def receive_calls() -> tuple[Response, int]:
        """Take calls for service: JSON lines with the source's columns."""
        return _receive(services, CALLS), 202


def _receive(services: Services, kind: RecordKind) -> Response:
    settings = services.settings
    source = source_of_feeds(kind, settings)
    if source is None:
        raise InputError(
            f"No source of {kind.name} is served. Ingest a file first, or name a source in "
            "PATROLIQ_SYNC_SOURCES."
        )
    found = Inbox(settings.home, kind).accept(source, request.get_data().splitlines())
    note(
        RECEIVED,
        found.received,
        "done",
        kind=kind.name,
        accepted=found.accepted,
        quarantined=found.quarantined,
    )
    reasons = [{"line": line, "reason": reason} for line, reason in found.reasons[:MOST_REASONS]]
    return jsonify(
        accepted=found.accepted,
        quarantined=found.quarantined,
        repeated=found.repeated,
        reasons=reasons,
        received=found.received,
        source=source.name,
    )
