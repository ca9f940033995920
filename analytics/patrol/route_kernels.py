"""Compiled search and bound of patrol routes; `routes.py` is what calls them.

Both kernels take nodes as positions (places first), minutes as whole numbers, and `reached`, what a
stop reaches by place and minute of arrival.
"""

from __future__ import annotations

import numba as nb
import numpy as np

from analytics.compiled_code import may_be_stored

_compiled = nb.njit(nogil=True, cache=may_be_stored(__file__), error_model="numpy")

START, END, FIRST_MIN, LAST_MIN = range(4)
"""Columns of `units`."""
NOISE = 0.6
"""Largest share by which a score is lowered at random when a stop is inserted."""
FIRST_LOSS = 0.02
"""Share of the value that an accepted step may lose at first; it falls to 0."""
LARGEST_PART = 0.35
"""Largest share of the stops that a step removes."""
MOST_REMOVED = 14
FACTORS = np.array([0.0, 0.4, 0.6, 0.8, 0.9, 1.0, 1.1, 1.2])
FIRST_PACE, LAST_PACE, SLOWER, PATIENCE, INERTIA = 1.0, 1e-3, 0.6, 12, 0.3
"""Step of the bound's prices: at first, at last, and its factor after so many steps in vain."""


@_compiled
def _earliest(place, minute, unit, at_minute, at_unit, at_count, apart):  # type: ignore[no-untyped-def]
    """First minute from `minute` on at which no other unit's visit to the place is too close."""
    again = True
    while again:
        again = False
        for k in range(at_count[place]):
            if at_unit[place, k] == unit:
                continue
            other = at_minute[place, k]
            if abs(minute - other) < apart:
                minute = other + apart
                again = True
    return minute


@_compiled
def _own(place, minute, route, times, count, apart):  # type: ignore[no-untyped-def]
    """First minute from `minute` on that is far enough from the unit's earlier visits there."""
    for m in range(count):
        if route[m] == place and times[m] + apart > minute:
            minute = times[m] + apart
    return minute


@_compiled
def _free(place, minute, unit, route, times, count, state, apart):  # type: ignore[no-untyped-def]
    at_minute, at_unit, at_count = state
    while True:
        first = _own(place, minute, route, times, count, apart)
        later = _earliest(place, first, unit, at_minute, at_unit, at_count, apart)
        if later == minute:
            return minute
        minute = later


@_compiled
def _forget(unit, at_minute, at_unit, at_count, route, count):  # type: ignore[no-untyped-def]
    """Take the visits of a unit out of the lists by place."""
    for m in range(count):
        place = route[m]
        kept = 0
        for k in range(at_count[place]):
            if at_unit[place, k] != unit:
                at_minute[place, kept] = at_minute[place, k]
                at_unit[place, kept] = at_unit[place, k]
                kept += 1
        at_count[place] = kept


@_compiled
def _list(unit, route, times, count, at_minute, at_unit, at_count):  # type: ignore[no-untyped-def]
    """Put the visits of a unit into the lists by place."""
    for m in range(count):
        place = route[m]
        at_minute[place, at_count[place]] = times[m]
        at_unit[place, at_count[place]] = unit
        at_count[place] += 1


@_compiled
def _schedule(unit, route, times, count, problem, state):  # type: ignore[no-untyped-def]
    """Time a route as early as possible and list its visits; return its end and its value.

    The caller has taken the unit's former visits out of the lists.
    """
    reached, travel, units, stop, apart = problem
    at_minute, at_unit, at_count = state
    minute, node, value = units[unit, FIRST_MIN], units[unit, START], 0.0
    for m in range(count):
        place = route[m]
        arrive = _free(place, minute + travel[node, place], unit, route, times, m, state, apart)
        times[m] = arrive
        if arrive < reached.shape[1]:
            value += reached[place, arrive]
        minute, node = arrive + stop, place
    _list(unit, route, times, count, at_minute, at_unit, at_count)
    return minute + travel[node, units[unit, END]], value


