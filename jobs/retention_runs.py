"""Queues the rules of retention once a day."""

from __future__ import annotations

import json

import sqlalchemy as sa

from analytics.state_tables import jobs
from jobs.due_commands import DueCommand

AGAIN_S = 86_400.0


class RetentionRuns(DueCommand):
    """Looks whether they are due: a day after they were last applied, or after the first job."""

    COMMAND = ("retention",)

    def _is_due(self, connection: sa.Connection, served: str, now: float) -> bool:  # noqa: ARG002
        own = jobs.c.command == json.dumps(self.COMMAND), jobs.c.status == "done"
        last = connection.execute(sa.select(sa.func.max(jobs.c.ended)).where(*own)).scalar()
        first = connection.execute(sa.select(sa.func.min(jobs.c.created))).scalar()
        since = first if last is None else last
        # Also where it was done later than now: the clock was set back since then.
        return since is not None and not 0 <= now - since < AGAIN_S
