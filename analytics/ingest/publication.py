"""Publish a snapshot with champions' labels, and record it in the audit log."""

from __future__ import annotations

import secrets
import shutil
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from analytics.artifacts.bundle import Bundle
from analytics.artifacts.champions import decisions, renew_pointers
from analytics.audit import recorded
from analytics.incidents.manifest import Manifest
from analytics.incidents.snapshot_events import CALLS_PUBLISHED, PUBLISHED
from analytics.incidents.warehouse import Snapshot, Warehouse
from analytics.ingest.champion_labels import bundles_that_label, carry_labels, label_versions
from analytics.ingest.kept_snapshots import kept_snapshots
from analytics.settings import Settings
from analytics.sources.record_kinds import CALLS, DEMO


def publish_calls(
    warehouse: Warehouse, folder: Path, manifest: Manifest, settings: Settings
) -> Snapshot:
    """Publish a staged snapshot of calls, to which no model refers. Hold the warehouse's lock.

    Raises
    ------
    StateError
        The entry in the audit log cannot be written; nothing is published.
    """
    with recorded(settings, CALLS_PUBLISHED, manifest.id, details=_details(manifest)):
        return warehouse.publish(folder, manifest, (), settings.days_kept("snapshots"))


def publish_and_log(
    warehouse: Warehouse,
    folder: Path,
    manifest: Manifest,
    settings: Settings,
    *,
    unlabeled_by: Sequence[Bundle] = (),
) -> Snapshot:
    """Publish a staged folder. Hold the warehouse's lock.

    It gets the labels of models that have not labeled it yet; snapshots that champions and plans
    cite are kept. The log is written first, so every served snapshot is in it.

    Raises
    ------
    StateError
        The entry in the audit log cannot be written; nothing is published.
    """
    manifest = carry_labels(folder, manifest, unlabeled_by)
    with recorded(settings, PUBLISHED, manifest.id, details=_details(manifest)):
        keep_days = settings.days_kept("snapshots")
        return warehouse.publish(folder, manifest, kept_snapshots(settings), keep_days)


def labeling_bundles(
    settings: Settings, manifest: Manifest, before: Manifest | None
) -> list[Bundle]:
    """The models that label a new snapshot: champions, and others that labeled the one before."""
    champions = decisions(settings)
    renew_pointers(settings.home, champions)
    models = {name: champion.version for name, champion in champions.items()}
    known = label_versions(before) if before else {}
    return bundles_that_label(manifest, {**known, **models}, settings.home)


def remove_demo_calls(home: Path) -> bool:
    """Remove the demo city's calls: beside an agency's incidents they would look like its own.

    Calls of any other source stay, synthetic ones too: someone loaded them. Returns whether there
    were any. Hold the lock of the home's warehouse; its staging folder exists.

    Raises
    ------
    BusyError
        Another process is writing calls.
    """
    folder = home / CALLS.home
    if not folder.exists():
        return False
    calls = Warehouse(folder)
    with calls.lock():
        held = calls.mergeable()
        if held is None or not _is_demo(held.manifest):
            return False
        rests = home / "staging" / f"calls-{secrets.token_hex(4)}"
        folder.rename(rests)
        shutil.rmtree(rests, ignore_errors=True)
    return True


def _is_demo(manifest: Manifest) -> bool:
    return manifest.source.synthetic and manifest.source.name == DEMO


def _details(manifest: Manifest) -> dict[str, Any]:
    return {
        "source": manifest.source.name,
        manifest.source.kind: manifest.incidents,
        "batch": asdict(manifest.batches[-1]) if manifest.batches else {},
    }
