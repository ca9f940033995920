"""Counts of a period beside what was expected, against the rule itself and on planted rises."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest

from analytics.errors import InputError
from analytics.overview.changes import ChangeTable, changes_of
from analytics.overview.daily_rows import EVERY, DailyRows
from analytics.statistics.expected_counts import CountedRows, expected_counts
from analytics.statistics.season_model import SeasonModel
from analytics.statistics.tiers import Tier

FIRST, DAYS = date(2022, 1, 3), 3 * 364
TYPES, AREAS = (
    ("arson", "burglary", "robbery", "theft"),
    tuple(f"{number:03}" for number in range(8)),
)
LOUD = ("robbery", "003")


def city(rise: float = 1.0, seed: int = 1) -> DailyRows:
    """Three years of Poisson counts; one type in one area has `rise` times as many in 28 days."""
    random = np.random.default_rng(seed)
    means = np.full((len(TYPES), len(AREAS), DAYS), 1.2)
    means[TYPES.index(LOUD[0]), AREAS.index(LOUD[1]), -28:] *= rise
    cells = random.poisson(means)
    cube = np.zeros((len(TYPES) + 1, len(AREAS) + 1, DAYS), np.int64)
    cube[1:, 1:] = cells
    cube[0] = cube[1:].sum(axis=0)
    cube[:, 0] = cube[:, 1:].sum(axis=1)
    names = [(one, other) for one in (EVERY, *TYPES) for other in (EVERY, *AREAS)]
    kind = np.arange(len(names)) // (len(AREAS) + 1)
    return DailyRows(names, [EVERY, *TYPES], FIRST, cube.reshape(-1, DAYS), kind, cube[:, 0].copy())


def table(rows: DailyRows, **by: bool) -> ChangeTable:
    chosen = {"by_type": True, "by_area": True, **by}
    return changes_of(rows, 28, country="US", **chosen)


def test_rows_are_the_cells_with_the_numbers_of_the_rule() -> None:
    rows = city()
    found = table(rows)
    assert len(found.rows) == found.tested == len(TYPES) * len(AREAS)
    assert (found.last - found.first).days == 27
    at = rows.names.index(LOUD)
    seasons = SeasonModel(rows.citywide, FIRST, "US")
    alone = expected_counts(
        CountedRows.of(rows.counts[[at]], rows.kind[[at]]), seasons, DAYS - 28, 28
    )
    row = next(one for one in found.rows if (one.type, one.area) == LOUD)
    assert row.count == rows.counts[at, -28:].sum()
    assert row.expected == pytest.approx(float(alone.expected[0]))
    assert row.p == pytest.approx(float(alone.p[0]))
    assert row.low is not None
    assert row.high is not None
    assert row.low <= row.expected <= row.high


def test_a_tripled_cell_is_clear_and_stands_first() -> None:
    found = table(city(rise=3.0))
    first = found.rows[0]
    assert (first.type, first.area, first.tier) == (*LOUD, Tier.CLEAR)
    assert first.q is not None
    assert first.q <= 0.05


def test_without_a_change_clear_rows_are_rare() -> None:
    clear = sum(row.tier is Tier.CLEAR for seed in range(12) for row in table(city(seed=seed)).rows)
    assert clear <= 2  # at 5% of tables, each with one, 12 tables have 0.6


@pytest.mark.parametrize(
    ("by", "number"),
    [
        ({"by_area": False}, len(TYPES)),
        ({"by_type": False}, len(AREAS)),
        ({"by_type": False, "by_area": False}, 1),
    ],
)
def test_a_table_is_by_what_was_chosen(by: dict[str, bool], number: int) -> None:
    found = table(city(), **by)
    assert len(found.rows) == number
    assert sum(row.count for row in found.rows) == city().counts[0, -28:].sum()


def test_too_little_history_is_said() -> None:
    rows = city()
    short = DailyRows(
        rows.names, rows.kinds, FIRST, rows.counts[:, :100], rows.kind, rows.citywide[:, :100]
    )
    with pytest.raises(InputError, match="the data begins on 2022-01-03"):
        table(short)
