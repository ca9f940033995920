"""What changed: counts of a period by type and area that differ from what was expected.

The rule is that of the Overview's anomalies (`docs/change.md`), for any period and for all rows of
one table together: what is expected is the season of the type times the row's own level.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

import numpy as np

from analytics.errors import InputError
from analytics.overview.daily_rows import EVERY, DailyRows
from analytics.statistics.arrays import Floats, Ints
from analytics.statistics.expected_counts import (
    FEWEST_LONG,
    FEWEST_WINDOWS,
    LONG_DAYS,
    CountedRows,
    SeasonBasis,
    expected_counts,
)
from analytics.statistics.season_model import SeasonModel
from analytics.statistics.tiers import ALONE, Tier, tiers_of


@dataclass(frozen=True)
class CountVerdict:
    """A count of a period beside what was expected of it.

    Attributes
    ----------
    expected, low, high, p, q : None where nothing is expected: too few incidents before
    """

    count: int
    expected: float | None
    low: int | None
    high: int | None
    p: float | None
    q: float | None
    tier: Tier


@dataclass(frozen=True)
class CountChange(CountVerdict):
    """A row of a table of changes; type or area are empty where it is not by them."""

    type: str
    area: str


@dataclass(frozen=True)
class ChangeTable:
    """The rows of a period, those that stand out first, by p.

    Attributes
    ----------
    first, last : days of the period
    tested : rows that were tested together
    """

    rows: tuple[CountChange, ...]
    first: date
    last: date
    tested: int
    season: SeasonBasis


@dataclass(frozen=True, eq=False)
class JudgedRows:
    """Counts of a period with what was expected of each, tested together; arrays of shape (rows,).

    Attributes
    ----------
    p, q : NaN where nothing was expected
    tested : different rows tested
    is_known : whether there is enough history to expect anything
    """

    counts: Ints = field(repr=False)
    expected: Floats = field(repr=False)
    low: Floats = field(repr=False)
    high: Floats = field(repr=False)
    p: Floats = field(repr=False)
    q: Floats = field(repr=False)
    tiers: tuple[Tier, ...] = field(repr=False)
    tested: int
    is_known: bool
    season: SeasonBasis

    def verdict(self, row: int) -> CountVerdict:
        return CountVerdict(
            int(self.counts[row]),
            _known(self.expected[row]),
            _whole(self.low[row]),
            _whole(self.high[row]),
            _known(self.p[row]),
            _known(self.q[row]),
            self.tiers[row],
        )


class ComparedRows:
    """Rows that are tested together, whatever the period.

    Rows with the same incidents on every day, such as all incidents of an area and the only type in
    it, are one test with one verdict: that of the row that says more.
    """

    def __init__(self, rows: DailyRows, wanted: Sequence[int], country: str) -> None:
        self._counted = CountedRows.of(rows.counts[wanted], rows.kind[wanted])
        self._seasons = SeasonModel(rows.citywide, rows.first, country)
        self._same = same_rows(self._counted.sums)

    def judged(self, start: int, days: int) -> JudgedRows:
        """The verdicts on the days from column `start` on."""
        found = expected_counts(self._counted, self._seasons, start, days)
        own = np.unique(self._same)
        made = tiers_of(found.p[own], found.excess[own] > 0, np.full(len(own), ALONE))
        at = np.searchsorted(own, self._same)
        return JudgedRows(
            found.counts,
            found.expected[self._same],
            found.low[self._same],
            found.high[self._same],
            found.p[self._same],
            made.q[at],
            tuple(made.tiers[one] for one in at),
            made.tested,
            found.is_known,
            found.season,
        )


def same_rows(sums: Floats | Ints) -> Ints:
    """The last row that is the same on every day, of each row; shape (rows,)."""
    last = {one.tobytes(): row for row, one in enumerate(sums)}
    return np.array([last[one.tobytes()] for one in sums], dtype=np.int64)


def changes_of(
    rows: DailyRows,
    days: int,
    *,
    by_type: bool,
    by_area: bool,
    country: str,
    totals: bool = False,
) -> ChangeTable:
    """Compare the last days of counts with what was expected of them.

    Parameters
    ----------
    rows
        Counts by day, until the last day of the period.
    days
        Length of the period.
    by_type, by_area
        What the table is by; with neither it has one row.
    country
        ISO code of the country whose holidays the season knows.
    totals
        Whether all types together and all areas together are rows too.

    Raises
    ------
    InputError
        There is too little history for such a period.
    """
    start, last = rows.days - days, rows.first + timedelta(days=rows.days - 1)
    wanted = rows_by(rows, by_type=by_type, by_area=by_area, totals=totals)
    found = (
        ComparedRows(rows, wanted, country).judged(start, days) if start > 0 and wanted else None
    )
    if found is None or not found.is_known:
        raise too_short(rows, days)
    table = [
        CountChange(**vars(found.verdict(at)), type=rows.names[row][0], area=rows.names[row][1])
        for at, row in enumerate(wanted)
    ]
    table.sort(key=lambda row: standing(row.tier, row.p, row.type, row.area))
    first = last - timedelta(days=days - 1)
    return ChangeTable(tuple(table), first, last, found.tested, found.season)


def rows_by(rows: DailyRows, *, by_type: bool, by_area: bool, totals: bool) -> list[int]:
    """Rows of a table: those by type and area, as chosen, and with totals those of all as well."""
    return [
        row
        for row, (kind, area) in enumerate(rows.names)
        if _is_of(kind, by_type, totals) and _is_of(area, by_area, totals)
    ]


def too_short(rows: DailyRows, days: int) -> InputError:
    """Says how much history a period needs."""
    fewest = FEWEST_WINDOWS if days <= LONG_DAYS else f"{FEWEST_LONG:.0f}"
    last = rows.first + timedelta(days=rows.days - 1)
    return InputError(
        f"A period of {days} days that ends on {last:%Y-%m-%d} needs {fewest} such periods and a "
        f"quarter of a year before it; the data begins on {rows.first:%Y-%m-%d}."
    )


def _is_of(name: str, wanted: bool, totals: bool) -> bool:
    return wanted if name != EVERY else totals or not wanted


def standing(tier: Tier, p: float | None, kind: str, area: str) -> tuple[int, float, str, str]:
    """Where a row stands: clear ones first, then those to watch, then the others by p."""
    order = (Tier.CLEAR, Tier.WATCH, Tier.AS_EXPECTED, Tier.NOT_TESTED)
    return order.index(tier), 1.0 if p is None else p, kind, area


def _known(value: float) -> float | None:
    return None if np.isnan(value) else float(value)


def _whole(value: float) -> int | None:
    return None if np.isnan(value) else int(value)
