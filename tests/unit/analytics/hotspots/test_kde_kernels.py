"""The quartic kernel, against brute force and the integral of its kernel."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.integrate import dblquad

from analytics.errors import InputError
from analytics.hotspots.kde_kernels import kernel_matrix, quartic
from tests.oracles.kde import brute_kde
from tests.unit.analytics.hotspots.places import clustered, square_grid


@pytest.mark.parametrize("bandwidth_m", [80.0, 500.0, 3000.0])
def test_equals_the_sum_over_all_pairs(bandwidth_m: float) -> None:
    xy, counts = clustered(1)
    targets = square_grid(20).centers + np.array([448e3, 4620e3])
    found = kernel_matrix(targets, xy, bandwidth_m) @ counts
    assert found == pytest.approx(brute_kde(targets, xy, counts, bandwidth_m=bandwidth_m))


def test_the_kernel_integrates_to_one() -> None:
    integral, _ = dblquad(lambda r, _: quartic(r, 500.0) * r, 0, 2 * np.pi, 0, 500)
    assert integral == pytest.approx(1)


def test_incidents_are_kept_where_the_city_has_no_edge_near() -> None:
    grid = square_grid(60, 50)
    middle = np.array([[1500.0, 1500.0], [1400.0, 1610.0]])
    density = kernel_matrix(grid.centers, middle, 600) @ np.array([3.0, 4.0])
    assert density.sum() * grid.cell_km2 == pytest.approx(7, rel=1e-3)


def test_no_bandwidth_and_no_incidents() -> None:
    with pytest.raises(InputError):
        kernel_matrix(np.zeros((1, 2)), np.zeros((1, 2)), 0)
    none = kernel_matrix(np.zeros((2, 2)), np.zeros((0, 2)), 100)
    assert (none @ np.zeros(0)).tolist() == [0, 0]
