"""An hour as in operation: analysts on two workers, a load a minute, trainings now and then.

Each minute it notes errors and waiting times, what the processes hold, what the home folder takes
and how old the served data is. At the end every acknowledged incident is looked for.
"""

from __future__ import annotations

import json
import time
import urllib.request
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from analytics.errors import PatrolIQError
from analytics.incidents.reader import SnapshotReader
from analytics.incidents.warehouse import Warehouse
from analytics.services import Services
from bench.analysts_at_work import THINKING_S, working
from bench.clicks import choices_of
from bench.data import bench_settings, copied, warehouse_of
from bench.gestures import Choices
from bench.job_worker import job_worker
from bench.machine import machine, patroliq
from bench.process_samples import (
    children,
    descriptors,
    disk_mib,
    private_mib,
    sum_of_private_mib,
    threads,
)
from bench.site_server import WORKERS, SiteServer
from bench.small_loads import new_incidents

MINUTES, ANALYSTS = 60, 50
MINUTE_S = 60.0
RECORDS = 100
TRAINS_EVERY = 15
MODEL = "zones_dbscan"
LOOKS_EVERY_S = 5.0
FOUND_WITHIN_S = 300
SETTINGS = {"PATROLIQ_SYNC_SECONDS": "60", "PATROLIQ_DOWNLOADS_AT_ONCE": "50"}
"""All analysts have one address here, which otherwise may start two downloads at once."""
ALLOWED = ("--allow", "write-incidents", "--role", "analyst")
MOST_ERRORS = 5


def measure(
    sizes: Sequence[int],
    file: Path | None,
    source: str,
    *,
    minutes: int = MINUTES,
    analysts: int = ANALYSTS,
) -> dict[str, Any]:
    """For each size a row a minute, and how many acknowledged incidents were not found."""
    about = machine()
    runs = []
    for size in sizes:
        home = warehouse_of(size, file, source)
        with copied(home) as copy:
            run = soak(copy, minutes, analysts)
        runs.append({"incidents": size, **run})
    return {
        "machine": about, "workers": WORKERS, "minutes": minutes, "analysts": analysts,
        "thinking_s": THINKING_S, "records": RECORDS, "runs": runs,
    }  # fmt: skip


def soak(home: Path, minutes: int, analysts: int, minute_s: float = MINUTE_S) -> dict[str, Any]:
    """Keep a home folder, which changes, under load; tests have shorter minutes."""
    choices = _choices(home)
    made = patroliq(home, "tokens", "create", "soak", *ALLOWED, "--json")
    with (
        SiteServer(home, **SETTINGS).running() as server,
        job_worker(home, **SETTINGS) as worker,
    ):
        feed = IncidentFeed(server.url, home, json.loads(made)["token"])
        watch = Watch(server, worker.pid)
        rows: list[dict[str, Any]] = []
        with working(server.port, choices, analysts) as answers:
            started = time.monotonic()
            for minute in range(minutes):
                feed.send(minute)
                if minute % TRAINS_EVERY == min(1, minutes - 1):
                    patroliq(home, "jobs", "add", "train", MODEL)
                held = watch.hold(started + (minute + 1) * minute_s)
                times, errors = answers.take()
                rows.append({"minute": minute + 1, **_waits(times), **held})
                rows[-1]["errors"] = len(errors) + len(feed.errors)
                rows[-1]["first_errors"] = [*errors, *feed.errors][:MOST_ERRORS]
                feed.errors.clear()
        lost = feed.lost()
        jobs = json.loads(patroliq(home, "jobs", "list", "--json"))["jobs"]
    return {
        "rows": rows,
        "sent": len(feed.acknowledged),
        "lost": len(lost),
        "failed_jobs": [f"{' '.join(one['command'])}" for one in jobs if one["status"] == "failed"],
    }


def lines(result: Mapping[str, Any]) -> list[str]:
    """The result as text."""
    found = []
    for run in result["runs"]:
        found += [
            f"minute {row['minute']}: {row['requests']} requests, {row['errors']} errors, "
            f"{row['median_ms']:.0f} ms median, {row['p95_ms']:.0f} ms p95, web workers "
            f"{' and '.join(str(round(one)) for one in row['web_mib'])} MiB, job worker "
            f"{row['job_worker_mib']:.0f} MiB, home {row['home_mib']:.0f} MiB"
            for row in run["rows"]
        ]
        found.append(f"{run['sent']:,} incidents acknowledged, {run['lost']} not found")
    return found


