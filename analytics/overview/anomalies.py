"""Anomalies: counts of a week, or of four, that differ from what was expected.

Each type, each area, and each type in each area is a row. Areas in which a type stands out fold
under that type where it stands out citywide in the same direction.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta

import numpy as np

from analytics.crossfilter.scope import Scope
from analytics.crossfilter.selection import Selection
from analytics.incidents.reader import SnapshotReader
from analytics.overview.daily_rows import EVERY, DailyRows, daily_rows
from analytics.statistics.arrays import Ints
from analytics.statistics.expected_counts import (
    CountedRows,
    SeasonBasis,
    expected_counts,
    reach_days,
)
from analytics.statistics.season_model import SeasonModel
from analytics.statistics.tiers import ALONE, Tier, tiers_of

WEEK_DAYS = 7


@dataclass(frozen=True)
class Anomaly:
    """One count that stands out.

    Attributes
    ----------
    type, area : empty for all types or all areas
    low, high : 95% prediction interval of the count
    q : lowest false discovery rate at which it is clear
    folded : areas in which the same type stands out in the same direction
    """

    type: str
    area: str
    incidents: int
    expected: float
    low: int
    high: int
    p: float
    q: float
    tier: Tier
    folded: tuple[Anomaly, ...] = ()

    @property
    def more(self) -> bool:
        return self.incidents > self.expected


@dataclass(frozen=True)
class Anomalies:
    """The anomalies of a week or of four, clear ones first, by p.

    Attributes
    ----------
    last : last day of the period
    tested : number of counts tested; 0 with too little history
    season : whether the season is known
    """

    last: date
    found: tuple[Anomaly, ...]
    tested: int
    season: SeasonBasis

    def of_tier(self, tier: Tier) -> tuple[Anomaly, ...]:
        return tuple(one for one in self.found if one.tier is tier)

    def count(self, tier: Tier) -> int:
        """Counts of a tier, those folded under others included."""
        every = (row for one in self.found for row in (one, *one.folded))
        return sum(row.tier is tier for row in every)


def anomalies(
    reader: SnapshotReader,
    scope: Scope,
    selection: Selection,
    area: str,
    *,
    first: date,
    last: date,
    country: str,
    days: int = WEEK_DAYS,
) -> Anomalies:
    """Test the week that ends on `last`; the filter on the date is ignored.

    Parameters
    ----------
    area
        Level of the areas, such as `district`.
    first
        First day of the data; days after `last` are not read.
    country
        ISO code of the country whose holidays the season knows.
    days
        Length of the tested period, in whole weeks.

    Raises
    ------
    InputError
        The level does not exist.
    """
    reach = last - timedelta(days=reach_days(days) - 1)
    span = min(max(first, reach), last), last
    rows = daily_rows(reader, scope, selection, area, span, step_days=WEEK_DAYS)
    return anomalies_of(rows, country, days)


def anomalies_of(rows: DailyRows, country: str, days: int = WEEK_DAYS) -> Anomalies:
    """Test the last days of counts by day, or by week on any day of it."""
    start, last = rows.days - days, rows.first + timedelta(days=rows.days - 1)
    tested = _distinct(rows)
    if start < 0 or not tested:
        return Anomalies(last, (), 0, SeasonBasis.UNDER_TWO_YEARS)
    names = [rows.names[row] for row in tested]
    seasons = SeasonModel(rows.citywide, rows.first, country)
    counted = CountedRows.of(rows.counts[tested], rows.kind[tested])
    found = expected_counts(counted, seasons, start, days)
    made = tiers_of(found.p, found.excess > 0, _parents(names))
    listed = [
        Anomaly(
            *names[row],
            int(found.counts[row]),
            float(found.expected[row]),
            int(found.low[row]),
            int(found.high[row]),
            float(found.p[row]),
            float(made.q[row]),
            made.tiers[row],
        )
        for row in range(len(names))
        if made.tiers[row] in (Tier.CLEAR, Tier.WATCH)
    ]
    return Anomalies(last, _fold(listed, names, made.under), made.tested, found.season)


def _distinct(rows: DailyRows) -> list[int]:
    """Rows to test: of those with the same incidents the one that names the type, citywide first.

    With one type or area selected, its rows would else be tested and listed twice.
    """
    named = [row for row, name in enumerate(rows.names) if name != (EVERY, EVERY)]
    named.sort(key=lambda row: (rows.names[row][0] == EVERY, rows.names[row][1] != EVERY))
    first: dict[bytes, int] = {}
    for row in named:
        first.setdefault(rows.counts[row].tobytes(), row)
    return sorted(first.values())


def _parents(names: list[tuple[str, str]]) -> Ints:
    """For each type in an area the row of the type."""
    place = {name: row for row, name in enumerate(names)}
    return np.array(
        [place.get((kind, EVERY), ALONE) if kind and area else ALONE for kind, area in names],
        dtype=np.int64,
    )


def _fold(listed: list[Anomaly], names: list[tuple[str, str]], under: Ints) -> tuple[Anomaly, ...]:
    place = {name: row for row, name in enumerate(names)}
    listed = sorted(listed, key=lambda one: (one.tier is not Tier.CLEAR, one.p, one.type, one.area))
    inside: dict[tuple[str, str], list[Anomaly]] = {}
    for one in listed:
        head = int(under[place[one.type, one.area]])
        if head != ALONE:
            inside.setdefault(names[head], []).append(one)
    return tuple(
        replace(one, folded=tuple(inside.get((one.type, one.area), ())))
        for one in listed
        if under[place[one.type, one.area]] == ALONE
    )
