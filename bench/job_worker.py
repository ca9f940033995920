"""The job worker beside the server, as in operation."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench.machine import ROOT, environment


@contextmanager
def job_worker(home: Path, **settings: str) -> Iterator[subprocess.Popen[bytes]]:
    """`patroliq worker` of a home folder with some settings, until the context ends."""
    command = [sys.executable, "-m", "analytics.cli", "worker"]
    process = subprocess.Popen(
        command, cwd=ROOT, env=environment(home, **settings), stderr=subprocess.DEVNULL
    )
    try:
        yield process
    finally:
        process.terminate()
        process.wait()
