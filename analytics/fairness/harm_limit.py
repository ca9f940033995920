"""The limit on an area's share of patrol time, from its share of victim-reported harm."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from analytics.crossfilter.selection import EMPTY
from analytics.errors import InputError
from analytics.fairness.area_weeks import read_weeks, year_before
from analytics.incidents.reader import SnapshotReader
from analytics.patrol.allocation import ShareLimit


@dataclass(frozen=True)
class HarmYear:
    """Shares of victim-reported harm by area; `first` is the first day of the weeks counted."""

    first: date
    weeks: int
    shares: tuple[float, ...]

    def limit(self, at_most: float) -> ShareLimit:
        """The limit at a multiple of these shares."""
        return ShareLimit(at_most, self.shares)


def harm_before(reader: SnapshotReader, level: str, areas: Sequence[str], day: date) -> HarmYear:
    """Shares of the year before a day, in the order of the areas.

    All victim-reported incidents count, whatever a plan is for, on all hours of the day: the harm
    that an area asks help for does not hang on the offense that a plan is made for.

    Raises
    ------
    InputError
        See `read_weeks`; or there are fewer than eight complete weeks, or no harm.
    """
    first, weeks = year_before(reader.snapshot.manifest, day)
    counted = read_weeks(reader, EMPTY, level, first, weeks)
    if not counted.harm.any():
        raise InputError("No harm was reported in the weeks before; shares of it are not known.")
    by_area = counted.harm_shares()
    return HarmYear(first, weeks, tuple(by_area.get(area, 0.0) for area in areas))
