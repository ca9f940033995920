"""Time from the start of the process to the first byte and the first full paint."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any

from bench.chromium import DESK, launch
from bench.data import warehouse_of
from bench.explore_page import ExplorePage
from bench.machine import machine
from bench.site_server import SiteServer

if TYPE_CHECKING:
    from playwright.sync_api import Browser

STARTS = 5
PAINTED = "performance.getEntriesByName('patroliq-complete').pop().startTime"
MOMENTS = {
    "first_byte_ms": "process start to the first byte of the page",
    "first_paint_ms": "process start to the first full paint",
    "page_first_ms": "address entered to full paint, first page of the server, empty browser cache",
    "page_again_ms": "address entered to full paint, the page again, warm browser cache",
}


def measure(sizes: Sequence[int], file: Path | None, source: str) -> dict[str, Any]:
    """For each size: milliseconds of each start, and their medians."""
    from playwright.sync_api import sync_playwright

    about = machine()
    runs = []
    with sync_playwright() as playwright:
        browser = launch(playwright)
        for size in sizes:
            home = warehouse_of(size, file, source)
            starts = [_start(home, browser) for _ in range(STARTS)]
            medians = {name: round(median(one[name] for one in starts)) for name in MOMENTS}
            runs.append({"incidents": size, "starts": starts, **medians})
        browser.close()
    return {"machine": about, "runs": runs}


def lines(result: Mapping[str, Any]) -> list[str]:
    """The result as text."""
    return [
        f"{run['incidents']:,} incidents, {said}: {run[name]:,} ms"
        for run in result["runs"]
        for name, said in MOMENTS.items()
    ]


def _start(home: Path, browser: Browser) -> dict[str, float]:
    """One start of the server; the page is requested as soon as it answers."""
    context = browser.new_context(**DESK)
    server = SiteServer(home)
    explore = ExplorePage(context.new_page(), server.url)
    try:
        server.launch()
        server.fetch("/", 1)
        first_byte = (time.perf_counter() - server.started) * 1000
        explore.open()
        first = float(explore.page.evaluate(PAINTED))
        explore.open()
        again = float(explore.page.evaluate(PAINTED))
    finally:
        server.stop()
        context.close()
    return {
        "first_byte_ms": round(first_byte),
        "first_paint_ms": round(first_byte + first),
        "page_first_ms": round(first),
        "page_again_ms": round(again),
    }
