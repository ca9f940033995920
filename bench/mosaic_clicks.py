"""The gestures of `explore_clicks` on Mosaic's page, timed in the same way.

The time of a gesture is from the time stamp of its last `pointerup` or `click` to the frame after
the last drawing that it caused, in any plot or in the headline. The page notes it as Explore does:
whenever the document changes, an animation frame and a task later. A gesture is over once nothing
was asked of DuckDB and nothing drawn for `QUIET_MS`; that wait is not part of its time. What Mosaic
does before the last input is not counted: it answers a click when the button goes down, and a brush
while it is drawn.

Mosaic builds the cubes of a view when the pointer enters its plot. Where a gesture needs cubes that
did not exist, it is stored with their number, so that both kinds can be told apart.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any

import numpy as np

from analytics.crossfilter.clauses import Cells, Clause, Hours, HourWeekdays, Period, Words
from analytics.crossfilter.scope import EVERYTHING
from analytics.crossfilter.selection import EMPTY, Selection
from analytics.crossfilter.views import view
from analytics.services import Pinned
from bench.explore_clicks import Missed
from bench.mosaic_rows import MosaicRows

if TYPE_CHECKING:
    from playwright.sync_api import ConsoleMessage, Page

QUIET_MS = 150
PATIENCE_MS = 60_000
TOP = 8  # bars to choose from, as on Explore
Bins = dict[tuple[Any, ...], int]
PLOTS = {
    "type": "types",
    "district": "districts",
    "heatmap": "heatmap",
    "hours": "hours",
    "cell": "map",
}
"""Plot by the kind of gesture that clicks one of its marks."""


class MosaicDiffersError(RuntimeError):
    """The peer's page failed, or shows other counts than PatrolIQ."""


