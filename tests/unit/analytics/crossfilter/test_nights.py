"""Which hours of a range belong to the evening before."""

from __future__ import annotations

import pytest

from analytics.crossfilter.clauses import Hours, HourWeekdays
from analytics.crossfilter.nights import DayClock, after_midnight, with_nights_expanded
from analytics.crossfilter.selection import Selection
from components.frame.figures.hours import HoursSelected


@pytest.mark.parametrize(
    ("hours", "start_hour", "late"),
    [
        ((22, 23, 0, 1, 2), 0, {0, 1, 2}),
        ((22, 23, 0, 1, 2), 6, set()),  # of the evening's operational day already
        ((22, 23, 0, 1, 2), 1, {1, 2}),  # the day starts within the night
        ((23, 0, 1, 6, 7), 0, {0, 1}),
        ((0, 1, 2), 0, set()),
        ((0, 1, 2, 22), 0, set()),
        (tuple(range(24)), 0, set()),
        ((22, 23, 0, None), 0, {0}),
        ((*range(18, 24), *range(6)), 0, set(range(6))),
        ((*range(18, 24), *range(7)), 0, set()),  # more than half a day is no night
        ((*range(12), *range(13, 24)), 0, set()),  # a day but for noon
    ],
)
def test_hours_after_midnight_are_those_of_a_range_that_passes_it(
    hours: tuple[int | None, ...], start_hour: int, late: set[int]
) -> None:
    assert after_midnight(Selection((("hour", Hours(hours)),)), DayClock(start_hour)) == late


NIGHT = {"Night": (22, 23, *range(6)), "Day": range(6, 14), "Late": (*range(14, 24), 0, 1)}


@pytest.mark.parametrize(
    ("text", "day_start", "late"),
    [
        ("shift=Night", 0, set(range(6))),
        ("shift=Night", 6, set()),
        ("shift=Night", 2, {2, 3, 4, 5}),
        ("shift=Day", 0, set()),
        ("shift=Day,Night", 0, set(range(6))),  # each shift is of the day on which it begins
        ("shift=Late", 0, {0, 1}),
        ("shift=Night&hour=1-2", 0, set(range(6))),  # a part of the same night
        ("shift=Day&hour=22-02", 0, set()),
        ("shift=Other", 0, set()),
    ],
)
def test_a_shift_that_passes_midnight_belongs_to_the_day_on_which_it_begins(
    text: str, day_start: int, late: set[int]
) -> None:
    assert after_midnight(Selection.parse(text), DayClock(day_start, NIGHT)) == late


def test_the_weekday_of_a_night_is_written_out_once() -> None:
    chosen = Selection.parse("hour=22-02&weekday=7,unknown")
    counted = with_nights_expanded(chosen, {0, 1, 2})
    pairs = counted.get("weekday")
    assert isinstance(pairs, HourWeekdays)
    assert {(7, 22), (7, 23), (1, 0), (1, 1), (1, 2), (7, None), (None, 1)} <= set(pairs.keys)
    assert not {(7, 0), (7, 2), (1, 22)} & set(pairs.keys)
    assert with_nights_expanded(counted, {0, 1, 2}) == counted
    assert with_nights_expanded(chosen, ()) == chosen


def test_the_cells_of_a_night_lie_on_two_days() -> None:
    words = {"hours": frozenset({"22", "23", "0", "1"}), "weekdays": frozenset({"5"})}
    night = HoursSelected(**words, late=frozenset({0, 1}))
    chosen = {(day, at) for day in range(1, 8) for at in range(24) if night.has(day, at)}
    assert chosen == {(5, 22), (5, 23), (6, 0), (6, 1)}
