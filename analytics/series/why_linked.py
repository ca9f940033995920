"""Why incidents are in one series: what each pair has in common, and how much that says."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import polars as pl

from analytics.series.link_model import LinkModel, positions
from analytics.series.pair_features import ComparedIncidents
from analytics.statistics.arrays import Floats, Ints

MOST_COMPARED = 60
"""Incidents whose pairs are compared; the newest ones of a longer series."""


@dataclass(frozen=True)
class LinkedPair:
    """A pair: ids, the chance that it is linked, and what its features say.

    Attributes
    ----------
    levels : by feature, the level of the pair (`pair_features`)
    evidence : by feature, the log Bayes factor
    """

    ids: tuple[str, str]
    chance: float
    levels: Mapping[str, int]
    evidence: Mapping[str, float]


@dataclass(frozen=True, eq=False)
class WhyLinked:
    """What the pairs of a series say.

    Attributes
    ----------
    chance : by id, the largest chance that it is linked to another one of the series
    evidence : by feature, the mean log Bayes factor of the pairs
    strongest, weakest : pairs
    """

    chance: Mapping[str, float]
    evidence: Mapping[str, float]
    strongest: LinkedPair
    weakest: LinkedPair


def why_linked(members: pl.DataFrame, model: LinkModel) -> WhyLinked | None:
    """Compare all pairs; None for fewer than two incidents, or fields that the data lacks."""
    if members.height < 2 or not set(model.common) <= set(members.columns):
        return None
    newest = members.tail(MOST_COMPARED)
    compared = ComparedIncidents.of(newest, model.common)
    pairs = positions(newest.height)
    levels = compared.compare(pairs)
    evidence, odds = model.evidence(levels), model.log_odds(levels)
    ids = newest["id"].to_list()
    features = compared.features

    def pair(at: int) -> LinkedPair:
        own, other = pairs[at].tolist()
        return LinkedPair(
            (ids[own], ids[other]),
            chance_of(odds[at]),
            dict(zip(features, levels[at].tolist(), strict=True)),
            dict(zip(features, evidence[at].tolist(), strict=True)),
        )

    return WhyLinked(
        _best_of_each(ids, pairs, odds),
        dict(zip(features, evidence.mean(axis=0).tolist(), strict=True)),
        pair(int(np.argmax(odds))),
        pair(int(np.argmin(odds))),
    )


def chance_of(log_odds: float) -> float:
    """The probability of log odds."""
    return float(1 / (1 + np.exp(-log_odds)))


def _best_of_each(ids: list[str], pairs: Ints, odds: Floats) -> dict[str, float]:
    best = np.full(len(ids), -np.inf)
    for side in (0, 1):
        np.maximum.at(best, pairs[:, side], odds)
    return {one: chance_of(own) for one, own in zip(ids, best, strict=True)}
