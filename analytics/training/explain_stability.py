"""Which zones, and which places of a zone, come out again when the incidents are drawn again.

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
from analytics.training.fitting import Fitted, Training
from analytics.training.zones import Method, places_of

INTERVAL = (2.5, 97.5)
Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class PlaceStability:
    """How zones fared in bootstraps.

    Attributes
    ----------
    points : WeightedPoints
    labels : int array of shape (places,)
        Zone of each place, -1 for none.
    jaccard : array of shape (bootstraps, zones)
        Similarity of each zone to the most similar one of the bootstrap; NaN where no place of it
        was drawn.
    drawn, stayed : int arrays of shape (places,)
        Bootstraps in which the place was drawn, and in which it was in its zone's like.
    """

    points: WeightedPoints
    labels: Ints = field(repr=False)
    jaccard: Floats = field(repr=False)
    drawn: Ints = field(repr=False)
    stayed: Ints = field(repr=False)


def stability_of(method: Method, training: Training, fitted: Fitted) -> PlaceStability:
    """`place_stability` of a fit; what measures it and what explains it share the draws."""
    if fitted not in _KEPT:
        _KEPT[fitted] = place_stability(
            method,
            places_of(training, training.selection),
            fitted.tables["labels"]["label"].to_numpy(),
            training.parameters,
            training.seed,
        )
    return _KEPT[fitted]


_KEPT: weakref.WeakKeyDictionary[Fitted, PlaceStability] = weakref.WeakKeyDictionary()


def place_stability(
    method: Method,
    points: WeightedPoints,
    labels: Ints,
    parameters: Mapping[str, Any],
    seed: int,
) -> PlaceStability:
    """Draw the incidents of all places again with replacement, find zones again, compare.

    `labels` are those the method gave the places; `parameters` has `bootstraps`. Weights are taken
    as numbers of incidents.
    """
    zones, given = int(labels.max(initial=-1)) + 1, points.weights
    dice = np.random.default_rng(seed)
    bootstraps = int(parameters["bootstraps"])
    jaccard = np.full((bootstraps, zones), np.nan)
    drawn, stayed = np.zeros((2, len(labels)), dtype=np.int64)
    for draw in range(bootstraps):
        times = dice.multinomial(max(round(given.sum()), 1), given / given.sum())
        there = times > 0
        sample = points.frame.filter(there).with_columns(
            weight=pl.Series(times[there].astype(np.float64))
        )
        again = method(
            WeightedPoints(sample, points.weight, points.left_out), parameters, seed + 1 + draw
        ).labels
        jaccard[draw], like = most_alike(labels[there], again, given[there], zones)
        drawn[there] += 1
        inside = labels[there] >= 0
        stayed[np.flatnonzero(there)[inside]] += again[inside] == like[labels[there][inside]]
    return PlaceStability(points, labels, jaccard, drawn, stayed)


def most_alike(before: Ints, after: Ints, weights: Floats, zones: int) -> tuple[Floats, Ints]:
    """Jaccard index of each zone of `before` with the zone of `after` most alike, and which it is.

    Where no place of a zone is given the index is NaN; where none is alike the zone is -2.
    """
    size = np.bincount(before[before >= 0], weights[before >= 0], minlength=zones)
    best, like = np.where(size > 0, 0.0, np.nan), np.full(zones, -2, dtype=np.int64)
    both = (before >= 0) & (after >= 0)
    if not both.any():
        return best, like
    size_after = np.bincount(after[after >= 0], weights[after >= 0])
    shared = sparse.coo_array(
        (weights[both], (before[both], after[both])), shape=(zones, len(size_after))
    )
    shared.sum_duplicates()
    row, column = shared.coords
    similar = shared.data / (size[row] + size_after[column] - shared.data)
    for one in np.argsort(similar, kind="stable"):  # the largest is written last
        best[row[one]], like[row[one]] = similar[one], column[one]
    return best, like


def mean_stability(found: PlaceStability) -> Metric:
    """Mean Jaccard index of the zones by their weight, with 95% of the bootstraps.

    NaN without zones or bootstraps.
    """
    jaccard, inside = found.jaccard, found.labels >= 0
    if not jaccard.size:
        return Metric("stability", float("nan"))
    weight = np.bincount(found.labels[inside], found.points.weights[inside])
    held = ~np.isnan(jaccard) @ weight  # weight of the zones of which something was drawn
    draws = (np.nan_to_num(jaccard) @ weight)[held > 0] / held[held > 0]
    if not len(draws):
        return Metric("stability", float("nan"))
    low, high = np.percentile(draws, INTERVAL)
    return Metric("stability", float(draws.mean()), float(low), float(high))


def stability_zones(found: PlaceStability) -> pl.DataFrame:
    """zone, jaccard (mean over bootstraps), low, high (95% of bootstraps), bootstraps."""
    jaccard = found.jaccard
    schema = {"zone": pl.Int64, "jaccard": pl.Float64, "low": pl.Float64, "high": pl.Float64}
    if not jaccard.shape[1]:
        return pl.DataFrame(schema={**schema, "bootstraps": pl.Int64})
    low, high = np.nanpercentile(jaccard, INTERVAL, axis=0)
    values = [np.arange(jaccard.shape[1]), np.nanmean(jaccard, axis=0), low, high]
    frame = pl.DataFrame(dict(zip(schema, values, strict=True)), schema=schema)
    return frame.with_columns(pl.lit(len(jaccard), pl.Int64).alias("bootstraps"))


def stability_cells(found: PlaceStability, cell_m: int) -> pl.DataFrame:
    """Share of bootstraps in which the places of a cell stay in their zone, by incidents.

    Returns
    -------
    pl.DataFrame
        col, row, cell_m, zone (that of most incidents), incidents (weight of places in a zone) and
        stays (0 to 1); cells without a place in a zone, or never drawn, are missing.
    """
    keep = (found.labels >= 0) & (found.drawn > 0)
    xy = np.floor(found.points.xy[keep] / cell_m).astype(np.int64)
    weight = found.points.weights[keep]
    places = pl.DataFrame(
        {
            "col": xy[:, 0],
            "row": xy[:, 1],
            "zone": found.labels[keep],
            "incidents": weight,
            "stayed": weight * found.stayed[keep] / found.drawn[keep],
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
