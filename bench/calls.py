"""Filters on the page Calls: processor and wall time from a gesture to the page's whole answer.

The calls are those of the demo city, more for each incident. Each repetition begins with nothing
cached but the page without filters, as when an analyst opens it and clicks.
"""

from __future__ import annotations

import json
import shutil
import statistics
import time
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from analytics.access.reader import begin_reading, open_access
from analytics.calls.tables import VERSION
from analytics.demo.calls import draw_calls
from analytics.incidents.reader import SnapshotReader
from analytics.incidents.warehouse import Warehouse
from analytics.ingest.pipeline import ingest
from analytics.services import Services
from analytics.sources.record_kinds import CALLS, DEMO
from analytics.sources.source import Source
from bench.data import MARKER, bench_folder, bench_settings, warehouse_of
from bench.machine import machine
from callbacks.frame.history import SelectionState
from callbacks.frame.pages import page_at
from callbacks.frame.selection import respond_to
from components.calls.ids import SELECTION
from sql import load

INCIDENTS = 60_000
DAYS = 728
REPETITIONS = 5
GOAL_MS = 300
FILTERS = (
    "priority=2",
    "type=ALARM",
    "district=011",
    "beat=0421&priority=3",
    "origin=caller",
    "origin=caller&shift=Night",
    "hour=20,21,22",
    "weekday=6,7",
    "hour_weekday=5-23",
    "type=THEFT+REPORT&district=001,002,003",
)
GENERATOR = 1  # raise it when the same arguments give other calls


def measure(sizes: Sequence[int], file: Path | None, source: str) -> dict[str, Any]:
    """Milliseconds of each filter for a number of calls; `file` and `source` are not used."""
    del file, source
    about = machine()
    runs = []
    for calls in sizes:
        home = home_of(calls)
        rows = [{"filter": text, **_times(home, text)} for text in FILTERS]
        runs.append({"calls": calls, "rows": rows})
    return {"machine": about, "repetitions": REPETITIONS, "runs": runs}


def lines(result: Mapping[str, Any]) -> list[str]:
    """The result as text."""
    return [
        f"{run['calls']:,} calls, {row['filter']}: {row['processor_ms']:.0f} ms of processor, "
        f"{row['wall_ms']:.0f} ms"
        for run in result["runs"]
        for row in run["rows"]
    ]


def home_of(calls: int) -> Path:
    """Home folder with a number of calls; built once and kept."""
    home = bench_folder() / f"calls-{calls}"
    marker = {"generator": GENERATOR, "tables": VERSION, "calls": calls}
    path = home / f"calls-{MARKER}"
    if path.exists() and json.loads(path.read_text(encoding="utf-8")) == marker:
        return home
    shutil.rmtree(home, ignore_errors=True)
    shutil.copytree(warehouse_of(INCIDENTS), home)
    settings = bench_settings(home)
    snapshot = Warehouse(home).current()
    if snapshot is None or snapshot.manifest.last is None:
        raise FileNotFoundError(f"{home} holds no snapshot")
    last = date.fromisoformat(snapshot.manifest.last)
    span = {"first": last - timedelta(days=DAYS - 1), "last": last}
    reader = SnapshotReader(snapshot, settings)
    places = reader.frame(load("demo/call_places"), span)
    reader.close()
    drawn = draw_calls(places, last, np.random.default_rng(1), calls / places.height)
    with TemporaryDirectory(prefix="patroliq-bench-") as folder:
        written = Path(folder) / "calls.parquet"
        drawn.write_parquet(written)
        ingest([written], Source.load(DEMO, CALLS), settings, replace=True)
    path.write_text(json.dumps(marker), encoding="utf-8")
    return home


def _times(home: Path, text: str) -> dict[str, float]:
    """Median milliseconds of processor and of wall time."""
    page = page_at("/calls")
    if page is None:
        raise LookupError("There is no page Calls.")
    found = []
    for _ in range(REPETITIONS):
        begin_reading(open_access("bench"))
        services = Services(bench_settings(home), web=True)
        opened = {"n": 1, "action": "open", "text": "", "page": {}}
        state = SelectionState.of(respond_to(services, page, opened, SelectionState())["state"])
        gesture = {"n": 2, "action": "page", "changed": [SELECTION], "page": {SELECTION: text}}
        wall, processor = time.perf_counter(), time.process_time()
        respond_to(services, page, gesture, state)
        found.append((time.process_time() - processor, time.perf_counter() - wall))
    processor_s, wall_s = (statistics.median(one) for one in zip(*found, strict=True))
    return {"processor_ms": 1000 * processor_s, "wall_ms": 1000 * wall_s}
