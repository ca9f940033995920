"""Compaction: rows of many small loads, such as one a minute, move into a few folders.

Loads of an hour become a pack once it has passed, those of a day a day after it, and those of a
month `MONTH_AFTER` after it. Nothing is lost: each row keeps its load, file and line, refused rows
their reason, and older snapshots find the loads that they name. The next load lists a pack once.
"""

from __future__ import annotations

import calendar
import shutil
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import groupby
from pathlib import Path

import duckdb

from analytics.errors import IntegrityError
from analytics.incidents.checksums import sha256_of
from analytics.incidents.manifest import Batch
from analytics.incidents.packed_loads import (
    FEWEST,
    LOADS,
    NEWEST,
    Pack,
    Place,
    RawRows,
    merged,
    one_of,
    rows_move,
)
from analytics.incidents.warehouse import UNPUBLISHED, Warehouse, new_snapshot_id, sync_files
from analytics.ingest.amend import MOST
from analytics.ingest.retracted_rows import READ, REFUSED, SOURCE
from analytics.ingest.tables import LINE, one_row, stored_table
from analytics.settings import Settings
from analytics.sources.record_kinds import RECORD_KINDS
from analytics.sources.source import Source
from analytics.stored import sync_folder
from sql import load

MOST_ROWS = 2_000_000
"""Most rows of a pack, except for those of its last load."""
DAY_AFTER = timedelta(days=1)
MONTH_AFTER = timedelta(days=31)
Key = tuple[str, tuple[tuple[str, str], ...]]


@dataclass(frozen=True)
class Compacted:
    """What a compaction did to the loads of one kind of records."""

    kind: str
    loads: int = 0  # that are in new packs
    packs: int = 0
    removed: int = 0  # folders whose rows are in a pack


def compact(settings: Settings, now: datetime | None = None) -> list[Compacted]:
    """Compact the loads of the served incidents and calls.

    Parameters
    ----------
    now : datetime
        In UTC; by default, the present.

    Raises
    ------
    BusyError
        Another process is writing to the warehouse, or a backup copies it.
    IntegrityError
        The served snapshot, or the list of a pack, cannot be read; or rows would be lost.
    """
    moment = datetime.now(UTC) if now is None else now
    found = []
    for kind in RECORD_KINDS.values():
        warehouse = Warehouse(settings.home / kind.home)
        if not warehouse.raw.is_dir():
            continue
        with warehouse.lock(), rows_move(warehouse.raw):
            warehouse.remove_orphans()
            found.append(_compact(warehouse, kind.name, settings, moment))
    return found


def _compact(warehouse: Warehouse, kind: str, settings: Settings, now: datetime) -> Compacted:
    loads, packs = 0, 0
    removed = _remove_packed(warehouse)  # left by a compaction that was interrupted
    for run in _runs(warehouse, now):
        loads += one_of("", run).loads
        packs += 1
        _pack(warehouse, run, settings)
        removed += _remove_packed(warehouse)
    return Compacted(kind, loads, packs, removed)


def _runs(warehouse: Warehouse, now: datetime) -> Iterator[Sequence[Batch]]:
    """Loads of the served snapshot that follow each other and belong together."""
    current = warehouse.current()
    if current is None:
        return
    batches = merged(current.manifest.batches, warehouse.raw)[:-NEWEST]
    rows = RawRows(warehouse.raw)
    for key, together in groupby(batches, partial(_key, rows, now)):
        for run in _of_size(list(together)) if key is not None else ():
            if len(run) > 1 and one_of("", run).loads >= FEWEST:
                yield run


def _key(rows: RawRows, now: datetime, batch: Batch) -> Key | None:
    """What loads of one pack have in common; None for one that stays apart."""
    time = datetime.fromisoformat(batch.ingested_at)
    period = _period(time if time.tzinfo else time.replace(tzinfo=UTC), now)
    folder = rows.folder(batch.id)
    is_large = batch.loads == 1 and batch.read > MOST
    if not period or folder is None or is_large or _counts_repeats(folder):
        return None
    return period, tuple((path.name, sha256_of(path)) for path in _source_files(folder))


def _counts_repeats(folder: Path) -> bool:
    """Whether ids say how often equal rows were in a file: in a pack they would be others."""
    path = folder / SOURCE
    return Source.parse(path.read_text(encoding="utf-8"), path).missing_id == "content"


def _period(time: datetime, now: datetime) -> str:
    """The longest closed period of a load; empty if there is none."""
    day = time.replace(hour=0, minute=0, second=0, microsecond=0)
    days = calendar.monthrange(time.year, time.month)[1]
    if now - day.replace(day=1) >= timedelta(days=days) + MONTH_AFTER:
        return f"{time:%Y-%m}"
    if now - day >= timedelta(days=1) + DAY_AFTER:
        return f"{time:%Y-%m-%d}"
    hour = time.replace(minute=0, second=0, microsecond=0)
    return f"{time:%Y-%m-%dT%H}" if now - hour >= timedelta(hours=1) else ""


def _of_size(batches: Sequence[Batch]) -> Iterator[list[Batch]]:
    run: list[Batch] = []
    rows = 0
    for batch in batches:
        if run and rows + batch.read > MOST_ROWS:
            yield run
            run, rows = [], 0
        run.append(batch)
        rows += batch.read
    yield run


def _source_files(folder: Path) -> list[Path]:
    """Files with which the rows were read: the source, and its table of codes."""
    other = {UNPUBLISHED, LOADS}
    return sorted(
        path
        for path in folder.iterdir()
        if ".parquet" not in path.suffixes and path.name not in other  # nor what a kill left of one
    )


