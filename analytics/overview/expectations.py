"""Rows of the Overview's tables: their counts, what was expected of them, and how they were before.

Only what was expected is tested. Tables that are read together are one family, over which the false
discovery rate is controlled; a row in two tables is one test and has one verdict. Percent changes
against earlier periods are description.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

import numpy as np

from analytics.statistics.arrays import Ints
from analytics.statistics.expected_counts import (
    CountedRows,
    ExpectedCounts,
    NoExpectation,
    SeasonBasis,
    expected_counts,
)
from analytics.statistics.season_model import SeasonModel
from analytics.statistics.tiers import ALONE, Tier, tiers_of
from analytics.statistics.two_periods import Incomparable, NotComparable, Period


@dataclass(frozen=True)
class CountEstimate:
    """What was expected of a count.

    Attributes
    ----------
    counted : incidents of the days compared, which are the complete ones of the period
    low, high : 95% prediction interval
    q : lowest false discovery rate at which the count is clear
    together : rows tested together with it, itself included
    """

    counted: int
    expected: float
    low: int
    high: int
    dispersion: float
    p: float
    q: float
    tier: Tier
    together: int

    @property
    def stands_out(self) -> bool:
        return self.tier in (Tier.CLEAR, Tier.WATCH)

    @property
    def more(self) -> bool:
        return self.counted > self.expected

    @property
    def excess(self) -> float:
        return self.counted - self.expected


@dataclass(frozen=True)
class RowExpectation:
    """One row of a table.

    Attributes
    ----------
    now, before, year : incidents of the period, of the one before and of the same a year earlier;
        None where the data does not cover it
    estimate : or why nothing is expected
    """

    now: int
    before: int | None
    year: int | None
    estimate: CountEstimate | NoExpectation

    @property
    def stands_out(self) -> bool:
        return isinstance(self.estimate, CountEstimate) and self.estimate.stands_out


@dataclass(frozen=True)
class TableExpectation:
    """A table by key; `tested` rows are tested together, those of its family included."""

    rows: dict[str, RowExpectation]
    tested: int


@dataclass(frozen=True)
class Expectations:
    """Tables by name.

    Attributes
    ----------
    window : days that were compared with what was expected: the complete ones of the period
    season : whether the season is known
    """

    tables: dict[str, TableExpectation]
    window: Period
    season: SeasonBasis


@dataclass(frozen=True, eq=False)
class CountedTable:
    """Rows by key, shape (rows, days), and which series of the season model each follows."""

    keys: Sequence[str]
    counts: Ints = field(repr=False)
    kind: Ints = field(repr=False)


@dataclass(frozen=True)
class Periods:
    """The period counted, its complete days, and the periods it is described beside."""

    now: Period
    window: Period
    before: Period
    year: Period


def expectations(
    families: Sequence[Mapping[str, CountedTable]],
    seasons: SeasonModel,
    first: date,
    periods: Periods,
) -> Expectations | NotComparable:
    """Expect the counts of a period in every row of several tables.

    Parameters
    ----------
    families
        Tables by name; those of one family are tested together. A row with the same incidents on
        every day as one of an earlier table or family is the same row and is tested only there.
    first
        Day of the first column; the columns are all days of the data.
    """
    tables = [(name, table) for family in families for name, table in family.items()]
    counts = np.concatenate([table.counts for _, table in tables])
    last = first + timedelta(days=counts.shape[1] - 1)
    if periods.now[0] < first or periods.now[1] > last:
        return NotComparable(Incomparable.PERIOD_NOT_COVERED, (first, last))
    if periods.window[1] < periods.window[0]:
        return NotComparable(Incomparable.INCOMPLETE)
    rows = CountedRows.of(counts, np.concatenate([table.kind for _, table in tables]))
    start, days = (periods.window[0] - first).days, _days(periods.window)
    found = expected_counts(rows, seasons, start, days)
    verdicts, tested = _verdicts(families, counts, found)
    now, before, year = (
        _counted(rows, period, first) for period in (periods.now, periods.before, periods.year)
    )
    answers: dict[str, TableExpectation] = {}
    at = 0
    for name, table in tables:
        made = {}
        for key in table.keys:
            estimate = _estimate(found, at, verdicts[at])
            made[key] = RowExpectation(now[at] or 0, before[at], year[at], estimate)
            at += 1
        answers[name] = TableExpectation(made, tested[name])
    return Expectations(answers, periods.window, found.season)


def _days(period: Period) -> int:
    return (period[1] - period[0]).days + 1


def _counted(rows: CountedRows, period: Period, first: date) -> list[int | None]:
    """Incidents of a period by row; None where it begins before the data."""
    start = (period[0] - first).days
    if start < 0:
        return [None] * len(rows.sums)
    return list(rows.between(start, start + _days(period)).tolist())


Verdict = tuple[Tier, float, int]
"""Tier, q, and the rows tested together."""


def _verdicts(
    families: Sequence[Mapping[str, CountedTable]], counts: Ints, found: ExpectedCounts
) -> tuple[list[Verdict], dict[str, int]]:
    """The verdict on each row, and how many rows are tested with each table."""
    verdicts: list[Verdict] = []
    tested: dict[str, int] = {}
    first_of: dict[bytes, int] = {}
    at = 0
    for family in families:
        size = sum(len(table.keys) for table in family.values())
        own = [first_of.setdefault(counts[row].tobytes(), row) for row in range(at, at + size)]
        new = [row for row, same in zip(range(at, at + size), own, strict=True) if row == same]
        made = tiers_of(found.p[new], found.excess[new] > 0, [ALONE] * len(new))
        fresh = {
            row: (tier, float(rate), made.tested)
            for row, tier, rate in zip(new, made.tiers, made.q, strict=True)
        }
        verdicts += [fresh[same] if same in fresh else verdicts[same] for same in own]
        tested |= dict.fromkeys(family, made.tested)
        at += size
    return verdicts, tested


def _estimate(found: ExpectedCounts, row: int, verdict: Verdict) -> CountEstimate | NoExpectation:
    if missing := found.missing(row):
        return missing
    tier, q, together = verdict
    return CountEstimate(
        int(found.counts[row]),
        float(found.expected[row]),
        int(found.low[row]),
        int(found.high[row]),
        float(found.dispersion[row]),
        float(found.p[row]),
        q,
        tier,
        together,
    )
