"""What a web worker is started with."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
THREADS = """
import json, runpy
runpy.run_path("gunicorn.conf.py")
import numpy, threadpoolctl
print(json.dumps([found["num_threads"] for found in threadpoolctl.threadpool_info()]))
"""


@pytest.mark.parametrize(("said", "expected"), [(None, 1), ("2", 2)])
def test_a_worker_multiplies_matrices_in_one_thread_unless_told_otherwise(
    said: str | None, expected: int
) -> None:
    environment = {key: value for key, value in os.environ.items() if not key.endswith("_THREADS")}
    if said is not None:
        environment["OPENBLAS_NUM_THREADS"] = said
    done = subprocess.run(
        [sys.executable, "-c", THREADS],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    found = json.loads(done.stdout)
    assert found
    assert set(found) <= {expected, 1}
    assert max(found) == min(expected, os.cpu_count() or 1)
