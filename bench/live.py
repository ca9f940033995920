"""From a record that another system sends to an answer that counts it, beside millions.

A server with two workers and a job worker run as in operation. When no job runs, a thousand new
incidents are sent to the API; then one program asks ten times a second for the total until it is
larger.
"""

from __future__ import annotations

import json
import time
import urllib.request
from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import median
from typing import Any

import polars as pl

from bench.data import copied, warehouse_of
from bench.job_worker import job_worker
from bench.machine import machine, patroliq
from bench.site_server import SiteServer
from bench.small_loads import NEW, new_incidents

ROUNDS = 5
ASKS_EVERY_S = 0.1
GIVES_UP_S = 120
RESTS_S = 900
"""The longest wait for the jobs that a first load queues, such as the search for series."""
SYNC = {"PATROLIQ_SYNC_SECONDS": "60"}
ALLOWED = ("--allow", "write-incidents", "--allow", "read-aggregates", "--role", "analyst")


def measure(sizes: Sequence[int], file: Path | None, source: str) -> dict[str, Any]:
    """For each size: medians of seconds until a request is acknowledged, and until it is served."""
    about = machine()
    runs = [{"incidents": size, **_live(warehouse_of(size, file, source))} for size in sizes]
    return {"machine": about, "new": NEW, "rounds": ROUNDS, "runs": runs}


def lines(result: Mapping[str, Any]) -> list[str]:
    """The result as text."""
    return [
        f"{result['new']:,} incidents sent to {run['incidents']:,}: on disk after "
        f"{run['accepted_s']} s, served after {run['served_s']} s (at most {run['longest_s']})"
        for run in result["runs"]
    ]


def _live(home: Path) -> dict[str, Any]:
    with copied(home) as copy:
        made = patroliq(copy, "tokens", "create", "bench", *ALLOWED, "--json")
        token = json.loads(made)["token"]
        with SiteServer(copy, **SYNC).running() as server, job_worker(copy, **SYNC):
            _round(server, copy, token, ROUNDS)
            rounds = []
            for number in range(ROUNDS):
                _rest(copy)
                rounds.append(_round(server, copy, token, number))
    served = [one["served_s"] for one in rounds]
    found = {key: round(median(one[key] for one in rounds), 2) for key in rounds[0]}
    return {**found, "longest_s": round(max(served), 2)}


def _round(server: SiteServer, home: Path, token: str, number: int) -> dict[str, float]:
    body = pl.read_csv(new_incidents(home, number), infer_schema=False).write_ndjson().encode()
    total = _total(server, token)
    started = time.perf_counter()
    _ask(server, token, "/api/v1/incidents", body)
    accepted = time.perf_counter() - started
    while _total(server, token) < total + NEW:
        if time.perf_counter() - started > GIVES_UP_S:
            raise TimeoutError(f"{NEW} incidents were not served in {GIVES_UP_S} s")
        time.sleep(ASKS_EVERY_S)
    return {"accepted_s": accepted, "served_s": time.perf_counter() - started}


def _rest(home: Path) -> None:
    """Wait until no job waits or runs, as between two loads in operation."""
    started = time.perf_counter()
    while any(
        job["status"] in {"waiting", "running"}
        for job in json.loads(patroliq(home, "jobs", "list", "--json"))["jobs"]
    ):
        if time.perf_counter() - started > RESTS_S:
            raise TimeoutError(f"jobs did not end in {RESTS_S} s")
        time.sleep(1)


def _total(server: SiteServer, token: str) -> int:
    answer = _ask(server, token, "/api/v1/aggregates?view=total")
    return int(json.loads(answer)["views"][0]["rows"][0]["incidents"])


def _ask(server: SiteServer, token: str, path: str, body: bytes | None = None) -> bytes:
    request = urllib.request.Request(server.url + path, body)  # noqa: S310 - to this machine
    request.add_header("Authorization", f"Bearer {token}")
    with urllib.request.urlopen(request, timeout=GIVES_UP_S) as answer:  # noqa: S310
        found: bytes = answer.read()
    return found
