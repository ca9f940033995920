"""Which feeds fail, as a web worker tells it: looked up at most every few seconds."""

from __future__ import annotations

import time
from collections.abc import Callable

from analytics.state import State
from analytics.sync.feed_state import FeedState

LOOKS_EVERY_S = 5.0
WITHIN_S = 86_400.0
"""The last run of a feed that is still asked is no older."""


class FailingFeeds:
    """Names of feeds that failed at their last run, until a run succeeds.

    Parameters
    ----------
    state : State
    clock : callable
        Seconds that only grow.
    """

    def __init__(self, state: State, clock: Callable[[], float] = time.monotonic) -> None:
        self._feeds = FeedState(state)
        self._clock = clock
        self._looked: tuple[float, tuple[str, ...]] | None = None

    @property
    def names(self) -> tuple[str, ...]:
        """Such as `incidents portal`.

        Raises
        ------
        StateError
            The state database cannot be read.
        """
        now, looked = self._clock(), self._looked
        if looked is None or now - looked[0] >= LOOKS_EVERY_S:
            looked = self._looked = (now, self._feeds.failing(WITHIN_S))
        return looked[1]
