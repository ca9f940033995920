"""What is to be sent, and what became of it.

A delivery is added in the transaction that makes its content, so none is forgotten. It is noted as
sending before it is sent, and as sent after it. A process that dies in between, or an answer that
does not arrive, leaves it unknown whether the other side took it; it is sent again with the same
message id. So each is taken at least once, or given up after `MOST_ATTEMPTS`.
"""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum, unique
from typing import Any

import sqlalchemy as sa

from analytics.audit import canonical
from analytics.errors import PatrolIQError
from analytics.state import State
from analytics.state_tables import deliveries as table

log = logging.getLogger(__name__)
LOCK = 0x5061_6F62
MOST_ATTEMPTS = 8
AGAIN_S = 600.0
"""From a failed attempt to the next, times the number of attempts."""
ABANDONED_S = 900.0
"""From the start of an attempt; longer than any takes."""


@unique
class DeliveryState(StrEnum):
    """How far a delivery is."""

    WAITING = "waiting"
    SENDING = "sending"
    SENT = "sent"
    GIVEN_UP = "given_up"


@dataclass(frozen=True)
class Delivery:
    """One message by one channel.

    Attributes
    ----------
    message : id of the message, the same at each attempt
    content : what it is made from
    tried, sent : seconds since 1970
    """

    id: int
    channel: str
    message: str
    content: Mapping[str, Any]
    state: DeliveryState
    attempts: int
    tried: float | None
    sent: float | None
    error: str


Sender = Callable[[Delivery], None]
"""Sends a delivery, or raises a `PatrolIQError`."""


class Deliveries:
    """Adds deliveries and sends those that are due."""

    def __init__(self, state: State, clock: Callable[[], float] = time.time) -> None:
        self._state = state
        self._clock = clock

    @staticmethod
    def add(
        connection: sa.Connection, channel: str, message: str, content: Mapping[str, Any]
    ) -> None:
        """Add a delivery, in the transaction that makes its content."""
        values = {
            "channel": channel,
            "message": message,
            "content": canonical(content),
            "state": str(DeliveryState.WAITING),
            "attempts": 0,
            "error": "",
        }
        connection.execute(sa.insert(table).values(values))

    def send_due(self, senders: Mapping[str, Sender]) -> list[Delivery]:
        """Send what is due by the channels that are given; returns what was tried."""
        tried = []
        while (taken := self._take(list(senders))) is not None:
            try:
                senders[taken.channel](taken)
            except PatrolIQError as error:
                self._note_failure(taken, str(error))
            except Exception as error:
                # Whatever one delivery does, those after it are sent.
                log.exception("delivery %s failed", taken.id)
                self._note_failure(taken, type(error).__name__)
            else:
                self._note(taken, state=str(DeliveryState.SENT), sent=self._clock(), error="")
            tried.append(self._get(taken.id))
        return tried

    def last_of(self, channels: Sequence[str]) -> list[Delivery]:
        """The newest delivery of each channel that has one."""
        newest = (
            sa.select(sa.func.max(table.c.id))
            .where(table.c.channel.in_(channels))
            .group_by(table.c.channel)
        )
        statement = sa.select(table).where(table.c.id.in_(newest)).order_by(table.c.channel)
        with self._state.engine.connect() as connection:
            return [_delivery(row) for row in connection.execute(statement).mappings()]

    def newest(self, number: int = 50) -> list[Delivery]:
        """The newest deliveries, newest first."""
        statement = sa.select(table).order_by(table.c.id.desc()).limit(number)
        with self._state.engine.connect() as connection:
            return [_delivery(row) for row in connection.execute(statement).mappings()]

    def _take(self, channels: list[str]) -> Delivery | None:
        """Note the oldest due delivery as sending; no other process takes it then."""
        now = self._clock()
        with self._state.exclusive(LOCK) as connection:
            spent = table.c.attempts >= MOST_ATTEMPTS
            gone = sa.update(table).where(_is_abandoned(now), spent)
            error = "The process died each time it was sent."
            connection.execute(gone.values(state=str(DeliveryState.GIVEN_UP), error=error))
            due = sa.select(table).where(table.c.channel.in_(channels), is_due(now))
            row = connection.execute(due.order_by(table.c.id).limit(1)).mappings().first()
            if row is None:
                return None
            found = _delivery(row)
            values = {
                "state": str(DeliveryState.SENDING),
                "attempts": found.attempts + 1,
                "tried": now,
            }
            connection.execute(sa.update(table).where(table.c.id == found.id).values(values))
            return _delivery({**row, **values})

    def _note_failure(self, taken: Delivery, error: str) -> None:
        spent = taken.attempts >= MOST_ATTEMPTS
        state = DeliveryState.GIVEN_UP if spent else DeliveryState.WAITING
        self._note(taken, state=str(state), error=error)

    def _note(self, taken: Delivery, **values: Any) -> None:
        with self._state.exclusive(LOCK) as connection:
            connection.execute(sa.update(table).where(table.c.id == taken.id).values(values))

    def _get(self, delivery: int) -> Delivery:
        with self._state.engine.connect() as connection:
            row = connection.execute(sa.select(table).where(table.c.id == delivery)).mappings()
            return _delivery(row.one())


def is_due(now: float) -> sa.ColumnElement[bool]:
    """Condition on deliveries that are to be sent now."""
    again = table.c.tried + AGAIN_S * table.c.attempts <= now
    set_back = table.c.tried > now  # the clock, since then
    return sa.or_(
        sa.and_(table.c.state == "waiting", sa.or_(table.c.tried.is_(None), again, set_back)),
        _is_abandoned(now),
    )


def _is_abandoned(now: float) -> sa.ColumnElement[bool]:
    tried = table.c.tried.between(now - ABANDONED_S, now + ABANDONED_S)
    return sa.and_(table.c.state == "sending", ~tried)


def _delivery(row: Mapping[str, Any] | sa.RowMapping) -> Delivery:
    values: dict[str, Any] = dict(row)
    values["content"] = json.loads(values["content"])
    return Delivery(**{**values, "state": DeliveryState(values["state"])})
