"""Evaluation of patrol-sized places: what they catch later, beside other ways of choosing.

Every method chooses once, from the days before the first evaluated one, and is cut at the same
street length or area; its last place, and places tied there, count in part. So no method gains by
flagging more.

References
----------
Chainey, Tompson & Uhlig (2008), The utility of hotspot mapping for predicting spatial patterns of
crime, Security Journal 21 (predictive accuracy index).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from functools import partial
from typing import Literal

import numpy as np
import polars as pl

from analytics.artifacts.catalog import CATALOG
from analytics.artifacts.labels import score
from analytics.crossfilter.clauses import Labels, Period
from analytics.crossfilter.scope import EVERYTHING
from analytics.crossfilter.selection import EMPTY, Selection
from analytics.errors import InputError
from analytics.forecasting.evaluation import Advance
from analytics.forecasting.metrics import captured
from analytics.hotspots.fishnet import (
    LEVELS,
    Fishnet,
    chosen_area,
    chosen_place,
    fishnet,
)
from analytics.hotspots.inputs import Weight, incidents_where, weighted_points
from analytics.incidents.reader import SnapshotReader
from analytics.statistics.arrays import Floats, Ints, sums_by_label
from analytics.statistics.bootstrap import ratio_interval
from analytics.training.zone_areas import zone_areas
from analytics.training.zones import dbscan
from analytics.zones.places import (
    CAR,
    CELL_M,
    FOOT,
    choose_places,
    grow_cells,
    shrunk,
)
from analytics.zones.street_blocks import SIDE_M, MeasuredBlocks, street_blocks
from sql import load

Measure = Literal["street", "area"]
CELLS_M = (250, 150, 100)
SAMPLE_M = 20.0
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
class _Ranked:
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
class _Units:
    """Blocks or cells: street and area, expected weight, and weight caught by week."""

    street_m: Floats = field(repr=False)
    km2: Floats = field(repr=False)
    expected: Floats = field(repr=False)
    caught: Floats = field(repr=False)

    def merged(self, method: str, labels: Ints) -> _Ranked:
        """Places of these units, numbered in their order."""
        places = [np.flatnonzero(labels == one) for one in range(int(labels.max()) + 1)]
        return _Ranked(
            method,
            -np.arange(len(places), dtype=np.float64),
            np.array([self.street_m[one].sum() for one in places]),
            np.array([self.km2[one].sum() for one in places]),
            np.array([self.caught[one].sum(axis=0) for one in places]),
        )


@dataclass(frozen=True, eq=False)
class _City:
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


def evaluate_places(
    reader: SnapshotReader, target: Selection, plan: PlacePlan, advance: Advance | None = None
) -> list[PlaceResult]:
    """Compare patrol-sized places with other ways of choosing, at equal street length and area.

    Parameters
    ----------
    target : Selection
        Incidents to choose by and to catch; its dates are replaced. With filters on place, streets,
        cells and shares are those of the selected area.

    Returns
    -------
    list of PlaceResult
        By size and hit rate. A method that cannot fill a size is left out there. Without block
        texts there is no street length, and places are patches of cells.

    Raises
    ------
    InputError
        There are no incidents before or in the evaluated days, or the data has months only; no
        size is asked for, or one of at least the whole area; or the area of a filter on place is
        not known.

    Notes
    -----
    PAI is the hit rate over the share of the street length or area. Its 95% interval is a bootstrap
    over weeks, in moving blocks where weeks are correlated.
    """
    city = _read(reader, target, plan)
    methods: list[Callable[[], Iterator[_Ranked]]] = [
        partial(_patches, city),
        partial(_cells, city),
        partial(_dbscan_zones, city),
    ]
    if city.blocks is not None:
        methods.insert(0, partial(_blocks, city, city.blocks))
    found: list[PlaceResult] = []
    for number, method in enumerate(methods):
        if advance is not None:
            advance("Choosing places", number / len(methods))
        for ranked in method():
            found += _results(ranked, city)
    return sorted(found, key=lambda one: (one.measure != "street", one.size, -one.hit_rate))


def _read(reader: SnapshotReader, target: Selection, plan: PlacePlan) -> _City:
    manifest = reader.snapshot.manifest
    if manifest.covered is None or manifest.months_only:
        raise InputError("Places are evaluated by weeks; this data has no days.")
    if plan.last < plan.first:
        raise InputError(f"{plan.first} to {plan.last} has no day to evaluate.")
    area_km2 = _area_km2(reader, target)
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
    return _City(reader, history, plan, blocks, before, later, area_km2)


def _area_km2(reader: SnapshotReader, target: Selection) -> float:
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


def _results(ranked: _Ranked, city: _City) -> Iterator[PlaceResult]:
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


def _blocks(city: _City, blocks: MeasuredBlocks) -> Iterator[_Ranked]:
    """Places on foot and by car, and single blocks wherever they are."""
    numbered = blocks.frame.select("block", pl.int_range(pl.len()).alias("at"))
    before, later = (
        frame.join(numbered, on="block", how="left", maintain_order="left")["at"]
        .fill_null(-1)
        .to_numpy()
        for frame in (city.before, city.later)
    )
    weights = sums_by_label(before, city.before["weight"].to_numpy(), len(blocks))
    length_m = blocks.length_m
    expected = shrunk(weights, length_m, blocks.xy, city.unit)
    caught = city.by_week(later, len(blocks))
    units = _Units(length_m, length_m * 2 * SIDE_M / 1e6, expected, caught)
    for name, limits in (("foot places", FOOT), ("car places", CAR)):
        street_m = limits.blocks * float(np.median(length_m))
        number = _enough(city, street_m, street_m * 2 * SIDE_M / 1e6)
        labels = choose_places(blocks.xy, expected, length_m, limits, number)
        places = units.merged(name, labels)
        feet = [blocks.footprint(np.flatnonzero(labels == one)) for one in range(labels.max() + 1)]
        yield replace(places, km2=np.array([shape.area / 1e6 for shape in feet]))
    yield _Ranked("blocks", expected / length_m, length_m, units.km2, caught)


def _patches(city: _City) -> Iterator[_Ranked]:
    """Connected cells, as large as places on foot and by car."""
    grid = city.grid(CELL_M)
    units = _in_cells(city, grid)
    expected = shrunk(units.expected, units.km2, grid.centers, city.unit)
    for name, limits in (("foot patches", FOOT), ("car patches", CAR)):
        number = _enough(city, limits.cells * float(units.street_m.mean()), limits.km2)
        labels = grow_cells(grid.columns, grid.rows, expected, limits.cells, number)
        yield units.merged(name, labels)


def _cells(city: _City) -> Iterator[_Ranked]:
    """The cells with the highest counts."""
    for size_m in CELLS_M:
        units = _in_cells(city, city.grid(size_m))
        name = f"cells {size_m} m"
        yield _Ranked(name, units.expected, units.street_m, units.km2, units.caught)


def _dbscan_zones(city: _City) -> Iterator[_Ranked]:
    """DBSCAN hot spots as trained by default, by density."""
    points = weighted_points(city.reader, EVERYTHING, city.selection, weight=city.plan.weight)
    zoning = dbscan(points, CATALOG["zones_dbscan"].defaults, 1)
    if not zoning.zones:
        return
    areas = zone_areas(city.reader, zoning.rule, zoning.table)
    weight = sums_by_label(zoning.labels, points.weights, zoning.zones)
    street_m = np.zeros(zoning.zones)
    if city.blocks is not None:
        xy, _, length_m = city.blocks.samples(SAMPLE_M)
        own = score(zoning.rule, zoning.table, xy)
        street_m = sums_by_label(own, length_m, zoning.zones)
    later = score(zoning.rule, zoning.table, city.later.select("x_m", "y_m").to_numpy())
    caught = city.by_week(later, zoning.zones)
    yield _Ranked("DBSCAN zones", weight / areas.km2, street_m, areas.km2, caught)


def _enough(city: _City, street_m: float, km2: float) -> int:
    """Number of places of this size that covers the largest size, with as many to spare."""
    street = float(city.blocks.length_m.sum()) if city.blocks is not None else 0.0
    shares = [share * street / street_m for share in city.plan.street_shares if street_m > 0]
    areas = [area / km2 for area in city.plan.areas_km2]
    return math.ceil(2 * max([*shares, *areas, 1.0]))


def _in_cells(city: _City, grid: Fishnet) -> _Units:
    """Cells of a grid; they expect what they had."""
    street_m = np.zeros(len(grid))
    if city.blocks is not None:
        xy, _, length_m = city.blocks.samples(SAMPLE_M)
        street_m = _sums(grid, xy, length_m)
    before, later = (frame.select("x_m", "y_m").to_numpy() for frame in (city.before, city.later))
    counts = _sums(grid, before, city.before["weight"].to_numpy())
    caught = city.by_week(grid.indices_of(later[:, 0], later[:, 1]), len(grid))
    return _Units(street_m, np.full(len(grid), grid.cell_km2), counts, caught)


def _sums(grid: Fishnet, xy: Floats, weights: Floats) -> Floats:
    return sums_by_label(grid.indices_of(xy[:, 0], xy[:, 1]), weights, len(grid))
