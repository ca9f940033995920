"""Zones by HDBSCAN as a model: thresholds by share, the rule for new places, what the grid does."""

from __future__ import annotations

from typing import Any, cast

import numpy as np
import polars as pl
import pytest
from sklearn.metrics import adjusted_rand_score

from analytics.artifacts.labels import OUTSIDE, score
from analytics.crossfilter.selection import EMPTY
from analytics.errors import InputError
from analytics.hotspots.hdbscan import fit_hdbscan
from analytics.hotspots.inputs import LeftOut, WeightedPoints
from analytics.training import zone_hdbscan
from analytics.training.fitting import FittedModel, Training
from analytics.training.zone_hdbscan import grid_agreement, hdbscan

PARAMETERS = {"zone_share": 0.05, "core_share": 0.01, "select": "eom", "reach_m": 60.0}


def blobs() -> WeightedPoints:
    """Two dense clumps, a looser one, and incidents all over."""
    dice = np.random.default_rng(2)
    clumps = [
        np.array(middle) + dice.normal(0, spread, (150, 2))
        for middle, spread in (((0, 0), 60), ((3000, 0), 60), ((0, 3000), 200))
    ]
    xy = np.unique(np.round(np.vstack([*clumps, dice.uniform(-2000, 5000, (150, 2))])), axis=0)
    weight = dice.integers(1, 4, len(xy)).astype(float)
    frame = pl.DataFrame(
        {
            "point_id": range(len(xy)), "lat": xy[:, 1], "lon": xy[:, 0],
            "x_m": xy[:, 0], "y_m": xy[:, 1], "weight": weight, "incidents": weight.astype(int),
        }
    )  # fmt: skip
    return WeightedPoints(frame, "incidents", LeftOut(0, 0, 0, 0))


def test_zones_hold_their_share_and_the_rule_gives_places_their_zone() -> None:
    points = blobs()
    zoning = hdbscan(points, PARAMETERS, 1)
    inside = zoning.labels >= 0
    assert zoning.zones == 3
    sizes = np.bincount(zoning.labels[inside], points.weights[inside])
    assert sizes.min() >= 0.05 * points.weights.sum() - 1
    assert zoning.parameters["min_cluster_size"] == round(0.05 * points.weights.sum())
    scored = score(zoning.rule, zoning.table, points.xy)
    assert np.array_equal(scored[inside], zoning.labels[inside])
    near, far = points.xy[inside][0] + [0.0, 1.0], [9e3, 9e3]
    assert score(zoning.rule, zoning.table, np.array([near, far])).tolist() == [
        zoning.labels[inside][0],
        OUTSIDE,
    ]


def test_the_reach_is_never_shorter_than_the_grid() -> None:
    zoning = hdbscan(blobs(), {**PARAMETERS, "reach_m": 1.0}, 1)
    assert zoning.rule["eps_m"] == zoning.parameters["grid_m"] == 25


def test_what_the_grid_changes_is_scikit_learns_index_of_the_single_incidents(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    points = blobs()
    monkeypatch.setattr(zone_hdbscan, "places_of", lambda training, selection: points)
    training = Training(cast("Any", None), EMPTY, PARAMETERS, 1)
    agreement, sample = grid_agreement(hdbscan, training, FittedModel({"grid_m": 100.0}))
    total = int(points.weights.sum())
    times = np.random.default_rng(1).multinomial(total, points.weights / total)
    drawn = times > 0
    with_and_without = (
        fit_hdbscan(
            points.xy[drawn], times[drawn].astype(float), grid_m=grid_m,
            min_cluster_size=round(0.05 * total), min_samples=round(0.01 * total),
        ).labels
        for grid_m in (100, 0)
    )  # fmt: skip
    expected = adjusted_rand_score(*(np.repeat(one, times[drawn]) for one in with_and_without))
    assert sample.value == total
    assert agreement.value == pytest.approx(expected)
    assert agreement.value < 1


@pytest.mark.parametrize(
    ("name", "value"), [("zone_share", 1.5), ("core_share", 0.0), ("select", "best")]
)
def test_nonsense_is_refused(name: str, value: float | str) -> None:
    with pytest.raises(InputError, match=r"between|select"):
        hdbscan(blobs(), {**PARAMETERS, name: value}, 1)
