"""Gini and Lorenz, against their definitions."""

from __future__ import annotations

import numpy as np
import pytest

from analytics.errors import InputError
from analytics.hotspots.concentration import fit_concentration


def test_gini_is_half_the_mean_difference_over_the_mean() -> None:
    values = np.random.default_rng(0).negative_binomial(1, 0.3, 300)
    difference = np.abs(np.subtract.outer(values, values)).mean()
    found = fit_concentration(values)
    assert found.gini == pytest.approx(difference / (2 * values.mean()))
    assert found.generalized_gini == pytest.approx(found.gini)


def test_gini_is_what_the_whole_lorenz_curve_leaves_under_the_diagonal() -> None:
    found = fit_concentration(np.random.default_rng(1).poisson(1.5, 500), points=10_000)
    area = np.trapezoid(found.curve[:, 1], found.curve[:, 0])
    assert found.gini == pytest.approx(2 * area - 1)  # busiest first: above the diagonal
    assert found.curve[[0, -1]].tolist() == [[0, 0], [1, 1]]


def test_fewer_incidents_than_places_each_on_its_own_are_no_concentration() -> None:
    # Bernasco & Steenbeek (2017): the plain Gini of 20 crimes at 20 of 100 places is .8, of which
    # nothing is concentration.
    found = fit_concentration(np.ones(20), places=100)
    assert found.gini == pytest.approx(0.8)
    assert found.generalized_gini == pytest.approx(0)
    assert found.half_share == pytest.approx(0.1)


def test_everything_at_one_place_is_full_concentration() -> None:
    found = fit_concentration([40.0], places=1000)
    assert found.generalized_gini == pytest.approx(1, abs=0.03)
    assert found.half_share == 0.001


def test_equal_places_have_no_concentration() -> None:
    found = fit_concentration(np.full(10, 7))
    assert found.gini == pytest.approx(0)
    assert found.half_share == 0.5


def test_the_busiest_places_hold_what_a_sum_says() -> None:
    values = np.random.default_rng(2).negative_binomial(1, 0.1, 200)
    found = fit_concentration(values, places=400, points=401)
    for most in (4, 20, 100):
        held = sum(sorted(values.tolist(), reverse=True)[:most]) / values.sum()
        assert found.held_by(most / 400) == pytest.approx(held)


def test_the_smallest_share_that_holds_half() -> None:
    assert fit_concentration([5, 3, 1, 1, 0, 0, 0, 0]).half_share == 1 / 8
    assert fit_concentration([4, 3, 1, 1, 1, 0, 0, 0]).half_share == 2 / 8


@pytest.mark.parametrize(("values", "places"), [([], None), ([1, 1], 1), ([-1, 3], None), ([0], 5)])
def test_nonsense_is_refused(values: list, places: int | None) -> None:
    with pytest.raises(InputError):
        fit_concentration(values, places=places)