@_compiled
def _last(place, route, start, count):  # type: ignore[no-untyped-def]
    """Position of the last stop at a place from `start` on; -1 without one."""
    for m in range(count - 1, start - 1, -1):
        if route[m] == place:
            return m
    return -1


@_compiled
def _try(unit, position, place, route, times, count, ends_at, problem, state, spare):  # type: ignore[no-untyped-def]
    """Gain and added minutes of one more stop at a position; no gain where it does not fit."""
    reached, travel, units, stop, apart = problem
    node = units[unit, START] if position == 0 else route[position - 1]
    minute = units[unit, FIRST_MIN] if position == 0 else times[position - 1] + stop
    last = units[unit, LAST_MIN]
    arrive = _free(place, minute + travel[node, place], unit, route, times, position, state, apart)
    if arrive + stop + travel[place, units[unit, END]] > last:
        return -1.0, 0
    gain = reached[place, arrive]
    new_route, new_times = spare
    for m in range(position):
        new_route[m], new_times[m] = route[m], times[m]
    new_route[position], new_times[position] = place, arrive
    again = _last(place, route, position, count)
    minute, node = arrive + stop, place
    for m in range(position, count):
        other = route[m]
        new = _free(
            other, minute + travel[node, other], unit, new_route, new_times, m + 1, state, apart
        )
        if new == times[m] and m >= again:
            return gain, 0
        if new + stop > last:
            return -1.0, 0
        again = max(again, _last(other, route, m + 1, count))
        gain += reached[other, new] - reached[other, times[m]]
        new_route[m + 1], new_times[m + 1] = other, new
        minute, node = new + stop, other
    end = minute + travel[node, units[unit, END]]
    if end > last:
        return -1.0, 0
    return gain, max(end - ends_at, 0)


@_compiled
def _best(unit, place, routes, times, counts, ends, problem, state, spare):  # type: ignore[no-untyped-def]
    """Best position of a place in a unit's route: score (gain per added minute) and position."""
    _, travel, units, stop, _ = problem
    best, where = -1.0, -1
    route, own, count = routes[unit], times[unit], counts[unit]
    if count == route.shape[0]:
        return best, where
    room = units[unit, LAST_MIN] - ends[unit]
    after = units[unit, END]
    for position in range(count, -1, -1):
        before = route[position - 1] if position else units[unit, START]
        left = own[position - 1] + stop if position else units[unit, FIRST_MIN]
        if position < count:
            room += own[position] - left - travel[before, after]  # waits there
        detour = travel[before, place] + stop + travel[place, after] - travel[before, after]
        after = before
        if detour > room:
            continue
        gain, added = _try(
            unit, position, place, route, own, count, ends[unit], problem, state, spare
        )
        if gain > 1e-12:
            score = gain / (added + 3.0)
            if score > best:
                best, where = score, position
    return best, where


@_compiled
def _insert_all(routes, times, counts, ends, values, problem, state, noise):  # type: ignore[no-untyped-def]
    """Insert stops, the best first (with noise), until none fits.

    Scores are kept: after an insertion only those of its unit and its place are computed again; any
    other is computed again before it is used.
    """
    places, teams, longest = problem[0].shape[0], routes.shape[0], routes.shape[1]
    spare = (np.empty(longest + 1, np.int64), np.empty(longest + 1, np.int64))
    scores, where = np.zeros((places, teams)), np.zeros((places, teams), np.int64)
    due, sure = np.ones((places, teams), np.bool_), np.zeros((places, teams), np.bool_)
    while True:
        for place in range(places):
            for unit in range(teams):
                if due[place, unit]:
                    score, position = _best(
                        unit, place, routes, times, counts, ends, problem, state, spare
                    )
                    scores[place, unit] = score * (1 - noise * np.random.random())
                    where[place, unit] = position
                    due[place, unit], sure[place, unit] = False, True
        chosen = np.argmax(scores)
        place, unit = chosen // teams, chosen % teams
        if scores[place, unit] <= 0:
            return
        if not sure[place, unit]:
            due[place, unit] = True
            continue
        _forget(unit, state[0], state[1], state[2], routes[unit], counts[unit])
        for m in range(counts[unit], where[place, unit], -1):
            routes[unit, m] = routes[unit, m - 1]
        routes[unit, where[place, unit]] = place
        counts[unit] += 1
        ends[unit], values[unit] = _schedule(
            unit, routes[unit], times[unit], counts[unit], problem, state
        )
        sure[:] = False
        due[:, unit] = True
        due[place, :] = True


