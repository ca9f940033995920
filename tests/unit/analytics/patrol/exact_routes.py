"""The best patrol routes of a tiny problem, exactly: an integer program over minutes (HiGHS).

It shares nothing with the search: a unit's route is a flow through a network of (place, minute) of
arrival, and no two arrivals at a place are closer than the gap allows.
"""

from __future__ import annotations

import numpy as np
from scipy import sparse
from scipy.optimize import Bounds, LinearConstraint, milp

from analytics.patrol.route_problem import RouteProblem


def exact_value(problem: RouteProblem, must: tuple[int, ...] = ()) -> float:
    """Value of the best plan that visits all places of `must`."""
    stops = _stops(problem)
    arcs = _arcs(problem, stops)
    worth = np.array([problem.reached[at[1], at[2]] if at else 0.0 for _, _, at in arcs])
    conserved = _conserved(problem, stops, arcs)
    apart = _apart(problem, arcs)
    demanded = np.array([[bool(at) and at[1] == one for _, _, at in arcs] for one in must])
    found = milp(
        -worth,
        integrality=np.ones(len(arcs)),
        bounds=Bounds(0, 1),
        constraints=[
            LinearConstraint(conserved, 0, 0),
            LinearConstraint(_starts(problem, arcs), 0, 1),
            LinearConstraint(apart, -np.inf, 1),
            *([LinearConstraint(demanded.astype(float), 1, np.inf)] if must else []),
        ],
        options={"mip_rel_gap": 0},
    )
    assert found.success, found.message
    return float(-found.fun)


def _stops(problem: RouteProblem) -> list[tuple[int, int, int]]:
    """Every (unit, place, minute of arrival) from which the unit is back in time."""
    return [
        (number, place, minute)
        for number, unit in enumerate(problem.units)
        for place in range(problem.places)
        for minute in range(
            unit.start_min + int(problem.travel_min[unit.start, place]),
            unit.end_min - problem.stop_min - int(problem.travel_min[place, unit.end]) + 1,
        )
    ]


def _arcs(problem, stops):  # type: ignore[no-untyped-def]
    """(unit, from stop or None, to stop or None): from the start, between stops, to the end."""
    found = [(stop[0], None, stop) for stop in stops] + [(stop[0], stop, None) for stop in stops]
    for unit, place, minute in stops:
        for other_unit, other, later in stops:
            ready = minute + problem.stop_min + int(problem.travel_min[place, other])
            if unit == other_unit and later >= ready:
                found.append((unit, (unit, place, minute), (unit, other, later)))
    return found


def _conserved(problem, stops, arcs):  # type: ignore[no-untyped-def]
    row = {stop: number for number, stop in enumerate(stops)}
    entries = [
        (row[stop], column, sign)
        for column, (_, before, after) in enumerate(arcs)
        for stop, sign in ((before, -1), (after, 1))
        if stop is not None
    ]
    return _matrix(entries, len(stops), len(arcs))


def _starts(problem, arcs):  # type: ignore[no-untyped-def]
    entries = [(unit, column, 1) for column, (unit, before, _) in enumerate(arcs) if before is None]
    return _matrix(entries, len(problem.units), len(arcs))


def _apart(problem, arcs):  # type: ignore[no-untyped-def]
    """One row per place and window of arrivals that are too close to each other."""
    entries = [
        (after[1] * problem.shift_min + start, column, 1)
        for column, (_, _, after) in enumerate(arcs)
        if after is not None
        for start in range(max(after[2] - problem.apart_min + 1, 0), after[2] + 1)
    ]
    return _matrix(entries, problem.places * problem.shift_min, len(arcs))


def _matrix(entries, rows, columns):  # type: ignore[no-untyped-def]
    row, column, value = zip(*entries, strict=True)
    return sparse.csr_array((value, (row, column)), shape=(rows, columns))
