"""Find candidate series of one kind of incidents among the newest ones."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from enum import StrEnum, unique
from functools import cached_property

import numpy as np
import numpy.typing as npt
import polars as pl
from scipy.spatial import cKDTree

from analytics.hotspots.knox import jittered
from analytics.series.candidates import Candidate, candidates
from analytics.series.found_series import FoundSeries
from analytics.series.link_fit import FittedLinks, PairCounts, fit_links
from analytics.series.link_model import LinkModel, positions
from analytics.series.pair_features import (
    LAG,
    SIZES,
    WITHIN_DAYS,
    WITHIN_M,
    ComparedIncidents,
    Levels,
    common_values,
    lag_levels,
    level_counts,
)
from analytics.statistics.arrays import Floats, Ints
from analytics.statistics.level import LEVEL

DAYS_BACK = 180
RECENT_DAYS = 28
"""A candidate's newest incident is at most so old."""
FEWEST_INCIDENTS, MOST_PAIRS = 50, 4_000_000
PERMUTATIONS = 19
EXCHANGED_DAYS = 56
"""Dates are exchanged within about so many days: longer than most series, shorter than a season."""
MOST_FOUND = 25
FALSE_SHARE = 1 / 3
"""Most of the candidates at least as strong that permuted dates bring too."""


@unique
class NothingFound(StrEnum):
    """Why a kind has no candidates."""

    NO_DAYS = "no_days"
    NO_PLACES = "no_places"
    NO_KINDS = "no_kinds"  # the data has none of those in which series are sought
    TOO_FEW = "too_few"  # incidents
    NO_LINKS = "no_links"  # pairs are not closer in time than with dates permuted


@dataclass(frozen=True, eq=False)
class SeriesSearch:
    """What was found of a kind.

    Attributes
    ----------
    incidents : that were compared
    p : of the permutation test that pairs are linked at all; None with solved cases
    by_chance : candidates in a permutation that stand out as those found do, on average
    """

    first: date
    last: date
    incidents: int = 0
    pairs: int = 0
    fitted: FittedLinks | None = None
    p: float | None = None
    found: tuple[FoundSeries, ...] = ()
    tested: int = 0
    by_chance: float = 0.0
    trouble: NothingFound | None = None


def search_series(
    incidents: pl.DataFrame,
    fields: tuple[str, ...],
    last: date,
    solved: pl.DataFrame | None = None,
    *,
    permutations: int = PERMUTATIONS,
    seed: int = 0,
) -> SeriesSearch:
    """Find candidates among incidents.

    Parameters
    ----------
    incidents
        As from `kind_incidents`, up to the last day.
    solved
        Incidents of solved cases of the kind with a column `offender`: those of one were by the
        same hands. None where there are too few.
    """
    first = last - timedelta(days=DAYS_BACK - 1)
    if incidents.height < FEWEST_INCIDENTS:
        return SeriesSearch(first, last, incidents.height, trouble=NothingFound.TOO_FEW)
    common = common_values(incidents, fields)
    comparison = PairComparison.of(ComparedIncidents.of(incidents, common), permutations, seed)
    linked = None if solved is None else linked_levels(solved, common)
    fitted = comparison.fit(common, linked)
    p = comparison.test(fitted.gain, common) if linked is None else None
    search = SeriesSearch(
        first, last, incidents.height, len(comparison.pairs), fitted, p,
        trouble=NothingFound.NO_LINKS if p is not None and p > LEVEL else None,
    )  # fmt: skip
    if search.trouble is not None:
        return search
    found, null = comparison.search(fitted.model, (last - date(1970, 1, 1)).days)
    ids = incidents["id"].to_numpy()
    shares = false_shares([one.strength for one in found], null)
    kept = tuple(
        FoundSeries(tuple(ids[one.members].tolist()), one.strength, share)
        for one, share in zip(found[:MOST_FOUND], shares, strict=False)
        if share <= FALSE_SHARE
    )
    least = kept[-1].strength if kept else np.inf
    by_chance = float(np.mean([(one >= least).sum() for one in null]))
    return replace(search, found=kept, tested=len(found), by_chance=by_chance)


def false_shares(strengths: Sequence[float], null: Sequence[Floats]) -> list[float]:
    """Of the candidates at least as strong as each, the share expected by chance.

    The smallest over all that are weaker or the same, so that a stronger one has no larger share.

    Parameters
    ----------
    strengths
        The strongest first.
    null
        Strengths in each permutation.
    """
    pooled = np.sort(np.concatenate([np.zeros(0), *null]))
    at_least = len(pooled) - np.searchsorted(pooled, strengths)
    raw = at_least / max(len(null), 1) / np.arange(1, len(strengths) + 1)
    lowest: list[float] = np.minimum.accumulate(np.minimum(raw, 1.0)[::-1])[::-1].tolist()
    return lowest


@dataclass(frozen=True, eq=False)
class PairComparison:
    """Pairs of incidents near each other, with dates as they are and permuted.

    Attributes
    ----------
    pairs : positions, shape (pairs, 2)
    permuted : days of each permutation, exchanged within about four weeks and a weekday
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
        pairs = _near_pairs(incidents)
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

    def search(self, model: LinkModel, last: int) -> tuple[list[Candidate], list[Floats]]:
        """Recent candidates, and how strong those of each permutation are."""
        found, *null = (
            [
                one
                for one in candidates(self.incidents, model, self._within(day), day)
                if day[one.members].max() > last - RECENT_DAYS
            ]
            for day in (self.incidents.day, *self.permuted)
        )
        return found, [np.array([each.strength for each in one]) for one in null]

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


def _near_pairs(incidents: ComparedIncidents) -> Ints:
    """Pairs within the distance; of the newest incidents alone where there are too many."""
    start, size = 0, len(incidents.day)
    while True:
        tree = cKDTree(incidents.xy[start:])
        if (tree.count_neighbors(tree, WITHIN_M) - (size - start)) / 2 <= MOST_PAIRS:
            break
        start += max((size - start) // 10, 1)
    return tree.query_pairs(WITHIN_M, output_type="ndarray").astype(np.int64) + start


def _permuted(incidents: ComparedIncidents, random: np.random.Generator) -> Ints:
    """Days exchanged among incidents of the same weekday, within about four weeks."""
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
