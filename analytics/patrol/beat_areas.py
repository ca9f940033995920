"""Areas of which beats are made: their work, neighbors and the minutes between them."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

import numpy as np
import pyproj
import shapely

from analytics.areas.outline_file import Area, read_kept_areas
from analytics.errors import InputError
from analytics.incidents.manifest import Manifest
from analytics.incidents.model import require_area_level
from analytics.incidents.projection import WGS84
from analytics.incidents.reader import SnapshotReader
from analytics.patrol.beat_design import BeatDesign, BeatProblem, measured
from analytics.patrol.travel import Travel
from analytics.statistics.arrays import Floats, Ints
from sql import load

DAYS = 364
GAP_M = 25.0
"""Outlines as near as this share a border."""
LEAST_BORDER_M = 50.0
"""Areas that share less only meet at a corner."""


@dataclass(frozen=True, eq=False)
class BeatAreas:
    """Areas of one level.

    Attributes
    ----------
    names : keys of the areas, by position
    work : incidents that the public reported in the last `DAYS` complete days
    minutes : array of shape (areas, areas)
    pairs : areas that share a border
    parent : the larger area of each, such as its district; empty where it has no incidents
    without_outline : incidents of areas that have no outline, which are in no beat
    """

    level: str
    names: tuple[str, ...]
    work: Floats = field(repr=False)
    minutes: Floats = field(repr=False)
    pairs: list[tuple[int, int]] = field(repr=False)
    parent: tuple[str, ...] = field(repr=False)
    travel: str
    without_outline: int

    def problem(self, number: int, imbalance: float) -> BeatProblem:
        return BeatProblem(self.minutes, self.work, self.pairs, number, imbalance)

    def now(self) -> BeatDesign | None:
        """The larger areas as they are, measured in the same way; None where none are known."""
        known = sorted({one for one in self.parent if one})
        if not known:
            return None
        kept = np.array([bool(one) for one in self.parent])
        beat: Ints = np.array([known.index(one) for one in self.parent if one], dtype=np.int64)
        minutes = self.minutes[np.ix_(kept, kept)]
        problem = BeatProblem(minutes, self.work[kept], [], len(known), float(len(known)))
        return measured(problem, beat)


def read_beat_areas(reader: SnapshotReader, level: str, parent: str, travel: Travel) -> BeatAreas:
    """Read the areas of a level and what they are made of.

    Raises
    ------
    InputError
        The level has no outlines, or the data does not cover a year.
    """
    require_area_level(level)
    require_area_level(parent)
    snapshot = reader.snapshot
    path = snapshot.outline(level)
    if path is None:
        raise InputError(f"This data has no outlines of {level}; add them with `boundaries add`.")
    days = _last_days(snapshot.manifest)
    found = reader.frame(load("patrol/area_work", area=f'"{level}"', parent=f'"{parent}"'), days)
    rows = {row["area"]: row for row in found.iter_rows(named=True)}
    areas = read_kept_areas(path)
    shapes = [_local(one, snapshot.manifest.crs_local) for one in areas]
    xy = np.array(
        [_middle(rows.get(one.key), shape) for one, shape in zip(areas, shapes, strict=True)]
    )
    known = {one.key for one in areas}
    return BeatAreas(
        level,
        tuple(one.key for one in areas),
        np.array([rows[one.key]["work"] if one.key in rows else 0.0 for one in areas]),
        travel.driving(xy),
        neighbors(shapes),
        tuple(str(rows[one.key]["parent"] or "") if one.key in rows else "" for one in areas),
        travel.name,
        int(sum(row["work"] for key, row in rows.items() if key not in known)),
    )


def neighbors(shapes: list[shapely.Geometry]) -> list[tuple[int, int]]:
    """Pairs of shapes in meters that share a border of some length."""
    wide = [shape.buffer(GAP_M) for shape in shapes]
    tree = shapely.STRtree(wide)
    near = {tuple(sorted(pair)) for pair in tree.query(wide, predicate="intersects").T.tolist()}
    return [
        (one, other)
        for one, other in sorted(near)
        if one != other
        and _border_m(shapes[one], shapes[other], wide[one], wide[other]) >= LEAST_BORDER_M
    ]


def _last_days(manifest: Manifest) -> dict[str, date]:
    """First and last of the last `DAYS` complete days.

    Raises
    ------
    InputError
        There are fewer.
    """
    covered, last = manifest.covered, manifest.last_complete_day
    days = (last - covered[0]).days + 1 if covered and last else 0
    if last is None or days < DAYS:
        raise InputError(
            f"Beats are made from the last {DAYS} complete days; this data has {days}."
        )
    return {"first": last - timedelta(days=DAYS - 1), "last": last}


def _border_m(
    one: shapely.Geometry,
    other: shapely.Geometry,
    wide_one: shapely.Geometry,
    wide_other: shapely.Geometry,
) -> float:
    """Border that two shapes share, given as they are and widened by `GAP_M`; 0 at a corner.

    It is the outline of each that lies near the other, on average, without what is near beyond an
    end: at one shape's end the other's outline goes on, at its own corner it turns away.
    """
    gap = min(float(shapely.distance(one, other)), GAP_M)
    near = (
        other.boundary.intersection(wide_one).length + one.boundary.intersection(wide_other).length
    )
    beyond = math.sqrt(GAP_M**2 - gap**2) + GAP_M - gap
    return float(near) / 2 - beyond


def _middle(row: dict[str, Any] | None, shape: shapely.Geometry) -> tuple[float, float]:
    """Middle of an area's incidents, of its outline where it has none with a place."""
    if row is not None and row["x_m"] is not None and row["y_m"] is not None:
        return row["x_m"], row["y_m"]
    middle = shape.representative_point()
    return middle.x, middle.y


def _local(area: Area, crs_local: str) -> shapely.Geometry:
    there = pyproj.Transformer.from_crs(WGS84, crs_local, always_xy=True)
    return shapely.transform(
        area.polygon, lambda points: np.column_stack(there.transform(*points.T))
    )
