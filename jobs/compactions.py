"""Queues the compaction of raw rows once an hour, where there are many loads."""

from __future__ import annotations

import time
from collections.abc import Callable

import sqlalchemy as sa

from analytics.incidents.packed_loads import may_pack
from analytics.settings import Settings
from analytics.sources.record_kinds import RECORD_KINDS
from analytics.state import State
from jobs.regular_commands import RegularCommand


class Compactions(RegularCommand):
    """Compacts an hour after the last time."""

    COMMAND = ("compact",)
    AGAIN_S = 3_600.0

    def __init__(
        self, state: State, settings: Settings, clock: Callable[[], float] = time.time
    ) -> None:
        super().__init__(state, settings, clock)
        self._folders = [settings.home / kind.home / "raw" for kind in RECORD_KINDS.values()]

    def _is_due(self, connection: sa.Connection, served: str, now: float) -> bool:
        return super()._is_due(connection, served, now) and any(map(may_pack, self._folders))
