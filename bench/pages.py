"""Time of every page's answers from stored results, requested from gunicorn like a browser."""

from __future__ import annotations

import gzip
import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import numpy as np

from analytics.crossfilter.nights import DayClock
from analytics.demo.calls import add_demo_calls
from analytics.forecasting.demand.period_forecast import ForecastStep
from analytics.patterns.stored import label_versions
from analytics.services import Pinned, Services
from bench.clicks import choices_of, new_selection
from bench.data import bench_settings
from bench.gestures import DEPENDENCIES, UPDATE, AnalystPage, Choices, template
from bench.machine import machine, patroliq
from bench.site_server import WORKERS, SiteServer
from bench.training import trained

GOAL_MS = 300
REPETITIONS = 20
LASSO_CELLS = 40
HEADERS = {"Content-Type": "application/json", "Accept-Encoding": "gzip"}


@dataclass(frozen=True)
class Case:
    """A gesture on a page.

    Attributes
    ----------
    options
        The page's options; each time the next of several values.
    changed
        The option that the gesture changes, or `lasso`, after the page was opened with a new
        selection and the option's previous value; empty to measure the opening.
    stored
        Whether the answer only needs stored or counted results; a new surface is computed.
    """

    page: str
    gesture: str
    options: Mapping[str, Sequence[str]] = field(default_factory=dict)
    changed: str = ""
    stored: bool = True


ZONES = ("zones_kmeans", "zones_dbscan", "zones_hdbscan", "zones_hierarchical")
STEPS = tuple(one.value for one in ForecastStep)
HOURS = tuple(f"hour={first}-{last}" for first in range(6) for last in range(first + 6, first + 12))
CASES = (
    Case("overview", "a new selection: first answer"),
    Case("overview", "a new selection: zones, anomalies and near repeats",
         changed="later"),
    Case("overview", "other areas", {"areas": ("area", "ward", "district")}, "areas"),
    Case("hotspots", "a new selection: zones and forecast",
         {"h_a": ("zones",), "h_b": ("forecast",)}),
    Case("hotspots", "zones by another method", {"h_model": ZONES}, "h_model"),
    Case("hotspots", "another part of the day of the forecast of blocks",
         {"h_a": ("forecast",), "h_b": ("off",), "h_au": ("hotspot_forecast_street",),
          "h_ah": ("00-03", "04-07", "08-11", "12-15", "16-19", "20-23")}, "h_ah"),
    Case("hotspots", "counts in cells of a new selection", {"h_a": ("counts",), "h_b": ("off",)},
         stored=False),
    Case("hotspots", "Gi* of a new selection", {"h_a": ("getis_ord",), "h_b": ("off",)},
         stored=False),
    Case("forecast", "all that is shown"),
    Case("forecast", "days, weeks or the whole, in turn", {"f_step": STEPS}, "f_step"),
    Case("calls", "another filter", {"c_sel": HOURS}, "c_sel"),
    Case("patrol", "all that is shown"),
    Case("patrol", "another unit", {"p_unit": ("1", "2", "3", "4")}, "p_unit"),
    Case("responsible_use", "all that is shown"),
    Case("models", "another model", {"model": (*ZONES, "hotspot_forecast", "patterns_umap")},
         "model"),
    Case("explain", "another model", {"model": (*ZONES, "hotspot_forecast")}, "model"),
    Case("temporal", "a new selection"),
    Case("temporal", "deviation or counts, alternating",
         {"measure": ("deviation", "counts")}, "measure"),
    Case("patterns", "a new selection"),
    Case("patterns", "another color", {"color": ("hour", "offense_profile", "harm", "type")},
         "color"),
    Case("patterns", "three or two axes, alternating", {"axes": ("3", "2")}, "axes"),
    Case("patterns", "a lasso", {}, "lasso"),
)  # fmt: skip


def measure(sizes: Sequence[int], file: Path | None, source: str) -> dict[str, Any]:
    """For each size and case: first answer of a new server, median and 95th percentile in ms."""
    about = machine()
    runs = []
    for size in sizes:
        home = _planned(trained(size, file, source))
        pinned = Services(bench_settings(home)).pin()
        if pinned is None:
            raise FileNotFoundError(f"{home} holds no snapshot")
        rows = [_measured(home, pinned, case) for case in CASES]
        runs.append({"incidents": size, "rows": rows})
    return {"machine": about, "workers": WORKERS, "repetitions": REPETITIONS, "runs": runs}


