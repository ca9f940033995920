"""Sums of a stored forecast by period, against the draws of `StoredDemand` and brute force."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise

import numpy as np
import polars as pl
import pytest

from analytics.forecasting.demand import period_forecast
from analytics.forecasting.demand.calibration import central_coverage
from analytics.forecasting.demand.counted_days import counted_in
from analytics.forecasting.demand.panel import DemandPanel
from analytics.forecasting.demand.period_forecast import (
    DemandMeasure,
    DrawnDemand,
    DrawnSums,
    ForecastPeriod,
    ForecastStep,
    periods_of,
)
from analytics.forecasting.demand.shocks import Shocks
from analytics.forecasting.demand.stored_demand import QUANTILES, demand_table

AREAS, SHIFTS = ("001", "002", "003"), ("Night", "Day")
FIRST = date(2026, 3, 2)
SHOCKS = Shocks(0.01, 0.02, 0.01, 0.005, 0.005, 0.02)


def counts_of(table: pl.DataFrame) -> DrawnSums:
    return DrawnDemand(table).measures[DemandMeasure.COUNT]


@pytest.fixture(scope="module")
def table() -> pl.DataFrame:
    means = np.random.default_rng(3).gamma(2.0, 3.0, (3, 2, 28))
    return demand_table(DemandPanel(AREAS, SHIFTS, FIRST, np.zeros((3, 2, 0))), 0, means, SHOCKS)


@pytest.fixture(scope="module")
def drawn(table: pl.DataFrame) -> DrawnSums:
    return counts_of(table)


@pytest.mark.parametrize(
    ("step", "number"), [(ForecastStep.DAY, 28), (ForecastStep.WEEK, 4), (ForecastStep.WHOLE, 1)]
)
def test_periods_follow_each_other_and_cover_all_days(step: ForecastStep, number: int) -> None:
    days = [FIRST + timedelta(days=at) for at in range(28)]
    found = periods_of(days, step)
    assert len(found) == number
    assert (found[0].first, found[-1].last) == (days[0], days[-1])
    assert all(b.first == a.last + timedelta(days=1) for a, b in pairwise(found))


def test_a_shorter_last_week_is_kept() -> None:
    days = [FIRST + timedelta(days=at) for at in range(10)]
    assert periods_of(days, ForecastStep.WEEK)[1] == ForecastPeriod(days[7], days[9])


@pytest.mark.parametrize("step", ForecastStep)
def test_expected_counts_add_up_to_those_stored(
    drawn: DrawnSums, table: pl.DataFrame, step: ForecastStep
) -> None:
    found = drawn.by_area(SHIFTS, step)
    whole = table.group_by("area", maintain_order=True).agg(pl.col("expected").sum())
    assert found.expected.sum(axis=1) == pytest.approx(whole["expected"].to_numpy())
    total = drawn.total(AREAS, SHIFTS, step)
    assert total.expected.sum() == pytest.approx(table["expected"].sum())


def test_a_cell_has_its_stored_quantiles(drawn: DrawnSums, table: pl.DataFrame) -> None:
    night = table.filter(pl.col("shift") == "Night")
    found = drawn.by_area(["Night"], ForecastStep.DAY)
    one = drawn.total(["002"], ["Night"], ForecastStep.DAY)
    for name in QUANTILES:
        assert found.quantiles[name].ravel().tolist() == night[name].to_list()
        own = night.filter(pl.col("area") == "002")[name].to_list()
        assert one.quantiles[name][0].tolist() == own


def test_the_sum_of_everything_is_that_of_the_stored_forecast(
    drawn: DrawnSums, table: pl.DataFrame
) -> None:
    found, stored = (
        drawn.total(AREAS, SHIFTS, ForecastStep.WHOLE),
        DrawnDemand(table).stored.total(),
    )
    assert {name: int(one[0, 0]) for name, one in found.quantiles.items()} == stored.quantiles


def test_intervals_of_sums_are_of_joint_draws(drawn: DrawnSums, table: pl.DataFrame) -> None:
    """Beside the spread of the sum by its own variance, drawn apart with many more draws."""
    found = drawn.total(AREAS, SHIFTS, ForecastStep.WHOLE)
    sums = SHOCKS.draw(DrawnDemand(table).stored.expected, 4000, 9).sum(axis=(1, 2, 3))
    low, high = np.quantile(sums, [0.1, 0.9])
    assert found.quantiles["q10"][0, 0] == pytest.approx(low, rel=0.04)
    assert found.quantiles["q90"][0, 0] == pytest.approx(high, rel=0.04)
    days = drawn.total(AREAS, SHIFTS, ForecastStep.DAY)
    added = (days.quantiles["q90"] - days.quantiles["q10"]).sum()
    assert found.quantiles["q90"][0, 0] - found.quantiles["q10"][0, 0] < added


def test_draws_in_parts_have_the_same_distribution(
    table: pl.DataFrame, drawn: DrawnSums, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(period_forecast, "MOST_AT_ONCE", 168 * 30)
    parts = counts_of(table).total(AREAS, SHIFTS, ForecastStep.WHOLE)
    whole = drawn.total(AREAS, SHIFTS, ForecastStep.WHOLE)
    assert parts.quantiles["q50"][0, 0] == pytest.approx(whole.quantiles["q50"][0, 0], rel=0.05)
    assert parts.quantiles["q50"][0, 0] != whole.quantiles["q50"][0, 0]


def test_counts_are_summed_over_chosen_areas_shifts_and_days() -> None:
    rows = [(FIRST + timedelta(days=at), "001", "Night", 1 + at) for at in range(10)]
    rows += [(FIRST, "002", "Night", 100), (FIRST, "001", "Day", 1000)]
    counts = pl.DataFrame(rows, schema=["day", "area", "shift", "count"], orient="row")
    weeks = periods_of([FIRST + timedelta(days=at) for at in range(14)], ForecastStep.WEEK)
    assert counted_in(counts, ["001"], ["Night"], weeks) == [28, 27]
    assert counted_in(counts, ["001", "002"], SHIFTS, weeks) == [1128, 27]
    assert counted_in(counts, ["003"], SHIFTS, weeks) == [0, 0]


def test_coverage_is_the_share_around_the_middle() -> None:
    shares = [0.1, 0.2, 0.3, 0.25, 0.1, 0.05]
    table = pl.DataFrame({"above": [at / 6 for at in range(6)], "share": shares})
    stated, observed = central_coverage(table)
    assert stated == pytest.approx([1 / 3, 2 / 3, 1])
    assert observed == pytest.approx([0.55, 0.85, 1])
