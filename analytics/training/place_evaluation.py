"""Evaluation of patrol-sized places: what they catch later, beside other ways of choosing."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from functools import partial

import numpy as np
import polars as pl

from analytics.artifacts.labels import score
from analytics.crossfilter.dimensions import PLACE
from analytics.crossfilter.selection import Selection
from analytics.crossfilter.sql_crossfilter import SqlCrossFilter
from analytics.errors import InputError
from analytics.forecasting.evaluation import Advance
from analytics.hotspots.fishnet import Fishnet
from analytics.hotspots.surface import SurfaceQuery, Surfaces
from analytics.incidents.reader import SnapshotReader
from analytics.statistics.arrays import Floats, sums_by_label
from analytics.training.equal_size import (
    EvaluatedCity,
    PlacePlan,
    PlaceResult,
    Ranked,
    Units,
    read_city,
    results_of,
)
from analytics.training.zone_areas import zone_areas
from analytics.training.zone_hdbscan import hdbscan
from analytics.training.zone_history import fit_history
from analytics.training.zones import Method, Zoning, dbscan
from analytics.zones.places import CAR, CELL_M, FOOT, choose_places, grow_cells, shrunk
from analytics.zones.street_blocks import SIDE_M, MeasuredBlocks

CELLS_M = (250, 150, 100)
SURFACES = {"KDE cells 250 m": "kde", "Gi* cells 250 m": "getis_ord"}
"""Cells of 250 m by the values of a surface with its default settings."""
SAMPLE_M = 20.0
DENSITY_ZONES: Mapping[str, tuple[str, Method]] = {
    "DBSCAN zones": ("zones_dbscan", dbscan),
    "HDBSCAN zones": ("zones_hdbscan", hdbscan),
}
"""Zones that are evaluated beside places: name → model and method."""


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
        size is requested, or one of at least the whole area; or the area of a filter on place is
        not known.

    Notes
    -----
    PAI is the hit rate over the share of the street length or area. Its 95% interval is a bootstrap
    over weeks, in moving blocks where weeks are correlated.
    """
    city = read_city(reader, target, plan)
    ways = ways_without_zones(city)
    ways += [partial(_zones, city, name, *zones) for name, zones in DENSITY_ZONES.items()]
    found: list[PlaceResult] = []
    for number, choose in enumerate(ways):
        if advance is not None:
            advance("Choosing places", number / len(ways))
        for ranked in choose():
            found += results_of(ranked, city)
    return sorted(found, key=lambda one: (one.measure != "street", one.size, -one.hit_rate))


def ways_without_zones(city: EvaluatedCity) -> list[Callable[[], Iterator[Ranked]]]:
    """Blocks, patches of cells, cells by count, and cells by surfaces."""
    ways: list[Callable[[], Iterator[Ranked]]] = [
        partial(_patches, city),
        partial(_cells, city),
        partial(_surfaces, city),
    ]
    return ways if city.blocks is None else [partial(_blocks, city, city.blocks), *ways]


def rank_zones(city: EvaluatedCity, name: str, zoning: Zoning) -> Ranked:
    """Zones fitted on the history, by density."""
    areas = zone_areas(city.reader, zoning.rule, zoning.table)
    weight = sums_by_label(zoning.labels, zoning.points.weights, zoning.zones)
    street_m = np.zeros(zoning.zones)
    if city.blocks is not None:
        xy, _, length_m = city.blocks.samples(SAMPLE_M)
        own = score(zoning.rule, zoning.table, xy)
        street_m = sums_by_label(own, length_m, zoning.zones)
    later = score(zoning.rule, zoning.table, city.later.select("x_m", "y_m").to_numpy())
    caught = city.by_week(later, zoning.zones)
    return Ranked(name, weight / areas.km2, street_m, areas.km2, caught)


