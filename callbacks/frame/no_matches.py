"""What a page shows where nothing matches: which cards are empty, why, and the way out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from analytics.crossfilter.scope import EVERYTHING
from analytics.crossfilter.selection import Selection
from analytics.crossfilter.sentence import chips
from analytics.crossfilter.views import view
from callbacks.frame.question import Question
from components.frame.states import EMPTY_CARD, Removal


def matching(question: Question, selection: Selection) -> int:
    """Number of incidents of a selection."""
    total = question.pinned.crossfilter.counts(EVERYTHING, selection, [view("total")])["total"]
    return int(total["incidents"].sum())


def removals(question: Question) -> list[Removal]:
    """For each filter, how many incidents match without it, and whether any matches it alone."""
    selection = question.selection
    labels = chips(selection, question.names, question.pinned.vocabulary.labels, question.left_out)
    return [
        Removal(
            chip.dimension,
            chip.label,
            without=matching(question, selection.without({chip.dimension})),
            alone=matching(question, selection.without(set(selection.clauses) - {chip.dimension})),
        )
        for chip in labels
    ]


def empty_cards(empty: Mapping[str, bool]) -> dict[str, str]:
    """What each card says in place of its body; nothing for a card that has something to show."""
    return {card: EMPTY_CARD if nothing else "" for card, nothing in empty.items()}


def all_empty(cards: tuple[Any, ...], nothing: bool) -> dict[str, bool]:
    """The cards of a page that show the selection, and whether they are empty."""
    return dict.fromkeys(map(str, cards), nothing)
