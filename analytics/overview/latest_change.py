"""How many incidents of a selection the last complete days had, and how many were expected."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np

from analytics.crossfilter.scope import EVERYTHING
from analytics.crossfilter.selection import Selection
from analytics.formats import country_of
from analytics.incidents.manifest import Manifest
from analytics.incidents.reader import SnapshotReader
from analytics.overview.daily import daily
from analytics.overview.daily_rows import citywide
from analytics.overview.expectations import CountedTable, CountEstimate, Periods, expectations
from analytics.overview.reporting import reporting
from analytics.statistics.arrays import Ints
from analytics.statistics.season_model import SeasonModel
from analytics.statistics.two_periods import NotComparable, Period


@dataclass(frozen=True)
class LatestChange:
    """Incidents of a period and what was expected of it.

    Attributes
    ----------
    period : first and last day; the last 28 complete days, or the last complete month
    citywide : whether the selection has no filter on place
    estimate : None where nothing can be expected, as in a young or a small series
    """

    selection: Selection
    citywide: bool
    period: Period
    incidents: int
    estimate: CountEstimate | None


def latest_change(
    reader: SnapshotReader, manifest: Manifest, selection: Selection
) -> LatestChange | None:
    """As the Overview counts and expects it for the selection without its dates; None without data.

    The season is that of the same incidents in the whole city, counted in one series.
    """
    undated = selection.without({"date"})
    reported = reporting(undated, manifest)
    if reported is None:
        return None
    wide = citywide(undated)
    own = _by_day(reader, undated, reported.covered)
    whole = own if wide == undated else _by_day(reader, wide, reported.covered)
    first = reported.covered[0]
    incidents = own[_columns(reported.period, first)].sum()
    estimate = None
    if not reported.months_only:
        seasons = SeasonModel(whole[None], first, country_of(manifest.source.timezone))
        table = CountedTable(["all"], own[None], np.zeros(1, np.int64))
        periods = Periods(reported.period, reported.complete, reported.before, reported.last_year)
        found = expectations([{"total": table}], seasons, first, periods)
        if not isinstance(found, NotComparable):
            row = found.tables["total"].rows["all"].estimate
            estimate = row if isinstance(row, CountEstimate) else None
    return LatestChange(undated, wide == undated, reported.period, int(incidents), estimate)


def _by_day(reader: SnapshotReader, selection: Selection, covered: Period) -> Ints:
    """Incidents of each day of the data, shape (days,)."""
    total = daily(reader, EVERYTHING, selection, "district", covered).total.counts
    days = (covered[1] - covered[0]).days + 1
    return np.asarray(total.sum(axis=0)) if len(total) else np.zeros(days, np.int64)


def _columns(period: Period, first: date) -> slice:
    return slice(max((period[0] - first).days, 0), (period[1] - first).days + 1)
