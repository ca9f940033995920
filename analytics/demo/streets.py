"""Streets and blocks of the demo city, on an imaginary site."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from analytics.demo.areas import BLOCK_M, Rectangle
from analytics.demo.profile import Floats

# Open water in the North Atlantic, over 600 km from any land.
ORIGIN_LAT, ORIGIN_LON = 40.0, -39.0
METERS_PER_DEGREE_LAT = 111_034.6  # of the WGS84 ellipsoid at 40° N
METERS_PER_DEGREE_LON = 85_393.5

WEST, EAST, SOUTH, NORTH = -16_500.0, 3_200.0, -13_780.0, 13_780.0
BOX: Rectangle = (WEST, SOUTH, EAST, NORTH)
_FIRST = (
    *("ALDER", "AMBER", "ANCHOR", "APPLE", "ASH", "BEACON", "BIRCH", "BRACKEN", "CEDAR", "CLOVER"),
    *("COPPER", "CORAL", "ELM", "FALCON", "FERN", "FLINT", "HARBOR", "HAZEL", "HERON", "IRON"),
    *("JUNIPER", "LANTERN", "LARK", "LINDEN", "MAPLE", "MILL", "OAK", "ORCHARD", "PEBBLE", "PINE"),
    *("QUARRY", "ROWAN", "SALT", "SILVER", "STONE", "TEAL", "THISTLE", "WILLOW", "WINTER", "WREN"),
)
_SECOND = ("BROOK", "FIELD", "FORD", "GATE", "HILL", "MOOR", "RIDGE", "SIDE", "WELL", "WICK")


def degrees(meters: Floats) -> Floats:
    """City meters (x east, y north of downtown) to WGS84 (lat, lon), shape (n, 2)."""
    return np.column_stack(
        [
            ORIGIN_LAT + meters[:, 1] / METERS_PER_DEGREE_LAT,
            ORIGIN_LON + meters[:, 0] / METERS_PER_DEGREE_LON,
        ]
    )


def shore(y: Floats) -> Floats:
    """Shore of the lake in the east, in city meters."""
    return 1_600 + 700 * np.sin(y / 3_900) - 0.000009 * y**2


def city_limit(y: Floats) -> Floats:
    """City limit in the west, in city meters."""
    return -14_900 + 1_100 * np.sin(y / 4_700 + 1.2)


def river(y: Floats) -> Floats:
    """The middle of the river that runs from north to south, in city meters."""
    return -3_300 + 1_500 * np.sin(y / 3_100 + 0.4)


def names(count: int, suffix: str, rng: np.random.Generator) -> list[str]:
    """`count` different invented names, such as ELMFORD AVE."""
    pairs = [first + second for first in _FIRST for second in _SECOND]
    picked = rng.permutation(len(pairs))[:count]
    return [f"{pairs[index]} {suffix}".strip() for index in picked]


@dataclass(frozen=True)
class StreetBlocks:
    """Blocks, each a stretch of a street with one hundred of house numbers."""

    names: list[str]
    middles: Floats  # (n, 2) city meters
    along: npt.NDArray[np.int64]  # 0 for streets that run east-west, 1 for north-south
    arterial: npt.NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.names)


def _hundreds(steps: npt.NDArray[np.int64], positive: str, negative: str) -> list[str]:
    """House numbers with direction, such as `012XX N`, by blocks from downtown."""
    texts = []
    for step in steps.tolist():
        hundred = step if step >= 0 else -step - 1
        number = f"{hundred:03d}XX" if hundred else "0000X"
        texts.append(f"{number} {positive if step >= 0 else negative}")
    return texts


def build_blocks(rng: np.random.Generator) -> StreetBlocks:
    """Every block on land: avenues 100 m apart run north-south, streets 201 m apart east-west."""
    avenues, avenue_steps = _grid(WEST, EAST, BLOCK_M / 2, SOUTH, NORTH)
    streets, street_steps = _grid(SOUTH, NORTH, BLOCK_M, WEST, EAST)
    middles = np.concatenate(
        [
            np.column_stack([avenues * BLOCK_M / 2, (avenue_steps + 0.5) * BLOCK_M]),
            np.column_stack([(street_steps + 0.5) * BLOCK_M, streets * BLOCK_M]),
        ]
    )
    avenue_names = _named(avenues, "AVE", rng)
    street_names = _named(streets, "ST", rng)
    texts = [
        f"{hundred} {name}"
        for hundred, name in zip(
            [*_hundreds(avenue_steps, "N", "S"), *_hundreds(street_steps, "E", "W")],
            [*avenue_names, *street_names],
            strict=True,
        )
    ]
    along = np.repeat([1, 0], [len(avenues), len(streets)])
    arterial = np.concatenate([avenues % 8 == 0, streets % 4 == 0])
    kept = _on_land(middles) & ~((along == 1) & _at_river(middles))
    return StreetBlocks(
        [text for text, keep in zip(texts, kept, strict=True) if keep],
        middles[kept],
        along[kept],
        arterial[kept],
    )


def _grid(
    low: float, high: float, spacing: float, start: float, end: float
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    lines = np.arange(np.ceil(low / spacing), np.floor(high / spacing) + 1).astype(np.int64)
    steps = np.arange(np.ceil(start / BLOCK_M), np.floor(end / BLOCK_M)).astype(np.int64)
    return np.repeat(lines, len(steps)), np.tile(steps, len(lines))


def _named(lines: npt.NDArray[np.int64], suffix: str, rng: np.random.Generator) -> list[str]:
    different = np.unique(lines)
    by_line = dict(zip(different.tolist(), names(len(different), suffix, rng), strict=True))
    return [by_line[line] for line in lines.tolist()]


def _on_land(middles: Floats) -> npt.NDArray[np.bool_]:
    x, y = middles.T
    land: npt.NDArray[np.bool_] = (x < shore(y) - 110) & (x > city_limit(y) + 110)
    return land


def _at_river(middles: Floats) -> npt.NDArray[np.bool_]:
    """Avenues in the water; streets cross it on bridges."""
    x, y = middles.T
    wet: npt.NDArray[np.bool_] = np.abs(x - river(y)) < 50
    return wet
