"""Weeks since a promotion: intervals against scipy, totals by hand, and what they come to."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from scipy.stats import binomtest

from analytics.artifacts.champion_checks import (
    ChampionCheck,
    Drift,
    StoredForecast,
    current_forecast,
    read_check,
    wilson,
    write_check,
    write_forecast,
)
from analytics.forecasting.evaluation import FOLD_SCHEMA
from analytics.training.drift import folds_since
from analytics.training.weeks_since import total_of, weeks_of

FIRST = date(2026, 3, 2)
SHARE = 0.01


def weeks(champion: list[float], baseline: list[float], incidents: float = 100) -> pl.DataFrame:
    rows = []
    for who, caught in (("champion", champion), ("baseline", baseline)):
        for number, hits in enumerate(caught):
            start = FIRST + timedelta(weeks=number)
            rows.append(
                dict.fromkeys(FOLD_SCHEMA)
                | {"forecaster": who, "area_share": SHARE, "flagged_share": SHARE}
                | {"cutoff": start, "end": start + timedelta(weeks=1)}
                | {"caught": hits, "incidents": incidents}
            )
    return pl.DataFrame(rows, FOLD_SCHEMA)


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


def checked(total: Mapping[str, Any], expected: tuple[float, ...] = ()) -> ChampionCheck:
    return ChampionCheck(
        "zones_kmeans", 3, "s", "2026-03-09", "analyst", "2026-03-02", "2026-03-08", "counts",
        SHARE, (), total, expected,
    )  # fmt: skip


def test_without_a_week_there_is_no_total() -> None:
    total = total_of(pl.DataFrame(schema=FOLD_SCHEMA), SHARE)
    assert total == {}
    assert checked(total).drift is Drift.NO_WEEK


@pytest.mark.parametrize(
    ("champion", "baseline", "drift"),
    [
        ([12] * 3, [10] * 3, Drift.TOO_FEW_WEEKS),
        ([12, 13, 15, 14], [10, 11, 12, 11], Drift.BETTER),
        ([8, 7, 9, 9], [10, 11, 12, 11], Drift.WORSE),
        ([8, 14, 9, 12], [10, 11, 12, 11], Drift.SIMILAR),
    ],
)
def test_what_the_weeks_come_to(champion: list[float], baseline: list[float], drift: Drift) -> None:
    assert checked(total_of(weeks(champion, baseline), SHARE)).drift is drift


def test_a_fall_since_training_is_told() -> None:
    total = total_of(weeks([5, 6, 5, 5], [4, 4, 4, 4]), SHARE)
    assert checked(total, (9.0, 8.0, 10.0)).is_below_expected
    assert not checked(total, (5.5, 4.5, 6.5)).is_below_expected
    assert not checked(total).is_below_expected


def test_a_check_of_an_earlier_program_is_read(tmp_path: Path) -> None:
    check = checked({"weeks": 1, "pai": [2.0], "gain": [0.5]})
    write_check(tmp_path, check)
    path = tmp_path / "models/zones_kmeans/checks/3.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), "words": "Too few weeks."}))
    assert read_check(tmp_path, "zones_kmeans", 3) == check


@pytest.mark.parametrize(("days", "number"), [(-3, 0), (0, 0), (5, 0), (6, 1), (12, 1), (13, 2)])
def test_only_whole_weeks_count(days: int, number: int) -> None:
    last = FIRST + timedelta(days=days)
    folds = folds_since(FIRST, last, 7)
    assert len(folds) == number
    assert all(fold.end - timedelta(days=1) <= last for fold in folds)


def test_a_check_is_read_as_it_was_written(tmp_path: Path) -> None:
    check = ChampionCheck(
        "zones_kmeans", 3, "s", "2026-03-09", "analyst", "2026-03-02", "2026-03-08", "counts",
        SHARE, tuple(weeks_of(weeks([1], [2]))), {"weeks": 1}, (2.0, 1.0, 3.0),
    )  # fmt: skip
    write_check(tmp_path, check)
    assert read_check(tmp_path, "zones_kmeans", 3) == check
    assert read_check(tmp_path, "zones_kmeans", 4) is None


def test_without_a_champion_there_is_no_forecast(tmp_path: Path) -> None:
    assert current_forecast(tmp_path, "hotspot_forecast", "9") is None


def test_of_many_forecasts_the_newest_stay(tmp_path: Path) -> None:
    cells = pl.DataFrame({"cell": ["250:1_2"], "col": [1], "row": [2], "expected": [0.5]})
    for day in range(10, 20):
        write_forecast(tmp_path, StoredForecast("f", 1, str(day), "2026-03-02", 7, cells))
    kept = sorted(path.name for path in (tmp_path / "models/f/forecasts/1").iterdir())
    assert kept == sorted(f"{day}.{end}" for day in range(15, 20) for end in ("json", "parquet"))
