"""The search for beats, compiled: areas move between neighboring beats, which stay in one piece.

Areas and beats are positions; `first` and `beside` list the neighbors of each area, those of area i
from `first[i]` to before `first[i + 1]`.
"""

from __future__ import annotations

import numba as nb
import numpy as np

from analytics.compiled_code import may_be_stored

_compiled = nb.njit(nogil=True, cache=may_be_stored(__file__), error_model="numpy")

WARMEST, COLDEST = 0.1, 0.0005
"""Temperatures at the start and the end, as shares of the cost of a beat."""
RECENTER_EVERY = 200
"""Steps after which each beat gets the center that costs least."""


@_compiled
def _stays_whole(area, beat, first, beside, seen, stack):  # type: ignore[no-untyped-def]
    """Whether the beat of an area is in one piece without it, and not empty."""
    own = beat[area]
    total, start = 0, -1
    for other in range(beat.shape[0]):
        seen[other] = False
        if other != area and beat[other] == own:
            total, start = total + 1, other
    if total == 0:
        return False
    seen[start] = True
    stack[0], depth, found = start, 1, 1
    while depth > 0:
        depth -= 1
        at = stack[depth]
        for k in range(first[at], first[at + 1]):
            other = beside[k]
            if other != area and beat[other] == own and not seen[other]:
                seen[other] = True
                stack[depth] = other
                depth += 1
                found += 1
    return found == total


@_compiled
def _center(own, beat, minutes, work):  # type: ignore[no-untyped-def]
    """The area of a beat from which its work is reached in the least time, and that time."""
    best, chosen = np.inf, -1
    for center in range(beat.shape[0]):
        if beat[center] == own:
            cost = 0.0
            for area in range(beat.shape[0]):
                if beat[area] == own:
                    cost += work[area] * minutes[center, area]
            if cost < best:
                best, chosen = cost, center
    return chosen, best


@_compiled
def _beyond(load, low, high):  # type: ignore[no-untyped-def]
    return max(load - high, 0.0) + max(low - load, 0.0)


@_compiled
def _moved_beyond(old, new, moved, low, high):  # type: ignore[no-untyped-def]
    """How much more load is beyond the limits after some of it moves from one beat to another."""
    before = _beyond(old, low, high) + _beyond(new, low, high)
    return _beyond(old - moved, low, high) + _beyond(new + moved, low, high) - before


@_compiled
def _recenter(beat, centers, minutes, work):  # type: ignore[no-untyped-def]
    """Give each beat its best center; returns the cost of all."""
    total = 0.0
    for own in range(centers.shape[0]):
        centers[own], cost = _center(own, beat, minutes, work)
        total += cost
    return total


@_compiled
def anneal(start, number, first, beside, minutes, work, low, high, penalty, steps, seed):  # type: ignore[no-untyped-def]
    """Beats of least cost whose loads are within limits, from a start in whole pieces.

    Parameters
    ----------
    start : int array of shape (areas,): the beat of each area
    minutes : array of shape (areas, areas), from a center to an area
    low, high : limits of the load of a beat
    penalty : cost of a unit of load beyond the limits at the end; it grows from 0

    Returns
    -------
    beats, and their cost; infinite if no beats within the limits were found
    """
    np.random.seed(seed)
    beat = start.copy()
    areas = beat.shape[0]
    centers, load = np.zeros(number, np.int64), np.zeros(number)
    seen, stack = np.zeros(areas, np.bool_), np.zeros(areas, np.int64)
    for area in range(areas):
        load[beat[area]] += work[area]
    cost = _recenter(beat, centers, minutes, work)
    best, best_cost = beat.copy(), np.inf
    warm = WARMEST * cost / number
    for step in range(steps):
        if step % RECENTER_EVERY == 0:
            cost = _recenter(beat, centers, minutes, work)
            if load.min() >= low - 1e-9 and load.max() <= high + 1e-9 and cost < best_cost:
                best_cost = cost
                best[:] = beat
        heat = warm * (COLDEST / WARMEST) ** (step / steps)
        area = np.random.randint(areas)
        if first[area] == first[area + 1]:
            continue
        neighbor = beside[first[area] + np.random.randint(first[area + 1] - first[area])]
        old, new = beat[area], beat[neighbor]
        if old == new or centers[old] == area:
            continue
        change = work[area] * (minutes[centers[new], area] - minutes[centers[old], area])
        beyond = _moved_beyond(load[old], load[new], work[area], low, high)
        change += penalty * (step + 1) / steps * beyond
        if change > 0 and np.random.random() >= np.exp(-change / heat):
            continue
        if not _stays_whole(area, beat, first, beside, seen, stack):
            continue
        beat[area] = new
        load[old] -= work[area]
        load[new] += work[area]
    return best, best_cost
