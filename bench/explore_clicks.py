"""Typical clicks on the Explore page, each timed in the browser from input to paint."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import numpy as np

from analytics.services import Pinned
from bench.explore_page import ExplorePage
from bench.states import SnapshotValues

if TYPE_CHECKING:
    from playwright.sync_api import Page

MISS_MS = 3_000  # a click without a request by then has hit nothing
MOST_CLAUSES = 3
FROM_EDGE_PX = 60  # buttons of the map stand there
# Records the user's last input, with the time stamp of the device.
WATCH = """
window.patroliqInput = 0;
for (const kind of ["pointerup", "click"])
  document.addEventListener(kind, (event) => { window.patroliqInput = event.timeStamp; }, true);
performance.setResourceTimingBufferSize(5000);
"""
INTO_VIEW = """(id) => document.getElementById(id)
  .scrollIntoView({ block: "center", behavior: "instant" })"""
BAR = """([id, x]) => {
  const bars = document.querySelector(`#${id} .js-plotly-plot`).data
    .find((trace) => trace.type === "bar" && trace.yaxis === "y2");
  return Number(bars.y[Array.from(bars.x).map(Number).indexOf(x)] || 0);
}"""
START = """() => {
  performance.clearResourceTimings();
  performance.clearMarks();
  window.patroliqInput = 0;
}"""
READ = """() => {
  const all = performance.getEntriesByType("resource");
  const update = all.filter((entry) => entry.name.includes("_dash-update-component")).pop();
  const timing = Object.fromEntries(update.serverTiming.map((one) => [one.name, one.duration]));
  return {
    input: window.patroliqInput,
    start: update.startTime,
    end: update.responseEnd,
    painted: performance.getEntriesByName("patroliq-painted").pop().startTime,
    complete: performance.getEntriesByName("patroliq-complete").pop().startTime,
    timing,
    requests: all.filter((entry) => entry.transferSize > 0).length, // not from the cache
    bytes: all.reduce((sum, entry) => sum + entry.transferSize, 0),
  };
}"""


class Missed(Exception):  # noqa: N818 - not an error: a click beside a mark
    """A click caused no gesture."""


class Clicker:
    """One analyst's browser."""

    def __init__(self, page: Page, url: str, pinned: Pinned, seed: int = 1) -> None:
        self.explore = ExplorePage(page, url)
        self.page = page
        self.values = SnapshotValues.of(pinned.reader)
        self._rng = np.random.default_rng(seed)
        self._kinds: dict[str, Callable[[], None]] = {
            "type": lambda: self._bar("offenses"),
            "district": lambda: self._bar("areas"),
            "heatmap": self._heatmap,
            "hours": self._hour,
            "brush": self._brush,
            "cell": self._cell,
            "preset": self._preset,
            "removal": self._removal,
        }
        self._order: list[str] = []
        page.add_init_script(WATCH)
        self.open()

    def open(self) -> None:
        """Load the page without a selection, and wait until it is complete."""
        self.explore.open()

    def next_kind(self) -> str:
        """Each kind equally often, shuffled; filters are removed first if there are too many."""
        chips = self.page.locator("#selection-chips [data-action=remove]").count()
        if chips >= MOST_CLAUSES:
            return "removal"
        if not self._order:
            self._order = [str(kind) for kind in self._rng.permutation(list(self._kinds))]
        kind = self._order.pop()
        return kind if kind != "removal" or chips else self.next_kind()

    def make(self, kind: str) -> dict[str, Any]:
        """Make a gesture; returns milliseconds of its parts, requests and bytes.

        Raises
        ------
        Missed
            The click caused no request.
        """
        before = self.explore.answered
        self.page.evaluate(START)
        self._kinds[kind]()
        if not self.explore.comes("asked", 0, MISS_MS):
            raise Missed(kind)
        self.explore.wait_beyond(before)
        self.page.wait_for_timeout(60)  # so that further requests would be counted
        return {"kind": kind, **_parts(self.page.evaluate(READ))}

    def _whole(self, low: int, high: int) -> int:
        return int(self._rng.integers(low, high + 1))

    def _bar(self, card: str) -> None:
        bars = self.page.locator(f"#explore-{card} .bar-row")
        bars.nth(self._whole(0, min(bars.count(), 8) - 1)).click()

    def _mark(self, chart: str, x: object, y: object, axes: str = "xy") -> tuple[float, float]:
        self.page.evaluate(INTO_VIEW, f"explore-{chart}")
        return self.explore.mark(chart, x, y, axes)

    def _heatmap(self) -> None:
        self.page.mouse.click(*self._mark("hours", self._whole(0, 23), self._whole(1, 7)))

    def _hour(self) -> None:
        hour = self._whole(0, 23)
        middle = float(self.page.evaluate(BAR, ["explore-hours", hour])) / 2
        self.page.mouse.click(*self._mark("hours", hour, middle, "xy2"))

    def _brush(self) -> None:
        days = (self.values.last - self.values.first).days
        first = self._whole(days // 20, days // 2)
        last = self._whole(first + days // 10, days * 19 // 20)
        (left, top), (right, bottom) = (
            self._mark("days", (self.values.first + timedelta(day)).isoformat(), 0.5)
            for day in (first, last)
        )
        self.explore.drag((left, top - 20), (right, bottom - 40))

    def _cell(self) -> None:
        self.page.evaluate(INTO_VIEW, "explore-map")
        for _attempt in range(50):
            place = self.values.places[self._whole(0, len(self.values.places) - 1)]
            x, y = self.explore.place(*place)
            if self.explore.is_on_map(x, y, FROM_EDGE_PX):
                self.page.mouse.click(x, y)
                return

    def _preset(self) -> None:
        buttons = self.page.locator("#selection-presets [data-key]")
        buttons.nth(self._whole(0, buttons.count() - 1)).click()

    def _removal(self) -> None:
        chips = self.page.locator("#selection-chips [data-action=remove]")
        chips.nth(self._whole(0, chips.count() - 1)).click()


def _parts(read: dict[str, Any]) -> dict[str, float]:
    """Parts of a gesture's time; `server` is the server's time without `engine` and `rows`.

    `total` is until everything but the page of incidents is painted, `complete` until that is too.
    """
    timing = read["timing"]
    engine, rows = timing.get("engine", 0.0), timing.get("rows", 0.0)
    return {
        "total": read["painted"] - read["input"],
        "complete": read["complete"] - read["input"],
        "input": read["start"] - read["input"],
        "engine": engine,
        "rows": rows,
        "server": timing["total"] - engine - rows,
        "network": read["end"] - read["start"] - timing["total"],
        "render": read["painted"] - read["end"],
        "requests": read["requests"],
        "bytes": read["bytes"],
    }
