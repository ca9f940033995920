"""A thousand new incidents on a large snapshot: amended, and derived again completely.

Each is one `patroliq ingest` as a process, from its start to the published snapshot, on the same
warehouse; the complete derivation is the peer.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import median
from typing import Any

import polars as pl

from analytics.incidents.reader import SnapshotReader
from analytics.incidents.warehouse import Warehouse
from bench.data import bench_folder, bench_settings, copied, warehouse_of
from bench.machine import ROOT, environment, machine

NEW = 1_000
ROUNDS = 3
INGEST = "from analytics.cli import main; main()"
COMPLETE = "from analytics.ingest import pipeline; pipeline.may_amend = lambda *_: False; " + INGEST
LATEST = "SELECT * FROM incidents ORDER BY occurred_from DESC, id LIMIT $rows"
COLUMNS = {
    "ID": "id",
    "Case Number": "case_number",
    "Date": "occurred_from",
    "Block": "block",
    "IUCR": "code",
    "Primary Type": "type",
    "Description": "description",
    "Location Description": "location_type",
    "Arrest": "arrest",
    "Domestic": "domestic",
    "Beat": "beat",
    "District": "district",
    "Ward": "ward",
    "Community Area": "area",
    "FBI Code": "fbi_code",
    "Updated On": "updated",
    "Latitude": "lat",
    "Longitude": "lon",
}


def measure(sizes: Sequence[int], file: Path | None, source: str) -> dict[str, Any]:
    """For each size: both ways in turn, three times; medians of seconds and processor seconds."""
    about = machine()
    runs = []
    for size in sizes:
        home = warehouse_of(size, file, source)
        snapshot = Warehouse(home).current()
        if snapshot is None:
            raise FileNotFoundError(f"{home} holds no snapshot")
        name = snapshot.manifest.source.name
        found: dict[str, list[Mapping[str, float]]] = {"amended": [], "complete": []}
        for number in range(ROUNDS):
            new = new_incidents(home, number)
            for way, program in (("amended", INGEST), ("complete", COMPLETE)):
                found[way].append(_load(home, new, name, program))
        run: dict[str, Any] = {way: _medians(times) for way, times in found.items()}
        times = run["complete"]["seconds"] / run["amended"]["seconds"]
        runs.append({"incidents": size, **run, "times": round(times, 1)})
    return {"machine": about, "new": NEW, "rounds": ROUNDS, "runs": runs}


def lines(result: Mapping[str, Any]) -> list[str]:
    """The result as text."""
    return [
        f"{result['new']:,} new incidents on {run['incidents']:,}: "
        f"amended {run['amended']['seconds']} s ({run['amended']['processor_s']} of processor), "
        f"derived completely {run['complete']['seconds']} s "
        f"({run['complete']['processor_s']}), {run['times']} times"
        for run in result["runs"]
    ]


def new_incidents(home: Path, number: int) -> Path:
    """The newest incidents of a warehouse with new ids, as a file of its source."""
    snapshot = Warehouse(home).current()
    if snapshot is None:
        raise FileNotFoundError(f"{home} holds no snapshot")
    reader = SnapshotReader(snapshot, bench_settings(home))
    rows = reader.frame(LATEST, {"rows": NEW})
    reader.close()
    named = rows.select(pl.col(column).alias(title) for title, column in COLUMNS.items())
    path = bench_folder() / f"new-{number}.csv"
    named.with_columns(pl.format("N{}-{}", pl.lit(number), "ID").alias("ID")).write_csv(
        path, datetime_format="%Y-%m-%d %H:%M:%S"
    )
    return path


def _load(home: Path, new: Path, source: str, program: str) -> dict[str, float]:
    """Seconds and processor seconds of one load into a copy of the home folder."""
    with copied(home) as copy:
        command = [sys.executable, "-c", program, "ingest", str(new), "--source", source, "--json"]
        started, before = time.perf_counter(), os.times()
        subprocess.run(command, cwd=ROOT, env=environment(copy), check=True, capture_output=True)
        seconds, after = time.perf_counter() - started, os.times()
    used = sum(after[2:4]) - sum(before[2:4])  # of children, user and system
    return {"seconds": seconds, "processor_s": used}


def _medians(times: Sequence[Mapping[str, float]]) -> dict[str, float]:
    return {key: round(median(one[key] for one in times), 1) for key in times[0]}
