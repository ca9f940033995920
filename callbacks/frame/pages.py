"""The pages there are. A further one is a line more in `PAGES`, and its entry in the rail."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import Any

from dash import Output
from dash.development.base_component import Component

from analytics.crossfilter.extent import extent
from analytics.services import Pinned, Services
from callbacks.explore import answer as explore_answer
from callbacks.frame import outputs
from callbacks.frame.question import Question
from callbacks.hotspots.wiring import OUTPUTS as HOTSPOTS_OUTPUTS
from callbacks.hotspots.wiring import hotspots_answer, hotspots_layout
from components.explain.layout import explain
from components.explore.layout import explore
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
from components.models.layout import models
from components.patterns.layout import patterns

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
        leaves out).
    """

    page: Page
    layout: Callable[[Services, Pinned], Component]
    outputs: Mapping[str, Output]
    answer: Answer


def _explore(services: Services, pinned: Pinned) -> Component:
    manifest = pinned.snapshot.manifest
    return explore(manifest, services.settings, bounds=extent(pinned.reader))


def _later(module: str, function: str) -> Callable[..., Any]:
    """A page's function, whose module is loaded when it is first asked: what answers is heavy."""

    def call(*arguments: Any) -> Any:
        return getattr(import_module(f"callbacks.{module}"), function)(*arguments)

    return call


PAGES: tuple[PageWiring, ...] = (
    PageWiring(
        OVERVIEW,
        _later("overview", "overview_layout"),
        outputs.OVERVIEW_OUTPUTS,
        _later("overview", "overview_answer"),
    ),
    PageWiring(EXPLORE, _explore, explore_answer.OUTPUTS, explore_answer.explore_answer),
    PageWiring(HOTSPOTS, hotspots_layout, HOTSPOTS_OUTPUTS, hotspots_answer),
    PageWiring(
        MODELS,
        lambda *_: models(),
        outputs.MODELS_OUTPUTS,
        _later("models", "models_answer"),
    ),
    PageWiring(
        EXPLAIN,
        lambda *_: explain(),
        outputs.EXPLAIN_OUTPUTS,
        _later("explain", "explain_answer"),
    ),
    PageWiring(
        TEMPORAL,
        _later("temporal", "temporal_layout"),
        outputs.TEMPORAL_OUTPUTS,
        _later("temporal", "temporal_answer"),
    ),
    PageWiring(
        PATTERNS,
        lambda *_: patterns(),
        outputs.PATTERNS_OUTPUTS,
        _later("patterns", "patterns_answer"),
    ),
)


def page_at(path: str) -> PageWiring | None:
    """The page of an address, None where there is none."""
    return next((one for one in PAGES if one.page.path == path), None)
