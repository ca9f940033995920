"""The headline's numbers: sums over the view `day`, compared with earlier periods."""

from __future__ import annotations

from collections.abc import Callable

import polars as pl

from analytics.crossfilter.selection import Selection
from analytics.incidents.manifest import Manifest
from analytics.overview.reporting import reporting
from analytics.statistics.two_periods import (
    Incomparable,
    NotComparable,
    Period,
    compare,
    last_year,
    previous_period,
)
from components.frame.headline import HeadlineNumbers, PeriodComparison


def headline_numbers(
    days: pl.DataFrame, selection: Selection, manifest: Manifest
) -> HeadlineNumbers:
    """Sum the view `day`, which holds all days, over the chosen period.

    Without one, the changes are those of the last complete days, which Overview counts too.
    """
    period = selection.period(manifest)
    if period is None:
        nothing = PeriodComparison(NotComparable(Incomparable.NO_INCIDENTS))
        return HeadlineNumbers(0, 0, nothing, nothing, None, None)
    chosen = selection.get("date") is not None
    compared = period if chosen else _latest(period, selection, manifest)
    inside = days.filter(pl.col("day").is_between(*period))
    counted = days_in_period(inside, manifest.covered)
    off = manifest.views_off
    covered = _days_covered(period, manifest)
    return HeadlineNumbers(
        incidents=int(inside["incidents"].sum()),
        days=covered,
        counted=int(counted["incidents"].sum()),
        months_only=manifest.months_only,
        previous=_change(days, compared, previous_period, manifest),
        last_year=_change(days, compared, last_year, manifest),
        latest=None if chosen else compared,
        arrests=None if "arrest" in off else int(inside["arrests"].sum()),
        harm_days=None if "harm" in off else int(inside["harm"].sum()),
        unit_of_count=manifest.source.unit_of_count,
        provisional=bool(manifest.provisional_day and period[1] >= manifest.provisional_day),
    )


def days_in_period(days: pl.DataFrame, period: Period | None) -> pl.DataFrame:
    """Rows of the view `day` inside the period; none without a period."""
    return days.filter(pl.col("day").is_between(*period)) if period else days.clear()


def _latest(period: Period, selection: Selection, manifest: Manifest) -> Period:
    found = reporting(selection, manifest)
    return found.period if found else period


def _days_covered(period: Period, manifest: Manifest) -> int:
    """Number of days of the period that the data covers."""
    if manifest.covered is None:
        return 0
    first, last = manifest.covered
    return max(0, (min(period[1], last) - max(period[0], first)).days + 1)


def _without_strays(period: Period, manifest: Manifest) -> Period:
    """The period without leading or trailing days that only have stray incidents."""
    start, end = period
    if manifest.covered and manifest.first_day and manifest.last_day:
        first, last = manifest.covered
        if manifest.first_day <= start < first <= end:
            start = first
        if start <= last < end <= manifest.last_day:
            end = last
    return start, end


def _change(
    days: pl.DataFrame, now: Period, then: Callable[[Period], Period], manifest: Manifest
) -> PeriodComparison:
    if manifest.covered is None:
        return PeriodComparison(NotComparable(Incomparable.NO_INCIDENTS))
    if manifest.months_only:
        return PeriodComparison(NotComparable(Incomparable.MONTHS_ONLY))
    now = _without_strays(now, manifest)
    before = then(now)
    return PeriodComparison(compare(days, now, before, manifest.covered), before)
