"""Peaks of the week in words, for Temporal and Overview."""

from __future__ import annotations

from collections.abc import Collection

from analytics.formats import (
    date_range,
    hour_range,
    in_week_order,
    number,
    percent,
    percents,
    week,
    weekday_name,
    weekday_run,
)
from analytics.statistics.two_periods import Period
from analytics.temporal.peaks import FEWEST_INCIDENTS, FEWEST_WEEKS, HourWindow, WeeklyPeak
from analytics.temporal.weekly_hours import WeeklyHours
from components.frame.variables import listing, quantity


def window_name(window: HourWindow) -> str:
    """`Fridays 10 PM–2 AM`."""
    hours = hour_range(window.start, window.end)
    if len(window.weekdays) == 7:
        return f"Every day {hours}"
    return f"{weekday_words(window.weekdays)} {hours}"


def weekday_words(weekdays: Collection[int]) -> str:
    """`Fridays`, `Saturdays and Sundays` or `Mondays to Fridays`, in the order of the week."""
    if run := weekday_run(weekdays):
        return f"{weekday_name(run[0])}s to {weekday_name(run[1])}s"
    return listing(f"{weekday_name(day)}s" for day in in_week_order(weekdays))


def peak_sentence(peak: WeeklyPeak) -> str:
    """`Fridays 10 PM–2 AM carry 7% (6 to 8%) in 2.4% of the week.`"""
    name = window_name(peak.window)
    verb = "carries" if len(peak.window.weekdays) == 7 else "carry"
    return (
        f"{name} {verb} {percent(peak.share, None)} "
        f"({percents(peak.low, peak.high, None)}) in {percent(peak.week_share, None)} "
        "of the week."
    )


def peaks_span(found: WeeklyHours) -> str:
    """The weeks that were searched: `In 250 complete weeks, Jan 6, 2014 to Oct 14, 2018:`."""
    return f"In {number(found.weeks)} complete weeks, {date_range(*found.period)}:"


def no_peaks(found: WeeklyHours, period: Period, *, chosen: bool, every: bool) -> str:
    """Why there is no peak, with the counts.

    Parameters
    ----------
    found
        The complete weeks that were searched.
    period
        The days they were taken from.
    chosen
        Whether the selection has a filter on the date.
    every
        Whether filters on hour and weekday are left out of the count.
    """
    if found.weeks >= FEWEST_WEEKS and found.incidents >= FEWEST_INCIDENTS:
        return f"{peaks_span(found)} no time of the week is a significant peak."
    holds = "The chosen days" if chosen else "The data"
    if not found.weeks:
        counted = "no complete week"
    else:
        weeks = "1 complete week" if found.weeks == 1 else f"{number(found.weeks)} complete weeks"
        counted = f"{weeks} with {quantity(found.incidents)} of known hour"
        counted += ", filters on hour and weekday left out" if every else ""
    first, last = (weekday_name(week()[at]) for at in (0, -1))
    return (
        f"Peaks need {FEWEST_WEEKS} complete weeks ({first} to {last}, without incomplete recent "
        f"days) and {FEWEST_INCIDENTS} incidents in them. {holds}, {date_range(*period)}, "
        f"{'hold' if chosen else 'holds'} {counted}."
    )
