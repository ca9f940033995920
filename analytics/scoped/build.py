"""Write what a reader may see of a snapshot as a snapshot of its own.

Whatever is not shown is not in its files: no page, export, search or cache has to leave it out.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import duckdb

from analytics.access.reader import Precision
from analytics.access.stored_results import (
    SEEN_AREAS,
    SEEN_PLANS,
    SEEN_TARGETS,
    SMALL_COUNTS,
    SeenResults,
)
from analytics.areas.outlines import build_level
from analytics.crossfilter.codes import encode
from analytics.crossfilter.conditions import Condition
from analytics.incidents.checksums import MANIFEST, checksums
from analytics.incidents.manifest import Attribute, Batch, Lack, Manifest, Outline
from analytics.incidents.model import ATTRIBUTE_PREFIX
from analytics.incidents.reader import SnapshotReader
from analytics.incidents.warehouse import Snapshot
from analytics.ingest.derive import COUNTED, column_totals, followed
from analytics.patterns.names import is_label
from analytics.scoped.in_areas import InAreas
from analytics.scoped.own_zones import write_own_zones
from analytics.scoped.resolve import Resolved
from analytics.settings import Settings
from analytics.zones.zone_list import zone_models
from sql import load

MEMORY = "256MB"
"""Memory DuckDB may use; a web worker has little."""
FEWEST_POINTS = 3
"""Places that a block needs so that the middle of them gives none away."""
_COARSENESS = (Precision.BEAT, Precision.BLOCK)


@dataclass(frozen=True)
class SnapshotPart:
    """What a snapshot that is written has of another one.

    Attributes
    ----------
    models
        Models whose labels it has, with their versions.
    refused
        Which refused rows it has.
    prepare
        Called with the cursor before anything is written, such as to make tables that conditions
        name.
    """

    resolved: Resolved
    attributes: tuple[Attribute, ...]
    models: Mapping[str, str]
    refused: Condition = Condition("false", {})
    prepare: Callable[[duckdb.DuckDBPyConnection], object] = id


def write_scoped(
    snapshot: Snapshot,
    resolved: Resolved,
    seen: SeenResults,
    settings: Settings,
    *,
    folder: Path,
    name: str,
) -> Manifest:
    """Write the scoped snapshot into an empty folder; `name` becomes its id."""
    manifest = snapshot.manifest
    part = SnapshotPart(
        resolved,
        tuple(one for one in manifest.attributes if not is_label(one.name)),
        {model: number for model, number in manifest.model_versions.items() if seen.has(model)},
    )
    written = write_part(snapshot, part, settings, folder)
    scoped = replace(
        written,
        id=name,
        scoped_from=manifest.id,
        source=replace(manifest.source, title=f"{manifest.source.title} (only what you may see)"),
        batches=tuple(_without_counts(batch) for batch in manifest.batches),
        settings={
            **manifest.settings,
            **_stored_results(seen),
            SMALL_COUNTS: settings.small_counts,
        },
    )
    if settings.small_counts or seen.areas is not None:
        scoped = _with_own_results(
            snapshot, scoped, resolved, seen, settings=settings, folder=folder
        )
    scoped.write(folder / MANIFEST)
    return scoped


def _stored_results(seen: SeenResults) -> dict[str, Any]:
    """Settings from which `results_of` reads what is shown."""
    found: dict[str, Any] = {
        SEEN_TARGETS: sorted(seen.targets or ()),
        SEEN_PLANS: sorted(seen.plans),
    }
    if seen.areas is not None:
        found[SEEN_AREAS] = seen.areas.as_json
    return found


def _with_own_results(
    snapshot: Snapshot,
    scoped: Manifest,
    resolved: Resolved,
    seen: SeenResults,
    *,
    settings: Settings,
    folder: Path,
) -> Manifest:
    """Count its zones again; models of which none is shown are not in the manifest."""
    inside: dict[str, frozenset[int]] = {}
    if seen.areas is not None:
        with closing(SnapshotReader(snapshot, settings, MEMORY, sets_formats=False)) as whole:
            areas = InAreas(whole, resolved.seen)
            areas.write_units(folder, settings.home, seen.targets or ())
            inside = {name: areas.zones(name) for name in zone_models(scoped)}
    lost = write_own_zones(Snapshot(folder, scoped), settings, MEMORY, inside)
    models = {name: one for name, one in scoped.model_versions.items() if name not in lost}
    return replace(scoped, model_versions=models, checksums=checksums(folder))


def write_part(
    snapshot: Snapshot, part: SnapshotPart, settings: Settings, folder: Path
) -> Manifest:
    """Write a part of a snapshot into an empty folder, without its manifest, which is returned.

    It has the id of the snapshot still.
    """
    manifest = snapshot.manifest
    database = folder / snapshot.database.name
    with closing(SnapshotReader(snapshot, settings, MEMORY, sets_formats=False)) as reader:
        cursor = reader.cursor()
        path = str(database).replace("'", "''")
        cursor.execute(f"ATTACH '{path}' AS scoped")
        part.prepare(cursor)
        _write_tables(cursor, part)
        cursor.execute("DETACH scoped")
    with duckdb.connect(str(database), config=_limits(settings)) as connection:
        connection.execute("SET enable_progress_bar = false")
        outlines = _outlines(connection, folder, snapshot, settings)
        encode(connection, folder)
        counted = _counted(connection, manifest)
    return replace(
        manifest,
        attributes=part.attributes,
        model_versions=dict(part.models),
        outlines=outlines,
        checksums=checksums(folder),
        **counted,
    )


def _outlines(
    connection: duckdb.DuckDBPyConnection, folder: Path, snapshot: Snapshot, settings: Settings
) -> dict[str, Outline]:
    """Outlines that the agency added, with their names; those derived from incidents again."""
    found = {}
    for level, outline in snapshot.manifest.outlines.items():
        path = snapshot.outline(level)
        if outline.origin == "added" and path is not None:
            kept = folder / path.relative_to(snapshot.path)
            kept.parent.mkdir(exist_ok=True)
            shutil.copyfile(path, kept)
            found[level] = outline
            continue
        crs = snapshot.manifest.crs_local
        derived = build_level(connection, level, folder, settings.home, crs)
        if derived is not None:
            found[level] = derived
    return found


def _limits(settings: Settings) -> dict[str, Any]:
    return {
        "threads": settings.duckdb_threads,
        "memory_limit": MEMORY,
        "temp_directory": str(settings.home / "temporary"),
    }


def _write_tables(cursor: duckdb.DuckDBPyConnection, part: SnapshotPart) -> None:
    resolved = part.resolved
    conditions = {
        "seen": resolved.seen.sql,
        "hidden": resolved.coarser[Precision.HIDDEN].sql,
        "coarseness": _coarseness(resolved),
        "kept": part.refused.sql,
    }
    models = list(part.models)
    values = {
        **resolved.params,
        **part.refused.params,
        "fewest_points": FEWEST_POINTS,
        "models": models,
    }

    def run(name: str, **identifiers: str) -> None:
        statement = load(f"scoped/{name}", **identifiers, **conditions)
        named = set(re.findall(r"\$(\w+)", statement))
        cursor.execute(statement, {key: value for key, value in values.items() if key in named})

    for table in ("offenses", "blocks", "points"):
        run(table)
    attributes = {ATTRIBUTE_PREFIX + one.name for one in part.attributes}
    names = [row[0] for row in cursor.execute("DESCRIBE snapshot.main.incidents").fetchall()]
    kept = [name for name in names if not name.startswith(ATTRIBUTE_PREFIX) or name in attributes]
    run("incidents", columns=", ".join(map(_shown, kept)))
    for table in ("offense_rows", "offense_groups", "quarantine"):
        run(table)
    (has_labels,) = cursor.execute(load("scoped/has_labels")).fetchone() or (False,)
    if models and has_labels:
        run("labels")


def _coarseness(resolved: Resolved) -> str:
    """0 exact, 1 block, 2 beat; of several rules the coarsest applies."""
    beat, block = (resolved.coarser[level].sql for level in _COARSENESS)
    return f"CASE WHEN {beat} THEN 2 WHEN {block} THEN 1 ELSE 0 END"


def _shown(column: str) -> str:
    """A column of the incidents as it is shown.

    Texts of further attributes can be addresses, and the hash of a row confirms a guess of it.
    """
    if column == "offense_id":
        return "scoped_offenses.offense_id"
    if column in ("point_id", "lat", "lon", "x_m", "y_m"):
        return f"points.{column}"
    if column == "block":
        return "CASE WHEN coarseness < 2 THEN placed.block END AS block"
    if column == "default_address":
        return f'CASE WHEN coarseness = 0 THEN placed."{column}" ELSE false END AS "{column}"'
    if column.startswith(ATTRIBUTE_PREFIX) or column == "row_hash":
        return f'CASE WHEN coarseness = 0 THEN placed."{column}" END AS "{column}"'
    return f'placed."{column}"'


def _counted(connection: duckdb.DuckDBPyConnection, manifest: Manifest) -> dict[str, Any]:
    """Fields of the manifest that are counted: those of the incidents shown.

    The days that the data covers stay those of the source: a beat without incidents this week is
    not a beat without data.
    """
    totals = column_totals(connection, COUNTED, "incidents")
    incidents = totals["incidents"]
    unknown = {name: totals[name] for name in COUNTED if totals[name]}
    lacking: dict[str, str] = {
        name: Lack.NO_VALUES for name, count in unknown.items() if count == incidents
    }
    harmless = connection.sql(load("scoped/without_harm")).pl().to_dicts()
    return {
        "incidents": incidents,
        "first": totals["first"].isoformat() if totals["first"] else None,
        "last": totals["last"].isoformat() if totals["last"] else None,
        "unknown": unknown,
        "views_off": {**followed(lacking), **manifest.views_off},
        "without_harm": tuple(harmless) if manifest.without_harm else (),
        "outside_covered": 0,
    }


def _without_counts(batch: Batch) -> Batch:
    """A load without its numbers of rows, which count what is not shown."""
    files = tuple(replace(file, rows=0) for file in batch.files)
    return Batch(batch.id, batch.ingested_at, files, 0, 0, 0, 0)
