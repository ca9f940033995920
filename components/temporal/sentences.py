"""Sentences of the Temporal page, made from numbers alone. No claim without interval or test."""

from __future__ import annotations

from collections.abc import Sequence

from analytics.statistics.change import Comparison
from analytics.temporal.aoristic import Aoristic
from analytics.temporal.change_points import ChangePoint
from analytics.temporal.circular import Circular
from analytics.temporal.deviation import LEVEL, Homogeneity
from components.frame.peaks import percent
from components.frame.significance import NOT_SIGNIFICANT, SIGNIFICANT, WORDS
from components.frame.variables import WEEKDAYS, number, short_date

BROAD_H = 6.0
"""Spread from which a mean hour is said to mean little."""
WEAK, STRONG = 0.3, 0.6
"""Strengths of trend and season between which they are called moderate."""


def clock_time(hours: float) -> str:
    """`20:28` of 20.47 hours."""
    minutes = round(hours * 60) % (24 * 60)
    return f"{minutes // 60:02d}:{minutes % 60:02d}"


def circular_words(found: Circular) -> str:
    """The mean hour with its interval and what the spread means."""
    if not found.incidents:
        return "No incident has a known hour."
    if found.p_uniform > LEVEL or found.low_h is None or found.high_h is None:
        return (
            "No preferred time of day: incidents spread over the clock as chance would, or peak at "
            "opposite hours."
        )
    text = (
        f"Mean {clock_time(found.mean_h)} ({clock_time(found.low_h)} to "
        f"{clock_time(found.high_h)}), spread {found.sd_h:.1f} h."
    )
    if found.sd_h >= BROAD_H:
        text += " Incidents lie all over the day; the mean alone says little."
    return text


LEAST_LEVEL = 1.0
"""Incidents a step before, below which a change in percent says nothing."""
DAYS_OF_MONTH = 30


def change_sentence(change: ChangePoint, starts: Sequence[object], unit: str) -> str:
    """What changed, by how much, when and how likely by chance."""
    word = "up" if change.change > 0 else "down"
    at, first, last = (
        short_date(starts[min(step, len(starts) - 1)])  # type: ignore[arg-type]
        for step in (change.at, change.earliest, change.latest)
    )
    by = ""
    if change.before * (DAYS_OF_MONTH if unit == "a day" else 1) >= LEAST_LEVEL:
        by = (
            f" {abs(100 * change.change):.0f} % "
            f"({100 * change.low:+.0f} to {100 * change.high:+.0f} %),"
        )
    return (
        f"{at} ({first} to {last}): {word}{by} from "
        f"{number(change.before, 1)} to {number(change.after, 1)} {unit}; "
        f"by chance in {chance(change.p)} of unchanging series."
    )


def chance(p: float) -> str:
    """`less than 0.1 %`, `0.7 %`."""
    return f"{100 * p:.1f} %" if p > 0.00105 else "0.1 % at most"


def strength_words(trend: float, season: float, years: float) -> str:
    """How much of what varies is trend and season."""
    words = f"Trend {_strong(trend)} ({trend:.2f}), season {_strong(season)} ({season:.2f})"
    caveat = " With two years, a season is hardly one." if years < 3 else ""
    return f"{words} on a scale from 0 to 1, over {years:.1f} years.{caveat}"


def _strong(value: float) -> str:
    return "strong" if value >= STRONG else "weak" if value < WEAK else "moderate"


def shape_words(hours: Homogeneity | None, weekdays: Homogeneity | None) -> str:
    """Whether hours and weekdays are distributed alike."""
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
    """The change in the total, judged."""
    change = "" if found.change is None else f" ({100 * found.change:+.0f} %)"
    return f"{found.now:,} now, {found.before:,} {before}{change}: {WORDS[found.verdict]}."


def aoristic_words(found: Aoristic, on: bool) -> str:
    """What the switch changes."""
    if not found.incidents:
        return ""
    spans = (
        f"{number(found.over_an_hour)} of {number(found.incidents)} incidents have a span of over "
        f"an hour"
    )
    if on:
        return f"{spans}; spread over it, {percent(found.moved)} % of the weight lies elsewhere."
    return f"{spans}; spread over it, {percent(found.moved)} % of the weight would lie elsewhere."


def weekday_hour(day: int, hour: int) -> str:
    """`Fri 22 h`."""
    return f"{WEEKDAYS[day - 1]} {hour:02d} h"
