"""Why a zone is a hot spot, for a patrol analyst: what, when, since when, beside the city."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from dash import html

from analytics.formats import hour_range, month_year, number, percent
from components.frame.variables import sentence_case
from components.frame.zone_contrast import city_words
from components.frame.zone_trend import trend_words

Reason = tuple[str, str]
"""What is told, and the facts."""


def zone_reasons(profile: Mapping[str, Any], *, of_one_type: bool = False) -> list[Reason]:
    """Of a row of the bundle's table `zones`; none for an added zone.

    Parameters
    ----------
    of_one_type
        Whether all zones have incidents of one type, so that its share says nothing.
    """
    if not profile:
        return []
    found = [
        ("What", "" if of_one_type else types_words(profile)),
        ("When", peak_words(profile)),
        ("Since when", level_words(profile)),
        ("Last 28 days", trend_words(profile)),
        ("Beside the city", city_words(profile)),
    ]
    return [(name, words) for name, words in found if words]


def reasons_list(reasons: Sequence[Reason]) -> html.Dl:
    """Reasons with their names before them."""
    rows = [html.Div([html.Dt(name), html.Dd(words)]) for name, words in reasons]
    return html.Dl(rows, className="zone-reasons")


def types_words(profile: Mapping[str, Any]) -> str:
    """`Robbery 71%, battery 12%`: at most three types."""
    found = [f"{sentence_case(one['type'])} {percent(one['share'], 0)}" for one in profile["types"]]
    return ", ".join(found)


def peak_words(profile: Mapping[str, Any]) -> str:
    """`6 PM-10 PM: 38% of its incidents (city 25%)`; empty where no hour is known."""
    if profile["peak_first"] is None:
        return ""
    hours = hour_range(profile["peak_first"], profile["peak_last"] + 1)
    here, city = (percent(profile[name], 0) for name in ("peak_share", "peak_city_share"))
    return f"mostly {hours}: {here} of its incidents (city {city})"


def level_words(profile: Mapping[str, Any]) -> str:
    """`since Mar 2016 5.6 a week, 3.1 before`, or that its level never changed.

    Empty where the data is too short to tell, or an older program trained the zone.
    """
    since, now = profile.get("level_since"), profile.get("level_now")
    if since is None or now is None:
        return ""
    before = profile.get("level_before")
    if before is None:
        return f"{_weekly(now)} a week since {month_year(since)} or earlier, without a change"
    return f"{_weekly(now)} a week since {month_year(since)}, {_weekly(before)} before"


def _weekly(rate: float) -> str:
    return number(rate, 0 if rate >= 100 else 1 if rate >= 1 else 2)
