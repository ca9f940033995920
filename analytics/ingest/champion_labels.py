"""Champions' labels in snapshots: published at promotion, carried along by every ingest."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import duckdb

from analytics.artifacts.bundle import Bundle, cited_snapshots, version_folder
from analytics.artifacts.labels import label_places, places_of, store_labels
from analytics.audit import recorded
from analytics.errors import InputError, PatrolIQError
from analytics.incidents.manifest import Manifest
from analytics.incidents.warehouse import (
    DATABASE,
    Snapshot,
    Warehouse,
    new_snapshot_id,
)
from analytics.patterns.columns import add_columns
from analytics.settings import Settings

LABELS = "labels"
_LOG = logging.getLogger(__name__)


def publish_labels(warehouse: Warehouse, bundle: Bundle, settings: Settings) -> Snapshot:
    """The current snapshot with a model's labels in it. Call it with the warehouse's lock held.

    Raises
    ------
    InputError
        There is no snapshot, or it is of another source than the model.
    """
    current = warehouse.current()
    if current is None:
        raise InputError(f"{warehouse.home} holds no data to label.")
    if not _fits(bundle, current.manifest):
        raise InputError(
            f"{bundle.name} {bundle.version} was fitted on {bundle.source!r}; the warehouse holds "
            f"{current.manifest.source.name!r}. Train it again."
        )
    if _versions(current.manifest).get(bundle.name) == bundle.version:
        return current
    with warehouse.staging() as folder:
        warehouse.copy(current, folder)
        _label(folder / DATABASE, [bundle])
        now = datetime.now(UTC).isoformat(timespec="milliseconds")
        versions = {**current.manifest.model_versions, bundle.name: str(bundle.version)}
        labelled = add_columns(folder, current.manifest, [bundle])
        manifest = replace(labelled, id=new_snapshot_id(), created=now, model_versions=versions)
        cited = cited_snapshots(settings.home)
        kept = None if cited is None else cited | {bundle.snapshot}
        details = {"labels": f"{bundle.name} {bundle.version}", "before": current.id}
        with recorded(settings, "snapshot.published", manifest.id, details=details):
            return warehouse.publish(folder, manifest, kept)


def carry_labels(folder: Path, manifest: Manifest, before: Manifest | None, home: Path) -> Manifest:
    """Label the places of a staged snapshot with the models of the one before it.

    Places that are still there keep their label; new ones get theirs by the model's rule. A bundle
    that cannot be read is left out and logged: data must not wait for a model.
    """
    bundles = []
    for name, version in _versions(before).items() if before else ():
        try:
            bundle = Bundle.load(version_folder(home, name, version))
        except PatrolIQError as error:
            _LOG.warning("labels of %s %s are left out: %s", name, version, error)
            continue
        if _fits(bundle, manifest):
            bundles.append(bundle)
    if not bundles:
        return manifest
    _label(folder / DATABASE, bundles)
    manifest = add_columns(folder, manifest, bundles)
    return replace(manifest, model_versions={one.name: str(one.version) for one in bundles})


def _versions(manifest: Manifest) -> Mapping[str, int]:
    return {name: int(version) for name, version in manifest.model_versions.items()}


def _fits(bundle: Bundle, manifest: Manifest) -> bool:
    return (bundle.source, bundle.crs_local) == (manifest.source.name, manifest.crs_local)


def _label(database: Path, bundles: list[Bundle]) -> None:
    with duckdb.connect(str(database)) as connection:
        connection.execute("SET enable_progress_bar = false")
        places = places_of(connection)
        for bundle in bundles:
            if LABELS not in bundle.tables:  # a forecast: cells, not places
                continue
            labels = label_places(bundle.rule, bundle.table(LABELS), places)
            store_labels(connection, bundle.name, bundle.version, labels)
        connection.execute("CHECKPOINT")
