"""What was expected of the tables of one selection: its total, groups, types and areas."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

import numpy as np

from analytics.overview.daily import Daily, Table
from analytics.overview.expectations import CountedTable, Expectations, Periods, expectations
from analytics.overview.reporting import Reporting
from analytics.statistics.season_model import SeasonModel
from analytics.statistics.two_periods import Incomparable, NotComparable


@dataclass(frozen=True, eq=False)
class TableSeasons:
    """Seasons of the total, of each group and of each type; `numbers` has the place of each."""

    model: SeasonModel = field(repr=False)
    numbers: Mapping[tuple[str, str], int] = field(repr=False)

    def following(self, table: Table, dimension: str | None) -> CountedTable:
        """A table whose rows follow the season of their own kind, or all that of the total."""
        rows = [self.numbers[dimension, key] if dimension else 0 for key in table.keys]
        return CountedTable(table.keys, table.counts, np.array(rows, dtype=np.int64))


def daily_seasons(wide: Daily, first: date, country: str) -> TableSeasons:
    """Seasons of the same incidents in the whole city.

    Parameters
    ----------
    first : first day of the data
    country : ISO code of the country whose holidays the seasons know
    """
    kinds = [
        ("", ""),
        *(("group", key) for key in wide.groups.keys),
        *(("type", key) for key in wide.types.keys),
    ]
    total = wide.total.counts.sum(axis=0, keepdims=True)
    model = SeasonModel(
        np.concatenate([total, wide.groups.counts, wide.types.counts]), first, country
    )
    return TableSeasons(model, {kind: number for number, kind in enumerate(kinds)})


def expected_tables(
    tables: Daily, seasons: TableSeasons, reported: Reporting
) -> Expectations | NotComparable:
    """What was expected in a period: tables `total`, `groups`, `types` and `areas`.

    Groups and types are one family of tests, areas another; the total is tested by itself.
    """
    if reported.months_only:
        return NotComparable(Incomparable.MONTHS_ONLY)
    families = [
        {"total": seasons.following(total_table(tables), None)},
        {
            "groups": seasons.following(tables.groups, "group"),
            "types": seasons.following(tables.types, "type"),
        },
        {"areas": seasons.following(tables.areas, None)},
    ]
    periods = Periods(reported.period, reported.complete, reported.before, reported.last_year)
    return expectations(families, seasons.model, tables.total.first, periods)


def total_table(tables: Daily) -> Table:
    """All incidents as one row, even if there are none."""
    total = tables.total
    if total.keys:
        return total
    nothing = np.zeros((1, total.counts.shape[1]), np.int64)
    return Table(["all"], nothing, nothing, total.first)
