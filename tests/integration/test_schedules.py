"""Schedules: each due time is queued once, whatever dies, and by whichever worker."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from analytics.access.roles import Permission
from analytics.errors import InputError
from analytics.settings import Settings
from analytics.state import State
from jobs import queue as queue_module
from jobs.commands import ALLOWED, DUE, NUMBER, Allowed
from jobs.queue import Queue
from jobs.rhythm import Rhythm
from jobs.schedules import Schedules

MONDAY = datetime(2026, 11, 2, 6, tzinfo=UTC)
WEEKLY = Rhythm.parse("monday 06:00", "UTC")


class Clock:
    """Time that passes when a test says so."""

    def __init__(self) -> None:
        self.now = MONDAY - timedelta(days=1)

    def __call__(self) -> float:
        return self.now.timestamp()


@pytest.fixture(autouse=True)
def report(monkeypatch: pytest.MonkeyPatch) -> None:
    """Allow a command that knows a due time."""
    rule = Allowed(Permission.DATA, (NUMBER,), options={"due": DUE})
    monkeypatch.setitem(ALLOWED, ("report",), rule)  # type: ignore[arg-type]


@pytest.fixture
def state(settings: Settings) -> Iterator[State]:
    state = State(settings)
    yield state
    state.close()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def schedules(state: State, clock: Clock) -> Schedules:
    return Schedules(state, clock)


def test_a_due_time_is_queued_once_with_its_time(
    schedules: Schedules, state: State, clock: Clock
) -> None:
    made = schedules.add("Weekly", ("report", "7"), WEEKLY, "D. Reyes")
    assert made.next_due == MONDAY
    assert schedules.queue_due() == []
    clock.now = MONDAY + timedelta(seconds=1)
    (job,) = schedules.queue_due()
    assert job.command == ("report", "7", "--due=2026-11-02T06:00Z")
    assert job.person == "D. Reyes"
    assert schedules.queue_due() == []
    assert [one.id for one in Queue(state, clock).latest()] == [job.id]
    assert schedules.get(made.id).next_due == MONDAY + timedelta(weeks=1)


def test_after_weeks_without_a_worker_the_latest_due_time_is_made_up_for(
    schedules: Schedules, clock: Clock
) -> None:
    schedules.add("Weekly", ("report", "7"), WEEKLY)
    clock.now = MONDAY + timedelta(days=17)
    (job,) = schedules.queue_due()
    assert job.command[-1] == "--due=2026-11-16T06:00Z"
    assert schedules.all()[0].next_due == MONDAY + timedelta(weeks=3)


def test_a_due_time_set_while_the_clock_was_ahead_comes_back_with_the_clock(
    schedules: Schedules, clock: Clock
) -> None:
    right = clock.now
    clock.now = MONDAY + timedelta(days=365)
    schedules.add("Weekly", ("report", "7"), WEEKLY)
    schedules.queue_due()
    clock.now = right
    assert schedules.queue_due() == []
    assert schedules.all()[0].next_due == MONDAY
    clock.now = MONDAY
    assert [job.command[-1] for job in schedules.queue_due()] == ["--due=2026-11-02T06:00Z"]
    clock.now -= timedelta(seconds=2)  # of another worker's clock
    assert schedules.queue_due() == []
    assert schedules.all()[0].next_due == MONDAY + timedelta(weeks=1)


def test_several_workers_queue_a_due_time_once(
    schedules: Schedules, state: State, settings: Settings, clock: Clock
) -> None:
    for number in range(6):
        schedules.add(f"Report {number}", ("report", str(number)), WEEKLY)
    clock.now = MONDAY
    states = [State(settings) for _ in range(4)]
    threads = [
        threading.Thread(target=lambda own=own: Schedules(own, clock).queue_due()) for own in states
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for own in states:
        own.close()
    queued = Counter(job.command for job in Queue(state, clock).latest())
    assert len(queued) == 6
    assert set(queued.values()) == {1}


KILLED = """
import os, signal, sys
from datetime import UTC, datetime
import sqlalchemy as sa
from analytics.access.roles import Permission
from analytics.settings import Settings
from analytics.state import State
from jobs.commands import ALLOWED, DUE, NUMBER, Allowed
from jobs.schedules import Schedules
ALLOWED[("report",)] = Allowed(Permission.DATA, (NUMBER,), options={"due": DUE})
state, left = State(Settings.from_environment()), int(sys.argv[1])

@sa.event.listens_for(state.engine, "before_cursor_execute")
def count(*_):
    global left
    left -= 1
    if left < 0:
        os.kill(os.getpid(), signal.SIGKILL)

Schedules(state, lambda: float(sys.argv[2])).queue_due()
"""


def test_a_killed_worker_neither_forgets_nor_repeats_a_due_time(
    schedules: Schedules, state: State, settings: Settings, clock: Clock
) -> None:
    schedules.add("Weekly", ("report", "7"), WEEKLY)
    clock.now = MONDAY
    ends = []
    environment = os.environ | {"PATROLIQ_HOME": str(settings.home)}
    root = Path(__file__).parents[2]
    for statement in range(12):  # die before each statement in turn, then not at all
        command = [sys.executable, "-c", KILLED, str(statement), str(clock())]
        done = subprocess.run(command, check=False, env=environment, cwd=root, timeout=60)
        ends.append(done.returncode)
        if done.returncode == 0:
            break
        assert done.returncode == -signal.SIGKILL
        assert len(Queue(state, clock).latest()) in (0, 1)
    assert ends[-1] == 0
    assert len(ends) > 3
    (job,) = Queue(state, clock).latest()
    assert job.command[-1] == "--due=2026-11-02T06:00Z"
    assert schedules.all()[0].next_due == MONDAY + timedelta(weeks=1)


def test_a_full_queue_delays_a_due_time(
    schedules: Schedules, state: State, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    schedules.add("Weekly", ("report", "7"), WEEKLY)
    clock.now = MONDAY
    with monkeypatch.context() as full:
        full.setattr(queue_module, "MOST_OPEN", 0)
        assert schedules.queue_due() == []
    assert schedules.all()[0].next_due == MONDAY
    assert len(schedules.queue_due()) == 1
    assert len(Queue(state, clock).latest()) == 1


def test_what_cannot_be_queued_or_named_is_refused(schedules: Schedules) -> None:
    schedules.add("Weekly", ("report", "7"), WEEKLY)
    for name, command in [
        ("Weekly", ("report", "8")),
        (" ", ("report", "8")),
        ("x" * 81, ("report", "8")),
        ("Other", ("report", "eight")),
        ("Other", ("train",)),  # knows no due time
        ("Other", ("serve",)),
    ]:
        with pytest.raises(InputError):
            schedules.add(name, command, WEEKLY)
    assert [one.name for one in schedules.all()] == ["Weekly"]


def test_a_removed_schedule_is_not_due(schedules: Schedules, clock: Clock) -> None:
    made = schedules.add("Weekly", ("report", "7"), WEEKLY)
    assert schedules.remove(made.id) == made
    clock.now = MONDAY
    assert schedules.queue_due() == []
    with pytest.raises(InputError):
        schedules.remove(made.id)
