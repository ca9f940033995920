"""Pairs of incidents near each other, with dates as they are and permuted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import numpy.typing as npt
import polars as pl
from scipy.spatial import cKDTree

from analytics.hotspots.knox import jittered
from analytics.series.candidates import Candidate, candidates
from analytics.series.link_fit import FittedLinks, PairCounts, fit_links
from analytics.series.link_model import LinkModel, positions
from analytics.series.pair_features import (
    LAG,
    SIZES,
    WITHIN_DAYS,
    WITHIN_M,
    ComparedIncidents,
    Levels,
    lag_levels,
    level_counts,
)
from analytics.statistics.arrays import Floats, Ints

MOST_PAIRS = 4_000_000
RECENT_DAYS = 28
"""A candidate's newest incident is at most so old."""
EXCHANGED_DAYS = 56
"""Dates are exchanged within about so many days: longer than most series, shorter than a season."""


@dataclass(frozen=True, eq=False)
class PairComparison:
    """Pairs of incidents near each other, with dates as they are and permuted.

    Attributes
    ----------
    pairs : positions, shape (pairs, 2)
    permuted : days of each permutation, exchanged within about eight weeks and a weekday
    patterns : distinct levels of pairs, but for the days apart, which are 0 there
    own : the pattern of each pair
    """

    incidents: ComparedIncidents
    pairs: Ints = field(repr=False)
    permuted: Sequence[Ints] = field(repr=False)
    patterns: Levels = field(repr=False)
    own: Ints = field(repr=False)

    @classmethod
    def of(cls, incidents: ComparedIncidents, permutations: int, seed: int) -> PairComparison:
        tree = cKDTree(incidents.xy)
        pairs = tree.query_pairs(WITHIN_M, output_type="ndarray").astype(np.int64)
        levels = incidents.compare(pairs)
        levels[:, incidents.features.index(LAG)] = 0
        keys = _keys(levels, incidents.features)
        _, at, own = np.unique(keys, return_index=True, return_inverse=True)
        random = np.random.default_rng(seed)
        permuted = [_permuted(incidents, random) for _ in range(permutations)]
        return cls(incidents, pairs, permuted, levels[at], own)

    def fit(
        self, common: Mapping[str, frozenset[str]], linked: Levels | None = None
    ) -> FittedLinks:
        """Fit a model to the pairs as they are, or to linked ones."""
        counts = self._counts
        return fit_links(self._pair_counts(counts[0], counts[1:].mean(axis=0), linked), common)

    def test(self, gain: float, common: Mapping[str, frozenset[str]]) -> float:
        """P-value of a gain: permutations are fitted like the pairs as they are."""
        counts, total = self._counts, self._counts.sum(axis=0)
        others = len(counts) - 1
        null = [
            fit_links(self._pair_counts(one, (total - one) / others), common).gain
            for one in counts[1:]
        ]
        return (1 + sum(one >= gain for one in null)) / (1 + others)

    def search(self, model: LinkModel, last: int) -> tuple[list[Candidate], list[Floats], int]:
        """Recent candidates, how strong those of each permutation are, and incidents left out."""
        searched = [
            candidates(self.incidents, model, self._within(day), day)
            for day in (self.incidents.day, *self.permuted)
        ]
        found, *null = (
            [one for one in own if day[one.members].max() > last - RECENT_DAYS]
            for (own, _), day in zip(searched, (self.incidents.day, *self.permuted), strict=True)
        )
        strengths = [np.array([each.strength for each in one]) for one in null]
        return found, strengths, searched[0][1]

    def _within(self, day: Ints) -> Ints:
        near: Ints = self.pairs[self._is_within(day)]
        return near

    def _is_within(self, day: Ints) -> npt.NDArray[np.bool_]:
        return np.abs(day[self.pairs[:, 0]] - day[self.pairs[:, 1]]) <= WITHIN_DAYS

    @cached_property
    def _counts(self) -> Floats:
        """Pairs by pattern and days apart: as they are, then of each permutation."""
        return np.stack([self._count(day) for day in (self.incidents.day, *self.permuted)])

    def _count(self, day: Ints) -> Floats:
        within = self._is_within(day)
        pairs = self.pairs[within]
        lag = lag_levels(day[pairs[:, 0]] - day[pairs[:, 1]])
        size = len(self.patterns) * SIZES[LAG]
        return np.bincount(self.own[within] * SIZES[LAG] + lag, minlength=size).astype(np.float64)

    def _pair_counts(
        self, observed: Floats, background: Floats, linked: Levels | None = None
    ) -> PairCounts:
        features = self.incidents.features
        levels = np.repeat(self.patterns, SIZES[LAG], axis=0)
        levels[:, features.index(LAG)] = np.tile(np.arange(SIZES[LAG]), len(self.patterns))
        extra = np.zeros((0, len(features)), np.int8) if linked is None else linked
        every = np.concatenate([levels, extra])
        none = np.zeros(len(extra))
        counts = PairCounts(
            features, every, np.concatenate([observed, none]), np.concatenate([background, none]),
            np.concatenate([np.zeros(len(levels)), none + 1]),
        )  # fmt: skip
        used = (counts.observed + counts.background + counts.linked) > 0
        return PairCounts(
            features, counts.levels[used], counts.observed[used], counts.background[used],
            counts.linked[used],
        )  # fmt: skip


def linked_levels(solved: pl.DataFrame, common: Mapping[str, frozenset[str]]) -> Levels:
    """Levels of the pairs that solved cases link, of those near enough to be compared."""
    compared = ComparedIncidents.of(solved, common)
    offender = solved["offender"].to_numpy()
    pairs = positions(solved.height)
    pairs = pairs[offender[pairs[:, 0]] == offender[pairs[:, 1]]]
    return compared.compare(comparable(compared, pairs))


def comparable(incidents: ComparedIncidents, pairs: Ints) -> Ints:
    """Pairs that are near enough in place and time for a model to be of them."""
    own, other = pairs[:, 0], pairs[:, 1]
    apart = np.hypot(*(incidents.xy[own] - incidents.xy[other]).T)
    near = (apart <= WITHIN_M) & (np.abs(incidents.day[own] - incidents.day[other]) <= WITHIN_DAYS)
    found: Ints = pairs[near]
    return found


def first_compared(xy: Floats) -> int:
    """Position from which incidents, the oldest first, have at most `MOST_PAIRS` near pairs."""
    start = 0
    while True:
        tree = cKDTree(xy[start:])
        if (tree.count_neighbors(tree, WITHIN_M) - tree.n) / 2 <= MOST_PAIRS:
            return start
        start += max(tree.n // 10, 1)


def _permuted(incidents: ComparedIncidents, random: np.random.Generator) -> Ints:
    """Days exchanged among incidents of the same weekday, within about eight weeks."""
    found = incidents.day.copy()
    for weekday in np.unique(incidents.weekday):
        own = incidents.weekday == weekday
        days = incidents.day[own]
        found[own] = jittered(days, np.sort(days), random, EXCHANGED_DAYS)
    return found


def _keys(levels: Levels, features: tuple[str, ...]) -> Ints:
    """A number for each pattern."""
    found = np.zeros(len(levels), np.int64)
    for at, size in enumerate(level_counts(features)):
        found = found * size + levels[:, at]
    return found
