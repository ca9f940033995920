"""Queues a command again some time after it was last done."""

from __future__ import annotations

import json
import time
from collections.abc import Callable

import sqlalchemy as sa

from analytics.settings import Settings
from analytics.state import State
from analytics.state_tables import jobs
from jobs.due_commands import DueCommand


class RegularCommand(DueCommand):
    """Looks whether its command is due: `AGAIN_S` after it was last done, or after the first job.

    Where there was no job, as people may sign in and calls be loaded without one, it is as long
    after the worker began.
    """

    AGAIN_S: float
    NEEDS_DATA = False

    def __init__(
        self, state: State, settings: Settings, clock: Callable[[], float] = time.time
    ) -> None:
        super().__init__(state, settings, clock)
        self._began = clock()

    def _is_due(self, connection: sa.Connection, served: str, now: float) -> bool:  # noqa: ARG002
        own = jobs.c.command == json.dumps(self.COMMAND), jobs.c.status == "done"
        last = connection.execute(sa.select(sa.func.max(jobs.c.ended)).where(*own)).scalar()
        first = connection.execute(sa.select(sa.func.min(jobs.c.created))).scalar()
        since = next(one for one in (last, first, self._began) if one is not None)
        # Also where it was done later than now: the clock was set back since then.
        return not 0 <= now - since < self.AGAIN_S