def _remove_packed(warehouse: Warehouse) -> int:
    """Remove folders whose rows are in a pack; returns how many. Hold the lock."""
    removed = 0
    for folder in list(RawRows(warehouse.raw).packs()):
        for name in Pack.read(folder).spans if folder.is_dir() else ():
            if (warehouse.raw / name).is_dir():
                warehouse.remove_folder(warehouse.raw / name)
                removed += 1
    return removed


def _pack(warehouse: Warehouse, run: Sequence[Batch], settings: Settings) -> None:
    """Write a pack, and move it in place in one step."""
    name = f"{run[-1].id.split('-')[0]}-{new_snapshot_id().split('-')[1]}"
    rows = RawRows(warehouse.raw)
    with warehouse.staging() as work:
        (folder := work / "pack").mkdir()
        with closing(_connect(work, settings)) as connection:
            packing = _Packing(connection, folder)
            for batch in run:
                place = rows.place(batch.id)
                if place is None:
                    raise IntegrityError(f"The raw rows of load {batch.id} are missing.")
                packing.add(batch, place)
            packing.write()
        for path in _source_files(packing.places[-1].folder):
            shutil.copyfile(path, folder / path.name)
        sync_files(folder)
        folder.rename(warehouse.raw / name)
        sync_folder(warehouse.raw)


def _connect(work: Path, settings: Settings) -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect(
        str(work / "pack.duckdb"),
        config={
            "threads": settings.duckdb_threads,
            "memory_limit": settings.memory_limit,
            "temp_directory": str(work / "temporary"),
        },
    )
    connection.execute("SET enable_progress_bar = false")
    connection.execute("SET TimeZone = 'UTC'")  # as at ingest
    return connection


@dataclass
class _Packing:
    """A pack that is being filled."""

    connection: duckdb.DuckDBPyConnection
    folder: Path
    loads: list[Batch] = field(default_factory=list)
    spans: dict[str, tuple[int, int]] = field(default_factory=dict)
    places: list[Place] = field(default_factory=list)
    tables: dict[tuple[tuple[str, str], ...], int] = field(default_factory=dict)  # columns → number
    rows: dict[int, int] = field(default_factory=dict)  # by number of table

    def add(self, batch: Batch, place: Place) -> None:
        """Add the rows of a load, or of those merged into it."""
        shift = len(self.loads) - place.span[0]
        if place.pack is None:
            self.loads.append(batch)
        else:
            start, stop = place.span
            self.loads.extend(place.pack.loads[start:stop])
            self.spans |= {
                name: (first + shift, behind + shift)
                for name, (first, behind) in place.pack.spans.items()
                if start <= first and behind <= stop
            }
        self.spans[batch.id] = (place.span[0] + shift, place.span[1] + shift)
        self.places.append(place)
        for path in sorted(place.folder.glob(READ)):
            self._add_rows(path, place, shift)

    def write(self) -> None:
        """Write the rows, where they came from, those refused, and the list of loads."""
        for columns, table in self.tables.items():
            names = ", ".join(
                f"c{number} AS {_quoted(name)}" for number, (name, _) in enumerate(columns)
            )
            for statement, file in (
                ("write_packed", f"{table:04d}-rows.parquet"),
                ("write_origins", f"origins-{table:04d}.parquet"),
            ):
                target = {"target": str(self.folder / file)}
                self.connection.execute(
                    load(f"incidents/{statement}", table=f"packed_{table}", columns=names), target
                )
        self._write_refused()
        Pack(self.folder, tuple(self.loads), self.spans).write()

    def _add_rows(self, path: Path, place: Place, shift: int) -> None:
        found = self.connection.execute(load("incidents/parquet_columns"), {"path": str(path)})
        columns = tuple((name, kind) for name, kind in found.fetchall() if name != LINE)
        if columns not in self.tables:
            self.tables[columns] = len(self.tables)
            kinds = ", ".join(f"c{number} {kind}" for number, (_, kind) in enumerate(columns))
            name = f"packed_{self.tables[columns]}"
            self.connection.execute(load("incidents/create_packed", table=name, columns=kinds))
        table = self.tables[columns]
        given = stored_table(self.connection, path)
        names = {
            "table": f"packed_{table}",
            "cells": "".join(f", c{number}" for number in range(len(columns))),
            "names": given.names_sql,
        }
        values = {"path": str(path), "before": self.rows.get(table, 0)}
        (rows,) = one_row(self.connection, "incidents/count_rows_of_file", {"path": str(path)})
        number = path.name.split("-", 1)[0]
        if place.pack is None:
            origin: dict[str, int | str] = {"load": shift, "file": int(number)}
            statement = load("incidents/pack_rows", line=given.line_sql, **names)
        else:
            start, stop = place.span
            origins = str(place.folder / f"origins-{number}.parquet")
            origin = {"shift": shift, "start": start, "stop": stop, "origins": origins}
            statement = load("incidents/pack_packed", **names)
        ((added,),) = self.connection.execute(statement, {**values, **origin}).fetchall()
        is_whole = place.pack is None or place.span == (0, len(place.pack.loads))
        if is_whole and added != rows:
            raise IntegrityError(
                f"{path} has {rows:,} rows, of which {added:,} have an origin; nothing was packed. "
                "Restore its folder from a backup."
            )
        self.rows[table] = self.rows.get(table, 0) + added

    def _write_refused(self) -> None:
        names = {place.folder / REFUSED for place in self.places}
        paths = [str(path) for path in sorted(names) if path.is_file()]
        if paths:
            values = {
                "paths": paths,
                "loads": [one.id for one in self.loads],
                "target": str(self.folder / REFUSED),
            }
            self.connection.execute(load("incidents/pack_refused"), values)


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
