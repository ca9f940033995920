"""Clauses, the filters of a selection on one dimension: canonical, frozen and hashable values."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Self
from urllib.parse import quote_plus

from analytics.crossfilter.custom_area import CustomArea, FindAreas
from analytics.crossfilter.relative_dates import DataDays, days_of, month_of
from analytics.errors import InputError
from analytics.incidents.model import UNKNOWN

MAX_KEYS = 64 * 64
"""Most values of one clause: all cells of an embedding's map."""
MAX_VERTICES = 64
MAX_RADIUS_M = 50_000
LONGEST_NIGHT_H = 12
DECIMALS = 5
_LEGIBLE = "/:()"
NONE = "none"
"""Label of places without a label of a model."""


def _order(key: Any) -> Any:
    """Sort key in which None (unknown) comes last, even inside a pair."""
    if isinstance(key, tuple):
        return (key is None, *(_order(part) for part in key))
    return (key is None, 0 if key is None else key)


@dataclass(frozen=True)
class Choice(ABC):
    """Any of these keys; None stands for unknown."""

    keys: tuple[Any, ...]

    def __post_init__(self) -> None:
        keys = tuple(sorted(set(self.keys), key=_order))
        if not keys:
            raise InputError("A filter needs at least one value; leave it out to select all.")
        if len(keys) > MAX_KEYS:
            raise InputError(f"{len(keys)} values are too many; choose at most {MAX_KEYS}.")
        object.__setattr__(self, "keys", keys)

    @property
    def unknown(self) -> bool:
        return None in self.keys

    @property
    def known(self) -> tuple[Any, ...]:
        return tuple(key for key in self.keys if key is not None)

    @property
    @abstractmethod
    def text(self) -> str:
        """Canonical text of the clause, without the dimension."""

    def toggled(self, other: Choice) -> Self | None:
        """Keys that are in only one of the two clauses; None if there are none."""
        keys = set(self.keys) ^ set(other.keys)
        return type(self)(tuple(keys)) if keys else None

    def added(self, other: Choice) -> Self:
        return type(self)((*self.keys, *other.keys))


class Words(Choice):
    """Values of a category; `unknown` is the word for a missing one."""

    @property
    def unknown(self) -> bool:
        return UNKNOWN in self.keys

    @property
    def known(self) -> tuple[str, ...]:
        return tuple(key for key in self.keys if key != UNKNOWN)

    @property
    def text(self) -> str:
        # Two dots would read as a range of numbers.
        parts = (quote_plus(key, safe=_LEGIBLE).replace("..", "%2E%2E") for key in self.keys)
        return ",".join(parts)


class Hours(Choice):
    """Hours of the day, 0 to 23."""

    @property
    def text(self) -> str:
        parts = [_range(first, last) for first, last in runs(self.known)]
        return ",".join([*parts, *([UNKNOWN] if self.unknown else [])])


class Weekdays(Choice):
    """Days of the week, 1 = Monday to 7 = Sunday."""

    @property
    def text(self) -> str:
        return ",".join(_word(key) for key in self.keys)


class HourWeekdays(Choice):
    """Pairs of weekday and hour; either part may be unknown."""

    @property
    def text(self) -> str:
        return ",".join(f"{_word(weekday)}-{_word(hour, 2)}" for weekday, hour in self.keys)


class Cells(Choice):
    """Fishnet cells as (size in meters, column, row)."""

    @property
    def text(self) -> str:
        return ",".join(UNKNOWN if key is None else cell_key(*key) for key in self.keys)


class Labels(Choice):
    """Labels of places as (model, version, label); the model by its full name, `zones_kmeans`."""

    @property
    def known(self) -> tuple[tuple[str, int, str], ...]:
        return tuple(key for key in self.keys if key is not None)

    @property
    def text(self) -> str:
        words = (UNKNOWN if key is None else label_key(*key) for key in self.keys)
        return ",".join(quote_plus(word, safe=f"{_LEGIBLE}@") for word in words)


