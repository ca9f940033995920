"""Queues `patroliq sync`: at once when a request arrives or is left, else every so many seconds.

It looks before it queues: a run with nothing to do would load more than it takes to see that.
"""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Callable, Iterable
from typing import Any

import sqlalchemy as sa

from analytics.errors import InputError, PatrolIQError
from analytics.inbox.inbox import Inbox
from analytics.ingest.report import UnconfirmedError
from analytics.settings import Settings
from analytics.sources.other_systems import FromDatabase, FromPortal
from analytics.sources.record_kinds import RECORD_KINDS, RecordKind
from analytics.state import State
from analytics.state_file import StateError
from analytics.state_tables import jobs as jobs_table
from analytics.sync.drop_folder import DropFolder
from analytics.sync.feed_sources import source_of_feeds
from analytics.sync.feed_state import FeedState, reconciliation
from jobs.due_commands import RETRY_S
from jobs.queue import LOCK, UNFINISHED, Job, Queue

COMMAND = ("sync",)
ASKED_ONLY = "--asked-only"
DAY_S = 86_400.0
KEPT_RUNS = 10
REFUSED = (InputError.exit_code, UnconfirmedError.exit_code)
"""After these the same requests and files are tried again only after `RETRY_S`."""
log = logging.getLogger(__name__)


class Syncs:
    """Looks whether a run is due; never while one waits or runs."""

    def __init__(
        self, state: State, settings: Settings, clock: Callable[[], float] = time.time
    ) -> None:
        self._state = state
        self._settings = settings
        self._every_s = settings.sync_seconds
        self._inboxes = {
            f"{kind.name} inbox": Inbox(settings.home, kind) for kind in RECORD_KINDS.values()
        }
        self._drops = [
            DropFolder(state, settings.drop, kind, clock)
            for kind in RECORD_KINDS.values()
            if settings.drop is not None
        ]
        self._clock = clock
        self._queue = Queue(state, clock)
        self._waited: set[str] = set()
        self._requests: set[str] = set()
        self._unseen: dict[str, str] = {}
        self._told: set[str] | None = None
        self._turn: float | None = None

    def queue_due(self) -> Job | None:
        """Queue a run if it is due; returns the new job.

        Requests that a run left in the inbox, as it failed, wait for the next turn. A run is also
        due once a feed cannot be looked at, and once it can again: it notes what people are told.
        """
        if self._every_s is None:
            return None
        now = self._clock()
        is_turn = self._turn is None or not 0 <= now - self._turn < self._every_s
        requests = {name for one, at in self._inboxes.items() for name in self._look(one, at.names)}
        is_rest = bool(requests) and bool(self._requests - requests)  # of a run that took others
        waiting = requests
        if is_turn or is_rest or requests - self._waited:  # a run takes files too
            waiting = requests | {name for one in self._drops for name in self._files(one)}
        is_new = is_rest or bool(waiting - self._waited) or bool(self._failed() - {*self._unseen})
        if is_turn:
            self._turn = now
        systems = self._other_systems() if is_turn else []
        if not is_new and not (is_turn and (waiting or systems)):
            return None
        flags = ("--reconcile",) if any(self._reconciles(*one, now) for one in systems) else ()
        job = self._queue_run(flags, now, is_new=is_new, asks=bool(systems))
        if job is not None and ASKED_ONLY not in job.command:
            self._waited, self._requests, self._told = waiting, requests, {*self._unseen}
        return job

    def _queue_run(
        self, flags: tuple[str, ...], now: float, *, is_new: bool, asks: bool
    ) -> Job | None:
        """Queue a run, unless one is open.

        If what waits was refused and nothing is new, the run only asks other systems.
        """
        try:
            with self._state.exclusive(LOCK) as connection:
                if _is_open(connection):
                    return None
                if not is_new and _was_refused(connection, now):
                    if not asks:
                        return None
                    flags = (*flags, ASKED_ONLY)
                _forget_ended(connection)
                return self._queue.insert(connection, (*COMMAND, *flags))
        except InputError as error:  # too many jobs are open
            log.warning("a sync was not queued: %s", error)
            return None

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

    def _reconciles(self, kind: RecordKind, asked: FromDatabase | FromPortal, now: float) -> bool:
        """Whether all ids are to be compared: once a day, however that ended."""
        if not asked.must_reconcile:
            return False
        ran = FeedState(self._state).get(reconciliation(kind)).ran
        return ran is None or not 0 <= now - ran < DAY_S

    def _files(self, drop: DropFolder) -> set[str]:
        def names() -> Iterable[str]:
            return [f"{one.name} {one.size} {one.changed}" for one in drop.new_files()]

        return self._look(drop.name, names)

    def _look(self, feed: str, names: Callable[[], Iterable[str]]) -> set[str]:
        """What waits of a feed; the feed itself if that cannot be seen, and a run tells why.

        Whatever fails there must not keep other feeds waiting; it is logged once.
        """
        try:
            found = {*names()}
        except StateError:
            raise
        except Exception as error:
            if self._unseen.get(feed) != str(error):
                is_expected = isinstance(error, PatrolIQError)
                log.warning("%s cannot be looked at: %s", feed, error, exc_info=not is_expected)
            self._unseen[feed] = str(error)
            return {feed}
        self._unseen.pop(feed, None)
        return found

    def _failed(self) -> set[str]:
        """Feeds that could not be looked at when a run was queued, by this worker or before it."""
        if self._told is None:
            notes = FeedState(self._state)
            looked_at = {*self._inboxes, *(one.name for one in self._drops)}
            self._told = {name for name in looked_at if notes.get(name).message}
        return self._told


def _is_own() -> sa.ColumnElement[bool]:
    return jobs_table.c.command.startswith(json.dumps(COMMAND)[:-1], autoescape=True)


def _is_open(connection: sa.Connection) -> bool:
    open_ones = sa.select(jobs_table.c.id).where(_is_own(), jobs_table.c.status.in_(UNFINISHED))
    return connection.execute(open_ones.limit(1)).first() is not None


def _newest_whole() -> sa.Select[Any]:
    """The newest run that took what waits."""
    asked_only = jobs_table.c.command.contains(json.dumps(ASKED_ONLY), autoescape=True)
    found = sa.select(jobs_table).where(_is_own(), ~asked_only)
    return found.order_by(jobs_table.c.id.desc()).limit(1)


def _was_refused(connection: sa.Connection, now: float) -> bool:
    """Whether the last run failed by what it was given, which another one soon would too."""
    row = connection.execute(_newest_whole()).first()
    return row is not None and row.exit_code in REFUSED and 0 <= now - row.ended < RETRY_S


def _forget_ended(connection: sa.Connection) -> None:
    """Remove all but the newest runs that ended, which would hide other jobs in every list."""
    newest = sa.select(jobs_table.c.id).where(_is_own()).order_by(jobs_table.c.id.desc())
    kept = [*connection.execute(newest.limit(KEPT_RUNS)).scalars()]
    kept += connection.execute(_newest_whole()).scalars()
    old = sa.delete(jobs_table).where(_is_own(), jobs_table.c.status.not_in(UNFINISHED))
    connection.execute(old.where(jobs_table.c.id.not_in(kept)))
