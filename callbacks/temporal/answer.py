"""The Temporal page's answer: each card of a selection."""

from __future__ import annotations

from typing import Any

from dash import html
from dash.development.base_component import Component

from analytics.formats import short_date
from analytics.services import Pinned, Services
from analytics.temporal.series import load_in_background
from analytics.temporal.weekly_hours import OWNED
from callbacks.frame.chosen import chosen_keys
from callbacks.frame.no_matches import all_empty
from callbacks.frame.question import Question
from callbacks.frame.redraws import Answers, draw
from callbacks.frame.work import perform
from callbacks.temporal.comparison import comparison_answer
from callbacks.temporal.dates import calendar_answer, control_answer, seasons_answer, series_answer
from callbacks.temporal.hours import clock_answer, peaks_answer, week_answer
from callbacks.temporal.measures import TemporalMeasures
from callbacks.temporal.profiles import ACTIONS, profiles_answer, profiles_figures_answer
from callbacks.temporal.redraws import REDRAWS
from components.temporal.ids import TemporalIds
from components.temporal.layout import heaped_switch, temporal

CAPTIONS = {
    **dict.fromkeys(
        (TemporalIds.WEEK_CARD, TemporalIds.CLOCK_CARD, TemporalIds.COMPARISON_CARD), OWNED
    ),
    **dict.fromkeys(
        (
            TemporalIds.SERIES_CARD,
            TemporalIds.CONTROL_CARD,
            TemporalIds.SEASONS_CARD,
            TemporalIds.CALENDAR_CARD,
        ),
        ("date",),
    ),
}
"""Dimensions whose filters the picture of a card leaves out."""


OF_PERIOD = (
    TemporalIds.WEEK_CARD,
    TemporalIds.CLOCK_CARD,
    TemporalIds.PEAKS_CARD,
    TemporalIds.COMPARISON_CARD,
)
"""Cards that show nothing if no incident is selected."""
OF_ALL_DAYS = (
    TemporalIds.SERIES_CARD,
    TemporalIds.CONTROL_CARD,
    TemporalIds.SEASONS_CARD,
    TemporalIds.CALENDAR_CARD,
)
"""Cards that show all days, whatever the filter on the date."""


def layout(_: Services, pinned: Pinned) -> Component:
    """The page; statsmodels is loaded in the background."""
    load_in_background()
    return temporal(pinned.snapshot.manifest)


def answer(question: Question) -> dict[str, Any]:
    """Outputs by name of the parts that the gesture redraws, after what it asks to be done."""
    said = perform(question, ACTIONS)
    measures = TemporalMeasures(question)
    return draw(question.parts(REDRAWS), ANSWERS, measures) | {
        "notices": said,
        "nothing_matches": not measures.incidents,
        "empty": all_empty(OF_PERIOD, not measures.incidents)
        | all_empty(OF_ALL_DAYS, not measures.days["incidents"].sum()),
        "captions": CAPTIONS,
    }


def _controls(measures: TemporalMeasures) -> dict[str, Any]:
    found: list[Component] = []
    if not measures.question.lacks("heaped"):
        found.append(heaped_switch("no" in chosen_keys(measures.selection, "heaped")))
    if measures.provisional is not None:
        said = f"Weeks since {short_date(measures.provisional)} are incomplete and hatched."
        found.append(html.Span(said, className="quiet"))
    return {"controls": found}


ANSWERS: Answers = {
    "controls": _controls,
    "week": week_answer,
    "clock": clock_answer,
    "peaks": peaks_answer,
    "comparison": comparison_answer,
    "series": series_answer,
    "control": control_answer,
    "seasons": seasons_answer,
    "calendar": calendar_answer,
    "profiles": profiles_answer,
    "profiles_figures": profiles_figures_answer,
}
