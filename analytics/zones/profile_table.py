"""Zone profiles as a table: training stores it, the list of zones reads it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl

from analytics.statistics.two_periods import Incomparable, Significance, relative_change
from analytics.zones.profiles import ZoneProfile
from analytics.zones.zone_trends import ZoneTrend

SCHEMA: dict[str, pl.DataType | type[pl.DataType]] = {
    "label": pl.Int64,
    "name": pl.String,
    "harm": pl.Int64,  # days of sentence
    "peak_first": pl.Int64,  # first of the four busiest consecutive hours
    "peak_last": pl.Int64,  # last of them
    "peak_share": pl.Float64,  # of the zone's incidents
    "peak_city_share": pl.Float64,
    "types": pl.List(pl.Struct({"type": pl.String, "share": pl.Float64})),  # at most three
    "trend_now": pl.Int64,  # incidents of the last 28 days of the period
    "trend_before": pl.Int64,  # and of the 28 days before
    "trend_change": pl.Float64,
    "trend_expected": pl.Float64,  # of the last 28 days, with its 95% interval
    "trend_low": pl.Int64,
    "trend_high": pl.Int64,
    "trend": pl.String,  # a `Significance`, or an `Incomparable` where there is no verdict
    "level_since": pl.Date,  # first day of today's level, or of the data if it never changed
    "level_now": pl.Float64,  # incidents a week
    "level_before": pl.Float64,  # null if it never changed
    "density_ratio": pl.Float64,  # incidents per area in times the city's
    "notable_type": pl.String,
    "notable_type_lift": pl.Float64,
    "notable_location": pl.String,
    "notable_location_lift": pl.Float64,
    "notable_peak": pl.Boolean,
}
CONTRAST = tuple(name for name in SCHEMA if name.startswith(("density_", "notable_")))
"""Columns on how a zone differs from the city."""
EXPECTED = ("trend_expected", "trend_low", "trend_high")
LEVEL = ("level_since", "level_now", "level_before")
"""Columns on since when a zone has as many incidents as now."""


def trend_of(row: Mapping[str, Any]) -> Significance | Incomparable | None:
    """The verdict on a zone's trend, or why it has none; None for a zone without a profile."""
    stored = row.get("trend")
    if stored is None:
        return None
    return Significance(stored) if stored in {*Significance} else Incomparable(stored)


def profile_frame(profiles: Sequence[ZoneProfile]) -> pl.DataFrame:
    """One row per zone, with the columns of `SCHEMA`."""
    return pl.DataFrame([_row(one) for one in profiles], schema=SCHEMA)


def _row(profile: ZoneProfile) -> dict[str, Any]:
    peak, trend, contrast = profile.peak, profile.trend, profile.contrast
    level = profile.level
    notable_type, notable_type_lift = contrast.type or (None, None)
    notable_location, notable_location_lift = contrast.location_type or (None, None)
    known = trend if isinstance(trend, ZoneTrend) else None
    return {
        "label": profile.zone,
        "name": profile.name,
        "harm": profile.harm,
        "peak_first": peak.first if peak else None,
        "peak_last": peak.last if peak else None,
        "peak_share": peak.share if peak else None,
        "peak_city_share": peak.city_share if peak else None,
        "types": [{"type": name, "share": share} for name, share in profile.main_types],
        "trend_now": known.now if known else None,
        "trend_before": known.before if known else None,
        "trend_change": relative_change(known.now, known.before) if known else None,
        "trend_expected": known.expected if known else None,
        "trend_low": known.low if known else None,
        "trend_high": known.high if known else None,
        "trend": trend.verdict if isinstance(trend, ZoneTrend) else trend.reason,
        "level_since": level.since if level else None,
        "level_now": level.now if level else None,
        "level_before": level.before if level else None,
        "density_ratio": contrast.density,
        "notable_type": notable_type,
        "notable_type_lift": notable_type_lift,
        "notable_location": notable_location,
        "notable_location_lift": notable_location_lift,
        "notable_peak": contrast.peak,
    }
