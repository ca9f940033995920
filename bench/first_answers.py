"""Time the first answers of a new process, in milliseconds."""

from __future__ import annotations

import json
import time

from analytics.crossfilter import compiled
from analytics.crossfilter.scope import EVERYTHING
from analytics.services import Services
from analytics.settings import Settings
from bench.product import uncached
from bench.states import STATES, SnapshotValues, steps_of


def main() -> None:
    found = {}
    before = time.perf_counter()
    compiled.load()
    found["load or compile the scan"] = _since(before)
    before = time.perf_counter()
    pinned = Services(Settings.from_environment()).pin()
    if pinned is None:
        raise SystemExit("there is no snapshot")
    found["open the snapshot"] = _since(before)
    values = SnapshotValues.of(pinned.reader)
    for state in STATES:
        step = next(steps_of(state, values, seed=3))
        before = time.perf_counter()
        uncached(pinned).counts(EVERYTHING, step.selection, step.views)
        found[state] = _since(before)
    print(json.dumps(found))


def _since(before: float) -> float:
    return round((time.perf_counter() - before) * 1000, 1)


if __name__ == "__main__":
    main()
