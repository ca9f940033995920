"""Chosen keys of one dimension, as the page's elements name them."""

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


def chosen_keys(selection: Selection, dimension: str) -> frozenset[str]:
    """Keys of the dimension's filter; the text of a period or a place; empty without a filter."""
    clause = selection.get(dimension)
    if clause is None:
        return frozenset()
    if isinstance(clause, Period | Near):
        return frozenset({clause.text})
    if not isinstance(clause, Choice):
        return frozenset()
    return frozenset(_key_text(clause, key) for key in clause.keys)


def hours_selected(selection: Selection, manifest: Manifest) -> HoursSelected:
    """Chosen hours of the week."""
    return HoursSelected(
        cells=chosen_keys(selection, "hour_weekday"),
        hours=chosen_keys(selection, "hour"),
        weekdays=chosen_keys(selection, "weekday"),
        late=after_midnight(selection, DayClock.of(manifest)),
    )


def _key_text(clause: Choice, key: object) -> str:
    if key is None:
        return UNKNOWN
    if isinstance(clause, Cells) and isinstance(key, tuple):
        return cell_key(*key)
    if isinstance(clause, Labels) and isinstance(key, tuple):
        return label_key(*key)
    if isinstance(clause, HourWeekdays) and isinstance(key, tuple):
        return "-".join(UNKNOWN if part is None else str(part) for part in key)
    return str(key)
