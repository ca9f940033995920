"""The weighted displacement difference: published values, and false alarms, coverage and power."""

from __future__ import annotations

import numpy as np
import pytest

from analytics.patrol.displacement import (
    POISSON,
    BeforeAfter,
    Dispersion,
    PlaceGroups,
    effect,
    past_dispersion,
    weeks_needed,
)


def groups_of(*pairs: tuple[float, ...]) -> PlaceGroups:
    """Groups from (before, after) or (before, after, size) of each."""
    return PlaceGroups(*(BeforeAfter(*pair) for pair in pairs))


def test_published_example_of_the_r_package_ptools() -> None:
    found = effect(groups_of((20, 10), (20, 20)), level=0.10)
    assert found.difference == -10
    assert found.standard_error == pytest.approx(8.3666, abs=5e-5)
    assert found.z == pytest.approx(-1.195, abs=5e-4)
    assert (found.low, found.high) == pytest.approx((-23.76, 3.76), abs=5e-3)


def test_published_example_of_the_paper() -> None:
    # Wheeler & Ratcliffe 2018: target, control, displacement area and its control
    found = effect(
        groups_of(
            (207, 110),
            (308, 318),
            (178, 157),
            (150, 140),
        )
    )
    assert found.difference == -118
    assert found.standard_error == pytest.approx(39.6, abs=0.05)


@pytest.mark.parametrize(
    ("groups", "lengths", "difference", "error", "interval"),
    [
        (groups_of((120, 100), (130, 150)), (1, 1), -40, 22.4, (-76.8, -3.2)),
        (
            groups_of((120, 100), (130, 150), (40, 25), (30, 25)),
            (1, 1), -50, 24.9, (-91.0, -9.0),
        ),
        (groups_of((100, 20), (200, 100)), (2, 1), -30, 14.0, (-53.0, -7.0)),
        (
            groups_of((200, 100), (400, 200, 2), (40, 20), (80, 40, 2)),
            (1, 1), 0, 23.2, (-38.2, 38.2),
        ),
    ],
)  # fmt: skip
def test_published_examples_of_crimepy(
    groups: PlaceGroups,
    lengths: tuple[float, float],
    difference: float,
    error: float,
    interval: tuple[float, float],
) -> None:
    found = effect(groups, before=lengths[0], after=lengths[1], level=0.10)
    assert found.difference == pytest.approx(difference)
    assert found.standard_error == pytest.approx(error, abs=0.05)
    assert (found.low, found.high) == pytest.approx(interval, abs=0.05)


def test_published_example_of_five_crimes_weighted_by_harm() -> None:
    kinds = {
        "motor vehicle theft": (3, (130, 74), (133, 91), -14, 20.688),
        "theft": (2, (327, 202), (388, 305), -42, 34.957),
        "burglary": (5, (398, 190), (148, 97), -157, 28.862),
        "robbery": (7, (144, 92), (86, 64), -30, 19.647),
        "assault": (10, (183, 96), (94, 67), -60, 20.976),
    }
    weighted = []
    for harm, target, control, difference, error in kinds.values():
        groups = groups_of(target, control)
        alone = effect(groups)
        assert (alone.difference, alone.standard_error) == pytest.approx(
            (difference, error), abs=1e-3
        )
        weighted.append((float(harm), groups))
    found = effect(weighted)
    assert found.difference == -1721
    assert found.standard_error == pytest.approx(304.104, abs=1e-3)
    assert found.z == pytest.approx(-5.659, abs=1e-3)
    assert (found.low, found.high) == pytest.approx((-2317.0, -1125.0), abs=0.05)


def test_where_nothing_happened_nothing_is_significant() -> None:
    found = effect(groups_of((0, 0), (0, 0)))
    assert (found.difference, found.z, found.p) == (0, None, None)


