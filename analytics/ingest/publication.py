"""Publish a snapshot with champions' labels, and record it in the audit log."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

from analytics.artifacts.bundle import cited_snapshots
from analytics.artifacts.champions import decisions, renew_pointers
from analytics.audit import recorded
from analytics.incidents.manifest import Manifest
from analytics.incidents.warehouse import Snapshot, Warehouse
from analytics.ingest.champion_labels import carry_labels, label_versions
from analytics.settings import Settings

PUBLISHED = "snapshot.published"


def publish_and_log(
    warehouse: Warehouse,
    folder: Path,
    manifest: Manifest,
    settings: Settings,
    before: Manifest | None,
) -> Snapshot:
    """Publish a staged folder. Hold the warehouse's lock.

    It gets the labels of the champions and of other models that labeled the snapshot `before`;
    snapshots that champions were trained on are kept. The log is written first, so every served
    snapshot is in it.

    Raises
    ------
    StateError
        The entry in the audit log cannot be written; nothing is published.
    """
    champions = decisions(settings)
    renew_pointers(settings.home, champions)
    models = {name: champion.version for name, champion in champions.items()}
    known = label_versions(before) if before else {}
    manifest = carry_labels(folder, manifest, {**known, **models}, settings.home)
    details = {
        "source": manifest.source.name,
        "incidents": manifest.incidents,
        "batch": asdict(manifest.batches[-1]) if manifest.batches else {},
    }
    with recorded(settings, PUBLISHED, manifest.id, details=details):
        return warehouse.publish(folder, manifest, cited_snapshots(settings.home))
