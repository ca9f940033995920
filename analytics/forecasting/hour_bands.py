"""Hour bands: four hours each, or the shifts of the agency."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any

from analytics.crossfilter.clauses import Choice, Hours
from analytics.crossfilter.nights import DayClock
from analytics.crossfilter.selection import Selection

BAND_HOURS = 4
HOURS_PER_DAY = 24


class BandKind(Enum):
    """How the day is split."""

    BAND = "band"
    SHIFT = "shift"


@dataclass(frozen=True)
class Bands:
    """A partition of the 24 hours: `of_hour` has the position in `names` of each hour."""

    names: tuple[str, ...]
    of_hour: tuple[int, ...]

    def hours(self, position: int) -> frozenset[int]:
        """Hours of one band."""
        return frozenset(hour for hour, band in enumerate(self.of_hour) if band == position)

    def within(self, hours: Collection[int]) -> tuple[int, ...]:
        """Positions of the bands that make up these hours; empty where they cut a band."""
        found = [place for place in range(len(self.names)) if self.hours(place) <= set(hours)]
        whole: frozenset[int] = frozenset().union(*(self.hours(place) for place in found))
        return tuple(found) if whole == set(hours) else ()

    @property
    def as_json(self) -> dict[str, Any]:
        return {"names": list(self.names), "of_hour": list(self.of_hour)}

    @classmethod
    def of_json(cls, raw: Mapping[str, Any]) -> Bands:
        return cls(tuple(raw["names"]), tuple(raw["of_hour"]))


def bands_of(kind: BandKind, clock: DayClock) -> Bands:
    """Bands of four hours from the start of the operational day, or the agency's shifts."""
    if kind is BandKind.SHIFT:
        of_hour = [0] * HOURS_PER_DAY
        for position, hours in enumerate(clock.shifts.values()):
            for hour in hours:
                of_hour[hour] = position
        return Bands(tuple(clock.shifts), tuple(of_hour))
    day = range(HOURS_PER_DAY)
    starts = [(clock.day_start + first) % HOURS_PER_DAY for first in day[::BAND_HOURS]]
    names = tuple(f"{start:02d}-{(start + BAND_HOURS) % 24 or 24:02d}" for start in starts)
    return Bands(names, tuple((hour - clock.day_start) % 24 // BAND_HOURS for hour in day))


def chosen_hours(selection: Selection, clock: DayClock) -> frozenset[int] | None:
    """Hours that filters on hour and shift leave; None without such a filter."""
    hours, shifts = selection.get("hour"), selection.get("shift")
    chosen = frozenset(range(HOURS_PER_DAY))
    if isinstance(hours, Hours):
        chosen &= frozenset(hours.known)
    if isinstance(shifts, Choice):
        chosen &= frozenset(hour for name in shifts.keys for hour in clock.shifts.get(name, ()))
    return chosen if isinstance(hours, Hours) or isinstance(shifts, Choice) else None
