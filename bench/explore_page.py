"""The Explore page as an analyst handles it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from bench.app_page import MARK, AppPage

if TYPE_CHECKING:
    from playwright.sync_api import Locator

CHARTS = 2
# Map and table draw after the answer.
DRAWING_MS = 100
DRAWN_WITHIN = 100

# What each view shows, so that two pictures can be compared.
FINGERPRINT = """() => {
  const text = (id) => document.getElementById(id).textContent;
  const bars = (id) => [...document.querySelectorAll(`#${id} .bar-row`)].map(
    (row) => [row.dataset.key, row.dataset.value, row.getAttribute("aria-pressed")].join());
  const graph = (id) => document.querySelector(`#${id} .js-plotly-plot`);
  const fills = [];
  window.patroliq.map.leaflet().eachLayer((layer) => {
    if (layer.feature) fills.push([layer.options.fillColor, layer.options.weight].join());
  });
  return {
    headline: text("explore-headline"),
    map: fills.sort().join(";"), // layers are in the order in which they arrived
    hours: JSON.stringify(graph("explore-hours").data.map((trace) => [trace.z, trace.x, trace.y])),
    offenses: bars("explore-offenses").join(";"),
    areas: bars("explore-areas").join(";"),
    days: JSON.stringify(graph("explore-days").data.map((trace) => [trace.y, trace.fillcolor])),
    table: text("explore-table-range") + text("explore-table"),
    sentence: text("selection-sentence"),
  };
}"""
ON_MAP = """([lat, lon]) => {
  const map = window.patroliq.map.leaflet();
  const point = map.latLngToContainerPoint([lat, lon]);
  const box = map.getContainer().getBoundingClientRect();
  return [box.left + point.x, box.top + point.y];
}"""


class ExplorePage(AppPage):
    def open(self, query: str = "", fragment: str = "") -> None:
        """Load the page with a selection in its address, and wait until charts and map are drawn.

        Raises
        ------
        TimeoutError
            It was not answered or drawn in time.
        """
        address = "/explore" + (f"?{query}" if query else "")
        self.go(address + (f"#{fragment}" if fragment else ""))
        self.stands()

    def stands(self) -> None:
        """Wait until charts and map are drawn.

        Raises
        ------
        TimeoutError
            They were not in time.
        """
        if not self.comes("stands", CHARTS):
            raise TimeoutError("charts and map of Explore were not drawn")

    def fingerprint(self) -> dict[str, str]:
        """What each view shows now."""
        found: dict[str, str] = self.page.evaluate(FINGERPRINT)
        return found

    def settled(self) -> dict[str, str]:
        """What each view shows, once nothing has changed for some time."""
        found = self.fingerprint()
        for _ in range(DRAWN_WITHIN):
            self.page.wait_for_timeout(5 * DRAWING_MS)
            before, found = found, self.fingerprint()
            if found == before:
                return found
        raise AssertionError("the views go on changing")

    def shows(self, expected: dict[str, str] | ExplorePage) -> None:
        """Assert that every view comes to show this, or what another page shows."""
        for _ in range(DRAWN_WITHIN):
            wanted = expected if isinstance(expected, dict) else expected.fingerprint()
            found = self.fingerprint()
            if found == wanted:
                return
            self.page.wait_for_timeout(DRAWING_MS)
        seen = {
            view: (found[view][:300], wanted[view][:300])
            for view in wanted
            if found[view] != wanted[view]
        }
        raise AssertionError(f"views differ from what was expected: {seen}")

    def differs(self, before: dict[str, str], views: set[str]) -> None:
        """Assert that exactly these views come to show something else than before."""
        for _ in range(DRAWN_WITHIN):
            found = self.fingerprint()
            changed = {view for view in before if before[view] != found[view]}
            if changed == views:
                return
            self.page.wait_for_timeout(DRAWING_MS)
        raise AssertionError(f"{sorted(changed)} changed, not {sorted(views)}")

    # What can be clicked

    def bar(self, card: str, key: str) -> Locator:
        return self.page.locator(f'#explore-{card} .bar-row[data-key="{key}"]')

    def chip(self, words: str) -> Locator:
        return self.page.locator("#selection-chips .chip", has_text=words)

    def preset(self, key: str) -> Locator:
        return self.page.locator(f'#selection-presets [data-key="{key}"]')

    def step(self, name: str) -> Locator:
        return self.page.locator(f"#selection-{name}")

    def mark(self, chart: str, x: object, y: object, axes: str = "xy") -> tuple[float, float]:
        """Where a mark of a chart is on the page; `axes` is `xy`, `xy2` or `x2y`."""
        xaxis, yaxis = {"xy": ("xaxis", "yaxis"), "xy2": ("xaxis", "yaxis2")}.get(
            axes, ("xaxis2", "yaxis")
        )
        found = self.page.evaluate(MARK, [f"explore-{chart}", x, y, xaxis, yaxis])
        return found[0], found[1]

    def hour(self, weekday: int, hour: int) -> tuple[float, float]:
        return self.mark("hours", hour, weekday)

    def _map_box(self) -> tuple[float, float, float, float]:
        """Left, top, width and height of the map on the page."""
        box = self.page.locator("#explore-map").bounding_box()
        if box is None:
            raise LookupError("the map is not on the page")
        return box["x"], box["y"], box["width"], box["height"]

    def center(self) -> tuple[float, float]:
        """Middle of the map on the page."""
        left, top, width, height = self._map_box()
        return left + width / 2, top + height / 2

    def is_on_map(self, x: float, y: float, edge_px: float) -> bool:
        """Whether a point of the page is on the map, further than `edge_px` from its edges."""
        left, top, width, height = self._map_box()
        across, down = x - left, y - top
        return edge_px < across < width - edge_px and edge_px < down < height - edge_px

    def place(self, lat: float, lon: float) -> tuple[float, float]:
        found = self.page.evaluate(ON_MAP, [lat, lon])
        return found[0], found[1]

    def drag(self, start: tuple[float, float], end: tuple[float, float]) -> None:
        mouse = self.page.mouse
        mouse.move(*start)
        mouse.down()
        mouse.move((start[0] + end[0]) / 2, (start[1] + end[1]) / 2, steps=4)
        mouse.move(*end, steps=4)
        mouse.up()

    def menu(self, card: str, entry: str) -> None:
        """Open a card's menu and choose an entry."""
        self.page.locator(f"#explore-{card}-card details.menu > summary").click()
        self.page.locator(f"#explore-{card}-card .menu-entry", has_text=entry).click()

    def more_filters(self) -> None:
        with self.gesture():
            self.page.locator("details.more > summary").click()

    # What can be read

    @property
    def selection(self) -> str:
        text: str = self.page.evaluate("window.patroliq.state.text")
        return text

    @property
    def query(self) -> str:
        found: str = self.page.evaluate("window.location.search.slice(1)")
        return found

    @property
    def sentence(self) -> str:
        return self.page.locator("#selection-sentence").inner_text()

    @property
    def notices(self) -> str:
        return self.page.locator("#notice").inner_text()

    @property
    def left_out(self) -> list[str]:
        """What is said of filters that could not be read."""
        return self.page.locator("#left-out .notice > span").all_inner_texts()

    def headline(self) -> dict[str, str]:
        """Label → value."""
        pairs = self.page.locator("#explore-headline .headline-figure")
        return dict(
            zip(
                pairs.locator("dt").all_inner_texts(),
                pairs.locator(".headline-value").all_inner_texts(),
                strict=True,
            )
        )

    @property
    def incidents(self) -> int:
        return whole(self.headline()["Incidents"])

    def bars(self, card: str) -> dict[str, int]:
        """Word → number the bars stand for."""
        rows = self.page.locator(f"#explore-{card} .bar-row").evaluate_all(
            "rows => rows.map((row) => [row.dataset.key, Number(row.dataset.value)])"
        )
        return {key: int(value) for key, value in rows}

    def chosen(self, card: str) -> set[str]:
        rows = self.page.locator(f'#explore-{card} [aria-pressed="true"]')
        return set(rows.evaluate_all("rows => rows.map((row) => row.dataset.key)"))

    @property
    def total(self) -> int:
        """Number of incidents the table pages through."""
        return whole(self.page.locator("#explore-table-range").inner_text().partition("of ")[2])

    def column(self, field: str) -> list[str]:
        """The table's cells of one column, from the top, as far as the grid has drawn them."""
        cells = self.page.locator(f'#explore-table .ag-row [col-id="{field}"]')
        return cells.all_inner_texts()

    def hovertexts(self, chart: str, trace: int) -> dict[str, str]:
        """What the hover of each mark of a trace says, by the mark's word."""
        found = self.page.evaluate(
            """([id, trace]) => {
              const data = document.querySelector(`#${id} .js-plotly-plot`).data[trace];
              return data.customdata.map((key, place) => [key, data.hovertext[place]]);
            }""",
            [f"explore-{chart}", trace],
        )
        return dict(found)

    def numbers(self, card: str) -> list[list[str]]:
        """Body of a card's table of the same numbers, a list of cells a row."""
        rows = self.page.locator(f"#explore-{card}-numbers tbody tr")
        found = rows.evaluate_all(
            "rows => rows.map((row) => [...row.children].map((cell) => cell.textContent))"
        )
        return json.loads(json.dumps(found))


def whole(text: str) -> int:
    """`12,345` → 12345."""
    return int(text.replace(",", "").strip())


def dump(found: Any) -> str:
    """For messages of failing tests."""
    return json.dumps(found, indent=1, default=str)[:2000]
