"""Knox's test, against brute force, a closed form and planted repeats."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations

import numpy as np
import pytest

from analytics.errors import InputError
from analytics.hotspots.knox import NearRepeat, NearRepeatNull, fit_near_repeat, near_repeat_surface

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
    assert found.usual.expected == pytest.approx(np.outer(near, share), rel=0.05, abs=0.1)


def test_locally_expected_pairs_are_those_of_brute_force() -> None:
    xy, day = incidents(5, 80)
    random = np.random.default_rng(9)
    tables = []
    for _ in range(120):
        shifted = [(int(one) + random.uniform(-28, 28), at) for at, one in enumerate(day)]
        moved = np.zeros_like(day)
        for (_, at), date in zip(sorted(shifted), sorted(day), strict=True):
            moved[at] = date
        tables.append(brute(xy, moved))
    found = fit_near_repeat(xy, day, distances_m=DISTANCES, days=DAYS, permutations=499)
    assert found.local.expected == pytest.approx(np.mean(tables, axis=0), rel=0.1, abs=0.5)
    at_least = (np.array(tables) >= found.observed).mean(axis=0)
    assert found.local.p == pytest.approx(at_least, abs=0.12)


def test_pairs_of_a_block_are_at_the_same_place_wherever_they_are() -> None:
    xy, day = incidents(6)
    block = np.random.default_rng(6).integers(-1, 40, len(day))
    table = np.zeros((3, 2), int)
    for i, j in combinations(range(len(xy)), 2):
        meters, lag = np.hypot(*(xy[i] - xy[j])), abs(int(day[i]) - int(day[j]))
        on_blocks = min(block[i], block[j]) >= 0
        same = block[i] == block[j] if on_blocks else meters <= 0.5
        row = 0 if same else 1 if meters <= 100 else 2 if meters <= 250 else None
        column = 0 if lag <= 7 else 1 if lag <= 14 else None
        if row is not None and column is not None:
            table[row, column] += 1
    few = {"days": DAYS, "permutations": 9}
    found = fit_near_repeat(xy, day, block=block, distances_m=DISTANCES, **few)
    assert np.array_equal(found.observed, table)
    only = fit_near_repeat(xy, day, block=block, distances_m=(0,), **few)
    assert np.array_equal(only.observed, table[:1])
    without = fit_near_repeat(xy, day, block=block, distances_m=(100, 250), **few)
    plain = brute(xy, day)
    assert np.array_equal(without.observed, [plain[0] + plain[1], plain[2]])


def drifting(seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Places whose seasons differ, without any repeat: 400 incidents at 40 places."""
    random = np.random.default_rng(seed)
    places, turns = random.uniform(0, 6000, (40, 2)), random.uniform(0, 1, 40)
    at, day = random.integers(0, 40, 4000), random.integers(0, 365, 4000)
    rate = 1 + 0.7 * np.sin(2 * np.pi * (day / 365 + turns[at]))
    kept = np.flatnonzero(random.uniform(0, 1.7, 4000) < rate)[:400]
    return places[at[kept]] + random.normal(0, 60, (len(kept), 2)), day[kept]


def test_drift_is_near_repeat_for_the_usual_null_and_not_for_the_local_one() -> None:
    alarms = np.zeros(2)
    for seed in range(80):
        xy, day = drifting(seed)
        found = fit_near_repeat(xy, day, distances_m=(200,), days=(14,), permutations=99)
        alarms += [found.usual.p[0, 0] <= 0.05, found.local.p[0, 0] <= 0.05]
    assert alarms[0] > 0.5 * 80
    assert alarms[1] <= 10  # binomial(80, .05): P(> 10) < .003


def planted(seed: int) -> NearRepeat:
    """Of 1,500 incidents anywhere and 150 repeats within 71 m and four days."""
    random = np.random.default_rng(seed)
    xy, day = random.uniform(0, 8000, (1500, 2)), random.integers(0, 365, 1500)
    again = random.choice(1500, 150, replace=False)
    near = xy[again] + random.uniform(-50, 50, (150, 2))
    xy, day = np.vstack([xy, near]), np.append(day, day[again] + random.integers(0, 5, 150))
    return fit_near_repeat(xy, day, distances_m=(100, 200, 400), days=(7, 14, 28))


