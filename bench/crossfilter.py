"""The cross-filter in the states of an analyst's work, compared with its peers on the same data.

Every repetition uses a new selection. All engines answer it one after the other, so that other load
slows all of them; every answer is compared before its time counts.
"""

from __future__ import annotations

import gc
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from analytics.crossfilter import compiled
from bench.coded import coded
from bench.data import warehouse_of
from bench.goals import MOSAIC_WARM_MS, machine_scale, misses
from bench.machine import in_child, machine
from bench.peers import (
    Engine,
    PandasMasks,
    PatrolIQ,
    PolarsCollectAll,
    SqlOnCodes,
    SqlPerView,
)
from bench.product import engine_name, pinned, uncached
from bench.states import STATES, VIEWS, SnapshotValues, Step, steps_of

REPETITIONS = 21
PANDAS_EVERY = 3  # it is the slowest by far
# Published for 8 million incidents on two cores: median ms of Mosaic 0.32 and of one SQL per view.
PUBLISHED: dict[str, tuple[float, float]] = {
    "first load, six views": (136, 114),
    "three types chosen, never seen": (236, 211),
    "other type sets": (11, 144),
    "+ hours 18-23, never seen": (370, 101),
    "+ other hours": (9, 100),
    "+ 1000-day window, never seen": (294, 21),
    "+ window moving": (10, 20),
    "clicks in a different view each time": (190, 38),
}


class DisagreementError(AssertionError):
    """Two engines counted differently."""


def run(home: Path, repetitions: int = REPETITIONS, states: Sequence[str] = ()) -> dict[str, Any]:
    """Measure every state; times in milliseconds, medians and 95th percentiles.

    Raises
    ------
    DisagreementError
        An engine's counts differ from the product's.
    """
    compiled.load()
    about = machine()
    served = pinned(home)
    codes = coded(served.reader)
    peers: list[Engine] = [
        PatrolIQ(uncached(served)),
        SqlPerView(served.snapshot, codes),
        SqlOnCodes(served.snapshot, codes),
        PolarsCollectAll(codes),
        PandasMasks(codes),
    ]
    values = SnapshotValues.of(served.reader)
    cache = PatrolIQ(served.crossfilter, "cache")
    rows: list[dict[str, Any]] = []
    bins: dict[str, int] = {}
    gc.collect()
    gc.freeze()  # so that each collection only examines what the previous step left
    for state in states or STATES:
        steps = steps_of(state, values, seed=1)
        times: dict[str, list[float]] = {}
        for repetition in range(-1, repetitions):
            step = next(steps)
            engines = [engine for engine in peers if _takes_part(engine, repetition)]
            measured = _measure(engines, step, bins)
            cache.counts(step.selection, step.views)
            measured["cache"] = _timed(cache, step)[0]
            if repetition >= 0:
                for name, took in measured.items():
                    times.setdefault(name, []).append(took)
        rows += [_row(state, name, took) for name, took in times.items()]
    gc.unfreeze()
    return {
        "incidents": served.snapshot.manifest.incidents,
        "engine": engine_name(served),
        "bins": bins,
        "repetitions": repetitions,
        "machine": about,
        "rows": rows,
        "ratios": ratios(rows),
    }


def measure(sizes: Sequence[int], file: Path | None, source: str) -> dict[str, Any]:
    """Run the whole benchmark on a warehouse of the first size."""
    home = warehouse_of(sizes[0], file, source)
    with TemporaryDirectory(prefix="patroliq-kernels-") as folder:
        first = compile_times(home, Path(folder))
    return {**run(home), "first_answers": first}


def _takes_part(engine: Engine, repetition: int) -> bool:
    return engine.name != "pandas" or repetition % PANDAS_EVERY == 0 or repetition < 0


def _measure(engines: Sequence[Engine], step: Step, bins: dict[str, int]) -> dict[str, float]:
    """Time of each engine for one step, after comparing their counts."""
    times, expected = {}, None
    for engine in engines:
        took, found = _timed(engine, step)
        answer = {view.name: engine.labeled(view, found[view.name]) for view in step.views}
        if expected is None:
            expected = answer
        for name, counted in answer.items():
            bins[name] = max(bins.get(name, 0), len(counted))
            if counted != expected[name]:
                raise DisagreementError(
                    f"{engine.name} and {engines[0].name} differ in {name} of "
                    f"{step.selection.text!r}: {_difference(counted, expected[name])}"
                )
        times[engine.name] = took
    return times


def _timed(engine: Engine, step: Step) -> tuple[float, Mapping[str, Any]]:
    gc.collect()
    gc.disable()
    start = time.perf_counter()
    found = engine.counts(step.selection, step.views)
    took = (time.perf_counter() - start) * 1000
    gc.enable()
    return took, found


def _difference(one: Mapping[Any, Any], other: Mapping[Any, Any]) -> str:
    wrong = [key for key in one.keys() | other.keys() if one.get(key) != other.get(key)]
    return "; ".join(f"{key}: {one.get(key)} and {other.get(key)}" for key in wrong[:3])


def _row(state: str, engine: str, times: Sequence[float]) -> dict[str, Any]:
    return {
        "state": state,
        "engine": engine,
        "median_ms": round(float(np.median(times)), 3),
        "p95_ms": round(float(np.percentile(times, 95)), 3),
    }


def ratios(rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Speedup over each peer by state, and Mosaic's time on this machine.

    Mosaic's published time is scaled by the ratio of this machine's time for one SQL statement per
    view to the published one, using the faster of the two SQL peers.
    """
    found = []
    for state in dict.fromkeys(row["state"] for row in rows):
        times = {row["engine"]: row["median_ms"] for row in rows if row["state"] == state}
        ours = times["patroliq"]
        entry: dict[str, Any] = {
            "state": state,
            "patroliq_ms": ours,
            **{f"times_{name}": round(took / ours, 1) for name, took in times.items()},
        }
        if state in PUBLISHED:
            mosaic, sql = PUBLISHED[state]
            scale = min(times["sql"], times["sql on codes"]) / sql
            entry["machine_scale"] = round(scale, 2)
            entry["mosaic_scaled_ms"] = round(mosaic * scale, 1)
            entry["mosaic_warm_scaled_ms"] = round(MOSAIC_WARM_MS * scale, 1)
        found.append(entry)
    return found


def compile_times(home: Path, folder: Path) -> dict[str, Any]:
    """First answers of a new process in ms, without and with kernels on disk."""
    values = {"NUMBA_CACHE_DIR": str(folder)}
    return {
        "no_kernels_on_disk": in_child("bench.first_answers", home=home, values=values),
        "kernels_on_disk": in_child("bench.first_answers", home=home, values=values),
    }


def lines(result: Mapping[str, Any]) -> list[str]:
    """The result as text."""
    rows = result["rows"]
    engines = list(dict.fromkeys(row["engine"] for row in rows))
    head = f"{'median / p95 ms':38}" + "".join(f"{name:>17}" for name in engines)
    listed = [
        f"{result['incidents']:,} incidents, {len(VIEWS)} views; {result['engine']}; "
        f"{result['machine']['cores']} cores",
        head,
    ]
    for state in dict.fromkeys(row["state"] for row in rows):
        cells = {row["engine"]: row for row in rows if row["state"] == state}
        listed.append(
            f"{state:38}"
            + "".join(
                f"{cells[name]['median_ms']:9.1f} / {cells[name]['p95_ms']:5.0f}"
                for name in engines
            )
        )
    scale = machine_scale(result["ratios"])
    listed.append(f"SQL takes {scale:.2f} times its published time on this machine.")
    return listed + [f"missed: {sentence}" for sentence in misses(result)]
