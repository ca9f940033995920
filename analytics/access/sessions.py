"""Sessions of people who signed in, kept on the server so that they can be listed and ended.

The browser has a random token in a cookie; the database has only its hash.
"""

from __future__ import annotations

import hashlib
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, replace

import sqlalchemy as sa

from analytics.one_line import one_line
from analytics.settings import Settings
from analytics.state import State
from analytics.state_tables import sessions as table

NOTED_EVERY_S = 30.0
"""The use of a session is written no more often than this."""
LONGEST_BROWSER = 200


@dataclass(frozen=True)
class Session:
    """One session; times are seconds since 1970. `id` is the hash of the token."""

    id: str
    person: int
    started: float
    used: float
    locked: bool
    address: str
    browser: str
    method: str


class Sessions:
    """Opens, finds, locks and ends sessions."""

    def __init__(
        self, state: State, settings: Settings, clock: Callable[[], float] = time.time
    ) -> None:
        self._state = state
        self._idle_s = settings.idle_minutes * 60
        self._longest_s = settings.session_hours * 3600
        self._kept_s = (settings.days_kept("sessions") or 0) * 86_400
        self._clock = clock

    def open(self, person: int, method: str, address: str = "", browser: str = "") -> str:
        """Open a session; returns the token for the cookie."""
        token, now = secrets.token_urlsafe(32), self._clock()
        with self._state.engine.begin() as connection:
            connection.execute(sa.delete(table).where(table.c.ended < now - self._kept_s))
            connection.execute(
                sa.insert(table).values(
                    id=_hash(token),
                    person=person,
                    started=now,
                    used=now,
                    locked=False,
                    address=one_line(address),
                    browser=one_line(browser)[:LONGEST_BROWSER],
                    method=method,
                )
            )
        return token

    def find(self, token: str) -> Session | None:
        """The session of a token unless it ended; locked if it was not used for long."""
        now = self._clock()
        with self._state.engine.connect() as connection:
            found = connection.execute(
                _open(now - self._longest_s).where(table.c.id == _hash(token))
            )
            row = found.mappings().first()
        if row is None:
            return None
        session = _session(row)
        if not session.locked and now - session.used > self._idle_s:
            return self._locked(session)
        return session

    def use(self, session: Session) -> None:
        """Note that a session is being used."""
        now = self._clock()
        if now - session.used >= NOTED_EVERY_S:
            with self._state.engine.begin() as connection:
                connection.execute(
                    sa.update(table).where(table.c.id == session.id).values(used=now)
                )

    def lock(self, token: str) -> None:
        """Lock a session until its person gives the password again."""
        session = self.find(token)
        if session is not None:
            self._locked(session)

    def unlock(self, token: str) -> str | None:
        """Continue a locked session under a new token; None if it has ended."""
        session, renewed, now = self.find(token), secrets.token_urlsafe(32), self._clock()
        if session is None:
            return None
        with self._state.engine.begin() as connection:
            own = sa.update(table).where(table.c.id == session.id, table.c.ended.is_(None))
            connection.execute(own.values(id=_hash(renewed), locked=False, used=now))
        return renewed

    def end(self, token: str) -> None:
        """End the session of a token."""
        self.end_by_id(_hash(token))

    def end_by_id(self, id: str) -> None:
        """End a session that a list named."""
        with self._state.engine.begin() as connection:
            ending = sa.update(table).where(table.c.id == id, table.c.ended.is_(None))
            connection.execute(ending.values(ended=self._clock()))

    def of(self, person: int) -> list[Session]:
        """Open sessions of a person, the newest first."""
        statement = _open(self._clock() - self._longest_s).where(table.c.person == person)
        with self._state.engine.connect() as connection:
            rows = connection.execute(statement.order_by(table.c.started.desc())).mappings()
            return [_session(row) for row in rows]

    def _locked(self, session: Session) -> Session:
        with self._state.engine.begin() as connection:
            own = sa.update(table).where(table.c.id == session.id)
            connection.execute(own.values(locked=True))
        return replace(session, locked=True)


def _open(after: float) -> sa.Select[tuple[object, ...]]:
    return sa.select(table).where(table.c.ended.is_(None), table.c.started > after)


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _session(row: sa.RowMapping) -> Session:
    return Session(
        row["id"],
        row["person"],
        row["started"],
        row["used"],
        bool(row["locked"]),
        row["address"],
        row["browser"],
        row["method"],
    )
