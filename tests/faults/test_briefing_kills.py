"""A worker killed in the middle of a scheduled briefing: one file and one delivery, in the end."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from analytics.audit import Audit
from analytics.briefing_delivery import DONE, BriefingDeliveries
from analytics.demo.build import build_demo
from analytics.settings import Settings
from analytics.state import State
from jobs.rhythm import Rhythm
from jobs.schedules import Schedules
from tests import ROOT
from tests.built_once import build_once

PATIENCE_S = 120
LEASE_S = 2.0
WORKER = """
import sys
from pathlib import Path
from analytics.settings import Settings
from jobs.worker import Worker
Worker(Settings(home=Path(sys.argv[1])), float(sys.argv[2])).run()
"""


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory) -> Path:
    def build(home: Path) -> None:
        build_demo(Settings(home=home), 8_000, 1, date(2026, 10, 31), lambda _what, _share: None)

    return build_once(tmp_path_factory, "city_of_8000", build)


class DueBriefing:
    """A home folder with a briefing that is due, and workers that are processes of their own."""

    def __init__(self, home: Path) -> None:
        self.settings = Settings(home=home)
        self.workers: list[subprocess.Popen[bytes]] = []
        with closing(State(self.settings)) as state:
            rhythm = Rhythm.parse("daily 06:00", "UTC")
            command = ("briefing", "deliver", "--name=Daily", "--template=weekly", "--to-folder")
            made = Schedules(state).add("Daily", command, rhythm)
            due = made.next_due.timestamp() + 60
            assert len(Schedules(state, lambda: due).queue_due()) == 1
            assert Schedules(state, lambda: due).queue_due() == []

    def start(self) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-c", WORKER, str(self.settings.home), str(LEASE_S)]
        environment = {**os.environ, "PYTHONPATH": str(ROOT)}
        environment["PATROLIQ_HOME"] = str(self.settings.home)
        self.workers.append(subprocess.Popen(command, env=environment))
        return self.workers[-1]

    def is_done(self) -> bool:
        with closing(State(self.settings)) as state:
            return [one.state for one in BriefingDeliveries(state, self.settings).all()] == [DONE]

    def files(self) -> list[str]:
        folder = self.settings.home / "briefings"
        return sorted(path.name for path in folder.iterdir()) if folder.exists() else []

    def close(self) -> None:
        for worker in self.workers:
            worker.kill()
            worker.wait()


@pytest.fixture
def due(city: Path, tmp_path: Path) -> Iterator[DueBriefing]:
    made = DueBriefing(Path(shutil.copytree(city, tmp_path / "home")))
    yield made
    made.close()


def kill_and_finish(due: DueBriefing, moments: list[float]) -> None:
    """Kill a worker at each moment of its life, then let one finish."""
    for moment in moments:
        worker = due.start()
        time.sleep(moment)
        worker.send_signal(signal.SIGKILL)
        worker.wait()
    due.start()
    deadline = time.monotonic() + PATIENCE_S
    while not due.is_done() and time.monotonic() < deadline:
        time.sleep(0.2)
    time.sleep(LEASE_S + 1)  # time for a second delivery, if there were one
    assert due.is_done()
    with closing(State(due.settings)) as state:
        (record,) = BriefingDeliveries(state, due.settings).all()
        events = [one.event for one in Audit(state, due.settings).entries()]
    assert due.files() == [record.file]
    assert events.count("briefing.delivered") == 1
    assert datetime.fromisoformat(record.at) <= datetime.now(UTC)


def test_a_worker_killed_once_delivers_once(due: DueBriefing) -> None:
    kill_and_finish(due, [2.5])


@pytest.mark.faults
@pytest.mark.timeout(600)
@pytest.mark.parametrize("moment", [0.4 + 0.4 * step for step in range(16)])
def test_a_worker_killed_at_any_moment_delivers_once(due: DueBriefing, moment: float) -> None:
    kill_and_finish(due, [moment])


@pytest.mark.faults
@pytest.mark.timeout(600)
def test_two_workers_killed_one_after_the_other_deliver_once(due: DueBriefing) -> None:
    kill_and_finish(due, [2.0, 4.0])
