"""Queues a check of watch lists when other data is served than was checked last.

Also once a day without new data, as a feed that stopped brings none, and when a digest is still to
be sent. One transaction looks and
queues, so several workers queue it once.
"""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Callable
from datetime import datetime

import sqlalchemy as sa

from analytics.errors import DamagedError, InputError
from analytics.incidents.warehouse import Warehouse
from analytics.outbox.channels import channels
from analytics.outbox.deliveries import is_due
from analytics.settings import Settings
from analytics.state import State, alert_checks, deliveries
from analytics.state import jobs as jobs_table
from jobs.queue import LOCK, UNFINISHED, Job, Queue

COMMAND = ("alerts", "check")
LOOK_S = 60.0
AGAIN_S = 86_400.0
RETRY_S = 3_600.0
"""After a check that failed."""
log = logging.getLogger(__name__)


class AlertChecks:
    """Looks every `LOOK_S` whether a check is due."""

    def __init__(
        self, state: State, settings: Settings, clock: Callable[[], float] = time.time
    ) -> None:
        self._state = state
        self._warehouse = Warehouse(settings.home)
        self._clock = clock
        self._queue = Queue(state, clock)
        self._channels = channels(settings)
        self._looked: float | None = None

    def queue_due(self) -> Job | None:
        """Queue a check if it is due; returns the new job."""
        now = self._clock()
        if self._looked is not None and now - self._looked < LOOK_S:
            return None
        self._looked = now
        try:
            served = self._warehouse.current_id()
            if served is None:
                return None
            with self._state.exclusive(LOCK) as connection:
                if self._is_due(connection, served, now):
                    return self._queue.insert(connection, COMMAND)
        except InputError as error:  # too many jobs are open
            log.warning("the check of watch lists was not queued: %s", error)
        except DamagedError as error:
            log.warning("the served data cannot be read: %s", error)
        return None

    def _is_due(self, connection: sa.Connection, served: str, now: float) -> bool:
        newest = sa.select(alert_checks).order_by(alert_checks.c.id.desc()).limit(1)
        last = connection.execute(newest).mappings().first()
        if last is not None and last["snapshot"] == served:
            checked = datetime.fromisoformat(last["at"]).timestamp()
            offered = deliveries.c.channel.in_(self._channels)
            unsent = sa.select(deliveries.c.id).where(offered, is_due(now)).limit(1)
            if now - checked < AGAIN_S and connection.execute(unsent).first() is None:
                return False
        own = jobs_table.c.command == json.dumps(COMMAND)
        open_ones = sa.select(jobs_table.c.id).where(own, jobs_table.c.status.in_(UNFINISHED))
        failed = sa.select(jobs_table.c.id).where(
            own, jobs_table.c.status != "done", jobs_table.c.ended > now - RETRY_S
        )
        return all(connection.execute(one.limit(1)).first() is None for one in (open_ones, failed))
