"""Coverage of sums over areas, shifts and days, from joint draws and from independent cells."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from analytics.forecasting.demand.evaluation import Forecasts
from analytics.forecasting.demand.scores import cumulative_of_draws, inside
from analytics.forecasting.demand.shocks import SEED, Shocks

Counts = npt.NDArray[Any]
WEEK = 7
SUMS: Mapping[str, Callable[[Counts], Counts]] = {
    "area, day": lambda counts: counts.sum(axis=-2),
    "area, week": lambda counts: counts[..., :WEEK].sum(axis=(-2, -1)),
    "area, all days": lambda counts: counts.sum(axis=(-2, -1)),
    "area and shift, all days": lambda counts: counts.sum(axis=-1),
    "city and shift, day": lambda counts: counts.sum(axis=-3),
    "city, day": lambda counts: counts.sum(axis=(-3, -2)),
    "city, all days": lambda counts: counts.sum(axis=(-3, -2, -1)),
}
"""What is summed of counts of shape (…, areas, shifts, days)."""
AREA_SUMS = "area, all days"


@dataclass(frozen=True)
class SumCoverage:
    """Coverage of one kind of sum at 80 and 95%, of joint draws and of independent cells."""

    sums: str
    coverage_80: float
    coverage_95: float
    independent_80: float
    independent_95: float


def sum_coverage(forecasts: Forecasts) -> list[SumCoverage]:
    """Randomized-PIT coverage of sums over all origins."""
    held: dict[str, list[list[float]]] = {name: [] for name in SUMS}
    for number, (mean, counts, shocks) in enumerate(
        zip(forecasts.means, forecasts.counts, forecasts.shocks, strict=True)
    ):
        alone = Shocks(cell_daily=float(np.log1p(shocks.dispersion)))
        joint, independent = (one.draw(mean, seed=SEED + number) for one in (shocks, alone))
        for name, summed in SUMS.items():
            happened = summed(counts)
            chances = [
                cumulative_of_draws(summed(draws), happened) for draws in (joint, independent)
            ]
            held[name].append(
                [float(inside(one, level).mean()) for one in chances for level in (0.8, 0.95)]
            )
    return [SumCoverage(name, *np.mean(rows, axis=0).tolist()) for name, rows in held.items()]
