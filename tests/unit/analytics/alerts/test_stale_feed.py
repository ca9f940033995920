"""When a feed is stale follows the agency's own loads."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from analytics.alerts.load_rhythm import Overdue, loads_of, longest_wait, overdue
from analytics.incidents.manifest import Batch

START = datetime(2026, 1, 5, 6, tzinfo=UTC)


def batch(at: datetime, accepted: int = 1) -> Batch:
    return Batch("b", at.isoformat(), (), accepted, accepted, 0, 0)


@pytest.mark.parametrize(
    ("days", "limit"),
    [
        ([0, 1, 2, 3, 4], timedelta(hours=36)),  # every day
        ([0, 1, 2, 3, 4, 7, 8, 9], timedelta(days=4.5)),  # not at weekends
        ([0, 7, 14, 21, 28], timedelta(days=10.5)),  # every week
        ([0, 0.1, 0.2, 0.3, 0.4], timedelta(hours=36)),
        ([0, 7, 14, 21], None),
        ([0, 90, *range(91, 112)], timedelta(hours=36)),  # a pause long ago
    ],
)
def test_what_is_usual_is_the_longest_recent_pause(
    days: list[float], limit: timedelta | None
) -> None:
    loads = loads_of([batch(START + timedelta(days=one)) for one in days])
    assert longest_wait(loads) == limit


def test_loads_without_incidents_are_not_counted() -> None:
    batches = [batch(START + timedelta(days=one), accepted=one % 2) for one in range(8)]
    assert len(loads_of(batches)) == 4


def test_a_feed_is_overdue_after_half_as_long_again_as_usual() -> None:
    batches = [batch(START + timedelta(days=2 * one)) for one in range(6)]
    last = START + timedelta(days=10)
    assert overdue(batches, last + timedelta(days=3)) is None
    assert overdue(batches, last + timedelta(days=3, hours=1)) == Overdue(last, timedelta(days=3))
    assert overdue(batches[:4], last + timedelta(days=300)) is None
