"""Cost of the audit log: the same request to two apps in turn, one of which records nothing.

A gesture is a click on Explore; its view is recorded by the thread, whose work counts as it shares
the processor. An export is recorded before the answer. Each pair is measured close together, in
changing order, so that what else the machine does falls on both.
"""

from __future__ import annotations

import gc
import shutil
import statistics
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from flask.testing import FlaskClient

from analytics.access_log import AccessLog
from analytics.services import Services
from analytics.settings import Settings
from app import create_app
from bench.clicks import choices_of
from bench.data import bench_settings, warehouse_of
from bench.gestures import DEPENDENCIES, UPDATE, AnalystPage, Choices, gestures, template
from bench.machine import machine

REQUESTS = 200
GOAL_MS = 2.0
EXPORT = "/export/view.csv?view=type"
Request = Callable[[], object]


class NoLog(AccessLog):
    """Records nothing."""

    def record(self, *entries: object) -> None:
        """Do nothing."""

    def record_soon(self, *entries: object) -> None:
        """Do nothing."""


def measure(sizes: Sequence[int], file: Path | None, source: str) -> dict[str, Any]:
    """Medians of each kind of request with and without the log, and of their difference."""
    about = machine()
    runs = []
    for size in sizes:
        with TemporaryDirectory() as folder:
            home = Path(shutil.copytree(warehouse_of(size, file, source), Path(folder) / "home"))
            runs.append({"incidents": size, "rows": _rows(bench_settings(home))})
    return {"machine": about, "requests": REQUESTS, "goal_ms": GOAL_MS, "runs": runs}


def lines(result: Mapping[str, Any]) -> list[str]:
    """The result as text."""
    return [
        f"{run['incidents']:,} incidents, {row['request']}: {row['without_ms']:.2f} ms without, "
        f"{row['with_ms']:.2f} ms with; {row['ratio']:.3f} times, "
        f"{row['difference_ms']:.2f} ms more"
        for run in result["runs"]
        for row in run["rows"]
    ]


def _rows(settings: Settings) -> list[dict[str, Any]]:
    with_log, without = create_app(settings), create_app(settings)
    silent = NoLog(lambda: without.services.state, settings)
    for name in ("record", "record_soon"):
        setattr(without.services.access_log, name, getattr(silent, name))
    clients = [app.server.test_client() for app in (without, with_log)]
    pinned = Services(settings).pin()
    if pinned is None:
        raise LookupError("the warehouse is empty")
    choices = choices_of(pinned)
    kinds = {
        "gesture on Explore": [_clicks(client, choices) for client in clients],
        "export of a chart": [_exports(client) for client in clients],
    }
    found = [{"request": name, **_compared(*pair)} for name, pair in kinds.items()]
    for app in (with_log, without):
        app.services.access_log.close()
        app.services.state.close()
    return found


def _compared(without: Iterator[Request], with_log: Iterator[Request]) -> dict[str, float]:
    times: list[tuple[float, float]] = []
    pairs = list(islice(zip(without, with_log, strict=False), REQUESTS + 1))
    gc.collect()
    for number, pair in enumerate(pairs):
        order = (0, 1) if number % 2 else (1, 0)
        taken = [0.0, 0.0]
        for which in order:
            started = time.perf_counter()
            pair[which]()
            taken[which] = (time.perf_counter() - started) * 1000
        times.append((taken[0], taken[1]))
    first, *kept = times  # the first one opens the data
    del first
    plain, recorded = (statistics.median(column) for column in zip(*kept, strict=True))
    return {
        "without_ms": round(plain, 3),
        "with_ms": round(recorded, 3),
        "ratio": round(recorded / plain, 4),
        "difference_ms": round(statistics.median(one[1] - one[0] for one in kept), 3),
    }


def _clicks(client: FlaskClient, choices: Choices) -> Iterator[Request]:
    page = AnalystPage(template(client.get(DEPENDENCIES).get_json()))
    for gesture in gestures(choices, seed=1):

        def click(gesture: Mapping[str, Any] = gesture) -> None:
            answered = client.post(UPDATE, json=page.ask(gesture))
            page.take(answered.get_json())

        yield click


def _exports(client: FlaskClient) -> Iterator[Request]:
    while True:
        yield lambda: client.get(EXPORT).get_data()
