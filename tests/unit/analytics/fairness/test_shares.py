"""Shares of the areas: by hand, and the coverage of their ratios by simulation."""

from __future__ import annotations

import numpy as np
import pytest

from analytics.fairness.area_weeks import AreaWeeks
from analytics.fairness.feedback import Learning, misplaced
from analytics.fairness.shares import Finds, shares_of, simulated_year
from analytics.statistics.interval_estimate import IntervalEstimate


def weeks_of(
    reported: np.ndarray, found: np.ndarray, harm: np.ndarray | None = None, residents: float = 1
) -> AreaWeeks:
    areas = tuple(str(number) for number in range(len(reported)))
    known = np.full(len(reported), residents)
    return AreaWeeks("district", areas, reported, found, reported if harm is None else harm, known)


def flat(*counts: float, weeks: int = 52) -> np.ndarray:
    return np.repeat(np.array(counts, np.float64)[:, None], weeks, axis=1)


def test_shares_by_hand() -> None:
    rows = shares_of(weeks_of(flat(1, 3), flat(4, 0), harm=flat(5, 5)))
    many, few = rows
    assert (many.area, many.reported, many.found, many.harm) == ("1", 156, 0, 260)
    assert (few.by_reported, few.by_record, few.of_harm, few.of_residents) == (
        0.25,
        5 / 8,
        0.5,
        0.5,
    )
    assert few.record_to_reported == IntervalEstimate(2.5, 2.5, 2.5)
    assert few.reported_to_harm == IntervalEstimate(0.5, 0.5, 0.5)


def test_an_area_without_reports_or_residents_has_no_ratio() -> None:
    rows = shares_of(weeks_of(flat(0, 3), flat(4, 0), residents=np.nan))
    assert rows[1].record_to_reported is None
    assert rows[1].of_residents is None
    rows = shares_of(weeks_of(flat(1, 1), flat(0, 0), harm=flat(0, 0)))
    assert (rows[0].of_harm, rows[0].reported_to_harm) == (None, None)


def test_ratios_hold_the_truth_in_about_95_of_100_years() -> None:
    """Independent Poisson weeks of five areas; 300 years, five ratios each."""
    random = np.random.default_rng(4)
    reported, found = np.array([30.0, 20, 20, 10, 8]), np.array([2.0, 8, 2, 4, 1])
    record = reported + found
    truth = (record / record.sum()) / (reported / reported.sum())
    inside = []
    for _ in range(300):
        counts = weeks_of(
            random.poisson(reported[:, None], (5, 52)).astype(float),
            random.poisson(found[:, None], (5, 52)).astype(float),
        )
        ratios = {row.area: row.record_to_reported for row in shares_of(counts)}
        for area, value in enumerate(truth):
            ratio = ratios[str(area)]
            assert ratio is not None
            inside.append(ratio.low <= value <= ratio.high)
    assert 0.91 <= np.mean(inside) <= 0.97


def test_a_record_of_finds_keeps_patrols_where_they_were_unless_corrected() -> None:
    weeks = weeks_of(flat(10, 10, 10), flat(1, 1, 13))
    even = np.ones(3)
    after = {
        learning: misplaced(simulated_year(weeks, learning, Finds.AS_FOUND).end, even).mean()
        for learning in Learning
    }
    start = 23 / 45 - 1 / 3
    assert after[Learning.ALL_RECORDS] == pytest.approx(start, abs=0.01)
    for learning in (Learning.CORRECTED, Learning.REPORTED_ONLY):
        assert after[learning] < 0.75 * start
    assumed = simulated_year(weeks, Learning.ALL_RECORDS, Finds.AS_REPORTED)
    assert misplaced(assumed.end, even).mean() < 0.75 * start
