"""Chains of near repeats: incidents linked to one another by place and time.

Incidents within 200 m and 14 days of each other are linked; a chain is what is linked directly or
by others. Chains form by chance too, mostly where there are always many incidents, so each has a
strength: the log likelihood ratio of as many incidents in the chain's surroundings and days, given
how many the surroundings have at any time and how many the city has on these days. How strong
chains are by chance comes from the same incidents with dates permuted within about four weeks.

References
----------
Knox (1964), The detection of space-time interactions, Applied Statistics 13.
Kulldorff, Heffernan, Hartman, Assunção & Mostashari (2005), A space-time permutation scan statistic
for disease outbreak detection, PLoS Medicine 2: the strength, and its p-value by permutation.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from scipy import sparse
from scipy.sparse.csgraph import connected_components
from scipy.spatial import cKDTree

from analytics.alerts.watch_rules import FEWEST_LINKED
from analytics.hotspots.knox import PERMUTATIONS, jittered
from analytics.statistics.arrays import Floats, Ints
from analytics.statistics.level import LEVEL
from analytics.statistics.tiers import Tier

WATCH_CHANCE = 1.0
"""A chain is to watch if chance brings as many as this one of its strength, or fewer."""


@dataclass(frozen=True, eq=False)
class Chain:
    """One chain.

    Attributes
    ----------
    members : positions of its incidents, by day
    usual : incidents that its surroundings are expected to have on its days
    strength : log likelihood ratio
    p : share of permutations with a chain as strong anywhere
    by_chance : expected number of chains as strong in a permutation
    """

    members: Ints = field(repr=False)
    usual: float
    strength: float
    p: float
    by_chance: float
    tier: Tier


@dataclass(frozen=True, eq=False)
class Chains:
    """Chains of the last days, those that stand out.

    Attributes
    ----------
    found : clear ones (p ≤ 5% over the whole city), then those to watch, by strength
    tested : chains of the last days
    by_chance : how many stand out so in a permutation, on average
    """

    found: tuple[Chain, ...]
    tested: int
    by_chance: float


def find_chains(
    xy: Floats,
    day: Ints,
    *,
    within_m: float,
    days: int,
    last: int,
    permutations: int = PERMUTATIONS,
    seed: int = 0,
) -> Chains:
    """Find chains of `FEWEST_LINKED` incidents or more, the newest of them in the last days.

    Parameters
    ----------
    xy : array of shape (incidents, 2)
        Local meters.
    day : int array of shape (incidents,)
        Days since the first day of the period.
    within_m, days
        Distance and days up to which two incidents are linked.
    last
        The last day, in days since the first: a chain's newest incident is at most `days` older.
    """
    pairs = cKDTree(xy).query_pairs(within_m, output_type="ndarray").astype(np.int64)
    near = _neighbors(pairs, len(day))
    surroundings = _Surroundings(pairs, near, np.asarray(day, np.int64), days, last)
    observed = surroundings.chains(surroundings.day)
    random, in_order = np.random.default_rng(seed), np.sort(surroundings.day)
    null = []
    for _ in range(permutations):
        permuted = jittered(surroundings.day, in_order, random).astype(np.int64)
        null.append(np.array([one.strength for one in surroundings.chains(permuted)]))
    strongest = np.array([one.max(initial=0.0) for one in null])
    chains = []
    for one in sorted(observed, key=lambda each: -each.strength):
        p = (1 + int((strongest >= one.strength).sum())) / (1 + permutations)
        as_strong = float(np.mean([(other >= one.strength).sum() for other in null]))
        if p <= LEVEL or as_strong <= WATCH_CHANCE:
            tier = Tier.CLEAR if p <= LEVEL else Tier.WATCH
            chains.append(Chain(one.members, one.usual, one.strength, p, as_strong, tier))
    usual = float(np.mean([len(one) for one in null]))
    return Chains(tuple(chains), len(observed), min(usual, WATCH_CHANCE))


@dataclass(frozen=True, eq=False)
class _Linked:
    members: Ints
    usual: float
    strength: float


def _neighbors(pairs: Ints, incidents: int) -> sparse.csr_array:
    """Which incidents are within the distance of each, itself included."""
    own, other = pairs[:, 0], pairs[:, 1]
    itself = np.arange(incidents)
    rows, columns = np.r_[own, other, itself], np.r_[other, own, itself]
    shape = incidents, incidents
    return sparse.csr_array((np.ones(len(rows), np.int8), (rows, columns)), shape=shape)


@dataclass(frozen=True, eq=False)
class _Surroundings:
    pairs: Ints
    near: sparse.csr_array
    day: Ints
    days: int
    last: int

    def chains(self, day: Ints) -> list[_Linked]:
        """Chains of the last days, with dates as they are or permuted."""
        linked = self.pairs[np.abs(day[self.pairs[:, 0]] - day[self.pairs[:, 1]]) <= self.days]
        shape = len(day), len(day)
        graph = sparse.coo_array((np.ones(len(linked), np.int8), linked.T), shape=shape)
        number, label = connected_components(graph, directed=False)
        size, newest = np.bincount(label, minlength=number), np.full(number, -1)
        np.maximum.at(newest, label, day)
        wanted = np.flatnonzero((size >= FEWEST_LINKED) & (newest > self.last - self.days))
        order = np.argsort(label, kind="stable")
        starts = np.searchsorted(label[order], wanted)
        by_day = np.bincount(day, minlength=self.last + 1).cumsum()
        return [
            self._linked(order[start : start + size[chain]], day, by_day)
            for chain, start in zip(wanted, starts, strict=True)
        ]

    def _linked(self, members: Ints, day: Ints, by_day: Ints) -> _Linked:
        members = members[np.argsort(day[members], kind="stable")]
        first, newest = int(day[members[0]]), int(day[members[-1]])
        around = len(np.unique(self.near[members].indices))
        here = by_day[newest] - (by_day[first - 1] if first else 0)
        usual = float(around * here / len(day))
        number = len(members)
        excess = number * np.log(number / usual) - (number - usual)
        return _Linked(members, usual, float(excess) if number > usual else 0.0)