@dataclass(frozen=True)
class CustomAreas(Choice):
    """Custom areas by id; `areas` has their shapes once they were looked up for the reader."""

    areas: tuple[CustomArea, ...] = field(default=(), compare=False, repr=False)

    @property
    def text(self) -> str:
        return ",".join(self.keys)

    @property
    def found(self) -> tuple[CustomArea, ...]:
        """All areas.

        Raises
        ------
        InputError
            They were not looked up, so nobody knows whether the reader may use them.
        """
        lacking = set(self.keys) - {area.id for area in self.areas}
        if lacking:
            raise InputError(" ".join(map(not_found, sorted(lacking))))
        return self.areas

    def looked_up(self, find: FindAreas) -> tuple[CustomAreas | None, list[str]]:
        """Leave out areas that are not found; returns the clause, if any is left, and messages."""
        known = find(self.keys)
        kept = tuple(key for key in self.keys if key in known)
        messages = [not_found(key) for key in self.keys if key not in known]
        return (CustomAreas(kept, tuple(known[key] for key in kept)) if kept else None), messages

    @property
    def titles(self) -> list[str]:
        """Names of the areas in quotes; the id of one that was not looked up."""
        known = {area.id: f'"{area.title}"' for area in self.areas}
        return [known.get(key, key) for key in self.keys]


def not_found(area: str) -> str:
    """A message about a custom area that a reader may not use, or that does not exist."""
    return f"Custom area {area} was not found: it does not exist, or it is not shared with you."


@dataclass(frozen=True)
class Period:
    """Days from `first` to `last`, both included, either open; or relative to the last day.

    `relative` is a text of `relative_dates`, such as `ytd`; the clause's text keeps it.
    """

    first: date | None = None
    last: date | None = None
    relative: str = ""

    def __post_init__(self) -> None:
        if not self.relative and self.first is None and self.last is None:
            raise InputError("A period needs a first or a last day.")
        if self.first and self.last and self.first > self.last:
            raise InputError(f"The period {self.first}..{self.last} ends before it starts.")

    @property
    def text(self) -> str:
        if self.relative:
            return self.relative
        if self.first and self.first == self.last:
            return self.first.isoformat()
        if self.first and self.last and month_of(self.first) == (self.first, self.last):
            return f"{self.first:%Y-%m}"
        return f"{self.first or ''}..{self.last or ''}"

    @property
    def is_single_bin(self) -> bool:
        """Whether it is one day or one month, which a single click can choose."""
        return bool(self.first and self.last) and ".." not in self.text

    def days(self, data: DataDays) -> tuple[date, date]:
        """First and last day, on a snapshot of these days."""
        if self.relative:
            return days_of(self.relative, data)
        start = self.first or min(data.first, self.last or data.first)
        return start, self.last or max(data.last, start)

    def hull(self, other: Period) -> Period:
        """The shortest period that covers both; `other` if one of them is relative."""
        if self.relative or other.relative:
            return other
        firsts = [day for day in (self.first, other.first) if day]
        lasts = [day for day in (self.last, other.last) if day]
        first = min(firsts) if len(firsts) == 2 else None
        last = max(lasts) if len(lasts) == 2 else None
        return Period(first, last) if first or last else other


@dataclass(frozen=True)
class Polygon:
    """Vertices as (lat, lon) in WGS84 degrees, five decimals; the last joins the first."""

    vertices: tuple[tuple[float, float], ...]

    def __post_init__(self) -> None:
        vertices = _without_repeats((_round(lat), _round(lon)) for lat, lon in self.vertices)
        if len(set(vertices)) < 3 or len(vertices) > MAX_VERTICES:
            raise InputError(
                f"A polygon has 3 to {MAX_VERTICES} different corners, not {len(vertices)}."
            )
        for lat, lon in vertices:
            check_place(lat, lon)
        start = vertices.index(min(vertices))
        forward = vertices[start:] + vertices[:start]
        backward = forward[:1] + forward[:0:-1]
        object.__setattr__(self, "vertices", tuple(min(forward, backward)))

    @property
    def text(self) -> str:
        return ";".join(f"{number(lat)},{number(lon)}" for lat, lon in self.vertices)


