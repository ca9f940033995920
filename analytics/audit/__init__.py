"""The audit log: who did what, when and why, in a chain of hashes signed with a key.

A changed, removed or inserted entry breaks the chain from there on (`analytics.audit.chain`). The
key is outside the database (`analytics.audit.key`), so that nobody can write another chain with
the database alone, and so is the newest hash (`analytics.audit.anchor`), so that entries cut off
the end are noticed too.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, TypeVar

import sqlalchemy as sa
from tenacity import Retrying, retry_if_exception_type, stop_after_delay

from analytics.access_notes import NewEntry, current_origin
from analytics.acting import login, person
from analytics.audit.anchor import AuditAnchor
from analytics.audit.chain import FIRST, KEYED, AuditEntry, Link, canonical
from analytics.audit.key import AuditKeyError, AuditKeys, key_id, new_secret
from analytics.audit.search import AuditSearch
from analytics.errors import InputError, IntegrityError, PatrolIQError
from analytics.settings import Settings
from analytics.state import State, StateBusyError
from analytics.state_tables import audit as table

__all__ = ["FIRST", "AuditEntry", "canonical"]

LOCK = 0x5061_7564
CHUNK = 1_000
PATIENCE_S = 60
NOT_DONE = "act.failed"  # the action of an earlier entry failed
PRUNED = "audit.pruned"  # entries up to the one it names were removed, see `audit.retention`
ACCEPTED = "audit.accepted"  # somebody answers for a log that its anchor does not match
_NEWEST = (
    sa.select(table.c.sequence, table.c.hash, table.c.key)
    .order_by(table.c.sequence.desc())
    .limit(1)
)
Done = TypeVar("Done")
_LOG = logging.getLogger(__name__)


@dataclass(frozen=True)
class Verified:
    """A verified chain: its number of entries, and the newest hash to note elsewhere.

    Attributes
    ----------
    after
        Number of the entry before the first verified one, such as the last one that was removed
        after its time; 0 if all were verified.
    signed
        Whether a key signed the newest entry.
    """

    entries: int
    head: str
    after: int = 0
    signed: bool = False


class Audit:
    """Adds entries to the log and reads them; the database refuses to change them."""

    def __init__(self, state: State, settings: Settings) -> None:
        self._state = state
        self._person = person(settings)
        self._keys = AuditKeys(settings)
        self._anchor = AuditAnchor(settings)

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
        """Add an entry in a transaction of `State.exclusive` with `LOCK`; then note it outside.

        Parameters
        ----------
        details : mapping
            Further details, as JSON values.
        person : str
            Who did it; by default who signed in, PATROLIQ_USER or the operating-system user.
        """
        self._state.after_commit(connection, self.anchor)
        new = NewEntry(event, subject, reason, details or {}, person)
        return self.append(connection, [new])[-1]

    def append(self, connection: sa.Connection, new: Sequence[NewEntry]) -> list[AuditEntry]:
        """Add entries in a transaction that holds `LOCK`; the caller calls `anchor` after it.

        In a log that an earlier version began, an entry before them says that a key signs now.

        Raises
        ------
        AuditKeyError
            The key that signed the newest entry is missing.
        """
        link = _last(connection)
        key, secret = self._signing_key(link)
        begins = link.sequence and not link.key
        found = []
        for one in [*([NewEntry(KEYED, "key")] if begins else []), *new]:
            found.append(self._signed(one, link, key, secret))
            link = Link.of(found[-1])
        _insert(connection, found)
        return found

    def rotate(self, reason: str) -> AuditEntry:
        """Sign with a new key from now on; earlier keys stay to verify what they signed.

        Raises
        ------
        InputError
            There is no reason.
        """
        _require_reason(reason)
        with self._state.exclusive(LOCK) as connection:
            self._state.after_commit(connection, self.anchor)
            last = _last(connection)
            if not last.key:
                self._first_key(last)
            secret = new_secret()
            self._keys.add(secret)
            entry = self._signed(NewEntry(KEYED, "key", reason), last, key_id(secret), secret)
            _insert(connection, [entry])
            return entry

    def anchor(self) -> None:
        """Note the newest entry outside the database, unless the log does not match the anchor.

        An anchor that cannot be written is logged: the entries are stored all the same.
        """
        try:
            with self._anchor.locked():
                fault, last = self._compared()
                if fault:
                    _LOG.error("the audit log does not match its anchor: %s", fault)
                    return
                if last.key:
                    self._state.sync()
                    self._anchor.note(last, self._keys.read()[last.key])
        except (OSError, PatrolIQError) as error:
            _LOG.error("the anchor of the audit log cannot be written: %s", error)

    def accept(self, reason: str) -> AuditEntry:
        """Anchor the log as it is, such as after a backup was restored, and say so in it.

        Raises
        ------
        InputError
            There is no reason.
        IntegrityError
            The chain itself is broken.
        """
        _require_reason(reason)
        self._verify_chain()
        entry = self.record(ACCEPTED, "anchor", reason=reason, details={"fault": self.fault()})
        with self._anchor.locked():
            with self._state.engine.connect() as connection:
                last = _last(connection)
            self._state.sync()
            self._anchor.note(last, self._keys.read()[last.key])
        return entry

    def fault(self) -> str:
        """Why the log does not match its anchor; empty if it does. The chain is not verified."""
        return self._compared()[0]

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

    def found(self, search: AuditSearch, number: int, before: int = 0) -> list[AuditEntry]:
        """The newest entries that match, newest first; only those before a sequence if given."""
        statement = sa.select(table).where(*search.conditions())
        if before:
            statement = statement.where(table.c.sequence < before)
        statement = statement.order_by(table.c.sequence.desc()).limit(number)
        with self._state.engine.connect() as connection:
            return [_entry(row) for row in connection.execute(statement).mappings()]

    def all_found(self, search: AuditSearch) -> Iterator[AuditEntry]:
        """All entries that match, newest first, a thousand at a time."""
        before = 0
        while entries := self.found(search, CHUNK, before):
            yield from entries
            before = entries[-1].sequence

    def events(self) -> list[str]:
        """Every event that the log has, in the order of the alphabet."""
        statement = sa.select(table.c.event).distinct().order_by(table.c.event)
        with self._state.engine.connect() as connection:
            return [*connection.execute(statement).scalars()]

    def verify(self, expect: str = "", newest: int | None = None) -> Verified:
        """Verify the chain, and that the log matches its anchor.

        Parameters
        ----------
        expect : str
            A hash noted earlier, which must still be in the chain.
        newest : int
            How many entries to verify, from the newest back; by default all.

        Raises
        ------
        IntegrityError
            The chain is broken, and the message names the first wrong entry; or entries were cut
            off its end, or the log was rewritten.
        """
        found = self._verify_chain(expect, newest)
        if fault := self.fault():
            raise IntegrityError(fault)
        return found

    def _verify_chain(self, expect: str = "", newest: int | None = None) -> Verified:
        keys = self._keys.read()
        with self._state.engine.connect() as connection:
            start = _pruned(connection)
            if newest is not None:
                start = _link_at(connection, _last(connection).sequence - newest) or start
        link, count, seen = start, 0, not expect
        # From the very first one if all are verified: none may be left before the removed ones.
        for entry in self.entries(start.sequence if newest is not None else 0):
            count += 1
            if fault := link.fault(entry, keys):
                raise IntegrityError(
                    f"The audit log is broken at entry {entry.sequence} ({entry.happened}, "
                    f"{entry.event}): {fault}. Earlier entries are intact; compare with an export."
                )
            link = Link.of(entry)
            seen = seen or entry.hash == expect
        if not seen:
            raise IntegrityError(
                f"The audit log has {count} intact entries, but none with the hash {expect}: "
                "entries were cut off its end, or the log was rewritten."
            )
        return Verified(count, link.hash, start.sequence, bool(link.key))

    def _compared(self) -> tuple[str, Link]:
        """Why log and anchor do not match, and the newest entry."""
        keys, name = self._keys.read(), self._anchor.path.name
        noted = self._anchor.read(keys)  # before the entries, which others may add meanwhile
        with self._state.engine.connect() as connection:
            last = _last(connection)
            if not keys:
                missing = f"The key of the audit log, {self._keys.path.name}, is missing."
                return (missing if last.key else ""), last
            if noted is None:
                fault = f"The anchor of the audit log, {name}, is missing."
            elif not noted.signed:
                fault = f"The anchor of the audit log, {name}, is not signed with its key."
            elif noted.link.sequence > last.sequence:
                fault = (
                    f"The audit log ends at entry {last.sequence}, but its anchor notes entry "
                    f"{noted.link.sequence}: entries were cut off its end, or an older database "
                    "was restored."
                )
            elif noted.link.hash != _hash_at(connection, noted.link.sequence):
                fault = (
                    f"Entry {noted.link.sequence} of the audit log is not the one that its anchor "
                    "notes: the log was rewritten."
                )
            else:
                return "", last
        return f"{fault} Compare the log with an export; see `patroliq audit accept`.", last

    def _signing_key(self, last: Link) -> tuple[str, bytes]:
        """Id and key that sign the next entry."""
        if not last.key:
            return self._first_key(last)
        keys = self._keys.read()
        if last.key not in keys:
            raise AuditKeyError(
                f"The audit log is signed with the key {last.key}, which is not in "
                f"{self._keys.path.name}. Restore that file from a backup, or copy it from "
                "another machine of this installation. Nothing was written."
            )
        return last.key, keys[last.key]

    def _first_key(self, last: Link) -> tuple[str, bytes]:
        """The newest key. The first one is made here, after an anchor of the log as it is.

        So a key without an anchor means that somebody removed the anchor.
        """
        if known := self._keys.read():
            return [*known.items()][-1]
        secret = new_secret()
        key = key_id(secret)
        with self._anchor.locked():
            self._anchor.note(replace(last, key=key), secret)
        self._keys.add(secret)
        return key, secret

    def _signed(self, new: NewEntry, last: Link, key: str, secret: bytes) -> AuditEntry:
        origin = current_origin()
        unsigned = AuditEntry(
            sequence=last.sequence + 1,
            happened=new.happened or datetime.now(UTC).isoformat(timespec="microseconds"),
            person=new.person or self._person,
            login=login(),
            event=new.event,
            subject=new.subject,
            reason=new.reason,
            details=json.loads(canonical(new.details)),
            outcome=new.outcome,
            address=new.address or (origin.address if origin else ""),
            key=key,
            previous=last.hash,
            hash="",
        )
        return replace(unsigned, hash=unsigned.digest(secret))


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


def _require_reason(reason: str) -> None:
    if not reason.strip():
        raise InputError("Give a reason: it goes to the audit log.")


def _last(connection: sa.Connection) -> Link:
    """The newest entry."""
    row = connection.execute(_NEWEST).first()
    return Link(*row) if row else Link()


def newest_details(connection: sa.Connection, event: str) -> dict[str, Any] | None:
    """Details of the newest entry of an event; None if there is none."""
    statement = sa.select(table.c.details).where(table.c.event == event)
    found = connection.execute(statement.order_by(table.c.sequence.desc()).limit(1)).scalar()
    return None if found is None else dict(json.loads(found))


def _pruned(connection: sa.Connection) -> Link:
    """The last entry that was removed after its time, as the entry about it says."""
    about = newest_details(connection, PRUNED)
    return Link(about["through"], about["hash"], about["key"]) if about else Link()


def _link_at(connection: sa.Connection, sequence: int) -> Link | None:
    statement = sa.select(table.c.sequence, table.c.hash, table.c.key)
    row = connection.execute(statement.where(table.c.sequence == sequence)).first()
    return Link(*row) if row else None


def _hash_at(connection: sa.Connection, sequence: int) -> str:
    """The hash of an entry, also of the last removed one; empty if there is none."""
    found = _link_at(connection, sequence) or _pruned(connection)
    return found.hash if found.sequence == sequence else ""


def _insert(connection: sa.Connection, entries: Sequence[AuditEntry]) -> None:
    rows = [{**vars(entry), "details": canonical(entry.details)} for entry in entries]
    connection.execute(sa.insert(table), rows)


def _entry(row: sa.RowMapping) -> AuditEntry:
    try:
        details = json.loads(row["details"])
    except json.JSONDecodeError:
        details = {"unreadable": row["details"]}
    return AuditEntry(**{**row, "details": details})
