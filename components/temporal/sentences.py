"""Sentences of the Temporal page. Each claim has an interval or a test."""

from __future__ import annotations

from collections.abc import Sequence

from analytics.formats import (
    clock_time,
    hour_name,
    number,
    numbers,
    percent,
    short_date,
    short_weekday,
    signed_percent,
    signed_percents,
)
from analytics.statistics.two_periods import Comparison
from analytics.temporal.aoristic import Aoristic
from analytics.temporal.change_points import ChangePoint
from analytics.temporal.circular import Circular
from analytics.temporal.deviation import LEVEL, Homogeneity
from analytics.temporal.out_of_year import FEWEST_YEARS, OutOfYear
from components.frame.significance import NOT_SIGNIFICANT, SIGNIFICANT, WORDS

BROAD_H = 6.0
"""Spread from which the mean hour says little."""
WEAK, STRONG = 0.3, 0.6
"""Out-of-year R² between which trend and season are moderate."""


def circular_words(found: Circular) -> str:
    """The mean hour with its interval and spread."""
    if not found.incidents:
        return "No incident has a known hour."
    if found.p_uniform > LEVEL or found.low_h is None or found.high_h is None:
        return "No preferred time of day: incidents are spread evenly, or peak at opposite hours."
    text = (
        f"Mean {clock_time(found.mean_h)} ({clock_time(found.low_h)} to "
        f"{clock_time(found.high_h)}), spread {number(found.sd_h, 1)} hours."
    )
    if found.sd_h >= BROAD_H:
        text += " Incidents occur throughout the day, so the mean says little."
    return text


LEAST_LEVEL = 1.0
"""Incidents per step before a change, below which its percentage is omitted."""
DAYS_OF_MONTH = 30


def change_sentence(change: ChangePoint, starts: Sequence[object], unit: str) -> str:
    """Time, size and p-value of a change of level."""
    word = "up" if change.change > 0 else "down"
    at, first, last = (
        short_date(starts[min(step, len(starts) - 1)])  # type: ignore[arg-type]
        for step in (change.at, change.earliest, change.latest)
    )
    by = ""
    if change.before * (DAYS_OF_MONTH if unit == "a day" else 1) >= LEAST_LEVEL:
        by = f" {percent(abs(change.change), 0)} ({signed_percents(change.low, change.high)}),"
    return (
        f"{at} ({first} to {last}): {word}{by} from {numbers(change.before, change.after, 1)} "
        f"{unit}; {p_value(change.p)}."
    )


def p_value(p: float) -> str:
    """`p = 0.007`, `p ≤ 0.001`."""
    return f"p = {number(p, 3)}" if p > 0.00105 else "p ≤ 0.001"


def out_of_year_words(found: OutOfYear | None) -> str:
    """How well trend and season predict each year from the others."""
    if found is None:
        return f"Trend and season are not tested: that needs {FEWEST_YEARS} complete years."
    parts = (("season", found.season), ("straight trend", found.trend))
    words = ", ".join(f"{name} {_strong(one)} (R² {number(one, 2)})" for name, one in parts)
    return (
        f"{found.years} years, each predicted from the others: {words}. "
        "An out-of-year R² of 0 or below predicts nothing."
    )


def _strong(value: float) -> str:
    if value <= 0:
        return "none"
    return "strong" if value >= STRONG else "weak" if value < WEAK else "moderate"


def shape_words(hours: Homogeneity | None, weekdays: Homogeneity | None) -> str:
    """Whether the distributions over hours and weekdays differ."""
    parts = []
    for name, found in (("hours of the day", hours), ("weekdays", weekdays)):
        if found is None:
            parts.append(f"{name}: too few to tell")
        else:
            parts.append(
                f"{name}: {'differ, ' + SIGNIFICANT if found.p <= LEVEL else NOT_SIGNIFICANT}"
            )
    return f"{'; '.join(parts).capitalize()}."


def total_words(found: Comparison, before: str) -> str:
    """The change of the total, and whether it is significant."""
    change = "" if found.change is None else f" ({signed_percent(found.change)})"
    return (
        f"{number(found.now)} now, {number(found.before)} {before}{change}: {WORDS[found.verdict]}."
    )


def aoristic_words(found: Aoristic, on: bool) -> str:
    """Effect of aoristic weights on the hours."""
    if not found.incidents:
        return ""
    spans = (
        f"{number(found.over_an_hour)} of {number(found.incidents)} incidents have a time span "
        "of more than an hour"
    )
    if on:
        return (
            f"{spans}; spread over it (aoristic), {percent(found.moved, None)} of the weight "
            "moves to other hours."
        )
    return (
        f"{spans}; spread over it (aoristic), {percent(found.moved, None)} of the weight would "
        "move to other hours."
    )


def weekday_hour(day: int, hour: int) -> str:
    """`Fri 10 PM`."""
    return f"{short_weekday(day)} {hour_name(hour)}"
