"""Labels of the map's classes."""

from __future__ import annotations

from analytics.statistics.class_breaks import class_labels


def test_counts_are_whole_so_that_classes_do_not_touch() -> None:
    assert class_labels([1, 5, 6]) == ["1-4", "5", "6 or more"]


def test_shares_lie_between_the_breaks_too() -> None:
    assert class_labels([1, 5, 10], shares=True) == ["under 5", "5 to 10", "10 or more"]
    assert class_labels([1], shares=True) == ["any"]
