"""Whether a worker still has a job: it renews its lease while it runs, and a dead one does not."""

from __future__ import annotations

import sqlalchemy as sa

from analytics.state_tables import jobs

MOST_LEASE_S = 3_600.0
"""A longer one was made before the clock was set back, and does not hold."""


def is_held_until(leased_until: float, now: float) -> bool:
    """Whether a lease still holds. Both are seconds since 1970."""
    return now <= leased_until <= now + MOST_LEASE_S


def is_interrupted(now: float) -> sa.ColumnElement[bool]:
    """Whether a job runs without a lease that holds, so that the next worker takes it again."""
    held = sa.func.coalesce(jobs.c.leased_until, 0.0).between(now, now + MOST_LEASE_S)
    return sa.and_(jobs.c.status == "running", ~held)
