"""Lifts: what is more or less frequent in a zone than in the city.

References
----------
Efron & Tibshirani (1993), An introduction to the bootstrap. Weeks are resampled, not incidents:
crimes of one week depend on each other, so resampled incidents give intervals that are too narrow.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import polars as pl

DIMENSIONS = ("type", "hour", "location_type")
RESAMPLES = 500
INTERVAL = (2.5, 97.5)
MOST_ZONES = 100
SCHEMA = {
    "zone": pl.Int64,
    "dimension": pl.String,
    "value": pl.String,
    "incidents": pl.Int64,
    "share": pl.Float64,
    "city_share": pl.Float64,
    "lift": pl.Float64,
    "low": pl.Float64,
    "high": pl.Float64,
}
Floats = npt.NDArray[np.float64]


def zone_lifts(incidents: pl.DataFrame, *, seed: int = 1) -> pl.DataFrame:
    """Lift of each value in each zone: its share there over its share of all selected incidents.

    Parameters
    ----------
    incidents : pl.DataFrame
        zone (-1: none), week (int), and the columns of `DIMENSIONS`; unknown values are omitted.

    Returns
    -------
    pl.DataFrame
        zone, dimension, value, incidents, share, city_share, lift, low and high: a 95% percentile
        interval over `RESAMPLES` bootstrap samples of weeks. Only the first `MOST_ZONES` zones.
    """
    weeks, number = _numbered(incidents["week"])
    incidents = incidents.with_columns(week=pl.Series(number))
    week_counts = _resampled_weeks(len(weeks), seed)
    parts = [_dimension_lifts(incidents, dimension, week_counts) for dimension in DIMENSIONS]
    return pl.concat(parts, how="vertical").sort(
        ["zone", "dimension", "incidents", "value"], descending=[False, False, True, False]
    )


def _dimension_lifts(incidents: pl.DataFrame, dimension: str, week_counts: Floats) -> pl.DataFrame:
    known = incidents.drop_nulls(dimension)
    values, code = _numbered(known[dimension].cast(pl.String))
    counted = (
        known.select("zone", "week", pl.Series("code", code))
        .group_by("zone", "week", "code")
        .agg(pl.len().alias("incidents"))
    )
    shape = (week_counts.shape[1], len(values))
    city = _matrix(counted, shape)
    city_resampled = week_counts @ city
    rows = pl.DataFrame(schema=SCHEMA)
    zones = counted.filter(pl.col("zone").is_between(0, MOST_ZONES - 1))
    for (zone,), own in zones.partition_by("zone", as_dict=True).items():
        counts = _matrix(own, shape)
        total = counts.sum(axis=0)
        lifts = _lift(week_counts @ counts, city_resampled)
        low, high = np.nanpercentile(lifts[:, total > 0], INTERVAL, axis=0)
        present = np.flatnonzero(total)
        frame = pl.DataFrame(
            {
                "zone": np.full(len(present), zone),
                "dimension": [dimension] * len(present),
                "value": [values[one] for one in present],
                "incidents": total[present].astype(np.int64),
                "share": total[present] / total.sum(),
                "city_share": city.sum(axis=0)[present] / city.sum(),
                "lift": _lift(total[None, :], city.sum(axis=0)[None, :])[0, present],
                "low": low,
                "high": high,
            },
            schema=SCHEMA,
        )
        rows.extend(frame)
    return rows


def _lift(zone: Floats, city: Floats) -> Floats:
    """Shares of a zone over those of the city, a row per sample; NaN if the city has none."""
    with np.errstate(invalid="ignore", divide="ignore"):
        own = zone / zone.sum(axis=1, keepdims=True)
        return np.asarray(own / (city / city.sum(axis=1, keepdims=True)))


def _matrix(counted: pl.DataFrame, shape: tuple[int, int]) -> Floats:
    """Incidents by week and value, shape (weeks, values)."""
    cell = counted["week"].to_numpy() * shape[1] + counted["code"].to_numpy()
    weights = counted["incidents"].to_numpy().astype(np.float64)
    found = np.bincount(cell, weights=weights, minlength=shape[0] * shape[1])
    return np.asarray(found.reshape(shape), dtype=np.float64)


def _numbered(column: pl.Series) -> tuple[list[str], npt.NDArray[np.int64]]:
    values = column.unique().sort()
    order = pl.DataFrame({"value": values, "number": np.arange(len(values))})
    joined = column.rename("value").to_frame().join(order, on="value", maintain_order="left")
    return values.to_list(), joined["number"].to_numpy().astype(np.int64)


def _resampled_weeks(weeks: int, seed: int) -> Floats:
    """Number of times each week is resampled, shape (resamples, weeks)."""
    random = np.random.default_rng(seed)
    return random.multinomial(weeks, np.full(weeks, 1 / weeks), size=RESAMPLES).astype(np.float64)
