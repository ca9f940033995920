"""What a sync a minute costs: processor, memory and disk, without the minutes in between.

Before each sync, a thousand new incidents and ten deletions are sent; behind it, alerts are checked
as a worker does. `patroliq sync` and `patroliq alerts check` are processes of their own. The loads
are compacted at the end, as if their hour had passed; the disk is what the home folder takes with
the snapshots that are kept.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median
from typing import Any

import polars as pl

from analytics.inbox.inbox import Inbox
from analytics.incidents.warehouse import Warehouse
from analytics.ingest.compact import compact
from analytics.sources.record_kinds import INCIDENTS
from analytics.sources.source import Source
from bench.data import bench_settings, copied, warehouse_of
from bench.machine import ROOT, environment, machine
from bench.small_loads import NEW, new_incidents

SYNCS = 60
LONGEST_S = 600.0
"""No sync starts later: the run then says how many it was."""
DELETED = 10
GOAL_S = 15.0
"""A quarter of one core."""


def measure(sizes: Sequence[int], file: Path | None, source: str) -> dict[str, Any]:
    """For each size and with and without deletions: each sync's processor seconds and disk."""
    about = machine()
    runs = []
    for size in sizes:
        home = warehouse_of(size, file, source)
        for deleted in (0, DELETED):
            runs.append({"incidents": size, "deleted": deleted, **_syncs(home, deleted)})
    return {"machine": about, "new": NEW, "goal_s": GOAL_S, "runs": runs}


def lines(result: Mapping[str, Any]) -> list[str]:
    """The result as text."""
    return [
        f"{run['syncs']} syncs of {result['new']:,} new and {run['deleted']} deleted incidents on "
        f"{run['incidents']:,}: {run['sync_s']} s of processor for a sync and {run['alerts_s']} s "
        f"for its alerts, at most {run['longest_s']} s together; {run['peak_mb']:,} MB at most; "
        f"folders of raw rows {run['folders']} and {run['folders_after']} after the compaction"
        for run in result["runs"]
    ]


def _syncs(home: Path, deleted: int) -> dict[str, Any]:
    with copied(home) as copy:
        settings, warehouse = bench_settings(copy), Warehouse(copy)
        snapshot = warehouse.current()
        if snapshot is None:
            raise FileNotFoundError(f"{home} holds no snapshot")
        source = Source.load(snapshot.manifest.source.name)
        records = pl.read_csv(new_incidents(copy, 0), infer_schema=False)
        used: dict[str, list[float]] = {"sync": [], "alerts": []}
        disk, started, number = [_megabytes(copy)], time.perf_counter(), 0
        while number < SYNCS and time.perf_counter() - started < LONGEST_S / 2:
            _send(copy, source, records, number, deleted)
            used["sync"].append(_processor(copy, "sync"))
            used["alerts"].append(_processor(copy, "alerts", "check"))
            disk.append(_megabytes(copy))
            number += 1
        folders = _folders(warehouse)
        began = time.process_time()
        compact(settings, datetime.now(UTC) + timedelta(hours=2))
        compacted = time.process_time() - began
        return {
            "syncs": number,
            "sync_s": round(median(used["sync"]), 1),
            "alerts_s": round(median(used["alerts"]), 1),
            "longest_s": round(max(map(sum, zip(*used.values(), strict=True))), 1),
            "peak_mb": round(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1e3),
            "disk_mb": disk,
            "folders": folders,
            "folders_after": _folders(warehouse),
            "compaction_s": round(compacted, 1),
            "disk_after_mb": _megabytes(copy),
        }


def _send(home: Path, source: Source, records: pl.DataFrame, number: int, deleted: int) -> None:
    """Put new incidents, and deletions of some that came with an earlier sync, into the inbox."""
    new = records.with_columns(pl.format("S{}-{}", pl.lit(number), "ID").alias("ID"))
    lines = new.write_ndjson().encode().splitlines()
    if number:
        gone = records["ID"].head(deleted)
        ids = [f"S{number - 1}-{one}" for one in gone]
        lines += [json.dumps({"id": one, "deleted": True}).encode() for one in ids]
    Inbox(home, INCIDENTS).accept(source, lines)


def _processor(home: Path, *command: str) -> float:
    """Processor seconds of a command and its children."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    words = [sys.executable, "-m", "analytics.cli", *command, "--json"]
    subprocess.run(words, cwd=ROOT, env=environment(home), check=True, capture_output=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return (after.ru_utime + after.ru_stime) - (before.ru_utime + before.ru_stime)


def _megabytes(home: Path) -> float:
    """Disk that a home folder takes."""
    blocks = {}
    for path in home.rglob("*"):
        about = path.lstat()
        blocks[about.st_ino] = about.st_blocks
    return round(sum(blocks.values()) * 512 / 1e6, 1)


def _folders(warehouse: Warehouse) -> int:
    return sum(1 for _ in warehouse.raw.iterdir())
