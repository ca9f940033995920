"""Queues a search for series when other data is served than was searched last.

Live data comes every few minutes: then an hour lies between two searches.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable

import sqlalchemy as sa

from analytics.settings import Settings
from analytics.state import State
from analytics.state_tables import jobs
from jobs.due_commands import DueCommand

LEAST_S = 3_600.0


class SeriesProposals(DueCommand):
    """Looks whether a search is due."""

    COMMAND = ("series", "propose")

    def __init__(
        self, state: State, settings: Settings, clock: Callable[[], float] = time.time
    ) -> None:
        super().__init__(state, settings, clock)
        self._least_s = LEAST_S if settings.sync_seconds else 0.0

    def _is_due(self, connection: sa.Connection, served: str, now: float) -> bool:
        # By the search that ended: one that failed halfway has stored some kinds, and a search by
        # hand may be of one kind alone.
        own = jobs.c.command == json.dumps(self.COMMAND), jobs.c.status == "done"
        newest = sa.select(jobs.c.result, jobs.c.ended).where(*own)
        row = connection.execute(newest.order_by(jobs.c.id.desc()).limit(1)).first()
        if row is None:
            return True
        searched = json.loads(row.result or "{}").get("snapshot")
        return bool(searched != served) and not 0 <= now - row.ended < self._least_s
