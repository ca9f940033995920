"""Changes of many rows between two periods, each with its interval and one verdict.

The statistic, its dispersion and its limits are those of `analytics.statistics.change`, for all
rows of several tables at once. Tables that are read together are one family, over which the false
discovery rate is controlled; a row in two tables is one test and has one verdict. The share of
changes that the same rule found in a table's own past is reported with it.

References
----------
Anscombe (1948), The transformation of Poisson, binomial and negative-binomial data, Biometrika 35.
Fieller (1954), Some problems in interval estimation, JRSS B 16.
Benjamini & Hochberg (1995), Controlling the false discovery rate, JRSS B 57.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import numpy.typing as npt

from analytics.statistics.arrays import Floats, Ints
from analytics.statistics.change import (
    MIN_BASE,
    MIN_PAIRS,
    NotComparable,
    Period,
    Significance,
    Tested,
    judge,
    uncovered,
    verdict,
)
from analytics.statistics.false_discovery import benjamini_hochberg
from analytics.statistics.level import LEVEL

Rows = tuple[Sequence[str], npt.ArrayLike]
"""Keys, and incidents by day as an array of shape (rows, days)."""


@dataclass(frozen=True)
class RowChange:
    """One row of a table of changes.

    Attributes
    ----------
    now, before
        Incidents of the two periods.
    change, low, high
        (now − before) / before with its 95% interval; None with too few incidents, under `MIN_BASE`
        before, or too little history. `high` is None where there is no upper end.
    verdict
        `SIGNIFICANT` at a false discovery rate of 5% over the rows that are tested together; `q` is
        the lowest rate at which the row is significant.
    """

    now: int
    before: int
    change: float | None
    low: float | None
    high: float | None
    z: float
    q: float | None
    dispersion: float | None
    verdict: Significance

    @property
    def is_significant(self) -> bool:
        return self.verdict is Significance.SIGNIFICANT


@dataclass(frozen=True)
class Changes:
    """A table of changes by key, and how often the same rule found changes in its own past.

    Attributes
    ----------
    false_alarms : share of earlier comparisons that were significant, None without any
    past : number of earlier comparisons
    """

    rows: dict[str, RowChange]
    false_alarms: float | None
    past: int


def changes(
    families: Sequence[Mapping[str, Rows]], first: date, now: Period, before: Period
) -> dict[str, Changes] | NotComparable:
    """Compare two periods in every row of several tables.

    Parameters
    ----------
    families
        Tables by name; those of one family are tested together. A row with the same incidents on
        every day as one of an earlier table or family is the same row and is tested only there.
    first
        Day of the first column; the columns are all days of the data.
    now, before
        First and last day of each, both included.

    Returns
    -------
    Changes by name of the table.
    """
    tables = {name: _counts(rows) for family in families for name, rows in family.items()}
    days = next(iter(tables.values())).shape[1]
    start, end = ((day - first).days for day in now)
    then, until = ((day - first).days for day in before)
    covered = first, first + timedelta(days=days - 1)
    if reason := uncovered(now, before, covered):
        return NotComparable(reason, covered)
    tested_rows: dict[bytes, _Row] = {}
    for family in families:
        new = {
            row.tobytes(): row
            for name in family
            for row in tables[name]
            if row.tobytes() not in tested_rows
        }
        if new:
            counted = np.stack(list(new.values()))
            tested_rows |= zip(new, _family(counted, (start, end), (then, until)), strict=True)
    return {
        name: _table(keys, [tested_rows[row.tobytes()] for row in tables[name]])
        for family in families
        for name, (keys, _) in family.items()
    }


def _counts(rows: Rows) -> Ints:
    return np.ascontiguousarray(np.atleast_2d(np.asarray(rows[1], dtype=np.int64)))


def ratio_interval(now: npt.ArrayLike, before: npt.ArrayLike, reach: npt.ArrayLike) -> Floats:
    """Ends of the interval of now / before, array of shape (2, …).

    It has every ratio r for which 2(√now − √(r·before)) / √(1 + r) is at most `reach` away from 0.
    The test of `compare` is that of r = 1; this inverts it. An end is infinite if no ratio is too
    large.

    Parameters
    ----------
    reach
        Limit of the test times the square root of the dispersion; NaN gives NaN.

    References
    ----------
    Fieller (1954), on square roots, each with variance 1/4.
    """
    a, b = np.sqrt(np.asarray(now, np.float64)), np.sqrt(np.asarray(before, np.float64))
    half = np.asarray(reach, np.float64) / 2
    inner = np.sqrt(np.maximum(a**2 + b**2 - half**2, 0.0))
    with np.errstate(divide="ignore", invalid="ignore"):
        high = np.where(b > half, (a * b + half * inner) / (b**2 - half**2), np.inf)
        low = np.where(a > half, (a**2 - half**2) / (a * b + half * inner), 0.0)
    ends = np.stack([low**2, high**2])
    ends[:, np.isnan(half)] = np.nan
    return np.asarray(ends)


@dataclass(frozen=True)
class _Row:
    """The change of a row, and the same test of its past."""

    change: RowChange
    past: int
    false_alarms: int


def _family(counts: Ints, now: tuple[int, int], before: tuple[int, int]) -> list[_Row]:
    """Test rows together; `counts` by day, `now` and `before` as positions of days."""
    sums = np.concatenate([np.zeros((len(counts), 1), np.int64), counts.cumsum(axis=1)], axis=1)
    length, lag = now[1] - now[0] + 1, now[0] - before[0]
    later, earlier = _pairs(sums, now[0], length, lag)
    both = np.stack([_total(sums, *now), _total(sums, *before)])
    z = np.sqrt(2) * (np.sqrt(both[0]) - np.sqrt(both[1]))
    past = np.sqrt(2) * (np.sqrt(later) - np.sqrt(earlier))
    tested = judge(z, both.sum(axis=0), past)
    q = benjamini_hochberg(tested.p)
    low, high = ratio_interval(both[0], both[1], tested.reach)
    tests, called = _in_the_past(past, later + earlier)
    return [
        _Row(
            _change(both[:, at], (float(low[at]), float(high[at])), tested, float(q[at]), at),
            int(tests[at]),
            int(called[at]),
        )
        for at in range(len(counts))
    ]


def _table(keys: Sequence[str], rows: Sequence[_Row]) -> Changes:
    past = sum(row.past for row in rows)
    alarms = sum(row.false_alarms for row in rows)
    found = {key: row.change for key, row in zip(keys, rows, strict=True)}
    return Changes(found, alarms / past if past else None, past)


def _change(
    counts: Ints, ends: tuple[float, float], tested: Tested, q: float, at: int
) -> RowChange:
    now, before = (int(one) for one in counts)
    known = not np.isnan(q) and before >= MIN_BASE
    dispersion = float(tested.dispersion[at])
    return RowChange(
        now=now,
        before=before,
        change=(now - before) / before if known else None,
        low=ends[0] - 1 if known else None,
        high=ends[1] - 1 if known and np.isfinite(ends[1]) else None,
        z=float(tested.z[at]),
        q=None if np.isnan(q) else q,
        dispersion=None if np.isnan(dispersion) else dispersion,
        verdict=verdict(bool(tested.enough[at]), q),
    )


def _pairs(sums: Ints, start: int, length: int, lag: int) -> tuple[Ints, Ints]:
    """Totals of earlier windows and of those `lag` days before; (rows, pairs), newest first."""
    starts = np.arange(start - length, lag - 1, -length)
    starts = starts[starts - lag >= 0]
    return (
        sums[:, starts + length] - sums[:, starts],
        sums[:, starts - lag + length] - sums[:, starts - lag],
    )


def _total(sums: Ints, start: int, end: int) -> Ints:
    return np.asarray(sums[:, end + 1] - sums[:, start])


def _in_the_past(past: Floats, incidents: Ints) -> tuple[Ints, Ints]:
    """Number of past comparisons of each row that were tested, and of significant ones."""
    tests, called = np.zeros(len(past), np.int64), np.zeros(len(past), np.int64)
    for step in range(past.shape[1] - MIN_PAIRS):
        tested = judge(past[:, step], incidents[:, step], past[:, step + 1 :])
        q = benjamini_hochberg(tested.p)
        tests += ~np.isnan(q)
        called += q <= LEVEL
    return tests, called
