"""What the terrain adds to past counts on later days, place by place.

All models say only where: each is scaled to the number of incidents that the later days had.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from analytics.forecasting.champion_rule import CAPTURE_SHARES
from analytics.forecasting.kde import BANDWIDTHS_M, smooth
from analytics.forecasting.metrics import captured, hit_rate, pai, pei
from analytics.forecasting.terrain.poisson import LEAST_RATE, deviance, fit_poisson_rates
from analytics.forecasting.terrain.risk_terrain import TerrainGain, WhereModel, WhereScore
from analytics.hotspots.fishnet import Fishnet
from analytics.statistics.arrays import Floats, Ints, sums_by_label
from analytics.statistics.bootstrap import Resamples, draw, interval, ratio_interval
from analytics.statistics.interval_estimate import IntervalEstimate
from analytics.statistics.negative_binomial import overdispersion

PAI_SHARES = (0.01, 0.05)
LEAST_SPREAD = 1e-6
"""Least spread of the cells' rates, so that counts that do not differ have a shape."""


@dataclass(frozen=True, eq=False)
class LaterDays:
    """Cells of later days: counts by week of shape (cells, weeks), exposure and area of each."""

    weeks: Floats = field(repr=False)
    exposure: Floats = field(repr=False)
    areas: Ints = field(repr=False)

    @property
    def counts(self) -> Floats:
        return np.asarray(self.weeks.sum(axis=1))

    @cached_property
    def named_areas(self) -> tuple[Ints, Ints]:
        """The areas, and the position of each cell's area among them."""
        names, position = np.unique(self.areas, return_inverse=True)
        return names, position

    @cached_property
    def resampled_areas(self) -> Resamples:
        """Areas drawn again, the same for each gain."""
        return draw(len(self.named_areas[0]))


def shrunk_counts(counts: Floats, exposure: Floats) -> Floats:
    """Expected counts of the same days: each cell's count drawn toward the city's rate.

    The posterior mean of gamma-Poisson counts, its spread by moments (Clayton & Kaldor 1987).
    """
    mean = np.maximum(exposure * counts.sum() / exposure.sum(), LEAST_RATE)
    shape = 1 / max(overdispersion(mean, counts), LEAST_SPREAD)
    return np.asarray(mean * (shape + counts) / (shape + mean))


@dataclass(frozen=True, eq=False)
class PastDays:
    """Counts of a span and of the span after it, on which rules are fitted."""

    before: Floats = field(repr=False)
    after: Floats = field(repr=False)
    latest: Floats = field(repr=False)
    """Counts of a span as long as `before`, that ends where the later days begin."""


def combined_rules(
    grid: Fishnet, past: PastDays, exposure: Floats, terrain_rate: Floats
) -> dict[WhereModel, Floats]:
    """Expected counts of past counts, with and without the terrain, fitted before the later days.

    A Poisson regression of the span after on log rates of the span before: each cell's shrunk
    count; with neighbors, also the quartic KDE of it, with the bandwidth that fits best.

    Parameters
    ----------
    terrain_rate : rate of each cell by the terrain, fitted on the span before; shape (cells,)
    """
    terrain = np.log(terrain_rate)[:, None]
    spans = (past.before, past.latest)
    widths = [
        [_counts_and_kde(grid, one, exposure, width) for one in spans] for width in BANDWIDTHS_M
    ]

    def fitted(known: Floats, now: Floats) -> tuple[float, Floats]:
        fit = fit_poisson_rates(past.after, exposure, known)
        loss = float(deviance(past.after, fit.expected(known, exposure)).sum())
        return loss, fit.expected(now, exposure)

    def best(*more: Floats) -> Floats:
        options = [fitted(*(np.column_stack([one, *more]) for one in pair)) for pair in widths]
        return min(options, key=lambda one: one[0])[1]

    own = [pair[:, :1] for pair in widths[0]]
    own_terrain = [np.column_stack([one, terrain]) for one in own]
    return {
        WhereModel.COUNTS: fitted(own[0], own[1])[1],
        WhereModel.COUNTS_TERRAIN: fitted(own_terrain[0], own_terrain[1])[1],
        WhereModel.NEIGHBORS: best(),
        WhereModel.NEIGHBORS_TERRAIN: best(terrain),
    }


def _counts_and_kde(grid: Fishnet, counts: Floats, exposure: Floats, width_m: float) -> Floats:
    expected = shrunk_counts(counts, exposure)
    around = smooth(grid, expected, width_m) / smooth(grid, exposure, width_m)
    return np.log(np.column_stack([expected / exposure, around]))


def where_scores(expected: Mapping[WhereModel, Floats], later: LaterDays) -> tuple[WhereScore, ...]:
    """Scores of rules on the later days; `expected` in any scale."""
    return tuple(_score(model, values, later) for model, values in expected.items())


def terrain_gain(with_terrain: Floats, without: Floats, later: LaterDays) -> TerrainGain:
    """Gain of the terrain with 95% intervals."""
    names, position = later.named_areas
    whole = _deviances(later.exposure, later)
    saved = _deviances(without, later) - _deviances(with_terrain, later)
    by_area = [sums_by_label(position, one, len(names)) for one in (saved, whole)]
    draws = later.resampled_areas.ratio(*by_area)
    explained = IntervalEstimate(float(saved.sum() / whole.sum()), *interval(draws))
    caught = [_caught(one, later, CAPTURE_SHARES).mean(axis=0) for one in (with_terrain, without)]
    gain = ratio_interval(caught[0] - caught[1], later.weeks.sum(axis=0))
    return TerrainGain(explained, IntervalEstimate(gain.value, gain.low, gain.high))


def _score(model: WhereModel, expected: Floats, later: LaterDays) -> WhereScore:
    total = float(later.weeks.sum())
    explained = 1 - _deviances(expected, later).sum() / _deviances(later.exposure, later).sum()
    capture = _caught(expected, later, CAPTURE_SHARES).sum(axis=1).mean()
    first, fifth = _caught(expected, later, PAI_SHARES).sum(axis=1).tolist()
    best = float(
        captured(later.counts, later.counts[:, None], [PAI_SHARES[0] * len(expected)])[0, 0]
    )
    return WhereScore(
        model,
        float(explained),
        hit_rate(float(capture), total),
        pai(first, total, PAI_SHARES[0]),
        pai(fifth, total, PAI_SHARES[1]),
        pei(first, best),
    )


def _deviances(expected: Floats, later: LaterDays) -> Floats:
    counts = later.counts
    return deviance(counts, expected * (counts.sum() / expected.sum()))


def _caught(rank: Floats, later: LaterDays, shares: Sequence[float]) -> Floats:
    """Incidents in the highest cells by share and week, shape (shares, weeks)."""
    return captured(rank, later.weeks, [share * len(rank) for share in shares])