@_compiled
def _mark(routes, times, counts, travel, out, far):  # type: ignore[no-untyped-def]
    """Mark the stops that a step removes: a stretch of a route, close ones, or any."""
    teams, total = routes.shape[0], 0
    for unit in range(teams):
        total += counts[unit]
        for m in range(counts[unit]):
            out[unit, m] = False
    most = max(2, min(MOST_REMOVED, int(LARGEST_PART * total)))
    number = min(np.random.randint(1, most + 1), total)
    kind = np.random.randint(0, 3)
    drawn = np.random.randint(0, total)
    seed_unit, seed = 0, 0
    for unit in range(teams):
        if drawn < counts[unit]:
            seed_unit, seed = unit, drawn
            break
        drawn -= counts[unit]
    if kind == 0:
        for m in range(seed, min(seed + number, counts[seed_unit])):
            out[seed_unit, m] = True
        return
    for unit in range(teams):
        for m in range(counts[unit]):
            far[unit, m] = np.random.random()
            if kind == 1:
                apart = travel[routes[seed_unit, seed], routes[unit, m]]
                far[unit, m] *= 2.0 * apart + 0.5 * abs(times[seed_unit, seed] - times[unit, m])
    for _ in range(number):
        first, at_unit, at = np.inf, 0, 0
        for unit in range(teams):
            for m in range(counts[unit]):
                if not out[unit, m] and far[unit, m] < first:
                    first, at_unit, at = far[unit, m], unit, m
        out[at_unit, at] = True


@_compiled
def _remove(out, routes, times, counts, ends, values, problem, state):  # type: ignore[no-untyped-def]
    teams = routes.shape[0]
    for unit in range(teams):
        removed = False
        for m in range(counts[unit]):
            removed |= out[unit, m]
        if not removed:
            continue
        _forget(unit, state[0], state[1], state[2], routes[unit], counts[unit])
        kept = 0
        for m in range(counts[unit]):
            if not out[unit, m]:
                routes[unit, kept] = routes[unit, m]
                kept += 1
        counts[unit] = kept
        ends[unit], values[unit] = _schedule(unit, routes[unit], times[unit], kept, problem, state)


@_compiled
def _blank(teams, longest):  # type: ignore[no-untyped-def]
    return (
        np.zeros((teams, longest), np.int64),
        np.zeros((teams, longest), np.int64),
        np.zeros(teams, np.int64),
        np.zeros(teams, np.int64),
        np.zeros(teams),
    )


@_compiled
def _keep(into, plan):  # type: ignore[no-untyped-def]
    """Copy a plan: stops, minutes, counts, ends and values."""
    for unit in range(len(plan[2])):
        into[2][unit], into[3][unit], into[4][unit] = plan[2][unit], plan[3][unit], plan[4][unit]
        for m in range(plan[2][unit]):
            into[0][unit, m], into[1][unit, m] = plan[0][unit, m], plan[1][unit, m]


