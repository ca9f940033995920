"""A visit of each page: what it transfers, when its parts are there, and how far they move."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any

from bench.app_page import AppPage
from bench.chromium import DESK, launch
from bench.machine import machine
from bench.site_server import WORKERS, SiteServer
from bench.traffic import Traffic
from bench.training import trained
from components.frame.shell import PAGES

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext

STARTS = 3
REPETITIONS = 3
PREPARED_S = 15  # the workers prepare the pages after a start
LARGEST = 10
QUIET_MS = 500  # without a change, request or answer, a page is complete
SCREENS: dict[str, dict[str, Any]] = {
    "1280 × 720": {"viewport": {"width": 1280, "height": 720}},
    "1440 × 900": DESK,
    "1920 × 1080": {"viewport": {"width": 1920, "height": 1080}},
    "390 × 844": {
        "viewport": {"width": 390, "height": 844},
        "has_touch": True,
        "is_mobile": True,
    },
}
OBSERVE = """
window.visit = { shift: 0, moved: [], last: 0 };
new PerformanceObserver((list) => {
  const place = ({ x, y, width, height }) => [x, y, width, height].map(Math.round).join(" ");
  for (const entry of list.getEntries()) {
    if (entry.hadRecentInput) continue;
    window.visit.shift += entry.value;
    for (const { node, previousRect, currentRect } of entry.sources) {
      const element = node && node.nodeType === Node.TEXT_NODE ? node.parentElement : node;
      const name = element ? element.id || element.className : "an element that is gone";
      window.visit.moved.push(`${name}: ${place(previousRect)} to ${place(currentRect)}`);
    }
  }
}).observe({ type: "layout-shift", buffered: true });
new MutationObserver(() => (window.visit.last = performance.now())).observe(document, {
  childList: true, subtree: true, characterData: true,
});
"""
"""Init script of a page that `visit` opens."""
FOUND = """() => ({
  first_content_ms: performance.getEntriesByName("first-contentful-paint")[0].startTime,
  complete_ms: window.visit.last,
  shift: window.visit.shift,
  moved: window.visit.moved,
})"""


@dataclass(frozen=True)
class PageVisit:
    """What a browser noted of a page from its address to its last change.

    Attributes
    ----------
    first_content_ms, complete_ms
        Milliseconds from the request to the first paint with content, and to the last change.
    shift : float
        Sum of the layout shifts without an input, in shares of the screen.
    moved : list of str
        Elements that moved, with their boxes before and after.
    transferred, requests : int
        Compressed bytes with headers, and number of answers, if they were watched.
    """

    first_content_ms: float
    complete_ms: float
    shift: float
    moved: list[str]
    transferred: int = 0
    requests: int = 0


def visit(app: AppPage, path: str, traffic: Traffic | None = None) -> PageVisit:
    """Open a page that has the init script `OBSERVE`, and wait until nothing changes any more."""
    app.go(path)
    app.page.wait_for_load_state("networkidle")
    if not app.comes("quiet", QUIET_MS):
        raise TimeoutError(f"{path} was not quiet in time")
    counted = traffic.counted() if traffic else {}
    return PageVisit(**app.page.evaluate(FOUND), **counted)


def measure(sizes: Sequence[int], file: Path | None, source: str) -> dict[str, Any]:
    """For each size and page: times by kind of visit, bytes of an empty cache, shifts by screen."""
    from playwright.sync_api import sync_playwright

    about = machine()
    runs = []
    with sync_playwright() as playwright:
        browser = launch(playwright)
        for size in sizes:
            home = trained(size, file, source)
            first = {page.key: _first(home, browser, page.path) for page in PAGES}
            prepared = _prepared(home, browser)
            rows = [
                {"page": page.key, "first": first[page.key], **prepared[page.key]} for page in PAGES
            ]
            runs.append({"incidents": size, "rows": rows})
        browser.close()
    return {"machine": about, "workers": WORKERS, "starts": STARTS, "runs": runs}


def lines(result: Mapping[str, Any]) -> list[str]:
    """The result as text."""
    found = []
    for run in result["runs"]:
        for row in run["rows"]:
            found.append(
                f"{run['incidents']:,} incidents, {row['page']} (after a start / empty cache / "
                f"5 Mbit/s / later): first content {_times(row, 'first_content')}, "
                f"complete {_times(row, 'complete')}, "
                f"{row['empty']['transferred'] / 1e3:,.0f} kB in {row['empty']['requests']} "
                f"requests, layout shift {max(row['shifts'].values()):.3f}"
            )
            found += [f"  {size / 1e3:7.1f} kB {name}" for name, size in row["largest"]]
    return found


def _times(row: Mapping[str, Any], name: str) -> str:
    kinds = ("first", "empty", "slow", "later")
    return " / ".join(f"{row[kind][f'{name}_ms']:,} ms" for kind in kinds)


def _first(home: Path, browser: Browser, path: str) -> dict[str, int]:
    """The first page of a server that has just started, in a browser with an empty cache."""
    found = []
    for _ in range(STARTS):
        context = _context(browser, DESK)
        server = SiteServer(home)
        try:
            server.launch()
            server.fetch("/health", 1)
            found.append(visit(AppPage(context.new_page(), server.url), path))
        finally:
            server.stop()
            context.close()
    return _medians(found)


def _prepared(home: Path, browser: Browser) -> dict[str, dict[str, Any]]:
    """By page, with prepared pages: visits with an empty cache, later ones, shifts by screen."""
    with SiteServer(home).running() as server:
        time.sleep(PREPARED_S)
        return {
            page.key: {
                **_empty(browser, server.url + page.path),
                **_later(browser, server.url + page.path),
            }
            for page in PAGES
        }


def _empty(browser: Browser, address: str) -> dict[str, Any]:
    """Visits by browsers with an empty cache, on this machine and over a slow line."""
    found: dict[str, Any] = {}
    for kind in ("empty", "slow"):
        visits = []
        for _ in range(REPETITIONS):
            context = _context(browser, DESK)
            page = context.new_page()
            traffic = Traffic.watch(page, slow=kind == "slow")
            visits.append(visit(AppPage(page, ""), address, traffic))
            found.setdefault("largest", traffic.largest(LARGEST))
            context.close()
        found[kind] = _medians(visits)
    return found


def _later(browser: Browser, address: str) -> dict[str, Any]:
    """Visits with the browser's cache, and shifts by screen."""
    found: dict[str, Any] = {"shifts": {}}
    for screen, options in SCREENS.items():
        context = _context(browser, options)
        visits = []
        for _ in range(1 + REPETITIONS if options is DESK else 1):
            tab = context.new_page()
            visits.append(visit(AppPage(tab, ""), address))
            tab.close()
        found["shifts"][screen] = round(max(one.shift for one in visits), 3)
        if options is DESK:
            found["later"] = _medians(visits[1:])
        context.close()
    return found


def _context(browser: Browser, options: Mapping[str, Any]) -> BrowserContext:
    context = browser.new_context(**options)
    context.add_init_script(OBSERVE)
    return context


def _medians(visits: Sequence[PageVisit]) -> dict[str, int]:
    times = [asdict(one) for one in visits]
    return {
        name: round(median(one[name] for one in times))
        for name in ("first_content_ms", "complete_ms", "transferred", "requests")
    }
