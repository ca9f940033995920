"""Surfaces of any selection and period: a value for every cell, and a class where it is tested.

Counts come from the cross-filter; time-decayed and daily ones from the snapshot's table. As on
every map, filters on place other than areas are ignored, so that other places can still be chosen.
Default addresses are left out unless they are selected.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date

import numpy as np
import numpy.typing as npt
import polars as pl

from analytics.crossfilter.clauses import Words
from analytics.crossfilter.crossfilter import CrossFilter
from analytics.crossfilter.dimensions import PLACE
from analytics.crossfilter.scope import EVERYTHING
from analytics.crossfilter.selection import Selection
from analytics.crossfilter.views import view
from analytics.errors import InputError
from analytics.formats import distance_text
from analytics.hotspots import surface_methods as methods
from analytics.hotspots.denominators import ALL, RESIDENTS, against_of
from analytics.hotspots.emerging import space_time_cube
from analytics.hotspots.fishnet import Fishnet, chosen_place, fishnet
from analytics.hotspots.inputs import Weight, daily_cell_counts, incidents_where
from analytics.hotspots.kde_lattice import lattice_kde, lattice_m
from analytics.hotspots.population import (
    CellResidents,
    cell_residents,
    inhabited_areas,
    spread_evenly,
)
from analytics.incidents.reader import SnapshotReader
from analytics.lru_cache import LruCache
from analytics.statistics.arrays import Floats, Ints
from sql import load

MOST_BYTES = 48_000_000
MOST_GRIDS = 12
Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class SurfaceQuery:
    """The surface that is requested.

    Attributes
    ----------
    method : a key of `surface_methods.METHODS`
    size_m : side of a cell, meters
    bandwidth_m : of a KDE
    half_life_days : of a KDE with time decay; 0 for none
    against : denominator of a risk: `all` incidents, `residents`, or a crime type as
        `denominators.against_type` writes it
    band_m : distance of neighbors of Gi* and of emerging hot spots
    period_days : length of a period of emerging hot spots; 0 chooses one
    weight : what is counted
    """

    method: str = "getis_ord"
    size_m: int = 250
    bandwidth_m: int = 500
    half_life_days: int = 0
    against: str = ALL
    band_m: int = 500
    period_days: int = 0
    weight: Weight = "incidents"

    @property
    def per_resident(self) -> bool:
        """Whether it is a risk per resident."""
        return self.method == "risk" and self.against == RESIDENTS


@dataclass(frozen=True, eq=False)
class Surface:
    """One surface.

    Attributes
    ----------
    query : SurfaceQuery
    selection : Selection
        What was counted: without filters on place other than areas.
    grid : Fishnet
    values : array of shape (cells,)
        Counts, times the city's average, or z; NaN where there is none.
    classes : tuple of str
        Values of `surface_classes`; empty where values are shown by breaks.
    classed : int array of shape (cells,)
        Position in `classes`, -1 for none.
    q : array of shape (cells,), optional
        p-values adjusted for the number of cells.
    incidents : number of incidents in the cells
    without_place, at_default_addresses : incidents that are selected but not in the cells
    details : numbers for the caption
    """

    query: SurfaceQuery
    selection: Selection
    grid: Fishnet = field(repr=False)
    values: Floats = field(repr=False)
    classes: tuple[str, ...]
    classed: Ints = field(repr=False)
    q: Floats | None = field(repr=False)
    incidents: int
    without_place: int
    at_default_addresses: int
    details: methods.SurfaceDetails

    @property
    def bytes(self) -> int:
        return int(self.values.nbytes * (3 if self.q is not None else 2)) + 2_000

    def frame(self) -> pl.DataFrame:
        """cell, value, class (where there are classes) and q (where there is one)."""
        columns = {"cell": self.grid.keys, "value": self.values}
        frame = pl.DataFrame(columns)
        if self.classes:
            names = pl.Series(np.array([*self.classes, ""])[self.classed])
            frame = frame.with_columns(names.alias("class"))
        return frame if self.q is None else frame.with_columns(pl.Series("q", self.q))


class Surfaces:
    """Makes surfaces of one snapshot and keeps the newest; safe to share between threads.

    It holds the reader and the cross-filter but not the pinned snapshot, which must stay free to
    close.
    """

    def __init__(self, reader: SnapshotReader, crossfilter: CrossFilter) -> None:
        self._reader = reader
        self._crossfilter = crossfilter
        self._surfaces = LruCache(MOST_BYTES, lambda _query, surface: surface.bytes)
        self._grids = LruCache(MOST_GRIDS)
        self._residents = LruCache(MOST_GRIDS)

    def of(self, selection: Selection, query: SurfaceQuery) -> Surface:
        """The surface of a selection.

        Raises
        ------
        InputError
            The method does not exist, or does not work with these parameters.
        """
        counted = counted_of(selection)
        return self._surfaces.get_or_compute(
            (counted.text, query),
            lambda: self._make(counted, query, chosen=selection.without(PLACE)),
        )

    def grid(self, selection: Selection, size_m: int) -> Fishnet:
        """Cells that touch the areas of a selection; cached, since making them takes a while."""
        clipped = _areas_of(selection)
        key = (size_m, clipped.text)
        return self._grids.get_or_compute(
            key, lambda: fishnet(self._reader, size_m, EVERYTHING, clipped)
        )

    def residents(self, selection: Selection, grid: Fishnet) -> CellResidents:
        """Residents of the cells, counted inside the areas of a selection; cached.

        Raises
        ------
        InputError
            The snapshot has no residents.
        """
        clipped = _areas_of(selection)

        def make() -> CellResidents:
            inhabited = inhabited_areas(self._reader)
            return cell_residents(grid, inhabited.within(chosen_place(self._reader, clipped)))

        return self._residents.get_or_compute((grid.size_m, clipped.text), make)

    def _make(self, selection: Selection, query: SurfaceQuery, chosen: Selection) -> Surface:
        make = _MAKERS.get(query.method)
        if make is None:
            raise InputError(f"There is no method {query.method[:40]!r} for a surface.")
        grid = self.grid(selection, query.size_m)
        if len(grid) < methods.FEWEST_CELLS:
            raise InputError(
                f"The selected area has {len(grid)} cells of {distance_text(query.size_m)}, too "
                "few for a map of hot spots; choose a larger area or smaller cells."
            )
        counts = self.counts(selection, grid, query.weight)
        found = make(self, selection, grid, query, counts)
        used, (located, without_place) = self._totals(selection)[0], self._totals(chosen)
        return Surface(
            query,
            selection,
            grid,
            found.values,
            found.classes,
            found.classed,
            found.q,
            used,
            without_place,
            located - used,
            found.details,
        )

    def counts(self, selection: Selection, grid: Fishnet, weight: Weight = "incidents") -> Floats:
        """Incidents or harm of each cell, shape (cells,)."""
        found = self._cells(selection, grid.size_m, weight)
        values = np.zeros(len(grid))
        index = grid.indices(found["col"].to_numpy(), found["row"].to_numpy())
        values[index[index >= 0]] = found["weight"].to_numpy()[index >= 0]
        return values

    def density(
        self, selection: Selection, grid: Fishnet, query: SurfaceQuery, within: Mask | None = None
    ) -> Floats:
        """KDE per km² at the middles of the cells, shape (cells,).

        Parameters
        ----------
        within : bool array of shape (cells,), optional
            Count incidents in these cells only.
        """
        side = lattice_m(grid.size_m, query.bandwidth_m)
        if query.half_life_days:
            points = self._decayed(selection, side, query)
        else:
            points = self._cells(selection, side, query.weight)
        if within is not None:
            parts = grid.size_m // side
            cell = grid.indices(
                points["col"].to_numpy() // parts, points["row"].to_numpy() // parts
            )
            points = points.filter((cell >= 0) & within[cell])
        return lattice_kde(grid, points, side, query.bandwidth_m)

    def cube(self, selection: Selection, grid: Fishnet, query: SurfaceQuery) -> tuple[Floats, int]:
        """Counts of cells × periods, and the length of a period in days."""
        daily = daily_cell_counts(self._reader, EVERYTHING, selection, grid.size_m, grid=grid)
        days = query.period_days or methods.usual_period_days(daily.days)
        return space_time_cube(daily, days, query.weight)[:, -methods.MOST_PERIODS :], days

    def _cells(self, selection: Selection, size_m: int, weight: Weight) -> pl.DataFrame:
        """col, row and weight of the cells with incidents."""
        shown = view(f"cells:{size_m}")
        counted = self._crossfilter.counts(EVERYTHING, selection, [shown])[shown.name]
        parts = pl.col("cell").str.splitn(":", 2).struct[1].str.split_exact("_", 1)
        return (
            counted.filter(pl.col("cell") != "unknown")
            .select(
                parts.struct.rename_fields(["col", "row"]).alias("cell"),
                pl.col("harm" if weight == "harm" else "incidents").alias("weight"),
            )
            .unnest("cell")
            .with_columns(pl.col("col", "row").cast(pl.Int64))
        )

    def _decayed(self, selection: Selection, size_m: int, query: SurfaceQuery) -> pl.DataFrame:
        where = incidents_where(self._reader, EVERYTHING, selection)
        period = selection.period(self._reader.snapshot.manifest)
        last = period[1] if period else date.max
        parameters = {"size": size_m, "last": last, "half_life": query.half_life_days}
        statement = load("hotspots/decayed_cells", conditions=where.sql)
        found = self._reader.frame(statement, {**parameters, **where.params})
        measure = "harm" if query.weight == "harm" else "count"
        return found.select("col", "row", pl.col(measure).alias("weight"))

    def _totals(self, selection: Selection) -> tuple[int, int]:
        """Incidents with a place and without one."""
        shown = view("cells:1000")
        counted = self._crossfilter.counts(EVERYTHING, selection, [shown])[shown.name]
        unknown = int(counted.filter(pl.col("cell") == "unknown")["incidents"].sum())
        return int(counted["incidents"].sum()) - unknown, unknown


def counted_of(selection: Selection) -> Selection:
    """What a surface counts: no filters on place but areas, no default addresses."""
    counted = selection.without(PLACE)
    if counted.get("default_address") is None:
        counted = counted.replace("default_address", Words(("no",)))
    return counted


def _areas_of(selection: Selection) -> Selection:
    """The filters that cells are clipped to."""
    return selection.without(set(selection.clauses) - {"district", "beat", "area", "ward"})


def _counts(
    _made: Surfaces, _selection: Selection, _grid: Fishnet, _query: SurfaceQuery, counts: Floats
) -> methods.CellValues:
    return methods.CellValues(counts)


def _kde(
    made: Surfaces, selection: Selection, grid: Fishnet, query: SurfaceQuery, _counts: Floats
) -> methods.CellValues:
    return methods.relative_density(made.density(selection, grid, query))


def _risk(
    made: Surfaces, selection: Selection, grid: Fishnet, query: SurfaceQuery, _counts: Floats
) -> methods.CellValues:
    if query.per_resident:
        return _risk_per_resident(made, selection, grid, query)
    numerator = made.density(selection, grid, query)
    denominator = made.density(against_of(selection, query.against), grid, query)
    return methods.risk(numerator, denominator)


def _risk_per_resident(
    made: Surfaces, selection: Selection, grid: Fishnet, query: SurfaceQuery
) -> methods.CellValues:
    residents = made.residents(selection, grid)
    numerator = made.density(selection, grid, query, within=residents.known)
    side = lattice_m(grid.size_m, query.bandwidth_m)
    spread = spread_evenly(grid, residents.values, side)
    denominator = lattice_kde(grid, spread, side, query.bandwidth_m)
    return methods.risk_per_resident(numerator, denominator, residents)


def _getis_ord(
    _made: Surfaces, _selection: Selection, grid: Fishnet, query: SurfaceQuery, counts: Floats
) -> methods.CellValues:
    return methods.getis_ord(counts, grid, query.band_m)


def _moran(
    _made: Surfaces, _selection: Selection, grid: Fishnet, _query: SurfaceQuery, counts: Floats
) -> methods.CellValues:
    return methods.moran(counts, grid)


def _emerging(
    made: Surfaces, selection: Selection, grid: Fishnet, query: SurfaceQuery, _counts: Floats
) -> methods.CellValues:
    cube, days = made.cube(selection, grid, query)
    return methods.emerging(cube, grid, query.band_m, days)


Maker = Callable[[Surfaces, Selection, Fishnet, SurfaceQuery, Floats], methods.CellValues]
_MAKERS: dict[str, Maker] = {
    "counts": _counts,
    "kde": _kde,
    "risk": _risk,
    "getis_ord": _getis_ord,
    "moran": _moran,
    "emerging": _emerging,
}
