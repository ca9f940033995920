"""The pages there are. A further one is a line more in `PAGES`, and its entry in the rail."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import Any

from dash import Output
from dash.development.base_component import Component

from analytics.services import Pinned, Services
from callbacks.frame.question import Question
from components.explain import ids as explain
from components.explore import ids as explore
from components.frame.shell import (
    EXPLAIN,
    EXPLORE,
    HOTSPOTS,
    MODELS,
    OVERVIEW,
    PATTERNS,
    TEMPORAL,
    Page,
)
from components.hotspots import ids as hotspots
from components.models import ids as models
from components.overview import ids as overview
from components.patterns import ids as patterns
from components.temporal import ids as temporal

Answer = Callable[[Question], dict[str, Any]]


@dataclass(frozen=True)
class PageWiring:
    """How a page is laid out and answers.

    Attributes
    ----------
    layout
        The page before its first answer, an `html.Main` with id `content`.
    outputs
        What its answers change, by name.
    answer
        Values by name of `outputs`, those that change; the frame reads `nothing_matches` (bool),
        `said` (a list of notices) and `drawn` (by card the dimensions whose filters its picture
        leaves out, or the selection that it is of, or None where it is of none).
    """

    page: Page
    layout: Callable[[Services, Pinned], Component]
    outputs: Mapping[str, Output]
    answer: Answer


def _page(page: Page, outputs: Mapping[str, Output]) -> PageWiring:
    """Wiring of a page; `callbacks.<page>.answer` is loaded when first asked, since it is heavy."""

    def later(function: str) -> Callable[..., Any]:
        def call(*arguments: Any) -> Any:
            return getattr(import_module(f"callbacks.{page.key}.answer"), function)(*arguments)

        return call

    return PageWiring(page, later("layout"), outputs, later("answer"))


# Explore brings the table's component library, and Dash refuses one that a callback imports first.
import_module("callbacks.explore.answer")

PAGES: tuple[PageWiring, ...] = (
    _page(OVERVIEW, overview.OUTPUTS),
    _page(EXPLORE, explore.OUTPUTS),
    _page(HOTSPOTS, hotspots.OUTPUTS),
    _page(MODELS, models.OUTPUTS),
    _page(EXPLAIN, explain.OUTPUTS),
    _page(TEMPORAL, temporal.OUTPUTS),
    _page(PATTERNS, patterns.OUTPUTS),
)


def page_at(path: str) -> PageWiring | None:
    """The page of an address, None where there is none."""
    return next((one for one in PAGES if one.page.path == path), None)
