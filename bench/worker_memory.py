"""Memory of each web worker after every page was visited: its own, and what workers share.

Own are the pages of memory that no other process maps (`/proc/PID/smaps_rollup`). Shared are
programs, mapped files of the snapshot, and libraries that were loaded before the workers were
forked.
"""

from __future__ import annotations

import json
import time
from collections.abc import Mapping, Sequence
from http.client import OK
from pathlib import Path
from typing import Any

import psutil

from bench.gestures import DEPENDENCIES, UPDATE, AnalystPage, template
from bench.machine import MIB, machine
from bench.memory import send
from bench.site_server import WORKERS, SiteServer
from bench.training import trained
from bench.visits import PREPARED_S

GOAL_MIB = 400
ROUNDS = 3 * WORKERS  # so that each worker answers each page
MOST_WAITS = 60
IDLE_PERCENT = 20.0
GESTURE = "gesture-"


def measure(sizes: Sequence[int], file: Path | None, source: str) -> dict[str, Any]:
    """For each size: own and shared mebibytes of each worker."""
    about = machine()
    runs = [{"incidents": size, "workers": _run(trained(size, file, source))} for size in sizes]
    return {"machine": about, "goal_mib": GOAL_MIB, "runs": runs}


def lines(result: Mapping[str, Any]) -> list[str]:
    """The result as text."""
    return [
        f"{run['incidents']:,} incidents, worker {number}: {one['own_mib']:.0f} MiB of its own, "
        f"{one['shared_mib']:.0f} shared"
        for run in result["runs"]
        for number, one in enumerate(run["workers"], start=1)
    ]


def _run(home: Path) -> list[dict[str, float]]:
    """Memory of each worker that has prepared and answered all pages."""
    with SiteServer(home).running() as site:
        time.sleep(PREPARED_S)
        workers = psutil.Process(site.process_id).children()
        for worker in workers:
            _wait_until_idle(worker)
        callbacks = json.loads(site.fetch(DEPENDENCIES))
        names = {one["inputs"][0]["id"] for one in callbacks if one["inputs"]}
        for name in sorted(names) * ROUNDS:
            if name.startswith(GESTURE):
                page = AnalystPage(template(callbacks, name))
                body = json.dumps(page.ask({"action": "open", "text": ""})).encode()
                status, _ = send(site.url + UPDATE, body)
                if status != OK:
                    raise RuntimeError(f"{name} was answered with {status}")
        for worker in workers:
            _wait_until_idle(worker)
        return [_memory_of(worker.pid) for worker in workers]


def _wait_until_idle(worker: psutil.Process) -> None:
    """Wait until pages and the compiled scan are prepared."""
    for _ in range(MOST_WAITS):
        if worker.cpu_percent(interval=1.0) < IDLE_PERCENT:
            return


def _memory_of(process: int) -> dict[str, float]:
    """Own and shared mebibytes of a process."""
    text = Path(f"/proc/{process}/smaps_rollup").read_text(encoding="ascii")
    kept = {line.split(":")[0]: line.split()[1] for line in text.splitlines()[1:]}
    own = (int(kept["Private_Clean"]) + int(kept["Private_Dirty"])) * 1024 / MIB
    return {"own_mib": round(own, 1), "shared_mib": round(int(kept["Rss"]) * 1024 / MIB - own, 1)}
