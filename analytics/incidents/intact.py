"""Search for the snapshot to serve in place of a damaged one."""

from __future__ import annotations

from contextlib import suppress

from analytics.errors import PatrolIQError
from analytics.incidents.warehouse import Snapshot, Warehouse


def newest_intact(warehouse: Warehouse, other_than: str = "") -> Snapshot | None:
    """The newest snapshot whose files all match their checksums, if any.

    Snapshots later than `other_than` come after all earlier ones, since somebody rolled back from
    them. If the manifest of `other_than` can be read, only snapshots of the same source count; else
    real incidents come before synthetic ones.
    """
    manifests = warehouse.list()
    sources = {manifest.id: manifest.source.name for manifest in manifests}
    for manifest in sorted(
        manifests, key=lambda one: (one.source.synthetic, is_later(one.id, other_than))
    ):
        of_source = manifest.source.name == sources.get(other_than, manifest.source.name)
        if manifest.id != other_than and of_source:
            with suppress(PatrolIQError):  # another schema version, or removed meanwhile
                snapshot = warehouse.get(manifest.id)
                if manifest.checksums and not snapshot.changed():
                    return snapshot
    return None


def is_later(snapshot_id: str, than: str) -> bool:
    """Whether a snapshot is later than another, whose manifest need not be readable."""
    return bool(than) and snapshot_id > than  # ids sort by time
