"""The time zone of a place, by boxes in data/columns/time_zones.csv.

The first box that holds the place wins. Borders are rough: a person checks the proposal.
"""

from __future__ import annotations

import csv
from functools import cache

from analytics.ingest.column_meanings import FOLDER


def likely_time_zone(lat: float, lon: float) -> str | None:
    """Name of the zone; None if no box holds the place."""
    for zone, (west, south, east, north) in _boxes():
        if west <= lon <= east and south <= lat <= north:
            return zone
    return None


@cache
def _boxes() -> tuple[tuple[str, tuple[float, ...]], ...]:
    with (FOLDER / "time_zones.csv").open(encoding="utf-8", newline="") as handle:
        return tuple(
            (row["zone"], tuple(float(row[side]) for side in ("west", "south", "east", "north")))
            for row in csv.DictReader(handle)
        )
