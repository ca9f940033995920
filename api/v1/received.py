"""Records that other systems send: kept in the inbox before the answer says that they are.

The worker loads them; see `analytics.sync`.
"""

from __future__ import annotations

from flask import Response, request

from analytics.access_notes import note
from analytics.errors import InputError
from analytics.inbox.inbox import Inbox
from analytics.publisher import require_publisher
from analytics.services import Services
from analytics.sources.record_kinds import RecordKind
from analytics.sync.feed_sources import source_of_feeds
from api.v1.json_answers import json_response

RECEIVED = "records.received"
MOST_REASONS = 100
"""Refused lines that an answer tells of; all are kept."""


def receive(services: Services, kind: RecordKind) -> Response:
    """Take records of a kind: JSON lines with the source's columns.

    Raises
    ------
    InputError
        No source of the kind is served or named, or there are no lines or too many.
    NotPublisherError
        Another machine publishes: send them there. Nothing was kept.
    InboxFullError
        The disk is full; nothing was kept.
    """
    settings = services.settings
    require_publisher(settings, "receive records")
    source = source_of_feeds(kind, settings)
    if source is None:
        raise InputError(
            f"No source of {kind.name} is served. Ingest a file first, or name a source in "
            "PATROLIQ_SYNC_SOURCES."
        )
    found = Inbox(settings.home, kind).accept(source, request.get_data().splitlines())
    counts = {"accepted": found.accepted, "quarantined": found.quarantined}
    note(RECEIVED, found.received, "done", kind=kind.name, **counts)
    reasons = [{"line": line, "reason": reason} for line, reason in found.reasons[:MOST_REASONS]]
    response = json_response(
        {
            **counts,
            "repeated": found.repeated,
            "reasons": reasons,
            "received": found.received,
            "source": source.name,
        }
    )
    response.status_code = 202
    return response
