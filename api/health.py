"""Health checks: whether the process runs, and whether it can answer."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

import duckdb
from flask import Flask

from analytics.access.needs import Open, needs
from analytics.access.reader import open_access, reader_now, reading
from analytics.access.roles import Permission
from analytics.errors import PatrolIQError
from analytics.services import Services


def register(server: Flask, services: Services) -> None:
    @server.get("/health")
    @needs(Open.ANYONE)
    def health() -> dict[str, str]:
        """Say that the process runs."""
        return {"status": "live"}

    @server.get("/ready")
    @needs(Open.ANYONE)
    def ready() -> tuple[dict[str, Any], int]:
        """Check that there is a snapshot and that it opens; 503 gives the reason if not.

        `degraded` is a 200: pages work, but an earlier snapshot is served because the current one
        is damaged, changes cannot be saved, the audit log does not match its anchor, a feed fails,
        or snapshots of the machine that publishes do not arrive any more.
        """
        try:
            with reading(open_access("ready")):
                pinned = services.pin()
            if pinned is None:
                return {"status": "empty", "reason": "No snapshot yet; run `patroliq ingest`."}, 503
            audit_trouble, pull_trouble = services.audit_trouble, services.pull_trouble
            pinned.reader.frame("SELECT count(*) AS incidents FROM incidents")
        except (PatrolIQError, duckdb.Error, OSError) as error:
            return {"status": "failing", "reason": services.for_readers(error)}, 503
        feeds = failing(services.failing_feeds)
        troubles = (pinned.warning, services.state_trouble, audit_trouble, feeds, pull_trouble)
        reasons = [each for each in troubles if each]
        warning = {"status": "degraded", "reason": " ".join(reasons)} if reasons else {}
        reader = reader_now()
        if reader is None or not reader.may(Permission.PAGES):
            return {"status": "ready", **warning}, 200
        return {"status": "ready", **warning, **_seen(services)}, 200


def failing(feeds: Sequence[str]) -> str:
    """Which feeds fail; not why, as messages name addresses and `/ready` is open to anyone."""
    if not feeds:
        return ""
    return f"Feeds failed at their last run: {', '.join(feeds)}. `patroliq doctor` says why."


def _seen(services: Services) -> dict[str, Any]:
    """What the reader sees of the data; nothing where that is none of it, or not ready."""
    try:
        pinned = services.pin()
    except PatrolIQError:
        return {}
    if pinned is None:
        return {}
    manifest = pinned.snapshot.manifest
    return {
        "snapshot": manifest.id,
        "incidents": manifest.incidents,
        "last": manifest.last,
        "synthetic": manifest.source.synthetic,
        **_origin(services),
    }


def _origin(services: Services) -> dict[str, Any]:
    """Which machine pushed the snapshot, and how old it is; nothing where this one publishes."""
    try:
        pulled = services.pulled
    except PatrolIQError:  # a reason for `degraded`
        return {}
    if pulled is None or not pulled.push:
        return {}
    return {
        "pulled": {
            "publisher": pulled.publisher,
            "snapshot": pulled.snapshot,
            "pushed": pulled.pushed,
            "pulled": pulled.pulled,
            "age_s": round(pulled.age_s(time.time())),
        }
    }
