"""Queues a search for series when other data is served than was searched last."""

from __future__ import annotations

import sqlalchemy as sa

from analytics.state import series_runs
from jobs.due_commands import DueCommand


class SeriesProposals(DueCommand):
    """Looks whether a search is due."""

    COMMAND = ("series", "propose")

    def _is_due(self, connection: sa.Connection, served: str, now: float) -> bool:  # noqa: ARG002
        newest = sa.select(series_runs.c.snapshot).order_by(series_runs.c.id.desc()).limit(1)
        return connection.execute(newest).scalar() != served