@dataclass(frozen=True)
class Near:
    """Within `meters` of a place; lat and lon in WGS84 degrees."""

    lat: float
    lon: float
    meters: int

    def __post_init__(self) -> None:
        object.__setattr__(self, "lat", _round(self.lat))
        object.__setattr__(self, "lon", _round(self.lon))
        check_place(self.lat, self.lon)
        if not 1 <= self.meters <= MAX_RADIUS_M:
            raise InputError(f"A radius is 1 to {MAX_RADIUS_M} meters, not {self.meters}.")

    @property
    def text(self) -> str:
        return f"{number(self.lat)},{number(self.lon)},{self.meters}"


@dataclass(frozen=True)
class Span:
    """Numbers from `low` to `high`, both included, either open."""

    low: float | None = None
    high: float | None = None

    def __post_init__(self) -> None:
        if self.low is None and self.high is None:
            raise InputError("A range needs a lower or an upper end.")
        if self.low is not None and self.high is not None and self.low > self.high:
            raise InputError(f"The range {self.text} ends before it starts.")

    @property
    def text(self) -> str:
        low = "" if self.low is None else number(self.low)
        return f"{low}..{'' if self.high is None else number(self.high)}"


Clause = Choice | Period | Polygon | Near | Span


def require_found(clause: Clause) -> None:
    """Check that custom areas were looked up: what is cached must not be given to other readers.

    Raises
    ------
    InputError
        One was not.
    """
    if isinstance(clause, CustomAreas):
        clause.found  # noqa: B018 - raises


def runs(hours: Iterable[int]) -> list[tuple[int, int]]:
    """Runs of consecutive hours as (first, last); one that passes midnight comes last."""
    found: list[tuple[int, int]] = []
    for hour in sorted(hours):
        if found and found[-1][1] == hour - 1:
            found[-1] = (found[-1][0], hour)
        else:
            found.append((hour, hour))
    if len(found) > 1 and found[0][0] == 0 and found[-1][1] == 23:
        found = [*found[1:-1], (found[-1][0], found[0][1])]
    return found


def is_night(first: int, last: int) -> bool:
    """Whether a run of hours passes midnight and is at most 12 hours long."""
    return first > last and (last - first) % 24 < LONGEST_NIGHT_H


def cell_key(size_m: int, column: int, row: int) -> str:
    return f"{size_m}:{column}_{row}"


def label_key(model: str, version: int, label: str) -> str:
    """A label as selections write it, such as `kmeans@7:12` for `zones_kmeans`.

    With the target, if that is not all incidents: `kmeans.robbery@2:5`.
    """
    return f"{short_name(model)}@{version}:{label}"


def short_name(model: str) -> str:
    """A model's name without the prefix of its dimension: `zones_kmeans` → `kmeans`."""
    return model.partition("_")[2]


def number(value: float) -> str:
    """A number without trailing zeros, never in exponent form."""
    text = f"{value:.6f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def check_place(lat: float, lon: float) -> None:
    if not (-90 <= lat <= 90 and -180 <= lon <= 180):
        raise InputError(
            f"{number(lat)},{number(lon)} is not a valid place: latitude is -90 to 90 and comes "
            "first, longitude -180 to 180."
        )


def _round(degrees: float) -> float:
    return round(degrees, DECIMALS) + 0.0


def _without_repeats(vertices: Iterable[tuple[float, float]]) -> list[tuple[float, float]]:
    kept: list[tuple[float, float]] = []
    for vertex in vertices:
        if not kept or kept[-1] != vertex:
            kept.append(vertex)
    if len(kept) > 1 and kept[0] == kept[-1]:
        kept.pop()
    return kept


def _range(first: int, last: int) -> str:
    return f"{first:02d}" if first == last else f"{first:02d}-{last:02d}"


def _word(key: int | None, width: int = 1) -> str:
    return UNKNOWN if key is None else f"{key:0{width}d}"
