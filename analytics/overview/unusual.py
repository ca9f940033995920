"""Anomalies: counts of a week that differ significantly from the 26 weeks before.

Each type, each area, and each type in each area is a series. Its count in the last seven days is
compared with a negative binomial that has the mean of the 26 weeks before, and their variance plus
that of the mean itself.

References
----------
Nelson (1982), Applied Life Data Analysis, section 6.2: a future Poisson count given a past one has
a negative binomial distribution; here with a dispersion (McCullagh & Nelder 1989, section 6.2).
Benjamini & Hochberg (1995), Controlling the false discovery rate, JRSS B 57.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta

import numpy as np
import polars as pl
from scipy.stats import nbinom

from analytics.crossfilter.conditions import conditions_of
from analytics.crossfilter.scope import Scope
from analytics.crossfilter.selection import Selection
from analytics.errors import InputError
from analytics.incidents.model import AREA_LEVELS, UNKNOWN
from analytics.incidents.reader import SnapshotReader
from analytics.statistics.arrays import Floats, Ints
from analytics.statistics.false_discovery import benjamini_hochberg
from analytics.statistics.level import LEVEL
from sql import load

WEEKS = 26
"""Weeks before the tested one that it is compared with."""
EARLIER = 12
"""Earlier weeks tested the same way, to measure false alarms."""
FEWEST = 10
"""Incidents in all weeks together below which a series is not tested."""
SeriesKey = tuple[str, str]


@dataclass(frozen=True)
class Unusual:
    """One count that differs significantly.

    Attributes
    ----------
    type, area : empty for all types or all areas
    low, high : 95% prediction interval of the count
    q : lowest false discovery rate at which it is significant
    """

    type: str
    area: str
    incidents: int
    expected: float
    low: int
    high: int
    q: float


@dataclass(frozen=True)
class UnusualWeek:
    """The anomalies of one week.

    Attributes
    ----------
    last : last day of the week
    tested : number of counts tested; 0 with too few weeks before
    false_alarms : share of tests of earlier weeks that were significant, None without any
    earlier : number of these tests
    """

    last: date
    found: tuple[Unusual, ...]
    tested: int
    false_alarms: float | None
    earlier: int


@dataclass(frozen=True, eq=False)
class SeriesScores:
    """Expected count of each series, its interval, and the p-value (NaN: not tested)."""

    expected: Floats = field(repr=False)
    low: Floats = field(repr=False)
    high: Floats = field(repr=False)
    p: Floats = field(repr=False)


def unusual_week(
    reader: SnapshotReader,
    scope: Scope,
    selection: Selection,
    area: str,
    *,
    last: date,
    first: date,
) -> UnusualWeek:
    """Test the week that ends on `last`; the filter on the date is ignored.

    Parameters
    ----------
    area
        Level of the areas, such as `district`.
    last
        Last day of the week; later days are not read.
    first
        First day of the data.

    Raises
    ------
    InputError
        The level does not exist.
    """
    if area not in AREA_LEVELS:
        raise InputError(
            f"{area[:40]!r} is not an area level; choose one of {', '.join(AREA_LEVELS)}."
        )
    weeks = min(((last - first).days + 1) // 7, 1 + WEEKS + EARLIER)
    if weeks < 1 + WEEKS:
        return UnusualWeek(last, (), 0, None, 0)
    where = conditions_of(reader).where(scope, selection.without({"date"}))
    statement = load("overview/weekly_cells", area=f'"{area}"', conditions=where.sql)
    since = last - timedelta(days=7 * weeks - 1)
    found = reader.frame(statement, {"first": since, "last": last, **where.params})
    return score_weeks(*series_of(found, weeks), last)


def series_of(cells: pl.DataFrame, weeks: int) -> tuple[list[SeriesKey], Ints]:
    """Types, areas and types in areas, with counts by weeks back, shape (series, weeks)."""
    counts: dict[SeriesKey, Ints] = {}
    for back, kind, place, incidents in cells.select("back", "type", "area", "incidents").rows():
        for name in _names(kind, place):
            counts.setdefault(name, np.zeros(weeks, np.int64))[back] += incidents
    names = sorted(counts)
    return names, np.array([counts[name] for name in names]).reshape(len(names), weeks)


def _names(kind: str, place: str) -> Iterator[SeriesKey]:
    if kind != UNKNOWN:
        yield kind, ""
    if place != UNKNOWN:
        yield "", place
    if UNKNOWN not in (kind, place):
        yield kind, place


def score_weeks(names: list[SeriesKey], counts: Ints, last: date) -> UnusualWeek:
    """Test the newest week, and earlier ones as long as there are enough weeks before them.

    Parameters
    ----------
    counts : int array of shape (series, weeks)
        The newest week first.
    """
    scores = score_series(counts[:, 0], counts[:, 1 : 1 + WEEKS])
    q = benjamini_hochberg(scores.p)
    beyond = [int(at) for at in np.argsort(scores.p, kind="stable") if q[at] <= LEVEL]
    found = tuple(
        Unusual(
            *names[at],
            int(counts[at, 0]),
            float(scores.expected[at]),
            int(scores.low[at]),
            int(scores.high[at]),
            float(q[at]),
        )
        for at in beyond
    )
    called = tests = 0
    for back in range(1, counts.shape[1] - WEEKS):
        before = score_series(counts[:, back], counts[:, back + 1 : back + 1 + WEEKS]).p
        tests += int((~np.isnan(before)).sum())
        called += int((benjamini_hochberg(before) <= LEVEL).sum())
    share = called / tests if tests else None
    return UnusualWeek(last, found, int((~np.isnan(scores.p)).sum()), share, tests)


def score_series(now: Ints, before: Ints) -> SeriesScores:
    """Compare counts with those of earlier weeks.

    Parameters
    ----------
    now : int array of shape (series,)
    before : int array of shape (series, weeks)

    Notes
    -----
    μ = (Σ before + ½) / m. φ is Pearson's X² of the m weeks over m − 1, or the median over all
    series tested if that is larger, and at least 1. The count is negative binomial with mean μ and
    variance φ μ (1 + 1/m); p is twice the smaller tail.
    """
    weeks = before.shape[1]
    mean = (before.sum(axis=1) + 0.5) / weeks
    enough = now + before.sum(axis=1) >= FEWEST
    spread = ((before - before.mean(axis=1, keepdims=True)) ** 2).sum(axis=1) / mean / (weeks - 1)
    usual = float(np.median(spread[enough])) if enough.any() else 1.0
    factor = np.maximum(np.maximum(spread, usual), 1.0) * (1 + 1 / weeks)
    size, chance = mean / (factor - 1), 1 / factor
    tails = np.minimum(nbinom.cdf(now, size, chance), nbinom.sf(now - 1, size, chance))
    return SeriesScores(
        mean,
        np.asarray(nbinom.ppf(0.025, size, chance)),
        np.asarray(nbinom.ppf(0.975, size, chance)),
        np.where(enough, np.minimum(2 * tails, 1.0), np.nan),
    )
