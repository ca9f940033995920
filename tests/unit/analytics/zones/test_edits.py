"""Edits of zones are replayed from rows that are only ever added."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
import sqlalchemy as sa

from analytics.audit import Audit
from analytics.errors import InputError
from analytics.settings import Settings
from analytics.state import State
from analytics.zones.edits import MOST_ADDED, ZoneEdits

MODEL = "zones_kmeans"
SQUARE = "41.88,-87.65;41.89,-87.65;41.89,-87.63;41.88,-87.63"


@pytest.fixture
def state(settings: Settings) -> Iterator[State]:
    state = State(settings)
    yield state
    state.close()


@pytest.fixture
def edits(state: State, settings: Settings) -> ZoneEdits:
    return ZoneEdits(state, replace(settings, user="analyst"))


def test_the_newest_name_counts_and_undo_returns_to_the_one_before(edits: ZoneEdits) -> None:
    edits.rename(MODEL, 7, "3", "Madison", "officers call it so")
    second = edits.rename(MODEL, 7, "3", "Madison and 4th", "two of them")
    assert edits.of(MODEL, 7).names["3"].name == "Madison and 4th"
    edits.undo(MODEL, 7, second.id)
    assert edits.of(MODEL, 7).names["3"].name == "Madison"


def test_an_edit_belongs_to_its_version_and_an_added_zone_to_the_model(edits: ZoneEdits) -> None:
    edits.rename(MODEL, 7, "3", "Madison", "known as")
    edits.suppress(MODEL, 7, "4", "the stadium is closed")
    added = edits.add(MODEL, 7, "Market square", SQUARE, "festival")
    later = edits.of(MODEL, 8)
    assert later.names == {}
    assert later.suppressed == {}
    assert [zone.name for zone in later.added] == ["Market square"]
    assert edits.of("zones_dbscan", 7).added == ()
    edits.rename(MODEL, 8, f"added-{added.id}", "Old market", "new name")
    assert [zone.name for zone in edits.of(MODEL, 9).added] == ["Old market"]


def test_a_suppressed_zone_comes_back_by_undo(edits: ZoneEdits) -> None:
    row = edits.suppress(MODEL, 7, "4", "not a place to patrol")
    assert set(edits.of(MODEL, 7).suppressed) == {"4"}
    edits.undo(MODEL, 7, row.id, "it is one again")
    assert edits.of(MODEL, 7).suppressed == {}
    with pytest.raises(InputError, match="no longer exists"):
        edits.undo(MODEL, 7, row.id)


def test_who_when_and_why_are_kept_in_the_row_and_in_the_audit_log(
    edits: ZoneEdits, state: State, settings: Settings
) -> None:
    row = edits.add(MODEL, 7, "  Market   square ", SQUARE, "festival")
    assert (row.name, row.person, row.reason) == ("Market square", "analyst", "festival")
    edits.undo(MODEL, 7, row.id)
    audit = Audit(state, settings)
    audit.verify()
    assert [entry.event for entry in audit.entries()] == ["zone.add", "zone.undo"]
    assert next(audit.entries()).details["polygon"] == row.polygon


def test_rows_cannot_be_changed_or_removed(edits: ZoneEdits, state: State) -> None:
    edits.suppress(MODEL, 7, "4", "why")
    for statement in ("DELETE FROM zone_edits", "UPDATE zone_edits SET reason = 'other'"):
        with pytest.raises(sa.exc.IntegrityError, match="append-only"), state.engine.begin() as one:
            one.execute(sa.text(statement))
    assert edits.of(MODEL, 7).suppressed["4"].reason == "why"


@pytest.mark.parametrize(
    ("name", "polygon", "reason", "words"),
    [
        ("", SQUARE, "r", "name that officers know"),
        ("n" * 81, SQUARE, "r", "at most 80"),
        ("n", "", "r", "polygon|area"),
        ("n", "41.88,-87.65", "r", "3|corners"),
        ("n", SQUARE, "  ", "reason"),
        ("a\u202eb", SQUARE, "r", "not shown"),
        ("n", SQUARE, "a\x00b", "not shown"),
    ],
)
def test_what_is_missing_is_said(
    edits: ZoneEdits, name: str, polygon: str, reason: str, words: str
) -> None:
    with pytest.raises(InputError, match=words):
        edits.add(MODEL, 7, name, polygon, reason)
    assert edits.rows(MODEL) == []


def test_there_are_so_many_added_zones_and_no_more(edits: ZoneEdits) -> None:
    for number in range(MOST_ADDED):
        edits.add(MODEL, 7, f"Place {number}", SQUARE, "r")
    with pytest.raises(InputError, match="remove one"):
        edits.add(MODEL, 7, "One more", SQUARE, "r")
