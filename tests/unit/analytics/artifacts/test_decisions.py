"""Which promotions hold, told from promotions, rollbacks and failures in the audit log alone."""

from __future__ import annotations

import pytest

from analytics.artifacts.decisions import promotions_in_force, version_of
from analytics.audit import AuditEntry

NAME = "zones_kmeans"
EVENTS = {"p": "model.promoted", "r": "model.rolled_back", "f": "model.promotion_failed"}


def log(story: str, name: str = NAME) -> list[AuditEntry]:
    """`p1 p2 r1` → entries, newest first."""
    return [
        AuditEntry(number, "", "", "", EVENTS[step[0]], f"{name} {step[1:]}", "", {}, "", "")
        for number, step in enumerate(story.split(), 1)
    ][::-1]


def versions(entries: list[AuditEntry], champion: int | None, name: str = NAME) -> list[int]:
    return [version_of(entry) for entry in promotions_in_force(entries, name, champion)]


@pytest.mark.parametrize(
    ("story", "champion", "expected"),
    [
        ("p1", 1, [1]),
        ("p1 p2 p3", 3, [1, 2, 3]),
        ("p1 p2 p3 r2", 2, [1, 2]),
        ("p1 p2 p3 r2 r1", 1, [1]),
        ("p1 p2 r1 p2", 2, [1, 2]),
        ("p1 p2 p1", 1, [1, 2, 1]),
        ("p1 p2 p1 r2", 2, [1, 2]),
        ("p1 p2 p1 r2 r1", 1, [1]),
        ("p1 p2 p3 f3", 2, [1, 2]),  # promoted and could not be
        ("p1 p2 p3 r2 f2", 3, [1, 2, 3]),  # rolled back and could not be
        ("p1 p2 p3", 2, [1, 2]),  # killed after the third was logged
        ("p1 p2 p3", None, [1, 2, 3]),  # champion.json is lost
        ("", 1, []),
        ("p1 p2", 7, []),  # a champion the log does not know
    ],
)
def test_a_rollback_takes_the_last_standing_promotion_back(
    story: str, champion: int | None, expected: list[int]
) -> None:
    assert versions(log(story), champion) == expected


def test_other_models_have_a_story_of_their_own() -> None:
    entries = log("p1 p2") + log("p3 p4 p5", "zones_dbscan")
    assert versions(entries, 2) == [1, 2]
    assert versions(entries, 5, "zones_dbscan") == [3, 4, 5]
