"""Measure times and memory of one web worker, in a separate process."""

from __future__ import annotations

import gc
import json
import sys
import time
from importlib import import_module
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np

from analytics.access.reader import begin_reading, open_access
from analytics.crossfilter import compiled
from analytics.crossfilter.codes import FOLDER
from analytics.crossfilter.scope import EVERYTHING
from analytics.services import Pinned, Services
from analytics.settings import Settings
from bench.clicks import choices_from
from bench.gestures import DEPENDENCIES, UPDATE, AnalystPage, gestures, template
from bench.machine import MIB, resident
from bench.product import engine_name, uncached
from bench.states import STATES, SnapshotValues, read_values, steps_of

GESTURES = 30


def main(repetitions: int, known: Path) -> None:
    settings = Settings.from_environment()
    begin_reading(open_access("bench"))
    services = Services(settings, web=True)
    composition: Any = import_module("app")
    composition.Services = lambda *_given, **_named: (
        services
    )  # the app and the figures share one snapshot
    client = composition.create_app(settings).server.test_client()
    empty = resident(settings.home)
    compiled.load()
    pinned = services.pin()
    if pinned is None:
        raise SystemExit("there is no snapshot")
    values = read_values((known / "values.json").read_text(encoding="utf-8"))
    choices = choices_from((known / "choices.json").read_text(encoding="utf-8"))
    rows = _states(pinned, values, repetitions)
    after_states = resident(settings.home)
    page = AnalystPage(template(client.get(DEPENDENCIES).json or []))
    took = []
    for gesture in islice(gestures(choices, seed=1), GESTURES):
        before = time.perf_counter()
        answer = client.post(UPDATE, json=page.ask(gesture))
        took.append((time.perf_counter() - before) * 1000)
        page.take(answer.json or {})
    result: dict[str, Any] = {
        "incidents": pinned.snapshot.manifest.incidents,
        "engine": engine_name(pinned),
        "rows": rows,
        "gesture_median_ms": round(float(np.median(took)), 1),
        "memory": {
            "empty": empty,
            "states": after_states,
            "gestures": resident(settings.home),
            "duckdb_mib": round(_duckdb_bytes(pinned) / MIB, 1),
        },
        "database_bytes": pinned.snapshot.database.stat().st_size,
        "code_bytes": {
            path.name: path.stat().st_size
            for path in sorted((pinned.snapshot.path / FOLDER).glob("*.bin"))
        },
    }
    print(json.dumps(result))


def _duckdb_bytes(pinned: Pinned) -> int:
    """Memory of DuckDB, mostly blocks of tables that it has read."""
    return int(pinned.reader.frame("SELECT sum(memory_usage_bytes) FROM duckdb_memory()").item())


def _states(pinned: Pinned, values: SnapshotValues, repetitions: int) -> list[dict[str, Any]]:
    crossfilter = uncached(pinned)
    rows = []
    for state in STATES:
        times = []
        for step in islice(steps_of(state, values, seed=2), repetitions + 1):
            gc.collect()
            before = time.perf_counter()
            crossfilter.counts(EVERYTHING, step.selection, step.views)
            times.append((time.perf_counter() - before) * 1000)
        median, late = np.percentile(times[1:], [50, 95])
        rows.append({"state": state, "median_ms": round(median, 3), "p95_ms": round(late, 3)})
    return rows


if __name__ == "__main__":
    main(int(sys.argv[1]), Path(sys.argv[2]))
