"""The trend of a zone in words: its last 28 days of training data, and what was expected."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from analytics.formats import number, numbers
from analytics.statistics.two_periods import Incomparable
from analytics.zones.profile_table import trend_of
from components.frame.significance import REASONS, WORDS


def zone_trend_words(profile: Mapping[str, Any]) -> str:
    """`Trend (training data): 14 in 28 days, 9.1 expected (5 to 15), not significant.`

    Empty without a profile. The 28 days before are given where nothing is expected.
    """
    words = trend_words(profile)
    return f"Trend (training data): {words}" if words else ""


def trend_words(profile: Mapping[str, Any]) -> str:
    """The same without saying what it is."""
    trend = trend_of(profile) if profile else None
    if trend is None:
        return ""
    if isinstance(trend, Incomparable):
        return REASONS[trend]
    now, expected = number(profile["trend_now"]), profile.get("trend_expected")
    text = f"{now} in 28 days"
    if expected is not None:
        ends = numbers(profile["trend_low"], profile["trend_high"])
        text += f", {number(expected, 0 if expected >= 100 else 1)} expected ({ends})"
    elif profile["trend_before"] is not None:
        text += f", {number(profile['trend_before'])} in the 28 before"
    return f"{text}, {WORDS[trend]}."
