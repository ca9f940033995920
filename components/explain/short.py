"""The first card: a zone for a patrol analyst, and what drives a forecast, in a few lines."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import polars as pl
from dash.development.base_component import Component

from analytics.formats import area_text, distance_text, hour_range, number, percent, weekday_name
from analytics.zones.zone_now import SharedValue, ZoneNow
from components.explain.cards import said
from components.explain.forecast import feature_words, group_words
from components.frame.card import card
from components.frame.variables import quantity, value_label
from components.frame.zone_contrast import city_words
from components.frame.zone_reasons import (
    Reason,
    level_words,
    peak_words,
    reasons_list,
    types_words,
)
from components.frame.zone_trend import trend_words

SHOWN_GROUPS = 3


def zone_short_card(
    name: str, profile: Mapping[str, Any], now: ZoneNow | None, *, selected: str, trained: str
) -> Component:
    """Where, how much, what, when, since when, and beside the city.

    Parameters
    ----------
    profile
        Row of the bundle's table `zones`.
    now
        What the selection has in the zone; None for a version that is not in use.
    selected, trained
        The selected incidents and those of the training, in words.
    """
    facts: list[Reason] = [("Where", _where(name, profile))]
    if now is None:
        facts += [("What", types_words(profile)), ("When", peak_words(profile))]
        meaning = f"All of it is of the training data: {trained}."
        caveat = (
            "It cannot follow the selection: this version is not in use, so the data has no labels "
            "of its zones."
        )
    else:
        facts += _now(now)
        meaning = f"How much, what and when follow the selection: {selected}."
        caveat = f"The rest is of the training data: {trained}."
    facts += [
        ("Since when", level_words(profile)),
        ("Last 28 days", trend_words(profile)),
        ("Beside the city", city_words(profile)),
    ]
    return card(
        "Summary",
        [said(meaning, caveat), reasons_list([one for one in facts if one[1]])],
        id="explain-short",
        class_name="explain-short",
    )


def forecast_short_card(
    importance: pl.DataFrame, dependence: pl.DataFrame, days: int, trained: str
) -> Component:
    """Which counts drive the forecast most, and what one of them changes."""
    groups = importance.filter(pl.col("kind") == "group").sort("importance", descending=True)
    names = [group_words(name) for name in groups["name"].head(SHOWN_GROUPS)]
    facts: list[Reason] = [("Looks most at", ", then ".join(_lower(name) for name in names))]
    if dependence.height:
        facts.append(("For example", _example(dependence, days)))
    return card(
        "Summary",
        [
            said(
                f"What the learned forecaster takes from the training data: {trained}.",
                "It cannot follow the selection: the forecaster was trained once, for all of these "
                "incidents.",
            ),
            reasons_list(facts),
        ],
        id="explain-short",
        class_name="explain-short",
    )


def _example(dependence: pl.DataFrame, days: int) -> str:
    """The first feature at its lowest and highest value."""
    feature = dependence["feature"][0]
    own = dependence.filter(pl.col("feature") == feature).sort("value")
    low, high = own.row(0, named=True), own.row(-1, named=True)
    return (
        f"{feature_words(feature)}: a cell with {number(low['value'], 1)} incidents a year expects "
        f"{number(low['expected'], 2)} in {days} days, one with {number(high['value'], 1)} expects "
        f"{number(high['expected'], 2)}"
    )


def _where(name: str, profile: Mapping[str, Any]) -> str:
    street_km = profile.get("street_km")
    street = "" if street_km is None else f", {distance_text(1000 * street_km)} of street"
    return f"{name}; {area_text(profile['km2'])}{street}"


def _now(now: ZoneNow) -> list[Reason]:
    if not now.incidents:
        return [("How much", f"none of the {quantity(now.city)} selected")]
    weekly = number(now.weekly, 0 if now.weekly >= 100 else 1)
    share = percent(now.incidents / max(now.city, 1))
    found: list[Reason] = [
        ("How much", f"{quantity(now.incidents)}, {weekly} a week: {share} of the selected"),
        ("What", "" if _of_one_type(now) else _values("type", now.types)),
        ("At", _values("location_type", now.location_types)),
    ]
    when = []
    if now.peak is not None:
        hours = hour_range(now.peak.first, now.peak.last + 1)
        here, city = percent(now.peak.share, 0), percent(now.peak.city_share, 0)
        when.append(f"mostly {hours}: {here} (city {city})")
    if now.weekday is not None:
        day = weekday_name(int(now.weekday.value))
        here, city = percent(now.weekday.share, 0), percent(now.weekday.city_share, 0)
        when.append(f"most on {day}: {here} (city {city})")
    return [*found, ("When", "; ".join(when))]


def _of_one_type(now: ZoneNow) -> bool:
    """Whether all selected incidents have one type, so that its share says nothing."""
    return len(now.types) == 1 and now.types[0].city_share == 1


def _values(dimension: str, values: tuple[SharedValue, ...]) -> str:
    return ", ".join(
        f"{value_label(dimension, one.value)} {percent(one.share, 0)} "
        f"(city {percent(one.city_share, 0)})"
        for one in values
    )


def _lower(words: str) -> str:
    return words[:1].lower() + words[1:]
