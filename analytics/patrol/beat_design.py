"""Beats as a what-if: areas joined to beats of about equal work, each in one piece.

A p-median problem with contiguity and limits of workload: each beat has a center among its areas,
and the time to drive from the centers to the work of all areas is least. Solved by simulated
annealing over moves of one area to a neighboring beat, from several starts; what it finds is good,
not proven best.

References
----------
Wheeler (2019), Creating optimal patrol areas using the p-median model, Policing 42(3), 318-333.
Kirkpatrick, Gelatt & Vecchi (1983), Optimization by simulated annealing, Science 220.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt
from scipy import sparse
from scipy.sparse.csgraph import connected_components

from analytics.errors import InputError
from analytics.statistics.arrays import Floats, Ints

STARTS = 8
STEPS = 400_000
PENALTY = 3.0
"""Cost of work beyond the limits, in mean minutes to work."""


@dataclass(frozen=True, eq=False)
class BeatProblem:
    """What beats are made of.

    Attributes
    ----------
    minutes : array of shape (areas, areas), from a center to an area
    work : array of shape (areas,), such as calls or unit-hours
    pairs : neighbors, by position
    number : beats
    imbalance : the work of a beat may differ from the mean by this share at most

    Raises
    ------
    InputError
        There are too few areas, or one has more work than a beat may have.
    """

    minutes: Floats = field(repr=False)
    work: Floats = field(repr=False)
    pairs: Sequence[tuple[int, int]] = field(repr=False)
    number: int
    imbalance: float = 0.1

    def __post_init__(self) -> None:
        if not 1 <= self.number <= len(self.work):
            raise InputError(
                f"{self.number} beats cannot be made of {len(self.work)} areas; each needs one."
            )
        if self.work.max() > self.limits[1]:
            raise InputError(
                f"One area has {self.work.max() / self.mean:.2f} times the work of a mean beat, "
                f"more than {1 + self.imbalance:g}; ask for fewer beats or allow a larger "
                "imbalance."
            )

    @property
    def mean(self) -> float:
        """Mean work of a beat."""
        return float(self.work.sum() / self.number)

    @property
    def limits(self) -> tuple[float, float]:
        """Least and most work of a beat."""
        return (1 - self.imbalance) * self.mean, (1 + self.imbalance) * self.mean


@dataclass(frozen=True, eq=False)
class BeatDesign:
    """Beats, and what they cost.

    Attributes
    ----------
    beat : int array of shape (areas,)
    centers : area of each beat from which its work is reached soonest
    loads : work of each beat
    minutes : mean minutes from the center to the work
    bridges : pairs of areas that count as neighbors without a common border
    """

    beat: Ints = field(repr=False)
    centers: tuple[int, ...]
    loads: Floats = field(repr=False)
    minutes: float
    bridges: tuple[tuple[int, int], ...] = ()


def design_beats(
    problem: BeatProblem, seed: int, *, starts: int = STARTS, steps: int = STEPS
) -> BeatDesign:
    """The best beats found from several starts.

    Raises
    ------
    InputError
        No start led to beats within the limits of work.
    """
    from analytics.patrol import beat_kernels  # noqa: PLC0415 - numba takes 0.3 s

    joined = bridges(problem.pairs, problem.minutes)
    graph = _graph([*problem.pairs, *joined], len(problem.work))
    low, high = problem.limits
    random = np.random.default_rng(seed)
    penalty = PENALTY * float(problem.minutes.mean())
    best, best_cost = None, np.inf
    for one in random.integers(0, 2**31, starts):
        beat, cost = beat_kernels.anneal(
            _start(problem, graph, int(one)), problem.number, graph.indptr.astype(np.int64),
            graph.indices.astype(np.int64), problem.minutes, problem.work, low, high, penalty,
            steps, int(one),
        )  # fmt: skip
        if cost < best_cost:
            best, best_cost = beat, float(cost)
    if best is None:
        raise InputError(
            f"No beats in one piece were found whose work differs by {problem.imbalance:.0%} at "
            "most from the mean; allow more, or ask for another number of beats."
        )
    return replace(measured(problem, best), bridges=tuple(joined))


def measured(problem: BeatProblem, beat: Ints) -> BeatDesign:
    """Centers, loads and minutes of given beats, such as those in use.

    Parameters
    ----------
    beat : int array of shape (areas,), each of 0 to `number` - 1 at least once
    """
    loads: Floats = np.bincount(beat, problem.work, problem.number).astype(np.float64)
    centers, total = [], 0.0
    for own in range(problem.number):
        members = np.flatnonzero(beat == own)
        costs = problem.minutes[np.ix_(members, members)] @ problem.work[members]
        centers.append(int(members[costs.argmin()]))
        total += float(costs.min())
    return BeatDesign(beat, tuple(centers), loads, total / float(problem.work.sum()))


def bridges(pairs: Sequence[tuple[int, int]], minutes: Floats) -> list[tuple[int, int]]:
    """Pairs that join pieces without a common border, such as islands, the nearest first."""
    found: list[tuple[int, int]] = []
    while True:
        piece = connected_components(_graph([*pairs, *found], len(minutes)), directed=False)[1]
        if piece.max(initial=0) == 0:
            return found
        smallest = np.bincount(piece).argmin()
        own, others = np.flatnonzero(piece == smallest), np.flatnonzero(piece != smallest)
        apart = minutes[np.ix_(own, others)]
        row, column = np.unravel_index(apart.argmin(), apart.shape)
        found.append((int(own[row]), int(others[column])))


def _graph(pairs: Sequence[tuple[int, int]], areas: int) -> sparse.csr_array:
    ends = np.array(pairs, dtype=np.int64).reshape(-1, 2)
    one = np.ones(len(ends), dtype=bool)
    half = sparse.coo_array((one, (ends[:, 0], ends[:, 1])), shape=(areas, areas))
    return sparse.csr_array((half + half.T).astype(bool))


def _start(problem: BeatProblem, graph: sparse.csr_array, seed: int) -> Ints:
    """Beats in one piece: each grows from an area, the least loaded first."""
    random = np.random.default_rng(seed)
    seeds = _seeds(problem, random)
    beat = np.full(len(problem.work), -1, dtype=np.int64)
    beat[seeds] = np.arange(problem.number)
    load = problem.work[seeds].astype(np.float64)
    closed = np.zeros(problem.number, dtype=bool)
    while (beat < 0).any():
        own = int(np.where(closed, np.inf, load).argmin())
        around = np.unique(graph[np.flatnonzero(beat == own)].indices)
        free = around[beat[around] < 0]
        if len(free) == 0:
            closed[own] = True
            continue
        area = free[problem.minutes[seeds[own], free].argmin()]
        beat[area] = own
        load[own] += problem.work[area]
    return beat


def _seeds(problem: BeatProblem, random: np.random.Generator) -> npt.NDArray[np.int64]:
    """Areas far from each other where work is (k-means++, Arthur & Vassilvitskii 2007)."""
    work = problem.work + 1e-9 * problem.work.sum() + 1e-12
    seeds = [int(random.choice(len(work), p=work / work.sum()))]
    while len(seeds) < problem.number:
        nearest = problem.minutes[seeds].min(axis=0) ** 2 * work
        nearest[seeds] = 0.0
        free = np.setdiff1d(np.arange(len(work)), seeds)
        chances = nearest[free] if nearest[free].sum() > 0 else np.ones(len(free))
        seeds.append(int(random.choice(free, p=chances / chances.sum())))
    return np.array(seeds, dtype=np.int64)
