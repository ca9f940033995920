"""The extent of a snapshot's incidents, for a map's first view."""

from __future__ import annotations

from analytics.incidents.reader import SnapshotReader
from sql import load

STRAY = 0.001  # share of places at each edge that may lie outside


def extent(reader: SnapshotReader) -> list[list[float]] | None:
    """Southwest and northeast corner as [lat, lon] in degrees; None without places."""
    found = reader.frame(load("crossfilter/extent"), {"low": STRAY, "high": 1 - STRAY})
    south, west, north, east = found.row(0)
    return None if south is None else [[south, west], [north, east]]
