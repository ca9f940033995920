"""Snapshots that plans cite, apart from the plans so that an ingest need not load their making."""

from __future__ import annotations

from contextlib import closing

import sqlalchemy as sa

from analytics.settings import Settings
from analytics.state import State
from analytics.state_tables import plan_versions


def cited_by_plans(settings: Settings) -> set[str]:
    """Ids of the snapshots that plans were made from, which must be kept.

    Raises
    ------
    StateError
        The state database cannot be read.
    """
    with closing(State(settings)) as state, state.engine.connect() as connection:
        return set(connection.execute(sa.select(plan_versions.c.snapshot).distinct()).scalars())
