"""What the test of a change says, in words; and why two periods cannot be compared."""

from __future__ import annotations

from analytics.formats import short_date
from analytics.statistics.change import Incomparable, NotComparable, Significance

WORDS = {
    Significance.SIGNIFICANT: "significant",
    Significance.NOT_SIGNIFICANT: "not significant",
    Significance.TOO_FEW: "too few to tell",
    Significance.TOO_SHORT: "too little history to tell",
    Significance.BY_MONTHS: "not tested by months",
}
SIGNIFICANT = WORDS[Significance.SIGNIFICANT]
NOT_SIGNIFICANT = WORDS[Significance.NOT_SIGNIFICANT]
REASONS = {
    Incomparable.NO_INCIDENTS: "There are no incidents.",
    Incomparable.NO_DAYS: "The period has no day of the data.",
    Incomparable.MONTHS_ONLY: "This source gives the month only, not the day. Periods of days are "
    "not compared.",
    Incomparable.PERIOD_NOT_COVERED: "The data does not cover the whole period.",
    Incomparable.INCOMPLETE: "All days of the period are incomplete.",
    Incomparable.BASE_NOT_COVERED: "The data starts after the period to compare with.",
}


def incomparable_words(found: NotComparable) -> str:
    """A sentence; with the days that the data covers where that is why."""
    if found.covered is None:
        return REASONS[found.reason]
    first, last = (short_date(day) for day in found.covered)
    if found.reason is Incomparable.BASE_NOT_COVERED:
        return f"The data starts on {first}, after the period to compare with."
    return f"The data covers {first} to {last}, not the whole period."
