"""Recorded interventions, as timelines mark them."""

from __future__ import annotations

from analytics.access.reader import current_reader
from analytics.services import Services
from components.frame.figures.interventions import InterventionMark


def intervention_marks(services: Services) -> list[InterventionMark]:
    """All that the reader may know of; none while nothing can be read.

    Who sees only some areas or kinds sees what that person recorded: places would tell of others.
    """
    if services.state_trouble:
        return []
    # SQLAlchemy loads with the first timeline.
    from analytics.interventions.records import Interventions  # noqa: PLC0415

    store = Interventions(services.state, services.settings)
    return [
        InterventionMark(day, name)
        for name, day in store.first_days(own=current_reader().sees_a_part)
    ]
