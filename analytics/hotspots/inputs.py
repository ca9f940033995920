"""Inputs of the methods: weighted places, counts by day and cell, dated incidents.

Incidents at default addresses (a police station, a court) are left out, and counted, unless the
selection has a filter on them.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Literal

import numpy as np
import polars as pl
from scipy import sparse

from analytics.crossfilter.conditions import Condition, conditions_of
from analytics.crossfilter.scope import Scope
from analytics.crossfilter.selection import Selection
from analytics.errors import InputError
from analytics.hotspots.fishnet import Fishnet, fishnet
from analytics.incidents.reader import SnapshotReader
from analytics.incidents.row_ranges import added_up
from analytics.statistics.arrays import Floats
from sql import load

Weight = Literal["incidents", "harm"]

_WEIGHTS = {"incidents": "1", "harm": "coalesce(harm_days, 0)"}
_KEPT = "default_address IS NOT TRUE"


@dataclass(frozen=True)
class LeftOut:
    """How many selected incidents there are, and how many of them a method leaves out.

    Attributes
    ----------
    chosen : int
        Incidents that pass scope and selection.
    without_place : int
        Without coordinates: in every total, but in no method.
    at_default_addresses : int
        Recorded at a police station, court, jail or hospital.
    without_harm : int
        With a place, but with a code that has no harm weight: they add 0 where harm is the weight.
    outside : int
        With a place outside the cells of the study area.
    """

    chosen: int
    without_place: int
    at_default_addresses: int
    without_harm: int
    outside: int = 0

    @property
    def used(self) -> int:
        return self.chosen - self.without_place - self.at_default_addresses - self.outside


@dataclass(frozen=True, eq=False)
class WeightedPoints:
    """Unique places of the selected incidents.

    Attributes
    ----------
    frame : pl.DataFrame
        point_id, lat, lon (degrees), x_m, y_m (local meters), weight, incidents; by point_id.
    weight : {'incidents', 'harm'}
        Unit of the weights; harm is in days of sentence and may be 0.
    """

    frame: pl.DataFrame = field(repr=False)
    weight: Weight
    left_out: LeftOut

    @property
    def xy(self) -> Floats:
        """Local meters, shape (places, 2)."""
        return self.frame.select("x_m", "y_m").to_numpy()

    @property
    def weights(self) -> Floats:
        return self.frame["weight"].to_numpy()

    @property
    def incidents(self) -> int:
        return int(self.frame["incidents"].sum())


@dataclass(frozen=True, eq=False)
class DailyCells:
    """Counts by day and cell, without zeros.

    `frame` has day, cell (position in the fishnet), count and harm, by day and cell. `first` and
    `last` are the first and last day of the period, with or without incidents.
    """

    fishnet: Fishnet
    frame: pl.DataFrame = field(repr=False)
    first: date
    last: date
    left_out: LeftOut

    @property
    def days(self) -> int:
        return (self.last - self.first).days + 1

    def matrix(self, weight: Weight = "incidents") -> sparse.csr_array:
        """Days × cells, float64; row 0 is `first`."""
        rows = (self.frame["day"] - self.first).dt.total_days().to_numpy()
        places = (rows, self.frame["cell"].to_numpy())
        values = self.frame[_measure(weight)].to_numpy().astype(np.float64)
        return sparse.csr_array((values, places), shape=(self.days, len(self.fishnet)))


def weighted_points(
    reader: SnapshotReader,
    scope: Scope,
    selection: Selection,
    *,
    weight: Weight = "incidents",
) -> WeightedPoints:
    """Unique places of the selected incidents, weighted by number of incidents or by harm.

    Raises
    ------
    InputError
        The weight does not exist, or the selection has an unknown dimension.
    """
    _measure(weight)
    where, kept = _chosen(reader, scope, selection)
    statement = load(
        "hotspots/weighted_points",
        conditions=f"({where.sql}) AND ({kept})",
        weight=_WEIGHTS[weight],
    )
    frame = reader.frame(statement, where.params)
    return WeightedPoints(frame, weight, _left_out(reader, where, kept))


def daily_cell_counts(
    reader: SnapshotReader,
    scope: Scope,
    selection: Selection,
    size_m: int,
    *,
    grid: Fishnet | None = None,
) -> DailyCells:
    """Counts and harm by operational day and cell.

    Raises
    ------
    InputError
        The size is out of range, there are too many cells, or the period has no day of the data.
    """
    grid = fishnet(reader, size_m, scope, selection) if grid is None else grid
    where, kept = _chosen(reader, scope, selection)
    found = added_up(
        reader,
        "hotspots/daily_cell_counts",
        f"({where.sql}) AND ({kept})",
        {"size": grid.size_m, **where.params},
        ("count", "harm"),
    )
    index = grid.indices(found["col"].to_numpy(), found["row"].to_numpy())
    frame = found.select(pl.col("day"), pl.Series("cell", index), "count", "harm")
    outside = int(frame.filter(pl.col("cell") < 0)["count"].sum())
    frame = frame.filter(pl.col("cell") >= 0).sort("day", "cell")
    period = selection.period(reader.snapshot.manifest)
    if period is None:
        raise InputError("The selected period has no day of the data.")
    return DailyCells(grid, frame, *period, _left_out(reader, where, kept, outside))


def dated_incidents(
    reader: SnapshotReader,
    scope: Scope,
    selection: Selection,
) -> pl.DataFrame:
    """Selected incidents with a place and a day: id, point_id, x_m, y_m, day, harm; by time."""
    where, kept = _chosen(reader, scope, selection)
    statement = load("hotspots/dated_incidents", conditions=f"({where.sql}) AND ({kept})")
    return reader.frame(statement, where.params)


def incidents_where(reader: SnapshotReader, scope: Scope, selection: Selection) -> Condition:
    """The condition that all inputs share: scope, selection and no default addresses."""
    where, kept = _chosen(reader, scope, selection)
    return Condition(f"({where.sql}) AND ({kept})", where.params)


def _chosen(reader: SnapshotReader, scope: Scope, selection: Selection) -> tuple[Condition, str]:
    filtered = selection.get("default_address") is not None
    return conditions_of(reader).where(scope, selection), "true" if filtered else _KEPT


def _left_out(reader: SnapshotReader, where: Condition, kept: str, outside: int = 0) -> LeftOut:
    counted = reader.frame(load("hotspots/left_out", conditions=where.sql, kept=kept), where.params)
    return LeftOut(**counted.row(0, named=True), outside=outside)


def _measure(weight: Weight) -> str:
    if weight not in _WEIGHTS:
        raise InputError(f"There is no weight {weight!r}; choose incidents or harm.")
    return "count" if weight == "incidents" else "harm"
