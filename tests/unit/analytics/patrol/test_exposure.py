"""Exposure by plain loops, and the windows of a stop."""

from __future__ import annotations

import numpy as np

from analytics.patrol.exposure import Stops, within_reach
from analytics.patrol.rules import PatrolRules

RULES = PatrolRules(stop_min=10, residual_min=20, radius_m=100)


def test_an_incident_counts_from_arrival_until_the_end_of_the_residual() -> None:
    stops = Stops(np.array([[0.0, 0.0]]), np.array([60]))
    minute = np.array([59, 60, 70, 89, 90])
    assert within_reach(np.zeros((5, 2)), minute, stops, RULES).tolist() == [0, 1, 1, 1, 0]
    near = np.array([[100.0, 0.0], [100.1, 0.0]])
    assert within_reach(near, np.array([60, 60]), stops, RULES).tolist() == [True, False]


def test_exposure_is_that_of_plain_loops() -> None:
    generator = np.random.default_rng(0)
    xy, minute = generator.random((300, 2)) * 600, generator.integers(0, 480, 300)
    stops = Stops(generator.random((25, 2)) * 600, generator.integers(0, 480, 25))
    found = within_reach(xy, minute, stops, RULES)
    for number in range(300):
        expected = any(
            np.hypot(*(xy[number] - place)) <= 100 and arrive <= minute[number] < arrive + 30
            for place, arrive in zip(stops.xy, stops.arrive_min, strict=True)
        )
        assert found[number] == expected
    assert 0 < found.sum() < 300


def test_without_stops_or_incidents_nothing_is_reached() -> None:
    assert not within_reach(np.zeros((2, 2)), np.zeros(2, np.int64), Stops.joined([]), RULES).any()
