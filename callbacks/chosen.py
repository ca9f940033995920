"""What is chosen in one dimension, in the words the page's elements carry."""

from __future__ import annotations

from analytics.crossfilter.clauses import (
    Cells,
    Choice,
    HourWeekdays,
    Labels,
    Period,
    cell_key,
    label_key,
)
from analytics.crossfilter.selection import Selection
from analytics.incidents.model import UNKNOWN


def words(selection: Selection, dimension: str) -> frozenset[str]:
    """Keys of the dimension's clause; the words of a period, empty without a clause."""
    clause = selection.get(dimension)
    if clause is None:
        return frozenset()
    if isinstance(clause, Period):
        return frozenset({clause.text})
    if not isinstance(clause, Choice):
        return frozenset()
    return frozenset(_word(clause, key) for key in clause.keys)


def _word(clause: Choice, key: object) -> str:
    if key is None:
        return UNKNOWN
    if isinstance(clause, Cells) and isinstance(key, tuple):
        return cell_key(*key)
    if isinstance(clause, Labels) and isinstance(key, tuple):
        return label_key(*key)
    if isinstance(clause, HourWeekdays) and isinstance(key, tuple):
        return "-".join(UNKNOWN if part is None else str(part) for part in key)
    return str(key)
