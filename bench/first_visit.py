"""A first visit: what a browser with an empty cache transfers, and how long it takes.

On this machine, and over a slow line. The workers have prepared their pages.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any

from bench.app_page import AppPage
from bench.chromium import DESK, launch
from bench.machine import machine
from bench.site_server import WORKERS, SiteServer
from bench.traffic import Traffic
from bench.training import trained
from bench.visits import OBSERVE, PREPARED_S, visit
from components.frame.shell import EXPLORE, OVERVIEW, Page

if TYPE_CHECKING:
    from playwright.sync_api import Browser

REPETITIONS = 5
LARGEST = 10
FIRST = (OVERVIEW, EXPLORE)
LINES = {"this machine": False, "5 Mbit/s, 60 ms": True}
"""Whether the line is slow, by its name."""


def measure(sizes: Sequence[int], file: Path | None, source: str) -> dict[str, Any]:
    """For each size, line and page: bytes, requests, the largest answers, times and shift."""
    from playwright.sync_api import sync_playwright

    about = machine()
    runs = []
    with sync_playwright() as playwright:
        browser = launch(playwright)
        for size in sizes:
            with SiteServer(trained(size, file, source)).running() as server:
                time.sleep(PREPARED_S)
                found = {
                    line: [
                        _visited(browser, server.url, page, slow) for page in (OVERVIEW, EXPLORE)
                    ]
                    for line, slow in LINES.items()
                }
            runs.append({"incidents": size, "lines": found})
        browser.close()
    return {"machine": about, "workers": WORKERS, "runs": runs}


def lines(result: Mapping[str, Any]) -> list[str]:
    """The result as text."""
    said = []
    for run in result["runs"]:
        for line, rows in run["lines"].items():
            for row in rows:
                said.append(
                    f"{run['incidents']:,} incidents, {row['page']}, {line}: "
                    f"{row['transferred'] / 1e3:,.0f} kB in {row['requests']} requests, first "
                    f"content {row['first_content_ms']:,} ms, complete {row['complete_ms']:,} ms, "
                    f"layout shift {row['shift']:.3f}"
                )
                said += [f"  {size / 1e3:7.1f} kB {name}" for name, size in row["largest"]]
    return said


def _visited(browser: Browser, url: str, page: Page, slow: bool) -> dict[str, Any]:
    """Medians of visits, each by a browser with an empty cache."""
    visits, traffics = [], []
    for _ in range(REPETITIONS):
        context = browser.new_context(**DESK)
        context.add_init_script(OBSERVE)
        tab = context.new_page()
        traffics.append(Traffic.watch(tab, slow=slow))
        visits.append(visit(AppPage(tab, url), page.path))
        context.close()
    return {
        "page": page.key,
        "transferred": round(median(one.transferred for one in traffics)),
        "requests": round(median(len(one.sizes) for one in traffics)),
        "largest": traffics[0].largest(LARGEST),
        "first_content_ms": round(median(one.first_content_ms for one in visits)),
        "complete_ms": round(median(one.complete_ms for one in visits)),
        "shift": round(max(one.shift for one in visits), 3),
    }
