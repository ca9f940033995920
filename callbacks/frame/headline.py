"""The headline's facts: sums over the day view, compared with earlier periods."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import polars as pl

from analytics.crossfilter.selection import Selection
from analytics.formats import number, short_date
from analytics.incidents.manifest import Manifest
from analytics.statistics.change import TOO_FEW, Comparison, compare, last_year, previous_period
from components.frame.headline import Change, HeadlineFacts

Period = tuple[date, date]
MONTHS_ONLY = "the source gives the month only"


def headline_facts(days: pl.DataFrame, selection: Selection, manifest: Manifest) -> HeadlineFacts:
    """Sums over the chosen period of the view `day`, which holds all days."""
    period = selection.period(manifest)
    if period is None:
        nothing = Change(reason="no data")
        return HeadlineFacts(0, 0, nothing, nothing, None, None)
    inside = days.filter(pl.col("day").is_between(*period))
    counted = days_in_period(inside, manifest.covered)
    off = manifest.views_off
    covered = _covered(period, manifest)
    return HeadlineFacts(
        incidents=int(inside["incidents"].sum()),
        days=covered,
        counted=int(counted["incidents"].sum()),
        rates_off=MONTHS_ONLY if manifest.months_only else "",
        previous=_change(days, period, previous_period, manifest),
        last_year=_change(days, period, last_year, manifest),
        arrests=None if "arrest" in off else int(inside["arrests"].sum()),
        harm_days=None if "harm" in off else int(inside["harm"].sum()),
        unit_of_count=manifest.source.unit_of_count,
        provisional=bool(manifest.provisional_day and period[1] >= manifest.provisional_day),
    )


def days_in_period(days: pl.DataFrame, period: Period | None) -> pl.DataFrame:
    """The view `day` without the days outside the period; no day without one."""
    return days.filter(pl.col("day").is_between(*period)) if period else days.clear()


def _covered(period: Period, manifest: Manifest) -> int:
    """Days of the period for which there is data."""
    if manifest.covered is None:
        return 0
    first, last = manifest.covered
    return max(0, (min(period[1], last) - max(period[0], first)).days + 1)


def _without_strays(period: Period, manifest: Manifest) -> Period:
    """The period without the days at either end on which there are stray incidents alone."""
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
) -> Change:
    if manifest.covered is None:
        return Change(reason="no data")
    if manifest.months_only:
        return Change(reason=MONTHS_ONLY)
    first, last = manifest.covered
    now = _without_strays(now, manifest)
    before = then(now)
    found = compare(days, now, before, (first, last))
    if not isinstance(found, Comparison):
        missing = first if before[0] < first else last
        side = "before" if before[0] < first else "after"
        return Change(reason=f"no data {side} {short_date(missing)}", detail=found.reason)
    return Change(
        share=found.change,
        before=found.before,
        verdict=found.verdict,
        detail=_detail(found, before),
        reason="" if found.change is not None else "none then" if not found.before else TOO_FEW,
    )


def _detail(found: Comparison, before: Period) -> str:
    dispersion = (
        f"dispersion {number(found.dispersion, 1)} from {found.pairs} past pairs of periods"
        if found.dispersion
        else "its usual variation is not known"
    )
    then = f"{short_date(before[0])} to {short_date(before[1])}"
    return f"Compared with {then}: z = {number(found.z, 1)}, {dispersion}."
