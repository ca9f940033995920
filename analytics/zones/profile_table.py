"""Zone profiles as a table, as a fit stores them and the list of zones reads them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import polars as pl

from analytics.statistics.change import Comparison
from analytics.zones.profiles import ZoneProfile

SCHEMA: dict[str, pl.DataType | type[pl.DataType]] = {
    "label": pl.Int64,
    "name": pl.String,
    "harm": pl.Int64,  # days of sentence
    "peak_first": pl.Int64,  # hour in which the four fullest hours in a row begin
    "peak_last": pl.Int64,  # the last of them
    "peak_share": pl.Float64,  # of the zone's incidents
    "peak_city_share": pl.Float64,
    "types": pl.List(pl.Struct({"type": pl.String, "share": pl.Float64})),  # at most three
    "trend_now": pl.Int64,  # incidents of the last 28 days of the period
    "trend_before": pl.Int64,  # and of the 28 days before
    "trend_change": pl.Float64,
    "trend": pl.String,  # a `Significance`, or the `Incomparable` for which there is none
    "why": pl.String,
}

REQUIRED = SCHEMA.keys() - {"trend"}


def profile_frame(profiles: Sequence[ZoneProfile]) -> pl.DataFrame:
    """A line per zone, with the columns of `SCHEMA`."""
    return pl.DataFrame([_row(one) for one in profiles], schema=SCHEMA)


def _row(profile: ZoneProfile) -> dict[str, Any]:
    peak, trend = profile.peak, profile.trend
    compared = trend if isinstance(trend, Comparison) else None
    return {
        "label": profile.zone,
        "name": profile.name,
        "harm": profile.harm,
        "peak_first": peak.first if peak else None,
        "peak_last": peak.last if peak else None,
        "peak_share": peak.share if peak else None,
        "peak_city_share": peak.city_share if peak else None,
        "types": [{"type": name, "share": share} for name, share in profile.main_types],
        "trend_now": compared.now if compared else None,
        "trend_before": compared.before if compared else None,
        "trend_change": compared.change if compared else None,
        "trend": trend.verdict if isinstance(trend, Comparison) else trend.reason,
        "why": profile.why,
    }