@pytest.mark.parametrize(
    ("groups", "after"),
    [
        (groups_of((1, 1, 0), (1, 1)), 1),
        (groups_of((-1, 1), (1, 1)), 1),
        (groups_of((1, 1), (1, 1)), 0),
    ],
)
def test_what_cannot_be_is_refused(groups: PlaceGroups, after: float) -> None:
    with pytest.raises(ValueError, match="must be positive"):
        effect(groups, after=after)
    with pytest.raises(ValueError, match="at least 1"):
        Dispersion(0.5)


def simulated_weeks(
    random: np.random.Generator, mean: float, variance_ratio: float, shape: tuple[int, ...]
) -> np.ndarray:
    """Weekly counts with this mean; negative binomial where the variance is larger."""
    if variance_ratio == 1:
        return random.poisson(mean, shape)
    return random.negative_binomial(mean / (variance_ratio - 1), 1 / variance_ratio, shape)


@pytest.mark.parametrize("variance_ratio", [1, 2])
def test_false_alarms_with_the_dispersion_of_the_past(variance_ratio: int) -> None:
    """At most 5% where nothing changed; Poisson alone gives 17% where variances are double."""
    random = np.random.default_rng(20261129)
    weeks, cities = 12, 3000
    alarms = naive = 0
    target = simulated_weeks(random, 6, variance_ratio, (cities, 12 * weeks))
    control = simulated_weeks(random, 8, variance_ratio, (cities, 12 * weeks))
    for one, other in zip(target.astype(float), control.astype(float), strict=True):
        past = slice(0, 10 * weeks)
        groups = groups_of(
            (one[10 * weeks : 11 * weeks].sum(), one[11 * weeks :].sum()),
            (other[10 * weeks : 11 * weeks].sum(), other[11 * weeks :].sum()),
        )
        dispersion = past_dispersion(one[past], other[past], weeks, weeks)
        assert dispersion is not None
        alarms += (effect(groups, dispersion=dispersion).p or 1) <= 0.05
        naive += (effect(groups).p or 1) <= 0.05
    expected_naive = {1: 0.05, 2: 0.166}[variance_ratio]
    assert naive / cities == pytest.approx(expected_naive, abs=0.02)
    assert 0.02 <= alarms / cities <= 0.06


def test_short_history_gives_no_dispersion() -> None:
    weeks = np.ones(39)
    assert past_dispersion(weeks, weeks, 4, 4) is None
    assert past_dispersion(np.ones(40), np.ones(40), 4, 4) == POISSON
    doubled = np.tile([0.0, 0, 0, 0, 8, 8, 8, 8], 5)
    found = past_dispersion(doubled, np.ones(40), 4, 4)
    # 32 more in a window of 4 weeks: (8/week)² by a variance of (32 + 4 + 4)/16
    assert found is not None
    assert (found.ratio, found.windows) == (pytest.approx(64 / 2.5), 5)


@pytest.mark.parametrize(("reduction", "before"), [(0.4, 104), (0.5, 104)])
def test_the_weeks_needed_have_the_stated_power(reduction: float, before: int) -> None:
    """80% by simulation, and clearly less with half the weeks."""
    rates = groups_of((5, 0), (6, 0), (4, 0), (4, 0))
    needed = weeks_needed(reduction, rates, before=before)
    assert needed is not None

    def power(weeks: int) -> float:
        random = np.random.default_rng(1)
        found = 0
        for _ in range(4000):
            old = random.poisson([5 * before, 6 * before, 4 * before, 4 * before])
            new = random.poisson([5 * (1 - reduction) * weeks, 6 * weeks, 4 * weeks, 4 * weeks])
            groups = groups_of(*zip(old.tolist(), new.tolist(), strict=True))
            found += (effect(groups, before=before, after=weeks).p or 1) <= 0.05
        return found / 4000

    assert power(needed) == pytest.approx(0.8, abs=0.03)
    assert power(needed // 2) < 0.7


def test_some_effects_cannot_be_found_at_any_length() -> None:
    rates = groups_of((1, 0), (1, 0))
    assert weeks_needed(0.05, rates, before=26) is None
    assert weeks_needed(0.5, rates, before=520, longest=10) is None
    with pytest.raises(ValueError, match="over 0"):
        weeks_needed(0, rates, before=26)
