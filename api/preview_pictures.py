"""The two pictures in which mistakes of a source show: hours of the day, and places."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import cos, radians

WIDTH, HEIGHT = 480, 200
"""Of a picture, in units of its drawing."""
LABELED_HOURS = 6
DOT_PLACES = 320
"""The longer side of the map."""


@dataclass(frozen=True)
class HourBar:
    """A bar of the histogram of hours."""

    hour: int
    count: int
    x: float
    y: float
    width: float
    height: float
    is_labeled: bool


@dataclass(frozen=True)
class Dots:
    """Places as dots; north is up, and distances are alike in both directions.

    Attributes
    ----------
    width, height
        Of the drawing.
    dots
        x and y of each.
    west, east, south, north
        Edges in degrees.
    """

    width: float
    height: float
    dots: tuple[tuple[float, float], ...]
    west: float
    east: float
    south: float
    north: float


def hour_bars(counts: Sequence[int]) -> tuple[HourBar, ...]:
    """Bars of the incidents by hour, 0 to 23, that start at zero; none without any incident."""
    most = max(counts, default=0)
    if not most:
        return ()
    step = WIDTH / len(counts)
    return tuple(
        HourBar(
            hour,
            count,
            round(hour * step, 1),
            round(HEIGHT * (1 - count / most), 1),
            round(step - 2, 1),
            round(HEIGHT * count / most, 1),
            hour % LABELED_HOURS == 0,
        )
        for hour, count in enumerate(counts)
    )


def place_dots(places: Sequence[Sequence[float]]) -> Dots | None:
    """Dots of places (latitude, longitude); None without any."""
    if not places:
        return None
    lats, lons = [lat for lat, _ in places], [lon for _, lon in places]
    south, north, west, east = min(lats), max(lats), min(lons), max(lons)
    shrink = cos(radians((south + north) / 2))
    wide, high = max((east - west) * shrink, 1e-4), max(north - south, 1e-4)
    scale = DOT_PLACES / max(wide, high)
    dots = tuple(
        (round((lon - west) * shrink * scale, 1), round((north - lat) * scale, 1))
        for lat, lon in places
    )
    return Dots(
        round(wide * scale, 1), round(high * scale, 1), dots,
        *(round(edge, 3) for edge in (west, east, south, north)),
    )  # fmt: skip
