"""Ingest: read, refuse, merge, derive, and publish the next snapshot if anything changed.

Incidents and calls for service take the same road; they differ in what is derived from them.
"""

from __future__ import annotations

import logging
import re
import shutil
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from dataclasses import replace as with_values
from datetime import UTC, datetime, timedelta
from functools import cached_property
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import duckdb

from analytics.areas.outlines import build_outlines
from analytics.artifacts.bundle import Bundle
from analytics.calls.tables import VERSION as CALLS_VERSION
from analytics.crossfilter import compiled
from analytics.crossfilter.codes import VERSION as CODES_VERSION
from analytics.crossfilter.codes import WORD_COLUMNS, encode
from analytics.errors import BusyError, InputError, IntegrityError, PatrolIQError
from analytics.incidents.checksums import sha256_of
from analytics.incidents.default_places import digest
from analytics.incidents.manifest import Batch, InputFile, Manifest
from analytics.incidents.model import SCHEMA_VERSION
from analytics.incidents.packed_loads import merged as merged_loads
from analytics.incidents.reference import load_tables
from analytics.incidents.retracted import RetractedIds
from analytics.incidents.warehouse import (
    DATABASE,
    UNPUBLISHED,
    Snapshot,
    Warehouse,
    database_name,
    new_snapshot_id,
)
from analytics.ingest.amend import NAME, Amendment, may_amend
from analytics.ingest.beside_files import (
    NOTHING_BESIDE,
    BesideFiles,
    has_any,
    leave_out_deleted,
    resent_in_vain,
)
from analytics.ingest.capitals import CAPITALS_VERSION, spellings_of_stored, unify_capitals
from analytics.ingest.champion_labels import versions_of
from analytics.ingest.code_table import code_table_digest, code_table_path
from analytics.ingest.derive import Derived, derive, local_crs
from analytics.ingest.derive_calls import derive_calls
from analytics.ingest.encodings import detected_encoding
from analytics.ingest.inputs import Input, expand
from analytics.ingest.merge import Merged, add_stored, mark_repeats, merge
from analytics.ingest.normalize import create_incoming, finish_incoming, normalize, refuse
from analytics.ingest.oddities import clock_changes, heaps, id_spellings
from analytics.ingest.place_remedies import place_remedy
from analytics.ingest.publication import (
    labeling_bundles,
    publish_and_log,
    publish_calls,
    remove_demo_calls,
)
from analytics.ingest.quarantine import refuse_malformed, refused_so_far, write_quarantine
from analytics.ingest.read import map_columns, read
from analytics.ingest.report import FileReport, IngestReport, Note, NoteKind, UnconfirmedError
from analytics.ingest.retracted_rows import leave_out
from analytics.ingest.sheets import SheetChoice
from analytics.ingest.source_now import source_now
from analytics.ingest.tables import InputTable, remove
from analytics.ingest.thresholds import doubts_of, is_doubtful, loses_places
from analytics.layers.layer_store import LayerStore
from analytics.publisher import require_publisher
from analytics.settings import Settings
from analytics.sources.reading import reading
from analytics.sources.record_kinds import CALLS
from analytics.sources.source import Source
from sql import load

_LOG = logging.getLogger(__name__)
Advance = Callable[[str, float], None]
"""Called with the present step and the share done, 0 to 1."""