@_compiled
def search(reached, travel, units, stop, apart, steps, seed):  # type: ignore[no-untyped-def]
    """Large-neighborhood search: remove some stops, insert the best again, keep what is better.

    Parameters
    ----------
    reached : float array of shape (places, minutes + 1)
    travel : int array of shape (nodes, nodes)
    units : int array of shape (units, 4), see `START`
    stop, apart : minutes of a stop, and between two arrivals at a place
    steps : number of steps
    seed : of the random draws

    Returns
    -------
    places, minutes, counts
        Stops by unit in order, shapes (units, most) and (units,).
    """
    np.random.seed(seed)
    teams, minutes = units.shape[0], reached.shape[1] - 1
    longest = minutes // stop + 2
    visits = minutes // apart + 2
    problem = (reached, travel, units, stop, apart)
    plan = _blank(teams, longest)
    routes, times, counts, ends, values = plan
    state = (
        np.zeros((reached.shape[0], visits), np.int64),
        np.zeros((reached.shape[0], visits), np.int64),
        np.zeros(reached.shape[0], np.int64),
    )
    for unit in range(teams):
        ends[unit] = units[unit, FIRST_MIN] + travel[units[unit, START], units[unit, END]]
    out, far = np.zeros((teams, longest), np.bool_), np.zeros((teams, longest))
    best_value = -1.0
    best = _blank(teams, longest)
    old = _blank(teams, longest)
    for step in range(steps + 1):
        before = values.sum()
        _keep(old, plan)
        if step > 0:
            _mark(routes, times, counts, travel, out, far)
            _remove(out, routes, times, counts, ends, values, problem, state)
        _insert_all(routes, times, counts, ends, values, problem, state, NOISE)
        after = values.sum()
        if after > best_value:
            best_value = after
            _keep(best, plan)
        if after <= 0:
            break
        allowed = FIRST_LOSS * best_value * (1 - step / max(steps, 1)) * np.random.random()
        if after < before - allowed:
            for unit in range(teams):
                _forget(unit, state[0], state[1], state[2], routes[unit], counts[unit])
            _keep(plan, old)
            for unit in range(teams):
                _list(unit, routes[unit], times[unit], counts[unit], state[0], state[1], state[2])
    return best[0], best[1], best[2]


@_compiled
def _sort(order, values):  # type: ignore[no-untyped-def]
    """Sort positions by their values, the highest first; quick if they nearly are."""
    for at in range(1, order.shape[0]):
        moved, before = order[at], at - 1
        while before >= 0 and values[order[before]] < values[moved]:
            order[before + 1] = order[before]
            before -= 1
        order[before + 1] = moved


@_compiled
def _longest_path(worth, travel, unit, stop, gap, arrived, ready, came_place, came_minute):  # type: ignore[no-untyped-def]
    """Best route of a unit that may revisit at once, by dynamic programming over minutes.

    `worth` has what a stop is worth by place and minute of arrival. Returns the value, and the
    place and minute of the last stop (-1 for none).
    """
    places, minutes = worth.shape
    first, last = unit[FIRST_MIN], unit[LAST_MIN]
    order = np.arange(places)
    best, best_place, best_minute = 0.0, -1, -1
    for minute in range(first, min(minutes, last - stop + 1)):
        for j in range(places):
            ready[minute, j] = ready[minute - 1, j] if minute > first else -np.inf
            came_minute[1, minute, j] = came_minute[1, minute - 1, j] if minute > first else -1
            if minute - stop >= first and arrived[minute - stop, j] > ready[minute, j]:
                ready[minute, j] = arrived[minute - stop, j]
                came_minute[1, minute, j] = minute - stop
        _sort(order, ready[minute])
        for j in range(places):
            found, place = -np.inf, -1
            if minute >= first + travel[unit[START], j]:
                found = 0.0
            for position in range(places):
                i = order[position]
                if ready[minute, i] <= found:
                    break  # what is ready never falls, so earlier minutes have no more
                left = minute - (gap if i == j else travel[i, j])
                if left >= first and ready[left, i] > found:
                    found, place = ready[left, i], i
            if minute + stop + travel[j, unit[END]] > last:
                found = -np.inf
            arrived[minute, j] = found + worth[j, minute]
            came_place[minute, j] = place
            came_minute[0, minute, j] = (
                came_minute[1, minute - (gap if place == j else travel[place, j]), place]
                if place >= 0
                else -1
            )
            if arrived[minute, j] > best:
                best, best_place, best_minute = arrived[minute, j], j, minute
    return best, best_place, best_minute


