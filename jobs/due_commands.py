"""Queues a command when it is due by the served data and what was stored of it.

One transaction looks and queues, so several workers queue it once.
"""

from __future__ import annotations

import json
import logging
import time
from abc import ABC, abstractmethod
from collections.abc import Callable

import sqlalchemy as sa

from analytics.errors import DamagedError, InputError
from analytics.incidents.warehouse import Warehouse
from analytics.settings import Settings
from analytics.state import State
from analytics.state_tables import jobs as jobs_table
from jobs.queue import LOCK, UNFINISHED, Job, Queue

LOOK_S = 60.0
RETRY_S = 3_600.0
"""After a command that failed."""
log = logging.getLogger(__name__)


class DueCommand(ABC):
    """Looks every `LOOK_S` whether its command is due."""

    COMMAND: tuple[str, ...]
    AT_ONCE = False
    """Whether it also looks as soon as other data is served."""
    NEEDS_DATA = True
    """Whether it is never due before incidents are served."""

    def __init__(
        self, state: State, settings: Settings, clock: Callable[[], float] = time.time
    ) -> None:
        self._state = state
        self._warehouse = Warehouse(settings.home)
        self._clock = clock
        self._queue = Queue(state, clock)
        self._looked: float | None = None
        self._served: str | None = None

    @abstractmethod
    def _is_due(self, connection: sa.Connection, served: str, now: float) -> bool:
        """Whether it is due for a snapshot, unless it is queued or failed a short while ago.

        `served` is empty where none is, which only one without `NEEDS_DATA` is asked about.
        """

    def queue_due(self) -> Job | None:
        """Queue the command if it is due; returns the new job."""
        now = self._clock()
        is_time = self._looked is None or not 0 <= now - self._looked < LOOK_S
        if not (is_time or self.AT_ONCE):
            return None
        if is_time:
            self._looked = now
        try:
            served = self._warehouse.current_id() or ""
            if (self.NEEDS_DATA and not served) or (served == self._served and not is_time):
                return None
            self._served = served
            with self._state.exclusive(LOCK) as connection:
                if self._is_due(connection, served, now) and self._is_free(connection, now):
                    return self._queue.insert(connection, self.COMMAND)
        except InputError as error:  # too many jobs are open
            log.warning("%s was not queued: %s", " ".join(self.COMMAND), error)
        except DamagedError as error:
            if is_time:  # not at every look
                log.warning("the served data cannot be read: %s", error)
        return None

    def _is_free(self, connection: sa.Connection, now: float) -> bool:
        own = jobs_table.c.command == json.dumps(self.COMMAND)
        open_ones = sa.select(jobs_table.c.id).where(own, jobs_table.c.status.in_(UNFINISHED))
        failed = sa.select(jobs_table.c.id).where(
            own, jobs_table.c.status != "done", jobs_table.c.ended.between(now - RETRY_S, now)
        )
        return all(connection.execute(one.limit(1)).first() is None for one in (open_ones, failed))