def silent(_what: str, _share: float) -> None:
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
    beside: BesideFiles = NOTHING_BESIDE
    batch: str = field(default_factory=new_snapshot_id)
    files: dict[int, FileReport] = field(default_factory=dict)  # by number of input
    inputs: list[InputFile] = field(default_factory=list)
    tables: dict[int, InputTable] = field(default_factory=dict)  # the same
    amendment: Amendment | None = None  # if the stored snapshot is amended
    is_complete: bool = False  # whether `merged` has the stored records too

    @cached_property
    def crs_local(self) -> str:
        """That of the stored snapshot, else of table `merged`."""
        if self.stored is not None:
            return self.stored.manifest.crs_local
        return local_crs(self.connection, self.source)

    @property
    def calls(self) -> bool:
        """Whether the records are calls for service."""
        return self.source.kind is CALLS

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
    confirmed: bool = False,
    beside: BesideFiles = NOTHING_BESIDE,
    advance: Advance = silent,
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
        Replace the records of the warehouse, even if they are from another source.
    confirmed : bool
        Publish a first load even if it is doubtful.
    beside : BesideFiles
        Records that the source deleted, and lines that a feed refused.
    advance : callable
        Called with the present step and the share done, 0 to 1.

    Raises
    ------
    UnconfirmedError
        A first load is doubtful: more rows or places are lost than the settings allow.
    InputError
        A file cannot be read, is not of this source, or the warehouse has another source.
    BusyError
        Another ingest is running.
    NotPublisherError
        Another machine publishes.
    """
    if not dry_run:
        require_publisher(settings, f"load {source.kind.name}")
    warehouse = Warehouse(settings.home / source.kind.home)
    try:
        with _workspace(warehouse, dry_run) as folder:
            stored, notes = _stored(warehouse, source, replace)
            if not dry_run:
                warehouse.remove_orphans()
            with _connect(folder, source, settings) as connection:
                run = _Run(connection, source, settings, folder, stored, advance, notes, beside)
                report = _ingest(run, paths, warehouse, dry_run, confirmed or dry_run)
            if report.published and source.kind is not CALLS and not source.synthetic:
                report = with_values(report, notes=(*report.notes, *_remove_demo(settings.home)))
            return report
    except duckdb.OutOfMemoryException as error:
        raise PatrolIQError(
            f"{settings.memory_limit} of memory is not enough; raise PATROLIQ_MEMORY_LIMIT, "
            f"or make room on the disk of {settings.home}."
        ) from error
    except (duckdb.IOException, OSError) as error:
        raise PatrolIQError(
            f"Reading or writing failed; the served data is unchanged. {error}"
        ) from error


def derive_again(settings: Settings, advance: Advance = silent) -> IngestReport:
    """Publish the served incidents again, with the tables, settings and source as they are now.

    Nothing is published if none of these has changed.

    Raises
    ------
    InputError
        There are no incidents.
    """
    current = Warehouse(settings.home).current()
    if current is None:
        raise InputError(f"{settings.home} has no incidents; first run `patroliq ingest`.")
    return ingest([], source_now(current, settings), settings, advance=advance)


def _remove_demo(home: Path) -> Iterator[Note]:
    """Remove what the demo city left beside an agency's incidents, and say so."""
    if LayerStore(home).remove_synthetic():
        yield Note(NoteKind.DEMO_LAYERS_REMOVED)
    try:
        if remove_demo_calls(home):
            yield Note(NoteKind.DEMO_CALLS_REMOVED)
    except BusyError:
        yield Note(NoteKind.DEMO_CALLS_KEPT)


def _ingest(
    run: _Run, paths: Sequence[Path], warehouse: Warehouse, dry_run: bool, confirmed: bool
) -> IngestReport:
    if run.stored is not None:
        path = str(run.stored.database).replace("'", "''")
        run.connection.execute(f"ATTACH '{path}' AS stored (READ_ONLY)")
    run.connection.execute(load("incidents/create_resent"), {"ids": sorted(run.beside.resent)})
    _read_all(run, paths)
    retracted = _leave_out_retracted(run)
    gone = {*run.beside.deleted, *resent_in_vain(run.connection)}
    run.advance("Merging", 0.5)
    run.notes.extend(clock_changes(run.connection, run.source))
    merged = merge(
        run.connection, run.source, run.stored is not None, [file.name for file in run.inputs]
    )
    merged = with_values(merged, duplicates=merged.duplicates + retracted)
    newly_refused = write_quarantine(run.connection, run.batch, run.stored is not None)
    deleted = _leave_out_deleted(run, gone)
    conditions = _conditions(run)
    before = run.stored.manifest if run.stored else None
    same = (
        before is not None
        and before.schema_version == SCHEMA_VERSION
        and before.settings.get("conditions") == conditions
    )
    report = _report(run, merged, dry_run)
    is_doubted = before is None and is_doubtful(report)
    report = with_values(report, deleted=deleted, must_confirm=is_doubted)
    if report.must_confirm and not confirmed:
        raise UnconfirmedError(report)
    is_changed = merged.accepted or deleted or (before and not (same and not newly_refused))
    if not is_changed:
        return report
    run.advance("Deriving", 0.6)
    run.amendment = _amendment(run, merged.accepted, dry_run) if same else None
    if run.amendment:
        derived, spelled = run.amendment.derive()
        records = f"{NAME}.incidents"
    else:
        derived, spelled = _derive_all(run)
        records = "merged"
    manifest = _manifest(run, report, derived, conditions)
    report = with_values(
        report,
        incidents=derived.incidents,
        first=manifest.first,
        last=manifest.last,
        unknown=derived.unknown,
        without_harm=derived.without_harm,
        views_off=derived.views_off,
        notes=(
            *(*report.notes, *spelled, *derived.date_notes()),
            *id_spellings(run.connection, records),
            *(heaps(run.connection, run.source) if before is None else ()),
        ),
    )
    return report if dry_run else _publish(run, warehouse, report, manifest)


