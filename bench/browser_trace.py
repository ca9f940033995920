"""What the browser does between a click on Explore and its paint, by Chromium's own trace."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from analytics.services import Services
from bench.chromium import DESK, launch
from bench.data import bench_settings, warehouse_of
from bench.explore_clicks import Clicker, Missed
from bench.machine import machine
from bench.site_server import SiteServer
from bench.trace_parts import CATEGORIES, Traced, gestures_of

GESTURES = 24
WARM_UP = 6


def measure(
    sizes: Sequence[int], file: Path | None, source: str, count: int = GESTURES
) -> dict[str, Any]:
    """For each size: mean processor time of the page's main thread a click, by part and script."""
    about = machine()
    runs = []
    for size in sizes:
        home = warehouse_of(size, file, source)
        with SiteServer(home).running() as server:
            runs.append({"incidents": size, **_summed(_traced(server.url, home, count))})
    return {"machine": about, "runs": runs}


def _traced(url: str, home: Path, count: int) -> list[Traced]:
    from playwright.sync_api import sync_playwright

    pinned = Services(bench_settings(home)).pin()
    if pinned is None:
        raise FileNotFoundError(f"{home} holds no snapshot")
    with sync_playwright() as playwright:
        browser = launch(playwright)
        page = browser.new_page(**DESK)
        clicker = Clicker(page, url, pinned)
        _click(clicker, WARM_UP)
        browser.start_tracing(page=page, categories=list(CATEGORIES))
        _click(clicker, count + 1)
        trace = browser.stop_tracing()
        browser.close()
    # The profiler looks at every script when it starts, within the first gesture.
    return gestures_of(json.loads(trace)["traceEvents"])[1:]


def _click(clicker: Clicker, count: int) -> None:
    for _ in range(count):
        try:
            clicker.make(clicker.next_kind())
        except Missed:
            clicker.open()


def _summed(gestures: Sequence[Traced]) -> dict[str, Any]:
    names = {name for made in gestures for name in made.parts}
    parts = {name: _mean([made.parts.get(name, 0.0) for made in gestures]) for name in names}
    return {
        "gestures": len(gestures),
        "total": round(sum(parts.values()), 1),
        "parts": dict(sorted(parts.items(), key=lambda part: -part[1])),
        "counts": {name: _mean([made.counts[name] for made in gestures]) for name in COUNTED},
        "after": _mean([made.after for made in gestures]),
    }


COUNTED = ("timers", "frames", "styles", "layouts", "paints")


def _mean(values: Sequence[float]) -> float:
    return round(float(np.mean(values)), 1)


def lines(result: Mapping[str, Any]) -> list[str]:
    """The result as text."""
    listed = []
    for run in result["runs"]:
        listed.append(
            f"{run['incidents']:,} incidents, {run['gestures']} gestures; ms of processor a click, "
            "with the profiler"
        )
        listed += [f"  {name:18} {spent:6.1f}" for name, spent in run["parts"].items()]
        listed.append(f"  {'in all':18} {run['total']:6.1f}, and {run['after']} after the paint")
        listed.append(
            "  " + ", ".join(f"{count:g} {name}" for name, count in run["counts"].items())
        )
    return listed
