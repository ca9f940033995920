"""The bound of cached results is one of memory, also where frames have few rows."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from tests import ROOT

FILL = """
import gc, json, re, sys
from itertools import count
from pathlib import Path
import numpy as np
import polars as pl
from analytics.crossfilter.cached_crossfilter import ResultCache

columns, rows = int(sys.argv[1]), int(sys.argv[2])
labels = pl.Series("type", [f"TYPE OF OFFENSE {number}" for number in range(rows)])
chosen = pl.Series(np.arange(rows, dtype=np.uint32))

def private():
    gc.collect()
    text = Path("/proc/self/smaps_rollup").read_text()
    return 1024 * int(re.search(r"Private_Dirty:\\s+(\\d+)", text)[1])

def fill(cache, most):
    sums = np.ones((columns - 1, rows), np.int64)
    for number in count():
        if cache.size > most:
            return
        measures = [pl.Series(f"sum {at}", row) for at, row in enumerate(sums + number)]
        frame = pl.DataFrame([labels[chosen], *measures])
        cache.put(("20261120T000000", "", "type", f"date=2026-01-01..{number}&hour=1-5"), frame)

fill(ResultCache(2), 500_000)
cache = ResultCache(64)
before = private()
fill(cache, 30_000_000)
print(json.dumps([private() - before, cache.size]))
"""


@pytest.mark.parametrize(("columns", "rows"), [(2, 2), (4, 22), (5, 168)])
def test_cached_frames_take_the_memory_that_is_counted(columns: int, rows: int) -> None:
    done = subprocess.run(
        [sys.executable, "-c", FILL, str(columns), str(rows)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    taken, counted = json.loads(done.stdout)
    assert 0.8 < taken / counted < 1.2
