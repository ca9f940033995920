"""Ingest compared with DuckDB's own load of the file as text: rows per second and peak memory."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from analytics.demo.generate import generate
from analytics.demo.profile import DemoProfile
from bench.data import BASE_UNTIL, bench_folder
from bench.machine import ROOT, environment, machine

MEMORY_LIMIT = "2GB"
SMALL_LIMIT = "512MB"  # smaller than the file, so that DuckDB spills to disk
RAW_LOAD = """
import sys, duckdb
source, target, limit = sys.argv[1:]
connection = duckdb.connect(target, config={"threads": 2, "memory_limit": limit})
connection.execute("CREATE TABLE raw AS FROM read_csv(?, all_varchar = true)", [source])
"""
INGEST = "from analytics.cli import main; main()"


def measure(sizes: Sequence[int], file: Path | None, source: str) -> dict[str, Any]:
    """For each size: both loads, and an ingest with a memory limit below the file's size."""
    about = machine()
    runs = []
    for size in sizes:
        csv = file or _csv(size)
        name = source if file else "demo"
        raw = _raw(csv, MEMORY_LIMIT)
        full = _ingest(csv, name, MEMORY_LIMIT)
        tight = _ingest(csv, name, SMALL_LIMIT)
        rows = _rows(csv)
        runs.append(
            {
                "rows": rows,
                "file_mb": round(csv.stat().st_size / 1e6),
                "raw load": _figures(raw, rows),
                "ingest": _figures(full, rows),
                f"ingest, {SMALL_LIMIT}": _figures(tight, rows),
                "times_raw": round(full["seconds"] / raw["seconds"], 2),
            }
        )
    return {"machine": about, "memory_limit": MEMORY_LIMIT, "runs": runs}


def lines(result: Mapping[str, Any]) -> list[str]:
    """The result as text."""
    listed = []
    for run in result["runs"]:
        listed.append(f"{run['rows']:,} rows, {run['file_mb']} MB")
        listed += [
            f"  {name:18} {found['rows_per_s']:>10,} rows/s {found['seconds']:7.1f} s "
            f"{found['peak_mb']:>7,} MB at most"
            for name, found in run.items()
            if isinstance(found, Mapping)
        ]
        listed.append(f"  ingest takes {run['times_raw']} times the raw load")
    return listed


def _csv(incidents: int) -> Path:
    """The demo city's file as CSV; written once."""
    path = bench_folder() / f"demo-{incidents}.csv"
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        rows = generate(DemoProfile.load(), incidents, 1, BASE_UNTIL).rows
        part = path.with_suffix(".part")
        rows.write_csv(part)
        part.rename(path)
    return path


def _rows(path: Path) -> int:
    with path.open("rb") as handle:
        return sum(chunk.count(b"\n") for chunk in iter(lambda: handle.read(1 << 20), b"")) - 1


def _raw(path: Path, limit: str) -> dict[str, float]:
    with tempfile.TemporaryDirectory(dir=bench_folder()) as folder:
        target = str(Path(folder) / "raw.duckdb")
        return _child([sys.executable, "-c", RAW_LOAD, str(path), target, limit], Path(folder))


def _ingest(path: Path, source: str, limit: str) -> dict[str, float]:
    home = Path(tempfile.mkdtemp(dir=bench_folder()))
    command = [sys.executable, "-c", INGEST, "ingest", str(path), "--source", source]
    try:
        return _child(command, home, PATROLIQ_MEMORY_LIMIT=limit)
    finally:
        shutil.rmtree(home)


def _child(command: list[str], home: Path, **values: str) -> dict[str, float]:
    """Run a process, which must succeed; returns its seconds and peak resident megabytes."""
    started = time.perf_counter()
    with tempfile.TemporaryFile() as said:
        process = subprocess.Popen(
            command, cwd=ROOT, env=environment(home, **values), stdout=said, stderr=said
        )
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        seconds = time.perf_counter() - started
        if process.returncode:
            said.seek(0)
            raise RuntimeError(f"{command[3:]} failed: {said.read()[-4000:].decode()}")
    return {"seconds": seconds, "peak_mb": usage.ru_maxrss * 1024 / 1e6}


def _figures(found: Mapping[str, float], rows: int) -> dict[str, Any]:
    return {
        "seconds": round(found["seconds"], 2),
        "rows_per_s": round(rows / found["seconds"]),
        "peak_mb": round(found["peak_mb"]),
    }
