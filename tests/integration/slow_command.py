"""A job's process whose `train` command is a stand-in that takes as long as a test wants.

`train fast` ends at once, `train fails` with an error, `train slow` after a minute, `train once` is
slow at its first run only, `train stubborn` ignores being asked to stop. Each run adds its process
number to the file named by SLOW_COMMAND_RUNS.
"""

from __future__ import annotations

import os
import signal
import sys
import time
from pathlib import Path
from types import ModuleType

import click

from analytics.cli.child import run
from analytics.cli.output import emit, json_option, progress_bar
from analytics.errors import PatrolIQError


@click.command("train")
@click.argument("names", nargs=-1)
@click.option("--selection", default="")
@json_option
def train(names: tuple[str, ...], selection: str, as_json: bool) -> None:
    """Stand in for a fit."""
    path = Path(os.environ["SLOW_COMMAND_RUNS"])
    with path.open("a") as handle:
        handle.write(f"{os.getpid()}\n")
    runs = len(path.read_text().splitlines())
    if "stubborn" in names:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
    with progress_bar() as advance:
        advance("Halfway", 0.5)
        if {"slow", "stubborn"} & {*names} or ("once" in names and runs == 1):
            time.sleep(60)
    if "fails" in names:
        raise PatrolIQError("It did not converge.")
    emit({"names": names, "selection": selection, "runs": runs}, as_json, lambda: [])


stand_in = ModuleType("analytics.cli.train")
stand_in.command = train  # type: ignore[attr-defined]

if __name__ == "__main__":
    sys.modules["analytics.cli.train"] = stand_in
    run()
