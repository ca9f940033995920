"""A stored forecast of demand summed by day, week or as a whole, from joint draws."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum, unique
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from analytics.forecasting.demand.harm import weigh_draws
from analytics.forecasting.demand.shocks import DRAWS, SEED
from analytics.forecasting.demand.stored_demand import HARM, QUANTILES, StoredDemand
from analytics.statistics.arrays import Floats, Ints

Drawn = npt.NDArray[Any]

WEEK_DAYS = 7
MOST_AT_ONCE = 1_000_000
"""Counts drawn at once, which takes some 25 MB."""


@unique
class DemandMeasure(StrEnum):
    """What is forecast: counts, or their harm in days of sentence."""

    COUNT = "count"
    HARM = "harm"


@unique
class ForecastStep(StrEnum):
    """Length of the periods that are forecast."""

    DAY = "day"
    WEEK = "week"
    WHOLE = "whole"

    def days(self, horizon: int) -> int:
        """Days of a period of a forecast of so many days."""
        return {ForecastStep.DAY: 1, ForecastStep.WEEK: WEEK_DAYS, ForecastStep.WHOLE: horizon}[
            self
        ]


@dataclass(frozen=True)
class ForecastPeriod:
    """First and last day."""

    first: date
    last: date

    def before(self, days: int) -> ForecastPeriod:
        return ForecastPeriod(self.first - timedelta(days=days), self.last - timedelta(days=days))


@dataclass(frozen=True, eq=False)
class PeriodForecast:
    """Expected counts, or harm in days, and quantiles of rows (areas, or one sum) by period.

    Attributes
    ----------
    expected : shape (rows, periods)
    quantiles : shape (rows, periods) each, by the names of `QUANTILES`
    """

    periods: tuple[ForecastPeriod, ...]
    expected: Floats = field(repr=False)
    quantiles: dict[str, Drawn] = field(repr=False)


def periods_of(days: Sequence[date], step: ForecastStep) -> tuple[ForecastPeriod, ...]:
    """The days in periods from the first one on; the last may be shorter."""
    length = step.days(len(days))
    starts = range(0, len(days), length)
    return tuple(ForecastPeriod(days[at], days[min(at + length, len(days)) - 1]) for at in starts)


class DrawnSums:
    """Sums of one measure of a stored forecast, made of joint draws of its cells.

    Quantiles of single cells are the stored ones.

    Parameters
    ----------
    expected : array of shape (areas, shifts, days)
    cells : quantiles of the cells by name, of the same shape
    draw : makes the draws, of shape (draws, areas, shifts, days), when they are first needed
    """

    def __init__(
        self,
        stored: StoredDemand,
        expected: Floats,
        cells: Mapping[str, Drawn],
        draw: Callable[[], Drawn],
    ) -> None:
        self._stored = stored
        self._expected = expected
        self._cells = cells
        self._draw = draw

    @cached_property
    def draws(self) -> Drawn:
        """Shape (draws, areas, shifts, days)."""
        return self._draw()

    def by_area(self, shifts: Collection[str], step: ForecastStep) -> PeriodForecast:
        """The sum over some shifts of each area, in the order of the stored areas."""
        rows = [place for place, name in enumerate(self._stored.shifts) if name in shifts]
        expected = self._expected[:, rows].sum(axis=1)
        if step is ForecastStep.DAY and len(rows) == 1:
            cells = {name: one[:, rows[0]] for name, one in self._cells.items()}
            return self._forecast(expected, step, cells)
        drawn = self.draws[:, :, rows].sum(axis=2, dtype=self._wide)
        return self._forecast(expected, step, self._quantiles(drawn, step))

    def total(
        self, areas: Collection[str], shifts: Collection[str], step: ForecastStep
    ) -> PeriodForecast:
        """The sum over some areas and shifts, as one row."""
        places = [place for place, name in enumerate(self._stored.areas) if name in areas]
        rows = [place for place, name in enumerate(self._stored.shifts) if name in shifts]
        expected = self._expected[np.ix_(places, rows)].sum(axis=(0, 1))[None]
        if step is ForecastStep.DAY and len(places) == len(rows) == 1:
            cells = {name: one[places[0], rows[0]][None] for name, one in self._cells.items()}
            return self._forecast(expected, step, cells)
        drawn = self.draws[:, places][:, :, rows].sum(axis=(1, 2), dtype=self._wide)
        return self._forecast(expected, step, self._quantiles(drawn[:, None], step))

    @property
    def _wide(self) -> type[np.generic]:
        """Type of sums."""
        return np.int64 if np.issubdtype(self.draws.dtype, np.integer) else np.float64

    def _forecast(
        self, daily: Floats, step: ForecastStep, quantiles: dict[str, Drawn]
    ) -> PeriodForecast:
        periods = periods_of(self._stored.days, step)
        return PeriodForecast(periods, self._by_period(daily, step), quantiles)

    def _by_period(self, daily: Drawn, step: ForecastStep) -> Drawn:
        """Sum the last axis, which is days, by period."""
        days = len(self._stored.days)
        starts = np.arange(0, days, step.days(days))
        return np.asarray(np.add.reduceat(daily, starts, axis=-1))

    def _quantiles(self, drawn: Drawn, step: ForecastStep) -> dict[str, Drawn]:
        """By name, of draws with shape (draws, rows, days)."""
        sums = self._by_period(drawn, step)
        found = np.quantile(sums, list(QUANTILES.values()), axis=0, method="inverted_cdf")
        return dict(zip(QUANTILES, found.astype(sums.dtype), strict=True))


class DrawnDemand:
    """A stored forecast with the sums of its measures.

    Parameters
    ----------
    table : of `stored_demand.demand_table`
    mix : of `stored_demand.mix_table`; None where the source has no weights of harm
    """

    def __init__(self, table: pl.DataFrame, mix: pl.DataFrame | None = None) -> None:
        self.stored = StoredDemand.of(table)
        self.measures = {DemandMeasure.COUNT: self._sums(table, "expected", "", self._draw_counts)}
        if mix is not None:
            weights = self.stored.mix(mix)
            self.measures[DemandMeasure.HARM] = self._sums(
                table,
                "expected_harm",
                HARM,
                lambda: weigh_draws(self.measures[DemandMeasure.COUNT].draws, weights),
            )

    def _sums(
        self, table: pl.DataFrame, expected: str, prefix: str, draw: Callable[[], Drawn]
    ) -> DrawnSums:
        shape = self.stored.expected.shape
        cells = {name: table[prefix + name].to_numpy().reshape(shape) for name in QUANTILES}
        return DrawnSums(self.stored, table[expected].to_numpy().reshape(shape), cells, draw)

    def _draw_counts(self) -> Ints:
        """Joint draws of the counts, of the smallest type that holds them."""
        expected, shocks = self.stored.expected, self.stored.shocks
        at_once = min(DRAWS, max(1, MOST_AT_ONCE // expected.size))
        parts = []
        for number, start in enumerate(range(0, DRAWS, at_once)):
            found = shocks.draw(expected, min(at_once, DRAWS - start), SEED + number)
            parts.append(found.astype(np.min_scalar_type(int(found.max(initial=0)))))
        return np.concatenate(parts)
