"""Shares of a whole with bootstrap intervals over weeks, and ratios of them."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from analytics.fairness.area_weeks import AreaWeeks
from analytics.fairness.share_of_whole import of_whole
from analytics.statistics.arrays import Floats
from analytics.statistics.bootstrap import Resamples, block_length, draw
from analytics.statistics.interval_estimate import IntervalEstimate
from analytics.statistics.level import LEVEL

RESAMPLES = 1_999


@dataclass(frozen=True, eq=False)
class ResampledShare:
    """Shares of areas or groups, and of each resample of the weeks.

    Attributes
    ----------
    value : shape (areas,)
    resampled : shape (resamples, areas); or (1, areas) for shares that do not hang on the weeks
    """

    value: Floats
    resampled: Floats = field(repr=False)

    @classmethod
    def of(cls, counts: Floats, resamples: Resamples) -> ResampledShare:
        """Shares of counts, shape (areas, weeks)."""
        return cls(of_whole(counts.sum(axis=1)[None])[0], of_whole(resamples.weights @ counts.T))

    @classmethod
    def fixed(cls, shares: Floats) -> ResampledShare:
        """Shares that are known, such as those of a plan."""
        return cls(shares, shares[None])

    def over(self, other: ResampledShare) -> list[IntervalEstimate | None]:
        """Ratios to another share, with percentile intervals; None where the other is 0.

        A ratio of 1 is even.
        """
        with np.errstate(divide="ignore", invalid="ignore"):
            ratios = self.resampled / other.resampled
            values = self.value / other.value
        found: list[IntervalEstimate | None] = []
        for at, value in enumerate(values):
            drawn = ratios[:, at][np.isfinite(ratios[:, at])]
            if not np.isfinite(value) or not len(drawn):
                found.append(None)
                continue
            low, high = np.quantile(drawn, [LEVEL / 2, 1 - LEVEL / 2])
            found.append(IntervalEstimate(float(value), float(low), float(high)))
        return found


def resampled_weeks(weeks: AreaWeeks) -> Resamples:
    """Weeks drawn again, in blocks where neighboring weeks are correlated."""
    found_by_week = of_whole(np.stack([weeks.found, weeks.reported]).sum(axis=1).T)[:, 0]
    block = block_length(np.nan_to_num(found_by_week))
    return draw(weeks.reported.shape[1], block=block, resamples=RESAMPLES)
