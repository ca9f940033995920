"""Sentences of the Temporal page: each from its numbers, none without interval or test."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pytest

from analytics.statistics.two_periods import Comparison, Significance
from analytics.temporal.aoristic import Aoristic
from analytics.temporal.change_points import ChangePoint
from analytics.temporal.circular import Circular
from analytics.temporal.deviation import Homogeneity
from analytics.temporal.out_of_year import OutOfYear
from analytics.temporal.peaks import HourWindow, WeeklyPeak
from analytics.temporal.weekly_hours import WeeklyHours
from components.frame.peaks import no_peaks, peak_sentence, window_name
from components.temporal.sentences import (
    aoristic_words,
    change_sentence,
    circular_words,
    clock_time,
    out_of_year_words,
    shape_words,
    total_words,
)

MONDAY = date(2024, 1, 1)
EVENING = Circular(
    100.0, mean_h=20.47, low_h=19.9, high_h=21.04, resultant=0.6, sd_h=3.9, p_uniform=1e-9
)


@pytest.mark.parametrize(
    ("hours", "text"),
    [(20.47, "8:28 PM"), (0.0, "12:00 AM"), (23.999, "12:00 AM"), (7.5, "7:30 AM")],
)
def test_hours_are_said_as_a_clock_shows_them(hours: float, text: str) -> None:
    assert clock_time(hours) == text


def test_the_mean_hour_has_its_interval_and_spread() -> None:
    assert circular_words(EVENING) == "Mean 8:28 PM (7:54 PM to 9:02 PM), spread 3.9 hours."


def test_a_mean_that_says_little_is_said_to() -> None:
    assert circular_words(replace(EVENING, sd_h=7.0)).endswith("the mean says little.")


@pytest.mark.parametrize("change", [{"p_uniform": 0.2}, {"low_h": None, "high_h": None}])
def test_without_a_preferred_hour_no_mean_is_named(change: dict[str, None]) -> None:
    said = circular_words(replace(EVENING, **change))
    assert said.startswith("No preferred time of day")
    assert not any(letter.isdigit() for letter in said)


@pytest.mark.parametrize(
    ("window", "name"),
    [
        (HourWindow((5,), 22, 4), "Fridays 10 PM–2 AM"),
        (HourWindow((6, 7), 0, 3), "Saturdays and Sundays midnight–3 AM"),
        (HourWindow((1, 2, 3, 4, 5), 8, 2), "Mondays to Fridays 8–10 AM"),
        (HourWindow((1, 2, 3, 4, 5, 6, 7), 20, 4), "Every day 8 PM–midnight"),
    ],
)
def test_windows_are_named_by_days_and_hours(window: HourWindow, name: str) -> None:
    assert window_name(window) == name


def test_a_peak_says_what_it_holds_in_how_much_of_the_week() -> None:
    peak = WeeklyPeak(HourWindow((5,), 22, 4), 0.071, 0.062, 0.081, 4 / 168, 1_204, 0.001)
    assert peak_sentence(peak) == "Fridays 10 PM–2 AM carry 7.1% (6.2 to 8.1%) in 2.4% of the week."


def complete(weeks: int, incidents: int) -> WeeklyHours:
    counts = np.zeros((weeks, 168), np.int64)
    counts.reshape(-1)[:1] = incidents
    last = MONDAY + timedelta(days=7 * weeks - 1)
    return WeeklyHours(counts, MONDAY, (MONDAY, last))


def test_without_peaks_what_was_counted_and_where_is_said() -> None:
    days = (date(2024, 1, 1), date(2024, 1, 27))
    need = (
        "Peaks need 16 complete weeks (Monday to Sunday, without incomplete recent days) and "
        "100 incidents in them. "
    )
    assert no_peaks(complete(0, 0), days, chosen=True, every=False) == (
        need + "The chosen days, Jan 1 to 27, 2024, hold no complete week."
    )
    assert no_peaks(complete(3, 8_187), days, chosen=True, every=True) == (
        need + "The chosen days, Jan 1 to 27, 2024, hold 3 complete weeks with 8,187 incidents "
        "of known hour, filters on hour and weekday left out."
    )
    assert no_peaks(complete(1, 1), days, chosen=False, every=False) == (
        need + "The data, Jan 1 to 27, 2024, holds 1 complete week with 1 incident of known hour."
    )
    assert no_peaks(complete(20, 400), days, chosen=False, every=False) == (
        "In 20 complete weeks, Jan 1 to May 19, 2024: no time of the week is a significant peak."
    )


@pytest.mark.parametrize(("at", "day"), [(1, "Jan 8, 2024"), (2, "Jan 15, 2024")])
def test_a_change_names_day_size_interval_and_chance(at: int, day: str) -> None:
    starts = [date(2024, 1, 1), date(2024, 1, 8), date(2024, 1, 15)]
    change = ChangePoint(
        at, 0, 9, before=200.0, after=150.0, change=-0.25, low=-0.31, high=-0.18, p=0.001
    )
    assert change_sentence(change, starts, "a week") == (
        f"{day} (Jan 1, 2024 to Jan 15, 2024): down 25% (−31 to −18%), from 200.0 to 150.0 a week; "
        "p ≤ 0.001."
    )


def test_totals_are_judged_and_never_a_bare_percentage() -> None:
    found = Comparison(90, 120, -0.25, -2.9, 1.0, 20, Significance.SIGNIFICANT)
    assert total_words(found, "a year earlier") == (
        "90 now, 120 a year earlier (−25%): significant."
    )
    assert "%" not in total_words(replace(found, before=0, change=None), "a year earlier")


def test_shapes_are_tested_or_said_to_be_too_few() -> None:
    differ, alike = Homogeneity(99.0, 23, 1.2, 1e-6), Homogeneity(5.0, 6, 1.2, 0.6)
    assert shape_words(differ, alike) == (
        "Hours of the day: differ, significant; weekdays: not significant."
    )
    assert "weekdays: too few to tell" in shape_words(differ, None)


def test_trend_and_season_are_named_beside_their_numbers() -> None:
    said = out_of_year_words(OutOfYear(trend=0.7, season=0.2, years=4))
    assert said.startswith("4 years")
    assert "season weak (R² 0.20), straight trend strong (R² 0.70)" in said
    assert "straight trend none" in out_of_year_words(OutOfYear(trend=0.0, season=0.4, years=3))
    assert "3 complete years" in out_of_year_words(None)


def test_the_switch_says_what_it_changes() -> None:
    starts, weights = np.zeros((7, 24)), np.zeros((7, 24))
    starts[0, 8], weights[0, 8:12] = 4.0, 1.0
    found = Aoristic(weights, starts, incidents=4, spans=4, over_an_hour=3, without_end=0)
    assert aoristic_words(found, on=True) == (
        "3 of 4 incidents have a time span of more than an hour; spread over it (aoristic), "
        "75% of the weight moves to other hours."
    )
    assert "would move to other hours" in aoristic_words(found, on=False)
