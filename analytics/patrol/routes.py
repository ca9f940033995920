"""Routes of patrol units: the best of several randomized plans, and a bound that no plan exceeds.

Each draw is a large-neighborhood search with a seed of its own, so the order of stops cannot be
foreseen from the data; the plan's seed makes it the same again. The bound relaxes the gap between
visits to a place (`route_kernels.bound`); it holds for every plan, found or not.

References
----------
Pisinger & Ropke (2019), Large neighborhood search, Handbook of Metaheuristics.
Fisher (1981), The Lagrangian relaxation method for solving integer programming problems,
Management Science 27.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from analytics.patrol.route_problem import Minutes, PatrolUnit, RouteProblem, Visit
from analytics.statistics.arrays import Floats

DRAWS = 4
BOUND_STEPS = 400
MOST_RAISES = 10
LEAST_STEPS, STEPS = 40, 3_200
"""Steps of a search: `STEPS` over the number of places × units, at least `LEAST_STEPS`."""


@dataclass(frozen=True)
class Effort:
    """How long to search.

    Attributes
    ----------
    draws : randomized plans, of which the best is taken
    steps : of each search; None for as many as the problem's size deserves
    bound_steps : of the bound; 0 for none
    """

    draws: int = DRAWS
    steps: int | None = None
    bound_steps: int = BOUND_STEPS


@dataclass(frozen=True)
class RoutePlan:
    """Routes of all units.

    Attributes
    ----------
    visits : by unit and time
    reached : expected incidents, or harm, that the stops reach
    bound : no plan reaches more; None where it was not computed
    seed : gives the same plan again
    seconds : time of search and bound
    missed : places that had to be visited and are not, since no route was found
    """

    visits: tuple[Visit, ...] = field(repr=False)
    reached: float
    bound: float | None
    seed: int
    seconds: float
    missed: tuple[int, ...] = ()

    @property
    def gap(self) -> float | None:
        """Share of the bound that the plan may miss at most; None without a bound."""
        if self.bound is None:
            return None
        return 1 - self.reached / self.bound if self.bound > 0 else 0.0

    def of_unit(self, unit: int) -> tuple[Visit, ...]:
        """Visits of one unit, in order."""
        return tuple(one for one in self.visits if one.unit == unit)


def plan_routes(
    problem: RouteProblem, seed: int, effort: Effort | None = None, must: Sequence[int] = ()
) -> RoutePlan:
    """The best of several randomized plans, with a bound.

    The bound holds with places that must be visited too, since they only take plans away.

    Parameters
    ----------
    seed : 0 or more
    must : places that must be visited
    """
    effort = effort or Effort()
    started = time.perf_counter()
    seeds = np.random.SeedSequence(seed).generate_state(effort.draws)
    plans = [search_visiting(problem, int(one), effort.steps, must) for one in seeds]
    best = max(plans, key=lambda one: (-len(_missed(one, must)), problem.value(one)))
    reached = problem.value(best)
    bound = upper_bound(problem, reached, effort.bound_steps) if effort.bound_steps else None
    seconds = time.perf_counter() - started
    return RoutePlan(best, reached, bound, seed, seconds, _missed(best, must))


def search_visiting(
    problem: RouteProblem, seed: int, steps: int | None, must: Sequence[int]
) -> tuple[Visit, ...]:
    """One randomized plan that visits some places, if one is found.

    What a stop at such a place is worth is raised until the search visits it: twice as much at each
    try, so that it is visited for the least raise that is enough, and rarely more than once.
    """
    visits = search_routes(problem, seed, steps)
    worth, raise_by = problem.reached.copy(), float(problem.reached.max(initial=0.0)) or 1.0
    for _ in range(MOST_RAISES):
        missed = _missed(visits, must)
        if not missed:
            break
        worth[list(missed)] += raise_by
        raise_by *= 2
        visits = search_routes(problem, seed, steps, worth)
    return visits


def _missed(visits: Sequence[Visit], must: Sequence[int]) -> tuple[int, ...]:
    seen = {one.place for one in visits}
    return tuple(place for place in must if place not in seen)


def search_routes(
    problem: RouteProblem, seed: int, steps: int | None = None, worth: Floats | None = None
) -> tuple[Visit, ...]:
    """One randomized plan, by unit and time.

    Parameters
    ----------
    worth : of a stop by place and minute of arrival; what it reaches by default
    """
    from analytics.patrol import route_kernels  # noqa: PLC0415 - numba takes 0.3 s

    if not problem.units or not problem.places:
        return ()
    size = problem.places * len(problem.units)
    chosen = max(LEAST_STEPS, STEPS // size) if steps is None else steps
    places, minutes, counts = route_kernels.search(
        problem.reached if worth is None else worth,
        np.ascontiguousarray(problem.travel_min, dtype=np.int64),
        _units(problem),
        problem.stop_min,
        problem.apart_min,
        chosen,
        seed,
    )
    return tuple(
        Visit(unit, int(places[unit, number]), int(minutes[unit, number]))
        for unit, count in enumerate(counts)
        for number in range(count)
    )


def upper_bound(problem: RouteProblem, known: float, steps: int = BOUND_STEPS) -> float:
    """What no plan exceeds; `known` is the value of a plan, which guides the search for it."""
    from analytics.patrol import route_kernels  # noqa: PLC0415 - numba takes 0.3 s

    if not problem.units or not problem.places:
        return 0.0
    kinds, teams = np.unique(_units(problem), axis=0, return_counts=True)
    found = route_kernels.bound(
        problem.reached,
        np.ascontiguousarray(problem.travel_min, dtype=np.int64),
        kinds,
        teams.astype(np.int64),
        problem.stop_min,
        problem.apart_min,
        known,
        steps,
    )
    return float(found)


def ensure_compiled() -> None:
    """Compile and store the search and the bound if needed, so that no plan waits for it."""
    rates, travel = np.ones((1, 2)), np.zeros((2, 2), dtype=np.int64)
    plan_routes(RouteProblem(rates, travel, (PatrolUnit(1, 1, 0, 2),), 1, 0, 0), 0)


def _units(problem: RouteProblem) -> Minutes:
    rows = [(one.start, one.end, one.start_min, one.end_min) for one in problem.units]
    return np.array(rows, dtype=np.int64)
