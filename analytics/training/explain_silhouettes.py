"""Silhouette of each zone: how much nearer its incidents are to each other than to the next zone.

It measures separation, not usefulness: one zone around the whole city and one at the airport have
the highest silhouette of all.

References
----------
Rousseeuw (1987), Silhouettes, J. Computational and Applied Mathematics 20.
"""

from __future__ import annotations

import numpy as np
import polars as pl
from sklearn.metrics import silhouette_samples

from analytics.hotspots.quality import SAMPLE

Z_95 = 1.959964
SCHEMA = {
    "zone": pl.Int64,
    "silhouette": pl.Float64,
    "low": pl.Float64,
    "high": pl.Float64,
    "nearer_elsewhere": pl.Float64,
    "sample": pl.Int64,
}


def silhouettes(labels: pl.DataFrame, *, sample: int = SAMPLE, seed: int = 1) -> pl.DataFrame:
    """Mean silhouette of each zone's incidents in a sample.

    Parameters
    ----------
    labels : pl.DataFrame
        x_m, y_m, weight and label (-1: none) of each place. Places in no zone are omitted.
    sample : int
        Incidents drawn with replacement, by weight: for this seed the same as those of
        `quality.measure_quality`.

    Returns
    -------
    pl.DataFrame
        zone, silhouette, low, high (95%, sampling error), nearer_elsewhere (share of incidents
        that are nearer to another zone) and sample (sampled incidents of the zone); no rows if
        there are fewer than two zones.
    """
    inside = labels.filter((pl.col("label") >= 0) & (pl.col("weight") > 0))
    if inside["label"].n_unique() < 2:
        return pl.DataFrame(schema=SCHEMA)
    weights, xy = inside["weight"].to_numpy(), inside.select("x_m", "y_m").to_numpy()
    sampled = np.random.default_rng(seed).choice(len(xy), sample, p=weights / weights.sum())
    zones = inside["label"].to_numpy()[sampled]
    if len(np.unique(zones)) < 2:
        return pl.DataFrame(schema=SCHEMA)
    each = silhouette_samples(xy[sampled] - xy.mean(axis=0), zones)
    mean, error = pl.col("each").mean(), pl.col("each").std().fill_null(0) / pl.len().sqrt()
    found = (
        pl.DataFrame({"zone": zones, "each": each})
        .group_by("zone")
        .agg(
            mean.alias("silhouette"),
            (mean - Z_95 * error).alias("low"),
            (mean + Z_95 * error).alias("high"),
            (pl.col("each") < 0).mean().alias("nearer_elsewhere"),
            pl.len().alias("sample"),
        )
    )
    return found.cast(SCHEMA).sort("zone")  # type: ignore[arg-type]
