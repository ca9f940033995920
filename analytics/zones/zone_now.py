"""What the selection has in one zone, beside what it has in the whole city."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from analytics.crossfilter.crossfilter import CrossFilter
from analytics.crossfilter.dimensions import PLACE
from analytics.crossfilter.scope import Scope
from analytics.crossfilter.selection import EMPTY, Selection
from analytics.crossfilter.views import view
from analytics.incidents.manifest import Manifest
from analytics.incidents.model import UNKNOWN
from analytics.statistics.arrays import Floats
from analytics.zones.profiles import PeakHours, peak_hours

SHOWN = 3
DAYS = 7
Counts = dict[str, pl.DataFrame]
VIEWS = ("total", "type", "location_type", "hour", "weekday")


@dataclass(frozen=True)
class SharedValue:
    """A value with its share of the zone's incidents and of the city's."""

    value: str
    share: float
    city_share: float


@dataclass(frozen=True)
class ZoneNow:
    """Selected incidents in a zone, other filters on place left out.

    Attributes
    ----------
    incidents, city : number in the zone, and in all
    days : days of the selection's period
    types, location_types : at most three, those with most incidents first
    peak : the busiest four hours; None where no hour is known
    weekday : the busiest one; None where none is known
    """

    incidents: int
    city: int
    days: int
    types: tuple[SharedValue, ...]
    location_types: tuple[SharedValue, ...]
    peak: PeakHours | None
    weekday: SharedValue | None

    @property
    def weekly(self) -> float:
        return DAYS * self.incidents / max(self.days, 1)


def zone_now(
    crossfilter: CrossFilter, manifest: Manifest, selection: Selection, key: str
) -> ZoneNow:
    """The selection in the zone of a key, such as `kmeans@3:5`.

    Raises
    ------
    InputError
        The snapshot has no labels of this model.
    """
    chosen = selection.without(PLACE)
    inside = chosen.toggle("zone", [key], "only")
    views = [view(name) for name in VIEWS if name not in manifest.views_off]
    here, city = (crossfilter.counts(Scope(one), EMPTY, views) for one in (inside, chosen))
    period = chosen.period(manifest)
    weekdays = _most(here, city, "weekday")
    return ZoneNow(
        _total(here["total"]),
        _total(city["total"]),
        (period[1] - period[0]).days + 1 if period else 0,
        _most(here, city, "type"),
        _most(here, city, "location_type"),
        peak_hours(_by_hour(here), _by_hour(city)),
        weekdays[0] if weekdays else None,
    )


def _total(counts: pl.DataFrame) -> int:
    return int(counts["incidents"].sum())


def _most(here: Counts, city: Counts, name: str) -> tuple[SharedValue, ...]:
    """The values with most incidents; those without one have no share."""
    if name not in here:
        return ()
    own, every = (_shares(counts[name], name) for counts in (here, city))
    first = sorted(own, key=lambda value: -own[value])[:SHOWN]
    return tuple(SharedValue(value, own[value], every.get(value, 0.0)) for value in first)


def _shares(counts: pl.DataFrame, name: str) -> dict[str, float]:
    known = counts.drop_nulls(name).select(pl.col(name).cast(pl.String), "incidents")
    known = known.filter(pl.col("incidents") > 0, pl.col(name) != UNKNOWN)
    total = max(_total(known), 1)
    return {value: incidents / total for value, incidents in known.iter_rows()}


def _by_hour(counts: Counts) -> Floats:
    hours = np.zeros(24)
    if "hour" in counts:
        known = counts["hour"].drop_nulls("hour")
        hours[known["hour"].to_numpy()] = known["incidents"].to_numpy()
    return hours
