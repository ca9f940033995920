"""The answer of the concentration card."""

from __future__ import annotations

from typing import Any

from analytics.errors import InputError
from analytics.hotspot_answers import HotSpots
from callbacks.frame.question import Question
from components.frame.states import notice
from components.hotspots.concentration import (
    concentration_table,
    concentration_words,
    lorenz_figure,
)


def concentration_answer(question: Question, spots: HotSpots) -> dict[str, Any]:
    """Curve, sentences and numbers; if no incident has a known block, a notice."""
    theme = question.theme
    try:
        found = spots.concentration(question.selection)
    except InputError:
        return {
            "concentration": lorenz_figure(None, theme),
            "concentration_words": notice("No incident of this selection has a known block."),
            "concentration_numbers": [],
        }
    return {
        "concentration": lorenz_figure(found, theme),
        "concentration_words": concentration_words(found),
        "concentration_numbers": concentration_table(found),
    }
