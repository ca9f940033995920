"""What happens in a zone more, or less, often than in the city.

References
----------
Efron & Tibshirani (1993), An introduction to the bootstrap. Weeks are drawn, not incidents: crimes
of one week depend on each other, and single draws would give intervals that are too narrow.
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
    """Lift of each value in each zone: its share there over its share of all chosen incidents.

    Parameters
    ----------
    incidents : pl.DataFrame
        zone (-1: none), week (int), and the columns of `DIMENSIONS`; unknown values are left out.

    Returns
    -------
    pl.DataFrame
        zone, dimension, value, incidents, share, city_share, lift, low and high: a 95% percentile
        interval over `RESAMPLES` draws of weeks. Zones after the first `MOST_ZONES` are left out.
    """
    weeks, number = _numbered(incidents["week"])
    incidents = incidents.with_columns(week=pl.Series(number))
    drawn = _draws(len(weeks), seed)
    parts = [_of_dimension(incidents, dimension, drawn) for dimension in DIMENSIONS]
    return pl.concat(parts, how="vertical").sort(
        ["zone", "dimension", "incidents", "value"], descending=[False, False, True, False]
    )


def _of_dimension(incidents: pl.DataFrame, dimension: str, drawn: Floats) -> pl.DataFrame:
    known = incidents.drop_nulls(dimension)
    values, code = _numbered(known[dimension].cast(pl.String))
    counted = (
        known.select("zone", "week", pl.Series("code", code))
        .group_by("zone", "week", "code")
        .agg(pl.len().alias("incidents"))
    )
    shape = (drawn.shape[1], len(values))
    city = _matrix(counted, shape)
    city_draws = drawn @ city
    rows = pl.DataFrame(schema=SCHEMA)
    zones = counted.filter(pl.col("zone").is_between(0, MOST_ZONES - 1))
    for (zone,), own in zones.partition_by("zone", as_dict=True).items():
        counts = _matrix(own, shape)
        happened = counts.sum(axis=0)
        lifts = _lift(drawn @ counts, city_draws)
        low, high = np.nanpercentile(lifts[:, happened > 0], INTERVAL, axis=0)
        some = np.flatnonzero(happened)
        frame = pl.DataFrame(
            {
                "zone": np.full(len(some), zone),
                "dimension": [dimension] * len(some),
                "value": [values[one] for one in some],
                "incidents": happened[some].astype(np.int64),
                "share": happened[some] / happened.sum(),
                "city_share": city.sum(axis=0)[some] / city.sum(),
                "lift": _lift(happened[None, :], city.sum(axis=0)[None, :])[0, some],
                "low": low,
                "high": high,
            },
            schema=SCHEMA,
        )
        rows.extend(frame)
    return rows


def _lift(zone: Floats, city: Floats) -> Floats:
    """Shares of a zone over shares of the city, each row a draw; NaN where the city has none."""
    with np.errstate(invalid="ignore", divide="ignore"):
        own = zone / zone.sum(axis=1, keepdims=True)
        return np.asarray(own / (city / city.sum(axis=1, keepdims=True)))


def _matrix(counted: pl.DataFrame, shape: tuple[int, int]) -> Floats:
    """Weeks × values."""
    cell = counted["week"].to_numpy() * shape[1] + counted["code"].to_numpy()
    weights = counted["incidents"].to_numpy().astype(np.float64)
    found = np.bincount(cell, weights=weights, minlength=shape[0] * shape[1])
    return np.asarray(found.reshape(shape), dtype=np.float64)


def _numbered(column: pl.Series) -> tuple[list[str], npt.NDArray[np.int64]]:
    values = column.unique().sort()
    order = pl.DataFrame({"value": values, "number": np.arange(len(values))})
    joined = column.rename("value").to_frame().join(order, on="value", maintain_order="left")
    return values.to_list(), joined["number"].to_numpy().astype(np.int64)


def _draws(weeks: int, seed: int) -> Floats:
    """How often each week is drawn, shape (resamples, weeks)."""
    dice = np.random.default_rng(seed)
    return dice.multinomial(weeks, np.full(weeks, 1 / weeks), size=RESAMPLES).astype(np.float64)
