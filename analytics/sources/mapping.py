"""The parts of a source: its fields, and how each is read."""

from __future__ import annotations

from dataclasses import dataclass

from analytics.incidents.model import ATTRIBUTE_PREFIX

DATES = ("occurred_from", "occurred_to", "reported", "updated")
FLAGS = ("arrest", "domestic")
TEXTS = (
    "id",
    "case_number",
    "type",
    "description",
    "code",
    "fbi_code",
    "location_type",
    "block",
    "beat",
    "district",
    "ward",
    "area",
)
COORDINATES = ("lat", "lon", "x", "y")
REQUIRED = ("id", "occurred_from")


@dataclass(frozen=True)
class DateColumns:
    """Columns of a time: one column, or a date and a time column, in UTC or local time.

    `ignore_zone`: take the time as written and ignore a zone in the text.
    """

    date: tuple[str, ...]
    time: tuple[str, ...]
    formats: tuple[str, ...]
    time_formats: tuple[str, ...]
    utc: bool = False
    ignore_zone: bool = False


@dataclass(frozen=True)
class Flag:
    """Words, in lower case, that mean yes and no. `"*"` is every word not listed."""

    true: tuple[str, ...]
    false: tuple[str, ...]


@dataclass(frozen=True)
class Coordinates:
    """Format of places.

    `crs` is EPSG:4326 if `lat` and `lon` are mapped, otherwise that of columns `x` and `y`.
    `placeholders` are pairs in the order latitude, longitude (x, y if projected); `bounds` are
    west, south, east, north in degrees.
    """

    crs: str = "EPSG:4326"
    placeholders: tuple[tuple[float, float], ...] = ()
    bounds: tuple[float, float, float, float] | None = None

    @property
    def projected(self) -> bool:
        return self.crs != "EPSG:4326"


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
