"""Places for stops: points that cover most, or clusters of six blocks.

A stop covers the spots within its radius. Maximum cover chooses points one after the other, each
the one that adds most to what is covered; no other choice of as many points covers more than the
bound beside it. No place is within the radius of an earlier one: a patrol that stops there again
would be at the same place, and the gap between visits would mean nothing.

References
----------
Church & ReVelle (1974), The maximal covering location problem, Papers of the Regional Science
Association 32.
Nemhauser, Wolsey & Fisher (1978), An analysis of approximations for maximizing submodular set
functions, Mathematical Programming 14 (greedy is at least 1 - 1/e of the best).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum

import numpy as np
from scipy import sparse
from scipy.spatial import cKDTree

from analytics.errors import InputError
from analytics.statistics.arrays import Floats, Ints
from analytics.zones.places import FOOT, NO_PLACE, choose_places

RADIUS_M = 150.0


class PlaceMethod(Enum):
    """How places are chosen."""

    COVER = "cover"
    CLUSTERS = "clusters"


@dataclass(frozen=True, eq=False)
class StopPlaces:
    """Places in the order chosen.

    Attributes
    ----------
    spot : position of the spot at which a unit stops, shape (places,)
    expected : what a stop at each place covers, shape (places,)
    covered : what all places cover together
    bound : no choice of as many points covers more; None where it is not known
    """

    spot: Ints = field(repr=False)
    expected: Floats = field(repr=False)
    covered: float | None = None
    bound: float | None = None

    def __len__(self) -> int:
        return len(self.spot)


@dataclass(frozen=True)
class DemandedSpots:
    """What an analyst demands of the places, by position of the spots.

    Attributes
    ----------
    always : spots at which there is a place, whatever it covers
    never : spots at which there is none, unless it is in `always`
    """

    always: tuple[int, ...] = ()
    never: frozenset[int] = frozenset()

    def of(self, own: Ints) -> DemandedSpots:
        """Those of some spots, by position among them."""
        at = {int(spot): number for number, spot in enumerate(own)}
        return DemandedSpots(
            tuple(at[one] for one in self.always if one in at),
            frozenset(at[one] for one in self.never if one in at),
        )


NOTHING_DEMANDED = DemandedSpots()


def choose_stops(
    xy: Floats,
    expected: Floats,
    number: int,
    *,
    method: PlaceMethod = PlaceMethod.COVER,
    radius_m: float = RADIUS_M,
    demanded: DemandedSpots = NOTHING_DEMANDED,
) -> StopPlaces:
    """Choose places among the spots of one area.

    Parameters
    ----------
    xy, expected : arrays of shape (spots, 2) and (spots,)
    number : of places, at least 1; fewer are found where fewer spots expect anything, and more
        where more are demanded

    Raises
    ------
    InputError
        `number` is less than 1.
    """
    if number < 1:
        raise InputError(f"{number} places cannot be chosen; ask for at least 1.")
    if method is PlaceMethod.CLUSTERS:
        return _clusters(xy, expected, number, radius_m, demanded)
    return maximum_cover(covered_by(xy, radius_m), expected, number, demanded)


def covered_by(xy: Floats, radius_m: float) -> sparse.csr_array:
    """1 where a stop at a spot (row) covers a spot (column)."""
    tree = cKDTree(xy)
    pairs = tree.query_pairs(radius_m, output_type="ndarray")
    own = np.arange(len(xy))
    rows = np.concatenate([own, pairs[:, 0], pairs[:, 1]])
    columns = np.concatenate([own, pairs[:, 1], pairs[:, 0]])
    return sparse.csr_array((np.ones(len(rows)), (rows, columns)), shape=(len(xy), len(xy)))


def maximum_cover(
    cover: sparse.csr_array,
    expected: Floats,
    number: int,
    demanded: DemandedSpots = NOTHING_DEMANDED,
) -> StopPlaces:
    """Greedy maximum cover with its bound, from the demanded spots on.

    After any step, the best `number` points cover at most what is covered by then plus the largest
    `number` of what single points would add; the bound is the least of these.
    """
    free = expected.astype(np.float64).copy()
    apart = np.ones(len(free), dtype=bool)
    apart[list(demanded.never)] = False
    spots = list(demanded.always)
    near = cover[spots].indices if spots else np.zeros(0, dtype=np.int64)
    covered = float(free[np.unique(near)].sum())
    free[near], apart[near] = 0.0, False
    adds = cover @ free
    bound = covered + _largest(adds, number)
    while len(spots) < number:
        best = int(np.argmax(np.where(apart, adds, -1.0)))
        if not apart[best] or adds[best] <= 0:
            break
        spots.append(best)
        covered += float(adds[best])
        near = cover.indices[cover.indptr[best] : cover.indptr[best + 1]]
        free[near], apart[near] = 0.0, False
        adds = cover @ free
        bound = min(bound, covered + _largest(adds, number))
    chosen = _busiest_first(np.array(spots, dtype=np.int64), cover @ expected, demanded)
    whole = None if len(chosen) > number else max(bound, covered)
    return StopPlaces(chosen, np.asarray(cover @ expected)[chosen], covered, whole)


def _largest(adds: Floats, number: int) -> float:
    """Sum of the largest values."""
    return float(np.sort(np.partition(adds, -min(number, len(adds)))[-number:]).sum())


def _busiest_first(chosen: Ints, near: Floats, demanded: DemandedSpots) -> Ints:
    """Order as without demands: units start at the first place unless there is a station."""
    return chosen[np.argsort(-near[chosen], kind="stable")] if demanded.always else chosen


def spaced(cover: sparse.csr_array, scores: Floats, number: int) -> Ints:
    """The spots with the highest scores, none within the radius of a better one."""
    free = np.ones(len(scores), dtype=bool)
    chosen: list[int] = []
    for spot in np.argsort(-scores, kind="stable"):
        if len(chosen) == number:
            break
        if free[spot]:
            chosen.append(int(spot))
            free[cover.indices[cover.indptr[spot] : cover.indptr[spot + 1]]] = False
    return np.array(chosen, dtype=np.int64)


def _clusters(
    xy: Floats, expected: Floats, number: int, radius_m: float, demanded: DemandedSpots
) -> StopPlaces:
    """Clusters of up to six blocks; the stop is at the block from which most of it is covered.

    No cluster stops at or near a demanded spot, which has a place of its own.
    """
    labels = choose_places(xy, expected, np.ones(len(xy)), FOOT, number)
    found = range(int(labels.max(initial=NO_PLACE)) + 1)
    cover = covered_by(xy, radius_m)
    near = np.asarray(cover @ expected)
    first = list(demanded.always)
    closed = set(demanded.never) | (set(cover[first].indices.tolist()) if first else set())
    stops = []
    for cluster in found:
        own = np.flatnonzero(labels == cluster)
        stop = int(own[np.argmax(covered_by(xy[own], radius_m) @ expected[own])])
        if stop not in closed:
            stops.append(stop)
    stops = sorted(stops, key=lambda stop: -near[stop])[: max(number - len(first), 0)]
    spot = np.array([*first, *stops], dtype=np.int64)
    spot = spot[np.argsort(-near[spot], kind="stable")]
    return StopPlaces(spot, near[spot])
