"""How well a model tells linked pairs, on offenders that it was not fitted on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import polars as pl
from scipy.special import expit
from scipy.stats import rankdata

from analytics.series.link_model import LinkModel, positions
from analytics.series.pair_comparison import PairComparison, comparable, linked_levels
from analytics.series.pair_features import ComparedIncidents
from analytics.statistics.arrays import Floats

FOLDS = 5
FEWEST_OFFENDERS, FEWEST_PAIRS = 10, 30
"""Solved offenders, and their pairs near enough to be compared, from which a model is fitted."""
BINS = 5


@dataclass(frozen=True)
class HeldOut:
    """Pairs of offenders left out, each scored by a model of the others.

    Attributes
    ----------
    linked, others : pairs by one offender, and by two
    auc : chance that a linked pair scores higher than another one; None without both
    top_share : of the pairs with the highest scores, as many as are linked, the share that is
    calibration : (mean chance, share that is linked, pairs) of fifths of the pairs by chance
    """

    offenders: int
    linked: int
    others: int
    auc: float | None
    top_share: float | None
    calibration: tuple[tuple[float, float, int], ...]


def enough_solved(solved: pl.DataFrame, common: Mapping[str, frozenset[str]]) -> bool:
    """Whether solved cases suffice for a model."""
    return (
        solved["offender"].n_unique() >= FEWEST_OFFENDERS
        and len(linked_levels(solved, common)) >= FEWEST_PAIRS
    )


def held_out_links(
    solved: pl.DataFrame,
    comparison: PairComparison,
    common: Mapping[str, frozenset[str]],
    seed: int = 0,
) -> HeldOut:
    """Fit on four fifths of the offenders, score the pairs of the others; five times."""
    offenders = solved["offender"].unique(maintain_order=True).to_list()
    fold_of = dict(
        zip(offenders, np.random.default_rng(seed).permutation(len(offenders)) % FOLDS, strict=True)
    )
    folds = np.array([fold_of[one] for one in solved["offender"]])
    scores, truths = [np.zeros(0)], [np.zeros(0, bool)]
    for fold in range(FOLDS):
        own = solved.filter(folds == fold)
        rest = linked_levels(solved.filter(folds != fold), common)
        if own.height < 2 or not len(rest):
            continue
        model = comparison.fit(common, rest).model
        score, truth = _scored(own, model)
        scores.append(score)
        truths.append(truth)
    return held_out(len(offenders), np.concatenate(scores), np.concatenate(truths))


def _scored(solved: pl.DataFrame, model: LinkModel) -> tuple[Floats, Floats]:
    """Log Bayes factors of the pairs, and whether each is by one offender."""
    compared = ComparedIncidents.of(solved, model.common)
    pairs = comparable(compared, positions(solved.height))
    offender = solved["offender"].to_numpy()
    same = offender[pairs[:, 0]] == offender[pairs[:, 1]]
    return model.log_odds(compared.compare(pairs)) - model.prior, same


def held_out(offenders: int, score: Floats, linked: Floats) -> HeldOut:
    """Figures of log Bayes factors, and whether each pair is linked."""
    is_linked = linked.astype(bool)
    number, others = int(is_linked.sum()), int((~is_linked).sum())
    if not number or not others:
        return HeldOut(offenders, number, others, None, None, ())
    ranks = rankdata(score)
    auc = (ranks[is_linked].sum() - number * (number + 1) / 2) / (number * others)
    top = is_linked[np.argsort(-score, kind="stable")[:number]].mean()
    chance = expit(score + np.log(number / others))
    order = np.argsort(chance, kind="stable")
    bins = tuple(
        (float(chance[one].mean()), float(is_linked[one].mean()), len(one))
        for one in np.array_split(order, BINS)
        if len(one)
    )
    return HeldOut(offenders, number, others, float(auc), float(top), bins)