def test_planted_repeats_are_found_where_they_were_planted_and_nowhere_else() -> None:
    elsewhere = np.zeros(2)
    for seed in range(6):
        found = planted(seed)
        assert found.usual.ratio[0, 0] > 3
        assert found.usual.ratio[0, 0] > found.local.ratio[0, 0] > 1.3
        assert found.usual.p[0, 0] == found.local.p[0, 0] == 1 / 200
        assert found.excess()[0, 0] == pytest.approx(found.local.ratio[0, 0] - 1)
        elsewhere += [(null.p[1:] <= 0.05).sum() for null in (found.usual, found.local)]
    assert (elsewhere <= 7).all()  # binomial(36, .05): P(> 7) < .002


def test_without_interaction_small_p_values_are_as_rare_as_they_should_be() -> None:
    small = np.zeros(2)
    for seed in range(60):
        xy, day = incidents(100 + seed, 150)
        made = fit_near_repeat(xy, day, distances_m=(250,), days=(14,), permutations=99)
        small += np.array([p[0, 0] <= 0.1 for p in (made.usual.p, made.local.p)])
    assert (small <= 14).all()  # binomial(60, .1): P(> 14) < .001


def test_the_surface_is_raised_by_recent_incidents_in_reach_alone() -> None:
    xy, day = incidents(1)
    fitted = fit_near_repeat(xy, day, distances_m=DISTANCES, days=DAYS, permutations=19)
    excess = np.array([[3.0, 1.0], [0.5, 0.25], [0.125, 0.0]])
    local = NearRepeatNull(1 / (1 + excess), 1 + excess, np.full((3, 2), 0.01))
    fitted = replace(fitted, local=local)
    targets = np.array([[0.0, 0.0], [90.0, 0.0], [240.0, 0.0], [900.0, 0.0]])
    one = near_repeat_surface(targets, np.array([[0.0, 0.0]]), [7], fitted)
    assert one == pytest.approx([3, 0.5, 0.125, 0])
    blocks = ([-1, 7, 7, 8], [7])
    on_block = near_repeat_surface(targets, np.zeros((1, 2)), [7], fitted, blocks=blocks)
    assert on_block == pytest.approx([3, 3, 3, 0])
    beside = np.array([[0.0, 0.0], [0.4, 0.0], [0.4, 0.0]])
    at_one_point = near_repeat_surface(
        beside, np.zeros((1, 2)), [7], fitted, blocks=([8, 8, -1], [7])
    )
    assert at_one_point == pytest.approx([0.5, 0.5, 3])  # another block, or none
    assert near_repeat_surface(beside, np.zeros((1, 2)), [7], fitted) == pytest.approx([3, 3, 3])
    older = near_repeat_surface(targets, np.zeros((3, 2)), [8, 14, 15], fitted)
    assert older == pytest.approx([2, 0.5, 0, 0])
    # A band that chance explains adds nothing, nor does one with fewer pairs than expected.
    chance = NearRepeatNull(local.expected, local.ratio, np.array([[0.06, 1], [0.05, 1], [1, 1]]))
    fitted = replace(fitted, local=chance)
    assert near_repeat_surface(targets, np.zeros((1, 2)), [7], fitted).tolist() == [0, 0.5, 0, 0]
    fewer = replace(chance, ratio=np.full((3, 2), 0.5), p=np.full((3, 2), 0.01))
    assert not near_repeat_surface(
        targets, np.zeros((1, 2)), [7], replace(fitted, local=fewer)
    ).any()
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
    crowd = np.random.default_rng(0).uniform(0, 140, (8_000, 2))
    with pytest.raises(InputError, match="shorter period"):
        fit_near_repeat(crowd, np.arange(8_000), distances_m=(200,), days=(14,), permutations=1)
