"""The machine of a measurement, and processes of the product on a home folder of their own."""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
LIBRARIES = ("duckdb", "polars", "pandas", "numpy", "numba")
MIB = 1 << 20


def machine() -> dict[str, Any]:
    """Properties of the machine, stored with results so that they can be compared."""
    return {
        "processor": _processor(),
        "cores": len(os.sched_getaffinity(0)),
        "memory_gb": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9),
        "python": platform.python_version(),
        "patroliq": version("patroliq"),
        "load_before": round(os.getloadavg()[0], 2),
        "measured": datetime.now(UTC).isoformat(timespec="minutes"),
        **{name: version(name) for name in LIBRARIES},
    }


def _processor() -> str:
    for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()


NOT_PASSED_ON = ("PATROLIQ_", "COVERAGE_")


def environment(home: Path, **values: str) -> dict[str, str]:
    """This process's environment with a warehouse, but without other settings of the product.

    Nor is the process traced for coverage, which takes a third of its time: what its pages and
    commands answer is covered by tests that call them.
    """
    kept = {key: value for key, value in os.environ.items() if not key.startswith(NOT_PASSED_ON)}
    return kept | {"PATROLIQ_HOME": str(home), "PYTHONPATH": str(ROOT)} | values


def patroliq(home: Path, *arguments: str) -> str:
    """Run a `patroliq` command on a home folder; returns its standard output.

    Raises
    ------
    RuntimeError
        The command failed; the message is its standard error.
    """
    done = subprocess.run(
        [sys.executable, "-m", "analytics.cli", *arguments],
        cwd=ROOT,
        env=environment(home),
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(f"patroliq {' '.join(arguments)} failed: {done.stderr[-4000:]}")
    return done.stdout


def in_child(
    module: str, *arguments: str, home: Path, values: Mapping[str, str] | None = None
) -> Any:
    """Run `python -m module` in a separate process; returns the JSON in its last line.

    Raises
    ------
    RuntimeError
        The process failed; the message is its standard error.
    """
    done = subprocess.run(
        [sys.executable, "-m", module, *arguments],
        cwd=ROOT,
        env=environment(home, **(values or {})),
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(f"{module} failed: {done.stderr[-4000:]}")
    return json.loads(done.stdout.splitlines()[-1])


def resident(folder: Path) -> dict[str, float]:
    """Resident memory of this process in MiB: total, mapped from `folder`, and the rest.

    Pages mapped from a snapshot's files are shared by all workers through the page cache.
    """
    shared = whole = 0
    mapped = False
    for line in Path("/proc/self/smaps").read_text(encoding="utf-8").splitlines():
        head = line.split(maxsplit=5)
        if "-" in head[0] and not head[0].endswith(":"):
            mapped = len(head) == 6 and head[5].startswith(str(folder))
        elif head[0] == "Rss:":
            whole += int(head[1])
            shared += int(head[1]) if mapped else 0
    return {
        "resident_mib": round(whole / 1024, 1),
        "shared_mib": round(shared / 1024, 1),
        "own_mib": round((whole - shared) / 1024, 1),
    }
