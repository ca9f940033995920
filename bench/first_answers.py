"""Run in a process of its own: how long its first answers take, in milliseconds."""

from __future__ import annotations

import json
import time

from analytics.crossfilter.scope import EVERYTHING
from analytics.services import Services
from analytics.settings import Settings
from bench.states import STATES, Facts, steps_of


def main() -> None:
    started = time.perf_counter()
    pinned = Services(Settings.from_environment()).pin()
    if pinned is None:
        raise SystemExit("there is no snapshot")
    opened = time.perf_counter()
    facts = Facts.of(pinned.reader)
    found = {"open": round((opened - started) * 1000, 1)}
    for state in STATES:
        step = next(steps_of(state, facts, seed=3))
        before = time.perf_counter()
        pinned.crossfilter.counts(EVERYTHING, step.selection, step.views)
        found[state] = round((time.perf_counter() - before) * 1000, 1)
    print(json.dumps(found))


if __name__ == "__main__":
    main()
