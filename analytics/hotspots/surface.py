"""Surfaces of any selection and period: a value, and where it is tested a class, for every cell.

Counts come from the cross-filter (decayed and daily ones from the snapshot's table); the methods
are those of this folder. Clauses of place other than areas are left out, as every map does: a map
shows what could be chosen beside what is. Default addresses are left out unless they are chosen.
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
MOST_NETS = 12
Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Asked:
    """Which surface.

    Attributes
    ----------
    method : a key of `surface_methods.METHODS`
    size_m : side of a cell, meters
    bandwidth_m : of a KDE
    half_life_days : of a KDE whose incidents fade; 0 keeps all alike
    against : what a risk is over: `all` incidents, `residents`, or a crime type as
        `against.against_type` writes it
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
        """Whether it is a risk over residents."""
        return self.method == "risk" and self.against == RESIDENTS


@dataclass(frozen=True, eq=False)
class Surface:
    """One surface.

    Attributes
    ----------
    asked : Asked
    selection : Selection
        What was counted, clauses of place left out.
    net : Fishnet
    values : array of shape (cells,)
        Counts, times the city's average, or z; NaN where there is none.
    classes : tuple of str
        Values of `surface_classes`; empty where values are shown by breaks.
    classed : int array of shape (cells,)
        Position in `classes`, -1 for none.
    q : array of shape (cells,), optional
        p-values adjusted for the number of cells.
    incidents : number of incidents in the cells
    without_place, at_default_addresses : chosen, but not in it
    caption : how it was made, in a sentence
    """

    asked: Asked
    selection: Selection
    net: Fishnet = field(repr=False)
    values: Floats = field(repr=False)
    classes: tuple[str, ...]
    classed: Ints = field(repr=False)
    q: Floats | None = field(repr=False)
    incidents: int
    without_place: int
    at_default_addresses: int
    caption: str

    @property
    def unit(self) -> str:
        """What a value is."""
        if self.asked.per_resident:
            return methods.PER_RESIDENT
        return methods.METHODS[self.asked.method].unit

    @property
    def bytes(self) -> int:
        return int(self.values.nbytes * (3 if self.q is not None else 2)) + 2_000

    def frame(self) -> pl.DataFrame:
        """cell, value, class (where there are classes) and q (where there is one)."""
        columns = {"cell": self.net.keys, "value": self.values}
        frame = pl.DataFrame(columns)
        if self.classes:
            names = pl.Series(np.array([*self.classes, ""])[self.classed])
            frame = frame.with_columns(names.alias("class"))
        return frame if self.q is None else frame.with_columns(pl.Series("q", self.q))


