"""Publish a snapshot and write to the audit log what was loaded."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

from analytics.audit import record
from analytics.incidents.manifest import Manifest
from analytics.incidents.warehouse import Snapshot, Warehouse
from analytics.settings import Settings


def publish_and_log(
    warehouse: Warehouse, folder: Path, manifest: Manifest, settings: Settings
) -> Snapshot:
    """Publish a staged folder. Call it with the warehouse's lock held."""
    snapshot = warehouse.publish(folder, manifest)
    details = {
        "source": manifest.source.name,
        "incidents": manifest.incidents,
        "batch": asdict(manifest.batches[-1]) if manifest.batches else {},
    }
    record(settings, "snapshot.published", snapshot.id, details=details)
    return snapshot
