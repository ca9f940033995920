"""Hours in phrases: every range of whole hours, in three ways of writing."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics.ask.hours import hours_at
from analytics.ask.tokens import read_phrase

HOURS = st.integers(0, 23)


def read(text: str) -> tuple[int, ...]:
    phrase = read_phrase(text)
    found = hours_at(phrase, 0)
    assert found is not None
    assert found.end == len(phrase.tokens)
    return found.hours


@settings(deadline=None)
@given(HOURS, HOURS)
def test_a_range_has_the_hours_from_its_start_to_its_end(first: int, last: int) -> None:
    expected, hour = [], first
    while hour != last:
        expected.append(hour)
        hour = (hour + 1) % 24
    assert read(f"{first:02d}:00-{last:02d}:00") == tuple(expected)
    assert read(f"from {_spoken(first)} to {_spoken(last)}") == tuple(expected)
    assert read(f"between {first:02d}:00 and {last:02d}:00") == tuple(expected)


@settings(deadline=None)
@given(HOURS)
def test_an_hour_is_the_full_hour_that_begins_then(hour: int) -> None:
    assert read(_spoken(hour)) == (hour,)
    assert read(f"{hour:02d}:00") == (hour,)


@pytest.mark.parametrize(
    ("text", "first", "end"),
    [("between midnight and dawn", 0, 6), ("before sunrise", 0, 6), ("after dusk", 18, 24)],
)
def test_dawn_and_dusk_are_at_six(text: str, first: int, end: int) -> None:
    assert read(text) == tuple(range(first, end))


def test_dark_lasts_from_dusk_to_dawn() -> None:
    assert sorted(read("after dark")) == [*range(6), *range(18, 24)]


def _spoken(hour: int) -> str:
    return f"{hour % 12 or 12} {'am' if hour < 12 else 'pm'}"
