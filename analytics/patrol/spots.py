"""Spots: the blocks (or cells of 100 m) that demand is counted on, and what each expects.

Expected incidents of a spot in a shift are those of all day times the share of the shift around it
(`analytics.forecasting.bands`), from the champion's forecast or else from its discounted counts.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

import numpy as np
import polars as pl
from scipy import sparse
from scipy.spatial import cKDTree

from analytics.forecasting.bands import CITY_INCIDENTS, REACH_M
from analytics.patrol.demand import HOUR_MIN, Demand
from analytics.statistics.arrays import Floats, Ints, sums_by_label

CELL_M = 100
HALF_LIFE_DAYS = 730.0
NEIGHBOR_M = 100.0
NEIGHBOR_SHARE = 0.3
"""Share of a spot's counts that is spread over the spots around it, by distance."""


@dataclass(frozen=True, eq=False)
class Spots:
    """Where demand can be.

    Attributes
    ----------
    names : block, or cell as `column_row`
    xy : middles in local meters, shape (spots, 2)
    area : position in `areas` of each spot
    areas : keys of the areas, in order
    of_incident : position of the spot of each row of the demand's frame
    """

    names: tuple[str, ...] = field(repr=False)
    xy: Floats = field(repr=False)
    area: Ints = field(repr=False)
    areas: tuple[str, ...]
    of_incident: Ints = field(repr=False)

    def __len__(self) -> int:
        return len(self.names)

    @classmethod
    def of(cls, demand: Demand) -> Spots:
        """Blocks of the demand, each in the area of most of its incidents; cells without blocks.

        Incidents of later days give the list of blocks too, as in `analytics.forecasting`: a block
        without earlier incidents expects next to nothing.
        """
        cell = pl.format(
            "{}_{}",
            (pl.col("x_m") / CELL_M).floor().cast(pl.Int64),
            (pl.col("y_m") / CELL_M).floor().cast(pl.Int64),
        )
        named = demand.frame.select("x_m", "y_m", "area", pl.coalesce("block", cell).alias("name"))
        places = (
            named.group_by("name")
            .agg(
                pl.col("x_m").median(), pl.col("y_m").median(), pl.col("area").mode().sort().first()
            )
            .sort("name")
            .with_row_index("spot")
        )
        areas = tuple(sorted(places["area"].unique().to_list()))
        position = {area: number for number, area in enumerate(areas)}
        joined = named.join(
            places.select("name", "spot"), on="name", how="left", maintain_order="left"
        )
        return cls(
            tuple(places["name"]),
            places.select("x_m", "y_m").to_numpy(),
            np.array([position[area] for area in places["area"]], dtype=np.int64),
            areas,
            joined["spot"].to_numpy().astype(np.int64),
        )


@dataclass(frozen=True, eq=False)
class SpotForecaster:
    """Forecasts spots from earlier days, with what does not change between days made once."""

    demand: Demand
    spots: Spots
    days: Ints = field(repr=False)
    minute: Ints = field(repr=False)  # -1 outside the shift
    weight: Floats = field(repr=False)
    spread: sparse.csr_array = field(repr=False)
    around: sparse.csr_array = field(repr=False)

    @classmethod
    def of(cls, demand: Demand, spots: Spots, *, harm: bool = False) -> SpotForecaster:
        """For counts of incidents, or for days of harm."""
        frame = demand.frame
        days = (frame["day"] - demand.first).dt.total_days().to_numpy().astype(np.int64)
        weight = frame["harm"].to_numpy() if harm else np.ones(frame.height)
        return cls(
            demand,
            spots,
            days,
            frame["minute"].fill_null(-1).to_numpy().astype(np.int64),
            weight.astype(np.float64),
            _spread(spots.xy),
            _around(spots.xy),
        )

    def expected(self, day: date) -> Floats:
        """Expected incidents, or harm, of a shift on a day, by earlier days; shape (spots,)."""
        return self.all_day(day) * self.shares(day)

    def all_day(self, day: date, half_life_days: float = HALF_LIFE_DAYS) -> Floats:
        """Expected per day at all hours: discounted counts, partly spread over neighbors."""
        cut = (day - self.demand.first).days
        known = self.days < cut
        decay = 0.5 ** ((cut - self.days[known] - 0.5) / half_life_days)
        counts = sums_by_label(
            self.spots.of_incident[known], decay * self.weight[known], len(self.spots)
        )
        exposure = (0.5 ** ((np.arange(max(cut, 1)) + 0.5) / half_life_days)).sum()
        return np.asarray(self.spread @ counts) / exposure

    def shares(self, day: date) -> Floats:
        """Share of the shift in the incidents around each spot, shrunk toward that of the city."""
        known = self.days < (day - self.demand.first).days
        inside = known & (self.minute >= 0)
        total, own = (
            sums_by_label(self.spots.of_incident[one], np.ones(int(one.sum())), len(self.spots))
            for one in (known, inside)
        )
        city = own.sum() / max(total.sum(), 1.0)
        near = self.around @ np.column_stack([own, total])
        return np.asarray((near[:, 0] + CITY_INCIDENTS * city) / (near[:, 1] + CITY_INCIDENTS))

    def profile(self, day: date) -> Floats:
        """Share of each minute in the shift's incidents of the city, by earlier days; sums to 1."""
        shift = self.demand.shift
        known = (self.days < (day - self.demand.first).days) & (self.minute >= 0)
        hours = np.bincount(self.minute[known] // HOUR_MIN, minlength=shift.minutes // HOUR_MIN)
        share = (hours + 1.0) / (hours.sum() + len(hours))
        return np.repeat(share / HOUR_MIN, HOUR_MIN)


def _spread(xy: Floats) -> sparse.csr_array:
    """Matrix that keeps a spot's count, but spreads `NEIGHBOR_SHARE` of it over those around."""
    near = cKDTree(xy).sparse_distance_matrix(cKDTree(xy), 3 * NEIGHBOR_M, output_type="coo_matrix")
    kernel = np.exp(-0.5 * (near.data / NEIGHBOR_M) ** 2)
    matrix = sparse.csr_array((kernel, (near.row, near.col)), shape=near.shape)
    given = sparse.csr_array(
        matrix @ sparse.diags_array(1 / np.asarray(matrix.sum(axis=0)).ravel())
    )
    own = sparse.eye_array(len(xy), format="csr")
    return sparse.csr_array((1 - NEIGHBOR_SHARE) * own + NEIGHBOR_SHARE * given)


def _around(xy: Floats) -> sparse.csr_array:
    """1 for every pair of spots at most `REACH_M` apart."""
    tree = cKDTree(xy)
    pairs = tree.query_pairs(REACH_M, output_type="ndarray")
    own = np.arange(len(xy))
    rows = np.concatenate([own, pairs[:, 0], pairs[:, 1]])
    columns = np.concatenate([own, pairs[:, 1], pairs[:, 0]])
    ones = np.ones(len(rows), dtype=np.float32)
    return sparse.csr_array((ones, (rows, columns)), shape=(len(xy), len(xy)))


def positions_of(spots: Spots, names: Sequence[str]) -> Ints:
    """Position of each name among the spots; -1 for one that is not there."""
    known = {name: number for number, name in enumerate(spots.names)}
    return np.array([known.get(name, -1) for name in names], dtype=np.int64)
