"""Shapes as tiles for the browser: clipped, simplified for a zoom, in whole numbers.

A tile of level z is one of 2^z by 2^z squares of the Web Mercator map, as with map tiles. Places in
it are numbers from 0 to `EXTENT`, x to the east and y to the south; the places of a line after the
first are differences from the place before, which makes the text short.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely

from analytics.layers.layer_features import Shapes
from analytics.layers.tile_levels import CITY, EXTENT, NEAR

MARGIN = 0.01
"""Share of a tile that is drawn beyond its edge, so that neighbors meet without a gap."""
TOLERANCE = {CITY: 1 / 2_048, NEAR: 1 / 8_192}
"""Bends of less than this share of a tile are dropped: a pixel when the level is first shown."""
Tile = tuple[int, int]
Pair = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Piece:
    """A part of a shape in one tile: the position of the shape, and its lines or rings."""

    shape: int
    lines: list[list[int]]


def on_map(shapes: Shapes, level: int) -> Shapes:
    """Shapes in degrees as shapes in tiles of a level: 1 is a tile's width."""

    def move(places: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        lat = np.radians(np.clip(places[:, 1], -85.05, 85.05))
        x = (places[:, 0] + 180) / 360
        y = (1 - np.arcsinh(np.tan(lat)) / np.pi) / 2
        return np.column_stack([x, y]) * 2**level

    return np.asarray(shapely.transform(shapes, move), dtype=object)


def pieces(shapes: Shapes, level: int) -> Iterator[tuple[Tile, list[Piece]]]:
    """Each tile with the pieces of lines or polygons in it; `shapes` are from `on_map`."""
    if not len(shapes):
        return
    shapes = np.asarray(shapely.simplify(shapes, TOLERANCE[level]), dtype=object)
    owner, tiles = _tiles_of(shapes)
    boxes = shapely.box(
        tiles[:, 0] - MARGIN,
        tiles[:, 1] - MARGIN,
        tiles[:, 0] + 1 + MARGIN,
        tiles[:, 1] + 1 + MARGIN,
    )
    parts = shapes[owner]
    crossing = ~shapely.contains_properly(boxes, parts)
    valid = shapely.make_valid(parts[crossing])
    parts[crossing] = shapely.intersection(valid, boxes[crossing])
    order = np.lexsort((owner, tiles[:, 1], tiles[:, 0]))
    bounds = np.flatnonzero(np.diff(tiles[order], axis=0).any(axis=1)) + 1
    for group in np.split(order, bounds):
        if len(group):
            tile = (int(tiles[group[0], 0]), int(tiles[group[0], 1]))
            found = [Piece(int(owner[at]), _lines(parts[at], tile)) for at in group]
            yield tile, [piece for piece in found if piece.lines]


def places(points: Shapes) -> Iterator[tuple[Tile, list[tuple[int, int, int]]]]:
    """Each tile with its points as (position, x, y); `points` are from `on_map`."""
    at = shapely.get_coordinates(points)
    tiles = np.floor(at).astype(np.int64)
    inside = np.minimum(np.rint((at - tiles) * EXTENT), EXTENT - 1).astype(np.int64)
    by_tile: dict[Tile, list[tuple[int, int, int]]] = {}
    for position, ((column, row), (x, y)) in enumerate(
        zip(tiles.tolist(), inside.tolist(), strict=True)
    ):
        by_tile.setdefault((column, row), []).append((position, x, y))
    yield from by_tile.items()


def _tiles_of(shapes: Shapes) -> tuple[Pair, Pair]:
    """Position of a shape and a tile, for each tile that its box touches."""
    low = np.floor(shapely.bounds(shapes)[:, :2] - MARGIN).astype(np.int64)
    high = np.floor(shapely.bounds(shapes)[:, 2:] + MARGIN).astype(np.int64)
    counts = (high - low + 1).prod(axis=1)
    owner = np.repeat(np.arange(len(shapes)), counts)
    step = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)
    wide = (high - low + 1)[owner, 0]
    return owner, low[owner] + np.column_stack([step % wide, step // wide])


def _lines(part: shapely.Geometry, tile: Tile) -> list[list[int]]:
    """Lines of a geometry, or rings of its polygons, as differences of whole numbers."""
    found = []
    for one in shapely.get_parts(part):
        rings: Sequence[Any] = [one]
        if one.geom_type == "Polygon":
            rings = [one.exterior, *one.interiors]
        elif one.geom_type not in ("LineString", "LinearRing"):
            continue
        for ring in rings:
            flat = _differences(shapely.get_coordinates(ring), tile)
            if len(flat) >= 4:
                found.append(flat)
    return found


def _differences(at: npt.NDArray[np.float64], tile: Tile) -> list[int]:
    whole = np.rint((at - tile) * EXTENT).astype(np.int64)
    steps = np.diff(whole, axis=0)
    moved = steps.any(axis=1)
    flat: list[int] = np.concatenate([whole[:1], steps[moved]]).ravel().tolist()
    return flat
