"""The frontier against every allocation of a small city."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest

from analytics.errors import InputError
from analytics.fairness.frontier import FrontierPlan, frontier


def concave(seed: int) -> np.ndarray:
    """What 0 to 7 units reach in each of four areas."""
    gains = -np.sort(-np.random.default_rng(seed).gamma(1.0, size=(4, 7)), axis=1)
    return np.column_stack([np.zeros(4), np.cumsum(gains, axis=1)])


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("minimum", [0, 1])
def test_its_plans_are_all_those_that_none_beats_on_both(seed: int, minimum: int) -> None:
    """The Pareto set of all allocations of seven units, found by brute force."""
    values, units = concave(seed), 7
    harm = tuple(np.random.default_rng(seed + 9).dirichlet(np.full(4, 2.0)).tolist())

    def captured(area: int, number: int) -> float:
        return float(values[area, number])

    found = frontier(captured, [1.0] * 4, units, harm, minimum=minimum)
    every = [
        FrontierPlan.of(captured, one, harm)
        for one in product(range(8), repeat=4)
        if sum(one) == units and min(one) >= minimum
    ]

    def ratio(one: FrontierPlan) -> float:
        assert one.disparity is not None
        return one.disparity

    best = [
        one
        for one in every
        if not any(
            (other.captured >= one.captured and ratio(other) < ratio(one) - 1e-12)
            or (other.captured > one.captured + 1e-12 and ratio(other) <= ratio(one) + 1e-12)
            for other in every
        )
    ]
    assert [(one.captured, one.disparity) for one in found] == [
        pytest.approx((one.captured, one.disparity))
        for one in sorted(best, key=lambda one: -ratio(one))
    ]


def test_its_plans_keep_the_balance() -> None:
    """Work is 3 to 1: of eight units, 1.25 times the fair share at most, and at least that less."""

    def captured(area: int, number: int) -> float:
        return number * (3.0 if area == 0 else 1.0)

    free = frontier(captured, [3.0, 1.0], 8, (0.25, 0.75))
    kept = frontier(captured, [3.0, 1.0], 8, (0.25, 0.75), balance=1.25)
    assert [one.units for one in free] == [(8 - at, at) for at in range(7)]
    assert [one.units for one in kept] == [(7, 1), (6, 2), (5, 3)]


def test_a_plan_is_measured_by_hand() -> None:
    one = FrontierPlan.of(lambda area, number: float(number), (3, 1), (0.5, 0.5))
    assert (one.captured, one.disparity, one.moved) == (4.0, 1.5, 0.25)


def test_too_few_units_for_the_minimum_are_refused() -> None:
    with pytest.raises(InputError, match="at least 8"):
        frontier(lambda _area, number: float(number), [1.0] * 4, 5, (0.25,) * 4, minimum=2)


def test_an_area_without_harm_has_units_in_the_first_plan_only() -> None:
    def captured(area: int, number: int) -> float:
        return number * (3.0 if area == 0 else 1.0)

    found = frontier(captured, [1.0] * 3, 4, (0.0, 0.5, 0.5))
    assert (found[0].units, found[0].disparity) == ((4, 0, 0), None)
    assert [one.disparity for one in found[1:]] == [1.0]  # as good as any other without area 0
    assert found[-1].units == (0, 2, 2)
