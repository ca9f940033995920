"""A worker beside the server, as the Procfile has it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from bench.machine import ROOT, environment


@contextmanager
def running_worker(home: Path) -> Iterator[None]:
    """`patroliq worker` for a home folder, until the context ends."""
    command = [sys.executable, "-c", "from analytics.cli import main; main()", "worker"]
    with (home / "worker.log").open("wb") as log:
        process = subprocess.Popen(
            command, cwd=ROOT, env=environment(home), stdout=log, stderr=log, start_new_session=True
        )
    try:
        yield
    finally:
        end(process)


def end(process: subprocess.Popen[bytes], patience_s: float = 30) -> None:
    """End a process and its children, by force if it does not end itself."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGTERM)
        try:
            process.wait(timeout=patience_s)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
    process.wait()
