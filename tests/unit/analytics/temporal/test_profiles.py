"""Temporal profiles: planted ones are found, counted and named; agreement as in scikit-learn."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import adjusted_rand_score, jaccard_score

from analytics.errors import InputError
from analytics.temporal.profile_names import (
    ProfileKind,
    classify_profile,
    kind_of_profile,
    names_of_profiles,
)
from analytics.temporal.profiles import (
    choose,
    features,
    fit_profiles,
    jaccard,
    nearest_profile,
    parts_of_week,
)

CITY = np.ones((7, 24))


def week(**lifted: tuple[list[int], range | list[int], float]) -> np.ndarray:
    table = CITY.copy()
    for days, hours, factor in lifted.values():
        table[np.ix_([day - 1 for day in days], list(hours))] *= factor
    return table


NIGHT = week(a=([6, 7], range(4), 4.0), b=([5, 6], [22, 23], 2.0))
OFFICE = week(a=([1, 2, 3, 4, 5], range(9, 17), 2.5))


@pytest.fixture(scope="module")
def planted() -> tuple[np.ndarray, np.ndarray]:
    """150 places of three profiles with 100 to 900 incidents, and their true profile."""
    random = np.random.default_rng(2)
    truth = np.repeat([0, 1, 2], [90, 35, 25])
    shares = [table.reshape(-1) / table.sum() for table in (CITY, OFFICE, NIGHT)]
    sizes = random.integers(100, 900, len(truth))
    counts = [
        random.multinomial(size, shares[kind]) for size, kind in zip(sizes, truth, strict=True)
    ]
    return np.stack(counts), truth


def test_planted_profiles_are_found_and_counted(planted: tuple[np.ndarray, np.ndarray]) -> None:
    counts, truth = planted
    found = fit_profiles(counts, bootstraps=5)
    assert found.k == 3
    assert adjusted_rand_score(truth, found.labels) > 0.9
    assert (found.jaccard > 0.75).all()
    totals = [counts[found.labels == label].sum() for label in range(3)]
    assert totals == sorted(totals, reverse=True)
    assert found.weeks.sum(axis=(1, 2)) == pytest.approx(np.ones(3))
    names = names_of_profiles(list(found.weeks), found.city)
    assert {"Night-time economy", "Weekday daytime"} <= set(names)
    assert [number for number, *_ in found.curve] == list(range(2, 8))


def test_noise_has_no_stable_profiles() -> None:
    counts = np.random.default_rng(3).multinomial(300, np.full(168, 1 / 168), size=80)
    found = fit_profiles(counts, bootstraps=4)
    assert max(least for _, least, _ in found.curve) < 0.75


def test_new_units_get_the_profile_they_are_like(planted: tuple[np.ndarray, np.ndarray]) -> None:
    counts, truth = planted
    found = fit_profiles(counts, k=3, bootstraps=2)
    again = nearest_profile(counts.astype(float), found.city.reshape(-1), found.centers)
    np.testing.assert_array_equal(again, found.labels)
    bars = np.random.default_rng(4).multinomial(2_000, NIGHT.reshape(-1) / NIGHT.sum(), size=1)
    (label,) = nearest_profile(bars.astype(float), found.city.reshape(-1), found.centers)
    assert truth[found.labels == label].tolist().count(2) > 20


def test_jaccard_is_that_of_scikit_learn_for_equal_weights() -> None:
    random = np.random.default_rng(5)
    one, other = random.integers(0, 3, 60), random.integers(0, 3, 60)
    found = jaccard(one, other, np.ones(60), 3)
    for label in range(3):
        best = max(jaccard_score(one == label, other == like) for like in range(3))
        assert found[label] == pytest.approx(best)


def test_the_largest_stable_number_is_chosen_or_else_the_most_stable() -> None:
    assert choose([0.9, 0.8, 0.76, 0.6]) == 2
    assert choose([0.5, 0.6, 0.4]) == 1


def test_parts_of_the_week_take_nights_with_the_evening_before() -> None:
    counts = np.zeros((1, 168))
    counts[0, 5 * 24 + 2] = 7  # Saturday 02:00 is Friday night: the last but one block of Fri, Sat
    parts = parts_of_week(counts)[0]
    assert parts.tolist().index(7) == 8 + 6
    assert parts_of_week(np.ones((2, 168))).sum() == 336


def test_few_incidents_are_drawn_to_the_city() -> None:
    city = np.ones(168)
    few, many = (features(size * NIGHT.reshape(1, -1) / NIGHT.sum(), city) for size in (5, 5_000))
    middle = features(np.zeros((1, 168)), city)
    assert np.abs(few - middle).max() < 0.1 * np.abs(many - middle).max()


def test_too_few_places_are_refused() -> None:
    with pytest.raises(InputError, match="at least 14"):
        fit_profiles(np.ones((5, 168)))


@pytest.mark.parametrize(
    ("profile", "name"),
    [
        (NIGHT, "Night-time economy"),
        (OFFICE, "Weekday daytime"),
        (week(a=([1, 2, 3, 4, 5], [7, 8, 16, 17, 18], 3.0)), "Commuter"),
        (week(a=(list(range(1, 8)), range(9, 18), 2.0)), "Daytime"),
        (week(a=([6, 7], range(24), 2.0)), "Weekend"),
        (week(a=(list(range(1, 8)), range(18, 22), 2.0)), "Evenings"),
        (week(a=(list(range(1, 8)), [22, 23, 0, 1, 2, 3, 4], 2.0)), "Nights"),
        (week(a=(list(range(1, 8)), [22, 23, 0, 1, 2, 3, 4], 1.15)), "Later than the city"),
        (week(a=(list(range(1, 8)), [22, 23, 0, 1, 2, 3, 4], 0.85)), "Earlier than the city"),
        (CITY, "Like the city"),
    ],
)
def test_a_profile_gives_its_name(profile: np.ndarray, name: str) -> None:
    assert classify_profile(profile, CITY) == name
    assert kind_of_profile(f"{name}, 2") is ProfileKind(name)
    assert kind_of_profile("Owls") is None


def test_the_second_of_a_name_is_numbered() -> None:
    assert names_of_profiles([CITY, NIGHT, CITY], CITY) == [
        "Like the city", "Night-time economy", "Like the city, 2",
    ]  # fmt: skip
