"""The feedback simulator: the published urn experiment, and what safeguards do."""

from __future__ import annotations

import numpy as np
import pytest

from analytics.fairness.feedback import Learning, SimulatedCity, misplaced, simulate

RATES = np.array([3.68511, 2.816466])
"""Daily rates of the two areas of Oakland in Ensign et al. 2018; their priors are below."""
FAIR = RATES[0] / RATES.sum()  # 0.5668


def urn(record: tuple[float, float], rates: np.ndarray, learning: Learning) -> float:
    """Mean share of the first area after 1,000 days of one visit a day."""
    city = SimulatedCity(np.zeros(2), rates, np.array(record))
    return float(simulate(city, learning, days=1_000, runs=1_000).end[:, 0].mean())


def test_without_correction_the_share_runs_away_from_a_weak_record() -> None:
    # 0.840 in an independent simulation of the experiment; its limit is 1
    assert urn((6.09, 3.79), RATES, Learning.ALL_RECORDS) == pytest.approx(0.835, abs=0.02)


def test_with_correction_the_share_comes_to_that_of_the_rates() -> None:
    # 0.569 in an independent simulation, with rates of a tenth as published; the limit is 0.5668
    assert urn((6.09, 3.79), RATES / 10, Learning.CORRECTED) == pytest.approx(0.569, abs=0.01)
    assert urn((6.09, 3.79), RATES, Learning.CORRECTED) == pytest.approx(FAIR, abs=0.005)


def test_a_strong_record_dominates_a_thousand_days() -> None:
    # 609 and 379 incidents on record; 0.610 in an independent simulation
    assert urn((609, 379), RATES / 10, Learning.CORRECTED) == pytest.approx(0.610, abs=0.005)


def test_records_of_the_public_alone_follow_the_public() -> None:
    reported = np.array([4.0, 2.0, 2.0])
    city = SimulatedCity(reported, np.array([0.5, 0.5, 3.0]), np.array([1.0, 1, 8]), patrols=6)
    for learning, near in ((Learning.REPORTED_ONLY, 0.02), (Learning.ALL_RECORDS, 1)):
        shares = simulate(city, learning, days=730, runs=100)
        assert shares.start[0].tolist() == [0.1, 0.1, 0.8]
        assert (misplaced(shares.end, reported) < near).all()
    everything = simulate(city, Learning.ALL_RECORDS, days=730, runs=100)
    assert misplaced(everything.end, reported).mean() > 0.3


def test_many_areas_are_corrected_to_their_rates() -> None:
    rates = np.array([1.0, 2.0, 3.0, 4.0])
    city = SimulatedCity(np.zeros(4), rates, np.array([4.0, 3, 2, 1]), patrols=20)
    shares = simulate(city, Learning.CORRECTED, days=2_000, runs=50)
    assert shares.end.mean(axis=0) == pytest.approx(rates / 10, abs=0.01)