class MosaicClicker:
    """One analyst's browser on the peer's page."""

    def __init__(self, page: Page, url: str, rows: MosaicRows, seed: int = 1) -> None:
        self.page = page
        self.rows = rows
        self.errors: list[str] = []
        self._rng = np.random.default_rng(seed)
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.on("console", self._note)
        page.goto(url)
        page.wait_for_function("window.peer")
        self._settled()

    def _note(self, message: ConsoleMessage) -> None:
        if message.type == "error" and "favicon" not in message.location.get("url", ""):
            self.errors.append(message.text)

    def make(self, kind: str) -> dict[str, Any]:
        """Make a gesture; returns its kind, its time in ms (`total`) and the cubes it built.

        Raises
        ------
        Missed
            The plot has nothing else to click under the other filters, or nothing was drawn.
        MosaicDiffersError
            Mosaic reported an error.
        """
        press = self._removal() if kind == "removal" else self._aimed(kind)
        self.page.evaluate("peer.start()")
        press()
        read = self._settled()
        if not read["input"] or not read["painted"]:
            raise Missed(kind)
        return {"kind": kind, "total": read["painted"] - read["input"], "cubes": read["cubes"]}

    @property
    def chosen(self) -> dict[str, list[list[Any]]]:
        """Values of the clauses by plot, as the page has them."""
        found: dict[str, list[list[Any]]] = self.page.evaluate("peer.chosen()")
        return found

    @property
    def counts(self) -> dict[str, Bins]:
        """Incidents by bin, for each plot; and the headline's incidents and arrests."""
        names = [*PLOTS.values(), "weekdays", "timeline"]
        found = {
            name: {tuple(key): number for key, number in rows}
            for name in names
            for rows in [self.page.evaluate("(name) => peer.counts(name)", name)]
        }
        headline = self.page.evaluate("peer.headline()")
        return found | {"headline": {(name,): number for name, number in headline.items()}}

    def _settled(self) -> dict[str, float]:
        read: dict[str, float] = self.page.evaluate(
            "(times) => peer.settled(...times)", [QUIET_MS, PATIENCE_MS]
        )
        if self.errors:
            raise MosaicDiffersError(f"Mosaic's page failed: {self.errors[0][:1000]}")
        return read

    def _whole(self, low: int, high: int) -> int:
        return int(self._rng.integers(low, high + 1))

    def _aimed(self, kind: str) -> Callable[[], None]:
        """What makes the gesture; where to click is found before."""
        if kind == "brush":
            start, end = self._brush()
            return lambda: self._drag(start, end)
        name = PLOTS[kind]
        before = self.chosen.get(name, [])
        marks = self.page.evaluate("(name) => peer.marks(name)", name)
        if kind in ("type", "district"):
            marks = sorted(marks, key=lambda mark: mark[2])[:TOP]
        others = [mark for mark in marks if mark[0] not in before]
        if not others:
            raise Missed(kind)
        _, x, y = others[self._whole(0, len(others) - 1)]
        return lambda: self.page.mouse.click(x, y)

    def _brush(self) -> tuple[list[float], list[float]]:
        """Ends of a brush, between two bins: no bin is within a pixel of an end."""
        starts, width = self.rows.bins.starts, self.rows.bins.width
        number = len(starts)
        first = self._whole(number // 20, number // 2)
        last = self._whole(first + number // 10, number * 19 // 20)
        half = timedelta(width) / 2
        moments = (_moment(starts[first]) - half, _moment(starts[last]) + half)
        left, right = (
            self.page.evaluate("(ms) => peer.moment(ms)", 1000 * moment.timestamp())
            for moment in moments
        )
        return left, right

    def _drag(self, start: list[float], end: list[float]) -> None:
        """As `ExplorePage.drag`."""
        mouse = self.page.mouse
        mouse.move(*start)
        mouse.down()
        mouse.move((start[0] + end[0]) / 2, (start[1] + end[1]) / 2, steps=4)
        mouse.move(*end, steps=4)
        mouse.up()

    def _removal(self) -> Callable[[], None]:
        """A click beside the marks removes a plot's clause; one beside the brush, the brush."""
        names = sorted(self.chosen)
        name = names[self._whole(0, len(names) - 1)]
        if name == "timeline":
            first = 1000 * _moment(self.rows.bins.starts[0]).timestamp()
            x, y = self.page.evaluate("(ms) => peer.moment(ms)", first)
            return lambda: self.page.mouse.click(x + 3, y)
        x, y = self.page.evaluate("(name) => peer.corner(name)", name)
        return lambda: self.page.mouse.click(x, y)


def check(clicker: MosaicClicker, pinned: Pinned) -> None:
    """Compare every bin of every plot with PatrolIQ's cross-filter.

    Raises
    ------
    MosaicDiffersError
        A bin differs; nothing that was measured on such a page counts.
    """
    selection = selection_of(clicker.chosen, clicker.rows)
    expected = _counts(pinned, selection, clicker.rows)
    for name, shown in clicker.counts.items():
        found = {key: number for key, number in shown.items() if number}
        if found != expected[name]:
            differing = sorted(
                (key for key in found.keys() | expected[name].keys()
                 if found.get(key) != expected[name].get(key)),
                key=str,
            )[:3]  # fmt: skip
            said = [(key, found.get(key), expected[name].get(key)) for key in differing]
            raise MosaicDiffersError(
                f"Mosaic's {name} differ for {selection.text!r}: (bin, Mosaic, PatrolIQ) {said}"
            )


def selection_of(chosen: dict[str, list[list[Any]]], rows: MosaicRows) -> Selection:
    """PatrolIQ's selection of the values that plots have chosen."""
    selection = EMPTY
    for name, values in chosen.items():
        dimension, clause = _clause(name, values, rows)
        selection = selection.replace(dimension, clause)
    return selection


def _clause(name: str, values: list[list[Any]], rows: MosaicRows) -> tuple[str, Clause]:
    if name == "timeline":
        (low,), (high,) = values
        ends = [datetime.fromtimestamp(ms / 1000, UTC) for ms in (low, high)]
        inside = [start for start in rows.bins.starts if ends[0] <= _moment(start) <= ends[1]]
        first, last = rows.bins.days_of(inside[0])[0], rows.bins.days_of(inside[-1])[1]
        return "date", Period(first, last)
    if name == "heatmap":
        return "hour_weekday", HourWeekdays(tuple((weekday, hour) for weekday, hour in values))
    if name == "map":
        return "cell", Cells(tuple((rows.cell_m, column, row) for column, row in values))
    keys = tuple(value for (value,) in values)
    if name == "hours":
        return "hour", Hours(keys)
    return {"types": "type", "districts": "district"}[name], Words(keys)


def _counts(pinned: Pinned, selection: Selection, rows: MosaicRows) -> dict[str, Bins]:
    cells = f"cells:{rows.cell_m}"
    names = {
        **{"types": "type", "districts": "district", "heatmap": "hour_weekday"},
        **{"hours": "hour", "weekdays": "weekday", "timeline": "day", "map": cells},
    }
    frames = pinned.crossfilter.counts(
        EVERYTHING, selection, [view(name) for name in (*names.values(), "total")]
    )
    found: dict[str, Bins] = {}
    for plot, name in names.items():
        counted: Bins = {}
        for *key, number, _arrests, _harm in frames[name].iter_rows():
            shown = _bin(plot, key, rows)
            counted[shown] = counted.get(shown, 0) + number
        found[plot] = counted
    total = frames["total"]
    numbers = {name: int(total[column].sum()) for name, column in HEADLINE.items()}
    return found | {"headline": {(name,): number for name, number in numbers.items() if number}}


HEADLINE = {"incidents": "incidents", "arrests": "arrests"}


def _bin(plot: str, key: list[Any], rows: MosaicRows) -> tuple[Any, ...]:
    """A bin as the page names it."""
    if plot == "timeline":
        start = rows.bins.starts[(key[0] - rows.bins.starts[0]).days // rows.bins.width]
        return (1000 * _moment(start).timestamp(),)
    if plot == "map":
        if key[0] == "unknown":
            return (None, None)
        return tuple(int(part) for part in key[0].partition(":")[2].split("_"))
    return tuple(key)


def _moment(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC)
