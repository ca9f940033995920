"""Names an officer knows: the busiest block, its cross street, the beat.

The cross street is read from block texts with a direction (`047XX S HERMITAGE AVE`): the nearest
block on a street that runs the other way. Where texts have none, the block and the beat are it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import polars as pl

CROSS_WITHIN_M = 150.0
_BLOCK = re.compile(r"^\s*0*(\d*)(X{1,2})\s+(.+?)\s*$", re.IGNORECASE)
_DIRECTION = re.compile(r"^([NSEW])\s+(\S.*)$", re.IGNORECASE)
_INITIALS = {"ATM", "CHA", "CTA", "YMCA"}
_ORDINAL = re.compile(r"^\d+(ST|ND|RD|TH)$")


@dataclass(frozen=True)
class Block:
    """A block text taken apart: its hundred, or None, and its street."""

    hundred: int | None
    street: str

    @classmethod
    def of(cls, text: str) -> Block:
        """`047XX S HERMITAGE AVE` is 4700 of `S HERMITAGE AVE`; other texts are all street."""
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
    """`W 79TH ST` as `W 79th St`."""
    words = street.split()
    return " ".join(_worded(word) for word in words)


def _worded(word: str) -> str:
    if word in _INITIALS:
        return word
    return word.lower() if _ORDINAL.match(word) else word.capitalize()


def block_places(incidents: pl.DataFrame) -> pl.DataFrame:
    """Each block's incidents and mean place: block, incidents, x_m, y_m; busiest first."""
    return (
        incidents.drop_nulls("block")
        .group_by("block")
        .agg(pl.len().alias("incidents"), pl.col("x_m").mean(), pl.col("y_m").mean())
        .sort(["incidents", "block"], descending=[True, False])
    )


def zone_name(number: int, zone: pl.DataFrame, city_blocks: pl.DataFrame) -> str:
    """The busiest block of a zone, where it crosses, and the beat most of its incidents are in.

    Parameters
    ----------
    number : int
        Used where there are neither blocks nor beats.
    zone : pl.DataFrame
        Incidents of the zone: block, beat, x_m, y_m.
    city_blocks : pl.DataFrame
        `block_places` of all incidents.
    """
    blocks, beats = block_places(zone), zone.drop_nulls("beat")["beat"]
    parts = []
    if not blocks.is_empty():
        top = Block.of(blocks["block"][0])
        x_m, y_m = blocks["x_m"][0], blocks["y_m"][0]
        cross = _cross_street(top, x_m, y_m, city_blocks)
        parts.append(f"{top.words} near {titled(cross)}" if cross else top.words)
    if len(beats):
        parts.append(f"beat {beats.value_counts(sort=True).sort('count', 'beat')['beat'][-1]}")
    return ", ".join(parts) or f"Zone {number + 1}"


def _cross_street(top: Block, x_m: float, y_m: float, city_blocks: pl.DataFrame) -> str | None:
    if top.runs is None:
        return None
    squared = (pl.col("x_m") - x_m) ** 2 + (pl.col("y_m") - y_m) ** 2
    near = city_blocks.filter(squared <= CROSS_WITHIN_M**2).sort(squared)
    other = "ew" if top.runs == "ns" else "ns"
    streets = (Block.of(text) for text in near["block"])
    return next((block.street for block in streets if block.runs == other), None)
