"""Champions' labels in snapshots: published at promotion, carried over by every ingest."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import polars as pl

from analytics.artifacts.bundle import Bundle, version_folder
from analytics.artifacts.labels import add_labels, label_places, places_of, store_labels
from analytics.audit import recorded
from analytics.errors import InputError, PatrolIQError
from analytics.incidents.manifest import Manifest
from analytics.incidents.snapshot_events import PUBLISHED
from analytics.incidents.warehouse import (
    DATABASE,
    Snapshot,
    Warehouse,
    new_snapshot_id,
)
from analytics.ingest.kept_snapshots import kept_snapshots
from analytics.patterns.columns import add_columns
from analytics.settings import Settings

LABELS = "labels"
_LOG = logging.getLogger(__name__)


def snapshot_to_label(warehouse: Warehouse, bundle: Bundle) -> Snapshot:
    """The current snapshot, if a model can label its places.

    Raises
    ------
    InputError
        There is no snapshot, or its source is not that of the model.
    """
    current = warehouse.current()
    if current is None:
        raise InputError(f"{warehouse.home} has no data to label.")
    if not _fits(bundle, current.manifest):
        raise InputError(
            f"{bundle.name} {bundle.version} was trained on {bundle.source!r}; the warehouse has "
            f"{current.manifest.source.name!r}. Train it again."
        )
    return current


def unlabeled(manifest: Manifest, bundles: Iterable[Bundle]) -> list[Bundle]:
    """Bundles that fit a snapshot's source, but whose labels it does not have."""
    known = label_versions(manifest)
    return [
        bundle
        for bundle in bundles
        if _fits(bundle, manifest) and known.get(bundle.name) != bundle.version
    ]


@contextmanager
def staged_labels(
    warehouse: Warehouse, current: Snapshot, bundles: Sequence[Bundle], settings: Settings
) -> Iterator[Callable[[], Snapshot]]:
    """Stage a snapshot with models' labels in place of their old ones.

    Yields a function that publishes it. Hold the warehouse's lock.
    """
    if not bundles:
        yield lambda: current
        return
    with warehouse.staging() as folder:
        warehouse.copy(current, folder)
        _label(folder / DATABASE, bundles)
        labeled = add_columns(folder, current.manifest, bundles)
        manifest = replace(
            labeled,
            id=new_snapshot_id(),
            created=datetime.now(UTC).isoformat(timespec="milliseconds"),
            model_versions={
                **current.manifest.model_versions,
                **{bundle.name: str(bundle.version) for bundle in bundles},
            },
        )
        labels = ", ".join(f"{bundle.name} {bundle.version}" for bundle in bundles)
        details = {"labels": labels, "before": current.id}

        def publish() -> Snapshot:
            cited = kept_snapshots(settings)
            kept = None if cited is None else cited | {bundle.snapshot for bundle in bundles}
            with recorded(settings, PUBLISHED, manifest.id, details=details):
                return warehouse.publish(folder, manifest, kept, settings.days_kept("snapshots"))

        yield publish


def carry_labels(folder: Path, manifest: Manifest, bundles: Sequence[Bundle]) -> Manifest:
    """Label the places and incidents of a staged snapshot by models.

    Known places keep their label; new ones get theirs by the model's rule.
    """
    if not bundles:
        return manifest
    _label(folder / DATABASE, bundles)
    manifest = add_columns(folder, manifest, bundles)
    return replace(manifest, model_versions=versions_of(bundles))


def bundles_that_label(manifest: Manifest, models: Mapping[str, int], home: Path) -> list[Bundle]:
    """The bundles of models' versions that fit a snapshot.

    A bundle that cannot be read is skipped and logged, so that data need not wait for a model.
    """
    bundles = []
    for name, version in models.items():
        try:
            bundle = Bundle.load(version_folder(home, name, version))
        except PatrolIQError as error:
            _LOG.warning("labels of %s %s are left out: %s", name, version, error)
            continue
        if _fits(bundle, manifest):
            bundles.append(bundle)
    return bundles


def versions_of(bundles: Sequence[Bundle]) -> dict[str, str]:
    """Name → version of models, as a manifest says whose labels a snapshot has."""
    return {one.name: str(one.version) for one in bundles}


def label_new_places(
    connection: duckdb.DuckDBPyConnection, bundles: Sequence[Bundle], places: pl.DataFrame
) -> None:
    """Add models' labels of places that are new to a snapshot: point_id, lat, lon, x_m, y_m."""
    for bundle in bundles if len(places) else ():
        if LABELS in bundle.tables:
            labels = label_places(bundle.rule, bundle.table(LABELS), places)
            add_labels(connection, bundle.name, bundle.version, labels)


def label_versions(manifest: Manifest) -> Mapping[str, int]:
    return {name: int(version) for name, version in manifest.model_versions.items()}


def _fits(bundle: Bundle, manifest: Manifest) -> bool:
    return (bundle.source, bundle.crs_local) == (manifest.source.name, manifest.crs_local)


def _label(database: Path, bundles: Sequence[Bundle]) -> None:
    with duckdb.connect(str(database)) as connection:
        connection.execute("SET enable_progress_bar = false")
        places = places_of(connection)
        for bundle in bundles:
            if LABELS not in bundle.tables:  # a forecast: cells, not places
                continue
            labels = label_places(bundle.rule, bundle.table(LABELS), places)
            store_labels(connection, bundle.name, bundle.version, labels)
        connection.execute("CHECKPOINT")
