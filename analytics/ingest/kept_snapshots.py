"""Snapshots that ingest keeps, however old: champions, plans, briefings, open alerts cite them."""

from __future__ import annotations

from analytics.alerts.stored_alerts import cited_by_alerts
from analytics.artifacts.bundle import cited_snapshots
from analytics.briefing_store import cited_by_briefings
from analytics.patrol.cited_plans import cited_by_plans
from analytics.settings import Settings


def kept_snapshots(settings: Settings) -> set[str] | None:
    """Ids of the cited snapshots; None if any may be, so that nothing may be removed.

    Raises
    ------
    StateError
        The state database cannot be read.
    """
    cited = cited_snapshots(settings.home)
    if cited is None:
        return None
    by_people = cited_by_plans(settings) | cited_by_briefings(settings)
    return cited | by_people | cited_by_alerts(settings)
