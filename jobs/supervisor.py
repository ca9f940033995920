"""Keeps a worker running beside the server: restarts it when it dies, and ends with the server.

Started by `patroliq serve --with-worker` as `python -m jobs.supervisor <server's pid>`.
"""

from __future__ import annotations

import logging
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from types import FrameType

from analytics import logs, private
from analytics.settings import Settings
from jobs.parent import die_with

FIRST_WAIT_S, LONGEST_WAIT_S = 1.0, 60.0
GRACE_S = 30.0  # time for a worker to return its job to the queue
log = logging.getLogger(__name__)


class Supervisor:
    """Runs one worker at a time until stopped."""

    def __init__(self, command: Sequence[str]) -> None:
        self._command = command
        self._stopping = threading.Event()
        self._worker: subprocess.Popen[bytes] | None = None

    def stop(self) -> None:
        """Stop the worker and do not restart it."""
        self._stopping.set()
        if self._worker is not None:
            self._worker.terminate()

    def run(self) -> None:
        """Run workers; each death doubles the wait before the next start.

        The wait is reset after a worker that ran longer than the longest wait.
        """
        wait_s = FIRST_WAIT_S
        while not self._stopping.is_set():
            started = time.monotonic()
            self._worker = subprocess.Popen(self._command, stdin=subprocess.DEVNULL)  # noqa: S603 - no shell, fixed program
            if self._stopping.is_set():  # stopped meanwhile
                self._worker.terminate()
            code = self._wait_for(self._worker)
            if self._stopping.is_set():
                return
            if time.monotonic() - started > LONGEST_WAIT_S:
                wait_s = FIRST_WAIT_S
            log.error("the worker ended with %s; another starts in %g s", code, wait_s)
            self._stopping.wait(wait_s)
            wait_s = min(2 * wait_s, LONGEST_WAIT_S)

    def _wait_for(self, worker: subprocess.Popen[bytes]) -> int:
        while not self._stopping.is_set():
            try:
                return worker.wait(0.5)
            except subprocess.TimeoutExpired:
                continue
        try:
            return worker.wait(GRACE_S)
        except subprocess.TimeoutExpired:
            worker.kill()
            return worker.wait()


def main() -> None:
    """Supervise `patroliq worker` until the server ends."""
    private.set_umask()
    logs.configure(Settings.from_environment())
    logs.log_crashes()
    command = [sys.executable, "-m", "analytics.cli", "worker", "--parent", str(os.getpid())]
    supervisor = Supervisor(command)

    def stop(_signal: int, _frame: FrameType | None) -> None:
        supervisor.stop()

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    die_with(int(sys.argv[1]), signal.SIGTERM)
    supervisor.run()


if __name__ == "__main__":
    main()
