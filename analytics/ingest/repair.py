"""Serve another snapshot: by choice, or because the current one is damaged."""

from __future__ import annotations

from dataclasses import dataclass

from analytics.audit import recorded
from analytics.errors import DamagedError, IntegrityError, PatrolIQError
from analytics.incidents.intact import newest_intact
from analytics.incidents.snapshot_events import REPAIRED
from analytics.incidents.warehouse import Snapshot, Warehouse
from analytics.publisher import require_publisher
from analytics.settings import Settings


@dataclass(frozen=True)
class Repaired:
    """The fault that was repaired, and the snapshot served now."""

    fault: str
    snapshot: str


def serve(
    warehouse: Warehouse, snapshot: Snapshot, settings: Settings, event: str, **details: object
) -> None:
    """Record in the log that a snapshot is served, then serve it. Hold the warehouse's lock.

    Raises
    ------
    NotPublisherError
        Another machine publishes.
    PatrolIQError
        The log or the pointer cannot be written; the served snapshot is unchanged.
    """
    require_publisher(settings, "choose a snapshot")
    with recorded(settings, event, snapshot.id, details=details):
        try:
            warehouse.point_to(snapshot.id)
        except OSError as error:
            raise PatrolIQError(
                f"{warehouse.pointer} cannot be written ({error.strerror}); the served snapshot "
                "is unchanged. Make room on its disk, or allow writing, and run this again."
            ) from error


def repair(warehouse: Warehouse, settings: Settings) -> Repaired | None:
    """Serve the newest intact snapshot if the current one is damaged; else return None.

    Hold the warehouse's lock.

    Raises
    ------
    IntegrityError
        No snapshot is intact.
    """
    before, fault = None, ""
    try:
        before = warehouse.current_id()
        current = warehouse.current()
        if current is not None:
            warehouse.verify(current)
    except DamagedError as error:
        fault = str(error)
    if not fault:
        return None
    found = newest_intact(warehouse, before or "")
    if found is None:
        raise IntegrityError(
            f"{fault} No other snapshot is intact. Restore one from a backup into "
            f"{warehouse.snapshots_folder}, or ingest the agency's files into another home folder."
        )
    serve(warehouse, found, settings, REPAIRED, before=before, fault=fault)
    return Repaired(fault, found.id)
