"""Offense profiles: planted classes and their number are found; names describe them."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from analytics.errors import InputError
from analytics.patterns.features import FeatureSpace
from analytics.patterns.latent_classes import (
    EXCLUDED_FEATURES,
    choose,
    classes_from,
    distinct_rows,
    fit_classes,
    fit_offense_profiles,
)
from analytics.patterns.profiles import profile
from analytics.statistics.agreement import adjusted_rand
from tests.unit.analytics.patterns.random_features import DAYS, incidents, space_of

PLANTED = (
    # type, location types, hours, weekdays, domestic
    ("THEFT", ["BAR", "CLUB"], range(0, 5), ["6", "7"], "no"),
    ("BURGLARY", ["RESIDENCE"], range(9, 16), DAYS, "no"),
    ("BATTERY", ["APARTMENT", "RESIDENCE"], range(18, 24), DAYS, "yes"),
    ("NARCOTICS", ["STREET", "ALLEY"], range(12, 22), DAYS, "no"),
)


@pytest.fixture(scope="module")
def city() -> tuple[pl.DataFrame, np.ndarray]:
    """6,000 incidents of four classes, one in ten values of each feature from another class."""
    random = np.random.default_rng(21)
    truth = random.integers(0, 4, 6_000)
    rows = []
    for number in truth:
        own, other = PLANTED[number], PLANTED[random.integers(0, 4)]
        kind, places, hours, days, domestic = (
            pair[random.random() < 0.1] for pair in zip(own, other, strict=True)
        )
        rows.append(
            (kind, random.choice(places), str(random.choice(list(hours))), random.choice(days),
             domestic)
        )  # fmt: skip
    features = ["type", "location_type", "hour", "weekday", "domestic"]
    planted = pl.DataFrame(rows, schema=dict.fromkeys(features, pl.String), orient="row")
    return incidents(6_000).with_columns(planted), truth


@pytest.fixture(scope="module")
def space(city: tuple[pl.DataFrame, np.ndarray]) -> FeatureSpace:
    return space_of(city[0]).without(EXCLUDED_FEATURES)


def test_planted_classes_and_their_number_are_found(
    city: tuple[pl.DataFrame, np.ndarray], space: FeatureSpace
) -> None:
    frame, truth = city
    codes = space.codes(frame)
    found = fit_offense_profiles(space, codes, seed=1)
    four = found.choice.filter(pl.col("classes") == 4)["stability"][0]
    assert four > 0.9
    labels = fit_offense_profiles(space, codes, classes=4).classes.labels(codes)
    assert adjusted_rand(labels.astype(np.int64), truth) > 0.9


def test_likelihood_is_that_of_the_mixture_written_out(
    city: tuple[pl.DataFrame, np.ndarray], space: FeatureSpace
) -> None:
    """Goodman (1974): the sum over classes of share times the product over features."""
    codes = space.codes(city[0])[:300]
    rows, weights = distinct_rows(space, codes)
    classes = fit_classes(space, rows, weights, 3, seed=2)
    total = 0.0
    for row in codes:
        chance = 0.0
        for number, share in enumerate(np.exp(classes.log_shares)):
            product = share
            for feature, code in enumerate(row):
                product *= np.exp(classes.log_tables[feature][code, number])
            chance += product
        total += np.log(chance)
    assert classes.log_likelihood == pytest.approx(total / len(codes), abs=0.02)


def test_more_classes_never_fit_worse(
    city: tuple[pl.DataFrame, np.ndarray], space: FeatureSpace
) -> None:
    rows, weights = distinct_rows(space, space.codes(city[0]))
    found = [fit_classes(space, rows, weights, count, 1).log_likelihood for count in (1, 2, 4)]
    assert found == sorted(found)


def test_one_class_is_everybody(city: tuple[pl.DataFrame, np.ndarray], space: FeatureSpace) -> None:
    rows, weights = distinct_rows(space, space.codes(city[0]))
    only = fit_classes(space, rows, weights, 1, 1)
    for block, table in zip(space.blocks, only.log_tables, strict=True):
        shares = block.incidents[:-1] / block.incidents[:-1].sum()
        assert np.exp(table[:-1, 0]) == pytest.approx(shares, abs=1e-6)


def test_classes_survive_being_written(
    city: tuple[pl.DataFrame, np.ndarray], space: FeatureSpace
) -> None:
    codes = space.codes(city[0])
    found = fit_offense_profiles(space, codes, classes=4)
    again = classes_from(found.frame, space)
    assert np.array_equal(again.labels(codes), found.classes.labels(codes))


def test_names_and_profiles_say_what_was_planted(
    city: tuple[pl.DataFrame, np.ndarray], space: FeatureSpace
) -> None:
    frame, truth = city
    found = profile(space, space.codes(frame), truth)
    names = found.sort("offense_profile")["name"].to_list()
    assert names[0].startswith("Night-time weekend theft")
    assert "burglary, residence" in names[1]
    assert names[2].startswith("Evening domestic battery")
    assert "narcotics" in names[3]
    assert found["incidents"].sum() == len(frame)
    row = found.row(by_predicate=pl.col("offense_profile") == 1, named=True)
    lift = next(one for one in row["lifts"] if one["value"] == "BURGLARY")
    inside = frame.filter(pl.Series(truth == 1))
    share = (inside["type"] == "BURGLARY").mean()
    everywhere = (frame["type"] == "BURGLARY").mean()
    assert lift["share"] == pytest.approx(share)
    assert lift["lift"] == pytest.approx(share / everywhere)


def test_names_are_unique(city: tuple[pl.DataFrame, np.ndarray], space: FeatureSpace) -> None:
    frame, truth = city
    halves = truth * 2 + np.random.default_rng(1).integers(0, 2, len(truth))
    names = profile(space, space.codes(frame), halves)["name"]
    assert names.n_unique() == 8


def test_the_largest_stable_number_is_chosen() -> None:
    tried = {"classes": [4, 6, 8], "stability": [0.95, 0.81, 0.3]}
    assert choose(pl.DataFrame(tried)) == 6
    assert choose(pl.DataFrame({**tried, "stability": [0.2, 0.4, 0.3]})) == 6


def test_too_few_incidents_have_no_classes(space: FeatureSpace) -> None:
    few = space.codes(incidents(20))
    with pytest.raises(InputError, match="too few"):
        fit_offense_profiles(space, few)
