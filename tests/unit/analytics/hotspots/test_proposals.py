"""Proposals find what was planted."""

from __future__ import annotations

import numpy as np
import pytest

from analytics.errors import InputError
from analytics.hotspots.dbscan import fit_dbscan
from analytics.hotspots.proposals import (
    knee,
    propose_cut,
    propose_eps,
    propose_min_samples,
)
from analytics.hotspots.propose_k import propose_k
from analytics.hotspots.ward import fit_ward
from tests.unit.analytics.hotspots.places import clustered


def test_the_knee_of_two_lines_is_where_they_meet() -> None:
    x = np.arange(11.0)
    assert knee(x, np.where(x < 7, x / 10, 0.7 + (x - 7) * 5)) == 7
    assert knee(x, np.maximum(100 - 20 * x, 20 - x)) == 4
    assert knee(x, np.ones(11)) == 0


def test_k_is_the_number_of_planted_zones() -> None:
    random = np.random.default_rng(0)
    middles = np.array([[0, 0], [9, 1], [1, 9], [9, 9], [18, 3], [17, 13]]) * 1000.0
    xy = np.repeat(middles, 80, axis=0) + random.normal(0, 200, (480, 2))
    found = propose_k(xy, ks=(3, 4, 5, 6, 7, 8, 9, 12), seeds=range(8))
    assert found.value == 6
    assert found.curve.columns == ["k", "agreement", "inertia"]


def test_eps_parts_clumps_from_what_lies_around_them() -> None:
    random = np.random.default_rng(1)
    clumps = np.repeat(random.uniform(0, 20_000, (12, 2)), 60, axis=0)
    xy = np.vstack([clumps + random.normal(0, 40, clumps.shape), random.uniform(0, 2e4, (200, 2))])
    found = propose_eps(xy, min_samples=10)
    assert 40 <= found.value <= 400
    zones = fit_dbscan(xy, eps_m=found.value, min_samples=10)
    assert 9 <= zones.zones <= 13


def test_the_k_distance_counts_weights() -> None:
    xy = np.column_stack([np.arange(10) * 100.0, np.zeros(10)])
    curve = propose_eps(xy, np.full(10, 3.0), min_samples=3).curve
    assert curve["distance_m"].to_list() == [0] * 10
    curve = propose_eps(xy, np.full(10, 3.0), min_samples=9).curve
    assert set(curve["distance_m"].to_list()) <= {100, 200}


@pytest.mark.parametrize("wanted", [3.0, 40.0, 2_000.0])
def test_the_k_distance_is_that_of_all_pairs(wanted: float) -> None:
    """Against sorting every distance; places without weight count for nothing."""
    random = np.random.default_rng(4)
    xy, weights = random.uniform(0, 3_000, (700, 2)), random.integers(0, 9, 700).astype(float)
    curve = propose_eps(xy, weights, min_samples=wanted).curve
    pairs = np.hypot(*(xy[:, None, :] - xy[None, :, :]).transpose(2, 0, 1))
    order = np.argsort(pairs, axis=1)
    at = (np.cumsum(weights[order], axis=1) >= wanted).argmax(axis=1)
    radii = np.take_along_axis(pairs, order, axis=1)[np.arange(700), at]
    drawn = np.random.default_rng(0).choice(700, 700, p=weights / weights.sum())
    assert curve["distance_m"].to_list() == pytest.approx(np.sort(radii[drawn]))


def test_min_samples_keeps_every_zone_small() -> None:
    xy, counts = clustered(2)
    found = propose_min_samples(xy, counts, eps_m=100, largest_share=0.15)
    labels = fit_dbscan(xy, counts, eps_m=100, min_samples=found.value).labels
    largest = np.bincount(labels[labels >= 0], counts[labels >= 0]).max() / counts.sum()
    assert largest <= 0.15
    lower = found.curve.filter(found.curve["min_samples"] < found.value)
    assert (lower["largest_share"] > 0.15).all()


def test_nothing_to_propose_from_is_refused() -> None:
    with pytest.raises(InputError):
        propose_k(np.zeros((5, 2)))
    with pytest.raises(InputError):
        propose_eps(np.zeros((5, 2)), min_samples=6)
    with pytest.raises(InputError):
        propose_min_samples(np.zeros((0, 2)), eps_m=100)


def test_the_curve_of_the_cut_is_the_spread_within_the_zones_it_leaves() -> None:
    """Against the squares around weighted middles, added up by hand."""
    xy, counts = clustered(4, 150)
    tree = fit_ward(xy, counts)
    curve = propose_cut(tree).curve
    assert curve["zones"].to_list() == list(range(2, 61))
    for zones, inertia in curve.select("zones", "inertia").rows()[::7]:
        labels, spread = tree.cut(zones).labels, 0.0
        for zone in range(zones):
            inside = labels == zone
            middle = np.average(xy[inside], axis=0, weights=counts[inside])
            spread += float((counts[inside] * ((xy[inside] - middle) ** 2).sum(axis=1)).sum())
        assert inertia == pytest.approx(spread)


def test_the_cut_finds_planted_zones_and_needs_some_cells() -> None:
    random = np.random.default_rng(0)
    middles = np.array([[0, 0], [9, 1], [1, 9], [9, 9], [18, 3], [17, 13]]) * 1000.0
    xy = np.repeat(middles, 40, axis=0) + random.normal(0, 150, (240, 2))
    assert propose_cut(fit_ward(xy)).value == 6
    with pytest.raises(InputError, match="too few"):
        propose_cut(fit_ward(xy[:3]))
