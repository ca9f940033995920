"""Since when a zone has as many incidents as now: its last significant change of level."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import polars as pl

from analytics.statistics.two_periods import Period
from analytics.temporal.change_points import change_points

STEP_DAYS = 28
STEPS_A_YEAR = 13
WEEKS = STEP_DAYS / 7


@dataclass(frozen=True)
class ZoneLevel:
    """The level of a zone today, in incidents a week.

    Attributes
    ----------
    since : first day of the level; without a change that of the data
    before : the level before the last change; None without a change
    """

    since: date
    now: float
    before: float | None


def zone_levels(
    incidents: pl.DataFrame, zones: Sequence[int], period: Period | None
) -> list[ZoneLevel | None]:
    """The level of each zone; None where `change_points` gives none, on steps of 28 days.

    Parameters
    ----------
    incidents
        Columns `day` and `zone`, which is null or another number outside of the zones.
    period
        Complete days. Its steps are counted back from its last day.

    Notes
    -----
    Changes are those of `change_points`, adjusted for the season of the zone: 5% of zones whose
    level never changed show one.
    """
    steps = 0 if period is None else ((period[1] - period[0]).days + 1) // STEP_DAYS
    if period is None or steps == 0:
        return [None] * len(zones)
    first = period[1] - timedelta(days=steps * STEP_DAYS - 1)
    step = (pl.col("day") - first).dt.total_days() // STEP_DAYS
    counted = (
        incidents.filter(pl.col("day").is_between(first, period[1]) & pl.col("zone").is_in(zones))
        .group_by("zone", step.alias("step"))
        .len()
    )
    place = {zone: row for row, zone in enumerate(zones)}
    counts = np.zeros((len(zones), steps))
    for zone, at, number in counted.iter_rows():
        counts[place[zone], at] = number
    return [_level(row, first) for row in counts]


def _level(counts: np.ndarray[tuple[int], np.dtype[np.float64]], first: date) -> ZoneLevel | None:
    found = change_points(counts, cycle=STEPS_A_YEAR)
    if found is None:
        return None
    if not found.changes:
        return ZoneLevel(first, float(counts.mean()) / WEEKS, None)
    last = found.changes[-1]
    since = first + timedelta(days=last.at * STEP_DAYS)
    return ZoneLevel(since, last.after / WEEKS, last.before / WEEKS)
