"""Months of the year compared with the mean of their year.

A year is the unit of the intervals, as the months of one year say nothing about the next.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl
from scipy.special import stdtrit

from analytics.statistics.level import LEVEL
from analytics.temporal.series import IncidentSeries

FEWEST_YEARS = 3
"""Years from which there is an interval; with two it would be too wide to be useful."""


@dataclass(frozen=True)
class MonthOfYear:
    """Incidents per day in a month over the mean of the months of its year.

    Attributes
    ----------
    month : int
        1 to 12.
    index : float
        Mean over years; 1.1 is 10% above the year.
    low, high : float or None
        95% interval over years (Student's t); None for fewer than three years.
    years : int
    """

    month: int
    index: float
    low: float | None
    high: float | None
    years: int

    @property
    def significant(self) -> bool:
        """Whether the interval excludes 1."""
        return self.low is not None and self.high is not None and not self.low <= 1 <= self.high


def months_of_year(months: IncidentSeries) -> list[MonthOfYear]:
    """Index of each month, over calendar years with twelve complete, settled months.

    Years without incidents are omitted. Empty if no year is complete.
    """
    settled = months.settled.select(
        pl.col("start").dt.year().alias("year"), pl.col("start").dt.month().alias("month"), "value"
    )
    whole = settled.filter((pl.len().over("year") == 12) & (pl.col("value").sum().over("year") > 0))
    if whole.is_empty():
        return []
    indexed = whole.with_columns(pl.col("value") / pl.col("value").mean().over("year"))
    table = indexed.sort("month", "year")["value"].to_numpy().reshape(12, -1)
    return [_month(number + 1, table[number]) for number in range(12)]


def _month(number: int, indices: np.ndarray) -> MonthOfYear:
    years, mean = len(indices), float(indices.mean())
    if years < FEWEST_YEARS:
        return MonthOfYear(number, mean, None, None, years)
    reach = float(stdtrit(years - 1, 1 - LEVEL / 2) * indices.std(ddof=1) / np.sqrt(years))
    return MonthOfYear(number, mean, mean - reach, mean + reach, years)
