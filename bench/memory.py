"""Peak memory of a web worker for the largest request of every kind.

Each export has a worker of its own, and all gestures share one, that has prepared its pages. Its
peak is set back first (`/proc/PID/clear_refs`); it notes how far the resident set, mapped files
among it, rose above what the worker held before.
"""

from __future__ import annotations

import json
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Any

import psutil

from bench.data import warehouse_of
from bench.gestures import DEPENDENCIES, UPDATE, AnalystPage, template
from bench.machine import MIB, machine
from bench.site_server import SiteServer

GOAL_MB = 500
"""Of any single request, above what the worker held before."""
MOST_WAITS = 15
IDLE_PERCENT = 20.0
TIMEOUT_S = 600
READ_AT_ONCE = 1 << 16
VIEWS = (
    "day", "hour_weekday", "description", "location_type", "block", "cells:10", "cells:100",
    "places:-180,-90,180,90", "points:-180,-90,180,90",
)  # fmt: skip
MODES = ("cells:10", "cells:100", "block", "beat", "points:-180,-90,180,90")
LONGEST = {
    "polygon of 64 corners": "polygon="
    + ";".join(f"{41.6 + n * 0.008:.4f},{-87.9 + (n % 2) * 0.4:.4f}" for n in range(64)),
    "4,000 cells": "cell="
    + ",".join(f"250:{1700 + n % 100}_{18500 + n // 100}" for n in range(4000)),
    "4,000 blocks": "block=" + ",".join(f"{n:03d}XX W MADISON ST" for n in range(4000)),
}


@dataclass(frozen=True)
class LargestRequest:
    """One request; a body makes it a POST."""

    name: str
    address: str
    body: bytes | None = None
    group: str = ""
    """What one worker answers together."""


def measure(sizes: Sequence[int], file: Path | None, source: str) -> dict[str, Any]:
    """For each size: megabytes before each case and added by it, and the status of the answer."""
    about = machine()
    runs = [_run(warehouse_of(size, file, source), size) for size in sizes]
    return {"machine": about, "goal_mb": GOAL_MB, "runs": runs}


def lines(result: Mapping[str, Any]) -> list[str]:
    """The result as text, the largest first."""
    found = []
    for run in result["runs"]:
        rows = sorted(run["cases"], key=lambda case: -case["added_mb"])
        over = sum(case["added_mb"] > GOAL_MB for case in rows)
        found.append(f"{run['incidents']:,} incidents: {over} requests above {GOAL_MB} MB")
        found += [
            f"  {case['added_mb']:7.1f} MB added to {case['before_mb']:.0f} MB, "
            f"{case['status']}, {case['bytes'] / 1e6:.1f} MB in {case['seconds']:.1f} s: "
            f"{case['name']}"
            for case in rows
        ]
    return found


def _run(home: Path, size: int) -> dict[str, Any]:
    server = SiteServer(home, PATROLIQ_WORKERS="1", PATROLIQ_QUERY_TIMEOUT_S="300")
    with server.running():
        listed = list(_cases(server))
    cases = []
    for _, group in groupby(listed, lambda one: one.group or one.name):
        with server.running() as site:
            site.fetch("/")
            worker = psutil.Process(site.process_id).children()[0]
            _wait_until_idle(worker)
            cases += [_measured(site, worker, case) for case in group]
    return {"incidents": size, "cases": cases}


def _wait_until_idle(worker: psutil.Process) -> None:
    """Wait until pages and the compiled scan are prepared."""
    for _ in range(MOST_WAITS):
        if worker.cpu_percent(interval=1.0) < IDLE_PERCENT:
            return


def _cases(site: SiteServer) -> Iterator[LargestRequest]:
    for view in VIEWS:
        yield LargestRequest(f"export of view {view}", f"/export/view.csv?_view={view}")
    for mode in MODES:
        yield LargestRequest(f"map of {mode}", f"/export/map.geojson?_mode={mode}")
    yield LargestRequest("all incidents", "/export/incidents.csv")
    columns = "id,type,description,block,occurred_from,lat,lon"
    yield LargestRequest(
        "list of all, sorted", f"/export/incidents.csv?columns={columns}&_sort=block"
    )
    for name in ("blocks.csv", "zones.csv", "zones.geojson", "surface.csv", "surface.geojson"):
        yield LargestRequest(f"export of {name}", f"/export/{name}")
    for name in ("demand.csv", "forecast.csv?forecast=hotspot_forecast", "responsible-use.csv"):
        yield LargestRequest(f"export of {name}", f"/export/{name}")
    for cell in (100, 250):
        yield LargestRequest(
            f"shapes of {cell} m", f"/geometry/{site.snapshot}/cells-{cell}.geojson"
        )
    callbacks = json.loads(site.fetch(DEPENDENCIES))
    for callback in callbacks:
        asked = callback["inputs"][0]["id"] if callback["inputs"] else ""
        if asked.startswith("gesture-"):
            for name, text in {"": "", **LONGEST}.items():
                page = AnalystPage(template(callbacks, asked))
                body = json.dumps(page.ask({"action": "open", "text": text})).encode()
                shown = asked.removeprefix("gesture-")
                yield LargestRequest(f"{shown}, {name or 'all'}", UPDATE, body, "pages")
    yield LargestRequest(
        "body of 1 MB", UPDATE, b"[" + b"[" * 500 + b"1," * 499_000 + b"1" + b"]" * 501
    )
    yield LargestRequest("body of 1 MB of objects", UPDATE, b"[" + b"{}," * 333_000 + b"{}]")


def _measured(site: SiteServer, worker: psutil.Process, case: LargestRequest) -> dict[str, Any]:
    before = worker.memory_info().rss
    Path(f"/proc/{worker.pid}/clear_refs").write_text("5", encoding="ascii")
    started = time.perf_counter()
    status, length = _send(site.url + case.address, case.body)
    return {
        "name": case.name,
        "status": status,
        "bytes": length,
        "seconds": round(time.perf_counter() - started, 2),
        "before_mb": round(before / MIB, 1),
        "added_mb": round((_peak(worker.pid) - before) / MIB, 1),
    }


def _send(address: str, body: bytes | None) -> tuple[int, int]:
    """Status and length of an answer, which is read and dropped."""
    headers = {"Content-Type": "application/json"}
    request = urllib.request.Request(address, data=body, headers=headers)  # noqa: S310 - loopback
    try:
        with urllib.request.urlopen(request, timeout=TIMEOUT_S) as answer:  # noqa: S310
            length = 0
            while part := answer.read(READ_AT_ONCE):
                length += len(part)
            return answer.status, length
    except urllib.error.HTTPError as error:
        return error.code, len(error.read())


def _peak(process: int) -> int:
    status = Path(f"/proc/{process}/status").read_text(encoding="ascii")
    found = next(line for line in status.splitlines() if line.startswith("VmHWM:"))
    return int(found.split()[1]) * 1024