def growth_mib(run: Mapping[str, Any]) -> list[float]:
    """MiB a minute by which each web worker grew in the last half of a run, a least-squares slope.

    Empty if a worker was replaced meanwhile, or there are too few rows.
    """
    rows = run["rows"][len(run["rows"]) // 2 :]
    if len(rows) < 2 or len({tuple(row["web"]) for row in rows}) > 1:
        return []
    minutes = [row["minute"] for row in rows]
    held = np.array([row["web_mib"] for row in rows])
    return [round(float(slope), 2) for slope in np.polyfit(minutes, held, 1)[0]]


@dataclass
class IncidentFeed:
    """Another system that sends incidents, and what was acknowledged to it."""

    url: str
    home: Path
    token: str
    acknowledged: set[str] = field(default_factory=set)
    errors: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        path = new_incidents(self.home, 0)
        self._rows = pl.read_csv(path, infer_schema=False).head(RECORDS)

    def send(self, number: int) -> None:
        """Send the same incidents under new ids."""
        rows = self._rows.with_columns(pl.format("S{}-{}", pl.lit(number), "ID").alias("ID"))
        request = urllib.request.Request(  # noqa: S310 - to this machine
            f"{self.url}/api/v1/incidents", rows.write_ndjson().encode()
        )
        request.add_header("Authorization", f"Bearer {self.token}")
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:  # noqa: S310
                found = json.load(answer)
        except OSError as error:
            self.errors.append(f"send: {error}")
            return
        if found["accepted"] == rows.height:
            self.acknowledged |= set(rows["ID"])
        else:
            self.errors.append(f"send: {found}"[:300])

    def lost(self) -> set[str]:
        """Acknowledged incidents that are not served after some minutes."""
        until = time.monotonic() + FOUND_WITHIN_S
        while (missing := self.acknowledged - self._served()) and time.monotonic() < until:
            time.sleep(1)
        return missing

    def _served(self) -> set[str]:
        snapshot = Warehouse(self.home).current()
        if snapshot is None:
            return set()
        reader = SnapshotReader(snapshot, bench_settings(self.home))
        try:
            return set(reader.frame("SELECT id FROM incidents WHERE id LIKE 'S%'")["id"])
        finally:
            reader.close()


class Watch:
    """Looks at the processes of a server and its job worker, and at the home folder.

    Parameters
    ----------
    server : SiteServer
    worker : int
        Process of the job worker.
    """

    def __init__(self, server: SiteServer, worker: int) -> None:
        self._server = server
        self._worker = worker

    def hold(self, until: float) -> dict[str, Any]:
        """Wait until a moment of `time.monotonic`; then what processes hold.

        Of jobs it is the most that was seen.
        """
        jobs = 0.0
        while (rest := until - time.monotonic()) > 0:
            jobs = max(jobs, sum_of_private_mib(children(self._worker)))
            time.sleep(min(LOOKS_EVERY_S, rest))
        web = sorted(children(self._server.process_id))
        return {
            "web": web,
            "web_mib": [private_mib(one) for one in web],
            "web_threads": sum(map(threads, web)),
            "web_files": sum(map(descriptors, web)),
            "job_worker_mib": private_mib(self._worker),
            "job_worker_threads": threads(self._worker),
            "job_worker_files": descriptors(self._worker),
            "jobs_mib": jobs,
            "home_mib": disk_mib(self._server.home),
            "snapshot_s": self._age(),
            "ready": self._ready(),
        }

    def _ready(self) -> str:
        """Status of `/ready`, and its reason if it gives one."""
        try:
            with urllib.request.urlopen(f"{self._server.url}/ready", timeout=60) as answer:  # noqa: S310
                found = json.load(answer)
        except OSError as error:
            return f"not answered: {error}"
        return " ".join(filter(None, (found["status"], found.get("reason", ""))))

    def _age(self) -> int:
        """Seconds since the served snapshot was made."""
        try:
            snapshot = Warehouse(self._server.home).current()
        except PatrolIQError:
            return -1
        if snapshot is None:
            return -1
        return round(time.time() - snapshot.path.stat().st_mtime)


def _choices(home: Path) -> Choices:
    pinned = Services(bench_settings(home)).pin()
    if pinned is None:
        raise FileNotFoundError(f"{home} holds no snapshot")
    try:
        return choices_of(pinned)
    finally:
        pinned.reader.close()


def _waits(times: Sequence[float]) -> dict[str, Any]:
    median, late = np.percentile(times, [50, 95]) if times else (0.0, 0.0)
    return {
        "requests": len(times),
        "median_ms": round(float(median), 1),
        "p95_ms": round(float(late), 1),
    }