def _derive_all(run: _Run) -> tuple[Derived, list[Note]]:
    """Derive everything from the stored and the changed records."""
    _complete(run)
    in_use = spellings_of_stored(run.connection, run.source, run.stored is not None)
    spelled = unify_capitals(run.connection, run.source, in_use)
    if run.calls:
        return derive_calls(run.connection, run.source, run.settings), spelled
    return derive(run.connection, run.source, run.settings, run.crs_local), spelled


def _complete(run: _Run) -> None:
    """Add the stored records to `merged`, once."""
    if run.stored is not None and not run.is_complete:
        add_stored(run.connection, run.source)
        run.is_complete = True


def _leave_out_deleted(run: _Run, gone: Collection[str]) -> int:
    """Leave out records that the source deleted; returns how many."""
    stored = run.source.kind.name if run.stored is not None else None
    if not has_any(run.connection, gone, stored):
        return 0
    _complete(run)
    return leave_out_deleted(run.connection, run.batch, gone)


def _amendment(run: _Run, changed: int, dry_run: bool) -> Amendment | None:
    """How to amend the stored snapshot, where that leads to the same as deriving all again.

    Nothing is labeled in a dry run: to tell by which models would write their pointers.
    """
    stored = run.stored
    if run.calls or run.is_complete or stored is None:
        return None
    if not may_amend(run.connection, stored, changed):
        return None
    bundles: list[Bundle] = []
    if not dry_run:
        bundles = labeling_bundles(run.settings, stored.manifest, stored.manifest)
        if versions_of(bundles) != stored.manifest.model_versions:
            return None
    database = run.folder / DATABASE
    return Amendment(run.connection, stored, database, run.source, run.settings, bundles)


def _leave_out_retracted(run: _Run) -> int:
    """Leave out incidents that were retracted; returns how many rows were theirs."""
    if run.calls:
        return 0
    listed = RetractedIds(run.settings.home)
    if listed.is_pending:
        raise BusyError("A retraction was interrupted; finish it with `patroliq retract` first.")
    left_out = leave_out(run.connection, run.raw, run.source, listed)
    if left_out:
        run.notes.append(Note(NoteKind.RETRACTED, count=left_out))
    return left_out


def _publish(
    run: _Run, warehouse: Warehouse, report: IngestReport, manifest: Manifest
) -> IngestReport:
    if not run.calls:
        manifest = _outline_and_encode(run, manifest)
    run.advance("Publishing", 0.9)
    quarantine = run.raw / "quarantine.parquet"
    run.connection.execute(
        load("incidents/keep_refused"), {"batch": run.batch, "target": str(quarantine)}
    )
    if run.stored is not None:
        run.connection.execute("DETACH stored")
    if run.amendment is not None:
        run.amendment.finish(run.batch, run.snapshot_folder / DATABASE)
    else:
        run.connection.execute("CHECKPOINT")
        run.connection.close()
    (run.raw / "source.toml").write_text(run.source.text, encoding="utf-8")
    if (codes := code_table_path(run.source)) is not None:
        shutil.copyfile(codes, run.raw / codes.name)
    _keep_raw(run, warehouse)
    snapshot = _serve(run, warehouse, manifest)
    try:
        (warehouse.raw / run.batch / UNPUBLISHED).unlink()
    except OSError as error:  # the snapshot is served; the next ingest removes the mark
        _LOG.warning("the mark of batch %s could not be removed: %s", run.batch, error)
    if not run.calls:
        compiled.ensure_stored()
    run.advance("Done", 1.0)
    return with_values(report, snapshot=snapshot.id, published=True)


