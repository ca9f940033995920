"""The process that makes a scoped snapshot for a web worker, which has too little memory.

Started as `python -m analytics.cli.scoped`; standard input has the snapshot and the restriction.
"""

from __future__ import annotations

import json
import os
import sys

from analytics.access.restriction import Restriction
from analytics.cli.pinned import pin_snapshot
from analytics.errors import PatrolIQError
from analytics.scoped.kept import Base, ScopedSnapshots
from analytics.settings import Settings

NICE = 5
"""People who are reading come first."""


def run() -> None:
    """Make it; the exit code is 1 if that fails."""
    os.nice(NICE)
    values = json.load(sys.stdin)
    settings = Settings.from_environment()
    try:
        pinned = pin_snapshot(settings, values["snapshot"])
        base = Base(pinned.snapshot, pinned.reader, pinned.vocabulary, pinned.targets)
        ScopedSnapshots(settings).make(base, Restriction.of_json(values))
    except PatrolIQError as error:
        sys.exit(f"patroliq: {error}")


if __name__ == "__main__":
    run()
