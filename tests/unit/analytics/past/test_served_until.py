"""Until when a snapshot was served: by the audit log, else by the snapshot made next."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing

import pytest

from analytics.access_notes import NewEntry
from analytics.artifacts.decisions import PROMOTED
from analytics.audit import LOCK, Audit
from analytics.errors import InputError
from analytics.incidents.manifest import Manifest, SourceInfo
from analytics.incidents.snapshot_events import PUBLISHED, REPAIRED, RETRACTED, ROLLED_BACK
from analytics.past.served_until import served_until
from analytics.settings import Settings
from analytics.state import State

SOURCE = SourceInfo("town", "Town", "UTC", "incident")
MADE = [
    Manifest(id, f"2026-11-0{day}T00:00:00", 1, "1", SOURCE, 0, None, None, None, "EPSG:32616")
    for day, id in enumerate(("a", "b", "c"), start=1)
]


@pytest.fixture
def audit(settings: Settings) -> Iterator[Audit]:
    with closing(State(settings)) as state:
        yield Audit(state, settings)


def log(audit: Audit, *entries: tuple[int, str, str, dict[str, str]]) -> None:
    """Entries by day, event, subject and details."""
    with audit._state.exclusive(LOCK) as connection:
        audit.append(
            connection,
            [
                NewEntry(event, subject, details=details, happened=f"2026-11-{day:02d}T08:00:00")
                for day, event, subject, details in entries
            ],
        )


def until(audit: Audit, snapshot: str) -> int:
    return int(served_until(snapshot, MADE, audit)[0][8:10])


def test_it_ends_with_the_next_that_is_served(audit: Audit) -> None:
    log(
        audit,
        (11, PUBLISHED, "a", {}),
        (12, PUBLISHED, "b", {}),
        (13, ROLLED_BACK, "old calls", {"kind": "calls"}),
        (14, REPAIRED, "a", {}),
        (15, ROLLED_BACK, "b", {"kind": "incidents"}),
        (16, RETRACTED, "", {}),
    )
    assert not served_until("a", MADE, audit)[1]
    assert until(audit, "a") == 15  # served twice: until the end of the last time
    assert until(audit, "b") == 16


def test_a_promotion_ends_it_with_the_decision_and_not_with_the_labels(audit: Audit) -> None:
    log(
        audit,
        (10, PROMOTED, "zones_kmeans 1", {}),
        (11, PUBLISHED, "a", {}),
        (12, PROMOTED, "zones_kmeans 2", {}),
        (13, PROMOTED, "zones_kmeans 3", {}),
        (14, PUBLISHED, "b", {"labels": "zones_kmeans 3", "before": "a"}),
        (15, PUBLISHED, "c", {"labels": "zones_kmeans 4", "before": "b"}),
    )
    assert until(audit, "a") == 13
    assert until(audit, "b") == 15  # no decision since: labels that a repair published


def test_without_entries_the_snapshot_made_next_tells(audit: Audit) -> None:
    assert served_until("a", MADE, audit)[1], "it says that this is the latest it can be"
    assert until(audit, "a") == 2
    assert until(audit, "b") == 3
    for snapshot in ("c", "gone"):
        with pytest.raises(InputError):
            served_until(snapshot, MADE, audit)
