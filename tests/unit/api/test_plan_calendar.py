"""Lines of a calendar: folded at 75 octets, text escaped, times in UTC over a change of clocks."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from analytics.patrol.place_edits import PlaceEdits
from analytics.patrol.plan_content import PlannedUnit
from analytics.patrol.stored_plans import PlanVersion
from api.plan_calendar import calendar_text, escaped, folded
from tests.unit.analytics.patrol.test_stored_plans import CONTENT, REQUEST, VISIT


def test_long_lines_are_folded_by_octets_and_unfold_to_the_same() -> None:
    for line in ("x" * 75, "x" * 76, "SUMMARY:" + "Straße é " * 40):
        parts = list(folded(line))
        assert all(len(part.encode()) <= 75 for part in parts)
        assert all(part.startswith(" ") for part in parts[1:])
        assert parts[0] + "".join(part[1:] for part in parts[1:]) == line
    assert list(folded("x" * 75)) == ["x" * 75]


def test_marks_of_the_format_are_escaped() -> None:
    assert escaped("a;b,c\\d\ne") == "a\\;b\\,c\\\\d\\ne"
    assert escaped("a\rb\r\nc") == "a\\nb\\nc"


def test_times_follow_the_clock_of_the_day() -> None:
    """Chicago is five hours behind UTC until November 1, 2026, 2:00, and six after it."""
    visits = (replace(VISIT, arrive="23:00"), replace(VISIT, arrive="03:00"))
    content = replace(CONTENT, units=(PlannedUnit(1, "001", visits),))
    request = replace(REQUEST, day=date(2026, 10, 31))
    version = PlanVersion(
        1, 2, "2026-10-30T12:00:00+00:00", "a", "why", "s1", request, PlaceEdits(), content
    )
    text = calendar_text(version, content.units, "America/Chicago")
    starts = [line for line in text.split("\r\n") if line.startswith("DTSTART")]
    assert starts == ["DTSTART:20261101T040000Z", "DTSTART:20261101T090000Z"]
    assert "SEQUENCE:1" in text
    assert "CANCELLED" not in text


def test_a_stop_that_only_an_earlier_version_has_is_cancelled() -> None:
    """Its UID is that of the earlier version, with a higher SEQUENCE."""
    later = replace(VISIT, arrive="23:00")
    before = replace(CONTENT, units=(PlannedUnit(1, "001", (VISIT, later)),))
    first = PlanVersion(
        1, 1, "2026-10-19T12:00:00+00:00", "a", "why", "s1", REQUEST, PlaceEdits(), before
    )
    now = replace(first, version=2, content=CONTENT)
    text = calendar_text(now, CONTENT.units[:1], "America/Chicago", [first])
    kept, gone = text.split("BEGIN:VEVENT")[1:]
    assert "UID:plan-1-unit-1-stop-1@" in kept
    assert "STATUS:CONFIRMED" in kept
    for line in ("UID:plan-1-unit-1-stop-2@", "SEQUENCE:1", "STATUS:CANCELLED", "DTSTART:20261021"):
        assert line in gone
