"""Jobs: allowed commands only, one worker each, progress, cancel, and nothing lost."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from analytics.access.people import People
from analytics.access.roles import Role
from analytics.audit import Audit
from analytics.errors import InputError
from analytics.incidents.warehouse import Warehouse
from analytics.settings import Settings
from analytics.state import State
from analytics.state_file import StateError
from analytics.state_tables import jobs
from jobs import job_process
from jobs import queue as queue_module
from jobs import worker as worker_module
from jobs.commands import ALLOWED, check
from jobs.queue import Job, Lane, Queue
from jobs.worker import Worker

SLOW = (sys.executable, str(Path(__file__).with_name("slow_command.py")))
PATIENCE_S = 60


class Clock:
    """Time that passes when a test says so."""

    def __init__(self) -> None:
        self.now = 1_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def state(settings: Settings) -> Iterator[State]:
    state = State(settings)
    yield state
    state.close()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def queue(state: State, clock: Clock) -> Queue:
    return Queue(state, clock)


@pytest.fixture
def runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "runs"
    monkeypatch.setenv("SLOW_COMMAND_RUNS", str(path))
    return path


def wait_for(queue: Queue, job: Job, condition: Callable[[Job], bool]) -> Job:
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline:
        found = queue.get(job.id)
        if condition(found):
            return found
        time.sleep(0.05)
    raise AssertionError(f"waited too long: {queue.get(job.id)}")


@pytest.mark.parametrize(
    "command",
    [
        (),
        ("serve",),
        ("models", "ui"),
        ("train; rm -rf /",),
        ("train", "zones_kmeans; true"),
        ("train", "../../etc/passwd"),
        ("train", "-c"),
        ("train", "--selection"),
        ("train", "--selection", "type=THEFT"),
        ("train", "--selection=type\n=THEFT"),
        ("train", "--home=/tmp"),
        ("train", "--set=k=8;9"),
        ("train", "--promote-first=yes"),
        ("models", "promote", "zones_kmeans"),
        ("models", "promote", "zones_kmeans", "seven"),
        ("models", "promote", "zones_kmeans", "²"),
        ("models", "promote", "zones_kmeans", "٣"),
        ("models", "promote", "zones_kmeans", "3", "--reason=a\u202eb"),
        ("models", "promote", "zones_kmeans", "3", "--reason=a\x7fb"),
        ("models", "promote", "zones_kmeans", "3", "--reason=a\ud83d"),
        ("fetch", "chicago", "--since=٢٠٢٦-٠١-٠١"),
        ("models", "rollback", "zones_kmeans", "zones_dbscan"),
        ("evaluate", "hotspots", "--horizon=7"),
        ("evaluate", "hotspots", "--unit=street"),
        ("evaluate", "hotspots", "--by=hour"),
    ],
)
def test_what_is_not_allowed_is_refused(queue: Queue, command: tuple[str, ...]) -> None:
    with pytest.raises(InputError):
        queue.add(command)
    assert queue.latest() == []


@pytest.mark.parametrize(
    "command",
    [
        ("train",),
        ("train", "zones_kmeans", "zones_dbscan"),
        ("train", "--selection=type=THEFT&date=last28d"),
        ("train", "zones_kmeans", "--set=k=8", "--set=bootstraps=2", "--promote-first"),
        ("models", "promote", "zones_kmeans", "7", "--reason=Better; it's $(stable) --now"),
        ("evaluate", "hotspots", "--types=BURGLARY", "--cell-m=250", "--areas=0.01,0.05"),
        (
            "evaluate",
            "hotspots",
            "--target=robbery",
            "--target=fbi=04A",
            "--unit=block",
            "--by=band",
            "--per=district",
            "--forecasters=ensemble,learned",
            "--horizon=4w",
        ),
    ],
)
def test_what_is_allowed_is_kept_as_it_is(command: tuple[str, ...]) -> None:
    assert check(command) == command


def test_every_allowed_command_and_option_is_one_of_ours() -> None:
    import importlib

    import click

    for words, rule in ALLOWED.items():
        try:
            module = importlib.import_module(f"analytics.cli.{words[0]}")
        except ModuleNotFoundError:
            continue
        found = module.command
        for word in words[1:]:
            assert isinstance(found, click.Group)
            found = found.commands[word]
        options = {option for parameter in found.params for option in parameter.opts}
        assert {f"--{name}" for name in (*rule.options, *rule.flags)} <= options, words


def test_the_oldest_job_is_taken_first_and_by_one_worker_only(queue: Queue) -> None:
    first, second = queue.add(["train", "a"]), queue.add(["train", "b"])
    assert [taken.id for taken in (queue.take("one"), queue.take("two")) if taken] == [
        first.id,
        second.id,
    ]
    assert queue.take("three") is None


def test_alerts_and_briefings_do_not_wait_for_trainings(queue: Queue) -> None:
    trainings = [queue.add(["train", name]) for name in ("hotspot_forecast", "zones_kmeans")]
    briefing = queue.add(["briefing", "deliver", "--name=Monday", "--template=weekly"])
    alerts = queue.add(["alerts", "check"])
    taken = [queue.take("worker-a") for _ in range(4)]
    assert [job and job.id for job in taken] == [
        briefing.id, alerts.id, trainings[0].id, trainings[1].id,
    ]  # fmt: skip


def test_a_worker_looks_for_alerts_before_it_takes_a_training(
    settings: Settings, queue: Queue, monkeypatch: pytest.MonkeyPatch
) -> None:
    queue.add(["train", "hotspot_forecast"])
    monkeypatch.setattr(Warehouse, "current_id", lambda _self: "served")
    worker, taken = Worker(settings), list[tuple[str, ...]]()

    def run(job: Job) -> None:
        taken.append(job.command)
        queue.finish(job, "done")
        if job.command[0] == "train":
            worker.stop()

    monkeypatch.setattr(worker, "_run", run)
    worker.run()
    assert taken[0] == ("alerts", "check")
    assert taken[-1] == ("train", "hotspot_forecast")


def test_live_data_has_a_lane_of_its_own(queue: Queue) -> None:
    training = queue.add(["train", "zones_kmeans"])
    sync = queue.add(["sync"])
    alerts = queue.add(["alerts", "check"])
    live = [queue.take("live", lane=Lane.LIVE) for _ in range(2)]
    rest = [queue.take("rest", lane=Lane.REST) for _ in range(3)]
    assert [job and job.id for job in live] == [sync.id, None]
    assert [job and job.id for job in rest] == [alerts.id, training.id, None]


def test_a_command_that_waits_already_is_not_queued_twice(queue: Queue) -> None:
    assert queue.add(["train"]).id == queue.add(["train"]).id
    queue.take("one")
    assert len({queue.add(["train"]).id, queue.add(["train"]).id}) == 1
    assert len(queue.latest()) == 2


def test_many_workers_at_once_never_take_the_same_job(state: State) -> None:
    queue = Queue(state)
    added = {queue.add(["train", f"name_{number}"]).id for number in range(24)}
    taken: list[int] = []

    def take(name: str) -> None:
        while (job := queue.take(name)) is not None:
            taken.append(job.id)

    threads = [threading.Thread(target=take, args=(f"worker {n}",)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(taken) == sorted(added)


def test_a_job_stays_its_workers_while_the_lease_is_renewed(queue: Queue, clock: Clock) -> None:
    queue.add(["train"])
    job = queue.take("one", lease_s=30)
    assert job
    for _ in range(5):
        clock.now += 29
        assert queue.renew(job, 0.5, "Fitting", lease_s=30) == "held"
        assert queue.take("two") is None
    found = queue.get(job.id)
    assert (found.share, found.message) == (0.5, "Fitting")


def test_a_job_whose_worker_died_is_taken_after_the_lease(queue: Queue, clock: Clock) -> None:
    queue.add(["train"])
    lost = queue.take("one", lease_s=30)
    clock.now += 31
    taken = queue.take("two", lease_s=30)
    assert lost
    assert taken
    assert (taken.id, taken.attempts) == (lost.id, 2)
    assert queue.renew(lost, 1.0, "") == "lost"
    assert not queue.finish(lost, "done")
    assert queue.finish(taken, "done", result={"versions": [1]})
    assert queue.get(lost.id).result == {"versions": [1]}


def test_a_job_of_a_dead_worker_is_taken_though_the_clock_was_set_back(
    queue: Queue, clock: Clock
) -> None:
    queue.add(["train", "zones_dbscan"])
    taken = queue.take("dead")
    assert taken is not None
    clock.now -= 86_400 * 365
    assert queue.latest()[0].shown_status(clock.now) == "interrupted"
    again = queue.take("other")
    assert again is not None
    assert (again.id, again.attempts) == (taken.id, 2)
    assert queue.renew(taken, 0.5, "") == "lost"


def test_one_worker_that_takes_its_own_job_again_has_lost_the_first_taking(
    queue: Queue, clock: Clock
) -> None:
    queue.add(["train"])
    first = queue.take("one", lease_s=1)
    clock.now += 2
    second = queue.take("one", lease_s=1)
    assert first
    assert second
    assert queue.renew(first, 0.1, "") == "lost"
    assert queue.renew(second, 0.1, "") == "held"


def test_a_job_that_kills_its_worker_every_time_fails(queue: Queue, clock: Clock) -> None:
    job = queue.add(["train"], most_attempts=2)
    for _ in range(2):
        assert queue.take("one", lease_s=1)
        clock.now += 2
    assert queue.take("one") is None
    found = queue.get(job.id)
    assert (found.status, found.attempts) == ("failed", 2)
    assert "died" in str(found.error)


def test_one_person_cannot_fill_the_queue_of_others(
    queue: Queue, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queue_module, "MOST_OPEN_OF_ONE", 2)
    monkeypatch.setattr(queue_module, "MOST_OPEN", 3)
    first, _ = queue.add(["train", "a"], "ann"), queue.add(["train", "b"], "ann")
    with pytest.raises(InputError, match="2 of your jobs"):
        queue.add(["train", "c"], "ann")
    assert queue.add(["train", "a"], "ann") == first  # waits already
    queue.add(["train", "c"], "bob")
    with pytest.raises(InputError, match="3 jobs are waiting or running"):
        queue.add(["train", "d"], "eve")
    queue.cancel(first.id)
    queue.add(["train", "d"], "eve")


def test_a_waiting_job_is_canceled_at_once(queue: Queue) -> None:
    job = queue.cancel(queue.add(["train"]).id)
    assert job.status == "canceled"
    assert queue.take("one") is None
    with pytest.raises(InputError, match="already ended"):
        queue.cancel(job.id)
    with pytest.raises(InputError, match="Job 99 not found"):
        queue.cancel(99)


def test_a_running_job_learns_that_it_is_canceled(queue: Queue, clock: Clock) -> None:
    queue.add(["train"])
    job = queue.take("one", lease_s=30)
    assert job
    assert queue.cancel(job.id).status == "running"
    assert queue.renew(job, 0.5, "") == "cancel"
    clock.now += 100  # its worker dies before it can say so
    assert queue.take("two") is None
    assert queue.get(job.id).status == "canceled"


def test_jobs_outlive_the_process_that_queued_them(settings: Settings, state: State) -> None:
    job = Queue(state).add(["train"], person="analyst")
    state.close()
    again = State(settings)
    assert Queue(again).get(job.id) == job
    again.close()


def test_statements_are_written_for_postgresql_too() -> None:
    from sqlalchemy.dialects import postgresql
    from sqlalchemy.schema import CreateTable

    text = str(CreateTable(jobs).compile(dialect=postgresql.dialect()))
    assert "SERIAL" in text
    assert "DOUBLE PRECISION" in text or "FLOAT(53)" in text


def test_the_worker_keeps_what_a_command_printed_and_why_it_failed(
    settings: Settings, state: State, runs: Path
) -> None:
    queue = Queue(state)
    good = queue.add(["train", "fast", "--selection=a=$(touch x)"])
    bad = queue.add(["train", "fails"])
    assert Worker(settings, program=SLOW).run(once=True) == 2
    good, bad = queue.get(good.id), queue.get(bad.id)
    assert (good.status, good.share, good.exit_code) == ("done", 1.0, 0)
    assert good.result == {"names": ["fast"], "selection": "a=$(touch x)", "runs": 1}
    assert (bad.status, bad.exit_code) == ("failed", 1)
    assert bad.error == "patroliq: It did not converge."


def test_a_command_slipped_into_the_table_is_not_run(
    settings: Settings, state: State, runs: Path
) -> None:
    queue = Queue(state)
    job = queue.add(["train", "fast"])
    with state.engine.begin() as connection:
        connection.execute(sa.update(jobs).values(command='["serve"]'))
    Worker(settings, program=SLOW).run(once=True)
    assert queue.get(job.id).status == "failed"
    assert not runs.exists()


def test_a_job_of_somebody_who_lost_the_permission_does_not_run(
    settings: Settings, state: State, runs: Path
) -> None:
    people, queue = People(state, settings), Queue(state)
    for name in ("Kim", "Lee", "Max"):
        people.add(name, [Role.ANALYST])
    names = ("Kim", "Lee", "Max", "an operator")
    queued = [queue.add(["train", "fast", f"--selection={name}"], name) for name in names]
    people.give("Kim", [Role.VIEWER])
    people.disable("Lee")
    Worker(settings, program=SLOW).run(once=True)
    found = [queue.get(job.id) for job in queued]
    assert [one.status for one in found] == ["failed", "failed", "done", "done"]
    assert "Kim may not do this anymore" in str(found[0].error)


@pytest.mark.parametrize("name", ["slow", "stubborn"])
def test_cancel_ends_the_process_also_one_that_does_not_listen(
    settings: Settings, state: State, runs: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(job_process, "GRACE_S", 1.0)
    queue = Queue(state)
    job = queue.add(["train", name], person="analyst")
    worker = Worker(settings, program=SLOW)
    thread = threading.Thread(target=worker.run, kwargs={"once": True})
    thread.start()
    wait_for(queue, job, lambda found: found.message == "Halfway" and found.share == 0.5)
    queue.cancel(job.id)
    found = wait_for(queue, job, lambda found: found.is_finished)
    thread.join()
    assert found.status == "canceled"
    (process,) = runs.read_text().split()
    with pytest.raises(ProcessLookupError):
        os.kill(int(process), 0)
    (entry,) = Audit(state, settings).latest(1)
    assert (entry.event, entry.person) == ("job.canceled", "analyst")


def test_a_worker_that_is_stopped_gives_its_job_back(
    settings: Settings, state: State, runs: Path
) -> None:
    queue = Queue(state)
    job = queue.add(["train", "once"])
    worker = Worker(settings, program=SLOW)
    thread = threading.Thread(target=worker.run)
    thread.start()
    wait_for(queue, job, lambda found: found.message == "Halfway")
    worker.stop()
    thread.join(PATIENCE_S)
    found = queue.get(job.id)
    assert (found.status, found.attempts) == ("waiting", 0)
    Worker(settings, program=SLOW).run(once=True)
    assert queue.get(job.id).status == "done"


def test_a_cancel_is_on_record_once_though_the_queue_does_not_answer_at_first(
    settings: Settings, state: State, runs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker_module, "FIRST_WAIT_S", 0.01)
    finish, failures = Queue.finish, iter([StateError("locked"), StateError("locked")])

    def fail_at_first(queue: Queue, *arguments: Any, **facts: Any) -> None:
        for failure in failures:
            raise failure
        finish(queue, *arguments, **facts)

    monkeypatch.setattr(Queue, "finish", fail_at_first)
    queue = Queue(state)
    job = queue.add(["train", "slow"], person="analyst")
    worker = Worker(settings, program=SLOW)
    thread = threading.Thread(target=worker.run, kwargs={"once": True})
    thread.start()
    wait_for(queue, job, lambda found: found.message == "Halfway")
    queue.cancel(job.id)
    found = wait_for(queue, job, lambda found: found.is_finished)
    thread.join()
    assert found.status == "canceled"
    assert [entry.event for entry in Audit(state, settings).latest(9)] == ["job.canceled"]


def test_a_process_that_waits_runs_what_it_is_given(settings: Settings, runs: Path) -> None:
    process = job_process.JobProcess(settings, SLOW, "train")
    try:
        assert not process.has_ended(1.0)
        assert not runs.exists()
        process.give(("train", "fast", "--selection=x"), "analyst")
        while not process.has_ended(0.25):
            pass
        assert process.exit_code == 0
        assert (process.message, process.share) == ("Halfway", 0.5)
        assert process.result() == {"names": ["fast"], "selection": "x", "runs": 1}
    finally:
        process.end()
        process.close()


def test_a_process_that_is_never_given_a_job_ends_without_running_one(
    settings: Settings, runs: Path
) -> None:
    process = job_process.JobProcess(settings, SLOW, "train")
    process.end()
    process.close()
    assert not process.runs
    assert not runs.exists()


def test_jobs_are_queued_listed_and_canceled_from_the_command_line(settings: Settings) -> None:
    environment = {"PATROLIQ_HOME": str(settings.home), "PATROLIQ_USER": "analyst", "PATH": ""}

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "analytics.cli", "jobs", *arguments],
            env=environment, capture_output=True, text=True, check=False,
        )  # fmt: skip

    assert (
        "waiting      analyst  train --selection=type=THEFT"
        in run("add", "train", "--selection=type=THEFT").stdout
    )
    assert run("add", "serve").returncode == 2
    assert "canceled" in run("cancel", "1").stdout
    assert '"status": "canceled"' in run("list", "--json").stdout
