"""Patrol routes against OR-Tools routing and PyVRP, as shares of one bound.

Instances are made at random: places in a square, with a few that expect much. The peers are asked
for the same stops: a place is offered in copies, as often as the gap lets it be visited. OR-Tools
orders the copies of a place by a constraint. PyVRP has none, so its copies have windows of time
that are far enough apart; the best of all numbers of copies counts. Peers that are not installed
(`pip install '.[peers]'`) are left out, and the result says so.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np

from analytics.patrol.route_problem import PatrolUnit, RouteProblem, Visit
from analytics.patrol.routes import ensure_compiled, plan_routes, upper_bound
from bench.machine import machine

STOP_MIN, RESIDUAL_MIN, GAP_MIN = 12, 30, 120
METERS_PER_MINUTE = 500
SCALE = 1_000_000
BOUND_STEPS = 1_500
Solve = Callable[[RouteProblem, float], tuple[Visit, ...]]


@dataclass(frozen=True)
class Size:
    """Instances of one size, and seconds that a peer gets."""

    name: str
    places: int
    units: int
    hours: int
    side_m: float
    repetitions: int
    peer_s: float


SIZES = (
    Size("district, 3 hours", 16, 2, 3, 5_000, 5, 5.0),
    Size("district, 8 hours", 16, 2, 8, 5_000, 3, 8.0),
    Size("20 units × 100 places, 3 hours", 100, 20, 3, 15_000, 1, 10.0),
)


def measure(sizes: Sequence[int], file: Path | None, source: str) -> dict[str, Any]:
    """Values and seconds of each solver; the arguments of other benchmarks are not used."""
    del sizes, file, source
    about = machine()
    ensure_compiled()
    peers: dict[str, Solve] = {"OR-Tools routing": or_tools, "PyVRP": pyvrp}
    missing = [name for name, module in MODULES.items() if not _installed(module)]
    rows = []
    for size in SIZES:
        found: dict[str, list[tuple[float, float]]] = {}
        for seed in range(size.repetitions):
            problem = instance(size, seed)
            started = time.perf_counter()
            plan = plan_routes(problem, seed)
            ours = time.perf_counter() - started
            bound = upper_bound(problem, plan.reached, BOUND_STEPS)
            found.setdefault("patroliq", []).append((plan.reached / bound, ours))
            for name, solve in peers.items():
                if name not in missing:
                    started = time.perf_counter()
                    visits = solve(problem, size.peer_s)
                    assert not problem.violations(visits), name  # noqa: S101
                    took = time.perf_counter() - started
                    found.setdefault(name, []).append((problem.value(visits) / bound, took))
        rows += [
            {
                "instance": size.name,
                "solver": name,
                "of_bound": float(np.mean([share for share, _ in each])),
                "lowest": min(share for share, _ in each),
                "seconds": float(np.median([took for _, took in each])),
                "repetitions": len(each),
            }
            for name, each in found.items()
        ]
    return {"machine": about, "rows": rows, "missing": missing}


MODULES = {"OR-Tools routing": "ortools.constraint_solver.pywrapcp", "PyVRP": "pyvrp"}


def lines(result: Mapping[str, Any]) -> list[str]:
    """The result as text."""
    found = [
        f"{row['instance']}, {row['solver']}: {row['of_bound']:.3f} of the bound (lowest "
        f"{row['lowest']:.3f}) in {row['seconds']:.2f} s"
        for row in result["rows"]
    ]
    return found + [f"{name} is not installed." for name in result["missing"]]


def instance(size: Size, seed: int) -> RouteProblem:
    """Places at random with one station among them."""
    generator = np.random.default_rng(seed)
    xy = generator.random((size.places + 1, 2)) * size.side_m
    apart = np.abs(xy[:, None] - xy[None]).sum(axis=2)
    minutes = 60 * size.hours
    expected = generator.pareto(1.5, size.places) + 0.3
    shape = 1 + 0.3 * np.sin(np.arange(minutes) / minutes * 2 * np.pi)
    units = tuple(PatrolUnit(size.places, size.places, 0, minutes) for _ in range(size.units))
    return RouteProblem(
        expected[:, None] * shape / minutes / 10,
        np.ceil(apart / METERS_PER_MINUTE).astype(np.int64),
        units,
        STOP_MIN,
        RESIDUAL_MIN,
        GAP_MIN,
    )


def or_tools(problem: RouteProblem, seconds: float) -> tuple[Visit, ...]:
    """Guided local search over copies of the places."""
    pywrapcp = import_module("ortools.constraint_solver.pywrapcp")
    enums = import_module("ortools.constraint_solver.routing_enums_pb2")
    station, copies = problem.units[0].start, _copies(problem)
    node_of = [station, *np.repeat(np.arange(problem.places), copies).tolist()]
    manager = pywrapcp.RoutingIndexManager(len(node_of), len(problem.units), 0)
    routing = pywrapcp.RoutingModel(manager)

    def minutes(start: int, end: int) -> int:
        a, b = manager.IndexToNode(start), manager.IndexToNode(end)
        return int(problem.travel_min[node_of[a], node_of[b]]) + (problem.stop_min if a else 0)

    transit = routing.RegisterTransitCallback(minutes)
    routing.SetArcCostEvaluatorOfAllVehicles(transit)
    routing.AddDimension(transit, problem.shift_min, problem.shift_min, False, "time")
    clock = routing.GetDimensionOrDie("time")
    worth = problem.reached.max(axis=1) * SCALE
    for node in range(1, len(node_of)):
        routing.AddDisjunction([manager.NodeToIndex(node)], int(worth[node_of[node]]))
        if node > 1 and node_of[node - 1] == node_of[node]:
            before, after = (clock.CumulVar(manager.NodeToIndex(at)) for at in (node - 1, node))
            routing.solver().Add(after >= before + problem.apart_min)
    search = pywrapcp.DefaultRoutingSearchParameters()
    search.first_solution_strategy = enums.FirstSolutionStrategy.PARALLEL_CHEAPEST_INSERTION
    search.local_search_metaheuristic = enums.LocalSearchMetaheuristic.GUIDED_LOCAL_SEARCH
    search.time_limit.FromMilliseconds(int(1000 * seconds))
    found = routing.SolveWithParameters(search)
    visits = []
    for unit in range(len(problem.units)) if found else ():
        at = found.Value(routing.NextVar(routing.Start(unit)))
        while not routing.IsEnd(at):
            arrive = found.Min(clock.CumulVar(at))
            visits.append(Visit(unit, node_of[manager.IndexToNode(at)], int(arrive)))
            at = found.Value(routing.NextVar(at))
    return tuple(visits)


def pyvrp(problem: RouteProblem, seconds: float) -> tuple[Visit, ...]:
    """Prize collecting, with copies of a place in windows of time; the best number of copies."""
    most = _copies(problem)
    tried = [_prizes(problem, copies, seconds / most) for copies in range(1, most + 1)]
    return max(tried, key=problem.value)


def _prizes(problem: RouteProblem, copies: int, seconds: float) -> tuple[Visit, ...]:
    package = import_module("pyvrp")
    model = package.Model()
    nodes = [model.add_location(number, 0) for number in range(problem.travel_min.shape[0])]
    depot = model.add_depot(nodes[problem.units[0].start])
    model.add_vehicle_type(
        len(problem.units),
        start_depot=depot,
        end_depot=depot,
        tw_early=0,
        tw_late=problem.shift_min,
    )
    room = problem.shift_min - problem.stop_min - (copies - 1) * problem.apart_min
    of_client = []
    for place in range(problem.places):
        for copy in range(copies):
            first = copy * (room // copies + problem.apart_min)
            model.add_client(
                nodes[place],
                service_duration=problem.stop_min,
                tw_early=first,
                tw_late=first + room // copies,
                prize=int(problem.reached[place, first] * SCALE),
                required=False,
            )
            of_client.append(place)
    for a, start in enumerate(nodes):
        for b, end in enumerate(nodes):
            model.add_edge(start, end, distance=0, duration=int(problem.travel_min[a, b]))
    stop = import_module("pyvrp.stop").MaxRuntime(seconds)
    found = model.solve(stop, seed=1, display=False)
    if not found.is_feasible():
        return ()
    return tuple(
        Visit(unit, of_client[one.idx], int(one.end_time) - problem.stop_min)
        for unit, route in enumerate(found.best.routes())
        for one in route.schedule()
        if one.is_client()
    )


def _copies(problem: RouteProblem) -> int:
    return (problem.shift_min - problem.stop_min) // problem.apart_min + 1


def _installed(module: str) -> bool:
    try:
        import_module(module)
    except ImportError:
        return False
    return True
