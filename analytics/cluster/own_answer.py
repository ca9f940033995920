"""The way back: what the cluster cannot answer, this machine does."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from typing import TypeVar

from analytics.cluster.connection import ClusterError

Answer = TypeVar("Answer")
REST_S = 30.0
"""Time in which a cluster that failed is not asked again about the same snapshot."""
_LOG = logging.getLogger(__name__)


class OrOwnAnswer:
    """Asks the cluster about one snapshot, and lets it rest after a failure."""

    def __init__(self, snapshot_id: str) -> None:
        self._snapshot_id = snapshot_id
        self._resting_until = float("-inf")

    @property
    def is_resting(self) -> bool:
        return time.monotonic() < self._resting_until

    def ask(self, question: Callable[[], Answer]) -> Answer | None:
        """The cluster's answer; None if this machine should answer."""
        if self.is_resting:
            return None
        try:
            return question()
        except ClusterError as error:
            self._resting_until = time.monotonic() + REST_S
            _LOG.warning(
                "snapshot %s is answered on this machine for %.0f s, the cluster failed: %s",
                self._snapshot_id,
                REST_S,
                error,
            )
            return None
