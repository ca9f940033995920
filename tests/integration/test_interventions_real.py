"""Interventions on Chicago: false alarms where nothing was done, and what planted falls show."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from analytics.interventions.synthetic_area import synthetic_gap
from analytics.statistics.arrays import Floats
from analytics.statistics.expected_counts import CountedRows, expected_counts
from analytics.statistics.season_model import SeasonModel
from tests.conftest import CHICAGO

pytestmark = pytest.mark.real_data

FIRST = date(2014, 1, 6)
WEEKS_BEFORE, DAYS = 104, 7 * 240
STUDIES = 300


def by_district(file: Path, crime: str) -> Floats:
    """Incidents by district and day from 6 January 2014, shape (districts, days)."""
    frame = pl.read_parquet(file, columns=["Date", "Primary Type", "District"])
    frame = frame.filter(pl.col("Primary Type") == crime).with_columns(
        (pl.col("Date").str.head(10).str.to_date("%m/%d/%Y") - FIRST).dt.total_days().alias("day")
    )
    frame = frame.filter(pl.col("day").is_between(0, DAYS - 1), pl.col("District").is_not_null())
    busy = frame.group_by("District").len().filter(pl.col("len") > 500)["District"].sort()
    row = {district: number for number, district in enumerate(busy)}
    frame = frame.filter(pl.col("District").is_in(busy.implode()))
    counts = np.zeros((len(row), DAYS))
    np.add.at(counts, ([row[one] for one in frame["District"]], frame["day"].to_numpy()), 1)
    return counts


def share(counts: Floats, weeks: int, kept: float, seed: int) -> tuple[float, float]:
    """Shares of studies with p ≤ 0.05: a random district and week of 2016 to 2018."""
    random = np.random.default_rng(seed)
    areas = own = 0
    for _ in range(STUDIES):
        chosen = random.integers(len(counts))
        start = 7 * random.integers(WEEKS_BEFORE, DAYS // 7 - weeks)
        days = counts.copy()
        after = days[chosen, start : start + 7 * weeks]
        days[chosen, start : start + 7 * weeks] = random.binomial(after.astype(int), kept)
        cut = days[:, start - 7 * WEEKS_BEFORE : start + 7 * weeks]
        weekly = cut.reshape(len(cut), -1, 7).sum(axis=2)
        gap = synthetic_gap(weekly[chosen], np.delete(weekly, chosen, axis=0), weeks)
        assert gap is not None
        areas += gap.p <= 0.05
        whole = counts.sum(axis=0).astype(np.int64)
        seasons = SeasonModel(whole[None, : start + 7 * weeks], FIRST, "US")
        rows = CountedRows.of(
            days[chosen : chosen + 1, : start + 7 * weeks].astype(np.int64), np.zeros(1, np.int64)
        )
        own += float(expected_counts(rows, seasons, start, 7 * weeks).p[0]) <= 0.05
    return areas / STUDIES, own / STUDIES


@pytest.mark.parametrize(
    ("crime", "by_areas", "by_history"), [("ROBBERY", 0.3, 0.25), ("BATTERY", 0.8, 0.55)]
)
def test_false_alarms_and_planted_falls(
    real_data: Path, crime: str, by_areas: float, by_history: float
) -> None:
    """12 weeks of a measure in one district of Chicago, 300 draws.

    Measured (`docs/interventions.md`), other areas and own history: false alarms 3.0 and 4.0% of
    robbery, 6.7 and 2.3% of battery; a fall of 30% is found in 38 and 34, and in 91 and 69%.
    """
    counts = by_district(real_data / CHICAGO, crime)
    assert len(counts) >= 20
    alarms = share(counts, 12, 1.0, 5)
    assert max(alarms) <= 0.09
    found = share(counts, 12, 0.7, 6)
    assert found[0] >= by_areas
    assert found[1] >= by_history
