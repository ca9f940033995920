"""Knox's test, against brute force, a closed form and planted repeats."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest

from analytics.errors import InputError
from analytics.hotspots.knox import fit_near_repeat, near_repeat_surface

DISTANCES = (0.0, 100.0, 250.0)
DAYS = (7, 14)


def brute(xy: np.ndarray, day: np.ndarray) -> np.ndarray:
    table = np.zeros((3, 2), int)
    for i, j in combinations(range(len(xy)), 2):
        meters, lag = np.hypot(*(xy[i] - xy[j])), abs(int(day[i]) - int(day[j]))
        row = 0 if meters <= 0.5 else 1 if meters <= 100 else 2 if meters <= 250 else None
        column = 0 if lag <= 7 else 1 if lag <= 14 else None
        if row is not None and column is not None:
            table[row, column] += 1
    return table


def incidents(seed: int, n: int = 250) -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(seed)
    return np.round(random.uniform(0, 1500, (n, 2)), -1), random.integers(0, 120, n)


@pytest.mark.parametrize("seed", range(3))
def test_observed_pairs_are_those_of_brute_force(seed: int) -> None:
    xy, day = incidents(seed)
    found = fit_near_repeat(xy, day, distances_m=DISTANCES, days=DAYS, permutations=9)
    assert np.array_equal(found.observed, brute(xy, day))


def test_expected_pairs_are_those_of_independence() -> None:
    xy, day = incidents(4)
    found = fit_near_repeat(xy, day, distances_m=DISTANCES, days=DAYS, permutations=999)
    # Over all permutations the mean is exact: pairs near in space × share of pairs near in time.
    everyone = np.arange(len(xy))
    near = brute(xy, np.zeros_like(day))[:, 0]
    lag = np.abs(np.subtract.outer(day, day))[np.triu_indices(len(everyone), 1)]
    share = np.array([(lag <= 7).mean(), ((lag > 7) & (lag <= 14)).mean()])
    assert found.expected == pytest.approx(np.outer(near, share), rel=0.05, abs=0.1)


def test_planted_repeats_are_found_where_they_were_planted_and_nowhere_else() -> None:
    random = np.random.default_rng(2)
    xy, day = random.uniform(0, 8000, (1500, 2)), random.integers(0, 365, 1500)
    again = random.choice(1500, 150, replace=False)
    near = xy[again] + random.uniform(-50, 50, (150, 2))
    xy, day = np.vstack([xy, near]), np.append(day, day[again] + random.integers(0, 5, 150))
    found = fit_near_repeat(xy, day, distances_m=(100, 200, 400), days=(7, 14, 28))
    assert found.ratio[0, 0] > 3
    assert found.p[0, 0] == 1 / 200
    assert (found.p[1:] > 0.01).all()
    assert found.excess()[0, 0] == pytest.approx(found.ratio[0, 0] - 1)


def test_without_interaction_small_p_values_are_as_rare_as_they_should_be() -> None:
    small = 0
    for seed in range(60):
        xy, day = incidents(100 + seed, 150)
        p = fit_near_repeat(xy, day, distances_m=(250,), days=(14,), permutations=99).p
        small += int(p[0, 0] <= 0.1)
    assert small <= 14  # binomial(60, .1): P(> 14) < .001


def test_the_surface_is_raised_by_recent_incidents_in_reach_alone() -> None:
    xy, day = incidents(1)
    fitted = fit_near_repeat(xy, day, distances_m=DISTANCES, days=DAYS, permutations=19)
    excess = np.array([[3.0, 1.0], [0.5, 0.25], [0.125, 0.0]])
    object.__setattr__(fitted, "observed", np.ones((3, 2), int))
    object.__setattr__(fitted, "expected", 1 / (1 + excess))
    object.__setattr__(fitted, "p", np.full((3, 2), 0.01))
    targets = np.array([[0.0, 0.0], [90.0, 0.0], [240.0, 0.0], [900.0, 0.0]])
    one = near_repeat_surface(targets, np.array([[0.0, 0.0]]), [7], fitted)
    assert one == pytest.approx([3, 0.5, 0.125, 0])
    older = near_repeat_surface(targets, np.zeros((3, 2)), [8, 14, 15], fitted)
    assert older == pytest.approx([2, 0.5, 0, 0])
    with pytest.raises(InputError):
        near_repeat_surface(targets, np.zeros((1, 2)), [-1], fitted)


@pytest.mark.parametrize(
    ("n", "distances", "days"), [(1, (0, 100), (7,)), (9, (100, 100), (7,)), (9, (100,), ())]
)
def test_nonsense_is_refused(n: int, distances: tuple, days: tuple) -> None:
    with pytest.raises(InputError):
        fit_near_repeat(np.zeros((n, 2)), np.arange(n), distances_m=distances, days=days)


def test_too_many_pairs_are_refused_before_they_are_made() -> None:
    with pytest.raises(InputError, match="shorter period"):
        fit_near_repeat(np.zeros((10_000, 2)), np.arange(10_000))
