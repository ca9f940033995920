"""Places and cells that several tests share, drawn with a fixed seed."""

from __future__ import annotations

import numpy as np
import shapely

from analytics.hotspots.fishnet import Fishnet, fishnet_over

CRS = "EPSG:32616"


def clustered(seed: int = 0, places: int = 600) -> tuple[np.ndarray, np.ndarray]:
    """Unique places (meters, far from the origin as in UTM) in a few clumps, and their counts."""
    random = np.random.default_rng(seed)
    middles = random.uniform(0, 4000, (5, 2))
    clumps = middles[random.integers(0, 5, places // 2)] + random.normal(0, 150, (places // 2, 2))
    rest = random.uniform(-500, 4500, (places - places // 2, 2))
    xy = np.unique(np.round(np.vstack([clumps, rest]), 1), axis=0) + np.array([448e3, 4620e3])
    random.shuffle(xy)
    return xy, random.geometric(0.4, len(xy)).astype(float)


def square_grid(side: int, size_m: int = 250) -> Fishnet:
    """A square of side × side cells."""
    edge = side * size_m - 1
    return fishnet_over(shapely.box(1, 1, edge, edge), size_m, CRS)


def ragged_grid(seed: int = 0, side: int = 14, size_m: int = 250) -> Fishnet:
    """A grid with holes and an uneven edge, every cell with at least one queen neighbor."""
    random = np.random.default_rng(seed)
    whole = square_grid(side, size_m)
    kept = random.random(len(whole)) < 0.85
    picked = Fishnet(size_m, whole.columns[kept], whole.rows[kept], CRS)
    linked = np.zeros(len(picked), bool)
    for column in (-1, 0, 1):
        for row in (-1, 0, 1):
            if (column, row) != (0, 0):
                linked |= picked.indices(picked.columns + column, picked.rows + row) >= 0
    return Fishnet(size_m, picked.columns[linked], picked.rows[linked], CRS)
