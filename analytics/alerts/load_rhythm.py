"""How often loads bring new incidents, and whether the next one is overdue."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise

from analytics.incidents.manifest import Batch

FEWEST_LOADS = 5
PAUSES = 20
SLACK = 1.5
LEAST = timedelta(hours=36)


@dataclass(frozen=True)
class Overdue:
    """Nothing new came since `last`, in UTC, though it `usual`ly comes within that time."""

    last: datetime
    usual: timedelta


def loads_of(batches: Sequence[Batch]) -> list[datetime]:
    """When loads brought incidents, in UTC, oldest first."""
    times = (datetime.fromisoformat(one.ingested_at) for one in batches if one.accepted)
    return sorted(one if one.tzinfo else one.replace(tzinfo=UTC) for one in times)


def longest_wait(loads: Sequence[datetime]) -> timedelta | None:
    """How long after a load the next one is overdue; None with too few loads to tell."""
    if len(loads) < FEWEST_LOADS:
        return None
    recent = loads[-PAUSES - 1 :]
    pauses = [later - earlier for earlier, later in pairwise(recent)]
    return max(SLACK * max(pauses), LEAST)


def overdue(batches: Sequence[Batch], now: datetime) -> Overdue | None:
    """Since when new incidents are missing; None if they are not, or too few loads tell."""
    loads = loads_of(batches)
    usual = longest_wait(loads)
    if usual is None or now - loads[-1] <= usual:
        return None
    return Overdue(loads[-1], usual)
