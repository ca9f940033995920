"""Recorded interventions, as timelines mark them."""

from __future__ import annotations

from analytics.services import Services
from components.frame.figures.interventions import InterventionMark

MOST = 12


def intervention_marks(services: Services) -> list[InterventionMark]:
    """The newest ones; none while nothing can be read."""
    if services.state_trouble:
        return []
    # SQLAlchemy loads with the first timeline.
    from analytics.interventions.records import Interventions  # noqa: PLC0415

    found = Interventions(services.state, services.settings).all()
    return [InterventionMark(one.measure.first, one.measure.name) for one in found[:MOST]]
