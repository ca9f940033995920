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
from analytics.sources.other_systems import FromDatabase, FromPortal
from analytics.sources.record_kinds import RECORD_KINDS, RecordKind
from analytics.state import State
from analytics.state_tables import jobs as jobs_table
from analytics.sync.drop_folder import DropFolder
from analytics.sync.feed_sources import source_of_feeds
from analytics.sync.feed_state import FeedState, reconciliation
from jobs.queue import LOCK, UNFINISHED, Job, Queue

COMMAND = ("sync",)
DAY_S = 86_400.0
KEPT_RUNS = 10
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
        systems = self._other_systems() if is_turn else ()
        if not is_new and not (is_turn and (arrived or systems or self._has_files())):
            return None
        reconciles = any(self._must_reconcile(kind, asked, now) for kind, asked in systems)
        try:
            with self._state.exclusive(LOCK) as connection:
                if _is_open(connection):
                    return None
                _forget_ended(connection)
                flags = ("--reconcile",) if reconciles else ()
                job = self._queue.insert(connection, (*COMMAND, *flags))
        except InputError as error:  # too many jobs are open
            log.warning("a sync was not queued: %s", error)
            return None
        self._arrived = arrived
        return job

    def _other_systems(self) -> list[tuple[RecordKind, FromDatabase | FromPortal]]:
        """The databases and portals that sources name; none of a source that is faulty."""
        found = []
        for kind in RECORD_KINDS.values():
            try:
                source = source_of_feeds(kind, self._settings)
            except PatrolIQError as error:
                log.warning("the source of %s cannot be synced: %s", kind.name, error)
                continue
            if source is not None and source.sync is not None:
                found.append((kind, source.sync))
        return found

    def _must_reconcile(
        self, kind: RecordKind, asked: FromDatabase | FromPortal, now: float
    ) -> bool:
        """Whether all ids are to be compared: once a day, however that ended."""
        if not asked.must_reconcile:
            return False
        ran = FeedState(self._state).get(reconciliation(kind)).ran
        return ran is None or not 0 <= now - ran < DAY_S

    def _has_files(self) -> bool:
        return any(drop.new_files() for drop in self._drops)


def _is_own() -> sa.ColumnElement[bool]:
    return jobs_table.c.command.startswith(json.dumps(COMMAND)[:-1], autoescape=True)


def _is_open(connection: sa.Connection) -> bool:
    open_ones = sa.select(jobs_table.c.id).where(_is_own(), jobs_table.c.status.in_(UNFINISHED))
    return connection.execute(open_ones.limit(1)).first() is not None


def _forget_ended(connection: sa.Connection) -> None:
    """Remove all but the newest runs that ended, which would hide other jobs in every list."""
    newest = sa.select(jobs_table.c.id).where(_is_own()).order_by(jobs_table.c.id.desc())
    kept = connection.execute(newest.limit(KEPT_RUNS)).scalars().all()
    old = sa.delete(jobs_table).where(_is_own(), jobs_table.c.status.not_in(UNFINISHED))
    connection.execute(old.where(jobs_table.c.id.not_in(kept)))
