"""The quartic KDE, against brute force and the integral of its kernel."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.integrate import dblquad
from scipy.spatial.distance import cdist

from analytics.errors import InputError
from analytics.hotspots.kde import decayed, fit_kde, fit_risk
from analytics.hotspots.kde_kernels import kernel_matrix, quartic
from tests.unit.analytics.hotspots.places import clustered, square_net


def brute(targets: np.ndarray, xy: np.ndarray, weights: np.ndarray, h: float) -> np.ndarray:
    distance = cdist(targets, xy)
    kernel = 3 / (np.pi * h * h) * (1 - (distance / h) ** 2) ** 2
    return np.where(distance < h, kernel, 0) @ weights * 1e6


@pytest.mark.parametrize("bandwidth_m", [80.0, 500.0, 3000.0])
def test_equals_the_sum_over_all_pairs(bandwidth_m: float) -> None:
    xy, counts = clustered(1)
    targets = square_net(20).centres + np.array([448e3, 4620e3])
    found = fit_kde(targets, xy, counts, bandwidth_m=bandwidth_m)
    assert found == pytest.approx(brute(targets, xy, counts, bandwidth_m))
    matrix = kernel_matrix(targets, xy, bandwidth_m)
    assert matrix @ counts == pytest.approx(found)


def test_the_kernel_integrates_to_one() -> None:
    integral, _ = dblquad(lambda r, _: quartic(r, 500.0) * r, 0, 2 * np.pi, 0, 500)
    assert integral == pytest.approx(1)


def test_incidents_are_kept_where_the_city_has_no_edge_near() -> None:
    net = square_net(60, 50)
    middle = np.array([[1500.0, 1500.0], [1400.0, 1610.0]])
    density = fit_kde(net.centres, middle, np.array([3.0, 4.0]), bandwidth_m=600)
    assert density.sum() * net.cell_km2 == pytest.approx(7, rel=1e-3)


def test_weights_halve_with_every_half_life() -> None:
    assert decayed(np.array([8.0, 8.0, 8.0]), [0, 30, 60], 30).tolist() == [8, 4, 2]


def test_the_future_cannot_be_used() -> None:
    with pytest.raises(InputError):
        decayed(np.ones(2), [3, -1], 30)


def test_risk_is_a_ratio_of_densities_and_masked_where_the_denominator_is_thin() -> None:
    targets = np.array([[0.0, 0.0], [5000.0, 0.0], [9000.0, 0.0]])
    burglaries = np.array([[0.0, 0.0], [5000.0, 0.0], [9000.0, 0.0]])
    people = np.array([[0.0, 0.0], [5000.0, 0.0], [9499.0, 0.0]])
    risk = fit_risk(
        targets, (burglaries, np.array([2.0, 3, 1])), (people, np.array([100.0, 10, 1]))
    )
    assert risk.ratio[:2] == pytest.approx([0.02, 0.3])
    assert risk.thin.tolist() == [False, False, True]
    assert np.isnan(risk.ratio[2])


def test_no_bandwidth_and_no_incidents() -> None:
    with pytest.raises(InputError):
        fit_kde(np.zeros((1, 2)), np.zeros((1, 2)), bandwidth_m=0)
    assert fit_kde(np.zeros((2, 2)), np.zeros((0, 2)), bandwidth_m=100).tolist() == [0, 0]
