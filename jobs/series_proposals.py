"""Queues a search for series when other data is served than was searched last."""

from __future__ import annotations

import json

import sqlalchemy as sa

from analytics.state_tables import jobs
from jobs.due_commands import DueCommand


class SeriesProposals(DueCommand):
    """Looks whether a search is due."""

    COMMAND = ("series", "propose")

    def _is_due(self, connection: sa.Connection, served: str, now: float) -> bool:  # noqa: ARG002
        # By the search that ended: one that failed halfway has stored some kinds, and a search by
        # hand may be of one kind alone.
        own = jobs.c.command == json.dumps(self.COMMAND), jobs.c.status == "done"
        newest = sa.select(jobs.c.result).where(*own).order_by(jobs.c.id.desc()).limit(1)
        ended = json.loads(connection.execute(newest).scalar() or "{}")
        return bool(ended.get("snapshot") != served)
