"""Names of zones that officers know: the busiest block, its cross street and beat, or areas.

The cross street is that of the nearest block on a street that runs the other way, if block texts
have a direction (`047XX S HERMITAGE AVE`). Without directions the name has block and beat only.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

import polars as pl
import shapely

from analytics.crossfilter.outline_names import outline_names
from analytics.hotspots.fishnet import outline_shapes
from analytics.incidents.reader import SnapshotReader

CROSS_WITHIN_M = 150.0
BLOCK_KM2 = 1.5
"""Larger zones are not named after a block."""
BLOCK_SHARE = 0.02
"""Nor are zones whose busiest block has a smaller share of their incidents."""
BORDER_M = 30.0
"""Within this distance of an outline a block is on a border street, with a beat on each side."""
AREA_SHARE = 0.1
"""Share of the incidents from which a second area is in the name."""
_BLOCK = re.compile(r"^\s*0*(\d*)(X{1,2})\s+(.+?)\s*$", re.IGNORECASE)
_DIRECTION = re.compile(r"^([NSEW])\s+(\S.*)$", re.IGNORECASE)
_INITIALS = {"ATM", "CHA", "CTA", "YMCA"}
_ORDINAL = re.compile(r"^\d+(ST|ND|RD|TH)$")


@dataclass(frozen=True)
class StreetBlock:
    """A block: its hundred, or None, and its street."""

    hundred: int | None
    street: str

    @classmethod
    def of(cls, text: str) -> StreetBlock:
        """Read `047XX S HERMITAGE AVE` as 4700 of `S HERMITAGE AVE`; other texts are a street."""
        found = _BLOCK.match(text)
        if not found:
            return cls(None, text.strip())
        digits, hidden, street = found.groups()
        return cls(int(digits or 0) * 10 ** len(hidden), street)

    @property
    def words(self) -> str:
        if self.hundred is None:
            return titled(self.street)
        if self.hundred == 0:
            return f"unit block of {titled(self.street)}"
        return f"{self.hundred} block of {titled(self.street)}"

    @property
    def runs(self) -> str | None:
        """`ns` for a street named N or S, `ew` for E or W, None for others."""
        found = _DIRECTION.match(self.street)
        if not found:
            return None
        return "ns" if found[1].upper() in "NS" else "ew"


def titled(street: str) -> str:
    """`W 79th St` of `W 79TH ST`."""
    words = street.split()
    return " ".join(_capitalized(word) for word in words)


def _capitalized(word: str) -> str:
    if word in _INITIALS:
        return word
    return word.lower() if _ORDINAL.match(word) else word.capitalize()


def block_places(incidents: pl.DataFrame) -> pl.DataFrame:
    """Incidents and mean location by block: block, incidents, x_m, y_m; busiest first."""
    return (
        incidents.drop_nulls("block")
        .group_by("block")
        .agg(pl.len().alias("incidents"), pl.col("x_m").mean(), pl.col("y_m").mean())
        .sort(["incidents", "block"], descending=[True, False])
    )


@dataclass(frozen=True, eq=False)
class Surroundings:
    """What names of zones use besides the zone's own incidents.

    Attributes
    ----------
    blocks : pl.DataFrame
        `block_places` of all incidents.
    beats : mapping of beat to its outline in local meters
        Only outlines that the agency added, since derived ones overlap.
    areas : mapping of area to its name
    """

    blocks: pl.DataFrame = field(repr=False)
    beats: Mapping[str, shapely.Geometry] = field(default_factory=dict, repr=False)
    areas: Mapping[str, str] = field(default_factory=dict, repr=False)

    @classmethod
    def of(cls, reader: SnapshotReader, incidents: pl.DataFrame) -> Surroundings:
        outline = reader.snapshot.manifest.outlines.get("beat")
        added = outline is not None and outline.origin == "added"
        beats = outline_shapes(reader, "beat") if added else {}
        areas = outline_names(reader.snapshot).get("area", {})
        named = {key: name for key, name in areas.items() if name != key}
        return cls(block_places(incidents), beats, named)


def zone_name(number: int, zone: pl.DataFrame, around: Surroundings, km2: float) -> str:
    """Name a zone by its busiest block, cross street and beat; a large one by its areas.

    Parameters
    ----------
    number : int
        Used if there is nothing else.
    zone : pl.DataFrame
        Incidents of the zone: block, beat, district, area, x_m, y_m.
    km2 : float
        Area of the zone.

    Notes
    -----
    A zone above `BLOCK_KM2`, or in which no block has `BLOCK_SHARE` of the incidents, is named by
    the areas and districts with most of them.
    """
    if block := _by_block(zone, around, km2):
        return block
    areas = _by_areas(zone, around.areas)
    return areas[:1].upper() + areas[1:] or f"Zone {number + 1}"


def spot_name(spot: pl.DataFrame, around: Surroundings, km2: float) -> str:
    """Name a spot so that nobody takes its incidents for those of its whole block or area."""
    if block := _by_block(spot, around, km2):
        return f"Around {block}"
    return f"A place in {_by_areas(spot, around.areas) or 'the city'}"


def distinct_names(names: list[str]) -> list[str]:
    """Names, with the number of the zone added where several have the same."""
    return [
        f"{name} (zone {number})" if names.count(name) > 1 else name
        for number, name in enumerate(names, 1)
    ]


def _by_block(zone: pl.DataFrame, around: Surroundings, km2: float) -> str:
    """Name after the busiest block; empty where a zone is not named after one."""
    blocks = block_places(zone)
    if km2 > BLOCK_KM2 or blocks.is_empty() or blocks["incidents"][0] < BLOCK_SHARE * zone.height:
        return ""
    busiest = blocks.row(0, named=True)
    text, x_m, y_m = str(busiest["block"]), float(busiest["x_m"]), float(busiest["y_m"])
    top = StreetBlock.of(text)
    cross = _cross_street(top, x_m, y_m, around.blocks)
    name = f"{top.words} near {titled(cross)}" if cross else top.words
    beat = _beat_of(zone.filter(pl.col("block") == text), shapely.Point(x_m, y_m), around.beats)
    return f"{name}, beat {beat}" if beat else name


def _beat_of(
    block: pl.DataFrame, middle: shapely.Point, beats: Mapping[str, shapely.Geometry]
) -> str | None:
    """The beat whose outline contains a block; on a border the one recorded for its incidents."""
    recorded = (
        block.drop_nulls("beat")["beat"]
        .value_counts()
        .sort(["count", "beat"], descending=[True, False])["beat"]
    )
    near = [beat for beat, outline in beats.items() if outline.dwithin(middle, BORDER_M)]
    if not near:
        return next(iter(recorded), None)
    held = [beat for beat in near if beats[beat].contains(middle)] or near
    return next((beat for beat in recorded if beat in near), held[0])


def _by_areas(zone: pl.DataFrame, names: Mapping[str, str]) -> str:
    areas = [names[key] for key in _most(zone, "area") if key in names]
    said = " and ".join(areas)
    for level in ("district", "beat"):
        keys = _most(zone, level)
        if keys:
            noun = level if len(keys) == 1 else f"{level}s"
            part = f"{noun} {' and '.join(keys)}"
            return f"{said}, {part}" if said else part
    return said


def _most(zone: pl.DataFrame, level: str) -> list[str]:
    """The area with most of a zone's incidents, and a second one with at least `AREA_SHARE`."""
    counted = (
        zone.drop_nulls(level)[level]
        .value_counts()
        .sort(["count", level], descending=[True, False])
    )
    many = (pl.col("count") >= AREA_SHARE * zone.height) | (pl.int_range(pl.len()) == 0)
    return [str(key) for key in counted.filter(many)[level].head(2)]


def _cross_street(
    top: StreetBlock, x_m: float, y_m: float, city_blocks: pl.DataFrame
) -> str | None:
    if top.runs is None:
        return None
    squared = (pl.col("x_m") - x_m) ** 2 + (pl.col("y_m") - y_m) ** 2
    near = city_blocks.filter(squared <= CROSS_WITHIN_M**2).sort(squared)
    other = "ew" if top.runs == "ns" else "ns"
    streets = (StreetBlock.of(text) for text in near["block"])
    return next((block.street for block in streets if block.runs == other), None)