def lines(result: Mapping[str, Any]) -> list[str]:
    """The result as text."""
    return [
        f"{run['incidents']:,} incidents, {row['page']}, {row['gesture']}: "
        f"{row['median_ms']:.0f} ms median, {row['p95_ms']:.0f} ms p95, first {row['first_ms']:.0f}"
        for run in result["runs"]
        for row in run["rows"]
    ]


def slow(result: Mapping[str, Any]) -> list[str]:
    """Cases with stored results whose 95th percentile exceeds the goal, with that time."""
    return [
        f"{row['page']}, {row['gesture']}: {row['p95_ms']:.0f} ms"
        for run in result["runs"]
        for row in run["rows"]
        if row["stored"] and row["p95_ms"] > GOAL_MS
    ]


class _Browser:
    """One browser on one page."""

    def __init__(self, port: int, key: str) -> None:
        self._connection = HTTPConnection("127.0.0.1", port, timeout=120)
        self._connection.request("GET", DEPENDENCIES)
        known = json.loads(self._connection.getresponse().read())
        self.page = AnalystPage(template(known, f"gesture-{key}"))
        self.page.shown = {"theme": "light"}

    def ask(self, gesture: Mapping[str, Any]) -> tuple[float, int]:
        """Milliseconds and bytes of an answer."""
        body = json.dumps(self.page.ask(gesture))
        started = time.perf_counter()
        self._connection.request("POST", UPDATE, body, HEADERS)
        answer = self._connection.getresponse()
        content = answer.read()
        took = (time.perf_counter() - started) * 1000
        if answer.status != 200:
            raise RuntimeError(f"{gesture}: status {answer.status}")
        if answer.headers.get("Content-Encoding") == "gzip":
            content = gzip.decompress(content)
        found = json.loads(content)
        if "notice wrong" in json.dumps(found["response"].get("notice", {})):
            raise RuntimeError(f"{gesture}: {found['response']['notice']}")
        self.page.take(found)
        return took, len(content)


def _planned(home: Path) -> Path:
    """The home with a stored plan and its fairness, and calls where its city is synthetic."""
    if not json.loads(patroliq(home, "plan", "list", "--json"))["plans"]:
        pinned = Services(bench_settings(home)).pin()
        manifest = pinned.snapshot.manifest if pinned else None
        if manifest is None or manifest.last_day is None:
            raise FileNotFoundError(f"{home} holds no incidents")
        if manifest.source.synthetic:
            add_demo_calls(bench_settings(home), 1, manifest.last_day)
        shift, day = next(iter(DayClock.of(manifest).shifts)), manifest.last_day + timedelta(1)
        plan = ("plan", "make", f"--date={day}", f"--shift={shift}", "--units=22", "--seed=1")
        patroliq(home, *plan, "--save=Benchmark")
        patroliq(home, "evaluate", "fairness", "--save")
    return home


def _measured(home: Path, pinned: Pinned, case: Case) -> dict[str, Any]:
    random = np.random.default_rng(7)
    choices = choices_of(pinned)
    times: list[float] = []
    size = 0
    with SiteServer(home).running() as server:
        browser = _Browser(server.port, case.page)
        for turn in range(1 + 2 * WORKERS + REPETITIONS):
            if case.changed:
                browser.ask({"action": "open", "text": new_selection(choices, random)})
            options = {name: values[turn % len(values)] for name, values in case.options.items()}
            browser.page.shown |= options
            took, size = browser.ask(_gesture(case, pinned, choices, random))
            times.append(took)
    first, warm = times[0], times[1 + 2 * WORKERS :]
    return {
        "page": case.page,
        "gesture": case.gesture,
        "stored": case.stored,
        "first_ms": round(first, 1),
        "median_ms": round(float(np.median(warm)), 1),
        "p95_ms": round(float(np.percentile(warm, 95)), 1),
        "bytes": size,
    }


def _gesture(
    case: Case, pinned: Pinned, choices: Choices, random: np.random.Generator
) -> dict[str, Any]:
    if case.changed == "lasso":
        return _lasso(pinned, random)
    if case.changed:
        return {"action": "page", "changed": [case.changed]}
    return {"action": "open", "text": new_selection(choices, random)}


def _lasso(pinned: Pinned, random: np.random.Generator) -> dict[str, Any]:
    version = label_versions(pinned.snapshot.manifest)["umap"]
    cells = pinned.reader.frame(
        f"SELECT DISTINCT attr_umap_{version}::INT AS cell FROM incidents "
        f"WHERE attr_umap_{version} IS NOT NULL ORDER BY cell"
    )["cell"].to_numpy()
    keys = random.choice(cells, LASSO_CELLS, replace=False).astype(str).tolist()
    return {"action": "choose", "dimension": f"umap_{version}", "keys": keys}
