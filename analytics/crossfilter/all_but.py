"""Chosen lists that hold all values but a few, so that a sentence can name those few instead."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from analytics.crossfilter.clauses import Words
from analytics.crossfilter.listing import SHOWN
from analytics.crossfilter.selection import Selection
from analytics.crossfilter.vocabulary import Vocabulary

MOST_LEFT_OUT = 3
"""Values left out that are named; the list itself is named where there are more."""

LeftOut = Mapping[str, Sequence[str]]
"""Dimension → the values that its chosen list lacks."""


def few_left_out(selection: Selection, vocabulary: Vocabulary) -> LeftOut:
    """The few values that chosen lists lack, of lists too long to be said in full.

    A list of descriptions is compared with those of the chosen types.
    """
    types = selection.get("type")
    found = {}
    for name, clause in selection.items:
        if not isinstance(clause, Words) or len(clause.keys) <= SHOWN + 1:
            continue
        every = vocabulary.every(name)
        if name == "description" and isinstance(types, Words):
            every = vocabulary.descriptions_of(types.keys)
        chosen = set(clause.keys)
        lacking = tuple(value for value in every if value not in chosen)
        if chosen <= {*every} and 0 < len(lacking) <= MOST_LEFT_OUT:
            found[name] = lacking
    return found
