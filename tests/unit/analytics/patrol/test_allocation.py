"""Allocation against every possible one."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest

from analytics.errors import InputError
from analytics.patrol.allocation import ShareLimit, UnitLimits, allocate, disparity


def concave(seed: int, areas: int) -> np.ndarray:
    """What 0 to 6 units reach in each area."""
    gains = -np.sort(-np.random.default_rng(seed).gamma(1.0, size=(areas, 6)), axis=1)
    return np.column_stack([np.zeros(areas), np.cumsum(gains, axis=1)])


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("minimum", [0, 1])
@pytest.mark.parametrize("balance", [None, 1.6])
def test_no_allocation_with_the_same_limits_reaches_more(
    seed: int, minimum: int, balance: float | None
) -> None:
    values, units = concave(seed, 4), 6
    workload = np.random.default_rng(seed + 100).uniform(1, 3, 4).tolist()
    limits = UnitLimits.of(workload, units, minimum=minimum, balance=balance)
    found = allocate(lambda area, number: float(values[area, number]), units, limits)
    allowed = [
        given
        for given in product(range(7), repeat=4)
        if sum(given) == units
        and all(a <= n <= b for a, n, b in zip(limits.fewest, given, limits.most, strict=True))
    ]
    best = max(sum(values[area, number] for area, number in enumerate(one)) for one in allowed)
    assert found.units in allowed
    assert sum(found.captured) == pytest.approx(best)


def test_the_curve_says_what_each_unit_and_one_more_adds() -> None:
    values = np.array([[0, 5, 8, 9], [0, 4, 5, 5.5]], dtype=float)
    limits = UnitLimits.of([1, 1], 3)
    found = allocate(lambda area, number: float(values[area, number]), 3, limits)
    assert found.units == (2, 1)
    assert found.steps == ((0, 5.0), (1, 4.0), (0, 3.0))
    assert allocate(lambda a, n: float(values[a, n]), 2, UnitLimits.of([1, 1], 2)).one_more == (
        0,
        3.0,
    )


def test_limits_that_leave_no_allocation_are_refused() -> None:
    with pytest.raises(InputError, match="at least 6"):
        UnitLimits.of([1, 1, 1], 5, minimum=2)
    with pytest.raises(InputError, match="1 or more"):
        UnitLimits.of([1, 1], 5, balance=0.5)


def test_units_stay_in_the_one_area_that_is_planned_even_where_they_add_nothing() -> None:
    limits = UnitLimits.of([0, 5, 0], 3, minimum=1, balance=1.2, only=1)
    assert (limits.fewest, limits.most) == ((0, 2, 0), (0, 4, 0))
    found = allocate(lambda _area, _number: 1.0, 3, UnitLimits.of([0, 5, 0], 3, minimum=1, only=1))
    assert found.units == (0, 3, 0)
    assert [gain for _, gain in found.steps] == [1, 0, 0]


def test_balance_keeps_units_near_the_share_of_the_workload() -> None:
    values = np.array([np.arange(11) * 9.0, np.arange(11) * 1.0])
    limits = UnitLimits.of([1, 1], 10, balance=1.25)
    found = allocate(lambda area, number: float(values[area, number]), 10, limits)
    assert found.units == (6, 4)


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("minimum", [0, 1])
def test_no_allocation_within_the_shares_of_harm_reaches_more(seed: int, minimum: int) -> None:
    """Against every allocation of six units to four areas."""
    values, units = concave(seed, 4), 6
    harm = tuple(np.random.default_rng(seed + 50).dirichlet(np.full(4, 3.0)).tolist())
    lowest = ShareLimit(1, harm).least_factor(units, minimum)
    every = [
        one
        for one in product(range(7), repeat=4)
        if sum(one) == units and all(n >= minimum for n in one)
    ]
    assert lowest == pytest.approx(min(disparity(one, harm) for one in every))
    for at_most in (lowest, 1.3 * lowest, 10.0):
        share = ShareLimit(at_most, harm)
        limits = UnitLimits.of([1] * 4, units, minimum=minimum, share=share)
        found = allocate(lambda area, number: float(values[area, number]), units, limits)
        best = max(
            sum(values[area, number] for area, number in enumerate(one))
            for one in every
            if disparity(one, harm) <= at_most + 1e-9
        )
        assert disparity(found.units, harm) <= at_most + 1e-9
        assert sum(found.captured) == pytest.approx(best)


def test_shares_that_whole_units_cannot_meet_are_refused_with_the_lowest_that_they_can() -> None:
    harm = (0.7, 0.3)
    with pytest.raises(InputError, match=r"lowest limit that can is 1\.15"):
        UnitLimits.of([1, 1], 5, share=ShareLimit(1.0, harm))
    assert UnitLimits.of([1, 1], 5, share=ShareLimit(1.15, harm)).most == (4, 1)
    assert UnitLimits.of([1, 1], 10, share=ShareLimit(1.0, harm)).most == (7, 3)
    with pytest.raises(InputError, match="drop the minimum"):
        UnitLimits.of([1, 1], 4, minimum=1, share=ShareLimit(2, (1.0, 0.0)))
    with pytest.raises(InputError, match="balance and the limit"):
        UnitLimits.of([9, 1], 10, balance=1.1, share=ShareLimit(1.2, (0.5, 0.5)))
