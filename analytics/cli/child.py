"""The process of a job: runs a `patroliq` command, reports progress, and dies with its worker.

Started by the worker as `python -m analytics.cli.child <worker's pid> <pipe> [COMMAND]`. It reads
its arguments and the person who queued them from standard input; until then it loads what the
command named needs.
"""

from __future__ import annotations

import importlib
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


def _load(command: str) -> None:
    """Import a command and what it loads only when it runs."""
    module = importlib.import_module(f"analytics.cli.{command}")
    for name in getattr(module, "LOADED_AHEAD", ()):
        importlib.import_module(name)


def run() -> None:
    """Run the command that standard input tells; nothing if it ends before."""
    parent, pipe, *ahead = sys.argv[1:]
    signal.signal(signal.SIGTERM, _stop)
    die_with(int(parent), signal.SIGKILL)
    for command in ahead:
        _load(command)
    line = sys.stdin.readline()
    if not line:
        return
    given = json.loads(line)
    if given["person"]:
        os.environ["PATROLIQ_USER"] = given["person"]
    with os.fdopen(int(pipe), "w", encoding="utf-8", buffering=1) as progress:

        def report(what: str, share: float) -> None:
            progress.write(json.dumps([what, share]) + "\n")

        output.listener = report
        Warehouse.patience_s = PATIENCE_S
        sys.argv = ["patroliq", *given["arguments"]]
        main()


if __name__ == "__main__":
    run()
