"""What a web worker is started with."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[3]
THREADS = """
import json, runpy
runpy.run_path("gunicorn.conf.py")
import numpy, threadpoolctl
print(json.dumps([found["num_threads"] for found in threadpoolctl.threadpool_info()]))
"""


SHARED = """
import json, os, runpy, sys, types
found = runpy.run_path("gunicorn.conf.py")
def missing(names):
    return [name for name in names if name not in sys.modules]
first = types.SimpleNamespace(age=1)
found["pre_fork"](None, first)
early = [missing(found["SHARED"]), len(missing(found["SHARED_LATER"]))]
found["pre_fork"](None, types.SimpleNamespace(age=2))
late = [missing(found["SHARED_LATER"]), "polars" in sys.modules]
print(json.dumps([len(os.listdir("/proc/self/task")), *early, *late]))
"""


def test_what_is_loaded_before_the_fork_starts_no_thread() -> None:
    threads, missing, later, missing_later, polars = _ran(SHARED, _environment())
    assert (threads, missing, missing_later, polars) == (1, [], [], False)
    assert later == 6  # the first worker is forked without them, and answers meanwhile
    alone = {**_environment(), "OPENBLAS_NUM_THREADS": "2"}
    threads, _, _, missing_later, polars = _ran(SHARED, alone)
    assert (threads, polars) == (1, False)
    assert "scipy.sparse.csgraph" in missing_later


@pytest.mark.parametrize(("said", "expected"), [(None, 1), ("2", 2)])
def test_a_worker_multiplies_matrices_in_one_thread_unless_told_otherwise(
    said: str | None, expected: int
) -> None:
    environment = _environment()
    if said is not None:
        environment["OPENBLAS_NUM_THREADS"] = said
    found = _ran(THREADS, environment)
    assert found
    assert set(found) <= {expected, 1}
    assert max(found) == min(expected, os.cpu_count() or 1)


EXIT = """
import json, os, runpy
runpy.run_path("gunicorn.conf.py")
found = runpy.run_path("gunicorn.conf.py")  # as at a reload
folder = os.environ[found["METRICS"]]
was = os.path.isdir(folder)
found["on_exit"](None)
print(json.dumps([was, os.path.isdir(folder)]))
"""


def test_only_a_folder_of_counts_that_was_made_here_is_removed(tmp_path: Path) -> None:
    environment = {**_environment(), "PATROLIQ_METRICS_TOKEN": "a-token-of-the-tests"}
    environment |= {"PATROLIQ_HOME": str(tmp_path / "home"), "OPENBLAS_NUM_THREADS": "2"}
    environment.pop("PROMETHEUS_MULTIPROC_DIR", None)
    assert _ran(EXIT, environment) == [True, False]
    own = tmp_path / "counts"
    own.mkdir()
    assert _ran(EXIT, {**environment, "PROMETHEUS_MULTIPROC_DIR": str(own)}) == [True, True]


def _environment() -> dict[str, str]:
    return {key: value for key, value in os.environ.items() if not key.endswith("_THREADS")}


def _ran(program: str, environment: dict[str, str]) -> Any:
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    return json.loads(done.stdout)
