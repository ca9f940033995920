"""Residents by cell, for the risk per resident.

References
----------
Goodchild & Lam (1980), Areal interpolation: a variant of the traditional spatial problem,
Geo-Processing 1.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import polars as pl
import shapely

from analytics.areas.outline_file import read_kept_areas
from analytics.areas.prepared import prepared
from analytics.errors import InputError
from analytics.hotspots.fishnet import Fishnet, to_local
from analytics.incidents.manifest import Manifest, Outline
from analytics.incidents.reader import SnapshotReader
from analytics.statistics.arrays import Floats, Ints


@dataclass(frozen=True, eq=False)
class Inhabited:
    """Areas of one level and their residents.

    Attributes
    ----------
    level : str
    areas : array of polygons in local meters, shape (areas,)
    residents : array of shape (areas,)
        NaN where the number is not known.
    """

    level: str
    areas: npt.NDArray[np.object_] = field(repr=False)
    residents: Floats = field(repr=False)

    @property
    def unknown(self) -> int:
        """Number of areas without a number of residents."""
        return int(np.isnan(self.residents).sum())

    def within(self, place: shapely.Geometry | None) -> Inhabited:
        """The parts of the areas inside a place, with residents in proportion to area."""
        if place is None:
            return self
        parts = shapely.intersection(self.areas, place)
        inside = shapely.area(parts) > 0
        share = shapely.area(parts[inside]) / shapely.area(self.areas[inside])
        return Inhabited(self.level, parts[inside], self.residents[inside] * share)


@dataclass(frozen=True, eq=False)
class CellResidents:
    """Residents of the cells of a fishnet.

    Attributes
    ----------
    level : str
        Level of the areas.
    areas, unknown : number of areas, and of those without a number of residents
    values : array of shape (cells,)
    known : bool array of shape (cells,)
        False outside all areas, and where areas without a number cover more of the cell.
    """

    level: str
    areas: int
    unknown: int
    values: Floats = field(repr=False)
    known: npt.NDArray[np.bool_] = field(repr=False)

    @property
    def total(self) -> float:
        return float(self.values.sum())


def finest_level(manifest: Manifest) -> Outline | None:
    """The level with the most areas whose residents are known; None where no level has any."""
    inhabited = [outline for outline in manifest.outlines.values() if outline.residents]
    return max(inhabited, key=lambda outline: outline.areas_with_residents, default=None)


def inhabited_areas(reader: SnapshotReader) -> Inhabited:
    """The finest areas of a snapshot whose residents are known.

    Raises
    ------
    InputError
        No level has residents.
    """
    manifest = reader.snapshot.manifest
    finest = finest_level(manifest)
    path = reader.snapshot.outline(finest.level) if finest else None
    if finest is None or path is None:
        raise InputError(
            "This data has no residents; add them with `patroliq boundaries residents`."
        )
    areas = read_kept_areas(path)
    shapes = [shapely.make_valid(to_local(area.polygon, manifest.crs_local)) for area in areas]
    numbers = [np.nan if area.residents is None else area.residents for area in areas]
    return Inhabited(finest.level, np.array(shapes, dtype=object), np.array(numbers, dtype=float))


def cell_residents(grid: Fishnet, inhabited: Inhabited) -> CellResidents:
    """Residents of the cells, and for which cells they are known."""
    area, cell, shared = _overlaps(grid, inhabited.areas)
    given = ~np.isnan(inhabited.residents)
    density = np.where(given, inhabited.residents, 0.0) / shapely.area(inhabited.areas)

    def summed(weights: Floats) -> Floats:
        return np.asarray(np.bincount(cell, weights, minlength=len(grid)), dtype=np.float64)

    with_number, without = summed(shared * given[area]), summed(shared * ~given[area])
    return CellResidents(
        inhabited.level,
        len(inhabited.areas),
        inhabited.unknown,
        summed(shared * density[area]),
        (with_number > 0) & (with_number >= without),
    )


def spread_evenly(grid: Fishnet, values: Floats, side_m: int) -> pl.DataFrame:
    """Values of cells spread evenly over their lattice cells: col, row, weight."""
    parts = grid.size_m // side_m
    steps = np.arange(parts)
    used = values > 0
    columns = (grid.columns[used] * parts)[:, None, None] + steps[:, None]
    rows = (grid.rows[used] * parts)[:, None, None] + steps[None, :]
    shape = (int(used.sum()), parts, parts)
    return pl.DataFrame(
        {
            "col": np.broadcast_to(columns, shape).ravel(),
            "row": np.broadcast_to(rows, shape).ravel(),
            "weight": np.repeat(values[used] / parts**2, parts**2),
        }
    )


def _overlaps(grid: Fishnet, areas: npt.NDArray[np.object_]) -> tuple[Ints, Ints, Floats]:
    """Pairs of areas and cells that touch, and their common square meters."""
    boxes, areas = grid.boxes(), prepared(areas)
    area, cell = shapely.STRtree(boxes).query(areas, predicate="intersects")
    shared = np.full(len(cell), float(grid.size_m) ** 2)
    cut = ~shapely.contains_properly(areas[area], boxes[cell])
    shared[cut] = shapely.area(shapely.intersection(areas[area[cut]], boxes[cell[cut]]))
    return area, cell, shared
