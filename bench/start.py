"""Time from the start of the process to the first byte and the first full paint."""

from __future__ import annotations

import time
import urllib.request
from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any
from urllib.error import URLError

from bench.browser import FLAGS, HEIGHT, WIDTH, chromium
from bench.data import warehouse_of
from bench.explore_clicks import CHARTS, PATIENCE_MS, WAIT
from bench.machine import machine
from bench.server import Server

if TYPE_CHECKING:
    from playwright.sync_api import Browser

STARTS = 5
PAINTED = "performance.getEntriesByName('patroliq-painted').pop().startTime"
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
        browser = playwright.chromium.launch(executable_path=chromium(), args=list(FLAGS))
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
    context = browser.new_context(viewport={"width": WIDTH, "height": HEIGHT})
    page = context.new_page()
    server = Server(home)
    try:
        first_byte = _first_byte(server)
        asked = (time.perf_counter() - server.started) * 1000
        page.goto(server.url + "/explore")
        page.evaluate(WAIT, ["answered", 0, PATIENCE_MS])
        page.evaluate(WAIT, ["stands", CHARTS, PATIENCE_MS])
        first = float(page.evaluate(PAINTED))
        page.goto(server.url + "/explore")
        page.evaluate(WAIT, ["answered", 0, PATIENCE_MS])
        again = float(page.evaluate(PAINTED))
    finally:
        server.stop()
        context.close()
    return {
        "first_byte_ms": round(first_byte),
        "first_paint_ms": round(asked + first),
        "page_first_ms": round(first),
        "page_again_ms": round(again),
    }


def _first_byte(server: Server) -> float:
    """Milliseconds from the start of the process to the first byte of the page."""
    while server.process.poll() is None:
        try:
            with urllib.request.urlopen(server.url + "/", timeout=30) as answer:  # noqa: S310
                answer.read(1)
                return (time.perf_counter() - server.started) * 1000
        except (URLError, ConnectionError, TimeoutError):
            time.sleep(0.005)
    raise RuntimeError("the server ended before it answered")
