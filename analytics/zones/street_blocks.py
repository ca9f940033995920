"""Blocks of a city as stretches of street, with an estimate of their length.

A block text such as `047XX S HERMITAGE AVE` names a hundred of house numbers. Its length is the
distance between the middles of consecutive hundreds of the same street (median of up to five around
it), since house numbers follow the street. So no file of streets is needed, and the estimate
adapts to cities with longer or shorter hundreds. docs/places.md compares it with real streets.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import polars as pl
import shapely

from analytics.forecasting.streets import Streets
from analytics.hotspots.fishnet import Fishnet
from analytics.incidents.reader import SnapshotReader
from analytics.statistics.arrays import Floats, Ints
from analytics.zones.place_names import StreetBlock
from sql import load

LEAST_NAMED = 0.5
"""Share of the incidents with a place that must have a hundred of house numbers."""
FARTHEST_HUNDREDS = 2
"""Hundreds between which a distance is measured; farther ones may have a gap between them."""
AROUND = 5
SIDE_M = 50.0
"""Half the distance of parallel streets in Chicago's grid, 330 feet."""
MOST_TYPICAL = 2.0
"""A block is at most so many times longer or shorter than the median block of the city."""


@dataclass(frozen=True, eq=False)
class MeasuredBlocks:
    """Blocks with a hundred of house numbers, by text.

    Attributes
    ----------
    frame : pl.DataFrame
        block, x_m, y_m (middle, local meters), length_m, dx, dy (unit vector along the street).
    """

    frame: pl.DataFrame = field(repr=False)

    def __len__(self) -> int:
        return self.frame.height

    @property
    def xy(self) -> Floats:
        """Middles in local meters, shape (blocks, 2)."""
        return self.frame.select("x_m", "y_m").to_numpy()

    @property
    def length_m(self) -> Floats:
        """Street length of each block, meters, shape (blocks,)."""
        return self.frame["length_m"].to_numpy()

    @property
    def streets(self) -> Streets:
        """The blocks as units of a forecast."""
        return Streets(tuple(self.frame["block"]), self.xy, self.length_m / 1000)

    def within(self, grid: Fishnet) -> MeasuredBlocks | None:
        """The blocks whose middle is in a cell; None without any."""
        inside = grid.indices_of(*self.xy.T) >= 0
        return MeasuredBlocks(self.frame.filter(inside)) if inside.any() else None

    def ends(self) -> Floats:
        """Both ends of each block as a straight stretch, local meters, shape (blocks, 2, 2)."""
        half = self.frame.select("dx", "dy").to_numpy() * self.length_m[:, None] / 2
        return np.stack([self.xy - half, self.xy + half], axis=1)

    def footprint(self, blocks: Ints) -> shapely.Geometry:
        """Street and lots of some blocks in local meters: `SIDE_M` on each side of them."""
        lines = shapely.linestrings(self.ends()[blocks])
        return shapely.union_all(shapely.buffer(lines, SIDE_M, cap_style="flat"))

    def samples(self, step_m: float) -> tuple[Floats, Ints, Floats]:
        """Points along all blocks, at most `step_m` apart: xy, block (position) and length_m."""
        parts = np.maximum(np.ceil(self.length_m / step_m), 1).astype(np.int64)
        block = np.repeat(np.arange(len(self), dtype=np.int64), parts)
        number = np.arange(len(block)) - np.repeat(np.cumsum(parts) - parts, parts)
        along = ((number + 0.5) / parts[block])[:, None]
        ends = self.ends()[block]
        return ends[:, 0] * (1 - along) + ends[:, 1] * along, block, (self.length_m / parts)[block]


def street_blocks(reader: SnapshotReader) -> MeasuredBlocks | None:
    """Blocks of a snapshot; None where its texts do not name hundreds of house numbers."""
    found = reader.frame(load("hotspots/blocks"))
    return blocks_of(found)


def blocks_of(found: pl.DataFrame) -> MeasuredBlocks | None:
    """Blocks with their lengths, from block, x_m, y_m and incidents.

    None where less than `LEAST_NAMED` of the incidents have a hundred, or where no street has two
    hundreds to measure between.
    """
    read = [StreetBlock.of(text) for text in found["block"]]
    named = found.with_columns(
        pl.Series("hundred", [one.hundred for one in read], pl.Int64),
        pl.Series("street", [one.street for one in read], pl.String),
        pl.Series("runs", [one.runs for one in read], pl.String),
    ).drop_nulls("hundred")
    incidents, with_hundred = (int(one["incidents"].sum()) for one in (found, named))
    if with_hundred < max(LEAST_NAMED * incidents, 1):
        return None
    measured = _measured(named)
    return None if measured is None else MeasuredBlocks(measured)


def _measured(named: pl.DataFrame) -> pl.DataFrame | None:
    ordered = named.sort("street", "hundred", "block").with_columns(
        *(pl.col(name).shift(-1).over("street").alias(f"{name}_next") for name in _PLACE),
        *(pl.col(name).shift(1).over("street").alias(f"{name}_before") for name in _PLACE[1:]),
    )
    hundreds = (pl.col("hundred_next") - pl.col("hundred")) / 100
    apart = ((pl.col("x_m_next") - pl.col("x_m")).pow(2) + _squared("y_m")).sqrt()
    near = (hundreds >= 1) & (hundreds <= FARTHEST_HUNDREDS)
    spaced = ordered.with_columns(pl.when(near).then(apart / hundreds).alias("spacing"))
    measured = spaced["spacing"].drop_nulls()
    if measured.is_empty():
        return None
    typical = float(np.median(measured.to_numpy()))
    around = pl.col("spacing").rolling_median(AROUND, min_samples=1, center=True).over("street")
    length = around.fill_null(typical).clip(typical / MOST_TYPICAL, typical * MOST_TYPICAL)
    return (
        spaced.with_columns(length.alias("length_m"), *_direction())
        .select("block", "x_m", "y_m", "length_m", "dx", "dy")
        .sort("block")
    )


_PLACE = ("hundred", "x_m", "y_m")


def _squared(axis: str) -> pl.Expr:
    return (pl.col(f"{axis}_next") - pl.col(axis)).pow(2)


def _direction() -> list[pl.Expr]:
    """From the hundred before to the one after; else by the letter of the street, else eastward."""
    x, y = (
        pl.coalesce(f"{axis}_next", axis) - pl.coalesce(f"{axis}_before", axis)
        for axis in ("x_m", "y_m")
    )
    size = (x.pow(2) + y.pow(2)).sqrt()
    north = pl.col("runs").fill_null("") == "ns"
    return [
        pl.when(size > 0).then(x / size).otherwise(1 - north.cast(pl.Float64)).alias("dx"),
        pl.when(size > 0).then(y / size).otherwise(north.cast(pl.Float64)).alias("dy"),
    ]
