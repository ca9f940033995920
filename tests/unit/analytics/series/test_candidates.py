"""Candidate series, against average linkage one merge after the other."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest

from analytics.series.candidates import LEAST_ODDS, candidates
from analytics.series.link_model import LinkModel, positions
from analytics.series.pair_features import ComparedIncidents

MODEL = LinkModel(
    {
        "distance": (4.0, 2.5, 1.0, -1.0, -2.0, -4.0), "days": (2.0, 1.0, 0.0, -1.0, -2.0),
        "hours": (1.0, 0.3, -0.5, -1.0, 0.0), "week": (0.1, -0.1),
    },
    0.0,
    -4.0,
    {},
)  # fmt: skip


def town(seed: int, number: int = 70) -> ComparedIncidents:
    random = np.random.default_rng(seed)
    centers = random.uniform(0, 3_000, (number // 5, 2))
    xy = centers[random.integers(0, len(centers), number)] + random.normal(0, 150, (number, 2))
    day = random.integers(0, 20, number)
    return ComparedIncidents(xy, day, random.integers(-1, 24, number), day % 7 + 1, {}, {})


def merged(incidents: ComparedIncidents) -> set[frozenset[int]]:
    """Merge the two groups with the largest mean log odds, while it is large enough."""
    size = len(incidents.day)
    odds = {}
    for (one, other), value in zip(
        combinations(range(size), 2),
        MODEL.log_odds(incidents.compare(positions(size))),
        strict=True,
    ):
        odds[one, other] = odds[other, one] = float(value)
    groups = [frozenset({one}) for one in range(size)]
    while True:
        best, pair = -np.inf, None
        for one, other in combinations(groups, 2):
            mean = np.mean([odds[a, b] for a in one for b in other])
            if mean > best:
                best, pair = float(mean), (one, other)
        if pair is None or best < LEAST_ODDS:
            return {one for one in groups if len(one) >= 3}
        groups = [one for one in groups if one not in pair] + [pair[0] | pair[1]]


@pytest.mark.parametrize("seed", range(3))
def test_groups_are_those_of_average_linkage(seed: int) -> None:
    incidents = town(seed)
    found, left_out = candidates(incidents, MODEL, positions(len(incidents.day)))
    assert left_out == 0
    assert {frozenset(one.members.tolist()) for one in found} == merged(incidents)
    assert len(found) > 1
    for one in found:
        inside = MODEL.log_odds(incidents.compare(np.array([*combinations(one.members, 2)])))
        assert one.strength == pytest.approx((inside.mean() - LEAST_ODDS) * (len(one.members) - 1))
        assert np.all(np.diff(incidents.day[one.members]) >= 0)
    strengths = [one.strength for one in found]
    assert strengths == sorted(strengths, reverse=True)


def test_incidents_of_groups_too_large_to_cluster_are_counted(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    incidents = town(0)
    pairs = positions(len(incidents.day))
    every = {len(one.members) for one in candidates(incidents, MODEL, pairs)[0]}
    monkeypatch.setattr("analytics.series.candidates.LARGEST_GROUP", min(every))
    found, left_out = candidates(incidents, MODEL, pairs)
    assert {len(one.members) for one in found} <= {min(every)}
    assert left_out > min(every)
