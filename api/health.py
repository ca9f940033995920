"""Health checks: whether the process runs, and whether it can answer."""

from __future__ import annotations

from typing import Any

import duckdb
from flask import Flask

from analytics.errors import PatrolIQError
from analytics.services import Services


def register(server: Flask, services: Services) -> None:
    @server.get("/health")
    def health() -> dict[str, str]:
        """Say that the process runs."""
        return {"status": "live"}

    @server.get("/ready")
    def ready() -> tuple[dict[str, Any], int]:
        """Check that there is a snapshot and that it opens; 503 gives the reason if not.

        `degraded` is a 200: pages work, but an earlier snapshot is served because the current one
        is damaged, or changes cannot be saved.
        """
        try:
            pinned = services.pin()
            if pinned is None:
                return {"status": "empty", "reason": "No snapshot yet; run `patroliq ingest`."}, 503
            frame = pinned.reader.frame("SELECT count(*) AS incidents FROM incidents")
        except (PatrolIQError, duckdb.Error, OSError) as error:
            return {"status": "failing", "reason": services.for_readers(error)}, 503
        manifest = pinned.snapshot.manifest
        reasons = [each for each in (pinned.warning, services.state_trouble) if each]
        warning = {"status": "degraded", "reason": " ".join(reasons)} if reasons else {}
        return {
            "status": "ready",
            **warning,
            "snapshot": manifest.id,
            "incidents": int(frame.item()),
            "last": manifest.last,
            "synthetic": manifest.source.synthetic,
        }, 200