@_compiled
def _relaxed(prices, problem, teams, used, work):  # type: ignore[no-untyped-def]
    """The bound at some prices; `used` becomes the number of visits that each limit counts."""
    reached, travel, units, stop, apart = problem
    worth, arrived, ready, came_place, came_minute = work
    places, minutes = reached.shape
    for j in range(places):
        window = prices[j, :apart].sum()
        for minute in range(minutes):
            worth[j, minute] = reached[j, minute] - window
            window += prices[j, minute + apart] - prices[j, minute]
    total = prices.sum()
    used[:] = 0.0
    for kind in range(units.shape[0]):
        value, place, minute = _longest_path(
            worth, travel, units[kind], stop, apart - stop, arrived, ready, came_place, came_minute
        )
        total += teams[kind] * value
        while place >= 0:
            for later in range(minute, minute + apart):
                used[place, later] += teams[kind]
            place, minute = came_place[minute, place], came_minute[0, minute, place]
    return total


@_compiled
def _first_prices(prices, problem, teams, target, used, work):  # type: ignore[no-untyped-def]
    """Prices of what a stop reaches beyond the worth of a unit's minutes, the best of several."""
    reached, travel, units, stop, apart = problem
    places, minutes = reached.shape
    patrol = 0.0
    for kind in range(units.shape[0]):
        patrol += teams[kind] * (units[kind, LAST_MIN] - units[kind, FIRST_MIN])
    best = _relaxed(prices, problem, teams, used, work)
    center = prices.copy()
    for factor in FACTORS:
        rate = factor * target / max(patrol, 1.0)
        for j in range(places):
            nearest = 0
            for i in range(places):
                if i != j:
                    nearest = travel[i, j] if nearest == 0 else min(nearest, travel[i, j])
            for minute in range(minutes + apart):
                around = min(max(minute - apart // 2, 0), minutes - 1)
                worth = reached[j, around] - rate * (stop + nearest)
                prices[j, minute] = max(worth, 0.0) / apart
        value = _relaxed(prices, problem, teams, used, work)
        if value < best:
            best = value
            center[:] = prices
    prices[:] = center
    return best


@_compiled
def bound(reached, travel, units, teams, stop, apart, target, steps):  # type: ignore[no-untyped-def]
    """Upper bound on any plan, by Lagrangian relaxation of the gap between visits to a place.

    For each place and minute, at most one visit arrives in the last `apart` minutes. These limits
    are priced; with prices every unit has a longest path of its own. For any prices of 0 or more,
    the paths' values plus the prices bound every plan. The prices follow the subgradient.

    Parameters
    ----------
    units : int array of shape (kinds, 4): units that differ
    teams : int array of shape (kinds,): how many units are of each kind
    target : value of a known plan, for the length of a step
    steps : number of steps
    """
    places, minutes = reached.shape
    problem = (reached, travel, units, stop, apart)
    work = (
        np.empty((places, minutes)),
        np.empty((minutes, places)),
        np.empty((minutes, places)),
        np.empty((minutes, places), np.int64),
        np.empty((2, minutes, places), np.int64),
    )
    prices = np.zeros((places, minutes + apart))
    used = np.empty(prices.shape)
    best = _first_prices(prices, problem, teams, target, used, work)
    center, direction = prices.copy(), np.zeros(prices.shape)
    pace, stale = FIRST_PACE, 0
    for _ in range(steps):
        total = _relaxed(prices, problem, teams, used, work)
        stale = 0 if total < best * (1 - 1e-4) else stale + 1
        if total < best:
            best = total
            center[:] = prices
        if best <= target * (1 + 1e-6) or pace < LAST_PACE:
            break
        if stale >= PATIENCE:
            pace, stale = pace * SLOWER, 0
            prices[:] = center
            direction[:] = 0.0
            continue
        norm = 0.0
        for j in range(places):
            for minute in range(minutes + apart):
                step = used[j, minute] - 1.0
                if step < 0 and prices[j, minute] <= 0:
                    step = 0.0
                direction[j, minute] = (1 - INERTIA) * step + INERTIA * direction[j, minute]
                norm += direction[j, minute] ** 2
        if norm <= 0:
            break
        length = pace * max(total - target, 1e-9) / norm
        for j in range(places):
            for minute in range(minutes + apart):
                priced = prices[j, minute] + length * direction[j, minute]
                prices[j, minute] = max(priced, 0.0)
    return best
