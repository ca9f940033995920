"""Scans on two workers of a Dask cluster beside one machine, and a simulation of more machines.

Both have the two processors of this machine: one process with two threads, or two workers with one
thread each. So what the workers add here is the round trip; that of questions without blocks is
measured alone. The simulation of n machines with two processors each adds up measured parts:

    one machine's work without its scan + round trip of n empty segments + the scan's work / 2n
    + answers of n segments at 1 Gbit/s + adding them up

Work is processor time, which does not depend on what else runs. Scans of fewer incidents take
proportionally less. The simulation knows no network but its speed, no stragglers and no cold disks.
"""

from __future__ import annotations

import gc
import os
import pickle
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from functools import partial
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import polars as pl

from analytics.cluster.code_segments import CodeSegments, sum_segment
from analytics.cluster.connection import Call, Cluster, ClusterError
from analytics.cluster.worker_snapshots import SnapshotName
from analytics.crossfilter import compiled
from analytics.crossfilter.code_files import Array, CodeFiles
from analytics.crossfilter.code_scan import CodeScan, ScanJob
from analytics.crossfilter.code_sums import BLOCK_ROWS
from analytics.crossfilter.scan_crossfilter import ScanCrossFilter
from analytics.crossfilter.scope import EVERYTHING
from analytics.incidents.reader import SnapshotReader
from analytics.incidents.warehouse import Warehouse
from bench.coded_copies import BASE, copies_of
from bench.data import bench_settings, warehouse_of
from bench.machine import ROOT, environment, machine
from bench.states import SnapshotValues, Step, steps_of

STATES = (
    "three types chosen, never seen",
    "+ other hours",
    "+ window moving",
    "polygon",
    "many clauses",
)
STEPS = 3
TRIES = 3
TRIPS = 12
WORKERS = 2
CORES = 2  # of a machine
MACHINES = (2, 4, 8, 16)
BYTES_PER_S = 125e6
SIMULATED = (8_000_000, 32_000_000, 100_000_000, 300_000_000, 1_000_000_000)


def measure(sizes: Sequence[int], file: Path | None, source: str) -> dict[str, Any]:
    """For each size and state: times of both in ms, and of the parts they are made of."""
    about = machine()
    found = []
    for size in sorted(sizes):
        home = copies_of(size) if size > BASE else warehouse_of(size, file, source)
        found.append(_size(home, size))
    return {"machine": about, "steps": STEPS, "tries": TRIES, "workers": WORKERS, "sizes": found}


def _size(home: Path, incidents: int) -> dict[str, Any]:
    snapshot = Warehouse(home).current()
    if snapshot is None:
        raise FileNotFoundError(f"{home} holds no snapshot")
    kernels, files = compiled.load(), CodeFiles(snapshot)
    reader = SnapshotReader(snapshot, bench_settings(home))
    values = SnapshotValues.of(reader)
    alone = ScanCrossFilter(reader, files, kernels, WORKERS)
    with workers_of(home) as address, closing(Cluster(address)) as cluster:
        segments = CodeSegments(cluster, snapshot, 0)
        asked: list[tuple[ScanJob, Array]] = []

        def together_sums(job: ScanJob, blocks: Array) -> Array:
            asked.append((job, blocks))
            found = segments(job, blocks)
            if found is None:
                raise ClusterError("the cluster did not answer")
            return found

        together = ScanCrossFilter(reader, files, kernels, WORKERS, together_sums)
        name = SnapshotName.of(snapshot)
        rows = []
        for state in STATES:
            steps = list(islice(steps_of(state, values, seed=3), STEPS + 1))
            asked.clear()
            times = [
                (
                    _fastest(partial(_counts, alone, step)),
                    _fastest(partial(_counts, together, step)),
                    _fastest(partial(_counts, alone, step), clock=time.process_time),
                )
                for step in steps  # the first one warms up
            ][1:]
            last = asked[-1]
            parts = _parts(cluster, name, CodeScan(files, kernels, 1), *last)
            own, shared, work = (
                round(float(np.median(one)), 2) for one in zip(*times, strict=True)
            )
            measured = {"alone_ms": own, "together_ms": shared, "alone_processor_ms": work}
            rows.append({"state": state, **measured, **parts})
    reader.close()
    return {"incidents": incidents, "bytes": _bytes(files), "rows": rows}


def _counts(engine: ScanCrossFilter, step: Step) -> dict[str, pl.DataFrame]:
    return engine.counts(EVERYTHING, step.selection, step.views)


def _parts(
    cluster: Cluster, name: SnapshotName, codes: CodeScan, job: ScanJob, blocks: Array
) -> dict[str, Any]:
    """What the state's last scan is made of."""
    sent = pickle.dumps(job, protocol=5)
    names = list(cluster.workers())

    def empty(count: int) -> Callable[[], object]:
        calls = [Call(names[n % len(names)], (name, sent, 0, 0)) for n in range(count)]
        return lambda: cluster.run(sum_segment, calls)

    first = Call(names[0], (name, sent, 0, len(blocks)))
    (narrow,) = cluster.run(sum_segment, [first])
    total = np.zeros((3, job.total), np.int64)
    return {
        "blocks": len(blocks),
        "scan_processor_ms": _fastest(lambda: codes.sums(job, blocks), clock=time.process_time),
        "round_trip_ms": {str(count): _fastest(empty(count), TRIPS) for count in MACHINES},
        "sent_kb": round(len(sent) / 1e3, 1),
        "answer_kb": round(len(pickle.dumps(narrow, protocol=5)) / 1e3, 1),
        "add_ms": _fastest(lambda: narrow.add_to(total), TRIPS),
    }


