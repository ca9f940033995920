"""Chains of near repeats: found as one by one, and rarely clear where there are none."""

from __future__ import annotations

from itertools import combinations
from math import hypot, log

import numpy as np
import pytest

from analytics.alerts.chains import find_chains
from analytics.alerts.watch_rules import FEWEST_LINKED
from analytics.statistics.arrays import Floats, Ints
from analytics.statistics.tiers import Tier

DAYS, WITHIN_M, LAST = 14, 200.0, 119


def city(seed: int, incidents: int = 600, side_m: float = 9_000) -> tuple[Floats, Ints]:
    """Incidents anywhere at any time, half of them in a tenth of the city."""
    random = np.random.default_rng(seed)
    half = incidents // 2
    xy = np.vstack([random.uniform(0, side_m, (half, 2)), random.uniform(0, side_m / 3, (half, 2))])
    return xy, random.integers(0, LAST + 1, incidents)


def with_chain(seed: int, length: int, apart: int = 2) -> tuple[Floats, Ints]:
    """The same, with incidents 60 m and some days apart, up to the last day, at the end."""
    xy, day = city(seed)
    step = np.arange(length)
    chain = np.column_stack([7_000 + 60.0 * step, np.full(length, 7_000.0)])
    return np.vstack([xy, chain]), np.append(day, LAST - apart * step[::-1])


def found_one_by_one(xy: Floats, day: Ints) -> set[frozenset[int]]:
    """Chains of the last days, by merging sets."""
    groups = [{number} for number in range(len(day))]
    of = list(range(len(day)))
    for one, other in combinations(range(len(day)), 2):
        near = hypot(*(xy[one] - xy[other])) <= WITHIN_M and abs(day[one] - day[other]) <= DAYS
        if near and of[one] != of[other]:
            kept, gone = of[one], of[other]
            groups[kept] |= groups[gone]
            for member in groups[gone]:
                of[member] = kept
            groups[gone] = set()
    return {
        frozenset(group)
        for group in groups
        if len(group) >= FEWEST_LINKED and max(day[list(group)]) > LAST - DAYS
    }


@pytest.mark.parametrize("seed", range(3))
def test_a_chain_is_what_is_linked_directly_or_by_others(seed: int) -> None:
    xy, day = with_chain(seed, 6)
    found = find_chains(xy, day, within_m=WITHIN_M, days=DAYS, last=LAST)
    expected = found_one_by_one(xy, day)
    assert found.tested == len(expected)
    assert {frozenset(one.members.tolist()) for one in found.found} <= expected
    planted = frozenset(range(len(day) - 6, len(day)))
    assert any(planted <= set(one.members.tolist()) for one in found.found)


def test_a_long_chain_is_clear() -> None:
    best = find_chains(*with_chain(0, 9, 1), within_m=WITHIN_M, days=DAYS, last=LAST).found[0]
    assert {*range(600, 609)} <= set(best.members.tolist())
    assert best.tier is Tier.CLEAR


def test_the_strength_is_the_log_likelihood_ratio_of_surroundings_and_days() -> None:
    xy, day = with_chain(1, 9)
    best = find_chains(xy, day, within_m=WITHIN_M, days=DAYS, last=LAST).found[0]
    members = best.members.tolist()
    around = {
        other
        for other in range(len(day))
        if any(hypot(*(xy[one] - xy[other])) <= WITHIN_M for one in members)
    }
    first, newest = min(day[members]), max(day[members])
    usual = len(around) * np.mean((day >= first) & (day <= newest))
    number = len(members)
    assert best.usual == pytest.approx(usual)
    assert best.strength == pytest.approx(number * log(number / usual) - number + usual)


def test_where_nothing_repeats_a_clear_chain_is_as_rare_as_it_says() -> None:
    """At most 5% of cities; with 60 of them more than 7 would be so in 1 test of 100."""
    clear, stood_out, stated = 0, [], []
    for seed in range(60):
        found = find_chains(
            *city(100 + seed), within_m=WITHIN_M, days=DAYS, last=LAST, permutations=99, seed=seed
        )
        clear += any(one.tier is Tier.CLEAR for one in found.found)
        stood_out.append(len(found.found))
        stated.append(found.by_chance)
    assert clear <= 7
    spread = np.std(stood_out) / np.sqrt(len(stood_out))
    assert abs(np.mean(stood_out) - np.mean(stated)) <= 3 * spread


def test_old_chains_are_not_news() -> None:
    xy, day = with_chain(2, 6)
    day[-6:] -= 2 * DAYS
    found = find_chains(xy, day, within_m=WITHIN_M, days=DAYS, last=LAST)
    assert all(not set(range(600, 606)) & set(one.members.tolist()) for one in found.found)
