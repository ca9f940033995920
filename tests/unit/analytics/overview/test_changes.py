"""Tables of changes: the statistic against `compare`, the interval by search and by simulation."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import polars as pl
import pytest
from scipy.optimize import brentq
from scipy.stats import false_discovery_control, t

from analytics.overview.changes import Changes, changes, ratio_interval
from analytics.statistics.change import (
    FREEDOM,
    Comparison,
    Incomparable,
    NotComparable,
    Period,
    Significance,
    compare,
    last_year,
    previous_period,
)

FIRST = date(2023, 1, 1)
DAYS = 1096
LAST = FIRST + timedelta(days=DAYS - 1)
NOW = (LAST - timedelta(days=27), LAST)


def table(rows: int = 6, seed: int = 1) -> np.ndarray:
    random = np.random.default_rng(seed)
    means = np.geomspace(0.02, 30, rows)[:, None]
    return random.negative_binomial(3, 3 / (3 + means), (rows, DAYS))


def one_table(
    keys: list[str], counts: np.ndarray, first: date, now: Period, then: Period
) -> Changes | NotComparable:
    found = changes([{"rows": (keys, counts)}], first, now, then)
    return found if isinstance(found, NotComparable) else found["rows"]


def days(counts: np.ndarray) -> pl.DataFrame:
    every = [FIRST + timedelta(days=at) for at in range(len(counts))]
    return pl.DataFrame({"day": every, "incidents": counts})


@pytest.mark.parametrize("then", [previous_period(NOW), last_year(NOW)])
def test_each_row_has_the_statistic_of_the_comparison_of_two_periods(then: tuple) -> None:
    counts = table()
    found = one_table([str(at) for at in range(len(counts))], counts, FIRST, NOW, then)
    assert isinstance(found, Changes)
    for at, row in enumerate(counts):
        alone = compare(days(row), NOW, then)
        one = found.rows[str(at)]
        assert isinstance(alone, Comparison)
        assert (one.now, one.before) == (alone.now, alone.before)
        assert one.z == pytest.approx(alone.z)
        assert one.dispersion == pytest.approx(alone.dispersion)
        if one.change is not None:
            assert one.change == pytest.approx(alone.change)


def test_the_false_discovery_rate_is_held_over_the_table_as_scipy_does() -> None:
    counts = table(8, seed=3)
    counts[5, -28:] += 12
    then = previous_period(NOW)
    found = one_table([str(at) for at in range(8)], counts, FIRST, NOW, then)
    assert isinstance(found, Changes)
    alone = [compare(days(row), NOW, then) for row in counts]
    tested = [
        one for one in alone if isinstance(one, Comparison) and one.verdict != Significance.TOO_FEW
    ]
    p = [2 * t.sf(abs(one.z), one.pairs * FREEDOM) for one in tested]
    expected = iter(false_discovery_control(p))
    for row in found.rows.values():
        if row.q is not None:
            assert row.q == pytest.approx(next(expected))
    assert found.rows["5"].verdict == Significance.SIGNIFICANT
    assert found.rows["5"].is_significant


@pytest.mark.parametrize(("now", "before", "reach"), [(40, 30, 2.1), (9, 25, 3.0), (300, 500, 4)])
def test_the_ends_of_the_interval_are_where_the_test_reaches_its_limit(
    now: int, before: int, reach: float
) -> None:
    """Against a numeric search for the ratios at which the test is on its limit."""

    def beyond(ratio: float) -> float:
        z = 2 * (np.sqrt(now) - np.sqrt(ratio * before)) / np.sqrt(1 + ratio)
        return float(abs(z) - reach)

    middle = now / before
    low, high = ratio_interval(now, before, reach)
    assert low == pytest.approx(brentq(beyond, 1e-6, middle))
    assert high == pytest.approx(brentq(beyond, middle, 100))


def test_an_interval_has_no_upper_end_where_nothing_was_before() -> None:
    low, high = ratio_interval(20, 0, 2)
    assert high == np.inf
    assert low > 1
    assert np.isnan(ratio_interval(20, 10, np.nan)).all()


def test_the_interval_holds_the_true_ratio_as_often_as_it_says() -> None:
    """Simulated Poisson counts whose ratio is known: 95% within one point."""
    random = np.random.default_rng(2)
    now, before = random.poisson(36, 40_000), random.poisson(30, 40_000)
    low, high = ratio_interval(now, before, 1.959964)
    assert np.mean((low <= 1.2) & (high >= 1.2)) == pytest.approx(0.95, abs=0.01)


def test_the_interval_leaves_out_no_change_just_where_the_test_alone_would_call_it() -> None:
    random = np.random.default_rng(5)
    now, before = random.poisson(30, 500), random.poisson(22, 500)
    low, high = ratio_interval(now, before, 1.959964)
    z = np.sqrt(2) * (np.sqrt(now) - np.sqrt(before))
    assert (((low > 1) | (high < 1)) == (np.abs(z) > 1.959964)).all()


def test_small_counts_and_short_histories_get_no_percentage() -> None:
    counts = np.zeros((2, DAYS), np.int64)
    counts[0, -3:] = 1  # 3 now, none before
    counts[1, -56:] = 4
    few = one_table(["few", "many"], counts, FIRST, NOW, previous_period(NOW))
    assert isinstance(few, Changes)
    assert few.rows["few"].verdict == Significance.TOO_FEW
    assert few.rows["few"].change is None
    short = one_table(["many"], counts[1:, -90:], LAST - timedelta(days=89), NOW,
                    previous_period(NOW))  # fmt: skip
    assert isinstance(short, Changes)
    assert short.rows["many"].verdict == Significance.TOO_SHORT
    assert short.rows["many"].low is None


def test_a_period_the_data_does_not_cover_is_not_compared() -> None:
    counts = np.ones((1, 40), np.int64)
    start = LAST - timedelta(days=39)
    found = one_table(["all"], counts, start, NOW, previous_period(NOW))
    assert isinstance(found, NotComparable)
    assert found == NotComparable(Incomparable.BASE_NOT_COVERED, (start, LAST))
    beyond = one_table(["all"], counts, start, (LAST, LAST + timedelta(days=1)), NOW)
    assert isinstance(beyond, NotComparable)


def test_false_alarms_are_counted_on_the_tables_own_past() -> None:
    """Against one call per earlier period with the data cut off there."""
    counts = table(5, seed=9)
    keys = [str(at) for at in range(5)]
    whole = one_table(keys, counts, FIRST, NOW, previous_period(NOW))
    assert isinstance(whole, Changes)
    called = tests = 0
    for step in range(1, 60):
        cut = counts[:, : DAYS - 28 * step]
        end = LAST - timedelta(days=28 * step)
        now = (end - timedelta(days=27), end)
        if cut.shape[1] < 56:
            break
        found = one_table(keys, cut, FIRST, now, previous_period(now))
        assert isinstance(found, Changes)
        judged = [row for row in found.rows.values() if row.q is not None]
        tests += len(judged)
        called += sum(row.verdict == Significance.SIGNIFICANT for row in judged)
    assert whole.past == tests > 0
    assert whole.false_alarms == pytest.approx(called / tests)


def test_unchanging_counts_are_hardly_ever_called_a_change() -> None:
    """500 rows of Poisson counts: the false discovery rate leaves next to none."""
    counts = np.random.default_rng(11).poisson(2, (500, DAYS))
    found = one_table([str(at) for at in range(500)], counts, FIRST, NOW, previous_period(NOW))
    assert isinstance(found, Changes)
    assert sum(row.verdict != Significance.NOT_SIGNIFICANT for row in found.rows.values()) <= 3


def test_a_row_that_stands_in_two_tables_is_tested_once_and_has_one_verdict() -> None:
    """Its p-value is beyond 5% among the many rows of one table, within it among the few."""
    counts = table(12, seed=3)
    counts[7, -28:] = table(12, seed=3)[7, -56:-28]
    then = previous_period(NOW)
    keys = [str(at) for at in range(12)]
    many = keys, counts
    for rise in range(1, 200):
        counts[7, DAYS - 28 + rise % 28] += 1
        few = ["all", "7"], counts[[11, 7]]
        apart = [one_table(*each, FIRST, NOW, then) for each in (few, many)]
        if len({one.rows["7"].verdict for one in apart}) > 1:  # type: ignore[union-attr]
            break
    else:
        raise AssertionError("nothing to show")
    found = changes([{"few": few, "many": many}], FIRST, NOW, then)
    assert isinstance(found, dict)
    assert found["few"].rows["7"] == found["many"].rows["7"]
    tested = [row.q for row in found["many"].rows.values() if row.q is not None]
    alone = [compare(days(row), NOW, then) for row in counts]
    p = [
        2 * t.sf(abs(one.z), one.pairs * FREEDOM)
        for one in alone
        if isinstance(one, Comparison) and one.verdict != Significance.TOO_FEW
    ]
    assert tested == pytest.approx(list(false_discovery_control(p)))


def test_a_row_of_an_earlier_family_keeps_its_verdict_and_is_not_tested_again() -> None:
    counts = table(6, seed=3)
    counts[4, -28:] += 3
    then = previous_period(NOW)
    keys = [str(at) for at in range(6)]
    alone = one_table(["4"], counts[4:5], FIRST, NOW, then)
    rest = one_table(keys[:4] + keys[5:], np.delete(counts, 4, axis=0), FIRST, NOW, then)
    found = changes([{"total": (["all"], counts[4:5])}, {"rows": (keys, counts)}], FIRST, NOW, then)
    assert isinstance(found, dict)
    assert isinstance(alone, Changes)
    assert isinstance(rest, Changes)
    assert found["rows"].rows["4"] == found["total"].rows["all"] == alone.rows["4"]
    assert {**rest.rows, **alone.rows} == found["rows"].rows
    assert found["rows"].past == rest.past + alone.past
