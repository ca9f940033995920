"""The Explore page as an analyst handles it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from playwright.sync_api import Locator, Page, Response

UPDATE = "/_dash-update-component"
ANSWERED = "Number(document.body.dataset.answered || 0)"
CHARTS = 2
PATIENCE_MS = 20_000
SETTLE_MS = 150  # after an answer, for requests that must not come

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
    map: fills.join(";"),
    hours: JSON.stringify(graph("explore-hours").data.map((trace) => [trace.z, trace.x, trace.y])),
    offenses: bars("explore-offenses").join(";"),
    areas: bars("explore-areas").join(";"),
    days: JSON.stringify(graph("explore-days").data.map((trace) => [trace.y, trace.fillcolor])),
    table: text("explore-table-range") + text("explore-table"),
    sentence: text("selection-sentence"),
  };
}"""
# Middle of a mark in page coordinates; axes are named as in the layout.
MARK = """([id, x, y, xaxis, yaxis]) => {
  const graph = document.querySelector(`#${id} .js-plotly-plot`);
  const layout = graph._fullLayout, box = graph.getBoundingClientRect();
  const across = layout[xaxis], down = layout[yaxis];
  return [box.left + across._offset + across.d2p(x), box.top + down._offset + down.d2p(y)];
}"""
ON_MAP = """([lat, lon]) => {
  const map = window.patroliq.map.leaflet();
  const point = map.latLngToContainerPoint([lat, lon]);
  const box = map.getContainer().getBoundingClientRect();
  return [box.left + point.x, box.top + point.y];
}"""


# Playwright's own wait_for_function evaluates a text in the page, which the content policy forbids.
WAIT = """([name, number, patience]) => new Promise((resolve, reject) => {
  const conditions = {
    answered: () => Number(document.body.dataset.answered || 0) > number,
    stands: () => window.patroliq.map.leaflet()
      && document.querySelectorAll(".js-plotly-plot[data-listening]").length === number,
  };
  const end = performance.now() + patience;
  const look = () => {
    if (conditions[name]()) return resolve(true);
    if (performance.now() > end) return reject(new Error(`waited in vain: ${name} ${number}`));
    return setTimeout(look, 15);
  };
  look();
})"""


@dataclass
class Answers:
    """Update requests that a gesture made, and what came back."""

    requests: list[str]
    responses: list[Response]

    def outputs(self) -> set[str]:
        """Ids of the elements the answers changed."""
        found: set[str] = set()
        for response in self.responses:
            found |= set(response.json().get("response", {}))
        return found


class ExplorePage:
    def __init__(self, page: Page, url: str) -> None:
        self.page = page
        self.url = url
        self.updates: list[str] = []
        self._responses: list[Response] = []
        page.on("request", lambda asked: UPDATE in asked.url and self.updates.append(asked.url))
        page.on("response", lambda got: UPDATE in got.url and self._responses.append(got))

    def open(self, query: str = "", fragment: str = "") -> None:
        """Load the page with a selection in its address, and wait for its first answer."""
        address = f"{self.url}/explore" + (f"?{query}" if query else "")
        self.page.goto(address + (f"#{fragment}" if fragment else ""))
        self.wait_beyond(0)
        self.stands()

    def stands(self) -> None:
        """Wait until charts and map are drawn."""
        self._wait("stands", CHARTS)

    @property
    def answered(self) -> int:
        """Number of the last gesture that was answered."""
        return int(self.page.evaluate(ANSWERED))

    def wait_beyond(self, number: int) -> None:
        self._wait("answered", number)

    def _wait(self, condition: str, number: int) -> None:
        self.page.evaluate(WAIT, [condition, number, PATIENCE_MS])

    @contextmanager
    def gesture(self, answers: int = 1) -> Iterator[Answers]:
        """Do something inside; leaves once it was answered."""
        before, requests, responses = self.answered, len(self.updates), len(self._responses)
        made = Answers([], [])
        yield made
        self.wait_beyond(before + answers - 1)
        self.page.wait_for_timeout(SETTLE_MS)
        made.requests = self.updates[requests:]
        made.responses = self._responses[responses:]

    def fingerprint(self) -> dict[str, str]:
        """What each view shows now."""
        found: dict[str, str] = self.page.evaluate(FINGERPRINT)
        return found

    def shows(self, expected: dict[str, str]) -> None:
        """Assert that every view comes to show this; map and table draw after the answer."""
        for _ in range(100):
            if self.fingerprint() == expected:
                return
            self.page.wait_for_timeout(100)
        found = self.fingerprint()
        differing = {view for view in expected if found.get(view) != expected[view]}
        assert not differing, {
            view: (found.get(view, "")[:300], expected[view][:300]) for view in differing
        }

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
        """Where a mark of a chart is on the page; `axes` as `xy` or `xy2`."""
        xaxis, yaxis = {"xy": ("xaxis", "yaxis"), "xy2": ("xaxis", "yaxis2")}.get(
            axes, ("xaxis2", "yaxis")
        )
        found = self.page.evaluate(MARK, [f"explore-{chart}", x, y, xaxis, yaxis])
        return found[0], found[1]

    def hour(self, weekday: int, hour: int) -> tuple[float, float]:
        return self.mark("hours", hour, weekday)

    def center(self) -> tuple[float, float]:
        """Middle of the map on the page."""
        box = self.page.locator("#explore-map").bounding_box()
        assert box
        return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2

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
