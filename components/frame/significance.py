"""Verdicts of the change test in words, and why two periods cannot be compared."""

from __future__ import annotations

from analytics.formats import short_date
from analytics.statistics.two_periods import Incomparable, NotComparable, Significance

WORDS = {
    Significance.SIGNIFICANT: "significant",
    Significance.NOT_SIGNIFICANT: "not significant",
    Significance.TOO_FEW: "too few to test",
    Significance.TOO_SHORT: "too little history to test",
    Significance.BY_MONTHS: "not tested: months only",
}
SIGNIFICANT = WORDS[Significance.SIGNIFICANT]
NOT_SIGNIFICANT = WORDS[Significance.NOT_SIGNIFICANT]
REASONS = {
    Incomparable.NO_INCIDENTS: "There are no incidents.",
    Incomparable.NO_DAYS: "The data covers no day of the period.",
    Incomparable.MONTHS_ONLY: "This source gives the month only, not the day. Periods of days are "
    "not compared.",
    Incomparable.PERIOD_NOT_COVERED: "The data does not cover the whole period.",
    Incomparable.INCOMPLETE: "All days of the period are incomplete.",
    Incomparable.BASE_NOT_COVERED: "The data starts after the earlier period.",
}


SHORT = {
    Incomparable.MONTHS_ONLY: "months only",
    Incomparable.INCOMPLETE: "days incomplete",
}


def incomparable_short(found: NotComparable) -> str:
    """Why there is no number, in two or three words."""
    return SHORT.get(found.reason, "not in the data")


def incomparable_words(found: NotComparable) -> str:
    """A sentence that says why, with the days that the data covers if that is the reason."""
    if found.covered is None:
        return REASONS[found.reason]
    first, last = (short_date(day) for day in found.covered)
    if found.reason is Incomparable.BASE_NOT_COVERED:
        return f"The data starts on {first}, after the earlier period."
    return f"The data covers {first} to {last}, not the whole period."
