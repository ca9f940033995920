"""Queues `patroliq sync`: at once when a request arrives, else every so many seconds.

It looks before it queues: a run with nothing to do would load more than it takes to see that.
"""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Callable

import sqlalchemy as sa

from analytics.errors import InputError, PatrolIQError
from analytics.inbox.inbox import Inbox
from analytics.settings import Settings
from analytics.sources.record_kinds import RECORD_KINDS
from analytics.state import State
from analytics.state_tables import jobs as jobs_table
from analytics.sync.drop_folder import DropFolder
from analytics.sync.feed_sources import source_of_feeds
from jobs.queue import LOCK, UNFINISHED, Job, Queue

COMMAND = ("sync",)
log = logging.getLogger(__name__)


class Syncs:
    """Looks whether a run is due; never while one waits or runs."""

    def __init__(
        self, state: State, settings: Settings, clock: Callable[[], float] = time.time
    ) -> None:
        self._state = state
        self._settings = settings
        self._every_s = settings.sync_seconds
        self._inboxes = [Inbox(settings.home, kind) for kind in RECORD_KINDS.values()]
        self._drops = [
            DropFolder(state, settings.drop, kind, clock)
            for kind in RECORD_KINDS.values()
            if settings.drop is not None
        ]
        self._clock = clock
        self._queue = Queue(state, clock)
        self._arrived: list[str] = []
        self._turn: float | None = None

    def queue_due(self) -> Job | None:
        """Queue a run if it is due; returns the new job.

        Requests that a run left in the inbox, as it failed, wait for the next turn.
        """
        if self._every_s is None:
            return None
        arrived = [name for inbox in self._inboxes for name in inbox.names()]
        now = self._clock()
        is_turn = self._turn is None or not 0 <= now - self._turn < self._every_s
        if is_turn:
            self._turn = now
        is_new = bool(set(arrived) - set(self._arrived))
        if not is_new and not (is_turn and (arrived or self._has_files() or self._asks())):
            return None
        try:
            with self._state.exclusive(LOCK) as connection:
                if _is_open(connection):
                    return None
                job = self._queue.insert(connection, COMMAND)
        except InputError as error:  # too many jobs are open
            log.warning("a sync was not queued: %s", error)
            return None
        self._arrived = arrived
        return job

    def _asks(self) -> bool:
        """Whether a source names a database or portal; the run says if it is faulty."""
        try:
            sources = [source_of_feeds(kind, self._settings) for kind in RECORD_KINDS.values()]
        except PatrolIQError:
            return True
        return any(source is not None and source.sync is not None for source in sources)

    def _has_files(self) -> bool:
        return any(drop.new_files() for drop in self._drops)


def _is_open(connection: sa.Connection) -> bool:
    own = jobs_table.c.command == json.dumps(COMMAND)
    found = sa.select(jobs_table.c.id).where(own, jobs_table.c.status.in_(UNFINISHED)).limit(1)
    return connection.execute(found).first() is not None
