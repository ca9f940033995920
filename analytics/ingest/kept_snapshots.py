"""Snapshots that ingest keeps, however old they are: those that champions and plans cite."""

from __future__ import annotations

from analytics.artifacts.bundle import cited_snapshots
from analytics.patrol.stored_plans import cited_by_plans
from analytics.settings import Settings


def kept_snapshots(settings: Settings) -> set[str] | None:
    """Ids of the cited snapshots; None if any may be, so that nothing may be removed.

    Raises
    ------
    StateError
        The state database cannot be read.
    """
    cited = cited_snapshots(settings.home)
    return None if cited is None else cited | cited_by_plans(settings)
