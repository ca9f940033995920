"""Calls that a reader of some areas sees: those in the areas.

Statements read views of the same names in place of the tables, so that none of them can see other
calls, whatever it asks.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace

import duckdb

from analytics.access.stored_results import SeenAreas
from analytics.incidents.manifest import Manifest
from analytics.incidents.model import AREA_LEVELS
from analytics.incidents.reader import SnapshotReader
from sql import load

TABLES = ("calls", "unit_time")
FINEST_FIRST = ("beat", "area", "ward", "district")


def areas_of_calls(
    areas: SeenAreas, levels: Collection[str]
) -> Mapping[str, Collection[str]] | None:
    """By level, the areas of which calls are shown; they must be in one of each level.

    Those that the rules name; where calls lack their level, those of the finest level that are
    inside. None where no level tells.
    """
    if areas.named.keys() <= set(levels):
        return areas.named
    known = (level for level in FINEST_FIRST if level in levels and areas.inside.get(level))
    level = next(known, None)
    return None if level is None else {level: areas.inside[level]}


def narrow_calls(
    connection: duckdb.DuckDBPyConnection, areas: Mapping[str, Collection[str]]
) -> None:
    """Make the views."""
    connection.execute(load("calls/create_seen_areas"))
    rows = [(level, key) for level, keys in areas.items() for key in sorted(keys)]
    connection.executemany(load("calls/add_seen_area"), rows)
    levels = [level for level in AREA_LEVELS if level in areas]
    inside = " AND ".join(
        f"{level}::VARCHAR IN (SELECT area FROM memory.main.seen_areas WHERE level = '{level}')"
        for level in levels
    )
    for table in TABLES:
        connection.execute(load("calls/seen", table=table, inside=inside))


def seen_manifest(reader: SnapshotReader) -> Manifest:
    """The manifest with the number of calls that are shown, and without other counts."""
    manifest = reader.snapshot.manifest
    title = f"{manifest.source.title} (only what you may see)"
    return replace(
        manifest,
        source=replace(manifest.source, title=title),
        incidents=int(reader.frame(load("calls/count")).item()),
        batches=(),
        unknown={},
    )
