"""A worker killed in mid-task loses nothing: another does the job, one at a time."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from analytics.settings import Settings
from analytics.state import State
from jobs.queue import Queue

INTEGRATION = Path(__file__).resolve().parents[1] / "integration"
PATIENCE_S = 60
LEASE_S = 2.0
WORKER = """
import sys
from pathlib import Path
from analytics.settings import Settings
from jobs.worker import Worker
program = (sys.executable, sys.argv[2])
Worker(Settings(home=Path(sys.argv[1])), float(sys.argv[3]), program).run()
"""


class Shift:
    """A queue, and workers that are processes of their own."""

    def __init__(self, settings: Settings, folder: Path) -> None:
        self.settings = settings
        self.state = State(settings)
        self.queue = Queue(self.state)
        self.runs = folder / "runs"
        self.workers: list[subprocess.Popen[bytes]] = []

    def start(self) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-c", WORKER, str(self.settings.home)]
        command += [str(INTEGRATION / "slow_command.py"), str(LEASE_S)]
        environment = {**os.environ, "SLOW_COMMAND_RUNS": str(self.runs)}
        self.workers.append(subprocess.Popen(command, env=environment))
        return self.workers[-1]

    def processes(self) -> list[int]:
        return [int(line) for line in self.runs.read_text().split()] if self.runs.exists() else []

    def close(self) -> None:
        for worker in self.workers:
            worker.kill()
            worker.wait()
        self.state.close()


def wait_until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < deadline, "waited too long"
        time.sleep(0.05)


def is_alive(process: int) -> bool:
    try:
        state = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"  # nobody has waited for it yet, but it runs no more


def test_another_worker_takes_the_job_of_one_that_was_killed(
    settings: Settings, tmp_path: Path
) -> None:
    shift = Shift(settings, tmp_path)
    job = shift.queue.add(["train", "once"])
    first = shift.start()
    wait_until(lambda: len(shift.processes()) == 1)
    first.send_signal(signal.SIGKILL)
    first.wait()
    wait_until(lambda: not is_alive(shift.processes()[0]))  # the job dies with its worker
    shift.start()
    wait_until(lambda: shift.queue.get(job.id).is_finished)
    found = shift.queue.get(job.id)
    shift.close()
    assert (found.status, found.attempts) == ("done", 2)
    assert found.result["runs"] == 2


def test_a_job_that_is_killed_itself_is_not_taken_for_done(
    settings: Settings, tmp_path: Path
) -> None:
    shift = Shift(settings, tmp_path)
    job = shift.queue.add(["train", "slow"])
    shift.start()
    wait_until(lambda: len(shift.processes()) == 1)
    os.kill(shift.processes()[0], signal.SIGKILL)
    wait_until(lambda: shift.queue.get(job.id).is_finished)
    found = shift.queue.get(job.id)
    shift.close()
    assert (found.status, found.exit_code) == ("failed", -signal.SIGKILL)


@pytest.mark.faults
@pytest.mark.timeout(1800)
def test_twenty_kills_of_workers_lose_no_job(settings: Settings, tmp_path: Path) -> None:
    shift = Shift(settings, tmp_path)
    names = [f"fast_{number}" for number in range(40)]
    for name in names:
        shift.queue.add(["train", name], most_attempts=50)
    for number in range(20):
        worker = shift.start()
        time.sleep(0.8 + 0.1 * (number % 7))
        worker.send_signal(signal.SIGKILL)
        worker.wait()
    shift.start()
    wait_until(lambda: all(job.is_finished for job in shift.queue.latest()))
    found = shift.queue.latest()
    shift.close()
    assert {job.status for job in found} == {"done"}
    assert sorted(job.command[1] for job in found) == sorted(names)
