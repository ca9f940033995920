"""Ways of choosing places, cut at equal street length and area, and what they catch later.

Every way chooses once, from the days before the first evaluated one, and is cut at the same street
length or area; its last place, and places tied there, count in part. So none gains by flagging
more.

References
----------
Chainey, Tompson & Uhlig (2008), The utility of hotspot mapping for predicting spatial patterns of
crime, Security Journal 21 (predictive accuracy index).
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Literal

import numpy as np
import polars as pl

from analytics.crossfilter.clauses import Labels, Period
from analytics.crossfilter.scope import EVERYTHING
from analytics.crossfilter.selection import EMPTY, Selection
from analytics.errors import InputError
from analytics.forecasting.metrics import captured
from analytics.hotspots.fishnet import (
    LEVELS,
    Fishnet,
    chosen_area,
    chosen_place,
    fishnet,
)
from analytics.hotspots.inputs import Weight, incidents_where
from analytics.incidents.reader import SnapshotReader
from analytics.statistics.arrays import Floats, Ints
from analytics.statistics.bootstrap import ratio_interval
from analytics.zones.places import CELL_M
from analytics.zones.street_blocks import MeasuredBlocks, street_blocks
from sql import load

Measure = Literal["street", "area"]
DAYS = 7


@dataclass(frozen=True)
class PlacePlan:
    """What is evaluated.

    Attributes
    ----------
    first, last : days to evaluate; places are chosen from the days before
    street_shares : shares of the city's street length
    areas_km2 : areas in square kilometers
    weight : incidents or harm
    """

    first: date
    last: date
    street_shares: tuple[float, ...] = (0.01,)
    areas_km2: tuple[float, ...] = (1.0, 2.0, 5.0)
    weight: Weight = "incidents"


@dataclass(frozen=True)
class PlaceResult:
    """One method at one size: street in shares of the city's length, area in km².

    `places` counts the last one in full where it counts in part.
    """

    method: str
    measure: Measure
    size: float
    places: int
    hit_rate: float
    pai: float
    pai_low: float
    pai_high: float


@dataclass(frozen=True, eq=False)
class Ranked:
    """Places of a method by falling rank.

    `rank` is equal for places that are tied; `street_m` and `km2` have shape (places,), `caught`
    (places, weeks).
    """

    method: str
    rank: Floats = field(repr=False)
    street_m: Floats = field(repr=False)
    km2: Floats = field(repr=False)
    caught: Floats = field(repr=False)

    def at(self, size: Floats, budget: float) -> tuple[float, Floats] | None:
        """Places used and what they catch by week; None where all together are smaller."""
        if size.sum() < budget * (1 - 1e-9):
            return None
        used = np.column_stack([np.ones(len(size)), self.caught])
        places, *caught = captured(self.rank, used, [budget], sizes=size)[0]
        return float(places), np.array(caught)


@dataclass(frozen=True, eq=False)
class Units:
    """Blocks or cells: street and area, expected weight, and weight caught by week."""

    street_m: Floats = field(repr=False)
    km2: Floats = field(repr=False)
    expected: Floats = field(repr=False)
    caught: Floats = field(repr=False)

    def merged(self, method: str, labels: Ints) -> Ranked:
        """Places of these units, numbered in their order."""
        places = [np.flatnonzero(labels == one) for one in range(int(labels.max()) + 1)]
        return Ranked(
            method,
            -np.arange(len(places), dtype=np.float64),
            np.array([self.street_m[one].sum() for one in places]),
            np.array([self.km2[one].sum() for one in places]),
            np.array([self.caught[one].sum(axis=0) for one in places]),
        )


@dataclass(frozen=True, eq=False)
class EvaluatedCity:
    """The history to choose from, the incidents to catch, and the size of the city.

    With filters on place, the city is the selected part of it.
    """

    reader: SnapshotReader
    selection: Selection
    plan: PlacePlan
    blocks: MeasuredBlocks | None
    before: pl.DataFrame = field(repr=False)
    later: pl.DataFrame = field(repr=False)
    area_km2: float

    def grid(self, size_m: int) -> Fishnet:
        return fishnet(self.reader, size_m, None, self.selection)

    @property
    def weeks(self) -> int:
        return ((self.plan.last - self.plan.first).days + DAYS) // DAYS

    @property
    def unit(self) -> float:
        """Mean weight of an incident."""
        return float(np.mean(self.before["weight"].to_numpy()))

    @property
    def total(self) -> Floats:
        """Weight by week, also of incidents that no place holds, shape (weeks,)."""
        return self.by_week(np.zeros(self.later.height, dtype=np.int64), 1)[0]

    def by_week(self, place: Ints, places: int) -> Floats:
        """Later weight by place and week, shape (places, weeks); place -1 is none."""
        week = (self.later["day"] - self.plan.first).dt.total_days().to_numpy() // DAYS
        inside = place >= 0
        flat = place[inside] * self.weeks + week[inside]
        weight = self.later["weight"].to_numpy()[inside]
        sums = np.bincount(flat, weight, minlength=places * self.weeks).astype(np.float64)
        return sums.reshape(places, self.weeks)


def read_city(reader: SnapshotReader, target: Selection, plan: PlacePlan) -> EvaluatedCity:
    manifest = reader.snapshot.manifest
    if manifest.covered is None or manifest.months_only:
        raise InputError("Places are evaluated by weeks; this data has no days.")
    if plan.last < plan.first:
        raise InputError(f"{plan.first} to {plan.last} has no day to evaluate.")
    area_km2 = area_km2_of(reader, target)
    history = target.replace("date", Period(manifest.covered[0], plan.first - timedelta(days=1)))
    before, later = (
        _dated(reader, chosen, plan.weight)
        for chosen in (history, target.replace("date", Period(plan.first, plan.last)))
    )
    for when, frame in (("before", before), ("from", later)):
        if not frame["weight"].sum():
            raise InputError(
                f"There are no incidents with a place {when} {plan.first}; the data has "
                f"{manifest.covered[0]} to {manifest.covered[1]}."
            )
    blocks = street_blocks(reader)
    if blocks is not None and chosen_place(reader, target) is not None:
        blocks = blocks.within(fishnet(reader, CELL_M, None, target))
    if not plan.areas_km2 and (blocks is None or not plan.street_shares):
        raise InputError(
            "There is no size to compare at: give areas, or shares of street length where block "
            "texts name hundreds of house numbers."
        )
    if any(km2 >= area_km2 for km2 in plan.areas_km2):
        raise InputError(f"The whole area has {area_km2:.2f} km²; ask for areas below that.")
    return EvaluatedCity(reader, history, plan, blocks, before, later, area_km2)


def area_km2_of(reader: SnapshotReader, target: Selection) -> float:
    """Of the city, or of the part that filters on place select."""
    for name, clause in target.items:
        if isinstance(clause, Labels):
            raise InputError(f"Zones are what is compared here; leave out the filter on {name}.")
        known = chosen_place(reader, EMPTY.replace(name, clause)) is not None
        if name in (*LEVELS, "ward") and not known:
            raise InputError(f"The area of {name}={clause.text} is not known: it has no outline.")
    return float(chosen_area(reader, target).area / 1e6)


def _dated(reader: SnapshotReader, selection: Selection, weight: Weight) -> pl.DataFrame:
    where = incidents_where(reader, EVERYTHING, selection)
    found = reader.frame(load("hotspots/incidents_by_block", conditions=where.sql), where.params)
    return found.with_columns((pl.col("harm") if weight == "harm" else pl.lit(1.0)).alias("weight"))


def results_of(ranked: Ranked, city: EvaluatedCity) -> Iterator[PlaceResult]:
    plan, total = city.plan, city.total
    if city.blocks is not None:
        whole = float(city.blocks.length_m.sum())
        for share in plan.street_shares:
            taken = ranked.at(ranked.street_m, share * whole)
            if taken is not None:
                yield _result(ranked.method, ("street", share), share, taken, total)
    for km2 in plan.areas_km2:
        taken = ranked.at(ranked.km2, km2)
        if taken is not None:
            yield _result(ranked.method, ("area", km2), km2 / city.area_km2, taken, total)


def _result(
    method: str,
    size: tuple[Measure, float],
    share: float,
    taken: tuple[float, Floats],
    total: Floats,
) -> PlaceResult:
    places, caught = taken
    hits = ratio_interval(caught, total)
    pai = hits.over(share)
    whole = math.ceil(places - 1e-9)
    return PlaceResult(method, *size, whole, hits.value, pai.value, pai.low, pai.high)
