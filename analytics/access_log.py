"""Who saw and took what: entries of the audit log about the requests of one web worker.

What takes data away or changes it is recorded before the answer is sent. Views are recorded by a
thread within a second, so that no page waits for the disk; a killed worker loses those of its last
second, and a full queue counts what it lost. The thread starts with the first entry, after the
worker was forked, and ends when there is nothing to do.
"""

from __future__ import annotations

import atexit
import logging
import threading
import time
import weakref
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields, replace
from datetime import UTC, datetime
from itertools import islice
from typing import TYPE_CHECKING, Any

from analytics.access_notes import NewEntry, current_origin
from analytics.errors import PatrolIQError
from analytics.one_line import one_line
from analytics.redaction import without_tokens
from analytics.settings import Settings

if TYPE_CHECKING:
    import sqlalchemy as sa

    from analytics.state import State

MOST_WAITING = 10_000
MOST_AT_ONCE = 500
LONGEST_TEXT = 4_000
GATHERS_S = 0.3
"""Entries of this time are one transaction."""
LINGERS_S = 5.0
RETRIES_S = 2.0
FORWARDS_AT_LEAST_S = 10.0
ENDS_WITHIN_S = 5.0
REFUSED = "request.refused"
LOST = "access.lost"
IN_FORCE = "settings.in_force"
_LOG = logging.getLogger(__name__)


class AccessLog:
    """Records at once, or soon; both in the order in which they were given."""

    def __init__(self, state: Callable[[], State], settings: Settings) -> None:
        self._state = state
        self._settings = settings
        self._changed = threading.Condition()
        self._waiting: deque[NewEntry] = deque()
        self._lost = 0
        self._recorded = self._anchored = 0
        self._tells_settings = False
        self._thread: threading.Thread | None = None
        self._closing = False
        self._hurry = threading.Event()
        self._trouble = self._forward_trouble = ""
        self._forwarder: threading.Thread | None = None
        self._news = threading.Event()
        atexit.register(_closing(self))

    @property
    def trouble(self) -> str:
        """Why accesses are not recorded or not forwarded; empty while they are."""
        return self._trouble or self._forward_trouble

    def record(self, *entries: NewEntry) -> None:
        """Record before anything else happens; the anchor follows soon.

        Raises
        ------
        StateError
            They cannot be recorded.
        """
        from analytics.audit import LOCK, Audit  # noqa: PLC0415 - SQLAlchemy loads with first use

        state = self._state()
        with state.exclusive(LOCK) as connection:
            Audit(state, self._settings).append(connection, [*map(_recordable, entries)])
        with self._changed:
            self._recorded += 1
            self._wake()

    def record_soon(self, *entries: NewEntry) -> None:
        """Record in the thread."""
        now = datetime.now(UTC).isoformat(timespec="microseconds")
        with self._changed:
            for entry in entries:
                if len(self._waiting) < MOST_WAITING:
                    dated = replace(entry, happened=entry.happened or now)
                    self._waiting.append(_recordable(dated))
                else:
                    self._lost += 1
            self._wake()

    def record_act(self, event: str, subject: str, reason: str, **details: Any) -> None:
        """Record an act of a request before it runs; nothing outside of a request.

        Raises
        ------
        StateError
            It cannot be recorded, so it must not run.
        """
        if origin := current_origin():
            details = {**details, "request": origin.request}
            self.record(NewEntry(event, subject, reason, details))

    def tell_settings(self) -> None:
        """Record the settings in force before the first access, if they are others than last time.

        Until then nothing is opened.
        """
        self._tells_settings = True

    def flush(self) -> None:
        """Wait until everything is recorded and anchored, for a while."""
        end = time.monotonic() + ENDS_WITHIN_S
        self._hurry.set()
        with self._changed:
            while self._has_work() and time.monotonic() < end:
                self._changed.wait(RETRIES_S)
        self._hurry.clear()

    def close(self) -> None:
        """Record what waits, and end the thread."""
        with self._changed:
            self._closing = True
            self._hurry.set()
            self._changed.notify_all()
            thread = self._thread
        if thread is not None:
            thread.join(ENDS_WITHIN_S)
        self._news.set()
        if self._forwarder is not None:
            self._forwarder.join(ENDS_WITHIN_S)

    def _has_work(self) -> bool:
        unanchored = self._recorded != self._anchored
        return bool(self._waiting or self._lost or unanchored or self._tells_settings)

    def _wake(self) -> None:
        """Start the thread if there is none, or let it look; holds `_changed`."""
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="patroliq-audit", daemon=True)
            self._thread.start()
        else:
            self._changed.notify_all()

    def _run(self) -> None:
        while self._waits_for_work():
            self._hurry.wait(GATHERS_S)
            if not self._write_some():
                if self._closing:
                    return
                time.sleep(RETRIES_S)

    def _waits_for_work(self) -> bool:
        """Whether there is something to do; if not for a while, the thread ends."""
        with self._changed:
            if not self._has_work() and not self._closing:
                self._changed.wait(LINGERS_S)
            if not self._has_work():
                self._thread = None
                return False
            return True

    def _write_some(self) -> bool:
        """Record the oldest entries that wait, then anchor; whether it worked."""
        with self._changed:
            batch, lost = list(islice(self._waiting, MOST_AT_ONCE)), self._lost
            recorded, tells_settings = self._recorded, self._tells_settings
        try:
            self._write(merged(batch), lost, tells_settings)
        except Exception as error:  # whatever it is, this thread must try again
            if not self._trouble:  # once, not at every try
                unexpected = not isinstance(error, PatrolIQError)
                _LOG.error("accesses are not recorded: %s", error, exc_info=unexpected)
            self._trouble = f"Accesses are not recorded: {error}"
            return False
        with self._changed:
            for _ in batch:
                self._waiting.popleft()
            self._lost -= lost
            self._anchored = recorded
            self._tells_settings = self._tells_settings and not tells_settings
            if self._trouble:
                _LOG.warning("accesses are recorded again")
            self._trouble = ""
            self._changed.notify_all()
        return True

    def _write(self, batch: Sequence[NewEntry], lost: int, tells_settings: bool) -> None:
        from analytics.audit import LOCK, Audit  # noqa: PLC0415 - SQLAlchemy loads with first use

        state = self._state()
        audit = Audit(state, self._settings)
        more = [NewEntry(LOST, "log", details={"entries": lost})] if lost else []
        if batch or more or tells_settings:
            with state.exclusive(LOCK) as connection:
                changed = self._changed_settings(connection) if tells_settings else []
                if entries := [*changed, *batch, *more]:
                    audit.append(connection, entries)
        audit.anchor()
        self._news.set()
        if self._settings.audit_syslog and self._forwarder is None:
            self._forwarder = threading.Thread(
                target=self._forward, name="patroliq-syslog", daemon=True
            )
            self._forwarder.start()

    def _forward(self) -> None:
        """Forward by syslog what is in the log, those of commands too, until the end."""
        from analytics.audit import Audit  # noqa: PLC0415 - as above
        from analytics.audit.forwarding import AuditForwarder  # noqa: PLC0415

        forwarder = AuditForwarder(Audit(self._state(), self._settings), self._settings)
        while True:
            self._news.wait(FORWARDS_AT_LEAST_S)
            self._news.clear()
            try:
                forwarder.forward()
                self._forward_trouble = ""
            except Exception as error:  # whatever it is, this thread must try again
                if not self._forward_trouble:
                    _LOG.error("the audit log is not forwarded: %s", error)
                self._forward_trouble = str(error)
            if self._closing:
                return

    def _changed_settings(self, connection: sa.Connection) -> list[NewEntry]:
        """The settings, unless those recorded last are the same."""
        from analytics.audit import newest_details  # noqa: PLC0415 - as above

        own = {
            one.name: str(getattr(self._settings, one.name))
            for one in fields(self._settings)
            if one.repr
        }
        same = newest_details(connection, IN_FORCE) == own
        return [] if same else [NewEntry(IN_FORCE, "web", details=own)]