def _fastest(
    act: Callable[[], object],
    repetitions: int = TRIES,
    clock: Callable[[], float] = time.perf_counter,
) -> float:
    """The shortest of some times in ms, since others may use the processors too."""
    times = []
    for _ in range(repetitions):
        gc.collect()
        before = clock()
        act()
        times.append((clock() - before) * 1000)
    return round(min(times), 2)


def _bytes(files: CodeFiles) -> int:
    return sum(files.codes(name).nbytes for name in files.columns)


@contextmanager
def workers_of(home: Path) -> Iterator[str]:
    """The address of a scheduler with `WORKERS` workers of one thread for a home folder."""
    started: list[subprocess.Popen[bytes]] = []
    with TemporaryDirectory() as folder:
        file, log = Path(folder) / "scheduler.json", Path(folder) / "log"

        def start(*arguments: str) -> None:
            with log.open("ab") as handle:
                process = subprocess.Popen(
                    [sys.executable, "-m", *arguments],
                    cwd=ROOT, env=_environment(home), stdout=handle, stderr=handle,
                    start_new_session=True,
                )  # fmt: skip
            started.append(process)

        try:
            start("dask", "scheduler", "--host", "127.0.0.1", "--port", "0", "--no-dashboard",
                  "--scheduler-file", str(file))  # fmt: skip
            address = _wait(lambda: str(pl.read_json(file)["address"][0]), log)
            for _ in range(WORKERS):
                start("analytics.cli", "cluster", "worker", address, "--threads", "1")
            _wait(lambda: _all_workers(address), log)
            yield address
        finally:
            for process in started:
                with suppress(ProcessLookupError):
                    os.killpg(process.pid, signal.SIGKILL)
                process.wait()


def _environment(home: Path) -> dict[str, str]:
    found = environment(home)
    found["PYTHONPATH"] = os.pathsep.join([str(ROOT), *sys.path[1:]])  # Dask may be anywhere
    return found


def _all_workers(address: str) -> str:
    with closing(Cluster(address)) as cluster:
        return address if len(cluster.workers()) == WORKERS else ""


def _wait(look: Callable[[], str], log: Path) -> str:
    until = time.monotonic() + 120
    while time.monotonic() < until:
        with suppress(OSError, ClusterError, pl.exceptions.ComputeError, IndexError):
            if found := look():
                return found
        time.sleep(0.2)
    raise RuntimeError(f"the cluster did not start: {log.read_text(encoding='utf-8')[-2000:]}")


def simulated_ms(row: Mapping[str, Any], incidents: int, measured: int, machines: int) -> float:
    """Time of a state on a number of machines; one machine needs no round trip.

    Parameters
    ----------
    row
        A measured state of `measured` incidents.
    """
    scan = row["scan_processor_ms"] * incidents / measured
    rest = max(row["alone_processor_ms"] - row["scan_processor_ms"], 0.0)
    if machines == 1:
        return float(rest + scan / CORES)
    trip = row["round_trip_ms"][str(machines)]
    wire = machines * row["answer_kb"] * 1e3 / BYTES_PER_S * 1000
    return float(rest + trip + scan / (CORES * machines) + wire + machines * row["add_ms"])


def pays_from(row: Mapping[str, Any], measured: int, machines: int) -> tuple[int, int]:
    """From what size on that many machines answer a state sooner than one.

    Returns
    -------
    tuple
        Incidents of the snapshot, and how many of them the scan reads.
    """
    per_incident = row["scan_processor_ms"] / CORES * (1 - 1 / machines) / measured
    extra = simulated_ms(row, 0, measured, machines) - simulated_ms(row, 0, measured, 1)
    incidents = extra / per_incident
    return round(incidents), round(incidents * row["blocks"] * BLOCK_ROWS / measured)


def lines(result: Mapping[str, Any]) -> list[str]:
    """The result as text."""
    found = []
    for size in result["sizes"]:
        for row in size["rows"]:
            trip = row["round_trip_ms"][str(WORKERS)]
            found.append(
                f"{size['incidents']:>13,} {row['state']:32} alone {row['alone_ms']:9.1f} ms, "
                f"together {row['together_ms']:9.1f}, "
                f"scan {row['scan_processor_ms']:9.1f} of processor, "
                f"round trip {trip:5.1f}, sent {row['sent_kb']:7.1f} kB, "
                f"answer {row['answer_kb']:8.1f} kB"
            )
    largest = result["sizes"][-1]
    for machines in MACHINES:
        read = [pays_from(row, largest["incidents"], machines)[1] for row in largest["rows"]]
        found.append(
            f"{machines:2} machines pay from {min(read):,} to {max(read):,} incidents read"
        )
    return found
