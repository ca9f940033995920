"""Ingest: read, refuse, merge, derive, and publish the next snapshot if anything changed."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from dataclasses import replace as with_values
from datetime import UTC, datetime, timedelta
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import duckdb

from analytics.areas.outlines import build_outlines
from analytics.crossfilter import compiled
from analytics.crossfilter.codes import VERSION as CODES_VERSION
from analytics.crossfilter.codes import encode
from analytics.errors import InputError, IntegrityError, PatrolIQError
from analytics.incidents.checksums import sha256_of
from analytics.incidents.manifest import Batch, InputFile, Manifest
from analytics.incidents.model import SCHEMA_VERSION
from analytics.incidents.reference import load_tables
from analytics.incidents.warehouse import (
    DATABASE,
    UNPUBLISHED,
    Snapshot,
    Warehouse,
    new_snapshot_id,
)
from analytics.ingest.derive import Derived, derive, local_crs
from analytics.ingest.inputs import Input, expand
from analytics.ingest.merge import Merged, merge
from analytics.ingest.normalize import create_incoming, finish_incoming, normalize
from analytics.ingest.publication import publish_and_log
from analytics.ingest.quarantine import refuse_malformed, refused_so_far, write_quarantine
from analytics.ingest.read import map_columns, read
from analytics.ingest.report import FileReport, IngestReport, Note, NoteKind
from analytics.settings import Settings
from analytics.sources.reading import reading
from analytics.sources.source import Source
from sql import load

_LOG = logging.getLogger(__name__)
Advance = Callable[[str, float], None]
"""Called with the present step and the share done, 0 to 1."""


def _silent(_what: str, _share: float) -> None:
    """Ignore progress."""


@dataclass
class _Run:
    """A running ingest."""

    connection: duckdb.DuckDBPyConnection
    source: Source
    settings: Settings
    folder: Path
    stored: Snapshot | None  # the snapshot that new rows are merged with
    advance: Advance
    notes: list[Note]
    batch: str = field(default_factory=new_snapshot_id)
    files: list[FileReport] = field(default_factory=list)
    inputs: list[InputFile] = field(default_factory=list)

    @property
    def raw(self) -> Path:
        return self.folder / "raw"

    @property
    def snapshot_folder(self) -> Path:
        return self.folder / "snapshot"


def ingest(
    paths: Sequence[Path],
    source: Source,
    settings: Settings,
    *,
    dry_run: bool = False,
    replace: bool = False,
    advance: Advance = _silent,
) -> IngestReport:
    """Read files into the next snapshot.

    The served data stays unchanged until the new snapshot is complete, even after an interruption.

    Parameters
    ----------
    paths : sequence of Path
        CSV (also gzip and zip), Parquet or JSON files of one source.
    dry_run : bool
        Report what would happen; publish and keep nothing.
    replace : bool
        Replace the incidents of the warehouse, even if they are from another source.
    advance : callable
        Called with the present step and the share done, 0 to 1.

    Raises
    ------
    InputError
        A file cannot be read, is not of this source, or the warehouse has another source.
    BusyError
        Another ingest is running.
    """
    warehouse = Warehouse(settings.home)
    try:
        with _workspace(warehouse, dry_run) as folder:
            stored, notes = _stored(warehouse, source, replace)
            if not dry_run:
                warehouse.remove_orphans()
            for name in ("raw", "snapshot", "temporary"):
                (folder / name).mkdir()
            with _connect(folder, settings) as connection:
                run = _Run(connection, source, settings, folder, stored, advance, notes)
                return _ingest(run, paths, warehouse, dry_run)
    except duckdb.OutOfMemoryException as error:
        raise PatrolIQError(
            f"{settings.memory_limit} of memory is not enough; raise PATROLIQ_MEMORY_LIMIT, "
            f"or make room on the disk of {settings.home}."
        ) from error
    except (duckdb.IOException, OSError) as error:
        raise PatrolIQError(
            f"Reading or writing failed; the served data is unchanged. {error}"
        ) from error


def _ingest(run: _Run, paths: Sequence[Path], warehouse: Warehouse, dry_run: bool) -> IngestReport:
    _read_all(run, paths)
    run.advance("Merging", 0.5)
    if run.stored is not None:
        path = str(run.stored.database).replace("'", "''")
        run.connection.execute(f"ATTACH '{path}' AS stored (READ_ONLY)")
    merged = merge(
        run.connection, run.source, run.stored is not None, [file.name for file in run.inputs]
    )
    newly_refused = write_quarantine(run.connection, run.batch, run.stored is not None)
    conditions = _conditions(run)
    before = run.stored.manifest if run.stored else None
    same = (
        before is not None
        and before.schema_version == SCHEMA_VERSION
        and before.settings.get("conditions") == conditions
    )
    report = _report(run, merged, dry_run)
    if not merged.accepted and (before is None or (same and not newly_refused)):
        return report
    run.advance("Deriving", 0.6)
    crs = before.crs_local if before else local_crs(run.connection, run.source)
    derived = derive(run.connection, run.source, run.settings, crs)
    manifest = _manifest(run, report, derived, crs, conditions)
    report = with_values(
        report,
        incidents=derived.incidents,
        first=manifest.first,
        last=manifest.last,
        unknown=derived.unknown,
        without_harm=derived.without_harm,
        views_off=derived.views_off,
        notes=(*report.notes, *derived.date_notes()),
    )
    return report if dry_run else _publish(run, warehouse, report, manifest)


def _publish(
    run: _Run, warehouse: Warehouse, report: IngestReport, manifest: Manifest
) -> IngestReport:
    run.advance("Outlining areas", 0.8)
    outlines = build_outlines(
        run.connection, run.snapshot_folder, run.settings.home, manifest.crs_local
    )
    run.advance("Encoding", 0.85)
    encode(run.connection, run.snapshot_folder)
    run.advance("Publishing", 0.9)
    quarantine = run.raw / "quarantine.parquet"
    run.connection.execute(
        load("incidents/keep_refused"), {"batch": run.batch, "target": str(quarantine)}
    )
    if run.stored is not None:
        run.connection.execute("DETACH stored")
    run.connection.execute("CHECKPOINT")
    run.connection.close()
    (run.raw / "source.toml").write_text(run.source.text, encoding="utf-8")
    _keep_raw(run, warehouse)
    manifest = with_values(manifest, outlines=outlines)
    before = run.stored.manifest if run.stored else None
    snapshot = publish_and_log(warehouse, run.snapshot_folder, manifest, run.settings, before)
    try:
        (warehouse.raw / run.batch / UNPUBLISHED).unlink()
    except OSError as error:  # the snapshot is served; the next ingest removes the mark
        _LOG.warning("the mark of batch %s could not be removed: %s", run.batch, error)
    compiled.ensure_stored()
    run.advance("Done", 1.0)
    return with_values(report, snapshot=snapshot.id, published=True)


@contextmanager
def _workspace(warehouse: Warehouse, dry_run: bool) -> Iterator[Path]:
    if dry_run:
        with TemporaryDirectory(prefix="patroliq-") as name:
            yield Path(name)
    else:
        with warehouse.lock(), warehouse.staging() as folder:
            yield folder


def _stored(
    warehouse: Warehouse, source: Source, replace_all: bool
) -> tuple[Snapshot | None, list[Note]]:
    """The snapshot to merge with, if any, and notes on one that is replaced."""
    notes = [Note(NoteKind.NOTHING_PRUNED, fault) for fault in warehouse.unreadable().values()]
    warehouse.current_id()  # raises if the pointer is damaged: what is replaced must be known
    try:
        current = warehouse.mergeable()
    except IntegrityError as error:
        if not replace_all:
            raise
        return None, [*notes, Note(NoteKind.UNREADABLE_REPLACED, str(error))]
    if current is None:
        return None, notes
    held = current.manifest.source
    if replace_all:
        return None, [*notes, Note(NoteKind.REPLACED, held.title, current.manifest.incidents)]
    if held.synthetic and not source.synthetic:
        return None, [*notes, Note(NoteKind.SYNTHETIC_REPLACED)]
    if held.name != source.name:
        raise InputError(
            f"{warehouse.home} has incidents of source {held.name!r}, not {source.name!r}. "
            "Use another PATROLIQ_HOME, or --replace to replace them."
        )
    return current, notes


def _connect(folder: Path, settings: Settings) -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect(
        str(folder / "snapshot" / DATABASE),
        config={
            "threads": settings.duckdb_threads,
            "memory_limit": settings.memory_limit,
            "temp_directory": str(folder / "temporary"),
        },
    )
    # DuckDB writes its progress bar to standard output, where the command's result goes.
    connection.execute("SET enable_progress_bar = false")
    # Instants of a Parquet file become text in this zone; the default is the machine's.
    connection.execute("SET TimeZone = 'UTC'")
    return connection


def _read_all(run: _Run, paths: Sequence[Path]) -> None:
    create_incoming(run.connection, run.source)
    digests: dict[Path, str] = {}
    for number, given in enumerate(expand(list(paths), run.folder / "temporary")):
        done = list(digests).index(given.original) if given.original in digests else len(digests)
        run.advance(f"Reading {given.name}", 0.5 * done / len(paths))
        if given.original not in digests:
            digests[given.original] = sha256_of(given.original)
        with reading(given.name):
            _read_file(run, given, number, digests[given.original])
    finish_incoming(run.connection)


def _read_file(run: _Run, given: Input, number: int, sha256: str) -> None:
    safe = re.sub(r"[^A-Za-z0-9._-]+", "_", given.name)[-80:]
    table = read(run.connection, given, run.source, run.raw / f"{number:04d}-{safe}.parquet")
    run.inputs.append(InputFile(given.name, sha256, table.read if table else 0))
    if table is None:
        empty = given.kind == "empty"
        kind = NoteKind.EMPTY_FILE if empty else NoteKind.FILE_ABOUT_DATA
        run.notes.append(Note(kind, given.name))
        return
    if table.malformed is not None:
        refuse_malformed(run.connection, table.malformed, given.name)
        table.malformed.unlink()
    if not table.rows:
        run.notes.append(Note(NoteKind.NO_READABLE_ROW, given.name))
        run.files.append(FileReport(given.name, table.read, table.faults))
        return
    positions = map_columns(table, run.source, given.name)
    counts = normalize(run.connection, table, positions, run.source, name=given.name, number=number)
    run.files.append(
        FileReport(
            given.name,
            table.read,
            counts.refused + table.faults,
            counts.placeholders,
            counts.out_of_bounds,
            table.latin1_lines,
            counts.unreadable,
            tuple(name for name in run.source.alternatives() if name not in positions),
        )
    )


def _conditions(run: _Run) -> dict[str, Any]:
    """What a snapshot depends on besides its rows; a change requires a new snapshot."""
    settings = run.settings
    return {
        "source_sha256": run.source.digest,
        "day_start": settings.day_start.isoformat("minutes"),
        "shifts": [list(shift) for shift in settings.shifts],
        "tables": dict(load_tables(run.source.tables, settings.tables).checksums),
        "codes": CODES_VERSION,
        "code_version": version("patroliq"),
    }


def _report(run: _Run, merged: Merged, dry_run: bool) -> IngestReport:
    """The report if nothing is published: totals are those of the snapshot served."""
    refused = refused_so_far(run.connection)
    before = run.stored.manifest if run.stored else None
    return IngestReport(
        batch=run.batch,
        source=run.source.name,
        read=sum(file.read for file in run.files),
        accepted=merged.accepted,
        new=merged.new,
        updated=merged.updated,
        quarantined=refused.rows,
        duplicates=merged.duplicates,
        differing=merged.differing,
        differing_samples=merged.samples,
        snapshot=before.id if before else None,
        published=False,
        dry_run=dry_run,
        incidents=before.incidents if before else 0,
        first=before.first if before else None,
        last=before.last if before else None,
        reasons=refused.reasons,
        examples=refused.examples,
        unknown=before.unknown if before else {},
        without_harm=before.without_harm if before else (),
        views_off=before.views_off if before else {},
        files=tuple(run.files),
        notes=tuple(run.notes),
    )


def _manifest(
    run: _Run,
    report: IngestReport,
    derived: Derived,
    crs: str,
    conditions: dict[str, Any],
) -> Manifest:
    now = datetime.now(UTC).isoformat(timespec="milliseconds")
    batch = Batch(
        run.batch,
        now,
        tuple(run.inputs),
        report.read,
        report.accepted,
        report.quarantined,
        report.duplicates,
        report.differing,
        report.differing_samples,
    )
    covered = derived.coverage
    provisional = run.source.provisional_days
    from_day = covered.last - timedelta(days=provisional - 1) if covered and provisional else None
    return Manifest(
        id=new_snapshot_id(),
        created=now,
        schema_version=SCHEMA_VERSION,
        code_version=version("patroliq"),
        source=run.source.info,
        incidents=derived.incidents,
        first=derived.first.isoformat() if derived.first else None,
        last=derived.last.isoformat() if derived.last else None,
        provisional_from=from_day.isoformat() if from_day else None,
        crs_local=crs,
        batches=(*(run.stored.manifest.batches if run.stored else ()), batch),
        attributes=run.source.manifest_attributes,
        views_off=derived.views_off,
        unknown=derived.unknown,
        without_harm=derived.without_harm,
        settings={
            "day_start": conditions["day_start"],
            "shifts": conditions["shifts"],
            "tables": derived.tables,
            "conditions": conditions,
        },
        **derived.date_fields(),
    )


def _keep_raw(run: _Run, warehouse: Warehouse) -> None:
    (run.raw / UNPUBLISHED).touch()
    warehouse.raw.mkdir(parents=True, exist_ok=True)
    run.raw.rename(warehouse.raw / run.batch)
