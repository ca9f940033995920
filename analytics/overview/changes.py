"""Changes of many rows between two periods: each with its interval, all tested together.

The statistic, its dispersion and its limits are those of `analytics.temporal.comparison.compare`,
for all rows of a table at once; over the table the false discovery rate is held, and the share of
changes the same rule found in the table's own past is reported beside it.

References
----------
Anscombe (1948), The transformation of Poisson, binomial and negative-binomial data, Biometrika 35.
Fieller (1954), Some problems in interval estimation, JRSS B 16.
Benjamini & Hochberg (1995), Controlling the false discovery rate, JRSS B 57.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

import numpy as np
import numpy.typing as npt
from scipy.special import stdtr, stdtrit

from analytics.hotspots.significance import benjamini_hochberg
from analytics.temporal.comparison import (
    LEVEL,
    MAX_PAIRS,
    MIN_BASE,
    MIN_INCIDENTS,
    MIN_PAIRS,
    TOO_FEW,
    TOO_SHORT,
    UNLIKELY,
    USUAL,
    NotComparable,
    Period,
)

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

FREEDOM = 2 / 3
"""Degrees of freedom per past pair: neighbouring pairs may share a window."""


@dataclass(frozen=True)
class Change:
    """One row of a table of changes.

    Attributes
    ----------
    now, before
        Incidents of the two periods.
    change, low, high
        (now − before) / before with its 95 % interval; None where it says nothing: too few
        incidents, under `MIN_BASE` before, or too little history. `high` is None where it has no
        upper end.
    verdict
        As in `Comparison`, `UNLIKELY` at a false discovery rate of 5 % over the table.
    """

    now: int
    before: int
    change: float | None
    low: float | None
    high: float | None
    z: float
    q: float | None
    dispersion: float | None
    verdict: str

    @property
    def unlikely(self) -> bool:
        return self.verdict == UNLIKELY


@dataclass(frozen=True)
class Changes:
    """A table of changes by key, and how often its rule calls a change in its own past.

    Attributes
    ----------
    false_alarms : share of earlier comparisons of these rows called unlikely, None without any
    past : number of these comparisons
    """

    rows: dict[str, Change]
    false_alarms: float | None
    past: int


def changes(
    keys: list[str], counts: npt.ArrayLike, first: date, now: Period, before: Period
) -> Changes | NotComparable:
    """Compare two periods in every row.

    Parameters
    ----------
    keys
        Names of the rows.
    counts : int array of shape (rows, days)
        Incidents by day, the first on `first`; all days of the data.
    now, before
        First and last day of each, both included.
    """
    table = np.atleast_2d(np.asarray(counts, dtype=np.int64))
    sums = np.concatenate([np.zeros((len(table), 1), np.int64), table.cumsum(axis=1)], axis=1)
    start, end = (_day - first for _day in now)
    then, until = (_day - first for _day in before)
    if start.days < 0 or end.days >= table.shape[1]:
        return NotComparable("The data does not cover the whole period.")
    if then.days < 0:
        return NotComparable(f"The data starts on {first}, after the period to compare with.")
    length, lag = (end - start).days + 1, (start - then).days
    later, earlier = _pairs(sums, start.days, length, lag)
    both = np.stack([_total(sums, start.days, end.days), _total(sums, then.days, until.days)])
    z = np.sqrt(2) * (np.sqrt(both[0]) - np.sqrt(both[1]))
    past = np.sqrt(2) * (np.sqrt(later) - np.sqrt(earlier))
    tested = _judge(z, both.sum(axis=0), past)
    low, high = ratio_interval(both[0], both[1], tested.reach)
    rows = {
        key: _row(both[:, at], float(low[at]), float(high[at]), tested, at)
        for at, key in enumerate(keys)
    }
    return Changes(rows, *_false_alarms(past, later + earlier))


def ratio_interval(now: npt.ArrayLike, before: npt.ArrayLike, reach: npt.ArrayLike) -> Floats:
    """Ends of the interval of now / before, array of shape (2, …).

    Every ratio r at which 2(√now − √(r·before)) / √(1 + r) is at most `reach` away from 0: the
    test of `compare`, which is that of r = 1, turned round. Infinite where no ratio is too large.

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


@dataclass(frozen=True, eq=False)
class _Tested:
    """Of each row: scaled z, p, q, dispersion, `reach` (limit times √dispersion); NaN: untested."""

    z: Floats = field(repr=False)
    q: Floats = field(repr=False)
    dispersion: Floats = field(repr=False)
    reach: Floats = field(repr=False)
    enough: npt.NDArray[np.bool_] = field(repr=False)


def _judge(z: Floats, incidents: Ints, past: Floats) -> _Tested:
    """Test the rows; `past` are unscaled z of earlier pairs, shape (rows, pairs), newest first."""
    used = past[:, :MAX_PAIRS]
    pairs, enough = used.shape[1], incidents >= MIN_INCIDENTS
    nothing = np.full(len(z), np.nan)
    if pairs < MIN_PAIRS:
        return _Tested(z, nothing, nothing, nothing, enough)
    dispersion = np.maximum(1.0, (used**2).mean(axis=1))
    scaled = z / np.sqrt(dispersion)
    p = np.where(enough, 2 * stdtr(pairs * FREEDOM, -np.abs(scaled)), np.nan)
    limit = float(stdtrit(pairs * FREEDOM, 1 - LEVEL / 2))
    reach = np.where(enough, limit * np.sqrt(dispersion), np.nan)
    return _Tested(scaled, benjamini_hochberg(p), dispersion, reach, enough)


def _row(counts: Ints, low: float, high: float, tested: _Tested, at: int) -> Change:
    now, before = (int(one) for one in counts)
    q = float(tested.q[at])
    known = not np.isnan(q) and before >= MIN_BASE
    if not tested.enough[at]:
        verdict = TOO_FEW
    elif np.isnan(q):
        verdict = TOO_SHORT
    else:
        verdict = UNLIKELY if q <= LEVEL else USUAL
    return Change(
        now=now,
        before=before,
        change=(now - before) / before if known else None,
        low=low - 1 if known else None,
        high=high - 1 if known and np.isfinite(high) else None,
        z=float(tested.z[at]),
        q=None if np.isnan(q) else q,
        dispersion=None if np.isnan(tested.dispersion[at]) else float(tested.dispersion[at]),
        verdict=verdict,
    )


def _pairs(sums: Ints, start: int, length: int, lag: int) -> tuple[Ints, Ints]:
    """Totals of earlier windows and of those `lag` before, shape (rows, pairs), newest first."""
    starts = np.arange(start - length, lag - 1, -length)
    starts = starts[starts - lag >= 0]
    return (
        sums[:, starts + length] - sums[:, starts],
        sums[:, starts - lag + length] - sums[:, starts - lag],
    )


def _total(sums: Ints, start: int, end: int) -> Ints:
    return np.asarray(sums[:, end + 1] - sums[:, start])


def _false_alarms(past: Floats, incidents: Ints) -> tuple[float | None, int]:
    """Share of past comparisons the rule would have called unlikely, and their number."""
    found = tests = 0
    for step in range(past.shape[1] - MIN_PAIRS):
        tested = _judge(past[:, step], incidents[:, step], past[:, step + 1 :])
        judged = ~np.isnan(tested.q)
        tests += int(judged.sum())
        found += int((tested.q[judged] <= LEVEL).sum())
    return (found / tests if tests else None), tests
