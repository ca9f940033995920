"""Bootstrap stability of zones, and of the places within them.

References
----------
Hennig (2007), Cluster-wise assessment of cluster stability, Computational Statistics & Data
Analysis 52.
"""

from __future__ import annotations

import weakref
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl
from scipy import sparse

from analytics.artifacts.metric import Metric
from analytics.hotspots.inputs import WeightedPoints
from analytics.training.fitting import FittedModel, Training
from analytics.training.zones import Method, places_of

INTERVAL = (2.5, 97.5)
Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class PlaceStability:
    """Bootstrap stability of zones and places.

    Attributes
    ----------
    points : WeightedPoints
    labels : int array of shape (places,)
        Zone of each place, -1 for none.
    jaccard : array of shape (bootstraps, zones)
        Jaccard index of each zone with its best match in the sample; NaN if none of its places was
        sampled.
    sampled, stayed : int arrays of shape (places,)
        Number of samples with the place, and of those in which it was in its zone's best match.
    """

    points: WeightedPoints
    labels: Ints = field(repr=False)
    jaccard: Floats = field(repr=False)
    sampled: Ints = field(repr=False)
    stayed: Ints = field(repr=False)


def stability_of(method: Method, training: Training, fitted: FittedModel) -> PlaceStability:
    """`place_stability` of a fit, computed once for evaluation and explanation."""
    if fitted not in _MEASURED:
        _MEASURED[fitted] = place_stability(
            method,
            places_of(training, training.selection),
            fitted.tables["labels"]["label"].to_numpy(),
            training.parameters,
            training.seed,
        )
    return _MEASURED[fitted]


_MEASURED: weakref.WeakKeyDictionary[FittedModel, PlaceStability] = weakref.WeakKeyDictionary()


def place_stability(
    method: Method,
    points: WeightedPoints,
    labels: Ints,
    parameters: Mapping[str, Any],
    seed: int,
) -> PlaceStability:
    """Resample the incidents with replacement, find zones again and compare them.

    `labels` are the method's labels of the places; `parameters` has `bootstraps`. Weights are
    treated as numbers of incidents.
    """
    zones, weights = int(labels.max(initial=-1)) + 1, points.weights
    random = np.random.default_rng(seed)
    bootstraps = int(parameters["bootstraps"])
    jaccard = np.full((bootstraps, zones), np.nan)
    sampled, stayed = np.zeros((2, len(labels)), dtype=np.int64)
    for number in range(bootstraps):
        counts = random.multinomial(max(round(weights.sum()), 1), weights / weights.sum())
        present = counts > 0
        sample = points.frame.filter(present).with_columns(
            weight=pl.Series(counts[present].astype(np.float64))
        )
        again = method(
            WeightedPoints(sample, points.weight, points.left_out), parameters, seed + 1 + number
        ).labels
        before = labels[present]
        jaccard[number], match = best_matches(before, again, weights[present], zones)
        sampled[present] += 1
        inside = before >= 0
        stayed[np.flatnonzero(present)[inside]] += again[inside] == match[before[inside]]
    return PlaceStability(points, labels, jaccard, sampled, stayed)


def best_matches(before: Ints, after: Ints, weights: Floats, zones: int) -> tuple[Floats, Ints]:
    """Highest Jaccard index of each zone of `before` with a zone of `after`, and that zone.

    The index is NaN for zones without places; the zone is -2 if no zone overlaps.
    """
    size = np.bincount(before[before >= 0], weights[before >= 0], minlength=zones)
    best, match = np.where(size > 0, 0.0, np.nan), np.full(zones, -2, dtype=np.int64)
    both = (before >= 0) & (after >= 0)
    if not both.any():
        return best, match
    size_after = np.bincount(after[after >= 0], weights[after >= 0])
    shared = sparse.coo_array(
        (weights[both], (before[both], after[both])), shape=(zones, len(size_after))
    )
    shared.sum_duplicates()
    row, column = shared.coords
    jaccard = shared.data / (size[row] + size_after[column] - shared.data)
    for one in np.argsort(jaccard, kind="stable"):  # the largest is written last
        best[row[one]], match[row[one]] = jaccard[one], column[one]
    return best, match


def mean_stability(found: PlaceStability) -> Metric:
    """Mean Jaccard index of the zones by weight, with its 95% bootstrap interval.

    NaN if there are no zones or bootstraps.
    """
    jaccard, inside = found.jaccard, found.labels >= 0
    if not jaccard.size:
        return Metric("stability", float("nan"))
    weight = np.bincount(found.labels[inside], found.points.weights[inside])
    sampled = ~np.isnan(jaccard) @ weight  # weight of the zones with sampled places
    means = (np.nan_to_num(jaccard) @ weight)[sampled > 0] / sampled[sampled > 0]
    if not len(means):
        return Metric("stability", float("nan"))
    low, high = np.percentile(means, INTERVAL)
    return Metric("stability", float(means.mean()), float(low), float(high))


def stability_zones(found: PlaceStability) -> pl.DataFrame:
    """zone, jaccard (mean over bootstraps), low, high (95% of bootstraps) and bootstraps."""
    jaccard = found.jaccard
    schema = {"zone": pl.Int64, "jaccard": pl.Float64, "low": pl.Float64, "high": pl.Float64}
    if not jaccard.shape[1]:
        return pl.DataFrame(schema={**schema, "bootstraps": pl.Int64})
    low, high = np.nanpercentile(jaccard, INTERVAL, axis=0)
    values = [np.arange(jaccard.shape[1]), np.nanmean(jaccard, axis=0), low, high]
    frame = pl.DataFrame(dict(zip(schema, values, strict=True)), schema=schema)
    return frame.with_columns(pl.lit(len(jaccard), pl.Int64).alias("bootstraps"))


def stability_cells(found: PlaceStability, cell_m: int) -> pl.DataFrame:
    """Share of samples in which the places of a cell stay in their zone, by incidents.

    Returns
    -------
    pl.DataFrame
        col, row, cell_m, zone (that of most incidents), incidents (weight of places in a zone) and
        stays (0 to 1); cells without a sampled place in a zone are missing.
    """
    keep = (found.labels >= 0) & (found.sampled > 0)
    xy = np.floor(found.points.xy[keep] / cell_m).astype(np.int64)
    weight = found.points.weights[keep]
    places = pl.DataFrame(
        {
            "col": xy[:, 0],
            "row": xy[:, 1],
            "zone": found.labels[keep],
            "incidents": weight,
            "stayed": weight * found.stayed[keep] / found.sampled[keep],
        }
    )
    by_zone = places.group_by("col", "row", "zone").agg(pl.col("incidents", "stayed").sum())
    largest = pl.col("zone").sort_by(["incidents", "zone"], descending=[True, False]).first()
    return (
        by_zone.group_by("col", "row")
        .agg(
            pl.lit(cell_m, pl.Int64).alias("cell_m"),
            largest,
            pl.col("incidents").sum(),
            (pl.col("stayed").sum() / pl.col("incidents").sum()).alias("stays"),
        )
        .sort("col", "row")
    )
