"""Threads for the compiled scan: the calling thread works, and free ones help.

Numba's own threads abort when several Python threads use them at once; instead, the kernels release
the interpreter's lock.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

Task = TypeVar("Task")
Result = TypeVar("Result")

_LOCK = threading.Lock()
_POOLS: dict[int, ThreadPoolExecutor] = {}


def share(
    tasks: list[Task], work: Callable[[Iterator[Task]], Result], threads: int
) -> list[Result]:
    """Share tasks between threads; returns a result for each thread that took some.

    `work` takes tasks until there are none. A helper that is busy elsewhere is not waited for.
    """
    drawn = iter(tasks)  # drawing the next item of a list's iterator is atomic
    helpers = min(threads, len(tasks)) - 1
    pool = _pool(threads - 1) if helpers > 0 else None
    futures = [pool.submit(work, drawn) for _ in range(helpers)] if pool else []
    results = [work(drawn)]
    return results + [future.result() for future in futures if not future.cancel()]


def _pool(size: int) -> ThreadPoolExecutor:
    with _LOCK:
        if size not in _POOLS:
            _POOLS[size] = ThreadPoolExecutor(size, "patroliq-scan")
        return _POOLS[size]
