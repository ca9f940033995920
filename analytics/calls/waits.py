"""How long callers wait: percentiles of each step by priority, and what they leave out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum, unique

import numpy as np
import polars as pl

from analytics.calls.filters import WAITS, CallQuestion
from analytics.calls.tables import MEASURED, OPEN
from analytics.incidents.model import UNKNOWN
from analytics.statistics.survival import Percentile, percentiles

SHARES = (0.5, 0.8, 0.9)
FEWEST = 20
"""Measured calls below which a priority has no percentiles."""


@unique
class Wait(StrEnum):
    """A step that a caller waits for."""

    QUEUE = "queue"  # received to dispatched
    TRAVEL = "travel"  # dispatched to on scene
    RESPONSE = "response"  # received to on scene


@dataclass(frozen=True)
class PriorityWait:
    """Percentiles (seconds) of one step for calls of one priority.

    Attributes
    ----------
    priority
        As the agency writes it; None for all priorities together.
    measured, open
        Calls whose step ended, and those in which it had not when they were last heard of, which
        count as longer than that.
    percentiles
        By `SHARES`; empty with fewer than `FEWEST` measured calls.
    """

    wait: Wait
    priority: str | None
    measured: int
    open: int
    percentiles: tuple[Percentile, ...]


@dataclass(frozen=True)
class Waits:
    """One step: all priorities together, then each, and the calls left out by why."""

    wait: Wait
    rows: tuple[PriorityWait, ...]
    left_out: Mapping[str, int]

    @property
    def any(self) -> bool:
        """Whether any call has this step measured."""
        return any(row.measured for row in self.rows)


def waits(question: CallQuestion, wait: Wait) -> Waits:
    """One step of the calls of a selection."""
    chosen = question.dropped(WAITS)
    found = question.frame("waits", WAITS, chosen.params, measure=wait.value, chosen=chosen.sql)
    timed = found.filter(pl.col("seconds").is_not_null())
    named = timed.with_columns(pl.col("priority").fill_null(UNKNOWN))
    by_priority = sorted(named.partition_by("priority", as_dict=True).items())
    rows = [
        _wait(wait, None, timed.filter("chosen")),
        *(_wait(wait, str(priority), own) for (priority,), own in by_priority),
    ]
    rest = found.filter(pl.col("seconds").is_null() & pl.col("chosen"))
    states = (
        rest.group_by("state").agg(pl.sum("calls")).sort("calls", "state", descending=[True, False])
    )
    return Waits(wait, tuple(rows), dict(states.iter_rows()))


def _wait(wait: Wait, priority: str | None, counted: pl.DataFrame) -> PriorityWait:
    by_second = counted.group_by("seconds").agg(
        pl.col("calls").filter(pl.col("state") == OPEN).sum().alias("open"),
        pl.col("calls").filter(pl.col("state") == MEASURED).sum().alias("measured"),
    )
    measured, still_open = int(by_second["measured"].sum()), int(by_second["open"].sum())
    found: tuple[Percentile, ...] = ()
    if measured >= FEWEST:
        seconds = by_second["seconds"].to_numpy().astype(np.float64)
        found = percentiles(seconds, by_second["measured"], by_second["open"], SHARES)
    return PriorityWait(wait, priority, measured, still_open, found)
