"""A stored forecast of demand: expected counts and quantiles of cells, and sums drawn from it.

Web workers read it from a bundle or a renewed forecast, without scikit-learn or MLflow.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass, field, fields
from datetime import date
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from analytics.forecasting.demand.harm import HarmMix, draw_harm
from analytics.forecasting.demand.panel import DemandPanel
from analytics.forecasting.demand.shocks import DRAWS, SEED, Shocks
from analytics.statistics.arrays import Floats
from analytics.statistics.negative_binomial import quantiles

QUANTILES = {
    "q025": 0.025,
    "q10": 0.1,
    "q25": 0.25,
    "q50": 0.5,
    "q75": 0.75,
    "q90": 0.9,
    "q975": 0.975,
}
"""Columns of quantiles, with their probabilities: intervals of 50, 80 and 95%, and the median."""
HARM = "harm_"
"""Prefix of the columns with quantiles of harm."""
SHOCK = "shock_"
"""Prefix of the columns with the variances of shocks, which are the same in all rows."""


def demand_table(panel: DemandPanel, first: int, means: Floats, shocks: Shocks) -> pl.DataFrame:
    """A row for each area, shift and day: area, shift, day, expected, quantiles, shocks.

    Parameters
    ----------
    first : column of the first day
    means : array of shape (areas, shifts, days)
    """
    areas, shifts, days = means.shape
    found = quantiles(list(QUANTILES.values()), means, shocks.variance(means))
    columns = {
        "area": np.repeat(np.array(panel.areas), shifts * days),
        "shift": np.tile(np.repeat(np.array(panel.shifts), days), areas),
        "day": [panel.day(first + at) for at in range(days)] * (areas * shifts),
        "expected": means.ravel(),
    }
    columns |= {name: one.ravel() for name, one in zip(QUANTILES, found, strict=True)}
    table = pl.DataFrame(columns)
    constant = [pl.lit(value).alias(SHOCK + name) for name, value in asdict(shocks).items()]
    return table.with_columns(*(pl.col(name).cast(pl.Int32) for name in QUANTILES), *constant)


def with_harm(table: pl.DataFrame, mix: HarmMix, draws: int = DRAWS) -> pl.DataFrame:
    """A table of `demand_table` with the harm of its cells in days: expected_harm, quantiles."""
    stored = StoredDemand.of(table)
    drawn = draw_harm(stored.expected, stored.shocks, mix, draws)
    found = np.quantile(drawn, list(QUANTILES.values()), axis=0, method="inverted_cdf")
    columns = {"expected_harm": stored.expected * mix.mean[:, :, None]}
    columns |= {HARM + name: one for name, one in zip(QUANTILES, found, strict=True)}
    return table.with_columns(
        *(pl.Series(name, values.ravel()) for name, values in columns.items())
    )


def mix_table(areas: Sequence[str], shifts: Sequence[str], mix: HarmMix) -> pl.DataFrame:
    """A row for each area, shift and weight: area, shift, weight, share."""
    weights = len(mix.weights)
    return pl.DataFrame(
        {
            "area": np.repeat(np.array(areas), len(shifts) * weights),
            "shift": np.tile(np.repeat(np.array(shifts), weights), len(areas)),
            "weight": np.tile(mix.weights, len(areas) * len(shifts)),
            "share": mix.shares.ravel(),
        }
    )


@dataclass(frozen=True)
class SumForecast:
    """The expected count, or harm in days, of a sum, and its quantiles by name."""

    expected: float
    quantiles: dict[str, float]


@dataclass(frozen=True, eq=False)
class StoredDemand:
    """Expected counts by area, shift and day; `expected` has shape (areas, shifts, days)."""

    areas: tuple[str, ...]
    shifts: tuple[str, ...]
    days: tuple[date, ...]
    expected: Floats = field(repr=False)
    shocks: Shocks

    @classmethod
    def of(cls, table: pl.DataFrame) -> StoredDemand:
        """Read a table of `demand_table`, whose rows are in its order."""
        areas, shifts, days = (
            tuple(table[name].unique(maintain_order=True)) for name in ("area", "shift", "day")
        )
        expected = table["expected"].to_numpy().reshape(len(areas), len(shifts), len(days))
        first = table.row(0, named=True)
        shocks = Shocks(**{one.name: float(first[SHOCK + one.name]) for one in fields(Shocks)})
        return cls(areas, shifts, days, expected, shocks)

    def total(
        self,
        areas: Collection[str] | None = None,
        shifts: Collection[str] | None = None,
        days: Collection[date] | None = None,
        draws: int = DRAWS,
        seed: int = SEED,
    ) -> SumForecast:
        """Forecast of the sum over areas, shifts and days; all of those that are not given.

        Sums need joint draws: errors of neighboring areas and days are alike.
        """
        chosen = self._chosen(areas, shifts, days)
        return _sum_of(chosen.expected, self.shocks.draw(chosen.expected, draws, seed))

    def harm(
        self,
        mix: pl.DataFrame,
        areas: Collection[str] | None = None,
        shifts: Collection[str] | None = None,
        days: Collection[date] | None = None,
        *,
        below: float = np.inf,
        draws: int = DRAWS,
    ) -> SumForecast:
        """Forecast of a sum of harm in days.

        Parameters
        ----------
        mix : table of `mix_table`
        below : weights from this one on are left out, such as 7,300 for first-degree murder
        """
        chosen = self._chosen(areas, shifts, days)
        known = chosen.mix(mix)
        own = HarmMix(np.where(known.weights < below, known.weights, 0.0), known.shares)
        expected = chosen.expected * own.mean[:, :, None]
        return _sum_of(expected, draw_harm(chosen.expected, self.shocks, own, draws))

    def mix(self, table: pl.DataFrame) -> HarmMix:
        """The weights of its incidents, of a table of `mix_table` with at least its cells."""
        known = table.filter(pl.col("area").is_in(self.areas), pl.col("shift").is_in(self.shifts))
        weights = known["weight"].unique(maintain_order=True).to_numpy()
        shares = known["share"].to_numpy().reshape(len(self.areas), len(self.shifts), -1)
        return HarmMix(weights, shares)

    def _chosen(
        self,
        areas: Collection[str] | None,
        shifts: Collection[str] | None,
        days: Collection[date] | None,
    ) -> StoredDemand:
        """The forecast of some areas, shifts and days."""
        rows = _rows(self.areas, areas), _rows(self.shifts, shifts), _rows(self.days, days)
        return StoredDemand(
            tuple(self.areas[row] for row in rows[0]),
            tuple(self.shifts[row] for row in rows[1]),
            tuple(self.days[row] for row in rows[2]),
            self.expected[np.ix_(*rows)],
            self.shocks,
        )


def _sum_of(expected: Floats, drawn: npt.NDArray[Any]) -> SumForecast:
    sums = drawn.sum(axis=(1, 2, 3))
    found = np.quantile(sums, list(QUANTILES.values()), method="inverted_cdf")
    return SumForecast(float(expected.sum()), dict(zip(QUANTILES, found.tolist(), strict=True)))


def _rows(names: Sequence[object], chosen: Collection[object] | None) -> list[int]:
    return [row for row, name in enumerate(names) if chosen is None or name in chosen]
