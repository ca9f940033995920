"""Changes that analysts make to the places of a plan."""

from __future__ import annotations

import pytest

from analytics.errors import InputError
from analytics.patrol.place_edits import (
    AddedPlace,
    LeftOutPlace,
    PlaceAction,
    PlaceChange,
    PlaceEdits,
    with_changes,
)

BLOCKS = {"004XX MADISON": (41.88, -87.64), "007XX CLARK": (41.9, -87.63)}
MADISON, CLARK = BLOCKS


def change(*given: PlaceChange, edits: PlaceEdits | None = None) -> PlaceEdits:
    return with_changes(edits or PlaceEdits(), given, "why", BLOCKS.get)


def test_a_place_is_added_moved_and_taken_back() -> None:
    added = change(PlaceChange(PlaceAction.ADD, " High  school ", (41.87, -87.6)))
    assert added.added == (AddedPlace("High school", 41.87, -87.6),)
    assert added.demanded == {"High school"}
    moved = change(PlaceChange(PlaceAction.MOVE, "High school", (41.86, -87.6)), edits=added)
    assert moved.added == (AddedPlace("High school", 41.86, -87.6),)
    assert added.differing(moved) == {"High school"}
    assert not change(PlaceChange(PlaceAction.UNPIN, "High school"), edits=moved)


def test_a_block_is_moved_by_leaving_it_out() -> None:
    found = change(PlaceChange(PlaceAction.MOVE, MADISON, (41.881, -87.64)))
    assert found.left_out == (LeftOutPlace(MADISON, 41.88, -87.64, "Moved: why"),)
    assert found.added == (AddedPlace(f"{MADISON} (moved)", 41.881, -87.64),)


def test_a_block_is_pinned_or_left_out_but_not_both() -> None:
    pinned = change(PlaceChange(PlaceAction.PIN, MADISON), PlaceChange(PlaceAction.PIN, CLARK))
    assert pinned.pinned == (MADISON, CLARK)
    left = change(PlaceChange(PlaceAction.LEAVE_OUT, MADISON), edits=pinned)
    assert left.pinned == (CLARK,)
    assert left.left_out == (LeftOutPlace(MADISON, 41.88, -87.64, "why"),)
    with pytest.raises(InputError, match="restore it first"):
        change(PlaceChange(PlaceAction.PIN, MADISON), edits=left)
    restored = change(PlaceChange(PlaceAction.RESTORE, MADISON), edits=left)
    assert restored == PlaceEdits(pinned=(CLARK,))


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (PlaceChange(PlaceAction.PIN, "NOWHERE"), "NOWHERE"),
        (PlaceChange(PlaceAction.LEAVE_OUT, "NOWHERE"), "NOWHERE"),
        (PlaceChange(PlaceAction.UNPIN, MADISON), "neither pinned nor added"),
        (PlaceChange(PlaceAction.RESTORE, MADISON), "not left out"),
        (PlaceChange(PlaceAction.ADD, MADISON, (41.0, -87.0)), "already a place"),
        (PlaceChange(PlaceAction.ADD, "School"), "Say where"),
        (PlaceChange(PlaceAction.ADD, "School", (141.0, -87.0)), "degrees"),
        (PlaceChange(PlaceAction.ADD, "  ", (41.0, -87.0)), "Name the place"),
        (PlaceChange(PlaceAction.ADD, "a\u202eb", (41.0, -87.0)), "not shown"),
    ],
)
def test_what_is_not_possible_is_said(given: PlaceChange, words: str) -> None:
    with pytest.raises(InputError, match=words):
        change(given)
