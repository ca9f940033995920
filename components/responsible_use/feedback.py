"""The simulated year of patrols that follow a record to which they add themselves."""

from __future__ import annotations

from collections.abc import Sequence

from dash import html
from dash.development.base_component import Component

from analytics.fairness.shares import Finds
from analytics.fairness.stored_evaluation import FeedbackOutcome
from components.frame.intervals import Estimate, interval_rows, percent_with_interval, scale_of
from components.responsible_use.sentences import FINDS, LEARNING


def feedback_rows(outcomes: Sequence[FeedbackOutcome]) -> list[Component]:
    """Share of the patrols to move after a year, by what patrols find and what is recorded."""
    estimates = {
        finds: [
            Estimate(
                LEARNING[one.learning],
                one.misplaced_end,
                one.low,
                one.high,
                percent_with_interval(one.misplaced_end, one.low, one.high),
            )
            for one in outcomes
            if one.finds is finds
        ]
        for finds in Finds
    }
    start = outcomes[0].misplaced_start
    scale = scale_of([row for rows in estimates.values() for row in rows], low=0.0, high=start)
    parts: list[Component] = []
    for finds, rows in estimates.items():
        title = f"If {FINDS[finds]}"
        parts += [
            html.H3(title),
            interval_rows(rows, scale, label=title, reference=start),
        ]
    return parts