def _outline_and_encode(run: _Run, manifest: Manifest) -> Manifest:
    if run.amendment is not None:
        run.advance("Encoding", 0.8)
        outlines = run.amendment.write_files(run.snapshot_folder, run.settings.home)
        before = run.amendment.stored.manifest
        return with_values(
            manifest,
            outlines=outlines,
            attributes=before.attributes,
            model_versions=before.model_versions,
        )
    run.advance("Outlining areas", 0.8)
    outlines = build_outlines(
        run.connection, run.snapshot_folder, run.settings.home, manifest.crs_local
    )
    run.advance("Encoding", 0.85)
    encode(run.connection, run.snapshot_folder)
    return with_values(manifest, outlines=outlines)


def _serve(run: _Run, warehouse: Warehouse, manifest: Manifest) -> Snapshot:
    if run.calls:
        return publish_calls(warehouse, run.snapshot_folder, manifest, run.settings)
    bundles = []
    if run.amendment is None:
        before = run.stored.manifest if run.stored else None
        bundles = labeling_bundles(run.settings, manifest, before)
    return publish_and_log(
        warehouse, run.snapshot_folder, manifest, run.settings, unlabeled_by=bundles
    )


@contextmanager
def _workspace(warehouse: Warehouse, dry_run: bool) -> Iterator[Path]:
    with ExitStack() as stack:
        if dry_run:
            folder = Path(stack.enter_context(TemporaryDirectory(prefix="patroliq-")))
        else:
            stack.enter_context(warehouse.lock())
            folder = stack.enter_context(warehouse.staging())
        for name in ("raw", "snapshot", "temporary"):
            (folder / name).mkdir()
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
            f"{warehouse.home} has {held.kind} of source {held.name!r}, not {source.name!r}. "
            "Use another PATROLIQ_HOME, or --replace to replace them."
        )
    return current, notes


