"""The worker syncs when something arrived or its time has come, and never twice at once."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from analytics.cli.checks import queue_daily_check
from analytics.errors import BusyError, InputError, UnavailableError
from analytics.incidents.warehouse import Warehouse
from analytics.sources.record_kinds import INCIDENTS
from analytics.state import State
from analytics.sync.feed_state import FeedState, reconciliation
from analytics.sync.run import sync
from jobs.alert_checks import AlertChecks
from jobs.due_commands import RETRY_S
from jobs.queue import Queue
from jobs.series_proposals import LEAST_S, SeriesProposals
from jobs.syncs import ASKED_ONLY, COMMAND, KEPT_RUNS, Syncs
from tests import ROOT
from tests.integration.fed_town import TOWN, FedTown, lines_of, record

EVERY_S = 60
PATIENCE_S = 60
ASKED = """
[sync]
database = "TOWN_DATABASE"
query = "SELECT * FROM log WHERE changed >= :watermark"
watermark = "changed"
start = 0
ids = "SELECT number FROM log"
"""


class Clock:
    """Time that passes when a test says so."""

    def __init__(self) -> None:
        self.now = time.time()

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def town(tmp_path: Path) -> FedTown:
    return FedTown(tmp_path, drop=tmp_path / "drop", sync_seconds=EVERY_S).begin()


@pytest.fixture
def state(town: FedTown) -> Iterator[State]:
    state = State(town.settings)
    yield state
    state.close()


def finish(state: State, status: str = "done", exit_code: int = 0) -> None:
    queue = Queue(state)
    job = queue.take("w")
    assert job is not None
    assert job.command == COMMAND
    queue.finish(job, status, exit_code=exit_code)  # type: ignore[arg-type]


def test_nothing_is_queued_while_nothing_arrives(town: FedTown, state: State) -> None:
    clock = Clock()
    syncs = Syncs(state, town.settings, clock)
    for _ in range(100):
        assert syncs.queue_due() is None
        clock.now += 1


def test_a_request_is_taken_at_once_and_a_failed_run_waits_for_its_turn(
    town: FedTown, state: State
) -> None:
    clock = Clock()
    syncs = Syncs(state, town.settings, clock)
    assert syncs.queue_due() is None
    clock.now += 1
    town.send(record("a"))
    assert syncs.queue_due() is not None
    assert syncs.queue_due() is None
    assert Syncs(state, town.settings, clock).queue_due() is None  # of another worker
    finish(state, "failed", BusyError.exit_code)
    clock.now += 1
    assert syncs.queue_due() is None
    town.send(record("b"))
    assert syncs.queue_due() is not None
    finish(state, "failed", BusyError.exit_code)
    clock.now += EVERY_S
    assert syncs.queue_due() is not None


def test_what_cannot_be_loaded_is_not_tried_at_every_turn(town: FedTown, state: State) -> None:
    clock = Clock()
    syncs = Syncs(state, town.settings, clock)
    town.send(record("a"))
    assert syncs.queue_due() is not None
    finish(state, "failed", InputError.exit_code)
    for _ in range(10):
        clock.now += EVERY_S
        assert syncs.queue_due() is None
    town.send(record("b"))
    assert syncs.queue_due() is not None
    finish(state, "failed", InputError.exit_code)
    clock.now += RETRY_S + EVERY_S
    assert syncs.queue_due() is not None


@pytest.mark.parametrize("error", [PermissionError(13, "Permission denied"), ValueError("odd")])
def test_a_folder_that_cannot_be_read_is_told_once_and_again_when_it_can(
    town: FedTown,
    state: State,
    error: Exception,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """By a run, which notes that the feed fails; the inbox is looked at as ever."""
    clock = Clock()
    syncs = Syncs(state, town.settings, clock)
    assert syncs.queue_due() is None

    def refuse(_folder: object) -> None:
        raise error

    with monkeypatch.context() as patch:
        patch.setattr("analytics.sync.drop_folder.DropFolder._opened", refuse)
        clock.now += EVERY_S
        assert syncs.queue_due() is not None
        finish(state, "failed", UnavailableError.exit_code)
        (report,) = [one for one in sync(town.settings) if one.kind == "incidents"]
        assert "incidents drop" in FeedState(state).failing(60)
        assert len(report.all_errors) == 1
        clock.now += 1
        assert syncs.queue_due() is None
        town.send(record("a"))
        assert syncs.queue_due() is not None
        finish(state)
    assert caplog.text.count("incidents drop cannot be looked at") == 1
    assert Syncs(state, town.settings, clock).queue_due() is not None  # of a worker started since
    finish(state)
    sync(town.settings)
    clock.now += EVERY_S
    assert syncs.queue_due() is not None
    finish(state)
    assert FeedState(state).failing(60) == ()
    clock.now += EVERY_S
    assert syncs.queue_due() is None


def test_what_a_run_left_is_taken_at_once(town: FedTown, state: State) -> None:
    clock = Clock()
    syncs = Syncs(state, town.settings, clock)
    town.send(record("a"))
    town.send(record("b"))
    assert syncs.queue_due() is not None
    town.inbox.remove(town.inbox.waiting()[:1])
    assert syncs.queue_due() is None
    finish(state)
    clock.now += 1
    assert syncs.queue_due() is not None
    finish(state)
    assert syncs.queue_due() is None  # as that run took nothing


def test_files_that_a_run_could_not_load_are_not_new_at_the_next_turn(
    town: FedTown, state: State
) -> None:
    clock = Clock()
    syncs = Syncs(state, town.settings, clock)
    assert syncs.queue_due() is None
    assert town.settings.drop is not None
    town.settings.drop.mkdir()
    path = town.settings.drop / "a.jsonl"
    path.write_text(lines_of(record("a")), encoding="utf-8")
    os.utime(path, (0, 0))
    town.send(record("b"))
    assert syncs.queue_due() is not None
    finish(state, "failed", InputError.exit_code)
    for _ in range(3):
        clock.now += EVERY_S
        assert syncs.queue_due() is None


def test_while_what_waits_was_refused_a_database_alone_is_asked(
    tmp_path: Path, state: State
) -> None:
    town = FedTown(tmp_path / "asked", TOWN + ASKED, sync_seconds=EVERY_S).begin()
    clock = Clock()
    syncs = Syncs(state, town.settings, clock)
    FeedState(state, clock).ran(reconciliation(INCIDENTS))
    town.send(record("a"))

    def run(status: str, exit_code: int = 0) -> tuple[str, ...]:
        assert syncs.queue_due() is not None
        job = Queue(state, clock).take("w")
        assert job is not None
        Queue(state, clock).finish(job, status, exit_code=exit_code)  # type: ignore[arg-type]
        clock.now += EVERY_S
        return job.command

    assert run("failed", InputError.exit_code) == COMMAND
    for _ in range(2 * KEPT_RUNS):
        assert run("done") == (*COMMAND, ASKED_ONLY)
    town.send(record("b"))
    assert run("failed", InputError.exit_code) == COMMAND
    assert run("done") == (*COMMAND, ASKED_ONLY)
    clock.now += RETRY_S
    assert run("done") == COMMAND


def test_the_turn_comes_even_after_the_clock_was_moved_back(town: FedTown, state: State) -> None:
    clock = Clock()
    syncs = Syncs(state, town.settings, clock)
    assert syncs.queue_due() is None
    assert town.settings.drop is not None
    town.settings.drop.mkdir()
    path = town.settings.drop / "a.jsonl"
    path.write_text(lines_of(record("a")), encoding="utf-8")
    os.utime(path, (0, 0))
    clock.now -= 10_000
    assert syncs.queue_due() is not None


def test_without_the_setting_nothing_is_queued(tmp_path: Path, state: State) -> None:
    town = FedTown(tmp_path / "off").begin()
    town.send(record("a"))
    assert Syncs(state, town.settings).queue_due() is None


def test_a_database_is_asked_at_each_turn_and_for_all_ids_once_a_day(
    tmp_path: Path, state: State
) -> None:
    town = FedTown(tmp_path / "asked", TOWN + ASKED, sync_seconds=EVERY_S).begin()
    clock = Clock()
    syncs = Syncs(state, town.settings, clock)
    queued = []
    for _ in range(20):
        job = syncs.queue_due()
        assert job is not None
        assert syncs.queue_due() is None
        queued.append(job.command)
        running = Queue(state).take("w")
        assert running is not None
        if running.command != COMMAND:
            FeedState(state, clock).ran(reconciliation(INCIDENTS))
        Queue(state).finish(running, "done")
        clock.now += EVERY_S
    assert queued == [(*COMMAND, "--reconcile"), *[COMMAND] * 19]
    assert len(Queue(state).latest()) <= KEPT_RUNS + 1
    clock.now += 86_400
    job = syncs.queue_due()
    assert job is not None
    assert job.command == (*COMMAND, "--reconcile")


def test_alerts_are_checked_when_other_data_is_served(town: FedTown, state: State) -> None:
    clock = Clock()
    checks = AlertChecks(state, town.settings, clock)
    queue = Queue(state)
    assert checks.queue_due() is not None
    job = queue.take("w")
    assert job is not None
    queue.finish(job, "done")
    clock.now += 1
    assert checks.queue_due() is None
    town.begin(record("first"), record("more"))
    assert checks.queue_due() is not None


def test_live_data_is_searched_for_series_once_an_hour(town: FedTown, state: State) -> None:
    clock = Clock()
    queue = Queue(state, clock)
    searches = SeriesProposals(state, town.settings, clock)
    assert searches.queue_due() is not None
    job = queue.take("w")
    assert job is not None
    queue.finish(job, "done", result={"snapshot": Warehouse(town.settings.home).current_id()})
    town.begin(record("more"))
    clock.now += LEAST_S / 2
    assert searches.queue_due() is None
    clock.now += LEAST_S / 2 + 1
    assert searches.queue_due() is not None


def test_champions_are_checked_once_a_day_however_often_data_comes(
    town: FedTown, state: State, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        "analytics.artifacts.bundle.models_with_champion", lambda _home: ["zones_kmeans"]
    )
    queue_daily_check(town.settings)
    job = Queue(state).take("w")
    assert job is not None
    assert job.command == ("models", "check")
    Queue(state).finish(job, "done")
    queue_daily_check(town.settings)
    assert [one.id for one in Queue(state).latest()] == [job.id]


def waiting_child(worker: int) -> int:
    """The process that the worker keeps ready, once there is none beside it."""
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline:
        threads = Path(f"/proc/{worker}/task").iterdir()
        children = [child for one in threads for child in (one / "children").read_text().split()]
        if len(children) == 1:
            return int(children[0])
        time.sleep(0.05)
    raise AssertionError("the worker keeps no process ready")


def test_a_worker_loads_what_arrives_also_after_the_process_it_keeps_ready_was_killed(
    town: FedTown,
) -> None:
    environment = {
        **os.environ,
        "PATROLIQ_HOME": str(town.settings.home),
        "PATROLIQ_SYNC_SECONDS": "3600",
        "PATROLIQ_SYNC_SOURCES": str(town.path),
        "PYTHONPATH": str(ROOT),
    }
    worker = subprocess.Popen(
        [sys.executable, "-m", "analytics.cli", "worker"], cwd=ROOT, env=environment
    )
    try:
        for id in ("a", "b"):
            ready = waiting_child(worker.pid)
            if id == "b":  # such as for want of memory
                os.kill(ready, signal.SIGKILL)
            town.send(record(id))
            deadline = time.monotonic() + PATIENCE_S
            while id not in town.served() and time.monotonic() < deadline:
                time.sleep(0.1)
            assert id in town.served()
            assert len(town.inbox.waiting()) <= 1
    finally:
        worker.send_signal(signal.SIGTERM)
        worker.wait(30)
    assert Warehouse(town.settings.home).current() is not None
