"""What is chosen in one dimension, in the words the page's elements carry."""

from __future__ import annotations

from analytics.crossfilter.clauses import (
    Cells,
    Choice,
    HourWeekdays,
    Labels,
    Near,
    Period,
    cell_key,
    label_key,
)
from analytics.crossfilter.nights import DayClock, after_midnight
from analytics.crossfilter.selection import Selection
from analytics.incidents.manifest import Manifest
from analytics.incidents.model import UNKNOWN
from components.frame.figures.hours import HoursSelected


def words(selection: Selection, dimension: str) -> frozenset[str]:
    """Keys of the dimension's clause; the text of a period or a place, empty without a clause."""
    clause = selection.get(dimension)
    if clause is None:
        return frozenset()
    if isinstance(clause, Period | Near):
        return frozenset({clause.text})
    if not isinstance(clause, Choice):
        return frozenset()
    return frozenset(_word(clause, key) for key in clause.keys)


def hours_selected(selection: Selection, manifest: Manifest) -> HoursSelected:
    """What is chosen of the hours of the week."""
    return HoursSelected(
        cells=words(selection, "hour_weekday"),
        hours=words(selection, "hour"),
        weekdays=words(selection, "weekday"),
        late=after_midnight(selection, DayClock.of(manifest)),
    )


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
