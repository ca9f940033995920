"""How an incident's values changed from snapshot to snapshot, as far as these are kept."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import Any

import duckdb

from analytics.errors import PatrolIQError
from analytics.incidents.manifest import Manifest
from analytics.incidents.model import MERGEABLE_SCHEMAS
from analytics.incidents.reader import SnapshotReader
from analytics.incidents.warehouse import Snapshot, Warehouse
from analytics.settings import Settings
from sql import load

_OWN_TO_SNAPSHOT = frozenset({"offense_id", "point_id", "x_m", "y_m"})
"""Numbers of rows of a snapshot's own tables, and what follows from latitude and longitude."""
Values = Mapping[str, Any]


@dataclass(frozen=True)
class ValueChange:
    column: str
    before: Any
    after: Any


@dataclass(frozen=True)
class VersionChange:
    """What differs between two kept snapshots that follow each other; `at` is the later one's."""

    snapshot: str
    at: str
    fields: tuple[ValueChange, ...]


@dataclass(frozen=True)
class Versions:
    """An incident in the snapshots that are kept, the served one among them.

    Attributes
    ----------
    kept
        Snapshots of the same source that could be read.
    unreadable
        Snapshots that could not be read.
    since
        When the oldest of them that has the incident was made; ISO 8601.
    is_first
        Whether the oldest kept snapshot already has it, so that it may be older.
    changes
        Oldest first.
    """

    kept: int
    unreadable: int
    since: str
    is_first: bool
    changes: tuple[VersionChange, ...]


def earlier_versions(
    warehouse: Warehouse, settings: Settings, served: Snapshot, values: Values
) -> Versions:
    """Compare an incident's values with those it had in earlier snapshots that are kept.

    Readers of a scoped snapshot see no earlier values: they may not be allowed to see them.
    """
    manifest = served.manifest
    if manifest.scoped_from:
        return Versions(1, 0, manifest.created, is_first=True, changes=())
    manifests = [one for one in warehouse.list() if _is_earlier(one, served.manifest)]
    found: list[tuple[Manifest, Values | None]] = [(served.manifest, values)]
    unreadable = len(warehouse.unreadable())
    for manifest in manifests:
        newer, known = found[-1]
        if _same_rows(manifest, newer):
            found.append((manifest, known))
            continue
        try:
            found.append((manifest, _values_in(warehouse, settings, manifest, values)))
        except (PatrolIQError, duckdb.Error):
            unreadable += 1
    oldest_first = list(reversed(found))
    having = [manifest for manifest, known in oldest_first if known is not None]
    return Versions(
        kept=len(found),
        unreadable=unreadable,
        since=having[0].created,
        is_first=oldest_first[0][1] is not None,
        changes=tuple(_changes(oldest_first)),
    )


def _is_earlier(manifest: Manifest, served: Manifest) -> bool:
    return (
        manifest.created < served.created
        and manifest.source.name == served.source.name
        and manifest.schema_version in MERGEABLE_SCHEMAS
    )


def _same_rows(one: Manifest, other: Manifest) -> bool:
    """Whether two snapshots have the same incidents: only labels or outlines differ."""

    def made_of(manifest: Manifest) -> Any:
        return [batch.id for batch in manifest.batches], manifest.settings.get("conditions")

    return bool(made_of(one) == made_of(other))


def _values_in(
    warehouse: Warehouse, settings: Settings, manifest: Manifest, values: Values
) -> Values | None:
    snapshot = Snapshot(warehouse.snapshots_folder / manifest.id, manifest)
    with closing(SnapshotReader(snapshot, settings, settings.query_memory_limit)) as reader:
        return _find(reader, str(values["id"]), values["operational_day"])


def _find(reader: SnapshotReader, incident: str, day: date | None) -> Values | None:
    """The incident's values, which mostly are of the same day as now."""
    if day is not None:
        parameters = {"id": incident, "day": day}
        rows = reader.frame(load("incident_record/incident_of_day"), parameters).to_dicts()
        if rows:
            return rows[0]
    rows = reader.frame(load("incident_record/incident_of_any_day"), {"id": incident}).to_dicts()
    return rows[0] if rows else None


def _changes(found: Sequence[tuple[Manifest, Values | None]]) -> Iterator[VersionChange]:
    for (_, before), (manifest, after) in pairwise(found):
        if before is None or after is None:
            continue
        shared = [name for name in after if name in before and name not in _OWN_TO_SNAPSHOT]
        fields = tuple(
            ValueChange(name, before[name], after[name])
            for name in shared
            if name != "row_hash" and before[name] != after[name]
        )
        if fields:
            yield VersionChange(manifest.id, manifest.created, fields)