def merged(entries: Sequence[NewEntry]) -> list[NewEntry]:
    """Entries with equal refusals as one, which tells how many: a flood must not fill the disk."""
    times: dict[tuple[str, ...], int] = {}
    first: dict[tuple[str, ...], NewEntry] = {}
    for number, entry in enumerate(entries):
        key: tuple[str, ...] = (str(number),)
        if entry.event == REFUSED:
            key = (entry.person, entry.address, entry.subject, entry.outcome)
        times[key] = times.get(key, 0) + 1
        first.setdefault(key, entry)
    return [
        entry if times[key] == 1 else replace(entry, details={**entry.details, "times": times[key]})
        for key, entry in first.items()
    ]


def _recordable(entry: NewEntry) -> NewEntry:
    """An entry whose texts any database takes, on one line and of bounded length."""
    texts = {
        name: _text(getattr(entry, name))
        for name in ("event", "subject", "reason", "person", "outcome", "address")
    }
    return replace(entry, **texts, details=_plain(entry.details))


def _plain(value: Any) -> Any:
    """JSON of a value: numbers as they are, texts on one line, and so within lists and objects."""
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, Mapping):
        return {_text(name): _plain(one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    return _text(value)


def _text(value: Any) -> str:
    """A text on one line, of bounded length and without tokens, which an address may have."""
    return one_line(without_tokens(str(value)))[:LONGEST_TEXT]


def _closing(log: AccessLog) -> Callable[[], None]:
    """A weak `log.close`: what runs at exit must not keep the log alive."""
    method = weakref.WeakMethod(log.close)

    def close() -> None:
        found = method()
        if found is not None:
            found()

    return close
