"""The registry of pages. To add one, add a line to `PAGES` and an entry to the rail."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import Any

from dash import Output
from dash.development.base_component import Component

from analytics.services import Pinned, Services
from callbacks.frame.question import Question
from components.calls import ids as calls
from components.explain import ids as explain
from components.explore import ids as explore
from components.forecast import ids as forecast
from components.frame.shell import (
    CALLS,
    EXPLAIN,
    EXPLORE,
    FORECAST,
    HOTSPOTS,
    MODELS,
    OVERVIEW,
    PATROL,
    PATTERNS,
    RESPONSIBLE_USE,
    TEMPORAL,
    Page,
)
from components.hotspots import ids as hotspots
from components.models import ids as models
from components.overview import ids as overview
from components.patrol import ids as patrol
from components.patterns import ids as patterns
from components.responsible_use import ids as responsible_use
from components.temporal import ids as temporal

Answer = Callable[[Question], dict[str, Any]]


@dataclass(frozen=True)
class PageWiring:
    """Layout, outputs and answer of a page.

    Attributes
    ----------
    layout
        Builds the page before its first answer, an `html.Main` with id `content`.
    outputs
        Dash outputs by name.
    answer
        Values of the outputs that change, by name. Four more go to the frame: `nothing_matches`
        (bool; if missing, the frame counts), `empty`, by card whether it has nothing to show,
        `notices` (a list) and `captions`, by card the dimensions whose filters its picture leaves
        out, the selection that it shows, or None where it shows no selection.
    own_filters
        Option of the page that holds filters of its own, which undo and redo step through too;
        empty for none.
    drawn
        Whether assets/frame/answer.js asks and draws in place of Dash's renderer.
    """

    page: Page
    layout: Callable[[Services, Pinned], Component]
    outputs: Mapping[str, Output]
    answer: Answer
    own_filters: str = ""
    drawn: bool = False


def _page(
    page: Page, outputs: Mapping[str, Output], own_filters: str = "", *, drawn: bool = False
) -> PageWiring:
    """Wire a page; `callbacks.<page>.answer` is slow to import and loads with its first call."""

    def later(function: str) -> Callable[..., Any]:
        def call(*arguments: Any) -> Any:
            return getattr(import_module(f"callbacks.{page.key}.answer"), function)(*arguments)

        return call

    return PageWiring(page, later("layout"), outputs, later("answer"), own_filters, drawn)


# Explore imports the table's component library; Dash refuses one first imported in a callback.
import_module("callbacks.explore.answer")

PAGES: tuple[PageWiring, ...] = (
    _page(OVERVIEW, overview.OUTPUTS),
    _page(EXPLORE, explore.OUTPUTS, drawn=True),
    _page(HOTSPOTS, hotspots.OUTPUTS),
    _page(FORECAST, forecast.OUTPUTS),
    _page(PATROL, patrol.OUTPUTS),
    _page(CALLS, calls.OUTPUTS, calls.SELECTION),
    _page(MODELS, models.OUTPUTS),
    _page(EXPLAIN, explain.OUTPUTS),
    _page(TEMPORAL, temporal.OUTPUTS),
    _page(PATTERNS, patterns.OUTPUTS),
    _page(RESPONSIBLE_USE, responsible_use.OUTPUTS),
)


def page_at(path: str) -> PageWiring | None:
    """The page at an address, if any."""
    return next((one for one in PAGES if one.page.path == path), None)
