"""Lifts, silhouettes and stability of zones, against simulation, scikit-learn and brute force."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

import numpy as np
import polars as pl
import pytest
from sklearn.metrics import adjusted_rand_score, jaccard_score, silhouette_score

from analytics.crossfilter.selection import EMPTY
from analytics.hotspots.clustering import Clustering
from analytics.hotspots.inputs import LeftOut, WeightedPoints
from analytics.training import explain_stability, zone_evaluation
from analytics.training.explain_lifts import zone_lifts
from analytics.training.explain_silhouettes import silhouettes
from analytics.training.explain_stability import (
    best_matches,
    mean_stability,
    place_stability,
    stability_cells,
    stability_of,
    stability_zones,
)
from analytics.training.fitting import FittedModel, Training
from analytics.training.zones import Zoning, kmeans
from tests.oracles.stability import bootstrap_jaccard

PARAMETERS = {"k": 3, "bootstraps": 6}


def incidents(weeks: int = 60, seed: int = 3) -> pl.DataFrame:
    """Zone 0 has twice the thefts of the rest; hours and places are the same everywhere."""
    dice = np.random.default_rng(seed)
    size = 6_000
    zone = dice.integers(-1, 2, size)
    theft = dice.random(size) < np.where(zone == 0, 0.4, 0.2)
    return pl.DataFrame(
        {
            "zone": zone,
            "week": 2_400 + dice.integers(0, weeks, size),
            "type": np.where(theft, "THEFT", "ASSAULT"),
            "hour": dice.integers(0, 24, size),
            "location_type": np.where(dice.random(size) < 0.02, None, "STREET").tolist(),
        }
    )


def test_a_lift_is_the_share_in_the_zone_over_the_share_in_the_city() -> None:
    found = incidents()
    lifts = zone_lifts(found)
    row = lifts.row(by_predicate=(pl.col("zone") == 0) & (pl.col("value") == "THEFT"), named=True)
    own = found.filter(pl.col("zone") == 0)
    thefts = (own["type"] == "THEFT").sum()
    assert row["incidents"] == thefts
    assert row["share"] == pytest.approx(thefts / len(own))
    assert row["city_share"] == pytest.approx((found["type"] == "THEFT").mean())
    assert row["lift"] == pytest.approx(row["share"] / row["city_share"])
    assert row["low"] < row["lift"] < row["high"]
    assert row["low"] > 1


def test_lifts_of_all_values_weigh_to_one_and_leave_unknown_values_out() -> None:
    lifts = zone_lifts(incidents())
    weighed = lifts.group_by("zone", "dimension").agg(
        (pl.col("share").sum()).alias("shares"), pl.col("incidents").sum()
    )
    assert weighed["shares"].to_list() == pytest.approx([1.0] * len(weighed))
    places = lifts.filter(pl.col("dimension") == "location_type")
    assert places["lift"].to_list() == pytest.approx([1.0] * len(places))
    assert set(lifts["zone"]) == {0, 1}


def test_the_interval_of_a_lift_covers_the_truth_as_often_as_it_says() -> None:
    """Simulation: the true lift of thefts in zone 0 is 0.4 / (0.4 / 3 + 0.2 × 2 / 3) = 1.5."""
    inside = 0
    for seed in range(60):
        lifts = zone_lifts(incidents(seed=seed).head(1_500), seed=seed)
        row = lifts.row(
            by_predicate=(pl.col("zone") == 0) & (pl.col("value") == "THEFT"), named=True
        )
        inside += row["low"] <= 1.5 <= row["high"]
    assert 52 <= inside <= 60  # 57 of 60 are meant; fewer than 52 has a probability below 0.5 %


def blobs(seed: int = 5) -> WeightedPoints:
    dice = np.random.default_rng(seed)
    middles = np.array([(0, 0), (900, 0), (0, 900)])
    xy = np.concatenate([middle + dice.normal(0, 120, (80, 2)) for middle in middles])
    weight = dice.integers(1, 6, len(xy)).astype(float)
    frame = pl.DataFrame(
        {
            "point_id": range(len(xy)), "lat": xy[:, 1], "lon": xy[:, 0],
            "x_m": xy[:, 0], "y_m": xy[:, 1], "weight": weight, "incidents": weight.astype(int),
        }
    )  # fmt: skip
    return WeightedPoints(frame, "incidents", LeftOut(0, 0, 0, 0))


def test_silhouettes_by_zone_make_up_the_one_of_scikit_learn() -> None:
    points = blobs()
    labels = kmeans(points, PARAMETERS, 1).table
    found = silhouettes(labels, sample=600, seed=4)
    weights = labels["weight"].to_numpy()
    sampled = np.random.default_rng(4).choice(len(labels), 600, p=weights / weights.sum())
    expected = silhouette_score(points.xy[sampled], labels["label"].to_numpy()[sampled])
    assert (found["silhouette"] * found["sample"]).sum() / 600 == pytest.approx(expected)
    assert found["sample"].sum() == 600
    assert (found["low"] < found["silhouette"]).all()


def test_one_zone_has_no_silhouette() -> None:
    labels = kmeans(blobs(), {"k": 1}, 1).table
    assert silhouettes(labels).is_empty()


def test_the_best_match_is_the_zone_with_the_largest_jaccard_index() -> None:
    dice = np.random.default_rng(8)
    before, after = dice.integers(-1, 4, 300), dice.integers(-1, 5, 300)
    weights = dice.integers(1, 9, 300).astype(float)
    best, match = best_matches(before, after, weights, 4)
    for zone in range(4):
        every = [
            jaccard_score(before == zone, after == other, sample_weight=weights)
            for other in range(5)
        ]
        assert best[zone] == pytest.approx(max(every))
        assert match[zone] == int(np.argmax(every))


def test_zones_are_as_stable_as_the_mean_best_jaccard_says() -> None:
    """The same as the oracle, which draws and fits on its own."""
    points = blobs()
    labels = kmeans(points, PARAMETERS, 1).labels
    found = stability_zones(place_stability(kmeans, points, labels, PARAMETERS, 1))

    def fit(xy: np.ndarray, weights: np.ndarray, seed: int) -> Clustering:
        frame = pl.DataFrame({"x_m": xy[:, 0], "y_m": xy[:, 1], "weight": weights})
        sample = WeightedPoints(frame, "incidents", points.left_out)
        return Clustering("", kmeans(sample, PARAMETERS, seed).labels, {})

    other = bootstrap_jaccard(
        fit, points.xy, points.weights, bootstraps=6, seed=1, fitted=Clustering("", labels, {})
    )
    np.testing.assert_allclose(found["jaccard"].to_numpy(), other.jaccard)
    whole = mean_stability(place_stability(kmeans, points, labels, PARAMETERS, 1))
    assert whole.value == pytest.approx(other.mean)
    assert whole.low <= whole.value <= whole.high
    assert (found["low"] <= found["jaccard"]).all()
    assert (found["jaccard"] <= found["high"]).all()


def test_the_draws_are_made_once_for_measuring_and_explaining(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    points, fits = blobs(), []

    def counted(points: WeightedPoints, parameters: Mapping[str, Any], seed: int) -> Zoning:
        fits.append(seed)
        return kmeans(points, parameters, seed)

    monkeypatch.setattr(explain_stability, "places_of", lambda training, selection: points)
    training = Training(cast("Any", None), EMPTY, PARAMETERS, 1)
    one, other = (FittedModel(PARAMETERS, tables={"labels": kmeans(points, PARAMETERS, 1).table})
                  for _ in range(2))  # fmt: skip
    found = stability_of(counted, training, one)
    assert stability_of(counted, training, one) is found
    assert len(fits) == PARAMETERS["bootstraps"]
    assert stability_of(counted, training, other) is not found


def test_zones_of_other_seeds_are_compared_by_adjusted_rand(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    points = blobs()
    monkeypatch.setattr(zone_evaluation, "places_of", lambda training, selection: points)
    training = Training(cast("Any", None), EMPTY, {"k": 5, "bootstraps": 1}, 1)
    fitted = FittedModel({}, tables={"labels": kmeans(points, training.parameters, 1).table})
    (found,) = zone_evaluation.seed_agreement(kmeans, training, fitted)
    times = points.weights.astype(int)
    expected = [
        adjusted_rand_score(
            *(
                np.repeat(kmeans(points, training.parameters, one).labels, times)
                for one in (1, seed)
            )
        )
        for seed in (2, 3, 4)
    ]
    assert found.value == pytest.approx(np.mean(expected))


def half_here_half_there(
    points: WeightedPoints, parameters: Mapping[str, Any], seed: int
) -> Zoning:
    """Left of 450 m is zone 0; what lies right of it is zone 1 with an even seed, else zone 0."""
    right = points.xy[:, 0] > 450
    return Zoning(points, np.where(right & (seed % 2 == 0), 1, 0), {}, {})


def test_a_place_stays_as_often_as_it_is_in_its_zone() -> None:
    points = blobs()
    labels = half_here_half_there(points, {}, 0).labels
    found = place_stability(half_here_half_there, points, labels, {"bootstraps": 10}, 1)
    right = points.xy[:, 0] > 450
    assert (found.stayed[~right] == found.sampled[~right]).all()
    # With an odd seed all places are in one zone, which is the match of both.
    assert (found.stayed[right] == found.sampled[right]).all()
    assert found.jaccard[:, 1].min() < 0.5


def scattered(points: WeightedPoints, parameters: Mapping[str, Any], seed: int) -> Zoning:
    """Zone 0 loses its eastern half with an odd seed."""
    right = points.xy[:, 0] > 0
    return Zoning(points, np.where(right & (seed % 2 == 1), -1, 0), {}, {})


def test_cells_show_which_part_of_a_zone_is_lost() -> None:
    points = blobs()
    labels = scattered(points, {}, 0).labels
    found = stability_cells(place_stability(scattered, points, labels, {"bootstraps": 40}, 1), 250)
    west, east = found.filter(pl.col("col") < 0), found.filter(pl.col("col") >= 0)
    assert (west["stays"] == 1).all()
    assert (east["stays"] * east["incidents"]).sum() / east["incidents"].sum() == pytest.approx(
        0.5, abs=0.05
    )
    assert found["incidents"].sum() == points.weights.sum()
