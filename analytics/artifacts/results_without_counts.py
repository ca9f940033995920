"""What a reader who sees only some incidents sees of a bundle: no count of incidents.

A stored count of a place, a week or the whole city, less the one that the reader's own pages give,
is the number of incidents that are hidden. So tables and columns are shown only if they are named
here; zones are those that were counted again (analytics/scoped/own_zones.py).
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import Any

import polars as pl

from analytics.access.stored_results import ZONE_MODELS, SeenResults
from analytics.artifacts.metric import Metric

ZONES, FORECAST, OF_ZONES = "zones", "forecast", "stability_zones"
DIGITS = 3
"""Of metrics: a whole share gives back the counts that it is made of."""
FORECAST_DIGITS = 2
"""Of expected incidents, which tell more exactly how many are recorded the fewer they are."""
TABLES: Mapping[str, tuple[str, ...]] = {
    # zones
    OF_ZONES: ("zone", "jaccard", "low", "high", "bootstraps"),
    # forecasts
    "importance": ("kind", "name", "group", "importance", "low", "high", "repeats"),
    "dependence": ("feature", "value", "expected", "low", "high"),
    "explained": (
        "forecaster", "nominee", "relation", "first", "last", "folds", "horizon_days", "d2",
    ),
    "calibration": ("above", "share"),
    # temporal profiles
    "hours": ("label", "weekday", "hour", "share", "city_share"),
    "types": ("type", "label"),
}  # fmt: skip
"""Columns by table, besides `zones` and the expected incidents of `forecast`."""
PROFILES = ("label", "name", "cells", "jaccard", "km2", "lat", "lon")
"""Columns of the temporal profiles, which are of the whole city; their table is `zones` too."""
COUNTS = frozenset(
    {
        "incidents", "test_incidents", "places", "without_place", "at_default_addresses",
        "silhouette_sample", "grid_sample", "sample", "unlike_incidents",
    }
)  # fmt: skip
"""Metrics that count incidents."""


def shown_tables(seen: SeenResults, names: list[str]) -> list[str]:
    """Names of a bundle's tables that are shown."""
    shown = names if seen.counts else {ZONES, FORECAST, *TABLES}
    return [name for name in names if name in shown]


def shown_table(model: str, name: str, table: pl.DataFrame) -> pl.DataFrame:
    """A table, other than forecasts and zones that were counted again, without its counts."""
    is_profiles = name == ZONES and not model.startswith(ZONE_MODELS)
    columns = PROFILES if is_profiles else TABLES.get(name, ())
    return table.select(one for one in table.columns if one in columns)


def shown_forecast(seen: SeenResults, table: pl.DataFrame, rule: Mapping[str, Any]) -> pl.DataFrame:
    """Expected incidents with two digits, of the places in the areas of the reader.

    Parameters
    ----------
    rule
        Of the bundle.
    """
    if seen.counts:
        return table
    names = [one for one in ("expected", "expected_harm") if one in table.columns]
    rounded = table.with_columns(pl.col(names).round_sig_figs(FORECAST_DIGITS))
    if seen.areas is None:
        return rounded
    if "area" in table.columns:
        return rounded.filter(pl.col("area").is_in(seen.areas.inside.get(rule["level"], ())))
    is_blocks = "block" in table.columns
    inside = seen.units_inside("block" if is_blocks else f"cell-{rule['size_m']}")
    if inside is None or not inside.exists():
        return rounded.clear()
    units = ["block"] if is_blocks else ["col", "row"]
    return rounded.join(pl.read_parquet(inside), on=units, how="semi", maintain_order="left")


def shown_rule(seen: SeenResults, rule: dict[str, Any]) -> dict[str, Any]:
    """The rule of a bundle; for a reader of some areas, shares are of what is in them."""
    return rule if seen.areas is None else {name: rule[name] for name in rule if name != "whole"}


def shown_metrics(seen: SeenResults, metrics: Mapping[str, Metric]) -> Mapping[str, Metric]:
    """Metrics without counts, the others with three digits."""
    if seen.counts:
        return metrics
    return {
        name: replace(
            metric,
            value=_rounded(metric.value),
            low=None if metric.low is None else _rounded(metric.low),
            high=None if metric.high is None else _rounded(metric.high),
        )
        for name, metric in metrics.items()
        if name not in COUNTS
    }


def shown_outlines(outlines: Mapping[str, Any], labels: Collection[str]) -> dict[str, Any]:
    """Shapes of the zones with some labels, without their figures."""
    features = [
        {**one, "properties": {"id": one["properties"]["id"]}}
        for one in outlines["features"]
        if one["properties"]["id"] in labels
    ]
    return {**outlines, "features": features}


def _rounded(value: float) -> float:
    if not value or not math.isfinite(value):
        return value
    return round(value, DIGITS - 1 - math.floor(math.log10(abs(value))))
