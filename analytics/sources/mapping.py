"""The parts of a source: its fields, and how each is read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

import pyproj

from analytics.incidents.model import ATTRIBUTE_PREFIX

COORDINATES = ("lat", "lon", "point", "x", "y")
DATE_PARTS = ("year", "month", "day", "hour", "minute")
CALENDARS = {"gregorian": 0, "roc": 1911, "buddhist": -543}
"""Calendars that differ in the year only, and what must be added to it."""
DEGREES = "EPSG:4326"
Bounds = tuple[float, float, float, float]  # west, south, east, north in degrees
WORLD: Bounds = (-180.0, -90.0, 180.0, 90.0)
EARLIEST = date(1970, 1, 1)


@dataclass(frozen=True)
class DateColumns:
    """Columns of a time: one column, a date and a time column, or one for each part.

    `ignore_zone`: take the time as written and ignore a zone in the text. `parts`: the columns of
    DATE_PARTS but the year, which is `date`.
    """

    date: tuple[str, ...]
    time: tuple[str, ...]
    formats: tuple[str, ...]
    time_formats: tuple[str, ...]
    utc: bool = False
    ignore_zone: bool = False
    parts: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    calendar: str = "gregorian"


@dataclass(frozen=True)
class Flag:
    """Words, in lower case, that mean yes and no. `"*"` is every word not listed."""

    true: tuple[str, ...]
    false: tuple[str, ...]


POINTS = ("wkt", "wkb", "lat, lon", "lon, lat")


@dataclass(frozen=True)
class Coordinates:
    """Format of places.

    `crs` is that of columns `x` and `y`, or else of `point`; `lat` and `lon` are always EPSG:4326.
    `placeholders` are pairs in the order latitude, longitude (x, y if in another system); `bounds`
    are west, south, east, north in degrees. `point` is how a point is written, one of POINTS.
    `swapped`: each of the two columns holds what the other one should. `ranges`: texts such as
    41.85-41.86 mean their middle.
    """

    crs: str = DEGREES
    placeholders: tuple[tuple[float, float], ...] = ()
    bounds: Bounds | None = None
    point: str = "wkt"
    swapped: bool = False
    ranges: bool = False

    @property
    def in_units(self) -> bool:
        """Whether coordinates are in units of length, such as meters or feet."""
        return not pyproj.CRS.from_user_input(self.crs).is_geographic


@dataclass(frozen=True)
class Join:
    """A second file whose column `key` has the codes of `field`; `columns` are field → column."""

    file: str
    field: str
    key: str
    columns: Mapping[str, str]


@dataclass(frozen=True)
class SourceAttribute:
    """A further attribute of the agency; becomes column `attr_<name>`."""

    name: str
    label: str
    kind: str
    columns: tuple[str, ...]

    @property
    def column(self) -> str:
        return ATTRIBUTE_PREFIX + self.name
