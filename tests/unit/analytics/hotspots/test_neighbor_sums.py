"""Conditional permutation tails against every possible draw, counting, and drawing by hand."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from scipy import sparse
from scipy.stats import hypergeom, kstest

from analytics.hotspots import neighbor_sums
from analytics.hotspots.fishnet import Fishnet
from analytics.hotspots.neighbor_sums import SMALLEST_P, permutation_tails, rounding_step
from analytics.hotspots.surface_methods import getis_ord


def linked(cells: int, share: float, seed: int = 0) -> sparse.csr_array:
    random = np.random.default_rng(seed)
    matrix = (random.random((cells, cells)) < share).astype(float)
    np.fill_diagonal(matrix, 0)
    return sparse.csr_array(matrix)


def skewed(cells: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).negative_binomial(0.5, 0.1, cells).astype(float)


@pytest.mark.parametrize("share", [0.1, 0.3, 0.5, 0.7, 0.97, 1.1])
def test_tails_are_those_of_every_way_to_draw_the_neighbors(share: float) -> None:
    values, others = skewed(13), linked(13, share)
    below, above = permutation_tails(values, others)
    for cell in range(13):
        drawn = combinations(np.delete(values, cell), int(others[[cell]].sum()))
        sums = np.array([sum(one) for one in drawn])
        observed = (others @ values)[cell]
        assert below[cell] == pytest.approx((sums <= observed).mean(), abs=1e-12)
        assert above[cell] == pytest.approx((sums >= observed).mean(), abs=1e-12)


def test_tails_of_cells_with_one_incident_or_none_are_hypergeometric() -> None:
    cells, busy = 5_000, 400
    values = np.zeros(cells)
    values[np.random.default_rng(4).choice(cells, busy, replace=False)] = 1
    others = linked(cells, 0.006, seed=5)
    below, above = permutation_tails(values, others)
    sums, degree = others @ values, np.diff(others.indptr)
    law = hypergeom(cells - 1, busy - values, degree)
    assert below == pytest.approx(law.cdf(sums), abs=1e-11)
    assert above == pytest.approx(np.maximum(law.sf(sums - 1), SMALLEST_P), abs=1e-11)
    assert above.min() < 2e-4


@pytest.mark.parametrize("scale", [1.0, 1e6, 0.1234])
def test_wide_and_broken_values_are_rounded_and_tails_hardly_change(scale: float) -> None:
    random = np.random.default_rng(6)
    values = random.lognormal(3, 1.5, 300) * scale
    values = np.rint(values) if scale > 1 else values
    others = linked(300, 0.06, seed=7)
    below, above = permutation_tails(values, others)
    for cell in (0, 50, 100, int(np.argmin(above)), int(np.argmin(below))):
        rest, k = np.delete(values, cell), int(others[[cell]].sum())
        sums = np.array([random.permuted(rest)[:k].sum() for _ in range(20_000)])
        observed = (others @ values)[cell]
        error = 4 * np.sqrt(0.25 / 20_000)
        assert below[cell] == pytest.approx((sums <= observed).mean(), abs=error)
        assert above[cell] == pytest.approx((sums >= observed).mean(), abs=error)


def test_a_coarse_lattice_still_tests_at_its_level(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(neighbor_sums, "_FEWEST_STEPS", 200)
    monkeypatch.setattr(neighbor_sums, "_MOST_STEPS", 200)
    others, found = linked(400, 0.1, seed=8), []
    for seed in range(60):
        values = np.random.default_rng(seed).lognormal(5, 1, 400)
        found.append(permutation_tails(values, others)[1][seed])
    assert kstest(found, "uniform").pvalue > 0.01


def test_a_map_says_to_what_its_values_are_rounded() -> None:
    grid = Fishnet(250, np.arange(900) // 30, np.arange(900) % 30, "EPSG:32616")
    few = skewed(900, seed=9)
    assert rounding_step(few, np.full(900, 12)) == 1
    wide = np.rint(np.random.default_rng(9).lognormal(9, 1, 900))
    step = rounding_step(wide, np.full(900, 12))
    assert step == pytest.approx(np.ptp(wide) / neighbor_sums._lattice(wide, 12).max(), rel=0.01)
    assert step > 1
    assert getis_ord(few, grid, 500).details.rounding_step is None
    assert getis_ord(wide, grid, 500).details.rounding_step == step


def test_a_cell_is_never_drawn_as_its_own_neighbor() -> None:
    values = np.arange(30.0) % 3
    values[[1, 5, 6]] = 10.0
    values[0] = 100.0
    others = sparse.lil_array((30, 30))
    others[0, [1, 5, 6]] = 1
    _, above = permutation_tails(values, others.tocsr())
    assert above[0] == pytest.approx(1 / 3654)  # one of C(29, 3) sets


def test_without_neighbors_or_differences_nothing_is_unusual() -> None:
    lone = linked(20, 0.3).tolil()
    lone[3] = 0
    below, above = permutation_tails(skewed(20), sparse.csr_array(lone))
    assert (below[3], above[3]) == (1, 1)
    assert permutation_tails(np.full(20, 4.0), linked(20, 0.3))[1].tolist() == [1.0] * 20
