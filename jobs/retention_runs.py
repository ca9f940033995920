"""Queues the rules of retention once a day."""

from __future__ import annotations

from jobs.regular_commands import RegularCommand


class RetentionRuns(RegularCommand):
    """Applies them a day after they were last applied."""

    COMMAND = ("retention",)
    AGAIN_S = 86_400.0
