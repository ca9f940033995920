"""A town in operation, each of whose processes is killed at random moments.

A client sends incidents to the API, the job worker loads them all the time, and files are ingested
by hand. Whatever is killed, the last good snapshot is served, and no acknowledged incident is lost.
"""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest

from analytics.incidents.warehouse import Warehouse
from analytics.sync.run import sync
from bench.machine import ROOT, environment, patroliq
from bench.site_server import SiteServer
from tests.integration.fed_town import FedTown, lines_of, record

PATIENCE_S = 120
ALLOWED = ("--allow", "write-incidents", "--role", "analyst")
CLIENT = """
import json, sys, time
from http.client import HTTPException
from urllib.request import Request, urlopen

url, token, name = sys.argv[1:]
number = 0
while True:
    number += 1
    row = {"Number": f"{name}-{number}", "When": "2026-01-02", "Offense": "THEFT",
           "Changed": "2026-01-03"}
    request = Request(url + "/api/v1/incidents", json.dumps(row).encode())
    request.add_header("Authorization", f"Bearer {token}")
    try:
        with urlopen(request, timeout=60) as answer:
            if json.load(answer)["accepted"] == 1:
                print(row["Number"], flush=True)
    except (OSError, HTTPException, ValueError):
        pass  # a web worker was killed: this one was not acknowledged
    time.sleep(0.1)
"""


def wait_until(condition: Callable[[], Any]) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < deadline, "waited too long"
        time.sleep(0.02)


class Operation:
    """The town's server, job worker and client; what is killed is started again, as by systemd."""

    def __init__(self, folder: Path, seed: int) -> None:
        self.chance = random.Random(seed)  # noqa: S311
        self.town = FedTown(folder).begin()
        self.home = self.town.settings.home
        self.live = {
            "PATROLIQ_SYNC_SECONDS": "1",
            "PATROLIQ_SYNC_SOURCES": str(self.town.path),
            "PATROLIQ_DUCKDB_THREADS": "1",
        }
        made = patroliq(self.home, "tokens", "create", "sender", *ALLOWED, "--json")
        self.token = json.loads(made)["token"]
        self.site = SiteServer(self.home, **self.live)
        self.acknowledged = folder / "acknowledged"
        self.expected = {"first"}
        self.served = 1
        self.killed: Counter[str] = Counter()
        self.files = self.clients = 0
        self.victims = {
            "web worker": self.kill_web_worker,
            "job worker": self.kill_job_worker,
            "sync": self.kill_sync,
            "ingest": self.kill_ingest,
            "client": self.kill_client,
        }

    @contextmanager
    def running(self) -> Iterator[None]:
        with ExitStack() as ending, self.site.running():
            ending.callback(lambda: self.end(self.client))
            ending.callback(lambda: self.end(self.worker))
            self.start_worker()
            self.start_client()
            yield

    def command(self, *arguments: str) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            [sys.executable, "-m", "analytics.cli", *arguments],
            cwd=ROOT,
            env=environment(self.home, **self.live),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    def start_worker(self) -> None:
        self.worker = self.command("worker", "--lease-s", "2")

    def start_client(self) -> None:
        self.clients += 1
        with self.acknowledged.open("ab") as out:
            arguments = (self.site.url, self.token, f"sent {self.clients}")
            self.client = subprocess.Popen([sys.executable, "-c", CLIENT, *arguments], stdout=out)

    def end(self, process: subprocess.Popen[bytes]) -> None:
        process.kill()
        process.wait()

    def kill(self, victim: str) -> None:
        """Kill one process at a random moment, and find the last good snapshot served."""
        self.victims[victim]()
        self.killed[victim] += 1
        self.require_served()

    def rest(self, most_s: float) -> None:
        time.sleep(self.chance.uniform(0.0, most_s))

    def kill_web_worker(self) -> None:
        def workers() -> list[psutil.Process]:
            return psutil.Process(self.site.process_id).children()

        wait_until(lambda: len(workers()) == 2)
        self.rest(0.5)
        os.kill(self.chance.choice(workers()).pid, signal.SIGKILL)

    def kill_job_worker(self) -> None:
        self.rest(3.0)
        self.end(self.worker)
        self.start_worker()

    def kill_sync(self) -> None:
        """Kill a run of the job worker's, some time after it began."""
        while True:
            wait_until(self.syncs)
            self.rest(1.5)
            with suppress(psutil.NoSuchProcess, IndexError):
                self.syncs()[0].kill()
                return

    def syncs(self) -> list[psutil.Process]:
        found = []
        for one in psutil.Process(self.worker.pid).children():
            with suppress(psutil.NoSuchProcess, psutil.ZombieProcess):
                found += [one] if "sync" in one.cmdline() else []
        return found

    def kill_ingest(self) -> None:
        """Kill a load by hand; one that ended before has loaded its file."""
        while True:
            self.files += 1
            path = self.town.folder / f"{self.files}.jsonl"
            path.write_text(lines_of(record(f"file {self.files}")), encoding="utf-8")
            process = self.command("ingest", str(path), "--source", str(self.town.path))
            self.rest(4.0)
            self.end(process)
            if process.returncode == -signal.SIGKILL:
                return
            self.expected |= {f"file {self.files}"} if process.returncode == 0 else set()

    def kill_client(self) -> None:
        self.rest(0.5)
        self.end(self.client)
        self.start_client()

    def ready(self) -> dict[str, Any]:
        with suppress(httpx.TransportError):  # of a worker that was killed
            answer = httpx.get(f"{self.site.url}/ready", timeout=PATIENCE_S)
            assert answer.status_code == 200, answer.text
            found: dict[str, Any] = answer.json()
            return found
        return {}

    def require_served(self) -> None:
        found: dict[str, Any] = {}
        wait_until(lambda: found.update(self.ready()) or found)
        assert found["status"] in {"ready", "degraded"}
        assert found["incidents"] >= self.served
        self.served = found["incidents"]

    def require_whole(self) -> None:
        """Everything acknowledged is served within a while, and nothing else is left over."""
        self.end(self.client)
        lines = self.acknowledged.read_text(encoding="utf-8").split("\n")[:-1]
        assert len(lines) == len(set(lines))
        self.expected |= set(lines)
        wait_until(lambda: not self.town.inbox.waiting() and self.expected <= {*self.town.served()})
        wait_until(lambda: self.ready().get("status") == "ready")

    def require_tidy(self) -> None:
        """One more run has nothing to do and removes what was left."""
        assert [error for one in sync(self.town.settings) for error in one.all_errors] == []
        assert self.town.quarantine() == []
        warehouse = Warehouse(self.home)
        snapshot = warehouse.current()
        assert snapshot is not None
        warehouse.verify(snapshot)
        assert list((self.home / "temporary").glob("sync-*")) == []


def kill_all(folder: Path, rounds: int, seed: int) -> Operation:
    operation = Operation(folder, seed)
    with operation.running():
        victims = [*operation.victims] * rounds
        operation.chance.shuffle(victims)
        for victim in victims:
            operation.kill(victim)
        operation.require_whole()
    operation.require_tidy()
    assert set(operation.killed.values()) == {rounds}
    return operation


def test_a_kill_of_each_process_loses_no_acknowledged_incident(tmp_path: Path) -> None:
    kill_all(tmp_path, rounds=1, seed=1)


@pytest.mark.faults
@pytest.mark.timeout(3600)
def test_two_hundred_kills_lose_no_acknowledged_incident(tmp_path: Path) -> None:
    operation = kill_all(tmp_path, rounds=40, seed=2)
    print(dict(operation.killed), len(operation.expected), "incidents found again")
