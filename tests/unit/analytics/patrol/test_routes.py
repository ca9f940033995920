"""Routes against an exact integer program, and rules that hold for any problem."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics.errors import InputError
from analytics.patrol.route_problem import PatrolUnit, RouteProblem, Visit
from analytics.patrol.routes import Effort, plan_routes, search_routes, upper_bound
from tests.unit.analytics.patrol.exact_routes import exact_value

PLACES = 4


def random_problem(
    seed: int,
    *,
    places: int = PLACES,
    shift_min: int = 32,
    units: int = 2,
    stop_min: int = 5,
    gap_min: int = 12,
    side: int = 6,
) -> RouteProblem:
    """Places and a station at random, with rates that change over the shift."""
    generator = np.random.default_rng(seed)
    xy = generator.random((places + 1, 2)) * side
    travel = np.ceil(np.abs(xy[:, None] - xy[None]).sum(axis=2)).astype(np.int64)
    rates = generator.gamma(1.0, size=(places, 1)) * generator.uniform(0.5, 1.5, (1, shift_min))
    windows = generator.integers(0, shift_min // 4, size=(units, 2))
    teams = tuple(
        PatrolUnit(places, places, int(first), shift_min - int(last)) for first, last in windows
    )
    return RouteProblem(rates, travel, teams, stop_min, min(6, gap_min), gap_min)


@pytest.mark.parametrize("seed", range(4))
def test_tiny_problems_are_solved_to_within_two_percent_of_the_exact_optimum(seed: int) -> None:
    problem = random_problem(seed)
    best = exact_value(problem)
    plan = plan_routes(problem, seed, Effort(draws=4, steps=300))
    assert plan.bound is not None
    assert best <= plan.bound * (1 + 1e-9)
    assert 0.98 * best <= plan.reached <= best * (1 + 1e-9)


@pytest.mark.parametrize("seed", range(3))
def test_places_that_must_be_visited_are_at_the_least_cost(seed: int) -> None:
    """Against the integer program with the same demand, for the place worth least."""
    problem = random_problem(seed)
    least = int(np.argmin(problem.rates.sum(axis=1)))
    plan = plan_routes(problem, seed, Effort(draws=4, steps=300), (least,))
    assert least in {one.place for one in plan.visits}
    assert plan.missed == ()
    assert problem.violations(plan.visits) == []
    best = exact_value(problem, (least,))
    assert 0.95 * best <= plan.reached <= best * (1 + 1e-9)
    assert plan.bound is not None
    assert plan.reached <= plan.bound * (1 + 1e-9)


def test_places_that_no_unit_can_visit_are_named() -> None:
    problem = random_problem(1, places=12, units=1)
    everything = tuple(range(12))
    plan = plan_routes(problem, 1, Effort(draws=1, steps=40), everything)
    assert set(plan.missed) == set(everything) - {one.place for one in plan.visits}
    assert plan.missed


def test_the_bound_holds_whatever_value_is_given_as_known() -> None:
    problem = random_problem(3)
    best = exact_value(problem)
    for known in (0.0, 0.5 * best, 2 * best):
        for steps in (0, 1, 30):
            assert upper_bound(problem, known, steps) >= best * (1 - 1e-9)


def test_plans_of_a_district_come_close_to_the_bound() -> None:
    sizes = {"places": 16, "shift_min": 180, "stop_min": 12, "gap_min": 120, "side": 8}
    plans = [plan_routes(random_problem(seed, **sizes), seed) for seed in range(4)]
    gaps = [plan.gap for plan in plans if plan.gap is not None]
    assert len(gaps) == len(plans)
    assert min(gaps) >= 0
    assert np.mean(gaps) < 0.08


@settings(max_examples=60, deadline=None)
@given(
    seed=st.integers(0, 10_000),
    places=st.integers(1, 9),
    units=st.integers(1, 4),
    stop_min=st.integers(1, 15),
    gap_min=st.integers(0, 90),
    shift_min=st.integers(30, 200),
    side=st.integers(1, 30),
)
def test_every_route_is_feasible(seed: int, **sizes: int) -> None:
    problem = random_problem(seed, **sizes)
    visits = search_routes(problem, seed, 30)
    assert problem.violations(visits) == []
    assert problem.value(visits) <= upper_bound(problem, problem.value(visits), 40) * (1 + 1e-9)


def test_the_seed_gives_the_same_plan_again_and_another_seed_another_one() -> None:
    problem = random_problem(0, places=12, shift_min=120)
    first, again, other = (plan_routes(problem, seed, Effort(2, 60, 0)) for seed in (7, 7, 8))
    assert first.visits == again.visits
    assert first.visits != other.visits
    assert first.bound is None
    assert first.gap is None


def test_more_draws_are_never_worse() -> None:
    problem = random_problem(5, places=14, shift_min=150)
    values = [plan_routes(problem, 3, Effort(draws, 20, 0)).reached for draws in (1, 3, 8)]
    assert values == sorted(values)


def test_each_broken_rule_is_found() -> None:
    travel = np.array([[0, 5, 2], [5, 0, 2], [2, 2, 0]])
    units = (PatrolUnit(2, 2, 0, 40), PatrolUnit(2, 2, 0, 40))
    problem = RouteProblem(np.ones((2, 40)), travel, units, 5, 0, 10)
    assert problem.violations([Visit(0, 0, 2), Visit(0, 1, 12)]) == []
    assert len(problem.violations([Visit(0, 0, 1)])) == 1  # before the unit can be there
    assert len(problem.violations([Visit(0, 0, 34)])) == 1  # back too late
    assert len(problem.violations([Visit(0, 0, 2), Visit(1, 0, 16)])) == 1  # too soon again
    assert len(problem.violations([Visit(0, 0, 2), Visit(0, 1, 11)])) == 1  # too far


def test_a_stop_reaches_its_minutes_and_the_residual_until_the_shift_ends() -> None:
    unit = PatrolUnit(1, 1, 0, 60)
    problem = RouteProblem(np.full((1, 60), 0.5), np.zeros((2, 2), np.int64), (unit,), 10, 20, 20)
    assert problem.reached[0, 0] == pytest.approx(15.0)
    assert problem.reached[0, 45] == pytest.approx(7.5)
    assert problem.value([Visit(0, 0, 0), Visit(0, 0, 30)]) == pytest.approx(30.0)


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"stop_min": 0}, "stop"),
        ({"gap_min": 5}, "gap of 5"),
        ({"units": (PatrolUnit(9, 0, 0, 10),)}, "node"),
        ({"units": (PatrolUnit(0, 0, 0, 61),)}, "61"),
        ({"rates": np.full((1, 60), -1.0)}, "below 0"),
        ({"travel_min": np.full((2, 2), -1)}, "below 0"),
        ({"travel_min": np.zeros((2, 3), np.int64)}, "row and a column"),
    ],
)
def test_a_problem_that_is_not_valid_is_refused(change: dict[str, object], named: str) -> None:
    valid: dict[str, object] = {
        "rates": np.ones((1, 60)),
        "travel_min": np.zeros((2, 2), np.int64),
        "units": (PatrolUnit(1, 1, 0, 60),),
        "stop_min": 10,
        "residual_min": 20,
        "gap_min": 20,
    }
    with pytest.raises(InputError, match=named):
        RouteProblem(**{**valid, **change})  # type: ignore[arg-type]


def test_without_units_or_places_nothing_is_planned() -> None:
    empty = RouteProblem(np.ones((1, 60)), np.zeros((1, 1), np.int64), (), 10, 20, 20)
    assert plan_routes(empty, 0).visits == ()
    assert plan_routes(empty, 0).gap == 0.0
