"""The space-time permutation scan: as one by one, as rarely wrong as it says, and what it finds."""

from __future__ import annotations

from math import dist, log

import numpy as np
import pytest
from scipy import sparse

from analytics.hotspots.fishnet import Fishnet
from analytics.hotspots.space_time_scan import (
    FEWEST,
    RADII_M,
    WINDOWS_DAYS,
    scan_clusters,
)

SIDE, SIZE_M, DAYS = 12, 500, 364


def town() -> Fishnet:
    columns, rows = np.meshgrid(np.arange(SIDE), np.arange(SIDE), indexing="ij")
    cells = columns.ravel().astype(np.int64), rows.ravel().astype(np.int64)
    return Fishnet(SIZE_M, *cells, "EPSG:32616")


def history(seed: int, *, last_week: float = 1.0, busy_cell: float = 1.0) -> sparse.csr_array:
    """Days × cells: places that differ in their level, and a season of the whole town."""
    random = np.random.default_rng(seed)
    level = random.gamma(0.5, 1.0, SIDE * SIDE)
    level[40] *= busy_cell
    season = 1 + 0.3 * np.sin(np.arange(DAYS) / 58)
    season[-7:] *= last_week
    day = np.repeat(np.arange(DAYS), random.poisson(8 * season))
    cell = random.choice(SIDE * SIDE, len(day), p=level / level.sum())
    return sparse.csr_array((np.ones(len(day)), (day, cell)), shape=(DAYS, SIDE * SIDE))


def with_cluster(seed: int, more: int, days: int = 14) -> sparse.csr_array:
    """The same with further incidents in the four cells around the middle, in the last days."""
    random = np.random.default_rng(1_000 + seed)
    middle = [SIDE * column + row for column in (5, 6) for row in (5, 6)]
    cells, day = random.choice(middle, more), random.integers(DAYS - days, DAYS, more)
    planted = sparse.csr_array((np.ones(more), (day, cells)), shape=(DAYS, SIDE * SIDE))
    return sparse.csr_array(history(seed) + planted)


def strongest_one_by_one(daily: sparse.csr_array, grid: Fishnet) -> tuple[float, set[int], int]:
    """Strength, cells and days of the strongest cylinder, by loops and the formula."""
    counts, total = daily.toarray(), float(daily.sum())
    best = (0.0, set[int](), 0)
    for days in WINDOWS_DAYS:
        for center in grid.centers:
            for radius in (0, *RADII_M):
                cells = [n for n, other in enumerate(grid.centers) if dist(center, other) <= radius]
                count = counts[-days:, cells].sum()
                expected = counts[:, cells].sum() * counts[-days:].sum() / total
                if count < FEWEST or count <= expected:
                    continue
                strength = count * log(count / expected)
                strength += (total - count) * log((total - count) / (total - expected))
                if strength > best[0]:
                    best = strength, set(cells), days
    return best


def test_the_strongest_cluster_is_the_one_found_one_by_one() -> None:
    daily, grid = with_cluster(3, 25), town()
    best = scan_clusters(daily, grid, permutations=19)[0]
    strength, cells, days = strongest_one_by_one(daily, grid)
    assert best.strength == pytest.approx(strength)
    assert set(best.cells.tolist()) == cells
    assert best.days == days
    assert best.count == daily.toarray()[-days:, sorted(cells)].sum()


def test_a_cluster_is_found_where_and_when_it_is() -> None:
    """20 more within two weeks where some 5 are usual, in at least 9 of 10 towns."""
    middle = {SIDE * column + row for column in (5, 6) for row in (5, 6)}
    found = 0
    for seed in range(10):
        clusters = scan_clusters(with_cluster(seed, 20), town(), permutations=99, seed=seed)
        found += any(middle & set(one.cells.tolist()) for one in clusters)
    assert found >= 9


def test_where_nothing_clusters_one_is_as_rare_as_it_says() -> None:
    """At most 5% of towns; with 80 of them more than 9 would be so in 1 test of 100."""
    clear = [
        bool(scan_clusters(history(100 + seed), town(), permutations=99, seed=seed))
        for seed in range(80)
    ]
    assert sum(clear) <= 9


def test_a_busy_place_and_a_busy_week_of_the_whole_town_are_no_cluster() -> None:
    """At most 5% of towns; with 20 of them more than 4 would be so in 1 test of 100."""
    clear = 0
    for seed in range(20):
        daily = history(seed, last_week=3, busy_cell=30)
        clear += bool(scan_clusters(daily, town(), permutations=99, seed=seed))
    assert clear <= 4


def test_clusters_share_no_cell_and_few_incidents_are_none() -> None:
    daily = with_cluster(5, 60, 28).tolil()
    daily[-3:, 0] = 9
    clusters = scan_clusters(sparse.csr_array(daily), town(), permutations=99)
    cells = [cell for one in clusters for cell in one.cells.tolist()]
    assert len(clusters) >= 2
    assert len(cells) == len(set(cells))
    assert scan_clusters(sparse.csr_array((DAYS, SIDE * SIDE)), town()) == ()
