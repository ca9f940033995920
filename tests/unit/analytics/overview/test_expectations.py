"""Tables of the Overview: what was expected of each row, and one verdict for one row."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pytest

from analytics.overview.expectations import (
    CountedTable,
    CountEstimate,
    Expectations,
    Periods,
    expectations,
)
from analytics.statistics.arrays import Ints
from analytics.statistics.expected_counts import (
    CountedRows,
    NoExpectation,
    SeasonBasis,
    expected_counts,
)
from analytics.statistics.season_model import SeasonModel
from analytics.statistics.tiers import Tier, tiers_of
from analytics.statistics.two_periods import (
    Incomparable,
    NotComparable,
    Period,
    last_year,
    previous_period,
    relative_change,
)

FIRST = date(2023, 1, 1)
DAYS = 3 * 364
LAST = FIRST + timedelta(days=DAYS - 1)
NOW = (LAST - timedelta(days=27), LAST)


def table(counts: Ints) -> CountedTable:
    return CountedTable(
        [str(row) for row in range(len(counts))], counts, np.zeros(len(counts), int)
    )


def counts(rows: int = 30, seed: int = 1) -> Ints:
    means = np.geomspace(0.02, 30, rows)[:, None]
    return np.random.default_rng(seed).poisson(means, (rows, DAYS))


def periods(now: Period = NOW, window: Period | None = None) -> Periods:
    return Periods(now, window or now, previous_period(now), last_year(now))


def model(made: Ints) -> SeasonModel:
    return SeasonModel(made.sum(axis=0), FIRST, "US")


def found_in(made: Ints, given: Periods | None = None) -> Expectations:
    found = expectations([{"rows": table(made)}], model(made), FIRST, given or periods())
    assert isinstance(found, Expectations)
    return found


def test_each_row_has_its_counts_and_what_the_engine_expects() -> None:
    made = counts()
    found = found_in(made).tables["rows"]
    rows = CountedRows.of(made, [0] * len(made))
    engine = expected_counts(rows, model(made), DAYS - 28, 28)
    tiers = tiers_of(engine.p, engine.excess > 0, [-1] * len(made))
    for at, row in enumerate(found.rows.values()):
        assert row.now == made[at, -28:].sum()
        assert row.before == made[at, -56:-28].sum()
        assert row.year == made[at, DAYS - 28 - 364 : DAYS - 364].sum()
        assert isinstance(row.estimate, CountEstimate)
        assert row.estimate.expected == pytest.approx(engine.expected[at])
        assert row.estimate.q == pytest.approx(tiers.q[at])
        assert row.estimate.tier is tiers.tiers[at]
    assert found.tested == len(made)


def test_a_planted_rise_is_clear_and_the_rest_is_not() -> None:
    made = counts()
    made[20, -28:] *= 3
    found = found_in(made).tables["rows"].rows
    clear = [key for key, row in found.items() if row.estimate.tier is Tier.CLEAR]
    assert clear == ["20"]
    assert found["20"].stands_out
    assert found["20"].estimate.more


def test_a_row_in_two_tables_is_one_test_with_one_verdict() -> None:
    made = counts(20)
    groups, types, areas = made[:8], made[4:], np.concatenate([made[:1], counts(5, seed=2)])
    families = [{"groups": table(groups), "types": table(types)}, {"areas": table(areas)}]
    found = expectations(families, model(made), FIRST, periods())
    assert isinstance(found, Expectations)
    tables = found.tables
    assert tables["groups"].tested == tables["types"].tested == 20
    assert tables["areas"].tested == 5
    for one, other in ((4, 0), (7, 3)):
        assert tables["groups"].rows[str(one)] == tables["types"].rows[str(other)]
    assert tables["areas"].rows["0"] == tables["groups"].rows["0"]


def test_a_table_of_rows_tested_elsewhere_names_how_many_were_tested_with_them() -> None:
    made = counts(3)
    families = [{"total": table(made[:1])}, {"areas": table(made[:1])}]
    found = expectations(families, model(made), FIRST, periods())
    assert isinstance(found, Expectations)
    assert found.tables["areas"].tested == 0
    (row,) = found.tables["areas"].rows.values()
    assert isinstance(row.estimate, CountEstimate)
    assert row.estimate.together == 1


def test_incomplete_days_are_counted_but_not_tested() -> None:
    made = counts()
    complete = (NOW[0], NOW[1] - timedelta(days=7))
    found = found_in(made, periods(NOW, complete))
    assert found.window == complete
    row = found.tables["rows"].rows["25"]
    assert row.now == made[25, -28:].sum()
    assert isinstance(row.estimate, CountEstimate)
    assert row.estimate.counted == made[25, -28:-7].sum()
    none = expectations(
        [{"rows": table(made)}], model(made), FIRST, periods(NOW, (NOW[0], NOW[0] - timedelta(1)))
    )
    assert none == NotComparable(Incomparable.INCOMPLETE)


def test_what_the_data_does_not_cover_is_not_compared() -> None:
    made = counts()
    after = (LAST, LAST + timedelta(days=1))
    none = expectations([{"rows": table(made)}], model(made), FIRST, periods(after))
    assert none == NotComparable(Incomparable.PERIOD_NOT_COVERED, (FIRST, LAST))
    early = (FIRST + timedelta(days=20), FIRST + timedelta(days=47))
    row = found_in(made, periods(early)).tables["rows"].rows["25"]
    assert (row.before, row.year) == (None, None)
    assert row.estimate is NoExpectation.TOO_SHORT


def test_a_row_that_is_new_expects_nothing() -> None:
    made = counts()
    made[10, :-28] = 0
    made[10, -28:] = 1
    found = found_in(made)
    assert found.tables["rows"].rows["10"].estimate is NoExpectation.TOO_FEW
    assert found.tables["rows"].tested == len(made) - 1
    assert found.season is SeasonBasis.FITTED


@pytest.mark.parametrize(
    ("now", "then", "change"), [(130, 100, 0.3), (5, 10, -0.5), (5, 9, None), (5, None, None)]
)
def test_a_percentage_needs_ten_incidents_before(
    now: int, then: int | None, change: float | None
) -> None:
    assert relative_change(now, then) == (None if change is None else pytest.approx(change))
