"""The process of a job: runs a `patroliq` command, reports progress, and dies with its worker.

Started by the worker as `python -m analytics.cli.child <worker's pid> <pipe> ARGUMENTS…`.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from types import FrameType

from analytics.cli import main, output
from analytics.incidents.warehouse import Warehouse
from jobs.parent import die_with

PATIENCE_S = 600.0
"""A job waits so long for another one that writes: an hour of training must not end with it."""


def _stop(_signal: int, _frame: FrameType | None) -> None:
    """Unwind on SIGTERM, so that staging folders are removed and locks are freed."""
    raise KeyboardInterrupt


def run() -> None:
    """Run the command in this process's arguments."""
    parent, pipe = int(sys.argv[1]), int(sys.argv[2])
    signal.signal(signal.SIGTERM, _stop)
    die_with(parent, signal.SIGKILL)
    with os.fdopen(pipe, "w", encoding="utf-8", buffering=1) as progress:

        def report(what: str, share: float) -> None:
            progress.write(json.dumps([what, share]) + "\n")

        output.listener = report
        Warehouse.patience_s = PATIENCE_S
        sys.argv = ["patroliq", *sys.argv[3:]]
        main()


if __name__ == "__main__":
    run()
