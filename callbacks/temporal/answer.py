"""The Temporal page's answer: hours, comparison, series, calendar and peaks of a selection."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from dash import html
from dash.development.base_component import Component

from analytics.formats import short_date
from analytics.services import Pinned, Services
from analytics.temporal.series import load_in_background
from analytics.temporal.weekly_hours import OWNED
from callbacks.frame.chosen import chosen_keys
from callbacks.frame.question import Question
from callbacks.temporal.comparison import two_answer
from callbacks.temporal.dates import calendar_answer, seasons_answer, series_answer
from callbacks.temporal.hours import clock_answer, peaks_answer, week_answer
from callbacks.temporal.measures import Facts
from callbacks.temporal.profiles import profiles_answer
from components.temporal.ids import TemporalIds
from components.temporal.layout import heaped_switch, temporal

# What an option changes; anything else a gesture does changes every part.
PART_OF_OPTION = {
    "measure": {"week"},
    "spread": {"week", "clock"},
    "other": {"two"},
    "kept": {"two"},
    "scale": {"two"},
    "step": {"series"},
    "poll": {"profiles"},
}
CAPTIONS = {
    **dict.fromkeys((TemporalIds.WEEK_CARD, TemporalIds.CLOCK_CARD, TemporalIds.TWO_CARD), OWNED),
    **dict.fromkeys(
        (TemporalIds.SERIES_CARD, TemporalIds.SEASONS_CARD, TemporalIds.CALENDAR_CARD), ("date",)
    ),
}
"""Dimensions whose filters the picture of a card leaves out."""


def layout(_: Services, pinned: Pinned) -> Component:
    """The page; what its series need is loaded meanwhile."""
    load_in_background()
    return temporal(pinned.snapshot.manifest)


def answer(question: Question) -> dict[str, Any]:
    """Outputs by name of the cards that the gesture changes."""
    facts = Facts(question)
    outputs: dict[str, Any] = {}
    for part in parts_of(question):
        outputs |= PARTS[part](facts)
    return outputs | {"captions": CAPTIONS}


def parts_of(question: Question) -> frozenset[str]:
    """Cards a gesture changes."""
    if question.act:
        return frozenset({"profiles"})
    return frozenset(PARTS) if question.redraw else question.parts(PARTS, PART_OF_OPTION)


def _controls(facts: Facts) -> dict[str, Any]:
    found: list[Component] = []
    if not facts.question.lacks("heaped"):
        found.append(heaped_switch("no" in chosen_keys(facts.selection, "heaped")))
    if facts.provisional is not None:
        said = f"Weeks since {short_date(facts.provisional)} are incomplete and hatched."
        found.append(html.Span(said, className="quiet"))
    return {"controls": found, "nothing_matches": not facts.incidents}


PARTS: dict[str, Callable[[Facts], dict[str, Any]]] = {
    "controls": _controls,
    "week": week_answer,
    "clock": clock_answer,
    "peaks": peaks_answer,
    "two": two_answer,
    "series": series_answer,
    "seasons": seasons_answer,
    "calendar": calendar_answer,
    "profiles": profiles_answer,
}
