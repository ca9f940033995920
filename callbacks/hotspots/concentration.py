"""The answer of the concentration card."""

from __future__ import annotations

from typing import Any

from analytics.artifacts.catalog import ALL
from analytics.crossfilter.dimensions import PLACE
from analytics.errors import InputError
from analytics.hotspot_answers import HotSpots
from analytics.incidents.model import AREA_LEVELS
from callbacks.frame.question import Question
from callbacks.frame.trained_on import trained_on
from components.frame.states import notice
from components.frame.target import target_name
from components.hotspots.concentration import (
    PLACES,
    concentration_table,
    concentration_words,
    lorenz_figure,
)


def concentration_answer(question: Question, spots: HotSpots) -> dict[str, Any]:
    """Curve, sentences and numbers; if no incident has a known block, a notice."""
    theme, unit = question.theme, PLACES[spots.by_block]
    try:
        found = spots.concentration(question.selection)
    except InputError:
        return {
            "concentration": lorenz_figure(None, theme, unit),
            "concentration_words": notice(f"No incident of this selection has a known {unit.one}."),
            "concentration_numbers": [],
        }
    return {
        "concentration": lorenz_figure(found, theme, unit),
        "concentration_words": concentration_words(found, _whose(question, spots), unit),
        "concentration_numbers": concentration_table(found, unit),
    }


def _whose(question: Question, spots: HotSpots) -> str:
    """The incidents in words: those of a target, or of the selection as its filters name them."""
    pinned, selection, target = question.pinned, question.selection, spots.named
    kind = selection.without({*PLACE, *AREA_LEVELS, "date"})
    if kind.text == selection.text and pinned.is_of(target.selection.text, kind):
        name = target_name(target)
        return name if target.name == ALL else f"all {name}"
    return f"the selected incidents ({trained_on(pinned, selection.text)})"
