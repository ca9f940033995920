"""Weeks since a promotion: intervals against scipy, totals by hand, words by what they come to."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import polars as pl
import pytest
from scipy.stats import binomtest

from analytics.artifacts.checks import (
    Check,
    Forecast,
    current_forecast,
    read_check,
    wilson,
    write_check,
    write_forecast,
)
from analytics.forecasting.evaluation import FOLD_SCHEMA
from analytics.training.drift import folds_since
from analytics.training.drift_words import total_of, weeks_of, words_of

FIRST = date(2026, 3, 2)
SHARE = 0.01


def weeks(champion: list[float], baseline: list[float], incidents: float = 100) -> pl.DataFrame:
    rows = []
    for who, caught in (("champion", champion), ("baseline", baseline)):
        for number, hits in enumerate(caught):
            start = FIRST + timedelta(weeks=number)
            end = start + timedelta(weeks=1)
            rows.append((who, SHARE, start, end, SHARE, hits, incidents, 0.0, 0.0, 0.0))
    return pl.DataFrame(rows, FOLD_SCHEMA, orient="row")


@pytest.mark.parametrize(("caught", "incidents"), [(0, 7), (3, 40), (40, 40), (123, 999)])
def test_the_interval_of_a_week_is_wilsons(caught: int, incidents: int) -> None:
    other = binomtest(caught, incidents).proportion_ci(0.95, "wilson")
    assert wilson(caught, incidents) == pytest.approx((other.low, other.high), abs=1e-7)


def test_a_week_has_its_days_its_share_and_its_pai() -> None:
    row = weeks_of(weeks([12], [8]))[1]
    assert (row["who"], row["first"], row["last"]) == ("champion", "2026-03-02", "2026-03-08")
    assert row["hit_rate"] == pytest.approx(0.12)
    assert row["pai"] == pytest.approx(12)
    assert row["pai_low"] == pytest.approx(100 * row["low"])
    assert row["pai_low"] < row["pai"] < row["pai_high"]


def test_a_week_without_incidents_says_nothing() -> None:
    row = weeks_of(weeks([0], [0], incidents=0))[0]
    assert row["hit_rate"] is None
    assert row["pai"] is None


def test_the_gain_is_paired_week_by_week() -> None:
    total = total_of(weeks([12, 22, 7, 15, 9], [10, 20, 5, 13, 7]), SHARE)
    assert total["weeks"] == 5
    assert total["pai"][0] == pytest.approx(13)
    assert total["baseline_pai"][0] == pytest.approx(11)
    # Two more in each week: no spread, though the weeks themselves differ.
    assert total["gain"] == pytest.approx([2, 2, 2])
    assert total["pai"][1] < 13 < total["pai"][2]


def test_without_a_week_there_is_no_total() -> None:
    assert total_of(pl.DataFrame(schema=FOLD_SCHEMA), SHARE) == {}
    assert "No complete week" in words_of({}, "counts_all", ())


@pytest.mark.parametrize(
    ("champion", "baseline", "words"),
    [
        ([12] * 3, [10] * 3, "Too few weeks to judge"),
        ([12, 13, 15, 14], [10, 11, 12, 11], "It holds"),
        ([8, 7, 9, 9], [10, 11, 12, 11], "does significantly worse than the baseline"),
        ([8, 14, 9, 12], [10, 11, 12, 11], "does not differ significantly"),
    ],
)
def test_what_the_weeks_come_to_is_said(
    champion: list[float], baseline: list[float], words: str
) -> None:
    assert words in words_of(total_of(weeks(champion, baseline), SHARE), "counts_all", ())


def test_a_fall_since_training_is_said() -> None:
    total = total_of(weeks([5, 6, 5, 5], [4, 4, 4, 4]), SHARE)
    assert "At training it had 9.00" in words_of(total, "counts_all", (9.0, 8.0, 10.0))
    assert "At training" not in words_of(total, "counts_all", (5.5, 4.5, 6.5))


@pytest.mark.parametrize(("days", "number"), [(-3, 0), (0, 0), (5, 0), (6, 1), (12, 1), (13, 2)])
def test_only_whole_weeks_count(days: int, number: int) -> None:
    last = FIRST + timedelta(days=days)
    folds = folds_since(FIRST, last, 7)
    assert len(folds) == number
    assert all(fold.end - timedelta(days=1) <= last for fold in folds)


def test_a_check_is_read_as_it_was_written(tmp_path: Path) -> None:
    check = Check(
        "zones_kmeans", 3, "s", "2026-03-09", "analyst", "2026-03-02", "2026-03-08", "counts",
        SHARE, tuple(weeks_of(weeks([1], [2]))), {"weeks": 1}, (2.0, 1.0, 3.0), "Words.",
    )  # fmt: skip
    write_check(tmp_path, check)
    assert read_check(tmp_path, "zones_kmeans", 3) == check
    assert read_check(tmp_path, "zones_kmeans", 4) is None


def test_without_a_champion_there_is_no_forecast(tmp_path: Path) -> None:
    assert current_forecast(tmp_path, "hotspot_forecast", "9") is None


def test_of_many_forecasts_the_newest_stay(tmp_path: Path) -> None:
    cells = pl.DataFrame({"cell": ["250:1_2"], "col": [1], "row": [2], "expected": [0.5]})
    for day in range(10, 20):
        write_forecast(tmp_path, Forecast("f", 1, str(day), "2026-03-02", 7, cells))
    kept = sorted(path.name for path in (tmp_path / "models/f/forecasts/1").iterdir())
    assert kept == sorted(f"{day}.{end}" for day in range(15, 20) for end in ("json", "parquet"))
