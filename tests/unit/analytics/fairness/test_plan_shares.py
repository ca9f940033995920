"""A plan's shares by area and by group, by hand; and the stored evaluation as it was written."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from analytics.areas.population import OTHERS, Population, PopulationGroup
from analytics.errors import DamagedError
from analytics.fairness.area_weeks import AreaWeeks
from analytics.fairness.feedback import Learning
from analytics.fairness.frontier import FrontierPlan
from analytics.fairness.plan_shares import PlanComparison, compare_plan
from analytics.fairness.shares import Finds
from analytics.fairness.stored_evaluation import (
    FILE,
    EvaluatedPlan,
    FairnessEvaluation,
    FeedbackOutcome,
    PlanFrontier,
    PlanPoint,
    evaluation_state,
    read_evaluation,
    write_evaluation,
)
from analytics.patrol.plan_content import ShareLimitPrice

WEEKS = 20


def flat(*counts: float) -> np.ndarray:
    return np.repeat(np.array(counts, np.float64)[:, None], WEEKS, axis=1)


def counted() -> AreaWeeks:
    """Areas a, b, c: harm of 30, 10 and 0 a week, reports of 5, 4 and 1, finds of 0, 0 and 10."""
    residents = np.array([np.nan, 100.0, 100.0])
    return AreaWeeks(
        "district", ("a", "b", "c"), flat(5, 4, 1), flat(0, 0, 10), flat(30, 10, 0), residents
    )


def population() -> Population:
    """Poor people are half of a, none of b; c has no numbers; hardly anyone belongs to `Few`."""
    groups = (
        PopulationGroup("poverty", "Poor", {"a": 400.0, "b": 0.0}),
        PopulationGroup("race", "Few", {"a": 3.0, "b": 0.0}),
        PopulationGroup("race", "Most", {"a": 797.0, "b": 200.0}),
    )
    return Population("district", "f.csv", "", {"a": 800.0, "b": 200.0}, groups)


def test_areas_by_hand() -> None:
    calls = {"a": 3, "d": 1, "elsewhere": 9}
    found = compare_plan({"a": 6.0, "b": 2.0, "d": 2.0}, counted(), None, calls)
    rows = {row.area: row for row in found.areas}
    assert [row.area for row in found.areas] == ["a", "b", "d", "c"]
    assert (rows["a"].of_time, rows["a"].of_harm) == (0.6, 0.75)
    ratio = rows["a"].time_to_harm
    assert ratio is not None
    assert (ratio.value, ratio.low, ratio.high) == pytest.approx((0.8, 0.8, 0.8))
    assert (rows["a"].of_reported, rows["a"].of_record) == (0.5, 0.25)
    assert rows["c"].time_to_harm is None  # 20 reports are too few
    assert rows["d"].time_to_harm is None  # nothing is reported there
    assert (rows["a"].of_residents, rows["b"].of_residents) == (None, 0.5)
    assert (rows["a"].of_calls, rows["b"].of_calls) == (0.75, 0.0)
    assert rows["b"].time_to_residents == pytest.approx(0.4)
    assert found.moved == pytest.approx((0.15 + 0.05 + 0.2) / 2)
    assert (found.groups, found.without_population) == ((), 0.0)


def test_groups_by_hand() -> None:
    """Time of a is divided in halves, that of b goes to others, that of c is nobody's."""
    found = compare_plan({"a": 6.0, "b": 2.0, "c": 2.0}, counted(), population())
    poor, others, few, most = found.groups
    assert (poor.label, others.label) == ("Poor", OTHERS)
    assert poor.of_residents == pytest.approx(0.4)
    assert poor.of_time == pytest.approx(0.3 / 0.8)
    assert poor.of_harm == pytest.approx(15 / 40)
    assert poor.of_record == pytest.approx(2.5 / 9)
    assert poor.time_to_harm is not None
    assert poor.time_to_harm.value == pytest.approx(1.0)
    assert poor.time_to_residents == pytest.approx(0.3 / 0.8 / 0.4)
    assert others.of_time == pytest.approx(0.5 / 0.8)
    assert found.without_population == pytest.approx(0.2)
    assert (few.of_time, few.of_residents, few.time_to_harm) == (None, None, None)
    assert most.of_residents == pytest.approx(0.997)


def test_the_ratio_of_a_group_holds_the_truth_in_about_95_of_100_years() -> None:
    """Independent Poisson weeks of two areas; 200 years."""
    random = np.random.default_rng(7)
    truth = 0.3 / 0.8 / (15 / 40)
    inside = []
    for _ in range(200):
        harm = random.poisson(np.array([30.0, 10.0, 0.0])[:, None], (3, 52)).astype(float)
        empty = np.zeros((3, 52))
        weeks = replace(counted(), reported=harm, found=empty, harm=harm)
        ratio = compare_plan({"a": 6.0, "b": 2.0, "c": 2.0}, weeks, population()).groups[0]
        assert ratio.time_to_harm is not None
        inside.append(ratio.time_to_harm.low <= truth <= ratio.time_to_harm.high)
    assert 0.91 <= np.mean(inside) <= 0.98


def test_an_evaluation_is_read_as_it_was_written(tmp_path: Path) -> None:
    assert (read_evaluation(tmp_path), evaluation_state(tmp_path)) == (None, None)
    day = date(2026, 10, 1)
    comparison: PlanComparison = compare_plan({"a": 1.0, "b": 1.0}, counted(), population())
    plan = FrontierPlan((1, 1), 2.0, 1.5, 0.1)
    limit = ShareLimitPrice(1.5, 1.4, 2.0, 3.0, 4.0, 0.25, 2, {"a": 0.5})
    found = FairnessEvaluation(
        "s1", "2026-10-02T00:00:00+00:00", "ana", "district", day, day, 20, 0, 200, 20,
        (FeedbackOutcome(Finds.AS_FOUND, Learning.CORRECTED, 0.1, 0.2, 0.1, 0.3),),
        "f.csv", "", 0.0, 7, day, day,
        EvaluatedPlan(3, 1, day, "Evening", 44, "all", "m@1", "s1", False, False, limit),
        comparison,
        PlanFrontier((plan,), plan, 3, {"a": 3}),
        (PlanPoint(3, day, "Evening", 44, "a", 1.5, 0.1),),
    )  # fmt: skip
    write_evaluation(tmp_path, found)
    assert read_evaluation(tmp_path) == found
    assert evaluation_state(tmp_path) is not None
    bare = replace(found, plan=None, comparison=None, frontier=None, trend=())
    write_evaluation(tmp_path, bare)
    assert read_evaluation(tmp_path) == bare
    (tmp_path / FILE).write_text('{"snapshot": 1}')
    with pytest.raises(DamagedError, match="evaluate fairness --save"):
        read_evaluation(tmp_path)
