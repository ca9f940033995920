"""Write kept snapshots again without retracted incidents."""

from __future__ import annotations

import ctypes
import os
import shutil
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb

from analytics.access.reader import Precision
from analytics.crossfilter.conditions import Condition
from analytics.incidents.checksums import MANIFEST
from analytics.incidents.manifest import Manifest
from analytics.incidents.reader import SnapshotReader
from analytics.incidents.retracted import RetractedIds
from analytics.incidents.warehouse import Snapshot, Warehouse, new_snapshot_id
from analytics.ingest.beside_files import DELETED
from analytics.ingest.retracted_rows import refused_condition
from analytics.retraction.marks import Marks
from analytics.scoped.build import SnapshotPart, write_part
from analytics.scoped.resolve import Resolved
from analytics.settings import Settings
from sql import load

_EVERY = Condition("(id NOT IN (SELECT id FROM retracted_ids))", {})
_NONE = Condition("(false)", {})
_RENAME_EXCHANGE = 2
_HERE = -100


def marks_in(
    snapshot: Snapshot, listed: RetractedIds, settings: Settings, marks: Marks, *, current: bool
) -> int:
    """Add what a snapshot tells of retracted incidents; returns how many it has.

    Those that the source deleted are in its quarantine, and not counted. Blocks and places are
    those that no other incident of the current snapshot has.
    """
    with closing(SnapshotReader(snapshot, settings, sets_formats=False)) as reader:
        cursor = reader.cursor()
        _find(cursor, listed)
        rows = cursor.execute(load("retraction/marks")).fetchall()
        statement = load("retraction/marks_of_deleted", condition=listed.condition("value"))
        values: dict[str, Any] = {"reason": DELETED, **listed.values}
        deleted = cursor.execute(statement, values).fetchall()
    told = [*rows, *deleted]
    marks.add(told if current else [(*row[:2], None, None, None) for row in told])
    return len(rows)


def refuses_any(snapshot: Snapshot, listed: RetractedIds, settings: Settings, marks: Marks) -> bool:
    """Whether the quarantine of a snapshot names a retracted incident."""
    condition, values = refused_condition(listed, marks.pattern)
    with closing(SnapshotReader(snapshot, settings, sets_formats=False)) as reader:
        statement = load("retraction/count_refused_of_snapshot", condition=condition)
        ((count,),) = reader.cursor().execute(statement, values).fetchall()
    return bool(count)


def publish_without(
    warehouse: Warehouse, current: Snapshot, marks: Marks, listed: RetractedIds, settings: Settings
) -> Snapshot:
    """Serve the current snapshot without them, under a new id, so that web workers notice."""
    with warehouse.staging() as folder:
        written = _write(current, marks, listed, settings, folder)
        now = datetime.now(UTC).isoformat(timespec="milliseconds")
        manifest = replace(written, id=new_snapshot_id(), created=now)
        return warehouse.publish(folder, manifest, None)


def replace_without(
    warehouse: Warehouse, snapshot: Snapshot, marks: Marks, listed: RetractedIds, settings: Settings
) -> None:
    """Write a kept snapshot again in place: plans and models cite it by its id."""
    with warehouse.staging() as folder:
        _write(snapshot, marks, listed, settings, folder).write(folder / MANIFEST)
        exchange(folder, snapshot.path)


def _write(
    snapshot: Snapshot, marks: Marks, listed: RetractedIds, settings: Settings, folder: Path
) -> Manifest:
    manifest = snapshot.manifest
    levels = (Precision.BLOCK, Precision.BEAT, Precision.HIDDEN)
    condition, values = refused_condition(listed, marks.pattern)
    part = SnapshotPart(
        Resolved(_EVERY, dict.fromkeys(levels, _NONE), is_limited=False),
        manifest.attributes,
        manifest.model_versions,
        Condition(f"NOT {condition}", values),
        lambda cursor: _find(cursor, listed),
    )
    written = write_part(snapshot, part, settings, folder)
    batches = tuple(
        replace(
            batch,
            differing_samples=tuple(
                one for one in batch.differing_samples if not listed.has(one.id)
            ),
        )
        for batch in manifest.batches
    )
    return replace(written, batches=batches, outside_covered=manifest.outside_covered)


def _find(cursor: duckdb.DuckDBPyConnection, listed: RetractedIds) -> None:
    values: dict[str, Any] = dict(listed.values)
    cursor.execute(load("retraction/ids", condition=listed.condition("id")), values)


def exchange(one: Path, other: Path) -> None:
    """Exchange two folders in one step, where the file system can."""
    libc = ctypes.CDLL(None, use_errno=True)
    paths = (os.fsencode(one), os.fsencode(other))
    if libc.renameat2(_HERE, paths[0], _HERE, paths[1], _RENAME_EXCHANGE) == 0:
        return
    aside = other.with_name(f"{other.name}.before")
    other.rename(aside)
    one.rename(other)
    shutil.rmtree(aside)
    one.mkdir()
