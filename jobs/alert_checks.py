"""Queues a check of watch lists when other data is served than was checked last.

Also once a day without new data, as a feed that stopped brings none, and when a digest is still to
be sent.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime

import sqlalchemy as sa

from analytics.outbox.channels import channels
from analytics.outbox.deliveries import is_due
from analytics.settings import Settings
from analytics.state import State
from analytics.state_tables import alert_checks, deliveries
from jobs.due_commands import DueCommand

COMMAND = ("alerts", "check")
AGAIN_S = 86_400.0


class AlertChecks(DueCommand):
    """Looks whether a check is due."""

    COMMAND = COMMAND
    AT_ONCE = True

    def __init__(
        self, state: State, settings: Settings, clock: Callable[[], float] = time.time
    ) -> None:
        super().__init__(state, settings, clock)
        self._channels = channels(settings)

    def _is_due(self, connection: sa.Connection, served: str, now: float) -> bool:
        newest = sa.select(alert_checks).order_by(alert_checks.c.id.desc()).limit(1)
        last = connection.execute(newest).mappings().first()
        if last is None or last["snapshot"] != served:
            return True
        checked = datetime.fromisoformat(last["at"]).timestamp()
        offered = deliveries.c.channel.in_(self._channels)
        unsent = sa.select(deliveries.c.id).where(offered, is_due(now)).limit(1)
        is_recent = 0 <= now - checked < AGAIN_S  # not so after the clock was set back
        return not is_recent or connection.execute(unsent).first() is not None
