"""Police and political areas of the demo city: nested tilings with borders along streets."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from analytics.demo.profile import Floats

BLOCK_M = 201.168  # eight blocks to a mile
STREET_SIDE_M = 2.0  # borders run beside a street, so that each block lies in one area

Rectangle = tuple[float, float, float, float]  # west, south, east, north in city meters


@dataclass(frozen=True)
class Tile:
    """One part of a tiling: its rectangle and the blocks inside."""

    rectangle: Rectangle
    blocks: npt.NDArray[np.int64]


def tile(rectangle: Rectangle, middles: Floats, weights: Floats, parts: int) -> list[Tile]:
    """Split a rectangle into `parts` tiles of about equal weight, across the longer side first.

    Parameters
    ----------
    middles : middle of each block in city meters, shape (n, 2)
    weights : weight of each block, shape (n,)
    """
    return _split(Tile(rectangle, np.arange(len(middles))), middles, weights, parts)


def split_tile(whole: Tile, middles: Floats, weights: Floats, parts: int) -> list[Tile]:
    """Split one tile further; `middles` and `weights` are those of the whole city."""
    return _split(whole, middles, weights, parts)


def _split(whole: Tile, middles: Floats, weights: Floats, parts: int) -> list[Tile]:
    if parts == 1:
        return [whole]
    here = middles[whole.blocks]
    axis = int(np.ptp(here[:, 1]) >= np.ptp(here[:, 0]))
    first = parts // 2
    line = _line(here[:, axis], weights[whole.blocks], first / parts)
    low, high = list(whole.rectangle), list(whole.rectangle)
    low[axis + 2] = line
    high[axis] = line
    below = here[:, axis] < line
    return [
        *_split(
            Tile((low[0], low[1], low[2], low[3]), whole.blocks[below]), middles, weights, first
        ),
        *_split(
            Tile((high[0], high[1], high[2], high[3]), whole.blocks[~below]),
            middles,
            weights,
            parts - first,
        ),
    ]


def _line(along: Floats, weights: Floats, share: float) -> float:
    """The street that has about `share` of the weight before it."""
    order = np.argsort(along)
    before = weights[order].cumsum()
    target = along[order][np.searchsorted(before, before[-1] * share)]
    streets = np.arange(np.floor(along.min() / BLOCK_M) + 1, np.floor(along.max() / BLOCK_M) + 1)
    street = streets[np.abs(streets * BLOCK_M - target).argmin()]
    return float(street * BLOCK_M - STREET_SIDE_M)
