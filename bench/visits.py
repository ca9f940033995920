"""A visit of each page: when its first and its last part are there, and how far parts move."""

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
from bench.training import trained
from components.frame.shell import PAGES

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext

STARTS = 3
REPETITIONS = 5
PREPARED_S = 15  # the workers prepare the pages after a start
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
    """

    first_content_ms: float
    complete_ms: float
    shift: float
    moved: list[str]


def visit(app: AppPage, path: str) -> PageVisit:
    """Open a page that has the init script `OBSERVE`, and wait until nothing changes any more."""
    app.go(path)
    app.page.wait_for_load_state("networkidle")
    if not app.comes("quiet", QUIET_MS):
        raise TimeoutError(f"{path} was not quiet in time")
    return PageVisit(**app.page.evaluate(FOUND))


def measure(sizes: Sequence[int], file: Path | None, source: str) -> dict[str, Any]:
    """For each size and page: times of a first and a later visit, shifts by screen."""
    from playwright.sync_api import sync_playwright

    about = machine()
    runs = []
    with sync_playwright() as playwright:
        browser = launch(playwright)
        for size in sizes:
            home = trained(size, file, source)
            first = {page.key: _first(home, browser, page.path) for page in PAGES}
            later = _later(home, browser)
            rows = [
                {"page": page.key, "first": first[page.key], **later[page.key]} for page in PAGES
            ]
            runs.append({"incidents": size, "rows": rows})
        browser.close()
    return {"machine": about, "workers": WORKERS, "starts": STARTS, "runs": runs}


def lines(result: Mapping[str, Any]) -> list[str]:
    """The result as text."""
    return [
        f"{run['incidents']:,} incidents, {row['page']} (first visit after a start / later): "
        f"first content {_times(row, 'first_content')}, complete {_times(row, 'complete')}, "
        f"layout shift {max(row['shifts'].values()):.3f}"
        for run in result["runs"]
        for row in run["rows"]
    ]


def _times(row: Mapping[str, Any], name: str) -> str:
    return " / ".join(f"{row[when][f'{name}_ms']:,} ms" for when in ("first", "later"))


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


def _later(home: Path, browser: Browser) -> dict[str, dict[str, Any]]:
    """By page: times with prepared pages and a warm browser cache, and shifts by screen."""
    found: dict[str, dict[str, Any]] = {page.key: {"shifts": {}} for page in PAGES}
    with SiteServer(home).running() as server:
        time.sleep(PREPARED_S)
        for screen, options in SCREENS.items():
            context = _context(browser, options)
            for page in PAGES:
                visits = []
                for _ in range(1 + REPETITIONS if options is DESK else 1):
                    tab = context.new_page()
                    visits.append(visit(AppPage(tab, server.url), page.path))
                    tab.close()
                found[page.key]["shifts"][screen] = round(max(one.shift for one in visits), 3)
                if options is DESK:
                    found[page.key]["later"] = _medians(visits[1:])
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
        for name in ("first_content_ms", "complete_ms")
    }
