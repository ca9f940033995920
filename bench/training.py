"""Time and memory to train every model with the command."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from analytics.artifacts.catalog import CATALOG
from bench.data import bench_folder, warehouse_of
from bench.machine import ROOT, environment, machine

ZONES_AND_FORECAST_S = 300
GOALS_S = {"patterns_pca": 10, "patterns_umap": 180, "patterns_tsne": 180}
GOAL_MB = 2_000
MARKER = "trained.json"


def measure(sizes: Sequence[int], file: Path | None, source: str) -> dict[str, Any]:
    """For each size and model: seconds, processor seconds and peak memory of the command."""
    about = machine()
    return {
        "machine": about,
        "runs": [
            {"incidents": size, "models": _train(warehouse_of(size, file, source))}
            for size in sizes
        ],
    }


def lines(result: Mapping[str, Any]) -> list[str]:
    """The result as text."""
    return [
        f"{run['incidents']:,} incidents, {name}: {found['seconds']:.0f} s, {found['peak_mb']:,} MB"
        for run in result["runs"]
        for name, found in run["models"].items()
    ]


def trained(size: int, file: Path | None, source: str) -> Path:
    """Home of a warehouse with all models trained once; promotion checks may have refused some."""
    home = warehouse_of(size, file, source)
    if not (_copy_of(home) / MARKER).exists():
        _train(home)
    return _copy_of(home)


def zones_and_forecast(models: Mapping[str, Mapping[str, float]]) -> float:
    """Total seconds of all zones and the forecast, one after another."""
    names = ("zones_", "hotspot_")
    return sum(found["seconds"] for name, found in models.items() if name.startswith(names))


def _copy_of(home: Path) -> Path:
    return bench_folder() / f"trained-{home.name}"


def _train(home: Path) -> dict[str, dict[str, float]]:
    copy = _copy_of(home)
    shutil.rmtree(copy, ignore_errors=True)
    shutil.copytree(home, copy, symlinks=True)
    found = {name: _command(copy, name) for name in CATALOG}
    (copy / MARKER).write_text(json.dumps(found), encoding="utf-8")
    return found


def _command(home: Path, name: str) -> dict[str, float]:
    """Run `patroliq train NAME --promote-first` as a process, timed by clock and by the kernel."""
    started = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, "-m", "analytics.cli", "train", name, "--promote-first"],
        cwd=ROOT,
        env=environment(home),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    )
    said = process.stderr.read() if process.stderr else b""
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise RuntimeError(f"train {name} failed: {said[-4000:].decode(errors='replace')}")
    return {
        "seconds": round(time.perf_counter() - started, 1),
        "processor_s": round(used.ru_utime + used.ru_stime, 1),
        "peak_mb": round(used.ru_maxrss * 1024 / 1e6),
    }