def _connect(folder: Path, source: Source, settings: Settings) -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect(
        str(folder / "snapshot" / database_name(source.kind.name)),
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
    sheets = SheetChoice(run.source)
    for given in expand(list(paths), run.folder / "temporary"):
        done = list(digests).index(given.original) if given.original in digests else len(digests)
        run.advance(f"Reading {given.name}", 0.5 * done / len(paths))
        if given.original not in digests:
            digests[given.original] = sha256_of(given.original)
        with reading(given.name):
            if not sheets.wants(given) or not _read_file(
                run, given, digests[given.original], sheets
            ):
                run.notes.append(Note(NoteKind.SHEET_NOT_READ, given.name))
    sheets.check()
    _refuse_beside(run)
    if run.source.on_repeat == "refuse":
        _refuse_repeats(run)
    finish_incoming(run.connection)


def _refuse_beside(run: _Run) -> None:
    """Add the lines that a feed refused to the quarantine."""
    path = run.beside.refused
    if path is None:
        return
    refuse_malformed(run.connection, path, path.name)
    with path.open("rb") as file:
        lines = sum(1 for _ in file)
    run.files[len(run.inputs)] = FileReport(path.name, lines, lines)
    run.inputs.append(InputFile(path.name, sha256_of(path), lines))


def _refuse_repeats(run: _Run) -> None:
    """Refuse every row whose id has other content in these files or in the snapshot."""
    column = run.source.columns.get("id", ("id",))[0]
    marked = mark_repeats(run.connection, run.source, run.stored is not None, column)
    for number, rows in marked.items():
        name = run.inputs[number].name
        refuse(run.connection, run.tables[number], name, number)
        file = run.files[number]
        run.files[number] = with_values(file, refused=file.refused + rows)


def _read_file(run: _Run, given: Input, sha256: str, sheets: SheetChoice) -> bool:
    """Read one file; False if it is a sheet without the source's columns."""
    number = len(run.inputs)
    safe = re.sub(r"[^A-Za-z0-9._-]+", "_", given.name)[-80:]
    table = read(run.connection, given, run.source, run.raw / f"{number:04d}-{safe}.parquet")
    positions: dict[str, int] = {}
    if table is not None and table.rows:
        try:
            positions = map_columns(table, run.source, given.name)
        except InputError as error:
            sheets.refused(given, error)
            remove(table)
            return False
    run.inputs.append(InputFile(given.name, sha256, table.read if table else 0))
    if table is None:
        about = given.kind == "about"
        kind = NoteKind.FILE_ABOUT_DATA if about else NoteKind.EMPTY_FILE
        run.notes.append(Note(kind, given.name))
        return True
    if table.malformed is not None:
        refuse_malformed(run.connection, table.malformed, given.name)
        table.malformed.unlink()
    if not table.rows:
        run.notes.append(Note(NoteKind.NO_READABLE_ROW, given.name))
        run.files[number] = FileReport(given.name, table.read, table.faults)
        return True
    sheets.done(given)
    run.tables[number] = table
    counts = normalize(run.connection, table, positions, run.source, name=given.name, number=number)
    file = FileReport(
        given.name,
        table.read,
        counts.refused + table.faults,
        counts.placeholders,
        counts.out_of_bounds,
        counts.placed,
        counts.place_columns,
        latin1_lines=table.latin1_lines,
        unreadable=counts.unreadable,
        likely_encoding=detected_encoding(given.path) if table.latin1_lines else None,
        absent=tuple(name for name in run.source.alternatives() if name not in positions),
    )
    if loses_places([file], run.settings):
        remedy = place_remedy(run.connection, table, positions, run.source)
        file = with_values(file, place_remedy=remedy)
    run.files[number] = file
    return True


def _conditions(run: _Run) -> dict[str, Any]:
    """What a snapshot depends on besides its rows; a change requires a new snapshot."""
    settings = run.settings
    common = {
        "source_sha256": run.source.digest,
        "day_start": settings.day_start.isoformat("minutes"),
        "shifts": [list(shift) for shift in settings.shifts],
        "code_version": version("patroliq"),
        **({"join_sha256": joined} if (joined := code_table_digest(run.source)) else {}),
        "capitals": CAPITALS_VERSION,
    }
    if run.calls:
        return {**common, "derived": CALLS_VERSION}
    return {
        **common,
        "tables": dict(load_tables(run.source.tables, settings.own_tables).checksums),
        "codes": [CODES_VERSION, *WORD_COLUMNS],
        **({"default_places": places} if (places := digest(settings.home)) else {}),
    }


def _report(run: _Run, merged: Merged, dry_run: bool) -> IngestReport:
    """The report if nothing is published: totals are those of the snapshot served."""
    refused = refused_so_far(run.connection)
    before = run.stored.manifest if run.stored else None
    read = sum(file.read for file in run.files.values())
    return IngestReport(
        batch=run.batch,
        source=run.source.name,
        kind=run.source.kind.name,
        read=read,
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
        files=tuple(run.files.values()),
        notes=tuple(run.notes),
        doubts=doubts_of(list(run.files.values()), read, refused, run.settings),
    )


def _manifest(
    run: _Run,
    report: IngestReport,
    derived: Derived,
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
        crs_local=run.crs_local,
        batches=(*_earlier_loads(run), batch),
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


def _earlier_loads(run: _Run) -> Sequence[Batch]:
    if run.stored is None:
        return ()
    return merged_loads(run.stored.manifest.batches, run.stored.path.parent.with_name("raw"))


def _keep_raw(run: _Run, warehouse: Warehouse) -> None:
    (run.raw / UNPUBLISHED).touch()
    warehouse.raw.mkdir(parents=True, exist_ok=True)
    run.raw.rename(warehouse.raw / run.batch)
