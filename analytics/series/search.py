"""Find candidate series of one kind of incidents among the newest ones."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum, unique

import numpy as np
import polars as pl

from analytics.series.found_series import FoundSeries
from analytics.series.held_out import HeldOut, enough_solved, held_out_links
from analytics.series.link_fit import FittedLinks
from analytics.series.pair_comparison import PairComparison, first_compared, linked_levels
from analytics.series.pair_features import ComparedIncidents, common_values
from analytics.statistics.arrays import Floats
from analytics.statistics.level import LEVEL

DAYS_BACK = 180
FEWEST_INCIDENTS = 50
PERMUTATIONS = 19
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
    first : with too many pairs, of the newest incidents, which alone are compared
    incidents : that were compared
    p : of the permutation test that pairs are linked at all; None with solved cases
    by_chance : candidates in a permutation that stand out as those found do, on average
    solved : offenders of solved cases of the kind, which may be too few to fit a model on
    held_out : of a model fitted on solved cases
    left_out : incidents in groups that are too large to cluster
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
    solved: int = 0
    held_out: HeldOut | None = None
    left_out: int = 0


def search_series(
    incidents: pl.DataFrame,
    fields: tuple[str, ...],
    last: date,
    solved: pl.DataFrame | None = None,
    *,
    permutations: int = PERMUTATIONS,
    tests_links: bool = True,
    seed: int = 0,
) -> SeriesSearch:
    """Find candidates among incidents.

    Parameters
    ----------
    incidents
        As from `kind_incidents`, up to the last day.
    solved
        Incidents of solved cases of the kind with a column `offender`: those of one were by the
        same hands. Too few are not used.
    tests_links
        Without solved cases: whether nothing is found unless pairs are linked beyond chance.
    """
    first = last - timedelta(days=DAYS_BACK - 1)
    if incidents.height < FEWEST_INCIDENTS:
        return SeriesSearch(first, last, incidents.height, trouble=NothingFound.TOO_FEW)
    if start := first_compared(incidents.select("x_m", "y_m").to_numpy()):
        incidents = incidents[start:]
        first = incidents["day"][0]
    common = common_values(incidents, fields)
    comparison = PairComparison.of(ComparedIncidents.of(incidents, common), permutations, seed)
    linked = held_out = None
    if solved is not None and enough_solved(solved, common):
        linked = linked_levels(solved, common)
        held_out = held_out_links(solved, comparison, common)
    fitted = comparison.fit(common, linked)
    tests = tests_links and linked is None
    p = comparison.test(fitted.gain, common) if tests else None
    search = SeriesSearch(
        first, last, incidents.height, len(comparison.pairs), fitted, p,
        trouble=NothingFound.NO_LINKS if p is not None and p > LEVEL else None,
        solved=0 if solved is None else solved["offender"].n_unique(), held_out=held_out,
    )  # fmt: skip
    if search.trouble is not None:
        return search
    found, null, left_out = comparison.search(fitted.model, (last - date(1970, 1, 1)).days)
    ids = incidents["id"].to_numpy()
    shares = false_shares([one.strength for one in found], null)
    kept = tuple(
        FoundSeries(tuple(ids[one.members].tolist()), one.strength, share)
        for one, share in zip(found[:MOST_FOUND], shares, strict=False)
        if share <= FALSE_SHARE
    )
    least = kept[-1].strength if kept else np.inf
    by_chance = float(np.mean([(one >= least).sum() for one in null]))
    return replace(search, found=kept, tested=len(found), by_chance=by_chance, left_out=left_out)


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