def _zones(city: EvaluatedCity, name: str, model: str, method: Method) -> Iterator[Ranked]:
    """Hot spots of a model as trained by default, by density."""
    fitted = fit_history(city, name, model, method)
    if fitted is not None and fitted.zoning.zones:
        yield rank_zones(city, name, fitted.zoning)


def _blocks(city: EvaluatedCity, blocks: MeasuredBlocks) -> Iterator[Ranked]:
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
    units = Units(length_m, length_m * 2 * SIDE_M / 1e6, expected, caught)
    for name, limits in (("foot places", FOOT), ("car places", CAR)):
        street_m = limits.blocks * float(np.median(length_m))
        number = _enough(city, street_m, street_m * 2 * SIDE_M / 1e6)
        labels = choose_places(blocks.xy, expected, length_m, limits, number)
        places = units.merged(name, labels)
        feet = [blocks.footprint(np.flatnonzero(labels == one)) for one in range(labels.max() + 1)]
        yield replace(places, km2=np.array([shape.area / 1e6 for shape in feet]))
    yield Ranked("blocks", expected / length_m, length_m, units.km2, caught)


def _patches(city: EvaluatedCity) -> Iterator[Ranked]:
    """Connected cells, as large as places on foot and by car."""
    grid = city.grid(CELL_M)
    units = _in_cells(city, grid)
    expected = shrunk(units.expected, units.km2, grid.centers, city.unit)
    for name, limits in (("foot patches", FOOT), ("car patches", CAR)):
        number = _enough(city, limits.cells * float(units.street_m.mean()), limits.km2)
        labels = grow_cells(grid.columns, grid.rows, expected, limits.cells, number)
        yield units.merged(name, labels)


def _cells(city: EvaluatedCity) -> Iterator[Ranked]:
    """The cells with the highest counts."""
    for size_m in CELLS_M:
        units = _in_cells(city, city.grid(size_m))
        name = f"cells {size_m} m"
        yield Ranked(name, units.expected, units.street_m, units.km2, units.caught)


def _surfaces(city: EvaluatedCity) -> Iterator[Ranked]:
    """Cells of 250 m by the values of a surface of the history; surfaces ignore drawn places."""
    if PLACE & city.selection.clauses.keys():
        return
    surfaces = Surfaces(city.reader, SqlCrossFilter(city.reader))
    for name, method in SURFACES.items():
        try:
            made = surfaces.of(city.selection, SurfaceQuery(method, weight=city.plan.weight))
        except InputError:  # the area has too few cells for a surface
            return
        units = _in_cells(city, made.grid)
        rank = np.where(np.isfinite(made.values), made.values, -np.inf)
        yield Ranked(name, rank, units.street_m, units.km2, units.caught)


def _enough(city: EvaluatedCity, street_m: float, km2: float) -> int:
    """Number of places of this size that covers the largest size, with as many to spare."""
    street = float(city.blocks.length_m.sum()) if city.blocks is not None else 0.0
    shares = [share * street / street_m for share in city.plan.street_shares if street_m > 0]
    areas = [area / km2 for area in city.plan.areas_km2]
    return math.ceil(2 * max([*shares, *areas, 1.0]))


def _in_cells(city: EvaluatedCity, grid: Fishnet) -> Units:
    """Cells of a grid; they expect what they had."""
    street_m = np.zeros(len(grid))
    if city.blocks is not None:
        xy, _, length_m = city.blocks.samples(SAMPLE_M)
        street_m = _sums(grid, xy, length_m)
    before, later = (frame.select("x_m", "y_m").to_numpy() for frame in (city.before, city.later))
    counts = _sums(grid, before, city.before["weight"].to_numpy())
    caught = city.by_week(grid.indices_of(later[:, 0], later[:, 1]), len(grid))
    return Units(street_m, np.full(len(grid), grid.cell_km2), counts, caught)


def _sums(grid: Fishnet, xy: Floats, weights: Floats) -> Floats:
    return sums_by_label(grid.indices_of(xy[:, 0], xy[:, 1]), weights, len(grid))
