"""A measure at places that began on a day: incidents before and after it, and what it changed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import combinations

import numpy as np

from analytics.crossfilter.conditions import conditions_of
from analytics.crossfilter.scope import Scope
from analytics.crossfilter.selection import Selection
from analytics.errors import InputError
from analytics.incidents.reader import SnapshotReader
from analytics.patrol.displacement import (
    BeforeAfter,
    Dispersion,
    Effect,
    PlaceGroups,
    effect,
    past_dispersion,
    weeks_needed,
)
from analytics.statistics.arrays import Floats
from sql import load

REDUCTIONS = (0.1, 0.2, 0.3, 0.5)
"""Shares of prevented incidents for which the weeks needed are told."""
WEEK = timedelta(weeks=1)


@dataclass(frozen=True)
class Intervention:
    """A measure, and the places that it is judged by.

    Attributes
    ----------
    places
        Where, by group: `target` and `control`, perhaps `displacement` and
        `displacement_control`; fields of `PlaceGroups`. Each is a selection of places.
    start
        First day of the measure.
    weeks, weeks_before
        Lengths of the periods after and before it.
    """

    places: Mapping[str, Selection]
    start: date
    weeks: int
    weeks_before: int


@dataclass(frozen=True)
class Study:
    """What a measure changed, in incidents a week.

    Attributes
    ----------
    groups
        Incidents before and after.
    dispersion
        Of past periods of the same places; None where the history is too short to tell, and the
        effect then assumes Poisson counts.
    weeks_needed
        By share of prevented incidents: weeks after which it would be found in 80% of cases; None
        where no length is enough.
    """

    groups: PlaceGroups
    effect: Effect
    dispersion: Dispersion | None
    weeks_needed: dict[float, int | None]


def study(reader: SnapshotReader, incidents: Selection, measure: Intervention) -> Study:
    """Compare the places of a measure with their controls, before and after its start.

    Parameters
    ----------
    incidents
        Which incidents count, such as `type=ROBBERY`; not their dates.

    Raises
    ------
    InputError
        The data does not cover both periods, the groups share incidents, or a date is filtered.
    """
    _check_selections(incidents, measure)
    first = _check_days(reader, measure)
    _check_overlap(reader, measure.places)
    weekly = {
        name: _weekly(reader, incidents, places, first, measure)
        for name, places in measure.places.items()
    }
    for name, counts in weekly.items():
        if not counts.any():
            raise InputError(f"The group {name.replace('_', ' ')} has no such incident.")
    groups = PlaceGroups(**{name: _before_after(weeks, measure) for name, weeks in weekly.items()})
    past = {name: weeks[: -measure.weeks] for name, weeks in weekly.items()}
    nothing = np.zeros_like(past["target"])
    dispersion = past_dispersion(
        past["target"] + past.get("displacement", nothing),
        past["control"] + past.get("displacement_control", nothing),
        measure.weeks_before,
        measure.weeks,
    )
    assumed = dispersion or Dispersion()
    found = effect(groups, before=measure.weeks_before, after=measure.weeks, dispersion=assumed)
    rates = PlaceGroups(
        **{
            name: BeforeAfter(float(weeks[-measure.weeks_before :].mean()), 0.0)
            for name, weeks in past.items()
        }
    )
    needed = {
        share: weeks_needed(share, rates, before=measure.weeks_before, dispersion=assumed)
        for share in REDUCTIONS
    }
    return Study(groups, found, dispersion, needed)


def _before_after(weeks: Floats, measure: Intervention) -> BeforeAfter:
    after = weeks[-measure.weeks :]
    before = weeks[-measure.weeks - measure.weeks_before : -measure.weeks]
    return BeforeAfter(float(before.sum()), float(after.sum()))


def _check_selections(incidents: Selection, measure: Intervention) -> None:
    for text, chosen in (("incidents", incidents), *measure.places.items()):
        if chosen.get("date") is not None:
            raise InputError(
                f"The selection of {text.replace('_', ' ')} has a filter on the date; the periods "
                "follow from the first day and the weeks."
            )
    for name, chosen in measure.places.items():
        if not chosen:
            raise InputError(f"The group {name.replace('_', ' ')} has no filter; name its places.")


def _check_days(reader: SnapshotReader, measure: Intervention) -> date:
    """First day of the oldest whole week before the measure."""
    manifest = reader.snapshot.manifest
    if manifest.months_only or manifest.covered is None:
        raise InputError("This source gives months only; weeks cannot be compared.")
    begin, complete = manifest.covered[0], manifest.last_complete_day
    needed = measure.start - measure.weeks_before * WEEK
    if begin > needed:
        raise InputError(f"The data starts on {begin}; the period before would start on {needed}.")
    end = measure.start + measure.weeks * WEEK - timedelta(days=1)
    if complete is None or complete < end:
        raise InputError(f"The data is complete until {complete}; the period after ends on {end}.")
    return measure.start - (measure.start - begin) // WEEK * WEEK


def _check_overlap(reader: SnapshotReader, places: Mapping[str, Selection]) -> None:
    for one, other in combinations(places, 2):
        both = conditions_of(reader).where(Scope(places[one]), places[other])
        days = reader.frame(load("patrol/days", conditions=both.sql), both.params)
        shared = int(days["count"].sum())
        if shared:
            raise InputError(
                f"The groups {one.replace('_', ' ')} and {other.replace('_', ' ')} share "
                f"{shared:,} incidents; each place may be in one group."
            )


def _weekly(
    reader: SnapshotReader,
    incidents: Selection,
    places: Selection,
    first: date,
    measure: Intervention,
) -> Floats:
    """Incidents by week from the first day to the end of the measure, oldest first."""
    where = conditions_of(reader).where(Scope(places), incidents)
    found = reader.frame(load("patrol/days", conditions=where.sql), where.params)
    weeks = (measure.start - first) // WEEK + measure.weeks
    number = ((found["day"] - first).dt.total_days() // 7).to_numpy()
    inside = (number >= 0) & (number < weeks)
    return np.bincount(
        number[inside], weights=found["count"].to_numpy()[inside], minlength=weeks
    ).astype(np.float64)
