"""Time from click to paint: headless Chromium on Explore, gunicorn with two workers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from analytics.services import Services
from bench.chromium import DESK, launch
from bench.data import bench_settings, warehouse_of
from bench.explore_clicks import Clicker, Missed
from bench.machine import machine
from bench.site_server import WORKERS, SiteServer

GESTURES = 100
WARM_UP = 10
PARTS = ("total", "complete", "input", "engine", "rows", "server", "network", "render")


def measure(
    sizes: Sequence[int], file: Path | None, source: str, count: int = GESTURES
) -> dict[str, Any]:
    """For each size: median and 95th percentile of parts and kinds of gestures, requests, bytes."""
    about = machine()
    runs = []
    for size in sizes:
        home = warehouse_of(size, file, source)
        with SiteServer(home).running() as server:
            runs.append({"incidents": size, **_gestures(server.url, home, count)})
    return {"machine": about, "workers": WORKERS, "runs": runs}


def _gestures(url: str, home: Path, count: int) -> dict[str, Any]:
    from playwright.sync_api import sync_playwright

    pinned = Services(bench_settings(home)).pin()
    if pinned is None:
        raise FileNotFoundError(f"{home} holds no snapshot")
    found: list[dict[str, Any]] = []
    missed: Counter[str] = Counter()
    with sync_playwright() as playwright:
        browser = launch(playwright)
        clicker = Clicker(browser.new_page(**DESK), url, pinned)
        for number in range(WARM_UP + count):
            kind = clicker.next_kind()
            try:
                made = clicker.make(kind)
            except Missed:
                missed[kind] += 1
                clicker.open()
                continue
            if number >= WARM_UP:
                found.append(made)
        browser.close()
    return {
        "gestures": len(found),
        "missed": dict(missed),
        "parts": {part: _spread([made[part] for made in found]) for part in PARTS},
        "engine_share": round(
            float(np.mean([made["engine"] for made in found]))
            / float(np.mean([made["total"] for made in found])),
            3,
        ),
        "requests": _spread([made["requests"] for made in found]),
        "bytes": _spread([made["bytes"] for made in found]),
        "kinds": {
            kind: {"gestures": len(times), **_spread(times)}
            for kind, times in sorted(_by_kind(found).items())
        },
    }


def _by_kind(found: Sequence[Mapping[str, Any]]) -> dict[str, list[float]]:
    kinds: dict[str, list[float]] = {}
    for made in found:
        kinds.setdefault(made["kind"], []).append(made["total"])
    return kinds


def _spread(values: Sequence[float]) -> dict[str, float]:
    median, late = np.percentile(values, [50, 95])
    return {"median": round(float(median), 1), "p95": round(float(late), 1)}


def lines(result: Mapping[str, Any]) -> list[str]:
    """The result as text."""
    listed = []
    for run in result["runs"]:
        listed.append(f"{run['incidents']:,} incidents, {run['gestures']} gestures; ms")
        listed += [
            f"  {part:8} median {found['median']:7.1f}  p95 {found['p95']:7.1f}"
            for part, found in run["parts"].items()
        ]
        listed.append(
            f"  engine {100 * run['engine_share']:.0f}% of the time; "
            f"{run['requests']['median']:.0f} request, {run['bytes']['median']:,.0f} bytes"
        )
        listed += [
            f"  {kind:10} {found['gestures']:3} gestures, median {found['median']:7.1f}, "
            f"p95 {found['p95']:7.1f}"
            for kind, found in run["kinds"].items()
        ]
        if run["missed"]:
            listed.append(f"  clicks without a request: {run['missed']}")
    return listed
