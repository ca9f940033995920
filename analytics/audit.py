"""The audit log: who did what, when and why, in a chain of hashes.

Each entry's hash is the SHA-256 of the previous hash and of the entry as canonical JSON, so a
changed, removed or inserted entry breaks the chain from there on. Entries cut off the end leave
the chain intact: note the newest hash elsewhere, and `verify` looks for it.
"""

from __future__ import annotations

import getpass
import hashlib
import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any, TypeVar

import sqlalchemy as sa
from tenacity import Retrying, retry_if_exception_type, stop_after_delay

from analytics.errors import IntegrityError, PatrolIQError
from analytics.settings import Settings
from analytics.state import State, StateBusyError
from analytics.state import audit as table

FIRST = "0" * 64  # hash before the first entry
LOCK = 0x5061_7564
CHUNK = 1_000
PATIENCE_S = 60
NOT_DONE = "act.failed"  # the action of an earlier entry failed
Done = TypeVar("Done")


@dataclass(frozen=True)
class AuditEntry:
    """One line of the log. `previous` and `hash` are SHA-256 in hexadecimal."""

    sequence: int  # 1, 2, 3, … without gaps
    happened: str  # ISO 8601 in UTC
    person: str
    login: str  # the operating-system user, whatever `person` claims
    event: str  # such as model.promoted
    subject: str  # what it happened to, such as zones_kmeans 7
    reason: str
    details: Mapping[str, Any]
    previous: str
    hash: str

    def digest(self) -> str:
        """The hash that this entry must have."""
        body = {key: value for key, value in asdict(self).items() if key not in _CHAIN}
        return hashlib.sha256((self.previous + canonical(body)).encode()).hexdigest()


_CHAIN = ("previous", "hash")


@dataclass(frozen=True)
class Verified:
    """A verified chain: its number of entries, and the newest hash to note elsewhere."""

    entries: int
    head: str


class Audit:
    """Adds entries to the log and reads them; the database refuses to change them."""

    def __init__(self, state: State, settings: Settings) -> None:
        self._state = state
        self._person = person(settings)

    def record(self, event: str, subject: str, **rest: Any) -> AuditEntry:
        """Add an entry in its own transaction, with the arguments of `add`."""
        with self._state.exclusive(LOCK) as connection:
            return self.add(connection, event, subject, **rest)

    def add(
        self,
        connection: sa.Connection,
        event: str,
        subject: str,
        *,
        reason: str = "",
        details: Mapping[str, Any] | None = None,
        person: str = "",
    ) -> AuditEntry:
        """Add an entry in a transaction that holds `LOCK`, so that processes take turns.

        Parameters
        ----------
        details : mapping
            Further details, as JSON values.
        person : str
            Who did it; by default PATROLIQ_USER, else the operating-system user.
        """
        stored = json.loads(canonical(details or {}))
        happened = datetime.now(UTC).isoformat(timespec="microseconds")
        last = connection.execute(
            sa.select(table.c.sequence, table.c.hash).order_by(table.c.sequence.desc()).limit(1)
        ).first()
        sequence, previous = (last.sequence + 1, last.hash) if last else (1, FIRST)
        unsigned = AuditEntry(
            sequence,
            happened,
            person or self._person,
            _login(),
            event,
            subject,
            reason,
            stored,
            previous,
            "",
        )
        entry = AuditEntry(**{**asdict(unsigned), "hash": unsigned.digest()})
        connection.execute(sa.insert(table).values({**asdict(entry), "details": canonical(stored)}))
        return entry

    def entries(self, after: int = 0) -> Iterator[AuditEntry]:
        """Read all entries after a sequence number, oldest first, a thousand at a time."""
        while True:
            statement = (
                sa.select(table)
                .where(table.c.sequence > after)
                .order_by(table.c.sequence)
                .limit(CHUNK)
            )
            with self._state.engine.connect() as connection:
                rows = connection.execute(statement).mappings().all()
            for row in rows:
                yield _entry(row)
            if len(rows) < CHUNK:
                return
            after = rows[-1]["sequence"]

    def latest(self, number: int, event: str = "") -> list[AuditEntry]:
        """The newest entries, newest first; only those of `event` if given."""
        statement = sa.select(table).order_by(table.c.sequence.desc()).limit(number)
        if event:
            statement = statement.where(table.c.event == event)
        with self._state.engine.connect() as connection:
            return [_entry(row) for row in connection.execute(statement).mappings()]

    def verify(self, expect: str = "") -> Verified:
        """Verify the whole chain.

        Parameters
        ----------
        expect : str
            A hash noted earlier, which must still be in the chain.

        Raises
        ------
        IntegrityError
            The chain is broken; the message names the first wrong entry.
        """
        previous, count, seen = FIRST, 0, not expect
        for entry in self.entries():
            count += 1
            fault = _fault(entry, count, previous)
            if fault:
                raise IntegrityError(
                    f"The audit log is broken at entry {entry.sequence} ({entry.happened}, "
                    f"{entry.event}): {fault}. Earlier entries are intact; compare with an export."
                )
            previous = entry.hash
            seen = seen or entry.hash == expect
        if not seen:
            raise IntegrityError(
                f"The audit log has {count} intact entries, but none with the hash {expect}: "
                "entries were cut off its end, or the log was rewritten."
            )
        return Verified(count, previous)


def record(settings: Settings, event: str, subject: str, **rest: Any) -> AuditEntry:
    """Add one entry from a command, which opens the state database for it."""
    with closing(State(settings)) as state:
        return retry_while_busy(Audit(state, settings).record, event, subject, **rest)


def retry_while_busy(write: Callable[..., Done], *facts: Any, **rest: Any) -> Done:
    """Call `write`; while another process holds the database, retry for a minute."""
    retrying = Retrying(
        retry=retry_if_exception_type(StateBusyError),
        stop=stop_after_delay(PATIENCE_S),
        reraise=True,
    )
    return retrying(write, *facts, **rest)


@contextmanager
def recorded(
    settings: Settings,
    event: str,
    subject: str,
    *,
    failed: str = NOT_DONE,
    **rest: Any,
) -> Iterator[None]:
    """Record an action before it runs, so that no action is missing from the log.

    If it then fails, an entry `failed` says so. If that cannot be written either, the log has an
    action that did not happen, which is the lesser evil.

    Raises
    ------
    StateError
        The entry cannot be written; the action does not run.
    """
    record(settings, event, subject, **rest)
    try:
        yield
    except BaseException as error:
        details = {"of": event, "error": str(error)}
        with suppress(PatrolIQError):  # the action's own error is raised below
            record(settings, failed, subject, details=details)
        raise


def person(settings: Settings) -> str:
    """The person to name in the log: PATROLIQ_USER, else the operating-system user."""
    return settings.user or _login()


def canonical(value: Any) -> str:
    """JSON with sorted keys and no spaces: the same value always gives the same text."""
    return json.dumps(
        value, sort_keys=True, ensure_ascii=False, separators=(",", ":"), allow_nan=False
    )


def _fault(entry: AuditEntry, expected: int, previous: str) -> str:
    if entry.sequence != expected:
        return f"entry {expected} is missing"
    if entry.previous != previous:
        return "it does not follow the previous entry"
    if entry.digest() != entry.hash:
        return "its content was changed"
    return ""


def _entry(row: sa.RowMapping) -> AuditEntry:
    try:
        details = json.loads(row["details"])
    except json.JSONDecodeError:
        details = {"unreadable": row["details"]}
    return AuditEntry(**{**row, "details": details})


def _login() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a container's user without an entry in /etc/passwd
        return "unknown"
