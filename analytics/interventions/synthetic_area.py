"""A comparison area made of others: what would have happened where a measure was taken.

Each series is divided by its mean before the measure. The weights of the other areas are at least
0, sum to 1, and fit the target's weeks before it best, apart from a constant. What the target had
beyond the weighted others since then is its gap. How unusual the gap is follows from taking each
other area for the target in turn, with the same weeks.

References
----------
Abadie, Diamond & Hainmueller (2010), Synthetic control methods for comparative case studies, JASA
105: weights, and inference by placebos with the ratio of gaps after to those before.
Ferman & Pinto (2021), Synthetic controls with imperfect pretreatment fit, Quantitative Economics
12: series less their means, for targets that lie outside what the others span.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from scipy.optimize import nnls

from analytics.statistics.arrays import Floats

FEWEST_AREAS = 19
"""With fewer others, no gap is rarer than 5%."""
FEWEST_WEEKS = 26
FEWEST_A_WEEK = 1.0
"""Incidents a week before, from which an area may be compared with."""
_SUM_WEIGHT = 1e3
"""How much heavier the row that makes weights sum to 1 is than a week."""


@dataclass(frozen=True)
class SyntheticGap:
    """What a target had beyond its synthetic area.

    Attributes
    ----------
    difference : incidents of the weeks after, beyond those of the synthetic area
    expected : incidents that the synthetic area had then, on the target's scale
    p : share of areas, the target included, whose gap is at least as unusual
    areas : how many others it was compared with
    weights : of the others with a weight of at least 1%, by their position
    synthetic : shape (weeks,), the synthetic area by week, on the target's scale
    """

    difference: float
    expected: float
    p: float
    areas: int
    weights: dict[int, float]
    synthetic: Floats = field(repr=False, compare=False)


def synthetic_gap(target: Floats, others: Floats, after: int) -> SyntheticGap | None:
    """Compare a target with other areas.

    Parameters
    ----------
    target : shape (weeks,), incidents by week, oldest first
    others : shape (areas, weeks), of places that the measure did not reach
    after : how many of the last weeks are those of the measure

    Returns
    -------
        None with fewer than `FEWEST_AREAS` others or `FEWEST_WEEKS` before, or fewer than
        `FEWEST_A_WEEK` incidents a week at the target.
    """
    before = len(target) - after
    if before < FEWEST_WEEKS:
        return None
    known = np.flatnonzero(others[:, :before].mean(axis=1) >= FEWEST_A_WEEK)
    level = float(target[:before].mean())
    if len(known) < FEWEST_AREAS or level < FEWEST_A_WEEK:
        return None
    relative = others[known] / others[known, :before].mean(axis=1, keepdims=True)
    weights, fitted = _fit(target / level, relative, before)
    gaps = target / level - fitted
    unusual = _unusual(gaps, before)
    placebos = [
        _unusual(one - _fit(one, np.delete(relative, at, axis=0), before)[1], before)
        for at, one in enumerate(relative)
    ]
    rank = 1 + sum(placebo >= unusual for placebo in placebos)
    return SyntheticGap(
        float(level * gaps[before:].sum()),
        float(level * fitted[before:].sum()),
        rank / (len(placebos) + 1),
        len(placebos),
        {int(known[at]): float(one) for at, one in enumerate(weights) if one >= 0.01},
        level * fitted,
    )


def _fit(target: Floats, others: Floats, before: int) -> tuple[Floats, Floats]:
    """Weights of the others, and the series that they give, shape (weeks,)."""
    past = others[:, :before]
    centered = past - past.mean(axis=1, keepdims=True)
    aim = target[:before] - target[:before].mean()
    matrix = np.vstack([centered.T, np.full(len(others), _SUM_WEIGHT)])
    weights, _ = nnls(matrix, np.append(aim, _SUM_WEIGHT))
    weights /= weights.sum()
    fitted = weights @ others
    shift = float(target[:before].mean() - fitted[:before].mean())
    return weights, np.asarray(fitted + shift)


def _unusual(gaps: Floats, before: int) -> float:
    """Mean gap of the weeks after, in standard deviations of the weeks before."""
    spread = float(np.sqrt((gaps[:before] ** 2).mean()))
    return abs(float(gaps[before:].mean())) / spread if spread else np.inf
