"""Simulated towns: cells with layers of places, and counts of a known risk."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from analytics.forecasting.terrain.features import (
    PlaceSet,
    TerrainFeature,
    terrain_features,
)
from analytics.forecasting.terrain.risk_terrain import FeatureKind
from analytics.hotspots.fishnet import Fishnet
from analytics.statistics.arrays import Floats, Ints

SIDE = 40
CELL_M = 250


def grid() -> Fishnet:
    columns, rows = (
        axis.ravel().astype(np.int64)
        for axis in np.meshgrid(np.arange(SIDE), np.arange(SIDE), indexing="ij")
    )
    return Fishnet(CELL_M, columns, rows, "EPSG:32616")


@dataclass(frozen=True, eq=False)
class Town:
    """A square of cells in 25 areas; `bars` doubles the risk within 375 m, `parks` does nothing."""

    cells: Fishnet
    sets: list[PlaceSet]
    features: list[TerrainFeature]
    matrix: Floats
    areas: Ints
    random: np.random.Generator

    @classmethod
    def of(cls, seed: int) -> Town:
        random = np.random.default_rng(seed)
        cells = grid()
        sets = [
            PlaceSet(name, name.title(), random.uniform(0, SIDE * CELL_M, (count, 2)))
            for name, count in (("bars", 60), ("parks", 60))
        ]
        features, matrix = terrain_features(cells, sets)
        areas = (cells.columns // 8) * 5 + cells.rows // 8
        return cls(cells, sets, features, matrix, areas, random)

    def near(self, layer: str, radius_m: int) -> Floats:
        at = self.features.index(TerrainFeature(layer, FeatureKind.NEAR, radius_m))
        return self.matrix[:, at]

    def rates(self, ratio: float) -> Floats:
        """Yearly rates that areas and cells change at random, and bars by the ratio."""
        of_areas = self.random.normal(0, 0.3, 25)[self.areas]
        of_cells = self.random.gamma(2, 1 / 2, len(self.cells))
        return 1.5 * np.exp(of_areas) * of_cells * ratio ** self.near("bars", 375)
