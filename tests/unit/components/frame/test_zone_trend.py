"""The trend of a zone in words."""

from __future__ import annotations

from components.frame.zone_trend import zone_trend_words


def test_a_trend_stands_beside_what_was_expected() -> None:
    profile = {
        "trend_now": 14, "trend_before": 9, "trend": "not_significant",
        "trend_expected": 9.14, "trend_low": 5, "trend_high": 15,
    }  # fmt: skip
    assert zone_trend_words(profile) == (
        "Trend (training data): 14 in 28 days, 9.1 expected (5 to 15), not significant."
    )


def test_the_days_before_are_given_where_nothing_is_expected() -> None:
    profile = {
        "trend_now": 2,
        "trend_before": 0,
        "trend": "too_few_incidents",
        "trend_expected": None,
    }
    assert zone_trend_words(profile) == (
        "Trend (training data): 2 in 28 days, 0 in the 28 before, too few to test."
    )


def test_without_a_trend_the_reason_is_said() -> None:
    untold = {"trend_now": None, "trend_before": None, "trend": "base_not_covered"}
    assert zone_trend_words(untold) == (
        "Trend (training data): The data starts after the earlier period."
    )
    assert zone_trend_words({}) == ""
