"""Which version a rollback returns to, told from promotions, rollbacks and failures alone."""

from __future__ import annotations

import pytest

from analytics.artifacts.decisions import champion_before
from analytics.audit import Entry

NAME = "zones_kmeans"
EVENTS = {"p": "model.promoted", "r": "model.rolled_back", "f": "model.promotion_failed"}


def log(story: str, name: str = NAME) -> list[Entry]:
    """`p1 p2 r1` → entries, newest first."""
    return [
        Entry(number, "", "", "", EVENTS[step[0]], f"{name} {step[1:]}", "", {}, "", "")
        for number, step in enumerate(story.split(), 1)
    ][::-1]


@pytest.mark.parametrize(
    ("story", "current", "before"),
    [
        ("p1", 1, None),
        ("p1 p2", 2, 1),
        ("p1 p2 p3", 3, 2),
        ("p1 p2 p3 r2", 2, 1),
        ("p1 p2 p3 r2 r1", 1, None),
        ("p1 p2 r1", 1, None),
        ("p1 p2 r1 p2", 2, 1),
        ("p1 p2 p1", 1, 2),
        ("p1 p2 p1 r2", 2, 1),
        ("p1 p2 p1 r2 r1", 1, None),
        ("p1 p2 p3 f3", 2, 1),  # promoted and could not be
        ("p1 p2 p3 r2 f2", 3, 2),  # rolled back and could not be
        ("p1 p2 p3", 2, 1),  # killed after the third was logged
        ("p1 p2 p2", 2, 1),  # promoted again
        ("", 1, None),
        ("p1 p2", 7, None),  # an alias that was moved past the log
    ],
)
def test_a_rollback_takes_the_last_standing_promotion_back(
    story: str, current: int, before: int | None
) -> None:
    assert champion_before(log(story), NAME, current) == before


def test_other_models_have_a_story_of_their_own() -> None:
    entries = log("p1 p2") + log("p3 p4 p5", "zones_dbscan")
    assert champion_before(entries, NAME, 2) == 1
    assert champion_before(entries, "zones_dbscan", 5) == 4
