"""Counts beyond the tail: an analytic case, false alarms and planted outliers by simulation."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from analytics.statistics.tail import expected_above

CITIES = 400
PLACES = 4_000
LEVEL = 0.05
Draw = Callable[[np.random.Generator], np.ndarray]


def pareto(dice: np.random.Generator) -> np.ndarray:
    return np.ceil(3 * (1 + dice.pareto(1.8, PLACES)))


def lognormal(dice: np.random.Generator) -> np.ndarray:
    return np.ceil(dice.lognormal(1.0, 1.1, PLACES))


def negative_binomial(dice: np.random.Generator) -> np.ndarray:
    return 1.0 + dice.negative_binomial(0.4, 0.05, PLACES)


def test_the_expected_count_is_that_of_the_power_law_that_made_the_counts() -> None:
    exponent, size = 2.0, 20_000
    ranks = np.arange(1, size + 1)
    counts = 1_000 * (ranks / size) ** (-1 / exponent)  # expected order statistics, no chance
    found = expected_above(counts)
    assert found[:10] == pytest.approx(ranks[:10], rel=0.05)
    assert np.isinf(found[250:]).all()


@pytest.mark.parametrize("draw", [pareto, lognormal, negative_binomial])
def test_false_alarms_are_as_rare_as_stated(draw: Draw) -> None:
    dice = np.random.default_rng(5)
    alarmed = sum(bool((expected_above(draw(dice)) < LEVEL).any()) for _ in range(CITIES))
    # At most the stated 5% of cities; 2.6 standard errors of 400 cities, and the estimate's own.
    assert alarmed / CITIES <= LEVEL + 0.035


@pytest.mark.parametrize("planted", [1, 8])
def test_planted_places_are_found_though_they_are_many(planted: int) -> None:
    dice = np.random.default_rng(7)
    found = 0
    for _ in range(100):
        counts = lognormal(dice)
        counts[:planted] = 40 * np.sort(counts)[-20]
        expected = expected_above(counts)
        found += bool((expected[:planted] < LEVEL * planted).all())
    assert found >= 95


def test_few_or_equal_counts_have_no_tail() -> None:
    assert np.isinf(expected_above(np.array([1.0, 2.0, 900.0]))).all()
    assert np.isinf(expected_above(np.full(1_000, 7.0))).all()
