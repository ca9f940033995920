"""Incidents by week and hour of the week, cached for all pages of a snapshot."""

from __future__ import annotations

from analytics.crossfilter.scope import EVERYTHING, Scope
from analytics.crossfilter.selection import Selection
from analytics.temporal.weekly_hours import OWNED, WeeklyHours, weekly_hours
from callbacks.frame.question import Question


def weeks_of(question: Question, selection: Selection, scope: Scope = EVERYTHING) -> WeeklyHours:
    """Weekly hours of a selection without its filters on hour and weekday."""
    chosen = selection.without(OWNED)
    return question.results.get_or_compute(
        ("weeks", scope.selection.text, chosen.text),
        lambda: weekly_hours(question.pinned.reader, scope, chosen),
    )
