"""A page of the app in a browser: when it has answered, and what a gesture requested."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.sync_api import Page, Request, Response

UPDATE = "/_dash-update-component"
ANSWERED = "Number(document.body.dataset.answered || 0)"
PATIENCE_MS = 60_000  # other work may be on the machine
SETTLE_MS = 150  # after an answer, for requests that must not come

# Playwright's own wait_for_function evaluates a text in the page, which the content policy forbids.
WAIT = """([name, number, patience]) => new Promise((resolve) => {
  const conditions = {
    answered: () => Number(document.body.dataset.answered || 0) > number,
    asked: () => performance.getEntriesByName("patroliq-gesture").length > number,
    stands: () => window.patroliq.map.leaflet()
      && document.querySelectorAll(".js-plotly-plot[data-listening]").length === number,
    quiet: () => performance.now() - window.visit.last > number && ["gesture", "painted"]
      .map((moment) => performance.getEntriesByName(`patroliq-${moment}`).length)
      .every((count, _, [asked]) => count === asked),
  };
  const end = performance.now() + patience;
  const look = () => {
    if (conditions[name]()) return resolve(true);
    if (performance.now() > end) return resolve(false);
    return setTimeout(look, 10);
  };
  look();
})"""
# Middle of a mark in page coordinates; axes are named as in the layout.
MARK = """([id, x, y, xaxis, yaxis]) => {
  const graph = document.querySelector(`#${id} .js-plotly-plot`);
  const layout = graph._fullLayout, box = graph.getBoundingClientRect();
  const across = layout[xaxis], down = layout[yaxis];
  return [box.left + across._offset + across.d2p(x), box.top + down._offset + down.d2p(y)];
}"""


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


class AppPage:
    """A page of the app, which notes its update requests.

    Parameters
    ----------
    page : playwright.sync_api.Page
    url : str
        Address of the server, without a path.
    """

    def __init__(self, page: Page, url: str) -> None:
        self.page = page
        self.url = url
        self.updates: list[str] = []
        self._responses: list[Response] = []
        page.on("request", self._note_request)
        page.on("response", self._note_response)

    def _note_request(self, request: Request) -> None:
        if UPDATE in request.url:
            self.updates.append(request.url)

    def _note_response(self, response: Response) -> None:
        if UPDATE in response.url:
            self._responses.append(response)

    def go(self, path: str) -> None:
        """Load a path, and wait for the page's first answer."""
        self.page.goto(self.url + path)
        self.wait_beyond(0)

    @property
    def answered(self) -> int:
        """Number of the last gesture that was answered."""
        return int(self.page.evaluate(ANSWERED))

    def wait_beyond(self, number: int) -> None:
        """Wait until a later gesture than this was answered.

        Raises
        ------
        TimeoutError
            None was within `PATIENCE_MS`.
        """
        if not self.comes("answered", number):
            raise TimeoutError(f"no gesture after {number} was answered")

    def comes(self, condition: str, number: int, patience_ms: int = PATIENCE_MS) -> bool:
        """Whether a condition of `WAIT` becomes true in time."""
        return bool(self.page.evaluate(WAIT, [condition, number, patience_ms]))

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
