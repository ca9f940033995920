"""Print the tables of docs/methods.md on false alarms and power of the local statistics.

Run: python docs/false_alarms.py [maps]. Maps of pure chance have no place that differs: each one on
which any cell is called significant is a false alarm. Planted maps have one place that does.
"""

from __future__ import annotations

import sys
from collections.abc import Callable

import numpy as np
import shapely

from analytics.hotspots.emerging import NO_PATTERN, fit_emerging
from analytics.hotspots.fishnet import Fishnet, fishnet_over
from analytics.hotspots.getis_ord import fit_getis_ord
from analytics.hotspots.moran import fit_local_moran
from analytics.hotspots.neighbors import distance_band, queen
from analytics.statistics.arrays import Floats
from analytics.statistics.level import LEVEL

DENSITIES = (0.05, 0.3, 1.0, 5.0)
"""Incidents per cell."""
SIDE, SIZE_M, BAND_M = 50, 250, 500
PERIODS = 24
PLANTED_TIMES = (3, 5, 10)
"""How many times the city's density the planted place has."""


def main(maps: int) -> None:
    edge = SIDE * SIZE_M - 1
    grid = fishnet_over(shapely.box(1, 1, edge, edge), SIZE_M, "EPSG:32616")
    band = distance_band(grid, BAND_M, self_included=True)
    touching = queen(grid, self_included=False)
    tests: dict[str, Callable[[Floats], bool]] = {
        "Gi* hot": lambda counts: bool(fit_getis_ord(counts, band).hot().any()),
        "Gi* hot or cold": lambda counts: bool((fit_getis_ord(counts, band).q <= LEVEL).any()),
        "local Moran": lambda counts: bool((fit_local_moran(counts, touching).q <= LEVEL).any()),
    }
    print(f"{maps:,} maps of {len(grid):,} cells. Share with a false alarm:")
    for name, alarm in tests.items():
        print(f"| {name} |", " | ".join(_share(grid, alarm, maps, rate) for rate in DENSITIES), "|")
    print("Share of 13 planted cells that are found, by times the city's density:")
    for times in PLANTED_TIMES:
        found = [_power(grid, times, maps // 10, rate) for rate in DENSITIES]
        print(f"| {times} times |", " | ".join(f"{100 * share:.0f} %" for share in found), "|")
    few = max(maps // 10, 10)
    print(f"{few} random cubes of {PERIODS} periods. Share of cells with a pattern:")
    for rate in DENSITIES:
        print(f"| {rate} |", _patterns(grid, few, rate), "|")


def _share(grid: Fishnet, alarm: Callable[[Floats], bool], maps: int, rate: float) -> str:
    random = np.random.default_rng(1)
    alarms = sum(alarm(random.poisson(rate, len(grid)).astype(float)) for _ in range(maps))
    return f"{100 * alarms / maps:.1f} %"


def _power(grid: Fishnet, times: int, maps: int, rate: float) -> float:
    random = np.random.default_rng(2)
    band = distance_band(grid, BAND_M, self_included=True)
    away = np.hypot(grid.columns - SIDE // 2, grid.rows - SIDE // 2)
    planted = away * SIZE_M <= BAND_M
    rates = np.where(planted, times * rate, rate)
    hot = [fit_getis_ord(random.poisson(rates).astype(float), band).hot() for _ in range(maps)]
    return float(np.mean([found[planted].mean() for found in hot]))


def _patterns(grid: Fishnet, cubes: int, rate: float) -> str:
    random = np.random.default_rng(3)
    band = distance_band(grid, BAND_M, self_included=True)
    found = [
        fit_emerging(random.poisson(rate, (len(grid), PERIODS)).astype(float), band).pattern
        for _ in range(cubes)
    ]
    names, counts = np.unique(np.concatenate(found), return_counts=True)
    shares = dict(zip(names.tolist(), (counts / counts.sum()).tolist(), strict=True))
    shares.pop(NO_PATTERN, None)
    text = "; ".join(f"{name} {100 * share:.3f} %" for name, share in shares.items())
    return f"{100 * sum(shares.values()):.3f} % ({text or 'none'})"


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000)
