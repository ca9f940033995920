"""The demo city: blocks, the points to which incidents are snapped, and areas."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from analytics.demo.areas import Tile, split_tile, tile
from analytics.demo.profile import DemoProfile, Floats
from analytics.demo.risk import block_weights
from analytics.demo.streets import BLOCK_M, BOX, StreetBlocks, build_blocks, degrees, names

CITY_SEED = 20  # the city stays the same; `--seed` changes its incidents
DISTRICTS, BEATS, WARDS, AREAS = 22, 270, 50, 77
SECTOR_BEATS = 5
AIRPORT = (-12_600.0, 9_200.0)
AIRPORT_POINTS = 24

Integers = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Level:
    """One tiling: the key of each block, and key, name and rectangle of each tile."""

    of_block: npt.NDArray[np.str_]
    keys: list[str]
    names: list[str]
    tiles: list[Tile]


@dataclass(frozen=True)
class City:
    """The city: points in city meters, and attributes of their blocks."""

    blocks: StreetBlocks
    weights: Mapping[str, Floats]  # place kind → incidents expected at each block
    levels: Mapping[str, Level]  # district, beat, ward, area
    points: Floats  # (p, 2) meters east and north of downtown
    block_of_point: Integers
    share_in_block: Floats  # (p,), sums to 1 over a block's points
    stations: Integers  # a point in each district
    airport: Integers

    def point_weights(self, kind: str) -> Floats:
        """Expected incidents of a place kind at each point."""
        return self.weights[kind][self.block_of_point] * self.share_in_block


def build_city(profile: DemoProfile) -> City:
    """Build the city, which is always the same."""
    rng = np.random.default_rng(CITY_SEED)
    blocks = build_blocks(rng)
    weights = block_weights(profile, blocks, rng)
    total = np.sum(list(weights.values()), axis=0)
    points, block_of_point, shares = _points(profile, blocks, total, rng)
    levels = _levels(blocks, total, rng)
    stations = _stations(blocks, levels["district"], block_of_point)
    away = ((points - AIRPORT) ** 2).sum(axis=1)
    airport = np.argsort(away, kind="stable")[:AIRPORT_POINTS]
    return City(blocks, weights, levels, points, block_of_point, shares, stations, airport)


def _points(
    profile: DemoProfile, blocks: StreetBlocks, total: Floats, rng: np.random.Generator
) -> tuple[Floats, Integers, Floats]:
    """Points along each block: more in busy blocks, with unequal shares as in the real city."""
    rank = np.empty(len(blocks), dtype=np.int64)
    rank[np.argsort(-total, kind="stable")] = np.arange(len(blocks))
    usual = profile.points_per_block[rank * len(profile.points_per_block) // len(blocks)]
    counts = np.clip(np.round(usual * rng.lognormal(-0.06, 0.35, len(blocks))), 1, 40).astype(int)
    block_of_point = np.repeat(np.arange(len(blocks)), counts)
    first = np.repeat(counts.cumsum() - counts, counts)
    slot = np.arange(len(block_of_point)) - first
    room = (BLOCK_M - 24) / counts[block_of_point]
    along = 12 + (slot + rng.uniform(0.2, 0.8, len(slot))) * room - BLOCK_M / 2
    beside = rng.uniform(-1.5, 1.5, len(slot))
    avenue = blocks.along[block_of_point] == 1
    offset = np.column_stack([np.where(avenue, beside, along), np.where(avenue, along, beside)])
    drawn = np.interp(
        rng.uniform(size=len(slot)),
        np.linspace(0, 1, len(profile.point_weights)),
        profile.point_weights,
    )
    shares = drawn / np.bincount(block_of_point, drawn)[block_of_point]
    return blocks.middles[block_of_point] + offset, block_of_point, shares


def _level(blocks: StreetBlocks, tiles: list[Tile], keys: list[str], titles: list[str]) -> Level:
    of_block = np.empty(len(blocks), dtype="U4")
    for part, key in zip(tiles, keys, strict=True):
        of_block[part.blocks] = key
    return Level(of_block, keys, titles, tiles)


def _levels(blocks: StreetBlocks, total: Floats, rng: np.random.Generator) -> dict[str, Level]:
    busy = total / total.mean() + 1.5
    even = np.ones(len(blocks))
    mixed = total / total.mean() + 4.0
    districts = tile(BOX, blocks.middles, busy, DISTRICTS)
    districts.sort(key=lambda part: float(np.hypot(*blocks.middles[part.blocks].mean(axis=0))))
    numbers = [f"{number:03d}" for number in range(1, DISTRICTS + 1)]
    beats: list[Tile] = []
    beat_keys: list[str] = []
    for index, (number, part) in enumerate(zip(numbers, districts, strict=True)):
        parts = BEATS // DISTRICTS + (index < BEATS % DISTRICTS)
        beats += split_tile(part, blocks.middles, busy, parts)
        beat_keys += [
            f"{number[1:]}{step // SECTOR_BEATS + 1}{step % SECTOR_BEATS + 1}"
            for step in range(parts)
        ]
    wards = tile(BOX, blocks.middles, even, WARDS)
    areas = tile(BOX, blocks.middles, mixed, AREAS)
    ward_keys = [str(number) for number in range(1, WARDS + 1)]
    area_keys = [str(number) for number in range(1, AREAS + 1)]
    return {
        "district": _level(
            blocks, districts, numbers, [f"District {int(number)}" for number in numbers]
        ),
        "beat": _level(blocks, beats, beat_keys, [f"Beat {key}" for key in beat_keys]),
        "ward": _level(blocks, wards, ward_keys, [f"Ward {key}" for key in ward_keys]),
        "area": _level(blocks, areas, area_keys, [name.title() for name in names(AREAS, "", rng)]),
    }


def _stations(blocks: StreetBlocks, districts: Level, block_of_point: Integers) -> Integers:
    """A point near the middle of each district."""
    found = []
    for part in districts.tiles:
        here = blocks.middles[part.blocks]
        middle = part.blocks[((here - here.mean(axis=0)) ** 2).sum(axis=1).argmin()]
        found.append(int(np.searchsorted(block_of_point, middle)))
    return np.array(found)


def point_degrees(city: City) -> Floats:
    """WGS84 (lat, lon) of every point, shape (p, 2)."""
    return degrees(city.points)