class Surfaces:
    """Makes surfaces of one snapshot and keeps the newest; safe to share between threads.

    Holds the reader and the cross-filter, not what holds it: an older snapshot must close.
    """

    def __init__(self, reader: SnapshotReader, crossfilter: CrossFilter) -> None:
        self._reader = reader
        self._crossfilter = crossfilter
        self._surfaces = LruCache(MOST_BYTES, lambda _asked, surface: surface.bytes)
        self._nets = LruCache(MOST_NETS)
        self._residents = LruCache(MOST_NETS)

    def of(self, selection: Selection, asked: Asked) -> Surface:
        """The surface of a selection.

        Raises
        ------
        InputError
            There is no such method, or it cannot be made with these parameters.
        """
        counted = counted_of(selection)
        return self._surfaces.get_or_compute(
            (counted.text, asked),
            lambda: self._make(counted, asked, chosen=selection.without(PLACE)),
        )

    def net(self, selection: Selection, size_m: int) -> Fishnet:
        """Cells that touch the areas of a selection; kept, since making them takes a while."""
        clipped = _areas_of(selection)
        key = (size_m, clipped.text)
        return self._nets.get_or_compute(
            key, lambda: fishnet(self._reader, size_m, EVERYTHING, clipped)
        )

    def residents(self, selection: Selection, net: Fishnet) -> CellResidents:
        """Residents of the cells, of the parts inside the areas of a selection; kept.

        Raises
        ------
        InputError
            The snapshot has no residents.
        """
        clipped = _areas_of(selection)

        def make() -> CellResidents:
            inhabited = inhabited_areas(self._reader)
            return cell_residents(net, inhabited.within(chosen_place(self._reader, clipped)))

        return self._residents.get_or_compute((net.size_m, clipped.text), make)

    def _make(self, selection: Selection, asked: Asked, chosen: Selection) -> Surface:
        method = methods.METHODS.get(asked.method)
        if method is None:
            raise InputError(f"There is no method {asked.method[:40]!r} for a surface.")
        net = self.net(selection, asked.size_m)
        if len(net) < methods.FEWEST_CELLS:
            raise InputError(
                f"The chosen area has {len(net)} cells of {distance_text(asked.size_m)}, too few "
                "for a map of hot spots; choose a larger area or smaller cells."
            )
        counts = self.counts(selection, net, asked.weight)
        found = _MAKERS[asked.method](self, selection, net, asked, counts)
        used, (placed, unplaced) = self._totals(selection)[0], self._totals(chosen)
        return Surface(
            asked,
            selection,
            net,
            found.values,
            found.classes,
            found.classed,
            found.q,
            used,
            unplaced,
            placed - used,
            found.caption,
        )

    def counts(self, selection: Selection, net: Fishnet, weight: Weight = "incidents") -> Floats:
        """Incidents or harm of each cell, shape (cells,)."""
        found = self._cells(selection, net.size_m, weight)
        values = np.zeros(len(net))
        index = net.indices(found["col"].to_numpy(), found["row"].to_numpy())
        values[index[index >= 0]] = found["weight"].to_numpy()[index >= 0]
        return values

    def density(
        self, selection: Selection, net: Fishnet, asked: Asked, within: Mask | None = None
    ) -> Floats:
        """KDE per km² at the middles of the cells, shape (cells,); of incidents in some of them."""
        side = lattice_m(net.size_m, asked.bandwidth_m)
        if asked.half_life_days:
            points = self._decayed(selection, side, asked)
        else:
            points = self._cells(selection, side, asked.weight)
        if within is not None:
            parts = net.size_m // side
            cell = net.indices(points["col"].to_numpy() // parts, points["row"].to_numpy() // parts)
            points = points.filter((cell >= 0) & within[cell])
        return lattice_kde(net, points, side, asked.bandwidth_m)

    def cube(self, selection: Selection, net: Fishnet, asked: Asked) -> tuple[Floats, int]:
        """Cells × periods, and the length of a period in days."""
        daily = daily_cell_counts(self._reader, EVERYTHING, selection, net.size_m, net=net)
        days = asked.period_days or methods.period_days(daily.days)
        return space_time_cube(daily, days, asked.weight)[:, -methods.MOST_PERIODS :], days

    def _cells(self, selection: Selection, size_m: int, weight: Weight) -> pl.DataFrame:
        """col, row, weight of cells that have any."""
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

    def _decayed(self, selection: Selection, size_m: int, asked: Asked) -> pl.DataFrame:
        where = incidents_where(self._reader, EVERYTHING, selection)
        period = selection.period(self._reader.snapshot.manifest)
        last = period[1] if period else date.max
        asked_of = {"size": size_m, "last": last, "half_life": asked.half_life_days}
        statement = load("hotspots/decayed_cells", conditions=where.sql)
        found = self._reader.frame(statement, {**asked_of, **where.params})
        measure = "harm" if asked.weight == "harm" else "count"
        return found.select("col", "row", pl.col(measure).alias("weight"))

    def _totals(self, selection: Selection) -> tuple[int, int]:
        """Incidents with a place and without one."""
        shown = view("cells:1000")
        counted = self._crossfilter.counts(EVERYTHING, selection, [shown])[shown.name]
        unknown = int(counted.filter(pl.col("cell") == "unknown")["incidents"].sum())
        return int(counted["incidents"].sum()) - unknown, unknown


def counted_of(selection: Selection) -> Selection:
    """What a surface counts: no clause of place but areas, no default addresses."""
    counted = selection.without(PLACE)
    if counted.get("default_address") is None:
        counted = counted.replace("default_address", Words(("no",)))
    return counted


def _areas_of(selection: Selection) -> Selection:
    """The clauses that cells are clipped to."""
    return selection.without(set(selection.clauses) - {"district", "beat", "area", "ward"})


def _counts(
    _made: Surfaces, _selection: Selection, net: Fishnet, asked: Asked, counts: Floats
) -> methods.Found:
    return methods.plain(counts, net, asked.weight)


def _kde(
    made: Surfaces, selection: Selection, net: Fishnet, asked: Asked, _counts: Floats
) -> methods.Found:
    density = made.density(selection, net, asked)
    return methods.relative(density, asked.bandwidth_m, asked.half_life_days)


def _risk(
    made: Surfaces, selection: Selection, net: Fishnet, asked: Asked, _counts: Floats
) -> methods.Found:
    if asked.per_resident:
        return _per_resident(made, selection, net, asked)
    above = made.density(selection, net, asked)
    below = made.density(against_of(selection, asked.against), net, asked)
    return methods.risk(above, below, asked.bandwidth_m, asked.against)


def _per_resident(
    made: Surfaces, selection: Selection, net: Fishnet, asked: Asked
) -> methods.Found:
    living = made.residents(selection, net)
    above = made.density(selection, net, asked, within=living.known)
    side = lattice_m(net.size_m, asked.bandwidth_m)
    spread = spread_evenly(net, living.values, side)
    below = lattice_kde(net, spread, side, asked.bandwidth_m)
    counted = "days of harm" if asked.weight == "harm" else "incidents"
    if asked.half_life_days:
        counted += f" (half-life {asked.half_life_days} days)"
    return methods.per_resident(above, below, living, asked.bandwidth_m, counted)


def _getis_ord(
    _made: Surfaces, _selection: Selection, net: Fishnet, asked: Asked, counts: Floats
) -> methods.Found:
    return methods.getis_ord(counts, net, asked.band_m)


def _moran(
    _made: Surfaces, _selection: Selection, net: Fishnet, _asked: Asked, counts: Floats
) -> methods.Found:
    return methods.moran(counts, net)


def _emerging(
    made: Surfaces, selection: Selection, net: Fishnet, asked: Asked, _counts: Floats
) -> methods.Found:
    cube, days = made.cube(selection, net, asked)
    return methods.emerging(cube, net, asked.band_m, days)


Maker = Callable[[Surfaces, Selection, Fishnet, Asked, Floats], methods.Found]
_MAKERS: dict[str, Maker] = {
    "counts": _counts,
    "kde": _kde,
    "risk": _risk,
    "getis_ord": _getis_ord,
    "moran": _moran,
    "emerging": _emerging,
}
