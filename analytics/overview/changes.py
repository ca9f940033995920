"""What changed: counts of a period by type and area that differ from what was expected.

The rule is that of the Overview's anomalies (`docs/change.md`), for any period and for all rows of
one table together: what is expected is the season of the type times the row's own level.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from analytics.errors import InputError
from analytics.overview.daily_rows import EVERY, DailyRows
from analytics.statistics.expected_counts import (
    FEWEST_WINDOWS,
    CountedRows,
    SeasonBasis,
    expected_counts,
)
from analytics.statistics.season_model import SeasonModel
from analytics.statistics.tiers import ALONE, Tier, tiers_of

TYPE = "type"


@dataclass(frozen=True)
class CountChange:
    """A count of a period beside what was expected of it.

    Attributes
    ----------
    type, area : empty where the table is not by it
    expected, low, high, p, q : None where nothing is expected: too few incidents before
    """

    type: str
    area: str
    count: int
    expected: float | None
    low: int | None
    high: int | None
    p: float | None
    q: float | None
    tier: Tier


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


def changes_of(
    rows: DailyRows, days: int, *, by_type: bool, by_area: bool, country: str
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

    Raises
    ------
    InputError
        There is too little history for such a period.
    """
    start, last = rows.days - days, rows.first + timedelta(days=rows.days - 1)
    wanted = [
        row
        for row, (kind, area) in enumerate(rows.names)
        if (kind != EVERY) == by_type and (area != EVERY) == by_area
    ]
    seasons = SeasonModel(rows.citywide, rows.first, country)
    counted = CountedRows.of(rows.counts[wanted], rows.kind[wanted])
    found = expected_counts(counted, seasons, start, days) if start > 0 and wanted else None
    if found is None or found.windows < FEWEST_WINDOWS:
        raise InputError(
            f"A period of {days} days that ends on {last:%Y-%m-%d} needs {FEWEST_WINDOWS} such "
            f"periods and a quarter of a year before it; the data begins on {rows.first:%Y-%m-%d}."
        )
    made = tiers_of(found.p, found.excess > 0, np.full(len(wanted), ALONE))
    table = [
        CountChange(
            *rows.names[row],
            int(found.counts[at]),
            _known(found.expected[at]),
            _whole(found.low[at]),
            _whole(found.high[at]),
            _known(found.p[at]),
            _known(made.q[at]),
            made.tiers[at],
        )
        for at, row in enumerate(wanted)
    ]
    table.sort(key=_place)
    first = last - timedelta(days=days - 1)
    return ChangeTable(tuple(table), first, last, made.tested, found.season)


def _place(row: CountChange) -> tuple[int, float, str, str]:
    """Where a row stands: clear ones first, then those to watch, then the others by p."""
    order = (Tier.CLEAR, Tier.WATCH, Tier.AS_EXPECTED, Tier.NOT_TESTED)
    return order.index(row.tier), 1.0 if row.p is None else row.p, row.type, row.area


def _known(value: float) -> float | None:
    return None if np.isnan(value) else float(value)


def _whole(value: float) -> int | None:
    return None if np.isnan(value) else int(value)
