"""Features of places on a fishnet: which cells are near a place of a layer, or among its densest.

References
----------
Caplan, Kennedy & Miller (2011), Risk terrain modeling, Justice Quarterly 28.
Kennedy, Caplan, Piza & Buccine-Schraeder (2016), Vulnerability and exposure to crime, Applied
Spatial Analysis and Policy 9.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import polars as pl
from scipy.spatial import KDTree

from analytics.crossfilter.places import project
from analytics.forecasting.terrain.risk_terrain import FeatureKind
from analytics.hotspots.fishnet import Fishnet
from analytics.hotspots.kde_kernels import kernel_matrix
from analytics.statistics.arrays import Floats

BLOCK_M = 125
"""Length of a block, some 400 feet."""
NEAR_BLOCKS = (1, 2, 3, 4, 6, 8)
DENSE_BLOCKS = (2, 4, 8)
DENSE_DEVIATIONS = 2
"""A dense cell is this many standard deviations above the mean, as in Caplan et al. (2011)."""
LEAST_SHARE = 0.005
"""A feature of fewer cells than this share, or of all but so few, is not tried."""


@dataclass(frozen=True, eq=False)
class PlaceSet:
    """Distinct places of a layer in local meters, shape (places, 2)."""

    layer: str
    title: str
    xy: Floats = field(repr=False)


@dataclass(frozen=True)
class TerrainFeature:
    """Cells whose center is within a radius of a place, or where places are dense."""

    layer: str
    kind: FeatureKind
    radius_m: int


def place_sets(table: pl.DataFrame, titles: dict[str, str], crs_local: str) -> list[PlaceSet]:
    """The places of each layer, those at one position once.

    Parameters
    ----------
    table : layer, lat, lon, from `LayerStore.tables`
    titles : title by layer
    """
    sets = []
    for layer, title in titles.items():
        found = table.filter(pl.col("layer") == layer).select("lat", "lon").unique()
        found = found.sort("lat", "lon")
        xy = np.column_stack(project(crs_local, found["lat"], found["lon"]))
        sets.append(PlaceSet(layer, title, xy[np.isfinite(xy).all(axis=1)]))
    return sets


def terrain_features(
    grid: Fishnet, sets: Sequence[PlaceSet]
) -> tuple[list[TerrainFeature], Floats]:
    """Features that could be told apart from all cells, and 0 or 1 of each cell.

    Returns
    -------
    features, and an array of shape (cells, features)
    """
    features: list[TerrainFeature] = []
    columns: list[Floats] = []
    for one in sets:
        if not len(one.xy):
            continue
        distance, _ = KDTree(one.xy).query(grid.centers)
        for blocks in NEAR_BLOCKS:
            features.append(TerrainFeature(one.layer, FeatureKind.NEAR, blocks * BLOCK_M))
            columns.append((distance <= blocks * BLOCK_M).astype(np.float64))
        for blocks in DENSE_BLOCKS:
            features.append(TerrainFeature(one.layer, FeatureKind.DENSE, blocks * BLOCK_M))
            columns.append(_dense(grid, one.xy, blocks * BLOCK_M))
    matrix = np.column_stack(columns) if columns else np.zeros((len(grid), 0))
    share = matrix.mean(axis=0)
    kept = np.flatnonzero((share >= LEAST_SHARE) & (share <= 1 - LEAST_SHARE))
    return [features[at] for at in kept], matrix[:, kept]


def _dense(grid: Fishnet, xy: Floats, radius_m: int) -> Floats:
    density = np.asarray(kernel_matrix(grid.centers, xy, radius_m) @ np.ones(len(xy)))
    return (density > density.mean() + DENSE_DEVIATIONS * density.std()).astype(np.float64)
